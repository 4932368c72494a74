//! Holds what is said of a mixed state with the help of others against an evaluation of all of it. For tests: it takes a build with debug assertions,
//! and `COSHIP_VERIFY_REUSE` in the environment: `problems`, or `safety` if it is enough that both find some problem, or none.

use std::collections::{BTreeMap, BTreeSet};

use crate::skew::{Problem, UnitSet};

use super::{Extent, Mixed, State, is_news};

/// What has to be the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verified {
    /// Whether a state is safe.
    Safety,
    /// All that fails in it.
    Problems,
}

impl Verified {
    /// What the environment asks for.
    pub(super) fn from_environment() -> Option<Self> {
        let asked = std::env::var("COSHIP_VERIFY_REUSE");
        let asked = asked.ok().filter(|_| cfg!(debug_assertions))?;
        Some(if asked == "safety" {
            Self::Safety
        } else {
            Self::Problems
        })
    }
}

impl Mixed<'_> {
    /// Holds the problems of a state, and what certainly fails in it, against an evaluation of all of it.
    ///
    /// Both have to be the same, with two exceptions. Several ways may lead to one failure, and known states have told of others than this one would: what a
    /// problem shows in may be more than it has to be, and never less. `is_unsure`: something was not evaluated that a problem may hang on; that
    /// is nothing to worry about where there are problems all the same, for then the state is not safe, and those behind them come up in other states.
    ///
    /// # Panics
    ///
    /// If they differ.
    pub(super) fn verify(
        &self,
        new: &UnitSet,
        problems: &[Problem],
        state: &State,
        is_unsure: bool,
    ) {
        let Some(verified) = self.verified else {
            return;
        };
        let (whole, outlook) = self.judged(new, Extent::Whole);
        let expected = self.problems_of(&whole, &outlook);
        let paths = self.changes.paths(new);
        assert!(
            problems.is_empty() == expected.is_empty(),
            "reuse says {} problems of the state in which {paths:?} are new; evaluated as a whole: {}",
            problems.len(),
            expected.len(),
        );
        if verified == Verified::Safety {
            return;
        }
        let told = |problems: &[Problem], state: &State| -> BTreeSet<String> {
            let problems = problems.iter().map(|problem| {
                let message = &state.findings[problem.finding].message;
                let message = message.split(" (").next().unwrap_or_default();
                format!("problem {:016x}: {message}", problem.id)
            });
            let failures = state.facts.failures.iter();
            // Whether anybody uses an operation is nothing that a state is judged by.
            let failures = failures
                .filter(|failure| failure.exception.is_some() && is_news(failure, &self.old_atoms));
            let failures = failures.map(|failure| {
                let exception = failure.exception.as_deref().unwrap_or_default();
                let (kind, cause) = (failure.kind, failure.cause);
                format!("failure {kind:?} {exception} {cause:?}")
            });
            problems.chain(failures).collect()
        };
        let (reused, evaluated) = (told(problems, state), told(&expected, &whole));
        let list = |these: &BTreeSet<String>, those: &BTreeSet<String>| -> String {
            let only = these.difference(those);
            only.fold(String::new(), |all, line| all + "\n    " + line)
        };
        let is_same = if is_unsure && !problems.is_empty() {
            reused.is_subset(&evaluated)
        } else {
            reused == evaluated
        };
        assert!(
            is_same,
            "reuse says other things of the state in which {paths:?} are new (unsure: {is_unsure})\n  with reuse only:{}\n  evaluated as a whole only:{}",
            list(&reused, &evaluated),
            list(&evaluated, &reused),
        );
        let shows: BTreeMap<u64, &UnitSet> = problems
            .iter()
            .map(|problem| (problem.id, &problem.evidence))
            .collect();
        for problem in &expected {
            let shown = shows.get(&problem.id).copied();
            assert!(
                is_unsure || shown.is_some_and(|shown| problem.evidence.is_subset(shown)),
                "reuse says that problem {:016x} of the state in which {paths:?} are new shows in {:?} only; evaluated as a whole: {:?}",
                problem.id,
                shown.map(|shown| self.changes.paths(shown)),
                self.changes.paths(&problem.evidence),
            );
        }
    }

    /// Holds whether a state has a problem against an evaluation of all of it.
    ///
    /// # Panics
    ///
    /// If the answer is another one.
    pub(super) fn verify_presence(&self, new: &UnitSet, id: u64, is_there: bool) {
        if self.verified != Some(Verified::Problems) {
            return;
        }
        let (whole, _) = self.judged(new, Extent::Whole);
        let problems = self.problems_among(&whole);
        let expected = problems.iter().any(|problem| problem.id == id);
        let paths = self.changes.paths(new);
        assert!(
            is_there == expected,
            "reuse says {is_there} to whether the state in which {paths:?} are new has problem {id:016x}; evaluated as a whole: {expected}",
        );
    }
}
