//! Names of distributions, what they say of the names of modules, and the versions of Python that they ask for (PEP 440).

use std::str::FromStr;

use pep508_rs::pep440_rs;
use rustc_hash::FxHashSet;

use crate::python::Version;

/// How many releases a version of Python has at most: 3.7 had 18, 3.8 had 21.
const RELEASES: u32 = 30;

/// Whether some release of a version of Python is one that specifiers (`>=3.9,<4`) take; what is not understood is.
#[must_use]
pub fn admits(specifiers: &str, version: Version) -> bool {
    let Ok(specifiers) = pep440_rs::VersionSpecifiers::from_str(specifiers) else {
        return true;
    };
    let mut releases = (0..RELEASES)
        .filter_map(|patch| pep440_rs::Version::from_str(&format!("{version}.{patch}")).ok());
    releases.any(|release| specifiers.contains(&release))
}

/// A distribution's name as the index compares it: lower case, and each run of `-`, `_` and `.` is one `-` (PEP 503).
#[must_use]
pub fn normalised(name: &str) -> String {
    let mut result = String::with_capacity(name.len());
    for ch in name.trim().chars() {
        if matches!(ch, '-' | '_' | '.') {
            if !result.ends_with('-') {
                result.push('-');
            }
        } else {
            result.extend(ch.to_lowercase());
        }
    }
    result
}

/// The name at the beginning of a requirement, `requests[security]>=2; python_version < "3.9"` (PEP 508: letters, digits, `-`, `_` and `.`, letters or digits
/// at both ends); none if it begins with something else.
#[must_use]
pub(super) fn leading_name(requirement: &str) -> Option<&str> {
    let text = requirement.trim_start();
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let end = text.find(|c| !is_part(c)).unwrap_or(text.len());
    let name = text[..end].trim_end_matches(['-', '_', '.']);
    let rest = text[end..].trim_start();
    // `./folder` and `https://...` are no names.
    let goes_on =
        rest.is_empty() || rest.starts_with(['[', '(', '<', '>', '=', '!', '~', ';', '@', ',']);
    let begins = name.starts_with(|c: char| c.is_ascii_alphanumeric());
    (begins && goes_on && !text[end..].starts_with("://")).then_some(name)
}

/// Whether a distribution is called like a module: see [`Namesakes`].
#[cfg(test)]
fn is_alike(distribution: &str, dotted: &str) -> bool {
    Namesakes::of([dotted]).is_one(distribution)
}

/// What distributions are called that are called like one of some modules: the same, or that with `python` or `py` before or behind it, as custom has it
/// (`python-dateutil` and `dateutil`, `PyYAML` and `yaml`).
#[derive(Debug, Default)]
pub struct Namesakes {
    bare: FxHashSet<String>,
    stripped: FxHashSet<String>,
}

impl Namesakes {
    /// Those of modules by their whole names, for a namespace's parts: `google-cloud-storage` is `google.cloud.storage`.
    #[must_use]
    pub fn of<'n>(modules: impl IntoIterator<Item = &'n str>) -> Self {
        let mut namesakes = Self::default();
        for dotted in modules {
            let parts = dotted.match_indices('.').map(|(at, _)| at);
            for end in parts.chain([dotted.len()]) {
                let module = bare(&dotted[..end]);
                let stripped = stripped(&module);
                if stripped.len() > 1 {
                    namesakes.stripped.insert(stripped.to_owned());
                }
                namesakes.bare.insert(module);
            }
        }
        namesakes
    }

    /// Whether a distribution is called like one of them.
    #[must_use]
    pub(super) fn is_one(&self, distribution: &str) -> bool {
        let distribution = bare(distribution);
        self.stripped.contains(stripped(&distribution)) || self.bare.contains(&distribution)
    }
}

/// Whether a distribution and a module are called after the same thing: their first words are the same (`pydantic` and `pydantic_core`, `azure-mgmt-core` and
/// `azure.core`).
#[must_use]
pub(super) fn is_akin(distribution: &str, dotted: &str) -> bool {
    let first = |name: &str| {
        let mut words = name.split(['-', '_', '.']);
        words.next().unwrap_or_default().to_ascii_lowercase()
    };
    let word = first(distribution);
    word.len() > 2 && word != "python" && word == first(dotted)
}

/// Whether a distribution is called like an addition to a package: after the package first, and after the module that it adds last
/// (`lamps-sdk-common` and `lamps.common`, `lampsdimmerapplication` and `LampsCore.DimmerApplication`). `dotted` is the module's whole name. Installers
/// put the files of both into one folder, whether the package has an `__init__.py` or not.
#[must_use]
pub fn adds_to(distribution: &str, dotted: &str) -> bool {
    let Some((package, module)) = dotted.rsplit_once('.') else {
        return false;
    };
    if goes_on_after(distribution, dotted) || is_called_after_part(distribution, dotted) {
        return true;
    }
    let whole = bare(distribution);
    let first = distribution.split(['-', '_', '.']).next().map(bare);
    let (package, module) = (
        bare(package.split('.').next().unwrap_or(package)),
        bare(module),
    );
    let (Some(rest), Some(first)) = (whole.strip_suffix(module.as_str()), first) else {
        return false;
    };
    // Of a name without separators, the first word is what stands before the module's.
    let first = if first.len() > rest.len() {
        rest
    } else {
        first.as_str()
    };
    // What lies deeper is named by all that it lies in: `lamps-core` brings nothing to `lamps.sockets`.
    let mut between = dotted.split('.').rev().skip(1).map(bare);
    let depth = dotted.matches('.').count().saturating_sub(1);
    let names_all = between
        .by_ref()
        .take(depth)
        .all(|part| whole.contains(&part));
    // One that is called like the package is the package.
    whole != package
        && names_all
        && first.len() > 2
        && (package.starts_with(first) || first.starts_with(package.as_str()))
}

/// Whether a distribution is called after a package inside another one, in which the module lies: `lamps-hue` brings `lamps.hue.driver`.
fn is_called_after_part(distribution: &str, dotted: &str) -> bool {
    let mut parts = dotted.split('.');
    let words: Vec<&str> = distribution.split(['-', '_', '.']).collect();
    let is_same = words.iter().all(|word| {
        parts
            .next()
            .is_some_and(|part| part.eq_ignore_ascii_case(word))
    });
    words.len() > 1 && is_same && parts.next().is_some()
}

/// Whether a distribution's words begin with the parts of a module's name, and go on: `lamps-hue-driver` brings `lamps.hue`.
fn goes_on_after(distribution: &str, dotted: &str) -> bool {
    let mut words = distribution.split(['-', '_', '.']).map(bare);
    let mut parts = dotted.split('.').map(bare);
    parts.all(|part| words.next() == Some(part)) && words.next().is_some()
}

/// Whether a distribution is called like the package that a dotted name begins with. Where the package of that name comes from another distribution, an installer puts
/// the files of both into one folder.
#[must_use]
pub fn is_namesake(distribution: &str, dotted: &str) -> bool {
    bare(distribution) == bare(dotted.split('.').next().unwrap_or(dotted))
}

/// A name's letters and digits, in lower case.
fn bare(name: &str) -> String {
    let kept = name.chars().filter(char::is_ascii_alphanumeric);
    kept.map(|c| c.to_ascii_lowercase()).collect()
}

/// A name without what only says that it is for Python.
fn stripped(bare: &str) -> &str {
    let mut name = bare;
    for affix in ["python", "py"] {
        name = name.strip_prefix(affix).unwrap_or(name);
        name = name.strip_suffix("python3").unwrap_or(name);
        name = name.strip_suffix(affix).unwrap_or(name);
    }
    name
}

#[cfg(test)]
mod tests {
    use super::{adds_to, is_akin, is_alike, is_namesake, leading_name, normalised};

    #[test]
    fn a_namesake_is_called_like_the_first_part() {
        assert!(is_namesake("My-Pens", "my_pens.ink"));
        assert!(!is_namesake("pens-ink", "pens.ink"));
    }

    #[test]
    fn names_are_compared_as_the_index_does() {
        assert_eq!(normalised("Foo__Bar.-baz"), "foo-bar-baz");
        assert_eq!(normalised(" requests "), "requests");
    }

    #[test]
    fn additions_are_called_after_both() {
        for (distribution, dotted) in [
            ("lamps-sdk-common", "lamps.common"),
            ("LampsDimmerApplication", "LampsCore.DimmerApplication"),
            ("lamps.contrib.dimmer", "lamps.dimmer"),
            ("lamps_hue_driver", "lamps.hue"),
            ("lamps-hue", "lamps.hue.driver.parts"),
        ] {
            assert!(adds_to(distribution, dotted), "{distribution} {dotted}");
        }
        for (distribution, dotted) in [
            ("lamps", "lamps.common"),
            ("common", "lamps.common"),
            ("lamps-sdk", "lamps.common"),
            ("lights-common", "lamps.common"),
            ("lamps-common", "lamps.uncommon"),
            ("fastlamps", "fastlamps.shop.lamps"),
            ("lamps-core", "lamps.sockets.core"),
            ("lamps-hue-driver", "lamps.driver.hue"),
        ] {
            assert!(!adds_to(distribution, dotted), "{distribution} {dotted}");
        }
    }

    #[test]
    fn requirements_begin_with_a_name() {
        for (text, name) in [
            ("requests", Some("requests")),
            ("Requests[security] >= 2.8.1", Some("Requests")),
            (
                "zope.interface>=5;python_version<'3'",
                Some("zope.interface"),
            ),
            ("name @ https://e.org/n.whl;x", Some("name")),
            ("urllib3 (>=1.21,<3)", Some("urllib3")),
            ("https://e.org/n.whl", None),
            ("./folder", None),
            ("../folder", None),
            ("folder/x", None),
            ("", None),
            ("-e .", None),
        ] {
            assert_eq!(leading_name(text), name, "{text}");
        }
    }

    #[test]
    fn distributions_are_called_like_their_modules() {
        assert!(is_alike("ruamel.yaml", "ruamel.yaml"));
        assert!(is_alike("PyYAML", "yaml"));
        assert!(is_alike("python-dateutil", "dateutil.parser"));
        assert!(is_alike("google-cloud-storage", "google.cloud.storage"));
        assert!(is_alike("typing-extensions", "typing_extensions"));
        assert!(!is_alike("beautifulsoup4", "bs4"));
        assert!(!is_alike("requests", "request"));
        assert!(!is_alike("py", "python"));
        assert!(is_akin("pydantic", "pydantic_core") && is_akin("azure-mgmt-core", "azure.core"));
        assert!(!is_akin("python-dotenv", "python_magic") && !is_akin("requests", "request"));
    }
}
