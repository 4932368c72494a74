//! What revisions have at a path, each directory read once: most commits share most of them.

use gix::ObjectId;
use gix::objs::FindExt;
use rustc_hash::FxHashMap;

use super::git::Git;

/// The entries of a directory: the name, the object, whether it is a directory.
pub(super) type Entries = FxHashMap<Vec<u8>, (ObjectId, bool)>;

/// The directories of revisions that were read.
pub(super) struct RevisionFiles<'g> {
    git: &'g Git,
    read: FxHashMap<ObjectId, Entries>,
}

impl<'g> RevisionFiles<'g> {
    pub(super) fn new(git: &'g Git) -> Self {
        Self {
            git,
            read: FxHashMap::default(),
        }
    }

    /// What the directory `root` has at a path below `prefix`, and whether that is a directory.
    pub(super) fn at(
        &mut self,
        root: ObjectId,
        prefix: &str,
        path: &str,
    ) -> Option<(ObjectId, bool)> {
        let parts = prefix.split('/').chain(path.split('/'));
        let mut at = (root, true);
        for part in parts.filter(|part| !part.is_empty()) {
            if !at.1 {
                return None;
            }
            at = *self.entries(at.0).get(part.as_bytes())?;
        }
        Some(at)
    }

    /// The entries of a directory; none of one that cannot be read.
    pub(super) fn entries(&mut self, tree: ObjectId) -> &Entries {
        let repo = &self.git.repo;
        self.read.entry(tree).or_insert_with(|| {
            let mut buffer = Vec::new();
            let entries = repo.objects.find_tree_iter(&tree, &mut buffer).ok();
            let entries = entries.into_iter().flatten().flatten();
            entries
                .map(|entry| {
                    let found = (entry.oid.to_owned(), entry.mode.is_tree());
                    (entry.filename.to_vec(), found)
                })
                .collect()
        })
    }
}
