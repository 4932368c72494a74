//! What came and went in the standard library, by version.

use std::sync::LazyLock;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Span, Targets, Version};

/// See `generate.py`.
const TABLE: &str = include_str!("library.txt");

/// What not every version has, by dotted name; a parameter is `asyncio.Lock(loop)`, with the name under which a function refuses it.
static SPANS: LazyLock<FxHashMap<String, (Span, Option<&str>)>> = LazyLock::new(|| {
    let mut module = "";
    let mut spans = FxHashMap::default();
    for line in TABLE.lines().filter(|line| !line.starts_with('#')) {
        if let Some(inside) = line.strip_prefix("in ") {
            module = inside;
        } else if let Some((name, rest)) = line.split_once(' ')
            && let mut words = rest.split(' ')
            && let Some(span) = words.next().and_then(Span::parse)
        {
            let dotted = match module {
                "" => name.to_owned(),
                module => format!("{module}.{name}"),
            };
            spans.insert(dotted, (span, words.next()));
        }
    }
    spans
});

/// Something of the standard library that a declared version does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Absent {
    /// Its dotted name: of a module that is missing together with a package around it, the package's.
    pub name: String,
    /// The declared versions without it, in order.
    pub versions: Vec<Version>,
    /// Of a parameter: the name under which a function written in Python refuses it.
    pub refusing: Option<&'static str>,
    /// Those that have it.
    span: Span,
}

impl Absent {
    /// Something that these versions have; none: no declared version lacks it.
    pub(super) fn of(name: &str, span: Span, targets: &Targets) -> Option<Self> {
        let versions = span.lacking(targets);
        (!versions.is_empty()).then(|| Self {
            name: name.to_owned(),
            versions,
            refusing: None,
            span,
        })
    }

    /// `3.13`, `3.13 and 3.14`.
    #[must_use]
    pub fn versions(&self) -> String {
        let versions: Vec<String> = self.versions.iter().map(Version::to_string).collect();
        versions.join(" and ")
    }

    /// `3.11 was the last with it`, `it came with 3.11`.
    #[must_use]
    pub fn story(&self) -> String {
        let lacking = self.versions.first();
        match (self.span.first, self.span.last) {
            (_, Some(last)) if lacking.is_some_and(|&version| version > last) => {
                format!("{last} was the last with it")
            }
            (Some(first), _) => format!("it came with {first}"),
            _ => String::new(),
        }
    }
}

/// The module, or the package around it, that a declared version does not have.
#[must_use]
pub fn absent_module(dotted: &str, targets: &Targets) -> Option<Absent> {
    let ends = dotted.match_indices('.').map(|(end, _)| end);
    let mut prefixes = ends.chain([dotted.len()]).map(|end| &dotted[..end]);
    prefixes.find_map(|prefix| absent(prefix, targets))
}

/// A module or a name of one that a declared version does not have.
#[must_use]
pub fn absent(dotted: &str, targets: &Targets) -> Option<Absent> {
    let (span, refusing) = *SPANS.get(dotted)?;
    let versions = span.lacking(targets);
    (!versions.is_empty()).then(|| Absent {
        name: dotted.to_owned(),
        versions,
        refusing,
        span,
    })
}

/// What every version has on every platform: the names of modules; see `generate.py`.
static EVERYWHERE: LazyLock<FxHashMap<&str, FxHashSet<&str>>> = LazyLock::new(|| {
    let lines = include_str!("everywhere.txt").lines();
    let modules = lines.filter_map(|line| line.split_once(':'));
    modules
        .map(|(module, names)| (module, names.split_whitespace().collect()))
        .collect()
});

/// Whether a module of the standard library is there in every version and on every platform.
#[must_use]
pub fn is_everywhere(module: &str) -> bool {
    EVERYWHERE.contains_key(module)
}

/// The same for a name of a module.
#[must_use]
pub fn has_everywhere(module: &str, name: &str) -> bool {
    let names = EVERYWHERE.get(module);
    names.is_some_and(|names| names.contains(name))
}

/// What modules have in any version: the rest of a line with a blank around each name; see `generate.py`.
static NAMES: LazyLock<FxHashMap<&str, &str>> = LazyLock::new(|| {
    let lines = include_str!("names.txt").lines();
    lines.filter_map(|line| line.split_once(':')).collect()
});

/// Whether no version of the library's module has a name, on no platform. Private names are not known.
#[must_use]
pub fn never_has(module: &str, name: &str) -> bool {
    // A level that a library adds to those of `logging` is a constant there.
    let is_level = module == "logging" && !name.contains(|ch: char| ch.is_lowercase());
    if name.starts_with('_') || is_level {
        return false;
    }
    NAMES.get(module).is_some_and(|names| {
        let mut found = names.match_indices(name).map(|(at, _)| at);
        !found.any(|at| {
            names.as_bytes().get(at + name.len()) == Some(&b' ')
                && at > 0
                && names.as_bytes().get(at - 1) == Some(&b' ')
        })
    })
}

/// The public names that a module of the library may have: all that it has in any version, on any platform. None if they are not known.
pub fn public_names(module: &str) -> Option<impl Iterator<Item = &'static str>> {
    NAMES.get(module).map(|names| names.split_whitespace())
}

#[cfg(test)]
mod tests {
    use super::{absent, absent_module, has_everywhere, is_everywhere, never_has};
    use crate::python::{Targets, Version};

    fn on(minor: u8) -> Targets {
        Targets::new(vec![Version(minor)])
    }

    #[test]
    fn what_went_is_absent_from_then_on() {
        let gone = absent_module("distutils.util", &on(13)).unwrap();
        assert_eq!(gone.name, "distutils");
        assert_eq!(gone.versions(), "3.13");
        assert_eq!(gone.story(), "3.11 was the last with it");
        assert_eq!(absent_module("distutils", &on(11)), None);
        assert_eq!(absent_module("json", &on(13)), None);
        assert_eq!(absent_module("distutils", &Targets::default()), None);
        assert!(absent("collections.Callable", &on(10)).is_some());
        assert!(absent("asyncio.Lock(loop)", &on(10)).is_some());
        assert_eq!(absent("asyncio.Lock(loop)", &on(9)), None);
    }

    #[test]
    fn what_came_is_absent_before() {
        let both = Targets::new(vec![Version(10), Version(11)]);
        let young = absent_module("tomllib", &both).unwrap();
        assert_eq!(young.versions(), "3.10");
        assert_eq!(young.story(), "it came with 3.11");
    }

    #[test]
    fn some_names_are_nowhere() {
        assert!(never_has("json", "loadz") && never_has("json", "load_"));
        assert!(!never_has("json", "loads") && !never_has("json", "decoder"));
        assert!(never_has("os.path", "joinn") && !never_has("os.path", "split"));
        assert!(!never_has("os", "startfile") && never_has("os", "getcwdu"));
        assert!(!never_has("logging", "os") && !never_has("signal", "SIGNOTHING"));
        assert!(!never_has("json", "_private") && !never_has("shop", "anything"));
    }

    #[test]
    fn some_names_are_everywhere() {
        assert!(is_everywhere("os") && !is_everywhere("fcntl"));
        assert!(has_everywhere("importlib", "reload"));
        assert!(!has_everywhere("itertools", "izip"));
        assert!(!has_everywhere("typing", "Self"));
        assert!(!has_everywhere("os", "fork"));
    }
}
