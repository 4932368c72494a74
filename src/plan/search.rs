//! The search for the finest plan: propose, ask, learn.

use std::collections::BTreeSet;
use std::iter::successors;

use super::finest::{Pattern, Steps, finest, longest};
use crate::skew::{Clause, Oracle, Problem, UnitId, UnitSet, asked_first, explain, prove};

/// A plan, and why it is not finer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// What ships at once, in order. Every state after a step was asked for and is safe.
    pub steps: Vec<UnitSet>,
    /// What was learnt, the smallest first; none of it follows from another.
    pub clauses: Vec<Clause>,
    /// Whether no plan that the clauses allow has more steps.
    pub exact: bool,
}

/// How many states may be asked for besides those of each single unit: past it, the best plan that is known to be safe is taken.
const STATES_PER_UNIT: usize = 40;
/// The same for few units.
const FREE_STATES: usize = 400;
/// Up to how many units no state is taken to be bad for a clause's sake alone, if there might be a finer plan with it.
const EVERY: usize = 6;
/// How many states of a proposal are asked for before those between them are.
const SAMPLE: usize = 5;
/// Up to how many units it is always asked what is missing when all but one are new.
const THOROUGH: usize = 12;
/// How often clauses are held against what else they forbid: one that is learnt again each time stays.
const DOUBTS: usize = 3;
/// Up to how many units a step is tried to be split in every way; above it, by one unit at its beginning or end.
const SPLIT_ALL: usize = 5;

/// Finds the finest plan for all units of `order`; units that come early there ship early where there is a choice.
///
/// Every unit alone is asked for first: that shows what each of them needs. Then the finest sequence under the clauses is proposed, and
/// every state in it asked for; a bad one teaches clauses, and so on until all are safe. A step of several units is asked for in parts:
/// where a part is safe after all, a clause said too much, and is made to say less. Where there are very few units, so is every plan that
/// would be finer if clauses said too much. Where there are few units, or nothing was
/// learnt, everything but one unit is asked for as well: that shows what only several new units together need. In the end every clause is held
/// against the state in which nothing but its old units is old, where there are few units; where there are many, one may keep two units apart
/// that could ship in any order, which is safe.
#[must_use]
pub fn search(oracle: &Oracle, order: &[UnitId]) -> Plan {
    let mut learner = Learner {
        oracle,
        order,
        clauses: Vec::new(),
        doubts: DOUBTS,
    };
    let count = order.len();
    let limit = FREE_STATES + STATES_PER_UNIT * count;
    let mut thorough = false;
    let mut before = None;
    if count > 1 {
        learner.learn_from(order.iter().map(|&unit| UnitSet::of(count, [unit])));
    }
    loop {
        learner.reconcile();
        let proposal = learner.propose();
        let states = states(&proposal.steps, count);
        let bad = bad_ones(oracle, &states);
        // A round that learns nothing would be followed by others like it.
        let known = (oracle.judged(), learner.clauses.clone());
        let is_stuck = before.replace(known.clone()) == Some(known);
        if oracle.judged() > limit || (is_stuck && !bad.is_empty()) {
            return learner.finish(safe_steps(oracle, &proposal), false);
        }
        for state in &bad {
            learner.learn(state, Depth::Enough);
        }
        if !bad.is_empty() || (!is_stuck && learner.splits(&proposal.steps)) {
            continue;
        }
        if !thorough && count > 1 && (count <= THOROUGH || learner.clauses.is_empty()) {
            thorough = true;
            learner.learn_from(order.iter().map(|&unit| UnitSet::full(count).without(unit)));
            continue;
        }
        if learner.doubts() || (count <= EVERY && learner.dares(proposal.steps.len())) {
            continue;
        }
        return learner.finish(proposal.steps, proposal.exact);
    }
}

/// The states after each step but the last.
fn states(steps: &[UnitSet], count: usize) -> Vec<UnitSet> {
    let after = steps.iter().scan(UnitSet::empty(count), |state, step| {
        *state = state.union(step);
        Some(state.clone())
    });
    after.take(steps.len().saturating_sub(1)).collect()
}

/// States that are not safe: of a few spread over a long sequence if there are some, otherwise of those half way between them, and so on.
/// It is cheaper to learn early, and each state has others like it on both sides whose functions need not be evaluated again.
fn bad_ones<'s>(oracle: &Oracle, states: &'s [UnitSet]) -> Vec<&'s UnitSet> {
    let strides = successors(Some((states.len() / SAMPLE).max(1)), |stride| {
        (*stride > 1).then_some(stride / 2)
    });
    for stride in strides {
        let sample: Vec<&UnitSet> = states.iter().step_by(stride).collect();
        oracle.ask(
            &sample
                .iter()
                .map(|&state| state.clone())
                .collect::<Vec<_>>(),
        );
        let bad: Vec<&UnitSet> = sample
            .into_iter()
            .filter(|state| !oracle.is_safe(state))
            .collect();
        if !bad.is_empty() {
            return bad;
        }
    }
    Vec::new()
}

/// The proposal's steps, joined where the state between them is not safe.
fn safe_steps(oracle: &Oracle, proposal: &Steps) -> Vec<UnitSet> {
    let count = oracle.count();
    let (mut steps, mut step, mut state) =
        (Vec::new(), UnitSet::empty(count), UnitSet::empty(count));
    for next in &proposal.steps {
        step = step.union(next);
        state = state.union(next);
        if state.len() == count || oracle.is_safe(&state) {
            steps.push(std::mem::replace(&mut step, UnitSet::empty(count)));
        }
    }
    steps
}

/// How much is learnt from a state.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Depth {
    /// All that fails in it.
    All,
    /// As much as keeps it out of the next proposal, and what has nothing to do with that.
    Enough,
}

struct Learner<'a> {
    oracle: &'a Oracle<'a>,
    order: &'a [UnitId],
    clauses: Vec<Clause>,
    /// How often clauses may still be held against what else they forbid.
    doubts: usize,
}

impl Learner<'_> {
    fn learn_from(&mut self, states: impl Iterator<Item = UnitSet>) {
        let states: Vec<UnitSet> = states.collect();
        self.oracle.ask(&states);
        let mut ahead = Vec::new();
        for state in &states {
            for problem in self.oracle.problems(state).iter() {
                if !self.knows(state, problem, Depth::All) {
                    ahead.extend(asked_first(self.order.len(), state, problem));
                }
            }
        }
        self.oracle.ask(&ahead);
        for state in &states {
            self.learn(state, Depth::All);
        }
    }

    /// Learns from what fails in a state.
    fn learn(&mut self, state: &UnitSet, depth: Depth) {
        for problem in self.oracle.problems(state).iter() {
            if !self.knows(state, problem, depth) {
                let mut learnt = explain(self.oracle, state, problem);
                let safe = self.oracle.safe_states();
                for clause in &mut learnt {
                    narrow(clause, state, &safe);
                }
                self.clauses.extend(learnt);
            }
        }
    }

    /// Whether a clause forbids the state for the same problem, or for units that the problem's evidence shows.
    fn knows(&self, state: &UnitSet, problem: &Problem, depth: Depth) -> bool {
        self.clauses.iter().any(|clause| {
            let units = || clause.new.union(&clause.old);
            clause.forbids(state)
                && (clause.problem == problem.id
                    || match depth {
                        Depth::All => problem.evidence == units(),
                        Depth::Enough => units().is_subset(&problem.evidence),
                    })
        })
    }

    fn propose(&self) -> Steps {
        let patterns: Vec<Pattern> = self
            .clauses
            .iter()
            .map(|clause| (&clause.new, &clause.old))
            .collect();
        finest(self.order, &patterns)
    }

    /// Asks for parts of steps; true if one is safe, so that a finer plan may be possible.
    fn splits(&mut self, steps: &[UnitSet]) -> bool {
        let mut before = UnitSet::empty(self.order.len());
        let mut parts = Vec::new();
        for step in steps {
            parts.extend(parts_of(step).into_iter().map(|part| before.union(&part)));
            before = before.union(step);
        }
        // Where what a clause was learnt from is in a state that it forbids, it matters not what else is.
        let problem = |part: &UnitSet| {
            let mut clauses = self.clauses.iter();
            clauses
                .find(|clause| clause.forbids(part))
                .map(|clause| clause.problem)
        };
        let questions = parts
            .iter()
            .filter_map(|part| Some((part.clone(), problem(part)?)));
        self.oracle.look_again(&questions.collect::<Vec<_>>());
        let is_bad =
            |part: &UnitSet| problem(part).is_some_and(|id| self.oracle.has_again(part, id));
        parts.retain(|part| !is_bad(part));
        self.oracle.ask(&parts);
        parts.iter().any(|part| self.oracle.is_safe(part))
    }

    /// Asks, where there are few units, for the state of each clause in which nothing but its old units is old. Where the problem is not in it, the
    /// clause says too much, and is proved instead if it can be; true if there is one.
    fn doubts(&mut self) -> bool {
        if self.doubts == 0 || self.order.len() > THOROUGH {
            return false;
        }
        self.doubts -= 1;
        let all = UnitSet::full(self.order.len());
        let others_are_new = |clause: &Clause| all.minus(&clause.old);
        let states: Vec<UnitSet> = self.clauses.iter().map(others_are_new).collect();
        self.oracle.ask(&states);
        let mut any = false;
        for clause in &mut self.clauses {
            if self.oracle.has(&others_are_new(clause), clause.problem) {
                continue;
            }
            if let Some(mut proved) = prove(self.oracle, clause) {
                narrow(&mut proved, &clause.state, &self.oracle.safe_states());
                *clause = proved;
                any = true;
            }
        }
        any
    }

    /// Asks for the states of a plan with more than `steps` steps that may be safe for all that is known for sure; true if there is one.
    fn dares(&self, steps: usize) -> bool {
        let state = |bits: usize| {
            let units = self
                .order
                .iter()
                .enumerate()
                .filter(|(position, _)| bits & 1 << position != 0);
            UnitSet::of(self.order.len(), units.map(|(_, &unit)| unit))
        };
        let may_be_safe = |bits: usize| {
            self.oracle
                .known(&state(bits))
                .is_none_or(|problems| problems.is_empty())
        };
        let sequence = longest(self.order.len(), may_be_safe);
        if sequence.len() <= steps {
            return false;
        }
        let mut bits = 0;
        let mut states = Vec::new();
        for step in &sequence {
            bits |= step.iter().fold(0, |bits, position| bits | 1 << position);
            states.push(state(bits));
        }
        self.oracle.ask(&states);
        true
    }

    /// Takes back what clauses forbid although it is known to be safe.
    fn reconcile(&mut self) {
        for state in self.oracle.safe_states() {
            self.allow(&state);
        }
    }

    /// Makes the clauses that forbid a safe state say less: what is known for sure are a clause's two ends, its own units alone and all but
    /// its old ones.
    fn allow(&mut self, state: &UnitSet) {
        let all = UnitSet::full(self.order.len());
        let (wrong, mut right): (Vec<Clause>, Vec<Clause>) = self
            .clauses
            .drain(..)
            .partition(|clause| clause.forbids(state));
        for clause in wrong {
            let others = all.minus(&clause.new).minus(&clause.old);
            right.push(Clause {
                old: clause.old.union(&others.intersection(state)),
                ..clause.clone()
            });
            right.push(Clause {
                new: clause.new.union(&others.minus(state)),
                state: all.minus(&clause.old),
                ..clause
            });
        }
        right.retain(|clause| !clause.forbids(state));
        self.clauses = right;
    }

    fn finish(self, steps: Vec<UnitSet>, exact: bool) -> Plan {
        let mut clauses = self.clauses;
        // Stable: of clauses with the same units, the one that was learnt first stays.
        clauses.sort_by_key(|clause| {
            (
                clause.new.len() + clause.old.len(),
                clause.new.clone(),
                clause.old.clone(),
            )
        });
        let mut kept: Vec<Clause> = Vec::new();
        for clause in clauses {
            let follows = kept
                .iter()
                .any(|known| known.new.is_subset(&clause.new) && known.old.is_subset(&clause.old));
            if !follows {
                kept.push(clause);
            }
        }
        Plan {
            steps,
            clauses: kept,
            exact,
        }
    }
}

/// Makes a clause, which forbids the bad state, forbid none of the safe ones.
fn narrow(clause: &mut Clause, bad: &UnitSet, safe: &[UnitSet]) {
    for state in safe {
        if !clause.forbids(state) {
            continue;
        }
        // They differ, so one of the two is there.
        if let Some(unit) = state.minus(bad).iter().next() {
            clause.old.insert(unit);
        } else if let Some(unit) = bad.minus(state).iter().next() {
            clause.new.insert(unit);
        }
        clause.state = bad.clone();
    }
}

/// Parts of a step after which it might be split.
fn parts_of(step: &UnitSet) -> Vec<UnitSet> {
    let units: Vec<UnitId> = step.iter().collect();
    let none = step.minus(step);
    if units.len() < 2 {
        return Vec::new();
    }
    if units.len() > SPLIT_ALL {
        let first = units.iter().map(|&unit| none.clone().with(unit));
        let last = units.iter().map(|&unit| step.clone().without(unit));
        return first.chain(last).collect();
    }
    let masks = 1_u32..(1 << units.len()) - 1;
    let part = |mask: u32| {
        let chosen = (0..).zip(&units).filter(|(bit, _)| mask & 1 << bit != 0);
        chosen.fold(none.clone(), |part, (_, &unit)| part.with(unit))
    };
    let parts: BTreeSet<UnitSet> = masks.map(part).collect();
    parts.into_iter().collect()
}
