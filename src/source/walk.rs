//! Directories on disk: what is in them, what is skipped, what cannot be read.
//!
//! Of git's ignore rules, those of the repository count: every `.gitignore` and `info/exclude`. The user's own
//! (`core.excludesFile`) do not, so that a tree is the same for everybody.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use ignore::gitignore::{Gitignore, GitignoreBuilder};
use rayon::prelude::*;

use crate::config::Selection;

use super::error::SourceError;
use super::text::Text;
use super::tree::{Class, Contents, File, MAX_FILE, path_text};

/// What git ignores, from one directory up to the repository's root.
struct Ignored {
    rules: Gitignore,
    parent: Option<Rc<Self>>,
}

impl Ignored {
    /// Whether the entry is ignored: the nearest `.gitignore` that has an opinion decides, `.git/info/exclude` comes last.
    fn covers(&self, path: &Path, is_directory: bool) -> bool {
        let mut level = Some(self);
        while let Some(ignored) = level {
            match ignored.rules.matched(path, is_directory) {
                ignore::Match::None => level = ignored.parent.as_deref(),
                ignore::Match::Ignore(_) => return true,
                ignore::Match::Whitelist(_) => return false,
            }
        }
        false
    }

    /// With the rules of `directory/.gitignore` on top, if there is such a file. Git does not follow a link of that name.
    fn extended(parent: Option<Rc<Self>>, directory: &Path) -> Option<Rc<Self>> {
        let file = directory.join(".gitignore");
        let is_file = file
            .symlink_metadata()
            .is_ok_and(|metadata| metadata.is_file());
        if !is_file {
            return parent;
        }
        Self::with_file(parent, directory, &file)
    }

    fn with_file(parent: Option<Rc<Self>>, directory: &Path, file: &Path) -> Option<Rc<Self>> {
        let mut builder = GitignoreBuilder::new(directory);
        // A malformed line is skipped, as git does; an unreadable file ignores nothing.
        builder.add(file);
        match builder.build() {
            Ok(rules) if !rules.is_empty() => Some(Rc::new(Self { rules, parent })),
            _ => parent,
        }
    }
}

/// The repository that a work tree belongs to, as far as walking it needs.
pub(super) struct Repository<'a> {
    /// The work tree's root, canonical.
    pub root: &'a Path,
    /// `info/exclude` of the repository.
    pub exclude: PathBuf,
}

/// Lists and reads what is below `root` (canonical), which is shown as `name`. With a `repository`, what git ignores is left out, and so are
/// repositories inside (submodules among them), which git does not look into either.
///
/// `also` are paths relative to `root` that count although they are ignored (tracked files).
pub(super) fn read(
    root: &Path,
    name: &str,
    selection: &Selection,
    repository: Option<&Repository<'_>>,
    also: &[Arc<str>],
) -> Result<Contents, SourceError> {
    let mut walk = Walk {
        root,
        selection,
        repository,
        contents: Contents::default(),
        found: Vec::new(),
    };
    let ignored = repository.and_then(|repository| rules_above(root, repository));
    walk.start(ignored)
        .map_err(|error| SourceError::UnreadableDirectory {
            path: name.to_owned(),
            message: error.to_string(),
        })?;
    for path in also {
        walk.tracked(path);
    }
    Ok(walk.finish())
}

/// The rules of the directories from the repository's root down to the one above `root`.
fn rules_above(root: &Path, repository: &Repository<'_>) -> Option<Rc<Ignored>> {
    let mut rules = Ignored::with_file(None, repository.root, &repository.exclude);
    let mut above: Vec<&Path> = root
        .ancestors()
        .skip(1)
        .take_while(|directory| directory.starts_with(repository.root))
        .collect();
    above.reverse();
    for directory in above {
        rules = Ignored::extended(rules, directory);
    }
    rules
}

struct Walk<'a> {
    root: &'a Path,
    selection: &'a Selection,
    repository: Option<&'a Repository<'a>>,
    contents: Contents,
    /// Python files to be read: path in the tree, path on disk.
    found: Vec<(Arc<str>, PathBuf)>,
}

/// A directory that is still to be listed.
struct Pending {
    disk: PathBuf,
    /// Its path in the tree as bytes, with a `/` at the end; empty for the root.
    path: Vec<u8>,
    ignored: Option<Rc<Ignored>>,
}

impl Walk<'_> {
    fn start(&mut self, ignored: Option<Rc<Ignored>>) -> io::Result<()> {
        let root = Pending {
            disk: self.root.to_owned(),
            path: Vec::new(),
            ignored,
        };
        let mut pending = Vec::new();
        self.directory(&root, &mut pending)?;
        while let Some(directory) = pending.pop() {
            if let Err(error) = self.directory(&directory, &mut pending) {
                let shown = shown(directory.path.strip_suffix(b"/").unwrap_or(&directory.path));
                self.contents
                    .problem(shown, format!("cannot list the directory: {error}"));
            }
        }
        Ok(())
    }

    fn directory(&mut self, directory: &Pending, pending: &mut Vec<Pending>) -> io::Result<()> {
        let mut entries = Vec::new();
        for entry in fs::read_dir(&directory.disk)? {
            entries.push(entry?);
        }
        let has = |name: &str| {
            entries
                .iter()
                .any(|entry| entry.file_name() == OsStr::new(name))
        };
        if !directory.path.is_empty() {
            if self.repository.is_some() && has(".git") {
                let path = shown(directory.path.strip_suffix(b"/").unwrap_or(&directory.path));
                self.contents.repositories.push(Arc::from(path));
                return Ok(());
            }
            if has("pyvenv.cfg") {
                return Ok(());
            }
        }
        let ignored = match self.repository {
            Some(_) => Ignored::extended(directory.ignored.clone(), &directory.disk),
            None => None,
        };
        for entry in entries {
            let name = entry.file_name();
            let mut path = directory.path.clone();
            path.extend_from_slice(name.as_encoded_bytes());
            let disk = entry.path();
            let kind = match entry.file_type() {
                Ok(kind) => kind,
                Err(error) => {
                    self.contents.problem(shown(&path), error.to_string());
                    continue;
                }
            };
            let is_ignored = || {
                ignored
                    .as_ref()
                    .is_some_and(|ignored| ignored.covers(&disk, kind.is_dir()))
            };
            if kind.is_dir() {
                let skip = name
                    .to_str()
                    .is_some_and(|name| self.selection.skips_name(name))
                    || self.selection.excludes(&shown(&path))
                    || is_ignored();
                if !skip {
                    path.push(b'/');
                    if let Ok(path) = path_text(&path) {
                        self.contents.directories.push(path);
                    }
                    pending.push(Pending {
                        disk,
                        path,
                        ignored: ignored.clone(),
                    });
                }
            } else if let Some(class) = Class::of(&path)
                && !is_ignored()
            {
                self.file(&path, disk, class, kind.is_symlink());
            }
        }
        Ok(())
    }

    /// Notes a file whose name says that it matters.
    fn file(&mut self, path: &[u8], disk: PathBuf, class: Class, is_link: bool) {
        let path = match path_text(path) {
            Ok(path) => path,
            Err(shown) => {
                if self.selection.takes(&shown) && class == Class::Python && disk.is_file() {
                    self.contents.problem(shown, "the file's name is not UTF-8");
                }
                return;
            }
        };
        if !self.selection.takes(&path) {
            return;
        }
        // Follows a link; a loop is an error here.
        match fs::metadata(&disk) {
            Ok(metadata) if metadata.is_dir() => return,
            Ok(metadata) if !metadata.is_file() => {
                if class == Class::Python {
                    self.contents.problem(&*path, "not a regular file");
                }
                return;
            }
            Ok(_) => {}
            Err(error) => {
                let what = if is_link {
                    "the symbolic link leads nowhere: "
                } else {
                    ""
                };
                self.contents.problem(&*path, format!("{what}{error}"));
                return;
            }
        }
        if is_link && self.leads_out(&disk) {
            self.contents
                .problem(&*path, "the symbolic link leads out of the repository");
            return;
        }
        match class {
            Class::Python => self.found.push((path, disk)),
            Class::Other => self.contents.others.push(path),
        }
    }

    /// Whether a link in a work tree leads out of it. A repository is what somebody else wrote: a link in it must not
    /// bring in the reader's own files. A plain directory may well be a farm of links that a build laid out.
    fn leads_out(&self, link: &Path) -> bool {
        self.repository.is_some_and(|repository| {
            !fs::canonicalize(link).is_ok_and(|target| target.starts_with(repository.root))
        })
    }

    /// Notes a tracked file, if it is there and was not found already.
    fn tracked(&mut self, path: &Arc<str>) {
        let disk = self.root.join(&**path);
        let is_link = match disk.symlink_metadata() {
            Ok(metadata) => metadata.is_symlink(),
            // Deleted in the work tree, then.
            Err(_) => return,
        };
        let Some(class) = Class::of(path.as_bytes()) else {
            return;
        };
        if self.leads_out(&disk) {
            // Through a directory that was replaced by a link, or it is such a link itself; that one is reported by the walk.
            return;
        }
        self.file(path.as_bytes(), disk, class, is_link);
    }

    /// Reads the files, in parallel.
    fn finish(mut self) -> Contents {
        self.found.sort();
        self.found.dedup_by(|a, b| a.0 == b.0);
        let read: Vec<_> = self
            .found
            .par_iter()
            .map(|(_, disk)| read_file(disk))
            .collect();
        for ((path, _), result) in self.found.into_iter().zip(read) {
            match result {
                Ok(bytes) => self.contents.files.push(File {
                    path,
                    blob: None,
                    text: Arc::new(bytes),
                }),
                Err(message) => self.contents.problem(&*path, message),
            }
        }
        self.contents
    }
}

fn shown(path: &[u8]) -> String {
    match path_text(path) {
        Ok(path) => path.to_string(),
        Err(shown) => shown,
    }
}

/// Reads and decodes one file.
pub(super) fn read_file(path: &Path) -> Result<Text, String> {
    let read = || -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        fs::File::open(path)?
            .take(MAX_FILE + 1)
            .read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let bytes = read().map_err(|error| error.to_string())?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(too_large());
    }
    Ok(Text::decode(bytes))
}

/// The message for a file past [`MAX_FILE`].
pub(super) fn too_large() -> String {
    format!("the file is larger than {} MiB", MAX_FILE / 1024 / 1024)
}
