//! Functions that put something into the variables of a frame: their caller's, as a rule.

use rustc_hash::FxHashSet;

use crate::syntax::ir::{Constant, Expr, ExprKind, Function, StmtKind, Var};
use crate::syntax::visit;

use super::code::each_target;

/// The variables of some frame: at the top level of a module they are the module's own (`sys._getframe(1).f_locals`).
fn is_namespace_of_frame(expr: &Expr, called: &str) -> bool {
    matches!(&expr.kind, ExprKind::Attribute { attribute, .. } if attribute.as_str() == called)
}

/// Whether a subscript asks the variables of a frame's module for one name that is written out.
pub(super) fn is_one_global_of_frame(namespace: &Expr, index: &Expr) -> bool {
    is_namespace_of_frame(namespace, "f_globals")
        && matches!(index.kind, ExprKind::Constant(Constant::Str(_)))
}

/// Whether a function puts something into the variables of a frame, `called` `f_locals` or `f_globals`: at the place, or through a variable that it gives them to.
pub(super) fn fills_frame(function: &Function, called: &str) -> bool {
    let mut slots = FxHashSet::default();
    let mut fills = false;
    visit::statements(&function.body, &mut |stmt| {
        if let StmtKind::Assign { targets, value } = &stmt.kind
            && is_namespace_of_frame(value, called)
        {
            slots.extend(targets.iter().filter_map(|target| match target.kind {
                ExprKind::Name(_, Var::Local(slot)) => Some(slot),
                _ => None,
            }));
        }
        let is_it = |base: &Expr| match base.kind {
            ExprKind::Name(_, Var::Local(slot)) => slots.contains(&slot),
            _ => is_namespace_of_frame(base, called),
        };
        each_target(stmt, &mut |target| {
            if let ExprKind::Subscript { value, .. } = &target.kind {
                fills |= is_it(value);
            }
        });
        visit::direct_expressions(stmt, &mut |direct| {
            if let ExprKind::Call(call) = &direct.kind
                && let ExprKind::Attribute {
                    value, attribute, ..
                } = &call.function.kind
            {
                fills |= matches!(attribute.as_str(), "update" | "setdefault") && is_it(value);
            }
        });
    });
    fills
}
