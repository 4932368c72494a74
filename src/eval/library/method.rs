//! Methods of builtin types, on what is known of their objects.

use crate::name::Name;
use crate::syntax::ir::Operator;

use crate::eval::Evaluator;
use crate::eval::calls::arguments::Actual;
use crate::eval::domain::compare::is_key;
use crate::eval::domain::fold::LONGEST;
use crate::eval::domain::number::Number;
use crate::eval::domain::state::{Dict, Form, Object, Sequence};
use crate::eval::domain::truth::Truth;
use crate::eval::domain::value::{Data, Kind, Value};
use crate::eval::interpreter::frame::Frame;
use crate::eval::library::text::{self, Argument, Given};

/// How many items a list that a method makes may have; more are any number.
const ITEMS: usize = 64;

impl<'p> Evaluator<'p> {
    /// Calls the method `name` of a list, set, dict, tuple, str or other value that is no instance of a class of the tree.
    pub fn call_method(
        &mut self,
        frame: &mut Frame<'p>,
        receiver: Value,
        name: Name,
        actual: &Actual,
    ) -> Value {
        if let Some(value) = self.graph_method(frame, receiver, name, actual) {
            return value;
        }
        match self.data(receiver).clone() {
            Data::Manager(_) => {
                let value = self.stack_method(frame, name, actual);
                self.unknown_call(frame, actual);
                value
            }
            Data::Str(text) => self.text_method(frame, text, false, name, actual),
            Data::Bytes(text) => self.text_method(frame, text, true, name, actual),
            // `set().union(*parts)`, `steps.insert(*step)`: what they do is a matter of what there is.
            Data::Tuple(_) | Data::Local(_) | Data::Shared(_) | Data::Range { .. }
                if actual.more_positionals =>
            {
                self.method_of_unknown_count(frame, receiver, name, actual)
            }
            Data::Tuple(items) => self.tuple_method(frame, &items, name, actual),
            Data::Of(Kind::Dict) => self.open_dict_method(name),
            Data::Local(_) | Data::Shared(_) => {
                let object = self.object_for(frame, receiver, actual.positionals.first().copied());
                match object.as_deref() {
                    Some(Object::Dict(dict)) => {
                        self.dict_method(frame, receiver, dict, name, actual)
                    }
                    Some(Object::List(sequence))
                        if matches!(sequence.form, Form::Plain | Form::Register) =>
                    {
                        self.list_method(frame, receiver, sequence, name, actual)
                    }
                    Some(Object::Set(set)) => self.set_method(frame, receiver, set, name, actual),
                    _ => self.unknown_call(frame, actual),
                }
            }
            Data::Range { .. } => match self.known_items(frame, receiver) {
                Some(items) => self.tuple_method(frame, &items, name, actual),
                None => self.plain_method(frame, Kind::Range, receiver, name, actual),
            },
            _ => match self.values.plain_kind(receiver) {
                Some(kind) => self.plain_method(frame, kind, receiver, name, actual),
                None => self.unknown_call(frame, actual),
            },
        }
    }

    /// A call of which nothing is known: it may change what it gets, and may raise.
    pub fn unknown_call(&mut self, frame: &mut Frame<'p>, actual: &Actual) -> Value {
        self.consumed(frame, actual);
        for value in actual.all_values() {
            self.havoc(frame, value);
        }
        self.may_raise(frame);
        Value::UNKNOWN
    }

    /// A method of a container that is called with nobody knows how many arguments.
    fn method_of_unknown_count(
        &mut self,
        frame: &mut Frame<'p>,
        receiver: Value,
        name: Name,
        actual: &Actual,
    ) -> Value {
        if crate::python::mutators::is_mutator(&name) {
            self.change_object(frame, receiver, None, &mut |evaluator, object, _| {
                *object = evaluator.opened(object);
            });
        }
        self.unknown_call(frame, actual)
    }

    fn open_dict_method(&mut self, name: Name) -> Value {
        match name.as_str() {
            "keys" | "values" | "items" => self.values.of(Kind::View),
            "copy" => self.values.of(Kind::Dict),
            "clear" | "update" => Value::NONE,
            _ => Value::UNKNOWN,
        }
    }

    fn dict_method(
        &mut self,
        frame: &mut Frame<'p>,
        receiver: Value,
        dict: &Dict,
        name: Name,
        actual: &Actual,
    ) -> Value {
        let first = actual.positionals.first().copied();
        let default = actual.positionals.get(1).copied();
        if let Some(key) = first
            && matches!(name.as_str(), "get" | "pop" | "setdefault")
            && let Some(equal) = self.equal_key(frame, receiver, dict, key)
            && let Some(object) = self.object_for(frame, receiver, Some(equal))
            && let Object::Dict(dict) = &*object
            && dict.find(equal).is_some()
        {
            let mut actual = actual.clone();
            actual.positionals[0] = equal;
            return self.dict_method(frame, receiver, dict, name, &actual);
        }
        match (name.as_str(), first) {
            ("get", Some(key)) => self.dict_get(frame, dict, key, default.unwrap_or(Value::NONE)),
            ("pop", Some(key)) => {
                let value = self.dict_get(frame, dict, key, default.unwrap_or(Value::UNKNOWN));
                self.delete_item(frame, receiver, key);
                if default.is_none() {
                    self.may_raise(frame);
                }
                value
            }
            ("setdefault", Some(key))
                if let Some(list) = default
                    .and_then(|default| self.made_list(frame, receiver, key, Some(default))) =>
            {
                list
            }
            ("setdefault", Some(key)) => {
                let fallback = default.unwrap_or(Value::NONE);
                let value = self.dict_get(frame, dict, key, fallback);
                if is_key(&self.values, key) && dict.find(key).is_some_and(|entry| entry.certain) {
                    return value;
                }
                self.assign_item(frame, receiver, key, value, None);
                value
            }
            ("update", _) => {
                self.update_dict(frame, receiver, actual);
                Value::NONE
            }
            ("copy", _) => self.new_dict(frame, dict.clone()),
            ("clear", _) => {
                self.change_object(frame, receiver, None, &mut |evaluator, object, certain| {
                    if certain {
                        *object = Object::Dict(Dict::default());
                    } else {
                        *object = evaluator.opened(object);
                    }
                });
                Value::NONE
            }
            ("keys", _) => {
                let items = dict.entries.iter().map(|entry| entry.key).collect();
                self.listed(frame, dict, (items, Value::UNKNOWN, "dict_keys"))
            }
            ("values", _) => {
                let items = dict.entries.iter().map(|entry| entry.value).collect();
                let further = dict.rest.unwrap_or(Value::UNKNOWN);
                self.listed(frame, dict, (items, further, "dict_values"))
            }
            ("items", _) => {
                let pairs: Vec<(Value, Value)> = dict
                    .entries
                    .iter()
                    .map(|entry| (entry.key, entry.value))
                    .collect();
                let items = pairs
                    .into_iter()
                    .map(|(key, value)| self.values.intern(Data::Tuple([key, value].into())))
                    .collect();
                let further = dict.rest.unwrap_or(Value::UNKNOWN);
                let further = Data::Tuple([Value::UNKNOWN, further].into());
                let further = self.values.intern(further);
                self.listed(frame, dict, (items, further, "dict_items"))
            }
            ("popitem", _) => {
                self.lose_items(frame, receiver);
                self.change_object(frame, receiver, None, &mut |evaluator, object, _| {
                    *object = evaluator.opened(object);
                });
                Value::UNKNOWN
            }
            _ => self.unknown_call(frame, actual),
        }
    }

    /// The keys, values or items of a dict, and what further ones are like, if it has any. The entries that are there for certain come first.
    fn listed(
        &mut self,
        frame: &mut Frame<'p>,
        dict: &Dict,
        (items, further, made): (Vec<Value>, Value, &'static str),
    ) -> Value {
        let mut sequence = Sequence::default();
        let mut perhaps = Vec::new();
        for (entry, item) in dict.entries.iter().zip(items) {
            if entry.certain {
                sequence.items.push(item);
            } else {
                perhaps.extend(self.values.alternatives(item));
            }
        }
        if dict.rest.is_some() {
            perhaps.extend(self.values.alternatives(further));
        }
        if !perhaps.is_empty() {
            sequence.rest = Some(self.values.union(perhaps));
        }
        self.new_list(frame, sequence.in_form(Form::View(made)))
    }

    /// `dict.get(key, default)`.
    fn dict_get(
        &mut self,
        frame: &mut Frame<'p>,
        dict: &Dict,
        key: Value,
        default: Value,
    ) -> Value {
        if let Some(members) = self.values.union_of(key) {
            let mut results = Vec::new();
            for &member in members.iter() {
                let result = self.dict_get(frame, dict, member, default);
                results.extend(self.values.alternatives(result));
            }
            return self.values.union(results);
        }
        if !is_key(&self.values, key) {
            let item = self.unknown_item(dict, key);
            return self.values.join(item, default);
        }
        match dict.find(key) {
            Some(entry) if entry.certain => {
                let value = entry.value;
                self.note_lookup(frame, key, true);
                value
            }
            Some(entry) => {
                let value = entry.value;
                self.values.join(value, default)
            }
            None => {
                if let Some(rest) = dict.other(key) {
                    self.values.join(rest, default)
                } else if let Some(equal) = self.equal_entry(dict, key) {
                    self.dict_get(frame, dict, equal, default)
                } else {
                    self.note_lookup(frame, key, false);
                    default
                }
            }
        }
    }

    /// `dict.update(other, key=value)`.
    fn update_dict(&mut self, frame: &mut Frame<'p>, receiver: Value, actual: &Actual) {
        let mut added = match actual.positionals.first() {
            Some(&other) => self.as_mapping(frame, other),
            None => Dict::default(),
        };
        if actual.more_positionals {
            added = Dict::open();
        }
        let keywords = actual.as_dict(&mut self.values);
        added.update(&mut self.values, &keywords, true);
        self.merge_into(frame, receiver, &added);
    }

    /// Adds the entries of `added`, which win.
    pub fn merge_into(&mut self, frame: &mut Frame<'p>, receiver: Value, added: &Dict) {
        self.change_object(frame, receiver, None, &mut |evaluator, object, certain| {
            if let Object::Dict(dict) = object {
                dict.update(&mut evaluator.values, added, certain);
            }
        });
    }

    fn list_method(
        &mut self,
        frame: &mut Frame<'p>,
        receiver: Value,
        sequence: &Sequence,
        name: Name,
        actual: &Actual,
    ) -> Value {
        let first = actual.positionals.first().copied();
        match (name.as_str(), first) {
            ("append", Some(item)) if self.log_addition(frame, receiver, item) => Value::NONE,
            ("append", Some(item)) => {
                self.change_object(frame, receiver, None, &mut |evaluator, object, certain| {
                    if let Object::List(list) = object {
                        if certain && list.rest.is_none() && list.items.len() < ITEMS {
                            list.items.push(item);
                        } else {
                            let rest = list
                                .rest
                                .map_or(item, |rest| evaluator.values.join(rest, item));
                            list.rest = Some(rest);
                        }
                    }
                });
                Value::NONE
            }
            ("extend", Some(items)) => {
                let known = self.known_items(frame, items);
                let any = self.any_item(frame, items);
                self.change_object(frame, receiver, None, &mut |evaluator, object, certain| {
                    if let Object::List(list) = object {
                        match &known {
                            Some(items)
                                if certain
                                    && list.rest.is_none()
                                    && list.items.len() + items.len() <= LONGEST =>
                            {
                                list.items.extend(items);
                            }
                            _ => {
                                list.rest = Some(
                                    list.rest
                                        .map_or(any, |rest| evaluator.values.join(rest, any)),
                                );
                            }
                        }
                    }
                });
                Value::NONE
            }
            ("copy", _) => self.new_list(frame, sequence.clone()),
            ("count", Some(item)) if sequence.rest.is_none() => {
                self.counted(frame, &sequence.items, item)
            }
            ("index", Some(item)) if actual.positionals.len() == 1 => {
                self.found_at(frame, &sequence.items, item)
            }
            ("index" | "count", _) => {
                self.may_raise(frame);
                self.values.of(Kind::Int)
            }
            ("pop" | "remove" | "insert" | "clear" | "sort" | "reverse", _) => {
                let item = sequence.any(&mut self.values).unwrap_or(Value::UNKNOWN);
                self.change_object(frame, receiver, None, &mut |evaluator, object, _| {
                    *object = evaluator.opened(object);
                });
                if name.as_str() == "pop" {
                    item
                } else {
                    Value::NONE
                }
            }
            _ => self.unknown_call(frame, actual),
        }
    }

    fn set_method(
        &mut self,
        frame: &mut Frame<'p>,
        receiver: Value,
        set: &Sequence,
        name: Name,
        actual: &Actual,
    ) -> Value {
        if let ("add", Some(&item)) = (name.as_str(), actual.positionals.first()) {
            if self.log_addition(frame, receiver, item) {
                return Value::NONE;
            }
            self.change_object(frame, receiver, None, &mut |evaluator, object, certain| {
                if let Object::Set(set) = object {
                    if certain && set.rest.is_none() && set.items.len() < ITEMS {
                        let is_new = !is_key(&evaluator.values, item) || !set.items.contains(&item);
                        set.items.extend(is_new.then_some(item));
                    } else {
                        set.rest = Some(
                            set.rest
                                .map_or(item, |rest| evaluator.values.join(rest, item)),
                        );
                    }
                }
            });
            return Value::NONE;
        }
        if crate::python::mutators::is_mutator(&name) {
            self.change_object(frame, receiver, None, &mut |evaluator, object, _| {
                *object = evaluator.opened(object);
            });
            return if name.as_str() == "pop" {
                Value::UNKNOWN
            } else {
                Value::NONE
            };
        }
        let op = match name.as_str() {
            "copy" => {
                let copy = set.clone();
                return self.new_set(frame, copy);
            }
            "issubset" | "issuperset" | "isdisjoint" => {
                let truth = self.compare_sets(frame, set, name.as_str(), actual);
                return self.truth_value(truth);
            }
            "union" => Operator::BitOr,
            "intersection" => Operator::BitAnd,
            "difference" => Operator::Sub,
            "symmetric_difference" => Operator::BitXor,
            _ => return self.unknown_call(frame, actual),
        };
        let mut result = set.clone();
        for &other in &actual.positionals {
            let other = match self.known_items(frame, other) {
                Some(items) => Sequence::of(items),
                None => Sequence::of_any(self.any_item(frame, other)),
            };
            result = self.operated_sets(&result, op, &other);
        }
        self.new_set(frame, result)
    }

    /// `a.issubset(b)` and the like.
    fn compare_sets(
        &mut self,
        frame: &Frame<'p>,
        set: &Sequence,
        name: &str,
        actual: &Actual,
    ) -> Truth {
        let &[other] = actual.positionals.as_slice() else {
            return Truth::Unknown;
        };
        let other = self
            .known_items(frame, other)
            .filter(|_| set.rest.is_none());
        let Some(other) = other else {
            return Truth::Unknown;
        };
        let mut both = set.items.iter().chain(&other);
        if !both.all(|&item| is_key(&self.values, item)) {
            return Truth::Unknown;
        }
        let within = |a: &[Value], b: &[Value]| a.iter().all(|item| b.contains(item));
        Truth::of(match name {
            "issubset" => within(&set.items, &other),
            "issuperset" => within(&other, &set.items),
            _ => !set.items.iter().any(|item| other.contains(item)),
        })
    }

    fn tuple_method(
        &mut self,
        frame: &mut Frame<'p>,
        items: &[Value],
        name: Name,
        actual: &Actual,
    ) -> Value {
        match (name.as_str(), actual.positionals.as_slice()) {
            ("count", &[item]) => self.counted(frame, items, item),
            ("index", &[item]) => self.found_at(frame, items, item),
            _ => self.unknown_call(frame, actual),
        }
    }

    /// `items.count(item)`.
    fn counted(&mut self, frame: &Frame<'p>, items: &[Value], item: Value) -> Value {
        let mut count = 0;
        for &other in items {
            match self.equal(frame, other, item, false) {
                Truth::True => count += 1,
                Truth::False => {}
                Truth::Unknown => return self.values.of(Kind::Int),
            }
        }
        self.values.int(count)
    }

    /// `items.index(item)`.
    fn found_at(&mut self, frame: &mut Frame<'p>, items: &[Value], item: Value) -> Value {
        for (at, &other) in (0..).zip(items) {
            match self.equal(frame, other, item, false) {
                Truth::True => return self.values.int(at),
                Truth::False => {}
                Truth::Unknown => break,
            }
        }
        self.may_raise(frame);
        self.values.of(Kind::Int)
    }

    /// A method of a text or of bytes whose content is known.
    fn text_method(
        &mut self,
        frame: &mut Frame<'p>,
        content: Name,
        is_bytes: bool,
        name: Name,
        actual: &Actual,
    ) -> Value {
        let kind = if is_bytes { Kind::Bytes } else { Kind::Str };
        let made = match name.as_str() {
            "join" => self.joined_by(frame, content, is_bytes, actual),
            "format" if !is_bytes => self.formatted_by(frame, content, actual),
            _ => {
                let arguments = self.text_arguments(is_bytes, name, actual);
                match arguments.and_then(|given| text::call(&content, is_bytes, &name, &given)) {
                    Some(Given::Raises) | None => None,
                    Some(given) => Some(self.given(frame, is_bytes, given)),
                }
            }
        };
        made.unwrap_or_else(|| self.plain_method_result(frame, kind, name, actual))
    }

    /// The arguments in order, as far as they are known.
    fn text_arguments(&self, is_bytes: bool, name: Name, actual: &Actual) -> Option<Vec<Argument>> {
        if actual.more_positionals || actual.rest.is_some() {
            return None;
        }
        let mut values = actual.positionals.clone();
        // The few parameters that may be passed by keyword.
        let names: &[&str] = match name.as_str() {
            "split" | "rsplit" => &["sep", "maxsplit"],
            "encode" | "decode" => &["encoding", "errors"],
            _ => &[],
        };
        let mut keywords = actual.keywords.len();
        for (index, name) in names.iter().enumerate() {
            let keyword = actual
                .keywords
                .iter()
                .find(|keyword| keyword.name.as_str() == *name);
            if let Some(keyword) = keyword {
                keywords -= 1;
                if values.len() < index {
                    values.resize(index, Value::NONE);
                }
                values.insert(index, keyword.value);
            }
        }
        if keywords > 0 {
            return None;
        }
        let text = |value: Value| match (self.data(value), is_bytes) {
            (Data::Str(text), false) | (Data::Bytes(text), true) => Some(*text),
            // An encoding's name.
            (Data::Str(text), true) if name.as_str() == "decode" => Some(*text),
            _ => None,
        };
        values
            .into_iter()
            .map(|value| match self.data(value) {
                Data::None => Some(Argument::None),
                Data::Tuple(items) => {
                    let texts: Option<Vec<Name>> = items.iter().map(|&item| text(item)).collect();
                    texts.map(Argument::Texts)
                }
                _ => match self.values.as_int(value) {
                    Some(number) => Some(Argument::Int(number)),
                    None => text(value).map(Argument::Text),
                },
            })
            .collect()
    }

    fn given(&mut self, frame: &mut Frame<'p>, is_bytes: bool, given: Given) -> Value {
        let one = |evaluator: &mut Self, text: &str, is_bytes| {
            if is_bytes {
                evaluator.values.bytes(text)
            } else {
                evaluator.values.text(text)
            }
        };
        match given {
            Given::Text(text) => one(self, &text, is_bytes),
            Given::Other(text) => one(self, &text, !is_bytes),
            Given::Int(number) => self.values.int(number),
            Given::Bool(value) => Value::bool(value),
            Given::List(texts) if texts.len() > ITEMS => {
                let any = self
                    .values
                    .of(if is_bytes { Kind::Bytes } else { Kind::Str });
                self.new_list(frame, Sequence::of_any(any))
            }
            Given::List(texts) => {
                let items = texts.iter().map(|text| one(self, text, is_bytes)).collect();
                self.new_list(frame, Sequence::of(items))
            }
            Given::Tuple(texts) => {
                let items = texts.iter().map(|text| one(self, text, is_bytes)).collect();
                self.values.tuple(items)
            }
            Given::Raises => Value::UNKNOWN,
        }
    }

    /// `separator.join(items)`.
    fn joined_by(
        &mut self,
        frame: &mut Frame<'p>,
        separator: Name,
        is_bytes: bool,
        actual: &Actual,
    ) -> Option<Value> {
        let &[items] = actual.positionals.as_slice() else {
            return None;
        };
        let items = self.known_items(frame, items)?;
        let parts: Option<Vec<&str>> = items
            .iter()
            .map(|&item| match (self.data(item), is_bytes) {
                (Data::Str(text), false) | (Data::Bytes(text), true) => Some(text.as_str()),
                _ => None,
            })
            .collect();
        let text = parts?.join(&separator);
        Some(if is_bytes {
            self.values.bytes(&text)
        } else {
            self.values.text(&text)
        })
    }

    /// `'{} {name}'.format(a, name=b)` of known texts and numbers, without formats of their own.
    fn formatted_by(
        &mut self,
        frame: &mut Frame<'p>,
        format: Name,
        actual: &Actual,
    ) -> Option<Value> {
        if actual.more_positionals || actual.rest.is_some() {
            return None;
        }
        let mut result = String::new();
        let mut rest = format.as_str();
        let mut next = 0;
        while let Some(at) = rest.find(['{', '}']) {
            result.push_str(&rest[..at]);
            let doubled = &rest[at..=at];
            if rest[at + 1..].starts_with(doubled) {
                result.push_str(doubled);
                rest = &rest[at + 2..];
                continue;
            }
            let end = rest[at..].find('}')? + at;
            let field = rest.get(at + 1..end)?;
            let value = if field.is_empty() {
                next += 1;
                *actual.positionals.get(next - 1)?
            } else if let Ok(index) = field.parse::<usize>() {
                *actual.positionals.get(index)?
            } else {
                let mut keywords = actual.keywords.iter();
                keywords
                    .find(|keyword| keyword.name.as_str() == field)?
                    .value
            };
            result.push_str(&self.text_of(frame, value)?);
            rest = &rest[end + 1..];
        }
        result.push_str(rest);
        Some(self.values.text(&result))
    }

    /// A method of an instance of a builtin type of which no more is known.
    fn plain_method(
        &mut self,
        frame: &mut Frame<'p>,
        kind: Kind,
        receiver: Value,
        name: Name,
        actual: &Actual,
    ) -> Value {
        let number = self.values.as_number(receiver);
        match (kind, name.as_str(), number) {
            (_, "is_integer", Some(Number::Float(number))) => Value::bool(number.fract() == 0.0),
            (_, "bit_length", Some(Number::Int(number))) => {
                let bits = 128 - number.unsigned_abs().leading_zeros();
                self.values.int(i128::from(bits))
            }
            (_, "conjugate", Some(Number::Int(_) | Number::Float(_))) => receiver,
            _ => self.plain_method_result(frame, kind, name, actual),
        }
    }

    /// What a method of a builtin type returns, whatever its object.
    fn plain_method_result(
        &mut self,
        frame: &mut Frame<'p>,
        kind: Kind,
        name: Name,
        actual: &Actual,
    ) -> Value {
        let result = match kind {
            Kind::Str | Kind::Bytes => text_result(kind, &name),
            Kind::Int | Kind::Bool | Kind::Float | Kind::Complex => match name.as_str() {
                "is_integer" => Some(Kind::Bool),
                "bit_length" | "bit_count" | "__int__" | "__index__" => Some(Kind::Int),
                "to_bytes" => Some(Kind::Bytes),
                "as_integer_ratio" => Some(Kind::Tuple),
                "hex" => Some(Kind::Str),
                _ => None,
            },
            Kind::Tuple | Kind::Range => match name.as_str() {
                "count" | "index" => Some(Kind::Int),
                _ => None,
            },
            _ => None,
        };
        match result {
            Some(result) => {
                self.may_raise(frame);
                self.values.of(result)
            }
            None => self.unknown_call(frame, actual),
        }
    }
}

/// What a method of `str` or `bytes` returns.
fn text_result(kind: Kind, name: &str) -> Option<Kind> {
    Some(match name {
        "startswith" | "endswith" => Kind::Bool,
        _ if name.starts_with("is") => Kind::Bool,
        "find" | "rfind" | "index" | "rindex" | "count" | "__len__" => Kind::Int,
        "encode" => Kind::Bytes,
        "decode" | "hex" => Kind::Str,
        "split" | "rsplit" | "splitlines" => Kind::List,
        "partition" | "rpartition" => Kind::Tuple,
        "upper" | "lower" | "strip" | "lstrip" | "rstrip" | "replace" | "join" | "title"
        | "capitalize" | "zfill" | "ljust" | "rjust" | "center" | "removeprefix"
        | "removesuffix" | "swapcase" | "expandtabs" | "translate" => kind,
        "format" | "casefold" | "format_map" => Kind::Str,
        _ => return None,
    })
}
