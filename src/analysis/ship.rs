//! What `coship check` says of the way to the candidate: which changed files must ship together, and which first.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::analysis::mixed::{Mixed, State};
use crate::plan;
use crate::rules::shipping::{Ground, SHIP_FIRST, SHIP_TOGETHER, ship_first, ship_together};
use crate::rules::{Finding, Selection};
use crate::skew::{Changes, Clause, Oracle, UnitSet};

/// Up to how many changed units the way is looked for without being asked to: it takes a few evaluations for each of them.
const UNASKED: usize = 10;

/// Whether the rules are on and the way is worth its time. `is_gate`: warnings make the run fail.
#[must_use]
pub fn is_wanted(changes: &Changes, selection: &Selection, is_gate: bool) -> bool {
    let rules = [&SHIP_TOGETHER, &SHIP_FIRST];
    let is_on = rules.iter().any(|rule| selection.severity(rule).is_some());
    let is_asked = is_gate || rules.iter().any(|rule| selection.asks_for(rule));
    is_on && changes.count() > 1 && (changes.count() <= UNASKED || is_asked)
}

/// The findings about the way, in the candidate's files. Run it within [`crate::analysis::pool`].
pub fn findings(mixed: &Mixed, changes: &Changes, selection: &Selection) -> Vec<Finding> {
    let oracle = Oracle::new(mixed, changes.count());
    let plan = plan::search(&oracle, &mixed.order());
    let states: Vec<Option<Arc<State>>> = plan
        .clauses
        .iter()
        .map(|clause| mixed.broken(&clause.state))
        .collect();
    let shown: Vec<(&Clause, &Finding)> = plan
        .clauses
        .iter()
        .zip(&states)
        .filter_map(|(clause, state)| {
            let mut findings = state.as_ref()?.findings.iter();
            let finding = findings.find(|finding| finding.atoms().contains(&clause.problem))?;
            Some((clause, finding))
        })
        .collect();
    let grounds = |wanted: &dyn Fn(&Clause) -> bool| -> Vec<Ground<'_>> {
        let wanted = shown.iter().filter(|(clause, _)| wanted(clause));
        let ground = wanted.map(|(clause, finding)| Ground {
            new: changes.paths(&clause.new),
            old: changes.paths(&clause.old),
            finding,
        });
        ground.collect()
    };
    let mut found = Vec::new();
    for step in plan.steps.iter().filter(|step| step.len() > 1) {
        let within = |clause: &Clause| clause.new.union(&clause.old).is_subset(step);
        let because = grounds(&within);
        found.extend(ship_together(
            &changes.paths(step),
            &because,
            changes.candidate(),
            selection,
        ));
    }
    let apart = |clause: &Clause| {
        let meets =
            |step: &UnitSet| !step.is_disjoint(&clause.new) && !step.is_disjoint(&clause.old);
        !plan.steps.iter().any(meets)
    };
    let waiting: BTreeSet<&UnitSet> = shown
        .iter()
        .filter(|(clause, _)| apart(clause))
        .map(|(clause, _)| &clause.new)
        .collect();
    for new in waiting {
        let because = grounds(&|clause: &Clause| clause.new == *new && apart(clause));
        found.extend(ship_first(&because, changes.candidate(), selection));
    }
    found
}
