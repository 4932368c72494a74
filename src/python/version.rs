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

    /// Whether it is a certain version, or a later one, that runs the tree; none if none is declared, or both later and earlier ones are.
    #[must_use]
    pub fn is_from(&self, version: Version) -> Option<bool> {
        let mut are_from = self.0.iter().map(|&declared| declared >= version);
        let first = are_from.next()?;
        are_from.all(|other| other == first).then_some(first)
    }

    /// The version in whose words exceptions are told: the first one declared, else [`Version::DEFAULT`].
    #[must_use]
    pub fn wording(&self) -> Version {
        self.0.first().copied().unwrap_or(Version::DEFAULT)
    }
}

/// The versions that a tree is meant for, and who says so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Declared {
    /// The versions.
    pub targets: Targets,
    /// Where they are declared, for people: `--python-version`, `pyproject.toml: requires-python`. None where they are not.
    pub from: Option<String>,
}

impl fmt::Display for Declared {
    /// `Python 3.11 and 3.14 (coship.toml:3)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let versions: Vec<String> = self
            .targets
            .versions()
            .iter()
            .map(Version::to_string)
            .collect();
        match (versions.as_slice(), &self.from) {
            ([], _) => f.write_str("no Python version declared"),
            (versions, from) => {
                write!(f, "Python {}", versions.join(" and "))?;
                from.iter().try_for_each(|from| write!(f, " ({from})"))
            }
        }
    }
}

/// The lower bound of a `requires-python` (PEP 440 version specifiers): `>=3.10,<4` is 3.10, and so is Poetry's `^3.10`. A bound below [`Version::OLDEST`] counts as that
/// one; None where there is no lower bound.
#[must_use]
pub fn lower_bound(specifiers: &str) -> Option<Version> {
    let lowest = specifiers.split(',').filter_map(|specifier| {
        let specifier = specifier.trim();
        let version = ["===", "==", ">=", "~=", ">", "^", "~"]
            .iter()
            .find_map(|operator| specifier.strip_prefix(operator))?;
        let mut parts = version.trim().split('.');
        match (parts.next()?.trim(), parts.next()) {
            ("3", Some(minor)) => minor.trim().parse().ok().map(Version),
            ("3", None) => Some(Version(0)),
            _ => None,
        }
    });
    lowest.max().map(|version| version.max(Version::OLDEST))
}

#[cfg(test)]
mod tests {
    use super::{Declared, Targets, Version, lower_bound};

    #[test]
    fn requires_python_has_a_lower_bound() {
        for (text, wanted) in [
            (">=3.10", Some(10)),
            (">= 3.11, < 4", Some(11)),
            ("<4,>=3.9.2", Some(9)),
            ("~=3.12", Some(12)),
            ("==3.11.*", Some(11)),
            (">=3.7", Some(9)),
            (">=3", Some(9)),
            ("^3.10.2", Some(10)),
            ("~3.11", Some(11)),
            ("<3.13", None),
            ("", None),
            (">=2.7", None),
        ] {
            assert_eq!(lower_bound(text), wanted.map(Version), "{text}");
        }
    }

    #[test]
    fn what_is_declared_is_told() {
        let declared = Declared {
            targets: Targets::new(vec![Version(14), Version(11)]),
            from: Some("coship.toml:3".to_owned()),
        };
        assert_eq!(declared.to_string(), "Python 3.11 and 3.14 (coship.toml:3)");
        assert_eq!(
            Declared::default().to_string(),
            "no Python version declared"
        );
    }

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
        assert_eq!(targets.is_from(Version(11)), Some(true));
        assert_eq!(targets.is_from(Version(14)), None);
        assert_eq!(targets.is_from(Version(15)), Some(false));
        assert_eq!(Targets::default().is_from(Version(9)), None);
        assert_eq!(Targets::default().wording(), Version(11));
    }
}
