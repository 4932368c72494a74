//! What a selection of units needs in order to be safe.

use super::clause::{Clause, explain};
use super::oracle::Oracle;
use super::set::UnitSet;

/// Why a state is not safe, and what would make it so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Needs {
    /// For each problem of the state, by its [`super::Problem::finding`], what explains it.
    pub clauses: Vec<(usize, Clause)>,
    /// The state with all that has to be new besides: safe, and nothing can be left out again.
    pub whole: UnitSet,
}

/// Explains what fails in a state. Ships what is missing, and what that needs in turn, until nothing fails.
#[must_use]
pub fn needs(oracle: &Oracle, state: &UnitSet) -> Needs {
    let all = UnitSet::full(oracle.count());
    let mut whole = state.clone();
    let mut clauses = Vec::new();
    // What a clause names by itself has to come; of several units, one may be enough.
    let mut choices = UnitSet::empty(oracle.count());
    while whole != all && !oracle.is_safe(&whole) {
        let mut missing = UnitSet::empty(oracle.count());
        for problem in oracle.problems(&whole).iter() {
            for clause in explain(oracle, &whole, problem) {
                missing = missing.union(&clause.old);
                if clause.old.len() > 1 {
                    choices = choices.union(&clause.old);
                }
                if whole == *state {
                    clauses.push((problem.finding, clause));
                }
            }
        }
        // A clause that names nothing old would say that all is bad; what is asked for next is all.
        whole = if missing.is_empty() {
            all.clone()
        } else {
            whole.union(&missing)
        };
    }
    for unit in choices.minus(state).iter() {
        let less = whole.clone().without(unit);
        if oracle.is_safe(&less) {
            whole = less;
        }
    }
    Needs { clauses, whole }
}
