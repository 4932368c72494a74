//! A module's own `__getattr__` (PEP 562), which keeps what it gives.

use crate::syntax::ir::{Expr, ExprKind, Function, Parent, Stmt, StmtKind, Var};
use crate::syntax::visit;

use crate::eval::survey::patches::is_namespace_of_module;
use crate::eval::survey::targets as targets_of;

/// Whether a statement of a module's `__getattr__` only keeps what that gives, under the name that it was asked for: `globals()[name] = value`, and then
/// `return value`. That puts nothing in the place of what is there: for a name that the module has, nobody asks the function.
pub(super) fn keeps_answer(function: &Function, stmt: &Stmt) -> bool {
    let StmtKind::Assign { targets, value } = &stmt.kind else {
        return false;
    };
    let (true, [target], [asked, ..]) = (
        function.parent == Parent::Module && function.name.as_str() == "__getattr__",
        targets.as_slice(),
        function.params.as_slice(),
    ) else {
        return false;
    };
    let ExprKind::Subscript { value: base, index } = &target.kind else {
        return false;
    };
    let ExprKind::Name(_, Var::Local(answer)) = value.kind else {
        return false;
    };
    let is_asked = matches!(index.kind, ExprKind::Name(name, Var::Local(_)) if name == asked.name);
    is_namespace_of_module(base)
        && is_asked
        && {
            let is_answer = |expr: &Expr| matches!(expr.kind, ExprKind::Name(_, Var::Local(slot)) if slot == answer);
            let (mut gives, mut is_changed) = (false, false);
            visit::statements(&function.body, &mut |other| match &other.kind {
                StmtKind::Return(Some(given)) => gives |= is_answer(given),
                // What it gives is no longer what it kept.
                _ if other.range.start > stmt.range.start => {
                    is_changed |= targets_of(other).into_iter().any(is_answer);
                }
                _ => {}
            });
            gives && !is_changed
        }
}
