//! `coship diff`.

use crate::analysis;
use crate::cli::{Diff, DiffFormat, Global};
use crate::commands::output::{Output, warn};
use crate::commands::setup::Setup;
use crate::commands::verdict::default_selection;
use crate::commands::{Error, Exit};
use crate::config::Options;
use crate::report::diff;
use crate::source::Pair;

/// Lists what changed in the contract.
pub(super) fn run(arguments: &Diff, global: &Global) -> Result<Exit, Error> {
    let setup = Setup::compared(
        &arguments.tree,
        arguments.against.as_deref(),
        global,
        Options::default(),
    )?;
    let settings = &setup.settings;
    let format = setup.format(arguments.output_format)?;
    let choice = setup.candidate.against(
        arguments.against.as_deref(),
        settings.against.as_ref(),
        &setup.context,
    )?;
    let pair = Pair::read(&setup.candidate, &choice, &settings.selection)?;
    let deployed = match &pair.against {
        Ok(deployed) => deployed,
        Err(why) => {
            return Err(Error::NothingDeployed {
                what: "coship diff",
                why: why.clone(),
            });
        }
    };
    let selection = default_selection(settings)?;
    let pool = analysis::pool()?;
    let (new, old) = pool.install(|| analysis::describe(&pair.candidate, deployed, settings));
    for side in [&old, &new] {
        for path in side.half_written() {
            warn(&format!(
                "{path} of {} does not parse: what is wrong there is not compared, see `coship check`",
                side.tree.name
            ));
        }
    }
    let changes = analysis::changes(&new, &old, &selection);
    let report = diff::Diff {
        deployed: old.tree,
        candidate: new.tree,
        changes: &changes,
        summary: diff::Summary::new(&new.side(), &changes),
        quiet: global.quiet,
    };

    let output = Output::new(arguments.output.output_file.as_deref())?;
    let format = format.unwrap_or(if output.is_terminal {
        DiffFormat::Full
    } else {
        DiffFormat::Concise
    });
    let look = output.look(global.color);
    output.write(|out| match format {
        DiffFormat::Full => diff::full(&report, look, out),
        DiffFormat::Concise => diff::concise(&report, look, out),
        DiffFormat::Json => diff::json(&report, out),
    })?;
    Ok(if arguments.exit_code && report.summary.breaking > 0 {
        Exit::Findings
    } else {
        Exit::Clean
    })
}
