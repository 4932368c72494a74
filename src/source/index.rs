//! The git index: what is staged, and which files are tracked.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use gix::ObjectId;
use gix::bstr::{BStr, ByteSlice};
use gix::index::entry::{Flags, Mode, Stage};
use rustc_hash::FxHashSet;

use crate::config::Selection;

use super::error::SourceError;
use super::git::{ENVIRONMENT_MARK, Git, Listed, failed};
use super::tree::Class;

/// The index, read once.
pub(super) struct Index {
    file: gix::index::File,
}

/// Files of the index below a directory.
#[derive(Default)]
pub(super) struct Entries {
    /// The files that matter, by path relative to the directory.
    pub listed: Vec<Listed>,
    /// Files that are tracked but, in a sparse checkout, not laid out in the work tree; they are in `listed` too.
    pub sparse: FxHashSet<Vec<u8>>,
    /// Python files with a merge conflict, by path.
    pub unmerged: Vec<Vec<u8>>,
    /// Submodules.
    pub repositories: Vec<Vec<u8>>,
}

impl Index {
    /// Reads the index of `git`; an index that does not exist is empty.
    ///
    /// `named` is the value of `GIT_INDEX_FILE`. Git sets it for hooks when a commit is made of something else than the
    /// usual index (`git commit --all`, `git commit FILE`), and what is staged is in there. It counts if it lies in this
    /// repository's own directory; a value that was meant for another repository does not.
    pub(super) fn read(git: &Git, named: Option<&Path>) -> Result<Self, SourceError> {
        let own = |named: &&Path| {
            let directory = named
                .parent()
                .and_then(|parent| std::fs::canonicalize(parent).ok());
            directory.is_some() && directory == std::fs::canonicalize(git.repo.git_dir()).ok()
        };
        let path: PathBuf = match named.filter(own) {
            Some(path) => path.to_owned(),
            None => git.repo.index_path(),
        };
        let hash = git.repo.object_hash();
        if !path.exists() {
            let state = gix::index::State::new(hash);
            let file = gix::index::File::from_state(state, path);
            return Ok(Self { file });
        }
        let options = gix::index::decode::Options {
            thread_limit: Some(1),
            ..gix::index::decode::Options::default()
        };
        match gix::index::File::at(path, hash, false, options) {
            Ok(file) => Ok(Self { file }),
            Err(error) => Err(failed(&error)),
        }
    }

    /// Whether it has a file, by its path from the repository's root, staged, in conflict, or in a directory that a sparse index leaves packed.
    pub(super) fn has(&self, path: &str) -> bool {
        self.file.entries().iter().any(|entry| {
            let own = entry.path(&self.file);
            own == path.as_bytes()
                || entry.mode == Mode::DIR && path.as_bytes().starts_with(own.as_bytes())
        })
    }

    /// The entries below the directory `prefix` (`""` for the root) that matter.
    pub(super) fn entries(
        &self,
        git: &Git,
        prefix: &str,
        selection: &Selection,
    ) -> Result<Entries, SourceError> {
        self.entries_of(git, prefix, selection, &|path| Class::of(path).is_some())
    }

    /// The same for the files whose paths `wanted` takes.
    pub(super) fn entries_of(
        &self,
        git: &Git,
        prefix: &str,
        selection: &Selection,
        wanted: &dyn Fn(&[u8]) -> bool,
    ) -> Result<Entries, SourceError> {
        let mut entries = Entries::default();
        let mut environments = FxHashSet::default();
        for entry in self.file.entries() {
            let path = entry.path(&self.file);
            let Some(path) = below(path, prefix) else {
                continue;
            };
            if entry.mode == Mode::DIR {
                // A sparse index stands for a directory that is not checked out by the directory's tree.
                let directory = path.strip_suffix(b"/").unwrap_or(path);
                sparse_directory(git, entry.id, directory, selection, &mut entries)?;
                continue;
            }
            if entry.mode == Mode::COMMIT {
                entries.repositories.push(path.to_vec());
                continue;
            }
            if path
                .rsplit_once_str("/")
                .is_some_and(|(_, name)| name == ENVIRONMENT_MARK)
            {
                environments.insert(path[..path.len() - ENVIRONMENT_MARK.len()].to_vec());
            }
            // What `git add --intent-to-add` notes has no staged content yet.
            let is_file = entry.mode == Mode::FILE || entry.mode == Mode::FILE_EXECUTABLE;
            let is_link = entry.mode == Mode::SYMLINK;
            if !(is_file || is_link) || entry.flags.contains(Flags::INTENT_TO_ADD) || !wanted(path)
            {
                continue;
            }
            if entry.stage() != Stage::Unconflicted {
                if entries.unmerged.last().map(Vec::as_slice) != Some(path)
                    && Class::of(path) == Some(Class::Python)
                {
                    entries.unmerged.push(path.to_vec());
                }
                continue;
            }
            if entry.flags.contains(Flags::SKIP_WORKTREE) {
                entries.sparse.insert(path.to_vec());
            }
            entries.listed.push(Listed {
                path: path.into(),
                id: entry.id,
                is_link,
                is_executable: entry.mode == Mode::FILE_EXECUTABLE,
            });
        }
        let skipped = |path: &[u8]| is_skipped(path, selection, &environments);
        entries.listed.retain(|listed| !skipped(&listed.path));
        entries.unmerged.retain(|path| !skipped(path));
        entries.repositories.retain(|path| {
            let name = path.rsplit_str("/").next().unwrap_or(path);
            !skipped(path) && !name.to_str().is_ok_and(|name| selection.skips_name(name))
        });
        Ok(entries)
    }

    /// The entry with that path from the repository's root, and whether it is a link.
    pub(super) fn lookup(&self, path: &[u8]) -> Option<(ObjectId, bool)> {
        let entry = self.file.entry_by_path(BStr::new(path))?;
        let is_link = entry.mode == Mode::SYMLINK;
        let is_file = entry.mode == Mode::FILE || entry.mode == Mode::FILE_EXECUTABLE;
        (is_link || is_file).then_some((entry.id, is_link))
    }

    /// Whether a directory of that path (from the repository's root) has a tracked file.
    pub(super) fn has_directory(&self, prefix: &str) -> bool {
        prefix.is_empty()
            || self
                .file
                .entries()
                .iter()
                .any(|entry| below(entry.path(&self.file), prefix).is_some())
    }
}

/// Adds the files of a directory that a sparse index has as one entry.
fn sparse_directory(
    git: &Git,
    tree: ObjectId,
    directory: &[u8],
    selection: &Selection,
    entries: &mut Entries,
) -> Result<(), SourceError> {
    for mut listed in git.list(tree, selection, "the index")?.files {
        let mut path = directory.to_vec();
        if !path.is_empty() {
            path.push(b'/');
        }
        path.extend_from_slice(&listed.path);
        entries.sparse.insert(path.clone());
        listed.path = path.into();
        entries.listed.push(listed);
    }
    Ok(())
}

/// `path` as seen from `prefix`, None if it is not below.
fn below<'p>(path: &'p BStr, prefix: &str) -> Option<&'p [u8]> {
    if prefix.is_empty() {
        return Some(path);
    }
    path.strip_prefix(prefix.as_bytes())?.strip_prefix(b"/")
}

/// Whether a directory of `path` is skipped for its name, for the configuration, or as a virtual environment.
fn is_skipped(path: &[u8], selection: &Selection, environments: &FxHashSet<Vec<u8>>) -> bool {
    path.find_iter("/").any(|slash| {
        let directory = &path[..slash];
        let name = directory.rsplit_str("/").next().unwrap_or(directory);
        name.to_str().is_ok_and(|name| selection.skips_name(name))
            || (!environments.is_empty() && environments.contains(&path[..=slash]))
    }) || selection.excludes(&path.to_str_lossy())
}

/// The paths of `entries` as text; those that are not UTF-8 cannot be named in a work tree either.
pub(super) fn tracked_paths(entries: &Entries) -> Vec<Arc<str>> {
    let text = |listed: &Listed| listed.path.to_str().ok().map(Arc::from);
    entries.listed.iter().filter_map(text).collect()
}
