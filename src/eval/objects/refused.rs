//! Assignments that an object refuses: to a property that has nothing to set it with (the data model, 3.3.2.2 "Implementing Descriptors").

use crate::eval::Evaluator;
use crate::eval::calls::arguments::Actual;
use crate::eval::domain::value::{Accessors, ClassRef, Data, Value};
use crate::eval::exceptions::class::ATTRIBUTE_ERROR;
use crate::eval::interpreter::frame::{Frame, LocalFailure};
use crate::eval::objects::filled::Holder;
use crate::eval::objects::mro::{Ancestor, InMro};
use crate::facts::{Confidence, FailureKind};
use crate::name::Name;
use crate::python::Version;
use crate::syntax::ir::{Expr, ExprKind, Parent, Slot, Var};

/// What is done to an attribute besides reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is assigned.
    Set,
    /// It is deleted.
    Delete,
}

/// Methods that say themselves what an assignment or a deletion does.
const HOOKS: [&str; 3] = ["__setattr__", "__delattr__", "__getattribute__"];

impl<'p> Evaluator<'p> {
    /// `property(get, set, delete, doc)`.
    pub fn property_made(&mut self, actual: &Actual) -> Value {
        let is_open = actual.more_positionals || actual.rest.is_some();
        let accessor = |at: usize, keyword: &str| {
            let given = actual.positionals.get(at).copied();
            let given = given.or_else(|| actual.keyword(keyword));
            is_open || given.is_some_and(|given| given != Value::NONE)
        };
        let accessors = Accessors {
            set: accessor(1, "fset"),
            delete: accessor(2, "fdel"),
        };
        let getter = actual.positionals.first().copied();
        match getter.or_else(|| actual.keyword("fget")) {
            Some(getter) => self.values.intern(Data::Property(getter, accessors)),
            None => Value::UNKNOWN,
        }
    }

    /// `base.name = value` or `del base.name`: a failure if whatever `base` may be has a property of that name that cannot do it.
    pub fn check_attribute_change(
        &mut self,
        frame: &mut Frame<'p>,
        target: &'p Expr,
        (base, name): (Value, Name),
        change: Change,
    ) {
        if self.is_graph() || !frame.state.live || !frame.ir.errors.is_empty() {
            return;
        }
        let mut refusing = None;
        for alternative in self.values.alternatives(base) {
            let Data::Instance { class, exact, .. } = *self.data(alternative) else {
                return;
            };
            if !self.has_fixed_property(alternative, (class, exact), name, change) {
                return;
            }
            refusing = refusing.or(Some(class));
        }
        let Some(class) = refusing else { return };
        self.may_raise(frame);
        if self.is_named_here(frame, *ATTRIBUTE_ERROR)
            || self.is_expected_here(frame, *ATTRIBUTE_ERROR)
        {
            frame.state.live = false;
            return;
        }
        // A test before it may have asked what the object is; but what a method's own `self` is needs no value.
        let by_value = !is_own_receiver(frame, target);
        let is_unsure = frame.is_unsure();
        frame.failures.push(LocalFailure {
            confidence: if is_unsure || self.is_chosen(frame) {
                Confidence::May
            } else {
                Confidence::Must
            },
            exception: Some(self.refused_change(class, name, change)),
            by_value,
            ..LocalFailure::at(
                FailureKind::InvalidOperation,
                name,
                target.range,
                match change {
                    Change::Set => "assigns the attribute",
                    Change::Delete => "deletes the attribute",
                },
            )
        });
    }

    /// Whether the class of an instance, and each that is derived from it where it may be one of those, finds the same property under a name, which lacks what it
    /// takes to change it.
    fn has_fixed_property(
        &mut self,
        instance: Value,
        (class, exact): (ClassRef, bool),
        name: Name,
        change: Change,
    ) -> bool {
        let InMro::Found(found, _) = self.in_mro(class, name) else {
            return false;
        };
        let Data::Property(getter, accessors) = *self.data(found) else {
            return false;
        };
        let has_accessor = match change {
            Change::Set => accessors.set,
            Change::Delete => accessors.delete,
        };
        // One that is there to be written anew is written anew by whoever assigns it.
        if has_accessor
            || self.is_placeholder(getter, instance)
            || !self.leaves_changes_to_descriptors(class)
        {
            return false;
        }
        exact
            || self.derived(class).into_iter().all(|derived| {
                self.in_mro(derived, name) == self.in_mro(class, name)
                    && self.leaves_changes_to_descriptors(derived)
            })
    }

    /// Whether nothing but the descriptors of a class says what becomes of an attribute that is assigned or deleted.
    fn leaves_changes_to_descriptors(&self, class: ClassRef) -> bool {
        let object = self.class(class);
        let is_known = |ancestor: &Ancestor| match ancestor {
            Ancestor::Tree(ancestor) => {
                let object = self.class(*ancestor);
                let has = |hook: &&str| object.namespace.contains_key(&Name::new(hook));
                !object.is_open && !HOOKS.iter().any(has)
            }
            Ancestor::External(name) => name.as_str() == "builtins.object",
            Ancestor::Unknown => false,
        };
        !object.has_metaclass
            && !self.is_filled(Holder::Reclassed(class))
            && object.mro.iter().all(is_known)
    }

    /// The exception in CPython's words (`property_descr_set` in `Objects/descrobject.c`).
    fn refused_change(&self, class: ClassRef, name: Name, change: Change) -> String {
        let (verb, accessor) = match change {
            Change::Set => ("set", "setter"),
            Change::Delete => ("delete", "deleter"),
        };
        let version = self.program.targets().wording();
        if version >= Version(11) {
            let of = self.class(class).definition.qualname;
            format!("AttributeError: property '{name}' of '{of}' object has no {accessor}")
        } else if version >= Version(10) {
            format!("AttributeError: can't {verb} attribute '{name}'")
        } else {
            format!("AttributeError: can't {verb} attribute")
        }
    }
}

/// Whether an attribute is one of the object that the running method is called on.
fn is_own_receiver(frame: &Frame<'_>, target: &Expr) -> bool {
    let ExprKind::Attribute { value, .. } = &target.kind else {
        return false;
    };
    let is_first = matches!(value.kind, ExprKind::Name(_, Var::Local(Slot(0))));
    let is_bound_once = |slot: usize| {
        frame
            .scope
            .slots
            .get(slot)
            .is_some_and(|slot| slot.bindings <= 1)
    };
    is_first
        && is_bound_once(0)
        && frame
            .function()
            .is_some_and(|function| matches!(function.parent, Parent::Class(_)))
}
