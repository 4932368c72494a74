//! `coship report`.

use std::path::Path;

use crate::analysis;
use crate::cli::{Global, Report};
use crate::commands::check::{Kept, Round, Run};
use crate::commands::output::{Output, say};
use crate::commands::plan::{Spoken, Way, command_line, work_out};
use crate::commands::progress::during;
use crate::commands::verdict;
use crate::commands::{Error, Exit};
use crate::graph::LayerGraph;
use crate::report::diff::{self, Diff};
use crate::report::html::{self, Compared, Page};
use crate::report::plan::Direction;
use crate::report::{self, Check};
use crate::skew::Changes;
use crate::source::{Context, Tree};

/// Checks, plans and compares, and writes the page.
pub(super) fn run(arguments: &Report, global: &Global) -> Result<Exit, Error> {
    let Some(check) = arguments.check() else {
        return Ok(Exit::Failed);
    };
    let mut kept = Kept::default();
    let context = Context::of_process()?;
    let is_told = !global.quiet;
    let round = during(is_told, "checking", || {
        Run::new(&check, global, &mut kept).round(&arguments.tree, context)
    })?;
    let settings = &round.setup.settings;
    let told = (&round.findings[..], &round.tally);
    let report = Check {
        against: round.pair.against.as_ref().map_err(String::as_str),
        folder: &round.setup.folder,
        ..verdict::report((&round.pair.candidate, &round.facts), told, settings)
    };
    let candidate = &round.pair.candidate;
    let pool = analysis::pool()?;
    let graph = during(is_told, "following calls", || {
        pool.install(|| analysis::call_graph(candidate, settings))
    });
    let page = Page {
        check: &report,
        facts: &round.facts,
        layers: &LayerGraph::new(&graph, candidate, &settings.layers),
        compared: None,
    };
    match &round.pair.against {
        Ok(deployed) => compared(arguments, global, &round, deployed, &page)?,
        Err(_) => write(arguments, global, &page)?,
    }
    let lowest = verdict::fail_on(&check.report, settings);
    let exit = verdict::exit(&round.findings, lowest, !arguments.exit_code);
    Ok(exit)
}

/// Adds what there is to say against a deployed version, and writes.
fn compared(
    arguments: &Report,
    global: &Global,
    round: &Round,
    deployed: &Tree,
    page: &Page,
) -> Result<(), Error> {
    let (setup, settings) = (&round.setup, &round.setup.settings);
    let candidate = &round.pair.candidate;
    let pool = analysis::pool()?;
    let described = during(!global.quiet, "comparing", || {
        pool.install(|| analysis::describe(candidate, deployed, settings))
    });
    let found = analysis::changes(&described.0, &described.1, &round.selection);
    let diff = Diff {
        deployed,
        candidate,
        changes: &found,
        summary: diff::Summary::new(&described.0.side(), &found),
        quiet: global.quiet,
    };
    let way = Way {
        changes: &Changes::new(deployed, candidate, &settings.units),
        described: Some(&described),
        direction: Direction::Forward,
    };
    let spoken = Spoken {
        arguments: command_line(&arguments.tree, setup, arguments.against.as_deref()),
        tag: None,
        contract: Vec::new(),
        part: None,
    };
    work_out(&way, spoken, setup, &round.selection, global, |plan| {
        let compared = Some(Compared { plan, diff: &diff });
        write(arguments, global, &Page { compared, ..*page })
    })
}

/// Writes the page, and says so.
fn write(arguments: &Report, global: &Global, page: &Page) -> Result<(), Error> {
    let file = &*arguments.html;
    let file = (file != Path::new("-")).then_some(file);
    let output = Output::new(file)?;
    output.write(|out| html::write(page, out))?;
    if let Some(file) = file {
        let found = report::last_line(page.check);
        say(!global.quiet, &format!("wrote {}: {found}", file.display()));
    }
    Ok(())
}
