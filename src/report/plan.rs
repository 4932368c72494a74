//! The plan: which files ship in which order, and why.

use std::io::{self, Write};
use std::sync::Arc;

use serde::Serialize;

use crate::report::json::{self, JsonFinding, JsonTree, TOOL, Tool};
use crate::rules::Finding;
use crate::skew::Changes;
use crate::source::Tree;

/// What a plan comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The versions do not differ.
    NothingToShip,
    /// No order breaks anything.
    AnyOrder,
    /// In steps, one after the other.
    Ordered,
    /// All at once.
    Together,
    /// The candidate itself has an error that the deployed version has not.
    Broken,
}

/// Why some files must not be new while others are old.
pub struct Reason<'a> {
    /// The files that are new.
    pub new: Vec<Arc<str>>,
    /// The files that are old.
    pub old: Vec<Arc<str>>,
    /// What fails then.
    pub finding: &'a Finding,
    /// The mixed state in which it was found.
    pub tree: &'a Tree,
}

/// A plan as it is reported.
pub struct Plan<'a> {
    /// What is about to be deployed.
    pub candidate: &'a Tree,
    /// What runs now.
    pub against: &'a Tree,
    /// What differs.
    pub changes: &'a Changes<'a>,
    /// What it comes to.
    pub verdict: Verdict,
    /// The files of each step.
    pub steps: Vec<Vec<Arc<str>>>,
    /// Why the steps are in this order.
    pub reasons: Vec<Reason<'a>>,
    /// Whether no finer plan is safe.
    pub exact: bool,
}

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    tool: Tool,
    candidate: JsonTree<'a>,
    against: JsonTree<'a>,
    changed: Vec<JsonChange<'a>>,
    verdict: Verdict,
    steps: Vec<JsonStep<'a>>,
    clauses: Vec<JsonClause<'a>>,
    exact: bool,
}

#[derive(Serialize)]
struct JsonChange<'a> {
    path: &'a str,
    change: &'static str,
}

#[derive(Serialize)]
struct JsonStep<'a> {
    files: Vec<&'a str>,
}

#[derive(Serialize)]
struct JsonClause<'a> {
    new: Vec<&'a str>,
    old: Vec<&'a str>,
    finding: JsonFinding<'a>,
}

/// Writes the JSON document.
///
/// # Errors
///
/// What writing to `out` returns; so for all functions here.
pub fn json(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    let changed = plan.changes.files.iter().map(|file| JsonChange {
        path: &file.path,
        change: file.change.as_str(),
    });
    let clauses = plan.reasons.iter().map(|reason| JsonClause {
        new: names(&reason.new),
        old: names(&reason.old),
        finding: JsonFinding::new(reason.finding, reason.tree),
    });
    let document = Document {
        version: 1,
        tool: TOOL,
        candidate: JsonTree::from(plan.candidate),
        against: JsonTree::from(plan.against),
        changed: changed.collect(),
        verdict: plan.verdict,
        steps: plan
            .steps
            .iter()
            .map(|files| JsonStep {
                files: names(files),
            })
            .collect(),
        clauses: clauses.collect(),
        exact: plan.exact,
    };
    json::write_value(&document, out)
}

fn names(files: &[Arc<str>]) -> Vec<&str> {
    files.iter().map(AsRef::as_ref).collect()
}
