//! What a file of an installed package may do to others, by its letters alone: of a package only what the tree's code leads to is parsed, and the rest may still put something there.
//!
//! Every line is taken for code, so that what stands in a text or a comment counts too: that makes things unknown and nothing else.

use std::collections::BTreeSet;

use crate::name::Name;
use crate::python::mutators::is_mutator;

/// What the files of installed packages that are not parsed may do to what is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unread {
    /// The names of attributes that they may assign on something else than `self`.
    pub stored: BTreeSet<Name>,
    /// The last parts of the names by which they may change containers.
    pub filled: BTreeSet<Name>,
}

/// What makes a file change others in ways that names do not show.
const DYNAMIC: [&str; 9] = [
    "setattr(",
    "sys.modules",
    "meta_path",
    "path_hooks",
    "globals()",
    "__dict__",
    "__code__",
    "__class__ =",
    "exec(",
];

/// Whether what a file does to others shows only when it is parsed.
#[must_use]
pub fn is_dynamic(text: &str) -> bool {
    let has = |word: &str| memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some();
    DYNAMIC.iter().any(|word| has(word))
}

impl Unread {
    /// Adds what a file may do.
    pub fn add(&mut self, text: &str) {
        for line in text.lines() {
            let line = line.trim_start();
            if line.starts_with('#') {
                continue;
            }
            if let Some(targets) = targets(line) {
                targets
                    .split(',')
                    .for_each(|target| self.add_target(target));
            }
            if let Some(deleted) = line.strip_prefix("del ") {
                deleted
                    .split(',')
                    .for_each(|target| self.add_target(target));
            }
            self.add_changes(line);
        }
    }

    /// `core.Client.ask`, `core.TABLE["ask"]`.
    fn add_target(&mut self, target: &str) {
        let target = target.trim_matches([' ', '\t', '(', ')']);
        if let Some((container, _)) = target
            .ends_with(']')
            .then(|| target.split_once('['))
            .flatten()
        {
            self.filled.extend(last_part(container));
        } else if let Some((holder, _)) = target.rsplit_once('.')
            && !matches!(holder, "self" | "cls")
        {
            self.stored.extend(last_part(target));
        }
    }

    /// `core.TABLE.update(..)`.
    fn add_changes(&mut self, line: &str) {
        for (at, _) in line.match_indices('(') {
            let Some((holder, method)) = line[..at].rsplit_once('.') else {
                continue;
            };
            if is_mutator(method) {
                self.filled.extend(last_part(holder));
            }
        }
    }
}

/// What stands before the first `=` of an assignment, if there is one: its targets, or the last of them where there are several signs.
fn targets(line: &str) -> Option<&str> {
    let bytes = line.as_bytes();
    let sign = |at: usize| {
        let is_comparison = bytes.get(at + 1) == Some(&b'=');
        let follows = at.checked_sub(1).map(|before| bytes[before]);
        !is_comparison && !matches!(follows, Some(b'=' | b'!' | b'<' | b'>' | b':'))
    };
    let (at, _) = line.match_indices('=').find(|&(at, _)| sign(at))?;
    let before = line[..at].trim_end_matches(|sign: char| " \t+-*/%&|^@".contains(sign));
    // `holder.name: int = 3`; in `table["a:b"] = 3` the colon is none.
    Some(match before.split_once(':') {
        Some((target, _)) if !target.contains('[') => target,
        _ => before,
    })
}

/// The identifier at the end of a text.
fn last_part(text: &str) -> Option<Name> {
    let text = text.trim_end();
    let start = text
        .rfind(|letter: char| !letter.is_alphanumeric() && letter != '_')
        .map_or(0, |at| {
            at + text[at..].chars().next().map_or(1, char::len_utf8)
        });
    let word = &text[start..];
    (!word.is_empty()).then(|| Name::new(word))
}

#[cfg(test)]
mod tests {
    use super::{Unread, is_dynamic};

    fn words(names: &std::collections::BTreeSet<crate::name::Name>) -> Vec<&str> {
        let mut words: Vec<&str> = names.iter().map(|name| name.as_str()).collect();
        words.sort_unstable();
        words
    }

    #[test]
    fn what_may_be_put_elsewhere() {
        let mut unread = Unread::default();
        unread.add(
            "import core\nself.own = 1\ncore.Client.ask = ask\n(core.a, x.b) = 1, 2\n    core.note: int = 3\ncore.count += 1\nif core.x == 1: pass\nf(key=core.y)\n# core.z = 1\n",
        );
        unread.add(
            "TABLE['a'] = 1\ncore.NAMES[\"a:b\"] = 2\nlog.append(3)\nx.seen.add(y)\ndel core.gone, LEFT['k']\n",
        );
        assert_eq!(
            words(&unread.stored),
            ["a", "ask", "b", "count", "gone", "note"]
        );
        assert_eq!(
            words(&unread.filled),
            ["LEFT", "NAMES", "TABLE", "log", "seen"]
        );
    }

    #[test]
    fn what_names_do_not_show() {
        assert!(is_dynamic(
            "for name in names:\n    setattr(core, name, 1)\n"
        ));
        assert!(!is_dynamic("core.ask = 1\n"));
    }
}
