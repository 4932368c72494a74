//! What puts names into a module from outside of its own statements: asked only once something seems to lack a name.

use std::path::Path;

use rustc_hash::FxHashSet;

use crate::name::Name;
use crate::source::Text;
use crate::syntax;
use crate::syntax::ir::{Constant, Expr, ExprKind, Module, Stmt, StmtKind, Var};
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

/// Whether a Python file below a place assigns an attribute of that name on something that it imported, or sets one whose name may be it.
pub(super) fn puts_attribute(place: &Path, name: &str) -> bool {
    let stored = [
        format!(".{name} ="),
        format!(".{name}="),
        format!(".{name}:"),
        String::from("setattr("),
    ];
    any_file(place, &stored, &|ir| {
        let imported = imported(ir);
        let is_imported =
            |expr: &Expr| matches!(&expr.kind, ExprKind::Name(held, _) if imported.contains(held));
        let mut found = false;
        each_statement(ir, &mut |stmt| {
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
        each_expression(ir, &mut |expr| {
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
            let is_module = holder.is_none_or(|holder| match &holder.kind {
                ExprKind::Name(..) => is_imported(holder),
                // `sys.modules[__name__]`, and what else may be a module.
                ExprKind::Subscript { value, .. } => {
                    matches!(&value.kind, ExprKind::Attribute { attribute, .. } if attribute.as_str() == "modules")
                }
                _ => false,
            });
            found |= may_be_it && is_module;
        });
        found
    })
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
    any_file(place, &texts, &|ir| ir.rewires_imports)
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

/// The names that imports bind anywhere in a file.
fn imported(ir: &Module) -> FxHashSet<Name> {
    let mut found = FxHashSet::default();
    let name_of = |var: Var, slots: &[syntax::ir::Variable]| match var {
        Var::Global(name) => Some(name),
        Var::Local(slot) => slots.get(slot.0 as usize).map(|slot| slot.name),
        Var::Free { .. } | Var::Hidden { .. } => None,
    };
    let scopes = ir.functions.iter().map(|it| (&it.body, &it.scope));
    let scopes = scopes.chain(ir.classes.iter().map(|it| (&it.body, &it.scope)));
    for (body, scope) in scopes.chain([(&ir.body, &ir.scope)]) {
        visit::statements(body, &mut |stmt| match &stmt.kind {
            StmtKind::Import(import) => found.extend(name_of(import.var, &scope.slots)),
            StmtKind::ImportFrom(import) => {
                let names = import.names.iter();
                found.extend(names.filter_map(|name| name_of(name.var, &scope.slots)));
            }
            _ => {}
        });
    }
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
