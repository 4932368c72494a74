//! Running the program on abstract values.
//!
//! Every module is evaluated once, every function once with its parameters unknown, and functions again for each
//! distinct call whose arguments matter to them. What cannot be told is [`domain::value::Value::UNKNOWN`]; what certainly fails is
//! a failure. No list of dispatch patterns exists: a route is what falls out when the registry's code runs.

pub mod blame;
mod callgraph;
mod calls;
mod certainty;
pub mod contract;
pub mod domain;
mod exceptions;
mod heap;
mod interpreter;
mod library;
mod limits;
mod objects;
pub mod reuse;
pub mod summaries;
mod survey;

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::VecDeque;
use std::mem::ManuallyDrop;
use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::facts::{CallGraph, Facts};
use crate::name::Name;
use crate::program::{ModuleId, Program};
use crate::syntax::ir::{ClassId, Expr, Function, Range, Slot};

use blame::traced::{Shown, Traced};
use domain::value::{ClassRef, ContextId, Data, FunctionObject, FunctionRef, Value, Values};
use heap::shared::SharedObject;
use interpreter::module::ModuleState;
use objects::class::ClassObject;
use reuse::changes::{Changes, Reaches, Registrations};
use reuse::effect::{Effects, Foreknowledge};
use reuse::file_set::FileSet;
use summaries::case::Case;
use summaries::context::{Context, Key};
use survey::Survey;

/// How deep calls are followed into calls.
const DEPTH_LIMIT: u32 = 48;

/// How many evaluations of one function may be under way at a time, each called by the one before with other arguments.
const RECURSION_LIMIT: u32 = 3;

/// Which part of the work that is granted to a tree the distinct calls of one function may make up: a helper that is called with thousands of texts
/// must not use up what all are granted.
const SHARE_OF_FUNCTION: u64 = 16;

/// Which part of it the keys of one function's parameters may make up, beyond those that are taken one by one in any case.
const SHARE_OF_KEYS: u64 = 32;

/// What a distinct call of a function costs besides its statements, in statements.
const STEPS_OF_CALL: u64 = 4;

/// How many statements may run for each statement of the tree, on average, before calls are no longer followed for their
/// arguments. It bounds the time to a multiple of the tree's size.
const STEPS_PER_STATEMENT: u64 = 6;

/// How many statements may run on behalf of one function that is evaluated for all callers, before the calls below it are no
/// longer followed: one function that leads everywhere must not use up what all are granted.
const STEPS_PER_ROOT: u64 = 10_000;

/// How many statements each call that such a function makes by itself, outside of loops, is granted at least, whatever the calls before it took.
const STEPS_PER_CALL: u64 = 50;

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
    let changes = Changes::default();
    let subject = Subject::new(program);
    let mut evaluator = Evaluator::new(&subject, elsewhere, &changes, None);
    evaluator.run();
    evaluator.facts()
}

/// The same for a check in a process that ends soon: what the evaluation holds goes back to the system as a whole, and not object by object. What is registered
/// with frameworks is left out of the facts, for no check tells of it.
#[must_use]
#[expect(
    clippy::implicit_hasher,
    reason = "every set of names hashes like this one"
)]
pub fn evaluate_at_end(program: &Program, elsewhere: &FxHashSet<Name>) -> Facts {
    let changes = Changes::default();
    let subject = ManuallyDrop::new(Subject::new(program));
    let evaluator = Evaluator::new(&subject, elsewhere, &changes, None);
    let mut evaluator = ManuallyDrop::new(evaluator);
    evaluator.is_listing = false;
    evaluator.run();
    evaluator.facts()
}

/// Evaluates a program that shares files with another one.
///
/// `changes` are what it does not share. Of the functions, only those are evaluated for all callers whose outcome in this program is not known
/// from another one, if there is such knowledge. `executors`: which functions are known to choose by an interface and an operation. It takes several
/// routes to tell, and some may be broken here, or among what is not evaluated.
#[must_use]
#[expect(
    clippy::implicit_hasher,
    reason = "every set of names hashes like this one"
)]
pub fn evaluate_for(
    subject: &Subject,
    elsewhere: &FxHashSet<Name>,
    changes: &Changes,
    foreknowledge: Option<&Foreknowledge>,
    executors: Option<&dyn Fn(FunctionRef) -> Option<[Slot; 2]>>,
) -> Evaluation {
    let mut evaluator = Evaluator::new(subject, elsewhere, changes, foreknowledge);
    evaluator.executors = executors;
    evaluator.run();
    let reaches = evaluator.reaches_of_all();
    let imports = evaluator.looks_of_modules();
    let (mut facts, traced) = evaluator.traced();
    let shown = Shown::by(traced.iter());
    let told = traced.iter().filter(|traced| !shown.is_echo(traced));
    facts.failures = told.map(|traced| traced.failure.clone()).collect();
    Evaluation {
        facts,
        reaches,
        imports,
        traced,
        is_unsure: evaluator.effects.is_missed,
    }
}

/// Which changed files put something into containers of others while they are imported.
#[must_use]
#[expect(
    clippy::implicit_hasher,
    reason = "every set of names hashes like this one"
)]
pub fn registrations(
    subject: &Subject,
    elsewhere: &FxHashSet<Name>,
    changes: &Changes,
) -> Registrations {
    let mut evaluator = Evaluator::new(subject, elsewhere, changes, None);
    for id in subject.program.module_ids() {
        evaluator.evaluate_module(id);
    }
    evaluator.registrations()
}

/// A program with what one pass over all of its code says of names.
#[derive(Debug)]
pub struct Subject<'p> {
    /// The program.
    pub program: &'p Program,
    survey: Survey,
}

impl<'p> Subject<'p> {
    /// Looks over the program.
    #[must_use]
    pub fn new(program: &'p Program) -> Self {
        Self {
            program,
            survey: Survey::new(program),
        }
    }
}

/// What an evaluation gives.
#[derive(Debug)]
pub struct Evaluation {
    /// What was found.
    pub facts: Facts,
    /// How far each function reaches.
    pub reaches: Reaches,
    /// The changed files that each module's own code looked into.
    pub imports: Vec<FileSet>,
    /// The failures of the facts, and their echoes.
    pub traced: Vec<Traced>,
    /// Whether something was taken for unknown because it may have been put there by a function that was left out: with all of them
    /// evaluated, more may be certain to fail.
    pub is_unsure: bool,
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
    let changes = Changes::default();
    let subject = Subject::new(program);
    let mut evaluator = Evaluator::new(&subject, elsewhere, &changes, None);
    evaluator.record = Some(Box::default());
    evaluator.run();
    let record = evaluator.record.take().unwrap_or_default();
    let mut contract = evaluator.contract(&record);
    let facts = evaluator.facts();
    evaluator.contract_keys(&mut contract);
    (facts, contract)
}

/// Who calls whom in a program, calls of things outside it included.
///
/// It is the same evaluation, which looks besides into what never fails a call: operators, iteration, callbacks.
#[must_use]
pub fn call_graph(program: &Program) -> CallGraph {
    let changes = Changes::default();
    let elsewhere = FxHashSet::default();
    let subject = Subject::new(program);
    let mut evaluator = Evaluator::new(&subject, &elsewhere, &changes, None);
    evaluator.calls = Some(Box::default());
    evaluator.values.widen_unions(callgraph::UNION_LIMIT);
    let (free, each) = callgraph::STEPS;
    evaluator.step_limit = free + each * (evaluator.step_limit - FREE_STEPS) / STEPS_PER_STATEMENT;
    evaluator.run();
    evaluator.learn();
    evaluator.call_graph()
}

/// A map in the order of insertion.
type FxIndexMap<K, V> = indexmap::IndexMap<K, V, rustc_hash::FxBuildHasher>;

/// A set in the order of insertion.
type FxIndexSet<T> = indexmap::IndexSet<T, rustc_hash::FxBuildHasher>;

/// A function to be evaluated for all callers, or a case of it.
#[derive(Clone, Debug)]
struct Root {
    function: FunctionObject,
    /// The keys that are chosen for parameters.
    chosen: Vec<(u32, Value)>,
    /// The same in terms that hold in any tree, as far as there are some.
    case: Case,
}

/// The evaluation of one tree.
struct Evaluator<'p> {
    program: &'p Program,
    /// See [`evaluate`].
    elsewhere: &'p FxHashSet<Name>,
    /// What differs between this program and the one that it shares files with.
    changes: &'p Changes,
    /// The changed files that what is being evaluated looked into so far.
    looked: Cell<FileSet>,
    /// What is known without evaluating; none: all functions are evaluated for all callers.
    foreknowledge: Option<&'p Foreknowledge<'p>>,
    /// Which functions are known from other trees to choose by an interface and an operation: by which parameters.
    executors: Option<&'p dyn Fn(FunctionRef) -> Option<[Slot; 2]>>,
    /// What functions do that others see.
    effects: Effects,
    /// Whether some function may not have been evaluated for all callers.
    is_partial: bool,
    /// Whether the tree is Python's standard library.
    is_library: bool,
    survey: &'p Survey,
    values: Values,
    shared: Vec<SharedObject>,
    classes: Vec<ClassObject<'p>>,
    class_index: FxHashMap<(ModuleId, ClassId, Option<ContextId>), ClassRef>,
    /// Classes of the tree by the class that they derive from directly.
    subclasses: FxHashMap<ClassRef, Vec<ClassRef>>,
    /// How often a class came, or got something more into its namespace.
    class_changes: u64,
    /// Whether classes that derive from one have an attribute: the answer, and how many such changes there had been when it was given.
    had_below: RefCell<FxHashMap<(ClassRef, Name), (u64, bool)>>,
    /// The values of enum members.
    member_values: FxHashMap<(ClassRef, Name), Value>,
    /// What binding needs to know of functions.
    callables: FxHashMap<FunctionRef, std::rc::Rc<calls::signature::Callable>>,
    /// What methods assign to attributes of instances; none while that is being found out.
    instance_attributes: FxHashMap<(ClassRef, Name), (Option<Value>, FileSet)>,
    /// What an attribute holds that a constructor fills with something of its own where it is given nothing.
    taken_instead: FxHashMap<(ClassRef, Name), (Value, FileSet)>,
    /// Whether methods of a class read the names in its body.
    copying: RefCell<FxHashMap<ClassRef, bool>>,
    /// By function, the parameters for which it takes something else where they are `None`.
    defaulted: RefCell<FxHashMap<FunctionRef, Rc<[Slot]>>>,
    /// What code puts into the containers that attributes of a class hold; none: anything, or it is being found out.
    kept: FxHashMap<objects::kept::Keeper, Option<Value>>,
    #[expect(
        clippy::vec_box,
        reason = "thousands of them, each large, would be moved whenever the list grows"
    )]
    contexts: Vec<Box<Context<'p>>>,
    memo: FxHashMap<Key, ContextId>,
    /// What the distinct calls of each function took.
    spent: FxHashMap<FunctionRef, limits::Spent>,
    /// The statements of calls that the body under way made.
    below: u64,
    /// Whether a function is evaluated for one of the keys that a parameter is looked up by, and for no call.
    is_trying_keys: bool,
    /// What was not looked into.
    cuts: limits::Cuts,
    modules: Vec<ModuleState>,
    pending: VecDeque<Root>,
    /// Functions in which something of Python's own failed: whether all that uses them asks for a version first.
    used_for_python: RefCell<FxHashMap<FunctionRef, bool>>,
    /// Functions inside others, and whether they are only called there, as far as that was asked.
    only_called: RefCell<FxHashMap<*const Function, bool>>,
    /// Tests of functions under which others are defined, and whether they ask about a parameter.
    asking: RefCell<FxHashMap<*const Expr, bool>>,
    /// Modules that do not parse, and that an import which is made leads to.
    imported_broken: FxHashSet<ModuleId>,
    /// Tests around names that nothing binds, and whether they ask which names the module has.
    asking_given: RefCell<FxHashMap<*const Expr, bool>>,
    /// Methods that read an attribute which instances of their own class lack, and only those of a class derived from it may have.
    unfinished: FxHashSet<FunctionRef>,
    /// The files that load others under names of their choice; worked out when it is first asked for.
    loaders: OnceCell<Vec<ModuleId>>,
    /// By file of tests: the names that it replaces for a while, as far as that was asked.
    replaced_by_tests: FxHashMap<ModuleId, Rc<FxHashSet<Name>>>,
    /// By function: the names that it reads, as far as that was asked.
    read_by_functions: FxHashMap<FunctionRef, Rc<[Name]>>,
    /// The modules that may run in one process with one that changes how imports are found; worked out when it is first asked for.
    beside_changers: OnceCell<FxHashSet<ModuleId>>,
    /// Modules, and whether their own code asks for names that they bind nowhere, as far as that was asked.
    asking_host: RefCell<FxHashMap<ModuleId, bool>>,
    /// The functions that code of the tree hands to what takes functions' source, by the module and name of each; worked out when it is first asked for.
    handed_to_readers: OnceCell<FxHashSet<(ModuleId, Name)>>,
    /// The modules in directories that code adds to where imports look, by name, each beside the module that adds the directory; worked out when it is first asked for.
    in_added_directories: OnceCell<FxHashMap<Name, Vec<(ModuleId, ModuleId)>>>,
    /// The texts that stand anywhere in the tree, the keywords of its calls, and what its modules bind.
    texts: OnceCell<FxHashSet<Name>>,
    /// The same of single modules.
    texts_of: RefCell<FxHashMap<ModuleId, FxHashSet<Name>>>,
    /// The texts that modules write out, each with the module, if it is one alone; worked out when it is first asked for.
    written: OnceCell<FxHashMap<Name, Option<ModuleId>>>,
    /// Calls that lack the `await` which the others of their kind have; worked out when one is first asked for.
    unawaited: Option<FxHashSet<(ModuleId, Range)>>,
    /// The names that only coroutines of the tree have; worked out when one is first asked for.
    coroutines: Option<FxHashMap<Name, interpreter::likely::Coroutines>>,
    /// The classes by their names as variables have them; worked out when one is first asked for.
    by_words: Option<summaries::named::ByWords>,
    /// What annotations say that attributes hold, by class; worked out when one is first asked for.
    announced: FxHashMap<ClassRef, FxHashMap<Name, ClassRef>>,
    /// The attributes that one way of a class's constructor leaves out; worked out when one is first asked for.
    parted: FxHashMap<ClassRef, Rc<FxHashSet<Name>>>,
    /// The modules that are handed on beside one that makes functions anew; worked out when it is first asked for.
    handed_to_rebuilders: OnceCell<FxHashSet<ModuleId>>,
    /// The modules from which imports lead to one that puts names into others; worked out when it is first asked for.
    reaching_rewriters: OnceCell<FxHashSet<ModuleId>>,
    /// The attributes that relations of database models put on the classes at their other end; worked out when it is first asked for.
    related: OnceCell<FxHashSet<Name>>,
    /// Function objects that were queued already.
    queued: FxHashSet<(FunctionRef, Option<ContextId>)>,
    /// For each run with symbolic parameters: the known values that a parameter was compared with or looked up among.
    splits: FxHashMap<(u32, u32), Vec<Value>>,
    /// Parameters that stood for all values, and were then taken through all those that matter.
    split: FxHashSet<(u32, u32)>,
    runs: u32,
    /// Whether all functions were evaluated once, so that it is known what they put into containers.
    is_second_round: bool,
    /// Whether a module's top-level code is what runs in the end.
    is_importing: bool,
    /// If it is: the changed file that it is.
    importing: FileSet,
    /// The module whose own code runs in the end, and where its statement begins.
    importing_at: Option<(ModuleId, u32)>,
    /// Whether the facts say what is registered.
    is_listing: bool,
    /// What was registered with frameworks.
    listings: FxIndexSet<library::listed::Listing>,
    /// The registers to which something was added.
    registers: Vec<domain::value::SharedId>,
    /// How many of the calls under way may not be made.
    perhaps: u32,
    /// Import obligations on modules that were not ready when they were met.
    deferred: Vec<interpreter::import::DeferredImport<'p>>,
    /// Names that were read before their modules were ready.
    deferred_names: Vec<interpreter::unbound::DeferredName<'p>>,
    /// Modules that the declared Python refuses and that nothing runs for certain.
    unloaded: FxHashSet<ModuleId>,
    /// Functions inside others that are defined only if a test on what the outer one got comes out right: what the outer
    /// one's parameters are goes together with that.
    chosen: FxHashSet<FunctionRef>,
    /// Functions that are defined only under a test that asks for a version, or the like, and tests that are skipped.
    versioned: FxHashSet<FunctionRef>,
    /// Functions whose `__code__` or defaults were seen to be replaced.
    rewritten: FxHashSet<FunctionRef>,
    /// Where an object was found to lack an attribute or a name, in terms of what may yet be filled by code that was not met by then.
    lacking: FxHashMap<(ContextId, Range), (objects::filled::Holder, Name)>,
    /// The same by tests.
    filled_for_tests: FxHashSet<objects::filled::Holder>,
    /// Attributes that code was seen to set by computing their names.
    computed_names: FxHashSet<Name>,
    /// What is filled by code that computes the names.
    filled: FxHashSet<objects::filled::Holder>,
    /// Functions that `functools.wraps` gave the name and signature of another.
    renamed: FxHashSet<FunctionRef>,
    /// Functions that an object stands before which is no function: `functools.lru_cache`.
    disguised: FxHashSet<FunctionRef>,
    /// The versions of the installed distributions, by normalised name, once they were asked for.
    installed: Option<std::collections::BTreeMap<String, String>>,
    /// Lambdas and functions that are handed over beside an exception's class: they are expected to fail.
    expected: FxHashMap<FunctionRef, exceptions::class::Caught>,
    /// By the test or the target of a loop: the variables that an iteration may read before it assigns them.
    exposed: FxHashMap<*const Expr, std::rc::Rc<[crate::syntax::ir::Slot]>>,
    /// By the first statement of a `try`: what its clauses rest on.
    asked: FxHashMap<*const crate::syntax::ir::Stmt, std::rc::Rc<[&'p Expr]>>,
    /// By the body's first statement and a variable: what the body assigns to it.
    sources: FxHashMap<(usize, crate::syntax::ir::Slot), std::rc::Rc<[&'p Expr]>>,
    /// Attributes of what is outside the tree, by its dotted name and theirs.
    dotted: FxHashMap<(Name, Name), Value>,
    /// By a module of the library and a name: whether no version of it has that.
    lacking_in_library: FxHashMap<(Name, Name), bool>,
    /// The same for classes of the library and what they make.
    lacking_in_classes: FxHashMap<(Name, Name), bool>,
    /// How tests came out, while both cases of one are looked at.
    answers: Option<Vec<interpreter::refinement::Answered>>,
    /// Whether a function's own code has a `raise`.
    raising: FxHashMap<*const crate::syntax::ir::Function, bool>,
    /// What the tables of the library say of the names that were called so far.
    entries: FxHashMap<Name, library::entry::Entry>,
    /// The builtins that were asked for so far.
    builtins: FxHashMap<Name, Value>,
    /// Which assignments to items have a key that decides their value.
    remembering: FxHashMap<heap::remember::Site, bool>,
    /// Which functions have such assignments.
    rememberers: FxHashMap<FunctionRef, bool>,
    depth: u32,
    /// How many evaluations of a function are under way.
    running: FxHashMap<FunctionRef, u32>,
    /// How many imports that wait for each other are being followed.
    late: u32,
    steps: u64,
    step_limit: u64,
    /// The limit for the function that is evaluated for all callers now.
    root_limit: u64,
    /// The calls, where the contract is asked for.
    record: Option<Box<contract::Record<'p>>>,
    /// Who calls whom, where the call graph is asked for.
    calls: Option<Box<callgraph::Calls>>,
}

impl<'p> Evaluator<'p> {
    fn new(
        subject: &'p Subject<'p>,
        elsewhere: &'p FxHashSet<Name>,
        changes: &'p Changes,
        foreknowledge: Option<&'p Foreknowledge<'p>>,
    ) -> Self {
        let program = subject.program;
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
            changes,
            looked: Cell::new(FileSet::NONE),
            foreknowledge,
            executors: None,
            effects: Effects::default(),
            is_partial: foreknowledge.is_some(),
            is_library: is_library(program),
            survey: &subject.survey,
            values: Values::default(),
            shared: Vec::new(),
            classes: Vec::new(),
            class_index: FxHashMap::default(),
            subclasses: FxHashMap::default(),
            class_changes: 0,
            had_below: RefCell::default(),
            member_values: FxHashMap::default(),
            callables: FxHashMap::default(),
            instance_attributes: FxHashMap::default(),
            taken_instead: FxHashMap::default(),
            copying: RefCell::default(),
            defaulted: RefCell::default(),
            kept: FxHashMap::default(),
            contexts: Vec::new(),
            memo: FxHashMap::default(),
            spent: FxHashMap::default(),
            below: 0,
            is_trying_keys: false,
            cuts: limits::Cuts::default(),
            modules: program
                .module_ids()
                .map(|id| {
                    let module = program.module(id);
                    ModuleState::new(id, module, program.targets(), &subject.survey)
                })
                .collect(),
            pending: VecDeque::new(),
            used_for_python: RefCell::default(),
            only_called: RefCell::default(),
            asking: RefCell::default(),
            imported_broken: FxHashSet::default(),
            asking_given: RefCell::default(),
            unfinished: FxHashSet::default(),
            loaders: OnceCell::new(),
            replaced_by_tests: FxHashMap::default(),
            read_by_functions: FxHashMap::default(),
            beside_changers: OnceCell::new(),
            in_added_directories: OnceCell::new(),
            texts: OnceCell::new(),
            texts_of: RefCell::default(),
            written: OnceCell::new(),
            unawaited: None,
            coroutines: None,
            asking_host: RefCell::default(),
            handed_to_readers: OnceCell::new(),
            handed_to_rebuilders: OnceCell::new(),
            by_words: None,
            announced: FxHashMap::default(),
            parted: FxHashMap::default(),
            related: OnceCell::new(),
            reaching_rewriters: OnceCell::new(),
            queued: FxHashSet::default(),
            splits: FxHashMap::default(),
            split: FxHashSet::default(),
            runs: 0,
            is_second_round: false,
            is_importing: true,
            importing: FileSet::NONE,
            importing_at: None,
            is_listing: true,
            listings: FxIndexSet::default(),
            registers: Vec::new(),
            perhaps: 0,
            deferred: Vec::new(),
            deferred_names: Vec::new(),
            unloaded: FxHashSet::default(),
            chosen: FxHashSet::default(),
            versioned: FxHashSet::default(),
            rewritten: FxHashSet::default(),
            lacking: FxHashMap::default(),
            computed_names: FxHashSet::default(),
            filled: FxHashSet::default(),
            renamed: FxHashSet::default(),
            disguised: FxHashSet::default(),
            installed: None,
            filled_for_tests: FxHashSet::default(),
            expected: FxHashMap::default(),
            exposed: FxHashMap::default(),
            asked: FxHashMap::default(),
            sources: FxHashMap::default(),
            dotted: FxHashMap::default(),
            lacking_in_library: FxHashMap::default(),
            lacking_in_classes: FxHashMap::default(),
            answers: None,
            raising: FxHashMap::default(),
            entries: FxHashMap::default(),
            builtins: FxHashMap::default(),
            remembering: FxHashMap::default(),
            rememberers: FxHashMap::default(),
            depth: 0,
            running: FxHashMap::default(),
            late: 0,
            steps: 0,
            root_limit: STEPS_PER_ROOT,
            step_limit: FREE_STEPS + STEPS_PER_STATEMENT * statements,
            record: None,
            calls: None,
        }
    }

    /// Evaluates every module, then every function that was defined on the way.
    fn run(&mut self) {
        for id in self.program.module_ids() {
            let is_imported = match self.foreknowledge {
                // One of an installed package is evaluated where the tree's code imports it.
                None => !self.program.module(id).is_installed,
                Some(known) => (known.is_imported)(id),
            };
            if is_imported {
                self.start_module(id);
            }
        }
        self.is_importing = false;
        self.run_pending();
        while self.run_asked_for() {}
        self.run_second_round();
        // What was just read of a cache may be what a function that was left out put there.
        while self.asks_for_more() {
            self.is_second_round = false;
            while self.run_asked_for() {}
            self.run_second_round();
        }
        self.settle_deferred_imports();
        self.settle_deferred_names();
        self.doubt_hidden_files();
        self.doubt_skipped_tests();
        self.check_syntax();
        self.check_entry_points();
    }

    /// Evaluates again what looks into caches that functions fill: now it is known with what.
    fn run_second_round(&mut self) {
        self.is_second_round = true;
        // Whether a coroutine comes back through such a dict matters to whoever waits for it.
        let refine = self.has_coroutines();
        let mut refined = FxHashSet::default();
        for index in 0..self.contexts.len() {
            let id = ContextId(u32::try_from(index).unwrap_or(u32::MAX));
            let outdated = !self.contexts[index].log_reads.is_empty()
                && (refine || self.saw_something_else(id));
            if outdated && self.run_again(id, refine) {
                refined.insert(id);
            }
        }
        self.run_callers(refined);
        self.run_pending();
    }

    /// Whether the tree's own code has functions that are waited for.
    fn has_coroutines(&self) -> bool {
        let modules = self.program.modules();
        let own = modules.iter().filter(|module| !module.is_installed);
        let mut functions = own.flat_map(|module| &module.ir.functions);
        functions.any(|function| function.is_async)
    }

    /// Evaluates the callers of what returns something more exact, each once, and so on.
    fn run_callers(&mut self, mut refined: FxHashSet<ContextId>) {
        let mut done = refined.clone();
        while !refined.is_empty() && self.steps <= self.step_limit {
            let mut next = FxHashSet::default();
            for index in 0..self.contexts.len() {
                let id = ContextId(u32::try_from(index).unwrap_or(u32::MAX));
                let calls = |edge: &interpreter::frame::Edge| refined.contains(&edge.callee);
                if self.contexts[index].edges.iter().any(calls)
                    && done.insert(id)
                    && self.run_again(id, true)
                {
                    next.insert(id);
                }
            }
            refined = next;
        }
        self.not_evaluated_again(&refined);
    }

    /// Puts a function object on the list of functions to be evaluated for all callers, once. Those of an installed package are asked only what the tree's calls of them do.
    fn queue(&mut self, function: &FunctionObject) {
        if self.program.module(function.function.module).is_installed {
            return;
        }
        if self.queued.insert((function.function, function.closure)) {
            self.pending.push_back(Root {
                function: function.clone(),
                chosen: Vec::new(),
                case: Case::ALL,
            });
        }
    }

    #[inline]
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
