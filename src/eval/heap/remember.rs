//! Dicts in which a function remembers what it worked out: `cache[key] = value`, where the key alone decides the value.
//!
//! A caller of whom nothing is known stores some value under some key. Taken for itself, that may be any value under any key;
//! where the key decides the value, it is no other one than the callers of that very key store.

use rustc_hash::FxHashSet;

use crate::syntax::ir::{Expr, ExprKind, Function, Range, Slot, Stmt, StmtKind, Var};
use crate::syntax::visit;

use crate::eval::Evaluator;
use crate::eval::domain::value::{ContextId, FunctionRef};
use crate::eval::interpreter::frame::{Frame, Owner};

/// An assignment whose key decides its value: where it stands.
pub type Site = (FunctionRef, u32);

/// What a local variable may be assigned.
struct Binding<'p> {
    slots: Vec<Slot>,
    /// What the value is made of; none: that cannot be told.
    from: Option<Vec<&'p Expr>>,
}

impl<'p> Evaluator<'p> {
    /// The assignment to `target`, an item of a dict, if its key decides its value.
    pub fn remembering_site(&mut self, frame: &Frame<'p>, target: &'p Expr) -> Option<Site> {
        let Owner::Function(function) = frame.owner else {
            return None;
        };
        let reference = self.contexts[frame.context.0 as usize].function?;
        let site = (reference, target.range.start);
        let remembers = *self
            .remembering
            .entry(site)
            .or_insert_with(|| key_decides(function, target));
        remembers.then_some(site)
    }
}

impl Evaluator<'_> {
    /// Whether the function that runs remembers values itself: what is not there, it works out, and what it cannot work out is never there.
    pub fn remembers(&mut self, context: ContextId) -> bool {
        let context = &self.contexts[context.0 as usize];
        let (Owner::Function(function), Some(reference)) = (context.owner, context.function) else {
            return false;
        };
        *self
            .rememberers
            .entry(reference)
            .or_insert_with(|| has_remembering_site(function))
    }
}

fn has_remembering_site(function: &Function) -> bool {
    let mut found = false;
    visit::statements(&function.body, &mut |stmt| {
        if let StmtKind::Assign { targets, .. } = &stmt.kind {
            found |= targets.iter().any(|target| key_decides(function, target));
        }
    });
    found
}

/// Whether the value that is assigned to `target`, an item, rests on no parameter but those that its key is made of.
fn key_decides(function: &Function, target: &Expr) -> bool {
    let ExprKind::Subscript { index, .. } = &target.kind else {
        return false;
    };
    let Some(value) = assigned_to(function, target.range) else {
        return false;
    };
    let mut bindings = Vec::new();
    collect(&function.body, &mut Vec::new(), &mut bindings);
    let rests_on = |expr: &Expr| closure(function, &bindings, expr);
    match (rests_on(index), rests_on(value)) {
        (Some(key), Some(value)) => value.is_subset(&key),
        _ => false,
    }
}

/// The value of the assignment with this target.
fn assigned_to(function: &Function, target: Range) -> Option<&Expr> {
    let mut found = None;
    visit::statements(&function.body, &mut |stmt| {
        if let StmtKind::Assign { targets, value } = &stmt.kind
            && targets.iter().any(|known| known.range == target)
        {
            found = Some(value);
        }
    });
    found
}

/// The parameters that an expression rests on, through the variables that it is made of. None if that cannot be told.
fn closure(function: &Function, bindings: &[Binding], expr: &Expr) -> Option<FxHashSet<Slot>> {
    let mut known = FxHashSet::default();
    let mut pending = locals(expr)?;
    while let Some(slot) = pending.pop() {
        if !known.insert(slot) {
            continue;
        }
        for binding in bindings
            .iter()
            .filter(|binding| binding.slots.contains(&slot))
        {
            for expr in binding.from.as_ref()? {
                pending.extend(locals(expr)?);
            }
        }
    }
    known.retain(|slot| (slot.0 as usize) < function.params.len());
    Some(known)
}

/// The local variables in an expression. None if it has parts whose variables are not the function's own.
fn locals(expr: &Expr) -> Option<Vec<Slot>> {
    let mut found = Some(Vec::new());
    visit::expressions(expr, &mut |expr| match expr.kind {
        ExprKind::Name(_, Var::Local(slot)) => {
            if let Some(found) = &mut found {
                found.push(slot);
            }
        }
        ExprKind::Name(_, Var::Free { .. } | Var::Hidden { .. })
        | ExprKind::Walrus { .. }
        | ExprKind::Lambda(_)
        | ExprKind::Unknown => found = None,
        _ => {}
    });
    found
}

/// Every assignment to local variables, with the tests that it stands under.
fn collect<'p>(body: &'p [Stmt], around: &mut Vec<&'p Expr>, found: &mut Vec<Binding<'p>>) {
    for stmt in body {
        let depth = around.len();
        match &stmt.kind {
            StmtKind::Assign { targets, value } => {
                for target in targets {
                    bind(target, Some(value), around, found);
                }
            }
            StmtKind::AnnAssign {
                target,
                value: Some(value),
                ..
            }
            | StmtKind::AugAssign { target, value, .. } => bind(target, Some(value), around, found),
            StmtKind::Import(import) => bind_var(import.var, Some(around.clone()), found),
            StmtKind::ImportFrom(import) => {
                for name in &import.names {
                    bind_var(name.var, Some(around.clone()), found);
                }
            }
            StmtKind::FunctionDef { var, .. } | StmtKind::ClassDef { var, .. } => {
                bind_var(*var, None, found);
            }
            StmtKind::If { branches, .. } => {
                around.extend(branches.iter().map(|branch| &branch.test));
            }
            StmtKind::While { test, .. } => around.push(test),
            StmtKind::For { target, iter, .. } => {
                bind(target, Some(iter), around, found);
                around.push(iter);
            }
            StmtKind::With { items, .. } => {
                for target in items.iter().filter_map(|item| item.target.as_ref()) {
                    bind(target, None, around, found);
                }
            }
            StmtKind::Try { handlers, .. } => {
                for var in handlers.iter().filter_map(|handler| handler.var) {
                    bind_var(var, None, found);
                }
            }
            StmtKind::Match { cases, .. } => {
                // What a pattern captures is a part of the subject.
                visit::direct_expressions(stmt, &mut |expr| around.push(expr));
                for case in cases {
                    visit::captures(&case.pattern, &mut |var| {
                        bind_var(var, Some(around.clone()), found);
                    });
                }
            }
            _ => {}
        }
        for block in visit::blocks(stmt) {
            collect(block, around, found);
        }
        around.truncate(depth);
    }
}

fn bind<'p>(
    target: &'p Expr,
    value: Option<&'p Expr>,
    around: &[&'p Expr],
    found: &mut Vec<Binding<'p>>,
) {
    let mut slots = Vec::new();
    visit::expressions(target, &mut |expr| {
        if let ExprKind::Name(_, Var::Local(slot)) = expr.kind {
            slots.push(slot);
        }
    });
    // Changing an item or attribute of a variable is no new value for it: what it holds is followed elsewhere.
    if matches!(
        target.kind,
        ExprKind::Subscript { .. } | ExprKind::Attribute { .. }
    ) {
        return;
    }
    let from = value.map(|value| around.iter().copied().chain([value]).collect());
    found.push(Binding { slots, from });
}

fn bind_var<'p>(var: Var, from: Option<Vec<&'p Expr>>, found: &mut Vec<Binding<'p>>) {
    if let Var::Local(slot) = var {
        found.push(Binding {
            slots: vec![slot],
            from,
        });
    }
}
