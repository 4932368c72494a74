//! How many arguments functions of `builtins` and methods of its types take. A contributor adds a line to [`FUNCTIONS`] or [`METHODS`].
//!
//! They are written in C and have no defaults or keywords that the tree could ask for: what they take is the same in every Python, whatever the arguments are. Only those
//! stand here of which that is so, and whose refusal reads alike (`Python/getargs.c`, `Objects/methodobject.c`). `tests/python/values-counts.md` holds each against CPython.

use std::ops::Range;
use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use crate::facts::FailureKind;
use crate::name::Name;

use crate::eval::Evaluator;
use crate::eval::calls::arguments::Actual;
use crate::eval::calls::refusal::Refusal;
use crate::eval::domain::value::Value;
use crate::eval::interpreter::frame::{Blame, Frame};

/// What a function takes.
#[derive(Clone, Copy, Debug)]
pub enum Takes {
    /// No argument.
    Nothing,
    /// One argument.
    One,
    /// At least so many positionals, and at most so many.
    Between(usize, usize),
    /// The same, and keywords besides.
    Keyed(usize, usize),
    /// One argument, or three and keywords: `type`.
    OneOrThree,
}
use Takes::{Between, Keyed, Nothing, One, OneOrThree};

/// A function of `builtins` without that, and what it takes.
pub type Counted = (&'static str, Takes);

/// What functions and classes of `builtins` take.
const FUNCTIONS: &[(&str, Takes)] = &[
    ("abs", One),
    ("all", One),
    ("any", One),
    ("ascii", One),
    ("bin", One),
    ("bool", Between(0, 1)),
    ("callable", One),
    ("chr", One),
    ("delattr", Between(2, 2)),
    ("dict", Keyed(0, 1)),
    ("dir", Between(0, 1)),
    ("divmod", Between(2, 2)),
    ("filter", Between(2, 2)),
    ("float", Between(0, 1)),
    ("format", Between(1, 2)),
    ("frozenset", Between(0, 1)),
    ("getattr", Between(2, 3)),
    ("globals", Nothing),
    ("hasattr", Between(2, 2)),
    ("hash", One),
    ("hex", One),
    ("id", One),
    ("input", Between(0, 1)),
    ("isinstance", Between(2, 2)),
    ("issubclass", Between(2, 2)),
    ("iter", Between(1, 2)),
    ("len", One),
    ("list", Between(0, 1)),
    ("locals", Nothing),
    ("next", Between(1, 2)),
    ("oct", One),
    ("ord", One),
    ("range", Between(1, 3)),
    ("repr", One),
    ("reversed", Between(1, 1)),
    ("set", Between(0, 1)),
    ("setattr", Between(3, 3)),
    ("slice", Between(1, 3)),
    ("sorted", Keyed(1, 1)),
    ("super", Between(0, 2)),
    ("tuple", Between(0, 1)),
    ("type", OneOrThree),
    ("vars", Between(0, 1)),
];

/// What methods take, each with its type.
const METHODS: &[(&str, &str, Takes)] = &[
    ("add", "set", One),
    ("append", "list", One),
    ("capitalize", "str", Nothing),
    ("casefold", "str", Nothing),
    ("center", "str", Between(1, 2)),
    ("clear", "dict", Nothing),
    ("clear", "list", Nothing),
    ("clear", "set", Nothing),
    ("close", "generator", Nothing),
    ("copy", "dict", Nothing),
    ("copy", "list", Nothing),
    ("copy", "set", Nothing),
    ("count", "list", One),
    ("count", "tuple", One),
    ("discard", "set", One),
    ("extend", "list", One),
    ("get", "dict", Between(1, 2)),
    ("insert", "list", Between(2, 2)),
    ("isalnum", "str", Nothing),
    ("isalpha", "str", Nothing),
    ("isascii", "str", Nothing),
    ("isdecimal", "str", Nothing),
    ("isdigit", "str", Nothing),
    ("isdisjoint", "set", One),
    ("isidentifier", "str", Nothing),
    ("islower", "str", Nothing),
    ("isnumeric", "str", Nothing),
    ("isprintable", "str", Nothing),
    ("isspace", "str", Nothing),
    ("issubset", "set", One),
    ("issuperset", "set", One),
    ("istitle", "str", Nothing),
    ("isupper", "str", Nothing),
    ("items", "dict", Nothing),
    ("join", "str", One),
    ("keys", "dict", Nothing),
    ("ljust", "str", Between(1, 2)),
    ("lower", "str", Nothing),
    ("lstrip", "str", Between(0, 1)),
    ("partition", "str", One),
    ("pop", "dict", Between(1, 2)),
    ("pop", "list", Between(0, 1)),
    ("pop", "set", Nothing),
    ("popitem", "dict", Nothing),
    ("remove", "list", One),
    ("remove", "set", One),
    ("removeprefix", "str", One),
    ("removesuffix", "str", One),
    ("reverse", "list", Nothing),
    ("rjust", "str", Between(1, 2)),
    ("rpartition", "str", One),
    ("rstrip", "str", Between(0, 1)),
    ("send", "generator", One),
    ("setdefault", "dict", Between(1, 2)),
    ("strip", "str", Between(0, 1)),
    ("swapcase", "str", Nothing),
    ("symmetric_difference", "set", One),
    ("symmetric_difference_update", "set", One),
    ("title", "str", Nothing),
    ("update", "dict", Keyed(0, 1)),
    ("upper", "str", Nothing),
    ("values", "dict", Nothing),
    ("zfill", "str", One),
];

/// Where the lines of a method begin in [`METHODS`], and where they end.
static BY_METHOD: LazyLock<FxHashMap<Name, Range<usize>>> = LazyLock::new(|| {
    let mut by_method: FxHashMap<Name, Range<usize>> = FxHashMap::default();
    for (at, line) in METHODS.iter().enumerate() {
        let lines = by_method.entry(Name::new(line.0)).or_insert(at..at);
        lines.end = at + 1;
    }
    by_method
});

/// What a function outside the tree takes, if it is a builtin one that is listed.
#[must_use]
pub fn of_function(name: Name) -> Option<Counted> {
    let name = name.as_str().strip_prefix("builtins.")?;
    let at = FUNCTIONS
        .binary_search_by_key(&name, |entry| entry.0)
        .ok()?;
    Some(FUNCTIONS[at])
}

impl Takes {
    /// What CPython says of a call with so many positionals, and keywords or none; nothing: it is taken. The name: the type of a method and a dot, or nothing twice, and what it is called.
    fn refuses(
        self,
        (owner, dot, last): (&str, &str, &str),
        count: usize,
        has_keywords: bool,
    ) -> Option<String> {
        let takes_keywords = match self {
            Keyed(..) => true,
            // Of another count it is the count that is refused.
            OneOrThree => count != 1,
            Nothing | One | Between(..) => false,
        };
        if has_keywords && !takes_keywords {
            return Some(format!("{owner}{dot}{last}() takes no keyword arguments"));
        }
        match self {
            Nothing if count > 0 => Some(format!(
                "{owner}{dot}{last}() takes no arguments ({count} given)"
            )),
            One if count != 1 => Some(format!(
                "{owner}{dot}{last}() takes exactly one argument ({count} given)"
            )),
            OneOrThree if !matches!(count, 1 | 3) => {
                Some(format!("{owner}{dot}{last}() takes 1 or 3 arguments"))
            }
            Between(least, most) | Keyed(least, most) => {
                let bound = if count < least {
                    least
                } else if count > most {
                    most
                } else {
                    return None;
                };
                let how = match (least == most, count < least) {
                    (true, _) => "",
                    (false, true) => "at least ",
                    (false, false) => "at most ",
                };
                let plural = if bound == 1 { "" } else { "s" };
                Some(format!(
                    "{last} expected {how}{bound} argument{plural}, got {count}"
                ))
            }
            Nothing | One | OneOrThree => None,
        }
    }
}

impl<'p> Evaluator<'p> {
    /// Why a call of a builtin function fails that takes other arguments.
    pub fn refuses_count(&self, (name, takes): Counted, actual: &Actual) -> Option<Refusal> {
        self.refused_for(takes, ("", name), actual)
    }

    /// The same of a method of a builtin type.
    pub fn refuses_count_of_method(
        &mut self,
        frame: &Frame<'p>,
        (receiver, name): (Value, Name),
        actual: &Actual,
    ) -> Option<Refusal> {
        let of_name = METHODS[BY_METHOD.get(&name)?.clone()].iter();
        let refused = of_name.filter_map(|&(method, kind, takes)| {
            let refusal = self.refused_for(takes, (kind, method), actual)?;
            Some((kind, refusal))
        });
        // Most calls are taken, whatever the type: it need not be asked for.
        let refused: Vec<(&str, Refusal)> = refused.collect();
        if refused.is_empty() {
            return None;
        }
        let kind = self.exact_kind(frame, receiver)?.name()?;
        let of_kind = refused.into_iter().find(|(found, _)| *found == kind);
        of_kind.map(|(_, refusal)| refusal)
    }

    fn refused_for(
        &self,
        takes: Takes,
        (owner, last): (&str, &str),
        actual: &Actual,
    ) -> Option<Refusal> {
        let keyword = actual.keywords.iter().find(|keyword| keyword.certain);
        let is_by_keyword = keyword.is_some() && !matches!(takes, Keyed(..) | OneOrThree);
        let is_whole = !actual.more_positionals
            && actual.rest.is_none()
            && actual.keywords.iter().all(|keyword| keyword.certain);
        // What nobody can see may be one argument more.
        if !is_by_keyword && !is_whole {
            return None;
        }
        let name = (owner, if owner.is_empty() { "" } else { "." }, last);
        let said = takes.refuses(name, actual.positionals.len(), keyword.is_some())?;
        let last = Name::new(last);
        // The tree may have put something else in the function's place.
        if self.is_graph() || self.is_stored_on_modules(last) {
            return None;
        }
        Some(Refusal {
            kind: FailureKind::InvalidOperation,
            subject: last,
            exception: format!("TypeError: {said}"),
            callee: None,
            blame: match keyword {
                Some(keyword) => Blame::Keyword(keyword.name),
                None => Blame::Shape,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{FUNCTIONS, METHODS};

    #[test]
    fn the_tables_are_in_order() {
        assert!(FUNCTIONS.is_sorted_by(|a, b| a.0 < b.0));
        assert!(METHODS.is_sorted_by(|a, b| (a.0, a.1) < (b.0, b.1)));
    }
}
