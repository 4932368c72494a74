//! Tests on a needed value whose answer is the same for one that works and one that does not.
//!
//! `if names: names.split(",")` keeps None away, and no list. Such a failure is still a *may*, as somebody may know more of the values, but worth a warning.

use crate::eval::Evaluator;
use crate::eval::domain::value::ContextId;
use crate::eval::interpreter::frame::{LocalFailure, Owner};
use crate::facts::FailureKind;
use crate::syntax::ir::{Comparison, Constant, Expr, ExprKind, Parent, Slot, Var};
use crate::syntax::visit;

impl<'p> Evaluator<'p> {
    /// Whether a test, which looks at a value that makes something fail, does not tell it from one that works.
    pub(super) fn tells_nothing(
        &self,
        context: ContextId,
        test: &'p Expr,
        failure: &LocalFailure<'p>,
    ) -> bool {
        tells_no_type(test) && fails_by_type(failure) || self.asks_receiver(context, test, failure)
    }

    /// Whether a test asks attributes of a method's `self`, where the failure is that `self` has no such attribute or method, or that the method does not take what it is
    /// passed: what `self` holds does not change what its class is.
    fn asks_receiver(
        &self,
        context: ContextId,
        test: &'p Expr,
        failure: &LocalFailure<'p>,
    ) -> bool {
        let here = &self.contexts[context.0 as usize];
        let is_own = |own: &LocalFailure<'_>| {
            (own.kind, own.range, own.subject) == (failure.kind, failure.range, failure.subject)
        };
        let is_of_class = matches!(
            failure.kind,
            FailureKind::MissingArgument
                | FailureKind::TooManyPositionals
                | FailureKind::UnexpectedKeyword
                | FailureKind::MultipleValues
                | FailureKind::MissingAttribute
                | FailureKind::NotCallable
                | FailureKind::NotAwaited
                | FailureKind::InvalidOperation
        );
        let is_method = match here.owner {
            Owner::Function(function) => matches!(function.parent, Parent::Class(_)),
            _ => false,
        };
        if !is_of_class || !is_method || !here.failures.iter().any(is_own) {
            return false;
        }
        let (mut bare, mut through) = (0, 0);
        visit::expressions(test, &mut |part| match &part.kind {
            ExprKind::Attribute { value, .. } if is_receiver(value) => through += 1,
            ExprKind::Name(..) if is_receiver(part) => bare += 1,
            _ => {}
        });
        if bare != through {
            return false;
        }
        let failing = match failure.call {
            Some(call) => Some(&call.function),
            None => self.expression_at(context, failure.range),
        };
        failing.is_some_and(is_of_receiver)
    }
}

/// Whether an expression is a method's first parameter.
const fn is_receiver(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Name(_, Var::Local(Slot(0))))
}

/// Whether an expression is a method's first parameter, an attribute of it, or what a method of it gives.
fn is_of_receiver(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Attribute { value, .. } => is_receiver(value),
        ExprKind::Await(inner) => match &inner.kind {
            ExprKind::Call(call) => is_of_receiver(&call.function),
            _ => false,
        },
        _ => is_receiver(expr),
    }
}

/// Whether a test asks no more of what it looks at than whether it is there: `if names`, `if names is not None`, `if "a" in options`. What comes of it is the same for a
/// value that works and for one of another type.
fn tells_no_type(test: &Expr) -> bool {
    match &test.kind {
        ExprKind::Name(..) => true,
        ExprKind::Attribute { value, .. } => tells_no_type(value),
        ExprKind::Subscript { value, index } => tells_no_type(value) && is_plain(index),
        ExprKind::Call(call) => match &call.function.kind {
            // How many there are, and whether there are any.
            ExprKind::Name(name, Var::Global(_)) if name.as_str() == "len" => {
                matches!(call.arguments.as_slice(), [only] if tells_no_type(&only.value))
            }
            ExprKind::Attribute {
                value, attribute, ..
            } => {
                call.arguments.is_empty()
                    && matches!(attribute.as_str(), "items" | "values" | "keys")
                    && tells_no_type(value)
            }
            _ => false,
        },
        ExprKind::Compare { left, rest } => match rest.as_slice() {
            [(_, right)] if is_plain(right) && matches!(left.kind, ExprKind::Call(_)) => {
                tells_no_type(left)
            }
            [(Comparison::Is | Comparison::IsNot, right)] => {
                tells_no_type(left) && matches!(right.kind, ExprKind::Constant(Constant::None))
            }
            [(Comparison::In | Comparison::NotIn, right)] => is_plain(left) && tells_no_type(right),
            _ => false,
        },
        _ => false,
    }
}

/// Whether what fails does so for the type of a value, and not for None, which any test for a value keeps away.
fn fails_by_type(failure: &LocalFailure<'_>) -> bool {
    let exception = failure.exception.as_deref().unwrap_or_default();
    let is_of_type = matches!(
        failure.kind,
        FailureKind::MissingAttribute
            | FailureKind::InvalidOperation
            | FailureKind::NotCallable
            | FailureKind::NotAwaited
    );
    is_of_type && !exception.contains("NoneType")
}

/// Whether an expression is a text or a number as it stands.
const fn is_plain(expr: &Expr) -> bool {
    matches!(
        expr.kind,
        ExprKind::Constant(Constant::Str(_) | Constant::Int(_) | Constant::Float(_))
    )
}
