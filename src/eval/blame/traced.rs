//! Failures with what they were traced through, and which of them are worth telling.

use rustc_hash::FxHashSet;

use crate::facts::{Certainty, Confidence, Failure, Frame, May, Place, RouteKey};
use crate::source::Tree;

use crate::eval::summaries::case::RootId;

/// A failure, and how it was met.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Traced {
    /// The failure.
    pub failure: Failure,
    /// Whether it was met only in an evaluation for all callers of a table's key.
    pub split: bool,
    /// Whether it rests on what its outermost function is given.
    pub leans: bool,
    /// Whether something that was evaluated calls that function.
    pub is_called: bool,
    /// The cases of functions that lead to it along its chain when they are evaluated for all callers. None leads to what a module's own code does.
    pub roots: Vec<RootId>,
    /// Other ways to it, each told only where two trees are compared: one of them may be left where the first one is not.
    pub others: Vec<Way>,
}

/// One way to a failure.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Way {
    /// The cases of functions that it leads from.
    pub roots: Vec<RootId>,
    /// Its calls, as in [`Failure::chain`].
    pub chain: Vec<Frame>,
}

impl Traced {
    /// The cases of functions that lead to it, along whichever way.
    pub fn all_roots(&self) -> impl Iterator<Item = &RootId> {
        let others = self.others.iter().flat_map(|way| &way.roots);
        self.roots.iter().chain(others)
    }

    /// Adds a way to it.
    pub fn add_way(&mut self, roots: Vec<RootId>, chain: Vec<Frame>) {
        let mut others = self.others.iter_mut();
        if self.failure.chain == chain {
            self.roots.extend(roots);
        } else if let Some(known) = others.find(|way| way.chain == chain) {
            known.roots.extend(roots);
        } else {
            self.others.push(Way { roots, chain });
        }
    }

    /// Puts the roots of each way in order, each once.
    pub fn sort_roots(&mut self) {
        let others = self.others.iter_mut().map(|way| &mut way.roots);
        for roots in others.chain([&mut self.roots]) {
            roots.sort_unstable();
            roots.dedup();
        }
    }

    /// The same failure once for each way to it.
    pub fn by_way(mut self) -> impl Iterator<Item = Self> {
        let others = std::mem::take(&mut self.others);
        let first = self.clone();
        let others = others.into_iter().map(move |Way { roots, chain }| {
            let mut traced = self.clone();
            traced.failure.chain = chain;
            Self { roots, ..traced }
        });
        std::iter::once(first).chain(others)
    }

    /// The path of the module whose own code leads to it, if no function does.
    #[must_use]
    pub fn imported<'t>(&self, tree: &'t Tree) -> Option<&'t str> {
        let outermost = self
            .failure
            .chain
            .first()
            .filter(|_| self.roots.is_empty())?;
        Some(&tree.file(outermost.place.file).path)
    }

    /// A failure that nothing leads to.
    #[must_use]
    pub const fn new(failure: Failure) -> Self {
        Self {
            failure,
            split: false,
            leans: false,
            is_called: false,
            roots: Vec::new(),
            others: Vec::new(),
        }
    }
}

/// What real calls show.
#[derive(Debug)]
pub struct Shown {
    /// Where something is raised, on which route, and how sure that is; without a route, on any.
    raised: FxHashSet<(Option<Place>, Option<RouteKey>, Confidence)>,
}

impl Shown {
    /// What the real calls among these show.
    #[must_use]
    pub fn by<'t>(traced: impl Iterator<Item = &'t Traced>) -> Self {
        let mut raised = FxHashSet::default();
        for traced in traced.filter(|traced| !traced.split) {
            let (place, sure) = (raised_at(&traced.failure), traced.failure.confidence);
            raised.insert((place, traced.failure.route.clone(), sure));
            raised.insert((place, None, sure));
        }
        Self { raised }
    }

    /// Whether a failure is an echo: a real call shows it better.
    ///
    /// A route is evaluated for all callers as well, with keywords that nobody knows. What fails there fails for the calls
    /// that exist, and they know more: which argument is missing, which keyword was passed. What certainly fails there is not shown by what
    /// may fail where the key is not known.
    #[must_use]
    pub fn is_echo(&self, traced: &Traced) -> bool {
        let (place, route) = (raised_at(&traced.failure), &traced.failure.route);
        let shows = |sure| self.raised.contains(&(place, route.clone(), sure));
        let is_certain = traced.failure.confidence == Confidence::Must;
        traced.split && (shows(Confidence::Must) || (!is_certain && shows(Confidence::May)))
    }
}

fn raised_at(failure: &Failure) -> Option<Place> {
    failure.chain.last().map(|step| step.place)
}

/// The failures worth telling, of everything that was met in a state.
///
/// Only here is it judged what other calls make of a failure: what a mixed state inherits was met in another one, without the calls of this one.
#[must_use]
pub fn without_echoes(mut traced: Vec<Traced>) -> Vec<Failure> {
    leave_standing(&mut traced);
    let shown = Shown::by(traced.iter());
    traced.retain(|traced| !shown.is_echo(traced));
    traced.into_iter().map(|traced| traced.failure).collect()
}

/// Demotes what rests on the arguments of a function that the tree calls, if no call of it leaves the failure standing (DESIGN 3a.2d).
fn leave_standing(failures: &mut [Traced]) {
    let key = |failure: &Failure| (failure.kind, failure.subject, failure.cause);
    let standing: FxHashSet<_> = failures
        .iter()
        .filter(|traced| {
            !(traced.leans && traced.is_called) && traced.failure.confidence == Confidence::Must
        })
        .map(|traced| key(&traced.failure))
        .collect();
    let leaning = failures.iter_mut();
    for traced in leaning.filter(|traced| traced.leans && traced.is_called) {
        if !standing.contains(&key(&traced.failure)) {
            traced.failure.confidence = Confidence::May;
            traced.failure.certainty = Certainty::May(May::Callers);
        }
    }
}
