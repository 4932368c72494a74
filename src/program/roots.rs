//! Where absolute imports begin, found from the imports themselves.
//!
//! A directory is a root if imports of files in it find their modules from there. Going down from the top, the first
//! directory that explains at least as many imports as the directories in it would is taken, and what lies in it is not
//! looked at again: a file that imports its neighbour in a subdirectory is a mistake there, and no second root.
//!
//! Three things speak against a directory: its modules are imported *through* it (`import tools.db` makes `tools` a
//! package, no root), files in it use relative imports that need it to be a package, and names of the standard
//! library are no evidence at all, for `import json` beside a `json.py` hardly ever means that.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::{FxHashMap, FxHashSet};

use super::directory::{DirId, Directories, Entry, TOP, Unit};
use super::stdlib::is_standard;
use super::{Module, ModuleId};
use crate::name::{Name, is_identifier};
use crate::syntax::ir::{Stmt, StmtKind};

/// How many imports of neighbours outweigh one import through a directory, or one relative import.
const OUTWEIGHS: u32 = 5;

/// The roots that a configuration names. Paths that hold no modules are left out.
pub(super) fn configured(directories: &Directories, paths: &[String]) -> Vec<DirId> {
    let mut roots = Vec::new();
    for path in paths {
        let path = path.strip_prefix("./").unwrap_or(path);
        let path = if path == "." { "" } else { path };
        let found = directories.find(path.trim_matches('/'));
        roots.extend(found.filter(|dir| !roots.contains(dir)));
    }
    roots
}

/// The roots that the imports show, in order of their paths; none if they show nothing. A directory into which packages were `installed` is one.
pub(super) fn find(
    directories: &Directories,
    modules: &[Module],
    installed: &[DirId],
) -> Vec<DirId> {
    let search = Search::new(directories, modules, installed);
    let all: Vec<usize> = (0..search.imports.len()).collect();
    let mut roots = Vec::new();
    search.pick(TOP, &all, &mut roots);
    search.add_around(&mut roots);
    search.add_detached(&mut roots);
    search.add_conventional(&mut roots);
    search.add_cut_off(&mut roots);
    roots.sort_by(|a, b| directories.get(*a).path.cmp(&directories.get(*b).path));
    roots
}

/// An absolute import.
struct Import {
    /// The directory of the file that it stands in.
    from: DirId,
    /// The first component of what it names.
    first: Name,
    /// The directories that explain it, each with the directory that the import goes into, if the name is one.
    explained: Vec<(DirId, Option<DirId>)>,
    /// Whether those lie around the importing file. If not, they hold a package of that name somewhere else.
    around: bool,
}

struct Search<'a> {
    directories: &'a Directories,
    modules: &'a [Module],
    imports: Vec<Import>,
    /// The first components of all absolute imports.
    named: FxHashSet<Name>,
    /// For each directory the relative imports that need it to be a package.
    relative: FxHashMap<DirId, u32>,
    /// The directories into which packages were installed.
    installed: &'a [DirId],
}

/// What is known of one candidate.
#[derive(Default)]
struct Evidence {
    /// Imports that it explains.
    own: u32,
    /// By directory in it: imports that go through it.
    through: FxHashMap<DirId, u32>,
    /// By directory in it: imports that something in there explains, and the candidate does not.
    inner: FxHashMap<DirId, u32>,
}

impl<'a> Search<'a> {
    fn new(directories: &'a Directories, modules: &'a [Module], installed: &'a [DirId]) -> Self {
        let mut search = Self {
            directories,
            modules,
            imports: Vec::new(),
            named: FxHashSet::default(),
            relative: FxHashMap::default(),
            installed,
        };
        let packages = search.packages();
        for (index, module) in modules.iter().enumerate() {
            let own = ModuleId(u32::try_from(index).unwrap_or(u32::MAX));
            let mut seen = FxHashSet::default();
            module.ir.each_import(|stmt| match &stmt.kind {
                StmtKind::ImportFrom(import) if import.level > 0 => {
                    // Imports cannot begin in a directory that one goes out of.
                    let mut dir = module.dir;
                    *search.relative.entry(dir).or_default() += 1;
                    for _ in 1..import.level {
                        dir = directories.get(dir).parent;
                        *search.relative.entry(dir).or_default() += 1;
                    }
                }
                _ => {
                    if let Some((first, seconds)) = absolute(stmt)
                        && !is_standard(&first)
                        && seen.insert((first, seconds.first().copied()))
                    {
                        search.named.insert(first);
                        search.add(module.dir, own, first, &seconds, &packages);
                    }
                }
            });
        }
        search.leave_out_namespaces();
        search
    }

    /// The packages outside of other packages, by name: the directories that they lie in.
    fn packages(&self) -> FxHashMap<Name, Vec<DirId>> {
        let mut packages: FxHashMap<Name, Vec<DirId>> = FxHashMap::default();
        for dir in self.directories.ids().filter(|&dir| dir != TOP) {
            let directory = self.directories.get(dir);
            if directory.init.is_some() && !self.in_package(directory.parent) {
                packages
                    .entry(directory.name)
                    .or_default()
                    .push(directory.parent);
            }
        }
        packages
    }

    /// Whether a directory is a package or lies in one.
    fn in_package(&self, dir: DirId) -> bool {
        self.directories
            .outwards(dir)
            .any(|around| self.directories.get(around).init.is_some())
    }

    fn add(
        &mut self,
        from: DirId,
        importer: ModuleId,
        first: Name,
        seconds: &[Name],
        packages: &FxHashMap<Name, Vec<DirId>>,
    ) {
        let explains = |dir: DirId| match self.directories.entry(dir, first)? {
            // `redis.py` that says `import redis` wants the other one.
            Entry::Module(Unit::Source(id)) if id == importer => None,
            Entry::Module(_) => Some((dir, None)),
            // Nor does a package called like an installed one import itself: what it takes from that one, it does not have.
            Entry::Package(unit, package) => {
                let is_own = self.directories.within(from, package);
                let is_meant = match seconds {
                    [] => !is_own,
                    _ if is_own && self.is_mirror(package, first, packages) => false,
                    _ => !is_own || self.has_any(unit, package, seconds),
                };
                is_meant.then_some((dir, Some(package)))
            }
            Entry::Namespace(namespace) => seconds
                .iter()
                .any(|&second| self.directories.entry(namespace, second).is_some())
                .then_some((dir, Some(namespace))),
        };
        let mut explained: Vec<_> = self
            .directories
            .outwards(from)
            .filter_map(explains)
            .collect();
        let around = !explained.is_empty();
        if !around && let Some(elsewhere) = packages.get(&first) {
            explained.extend(elsewhere.iter().copied().filter_map(explains));
        }
        if !explained.is_empty() {
            self.imports.push(Import {
                from,
                first,
                explained,
                around,
            });
        }
    }

    /// Whether a package among the tests is laid out like one that is tested, `tests/shop/` like `src/shop/`: its files mean that one.
    fn is_mirror(
        &self,
        package: DirId,
        name: Name,
        packages: &FxHashMap<Name, Vec<DirId>>,
    ) -> bool {
        let others = packages.get(&name).into_iter().flatten();
        let mut tested = others.filter(|&&around| !self.directories.is_of_tests(around));
        let around = self.directories.get(package).parent;
        // If that is no package, test runners begin there, and find the tests' own first.
        self.directories.is_of_tests(around)
            && self.directories.get(around).init.is_some()
            && tested.next().is_some()
    }

    /// Whether a package has, or may have, one of these names: as a submodule, or as a variable.
    fn has_any(&self, unit: Unit, package: DirId, names: &[Name]) -> bool {
        let Unit::Source(id) = unit else {
            return true;
        };
        let ir = &self.modules[id.0 as usize].ir;
        let mut takes_all = false;
        ir.each_import(|stmt| {
            takes_all |= matches!(&stmt.kind, StmtKind::ImportFrom(import) if import.star);
        });
        takes_all
            || names.iter().any(|&name| {
                let mut variables = ir.scope.slots.iter();
                self.directories.entry(package, name).is_some()
                    || variables.any(|variable| variable.name == name)
            })
    }

    /// Chooses `dir`, or roots in it. `imports` are those that concern it: their files or what explains them lie in it.
    fn pick(&self, dir: DirId, imports: &[usize], roots: &mut Vec<DirId>) {
        if self.installed.contains(&dir) {
            roots.push(dir);
            return;
        }
        let evidence = self.weigh(dir, imports);
        if evidence.own == 0 && evidence.inner.is_empty() {
            return;
        }
        // What is imported through is a package, whatever its files find beside themselves.
        let is_package = |child: &DirId, inner: u32| {
            let through = evidence.through.get(child).copied().unwrap_or_default();
            through * OUTWEIGHS >= inner
        };
        let inner: u32 = evidence
            .inner
            .iter()
            .filter(|&(child, &inner)| !is_package(child, inner))
            .map(|(_, inner)| inner)
            .sum();
        if evidence.own >= inner.max(1) && !self.is_package(dir, evidence.own) {
            roots.push(dir);
            return;
        }
        let mut children: Vec<_> = self.directories.get(dir).children.values().collect();
        children.sort();
        let inner_of = |child: &DirId| evidence.inner.get(child).copied().unwrap_or_default();
        children.retain(|&child| inner_of(child) == 0 || !is_package(child, inner_of(child)));
        for &child in children {
            let concerned: Vec<usize> = imports
                .iter()
                .copied()
                .filter(|&index| self.concerns(&self.imports[index], child))
                .collect();
            self.pick(child, &concerned, roots);
        }
    }

    fn weigh(&self, dir: DirId, imports: &[usize]) -> Evidence {
        let mut evidence = Evidence::default();
        for import in imports.iter().map(|&index| &self.imports[index]) {
            let here = import.explained.iter().find(|(around, _)| *around == dir);
            if let Some((_, into)) = here {
                evidence.own += 1;
                if let Some(into) = into {
                    *evidence.through.entry(*into).or_default() += 1;
                }
                continue;
            }
            let inner = import
                .explained
                .iter()
                .find_map(|(explaining, _)| self.child_towards(dir, *explaining));
            if let Some(child) = inner {
                *evidence.inner.entry(child).or_default() += 1;
            }
        }
        evidence
    }

    /// Whether relative imports, or an `__init__` against little evidence, show that a directory is a package.
    fn is_package(&self, dir: DirId, own: u32) -> bool {
        let relative = self.relative.get(&dir).copied().unwrap_or_default();
        let has_init = dir != TOP && self.directories.get(dir).init.is_some();
        relative * OUTWEIGHS > own || has_init && own < 2
    }

    fn concerns(&self, import: &Import, dir: DirId) -> bool {
        let within = |inner: DirId| self.directories.within(inner, dir);
        if import.around {
            within(import.from)
        } else {
            import.explained.iter().any(|(inner, _)| within(*inner))
        }
    }

    /// The directory in `dir` that is, or is around, `inner`.
    fn child_towards(&self, dir: DirId, inner: DirId) -> Option<DirId> {
        self.directories
            .outwards(inner)
            .find(|&at| at != TOP && self.directories.get(at).parent == dir)
    }

    /// Adds roots around chosen ones: a program that brings `lib/` with more imports among its files than the program has is found from where it lies all the same.
    fn add_around(&self, roots: &mut Vec<DirId>) {
        let in_root = |dir: DirId| roots.iter().any(|&at| self.directories.within(dir, at));
        let is_left = |import: &Import| {
            let mut explained = import.explained.iter();
            import.around
                && !in_root(import.from)
                && explained.all(|&(dir, into)| !in_root(dir) && !into.is_some_and(in_root))
        };
        let left: Vec<usize> = (0..)
            .zip(&self.imports)
            .filter_map(|(index, import)| is_left(import).then_some(index))
            .collect();
        let mut found = Vec::new();
        if !roots.is_empty() && !left.is_empty() {
            self.pick(TOP, &left, &mut found);
        }
        let is_around = |dir: &DirId| {
            let mut inner = roots.iter();
            inner.any(|&root| root != *dir && self.directories.within(root, *dir))
        };
        found.retain(is_around);
        roots.extend(found);
    }

    /// Adds roots in chosen ones: those from which files elsewhere import packages, while nobody imports anything
    /// through them. Such is `src/` beside `tests/` whose files say `from tests.tools import ...`.
    fn add_detached(&self, roots: &mut Vec<DirId>) {
        let mut found = Vec::new();
        for import in self.imports.iter().filter(|import| !import.around) {
            // Where several places have such a package, nothing says which one is meant.
            if let [(dir, _)] = import.explained[..]
                && !self.directories.holds_copies(dir)
            {
                found.push(dir);
            }
        }
        found.sort();
        found.dedup();
        for dir in found {
            let through = self.imports.iter().any(|import| {
                import
                    .explained
                    .iter()
                    .any(|(_, into)| into.is_some_and(|into| self.directories.within(dir, into)))
            });
            if !through && !roots.contains(&dir) && dir != TOP {
                roots.push(dir);
            }
        }
    }

    /// Forgets that directories explain imports from elsewhere, where other imports show that they are no place to begin.
    fn leave_out_namespaces(&mut self) {
        let from_elsewhere = self.imports.iter().filter(|import| !import.around);
        let packages: BTreeSet<(DirId, Name)> = from_elsewhere
            .flat_map(|import| import.explained.iter().map(|(dir, _)| (*dir, import.first)))
            .collect();
        let mut named = self.named_inside(&packages);
        let parts = packages.into_iter();
        named.extend(parts.filter(|&(dir, _)| self.is_in_namespace(dir)));
        if named.is_empty() {
            return;
        }
        for import in self.imports.iter_mut().filter(|import| !import.around) {
            let first = import.first;
            import
                .explained
                .retain(|&(dir, _)| !named.contains(&(dir, first)));
        }
        self.imports.retain(|import| !import.explained.is_empty());
    }

    /// Of packages and the directories that they lie in, those of which some import names the one as a part of the other: `shop.plugins.till` shows that
    /// `plugins` is a namespace package, of which the parts may lie anywhere, and no place where imports begin.
    fn named_inside(&self, packages: &BTreeSet<(DirId, Name)>) -> BTreeSet<(DirId, Name)> {
        let mut named = BTreeSet::new();
        for module in self.modules.iter().filter(|_| !packages.is_empty()) {
            module.ir.each_import(|stmt| {
                let dotted = match &stmt.kind {
                    StmtKind::Import(import) => Some(import.module),
                    StmtKind::ImportFrom(import) if import.level == 0 => import.module,
                    _ => None,
                };
                let Some(dotted) = dotted.filter(|dotted| dotted.contains('.')) else {
                    return;
                };
                let is_named = |&&(dir, package): &&(DirId, Name)| {
                    let around = self.directories.get(dir).name;
                    let mut parts = dotted
                        .split('.')
                        .skip_while(|part| *part != around.as_str());
                    parts.next().is_some() && parts.next() == Some(package.as_str())
                };
                named.extend(packages.iter().filter(is_named));
            });
        }
        named
    }

    /// Whether a directory is, or lies in, one without `__init__` that the tree's imports name: `shop/embedders/` is a part of the namespace package `shop`, and
    /// `import openai` in `shop/embedders/openai/` means no part of that.
    fn is_in_namespace(&self, dir: DirId) -> bool {
        let around = self.directories.outwards(dir);
        around.take_while(|&at| at != TOP).any(|at| {
            let directory = self.directories.get(at);
            directory.init.is_none() && self.named.contains(&directory.name)
        })
    }

    /// Adds roots in directories that no import leads into, as their names are none of Python's (`runtime-23.1`): what lies there is found from there, if
    /// it is found at all.
    fn add_cut_off(&self, roots: &mut Vec<DirId>) {
        // By directory, the imports in it that something in it explains.
        let mut cut_off: BTreeMap<DirId, Vec<usize>> = BTreeMap::new();
        for (index, import) in self.imports.iter().enumerate().filter(|(_, it)| it.around) {
            for dir in self.directories.outwards(import.from) {
                let within = |at: DirId| self.directories.within(at, dir);
                if dir != TOP
                    && !is_identifier(&self.directories.get(dir).name)
                    && import.explained.iter().any(|(at, _)| within(*at))
                {
                    cut_off.entry(dir).or_default().push(index);
                }
            }
        }
        for (dir, own) in cut_off {
            let mut found = Vec::new();
            if !roots.contains(&dir) {
                self.pick(dir, &own, &mut found);
            }
            found.retain(|root| !roots.contains(root));
            roots.extend(found);
        }
    }

    /// Adds directories called `src` that hold packages, are none and have no root in or around them.
    fn add_conventional(&self, roots: &mut Vec<DirId>) {
        for dir in self.directories.ids() {
            let directory = self.directories.get(dir);
            let holds_package = directory
                .children
                .values()
                .any(|child| self.directories.get(*child).init.is_some());
            if directory.name.as_str() != "src" || !holds_package || self.in_package(dir) {
                continue;
            }
            let related = roots.iter().any(|&root| {
                self.directories.within(root, dir) || self.directories.within(dir, root)
            });
            if !related {
                roots.push(dir);
            }
        }
    }
}

/// The first component of an absolute import, and what may be the second ones.
pub(super) fn absolute(stmt: &Stmt) -> Option<(Name, Vec<Name>)> {
    match &stmt.kind {
        StmtKind::Import(import) => {
            let mut parts = import.module.split('.').map(Name::new);
            Some((parts.next()?, parts.next().into_iter().collect()))
        }
        StmtKind::ImportFrom(import) if import.level == 0 => {
            let mut parts = import.module.as_deref()?.split('.').map(Name::new);
            let first = parts.next()?;
            let seconds = match parts.next() {
                Some(second) => vec![second],
                None => import.names.iter().map(|imported| imported.name).collect(),
            };
            Some((first, seconds))
        }
        _ => None,
    }
}
