//! Finding the configuration.

use std::path::{Path, PathBuf};

use super::{ConfigError, Options, Origin, inline, parse};

/// The names of configuration files, the one that wins first.
const NAMES: [&str; 2] = ["coship.toml", "pyproject.toml"];

/// A directory that may hold a configuration file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The directory as shown to people: `.`, `..`, `rev:v1.0`; a file's name is put behind it.
    pub shown: String,
    /// TREE as seen from the directory, with `/`; empty if it is TREE itself or TREE is not below it.
    pub prefix: String,
}

impl Place {
    /// A file in the directory, as shown to people.
    #[must_use]
    pub fn file(&self, name: &str) -> String {
        match self.shown.as_str() {
            "" | "." => name.to_owned(),
            shown if shown.ends_with([':', '/']) => format!("{shown}{name}"),
            shown => format!("{shown}/{name}"),
        }
    }
}

/// A configuration that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What it says.
    pub options: Options,
    /// The file as shown to people.
    pub file: String,
}

/// The nearest configuration: the first of `places` that has one. `read` gives the bytes of a file in the place with that
/// index, or None if there is no such file.
///
/// # Errors
/// If a file cannot be read (in the words of `read`) or is not understood.
pub fn find(
    places: &[Place],
    mut read: impl FnMut(usize, &str) -> Result<Option<Vec<u8>>, String>,
) -> Result<Option<Found>, ConfigError> {
    for (index, place) in places.iter().enumerate() {
        for name in NAMES {
            let file = place.file(name);
            let bytes = read(index, name).map_err(|message| {
                let at = Origin {
                    source: file.as_str().into(),
                    line: 0,
                };
                ConfigError::new(Some(at), message)
            })?;
            if let Some(bytes) = bytes
                && let Some(options) = parse(&bytes, &file, &place.prefix)?
            {
                return Ok(Some(Found { options, file }));
            }
        }
    }
    Ok(None)
}

/// One `--config`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Argument {
    /// `--config PATH`: this file, and no other is looked for.
    File(PathBuf),
    /// `--config KEY=VALUE`: on top of the file.
    Inline(Box<Options>),
}

impl Argument {
    /// Tells the two forms apart: what exists as a file is one, whatever its name.
    ///
    /// # Errors
    /// If it is neither a file nor KEY=VALUE, or the key or value is not understood.
    pub fn parse(argument: &str) -> Result<Self, ConfigError> {
        if Path::new(argument).is_file() {
            return Ok(Self::File(PathBuf::from(argument)));
        }
        inline(argument).map(|options| Self::Inline(Box::new(options)))
    }

    /// Reads the file of [`Self::File`]. `prefix` is TREE as seen from the file's directory.
    ///
    /// # Errors
    /// If it cannot be read or is not understood, or is a `pyproject.toml` without `[tool.coship]`.
    pub fn read_file(path: &Path, prefix: &str) -> Result<Options, ConfigError> {
        let shown = path.display().to_string();
        let at = || {
            Some(Origin {
                source: shown.as_str().into(),
                line: 0,
            })
        };
        let bytes =
            std::fs::read(path).map_err(|error| ConfigError::new(at(), error.to_string()))?;
        parse(&bytes, &shown, prefix)?
            .ok_or_else(|| ConfigError::new(at(), "the file has no [tool.coship]"))
    }
}

#[cfg(test)]
mod tests {
    use super::{Argument, Place, find};

    fn place(shown: &str, prefix: &str) -> Place {
        Place {
            shown: shown.to_owned(),
            prefix: prefix.to_owned(),
        }
    }

    #[test]
    fn the_nearest_file_counts() {
        let places = [place("src", ""), place(".", "src")];
        let found = find(&places, |index, name| {
            Ok(match (index, name) {
                (0, "pyproject.toml") => Some(b"[tool.ruff]".to_vec()),
                (1, "coship.toml") => Some(b"exclude = ['a']".to_vec()),
                (1, "pyproject.toml") => panic!("coship.toml wins"),
                _ => None,
            })
        });
        let found = found.unwrap().unwrap();
        assert_eq!(found.file, "coship.toml");
        assert_eq!(&*found.options.exclude.unwrap()[0].prefix, "src");
    }

    #[test]
    fn a_file_that_cannot_be_read_is_an_error() {
        let error = find(&[place("rev:v1:", "")], |_, _| {
            Err("is a directory".to_owned())
        })
        .unwrap_err();
        assert_eq!(error.to_string(), "rev:v1:coship.toml: is a directory");
    }

    #[test]
    fn an_argument_is_a_file_or_an_assignment() {
        assert!(matches!(
            Argument::parse("against=x"),
            Ok(Argument::Inline(_))
        ));
        let error = Argument::parse("nowhere.toml").unwrap_err();
        assert_eq!(
            error.to_string(),
            "--config: 'nowhere.toml' is neither a file nor KEY=VALUE"
        );
    }
}
