//! What library functions call of what they are handed. A contributor adds a line to [`TABLE`].

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use crate::eval::Evaluator;
use crate::eval::calls::arguments::Actual;
use crate::eval::calls::call::Site;
use crate::eval::domain::state::{Dict, Sequence};
use crate::eval::domain::value::{ClassRef, Data, FunctionRef, Partial, Value};
use crate::eval::interpreter::frame::Frame;
use crate::name::Name;

use super::{Flow, Holder};

/// What a library function does with its arguments.
#[derive(Clone, Copy, Debug)]
enum Does {
    /// It iterates over this argument, and gives a container of the items.
    Collects(usize),
    /// It iterates over this argument, and gives one of the items.
    Picks(usize),
    /// It iterates over this argument.
    Iterates(usize),
    /// It iterates over all arguments, and gives tuples of their items.
    Zips,
    /// It calls this keyword's value with each item of the first argument.
    Keys(&'static str),
    /// It calls the first argument with an item of each further one, and gives a container of the results.
    Maps,
    /// It calls the first argument with each item of the second, and gives a container of the items.
    Filters,
    /// It calls the first argument with what that gave and the next item of the second; and gives the last result.
    Reduces,
    /// It calls the first of these special methods that this argument has.
    Asks(usize, &'static [&'static str]),
    /// It asks every argument for its text.
    Prints,
    /// It calls this argument with something.
    Calls(usize),
    /// It gives this argument.
    Gives(usize),
}

use Does::{
    Asks, Calls, Collects, Filters, Gives, Iterates, Keys, Maps, Picks, Prints, Reduces, Zips,
};

/// What stands for the results of `map` and `filter`, as long as nobody iterates over them. No name of Python's can be this.
const LAZY_MAP: &str = "<map>";
const LAZY_FILTER: &str = "<filter>";

/// The attribute of a function that dispatches which stands for all that is registered. No name of Python's can be this.
const REGISTERED: &str = "<registered>";

/// Functions by their dotted name.
const TABLE: &[(&str, &[Does])] = &[
    ("builtins.abs", &[Asks(0, &["__abs__"])]),
    ("builtins.all", &[Iterates(0)]),
    ("builtins.any", &[Iterates(0)]),
    ("builtins.bool", &[Asks(0, &["__bool__", "__len__"])]),
    ("builtins.bytes", &[Asks(0, &["__bytes__"])]),
    ("builtins.dict", &[Iterates(0)]),
    ("builtins.dir", &[Asks(0, &["__dir__"])]),
    ("builtins.divmod", &[Asks(0, &["__divmod__"])]),
    ("builtins.enumerate", &[Zips]),
    ("builtins.filter", &[Filters]),
    ("builtins.float", &[Asks(0, &["__float__", "__index__"])]),
    (
        "builtins.format",
        &[Asks(0, &["__format__", "__str__", "__repr__"])],
    ),
    ("builtins.frozenset", &[Collects(0)]),
    ("builtins.hash", &[Asks(0, &["__hash__"])]),
    (
        "builtins.int",
        &[Asks(0, &["__int__", "__index__", "__trunc__"])],
    ),
    ("builtins.iter", &[Asks(0, &["__iter__"]), Gives(0)]),
    ("builtins.len", &[Asks(0, &["__len__"])]),
    ("builtins.list", &[Collects(0)]),
    ("builtins.map", &[Maps]),
    ("builtins.max", &[Picks(0), Keys("key")]),
    ("builtins.min", &[Picks(0), Keys("key")]),
    ("builtins.next", &[Asks(0, &["__next__"]), Picks(0)]),
    ("builtins.pow", &[Asks(0, &["__pow__"])]),
    ("builtins.print", &[Prints]),
    ("builtins.repr", &[Asks(0, &["__repr__"])]),
    (
        "builtins.reversed",
        &[Asks(0, &["__reversed__"]), Collects(0)],
    ),
    ("builtins.round", &[Asks(0, &["__round__"])]),
    ("builtins.set", &[Collects(0)]),
    ("builtins.sorted", &[Collects(0), Keys("key")]),
    ("builtins.str", &[Asks(0, &["__str__", "__repr__"])]),
    ("builtins.sum", &[Iterates(0)]),
    ("builtins.tuple", &[Collects(0)]),
    ("builtins.zip", &[Zips]),
    ("collections.Counter", &[Iterates(0)]),
    ("collections.deque", &[Collects(0)]),
    ("copy.copy", &[Asks(0, &["__copy__"])]),
    ("copy.deepcopy", &[Asks(0, &["__deepcopy__"])]),
    ("functools.reduce", &[Reduces]),
    ("itertools.accumulate", &[Iterates(0), Calls(1)]),
    ("itertools.chain", &[Iterates(0), Iterates(1), Iterates(2)]),
    ("itertools.dropwhile", &[Filters]),
    ("itertools.filterfalse", &[Filters]),
    ("itertools.groupby", &[Iterates(0), Keys("key")]),
    ("itertools.islice", &[Collects(0)]),
    ("itertools.takewhile", &[Filters]),
    ("operator.add", &[Asks(0, &["__add__"])]),
    ("operator.eq", &[Asks(0, &["__eq__"])]),
    ("re.sub", &[Calls(1)]),
];

static BY_NAME: LazyLock<FxHashMap<Name, &'static [Does]>> = LazyLock::new(|| {
    TABLE
        .iter()
        .map(|&(name, does)| (Name::new(name), does))
        .collect()
});

impl<'p> Evaluator<'p> {
    /// Makes the calls that a library function makes, where the call graph is asked for. Gives its result, as far as that tells more than is
    /// known of the function otherwise.
    pub fn called_by_library(
        &mut self,
        frame: &mut Frame<'p>,
        name: Name,
        actual: &Actual,
    ) -> Option<Value> {
        self.calls.as_ref()?;
        match (name.as_str(), actual.positionals.as_slice()) {
            ("builtins.type.__call__", [class, rest @ ..]) => {
                let Data::Class { class, exact } = *self.data(*class) else {
                    return None;
                };
                return self.made_by_type(frame, class, exact, rest);
            }
            ("builtins.object.__new__", [class, ..]) => {
                let Data::Class { class, exact } = *self.data(*class) else {
                    return None;
                };
                return Some(self.values.intern(Data::Instance {
                    class,
                    exact,
                    data: None,
                    given: None,
                }));
            }
            ("functools.partialmethod", [function, rest @ ..]) => {
                let partial = Data::Partial(Partial {
                    function: *function,
                    positionals: rest.into(),
                    keywords: actual
                        .keywords
                        .iter()
                        .map(|keyword| (keyword.name, keyword.value))
                        .collect(),
                });
                // Wrapped, it is bound as a function is.
                let partial = self.values.intern(partial);
                return Some(self.values.intern(Data::Wrapped(partial)));
            }
            ("functools.singledispatch" | "functools.singledispatchmethod", [function]) => {
                return Some(*function);
            }
            ("collections.defaultdict", [factory, ..]) => {
                let Data::External(name) = *self.data(*factory) else {
                    return None;
                };
                let made = match name.as_str() {
                    "builtins.list" => self.new_list(frame, Sequence::default()),
                    "builtins.dict" => self.new_dict(frame, Dict::default()),
                    _ => return None,
                };
                let made = self.outlive(frame, made);
                let dict = Dict::making(made);
                return Some(self.new_dict(frame, dict));
            }
            ("builtins.setattr", [object, name, value]) => {
                let name = self.values.as_str(*name)?;
                let value = self.outlive(frame, *value);
                self.assign_attribute(*object, name, value);
                self.stored_attribute(frame, *object, name, value);
                return Some(Value::NONE);
            }
            _ => {}
        }
        let does = BY_NAME.get(&name)?;
        let mut given = None;
        for &does in *does {
            given = self.does(frame, does, actual).or(given);
        }
        given
    }

    fn does(&mut self, frame: &mut Frame<'p>, does: Does, actual: &Actual) -> Option<Value> {
        let argument = |index: usize| actual.positionals.get(index).copied();
        match does {
            Collects(index) => {
                let item = self.iterated(frame, argument(index)?)?;
                Some(self.list_of(frame, item))
            }
            Picks(index) => {
                let only = actual.positionals.len() == 1 || index > 0;
                let first = argument(index)?;
                if let Some(item) = self.iterated(frame, first) {
                    return Some(item);
                }
                Some(if only {
                    self.any_item(frame, first)
                } else {
                    self.values.union(actual.positionals.clone())
                })
            }
            Iterates(index) => {
                self.iterated(frame, argument(index)?);
                None
            }
            Zips => {
                let mut any = false;
                let mut items = Vec::new();
                for &iterable in &actual.positionals {
                    let item = self.iterated(frame, iterable);
                    any |= item.is_some();
                    items.push(item.unwrap_or_else(|| self.any_item(frame, iterable)));
                }
                if items.len() == 1 {
                    items.insert(0, Value::UNKNOWN);
                }
                let tuple = self.values.intern(Data::Tuple(items.into()));
                any.then(|| self.list_of(frame, tuple))
            }
            Keys(name) => {
                let function = actual.keyword(name)?;
                let item = match (actual.positionals.as_slice(), argument(0)) {
                    ([_, _, ..], _) => self.values.union(actual.positionals.clone()),
                    (_, Some(first)) => self.any_item_of(frame, first),
                    _ => Value::UNKNOWN,
                };
                self.call_aside(frame, function, vec![item]);
                None
            }
            Maps => Some(self.lazy(LAZY_MAP, &actual.positionals)),
            Filters => Some(self.lazy(LAZY_FILTER, &actual.positionals)),
            Reduces => {
                let item = self.any_item_of(frame, argument(1)?);
                let first = argument(2).unwrap_or(item);
                let result = self.call_aside(frame, argument(0)?, vec![first, item]);
                let first = self.values.join(first, result);
                Some(self.call_aside(frame, argument(0)?, vec![first, item]))
            }
            Asks(index, names) => self.ask(frame, argument(index)?, names, &[]).and(None),
            Prints => {
                for &value in &actual.positionals {
                    self.ask(frame, value, &["__str__", "__repr__"], &[]);
                }
                None
            }
            Calls(index) => {
                let function = argument(index)?;
                self.call_aside(frame, function, vec![Value::UNKNOWN]);
                None
            }
            Gives(index) => argument(index),
        }
    }

    /// `type.__call__`: the class makes an instance, without its metaclass's own `__call__`.
    fn made_by_type(
        &mut self,
        frame: &mut Frame<'p>,
        class: ClassRef,
        exact: bool,
        arguments: &[Value],
    ) -> Option<Value> {
        let site = Site::of_language();
        let actual = Actual::of(arguments.to_vec());
        self.construct_plainly(frame, site, class, exact, &actual)
            .value
    }

    /// What `map` and `filter` give: nothing is called before somebody iterates over it.
    fn lazy(&mut self, name: &str, positionals: &[Value]) -> Value {
        let function = self.values.intern(Data::External(Name::new(name)));
        self.values.intern(Data::Partial(Partial {
            function,
            positionals: positionals.into(),
            keywords: std::rc::Rc::default(),
        }))
    }

    /// Iterates over what `map` and `filter` gave; none if the value is something else.
    pub fn iterated_lazily(&mut self, frame: &mut Frame<'p>, value: Value) -> Option<Value> {
        let Data::Partial(partial) = self.data(value).clone() else {
            return None;
        };
        let Data::External(name) = *self.data(partial.function) else {
            return None;
        };
        let (&function, iterables) = partial.positionals.split_first()?;
        let is_map = match name.as_str() {
            LAZY_MAP => true,
            LAZY_FILTER => false,
            _ => return None,
        };
        let items: Vec<Value> = iterables
            .iter()
            .map(|&iterable| self.any_item_of(frame, iterable))
            .collect();
        let item = items.first().copied().unwrap_or(Value::UNKNOWN);
        let result = self.call_aside(frame, function, items);
        Some(if is_map { result } else { item })
    }

    /// Code that is not known iterates over what it is handed, for all that can be told.
    pub fn consumed(&mut self, frame: &mut Frame<'p>, actual: &Actual) {
        if self.calls.is_some() {
            for value in actual.all_values() {
                for alternative in self.values.alternatives(value) {
                    self.iterated_lazily(frame, alternative);
                }
            }
        }
    }

    /// Calls what is registered for the types of a function's argument, if it dispatches on that.
    pub fn call_registered(
        &mut self,
        frame: &mut Frame<'p>,
        function: FunctionRef,
        actual: &Actual,
    ) {
        if let Some(registered) = self.learnt_of_function(function, REGISTERED) {
            self.call_aside(frame, registered, actual.positionals.clone());
        }
    }

    fn any_item_of(&mut self, frame: &mut Frame<'p>, iterable: Value) -> Value {
        match self.iterated(frame, iterable) {
            Some(item) => item,
            None => self.any_item(frame, iterable),
        }
    }

    fn list_of(&mut self, frame: &mut Frame<'p>, item: Value) -> Value {
        let item = self.outlive(frame, item);
        self.new_list(frame, Sequence::of_any(item))
    }

    /// Methods of properties and generators, where the call graph is asked for.
    pub fn graph_method(
        &mut self,
        frame: &mut Frame<'p>,
        receiver: Value,
        name: Name,
        actual: &Actual,
    ) -> Option<Value> {
        self.calls.as_ref()?;
        let first = actual.positionals.first().copied();
        match (self.data(receiver).clone(), name.as_str()) {
            (Data::Property(getter, _), "setter" | "deleter" | "getter") => {
                let (Some(calls), Some(first)) = (&mut self.calls, first) else {
                    return None;
                };
                if name.as_str() == "setter" {
                    calls.setters.insert(getter, first);
                }
                Some(receiver)
            }
            // `singledispatch`: called with a type it gives itself as the decorator.
            (Data::Function(object), "register") => {
                let last = actual.positionals.last().copied()?;
                if self.function_behind(last).is_none() {
                    return Some(self.values.intern(Data::Method { receiver, name }));
                }
                let holder = Holder::Function(object.function);
                self.learn_stored(holder, Name::new(REGISTERED), last);
                Some(last)
            }
            (Data::Generator(function), "send" | "__next__" | "throw" | "close" | "asend") => {
                if let (Some(sent), "send" | "asend") = (first, name.as_str()) {
                    let sent = self.outlive(frame, sent);
                    self.learn_flow(Flow::Sent, function, sent);
                }
                Some(self.resumed(frame, function))
            }
            _ => None,
        }
    }

    /// Makes the calls that a method of a builtin type makes.
    pub fn called_by_method(
        &mut self,
        frame: &mut Frame<'p>,
        receiver: Value,
        name: Name,
        actual: &Actual,
    ) {
        let Some(kind) = self.builtin_type(frame, receiver) else {
            return;
        };
        let first = actual.positionals.first().copied();
        match (kind, name.as_str(), first) {
            ("<**PyList**>", "sort", _) => {
                if let Some(function) = actual.keyword("key") {
                    let item = self.any_item(frame, receiver);
                    self.call_aside(frame, function, vec![item]);
                }
            }
            (_, "extend" | "join" | "update" | "union" | "intersection", Some(items)) => {
                self.iterated(frame, items);
            }
            (_, "format", _) => {
                for value in actual.all_values() {
                    self.formatted(frame, value);
                }
            }
            _ => {}
        }
    }
}
