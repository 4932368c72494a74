//! Methods evaluated once more for classes that inherit them, and override what they call on `self` by something that does not take such a call.
//!
//! `Base.run` calls `self.handle(data, retry=True)`, and `Child.handle` takes no `retry`: `Child().run(..)` fails. Where the tree makes that call, it tells; where
//! classes are found by their names, or handed to somebody, no call is seen, and what fails is something that may fail.

use crate::bind::{self, Shape};
use crate::eval::contract::open::written_shape;
use crate::eval::domain::value::{ClassRef, Data, FunctionObject};
use crate::eval::objects::mro::InMro;
use crate::eval::reuse::file_set::FileSet;
use crate::eval::{Evaluator, Root};
use crate::facts::May;
use crate::name::Name;
use crate::syntax::ir::{
    Call, ExprKind, Function, ParameterKind, Parent, Range, Slot, StmtKind, Var,
};
use crate::syntax::visit;

/// How many times as many classes there have to be with such a method as refuse one call of several.
const FEW: usize = 4;

/// The classes that a method is evaluated for besides its own.
pub(super) struct Overriding {
    classes: Vec<ClassRef>,
    /// The files that say so: another version of these classes may be one that it is evaluated for.
    pub looked: FileSet,
}

impl Evaluator<'_> {
    /// Evaluates a method for each class that inherits it and does not take what it calls on `self`.
    pub(super) fn run_for_overriding(&mut self, root: &Root, overriding: Overriding) {
        let looked = overriding.looked;
        for class in overriding.classes {
            let run = self.runs;
            self.runs += 1;
            let mut arguments = self.unknown_arguments(&root.function, run, &[]);
            let receiver = self.values.intern(Data::Instance {
                class,
                exact: true,
                data: None,
                given: None,
            });
            if let Some(first) = arguments.values.first_mut() {
                *first = receiver;
            }
            self.begin_root(root.function.function.module);
            self.run_for_all(root, arguments, looked, Some(May::Overridden));
        }
    }

    /// The classes that inherit a function, if it is a method, and have a method of their own that refuses a call which the inherited one writes out.
    pub(super) fn overriding(&mut self, root: &Root) -> Overriding {
        let before = self.looked.take();
        let classes = if self.is_graph() || !root.chosen.is_empty() {
            Vec::new()
        } else {
            self.refusing_classes(&root.function)
        };
        let looked = self.looked.replace(before);
        Overriding { classes, looked }
    }

    fn refusing_classes(&mut self, function: &FunctionObject) -> Vec<ClassRef> {
        let definition = self.definition(function.function);
        // Only a method has a receiver.
        if !matches!(definition.parent, Parent::Class(_)) {
            return Vec::new();
        }
        let calls = calls_on_receiver(definition);
        let name = definition.name;
        if calls.is_empty() {
            return Vec::new();
        }
        let receiver = self.receiver_parameter(function);
        let Some(Data::Instance { class, .. }) = receiver.map(|own| self.data(own).clone()) else {
            return Vec::new();
        };
        let mut derived = self.derived(class);
        derived.sort_unstable();
        derived.retain(|&below| {
            self.look_into(self.class(below).module);
            matches!(self.in_mro(below, name), InMro::Found(_, owner) if owner == class)
        });
        let mut own = derived.clone();
        own.retain(|&below| calls.iter().any(|&(name, _)| self.has_own(below, name)));
        derived.retain(|&below| {
            self.refuses_calls((below, class), &calls) && self.is_there_to_be_made(below)
        });
        let takes_none = |&below: &ClassRef| {
            let mut names = calls.iter().map(|(name, _)| *name);
            names.any(|name| self.refuses_all(below, name, &calls))
        };
        // Where many of those that have such a method take one form of the call and not the other, the caller asks before which it is.
        if derived.len() > 1 && derived.len() * FEW > own.len() {
            derived.retain(takes_none);
        }
        derived
    }

    fn has_own(&self, class: ClassRef, name: Name) -> bool {
        matches!(self.in_mro(class, name), InMro::Found(_, owner) if owner == class)
    }

    /// Whether a class refuses all calls of a method that are written out.
    fn refuses_all(
        &mut self,
        class: ClassRef,
        name: Name,
        calls: &[(Name, Option<Shape>)],
    ) -> bool {
        let mut of_name = calls.iter().filter(|call| call.0 == name);
        of_name.all(|(_, shape)| match shape {
            Some(shape) => self.refuses_call(class, name, shape),
            None => false,
        })
    }

    /// Whether instances of a class are to be expected: it has no abstract methods left, and is not only there for others to be derived from.
    pub fn is_there_to_be_made(&mut self, class: ClassRef) -> bool {
        let name = self.class(class).definition.name;
        let has_derived = !self.derived(class).is_empty() || self.survey.base_names.contains(&name);
        let is_made = !has_derived || self.survey.called_names.contains(&name);
        is_made && !self.is_still_abstract(class)
    }

    /// Whether a class refuses every call of a method, or one that the method takes which it overrides. One that takes some of them otherwise may be asked before which it
    /// takes, or be tried with the other first.
    fn refuses_calls(
        &mut self,
        (class, above): (ClassRef, ClassRef),
        calls: &[(Name, Option<Shape>)],
    ) -> bool {
        calls.iter().any(|(name, shape)| {
            let is_refused = |evaluator: &mut Self, shape: &Option<Shape>| match shape {
                Some(shape) => evaluator.refuses_call(class, *name, shape),
                None => false,
            };
            if !is_refused(self, shape)
                || self.is_of_another_kind((class, above), *name, shape.as_ref())
            {
                return false;
            }
            let of_name: Vec<_> = calls.iter().filter(|call| call.0 == *name).collect();
            let are_taken = of_name.iter().all(|(_, shape)| match shape {
                Some(shape) => self.takes_call(above, *name, shape),
                None => false,
            });
            are_taken || of_name.iter().all(|(_, shape)| is_refused(self, shape))
        })
    }

    /// Whether a call has more positionals than a class's method has parameters, and these are others by name than those of the method that it overrides: it is
    /// called on other occasions, by other code, `make(action, body)` for `make(path, verb, params)`. Where it only lacks some of them, it was forgotten.
    fn is_of_another_kind(
        &mut self,
        (class, above): (ClassRef, ClassRef),
        name: Name,
        shape: Option<&Shape>,
    ) -> bool {
        let [own, overridden] = [class, above].map(|class| self.positional_names(class, name));
        let passed = shape.map_or(0, |shape| shape.positionals as usize);
        let mut both = own.iter().zip(&overridden);
        passed > own.len() && both.any(|(own, overridden)| own != overridden)
    }

    /// The names of what a class's plain method takes by position, without the receiver.
    fn positional_names(&mut self, class: ClassRef, name: Name) -> Vec<Name> {
        let InMro::Found(value, _) = self.in_mro(class, name) else {
            return Vec::new();
        };
        let Data::Function(method) = self.data(value).clone() else {
            return Vec::new();
        };
        let params = self.definition(method.function).params.iter().skip(1);
        let params = params.take_while(|one| {
            let kind = one.kind;
            kind != ParameterKind::KeywordOnly && !one.is_variadic()
        });
        params.map(|one| one.name).collect()
    }

    /// Whether a class has a plain method, of its own or inherited, that takes a call.
    fn takes_call(&mut self, class: ClassRef, name: Name, shape: &Shape) -> bool {
        let InMro::Found(value, _) = self.in_mro(class, name) else {
            return false;
        };
        match self.data(value).clone() {
            Data::Function(method) => {
                bind::bind(&self.callable(method.function).signature, shape).is_ok()
            }
            _ => false,
        }
    }

    /// Whether a class has in its own body a plain method that refuses a call.
    fn refuses_call(&mut self, class: ClassRef, name: Name, shape: &Shape) -> bool {
        let InMro::Found(value, owner) = self.in_mro(class, name) else {
            return false;
        };
        let Data::Function(method) = self.data(value).clone() else {
            return false;
        };
        let is_plain = self.definition(method.function).decorators.is_empty();
        is_plain
            && owner == class
            && !self.is_assigned_by_methods(class, name)
            && bind::bind(&self.callable(method.function).signature, shape).is_err()
    }
}

/// The calls of methods of its first parameter that a method writes out, by name and with the parameter itself; no shape if a star leaves it open.
fn calls_on_receiver(method: &Function) -> Vec<(Name, Option<Shape>)> {
    // A handler tries what is left for a class that did not take the first call.
    let mut handlers = Vec::new();
    visit::statements(&method.body, &mut |stmt| {
        if let StmtKind::Try { handlers: own, .. } = &stmt.kind {
            handlers.extend(own.iter().map(|handler| handler.range));
        }
    });
    let is_first = |range: Range| !handlers.iter().any(|handler| handler.contains(range));
    let mut calls = Vec::new();
    visit::all_expressions(&method.body, &mut |expr| {
        if let ExprKind::Call(call) = &expr.kind
            && is_first(expr.range)
            && let ExprKind::Attribute {
                value, attribute, ..
            } = &call.function.kind
            && matches!(value.kind, ExprKind::Name(_, Var::Local(Slot(0))))
        {
            calls.push((*attribute, shape_of(call)));
        }
    });
    calls
}

/// What a method call passes, with the receiver; none if a star leaves it open.
fn shape_of(call: &Call) -> Option<Shape> {
    let mut shape = written_shape(call);
    shape.positionals += 1;
    (!shape.more_positionals && !shape.more_keywords).then_some(shape)
}
