//! The plan as a JSON document. Its form is a contract: fields are added, never changed, as long as `version` is 1.

use std::io::{self, Write};

use serde::Serialize;

use super::{Plan, Verdict, names};
use crate::report::json::{JsonFinding, JsonTree, TOOL, Tool, write_value};

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
/// What writing to `out` returns.
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
    write_value(&document, out)
}
