//! Functions that something of the tree makes anew, with names of its own (`FunctionType(code, names)`): whether a name is there, only that one knows.

use rustc_hash::FxHashSet;

use crate::eval::Evaluator;
use crate::eval::interpreter::frame::{Frame, Owner};
use crate::eval::reuse::file_set::FileSet;
use crate::name::Name;
use crate::program::{ModuleId, Resolution};
use crate::syntax::ir::{ExprKind, Module, Parent, StmtKind};
use crate::syntax::visit;

impl<'p> Evaluator<'p> {
    /// Whether the code that runs may belong to a function which something of the tree makes anew. That gets
    /// functions which are decorated, or made where they are handed on, and whatever a module has that knows it, or that it knows.
    pub(super) fn may_be_rebuilt(&self, frame: &Frame<'p>) -> bool {
        let Owner::Function(function) = frame.owner else {
            return false;
        };
        if !self.survey.rebuilds_functions {
            return false;
        }
        // What knows what, any file may say.
        self.look(FileSet::ALL);
        let is_plain = function.decorators.is_empty()
            && match function.parent {
                Parent::Module => true,
                Parent::Class(class) => frame.ir[class].decorators.is_empty(),
                Parent::Function(_) => false,
            };
        let root = |module: ModuleId| {
            let name = self.program.module(module).name;
            Name::new(name.split('.').next().unwrap_or_default())
        };
        let own = frame.module;
        let imports = self.program.imports(own);
        !is_plain
            || self.handed_to_rebuilders().contains(&own)
            || self.survey.rebuilders.iter().any(|&other| {
                let is_apart = root(other) != root(own);
                other == own
                    || imports.contains(&other)
                    || is_apart && imports.iter().any(|&known| root(known) == root(other))
                    || self.program.imports(other).contains(&own)
            })
    }

    /// The modules that a third one imports beside one that makes functions anew, and hands on, as they are or something of them: `fill(proto, arrays.Proto)`.
    fn handed_to_rebuilders(&self) -> &FxHashSet<ModuleId> {
        self.handed_to_rebuilders.get_or_init(|| {
            let mut handed = FxHashSet::default();
            let imports: Vec<(ModuleId, Vec<ModuleId>)> = {
                let modules = self.program.module_ids();
                modules
                    .map(|module| (module, self.program.imports(module)))
                    .collect()
            };
            let rebuilds = |known: &ModuleId| self.survey.rebuilders.contains(known);
            let mut knowing = FxHashSet::default();
            for (module, known) in &imports {
                if known.iter().any(rebuilds) {
                    knowing.insert(*module);
                    self.add_handed_on(*module, &mut handed);
                }
            }
            // `parse = wrapped(parse)`, where what wraps it is imported from there.
            for (module, known) in &imports {
                if known.iter().any(|known| knowing.contains(known)) && self.hands_on_own(*module) {
                    handed.insert(*module);
                }
            }
            handed
        })
    }

    /// Whether a module hands functions of its own to something that it calls.
    fn hands_on_own(&self, module: ModuleId) -> bool {
        let ir = &self.program.module(module).ir;
        let roots = roots_of_arguments(ir);
        let mut own = ir
            .functions
            .iter()
            .filter(|own| own.parent == Parent::Module);
        own.any(|own| roots.contains(&own.name))
    }

    /// Adds the modules that a module hands to something that it calls, as they are or something of them.
    fn add_handed_on(&self, module: ModuleId, handed: &mut FxHashSet<ModuleId>) {
        let ir = &self.program.module(module).ir;
        let roots = roots_of_arguments(ir);
        ir.each_import(|stmt| match &stmt.kind {
            StmtKind::ImportFrom(import) => {
                let Some(from) = self.program.imported_from(module, import) else {
                    return;
                };
                for imported in import.names.iter().filter(|one| roots.contains(&one.name)) {
                    handed.insert(from);
                    if let Resolution::Module(inner) = self.program.submodule(from, imported.name) {
                        handed.insert(inner);
                    }
                }
            }
            StmtKind::Import(import) => {
                let first = import.module.split('.').next().unwrap_or_default();
                if roots.contains(&Name::new(first))
                    && let Resolution::Module(whole) = self.program.resolve(module, import.module)
                {
                    handed.insert(whole);
                }
            }
            _ => {}
        });
    }
}

/// The names that the arguments of a file's calls are, or are reached through: `x` and `y` in `f(x, y.z)`.
fn roots_of_arguments(ir: &Module) -> FxHashSet<Name> {
    let mut roots: FxHashSet<Name> = FxHashSet::default();
    ir.each_statement(|stmt| {
        visit::direct_expressions(stmt, &mut |direct| {
            visit::expressions(direct, &mut |expr| {
                let ExprKind::Call(call) = &expr.kind else {
                    return;
                };
                for argument in &call.arguments {
                    let mut root = &argument.value;
                    while let ExprKind::Attribute { value, .. } = &root.kind {
                        root = value;
                    }
                    if let ExprKind::Name(name, _) = root.kind {
                        roots.insert(name);
                    }
                }
            });
        });
    });
    roots
}
