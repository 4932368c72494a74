//! From the findings of a mixed state to its problems: what fails in it and not in the deployed version.

use rustc_hash::FxHashMap;

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
        let mut open: Vec<(usize, Finding)> = state
            .findings
            .iter()
            .cloned()
            .enumerate()
            .filter(|(_, finding)| is_new_error(finding))
            .collect();
        if !self.accepted.is_empty() {
            let mut findings: Vec<Finding> =
                open.iter().map(|(_, finding)| finding.clone()).collect();
            rules::compare(&mut findings, &self.accepted);
            let status = findings.into_iter().map(|finding| finding.status);
            let (kept, _): (Vec<_>, Vec<_>) = open
                .into_iter()
                .zip(status)
                .partition(|(_, status)| *status == Status::New);
            open = kept.into_iter().map(|(finding, _)| finding).collect();
        }
        if open.is_empty() {
            return Vec::new();
        }
        let mut by_atom: FxHashMap<u64, Vec<&Failure>> = FxHashMap::default();
        for failure in &state.facts.failures {
            by_atom
                .entry(rules::atom_of(failure))
                .or_default()
                .push(failure);
        }
        let mut problems = Vec::new();
        for (index, finding) in &open {
            let new = finding
                .atoms()
                .iter()
                .filter(|atom| !self.old_atoms.contains(atom));
            let mut atoms: Vec<u64> = new.copied().collect();
            if atoms.is_empty() {
                atoms = finding.atoms().to_vec();
            }
            for atom in atoms {
                let failures = by_atom.get(&atom).map_or(&[][..], Vec::as_slice);
                problems.push(Problem {
                    id: atom,
                    evidence: self.evidence(&state.tree, finding, failures),
                    reach: UnitSet::full(self.changes.count()),
                    finding: *index,
                });
            }
        }
        problems
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
