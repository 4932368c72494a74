//! What methods and other code store in the attributes of instances.

use std::sync::LazyLock;

use crate::eval::Evaluator;
use crate::eval::domain::value::{ClassRef, ContextId, Data, FunctionRef, Value};
use crate::eval::interpreter::frame::{Frame, Owner};
use crate::eval::objects::kept::Keeper;
use crate::eval::objects::mro::Ancestor;
use crate::eval::reuse::file_set::FileSet;
use crate::eval::summaries::context::Context;
use crate::name::Name;
use crate::syntax::ir::{Expr, Parent, Slot};

impl<'p> Evaluator<'p> {
    /// What methods assign to an attribute of their `self`; none: no method does.
    pub fn stored_on_instances(
        &mut self,
        class: ClassRef,
        exact: bool,
        name: Name,
    ) -> Option<Value> {
        if self.stores_by_itself(class) && self.is_assigned_by_methods(class, name) {
            // Its `__setattr__` may put something else there.
            return Some(Value::UNKNOWN);
        }
        let mut result: Option<Value> = None;
        let mut at = 0;
        while let Some(ancestor) = self.class(class).mro.get(at) {
            at += 1;
            if let &Ancestor::Tree(owner) = ancestor
                && let Some(value) = self.stored_by(owner, name)
            {
                result = Some(result.map_or(value, |known| self.values.join(known, value)));
            }
        }
        if !exact && result.is_some() && self.subclasses.contains_key(&class) {
            result = result.map(|value| self.values.join(value, Value::UNKNOWN));
        }
        result
    }

    /// Whether a class, or what it inherits from in the tree, says itself what an assignment to an attribute does (reference, 3.3.2).
    pub fn stores_by_itself(&self, class: ClassRef) -> bool {
        static HOOK: LazyLock<Name> = LazyLock::new(|| Name::new("__setattr__"));
        let hook = *HOOK;
        self.class(class).mro.iter().any(|ancestor| {
            matches!(ancestor, Ancestor::Tree(own) if self.class(*own).namespace.contains_key(&hook))
        })
    }

    /// Whether methods of a class or of an ancestor in the tree assign an attribute of their `self`.
    pub fn is_assigned_by_methods(&self, class: ClassRef, name: Name) -> bool {
        self.class(class).mro.iter().any(|ancestor| {
            let Ancestor::Tree(own) = ancestor else {
                return false;
            };
            let object = self.class(*own);
            let stores = self.survey.self_stores.get(&(object.module, object.id));
            stores.is_some_and(|stores| stores.contains_key(&name))
        }) || self.is_stored_by_borrowed(class, name)
    }

    /// The methods of other classes that a class has as its own: `write = Other.write` in its body. Their `self` is one of its instances as well.
    pub fn borrowed_by(&self, class: ClassRef) -> Vec<FunctionRef> {
        let object = self.class(class);
        let is_own = |function: FunctionRef| {
            function.module == object.module
                && self.definition(function).parent == Parent::Class(object.id)
        };
        let functions = object.namespace.values().filter_map(|&value| {
            let function = match self.data(value) {
                Data::Function(function) => function.function,
                _ => return None,
            };
            let is_method = matches!(self.definition(function).parent, Parent::Class(_));
            (is_method && !is_own(function)).then_some(function)
        });
        functions.collect()
    }

    /// Whether methods that a class, or an ancestor in the tree, has from another class assign an attribute of their `self`.
    pub fn is_stored_by_borrowed(&self, class: ClassRef, name: Name) -> bool {
        let stores = |function: &FunctionRef| {
            let Parent::Class(lender) = self.definition(*function).parent else {
                return false;
            };
            let stores = self.survey.self_stores.get(&(function.module, lender));
            let stores = stores.and_then(|stores| stores.get(&name));
            stores.is_some_and(|stores| stores.iter().any(|store| store.function == function.id))
        };
        self.class(class).mro.iter().any(|ancestor| {
            matches!(ancestor, Ancestor::Tree(own) if self.class(*own).borrowed.iter().any(stores))
        })
    }

    /// What the methods of one class assign to an attribute of their `self`.
    pub fn stored_by(&mut self, class: ClassRef, name: Name) -> Option<Value> {
        let object = self.class(class);
        let (module, id, closure) = (object.module, object.id, object.closure);
        let survey = self.survey;
        let stores = survey.self_stores.get(&(module, id))?.get(&name)?;
        if let Some(&(known, looked)) = self.instance_attributes.get(&(class, name)) {
            self.look(looked);
            // If it is being found out: an attribute that depends on itself.
            return Some(known.unwrap_or(Value::UNKNOWN));
        }
        self.instance_attributes
            .insert((class, name), (None, FileSet::NONE));
        let (before, acts) = (self.begin_looking(module), self.effects.acts.len());
        let receiver = self.values.intern(Data::Instance {
            class,
            exact: false,
            data: None,
            given: None,
        });
        let mut result: Option<Value> = None;
        for store in stores.iter().copied() {
            let value = match self.stored_value(module, store) {
                Some(value) => {
                    let function = FunctionRef {
                        module,
                        id: store.function,
                    };
                    let made = value;
                    let value = self.probe(function, closure, Some(receiver), value);
                    let keeper = Keeper {
                        class,
                        name,
                        is_of_class: self.is_given_class(module, store.function),
                        is_dict: false,
                    };
                    self.keep(value, made, keeper);
                    if self.is_given_class(module, store.function) {
                        // What is put on the class is read through its instances as if the body had it.
                        self.bound(value, receiver, class, false)
                    } else {
                        value
                    }
                }
                None => Value::UNKNOWN,
            };
            result = Some(result.map_or(value, |known| self.values.join(known, value)));
        }
        let looked = self.end_looking(before);
        // Whoever asks for the attribute has it found out again.
        self.effects.acts.truncate(acts);
        self.instance_attributes
            .insert((class, name), (result, looked));
        if let Some(value) = result {
            self.name_shared(value, name);
        }
        result
    }

    /// What an expression in a function is when nothing is known of its variables but the receiver.
    pub fn probe(
        &mut self,
        function: FunctionRef,
        closure: Option<ContextId>,
        receiver: Option<Value>,
        expr: &'p Expr,
    ) -> Value {
        self.probe_with(function, closure, receiver, expr, &[])
    }

    /// The same where something is known of some of its other variables.
    pub fn probe_with(
        &mut self,
        function: FunctionRef,
        closure: Option<ContextId>,
        receiver: Option<Value>,
        expr: &'p Expr,
        known: &[(Slot, Value)],
    ) -> Value {
        if self.depth >= crate::eval::DEPTH_LIMIT {
            return Value::UNKNOWN;
        }
        let definition = self.definition(function);
        let owner = Owner::Function(definition);
        let id = self.add_context(Context {
            function: Some(function),
            closure,
            arguments: vec![Value::UNKNOWN; definition.params.len()].into(),
            ..Context::new(function.module, owner)
        });
        let ir = &self.program.module(function.module).ir;
        let mut frame = Frame {
            closure,
            uncertain: 1,
            ..Frame::new(id, function.module, ir, owner)
        };
        for index in 0..definition.params.len() {
            let slot = Slot(u32::try_from(index).unwrap_or(u32::MAX));
            frame.state.set_slot(slot, Value::UNKNOWN);
        }
        if let (Some(receiver), false) = (receiver, definition.params.is_empty()) {
            frame.state.set_slot(Slot(0), receiver);
        }
        for &(slot, value) in known {
            frame.state.set_slot(slot, value);
        }
        self.depth += 1;
        let value = self.expression(&mut frame, expr);
        let value = self.outlive(&mut frame, value);
        self.depth -= 1;
        value
    }
}
