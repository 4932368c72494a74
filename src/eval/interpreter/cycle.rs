//! Modules that import each other while they are being imported.
//!
//! Most such circles work: a module that is under way has what was bound so far, and more is asked for only when functions run. So the imports are
//! tried in thought, with each module as the one that is imported first ([`Order`]). A circle that fails whichever comes first breaks the
//! program; one that fails for some is a trap; any other is worth knowing, no more.

use petgraph::algo::tarjan_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::{EdgeRef, Reversed};

use crate::facts::{Certainty, Confidence, Failure, FailureKind, Frame as Step, Impact, Place};
use crate::name::Name;
use crate::program::{Fault, ModuleId, Order, Program};
use crate::syntax::ir::{ExprKind, Range, Stmt, StmtKind};
use crate::syntax::visit;

/// Which modules import which: by statements that have this place, or as the packages around what they import, which have none.
type Imports = DiGraph<ModuleId, Option<Range>>;

/// The circles of modules whose own code imports each other. `is_open` says whether names may be put into a module in ways that are not seen.
#[must_use]
pub fn import_cycles(program: &Program, is_open: &dyn Fn(ModuleId) -> bool) -> Vec<Failure> {
    let graph = imports(program);
    let mut order = Order::new(program, is_open);
    let mut failures = Vec::new();
    let mut broken: Vec<ModuleId> = Vec::new();
    for circle in circles(&graph) {
        if let Some((fault, impact)) = first_fault(program, &graph, &mut order, &circle) {
            broken.extend(fault.circle());
            failures.push(broken_circle(program, &fault, impact));
        }
    }
    let written = graph.filter_map(|_, &module| Some(module), |_, range| range.map(Some));
    for circle in circles(&written) {
        let is_told = circle.iter().any(|&node| broken.contains(&written[node]));
        if !is_told {
            failures.push(working_circle(program, &written, circle));
        }
    }
    failures
}

fn imports(program: &Program) -> Imports {
    let mut graph = Imports::new();
    let nodes: Vec<NodeIndex> = program.module_ids().map(|id| graph.add_node(id)).collect();
    let packages: Vec<Vec<ModuleId>> = program
        .module_ids()
        .map(|id| program.packages_around(id))
        .collect();
    for id in program.module_ids() {
        let own = &packages[id.0 as usize];
        let node = nodes[id.0 as usize];
        for package in own {
            graph.update_edge(node, nodes[package.0 as usize], None);
        }
        top_level_imports(&program.module(id).ir.body, &mut |stmt| {
            for target in program.imported(id, stmt) {
                for package in &packages[target.0 as usize] {
                    let to = nodes[package.0 as usize];
                    if *package != id
                        && !own.contains(package)
                        && graph.find_edge(node, to).is_none()
                    {
                        graph.add_edge(node, to, None);
                    }
                }
                if target != id {
                    graph.add_edge(node, nodes[target.0 as usize], Some(stmt.range));
                }
            }
        });
    }
    graph
}

/// The circles of a graph, each sorted, in the order of their modules.
fn circles(graph: &Imports) -> Vec<Vec<NodeIndex>> {
    let mut circles = tarjan_scc(graph);
    circles.retain(|circle| circle.len() > 1);
    for circle in &mut circles {
        circle.sort_unstable();
    }
    circles.sort_unstable();
    circles
}

/// What fails first in a circle, and what comes of it; none if it works whichever module is imported first.
fn first_fault(
    program: &Program,
    graph: &Imports,
    order: &mut Order<'_>,
    circle: &[NodeIndex],
) -> Option<(Fault, Impact)> {
    let by_name = |mut modules: Vec<ModuleId>| {
        modules.sort_by_key(|&id| program.module(id).name);
        modules
    };
    let entries = by_name(circle.iter().map(|&node| graph[node]).collect());
    let (faults, tried) = order.try_all(&entries);
    let fault = faults.first()?.clone();
    // What fails in another circle on the way depends on who came there first.
    let is_own = |fault: &Fault| fault.circle().iter().all(|module| entries.contains(module));
    if tried && faults.len() == entries.len() && faults.iter().all(is_own) {
        return Some((fault, Impact::Breaks));
    }
    // Where the rest of the tree comes in by ways that all fail, it fails as well.
    let others = by_name(ways_in(graph, circle));
    let (faults, tried) = order.try_all(&others);
    match faults.first() {
        // A package may be entered by a name that is computed, as frameworks load what a setting names: any other module may come first then.
        Some(first)
            if tried
                && faults.len() == others.len()
                && others.iter().all(|&way| is_program(program, way)) =>
        {
            Some((first.clone(), Impact::Breaks))
        }
        // It goes wrong only for who imports first what none of these does.
        None if tried && !others.is_empty() => Some((fault, Impact::Notable)),
        _ => Some((fault, Impact::Suspicious)),
    }
}

/// Whether a module is there to be run: it lies in no package, says what it does when it is run, or is named as where execution starts.
fn is_program(program: &Program, module: ModuleId) -> bool {
    let is_apart = !program.module(module).is_package && program.packages_around(module).is_empty();
    is_apart || program.is_script(module) || program.is_entry(module)
}

/// The modules outside of a circle that nobody imports, and that lead into it.
fn ways_in(graph: &Imports, circle: &[NodeIndex]) -> Vec<ModuleId> {
    let mut found = Vec::new();
    let Some(&start) = circle.first() else {
        return found;
    };
    let reversed = Reversed(graph);
    let mut search = petgraph::visit::Dfs::new(reversed, start);
    while let Some(node) = search.next(reversed) {
        let mut importers = graph.edges_directed(node, petgraph::Direction::Incoming);
        if !circle.contains(&node) && importers.next().is_none() {
            found.push(graph[node]);
        }
    }
    found
}

/// One that fails, told from the module that is imported first to the import that gets nothing.
fn broken_circle(program: &Program, fault: &Fault, impact: Impact) -> Failure {
    let name_of = |module: ModuleId| program.module(module).name;
    let place = |module: ModuleId, range| Place {
        file: program.module(module).file,
        range,
    };
    let (module, name) = (name_of(fault.module), fault.name);
    let exception = if fault.by_import {
        format!(
            "ImportError: cannot import name '{name}' from partially initialized module '{module}' (most likely due to a circular import)"
        )
    } else {
        format!(
            "AttributeError: partially initialized module '{module}' has no attribute '{name}' (most likely due to a circular import)"
        )
    };
    let next = fault.way.iter().skip(1).map(|(module, _)| Some(*module));
    let chain: Vec<Step> = fault
        .way
        .iter()
        .zip(next.chain([None]))
        .map(|(&(from, range), to)| Step {
            place: place(from, range),
            function: name_of(from).to_string(),
            note: match to {
                Some(to) => format!("imports {}", name_of(to)),
                None if fault.by_import => String::from("imports the name"),
                None => String::from("reads the attribute"),
            },
        })
        .collect();
    let asks = fault.way.last().copied();
    let (asker, range) = asks.unwrap_or((fault.entry, Range::default()));
    Failure {
        kind: FailureKind::ImportCycle,
        confidence: Confidence::Must,
        certainty: Certainty::Site,
        impact,
        evidence: None,
        exception: Some(exception),
        subject: joined(program, &fault.circle()),
        cause: place(asker, range),
        cause_function: name_of(asker).to_string(),
        callee: None,
        signature: String::new(),
        chain,
        route: None,
        hidden_by: None,
    }
}

/// One that works, told at the first import in the first of its modules.
fn working_circle(program: &Program, graph: &Imports, circle: Vec<NodeIndex>) -> Failure {
    let mut modules: Vec<(Name, NodeIndex)> = circle
        .iter()
        .map(|&node| (program.module(graph[node]).name, node))
        .collect();
    modules.sort_unstable();
    let first = modules[0].1;
    let module = program.module(graph[first]);
    // Every module of a circle imports another one of it.
    let range = graph
        .edges(first)
        .filter(|edge| circle.contains(&edge.target()))
        .filter_map(|edge| *edge.weight())
        .min()
        .unwrap_or_default();
    let place = Place {
        file: module.file,
        range,
    };
    let ids: Vec<ModuleId> = modules.iter().map(|(_, node)| graph[*node]).collect();
    Failure {
        kind: FailureKind::ImportCycle,
        confidence: Confidence::Must,
        certainty: Certainty::Site,
        impact: Impact::Notable,
        evidence: None,
        exception: None,
        subject: joined(program, &ids),
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

/// The modules' names as one text, in order.
fn joined(program: &Program, modules: &[ModuleId]) -> Name {
    let mut names: Vec<&str> = modules
        .iter()
        .map(|&module| program.module(module).name.as_str())
        .collect();
    names.sort_unstable();
    Name::new(&names.join(", "))
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
