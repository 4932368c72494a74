//! Where a module imports which: each import with its place.

use crate::facts::Place;
use crate::syntax::ir::{
    ArgumentKind, Constant, Expr, ExprKind, FunctionId, Range, Stmt, StmtKind,
};
use crate::syntax::visit;

use super::{ModuleId, Program, Resolution};

/// One import of a module of the tree.
#[derive(Clone, Copy, Debug)]
pub struct ImportSite {
    /// What is imported.
    pub module: ModuleId,
    /// The name as written: of the module, or of the submodule in a `from` import.
    pub place: Place,
    /// The function in which it stands; none for the module's own code and bodies of classes.
    pub function: Option<FunctionId>,
    /// Whether only type checkers see it: it stands under `if TYPE_CHECKING:`.
    pub for_checkers: bool,
}

/// Whether a test holds for type checkers alone (PEP 484, "Runtime or type checking?").
#[must_use]
pub fn is_for_checkers(test: &Expr) -> bool {
    match &test.kind {
        ExprKind::Name(name, _) => name.as_str() == "TYPE_CHECKING",
        ExprKind::Attribute { attribute, .. } => attribute.as_str() == "TYPE_CHECKING",
        ExprKind::Constant(Constant::Bool(false)) => true,
        _ => false,
    }
}

/// Whether a function is `importlib.import_module`, `import_module` or `__import__`, by its name.
#[must_use]
pub fn is_import_function(function: &Expr) -> bool {
    match &function.kind {
        ExprKind::Name(name, _) => matches!(name.as_str(), "import_module" | "__import__"),
        ExprKind::Attribute { attribute, .. } => attribute.as_str() == "import_module",
        _ => false,
    }
}

impl Program {
    /// All imports that a module makes of modules of the tree, in its functions too, and `import_module` of a literal name; in source order, those of
    /// itself left out.
    #[must_use]
    pub fn import_sites(&self, importer: ModuleId) -> Vec<ImportSite> {
        let mut finder = Finder {
            program: self,
            importer,
            found: Vec::new(),
        };
        let ir = &self.module(importer).ir;
        finder.block(&ir.body, None, false);
        for class in &ir.classes {
            finder.block(&class.body, None, false);
        }
        for (index, function) in (0..).zip(&ir.functions) {
            finder.block(&function.body, Some(FunctionId(index)), false);
        }
        let mut found = finder.found;
        found.retain(|site| site.module != importer);
        found.sort_by_key(|site| (site.place, site.module));
        found
    }
}

struct Finder<'p> {
    program: &'p Program,
    importer: ModuleId,
    found: Vec<ImportSite>,
}

impl<'p> Finder<'p> {
    fn block(&mut self, body: &'p [Stmt], function: Option<FunctionId>, for_checkers: bool) {
        for stmt in body {
            let mut dynamic = |expr: &Expr| {
                visit::expressions(expr, &mut |expr| {
                    if let Some((module, range)) = self.dynamic(expr) {
                        self.add(module, range, function, for_checkers);
                    }
                });
            };
            visit::direct_expressions(stmt, &mut dynamic);
            match &stmt.kind {
                StmtKind::If { branches, orelse } => {
                    for branch in branches {
                        let for_checkers = for_checkers || is_for_checkers(&branch.test);
                        self.block(&branch.body, function, for_checkers);
                    }
                    self.block(orelse, function, for_checkers);
                }
                StmtKind::Import(import) => {
                    for module in self.program.imported(self.importer, stmt) {
                        self.add(module, import.range, function, for_checkers);
                    }
                }
                StmtKind::ImportFrom(import) => {
                    let from = self.program.imported_from(self.importer, import);
                    for module in self.program.imported(self.importer, stmt) {
                        let is_submodule = |name: &crate::name::Name| {
                            from.map(|from| self.program.submodule(from, *name))
                                == Some(Resolution::Module(module))
                        };
                        let name = import.names.iter().find(|name| is_submodule(&name.name));
                        let range = name.map_or(import.module_range, |name| name.range);
                        self.add(module, range, function, for_checkers);
                    }
                }
                _ => {
                    for block in visit::blocks(stmt) {
                        self.block(block, function, for_checkers);
                    }
                }
            }
        }
    }

    /// The module of `import_module('name')`, and where the name stands.
    fn dynamic(&self, expr: &Expr) -> Option<(ModuleId, Range)> {
        let ExprKind::Call(call) = &expr.kind else {
            return None;
        };
        let value = match call.arguments.first() {
            Some(first) if first.kind == ArgumentKind::Positional => &first.value,
            _ => return None,
        };
        let ExprKind::Constant(Constant::Str(text)) = &value.kind else {
            return None;
        };
        if !is_import_function(&call.function) {
            return None;
        }
        match self.program.resolve(self.importer, *text) {
            Resolution::Module(module) => Some((module, value.range)),
            _ => None,
        }
    }

    fn add(
        &mut self,
        module: ModuleId,
        range: Range,
        function: Option<FunctionId>,
        for_checkers: bool,
    ) {
        let file = self.program.module(self.importer).file;
        self.found.push(ImportSite {
            module,
            place: Place { file, range },
            function,
            for_checkers,
        });
    }
}
