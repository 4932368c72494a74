//! Versions of Python 3, and those that a tree is meant for.

use std::fmt;

/// A feature release of Python 3: 3.11 is 11.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Version(pub u8);

impl Version {
    /// The oldest version that can be declared.
    pub const OLDEST: Self = Self(9);
    /// The newest version of which anything is known.
    pub const NEWEST: Self = Self(15);
    /// The version whose words are used where none is declared.
    pub const DEFAULT: Self = Self(11);

    /// Reads `3.11`; of `3.11.4` the first two numbers.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.trim().split('.');
        let (major, minor) = (parts.next()?, parts.next()?);
        let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if major != "3" || !is_number(minor) || !parts.all(is_number) {
            return None;
        }
        minor.parse().ok().map(Self)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "3.{}", self.0)
    }
}

/// The versions that a tree is meant for, in order; none where none is declared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Targets(Vec<Version>);

impl Targets {
    /// These versions, each once.
    #[must_use]
    pub fn new(mut versions: Vec<Version>) -> Self {
        versions.sort_unstable();
        versions.dedup();
        Self(versions)
    }

    /// The versions in order.
    #[must_use]
    pub fn versions(&self) -> &[Version] {
        &self.0
    }

    /// Whether none is declared.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The version in whose words exceptions are told: the first one declared, else [`Version::DEFAULT`].
    #[must_use]
    pub fn wording(&self) -> Version {
        self.0.first().copied().unwrap_or(Version::DEFAULT)
    }
}

#[cfg(test)]
mod tests {
    use super::{Targets, Version};

    #[test]
    fn versions_are_read() {
        assert_eq!(Version::parse("3.11"), Some(Version(11)));
        assert_eq!(Version::parse(" 3.9.18 "), Some(Version(9)));
        for text in [
            "",
            "3",
            "2.7",
            "3.",
            "3.x",
            "3.11.",
            "3.11rc1",
            "python3.11",
        ] {
            assert_eq!(Version::parse(text), None, "{text}");
        }
        assert_eq!(Version(14).to_string(), "3.14");
    }

    #[test]
    fn targets_are_in_order() {
        let targets = Targets::new(vec![Version(14), Version(11), Version(14)]);
        assert_eq!(targets.versions(), [Version(11), Version(14)]);
        assert_eq!(targets.wording(), Version(11));
        assert_eq!(Targets::default().wording(), Version(11));
    }
}
