//! Files of installed packages, as imports find them.

use std::path::{Path, PathBuf};

use crate::source::Text;
use crate::syntax;
use crate::syntax::ir::{Module, Range};
use crate::syntax::visit;

/// What a module of the packages is.
#[derive(Clone)]
pub(super) enum Found {
    /// A file of Python; a regular package's `__init__`.
    File(PathBuf, bool),
    /// There, and not to be looked into: compiled, a namespace, the standard library's or the tree's own.
    Opaque,
    /// A package that is there does not have it.
    Missing,
}

/// A file that was read.
pub(super) struct Read {
    /// Its statements.
    pub ir: Module,
    /// Its text.
    pub text: Text,
    /// Whether it is a regular package's `__init__`.
    pub is_package: bool,
    path: PathBuf,
}

impl Read {
    /// Whether a text in the file is the name: what lists it, as `__all__` does, has it from somewhere.
    pub(super) fn says(&self, name: &str) -> bool {
        let mut found = false;
        visit::texts(&self.ir, &mut |text| found |= text.as_str() == name);
        found
    }

    /// `helper/core.py:12`.
    pub(super) fn shown(&self, range: Range) -> String {
        let parts: Vec<String> = self.parts();
        let line = self.text.position(range.start).line;
        format!("{}:{line}", parts.join("/"))
    }

    /// The path from its top-level package on.
    fn parts(&self) -> Vec<String> {
        let mut parts: Vec<String> = Vec::new();
        for level in self.path.ancestors() {
            let name = level.file_name().unwrap_or_default();
            parts.push(name.to_string_lossy().into_owned());
            let is_in_package = level
                .parent()
                .is_some_and(|around| around.join("__init__.py").is_file());
            if !is_in_package {
                break;
            }
        }
        parts.reverse();
        parts
    }

    pub(super) fn dotted_top(&self) -> String {
        let parts = self.parts();
        let first = parts.into_iter().next().unwrap_or_default();
        first.strip_suffix(".py").unwrap_or(&first).to_owned()
    }
}

/// Reads a file; none if it cannot be read.
pub(super) fn read(path: PathBuf, is_package: bool) -> Option<Read> {
    let text = Text::decode(std::fs::read(&path).ok()?);
    Some(Read {
        ir: syntax::parse(text.content()),
        text,
        is_package,
        path,
    })
}

/// What a place is that an environment named: a package's directory or a module's file.
pub(super) fn found_at(source: &Path) -> Found {
    let init = source.join("__init__.py");
    if init.is_file() {
        Found::File(init, true)
    } else if source.is_file() && source.extension().is_some_and(|ending| ending == "py") {
        Found::File(source.to_owned(), false)
    } else {
        Found::Opaque
    }
}

/// What a name is in a package's directory (`importlib`'s `FileFinder`).
pub(super) fn within(directory: &Path, part: &str) -> Found {
    let init = directory.join(part).join("__init__.py");
    if init.is_file() {
        return Found::File(init, true);
    }
    let file = directory.join(format!("{part}.py"));
    if file.is_file() {
        return Found::File(file, false);
    }
    let begins = format!("{part}.");
    let mut names = std::fs::read_dir(directory).into_iter().flatten().flatten();
    let is_there = directory.join(part).is_dir()
        || names.any(|entry| entry.file_name().to_string_lossy().starts_with(&begins));
    if is_there {
        Found::Opaque
    } else {
        Found::Missing
    }
}
