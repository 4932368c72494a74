//! Instances whose attributes are followed one by one: those of classes that keep what they call.
//!
//! `emitter = Emitter(); emitter.on("done", f); emitter.emit("done", 1)`: which functions are called hangs on this one object. Such an instance has a dict of its own
//! attributes in the heap of the body that makes it ([`Data::Instance`], the first item of `given`). It goes into calls and back like any other
//! container, and is forgotten when code that is not known gets it.
//!
//! It would cost too much for every object, so it is done for classes that call what an attribute holds, or pass it on as `*x` or `**x` (`keeps_code`). Where an attribute is not in the dict for certain,
//! everything is as for all other instances ([`Evaluator::stored_on_instances`]).

use std::rc::Rc;

use crate::eval::Evaluator;
use crate::eval::domain::state::{Dict, Object};
use crate::eval::domain::value::{ClassRef, Data, LocalId, Partial, SharedId, Value};
use crate::eval::interpreter::frame::Frame;
use crate::eval::objects::filled::Holder;
use crate::eval::objects::mro::{Ancestor, InMro};
use crate::name::Name;

/// Methods that make it doubtful what an assignment does to an instance's own attributes.
const ACCESS: [&str; 3] = ["__setattr__", "__getattribute__", "__new__"];

impl<'p> Evaluator<'p> {
    /// An instance that was just made, with attributes of its own if its class keeps functions.
    pub fn with_own(&mut self, frame: &mut Frame<'p>, instance: Value) -> Value {
        let Data::Instance {
            class,
            exact: true,
            data,
            given,
        } = *self.data(instance)
        else {
            return instance;
        };
        if self.is_graph() || !self.keeps_code(class) {
            return instance;
        }
        let own = frame.state.allocate(Object::Dict(Dict::default()));
        let own = self.values.local(own);
        let mut items = match given.map(|given| self.data(given)) {
            Some(Data::Tuple(items)) => items.to_vec(),
            _ => vec![Value::UNKNOWN],
        };
        match items.first_mut() {
            Some(first) => *first = own,
            None => items.push(own),
        }
        let given = Some(self.values.tuple(items));
        self.values.intern(Data::Instance {
            class,
            exact: true,
            data,
            given,
        })
    }

    /// A copy of an instance has attributes of its own, which begin as those of the original. `copier`: the function of the library that makes it; a deep one
    /// copies containers too, of which nothing is said then. A class may say itself what a copy is (the library reference, "copy").
    pub fn copy_with_own(&mut self, frame: &mut Frame<'p>, original: Value, copier: Name) -> Value {
        let is_deep = copier.ends_with("deepcopy");
        let hook = if is_deep { "__deepcopy__" } else { "__copy__" };
        if let Data::Instance { class, .. } = *self.data(original)
            && self.class_may_define(class, &[Name::new(hook)])
        {
            return Value::UNKNOWN;
        }
        if self.own_of(original).is_none() {
            return original;
        }
        let own = match self.own_in_body(frame, original) {
            Some(id) => frame.state.object(id).clone(),
            None => Object::Anything,
        };
        let own = match own {
            Object::Dict(mut dict) => {
                let data = |value| self.data(value);
                let is_one = |value| !matches!(data(value), Data::Local(_) | Data::Shared(_));
                dict.entries.retain(|entry| !is_deep || is_one(entry.value));
                Object::Dict(dict)
            }
            _ => Object::Anything,
        };
        let own = frame.state.allocate(own);
        let own = self.values.local(own);
        self.replace_own(original, own)
    }

    /// An instance with this for its own attributes.
    fn replace_own(&mut self, instance: Value, own: Value) -> Value {
        let Data::Instance {
            class,
            exact,
            data,
            given: Some(given),
        } = *self.data(instance)
        else {
            return instance;
        };
        let Data::Tuple(items) = self.data(given) else {
            return instance;
        };
        let mut items = items.to_vec();
        if let Some(first) = items.first_mut() {
            *first = own;
        }
        let given = Some(self.values.tuple(items));
        self.values.intern(Data::Instance {
            class,
            exact,
            data,
            given,
        })
    }

    /// Whether methods of a class call what an attribute holds that methods assign, or pass it on as `*x` or `**x`: a list of handlers, a callback and its arguments.
    fn keeps_code(&self, class: ClassRef) -> bool {
        let object = self.class(class);
        if object.is_open || object.has_metaclass || object.is_enum || object.is_decorated {
            return false;
        }
        let mut owners = Vec::with_capacity(object.mro.len());
        for ancestor in &object.mro {
            match ancestor {
                Ancestor::Tree(ancestor) => owners.push(*ancestor),
                Ancestor::External(name) if name.as_str() == "builtins.object" => {}
                Ancestor::External(_) | Ancestor::Unknown => return false,
            }
        }
        let keys: Vec<_> = owners
            .iter()
            .map(|&owner| {
                let object = self.class(owner);
                (object.module, object.id)
            })
            .collect();
        let stored = |name: Name| {
            let mut all = keys
                .iter()
                .filter_map(|key| self.survey.self_stores.get(key));
            all.any(|stores| stores.contains_key(&name))
        };
        let called = keys.iter().filter_map(|key| self.survey.called.get(key));
        let keeps = called
            .flatten()
            .any(|&name| stored(name) || self.has_field(class, name));
        let names = ACCESS.map(Name::new);
        keeps && !self.class_may_define(class, &names)
    }

    /// The dict of an instance's own attributes; none if they are not followed.
    fn own_of(&self, instance: Value) -> Option<Value> {
        let Data::Instance {
            given: Some(given), ..
        } = *self.data(instance)
        else {
            return None;
        };
        match self.data(given) {
            Data::Tuple(items) => items
                .first()
                .copied()
                .filter(|&own| matches!(self.data(own), Data::Local(_) | Data::Shared(_))),
            _ => None,
        }
    }

    /// Where the attributes of an instance are, if they are in the heap of this body.
    pub fn own_in_body(&self, frame: &Frame<'p>, instance: Value) -> Option<LocalId> {
        match *self.data(self.own_of(instance)?) {
            Data::Local(id) if matches!(frame.state.object(id), Object::Dict(_)) => Some(id),
            _ => None,
        }
    }

    /// The same if they outlive the body.
    fn own_outside(&self, frame: &Frame<'p>, instance: Value) -> Option<SharedId> {
        match *self.data(self.own_of(instance)?) {
            Data::Shared(id) => Some(id),
            Data::Local(id) => match *frame.state.object(id) {
                Object::Moved(id) => Some(id),
                _ => None,
            },
            _ => None,
        }
    }

    /// What an attribute of just this instance holds; none if that is not known.
    pub fn own_attribute(
        &mut self,
        frame: &mut Frame<'p>,
        instance: Value,
        class: ClassRef,
        name: Name,
    ) -> Option<Value> {
        self.own_of(instance)?;
        if name.as_str() == "__dict__" {
            self.forget_own(frame, instance);
            return None;
        }
        let is_written_by_name = self.is_filled(Holder::Instances(class))
            || self.rewrites(class)
            || self.has_dynamic_attributes(class);
        if is_written_by_name {
            return None;
        }
        let key = self.values.str(name);
        if let Some(id) = self.own_in_body(frame, instance) {
            return match frame.state.object(id) {
                Object::Dict(dict) => certain_in(dict, key),
                _ => None,
            };
        }
        let id = self.own_outside(frame, instance)?;
        let shared = &self.shared[id.0 as usize];
        if !shared.is_single || shared.changed || !self.is_only_initialized(class, name) {
            return None;
        }
        match &*self.shared_object(frame, id, Some(key)) {
            Object::Dict(dict) => certain_in(dict, key).filter(|&value| value != Value::NONE),
            _ => None,
        }
    }

    /// Whether nothing but the `__init__` of a class or its ancestors assigns an attribute.
    fn is_only_initialized(&self, class: ClassRef, name: Name) -> bool {
        let is_initialized = |ancestor: &Ancestor| match ancestor {
            Ancestor::Tree(owner) => {
                let object = self.class(*owner);
                let stores = self.survey.self_stores.get(&(object.module, object.id));
                let stores = stores.and_then(|stores| stores.get(&name));
                let ir = &self.program.module(object.module).ir;
                let mut stores = stores.into_iter().flatten();
                stores.all(|store| ir[store.function].name.as_str() == "__init__")
            }
            Ancestor::External(_) | Ancestor::Unknown => true,
        };
        !self.is_stored_elsewhere(name) && self.class(class).mro.iter().all(is_initialized)
    }

    /// `instance.name = value`, if the instance's attributes are followed. False: they are not.
    pub fn assign_own(
        &mut self,
        frame: &mut Frame<'p>,
        base: Value,
        name: Name,
        value: Value,
    ) -> bool {
        let key = self.values.str(name);
        let mut any = false;
        let members = self.values.alternatives(base);
        let is_one = members.len() == 1;
        for member in members {
            let Some(id) = self.own_in_body(frame, member) else {
                continue;
            };
            any = true;
            let Object::Dict(dict) = frame.state.object(id) else {
                continue;
            };
            let mut dict = dict.clone();
            if !self.is_plain_attribute(member, name) {
                // What it does is in the class's code.
                dict.entries.retain(|entry| entry.key != key);
            } else if is_one {
                dict.set(key, value);
            } else {
                dict.set_perhaps(&mut self.values, key, value);
            }
            frame.state.set_object(id, Rc::new(Object::Dict(dict)));
        }
        any && is_one
    }

    /// `del instance.name`
    pub fn delete_own(&mut self, frame: &mut Frame<'p>, base: Value, name: Name) {
        let key = self.values.str(name);
        for member in self.values.alternatives(base) {
            if let Some(id) = self.own_in_body(frame, member)
                && let Object::Dict(dict) = frame.state.object(id)
            {
                let mut dict = dict.clone();
                dict.entries.retain(|entry| entry.key != key);
                frame.state.set_object(id, Rc::new(Object::Dict(dict)));
            }
        }
    }

    /// Whether assigning an attribute puts it into the instance's own dict: no data descriptor of the class is asked (the data model, "Invoking Descriptors").
    fn is_plain_attribute(&self, instance: Value, name: Name) -> bool {
        let Data::Instance { class, .. } = *self.data(instance) else {
            return false;
        };
        match self.in_mro(class, name) {
            InMro::Missing => true,
            InMro::Found(value, _) => matches!(
                self.data(value),
                Data::Function(_)
                    | Data::None
                    | Data::Bool(_)
                    | Data::Int(_)
                    | Data::Str(_)
                    | Data::Shared(_)
                    | Data::Tuple(_)
            ),
            InMro::Unknown => false,
        }
    }

    /// Forgets all attributes of an instance.
    pub fn forget_own(&self, frame: &mut Frame<'p>, instance: Value) {
        if let Some(id) = self.own_in_body(frame, instance) {
            *frame.state.object_mut(id) = Object::Anything;
        }
    }

    /// Gives the containers in an instance's attributes the names that code reaches them by.
    pub fn name_own(&mut self, own: SharedId) {
        let object = Rc::clone(&self.shared[own.0 as usize].object);
        if let Object::Dict(dict) = &*object {
            for entry in &dict.entries {
                if let Some(name) = self.values.as_str(entry.key) {
                    self.name_shared(entry.value, name);
                }
            }
        }
    }

    /// A value in which instances have no attributes of their own: what is known of all instances holds for them.
    pub fn without_own(&mut self, value: Value) -> Value {
        if !self.values.mentions_local(value) {
            return value;
        }
        match self.data(value).clone() {
            Data::Instance {
                class,
                exact,
                data,
                given: Some(given),
            } => {
                let given = match self.data(given).clone() {
                    Data::Tuple(items) => {
                        let mut items = items.to_vec();
                        if let Some(first) = items.first_mut() {
                            *first = Value::UNKNOWN;
                        }
                        let is_known = items.iter().any(|&item| item != Value::UNKNOWN);
                        is_known.then(|| self.values.tuple(items))
                    }
                    _ => None,
                };
                self.values.intern(Data::Instance {
                    class,
                    exact,
                    data,
                    given,
                })
            }
            Data::Bound { function, receiver } => {
                let receiver = self.without_own(receiver);
                self.values.intern(Data::Bound { function, receiver })
            }
            Data::Partial(partial) => {
                let positionals = partial.positionals.iter();
                let positionals = positionals.map(|&item| self.without_own(item)).collect();
                let keywords = partial.keywords.iter();
                let keywords = keywords.map(|&(name, item)| (name, self.without_own(item)));
                let keywords = keywords.collect();
                let function = self.without_own(partial.function);
                self.values.intern(Data::Partial(Partial {
                    function,
                    positionals,
                    keywords,
                }))
            }
            Data::Union(members) => {
                let members = members.iter().map(|&member| self.without_own(member));
                let members = members.collect();
                self.values.union(members)
            }
            _ => value,
        }
    }
}

/// What a dict holds under a key that is there for certain.
fn certain_in(dict: &Dict, key: Value) -> Option<Value> {
    let entry = dict.find(key).filter(|entry| entry.certain)?;
    Some(entry.value)
}
