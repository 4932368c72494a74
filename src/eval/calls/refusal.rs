//! Calls that fail: what is refused, why, and how sure that is.

use crate::bind::{self, Binding, FaultKind, Shape, Signature};
use crate::facts::{Confidence, FailureKind};
use crate::name::Name;
use crate::syntax::ir::{
    Argument, ArgumentKind, Call, Expr, ExprKind, Parameter, ParameterKind, Parent, Stmt, StmtKind,
};

use crate::eval::Evaluator;
use crate::eval::calls::arguments::Actual;
use crate::eval::calls::call::{Invoked, Site};
use crate::eval::calls::signature::Callable;
use crate::eval::domain::value::{Data, FunctionObject, FunctionRef, Manager, Value};
use crate::eval::exceptions::class::{Caught, ExceptionClass};
use crate::eval::exceptions::exception::raises_not_implemented;
use crate::eval::exceptions::manager::{Makes, is_assert_raises};
use crate::eval::interpreter::frame::{Blame, Callee, Frame, LocalFailure, RefusedCall};
use crate::eval::library::awaited::{entered_otherwise, not_awaited};
use crate::eval::library::table::{BY_NAME, Known, Special};
use crate::eval::summaries::context::{does_nothing, is_marked_abstract, is_stub};

/// Why a call fails.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// The rule's kind.
    pub kind: FailureKind,
    /// The keyword, parameter or name in question.
    pub subject: Name,
    /// The exception with its class.
    pub exception: String,
    /// What refuses, if it is something of the tree.
    pub callee: Option<Callee>,
    /// What leads to its cause.
    pub blame: Blame,
}

impl Refusal {
    /// A refusal by something of the tree.
    #[must_use]
    pub fn new(
        kind: FailureKind,
        subject: Name,
        exception: String,
        callee: Callee,
        blame: Blame,
    ) -> Self {
        Self {
            kind,
            subject,
            exception,
            callee: Some(callee),
            blame,
        }
    }
}

impl<'p> Evaluator<'p> {
    /// Records a call that may fail, in another place or at another time: the code here goes on.
    pub fn refuse_perhaps(&mut self, frame: &mut Frame<'p>, site: &Site<'p>, refusal: Refusal) {
        frame.introspected += 1;
        self.refuse_elsewhere(frame, site, refusal);
        frame.introspected -= 1;
    }

    /// The same of one that certainly fails there.
    pub fn refuse_elsewhere(&mut self, frame: &mut Frame<'p>, site: &Site<'p>, refusal: Refusal) {
        let live = frame.state.live;
        self.refuse(frame, site, refusal);
        frame.state.live = live;
    }

    /// Records a call that certainly fails, unless the code around expects that.
    pub fn refuse(&mut self, frame: &mut Frame<'p>, site: &Site<'p>, refusal: Refusal) {
        self.may_raise(frame);
        if let Some(Callee::Function(function)) = refusal.callee {
            let after = frame.edges.len();
            frame.refused.push(RefusedCall {
                function,
                call: site.call,
                dynamic: site.dynamic,
                after,
            });
        }
        let raised = ExceptionClass::told(&refusal.exception);
        if self.is_expected_here(frame, raised) {
            frame.state.live = false;
            return;
        }
        let unsure = frame.is_unsure() || self.may_be_bound(site, &refusal);
        let of_value = |call| Self::calls_by_value(frame.owner, call);
        let by_value = refusal.kind == FailureKind::NotCallable || site.call.is_some_and(of_value);
        let is_free = |call: &Call| self.is_of_changing_cell(frame, &call.function);
        let unsure =
            unsure || (refusal.kind == FailureKind::NotCallable && site.call.is_some_and(is_free));
        let confidence_of = |unsure: bool| {
            if unsure {
                Confidence::May
            } else {
                Confidence::Must
            }
        };
        frame.failures.push(LocalFailure {
            confidence: confidence_of(unsure),
            exception: Some(refusal.exception),
            call: site.call,
            callee: refusal.callee,
            blame: refusal.blame,
            by_value,
            ..LocalFailure::at(refusal.kind, refusal.subject, site.range, "calls")
        });
    }

    /// Whether a call of a method on its class lacks just the first argument, and a base that is neither of the tree nor of the standard library may have put something else
    /// in the method's place that gives it: frameworks make handlers of methods so (`__init_subclass__`, metaclasses; the data model, 3.3.3).
    fn may_be_bound(&self, site: &Site<'p>, refusal: &Refusal) -> bool {
        let (FailureKind::MissingArgument, Some(Callee::Function(function)), Some(call)) =
            (refusal.kind, refusal.callee, site.call)
        else {
            return false;
        };
        let definition = self.definition(function);
        let Parent::Class(class) = definition.parent else {
            return false;
        };
        let is_needed = |parameter: &&Parameter| {
            parameter.default.is_none()
                && matches!(
                    parameter.kind,
                    ParameterKind::PositionalOnly | ParameterKind::PositionalOrKeyword
                )
        };
        let is_star = |argument: &Argument| {
            matches!(argument.kind, ArgumentKind::Star | ArgumentKind::DoubleStar)
        };
        let needed = definition.params.iter().filter(is_needed).count();
        let class = self.class_index.get(&(function.module, class, None));
        definition.decorators.is_empty()
            && call.arguments.len() + 1 == needed
            && !call.arguments.iter().any(is_star)
            && class.is_some_and(|class| self.class(*class).has_foreign_ancestor())
    }

    pub fn fault(
        &mut self,
        object: &FunctionObject,
        callable: &Callable,
        shape: &Shape,
        fault: &bind::Fault,
    ) -> Refusal {
        let named = Signature {
            function: self.qualified_name(object),
            parameters: callable.signature.parameters.clone(),
        };
        let subject = fault
            .names
            .first()
            .copied()
            .unwrap_or(callable.signature.function);
        let (kind, blame) = match fault.kind {
            FaultKind::UnexpectedKeyword => {
                (FailureKind::UnexpectedKeyword, Blame::Keyword(subject))
            }
            FaultKind::PositionalOnlyKeyword => {
                (FailureKind::PositionalOnlyKeyword, Blame::Keyword(subject))
            }
            FaultKind::MultipleValues => (FailureKind::MultipleValues, Blame::Duplicate(subject)),
            FaultKind::MissingArgument => (FailureKind::MissingArgument, Blame::Shape),
            FaultKind::TooManyPositionals => (FailureKind::TooManyPositionals, Blame::Shape),
        };
        Refusal {
            kind,
            subject,
            exception: self.refused_text(&named, shape, fault),
            callee: Some(Callee::Function(object.function)),
            blame,
        }
    }

    /// Keywords that came a long way and end where nobody looks at them.
    pub fn swallowed(
        &mut self,
        frame: &mut Frame<'p>,
        site: &Site<'p>,
        function: FunctionRef,
        callable: &Callable,
        binding: &Binding,
        actual: &Actual,
    ) {
        if !callable.ignores_keywords {
            return;
        }
        for &index in &binding.surplus_keywords {
            let keyword = actual.keywords[index as usize];
            if keyword.certain && (keyword.forwarded || site.dynamic) && site.call.is_some() {
                frame.failures.push(LocalFailure {
                    call: site.call,
                    callee: Some(Callee::Function(function)),
                    blame: Blame::Keyword(keyword.name),
                    ..LocalFailure::at(
                        FailureKind::SwallowedKeyword,
                        keyword.name,
                        site.range,
                        "calls",
                    )
                });
            }
        }
    }

    /// `await` of what is no awaitable.
    pub fn cannot_await(&mut self, frame: &mut Frame<'p>, expr: &'p Expr, value: Value) {
        if let Some(kind) = self.type_that_cannot(frame, value, &["__await__"]) {
            let exception = not_awaited(&kind, self.program.targets().wording());
            self.wrong_protocol(frame, expr, (&kind, exception), "awaits");
        }
    }

    /// `async with` on a manager of the other kind, or a coroutine; and `with`.
    pub fn check_manager(
        &mut self,
        frame: &mut Frame<'p>,
        expr: &'p Expr,
        manager: Value,
        is_async: bool,
    ) {
        let (method, protocol) = if is_async {
            ("__aenter__", "asynchronous context manager")
        } else {
            ("__enter__", "context manager")
        };
        let kind = match self.data(manager) {
            Data::Instance { .. } => self.type_that_cannot(frame, manager, &[method]),
            Data::Coroutine { .. } => Some(String::from("coroutine")),
            Data::External(name) => entered_otherwise(name, is_async).map(str::to_owned),
            Data::Manager(Manager::Generator(context)) => {
                let function = self.contexts[context.0 as usize].function;
                match function.map(|function| self.definition(function).is_async) {
                    Some(made_async) if made_async == is_async => None,
                    Some(true) => Some(String::from("_AsyncGeneratorContextManager")),
                    Some(false) => Some(String::from("_GeneratorContextManager")),
                    None => None,
                }
            }
            _ => None,
        };
        if let Some(kind) = kind {
            let exception =
                format!("TypeError: '{kind}' object does not support the {protocol} protocol");
            self.wrong_protocol(frame, expr, (&kind, exception), "enters");
        }
    }

    /// What is entered, awaited or started is of the wrong kind.
    pub fn wrong_protocol(
        &mut self,
        frame: &mut Frame<'p>,
        expr: &'p Expr,
        (kind, exception): (&str, String),
        note: &str,
    ) {
        self.may_raise(frame);
        if self.is_expected_here(frame, ExceptionClass::told(&exception)) {
            return;
        }
        let unsure = frame.is_unsure();
        frame.failures.push(LocalFailure {
            confidence: if unsure {
                Confidence::May
            } else {
                Confidence::Must
            },
            exception: Some(exception),
            by_value: true,
            ..LocalFailure::at(FailureKind::NotAwaited, Name::new(kind), expr.range, note)
        });
    }

    /// A coroutine that is made and dropped: the call, its function's qualified name, and the function if the tree has it.
    pub fn not_awaited(
        &mut self,
        frame: &mut Frame<'p>,
        (expr, call): (&'p Expr, &'p Call),
        name: Name,
        callee: Option<Callee>,
    ) {
        let subject = match callee {
            Some(Callee::Function(function)) => self.definition(function).name,
            _ => name,
        };
        frame.failures.push(LocalFailure {
            exception: Some(format!(
                "RuntimeWarning: coroutine '{name}' was never awaited"
            )),
            call: Some(call),
            callee,
            ..LocalFailure::at(FailureKind::NotAwaited, subject, expr.range, "calls")
        });
    }

    /// What a method does on a receiver: where it is written to be overridden, a class that is not seen does something else. If it can do nothing itself, that class
    /// says what it takes.
    pub fn or_overridden(&self, function: Value, receiver: Value, invoked: Invoked) -> Invoked {
        if !self.is_placeholder(function, receiver) {
            return Invoked {
                value: if self.is_template(receiver) {
                    Some(Value::UNKNOWN)
                } else {
                    invoked.value
                },
                ..invoked
            };
        }
        let is_abstract = match self.data(function) {
            Data::Function(object) => {
                let definition = self.definition(object.function);
                is_marked_abstract(definition)
                    || definition
                        .body
                        .iter()
                        .any(|stmt| raises_not_implemented(std::slice::from_ref(stmt)))
            }
            _ => false,
        };
        Invoked {
            value: Some(Value::UNKNOWN),
            refusal: invoked.refusal.filter(|_| !is_abstract),
        }
    }

    /// Whether a function of a module takes and does nothing, and the module hands it to something else, which says what a call of it means: a declaration for a
    /// compiler.
    pub fn is_declaration(&self, function: FunctionRef) -> bool {
        let definition = self.definition(function);
        let is_empty = |stmt: &Stmt| match &stmt.kind {
            StmtKind::Pass => true,
            StmtKind::Expr(value) => matches!(value.kind, ExprKind::Constant(_)),
            _ => false,
        };
        let is_handed_on = |name: Name| self.survey.handed_on.contains(&(function.module, name));
        definition.params.is_empty()
            && matches!(definition.parent, Parent::Module)
            && definition.body.iter().all(is_empty)
            && is_handed_on(definition.name)
    }

    /// Whether a receiver is of a class that cannot work as it is, and no class of the tree derives from it: one that is not seen does, and its methods may give
    /// something else.
    fn is_template(&self, receiver: Value) -> bool {
        match *self.data(receiver) {
            Data::Instance {
                class,
                exact: false,
                ..
            }
            | Data::Class {
                class,
                exact: false,
            } => self.class(class).has_placeholder && !self.subclasses.contains_key(&class),
            _ => false,
        }
    }

    /// Whether a method is written to be overridden, and called on what may be an instance of a subclass.
    pub fn is_placeholder(&self, function: Value, receiver: Value) -> bool {
        let may_be_subclass = matches!(
            self.data(receiver),
            Data::Unknown
                | Data::Symbol { .. }
                | Data::Instance { exact: false, .. }
                | Data::Class { exact: false, .. }
        );
        match self.data(function) {
            Data::Function(object) if may_be_subclass => {
                let definition = self.definition(object.function);
                is_stub(definition) || does_nothing(definition)
            }
            _ => false,
        }
    }

    /// `assertRaises(TypeError, f, 1, 2)`: a function handed over beside an exception's class is expected to fail.
    ///
    /// Where the call goes to code of the tree, that says what it does with the exception. Anything else hands the function to somebody who is not
    /// known: true.
    pub fn expects_failure(
        &mut self,
        (function, written): (Value, &Expr),
        actual: &Actual,
    ) -> bool {
        // Most calls hand over no exception's class.
        let names_any = actual
            .positionals
            .iter()
            .any(|&value| self.names_exceptions(value));
        // A star import may have put any class under the name that stands there.
        let is_open = |&class: &Value| self.values.is_open(class);
        let names_open =
            is_assert_raises(written) && actual.positionals.first().is_some_and(is_open);
        if !names_any && !names_open {
            return false;
        }
        // `isinstance(f, ValueError)` calls nothing; `pytest.raises(ValueError, f)` does.
        if let Data::External(name) = self.data(function)
            && BY_NAME.get(name).is_some_and(|known| {
                !matches!(known, Known::Special(Special::Manager(Makes::EndsFirst)))
            })
        {
            return false;
        }
        let mut exceptions = Caught::default();
        for &value in &actual.positionals {
            if self.names_exceptions(value) {
                exceptions.extend(self.named_by(value));
            }
        }
        exceptions.is_open |= names_open;
        if exceptions.is_empty() && !exceptions.is_open {
            return false;
        }
        let mut any = false;
        let handed_over: Vec<Value> = actual
            .positionals
            .iter()
            .flat_map(|&value| self.values.alternatives(value))
            .collect();
        for value in handed_over {
            let function = match self.data(value) {
                Data::Function(object) => object.function,
                Data::Bound { function, .. } => match self.data(*function) {
                    Data::Function(object) => object.function,
                    _ => continue,
                },
                _ => continue,
            };
            any = true;
            if self.definition(function).is_lambda()
                || matches!(
                    self.definition(function).parent,
                    crate::syntax::ir::Parent::Function(_)
                )
            {
                self.effects
                    .acts
                    .push(crate::eval::reuse::effect::Act::Other);
                let known = self.expected.entry(function).or_default();
                known.extend(exceptions.clone());
                known.classes.dedup();
            }
        }
        any && self.function_behind(function).is_none()
            && !matches!(self.data(function), Data::Class { .. })
    }
}
