//! The baseline: findings that were there when coship was adopted, and are not to stop anybody.
//!
//! An entry says in names what a finding is: the rule, what it is about, the function, the callees and routes, and a hash of the text that has to
//! change. Lines are no part of it. A finding is an entry's if nothing of that differs, or if a difference of names is a rename: **what had the old
//! name is gone from the tree**. A file that was moved, a function that was renamed or moved to another file, a callee that has another name keep
//! their entries so; a second defect of the same kind in the same function does not find one, since each entry serves one finding.

use std::collections::BTreeSet;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::rules::Finding;
use crate::rules::fingerprint::Fnv;
use crate::source::Tree;

/// One finding of a baseline.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// The file, relative to TREE.
    pub path: String,
    /// The rule's name.
    pub rule: String,
    /// The function that the cause stands in, as seen from its module; empty for the module's own code.
    pub function: String,
    /// What it is about: the keyword, the operation, the name.
    pub subject: String,
    /// What the exception says besides, where no callee and no route tells findings apart.
    pub detail: String,
    /// The callees and routes that fail, sorted.
    pub breaks: Vec<Broken>,
    /// A hash of the text that has to change, blanks and the callee's name aside.
    pub text: String,
    /// What the finding said: for whoever reads the file.
    pub message: String,
}

/// A callee that refuses, on a route.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Broken {
    /// The callee's file, and its name as seen from its module; both empty where there is none.
    pub callee: (String, String),
    /// `GatewayInterface.CACHE/get`; empty where there is no route.
    pub route: String,
}

/// What a finding is, in names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Basis {
    /// See [`Entry::function`].
    pub function: String,
    /// See [`Entry::subject`].
    pub subject: String,
    /// See [`Entry::detail`].
    pub detail: String,
    /// See [`Entry::breaks`].
    pub breaks: Vec<Broken>,
}

/// The names that a tree has: what is not among them was removed, renamed or moved.
#[derive(Clone, Debug, Default)]
pub struct Present {
    files: FxHashSet<Arc<str>>,
    /// Functions and classes, by file and name as seen from the module.
    defined: FxHashSet<(Arc<str>, String)>,
    /// What messages call a module, a class or a function, with how an entry calls it: `m.py`, `m.py:C`.
    places: FxHashMap<String, String>,
}

impl Present {
    /// Adds a file with the names of its functions and classes.
    pub fn add<'a>(&mut self, path: &Arc<str>, names: impl Iterator<Item = &'a str>) {
        for dotted in module_names(path) {
            self.places
                .entry(dotted)
                .or_insert_with(|| path.to_string());
        }
        self.files.insert(Arc::clone(path));
        for name in names {
            let name = unscoped(name);
            let last = name.rsplit('.').next().unwrap_or(&name).to_owned();
            let place = format!("{path}:{name}");
            self.places.entry(last).or_insert(place);
            self.defined.insert((Arc::clone(path), name));
        }
    }

    /// A message, its names of what the tree has in quotes made those of files; the subject and all else stays.
    fn located(&self, message: &str, subject: &str) -> String {
        let part = |(index, part): (usize, &str)| match self.places.get(part) {
            Some(place) if index % 2 == 1 && part != subject => place.clone(),
            _ => part.to_owned(),
        };
        let parts: Vec<String> = message.split('\'').enumerate().map(part).collect();
        parts.join("'")
    }

    fn has(&self, path: &str, name: &str) -> bool {
        self.files.contains(path)
            && (name.is_empty() || self.defined.contains(&(Arc::from(path), name.to_owned())))
    }
}

/// What a baseline says of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matched {
    /// For each finding whether the baseline has it.
    pub known: Vec<bool>,
    /// For each entry the finding that it stands for, by its number.
    pub entries: Vec<Option<usize>>,
}

/// Gives each finding the entry that stands for it, each entry at most once: the fewest differences first.
#[must_use]
pub fn matched(entries: &[Entry], findings: &[Entry], present: &Present) -> Matched {
    let mut pairs = Vec::new();
    for (number, entry) in entries.iter().enumerate() {
        for (index, finding) in findings.iter().enumerate() {
            if let Some(differences) = differences(entry, finding, present) {
                pairs.push((differences, number, index));
            }
        }
    }
    pairs.sort_unstable();
    let mut matched = Matched {
        known: vec![false; findings.len()],
        entries: vec![None; entries.len()],
    };
    for (_, number, index) in pairs {
        if matched.entries[number].is_none() && !matched.known[index] {
            matched.entries[number] = Some(index);
            matched.known[index] = true;
        }
    }
    matched
}

/// In how many ways the finding differs from the entry; none if it is another one.
fn differences(entry: &Entry, finding: &Entry, present: &Present) -> Option<u32> {
    // Whoever edits the very text that is wrong is told of it again: a new defect in its place looks no other.
    let is_same = entry.rule == finding.rule
        && entry.subject == finding.subject
        && entry.text == finding.text;
    if !is_same {
        return None;
    }
    let is_file_gone = !present.files.contains(entry.path.as_str());
    let is_function_gone = !present.has(&entry.path, &entry.function);
    let path = entry.path != finding.path;
    let function = entry.function != finding.function;
    // Code may move to another file with its function; a file's own code moves with the file.
    if path && !is_file_gone && (entry.function.is_empty() || !is_function_gone) {
        return None;
    }
    if function && (!is_function_gone || present.has(&finding.path, &entry.function)) {
        return None;
    }
    let callees = callees_differ(entry, finding, present)?;
    let detail = entry.detail != finding.detail;
    if detail && !says_the_same(&entry.detail, &finding.detail, present) {
        return None;
    }
    Some(
        [path, function, callees, detail]
            .map(u32::from)
            .iter()
            .sum(),
    )
}

/// Whether callees have other names, each finding's route being one of the entry's; none if the finding breaks more, or something else.
fn callees_differ(entry: &Entry, finding: &Entry, present: &Present) -> Option<bool> {
    let is_gone = |broken: &Broken| {
        let (path, name) = &broken.callee;
        !path.is_empty() && !present.has(path, name)
    };
    let known: BTreeSet<&Broken> = entry.breaks.iter().collect();
    let mut renamed = false;
    for broken in finding
        .breaks
        .iter()
        .filter(|broken| !known.contains(broken))
    {
        let was = |old: &&Broken| old.route == broken.route && is_gone(old);
        entry.breaks.iter().find(was)?;
        renamed = true;
    }
    if entry.breaks.is_empty() != finding.breaks.is_empty() {
        return None;
    }
    Some(renamed)
}

/// Whether two details differ in nothing but the names of what is gone.
fn says_the_same(old: &str, new: &str, present: &Present) -> bool {
    let is_gone = |name: &str| match name.rsplit_once(':') {
        Some((path, name)) => !present.has(path, name),
        None => name.contains('.') && !present.files.contains(name),
    };
    let (old, new): (Vec<&str>, Vec<&str>) = (old.split('\'').collect(), new.split('\'').collect());
    old.len() == new.len()
        && old
            .iter()
            .zip(&new)
            .enumerate()
            .all(|(index, (old, new))| old == new || (index % 2 == 1 && is_gone(old)))
}

impl Entry {
    /// The entry for a finding of this tree.
    #[must_use]
    pub fn of(finding: &Finding, tree: &Tree, present: &Present) -> Self {
        let Basis {
            function,
            subject,
            detail,
            breaks,
        } = finding.basis.clone();
        let detail = present.located(&detail, &subject);
        let text = finding.place.map(|place| {
            let content = tree.file(place.file).text.content();
            let range = place.range.start as usize..place.range.end as usize;
            let callee = breaks.first().map_or("", |broken| broken.callee.1.as_str());
            hash(
                content.get(range).unwrap_or_default(),
                callee.rsplit('.').next().unwrap_or_default(),
            )
        });
        Self {
            path: finding.path.to_string(),
            rule: finding.rule.name.to_owned(),
            function,
            subject,
            detail,
            breaks,
            text: text.unwrap_or_default(),
            message: finding.message.clone(),
        }
    }
}

/// A name as seen from its module, which is the one of the file: `pkg.m.C.f` in `src/pkg/m.py` is `C.f`.
#[must_use]
pub(super) fn local(dotted: &str, path: &str) -> String {
    for module in module_names(path) {
        if dotted == module {
            return String::new();
        }
        if let Some(rest) = dotted
            .strip_prefix(module.as_str())
            .and_then(|rest| rest.strip_prefix('.'))
        {
            return unscoped(rest);
        }
    }
    unscoped(dotted)
}

/// A name without the marks of functions around it, which not every stage writes.
fn unscoped(name: &str) -> String {
    name.replace(".<locals>", "")
}

/// The names that the module of a file may have, by where imports start; the longest first.
fn module_names(path: &str) -> Vec<String> {
    let stem = path
        .strip_suffix(".py")
        .or_else(|| path.strip_suffix(".pyi"))
        .unwrap_or(path);
    let stem = stem.strip_suffix("/__init__").unwrap_or(stem);
    let parts: Vec<&str> = stem.split('/').collect();
    (0..parts.len())
        .map(|first| parts[first..].join("."))
        .collect()
}

/// A hash of code that is the same when it was only laid out anew, or when its callee has another name.
fn hash(code: &str, callee: &str) -> String {
    let mut text = String::with_capacity(code.len());
    let mut word = String::new();
    let mut quote = None;
    let mut rest = code.chars().peekable();
    while let Some(c) = rest.next() {
        if c.is_alphanumeric() || c == '_' {
            word.push(c);
            continue;
        }
        push_word(&mut text, &mut word, callee);
        match (c, quote) {
            ('#', None) => while rest.next_if(|&c| c != '\n').is_some() {},
            ('\'' | '"', None) => {
                quote = Some(c);
                text.push('"');
            }
            (c, Some(open)) if c == open => {
                quote = None;
                text.push('"');
            }
            ('\\', None) => {}
            (c, None) if c.is_whitespace() => {}
            (')' | ']' | '}', None) => {
                if text.ends_with(',') {
                    text.pop();
                }
                text.push(c);
            }
            (c, _) => text.push(c),
        }
    }
    push_word(&mut text, &mut word, callee);
    format!("{:016x}", Fnv::new().field(&text).finish())
}

fn push_word(text: &mut String, word: &mut String, callee: &str) {
    text.push_str(if !word.is_empty() && word == callee {
        "_"
    } else {
        word
    });
    word.clear();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(path: &str, function: &str, text: &str, callee: &str) -> Entry {
        Entry {
            path: path.to_owned(),
            rule: "unexpected-keyword".to_owned(),
            function: function.to_owned(),
            subject: "ttl".to_owned(),
            text: text.to_owned(),
            breaks: vec![Broken {
                callee: ("core.py".to_owned(), callee.to_owned()),
                route: String::new(),
            }],
            ..Entry::default()
        }
    }

    fn present(files: &[(&str, &[&str])]) -> Present {
        let mut present = Present::default();
        for (path, names) in files {
            present.add(&Arc::from(*path), names.iter().copied());
        }
        present
    }

    fn known(old: &[Entry], new: &[Entry], present: &Present) -> Vec<bool> {
        matched(old, new, present).known
    }

    #[test]
    fn what_has_the_same_names_is_the_same() {
        let tree = present(&[("a.py", &["f"]), ("core.py", &["get"])]);
        let old = [entry("a.py", "f", "1", "get")];
        assert_eq!(known(&old, &old, &tree), [true]);
        assert_eq!(
            known(&old, &[entry("a.py", "f", "2", "get")], &tree),
            [false]
        );
    }

    #[test]
    fn a_rename_is_known_by_what_is_gone() {
        let core: (&str, &[&str]) = ("core.py", &["get"]);
        let old = [entry("a.py", "f", "1", "get")];
        let moved = [entry("b.py", "f", "1", "get")];
        assert_eq!(
            known(&old, &moved, &present(&[("b.py", &["f"]), core])),
            [true]
        );
        let both = present(&[("a.py", &["f"]), ("b.py", &["f"]), core]);
        assert_eq!(known(&old, &moved, &both), [false]);
        let renamed = [entry("a.py", "g", "1", "get")];
        assert_eq!(
            known(&old, &renamed, &present(&[("a.py", &["g"]), core])),
            [true]
        );
        let both = present(&[("a.py", &["f", "g"]), core]);
        assert_eq!(known(&old, &renamed, &both), [false]);
        let callee = [entry("a.py", "f", "1", "fetch")];
        let tree = present(&[("a.py", &["f"]), ("core.py", &["fetch"])]);
        assert_eq!(known(&old, &callee, &tree), [true]);
        let tree = present(&[("a.py", &["f"]), ("core.py", &["fetch", "get"])]);
        assert_eq!(known(&old, &callee, &tree), [false]);
    }

    #[test]
    fn an_entry_stands_for_one_finding_and_for_the_nearest() {
        let tree = present(&[("a.py", &["f"]), ("core.py", &["get"])]);
        let old = [entry("a.py", "f", "1", "get")];
        let new = [
            entry("a.py", "f", "2", "get"),
            entry("a.py", "f", "1", "get"),
        ];
        assert_eq!(known(&old, &new, &tree), [false, true]);
    }

    #[test]
    fn a_route_more_is_another_finding() {
        let tree = present(&[("a.py", &["f"]), ("core.py", &["get", "set"])]);
        let old = [entry("a.py", "f", "1", "get")];
        let mut new = old.clone();
        new[0].breaks.extend(entry("", "", "", "set").breaks);
        assert_eq!(known(&old, &new, &tree), [false]);
        assert_eq!(known(&new, &old, &tree), [true]);
    }

    #[test]
    fn what_is_gone_may_have_another_name_in_a_message() {
        let old = present(&[("m.py", &["C"]), ("x.py", &[])]);
        let said = "ImportError: cannot import name 'x' from 'm'";
        let detail = old.located(said, "x");
        assert_eq!(detail, "ImportError: cannot import name 'x' from 'm.py'");
        let new = present(&[("n.py", &["C"]), ("x.py", &[])]);
        assert!(says_the_same(
            &detail,
            &detail.replace("m.py", "n.py"),
            &new
        ));
        assert!(!says_the_same(
            &detail,
            &detail.replace("m.py", "n.py"),
            &old
        ));
        let outside = "ImportError: cannot import name 'x' from 'requests'";
        assert!(!says_the_same(
            outside,
            &outside.replace("requests", "urllib3"),
            &new
        ));
    }

    #[test]
    fn layout_does_not_matter() {
        assert_eq!(
            hash("get(1,\n    'a b',  # why\n)", "get"),
            hash("fetch(1, \"a b\")", "fetch")
        );
        assert_ne!(hash("get(1, 2)", "get"), hash("get(1, 3)", "get"));
        assert_ne!(hash("get('a b')", "get"), hash("get('ab')", "get"));
    }

    #[test]
    fn names_are_seen_from_their_module() {
        assert_eq!(local("pkg.m.C.f", "src/pkg/m.py"), "C.f");
        assert_eq!(local("m", "m.py"), "");
        assert_eq!(local("pkg.f", "src/pkg/__init__.py"), "f");
        assert_eq!(local("m.outer.<locals>.inner", "m.py"), "outer.inner");
    }
}
