//! What differs between the deployed tree and the candidate, in units, and the trees in between.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::set::{UnitId, UnitSet};
use crate::config;
use crate::source::{File, Problem, Tree};

/// How a file changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Change {
    /// Both trees have it, with different text.
    Modified,
    /// Only the candidate has it.
    Added,
    /// Only the deployed tree has it.
    Removed,
}

impl Change {
    /// The word in machine formats.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Modified => "modified",
            Self::Added => "added",
            Self::Removed => "removed",
        }
    }
}

/// What a tree has at a path.
#[derive(Clone, Debug)]
enum Entry {
    /// Python text.
    File(File),
    /// A module without Python text: only that it is there is known.
    Other,
    /// What cannot be read.
    Unreadable(Problem),
}

impl Entry {
    fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::File(left), Self::File(right)) => Arc::ptr_eq(&left.text, &right.text),
            (Self::Other, Self::Other) => true,
            (Self::Unreadable(left), Self::Unreadable(right)) => left == right,
            _ => false,
        }
    }
}

/// A path at which the trees differ.
#[derive(Clone, Debug)]
pub struct ChangedFile {
    /// The path, relative to TREE.
    pub path: Arc<str>,
    /// How it changed.
    pub change: Change,
    /// The unit that it moves with.
    pub unit: UnitId,
    old: Option<Entry>,
    new: Option<Entry>,
}

/// Changed files that always move together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// The configuration's name for it, or the path of its one file.
    pub name: Arc<str>,
    /// Whether the configuration names it.
    pub is_named: bool,
    /// Indices into [`Changes::files`], ascending.
    pub files: Vec<usize>,
}

/// The difference between two trees.
#[derive(Debug)]
pub struct Changes<'t> {
    deployed: &'t Tree,
    candidate: &'t Tree,
    /// Every changed file, sorted by path.
    pub files: Vec<ChangedFile>,
    /// The units with changed files, in the order of their first paths.
    pub units: Vec<Unit>,
    /// By path, an index into `files`.
    by_path: FxHashMap<Arc<str>, usize>,
}

impl<'t> Changes<'t> {
    /// Compares the trees of a [`crate::source::Pair`], in which files with the same text share it. `units` are those of the configuration: a
    /// file belongs to the first that matches its path, and is a unit of its own if none does.
    #[must_use]
    pub fn new(deployed: &'t Tree, candidate: &'t Tree, units: &[config::Unit]) -> Self {
        let mut sides: BTreeMap<Arc<str>, (Option<Entry>, Option<Entry>)> = BTreeMap::new();
        for (path, entry) in entries(deployed) {
            sides.entry(path).or_default().0 = Some(entry);
        }
        for (path, entry) in entries(candidate) {
            sides.entry(path).or_default().1 = Some(entry);
        }
        let mut changes = Self {
            deployed,
            candidate,
            files: Vec::new(),
            units: Vec::new(),
            by_path: FxHashMap::default(),
        };
        let mut named: FxHashMap<&str, UnitId> = FxHashMap::default();
        for (path, (old, new)) in sides {
            let change = match (&old, &new) {
                (Some(old), Some(new)) if old.is_same(new) => continue,
                (Some(_), Some(_)) => Change::Modified,
                (None, _) => Change::Added,
                (_, None) => Change::Removed,
            };
            let wanted = units.iter().find(|unit| unit.files.matches(&path));
            let known = wanted.and_then(|unit| named.get(unit.name.as_str()).copied());
            let unit = known.unwrap_or_else(|| {
                let id = UnitId(u32::try_from(changes.units.len()).unwrap_or(u32::MAX));
                if let Some(unit) = wanted {
                    named.insert(&unit.name, id);
                }
                changes.units.push(Unit {
                    name: wanted.map_or_else(|| Arc::clone(&path), |unit| Arc::from(&*unit.name)),
                    is_named: wanted.is_some(),
                    files: Vec::new(),
                });
                id
            });
            let index = changes.files.len();
            changes.units[unit.0 as usize].files.push(index);
            changes.by_path.insert(Arc::clone(&path), index);
            changes.files.push(ChangedFile {
                path,
                change,
                unit,
                old,
                new,
            });
        }
        changes
    }

    /// What runs now.
    #[must_use]
    pub fn deployed(&self) -> &'t Tree {
        self.deployed
    }

    /// What is about to be deployed.
    #[must_use]
    pub fn candidate(&self) -> &'t Tree {
        self.candidate
    }

    /// How many units there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.units.len()
    }

    /// A unit.
    #[must_use]
    pub fn unit(&self, id: UnitId) -> &Unit {
        &self.units[id.0 as usize]
    }

    /// The changed files of a unit, by path.
    pub fn files_of(&self, id: UnitId) -> impl Iterator<Item = &ChangedFile> {
        self.unit(id).files.iter().map(|&index| &self.files[index])
    }

    /// The changed files of several units, by path.
    #[must_use]
    pub fn paths(&self, units: &UnitSet) -> Vec<Arc<str>> {
        let files = self.files.iter().filter(|file| units.contains(file.unit));
        files.map(|file| Arc::clone(&file.path)).collect()
    }

    /// The unit of a changed file; none for a path that is not changed.
    #[must_use]
    pub fn unit_of(&self, path: &str) -> Option<UnitId> {
        self.by_path.get(path).map(|&index| self.files[index].unit)
    }

    /// Whether either tree has that path.
    #[must_use]
    pub fn has(&self, path: &str) -> bool {
        let in_tree = |tree: &Tree| {
            tree.find(path).is_some()
                || tree.others.iter().any(|other| **other == *path)
                || tree.problems.iter().any(|problem| problem.path == path)
        };
        in_tree(self.candidate) || in_tree(self.deployed)
    }

    /// The tree in which the units `new` are at their candidate version and everything else is as deployed. It has the
    /// candidate's name and kind; texts are shared, none is copied.
    #[must_use]
    pub fn mixed(&self, new: &UnitSet) -> Tree {
        let unchanged = |path: &str| !self.by_path.contains_key(path);
        let mut tree = Tree {
            kind: self.candidate.kind,
            name: self.candidate.name.clone(),
            commit: self.candidate.commit.clone(),
            chosen_by: self.candidate.chosen_by.clone(),
            files: Vec::with_capacity(self.candidate.files.len()),
            others: Vec::new(),
            directories: self.candidate.directories.clone(),
            problems: Vec::new(),
            repositories: self.candidate.repositories.clone(),
            alignment: self.candidate.alignment.clone(),
            installed: self.candidate.installed,
            unread: Arc::clone(&self.candidate.unread),
        };
        let files = self.candidate.files.iter();
        tree.files
            .extend(files.filter(|file| unchanged(&file.path)).cloned());
        let others = self.candidate.others.iter();
        tree.others
            .extend(others.filter(|path| unchanged(path)).cloned());
        let problems = self.candidate.problems.iter();
        tree.problems
            .extend(problems.filter(|problem| unchanged(&problem.path)).cloned());
        for file in &self.files {
            let entry = if new.contains(file.unit) {
                &file.new
            } else {
                &file.old
            };
            match entry {
                None => {}
                Some(Entry::File(file)) => tree.files.push(file.clone()),
                Some(Entry::Other) => tree.others.push(Arc::clone(&file.path)),
                Some(Entry::Unreadable(problem)) => tree.problems.push(problem.clone()),
            }
        }
        tree.files.sort_by(|left, right| left.path.cmp(&right.path));
        tree.others.sort();
        tree.problems.sort();
        tree
    }

    /// The units that a text of the analysed program names as a module: `cache_core`, `pkg.cache_core`, `pkg/cache_core.py`.
    pub fn units_named<'a>(&'a self, dotted: &'a str) -> impl Iterator<Item = UnitId> + 'a {
        let wanted: Vec<&str> = dotted.split('.').collect();
        let files = self.files.iter().filter(move |file| {
            let stem = file
                .path
                .rsplit_once('.')
                .map_or(&*file.path, |(stem, _)| stem);
            let stem = stem.strip_suffix("/__init__").unwrap_or(stem);
            stem.rsplit('/')
                .zip(wanted.iter().rev())
                .all(|(part, wanted)| part == *wanted)
                && stem.split('/').count() >= wanted.len()
        });
        files.map(|file| file.unit)
    }
}

/// All that a tree has, by path.
fn entries(tree: &Tree) -> impl Iterator<Item = (Arc<str>, Entry)> + '_ {
    let files = tree.files.iter();
    let files = files.map(|file| (Arc::clone(&file.path), Entry::File(file.clone())));
    let others = tree
        .others
        .iter()
        .map(|path| (Arc::clone(path), Entry::Other));
    let problems = tree.problems.iter();
    let problems = problems.map(|problem| {
        (
            Arc::from(&*problem.path),
            Entry::Unreadable(problem.clone()),
        )
    });
    problems.chain(others).chain(files)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Globs, Pattern};
    use crate::source::Text;

    fn tree(files: &[(&str, &Arc<Text>)]) -> Tree {
        let file = |(path, text): &(&str, &Arc<Text>)| File {
            path: Arc::from(*path),
            blob: None,
            text: Arc::clone(text),
        };
        Tree {
            kind: crate::source::Kind::Directory,
            name: "t".to_owned(),
            commit: None,
            chosen_by: None,
            files: files.iter().map(file).collect(),
            others: Vec::new(),
            directories: Vec::new(),
            problems: Vec::new(),
            repositories: Vec::new(),
            alignment: None,
            installed: None,
            unread: Arc::default(),
        }
    }

    fn text(content: &str) -> Arc<Text> {
        Arc::new(Text::decode(content.as_bytes().to_vec()))
    }

    #[test]
    fn files_are_taken_from_their_side() {
        let (same, old, new) = (text("same"), text("old"), text("new"));
        let deployed = tree(&[("a.py", &same), ("b.py", &old), ("gone.py", &old)]);
        let candidate = tree(&[("a.py", &same), ("added.py", &new), ("b.py", &new)]);
        let changes = Changes::new(&deployed, &candidate, &[]);
        let said: Vec<_> = changes
            .files
            .iter()
            .map(|file| (&*file.path, file.change))
            .collect();
        let wanted = [
            ("added.py", Change::Added),
            ("b.py", Change::Modified),
            ("gone.py", Change::Removed),
        ];
        assert_eq!(said, wanted);
        let shown = |new: &[u32]| -> Vec<(String, String)> {
            let state = UnitSet::of(changes.count(), new.iter().copied().map(UnitId));
            let tree = changes.mixed(&state);
            let file = |file: &File| (file.path.to_string(), file.text.content().to_owned());
            tree.files.iter().map(file).collect()
        };
        let files = |files: &[(&str, &str)]| -> Vec<(String, String)> {
            files
                .iter()
                .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
                .collect()
        };
        assert_eq!(
            shown(&[]),
            files(&[("a.py", "same"), ("b.py", "old"), ("gone.py", "old")])
        );
        assert_eq!(
            shown(&[0, 2]),
            files(&[("a.py", "same"), ("added.py", "new"), ("b.py", "old")])
        );
        assert_eq!(
            shown(&[0, 1, 2]),
            files(&[("a.py", "same"), ("added.py", "new"), ("b.py", "new")])
        );
    }

    #[test]
    fn configured_units_hold_several_files() {
        let (old, new) = (text("old"), text("new"));
        let deployed = tree(&[("a_core.py", &old), ("b.py", &old), ("c_core.py", &old)]);
        let candidate = tree(&[("a_core.py", &new), ("b.py", &new), ("c_core.py", &new)]);
        let units = [config::Unit {
            name: "layer".to_owned(),
            files: Globs::new(&[Pattern::of_argument("*_core.py", "--config")]).unwrap(),
        }];
        let changes = Changes::new(&deployed, &candidate, &units);
        let names: Vec<_> = changes.units.iter().map(|unit| &*unit.name).collect();
        assert_eq!(names, ["layer", "b.py"]);
        assert_eq!(changes.unit_of("c_core.py"), Some(UnitId(0)));
        assert_eq!(changes.units[0].files, [0, 2]);
    }

    #[test]
    fn modules_are_known_by_their_dotted_names() {
        let (old, new) = (text("old"), text("new"));
        let deployed = tree(&[("src/a_core.py", &old), ("src/p/__init__.py", &old)]);
        let candidate = tree(&[("src/a_core.py", &new), ("src/p/__init__.py", &new)]);
        let changes = Changes::new(&deployed, &candidate, &[]);
        let named = |name: &str| {
            changes
                .units_named(name)
                .map(|unit| unit.0)
                .collect::<Vec<_>>()
        };
        assert_eq!(named("a_core"), [0]);
        assert_eq!(named("p"), [1]);
        assert_eq!(named("q.p"), [] as [u32; 0]);
        assert_eq!(named("x.src.a_core"), [] as [u32; 0]);
    }
}
