//! What is kept while failures are followed up their calls: many failures lead along the same ones.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::eval::Evaluator;
use crate::eval::blame::callers::Callers;
use crate::eval::blame::earlier::{Failing, certain_failures};
use crate::eval::blame::routes::RouteMap;
use crate::eval::certainty::chain::Chain;
use crate::eval::certainty::control::{Detour, detours};
use crate::eval::certainty::features::Features;
use crate::eval::certainty::looks::Flows;
use crate::eval::certainty::open::OpenTests;
use crate::eval::domain::value::{ContextId, FunctionRef};
use crate::eval::interpreter::frame::{Callee, LocalFailure};
use crate::eval::summaries::context::Context;
use crate::facts::{Confidence, FailureKind, May, Place};
use crate::name::Name;
use crate::program::ModuleId;
use crate::syntax::ir::{Call, Expr, Module, Range, Stmt};

/// One chain of those that were met; counts along [`Ways::chains`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ChainId(usize);

impl ChainId {
    /// The chain that needs, asks and says nothing.
    pub const NOTHING: Self = Self(0);
}

/// What the ways up lead along.
pub struct Ways<'p> {
    pub(super) callers: Callers,
    pub(super) map: RouteMap,
    /// What was read of bodies: what their variables are made of.
    pub flows: RefCell<Flows<'p>>,
    detours: RefCell<DetoursAround<'p>>,
    /// What is around a place that nothing leads around.
    pub untested: Rc<OpenTests<'p>>,
    /// By the place: the tests around it that were undecided.
    pub open: RefCell<FxHashMap<(ContextId, Range), Rc<OpenTests<'p>>>>,
    /// By the evaluation: whether it is left behind, and whether it has no instance, as far as that was asked.
    pub(super) left: RefCell<FxHashMap<ContextId, [bool; 2]>>,
    /// What the tests ask for that were met.
    pub features: RefCell<FxHashMap<*const Expr, Features>>,
    /// By the kind of failure that is traced, and the module that asks: the names of what the failure is about.
    pub concerned: RefCell<Concerned>,
    /// By function: the names that it reads and that tests replace somewhere.
    pub(super) read_replaced: RefCell<FxHashMap<FunctionRef, Rc<[Name]>>>,
    /// By module: the names that it replaces.
    pub(super) replaced: RefCell<FxHashMap<ModuleId, Rc<FxHashSet<Name>>>>,
    /// The kinds of failure that were met, and the one that is traced.
    kinds: RefCell<indexmap::IndexSet<KindOfFailure, rustc_hash::FxBuildHasher>>,
    kind: Cell<Option<KindId>>,
    /// The chains that were met, each once.
    chains: RefCell<indexmap::IndexSet<Rc<Chain>, rustc_hash::FxBuildHasher>>,
    /// By the kind of failure, where that matters, the chain below, if it is about no value, and the call: the chain above, and what makes it a *may*.
    pub settled: RefCell<Settled>,
    /// By the evaluation: what certainly fails there for the values that it has.
    pub(super) certain: FxHashMap<ContextId, Vec<LocalFailure<'p>>>,
    /// By the evaluation, and how far down that was looked for: where it fails for what its parameters hold.
    pub(super) failing: RefCell<FailingAt<'p>>,
    /// The functions that code of the tree calls.
    pub(super) called: FxHashSet<FunctionRef>,
    /// By the evaluation: where it reads names that are certainly not there, in the order of their places.
    undefined: FxHashMap<ContextId, Vec<u32>>,
    /// By the place where a keyword is written: whether something that it reaches reads it.
    pub read: RefCell<FxHashMap<(Place, Name), bool>>,
}

/// By the evaluation, and how far down that was looked for: where it fails.
type FailingAt<'p> = FxHashMap<(ContextId, u32), Rc<[Failing<'p>]>>;

/// What leads to calls whose chain is about no value.
type Settled = FxHashMap<(Option<KindId>, ChainId, ContextId, Range), (ChainId, Option<May>)>;

/// The names of what failures are about, by their kind and the module that asks.
type Concerned = FxHashMap<(Option<KindId>, ModuleId), Vec<Name>>;

/// What failures have in common that concern the same features.
type KindOfFailure = (FailureKind, Name, Option<Callee>, Option<String>);

/// One of them; counts along [`Ways::kinds`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KindId(usize);

/// The tests around a place, by the body and the range in it.
type DetoursAround<'p> = FxHashMap<(usize, Range), Rc<[Detour<'p>]>>;

impl<'p> Ways<'p> {
    pub(super) fn of(evaluator: &Evaluator<'p>) -> Self {
        let callers = Callers::of(evaluator);
        let map = RouteMap::new(evaluator, &callers);
        let contexts = (0..).map(ContextId).zip(&evaluator.contexts);
        let called = contexts.filter(|(id, _)| !callers.get(*id).is_empty());
        let called = called.filter_map(|(_, context)| context.function).collect();
        Self {
            callers,
            map,
            flows: RefCell::default(),
            detours: RefCell::default(),
            untested: Rc::default(),
            open: RefCell::default(),
            left: RefCell::default(),
            features: RefCell::default(),
            concerned: RefCell::default(),
            read_replaced: RefCell::default(),
            replaced: RefCell::default(),
            kinds: RefCell::default(),
            kind: Cell::new(None),
            chains: RefCell::new(std::iter::once(Rc::new(Chain::default())).collect()),
            settled: RefCell::default(),
            certain: certain_failures(evaluator),
            failing: RefCell::default(),
            called,
            undefined: undefined_names(evaluator),
            read: RefCell::default(),
        }
    }

    /// Whether a name that a call's own arguments read is certainly not there, so that nothing is ever called with them (the language reference, 6.3.4).
    pub fn fails_before_call(&self, caller: ContextId, call: &Call) -> bool {
        let Some(places) = self.undefined.get(&caller) else {
            return false;
        };
        call.arguments.iter().any(|argument| {
            let range = argument.value.range;
            let first = places.partition_point(|&at| at < range.start);
            places.get(first).is_some_and(|&at| at < range.end)
        })
    }

    /// Notes which failure is traced.
    pub(super) fn note_failure(&self, failure: &LocalFailure) {
        let exception = failure.exception.clone();
        let kind = (failure.kind, failure.subject, failure.callee, exception);
        let kind = self.kinds.borrow_mut().insert_full(kind).0;
        self.kind.set(Some(KindId(kind)));
    }

    /// The kind of failure that is traced.
    pub fn kind(&self) -> Option<KindId> {
        self.kind.get()
    }

    /// The calls of an evaluation: the caller, and which of its calls.
    pub fn callers_of(&self, context: ContextId) -> &[(ContextId, usize)] {
        self.callers.get(context)
    }

    /// The tests that may lead around a place in a body.
    pub fn detours_around(
        &self,
        ir: &'p Module,
        body: &'p [Stmt],
        range: Range,
    ) -> Rc<[Detour<'p>]> {
        let mut known = self.detours.borrow_mut();
        let around = known.entry((body.as_ptr().addr(), range));
        Rc::clone(around.or_insert_with(|| detours(ir, body, range).into()))
    }

    /// The number of a chain.
    pub fn intern(&self, chain: Chain) -> ChainId {
        ChainId(self.chains.borrow_mut().insert_full(Rc::new(chain)).0)
    }

    /// The chain with a number.
    pub fn chain(&self, id: ChainId) -> Rc<Chain> {
        Rc::clone(&self.chains.borrow()[id.0])
    }
}

/// Where evaluations read names that are certainly not there.
fn undefined_names(evaluator: &Evaluator<'_>) -> FxHashMap<ContextId, Vec<u32>> {
    let contexts = evaluator.contexts.iter().map(AsRef::as_ref);
    let contexts = (0..).map(ContextId).zip(contexts);
    let of_context = |(id, context): (ContextId, &Context<'_>)| {
        let undefined = context.failures.iter().filter(|failure| {
            failure.kind == FailureKind::UndefinedName && failure.confidence == Confidence::Must
        });
        let mut places: Vec<u32> = undefined.map(|failure| failure.range.start).collect();
        places.sort_unstable();
        (!places.is_empty()).then_some((id, places))
    };
    contexts.filter_map(of_context).collect()
}
