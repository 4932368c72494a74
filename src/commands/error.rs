//! Why a command could not do its work: exit status 2.

use std::io;

use crate::config::ConfigError;
use crate::rules::UnknownRule;
use crate::source::SourceError;

/// An error that ends the run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The configuration cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A tree cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// A rule that does not exist was asked for.
    #[error(transparent)]
    Rule(#[from] UnknownRule),
    /// The report cannot be written.
    #[error("cannot write {name}: {error}")]
    Output {
        /// `stdout`, or the file.
        name: String,
        /// What the system says.
        error: io::Error,
    },
    /// There is no deployed version, and the command compares with one.
    #[error("there is nothing to compare with: {why}")]
    NothingDeployed {
        /// Why there is none.
        why: String,
    },
    /// `coship init` would replace a file.
    #[error("{name} exists already")]
    Exists {
        /// The file.
        name: String,
    },
    /// The threads that do the work cannot be started.
    #[error("cannot start the worker threads: {0}")]
    Threads(#[from] rayon::ThreadPoolBuildError),
}

impl Error {
    /// What the user can do about it.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Config(error) => error.help.clone(),
            Self::Source(error) => Some(error.help()),
            Self::Exists { .. } => {
                Some("--force replaces it, --stdout shows what would be written".to_owned())
            }
            Self::NothingDeployed { .. } => Some(
                "name the deployed version: --against REVISION, a directory or a zip".to_owned(),
            ),
            Self::Rule(_) | Self::Output { .. } | Self::Threads(_) => None,
        }
    }
}
