//! Variables that a function sets to one truth value and to nothing else: `found = True` in a loop, and `return found` behind it.
//!
//! If such a variable were always bound, to read it would tell nothing. Who reads it counts on another value where no way came by that statement, and there it is unbound.

use crate::syntax::ir::{Constant, Expr, ExprKind, Range, Slot, Stmt, StmtKind, Var};
use crate::syntax::visit;

/// The first of the statements that bind a variable, if all of them set it to the same truth value.
pub(super) fn flag_set_by(body: &[Stmt], slot: Slot) -> Option<Range> {
    let mut first = None;
    let mut only = None;
    let mut is_flag = true;
    visit::statements(body, &mut |stmt| {
        let set = match &stmt.kind {
            StmtKind::Assign { targets, value } => match (targets.as_slice(), &value.kind) {
                ([target], ExprKind::Constant(Constant::Bool(value))) if is_it(target, slot) => {
                    Some(*value)
                }
                _ => None,
            },
            _ => None,
        };
        match set {
            Some(value) => {
                first = first.or(Some(stmt.range));
                is_flag &= only.is_none_or(|only| only == value);
                only = Some(value);
            }
            None => is_flag &= !binds(stmt, slot),
        }
    });
    first.filter(|_| is_flag)
}

const fn is_it(expr: &Expr, slot: Slot) -> bool {
    matches!(expr.kind, ExprKind::Name(_, Var::Local(found)) if found.0 == slot.0)
}

/// Whether a statement by itself binds, or deletes, a variable; what it reads is taken for bound as well where one cannot tell them apart.
pub(super) fn binds(stmt: &Stmt, slot: Slot) -> bool {
    let is_local = |var: &Var| matches!(var, Var::Local(found) if *found == slot);
    let mut found = match &stmt.kind {
        StmtKind::Import(import) => is_local(&import.var),
        StmtKind::ImportFrom(import) => {
            import.star || import.names.iter().any(|name| is_local(&name.var))
        }
        StmtKind::FunctionDef { var, .. } | StmtKind::ClassDef { var, .. } => is_local(var),
        StmtKind::Try { handlers, .. } => {
            let mut vars = handlers.iter().filter_map(|handler| handler.var.as_ref());
            vars.any(is_local)
        }
        StmtKind::Match { cases, .. } => {
            let mut is_captured = false;
            for case in cases {
                visit::captures(&case.pattern, &mut |var| is_captured |= is_local(&var));
            }
            is_captured
        }
        _ => false,
    };
    let mut among = |target: &Expr| {
        visit::expressions(target, &mut |part| found |= is_it(part, slot));
    };
    match &stmt.kind {
        StmtKind::Assign { targets, .. } => targets.iter().for_each(&mut among),
        StmtKind::AnnAssign { target, .. }
        | StmtKind::AugAssign { target, .. }
        | StmtKind::For { target, .. } => among(target),
        StmtKind::With { items, .. } => {
            items
                .iter()
                .filter_map(|item| item.target.as_ref())
                .for_each(&mut among);
        }
        StmtKind::Delete(targets) => targets.iter().for_each(&mut among),
        _ => {}
    }
    visit::direct_expressions(stmt, &mut |direct| {
        visit::expressions(direct, &mut |expr| {
            if let ExprKind::Walrus { var, .. } = &expr.kind {
                found |= is_local(var);
            }
        });
    });
    found
}
