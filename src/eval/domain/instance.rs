//! `isinstance`, `issubclass` and `callable`, as far as they are certain.

use crate::name::Name;

use crate::eval::Evaluator;
use crate::eval::domain::kind::{self, Kind};
use crate::eval::domain::truth::Truth;
use crate::eval::domain::types::{is_callable_external, is_class_name};
use crate::eval::domain::value::{ClassRef, Data, Value};
use crate::eval::interpreter::frame::Frame;
use crate::eval::objects::mro::{Ancestor, InMro};
use crate::program::stdlib::is_standard;

impl<'p> Evaluator<'p> {
    /// Whether a value is an instance of a class, or of one of a tuple or union of classes.
    pub fn is_instance(&mut self, frame: &Frame<'p>, value: Value, class: Value) -> Truth {
        if let Some(members) = self.values.union_of(value) {
            return self.merge_all(&members, |evaluator, member| {
                evaluator.is_instance(frame, member, class)
            });
        }
        if let Some(members) = self.values.union_of(class) {
            return self.merge_all(&members, |evaluator, member| {
                evaluator.is_instance(frame, value, member)
            });
        }
        match self.data(class).clone() {
            Data::Tuple(classes) | Data::Either(classes) => {
                let mut result = Truth::False;
                for &class in classes.iter() {
                    match self.is_instance(frame, value, class) {
                        Truth::True => return Truth::True,
                        Truth::Unknown => result = Truth::Unknown,
                        Truth::False => {}
                    }
                }
                result
            }
            // `Union[int, None]`
            Data::None => {
                let none = self.external(Kind::NoneType.dotted());
                self.is_instance(frame, value, none)
            }
            Data::External(name) => self.is_instance_of_external(frame, value, name),
            Data::Class { class: wanted, .. } => self.is_instance_of_tree(frame, value, wanted),
            Data::NamedTuple(named) => match *self.data(value) {
                Data::Made { class: made, .. } if made == class && !named.is_one => Truth::Unknown,
                Data::Made { class: made, .. } => Truth::of(made == class),
                _ => match self.kind_of(frame, value) {
                    Some(found) if found.is_exact => Truth::False,
                    _ => Truth::Unknown,
                },
            },
            _ => Truth::Unknown,
        }
    }

    fn external(&mut self, name: Option<&str>) -> Value {
        match name {
            Some(name) => self.values.intern(Data::External(Name::new(name))),
            None => Value::UNKNOWN,
        }
    }

    fn is_instance_of_tree(&mut self, frame: &Frame<'p>, value: Value, wanted: ClassRef) -> Truth {
        match *self.data(value) {
            Data::Instance { class, exact, .. } => self.is_subclass_of_tree(class, exact, wanted),
            Data::Member { class, .. } => self.is_subclass_of_tree(class, true, wanted),
            Data::Made { .. } if self.asks_no_hook(wanted) => Truth::False,
            // A class made in the ordinary way is an instance of `type`, and of no class of the tree.
            Data::Class { class, exact: true } => {
                let found = self.class(class);
                let is_plain = !found.has_metaclass && !found.has_foreign_ancestor();
                if is_plain && !self.class(wanted).is_metaclass() && self.asks_no_hook(wanted) {
                    Truth::False
                } else {
                    Truth::Unknown
                }
            }
            _ => match self.kind_of(frame, value) {
                Some(found) if found.is_exact && self.asks_no_hook(wanted) => Truth::False,
                _ => Truth::Unknown,
            },
        }
    }

    fn is_subclass_of_tree(&self, found: ClassRef, exact: bool, wanted: ClassRef) -> Truth {
        match self.instance_of_class(found, exact, wanted) {
            Truth::False if !self.asks_no_hook(wanted) => Truth::Unknown,
            truth => truth,
        }
    }

    /// Whether `isinstance(x, wanted)` looks along the MRO of `type(x)` and at nothing else: no `__instancecheck__`, nothing registered.
    fn asks_no_hook(&self, wanted: ClassRef) -> bool {
        let object = self.class(wanted);
        !object.has_metaclass
            && !object.is_registering
            && object.mro.iter().all(|ancestor| match ancestor {
                Ancestor::Tree(class) => !self
                    .class(*class)
                    .namespace
                    .contains_key(&Name::new("__subclasshook__")),
                Ancestor::External(name) => {
                    let root = name.as_str().split('.').next().unwrap_or_default();
                    !name.ends_with(".Protocol")
                        && (root == "builtins" || crate::program::stdlib::is_standard(root))
                }
                Ancestor::Unknown => false,
            })
    }

    fn is_instance_of_external(&mut self, frame: &Frame<'p>, value: Value, name: Name) -> Truth {
        let wanted = kind::canonical(&name);
        match *self.data(value) {
            Data::Instance { class, exact, .. } => self.tree_class_is(class, exact, wanted),
            // Its class is final, and no other package's class is above it.
            Data::None if is_of_package(wanted) => Truth::False,
            Data::Made { class, .. } => self.made_is(class, wanted),
            Data::Member { class, .. } => match self.data_behind(value) {
                Some(data) => {
                    let found = self.is_instance_of_external(frame, data, name);
                    match (found, self.tree_class_is(class, true, wanted)) {
                        (Truth::True, _) | (_, Truth::True) => Truth::True,
                        (_, other) => other,
                    }
                }
                None => self.tree_class_is(class, true, wanted),
            },
            Data::Class { class, .. } => match wanted {
                "builtins.type"
                | "builtins.object"
                | "collections.abc.Callable"
                | "collections.abc.Hashable" => Truth::True,
                // An enum's metaclass is `EnumMeta`.
                "enum.EnumMeta"
                | "enum.EnumType"
                | "collections.abc.Sized"
                | "collections.abc.Iterable"
                | "collections.abc.Container"
                | "collections.abc.Collection"
                | "collections.abc.Reversible"
                    if self.has_metaclass_of_enums(class) =>
                {
                    Truth::True
                }
                _ if self.has_metaclass_of_enums(class) => {
                    of_known(Kind::Type.is_instance_of(wanted))
                }
                _ if self.class(class).is_enum
                    || self.class(class).has_metaclass
                    || self.class(class).has_foreign_ancestor() =>
                {
                    Truth::Unknown
                }
                // An ABC's metaclass is `ABCMeta`.
                "abc.ABCMeta" => Truth::Unknown,
                _ => of_known(Kind::Type.is_instance_of(wanted)),
            },
            Data::External(found) => match self.kind_of(frame, value) {
                Some(found) => of_known(found.kind.is_instance_of(wanted)),
                // An abstract class is a class.
                None if is_abstract_class(&found)
                    && matches!(wanted, "builtins.type" | "builtins.object") =>
                {
                    Truth::True
                }
                None => Truth::Unknown,
            },
            Data::Either(_) => match wanted {
                "builtins.object" => Truth::True,
                "builtins.type" | "builtins.str" | "builtins.dict" | "builtins.list" => {
                    Truth::False
                }
                _ => Truth::Unknown,
            },
            _ => match self.kind_of(frame, value) {
                Some(found) => {
                    let answer = of_known(found.kind.is_instance_of(wanted));
                    if answer == Truth::False && !found.is_exact {
                        Truth::Unknown
                    } else {
                        answer
                    }
                }
                None if matches!(self.data(value), Data::Generator(_)) => match wanted {
                    "types.AsyncGeneratorType"
                    | "collections.abc.AsyncGenerator"
                    | "collections.abc.AsyncIterator"
                    | "collections.abc.AsyncIterable"
                    | "collections.abc.Hashable"
                    | "builtins.object" => Truth::True,
                    _ => of_known(Kind::Coroutine.is_instance_of(wanted)).and(Truth::Unknown),
                },
                None => Truth::Unknown,
            },
        }
    }

    /// Whether `EnumMeta` itself makes a class.
    fn has_metaclass_of_enums(&self, class: ClassRef) -> bool {
        let object = self.class(class);
        object.is_enum && !object.has_metaclass && !object.has_foreign_ancestor()
    }

    /// Whether what such a class outside the tree made is an instance of another.
    fn made_is(&self, class: Value, wanted: &str) -> Truth {
        match self.data(class) {
            Data::External(name) => of_known(is_subclass_of(name, wanted)),
            // To abstract classes it may have been registered.
            Data::NamedTuple(_) => match Kind::Tuple.is_instance_of(wanted) {
                Some(false) if is_abstract_class(wanted) && self.registers_classes() => {
                    Truth::Unknown
                }
                answer => of_known(answer),
            },
            _ => Truth::Unknown,
        }
    }

    /// Whether instances of a class of the tree are instances of one outside it.
    fn tree_class_is(&mut self, class: ClassRef, exact: bool, wanted: &str) -> Truth {
        if wanted == "builtins.object" {
            return Truth::True;
        }
        let object = self.class(class);
        let bases: Vec<Name> = object
            .mro
            .iter()
            .filter_map(|ancestor| match ancestor {
                Ancestor::External(name) => Some(*name),
                _ => None,
            })
            .collect();
        let is_known = !object.has_metaclass && !object.mro.contains(&Ancestor::Unknown);
        if bases
            .iter()
            .any(|base| is_subclass_of(base, wanted) == Some(true))
        {
            return Truth::True;
        }
        let mut hook = Truth::False;
        for (at, method) in hooked_methods(wanted).iter().enumerate() {
            let has = self.has_special(class, exact, method);
            hook = if at == 0 { has } else { hook.and(has) };
        }
        if hook != Truth::False {
            return hook;
        }
        let unrelated = bases
            .iter()
            .all(|base| is_subclass_of(base, wanted) == Some(false));
        let is_open = is_abstract_class(wanted) && self.registers_classes();
        if exact
            && is_known
            && unrelated
            && !is_open
            && (is_abstract_class(wanted)
                || kind::is_builtin_class(wanted)
                || Kind::of_type(wanted).is_some()
                || Kind::Object.is_instance_of(wanted) == Some(false))
        {
            Truth::False
        } else {
            Truth::Unknown
        }
    }

    /// Whether instances have a special method.
    fn has_special(&mut self, class: ClassRef, exact: bool, method: &str) -> Truth {
        let name = Name::new(method);
        match self.in_mro(class, name) {
            InMro::Found(Value::NONE, _) => Truth::False,
            InMro::Found(..) => Truth::True,
            InMro::Missing | InMro::Unknown if exact && !self.class_may_define(class, &[name]) => {
                match method {
                    // A class that defines `__eq__` alone has no hash.
                    "__hash__" if self.class_may_define(class, &[Name::new("__eq__")]) => {
                        Truth::Unknown
                    }
                    "__hash__"
                        if self.class(class).generated
                            == crate::eval::objects::class::Generated::No =>
                    {
                        Truth::True
                    }
                    "__hash__" => Truth::Unknown,
                    _ => Truth::False,
                }
            }
            _ => Truth::Unknown,
        }
    }

    /// Whether a class is a subclass of another, or of one of several.
    pub fn is_subclass(&mut self, class: Value, wanted: Value) -> Truth {
        if let Some(members) = self.values.union_of(class) {
            return self.merge_all(&members, |evaluator, member| {
                evaluator.is_subclass(member, wanted)
            });
        }
        if let Some(members) = self.values.union_of(wanted) {
            return self.merge_all(&members, |evaluator, member| {
                evaluator.is_subclass(class, member)
            });
        }
        if let Data::Tuple(classes) | Data::Either(classes) = self.data(wanted).clone() {
            let mut result = Truth::False;
            for &wanted in classes.iter() {
                match self.is_subclass(class, wanted) {
                    Truth::True => return Truth::True,
                    Truth::Unknown => result = Truth::Unknown,
                    Truth::False => {}
                }
            }
            return result;
        }
        match (self.data(class).clone(), self.data(wanted).clone()) {
            (Data::Class { class, exact }, Data::Class { class: wanted, .. }) => {
                self.is_subclass_of_tree(class, exact, wanted)
            }
            (Data::Class { class, exact }, Data::External(wanted)) => {
                self.tree_class_is(class, exact, kind::canonical(&wanted))
            }
            (Data::External(class), Data::External(wanted)) => {
                is_subclass_of(&class, kind::canonical(&wanted)).map_or(Truth::Unknown, Truth::of)
            }
            (Data::External(class), Data::Class { class: wanted, .. })
                if is_class_name(&class) && self.asks_no_hook(wanted) =>
            {
                Truth::False
            }
            _ => Truth::Unknown,
        }
    }

    /// Whether a value can be called.
    pub fn is_callable(&mut self, value: Value) -> Truth {
        match *self.data(value) {
            Data::Local(_)
            | Data::Shared(_)
            | Data::Made { .. }
            | Data::Namespace(_)
            | Data::Member { .. }
            | Data::Property(..)
            | Data::Generator(_)
            | Data::Coroutine { .. } => match *self.data(value) {
                Data::Member { class, .. } => self.may_be_called(class),
                _ => Truth::False,
            },
            Data::Function(_)
            | Data::Wrapped(_)
            | Data::Class { .. }
            | Data::Bound { .. }
            | Data::Partial(_)
            | Data::Method { .. } => Truth::True,
            Data::Instance { class, .. } => self.may_be_called(class),
            Data::Union(ref members) => {
                let members = members.clone();
                self.merge_all(&members, Self::is_callable)
            }
            Data::External(name) => is_callable_external(name).map_or(Truth::Unknown, Truth::of),
            _ => match self.values.plain_kind(value) {
                Some(kind) => kind.is_callable().map_or(Truth::Unknown, Truth::of),
                None => Truth::Unknown,
            },
        }
    }

    fn may_be_called(&mut self, class: ClassRef) -> Truth {
        let name = Name::new("__call__");
        match self.in_mro(class, name) {
            InMro::Found(function, _) if matches!(self.data(function), Data::Function(_)) => {
                Truth::True
            }
            _ if self.class_may_define(class, &[name]) => Truth::Unknown,
            _ => Truth::False,
        }
    }
}

/// The methods that an abstract class looks for in a class that does not derive from it (`collections.abc`); none: it looks for none.
fn hooked_methods(wanted: &str) -> &'static [&'static str] {
    match wanted {
        "collections.abc.Callable" => &["__call__"],
        "collections.abc.Iterable" => &["__iter__"],
        "collections.abc.Iterator" => &["__iter__", "__next__"],
        "collections.abc.Reversible" => &["__iter__", "__reversed__"],
        "collections.abc.Generator" => &["__iter__", "__next__", "send", "throw", "close"],
        "collections.abc.Sized" => &["__len__"],
        "collections.abc.Container" => &["__contains__"],
        "collections.abc.Collection" => &["__len__", "__iter__", "__contains__"],
        "collections.abc.Hashable" => &["__hash__"],
        "collections.abc.Awaitable" => &["__await__"],
        "collections.abc.Coroutine" => &["__await__", "send", "throw", "close"],
        "collections.abc.AsyncIterable" => &["__aiter__"],
        "collections.abc.AsyncIterator" => &["__aiter__", "__anext__"],
        "collections.abc.AsyncGenerator" => {
            &["__aiter__", "__anext__", "asend", "athrow", "aclose"]
        }
        "collections.abc.Buffer" => &["__buffer__"],
        "os.PathLike" => &["__fspath__"],
        _ => &[],
    }
}

fn is_abstract_class(name: &str) -> bool {
    let name = kind::canonical(name);
    name.starts_with("collections.abc.") || name.starts_with("numbers.") || name == "os.PathLike"
}

/// Whether a class outside the tree derives from another, or is it.
fn is_subclass_of(class: &str, wanted: &str) -> Option<bool> {
    let class = kind::canonical(class);
    if class == wanted || wanted == "builtins.object" {
        return Some(true);
    }
    if matches!(
        class,
        "abc.ABC" | "typing.Generic" | "typing.Protocol" | "enum.Enum" | "builtins.object"
    ) {
        return Some(false);
    }
    match class {
        "enum.IntEnum" | "enum.IntFlag" if matches!(wanted, "builtins.int" | "enum.Enum") => {
            return Some(true);
        }
        "enum.IntFlag" if wanted == "enum.Flag" => return Some(true),
        "typing.NamedTuple" => return Kind::Tuple.is_instance_of(wanted),
        "enum.IntEnum" | "enum.IntFlag" | "enum.StrEnum"
            if is_abstract_class(wanted) || kind::is_exception(wanted) =>
        {
            let data = if class == "enum.StrEnum" {
                Kind::Str
            } else {
                Kind::Int
            };
            return match data.is_instance_of(wanted) {
                // An `IntFlag` can be iterated over, and looked into.
                Some(false) if class == "enum.IntFlag" => None,
                answer => answer,
            };
        }
        "enum.StrEnum" if matches!(wanted, "builtins.str" | "enum.Enum") => return Some(true),
        "enum.Flag" if wanted == "enum.Enum" => return Some(true),
        "collections.OrderedDict" | "collections.defaultdict" | "collections.Counter" => {
            return Kind::Dict.is_instance_of(wanted);
        }
        _ => {}
    }
    if let Some(kind) = Kind::of_type(class) {
        return kind.is_instance_of(wanted);
    }
    // Other classes of the library are none of a builtin type.
    if kind::is_concrete(class) && Kind::of_type(wanted).is_some() {
        return Some(false);
    }
    let is_exception = kind::is_exception;
    if is_exception(class) {
        return match wanted {
            "builtins.BaseException" => Some(true),
            "builtins.Exception" => Some(!matches!(
                class,
                "builtins.BaseException"
                    | "builtins.KeyboardInterrupt"
                    | "builtins.SystemExit"
                    | "builtins.GeneratorExit"
                    | "builtins.BaseExceptionGroup"
            )),
            _ if is_exception(wanted) => exception_derives(class, wanted),
            "collections.abc.Hashable" => Some(true),
            _ => Kind::Object.is_instance_of(wanted),
        };
    }
    None
}

/// Whether a builtin exception derives from another (the library reference, "Exception hierarchy").
pub fn exception_derives(class: &str, wanted: &str) -> Option<bool> {
    let class = class.strip_prefix("builtins.")?;
    let wanted = wanted.strip_prefix("builtins.")?;
    let parents: &[&str] = match class {
        "Exception" | "BaseException" | "TypeError" | "AttributeError" | "AssertionError"
        | "BufferError" | "EOFError" | "MemoryError" | "ReferenceError" | "StopIteration"
        | "StopAsyncIteration" | "SystemError" | "ArithmeticError" | "LookupError"
        | "NameError" | "OSError" | "RuntimeError" | "ValueError" | "SyntaxError"
        | "ImportError" | "Warning" | "SystemExit" | "KeyboardInterrupt" | "GeneratorExit" => &[],
        "FloatingPointError" | "OverflowError" | "ZeroDivisionError" => &["ArithmeticError"],
        "ModuleNotFoundError" => &["ImportError"],
        "IndexError" | "KeyError" => &["LookupError"],
        "UnboundLocalError" => &["NameError"],
        "BlockingIOError" | "ChildProcessError" | "ConnectionError" | "FileExistsError"
        | "FileNotFoundError" | "InterruptedError" | "IsADirectoryError" | "NotADirectoryError"
        | "PermissionError" | "ProcessLookupError" | "TimeoutError" => &["OSError"],
        "BrokenPipeError"
        | "ConnectionAbortedError"
        | "ConnectionRefusedError"
        | "ConnectionResetError" => &["ConnectionError", "OSError"],
        "NotImplementedError" | "RecursionError" => &["RuntimeError"],
        "IndentationError" => &["SyntaxError"],
        "TabError" => &["IndentationError", "SyntaxError"],
        "UnicodeError" => &["ValueError"],
        "UnicodeDecodeError" | "UnicodeEncodeError" | "UnicodeTranslateError" => {
            &["UnicodeError", "ValueError"]
        }
        _ if class.ends_with("Warning") => &["Warning"],
        _ => return None,
    };
    Some(class == wanted || parents.contains(&wanted))
}

fn of_known(answer: Option<bool>) -> Truth {
    answer.map_or(Truth::Unknown, Truth::of)
}

/// Whether a dotted name leads into a package that is no part of the standard library.
fn is_of_package(name: &str) -> bool {
    let package = name.split('.').next().unwrap_or_default();
    package != "builtins" && !is_standard(package)
}
