//! Routes: a table, lines, JSON, and graphs for Graphviz and Mermaid.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use crate::facts::{DispatcherKind, Facts, Listed, Route, RouteStatus, Symbol};
use crate::report::escape::plain;
use crate::report::json::{self, JsonTree, TOOL, Tool};
use crate::report::mermaid::refuses;
use crate::report::{Look, summary};
use crate::rules::route_name;
use crate::source::Tree;

/// The routes of a tree, sorted.
pub struct Routes<'a> {
    /// The tree.
    pub tree: &'a Tree,
    /// What evaluation found in it.
    pub facts: &'a Facts,
    /// Whether reports for people leave out the first and the last line.
    pub quiet: bool,
}

/// The word for a status, as JSON has it.
pub(super) const fn status(route: &Route) -> &'static str {
    match route.status {
        RouteStatus::Resolved => "resolved",
        RouteStatus::Missing => "missing",
        RouteStatus::Unresolved => "unresolved",
    }
}

/// Functions by name, with commas.
pub(super) fn names(symbols: &[Symbol]) -> String {
    let names: Vec<&str> = symbols.iter().map(|symbol| symbol.name.as_str()).collect();
    names.join(", ")
}

/// The handler with its parameters.
pub(super) fn handler(route: &Route) -> String {
    let name = route
        .handler
        .as_ref()
        .map_or("?", |symbol| symbol.name.as_str());
    format!("{name}{}", route.accepts)
}

/// What the registry leads to.
pub(super) fn router(route: &Route) -> &str {
    route
        .router
        .as_ref()
        .map_or("?", |symbol| symbol.name.as_str())
}

/// A table for people.
///
/// # Errors
///
/// What writing to `out` returns; so for all functions here.
pub fn table(routes: &Routes, look: Look, out: &mut dyn Write) -> io::Result<()> {
    const TITLES: [&str; 6] = [
        "interface",
        "operation",
        "status",
        "router",
        "handler",
        "wrappers",
    ];
    let row = |route: &Route| -> [String; 6] {
        [
            plain(&route.key.interface).into_owned(),
            plain(&route.key.operation).into_owned(),
            status(route).to_owned(),
            plain(router(route)).into_owned(),
            plain(&handler(route)).into_owned(),
            plain(&names(&route.wrappers)).into_owned(),
        ]
    };
    let rows: Vec<[String; 6]> = routes.facts.routes.iter().map(row).collect();
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([TITLES[column].len()]).max().unwrap_or(0)
    };
    let widths: [usize; 6] = std::array::from_fn(width);
    first_line(routes, out)?;
    if !rows.is_empty() {
        let bold = if look.color {
            Style::new().bold()
        } else {
            Style::new()
        };
        writeln!(
            out,
            "{bold}{}{bold:#}",
            padded(&TITLES.map(str::to_owned), &widths)
        )?;
    }
    for (row, route) in rows.iter().zip(&routes.facts.routes) {
        let style = match route.status {
            RouteStatus::Missing if look.color => AnsiColor::Red.on_default(),
            RouteStatus::Unresolved if look.color => AnsiColor::Yellow.on_default(),
            _ => Style::new(),
        };
        writeln!(out, "{style}{}{style:#}", padded(row, &widths))?;
    }
    listed(routes, look, out)?;
    last_line(routes, out)
}

/// What other dispatchers lead to, each dispatcher under its name.
fn listed(routes: &Routes, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let bold = if look.color {
        Style::new().bold()
    } else {
        Style::new()
    };
    let all = routes.facts.listed.as_slice();
    let of_one = |a: &Listed, b: &Listed| (a.kind, &a.dispatcher) == (b.kind, &b.dispatcher);
    for entries in all.chunk_by(of_one) {
        let first = &entries[0];
        let unknown = entries.iter().filter(|entry| entry.key.is_none()).count();
        let title = format!(
            "{} {}: {}, {unknown} unresolved",
            kind(first.kind),
            plain(&first.dispatcher),
            summary::count(entries.len(), "handler"),
        );
        writeln!(out, "{bold}{title}{bold:#}")?;
        let keys = entries
            .iter()
            .map(|entry| plain(key(entry)).chars().count());
        let width = keys.max().unwrap_or(0);
        for entry in entries {
            let function = format!("{}{}", entry.handler.name, entry.accepts);
            writeln!(out, "  {:<width$}  {}", plain(key(entry)), plain(&function))?;
        }
    }
    Ok(())
}

/// The word for a kind of dispatcher, as JSON has it.
const fn kind(kind: DispatcherKind) -> &'static str {
    match kind {
        DispatcherKind::Celery => "celery",
        DispatcherKind::Click => "click",
        DispatcherKind::Flask => "flask",
        DispatcherKind::Web => "web",
        DispatcherKind::Table => "table",
    }
}

fn key(entry: &Listed) -> &str {
    entry.key.as_deref().unwrap_or("?")
}

fn padded(cells: &[String; 6], widths: &[usize; 6]) -> String {
    let mut line = String::new();
    for (cell, &width) in cells.iter().zip(widths) {
        // Writing to a String does not fail; so below.
        let _ = write!(line, "{cell:<width$}  ");
    }
    line.trim_end().to_owned()
}

fn first_line(routes: &Routes, out: &mut dyn Write) -> io::Result<()> {
    if routes.quiet {
        return Ok(());
    }
    writeln!(out, "coship: {}", summary::name(routes.tree))
}

fn last_line(routes: &Routes, out: &mut dyn Write) -> io::Result<()> {
    if routes.quiet {
        return Ok(());
    }
    let all = &routes.facts.routes;
    let count = |status| all.iter().filter(|route| route.status == status).count();
    let listed = &routes.facts.listed;
    let dispatchers: BTreeSet<_> = listed
        .iter()
        .map(|entry| (entry.kind, &entry.dispatcher))
        .collect();
    let others = match (all.len(), listed.len()) {
        (0, 0) => String::from("; no dispatch was recognised"),
        (_, 0) => String::new(),
        (_, entries) => format!(
            "; {} of {}",
            summary::count(entries, "handler"),
            summary::count(dispatchers.len(), "other dispatcher"),
        ),
    };
    writeln!(
        out,
        "{}, {}, {}: {} missing, {} unresolved{others}",
        summary::count(routes.tree.files.len(), "file"),
        summary::count(routes.facts.functions, "function"),
        summary::count(all.len(), "route"),
        count(RouteStatus::Missing),
        count(RouteStatus::Unresolved),
    )
}

/// One line per route: `interface/operation: status: router -> handler(parameters) [wrappers]`.
///
/// # Errors
///
/// As [`table`].
pub fn concise(routes: &Routes, out: &mut dyn Write) -> io::Result<()> {
    first_line(routes, out)?;
    for route in &routes.facts.routes {
        let line = format!(
            "{}: {}: {} -> {} [{}]",
            route_name(&route.key),
            status(route),
            router(route),
            handler(route),
            names(&route.wrappers)
        );
        writeln!(out, "{}", plain(&line))?;
    }
    for entry in &routes.facts.listed {
        let line = format!(
            "{} {}: {} -> {}{}",
            kind(entry.kind),
            entry.dispatcher,
            key(entry),
            entry.handler.name,
            entry.accepts
        );
        writeln!(out, "{}", plain(&line))?;
    }
    last_line(routes, out)
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Document<'a> {
    version: u32,
    tool: Tool,
    candidate: JsonTree<'a>,
    routes: Vec<JsonRoute<'a>>,
    listed: Vec<JsonListed<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct JsonListed<'a> {
    kind: &'static str,
    dispatcher: &'a str,
    key: Option<&'a str>,
    handler: &'a str,
    accepts: &'a str,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct JsonRoute<'a> {
    interface: &'a str,
    operation: &'a str,
    status: &'static str,
    executor: &'a str,
    wrappers: Vec<&'a str>,
    router: Option<&'a str>,
    handler: Option<&'a str>,
    sends: &'a [String],
    accepts: &'a str,
}

/// The JSON document.
///
/// # Errors
///
/// As [`table`].
pub fn json(routes: &Routes, out: &mut dyn Write) -> io::Result<()> {
    let document = Document {
        version: 1,
        tool: TOOL,
        candidate: JsonTree::from(routes.tree),
        routes: routes.facts.routes.iter().map(JsonRoute::from).collect(),
        listed: routes.facts.listed.iter().map(JsonListed::from).collect(),
    };
    json::write_value(&document, out)
}

impl<'a> From<&'a Route> for JsonRoute<'a> {
    fn from(route: &'a Route) -> Self {
        Self {
            interface: &route.key.interface,
            operation: &route.key.operation,
            status: status(route),
            executor: &route.executor.name,
            wrappers: route
                .wrappers
                .iter()
                .map(|symbol| symbol.name.as_str())
                .collect(),
            router: route.router.as_ref().map(|symbol| symbol.name.as_str()),
            handler: route.handler.as_ref().map(|symbol| symbol.name.as_str()),
            sends: &route.sends,
            accepts: &route.accepts,
        }
    }
}

impl<'a> From<&'a Listed> for JsonListed<'a> {
    fn from(entry: &'a Listed) -> Self {
        Self {
            kind: kind(entry.kind),
            dispatcher: &entry.dispatcher,
            key: entry.key.as_deref(),
            handler: &entry.handler.name,
            accepts: &entry.accepts,
        }
    }
}

/// Lines between names, each with what is written on it.
type Edges = BTreeMap<(String, String), BTreeSet<String>>;

/// The routes as edges, each with the interfaces or operations that take it. `name` is how a function is called, and `open` a route that ends before its handler.
fn edges_by(
    routes: &Routes,
    name: &dyn Fn(&Symbol) -> String,
    open: &dyn Fn(&Route) -> String,
) -> Edges {
    let mut edges = Edges::new();
    let mut add = |from: &str, to: &str, label: &str| {
        edges
            .entry((from.to_owned(), to.to_owned()))
            .or_default()
            .insert(label.to_owned());
    };
    for route in &routes.facts.routes {
        let key = &route.key;
        let executor = name(&route.executor);
        for wrapper in &route.wrappers {
            add(&name(wrapper), &executor, &route_name(key));
        }
        let target = route.router.as_ref().map_or_else(|| open(route), name);
        add(&executor, &target, &key.interface);
        if route.router.is_some() {
            let handler = route.handler.as_ref().map_or_else(|| open(route), name);
            add(&target, &handler, &key.operation);
        }
    }
    for entry in &routes.facts.listed {
        let dispatcher = format!("{} {}", kind(entry.kind), entry.dispatcher);
        add(&dispatcher, &name(&entry.handler), key(entry));
    }
    edges
}

/// The routes between functions.
fn edges(routes: &Routes) -> Edges {
    edges_by(routes, &|symbol| symbol.name.clone(), &|route| {
        format!("{} ({})", route_name(&route.key), status(route))
    })
}

/// The routes between files, each line with how many interfaces or operations take it.
fn edges_of_files(routes: &Routes) -> Edges {
    let edges = edges_by(
        routes,
        &|symbol| routes.tree.file(symbol.place.file).path.to_string(),
        &|route| status(route).to_owned(),
    );
    let counted = edges.into_iter().map(|(ends, labels)| {
        let label = match labels.len() {
            1 => labels,
            many => BTreeSet::from([many.to_string()]),
        };
        (ends, label)
    });
    counted.collect()
}

fn label(labels: &BTreeSet<String>) -> String {
    let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
    labels.join(", ")
}

/// A Graphviz graph.
///
/// # Errors
///
/// As [`table`].
pub fn dot(routes: &Routes, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "digraph routes {{\n  rankdir=LR;\n  node [shape=box];")?;
    for ((from, to), labels) in edges(routes) {
        writeln!(
            out,
            "  {} -> {} [label={}];",
            quoted(&from),
            quoted(&to),
            quoted(&label(&labels))
        )?;
    }
    writeln!(out, "}}")
}

/// A Graphviz string: quotes and backslashes escaped, the rest plain.
pub(super) fn quoted(text: &str) -> String {
    format!(
        "\"{}\"",
        plain(text).replace('\\', "\\\\").replace('"', "\\\"")
    )
}

/// A Mermaid flowchart, and what is to be told of it: where Mermaid refuses one of functions, files are shown, and a comment in it says so too.
#[must_use]
pub fn mermaid(routes: &Routes) -> (String, Option<String>) {
    let all = edges(routes);
    let text = flowchart(&all, None);
    let Some(why) = refuses(&text, all.len(), "lines") else {
        return (text, None);
    };
    let instead =
        format!("{why}: files are shown instead of functions; --output-format dot shows all");
    let text = flowchart(&edges_of_files(routes), Some(&instead));
    (text, Some(instead))
}

fn flowchart(edges: &Edges, comment: Option<&str>) -> String {
    let names: BTreeSet<&String> = edges.keys().flat_map(|(from, to)| [from, to]).collect();
    let ids: BTreeMap<&String, usize> = names.into_iter().zip(0..).collect();
    let mut text = String::from("flowchart LR\n");
    // Writing to a String does not fail.
    if let Some(comment) = comment {
        let _ = writeln!(text, "  %% {comment}");
    }
    for (name, id) in &ids {
        let _ = writeln!(text, "  n{id}[\"{}\"]", entities(name));
    }
    for ((from, to), labels) in edges {
        let (from, to) = (ids[from], ids[to]);
        let label = entities(&label(labels));
        let _ = writeln!(text, "  n{from} -- \"{label}\" --> n{to}");
    }
    text
}

/// Mermaid's text: what could be syntax or markup is written as an entity, `#34;`.
pub(super) fn entities(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in plain(text).chars() {
        if c.is_alphanumeric() || matches!(c, '_' | '.' | ',' | ' ' | '/' | '-' | '(' | ')' | '?') {
            escaped.push(c);
        } else {
            let _ = write!(escaped, "#{};", u32::from(c));
        }
    }
    escaped
}

/// The form of the document, for the published schema.
#[cfg(test)]
pub(super) fn schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
    generator.root_schema_for::<Document>()
}
