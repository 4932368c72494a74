//! Functions whose name the same block binds to another function before anything asks for it: nothing ever calls the first one.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::name::Name;

use super::ir::{Expr, ExprKind, Function, FunctionId, Module, Parent, Stmt, StmtKind, Var};
use super::visit;

/// Notes in each such function that it is superseded.
///
/// A `def` does nothing but bind a name (reference, 8.7) if it has no decorators, or only those that keep nothing of what they get. If a later `def` or `class` of the same block binds the same variable again, the
/// function can be reached in between only by code that says the name: any such text outside of the function itself, before the body of the second one, keeps it alive.
pub(super) fn mark(module: &mut Module) {
    if !has_namesakes(module) {
        return;
    }
    let mut pairs = Vec::new();
    each_block(module, &mut |block| pairs_of(module, block, &mut pairs));
    if pairs.is_empty() {
        return;
    }
    let said = said(module);
    for (first, until) in pairs {
        let function = &module[first];
        let own = function.range;
        // An object of a class is not there before the class is.
        let in_class = matches!(function.parent, Parent::Class(_));
        let is_asked_for = said.get(&function.name).is_some_and(|places| {
            let mut before = places.iter().filter(|said| said.at < until);
            before.any(|said| {
                let is_outside = said.at < own.start || said.at >= own.end;
                is_outside && !(in_class && said.as_attribute)
            })
        });
        if let (false, Some(function)) = (is_asked_for, module.functions.get_mut(first.0 as usize))
        {
            function.is_superseded = true;
        }
    }
}

/// Whether two definitions in one scope have one name.
fn has_namesakes(module: &Module) -> bool {
    let functions = module.functions.iter();
    let functions = functions.filter(|function| !function.is_lambda());
    let functions = functions.map(|function| (function.parent, function.name));
    let classes = module.classes.iter();
    let mut all = functions.chain(classes.map(|class| (class.parent, class.name)));
    let mut seen = FxHashSet::default();
    !all.all(|own| seen.insert(own))
}

/// Adds the functions of a block that are bound again in it, each with the byte where the body of what takes its place begins.
fn pairs_of(module: &Module, block: &[Stmt], pairs: &mut Vec<(FunctionId, u32)>) {
    let mut last: FxHashMap<Var, FunctionId> = FxHashMap::default();
    for stmt in block {
        let (var, function, body) = match &stmt.kind {
            StmtKind::FunctionDef { function, var } => {
                let id = *function;
                (*var, Some(id), &module[id].body)
            }
            StmtKind::ClassDef { class, var } => (*var, None, &module[*class].body),
            _ => continue,
        };
        if let Some(first) = last.remove(&var) {
            let until = body
                .first()
                .map_or(stmt.range.end, |first| first.range.start);
            pairs.push((first, until));
        }
        if let Some(id) = function.filter(|&id| module[id].decorators.iter().all(keeps_nothing)) {
            last.insert(var, id);
        }
    }
}

/// Whether a decorator only makes an object of what it gets (library reference, "Built-in Functions").
fn keeps_nothing(decorator: &Expr) -> bool {
    matches!(decorator.kind, ExprKind::Name(name, Var::Global(_)) if matches!(name.as_str(), "staticmethod" | "classmethod" | "property"))
}

/// A place that says a name.
struct Said {
    /// The byte where the expression begins.
    at: u32,
    /// Whether it is an attribute of something.
    as_attribute: bool,
}

/// Where each name is said.
fn said(module: &Module) -> FxHashMap<Name, Vec<Said>> {
    let mut said: FxHashMap<Name, Vec<Said>> = FxHashMap::default();
    let mut note = |expr: &Expr| {
        visit::expressions(expr, &mut |expr| {
            let (name, as_attribute) = match &expr.kind {
                ExprKind::Name(name, _) => (*name, false),
                ExprKind::Attribute { attribute, .. } => (*attribute, true),
                _ => return,
            };
            said.entry(name).or_default().push(Said {
                at: expr.range.start,
                as_attribute,
            });
        });
    };
    for function in &module.functions {
        headers(function).for_each(&mut note);
    }
    for class in &module.classes {
        class.decorators.iter().for_each(&mut note);
        for argument in &class.arguments {
            note(&argument.value);
        }
    }
    each_block(module, &mut |block| {
        for stmt in block {
            visit::direct_expressions(stmt, &mut note);
        }
    });
    said
}

/// The expressions that run when a function is defined.
fn headers(function: &Function) -> impl Iterator<Item = &Expr> {
    let parameters = function.params.iter();
    let defaults = parameters.flat_map(|own| own.default.iter().chain(&own.annotation));
    let decorators = function.decorators.iter();
    decorators.chain(defaults).chain(&function.returns)
}

/// Calls `visit` with every block of a module: its own, those of functions and classes, and those inside of statements.
fn each_block(module: &Module, visit: &mut dyn FnMut(&[Stmt])) {
    let functions = module.functions.iter().map(|function| &function.body);
    let classes = module.classes.iter().map(|class| &class.body);
    let own = std::iter::once(&module.body);
    for body in own.chain(functions).chain(classes) {
        below(body, visit);
    }
}

fn below(block: &[Stmt], visit: &mut dyn FnMut(&[Stmt])) {
    visit(block);
    for stmt in block {
        for inner in visit::blocks(stmt) {
            below(inner, visit);
        }
    }
}
