//! Guards: tests whose outcome is not known, and that may be what keeps a call from failing.
//!
//! `if len(args) == 1: f(*args)` never calls `f` with two arguments, though the test came out either way when it was
//! evaluated. So a failure that rests on a variable which a test around it (or before it, with an early exit) asks about
//! is not certain.

use crate::facts::FailureKind;
use crate::name::Name;
use crate::syntax::ir::{
    Argument, ArgumentKind, Call, Expr, ExprKind, Parent, Slot, Stmt, StmtKind, Var,
};
use crate::syntax::visit;

use crate::eval::Evaluator;
use crate::eval::calls::refusal::Refusal;
use crate::eval::interpreter::frame::{Blame, Frame, Owner};

impl<'p> Evaluator<'p> {
    /// Whether a test around a call asks about something that the call passes.
    pub fn is_guarded(&self, owner: Owner<'p>, guards: &[&'p Expr], call: &'p Call) -> bool {
        let parts: Vec<&'p Expr> = call
            .arguments
            .iter()
            .map(|argument| &argument.value)
            .collect();
        asks_about(owner, guards, &parts, &parts)
    }

    /// Whether a function defined here exists only because of what the function around it was called with.
    pub fn is_chosen_by_parameters(&self, frame: &Frame<'p>) -> bool {
        self.is_chosen(frame) || asks_about_parameter(frame)
    }

    /// Whether the function that runs is one of those.
    pub fn is_chosen(&self, frame: &Frame<'p>) -> bool {
        self.contexts[frame.context.0 as usize]
            .function
            .is_some_and(|function| self.chosen.contains(&function))
    }

    /// Whether a test around a failing call asks about what makes it fail.
    pub fn depends_on_guard(&self, frame: &Frame<'p>, call: &'p Call, refusal: &Refusal) -> bool {
        let is_free = matches!(call.function.kind, ExprKind::Name(_, Var::Free { .. }));
        if is_free && self.is_chosen(frame) {
            return true;
        }
        if frame.guards.is_empty() {
            return false;
        }
        if let Blame::Keyword(keyword) = refusal.blame
            && is_one_rung(frame.owner, &frame.guards, call, keyword)
        {
            return true;
        }
        if is_free && self.is_guarded(frame.owner, &frame.guards, call) {
            // The same for what a decorator was put on.
            return true;
        }
        let mut parts: Vec<&'p Expr> = Vec::new();
        if refusal.kind == FailureKind::NotCallable {
            // What a variable holds goes together with the test of what it was taken from.
            parts.push(&call.function);
        }
        if self.is_parameter_of(frame, &call.function) {
            // Which function a caller hands over may go together with what it hands over beside it.
            return true;
        }
        for argument in &call.arguments {
            let matters = match (refusal.blame, argument.kind) {
                (Blame::Keyword(name), ArgumentKind::Keyword(written)) if name == written => {
                    return self.mentions_guarded(frame, &[&call.function], &[]);
                }
                (_, ArgumentKind::Star | ArgumentKind::DoubleStar) => true,
                _ => false,
            };
            if matters {
                parts.push(&argument.value);
            }
        }
        self.mentions_guarded(frame, &[&call.function], &parts)
    }

    /// Whether a test whose outcome is not known asks about a variable in `direct`, or one that `parts` rest on.
    pub fn mentions_guarded(
        &self,
        frame: &Frame<'p>,
        direct: &[&'p Expr],
        parts: &[&'p Expr],
    ) -> bool {
        asks_about(frame.owner, &frame.guards, direct, parts)
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

    fn is_parameter_of(&self, frame: &Frame<'p>, expr: &Expr) -> bool {
        match (frame.function(), &expr.kind) {
            (Some(function), ExprKind::Name(_, Var::Local(slot))) => {
                (slot.0 as usize) < function.params.len()
            }
            _ => false,
        }
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

/// Whether a test that may come out either way chooses between this call and another one that gets the same `**keywords`.
///
/// `if n == 1: one(**options) else: many(**options)`: who passes options for the one does not get the other.
fn is_one_rung(owner: Owner<'_>, guards: &[&Expr], call: &Call, keyword: Name) -> bool {
    let Owner::Function(function) = owner else {
        return false;
    };
    let is_written = |argument: &Argument| argument.kind == ArgumentKind::Keyword(keyword);
    if call.arguments.iter().any(is_written) {
        return false;
    }
    let passed: Vec<Slot> = call.arguments.iter().filter_map(double_starred).collect();
    let passes_the_same = |block: &[Stmt]| {
        let (mut other, mut own) = (false, false);
        visit::all_expressions(block, &mut |expr| {
            if let ExprKind::Call(found) = &expr.kind {
                own |= std::ptr::eq(&raw const **found, call);
                other |= found
                    .arguments
                    .iter()
                    .filter_map(double_starred)
                    .any(|slot| passed.contains(&slot));
            }
        });
        other && !own
    };
    let mut found = false;
    visit::statements(&function.body, &mut |stmt| {
        if let StmtKind::If { branches, orelse } = &stmt.kind {
            let is_open = branches.iter().any(|branch| {
                guards
                    .iter()
                    .any(|guard| std::ptr::eq(*guard, &raw const branch.test))
            });
            let mut blocks = branches
                .iter()
                .map(|branch| branch.body.as_slice())
                .chain([orelse.as_slice()]);
            found |= is_open && blocks.any(passes_the_same);
        }
    });
    found
}

/// The variable of `**variable`.
fn double_starred(argument: &Argument) -> Option<Slot> {
    match (argument.kind, &argument.value.kind) {
        (ArgumentKind::DoubleStar, ExprKind::Name(_, Var::Local(slot))) => Some(*slot),
        _ => None,
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

/// Whether a test whose outcome is not known asks about a parameter, or what is made of one.
pub fn asks_about_parameter(frame: &Frame<'_>) -> bool {
    let Some(function) = frame.function() else {
        return false;
    };
    frame.guards.iter().any(|guard| {
        let mut asked = Vec::new();
        collect(guard, &mut asked);
        add_sources(frame.owner, &mut asked, true);
        asked
            .iter()
            .any(|slot| (slot.0 as usize) < function.params.len())
    })
}

/// Whether one of `guards` asks about a variable in `direct`, or one that `parts` rest on.
pub fn asks_about(owner: Owner<'_>, guards: &[&Expr], direct: &[&Expr], parts: &[&Expr]) -> bool {
    if guards.is_empty() {
        return false;
    }
    let mut slots = Vec::new();
    for part in parts {
        collect(part, &mut slots);
    }
    add_sources(owner, &mut slots, false);
    let mut named = Vec::new();
    for part in direct {
        collect(part, &mut named);
    }
    slots.extend(&named);
    guards.iter().any(|guard| {
        let mut asked = Vec::new();
        collect(guard, &mut asked);
        if asked.iter().any(|slot| slots.contains(slot)) {
            return true;
        }
        // `count = parameters_of(f)`, then `if count == 2: f(a, b)`.
        add_sources(owner, &mut asked, true);
        asked.iter().any(|slot| named.contains(slot))
    })
}

/// Adds the variables that the given ones are made of, one assignment back.
fn add_sources(owner: Owner<'_>, slots: &mut Vec<Slot>, through_calls: bool) {
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
            if hits && (through_calls || !matches!(value.kind, ExprKind::Call(_))) {
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

/// Whether a test asks for `__name__`: what it guards is what a file does when it is run, and not when it is imported.
pub fn asks_for_own_name(test: &Expr) -> bool {
    let mut found = false;
    visit::expressions(test, &mut |expr| {
        found |= matches!(expr.kind, ExprKind::Name(name, _) if name.as_str() == "__name__");
    });
    found
}
