//! Which modules import which.

use crate::name::Name;
use crate::syntax::ir::{ImportFrom, Stmt, StmtKind};

use super::{ModuleId, Program, Resolution};

impl Program {
    /// The modules of the tree that a module imports, its functions' own imports included; sorted, each once, itself left out.
    #[must_use]
    pub fn imports(&self, importer: ModuleId) -> Vec<ModuleId> {
        let mut found = Vec::new();
        self.module(importer)
            .ir
            .each_statement(|stmt| found.extend(self.imported(importer, stmt)));
        found.retain(|&module| module != importer);
        found.sort_unstable();
        found.dedup();
        found
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
        let name = self.module(module).name;
        let mut packages = Vec::new();
        for (dot, _) in name.match_indices('.') {
            let package = Name::new(&name[..dot]);
            if let Resolution::Module(package) = self.resolve(module, package)
                && package != module
            {
                packages.push(package);
            }
        }
        packages
    }
}
