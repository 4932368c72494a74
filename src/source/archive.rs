//! Zips: what Lambda serves, what an upload consists of, wheels.

use std::fs::File as DiskFile;
use std::io::{BufReader, Read};
use std::path::Path;
use std::sync::Arc;

use zip::ZipArchive;
use zip::result::ZipError;

use crate::config::Selection;

use super::error::SourceError;
use super::text::Text;
use super::tree::{Class, Contents, File, MAX_FILE};

/// How much Python all of a zip may unpack to, in bytes: twice what Lambda accepts of everything.
const MAX_TOTAL: u64 = 512 * 1024 * 1024;

/// An open zip.
pub(super) struct Archive {
    zip: ZipArchive<BufReader<DiskFile>>,
    /// The file as shown to people.
    shown: String,
}

impl Archive {
    /// Opens the zip at `path`, which is shown as `shown`.
    pub(super) fn open(path: &Path, shown: &str) -> Result<Self, SourceError> {
        let file = DiskFile::open(path).map_err(|error| SourceError::Unreadable {
            path: shown.to_owned(),
            message: error.to_string(),
        })?;
        let zip = ZipArchive::new(BufReader::new(file)).map_err(|error| corrupt(shown, &error))?;
        Ok(Self {
            zip,
            shown: shown.to_owned(),
        })
    }

    /// Reads the Python files.
    ///
    /// No directory is skipped for its name: what is in a package is served. Entries whose paths are absolute or lead out of the
    /// package are not unpacked by anybody and are reported; paths with backslashes are read as what was meant, and reported too,
    /// since Linux makes a single file name of them. Of two entries with one path the later counts, as for Python and unzip.
    pub(super) fn read(&mut self, selection: &Selection) -> Result<Contents, SourceError> {
        let mut contents = Contents::default();
        let mut total = 0;
        for (index, path) in self.entries(selection, &mut contents)? {
            // What is really unpacked is counted as well: the sizes that a zip states may be wrong.
            let bytes = self.unpack(index, &path)?;
            total += bytes.len() as u64;
            self.check_total(total)?;
            contents.files.push(File {
                path,
                blob: None,
                text: Arc::new(Text::decode(bytes)),
            });
        }
        Ok(contents)
    }

    /// The Python files that are wanted, by number and path; everything else that matters goes to `contents`.
    fn entries(
        &self,
        selection: &Selection,
        contents: &mut Contents,
    ) -> Result<Vec<(usize, Arc<str>)>, SourceError> {
        let mut wanted = Vec::new();
        let mut stated = 0_u64;
        for index in 0..self.zip.len() {
            let entry = self
                .zip
                .by_index_data(index)
                .map_err(|error| corrupt(&self.shown, &error))?;
            let Some(class) = Class::of(entry.name_raw()).filter(|_| !entry.is_dir()) else {
                continue;
            };
            let name = entry.name().map_err(|error| corrupt(&self.shown, &error))?;
            let Some(path) = place(&name, contents).filter(|path| selection.takes(path)) else {
                continue;
            };
            if entry.is_symlink() {
                let message = "a symbolic link in a zip: nothing says that it is unpacked as one";
                contents.problem(&*path, message);
            } else if class == Class::Other {
                contents.others.push(path);
            } else if entry.encrypted() {
                return Err(SourceError::EncryptedArchive {
                    path: self.shown.clone(),
                    entry: path.to_string(),
                });
            } else {
                self.check_file(entry.size(), &path)?;
                stated = stated.saturating_add(entry.size());
                self.check_total(stated)?;
                wanted.push((index, path));
            }
        }
        Ok(wanted)
    }

    fn check_file(&self, size: u64, path: &str) -> Result<(), SourceError> {
        if size <= MAX_FILE {
            return Ok(());
        }
        let limit = MAX_FILE / 1024 / 1024;
        Err(self.oversized(format!("'{path}' alone is larger than {limit} MiB")))
    }

    fn check_total(&self, total: u64) -> Result<(), SourceError> {
        if total <= MAX_TOTAL {
            return Ok(());
        }
        let limit = MAX_TOTAL / 1024 / 1024;
        Err(self.oversized(format!("more than {limit} MiB of Python")))
    }

    fn unpack(&mut self, index: usize, path: &str) -> Result<Vec<u8>, SourceError> {
        let damaged = |error: &dyn std::fmt::Display| SourceError::CorruptArchive {
            path: self.shown.clone(),
            message: format!("'{path}': {error}"),
        };
        let mut bytes = Vec::new();
        let entry = self.zip.by_index(index).map_err(|error| damaged(&error))?;
        entry
            .take(MAX_FILE + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| damaged(&error))?;
        self.check_file(bytes.len() as u64, path)?;
        Ok(bytes)
    }

    /// The bytes of the file `name` at the zip's root, None if there is none.
    pub(super) fn root_file(&mut self, name: &str) -> Result<Option<Vec<u8>>, String> {
        let Some(index) = self.zip.index_for_name(name) else {
            return Ok(None);
        };
        self.unpack(index, name)
            .map(Some)
            .map_err(|error| error.to_string())
    }

    fn oversized(&self, message: String) -> SourceError {
        SourceError::OversizedArchive {
            path: self.shown.clone(),
            message,
        }
    }
}

/// The path of an entry in the tree; None, with a problem noted, if it has no place there.
fn place(name: &str, contents: &mut Contents) -> Option<Arc<str>> {
    let has_backslash = name.contains('\\');
    let name = if has_backslash {
        contents.problem(
            name,
            "the path in the zip has backslashes: on Linux this is one file name, and no directory",
        );
        name.replace('\\', "/")
    } else {
        name.to_owned()
    };
    let is_drive = matches!(name.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic());
    let parts: Vec<&str> = name.split('/').filter(|part| *part != ".").collect();
    if name.starts_with('/') || is_drive {
        contents.problem(name, "the path in the zip is absolute");
        None
    } else if parts.contains(&"..") {
        contents.problem(name, "the path in the zip leads out of the package");
        None
    } else if parts.contains(&"") {
        contents.problem(name, "the path in the zip has an empty part");
        None
    } else {
        Some(Arc::from(parts.join("/")))
    }
}

fn corrupt(shown: &str, error: &ZipError) -> SourceError {
    SourceError::CorruptArchive {
        path: shown.to_owned(),
        message: error.to_string(),
    }
}
