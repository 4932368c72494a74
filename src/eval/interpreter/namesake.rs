//! What an import means where several modules have its name: the package from the root, the file beside the importer, what is in a directory that code adds, what is
//! installed (the language reference, "The import system"; PEP 328; PEP 420).

use crate::environment::Standing;
use crate::name::Name;
use crate::program::{ModuleId, Resolution};
use crate::syntax::ir::{ExprKind, ImportFrom, Module, Stmt, StmtKind};

use crate::eval::Evaluator;
use crate::eval::certainty::guard::asks_for_own_name;
use crate::eval::domain::value::Data;
use crate::eval::interpreter::frame::Frame;
use crate::eval::objects::attribute::Attribute;
use crate::eval::reuse::file_set::FileSet;
use crate::eval::survey::contents::Contents;

impl<'p> Evaluator<'p> {
    /// What an absolute import finds. Where code of the tree adds a directory to where imports look, what is called so in there may come first: `sys.path.insert(0,
    /// "till")` makes `import till` the file `till/till.py`, and not the package. A directory without `__init__` is a namespace package only where no place
    /// has a module or package of its name (PEP 420, "Specification"). That is asked for the file that adds the directory, and between tests, which one process
    /// runs: what asks rests on all files.
    pub(super) fn resolve_absolute(&self, importer: ModuleId, dotted: Name) -> Resolution {
        let found = self.resolve(importer, dotted);
        let first = dotted.first_component();
        if self.program.has_another_beside(importer, first)
            && (self.guards_own_run(importer) || self.program.module(importer).ir.is_program)
            && !self.program.is_imported(importer)
        {
            return Resolution::Opaque;
        }
        let tests = &self.survey.tests;
        let is_test = tests.contains(&importer);
        if !matches!(found, Resolution::Module(_) | Resolution::Namespace(_))
            || !is_test && !self.survey.adders.contains_key(&importer)
        {
            return found;
        }
        let added = self.in_added_directories();
        let Some(others) = added.and_then(|added| added.get(&first)) else {
            return found;
        };
        let usual = self.resolve(importer, first);
        let is_another = |&(other, adder): &(ModuleId, ModuleId)| {
            (adder == importer || is_test && tests.contains(&adder))
                && usual != Resolution::Module(other)
        };
        if others.iter().any(is_another) {
            Resolution::Opaque
        } else {
            found
        }
    }

    /// Whether an import that no root satisfies means the module beside the importer: it has all the names.
    ///
    /// An installed package may have the same name as a module of the tree, such as `redis` in `integrations/redis.py`.
    pub(super) fn is_meant(
        &mut self,
        frame: &Frame<'p>,
        import: &'p ImportFrom,
        module: ModuleId,
    ) -> bool {
        if module == frame.module
            || import.names.is_empty()
            || self.may_be_imported_otherwise(frame.module)
            || self.may_be_script(frame.module)
            // The directory around both is where imports look.
            || self.is_in_added_directory(frame.module, import.module)
            || self.program.is_imported_flat(frame.module)
            || (acts(&self.program.module(frame.module).ir.body)
                && !self.program.is_imported(frame.module))
        {
            return false;
        }
        let dotted = import.module.unwrap_or(Name::new(""));
        let rest = &dotted[dotted.first_component().len()..];
        let Some(module) = self.program.within(module, rest) else {
            return false;
        };
        if module == frame.module {
            // `pen/ink.py` that says `from pen.ink import draw` wants the other one.
            return false;
        }
        self.evaluate_module(module);
        import.names.iter().all(|name| {
            match self.attribute_of_module(module, name.name) {
                // A name that it has from somewhere else is what it imports from the installed one itself, and no module wants
                // itself.
                Attribute::Found(value) => {
                    *self.data(value) != Data::Module(frame.module) && self.is_made_by_tree(value)
                }
                Attribute::Missing | Attribute::Unknown => false,
            }
        })
    }

    /// Whether an absolute import means something installed that is called like a module beside the importer: what is declared provides it; or that module is the
    /// package around the importer, and something that is declared may provide it, or the package says `from . import` where it means itself.
    pub(super) fn means_namesake(
        &self,
        module: ModuleId,
        importer: ModuleId,
        import: &ImportFrom,
    ) -> bool {
        let top = import.module.unwrap_or(Name::new(".")).first_component();
        match self.program.standing(top).map(|(standing, _)| standing) {
            Some(Standing::Provided(_)) => true,
            Some(Standing::Possible(_)) => self.is_around(module, importer),
            // Requirements seldom name what only comes with a device.
            Some(Standing::Undeclared(_)) => {
                self.is_around(module, importer)
                    && [module, importer]
                        .iter()
                        .any(|&id| imports_relatively(&self.program.module(id).ir))
            }
            _ => false,
        }
    }

    /// Whether a module is a package around another one.
    pub(super) fn is_around(&self, package: ModuleId, inner: ModuleId) -> bool {
        let name = self.program.module(package).name;
        let within = self.program.module(inner).package;
        within == name
            || within
                .strip_prefix(name.as_str())
                .is_some_and(|rest| rest.starts_with('.'))
    }

    /// Whether nothing shows that a module's root is one.
    pub(super) fn is_assumed(&self, module: ModuleId) -> bool {
        self.program.roots()[self.program.module(module).root.0 as usize].assumed
    }

    /// Whether a module tests what lies around it, and its root is a package as seen from above: there tests are run, whatever the root is for what is deployed.
    pub(super) fn is_test_of_package(&self, module: ModuleId) -> bool {
        self.survey.tests.contains(&module) && self.program.is_root_a_package(module)
    }

    /// Whether code of the tree loads a file, or the directory that it lies in, under a name of its choice (the library reference,
    /// "importlib.util.spec_from_file_location"): by that name's package its relative imports go.
    pub(super) fn is_loaded_otherwise(&self, module: ModuleId) -> bool {
        let loader = Name::new("spec_from_file_location");
        let loaders = self.loaders.get_or_init(|| {
            let modules = self.program.module_ids();
            let loads = |id: &ModuleId| {
                let ir = &self.program.module(*id).ir;
                !Contents::of(ir).calls(loader).is_empty()
            };
            modules.filter(loads).collect()
        });
        if loaders.is_empty() {
            return false;
        }
        self.look(FileSet::ALL);
        let path = self.program.path_of(module);
        // Every package has a file of that name.
        let parts = path
            .rsplit('/')
            .take(2)
            .filter(|part| *part != "__init__.py");
        let parts: Vec<Name> = parts.map(Name::new).collect();
        loaders.iter().any(|&loader| {
            loader != module && parts.iter().any(|&part| self.is_text_of(loader, part))
        })
    }

    /// Whether nothing shows where a module is imported from: not even a chain of packages from the tree's top down.
    pub(super) fn may_be_imported_otherwise(&self, module: ModuleId) -> bool {
        self.is_assumed(module) && !self.program.is_in_regular_packages(module)
    }

    /// Whether a file may be run by itself, so that its own directory is where imports look first.
    pub(super) fn may_be_script(&self, module: ModuleId) -> bool {
        let info = self.program.module(module);
        // What runs tests may look beside them first.
        info.package.is_empty()
            || self.changes_imports_of(module)
            || self.is_in_added_directory(module, None)
            || self.guards_own_run(module)
            || self.survey.tests.contains(&module)
    }

    /// Whether a file says what it does when it is run: `if __name__ == '__main__':`.
    pub fn guards_own_run(&self, module: ModuleId) -> bool {
        let info = self.program.module(module);
        info.ir.body.iter().any(|stmt| match &stmt.kind {
            StmtKind::If { branches, .. } => {
                let mut tests = branches.iter().map(|branch| &branch.test);
                tests.any(asks_for_own_name)
            }
            _ => false,
        })
    }
}

/// Whether a file does something when it is run, and does not only define what others use: it calls something for its effect, or loops.
fn acts(body: &[Stmt]) -> bool {
    body.iter().any(|stmt| match &stmt.kind {
        StmtKind::Expr(value) => matches!(value.kind, ExprKind::Call(_) | ExprKind::Await(_)),
        StmtKind::For { .. } | StmtKind::While { .. } | StmtKind::With { .. } => true,
        _ => false,
    })
}

/// Whether a module says `from . import` something.
fn imports_relatively(ir: &Module) -> bool {
    let mut found = false;
    ir.each_import(|stmt| {
        found |= matches!(&stmt.kind, StmtKind::ImportFrom(import) if import.level > 0);
    });
    found
}
