//! Which tree is meant where none is named: the project around the working directory.

use std::path::{Path, PathBuf};

use crate::config;

use super::context::Context;
use super::error::SourceError;
use super::git::Git;
use super::locate::{Located, Place};
use super::spec::{looks_like_a_path, names_a_version_on_disk};
use super::tree::relative;

/// The files that make a directory a project of its own, the ones that a configuration may be in.
const CONFIGURATIONS: [&str; 2] = ["coship.toml", "pyproject.toml"];

impl Located {
    /// The project around the working directory: the nearest directory that has a configuration, up to the root of the repository, else that root.
    /// Imports start from there, wherever in it somebody works. Comes with the working directory as a path of it; `""` if they are the same.
    ///
    /// Outside of a repository it is the working directory, and so it is where `against` names a directory or a zip: that is compared with what
    /// is here.
    ///
    /// # Errors
    /// If there is nothing to read.
    pub fn around(
        staged: bool,
        against: Option<&str>,
        context: &Context,
    ) -> Result<(Self, String), SourceError> {
        let here = &context.directory;
        if against.is_some_and(|spec| is_on_disk(spec, here)) {
            return Ok((Self::candidate(".", staged, context)?, String::new()));
        }
        let git = Git::discover(here).ok().flatten();
        let root = git.and_then(|git| git.prefix_of(here).and(git.root.clone()));
        let Some(root) = root else {
            return Ok((Self::candidate(".", staged, context)?, String::new()));
        };
        let above = here
            .ancestors()
            .take_while(|directory| directory.starts_with(&root));
        let mut ups = 0;
        for directory in above {
            if directory == root || is_configured(directory) {
                break;
            }
            ups += 1;
        }
        let tree = if ups == 0 {
            ".".to_owned()
        } else {
            vec![".."; ups].join("/")
        };
        let project = here.ancestors().nth(ups).unwrap_or(here);
        let below = here.strip_prefix(project).unwrap_or(Path::new(""));
        let Some(below) = relative(below) else {
            // A name that is not UTF-8 is no path of a tree.
            return Ok((Self::candidate(".", staged, context)?, String::new()));
        };
        Ok((Self::candidate(&tree, staged, context)?, below))
    }

    /// The project that a named directory is a part of: the nearest directory around it, in the same repository, that has a configuration. Comes with the directory as a
    /// path of it. None where there is no such project, or the directory is one itself; where `against` names a directory or a zip; and for
    /// `dir:DIRECTORY`, which says that the directory is all of the program.
    ///
    /// # Errors
    /// If the project cannot be read.
    pub fn project_of(
        named: &str,
        staged: bool,
        against: Option<&str>,
        context: &Context,
    ) -> Result<Option<(Self, String)>, SourceError> {
        let here = &context.directory;
        let Ok(directory) = std::fs::canonicalize(here.join(named)) else {
            return Ok(None);
        };
        let is_apart = against.is_some_and(|spec| is_on_disk(spec, here));
        if is_apart || !directory.is_dir() || is_configured(&directory) {
            return Ok(None);
        }
        let git = Git::discover(&directory).ok().flatten();
        let root = git.and_then(|git| git.prefix_of(&directory).and(git.root.clone()));
        let project = root.and_then(|root| {
            let above = directory.ancestors().skip(1);
            let mut within = above.take_while(|above| above.starts_with(&root));
            within.find(|above| is_configured(above))
        });
        let Some(project) = project else {
            return Ok(None);
        };
        let below = directory.strip_prefix(project).ok().and_then(relative);
        match (below, seen_from(here, project)) {
            (Some(below), Some(tree)) => {
                let candidate = Self::candidate(&tree, staged, context)?;
                Ok(Some((candidate, below)))
            }
            // A name that is not UTF-8 is no path of a tree.
            _ => Ok(None),
        }
    }

    /// Where a file is that a configuration names relative to itself. `source` is how the configuration is shown: `coship.toml`, `../coship.toml`,
    /// `staged:coship.toml`. What a version carries along names a file of the repository's work tree.
    #[must_use]
    pub fn file_beside(&self, source: &str, file: &str, context: &Context) -> PathBuf {
        let (base, shown) = match (&self.place, source.rsplit_once(':')) {
            (Place::Index { git, .. } | Place::Revision { git, .. }, Some((_, shown))) => {
                let root = git.root.as_deref().unwrap_or(&context.directory);
                (root, shown)
            }
            _ => (context.directory.as_path(), source),
        };
        let directory = Path::new(shown).parent().unwrap_or(Path::new(""));
        base.join(directory).join(file)
    }
}

/// Whether what is compared with is a directory or a zip.
fn is_on_disk(spec: &str, here: &Path) -> bool {
    spec.starts_with("dir:")
        || spec.starts_with("zip:")
        || looks_like_a_path(spec)
        || names_a_version_on_disk(&here.join(spec)).is_some()
}

/// A directory above or below another one, as it is written there.
fn seen_from(here: &Path, directory: &Path) -> Option<String> {
    if let Ok(below) = directory.strip_prefix(here) {
        return match relative(below)? {
            path if path.is_empty() => Some(".".to_owned()),
            path => Some(format!("./{path}")),
        };
    }
    let ups = here.strip_prefix(directory).ok()?.components().count();
    Some(vec![".."; ups].join("/"))
}

/// Where the hooks of the repository around the working directory are.
///
/// # Errors
/// If there is no repository, or it takes its hooks from elsewhere.
pub fn hooks_directory(context: &Context) -> Result<PathBuf, SourceError> {
    let Some(git) = Git::discover(&context.directory)? else {
        return Err(SourceError::NotARepository {
            path: ".".to_owned(),
            wanted: "hook".to_owned(),
        });
    };
    let snapshot = git.repo.config_snapshot();
    match snapshot.string("core.hooksPath") {
        Some(path) => Err(SourceError::HooksElsewhere {
            path: path.to_string(),
        }),
        None => Ok(git.repo.common_dir().join("hooks")),
    }
}

/// The commit of a revision in the repository around the working directory, in hex; None if there is none. An annotated tag is an object of its own, with
/// an id of its own, and leads to its commit.
#[must_use]
pub fn commit_of(revision: &str, context: &Context) -> Option<String> {
    let git = Git::discover(&context.directory).ok()??;
    let resolved = git.resolve(revision).ok()??;
    Some(resolved.commit?.to_string())
}

/// Whether a directory has a configuration. One that cannot be understood is one, and is told of when it is read.
fn is_configured(directory: &Path) -> bool {
    CONFIGURATIONS.iter().any(|name| {
        std::fs::read(directory.join(name))
            .is_ok_and(|bytes| !matches!(config::parse(&bytes, name, ""), Ok(None)))
    })
}
