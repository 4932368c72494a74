//! Reports: one file per format. Everything that is printed about a tree goes through here.
//!
//! Text of the analysed code (names, paths, messages, source lines) is data: [`escape`] makes it harmless in every format.

pub mod cold;
mod concise;
pub mod configuration;
pub mod diff;
pub mod environment;
pub mod escape;
mod excerpt;
mod full;
mod github;
mod gitlab;
pub mod graph;
pub mod history;
pub mod html;
mod json;
mod junit;
pub mod mermaid;
pub mod patch;
pub mod plan;
mod rdjson;
pub mod routes;
pub mod rules;
pub mod running;
mod sarif;
pub mod schemas;
pub mod settings;
mod summary;
#[cfg(test)]
mod tests;

use std::io::{self, Write};
use std::sync::Arc;

use crate::analysis::Counts;
use crate::analysis::upgrade::Upgrade;
use crate::environment::Environment;
use crate::facts::{Cut, Facts, RouteStatus};
use crate::python::Declared;
use crate::rules::{Finding, Severity, Status, Suppressed, Suppressor};
use crate::source::Tree;
use crate::template::Function;

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, clap::ValueEnum)]
pub enum Format {
    /// Source excerpts, routes, call chain, witness and help: for people
    Full,
    /// One line per finding, `path:line:column: severity: message [rule]`: for editors and logs
    Concise,
    /// One JSON document, `"version": 1`
    Json,
    /// One JSON object per finding and line
    JsonLines,
    /// Workflow commands: GitHub shows them in the changed files
    Github,
    /// GitLab's code quality report
    Gitlab,
    /// SARIF 2.1.0, for GitHub's code scanning and others
    Sarif,
    /// JUnit's XML
    Junit,
    /// Reviewdog's diagnostic format
    Rdjson,
}

/// How a report for people looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Whether to colour.
    pub color: bool,
    /// Whether lines may be drawn with Unicode characters.
    pub unicode: bool,
    /// How many columns there are.
    pub width: usize,
}

/// The numbers of the last line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Summary {
    /// Python files of the candidate.
    pub files: usize,
    /// Functions and lambdas in them.
    pub functions: usize,
    /// Routes.
    pub routes: usize,
    /// Routes that could not be followed to their end.
    pub routes_unresolved: usize,
    /// Calls that were not looked into for what they pass.
    pub calls_not_followed: usize,
    /// Findings of severity error.
    pub errors: usize,
    /// Findings of severity warning.
    pub warnings: usize,
    /// Findings of severity info.
    pub infos: usize,
    /// Findings that the deployed version does not have; without one, all.
    pub new: usize,
    /// Findings that it has too.
    pub existing: usize,
    /// What is not reported since it has them too.
    pub existing_not_shown: usize,
    /// What is not reported since the baseline has it.
    pub in_baseline: usize,
    /// Entries of the baseline that nothing matches.
    pub baseline_unused: usize,
    /// What is not reported since a comment silences it.
    pub ignored: usize,
    /// What is not reported since the configuration waives it.
    pub waived: usize,
}

/// What is not reported, and why.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// The deployed version has it too.
    pub existing: usize,
    /// It is outside of the directory that was asked about.
    pub elsewhere: usize,
    /// The baseline's name.
    pub baseline: Option<String>,
    /// Entries of the baseline that nothing matches.
    pub baseline_unused: usize,
    /// A comment silences it, the configuration waives it, or the baseline lists it.
    pub suppressed: Vec<Suppressed>,
}

impl Tally {
    /// How many findings are suppressed in that way.
    #[must_use]
    pub fn suppressed_by(&self, by: Suppressor) -> usize {
        let those = self.suppressed.iter().filter(|it| it.by == by);
        those.count()
    }
}

impl Summary {
    /// Counts.
    #[must_use]
    pub fn new(files: usize, facts: &Facts, findings: &[Finding], tally: &Tally) -> Self {
        let count = |severity| {
            findings
                .iter()
                .filter(|finding| finding.severity == severity)
                .count()
        };
        let is_old = |finding: &&Finding| finding.status == Status::Existing;
        let existing = findings.iter().filter(is_old).count();
        let unresolved = facts
            .routes
            .iter()
            .filter(|route| route.status == RouteStatus::Unresolved);
        Self {
            files,
            functions: facts.functions,
            routes: facts.routes.len(),
            routes_unresolved: unresolved.count(),
            calls_not_followed: facts.cuts.iter().filter_map(Cut::of_calls).sum(),
            errors: count(Severity::Error),
            warnings: count(Severity::Warning),
            infos: count(Severity::Info),
            new: findings.len() - existing,
            existing,
            existing_not_shown: tally.existing,
            in_baseline: tally.suppressed_by(Suppressor::Baseline),
            baseline_unused: tally.baseline_unused,
            ignored: tally.suppressed_by(Suppressor::Comment),
            waived: tally.suppressed_by(Suppressor::Waiver),
        }
    }
}

/// A package that was verified: what it was held against, and what identifies it.
#[derive(Clone, Debug)]
pub struct Package {
    /// The candidate's kind and name, or why there is none.
    pub held_against: Result<String, String>,
    /// The names of the layers, in order.
    pub layers: Vec<String>,
    /// The digests.
    pub digests: Digests,
}

/// What identifies a package.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Digests {
    /// Of a zip: SHA-256 of the file in base64, as AWS Lambda's `CodeSha256` has it.
    pub code_sha256_base64: Option<String>,
    /// The same in hexadecimal digits, as `sha256sum` prints it.
    pub code_sha256_hex: Option<String>,
    /// SHA-256 of what `sha256sum` prints for the files by path, whatever the zip says of times, modes and order; in hexadecimal digits.
    pub content_sha256_hex: String,
    /// The zip's size in bytes.
    pub size: Option<u64>,
}

/// What `coship check` found.
pub struct Check<'a> {
    /// What was checked.
    pub candidate: &'a Tree,
    /// What it was held against, or why there is nothing to compare with.
    pub against: Result<&'a Tree, &'a str>,
    /// The Python that is to run it.
    pub python: &'a Declared,
    /// What surrounds it.
    pub environment: &'a Environment,
    /// What the deployed version has in place of that, where it has packages of its own.
    pub upgrade: Option<&'a Upgrade>,
    /// What else is known of it, if it is a package that was verified.
    pub package: Option<&'a Package>,
    /// The functions that the template deploys, if it is a template that was verified.
    pub template: Option<&'a [Function]>,
    /// The changed files that ship, if the candidate is a mixed state.
    pub only: Option<&'a [Arc<str>]>,
    /// The directory of the candidate whose findings these are; empty for all of it.
    pub folder: &'a str,
    /// What was found, in the order of [`crate::rules::judge`].
    pub findings: &'a [Finding],
    /// The numbers.
    pub summary: Summary,
    /// What is not among the findings.
    pub tally: &'a Tally,
    /// What was not looked into, by function.
    pub cuts: &'a [Cut],
    /// Whether reports for people give the findings alone: no first line, no last line.
    pub quiet: bool,
    /// Whether reports for people count the findings of each rule.
    pub statistics: bool,
    /// Whether the full format says why each finding is certain, or not.
    pub explain_certainty: bool,
    /// How long it took until the report, where that is asked for: the JSON document has it.
    pub timings: Option<&'a Timings>,
}

/// How long a run took. No two runs have the same, so that only who asks for it gets it.
#[derive(Clone, Debug, serde::Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Timings {
    /// The phases, in their order.
    pub phases: Vec<Phase>,
    /// What was worked out, and what had been before.
    pub counts: Counts,
}

/// A phase of a run.
#[derive(Clone, Copy, Debug, serde::Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Phase {
    /// What was done.
    pub name: &'static str,
    /// How long it took.
    pub microseconds: u64,
}

impl Check<'_> {
    /// The findings for people: what is new before what the deployed version has too.
    fn newest_first(&self) -> Vec<&Finding> {
        let mut findings: Vec<&Finding> = self.findings.iter().collect();
        findings.sort_by_key(|finding| finding.status);
        findings
    }
}

/// A tree for people: its kind, its name, its short id.
#[must_use]
pub fn name(tree: &Tree) -> String {
    summary::name(tree)
}

/// The numbers in one line: `12 files, 87 functions, 145 routes (3 unresolved): 1 error, 2 warnings`.
#[must_use]
pub fn last_line(check: &Check) -> String {
    summary::last_line(check)
}

/// Writes the report.
///
/// # Errors
///
/// What writing to `out` returns. A closed pipe is among them; the caller treats it as success.
pub fn write(check: &Check, format: Format, look: Look, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Full => full::write(check, look, out),
        Format::Concise => concise::write(check, look, out),
        Format::Json => json::write(check, out),
        Format::JsonLines => json::write_lines(check, out),
        Format::Github => github::write(check, out),
        Format::Gitlab => gitlab::write(check, out),
        Format::Sarif => sarif::write(check, out),
        Format::Junit => junit::write(check, out),
        Format::Rdjson => rdjson::write(check, out),
    }
}
