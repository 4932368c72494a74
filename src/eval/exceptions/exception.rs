//! Raising and catching.

use crate::facts::{Confidence, FailureKind};
use crate::name::Name;
use crate::syntax::ir::{Expr, ExprKind, Handler, Stmt, StmtKind};

use crate::eval::Evaluator;
use crate::eval::domain::value::{Data, Value};
use crate::eval::domain::written::UNKNOWN_TEXT;
use crate::eval::interpreter::frame::{Decision, Frame, LocalFailure, TryExit};

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
        }
        if let Some(cause) = cause {
            self.expression(frame, cause);
        }
        let name = exception.and_then(raised_name);
        if let (Some(name), Some(decision), 0, 0) =
            (name, frame.decision, frame.uncertain, frame.introspected)
            && name.as_str() != "NotImplementedError"
            && !self.is_caught_here(frame, name)
        {
            let exception = self.exception_text(frame, name, exception);
            self.refused(frame, stmt, decision, exception);
        }
        self.may_raise(frame);
        frame.state.live = false;
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
            kind,
            confidence: Confidence::Must,
            exception: Some(exception),
            subject,
            range: stmt.range,
            call: None,
            callee: None,
            blame: Self::blame_of(frame, decision),
            by_value: false,
            note: String::from("raises"),
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

    /// Whether a `try` around this point, in this body, catches an exception by name (or everything).
    pub fn is_caught_here(&self, frame: &Frame<'p>, exception: Name) -> bool {
        frame.tries.iter().any(|exit| {
            exit.bare
                || exit
                    .catches
                    .iter()
                    .any(|&caught| catches(caught, exception))
        })
    }

    /// Whether a `try` around this point, in this body, names the exception (not just `Exception`).
    pub fn is_expected_here(&self, frame: &Frame<'p>, exception: Name) -> bool {
        frame.tries.iter().any(|exit| {
            exit.expects
                .iter()
                .any(|&caught| !is_broad(caught) && catches(caught, exception))
        })
    }

    /// Something here may raise: handlers may be entered from this state.
    pub fn may_raise(&mut self, frame: &mut Frame<'p>) {
        if let Some(innermost) = frame.tries.last_mut() {
            innermost.raises = true;
        }
        if !frame.tries.is_empty() {
            frame.note_raise(&mut self.values);
        }
    }

    /// An import here may fail, or certainly does.
    pub fn import_may_fail(&mut self, frame: &mut Frame<'p>) {
        for exit in &mut frame.tries {
            exit.import_fails = true;
        }
        if !frame.tries.is_empty() {
            frame.note_raise(&mut self.values);
        }
    }

    /// What a `try` with these handlers catches.
    pub fn try_exit(&mut self, handlers: &'p [Handler]) -> TryExit {
        let mut exit = TryExit::default();
        for handler in handlers {
            match &handler.exception {
                None => exit.bare = true,
                Some(exception) => {
                    let names = caught_names(exception);
                    if !crate::eval::exceptions::handlers::raises_again(&handler.body) {
                        exit.expects.extend(&names);
                    }
                    exit.catches.extend(names);
                }
            }
        }
        exit
    }

    /// Whether a handler may be entered: one for import errors only if an import in the body may fail.
    pub fn handler_is_reached(&self, exit: &TryExit, handler: &Handler) -> bool {
        let imports_only = handler.exception.as_ref().is_some_and(|exception| {
            let names = caught_names(exception);
            !names.is_empty()
                && names
                    .iter()
                    .all(|name| matches!(name.as_str(), "ImportError" | "ModuleNotFoundError"))
        });
        exit.import_fails || (exit.raises && !imports_only)
    }

    /// `with raises(TypeError):`, `with suppress(KeyError):`: the exceptions that the block is expected to raise.
    pub fn expected_by_manager(&self, context: &Expr) -> Vec<Name> {
        expected_by_manager(context)
    }

    /// Whether a context manager may end its block without an error: only ones whose code is not known.
    pub fn may_swallow(&mut self, manager: Value) -> bool {
        match *self.data(manager) {
            Data::Instance { class, .. } => self.class_may_define(class, &[Name::new("__exit__")]),
            _ => false,
        }
    }

    /// What `with manager as x` binds.
    pub fn enter_context(
        &mut self,
        frame: &mut Frame<'p>,
        expr: &'p Expr,
        manager: Value,
    ) -> Value {
        match *self.data(manager) {
            Data::Instance { .. } => match self
                .get_attribute(frame, manager, Name::new("__enter__"))
                .known()
            {
                Some(method) if matches!(self.data(method), Data::Bound { .. }) => {
                    self.call_value(frame, method, expr.range)
                }
                _ => Value::UNKNOWN,
            },
            _ => Value::UNKNOWN,
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

/// The class names in `except (A, module.B)`.
#[must_use]
pub fn caught_names(exception: &Expr) -> Vec<Name> {
    match &exception.kind {
        ExprKind::Tuple(items) => items.iter().flat_map(caught_names).collect(),
        ExprKind::Name(name, _) => vec![*name],
        ExprKind::Attribute { attribute, .. } => vec![*attribute],
        // What cannot be read may catch anything.
        _ => vec![Name::new("Exception")],
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
    let class = match &exception.kind {
        ExprKind::Call(call) => &call.function,
        _ => exception,
    };
    caught_names(class)
        .iter()
        .any(|name| name.as_str() == "NotImplementedError")
}

/// See [`Evaluator::expected_by_manager`].
#[must_use]
pub fn expected_by_manager(context: &Expr) -> Vec<Name> {
    let ExprKind::Call(call) = &context.kind else {
        return Vec::new();
    };
    let name = match &call.function.kind {
        ExprKind::Name(name, _) => *name,
        ExprKind::Attribute { attribute, .. } => *attribute,
        _ => return Vec::new(),
    };
    let text = name.as_str().to_ascii_lowercase();
    if !(text.contains("raises")
        || text.contains("suppress")
        || text.contains("ignored")
        || text.contains("warns"))
    {
        return Vec::new();
    }
    call.arguments
        .iter()
        .flat_map(|argument| caught_names(&argument.value))
        .collect()
}

/// Whether `except caught` catches an exception of the builtin class `raised`.
#[must_use]
pub fn catches(caught: Name, raised: Name) -> bool {
    if caught == raised {
        return true;
    }
    let parents: &[&str] = match raised.as_str() {
        "ModuleNotFoundError" => &["ImportError"],
        "KeyError" | "IndexError" => &["LookupError"],
        "UnboundLocalError" => &["NameError"],
        "NotImplementedError" | "RecursionError" => &["RuntimeError"],
        "FileNotFoundError" | "PermissionError" | "TimeoutError" | "ConnectionError" => {
            &["OSError", "IOError", "EnvironmentError"]
        }
        _ => &[],
    };
    parents.contains(&caught.as_str()) || is_broad(caught)
}

/// Whether a handler for this class catches nearly everything, and so says nothing of what is expected.
#[must_use]
pub fn is_broad(caught: Name) -> bool {
    matches!(
        caught.as_str(),
        "Exception" | "BaseException" | "StandardError"
    )
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
