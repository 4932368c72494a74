//! Statements of which one way binds a variable and another one goes on without.
//!
//! A variable that may be unbound is mostly bound all the same where it is read: `if debug: log = open(..)`, and `if debug: log.write(..)`. It is worth a warning only
//! where nothing in between asks again: the statement and what reads the variable stand in one block, neither under a further test, and no test leaves in between.

use super::bits::Bits;
use super::flow::{Flow, State};
use crate::syntax::ir::{Range, Slot};

/// The ways through a statement.
pub(super) struct Ways {
    /// What may be bound before it.
    before: Bits,
    /// What is bound for certain at the end of some way.
    binding: Bits,
    /// What is unbound for certain at the end of some way.
    lacking: Bits,
    /// Whether a way goes elsewhere.
    leaves: bool,
}

impl Ways {
    /// At the beginning of a statement.
    pub(super) fn before(flow: &Flow<'_>) -> Self {
        let nothing = || Bits::new(flow.scope.slots.len());
        Self {
            before: flow.state.bound.clone(),
            binding: nothing(),
            lacking: nothing(),
            leaves: false,
        }
    }

    /// One way ends with a state.
    pub(super) fn end(&mut self, state: &State) {
        if state.live {
            self.binding.add_without(&state.bound, &state.unbound);
            self.lacking.add_without(&state.unbound, &state.bound);
        } else {
            self.leaves = true;
        }
    }

    /// Whether a way goes elsewhere than to what follows the statement.
    pub(super) const fn one_leaves(&self) -> bool {
        self.leaves
    }
}

impl Flow<'_> {
    /// What `run` goes through is run for some answers of a test only.
    pub(super) fn aside<R>(&mut self, run: impl FnOnce(&mut Self) -> R) -> R {
        let parted = std::mem::take(&mut self.parted);
        let result = run(self);
        self.parted = parted;
        result
    }

    /// A statement is over: its ways part for variables that one of them binds and another one does not.
    pub(super) fn part(&mut self, ways: &Ways, range: Range) {
        if !self.is_function() {
            return;
        }
        let mut new = ways.lacking.clone();
        new.keep(&ways.binding);
        let mut parted = Bits::new(self.scope.slots.len());
        parted.add_without(&new, &ways.before);
        let parted = &mut parted.numbers().map(|slot| (Slot(slot), range));
        self.parted.extend(parted);
    }

    /// The statement whose ways part for a variable, if what is read here is read whichever was taken.
    pub(super) fn parting_of(&self, slot: Slot) -> Option<Range> {
        let known = self.parted.iter().rev();
        known
            .copied()
            .find_map(|(parted, range)| (parted == slot).then_some(range))
    }
}
