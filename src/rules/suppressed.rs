//! A finding that is not reported, and the reason that somebody gave.

use crate::rules::Finding;

/// What keeps a finding from being reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Suppressor {
    /// A comment beside the code.
    Comment,
    /// `[[waivers]]` in the configuration.
    Waiver,
    /// The baseline.
    Baseline,
}

/// A finding that is not reported.
#[derive(Clone, Debug)]
pub struct Suppressed {
    /// The finding.
    pub finding: Finding,
    /// What keeps it from being reported.
    pub by: Suppressor,
    /// Why, as it is written; empty where nobody said.
    pub justification: String,
}
