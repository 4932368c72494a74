//! What an import finds in a directory: the rules of `importlib`'s `FileFinder`.

use std::sync::OnceLock;

use rustc_hash::FxHashMap;

use super::ModuleId;
use crate::name::Name;

/// Which directory of the tree; the tree's top is the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct DirId(pub(super) u32);

/// The tree's top.
pub(super) const TOP: DirId = DirId(0);

/// A module file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// With source in the tree.
    Source(ModuleId),
    /// A compiled module or a stub: it exists, and that is all there is to know.
    Opaque,
}

/// What a name means in a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Entry {
    /// A directory with an `__init__`.
    Package(Unit, DirId),
    /// A module file.
    Module(Unit),
    /// A directory without `__init__`.
    Namespace(DirId),
}

/// One directory.
#[derive(Debug)]
pub(super) struct Directory {
    /// From the tree's top, without a slash at either end; empty for the top.
    pub(super) path: String,
    /// The last component of the path.
    pub(super) name: Name,
    /// The directory around; the top is its own.
    pub(super) parent: DirId,
    /// The directories in it.
    pub(super) children: FxHashMap<Name, DirId>,
    /// The modules in it, `__init__` left out.
    pub(super) modules: FxHashMap<Name, Unit>,
    /// Its `__init__`.
    pub(super) init: Option<Unit>,
}

/// The directories of a tree that hold anything that can be imported.
#[derive(Debug)]
pub(super) struct Directories {
    all: Vec<Directory>,
    /// See [`Self::having`]; worked out when it is first asked for.
    having: OnceLock<FxHashMap<Name, Vec<DirId>>>,
}

impl Directories {
    /// Just the top.
    pub(super) fn new() -> Self {
        let mut directories = Self {
            all: Vec::new(),
            having: OnceLock::new(),
        };
        directories.add(String::new(), Name::new(""), TOP);
        directories
    }

    fn add(&mut self, path: String, name: Name, parent: DirId) -> DirId {
        // There are fewer directories than files, and those have 32-bit ids.
        let id = DirId(u32::try_from(self.all.len()).unwrap_or(u32::MAX));
        self.all.push(Directory {
            path,
            name,
            parent,
            children: FxHashMap::default(),
            modules: FxHashMap::default(),
            init: None,
        });
        id
    }

    /// The directory at `path`, made if there is none; its parents too.
    pub(super) fn make(&mut self, path: &str) -> DirId {
        let mut at = TOP;
        for (end, name) in ends(path) {
            let name = Name::new(name);
            at = if let Some(&known) = self.get(at).children.get(&name) {
                known
            } else {
                let child = self.add(path[..end].to_owned(), name, at);
                self.get_mut(at).children.insert(name, child);
                child
            };
        }
        at
    }

    /// The directory at `path`, if something in it can be imported.
    pub(super) fn find(&self, path: &str) -> Option<DirId> {
        ends(path).try_fold(TOP, |at, (_, name)| {
            self.get(at).children.get(&Name::new(name)).copied()
        })
    }

    /// Whether the innermost known directory around `path` is a package.
    pub(super) fn is_in_package(&self, path: &str) -> bool {
        let mut at = TOP;
        for (_, name) in ends(path) {
            match self.get(at).children.get(&Name::new(name)) {
                Some(&child) => at = child,
                None => return name != "__pycache__" && self.get(at).init.is_some(),
            }
        }
        false
    }

    /// Enters a module file. Source goes before what is compiled or a stub, whatever their order: for a stub that is
    /// the rule, and of a compiled module that lies beside its source the source tells more. The answer is what stands for the name now.
    pub(super) fn enter(&mut self, dir: DirId, name: Name, unit: Unit) -> Unit {
        let directory = self.get_mut(dir);
        let place = if name.as_str() == "__init__" {
            directory.init.get_or_insert(unit)
        } else {
            directory.modules.entry(name).or_insert(unit)
        };
        if *place == Unit::Opaque {
            *place = unit;
        }
        *place
    }

    pub(super) fn get(&self, id: DirId) -> &Directory {
        &self.all[id.0 as usize]
    }

    fn get_mut(&mut self, id: DirId) -> &mut Directory {
        self.having = OnceLock::new();
        &mut self.all[id.0 as usize]
    }

    /// The directories in which `name` means something, in order.
    pub(super) fn having(&self, name: Name) -> &[DirId] {
        let having = self.having.get_or_init(|| {
            let mut having: FxHashMap<Name, Vec<DirId>> = FxHashMap::default();
            for id in self.ids() {
                let directory = self.get(id);
                let children = directory.children.keys();
                let own = directory.modules.keys();
                let own = own.filter(|&name| !directory.children.contains_key(name));
                for &name in children.chain(own) {
                    having.entry(name).or_default().push(id);
                }
            }
            having
        });
        having.get(&name).map_or(&[], Vec::as_slice)
    }

    /// Every directory, parents before children.
    pub(super) fn ids(&self) -> impl Iterator<Item = DirId> + use<> {
        (0..self.all.len()).map(|index| DirId(u32::try_from(index).unwrap_or(u32::MAX)))
    }

    /// `from` and the directories around it, the top last.
    pub(super) fn outwards(&self, from: DirId) -> impl Iterator<Item = DirId> + '_ {
        std::iter::successors(Some(from), |&id| (id != TOP).then(|| self.get(id).parent))
    }

    /// Whether a directory, by its name, holds copies of other people's packages: who imports one of those means the
    /// installed one as likely as not.
    pub(super) fn holds_copies(&self, dir: DirId) -> bool {
        self.outwards(dir).any(|around| {
            let name = self.get(around).name;
            name.contains("vendor") || name.contains("third") || name.contains("extern")
        })
    }

    /// Whether a directory is one of tests, or lies in one, by the names that test runners look for (pytest, "Good Integration Practices").
    pub(super) fn is_of_tests(&self, dir: DirId) -> bool {
        self.outwards(dir)
            .any(|around| matches!(self.get(around).name.as_str(), "test" | "tests"))
    }

    /// Whether `inner` is `outer` or lies in it.
    pub(super) fn within(&self, inner: DirId, outer: DirId) -> bool {
        self.outwards(inner).any(|id| id == outer)
    }

    /// What `name` means in `dir`: a package goes before a module, and a module before a plain directory.
    pub(super) fn entry(&self, dir: DirId, name: Name) -> Option<Entry> {
        let directory = self.get(dir);
        let child = directory.children.get(&name).copied();
        if let Some(child) = child
            && let Some(init) = self.get(child).init
        {
            return Some(Entry::Package(init, child));
        }
        match directory.modules.get(&name) {
            Some(&unit) => Some(Entry::Module(unit)),
            None => child.map(Entry::Namespace),
        }
    }
}

/// The components of a path, each with where it ends.
fn ends(path: &str) -> impl Iterator<Item = (usize, &str)> {
    path.split('/')
        .scan(0, |start, name| {
            let end = *start + name.len();
            *start = end + 1;
            Some((end, name))
        })
        .filter(|(_, name)| !name.is_empty())
}

/// The module that a file is, by its path: `(directory, module name, whether it is Python source)`. None for a file that
/// no import finds.
///
/// Compiled modules are called `name.so`, `name.cpython-311-x86_64-linux-gnu.so`, `name.abi3.so` or `name.pyd`.
pub(super) fn module_file(path: &str) -> Option<(&str, &str, bool)> {
    let (directory, file) = path.rsplit_once('/').unwrap_or(("", path));
    let (_, extension) = file.rsplit_once('.')?;
    let stem = match extension {
        "py" | "pyi" | "pyx" | "pyc" => &file[..file.len() - extension.len() - 1],
        "so" | "pyd" => file.split('.').next().unwrap_or_default(),
        _ => return None,
    };
    let in_cache = directory == "__pycache__" || directory.ends_with("/__pycache__");
    (!stem.is_empty() && !in_cache).then_some((directory, stem, extension == "py"))
}
