//! Format strings against what is put into them: `'%s %s' % (a,)`, `'{} {}'.format(a)`, `f'{text:d}'`.

use crate::facts::FailureKind;
use crate::syntax::ir::Range;

use crate::eval::Evaluator;
use crate::eval::calls::arguments::Actual;
use crate::eval::domain::kind::Kind;
use crate::eval::domain::state::{Dict, Object};
use crate::eval::domain::value::{Data, Value};
use crate::eval::exceptions::exception::repr;
use crate::eval::interpreter::frame::Frame;
use crate::eval::interpreter::operation::Wrong;
use crate::eval::library::format::{self, Wanted};

impl<'p> Evaluator<'p> {
    /// `format % given`.
    pub fn check_percent(
        &mut self,
        frame: &mut Frame<'p>,
        range: Range,
        format: Value,
        given: Value,
    ) {
        let Data::Str(text) = *self.data(format) else {
            return;
        };
        if !self.is_graph()
            && let Some(exception) = self.percent_error(frame, text.as_str(), given)
        {
            self.wrong_format(frame, range, exception);
        }
    }

    fn wrong_format(&mut self, frame: &mut Frame<'p>, range: Range, exception: String) {
        let wrong = Wrong {
            kind: FailureKind::FormatMismatch,
            exception,
            subject: "format",
            note: "formats",
        };
        self.wrong_operation(frame, range, wrong);
    }

    /// Why `text % given` fails.
    pub fn percent_error(&mut self, frame: &Frame<'p>, text: &str, given: Value) -> Option<String> {
        let read = format::percent(text);
        if read.conversions.iter().any(|one| one.key.is_some()) {
            return self.keyed_error(frame, &read, given);
        }
        // An object that is no tuple is one argument, and a tuple is several.
        let items = match self.data(given).clone() {
            Data::Tuple(items) => items.to_vec(),
            _ => match self.exact_kind(frame, given)? {
                Kind::Tuple => return None,
                _ => vec![given],
            },
        };
        let mut rest = items.iter();
        for conversion in &read.conversions {
            let Some(&item) = rest.next() else {
                return Some(String::from(
                    "TypeError: not enough arguments for format string",
                ));
            };
            if let Some(error) = self.conversion_error(frame, conversion.letter, item) {
                return Some(error);
            }
        }
        if read.error.is_some() {
            return read.error;
        }
        let is_mapping = !matches!(self.data(given), Data::Tuple(_))
            && !matches!(
                self.exact_kind(frame, given),
                Some(Kind::Str | Kind::Bool | Kind::Int | Kind::Float | Kind::NoneType)
            );
        (rest.next().is_some() && !is_mapping).then(|| {
            String::from("TypeError: not all arguments converted during string formatting")
        })
    }

    fn keyed_error(
        &mut self,
        frame: &Frame<'p>,
        read: &format::Percent,
        given: Value,
    ) -> Option<String> {
        let kind = self.exact_kind(frame, given)?;
        let first = read.conversions.first()?;
        first.key.as_ref()?;
        if matches!(
            kind,
            Kind::NoneType | Kind::Bool | Kind::Int | Kind::Float | Kind::Str | Kind::Tuple
        ) {
            return Some(String::from("TypeError: format requires a mapping"));
        }
        let object = self.object_of(frame, given)?;
        let Object::Dict(dict) = &*object else {
            return None;
        };
        for conversion in &read.conversions {
            let key = conversion.key.as_ref()?;
            let Some(value) = self.entry_of(dict, key) else {
                return is_whole(dict).then(|| format!("KeyError: {}", repr(key)));
            };
            if let Some(error) = self.conversion_error(frame, conversion.letter, value) {
                return Some(error);
            }
        }
        None
    }

    /// The value of a key that is a text.
    fn entry_of(&self, dict: &Dict, key: &str) -> Option<Value> {
        let is_key = |known| {
            self.values
                .as_str(known)
                .is_some_and(|text| text.as_str() == key)
        };
        let entry = dict.entries.iter().find(|entry| is_key(entry.key))?;
        Some(entry.value)
    }

    /// What is raised where a value of this type has no such conversion.
    fn conversion_error(&mut self, frame: &Frame<'p>, letter: char, item: Value) -> Option<String> {
        let mut first = None;
        for alternative in self.values.alternatives(item) {
            let kind = self.exact_kind(frame, alternative)?;
            let name = kind.name()?;
            let is_number = matches!(kind, Kind::Bool | Kind::Int | Kind::Float);
            let is_other = matches!(
                kind,
                Kind::NoneType | Kind::Str | Kind::Bytes | Kind::List | Kind::Dict | Kind::Tuple
            );
            let error = match letter {
                'd' | 'i' | 'u' if is_other => {
                    format!("TypeError: %{letter} format: a real number is required, not {name}")
                }
                'o' | 'x' | 'X' if is_other || kind == Kind::Float => {
                    format!("TypeError: %{letter} format: an integer is required, not {name}")
                }
                'e' | 'E' | 'f' | 'F' | 'g' | 'G' if is_other && !is_number => {
                    format!("TypeError: must be real number, not {name}")
                }
                _ => return None,
            };
            first = first.or(Some(error));
        }
        first
    }

    /// `'..'.format(a, k=b)`.
    pub fn check_format(
        &mut self,
        frame: &mut Frame<'p>,
        range: Range,
        text: &str,
        actual: &Actual,
    ) {
        if self.is_graph() {
            return;
        }
        if let Some(exception) = self.format_error(frame, text, actual) {
            self.wrong_format(frame, range, exception);
        }
    }

    fn format_error(&mut self, frame: &Frame<'p>, text: &str, actual: &Actual) -> Option<String> {
        let read = format::fields(text);
        for field in &read.all {
            let value = match &field.wanted {
                Wanted::Place(place) => match actual.positionals.get(*place) {
                    Some(&value) => value,
                    None if actual.more_positionals => return None,
                    None => {
                        return Some(format!(
                            "IndexError: Replacement index {place} out of range for positional args tuple"
                        ));
                    }
                },
                Wanted::Key(key) => match actual.keyword(key) {
                    Some(value) => value,
                    None if actual.rest.is_some() => return None,
                    None => return Some(format!("KeyError: {}", repr(key))),
                },
            };
            if let Some(spec) = &field.spec
                && let Some(error) = self.spec_error(frame, spec, value)
            {
                return Some(error);
            }
        }
        read.error
    }

    /// `f'{value:spec}'`.
    pub fn check_spec(&mut self, frame: &mut Frame<'p>, range: Range, spec: &str, value: Value) {
        if self.is_graph() {
            return;
        }
        if let Some(exception) = self.spec_error(frame, spec, value) {
            self.wrong_format(frame, range, exception);
        }
    }

    /// What is raised where a value of this type is not formatted so.
    fn spec_error(&mut self, frame: &Frame<'p>, spec: &str, value: Value) -> Option<String> {
        if spec.is_empty() {
            return None;
        }
        let letter = format::presentation(spec);
        let mut first = None;
        for alternative in self.values.alternatives(value) {
            let kind = self.exact_kind(frame, alternative)?;
            let name = kind.name()?;
            let takes = match kind {
                Kind::Str => "s",
                Kind::Bool | Kind::Int => "bcdeEfFgGnoxX%",
                Kind::Float => "eEfFgGn%",
                Kind::NoneType
                | Kind::List
                | Kind::Dict
                | Kind::Tuple
                | Kind::Set
                | Kind::FrozenSet
                | Kind::Bytes
                | Kind::Range
                | Kind::Generator
                | Kind::Coroutine => {
                    let error =
                        format!("TypeError: unsupported format string passed to {name}.__format__");
                    first = first.or(Some(error));
                    continue;
                }
                _ => return None,
            };
            // `bool` formats as the int that it is.
            let letter = letter.filter(|&letter| !takes.contains(letter))?;
            let name = if kind == Kind::Bool { "bool" } else { name };
            let error =
                format!("ValueError: Unknown format code '{letter}' for object of type '{name}'");
            first = first.or(Some(error));
        }
        first
    }

    /// `separator.join(items)`: an item that is no text.
    pub fn check_join(&mut self, frame: &mut Frame<'p>, range: Range, items: Value) {
        if self.is_graph() {
            return;
        }
        let Some(items) = self.known_items(frame, items) else {
            return;
        };
        for (at, item) in items.into_iter().enumerate() {
            // Of one that is not known the words would be the same, or others; it fails all the same.
            let Some(kind) = self.exact_kind(frame, item) else {
                continue;
            };
            if kind == Kind::Str {
                continue;
            }
            let is_other = matches!(
                kind,
                Kind::NoneType
                    | Kind::Bool
                    | Kind::Int
                    | Kind::Float
                    | Kind::Bytes
                    | Kind::List
                    | Kind::Tuple
                    | Kind::Dict
                    | Kind::Coroutine
            );
            if let Some(name) = kind.name().filter(|_| is_other) {
                let wrong = Wrong {
                    kind: FailureKind::InvalidOperation,
                    exception: format!(
                        "TypeError: sequence item {at}: expected str instance, {name} found"
                    ),
                    subject: name,
                    note: "joins",
                };
                self.wrong_operation(frame, range, wrong);
            }
            return;
        }
    }
}

/// Whether a dict has the keys that are known and no others.
fn is_whole(dict: &Dict) -> bool {
    dict.rest.is_none() && !dict.is_subtype && dict.entries.iter().all(|entry| entry.certain)
}
