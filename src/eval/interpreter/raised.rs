//! What a `raise` raises: a value that is no exception is a `TypeError` of its own (the language reference, "The raise statement").

use crate::eval::Evaluator;
use crate::eval::domain::value::{Kind, Value};
use crate::eval::interpreter::frame::Frame;
use crate::eval::interpreter::operation::Wrong;
use crate::facts::FailureKind;
use crate::syntax::ir::Expr;

impl<'p> Evaluator<'p> {
    /// `raise exception`, where the expression gives `value`: a failure, if that is of a builtin type that no exception is of.
    pub fn check_raised(&mut self, frame: &mut Frame<'p>, exception: &'p Expr, value: Value) {
        if !self.judges_operations(frame) {
            return;
        }
        let Some((_, name)) = self.kind_that_fails(frame, value, &[], is_no_exception) else {
            return;
        };
        let wrong = Wrong {
            kind: FailureKind::InvalidOperation,
            exception: String::from("TypeError: exceptions must derive from BaseException"),
            subject: &name,
            note: "raises it",
        };
        let told = frame.failures.len();
        self.wrong_operation(frame, exception.range, wrong);
        for failure in &mut frame.failures[told..] {
            failure.by_type = Some(exception);
        }
    }
}

const fn is_no_exception(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Str
            | Kind::Bytes
            | Kind::Int
            | Kind::Float
            | Kind::Bool
            | Kind::NoneType
            | Kind::Tuple
            | Kind::List
            | Kind::Dict
            | Kind::Set
    )
}
