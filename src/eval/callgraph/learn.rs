//! What the calls of one evaluation teach the next: what is stored in attributes, yielded, sent.
//!
//! `check` must not rely on a value that only some stores give; a call graph shows every callee that some store gives. So this is kept apart,
//! and grows from round to round until nothing new comes.

use crate::eval::Evaluator;
use crate::eval::domain::value::{ClassRef, ContextId, Data, FunctionRef, Kind, Value};
use crate::eval::interpreter::frame::Frame;
use crate::eval::objects::attribute::{Attribute, is_special};
use crate::eval::objects::mro::{Ancestor, InMro, is_transparent};
use crate::name::Name;

use super::Holder;

/// How often everything is evaluated once more at most.
const ROUNDS: usize = 4;

/// How many values are remembered for attributes of one name.
const STORES_PER_NAME: usize = 512;

impl<'p> Evaluator<'p> {
    /// Evaluates everything once more, as long as that teaches something.
    pub fn learn(&mut self) {
        self.step_limit *= 3;
        for round in 1..=ROUNDS {
            let Some(calls) = &mut self.calls else { return };
            calls.round = round;
            let edges = calls.edges.len();
            let was_news = std::mem::take(&mut calls.news);
            if !was_news && round > 2 {
                return;
            }
            for index in 0..self.contexts.len() {
                if self.steps > self.step_limit {
                    return;
                }
                let id = ContextId(u32::try_from(index).unwrap_or(u32::MAX));
                self.evaluate_again(id);
            }
            self.run_pending();
            if let Some(calls) = &mut self.calls {
                calls.news |= calls.edges.len() > edges;
            }
        }
    }

    fn evaluate_again(&mut self, id: ContextId) {
        let before = self.contexts[id.0 as usize].returned;
        if self.contexts[id.0 as usize].function.is_none() {
            let module = self.contexts[id.0 as usize].module;
            self.evaluate_module_again(module);
            return;
        }
        self.run_again(id, true);
        let after = self.contexts[id.0 as usize].returned;
        if before != after {
            if let (Some(before), Some(after)) = (before, after)
                && !self.values.mentions_local(before)
                && !self.values.mentions_local(after)
            {
                let joined = self.values.join(before, after);
                self.contexts[id.0 as usize].returned = Some(joined);
                if joined == before {
                    return;
                }
            }
            self.is_news();
        }
    }

    fn is_news(&mut self) {
        if let Some(calls) = &mut self.calls {
            calls.news = true;
        }
    }

    /// The parts of a value that lead to something that can be called.
    fn telling(&mut self, value: Value) -> Vec<Value> {
        let members = self.values.alternatives(value);
        let is_long = |evaluator: &Self, member: Value| matches!(evaluator.data(member), Data::Str(text) if text.len() > 32);
        let members: Vec<Value> = members
            .into_iter()
            .map(|member| {
                if is_long(self, member) {
                    self.values.of(Kind::Str)
                } else {
                    member
                }
            })
            .collect();
        members
            .into_iter()
            .filter(|&member| {
                !matches!(
                    self.data(member),
                    Data::Unknown
                        | Data::Unbound
                        | Data::Symbol { .. }
                        | Data::None
                        | Data::Bool(_)
                        | Data::Int(_)
                        | Data::Local(_)
                )
            })
            .collect()
    }

    /// Remembers that an attribute gets a value.
    pub fn learn_stored(&mut self, holder: Holder, name: Name, value: Value) {
        let members = self.telling(value);
        let Some(calls) = &mut self.calls else { return };
        let known = calls.stored.entry(name).or_default();
        for member in members {
            if known.len() < STORES_PER_NAME && !known.contains(&(holder, member)) {
                known.push((holder, member));
                calls.news = true;
            }
        }
    }

    /// What attributes of this name are known to hold, of the holders that `wanted` takes.
    fn learnt(&mut self, name: Name, wanted: impl Fn(&Self, Holder) -> bool) -> Option<Value> {
        let stored = self.calls.as_ref()?.stored.get(&name)?;
        let found: Vec<Value> = stored
            .iter()
            .filter(|(holder, _)| wanted(self, *holder))
            .map(|(_, value)| *value)
            .collect();
        (!found.is_empty()).then(|| self.values.union(found))
    }

    fn learnt_of_class(&mut self, class: ClassRef, exact: bool, name: Name) -> Option<Value> {
        self.learnt(name, |evaluator, holder| match holder {
            Holder::Class(other) => {
                let above = Ancestor::Tree(other);
                let below = Ancestor::Tree(class);
                evaluator.class(class).mro.contains(&above)
                    || (!exact && evaluator.class(other).mro.contains(&below))
            }
            _ => false,
        })
    }

    /// What a function's attribute holds.
    pub fn learnt_of_function(&mut self, function: FunctionRef, name: &str) -> Option<Value> {
        let name = Name::new(name);
        self.learnt(name, |_, holder| holder == Holder::Function(function))
    }

    /// A variable of a module, with what functions are known to put there.
    pub fn learnt_of_module(
        &mut self,
        module: crate::program::ModuleId,
        name: Name,
    ) -> Option<Value> {
        self.learnt(name, |_, holder| holder == Holder::Module(module))
    }

    /// Remembers what a generator yields (or what is sent to it, or what it returns).
    pub fn learn_flow(&mut self, flow: super::Flow, function: FunctionRef, value: Value) {
        let members = self.telling(value);
        let Some(calls) = &mut self.calls else { return };
        let known = calls.flows.entry((flow, function)).or_default();
        for member in members {
            if known.len() < STORES_PER_NAME && !known.contains(&member) {
                known.push(member);
                calls.news = true;
            }
        }
    }

    /// What is known of that; unknown if nothing is.
    pub fn learnt_flow(&mut self, flow: super::Flow, function: FunctionRef) -> Value {
        let found = self
            .calls
            .as_ref()
            .and_then(|calls| calls.flows.get(&(flow, function)));
        match found.cloned() {
            Some(members) => self.values.union(members),
            None => Value::UNKNOWN,
        }
    }

    /// A generator's body runs on: notes that, and gives what it yields.
    pub fn resumed(&mut self, frame: &Frame<'p>, function: FunctionRef) -> Value {
        self.note(frame, super::Target::Function(function));
        self.learnt_flow(super::Flow::Yields, function)
    }

    /// An attribute, with what is known of it only for the call graph.
    pub fn graph_attribute(
        &mut self,
        frame: &mut Frame<'p>,
        base: Value,
        name: Name,
        found: Attribute,
    ) -> Attribute {
        let more = match *self.data(base) {
            Data::Instance { class, exact, .. } => {
                return self.graph_instance_attribute(frame, base, class, exact, name, found);
            }
            Data::Class { class, exact } => {
                self.graph_class_attribute(frame, base, class, exact, name, found)
            }
            Data::Super { class, receiver } => {
                self.graph_super_attribute(class, receiver, name, found)
            }
            Data::Module(module) => self
                .learnt(name, |_, holder| holder == Holder::Module(module))
                .or_else(|| match found {
                    Attribute::Found(_) => None,
                    _ => self.module_hook(frame, module, name),
                }),
            Data::Function(_) if name.as_str() == "register" => {
                let method = Data::Method {
                    receiver: base,
                    name,
                };
                Some(self.values.intern(method))
            }
            Data::Function(ref object) => {
                let function = object.function;
                self.learnt(name, |_, holder| holder == Holder::Function(function))
            }
            Data::Generator(_) | Data::Int(_) | Data::Bool(_) => {
                let method = Data::Method {
                    receiver: base,
                    name,
                };
                Some(self.values.intern(method))
            }
            _ => None,
        };
        self.joined_with(found, more)
    }

    fn joined_with(&mut self, found: Attribute, more: Option<Value>) -> Attribute {
        match (found, more) {
            (found, None) => found,
            (Attribute::Found(value), Some(more)) => {
                Attribute::Found(self.values.join(value, more))
            }
            (_, Some(more)) => Attribute::Found(more),
        }
    }

    /// A module's `__getattr__`.
    fn module_hook(
        &mut self,
        frame: &mut Frame<'p>,
        module: crate::program::ModuleId,
        name: Name,
    ) -> Option<Value> {
        let hook = self.variable(module, Name::new("__getattr__"));
        self.function_behind(hook)?;
        let name = self.values.str(name);
        Some(self.call_aside(frame, hook, vec![name]))
    }

    fn graph_instance_attribute(
        &mut self,
        frame: &mut Frame<'p>,
        base: Value,
        class: ClassRef,
        exact: bool,
        name: Name,
        found: Attribute,
    ) -> Attribute {
        let in_class = match self.in_mro(class, name) {
            InMro::Found(value, _) => Some(value),
            _ => None,
        };
        if let Some(value) = in_class {
            let descriptor = {
                let owner = self.values.intern(Data::Class { class, exact });
                self.ask(frame, value, &["__get__"], &[base, owner])
            };
            if descriptor.is_some() {
                return self.joined_with(Attribute::Unknown, descriptor);
            }
        }
        if !exact
            && (in_class.is_some() || self.is_overridden(class, name))
            && let Some(fanned) = self.fanned_out(frame, class, name)
        {
            return Attribute::Found(fanned);
        }
        let learnt = self.learnt_of_class(class, exact, name);
        if learnt.is_some() {
            return self.joined_with(found, learnt);
        }
        if matches!(found, Attribute::Found(_)) || in_class.is_some() {
            return found;
        }
        let text = self.values.str(name);
        let hooks: &[&str] = &["__getattr__"];
        if !is_special(name)
            && let Some(value) = self.ask(frame, base, hooks, &[text])
        {
            return Attribute::Found(value);
        }
        match self.outside(class, name, base) {
            Some(value) => Attribute::Found(value),
            None => found,
        }
    }

    /// A method that subclasses override, on an instance of any of them: those of the classes of which there are instances.
    fn fanned_out(&mut self, frame: &mut Frame<'p>, class: ClassRef, name: Name) -> Option<Value> {
        let calls = self.calls.as_ref()?;
        if calls.round == 0 || !self.is_overridden(class, name) {
            return None;
        }
        let mut family = self.derived(class);
        family.push(class);
        family.retain(|member| calls.instantiated.contains(member));
        family.sort_unstable();
        let mut found = Vec::new();
        for class in family {
            let instance = self.values.intern(Data::Instance {
                class,
                exact: true,
                data: None,
                given: None,
            });
            if let Attribute::Found(value) = self.get_attribute(frame, instance, name) {
                found.extend(self.values.alternatives(value));
            }
        }
        (!found.is_empty()).then(|| self.values.union(found))
    }

    fn graph_class_attribute(
        &mut self,
        frame: &mut Frame<'p>,
        base: Value,
        class: ClassRef,
        exact: bool,
        name: Name,
        found: Attribute,
    ) -> Option<Value> {
        if name.as_str() == "__name__" {
            return self.names_of_class(class, exact);
        }
        let learnt = self.learnt_of_class(class, exact, name);
        if learnt.is_some() {
            return learnt;
        }
        if let Attribute::Found(value) = found {
            return self.ask(frame, value, &["__get__"], &[Value::NONE, base]);
        }
        if let Some(value) = self.metaclass_attribute(class, base, name) {
            return Some(value);
        }
        if is_special(name) && name.as_str() != "__init__" && name.as_str() != "__new__" {
            return None;
        }
        self.outside(class, name, base)
    }

    /// The `__name__` of a class, or of those that derive from it and have instances.
    fn names_of_class(&mut self, class: ClassRef, exact: bool) -> Option<Value> {
        let mut family = vec![class];
        if !exact {
            family.extend(self.derived(class));
            let calls = self.calls.as_ref()?;
            family.retain(|member| calls.instantiated.contains(member));
        }
        let mut names = Vec::new();
        for member in family {
            let name = self.class(member).definition.name;
            names.push(self.values.str(name));
        }
        (!names.is_empty()).then(|| self.values.union(names))
    }

    fn graph_super_attribute(
        &mut self,
        class: ClassRef,
        receiver: Value,
        name: Name,
        found: Attribute,
    ) -> Option<Value> {
        let (Data::Instance {
            class: own, exact, ..
        }
        | Data::Class { class: own, exact }) = *self.data(receiver)
        else {
            return None;
        };
        if matches!(found, Attribute::Found(_)) {
            return None;
        }
        let mut family = vec![own];
        if !exact {
            let calls = self.calls.as_ref()?;
            family.extend(self.derived(own));
            family.retain(|member| calls.instantiated.contains(member));
        }
        let mut values = Vec::new();
        for member in family {
            let position = |mro: &[Ancestor]| {
                let own = Ancestor::Tree(class);
                mro.iter().position(|ancestor| *ancestor == own)
            };
            let mut mro = self.class(member).mro.clone();
            let mut at = position(&mro);
            if at.is_none() {
                // In a metaclass: the class is the instance.
                let metaclass = self.metaclass_of(member)?;
                mro = self.class(metaclass).mro.clone();
                at = position(&mro);
            }
            let at = at?;
            let is_instance = matches!(self.data(receiver), Data::Instance { .. });
            let receiver = if is_instance {
                Data::Instance {
                    class: member,
                    exact: true,
                    data: None,
                    given: None,
                }
            } else {
                Data::Class {
                    class: member,
                    exact: true,
                }
            };
            let receiver = self.values.intern(receiver);
            match self.in_ancestors(&mro[at + 1..], name) {
                InMro::Found(value, _) => {
                    let bound = match *self.data(value) {
                        Data::Static(inner) => inner,
                        Data::ClassMethod(function) => {
                            let class = self.values.intern(Data::Class {
                                class: member,
                                exact: true,
                            });
                            self.values.intern(Data::Bound {
                                function,
                                receiver: class,
                            })
                        }
                        Data::Function(_) | Data::Wrapped(_) if is_instance => {
                            self.values.intern(Data::Bound {
                                function: value,
                                receiver,
                            })
                        }
                        _ => value,
                    };
                    values.push(bound);
                }
                _ => values.extend(self.outside_of(&mro[at + 1..], name, receiver)),
            }
        }
        (!values.is_empty()).then(|| self.values.union(values))
    }

    /// A method that a class inherits from outside the tree, if just one such class can be where it comes from.
    fn outside(&mut self, class: ClassRef, name: Name, receiver: Value) -> Option<Value> {
        let mro = self.class(class).mro.clone();
        self.outside_of(&mro, name, receiver)
    }

    fn outside_of(&mut self, mro: &[Ancestor], name: Name, receiver: Value) -> Option<Value> {
        if name.as_str() == "__new__" && mro.is_empty() {
            let object = Name::new("builtins.object.__new__");
            return Some(self.values.intern(Data::External(object)));
        }
        let mut outside = mro.iter().filter_map(|ancestor| match ancestor {
            Ancestor::Tree(_) => None,
            Ancestor::External(name) if is_transparent(*name) => None,
            Ancestor::External(name) => Some(Some(*name)),
            Ancestor::Unknown => Some(None),
        });
        let (Some(Some(only)), None) = (outside.next(), outside.next()) else {
            return None;
        };
        let kind = match only.as_str() {
            "builtins.list" => "<**PyList**>",
            "builtins.dict" => "<**PyDict**>",
            "builtins.set" | "builtins.frozenset" => "<**PySet**>",
            "builtins.str" => "<**PyStr**>",
            "builtins.int" | "builtins.float" => "<**PyNum**>",
            "builtins.tuple" => "<**PyTuple**>",
            "builtins.bytes" => "<**PyBytes**>",
            other => other,
        };
        let dotted = Name::new(&format!("{kind}.{name}"));
        let function = self.values.intern(Data::External(dotted));
        // Bound, so that nothing is said of its own attributes: it may be no method after all.
        Some(self.values.intern(Data::Bound { function, receiver }))
    }
}
