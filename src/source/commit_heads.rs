//! Commits on the way back through a history, read as far as they are asked for.
//!
//! A history is thousands of commits long, and of most only the beginning matters: the tree and the first parent. What follows is mostly a signature, which
//! is text by chance and costs more to unpack than all before it.

use gix::ObjectId;
use gix::objs::{CommitRefIter, FindExt};
use gix::odb::pack::Bundle;
use gix::odb::pack::data::entry::Header;

use super::deflated;

/// How many packed bytes of a commit are looked at. Where its beginning takes more, it is read as a whole.
const PACKED: u64 = 288;

/// The length of a beginning: `tree` and `parent`, each with a hash of 40 digits.
const HEAD: usize = 46 + 48;

/// How many packs are looked into. A repository with more of them waits for its next collection, and is read in the usual way.
const PACKS: usize = 8;

/// What is told of a commit.
#[derive(Clone, Copy)]
pub(super) struct Commit {
    pub id: ObjectId,
    pub tree: ObjectId,
    /// The first one.
    pub parent: Option<ObjectId>,
}

impl Commit {
    /// Reads a beginning as git writes it; none if it is anything else.
    fn parse_plain(id: ObjectId, head: &[u8; HEAD]) -> Option<Self> {
        let hash = |line: &[u8], name: &[u8]| ObjectId::from_hex(line.strip_prefix(name)?).ok();
        let mut lines = head.split(|&byte| byte == b'\n');
        let tree = hash(lines.next()?, b"tree ")?;
        let second = lines.next()?;
        let parent = if second.starts_with(b"author ") {
            None
        } else {
            Some(hash(second, b"parent ")?)
        };
        Some(Self { id, tree, parent })
    }

    /// Reads what comes before the message; none if it is damaged.
    fn parse(id: ObjectId, mut parts: CommitRefIter) -> Option<Self> {
        let tree = parts.tree_id().ok()?;
        let parent = parts.parent_ids().next();
        Some(Self { id, tree, parent })
    }
}

/// When a commit was made, in seconds since 1970.
pub(super) fn time_of(repo: &gix::Repository, id: ObjectId) -> Option<i64> {
    let mut buffer = Vec::new();
    let commit = repo.objects.find_commit_iter(&id, &mut buffer).ok()?;
    Some(commit.committer().ok()?.time().ok()?.seconds)
}

/// Reads commits of a repository.
pub(super) struct Commits<'r> {
    repo: &'r gix::Repository,
    packs: Vec<Bundle>,
}

impl<'r> Commits<'r> {
    pub(super) fn of(repo: &'r gix::Repository) -> Self {
        // Where an object stands for another one, that is for git's own reading to say.
        let is_plain = repo.objects.store_ref().replacements().next().is_none();
        let packs = if is_plain { packs(repo) } else { Vec::new() };
        Self { repo, packs }
    }

    /// A commit; none if the repository has it not, or it is damaged.
    pub(super) fn read(&self, id: ObjectId) -> Option<Commit> {
        self.read_head(id).or_else(|| {
            let mut buffer = Vec::new();
            let commit = self.repo.objects.find_commit_iter(&id, &mut buffer);
            Commit::parse(id, commit.ok()?)
        })
    }

    /// The same from the beginning of what a pack holds; none if that does not tell.
    fn read_head(&self, id: ObjectId) -> Option<Commit> {
        let found = |pack: &Bundle| {
            let at = pack.index.lookup(id)?;
            Some(pack.index.pack_offset_at_index(at))
        };
        let (pack, offset) = self
            .packs
            .iter()
            .find_map(|pack| Some((pack, found(pack)?)))?;
        let entry = pack.pack.entry(offset).ok()?;
        if entry.header != Header::Commit {
            return None;
        }
        let end = u64::try_from(pack.pack.pack_end()).ok()?;
        let end = end.min(entry.data_offset + PACKED);
        let mut head = [0; HEAD];
        deflated::beginning(pack.pack.entry_slice(entry.data_offset..end)?, &mut head)?;
        Commit::parse_plain(id, &head)
    }
}

/// The packs of a repository; none if they are many.
fn packs(repo: &gix::Repository) -> Vec<Bundle> {
    let directory = repo.objects.store_ref().path().join("pack");
    let entries = directory.read_dir().into_iter().flatten().flatten();
    let mut paths: Vec<_> = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "idx"))
        .collect();
    if paths.len() > PACKS {
        return Vec::new();
    }
    paths.sort();
    let packs = paths.iter();
    packs
        .filter_map(|path| Bundle::at(path, repo.object_hash()).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::process::Command;

    use gix::ObjectId;

    use super::{Commit, Commits, HEAD, time_of};

    fn git(directory: &Path, arguments: &[&str]) {
        let status = Command::new("git")
            .current_dir(directory)
            .args(arguments)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_AUTHOR_DATE", "1700000000 +0000")
            .env("GIT_COMMITTER_DATE", "1700000001 +0000")
            .status();
        assert!(status.unwrap().success(), "{arguments:?}");
    }

    /// Names of all lengths, so that what is packed comes out in all ways.
    #[test]
    fn the_beginning_of_a_commit_tells_what_the_whole_does() {
        let sandbox = tempfile::tempdir().unwrap();
        let directory = sandbox.path();
        git(directory, &["init", "-q"]);
        let mut seed = 1_u32;
        for length in (1..300).step_by(7) {
            // Letters that cannot be packed as repetitions.
            let letters = (0..length).map(|_| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                char::from(b'a' + u8::try_from((seed >> 24) % 26).unwrap())
            });
            let name = format!("user.name={}", letters.collect::<String>());
            let message = "a message of some length ".repeat(20);
            git(
                directory,
                &[
                    "-c",
                    &name,
                    "-c",
                    "user.email=e@x",
                    "commit",
                    "-q",
                    "--allow-empty",
                    "-m",
                    &message,
                ],
            );
        }
        // Commits that are so much alike would be packed as differences.
        git(directory, &["repack", "-qadf", "--window=0"]);
        let repo = gix::open(directory).unwrap();
        let commits = Commits::of(&repo);
        assert_eq!(commits.packs.len(), 1);
        let mut next: Option<ObjectId> = Some(repo.head_id().unwrap().detach());
        let mut count = 0;
        while let Some(id) = next {
            let object = repo.find_object(id).unwrap();
            let whole = Commit::parse(id, object.to_commit_ref_iter()).unwrap();
            let plain = Commit::parse_plain(id, object.data[..HEAD].try_into().unwrap());
            for told in [commits.read_head(id), plain, commits.read(id)] {
                let told = told.unwrap();
                assert_eq!((told.tree, told.parent), (whole.tree, whole.parent));
            }
            assert_eq!(time_of(&repo, id), Some(1_700_000_001));
            count += 1;
            next = whole.parent;
        }
        assert_eq!(count, (1..300).step_by(7).count());
    }
}
