//! One function body (or module, or class body) while it is being evaluated.

use std::rc::Rc;

use crate::facts::{Confidence, Evidence, Impact, May};
use crate::name::Name;
use crate::names::{Doubt, Doubts};
use crate::program::ModuleId;
use crate::syntax::ir::{Call, Class, Expr, Function, Module, Range, Scope, Slot};

use crate::eval::domain::state::{Joined, Object, State};
use crate::eval::domain::value::{ClassRef, ContextId, FunctionRef, SharedId, Value};
use crate::eval::exceptions::class::ExceptionClass;
use crate::eval::exceptions::trap::Traps;

/// Whose code it is.
#[derive(Clone, Copy, Debug)]
pub enum Owner<'p> {
    /// A module's top level.
    Module,
    /// A class body.
    Class(&'p Class),
    /// A function's body.
    Function(&'p Function),
}

/// A function body while it runs.
#[derive(Debug)]
pub struct Frame<'p> {
    /// Which evaluation of the body this is.
    pub context: ContextId,
    /// The module that the code stands in.
    pub module: ModuleId,
    /// That module's intermediate form.
    pub ir: &'p Module,
    /// Its variables.
    pub scope: &'p Scope,
    /// Whose code it is.
    pub owner: Owner<'p>,
    /// The function body around it, whose variables it can see.
    pub closure: Option<ContextId>,
    /// Variables and objects at this point.
    pub state: State,
    /// What was returned so far; none: nothing.
    pub returned: Option<Value>,
    /// The heap at the returns so far.
    pub exit: Option<State>,
    /// The loops around this point.
    pub loops: Vec<LoopExit>,
    /// The `try` and `with` statements around this point, in this body, whose clauses may be entered.
    pub tries: Vec<TryExit>,
    /// Where exceptions end in this body, as far as it was evaluated.
    pub traps: Traps<'p>,
    /// How many branches around this point may or may not be taken.
    pub uncertain: u32,
    /// How many rounds of the loops around this point are followed one by one: the product of their lengths.
    pub rounds: usize,
    /// How many tests on versions or signatures guard this point: nothing here certainly fails.
    pub introspected: u32,
    /// The tests around and before this point whose outcome is not known, and that decide whether it is reached.
    pub guards: Vec<&'p Expr>,
    /// The tests that were met, anywhere in the body, and could come out either way.
    pub tests: Tests,
    /// The latest test that had one outcome only because of what the caller passed.
    pub decision: Option<Decision>,
    /// How many `return` statements the evaluation has come to.
    pub returns: u32,
    /// What does not hold here.
    pub failures: Vec<LocalFailure<'p>>,
    /// The calls of functions of the tree.
    pub edges: Vec<Edge<'p>>,
    /// Look-ups by what the caller passed.
    pub lookups: Vec<Lookup>,
    /// The variables bound by a `def` of the function's body that were read.
    pub used: Vec<Slot>,
    /// Calls that were refused.
    pub refused: Vec<RefusedCall<'p>>,
    /// Calls as statements that did not come back.
    pub ended: Vec<Range>,
    /// Where its variables may not be bound.
    pub doubts: &'p [Doubt],
    /// Whether it may have variables that nothing in its code binds: a class body whose metaclass prepares its namespace.
    pub is_prepared: bool,
    /// Whether it is the body of a class that code from outside makes: its metaclass may prepare a namespace.
    pub is_made_elsewhere: bool,
}

/// A set of tests: a body has few, and most evaluations of it meet the same ones.
#[derive(Debug, Default)]
pub struct Tests(
    /// Where they are, in order.
    Vec<*const Expr>,
);

impl Tests {
    /// Adds a test.
    pub fn insert(&mut self, test: *const Expr) {
        if let Err(at) = self.0.binary_search(&test) {
            self.0.insert(at, test);
        }
    }

    /// Adds those of another set.
    pub fn extend(&mut self, others: Self) {
        for test in others.0 {
            self.insert(test);
        }
    }

    /// Whether a test is among them.
    #[must_use]
    pub fn contains(&self, test: *const Expr) -> bool {
        self.0.binary_search(&test).is_ok()
    }
}

/// The states in which a loop is left or goes round again early.
#[derive(Debug, Default)]
pub struct LoopExit {
    /// How many objects there were before the loop: an iteration that ends early and one that does not count their own from there.
    pub made: usize,
    /// At its `break`s.
    pub breaks: Option<State>,
    /// At its `continue`s.
    pub continues: Option<State>,
    /// The shared containers that this iteration changed, as they were before.
    pub changed: Vec<(SharedId, Rc<Object>)>,
}

impl LoopExit {
    /// A loop that begins in a state.
    pub fn beginning(state: &State) -> Self {
        Self {
            made: state.heap.len(),
            ..Self::default()
        }
    }

    /// Notes what a shared container held before this iteration changed it for the first time.
    pub fn note_changed(&mut self, id: SharedId, before: Rc<Object>) {
        if !self.changed.iter().any(|(known, _)| *known == id) {
            self.changed.push((id, before));
        }
    }
}

/// What leads from the body of a `try` into its clauses, or of a `with` to what follows it.
#[derive(Debug, Default)]
pub struct TryExit {
    /// The states from which a handler may be entered.
    pub state: Option<State>,
    /// Which one of them was added last.
    pub joined: Joined,
    /// Whether anything in it may raise something else than an import error.
    pub raises: bool,
    /// Whether an import in it may fail.
    pub import_fails: bool,
    /// What it raises by `raise` statements, as far as that is known.
    pub classes: Vec<ExceptionClass>,
}

/// What the caller passed that decided a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The value of this parameter: an interface, an operation.
    Parameter(Slot),
    /// That this key is not in the dict that this parameter is.
    Key(Slot, Name),
}

/// A look-up whose key the caller passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lookup {
    /// The parameter that holds the key.
    pub parameter: Slot,
    /// Whether it was found.
    pub found: bool,
}

/// A call of a function of the tree.
#[derive(Clone, Debug)]
pub struct Edge<'p> {
    /// The call expression; none for calls that the language makes (decorators, properties, `with`).
    pub call: Option<&'p Call>,
    /// The expression or statement that calls.
    pub range: Range,
    /// The evaluation of the callee.
    pub callee: ContextId,
    /// How many positionals come before those of the call: `self`, and those of a `partial`.
    pub shift: u32,
    /// Whether the callee was chosen by a look-up.
    pub dynamic: bool,
    /// Whether this callee is the only one that it may be.
    pub certain: bool,
    /// Whether there are tests whose outcome is not known that decide whether the call is made.
    pub uncertain: bool,
}

/// A call that a function of the tree refuses: it is where a route ends all the same.
#[derive(Clone, Copy, Debug)]
pub struct RefusedCall<'p> {
    /// What refuses.
    pub function: FunctionRef,
    /// The call.
    pub call: Option<&'p Call>,
    /// Whether the callee was chosen by a look-up.
    pub dynamic: bool,
    /// How many calls were followed before it.
    pub after: usize,
}

/// What a failure is decided by, which leads to its cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blame {
    /// The code at the failing place itself.
    Here,
    /// A keyword of this name, wherever it was written.
    Keyword(Name),
    /// The call itself, which fills a parameter twice: by this keyword, if it is written there.
    Duplicate(Name),
    /// This text, wherever a table holds it.
    Text(Name),
    /// The shape of the call as a whole.
    Shape,
    /// This text among what a module's own code lists.
    Export(ModuleId, Range),
    /// What the caller passed.
    Decision(Decision),
}

/// An obligation that does not hold, in one evaluation of one body.
#[derive(Clone, Debug)]
pub struct LocalFailure<'p> {
    /// The rule's kind.
    pub kind: crate::facts::FailureKind,
    /// How sure.
    pub confidence: Confidence,
    /// The exception with its class; none if nothing is raised.
    pub exception: Option<String>,
    /// The keyword, parameter, operation or name in question.
    pub subject: Name,
    /// What raises.
    pub range: Range,
    /// The call that fails, if it is one.
    pub call: Option<&'p Call>,
    /// What refuses.
    pub callee: Option<Callee>,
    /// What to follow to the cause.
    pub blame: Blame,
    /// Whether it fails because of what a value is, which tests on the way may have excluded.
    pub by_value: bool,
    /// Whether the value that makes it fail is something of the tree: an instance of one of its classes, one of its modules.
    pub of_tree: bool,
    /// The part of what fails whose type alone makes it fail, whatever else there is.
    pub by_type: Option<&'p Expr>,
    /// Of a module that is not there: what is known against it.
    pub absence: Option<Absence>,
    /// Why it only may fail, where more is known than that another value is possible.
    pub doubt: Option<May>,
    /// What follows the function's name in the last frame's note.
    pub note: String,
}

impl LocalFailure<'_> {
    /// What certainly fails here, whatever the values are: what raises, the name in question, and what follows the function's name in the last frame's note. Nothing
    /// is said of the exception yet.
    pub fn at(
        kind: crate::facts::FailureKind,
        subject: Name,
        range: Range,
        note: impl Into<String>,
    ) -> Self {
        Self {
            kind,
            confidence: Confidence::Must,
            exception: None,
            subject,
            range,
            call: None,
            callee: None,
            blame: Blame::Here,
            by_value: false,
            of_tree: false,
            by_type: None,
            absence: None,
            doubt: None,
            note: note.into(),
        }
    }
}

/// What is known against a module that is not there.
#[derive(Clone, Debug)]
pub struct Absence {
    /// What comes of it at most.
    pub impact: Impact,
    /// What is known.
    pub evidence: Evidence,
}

/// Something of the tree that can be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Callee {
    /// A function.
    Function(FunctionRef),
    /// A class with a constructor that is not written out.
    Class(ClassRef),
}

/// How many rounds of loops within loops are followed one by one. Ten lists of four items would make a million.
const MOST_ROUNDS: usize = 1024;

impl<'p> Frame<'p> {
    /// Enters a loop of so many rounds if they may be followed one by one, with those of the loops around; gives what [`Self::rounds`] is to be set to after it.
    pub fn follow_rounds(&mut self, rounds: usize) -> Option<usize> {
        let around = self.rounds;
        let all = around.saturating_mul(rounds.max(1));
        (all <= MOST_ROUNDS).then(|| std::mem::replace(&mut self.rounds, all))
    }

    /// Somebody's code, a module's `ir` around it, before its first statement; nothing is known of what may not be bound.
    #[must_use]
    pub fn new(context: ContextId, module: ModuleId, ir: &'p Module, owner: Owner<'p>) -> Self {
        Self::with_heap(context, module, ir, owner, Rc::default())
    }

    /// The same with the objects that it was handed.
    #[must_use]
    pub fn with_heap(
        context: ContextId,
        module: ModuleId,
        ir: &'p Module,
        owner: Owner<'p>,
        heap: Rc<Vec<Rc<Object>>>,
    ) -> Self {
        let scope = match owner {
            Owner::Module => &ir.scope,
            Owner::Function(function) => &function.scope,
            Owner::Class(class) => &class.scope,
        };
        Self {
            context,
            module,
            ir,
            scope,
            owner,
            closure: None,
            state: State::new(scope.slots.len(), heap),
            returned: None,
            exit: None,
            loops: Vec::new(),
            tries: Vec::new(),
            traps: Traps::default(),
            uncertain: 0,
            rounds: 1,
            introspected: 0,
            guards: Vec::new(),
            tests: Tests::default(),
            decision: None,
            returns: 0,
            failures: Vec::new(),
            edges: Vec::new(),
            lookups: Vec::new(),
            refused: Vec::new(),
            used: Vec::new(),
            ended: Vec::new(),
            doubts: &[],
            is_prepared: false,
            is_made_elsewhere: false,
        }
    }

    /// Whether this point is reached whenever the body runs, unless something before it raises that nothing in the body catches.
    #[must_use]
    pub fn is_here_for_certain(&self) -> bool {
        let goes_on = |exit: &LoopExit| exit.breaks.is_none() && exit.continues.is_none();
        self.uncertain == 0
            && self.guards.is_empty()
            && self.exit.is_none()
            && self.loops.iter().all(goes_on)
            && self.tries.iter().all(|exit| !exit.raises)
    }

    /// Whether what is made here is made once: by a module's own code, or a class body of it, under no test and in no loop.
    #[must_use]
    pub fn makes_single(&self) -> bool {
        !matches!(self.owner, Owner::Function(_))
            && self.closure.is_none()
            && self.uncertain == 0
            && self.loops.is_empty()
    }

    /// A module's top level, before its first statement.
    #[must_use]
    pub fn of_module(context: ContextId, module: ModuleId, ir: &'p Module) -> Self {
        Self {
            doubts: Doubts::of(ir).of_module(),
            ..Self::new(context, module, ir, Owner::Module)
        }
    }

    /// The function, if this is one's body.
    #[must_use]
    #[inline]
    pub fn function(&self) -> Option<&'p Function> {
        match self.owner {
            Owner::Function(function) => Some(function),
            _ => None,
        }
    }

    /// Remembers a test that may come out either way.
    pub fn note_test(&mut self, test: &'p Expr) {
        self.tests.insert(test);
    }

    /// Whether nothing certainly fails here: a test on versions or signatures guards this point, or it is reached only if a manager ends an exception that
    /// perhaps it does not end.
    #[must_use]
    #[inline]
    pub const fn is_unsure(&self) -> bool {
        self.introspected > 0 || self.state.is_by_swallowing
    }

    /// Adds the current state to those from which the innermost `try`'s handlers may be entered.
    pub fn note_raise(&mut self, values: &mut crate::eval::domain::value::Values) {
        let state = &self.state;
        if let Some(innermost) = self.tries.last_mut() {
            match &mut innermost.state {
                // Most statements leave most of the state as it was.
                Some(known) => known.join_since(state, &mut innermost.joined, values),
                None => innermost.state = Some(state.clone()),
            }
        }
    }
}
