//! Failures of which all that matters is written out where they stand, and that a test around them, or another value, could keep away all the same.
//!
//! `if self.exists(name): .. else: self.add(name)`, where `add` takes one argument more: what was tested is no error's business, but rule 1 asks for more than that
//! (DESIGN 3a). Somebody who knows the code sees at a glance what comes of it, so that such a *may* is worth a warning.

use crate::eval::Evaluator;
use crate::eval::blame::ways::Ways;
use crate::eval::domain::value::{ContextId, Data};
use crate::eval::exceptions::recovery::same;
use crate::eval::interpreter::frame::{Callee, LocalFailure, Owner};
use crate::facts::{FailureKind, May};
use crate::name::Name;
use crate::python::builtins::builtin;
use crate::syntax::ir::{ArgumentKind, Call, Expr, ExprKind, Parent, Slot, StmtKind, Var};
use crate::syntax::visit;

impl<'p> Evaluator<'p> {
    /// What keeps a failure from being certain: that it is written out, or what was found. `is_hinted`: what the objects are only their annotations or names say.
    pub fn as_written(
        &self,
        ways: &Ways<'p>,
        may: May,
        (context, failure): (ContextId, &LocalFailure<'p>),
        is_hinted: bool,
    ) -> May {
        // What is told of an object that is not known says so already.
        if may == May::Value && failure.doubt == Some(May::Printed) {
            return May::Printed;
        }
        let is_of_tests = matches!(may, May::Needed | May::Depends);
        let is_written_out = match failure.kind {
            // Nothing binds it, and it is no builtin of any Python, whatever is asked before.
            FailureKind::UndefinedName => {
                let is_asked_in_vain = || !self.is_in_annotation(context, failure);
                // An unknown class in a clause, or that a manager ends, is hardly that of all errors.
                let is_other = may == May::Caught;
                (is_of_tests || is_other || may == May::Version && is_asked_in_vain())
                    && builtin(&failure.subject).is_none()
            }
            FailureKind::MissingAttribute => {
                is_of_tests
                    && self.is_lacked_by_instance(context, failure)
                    && !self.asks_what_it_is(ways, context, failure)
            }
            FailureKind::MissingArgument
            | FailureKind::TooManyPositionals
            | FailureKind::UnexpectedKeyword
            | FailureKind::MultipleValues => {
                (is_of_tests || may == May::Taken)
                    && passes_what_is_written(failure)
                    && (self.names_what_refuses(ways, context, failure)
                        || is_hinted && self.is_method_of_its_name(failure))
            }
            FailureKind::UnpackMismatch => is_of_tests && self.unpacks_result(context, failure),
            FailureKind::NotAwaited => is_of_tests,
            _ => false,
        };
        if is_written_out && !self.is_second_try(context, failure) {
            May::WrittenOut
        } else {
            may
        }
    }

    /// Whether a name stands in an annotation of a function: the version says whether that is evaluated (PEP 649).
    fn is_in_annotation(&self, context: ContextId, failure: &LocalFailure<'p>) -> bool {
        let functions = &self.ir_of(context).functions;
        functions.iter().any(|function| {
            let parameters = function.params.iter();
            let of_parameters = parameters.filter_map(|parameter| parameter.annotation.as_ref());
            let mut all = of_parameters.chain(&function.returns);
            all.any(|annotation| annotation.range.contains(failure.range))
        })
    }

    /// Whether a handler does what fails: it knows what failed before, and tries another way.
    fn is_second_try(&self, context: ContextId, failure: &LocalFailure<'p>) -> bool {
        let mut is_handler = false;
        visit::statements(self.body_of(context), &mut |stmt| {
            if let StmtKind::Try { handlers, .. } = &stmt.kind {
                let mut bodies = handlers.iter().flat_map(|handler| &handler.body);
                is_handler |= bodies.any(|inner| inner.range.contains(failure.range));
            }
        });
        is_handler
    }

    /// Whether what lacks an attribute is an instance of a class of the tree: None and values of builtin types are what tests keep away. What a test passes in the place of
    /// something else has what that test asks for.
    fn is_lacked_by_instance(&self, context: ContextId, failure: &LocalFailure<'p>) -> bool {
        let exception = failure.exception.as_deref().unwrap_or_default();
        let Some((_, rest)) = exception.split_once(": '") else {
            return false;
        };
        let Some((class, _)) = rest.split_once("' object has no attribute") else {
            return false;
        };
        let is_of_tests = |module| self.survey.tests.contains(module);
        let is_in_test = is_of_tests(&self.contexts[context.0 as usize].module);
        let mut classes = self.classes.iter();
        classes.any(|known| {
            known.definition.name.as_str() == class && (is_in_test || !is_of_tests(&known.module))
        })
    }

    /// Whether a test on the way asks which kind of object lacks the attribute: a function says it, `is_table(shop)`, or an attribute that is compared with what is written out,
    /// `shop.kind == "table"`.
    fn asks_what_it_is(
        &self,
        ways: &Ways<'p>,
        context: ContextId,
        failure: &LocalFailure<'p>,
    ) -> bool {
        let mut object = None;
        visit::all_expressions(self.body_of(context), &mut |expr| {
            if let ExprKind::Attribute {
                value,
                attribute_range,
                ..
            } = &expr.kind
                && (*attribute_range == failure.range || expr.range == failure.range)
            {
                object = object.or(Some(&**value));
            }
        });
        let open = self.open_tests(ways, context, failure.range);
        let mut parts = open.all.iter().flat_map(|test| &test.parts);
        object.is_some_and(|object| parts.any(|part| asks_for_kind(part, object)))
    }

    /// Whether a call that is refused names the function, or the class, as it is defined: no variable, parameter or table picks it.
    fn names_what_refuses(
        &self,
        ways: &Ways<'p>,
        context: ContextId,
        failure: &LocalFailure<'p>,
    ) -> bool {
        let name = match failure.callee {
            Some(Callee::Function(function)) => self.definition(function).name,
            Some(Callee::Class(class)) => self.class(class).definition.name,
            None => return false,
        };
        let Some(call) = failure.call else {
            let expr = self.expression_at(context, failure.range);
            return expr.is_some_and(|expr| self.names_definition(context, expr, name));
        };
        let handed = self.handed_to(ways, context, call);
        let mut parts = std::iter::once(&call.function).chain(handed);
        parts.any(|part| self.names_definition(context, part, name))
    }

    /// What a call is given; what the object was given that it is a method of, if a call here makes that: `worker = Process(target=bake)`, `worker.start()`.
    fn handed_to(&self, ways: &Ways<'p>, context: ContextId, call: &'p Call) -> Vec<&'p Expr> {
        let mut handed: Vec<&'p Expr> = call.arguments.iter().map(|given| &given.value).collect();
        if let ExprKind::Attribute { value, .. } = &call.function.kind
            && let ExprKind::Name(_, Var::Local(slot)) = value.kind
        {
            let flow = ways.flows.borrow_mut().of(self.body_of(context));
            let values = flow.writes(slot).iter().flat_map(|write| &write.values);
            for value in values {
                if let ExprKind::Call(made) = &value.kind {
                    handed.extend(made.arguments.iter().map(|given| &given.value));
                }
            }
        }
        handed
    }

    /// Whether what refuses a call is the method of that name: the class of the object picks it, and nothing else.
    fn is_method_of_its_name(&self, failure: &LocalFailure<'p>) -> bool {
        let (Some(Callee::Function(function)), Some(call)) = (failure.callee, failure.call) else {
            return false;
        };
        let definition = self.definition(function);
        matches!(definition.parent, Parent::Class(_))
            && matches!(call.function.kind, ExprKind::Attribute { attribute, .. } if attribute == definition.name)
    }

    fn names_definition(&self, context: ContextId, expr: &Expr, name: Name) -> bool {
        match &expr.kind {
            ExprKind::Name(found, Var::Global(_)) => *found == name,
            ExprKind::Name(found, Var::Local(slot)) => {
                *found == name && self.is_imported_here(context, *slot)
            }
            ExprKind::Attribute {
                value, attribute, ..
            } if *attribute == name => match value.kind {
                ExprKind::Name(_, Var::Local(Slot(0))) => {
                    let owner = self.contexts[context.0 as usize].owner;
                    matches!(owner, Owner::Function(function) if matches!(function.parent, Parent::Class(_)))
                }
                ExprKind::Name(module, Var::Global(_)) => {
                    let here = self.contexts[context.0 as usize].module;
                    let value = self.variable_at_end(here, module);
                    value.is_some_and(|value| matches!(self.data(value), Data::Module(_)))
                }
                _ => false,
            },
            _ => false,
        }
    }

    /// Whether a function binds a variable by an import.
    fn is_imported_here(&self, context: ContextId, slot: Slot) -> bool {
        let mut is_imported = false;
        visit::statements(self.body_of(context), &mut |stmt| {
            if let StmtKind::ImportFrom(import) = &stmt.kind {
                let mut names = import.names.iter();
                is_imported |= names.any(|name| name.var == Var::Local(slot));
            }
        });
        is_imported
    }

    /// Whether what a call of a function of the tree gives has more or fewer items than are asked for.
    fn unpacks_result(&self, context: ContextId, failure: &LocalFailure<'p>) -> bool {
        let exception = failure.exception.as_deref().unwrap_or_default();
        let source = self.expression_at(context, failure.range);
        let call = match source.map(|source| &source.kind) {
            Some(ExprKind::Call(call)) => call,
            Some(ExprKind::Await(inner)) => match &inner.kind {
                ExprKind::Call(call) => call,
                _ => return false,
            },
            _ => return false,
        };
        // What a function of the tree gives is written out in it.
        let edges = &self.contexts[context.0 as usize].edges;
        let is_it = |made: &'p Call| std::ptr::eq(made, &raw const **call);
        exception.starts_with("ValueError") && edges.iter().any(|edge| edge.call.is_some_and(is_it))
    }
}

/// Whether a test hands an object to a function, or compares an attribute of it with a constant.
fn asks_for_kind(test: &Expr, object: &Expr) -> bool {
    let mut found = false;
    visit::expressions(test, &mut |part| match &part.kind {
        ExprKind::Call(call) => {
            let mut arguments = call.arguments.iter();
            found |= arguments.any(|argument| same(&argument.value, object));
        }
        ExprKind::Compare { left, rest } => {
            let is_of_object =
                matches!(&left.kind, ExprKind::Attribute { value, .. } if same(value, object));
            let mut others = rest.iter();
            found |= is_of_object
                && others.any(|(_, other)| matches!(other.kind, ExprKind::Constant(_)));
        }
        _ => {}
    });
    found
}

/// Whether all that a call passes is written out, but for what comes twice: that is written, and comes with the stars as well.
fn passes_what_is_written(failure: &LocalFailure<'_>) -> bool {
    let is_twice = failure.kind == FailureKind::MultipleValues;
    failure.call.is_none_or(|call| {
        call.arguments.iter().all(|argument| match argument.kind {
            ArgumentKind::Star => false,
            ArgumentKind::DoubleStar => is_twice,
            ArgumentKind::Positional | ArgumentKind::Keyword(_) => true,
        })
    })
}
