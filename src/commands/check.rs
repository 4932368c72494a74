//! `coship check`.

use crate::cli::{Check, Global, Show};
use crate::commands::output::{Output, say};
use crate::commands::setup::{Setup, rule_names};
use crate::commands::{Error, Exit, stages};
use crate::config::{self, Options, Settings};
use crate::report::{self, Format, Summary};
use crate::rules::{self, Finding, Selection, Severity, Status};
use crate::source::Pair;

/// Checks a tree and reports.
pub(super) fn run(arguments: &Check, global: &Global) -> Result<Exit, Error> {
    let setup = Setup::new(&arguments.tree, global, flags(arguments))?;
    let settings = &setup.settings;
    let selection = selection(arguments, settings)?;
    let format = setup.format(arguments.output_format)?;
    let fail_on = arguments
        .fail_on
        .map_or_else(|| severity(settings.fail_on), Severity::from);
    let choice = setup.candidate.against(
        arguments.against.as_deref(),
        settings.against.as_ref(),
        &setup.context,
    )?;
    let pair = Pair::read(&setup.candidate, &choice, &settings.selection)?;
    say(
        global.verbose,
        &format!("{} files read", pair.candidate.files.len()),
    );

    let pool = stages::pool()?;
    let (candidate, mut findings, deployed) = pool.install(|| {
        let (candidate, deployed) = stages::analyse(&pair, settings);
        let findings = candidate.judge(&selection);
        let deployed = deployed.map(|deployed| deployed.judge(&selection));
        (candidate, findings, deployed)
    });
    if let Some(deployed) = &deployed {
        rules::compare(&mut findings, deployed);
    }
    if arguments.new_only {
        findings.retain(|finding| finding.status == Status::New);
    }

    let output = Output::new(arguments.output.output_file.as_deref())?;
    let format = format.unwrap_or(if output.is_terminal {
        Format::Full
    } else {
        Format::Concise
    });
    let look = output.look(global.color);
    let check = report::Check {
        candidate: &pair.candidate,
        against: pair.against.as_ref().map_err(String::as_str),
        findings: &findings,
        summary: Summary::new(pair.candidate.files.len(), &candidate.facts, &findings),
        quiet: global.quiet,
        statistics: arguments.statistics,
    };
    output.write(|out| report::write(&check, format, look, out))?;
    Ok(exit(&findings, fail_on, arguments.exit_zero))
}

/// What the findings mean for the exit status.
fn exit(findings: &[Finding], fail_on: Severity, exit_zero: bool) -> Exit {
    let fails = findings
        .iter()
        .any(|finding| finding.severity >= fail_on && finding.is_certain());
    if fails && !exit_zero {
        Exit::Findings
    } else {
        Exit::Clean
    }
}

/// The options that the command's flags set.
fn flags(arguments: &Check) -> Options {
    Options {
        select: rule_names(&arguments.select, "--select"),
        ignore: rule_names(&arguments.ignore, "--ignore"),
        ..Options::default()
    }
}

fn selection(arguments: &Check, settings: &Settings) -> Result<Selection, Error> {
    let levels: Vec<_> = settings
        .rules
        .iter()
        .map(|level| (level.rule.value.as_str(), level.level))
        .collect();
    let mut selection = Selection::new(settings.select.as_deref(), &settings.ignore, &levels)?;
    selection.show_may = arguments.show.contains(&Show::May);
    Ok(selection)
}

/// The configuration's `fail-on`, which is never `off`.
fn severity(level: config::Level) -> Severity {
    match level {
        config::Level::Info => Severity::Info,
        config::Level::Warning => Severity::Warning,
        config::Level::Error | config::Level::Off => Severity::Error,
    }
}
