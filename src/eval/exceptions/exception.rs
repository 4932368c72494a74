//! `raise`, and what code expects to be raised where it hands something over.

use crate::facts::FailureKind;
use crate::name::Name;
use crate::syntax::ir::{Expr, ExprKind, Range, Stmt, StmtKind};

use crate::eval::Evaluator;
use crate::eval::domain::truth::Truth;
use crate::eval::domain::value::{Data, Value};
use crate::eval::domain::written::UNKNOWN_TEXT;
use crate::eval::exceptions::class::{ExceptionClass, NOT_IMPLEMENTED_ERROR};
use crate::eval::interpreter::frame::{Decision, Frame, LocalFailure};
use crate::eval::library::callbacks::enters_itself;

impl<'p> Evaluator<'p> {
    /// `raise`: a broken obligation, if what the caller passed led here for certain.
    pub fn raise(
        &mut self,
        frame: &mut Frame<'p>,
        stmt: &'p Stmt,
        exception: Option<&'p Expr>,
        cause: Option<&'p Expr>,
    ) {
        let value = exception.map(|exception| self.expression(frame, exception));
        if let (Some(exception), Some(value)) = (exception, value) {
            self.raised(frame, exception, value);
            self.check_raised(frame, exception, value);
        }
        if let Some(cause) = cause {
            self.expression(frame, cause);
        }
        let class = exception.and_then(|exception| self.raised_class(frame, exception));
        if let (Some(exception), Some(class)) = (exception, class) {
            frame.traps.raised.push((exception.range, class));
        }
        if let (Some(class), Some(decision), 0, 0) =
            (class, frame.decision, frame.uncertain, frame.introspected)
            && class != *NOT_IMPLEMENTED_ERROR
            && self.is_caught_here(frame, class) == Truth::False
        {
            let name = self.name_of(class);
            let exception = self.exception_text(frame, name, exception);
            frame.traps.raises.push((stmt.range, class));
            self.refused(frame, stmt, decision, exception);
        }
        match class {
            Some(class) => self.raises_here(frame, class),
            None => self.may_raise(frame),
        }
        frame.state.live = false;
    }

    /// The name of a class of exceptions, as a traceback begins its last line, without its module.
    fn name_of(&self, class: ExceptionClass) -> Name {
        match class {
            ExceptionClass::Tree { class, .. } => self.class(class).definition.name,
            ExceptionClass::External(name) => {
                Name::new(name.as_str().rsplit('.').next().unwrap_or_default())
            }
        }
    }

    fn refused(
        &mut self,
        frame: &mut Frame<'p>,
        stmt: &'p Stmt,
        decision: Decision,
        exception: String,
    ) {
        let (kind, subject) = match decision {
            Decision::Key(_, key) => (FailureKind::MissingKey, key),
            Decision::Parameter(slot) => {
                let argument = self.contexts[frame.context.0 as usize].arguments[slot.0 as usize];
                let Some(name) = self.key_name(argument) else {
                    return;
                };
                match self.data(argument) {
                    Data::Member { .. } => (FailureKind::UnknownInterface, name),
                    _ => (FailureKind::UnknownOperation, name),
                }
            }
        };
        // What a table's own keys lead to is no call that anybody wrote.
        frame.failures.push(LocalFailure {
            exception: Some(exception),
            blame: Self::blame_of(frame, decision),
            ..LocalFailure::at(kind, subject, stmt.range, "raises")
        });
    }

    /// The text of a `raise`; what is not known of it is `…`.
    fn exception_text(
        &mut self,
        frame: &mut Frame<'p>,
        name: Name,
        exception: Option<&'p Expr>,
    ) -> String {
        if let Some(ExprKind::Call(call)) = exception.map(|exception| &exception.kind)
            && let [argument] = call.arguments.as_slice()
        {
            let text = self.text_made_by(frame, &argument.value);
            // `str(KeyError('x'))` is the key's repr, whose quotes rest on all of it.
            return match (name.as_str(), text.contains(UNKNOWN_TEXT)) {
                ("KeyError", true) => format!("{name}: {UNKNOWN_TEXT}"),
                ("KeyError", false) => format!("{name}: {}", repr(&text)),
                _ => format!("{name}: {text}"),
            };
        }
        name.to_string()
    }

    /// What `with manager as x` binds.
    pub fn enter_context(
        &mut self,
        frame: &mut Frame<'p>,
        expr: &'p Expr,
        (manager, is_async): (Value, bool),
    ) -> Value {
        let method = if is_async { "__aenter__" } else { "__enter__" };
        match *self.data(manager) {
            Data::External(name) if enters_itself(&name) => manager,
            Data::Manager(_) => self.entered_value(manager).unwrap_or(Value::UNKNOWN),
            Data::Instance { .. } => match self
                .get_attribute(frame, manager, Name::new(method))
                .known()
            {
                Some(method) if matches!(self.data(method), Data::Bound { .. }) => {
                    let entered = self.call_value(frame, method, expr.range);
                    match *self.data(entered) {
                        // `async with` awaits it (the language reference, "The async with statement").
                        Data::Coroutine { result, .. } if is_async => result,
                        _ if is_async => Value::UNKNOWN,
                        _ => entered,
                    }
                }
                _ => Value::UNKNOWN,
            },
            _ => Value::UNKNOWN,
        }
    }

    /// What the ends of managers do when a block is left, the last one first: the method of the class is called, with three times `None` if no exception
    /// ended the block (the language reference, "The with statement").
    pub fn leave_contexts(
        &mut self,
        frame: &mut Frame<'p>,
        entered: &[(Value, Range)],
        (is_async, is_by_exception): (bool, bool),
    ) {
        let name = if is_async { "__aexit__" } else { "__exit__" };
        let given = if is_by_exception {
            Value::UNKNOWN
        } else {
            Value::NONE
        };
        for &(manager, range) in entered.iter().rev() {
            if !frame.state.live {
                break;
            }
            if let Some(method) = self.special_method(frame, manager, name) {
                self.call_with(frame, method, vec![given; 3], range);
            }
        }
    }
}

/// The class name in `raise Name`, `raise module.Name(...)`.
#[must_use]
pub fn raised_name(exception: &Expr) -> Option<Name> {
    match &exception.kind {
        ExprKind::Call(call) => raised_name(&call.function),
        ExprKind::Name(name, _) => Some(*name),
        ExprKind::Attribute { attribute, .. } => Some(*attribute),
        _ => None,
    }
}

/// Whether a block ends by raising `NotImplementedError`: what was asked for is not supported.
#[must_use]
pub fn raises_not_implemented(body: &[Stmt]) -> bool {
    let Some(StmtKind::Raise {
        exception: Some(exception),
        ..
    }) = body.last().map(|stmt| &stmt.kind)
    else {
        return false;
    };
    raised_name(exception).is_some_and(|name| name.as_str() == "NotImplementedError")
}

/// `repr` of a str, as CPython writes it for ordinary text.
#[must_use]
pub fn repr(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    let mut out = String::with_capacity(text.len() + 2);
    out.push(quote);
    for ch in text.chars() {
        match ch {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            ch if ch == quote => {
                out.push('\\');
                out.push(ch);
            }
            ch if ch.is_control() => out.extend(format!("\\x{:02x}", u32::from(ch)).chars()),
            ch => out.push(ch),
        }
    }
    out.push(quote);
    out
}

#[cfg(test)]
mod tests {
    use super::repr;

    #[test]
    fn texts_are_quoted_as_cpython_does() {
        assert_eq!(repr("it's"), "\"it's\"");
        assert_eq!(repr("'\""), r#"'\'"'"#);
        assert_eq!(repr("a\n\u{1b}\u{9b}"), r"'a\n\x1b\x9b'");
    }
}
