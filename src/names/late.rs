//! Tests for None that come too late: `item = find(key)`, `name = item.name`, and then `if item is None`.
//!
//! Whoever asks counts on None. Nothing between the two binds the variable, so that where the test holds what stands before it has failed already.

use super::flags::binds;
use super::unheeded::{Inside, Unheeded, asked_by};
use crate::syntax::ir::{Constant, ExprKind, Function, ParameterKind, Slot, Stmt, StmtKind, Var};
use crate::syntax::visit;

impl Inside<'_> {
    /// Adds what a function reads of variables that it asks for None only behind that.
    pub(super) fn asked_late(&self, function: &Function, found: &mut Vec<Unheeded>) {
        let is_optional = |slot: Slot| {
            let param = function.params.get(slot.0 as usize);
            param.is_some_and(|param| {
                let default = param.default.as_ref();
                !matches!(
                    param.kind,
                    ParameterKind::VarPositional | ParameterKind::VarKeyword
                ) && default.is_some_and(|default| {
                    matches!(default.kind, ExprKind::Constant(Constant::None))
                })
            })
        };
        self.late_in(&function.body, &is_optional, found);
    }

    /// The same of a block. `is_optional`: whether a variable may be None as the block begins.
    fn late_in(
        &self,
        body: &[Stmt],
        is_optional: &dyn Fn(Slot) -> bool,
        found: &mut Vec<Unheeded>,
    ) {
        for (at, stmt) in body.iter().enumerate() {
            for block in visit::blocks(stmt) {
                self.late_in(block, &|_| false, found);
            }
            let StmtKind::If { branches, .. } = &stmt.kind else {
                continue;
            };
            let Some(asked) = branches.first().and_then(|branch| asked_by(&branch.test)) else {
                continue;
            };
            let slot = asked.slot;
            if asked.is_truth || self.scope.slots[slot.0 as usize].assigned_inside {
                continue;
            }
            let mut before = body[..at].iter();
            let first = match before.rposition(|stmt| binds_within(stmt, slot)) {
                Some(bound) if is_made_by_call(&body[bound], slot) => bound + 1,
                None if is_optional(slot) => 0,
                _ => continue,
            };
            let read = self.read_behind(&body[first..at], slot);
            found.extend(read.map(|at| Unheeded {
                at,
                is_truth: false,
                asks: stmt.range,
                is_late: true,
            }));
        }
    }
}

/// Whether a statement, or one inside, binds a variable.
fn binds_within(stmt: &Stmt, slot: Slot) -> bool {
    let mut found = false;
    visit::statements(std::slice::from_ref(stmt), &mut |stmt| {
        found |= binds(stmt, slot);
    });
    found
}

/// Whether a statement binds a variable, and no other, to what a call gives.
fn is_made_by_call(stmt: &Stmt, slot: Slot) -> bool {
    let StmtKind::Assign { targets, value } = &stmt.kind else {
        return false;
    };
    let made = match &value.kind {
        ExprKind::Await(inner) => inner,
        _ => value,
    };
    matches!(targets.as_slice(), [target] if matches!(target.kind, ExprKind::Name(_, Var::Local(bound)) if bound == slot))
        && matches!(made.kind, ExprKind::Call(_))
}
