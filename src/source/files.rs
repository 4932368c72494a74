//! All the files of a version, Python or not, listed and read one by one when they are asked for.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use gix::ObjectId;
use gix::bstr::ByteSlice;
use ignore::WalkBuilder;

use crate::config::Selection;
use crate::environment::beside;

use super::bundle::{Content, MemberKind, blob_id};
use super::error::SourceError;
use super::git::{Git, Listed};
use super::index::Index;
use super::locate::{Located, Place};
use super::text::Text;
use super::tree::{BlobId, Class, File, Tree, path_text, relative};

/// The largest file that is read, in bytes: what Lambda accepts of a whole package.
const MAX_FILE: u64 = 256 * 1024 * 1024;

/// A file of a version.
#[derive(Clone, Debug)]
pub struct TreeFile {
    /// Its path relative to TREE, with `/`.
    pub path: Arc<str>,
    /// Whether it may be run.
    pub is_executable: bool,
    at: At,
}

/// Where a file's bytes are.
#[derive(Clone, Debug)]
enum At {
    Disk(PathBuf),
    Blob(ObjectId),
    Bytes(Arc<[u8]>),
}

/// All the files of a version.
pub struct Files {
    name: String,
    git: Option<Rc<Git>>,
    all: Vec<TreeFile>,
    /// Links that are not followed, by path: they lead out of the version, or nowhere.
    pub left_out: Vec<Arc<str>>,
    /// What files are read into that are only compared.
    scratch: RefCell<Vec<u8>>,
}

/// Refuses what is larger than any file of a package.
fn check_size(size: u64) -> Result<(), String> {
    if size <= MAX_FILE {
        return Ok(());
    }
    Err(format!("it is larger than {} MiB", MAX_FILE / 1024 / 1024))
}

impl Files {
    /// The files, sorted by the bytes of their paths.
    #[must_use]
    pub fn all(&self) -> &[TreeFile] {
        &self.all
    }

    /// Their paths, sorted.
    #[must_use]
    pub fn paths(&self) -> Vec<Arc<str>> {
        self.all.iter().map(|file| Arc::clone(&file.path)).collect()
    }

    /// The file with that path.
    #[must_use]
    pub fn find(&self, path: &str) -> Option<&TreeFile> {
        let found = self
            .all
            .binary_search_by(|file| (*file.path).cmp(path))
            .ok()?;
        self.all.get(found)
    }

    /// Adds to the version's Python what stands in linked folders, which an import finds and a reader of the version's own files passes over.
    ///
    /// # Errors
    /// As for [`Self::read`].
    pub fn add_linked(&self, tree: &mut Tree) -> Result<(), SourceError> {
        let mut more = Vec::new();
        for file in &self.all {
            let is_python = Class::of(file.path.as_bytes()) == Some(Class::Python);
            if is_python && tree.find(&file.path).is_none() {
                more.push(File {
                    path: Arc::clone(&file.path),
                    blob: None,
                    text: Arc::new(Text::decode(self.read(file)?)),
                });
            }
        }
        let unreadable = |path: &str| tree.problems.iter().any(|it| it.path == path);
        more.retain(|file| !unreadable(&file.path));
        if !more.is_empty() {
            tree.files.extend(more);
            tree.files.sort_by(|a, b| a.path.cmp(&b.path));
        }
        Ok(())
    }

    /// A file's bytes.
    ///
    /// # Errors
    /// If it cannot be read, or is larger than any package may be.
    pub fn read(&self, file: &TreeFile) -> Result<Vec<u8>, SourceError> {
        let unreadable = |message: String| SourceError::Unreadable {
            path: file.path.to_string(),
            message,
        };
        match &file.at {
            At::Disk(path) => {
                let size = fs::metadata(path)
                    .map_err(|e| unreadable(e.to_string()))?
                    .len();
                check_size(size).map_err(unreadable)?;
                fs::read(path).map_err(|e| unreadable(e.to_string()))
            }
            At::Blob(id) => match &self.git {
                Some(git) => git.blob(*id, &self.name),
                None => Err(unreadable("there is no repository".to_owned())),
            },
            At::Bytes(bytes) => Ok(bytes.to_vec()),
        }
    }

    /// Whether a file has that content. What git has is known by its id, and not read.
    ///
    /// # Errors
    /// As for [`Self::read`].
    pub fn is(&self, file: &TreeFile, content: &Content) -> Result<bool, SourceError> {
        match &file.at {
            At::Blob(_) => Ok(self.blob(file)? == content.blob()),
            At::Bytes(bytes) => Ok(content.is(bytes)),
            At::Disk(path) => {
                let unreadable = |message: String| SourceError::Unreadable {
                    path: file.path.to_string(),
                    message,
                };
                let mut opened = fs::File::open(path).map_err(|e| unreadable(e.to_string()))?;
                let size = opened
                    .metadata()
                    .map_err(|e| unreadable(e.to_string()))?
                    .len();
                check_size(size).map_err(unreadable)?;
                if size != content.size {
                    return Ok(false);
                }
                let mut scratch = self.scratch.borrow_mut();
                let is_same = content.is_read_from(&mut opened, &mut scratch);
                is_same.map_err(|e| unreadable(e.to_string()))
            }
        }
    }

    /// The id that git gives to a file's content, which need not be read for it if git has it already.
    ///
    /// # Errors
    /// As for [`Self::read`].
    pub fn blob(&self, file: &TreeFile) -> Result<BlobId, SourceError> {
        if let At::Blob(id) = &file.at
            && let Ok(blob) = BlobId::try_from(id.as_slice())
        {
            return Ok(blob);
        }
        self.read(file).map(|bytes| blob_id(&bytes))
    }
}

impl Located {
    /// All the files of this version that `selection` takes; in a work tree what git ignores is left out unless it is tracked.
    ///
    /// # Errors
    /// If the version cannot be listed.
    pub fn files(&self, selection: &Selection) -> Result<Files, SourceError> {
        let mut listing = Listing::default();
        match &self.place {
            Place::Directory { disk } => listing.walk(disk, selection, false),
            Place::WorkTree { git, disk, prefix } => {
                listing.walk(disk, selection, true);
                let index = Index::read(git, None)?;
                for listed in index.entries_of(git, prefix, selection, &|_| true)?.listed {
                    listing.tracked(&listed, disk);
                }
            }
            Place::Index { git, prefix, file } => {
                let index = Index::read(git, file.as_deref())?;
                let listed = index.entries_of(git, prefix, selection, &|_| true)?.listed;
                listing.blobs(&listed, git, &self.name)?;
            }
            Place::Revision { git, tree, .. } => {
                let listed = git.list_those(*tree, selection, &self.name, &|_| true)?;
                listing.blobs(&listed.files, git, &self.name)?;
            }
            Place::Zip { .. } => {
                for member in self.bundle()?.members {
                    if let (MemberKind::File, Some(path), Some(content)) =
                        (member.kind, member.path, member.content)
                        && content.is_whole()
                    {
                        let is_executable = member.mode.is_some_and(|mode| mode & 0o111 != 0);
                        listing.add(path, is_executable, At::Bytes(content.bytes));
                    }
                }
            }
        }
        listing.files.retain(|path, _| selection.takes(path));
        Ok(Files {
            name: self.name.clone(),
            git: self.repository().map(|(git, _)| Rc::clone(git)),
            all: listing.files.into_values().collect(),
            left_out: listing.left_out,
            scratch: RefCell::default(),
        })
    }
}

#[derive(Default)]
struct Listing {
    files: BTreeMap<Arc<str>, TreeFile>,
    left_out: Vec<Arc<str>>,
}

impl Listing {
    fn add(&mut self, path: Arc<str>, is_executable: bool, at: At) {
        let file = TreeFile {
            path: Arc::clone(&path),
            is_executable,
            at,
        };
        self.files.insert(path, file);
    }

    /// What lies on disk. Links are followed as long as they stay below `disk`.
    fn walk(&mut self, disk: &Path, selection: &Selection, in_repository: bool) {
        let mut builder = WalkBuilder::new(disk);
        builder
            .hidden(false)
            .ignore(false)
            .git_global(false)
            .git_ignore(in_repository)
            .git_exclude(in_repository)
            .parents(in_repository)
            .follow_links(true);
        let (root, skips) = (disk.to_owned(), selection.clone());
        builder.filter_entry(move |entry| {
            let name = entry.file_name().to_string_lossy();
            let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
            let is_skipped = entry.depth() > 0
                && is_folder
                && (skips.skips_name(&name)
                    || entry.path().join("pyvenv.cfg").is_file()
                    || (in_repository && entry.path().join(".git").exists()));
            let leads_out = entry.path_is_symlink()
                && !fs::canonicalize(entry.path()).is_ok_and(|target| target.starts_with(&root));
            !is_skipped && !leads_out && name != ".git"
        });
        for entry in builder.build().flatten() {
            let below = entry.path().strip_prefix(disk).ok();
            let Some(path) = below.and_then(relative).filter(|path| !path.is_empty()) else {
                continue;
            };
            if entry.file_type().is_some_and(|kind| kind.is_file()) {
                let is_executable = entry.metadata().is_ok_and(|found| may_run(&found));
                self.add(Arc::from(path), is_executable, At::Disk(entry.into_path()));
            }
        }
    }

    /// A tracked file that git would ignore if it were not tracked.
    fn tracked(&mut self, listed: &Listed, disk: &Path) {
        let Ok(path) = path_text(&listed.path) else {
            return;
        };
        let at = disk.join(&*path);
        if self.files.contains_key(&path) || listed.is_link {
            return;
        }
        if let Ok(metadata) = fs::symlink_metadata(&at)
            && metadata.is_file()
        {
            self.add(path, may_run(&metadata), At::Disk(at));
        }
    }

    /// What git has. Links to files of the version are followed.
    fn blobs(&mut self, listed: &[Listed], git: &Git, name: &str) -> Result<(), SourceError> {
        let mut links = Vec::new();
        for listed in listed {
            let Ok(path) = path_text(&listed.path) else {
                continue;
            };
            if listed.is_link {
                links.push((path, listed.id));
            } else {
                self.add(path, listed.is_executable, At::Blob(listed.id));
            }
        }
        for (path, id) in links {
            let target = git.blob(id, name)?;
            let target = target.to_str_lossy();
            match beside(&path, &target) {
                Some(target) if self.files.contains_key(target.as_str()) => {
                    let file = self.files[target.as_str()].clone();
                    self.add(path, file.is_executable, file.at);
                }
                Some(target) => self.folder_link(&path, &target),
                None => self.left_out.push(path),
            }
        }
        Ok(())
    }

    /// What a linked folder holds stands below the link as well.
    fn folder_link(&mut self, link: &Arc<str>, target: &str) {
        let below = format!("{target}/");
        let inside: Vec<(Arc<str>, TreeFile)> = self
            .files
            .iter()
            .filter_map(|(path, file)| {
                let rest = path.strip_prefix(&below)?;
                Some((Arc::from(format!("{link}/{rest}")), file.clone()))
            })
            .collect();
        if inside.is_empty() {
            self.left_out.push(Arc::clone(link));
        }
        for (path, file) in inside {
            self.add(path, file.is_executable, file.at);
        }
    }
}

#[cfg(unix)]
fn may_run(metadata: &fs::Metadata) -> bool {
    std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o100 != 0
}

#[cfg(not(unix))]
fn may_run(_: &fs::Metadata) -> bool {
    false
}
