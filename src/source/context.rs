//! What paths and names of the command line count from.

use std::path::{Component, Path, PathBuf};

use super::error::SourceError;

/// What paths and names count from.
#[derive(Clone, Debug)]
pub struct Context {
    /// The working directory, canonical.
    pub(super) directory: PathBuf,
    /// `GIT_INDEX_FILE`, which git sets for hooks.
    pub(super) index_file: Option<PathBuf>,
}

impl Context {
    /// The context of a process that runs in `directory`, with `index_file` as its `GIT_INDEX_FILE`, if that is set.
    ///
    /// # Errors
    /// If the directory does not exist or may not be read.
    pub fn new(directory: &Path, index_file: Option<PathBuf>) -> Result<Self, SourceError> {
        let canonical =
            std::fs::canonicalize(directory).map_err(|error| SourceError::UnreadableDirectory {
                path: directory.display().to_string(),
                message: error.to_string(),
            })?;
        Ok(Self {
            index_file: index_file.map(|file| canonical.join(file)),
            directory: canonical,
        })
    }

    /// The context of this process.
    ///
    /// # Errors
    /// If the working directory does not exist any more or may not be read.
    pub fn of_process() -> Result<Self, SourceError> {
        Self::new(
            Path::new("."),
            std::env::var_os("GIT_INDEX_FILE").map(PathBuf::from),
        )
    }

    /// A path as shown to people and in machine formats: as given, with `/`, but never absolute. An absolute one is shown as
    /// seen from the working directory, or by its last part alone if it is elsewhere.
    #[must_use]
    pub fn shown(&self, path: &str) -> String {
        let given = Path::new(path);
        let relative = if given.is_absolute() {
            match given.strip_prefix(&self.directory) {
                Ok(relative) => relative.to_owned(),
                Err(_) => given
                    .file_name()
                    .map_or_else(|| PathBuf::from("."), PathBuf::from),
            }
        } else {
            given.to_owned()
        };
        let shown: Vec<_> = relative
            .components()
            .filter(|part| *part != Component::CurDir)
            .map(|part| part.as_os_str().to_string_lossy().into_owned())
            .collect();
        if shown.is_empty() {
            ".".to_owned()
        } else {
            shown.join("/")
        }
    }
}
