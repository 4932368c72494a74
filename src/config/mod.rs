//! Configuration: options as written -> settings as resolved.
//!
//! Options come from `coship.toml` or `[tool.coship]` in `pyproject.toml` (`coship.toml` wins where a directory has
//! both) and from `--config KEY=VALUE`; the nearest file counts, going up from TREE, and files are not merged with one
//! another. Nothing here touches a disk by itself: [`find`] is handed a way to read, so that the configuration of a git
//! revision or a zip is read from in there.

mod day;
mod find;
mod globs;
mod layers;
mod near;
mod options;
mod read;
mod schema;
mod settings;

pub use day::Day;
pub use find::{Argument, Found, Place, find};
pub use globs::{Globs, Pattern};
pub use layers::{LayerProfile, LayerRules, Layers, OTHERS, Places};
pub use near::nearest;
pub use options::{
    AgainstOption, ColdStartOptions, LayerOptions, Level, Options, RuleLevels, WaiverOption,
    Written,
};
pub use read::{COLD_START, KEYS, KeyInfo, Said, Shape, inline, parse, requires_python, version};
pub use schema::schema;
pub use settings::{EntryPoints, RuleLevel, Selection, Settings, Unit, Waiver, is_filled_in};

use std::fmt;
use std::sync::Arc;

/// Where an option is written.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin {
    /// The file as shown to people (`coship.toml`), or the flag (`--config`).
    pub source: Arc<str>,
    /// The line in that file, from 1; 0 for a flag.
    pub line: u32,
}

impl Origin {
    /// An option of the command line.
    #[must_use]
    pub fn argument(option: &str) -> Self {
        Self {
            source: Arc::from(option),
            line: 0,
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}", self.source),
            line => write!(f, "{}:{line}", self.source),
        }
    }
}

/// A configuration that cannot be used: exit status 2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// Where, if it is in one place.
    pub at: Option<Origin>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl ConfigError {
    pub(crate) fn new(at: Option<Origin>, message: impl Into<String>) -> Self {
        Self {
            at,
            message: message.into(),
            help: None,
        }
    }

    pub(crate) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// An unknown word, with the nearest known one as the help.
    pub(crate) fn unknown<'a>(
        at: Origin,
        what: &str,
        word: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let error = Self::new(Some(at), format!("unknown {what} '{word}'"));
        match nearest(word, known) {
            Some(near) => error.with_help(format!("did you mean '{near}'?")),
            None => error,
        }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(at) = &self.at {
            write!(f, "{at}: ")?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for ConfigError {}
