//! Members of enums that are looked up: `Color["RED"]`, `Color("red")` (the library reference, `enum`).

use crate::eval::Evaluator;
use crate::eval::calls::arguments::Actual;
use crate::eval::domain::kind::Kind;
use crate::eval::domain::truth::Truth;
use crate::eval::domain::value::{ClassRef, Data, Value};
use crate::eval::interpreter::frame::Frame;
use crate::eval::interpreter::operation::Wrong;
use crate::eval::objects::class::Generated;
use crate::eval::objects::filled::Holder;
use crate::eval::objects::mro::Ancestor;
use crate::facts::FailureKind;
use crate::name::Name;
use crate::python::Version;
use crate::syntax::ir::{Comparison, Range};

/// What a class of an enum may have that gives it members, or values, of its own making.
const MAKES_MEMBERS: [&str; 6] = [
    "__new__",
    "__init__",
    "_missing_",
    "_generate_next_value_",
    "_ignore_",
    "__class_getitem__",
];

impl<'p> Evaluator<'p> {
    /// Whether the members of an enum are those that its body writes out, and no others.
    fn knows_members(&self, class: ClassRef) -> bool {
        let object = self.class(class);
        let makes = |ancestor: &Ancestor| match ancestor {
            Ancestor::Tree(ancestor) => {
                let object = self.class(*ancestor);
                object.is_open
                    || object.has_metaclass
                    || MAKES_MEMBERS
                        .iter()
                        .any(|name| object.namespace.contains_key(&Name::new(name)))
            }
            Ancestor::External(name) => !matches!(
                name.as_str(),
                "enum.Enum"
                    | "enum.IntEnum"
                    | "enum.StrEnum"
                    | "builtins.str"
                    | "builtins.int"
                    | "builtins.object"
            ),
            Ancestor::Unknown => true,
        };
        !object.is_open
            && !object.has_metaclass
            && !object.is_decorated
            && !self.has_dynamic_attributes(class)
            && !self.is_filled(Holder::Class(class))
            && !object.mro.iter().any(makes)
            && self
                .enum_members(class)
                .is_some_and(|members| !members.is_empty())
    }

    /// The `.value` of a member that its class's body gives this value: the value, unless a class it derives from makes another of it. `__new__` may set
    /// any; a builtin type is called with it, or with its items if it is a tuple (`B = b"x", "ascii"` of a `str` is `"x"`), and a dataclass from 3.11 on (the
    /// library reference, `enum`: "Supported `__dunder__` names", "Dataclass support").
    pub fn value_of_member(&self, class: ClassRef, written: Value) -> Value {
        let sets_value = self.is_made_with(class, Name::new("_value_"));
        let is_of = |kind: Kind| self.values.plain_kind(written) == Some(kind);
        let keeps = |ancestor: &Ancestor| match ancestor {
            Ancestor::Tree(ancestor) => {
                let object = self.class(*ancestor);
                object.generated == Generated::No
                    && !object.namespace.contains_key(&Name::new("__new__"))
                    && (*ancestor == class || !object.is_decorated)
                    // Of a mixin that makes itself by `__init__` the value is an instance in some patch releases, and what was written in others.
                    && (object.is_enum || !object.namespace.contains_key(&Name::new("__init__")))
            }
            Ancestor::External(name) => match name.as_str() {
                "enum.Enum" | "enum.Flag" | "builtins.object" | "abc.ABC" | "typing.Generic"
                | "enum.ReprEnum" | "typing.Protocol" => true,
                "enum.IntEnum" | "enum.IntFlag" | "builtins.int" => {
                    is_of(Kind::Int) || is_of(Kind::Bool)
                }
                "enum.StrEnum" | "builtins.str" => is_of(Kind::Str),
                _ => false,
            },
            Ancestor::Unknown => false,
        };
        if !sets_value && self.class(class).mro.iter().all(keeps) {
            written
        } else {
            Value::UNKNOWN
        }
    }

    /// `Color["RED"]`: a failure if there is no member of that name.
    pub fn check_member_name(
        &mut self,
        frame: &mut Frame<'p>,
        range: Range,
        class: ClassRef,
        index: Value,
    ) {
        let Some(name) = self.values.as_str(index) else {
            return;
        };
        if self.is_graph()
            || self.class(class).namespace.contains_key(&name)
            || !self.knows_members(class)
        {
            return;
        }
        let shown = crate::eval::exceptions::exception::repr(&name);
        let wrong = Wrong {
            kind: FailureKind::UnknownMember,
            exception: format!("KeyError: {shown}"),
            subject: &shown,
            note: "looks the member up",
        };
        self.wrong_operation(frame, range, wrong);
    }

    /// `Color()`: a failure, as no enum has a member for no value, unless a metaclass of the tree's makes something else of it.
    fn check_called_without_value(
        &mut self,
        frame: &mut Frame<'p>,
        range: Range,
        class: ClassRef,
        actual: &Actual,
    ) {
        let is_of_others = |ancestor: &Ancestor| match ancestor {
            Ancestor::Tree(ancestor) => self.class(*ancestor).has_metaclass,
            Ancestor::External(name) => {
                !name.starts_with("enum.") && !name.starts_with("builtins.")
            }
            Ancestor::Unknown => true,
        };
        if self.is_graph()
            || !actual.is_whole()
            || !actual.keywords.is_empty()
            || self.class(class).mro.iter().any(is_of_others)
        {
            return;
        }
        let version = self.program.targets().wording();
        let function = match version {
            _ if version < Version(10) => "__call__",
            _ if version < Version(11) => "EnumMeta.__call__",
            _ => "EnumType.__call__",
        };
        let wrong = Wrong {
            kind: FailureKind::UnknownMember,
            exception: format!(
                "TypeError: {function}() missing 1 required positional argument: 'value'"
            ),
            subject: "value",
            note: "looks a member up",
        };
        self.wrong_operation(frame, range, wrong);
    }

    /// `Color("red")`: a failure if there is no member of that value.
    pub fn check_member_value(
        &mut self,
        frame: &mut Frame<'p>,
        range: Range,
        class: ClassRef,
        actual: &Actual,
    ) {
        let &[value] = actual.positionals.as_slice() else {
            if actual.positionals.is_empty() {
                self.check_called_without_value(frame, range, class, actual);
            }
            return;
        };
        let is_plain = |evaluator: &Self, value: Value| {
            matches!(
                evaluator.data(value),
                Data::Str(_) | Data::Int(_) | Data::Bool(_) | Data::None | Data::Float(_)
            )
        };
        if self.is_graph()
            || !actual.is_whole()
            || !actual.keywords.is_empty()
            || !is_plain(self, value)
            || !self.knows_members(class)
        {
            return;
        }
        for member in self.enum_members(class).unwrap_or_default() {
            let Data::Member { class, name } = *self.data(member) else {
                return;
            };
            let Some(&known) = self.member_values.get(&(class, name)) else {
                return;
            };
            if !is_plain(self, known)
                || self.compare(frame, value, Comparison::Eq, known) != Truth::False
            {
                return;
            }
        }
        let Some(shown) = self.repr_of(frame, value) else {
            return;
        };
        let name = self.class(class).definition.qualname;
        let wrong = Wrong {
            kind: FailureKind::UnknownMember,
            exception: format!("ValueError: {shown} is not a valid {name}"),
            subject: &shown,
            note: "looks the member up",
        };
        self.wrong_operation(frame, range, wrong);
    }
}
