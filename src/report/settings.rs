//! The resolved settings, each with where it comes from.

use std::io::{self, Write};

use serde::Serialize;

use crate::report::escape::plain;
use crate::report::json;

/// Where a setting comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// A configuration file.
    File,
    /// A flag of the command line.
    Flag,
    /// A variable of the process's environment.
    Environment,
    /// What the tree or its repository shows.
    Found,
    /// Nothing says anything of it.
    Default,
}

/// One setting.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Setting {
    /// The key, dotted: `rules.import-cycle`.
    pub key: String,
    /// The value as the configuration writes it; null where nothing is written or found.
    pub value: Option<serde_json::Value>,
    /// Where it comes from.
    pub source: Source,
    /// The place: `coship.toml:3`, `--exclude`, `COSHIP_OUTPUT_FORMAT`; what it was found by; null for a default.
    pub at: Option<String>,
    /// What holds as nothing is written, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<&'static str>,
}

/// The settings of a tree.
pub struct Settings<'a> {
    /// The tree as it was named.
    pub tree: &'a str,
    /// The file that was read, if there is one.
    pub file: Option<&'a str>,
    /// The settings, in the order of the documentation.
    pub settings: &'a [Setting],
    /// Whether the first line is left out.
    pub quiet: bool,
}

/// The widest key that values are aligned behind.
const WIDEST: usize = 32;

/// A line for each setting: key, value, place.
///
/// # Errors
///
/// What writing to `out` returns; so for all functions here.
pub fn table(settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
    if !settings.quiet {
        let file = settings.file.unwrap_or("no configuration file");
        writeln!(out, "coship: {}, {}", plain(settings.tree), plain(file))?;
    }
    let keys = settings.settings.iter();
    let width = keys.map(|setting| setting.key.chars().count()).max();
    let width = width.unwrap_or_default().min(WIDEST);
    for setting in settings.settings {
        let value = match (&setting.value, setting.note) {
            (Some(value), _) => value.to_string(),
            (None, note) => note.unwrap_or("-").to_owned(),
        };
        let from = match (&setting.at, setting.source) {
            (Some(at), Source::Found) => format!("found: {at}"),
            (Some(at), _) => at.clone(),
            (None, _) => String::from("default"),
        };
        let (key, value, from) = (plain(&setting.key), plain(&value), plain(&from));
        writeln!(out, "{key:width$}  {value}  ({from})")?;
    }
    Ok(())
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Document<'a> {
    version: u32,
    tool: json::Tool,
    /// TREE as it was named.
    tree: &'a str,
    /// The configuration file that was read.
    file: Option<&'a str>,
    settings: &'a [Setting],
}

/// The JSON document.
///
/// # Errors
///
/// As [`table`].
pub fn json(settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
    let document = Document {
        version: 1,
        tool: json::TOOL,
        tree: settings.tree,
        file: settings.file,
        settings: settings.settings,
    };
    json::write_value(&document, out)
}

/// The form of the document, for the published schema.
#[cfg(test)]
pub(super) fn schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
    generator.root_schema_for::<Document>()
}
