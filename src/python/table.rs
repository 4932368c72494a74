//! The lines of the tables: a name, and which versions have it.

use super::{Targets, Version};

/// The versions that have something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first one; none: the oldest that was asked, and perhaps older ones.
    pub first: Option<Version>,
    /// The last one; none: the newest that was asked, and those to come.
    pub last: Option<Version>,
}

impl Span {
    /// Every version.
    pub const ALL: Self = Self {
        first: None,
        last: None,
    };

    /// Reads `10-`, `-11` or `10-12`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (first, last) = text.split_once('-')?;
        let version = |text: &str| text.parse().ok().map(Version);
        Some(Self {
            first: version(first),
            last: version(last),
        })
    }

    /// Whether a version is among these.
    #[must_use]
    pub fn has(self, version: Version) -> bool {
        self.first.is_none_or(|first| first <= version)
            && self.last.is_none_or(|last| version <= last)
    }

    /// Those of the declared versions that are not among these. Where none is declared, nothing is known to be missing.
    #[must_use]
    pub fn lacking(self, targets: &Targets) -> Vec<Version> {
        let versions = targets.versions().iter().copied();
        versions.filter(|&version| !self.has(version)).collect()
    }
}
