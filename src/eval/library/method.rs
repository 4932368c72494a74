//! Methods of builtin types, on what is known of their objects.

use crate::name::Name;

use crate::eval::Evaluator;
use crate::eval::calls::arguments::Actual;
use crate::eval::domain::compare::is_key;
use crate::eval::domain::state::{Dict, Object, Sequence};
use crate::eval::domain::value::{Data, Kind, Value};
use crate::eval::interpreter::frame::Frame;

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
            Data::Str(text) => self.str_method(frame, text, name, actual),
            Data::Of(Kind::Str) => self.str_result(name),
            Data::Of(Kind::Dict) => self.open_dict_method(name),
            Data::Local(_) | Data::Shared(_) => {
                let object = self.object_for(frame, receiver, actual.positionals.first().copied());
                match object.as_deref() {
                    Some(Object::Dict(dict)) => {
                        self.dict_method(frame, receiver, dict, name, actual)
                    }
                    Some(Object::List(sequence)) => {
                        self.list_method(frame, receiver, sequence, name, actual)
                    }
                    Some(Object::Set(_)) => self.set_method(frame, receiver, name, actual),
                    _ => self.unknown_call(frame, actual),
                }
            }
            _ => self.unknown_call(frame, actual),
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

    fn open_dict_method(&mut self, name: Name) -> Value {
        match name.as_str() {
            "keys" | "values" | "items" => self.values.of(Kind::Iterator),
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
                self.listed(frame, dict, items)
            }
            ("values", _) => {
                let items = dict.entries.iter().map(|entry| entry.value).collect();
                self.listed(frame, dict, items)
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
                self.listed(frame, dict, items)
            }
            ("popitem", _) => {
                self.change_object(frame, receiver, None, &mut |evaluator, object, _| {
                    *object = evaluator.opened(object);
                });
                Value::UNKNOWN
            }
            _ => self.unknown_call(frame, actual),
        }
    }

    /// The keys, values or items of a dict. The entries that are there for certain come first.
    fn listed(&mut self, frame: &mut Frame<'p>, dict: &Dict, items: Vec<Value>) -> Value {
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
            sequence.rest = Some(Value::UNKNOWN);
        } else if !perhaps.is_empty() {
            sequence.rest = Some(self.values.union(perhaps));
        }
        self.new_list(frame, sequence)
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
            ("append", Some(item)) => {
                self.change_object(frame, receiver, None, &mut |evaluator, object, certain| {
                    if let Object::List(list) = object {
                        if certain && list.rest.is_none() && list.items.len() < 64 {
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
                            Some(items) if certain && list.rest.is_none() => {
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
            ("index" | "count", _) => self.values.of(Kind::Int),
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
        name: Name,
        actual: &Actual,
    ) -> Value {
        if let ("add", Some(&item)) = (name.as_str(), actual.positionals.first()) {
            self.change_object(frame, receiver, None, &mut |evaluator, object, certain| {
                if let Object::Set(set) = object {
                    if certain && set.rest.is_none() {
                        set.items.push(item);
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
        if crate::eval::survey::is_mutator(name) {
            self.change_object(frame, receiver, None, &mut |evaluator, object, _| {
                *object = evaluator.opened(object);
            });
            return if name.as_str() == "pop" {
                Value::UNKNOWN
            } else {
                Value::NONE
            };
        }
        match name.as_str() {
            "issubset" | "issuperset" | "isdisjoint" => self.values.of(Kind::Bool),
            _ => self.values.of(Kind::Set),
        }
    }

    /// A method of a known text: computed where that is simple and decides look-ups.
    fn str_method(&mut self, frame: &Frame<'p>, text: Name, name: Name, actual: &Actual) -> Value {
        let known: Option<Vec<Name>> = actual
            .positionals
            .iter()
            .map(|&value| self.values.as_str(value))
            .collect();
        if let ("join", [items]) = (name.as_str(), actual.positionals.as_slice())
            && let Some(items) = self.known_items(frame, *items)
        {
            let parts: Option<Vec<&str>> = items
                .iter()
                .map(|&item| self.values.as_str(item).map(Name::as_str))
                .collect();
            if let Some(parts) = parts {
                return self.values.str(Name::new(&parts.join(&text)));
            }
        }
        let plain = actual.keywords.is_empty() && actual.rest.is_none() && !actual.more_positionals;
        let result = match (name.as_str(), known.as_deref()) {
            _ if !plain => None,
            ("upper", Some([])) => Some(text.to_uppercase()),
            ("lower", Some([])) => Some(text.to_lowercase()),
            ("strip", Some([])) => Some(text.trim().to_owned()),
            ("removeprefix", Some([prefix])) => Some(
                text.strip_prefix(prefix.as_str())
                    .unwrap_or(&text)
                    .to_owned(),
            ),
            ("removesuffix", Some([suffix])) => Some(
                text.strip_suffix(suffix.as_str())
                    .unwrap_or(&text)
                    .to_owned(),
            ),
            ("replace", Some([from, to])) => Some(text.replace(from.as_str(), to)),
            ("startswith", Some([prefix])) => {
                return Value::bool(text.starts_with(prefix.as_str()));
            }
            ("endswith", Some([suffix])) => return Value::bool(text.ends_with(suffix.as_str())),
            _ => None,
        };
        match result {
            Some(result) => self.values.str(Name::new(&result)),
            None => self.str_result(name),
        }
    }

    /// What a method of `str` returns.
    fn str_result(&mut self, name: Name) -> Value {
        let kind = match name.as_str() {
            "startswith" | "endswith" | "isdigit" | "isalpha" | "isalnum" | "isidentifier"
            | "isupper" | "islower" | "isspace" | "istitle" | "isnumeric" | "isdecimal"
            | "isascii" | "isprintable" => Kind::Bool,
            "find" | "rfind" | "index" | "rindex" | "count" => Kind::Int,
            "encode" => Kind::Bytes,
            "split" | "rsplit" | "splitlines" => Kind::List,
            "partition" | "rpartition" => Kind::Tuple,
            "__len__" => Kind::Int,
            "upper" | "lower" | "strip" | "lstrip" | "rstrip" | "replace" | "format" | "join"
            | "title" | "capitalize" | "casefold" | "zfill" | "ljust" | "rjust" | "center"
            | "removeprefix" | "removesuffix" | "swapcase" | "expandtabs" | "translate"
            | "format_map" => Kind::Str,
            _ => return Value::UNKNOWN,
        };
        self.values.of(kind)
    }
}
