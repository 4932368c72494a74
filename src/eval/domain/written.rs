//! Values as CPython writes them into a text.

use crate::name::Name;
use crate::syntax::ir::{Expr, ExprKind, JoinedPart, Operator};

use crate::eval::Evaluator;
use crate::eval::domain::fold::LONGEST;
use crate::eval::domain::state::{Form, Object};
use crate::eval::domain::value::{ClassRef, Data, Value};
use crate::eval::exceptions::exception::repr;
use crate::eval::interpreter::frame::Frame;
use crate::eval::objects::mro::Ancestor;

/// What stands for a part of a text that is not known.
pub const UNKNOWN_TEXT: &str = "…";

/// How many items of containers are written out: values share their parts, so that what is written may be exponentially longer than they are.
const ITEMS: usize = 64;

impl<'p> Evaluator<'p> {
    /// The text that an expression makes; what is not known of it is [`UNKNOWN_TEXT`].
    pub fn text_made_by(&mut self, frame: &mut Frame<'p>, expr: &'p Expr) -> String {
        let mut text = String::new();
        self.write(frame, expr, &mut text);
        text
    }

    fn write(&mut self, frame: &mut Frame<'p>, expr: &'p Expr, text: &mut String) {
        match &expr.kind {
            ExprKind::Joined(parts) => {
                for part in parts {
                    match part {
                        JoinedPart::Literal(literal) => text.push_str(literal),
                        JoinedPart::Value {
                            value, plain: true, ..
                        } => self.write(frame, value, text),
                        JoinedPart::Value { .. } => push_unknown(text),
                    }
                }
            }
            ExprKind::Binary {
                left,
                op: Operator::Add,
                right,
            } => {
                self.write(frame, left, text);
                self.write(frame, right, text);
            }
            _ => {
                let value = self.expression(frame, expr);
                let shown = match self.data(value) {
                    Data::Str(known) => Some(known.to_string()),
                    // A mixin may write it otherwise.
                    Data::Member { .. } => None,
                    _ => self.repr_of(frame, value),
                };
                match shown {
                    Some(shown) => text.push_str(&shown),
                    None => push_unknown(text),
                }
            }
        }
    }

    /// `repr(value)`, of plain data, enum members whose value is known, and tuples and lists of these; none if it is not known.
    pub fn repr_of(&self, frame: &Frame<'p>, value: Value) -> Option<String> {
        self.repr_within(frame, value, &mut ITEMS.clone())
    }

    /// The same with as many items as there is room for.
    fn repr_within(&self, frame: &Frame<'p>, value: Value, room: &mut usize) -> Option<String> {
        let mut all = |items: &[Value]| -> Option<String> {
            *room = room.checked_sub(items.len() + 1)?;
            let texts = items
                .iter()
                .map(|&item| self.repr_within(frame, item, room));
            Some(texts.collect::<Option<Vec<String>>>()?.join(", "))
        };
        Some(match self.data(value) {
            Data::Str(text) => repr(text),
            Data::Bytes(bytes) => bytes_repr(bytes),
            Data::Range {
                start,
                stop,
                step: 1,
            } => format!("range({start}, {stop})"),
            Data::Range { start, stop, step } => format!("range({start}, {stop}, {step})"),
            Data::Member { .. } => self.member_repr(value)?,
            Data::Tuple(items) if items.len() == 1 => format!("({},)", all(items)?),
            Data::Tuple(items) => format!("({})", all(items)?),
            Data::Local(id) => match frame.state.object(*id) {
                Object::Dict(dict)
                    if dict.rest.is_none()
                        && !dict.is_subtype
                        && dict.entries.iter().all(|entry| entry.certain) =>
                {
                    let mut texts = Vec::with_capacity(dict.entries.len());
                    for entry in &dict.entries {
                        texts.push(all(&[entry.key])? + ": " + &all(&[entry.value])?);
                    }
                    format!("{{{}}}", texts.join(", "))
                }
                Object::Set(set) if set.rest.is_none() && set.items.len() <= 1 => {
                    match (set.form, set.items.is_empty()) {
                        (Form::Frozen, true) => String::from("frozenset()"),
                        (Form::Frozen, false) => format!("frozenset({{{}}})", all(&set.items)?),
                        (_, true) => String::from("set()"),
                        _ => format!("{{{}}}", all(&set.items)?),
                    }
                }
                Object::List(list) if list.rest.is_none() && list.form == Form::Plain => {
                    format!("[{}]", all(&list.items)?)
                }
                _ => return None,
            },
            &Data::Instance {
                class,
                data: Some(data),
                ..
            } if !self.writes_itself(class) => match self.named_tuple_fields(class) {
                Some(fields) => {
                    let names: Vec<Name> = fields.keys().copied().collect();
                    self.fields_within(
                        frame,
                        self.class(class).definition.name,
                        &names,
                        data,
                        room,
                    )?
                }
                None => self.repr_within(frame, data, room)?,
            },
            &Data::Made { class, data } => match self.data(class) {
                Data::NamedTuple(named) => {
                    self.fields_within(frame, named.name, &named.fields, data, room)?
                }
                Data::External(name) => {
                    let Data::Tuple(arguments) = self.data(data) else {
                        return None;
                    };
                    let name = name.rsplit('.').next().unwrap_or_default();
                    format!("{name}({})", all(arguments)?)
                }
                _ => return None,
            },
            _ => self.values.str_of(value)?,
        })
    }

    /// `Point(x=1, y=2)`.
    fn fields_within(
        &self,
        frame: &Frame<'p>,
        class: Name,
        fields: &[Name],
        items: Value,
        room: &mut usize,
    ) -> Option<String> {
        let Data::Tuple(items) = self.data(items) else {
            return None;
        };
        *room = room.checked_sub(items.len() + 1)?;
        let mut texts = Vec::with_capacity(items.len());
        for (field, &item) in fields.iter().zip(items.iter()) {
            texts.push(format!("{field}={}", self.repr_within(frame, item, room)?));
        }
        Some(format!("{class}({})", texts.join(", ")))
    }

    /// Whether a class of the tree says how its instances are written.
    fn writes_itself(&self, class: ClassRef) -> bool {
        let methods = ["__str__", "__repr__", "__format__"].map(Name::new);
        methods
            .iter()
            .any(|&method| self.is_stored_elsewhere(method))
            || self.class(class).mro.iter().any(|ancestor| match ancestor {
                Ancestor::Tree(class) => {
                    let namespace = &self.class(*class).namespace;
                    methods.iter().any(|method| namespace.contains_key(method))
                }
                Ancestor::External(_) => false,
                Ancestor::Unknown => true,
            })
    }

    /// `str(value)`; none if it is not known.
    pub fn text_of(&self, frame: &Frame<'p>, value: Value) -> Option<String> {
        match self.data(value) {
            // Its class may write it otherwise.
            Data::Member { .. } => None,
            Data::Str(text) => Some(text.as_str().to_owned()),
            &Data::Instance {
                class,
                data: Some(data),
                ..
            } if self.values.as_str(data).is_some() && !self.writes_itself(class) => {
                self.text_of(frame, data)
            }
            &Data::Made { class, data } => match (self.data(class), self.data(data)) {
                (Data::External(name), Data::Tuple(arguments)) => match **arguments {
                    [] => Some(String::new()),
                    [only] if name.as_str() != "builtins.KeyError" => self.text_of(frame, only),
                    [only] => self.repr_of(frame, only),
                    _ => self.repr_of(frame, data),
                },
                _ => self.repr_of(frame, value),
            },
            _ => self.repr_of(frame, value),
        }
    }

    /// `'%s is %d' % (a, b)` of what is known; none if it is not.
    pub fn percent(&self, frame: &Frame<'p>, format: Name, given: Value) -> Option<String> {
        let given: Vec<Value> = match self.data(given) {
            Data::Tuple(items) => items.to_vec(),
            _ => vec![given],
        };
        let mut given = given.into_iter();
        let mut result = String::new();
        let mut rest = format.as_str();
        while let Some(at) = rest.find('%') {
            result.push_str(&rest[..at]);
            let kind = rest[at + 1..].chars().next()?;
            rest = &rest[at + 1 + kind.len_utf8()..];
            match kind {
                '%' => result.push('%'),
                's' => {
                    let value = given.next()?;
                    result.push_str(&self.text_of(frame, value)?);
                }
                'd' => {
                    let value = given.next()?;
                    result.push_str(&self.values.as_int(value)?.to_string());
                }
                _ => return None,
            }
            if result.len() > LONGEST {
                return None;
            }
        }
        result.push_str(rest);
        given.next().is_none().then_some(result)
    }
}

/// `repr` of bytes, each given as the character of that number.
fn bytes_repr(bytes: &str) -> String {
    let quote = if bytes.contains('\'') && !bytes.contains('"') {
        '"'
    } else {
        '\''
    };
    let mut out = format!("b{quote}");
    for ch in bytes.chars() {
        match ch {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            ch if ch == quote => out.extend(['\\', ch]),
            ' '..='~' => out.push(ch),
            ch => out.extend(format!("\\x{:02x}", u32::from(ch)).chars()),
        }
    }
    out.push(quote);
    out
}

fn push_unknown(text: &mut String) {
    if !text.ends_with(UNKNOWN_TEXT) {
        text.push_str(UNKNOWN_TEXT);
    }
}
