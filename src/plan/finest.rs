//! The finest sequence of steps that no clause forbids.
//!
//! A clause "`a` must not be new while `b` is old" puts `b` before `a` or with it: an edge. What is strongly connected ships at once. Clauses
//! of more units leave a choice of edges; a component with such clauses is solved exactly, over all of its sets, up to [`EXACT`] nodes. Steps of
//! components that share no clause may be interleaved at will, so their numbers add up, and no sequence has more.

use std::collections::BTreeSet;

use petgraph::algo::tarjan_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::unionfind::UnionFind;

use crate::skew::{UnitId, UnitSet};

/// How many nodes a component with clauses of more than two units may have to be solved over all of its sets: 2^18 sets are some
/// milliseconds.
const EXACT: usize = 18;

/// How many ways to choose edges are tried for a larger component.
const CHOICES: usize = 2_000;

/// A sequence of steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Steps {
    /// Disjoint, in order; together all units.
    pub steps: Vec<UnitSet>,
    /// Whether it is known that no sequence that the clauses allow has more steps. A component past the bound is solved for one choice of
    /// edges, which may or may not be the best.
    pub exact: bool,
}

/// The new and the old units of a clause.
pub type Pattern<'c> = (&'c UnitSet, &'c UnitSet);

/// The finest sequence of steps for the units of `order`, which lists each of them once: units that come early there ship early where the
/// clauses leave a choice. After no step are all new units of a clause shipped and none of its old ones.
#[must_use]
pub fn finest(order: &[UnitId], clauses: &[Pattern]) -> Steps {
    let mut nodes = Nodes::new(order);
    let clauses = nodes.condense(clauses);
    let components = nodes.components(&clauses);
    let is_large = |clause: &NodeClause| {
        let mut components = components
            .iter()
            .filter(|component| component.len() > EXACT);
        !clause.is_pair() && components.any(|component| component.contains(&clause.new[0]))
    };
    if clauses.iter().any(is_large) {
        return by_choices(&nodes, &clauses, is_large);
    }
    let mut sequence = Sequence::default();
    for component in &components {
        let of = |clause: &&NodeClause| clause.new.iter().any(|node| component.contains(node));
        let own: Vec<&NodeClause> = clauses.iter().filter(of).collect();
        if own.iter().all(|clause| clause.is_pair()) {
            sequence.add_graph(component, &own);
        } else {
            sequence.add_chain(solve(component, &own));
        }
    }
    let steps = sequence.in_order().into_iter();
    let steps = steps.map(|step| nodes.union(&step)).collect();
    Steps { steps, exact: true }
}

/// The finest sequence where a component has too many nodes for [`solve`]. Of a clause's old units one must ship no later than one of its new
/// units: each such edge is a choice, and every choice for all of the clauses leaves edges alone. If these are too many, one is taken
/// that makes no circle, if it can be.
fn by_choices(
    nodes: &Nodes,
    clauses: &[NodeClause],
    wanted: impl Fn(&NodeClause) -> bool,
) -> Steps {
    let (open, settled): (Vec<&NodeClause>, Vec<&NodeClause>) =
        clauses.iter().partition(|clause| wanted(clause));
    // The one that fits the wanted order best comes first: the first old node before the last new one.
    let edges: Vec<Vec<(usize, usize)>> = open
        .iter()
        .map(|clause| {
            let new = clause.new.iter().rev();
            new.flat_map(|&new| clause.old.iter().map(move |&old| (old, new)))
                .collect()
        })
        .collect();
    let with = |chosen: &[(usize, usize)]| {
        // What is one node stays one.
        let mut all = nodes.circles();
        all.extend(settled.iter().map(|clause| nodes.units(clause)));
        all.extend(
            chosen
                .iter()
                .map(|&(old, new)| (nodes.union(&[new]), nodes.union(&[old]))),
        );
        let patterns: Vec<Pattern> = all.iter().map(|(new, old)| (new, old)).collect();
        finest(nodes.order, &patterns)
    };
    // Nothing can have more steps than there are nodes.
    let is_best = |steps: &Steps| steps.steps.len() == nodes.members.len();
    let mut best = with(&without_circles(&edges, &settled));
    let mut count = 1_usize;
    for choices in &edges {
        count = count.saturating_mul(choices.len());
    }
    best.exact &= is_best(&best) || count <= CHOICES;
    if !is_best(&best) && count <= CHOICES {
        for number in 0..count {
            let mut rest = number;
            let choose = |choices: &Vec<(usize, usize)>| {
                let edge = choices[rest % choices.len()];
                rest /= choices.len();
                edge
            };
            let steps = with(&edges.iter().map(choose).collect::<Vec<_>>());
            if steps.steps.len() > best.steps.len() {
                best = steps;
            }
        }
    }
    best
}

/// One edge of each list: the first that makes no circle with the others, or the very first.
fn without_circles(
    choices: &[Vec<(usize, usize)>],
    settled: &[&NodeClause],
) -> Vec<(usize, usize)> {
    let pairs = settled.iter().filter(|clause| clause.is_pair());
    let mut edges: Vec<(usize, usize)> =
        pairs.map(|clause| (clause.old[0], clause.new[0])).collect();
    let mut chosen = Vec::with_capacity(choices.len());
    for choices in choices {
        let makes_no_circle = |&&(old, new): &&(usize, usize)| !reaches(&edges, new, old);
        let edge = choices.iter().find(makes_no_circle).unwrap_or(&choices[0]);
        edges.push(*edge);
        chosen.push(*edge);
    }
    chosen
}

/// Whether a way leads from one node to another.
fn reaches(edges: &[(usize, usize)], from: usize, to: usize) -> bool {
    let mut seen = BTreeSet::from([from]);
    let mut open = vec![from];
    while let Some(node) = open.pop() {
        let next = edges
            .iter()
            .filter(|(start, _)| *start == node)
            .map(|&(_, end)| end);
        for end in next {
            if seen.insert(end) {
                open.push(end);
            }
        }
    }
    seen.contains(&to)
}

/// Units that ship together whatever else happens, in the order of their last members.
struct Nodes<'o> {
    order: &'o [UnitId],
    /// The members of each node, as positions in `order`, ascending.
    members: Vec<Vec<usize>>,
}

/// A clause over nodes; each list is sorted, and no node is in both.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct NodeClause {
    new: Vec<usize>,
    old: Vec<usize>,
}

impl NodeClause {
    fn is_pair(&self) -> bool {
        self.new.len() == 1 && self.old.len() == 1
    }
}

impl<'o> Nodes<'o> {
    fn new(order: &'o [UnitId]) -> Self {
        let members = (0..order.len()).map(|position| vec![position]).collect();
        Self { order, members }
    }

    /// Makes one node of what is strongly connected, until nothing is: a clause of many units may become one of two nodes.
    fn condense(&mut self, clauses: &[Pattern]) -> Vec<NodeClause> {
        loop {
            let over_nodes = self.over_nodes(clauses);
            let mut graph: DiGraph<(), ()> = DiGraph::new();
            for _ in &self.members {
                graph.add_node(());
            }
            for clause in over_nodes.iter().filter(|clause| clause.is_pair()) {
                graph.add_edge(
                    NodeIndex::new(clause.old[0]),
                    NodeIndex::new(clause.new[0]),
                    (),
                );
            }
            let circles = tarjan_scc(&graph);
            if circles.len() == self.members.len() {
                return over_nodes;
            }
            let mut members: Vec<Vec<usize>> = circles
                .into_iter()
                .map(|circle| {
                    let mut all: Vec<usize> = circle
                        .into_iter()
                        .flat_map(|node| self.members[node.index()].iter().copied())
                        .collect();
                    all.sort_unstable();
                    all
                })
                .collect();
            members.sort_unstable_by_key(|members| members.last().copied());
            self.members = members;
        }
    }

    /// The clauses in terms of nodes, without those that hold because a new and an old unit are of one node.
    fn over_nodes(&self, clauses: &[Pattern]) -> Vec<NodeClause> {
        let nodes = |units: &UnitSet| -> Vec<usize> {
            let members = self.members.iter().enumerate();
            let touched = members.filter(|(_, members)| {
                members
                    .iter()
                    .any(|&position| units.contains(self.order[position]))
            });
            touched.map(|(node, _)| node).collect()
        };
        let over = clauses.iter().map(|(new, old)| NodeClause {
            new: nodes(new),
            old: nodes(old),
        });
        let open = over.filter(|clause| {
            // Without new units it would forbid the beginning, without old ones the end: neither is ours to forbid.
            !clause.new.is_empty()
                && !clause.old.is_empty()
                && clause.new.iter().all(|node| !clause.old.contains(node))
        });
        let all: BTreeSet<NodeClause> = open.collect();
        all.into_iter().collect()
    }

    /// Nodes that share clauses, directly or by way of others.
    fn components(&self, clauses: &[NodeClause]) -> Vec<Vec<usize>> {
        let mut sets = UnionFind::<usize>::new(self.members.len());
        for clause in clauses {
            for &node in clause.new.iter().chain(&clause.old) {
                sets.union(clause.new[0], node);
            }
        }
        let labels = sets.into_labeling();
        let mut components: Vec<Vec<usize>> = Vec::new();
        let mut index_of = vec![None; labels.len()];
        for (node, &label) in labels.iter().enumerate() {
            let index = *index_of[label].get_or_insert_with(|| {
                components.push(Vec::new());
                components.len() - 1
            });
            components[index].push(node);
        }
        components
    }

    fn union(&self, nodes: &[usize]) -> UnitSet {
        let members = nodes.iter().flat_map(|&node| &self.members[node]);
        UnitSet::of(
            self.order.len(),
            members.map(|&position| self.order[position]),
        )
    }

    /// Clauses that keep the members of each node together.
    fn circles(&self) -> Vec<(UnitSet, UnitSet)> {
        let one = |position: usize| UnitSet::of(self.order.len(), [self.order[position]]);
        let pairs = self.members.iter().flat_map(|members| members.windows(2));
        pairs
            .flat_map(|pair| {
                let (left, right) = (one(pair[0]), one(pair[1]));
                [(left.clone(), right.clone()), (right, left)]
            })
            .collect()
    }

    fn units(&self, clause: &NodeClause) -> (UnitSet, UnitSet) {
        (self.union(&clause.new), self.union(&clause.old))
    }
}

/// The most steps for a component of at most [`EXACT`] nodes.
fn solve(component: &[usize], clauses: &[&NodeClause]) -> Vec<Vec<usize>> {
    let bits = |nodes: &[usize]| -> usize {
        let positions = nodes
            .iter()
            .filter_map(|node| component.binary_search(node).ok());
        positions.fold(0, |mask, position| mask | 1 << position)
    };
    let masks: Vec<(usize, usize)> = clauses
        .iter()
        .map(|clause| (bits(&clause.new), bits(&clause.old)))
        .collect();
    let allowed = |set: usize| {
        masks
            .iter()
            .all(|&(new, old)| set & new != new || set & old != 0)
    };
    let steps = longest(component.len(), allowed).into_iter();
    steps
        .map(|step| {
            step.into_iter()
                .map(|position| component[position])
                .collect()
        })
        .collect()
}

/// The most steps over all sets of `count` things, each set as bits; after each step the set is allowed, the full one always is. Every
/// sequence of steps refines into one that adds thing after thing; the steps end where that one is at an allowed set.
pub(super) fn longest(count: usize, allowed: impl Fn(usize) -> bool) -> Vec<Vec<usize>> {
    let full = (1_usize << count) - 1;
    let is_allowed: Vec<bool> = (0..=full).map(|set| set == full || allowed(set)).collect();
    // How many allowed sets the best way from a set to the full one comes by.
    let mut best = vec![0_u32; full + 1];
    let gain = |best: &[u32], set: usize| best[set] + u32::from(is_allowed[set]);
    for set in (0..full).rev() {
        let rest = (0..count).filter(|position| set & 1 << position == 0);
        best[set] = rest
            .map(|position| gain(&best, set | 1 << position))
            .max()
            .unwrap_or(0);
    }
    let mut steps = Vec::new();
    let mut step = Vec::new();
    let mut set = 0;
    while set != full {
        let next = (0..count)
            .filter(|position| set & 1 << position == 0)
            .find(|position| gain(&best, set | 1 << position) == best[set]);
        // There is one by the definition of `best`.
        let Some(position) = next else { break };
        set |= 1 << position;
        step.push(position);
        if is_allowed[set] {
            steps.push(std::mem::take(&mut step));
        }
    }
    steps
}

/// Steps with what has to come before what.
#[derive(Default)]
struct Sequence {
    /// Nodes, ascending: that is, by their place in the wanted order.
    steps: Vec<Vec<usize>>,
    /// For each step those that come before it.
    before: Vec<BTreeSet<usize>>,
}

impl Sequence {
    /// Nodes of which each is a step.
    fn add_graph(&mut self, component: &[usize], clauses: &[&NodeClause]) {
        let first = self.steps.len();
        self.steps.extend(component.iter().map(|&node| vec![node]));
        self.before.resize(self.steps.len(), BTreeSet::new());
        let index = |node: &usize| {
            component
                .binary_search(node)
                .ok()
                .map(|place| first + place)
        };
        for clause in clauses {
            if let (Some(new), Some(old)) = (index(&clause.new[0]), index(&clause.old[0])) {
                self.before[new].insert(old);
            }
        }
    }

    /// Steps in the order given.
    fn add_chain(&mut self, steps: Vec<Vec<usize>>) {
        for (place, mut step) in steps.into_iter().enumerate() {
            step.sort_unstable();
            let before = (place > 0).then(|| self.steps.len() - 1);
            self.steps.push(step);
            self.before.push(before.into_iter().collect());
        }
    }

    /// The steps in an order that keeps to `before`; where it leaves a choice, the one whose last node comes first.
    fn in_order(mut self) -> Vec<Vec<usize>> {
        let mut done = Vec::with_capacity(self.steps.len());
        let mut ready: BTreeSet<(Option<usize>, usize)> = BTreeSet::new();
        let mut waiting: Vec<usize> = (0..self.steps.len()).collect();
        loop {
            let (now, later) = waiting
                .into_iter()
                .partition(|&step| self.before[step].is_empty());
            waiting = later;
            let now: Vec<usize> = now;
            ready.extend(
                now.into_iter()
                    .map(|step| (self.steps[step].last().copied(), step)),
            );
            let Some((_, step)) = ready.pop_first() else {
                return done;
            };
            done.push(std::mem::take(&mut self.steps[step]));
            for before in &mut self.before {
                before.remove(&step);
            }
        }
    }
}
