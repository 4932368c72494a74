//! What instances were given when they were made: the functions, classes and instances that a constructor was passed, and the attributes that it keeps them in.
//!
//! `Service(Repo())` and `Service(Cache())` are two values, so that a call of `self.repo.get()` is followed into the one or the other. Texts and numbers are left
//! out: they would make as many values as there are instances.

use crate::bind::{self, Source};
use crate::eval::Evaluator;
use crate::eval::calls::arguments::{Actual, shape};
use crate::eval::calls::construct::Constructor;
use crate::eval::domain::truth::Truth;
use crate::eval::domain::value::{ClassRef, Data, Value};
use crate::eval::interpreter::frame::Frame;
use crate::eval::objects::class::ClassObject;
use crate::eval::objects::defaulted::instead_of_parameter;
use crate::eval::objects::filled::Holder;
use crate::eval::objects::mro::Ancestor;
use crate::name::Name;
use crate::syntax::ir::{Expr, ExprKind, Function, ParameterKind, Parent, Slot, Var};
use crate::syntax::visit;

/// How deep instances are told apart by what they were given: past it, what was given is not known.
const DEPTH: u32 = 2;

impl<'p> Evaluator<'p> {
    /// An instance that was just made, with what its `__init__` is passed.
    pub fn with_given(&mut self, instance: Value, actual: &Actual) -> Value {
        let Data::Instance {
            class,
            exact: true,
            data,
            given: None,
        } = *self.data(instance)
        else {
            return instance;
        };
        if self.is_graph() {
            return instance;
        }
        let Some(given) = self.given_to_init(class, instance, actual) else {
            return instance;
        };
        let given = Some(self.values.tuple(given));
        self.values.intern(Data::Instance {
            class,
            exact: true,
            data,
            given,
        })
    }

    /// What each parameter of a class's `__init__` is passed, as far as that is code; none if nothing is.
    fn given_to_init(
        &mut self,
        class: ClassRef,
        instance: Value,
        actual: &Actual,
    ) -> Option<Vec<Value>> {
        let Constructor::Written(function) = self.constructor(class, Name::new("__init__")) else {
            return None;
        };
        let Data::Function(object) = self.data(function).clone() else {
            return None;
        };
        let callable = self.callable(object.function);
        let actual = actual.with_first(instance);
        let binding = bind::bind(&callable.signature, &shape(&actual)).ok()?;
        let defaulted = self.defaulted_parameters(object.function);
        let mut given = Vec::with_capacity(binding.sources.len());
        for (index, source) in binding.sources.iter().enumerate() {
            let value = match *source {
                _ if index == 0 => Value::UNKNOWN,
                Source::Positional(at) => actual.positionals[at as usize],
                Source::Keyword(at) if actual.keywords[at as usize].certain => {
                    actual.keywords[at as usize].value
                }
                Source::Default => {
                    let default = object.defaults.get(index).copied().flatten();
                    default.unwrap_or(Value::UNKNOWN)
                }
                _ => Value::UNKNOWN,
            };
            // What it takes where it is given nothing is its own.
            let is_nothing =
                value == Value::NONE && defaulted.iter().any(|slot| slot.0 as usize == index);
            given.push(if is_nothing {
                value
            } else {
                self.kept_of_given(value)
            });
        }
        given
            .iter()
            .any(|&value| value != Value::UNKNOWN)
            .then_some(given)
    }

    fn kept_of_given(&mut self, value: Value) -> Value {
        let value = self.without_own(value);
        let is_kept = !self.values.mentions_local(value)
            && !self.values.is_open(value)
            && !matches!(self.data(value), Data::Shared(_))
            && self.is_code(value)
            && self.given_depth(value) < DEPTH;
        if is_kept { value } else { Value::UNKNOWN }
    }

    fn given_depth(&self, value: Value) -> u32 {
        let deepest = |values: &[Value]| {
            let depths = values.iter().map(|&value| self.given_depth(value));
            depths.max().unwrap_or(0)
        };
        match self.data(value) {
            Data::Instance {
                given: Some(given), ..
            } => 1 + self.given_depth(*given),
            Data::Bound { function, receiver } => deepest(&[*function, *receiver]),
            Data::Partial(partial) => {
                let keywords = partial.keywords.iter().map(|&(_, value)| value);
                let all: Vec<Value> = partial
                    .positionals
                    .iter()
                    .copied()
                    .chain(keywords)
                    .collect();
                deepest(&all).max(self.given_depth(partial.function))
            }
            Data::Tuple(items) | Data::Union(items) => deepest(items),
            Data::Wrapped(inner) => self.given_depth(*inner),
            _ => 0,
        }
    }

    /// Whether code beside a class, or an ancestor of it, gives attributes to some object whose names are not known, or their methods do that to their own.
    pub fn has_dynamic_attributes(&self, class: ClassRef) -> bool {
        self.class(class).mro.iter().any(|ancestor| match ancestor {
            Ancestor::Tree(ancestor) => self.sets_any_attribute(self.class(*ancestor)),
            Ancestor::External(_) | Ancestor::Unknown => false,
        })
    }

    /// The same for a class without its ancestors.
    pub(super) fn sets_any_attribute(&self, class: &ClassObject<'p>) -> bool {
        let survey = &self.survey;
        survey.dynamic_attributes.contains(&class.module)
            || class.is_rewritten
            || survey.dynamic_classes.contains(&(class.module, class.id))
    }

    /// Whether a method of a class, or of an ancestor in the tree, reads the names in the class's body: `type(self).__dict__.items()`. It may put them on the object.
    pub(super) fn copies_class_names(&self, class: ClassRef) -> bool {
        if let Some(&known) = self.copying.borrow().get(&class) {
            return known;
        }
        let copies = self.class(class).mro.iter().any(|ancestor| {
            let Ancestor::Tree(own) = ancestor else {
                return false;
            };
            let (module, id) = (self.class(*own).module, self.class(*own).id);
            let functions = &self.program.module(module).ir.functions;
            let mut methods = functions
                .iter()
                .filter(|own| own.parent == Parent::Class(id));
            methods.any(reads_class_names)
        });
        self.copying.borrow_mut().insert(class, copies);
        copies
    }

    /// What an attribute holds that nothing but `__init__` assigns, and that from a parameter; none if that is not known.
    pub fn given_attribute(
        &mut self,
        frame: &Frame<'p>,
        instance: Value,
        name: Name,
    ) -> Option<Value> {
        let Data::Instance {
            class,
            exact: true,
            given: Some(given),
            ..
        } = *self.data(instance)
        else {
            return None;
        };
        let is_written_by_name = self.is_filled(Holder::Instances(class))
            || self.rewrites(class)
            || self.has_dynamic_attributes(class)
            || self.stores_by_itself(class);
        if is_written_by_name || self.is_stored_elsewhere(name) || !self.is_settled(class, name) {
            return None;
        }
        let Constructor::Written(function) = self.constructor(class, Name::new("__init__")) else {
            return None;
        };
        let init = self.function_behind(function)?.function;
        let mut only = None;
        for ancestor in self.class(class).mro.clone() {
            let Ancestor::Tree(owner) = ancestor else {
                continue;
            };
            let object = self.class(owner);
            let (module, key) = (object.module, (object.module, object.id));
            let stores = self.survey.self_stores.get(&key);
            let stores = stores.and_then(|stores| stores.get(&name));
            for &store in stores.into_iter().flatten() {
                let is_of_init = module == init.module && store.function == init.id;
                if !is_of_init || only.is_some() {
                    return None;
                }
                only = Some(self.stored_value(module, store)?);
            }
        }
        let definition = self.definition(init);
        let stored = only?;
        let Data::Tuple(items) = self.data(given).clone() else {
            return None;
        };
        let given_for = |slot: Slot| {
            let item = items.get(slot.0 as usize).filter(|_| slot.0 != 0);
            item.copied().filter(|&value| value != Value::UNKNOWN)
        };
        if let Some((slot, other)) = instead_of_parameter(definition, stored) {
            match given_for(slot)? {
                Value::NONE => return Some(self.taken_instead((class, name), init, other)),
                value => return (self.truth(frame, value) == Truth::True).then_some(value),
            }
        }
        let (slot, is_either) = parameter_in(definition, stored)?;
        let value = given_for(slot)?;
        (!is_either || self.truth(frame, value) == Truth::True).then_some(value)
    }
}

/// Whether a method reads the namespace of a class: `type(x).__dict__`, `x.__class__.__dict__`, `vars(type(x))`, or that of the class which a class method gets.
fn reads_class_names(method: &Function) -> bool {
    let mut decorators = method.decorators.iter();
    let is_given_class = decorators
        .any(|one| matches!(one.kind, ExprKind::Name(name, _) if name.as_str() == "classmethod"));
    let is_class = |expr: &Expr| match &expr.kind {
        ExprKind::Call(call) => {
            matches!(call.function.kind, ExprKind::Name(name, _) if name.as_str() == "type")
        }
        ExprKind::Attribute { attribute, .. } => attribute.as_str() == "__class__",
        ExprKind::Name(_, Var::Local(Slot(0))) => is_given_class,
        _ => false,
    };
    let mut found = false;
    visit::all_expressions(&method.body, &mut |expr| {
        found |= match &expr.kind {
            ExprKind::Attribute {
                value, attribute, ..
            } => attribute.as_str() == "__dict__" && is_class(value),
            ExprKind::Call(call) => {
                matches!(call.function.kind, ExprKind::Name(name, _) if name.as_str() == "vars")
                    && call
                        .arguments
                        .first()
                        .is_some_and(|first| is_class(&first.value))
            }
            _ => false,
        };
    });
    found
}

/// The parameter that an expression gives, `f` or `f or other`, where nothing assigns it anew; and whether it stands before an `or`.
fn parameter_in(function: &Function, expr: &Expr) -> Option<(Slot, bool)> {
    match &expr.kind {
        ExprKind::Name(_, Var::Local(slot)) => {
            let parameter = function.params.get(slot.0 as usize)?;
            let variable = function.scope.slots.get(slot.0 as usize)?;
            let is_plain = !matches!(
                parameter.kind,
                ParameterKind::VarPositional | ParameterKind::VarKeyword
            );
            (is_plain && variable.bindings <= 1 && !variable.assigned_inside)
                .then_some((*slot, false))
        }
        ExprKind::Bool {
            is_and: false,
            values,
        } => {
            let (slot, _) = parameter_in(function, values.first()?)?;
            Some((slot, true))
        }
        _ => None,
    }
}
