//! Running the program on abstract values.
//!
//! Every module is evaluated once, every function once with its parameters unknown, and functions again for each
//! distinct call whose arguments matter to them. What cannot be told is [`value::Value::UNKNOWN`]; what certainly fails is
//! a failure. No list of dispatch patterns exists: a route is what falls out when the registry's code runs.

mod attribute;
mod call;
mod class;
mod condition;
mod container;
mod context;
pub mod contract;
mod cycle;
mod decide;
mod exception;
mod expression;
mod frame;
mod guard;
mod import;
mod known;
mod method;
mod pattern;
mod routes;
mod signature;
pub mod state;
mod statement;
mod store;
mod survey;
mod trace;
pub mod value;

use std::collections::VecDeque;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::facts::Facts;
use crate::name::Name;
use crate::program::{ModuleId, Program};
use crate::syntax::ir::ClassId;

use class::ClassObject;
use context::{Context, Key};
use import::ModuleState;
use state::Object;
use survey::Survey;
use value::{ClassRef, ContextId, Data, FunctionObject, SharedId, Value, Values};

/// How deep calls are followed into calls.
const DEPTH_LIMIT: u32 = 48;

/// How many evaluations of one function may be under way at a time, each called by the one before with other arguments.
const RECURSION_LIMIT: u32 = 3;

/// How many distinct calls of one function are followed.
const CONTEXTS_PER_FUNCTION: u32 = 4096;

/// How many statements may run for each statement of the tree, on average, before calls are no longer followed for their
/// arguments. It bounds the time to a multiple of the tree's size.
const STEPS_PER_STATEMENT: u64 = 60;

/// Steps that are granted to a tree of any size.
const FREE_STEPS: u64 = 3_000_000;

/// Evaluates a whole program.
///
/// `elsewhere` are the dotted names of modules that the tree is known to have had, or that it is compared with: an import
/// of one of them that is not there is no import of an installed package.
#[must_use]
#[expect(
    clippy::implicit_hasher,
    reason = "every set of names hashes like this one"
)]
pub fn evaluate(program: &Program, elsewhere: &FxHashSet<Name>) -> Facts {
    let mut evaluator = Evaluator::new(program, elsewhere);
    evaluator.run();
    evaluator.facts()
}

/// The same, with the contract: what functions accept and send. It takes longer.
#[must_use]
#[expect(
    clippy::implicit_hasher,
    reason = "every set of names hashes like this one"
)]
pub fn evaluate_with_contract(
    program: &Program,
    elsewhere: &FxHashSet<Name>,
) -> (Facts, contract::Contract) {
    let mut evaluator = Evaluator::new(program, elsewhere);
    evaluator.record = Some(Box::default());
    evaluator.run();
    let record = evaluator.record.take().unwrap_or_default();
    let contract = evaluator.contract(&record);
    (evaluator.facts(), contract)
}

/// A list, set or dict that more than one function body can reach.
#[derive(Debug)]
struct SharedObject {
    object: std::rc::Rc<Object>,
    /// The last parts of the names that code reaches it by.
    names: Vec<Name>,
    /// Whether a function body changed it in a way that cannot be followed.
    changed: bool,
    /// What functions assign to its keys.
    log: StoreLog,
}

/// What functions assign to the keys of a shared dict.
#[derive(Debug, Default)]
struct StoreLog {
    /// By known key: the values, and whether a module's top-level code made the assignment.
    exact: FxIndexMap<Value, (Value, bool)>,
    /// Tuples with unknown parts as keys.
    patterns: FxIndexSet<LoggedStore>,
    /// Whether a key was assigned of which nothing is known.
    anything: bool,
}

/// A map in the order of insertion.
type FxIndexMap<K, V> = indexmap::IndexMap<K, V, rustc_hash::FxBuildHasher>;

/// A set in the order of insertion.
type FxIndexSet<T> = indexmap::IndexSet<T, rustc_hash::FxBuildHasher>;

/// `container[key] = value` in a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct LoggedStore {
    key: Value,
    value: Value,
}

/// A function to be evaluated for all callers.
#[derive(Debug)]
struct Root {
    function: FunctionObject,
}

/// The evaluation of one tree.
struct Evaluator<'p> {
    program: &'p Program,
    /// See [`evaluate`].
    elsewhere: &'p FxHashSet<Name>,
    /// Whether the tree is Python's standard library.
    is_library: bool,
    survey: Survey<'p>,
    values: Values,
    shared: Vec<SharedObject>,
    classes: Vec<ClassObject<'p>>,
    class_index: FxHashMap<(ModuleId, ClassId, Option<ContextId>), ClassRef>,
    /// Classes of the tree by the class that they derive from directly.
    subclasses: FxHashMap<ClassRef, Vec<ClassRef>>,
    /// The values of enum members.
    member_values: FxHashMap<(ClassRef, Name), Value>,
    /// What binding needs to know of functions.
    callables: FxHashMap<value::FunctionRef, std::rc::Rc<signature::Callable>>,
    /// What methods assign to attributes of instances; none while that is being found out.
    instance_attributes: FxHashMap<(ClassRef, Name), Option<Value>>,
    contexts: Vec<Context<'p>>,
    memo: FxHashMap<Key, ContextId>,
    contexts_per_function: FxHashMap<value::FunctionRef, u32>,
    modules: Vec<ModuleState>,
    pending: VecDeque<Root>,
    /// Function objects that were queued already.
    queued: FxHashSet<(value::FunctionRef, Option<ContextId>)>,
    /// For each run with symbolic parameters: the known values that a parameter was compared with or looked up among.
    splits: FxHashMap<(u32, u32), Vec<Value>>,
    /// Parameters that stood for all values, and were then taken through all those that matter.
    split: FxHashSet<(u32, u32)>,
    runs: u32,
    /// Whether all functions were evaluated once, so that it is known what they put into containers.
    is_second_round: bool,
    /// Whether a module's top-level code is what runs in the end.
    is_importing: bool,
    /// Import obligations on modules that were not ready when they were met.
    deferred: Vec<import::DeferredImport<'p>>,
    /// Functions inside others that are defined only if a test on what the outer one got comes out right: what the outer
    /// one's parameters are goes together with that.
    chosen: FxHashSet<value::FunctionRef>,
    /// Lambdas and functions that are handed over beside an exception's class: they are expected to fail.
    expected: FxHashMap<value::FunctionRef, Vec<Name>>,
    depth: u32,
    /// How many evaluations of a function are under way.
    running: FxHashMap<value::FunctionRef, u32>,
    /// How many imports that wait for each other are being followed.
    late: u32,
    steps: u64,
    step_limit: u64,
    /// The calls, where the contract is asked for.
    record: Option<Box<contract::Record<'p>>>,
}

impl<'p> Evaluator<'p> {
    fn new(program: &'p Program, elsewhere: &'p FxHashSet<Name>) -> Self {
        let statements: u64 = program
            .modules()
            .iter()
            .map(|module| {
                let bodies = module
                    .ir
                    .functions
                    .iter()
                    .map(|function| function.body.len())
                    .sum::<usize>();
                (bodies + module.ir.body.len()) as u64
            })
            .sum();
        Self {
            program,
            elsewhere,
            is_library: is_library(program),
            survey: Survey::new(program),
            values: Values::default(),
            shared: Vec::new(),
            classes: Vec::new(),
            class_index: FxHashMap::default(),
            subclasses: FxHashMap::default(),
            member_values: FxHashMap::default(),
            callables: FxHashMap::default(),
            instance_attributes: FxHashMap::default(),
            contexts: Vec::new(),
            memo: FxHashMap::default(),
            contexts_per_function: FxHashMap::default(),
            modules: program.modules().iter().map(ModuleState::new).collect(),
            pending: VecDeque::new(),
            queued: FxHashSet::default(),
            splits: FxHashMap::default(),
            split: FxHashSet::default(),
            runs: 0,
            is_second_round: false,
            is_importing: true,
            deferred: Vec::new(),
            chosen: FxHashSet::default(),
            expected: FxHashMap::default(),
            depth: 0,
            running: FxHashMap::default(),
            late: 0,
            steps: 0,
            step_limit: FREE_STEPS + STEPS_PER_STATEMENT * statements,
            record: None,
        }
    }

    /// Evaluates every module, then every function that was defined on the way.
    fn run(&mut self) {
        for id in self.program.module_ids() {
            self.evaluate_module(id);
        }
        self.is_importing = false;
        self.run_pending();
        // Caches that functions fill: now it is known with what.
        self.is_second_round = true;
        for index in 0..self.contexts.len() {
            if self.contexts[index].reads_log {
                self.run_again(ContextId(u32::try_from(index).unwrap_or(u32::MAX)));
            }
        }
        self.run_pending();
        self.settle_deferred_imports();
    }

    fn run_pending(&mut self) {
        while let Some(root) = self.pending.pop_front() {
            self.run_root(&root.function);
        }
    }

    /// Puts a function object on the list of functions to be evaluated for all callers, once.
    fn queue(&mut self, function: &FunctionObject) {
        if self.queued.insert((function.function, function.closure)) {
            self.pending.push_back(Root {
                function: function.clone(),
            });
        }
    }

    /// Makes a container that outlives the function body.
    fn share(&mut self, object: Object) -> SharedId {
        // A run that makes four thousand million objects has run out of memory long before.
        let id = SharedId(u32::try_from(self.shared.len()).unwrap_or(0));
        self.shared.push(SharedObject {
            object: std::rc::Rc::new(object),
            names: Vec::new(),
            changed: false,
            log: StoreLog::default(),
        });
        id
    }

    fn data(&self, value: Value) -> &Data {
        self.values.get(value)
    }
}

/// Whether a tree is the standard library itself: a project shadows a few of its modules at most.
fn is_library(program: &Program) -> bool {
    let standard = program
        .modules()
        .iter()
        .filter(|module| crate::program::stdlib::is_standard(&module.name));
    standard.count() > 40
}
