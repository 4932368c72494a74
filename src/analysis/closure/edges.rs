//! What one module asks for: other modules and data files.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::data;
use crate::facts::CallGraph;
use crate::name::Name;
use crate::package::Need;
use crate::program::{ModuleId, Program, Resolution, is_for_checkers, is_import_function};
use crate::source::Tree;
use crate::syntax::ir::{
    ArgumentKind, Constant, Expr, ExprKind, Handler, Stmt, StmtKind, each_statement,
};
use crate::syntax::visit;

/// One thing that a module asks for.
#[derive(Clone)]
pub(super) struct Edge {
    /// The file, from the tree's top.
    pub to: Arc<str>,
    /// It as a module, if it is one.
    pub module: Option<ModuleId>,
    /// How sure it is that it is asked for when the module is imported.
    pub need: Need,
    /// Where it is asked for.
    pub at: u32,
    /// In words: `imports gateway_core`.
    pub note: String,
}

/// What modules ask for; worked out for a module when it is reached.
pub(super) struct Edges<'p> {
    program: &'p Program,
    tree: &'p Tree,
    files: &'p [Arc<str>],
    /// Calls that lead from one module to another.
    calls: FxHashMap<ModuleId, Vec<Edge>>,
}

impl<'p> Edges<'p> {
    pub(super) fn new(
        program: &'p Program,
        tree: &'p Tree,
        files: &'p [Arc<str>],
        graph: &CallGraph,
    ) -> Self {
        let mut calls: FxHashMap<ModuleId, Vec<Edge>> = FxHashMap::default();
        for &(caller, callee) in &graph.edges {
            let node = |index: u32| graph.nodes.get(index as usize);
            let (Some(caller), Some(callee)) = (node(caller), node(callee)) else {
                continue;
            };
            let Some(from) = caller.place else { continue };
            let Some(from_module) = program.module_of(from.file) else {
                continue;
            };
            let to = match callee.place {
                Some(to) => program.module_of(to.file),
                None => named_by(program, from_module, &callee.name),
            };
            if let Some(module) = to.filter(|to| *to != from_module) {
                let file = program.module(module).file;
                calls.entry(from_module).or_default().push(Edge {
                    to: Arc::clone(&tree.file(file).path),
                    module: Some(module),
                    need: Need::Later,
                    at: from.range.start,
                    note: format!("{} calls {}", caller.name, callee.name),
                });
            }
        }
        Self {
            program,
            tree,
            files,
            calls,
        }
    }

    /// What a module asks for, calls last.
    pub(super) fn of(&self, module: ModuleId) -> impl Iterator<Item = Edge> {
        let (program, tree) = (self.program, self.tree);
        let mut finder = Finder {
            program,
            tree,
            module,
            edges: Vec::new(),
        };
        finder.imports();
        finder.strings();
        let own = &tree.file(program.module(module).file).path;
        let path_of = |name: &str| match program.resolve(module, Name::new(name)) {
            Resolution::Module(found) => {
                Some(Arc::clone(&tree.file(program.module(found).file).path))
            }
            _ => None,
        };
        let data = data::edges(&program.module(module).ir, own, self.files, &path_of);
        let calls = self.calls.get(&module).into_iter().flatten().cloned();
        finder.edges.into_iter().chain(data).chain(calls)
    }
}

/// The module of the tree that a dotted name of something outside of what was evaluated leads into: `lib.db` for `lib.db.connect`.
fn named_by(program: &Program, from: ModuleId, name: &str) -> Option<ModuleId> {
    if !is_dotted(name) {
        return None;
    }
    let ends = name.rmatch_indices('.').map(|(dot, _)| &name[..dot]);
    let mut found = ends.map(|module| program.resolve(from, Name::new(module)));
    found.find_map(|found| match found {
        Resolution::Module(module) => Some(module),
        _ => None,
    })
}

/// Whether a call of this imports what its first argument names.
fn imports_by_name(function: &Expr) -> bool {
    let name = match &function.kind {
        ExprKind::Name(name, _) => name,
        ExprKind::Attribute { attribute, .. } => attribute,
        _ => return false,
    };
    is_import_function(function) || matches!(name.as_str(), "run_module" | "resolve_name")
}

/// Whether a handler takes an import that fails.
fn takes_import_errors(handler: &Handler) -> bool {
    let Some(exception) = &handler.exception else {
        return true;
    };
    let mut takes = false;
    visit::expressions(exception, &mut |expr| {
        if let ExprKind::Name(name, _) = &expr.kind {
            takes |= matches!(
                name.as_str(),
                "ImportError" | "ModuleNotFoundError" | "Exception" | "BaseException"
            );
        }
    });
    takes
}

struct Finder<'p> {
    program: &'p Program,
    tree: &'p Tree,
    module: ModuleId,
    edges: Vec<Edge>,
}

impl<'p> Finder<'p> {
    fn imports(&mut self) {
        let program = self.program;
        for package in program.packages_around(self.module) {
            let note = format!("is in {}", program.module(package).name);
            self.add(package, Need::Import, 0, note);
        }
        let ir = &program.module(self.module).ir;
        self.block(&ir.body, Need::Import);
        for class in &ir.classes {
            self.block(&class.body, Need::Import);
        }
        for function in &ir.functions {
            self.block(&function.body, Need::Later);
        }
    }

    /// The imports of a block, outer statements first.
    fn block(&mut self, body: &'p [Stmt], need: Need) {
        for stmt in body {
            match &stmt.kind {
                StmtKind::If { branches, orelse } => {
                    for branch in branches.iter().filter(|it| !is_for_checkers(&it.test)) {
                        self.block(&branch.body, Need::Later.min(need));
                    }
                    let otherwise = branches.iter().all(|branch| is_for_checkers(&branch.test));
                    let need = if otherwise {
                        need
                    } else {
                        Need::Later.min(need)
                    };
                    self.block(orelse, need);
                }
                StmtKind::Try {
                    body,
                    handlers,
                    orelse,
                    finally,
                } => {
                    let is_caught = handlers.iter().any(takes_import_errors);
                    let inside = if is_caught {
                        Need::Later.min(need)
                    } else {
                        need
                    };
                    self.block(body, inside);
                    for handler in handlers {
                        self.block(&handler.body, Need::Later.min(need));
                    }
                    self.block(orelse, need);
                    self.block(finally, need);
                }
                StmtKind::Import(_) | StmtKind::ImportFrom(_) => self.import(stmt, need),
                _ => {
                    for block in visit::blocks(stmt) {
                        self.block(block, Need::Later.min(need));
                    }
                }
            }
        }
    }

    fn import(&mut self, stmt: &Stmt, need: Need) {
        for found in self.program.imported(self.module, stmt) {
            let name = self.program.module(found).name;
            self.add(found, need, stmt.range.start, format!("imports {name}"));
            // Its packages run before it, and what is imported by its whole name needs each of them.
            for package in self.program.packages_around(found) {
                let around = self.program.module(package).name;
                let note = format!("imports {name}, which is in {around}");
                self.add(package, need, stmt.range.start, note);
            }
        }
    }

    /// Modules whose names are written as text: `import_module('x')`, and tables of names.
    fn strings(&mut self) {
        let ir = &self.program.module(self.module).ir;
        let mut texts: Vec<(Name, u32, Need)> = Vec::new();
        let mut look = |expr: &Expr| {
            visit::expressions(expr, &mut |expr| match &expr.kind {
                ExprKind::Constant(Constant::Str(text)) => {
                    texts.push((*text, expr.range.start, Need::Named));
                }
                ExprKind::Call(call) if imports_by_name(&call.function) => {
                    if let Some(argument) = call.arguments.first()
                        && argument.kind == ArgumentKind::Positional
                        && let ExprKind::Constant(Constant::Str(text)) = &argument.value.kind
                    {
                        texts.push((*text, expr.range.start, Need::Later));
                    }
                }
                _ => {}
            });
        };
        let bodies = std::iter::once(&ir.body)
            .chain(ir.functions.iter().map(|function| &function.body))
            .chain(ir.classes.iter().map(|class| &class.body));
        for body in bodies {
            each_statement(body, &mut |stmt| visit::direct_expressions(stmt, &mut look));
        }
        for (text, at, need) in texts {
            let Some(found) = self.named(&text) else {
                continue;
            };
            let name = self.program.module(found).name;
            self.add(found, need, at, format!("names {name}"));
            for package in self.program.packages_around(found) {
                let around = self.program.module(package).name;
                let note = format!("names {name}, which is in {around}");
                self.add(package, need, at, note);
            }
        }
    }

    /// The module of the tree that a text names: `shop.orders`, `.orders` in the package, `shop.orders:price`, `shop.orders.price`.
    fn named(&self, text: &str) -> Option<ModuleId> {
        let (text, is_split) = match text.split_once(':') {
            Some((module, member)) if is_dotted(member) => (module, true),
            Some(_) => return None,
            None => (text, false),
        };
        let rest = text.trim_start_matches('.');
        if !is_dotted(rest) || rest == "__main__" {
            return None;
        }
        let dots = u32::try_from(text.len() - rest.len()).ok()?;
        let resolve = |name: &str| {
            let name = Name::new(name);
            let found = match dots {
                0 => self.program.resolve(self.module, name),
                level => self
                    .program
                    .resolve_relative(self.module, level, Some(name)),
            };
            match found {
                Resolution::Module(module) => Some(module),
                _ => None,
            }
        };
        resolve(rest).or_else(|| {
            let (module, member) = rest.rsplit_once('.').filter(|_| !is_split)?;
            let found = resolve(module)?;
            let ir = &self.program.module(found).ir;
            let is_its = ir.functions.iter().any(|it| it.name.as_str() == member)
                || ir.classes.iter().any(|it| it.name.as_str() == member);
            is_its.then_some(found)
        })
    }

    fn add(&mut self, module: ModuleId, need: Need, at: u32, note: String) {
        if module != self.module {
            let file = self.program.module(module).file;
            self.edges.push(Edge {
                to: Arc::clone(&self.tree.file(file).path),
                module: Some(module),
                need,
                at,
                note,
            });
        }
    }
}

fn is_dotted(text: &str) -> bool {
    let mut parts = text.split('.');
    parts.all(|part| !part.is_empty() && part.bytes().all(is_in_name))
}

fn is_in_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}
