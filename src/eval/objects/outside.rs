//! What instances have from the classes outside the tree that theirs derive from (the library reference, "Built-in Exceptions", `enum`,
//! `collections.namedtuple`).

use crate::eval::Evaluator;
use crate::eval::domain::attributes::has_attribute;
use crate::eval::domain::kind::{self, Kind};
use crate::eval::domain::value::ClassRef;
use crate::eval::objects::mro::Ancestor;
use crate::name::Name;

/// What the instances of all exceptions have besides what every object has.
const OF_EXCEPTIONS: &[&str] = &[
    "__cause__",
    "__context__",
    "__dict__",
    "__notes__",
    "__setstate__",
    "__suppress_context__",
    "__traceback__",
    "add_note",
    "args",
    "with_traceback",
];

/// What the instances of some exceptions have besides.
const OF_SOME_EXCEPTIONS: &[&str] = &[
    "characters_written",
    "code",
    "derive",
    "encoding",
    "end",
    "end_lineno",
    "end_offset",
    "errno",
    "exceptions",
    "filename",
    "filename2",
    "lineno",
    "message",
    "msg",
    "name",
    "name_from",
    "obj",
    "object",
    "offset",
    "path",
    "print_file_and_line",
    "reason",
    "split",
    "start",
    "strerror",
    "subgroup",
    "text",
    "value",
    "winerror",
];

/// What every named tuple has besides its fields and what a tuple has.
pub const OF_NAMED_TUPLES: &[&str] = &[
    "_asdict",
    "_field_defaults",
    "_field_types",
    "_fields",
    "_fields_defaults",
    "_make",
    "_replace",
];

impl Evaluator<'_> {
    /// Whether what a class derives from outside the tree gives its instances no attribute of this name.
    pub fn externals_lack(&self, class: ClassRef, name: Name) -> bool {
        self.class(class).mro.iter().all(|ancestor| match ancestor {
            Ancestor::Tree(_) => true,
            Ancestor::External(base) => external_has(base, &name) == Some(false),
            Ancestor::Unknown => false,
        })
    }

    /// Whether something outside the tree that a class derives from gives its instances an attribute of this name.
    pub fn externals_have(&self, class: ClassRef, name: Name) -> bool {
        self.class(class).mro.iter().any(|ancestor| match ancestor {
            Ancestor::External(base) => external_has(base, &name) == Some(true),
            Ancestor::Tree(_) | Ancestor::Unknown => false,
        })
    }
}

/// Whether instances of a class outside the tree have an attribute; none: it is not known.
#[must_use]
pub fn external_has(class: &str, name: &str) -> Option<bool> {
    let class = kind::canonical(class);
    if let Some(kind) = Kind::of_type(class) {
        return has_attribute(kind, name);
    }
    if has_attribute(Kind::Object, name) != Some(false) {
        return has_attribute(Kind::Object, name);
    }
    let of_enums = || {
        let is_own = name.starts_with('_') || matches!(name, "name" | "value");
        (!is_own || crate::eval::library::ask::is_protocol(name)).then_some(false)
    };
    match class {
        "enum.Enum" | "enum.Flag" => of_enums(),
        "enum.IntEnum" | "enum.IntFlag" => match has_attribute(Kind::Int, name) {
            Some(false) => of_enums(),
            other => other,
        },
        "enum.StrEnum" => match has_attribute(Kind::Str, name) {
            Some(false) => of_enums(),
            other => other,
        },
        "typing.NamedTuple" if OF_NAMED_TUPLES.contains(&name) => Some(true),
        "typing.NamedTuple" => has_attribute(Kind::Tuple, name),
        "abc.ABC" if !name.starts_with('_') => Some(false),
        _ if kind::is_exception(class) && OF_EXCEPTIONS.contains(&name) => match name {
            // Only since 3.11, or once there are some.
            "add_note" | "__notes__" => None,
            _ => Some(true),
        },
        _ if kind::is_exception(class) && !OF_SOME_EXCEPTIONS.contains(&name) => Some(false),
        _ => None,
    }
}
