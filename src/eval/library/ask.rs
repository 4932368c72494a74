//! Functions that ask what a value is: `type`, `hasattr`, `inspect.isfunction` and its like (the library reference, "Built-in Functions", `inspect`).

use crate::name::Name;

use crate::eval::Evaluator;
use crate::eval::calls::arguments::Actual;
use crate::eval::domain::attributes::{has_any_object, has_attribute};
use crate::eval::domain::kind::Kind;
use crate::eval::domain::truth::Truth;
use crate::eval::domain::types::is_class_name;
use crate::eval::domain::value::{Data, FunctionObject, Value};
use crate::eval::interpreter::frame::Frame;
use crate::eval::objects::attribute::Attribute;
use crate::eval::objects::mro::InMro;
use crate::eval::objects::outside::external_has;

impl<'p> Evaluator<'p> {
    /// A truth as a value.
    pub fn truth_value(&mut self, truth: Truth) -> Value {
        match truth {
            Truth::True => Value::TRUE,
            Truth::False => Value::FALSE,
            Truth::Unknown => self.values.of(Kind::Bool),
        }
    }

    /// `type(value)`.
    pub fn type_of(&mut self, frame: &Frame<'p>, value: Value) -> Value {
        match self.data(value).clone() {
            Data::Instance { class, exact, .. } => self.values.intern(Data::Class { class, exact }),
            Data::Member { class, .. } => self.values.intern(Data::Class { class, exact: true }),
            Data::Made { class, .. } => class,
            Data::Class { class, exact: true } => match self.metaclass_outside(class) {
                Some(name) => self.values.intern(Data::External(Name::new(name))),
                None => Value::UNKNOWN,
            },
            Data::Union(members) => {
                let mut classes = Vec::new();
                for &member in members.iter() {
                    let class = self.type_of(frame, member);
                    classes.extend(self.values.alternatives(class));
                }
                self.values.union(classes)
            }
            _ => match self.kind_of(frame, value) {
                Some(found) if found.is_exact => match found.kind.dotted() {
                    Some(name) => self.values.intern(Data::External(Name::new(name))),
                    None => Value::UNKNOWN,
                },
                _ => Value::UNKNOWN,
            },
        }
    }

    /// `hasattr(object, name)`.
    pub fn hasattr_call(&mut self, frame: &mut Frame<'p>, actual: &Actual) -> Value {
        let (Some(&object), Some(&name)) = (actual.positionals.first(), actual.positionals.get(1))
        else {
            return self.values.of(Kind::Bool);
        };
        let Some(text) = self.values.as_str(name) else {
            return self.values.of(Kind::Bool);
        };
        if has_any_object(&text) {
            return Value::TRUE;
        }
        let mut result: Option<Truth> = None;
        for member in self.values.alternatives(object) {
            let truth = self.has_attribute(frame, member, text);
            result = Some(result.map_or(truth, |known| known.merge(truth)));
        }
        self.truth_value(result.unwrap_or(Truth::Unknown))
    }

    /// Whether an object has an attribute.
    pub fn has_attribute(&mut self, frame: &mut Frame<'p>, object: Value, name: Name) -> Truth {
        if let Data::External(path) = *self.data(object) {
            // What the library has depends on its version.
            return match self.values.plain_kind(object) {
                Some(Kind::Type | Kind::Module) | None => class_has(&path, &name),
                Some(kind) => of(has_attribute(kind, &name)),
            };
        }
        if let Some(truth) = self.has_protocol(object, name) {
            return truth;
        }
        match self.get_attribute(frame, object, name) {
            Attribute::Found(value) => {
                let is_builtin = matches!(self.data(value), Data::Method { .. });
                match self.kind_of(frame, object).filter(|_| is_builtin) {
                    Some(found) => of(has_attribute(found.kind, &name)),
                    None if !is_builtin
                        && !self.values.is_open(value)
                        && !self.comes_and_goes(object, name)
                        && !matches!(self.data(value), Data::External(_)) =>
                    {
                        Truth::True
                    }
                    None => Truth::Unknown,
                }
            }
            Attribute::Missing => Truth::False,
            Attribute::Unknown if self.lacks_attribute(frame.module, object, name) => Truth::False,
            Attribute::Unknown => match self.kind_of(frame, object) {
                Some(found) if found.is_exact => match has_attribute(found.kind, &name) {
                    Some(true) => Truth::True,
                    _ => Truth::Unknown,
                },
                _ if matches!(self.data(object), Data::Class { .. }) && has_name(&name) => {
                    Truth::True
                }
                _ => Truth::Unknown,
            },
        }
    }

    /// Whether an instance of a class of the tree, or the class, has a method of one of the language's protocols: along the MRO or nowhere.
    fn has_protocol(&self, object: Value, name: Name) -> Option<Truth> {
        if !PROTOCOLS.contains(&name.as_str()) {
            return None;
        }
        let (class, is_class) = match *self.data(object) {
            Data::Instance {
                class, exact: true, ..
            }
            | Data::Member { class, .. } => (class, false),
            Data::Class { class, exact: true } => (class, true),
            _ => return None,
        };
        let object = self.class(class);
        if is_class && (object.is_enum || object.has_metaclass) {
            return None;
        }
        match self.in_mro(class, name) {
            InMro::Found(..) => Some(Truth::True),
            _ if is_class && name.as_str() == "__call__" => Some(Truth::True),
            _ if !is_class && self.externals_have(class, name) => Some(Truth::True),
            _ if self.class_may_define(class, &[name]) => None,
            _ => Some(Truth::False),
        }
    }

    /// Whether an object may have an attribute only since one of its methods assigned it.
    pub fn comes_and_goes(&mut self, object: Value, name: Name) -> bool {
        self.values.alternatives(object).into_iter().any(|object| {
            let Data::Instance { class, .. } = *self.data(object) else {
                return false;
            };
            !matches!(self.in_mro(class, name), InMro::Found(..))
        })
    }

    /// `inspect.isfunction(value)` and its like; `name` is the function's without its module.
    pub fn inspected(&mut self, frame: &Frame<'p>, name: &str, value: Value) -> Truth {
        if let Some(members) = self.values.union_of(value) {
            return self.merge_all(&members, |evaluator, member| {
                evaluator.inspected(frame, name, member)
            });
        }
        if self.values.is_open(value) {
            return Truth::Unknown;
        }
        let is_kind = |evaluator: &mut Self, kinds: &[Kind]| match evaluator.kind_of(frame, value) {
            Some(found) if found.kind == Kind::Iterator && kinds.contains(&Kind::Generator) => {
                Truth::Unknown
            }
            Some(found) => Truth::of(kinds.contains(&found.kind)),
            None => match evaluator.data(value) {
                Data::Instance { .. }
                | Data::Made { .. }
                | Data::Member { .. }
                | Data::Class { .. } => Truth::False,
                _ => Truth::Unknown,
            },
        };
        match name {
            "isfunction" => is_kind(self, &[Kind::Function]),
            "ismethod" => is_kind(self, &[Kind::Method]),
            "isbuiltin" => is_kind(self, &[Kind::BuiltinFunction]),
            "ismodule" => is_kind(self, &[Kind::Module]),
            "isgenerator" => is_kind(self, &[Kind::Generator]),
            "iscoroutine" => is_kind(self, &[Kind::Coroutine]),
            "isroutine" => {
                match is_kind(self, &[Kind::Function, Kind::Method, Kind::BuiltinFunction]) {
                    // Descriptors of C are some, too.
                    Truth::False if matches!(self.data(value), Data::External(_)) => {
                        match self.values.plain_kind(value) {
                            Some(_) => Truth::False,
                            None => Truth::Unknown,
                        }
                    }
                    truth => truth,
                }
            }
            "isclass" => match self.data(value) {
                Data::Class { .. } => Truth::True,
                Data::External(name) if is_class_name(name) => Truth::True,
                Data::External(_) if self.values.plain_kind(value).is_none() => Truth::Unknown,
                Data::Instance { .. } => Truth::False,
                _ => is_kind(self, &[Kind::Type]),
            },
            "isawaitable" => match self.data(value) {
                Data::Instance { class, .. } => {
                    if self.class_may_define(*class, &[Name::new("__await__")]) {
                        Truth::Unknown
                    } else {
                        Truth::False
                    }
                }
                // A generator may be a coroutine of the old kind.
                Data::Generator(_) => Truth::Unknown,
                _ => is_kind(self, &[Kind::Coroutine]),
            },
            "iscoroutinefunction" | "isgeneratorfunction" | "isasyncgenfunction" => {
                self.function_is(frame, name, value)
            }
            _ => Truth::Unknown,
        }
    }

    /// Whether a value is a function of a kind: methods are looked through, and `functools.partial`.
    fn function_is(&mut self, frame: &Frame<'p>, name: &str, value: Value) -> Truth {
        match self.data(value) {
            Data::Function(object) => {
                if self.disguised.contains(&object.function) {
                    return Truth::Unknown;
                }
                let definition = self.definition(object.function);
                let (is_async, is_generator) = (definition.is_async, definition.is_generator);
                Truth::of(match name {
                    "iscoroutinefunction" => is_async && !is_generator,
                    "isgeneratorfunction" => is_generator && !is_async,
                    _ => is_async && is_generator,
                })
            }
            Data::Bound { function, .. } => {
                let function = *function;
                self.function_is(frame, name, function)
            }
            Data::Partial(partial) if self.values.plain_kind(value).is_some() => {
                let function = partial.function;
                self.function_is(frame, name, function)
            }
            Data::Class { .. } => Truth::False,
            // It may have been marked as one.
            Data::Instance { class, .. } => {
                let marks = [
                    "_is_coroutine",
                    "_is_coroutine_mark",
                    "_is_coroutine_marker",
                ];
                if self.class_may_define(*class, &marks.map(Name::new)) {
                    Truth::Unknown
                } else {
                    Truth::False
                }
            }
            Data::Union(_) | Data::Wrapped(_) => Truth::Unknown,
            Data::Member { .. } | Data::Made { .. } => Truth::False,
            _ => match self.kind_of(frame, value) {
                Some(_) => Truth::False,
                None => Truth::Unknown,
            },
        }
    }

    /// The function whose signature `inspect.signature(value)` shows, and whether its first parameter is bound already.
    pub fn signature_of(&self, value: Value) -> Option<(FunctionObject, bool)> {
        let (object, is_bound) = match self.data(value) {
            Data::Function(object) => (object, false),
            Data::Bound { function, .. } => match self.data(*function) {
                Data::Function(object) => (object, true),
                _ => return None,
            },
            _ => return None,
        };
        // `functools.wraps` says whose signature is shown instead.
        let is_shown = !self.disguised.contains(&object.function)
            && !self.renamed.contains(&object.function)
            && !self.is_stored_elsewhere(Name::new("__signature__"));
        is_shown.then(|| (object.clone(), is_bound))
    }
}

/// Methods that the language asks for, and that nothing has but by its class.
const PROTOCOLS: &[&str] = &[
    "__aenter__",
    "__aexit__",
    "__aiter__",
    "__anext__",
    "__await__",
    "__bool__",
    "__call__",
    "__contains__",
    "__enter__",
    "__exit__",
    "__float__",
    "__fspath__",
    "__getitem__",
    "__index__",
    "__int__",
    "__iter__",
    "__len__",
    "__next__",
];

/// Whether a name is one of those methods.
#[must_use]
pub fn is_protocol(name: &str) -> bool {
    PROTOCOLS.contains(&name)
}

/// `__name__` and its like.
fn has_name(name: &str) -> bool {
    matches!(
        name,
        "__name__" | "__qualname__" | "__module__" | "__doc__" | "__dict__" | "__class__"
    )
}

/// Whether a class outside the tree has an attribute: its instances' own ones, and those of classes.
fn class_has(path: &str, name: &str) -> Truth {
    if !is_class_name(path) {
        return Truth::Unknown;
    }
    if has_name(name)
        || matches!(
            name,
            "mro" | "__mro__" | "__bases__" | "__base__" | "__subclasses__" | "__call__"
        )
    {
        return Truth::True;
    }
    match external_has(path, name) {
        Some(true) => Truth::True,
        Some(false) if !name.starts_with("__") => match path {
            // Class methods besides.
            "builtins.type" | "builtins.object" => Truth::Unknown,
            _ => Truth::False,
        },
        _ => Truth::Unknown,
    }
}

fn of(answer: Option<bool>) -> Truth {
    answer.map_or(Truth::Unknown, Truth::of)
}
