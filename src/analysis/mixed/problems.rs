//! From the findings of a mixed state to its problems: what fails in it and not in the deployed version.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::analysis::known::Outlook;
use crate::eval::reuse::file_set::FileSet;
use crate::facts::{Failure, FileId};
use crate::rules::{self, Finding, Status};
use crate::skew::{Problem, UnitId, UnitSet};
use crate::source::Tree;

use super::{Mixed, State, is_certain, is_new_error};

impl Mixed<'_> {
    /// The problems of a state, one for each thing that a finding consists of and the deployed version has not.
    pub(super) fn problems_of(&self, state: &State, outlook: &Outlook) -> Vec<Problem> {
        let mut problems = self.problems_among(state);
        let mut reaches: FxHashMap<u64, FileSet> = FxHashMap::default();
        if !problems.is_empty() {
            for traced in outlook
                .traced
                .iter()
                .filter(|traced| is_certain(&traced.failure))
            {
                let reach = reaches.entry(rules::atom_of(&traced.failure)).or_default();
                *reach = reach.union(outlook.reach_of(traced, &state.program));
            }
        }
        for problem in &mut problems {
            let files = reaches.get(&problem.id).copied().unwrap_or(FileSet::ALL);
            let units = (0..)
                .zip(&self.files_of_units)
                .filter(|(_, own)| own.meets(files));
            let units = units.map(|(unit, _)| UnitId(unit));
            problem.reach = UnitSet::of(self.changes.count(), units).union(&problem.evidence);
        }
        problems
    }

    /// The same without what they can rest on.
    pub(super) fn problems_among(&self, state: &State) -> Vec<Problem> {
        let open: Vec<(usize, &Finding)> = state
            .findings
            .iter()
            .enumerate()
            .filter(|(_, finding)| is_new_error(finding))
            .collect();
        let accepted = self.accepted_among(&open);
        let open = self.without_accepted(open);
        if open.is_empty() {
            return Vec::new();
        }
        let mut by_atom: FxHashMap<u64, Vec<&Failure>> = FxHashMap::default();
        // What may fail besides is not followed where less than all is evaluated.
        let certain = state.facts.failures.iter();
        for failure in certain.filter(|failure| is_certain(failure)) {
            let known = by_atom.entry(rules::atom_of(failure)).or_default();
            known.push(failure);
        }
        let mut problems = Vec::new();
        for (index, finding) in open {
            for atom in self.new_atoms(finding, &accepted) {
                let failures = by_atom.get(&atom).map_or(&[][..], Vec::as_slice);
                problems.push(Problem {
                    id: atom,
                    evidence: self.evidence(&state.tree, finding, failures),
                    reach: UnitSet::full(self.changes.count()),
                    finding: index,
                });
            }
        }
        problems
    }

    /// What a finding consists of that the deployed version has not and that is not accepted.
    fn new_atoms(&self, finding: &Finding, accepted: &FxHashSet<u64>) -> Vec<u64> {
        let atoms = finding.atoms();
        let is_old = |atom: &&u64| self.old_atoms.contains(atom);
        let mut new: Vec<u64> = atoms.iter().filter(|atom| !is_old(atom)).copied().collect();
        if new.is_empty() {
            new = atoms.to_vec();
        }
        new.retain(|atom| !accepted.contains(atom));
        new
    }

    /// What these findings consist of that the candidate has as often.
    ///
    /// It is accepted whatever else stands in one finding with it: that differs with how much of a state is evaluated.
    fn accepted_among(&self, open: &[(usize, &Finding)]) -> FxHashSet<u64> {
        let mut counts: FxHashMap<u64, usize> = FxHashMap::default();
        for &atom in self.accepted.iter().flat_map(|finding| &finding.atoms) {
            *counts.entry(atom).or_default() += 1;
        }
        for atom in open.iter().flat_map(|(_, finding)| finding.atoms()) {
            // One more than there are is one too many.
            if let Some(count) = counts.remove(atom).filter(|&count| count > 0) {
                counts.insert(*atom, count - 1);
            }
        }
        counts.into_keys().collect()
    }

    /// The findings that are not accepted as they are.
    fn without_accepted<'f>(&self, open: Vec<(usize, &'f Finding)>) -> Vec<(usize, &'f Finding)> {
        if self.accepted.is_empty() {
            return open;
        }
        let mut compared: Vec<Finding> = open.iter().map(|&(_, finding)| finding.clone()).collect();
        rules::compare(&mut compared, &self.accepted);
        let kept = open.into_iter().zip(compared);
        kept.filter(|(_, finding)| finding.status == Status::New)
            .map(|(open, _)| open)
            .collect()
    }

    /// The changed units that show in failures.
    fn evidence(&self, tree: &Tree, finding: &Finding, failures: &[&Failure]) -> UnitSet {
        let mut units = UnitSet::empty(self.changes.count());
        let mut add = |path: &str| {
            if let Some(unit) = self.changes.unit_of(path) {
                units.insert(unit);
            }
        };
        add(&finding.path);
        let path = |file: FileId| &*tree.file(file).path;
        for failure in failures {
            add(path(failure.cause.file));
            for frame in &failure.chain {
                add(path(frame.place.file));
            }
            if let Some(callee) = &failure.callee {
                add(path(callee.place.file));
            }
        }
        // A module that is not there has no place; the exception names it.
        for failure in failures {
            let exception = failure.exception.as_deref().unwrap_or_default();
            let quoted = exception.split('\'').skip(1).step_by(2);
            for name in quoted.chain([failure.subject.as_str()]) {
                for unit in self.changes.units_named(name) {
                    units.insert(unit);
                }
            }
        }
        units
    }
}
