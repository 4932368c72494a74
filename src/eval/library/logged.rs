//! Messages of `logging` against what they are formatted with: `logger.error("%s of %s", name)`.
//!
//! The library prints the failure to standard error and goes on (the library reference, `logging.Handler.handleError`), so that the message is lost: a warning.

use crate::eval::Evaluator;
use crate::eval::calls::arguments::Actual;
use crate::eval::calls::call::Site;
use crate::eval::domain::kind::Kind;
use crate::eval::domain::value::{Data, Value};
use crate::eval::interpreter::frame::{Frame, LocalFailure};
use crate::eval::library::instances::LOGGER;
use crate::facts::{Confidence, FailureKind, May};
use crate::name::Name;
use crate::syntax::ir::{Argument, ArgumentKind, Constant, Expr, ExprKind, Range, Var};
use crate::syntax::visit;

/// Functions of `logging`, and methods of loggers, that take a message and what it is formatted with.
const METHODS: &[&str] = &[
    "critical",
    "debug",
    "error",
    "exception",
    "fatal",
    "info",
    "warn",
    "warning",
];

/// Which argument is the message.
fn message_at(name: &str) -> Option<usize> {
    let (owner, method) = name.rsplit_once('.')?;
    if !matches!(owner, "logging" | LOGGER | "logging.root") {
        return None;
    }
    match method {
        "log" => Some(1),
        _ => METHODS.contains(&method).then_some(0),
    }
}

/// Whether a function is one of these.
#[must_use]
pub fn is_listed(name: &str) -> bool {
    name.starts_with("logging.") && message_at(name).is_some()
}

impl<'p> Evaluator<'p> {
    /// `logger.error(message, *given)`: worth a warning, if the message cannot be formatted with so many.
    pub fn check_logged(
        &mut self,
        frame: &mut Frame<'p>,
        site: &Site<'p>,
        name: &str,
        actual: &Actual,
    ) {
        let Some(at) = message_at(name) else {
            return;
        };
        let Some((&message, given)) = actual.positionals.get(at..).and_then(<[_]>::split_first)
        else {
            return;
        };
        let Data::Str(text) = *self.data(message) else {
            return;
        };
        // Without anything to format it with, a message is what it is.
        if self.is_graph() || !frame.state.live || actual.more_positionals || given.is_empty() {
            return;
        }
        // One dict is what `%(name)s` takes its values from.
        if let &[only] = given
            && (text.contains("%(") || self.exact_kind(frame, only) == Some(Kind::Dict))
        {
            return;
        }
        self.check_message(frame, text, given.len(), site.range);
    }

    /// `self.log.error("%s of %s", name)`, where it is not known what is called: who takes a message with conversions, and values beside it, formats the one with the
    /// others.
    pub fn check_likely_logged(&mut self, frame: &mut Frame<'p>, expr: &'p Expr, value: Value) {
        let ExprKind::Call(call) = &expr.kind else {
            return;
        };
        let ExprKind::Attribute { attribute, .. } = &call.function.kind else {
            return;
        };
        let [first, given @ ..] = call.arguments.as_slice() else {
            return;
        };
        let ExprKind::Constant(Constant::Str(text)) = first.value.kind else {
            return;
        };
        let is_plain = |argument: &Argument| argument.kind == ArgumentKind::Positional;
        if self.is_graph()
            || !frame.state.live
            || !METHODS.contains(&attribute.as_str())
            || given.is_empty()
            || !call.arguments.iter().all(is_plain)
            || text.contains("%(")
            || value != Value::UNKNOWN && !self.values.is_open(value)
            || !self.may_be_logged(frame, &call.function)
        {
            return;
        }
        // A message without conversions may be one that something else is done with, unless the same object formats others.
        let nothing = self.values.tuple(Vec::new());
        if self.percent_error(frame, text.as_str(), nothing).is_some()
            || !text.contains('{') && self.formats_others(frame, &call.function)
        {
            self.check_message(frame, text, given.len(), expr.range);
        }
    }

    /// Whether it is not known what is called, but for a logger's method that it may be.
    fn may_be_logged(&mut self, frame: &mut Frame<'p>, function: &'p Expr) -> bool {
        let function = self.peek(frame, function);
        let alternatives = self.values.alternatives(function);
        alternatives.contains(&Value::UNKNOWN)
            && alternatives.iter().all(|&value| match self.data(value) {
                Data::External(name) => message_at(name).is_some(),
                Data::Unknown => true,
                _ => false,
            })
    }

    /// Whether the object that a method is called on by its name is handed messages with conversions elsewhere in the file, and just as many values.
    fn formats_others(&mut self, frame: &Frame<'p>, function: &Expr) -> bool {
        let ExprKind::Attribute { value, .. } = &function.kind else {
            return false;
        };
        let ExprKind::Name(name, Var::Global(_)) = value.kind else {
            return false;
        };
        let mut handed = Vec::new();
        for function in &frame.ir.functions {
            visit::all_expressions(&function.body, &mut |expr| {
                handed.extend(message_handed_to(name, expr));
            });
        }
        // Others make their messages by `str.format`, and a per cent sign is one.
        !handed.iter().any(|(text, _)| text.contains('{'))
            && handed.into_iter().any(|(text, given)| {
                let given = self.values.tuple(vec![Value::UNKNOWN; given]);
                self.percent_error(frame, text.as_str(), given).is_none()
            })
    }

    /// How many values there are is certain. What each of them is may be what a test made sure of.
    fn check_message(&mut self, frame: &mut Frame<'p>, text: Name, given: usize, range: Range) {
        let given = self.values.tuple(vec![Value::UNKNOWN; given]);
        let Some(exception) = self.percent_error(frame, text.as_str(), given) else {
            return;
        };
        frame.failures.push(LocalFailure {
            confidence: Confidence::May,
            exception: Some(exception),
            doubt: Some(May::Printed),
            ..LocalFailure::at(
                FailureKind::FormatMismatch,
                Name::new("format"),
                range,
                "formats",
            )
        });
    }
}

/// The message with conversions that a call hands to a method of a variable of the module, and the number of values beside it.
fn message_handed_to(variable: Name, expr: &Expr) -> Option<(Name, usize)> {
    let ExprKind::Call(call) = &expr.kind else {
        return None;
    };
    let ExprKind::Attribute {
        value, attribute, ..
    } = &call.function.kind
    else {
        return None;
    };
    let [first, given @ ..] = call.arguments.as_slice() else {
        return None;
    };
    let is_it = matches!(value.kind, ExprKind::Name(name, Var::Global(_)) if name == variable);
    match first.value.kind {
        ExprKind::Constant(Constant::Str(text))
            if is_it
                && METHODS.contains(&attribute.as_str())
                && (text.contains('%') || text.contains('{'))
                && !given.is_empty() =>
        {
            Some((text, given.len()))
        }
        _ => None,
    }
}
