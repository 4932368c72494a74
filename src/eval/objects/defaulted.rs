//! What a constructor takes where it is given nothing: `self.client = client or Client()`, `Client() if client is None else client`, and the same by an `if` before.
//!
//! An instance that was made without one has that other one for certain; one that was given one has what it was given.

use std::rc::Rc;

use crate::eval::Evaluator;
use crate::eval::domain::value::{ClassRef, FunctionRef, Value};
use crate::eval::reuse::file_set::FileSet;
use crate::name::Name;
use crate::syntax::ir::{
    Comparison, Constant, Expr, ExprKind, Function, Range, Slot, Stmt, StmtKind, Var,
};
use crate::syntax::visit;

impl<'p> Evaluator<'p> {
    /// The parameters of a function for which it makes something itself where they are `None`.
    pub(super) fn defaulted_parameters(&self, function: FunctionRef) -> Rc<[Slot]> {
        let known = self.defaulted.borrow().get(&function).cloned();
        known.unwrap_or_else(|| {
            let found: Rc<[Slot]> = parameters_in(self.definition(function)).into();
            let mut known = self.defaulted.borrow_mut();
            known.insert(function, Rc::clone(&found));
            found
        })
    }

    /// What an attribute of the instances of a class holds where its constructor, `init`, was given `None` for it: what `other` is there. It is evaluated once for all of them.
    pub(super) fn taken_instead(
        &mut self,
        (class, name): (ClassRef, Name),
        init: FunctionRef,
        other: &'p Expr,
    ) -> Value {
        if let Some(&(known, looked)) = self.taken_instead.get(&(class, name)) {
            self.look(looked);
            return known;
        }
        let closure = self.class(class).closure;
        let nothing = (Value::UNKNOWN, FileSet::NONE);
        self.taken_instead.insert((class, name), nothing);
        let (before, acts) = (self.begin_looking(init.module), self.effects.acts.len());
        let value = self.probe(init, closure, None, other);
        let looked = self.end_looking(before);
        // Whoever asks for the attribute has it found out again.
        self.effects.acts.truncate(acts);
        self.taken_instead.insert((class, name), (value, looked));
        value
    }
}

/// The parameters for which a function makes something itself where they are `None`.
fn parameters_in(function: &Function) -> Vec<Slot> {
    let mut found = Vec::new();
    visit::statements(&function.body, &mut |stmt| {
        if let StmtKind::Assign { value, .. }
        | StmtKind::AnnAssign {
            value: Some(value), ..
        } = &stmt.kind
            && let Some((slot, other)) = instead_of_parameter(function, value)
            // Texts, numbers and empty containers would make as many values as there are instances, and lead nowhere.
            && matches!(other.kind, ExprKind::Call(_))
        {
            found.push(slot);
        }
    });
    found.sort_unstable();
    found.dedup();
    found
}

/// The parameter that an expression gives unless it is `None`, and what it gives then.
pub(super) fn instead_of_parameter<'p>(
    function: &'p Function,
    expr: &'p Expr,
) -> Option<(Slot, &'p Expr)> {
    match &expr.kind {
        ExprKind::Bool {
            is_and: false,
            values,
        } => {
            let [first, other] = values.as_slice() else {
                return None;
            };
            let slot = parameter(function, first)?;
            is_bound_once(function, slot).then_some((slot, other))
        }
        ExprKind::If { test, body, orelse } => {
            let (slot, is_none) = asks_for_none(function, test)?;
            let (other, kept) = if is_none {
                (body, orelse)
            } else {
                (orelse, body)
            };
            let is_kept = parameter(function, kept) == Some(slot);
            (is_kept && is_bound_once(function, slot)).then_some((slot, &**other))
        }
        ExprKind::Name(..) => {
            let slot = parameter(function, expr)?;
            let other = bound_where_none(function, slot, expr.range)?;
            Some((slot, other))
        }
        _ => None,
    }
}

/// What the body of a function binds a parameter to where it is `None`, before a place and nowhere else: `if client is None: client = Client()`.
fn bound_where_none(function: &Function, slot: Slot, place: Range) -> Option<&Expr> {
    let variable = function.scope.slots.get(slot.0 as usize)?;
    if variable.bindings != 2 || variable.assigned_inside {
        return None;
    }
    let mut before = function
        .body
        .iter()
        .filter(|stmt| stmt.range.end <= place.start);
    before.find_map(|stmt| {
        let StmtKind::If { branches, orelse } = &stmt.kind else {
            return None;
        };
        let ([branch], []) = (branches.as_slice(), orelse.as_slice()) else {
            return None;
        };
        let is_asked = asks_for_none(function, &branch.test) == Some((slot, true));
        let [
            Stmt {
                kind: StmtKind::Assign { targets, value },
                ..
            },
        ] = branch.body.as_slice()
        else {
            return None;
        };
        let [target] = targets.as_slice() else {
            return None;
        };
        (is_asked && parameter(function, target) == Some(slot)).then_some(value)
    })
}

/// Whether a test asks if a parameter is `None` or false, and which: `x is None`, `not x` with true, `x is not None`, `x` with false.
fn asks_for_none(function: &Function, test: &Expr) -> Option<(Slot, bool)> {
    match &test.kind {
        ExprKind::Compare { left, rest } => {
            let [(comparison, right)] = rest.as_slice() else {
                return None;
            };
            let is_none = match comparison {
                Comparison::Is => true,
                Comparison::IsNot => false,
                _ => return None,
            };
            let asks = matches!(right.kind, ExprKind::Constant(Constant::None));
            let slot = parameter(function, left)?;
            asks.then_some((slot, is_none))
        }
        ExprKind::Not(inner) => Some((parameter(function, inner)?, true)),
        _ => Some((parameter(function, test)?, false)),
    }
}

/// The parameter that a name means.
fn parameter(function: &Function, expr: &Expr) -> Option<Slot> {
    match expr.kind {
        ExprKind::Name(_, Var::Local(slot)) if (slot.0 as usize) < function.params.len() => {
            Some(slot)
        }
        _ => None,
    }
}

fn is_bound_once(function: &Function, slot: Slot) -> bool {
    let variable = function.scope.slots.get(slot.0 as usize);
    variable.is_some_and(|variable| variable.bindings <= 1 && !variable.assigned_inside)
}
