//! Which Python a version is meant for, as its own files declare it.

use super::context::Context;
use super::locate::Located;
use crate::config::requires_python;
use crate::environment::LARGEST;
use crate::python::{Declared, Targets, Version, lower_bound};
use crate::template::{self, Function, Handler};

/// What reads a version from a file: the file's name, what in it speaks of versions, and how.
type Reader = (&'static str, &'static str, fn(&[u8]) -> Option<Version>);

/// In the order in which they count.
const READERS: [Reader; 2] = [
    ("pyproject.toml", ": requires-python", |bytes| {
        lower_bound(&requires_python(bytes)?)
    }),
    (".python-version", "", pinned),
];

/// A template that was found.
pub struct Template {
    /// The file, as shown to people.
    pub file: String,
    /// TREE as seen from its directory.
    prefix: String,
    /// The functions in Python that it deploys.
    functions: Vec<Function>,
}

impl Template {
    /// The template that deploys these functions; `prefix` is TREE as seen from its directory.
    #[must_use]
    pub fn new(shown: &str, prefix: String, functions: Vec<Function>) -> Self {
        Self {
            file: shown.to_owned(),
            prefix,
            functions,
        }
    }

    /// The handlers that it names.
    pub fn handlers(&self) -> impl Iterator<Item = Handler> + '_ {
        let functions = self.functions.iter();
        functions.filter_map(|function| Handler::of(function, &self.file, &self.prefix))
    }

    /// The Python that its functions run on, if it says so.
    #[must_use]
    pub fn python(&self) -> Declared {
        let runtimes = self.functions.iter().filter_map(Function::version);
        let targets = Targets::new(runtimes.collect());
        let from = (!targets.is_empty()).then(|| format!("{}: Runtime", self.file));
        Declared { targets, from }
    }
}

impl Located {
    /// The nearest template beside this version's code, going up from TREE as for the configuration. One that cannot be read, or deploys nothing in
    /// Python, is passed over.
    #[must_use]
    pub fn template(&self, context: &Context) -> Option<Template> {
        self.levels(context).iter().find_map(|level| {
            template::NAMES.iter().find_map(|name| {
                let bytes = level.read(name).ok().flatten()?;
                let text = std::str::from_utf8(&bytes).ok()?;
                let beside = |path: &str| {
                    let bytes = level.read_inside(path, LARGEST).ok().flatten()?;
                    String::from_utf8(bytes).ok()
                };
                let functions = template::deployed(name, text, &beside).functions;
                (!functions.is_empty()).then(|| Template {
                    file: level.directory.file(name),
                    prefix: level.directory.prefix.clone(),
                    functions,
                })
            })
        })
    }

    /// The Python that this version is meant for, as the candidate: what the nearest file says, going up from TREE as for the configuration. A
    /// file that cannot be read says nothing.
    #[must_use]
    pub fn declared_python(&self, context: &Context) -> Declared {
        let levels = self.levels(context);
        for (name, what, read) in READERS {
            for level in &levels {
                let bytes = level.read(name).ok().flatten();
                if let Some(version) = bytes.and_then(|bytes| read(&bytes)) {
                    return Declared {
                        targets: Targets::new(vec![version]),
                        from: Some(format!("{}{what}", level.directory.file(name))),
                    };
                }
            }
        }
        Declared::default()
    }
}

/// The version that pyenv's `.python-version` names first.
fn pinned(bytes: &[u8]) -> Option<Version> {
    let text = std::str::from_utf8(bytes).ok()?;
    let mut lines = text.lines().map(str::trim);
    let line = lines.find(|line| !line.is_empty() && !line.starts_with('#'))?;
    let version = line
        .trim_start_matches("cpython")
        .trim_start_matches(['-', '@']);
    Version::parse(version).filter(|&version| version >= Version::OLDEST)
}

#[cfg(test)]
mod tests {
    use super::pinned;
    use crate::python::Version;

    #[test]
    fn pinned_versions() {
        assert_eq!(pinned(b"3.11.4\n"), Some(Version(11)));
        assert_eq!(pinned(b"# ours\ncpython-3.12\n"), Some(Version(12)));
        assert_eq!(pinned(b"pypy3.10\n"), None);
        assert_eq!(pinned(b"2.7\n"), None);
    }
}
