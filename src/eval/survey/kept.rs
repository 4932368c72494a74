//! Which attributes of its object a method fills with nothing at first, and which it may call.

use crate::name::Name;
use crate::syntax::ir::{Constant, Expr, ExprKind, Function, Slot, StmtKind, Var};
use crate::syntax::visit;

/// What makes an empty container when it is called.
const EMPTY: [&str; 6] = [
    "list",
    "dict",
    "set",
    "defaultdict",
    "OrderedDict",
    "WeakSet",
];

/// The attributes to which a method assigns an empty container or `None`, and those whose content it may call: `self.callback(x)`, `self.table[k](x)`,
/// `for f in self.handlers: f(x)`.
pub(super) fn kept_code(function: &Function) -> (Vec<Name>, Vec<Name>) {
    let mut fillable = Vec::new();
    visit::statements(&function.body, &mut |stmt| {
        let (targets, value) = match &stmt.kind {
            StmtKind::Assign { targets, value } => (targets.as_slice(), value),
            StmtKind::AnnAssign {
                target,
                value: Some(value),
                ..
            } => (std::slice::from_ref(target), value),
            _ => return,
        };
        if is_empty(value) {
            fillable.extend(targets.iter().filter_map(own_attribute));
        }
    });
    let mut called = Vec::new();
    let mut mentioned = Vec::new();
    let mut calls_content = false;
    visit::all_expressions(&function.body, &mut |expr| {
        mentioned.extend(own_attribute(expr));
        if let ExprKind::Call(call) = &expr.kind {
            called.extend(own_attribute(&call.function));
            calls_content |= matches!(
                call.function.kind,
                ExprKind::Name(_, Var::Local(_)) | ExprKind::Subscript { .. }
            );
        }
    });
    if calls_content {
        called = mentioned;
    }
    (fillable, called)
}

/// `self.name`: the name.
fn own_attribute(expr: &Expr) -> Option<Name> {
    match &expr.kind {
        ExprKind::Attribute {
            value, attribute, ..
        } if matches!(value.kind, ExprKind::Name(_, Var::Local(Slot(0)))) => Some(*attribute),
        _ => None,
    }
}

fn is_empty(value: &Expr) -> bool {
    match &value.kind {
        ExprKind::Constant(Constant::None) => true,
        ExprKind::List(items) => items.is_empty(),
        ExprKind::Dict(items) => items.is_empty(),
        ExprKind::Call(call) => match &call.function.kind {
            ExprKind::Name(name, _)
            | ExprKind::Attribute {
                attribute: name, ..
            } => EMPTY.contains(&name.as_str()),
            _ => false,
        },
        _ => false,
    }
}
