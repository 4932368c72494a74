//! When files of a tree were taken away, as its history has it.

use std::collections::BTreeMap;
use std::ffi::CStr;
use std::fmt;
use std::path::PathBuf;

use gix::ObjectId;
use gix::objs::FindExt;
use gix::odb::pack::cache::lru::StaticLinkedList;
use rustc_hash::{FxHashMap, FxHashSet};

use super::commit_heads::{Commit, Commits, time_of};
use super::git::Git;
use super::index::Index;
use super::locate::{Located, Place};
use crate::cache::{self, Cache};
use crate::config::Day;
use crate::environment::{Past, Removal};

/// How many commits are looked at, at most.
const COMMITS: usize = 5_000;

/// How many of the newest commits are looked into one by one.
const NEWEST: usize = 256;

/// Of the older ones, one in so many is looked into, and those between two of them only if a file is in the older and not in the newer one. A file that came and went
/// between them, long ago, tells nothing of what is missing today.
const STRIDE: usize = 8;

/// How many directories are kept unpacked.
const DIRECTORIES: usize = 96;

/// The history that leads to a tree, along the first parents.
pub(super) struct History {
    /// The repository's own directory; it is opened again where it is asked, for an open one belongs to its thread.
    repository: PathBuf,
    from: ObjectId,
    /// TREE as seen from the repository's root, with `/`.
    prefix: String,
    /// What was found before a commit never changes.
    cache: Option<Cache>,
    /// What the tree is read from.
    candidate: Candidate,
}

/// What is held against the last commit, for files that it has.
enum Candidate {
    /// The files below this directory.
    Disk(PathBuf),
    /// The index, with the value of `GIT_INDEX_FILE`.
    Index(Option<PathBuf>),
    /// The commit itself: what it has, nobody took away.
    Commit,
}

impl fmt::Debug for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("History")
            .field("from", &self.from)
            .finish_non_exhaustive()
    }
}

impl Located {
    /// The history of this version; none outside of a repository.
    pub(super) fn history(&self, cache: Option<Cache>) -> Option<History> {
        let (git, from, prefix, candidate): (&Git, _, _, _) = match &self.place {
            Place::WorkTree { git, prefix, disk } => {
                let candidate = Candidate::Disk(disk.clone());
                (git, git.head().ok().flatten()?, prefix, candidate)
            }
            Place::Index { git, prefix, file } => {
                let candidate = Candidate::Index(file.clone());
                (git, git.head().ok().flatten()?, prefix, candidate)
            }
            Place::Revision {
                git,
                resolved,
                prefix,
                ..
            } => (git, resolved.commit?, prefix, Candidate::Commit),
            Place::Directory { .. } | Place::Zip { .. } => return None,
        };
        Some(History {
            repository: git.repo.path().to_owned(),
            from,
            prefix: prefix.clone(),
            cache,
            candidate,
        })
    }
}

impl Past for History {
    fn removals(&self, paths: &[String]) -> Vec<Option<Removal>> {
        let mut wanted = paths.to_vec();
        wanted.sort();
        wanted.dedup();
        let mut found = match wanted.as_slice() {
            [] => Vec::new(),
            wanted => self.search_once(wanted),
        };
        if found.contains(&Some(Removal::Pending)) {
            let has = self.still_has(&wanted);
            for (removal, has) in found.iter_mut().zip(has) {
                removal.take_if(|removal| has && *removal == Removal::Pending);
            }
        }
        let known: FxHashMap<String, Option<Removal>> = wanted.into_iter().zip(found).collect();
        let answers = paths.iter().map(|path| known.get(path).cloned().flatten());
        answers.collect()
    }
}

impl History {
    /// The same as [`Self::search`], from the cache if an earlier run asked for the same.
    fn search_once(&self, paths: &[String]) -> Vec<Option<Removal>> {
        let key = cache::build().map(|build| {
            let Self { from, prefix, .. } = self;
            format!("{build}\nhistory of {from} {prefix:?} {paths:?}")
        });
        let (Some(cache), Some(key)) = (&self.cache, key) else {
            return self.search(paths);
        };
        let kept = cache.get::<Vec<Option<Removal>>>(&key);
        kept.filter(|kept| kept.len() == paths.len())
            .unwrap_or_else(|| {
                let found = self.search(paths);
                // Where it cannot be written, the next run works it out again.
                let _ = cache.put(&key, &found);
                found
            })
    }

    /// Which files below TREE the candidate has all the same: they are left out of the tree in some other way.
    fn still_has(&self, paths: &[String]) -> Vec<bool> {
        let all = vec![true; paths.len()];
        match &self.candidate {
            Candidate::Commit => all,
            Candidate::Disk(directory) => {
                let has = |path: &String| directory.join(path).symlink_metadata().is_ok();
                paths.iter().map(has).collect()
            }
            Candidate::Index(file) => {
                let Ok(Some(git)) = Git::discover(&self.repository) else {
                    return all;
                };
                // What cannot be read is no evidence.
                Index::read(&git, file.as_deref()).map_or(all, |index| {
                    let has = |path: &String| index.has(&self.whole(path));
                    paths.iter().map(has).collect()
                })
            }
        }
    }

    /// A path below TREE as seen from the repository's root.
    fn whole(&self, path: &str) -> String {
        match self.prefix.as_str() {
            "" => path.to_owned(),
            prefix => format!("{prefix}/{path}"),
        }
    }

    /// Goes back from commit to commit. A file that one has and the one after it has not went with the later of the two. What the first one has is pending, as far as
    /// this tells.
    fn search(&self, paths: &[String]) -> Vec<Option<Removal>> {
        let Ok(Some(Git { mut repo, .. })) = Git::discover(&self.repository) else {
            return vec![None; paths.len()];
        };
        // A directory is kept as what differs from another one's, and that one is mostly asked for as well.
        repo.objects
            .set_pack_cache(|| Box::<StaticLinkedList<DIRECTORIES>>::default());
        let full: Vec<String> = paths.iter().map(|path| self.whole(path)).collect();
        let commits = Commits::of(&repo);
        let mut search = Search {
            trees: Trees::new(&repo, &full),
            found: vec![None; full.len()],
            last_tree: None,
        };
        // Those since the last one that was looked into, the newest first.
        let mut passed: Vec<Commit> = Vec::new();
        let mut later: Option<Commit> = None;
        let mut next = Some(self.from);
        for count in 0..COMMITS {
            // What a shallow clone has not, or what is damaged, ends the search.
            let Some(commit) = next.and_then(|id| commits.read(id)) else {
                break;
            };
            next = commit.parent;
            if count >= NEWEST && !count.is_multiple_of(STRIDE) && next.is_some() {
                passed.push(commit);
                continue;
            }
            if search.would_find(&commit) {
                for between in passed.drain(..).chain([commit]) {
                    search.look_into(&between, later.as_ref());
                    later = Some(between);
                }
                if search.found.iter().all(Option::is_some) {
                    break;
                }
            } else {
                passed.clear();
                later = Some(commit);
            }
        }
        search.found
    }
}

/// A search under way.
struct Search<'r> {
    trees: Trees<'r>,
    /// By number.
    found: Vec<Option<Removal>>,
    /// What was looked into last: most commits change nothing here.
    last_tree: Option<ObjectId>,
}

impl Search<'_> {
    /// Whether a commit has a file that is looked for still.
    fn would_find(&mut self, commit: &Commit) -> bool {
        if self.last_tree == Some(commit.tree) {
            return false;
        }
        let Self { trees, found, .. } = self;
        let mut any = false;
        trees.each_file(commit.tree, |path| any |= found[path].is_none());
        if !any {
            self.last_tree = Some(commit.tree);
        }
        any
    }

    /// Notes the files that a commit has, and the one after it has not.
    fn look_into(&mut self, commit: &Commit, later: Option<&Commit>) {
        if self.last_tree.replace(commit.tree) == Some(commit.tree) {
            return;
        }
        let Self { trees, found, .. } = self;
        let repo = trees.repo;
        trees.each_file(commit.tree, |path| {
            found[path].get_or_insert_with(|| match later {
                None => Removal::Pending,
                Some(later) => Removal::Committed {
                    commit: short(later.id),
                    date: Day::of_unix(time_of(repo, later.id).unwrap_or_default()).to_string(),
                },
            });
        });
    }
}

fn short(id: ObjectId) -> String {
    id.to_hex_with_len(7).to_string()
}

/// Directories that were looked into: most commits share most of them.
struct Trees<'r> {
    repo: &'r gix::Repository,
    /// The directories asked for, from the repository's root, and the names asked for in each, with the numbers of the paths.
    wanted: BTreeMap<String, FxHashMap<Vec<u8>, usize>>,
    /// All names asked for, and those of the directories on the way to them.
    names: FxHashSet<Vec<u8>>,
    /// What each tree has under such names.
    known: FxHashMap<ObjectId, Listing>,
}

/// What a tree has under names that are asked for.
#[derive(Default)]
struct Listing {
    trees: Vec<(Vec<u8>, ObjectId)>,
    files: Vec<Vec<u8>>,
}

impl<'r> Trees<'r> {
    fn new(repo: &'r gix::Repository, paths: &[String]) -> Self {
        let mut wanted: BTreeMap<String, FxHashMap<Vec<u8>, usize>> = BTreeMap::new();
        for (number, path) in paths.iter().enumerate() {
            let (directory, name) = path.rsplit_once('/').unwrap_or(("", path));
            let names = wanted.entry(directory.to_owned()).or_default();
            names.insert(name.as_bytes().to_vec(), number);
        }
        let parts = paths.iter().flat_map(|path| path.split('/'));
        Self {
            repo,
            names: parts.map(|part| part.as_bytes().to_vec()).collect(),
            wanted,
            known: FxHashMap::default(),
        }
    }

    /// Calls `found` with the numbers of the paths that are files below a tree.
    fn each_file(&mut self, root: ObjectId, mut found: impl FnMut(usize)) {
        let Self {
            repo,
            wanted,
            names,
            known,
        } = self;
        let by_name = (*repo, &*names);
        // The way to the directory before: in their order, most share most of it.
        let mut way: Vec<(&str, Option<ObjectId>)> = Vec::new();
        for (directory, asked) in &*wanted {
            let mut tree = Some(root);
            let parts = directory.split('/').filter(|part| !part.is_empty());
            for (depth, part) in parts.enumerate() {
                if way.get(depth).is_none_or(|(known, _)| *known != part) {
                    let inner = tree.and_then(|tree| listing(known, tree, by_name).tree(part));
                    way.truncate(depth);
                    way.push((part, inner));
                }
                tree = way[depth].1;
            }
            let Some(tree) = tree else {
                continue;
            };
            let there = listing(known, tree, by_name).files.iter();
            there
                .filter_map(|name| asked.get(name))
                .for_each(|&number| found(number));
        }
    }
}

impl Listing {
    /// The tree of a name.
    fn tree(&self, name: &str) -> Option<ObjectId> {
        let mut trees = self.trees.iter();
        let found = trees.find(|(known, _)| known == name.as_bytes());
        found.map(|(_, tree)| *tree)
    }
}

/// What a tree has under some names, read once.
fn listing<'k>(
    known: &'k mut FxHashMap<ObjectId, Listing>,
    tree: ObjectId,
    (repo, names): (&gix::Repository, &FxHashSet<Vec<u8>>),
) -> &'k Listing {
    known.entry(tree).or_insert_with(|| {
        let mut buffer = Vec::new();
        let mut listing = Listing::default();
        let all = entries(repo, tree, &mut buffer);
        for entry in all.filter(|entry| names.contains(entry.name)) {
            let name = entry.name.to_vec();
            if !entry.is_tree {
                listing.files.push(name);
            } else if let Ok(tree) = ObjectId::try_from(entry.hash) {
                listing.trees.push((name, tree));
            }
        }
        listing
    })
}

/// What a tree has under a name.
struct Entry<'b> {
    is_tree: bool,
    name: &'b [u8],
    hash: &'b [u8],
}

/// What is in a tree, as far as it can be read: of each the mode in octal digits, a space, the name, a zero byte, and the hash.
fn entries<'b>(
    repo: &gix::Repository,
    tree: ObjectId,
    buffer: &'b mut Vec<u8>,
) -> impl Iterator<Item = Entry<'b>> {
    let length = repo.object_hash().len_in_bytes();
    let is_there = repo.objects.find_tree_iter(&tree, buffer).is_ok();
    let mut rest: &[u8] = if is_there { buffer } else { &[] };
    std::iter::from_fn(move || {
        let space = rest.iter().position(|&byte| byte == b' ')?;
        let (mode, after) = rest.split_at(space);
        let name = CStr::from_bytes_until_nul(&after[1..]).ok()?.to_bytes();
        let (hash, next) = after.get(name.len() + 2..)?.split_at_checked(length)?;
        rest = next;
        Some(Entry {
            is_tree: matches!(mode, b"40000" | b"040000"),
            name,
            hash,
        })
    })
}
