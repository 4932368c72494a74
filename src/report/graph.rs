//! The call graph: a list for people, the customary adjacency list as JSON, and drawings for Graphviz and Mermaid.

use std::collections::BTreeMap;
use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use crate::facts::{CallGraph, CallNodeKind};
use crate::graph::{Layer, LayerGraph, recursive};
use crate::report::escape::plain;
use crate::report::routes::{entities, quoted};
use crate::report::{Look, json, summary};
use crate::source::Tree;

/// A tree's call graph, or the part of it that was asked for.
pub struct Graph<'a> {
    /// The tree.
    pub tree: &'a Tree,
    /// The graph.
    pub graph: &'a CallGraph,
    /// How many calls an edge stands for, along the graph's edges, where that is told; empty otherwise.
    pub calls: &'a [usize],
    /// The graph cut down to layers, if that is what is shown.
    pub layers: Option<&'a LayerGraph>,
    /// Why it is not what was asked for, for drawings that can say so.
    pub instead: Option<&'a str>,
    /// Whether reports for people leave out the first and the last line.
    pub quiet: bool,
}

impl Graph<'_> {
    fn name(&self, node: u32) -> &str {
        &self.graph.nodes[node as usize].name
    }

    /// The callees of each node, along the graph's nodes.
    fn callees(&self) -> Vec<Vec<u32>> {
        let mut callees = vec![Vec::new(); self.graph.nodes.len()];
        for &(from, to) in &self.graph.edges {
            callees[from as usize].push(to);
        }
        callees
    }

    /// Where a node is defined: `path:line`.
    fn place(&self, node: usize) -> Option<String> {
        let place = self.graph.nodes[node].place?;
        let file = self.tree.file(place.file);
        let line = file.text.position(place.range.start).line;
        Some(format!("{}:{line}", plain(&file.path)))
    }
}

/// Each function that calls something with what it calls below it.
///
/// # Errors
///
/// What writing to `out` returns; so for all functions here.
pub fn full(graph: &Graph, look: Look, out: &mut dyn Write) -> io::Result<()> {
    if !graph.quiet {
        writeln!(out, "coship: {}", summary::name(graph.tree))?;
    }
    let style = |style: Style| if look.color { style } else { Style::new() };
    let bold = style(Style::new().bold());
    let dim = style(Style::new().dimmed());
    let foreign = style(AnsiColor::Cyan.on_default());
    if let Some(layers) = graph.layers {
        return full_layers(graph, layers, bold, out);
    }
    let mut calls = graph.calls.iter();
    for (node, callees) in graph.callees().iter().enumerate() {
        if callees.is_empty() {
            continue;
        }
        let place = graph.place(node).unwrap_or_default();
        let name = plain(&graph.graph.nodes[node].name);
        writeln!(out, "{bold}{name}{bold:#}  {dim}{place}{dim:#}")?;
        for &callee in callees {
            let style = match graph.graph.nodes[callee as usize].kind {
                CallNodeKind::External => foreign,
                _ => Style::new(),
            };
            let calls = calls.next().map(|&calls| summary::count(calls, "call"));
            let calls = calls.map(|calls| format!("  {calls}")).unwrap_or_default();
            writeln!(
                out,
                "    {style}{}{style:#}{calls}",
                plain(graph.name(callee))
            )?;
        }
    }
    if graph.quiet {
        return Ok(());
    }
    if !graph.calls.is_empty() {
        let layers = summary::count(graph.graph.nodes.len(), "layer");
        let calls = summary::count(graph.calls.iter().sum(), "call");
        return writeln!(out, "{layers}, {calls} from one to another");
    }
    let count = |kind| {
        let nodes = graph.graph.nodes.iter();
        nodes.filter(|node| node.kind == kind).count()
    };
    writeln!(
        out,
        "{}, {}, {} outside the tree, {}; {} in cycles",
        summary::count(count(CallNodeKind::Module), "module"),
        summary::count(count(CallNodeKind::Function), "function"),
        count(CallNodeKind::External),
        summary::count(graph.graph.edges.len(), "call"),
        recursive(graph.graph),
    )
}

fn full_layers(
    graph: &Graph,
    layers: &LayerGraph,
    bold: Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    for (from, callees) in layers.adjacency() {
        let files = layers.files.iter().filter(|(layer, _)| *layer == from);
        writeln!(
            out,
            "{bold}{}{bold:#}  {}",
            plain(&layers.names[from]),
            summary::count(files.count(), "file")
        )?;
        for to in callees {
            writeln!(out, "    {}", plain(&layers.names[to]))?;
            for ((caller, callee), number) in &layers.calls {
                if (caller.0, callee.0) == (from, to) {
                    writeln!(
                        out,
                        "        {} -> {}  {}",
                        plain(&caller.1),
                        plain(&callee.1),
                        summary::count(*number, "call")
                    )?;
                }
            }
        }
    }
    if graph.quiet {
        return Ok(());
    }
    writeln!(
        out,
        "{}, {}",
        summary::count(layers.files.len(), "file"),
        summary::count(layers.calls.values().sum(), "call")
    )
}

/// The adjacency list: `{"caller": ["callee", ...]}`, every node a key. With layers: `{"gateway": ["interface", ...]}`.
///
/// # Errors
///
/// As [`full`].
pub fn json(graph: &Graph, out: &mut dyn Write) -> io::Result<()> {
    let adjacency: BTreeMap<&str, Vec<&str>> = match graph.layers {
        Some(layers) => layers
            .adjacency()
            .iter()
            .map(|(from, to)| {
                let to = to.iter().map(|to| layers.names[*to].as_str());
                (layers.names[*from].as_str(), to.collect())
            })
            .collect(),
        None => graph
            .callees()
            .iter()
            .zip(&graph.graph.nodes)
            .map(|(callees, node)| {
                let callees = callees.iter().map(|&callee| graph.name(callee));
                (node.name.as_str(), callees.collect())
            })
            .collect(),
    };
    json::write_value(&adjacency, out)
}

/// A Graphviz graph; with layers, the files in a box for each.
///
/// # Errors
///
/// As [`full`].
pub fn dot(graph: &Graph, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "digraph calls {{\n  rankdir=LR;\n  node [shape=box];")?;
    if let Some(layers) = &graph.layers {
        for (layer, name) in layers.names.iter().enumerate() {
            let files = files(layers, layer);
            if files.is_empty() {
                continue;
            }
            let (cluster, name) = (quoted(&format!("cluster_{name}")), quoted(name));
            writeln!(out, "  subgraph {cluster} {{\n    label={name};")?;
            for file in files {
                writeln!(out, "    {};", quoted(file))?;
            }
            writeln!(out, "  }}")?;
        }
        for ((from, to), number) in &layers.calls {
            let (from, to) = (quoted(&from.1), quoted(&to.1));
            writeln!(out, "  {from} -> {to} [label={number}];")?;
        }
    } else {
        for node in &graph.graph.nodes {
            let style = match node.kind {
                CallNodeKind::Module => " [shape=folder]",
                CallNodeKind::Function => "",
                CallNodeKind::External => " [style=dashed]",
            };
            writeln!(out, "  {}{style};", quoted(&node.name))?;
        }
        for (index, &(from, to)) in graph.graph.edges.iter().enumerate() {
            let (from, to) = (quoted(graph.name(from)), quoted(graph.name(to)));
            match graph.calls.get(index) {
                Some(calls) => writeln!(out, "  {from} -> {to} [label={calls}];")?,
                None => writeln!(out, "  {from} -> {to};")?,
            }
        }
    }
    writeln!(out, "}}")
}

/// How many edges the drawing of a graph has.
#[must_use]
pub fn edges(graph: &Graph) -> usize {
    match graph.layers {
        Some(layers) => layers.calls.len(),
        None => graph.graph.edges.len(),
    }
}

/// A Mermaid flowchart; with layers, the files in a box for each.
///
/// # Errors
///
/// As [`full`].
pub fn mermaid(graph: &Graph, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "flowchart LR")?;
    if let Some(instead) = graph.instead {
        writeln!(out, "  %% {}", plain(instead))?;
    }
    let Some(layers) = graph.layers else {
        for (id, node) in graph.graph.nodes.iter().enumerate() {
            writeln!(out, "  n{id}[\"{}\"]", entities(&node.name))?;
        }
        for (index, &(from, to)) in graph.graph.edges.iter().enumerate() {
            match graph.calls.get(index) {
                Some(calls) => writeln!(out, "  n{from} -- \"{calls}\" --> n{to}")?,
                None => writeln!(out, "  n{from} --> n{to}")?,
            }
        }
        return Ok(());
    };
    let ids: BTreeMap<&str, usize> = layers
        .files
        .iter()
        .enumerate()
        .map(|(id, (_, file))| (file.as_str(), id))
        .collect();
    for (layer, name) in layers.names.iter().enumerate() {
        let files = files(layers, layer);
        if files.is_empty() {
            continue;
        }
        writeln!(out, "  subgraph l{layer}[\"{}\"]", entities(name))?;
        for file in files {
            writeln!(out, "    n{}[\"{}\"]", ids[file], entities(file))?;
        }
        writeln!(out, "  end")?;
    }
    for ((from, to), number) in &layers.calls {
        let (from, to) = (ids[from.1.as_str()], ids[to.1.as_str()]);
        writeln!(out, "  n{from} -- \"{number}\" --> n{to}")?;
    }
    Ok(())
}

fn files(layers: &LayerGraph, layer: Layer) -> Vec<&str> {
    let files = layers.files.iter().filter(|(of, _)| *of == layer);
    files.map(|(_, file)| file.as_str()).collect()
}
