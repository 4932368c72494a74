//! What puts names into a module from outside of its own statements: asked only once something seems to lack a name.

use std::path::Path;

use rustc_hash::FxHashSet;

use crate::name::Name;
use crate::source::Text;
use crate::syntax;
use crate::syntax::ir::{Constant, Expr, ExprKind, Module, Scope, Stmt, StmtKind, Var};
use crate::syntax::visit;

/// Whether a file may bind names of its own module by other means than statements: it calls `globals()`, `vars()` or `exec`, or names `sys.modules`.
pub(super) fn fills_itself(ir: &Module) -> bool {
    let mut found = false;
    each_expression(ir, &mut |expr| {
        found |= match &expr.kind {
            ExprKind::Call(call) => is_named(&call.function, &["globals", "vars", "exec"]),
            ExprKind::Attribute {
                value, attribute, ..
            } => attribute.as_str() == "modules" && is_named(value, &["sys"]),
            _ => false,
        };
    });
    found
}

/// Whether a Python file below a place assigns an attribute of that name on a module that it imported, or sets one whose name may be it; `module` is the one that lacks it.
pub(super) fn puts_attribute(place: &Path, module: &str, name: &str) -> bool {
    let stored = [
        format!(".{name} ="),
        format!(".{name}="),
        format!(".{name}:"),
        String::from("setattr("),
    ];
    let last = module.rsplit('.').next().unwrap_or(module);
    any_file(place, &stored, &|ir| {
        let own = imported(&ir.body, &ir.scope, last);
        let functions = ir.functions.iter().map(|it| (&it.body, &it.scope));
        let mut scopes = functions.chain(ir.classes.iter().map(|it| (&it.body, &it.scope)));
        let top = |expr: &Expr| matches!(&expr.kind, ExprKind::Name(held, _) if own.contains(held));
        puts_in(&ir.body, name, &top)
            || scopes.any(|(body, scope)| {
                let inner = imported(body, scope, last);
                let is_imported = |expr: &Expr| match &expr.kind {
                    ExprKind::Name(held, Var::Global(_)) => own.contains(held),
                    ExprKind::Name(held, _) => inner.contains(held),
                    _ => false,
                };
                puts_in(body, name, &is_imported)
            })
    })
}

/// The same of one body.
fn puts_in(body: &[Stmt], name: &str, is_imported: &dyn Fn(&Expr) -> bool) -> bool {
    let mut found = false;
    visit::statements(body, &mut |stmt| {
        let targets = match &stmt.kind {
            StmtKind::Assign { targets, .. } => targets.as_slice(),
            StmtKind::AnnAssign { target, .. } => std::slice::from_ref(target),
            _ => return,
        };
        found |= targets.iter().any(|target| {
            matches!(&target.kind, ExprKind::Attribute { value, attribute, .. }
                if attribute.as_str() == name && is_imported(value))
        });
    });
    visit::all_expressions(body, &mut |expr| {
        let ExprKind::Call(call) = &expr.kind else {
            return;
        };
        if !is_named(&call.function, &["setattr"]) {
            return;
        }
        let mut values = call.arguments.iter().map(|argument| &argument.value);
        let (holder, attribute) = (values.next(), values.next());
        let may_be_it = attribute.is_none_or(|attribute| match &attribute.kind {
            ExprKind::Constant(Constant::Str(text)) => text.as_str() == name,
            _ => true,
        });
        let is_module =
            |holder: &Expr| is_entry(holder) || is_imported(holder) || imports_by_name(body);
        found |= may_be_it && holder.is_none_or(is_module);
    });
    found
}

/// Whether a Python file below a place may make modules that are no files: it puts something into `sys.modules`, or a finder in the way of imports.
pub(super) fn makes_modules(place: &Path) -> bool {
    let texts = [
        String::from("sys.modules["),
        String::from("modules.setdefault"),
        String::from("modules.update"),
        String::from("meta_path"),
        String::from("path_hooks"),
    ];
    any_file(place, &texts, &|ir| {
        let mut found = false;
        each_statement(ir, &mut |stmt| {
            if let StmtKind::Assign { targets, .. } = &stmt.kind {
                found |= targets.iter().any(is_entry);
            }
        });
        each_expression(ir, &mut |expr| {
            found |= match &expr.kind {
                ExprKind::Attribute {
                    value, attribute, ..
                } => {
                    let is_change = matches!(attribute.as_str(), "setdefault" | "update");
                    matches!(attribute.as_str(), "meta_path" | "path_hooks")
                        || is_change && is_modules(value)
                }
                _ => false,
            };
        });
        found
    })
}

/// `sys.modules[..]`.
fn is_entry(target: &Expr) -> bool {
    matches!(&target.kind, ExprKind::Subscript { value, .. } if is_modules(value))
}

/// `sys.modules`, or something else of that name.
fn is_modules(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Attribute { attribute, .. } => attribute.as_str() == "modules",
        ExprKind::Name(name, _) => name.as_str() == "modules",
        _ => false,
    }
}

/// Whether `is_it` holds for a Python file below a place that has one of these texts.
fn any_file(place: &Path, texts: &[String], is_it: &dyn Fn(&Module) -> bool) -> bool {
    if place.is_dir() {
        let entries = std::fs::read_dir(place).into_iter().flatten().flatten();
        return entries
            .into_iter()
            .any(|entry| any_file(&entry.path(), texts, is_it));
    }
    let is_python = place.extension().is_some_and(|ending| ending == "py");
    if !is_python {
        return false;
    }
    let Ok(bytes) = std::fs::read(place) else {
        return true;
    };
    let has = |text: &String| memchr::memmem::find(&bytes, text.as_bytes()).is_some();
    texts.iter().any(has) && is_it(&syntax::parse(Text::decode(bytes).content()))
}

/// Whether code calls something that imports what a text names, as what it calls says: `importlib.import_module`, `__import__`, a helper of the package's own.
fn imports_by_name(body: &[Stmt]) -> bool {
    let mut found = false;
    visit::all_expressions(body, &mut |expr| {
        if let ExprKind::Call(call) = &expr.kind {
            found |= match &call.function.kind {
                ExprKind::Name(name, _) => name.contains("import"),
                ExprKind::Attribute { attribute, .. } => attribute.contains("import"),
                _ => false,
            };
        }
    });
    found
}

/// The names that imports bind to modules in a body: of `from` imports those of something called `last`, and those of modules beside it.
fn imported(body: &[Stmt], scope: &Scope, last: &str) -> FxHashSet<Name> {
    let mut found = FxHashSet::default();
    let name_of = |var: Var| match var {
        Var::Global(name) => Some(name),
        Var::Local(slot) => scope.slots.get(slot.0 as usize).map(|slot| slot.name),
        Var::Free { .. } | Var::Hidden { .. } => None,
    };
    visit::statements(body, &mut |stmt| match &stmt.kind {
        StmtKind::Import(import) => found.extend(name_of(import.var)),
        StmtKind::ImportFrom(import) => {
            let is_beside = import.level > 0 && import.module.is_none();
            let names = import.names.iter();
            let names = names.filter(|name| is_beside || name.name.as_str() == last);
            found.extend(names.filter_map(|name| name_of(name.var)));
        }
        _ => {}
    });
    found
}

fn is_named(expr: &Expr, names: &[&str]) -> bool {
    matches!(&expr.kind, ExprKind::Name(name, _) if names.contains(&name.as_str()))
}

fn bodies(ir: &Module) -> impl Iterator<Item = &Vec<Stmt>> {
    let functions = ir.functions.iter().map(|function| &function.body);
    let classes = ir.classes.iter().map(|class| &class.body);
    functions.chain(classes).chain([&ir.body])
}

fn each_statement<'ir>(ir: &'ir Module, visit: &mut dyn FnMut(&'ir Stmt)) {
    bodies(ir).for_each(|body| visit::statements(body, visit));
}

fn each_expression<'ir>(ir: &'ir Module, visit: &mut dyn FnMut(&'ir Expr)) {
    bodies(ir).for_each(|body| visit::all_expressions(body, visit));
}
