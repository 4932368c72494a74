//! Evaluating function bodies: once for all callers, and once for each distinct call.
//!
//! A body sees only its own heap. The objects that a call hands over are copied into it, and what the body does to them is
//! copied back, so that one evaluation serves every call with the same arguments.

use std::rc::Rc;

use crate::name::Name;
use crate::program::ModuleId;
use crate::syntax::ir::{Function, ParameterKind, Parent, Slot};

use super::Evaluator;
use super::calls::Flow;
use super::changes::FileSet;
use super::container::LogRead;
use super::effect::Act;
use super::frame::{Edge, Frame, LocalFailure, Lookup, Owner, RefusedCall};
use super::state::{Dict, Object, State, mentions_local};
use super::value::{
    ClassRef, ContextId, Data, FunctionObject, FunctionRef, Kind, LocalId, SharedId, Value,
};

/// What makes two calls the same.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    function: FunctionRef,
    closure: Option<ContextId>,
    arguments: Box<[Value]>,
    heap: Box<[Rc<Object>]>,
}

/// How far an evaluation has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It is under way: a call of it is a recursion.
    Running,
    /// It is over.
    Done,
}

/// One evaluation of one body.
#[derive(Debug)]
pub struct Context<'p> {
    /// The module that the code stands in.
    pub module: ModuleId,
    /// Whose code it is.
    pub owner: Owner<'p>,
    /// The function, if it is one.
    pub function: Option<FunctionRef>,
    /// The function body around it.
    pub closure: Option<ContextId>,
    /// One value per parameter.
    pub arguments: Box<[Value]>,
    /// The objects that were handed over.
    pub heap: Box<[Rc<Object>]>,
    /// What functions inside see of its variables: any value that was assigned so far.
    pub cells: Vec<(Slot, Value)>,
    /// How far it is.
    pub status: Status,
    /// What it returns; none: it never does.
    pub returned: Option<Value>,
    /// The objects at its end.
    pub final_heap: Vec<Rc<Object>>,
    /// What does not hold in it.
    pub failures: Vec<LocalFailure<'p>>,
    /// The calls that it makes.
    pub edges: Vec<Edge<'p>>,
    /// Its look-ups by what the caller passed.
    pub lookups: Vec<Lookup>,
    /// The calls in it that are refused.
    pub refused: Vec<RefusedCall<'p>>,
    /// The changed files that it looked into, by itself or through what it calls.
    pub looked: FileSet,
    /// What it does by itself that other functions see.
    pub acts: Vec<Act>,
    /// Whether it stands for all callers.
    pub is_root: bool,
    /// Whether code of the tree calls it with these arguments.
    pub is_called: bool,
    /// The tables that it would register something in, if anybody called it like that.
    pub passed_over: Vec<SharedId>,
    /// What it saw of dicts that functions fill.
    pub log_reads: Vec<LogRead>,
    /// Whether it was evaluated with parameters taken from a table's keys.
    pub is_split: bool,
}

/// The outcome of a call.
#[derive(Clone, Copy, Debug)]
pub struct Outcome {
    /// What it returns; none: it never does.
    pub returned: Option<Value>,
    /// The evaluation of the callee, if it was evaluated.
    pub context: Option<ContextId>,
}

/// The arguments of one call of a function, by parameter, as the caller sees them.
#[derive(Debug)]
pub struct Arguments {
    /// One value per parameter; the one of `**kwargs` is ignored.
    pub values: Vec<Value>,
    /// What `**kwargs` gets.
    pub keywords: Option<Dict>,
}

/// Copies values from one heap to another.
struct Transfer {
    /// Pairs of objects: from, to.
    map: Vec<(LocalId, LocalId)>,
    heap: Vec<Rc<Object>>,
}

impl<'p> Evaluator<'p> {
    /// The definition behind a function object.
    pub fn definition(&self, function: FunctionRef) -> &'p Function {
        &self.program.module(function.module).ir[function.id]
    }

    /// Evaluates a function for all callers; then once more for each key that a parameter was looked up by.
    pub fn run_root(&mut self, function: &FunctionObject) {
        self.effects.own = self.shared.len();
        self.run_splits(function, &mut Vec::new(), &mut 512);
    }

    /// Grants its steps to a module, or to a function that is evaluated for all callers.
    pub fn begin_root(&mut self) {
        self.root_limit = self.steps + super::STEPS_PER_ROOT;
    }

    fn run_splits(
        &mut self,
        function: &FunctionObject,
        chosen: &mut Vec<(u32, Value)>,
        budget: &mut u32,
    ) {
        self.begin_root();
        let run = self.runs;
        self.runs += 1;
        let arguments = self.unknown_arguments(function, run, chosen);
        self.run_for_all(function, arguments, !chosen.is_empty());
        let parameters =
            u32::try_from(arguments_len(self.definition(function.function))).unwrap_or(u32::MAX);
        for parameter in 0..parameters {
            let Some(keys) = self.splits.remove(&(run, parameter)) else {
                continue;
            };
            self.split.insert((run, parameter));
            if chosen.len() >= 3 {
                return;
            }
            for key in keys {
                if *budget == 0 || self.steps > self.step_limit {
                    return;
                }
                *budget -= 1;
                chosen.push((parameter, key));
                self.run_splits(function, chosen, budget);
                chosen.pop();
            }
            // Further parameters are split in the runs for the first one's keys.
            return;
        }
    }

    /// Arguments for all callers: nothing is known, but a value that decides something can be told from others.
    fn unknown_arguments(
        &mut self,
        function: &FunctionObject,
        run: u32,
        chosen: &[(u32, Value)],
    ) -> Arguments {
        let definition = self.definition(function.function);
        let forwards = definition
            .params
            .last()
            .is_some_and(|last| last.kind == ParameterKind::VarKeyword);
        let receiver = self.receiver_parameter(function);
        let mut values = Vec::with_capacity(definition.params.len());
        for (index, parameter) in definition.params.iter().enumerate() {
            let index = u32::try_from(index).unwrap_or(u32::MAX);
            let value = if let Some(&(_, key)) = chosen.iter().find(|(at, _)| *at == index) {
                key
            } else if index == 0 && receiver.is_some() {
                receiver.unwrap_or(Value::UNKNOWN)
            } else if parameter.kind == ParameterKind::VarPositional {
                self.values.of(Kind::Tuple)
            } else if forwards
                && parameter.kind != ParameterKind::VarKeyword
                && self.is_deciding(parameter.name)
            {
                self.values.intern(Data::Symbol {
                    run,
                    parameter: index,
                })
            } else {
                Value::UNKNOWN
            };
            values.push(value);
        }
        let own = definition.params.iter().map(|own| (own.name, own.kind));
        let own = self.own_keywords(own);
        Arguments {
            values,
            keywords: forwards.then(|| Dict::of_others(Value::UNKNOWN, own)),
        }
    }

    /// The keywords that a function's parameters take, so that its `**kwargs` never holds them, as keys of a dict.
    pub fn own_keywords(
        &mut self,
        parameters: impl Iterator<Item = (Name, ParameterKind)>,
    ) -> Vec<Value> {
        let by_keyword = |kind| {
            matches!(
                kind,
                ParameterKind::PositionalOrKeyword | ParameterKind::KeywordOnly
            )
        };
        parameters
            .filter(|&(_, kind)| by_keyword(kind))
            .map(|(name, _)| self.values.str(name))
            .collect()
    }

    /// What the first parameter of a method is: an instance (or the class) of whatever class inherits it.
    fn receiver_parameter(&mut self, function: &FunctionObject) -> Option<Value> {
        let definition = self.definition(function.function);
        let class = self.defining_class(function)?;
        definition.params.first()?;
        let first_is_class = definition.name.as_str() == "__new__"
            || matches!(
                definition.name.as_str(),
                "__init_subclass__" | "__class_getitem__"
            )
            || has_decorator(definition, "classmethod");
        if has_decorator(definition, "staticmethod") {
            return None;
        }
        Some(if first_is_class {
            self.values.intern(Data::Class {
                class,
                exact: false,
            })
        } else if self.class(class).is_metaclass() {
            Value::UNKNOWN
        } else {
            self.values.intern(Data::Instance {
                class,
                exact: false,
            })
        })
    }

    /// The class in whose body a function was defined.
    pub fn defining_class(&self, function: &FunctionObject) -> Option<ClassRef> {
        let Parent::Class(class) = self.definition(function.function).parent else {
            return None;
        };
        self.class_index
            .get(&(function.function.module, class, function.closure))
            .copied()
    }

    fn run_for_all(&mut self, function: &FunctionObject, arguments: Arguments, is_split: bool) {
        let mut heap = Vec::new();
        let mut values = arguments.values;
        if let (Some(keywords), Some(last)) = (arguments.keywords, values.last_mut()) {
            heap.push(Rc::new(Object::Dict(keywords)));
            *last = self.values.intern(Data::Local(LocalId(0)));
        }
        let key = Key {
            function: function.function,
            closure: function.closure,
            arguments: values.into(),
            heap: heap.into(),
        };
        let context = match self.memo.get(&key) {
            Some(&known) => known,
            None => self.run_context(function, key, false),
        };
        let context = &mut self.contexts[context.0 as usize];
        context.is_root = true;
        context.is_split |= is_split;
    }

    /// Evaluates a function for a caller of whom only this is known: its dict, the parameter `slot`, has these keys and no others.
    pub fn evaluate_with_keys(
        &mut self,
        function: FunctionRef,
        closure: Option<ContextId>,
        slot: Slot,
        keys: &[Name],
    ) -> ContextId {
        let object = FunctionObject {
            function,
            closure,
            defaults: Rc::from([]),
        };
        let run = self.runs;
        self.runs += 1;
        let arguments = self.unknown_arguments(&object, run, &[]);
        let mut dict = Dict {
            entries: Vec::with_capacity(keys.len()),
            ..Dict::default()
        };
        for &key in keys {
            let key = self.values.intern(Data::Str(key));
            dict.set(key, Value::UNKNOWN);
        }
        let mut values = arguments.values;
        let mut heap = vec![Rc::new(Object::Dict(dict))];
        let given = slot.0 as usize;
        values[given] = self.values.intern(Data::Local(LocalId(0)));
        if let (Some(keywords), Some(last)) = (arguments.keywords, values.len().checked_sub(1))
            && last != given
        {
            heap.push(Rc::new(Object::Dict(keywords)));
            values[last] = self.values.intern(Data::Local(LocalId(1)));
        }
        let key = Key {
            function,
            closure,
            arguments: values.into(),
            heap: heap.into(),
        };
        // Even where it is known already: the facts have taken out what was found.
        self.run_context(&object, key, false)
    }

    /// Calls a function of the tree with arguments that were bound already.
    pub fn call_function(
        &mut self,
        caller: &mut Frame<'p>,
        function: &FunctionObject,
        arguments: &Arguments,
    ) -> Outcome {
        let definition = self.definition(function.function);
        if self.depth >= super::DEPTH_LIMIT {
            self.give_up(caller, arguments);
            return Outcome {
                returned: Some(Value::UNKNOWN),
                context: None,
            };
        }
        let mut transfer = Transfer {
            map: Vec::new(),
            heap: Vec::new(),
        };
        let mut values: Vec<Value> = Vec::with_capacity(arguments.values.len());
        for (parameter, &value) in definition.params.iter().zip(&arguments.values) {
            let coarse = self.coarsen(parameter.name, value);
            values.push(self.transfer(&caller.state, &mut transfer, coarse));
        }
        if let (Some(keywords), Some(last)) = (&arguments.keywords, values.last_mut()) {
            let mut dict = Dict {
                entries: Vec::with_capacity(keywords.entries.len()),
                rest: None,
                absent: keywords.absent.clone(),
            };
            for entry in &keywords.entries {
                let coarse = match self.data(entry.key) {
                    Data::Str(name) => self.coarsen(*name, entry.value),
                    _ => entry.value,
                };
                let value = self.transfer(&caller.state, &mut transfer, coarse);
                dict.entries.push(super::state::Entry { value, ..*entry });
            }
            dict.rest = keywords
                .rest
                .map(|rest| self.transfer(&caller.state, &mut transfer, rest));
            let id = LocalId(u32::try_from(transfer.heap.len()).unwrap_or(0));
            transfer.heap.push(Rc::new(Object::Dict(dict)));
            *last = self.values.intern(Data::Local(id));
        }
        let key = Key {
            function: function.function,
            closure: function.closure,
            arguments: values.into(),
            heap: transfer.heap.into(),
        };
        if self
            .running
            .get(&function.function)
            .is_some_and(|&running| running >= super::RECURSION_LIMIT)
            && !self.memo.contains_key(&key)
        {
            self.give_up(caller, arguments);
            return Outcome {
                returned: Some(Value::UNKNOWN),
                context: None,
            };
        }
        let context = match self.memo.get(&key).copied() {
            Some(known) => {
                self.look(self.contexts[known.0 as usize].looked);
                self.is_called(known);
                known
            }
            None if self.may_follow(function.function) => self.run_context(function, key, true),
            None => {
                self.give_up(caller, arguments);
                return Outcome {
                    returned: Some(Value::UNKNOWN),
                    context: None,
                };
            }
        };
        if self.contexts[context.0 as usize].status == Status::Running {
            self.give_up(caller, arguments);
            return Outcome {
                returned: Some(Value::UNKNOWN),
                context: Some(context),
            };
        }
        let returned = self.take_back(caller, context, &transfer.map);
        Outcome {
            returned,
            context: Some(context),
        }
    }

    /// Code of the tree calls a function with just the arguments that stand for all callers: what was passed over happens after all.
    fn is_called(&mut self, context: ContextId) {
        let context = &mut self.contexts[context.0 as usize];
        if !std::mem::replace(&mut context.is_called, true) {
            for id in std::mem::take(&mut context.passed_over) {
                self.shared[id.0 as usize].log.anything = true;
                self.changes_shared(id, None, true);
            }
        }
    }

    /// Whether one more distinct call of a function may be followed.
    fn may_follow(&mut self, function: FunctionRef) -> bool {
        let limit = if self.is_graph() {
            super::calls::CONTEXTS_PER_FUNCTION
        } else {
            super::CONTEXTS_PER_FUNCTION
        };
        let count = self.contexts_per_function.entry(function).or_insert(0);
        *count += 1;
        *count <= limit && self.steps <= self.step_limit.min(self.root_limit)
    }

    /// Forgets a text or number that decides nothing in any function: the fewer distinct calls, the better.
    fn coarsen(&mut self, parameter: Name, value: Value) -> Value {
        let is_graph = self.is_graph();
        let is_plain = match self.data(value) {
            Data::Str(_) | Data::Int(_) => true,
            Data::Of(kind) => matches!(
                kind,
                Kind::Str | Kind::Int | Kind::Float | Kind::Bool | Kind::Bytes | Kind::Complex
            ),
            _ => false,
        };
        if is_plain && !self.is_deciding(parameter) {
            match self.data(value) {
                // Its methods are called all the same.
                Data::Str(_) if is_graph => self.values.of(Kind::Str),
                Data::Int(_) if is_graph => self.values.of(Kind::Int),
                Data::Of(_) if is_graph => value,
                _ => Value::UNKNOWN,
            }
        } else {
            value
        }
    }

    /// Evaluates a body for the first time with these arguments. `is_called`: some code of the tree passes them.
    fn run_context(&mut self, function: &FunctionObject, key: Key, is_called: bool) -> ContextId {
        let definition = self.definition(function.function);
        let id = ContextId(u32::try_from(self.contexts.len()).unwrap_or(u32::MAX));
        self.contexts.push(Box::new(Context {
            module: function.function.module,
            owner: Owner::Function(definition),
            function: Some(function.function),
            closure: function.closure,
            arguments: key.arguments.clone(),
            heap: key.heap.clone(),
            cells: Vec::new(),
            status: Status::Running,
            returned: None,
            final_heap: Vec::new(),
            failures: Vec::new(),
            edges: Vec::new(),
            lookups: Vec::new(),
            refused: Vec::new(),
            looked: FileSet::NONE,
            is_root: false,
            is_called,
            acts: Vec::new(),
            passed_over: Vec::new(),
            log_reads: Vec::new(),
            is_split: false,
        }));
        self.memo.insert(key, id);
        *self.running.entry(function.function).or_insert(0) += 1;
        self.run_body(id, definition);
        if self.fills_what_it_reads(id) {
            self.run_body(id, definition);
        }
        if self.read_early(id) {
            self.loosen(id);
        }
        if let Some(running) = self.running.get_mut(&function.function) {
            *running -= 1;
        }
        id
    }

    /// Makes what a body returns, and does to what it was handed, hold for any content of the dicts that it looks into.
    fn loosen(&mut self, id: ContextId) {
        let context = &mut self.contexts[id.0 as usize];
        let passed = context.heap.len();
        let returned = context.returned;
        let heap = std::mem::take(&mut context.final_heap);
        let objects = heap.into_iter().enumerate().map(|(index, object)| {
            if index < passed {
                Rc::new(self.opened(&object))
            } else {
                object
            }
        });
        let heap = objects.collect();
        let returned = returned.map(|returned| self.values.join(returned, Value::UNKNOWN));
        let context = &mut self.contexts[id.0 as usize];
        context.final_heap = heap;
        context.returned = returned;
    }

    /// Evaluates a body once more, now that it is known what functions put into the dicts that it looks into.
    ///
    /// What it returns was a value for any content. It stays as it was, unless `refine`: then it may be told more exactly, and the result says
    /// whether it is.
    pub fn run_again(&mut self, id: ContextId, refine: bool) -> bool {
        let Owner::Function(definition) = self.contexts[id.0 as usize].owner else {
            return false;
        };
        if self.contexts[id.0 as usize].status == Status::Running {
            return false;
        }
        let returned = self.contexts[id.0 as usize].returned;
        let heap = std::mem::take(&mut self.contexts[id.0 as usize].final_heap);
        self.run_body(id, definition);
        let again = self.contexts[id.0 as usize].returned;
        let is_refined = refine
            && returned.is_some()
            && again.is_some_and(|again| Some(again) != returned && again != Value::UNKNOWN);
        if !is_refined {
            let context = &mut self.contexts[id.0 as usize];
            context.returned = returned;
            context.final_heap = heap;
        }
        is_refined
    }

    fn run_body(&mut self, id: ContextId, definition: &'p Function) {
        let context = &self.contexts[id.0 as usize];
        let (module, closure) = (context.module, context.closure);
        let mut state = State::new(definition.scope.slots.len());
        state.heap = context.heap.to_vec();
        let arguments = context.arguments.clone();
        let versioned = context
            .function
            .is_some_and(|function| self.versioned.contains(&function));
        let mut frame = Frame {
            context: id,
            module,
            ir: &self.program.module(module).ir,
            scope: &definition.scope,
            owner: Owner::Function(definition),
            closure,
            state,
            returned: None,
            exit: None,
            loops: Vec::new(),
            tries: Vec::new(),
            uncertain: 0,
            introspected: u32::from(versioned),
            guards: Vec::new(),
            decision: None,
            failures: Vec::new(),
            edges: Vec::new(),
            lookups: Vec::new(),
            refused: Vec::new(),
        };
        self.contexts[id.0 as usize].log_reads.clear();
        self.depth += 1;
        let before = self.begin_looking(module);
        let acts = std::mem::take(&mut self.effects.acts);
        for (index, &value) in arguments.iter().enumerate() {
            self.assign_slot(
                &mut frame,
                Slot(u32::try_from(index).unwrap_or(u32::MAX)),
                value,
            );
        }
        self.block(&mut frame, &definition.body);
        self.depth -= 1;
        self.finish_context(frame, definition);
        let looked = self.end_looking(before);
        let acts = std::mem::replace(&mut self.effects.acts, acts);
        let context = &mut self.contexts[id.0 as usize];
        context.acts.extend(acts);
        context.looked = context.looked.union(looked);
    }

    fn finish_context(&mut self, mut frame: Frame<'p>, definition: &'p Function) {
        if frame.state.live {
            self.leave(&mut frame, Value::NONE);
        }
        let id = frame.context;
        let mut returned = frame.returned;
        if is_stub(definition) {
            returned = Some(Value::UNKNOWN);
        }
        let reference = self.contexts[id.0 as usize].function;
        if let Some(reference) = reference {
            if definition.is_generator {
                if let Some(result) = returned {
                    self.learn_flow(Flow::Returns, reference, result);
                }
                returned = Some(self.values.intern(Data::Generator(reference)));
            } else if definition.is_async {
                let mut result = returned.unwrap_or(Value::UNKNOWN);
                if mentions_local(&self.values, result) {
                    result = Value::UNKNOWN;
                }
                returned = Some(self.values.intern(Data::Coroutine {
                    function: reference,
                    result,
                }));
            }
        }
        let context = &mut self.contexts[id.0 as usize];
        context.status = Status::Done;
        context.returned = returned;
        context.final_heap = frame.exit.map(|exit| exit.heap).unwrap_or_default();
        context.failures = frame.failures;
        context.edges = frame.edges;
        context.lookups = frame.lookups;
        context.refused = frame.refused;
    }

    /// `return value`.
    pub fn leave(&mut self, frame: &mut Frame<'p>, value: Value) {
        frame.returned = Some(match frame.returned {
            Some(known) => self.values.join(known, value),
            None => value,
        });
        match &mut frame.exit {
            Some(exit) => exit.join(&frame.state, &mut self.values),
            None => frame.exit = Some(frame.state.clone()),
        }
        frame.state.live = false;
    }

    /// Copies a value of the caller, with the objects that it mentions, into the heap of a call.
    fn transfer(&mut self, from: &State, transfer: &mut Transfer, value: Value) -> Value {
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
        let mut any = false;
        object.for_each(|value| any |= mentions_local(&self.values, value));
        if any {
            let object = object.clone();
            Rc::new(object.map(|value| self.transfer(from, transfer, value)))
        } else {
            object.clone()
        }
    }

    /// Brings what a call returned, and what it did to the objects that it was handed, back to the caller.
    fn take_back(
        &mut self,
        caller: &mut Frame<'p>,
        context: ContextId,
        passed: &[(LocalId, LocalId)],
    ) -> Option<Value> {
        let returned = self.contexts[context.0 as usize].returned?;
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
        let mut any = false;
        object.for_each(|value| any |= mentions_local(&self.values, value));
        if any {
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
                self.values.intern(Data::Local(id))
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
            Data::Wrapped(inner) => {
                let inner = self.rewrite(inner, change);
                self.values.intern(Data::Wrapped(inner))
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
                self.values.intern(Data::Partial(super::value::Partial {
                    function,
                    positionals,
                    keywords,
                }))
            }
            _ => Value::UNKNOWN,
        }
    }

    /// A call that is not followed: it may have done anything to what it was handed.
    fn give_up(&mut self, caller: &mut Frame<'p>, arguments: &Arguments) {
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
            Data::Method { receiver, name } => {
                let receiver = self.outlive(frame, receiver);
                self.values.intern(Data::Method { receiver, name })
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
                self.values.intern(Data::Partial(super::value::Partial {
                    function,
                    positionals,
                    keywords,
                }))
            }
            _ => Value::UNKNOWN,
        }
    }

    fn share_local(&mut self, frame: &mut Frame<'p>, id: LocalId) -> super::value::SharedId {
        if let Object::Moved(shared) = frame.state.object(id) {
            return *shared;
        }
        let shared = self.share(Object::Anything);
        let object = frame.state.object(id).clone();
        *frame.state.object_mut(id) = Object::Moved(shared);
        let object = object.map(|value| self.outlive(frame, value));
        self.shared[shared.0 as usize].object = Rc::new(object);
        shared
    }
}

fn arguments_len(function: &Function) -> usize {
    function.params.len()
}

/// Whether a function has the plain decorator `name`.
#[must_use]
pub fn has_decorator(function: &Function, name: &str) -> bool {
    function.decorators.iter().any(
        |decorator| matches!(&decorator.kind, crate::syntax::ir::ExprKind::Name(found, _) if found.as_str() == name),
    )
}

/// Whether a body only stands for one that is elsewhere: in a subclass, or in a type checker's mind.
pub fn is_stub(definition: &Function) -> bool {
    use crate::syntax::ir::{Constant, ExprKind, StmtKind};
    if definition.is_lambda() || definition.body.is_empty() {
        return false;
    }
    let is_abstract = definition.decorators.iter().any(|decorator| {
        matches!(&decorator.kind,
            ExprKind::Name(name, _) | ExprKind::Attribute { attribute: name, .. }
                if name.starts_with("abstract") || name.as_str() == "overload")
    });
    is_abstract
        || definition.body.iter().all(|stmt| {
            matches!(&stmt.kind, StmtKind::Expr(value)
                if matches!(value.kind, ExprKind::Constant(Constant::Str(_) | Constant::Ellipsis)))
        })
}
