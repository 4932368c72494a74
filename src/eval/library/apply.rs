//! Calls of library functions whose meaning is known: what [`crate::eval::library::table`] lists.

use std::rc::Rc;

use crate::facts::{Confidence, FailureKind};
use crate::name::Name;

use crate::eval::Evaluator;
use crate::eval::calls::arguments::Actual;
use crate::eval::calls::call::{Invoked, Site};
use crate::eval::domain::state::Dict;
use crate::eval::domain::truth::Truth;
use crate::eval::domain::value::{Data, Kind, Partial, Value};
use crate::eval::exceptions::class::ATTRIBUTE_ERROR;
use crate::eval::interpreter::frame::{Blame, Decision, Frame, LocalFailure};
use crate::eval::library::table::{CACHING, DECORATOR, Known, Special};
use crate::eval::objects::attribute::Attribute;
use crate::program::ModuleId;

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
        for keyword in &actual.keywords {
            self.keyword_of_target(frame, site, name, keyword.name);
        }
        let entry = self.in_tables(name);
        let refusal = entry.counted;
        let refusal = refusal.and_then(|counted| self.refuses_count(counted, actual));
        let refusal = refusal.or_else(|| self.refuses_keyword(entry.keyed?, actual));
        let refusal = refusal.or_else(|| self.refuses_spelled(entry.signature?, actual));
        let refusal = refusal.or_else(|| self.refuses_instance(name, entry.instance?));
        if let Some(refusal) = refusal {
            self.unknown_call(frame, actual);
            return Invoked::refused(refusal);
        }
        if entry.asks {
            self.check_asked(frame, site, name, actual);
        }
        if entry.runs {
            self.run_by_builtin(frame, name, actual, site.range);
        }
        if let Some(value) = self.called_by_library(frame, name, actual) {
            return Invoked::value(value);
        }
        if entry.calls_back
            && let Some(invoked) = self.call_back(frame, site, &name, actual)
        {
            self.record_handed(frame, &site, actual);
            self.unknown_call(frame, actual);
            return invoked;
        }
        if entry.is_particular
            && let Some(invoked) = self.call_particular(frame, site, name, actual)
        {
            return invoked;
        }
        let Some(known) = entry.known else {
            let method = entry.method;
            let value = match method.and_then(|method| self.method_of_type(frame, method, actual)) {
                Some(value) => value,
                None => {
                    let deferred = self.deferred_call(frame, name, actual);
                    self.record_handed(frame, &site, actual);
                    let given = self.unknown_call(frame, actual);
                    let given = deferred.unwrap_or(given);
                    let made = self.exception_made(name, actual);
                    let made = match given {
                        Value::UNKNOWN => made.or_else(|| self.made_by_library(entry.made)),
                        _ => made,
                    };
                    made.unwrap_or(given)
                }
            };
            return Invoked::value(value);
        };
        let value = match known {
            Known::Gives(kind) => {
                self.may_raise(frame);
                self.values.of(kind)
            }
            Known::Nothing => Value::NONE,
            Known::Something => {
                self.record_handed(frame, &site, actual);
                self.may_raise(frame);
                Value::UNKNOWN
            }
            Known::Argument(index) => match actual.positionals.get(index) {
                Some(&value) => {
                    self.note_disguise(name, value);
                    value
                }
                None => Value::UNKNOWN,
            },
            Known::PlainOrDecorator => match actual.positionals.first() {
                Some(&first) if self.function_behind(first).is_some() => {
                    self.note_disguise(name, first);
                    first
                }
                _ => self.values.intern(Data::External(Name::new(CACHING))),
            },
            Known::Decorator => self.values.intern(Data::External(Name::new(DECORATOR))),
            Known::Never => return Invoked::never(),
            Known::Special(special) => {
                return self.call_special_function(frame, site, name, special, actual);
            }
        };
        Invoked::value(value)
    }

    /// What the tables say that few names are in; none: nothing. What is asked here has to be asked in `Entry::of` as well.
    fn call_particular(
        &mut self,
        frame: &mut Frame<'p>,
        site: Site<'p>,
        name: Name,
        actual: &Actual,
    ) -> Option<Invoked> {
        if let Some(refusal) = self.refuses_argument(&name, actual) {
            self.unknown_call(frame, actual);
            return Some(Invoked::refused(refusal));
        }
        self.fill_namespace(&name, actual);
        self.check_logged(frame, &site, &name, actual);
        self.check_defaults(frame, site, &name, actual);
        self.check_started(frame, &site, &name, actual);
        self.check_bytes_asked(frame, site.range, &name, actual);
        if let Some(coroutine) = self.coroutine_made(name) {
            self.record_handed(frame, &site, actual);
            self.unknown_call(frame, actual);
            return Some(Invoked::value(coroutine));
        }
        if let Some(kind) = self.output_of(&name, actual) {
            self.unknown_call(frame, actual);
            return Some(Invoked::value(self.values.of(kind)));
        }
        if let Some(made) = self
            .made_for_callbacks(name)
            .or_else(|| self.manager_made(name))
        {
            self.record_handed(frame, &site, actual);
            self.unknown_call(frame, actual);
            return Some(Invoked::value(made));
        }
        if let Some(invoked) = self.framework_call(frame, site, name, actual) {
            return Some(invoked);
        }
        if name.as_str() == "dataclasses.replace"
            && let Some(refusal) = self.refuses_replacement(actual)
        {
            self.unknown_call(frame, actual);
            return Some(Invoked::refused(refusal));
        }
        let base = name.strip_suffix(".__new__")?;
        self.new_of_builtin(frame, Name::new(base), actual)
    }

    /// Notes what becomes of a function that goes on as itself here: `wraps` gives it another name and signature, `lru_cache` puts it behind an object
    /// that is no function.
    fn note_disguise(&mut self, name: Name, value: Value) {
        let Some(object) = self.function_behind(value) else {
            return;
        };
        match name.as_str() {
            DECORATOR | "functools.update_wrapper" => {
                self.renamed.insert(object.function);
            }
            CACHING | "functools.cache" | "functools.lru_cache" => {
                self.disguised.insert(object.function);
            }
            _ => {}
        }
    }

    /// `object()`: where it runs once, it is told apart from all else.
    fn sentinel(&mut self, frame: &Frame<'p>, site: Site<'p>) -> Value {
        if self.runs_once(frame, site) {
            return self.values.intern(Data::Sentinel {
                module: frame.module,
                at: site.range.start,
            });
        }
        self.values.of(Kind::Object)
    }

    /// Whether a call runs but once: it stands in a module or class body, and in no loop.
    #[expect(clippy::unused_self, reason = "asked like the rest")]
    pub fn runs_once(&self, frame: &Frame<'p>, site: Site<'p>) -> bool {
        let is_in_no_function = frame.function().is_none() && frame.closure.is_none();
        is_in_no_function && frame.loops.is_empty() && site.call.is_some()
    }

    /// `str.upper(text)`: a method that is taken from its type.
    fn method_of_type(
        &mut self,
        frame: &mut Frame<'p>,
        (wanted, method): (Kind, Name),
        actual: &Actual,
    ) -> Option<Value> {
        let (&receiver, rest) = actual.positionals.split_first()?;
        let found = self.kind_of(frame, receiver)?;
        (found.kind == wanted).then(|| {
            let actual = Actual {
                positionals: rest.to_vec(),
                ..actual.clone()
            };
            self.call_method(frame, receiver, method, &actual)
        })
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
        if let (Special::Len, [only]) = (special, actual.positionals.as_slice()) {
            self.check_length(frame, site.range, *only);
        }
        Invoked::value(match special {
            Special::ImportModule => return self.import_module_call(frame, site, actual),
            Special::ResolveName => self.resolve_name_call(frame, site, actual),
            Special::Import => self.import_builtin(frame, site, actual),
            Special::GetAttr => return self.getattr_call(frame, site, actual),
            Special::SetAttr => {
                self.set_attribute_call(frame, actual);
                self.unknown_call(frame, actual);
                Value::NONE
            }
            Special::HasAttr => self.hasattr_call(frame, actual),
            Special::Callable => {
                let truth = first.map_or(Truth::Unknown, |first| self.is_callable(first));
                self.truth_value(truth)
            }
            Special::IsInstance | Special::IsSubclass => {
                let truth = match (first, actual.positionals.get(1)) {
                    (Some(value), Some(&class)) if matches!(special, Special::IsInstance) => {
                        self.is_instance(frame, value, class)
                    }
                    (Some(value), Some(&class)) => self.is_subclass(value, class),
                    _ => Truth::Unknown,
                };
                self.truth_value(truth)
            }
            Special::Inspect => {
                let asked = name.as_str().rsplit('.').next().unwrap_or_default();
                let truth =
                    first.map_or(Truth::Unknown, |first| self.inspected(frame, asked, first));
                self.truth_value(truth)
            }
            Special::Signature => first.map_or(Value::UNKNOWN, |first| self.signature_call(first)),
            Special::Compute => {
                let function = name.as_str().rsplit('.').next().unwrap_or_default();
                self.compute(frame, function, actual)
            }
            Special::Object => self.sentinel(frame, site),
            Special::Dict => {
                let mut dict =
                    first.map_or_else(Dict::default, |first| self.as_mapping(frame, first));
                dict.is_subtype = false;
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
                dict.is_subtype = name.as_str() != "builtins.dict";
                self.new_dict(frame, dict)
            }
            Special::DefaultDict => {
                let made = self.made_by_factory(actual);
                self.new_dict(frame, Dict::making(made))
            }
            Special::List | Special::Tuple | Special::Set | Special::FrozenSet => {
                self.collection(frame, special, first)
            }
            Special::Sorted => self.sorted(frame, first, actual),
            Special::Str => match first {
                None => self.values.str(Name::new("")),
                Some(first) => match self.text_of(frame, first) {
                    Some(text) if actual.positionals.len() == 1 => self.values.text(&text),
                    _ => self.values.of(Kind::Str),
                },
            },
            Special::Type => match (first, actual.positionals.len()) {
                (Some(first), 1) => self.type_of(frame, first),
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
            Special::Property => self.property_made(actual),
            Special::CachedProperty => first.map_or(Value::UNKNOWN, |first| {
                self.values.intern(Data::CachedProperty(first))
            }),
            Special::Dataclass => match first.map(|first| self.data(first).clone()) {
                Some(Data::Class { class, .. }) => {
                    self.make_dataclass(class, actual);
                    self.check_order_of_fields(frame, site.range, class);
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
                    self.values.local(id)
                }
                None => self.copy_with_own(frame, first.unwrap_or(Value::UNKNOWN), name),
            },
            Special::AnyAll => self.any_all(frame, name, first),
            Special::Len => match first.and_then(|first| self.length(frame, first)) {
                Some((least, Some(most))) if least == most => {
                    self.values.int(i128::try_from(least).unwrap_or(i128::MAX))
                }
                Some((least, _)) if least > 0 => self.values.truthy(Kind::Int),
                None if let Some(length) =
                    first.and_then(|first| self.own_length(frame, first)) =>
                {
                    self.values.int(length)
                }
                _ => self.values.of(Kind::Int),
            },
            Special::Map => return self.mapped(frame, site, first, actual),
            Special::Next => {
                self.may_raise(frame);
                let item = first.map_or(Value::UNKNOWN, |first| self.any_item(frame, first));
                match actual.positionals.get(1) {
                    Some(&default) => self.values.join(item, default),
                    None => item,
                }
            }
            Special::NamedTuple => self.named_tuple_class(frame, site, actual),
            Special::Manager(kind) => self.make_manager(kind, actual),
            Special::ContextManager => match first {
                // The signature stays, what a call gives does not.
                Some(function) if self.function_behind(function).is_some() => {
                    self.values.intern(Data::Wrapped(function))
                }
                _ => Value::UNKNOWN,
            },
        })
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

    /// `pkgutil.resolve_name('a.b:c.d')`. What fails on the way is not told: the text that has to change is a part of the one that is written.
    fn resolve_name_call(
        &mut self,
        frame: &mut Frame<'p>,
        site: Site<'p>,
        actual: &Actual,
    ) -> Value {
        self.import_may_fail(frame);
        self.may_raise(frame);
        let Some(name) = actual.get(0, "name") else {
            return Value::UNKNOWN;
        };
        let mut results = Vec::new();
        for alternative in self.values.alternatives(name) {
            let text = self.values.as_str(alternative);
            let Some((module, members)) = text.as_ref().and_then(|text| text.split_once(':'))
            else {
                results.push(Value::UNKNOWN);
                continue;
            };
            let told = frame.failures.len();
            let mut value = self.import_by_name(frame, Name::new(module), site.range);
            for member in members.split('.').filter(|member| !member.is_empty()) {
                value = match self.get_attribute(frame, value, Name::new(member)) {
                    Attribute::Found(value) => value,
                    _ => Value::UNKNOWN,
                };
            }
            frame.failures.truncate(told);
            results.push(value);
        }
        self.values.union(results)
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
        let found = match whole {
            Truth::True => self.import_by_name(frame, text, site.range),
            Truth::False => {
                self.import_by_name(frame, text, site.range);
                let first = Name::new(text.split('.').next().unwrap_or_default());
                self.import_by_name(frame, first, site.range)
            }
            Truth::Unknown => Value::UNKNOWN,
        };
        found
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
                (Attribute::Found(_), Some(default))
                    if matches!(self.data(object), Data::External(_))
                        && self.has_attribute(frame, object, text) == Truth::False =>
                {
                    results.push(default);
                }
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
                (Attribute::Unknown, Some(default))
                    if self.lacks_attribute(frame.module, object, text) =>
                {
                    results.push(default);
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
        if self.is_expected_here(frame, *ATTRIBUTE_ERROR) {
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
                let confidence = if frame.is_unsure() {
                    Confidence::May
                } else {
                    Confidence::Must
                };
                frame.failures.push(LocalFailure {
                    confidence,
                    exception: Some(exception),
                    blame: Blame::Decision(Decision::Parameter(parameter)),
                    ..LocalFailure::at(
                        FailureKind::UnknownOperation,
                        text,
                        site.range,
                        "looks the name up",
                    )
                });
            }
            None => self.missing_target(frame, exception, text, site.range),
        }
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

    /// Whether code that looks a name up in `globals()` may want this value: a function, a module, a class of its own, and no text, number or class that the module
    /// has for other ends.
    fn may_be_asked_for(&self, module: ModuleId, value: Value) -> bool {
        match *self.data(value) {
            Data::Class { class, .. } => self.class(class).module == module,
            Data::Import { .. }
            | Data::None
            | Data::Bool(_)
            | Data::Int(_)
            | Data::Str(_)
            | Data::Bytes(_) => false,
            _ => true,
        }
    }

    /// `globals()`: the module's names as a dict, to be read.
    fn namespace_dict(&mut self, frame: &mut Frame<'p>) -> Value {
        let mut dict = Dict {
            is_namespace: true,
            ..Dict::open()
        };
        for (index, variable) in frame.ir.scope.slots.iter().enumerate() {
            if variable.hidden || !self.values_are_ready(frame) {
                continue;
            }
            let value = self.modules[frame.module.0 as usize].slots[index];
            if value != Value::UNBOUND && self.may_be_asked_for(frame.module, value) {
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
}
