//! Which revision a package was built from: text and JSON.

use std::io::{self, Write};

use serde::Serialize;

use crate::report::Digests;
use crate::report::escape::plain;
use crate::report::json::{TOOL, Tool, write_value};
use crate::source::{BuiltFrom, Origin};

/// How many paths of a kind are listed for people.
const LISTED: usize = 20;

/// What `coship verify --running` tells.
pub struct Running<'r> {
    /// The package's name.
    pub package: &'r str,
    /// What identifies it.
    pub digests: &'r Digests,
    /// The revision; none if there is none that has any of its files.
    pub built_from: Option<&'r BuiltFrom>,
    /// For each file that differs, an earlier or later revision with that content.
    pub origins: &'r [Option<Origin>],
}

/// The document.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Document<'r> {
    version: u32,
    tool: Tool,
    package: JsonPackage<'r>,
    /// The revision that the package is most like; null if none has any of its files.
    revision: Option<JsonRevision<'r>>,
    /// How many files have that revision's contents.
    equal: usize,
    /// The files that it has otherwise.
    differs: Vec<JsonDiffering<'r>>,
    /// The files that it does not have; those of installed distributions are not counted.
    extra: &'r [String],
    /// The Python of the revision that the package does not have.
    missing: &'r [String],
    /// How many commits were looked at.
    commits: usize,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct JsonPackage<'r> {
    name: &'r str,
    #[serde(flatten)]
    digests: &'r Digests,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct JsonRevision<'r> {
    commit: &'r str,
    date: &'r str,
    tags: &'r [String],
    /// How many other commits the package is equally like, and the tags on them.
    alike: usize,
    tags_alike: &'r [String],
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct JsonDiffering<'r> {
    path: &'r str,
    /// The newest commit that has this content there; null if none has.
    commit: Option<&'r str>,
}

/// Writes the JSON document.
///
/// # Errors
/// If it cannot be written.
pub fn json(running: &Running, out: &mut dyn Write) -> io::Result<()> {
    let nothing = BuiltFrom::default();
    let found = running.built_from.unwrap_or(&nothing);
    let differs = found.differs.iter().zip(running.origins);
    let document = Document {
        version: 1,
        tool: TOOL,
        package: JsonPackage {
            name: running.package,
            digests: running.digests,
        },
        revision: running.built_from.map(|found| JsonRevision {
            commit: &found.commit,
            date: &found.date,
            tags: &found.tags,
            alike: found.alike,
            tags_alike: &found.tags_alike,
        }),
        equal: found.equal,
        differs: differs
            .map(|(path, origin)| JsonDiffering {
                path,
                commit: origin.as_ref().map(|origin| origin.commit.as_str()),
            })
            .collect(),
        extra: &found.extra,
        missing: &found.missing,
        commits: found.looked_at,
    };
    write_value(&document, out)
}

/// Writes the text for people.
///
/// # Errors
/// If it cannot be written.
pub fn full(running: &Running, out: &mut dyn Write) -> io::Result<()> {
    let package = plain(running.package);
    let Some(found) = running.built_from else {
        return writeln!(
            out,
            "no revision has any file of {package} with its content"
        );
    };
    let short = found.commit.get(..7).unwrap_or(&found.commit);
    let name = match found.tags.first() {
        Some(tag) => format!("{} ({short}, {})", plain(tag), found.date),
        None => format!("{short} ({})", found.date),
    };
    let is_exact = found.differs.is_empty() && found.extra.is_empty();
    let how = if is_exact { "built from" } else { "most like" };
    writeln!(
        out,
        "{package} is {how} {name}: {} of {} files have its contents",
        found.equal,
        found.equal + found.differs.len() + found.extra.len(),
    )?;
    if found.alike > 0 {
        let tags: Vec<_> = found.tags_alike.iter().map(|tag| plain(tag)).collect();
        let among = match tags.as_slice() {
            [] => String::new(),
            tags => format!(", {} among them", tags.join(", ")),
        };
        let what = if found.alike == 1 {
            "commit has"
        } else {
            "commits have"
        };
        writeln!(out, "{} other {what} the same{among}", found.alike)?;
    }
    let mut origins = running.origins.iter();
    list(out, "differs", &found.differs, &mut || {
        let origin = origins.next()?.as_ref()?;
        Some(format!("it is that of {} ({})", origin.commit, origin.date))
    })?;
    list(out, "not in it", &found.extra, &mut || None)?;
    list(out, "not in the package", &found.missing, &mut || None)
}

fn list(
    out: &mut dyn Write,
    label: &str,
    paths: &[String],
    note: &mut dyn FnMut() -> Option<String>,
) -> io::Result<()> {
    for path in paths.iter().take(LISTED) {
        let note = note().map(|note| format!(": {note}")).unwrap_or_default();
        writeln!(out, "  {label}: {}{note}", plain(path))?;
    }
    match paths.len().saturating_sub(LISTED) {
        0 => Ok(()),
        more => writeln!(out, "  {label}: {more} more"),
    }
}

#[cfg(test)]
pub(super) fn schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
    generator.root_schema_for::<Document>()
}
