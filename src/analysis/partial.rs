//! What is wrong with shipping some of the changed units and no others.

use std::collections::{BTreeMap, BTreeSet};

use crate::analysis::mixed::{Mixed, State};
use crate::rules::shipping::{Partial, name_missing, partial_state};
use crate::rules::{self, Selection};
use crate::skew::{self, Changes, Oracle, UnitSet};

/// The state in which these units ship, its errors explained: each names the files that do not ship and should.
pub fn judge(mixed: &Mixed, changes: &Changes, units: &UnitSet, selection: &Selection) -> State {
    let mut state = mixed.state(units);
    let oracle = Oracle::new(mixed, changes.count());
    let needs = skew::needs(&oracle, units);
    let direct = needs.clauses.iter().map(|(_, clause)| &clause.old);
    let shown = direct.fold(units.clone(), |all, old| all.union(old));
    let further = changes.paths(&needs.whole.minus(&shown));
    let mut missing: BTreeMap<usize, UnitSet> = BTreeMap::new();
    let mut groups: BTreeMap<&UnitSet, (UnitSet, BTreeSet<usize>)> = BTreeMap::new();
    let none = UnitSet::empty(changes.count());
    for (finding, clause) in &needs.clauses {
        let old = missing.entry(*finding).or_insert_with(|| none.clone());
        *old = old.union(&clause.old);
        let group = groups
            .entry(&clause.new)
            .or_insert_with(|| (none.clone(), BTreeSet::new()));
        group.0 = group.0.union(&clause.old);
        group.1.insert(*finding);
    }
    let mut partials = Vec::new();
    for (new, (old, findings)) in &groups {
        let partial = Partial {
            new: changes.paths(new),
            old: changes.paths(old),
            further: &further,
            findings: findings
                .iter()
                .map(|&index| &state.findings[index])
                .collect(),
        };
        partials.extend(partial_state(&partial, &state.tree, selection));
    }
    for (finding, old) in missing {
        name_missing(&mut state.findings[finding], &changes.paths(&old));
    }
    state.findings.extend(partials);
    rules::sort(&mut state.findings);
    state
}
