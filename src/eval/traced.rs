//! Failures with what they were traced through, and which of them are worth telling.

use rustc_hash::FxHashSet;

use crate::facts::{Failure, Place, RouteKey};

use super::value::FunctionRef;

/// A failure, and how it was met.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Traced {
    /// The failure.
    pub failure: Failure,
    /// Whether it was met only in an evaluation for all callers of a table's key.
    pub split: bool,
    /// The functions that lead to it when they are evaluated for all callers. None leads to what a module's own code does.
    pub roots: Vec<FunctionRef>,
}

impl Traced {
    /// A failure that nothing leads to.
    #[must_use]
    pub const fn new(failure: Failure) -> Self {
        Self {
            failure,
            split: false,
            roots: Vec::new(),
        }
    }
}

/// What real calls show.
#[derive(Debug)]
pub struct Shown {
    /// Where something is raised, on which route; without a route, on any.
    raised: FxHashSet<(Option<Place>, Option<RouteKey>)>,
}

impl Shown {
    /// What the real calls among these show.
    #[must_use]
    pub fn by<'t>(traced: impl Iterator<Item = &'t Traced>) -> Self {
        let mut raised = FxHashSet::default();
        for traced in traced.filter(|traced| !traced.split) {
            let place = raised_at(&traced.failure);
            raised.insert((place, traced.failure.route.clone()));
            raised.insert((place, None));
        }
        Self { raised }
    }

    /// Whether a failure is an echo: a real call shows it better.
    ///
    /// A route is evaluated for all callers as well, with keywords that nobody knows. What fails there fails for the calls
    /// that exist, and they know more: which argument is missing, which keyword was passed.
    #[must_use]
    pub fn is_echo(&self, traced: &Traced) -> bool {
        let place = raised_at(&traced.failure);
        traced.split && self.raised.contains(&(place, traced.failure.route.clone()))
    }
}

fn raised_at(failure: &Failure) -> Option<Place> {
    failure.chain.last().map(|step| step.place)
}

/// The failures worth telling.
#[must_use]
pub fn without_echoes(mut traced: Vec<Traced>) -> Vec<Failure> {
    let shown = Shown::by(traced.iter());
    traced.retain(|traced| !shown.is_echo(traced));
    traced.into_iter().map(|traced| traced.failure).collect()
}
