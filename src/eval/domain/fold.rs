//! Operators on values of builtin types (the language reference, "Binary arithmetic operations").

use crate::name::Name;
use crate::syntax::ir::{Operator, UnaryOperator};

use crate::eval::domain::kind::Kind;
use crate::eval::domain::types::is_class_name;
use crate::eval::domain::value::{Data, Value, Values};

/// Texts past this many characters, and tuples of more items, are known by their type only.
pub const LONGEST: usize = 2048;

/// What an operation on known values gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Folded {
    /// This; it raises nothing.
    Value(Value),
    /// This, if it does not raise.
    Perhaps(Value),
    /// Nothing: it raises.
    Raises,
    /// It is not modelled.
    Unknown,
}

impl Values {
    /// A known text, or some text if it is too long to be kept.
    pub fn text(&mut self, text: &str) -> Value {
        if text.len() > LONGEST {
            return self.truthy(Kind::Str);
        }
        self.str(Name::new(text))
    }

    /// Known bytes, each as the character of that number; some bytes if they are too many to be kept.
    pub fn bytes(&mut self, text: &str) -> Value {
        if text.len() > LONGEST {
            return self.truthy(Kind::Bytes);
        }
        self.intern(Data::Bytes(Name::new(text)))
    }

    /// A tuple of these; some tuple if they are too many to be kept.
    pub fn tuple(&mut self, items: Vec<Value>) -> Value {
        if items.len() > LONGEST {
            return self.truthy(Kind::Tuple);
        }
        self.intern(Data::Tuple(items.into()))
    }

    /// `-x` and its like.
    pub fn fold_alone(&mut self, op: UnaryOperator, value: Value) -> Folded {
        if let Some(number) = self.as_number(value) {
            return match self.computed(number.alone(op)) {
                Some(value) => Folded::Value(value),
                None => Folded::Raises,
            };
        }
        match self.plain_kind(value) {
            Some(Kind::Bool) => Folded::Value(self.of(Kind::Int)),
            Some(Kind::Int) => Folded::Value(match self.get(value) {
                Data::Truthy(_) | Data::BigInt(_) if op != UnaryOperator::Invert => {
                    self.truthy(Kind::Int)
                }
                _ => self.of(Kind::Int),
            }),
            Some(kind @ (Kind::Float | Kind::Complex)) if op != UnaryOperator::Invert => {
                Folded::Value(self.of(kind))
            }
            _ => Folded::Unknown,
        }
    }

    /// `left op right`, neither of them a union, a list, a set or a dict.
    pub fn fold(&mut self, left: Value, op: Operator, right: Value) -> Folded {
        if op == Operator::BitOr
            && let Some(either) = self.either_class(left, right)
        {
            return Folded::Value(either);
        }
        let (Some(a), Some(b)) = (self.plain_kind(left), self.plain_kind(right)) else {
            // `text % anything`
            return match (op, self.plain_kind(left)) {
                (Operator::Mod, Some(kind @ (Kind::Str | Kind::Bytes))) => {
                    Folded::Perhaps(self.of(kind))
                }
                _ => Folded::Unknown,
            };
        };
        if a.is_number() && b.is_number() {
            return self.fold_numbers(left, op, right);
        }
        match (op, a, b) {
            (Operator::Add, Kind::Str | Kind::Bytes | Kind::Tuple, _) if a == b => {
                Folded::Value(self.concatenated(a, left, right))
            }
            (Operator::Mul, Kind::Str | Kind::Bytes | Kind::Tuple, Kind::Int | Kind::Bool) => {
                self.repeated(a, left, right)
            }
            (Operator::Mul, Kind::Int | Kind::Bool, Kind::Str | Kind::Bytes | Kind::Tuple) => {
                self.repeated(b, right, left)
            }
            (Operator::Mod, Kind::Str | Kind::Bytes, _) => Folded::Perhaps(self.of(a)),
            _ if is_plain(a) && is_plain(b) => Folded::Raises,
            _ => Folded::Unknown,
        }
    }

    fn fold_numbers(&mut self, left: Value, op: Operator, right: Value) -> Folded {
        if let (Data::Bool(a), Data::Bool(b)) = (self.get(left), self.get(right)) {
            match op {
                Operator::BitAnd => return Folded::Value(Value::bool(*a && *b)),
                Operator::BitOr => return Folded::Value(Value::bool(*a || *b)),
                Operator::BitXor => return Folded::Value(Value::bool(a != b)),
                _ => {}
            }
        }
        if let (Some(a), Some(b)) = (self.as_number(left), self.as_number(right)) {
            let computed = a.operate(op, b);
            return match self.computed(computed) {
                Some(value) => Folded::Value(value),
                None if computed == crate::eval::domain::number::Computed::Raises => Folded::Raises,
                None => Folded::Unknown,
            };
        }
        let kinds = [left, right].map(|side| self.plain_kind(side));
        let has = |kind| kinds.contains(&Some(kind));
        let kind = if has(Kind::Complex) {
            Kind::Complex
        } else if has(Kind::Float) {
            Kind::Float
        } else if kinds == [Some(Kind::Bool); 2]
            && matches!(op, Operator::BitAnd | Operator::BitOr | Operator::BitXor)
        {
            Kind::Bool
        } else {
            Kind::Int
        };
        match op {
            Operator::Add | Operator::Sub | Operator::Mul => Folded::Value(self.of(kind)),
            Operator::Div if kind == Kind::Int => Folded::Perhaps(self.of(Kind::Float)),
            Operator::Div | Operator::FloorDiv | Operator::Mod => Folded::Perhaps(self.of(kind)),
            Operator::BitAnd | Operator::BitOr | Operator::BitXor
                if matches!(kind, Kind::Int | Kind::Bool) =>
            {
                Folded::Value(self.of(kind))
            }
            Operator::LShift | Operator::RShift if kind == Kind::Int => {
                Folded::Perhaps(self.of(kind))
            }
            Operator::Pow => Folded::Unknown,
            _ => Folded::Raises,
        }
    }

    /// `a + b` of two texts, bytes or tuples.
    fn concatenated(&mut self, kind: Kind, left: Value, right: Value) -> Value {
        match (self.get(left), self.get(right)) {
            (Data::Str(a), Data::Str(b)) if a.len() + b.len() <= LONGEST => {
                let text = format!("{a}{b}");
                self.text(&text)
            }
            (Data::Bytes(a), Data::Bytes(b)) if a.len() + b.len() <= LONGEST => {
                let text = format!("{a}{b}");
                self.bytes(&text)
            }
            (Data::Tuple(a), Data::Tuple(b)) if a.len() + b.len() <= LONGEST => {
                let items = a.iter().chain(b.iter()).copied().collect();
                self.tuple(items)
            }
            _ => {
                use crate::eval::domain::truth::Truth;
                let is_true = [left, right]
                    .map(|side| self.plain_truth(side))
                    .contains(&Truth::True);
                if is_true {
                    self.truthy(kind)
                } else {
                    self.of(kind)
                }
            }
        }
    }

    /// `text * number`.
    fn repeated(&mut self, kind: Kind, sequence: Value, times: Value) -> Folded {
        let Some(times) = self.as_int(times) else {
            return Folded::Value(self.of(kind));
        };
        let times = usize::try_from(times.max(0)).unwrap_or(usize::MAX);
        let fits = |length: usize| length.saturating_mul(times) <= LONGEST;
        Folded::Value(match self.get(sequence).clone() {
            Data::Str(text) if fits(text.len()) => self.text(&text.repeat(times)),
            Data::Bytes(text) if fits(text.len()) => self.bytes(&text.repeat(times)),
            Data::Tuple(items) if fits(items.len()) => self.tuple(items.repeat(times)),
            Data::Of(_) | Data::Truthy(_) => self.of(kind),
            _ => self.truthy(kind),
        })
    }

    /// `str(value)` of a known text, number, bool or `None`.
    #[must_use]
    pub fn str_of(&self, value: Value) -> Option<String> {
        Some(match self.get(value) {
            Data::Str(text) => text.to_string(),
            Data::None => String::from("None"),
            Data::Bool(true) => String::from("True"),
            Data::Bool(false) => String::from("False"),
            Data::Int(number) => number.to_string(),
            Data::BigInt(digits) => digits.to_string(),
            Data::Float(bits) => crate::eval::domain::number::float_text(f64::from_bits(*bits)),
            &Data::Complex(real, imaginary) => crate::eval::domain::number::complex_text(
                f64::from_bits(real),
                f64::from_bits(imaginary),
            ),
            Data::Of(Kind::Ellipsis) => String::from("Ellipsis"),
            Data::Of(Kind::NotImplemented) => String::from("NotImplemented"),
            _ => return None,
        })
    }

    /// `int | None`, if both sides are classes (or `None`, or such a union).
    fn either_class(&mut self, left: Value, right: Value) -> Option<Value> {
        let parts = |value: Value| -> Option<Vec<Value>> {
            match self.get(value) {
                Data::Either(parts) => Some(parts.to_vec()),
                Data::Class { .. } | Data::None => Some(vec![value]),
                Data::External(name) if is_class_name(name) => Some(vec![value]),
                _ => None,
            }
        };
        if left == Value::NONE && right == Value::NONE {
            return None;
        }
        let mut all = parts(left)?;
        all.extend(parts(right)?);
        Some(self.intern(Data::Either(all.into())))
    }
}

/// Types whose operators are all known here.
fn is_plain(kind: Kind) -> bool {
    kind.is_number()
        || matches!(
            kind,
            Kind::NoneType | Kind::Str | Kind::Bytes | Kind::Tuple | Kind::Range | Kind::Ellipsis
        )
}
