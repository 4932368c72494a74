//! `refs/deployed/NAME`: what runs in an environment, as the deploy recorded it. A tag says what was to be deployed; this says what was.

use gix::bstr::ByteSlice;
use gix::refs::transaction::PreviousValue;

use super::context::Context;
use super::error::SourceError;
use super::git::{Git, failed};

/// Where such references are kept.
pub(super) const RECORDED: &str = "refs/deployed/";

/// What was recorded for an environment.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Recorded {
    /// The environment: `prod`.
    pub name: String,
    /// The commit, in hex.
    pub commit: String,
    /// What was recorded before, if there was something else.
    pub before: Option<String>,
}

/// Records that the revision runs in the environment `name`, in the repository around the working directory.
///
/// # Errors
/// If there is no repository or no such commit, if the name is none that git takes, or if the reference cannot be written.
pub fn record_deployed(
    name: &str,
    revision: &str,
    context: &Context,
) -> Result<Recorded, SourceError> {
    let git = repository(context)?;
    let reference = reference_of(name)?;
    let Some(resolved) = git.resolve(revision)? else {
        return Err(git.unknown(revision, false));
    };
    let commit = resolved.commit.ok_or_else(|| SourceError::NotACommit {
        spec: revision.to_owned(),
        kind: "tree".to_owned(),
    })?;
    let before = git
        .resolve(&reference)?
        .and_then(|resolved| resolved.commit)
        .filter(|before| *before != commit)
        .map(|before| before.to_string());
    git.repo
        .reference(
            reference.as_str(),
            commit,
            PreviousValue::Any,
            "coship deployed --record",
        )
        .map_err(|error| failed(&error))?;
    Ok(Recorded {
        name: name.to_owned(),
        commit: commit.to_string(),
        before,
    })
}

/// What is recorded, sorted by name.
///
/// # Errors
/// If there is no repository, or it cannot be read.
pub fn recorded(context: &Context) -> Result<Vec<Recorded>, SourceError> {
    let git = repository(context)?;
    let mut all = Vec::new();
    let references = git.repo.references().map_err(|error| failed(&error))?;
    let those = references
        .prefixed(RECORDED)
        .map_err(|error| failed(&error))?;
    for reference in those.flatten() {
        let full = reference.name().as_bstr().to_str_lossy().into_owned();
        let name = full.strip_prefix(RECORDED).unwrap_or(&full).to_owned();
        if let Some(commit) = git.resolve(&full)?.and_then(|resolved| resolved.commit) {
            all.push(Recorded {
                name,
                commit: commit.to_string(),
                before: None,
            });
        }
    }
    all.sort();
    Ok(all)
}

fn repository(context: &Context) -> Result<Git, SourceError> {
    Git::discover(&context.directory)?.ok_or_else(|| SourceError::NotARepository {
        path: ".".to_owned(),
        wanted: "deployed version".to_owned(),
    })
}

/// The full name of the reference, if it is one that git takes.
pub(super) fn reference_of(name: &str) -> Result<String, SourceError> {
    let full = format!("{RECORDED}{name}");
    let is_valid = gix::validate::reference::name(full.as_str().into()).is_ok();
    if name.is_empty() || !is_valid {
        return Err(SourceError::NoEnvironmentName {
            name: name.to_owned(),
        });
    }
    Ok(full)
}
