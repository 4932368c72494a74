//! Which modules import which.

use rustc_hash::FxHashSet;

use crate::environment::normalised;
use crate::facts::FileId;
use crate::name::Name;
use crate::source::{Tree, UNKNOWN_ENCODING};
use crate::syntax::ir::{Expr, ExprKind, ImportFrom, Stmt, StmtKind, Var};
use crate::syntax::visit;

use super::directory::{DirId, Entry, Unit};
use super::import_sites::is_import_function;
use super::{ModuleId, Program, Resolution};

impl Program {
    /// Whose variable a name of a module is, if a `from` statement of its own top level brings it: the module of the tree, and the name there.
    #[must_use]
    pub fn imported_as(&self, importer: ModuleId, name: Name) -> Option<(ModuleId, Name)> {
        let mut all = self.imports_of(importer, name);
        all.find_map(|(import, taken)| Some((self.imported_from(importer, import)?, taken)))
    }

    /// The `from` statements of a module's own top level that bring a name, and what that is called where it comes from.
    pub fn imports_of(
        &self,
        importer: ModuleId,
        name: Name,
    ) -> impl Iterator<Item = (&ImportFrom, Name)> {
        let ir = &self.module(importer).ir;
        let binds = move |var: Var| match var {
            Var::Local(slot) => ir.scope.slots[slot.0 as usize].name == name,
            Var::Global(global) => global == name,
            Var::Free { .. } | Var::Hidden { .. } => false,
        };
        ir.body.iter().filter_map(move |stmt| match &stmt.kind {
            StmtKind::ImportFrom(import) => {
                let mut names = import.names.iter();
                let imported = names.find(|imported| binds(imported.var))?;
                Some((import, imported.name))
            }
            _ => None,
        })
    }

    /// The modules of the tree that a module imports, its functions' own imports included; sorted, each once, itself left out.
    #[must_use]
    pub fn imports(&self, importer: ModuleId) -> Vec<ModuleId> {
        let mut found = Vec::new();
        self.module(importer)
            .ir
            .each_import(|stmt| found.extend(self.imported(importer, stmt)));
        found.retain(|&module| module != importer);
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The modules of the tree that are imported for certain when a module's own code has come to `at`: those that statements of it before that place
    /// import under no test, what these import, and the packages around all of them.
    #[must_use]
    pub fn imported_before(&self, module: ModuleId, at: u32) -> FxHashSet<ModuleId> {
        let mut found = FxHashSet::default();
        let mut pending = self.packages_around(module);
        pending.extend(self.imported_at_top(module, at));
        while let Some(next) = pending.pop() {
            if found.insert(next) {
                pending.extend(self.packages_around(next));
                pending.extend(self.imported_at_top(next, u32::MAX));
            }
        }
        found
    }

    /// What the statements of a module's own code before `at` import under no test.
    fn imported_at_top(&self, module: ModuleId, at: u32) -> Vec<ModuleId> {
        let statements = self.module(module).ir.body.iter();
        statements
            .filter(|stmt| stmt.range.start < at)
            .flat_map(|stmt| self.imported(module, stmt))
            .collect()
    }

    /// The modules that may run in one process with some others: whatever some module reaches by imports that reaches one of those, too. Where code of the tree imports by
    /// names that it computes, or one of these hands on to code from elsewhere (a framework that loads what a setting names), that may be any.
    #[must_use]
    pub fn run_beside(&self, others: &FxHashSet<ModuleId>) -> FxHashSet<ModuleId> {
        if self.module_ids().any(|id| self.computes_imports(id)) {
            return self.module_ids().collect();
        }
        let all: Vec<Vec<ModuleId>> = self.module_ids().map(|id| self.imports(id)).collect();
        let mut before = others.clone();
        let mut is_growing = true;
        while is_growing {
            // The packages around a module run before it (reference, 5.4.2).
            let reached = |id: ModuleId, imports: &[ModuleId]| {
                let mut around = self.packages_around(id).into_iter();
                around.any(|package| before.contains(&package))
                    || imports.iter().any(|id| before.contains(id))
            };
            let further = self.module_ids().zip(&all);
            let further: Vec<ModuleId> = further
                .filter(|(id, imports)| !before.contains(id) && reached(*id, imports))
                .map(|(id, _)| id)
                .collect();
            is_growing = !further.is_empty();
            before.extend(further);
        }
        let mut found = FxHashSet::default();
        let mut pending: Vec<ModuleId> = before.into_iter().collect();
        while let Some(next) = pending.pop() {
            if found.insert(next) {
                for &imported in &all[next.0 as usize] {
                    pending.push(imported);
                    pending.extend(self.packages_around(imported));
                }
            }
        }
        if found.iter().any(|&id| self.imports_from_outside(id)) {
            return self.module_ids().collect();
        }
        found
    }

    /// Whether a module imports something by a name that is not written down there.
    fn computes_imports(&self, module: ModuleId) -> bool {
        let ir = &self.module(module).ir;
        let mut found = false;
        ir.each_statement(|stmt| {
            visit::direct_expressions(stmt, &mut |direct| {
                visit::expressions(direct, &mut |expr| {
                    if let ExprKind::Call(call) = &expr.kind
                        && is_import_function(&call.function)
                    {
                        let first = call.arguments.first().map(|argument| &argument.value.kind);
                        found |= !matches!(first, Some(ExprKind::Constant(_)));
                    }
                });
            });
        });
        found
    }

    /// Whether a module does something of its own when it is run as a script: `if __name__ == '__main__'`.
    #[must_use]
    pub fn is_script(&self, module: ModuleId) -> bool {
        let asks_for_name = |test: &Expr| {
            let mut found = false;
            visit::expressions(test, &mut |expr| {
                found |=
                    matches!(expr.kind, ExprKind::Name(name, _) if name.as_str() == "__name__");
            });
            found
        };
        self.module(module)
            .ir
            .body
            .iter()
            .any(|stmt| match &stmt.kind {
                StmtKind::If { branches, .. } => {
                    branches.iter().any(|branch| asks_for_name(&branch.test))
                }
                _ => false,
            })
    }

    /// Whether a file is left to Python 2: a program whose first line says so, which nothing of the tree imports; or all files, of a distribution that says so.
    #[must_use]
    pub fn is_left_to_python_2(&self, module: ModuleId) -> bool {
        let is_distribution = self.environment.declared.is_for_python_2 == Some(true);
        is_distribution || self.module(module).ir.is_for_python_2 && !self.is_imported(module)
    }

    /// The files in an encoding that Python does not know of itself, and that a declared distribution is called after: one called `future-fstrings` tells
    /// Python of `future_fstrings` as it starts (`codecs.register`, a `.pth` file), so that `# coding: future_fstrings` is read.
    #[must_use]
    pub fn in_declared_encodings(&self, tree: &Tree) -> Vec<FileId> {
        let declared = &self.environment.declared.distributions;
        let is_declared = |encoding: &str| declared.contains_key(&normalised(encoding));
        let files = tree.iter().filter(|(_, content)| {
            let problem = content.text.problem();
            let message = problem.map(|problem| problem.message.as_str());
            let encoding = message.and_then(|message| message.strip_prefix(UNKNOWN_ENCODING));
            encoding.is_some_and(is_declared)
        });
        files.map(|(file, _)| file).collect()
    }

    /// Whether another module of the tree imports a module: it is not only run as a script.
    #[must_use]
    pub fn is_imported(&self, module: ModuleId) -> bool {
        let asked_for = self.asked_for.get_or_init(|| {
            let modules = self.module_ids();
            modules
                .flat_map(|importer| self.imports(importer))
                .collect()
        });
        asked_for.contains(&module)
    }

    /// Whether an import names a module with all its components, `import shop.till`, `from shop.till import open`: `from shop import till` may mean something else that the
    /// package has.
    #[must_use]
    pub fn is_named_in_full(&self, module: ModuleId) -> bool {
        let named = self.named_in_full.get_or_init(|| {
            let mut named = FxHashSet::default();
            for importer in self.module_ids() {
                self.module(importer).ir.each_import(|stmt| {
                    let found = match &stmt.kind {
                        StmtKind::Import(import) => self.resolve(importer, import.module),
                        StmtKind::ImportFrom(import) => match (import.level, import.module) {
                            (0, Some(from)) => self.resolve(importer, from),
                            (level, from) => self.resolve_relative(importer, level, from),
                        },
                        _ => return,
                    };
                    if let Resolution::Module(module) = found {
                        named.insert(module);
                    }
                });
            }
            named
        });
        named.contains(&module)
    }

    /// Whether a module lies in a directory without `__init__` that a package has among its own: it comes with the package as its data do, and nothing says that
    /// it is there to be imported.
    #[must_use]
    pub fn is_among_data(&self, module: ModuleId) -> bool {
        let has_init = |dir: DirId| self.directories.get(dir).init.is_some();
        let mut around = self.directories.outwards(self.module(module).dir);
        !around.next().is_some_and(has_init) && around.any(has_init)
    }

    /// Whether a module's file lies beside a regular package of its name, which every import finds before it (`importlib.machinery.FileFinder`).
    #[must_use]
    pub fn is_shadowed(&self, module: ModuleId) -> bool {
        let found = self.module(module);
        let path = self.path_of(module);
        let file = path.rsplit('/').next().unwrap_or_default();
        let stem = Name::new(file.split('.').next().unwrap_or_default());
        !found.is_package
            && matches!(
                self.directories.entry(found.dir, stem),
                Some(Entry::Package(..))
            )
    }

    /// Whether something outside the tree calls a function of a module.
    #[must_use]
    pub fn is_entry(&self, module: ModuleId) -> bool {
        let mut entries = self.entry_points().iter();
        entries.any(|entry| entry.module == Some(module))
    }

    /// The modules that one import names: those of the tree, found for sure. Of `from package import module` that is the module.
    #[must_use]
    pub fn imported(&self, importer: ModuleId, stmt: &Stmt) -> Vec<ModuleId> {
        let mut found = Vec::new();
        match &stmt.kind {
            StmtKind::Import(import) => {
                if let Resolution::Module(module) = self.resolve(importer, import.module) {
                    found.push(module);
                }
            }
            StmtKind::ImportFrom(import) => {
                let Some(module) = self.imported_from(importer, import) else {
                    return found;
                };
                // A package that imports its own modules, or a module that imports one beside it, is no circle by itself.
                let mut from_package = import.star || import.names.is_empty();
                for name in &import.names {
                    match self.submodule(module, name.name) {
                        Resolution::Module(submodule) => found.push(submodule),
                        _ => from_package = true,
                    }
                }
                if from_package {
                    found.push(module);
                }
            }
            _ => {}
        }
        found
    }

    /// The module of the tree that a `from` import takes names from, if it is found for sure.
    #[must_use]
    pub fn imported_from(&self, importer: ModuleId, import: &ImportFrom) -> Option<ModuleId> {
        let resolution = match import.level {
            0 => self.resolve(importer, import.module?),
            level => self.resolve_relative(importer, level, import.module),
        };
        match resolution {
            Resolution::Module(found) => Some(found),
            _ => None,
        }
    }

    /// The packages around a module, from the outside in: they are imported before it.
    #[must_use]
    pub fn packages_around(&self, module: ModuleId) -> Vec<ModuleId> {
        let own = self.module(module);
        let root = self.root_dirs[own.root.0 as usize];
        let mut packages = Vec::new();
        // By directories, for a directory's name may hold dots: `tool-1.0.data`.
        let mut dir = own.dir;
        while dir != root {
            let directory = self.directories.get(dir);
            if let Some(Unit::Source(package)) = directory.init
                && package != module
            {
                packages.push(package);
            }
            dir = directory.parent;
        }
        packages.reverse();
        packages
    }
}
