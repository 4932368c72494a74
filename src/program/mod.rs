//! The modules of one tree, linked: what a dotted name means where.
//!
//! ```text
//! inputs ──> directories ──> roots ──> modules with names ──> resolve(importer, "a.b")
//! ```

mod added;
mod directory;
mod displaced;
mod entry;
mod import_sites;
mod imports;
mod optional;
mod order;
mod outside;
mod resolve;
mod roots;
mod script;
pub mod stdlib;
#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, OnceLock};

use rustc_hash::{FxHashMap, FxHashSet};

use self::directory::{DirId, Directories, TOP, Unit, module_file};
pub use self::entry::{CUSTOMARY, EntryPoint};
pub use self::import_sites::{ImportSite, is_for_checkers, is_import_function};
pub use self::order::{Fault, Order};
pub use self::outside::ImportPlace;
pub use self::resolve::Resolution;
use self::resolve::Said;
use crate::environment::Environment;
use crate::facts::FileId;
use crate::name::Name;
use crate::python::Targets;
use crate::source::Unread;
use crate::syntax::ir;

/// A Python source file of the tree.
#[derive(Clone, Debug)]
pub struct Input<'a> {
    /// The file's id in its tree.
    pub file: FileId,
    /// From the tree's top, with `/`.
    pub path: &'a str,
    /// Its content.
    pub module: Arc<ir::Module>,
}

/// Which module; counts along [`Program::modules`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ModuleId(pub u32);

/// Which import root; counts along [`Program::roots`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RootId(pub u32);

/// A namespace package (PEP 420): a directory of the tree without `__init__`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NamespaceId(DirId);

/// A directory in which absolute imports begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Root {
    /// From the tree's top, without a slash at the end; empty for the top itself.
    pub path: String,
    /// Whether this is the tree's top, standing in for want of a better root: nothing shows that imports begin there.
    pub assumed: bool,
}

/// A module with source.
#[derive(Clone, Debug)]
pub struct Module {
    /// `__name__` when it is imported: dotted, from its root on.
    pub name: Name,
    /// Where its source is.
    pub file: FileId,
    /// Whether it is a package's `__init__`.
    pub is_package: bool,
    /// `__package__`: what relative imports start from; empty for a module that stands in its root itself.
    pub package: Name,
    /// Its content.
    pub ir: Arc<ir::Module>,
    /// Its root, the innermost around it.
    pub root: RootId,
    /// Whether an extension module of the same name lies beside it. An import finds that one first (`importlib.machinery.FileFinder` asks its loaders in the
    /// order extensions, source, bytecode), and it need not be made of this source.
    pub is_behind_extension: bool,
    /// Whether it belongs to an installed package that is laid beside the tree.
    pub is_installed: bool,
    /// The directory that it lies in.
    dir: DirId,
}

/// The modules of one tree.
#[derive(Debug)]
pub struct Program {
    modules: Vec<Module>,
    by_file: FxHashMap<FileId, ModuleId>,
    by_name: FxHashMap<Name, ModuleId>,
    roots: Vec<Root>,
    root_dirs: Vec<DirId>,
    directories: Directories,
    /// The directories that make up a top-level namespace package, by dotted name.
    namespaces: FxHashMap<Name, Vec<DirId>>,
    /// The directories without `__init__` whose modules are imported by their whole names.
    imported: FxHashSet<DirId>,
    /// See [`Self::find_passed_by`].
    passed_by: FxHashSet<DirId>,
    /// See [`Self::find_strays`].
    strays: FxHashMap<Name, Option<ModuleId>>,
    /// See [`Self::is_imported_flat`].
    flat: FxHashSet<ModuleId>,
    /// Directories in packages that the package's own `__init__` puts on `sys.path`.
    said: Vec<Said>,
    /// The modules that others import; worked out when it is first asked for.
    asked_for: OnceLock<FxHashSet<ModuleId>>,
    /// The modules that imports name with all their components, once somebody asks.
    named_in_full: OnceLock<FxHashSet<ModuleId>>,
    /// The parts that are imported under tests and in `try` statements only.
    optional: OnceLock<FxHashSet<ModuleId>>,
    /// The packages that call a compiled part of themselves; worked out when it is first asked for.
    starters: OnceLock<FxHashSet<ModuleId>>,
    /// The names of modules that code of the tree may put into `sys.modules`; worked out when it is first asked for.
    made_by_call: OnceLock<FxHashSet<Name>>,
    /// By the names that were asked for: whether something may put such a module into a package of the tree.
    added: Mutex<FxHashMap<Name, bool>>,
    /// By the names that were asked for: whether something builds such a module.
    built: Mutex<FxHashMap<Name, bool>>,
    /// The Python that is to run it.
    targets: Targets,
    /// What surrounds the tree.
    environment: Arc<Environment>,
    /// What files of installed packages may do that are no modules here.
    unread: Arc<Unread>,
    /// Where execution starts.
    entry_points: Vec<EntryPoint>,
}

/// The directory into which packages were installed that has this one: an installer writes `NAME-VERSION.dist-info` beside what can be imported from there
/// (the specification of recorded projects).
fn installation_of(path: &str) -> Option<&str> {
    let record = path.strip_suffix(".dist-info/")?;
    Some(
        record
            .rsplit_once('/')
            .map_or("", |(directory, _)| directory),
    )
}

/// Modules and the directories that they lie in, before it is known what they are called.
struct Entered {
    directories: Directories,
    modules: Vec<Module>,
    /// The directories into which packages were installed.
    installations: Vec<DirId>,
}

impl Default for Entered {
    fn default() -> Self {
        Self {
            directories: Directories::new(),
            modules: Vec::new(),
            installations: Vec::new(),
        }
    }
}

impl Entered {
    /// Enters files, and the paths of what else an import may find.
    fn add(&mut self, inputs: &[&Input], others: &[&str], is_installed: bool) {
        let directories = &mut self.directories;
        for input in inputs {
            let Some((directory, stem, true)) = module_file(input.path) else {
                continue;
            };
            let dir = directories.make(directory);
            let id = ModuleId(u32::try_from(self.modules.len()).unwrap_or(u32::MAX));
            directories.enter(dir, Name::new(stem), Unit::Source(id));
            self.modules.push(Module {
                name: Name::new(stem),
                file: input.file,
                is_package: stem == "__init__",
                package: Name::new(""),
                ir: Arc::clone(&input.module),
                root: RootId(0),
                is_behind_extension: false,
                is_installed,
                dir,
            });
        }
        for path in others {
            if let Some(directory) = installation_of(path) {
                self.installations.push(directories.make(directory));
            } else if let Some((directory, stem, _)) = module_file(path) {
                let dir = directories.make(directory);
                let found = directories.enter(dir, Name::new(stem), Unit::Opaque);
                let ending = path.rsplit_once('.').map(|(_, ending)| ending);
                if let Unit::Source(id) = found
                    && !matches!(ending, Some("pyi" | "pyc"))
                {
                    self.modules[id.0 as usize].is_behind_extension = true;
                }
            } else if let Some((directory, _)) = path.rsplit_once('/')
                && directories.is_in_package(directory)
            {
                // `from . import data` imports a directory without any module.
                directories.make(directory);
            }
        }
    }
}

impl Program {
    /// Links the modules of a tree.
    ///
    /// `inputs` are its `.py` files; `others` are the paths of its other files, of which those count that are modules
    /// without Python source (`.so`, `.pyd`, `.pyx`, `.pyc`), with source that is not to be looked at (`.py`) or stubs (`.pyi`), or lie in a directory within a package. `configured` are the import roots as
    /// paths from the tree's top (empty or `.` for the top); without it they are found from
    /// the imports: the outermost directories that explain them. What lies in the directory `installed`, whose name ends with `/`, is found from there, after all else, and says nothing
    /// of the roots.
    #[must_use]
    pub fn build(
        inputs: &[Input],
        others: &[&str],
        configured: Option<&[String]>,
        installed: Option<&str>,
    ) -> Self {
        let is_installed = |path: &str| installed.is_some_and(|dir| path.starts_with(dir));
        let (beside, own): (Vec<&Input>, Vec<&Input>) =
            inputs.iter().partition(|input| is_installed(input.path));
        let (others_beside, own_others): (Vec<&str>, Vec<&str>) =
            others.iter().partition(|path| is_installed(path));
        let mut entered = Entered::default();
        entered.add(&own, &own_others, false);
        let (directories, modules) = (&entered.directories, &entered.modules);
        let mut chosen = match configured {
            Some(paths) => roots::configured(directories, paths),
            None => roots::find(directories, modules, &entered.installations),
        };
        if let Some(installed) = installed {
            entered.add(&beside, &others_beside, true);
            let directory = installed.trim_end_matches('/');
            chosen.push(entered.directories.make(directory));
        }
        let Entered {
            directories,
            modules,
            ..
        } = entered;
        let mut program = Self {
            by_file: FxHashMap::default(),
            by_name: FxHashMap::default(),
            roots: Vec::new(),
            root_dirs: Vec::new(),
            namespaces: FxHashMap::default(),
            imported: FxHashSet::default(),
            passed_by: FxHashSet::default(),
            strays: FxHashMap::default(),
            flat: FxHashSet::default(),
            said: Vec::new(),
            asked_for: OnceLock::new(),
            named_in_full: OnceLock::new(),
            optional: OnceLock::new(),
            starters: OnceLock::new(),
            made_by_call: OnceLock::new(),
            added: Mutex::default(),
            built: Mutex::default(),
            targets: Targets::default(),
            environment: Arc::default(),
            unread: Arc::default(),
            entry_points: Vec::new(),
            modules,
            directories,
        };
        program.set_roots(chosen);
        program.name_modules();
        program.said = program.find_said();
        program.find_namespaces();
        program.passed_by = program.find_passed_by();
        program.imported = program.find_imported();
        (program.strays, program.flat) = program.find_strays();
        program
    }

    /// Takes the roots, and the top as well where they do not reach every module.
    fn set_roots(&mut self, mut chosen: Vec<DirId>) {
        let reached = |module: &Module| {
            let mut around = self.directories.outwards(module.dir);
            around.any(|dir| chosen.contains(&dir))
        };
        let assumed = chosen.is_empty() || !self.modules.iter().all(reached);
        let shown = chosen.len();
        if assumed {
            chosen.push(TOP);
        }
        self.roots = chosen
            .iter()
            .enumerate()
            .map(|(index, &dir)| Root {
                path: self.directories.get(dir).path.clone(),
                assumed: index >= shown,
            })
            .collect();
        self.root_dirs = chosen;
    }

    fn name_modules(&mut self) {
        for index in 0..self.modules.len() {
            let module = &self.modules[index];
            let (root, root_dir) = self.root_around(module.dir);
            let package = self.dotted(module.dir, root_dir);
            let stem = module.name;
            let (name, package) = if !module.is_package {
                let joined = match package.as_str() {
                    "" => stem,
                    package => Name::new(&format!("{package}.{stem}")),
                };
                (joined, package)
            } else if module.dir == root_dir {
                // The root's own `__init__` is imported only by whoever takes another directory for the root.
                let own = self.directories.get(root_dir).name;
                let own = if own.is_empty() { stem } else { own };
                (own, own)
            } else {
                (package, package)
            };
            let module = &mut self.modules[index];
            module.name = name;
            module.package = package;
            module.root = root;
            let id = ModuleId(u32::try_from(index).unwrap_or(u32::MAX));
            let file = module.file;
            self.by_file.insert(file, id);
            self.by_name.entry(name).or_insert(id);
        }
    }

    fn find_namespaces(&mut self) {
        for dir in self.directories.ids() {
            let (_, root_dir) = self.root_around(dir);
            let plain = self
                .directories
                .outwards(dir)
                .take_while(|&around| around != root_dir)
                .all(|around| self.directories.get(around).init.is_none());
            if dir != root_dir && plain {
                let name = self.dotted(dir, root_dir);
                self.namespaces.entry(name).or_default().push(dir);
            }
        }
    }

    /// The innermost root around a directory.
    fn root_around(&self, dir: DirId) -> (RootId, DirId) {
        self.directories
            .outwards(dir)
            .find_map(|around| {
                let index = self.root_dirs.iter().position(|&root| root == around)?;
                Some((RootId(u32::try_from(index).unwrap_or(u32::MAX)), around))
            })
            // A directory without modules, outside of all roots: whatever is said of it does not matter.
            .unwrap_or((RootId(0), TOP))
    }

    /// The dotted name of a directory, seen from one around it; empty for that one itself.
    fn dotted(&self, dir: DirId, root: DirId) -> Name {
        let path = &self.directories.get(dir).path;
        let from = match self.directories.get(root).path.len() {
            0 => 0,
            length => length + 1,
        };
        Name::new(&path.get(from..).unwrap_or_default().replace('/', "."))
    }

    /// The same for a declared Python.
    #[must_use]
    pub fn meant_for(mut self, targets: Targets) -> Self {
        self.targets = targets;
        self
    }

    /// The Python that is to run it, as far as declared.
    #[must_use]
    pub fn targets(&self) -> &Targets {
        &self.targets
    }

    /// Every module with source, in the order of the inputs.
    #[must_use]
    pub fn modules(&self) -> &[Module] {
        &self.modules
    }

    /// Every module's id, in the order of [`Self::modules`].
    pub fn module_ids(&self) -> impl Iterator<Item = ModuleId> + use<> {
        (0..self.modules.len()).map(|index| ModuleId(u32::try_from(index).unwrap_or(u32::MAX)))
    }

    /// A module.
    #[must_use]
    #[inline]
    pub fn module(&self, id: ModuleId) -> &Module {
        &self.modules[id.0 as usize]
    }

    /// The module that a file is; none for a file that no import finds.
    #[must_use]
    pub fn module_of(&self, file: FileId) -> Option<ModuleId> {
        self.by_file.get(&file).copied()
    }

    /// The first module of this dotted name, whatever its root.
    #[must_use]
    pub fn by_name(&self, name: Name) -> Option<ModuleId> {
        self.by_name.get(&name).copied()
    }

    /// The import roots.
    #[must_use]
    pub fn roots(&self) -> &[Root] {
        &self.roots
    }

    /// The dotted name of a namespace package.
    #[must_use]
    pub fn namespace_name(&self, namespace: NamespaceId) -> Name {
        let (_, root) = self.root_around(namespace.0);
        self.dotted(namespace.0, root)
    }
}
