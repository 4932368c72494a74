//! Evaluating function bodies: once for all callers, and once for each distinct call.
//!
//! A body sees only its own heap. The objects that a call hands over are copied into it, and what the body does to them is
//! copied back, so that one evaluation serves every call with the same arguments.

use std::hash::{BuildHasher, Hash, Hasher};
use std::rc::Rc;

use rustc_hash::FxBuildHasher;

use crate::facts::{Bound, May};
use crate::name::Name;
use crate::names::Doubts;
use crate::program::ModuleId;
use crate::syntax::ir::{Constant, Expr, ExprKind, Function, Parent, Slot, StmtKind};

use crate::eval::Evaluator;
use crate::eval::callgraph::Flow;
use crate::eval::domain::state::{Dict, Object, mentions_local};
use crate::eval::domain::truth::Truth;
use crate::eval::domain::value::{
    ClassRef, ContextId, Data, FunctionObject, FunctionRef, Kind, LocalId, SharedId, Value,
};
use crate::eval::exceptions::exception::raises_not_implemented;
use crate::eval::exceptions::trap::Traps;
use crate::eval::heap::shared::LogRead;
use crate::eval::heap::transfer::Transfer;
use crate::eval::interpreter::frame::{
    Edge, Frame, LocalFailure, Lookup, Owner, RefusedCall, Tests,
};
use crate::eval::reuse::content::Part;
use crate::eval::reuse::effect::Act;
use crate::eval::reuse::file_set::FileSet;
use crate::eval::summaries::case::Case;

/// What makes two calls the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// The hash of the rest: objects may be large, and are hashed once.
    digest: u64,
    /// What it is made of.
    pub call: DistinctCall,
}

/// What tells a call from another one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DistinctCall {
    /// The function.
    pub function: FunctionRef,
    /// The evaluation of the function around it that made it.
    pub closure: Option<ContextId>,
    /// One value per parameter.
    pub arguments: Box<[Value]>,
    /// The objects that these mention.
    pub heap: Box<[Rc<Object>]>,
    /// Whether the function's module is still being imported: what its functions assign to its variables is not known then.
    pub is_early: bool,
}

impl Key {
    /// The key of a call.
    #[must_use]
    pub fn of(call: DistinctCall) -> Self {
        Self {
            digest: FxBuildHasher.hash_one(&call),
            call,
        }
    }
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.digest);
    }
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
    pub final_heap: Rc<Vec<Rc<Object>>>,
    /// What does not hold in it.
    pub failures: Vec<LocalFailure<'p>>,
    /// The calls that it makes.
    pub edges: Vec<Edge<'p>>,
    /// Its look-ups by what the caller passed.
    pub lookups: Vec<Lookup>,
    /// The calls in it that are refused.
    pub refused: Vec<RefusedCall<'p>>,
    /// Its variables bound by a `def` that were read.
    pub used: Vec<Slot>,
    /// The tests in it that could come out either way.
    pub tests: Tests,
    /// Where exceptions end in it.
    pub traps: Traps<'p>,
    /// The changed files that it looked into, by itself or through what it calls.
    pub looked: FileSet,
    /// What it does by itself that other functions see.
    pub acts: Vec<Act>,
    /// Whether it stands for all callers.
    pub is_root: bool,
    /// If it does: in which case.
    pub case: Case,
    /// Whether code of the tree calls it with these arguments.
    pub is_called: bool,
    /// Whether it is a call that the import of a module makes: dicts that functions fill are still being filled then.
    pub runs_at_import: bool,
    /// The tables that it would register something in, if anybody called it like that.
    pub passed_over: Vec<SharedId>,
    /// What it saw of dicts that functions fill.
    pub log_reads: Vec<LogRead>,
    /// Whether it was evaluated with parameters taken from a table's keys.
    pub is_split: bool,
    /// Why it is evaluated with more than is certain, if it is: only annotations say what it was given, or it is said to be called on an instance of its own class.
    pub hinted: Option<May>,
}

impl<'p> Context<'p> {
    /// An evaluation of somebody's code that is under way, called by code of the tree without arguments.
    #[must_use]
    pub fn new(module: ModuleId, owner: Owner<'p>) -> Self {
        Self {
            module,
            owner,
            function: None,
            closure: None,
            arguments: Box::default(),
            heap: Box::default(),
            cells: Vec::new(),
            status: Status::Running,
            returned: None,
            final_heap: Rc::default(),
            failures: Vec::new(),
            edges: Vec::new(),
            lookups: Vec::new(),
            refused: Vec::new(),
            used: Vec::new(),
            tests: Tests::default(),
            traps: Traps::default(),
            looked: FileSet::NONE,
            is_root: false,
            case: Case::ALL,
            is_called: true,
            runs_at_import: false,
            acts: Vec::new(),
            passed_over: Vec::new(),
            log_reads: Vec::new(),
            is_split: false,
            hinted: None,
        }
    }
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

impl<'p> Evaluator<'p> {
    /// The definition behind a function object.
    pub fn definition(&self, function: FunctionRef) -> &'p Function {
        &self.program.module(function.module).ir[function.id]
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

    /// Calls a function of the tree with arguments that were bound already.
    pub fn call_function(
        &mut self,
        caller: &mut Frame<'p>,
        function: &FunctionObject,
        arguments: &Arguments,
    ) -> Outcome {
        let mut outcome = self.evaluated_call(caller, function, arguments);
        if self.definition(function.function).is_said_never_to_return() {
            outcome.returned = None;
        }
        outcome
    }

    /// The same without what the function's annotation says.
    fn evaluated_call(
        &mut self,
        caller: &mut Frame<'p>,
        function: &FunctionObject,
        arguments: &Arguments,
    ) -> Outcome {
        let definition = self.definition(function.function);
        if self.is_known_script(caller, function) {
            return Outcome {
                returned: Some(Value::UNKNOWN),
                context: None,
            };
        }
        if self.depth >= crate::eval::DEPTH_LIMIT {
            return self.not_followed(caller, function.function, arguments, Bound::Depth);
        }
        let mut transfer = Transfer {
            map: Vec::new(),
            // Most calls hand over no other object.
            heap: Vec::with_capacity(usize::from(arguments.keywords.is_some())),
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
                makes_keys: false,
                is_subtype: false,
                is_namespace: false,
            };
            for entry in &keywords.entries {
                let coarse = match self.data(entry.key) {
                    Data::Str(name) => self.coarsen(*name, entry.value),
                    _ => entry.value,
                };
                let value = self.transfer(&caller.state, &mut transfer, coarse);
                dict.entries
                    .push(crate::eval::domain::state::Entry { value, ..*entry });
            }
            dict.rest = keywords
                .rest
                .map(|rest| self.transfer(&caller.state, &mut transfer, rest));
            let id = LocalId(u32::try_from(transfer.heap.len()).unwrap_or(0));
            transfer.heap.push(Rc::new(Object::Dict(dict)));
            *last = self.values.local(id);
        }
        let key = Key::of(DistinctCall {
            function: function.function,
            closure: function.closure,
            arguments: values.into(),
            heap: transfer.heap.into(),
            is_early: self.is_early(function.function.module),
        });
        if self
            .running
            .get(&function.function)
            .is_some_and(|&running| running >= crate::eval::RECURSION_LIMIT)
            && !self.memo.contains_key(&key)
        {
            return self.not_followed(caller, function.function, arguments, Bound::Recursion);
        }
        self.grant(caller);
        let context = match self.memo.get(&key).copied() {
            Some(known) => {
                self.look(self.contexts[known.0 as usize].looked);
                self.is_called(known);
                known
            }
            None => match self.bound_of_call(function.function) {
                Some(bound) => {
                    return self.not_followed(caller, function.function, arguments, bound);
                }
                None => self.run_call(caller.module, function, key),
            },
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
                self.acts_on_shared(id, None);
                self.content_rests_on_looks(id, Part::All);
            }
        }
    }

    /// Forgets a text or number that decides nothing in any function, but for its type and whether it counts as true: the fewer distinct calls, the
    /// better.
    fn coarsen(&mut self, parameter: Name, value: Value) -> Value {
        match *self.data(value) {
            Data::Instance {
                class,
                exact,
                data: Some(data),
                given,
            } => {
                let data = Some(self.coarsen(parameter, data));
                return self.values.intern(Data::Instance {
                    class,
                    exact,
                    data,
                    given,
                });
            }
            Data::Made { class, data } if !self.is_deciding(parameter) => {
                let data = match self.data(class) {
                    Data::NamedTuple(_) => data,
                    _ => Value::UNKNOWN,
                };
                return self.values.intern(Data::Made { class, data });
            }
            _ => {}
        }
        let Some(
            kind
            @ (Kind::Str | Kind::Int | Kind::Float | Kind::Bytes | Kind::Complex | Kind::Range),
        ) = self.values.plain_kind(value)
        else {
            return value;
        };
        if matches!(self.data(value), Data::Of(_) | Data::Truthy(_)) || self.is_deciding(parameter)
        {
            return value;
        }
        match self.values.plain_truth(value) {
            _ if self.is_graph() => self.values.of(kind),
            Truth::True => self.values.truthy(kind),
            _ => value,
        }
    }

    /// Keeps a new evaluation.
    pub fn add_context(&mut self, context: Context<'p>) -> ContextId {
        let id = ContextId(u32::try_from(self.contexts.len()).unwrap_or(u32::MAX));
        self.contexts.push(Box::new(context));
        id
    }

    /// Evaluates a body for the first time with these arguments. `is_called`: some code of the tree passes them.
    pub fn run_context(
        &mut self,
        function: &FunctionObject,
        key: Key,
        is_called: bool,
    ) -> ContextId {
        let definition = self.definition(function.function);
        let id = self.add_context(Context {
            function: Some(function.function),
            closure: function.closure,
            arguments: key.call.arguments.clone(),
            heap: key.call.heap.clone(),
            is_called,
            runs_at_import: self.is_importing,
            ..Context::new(function.function.module, Owner::Function(definition))
        });
        self.memo.insert(key, id);
        *self.running.entry(function.function).or_insert(0) += 1;
        let (steps, below) = (self.steps, std::mem::take(&mut self.below));
        let before = self.looked.get();
        self.run_body(id, definition);
        if self.fills_what_it_reads(id) {
            // What it does is what it does this time.
            self.looked.set(before);
            self.contexts[id.0 as usize].looked = FileSet::NONE;
            self.run_body(id, definition);
        }
        if self.read_early(id) {
            self.loosen(id);
        }
        if let Some(running) = self.running.get_mut(&function.function) {
            *running -= 1;
        }
        self.spend(function.function, steps, below);
        id
    }

    /// Makes what a body returns, and does to what it was handed, hold for any content of the dicts that it looks into.
    fn loosen(&mut self, id: ContextId) {
        let context = &mut self.contexts[id.0 as usize];
        let passed = context.heap.len();
        let returned = context.returned;
        let heap = std::mem::take(&mut context.final_heap);
        let objects = heap.iter().enumerate().map(|(index, object)| {
            if index < passed {
                Rc::new(self.opened(object))
            } else {
                Rc::clone(object)
            }
        });
        let heap = Rc::new(objects.collect());
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
        let heap = Rc::new(context.heap.to_vec());
        let count = context.arguments.len();
        let function = context.function;
        let versioned = function.is_some_and(|function| self.versioned.contains(&function));
        let doubts = function.map_or(&[][..], |function| {
            Doubts::of(&self.program.module(module).ir).of_function(function.id)
        });
        let ir = &self.program.module(module).ir;
        let mut frame = Frame::with_heap(id, module, ir, Owner::Function(definition), heap);
        frame.closure = closure;
        frame.introspected = u32::from(versioned);
        frame.doubts = doubts;
        self.contexts[id.0 as usize].log_reads.clear();
        self.depth += 1;
        let before = self.begin_looking(module);
        let acts = std::mem::take(&mut self.effects.acts);
        for index in 0..count {
            let value = self.contexts[id.0 as usize].arguments[index];
            let slot = Slot(u32::try_from(index).unwrap_or(u32::MAX));
            self.assign_slot(&mut frame, slot, value);
        }
        self.block(&mut frame, &definition.body);
        self.depth -= 1;
        self.finish_context(frame, definition);
        self.look_at_what_was_not_found(id);
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
                let result = returned.unwrap_or(Value::UNKNOWN);
                let mut result = self.without_own(result);
                if mentions_local(&self.values, result) {
                    result = Value::UNKNOWN;
                }
                returned = Some(self.values.intern(Data::Coroutine {
                    function: reference,
                    result,
                }));
            }
        }
        if reference.is_some_and(|function| self.disguised.contains(&function)) {
            // `lru_cache` gives the same object again.
            returned = returned.map(|returned| self.without_own(returned));
        }
        let context = &mut self.contexts[id.0 as usize];
        context.status = Status::Done;
        context.returned = returned;
        context.final_heap = frame.exit.map(|exit| exit.heap).unwrap_or_default();
        context.failures = frame.failures;
        context.edges = frame.edges;
        context.lookups = frame.lookups;
        context.refused = frame.refused;
        context.tests = frame.tests;
        context.used = frame.used;
        context.traps = frame.traps;
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
    if definition.is_lambda() || definition.body.is_empty() {
        return false;
    }
    let is_overload = |decorator: &Expr| is_called(decorator, |name| name == "overload");
    is_marked_abstract(definition)
        || definition.decorators.iter().any(is_overload)
        || definition.body.iter().all(|stmt| {
            matches!(&stmt.kind, StmtKind::Expr(value)
                if matches!(value.kind, ExprKind::Constant(Constant::Str(_) | Constant::Ellipsis)))
        })
}

/// Whether a function has no body of its own: nothing but a text, `pass`, `...` or `raise NotImplementedError`.
pub fn does_nothing(definition: &Function) -> bool {
    definition.body.iter().all(|stmt| match &stmt.kind {
        StmtKind::Pass => true,
        StmtKind::Expr(expr) => matches!(expr.kind, ExprKind::Constant(_)),
        _ => raises_not_implemented(std::slice::from_ref(stmt)),
    })
}

/// Whether a function is decorated by `abc.abstractmethod` or one of its relatives, under its own name.
pub fn is_marked_abstract(definition: &Function) -> bool {
    let is_mark = |decorator: &Expr| is_called(decorator, |name| name.starts_with("abstract"));
    definition.decorators.iter().any(is_mark)
}

/// Whether the last part of a name says this.
fn is_called(expr: &Expr, says: impl Fn(&str) -> bool) -> bool {
    matches!(
        &expr.kind,
        ExprKind::Name(name, _) | ExprKind::Attribute { attribute: name, .. } if says(name)
    )
}
