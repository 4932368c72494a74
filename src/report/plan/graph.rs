//! The steps as a graph: for Graphviz and Mermaid. An edge leads from what ships first to what needs it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};

use super::Plan;
use crate::report::escape::plain;

/// The edges between steps with the rules that demand them; none of them follows from two others.
fn edges(plan: &Plan) -> BTreeMap<(usize, usize), Vec<&'static str>> {
    let mut edges: BTreeMap<(usize, usize), Vec<&'static str>> = BTreeMap::new();
    for reason in plan
        .reasons
        .iter()
        .filter(|reason| reason.first != reason.last)
    {
        let rules = edges.entry((reason.first, reason.last)).or_default();
        rules.push(reason.finding.rule.name);
        rules.sort_unstable();
        rules.dedup();
    }
    edges
}

/// Writes a Graphviz graph.
///
/// # Errors
///
/// What writing to `out` returns.
pub fn dot(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "digraph plan {{\n  rankdir=LR;\n  node [shape=box];")?;
    for (index, files) in plan.steps.iter().enumerate() {
        let files: Vec<String> = files.iter().map(|path| quoted(path)).collect();
        writeln!(
            out,
            "  s{} [label=\"{}\\n{}\"];",
            index + 1,
            index + 1,
            files.join("\\n")
        )?;
    }
    for ((from, to), rules) in edges(plan) {
        writeln!(
            out,
            "  s{} -> s{} [label=\"{}\"];",
            from + 1,
            to + 1,
            rules.join("\\n")
        )?;
    }
    writeln!(out, "}}")
}

/// Text within a Graphviz string.
fn quoted(text: &str) -> String {
    plain(text).replace('\\', "\\\\").replace('"', "\\\"")
}

/// Writes a Mermaid flowchart.
///
/// # Errors
///
/// As [`dot`].
pub fn mermaid(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "flowchart LR")?;
    for (index, files) in plan.steps.iter().enumerate() {
        let files: Vec<String> = files.iter().map(|path| entities(path)).collect();
        writeln!(
            out,
            "  s{}[\"{}. {}\"]",
            index + 1,
            index + 1,
            files.join("<br>")
        )?;
    }
    for ((from, to), rules) in edges(plan) {
        writeln!(
            out,
            "  s{} -- \"{}\" --> s{}",
            from + 1,
            rules.join(", "),
            to + 1
        )?;
    }
    Ok(())
}

/// Mermaid's text: what could be syntax or markup is written as an entity, `#34;`.
fn entities(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in plain(text).chars() {
        if c.is_alphanumeric() || matches!(c, '_' | '.' | ',' | ' ' | '/' | '-') {
            escaped.push(c);
        } else {
            // Writing to a String does not fail.
            let _ = write!(escaped, "#{};", u32::from(c));
        }
    }
    escaped
}
