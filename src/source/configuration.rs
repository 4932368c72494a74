//! Where a version's configuration is.
//!
//! The nearest file counts, from TREE up to the repository's root; outside of a repository, up to the working directory if
//! TREE is below it, and TREE alone otherwise (a stray file further up would change verdicts unseen). A revision, the index and a zip have
//! their own configuration, read from inside, since the import roots and exclusions that fit a version are those it came with;
//! without one, the working directory's counts.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use gix::ObjectId;

use crate::config::{ConfigError, Found, Place as Directory, find};

use super::archive::Archive;
use super::context::Context;
use super::git::Git;
use super::index::Index;
use super::locate::{Located, Place};
use super::tree::relative;

/// A directory to look in, and how.
pub(super) struct Level<'a> {
    pub(super) directory: Directory,
    reader: Reader<'a>,
}

pub(super) enum Reader<'a> {
    Disk(PathBuf),
    Tree {
        git: &'a Git,
        root: ObjectId,
        directory: String,
    },
    Index {
        git: &'a Git,
        index: Rc<Index>,
        directory: String,
    },
    Zip(PathBuf),
}

impl Located {
    /// The configuration of this version, as the candidate.
    ///
    /// # Errors
    /// If a configuration file cannot be read or is not understood.
    pub fn configuration(&self, context: &Context) -> Result<Option<Found>, ConfigError> {
        let levels = self.levels(context);
        let directories: Vec<_> = levels.iter().map(|level| level.directory.clone()).collect();
        find(&directories, |index, name| levels[index].reader.read(name))
    }

    /// TREE as seen from `directory`, the one of a file given with `--config`; empty if TREE is not below it.
    #[must_use]
    pub fn prefix_below(&self, directory: &Path, context: &Context) -> String {
        let Ok(directory) = std::fs::canonicalize(context.directory.join(directory)) else {
            return String::new();
        };
        match &self.place {
            Place::Directory { disk } | Place::WorkTree { disk, .. } => disk
                .strip_prefix(&directory)
                .ok()
                .and_then(relative)
                .unwrap_or_default(),
            Place::Index { git, prefix, .. } | Place::Revision { git, prefix, .. } => {
                within(git, &directory, prefix)
            }
            Place::Zip { .. } => String::new(),
        }
    }

    /// The directories in which a version's own files are looked for, the nearest first.
    pub(super) fn levels(&self, context: &Context) -> Vec<Level<'_>> {
        match &self.place {
            Place::Directory { disk } => {
                let top = if disk.starts_with(&context.directory) {
                    &context.directory
                } else {
                    disk
                };
                on_disk(disk, top, context, &|above| {
                    disk.strip_prefix(above)
                        .ok()
                        .and_then(relative)
                        .unwrap_or_default()
                })
            }
            Place::WorkTree { git, disk, .. } => {
                let top = git.root.as_deref().unwrap_or(disk);
                on_disk(disk, top, context, &|above| {
                    disk.strip_prefix(above)
                        .ok()
                        .and_then(relative)
                        .unwrap_or_default()
                })
            }
            Place::Revision {
                git,
                resolved,
                prefix,
                ..
            } => {
                let (revision, _) = self.name.split_once(':').unwrap_or((&self.name, ""));
                let reader = |directory: String| Reader::Tree {
                    git,
                    root: resolved.tree,
                    directory,
                };
                let mut levels = in_git(prefix, &format!("rev:{revision}:"), reader);
                levels.extend(surrounding(context, &|above| within(git, above, prefix)));
                levels
            }
            Place::Index { git, prefix, file } => {
                let mut levels = Vec::new();
                // An index that cannot be read is reported when its files are.
                if let Ok(index) = Index::read(git, file.as_deref())
                    && index.has_directory(prefix)
                {
                    let index = Rc::new(index);
                    levels = in_git(prefix, "staged:", |directory| Reader::Index {
                        git,
                        index: Rc::clone(&index),
                        directory,
                    });
                }
                levels.extend(surrounding(context, &|above| within(git, above, prefix)));
                levels
            }
            Place::Zip { disk } => {
                let mut levels = vec![Level {
                    directory: Directory {
                        shown: self.name.clone(),
                        prefix: String::new(),
                    },
                    reader: Reader::Zip(disk.clone()),
                }];
                levels.extend(surrounding(context, &|_| String::new()));
                levels
            }
        }
    }
}

impl Level<'_> {
    /// The bytes of a file in the directory, None if there is no such file.
    pub(super) fn read(&self, name: &str) -> Result<Option<Vec<u8>>, String> {
        self.reader.read(name)
    }

    /// The same for a file whose content is told to people, or that may be anything: an error if it has more than `limit` bytes, or if a link leads out of the directory.
    pub(super) fn read_inside(&self, name: &str, limit: usize) -> Result<Option<Vec<u8>>, String> {
        let too_large = || String::from("it is too large");
        if let Reader::Disk(directory) = &self.reader {
            let path = directory.join(name);
            let Ok(metadata) = std::fs::metadata(&path) else {
                return Ok(None);
            };
            let inside = std::fs::canonicalize(directory)
                .and_then(|top| Ok(std::fs::canonicalize(&path)?.starts_with(top)));
            if !inside.unwrap_or(false) {
                return Err(String::from("it is a link to elsewhere"));
            }
            if metadata.len() > limit as u64 {
                return Err(too_large());
            }
        }
        match self.read(name)? {
            Some(bytes) if bytes.len() > limit => Err(too_large()),
            read => Ok(read),
        }
    }
}

impl Reader<'_> {
    /// The bytes of `name` in the directory, None if there is no such file.
    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, String> {
        match self {
            Self::Disk(directory) => {
                let path = directory.join(name);
                if !path.is_file() {
                    return Ok(None);
                }
                std::fs::read(path)
                    .map(Some)
                    .map_err(|error| error.to_string())
            }
            Self::Tree {
                git,
                root,
                directory,
            } => {
                let path = joined(directory, name);
                match git.lookup(*root, path.as_bytes(), "the revision") {
                    Ok(Some((id, mode))) if mode.is_blob() => git
                        .blob(id, "the revision")
                        .map(Some)
                        .map_err(|error| error.to_string()),
                    Ok(_) => Ok(None),
                    Err(error) => Err(error.to_string()),
                }
            }
            Self::Index {
                git,
                index,
                directory,
            } => match index.lookup(joined(directory, name).as_bytes()) {
                Some((id, false)) => git
                    .blob(id, "the index")
                    .map(Some)
                    .map_err(|error| error.to_string()),
                _ => Ok(None),
            },
            Self::Zip(path) => match Archive::open(path, "the zip") {
                Ok(mut archive) => archive.root_file(name),
                // A damaged zip is reported as such when it is read.
                Err(_) => Ok(None),
            },
        }
    }
}

fn joined(directory: &str, name: &str) -> String {
    if directory.is_empty() {
        name.to_owned()
    } else {
        format!("{directory}/{name}")
    }
}

/// The directories from `bottom` up to `top`. `prefix` gives TREE as seen from each.
fn on_disk<'a>(
    bottom: &Path,
    top: &Path,
    context: &Context,
    prefix: &dyn Fn(&Path) -> String,
) -> Vec<Level<'a>> {
    bottom
        .ancestors()
        .take_while(|above| above.starts_with(top))
        .map(|above| Level {
            directory: Directory {
                shown: seen_from(above, &context.directory),
                prefix: prefix(above),
            },
            reader: Reader::Disk(above.to_owned()),
        })
        .collect()
}

/// The working directory, up to the root of the repository that it is in.
fn surrounding<'a>(context: &Context, prefix: &dyn Fn(&Path) -> String) -> Vec<Level<'a>> {
    let directory = &context.directory;
    let git = Git::discover(directory).ok().flatten();
    let root = git.and_then(|git| git.root);
    let top = root
        .filter(|root| directory.starts_with(root))
        .unwrap_or_else(|| directory.clone());
    on_disk(directory, &top, context, prefix)
}

/// The directories of a tree in git from `prefix` up to its root.
fn in_git<'a>(prefix: &str, shown: &str, reader: impl Fn(String) -> Reader<'a>) -> Vec<Level<'a>> {
    let mut levels = Vec::new();
    let mut directory = prefix;
    loop {
        let below = prefix[directory.len()..].trim_start_matches('/');
        let mark = if directory.is_empty() { "" } else { "/" };
        levels.push(Level {
            directory: Directory {
                shown: format!("{shown}{directory}{mark}"),
                prefix: below.to_owned(),
            },
            reader: reader(directory.to_owned()),
        });
        if directory.is_empty() {
            return levels;
        }
        directory = directory.rsplit_once('/').map_or("", |(above, _)| above);
    }
}

/// TREE, which is `prefix` in the repository, as seen from the directory `above` on disk; empty if it is not below it.
fn within(git: &Git, above: &Path, prefix: &str) -> String {
    match git.prefix_of(above) {
        Some(above) if above.is_empty() => prefix.to_owned(),
        Some(above) => prefix
            .strip_prefix(above.as_str())
            .and_then(|rest| rest.strip_prefix('/'))
            .unwrap_or_default()
            .to_owned(),
        None => String::new(),
    }
}

/// `path` as seen from `base`, both absolute: with `..` where it is not below.
fn seen_from(path: &Path, base: &Path) -> String {
    let common = path
        .components()
        .zip(base.components())
        .take_while(|(a, b)| a == b)
        .count();
    let up = base.components().skip(common).map(|_| "..".to_owned());
    let down = path
        .components()
        .skip(common)
        .map(|part| part.as_os_str().to_string_lossy().into_owned());
    let parts: Vec<_> = up.chain(down).collect();
    if parts.is_empty() {
        ".".to_owned()
    } else {
        parts.join("/")
    }
}
