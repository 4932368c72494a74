//! What texts that a file runs by `exec` may do to the modules that it imports: `exec("settings.colour = 'red'")`.

use rustc_hash::FxHashSet;

use crate::name::{Name, is_identifier};
use crate::syntax::ir::{Call, ExprKind, JoinedPart, Module, StmtKind, Var};
use crate::syntax::visit;

use crate::eval::survey::patches::is_namespace_of_module;

/// Whether a call of `exec` runs a text among the names of the file that calls it.
pub(super) fn runs_among_own_names(call: &Call) -> bool {
    match call.arguments.get(1) {
        Some(names) => is_namespace_of_module(&names.value),
        None => true,
    }
}

/// The modules, by the last part of their names, that a file imports and on which a text of it assigns attributes. Such a text may be kept in a file first.
pub(super) fn assigned_in_texts(ir: &Module) -> FxHashSet<Name> {
    let mut owners: FxHashSet<Name> = FxHashSet::default();
    visit::texts(ir, &mut |text| each_owner(&text, &mut owners));
    each_joined(ir, &mut owners);
    if owners.is_empty() {
        return owners;
    }
    let bound = |var: Var| match var {
        Var::Local(slot) => ir.scope.slots.get(slot.0 as usize).map(|it| it.name),
        Var::Global(name) => Some(name),
        _ => None,
    };
    let mut found = FxHashSet::default();
    let mut note = |var: Var, module: Name| {
        if bound(var).is_some_and(|name| owners.contains(&name)) {
            found.insert(Name::new(module.rsplit('.').next().unwrap_or_default()));
        }
    };
    visit::statements(&ir.body, &mut |stmt| match &stmt.kind {
        StmtKind::Import(import) => note(import.var, import.module),
        StmtKind::ImportFrom(import) => {
            for name in &import.names {
                note(name.var, name.name);
            }
        }
        _ => {}
    });
    found
}

/// The same for what f-strings begin with: `f"settings.{name} = {value}"`.
fn each_joined(ir: &Module, owners: &mut FxHashSet<Name>) {
    let bodies = ir.functions.iter().map(|function| &function.body);
    for body in bodies.chain([&ir.body]) {
        visit::all_expressions(body, &mut |expr| {
            if let ExprKind::Joined(parts) = &expr.kind
                && let Some(JoinedPart::Literal(start)) = parts.first()
            {
                match start.strip_suffix('.') {
                    Some(owner) if is_identifier(owner) => {
                        owners.insert(Name::new(owner));
                    }
                    _ => each_owner(start, owners),
                }
            }
        });
    }
}

/// The names before the dot in the lines of a text that assign an attribute: `settings` in `settings.colour = 'red'`.
fn each_owner(text: &str, owners: &mut FxHashSet<Name>) {
    for line in text.lines() {
        let Some((target, _)) = line.split_once('=') else {
            continue;
        };
        if let Some((owner, attribute)) = target.trim().split_once('.')
            && is_identifier(owner)
            && is_identifier(attribute)
        {
            owners.insert(Name::new(owner));
        }
    }
}
