//! What an import names.

use rustc_hash::{FxHashMap, FxHashSet};

use super::directory::{DirId, Entry, TOP, Unit};
use super::roots::absolute;
use super::stdlib::{is_builtin, is_standard};
use super::{ModuleId, NamespaceId, Program};
use crate::environment::{Namesakes, Standing};
use crate::name::Name;
use crate::syntax::ir::{ExprKind, Function, ImportFrom, Parent, Stmt, StmtKind};
use crate::syntax::search_path::added_on_import;
use crate::syntax::visit;

/// What a dotted name means where it is imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Resolution {
    /// A module of the tree.
    Module(ModuleId),
    /// A namespace package, of which at least this part is in the tree.
    Namespace(NamespaceId),
    /// A module of the tree without source (compiled, or only a stub), or one in a compiled package.
    Opaque,
    /// Not in the tree: of the standard library, or installed.
    External,
    /// A module of the tree that can be had only under a condition: several roots other than the importer's have one.
    Ambiguous,
    /// Certainly missing, for the name around it is a module or a regular package of the tree. An import raises
    /// `ModuleNotFoundError` unless [`Program::may_have_more`] holds for `parent`.
    Missing {
        /// The module or package that does not have it.
        parent: ModuleId,
        /// The dotted name up to the first component that is missing.
        name: Name,
    },
    /// Missing in a directory without `__init__`, of which there may be more parts elsewhere.
    MissingInNamespace {
        /// The directory.
        parent: NamespaceId,
        /// The dotted name up to the first component that is missing.
        name: Name,
    },
    /// No root has the first component, but the tree has such a module in a place that no root reaches. Unless it lies
    /// `beside` the importer this says little: an installed module of the same name may be meant.
    Misplaced {
        /// That module: the one nearest to the importer.
        module: ModuleId,
        /// Whether it lies in the importer's own package, or is a package around the importer, and is what all the tree means by that name:
        /// whoever imports it has it there, and all components of the dotted name are there. Such an import works where the
        /// importer is run as a script, or the package is no package, and nowhere else. In a directory without `__init__` it is
        /// what a folder of scripts does, or one that is deployed as a root of its own.
        beside: bool,
    },
    /// A relative import in a module that is in no package:
    /// `ImportError: attempted relative import with no known parent package`.
    NoParentPackage,
    /// A relative import with too many dots: `ImportError: attempted relative import beyond top-level package`.
    BeyondTopLevel,
}

/// A directory in a package that the package's own `__init__` puts on `sys.path`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Said {
    package: DirId,
    dir: DirId,
    /// Whether imports look there before anywhere else.
    is_first: bool,
}

impl Program {
    /// Whether the directory in which a module's absolute imports begin has an `__init__`: it is a package for whoever imports from above it.
    #[must_use]
    pub fn is_root_a_package(&self, module: ModuleId) -> bool {
        let root = self.root_dirs[self.module(module).root.0 as usize];
        self.directories.get(root).init.is_some()
    }

    /// What `import dotted` in `importer` finds: the innermost component's module.
    ///
    /// The importer's own root comes first, then the others; a namespace package is taken only where nobody has a
    /// module or a regular package, as `importlib` does it. What is built into the interpreter comes before
    /// everything, the rest of the standard library between the importer's root and the others.
    #[must_use]
    pub fn resolve(&self, importer: ModuleId, dotted: Name) -> Resolution {
        let first = dotted.first_component();
        match self.first(importer, first) {
            Ok(Entry::Namespace(portion)) if self.is_in_another_portion(portion, &dotted) => {
                Resolution::Ambiguous
            }
            Ok(entry) => match self.walk(entry, &dotted, first.len()) {
                Resolution::Missing { parent, .. }
                    if self.is_found_nearer(importer, &dotted, entry)
                        || self.means_another(importer, parent, entry) =>
                {
                    Resolution::Ambiguous
                }
                found => found,
            },
            Err(Resolution::Misplaced { module, beside }) => Resolution::Misplaced {
                module,
                beside: beside
                    && self.strays.get(&first) == Some(&Some(module))
                    && self.within(module, &dotted[first.len()..]).is_some(),
            },
            Err(resolution) => resolution,
        }
    }

    /// Whether a file below a directory without `__init__`, no package itself, imports what lies below its own name, `mcp/server.py` from `mcp.server.tools`: it means a
    /// regular package of that name, which comes before all such directories (PEP 420, "Specification").
    fn means_another(&self, importer: ModuleId, parent: ModuleId, first: Entry) -> bool {
        importer == parent
            && matches!(first, Entry::Namespace(_))
            && !self.module(parent).is_package
    }

    /// Whether a directory around the importer has a package called like one further out, `client/client/` in `client/`, which has what that one lacks, and a script
    /// beside it, which finds the inner one first.
    fn is_found_nearer(&self, importer: ModuleId, dotted: &str, outer: Entry) -> bool {
        let importing = self.module(importer);
        let own = self.root_dirs[importing.root.0 as usize];
        let first = dotted.split('.').next().unwrap_or_default();
        let around = self.directories.outwards(importing.dir);
        around.take_while(|&dir| dir != own).any(|dir| {
            let nearer = self.directories.entry(dir, Name::new(first));
            nearer
                .filter(|&nearer| nearer != outer)
                .is_some_and(|nearer| {
                    matches!(
                        self.walk(nearer, dotted, first.len()),
                        Resolution::Module(_) | Resolution::Namespace(_)
                    ) && self.has_script(dir)
                })
        })
    }

    /// Whether a file of a directory says what it does when it is run: `if __name__ == "__main__"`.
    fn has_script(&self, dir: DirId) -> bool {
        let asks = |stmt: &Stmt| match &stmt.kind {
            StmtKind::If { branches, .. } => branches.iter().any(|branch| {
                let mut found = false;
                visit::expressions(&branch.test, &mut |expr| {
                    found |=
                        matches!(expr.kind, ExprKind::Name(name, _) if name.as_str() == "__name__");
                });
                found
            }),
            _ => false,
        };
        let mut modules = self.directories.get(dir).modules.values();
        modules.any(|unit| match unit {
            Unit::Source(id) => self.module(*id).ir.body.iter().any(asks),
            Unit::Opaque => false,
        })
    }

    /// Whether a portion of a namespace package and one in another root both have what a dotted name goes on to, so that the order of the path decides
    /// (PEP 420, "Specification"): `tests/shop/till/` beside `src/shop/till/`, where neither `shop` has an `__init__`.
    fn is_in_another_portion(&self, portion: DirId, dotted: &str) -> bool {
        let (first, rest) = dotted.split_once('.').unwrap_or((dotted, ""));
        let others = self.root_dirs.iter().filter_map(|&root| {
            match self.directories.entry(root, Name::new(first)) {
                Some(Entry::Namespace(other)) if other != portion => Some(other),
                _ => None,
            }
        });
        others.into_iter().any(|other| {
            let (mut own, mut other) = (portion, other);
            for part in rest.split('.').filter(|part| !part.is_empty()) {
                let part = Name::new(part);
                let entry = |dir| self.directories.entry(dir, part);
                match (entry(own), entry(other)) {
                    (Some(Entry::Namespace(inner)), Some(Entry::Namespace(beside))) => {
                        (own, other) = (inner, beside);
                    }
                    (Some(_), Some(Entry::Module(_) | Entry::Package(..))) => return true,
                    _ => return false,
                }
            }
            false
        })
    }

    /// What the rest of a dotted name is, which begins with a dot or is empty, in a module that is imported from outside of all roots.
    #[must_use]
    pub fn within(&self, module: ModuleId, rest: &str) -> Option<ModuleId> {
        let mut found = module;
        for part in rest.split('.').skip(1) {
            let Resolution::Module(inner) = self.submodule(found, Name::new(part)) else {
                return None;
            };
            found = inner;
        }
        Some(found)
    }

    /// The directories without `__init__` in a root that hold no module themselves, only directories, and into which no import goes although some say the name:
    /// `embedders/openai/shop/..` is where a distribution is kept that is called like what it needs, and `from openai import OpenAI` means the installed package
    /// (PEP 420: a regular package goes before a directory, wherever it is on the path).
    pub(super) fn find_passed_by(&self) -> FxHashSet<DirId> {
        let mut by_name: FxHashMap<Name, Vec<DirId>> = FxHashMap::default();
        for &root in &self.root_dirs {
            for (&name, &child) in &self.directories.get(root).children {
                let directory = self.directories.get(child);
                if directory.init.is_none() && directory.modules.is_empty() {
                    by_name.entry(name).or_default().push(child);
                }
            }
        }
        if by_name.is_empty() {
            return FxHashSet::default();
        }
        let mut found: FxHashSet<DirId> = by_name.values().flatten().copied().collect();
        for module in self.modules() {
            module.ir.each_import(|stmt| {
                let Some((first, seconds)) = absolute(stmt) else {
                    return;
                };
                let goes_into = |dir: &&DirId| {
                    let mut seconds = seconds.iter();
                    seconds.any(|&second| self.directories.entry(**dir, second).is_some())
                };
                for dir in by_name.get(&first).into_iter().flatten().filter(goes_into) {
                    found.remove(dir);
                }
            });
        }
        found
    }

    /// Which module every importer of a name that no root reaches has beside it; none where some have another, or no
    /// such module there. See [`Resolution::Misplaced`]. With it the modules that one beside them imports so.
    pub(super) fn find_strays(&self) -> (FxHashMap<Name, Option<ModuleId>>, FxHashSet<ModuleId>) {
        let mut strays = FxHashMap::default();
        let mut flat = FxHashSet::default();
        for id in self.module_ids() {
            self.module(id).ir.each_import(|stmt| {
                let Some((first, _)) = absolute(stmt) else {
                    return;
                };
                if let Err(Resolution::Misplaced { module, beside }) = self.first(id, first) {
                    // Who starts it has its directory on the path, and so has all that it imports.
                    let this = beside.then_some(module);
                    flat.extend(this);
                    let this = this.filter(|_| !self.is_plain_program(id));
                    let known = strays.entry(first).or_insert(this);
                    if *known != this {
                        *known = None;
                    }
                }
            });
        }
        (strays, flat)
    }

    /// Whether a file is there to be run, by all that it holds: it defines nothing, and calls what it imports or says what it does when it is run.
    fn is_plain_program(&self, id: ModuleId) -> bool {
        let module = self.module(id);
        let ir = &module.ir;
        let calls = |stmt: &Stmt| match &stmt.kind {
            StmtKind::Expr(value) | StmtKind::Assign { value, .. } => {
                matches!(value.kind, ExprKind::Call(_))
            }
            _ => false,
        };
        !module.is_package
            && ir.functions.is_empty()
            && ir.classes.is_empty()
            && (ir.body.iter().any(calls) || self.is_script(id))
    }

    /// Whether the importer's own directory has another module of a name than the one that its root has. A script is started with its own directory first on the
    /// path (library reference, `sys.path`), so that in `shop/trial.py` the line `import shop` finds `shop/shop.py` then.
    #[must_use]
    pub fn has_another_beside(&self, importer: ModuleId, name: Name) -> bool {
        let module = self.module(importer);
        let own = self.root_dirs[module.root.0 as usize];
        let beside = self.directories.entry(module.dir, name);
        matches!(beside, Some(Entry::Module(_) | Entry::Package(..)))
            && beside != self.directories.entry(own, name)
    }

    /// Whether a module in a package is imported by its bare name alone, by one beside it: what starts there has the package's own directory on the path.
    #[must_use]
    pub fn is_imported_flat(&self, module: ModuleId) -> bool {
        self.flat.contains(&module) && !self.is_imported(module)
    }

    /// What `from <dots><dotted> import` in `importer` finds: the module before `import`. `level` counts the dots, from 1.
    #[must_use]
    pub fn resolve_relative(
        &self,
        importer: ModuleId,
        level: u32,
        dotted: Option<Name>,
    ) -> Resolution {
        let module = self.module(importer);
        let root = self.root_dirs[module.root.0 as usize];
        // A root with an `__init__` of which nothing shows that it is one may as well be a package.
        let is_package =
            self.roots[module.root.0 as usize].assumed && self.directories.get(root).init.is_some();
        if module.dir == root && !module.is_package && !is_package {
            return Resolution::NoParentPackage;
        }
        let mut dir = module.dir;
        for _ in 1..level {
            if dir == root {
                return Resolution::BeyondTopLevel;
            }
            dir = self.directories.get(dir).parent;
        }
        if dir == root && level > 1 && !is_package {
            return Resolution::BeyondTopLevel;
        }
        let base = match self.directories.get(dir).init {
            Some(unit) => Entry::Package(unit, dir),
            None => Entry::Namespace(dir),
        };
        let Some(dotted) = dotted else {
            return finish(base);
        };
        let package = self.dotted(dir, root);
        if package.is_empty() {
            return self.walk_on(base, dotted.as_str(), 0);
        }
        self.walk(base, &format!("{package}.{dotted}"), package.len())
    }

    /// What `name` is as a submodule of a module: [`Resolution::Missing`] if the module is no package or has no such
    /// submodule.
    #[must_use]
    pub fn submodule(&self, parent: ModuleId, name: Name) -> Resolution {
        let module = self.module(parent);
        let unit = Unit::Source(parent);
        let entry = if module.is_package {
            Entry::Package(unit, module.dir)
        } else {
            Entry::Module(unit)
        };
        let dotted = || [module.name.as_str(), ".", name.as_str()].concat();
        if name.contains('.') {
            return self.walk(entry, &dotted(), module.name.len());
        }
        match self.member(entry, name) {
            Ok(Some(found)) => finish(found),
            Ok(None) => missing(entry, Name::new(&dotted())),
            Err(resolution) => resolution,
        }
    }

    /// What `name` is as a member of a namespace package.
    #[must_use]
    pub fn namespace_member(&self, parent: NamespaceId, name: Name) -> Resolution {
        let around = self.namespace_name(parent);
        let dotted = format!("{around}.{name}");
        self.walk(Entry::Namespace(parent.0), &dotted, around.len())
    }

    /// Whether every directory from the tree's top down to a module is a package with an `__init__`.
    #[must_use]
    pub fn is_in_regular_packages(&self, module: ModuleId) -> bool {
        let module = self.module(module);
        let mut around = self.directories.outwards(module.dir);
        module.dir != TOP
            && around.all(|dir| dir == TOP || self.directories.get(dir).init.is_some())
    }

    /// Whether a module may have submodules that are not beside it in the tree: it, or a package around it, names
    /// `__path__`, `sys.modules` and the like, or calls a compiled part of itself.
    #[must_use]
    pub fn may_have_more(&self, module: ModuleId) -> bool {
        let module = self.module(module);
        let packages = self.directories.outwards(module.dir);
        module.ir.rewires_imports
            || packages
                .filter_map(|dir| self.directories.get(dir).init)
                .any(|unit| match unit {
                    Unit::Source(id) => {
                        self.module(id).ir.rewires_imports || self.calls_compiled_part(id)
                    }
                    Unit::Opaque => true,
                })
    }

    /// The same for imports: a plain module passes for a package if it has a `__path__`, which its `__getattr__` or a star
    /// import may give it (the reference, "The import system", 5.4.1).
    #[must_use]
    pub fn may_be_package(&self, module: ModuleId) -> bool {
        let found = self.module(module);
        let answers = |function: &Function| {
            matches!(function.parent, Parent::Module) && function.name.as_str() == "__getattr__"
        };
        let takes_all = |stmt: &Stmt| match &stmt.kind {
            StmtKind::ImportFrom(ImportFrom {
                module: Some(name),
                level: 0,
                star: true,
                ..
            }) => self.resolve(module, *name) == Resolution::External,
            _ => false,
        };
        let mut may_be = !found.is_package && found.ir.functions.iter().any(answers);
        if !found.is_package && !may_be {
            visit::statements(&found.ir.body, &mut |stmt| may_be |= takes_all(stmt));
        }
        may_be || self.may_have_more(module)
    }

    /// What the first component of an absolute import finds.
    fn first(&self, importer: ModuleId, name: Name) -> Result<Entry, Resolution> {
        if is_builtin(&name) {
            return Err(Resolution::External);
        }
        let own = self.root_dirs[self.module(importer).root.0 as usize];
        let in_own = self.directories.entry(own, name);
        if let Some(tested) = self.tested_by(importer, name, in_own) {
            return Ok(tested);
        }
        match in_own {
            Some(entry @ (Entry::Package(..) | Entry::Module(_))) => return Ok(entry),
            _ if is_standard(&name) => return Err(Resolution::External),
            _ => {}
        }
        let mut elsewhere = None;
        let mut namespace = in_own;
        let having = self.directories.having(name);
        // Most names that are imported are of no directory at all.
        let roots = self.root_dirs.iter().filter(|_| !having.is_empty());
        let others = roots.filter(|&root| *root != own && having.binary_search(root).is_ok());
        for &root in others {
            match self.directories.entry(root, name) {
                None => {}
                // A directory that is itself a root is no package of the root around it.
                Some(Entry::Package(_, dir) | Entry::Namespace(dir))
                    if self.root_dirs.contains(&dir) => {}
                Some(entry @ Entry::Namespace(_)) => namespace = namespace.or(Some(entry)),
                Some(_) if elsewhere.is_some() => return Err(Resolution::Ambiguous),
                Some(entry) => elsewhere = Some(entry),
            }
        }
        match elsewhere.or(namespace) {
            // A script beside or below a folder of that name may be started with that folder's place on the path.
            Some(entry) if Some(entry) != in_own && self.has_nearer(importer, name, entry) => {
                Err(Resolution::Ambiguous)
            }
            Some(Entry::Namespace(dir)) if self.passed_by.contains(&dir) => {
                Err(Resolution::External)
            }
            Some(entry) => Ok(entry),
            None => match self.in_said(importer, name) {
                Some(entry) => Ok(entry),
                None => Err(self.misplaced(importer, name)),
            },
        }
    }

    /// What a name finds in a directory that a package around the importer has put on `sys.path`: whoever runs the import has run the package first (reference, 5.4.2).
    fn in_said(&self, importer: ModuleId, name: Name) -> Option<Entry> {
        let here = self.module(importer).dir;
        let mut found = self.said.iter().filter_map(|said| {
            let entry = self.directories.entry(said.dir, name)?;
            let is_own = entry == Entry::Module(Unit::Source(importer));
            let is_found = matches!(entry, Entry::Package(..) | Entry::Module(_)) && !is_own;
            (is_found
                && self.directories.within(here, said.package)
                && (said.is_first || !self.is_provided(name)))
            .then_some(entry)
        });
        found.next()
    }

    /// Whether something that is declared or installed provides a module.
    fn is_provided(&self, name: Name) -> bool {
        let standing = self.environment().standing(&name, &Namesakes::of([&*name]));
        matches!(standing, Standing::Provided(_))
    }

    /// The directories in packages that their own `__init__` puts on `sys.path`. Copies of other people's packages that come last are there for want of those.
    pub(super) fn find_said(&self) -> Vec<Said> {
        let mut said = Vec::new();
        for module in self.modules.iter().filter(|module| module.is_package) {
            for (path, is_first) in added_on_import(&module.ir) {
                let package = self.directories.get(module.dir);
                let added = path.of(&format!("{}/__init__.py", package.path));
                let dir = added.and_then(|path| self.directories.find(&path));
                let is_meant = |dir: &DirId| {
                    self.directories.within(*dir, module.dir)
                        && (is_first || !self.directories.holds_copies(*dir))
                };
                said.extend(dir.filter(is_meant).map(|dir| Said {
                    package: module.dir,
                    dir,
                    is_first,
                }));
            }
        }
        said
    }

    /// The package that a test means by the name of the one that it lies in itself: tests are often laid out like what they test, `tests/shop/` like `src/shop/`, and run
    /// from further out if `tests` is a package as well (pytest, "prepend": the first directory upwards without `__init__.py`).
    fn tested_by(&self, importer: ModuleId, name: Name, in_own: Option<Entry>) -> Option<Entry> {
        let Some(Entry::Package(_, package)) = in_own else {
            return None;
        };
        let here = self.module(importer).dir;
        let around = self.directories.get(package).parent;
        let is_in_package = self.directories.get(around).init.is_some();
        if !(is_in_package
            && self.directories.is_of_tests(around)
            && self.directories.within(here, package))
        {
            return None;
        }
        let roots = self.root_dirs.iter();
        let found = roots.filter(|&&root| !self.directories.is_of_tests(root));
        let mut found = found.filter_map(|&root| self.directories.entry(root, name));
        found.find(|entry| matches!(entry, Entry::Package(..)))
    }

    /// Whether a directory around the importer, up to its root, has another module or package of a name than the one of another root. The tree's top counts as a root
    /// only for want of others: what lies there is most often no package.
    fn has_nearer(&self, importer: ModuleId, name: Name, other: Entry) -> bool {
        let importing = self.module(importer);
        let own = self.root_dirs[importing.root.0 as usize];
        let mut around = self.directories.outwards(importing.dir);
        around.any(|dir| {
            let is_within = dir != TOP && self.directories.within(dir, own);
            let found = self.directories.entry(dir, name).filter(|_| is_within);
            found.is_some_and(|entry| {
                entry != other && entry != Entry::Module(Unit::Source(importer))
            })
        })
    }

    /// Where else in the tree a module called `name` is: in the importer's directory, in one around it, or anywhere.
    fn misplaced(&self, importer: ModuleId, name: Name) -> Resolution {
        let here = self.module(importer).dir;
        let source = |dir: DirId| match self.directories.entry(dir, name) {
            // `redis.py` that says `import redis` wants the other one.
            Some(Entry::Package(Unit::Source(id), _) | Entry::Module(Unit::Source(id))) => {
                (id != importer).then_some(id)
            }
            _ => None,
        };
        let around = self.directories.outwards(here).find_map(source);
        let anywhere = || {
            let having = self.directories.having(name).iter();
            having.copied().find_map(source)
        };
        match around.or_else(anywhere) {
            Some(module) => Resolution::Misplaced {
                module,
                beside: self.is_own_package(here)
                    && (source(here) == Some(module) || self.is_package_around(here, module)),
            },
            None => Resolution::External,
        }
    }

    /// Whether the modules of a directory are imported by their whole names: it is a package, or passes for one.
    pub(super) fn is_own_package(&self, dir: DirId) -> bool {
        self.directories.get(dir).init.is_some() || self.imported.contains(&dir)
    }

    /// The directories without `__init__` whose modules are imported as parts of a package.
    pub(super) fn find_imported(&self) -> FxHashSet<DirId> {
        let mut found = FxHashSet::default();
        let is_plain =
            |dir: DirId| self.directories.get(dir).init.is_none() && !self.root_dirs.contains(&dir);
        if !self.modules().iter().any(|module| is_plain(module.dir)) {
            return found;
        }
        for id in self.module_ids() {
            let own = self.module(id).dir;
            self.module(id).ir.each_import(|stmt| {
                let dotted = match &stmt.kind {
                    StmtKind::Import(import) => import.module,
                    StmtKind::ImportFrom(import) if import.level > 0 => {
                        found.insert(own);
                        return;
                    }
                    StmtKind::ImportFrom(ImportFrom {
                        module: Some(module),
                        ..
                    }) => *module,
                    _ => return,
                };
                if dotted.contains('.')
                    && let Resolution::Module(module) = self.resolve(id, dotted)
                {
                    found.insert(self.module(module).dir);
                }
            });
        }
        found.retain(|&dir| is_plain(dir));
        found
    }

    /// Whether a module is a package that lies around a directory, in a package itself.
    fn is_package_around(&self, dir: DirId, module: ModuleId) -> bool {
        let found = self.module(module);
        found.is_package
            && self.directories.within(dir, found.dir)
            && self.is_own_package(self.directories.get(found.dir).parent)
    }

    /// Goes on from `entry`, whose dotted name is the first `done` bytes of `dotted`, through the other components.
    fn walk(&self, entry: Entry, dotted: &str, done: usize) -> Resolution {
        if done == dotted.len() {
            return finish(entry);
        }
        self.walk_on(entry, dotted, done + 1)
    }

    /// Goes on from `entry` through the components of `dotted` from byte `start` on.
    fn walk_on(&self, mut entry: Entry, dotted: &str, start: usize) -> Resolution {
        let mut end = start;
        for part in dotted[start..].split('.') {
            end += part.len();
            entry = match self.member(entry, Name::new(part)) {
                Ok(Some(next)) => next,
                Ok(None) => return missing(entry, Name::new(&dotted[..end])),
                Err(resolution) => return resolution,
            };
            end += 1;
        }
        finish(entry)
    }

    /// What `name` is in a package.
    fn member(&self, entry: Entry, name: Name) -> Result<Option<Entry>, Resolution> {
        match entry {
            // `from .__init__ import f` finds the package's own file, as a module besides.
            Entry::Package(unit, _) if name.as_str() == "__init__" => Ok(Some(Entry::Module(unit))),
            Entry::Module(Unit::Source(_)) => Ok(None),
            Entry::Module(Unit::Opaque) => Err(Resolution::Opaque),
            Entry::Package(unit, dir) => match (self.directories.entry(dir, name), unit) {
                (None, Unit::Opaque) => Err(Resolution::Opaque),
                (found, _) => Ok(found),
            },
            Entry::Namespace(dir) => Ok(self.in_namespace(dir, name)),
        }
    }

    /// What `name` is in a namespace package, of which `dir` is the part to look into first.
    fn in_namespace(&self, dir: DirId, name: Name) -> Option<Entry> {
        let (_, root) = self.root_around(dir);
        let parts = self.namespaces.get(&self.dotted(dir, root));
        let parts = parts.filter(|parts| parts.contains(&dir));
        let parts = parts.map_or(&[][..], Vec::as_slice);
        let mut namespace = None;
        for part in std::iter::once(dir).chain(parts.iter().copied()) {
            match self.directories.entry(part, name) {
                None => {}
                Some(entry @ Entry::Namespace(_)) => namespace = namespace.or(Some(entry)),
                found => return found,
            }
        }
        namespace
    }
}

fn finish(entry: Entry) -> Resolution {
    match entry {
        Entry::Package(Unit::Source(id), _) | Entry::Module(Unit::Source(id)) => {
            Resolution::Module(id)
        }
        Entry::Package(Unit::Opaque, _) | Entry::Module(Unit::Opaque) => Resolution::Opaque,
        Entry::Namespace(dir) => Resolution::Namespace(NamespaceId(dir)),
    }
}

fn missing(entry: Entry, name: Name) -> Resolution {
    match entry {
        Entry::Package(Unit::Source(parent), _) | Entry::Module(Unit::Source(parent)) => {
            Resolution::Missing { parent, name }
        }
        Entry::Package(Unit::Opaque, _) | Entry::Module(Unit::Opaque) => Resolution::Opaque,
        Entry::Namespace(dir) => Resolution::MissingInNamespace {
            parent: NamespaceId(dir),
            name,
        },
    }
}
