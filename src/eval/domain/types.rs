//! Which builtin type a value is an instance of, and the plain data behind it.

use crate::name::Name;

use crate::eval::Evaluator;
use crate::eval::domain::kind::{self, Kind};
use crate::eval::domain::number::{Computed, Number};
use crate::eval::domain::state::{Form, Object};
use crate::eval::domain::truth::Truth;
use crate::eval::domain::value::{ClassRef, Data, Value, Values};
use crate::eval::interpreter::frame::Frame;
use crate::eval::library::table::BY_NAME;
use crate::eval::objects::attribute::is_special;
use crate::eval::objects::mro::Ancestor;

/// A builtin type, and whether the value is an instance of it and of no subclass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Builtin {
    /// The type.
    pub kind: Kind,
    /// Whether it may not be a subclass.
    pub is_exact: bool,
}

impl Values {
    /// The builtin type that a value of its own shape is an instance of; none for containers, whose content says it, and all else.
    #[must_use]
    pub fn plain_kind(&self, value: Value) -> Option<Kind> {
        Some(match self.get(value) {
            Data::None => Kind::NoneType,
            Data::Bool(_) => Kind::Bool,
            Data::Int(_) | Data::BigInt(_) => Kind::Int,
            Data::Float(_) => Kind::Float,
            Data::Complex(..) => Kind::Complex,
            Data::Str(_) => Kind::Str,
            Data::Bytes(_) => Kind::Bytes,
            Data::Range { .. } => Kind::Range,
            Data::Slice(_) => Kind::Slice,
            Data::Tuple(_) => Kind::Tuple,
            Data::Of(kind) | Data::Truthy(kind) => *kind,
            Data::Sentinel { .. } => Kind::Object,
            Data::Function(_) => Kind::Function,
            Data::Module(_) | Data::Namespace(_) => Kind::Module,
            Data::Partial(partial) if !matches!(self.get(partial.function), Data::External(_)) => {
                Kind::Partial
            }
            Data::Property(..) => Kind::Property,
            Data::NamedTuple(_) => Kind::Type,
            Data::Coroutine { .. } => Kind::Coroutine,
            Data::External(name) => return kind_of_external(*name),
            Data::Bound { function, .. } => match self.get(*function) {
                Data::Function(_) | Data::Wrapped(_) => Kind::Method,
                _ => return None,
            },
            // `''.__add__` is a method wrapper.
            Data::Method { receiver, name } if !is_special(*name) => {
                self.plain_kind(*receiver)?;
                Kind::BuiltinFunction
            }
            _ => return None,
        })
    }

    /// The number that a value is, if it is a known one of a builtin type.
    #[must_use]
    pub fn as_number(&self, value: Value) -> Option<Number> {
        Some(match self.get(value) {
            Data::Bool(value) => Number::Int(i128::from(*value)),
            Data::Int(number) => Number::Int(i128::from(*number)),
            Data::BigInt(digits) => Number::Int(digits.parse().ok()?),
            Data::Float(bits) => Number::Float(f64::from_bits(*bits)),
            Data::Complex(real, imaginary) => {
                Number::Complex(f64::from_bits(*real), f64::from_bits(*imaginary))
            }
            _ => return None,
        })
    }

    /// An int, a bool among them.
    #[must_use]
    pub fn as_int(&self, value: Value) -> Option<i128> {
        match self.as_number(value) {
            Some(Number::Int(number)) => Some(number),
            _ => None,
        }
    }

    /// A number as a value.
    pub fn number(&mut self, number: Number) -> Value {
        match number {
            Number::Int(number) => self.int(number),
            Number::Float(number) => self.float(number),
            Number::Complex(real, imaginary) => {
                self.intern(Data::Complex(real.to_bits(), imaginary.to_bits()))
            }
        }
    }

    /// What a computation gives; none: it raises, or is not modelled.
    pub fn computed(&mut self, computed: Computed) -> Option<Value> {
        Some(match computed {
            Computed::Number(number) => self.number(number),
            Computed::LargeInt => self.truthy(Kind::Int),
            Computed::SomeFloat => self.of(Kind::Float),
            Computed::SomeComplex => self.of(Kind::Complex),
            Computed::Raises | Computed::Unknown => return None,
        })
    }

    /// Some instance of a type that counts as true.
    pub fn truthy(&mut self, kind: Kind) -> Value {
        match kind {
            Kind::Bool => Value::TRUE,
            _ if kind.is_always_true() || kind.is_mutable() => self.of(kind),
            _ => self.intern(Data::Truthy(kind)),
        }
    }

    /// Whether a value of a builtin type counts as true, as far as its own shape says it.
    #[must_use]
    pub fn plain_truth(&self, value: Value) -> Truth {
        if let Some(number) = self.as_number(value) {
            return Truth::of(number.is_true());
        }
        match self.get(value) {
            Data::None => Truth::False,
            Data::BigInt(_) | Data::Truthy(_) | Data::Slice(_) | Data::Sentinel { .. } => {
                Truth::True
            }
            Data::Str(text) | Data::Bytes(text) => Truth::of(!text.is_empty()),
            Data::Tuple(items) => Truth::of(!items.is_empty()),
            &Data::Range { start, stop, step } => Truth::of(range_length(start, stop, step) > 0),
            Data::Of(kind) if kind.is_always_true() => Truth::True,
            Data::Of(Kind::NoneType) => Truth::False,
            _ => Truth::Unknown,
        }
    }
}

impl<'p> Evaluator<'p> {
    /// The builtin type that a value is an instance of, or of a subclass of.
    pub fn kind_of(&mut self, frame: &Frame<'p>, value: Value) -> Option<Builtin> {
        let exact = |kind| {
            Some(Builtin {
                kind,
                is_exact: true,
            })
        };
        match *self.data(value) {
            Data::Local(_) | Data::Shared(_) => match self.container_at(frame, value)? {
                Object::Dict(dict) => Some(Builtin {
                    kind: Kind::Dict,
                    is_exact: !dict.is_subtype,
                }),
                Object::List(sequence) => exact(match sequence.form {
                    Form::Plain | Form::Frozen | Form::Register => Kind::List,
                    Form::Iterator(_) => Kind::Iterator,
                    Form::Generator => Kind::Generator,
                    Form::View(_) => Kind::View,
                }),
                Object::Set(sequence) => exact(match sequence.form {
                    Form::Frozen => Kind::FrozenSet,
                    _ => Kind::Set,
                }),
                _ => None,
            },
            Data::Class { class, .. } => self.is_of_type_itself(class).then_some(Builtin {
                kind: Kind::Type,
                is_exact: true,
            }),
            Data::Made { .. } | Data::Instance { data: Some(_), .. } => {
                let data = self.data_behind(value)?;
                let kind = self.values.plain_kind(data)?;
                Some(Builtin {
                    kind,
                    is_exact: false,
                })
            }
            Data::Function(ref object) if self.disguised.contains(&object.function) => None,
            Data::Wrapped(function) => match self.function_behind(function) {
                Some(object) if !self.disguised.contains(&object.function) => exact(Kind::Function),
                _ => None,
            },
            Data::Generator(function) if !self.definition(function).is_async => {
                exact(Kind::Generator)
            }
            Data::Method { receiver, name } if !is_special(name) => {
                self.kind_of(frame, receiver)?;
                exact(Kind::BuiltinFunction)
            }
            _ => self.values.plain_kind(value).map(|kind| Builtin {
                kind,
                is_exact: true,
            }),
        }
    }

    /// The metaclass outside the tree that made a class of the tree, by its dotted name; none: it is another one, or not known.
    pub fn metaclass_outside(&self, class: ClassRef) -> Option<&'static str> {
        let object = self.class(class);
        if self.is_of_type_itself(class) {
            return Some("builtins.type");
        }
        let derives_from = |wanted: &[&str]| {
            object.mro.iter().all(|ancestor| match ancestor {
                Ancestor::Tree(_) => true,
                Ancestor::External(name) => {
                    Kind::of_type(name).is_some() || wanted.contains(&name.as_str())
                }
                Ancestor::Unknown => false,
            })
        };
        if object.has_metaclass {
            None
        } else if object.is_enum {
            let enums = [
                "enum.Enum",
                "enum.IntEnum",
                "enum.StrEnum",
                "enum.Flag",
                "enum.IntFlag",
            ];
            derives_from(&enums).then_some(ENUM_META)
        } else {
            (object.is_abstract_base && derives_from(&["abc.ABC"])).then_some(ABC_META)
        }
    }

    /// Whether a class's type is `type`, not a metaclass.
    fn is_of_type_itself(&self, class: ClassRef) -> bool {
        let object = self.class(class);
        !object.has_metaclass
            && !object.is_enum
            && object.definition.arguments.iter().all(|argument| {
                matches!(argument.kind, crate::syntax::ir::ArgumentKind::Positional)
            })
            && object.mro.iter().all(|ancestor| match ancestor {
                Ancestor::Tree(_) => true,
                Ancestor::External(name) => {
                    kind::is_builtin_class(name) || Kind::of_type(name).is_some()
                }
                Ancestor::Unknown => false,
            })
    }

    /// The value of a builtin type that an enum member, a named tuple or another instance of a subclass of such a type is besides: it compares, counts
    /// and computes as that.
    pub fn data_behind(&self, value: Value) -> Option<Value> {
        match *self.data(value) {
            Data::Member { .. } => self.data_of_member(value),
            Data::Instance { data, .. } => data,
            Data::Made { class, data }
                if data != Value::UNKNOWN && matches!(self.data(class), Data::NamedTuple(_)) =>
            {
                Some(data)
            }
            _ => None,
        }
    }

    /// The same, or the value itself.
    pub fn plain_or_self(&self, value: Value) -> Value {
        self.data_behind(value).unwrap_or(value)
    }

    /// The text or number that an enum member is besides: `class Level(IntEnum)`, `class Color(str, Enum)`.
    fn data_of_member(&self, member: Value) -> Option<Value> {
        let Data::Member { class, name } = *self.data(member) else {
            return None;
        };
        let object = self.class(class);
        if !object.has_data_base {
            return None;
        }
        let derives = |names: &[&str]| {
            object.mro.iter().any(
                |ancestor| matches!(ancestor, Ancestor::External(name) if names.contains(&name.as_str())),
            )
        };
        let wanted = if derives(&["builtins.int", "enum.IntEnum", "enum.IntFlag"]) {
            Kind::Int
        } else if derives(&["builtins.str", "enum.StrEnum"]) {
            Kind::Str
        } else {
            return None;
        };
        let value = *self.member_values.get(&(class, name))?;
        (self.values.plain_kind(value) == Some(wanted) && self.keeps_data(class)).then_some(value)
    }
}

/// What a name outside the tree is an instance of: a function, a class, a module.
fn kind_of_external(name: Name) -> Option<Kind> {
    let text = name.as_str();
    if let Some(builtin) = text.strip_prefix("builtins.") {
        return match builtin {
            "Ellipsis" => Some(Kind::Ellipsis),
            "NotImplemented" => Some(Kind::NotImplemented),
            "None" | "True" | "False" | "copyright" | "credits" | "license" | "exit" | "quit"
            | "help" => None,
            _ if builtin.contains('.') => None,
            _ if is_class_name(text) => Some(Kind::Type),
            _ => crate::eval::library::table::builtin(Name::new(builtin))
                .map(|_| Kind::BuiltinFunction),
        };
    }
    if is_class_name(text) {
        // Abstract classes have a metaclass of their own.
        let is_plain = Kind::of_type(text).is_some() || is_metaclass(text);
        return is_plain.then_some(Kind::Type);
    }
    (!text.contains('.') && crate::program::stdlib::is_standard(text)).then_some(Kind::Module)
}

/// Whether something outside the tree is a class that is known here.
#[must_use]
pub fn is_class_name(name: &str) -> bool {
    Kind::of_type(name).is_some() || kind::is_builtin_class(name) || is_metaclass(name)
}

/// Whether something outside the tree is one of the metaclasses whose classes are known.
fn is_metaclass(name: &str) -> bool {
    matches!(name, ENUM_META | "enum.EnumType" | ABC_META)
}

/// The metaclass of enums.
pub const ENUM_META: &str = "enum.EnumMeta";

/// The metaclass of abstract classes.
pub const ABC_META: &str = "abc.ABCMeta";

/// Whether something outside the tree can be called.
#[must_use]
pub fn is_callable_external(name: Name) -> Option<bool> {
    if is_class_name(&name) || BY_NAME.contains_key(&name) {
        return Some(true);
    }
    kind_of_external(name)?.is_callable()
}

/// `len(range(start, stop, step))`.
#[must_use]
pub fn range_length(start: i64, stop: i64, step: i64) -> u64 {
    let (start, stop, step) = (i128::from(start), i128::from(stop), i128::from(step));
    let span = if step > 0 { stop - start } else { start - stop };
    if span <= 0 || step == 0 {
        return 0;
    }
    u64::try_from((span - 1) / step.abs() + 1).unwrap_or(u64::MAX)
}
