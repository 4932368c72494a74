//! Which version is meant: TREE and SPEC of the command line, and the configuration's `against`.
//!
//! ```text
//! TREE  PATH             a directory, or a zip if it is a file; the working directory by default
//!       rev:REVISION     the directory of the revision that corresponds to the working directory
//!       rev:REVISION:DIR that directory of the revision, from the repository's root (`./DIR`: from the working directory)
//! SPEC  as TREE, and
//!       REVISION[:DIR]   without DIR: the same directory as TREE
//!       deployed:NAME[:DIR]  what `coship deployed --record NAME` recorded
//!       none             no comparison
//! ```
//!
//! `dir:` and `zip:` mean the path, whatever else has that name. A SPEC without any of the three prefixes is a path if it looks
//! like one (`./x`, `/x`, `x/`, `x.zip`); otherwise it is the revision or the existing directory or zip of that name, and
//! an error if it is both: a guess could compare with the wrong version and nobody would notice.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use gix::ObjectId;
use globset::GlobBuilder;

use crate::config::{AgainstOption, Written};

use super::context::Context;
use super::error::SourceError;
use super::git::{Git, Resolved};
use super::itself::{Chosen, Itself};
use super::newest::Tag;
use super::recorded::reference_of;
use super::spec::{has_name, looks_like_a_path, names_a_version_on_disk, split_directory};
use super::tree::{self, Class, Kind};
use super::version::Version;

/// A version that was found and not read yet.
pub struct Located {
    pub(super) place: Place,
    pub(super) name: String,
    pub(super) chosen_by: Option<String>,
    /// Set where it is the commit that the candidate is of.
    pub(super) itself: Option<Itself>,
}

/// Where a version is.
pub(super) enum Place {
    Directory {
        disk: PathBuf,
    },
    WorkTree {
        git: Rc<Git>,
        disk: PathBuf,
        prefix: String,
    },
    Index {
        git: Rc<Git>,
        prefix: String,
        file: Option<PathBuf>,
    },
    Revision {
        git: Rc<Git>,
        resolved: Resolved,
        /// The tree of the directory `prefix`.
        tree: ObjectId,
        prefix: String,
    },
    Zip {
        disk: PathBuf,
    },
}

/// The deployed side.
pub enum Choice {
    /// That version.
    Version(Located),
    /// None, for a reason to be told: `no version tag is reachable from HEAD`.
    Nothing(String),
}

impl Located {
    /// The version that TREE names. `staged`: the index of the repository that the directory TREE is in.
    ///
    /// # Errors
    /// If there is no such version.
    pub fn candidate(tree: &str, staged: bool, context: &Context) -> Result<Self, SourceError> {
        has_name(tree, "TREE")?;
        if let Some(spec) = tree.strip_prefix("rev:") {
            if staged {
                return Err(SourceError::StagedRevision {
                    tree: tree.to_owned(),
                });
            }
            let git = required(&context.directory, context, &format!("revision '{spec}'"))?;
            let prefix = git.prefix_of(&context.directory).unwrap_or_default();
            return revision(&git, spec, &prefix, &prefix, false);
        }
        let path = tree
            .strip_prefix("dir:")
            .or_else(|| tree.strip_prefix("zip:"));
        let given = path.unwrap_or(tree);
        let mut located = match at_path(given, context) {
            Err(SourceError::NoSuchPath { path, .. }) => {
                let git = Git::discover(&context.directory).ok().flatten();
                let is_revision = git.is_some_and(|git| matches!(git.resolve(given), Ok(Some(_))));
                return Err(SourceError::NoSuchPath { path, is_revision });
            }
            other => other?,
        };
        match located.place {
            Place::Directory { disk } if staged => {
                let git = required(&disk, context, "index")?;
                let Some(prefix) = git.prefix_of(&disk) else {
                    return Err(SourceError::BareRepository);
                };
                located.place = Place::Index {
                    git,
                    prefix,
                    file: context.index_file.clone(),
                };
            }
            Place::Directory { disk } => located.place = in_work_tree(disk)?,
            _ if staged => {
                return Err(SourceError::StagedRevision {
                    tree: tree.to_owned(),
                });
            }
            _ => {}
        }
        Ok(located)
    }

    /// The version that this one, as the candidate, is compared with: what `--against` names, else what the configuration
    /// names, else the newest tag that looks like a version and is reachable, else nothing. A tag of the candidate's own commit counts only if the
    /// candidate was changed since: [`Pair`](super::Pair) takes the tag before it otherwise.
    ///
    /// # Errors
    /// If a version was asked for and is not there, or a shallow clone hides whether there is one.
    pub fn against(
        &self,
        spec: Option<&str>,
        configured: Option<&Written<AgainstOption>>,
        context: &Context,
    ) -> Result<Choice, SourceError> {
        if let Some(spec) = spec {
            return self.named(spec, "--against", context);
        }
        match configured {
            None => self.newest_version(),
            Some(Written {
                value: AgainstOption::Spec(spec),
                at,
            }) => self.named(spec, &format!("against in {at}"), context),
            Some(Written {
                value: AgainstOption::Tag(glob),
                at,
            }) => self
                .newest_matching(glob, &at.to_string(), context)
                .map(Choice::Version),
        }
    }

    /// What it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self.place {
            Place::Directory { .. } => Kind::Directory,
            Place::WorkTree { .. } => Kind::WorkTree,
            Place::Index { .. } => Kind::Index,
            Place::Revision { .. } => Kind::Revision,
            Place::Zip { .. } => Kind::Zip,
        }
    }

    /// Its name as shown to people, and in machine formats.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How it was chosen, for a version that is compared with.
    #[must_use]
    pub fn chosen_by(&self) -> Option<&str> {
        self.chosen_by.as_deref()
    }

    /// A file that is named from the working directory, as a path of this version; None if it is not below it. It need not exist: a
    /// removed file has a name as well.
    #[must_use]
    pub fn path_within(&self, file: &str, context: &Context) -> Option<String> {
        let mut absolute = PathBuf::new();
        for part in context.directory.join(file).components() {
            match part {
                std::path::Component::CurDir => {}
                std::path::Component::ParentDir => {
                    absolute.pop();
                }
                part => absolute.push(part),
            }
        }
        // The working directory is canonical; a file that is named absolutely need not be.
        if let Some((directory, name)) = absolute.parent().zip(absolute.file_name())
            && let Ok(directory) = std::fs::canonicalize(directory)
        {
            absolute = directory.join(name);
        }
        let relative = match &self.place {
            Place::Directory { disk } | Place::WorkTree { disk, .. } => {
                absolute.strip_prefix(disk).ok()?.to_owned()
            }
            Place::Index { git, prefix, .. } | Place::Revision { git, prefix, .. } => {
                let whole = PathBuf::from(git.prefix_of(&absolute)?);
                whole.strip_prefix(prefix).ok()?.to_owned()
            }
            Place::Zip { .. } => return None,
        };
        tree::relative(&relative)
    }

    /// Whether it is in no repository.
    #[must_use]
    pub fn is_outside(&self) -> bool {
        self.repository().is_none()
    }

    /// The repository that it is in, and its directory there.
    pub(super) fn repository(&self) -> Option<(&Rc<Git>, &str)> {
        match &self.place {
            Place::WorkTree { git, prefix, .. }
            | Place::Index { git, prefix, .. }
            | Place::Revision { git, prefix, .. } => Some((git, prefix)),
            Place::Directory { .. } | Place::Zip { .. } => None,
        }
    }

    /// The version of a SPEC, with the words that say where it was written.
    fn named(&self, spec: &str, chosen_by: &str, context: &Context) -> Result<Choice, SourceError> {
        if spec == "none" {
            return Ok(Choice::Nothing(format!("{chosen_by} none")));
        }
        has_name(spec, chosen_by)?;
        let mut located = self.spec(spec, context)?;
        located.chosen_by = Some(chosen_by.to_owned());
        if !spec.starts_with("deployed:") {
            self.note_named(&mut located, spec)?;
        }
        Ok(Choice::Version(located))
    }

    fn spec(&self, spec: &str, context: &Context) -> Result<Self, SourceError> {
        if let Some(spec) = spec.strip_prefix("rev:") {
            let (git, prefix) = self.repository_or_surrounding(spec, context)?;
            return revision(&git, spec, &prefix, &prefix, false);
        }
        if let Some(recorded) = spec.strip_prefix("deployed:") {
            return self.recorded(spec, recorded, context);
        }
        let path = spec
            .strip_prefix("dir:")
            .or_else(|| spec.strip_prefix("zip:"));
        if let Some(path) = path.or_else(|| looks_like_a_path(spec).then_some(spec)) {
            return at_path(path, context);
        }
        let found = names_a_version_on_disk(&context.directory.join(spec));
        let Ok((git, prefix)) = self.repository_or_surrounding(spec, context) else {
            return at_path(spec, context);
        };
        let (name, _) = split_directory(spec);
        match (git.resolve(name)?, found) {
            (Some(_), Some(prefix)) => Err(SourceError::AmbiguousSpec {
                spec: spec.to_owned(),
                prefix,
            }),
            (None, Some(_)) => at_path(spec, context),
            (_, None) => revision(&git, spec, &prefix, &prefix, true),
        }
    }

    /// What `coship deployed --record` recorded: `deployed:NAME`, or `deployed:NAME:DIR`.
    fn recorded(&self, spec: &str, name: &str, context: &Context) -> Result<Self, SourceError> {
        let (git, prefix) = self.repository_or_surrounding(spec, context)?;
        let (name, directory) = split_directory(name);
        let reference = reference_of(name)?;
        if git.resolve(&reference)?.is_none() {
            return Err(SourceError::NotRecorded {
                name: name.to_owned(),
            });
        }
        let full = match directory {
            Some(directory) => format!("{reference}:{directory}"),
            None => reference,
        };
        let mut located = revision(&git, &full, &prefix, &prefix, false)?;
        spec.clone_into(&mut located.name);
        Ok(located)
    }

    /// The repository of this version or, for a directory or zip outside of any, the one of the working directory; with the
    /// directory in there that corresponds.
    fn repository_or_surrounding(
        &self,
        spec: &str,
        context: &Context,
    ) -> Result<(Rc<Git>, String), SourceError> {
        if let Some((git, prefix)) = self.repository() {
            return Ok((Rc::clone(git), prefix.to_owned()));
        }
        let git = required(&context.directory, context, &format!("revision '{spec}'"))?;
        let prefix = git.prefix_of(&context.directory).unwrap_or_default();
        Ok((git, prefix))
    }

    /// The newest tag that looks like a version.
    fn newest_version(&self) -> Result<Choice, SourceError> {
        let nothing = |why: String| Ok(Choice::Nothing(why));
        let Some((git, prefix)) = self.repository() else {
            return nothing(match self.place {
                Place::Zip { .. } => "a zip has no history".to_owned(),
                _ => "not in a git repository".to_owned(),
            });
        };
        let Some((from, from_name)) = self.start(git)? else {
            return nothing("the repository has no commit yet".to_owned());
        };
        let wanted = |name: &str| Version::of_tag(name).is_some();
        let Some(tag) = git.newest_tag(from, None, wanted)? else {
            if git.is_shallow() {
                return Err(SourceError::Shallow {
                    wanted: format!("the newest version tag reachable from {from_name}"),
                });
            }
            return nothing(format!("no version tag is reachable from {from_name}"));
        };
        let chosen_by = format!("newest version tag reachable from {from_name}");
        let chosen = Chosen {
            from,
            newest: &chosen_by,
            before: &|own| format!("newest version tag before {own}, the commit that is checked"),
        };
        match self.tagged_unlike((git, prefix), &tag, &chosen, wanted) {
            Err(SourceError::NoDirectory { spec, directory }) => nothing(format!(
                "{spec}, the newest version tag, has no directory '{directory}'"
            )),
            located => located.map(Choice::Version),
        }
    }

    /// The newest tag that matches `glob`, which is written in `at`.
    fn newest_matching(
        &self,
        glob: &str,
        at: &str,
        context: &Context,
    ) -> Result<Self, SourceError> {
        let matcher = GlobBuilder::new(glob)
            .build()
            .map_err(|error| SourceError::MalformedGlob {
                glob: glob.to_owned(),
                message: error.kind().to_string(),
                at: at.to_owned(),
            })?
            .compile_matcher();
        let (git, prefix) = self.repository_or_surrounding(glob, context)?;
        let no_match = |from: &str| SourceError::NoMatchingTag {
            glob: glob.to_owned(),
            from: from.to_owned(),
            at: at.to_owned(),
        };
        let Some((from, from_name)) = self.start(&git)? else {
            return Err(no_match("HEAD, which has no commit yet"));
        };
        let wanted = |name: &str| matcher.is_match(name);
        let Some(tag) = git.newest_tag(from, None, wanted)? else {
            return Err(if git.is_shallow() {
                SourceError::Shallow {
                    wanted: format!("a tag that matches '{glob}'"),
                }
            } else {
                no_match(&from_name)
            });
        };
        let chosen_by = format!("newest tag matching '{glob}' reachable from {from_name} ({at})");
        let chosen = Chosen {
            from,
            newest: &chosen_by,
            before: &|own| {
                format!(
                    "newest tag matching '{glob}' before {own}, the commit that is checked ({at})"
                )
            },
        };
        self.tagged_unlike((&git, &prefix), &tag, &chosen, wanted)
    }

    /// The commit from which tags are looked for, and its name.
    pub(super) fn start(&self, git: &Git) -> Result<Option<(ObjectId, String)>, SourceError> {
        Ok(match &self.place {
            Place::Revision { resolved, .. } => {
                let (name, _) = split_directory(&self.name);
                resolved.commit.map(|commit| (commit, name.to_owned()))
            }
            _ => git.head()?.map(|head| (head, "HEAD".to_owned())),
        })
    }

    /// The version of a tag, in the same directory.
    pub(super) fn tagged(
        &self,
        git: &Rc<Git>,
        prefix: &str,
        tag: &Tag,
        chosen_by: String,
    ) -> Result<Self, SourceError> {
        let resolved = git.resolve_id(tag.commit, &tag.name)?;
        let mut located = of_revision(
            git,
            resolved,
            tag.name.clone(),
            &tag.name,
            prefix.to_owned(),
        )?;
        located.chosen_by = Some(chosen_by);
        Ok(located)
    }
}

/// The repository that `directory` is in, which has to be in one.
fn required(directory: &Path, context: &Context, wanted: &str) -> Result<Rc<Git>, SourceError> {
    match Git::discover(directory)? {
        Some(git) => Ok(Rc::new(git)),
        None => Err(SourceError::NotARepository {
            path: context.shown(&directory.to_string_lossy()),
            wanted: wanted.to_owned(),
        }),
    }
}

/// A directory or zip on disk; a directory is not looked at for its repository.
pub(super) fn at_path(given: &str, context: &Context) -> Result<Located, SourceError> {
    let shown = context.shown(given);
    let path = context.directory.join(given);
    let metadata = std::fs::metadata(&path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => {
            SourceError::NoSuchPath {
                path: given.to_owned(),
                is_revision: false,
            }
        }
        _ => SourceError::Unreadable {
            path: shown.clone(),
            message: error.to_string(),
        },
    })?;
    let disk = std::fs::canonicalize(&path).map_err(|error| SourceError::Unreadable {
        path: shown.clone(),
        message: error.to_string(),
    })?;
    let place = if metadata.is_dir() {
        Place::Directory { disk }
    } else if Class::of(given.as_bytes()) == Some(Class::Python) {
        return Err(SourceError::SingleFile { path: shown });
    } else if metadata.is_file() {
        Place::Zip { disk }
    } else {
        return Err(SourceError::NotAFile { path: shown });
    };
    Ok(Located {
        place,
        name: shown,
        chosen_by: None,
        itself: None,
    })
}

/// A directory as the work tree that it is in, if it is in one.
fn in_work_tree(disk: PathBuf) -> Result<Place, SourceError> {
    let git = Git::discover(&disk)?;
    let within = git.and_then(|git| git.prefix_of(&disk).map(|prefix| (git, prefix)));
    Ok(match within {
        Some((git, prefix)) => Place::WorkTree {
            git: Rc::new(git),
            disk,
            prefix,
        },
        None => Place::Directory { disk },
    })
}

/// `REVISION[:DIR]`. `default` is the directory without DIR, `here` the one that `./` stands for.
fn revision(
    git: &Rc<Git>,
    spec: &str,
    default: &str,
    here: &str,
    could_be_path: bool,
) -> Result<Located, SourceError> {
    let (name, directory) = split_directory(spec);
    let Some(resolved) = git.resolve(name)? else {
        return Err(git.unknown(name, could_be_path));
    };
    let prefix = match directory {
        None => default.to_owned(),
        Some(directory) => {
            let relative = directory
                .strip_prefix("./")
                .or((directory == ".").then_some(""));
            let joined = relative.map(|relative| format!("{here}/{relative}"));
            let parts = joined.as_deref().unwrap_or(directory).split('/');
            let parts: Vec<_> = parts
                .filter(|part| !part.is_empty() && *part != ".")
                .collect();
            parts.join("/")
        }
    };
    of_revision(git, resolved, spec.to_owned(), name, prefix)
}

/// The directory `prefix` of a revision. `name` is how it is shown, `spec` the revision alone.
fn of_revision(
    git: &Rc<Git>,
    resolved: Resolved,
    name: String,
    spec: &str,
    prefix: String,
) -> Result<Located, SourceError> {
    let Some(tree) = git.subtree(resolved.tree, &prefix, spec)? else {
        return Err(SourceError::NoDirectory {
            spec: spec.to_owned(),
            directory: prefix,
        });
    };
    Ok(Located {
        place: Place::Revision {
            git: Rc::clone(git),
            resolved,
            tree,
            prefix,
        },
        name,
        chosen_by: None,
        itself: None,
    })
}
