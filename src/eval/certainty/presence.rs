//! Tests that ask the thing which lacks an attribute for another one: `getattr(self.store, "flush", None) or self.store.flush_all`.
//!
//! Whoever asks so takes whichever the installed version has, and what is known of the class is that of one version (DESIGN 3a.5). Where the class of the thing
//! answers the question, the test is decided, and nothing is asked here.

use crate::eval::Evaluator;
use crate::eval::blame::ways::Ways;
use crate::eval::domain::value::ContextId;
use crate::eval::exceptions::recovery::same;
use crate::eval::interpreter::frame::LocalFailure;
use crate::facts::FailureKind;
use crate::syntax::ir::{Expr, ExprKind, Var};
use crate::syntax::visit;

impl<'p> Evaluator<'p> {
    /// Whether an undecided test around a missing attribute asks the same thing for another attribute, itself or by a variable that holds the answer.
    pub(super) fn asks_for_another(
        &self,
        ways: &Ways<'p>,
        context: ContextId,
        (failure, failing): (&LocalFailure<'p>, Option<&'p Expr>),
    ) -> bool {
        let (FailureKind::MissingAttribute, Some(ExprKind::Attribute { value, .. })) =
            (failure.kind, failing.map(|expr| &expr.kind))
        else {
            return false;
        };
        let open = self.open_tests(ways, context, failure.range);
        if open.all.is_empty() {
            return false;
        }
        let flow = ways.flows.borrow_mut().of(self.body_of(context));
        let asks = |test: &Expr| {
            let mut found = false;
            visit::expressions(test, &mut |expr| {
                found |= is_question(expr, value);
                if let ExprKind::Name(_, Var::Local(slot)) = expr.kind {
                    let mut answers = flow.writes(slot).iter().flat_map(|write| &write.values);
                    found |= answers.any(|answer| is_question(answer, value));
                }
            });
            found
        };
        let mut parts = open.all.iter().flat_map(|open| &open.parts);
        parts.any(|part| asks(part))
    }
}

/// `hasattr(thing, …)`, `getattr(thing, …, …)`.
fn is_question(expr: &Expr, thing: &Expr) -> bool {
    let ExprKind::Call(call) = &expr.kind else {
        return false;
    };
    let ExprKind::Name(name, Var::Global(_)) = call.function.kind else {
        return false;
    };
    let is_asked = match name.as_str() {
        "hasattr" => true,
        "getattr" => call.arguments.len() == 3,
        _ => false,
    };
    let first = call.arguments.first();
    is_asked && first.is_some_and(|first| same(&first.value, thing))
}
