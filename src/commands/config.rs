//! `coship config`: the settings as they are resolved, and where each comes from.

use crate::analysis;
use crate::cli::{Config, ConfigFormat, Global};
use crate::commands::output::Output;
use crate::commands::setup::{FORMAT_VARIABLE, Setup};
use crate::commands::{Error, Exit};
use crate::config::{KEYS, KeyInfo, Options, Origin, Said};
use crate::report::settings::{self, Setting, Settings, Source};
use crate::source::{Choice, Texts};

/// Shows the settings of a tree.
pub(super) fn run(arguments: &Config, global: &Global) -> Result<Exit, Error> {
    let setup = Setup::new(&arguments.tree, global, Options::default())?;
    let format = setup
        .format(arguments.output_format)?
        .unwrap_or(ConfigFormat::Full);
    let mut shown = Vec::new();
    for key in KEYS {
        let said = match variable(key) {
            Some(said) => vec![said],
            None => (key.show)(&setup.options),
        };
        if said.is_empty() {
            shown.push(unwritten(key, &setup)?);
        }
        shown.extend(said.into_iter().map(|said| written(key, said)));
    }
    let settings = Settings {
        tree: &setup.tree,
        file: setup.file.as_deref(),
        settings: &shown,
        quiet: global.quiet,
    };
    let output = Output::new(arguments.output.output_file.as_deref())?;
    output.write(|out| match format {
        ConfigFormat::Full => settings::table(&settings, out),
        ConfigFormat::Json => settings::json(&settings, out),
    })?;
    Ok(Exit::Clean)
}

/// What the process's environment says of a key, which counts before the configuration.
fn variable(key: &KeyInfo) -> Option<Said> {
    let value = std::env::var(FORMAT_VARIABLE).ok();
    let value = value.filter(|value| key.name == "output-format" && !value.is_empty())?;
    Some(Said {
        below: String::new(),
        value: value.into(),
        at: Origin::argument(FORMAT_VARIABLE),
    })
}

fn written(key: &KeyInfo, said: Said) -> Setting {
    let source = match &*said.at.source {
        flag if flag.starts_with("--") => Source::Flag,
        FORMAT_VARIABLE => Source::Environment,
        _ => Source::File,
    };
    Setting {
        key: format!("{}{}", key.name, said.below),
        value: serde_json::to_value(said.value).ok(),
        source,
        at: Some(said.at.to_string()),
        note: None,
    }
}

/// What holds for a key of which nothing is written: what the tree shows, else the default.
fn unwritten(key: &KeyInfo, setup: &Setup) -> Result<Setting, Error> {
    let found = match key.name {
        "against" => deployed(setup),
        "python-version" => python(setup),
        "roots" => roots(setup)?,
        _ => None,
    };
    let (value, at) = found.unzip();
    Ok(Setting {
        key: key.name.to_owned(),
        source: if at.is_some() {
            Source::Found
        } else {
            Source::Default
        },
        note: at.is_none().then_some(key.default),
        value,
        at,
    })
}

/// The version that a check compares with, and how it is chosen.
fn deployed(setup: &Setup) -> Option<(serde_json::Value, String)> {
    let Ok(Choice::Version(located)) = setup.candidate.against(None, None, &setup.context) else {
        return None;
    };
    let selection = &setup.settings.selection;
    let mut texts = Texts::default();
    let tree = setup.candidate.read(selection, &mut texts);
    // Where one side cannot be read, or a shallow clone hides what is before, a check says so. What was chosen is shown all the same.
    let unlike = tree.and_then(|tree| located.unlike(&tree, selection, &mut texts));
    let located = unlike.map_or(&located, |(other, _)| other);
    let how = located.chosen_by().unwrap_or_default().to_owned();
    Some((located.name().into(), how))
}

/// The Python that is declared beside the code.
fn python(setup: &Setup) -> Option<(serde_json::Value, String)> {
    let declared = &setup.settings.python;
    let versions: Vec<String> = (declared.targets.versions().iter())
        .map(ToString::to_string)
        .collect();
    Some((versions.into(), declared.from.clone()?))
}

/// The import roots that show.
fn roots(setup: &Setup) -> Result<Option<(serde_json::Value, String)>, Error> {
    let selection = &setup.settings.selection;
    // Of a tree that cannot be read there is nothing to find; the settings are shown all the same.
    let Ok(tree) = setup.candidate.read(selection, &mut Texts::default()) else {
        return Ok(None);
    };
    let settings = &setup.settings;
    let roots = analysis::pool()?.install(|| analysis::roots(&tree, settings));
    let how = String::from("where imports of the tree lead");
    Ok((!roots.is_empty()).then(|| (roots.into(), how)))
}
