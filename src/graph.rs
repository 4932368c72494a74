//! A part of a call graph: what is reachable from some functions, what reaches some, and the layers that call each other.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::{IntoNeighbors, Reversed};

use crate::config::{Layers, nearest};
use crate::facts::{CallGraph, CallNode, CallNodeKind};
use crate::source::Tree;

/// A function that was asked for and is not in the graph.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", unknown_text(.name, .nearest))]
pub struct UnknownFunction {
    /// The name as given.
    pub name: String,
    /// Names like it.
    pub nearest: Vec<String>,
}

fn unknown_text(name: &str, nearest: &[String]) -> String {
    let message = format!("nothing in the call graph is called '{name}'");
    match nearest {
        [] => message,
        nearest => format!("{message}: did you mean '{}'?", nearest.join("' or '")),
    }
}

/// The part of a graph that is reachable from `from` and reaches `to`, each by at most `depth` calls if that is given; an empty list asks for nothing.
///
/// A name is that of a node, or of a class or package: then it stands for all that is in it. So does any name with `.*` behind it.
///
/// # Errors
///
/// If a name is neither.
pub fn cut(
    graph: &CallGraph,
    from: &[String],
    to: &[String],
    depth: Option<u32>,
) -> Result<CallGraph, UnknownFunction> {
    let starts = find_all(graph, from)?;
    let ends = find_all(graph, to)?;
    let directed = directed(graph);
    let mut kept = vec![true; graph.nodes.len()];
    if !from.is_empty() {
        keep(
            &mut kept,
            &reached(&directed, graph.nodes.len(), starts, depth),
        );
    }
    if !to.is_empty() {
        let backwards = Reversed(&directed);
        keep(
            &mut kept,
            &reached(backwards, graph.nodes.len(), ends, depth),
        );
    }
    Ok(part(graph, &kept))
}

/// What is reached from any of `starts` by at most `depth` edges.
fn reached<G>(graph: G, nodes: usize, starts: Vec<NodeIndex>, depth: Option<u32>) -> Vec<bool>
where
    G: IntoNeighbors<NodeId = NodeIndex>,
{
    let mut reached = vec![false; nodes];
    let mut front = starts;
    let mut left = depth;
    for start in &front {
        reached[start.index()] = true;
    }
    while !front.is_empty() && left != Some(0) {
        left = left.map(|left| left - 1);
        let mut next = Vec::new();
        for neighbor in front.iter().flat_map(|&node| graph.neighbors(node)) {
            if !std::mem::replace(&mut reached[neighbor.index()], true) {
                next.push(neighbor);
            }
        }
        front = next;
    }
    reached
}

/// The graph of the modules that have something in `part`, a part of `whole`: which calls which. What is outside the tree is left out, and so is what a module calls
/// in itself.
#[must_use]
pub fn modules(part: &CallGraph, whole: &CallGraph) -> CallGraph {
    let is_module = |node: &&CallNode| node.kind == CallNodeKind::Module;
    let all: Vec<&CallNode> = whole.nodes.iter().filter(is_module).collect();
    // A part has functions without the code of their modules.
    let module_of = |node: &CallNode| {
        if node.kind == CallNodeKind::External {
            return None;
        }
        let mut name = node.name.as_str();
        loop {
            let found = all.binary_search_by(|module| module.name.as_str().cmp(name));
            if let Ok(index) = found {
                return Some(index);
            }
            (name, _) = name.rsplit_once('.')?;
        }
    };
    let of: Vec<Option<usize>> = part.nodes.iter().map(module_of).collect();
    let shown: BTreeSet<usize> = of.iter().copied().flatten().collect();
    let numbers: BTreeMap<usize, u32> = shown.iter().copied().zip(0..).collect();
    let number = |node: u32| numbers.get(&of[node as usize]?).copied();
    let edges = part.edges.iter();
    let edges = edges.filter_map(|&(from, to)| Some((number(from)?, number(to)?)));
    let edges: BTreeSet<(u32, u32)> = edges.filter(|(from, to)| from != to).collect();
    CallGraph {
        nodes: shown.iter().map(|&module| all[module].clone()).collect(),
        edges: edges.into_iter().collect(),
    }
}

fn keep(kept: &mut [bool], wanted: &[bool]) {
    for (kept, wanted) in kept.iter_mut().zip(wanted) {
        *kept &= wanted;
    }
}

fn directed(graph: &CallGraph) -> DiGraph<(), ()> {
    let mut directed = DiGraph::with_capacity(graph.nodes.len(), graph.edges.len());
    for _ in &graph.nodes {
        directed.add_node(());
    }
    for &(from, to) in &graph.edges {
        directed.add_edge(
            NodeIndex::new(from as usize),
            NodeIndex::new(to as usize),
            (),
        );
    }
    directed
}

/// The nodes of a graph for which `kept` holds, with the edges between them.
fn part(graph: &CallGraph, kept: &[bool]) -> CallGraph {
    let mut numbers = Vec::with_capacity(kept.len());
    let mut next = 0_u32;
    for &kept in kept {
        numbers.push(kept.then_some(next));
        next += u32::from(kept);
    }
    let number = |node: u32| numbers[node as usize];
    CallGraph {
        nodes: graph
            .nodes
            .iter()
            .zip(kept)
            .filter(|(_, kept)| **kept)
            .map(|(node, _)| node.clone())
            .collect(),
        edges: graph
            .edges
            .iter()
            .filter_map(|&(from, to)| Some((number(from)?, number(to)?)))
            .collect(),
    }
}

fn find_all(graph: &CallGraph, names: &[String]) -> Result<Vec<NodeIndex>, UnknownFunction> {
    let mut found = Vec::new();
    for name in names {
        found.extend(find(graph, name)?);
    }
    Ok(found)
}

fn find(graph: &CallGraph, name: &str) -> Result<Vec<NodeIndex>, UnknownFunction> {
    let position = |wanted: &str| {
        let found = graph
            .nodes
            .binary_search_by(|node| node.name.as_str().cmp(wanted));
        found.ok().map(NodeIndex::new)
    };
    if let Some(node) = position(name) {
        return Ok(vec![node]);
    }
    let outer = name.strip_suffix(".*").unwrap_or(name);
    let inside = |node: &str| {
        node.strip_prefix(outer)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let nodes = graph.nodes.iter().enumerate();
    let found: Vec<NodeIndex> = nodes
        .filter(|(_, node)| node.kind != CallNodeKind::External && inside(&node.name))
        .map(|(index, _)| NodeIndex::new(index))
        .collect();
    if found.is_empty() {
        return Err(UnknownFunction {
            name: name.to_owned(),
            nearest: near(graph, name),
        });
    }
    Ok(found)
}

/// Names like `name`: those that end in it, else the one nearest to it.
fn near(graph: &CallGraph, name: &str) -> Vec<String> {
    let names = || graph.nodes.iter().map(|node| node.name.as_str());
    let last = name.rsplit('.').next().unwrap_or(name);
    let same_end: Vec<String> = names()
        .filter(|known| known.rsplit('.').next() == Some(last))
        .take(3)
        .map(str::to_owned)
        .collect();
    if !same_end.is_empty() {
        return same_end;
    }
    nearest(name, names())
        .map(str::to_owned)
        .into_iter()
        .collect()
}

/// A layer by its place in the order, the outermost first; after the last one, what is in no layer.
pub type Layer = usize;

/// A file with the layer that it is of, relative to TREE.
pub type LayerFile = (Layer, String);

/// What is in no layer, in reports.
const REST: &str = "rest";

/// A graph cut down to layers: the files of each, and how many edges lead from file to file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LayerGraph {
    /// The layers' names, from the outermost; the last one is what is in no layer.
    pub names: Vec<String>,
    /// The files by layer, relative to TREE; sorted.
    pub files: BTreeSet<LayerFile>,
    /// How many pairs of functions call each other from one file to another; sorted.
    pub calls: BTreeMap<(LayerFile, LayerFile), usize>,
}

impl LayerGraph {
    /// Cuts a graph down to layers. What is outside the tree is left out, and so are calls within a file.
    #[must_use]
    pub fn new(graph: &CallGraph, tree: &Tree, layers: &Layers) -> Self {
        let places = layers.places(tree.files.iter().map(|file| &*file.path));
        let file = |node: u32| {
            let place = graph.nodes[node as usize].place?;
            let path = &tree.file(place.file).path;
            let layer = places.layer(path).unwrap_or(layers.count());
            Some((layer, path.to_string()))
        };
        let names = layers.names().chain([REST]);
        let mut result = Self {
            names: names.map(str::to_owned).collect(),
            ..Self::default()
        };
        for node in 0..u32::try_from(graph.nodes.len()).unwrap_or(u32::MAX) {
            result.files.extend(file(node));
        }
        for &(from, to) in &graph.edges {
            if let (Some(from), Some(to)) = (file(from), file(to))
                && from != to
            {
                *result.calls.entry((from, to)).or_insert(0) += 1;
            }
        }
        result
    }

    /// What a layer is called.
    #[must_use]
    pub fn name(&self, layer: Layer) -> &str {
        self.names.get(layer).map_or(REST, String::as_str)
    }

    /// Whether some file is in a layer.
    #[must_use]
    pub fn is_layered(&self) -> bool {
        let rest = self.names.len().saturating_sub(1);
        self.files.iter().any(|(layer, _)| *layer < rest)
    }

    /// Which layers call which; a layer that calls itself does so from one file to another.
    #[must_use]
    pub fn adjacency(&self) -> BTreeMap<Layer, BTreeSet<Layer>> {
        let mut layers: BTreeMap<Layer, BTreeSet<Layer>> = BTreeMap::new();
        for (layer, _) in &self.files {
            layers.entry(*layer).or_default();
        }
        for ((from, _), (to, _)) in self.calls.keys() {
            layers.entry(*from).or_default().insert(*to);
        }
        layers
    }
}

/// The graph of the layers: which calls which, and how many pairs of functions of two files do, along the edges. What a layer calls in itself is left out.
#[must_use]
pub fn layers(graph: &LayerGraph) -> (CallGraph, Vec<usize>) {
    let there: BTreeSet<Layer> = graph.files.iter().map(|(layer, _)| *layer).collect();
    // A call graph's nodes are sorted by name; the layers' own order is another.
    let by_name: BTreeSet<&str> = there.iter().map(|&layer| graph.name(layer)).collect();
    let number = |layer: Layer| {
        let before = by_name.range(..graph.name(layer));
        u32::try_from(before.count()).unwrap_or(u32::MAX)
    };
    let mut calls: BTreeMap<(u32, u32), usize> = BTreeMap::new();
    for (((from, _), (to, _)), pairs) in &graph.calls {
        if from != to {
            *calls.entry((number(*from), number(*to))).or_default() += pairs;
        }
    }
    let nodes = by_name.iter().map(|name| CallNode {
        name: (*name).to_owned(),
        kind: CallNodeKind::Module,
        place: None,
    });
    let graph = CallGraph {
        nodes: nodes.collect(),
        edges: calls.keys().copied().collect(),
    };
    (graph, calls.into_values().collect())
}

/// How many functions are in cycles: they call themselves, or each other round about.
#[must_use]
pub fn recursive(graph: &CallGraph) -> usize {
    let directed = directed(graph);
    petgraph::algo::tarjan_scc(&directed)
        .iter()
        .filter(|component| {
            component.len() > 1 || directed.contains_edge(component[0], component[0])
        })
        .map(Vec::len)
        .sum()
}

#[cfg(test)]
mod tests {
    use super::{cut, modules, recursive};
    use crate::facts::{CallGraph, CallNode, CallNodeKind};

    fn graph(names: &[&str], edges: &[(u32, u32)]) -> CallGraph {
        CallGraph {
            nodes: names
                .iter()
                .map(|name| CallNode {
                    name: (*name).to_owned(),
                    kind: CallNodeKind::Function,
                    place: None,
                })
                .collect(),
            edges: edges.to_vec(),
        }
    }

    fn names(graph: &CallGraph) -> Vec<&str> {
        graph.nodes.iter().map(|node| node.name.as_str()).collect()
    }

    #[test]
    fn modules_call_each_other() {
        let mut all = graph(
            &["<builtin>.print", "a", "a.C.f", "a.b", "a.b.g", "c", "c.h"],
            &[(2, 0), (2, 4), (2, 6), (3, 4), (4, 2), (5, 6)],
        );
        all.nodes[0].kind = CallNodeKind::External;
        for module in [1, 3, 5] {
            all.nodes[module].kind = CallNodeKind::Module;
        }
        let drawn = modules(&all, &all);
        assert_eq!(names(&drawn), ["a", "a.b", "c"]);
        assert_eq!(drawn.edges, [(0, 1), (0, 2), (1, 0)]);
        let part = cut(&all, &["a.b.g".to_owned()], &[], None).unwrap();
        let drawn = modules(&part, &all);
        assert_eq!(names(&drawn), ["a", "a.b", "c"]);
        assert_eq!(drawn.edges, [(0, 1), (0, 2), (1, 0)]);
    }

    #[test]
    fn what_is_reached_and_what_reaches() {
        let all = graph(
            &["m.A.f", "m.A.g", "m.b", "m.c", "m.d"],
            &[(0, 2), (1, 3), (2, 4), (3, 4), (4, 4)],
        );
        let name = |name: &str| vec![name.to_owned()];
        assert_eq!(
            names(&cut(&all, &name("m.b"), &[], None).unwrap()),
            ["m.b", "m.d"]
        );
        let to = cut(&all, &[], &name("m.c"), None).unwrap();
        assert_eq!(names(&to), ["m.A.g", "m.c"]);
        assert_eq!(to.edges, [(0, 1)]);
        let both = cut(&all, &name("m.A"), &name("m.c"), None).unwrap();
        assert_eq!(names(&both), ["m.A.g", "m.c"]);
        let near = cut(&all, &name("m.A.f"), &[], Some(1)).unwrap();
        assert_eq!(names(&near), ["m.A.f", "m.b"]);
        let near = cut(&all, &[], &name("m.d"), Some(1)).unwrap();
        assert_eq!(names(&near), ["m.b", "m.c", "m.d"]);
        assert_eq!(recursive(&all), 1);
        let error = cut(&all, &name("x.g"), &[], None).unwrap_err();
        assert_eq!(
            error.to_string(),
            "nothing in the call graph is called 'x.g': did you mean 'm.A.g'?"
        );
    }
}
