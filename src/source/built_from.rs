//! Which revision a package was built from, by the contents of its files.

use std::collections::BinaryHeap;

use gix::ObjectId;
use gix::bstr::ByteSlice;
use gix::objs::FindExt;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::config::Day;

use super::error::SourceError;
use super::git::Git;
use super::locate::Located;
use super::revision_files::RevisionFiles;
use super::tree::{BlobId, Class};

/// How many commits are looked at, at most, the newest first.
const COMMITS: usize = 5_000;

/// How many equally good ones are told apart by what the package lacks of them.
const ALIKE: usize = 500;

/// The revision that a package is most like.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BuiltFrom {
    /// The commit's id.
    pub commit: String,
    /// Its date, `2025-11-02`.
    pub date: String,
    /// The tags on it, sorted.
    pub tags: Vec<String>,
    /// How many other commits the package is equally like, with the tags on them.
    pub alike: usize,
    /// Those tags, sorted.
    pub tags_alike: Vec<String>,
    /// How many files have the revision's contents.
    pub equal: usize,
    /// The files that the revision has otherwise, their paths in the tree, sorted.
    pub differs: Vec<String>,
    /// The files that the revision does not have at all, likewise.
    pub extra: Vec<String>,
    /// Python of the revision that the package does not have, likewise.
    pub missing: Vec<String>,
    /// How many commits were looked at.
    pub looked_at: usize,
}

/// A commit with how well the package fits it.
struct Fit {
    id: ObjectId,
    tree: ObjectId,
    time: i64,
    equal: usize,
    differs: usize,
    missing: usize,
}

impl Located {
    /// The revision, among those that lead to this version and to tags, that has most of these files with these contents: their paths below TREE, and the ids of
    /// their contents as blobs. Of equally good ones the one that has the fewest of them otherwise and the least Python below `base` that the package lacks; then the newest.
    /// None if no revision has any of them.
    ///
    /// # Errors
    /// If there is no repository, or its history is cut off.
    pub fn built_from(
        &self,
        files: &[(String, BlobId)],
        base: &str,
    ) -> Result<Option<BuiltFrom>, SourceError> {
        let Some((git, prefix)) = self.repository() else {
            return Err(SourceError::NotARepository {
                path: self.name().to_owned(),
                wanted: "history".to_owned(),
            });
        };
        if git.is_shallow() {
            return Err(SourceError::Shallow {
                wanted: "the history".to_owned(),
            });
        }
        let mut search = Search {
            git,
            prefix,
            files,
            history: RevisionFiles::new(git),
        };
        let tags = git.tag_names();
        let mut starts: Vec<ObjectId> = self.start(git)?.into_iter().map(|(id, _)| id).collect();
        starts.extend(
            tags.iter()
                .filter_map(|(id, _)| ObjectId::from_hex(id.as_bytes()).ok()),
        );
        let mut fits = search.fits(&starts);
        let looked_at = fits.len();
        let best = fits
            .iter()
            .map(|fit| (fit.equal, usize::MAX - fit.differs))
            .max();
        fits.retain(|fit| Some((fit.equal, usize::MAX - fit.differs)) == best && fit.equal > 0);
        fits.truncate(ALIKE);
        for fit in &mut fits {
            fit.missing = search.missing(fit.tree, base).len();
        }
        let least = fits.iter().map(|fit| fit.missing).min();
        fits.retain(|fit| Some(fit.missing) == least);
        let Some(best) = fits.first() else {
            return Ok(None);
        };
        let named = |fit: &Fit| {
            let id = fit.id.to_string();
            let names = tags.iter().filter(move |(tagged, _)| *tagged == id);
            names.map(|(_, name)| name.clone()).collect::<Vec<_>>()
        };
        let mut tags_alike: Vec<String> = fits.iter().skip(1).flat_map(named).collect();
        tags_alike.sort();
        let (differs, extra) = search.differences(best.tree);
        Ok(Some(BuiltFrom {
            commit: best.id.to_string(),
            date: Day::of_unix(best.time).to_string(),
            tags: named(best),
            alike: fits.len() - 1,
            tags_alike,
            equal: best.equal,
            differs,
            extra,
            missing: search.missing(best.tree, base),
            looked_at,
        }))
    }
}

struct Search<'s> {
    git: &'s Git,
    prefix: &'s str,
    files: &'s [(String, BlobId)],
    history: RevisionFiles<'s>,
}

impl Search<'_> {
    /// The commits that lead to some, the newest first. Of neighbours with one tree the older ones count as well: they are alike.
    fn fits(&mut self, starts: &[ObjectId]) -> Vec<Fit> {
        let mut seen: FxHashSet<ObjectId> = FxHashSet::default();
        let mut heap = BinaryHeap::new();
        for &start in starts {
            if seen.insert(start) {
                heap.extend(self.commit(start).map(|(time, _, _)| (time, start)));
            }
        }
        let mut fits = Vec::new();
        let mut known: FxHashMap<ObjectId, (usize, usize)> = FxHashMap::default();
        while let Some((time, id)) = heap.pop() {
            if fits.len() == COMMITS {
                break;
            }
            let Some((_, tree, parents)) = self.commit(id) else {
                continue;
            };
            for parent in parents {
                if seen.insert(parent) {
                    heap.extend(self.commit(parent).map(|(time, _, _)| (time, parent)));
                }
            }
            let (equal, differs) = match known.get(&tree) {
                Some(&fit) => fit,
                None => *known.entry(tree).or_insert(self.fit(tree)),
            };
            fits.push(Fit {
                id,
                tree,
                time,
                equal,
                differs,
                missing: 0,
            });
        }
        fits
    }

    /// When a commit was made, its tree, its parents; none if it cannot be read.
    fn commit(&self, id: ObjectId) -> Option<(i64, ObjectId, Vec<ObjectId>)> {
        let mut buffer = Vec::new();
        let commit = self.git.repo.objects.find_commit(&id, &mut buffer).ok()?;
        let time = commit.time().map(|time| time.seconds).unwrap_or_default();
        Some((time, commit.tree(), commit.parents().collect()))
    }

    /// How many of the files a revision has with the same content, and how many with another.
    fn fit(&mut self, tree: ObjectId) -> (usize, usize) {
        let (mut equal, mut differs) = (0, 0);
        for (path, blob) in self.files {
            match self.history.at(tree, self.prefix, path) {
                Some((id, false)) if id.as_slice() == blob => equal += 1,
                Some((_, false)) => differs += 1,
                _ => {}
            }
        }
        (equal, differs)
    }

    /// The files that a revision has otherwise, and those that it does not have.
    fn differences(&mut self, tree: ObjectId) -> (Vec<String>, Vec<String>) {
        let (mut differs, mut extra) = (Vec::new(), Vec::new());
        for (path, blob) in self.files {
            match self.history.at(tree, self.prefix, path) {
                Some((id, false)) if id.as_slice() == blob => {}
                Some((_, false)) => differs.push(path.clone()),
                _ => extra.push(path.clone()),
            }
        }
        differs.sort();
        extra.sort();
        (differs, extra)
    }

    /// The Python below `base` that a revision has and the files do not.
    fn missing(&mut self, tree: ObjectId, base: &str) -> Vec<String> {
        let Some((top, true)) = self.history.at(tree, self.prefix, base) else {
            return Vec::new();
        };
        let have: FxHashSet<&str> = self.files.iter().map(|(path, _)| path.as_str()).collect();
        let mut missing = Vec::new();
        let mut open = vec![(base.to_owned(), top)];
        while let Some((folder, tree)) = open.pop() {
            for (name, &(id, is_folder)) in self.history.entries(tree) {
                let name = name.to_str_lossy();
                let path = if folder.is_empty() {
                    name.into_owned()
                } else {
                    format!("{folder}/{name}")
                };
                if is_folder {
                    open.push((path, id));
                } else if Class::of(path.as_bytes()) == Some(Class::Python)
                    && !have.contains(path.as_str())
                {
                    missing.push(path);
                }
            }
        }
        missing.sort();
        missing
    }
}
