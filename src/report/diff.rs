//! Changes of the contract: for people, in lines, as JSON.

mod marks;
mod message;

use std::fmt::Write as _;
use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use crate::change::{Caller, Change, Deprecation, Kind, Mode, Side, Version};
use crate::facts::{Place, RouteStatus};
use crate::report::concise::style;
use crate::report::escape::plain;
use crate::report::json::{self, JsonRange, JsonRoute, JsonTree, TOOL, Tool};
use crate::report::{Look, full, summary};
use crate::rules::{self, Said, Severity, route_name, span};
use crate::source::Tree;

pub(super) use marks::{Piece, sides};
pub(super) use message::message;

/// How many callers and routes are listed before the rest is counted.
const LISTED: usize = 8;

/// The numbers of the last line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
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
    /// Changes.
    pub changes: usize,
    /// Changes that may break a caller of the deployed version.
    pub breaking: usize,
    /// Changes that do break one that exists.
    pub breaking_calls: usize,
}

impl Summary {
    /// Counts.
    #[must_use]
    pub fn new(candidate: &Side, changes: &[Said]) -> Self {
        let count = |is: &dyn Fn(&Change) -> bool| {
            let changes = changes.iter().map(|said| &said.change);
            changes.filter(|change| is(change)).count()
        };
        let routes = &candidate.facts.routes;
        let unresolved = routes
            .iter()
            .filter(|route| route.status == RouteStatus::Unresolved);
        Self {
            files: candidate.tree.files.len(),
            functions: candidate.facts.functions,
            routes: routes.len(),
            routes_unresolved: unresolved.count(),
            changes: changes.len(),
            breaking: count(&|change| change.breaking),
            breaking_calls: count(&Change::breaks_deployed_caller),
        }
    }
}

/// What `coship diff` found.
pub struct Diff<'a> {
    /// What runs now.
    pub deployed: &'a Tree,
    /// What is about to be deployed.
    pub candidate: &'a Tree,
    /// What changed, in the order of [`crate::change::compare`].
    pub changes: &'a [Said],
    /// The numbers.
    pub summary: Summary,
    /// Whether reports for people leave out the first and the last line.
    pub quiet: bool,
}

impl Diff<'_> {
    pub(super) fn tree(&self, version: Version) -> &Tree {
        match version {
            Version::Deployed => self.deployed,
            Version::Candidate => self.candidate,
        }
    }

    pub(super) fn path(&self, version: Version, place: Place) -> &str {
        &self.tree(version).file(place.file).path
    }

    /// `path:line`, and which tree that is if it is not the candidate.
    pub(super) fn position(&self, version: Version, place: Place) -> String {
        let line = span(self.tree(version), place).start.line;
        let path = plain(self.path(version, place));
        match version {
            Version::Candidate => format!("{path}:{line}"),
            Version::Deployed => format!("{path}:{line} (deployed)"),
        }
    }
}

/// What goes wrong without a sound, where calls of the right shape are made.
pub(super) fn hazards(change: &Change) -> Option<String> {
    let names = change
        .hazards
        .iter()
        .map(|&hazard| rules::change::of(hazard).name);
    let names: Vec<&str> = names.collect();
    (!names.is_empty()).then(|| names.join(", "))
}

/// `full (any order)`.
pub(super) fn mode(mode: Mode) -> String {
    let order = match mode {
        Mode::Full => "any order",
        Mode::Backward => "callee first",
        Mode::Forward => "caller first",
        Mode::None => "together",
    };
    format!("{} ({order})", mode.as_str())
}

/// A change in one line, with its mode for the calls that exist.
#[must_use]
pub fn line(change: &Change) -> String {
    format!("{} ({})", message(change), change.mode_for_calls.as_str())
}

/// What the stage of a deprecation means.
pub(super) const fn deprecation(stage: Deprecation) -> &'static str {
    match stage {
        Deprecation::WarnsWhenPassed => "deprecated: passing it warns, and nothing breaks yet",
        Deprecation::WarnsWhenOmitted => "announced: omitting it warns, and nothing breaks yet",
        Deprecation::Completed => {
            "the deprecation is completed: the deployed version warned about it"
        }
        Deprecation::NoCallerOmitsIt => "no caller omits it any more",
        Deprecation::NoCallerPassesIt => "no caller passes it any more",
    }
}

fn first_line(diff: &Diff) -> String {
    let against = diff.deployed;
    let mut line = format!(
        "coship: {}, against {}",
        summary::name(diff.candidate),
        summary::name(against)
    );
    if let Some(chosen_by) = &against.chosen_by {
        line.push_str(", chosen by ");
        line.push_str(&plain(chosen_by));
    }
    line
}

fn last_line(diff: &Diff) -> String {
    let numbers = &diff.summary;
    format!(
        "{}, {}, {} ({} unresolved): {}, {} breaking, {} for calls that exist",
        summary::count(numbers.files, "file"),
        summary::count(numbers.functions, "function"),
        summary::count(numbers.routes, "route"),
        numbers.routes_unresolved,
        summary::count(numbers.changes, "change"),
        numbers.breaking,
        numbers.breaking_calls,
    )
}

/// One line per change: `path:line:column: severity: message [kind]`.
///
/// # Errors
///
/// What writing to `out` returns; so for all functions here.
pub fn concise(diff: &Diff, look: Look, out: &mut dyn Write) -> io::Result<()> {
    if !diff.quiet {
        writeln!(out, "{}", first_line(diff))?;
    }
    for Said { change, severity } in diff.changes {
        let style = if look.color {
            style(*severity)
        } else {
            Style::new()
        };
        let start = span(diff.tree(change.version), change.place).start;
        let modes = if change.mode == change.mode_for_calls {
            change.mode.as_str().to_owned()
        } else {
            format!(
                "{}, for the calls that exist {}",
                change.mode.as_str(),
                change.mode_for_calls.as_str()
            )
        };
        let modes = match hazards(change) {
            Some(hazards) => format!("{modes}; {hazards}"),
            None => modes,
        };
        let note = change
            .deprecation
            .map_or(String::new(), |stage| format!("; {}", deprecation(stage)));
        writeln!(
            out,
            "{}:{}:{}: {style}{severity}{style:#}: {}{note} ({modes}) [{}]",
            plain(diff.path(change.version, change.place)),
            start.line,
            start.column,
            plain(&message(change)),
            rules::change::of(change.kind).name,
        )?;
    }
    if !diff.quiet {
        writeln!(out, "{}", last_line(diff))?;
    }
    Ok(())
}

/// Every change with the old and the new text one above the other, the difference marked.
///
/// # Errors
///
/// As [`concise`].
pub fn full(diff: &Diff, look: Look, out: &mut dyn Write) -> io::Result<()> {
    if !diff.quiet {
        writeln!(out, "{}\n", first_line(diff))?;
    }
    for said in diff.changes {
        writeln!(out, "{}", block(diff, said, look))?;
    }
    if !diff.quiet {
        let worst = diff.changes.iter().map(|said| said.severity).max();
        let style = match worst {
            _ if !look.color => Style::new(),
            Some(worst) => style(worst),
            None => AnsiColor::Green.on_default().bold(),
        };
        writeln!(out, "{style}{}{style:#}", last_line(diff))?;
    }
    Ok(())
}

fn block(diff: &Diff, Said { change, severity }: &Said, look: Look) -> String {
    let rule = rules::change::of(change.kind);
    let style = if look.color {
        style(*severity)
    } else {
        Style::new()
    };
    let mut text = format!(
        "{style}{severity}[{}]{style:#} {}: {}\n",
        rule.name,
        rule.code,
        plain(&message(change))
    );
    let start = span(diff.tree(change.version), change.place).start;
    let gone = if change.version == Version::Deployed {
        " (deployed)"
    } else {
        ""
    };
    let path = plain(diff.path(change.version, change.place));
    // Writing to a String does not fail; so below.
    let _ = writeln!(text, "  --> {path}:{}:{}{gone}", start.line, start.column);
    marks::write(
        &mut text,
        change.before.as_deref(),
        change.after.as_deref(),
        look,
    );
    let mut note = |title: &str, body: &str| full::push_note(&mut text, title, body, look);
    if change.always {
        let both = match change.kind {
            Kind::KeyRequired => "the candidate's own callers do not send it",
            _ => "the candidate's own next hops refuse it",
        };
        let text = format!("{}; no order helps: {both}", mode(change.mode));
        note("mode", &text);
    } else if change.mode == change.mode_for_calls {
        note("mode", &mode(change.mode));
    } else {
        let both = format!(
            "{}; for the calls that exist {}",
            mode(change.mode),
            mode(change.mode_for_calls)
        );
        note("mode", &both);
    }
    if let Some(hazards) = hazards(change) {
        note("hazard", &hazards);
    }
    if let Some(stage) = change.deprecation {
        note("stage", deprecation(stage));
    }
    list(
        &change.callers,
        |caller| show(diff, caller),
        |index, line| {
            note(if index == 0 { "callers" } else { "" }, line);
        },
    );
    if !change.routes.is_empty() {
        let names: Vec<String> = change.routes.iter().take(LISTED).map(route_name).collect();
        let mut listed = plain(&names.join(", ")).into_owned();
        if change.routes.len() > LISTED {
            let _ = write!(listed, " and {} more", change.routes.len() - LISTED);
        }
        note("routes", &listed);
    }
    text
}

/// Those that break first; past a few only their number.
fn list(callers: &[Caller], show: impl Fn(&Caller) -> String, mut line: impl FnMut(usize, &str)) {
    let mut sorted: Vec<&Caller> = callers.iter().collect();
    sorted.sort_by_key(|caller| !caller.breaks);
    let mut lines: Vec<String> = Vec::new();
    for shown in sorted.into_iter().map(show) {
        // Two uses in one line of source read the same.
        if lines.last() != Some(&shown) {
            lines.push(shown);
        }
    }
    for (index, shown) in lines.iter().take(LISTED).enumerate() {
        line(index, shown);
    }
    if lines.len() > LISTED {
        line(LISTED, &format!("and {} more", lines.len() - LISTED));
    }
}

/// A caller in a line: where it is, and whether it breaks.
pub(super) fn show(diff: &Diff, caller: &Caller) -> String {
    let breaks = match (caller.breaks, caller.version) {
        (false, _) => "",
        (true, Version::Deployed) => ": breaks with the candidate",
        (true, Version::Candidate) => ": breaks with the deployed version",
    };
    let place = diff.position(caller.version, caller.place);
    format!("{place} in {}{breaks}", plain(&caller.function))
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Document<'a> {
    version: u32,
    tool: Tool,
    candidate: JsonTree<'a>,
    against: JsonTree<'a>,
    changes: Vec<JsonChange<'a>>,
    summary: &'a Summary,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct JsonChange<'a> {
    code: &'static str,
    kind: &'static str,
    severity: Severity,
    mode: Mode,
    mode_for_calls: Mode,
    breaking: bool,
    message: String,
    function: &'a str,
    subjects: &'a [String],
    path: &'a str,
    range: JsonRange,
    side: Version,
    before: Option<&'a str>,
    after: Option<&'a str>,
    callers: Vec<JsonCaller<'a>>,
    routes: Vec<JsonRoute<'a>>,
    hazards: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deprecation: Option<Deprecation>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct JsonCaller<'a> {
    path: &'a str,
    range: JsonRange,
    function: &'a str,
    side: Version,
    breaks: bool,
}

/// The JSON document.
///
/// # Errors
///
/// As [`concise`].
pub fn json(diff: &Diff, out: &mut dyn Write) -> io::Result<()> {
    let changes = diff.changes.iter().map(|said| JsonChange::new(diff, said));
    let document = Document {
        version: 1,
        tool: TOOL,
        candidate: JsonTree::from(diff.candidate),
        against: JsonTree::from(diff.deployed),
        changes: changes.collect(),
        summary: &diff.summary,
    };
    json::write_value(&document, out)
}

impl<'a> JsonChange<'a> {
    fn new(diff: &'a Diff, Said { change, severity }: &'a Said) -> Self {
        let rule = rules::change::of(change.kind);
        let caller = |caller: &'a Caller| JsonCaller {
            path: diff.path(caller.version, caller.place),
            range: JsonRange::from(span(diff.tree(caller.version), caller.place)),
            function: &caller.function,
            side: caller.version,
            breaks: caller.breaks,
        };
        Self {
            code: rule.code,
            kind: rule.name,
            severity: *severity,
            mode: change.mode,
            mode_for_calls: change.mode_for_calls,
            breaking: change.breaking,
            message: plain(&message(change)).into_owned(),
            function: &change.function,
            subjects: &change.subjects,
            path: diff.path(change.version, change.place),
            range: JsonRange::from(span(diff.tree(change.version), change.place)),
            side: change.version,
            before: change.before.as_deref(),
            after: change.after.as_deref(),
            callers: change.callers.iter().map(caller).collect(),
            routes: change.routes.iter().map(JsonRoute::from).collect(),
            hazards: change
                .hazards
                .iter()
                .map(|&hazard| rules::change::of(hazard).name)
                .collect(),
            deprecation: change.deprecation,
        }
    }
}

/// The form of the document, for the published schema.
#[cfg(test)]
pub(super) fn schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
    generator.root_schema_for::<Document>()
}
