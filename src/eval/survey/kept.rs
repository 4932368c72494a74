//! Which attributes of its object a method may call, or pass on as arguments.

use crate::name::Name;
use crate::syntax::ir::{ArgumentKind, Expr, ExprKind, Slot, StmtKind, Var};
use crate::syntax::visit::{self, Parts};

/// Attributes and variables.
type Mentioned = (Vec<Name>, Vec<Slot>);

/// The attributes whose content a method may call, `self.callback(x)`, `self.table[k](x)`, `for f in self.handlers: f(x)`, or pass on,
/// `f(*self.args, **self.options)`.
pub(super) fn kept_code(parts: &Parts<'_>) -> Vec<Name> {
    let flows = flows_into_variables(parts);
    let mut called = Vec::new();
    parts.expressions.iter().for_each(|expr| {
        if let ExprKind::Call(call) = &expr.kind {
            match call.function.kind {
                ExprKind::Name(_, Var::Local(slot)) => {
                    called.extend(attributes_behind(&flows, slot));
                }
                ExprKind::Attribute { .. } => called.extend(own_attribute(&call.function)),
                ExprKind::Subscript { .. } => called.extend(mentioned_in(&call.function).0),
                _ => {}
            }
            let spread = call.arguments.iter();
            let spread = spread.filter(|argument| {
                matches!(argument.kind, ArgumentKind::Star | ArgumentKind::DoubleStar)
            });
            for argument in spread {
                let (names, slots) = mentioned_in(&argument.value);
                called.extend(names);
                for slot in slots {
                    called.extend(attributes_behind(&flows, slot));
                }
            }
        }
    });
    called
}

/// What variables are assigned, or go through: each with the attributes and variables that the value mentions.
fn flows_into_variables(parts: &Parts<'_>) -> Vec<(Slot, Mentioned)> {
    let mut flows = Vec::new();
    let mut add = |target: &Expr, value: &Expr| {
        let mentioned = mentioned_in(value);
        visit::expressions(target, &mut |target| {
            if let ExprKind::Name(_, Var::Local(slot)) = target.kind {
                flows.push((slot, mentioned.clone()));
            }
        });
    };
    parts.statements.iter().for_each(|stmt| match &stmt.kind {
        StmtKind::Assign { targets, value } => {
            targets.iter().for_each(|target| add(target, value));
        }
        StmtKind::For { target, iter, .. } => add(target, iter),
        _ => {}
    });
    parts.expressions.iter().for_each(|expr| {
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
