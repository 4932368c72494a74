//! What the deployed version's findings are known by, which is all that a check holds against it: worked out once for each version.
//!
//! The deployed version stays the same from one commit to the next, while the candidate changes. So what a run finds in it is kept for the next
//! one, where it is a git revision: its files are known by their blobs.

use std::fmt::Write as _;

use rustc_hash::FxHashSet;

use crate::cache::{self, Cache};
use crate::config::Settings;
use crate::name::Name;
use crate::rules::{Identity, Selection};
use crate::source::{BlobId, File, Tree};

/// How many files a tree has at least whose findings are kept: fewer are evaluated as fast.
const FILES: usize = 32;

/// The place in a cache for the findings of one deployed version.
pub struct Kept<'c> {
    cache: &'c Cache,
    key: String,
}

impl<'c> Kept<'c> {
    /// The place for what is found in `tree` with these settings, compared with a candidate that has modules of the names `elsewhere`. None if its files
    /// are not known by their blobs, or it is not worth it.
    pub fn of(
        cache: &'c Cache,
        tree: &Tree,
        (settings, selection): (&Settings, &Selection),
        elsewhere: &FxHashSet<Name>,
    ) -> Option<Self> {
        if tree.files.len() < FILES {
            return None;
        }
        let key = key(tree, (settings, selection), elsewhere, &|file| file.blob)?;
        Some(Self { cache, key })
    }

    /// What an earlier run found.
    pub fn get(&self) -> Option<Vec<Identity>> {
        self.cache.get(&self.key)
    }

    /// Keeps what was found. Where it cannot be written, the next run works it out again.
    pub fn put(&self, found: &[Identity]) {
        let _ = self.cache.put(&self.key, found);
    }
}

/// All that the findings of `tree` depend on, its files by their blobs; none if `blob` knows one of them not.
pub fn key(
    tree: &Tree,
    (settings, selection): (&Settings, &Selection),
    elsewhere: &FxHashSet<Name>,
    blob: &dyn Fn(&File) -> Option<BlobId>,
) -> Option<String> {
    let mut key = cache::build()?;
    let mut elsewhere: Vec<Name> = elsewhere.iter().copied().collect();
    elsewhere.sort_unstable();
    // Whatever may have a say in it: a key that says too much costs a run at full length, one that says too little would be wrong.
    let _ = write!(
        key,
        "\n{:?}\n{:?}\n{:?}\n{:?}\n{selection:?}\n{elsewhere:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{:?}",
        settings.python.targets,
        settings.handlers,
        settings.entry_points.functions,
        settings.roots,
        settings.environment.settled,
        settings.layers,
        tree.others,
        tree.directories,
        tree.problems,
        tree.alignment,
        tree.installed,
        tree.unread
    );
    for file in &tree.files {
        let _ = write!(key, "\n{:?} ", file.path);
        for byte in blob(file)? {
            let _ = write!(key, "{byte:02x}");
        }
        // Bytes without a meaning are shown as a character that a text may have as well.
        if let Some(problem) = file.text.problem() {
            let _ = write!(key, " {problem:?}");
        }
    }
    Some(key)
}
