//! Calls of library functions whose meaning is known: what [`crate::eval::library::table`] lists.

use std::rc::Rc;

use crate::facts::{Confidence, FailureKind};
use crate::name::Name;

use crate::eval::Evaluator;
use crate::eval::calls::arguments::Actual;
use crate::eval::calls::call::{Invoked, Site};
use crate::eval::domain::state::{Dict, Object, Sequence};
use crate::eval::domain::truth::Truth;
use crate::eval::domain::value::{Data, Kind, Partial, Value};
use crate::eval::interpreter::frame::{Blame, Decision, Frame, LocalFailure};
use crate::eval::library::table::{BY_NAME, Known, Special};
use crate::eval::objects::attribute::Attribute;
use crate::eval::objects::mro::InMro;

impl<'p> Evaluator<'p> {
    /// Calls something outside the tree.
    pub fn call_external(
        &mut self,
        frame: &mut Frame<'p>,
        site: Site<'p>,
        name: Name,
        actual: &Actual,
    ) -> Invoked {
        self.note_external_call(frame, name);
        if let Some(value) = self.called_by_library(frame, name, actual) {
            return Invoked::value(value);
        }
        if let Some(base) = name.strip_suffix(".__new__")
            && let Some(invoked) = self.new_of_builtin(frame, Name::new(base), actual)
        {
            return invoked;
        }
        let Some(&known) = BY_NAME.get(&name) else {
            let value = self.unknown_call(frame, actual);
            return Invoked::value(value);
        };
        let value = match known {
            Known::Gives(kind) => {
                self.may_raise(frame);
                self.values.of(kind)
            }
            Known::Nothing => Value::NONE,
            Known::Something => {
                self.may_raise(frame);
                Value::UNKNOWN
            }
            Known::Argument(index) => match actual.positionals.get(index) {
                Some(&value) => value,
                None => Value::UNKNOWN,
            },
            Known::PlainOrDecorator => match actual.positionals.first() {
                Some(&first) if self.function_behind(first).is_some() => first,
                _ => self.decorator(),
            },
            Known::Decorator => self.decorator(),
            Known::Never => return Invoked::never(),
            Known::Special(special) => {
                return self.call_special_function(frame, site, name, special, actual);
            }
        };
        Invoked::value(value)
    }

    /// A decorator that gives back what it gets.
    fn decorator(&mut self) -> Value {
        self.values.intern(Data::External(Name::new(
            crate::eval::library::table::DECORATOR,
        )))
    }

    #[expect(
        clippy::too_many_lines,
        reason = "one arm per function, none of them long"
    )]
    fn call_special_function(
        &mut self,
        frame: &mut Frame<'p>,
        site: Site<'p>,
        name: Name,
        special: Special,
        actual: &Actual,
    ) -> Invoked {
        let first = actual.positionals.first().copied();
        Invoked::value(match special {
            Special::ImportModule => return self.import_module_call(frame, site, actual),
            Special::Import => self.import_builtin(frame, site, actual),
            Special::GetAttr => return self.getattr_call(frame, site, actual),
            Special::SetAttr => {
                self.set_attribute_call(frame, actual);
                self.unknown_call(frame, actual);
                Value::NONE
            }
            Special::HasAttr => self.hasattr_call(frame, actual),
            Special::Callable => match first.map(|first| self.is_callable_union(first)) {
                Some(Truth::True) => Value::TRUE,
                Some(Truth::False) => Value::FALSE,
                _ => self.values.of(Kind::Bool),
            },
            Special::IsInstance => match (first, actual.positionals.get(1)) {
                (Some(value), Some(&class)) => self.isinstance_union(value, class),
                _ => self.values.of(Kind::Bool),
            },
            Special::Dict => {
                let mut dict =
                    first.map_or_else(Dict::default, |first| self.as_mapping(frame, first));
                if let Some(first) = first
                    && let Some(pairs) = self.pairs(frame, first)
                {
                    dict = pairs;
                }
                if actual.more_positionals {
                    dict = Dict::open();
                }
                let keywords = actual.as_dict(&mut self.values);
                dict.update(&mut self.values, &keywords, true);
                self.new_dict(frame, dict)
            }
            Special::DefaultDict => self.new_dict(frame, Dict::making(Value::UNKNOWN)),
            Special::List | Special::Tuple | Special::Set => self.collection(frame, special, first),
            Special::Sorted => self.sorted(frame, first, actual),
            Special::Str => match first {
                Some(first)
                    if self.values.as_str(first).is_some() && actual.positionals.len() == 1 =>
                {
                    first
                }
                None => self.values.str(Name::new("")),
                _ => self.values.of(Kind::Str),
            },
            Special::Type => match (
                first.map(|first| self.data(first).clone()),
                actual.positionals.len(),
            ) {
                (Some(Data::Instance { class, exact }), 1) => {
                    self.values.intern(Data::Class { class, exact })
                }
                (Some(Data::Union(members)), 1) if self.is_graph() => {
                    let class_of = |member: &Value| match *self.data(*member) {
                        Data::Instance { class, exact } => Some(Data::Class { class, exact }),
                        _ => None,
                    };
                    let classes: Vec<Data> = members.iter().filter_map(class_of).collect();
                    let mut classes: Vec<Value> = classes
                        .into_iter()
                        .map(|class| self.values.intern(class))
                        .collect();
                    classes.push(Value::UNKNOWN);
                    self.values.union(classes)
                }
                _ => Value::UNKNOWN,
            },
            Special::Super => self.super_call(frame, actual),
            Special::Partial => match first {
                Some(function) => {
                    let positionals = actual.positionals[1..].into();
                    let keywords = actual
                        .keywords
                        .iter()
                        .map(|keyword| (keyword.name, keyword.value))
                        .collect();
                    if actual.more_positionals || actual.rest.is_some() {
                        Value::UNKNOWN
                    } else {
                        self.values.intern(Data::Partial(Partial {
                            function,
                            positionals,
                            keywords,
                        }))
                    }
                }
                None => Value::UNKNOWN,
            },
            Special::Static => first.map_or(Value::UNKNOWN, |first| {
                self.values.intern(Data::Static(first))
            }),
            Special::Class => first.map_or(Value::UNKNOWN, |first| {
                self.values.intern(Data::ClassMethod(first))
            }),
            Special::Property => first.map_or(Value::UNKNOWN, |first| {
                self.values.intern(Data::Property(first))
            }),
            Special::CachedProperty => first.map_or(Value::UNKNOWN, |first| {
                self.values.intern(Data::CachedProperty(first))
            }),
            Special::Dataclass => match first.map(|first| self.data(first).clone()) {
                Some(Data::Class { class, .. }) => {
                    self.make_dataclass(class, actual);
                    first.unwrap_or(Value::UNKNOWN)
                }
                None => {
                    let function = self.values.intern(Data::External(name));
                    let keywords = actual
                        .keywords
                        .iter()
                        .map(|keyword| (keyword.name, keyword.value))
                        .collect();
                    self.values.intern(Data::Partial(Partial {
                        function,
                        positionals: Rc::default(),
                        keywords,
                    }))
                }
                _ => Value::UNKNOWN,
            },
            Special::Globals => self.namespace_dict(frame),
            Special::Enumerate => self.enumerated(frame, first, actual),
            Special::Zip => self.zipped(frame, actual),
            Special::Copy => match first.and_then(|first| self.object_of(frame, first)) {
                Some(object) => {
                    let id = frame.state.allocate((*object).clone());
                    self.values.intern(Data::Local(id))
                }
                None => first.unwrap_or(Value::UNKNOWN),
            },
            Special::AnyAll => self.any_all(frame, name, first),
            Special::Len => match first.and_then(|first| self.length(frame, first)) {
                Some((least, Some(most))) if least == most => {
                    let size = i64::try_from(least).unwrap_or(i64::MAX);
                    self.values.intern(Data::Int(size))
                }
                _ => self.values.of(Kind::Int),
            },
            Special::Map => {
                if let (Some(function), [_, iterable]) = (first, actual.positionals.as_slice()) {
                    let item = self.any_item(frame, *iterable);
                    let marks = frame.failures.len();
                    let live = frame.state.live;
                    // It runs for each item there is, perhaps for none.
                    let result = self.call_with(frame, function, vec![item], site.range);
                    frame.failures.truncate(marks);
                    frame.state.live = live;
                    let result = self.outlive(frame, result);
                    return Invoked::value(self.new_list(
                        frame,
                        Sequence {
                            items: Vec::new(),
                            rest: Some(result),
                        },
                    ));
                }
                self.values.of(Kind::Iterator)
            }
            Special::Next => {
                self.may_raise(frame);
                let item = first.map_or(Value::UNKNOWN, |first| self.any_item(frame, first));
                match actual.positionals.get(1) {
                    Some(&default) => self.values.join(item, default),
                    None => item,
                }
            }
            Special::ContextManager => match first {
                // The signature stays, what a call gives does not.
                Some(function) if self.function_behind(function).is_some() => {
                    self.values.intern(Data::Wrapped(function))
                }
                _ => Value::UNKNOWN,
            },
        })
    }

    fn length(&mut self, frame: &Frame<'p>, value: Value) -> Option<(usize, Option<usize>)> {
        match self.data(value) {
            Data::Tuple(items) => Some((items.len(), Some(items.len()))),
            Data::Str(text) => {
                let length = text.chars().count();
                Some((length, Some(length)))
            }
            _ => self.object_size(frame, value),
        }
    }

    fn is_callable_union(&mut self, value: Value) -> Truth {
        let mut result: Option<Truth> = None;
        for member in self.values.alternatives(value) {
            let truth = self.is_callable(member);
            result = Some(result.map_or(truth, |known| known.merge(truth)));
        }
        result.unwrap_or(Truth::Unknown)
    }

    fn isinstance_union(&mut self, value: Value, class: Value) -> Value {
        let mut result: Option<Truth> = None;
        for member in self.values.alternatives(value) {
            let truth = self.is_instance(member, class);
            result = Some(result.map_or(truth, |known| known.merge(truth)));
        }
        match result {
            Some(Truth::True) => Value::TRUE,
            Some(Truth::False) => Value::FALSE,
            _ => self.values.of(Kind::Bool),
        }
    }

    fn import_module_call(
        &mut self,
        frame: &mut Frame<'p>,
        site: Site<'p>,
        actual: &Actual,
    ) -> Invoked {
        let Some(name) = actual.get(0, "name") else {
            return Invoked::value(Value::UNKNOWN);
        };
        let mut results = Vec::new();
        let alternatives = self.values.alternatives(name);
        let only = alternatives.len() == 1;
        for alternative in alternatives {
            let value = match self.values.as_str(alternative) {
                Some(text) if !text.starts_with('.') => {
                    let marks = frame.failures.len();
                    let value = self.import_by_name(frame, text, site.range);
                    self.doubt_if_asked_about(frame, site, marks);
                    self.note_made_name(frame, text, matches!(self.data(value), Data::Module(_)));
                    if !only {
                        frame.failures.truncate(marks);
                    }
                    value
                }
                _ => {
                    self.import_may_fail(frame);
                    self.may_raise(frame);
                    Value::UNKNOWN
                }
            };
            results.push(value);
        }
        Invoked::value(self.values.union(results))
    }

    /// `__import__('a.b', fromlist=['c'])` gives `a.b`; without `fromlist`, `a`.
    fn import_builtin(&mut self, frame: &mut Frame<'p>, site: Site<'p>, actual: &Actual) -> Value {
        self.import_may_fail(frame);
        let Some(text) = actual
            .get(0, "name")
            .and_then(|name| self.values.as_str(name))
        else {
            self.may_raise(frame);
            return Value::UNKNOWN;
        };
        let whole = match actual.get(3, "fromlist") {
            Some(list) => self.truth(frame, list),
            None => Truth::False,
        };
        let marks = frame.failures.len();
        let found = match whole {
            Truth::True => self.import_by_name(frame, text, site.range),
            Truth::False => {
                self.import_by_name(frame, text, site.range);
                let first = Name::new(text.split('.').next().unwrap_or_default());
                self.import_by_name(frame, first, site.range)
            }
            Truth::Unknown => Value::UNKNOWN,
        };
        self.doubt_if_asked_about(frame, site, marks);
        found
    }

    /// What fails under a test that may come out either way and asks about the name that is looked up need not fail.
    fn doubt_if_asked_about(&mut self, frame: &mut Frame<'p>, site: Site<'p>, marks: usize) {
        let Some(call) = site.call.filter(|_| frame.failures.len() > marks) else {
            return;
        };
        let parts: Vec<_> = call
            .arguments
            .iter()
            .map(|argument| &argument.value)
            .collect();
        if self.mentions_guarded(frame, &[], &parts) {
            for failure in &mut frame.failures[marks..] {
                failure.confidence = Confidence::May;
            }
        }
    }

    fn getattr_call(&mut self, frame: &mut Frame<'p>, site: Site<'p>, actual: &Actual) -> Invoked {
        let (Some(&object), Some(&name)) = (actual.positionals.first(), actual.positionals.get(1))
        else {
            return Invoked::value(Value::UNKNOWN);
        };
        let default = actual.positionals.get(2).copied();
        let names = self.values.alternatives(name);
        let mut results = Vec::new();
        for &name in &names {
            let Some(text) = self.values.as_str(name) else {
                self.may_raise(frame);
                results.push(Value::UNKNOWN);
                if self.is_graph() {
                    results.extend(self.attributes_called(frame, site, object));
                    results.extend(default);
                }
                continue;
            };
            match (self.get_attribute(frame, object, text), default) {
                (Attribute::Found(value), _) => {
                    self.note_lookup(frame, name, true);
                    self.note_made_name(frame, text, true);
                    results.extend(self.values.alternatives(value));
                    if self.comes_and_goes(object, text) {
                        results.extend(default);
                    }
                }
                (Attribute::Missing, Some(default)) => {
                    self.note_lookup(frame, name, false);
                    results.push(default);
                }
                (Attribute::Missing, None) => {
                    self.note_lookup(frame, name, false);
                    if names.len() == 1 {
                        self.no_such_attribute(frame, site, object, name, text);
                    }
                    results.push(Value::UNKNOWN);
                }
                (Attribute::Unknown, default) => {
                    self.may_raise(frame);
                    results.push(Value::UNKNOWN);
                    results.extend(default);
                }
            }
        }
        Invoked::value(self.values.union(results))
    }

    /// `getattr(self, 'visit_' + name)`, where the call graph is asked for: what it may give.
    fn attributes_called(
        &mut self,
        frame: &mut Frame<'p>,
        site: Site<'p>,
        object: Value,
    ) -> Option<Value> {
        let name = &site.call?.arguments.get(1)?.value;
        let prefix = self.prefix_of(frame, name)?;
        self.attributes_like(frame, object, &prefix)
    }

    /// `getattr(module, name)` where the module has no such name.
    fn no_such_attribute(
        &mut self,
        frame: &mut Frame<'p>,
        site: Site<'p>,
        object: Value,
        name: Value,
        text: Name,
    ) {
        self.may_raise(frame);
        let error = Name::new("AttributeError");
        if self.is_expected_here(frame, error) {
            frame.state.live = false;
            return;
        }
        let Data::Module(module) = *self.data(object) else {
            return;
        };
        let module = self.program.module(module).name;
        let exception = format!("AttributeError: module '{module}' has no attribute '{text}'");
        match self.parameter_with(frame, name) {
            Some(parameter) => {
                let confidence = if frame.introspected > 0 {
                    Confidence::May
                } else {
                    Confidence::Must
                };
                frame.failures.push(LocalFailure {
                    kind: FailureKind::UnknownOperation,
                    confidence,
                    exception: Some(exception),
                    subject: text,
                    range: site.range,
                    call: None,
                    callee: None,
                    blame: Blame::Decision(Decision::Parameter(parameter)),
                    by_value: false,
                    note: String::from("looks the name up"),
                });
            }
            None => self.missing_target(frame, exception, text, site.range),
        }
    }

    fn hasattr_call(&mut self, frame: &mut Frame<'p>, actual: &Actual) -> Value {
        let (Some(&object), Some(&name)) = (actual.positionals.first(), actual.positionals.get(1))
        else {
            return self.values.of(Kind::Bool);
        };
        let Some(text) = self.values.as_str(name) else {
            return self.values.of(Kind::Bool);
        };
        match self.get_attribute(frame, object, text) {
            Attribute::Found(value)
                if !self.values.is_open(value)
                    && !self.comes_and_goes(object, text)
                    && !matches!(self.data(value), Data::Method { .. } | Data::External(_)) =>
            {
                Value::TRUE
            }
            Attribute::Missing => Value::FALSE,
            _ => self.values.of(Kind::Bool),
        }
    }

    /// Whether an object may have an attribute only since one of its methods assigned it.
    fn comes_and_goes(&mut self, object: Value, name: Name) -> bool {
        self.values.alternatives(object).into_iter().any(|object| {
            let Data::Instance { class, .. } = *self.data(object) else {
                return false;
            };
            !matches!(self.in_mro(class, name), InMro::Found(..))
        })
    }

    fn super_call(&mut self, frame: &mut Frame<'p>, actual: &Actual) -> Value {
        let (class, receiver) = match actual.positionals.as_slice() {
            [] => (self.class_around(frame), self.own_receiver(frame)),
            [class, receiver] => match *self.data(*class) {
                Data::Class { class, exact: true } => (Some(class), Some(*receiver)),
                _ => return Value::UNKNOWN,
            },
            _ => return Value::UNKNOWN,
        };
        match (class, receiver) {
            (Some(class), Some(receiver))
                if matches!(
                    self.data(receiver),
                    Data::Instance { .. } | Data::Class { .. }
                ) =>
            {
                self.values.intern(Data::Super { class, receiver })
            }
            _ => Value::UNKNOWN,
        }
    }

    /// `dict([('a', 1), ...])`.
    fn pairs(&mut self, frame: &Frame<'p>, value: Value) -> Option<Dict> {
        let is_dict = matches!(
            self.object_of(frame, value).as_deref(),
            Some(Object::Dict(_))
        );
        let items = self.known_items(frame, value).filter(|_| !is_dict)?;
        let mut dict = Dict::default();
        for item in items {
            let pair = self.known_items(frame, item)?;
            let [key, value] = pair.as_slice() else {
                return None;
            };
            if !crate::eval::domain::compare::is_key(&self.values, *key) {
                return None;
            }
            dict.set(*key, *value);
        }
        Some(dict)
    }

    fn collection(
        &mut self,
        frame: &mut Frame<'p>,
        special: Special,
        first: Option<Value>,
    ) -> Value {
        let Some(first) = first else {
            return match special {
                Special::Tuple => self.values.intern(Data::Tuple(Rc::default())),
                Special::Set => {
                    let id = frame.state.allocate(Object::Set(Sequence::default()));
                    self.values.intern(Data::Local(id))
                }
                _ => self.new_list(frame, Sequence::default()),
            };
        };
        let sequence = match self.known_items(frame, first) {
            Some(items) => Sequence { items, rest: None },
            None => Sequence {
                items: Vec::new(),
                rest: Some(self.any_item(frame, first)),
            },
        };
        match special {
            Special::Tuple if sequence.rest.is_none() => {
                self.values.intern(Data::Tuple(sequence.items.into()))
            }
            Special::Tuple => self.values.of(Kind::Tuple),
            Special::Set => {
                let id = frame.state.allocate(Object::Set(sequence));
                self.values.intern(Data::Local(id))
            }
            _ => self.new_list(frame, sequence),
        }
    }

    /// `sorted(texts)`; any other order is unknown.
    fn sorted(&mut self, frame: &mut Frame<'p>, first: Option<Value>, actual: &Actual) -> Value {
        let items = first.and_then(|first| self.known_items(frame, first));
        let plain =
            actual.positionals.len() == 1 && actual.keywords.is_empty() && actual.rest.is_none();
        if let Some(items) = items.filter(|_| plain) {
            let texts: Option<Vec<Name>> =
                items.iter().map(|&item| self.values.as_str(item)).collect();
            if let Some(mut texts) = texts {
                texts.sort_unstable();
                let items = texts
                    .into_iter()
                    .map(|text| self.values.str(text))
                    .collect();
                return self.new_list(frame, Sequence { items, rest: None });
            }
        }
        let any = first.map_or(Value::UNKNOWN, |first| self.any_item(frame, first));
        self.new_list(
            frame,
            Sequence {
                items: Vec::new(),
                rest: Some(any),
            },
        )
    }

    /// `globals()`: the module's names as a dict, to be read.
    fn namespace_dict(&mut self, frame: &mut Frame<'p>) -> Value {
        let mut dict = Dict::open();
        for (index, variable) in frame.ir.scope.slots.iter().enumerate() {
            if variable.hidden || !self.values_are_ready(frame) {
                continue;
            }
            let value = self.modules[frame.module.0 as usize].slots[index];
            if value != Value::UNBOUND && !matches!(self.data(value), Data::Import { .. }) {
                let key = self.values.str(variable.name);
                dict.entries.push(crate::eval::domain::state::Entry {
                    key,
                    value,
                    certain: true,
                });
            }
        }
        self.new_dict(frame, dict)
    }

    fn values_are_ready(&self, frame: &Frame<'p>) -> bool {
        frame.function().is_some()
    }

    fn enumerated(
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
                Sequence {
                    items: Vec::new(),
                    rest: Some(pair),
                },
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
            Sequence {
                items: pairs,
                rest: None,
            },
        )
    }

    fn zipped(&mut self, frame: &mut Frame<'p>, actual: &Actual) -> Value {
        let mut columns = Vec::new();
        for &iterable in &actual.positionals {
            match self.known_items(frame, iterable) {
                Some(items) => columns.push(items),
                None => return self.values.of(Kind::Iterator),
            }
        }
        let length = columns.iter().map(Vec::len).min().unwrap_or(0);
        let mut rows = Vec::with_capacity(length);
        for index in 0..length {
            let row = columns.iter().map(|column| column[index]).collect();
            rows.push(self.values.intern(Data::Tuple(row)));
        }
        self.new_list(
            frame,
            Sequence {
                items: rows,
                rest: None,
            },
        )
    }

    /// `any(..)`, `all(..)` over known items.
    fn any_all(&mut self, frame: &mut Frame<'p>, name: Name, first: Option<Value>) -> Value {
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
