//! Parts of a program that it also runs without: whatever imports them asks first, or is prepared that they are not there.

use rustc_hash::FxHashSet;

use crate::syntax::ir::{Stmt, StmtKind};
use crate::syntax::visit;

use super::import_sites::is_for_checkers;
use super::{ModuleId, Program};

/// What one module imports.
#[derive(Debug, Default)]
struct Imports {
    /// Whenever the code around it runs.
    always: Vec<ModuleId>,
    /// Under a test of the module's own code, in a `try` that has handlers, or in a file that an extension module stands in for.
    perhaps: Vec<ModuleId>,
}

/// Where imports are read.
#[derive(Clone, Copy)]
struct Place {
    importer: ModuleId,
    /// Whether a test says that the program also runs without. In a function it most often asks what to do: `if command == "sell": from shop import till`.
    counts_tests: bool,
}

impl Program {
    /// Whether a module is imported, but only under tests and in `try` statements, or by modules of which that holds: a part that is not there everywhere, such as what uses
    /// a compiled extension, `if HAS_FAST: from .fast import add`. What nobody imports is no such part: something else starts there.
    #[must_use]
    pub fn is_optional(&self, module: ModuleId) -> bool {
        self.optional
            .get_or_init(|| self.find_optional())
            .contains(&module)
    }

    fn find_optional(&self) -> FxHashSet<ModuleId> {
        let all: Vec<Imports> = self.module_ids().map(|id| self.imports_by(id)).collect();
        let is_any_perhaps = all.iter().any(|imports| !imports.perhaps.is_empty());
        if !is_any_perhaps {
            return FxHashSet::default();
        }
        let edges = all
            .iter()
            .flat_map(|imports| imports.always.iter().chain(&imports.perhaps));
        let imported: FxHashSet<ModuleId> = edges.copied().collect();
        let starts = self.module_ids().filter(|id| !imported.contains(id));
        let needed = self.reached(starts.collect(), |id| &all[id.0 as usize].always);
        let asked_for = needed.iter().flat_map(|id| &all[id.0 as usize].perhaps);
        let mut optional = self.reached(asked_for.copied().collect(), |id| {
            &all[id.0 as usize].always
        });
        optional.retain(|id| !needed.contains(id));
        optional
    }

    /// The modules that some lead to, themselves included, and the packages around all of them.
    fn reached<'a>(
        &self,
        mut pending: Vec<ModuleId>,
        next: impl Fn(ModuleId) -> &'a Vec<ModuleId>,
    ) -> FxHashSet<ModuleId> {
        let mut found = FxHashSet::default();
        while let Some(id) = pending.pop() {
            if found.insert(id) {
                pending.extend(self.packages_around(id));
                pending.extend(next(id));
            }
        }
        found
    }

    fn imports_by(&self, importer: ModuleId) -> Imports {
        let mut found = Imports::default();
        let ir = &self.module(importer).ir;
        let functions = ir.functions.iter().filter(|own| own.has_imports);
        let bodies = functions.map(|function| &function.body);
        let bodies = bodies.chain(ir.classes.iter().map(|class| &class.body));
        let place = Place {
            importer,
            counts_tests: false,
        };
        // Where the extension module beside it is found instead, the file is not run.
        let perhaps = self.module(importer).is_behind_extension;
        for body in bodies {
            self.imports_in(place, body, perhaps, &mut found);
        }
        let counts_tests = true;
        let place = Place {
            counts_tests,
            ..place
        };
        self.imports_in(place, &ir.body, perhaps, &mut found);
        found
    }

    fn imports_in(&self, place: Place, body: &[Stmt], perhaps: bool, found: &mut Imports) {
        let importer = place.importer;
        for stmt in body {
            match &stmt.kind {
                StmtKind::Import(_) | StmtKind::ImportFrom(_) => {
                    let modules = self.imported(importer, stmt);
                    let modules = modules.into_iter().filter(|&module| module != importer);
                    if perhaps {
                        found.perhaps.extend(modules);
                    } else {
                        found.always.extend(modules);
                    }
                }
                StmtKind::If { branches, orelse } => {
                    let perhaps = perhaps || place.counts_tests;
                    for branch in branches.iter().filter(|one| !is_for_checkers(&one.test)) {
                        self.imports_in(place, &branch.body, perhaps, found);
                    }
                    self.imports_in(place, orelse, perhaps, found);
                }
                StmtKind::Try {
                    body,
                    handlers,
                    orelse,
                    finally,
                } => {
                    let is_prepared = perhaps || !handlers.is_empty();
                    self.imports_in(place, body, is_prepared, found);
                    for handler in handlers {
                        self.imports_in(place, &handler.body, true, found);
                    }
                    self.imports_in(place, orelse, is_prepared, found);
                    self.imports_in(place, finally, perhaps, found);
                }
                _ => {
                    for block in visit::blocks(stmt) {
                        self.imports_in(place, block, perhaps, found);
                    }
                }
            }
        }
    }
}
