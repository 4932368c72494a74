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

/// Attributes and variables.
type Mentioned = (Vec<Name>, Vec<Slot>);

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
    let flows = flows_into_variables(function);
    let mut called = Vec::new();
    visit::all_expressions(&function.body, &mut |expr| {
        if let ExprKind::Call(call) = &expr.kind {
            match call.function.kind {
                ExprKind::Name(_, Var::Local(slot)) => {
                    called.extend(attributes_behind(&flows, slot));
                }
                ExprKind::Attribute { .. } => called.extend(own_attribute(&call.function)),
                ExprKind::Subscript { .. } => called.extend(mentioned_in(&call.function).0),
                _ => {}
            }
        }
    });
    (fillable, called)
}

/// What variables are assigned, or go through: each with the attributes and variables that the value mentions.
fn flows_into_variables(function: &Function) -> Vec<(Slot, Mentioned)> {
    let mut flows = Vec::new();
    let mut add = |target: &Expr, value: &Expr| {
        let mentioned = mentioned_in(value);
        visit::expressions(target, &mut |target| {
            if let ExprKind::Name(_, Var::Local(slot)) = target.kind {
                flows.push((slot, mentioned.clone()));
            }
        });
    };
    visit::statements(&function.body, &mut |stmt| match &stmt.kind {
        StmtKind::Assign { targets, value } => {
            targets.iter().for_each(|target| add(target, value));
        }
        StmtKind::For { target, iter, .. } => add(target, iter),
        _ => {}
    });
    visit::all_expressions(&function.body, &mut |expr| {
        if let ExprKind::Comprehension(comprehension) = &expr.kind {
            for clause in &comprehension.clauses {
                add(&clause.target, &clause.iter);
            }
        }
    });
    flows
}

/// The attributes that a variable's value may come from, through other variables too.
fn attributes_behind(flows: &[(Slot, Mentioned)], slot: Slot) -> Vec<Name> {
    let (mut found, mut met) = (Vec::new(), vec![slot]);
    let mut at = 0;
    while let Some(&slot) = met.get(at) {
        at += 1;
        for (_, (names, slots)) in flows.iter().filter(|(into, _)| *into == slot) {
            found.extend(names);
            for slot in slots {
                if !met.contains(slot) {
                    met.push(*slot);
                }
            }
        }
    }
    found
}

/// The attributes of its object, and the variables but the object itself, that an expression mentions.
fn mentioned_in(expr: &Expr) -> Mentioned {
    let (mut names, mut slots) = (Vec::new(), Vec::new());
    visit::expressions(expr, &mut |expr| {
        names.extend(own_attribute(expr));
        if let ExprKind::Name(_, Var::Local(slot)) = expr.kind
            && slot.0 != 0
        {
            slots.push(slot);
        }
    });
    (names, slots)
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
