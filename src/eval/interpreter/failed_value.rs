//! Values that an operation failed for: one cause is one finding.
//!
//! `args.small` of None raises, and what stands behind it is never reached with that None: nothing more is told of it there. Where another way joins, on which
//! nothing has failed yet, the value is what it was. What a class or a module lacks is told name by name: each of them is a mistake of its own.

use crate::eval::Evaluator;
use crate::eval::domain::kind::Kind;
use crate::eval::domain::value::Value;
use crate::eval::interpreter::frame::{Frame, LocalFailure, Owner};
use crate::eval::interpreter::place::Place;
use crate::facts::Confidence;
use crate::syntax::ir::Expr;

impl<'p> Evaluator<'p> {
    /// `value`, which `expr` reads, is left behind if it is of a builtin type and an operation on it certainly failed: `before` failures were known before that.
    pub fn leave_failed(
        &mut self,
        frame: &mut Frame<'p>,
        expr: &'p Expr,
        value: Value,
        before: usize,
    ) {
        let is_sure = |failed: &LocalFailure<'_>| failed.confidence == Confidence::Must;
        if !frame.failures.iter().skip(before).any(is_sure)
            || !matches!(frame.owner, Owner::Function(_))
            || !self
                .values
                .plain_kind(value)
                .is_some_and(|kind| kind.is_data() || kind == Kind::NoneType)
        {
            return;
        }
        match self.place_of(frame, expr) {
            Some(Place::Slot(slot)) if frame.scope.slots[slot.0 as usize].is_plain() => {
                frame.state.set_slot(slot, Value::FAILED);
            }
            Some(path @ Place::Path(_)) => self.set_refined(frame, path, Value::UNKNOWN),
            _ => {}
        }
    }
}
