//! What a check found: what requests are answered from.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::facts::{Facts, FileId, Place, Route};
use crate::program::Program;
use crate::rules::{Finding, Selection};
use crate::source::{Overlay, Tree};
use crate::syntax::ir::Module;

/// A project as it was checked last.
pub struct Snapshot {
    /// Where the tree lies on disk, canonical.
    pub root: PathBuf,
    /// The candidate.
    pub tree: Tree,
    /// Its files in the intermediate form, counting along the tree's.
    pub modules: Vec<Arc<Module>>,
    /// What evaluation found.
    pub facts: Facts,
    /// What its imports mean.
    pub program: Option<Program>,
    /// What is reported.
    pub findings: Vec<Finding>,
    /// The name of the deployed version, or why there is none.
    pub against: Result<String, String>,
    /// Its files; none if there is none.
    pub deployed_tree: Option<Tree>,
    /// Its routes.
    pub deployed: Vec<Route>,
    /// Which rules count.
    pub selection: Selection,
}

/// What checks a folder: `coship check` as it runs there.
pub trait Checker {
    /// Checks the project that a folder is in, with unsaved texts in place of files.
    ///
    /// # Errors
    /// Why it cannot be checked, in words.
    fn check(&mut self, folder: &Path, overlay: Overlay) -> Result<Snapshot, String>;

    /// A number that changes when something changed on disk, or in what git refers to; none if there is nothing to look at.
    fn stamp(&mut self, folder: &Path) -> Option<u64>;
}

impl Snapshot {
    /// The file at a path on disk.
    pub(super) fn find(&self, path: &Path) -> Option<FileId> {
        let parts: Option<Vec<&str>> = path
            .strip_prefix(&self.root)
            .ok()?
            .iter()
            .map(std::ffi::OsStr::to_str)
            .collect();
        self.tree.find(&parts?.join("/"))
    }

    /// Where a file of the tree is on disk.
    pub(super) fn on_disk(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// A file in the intermediate form.
    pub(super) fn module(&self, file: FileId) -> Option<&Module> {
        self.modules.get(file.0 as usize).map(|module| &**module)
    }

    /// The text at a place, in one line.
    pub(super) fn line_at(&self, place: Place) -> String {
        let content = self.tree.file(place.file).text.content();
        let text = content
            .get(place.range.start as usize..place.range.end as usize)
            .unwrap_or_default();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}
