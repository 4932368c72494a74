//! What a process keeps from one round of analysis to the next: files in the intermediate form, and what was found in whole trees.
//!
//! Everything is found again by content, never by time: a round that uses it gives the bytes that it would give without.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustc_hash::FxHashMap;

use crate::analysis::Analysed;
use crate::analysis::ship::Way;
use crate::analysis::states::{Question, State};
use crate::eval;
use crate::facts::Facts;
use crate::rules::{Finding, Identity, Selection};
use crate::source::Text;
use crate::syntax;
use crate::syntax::ir::Module;

/// How many versions of one file are kept.
const VERSIONS: usize = 4;

/// For how many rounds a file is kept that no round uses.
const ROUNDS: u64 = 16;

/// How many trees' findings are kept.
const TREES: usize = 8;

/// Kept from round to round. An empty one is what a run begins with.
#[derive(Default)]
pub struct Memory {
    /// Whether the process ends after this round, so that nothing need be freed for the next.
    is_last: bool,
    modules: Mutex<Modules>,
    sides: Mutex<Vec<(String, Arc<Side>)>>,
    /// The one that was asked for last comes last.
    states: Mutex<Vec<Arc<State>>>,
    /// The same with the way from the deployed tree.
    ways: Mutex<Vec<Arc<Way>>>,
}

/// Files in the intermediate form, by path and text.
#[derive(Default)]
struct Modules {
    round: u64,
    counts: Counts,
    by_path: FxHashMap<Arc<str>, Vec<Kept>>,
}

/// One version of a file.
struct Kept {
    text: Arc<Text>,
    module: Arc<Module>,
    used: u64,
}

/// How often something was there already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Counts {
    /// Files that were parsed.
    pub parsed: usize,
    /// Files that had been parsed before.
    pub parsed_before: usize,
    /// Trees that were evaluated.
    pub evaluated: usize,
    /// Trees that had been evaluated before.
    pub evaluated_before: usize,
}

/// What was found in one tree.
pub struct Side {
    /// Its findings, all of them new.
    pub findings: Vec<Finding>,
    /// What they are known by.
    pub found: Vec<Identity>,
    /// What evaluation found.
    pub facts: Facts,
    /// The commit that it was found in: what history says of a missing module depends on it.
    pub(super) commit: Option<String>,
    /// Which of the functions at which execution starts the other tree has.
    pub(super) starts: Vec<bool>,
}

impl Side {
    /// What was found in an evaluated tree.
    pub(super) fn of(
        tree: Analysed,
        selection: &Selection,
        starts: Vec<bool>,
        is_told: bool,
    ) -> Arc<Self> {
        let judged = tree.judged(selection, is_told);
        Arc::new(Self {
            found: judged.findings.iter().map(Finding::identity).collect(),
            findings: judged.findings,
            commit: tree.tree.commit.clone(),
            facts: tree.into_parts().1,
            starts,
        })
    }

    /// Whether it says word for word what would be found at this commit.
    pub(super) fn is_worded_for(&self, commit: Option<&String>) -> bool {
        let mut failures = self.facts.failures.iter();
        self.commit.as_ref() == commit || failures.all(|failure| failure.evidence.is_none())
    }

    /// Whether it says what would be found with these `starts`.
    pub(super) fn holds_for(&self, starts: &[bool]) -> bool {
        holds_for(&self.starts, starts, &self.facts)
    }
}

/// Whether what was found where the other tree `had` functions at which execution starts is what would be found where it `has` these: they only matter where such a
/// function is missing.
pub(super) fn holds_for(had: &[bool], has: &[bool], facts: &Facts) -> bool {
    use crate::facts::FailureKind::MissingHandler;
    let is_complete = || {
        let mut failures = facts.failures.iter();
        facts.lost.is_empty() && failures.all(|failure| failure.kind != MissingHandler)
    };
    let asks_no_more = || had.iter().zip(has).all(|(had, has)| *had || !has);
    had == has || (had.len() == has.len() && asks_no_more() && is_complete())
}

/// Holds what was found before against an evaluation, in a build with debug assertions and with `COSHIP_VERIFY_ROUNDS` in the environment.
///
/// # Panics
///
/// If they differ.
fn verify(facts: &Facts, question: &Question) {
    if !cfg!(debug_assertions) || std::env::var_os("COSHIP_VERIFY_ROUNDS").is_none() {
        return;
    }
    let fresh = eval::evaluate(&question.linked.program, question.elsewhere);
    let (known, fresh) = (format!("{facts:#?}"), format!("{fresh:#?}"));
    let mut lines = known.lines().zip(fresh.lines());
    let first = lines.find(|(known, fresh)| known != fresh);
    assert!(
        known == fresh,
        "reuse says other things than an evaluation, at first {first:?}"
    );
}

/// Makes something the last one of a list, from which the first one goes if there are too many.
fn push<T>(list: &Mutex<Vec<Arc<T>>>, last: Arc<T>) {
    let mut list = lock(list);
    list.retain(|known| !Arc::ptr_eq(known, &last));
    if list.len() >= TREES {
        list.remove(0);
    }
    list.push(last);
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What was kept when a thread died is whole: every change is one insertion.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Memory {
    /// An empty one for a process that ends after its first round.
    #[must_use]
    pub fn of_one_round() -> Self {
        Self {
            is_last: true,
            ..Self::default()
        }
    }

    /// Whether nothing of what is kept is asked for again.
    pub(super) fn is_of_one_round(&self) -> bool {
        self.is_last
    }

    /// What evaluation finds in a tree.
    pub(super) fn evaluate(&self, question: &Question) -> Facts {
        let (program, elsewhere) = (&question.linked.program, question.elsewhere);
        if self.is_last {
            self.count_evaluation();
            return eval::evaluate_at_end(program, elsewhere);
        }
        let around = question.around();
        if let Some(facts) = self.answer(question, &around) {
            verify(&facts, question);
            return facts;
        }
        self.count_evaluation();
        let facts = eval::evaluate(program, elsewhere);
        push(&self.states, Arc::new(question.answered(around, &facts)));
        facts
    }

    /// What was found in a tree that says the same.
    fn answer(&self, question: &Question, around: &str) -> Option<Facts> {
        let states = lock(&self.states).clone();
        let mut latest = states.iter().rev();
        let (state, facts) =
            latest.find_map(|state| Some((state, state.answer(question, around)?)))?;
        push(&self.states, Arc::clone(state));
        lock(&self.modules).counts.evaluated_before += 1;
        Some(facts)
    }

    /// What was found in a candidate that says the same, with the way to it from the very deployed tree; `around`: all that it depends on but the candidate's files.
    pub(super) fn way(&self, question: &Question, around: &str) -> Option<(Facts, Arc<Way>)> {
        let ways = lock(&self.ways).clone();
        let mut latest = ways.iter().rev();
        let (way, facts) =
            latest.find_map(|way| Some((way, way.candidate.answer(question, around)?)))?;
        push(&self.ways, Arc::clone(way));
        lock(&self.modules).counts.evaluated_before += 2;
        Some((facts, Arc::clone(way)))
    }

    /// Keeps the way to a candidate.
    pub(super) fn keep_way(&self, way: Way) {
        push(&self.ways, Arc::new(way));
    }

    /// A file in the intermediate form. The same path with the same text is the very same module.
    pub(super) fn module(&self, path: &Arc<str>, text: &Arc<Text>) -> Arc<Module> {
        if let Some(module) = self.known(path, text) {
            return module;
        }
        // Parsed outside of the lock: several files are at a time.
        let module = Arc::new(syntax::parse(text.content()));
        let mut modules = lock(&self.modules);
        let used = modules.round;
        modules.counts.parsed += 1;
        let versions = modules.by_path.entry(Arc::clone(path)).or_default();
        if versions.len() >= VERSIONS {
            versions.remove(0);
        }
        versions.push(Kept {
            text: Arc::clone(text),
            module: Arc::clone(&module),
            used,
        });
        module
    }

    fn known(&self, path: &Arc<str>, text: &Arc<Text>) -> Option<Arc<Module>> {
        let mut modules = lock(&self.modules);
        let round = modules.round;
        let versions = modules.by_path.get_mut(path)?;
        let is_it =
            |kept: &Kept| Arc::ptr_eq(&kept.text, text) || kept.text.content() == text.content();
        let index = versions.iter().position(is_it)?;
        // The version that was used last is the last one to go.
        let mut kept = versions.remove(index);
        kept.used = round;
        let module = Arc::clone(&kept.module);
        versions.push(kept);
        modules.counts.parsed_before += 1;
        Some(module)
    }

    /// What was found before under a key that says all that it depends on, if `holds`.
    pub(super) fn side(&self, key: &str, holds: impl Fn(&Side) -> bool) -> Option<Arc<Side>> {
        let mut sides = lock(&self.sides);
        let index = sides
            .iter()
            .position(|(known, side)| known == key && holds(side))?;
        let entry = sides.remove(index);
        let side = Arc::clone(&entry.1);
        sides.push(entry);
        drop(sides);
        lock(&self.modules).counts.evaluated_before += 1;
        Some(side)
    }

    /// Keeps what was found.
    pub(super) fn keep(&self, key: String, side: &Arc<Side>) {
        let mut sides = lock(&self.sides);
        if sides.len() >= TREES {
            sides.remove(0);
        }
        sides.push((key, Arc::clone(side)));
    }

    /// Counts an evaluation.
    pub(super) fn count_evaluation(&self) {
        lock(&self.modules).counts.evaluated += 1;
    }

    /// Ends a round: what has not been used for a while is forgotten. Gives the counts since the last end.
    pub fn end_round(&self) -> Counts {
        let mut modules = lock(&self.modules);
        modules.round += 1;
        let round = modules.round;
        for versions in modules.by_path.values_mut() {
            versions.retain(|kept| kept.used + ROUNDS >= round);
        }
        modules.by_path.retain(|_, versions| !versions.is_empty());
        std::mem::take(&mut modules.counts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(content: &str) -> Arc<Text> {
        Arc::new(Text::decode(content.as_bytes().to_vec()))
    }

    #[test]
    fn the_same_text_is_parsed_once() {
        let memory = Memory::default();
        let path: Arc<str> = Arc::from("a.py");
        let first = memory.module(&path, &text("x = 1\n"));
        let again = memory.module(&path, &text("x = 1\n"));
        let other = memory.module(&path, &text("x = 2\n"));
        assert!(Arc::ptr_eq(&first, &again));
        assert!(!Arc::ptr_eq(&first, &other));
        let counts = memory.end_round();
        assert_eq!((counts.parsed, counts.parsed_before), (2, 1));
    }

    #[test]
    fn what_nobody_uses_is_forgotten() {
        let memory = Memory::default();
        let path: Arc<str> = Arc::from("a.py");
        let _ = memory.module(&path, &text("x = 1\n"));
        for _ in 0..=ROUNDS {
            memory.end_round();
        }
        assert!(lock(&memory.modules).by_path.is_empty());
        for version in 0..20 {
            let _ = memory.module(&path, &text(&format!("x = {version}\n")));
        }
        assert_eq!(lock(&memory.modules).by_path[&path].len(), VERSIONS);
    }
}
