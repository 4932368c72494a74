//! What tests ask, compared: one value, not written in between, answers the same test alike (DESIGN 3a.2).

use crate::eval::certainty::looks::Source;
use crate::name::Name;
use crate::syntax::ir::{Comparison, Constant, Expr, ExprKind, Slot, Var};

/// A test with a hole where its variable stands: two that are equal ask the same.
pub type Predicate = u64;

/// Whether the value is true.
const TRUTH: Predicate = 0;

/// Whether the value is None.
fn is_none() -> Predicate {
    asks(Comparison::Is, Constant::None).unwrap_or(TRUTH)
}

/// What a comparison with a constant asks.
fn asks(op: Comparison, constant: Constant) -> Option<Predicate> {
    use std::hash::{Hash, Hasher};
    let mut hasher = rustc_hash::FxHasher::default();
    std::mem::discriminant(&op).hash(&mut hasher);
    match constant {
        Constant::None => 1_u8.hash(&mut hasher),
        Constant::Bool(value) => (2_u8, value).hash(&mut hasher),
        Constant::Int(value) => (3_u8, value).hash(&mut hasher),
        Constant::Str(text) => (4_u8, text).hash(&mut hasher),
        _ => return None,
    }
    Some(hasher.finish())
}

/// What a test is about.
#[derive(Clone, Copy, Debug)]
pub enum Hole {
    Local(Source),
    /// A variable of a function around this one, and how many functions further out it is.
    Captured(u32, Slot),
    Global(Name),
    /// A name of what a variable of the module holds: `settings.DEBUG`.
    Attribute(Name, Name),
}

/// A test on one variable alone: the variable, and what is asked of it.
pub fn shape_of(test: &Expr, outcome: bool) -> Option<(Hole, (Predicate, bool))> {
    match &test.kind {
        ExprKind::Not(inner) => shape_of(inner, !outcome),
        ExprKind::Name(..) | ExprKind::Attribute { .. } | ExprKind::Subscript { .. } => {
            Some((hole(test)?, (TRUTH, outcome)))
        }
        ExprKind::Compare { left, rest } => {
            let [(op, right)] = rest.as_slice() else {
                return None;
            };
            let ExprKind::Constant(constant) = right.kind else {
                return None;
            };
            let (op, outcome) = match op {
                Comparison::NotEq => (Comparison::Eq, !outcome),
                Comparison::IsNot => (Comparison::Is, !outcome),
                Comparison::Eq | Comparison::Is => (*op, outcome),
                _ => return None,
            };
            Some((hole(left)?, (asks(op, constant)?, outcome)))
        }
        _ => None,
    }
}

fn hole(expr: &Expr) -> Option<Hole> {
    match &expr.kind {
        ExprKind::Name(_, Var::Local(slot)) => Some(Hole::Local(Source {
            slot: *slot,
            item: None,
        })),
        ExprKind::Name(_, Var::Free { up, slot }) => Some(Hole::Captured(*up, *slot)),
        ExprKind::Name(_, Var::Global(name)) => Some(Hole::Global(*name)),
        ExprKind::Attribute {
            value, attribute, ..
        } => match value.kind {
            ExprKind::Name(_, Var::Global(name)) => Some(Hole::Attribute(name, *attribute)),
            _ => None,
        },
        _ => None,
    }
}

/// What a constant answers to a test; none where that is not known.
pub fn answer_of(constant: Constant, predicate: Predicate) -> Option<bool> {
    if predicate == TRUTH {
        return Some(match constant {
            Constant::None => false,
            Constant::Bool(value) => value,
            Constant::Int(value) => value != 0,
            Constant::Str(text) => !text.is_empty(),
            _ => return None,
        });
    }
    (predicate == is_none()).then_some(matches!(constant, Constant::None))
}

/// Whether an answer says that nothing was given: the value is false, or it is None.
pub fn says_absent(predicate: Predicate, answer: bool) -> bool {
    (predicate == TRUTH && !answer) || (predicate == is_none() && answer)
}
