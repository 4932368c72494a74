//! Installed packages laid beside a tree, as far as something asks for them.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::load::Pair;
use super::tree::{Contents, File, Kind, Tree};
use super::unread::{Unread, is_dynamic};
use super::walk;
use crate::config::Selection;

/// Where they are laid in a tree. Who reads a report knows what it means.
pub const INSTALLED: &str = "site-packages/";

/// What was read of an environment.
#[derive(Default)]
pub struct Shelf {
    contents: Contents,
    unread: Unread,
}

impl Shelf {
    /// Reads a top-level module that lies at these places, unless its Python files have more than `room` bytes: how many they have. Of those that `is_left_out` takes
    /// by their paths below the place only the names count.
    pub fn add(
        &mut self,
        places: &[PathBuf],
        room: u64,
        is_left_out: &dyn Fn(&str) -> bool,
    ) -> Option<u64> {
        let mut size = 0;
        for place in places {
            size += python_bytes(place, room.checked_sub(size)?)?;
        }
        for place in places {
            let (found, name) = read(place)?;
            let shown = |path: &str| -> Arc<str> { [INSTALLED, &name, path].concat().into() };
            for file in found.files {
                let path = shown(&file.path);
                if is_left_out(&file.path) {
                    self.contents.others.push(path);
                } else {
                    self.contents.files.push(File { path, ..file });
                }
            }
            let others = found.others.iter().map(|path| shown(path));
            self.contents.others.extend(others);
            let directories = found.directories.iter().map(|path| shown(path));
            self.contents.directories.extend(directories);
        }
        Some(size)
    }

    /// The Python files.
    #[must_use]
    pub fn files(&self) -> &[File] {
        &self.contents.files
    }

    /// Leaves files out but for their names and what their letters say that they do to others, unless `is_needed` or that shows only to whoever parses them.
    pub fn keep(&mut self, is_needed: &dyn Fn(&str) -> bool) {
        let files = std::mem::take(&mut self.contents.files);
        for file in files {
            let text = file.text.content();
            if is_needed(&file.path) || is_dynamic(text) {
                self.contents.files.push(file);
                continue;
            }
            if !file.path.ends_with(".pyi") {
                self.unread.add(text);
            }
            self.contents.others.push(file.path);
        }
    }

    /// Whether nothing was read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.contents.files.is_empty() && self.contents.others.is_empty()
    }

    /// Lays what was read beside these trees.
    pub fn lay_beside<'t>(self, trees: impl Iterator<Item = &'t mut Tree>) {
        let unread = Arc::new(self.unread);
        let laid = self.contents.into_tree(Kind::Directory, String::new());
        for tree in trees {
            tree.lay(&laid);
            tree.installed = Some(INSTALLED);
            tree.unread = Arc::clone(&unread);
        }
    }
}

impl Pair {
    /// Lays installed packages beside both sides.
    pub fn lay_installed(&mut self, shelf: Shelf) {
        let sides = std::iter::once(&mut self.candidate).chain(self.against.as_mut().ok());
        shelf.lay_beside(sides);
    }
}

impl Tree {
    /// Lays the files of another tree beside its own. A file that it has itself stays.
    pub(super) fn lay(&mut self, laid: &Self) {
        self.files.extend(laid.files.iter().cloned());
        self.files.sort_by(|a, b| a.path.cmp(&b.path));
        self.files.dedup_by(|later, first| later.path == first.path);
        self.others.extend(laid.others.iter().cloned());
        self.others.sort();
        self.others.dedup();
        self.directories.extend(laid.directories.iter().cloned());
        self.directories.sort();
        self.directories.dedup();
    }
}

/// What lies at a place, and what its paths begin with there.
fn read(place: &Path) -> Option<(Contents, String)> {
    let name = place.file_name()?.to_str()?;
    let root = fs::canonicalize(place).ok()?;
    if root.is_dir() {
        let found = walk::read(&root, name, &Selection::default(), None, &[]).ok()?;
        return Some((found, format!("{name}/")));
    }
    let mut contents = Contents::default();
    contents.files.push(File {
        path: Arc::from(""),
        blob: None,
        text: Arc::new(walk::read_file(&root).ok()?),
    });
    Some((contents, name.to_owned()))
}

/// How many bytes the Python files below a path have; none if they are more than `room`, or cannot be counted.
fn python_bytes(path: &Path, room: u64) -> Option<u64> {
    let metadata = fs::metadata(path).ok()?;
    if !metadata.is_dir() {
        let is_python = path.extension().is_some_and(|ending| ending == "py");
        let size = if is_python { metadata.len() } else { 0 };
        return (size <= room).then_some(size);
    }
    let mut sum = 0;
    for entry in fs::read_dir(path).ok()? {
        let entry = entry.ok()?;
        let kind = entry.file_type().ok()?;
        // A link may lead in circles; the walk reads links to files alone.
        if kind.is_dir() || kind.is_file() {
            sum += python_bytes(&entry.path(), room - sum)?;
        }
    }
    Some(sum)
}
