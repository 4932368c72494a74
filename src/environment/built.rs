//! Modules that a build step writes: they need not be in the tree.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

use globset::{Glob, GlobSet, GlobSetBuilder};

use super::compiled;
use super::generated::Sources;

/// The files of a project that say what is built or left out of the repository, by their names.
const FILES: [&str; 11] = [
    ".gitignore",
    "CMakeLists.txt",
    "Cargo.toml",
    "Dockerfile",
    "Makefile",
    "build.py",
    "buildspec.yml",
    "makefile",
    "meson.build",
    "pyproject.toml",
    "setup.py",
];

/// What such files say.
#[derive(Clone, Debug, Default)]
pub struct BuildFiles {
    /// Of each file: its name as shown to people, and what it says of files.
    files: Vec<(String, Said)>,
    /// Of each file that declares extension modules: its name as shown to people, and what they are called.
    compiled: Vec<(String, BTreeSet<String>)>,
    /// The files in other languages that modules may be made of.
    sources: Sources,
}

/// What a build file says of Python files.
#[derive(Clone, Debug)]
enum Said {
    /// Files of these patterns are kept out of the repository, and all that lies in these directories (`shop/raw/`, relative to the file that says it).
    Ignored(Ignored, Vec<String>),
    /// These lines name some.
    Lines(Vec<String>),
    /// These lines of a script that builds name some.
    Script(Vec<String>),
}

/// Patterns of files.
#[derive(Clone, Default)]
struct Ignored {
    all: GlobSet,
    /// As they are written.
    written: Vec<String>,
}

impl fmt::Debug for Ignored {
    /// What is made of them says no more.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.written.fmt(f)
    }
}

impl BuildFiles {
    /// The names to look for.
    pub const NAMES: &'static [&'static str] = &FILES;

    /// Those among them that may lie in a directory without Python.
    pub const NATIVE: [&'static str; 2] = ["CMakeLists.txt", "meson.build"];

    /// Adds a file: its name as shown to people, and its bytes. What is no text says nothing.
    pub fn add(&mut self, shown: &str, bytes: &[u8]) {
        let Ok(text) = std::str::from_utf8(bytes) else {
            return;
        };
        let is_of_git = shown.rsplit(['/', ':']).next() == Some(".gitignore");
        if !is_of_git {
            let names = compiled::declared(text);
            if !names.is_empty() {
                self.compiled.push((shown.to_owned(), names));
            }
        }
        let lines = text.lines().map(str::trim);
        let told = lines.clone();
        let lines = lines.filter(|line| line.contains(".py") && !line.starts_with('#'));
        let said = if is_of_git {
            let directories = told.filter_map(directory).collect();
            let mut patterns = GlobSetBuilder::new();
            let mut written = Vec::new();
            for glob in lines.filter_map(telling) {
                written.push(glob.glob().to_owned());
                patterns.add(glob);
            }
            // Each pattern was understood by itself; all of them may be too many.
            let all = patterns.build().unwrap_or_default();
            Said::Ignored(Ignored { all, written }, directories)
        } else {
            let of = if matches!(shown.rsplit_once('.'), Some((_, "py"))) {
                Said::Script
            } else {
                Said::Lines
            };
            of(lines.map(str::to_owned).collect())
        };
        self.files.push((shown.to_owned(), said));
    }

    /// Adds a file of the tree that Python may be made of, by its path below the tree and by the one shown to people.
    pub fn add_source(&mut self, path: &str, shown: String) {
        self.sources.add(path, shown);
    }

    /// The file that says that a module of this dotted name is written by something, compiled, or kept out of the repository.
    #[must_use]
    pub fn naming(&self, module: &str) -> Option<&str> {
        let last = module.rsplit('.').next().unwrap_or(module);
        let file = format!("{last}.py");
        let path_of = module.replace('.', "/");
        let mut files = self.files.iter();
        let found = files.find(|(_, said)| match said {
            Said::Ignored(patterns, directories) => {
                patterns.all.is_match(&file) || directories.iter().any(|path| holds(path, &path_of))
            }
            Said::Lines(lines) => lines.iter().any(|line| says(line, &file)),
            Said::Script(lines) => {
                let mut lines = lines.iter();
                lines.any(|line| says(line, &file) || has_text(line, &file))
            }
        });
        let mut compiled = self.compiled.iter();
        let mut by_compiler = || compiled.find(|(_, names)| compiled::names(names, module));
        found
            .map(|(shown, _)| shown.as_str())
            .or_else(|| by_compiler().map(|(shown, _)| shown.as_str()))
            .or_else(|| self.sources.of(module))
    }
}

/// The pattern of a line of `.gitignore` that names certain Python files: one for all of them, or for any name, says nothing.
fn telling(line: &str) -> Option<Glob> {
    let line = line.trim_end_matches('/');
    let pattern = line.rsplit('/').next().unwrap_or(line);
    let is_telling = pattern.contains(|c: char| c.is_ascii_alphanumeric())
        && pattern != "*.py"
        && Path::new(pattern).extension() == Some("py".as_ref());
    Glob::new(pattern).ok().filter(|_| is_telling)
}

/// The directory inside of another one that a line of `.gitignore` names: `/shop/raw/`. The name of a directory alone (`lib/`, `env/`) stands in many such files
/// without a thought of Python.
fn directory(line: &str) -> Option<String> {
    let path = line.strip_suffix('/')?;
    let path = path.strip_prefix('/').unwrap_or(path);
    let is_plain = path
        .chars()
        .all(|c| c.is_alphanumeric() || matches!(c, '_' | '/' | '-'));
    (is_plain && path.contains('/')).then(|| path.to_owned())
}

/// Whether a module lies in a directory, or is it (`shop/raw/types`, from the root of its imports): what stands before that root may be part of the directory's
/// path, but one directory alone is no sign.
fn holds(directory: &str, module: &str) -> bool {
    let is_in = |path: &str| {
        let rest = module.strip_prefix(path);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let starts = directory.match_indices('/').map(|(at, _)| at + 1);
    std::iter::once(0)
        .chain(starts)
        .map(|at| &directory[at..])
        .any(|path| path.contains('/') && is_in(path))
}

/// Whether a line of a build file says that a file is made.
fn says(line: &str, file: &str) -> bool {
    let Some(at) = line.find(file) else {
        return false;
    };
    let is_whole = !line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_')
        && !line[at + file.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '_');
    let before = &line[..at];
    let writes = [
        "write",
        "version_file",
        "version-file",
        "output",
        " -o",
        ">",
        "configure_file",
    ];
    is_whole
        && (writes.iter().any(|word| before.contains(word))
            || line[at..].trim_start_matches(file).starts_with(':'))
}

/// Whether a line of a script has a text that is the name of a file, or ends with it behind a slash: what builds and names a file that is not there makes it.
fn has_text(line: &str, file: &str) -> bool {
    line.match_indices(file).any(|(at, _)| {
        line[..at].ends_with(['"', '\'', '/']) && line[at + file.len()..].starts_with(['"', '\''])
    })
}

#[cfg(test)]
mod tests {
    use super::BuildFiles;

    #[test]
    fn what_writes_a_module_is_told() {
        let mut files = BuildFiles::default();
        files.add(".gitignore", b"*.pyc\n*.py\n/src/_version.py\n*_pb2.py\n");
        files.add(
            "Makefile",
            b"run:\n\tpython app.py\nconst.py: const.in\n\tsed x > other.py\n",
        );
        files.add(
            "pyproject.toml",
            b"write_to = 'pkg/scm.py'\ninclude = ['kept.py']",
        );
        files.add(
            "setup.py",
            b"COPIED = ['till.py', \"_till.so\"]\nopen('shop/made.py')\nprint('see read.py')",
        );
        assert_eq!(files.naming("shop.till"), Some("setup.py"));
        assert_eq!(files.naming("shop.made"), Some("setup.py"));
        assert_eq!(files.naming("shop.read"), None);
        assert_eq!(files.naming("_version"), Some(".gitignore"));
        assert_eq!(files.naming("a_pb2"), Some(".gitignore"));
        assert_eq!(files.naming("const"), Some("Makefile"));
        assert_eq!(files.naming("other"), Some("Makefile"));
        assert_eq!(files.naming("scm"), Some("pyproject.toml"));
        assert_eq!(files.naming("app"), None);
        assert_eq!(files.naming("kept"), None);
        assert_eq!(files.naming("version"), None);
    }

    #[test]
    fn a_directory_that_is_kept_out_holds_modules() {
        let mut files = BuildFiles::default();
        files.add(
            ".gitignore",
            b"# made\n/src/shop/raw/types/\nlib/\nshop/*/\n",
        );
        assert_eq!(files.naming("shop.raw.types"), Some(".gitignore"));
        assert_eq!(files.naming("shop.raw.types.text"), Some(".gitignore"));
        assert_eq!(files.naming("raw.types"), Some(".gitignore"));
        assert_eq!(files.naming("shop.raw.typesetting"), None);
        assert_eq!(files.naming("shop.raw"), None);
        assert_eq!(files.naming("types"), None);
        assert_eq!(files.naming("shop.lib"), None);
        assert_eq!(files.naming("shop.other"), None);
    }
}
