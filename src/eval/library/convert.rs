//! The builtin functions that compute: `int`, `max`, `sorted`, `round` and the like, on what is known (the library reference, "Built-in Functions").

use std::cmp::Ordering;

use crate::syntax::ir::Operator;

use crate::eval::Evaluator;
use crate::eval::calls::arguments::Actual;
use crate::eval::domain::fold::{Folded, LONGEST};
use crate::eval::domain::kind::Kind;
use crate::eval::domain::number::{Number, rounded};
use crate::eval::domain::state::{Form, Object, Sequence};
use crate::eval::domain::truth::Truth;
use crate::eval::domain::types::range_length;
use crate::eval::domain::value::{Data, Value};
use crate::eval::interpreter::frame::Frame;

/// How many items are sorted, summed or searched for the largest.
const ITEMS: usize = 64;

/// How deep containers in containers are compared.
const DEPTH: u32 = 4;

impl<'p> Evaluator<'p> {
    /// Calls a builtin function that computes; `name` is without its module.
    pub fn compute(&mut self, frame: &mut Frame<'p>, name: &str, actual: &Actual) -> Value {
        let folded = if actual.more_positionals || actual.rest.is_some() {
            Folded::Unknown
        } else {
            self.computed_by(frame, name, actual)
        };
        let known = self.computed(frame, folded);
        known.unwrap_or_else(|| match kind_of_result(name) {
            Some(kind) => self.values.of(kind),
            None => Value::UNKNOWN,
        })
    }

    fn computed_by(&mut self, frame: &mut Frame<'p>, name: &str, actual: &Actual) -> Folded {
        let plain = actual.keywords.is_empty();
        match (name, actual.positionals.as_slice()) {
            ("min" | "max", _) => self.extreme(frame, name == "max", actual),
            ("sum", [items]) if plain => self.sum(frame, *items, None),
            ("sum", [items, start]) if plain => self.sum(frame, *items, Some(*start)),
            (_, _) if !plain => Folded::Unknown,
            ("int", []) => Folded::Value(self.values.int(0)),
            ("float", []) => Folded::Value(self.values.float(0.0)),
            ("bool", []) => Folded::Value(Value::FALSE),
            ("bytearray", _) => Folded::Perhaps(self.values.of(Kind::ByteArray)),
            // Nothing lives at the address 0.
            ("id", [_]) => Folded::Value(self.values.truthy(Kind::Int)),
            ("hash", [value]) => match self.values.as_number(*value).and_then(Number::hash) {
                Some(hash) => Folded::Value(self.values.int(hash)),
                None => Folded::Unknown,
            },
            ("bytes", []) => Folded::Value(self.values.bytes("")),
            ("complex", []) => Folded::Value(self.values.number(Number::Complex(0.0, 0.0))),
            ("bool", [value]) => match self.truth_asked(frame, *value) {
                Truth::Unknown => Folded::Unknown,
                truth => Folded::Value(Value::bool(truth == Truth::True)),
            },
            ("range", arguments) => self.range(arguments),
            ("slice", &[stop]) => Folded::Value(
                self.values
                    .intern(Data::Slice([Value::NONE, stop, Value::NONE].into())),
            ),
            ("slice", &[start, stop]) => Folded::Value(
                self.values
                    .intern(Data::Slice([start, stop, Value::NONE].into())),
            ),
            ("slice", &[start, stop, step]) => {
                Folded::Value(self.values.intern(Data::Slice([start, stop, step].into())))
            }
            ("reversed", [value]) => match self.known_items(frame, *value) {
                Some(mut items) => {
                    items.reverse();
                    let sequence = Sequence::of(items).in_form(Form::Iterator(""));
                    Folded::Value(self.new_list(frame, sequence))
                }
                None => self.iterator_over(frame, *value),
            },
            ("iter", [value]) => match self.known_items(frame, *value) {
                Some(items) => {
                    let sequence = Sequence::of(items).in_form(Form::Iterator(""));
                    Folded::Value(self.new_list(frame, sequence))
                }
                None => self.iterator_over(frame, *value),
            },
            ("bytes", [value]) => self.to_bytes(frame, *value),
            ("repr" | "ascii", [value]) => match self.repr_of(frame, *value) {
                Some(text) if name == "repr" || text.is_ascii() => {
                    Folded::Value(self.values.text(&text))
                }
                _ => Folded::Unknown,
            },
            (_, arguments) => {
                let arguments: Vec<Value> = arguments
                    .iter()
                    .map(|&argument| self.plain_or_self(argument))
                    .collect();
                self.computed_plainly(name, &arguments)
            }
        }
    }

    /// An iterator over a container of which it is not known how many items it has: what is done to one of them is done to one of the container's.
    fn iterator_over(&mut self, frame: &mut Frame<'p>, container: Value) -> Folded {
        let any = self.any_item(frame, container);
        if any == Value::UNKNOWN {
            return Folded::Unknown;
        }
        let sequence = Sequence::of_any(any).in_form(Form::Iterator(""));
        Folded::Perhaps(self.new_list(frame, sequence))
    }

    /// Of numbers and texts alone.
    fn computed_plainly(&mut self, name: &str, arguments: &[Value]) -> Folded {
        match (name, arguments) {
            ("int", [value]) => self.to_int(*value),
            ("int", [text, base]) => match (self.values.as_str(*text), self.values.as_int(*base)) {
                (Some(text), Some(base)) => match parse_int(&text, base) {
                    Parsed::Number(number) => Folded::Value(self.values.int(number)),
                    Parsed::TooLarge => Folded::Value(self.values.truthy(Kind::Int)),
                    Parsed::Invalid => Folded::Raises,
                },
                _ => Folded::Unknown,
            },
            ("float", [value]) => self.to_float(*value),
            ("abs", [value]) => match self.values.as_number(*value) {
                Some(Number::Int(number)) => Folded::Value(self.values.int(number.abs())),
                Some(Number::Float(number)) => Folded::Value(self.values.float(number.abs())),
                Some(Number::Complex(..)) => Folded::Value(self.values.of(Kind::Float)),
                None => match self.values.plain_kind(*value) {
                    Some(Kind::Int | Kind::Bool) => Folded::Value(self.values.of(Kind::Int)),
                    Some(Kind::Float | Kind::Complex) => Folded::Value(self.values.of(Kind::Float)),
                    _ => Folded::Unknown,
                },
            },
            ("round", [value]) => match self.values.as_number(*value) {
                Some(Number::Int(number)) => Folded::Value(self.values.int(number)),
                Some(Number::Float(number)) => match rounded(number) {
                    Some(number) => Folded::Value(self.values.int(number)),
                    None => Folded::Unknown,
                },
                _ => Folded::Unknown,
            },
            ("divmod", [left, right]) => {
                let quotient = self.values.fold(*left, Operator::FloorDiv, *right);
                let rest = self.values.fold(*left, Operator::Mod, *right);
                match (quotient, rest, self.values.as_number(*left)) {
                    (Folded::Value(quotient), Folded::Value(rest), Some(_)) => {
                        Folded::Value(self.values.tuple(vec![quotient, rest]))
                    }
                    _ => Folded::Unknown,
                }
            }
            ("pow", [left, right]) => self.values.fold(*left, Operator::Pow, *right),
            ("ord", [value]) => match self.data(*value) {
                Data::Str(text) | Data::Bytes(text) => {
                    let mut chars = text.chars();
                    match (chars.next(), chars.next()) {
                        (Some(ch), None) => {
                            Folded::Value(self.values.int(i128::from(u32::from(ch))))
                        }
                        _ => Folded::Raises,
                    }
                }
                _ => Folded::Unknown,
            },
            ("chr", [value]) => {
                let number = self
                    .values
                    .as_int(*value)
                    .and_then(|number| u32::try_from(number).ok());
                match number.and_then(char::from_u32) {
                    Some(ch) => Folded::Value(self.values.text(&ch.to_string())),
                    None => Folded::Unknown,
                }
            }
            ("hex" | "oct" | "bin", [value]) => match self.values.as_int(*value) {
                Some(number) => {
                    let (sign, size) = (if number < 0 { "-" } else { "" }, number.unsigned_abs());
                    let text = match name {
                        "hex" => format!("{sign}{size:#x}"),
                        "oct" => format!("{sign}{size:#o}"),
                        _ => format!("{sign}{size:#b}"),
                    };
                    Folded::Value(self.values.text(&text))
                }
                None => Folded::Unknown,
            },
            ("format", [value]) => match self.values.str_of(*value) {
                Some(text) => Folded::Value(self.values.text(&text)),
                None => Folded::Unknown,
            },
            _ => Folded::Unknown,
        }
    }

    fn to_int(&mut self, value: Value) -> Folded {
        let int = |evaluator: &mut Self, kind_is_true: bool| {
            if kind_is_true {
                evaluator.values.truthy(Kind::Int)
            } else {
                evaluator.values.of(Kind::Int)
            }
        };
        match self.values.as_number(value) {
            Some(Number::Int(number)) => return Folded::Value(self.values.int(number)),
            Some(Number::Float(number)) => {
                return match rounded(number.trunc()) {
                    Some(number) => Folded::Value(self.values.int(number)),
                    None if number.is_finite() => Folded::Value(int(self, true)),
                    None => Folded::Raises,
                };
            }
            Some(Number::Complex(..)) => return Folded::Raises,
            None => {}
        }
        match self.data(value) {
            Data::BigInt(_) => Folded::Value(value),
            Data::Str(text) | Data::Bytes(text) => match parse_int(text, 10) {
                Parsed::Number(number) => Folded::Value(self.values.int(number)),
                Parsed::TooLarge => Folded::Value(int(self, true)),
                Parsed::Invalid => Folded::Raises,
            },
            Data::Truthy(Kind::Int) => Folded::Value(value),
            _ => match self.values.plain_kind(value) {
                Some(Kind::Int | Kind::Bool) => Folded::Value(int(self, false)),
                Some(Kind::NoneType | Kind::Tuple | Kind::Range) => Folded::Raises,
                _ => Folded::Perhaps(int(self, false)),
            },
        }
    }

    fn to_float(&mut self, value: Value) -> Folded {
        if let Some(number) = self.values.as_number(value) {
            return match number {
                #[expect(clippy::cast_precision_loss, reason = "exact up to there")]
                Number::Int(number) if number.unsigned_abs() <= 1 << 53 => {
                    Folded::Value(self.values.float(number as f64))
                }
                Number::Float(number) => Folded::Value(self.values.float(number)),
                Number::Int(_) => Folded::Perhaps(self.values.of(Kind::Float)),
                Number::Complex(..) => Folded::Raises,
            };
        }
        match self.data(value) {
            Data::Str(text) | Data::Bytes(text) => {
                let text = text.trim();
                match text.parse::<f64>() {
                    Ok(number) => Folded::Value(self.values.float(number)),
                    Err(_) if text.contains('_') => Folded::Unknown,
                    Err(_) => Folded::Raises,
                }
            }
            _ => match self.values.plain_kind(value) {
                Some(Kind::Int | Kind::Bool | Kind::Float) => {
                    Folded::Value(self.values.of(Kind::Float))
                }
                Some(Kind::NoneType | Kind::Tuple | Kind::Range) => Folded::Raises,
                _ => Folded::Perhaps(self.values.of(Kind::Float)),
            },
        }
    }

    fn to_bytes(&mut self, frame: &Frame<'p>, value: Value) -> Folded {
        match self.data(value) {
            Data::Bytes(_) => return Folded::Value(value),
            Data::Str(_) => return Folded::Raises,
            _ => {}
        }
        if let Some(count) = self.values.as_int(value) {
            return match usize::try_from(count) {
                Ok(count) if count <= LONGEST => {
                    Folded::Value(self.values.bytes(&"\0".repeat(count)))
                }
                Ok(_) => Folded::Perhaps(self.values.truthy(Kind::Bytes)),
                Err(_) => Folded::Raises,
            };
        }
        let bytes: Option<String> = self.known_items(frame, value).and_then(|items| {
            let bytes = items.iter().map(|&item| {
                let byte = self.values.as_int(item)?;
                u8::try_from(byte).ok().map(char::from)
            });
            bytes.collect()
        });
        match bytes {
            Some(bytes) => Folded::Value(self.values.bytes(&bytes)),
            None => Folded::Unknown,
        }
    }

    fn range(&mut self, arguments: &[Value]) -> Folded {
        let mut numbers = [0, 0, 1];
        let places: &[usize] = match arguments.len() {
            1 => &[1],
            2 => &[0, 1],
            3 => &[0, 1, 2],
            _ => return Folded::Raises,
        };
        for (&place, &argument) in places.iter().zip(arguments) {
            let number = self.values.as_int(argument).map(i64::try_from);
            match (number, self.values.plain_kind(argument)) {
                (Some(Ok(number)), _) => numbers[place] = number,
                (_, Some(Kind::Int | Kind::Bool)) => {
                    return Folded::Perhaps(self.values.of(Kind::Range));
                }
                (_, Some(Kind::NoneType | Kind::Str | Kind::Float | Kind::Tuple)) => {
                    return Folded::Raises;
                }
                _ => return Folded::Perhaps(self.values.of(Kind::Range)),
            }
        }
        let [start, stop, step] = numbers;
        if step == 0 {
            return Folded::Raises;
        }
        Folded::Value(self.values.intern(Data::Range { start, stop, step }))
    }

    fn extreme(&mut self, frame: &Frame<'p>, largest: bool, actual: &Actual) -> Folded {
        let items = match actual.positionals.as_slice() {
            [] => return Folded::Raises,
            [items] => match self.known_items(frame, *items) {
                Some(items) => items,
                None => return Folded::Unknown,
            },
            items => items.to_vec(),
        };
        let keyword = |name: &str| {
            actual
                .keywords
                .iter()
                .find(|keyword| keyword.name.as_str() == name)
        };
        if let ([], Some(default)) = (items.as_slice(), keyword("default")) {
            return Folded::Value(default.value);
        }
        let Some((&first, rest)) = items.split_first().filter(|_| items.len() <= ITEMS) else {
            return if items.is_empty() {
                Folded::Raises
            } else {
                Folded::Unknown
            };
        };
        let wanted = if largest {
            Ordering::Greater
        } else {
            Ordering::Less
        };
        let mut best = first;
        for &item in rest {
            if keyword("key").is_some() {
                return Folded::Perhaps(self.any_of(&items));
            }
            match self.order(frame, item, best, DEPTH) {
                Some(Some(order)) => {
                    if order == wanted {
                        best = item;
                    }
                }
                Some(None) | None => return Folded::Perhaps(self.any_of(&items)),
            }
        }
        Folded::Value(best)
    }

    fn any_of(&mut self, items: &[Value]) -> Value {
        let members = items
            .iter()
            .flat_map(|&item| self.values.alternatives(item))
            .collect();
        self.values.union(members)
    }

    fn sum(&mut self, frame: &Frame<'p>, items: Value, start: Option<Value>) -> Folded {
        let Some(items) = self
            .known_items(frame, items)
            .filter(|items| items.len() <= ITEMS)
        else {
            return Folded::Unknown;
        };
        let mut sum = match start {
            Some(start) => start,
            None => self.values.int(0),
        };
        let mut is_certain = true;
        for item in items {
            match self.values.fold(sum, Operator::Add, item) {
                Folded::Value(value) => sum = value,
                Folded::Perhaps(value) => {
                    is_certain = false;
                    sum = value;
                }
                other => return other,
            }
        }
        if is_certain {
            Folded::Value(sum)
        } else {
            Folded::Perhaps(sum)
        }
    }

    /// The items in order; none if that is not known.
    pub fn in_order(&mut self, frame: &Frame<'p>, items: &[Value]) -> Option<Vec<Value>> {
        if items.len() > ITEMS {
            return None;
        }
        let mut sorted: Vec<Value> = Vec::with_capacity(items.len());
        for &item in items {
            let mut at = sorted.len();
            while at > 0 {
                match self.order(frame, item, sorted[at - 1], DEPTH)?? {
                    Ordering::Less => at -= 1,
                    _ => break,
                }
            }
            sorted.insert(at, item);
        }
        Some(sorted)
    }

    /// `len(value)`; none: it is not known.
    pub fn length(&mut self, frame: &Frame<'p>, value: Value) -> Option<(usize, Option<usize>)> {
        let one = |length: usize| Some((length, Some(length)));
        let value = self.plain_or_self(value);
        match self.data(value) {
            Data::Tuple(items) => one(items.len()),
            Data::Str(text) | Data::Bytes(text) => one(text.chars().count()),
            &Data::Range { start, stop, step } => {
                one(usize::try_from(range_length(start, stop, step)).ok()?)
            }
            Data::Local(_) | Data::Shared(_) => match self.object_of(frame, value).as_deref() {
                // It has none.
                Some(Object::List(sequence))
                    if matches!(sequence.form, Form::Iterator(_) | Form::Generator) =>
                {
                    None
                }
                _ => self.object_size(frame, value),
            },
            Data::Union(members) => {
                let members: Vec<Value> = members.to_vec();
                let bound = members.into_iter().filter(|&one| one != Value::UNBOUND);
                let lengths: Option<Vec<_>> =
                    bound.map(|member| self.length(frame, member)).collect();
                let either = |(least, most): (usize, Option<usize>), (other, further)| {
                    let most = most.zip(further).map(|(a, b): (usize, usize)| a.max(b));
                    (least.min(other), most)
                };
                lengths?.into_iter().reduce(either)
            }
            _ => None,
        }
    }
}

/// Whether a builtin function gives a value of one type, whatever it gets.
#[must_use]
pub fn gives_one_type(name: &str) -> bool {
    matches!(name, "len" | "str") || kind_of_result(name).is_some()
}

/// What a function gives whatever it gets, if it gives anything.
fn kind_of_result(name: &str) -> Option<Kind> {
    Some(match name {
        "int" | "ord" | "hash" | "id" => Kind::Int,
        "float" => Kind::Float,
        "complex" => Kind::Complex,
        "bool" => Kind::Bool,
        "bytes" => Kind::Bytes,
        "bytearray" => Kind::ByteArray,
        "range" => Kind::Range,
        "repr" | "ascii" | "chr" | "hex" | "oct" | "bin" | "format" => Kind::Str,
        _ => return None,
    })
}

/// What a text is as an int.
enum Parsed {
    Number(i128),
    TooLarge,
    Invalid,
}

/// `int(text, base)`: spaces around, a sign, a prefix that fits the base, single underscores between digits.
fn parse_int(text: &str, base: i128) -> Parsed {
    let text = text.trim();
    let (negative, digits) = match text.strip_prefix(['+', '-']) {
        Some(digits) => (text.starts_with('-'), digits),
        None => (false, text),
    };
    let lower = digits.to_ascii_lowercase();
    let (radix, digits) = match (base, lower.get(..2)) {
        (0 | 16, Some("0x")) => (16, &lower[2..]),
        (0 | 8, Some("0o")) => (8, &lower[2..]),
        (0 | 2, Some("0b")) => (2, &lower[2..]),
        (0, _) => (10, lower.as_str()),
        (2..=36, _) => (u32::try_from(base).unwrap_or(10), lower.as_str()),
        _ => return Parsed::Invalid,
    };
    let is_well_formed = !digits.is_empty()
        && !digits.starts_with('_')
        && !digits.ends_with('_')
        && !digits.contains("__")
        && digits.chars().all(|ch| ch == '_' || ch.is_digit(radix));
    if !is_well_formed {
        return Parsed::Invalid;
    }
    match i128::from_str_radix(&digits.replace('_', ""), radix) {
        Ok(number) => Parsed::Number(if negative { -number } else { number }),
        Err(_) => Parsed::TooLarge,
    }
}
