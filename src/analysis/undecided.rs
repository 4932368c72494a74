//! What a plan cannot tell: sites that may meet a changed definition and were not followed, as pairs of changed units.

use std::sync::Arc;

use crate::analysis::Described;
use crate::change::{self, Undecided, Unfollowed, Version};
use crate::plan::Plan;
use crate::skew::{Changes, Clause, UnitId, UnitSet};

/// A site that was not followed, with the units whose order it may ask for.
#[derive(Clone, Debug)]
pub struct Doubt {
    /// The site, and the definition that it may reach.
    pub undecided: Undecided,
    /// The unit that has to ship first if the site reaches the definition, and what has to wait for it; none where no order helps, because the
    /// site is not changed.
    pub order: Option<(UnitSet, UnitSet)>,
}

impl Doubt {
    /// The units that it is about.
    #[must_use]
    pub fn units(&self) -> Option<UnitSet> {
        let (first, then) = self.order.as_ref()?;
        Some(first.union(then))
    }

    /// Whether the steps of a plan keep the order, so that they are safe even if the site reaches the definition.
    #[must_use]
    pub fn is_met_by(&self, plan: &Plan) -> bool {
        let Some((first, then)) = &self.order else {
            return false;
        };
        if self.undecided.why == Unfollowed::Queued {
            return false;
        }
        let mut shipped = first.minus(first);
        plan.steps.iter().all(|step| {
            shipped = shipped.union(step);
            first.is_subset(&shipped) || shipped.is_disjoint(then)
        })
    }

    /// Whether what is certain forbids all that this might.
    fn follows_from(&self, clauses: &[Clause]) -> bool {
        let Some((first, then)) = &self.order else {
            return false;
        };
        // What waits in the queue is of the version that is gone, whatever ships first.
        if self.undecided.why == Unfollowed::Queued {
            return false;
        }
        clauses
            .iter()
            .any(|clause| clause.old.is_subset(first) && clause.new.is_subset(then))
    }
}

/// What cannot be told between two trees, the candidate (the first) and the deployed one.
#[must_use]
pub fn doubts(changes: &Changes, new: &Described, old: &Described) -> Vec<Doubt> {
    let (deployed, candidate) = (old.side(), new.side());
    let compared = change::compare(&deployed, &candidate);
    let found = change::undecided(&deployed, &candidate, &compared);
    let unit = |version: Version, file| {
        let tree = match version {
            Version::Deployed => changes.deployed(),
            Version::Candidate => changes.candidate(),
        };
        changes.unit_of(&tree.file(file).path)
    };
    let doubts = found.into_iter().filter_map(|undecided| {
        let site = unit(undecided.version, undecided.site.place.file);
        let definition = unit(undecided.defined_in, undecided.place.file);
        if site.is_some() && site == definition {
            return None;
        }
        let order = order_of(changes, &undecided, site, definition);
        // What was followed and does not change is part of what the candidate is judged by.
        let is_judged = order.is_none() && undecided.why == Unfollowed::MayFail;
        (!is_judged).then_some(Doubt { undecided, order })
    });
    doubts.collect()
}

/// Which units have to ship first, and which wait for them.
fn order_of(
    changes: &Changes,
    undecided: &Undecided,
    site: Option<UnitId>,
    definition: Option<UnitId>,
) -> Option<(UnitSet, UnitSet)> {
    let count = changes.count();
    let definition = UnitSet::of(count, [definition?]);
    let site = match site {
        Some(site) => UnitSet::of(count, [site]),
        // A function in a container is called by whoever looks into it, and a call that was followed passes what others wrote.
        None if matches!(undecided.why, Unfollowed::MayFail | Unfollowed::Kept) => {
            UnitSet::full(count).minus(&definition)
        }
        None => return None,
    };
    Some(match undecided.version {
        Version::Candidate => (definition, site),
        Version::Deployed => (site, definition),
    })
}

/// The order of units, changed so that doubts are met where nothing certain decides: it costs no step.
#[must_use]
pub fn careful(order: &[UnitId], doubts: &[Doubt]) -> Vec<UnitId> {
    let mut left = order.to_vec();
    let mut found = Vec::with_capacity(order.len());
    while !left.is_empty() {
        let waits = |unit: &UnitId| {
            let edges = doubts.iter().filter_map(|doubt| doubt.order.as_ref());
            let mut edges = edges.filter(|(_, then)| then.contains(*unit));
            edges.any(|(first, _)| {
                left.iter()
                    .any(|&other| other != *unit && first.contains(other))
            })
        };
        // In a circle no order is better than the one that there is.
        let next = left.iter().position(|unit| !waits(unit)).unwrap_or(0);
        found.push(left.remove(next));
    }
    found
}

/// The doubts that are left when it is known what certainly fails.
#[must_use]
pub fn left(doubts: Vec<Doubt>, plan: &Plan) -> Vec<Doubt> {
    let left = doubts.into_iter();
    left.filter(|doubt| !doubt.follows_from(&plan.clauses))
        .collect()
}

/// The files that ship together to be on the safe side: those of the steps from the first that ships some of it to the last.
#[must_use]
pub fn together(changes: &Changes, plan: &Plan, doubt: &Doubt) -> Vec<Arc<str>> {
    let Some(units) = doubt.units() else {
        return Vec::new();
    };
    let touches = |step: &&UnitSet| !step.is_disjoint(&units);
    let first = plan.steps.iter().position(|step| touches(&step));
    let last = plan.steps.iter().rposition(|step| touches(&step));
    match first.zip(last) {
        Some((first, last)) => {
            let steps = plan.steps[first..=last].iter();
            let all = steps.fold(units, |all, step| all.union(step));
            changes.paths(&all)
        }
        None => Vec::new(),
    }
}
