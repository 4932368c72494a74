//! Git, read in this process: no git program is started, nothing is written, nothing of the repository's configuration is obeyed.
//!
//! The repository is opened with reduced trust whoever owns it. Configuration that names programs (`core.fsmonitor`,
//! filters, hooks, `core.sshCommand`), includes other files or the user's own configuration is not even looked at, so there is no
//! need for git's `safe.directory` check, which keeps git from running such programs for another user: a checkout that
//! belongs to another user (a container, a shared build directory) is read like any other. Blobs are taken as they are stored, without
//! the conversions of `.gitattributes`, which is where filter programs would come in.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use gix::bstr::{BStr, BString, ByteSlice};
use gix::objs::FindExt;
use gix::{ObjectId, Repository};

use crate::config::{Selection, nearest};

use super::error::SourceError;
use super::tree::{Class, MAX_FILE};

/// An open repository.
pub(super) struct Git {
    pub(super) repo: Repository,
    /// The work tree's root, canonical; None for a bare repository.
    pub(super) root: Option<PathBuf>,
}

/// What a revision is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Resolved {
    /// The commit; None for the bare id of a tree.
    pub commit: Option<ObjectId>,
    /// Its root tree.
    pub tree: ObjectId,
}

/// A file as a tree object or the index lists it.
pub(super) struct Listed {
    /// Relative to TREE.
    pub path: BString,
    pub id: ObjectId,
    pub is_link: bool,
    pub is_executable: bool,
}

/// What a tree object holds.
pub(super) struct Listing {
    /// The files that matter.
    pub files: Vec<Listed>,
    /// Submodules.
    pub repositories: Vec<Arc<str>>,
}

/// More directories than any real tree has, and few enough to list: some trees contain themselves a billion times.
const MAX_DIRECTORIES: usize = 1_000_000;

/// What a virtual environment's directory is known by.
pub(super) const ENVIRONMENT_MARK: &[u8] = b"pyvenv.cfg";

impl Git {
    /// The repository that `directory` is in, None if there is none.
    pub(super) fn discover(directory: &Path) -> Result<Option<Self>, SourceError> {
        use gix::discover::upwards;
        let options = || {
            gix::open::Options::isolated()
                .with(gix::sec::Trust::Reduced)
                .bail_if_untrusted(false)
                .strict_config(false)
                // What is read at most, and as much again to put it together from; the library's own limit is lower than that.
                .config_overrides([format!("gitoxide.objects.allocLimit={}", 2 * MAX_FILE)])
        };
        let trust = gix::sec::trust::Mapping {
            full: options(),
            reduced: options(),
        };
        let upwards = upwards::Options {
            trust: upwards::TrustPolicy::Assume(gix::sec::Trust::Reduced),
            ..upwards::Options::default()
        };
        let repo = match gix::ThreadSafeRepository::discover_opts(directory, upwards, trust) {
            Ok(repo) => repo,
            Err(error) if error.downcast_any_ref::<upwards::Error>().is_some() => return Ok(None),
            Err(error) => return Err(failed(&error)),
        };
        let mut repo = repo.to_thread_local();
        // Trees and delta bases are met again and again; blobs are read once.
        repo.object_cache_size_if_unset(16 * 1024 * 1024);
        let root = repo
            .workdir()
            .and_then(|root| std::fs::canonicalize(root).ok());
        Ok(Some(Self { repo, root }))
    }

    /// `directory` (canonical) as seen from the work tree's root, with `/`; None if it is not in the work tree.
    pub(super) fn prefix_of(&self, directory: &Path) -> Option<String> {
        let relative = directory.strip_prefix(self.root.as_deref()?).ok()?;
        let mut parts = Vec::new();
        for part in relative.components() {
            let part = part.as_os_str().to_str()?;
            // The repository's own directory is no part of the work tree.
            if part == ".git" {
                return None;
            }
            parts.push(part);
        }
        Some(parts.join("/"))
    }

    /// Whether HEAD has no commit yet.
    pub(super) fn is_unborn(&self) -> bool {
        self.repo.head().is_ok_and(|head| head.is_unborn())
    }

    /// The commit that HEAD is at, None if it has none yet.
    pub(super) fn head(&self) -> Result<Option<ObjectId>, SourceError> {
        self.check_references()?;
        let head = self.repo.head().map_err(|error| failed(&error))?;
        if head.is_unborn() {
            return Ok(None);
        }
        let id = self.repo.head_id().map_err(|error| failed(&error))?;
        Ok(Some(id.detach()))
    }

    /// Refuses references that are stored in a way that would look like none at all.
    fn check_references(&self) -> Result<(), SourceError> {
        if self.repo.common_dir().join("reftable").is_dir() {
            return Err(SourceError::UnreadableReferences);
        }
        Ok(())
    }

    /// Whether the history is cut off.
    pub(super) fn is_shallow(&self) -> bool {
        self.repo.is_shallow().unwrap_or(false)
    }

    /// What the revision `spec` is; None if there is no such revision.
    pub(super) fn resolve(&self, spec: &str) -> Result<Option<Resolved>, SourceError> {
        self.check_references()?;
        let id = match self.repo.rev_parse_single(BStr::new(spec)) {
            Ok(id) => id.detach(),
            Err(error) => return ambiguous(spec, &error).map_or(Ok(None), Err),
        };
        self.resolve_id(id, spec).map(Some)
    }

    /// The commit and the tree behind an id.
    pub(super) fn resolve_id(&self, id: ObjectId, spec: &str) -> Result<Resolved, SourceError> {
        let missing = |error: gix::Error| self.failed_on(&error, id, spec);
        let object = self.repo.find_object(id).map_err(missing)?;
        let object = object.peel_tags_to_end().map_err(missing)?;
        match object.kind {
            gix::objs::Kind::Tree => Ok(Resolved {
                commit: None,
                tree: object.id,
            }),
            gix::objs::Kind::Commit => {
                let commit = object.into_commit();
                let tree = commit.tree_id().map_err(missing)?.detach();
                Ok(Resolved {
                    commit: Some(commit.id),
                    tree,
                })
            }
            kind => Err(SourceError::NotACommit {
                spec: spec.to_owned(),
                kind: kind.to_string(),
            }),
        }
    }

    /// The error for a revision that does not exist, with the reason if there is one.
    pub(super) fn unknown(&self, spec: &str, could_be_path: bool) -> SourceError {
        let names = self.reference_names();
        if self.is_unborn()
            && (names.is_empty() || spec.starts_with("HEAD") || spec.starts_with('@'))
        {
            return SourceError::UnbornHead {
                spec: spec.to_owned(),
            };
        }
        if self.is_shallow() {
            return SourceError::Shallow {
                wanted: format!("the revision '{spec}'"),
            };
        }
        SourceError::UnknownRevision {
            spec: spec.to_owned(),
            near: nearest(spec, names.iter().map(String::as_str)).map(str::to_owned),
            could_be_path,
        }
    }

    /// The short names of all tags and branches.
    fn reference_names(&self) -> Vec<String> {
        let Ok(references) = self.repo.references() else {
            return Vec::new();
        };
        let Ok(all) = references.all() else {
            return Vec::new();
        };
        all.flatten()
            .map(|reference| reference.name().shorten().to_string())
            .collect()
    }

    /// The id of the directory `prefix` in the tree `root`; None if there is no such directory.
    pub(super) fn subtree(
        &self,
        root: ObjectId,
        prefix: &str,
        name: &str,
    ) -> Result<Option<ObjectId>, SourceError> {
        let mut tree = root;
        for part in prefix.split('/').filter(|part| !part.is_empty()) {
            match self.entry(tree, part.as_bytes(), name)? {
                Some((id, mode)) if mode.is_tree() => tree = id,
                _ => return Ok(None),
            }
        }
        Ok(Some(tree))
    }

    /// The entry `path` of the tree `root`, with its mode.
    pub(super) fn lookup(
        &self,
        root: ObjectId,
        path: &[u8],
        name: &str,
    ) -> Result<Option<(ObjectId, gix::objs::tree::EntryMode)>, SourceError> {
        let mut parts = path.split_str("/").peekable();
        let mut tree = root;
        while let Some(part) = parts.next() {
            match self.entry(tree, part, name)? {
                Some(found) if parts.peek().is_none() => return Ok(Some(found)),
                Some((id, mode)) if mode.is_tree() => tree = id,
                _ => return Ok(None),
            }
        }
        Ok(None)
    }

    fn entry(
        &self,
        tree: ObjectId,
        part: &[u8],
        name: &str,
    ) -> Result<Option<(ObjectId, gix::objs::tree::EntryMode)>, SourceError> {
        let mut buffer = Vec::new();
        let entries = self
            .repo
            .objects
            .find_tree_iter(&tree, &mut buffer)
            .map_err(|error| self.failed_on(&error, tree, name))?;
        for entry in entries {
            let entry = entry.map_err(|error| failed(&error))?;
            if entry.filename == part {
                return Ok(Some((entry.oid.to_owned(), entry.mode)));
            }
        }
        Ok(None)
    }

    /// The files below the tree `root` that matter, in no order. Submodules are left out, as are directories that `selection` skips.
    pub(super) fn list(
        &self,
        root: ObjectId,
        selection: &Selection,
        name: &str,
    ) -> Result<Listing, SourceError> {
        self.list_those(root, selection, name, &|path| Class::of(path).is_some())
    }

    /// The same for the files whose paths `wanted` takes.
    pub(super) fn list_those(
        &self,
        root: ObjectId,
        selection: &Selection,
        name: &str,
        wanted: &dyn Fn(&[u8]) -> bool,
    ) -> Result<Listing, SourceError> {
        let mut found = Vec::new();
        let mut repositories = Vec::new();
        let mut pending = vec![(BString::default(), root)];
        let mut buffer = Vec::new();
        let mut directories = 0;
        while let Some((prefix, tree)) = pending.pop() {
            directories += 1;
            if directories > MAX_DIRECTORIES {
                return Err(SourceError::Git {
                    message: format!("{name} has more than {MAX_DIRECTORIES} directories"),
                });
            }
            let entries = self
                .repo
                .objects
                .find_tree_iter(&tree, &mut buffer)
                .map_err(|error| self.failed_on(&error, tree, name))?;
            let (first_found, first_pending) = (found.len(), pending.len());
            for entry in entries {
                let entry = entry.map_err(|error| failed(&error))?;
                if !prefix.is_empty() && entry.filename == ENVIRONMENT_MARK && !entry.mode.is_tree()
                {
                    found.truncate(first_found);
                    pending.truncate(first_pending);
                    break;
                }
                let mut path = prefix.clone();
                path.extend_from_slice(entry.filename);
                if entry.mode.is_tree() {
                    let skip = entry
                        .filename
                        .to_str()
                        .is_ok_and(|name| selection.skips_name(name))
                        || selection.excludes(&path.to_str_lossy());
                    if !skip {
                        path.push(b'/');
                        pending.push((path, entry.oid.to_owned()));
                    }
                } else if entry.mode.is_commit() && !selection.excludes(&path.to_str_lossy()) {
                    repositories.push(Arc::from(path.to_str_lossy()));
                } else if entry.mode.is_blob_or_symlink() && wanted(&path) {
                    found.push(Listed {
                        path,
                        id: entry.oid.to_owned(),
                        is_link: entry.mode.is_link(),
                        is_executable: entry.mode.is_executable(),
                    });
                }
            }
        }
        Ok(Listing {
            files: found,
            repositories,
        })
    }

    /// The bytes of a blob.
    pub(super) fn blob(&self, id: ObjectId, name: &str) -> Result<Vec<u8>, SourceError> {
        let mut buffer = Vec::new();
        let object = self
            .repo
            .objects
            .find_blob(&id, &mut buffer)
            .map_err(|error| self.failed_on(&error, id, name))?;
        if object.data.len() as u64 > MAX_FILE {
            return Err(SourceError::Git {
                message: format!(
                    "the blob {id} of {name} is larger than {} MiB",
                    MAX_FILE / 1024 / 1024
                ),
            });
        }
        Ok(object.data.to_vec())
    }

    /// Whether an object is larger than any that is read.
    pub(super) fn is_too_large(&self, id: ObjectId) -> bool {
        let header = self.repo.find_header(id);
        header.is_ok_and(|header| header.size() > MAX_FILE)
    }

    /// What it means that reading `id` failed.
    pub(super) fn failed_on(&self, error: &gix::Error, id: ObjectId, name: &str) -> SourceError {
        if !error.is_not_found() {
            return failed(error);
        }
        SourceError::MissingObject {
            id: id.to_string(),
            name: name.to_owned(),
            is_partial: self.is_partial(),
        }
    }

    /// Whether this is a partial clone: some pack came from a remote that promises to have what refers from it.
    fn is_partial(&self) -> bool {
        let packs = self.repo.common_dir().join("objects").join("pack");
        std::fs::read_dir(packs).is_ok_and(|entries| {
            entries.flatten().any(|entry| {
                entry
                    .path()
                    .extension()
                    .is_some_and(|extension| extension == "promisor")
            })
        })
    }
}

/// An error that has no meaning of its own to us.
pub(super) fn failed(error: &gix::Error) -> SourceError {
    SourceError::Git {
        message: error.probable_cause().to_string(),
    }
}

/// The error for an ambiguous id, if that is what `error` says.
fn ambiguous(spec: &str, error: &gix::Error) -> Option<SourceError> {
    use gix::revision::spec::parse::Error;
    let (Error::AmbiguousPrefix { candidates, .. }
    | Error::AmbiguousRefAndObject { candidates, .. }) = error.downcast_any_ref::<Error>()?
    else {
        return None;
    };
    let shown: Vec<_> = candidates
        .iter()
        .map(|(prefix, info)| format!("{prefix} {info}"))
        .collect();
    Some(SourceError::AmbiguousRevision {
        spec: spec.to_owned(),
        candidates: shown.join(", "),
    })
}
