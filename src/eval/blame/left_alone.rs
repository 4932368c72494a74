//! Calls that make a generator or a coroutine whose body then never runs (the reference, 6.2.9.1 and "Coroutine function definition").

use crate::eval::Evaluator;
use crate::eval::domain::value::ContextId;
use crate::eval::interpreter::frame::{Edge, Owner};
use crate::syntax::ir::{Call, Comparison, Expr, ExprKind, Stmt, StmtKind};
use crate::syntax::visit;

impl Evaluator<'_> {
    /// Whether what a call makes is dropped, compared, tested or yielded as it is: nothing of the function's body runs by this call.
    pub(super) fn is_left_alone(&self, caller: ContextId, edge: &Edge<'_>) -> bool {
        let (Owner::Function(function), Some(call)) =
            (&self.contexts[edge.callee.0 as usize].owner, edge.call)
        else {
            return false;
        };
        (function.is_generator || function.is_async)
            && function.decorators.is_empty()
            && is_left_alone(self.body_of(caller), call)
    }
}

fn is_left_alone(body: &[Stmt], call: &Call) -> bool {
    let is_it = |expr: &Expr| matches!(&expr.kind, ExprKind::Call(own) if std::ptr::eq(&raw const **own, call));
    let mut found = false;
    visit::statements(body, &mut |stmt| {
        found |= matches!(&stmt.kind, StmtKind::Expr(value) if is_it(value));
    });
    visit::all_expressions(body, &mut |expr| {
        found |= match &expr.kind {
            ExprKind::Compare { left, rest } => {
                let mut operands = rest.iter();
                is_it(left) || operands.any(|(op, right)| !goes_through(*op) && is_it(right))
            }
            ExprKind::Not(value) => is_it(value),
            ExprKind::Yield(Some(value)) => is_it(value),
            _ => false,
        };
    });
    found
}

/// Whether a comparison goes through the items of its right side.
const fn goes_through(op: Comparison) -> bool {
    matches!(op, Comparison::In | Comparison::NotIn)
}
