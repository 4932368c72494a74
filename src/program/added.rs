//! What a package of the tree may have that does not lie in it.

use std::sync::{Mutex, PoisonError};

use rustc_hash::{FxHashMap, FxHashSet};

use super::{ModuleId, Program, Resolution};
use crate::environment::{adds_to, is_namesake};
use crate::name::Name;
use crate::syntax::ir::{Constant, Expr, ExprKind, Function, ImportFrom, Parent, StmtKind, Var};
use crate::syntax::visit;

/// How many modules an imported name is followed through.
const RE_EXPORTS: usize = 3;

impl Program {
    /// Whether a module that a package of the tree lacks may be put into it by something that is declared, which is called like an addition to it, or like the package
    /// itself where the project has another name; or by code of the tree that is given its name. `dotted` is the module's whole name.
    #[must_use]
    pub fn is_added(&self, dotted: &str) -> bool {
        asked_once(&self.added, Name::new(dotted), || {
            self.is_added_by_any(dotted)
        })
    }

    /// Whether something of the tree says that it writes, compiles or leaves out a module of this whole name.
    #[must_use]
    pub fn is_built(&self, dotted: Name) -> bool {
        asked_once(&self.built, dotted, || {
            self.environment().built.naming(&dotted).is_some()
        })
    }

    fn is_added_by_any(&self, dotted: &str) -> bool {
        let declared = &self.environment().declared;
        let is_other = |name: &str| !declared.own.is_empty() && !declared.own.contains(name);
        let top = dotted.split('.').next().unwrap_or(dotted);
        // `lamps-shop-hue`, which needs `lamps-shop`, adds a part to the `shop` of that one.
        let is_extended = |name: &str| {
            let mut own = declared.own.iter();
            let mut words = name.split('-');
            own.any(|own| {
                own.strip_prefix(name)
                    .is_some_and(|rest| rest.starts_with('-'))
            }) && words.any(|word| word == top)
        };
        let mut names = declared.distributions.iter();
        names.any(|(name, (distribution, _))| {
            adds_to(distribution, dotted)
                || is_other(name) && is_namesake(distribution, dotted)
                || is_extended(name)
        }) || self.is_made_by_call(dotted)
    }

    /// Whether a module puts others into `sys.modules`, or gives their names to something that does.
    #[must_use]
    pub fn may_make_modules(&self, module: ModuleId) -> bool {
        self.module(module).ir.rewires_imports || !self.texts_for_fillers(module).is_empty()
    }

    /// Whether code of the tree gives the name of a module to a function of the tree that changes `sys.modules`: it may put that module there.
    fn is_made_by_call(&self, dotted: &str) -> bool {
        let find = || {
            let all = self.module_ids();
            all.flat_map(|id| self.texts_for_fillers(id)).collect()
        };
        let made = self.made_by_call.get_or_init(find);
        if made.is_empty() {
            return false;
        }
        // What is put there may be a package with modules of its own.
        let ends = dotted.match_indices('.').map(|(at, _)| at);
        ends.chain([dotted.len()])
            .any(|end| made.contains(&Name::new(&dotted[..end])))
    }

    /// The texts, its own name among them, that a module passes to functions of modules of the tree which change `sys.modules` or the like: `moved("shop.tax", "shop.rates.tax")`.
    fn texts_for_fillers(&self, module: ModuleId) -> Vec<Name> {
        let ir = &self.module(module).ir;
        let mut fillers: FxHashSet<Name> = FxHashSet::default();
        ir.each_import(|stmt| {
            if let StmtKind::ImportFrom(import) = &stmt.kind {
                let names = import.names.iter().map(|imported| imported.name);
                fillers.extend(names.filter(|&name| self.is_filler(module, import, name)));
            }
        });
        let mut texts = Vec::new();
        if fillers.is_empty() {
            return texts;
        }
        let functions = ir.functions.iter().map(|function| &function.body);
        for body in functions.chain([&ir.body]) {
            visit::all_expressions(body, &mut |expr| {
                if let ExprKind::Call(call) = &expr.kind
                    && matches!(call.function.kind, ExprKind::Name(name, _) if fillers.contains(&name))
                {
                    texts.extend(call.arguments.iter().filter_map(|argument| {
                        match argument.value.kind {
                            ExprKind::Constant(Constant::Str(text)) => Some(text),
                            ExprKind::Name(name, _) if name.as_str() == "__name__" => {
                                Some(self.module(module).name)
                            }
                            _ => None,
                        }
                    }));
                }
            });
        }
        texts
    }

    /// Whether what an import takes is a function of a module of the tree that changes `sys.modules` or the like, taken from there or from one that has it from there.
    fn is_filler(&self, importer: ModuleId, import: &ImportFrom, name: Name) -> bool {
        let from = self.imported_from(importer, import);
        let mut found = from.map(|module| (module, name));
        for _ in 0..RE_EXPORTS {
            let Some((module, name)) = found else {
                return false;
            };
            let ir = &self.module(module).ir;
            let is_it = |function: &Function| {
                matches!(function.parent, Parent::Module) && function.name == name
            };
            if ir.functions.iter().any(is_it) {
                return ir.rewires_imports;
            }
            found = self.imported_as(module, name);
        }
        false
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

/// What `ask` says of a name, asked once: code asks for the same few names again and again, and a project may declare hundreds of distributions.
fn asked_once(
    known: &Mutex<FxHashMap<Name, bool>>,
    name: Name,
    ask: impl FnOnce() -> bool,
) -> bool {
    // A poisoned lock only means that another thread panicked; a table of answers is whole all the same.
    let known = || known.lock().unwrap_or_else(PoisonError::into_inner);
    let before = known().get(&name).copied();
    before.unwrap_or_else(|| {
        let answer = ask();
        known().insert(name, answer);
        answer
    })
}

/// The variable that something is read from: `tools` of `tools.lazy.load`.
fn root(expr: &Expr) -> Option<Var> {
    match &expr.kind {
        ExprKind::Name(_, var) => Some(*var),
        ExprKind::Attribute { value, .. } => root(value),
        _ => None,
    }
}
