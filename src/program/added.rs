//! What a package of the tree may have that does not lie in it.

use rustc_hash::FxHashSet;

use super::{ModuleId, Program, Resolution};
use crate::environment::{adds_to, is_namesake};
use crate::syntax::ir::{Expr, ExprKind, ImportFrom, StmtKind, Var};
use crate::syntax::visit;

impl Program {
    /// Whether a module that a package of the tree lacks may be put into it by something that is declared, which is called like an addition to it, or like the package
    /// itself where the project has another name. `dotted` is the module's whole name.
    #[must_use]
    pub fn is_added(&self, dotted: &str) -> bool {
        let declared = &self.environment().declared;
        let is_other = |name: &str| !declared.own.is_empty() && !declared.own.contains(name);
        let mut names = declared.distributions.iter();
        names.any(|(name, (distribution, _))| {
            adds_to(distribution, dotted) || is_other(name) && is_namesake(distribution, dotted)
        })
    }

    /// Whether a package calls a compiled part of itself for its effect, which may put modules into `sys.modules`: several modules are often one extension.
    pub(super) fn calls_compiled_part(&self, package: ModuleId) -> bool {
        let find = || {
            let packages = self.module_ids().filter(|&id| self.module(id).is_package);
            packages.filter(|&id| self.starts_extension(id)).collect()
        };
        self.starters.get_or_init(find).contains(&package)
    }

    fn starts_extension(&self, package: ModuleId) -> bool {
        let mut compiled: FxHashSet<Var> = FxHashSet::default();
        let mut starts = false;
        visit::statements(
            &self.module(package).ir.body,
            &mut |stmt| match &stmt.kind {
                StmtKind::ImportFrom(import) => {
                    compiled.extend(self.compiled_names(package, import));
                }
                StmtKind::Import(import)
                    if self.resolve(package, import.module) == Resolution::Opaque =>
                {
                    compiled.insert(import.var);
                }
                StmtKind::Expr(Expr {
                    kind: ExprKind::Call(call),
                    ..
                }) => starts |= root(&call.function).is_some_and(|var| compiled.contains(&var)),
                _ => {}
            },
        );
        starts
    }

    /// The variables that an import binds to compiled modules of the tree, or to what is in one.
    fn compiled_names(&self, importer: ModuleId, import: &ImportFrom) -> Vec<Var> {
        let from = match (import.level, import.module) {
            (0, Some(module)) => self.resolve(importer, module),
            (0, None) => return Vec::new(),
            (level, module) => self.resolve_relative(importer, level, module),
        };
        let names = import.names.iter();
        let is_compiled = |name| match from {
            Resolution::Opaque => true,
            Resolution::Module(module) => self.submodule(module, name) == Resolution::Opaque,
            _ => false,
        };
        names
            .filter(|name| is_compiled(name.name))
            .map(|name| name.var)
            .collect()
    }
}

/// The variable that something is read from: `tools` of `tools.lazy.load`.
fn root(expr: &Expr) -> Option<Var> {
    match &expr.kind {
        ExprKind::Name(_, var) => Some(*var),
        ExprKind::Attribute { value, .. } => root(value),
        _ => None,
    }
}
