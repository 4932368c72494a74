//! The attributes of the standard library's classes and of their instances, by version.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::library::Absent;
use super::{Span, Targets, Version};

/// See `generate_classes.py`.
const TABLE: &str = include_str!("classes.txt");

/// The first version that was asked for all that it has.
const OLDEST: Version = Version(9);

/// What the table says of a class.
#[derive(Clone, Copy, Debug)]
struct Class {
    /// Its names, and those of what it derives from in the table: `queue.Queue (abc.ABC) *`.
    head: &'static str,
    /// Its attributes, with a blank around each: ` get put/12- `.
    attributes: &'static str,
}

static CLASSES: LazyLock<FxHashMap<&'static str, Class>> = LazyLock::new(|| {
    let lines = TABLE.lines().filter(|line| !line.starts_with('#'));
    let mut classes = FxHashMap::default();
    for (head, attributes) in lines.filter_map(|line| line.split_once(':')) {
        let class = Class { head, attributes };
        let is_name = |word: &&str| !word.starts_with(['=', '(', '*']);
        classes.extend(head.split(' ').filter(is_name).map(|name| (name, class)));
    }
    classes
});

impl Class {
    /// The versions that have an attribute; none: no version does.
    fn span(self, name: &str) -> Option<Span> {
        let found = self.attributes.match_indices(name).find_map(|(at, _)| {
            let is_whole = self.attributes[..at].ends_with(' ');
            let behind = &self.attributes[at + name.len()..];
            match behind.split_once(' ') {
                Some(("", _)) if is_whole => Some(Span::ALL),
                Some((span, _)) if is_whole => Span::parse(span.strip_prefix('/')?),
                _ => None,
            }
        });
        found.or_else(|| {
            let words = self.head.split(' ');
            let mut bases = words.filter_map(|word| word.strip_prefix('(')?.strip_suffix(')'));
            bases.find_map(|base| CLASSES.get(base)?.span(name))
        })
    }
}

/// Whether the attributes of a class are known.
#[must_use]
pub fn is_known(class: &str) -> bool {
    CLASSES.contains_key(class)
}

/// Whether instances of exactly this class have the attributes of the table and no others.
#[must_use]
pub fn is_closed(class: &str) -> bool {
    CLASSES
        .get(class)
        .is_some_and(|class| class.head.ends_with(" *"))
}

/// The name of a class in CPython's messages.
#[must_use]
pub fn shown(class: &str) -> Option<&'static str> {
    let (name, known) = CLASSES.get_key_value(class)?;
    let mut words = known.head.split(' ');
    let last = name.rsplit('.').next();
    words.find_map(|word| word.strip_prefix('=')).or(last)
}

/// Whether no code can add an attribute to a class: it is written in C, and CPython's messages have its module with its name (the C API, `tp_name`). To others,
/// such as `pathlib.Path` and `logging.Logger`, packages add methods of their own.
#[must_use]
pub fn is_fixed(class: &str) -> bool {
    shown(class).is_some_and(|shown| shown.contains('.'))
}

/// Whether some version had an attribute of this name in a class.
#[must_use]
pub fn had(class: &str, name: &str) -> bool {
    CLASSES
        .get(class)
        .is_some_and(|known| known.span(name).is_some())
}

/// Whether a class has no attribute of this name, nor its instances, in any version that is meant: the declared ones, or else those from 3.9 on. Private names are not known.
#[must_use]
pub fn lacks(class: &str, name: &str, targets: &Targets) -> bool {
    let Some(known) = CLASSES.get(class).filter(|_| !name.starts_with('_')) else {
        return false;
    };
    match known.span(name) {
        None => true,
        // What went before the oldest one that was asked.
        Some(span) if span.last.is_some_and(|last| last < OLDEST) => {
            targets.versions().iter().all(|&version| version >= OLDEST)
        }
        Some(_) => false,
    }
}

/// An attribute of a class that a declared version does not have.
#[must_use]
pub fn absent_attribute(class: &str, name: &str, targets: &Targets) -> Option<Absent> {
    let span = CLASSES.get(class)?.span(name)?;
    Absent::of(&format!("{class}.{name}"), span, targets)
}

#[cfg(test)]
mod tests {
    use super::{absent_attribute, is_closed, is_known, lacks, shown};
    use crate::python::{Targets, Version};

    #[test]
    fn classes_have_their_attributes_and_no_others() {
        let any = Targets::default();
        assert!(is_closed("datetime.datetime") && lacks("datetime.datetime", "datetime", &any));
        assert!(!lacks("datetime.datetime", "now", &any));
        assert!(!lacks("datetime.datetime", "_private", &any));
        assert!(!lacks("threading.Thread", "name", &any));
        assert!(lacks("threading.Thread", "nam", &any));
        assert!(!lacks("shop.Shop", "nam", &any));
        assert!(is_known("logging.LogRecord") && !is_closed("logging.LogRecord"));
    }

    #[test]
    fn attributes_of_bases_are_attributes() {
        let any = Targets::default();
        assert!(!lacks("queue.LifoQueue", "get", &any));
        assert!(!lacks("pathlib.Path", "parent", &any));
        assert!(!lacks("datetime.datetime", "isoformat", &any));
    }

    #[test]
    fn what_went_is_lacking_from_then_on() {
        let on = |minor| Targets::new(vec![Version(minor)]);
        assert!(lacks("threading.Thread", "isAlive", &Targets::default()));
        assert!(lacks("threading.Thread", "isAlive", &on(9)));
        assert!(!lacks("threading.Thread", "isAlive", &on(8)));
        let walk = absent_attribute("pathlib.Path", "walk", &on(11)).unwrap();
        assert_eq!(walk.story(), "it came with 3.12");
        assert_eq!(absent_attribute("pathlib.Path", "walk", &on(12)), None);
    }

    #[test]
    fn messages_have_names_of_their_own() {
        assert_eq!(shown("datetime.datetime"), Some("datetime.datetime"));
        assert_eq!(shown("logging.Logger"), Some("Logger"));
    }
}
