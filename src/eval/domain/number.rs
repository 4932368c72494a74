//! Numbers as Python computes with them (the language reference, "Binary arithmetic operations"; the library reference, "Numeric Types").
//!
//! Ints are kept as far as 128 bits reach; what goes further is some int.

use std::cmp::Ordering;

use crate::syntax::ir::{Operator, UnaryOperator};

/// A known number. A bool counts as the int that it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// `int`, and `bool`.
    Int(i128),
    /// `float`.
    Float(f64),
    /// `complex`.
    Complex(f64, f64),
}

/// What computing gives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Computed {
    /// A number.
    Number(Number),
    /// Some int that is too large to be kept; it is not zero.
    LargeInt,
    /// Some float.
    SomeFloat,
    /// Some complex number.
    SomeComplex,
    /// Nothing: it raises.
    Raises,
    /// It is not modelled.
    Unknown,
}

/// Ints up to here are floats without being rounded.
const EXACT: u128 = 1 << 53;

/// Exponents and shifts past this are not computed.
const LARGEST_EXPONENT: i128 = 4096;

impl Number {
    /// Whether it counts as true: anything but zero does.
    #[must_use]
    pub fn is_true(self) -> bool {
        match self {
            Self::Int(number) => number != 0,
            Self::Float(number) => number != 0.0,
            Self::Complex(real, imaginary) => real != 0.0 || imaginary != 0.0,
        }
    }

    /// `hash(number)`, of whole numbers so small that their hash is the same on every machine; none for others (the library reference, "Hashing of
    /// numeric types").
    #[must_use]
    pub fn hash(self) -> Option<i128> {
        let whole = match self {
            Self::Int(number) => number,
            Self::Float(number) if number.fract() == 0.0 => rounded(number)?,
            Self::Float(_) | Self::Complex(..) => return None,
        };
        match whole {
            -1 => Some(-2),
            _ => (whole.abs() < 1 << 30).then_some(whole),
        }
    }

    /// As a float, if that is exact.
    fn as_float(self) -> Option<f64> {
        match self {
            #[expect(clippy::cast_precision_loss, reason = "it is exact up to there")]
            Self::Int(number) => (number.unsigned_abs() <= EXACT).then_some(number as f64),
            Self::Float(number) => Some(number),
            Self::Complex(..) => None,
        }
    }

    /// Which of two is less; none for complex numbers and NaN.
    #[must_use]
    pub fn order(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Int(a), Self::Int(b)) => Some(a.cmp(&b)),
            (Self::Float(a), Self::Float(b)) => a.partial_cmp(&b),
            (Self::Int(a), Self::Float(b)) => order_mixed(a, b),
            (Self::Float(a), Self::Int(b)) => order_mixed(b, a).map(Ordering::reverse),
            _ => None,
        }
    }

    /// Whether two are equal.
    #[must_use]
    #[expect(clippy::float_cmp, reason = "Python compares just so")]
    pub fn equals(self, other: Self) -> bool {
        match (self, other) {
            (Self::Complex(a, b), Self::Complex(c, d)) => a == c && b == d,
            (Self::Complex(real, imaginary), other) | (other, Self::Complex(real, imaginary)) => {
                imaginary == 0.0 && Self::Float(real).equals(other)
            }
            _ => self.order(other) == Some(Ordering::Equal),
        }
    }

    /// `-x`, `+x`, `~x`.
    #[must_use]
    pub fn alone(self, op: UnaryOperator) -> Computed {
        Computed::Number(match (op, self) {
            (UnaryOperator::Positive, number) => number,
            (UnaryOperator::Negative, Self::Int(number)) => match number.checked_neg() {
                Some(number) => Self::Int(number),
                None => return Computed::LargeInt,
            },
            (UnaryOperator::Invert, Self::Int(number)) => Self::Int(!number),
            (UnaryOperator::Negative, Self::Float(number)) => Self::Float(-number),
            (UnaryOperator::Negative, Self::Complex(a, b)) => Self::Complex(-a, -b),
            (UnaryOperator::Invert, _) => return Computed::Raises,
        })
    }

    /// `left op right`.
    #[must_use]
    pub fn operate(self, op: Operator, other: Self) -> Computed {
        match (self, other) {
            (Self::Int(a), Self::Int(b)) => of_ints(a, op, b),
            (Self::Complex(..), _) | (_, Self::Complex(..)) => of_complex(self, op, other),
            _ => match (self.as_float(), other.as_float()) {
                (Some(a), Some(b)) => of_floats(a, op, b),
                _ if is_for_ints(op) => Computed::Raises,
                _ => Computed::Unknown,
            },
        }
    }
}

/// An int beside a float, exactly: neither is rounded.
fn order_mixed(int: i128, float: f64) -> Option<Ordering> {
    if float.is_nan() {
        return None;
    }
    // 2 ** 127 and what is larger, the infinities too.
    if float.abs() >= 1.701_411_834_604_692_3e38 {
        return Some(if float > 0.0 {
            Ordering::Less
        } else {
            Ordering::Greater
        });
    }
    #[expect(clippy::cast_possible_truncation, reason = "it is whole, and fits")]
    let whole = float.trunc() as i128;
    Some(int.cmp(&whole).then_with(|| {
        0.0_f64
            .partial_cmp(&float.fract())
            .unwrap_or(Ordering::Equal)
    }))
}

/// Operators that floats do not have.
fn is_for_ints(op: Operator) -> bool {
    matches!(
        op,
        Operator::BitAnd
            | Operator::BitOr
            | Operator::BitXor
            | Operator::LShift
            | Operator::RShift
            | Operator::MatMul
    )
}

fn int(number: Option<i128>) -> Computed {
    number.map_or(Computed::LargeInt, |number| {
        Computed::Number(Number::Int(number))
    })
}

fn of_ints(a: i128, op: Operator, b: i128) -> Computed {
    match op {
        Operator::Add => int(a.checked_add(b)),
        Operator::Sub => int(a.checked_sub(b)),
        Operator::Mul => int(a.checked_mul(b)),
        Operator::FloorDiv | Operator::Mod | Operator::Div if b == 0 => Computed::Raises,
        Operator::FloorDiv => int(floor_quotient(a, b)),
        Operator::Mod => int(a.checked_rem(b).map(|rest| {
            if rest != 0 && (rest < 0) != (b < 0) {
                rest + b
            } else {
                rest
            }
        })),
        Operator::Div => match (Number::Int(a).as_float(), Number::Int(b).as_float()) {
            (Some(a), Some(b)) => Computed::Number(Number::Float(a / b)),
            _ => Computed::SomeFloat,
        },
        Operator::Pow if b < 0 => match (Number::Int(a).as_float(), Number::Int(b).as_float()) {
            (Some(a), Some(b)) => of_floats(a, op, b),
            _ => Computed::Unknown,
        },
        Operator::Pow if b > LARGEST_EXPONENT => match a {
            0 | 1 => int(Some(a)),
            -1 => int(Some(if b % 2 == 0 { 1 } else { -1 })),
            _ => Computed::LargeInt,
        },
        Operator::Pow => int(u32::try_from(b).ok().and_then(|b| a.checked_pow(b))),
        Operator::LShift | Operator::RShift if b < 0 => Computed::Raises,
        Operator::LShift if a == 0 => int(Some(0)),
        Operator::LShift if b >= 126 => Computed::LargeInt,
        Operator::LShift => int(a.checked_mul(1 << b)),
        Operator::RShift => int(Some(a >> b.min(127))),
        Operator::BitAnd => int(Some(a & b)),
        Operator::BitOr => int(Some(a | b)),
        Operator::BitXor => int(Some(a ^ b)),
        Operator::MatMul => Computed::Raises,
    }
}

/// Rounded down, as `//` does it.
fn floor_quotient(a: i128, b: i128) -> Option<i128> {
    let quotient = a.checked_div(b)?;
    let is_inexact = a.checked_rem(b)? != 0;
    Some(if is_inexact && (a < 0) != (b < 0) {
        quotient - 1
    } else {
        quotient
    })
}

fn of_floats(a: f64, op: Operator, b: f64) -> Computed {
    Computed::Number(Number::Float(match op {
        Operator::Add => a + b,
        Operator::Sub => a - b,
        Operator::Mul => a * b,
        Operator::Div | Operator::FloorDiv | Operator::Mod if b == 0.0 => return Computed::Raises,
        Operator::Div => a / b,
        Operator::Mod => float_modulo(a, b),
        Operator::FloorDiv => {
            let whole = (a - float_modulo(a, b)) / b;
            let floor = whole.floor();
            if whole - floor > 0.5 {
                floor + 1.0
            } else {
                floor
            }
        }
        Operator::Pow if a == 0.0 && b < 0.0 => return Computed::Raises,
        Operator::Pow if a < 0.0 && b.fract() != 0.0 => return Computed::SomeComplex,
        // Whole powers of small numbers are exact; the last digit of others is the C library's affair.
        Operator::Pow if b.fract() == 0.0 && b.abs() <= 64.0 => {
            #[expect(clippy::cast_possible_truncation, reason = "it is whole and small")]
            let power = a.powi(b as i32);
            if power.is_finite() && power.fract() == 0.0 && power.abs() <= 9e15 {
                power
            } else {
                return Computed::SomeFloat;
            }
        }
        Operator::Pow => return Computed::Unknown,
        _ => return Computed::Raises,
    }))
}

/// The remainder with the sign of the divisor.
fn float_modulo(a: f64, b: f64) -> f64 {
    let rest = a % b;
    if rest != 0.0 && (rest < 0.0) != (b < 0.0) {
        rest + b
    } else {
        rest
    }
}

fn of_complex(left: Number, op: Operator, right: Number) -> Computed {
    let parts = |number: Number| match number {
        Number::Complex(real, imaginary) => Some((real, imaginary)),
        other => other.as_float().map(|real| (real, 0.0)),
    };
    let (Some((a, b)), Some((c, d))) = (parts(left), parts(right)) else {
        return Computed::Unknown;
    };
    match op {
        Operator::Add => Computed::Number(Number::Complex(a + c, b + d)),
        Operator::Sub => Computed::Number(Number::Complex(a - c, b - d)),
        Operator::Mul => Computed::Number(Number::Complex(a * c - b * d, a * d + b * c)),
        Operator::Div if c == 0.0 && d == 0.0 => Computed::Raises,
        Operator::Div | Operator::Pow => Computed::SomeComplex,
        _ => Computed::Raises,
    }
}

/// `repr` of a float: the shortest text that reads back as the same one.
#[must_use]
pub fn float_text(number: f64) -> String {
    if number.is_nan() {
        return String::from("nan");
    }
    if number.is_infinite() {
        return String::from(if number > 0.0 { "inf" } else { "-inf" });
    }
    let scientific = format!("{number:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    match exponent.parse::<i32>() {
        Ok(exponent) if !(-4..16).contains(&exponent) => {
            let sign = if exponent < 0 { '-' } else { '+' };
            format!("{digits}e{sign}{:02}", exponent.abs())
        }
        _ => format!("{number:?}"),
    }
}

/// `repr` of a complex number: the parts as floats without a trailing `.0`, the real one left out if it is zero.
#[must_use]
pub fn complex_text(real: f64, imaginary: f64) -> String {
    let part = |number: f64| {
        let text = float_text(number);
        text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
    };
    if real == 0.0 && real.is_sign_positive() {
        return format!("{}j", part(imaginary));
    }
    let imaginary = part(imaginary);
    let sign = if imaginary.starts_with('-') { "" } else { "+" };
    format!("({}{sign}{imaginary}j)", part(real))
}

/// Rounded to a whole number, halves to the even one: `round(x)`.
#[must_use]
pub fn rounded(number: f64) -> Option<i128> {
    let whole = number.round_ties_even();
    #[expect(clippy::cast_possible_truncation, reason = "it is whole, and fits")]
    let int = whole as i128;
    (whole.abs() < 1e30).then_some(int)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn division_rounds_down() {
        for (a, b, quotient, rest) in [
            (7, 2, 3, 1),
            (-7, 2, -4, 1),
            (7, -2, -4, -1),
            (-7, -2, 3, -1),
        ] {
            assert_eq!(of_ints(a, Operator::FloorDiv, b), int(Some(quotient)));
            assert_eq!(of_ints(a, Operator::Mod, b), int(Some(rest)));
        }
        assert_eq!(of_ints(1, Operator::Mod, 0), Computed::Raises);
    }

    #[test]
    fn ints_and_floats_are_compared_exactly() {
        let large = Number::Int((1 << 53) + 1);
        assert_eq!(
            large.order(Number::Float(9_007_199_254_740_992.0)),
            Some(Ordering::Greater)
        );
        assert!(Number::Int(1).equals(Number::Float(1.0)));
        assert_eq!(
            Number::Int(1).order(Number::Float(1.5)),
            Some(Ordering::Less)
        );
        assert_eq!(
            Number::Int(-1).order(Number::Float(-1.5)),
            Some(Ordering::Greater)
        );
        assert_eq!(Number::Int(0).order(Number::Float(f64::NAN)), None);
        assert_eq!(
            Number::Int(0).order(Number::Float(f64::INFINITY)),
            Some(Ordering::Less)
        );
    }

    #[test]
    fn floats_are_shown_as_python_shows_them() {
        for (number, text) in [
            (1.0, "1.0"),
            (0.1, "0.1"),
            (1e16, "1e+16"),
            (1e-5, "1e-05"),
            (123_456.75, "123456.75"),
            (-0.0, "-0.0"),
            (1.5e300, "1.5e+300"),
        ] {
            assert_eq!(float_text(number), text);
        }
    }

    #[test]
    fn halves_are_rounded_to_the_even_number() {
        assert_eq!(
            [0.5, 1.5, 2.5, -0.5].map(rounded),
            [Some(0), Some(2), Some(2), Some(0)]
        );
    }
}
