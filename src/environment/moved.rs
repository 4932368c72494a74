//! What an upgrade of installed packages changed: which distribution moved from which version to which.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::installed::Installed;

/// A distribution that is not the same in two environments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Moved {
    /// Its name, as its metadata spell it.
    pub distribution: String,
    /// The version that was installed; none: it came.
    pub from: Option<String>,
    /// The version that is installed; none: it went.
    pub to: Option<String>,
}

impl Moved {
    /// The distributions of which two environments have not the same version, by their normalised names.
    #[must_use]
    pub fn between(old: &[Installed], new: &[Installed]) -> BTreeMap<String, Self> {
        let (old, new) = (versions(old), versions(new));
        let mut moved = BTreeMap::new();
        for (key, (name, version)) in &new {
            let before = old.get(key).map(|(_, version)| version);
            if before != Some(version) {
                let moves = Self {
                    distribution: name.clone(),
                    from: before.cloned(),
                    to: Some(version.clone()),
                };
                moved.insert(key.clone(), moves);
            }
        }
        for (key, (name, version)) in old {
            if !new.contains_key(&key) {
                let gone = Self {
                    distribution: name,
                    from: Some(version),
                    to: None,
                };
                moved.insert(key, gone);
            }
        }
        moved
    }
}

impl fmt::Display for Moved {
    /// `httpx 0.27.2 -> 0.28.0`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            distribution,
            from,
            to,
        } = self;
        match (from, to) {
            (Some(from), Some(to)) => write!(f, "{distribution} {from} -> {to}"),
            (Some(from), None) => write!(f, "{distribution} {from} -> none"),
            (None, Some(to)) => write!(f, "{distribution} none -> {to}"),
            (None, None) => f.write_str(distribution),
        }
    }
}

/// The distributions of an environment; where several directories have one, the first counts, as for imports.
fn versions(all: &[Installed]) -> BTreeMap<String, (String, String)> {
    let mut found = BTreeMap::new();
    for installed in all {
        for (key, named) in installed.distributions() {
            found.entry(key).or_insert(named);
        }
    }
    found
}
