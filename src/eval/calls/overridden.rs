//! Calls of a method on one of several classes, where an overriding one does not take what the base's does: `for plugin in self.plugins: plugin.run(order, again=True)`.
//!
//! Which class it is cannot be told: an annotation names the base, or a list holds instances of several. The base's own method takes the call, so that it is
//! the override that broke what callers may count on. Nothing shows that such an instance comes by here, and so it is worth a warning.

use crate::bind::{self, Shape};
use crate::eval::Evaluator;
use crate::eval::calls::arguments::{Actual, shape};
use crate::eval::calls::call::Site;
use crate::eval::domain::value::{ClassRef, Data, FunctionObject, Value};
use crate::eval::interpreter::frame::{Frame, LocalFailure, Owner};
use crate::eval::objects::attribute::is_special;
use crate::eval::objects::mro::{Ancestor, InMro};
use crate::eval::reuse::file_set::FileSet;
use crate::facts::{Confidence, May};
use crate::name::Name;
use crate::syntax::ir::{Call, Expr, ExprKind, Parent, Slot, Var};
use crate::syntax::visit;

impl<'p> Evaluator<'p> {
    /// A call of a method, whatever class of several it is called on: a warning for each class whose own method refuses it where that of a base takes it.
    pub(super) fn check_overrides(
        &mut self,
        frame: &mut Frame<'p>,
        (site, call): (Site<'p>, &'p Call),
        function: Value,
        actual: &Actual,
    ) {
        // One method is that of one class, or of any that derives from it and has the same.
        if !matches!(self.data(function), Data::Union(_)) {
            return;
        }
        let ExprKind::Attribute {
            value, attribute, ..
        } = &call.function.kind
        else {
            return;
        };
        let shape = shape(actual);
        let is_open = shape.more_positionals || shape.more_keywords;
        if self.is_graph()
            || self.is_partial
            || is_open
            || frame.is_unsure()
            || !frame.state.live
            || !frame.ir.errors.is_empty()
            || is_receiver(&frame.owner, value)
            || is_special(*attribute)
        {
            return;
        }
        // What `super()` leads to overrides nothing.
        if is_super(value) {
            return;
        }
        let Some(classes) = self.classes_called_on(function, *attribute) else {
            return;
        };
        if classes.is_empty() || is_asked_about(frame, value) {
            return;
        }
        let shape = Shape {
            positionals: shape.positionals + 1,
            ..shape
        };
        for class in classes {
            self.check_override(frame, (site, &shape), class, *attribute);
        }
    }

    /// The classes that a method may be called on, if not just one: those that derive from one that an annotation names, or those of several instances.
    fn classes_called_on(&mut self, function: Value, name: Name) -> Option<Vec<ClassRef>> {
        let mut named = None;
        let mut several = Vec::new();
        for alternative in self.values.alternatives(function) {
            match *self.data(alternative) {
                Data::Bound { receiver, .. } => match *self.data(receiver) {
                    Data::Instance { class, exact, .. } if !exact => named = Some(class),
                    Data::Instance { class, .. } => several.push(class),
                    _ => return None,
                },
                Data::Unknown => {}
                _ => return None,
            }
        }
        let classes = match (named, several.as_slice()) {
            (Some(named), []) => {
                // Any file may have one more that derives from it.
                self.look(FileSet::ALL);
                let mut derived = self.derived(named);
                // What tests derive for themselves is seldom what others are handed.
                let is_of_tests = |class| self.survey.tests.contains(&self.class(class).module);
                derived.retain(|&class| !is_of_tests(class));
                derived.retain(|&class| self.is_there_to_be_made(class));
                derived
            }
            (None, [_, _, ..]) => several,
            _ => return None,
        };
        let is_plain = |class: &ClassRef| !self.is_assigned_by_methods(*class, name);
        Some(classes.into_iter().filter(is_plain).collect())
    }

    fn check_override(
        &mut self,
        frame: &mut Frame<'p>,
        (site, shape): (Site<'p>, &Shape),
        class: ClassRef,
        name: Name,
    ) {
        let Some((own, owner)) = self.undecorated_method(class, name) else {
            return;
        };
        let callable = self.callable(own.function);
        let Err(fault) = bind::bind(&callable.signature, shape) else {
            return;
        };
        if !self.is_taken_by_base(owner, name, shape) {
            return;
        }
        let refusal = self.fault(&own, &callable, shape, &fault);
        frame.failures.push(LocalFailure {
            confidence: Confidence::May,
            exception: Some(refusal.exception),
            call: site.call,
            callee: refusal.callee,
            blame: refusal.blame,
            by_value: true,
            doubt: Some(May::Overridden),
            ..LocalFailure::at(refusal.kind, refusal.subject, site.range, "calls")
        });
    }

    /// A method of a class that nothing decorates, and the class whose body has it.
    fn undecorated_method(
        &mut self,
        class: ClassRef,
        name: Name,
    ) -> Option<(FunctionObject, ClassRef)> {
        self.look_into(self.class(class).module);
        let InMro::Found(value, owner) = self.in_mro(class, name) else {
            return None;
        };
        let Data::Function(method) = self.data(value) else {
            return None;
        };
        let method = method.clone();
        let definition = self.definition(method.function);
        let is_plain =
            definition.decorators.is_empty() && matches!(definition.parent, Parent::Class(_));
        is_plain.then_some((method, owner))
    }

    /// Whether a class that this one derives from has a method of its own that takes a call.
    fn is_taken_by_base(&mut self, class: ClassRef, name: Name, shape: &Shape) -> bool {
        let mro = self.class(class).mro.clone();
        let bases = mro.iter().filter_map(|ancestor| match *ancestor {
            Ancestor::Tree(base) if base != class => Some(base),
            _ => None,
        });
        let mut of_bases = Vec::new();
        for base in bases {
            let Some(&value) = self.class(base).namespace.get(&name) else {
                continue;
            };
            if let Data::Function(method) = self.data(value) {
                of_bases.push(method.function);
            }
        }
        // What the nearest one takes is what the override replaces.
        of_bases.first().is_some_and(|&method| {
            let callable = self.callable(method);
            bind::bind(&callable.signature, shape).is_ok()
        })
    }
}

/// Whether an expression is a call of `super`.
fn is_super(value: &Expr) -> bool {
    match &value.kind {
        ExprKind::Call(call) => {
            matches!(call.function.kind, ExprKind::Name(name, _) if name.as_str() == "super")
        }
        _ => false,
    }
}

/// Whether an expression is the first parameter of the method that runs: `overriding.rs` judges what is called on that.
fn is_receiver(owner: &Owner<'_>, value: &Expr) -> bool {
    matches!(owner, Owner::Function(own) if matches!(own.parent, Parent::Class(_)))
        && matches!(value.kind, ExprKind::Name(_, Var::Local(Slot(0))))
}

/// Whether a test around asks about a variable that an expression is made of: it may pick the class.
fn is_asked_about(frame: &Frame<'_>, value: &Expr) -> bool {
    let mut names = Vec::new();
    visit::expressions(value, &mut |part| {
        if let ExprKind::Name(name, _) = part.kind {
            names.push(name);
        }
    });
    let is_receiver = |name: Name| match &frame.owner {
        Owner::Function(own) => {
            matches!(own.parent, Parent::Class(_))
                && own.params.first().is_some_and(|first| first.name == name)
        }
        _ => false,
    };
    names.retain(|&name| !is_receiver(name));
    frame.guards.iter().any(|test| {
        let mut found = false;
        visit::expressions(test, &mut |part| {
            found |= matches!(part.kind, ExprKind::Name(name, _) if names.contains(&name));
        });
        found
    })
}
