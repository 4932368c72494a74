//! What functions of the library ask of an argument, where a value of another type certainly makes them raise (the library reference, "Built-in Functions").
//!
//! A contributor adds a line to [`TABLE`], once CPython was seen to say these words of every type that [`Asks::refuses`] names.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use crate::eval::Evaluator;
use crate::eval::calls::arguments::Actual;
use crate::eval::calls::call::Site;
use crate::eval::domain::kind::Kind;
use crate::eval::interpreter::frame::Frame;
use crate::eval::interpreter::operation::has_no_iterator;
use crate::name::Name;
use crate::python::Version;

/// What an argument has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asks {
    /// Something that can be gone through.
    Iterable,
    /// Something that gives one item after the other itself.
    Iterator,
    /// A whole number.
    Integer,
    /// A number that is no complex one.
    Real,
    /// A text or a number: what `int` and `float` take; the name of the one.
    Number(&'static str),
    /// The path of a file.
    Path,
    /// The same, or the number of an open file.
    PathOrNumber,
    /// A further part of a path.
    PathPart,
    /// Something to call, or `None`.
    Factory,
    /// The text of a document.
    Document,
    /// The path of a file, by the function of the system that it is handed to.
    PathFor(&'static str),
    /// The same, or the number of an open file.
    PathOrNumberFor(&'static str),
    /// What a path is made of, by an object.
    PathSegment,
    /// A class.
    Class,
    /// A text or bytes, to look for a pattern in.
    Searched,
    /// A text and nothing else, by the function that says so of its argument with this number.
    Text(&'static str, usize),
}

/// Which positional arguments of a call are asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Which {
    /// The first one.
    First,
    /// The first one, if it is the only argument.
    Only,
    /// All of them.
    All,
    /// All but the first.
    Others,
    /// The second one.
    Second,
    /// The third one.
    Third,
}

const TABLE: &[(&str, Which, Asks)] = &[
    ("builtins.all", Which::First, Asks::Iterable),
    ("builtins.any", Which::First, Asks::Iterable),
    ("builtins.bin", Which::First, Asks::Integer),
    ("builtins.dict", Which::First, Asks::Iterable),
    ("builtins.enumerate", Which::First, Asks::Iterable),
    ("builtins.float", Which::Only, Asks::Number("float")),
    ("builtins.frozenset", Which::First, Asks::Iterable),
    ("builtins.hex", Which::First, Asks::Integer),
    ("builtins.int", Which::Only, Asks::Number("int")),
    ("builtins.iter", Which::Only, Asks::Iterable),
    ("builtins.list", Which::First, Asks::Iterable),
    ("builtins.max", Which::Only, Asks::Iterable),
    ("builtins.min", Which::Only, Asks::Iterable),
    ("builtins.next", Which::First, Asks::Iterator),
    ("builtins.oct", Which::First, Asks::Integer),
    ("builtins.open", Which::First, Asks::PathOrNumber),
    ("builtins.range", Which::All, Asks::Integer),
    ("builtins.set", Which::First, Asks::Iterable),
    ("builtins.sorted", Which::First, Asks::Iterable),
    ("builtins.sum", Which::First, Asks::Iterable),
    ("builtins.super", Which::First, Asks::Class),
    ("builtins.tuple", Which::First, Asks::Iterable),
    ("collections.defaultdict", Which::First, Asks::Factory),
    ("collections.deque", Which::First, Asks::Iterable),
    (
        "datetime.datetime.strptime",
        Which::First,
        Asks::Text("strptime", 1),
    ),
    (
        "datetime.datetime.strptime",
        Which::Second,
        Asks::Text("strptime", 2),
    ),
    ("json.loads", Which::First, Asks::Document),
    ("math.acos", Which::First, Asks::Real),
    ("math.acosh", Which::First, Asks::Real),
    ("math.asin", Which::First, Asks::Real),
    ("math.asinh", Which::First, Asks::Real),
    ("math.atan", Which::First, Asks::Real),
    ("math.atanh", Which::First, Asks::Real),
    ("math.ceil", Which::First, Asks::Real),
    ("math.cos", Which::First, Asks::Real),
    ("math.cosh", Which::First, Asks::Real),
    ("math.degrees", Which::First, Asks::Real),
    ("math.erf", Which::First, Asks::Real),
    ("math.erfc", Which::First, Asks::Real),
    ("math.exp", Which::First, Asks::Real),
    ("math.expm1", Which::First, Asks::Real),
    ("math.fabs", Which::First, Asks::Real),
    ("math.floor", Which::First, Asks::Real),
    ("math.frexp", Which::First, Asks::Real),
    ("math.gamma", Which::First, Asks::Real),
    ("math.gcd", Which::First, Asks::Integer),
    ("math.isfinite", Which::First, Asks::Real),
    ("math.isinf", Which::First, Asks::Real),
    ("math.isnan", Which::First, Asks::Real),
    ("math.isqrt", Which::First, Asks::Integer),
    ("math.lcm", Which::First, Asks::Integer),
    ("math.lgamma", Which::First, Asks::Real),
    ("math.log", Which::First, Asks::Real),
    ("math.log10", Which::First, Asks::Real),
    ("math.log1p", Which::First, Asks::Real),
    ("math.log2", Which::First, Asks::Real),
    ("math.modf", Which::First, Asks::Real),
    ("math.perm", Which::First, Asks::Integer),
    ("math.radians", Which::First, Asks::Real),
    ("math.sin", Which::First, Asks::Real),
    ("math.sinh", Which::First, Asks::Real),
    ("math.sqrt", Which::First, Asks::Real),
    ("math.tan", Which::First, Asks::Real),
    ("math.tanh", Which::First, Asks::Real),
    ("math.ulp", Which::First, Asks::Real),
    ("os.makedirs", Which::First, Asks::Path),
    ("os.mkdir", Which::First, Asks::PathFor("mkdir")),
    ("os.remove", Which::First, Asks::PathFor("remove")),
    ("os.rmdir", Which::First, Asks::PathFor("rmdir")),
    ("os.unlink", Which::First, Asks::PathFor("unlink")),
    ("os.chdir", Which::First, Asks::PathOrNumberFor("chdir")),
    ("os.fspath", Which::First, Asks::Path),
    ("os.path.abspath", Which::First, Asks::Path),
    ("os.path.basename", Which::First, Asks::Path),
    ("os.path.dirname", Which::First, Asks::Path),
    (
        "os.path.exists",
        Which::First,
        Asks::PathOrNumberFor("stat"),
    ),
    (
        "os.path.getsize",
        Which::First,
        Asks::PathOrNumberFor("stat"),
    ),
    ("os.path.isdir", Which::First, Asks::PathOrNumberFor("stat")),
    (
        "os.path.isfile",
        Which::First,
        Asks::PathOrNumberFor("stat"),
    ),
    ("os.path.expanduser", Which::First, Asks::Path),
    ("os.path.join", Which::First, Asks::Path),
    ("os.path.join", Which::Others, Asks::PathPart),
    ("os.path.normpath", Which::First, Asks::Path),
    ("os.path.split", Which::First, Asks::Path),
    ("os.path.splitext", Which::First, Asks::Path),
    ("pathlib.Path", Which::All, Asks::PathSegment),
    ("pathlib.PurePath", Which::All, Asks::PathSegment),
    ("re.findall", Which::Second, Asks::Searched),
    ("re.finditer", Which::Second, Asks::Searched),
    ("re.fullmatch", Which::Second, Asks::Searched),
    ("re.match", Which::Second, Asks::Searched),
    ("re.search", Which::Second, Asks::Searched),
    ("re.split", Which::Second, Asks::Searched),
    ("re.sub", Which::Third, Asks::Searched),
    ("re.subn", Which::Third, Asks::Searched),
    ("time.sleep", Which::First, Asks::Integer),
];

/// The lines of [`TABLE`] by function.
static BY_FUNCTION: LazyLock<FxHashMap<Name, Vec<(Which, Asks)>>> = LazyLock::new(|| {
    let mut by_function: FxHashMap<Name, Vec<(Which, Asks)>> = FxHashMap::default();
    for &(function, which, asks) in TABLE {
        let lines = by_function.entry(Name::new(function)).or_default();
        lines.push((which, asks));
    }
    by_function
});

impl Asks {
    /// Whether instances of a builtin type are none of it.
    const fn refuses(self, kind: Kind, function_takes_float: bool) -> bool {
        match self {
            Self::Iterable => has_no_iterator(kind),
            Self::Iterator => {
                has_no_iterator(kind)
                    || is_container(kind)
                    || matches!(kind, Kind::Str | Kind::Bytes)
            }
            Self::Integer => {
                is_neither_number_nor_text(kind)
                    || matches!(kind, Kind::Str | Kind::Bytes | Kind::Complex)
                    || matches!(kind, Kind::Float) && !function_takes_float
            }
            Self::Real => {
                is_neither_number_nor_text(kind)
                    || matches!(kind, Kind::Str | Kind::Bytes | Kind::Complex)
            }
            Self::Number(_) | Self::PathOrNumber => is_neither_number_nor_text(kind),
            Self::PathOrNumberFor(_) => {
                is_neither_number_nor_text(kind) || matches!(kind, Kind::Float | Kind::Complex)
            }
            Self::Path | Self::PathPart | Self::PathFor(_) | Self::PathSegment | Self::Searched => {
                is_neither_number_nor_text(kind) || kind.is_number()
            }
            Self::Text(..) => {
                is_neither_number_nor_text(kind) || kind.is_number() || matches!(kind, Kind::Bytes)
            }
            Self::Class => {
                is_neither_number_nor_text(kind)
                    || kind.is_number()
                    || matches!(kind, Kind::Str | Kind::Bytes)
            }
            Self::Factory => {
                is_container(kind) || kind.is_number() || matches!(kind, Kind::Str | Kind::Bytes)
            }
            Self::Document => is_neither_number_nor_text(kind) || kind.is_number(),
        }
    }

    /// By which methods an object of the tree is it all the same; none: of those nothing is said.
    const fn methods(self) -> &'static [&'static str] {
        match self {
            Self::Iterable => &["__iter__", "__getitem__"],
            Self::Iterator => &["__next__"],
            Self::Real => &["__float__", "__index__", "__ceil__", "__floor__"],
            Self::Path
            | Self::PathPart
            | Self::PathFor(_)
            | Self::PathOrNumberFor(_)
            | Self::PathSegment => &["__fspath__"],
            _ => &[],
        }
    }

    /// The exception in CPython's words.
    fn exception(self, kind: &str, version: Version) -> String {
        let real = if version >= Version(10) { "real " } else { "" };
        let words = match self {
            Self::Iterable => format!("'{kind}' object is not iterable"),
            Self::Iterator => format!("'{kind}' object is not an iterator"),
            Self::Integer => format!("'{kind}' object cannot be interpreted as an integer"),
            Self::Real => format!("must be real number, not {kind}"),
            Self::Number("float") => {
                format!("float() argument must be a string or a {real}number, not '{kind}'")
            }
            Self::Number(function) => format!(
                "{function}() argument must be a string, a bytes-like object or a {real}number, not '{kind}'"
            ),
            Self::Path | Self::PathOrNumber => {
                format!("expected str, bytes or os.PathLike object, not {kind}")
            }
            Self::PathPart => {
                format!("join() argument must be str, bytes, or os.PathLike object, not '{kind}'")
            }
            Self::PathFor(function) => {
                format!("{function}: path should be string, bytes or os.PathLike, not {kind}")
            }
            Self::PathOrNumberFor(function) => {
                format!(
                    "{function}: path should be string, bytes, os.PathLike or integer, not {kind}"
                )
            }
            Self::PathSegment if version >= Version(12) => format!(
                "argument should be a str or an os.PathLike object where __fspath__ returns a str, not '{kind}'"
            ),
            Self::PathSegment => format!("expected str, bytes or os.PathLike object, not {kind}"),
            Self::Searched if version >= Version(11) => {
                format!("expected string or bytes-like object, got '{kind}'")
            }
            Self::Searched => String::from("expected string or bytes-like object"),
            Self::Text(function, at) => {
                let kind = if kind == "NoneType" { "None" } else { kind };
                format!("{function}() argument {at} must be str, not {kind}")
            }
            Self::Class if version >= Version(11) => {
                format!("super() argument 1 must be a type, not {kind}")
            }
            Self::Class => {
                let kind = if kind == "NoneType" { "None" } else { kind };
                format!("super() argument 1 must be type, not {kind}")
            }
            Self::Factory => String::from("first argument must be callable or None"),
            Self::Document => {
                format!("the JSON object must be str, bytes or bytearray, not {kind}")
            }
        };
        format!("TypeError: {words}")
    }
}

/// Whether a function asks something of its arguments.
#[must_use]
pub fn is_listed(function: Name) -> bool {
    BY_FUNCTION.contains_key(&function)
}

impl<'p> Evaluator<'p> {
    /// A call of a function of the library: a failure if an argument certainly is of a type that it refuses.
    pub fn check_asked(
        &mut self,
        frame: &mut Frame<'p>,
        site: Site<'p>,
        name: Name,
        actual: &Actual,
    ) {
        let Some(lines) = BY_FUNCTION.get(&name) else {
            return;
        };
        if self.is_graph() || !frame.state.live || !frame.ir.errors.is_empty() {
            return;
        }
        let given = &actual.positionals;
        let is_only = given.len() == 1 && actual.is_whole() && actual.keywords.is_empty();
        for &(which, asks) in lines {
            let asked = match which {
                Which::Only if !is_only => continue,
                Which::Only | Which::First => 0..1,
                Which::All => 0..given.len(),
                Which::Second => 1..2,
                Which::Third => 2..3,
                Which::Others => 1..given.len(),
            };
            for at in asked {
                let Some(&value) = given.get(at) else { break };
                let takes_float = name.as_str() == "time.sleep";
                let refuses = |kind| asks.refuses(kind, takes_float);
                if let Some(named) = self.kind_that_fails(frame, value, asks.methods(), refuses) {
                    let exception = asks.exception(&named.1, self.program.targets().wording());
                    let before = frame.failures.len();
                    self.wrong_for_kind(
                        frame,
                        site.range,
                        (named, exception),
                        "gives it as an argument",
                    );
                    if let Some(written) = site.written(at) {
                        self.leave_failed(frame, written, value, before);
                    }
                    return;
                }
            }
        }
    }
}

/// Types that hold items.
const fn is_container(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Tuple | Kind::List | Kind::Dict | Kind::Set | Kind::FrozenSet | Kind::Range
    )
}

/// Types that are neither numbers nor texts, nor become some.
const fn is_neither_number_nor_text(kind: Kind) -> bool {
    is_container(kind)
        || matches!(
            kind,
            Kind::NoneType | Kind::Coroutine | Kind::Generator | Kind::Function | Kind::Method
        )
}
