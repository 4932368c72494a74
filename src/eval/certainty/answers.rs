//! What tests ask, compared: one value, not written in between, answers the same test alike (DESIGN 3a.2).

use crate::eval::certainty::looks::Source;
use crate::name::Name;
use crate::syntax::ir::{Comparison, Constant, Expr, ExprKind, Var};

/// A test with a hole where its variable stands: two that are equal ask the same.
pub type Predicate = u64;

/// What a test is about.
#[derive(Clone, Copy, Debug)]
pub enum Hole {
    Local(Source),
    Global(Name),
}

/// A test on one variable alone: the variable, and what is asked of it.
pub fn shape_of(test: &Expr, outcome: bool) -> Option<(Hole, (Predicate, bool))> {
    use std::hash::{Hash, Hasher};
    match &test.kind {
        ExprKind::Not(inner) => shape_of(inner, !outcome),
        ExprKind::Name(..) | ExprKind::Subscript { .. } => Some((hole(test)?, (0, outcome))),
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
            let mut hasher = rustc_hash::FxHasher::default();
            std::mem::discriminant(&op).hash(&mut hasher);
            match constant {
                Constant::None => 1_u8.hash(&mut hasher),
                Constant::Bool(value) => (2_u8, value).hash(&mut hasher),
                Constant::Int(value) => (3_u8, value).hash(&mut hasher),
                Constant::Str(text) => (4_u8, text).hash(&mut hasher),
                _ => return None,
            }
            Some((hole(left)?, (hasher.finish(), outcome)))
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
        ExprKind::Name(_, Var::Global(name)) => Some(Hole::Global(*name)),
        _ => None,
    }
}
