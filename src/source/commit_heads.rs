//! Commits on the way back through a history, read as far as they are asked for.
//!
//! A history is thousands of commits long, and of each only the beginning matters: the tree, the parents, the time. What follows is mostly a signature, which
//! is text by chance and costs more to unpack than all before it.

use flate2::{Decompress, FlushDecompress};
use gix::ObjectId;
use gix::objs::{CommitRefIter, FindExt};
use gix::odb::pack::Bundle;
use gix::odb::pack::data::entry::Header;

/// How many packed bytes of a commit are unpacked. Where long names take more, it is read as a whole.
const HEAD: usize = 288;

/// How many bytes they have room for: far more than they come to, for near the end of the room each byte is unpacked with a look at whether it still fits.
const ROOM: usize = 2048;

/// How many packs are looked into. A repository with more of them waits for its next collection, and is read in the usual way.
const PACKS: usize = 8;

/// What is told of a commit.
#[derive(Clone, Copy)]
pub(super) struct Commit {
    pub id: ObjectId,
    pub tree: ObjectId,
    /// Seconds since 1970.
    pub time: i64,
    /// The first one.
    pub parent: Option<ObjectId>,
}

impl Commit {
    /// Reads a beginning as git writes it: the same as [`Self::parse`], line by line and with nothing else looked at. None if it is anything else, or not whole.
    fn parse_plain(id: ObjectId, head: &[u8]) -> Option<Self> {
        let hash = |line: &[u8], name: &[u8]| ObjectId::from_hex(line.strip_prefix(name)?).ok();
        let mut rest = head;
        let mut line = || {
            let end = rest.iter().position(|&byte| byte == b'\n')?;
            let (line, after) = rest.split_at(end);
            rest = &after[1..];
            Some(line)
        };
        let tree = hash(line()?, b"tree ")?;
        let mut parent = None;
        let mut next = line()?;
        while let Some(found) = hash(next, b"parent ") {
            parent = parent.or(Some(found));
            next = line()?;
        }
        if !next.starts_with(b"author ") {
            return None;
        }
        let committer = line()?.strip_prefix(b"committer ")?;
        let behind = committer.iter().rposition(|&byte| byte == b'>')?;
        let when = std::str::from_utf8(committer.get(behind + 1..)?).ok()?;
        let (seconds, offset) = when.strip_prefix(' ')?.split_once(' ')?;
        let is_offset =
            |digits: &str| digits.len() == 4 && digits.bytes().all(|c| c.is_ascii_digit());
        let is_plain = seconds.bytes().all(|c| c.is_ascii_digit())
            && offset.strip_prefix(['+', '-']).is_some_and(is_offset);
        Some(Self {
            id,
            tree,
            time: seconds.parse().ok().filter(|_| is_plain)?,
            parent,
        })
    }

    /// Reads what comes before the message; none if it is damaged.
    fn parse(id: ObjectId, mut parts: CommitRefIter) -> Option<Self> {
        let tree = parts.tree_id().ok()?;
        let committer = parts.committer().ok()?;
        Some(Self {
            id,
            tree,
            time: committer
                .time()
                .map(|time| time.seconds)
                .unwrap_or_default(),
            parent: parts.parent_ids().next(),
        })
    }
}

/// Reads commits of a repository.
pub(super) struct Commits<'r> {
    repo: &'r gix::Repository,
    packs: Vec<Bundle>,
    inflate: Decompress,
}

impl<'r> Commits<'r> {
    pub(super) fn of(repo: &'r gix::Repository) -> Self {
        // Where an object stands for another one, that is for git's own reading to say.
        let is_plain = repo.objects.store_ref().replacements().next().is_none();
        let packs = if is_plain { packs(repo) } else { Vec::new() };
        Self {
            repo,
            packs,
            inflate: Decompress::new(true),
        }
    }

    /// A commit; none if the repository has it not, or it is damaged.
    pub(super) fn read(&mut self, id: ObjectId) -> Option<Commit> {
        self.read_head(id).or_else(|| {
            let mut buffer = Vec::new();
            let commit = self.repo.objects.find_commit_iter(&id, &mut buffer);
            Commit::parse(id, commit.ok()?)
        })
    }

    /// The same from the beginning of what a pack holds; none if that does not tell.
    fn read_head(&mut self, id: ObjectId) -> Option<Commit> {
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
        let end = end.min(entry.data_offset + HEAD as u64);
        let packed = pack.pack.entry_slice(entry.data_offset..end)?;
        let mut head = [0; ROOM];
        self.inflate.reset(true);
        self.inflate
            .decompress(packed, &mut head, FlushDecompress::None)
            .ok()?;
        let length = usize::try_from(self.inflate.total_out()).ok()?;
        let head = head.get(..length)?;
        Commit::parse_plain(id, head)
            .or_else(|| Commit::parse(id, CommitRefIter::from_bytes(head, self.repo.object_hash())))
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

    use super::{Commit, Commits, HEAD};

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

    /// Names of all lengths around the bound, so that the beginning ends in each part of the header.
    #[test]
    fn the_beginning_of_a_commit_tells_what_the_whole_does() {
        let sandbox = tempfile::tempdir().unwrap();
        let directory = sandbox.path();
        git(directory, &["init", "-q"]);
        let mut seed = 1_u32;
        for length in (1..HEAD).step_by(7) {
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
        let mut commits = Commits::of(&repo);
        assert_eq!(commits.packs.len(), 1);
        let mut next: Option<ObjectId> = Some(repo.head_id().unwrap().detach());
        let (mut short, mut long) = (0, 0);
        while let Some(id) = next {
            let object = repo.find_object(id).unwrap();
            let whole = Commit::parse(id, object.to_commit_ref_iter()).unwrap();
            let plain = Commit::parse_plain(id, &object.data);
            let head = commits.read_head(id);
            short += usize::from(head.is_some());
            long += usize::from(head.is_none());
            assert!(plain.is_some());
            for told in [head, plain, commits.read(id)].into_iter().flatten() {
                assert_eq!(
                    (told.tree, told.time, told.parent),
                    (whole.tree, whole.time, whole.parent)
                );
            }
            assert_eq!(whole.time, 1_700_000_001);
            next = whole.parent;
        }
        assert!(short > 0 && long > 0, "{short} {long}");
    }
}
