//! Names that a module puts into many others, or in the place of its own.
//!
//! A package that is cut into files may give each of them what all others have: `for name, module in sys.modules.items(): module.__dict__.update(names)`.

use rustc_hash::FxHashSet;

use crate::name::Name;
use crate::program::{ModuleId, Program};
use crate::syntax::ir::{Expr, ExprKind, Module, Stmt, StmtKind};
use crate::syntax::visit;

use super::{Survey, targets};
use crate::eval::survey::patches::is_namespace_of_module;

/// Whether a module goes through all modules and puts names into those that it finds (the library reference, `sys.modules`).
pub(super) fn spreads_names(ir: &Module) -> bool {
    if !ir.rewires_imports {
        return false;
    }
    let mut found: FxHashSet<Name> = FxHashSet::default();
    each_body(ir, &mut |body| {
        visit::statements(body, &mut |stmt| {
            if let StmtKind::For { target, iter, .. } = &stmt.kind
                && goes_through_modules(iter)
            {
                visit::expressions(target, &mut |part| {
                    if let ExprKind::Name(name, _) = part.kind {
                        found.insert(name);
                    }
                });
            }
        });
    });
    if found.is_empty() {
        return false;
    }
    let is_found =
        |expr: &Expr| matches!(expr.kind, ExprKind::Name(name, _) if found.contains(&name));
    let mut spreads = false;
    each_body(ir, &mut |body| {
        visit::statements(body, &mut |stmt| {
            spreads |= targets(stmt).into_iter().any(|target| {
                matches!(&target.kind, ExprKind::Subscript { value, .. } if is_namespace_of(value, &is_found))
            });
        });
        visit::all_expressions(body, &mut |expr| {
            if let ExprKind::Call(call) = &expr.kind {
                spreads |= match &call.function.kind {
                    ExprKind::Attribute {
                        value, attribute, ..
                    } => attribute.as_str() == "update" && is_namespace_of(value, &is_found),
                    ExprKind::Name(name, _) => {
                        let first = call.arguments.first();
                        name.as_str() == "setattr" && first.is_some_and(|it| is_found(&it.value))
                    }
                    _ => false,
                };
            }
        });
    });
    spreads
}

/// Whether a module puts something in the place of what is called so: `globals()[shape.__name__] = Enum(shape.__name__, values)`.
pub(super) fn replaces_by_name(ir: &Module) -> bool {
    let is_own_name = |expr: &Expr| matches!(&expr.kind, ExprKind::Attribute { attribute, .. } if attribute.as_str() == "__name__");
    // `here = sys.modules[__name__]`
    let mut modules: FxHashSet<Name> = FxHashSet::default();
    visit::statements(&ir.body, &mut |stmt| {
        if let StmtKind::Assign { targets, value } = &stmt.kind
            && is_looked_up(value)
        {
            modules.extend(targets.iter().filter_map(|target| match target.kind {
                ExprKind::Name(name, _) => Some(name),
                _ => None,
            }));
        }
    });
    let is_module = |expr: &Expr| match expr.kind {
        ExprKind::Name(name, _) => modules.contains(&name),
        _ => is_looked_up(expr),
    };
    let is_namespace = |expr: &Expr| match &expr.kind {
        ExprKind::Call(call) => call.arguments.is_empty() && is_namespace_of_module(expr),
        _ => is_namespace_of(expr, &is_module),
    };
    let mut replaces = false;
    each_body(ir, &mut |body| {
        visit::statements(body, &mut |stmt: &Stmt| {
            replaces |= targets(stmt).into_iter().any(|target| {
                matches!(&target.kind, ExprKind::Subscript { value, index }
                    if is_namespace(value) && is_own_name(index))
            });
        });
        visit::all_expressions(body, &mut |expr| {
            if let ExprKind::Call(call) = &expr.kind
                && let ExprKind::Name(name, _) = call.function.kind
            {
                replaces |= name.as_str() == "setattr"
                    && matches!(call.arguments.as_slice(), [first, second, ..]
                        if is_module(&first.value) && is_own_name(&second.value));
            }
        });
    });
    replaces
}

impl Survey {
    /// The modules of the packages whose files a module of theirs gives names to.
    pub(super) fn find_spread(program: &Program, spreaders: &[ModuleId]) -> FxHashSet<ModuleId> {
        let mut found = FxHashSet::default();
        for &spreader in spreaders {
            let module = program.module(spreader);
            let package = if module.is_package {
                module.name
            } else {
                module.package
            };
            let inside = |id: &ModuleId| {
                let name = program.module(*id).name;
                let rest = name.strip_prefix(package.as_str());
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            };
            if !package.is_empty() {
                found.extend(program.module_ids().filter(inside));
            }
        }
        found
    }
}

/// Calls `visit` with the module's own code and with the body of each of its functions.
fn each_body<'ir>(ir: &'ir Module, visit: &mut dyn FnMut(&'ir [Stmt])) {
    visit(&ir.body);
    for function in &ir.functions {
        visit(&function.body);
    }
}

/// Whether an expression looks a module up: `sys.modules[__name__]`.
fn is_looked_up(expr: &Expr) -> bool {
    matches!(&expr.kind, ExprKind::Subscript { value, .. } if goes_through_modules(value))
}

/// Whether an expression gives the modules that are imported: `sys.modules.values()`, `list(sys.modules.items())`.
fn goes_through_modules(iter: &Expr) -> bool {
    let mut found = false;
    visit::expressions(iter, &mut |part| {
        if let ExprKind::Attribute {
            value, attribute, ..
        } = &part.kind
        {
            found |= attribute.as_str() == "modules"
                && matches!(value.kind, ExprKind::Name(name, _) if name.as_str() == "sys");
        }
    });
    found
}

/// Whether an expression is the namespace of one of these: `module.__dict__`, `vars(module)`.
fn is_namespace_of(expr: &Expr, is_one: &dyn Fn(&Expr) -> bool) -> bool {
    match &expr.kind {
        ExprKind::Attribute {
            value, attribute, ..
        } => attribute.as_str() == "__dict__" && is_one(value),
        ExprKind::Call(call) => {
            let is_vars =
                matches!(call.function.kind, ExprKind::Name(name, _) if name.as_str() == "vars");
            is_vars && call.arguments.first().is_some_and(|it| is_one(&it.value))
        }
        _ => false,
    }
}
