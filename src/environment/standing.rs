//! What an import of a module that is not in the tree may come to.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock};

use serde::{Deserialize, Serialize};

use super::built::BuildFiles;
use super::declared::Declarations;
use super::distribution::{Namesakes, is_akin, normalised};
use super::installed::{Installed, PackagesFrom};
use super::moved::Moved;
use super::runtime::Runtime;
use crate::name::Name;
use crate::python::Targets;

/// The history of a tree.
pub trait Past: fmt::Debug + Send + Sync {
    /// For each path below TREE, the commit that took it away, if it was there.
    fn removals(&self, paths: &[String]) -> Vec<Option<Removal>>;
}

/// When a file went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Removal {
    /// A commit took it away.
    Committed {
        /// The commit's short id.
        commit: String,
        /// Its date, `2025-11-02`.
        date: String,
    },
    /// The last commit has it, and the index or the files on disk have not: it goes with what is committed next.
    Pending,
}

impl fmt::Display for Removal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Committed { commit, date } => write!(f, "deleted in {commit} ({date})"),
            Self::Pending => f.write_str("deleted since the last commit"),
        }
    }
}

/// Who provides a module.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Provider {
    /// The runtime's own packages.
    Runtime(&'static str),
    /// It is installed: where.
    Installed(String),
    /// A distribution of that name is declared: its name, and the file that says so.
    Declared(String, String),
}

/// What is known of a module outside the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Something provides it.
    Provided(Provider),
    /// The environment is known as a whole, and nothing in it provides it: what was looked through.
    Lacking(String),
    /// Something is declared whose modules are not known: this, and perhaps more, could provide it.
    Possible(String),
    /// There are declarations, and none that could provide it: the files.
    Undeclared(String),
    /// Nothing is declared, and there is no environment.
    Unknown,
}

/// What an import of an installed package fails in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BrokenImport {
    /// The exception in `CPython`'s words.
    pub exception: String,
    /// Where in the packages: `helper/core.py:12`.
    pub at: String,
    /// The module that lacks what is asked for, dotted.
    pub lacking: String,
}

/// All that is known of what surrounds a tree.
#[derive(Debug, Default)]
pub struct Environment {
    /// What the project's files declare.
    pub declared: Declarations,
    /// Installed packages, those that are looked at first.
    pub installed: Vec<Installed>,
    /// What it all lies in, where nothing else can be there at run time: a package and its layers.
    pub whole: Option<String>,
    /// The runtime.
    pub runtime: Option<Runtime>,
    /// What says which modules a build writes.
    pub built: BuildFiles,
    /// The history of the tree.
    pub past: Option<Arc<dyn Past>>,
    /// The Python that is to run the tree.
    pub targets: Targets,
    /// Why it is open; see [`Self::is_open`].
    pub open: OnceLock<Option<String>>,
    /// The distributions that an upgrade moved, by their normalised names, where one is told: it is told then as well what imports of installed packages fail in, within
    /// the packages.
    pub moved: Option<Arc<BTreeMap<String, Moved>>>,
    /// What the code of modules of installed packages fails in when they are imported, by dotted name, as far as that was asked: none if nothing fails.
    pub imports: Mutex<BTreeMap<String, Option<BrokenImport>>>,
    /// The modules outside the tree that the candidate imports, with what is known of them; filled when the candidate is linked.
    pub settled: OnceLock<BTreeMap<Name, (Standing, Option<Removal>)>>,
}

impl Environment {
    /// Why the environment is not known as a whole; none if it is closed: everything that is declared is there to be read.
    #[must_use]
    pub fn is_open(&self) -> Option<&str> {
        self.open.get_or_init(|| self.find_opening()).as_deref()
    }

    fn find_opening(&self) -> Option<String> {
        if self.whole.is_some() {
            return None;
        }
        if self.installed.is_empty() {
            return Some(String::from("no installed packages"));
        }
        for installed in &self.installed {
            if let Some(why) = installed.is_open() {
                return Some(format!("{}: {why}", installed.shown));
            }
            if let (Some(python), false) = (installed.python, self.targets.is_empty())
                && !self.targets.versions().contains(&python)
            {
                return Some(format!("{} is for Python {python}", installed.shown));
            }
        }
        if let Some((what, file)) = self.declared.unnamed.first() {
            return Some(format!("{file} asks for {what}"));
        }
        if let Some(problem) = self.declared.problems.first() {
            return Some(format!("{}: {}", problem.file, problem.message));
        }
        let mut there = BTreeSet::new();
        for installed in &self.installed {
            there.extend(installed.distributions().into_keys());
        }
        let mut declared = self.declared.distributions.iter();
        if let Some((_, (name, _))) = declared.find(|(name, _)| !there.contains(*name)) {
            return Some(format!("{name} is declared and not installed"));
        }
        // An environment that is merely active may belong to something else.
        let is_ours = |installed: &Installed| installed.from != PackagesFrom::Surroundings;
        let says_nothing = self.declared.distributions.is_empty();
        (says_nothing && !self.installed.iter().any(is_ours))
            .then(|| String::from("nothing says that the environment is this project's"))
    }

    /// What is known of a module that is neither in the tree nor in the standard library. `imported` is what the distributions are called that provide what the tree imports from outside,
    /// if they are called like it.
    #[must_use]
    pub fn standing(&self, dotted: &str, imported: &Namesakes) -> Standing {
        let top = dotted.split('.').next().unwrap_or(dotted);
        if let Some(runtime) = self.runtime.filter(|runtime| runtime.provides(top)) {
            return Standing::Provided(Provider::Runtime(runtime.name()));
        }
        if let Some(installed) = self.installed.iter().find(|place| place.provides(dotted)) {
            return Standing::Provided(Provider::Installed(installed.shown.clone()));
        }
        if let Some(whole) = &self.whole {
            return Standing::Lacking(whole.clone());
        }
        let declared = &self.declared;
        let closed = self.is_open().is_none();
        if closed {
            let places: Vec<&str> = self
                .installed
                .iter()
                .map(|place| place.shown.as_str())
                .collect();
            return Standing::Lacking(places.join(" and "));
        }
        let exact = declared.distributions.get(&normalised(top));
        let find_alike = || {
            let alike = Namesakes::of([dotted]);
            let mut all = declared.distributions.values();
            all.find(|(name, _)| alike.is_one(name))
        };
        if let Some((name, file)) = exact.or_else(find_alike) {
            return Standing::Provided(Provider::Declared(name.clone(), file.clone()));
        }
        if let Some((what, _)) = declared.unnamed.first() {
            return Standing::Possible(what.clone());
        }
        if let Some(problem) = declared.problems.first() {
            return Standing::Possible(problem.file.clone());
        }
        // What is imported by its own name provides that, and no other module.
        let mut all = declared.distributions.values();
        if let Some((name, _)) = all.find(|(name, _)| !imported.is_one(name)) {
            return Standing::Possible(name.clone());
        }
        if declared.distributions.is_empty() {
            return Standing::Unknown;
        }
        // Without a lock what these bring along is not known: what is called after one of them is likely among it.
        let mut all = declared.distributions.values();
        if let (false, Some((name, _))) = (
            declared.is_locked,
            all.find(|(name, _)| is_akin(name, dotted)),
        ) {
            return Standing::Possible(name.clone());
        }
        Standing::Undeclared(declared.files.join(", "))
    }
}

impl fmt::Display for Environment {
    /// `packages of .venv, requirements.txt`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts: Vec<String> = self.whole.iter().cloned().collect();
        for installed in &self.installed {
            let python = installed.python.map(|python| format!(" (Python {python})"));
            parts.push(format!(
                "packages of {}{}",
                installed.shown,
                python.unwrap_or_default()
            ));
        }
        if let Some(runtime @ Runtime::Lambda { declared: true }) = self.runtime {
            parts.push(runtime.name().to_owned());
        }
        match self.declared.files.as_slice() {
            [] => {}
            [only] => parts.push(format!("requirements of {only}")),
            [first, rest @ ..] => {
                parts.push(format!("requirements of {first} and {} more", rest.len()));
            }
        }
        if self.declared.is_for_python_2 == Some(true) {
            parts.push(String::from("left to Python 2, as its metadata say"));
        }
        if parts.is_empty() {
            f.write_str("no packages known")
        } else {
            f.write_str(&parts.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Environment, Provider, Standing};
    use crate::environment::{Declarations, Namesakes};

    fn declaring(text: &str) -> Environment {
        let mut declared = Declarations::default();
        declared.add(
            "requirements.txt",
            "requirements.txt",
            text.as_bytes(),
            &|_| None,
        );
        Environment {
            declared,
            ..Environment::default()
        }
    }

    fn imported(names: &[&str]) -> Namesakes {
        Namesakes::of(names.iter().copied())
    }

    #[test]
    fn what_is_declared_explains_its_own_name() {
        let names = imported(&["requests", "yaml", "shop"]);
        let environment = declaring("requests\nPyYAML\n");
        let provided = Provider::Declared("PyYAML".to_owned(), "requirements.txt".to_owned());
        assert_eq!(
            environment.standing("yaml", &names),
            Standing::Provided(provided)
        );
        assert!(matches!(
            environment.standing("shop", &names),
            Standing::Undeclared(_)
        ));
    }

    #[test]
    fn a_distribution_that_nothing_is_called_like_could_provide_anything() {
        let names = imported(&["bs4", "shop"]);
        let environment = declaring("beautifulsoup4\n");
        assert!(matches!(
            environment.standing("shop", &names),
            Standing::Possible(_)
        ));
        assert_eq!(
            Environment::default().standing("shop", &names),
            Standing::Unknown
        );
    }
}
