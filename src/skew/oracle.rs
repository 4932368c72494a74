//! What goes wrong in a mixed state: asked once per state, several states at a time.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use super::queue::in_order;
use super::set::UnitSet;

/// One thing that fails in a mixed state and does not in the deployed version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What it is, the same number in every state that has it.
    pub id: u64,
    /// The changed units whose files show in it: those of its calls, its cause, its callee, and of the modules that it names.
    pub evidence: UnitSet,
    /// The changed units that it can rest on: those that were looked into on the way to it. It holds the evidence.
    pub reach: UnitSet,
    /// Which finding of the state's report tells it.
    pub finding: usize,
}

/// Judges one state, however that is done.
pub trait Judge: Sync {
    /// What fails in the state in which the units `new` are at their candidate version and all others as deployed; nothing if it is safe.
    /// Always the same for the same state.
    fn problems(&self, new: &UnitSet, turn: Turn) -> Vec<Problem>;

    /// Whether the problem `id`, which some state was found to have, is in this one as well. It is enough to look where the problem was before: an answer
    /// that may take far less work than to find all problems.
    fn has(&self, new: &UnitSet, id: u64, turn: Turn) -> bool {
        let problems = self.problems(new, turn);
        problems.iter().any(|problem| problem.id == id)
    }
}

/// The place of a question about a state among all of them. Which of them are answered by then does not depend on the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Its number, from 1.
    pub number: usize,
    /// All questions of lower numbers are answered: what they showed may serve for this one.
    pub known: usize,
}

/// A judge that is asked about each state once.
pub struct Oracle<'j> {
    judge: &'j dyn Judge,
    count: usize,
    answers: Mutex<FxHashMap<UnitSet, Arc<[Problem]>>>,
    /// The number of the next question about a state.
    next: AtomicUsize,
    /// By the state and the problem that were asked for.
    presences: Mutex<FxHashMap<(UnitSet, u64), bool>>,
}

impl<'j> Oracle<'j> {
    /// The oracle over `count` units.
    #[must_use]
    pub fn new(judge: &'j dyn Judge, count: usize) -> Self {
        Self {
            judge,
            count,
            answers: Mutex::default(),
            next: AtomicUsize::new(1),
            presences: Mutex::default(),
        }
    }

    /// How many units there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }

    /// How many states were judged.
    #[must_use]
    pub fn judged(&self) -> usize {
        self.answers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .len()
    }

    /// What fails in a state.
    #[must_use]
    pub fn problems(&self, new: &UnitSet) -> Arc<[Problem]> {
        let known = self.known(new);
        known.unwrap_or_else(|| {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            let known = number;
            self.judge(new, Turn { number, known })
        })
    }

    /// Whether nothing fails in a state.
    #[must_use]
    pub fn is_safe(&self, new: &UnitSet) -> bool {
        self.problems(new).is_empty()
    }

    /// Every state that was judged and found safe, in order.
    #[must_use]
    pub fn safe_states(&self) -> Vec<UnitSet> {
        let known = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let safe = known.iter().filter(|(_, problems)| problems.is_empty());
        let mut safe: Vec<UnitSet> = safe.map(|(state, _)| state.clone()).collect();
        safe.sort_unstable();
        safe
    }

    /// Whether the problem `id` is among what fails in a state.
    #[must_use]
    pub fn has(&self, new: &UnitSet, id: u64) -> bool {
        self.problems(new).iter().any(|problem| problem.id == id)
    }

    /// Whether the problem `id` is in a state, looked for only where it was found before.
    #[must_use]
    pub fn has_again(&self, new: &UnitSet, id: u64) -> bool {
        if let Some(problems) = self.known(new) {
            return problems.iter().any(|problem| problem.id == id);
        }
        let question = (new.clone(), id);
        let presences = || {
            self.presences
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
        };
        let known = presences().get(&question).copied();
        known.unwrap_or_else(|| {
            // No state is being judged while this is asked.
            let number = self.next.load(Ordering::Relaxed);
            let known = number;
            let has = self.judge.has(new, id, Turn { number, known });
            presences().insert(question, has);
            has
        })
    }

    /// Looks for each problem in the state beside it, all at the same time, so that [`Self::has_again`] is answered at once.
    pub fn look_again(&self, questions: &[(UnitSet, u64)]) {
        questions.par_iter().for_each(|(state, id)| {
            let _ = self.has_again(state, *id);
        });
    }

    /// Judges these states at the same time, so that questions about them are answered at once.
    pub fn ask(&self, states: &[UnitSet]) {
        let mut seen = FxHashSet::default();
        let unknown: Vec<&UnitSet> = states
            .iter()
            .filter(|state| self.known(state).is_none() && seen.insert(*state))
            .collect();
        if unknown.is_empty() {
            return;
        }
        let first = self.next.fetch_add(unknown.len(), Ordering::Relaxed);
        in_order(unknown.len(), |index, done| {
            let (number, known) = (first + index, first + done);
            self.judge(unknown[index], Turn { number, known });
        });
    }

    /// What fails in a state, if it was judged already.
    #[must_use]
    pub fn known(&self, new: &UnitSet) -> Option<Arc<[Problem]>> {
        let known = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(new).map(Arc::clone)
    }

    fn judge(&self, new: &UnitSet, turn: Turn) -> Arc<[Problem]> {
        let problems: Arc<[Problem]> = self.judge.problems(new, turn).into();
        let mut known = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(new.clone(), Arc::clone(&problems));
        problems
    }
}
