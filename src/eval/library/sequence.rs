//! Builtin functions that make and look through sequences: `list`, `sorted`, `zip` and the like.

use rustc_hash::FxHashSet;

use crate::name::Name;

use crate::eval::Evaluator;
use crate::eval::calls::arguments::Actual;
use crate::eval::calls::call::{Invoked, Site};
use crate::eval::domain::compare::is_key;
use crate::eval::domain::places::Places;
use crate::eval::domain::state::{Dict, Form, Object, Sequence};
use crate::eval::domain::truth::Truth;
use crate::eval::domain::value::{Data, Kind, Value};
use crate::eval::interpreter::frame::Frame;
use crate::eval::library::table::Special;

/// How many items of a known iterable `map` calls its function for one by one.
const MAP_LIMIT: usize = 16;

impl<'p> Evaluator<'p> {
    /// `dict([('a', 1), ...])`.
    pub fn pairs(&mut self, frame: &Frame<'p>, value: Value) -> Option<Dict> {
        let is_dict = matches!(
            self.object_of(frame, value).as_deref(),
            Some(Object::Dict(_))
        );
        let items = self.known_items(frame, value).filter(|_| !is_dict)?;
        let mut dict = Dict::default();
        let mut places = Places::default();
        for item in items {
            let pair = self.known_items(frame, item)?;
            let [key, value] = pair.as_slice() else {
                return None;
            };
            if !is_key(&self.values, *key) {
                return None;
            }
            dict.set_one_of(&mut places, *key, *value);
        }
        Some(dict)
    }

    /// `list(x)`, `tuple(x)`, `set(x)`, `frozenset(x)`.
    pub fn collection(
        &mut self,
        frame: &mut Frame<'p>,
        special: Special,
        first: Option<Value>,
    ) -> Value {
        let sequence = match first {
            None => Sequence::default(),
            Some(first) => match self.known_items(frame, first) {
                Some(items) => {
                    let is_set = matches!(
                        self.object_of(frame, first).as_deref(),
                        Some(Object::Set(_))
                    );
                    if is_set
                        && items.len() > 1
                        && matches!(special, Special::List | Special::Tuple)
                    {
                        // In any order.
                        let any = self.any_item(frame, first);
                        Sequence::of(vec![any; items.len()])
                    } else {
                        Sequence::of(items)
                    }
                }
                None if matches!(special, Special::List | Special::Set)
                    && self.registered_items(frame, first).is_some() =>
                {
                    self.copy_of_register(frame, first)
                }
                None => {
                    if self.kind_of(frame, first).is_none() {
                        self.may_raise(frame);
                    }
                    Sequence::of_any(self.any_item(frame, first))
                }
            },
        };
        match special {
            Special::Tuple if sequence.rest.is_none() => self.values.tuple(sequence.items),
            Special::Tuple => self.values.of(Kind::Tuple),
            Special::Set => self.new_set(frame, sequence),
            Special::FrozenSet => self.new_set(frame, sequence.in_form(Form::Frozen)),
            _ => self.new_list(frame, sequence),
        }
    }

    /// A new set of this function body; what is there twice counts once.
    pub fn new_set(&mut self, frame: &mut Frame<'p>, mut set: Sequence) -> Value {
        let mut seen = FxHashSet::default();
        set.items
            .retain(|&item| seen.insert(item) || !is_key(&self.values, item));
        let id = frame.state.allocate(Object::Set(set));
        self.values.local(id)
    }

    /// `sorted(items)`; where the order is not known, any order.
    pub fn sorted(
        &mut self,
        frame: &mut Frame<'p>,
        first: Option<Value>,
        actual: &Actual,
    ) -> Value {
        let items = first.and_then(|first| self.known_items(frame, first));
        let reverse = match actual.keywords.as_slice() {
            [] => Some(false),
            [only] if only.name.as_str() == "reverse" => match self.truth(frame, only.value) {
                Truth::Unknown => None,
                truth => Some(truth == Truth::True),
            },
            _ => None,
        };
        let plain = actual.positionals.len() == 1 && actual.rest.is_none();
        if let (Some(items), Some(reverse), true) = (items, reverse, plain)
            && let Some(mut items) = self.in_order(frame, &items)
        {
            if reverse {
                items.reverse();
            }
            return self.new_list(frame, Sequence::of(items));
        }
        self.may_raise(frame);
        if let Some(first) = first.filter(|&first| self.registered_items(frame, first).is_some()) {
            let sequence = self.copy_of_register(frame, first);
            return self.new_list(frame, sequence);
        }
        let any = first.map_or(Value::UNKNOWN, |first| self.any_item(frame, first));
        self.new_list(frame, Sequence::of_any(any))
    }

    /// `map(function, items)`, which calls the function when something looks at its items.
    pub fn mapped(
        &mut self,
        frame: &mut Frame<'p>,
        site: Site<'p>,
        first: Option<Value>,
        actual: &Actual,
    ) -> Invoked {
        let (Some(function), [_, iterable]) = (first, actual.positionals.as_slice()) else {
            return Invoked::value(self.values.of(Kind::Iterator));
        };
        let is_written_out = matches!(
            self.data(*iterable),
            Data::Str(_) | Data::Bytes(_) | Data::Tuple(_) | Data::Range { .. }
        );
        if is_written_out && self.values.plain_truth(*iterable) == Truth::False {
            // `map(f, b"")` calls nothing.
            let sequence = Sequence::of(Vec::new()).in_form(Form::Iterator("map"));
            return Invoked::value(self.new_list(frame, sequence));
        }
        let items = self.known_items(frame, *iterable);
        let is_external = matches!(self.data(function), Data::External(_));
        if let Some(items) = items.filter(|items| is_external && items.len() <= MAP_LIMIT) {
            let results = items
                .into_iter()
                .map(|item| self.call_with(frame, function, vec![item], site.range))
                .collect();
            let sequence = Sequence::of(results).in_form(Form::Iterator("map"));
            return Invoked::value(self.new_list(frame, sequence));
        }
        let item = self.any_item(frame, *iterable);
        let marks = frame.failures.len();
        let live = frame.state.live;
        // It runs for each item there is, perhaps for none.
        let result = self.call_with(frame, function, vec![item], site.range);
        frame.failures.truncate(marks);
        frame.state.live = live;
        let result = self.outlive(frame, result);
        let sequence = Sequence::of_any(result).in_form(Form::Iterator("map"));
        Invoked::value(self.new_list(frame, sequence))
    }

    pub fn enumerated(
        &mut self,
        frame: &mut Frame<'p>,
        first: Option<Value>,
        actual: &Actual,
    ) -> Value {
        let Some(items) = first.and_then(|first| self.known_items(frame, first)) else {
            let item = first.map_or(Value::UNKNOWN, |first| self.any_item(frame, first));
            let number = self.values.of(Kind::Int);
            let pair = self.values.intern(Data::Tuple([number, item].into()));
            return self.new_list(
                frame,
                Sequence::of_any(pair).in_form(Form::Iterator("enumerate")),
            );
        };
        let counted = actual.positionals.len() == 1 && actual.keywords.is_empty();
        let mut pairs = Vec::with_capacity(items.len());
        for (index, item) in items.into_iter().enumerate() {
            let number = match i64::try_from(index) {
                Ok(index) if counted => self.values.intern(Data::Int(index)),
                _ => self.values.of(Kind::Int),
            };
            pairs.push(self.values.intern(Data::Tuple([number, item].into())));
        }
        self.new_list(
            frame,
            Sequence::of(pairs).in_form(Form::Iterator("enumerate")),
        )
    }

    pub fn zipped(&mut self, frame: &mut Frame<'p>, actual: &Actual) -> Value {
        // `zip(*rows)` of rows that are not known.
        if actual.more_positionals {
            return self.values.of(Kind::Iterator);
        }
        let mut columns = Vec::new();
        for &iterable in &actual.positionals {
            match self.known_items(frame, iterable) {
                Some(items) => columns.push(items),
                None => return self.any_row(frame, &actual.positionals),
            }
        }
        let length = columns.iter().map(Vec::len).min().unwrap_or(0);
        let mut rows = Vec::with_capacity(length);
        for index in 0..length {
            let row = columns.iter().map(|column| column[index]).collect();
            rows.push(self.values.intern(Data::Tuple(row)));
        }
        self.new_list(frame, Sequence::of(rows).in_form(Form::Iterator("zip")))
    }

    /// `zip` of columns that are not known all: any number of rows, each with any item of each column.
    fn any_row(&mut self, frame: &mut Frame<'p>, columns: &[Value]) -> Value {
        let row = columns.iter().map(|&column| self.any_item(frame, column));
        let row = Data::Tuple(row.collect());
        let row = self.values.intern(row);
        self.new_list(frame, Sequence::of_any(row).in_form(Form::Iterator("zip")))
    }

    /// `any(..)`, `all(..)` over known items.
    pub fn any_all(&mut self, frame: &mut Frame<'p>, name: Name, first: Option<Value>) -> Value {
        let decisive = Truth::of(name.as_str() == "builtins.any");
        let Some(items) = first.and_then(|first| self.known_items(frame, first)) else {
            return self.values.of(Kind::Bool);
        };
        let mut result = decisive.not();
        for item in items {
            let truth = self.truth(frame, item);
            if truth == decisive {
                result = decisive;
                break;
            }
            if truth == Truth::Unknown {
                result = Truth::Unknown;
            }
        }
        match result {
            Truth::True => Value::TRUE,
            Truth::False => Value::FALSE,
            Truth::Unknown => self.values.of(Kind::Bool),
        }
    }
}
