//! `coship cold-start`.

use std::collections::BTreeMap;

use crate::analysis;
use crate::cli::{ColdStart, ColdStartFormat, Global};
use crate::commands::output::Output;
use crate::commands::setup::Setup;
use crate::commands::{Error, Exit};
use crate::config::{Options, Settings};
use crate::package;
use crate::report::cold as report;
use crate::source::{Choice, Pair};

/// Tells what each handler loads; the exit status is 1 where that is more than it may be.
pub(super) fn run(arguments: &ColdStart, global: &Global) -> Result<Exit, Error> {
    let against = arguments.against.as_deref();
    let mut setup = Setup::compared(&arguments.tree, against, global, Options::default())?;
    let measured = match &arguments.importtime {
        None => BTreeMap::new(),
        Some(file) => {
            let log = std::fs::read_to_string(file).map_err(|error| Error::Output {
                name: file.display().to_string(),
                error,
            })?;
            report::import_times(&log)
        }
    };
    let choice = match against {
        None => Choice::Nothing("nothing was asked for".to_owned()),
        Some(_) => setup.candidate.against(against, None, &setup.context)?,
    };
    let pair = Pair::read(&setup.candidate, &choice, &setup.settings.selection)?;
    setup.look_around(&pair.candidate, None)?;
    let settings = &setup.settings;
    let in_tree = package::in_tree(&setup.candidate.files(&settings.selection)?)?;
    // What lies in the deployed version is not told apart from its own code.
    let of = |tree, in_tree| analysis::cold_starts(tree, settings, in_tree);
    let pool = analysis::pool()?;
    let starts = pool.install(|| of(&pair.candidate, &in_tree));
    let deployed = pair.against.as_ref().ok();
    let before = deployed.map(|tree| (tree, pool.install(|| of(tree, &[]))));
    let limits = limits(arguments, settings);
    let cold = report::Cold {
        tree: &pair.candidate,
        starts: &starts,
        against: before
            .as_ref()
            .map(|(tree, starts)| (*tree, starts.as_slice())),
        measured: &measured,
        limits: &limits,
    };
    let output = Output::new(arguments.output.output_file.as_deref())?;
    output.write(|out| match arguments.output_format {
        None | Some(ColdStartFormat::Full) => report::full(&cold, out),
        Some(ColdStartFormat::Json) => report::json(&cold, out),
        Some(ColdStartFormat::Svg) => report::svg(&cold, out),
    })?;
    let is_over = starts
        .iter()
        .any(|start| limits.iter().any(|limit| limit.has(start) > limit.may));
    Ok(if is_over { Exit::Findings } else { Exit::Clean })
}

/// The limits of the command line, else of the configuration.
fn limits(arguments: &ColdStart, settings: &Settings) -> Vec<report::Limit> {
    let said = &settings.cold_start;
    let all = [
        (report::Load::Lines, arguments.max_lines, &said.max_lines),
        (
            report::Load::Modules,
            arguments.max_modules,
            &said.max_modules,
        ),
        (
            report::Load::ThirdParty,
            arguments.max_third_party,
            &said.max_third_party,
        ),
    ];
    let all = all.into_iter().filter_map(|(load, flag, written)| {
        let (may, from) = match (flag, written) {
            (Some(may), _) => (may, format!("--{}", load.key())),
            (None, Some(written)) => (written.value, written.at.to_string()),
            (None, None) => return None,
        };
        Some(report::Limit {
            load,
            may: u64::from(may),
            from,
        })
    });
    all.collect()
}
