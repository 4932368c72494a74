//! Which earlier revision a file's content is from, and who last changed the file.

use gix::ObjectId;
use gix::bstr::ByteSlice;
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

/// Who last changed a file of a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A commit did.
    Commit {
        /// The commit's short id.
        commit: String,
        /// Its date, `2025-11-02`.
        date: String,
        /// The author's name.
        author: String,
    },
    /// It is changed in the work tree or the index, and not committed.
    Uncommitted,
}

/// A file of a version that something else stands for: what the history is asked about.
#[derive(Clone, Debug)]
pub struct Replaced {
    /// The file's path, from TREE.
    pub path: String,
    /// The version's own content of it; none if it does not matter who changed that.
    pub own: Option<BlobId>,
    /// The content that stands for it.
    pub other: BlobId,
}

/// What the history says of such a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The newest revision along the first parents that has the other content there.
    pub origin: Option<Origin>,
    /// Who made the version's own content what it is, along the first parents.
    pub change: Option<Change>,
}

impl Answer {
    /// Whether nothing is left to be found.
    fn is_whole(&self, asked: &Replaced) -> bool {
        self.origin.is_some() && (self.change.is_some() || asked.own.is_none())
    }
}

impl Located {
    /// What the history says of each file. Nothing outside of a repository; what a shallow clone has not, or lies further back than 5,000 commits, is not found.
    #[must_use]
    pub fn origins(&self, asked: &[Replaced]) -> Vec<Answer> {
        let mut answers = vec![Answer::default(); asked.len()];
        let Some((git, prefix)) = self.repository() else {
            return answers;
        };
        let Ok(Some((from, _))) = self.start(git) else {
            return answers;
        };
        let mut search = Search {
            git,
            answers: &mut answers,
            files: RevisionFiles::new(git),
        };
        search.run(from, prefix, asked);
        let tags = git.tag_names();
        for origin in answers.iter_mut().filter_map(|it| it.origin.as_mut()) {
            let named = tags.iter().find(|(id, _)| id.starts_with(&origin.commit));
            origin.tag = named.map(|(_, name)| name.clone());
        }
        answers
    }
}

struct Search<'s> {
    git: &'s Git,
    answers: &'s mut [Answer],
    files: RevisionFiles<'s>,
}

/// A commit on the way back.
#[derive(Clone)]
struct Seen {
    commit: String,
    date: String,
    author: String,
}

impl Seen {
    fn change(this: Option<&Self>) -> Change {
        this.map_or(Change::Uncommitted, |seen| Change::Commit {
            commit: seen.commit.clone(),
            date: seen.date.clone(),
            author: seen.author.clone(),
        })
    }
}

impl Search<'_> {
    fn run(&mut self, from: ObjectId, prefix: &str, asked: &[Replaced]) {
        let mut next = Some(from);
        let mut last_tree = None;
        // The commit that was looked at before, which is younger.
        let mut younger: Option<Seen> = None;
        for age in 0..COMMITS {
            let Some(id) = next else {
                // Whatever is left was there from the first commit on.
                let left = self.answers.iter_mut().zip(asked);
                for (answer, _) in left.filter(|(_, asked)| asked.own.is_some()) {
                    let change = || Seen::change(younger.as_ref());
                    answer.change.get_or_insert_with(change);
                }
                return;
            };
            let mut buffer = Vec::new();
            let Ok(commit) = self.git.repo.objects.find_commit(&id, &mut buffer) else {
                return;
            };
            let tree = commit.tree();
            let time = commit.time().map(|time| time.seconds).unwrap_or_default();
            let author = commit
                .author()
                .map(|it| it.name.to_str_lossy().into_owned());
            let seen = Seen {
                commit: id.to_hex_with_len(7).to_string(),
                date: Day::of_unix(time).to_string(),
                author: author.unwrap_or_default(),
            };
            next = commit.parents().next();
            if last_tree != Some(tree) {
                last_tree = Some(tree);
                for (index, asked) in asked.iter().enumerate() {
                    self.look(index, asked, (tree, prefix), (&seen, younger.as_ref(), age));
                }
                let mut all = self.answers.iter().zip(asked);
                if all.all(|(answer, asked)| answer.is_whole(asked)) {
                    return;
                }
            }
            younger = Some(seen);
        }
    }

    /// Looks at what a commit has at a file's path.
    fn look(
        &mut self,
        index: usize,
        asked: &Replaced,
        (tree, prefix): (ObjectId, &str),
        (seen, younger, age): (&Seen, Option<&Seen>, usize),
    ) {
        let answer = &mut self.answers[index];
        if answer.is_whole(asked) {
            return;
        }
        let there = self.files.at(tree, prefix, &asked.path);
        let has = |blob: &BlobId| there.is_some_and(|(id, _)| id.as_slice() == blob);
        let is_gone = asked.own.as_ref().is_some_and(|own| !has(own));
        if answer.change.is_none() && is_gone {
            answer.change = Some(Seen::change(younger));
        }
        if answer.origin.is_none() && has(&asked.other) {
            answer.origin = Some(Origin {
                commit: seen.commit.clone(),
                date: seen.date.clone(),
                tag: None,
                age,
            });
        }
    }
}
