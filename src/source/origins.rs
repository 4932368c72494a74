//! Which earlier revision a file's content is from.

use gix::ObjectId;
use gix::objs::FindExt;

use crate::config::Day;

use super::git::Git;
use super::locate::Located;
use super::revision_files::RevisionFiles;
use super::tree::BlobId;

/// How many commits are looked at, at most.
const COMMITS: usize = 5_000;

/// A revision of the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The commit's short id.
    pub commit: String,
    /// Its date, `2025-11-02`.
    pub date: String,
    /// A tag on it, if there is one.
    pub tag: Option<String>,
    /// How many of the commits that were looked at are younger.
    pub age: usize,
}

impl Located {
    /// For each path below TREE with some content, the newest revision along the first parents that has that very content there. All are none outside of a
    /// repository; what a shallow clone has not, or lies further back than 5,000 commits, is not found.
    #[must_use]
    pub fn origins(&self, wanted: &[(String, BlobId)]) -> Vec<Option<Origin>> {
        let nothing = vec![None; wanted.len()];
        let Some((git, prefix)) = self.repository() else {
            return nothing;
        };
        let Ok(Some((from, _))) = self.start(git) else {
            return nothing;
        };
        let mut search = Search {
            git,
            found: nothing,
            files: RevisionFiles::new(git),
        };
        search.run(from, prefix, wanted);
        let tags = git.tag_names();
        for origin in search.found.iter_mut().flatten() {
            let named = tags.iter().find(|(id, _)| id.starts_with(&origin.commit));
            origin.tag = named.map(|(_, name)| name.clone());
        }
        search.found
    }
}

struct Search<'g> {
    git: &'g Git,
    found: Vec<Option<Origin>>,
    files: RevisionFiles<'g>,
}

impl Search<'_> {
    fn run(&mut self, from: ObjectId, prefix: &str, wanted: &[(String, BlobId)]) {
        let mut next = Some(from);
        let mut last_tree = None;
        for age in 0..COMMITS {
            let Some(id) = next else { return };
            let mut buffer = Vec::new();
            let Ok(commit) = self.git.repo.objects.find_commit(&id, &mut buffer) else {
                return;
            };
            let tree = commit.tree();
            let time = commit.time().map(|time| time.seconds).unwrap_or_default();
            next = commit.parents().next();
            if last_tree == Some(tree) {
                continue;
            }
            last_tree = Some(tree);
            for (index, (path, blob)) in wanted.iter().enumerate() {
                if self.found[index].is_some() {
                    continue;
                }
                let there = self.files.at(tree, prefix, path);
                if there.is_some_and(|(id, _)| id.as_slice() == blob) {
                    self.found[index] = Some(Origin {
                        commit: id.to_hex_with_len(7).to_string(),
                        date: Day::of_unix(time).to_string(),
                        tag: None,
                        age,
                    });
                }
            }
            if self.found.iter().all(Option::is_some) {
                return;
            }
        }
    }
}
