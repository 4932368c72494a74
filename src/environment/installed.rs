//! Installed packages, as `CPython` would find them: the directories of an environment, listed when an import asks.
//!
//! What a directory holds decides, not what a dist-info says (PEP 376's RECORD is only asked whose a module is). `.pth` files add directories by their path lines
//! (the documentation of `site`); lines that are code are not run: where one may change what is found, the environment is not known as a whole.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::distribution::normalised;
use super::record::recorded;
use crate::python::Version;

/// Who says that an environment counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PackagesFrom {
    /// `--python` or `--packages`.
    Argument,
    /// It is at hand: the variable `VIRTUAL_ENV` names it, or it lies in a directory around TREE. It may belong to something else.
    Surroundings,
    /// It lies in TREE, or in its repository.
    Tree,
}

/// A directory that was named and holds no environment.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{directory} holds no Python environment: there is no site-packages in it")]
pub struct NoEnvironment {
    /// The directory, as given.
    pub directory: String,
}

/// An environment.
pub struct Installed {
    /// For people.
    pub shown: String,
    /// Who named it.
    pub from: PackagesFrom,
    /// The Python that it was made for, if that shows.
    pub python: Option<Version>,
    /// The directories that imports look in, before `.pth` files.
    sites: Vec<PathBuf>,
    /// Why more may be found than its directories show.
    open: Option<String>,
    paths: OnceLock<Paths>,
    listings: Mutex<BTreeMap<PathBuf, Arc<BTreeSet<String>>>>,
    owners: OnceLock<Owners>,
}

/// Which distribution has which module, and how many bytes each has.
#[derive(Debug, Default)]
struct Owners {
    /// `name version`, by module, with dots, or by folder.
    by_module: BTreeMap<String, String>,
    sizes: BTreeMap<String, u64>,
}

/// What `.pth` files make of the directories.
#[derive(Debug, Default)]
struct Paths {
    directories: Vec<PathBuf>,
    /// Top-level modules that an editable install's finder maps: to the package's directory or the module's file.
    mapped: BTreeMap<String, PathBuf>,
    open: Option<String>,
}

impl fmt::Debug for Installed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Installed")
            .field("shown", &self.shown)
            .finish_non_exhaustive()
    }
}

/// `.pth` files whose code adds no modules: setuptools' and virtualenv's own, namespaces of the time before PEP 420, and coverage's start.
fn is_harmless(pth: &str) -> bool {
    matches!(
        pth,
        "distutils-precedence.pth" | "_virtualenv.pth" | "a1_coverage.pth"
    ) || pth.ends_with("-nspkg.pth")
}

impl Installed {
    /// The environment in `directory`: a virtual environment, an installation, or the interpreter in one.
    ///
    /// # Errors
    /// If there is none.
    pub fn of_python(
        directory: &Path,
        shown: &str,
        from: PackagesFrom,
    ) -> Result<Self, NoEnvironment> {
        let mut root = directory;
        if root.is_file() {
            root = root.parent().and_then(Path::parent).unwrap_or(root);
        }
        let configuration = std::fs::read_to_string(root.join("pyvenv.cfg")).unwrap_or_default();
        let value = |key: &str| {
            let mut lines = configuration
                .lines()
                .filter_map(|line| line.split_once('='));
            let found = lines.find(|(name, _)| name.trim().eq_ignore_ascii_case(key));
            found.map(|(_, value)| value.trim().to_owned())
        };
        let mut versions = libraries(root);
        let declared = value("version").or_else(|| value("version_info"));
        let declared = declared.and_then(|text| {
            let mut parts = text.split('.');
            Version::parse(&format!("{}.{}", parts.next()?, parts.next()?))
        });
        if let Some(declared) = declared
            && versions
                .iter()
                .any(|(version, _)| *version == Some(declared))
        {
            versions.retain(|(version, _)| *version == Some(declared));
        }
        let newest = versions.iter().map(|(version, _)| *version).max();
        versions.retain(|(version, _)| Some(*version) == newest);
        if versions.is_empty() {
            return Err(NoEnvironment {
                directory: shown.to_owned(),
            });
        }
        let shares = value("include-system-site-packages")
            .is_some_and(|value| value.eq_ignore_ascii_case("true"));
        Ok(Self {
            shown: shown.to_owned(),
            from,
            python: declared.or(newest.flatten()),
            sites: versions.into_iter().map(|(_, site)| site).collect(),
            open: if shares {
                Some(String::from("it includes the system's packages"))
            } else if configuration.is_empty() {
                // What a Python that is no virtual environment reads besides is the platform's business.
                Some(String::from("it is no virtual environment"))
            } else {
                None
            },
            paths: OnceLock::new(),
            listings: Mutex::default(),
            owners: OnceLock::new(),
        })
    }

    /// A directory that packages lie in (`pip install --target`).
    ///
    /// # Errors
    /// If it is none.
    pub fn of_packages(directory: &Path, shown: &str) -> Result<Self, NoEnvironment> {
        if !directory.is_dir() {
            return Err(NoEnvironment {
                directory: shown.to_owned(),
            });
        }
        Ok(Self {
            shown: shown.to_owned(),
            from: PackagesFrom::Argument,
            python: None,
            sites: vec![directory.to_owned()],
            open: None,
            paths: OnceLock::new(),
            listings: Mutex::default(),
            owners: OnceLock::new(),
        })
    }

    /// What a directory is: a virtual environment, an installation, or a directory that packages lie in.
    ///
    /// # Errors
    /// If nothing that could be imported lies in it.
    pub fn of_either(directory: &Path, shown: &str) -> Result<Self, NoEnvironment> {
        let found = Self::of_python(directory, shown, PackagesFrom::Argument)
            .or_else(|_| Self::of_packages(directory, shown))?;
        let has_any = found.top().values().any(|names| !names.is_empty());
        has_any.then_some(found).ok_or_else(|| NoEnvironment {
            directory: shown.to_owned(),
        })
    }

    /// Why more may be importable than what its directories show.
    #[must_use]
    pub fn is_open(&self) -> Option<&str> {
        self.open.as_deref().or(self.paths().open.as_deref())
    }

    /// Whether an import of a dotted name finds something here. Within a regular package everything counts as found: its own code may put modules there.
    #[must_use]
    pub fn provides(&self, dotted: &str) -> bool {
        let paths = self.paths();
        let first = dotted.split('.').next().unwrap_or(dotted);
        if paths.mapped.contains_key(first) {
            return true;
        }
        let mut directories = paths.directories.clone();
        for part in dotted.split('.') {
            let mut portions = Vec::new();
            for directory in &directories {
                match self.entry(directory, part) {
                    Some(Entry::Closed) => return true,
                    Some(Entry::Namespace) => portions.push(directory.join(part)),
                    None => {}
                }
            }
            if portions.is_empty() {
                return false;
            }
            directories = portions;
        }
        true
    }

    /// Where a top-level module lies whose source is there: its file, the directory of its package, or those of the portions of a namespace.
    #[must_use]
    pub fn sources(&self, top: &str) -> Vec<PathBuf> {
        let paths = self.paths();
        if let Some(mapped) = paths.mapped.get(top) {
            // Of a namespace only a part is mapped.
            let is_whole = mapped.file_stem().is_some_and(|stem| stem == top);
            return is_whole.then(|| mapped.clone()).into_iter().collect();
        }
        let mut portions = Vec::new();
        for directory in &paths.directories {
            let package = directory.join(top);
            match self.entry(directory, top) {
                Some(Entry::Closed) => {
                    let source = if self.holds_init(&package) {
                        package
                    } else {
                        directory.join(format!("{top}.py"))
                    };
                    return source.exists().then_some(source).into_iter().collect();
                }
                Some(Entry::Namespace) => portions.push(package),
                None => {}
            }
        }
        portions
    }

    /// What stands at the top of it, where an import of a module without dots looks: by directory, and what editable installs map.
    #[must_use]
    pub fn top(&self) -> BTreeMap<&Path, Arc<BTreeSet<String>>> {
        let Paths {
            directories,
            mapped,
            open: _,
        } = self.paths();
        let listed = directories
            .iter()
            .map(|path| (path.as_path(), self.listing(path)));
        let names = Arc::new(mapped.keys().cloned().collect());
        listed.chain([(Path::new(""), names)]).collect()
    }

    /// The distributions: the normalised name of each, with its name and version. Of several versions of one, as an upgrade of a directory leaves them behind, the one whose RECORD
    /// fits the files.
    #[must_use]
    pub fn distributions(&self) -> BTreeMap<String, (String, String)> {
        let mut found = BTreeMap::new();
        for directory in &self.paths().directories {
            for name in self.listing(directory).iter() {
                let Some(stem) = name
                    .strip_suffix(".dist-info")
                    .or(name.strip_suffix(".egg-info"))
                else {
                    continue;
                };
                let mut parts = stem.split('-');
                let distribution = parts.next().unwrap_or(stem).to_owned();
                let version = parts.next().unwrap_or_default().to_owned();
                let key = normalised(&distribution);
                if !found.contains_key(&key) || fits(directory, name) {
                    found.insert(key, (distribution, version));
                }
            }
        }
        found
    }

    /// The distribution that a module belongs to, `name version`, as RECORD or `top_level.txt` says.
    #[must_use]
    pub fn owner(&self, dotted: &str) -> Option<String> {
        let owners = self.owners.get_or_init(|| self.find_owners());
        let mut name = dotted;
        loop {
            if let Some(owner) = owners.by_module.get(name) {
                return Some(owner.clone());
            }
            (name, _) = name.rsplit_once('.')?;
        }
    }

    /// How many bytes a distribution has (`name version`), as its RECORD says; none where it does not.
    #[must_use]
    pub fn size(&self, distribution: &str) -> Option<u64> {
        let owners = self.owners.get_or_init(|| self.find_owners());
        owners.sizes.get(distribution).copied()
    }

    /// Which distribution each module belongs to. Of a folder that several have, such as a namespace, the first.
    fn find_owners(&self) -> Owners {
        let mut owners = Owners::default();
        for directory in &self.paths().directories {
            for name in self.listing(directory).iter() {
                let (stem, file) = match name.strip_suffix(".dist-info") {
                    Some(stem) => (stem, "RECORD"),
                    None => match name.strip_suffix(".egg-info") {
                        Some(stem) => (stem, "top_level.txt"),
                        None => continue,
                    },
                };
                let text = std::fs::read(directory.join(name).join(file)).unwrap_or_default();
                let owner = stem.replacen('-', " ", 1);
                for line in recorded(&String::from_utf8_lossy(&text)) {
                    if let Some(size) = line.size {
                        *owners.sizes.entry(owner.clone()).or_default() += size;
                    }
                    owners.add(&line.path, &owner);
                }
            }
        }
        owners
    }

    fn paths(&self) -> &Paths {
        self.paths.get_or_init(|| {
            let mut paths = Paths::default();
            for site in &self.sites {
                paths.directories.push(site.clone());
                for name in self
                    .listing(site)
                    .iter()
                    .filter(|name| name.strip_suffix(".pth").is_some())
                {
                    paths.add(site, name);
                }
            }
            paths
        })
    }

    /// What a name is in a directory (`importlib`'s `FileFinder`).
    fn entry(&self, directory: &Path, name: &str) -> Option<Entry> {
        let listing = self.listing(directory);
        if listing.contains(name) && self.holds_init(&directory.join(name)) {
            return Some(Entry::Closed);
        }
        if listing.iter().any(|file| is_module(file, name)) {
            return Some(Entry::Closed);
        }
        (listing.contains(name) && directory.join(name).is_dir()).then_some(Entry::Namespace)
    }

    /// Whether a directory is a regular package.
    fn holds_init(&self, directory: &Path) -> bool {
        let listing = self.listing(directory);
        listing.iter().any(|file| is_module(file, "__init__"))
    }

    /// The names in a directory, read once; none if it cannot be read.
    fn listing(&self, directory: &Path) -> Arc<BTreeSet<String>> {
        let mut listings = self.listings.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = listings.get(directory) {
            return Arc::clone(known);
        }
        let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
        let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
        let names: Arc<BTreeSet<String>> = Arc::new(names.collect());
        listings.insert(directory.to_owned(), Arc::clone(&names));
        names
    }
}

enum Entry {
    /// A module or a regular package.
    Closed,
    /// A directory without `__init__`.
    Namespace,
}

/// Whether the files in a directory have the sizes that a distribution's RECORD says; false if it says none.
fn fits(directory: &Path, metadata: &str) -> bool {
    let text = std::fs::read(directory.join(metadata).join("RECORD")).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    // Scripts are elsewhere than it says where a directory was the target.
    let mut sized = recorded(&text)
        .filter(|line| !line.path.starts_with(".."))
        .filter_map(|line| Some((directory.join(line.path), line.size?)))
        .peekable();
    let is_right =
        |(path, size): (PathBuf, u64)| std::fs::metadata(path).is_ok_and(|file| file.len() == size);
    sized.peek().is_some() && sized.all(is_right)
}

/// Whether a file is a module of that name: source, bytecode, or compiled for some Python.
fn is_module(file: &str, name: &str) -> bool {
    let Some(ending) = file
        .strip_prefix(name)
        .and_then(|rest| rest.strip_prefix('.'))
    else {
        return false;
    };
    matches!(ending, "py" | "pyc" | "so" | "pyd")
        || ending
            .strip_suffix(".so")
            .or(ending.strip_suffix(".pyd"))
            .is_some()
}

/// The directories `site-packages` of an installation, each with its version.
fn libraries(root: &Path) -> Vec<(Option<Version>, PathBuf)> {
    let mut found = Vec::new();
    for library in ["lib", "lib64"] {
        let entries = std::fs::read_dir(root.join(library))
            .into_iter()
            .flatten()
            .flatten();
        for entry in entries {
            let name = entry.file_name();
            let Some(version) = name.to_str().and_then(|name| name.strip_prefix("python")) else {
                continue;
            };
            for packages in ["site-packages", "dist-packages"] {
                let site = entry.path().join(packages);
                let is_new = |site: &PathBuf| {
                    // `lib64` is often a link to `lib`.
                    let real = std::fs::canonicalize(site).ok();
                    !found
                        .iter()
                        .any(|(_, known)| std::fs::canonicalize(known).ok() == real)
                };
                if site.is_dir() && is_new(&site) {
                    found.push((Version::parse(version), site));
                }
            }
        }
    }
    let windows = root.join("Lib").join("site-packages");
    if found.is_empty() && windows.is_dir() {
        found.push((None, windows));
    }
    found.sort();
    found
}

impl Owners {
    /// Notes whose a file is, and the folders around it.
    fn add(&mut self, path: &str, owner: &str) {
        let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
        let stem = file.split('.').next().unwrap_or(file);
        let mut name = String::new();
        let folders = folder.split('/').filter(|part| !part.is_empty());
        for part in folders.chain([stem]) {
            if !name.is_empty() {
                name.push('.');
            }
            name.push_str(part);
            if !self.by_module.contains_key(&name) {
                self.by_module.insert(name.clone(), owner.to_owned());
            }
        }
    }
}

impl Paths {
    /// Reads a `.pth` file.
    fn add(&mut self, site: &Path, name: &str) {
        let bytes = std::fs::read(site.join(name)).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        for line in text.lines().map(str::trim_end) {
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            if line.starts_with("import ") || line.starts_with("import\t") {
                if !self.add_finder(site, line) && !is_harmless(name) {
                    self.open.get_or_insert_with(|| format!("{name} runs code"));
                }
                continue;
            }
            let directory = site.join(line);
            if directory.is_file() {
                // An egg, or another zip: what is in it is not looked at.
                self.open
                    .get_or_insert_with(|| format!("{name} names an archive"));
            } else if directory.is_dir() && !self.directories.contains(&directory) {
                self.directories.push(directory);
            }
        }
    }

    /// Setuptools' editable installs: `import __editable___name_finder; ...`, a module with a table of the modules and where they are.
    fn add_finder(&mut self, site: &Path, line: &str) -> bool {
        let module = line["import".len()..].trim_start();
        let module = module.split([';', ' ']).next().unwrap_or(module);
        if !module.starts_with("__editable__") {
            return false;
        }
        let Ok(text) = std::fs::read_to_string(site.join(format!("{module}.py"))) else {
            return false;
        };
        let Some(table) = text.lines().find(|line| line.starts_with("MAPPING")) else {
            return false;
        };
        let Some((_, table)) = table.split_once('{') else {
            return false;
        };
        let mut texts = table.split('\'').skip(1).step_by(2);
        while let (Some(module), Some(path)) = (texts.next(), texts.next()) {
            // Of `ns.package` the namespace around it is there as well.
            let first = module.split('.').next().unwrap_or(module);
            self.mapped.insert(first.to_owned(), PathBuf::from(path));
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::{Installed, PackagesFrom};
    use crate::python::Version;

    fn write(path: &Path, text: &str) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    #[test]
    fn a_virtual_environment() {
        let root = tempfile::tempdir().unwrap();
        let site = root.path().join("lib/python3.11/site-packages");
        write(
            &root.path().join("pyvenv.cfg"),
            "home = /usr\nversion = 3.11.4\n",
        );
        write(&site.join("requests/__init__.py"), "");
        write(
            &site.join("requests-2.31.0.dist-info/RECORD"),
            "requests/__init__.py,,\n",
        );
        write(&site.join("one.py"), "");
        write(&site.join("fast.cpython-311-x86_64-linux-gnu.so"), "");
        write(&site.join("google/cloud/storage/__init__.py"), "");
        write(
            &site.join("gone-1.0.dist-info/RECORD"),
            "gone/__init__.py,,\n",
        );
        write(&root.path().join("src/mine.py"), "");
        write(&site.join("mine.pth"), "# c\n../../../src\n/nowhere\n");
        write(
            &site.join("__editable__.x.pth"),
            "import __editable___x_finder; x.install()\n",
        );
        write(
            &site.join("__editable___x_finder.py"),
            "MAPPING: dict[str, str] = {'x': '/y/x', 'z': '/y/z'}\n",
        );
        let found = Installed::of_python(root.path(), "venv", PackagesFrom::Tree).unwrap();
        assert_eq!(found.python, Some(Version(11)));
        for name in [
            "requests",
            "requests.adapters",
            "one",
            "fast",
            "google.cloud.storage",
            "google",
            "mine",
            "x.y",
            "z",
        ] {
            assert!(found.provides(name), "{name}");
        }
        for name in ["gone", "google.cloud.run", "yaml"] {
            assert!(!found.provides(name), "{name}");
        }
        assert_eq!(found.is_open(), None);
        assert_eq!(found.owner("requests").as_deref(), Some("requests 2.31.0"));
        assert_eq!(found.owner("requests.api"), found.owner("requests"));
        assert!(found.distributions().contains_key("requests"));
        write(&site.join("hook.pth"), "import hook\n");
        let found = Installed::of_python(root.path(), "venv", PackagesFrom::Tree).unwrap();
        assert_eq!(found.is_open(), Some("hook.pth runs code"));
    }

    #[test]
    fn no_environment() {
        let root = tempfile::tempdir().unwrap();
        assert!(Installed::of_python(root.path(), "x", PackagesFrom::Argument).is_err());
        assert!(Installed::of_packages(&root.path().join("no"), "no").is_err());
        write(
            &root.path().join("pyvenv.cfg"),
            "include-system-site-packages = true\n",
        );
        fs::create_dir_all(root.path().join("lib/python3.12/site-packages")).unwrap();
        let found = Installed::of_python(root.path(), "x", PackagesFrom::Argument).unwrap();
        assert!(found.is_open().is_some());
        assert!(!found.provides("requests"));
    }
}
