//! What tests say of a value: two that cannot both be so of one value, not written in between, exclude each other (DESIGN 3a.2).

use std::rc::Rc;

use crate::eval::certainty::looks::Source;
use crate::name::Name;
use crate::syntax::ir::{Comparison, Constant, Expr, ExprKind, Slot, Var};

/// What a test that came out in a given way says of the variable that it is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Answer {
    /// The attribute of which it says that, if not of the variable's value itself.
    attribute: Option<Name>,
    says: Says,
}

/// What is said of a value.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Says {
    True,
    False,
    /// It equals one of these.
    OneOf(Rc<[Plain]>),
    /// It equals none of these.
    NoneOf(Rc<[Plain]>),
    /// It is a number within this bound.
    Within(Bound),
}

/// What a comparison with a whole number says of its left side: `count > 1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Bound {
    side: Side,
    number: i64,
}

/// On which side of a number another one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Side {
    Below,
    BelowOrAt,
    Above,
    AboveOrAt,
}

impl Bound {
    /// What a comparison means where it comes out like this; none: it is another one, or not with a number.
    #[must_use]
    pub fn of(op: Comparison, right: &Expr, outcome: bool) -> Option<Self> {
        let side = match (op, outcome) {
            (Comparison::Lt, true) | (Comparison::GtE, false) => Side::Below,
            (Comparison::LtE, true) | (Comparison::Gt, false) => Side::BelowOrAt,
            (Comparison::Gt, true) | (Comparison::LtE, false) => Side::Above,
            (Comparison::GtE, true) | (Comparison::Lt, false) => Side::AboveOrAt,
            _ => return None,
        };
        match Plain::of(right)? {
            Plain::Int(number) => Some(Self { side, number }),
            _ => None,
        }
    }

    /// Whether no number is within both.
    #[must_use]
    pub fn excludes(self, other: Self) -> bool {
        self.ends_before(other) || other.ends_before(self)
    }

    fn ends_before(self, other: Self) -> bool {
        match (self.side, other.side) {
            (Side::Below, Side::Above | Side::AboveOrAt) | (Side::BelowOrAt, Side::Above) => {
                self.number <= other.number
            }
            (Side::BelowOrAt, Side::AboveOrAt) => self.number < other.number,
            _ => false,
        }
    }

    fn has(self, number: i64) -> bool {
        match self.side {
            Side::Below => number < self.number,
            Side::BelowOrAt => number <= self.number,
            Side::Above => number > self.number,
            Side::AboveOrAt => number >= self.number,
        }
    }
}

/// A constant that can be compared with another one from the code alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Plain {
    None,
    /// A number; the two truths are 0 and 1, to which they are equal.
    Int(i64),
    Str(Name),
}

impl Plain {
    fn of(expr: &Expr) -> Option<Self> {
        match expr.kind {
            ExprKind::Constant(constant) => Self::of_constant(constant),
            _ => None,
        }
    }

    fn of_constant(constant: Constant) -> Option<Self> {
        Some(match constant {
            Constant::None => Self::None,
            Constant::Bool(value) => Self::Int(i64::from(value)),
            Constant::Int(value) => Self::Int(value),
            Constant::Str(text) => Self::Str(text),
            _ => return None,
        })
    }

    fn is_true(self) -> bool {
        match self {
            Self::None => false,
            Self::Int(value) => value != 0,
            Self::Str(text) => !text.is_empty(),
        }
    }
}

impl Answer {
    /// The same of the value of an expression that a variable holds: of `kind`, assigned as `entry.kind`, it is said of `entry`. None: the expression is
    /// no variable, attribute or item, or an attribute is meant already.
    #[must_use]
    pub fn of_value(self, expr: &Expr) -> Option<(Hole, Self)> {
        match self.attribute {
            None => about(expr, self.says),
            Some(_) => None,
        }
    }

    /// The attribute of the variable's value of which it says something; none: it is about the value itself.
    #[must_use]
    pub const fn attribute(&self) -> Option<Name> {
        self.attribute
    }

    /// Whether no value can be as both say.
    #[must_use]
    pub fn excludes(&self, other: &Self) -> bool {
        self.attribute == other.attribute && self.says.excludes(&other.says)
    }

    /// Whether it says no more than that the value is none of some: two that do exclude nothing.
    #[must_use]
    pub const fn only_denies(&self) -> bool {
        matches!(self.says, Says::NoneOf(_))
    }

    /// Whether a constant is not as this says.
    #[must_use]
    pub fn is_denied_by(&self, constant: Constant) -> bool {
        let Some(plain) = Plain::of_constant(constant) else {
            return false;
        };
        self.attribute.is_none() && self.says.excludes(&Says::OneOf(Rc::new([plain])))
    }

    /// Whether the default of a parameter is not as this says: a constant, or what is written out, which is an object and has items or none.
    #[must_use]
    pub fn is_denied_by_default(&self, default: &Expr) -> bool {
        let is_empty = match &default.kind {
            ExprKind::Constant(constant) => return self.is_denied_by(*constant),
            ExprKind::List(items) | ExprKind::Tuple(items) | ExprKind::Set(items) => {
                items.is_empty()
            }
            ExprKind::Dict(items) => items.is_empty(),
            _ => return false,
        };
        let is_denied = match &self.says {
            Says::True => is_empty,
            Says::False => !is_empty,
            Says::OneOf(_) => true,
            Says::NoneOf(_) | Says::Within(_) => false,
        };
        self.attribute.is_none() && is_denied
    }

    /// Whether a value that is written out as a default is what it says.
    #[must_use]
    pub fn is_met_by_default(&self, default: &Expr) -> bool {
        let is_written = match &default.kind {
            ExprKind::Constant(constant) => Plain::of_constant(*constant).is_some(),
            ExprKind::List(_) | ExprKind::Tuple(_) | ExprKind::Set(_) | ExprKind::Dict(_) => {
                matches!(self.says, Says::True | Says::False)
            }
            _ => false,
        };
        is_written && self.attribute.is_none() && !self.is_denied_by_default(default)
    }

    /// Whether it says that the value is one of some that are written out, and not None: one case of several.
    #[must_use]
    pub fn picks(&self) -> bool {
        matches!(&self.says, Says::OneOf(values) if **values != [Plain::None])
    }

    /// Whether it says that nothing was given: the value is false, or it is None.
    #[must_use]
    pub fn says_absent(&self) -> bool {
        let is_absent = match &self.says {
            Says::False => true,
            Says::OneOf(values) => **values == [Plain::None],
            Says::True | Says::NoneOf(_) | Says::Within(_) => false,
        };
        self.attribute.is_none() && is_absent
    }
}

impl Says {
    fn of_truth(outcome: bool) -> Self {
        if outcome { Self::True } else { Self::False }
    }

    fn among(values: Rc<[Plain]>, outcome: bool) -> Self {
        if outcome {
            Self::OneOf(values)
        } else {
            Self::NoneOf(values)
        }
    }

    fn excludes(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::True, Self::False) | (Self::False, Self::True) => true,
            (Self::OneOf(values), Self::OneOf(other)) => {
                !values.iter().any(|value| other.contains(value))
            }
            (Self::OneOf(values), Self::NoneOf(other))
            | (Self::NoneOf(other), Self::OneOf(values)) => {
                values.iter().all(|value| other.contains(value))
            }
            (Self::OneOf(values), Self::True) | (Self::True, Self::OneOf(values)) => {
                !values.iter().any(|value| value.is_true())
            }
            (Self::OneOf(values), Self::False) | (Self::False, Self::OneOf(values)) => {
                values.iter().all(|value| value.is_true())
            }
            (Self::OneOf(values), Self::Within(bound))
            | (Self::Within(bound), Self::OneOf(values)) => values
                .iter()
                .all(|value| matches!(value, Plain::Int(number) if !bound.has(*number))),
            (Self::Within(one), Self::Within(other)) => one.excludes(*other),
            _ => false,
        }
    }
}

/// What a test is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Hole {
    Local(Source),
    /// A variable of a function around this one, and how many functions further out it is.
    Captured(u32, Slot),
    Global(Name),
    /// A name of what a variable of the module holds: `settings.DEBUG`.
    Attribute(Name, Name),
}

/// A test on one variable alone: the variable, and what the outcome says of it.
pub fn shape_of(test: &Expr, outcome: bool) -> Option<(Hole, Answer)> {
    match &test.kind {
        ExprKind::Not(inner) => shape_of(inner, !outcome),
        ExprKind::Name(..)
        | ExprKind::Attribute { .. }
        | ExprKind::Subscript { .. }
        | ExprKind::Call(_)
        | ExprKind::Walrus { .. } => about(test, Says::of_truth(outcome)),
        ExprKind::Compare { left, rest } => {
            let [(op, right)] = rest.as_slice() else {
                return None;
            };
            if let Some(bound) = Bound::of(*op, right, outcome) {
                return about(left, Says::Within(bound));
            }
            let one = || Plain::of(right).map(|value| Rc::from([value]));
            let (values, outcome): (Option<Rc<[Plain]>>, bool) = match op {
                Comparison::Eq | Comparison::Is => (one(), outcome),
                Comparison::NotEq | Comparison::IsNot => (one(), !outcome),
                Comparison::In => (members(right), outcome),
                Comparison::NotIn => (members(right), !outcome),
                _ => return None,
            };
            let values = values?;
            about(left, Says::among(values, outcome))
        }
        _ => None,
    }
}

/// The open parts of a test, joined by `and` and `or`, whose outcome follows from its own: `not (a or b)` says that neither is true, and so does
/// `a or b` of the one that is open, if it is true.
pub fn parts_with_outcome<'p>(
    test: &'p Expr,
    outcome: bool,
    is_open: &dyn Fn(&Expr) -> bool,
    add: &mut dyn FnMut(&'p Expr, bool),
) {
    match &test.kind {
        ExprKind::Not(inner) => parts_with_outcome(inner, !outcome, is_open, add),
        ExprKind::Bool { is_and, values } => {
            let mut open = values.iter().filter(|value| has_open(value, is_open));
            if outcome == *is_and {
                open.for_each(|value| parts_with_outcome(value, outcome, is_open, add));
            } else if let (Some(value), None) = (open.next(), open.next()) {
                parts_with_outcome(value, outcome, is_open, add);
            }
        }
        _ if is_open(test) => add(test, outcome),
        _ => {}
    }
}

/// Whether a part of a test is open.
fn has_open(test: &Expr, is_open: &dyn Fn(&Expr) -> bool) -> bool {
    match &test.kind {
        ExprKind::Not(inner) => has_open(inner, is_open),
        ExprKind::Bool { values, .. } => values.iter().any(|value| has_open(value, is_open)),
        _ => is_open(test),
    }
}

/// The constants of a container as it is written.
fn members(container: &Expr) -> Option<Rc<[Plain]>> {
    match &container.kind {
        ExprKind::Tuple(items) | ExprKind::List(items) | ExprKind::Set(items) => {
            items.iter().map(Plain::of).collect()
        }
        _ => None,
    }
}

/// What is said of an expression: of a variable, or of one of its attributes.
fn about(expr: &Expr, says: Says) -> Option<(Hole, Answer)> {
    let of_value = |hole: Hole, says: Says| {
        let attribute = None;
        (hole, Answer { attribute, says })
    };
    match &expr.kind {
        ExprKind::Name(_, var) => Some(of_value(variable(*var)?, says)),
        ExprKind::Attribute {
            value, attribute, ..
        } => match value.kind {
            ExprKind::Name(_, Var::Global(name)) => {
                Some(of_value(Hole::Attribute(name, *attribute), says))
            }
            ExprKind::Name(_, var) => {
                let attribute = Some(*attribute);
                Some((variable(var)?, Answer { attribute, says }))
            }
            _ => None,
        },
        ExprKind::Subscript { value, index } => Some(of_value(item(value, index)?, says)),
        // `kwargs.get("key")` gives the item, or None.
        ExprKind::Call(call) => match (&call.function.kind, call.arguments.as_slice()) {
            (
                ExprKind::Attribute {
                    value, attribute, ..
                },
                [key],
            ) if matches!(attribute.as_str(), "get" | "pop") => {
                Some(of_value(item(value, &key.value)?, says))
            }
            _ => None,
        },
        ExprKind::Walrus { var, value } => {
            about(value, says.clone()).or_else(|| Some(of_value(variable(*var)?, says)))
        }
        _ => None,
    }
}

/// The item under a text of what a variable of the function holds.
fn item(container: &Expr, key: &Expr) -> Option<Hole> {
    match (&container.kind, &key.kind) {
        (ExprKind::Name(_, Var::Local(slot)), ExprKind::Constant(Constant::Str(key))) => {
            let item = Some(*key);
            Some(Hole::Local(Source { slot: *slot, item }))
        }
        _ => None,
    }
}

fn variable(var: Var) -> Option<Hole> {
    match var {
        Var::Local(slot) => Some(Hole::Local(Source { slot, item: None })),
        Var::Free { up, slot } => Some(Hole::Captured(up, slot)),
        Var::Global(name) => Some(Hole::Global(name)),
        Var::Hidden { .. } => None,
    }
}
