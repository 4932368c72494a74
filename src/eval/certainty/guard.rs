//! Guards while a body is evaluated: functions that exist only under a test, and calls that depend on what a value is.

use crate::name::is_identifier;
use crate::syntax::ir::{Call, Constant, Expr, ExprKind, Parent, Slot, StmtKind, Var};
use crate::syntax::visit;

use crate::eval::Evaluator;
use crate::eval::interpreter::frame::{Frame, Owner};

impl<'p> Evaluator<'p> {
    /// Whether a function defined here exists only because of what the function around it was called with.
    pub fn is_chosen_by_parameters(&self, frame: &Frame<'p>) -> bool {
        self.is_chosen(frame) || self.asks_about_parameter(frame)
    }

    /// Whether a test whose outcome is not known asks about a parameter, or what is made of one.
    fn asks_about_parameter(&self, frame: &Frame<'p>) -> bool {
        let Some(function) = frame.function() else {
            return false;
        };
        frame.guards.iter().any(|guard| {
            // It is a matter of the text, and a branch may define a function for each of many calls.
            let mut known = self.asking.borrow_mut();
            *known.entry(std::ptr::from_ref(*guard)).or_insert_with(|| {
                let mut asked = Vec::new();
                collect(guard, &mut asked);
                add_sources(frame.owner, &mut asked);
                asked
                    .iter()
                    .any(|slot| (slot.0 as usize) < function.params.len())
            })
        })
    }

    /// Whether the function that runs is one of those.
    pub fn is_chosen(&self, frame: &Frame<'p>) -> bool {
        self.contexts[frame.context.0 as usize]
            .function
            .is_some_and(|function| self.chosen.contains(&function))
    }

    /// Whether what is called depends on what a value is: the class of it, `type(x)(..)` or `x.__class__(..)`, or a method of a
    /// parameter.
    pub fn calls_by_value(owner: Owner<'_>, call: &Call) -> bool {
        let Owner::Function(function) = owner else {
            return is_class_of_value(&call.function);
        };
        let slot = match &call.function.kind {
            ExprKind::Name(_, Var::Local(slot)) => *slot,
            ExprKind::Attribute { value, .. } if !is_class_of_value(&call.function) => {
                let own = u32::from(matches!(function.parent, Parent::Class(_)));
                return matches!(value.kind, ExprKind::Name(_, Var::Local(slot))
                    if slot.0 >= own && (slot.0 as usize) < function.params.len());
            }
            _ => return is_class_of_value(&call.function),
        };
        let mut found = false;
        visit::statements(&function.body, &mut |stmt| {
            if let StmtKind::Assign { targets, value } = &stmt.kind {
                found |= is_class_of_value(value)
                    && targets.iter().any(|target| {
                        matches!(target.kind, ExprKind::Name(_, Var::Local(found)) if found == slot)
                    });
            }
        });
        found
    }
}

/// The variables that an assignment to `target` changes: of `x[i] = v` it is `x`.
fn collect_changed(target: &Expr, slots: &mut Vec<Slot>) {
    match &target.kind {
        ExprKind::Subscript { value, .. }
        | ExprKind::Attribute { value, .. }
        | ExprKind::Starred(value) => collect_changed(value, slots),
        ExprKind::Tuple(items) | ExprKind::List(items) => {
            for item in items {
                collect_changed(item, slots);
            }
        }
        _ => collect(target, slots),
    }
}

/// `type(x)` or `x.__class__`.
fn is_class_of_value(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Attribute { attribute, .. } => attribute.as_str() == "__class__",
        ExprKind::Call(call) => {
            matches!(&call.function.kind, ExprKind::Name(name, _) if name.as_str() == "type")
                && call.arguments.len() == 1
        }
        _ => false,
    }
}

/// Adds the variables that the given ones are made of, one assignment back.
fn add_sources(owner: Owner<'_>, slots: &mut Vec<Slot>) {
    let Owner::Function(function) = owner else {
        return;
    };
    let wanted = slots.clone();
    if wanted.is_empty() {
        return;
    }
    visit::statements(&function.body, &mut |stmt| {
        if let StmtKind::Assign { targets, value } = &stmt.kind {
            let hits = targets.iter().any(|target| {
                let mut found = Vec::new();
                collect_changed(target, &mut found);
                found.iter().any(|slot| wanted.contains(slot))
            });
            if hits {
                collect(value, slots);
            }
        }
    });
}

fn collect(expr: &Expr, slots: &mut Vec<Slot>) {
    visit::expressions(expr, &mut |expr| {
        if let ExprKind::Name(_, Var::Local(slot)) = expr.kind {
            slots.push(slot);
        }
    });
}

/// Whether a test asks for `__name__`: what it guards is what a file does when it is run, and not when it is imported. One that names only another module asks whether that one runs the file.
pub fn asks_for_own_name(test: &Expr) -> bool {
    let (mut asks, mut names_main, mut names_other) = (false, false, false);
    visit::expressions(test, &mut |expr| match expr.kind {
        ExprKind::Name(name, _) => asks |= name.as_str() == "__name__",
        ExprKind::Constant(Constant::Str(name)) if name.as_str() == "__main__" => names_main = true,
        ExprKind::Constant(Constant::Str(name)) => {
            names_other |= name.split('.').all(is_identifier);
        }
        _ => {}
    });
    asks && (names_main || !names_other)
}
