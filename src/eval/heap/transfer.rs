//! Values on their way between function bodies: into a call and back, out of a body for good, or to code that is not known.

use std::rc::Rc;

use crate::eval::Evaluator;
use crate::eval::domain::state::{Object, State, mentions_local};
use crate::eval::domain::value::{ContextId, Data, LocalId, Value};
use crate::eval::interpreter::frame::Frame;
use crate::eval::summaries::context::Arguments;
use crate::python::mutators::is_mutator;

/// Copies values from one heap to another.
pub struct Transfer {
    /// Pairs of objects: from, to.
    pub map: Vec<(LocalId, LocalId)>,
    /// The objects of the other heap.
    pub heap: Vec<Rc<Object>>,
}

impl<'p> Evaluator<'p> {
    /// Copies a value of the caller, with the objects that it mentions, into the heap of a call.
    pub fn transfer(&mut self, from: &State, transfer: &mut Transfer, value: Value) -> Value {
        if !mentions_local(&self.values, value) {
            return value;
        }
        self.rewrite(value, &mut |evaluator, id| {
            if let Some(&(_, to)) = transfer.map.iter().find(|(known, _)| *known == id) {
                return to;
            }
            let to = LocalId(u32::try_from(transfer.heap.len()).unwrap_or(0));
            transfer.map.push((id, to));
            transfer.heap.push(Rc::new(Object::Anything));
            let copied = evaluator.transfer_object(from, transfer, id);
            transfer.heap[to.0 as usize] = copied;
            to
        })
    }

    fn transfer_object(
        &mut self,
        from: &State,
        transfer: &mut Transfer,
        id: LocalId,
    ) -> Rc<Object> {
        let object = &from.object_rc(id);
        if self.holds_local(object) {
            let object = object.clone();
            Rc::new(object.map(|value| self.transfer(from, transfer, value)))
        } else {
            object.clone()
        }
    }

    /// Brings what a call returned, and what it did to the objects that it was handed, back to the caller.
    pub fn take_back(
        &mut self,
        caller: &mut Frame<'p>,
        context: ContextId,
        passed: &[(LocalId, LocalId)],
    ) -> Option<Value> {
        let returned = self.contexts[context.0 as usize].returned?;
        if passed.is_empty() && !mentions_local(&self.values, returned) {
            return Some(returned);
        }
        let mut map: Vec<(LocalId, LocalId)> = passed
            .iter()
            .map(|&(caller, callee)| (callee, caller))
            .collect();
        for &(mine, theirs) in passed {
            let object = self.contexts[context.0 as usize]
                .final_heap
                .get(theirs.0 as usize)
                .cloned();
            // A body that never comes to an end leaves no heap, but then nothing is returned either.
            let Some(object) = object else { continue };
            let object = self.object_back(caller, context, &mut map, &object);
            caller.state.set_object(mine, object);
        }
        Some(self.value_back(caller, context, &mut map, returned))
    }

    fn value_back(
        &mut self,
        caller: &mut Frame<'p>,
        context: ContextId,
        map: &mut Vec<(LocalId, LocalId)>,
        value: Value,
    ) -> Value {
        if !mentions_local(&self.values, value) {
            return value;
        }
        self.rewrite(value, &mut |evaluator, id| {
            if let Some(&(_, to)) = map.iter().find(|(known, _)| *known == id) {
                return to;
            }
            let to = caller.state.allocate(Object::Anything);
            map.push((id, to));
            let object = evaluator.contexts[context.0 as usize]
                .final_heap
                .get(id.0 as usize)
                .cloned();
            if let Some(object) = object {
                let object = evaluator.object_back(caller, context, map, &object);
                caller.state.set_object(to, object);
            }
            to
        })
    }

    fn object_back(
        &mut self,
        caller: &mut Frame<'p>,
        context: ContextId,
        map: &mut Vec<(LocalId, LocalId)>,
        object: &Rc<Object>,
    ) -> Rc<Object> {
        if self.holds_local(object) {
            Rc::new(object.map(|value| self.value_back(caller, context, map, value)))
        } else {
            object.clone()
        }
    }

    /// `value` with every object of a function body replaced.
    fn rewrite(
        &mut self,
        value: Value,
        change: &mut dyn FnMut(&mut Self, LocalId) -> LocalId,
    ) -> Value {
        if !mentions_local(&self.values, value) {
            return value;
        }
        match self.data(value).clone() {
            Data::Local(id) => {
                let id = change(self, id);
                self.values.local(id)
            }
            Data::Tuple(items) => {
                let items = items
                    .iter()
                    .map(|&item| self.rewrite(item, change))
                    .collect();
                self.values.intern(Data::Tuple(items))
            }
            Data::Union(items) => {
                let items = items
                    .iter()
                    .map(|&item| self.rewrite(item, change))
                    .collect();
                self.values.union(items)
            }
            Data::Bound { function, receiver } => {
                let function = self.rewrite(function, change);
                let receiver = self.rewrite(receiver, change);
                self.values.intern(Data::Bound { function, receiver })
            }
            Data::Method { receiver, name } => {
                let receiver = self.rewrite(receiver, change);
                self.values.intern(Data::Method { receiver, name })
            }
            Data::Super { class, receiver } => {
                let receiver = self.rewrite(receiver, change);
                self.values.intern(Data::Super { class, receiver })
            }
            Data::Instance {
                class,
                exact,
                data,
                given: Some(given),
            } => {
                let given = Some(self.rewrite(given, change));
                self.values.intern(Data::Instance {
                    class,
                    exact,
                    data,
                    given,
                })
            }
            Data::Wrapped(inner) => {
                let inner = self.rewrite(inner, change);
                self.values.intern(Data::Wrapped(inner))
            }
            Data::Deferred { call, starts } => {
                let call = self.rewrite(call, change);
                self.values.intern(Data::Deferred { call, starts })
            }
            Data::Partial(partial) => {
                let function = self.rewrite(partial.function, change);
                let positionals = partial
                    .positionals
                    .iter()
                    .map(|&item| self.rewrite(item, change))
                    .collect();
                let keywords = partial
                    .keywords
                    .iter()
                    .map(|&(name, item)| (name, self.rewrite(item, change)))
                    .collect();
                self.values
                    .intern(Data::Partial(crate::eval::domain::value::Partial {
                        function,
                        positionals,
                        keywords,
                    }))
            }
            _ => Value::UNKNOWN,
        }
    }

    /// A call that is not followed: it may have done anything to what it was handed.
    pub fn give_up(&mut self, caller: &mut Frame<'p>, arguments: &Arguments) {
        for &value in &arguments.values {
            self.havoc(caller, value);
        }
        if let Some(keywords) = &arguments.keywords {
            for entry in &keywords.entries {
                self.havoc(caller, entry.value);
            }
        }
    }

    /// Forgets the content of every object that `value` mentions: unknown code has it now.
    pub fn havoc(&mut self, frame: &mut Frame<'p>, value: Value) {
        if !mentions_local(&self.values, value) {
            return;
        }
        let mut found = Vec::new();
        self.rewrite(value, &mut |_, id| {
            found.push(id);
            id
        });
        for id in found {
            if matches!(frame.state.object(id), Object::Anything | Object::Moved(_)) {
                continue;
            }
            let mut inside = Vec::new();
            frame.state.object(id).for_each(|value| inside.push(value));
            *frame.state.object_mut(id) = Object::Anything;
            for value in inside {
                self.havoc(frame, value);
            }
        }
    }

    /// Forgets the content of the objects that a container holds: something that is not known has them as well, and may change them.
    pub fn lose_items(&mut self, frame: &mut Frame<'p>, container: Value) {
        if let Data::Local(id) = *self.data(container) {
            let mut inside = Vec::new();
            frame.state.object(id).for_each(|value| inside.push(value));
            for value in inside {
                self.havoc(frame, value);
            }
        }
    }

    /// `value` in a form that outlives the function body: its objects become shared ones.
    pub fn outlive(&mut self, frame: &mut Frame<'p>, value: Value) -> Value {
        if !mentions_local(&self.values, value) {
            return value;
        }
        match self.data(value).clone() {
            Data::Local(id) => {
                let shared = self.share_local(frame, id);
                self.values.intern(Data::Shared(shared))
            }
            Data::Tuple(items) => {
                let items = items
                    .iter()
                    .map(|&item| self.outlive(frame, item))
                    .collect();
                self.values.intern(Data::Tuple(items))
            }
            Data::Union(items) => {
                let items = items
                    .iter()
                    .map(|&item| self.outlive(frame, item))
                    .collect();
                self.values.union(items)
            }
            Data::Bound { function, receiver } => {
                let receiver = self.outlive(frame, receiver);
                self.values.intern(Data::Bound { function, receiver })
            }
            Data::Super { class, receiver } => {
                let receiver = self.outlive(frame, receiver);
                self.values.intern(Data::Super { class, receiver })
            }
            Data::Instance {
                class,
                exact,
                data,
                given: Some(given),
            } => {
                if !frame.makes_single() {
                    // Nobody could tell it from others that are made there.
                    self.havoc(frame, given);
                    return self.without_own(value);
                }
                let given = self.outlive(frame, given);
                if let Data::Tuple(items) = self.data(given)
                    && let Some(&own) = items.first()
                    && let Data::Shared(own) = *self.data(own)
                {
                    self.name_own(own);
                }
                self.values.intern(Data::Instance {
                    class,
                    exact,
                    data,
                    given: Some(given),
                })
            }
            Data::Method { receiver, name } => {
                if is_mutator(&name) {
                    // Whoever has it may call it.
                    self.havoc(frame, receiver);
                }
                let receiver = self.outlive(frame, receiver);
                self.values.intern(Data::Method { receiver, name })
            }
            Data::Deferred { call, starts } => {
                let call = self.outlive(frame, call);
                self.values.intern(Data::Deferred { call, starts })
            }
            Data::Partial(partial) => {
                let positionals = partial
                    .positionals
                    .iter()
                    .map(|&item| self.outlive(frame, item))
                    .collect();
                let keywords = partial
                    .keywords
                    .iter()
                    .map(|&(name, item)| (name, self.outlive(frame, item)))
                    .collect();
                let function = self.outlive(frame, partial.function);
                self.values
                    .intern(Data::Partial(crate::eval::domain::value::Partial {
                        function,
                        positionals,
                        keywords,
                    }))
            }
            _ => Value::UNKNOWN,
        }
    }

    fn share_local(
        &mut self,
        frame: &mut Frame<'p>,
        id: LocalId,
    ) -> crate::eval::domain::value::SharedId {
        if let Object::Moved(shared) = frame.state.object(id) {
            return *shared;
        }
        let shared = self.share(Object::Anything);
        self.shared[shared.0 as usize].is_single = frame.makes_single();
        self.shared[shared.0 as usize].is_of_package =
            self.program.module(frame.module).is_installed;
        let object = frame.state.object_rc(id);
        *frame.state.object_mut(id) = Object::Moved(shared);
        let object = if self.holds_local(&object) {
            Rc::new(object.map(|value| self.outlive(frame, value)))
        } else {
            object
        };
        self.shared[shared.0 as usize].object = object;
        shared
    }

    /// A container's content in a form that outlives the function body. Most hold plain data, and stay as they are.
    pub fn outliving(&mut self, frame: &mut Frame<'p>, object: Object) -> Object {
        if self.holds_local(&object) {
            object.map(|value| self.outlive(frame, value))
        } else {
            object
        }
    }

    /// Whether something in a container mentions an object of a function body.
    fn holds_local(&self, object: &Object) -> bool {
        let mut any = false;
        object.for_each(|value| any |= mentions_local(&self.values, value));
        any
    }
}
