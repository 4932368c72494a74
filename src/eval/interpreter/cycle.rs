//! Modules that import each other while they are being imported.

use petgraph::algo::tarjan_scc;
use petgraph::graph::{DiGraph, NodeIndex};

use crate::facts::{Confidence, Failure, FailureKind, Frame as Step, Impact, Place};
use crate::name::Name;
use crate::program::{ModuleId, Program};
use crate::syntax::ir::{ExprKind, Range, Stmt, StmtKind};
use crate::syntax::visit;

/// One failure for each set of modules whose top-level imports lead in a circle.
#[must_use]
pub fn import_cycles(program: &Program) -> Vec<Failure> {
    let mut graph: DiGraph<ModuleId, Range> = DiGraph::new();
    let nodes: Vec<NodeIndex> = program.module_ids().map(|id| graph.add_node(id)).collect();
    for id in program.module_ids() {
        top_level_imports(&program.module(id).ir.body, &mut |stmt| {
            for target in program.imported(id, stmt) {
                if target != id {
                    graph.add_edge(nodes[id.0 as usize], nodes[target.0 as usize], stmt.range);
                }
            }
        });
    }
    tarjan_scc(&graph)
        .into_iter()
        .filter(|circle| circle.len() > 1)
        .map(|circle| failure(program, &graph, circle))
        .collect()
}

fn failure(
    program: &Program,
    graph: &DiGraph<ModuleId, Range>,
    mut circle: Vec<NodeIndex>,
) -> Failure {
    circle.sort_by_key(|&node| program.module(graph[node]).name);
    let first = circle[0];
    let module = program.module(graph[first]);
    // Every module of a circle imports another one of it.
    let range = graph
        .edges(first)
        .filter(|edge| circle.contains(&petgraph::visit::EdgeRef::target(edge)))
        .map(|edge| *edge.weight())
        .min()
        .unwrap_or_default();
    let names: Vec<&str> = circle
        .iter()
        .map(|&node| program.module(graph[node]).name.as_str())
        .collect();
    let place = Place {
        file: module.file,
        range,
    };
    Failure {
        kind: FailureKind::ImportCycle,
        confidence: Confidence::Must,
        certainty: crate::facts::Certainty::Site,
        impact: Impact::Notable,
        exception: None,
        subject: Name::new(&names.join(", ")),
        cause: place,
        cause_function: module.name.to_string(),
        callee: None,
        signature: String::new(),
        chain: vec![Step {
            place,
            function: module.name.to_string(),
            note: String::from("imports"),
        }],
        route: None,
        hidden_by: None,
    }
}

/// The imports that run when a module is imported; those for type checkers only do not.
fn top_level_imports<'ir>(body: &'ir [Stmt], visit_import: &mut dyn FnMut(&'ir Stmt)) {
    for stmt in body {
        match &stmt.kind {
            StmtKind::Import(_) | StmtKind::ImportFrom(_) => visit_import(stmt),
            StmtKind::If { branches, orelse } => {
                for branch in branches {
                    let mut for_checkers = false;
                    visit::expressions(&branch.test, &mut |expr| {
                        let name = match &expr.kind {
                            ExprKind::Name(name, _)
                            | ExprKind::Attribute {
                                attribute: name, ..
                            } => name.as_str(),
                            _ => "",
                        };
                        for_checkers |= matches!(name, "TYPE_CHECKING" | "__name__");
                    });
                    if !for_checkers {
                        top_level_imports(&branch.body, visit_import);
                    }
                }
                top_level_imports(orelse, visit_import);
            }
            _ => {
                for block in visit::blocks(stmt) {
                    top_level_imports(block, visit_import);
                }
            }
        }
    }
}
