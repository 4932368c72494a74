//! What a finding is about, as data: what whoever mends it has to know, and no word of how.

use crate::facts::{Failure, FailureKind, Place, Symbol};
use crate::name::Name;
use crate::rules::Rule;

/// What a finding is about.
#[derive(Clone, Debug, Default)]
pub enum Matter {
    /// Something that only people can do something about.
    #[default]
    Other,
    /// An obligation that does not hold.
    Broken(Box<Broken>),
    /// An ignore comment that silences nothing, with the rule that it names.
    DeadIgnore(&'static Rule),
}

/// An obligation that does not hold, on all the ways that the finding has.
#[derive(Clone, Debug)]
pub struct Broken {
    /// The kind.
    pub kind: FailureKind,
    /// The keyword, parameter, operation, attribute or module.
    pub subject: Name,
    /// The name that is there and may have been meant.
    pub near: Option<String>,
    /// Where the same is wrong, in order, each once.
    pub places: Vec<Place>,
    /// The callees that refuse, sorted, each once.
    pub callees: Vec<Symbol>,
    /// What raises: the last call on each way, sorted, each once.
    pub raises: Vec<Place>,
    /// The exception of the first way.
    pub exception: Option<String>,
}

impl Broken {
    /// What these failures, which are one finding, are about.
    pub(super) fn of(failures: &[&Failure], first: &Failure, near: Option<String>) -> Self {
        let mut places: Vec<Place> = failures.iter().map(|failure| failure.cause).collect();
        let callees = failures
            .iter()
            .filter_map(|failure| failure.callee.as_ref());
        let mut callees: Vec<Symbol> = callees.cloned().collect();
        let raises = failures.iter().filter_map(|failure| failure.chain.last());
        let mut raises: Vec<Place> = raises.map(|frame| frame.place).collect();
        for list in [&mut places, &mut raises] {
            list.sort_unstable();
            list.dedup();
        }
        callees.sort();
        callees.dedup();
        Self {
            kind: first.kind,
            subject: first.subject,
            near,
            places,
            callees,
            raises,
            exception: first.exception.clone(),
        }
    }
}
