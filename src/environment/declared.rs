//! What the project's own files say that it needs.

use std::collections::{BTreeMap, BTreeSet};

use super::distribution::normalised;
use super::project::{self, Project};
use super::requirements;

/// The files that declare something, by their names in a directory. A lock says more than what it was made from.
pub const FILES: [&str; 21] = [
    "pyproject.toml",
    "requirements.txt",
    "requirements-dev.txt",
    "requirements_dev.txt",
    "requirements-test.txt",
    "requirements_test.txt",
    "dev-requirements.txt",
    "test-requirements.txt",
    "requirements.in",
    "requirements/base.txt",
    "requirements/requirements.txt",
    "requirements/prod.txt",
    "requirements/production.txt",
    "requirements/dev.txt",
    "Pipfile",
    "Pipfile.lock",
    "poetry.lock",
    "uv.lock",
    "pylock.toml",
    "setup.cfg",
    "setup.py",
];

/// How large a file may be that is read. A lock file of a thousand packages has two megabytes.
pub const LARGEST: usize = 32 * 1024 * 1024;

/// How many requirements files one includes, at most.
const INCLUDED: usize = 200;

/// A file that was not understood.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The file.
    pub file: String,
    /// What is wrong.
    pub message: String,
}

/// What is declared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Declarations {
    /// The distributions, by normalised name: the name as written, and the first file that has it.
    pub distributions: BTreeMap<String, (String, String)>,
    /// What the projects themselves are called, normalised.
    pub own: BTreeSet<String>,
    /// What is asked for without its name being told, and which file says so.
    pub unnamed: Vec<(String, String)>,
    /// The files that declare something, in order.
    pub files: Vec<String>,
    /// The directories of TREE that they lie in: empty for TREE itself and what is around it.
    pub directories: BTreeSet<String>,
    /// Whether one of them lists all that is installed.
    pub is_locked: bool,
    /// Whether Python 2 alone is to run all distributions whose metadata lie in TREE; none: there are none.
    pub is_for_python_2: Option<bool>,
    /// The files that were not understood.
    pub problems: Vec<Problem>,
}

impl Declarations {
    /// Whether nothing is declared, and no file was there that could.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.distributions.is_empty() && self.unnamed.is_empty() && self.problems.is_empty()
    }

    /// Adds a file of the project. `shown` is its path for people, `read` gives the files that requirements files include: by their path as seen from the
    /// same directory.
    pub fn add(
        &mut self,
        name: &str,
        shown: &str,
        bytes: &[u8],
        read: &dyn Fn(&str) -> Option<Vec<u8>>,
    ) {
        let Some(text) = self.text(shown, bytes) else {
            return;
        };
        let file = name.rsplit('/').next().unwrap_or(name);
        let project = match file {
            "pyproject.toml" => project::pyproject(text),
            "poetry.lock" | "uv.lock" | "pylock.toml" => project::toml_lock(text),
            "Pipfile.lock" => project::pipfile_lock(text),
            "Pipfile" => project::pipfile(text),
            "setup.cfg" => Some(project::setup_cfg(text)),
            "setup.py" => Some(project::setup_py(text)),
            "METADATA" | "PKG-INFO" => Some(project::metadata(text)),
            _ => {
                self.add_requirements(name, shown, text, read);
                return;
            }
        };
        match project {
            Some(project) => self.add_project(shown, project),
            None => self.problem(shown, "it is not understood"),
        }
    }

    fn add_project(&mut self, shown: &str, project: Project) {
        let says_something = !project.names.is_empty() || project.has_more || project.is_lock;
        for name in project.names {
            self.enter(&name, shown);
        }
        self.own.extend(project.own.as_deref().map(normalised));
        if project.has_more {
            self.unnamed
                .push((String::from("what only running it tells"), shown.to_owned()));
        }
        self.is_locked |= project.is_lock;
        if let Some(is_for_python_2) = project.is_for_python_2 {
            let others = self.is_for_python_2.unwrap_or(true);
            self.is_for_python_2 = Some(others && is_for_python_2);
        }
        if says_something {
            self.files.push(shown.to_owned());
        }
    }

    /// Follows the includes, each file once, so that a circle ends.
    fn add_requirements(
        &mut self,
        name: &str,
        shown: &str,
        text: &str,
        read: &dyn Fn(&str) -> Option<Vec<u8>>,
    ) {
        let base = shown.strip_suffix(name).unwrap_or_default();
        let mut seen = BTreeSet::from([name.to_owned()]);
        let mut pending = vec![(name.to_owned(), text.to_owned())];
        self.files.push(shown.to_owned());
        while let Some((path, text)) = pending.pop() {
            let shown = format!("{base}{path}");
            let found = requirements::read(&text);
            found.names.iter().for_each(|name| self.enter(name, &shown));
            let unnamed = found.unnamed.into_iter();
            self.unnamed
                .extend(unnamed.map(|what| (what, shown.clone())));
            for include in found.included {
                let Some(path) = beside(&path, &include) else {
                    self.problem(&shown, "it includes a file from elsewhere");
                    continue;
                };
                if !seen.insert(path.clone()) {
                    continue;
                }
                if seen.len() > INCLUDED {
                    self.problem(&shown, "it includes too many files");
                    return;
                }
                match read(&path) {
                    Some(bytes) => {
                        let text = self.text(&format!("{base}{path}"), &bytes);
                        pending.extend(text.map(|text| (path, text.to_owned())));
                    }
                    None => self.problem(&format!("{base}{path}"), "it cannot be read"),
                }
            }
        }
    }

    fn enter(&mut self, name: &str, shown: &str) {
        self.distributions
            .entry(normalised(name))
            .or_insert_with(|| (name.to_owned(), shown.to_owned()));
    }

    /// A file's text; a problem if it is none, or too large.
    fn text<'b>(&mut self, shown: &str, bytes: &'b [u8]) -> Option<&'b str> {
        if bytes.len() > LARGEST {
            self.problem(shown, "it is too large");
            return None;
        }
        let text = std::str::from_utf8(bytes).ok();
        if text.is_none() {
            self.problem(shown, "it is no UTF-8");
        }
        text
    }

    /// Notes a file that says something which is not understood: it may ask for anything.
    pub fn problem(&mut self, shown: &str, message: &str) {
        self.problems.push(Problem {
            file: shown.to_owned(),
            message: message.to_owned(),
        });
    }
}

/// A path as seen from a file; none if it leads out of the directory that paths count from, or is absolute.
#[must_use]
pub fn beside(file: &str, path: &str) -> Option<String> {
    if path.starts_with('/') || path.contains("://") {
        return None;
    }
    let directory = file.rsplit_once('/').map_or("", |(directory, _)| directory);
    let mut parts: Vec<&str> = Vec::new();
    for part in directory.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::{Declarations, LARGEST};

    fn of(name: &str, text: &[u8], others: &[(&str, &str)]) -> Declarations {
        let mut found = Declarations::default();
        found.add(name, name, text, &|path| {
            let mut others = others.iter();
            let other = others.find(|(other, _)| *other == path)?;
            Some(other.1.as_bytes().to_vec())
        });
        found
    }

    #[test]
    fn includes_end() {
        let others = [
            ("a.txt", "x\n-r requirements.txt"),
            ("sub/b.txt", "y\n-r ../a.txt\n"),
        ];
        let found = of(
            "requirements.txt",
            b"-r a.txt\n-r sub/b.txt\n-r a.txt",
            &others,
        );
        let names: Vec<&str> = found.distributions.keys().map(String::as_str).collect();
        assert_eq!(names, ["x", "y"]);
        assert_eq!(found.distributions["y"].1, "sub/b.txt");
        assert_eq!(found.problems, []);
    }

    #[test]
    fn what_is_not_understood_is_said() {
        for (name, text) in [
            ("requirements.txt", &b"-r gone.txt"[..]),
            ("requirements.txt", b"-r ../../up.txt"),
            ("requirements.txt", b"\xff\xfe"),
            ("pyproject.toml", b"= no"),
            ("Pipfile.lock", b"{"),
        ] {
            let found = of(name, text, &[]);
            assert_eq!(found.problems.len(), 1, "{name}");
            assert!(!found.is_empty());
        }
        let large = vec![b'#'; LARGEST + 1];
        assert_eq!(
            of("uv.lock", &large, &[]).problems[0].message,
            "it is too large"
        );
        assert!(of("pyproject.toml", b"[tool.black]", &[]).is_empty());
    }
}
