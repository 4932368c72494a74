//! Interned strings: names, string constants and dotted paths.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::{LazyLock, Mutex};

use rustc_hash::FxHashSet;

/// An interned string. Copying is free, equality and hashing look at the address only,
/// and ordering is the ordering of the text, so that sorted output does not depend on addresses.
///
/// The texts live as long as the process: a run reads one or two trees and ends.
#[derive(Clone, Copy)]
pub struct Name(&'static str);

/// The table is split so that files parsed in parallel rarely wait for one another.
const SHARDS: usize = 16;

static TABLE: LazyLock<[Mutex<FxHashSet<&'static str>>; SHARDS]> =
    LazyLock::new(|| std::array::from_fn(|_| Mutex::default()));

impl Name {
    /// The interned form of `text`.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let last = bytes.last().copied().unwrap_or_default();
        let shard = (bytes.len() ^ usize::from(last)) % SHARDS;
        // A poisoned lock only means that another thread panicked; a set of strings is whole all the same.
        let mut table = TABLE[shard]
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(&known) = table.get(text) {
            return Self(known);
        }
        let leaked: &'static str = Box::leak(Box::from(text));
        table.insert(leaked);
        Self(leaked)
    }

    /// A dotted name's first component.
    #[must_use]
    pub fn first_component(self) -> Self {
        match self.0.split_once('.') {
            // Most have no other.
            None => self,
            Some((first, _)) => Self::new(first),
        }
    }

    /// The text.
    #[must_use]
    #[inline]
    pub fn as_str(self) -> &'static str {
        self.0
    }
}

impl Deref for Name {
    type Target = str;

    #[inline]
    fn deref(&self) -> &str {
        self.0
    }
}

impl PartialEq for Name {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.0.as_ptr(), other.0.as_ptr()) && self.0.len() == other.0.len()
    }
}

impl Eq for Name {}

impl Hash for Name {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_usize(self.0.as_ptr().addr());
    }
}

impl Ord for Name {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(other.0)
    }
}

impl PartialOrd for Name {
    #[inline]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.0, f)
    }
}

/// Whether a text is a name of Python (the language reference, 2.3), as far as ASCII goes.
#[must_use]
pub fn is_identifier(text: &str) -> bool {
    !text.starts_with(char::is_numeric)
        && !text.is_empty()
        && text.chars().all(|ch| ch == '_' || ch.is_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::Name;

    #[test]
    fn equal_texts_are_one_name() {
        assert_eq!(Name::new("timeout"), Name::new(&String::from("timeout")));
        assert_ne!(Name::new("timeout"), Name::new("time"));
        assert_eq!(Name::new(""), Name::new(""));
        assert!(Name::new("a") < Name::new("b"));
    }
}
