//! From findings to a report and an exit status, and which rules count: what `check`, `verify` and `pack` have in common.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::cli::{Global, ReportArgs, RuleArgs, Show};
use crate::commands::output::{Output, say};
use crate::commands::setup::{Setup, rule_names};
use crate::commands::{Error, Exit};
use crate::config::{self, Globs, Options, Settings};
use crate::facts::Facts;
use crate::report::{self, Format, Summary, Tally};
use crate::rules::{Finding, Selection, Severity};
use crate::source::Tree;

/// What is told of a tree: compared with nothing, as a whole, and neither a package nor a mixed state, until the caller says otherwise.
pub(super) fn report<'a>(
    (tree, facts): (&'a Tree, &'a Facts),
    (findings, tally): (&'a [Finding], &'a Tally),
    settings: &'a Settings,
) -> report::Check<'a> {
    report::Check {
        candidate: tree,
        against: Err(""),
        python: &settings.python,
        environment: &settings.environment,
        upgrade: None,
        package: None,
        template: None,
        only: None,
        folder: "",
        findings,
        summary: Summary::new(tree.own_files().count(), facts, findings, tally),
        tally,
        cuts: &facts.cuts,
        quiet: false,
        statistics: false,
        explain_certainty: false,
        timings: None,
    }
}

/// Writes the report as the flags ask for it, and says what it means for the exit status.
pub(super) fn write(
    report: report::Check,
    arguments: &ReportArgs,
    global: &Global,
    setup: &Setup,
) -> Result<Exit, Error> {
    let report = report::Check {
        quiet: global.quiet,
        statistics: arguments.statistics,
        explain_certainty: arguments.explain_certainty,
        ..report
    };
    let report = &report;
    let format = setup.format(arguments.output_format)?;
    let fail_on = fail_on(arguments, &setup.settings);
    let output = Output::new(arguments.output.output_file.as_deref())?;
    let format = format.unwrap_or(if output.is_terminal {
        Format::Full
    } else {
        Format::Concise
    });
    let look = output.look(global.color);
    output.write(|out| report::write(report, format, look, out))?;
    Ok(exit(report.findings, fail_on, arguments.exit_zero))
}

/// What the findings mean for the exit status.
pub(super) fn exit(findings: &[Finding], fail_on: Severity, exit_zero: bool) -> Exit {
    let fails = findings
        .iter()
        .any(|finding| finding.severity >= fail_on && finding.is_certain());
    if fails && !exit_zero {
        Exit::Findings
    } else {
        Exit::Clean
    }
}

/// Errors past which nobody reads them one by one.
const MANY: usize = 50;

/// Who looks at a system for the first time, and finds hundreds of errors, is told how to go on.
pub(super) fn say_adopt(is_wanted: bool, findings: &[Finding]) {
    let mut rules: BTreeMap<&str, usize> = BTreeMap::new();
    let errors = findings.iter().filter(|it| it.severity == Severity::Error);
    for finding in errors {
        *rules.entry(finding.rule.name).or_default() += 1;
    }
    let total: usize = rules.values().sum();
    let mut rules: Vec<(&str, usize)> = rules.into_iter().collect();
    rules.sort_by_key(|(_, count)| Reverse(*count));
    let rules: Vec<String> = rules
        .iter()
        .map(|(rule, count)| format!("{count} {rule}"))
        .collect();
    let text = format!(
        "many errors ({}): `coship init --adopt` writes them into a baseline, and from then on only what is new is reported",
        rules.join(", ")
    );
    say(is_wanted && total > MANY, &text);
}

/// The lowest severity that makes the run fail.
pub(super) fn fail_on(arguments: &ReportArgs, settings: &Settings) -> Severity {
    arguments
        .fail_on
        .map_or_else(|| severity(settings.fail_on), Severity::from)
}

/// The options that the command's flags set.
pub(super) fn flags(arguments: &RuleArgs) -> Options {
    Options {
        select: rule_names(&arguments.select, "--select"),
        ignore: rule_names(&arguments.ignore, "--ignore"),
        ..Options::default()
    }
}

/// The rules that the configuration and the flags leave on, and whether what may fail is shown.
pub(super) fn selection(arguments: &RuleArgs, settings: &Settings) -> Result<Selection, Error> {
    let mut selection = default_selection(settings)?;
    selection.show_may = arguments.show.contains(&Show::May);
    Ok(selection)
}

/// The rules that the configuration and the flags leave on.
pub(super) fn default_selection(settings: &Settings) -> Result<Selection, Error> {
    let levels: Vec<_> = settings
        .rules
        .iter()
        .map(|level| (level.rule.value.as_str(), level.level))
        .collect();
    let named = |level: &'_ config::RuleLevel| (level.rule.value.clone(), level.level);
    let per_path: Vec<(Globs, Vec<(String, config::Level)>)> = settings
        .per_path
        .iter()
        .map(|(globs, levels)| (globs.clone(), levels.iter().map(named).collect()))
        .collect();
    let selection = Selection::new(settings.select.as_deref(), &settings.ignore, &levels)?;
    Ok(selection.with_paths(&per_path)?)
}

/// The configuration's `fail-on`, which is never `off`.
fn severity(level: config::Level) -> Severity {
    match level {
        config::Level::Info => Severity::Info,
        config::Level::Warning => Severity::Warning,
        config::Level::Error | config::Level::Off => Severity::Error,
    }
}
