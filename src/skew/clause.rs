//! Clauses: which units must not be new while which others are old.
//!
//! A failure in a mixed state depends on few files. The evidence (the files of its calls, its cause and its callee) says which these
//! may be, and two more states prove it: the one with nothing but the clause's new units, and the one with everything but its old units. The
//! same failure has to be in both. Where the evidence does not hold, what matters is found by leaving units out, delta debugging.

use super::oracle::{Oracle, Problem};
use super::set::{UnitId, UnitSet};

/// While all of `new` are at their candidate version and all of `old` as deployed, something fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clause {
    /// At their candidate version; may be empty.
    pub new: UnitSet,
    /// As deployed; may be empty.
    pub old: UnitSet,
    /// A state in which it fails: the smallest.
    pub state: UnitSet,
    /// What fails, by its [`Problem::id`].
    pub problem: u64,
    /// What it can rest on: see [`Problem::reach`].
    pub reach: UnitSet,
}

impl Clause {
    /// Whether it forbids the state.
    #[must_use]
    pub fn forbids(&self, state: &UnitSet) -> bool {
        self.new.is_subset(state) && self.old.is_disjoint(state)
    }
}

/// How many states are judged in order to make one clause small. Past it the clause stays larger than it need be, which is no less true.
const TRIALS: usize = 40;

/// The clauses that explain why `problem` is in `state`: one or more, all of which forbid the state.
///
/// The new units of each are proved: nothing else need be new. That the one old unit of the evidence is to blame is taken from the evidence, see
/// [`prove`]; where there are several, or none, more states are judged.
#[must_use]
pub fn explain(oracle: &Oracle, state: &UnitSet, problem: &Problem) -> Vec<Clause> {
    let all = UnitSet::full(oracle.count());
    let Sides { shipped, unshipped } = Sides::of(state, problem);
    let id = problem.id;
    let new = smallest(
        [state, &state.intersection(&problem.reach), &shipped],
        UnitSet::clone,
        oracle,
        id,
        TRIALS,
    );
    // What shows in it is told from all of the state.
    let new = if oracle.has(&new, id) {
        new
    } else {
        state.clone()
    };
    let mut olds: Vec<UnitSet> = Vec::new();
    if unshipped.len() == 1 {
        olds.push(unshipped);
    } else {
        // Each unit that alone, being old, lets it fail, is a clause of its own.
        let but_one = |unit: UnitId| all.clone().without(unit);
        oracle.ask(&asked_first(oracle.count(), state, problem));
        let single = unshipped
            .iter()
            .filter(|&unit| oracle.has(&but_one(unit), id));
        olds.extend(single.map(|unit| UnitSet::of(oracle.count(), [unit])));
        if olds.is_empty() {
            let old = all.minus(state);
            olds.push(smallest(
                [&old, &old.intersection(&problem.reach), &unshipped],
                |old| all.minus(old),
                oracle,
                id,
                TRIALS,
            ));
        }
    }
    let clause = |old| Clause {
        new: new.clone(),
        old,
        state: new.clone(),
        problem: id,
        reach: problem.reach.clone(),
    };
    olds.into_iter().map(clause).collect()
}

/// The states that [`explain`] asks for whatever comes of them.
#[must_use]
pub fn asked_first(count: usize, state: &UnitSet, problem: &Problem) -> Vec<UnitSet> {
    let Sides { shipped, unshipped } = Sides::of(state, problem);
    let guess = (shipped != *state).then_some(shipped);
    let many = (unshipped.len() > 1).then_some(unshipped);
    let units = many.iter().flat_map(UnitSet::iter);
    let but_one = units.map(|unit| UnitSet::full(count).without(unit));
    guess.into_iter().chain(but_one).collect()
}

/// The evidence of a problem, by what a state ships.
struct Sides {
    shipped: UnitSet,
    unshipped: UnitSet,
}

impl Sides {
    fn of(state: &UnitSet, problem: &Problem) -> Self {
        Self {
            shipped: state.intersection(&problem.evidence),
            unshipped: problem.evidence.minus(state),
        }
    }
}

/// How many states are judged, and how many old units are taken, to prove an old side that the evidence has wrong.
const PROOF: (usize, usize) = (16, 4);

/// The clause with its old side proved: for one whose old unit was taken from the evidence, and with which alone being old all is well. None if it
/// takes more than a few units: then the clause is told better, and is no less safe, as it is.
///
/// A failure that another one lies behind is told of the other's files; what it rests on itself shows only by leaving units out.
#[must_use]
pub fn prove(oracle: &Oracle, clause: &Clause) -> Option<Clause> {
    let (trials, most) = PROOF;
    let all = UnitSet::full(oracle.count());
    let state_of = |old: &UnitSet| all.minus(old);
    let unshipped = all.minus(&clause.state);
    let id = clause.problem;
    let guesses = [&unshipped, &clause.reach.minus(&clause.state), &clause.old];
    let old = smallest(guesses, state_of, oracle, id, trials);
    let is_proved = old.len() <= most && oracle.has(&state_of(&old), id);
    is_proved.then(|| Clause {
        old,
        ..clause.clone()
    })
}

/// A smallest part of `whole` with which the problem is in the state that `state_of` makes of it; it is with `whole` itself. `guess` is tried
/// first, then `reach`. After `most` states a part that is not the smallest has to do.
fn smallest(
    [whole, reach, guess]: [&UnitSet; 3],
    state_of: impl Fn(&UnitSet) -> UnitSet,
    oracle: &Oracle,
    id: u64,
    most: usize,
) -> UnitSet {
    let mut trials = 0;
    let mut best = whole.clone();
    if guess != whole && oracle.has_again(&state_of(guess), id) {
        best = guess.clone();
    } else if reach != whole && reach != guess && oracle.has_again(&state_of(reach), id) {
        best = reach.clone();
    }
    let mut size = best.len().div_ceil(2);
    while size > 0 && trials < most {
        let units: Vec<UnitId> = best.iter().collect();
        let parts: Vec<UnitSet> = units
            .chunks(size)
            .map(|part| UnitSet::of(oracle.count(), part.iter().copied()))
            .collect();
        let questions: Vec<(UnitSet, u64)> = parts
            .iter()
            .map(|part| (state_of(&best.minus(part)), id))
            .collect();
        oracle.look_again(&questions);
        trials += parts.len();
        let without = |whole: &UnitSet, part: &UnitSet| {
            let rest = whole.minus(part);
            oracle.has_again(&state_of(&rest), id).then_some(rest)
        };
        let spare: Vec<&UnitSet> = parts
            .iter()
            .filter(|part| without(&best, part).is_some())
            .collect();
        // What can be left out one by one can mostly be left out at once.
        let all_spare = spare
            .iter()
            .fold(best.minus(&best), |all, part| all.union(part));
        if let Some(rest) = without(&best, &all_spare) {
            best = rest;
        } else {
            for part in spare {
                best = without(&best, part).unwrap_or(best);
            }
        }
        if size == 1 {
            break;
        }
        size = size.div_ceil(2);
    }
    best
}
