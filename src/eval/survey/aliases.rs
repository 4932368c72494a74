//! Containers that a function changes by a name of its own.

use rustc_hash::FxHashMap;

use crate::name::Name;
use crate::syntax::ir::{Expr, ExprKind, Slot, StmtKind, Var};
use crate::syntax::visit::{self, Parts};

use super::{Survey, shared_tail, targets};
use crate::python::mutators::is_mutator;

impl Survey {
    /// `table = self.table` and then `table[key] = value`: the attribute's container is changed by another name.
    pub(super) fn aliased_changes(&mut self, parts: &Parts<'_>) {
        let mut aliases: FxHashMap<Slot, (Name, bool)> = FxHashMap::default();
        parts.statements.iter().for_each(|stmt| {
            let (targets, value) = match &stmt.kind {
                StmtKind::Assign { targets, value } => (targets.as_slice(), value),
                StmtKind::For { target, iter, .. } => (std::slice::from_ref(target), iter),
                _ => return,
            };
            // An item is another object than the container.
            let is_inner =
                matches!(stmt.kind, StmtKind::For { .. }) || shared_tail(value).is_none();
            let Some(tail) = tail_of_part(value) else {
                return;
            };
            for target in targets {
                visit::expressions(target, &mut |target| {
                    if let ExprKind::Name(_, Var::Local(slot)) = target.kind {
                        let known = aliases.entry(slot).or_insert((tail, is_inner));
                        if known.1 {
                            *known = (tail, is_inner);
                        }
                    }
                });
            }
        });
        if aliases.is_empty() {
            return;
        }
        let mut changed: Vec<((Name, bool), bool)> = Vec::new();
        let mut note = |base: &Expr, adds: bool| {
            if let ExprKind::Name(_, Var::Local(slot)) = base.kind {
                changed.extend(aliases.get(&slot).map(|&alias| (alias, adds)));
            }
        };
        parts.statements.iter().for_each(|stmt| {
            for target in targets(stmt) {
                if let ExprKind::Subscript { value, .. } = &target.kind {
                    note(value, false);
                }
            }
        });
        parts.expressions.iter().for_each(|expr| {
            if let ExprKind::Call(call) = &expr.kind
                && let ExprKind::Attribute {
                    value, attribute, ..
                } = &call.function.kind
                && is_mutator(attribute)
            {
                note(value, matches!(attribute.as_str(), "append" | "add"));
            }
        });
        for ((name, is_inner), adds) in changed {
            let mutation = self.mutations.entry(name).or_default();
            mutation.adds |= is_inner && adds;
            mutation.inner |= is_inner && !adds;
            mutation.arbitrary |= !is_inner;
        }
    }
}

/// The last part of the name by which code reaches a container, of an expression that may give what is in it: `table[key]`, `table.get(key)`, `table.values()`.
pub(super) fn tail_of_part(expr: &Expr) -> Option<Name> {
    match &expr.kind {
        ExprKind::Call(call) => match &call.function.kind {
            ExprKind::Attribute {
                value, attribute, ..
            } if matches!(
                attribute.as_str(),
                "get" | "setdefault" | "pop" | "values" | "items"
            ) =>
            {
                shared_tail(value)
            }
            // `list(table.values())`
            ExprKind::Name(..) => call
                .arguments
                .first()
                .and_then(|argument| tail_of_part(&argument.value)),
            _ => None,
        },
        _ => shared_tail(expr),
    }
}
