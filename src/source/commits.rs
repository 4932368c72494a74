//! The commits of a range, each with its parents: what a history is replayed over.

use gix::ObjectId;
use gix::bstr::ByteSlice;
use gix::objs::FindExt;
use rustc_hash::FxHashSet;

use super::context::Context;
use super::error::SourceError;
use super::git::{Git, failed};
use crate::config::Day;

/// A commit, as git has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// Its id, in hexadecimal digits.
    pub id: String,
    /// Those of its parents.
    pub parents: Vec<String>,
    /// Who wrote it: the author's name.
    pub author: String,
    /// The first line of its message.
    pub subject: String,
    /// When it was committed, in seconds since 1970.
    pub time: i64,
}

impl Commit {
    /// The day of the commit, `2025-09-22`, in UTC.
    #[must_use]
    pub fn day(&self) -> String {
        Day::of_unix(self.time).to_string()
    }

    /// The first seven digits of its id.
    #[must_use]
    pub fn short(&self) -> &str {
        self.id.get(..7).unwrap_or(&self.id)
    }
}

/// A repository's commits.
pub struct Commits {
    git: Git,
}

impl Commits {
    /// The repository around the working directory.
    ///
    /// # Errors
    /// If there is none, or its history is cut off.
    pub fn around(context: &Context) -> Result<Self, SourceError> {
        let Some(git) = Git::discover(&context.directory)? else {
            return Err(SourceError::NotARepository {
                path: ".".to_owned(),
                wanted: "history".to_owned(),
            });
        };
        if git.is_shallow() {
            return Err(SourceError::Shallow {
                wanted: "the history".to_owned(),
            });
        }
        Ok(Self { git })
    }

    /// The commits of `A..B`, or of all that leads to a revision, parents before children. With `first_parent`, only along those.
    ///
    /// # Errors
    /// If a revision does not exist, or a commit cannot be read.
    pub fn of(&self, range: &str, first_parent: bool) -> Result<Vec<Commit>, SourceError> {
        let (from, to) = match range.split_once("..") {
            Some((from, to)) => (Some(from), to),
            None => (None, range),
        };
        let to = self.commit(if to.is_empty() { "HEAD" } else { to })?;
        let mut hidden = FxHashSet::default();
        if let Some(from) = from {
            let from = self.commit(if from.is_empty() { "HEAD" } else { from })?;
            self.walk(from, false, &mut hidden)?;
        }
        let mut seen = hidden;
        self.walk(to, first_parent, &mut seen)
    }

    fn commit(&self, spec: &str) -> Result<ObjectId, SourceError> {
        let Some(resolved) = self.git.resolve(spec)? else {
            return Err(self.git.unknown(spec, false));
        };
        resolved.commit.ok_or_else(|| SourceError::NotACommit {
            spec: spec.to_owned(),
            kind: "tree".to_owned(),
        })
    }

    /// The commits that lead to one and were not seen yet, each after its parents.
    fn walk(
        &self,
        from: ObjectId,
        first_parent: bool,
        seen: &mut FxHashSet<ObjectId>,
    ) -> Result<Vec<Commit>, SourceError> {
        let mut found = Vec::new();
        if !seen.insert(from) {
            return Ok(found);
        }
        // Depth first; a commit is done when its parents are.
        let first = self.read(from)?;
        let mut path = vec![(first, 0)];
        while let Some((commit, next)) = path.last_mut() {
            let limit = if first_parent {
                1
            } else {
                commit.parents.len()
            };
            let Some(parent) = commit.parents.get(*next).filter(|_| *next < limit) else {
                found.extend(path.pop().map(|(commit, _)| commit));
                continue;
            };
            *next += 1;
            let id = ObjectId::from_hex(parent.as_bytes()).map_err(|error| SourceError::Git {
                message: error.to_string(),
            })?;
            if seen.insert(id) {
                let parent = self.read(id)?;
                path.push((parent, 0));
            }
        }
        Ok(found)
    }

    fn read(&self, id: ObjectId) -> Result<Commit, SourceError> {
        let mut buffer = Vec::new();
        let commit = self
            .git
            .repo
            .objects
            .find_commit(&id, &mut buffer)
            .map_err(|error| self.git.failed_on(&error, id, "the history"))?;
        let author = commit.author().map_err(|error| failed(&error))?;
        let time = commit.time().map_err(|error| failed(&error))?;
        let subject = commit.message.lines().next().unwrap_or_default();
        Ok(Commit {
            id: id.to_string(),
            parents: commit.parents().map(|parent| parent.to_string()).collect(),
            author: author.name.to_str_lossy().into_owned(),
            subject: subject.to_str_lossy().into_owned(),
            time: time.seconds,
        })
    }
}
