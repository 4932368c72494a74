//! The plan as a JSON document. Its form is a contract: fields are added, never changed, as long as `version` is 1.

use std::io::{self, Write};

use serde::Serialize;

use super::{Plan, Undecided, Verdict, names};
use crate::change::{Unfollowed, Version};
use crate::report::json::{JsonFinding, JsonRange, JsonTree, TOOL, Tool, write_value};
use crate::rules::span;

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Document<'a> {
    version: u32,
    tool: Tool,
    candidate: JsonTree<'a>,
    against: JsonTree<'a>,
    /// The changed files that were asked about, or that always move with them; only where the plan is not for all.
    #[serde(skip_serializing_if = "Option::is_none")]
    asked: Option<Vec<&'a str>>,
    /// Those that have to ship with them besides.
    #[serde(skip_serializing_if = "Option::is_none")]
    needed: Option<Vec<&'a str>>,
    changed: Vec<JsonChange<'a>>,
    verdict: Verdict,
    steps: Vec<JsonStep<'a>>,
    clauses: Vec<JsonClause<'a>>,
    exact: bool,
    undecided: Vec<JsonUndecided<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct JsonChange<'a> {
    path: &'a str,
    change: &'static str,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct JsonStep<'a> {
    files: Vec<&'a str>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct JsonClause<'a> {
    new: Vec<&'a str>,
    old: Vec<&'a str>,
    finding: JsonFinding<'a>,
}

/// A site that may meet the other version of a changed definition and could not be followed.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct JsonUndecided<'a> {
    why: Unfollowed,
    definition: JsonDefinition<'a>,
    site: JsonSite<'a>,
    together: Vec<&'a str>,
    met: bool,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct JsonDefinition<'a> {
    name: &'a str,
    version: Version,
    path: &'a str,
    range: JsonRange,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct JsonSite<'a> {
    version: Version,
    path: &'a str,
    range: JsonRange,
    function: &'a str,
}

impl<'a> JsonUndecided<'a> {
    fn new(undecided: &'a Undecided, plan: &'a Plan) -> Self {
        let what = &undecided.what;
        let (site, definition) = (what.site.place, what.place);
        let (of_site, of_definition) = (plan.tree(what.version), plan.tree(what.defined_in));
        Self {
            why: what.why,
            definition: JsonDefinition {
                name: &what.definition,
                version: what.defined_in,
                path: &of_definition.file(definition.file).path,
                range: span(of_definition, definition).into(),
            },
            site: JsonSite {
                version: what.version,
                path: &of_site.file(site.file).path,
                range: span(of_site, site).into(),
                function: &what.site.function,
            },
            together: names(&undecided.together),
            met: undecided.is_met,
        }
    }
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
        asked: plan.part.as_ref().map(|part| names(&part.asked)),
        needed: plan.part.as_ref().map(|part| names(&part.needed)),
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
        undecided: plan
            .undecided
            .iter()
            .map(|undecided| JsonUndecided::new(undecided, plan))
            .collect(),
    };
    write_value(&document, out)
}

/// The form of the document, for the published schema.
#[cfg(test)]
pub(in crate::report) fn schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
    generator.root_schema_for::<Document>()
}
