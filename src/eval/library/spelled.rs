//! What functions of the library take that are written in Python: their signatures. A contributor adds a line to [`TABLE`].
//!
//! Only those stand here whose parameters are the same in every Python from 3.8 on, further keywords with defaults aside: these are taken whichever version knows them.
//! `tests/python/values-signatures.md` holds some of them against CPython.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use crate::bind::{self, FaultKind, Parameter, Signature};
use crate::facts::FailureKind;
use crate::name::Name;
use crate::syntax::ir::ParameterKind;

use crate::eval::Evaluator;
use crate::eval::calls::arguments::{Actual, shape};
use crate::eval::calls::refusal::Refusal;
use crate::eval::domain::value::Value;
use crate::eval::interpreter::frame::Blame;

/// Functions by their dotted names, and their parameters as `inspect.signature` shows them, defaults left out.
const TABLE: &[(&str, &str)] = &[
    ("abc.abstractmethod", "funcobj"),
    ("asyncio.iscoroutinefunction", "func"),
    ("asyncio.run", "main, *, debug=, loop_factory="),
    (
        "collections.namedtuple",
        "typename, field_names, *, rename=, defaults=, module=",
    ),
    ("contextlib.asynccontextmanager", "func"),
    ("contextlib.contextmanager", "func"),
    ("copy.copy", "x"),
    ("dataclasses.asdict", "obj, *, dict_factory="),
    ("dataclasses.astuple", "obj, *, tuple_factory="),
    (
        "dataclasses.dataclass",
        "cls=, /, *, init=, repr=, eq=, order=, unsafe_hash=, frozen=, match_args=, kw_only=, slots=, weakref_slot=",
    ),
    (
        "dataclasses.field",
        "*, default=, default_factory=, init=, repr=, hash=, compare=, metadata=, kw_only=, doc=",
    ),
    ("dataclasses.fields", "class_or_instance"),
    ("dataclasses.is_dataclass", "obj"),
    ("dataclasses.replace", "obj, /, **changes"),
    ("fnmatch.fnmatch", "name, pat"),
    ("functools.singledispatch", "func"),
    ("functools.total_ordering", "cls"),
    (
        "functools.update_wrapper",
        "wrapper, wrapped, assigned=, updated=",
    ),
    ("functools.wraps", "wrapped, assigned=, updated="),
    ("importlib.import_module", "name, package="),
    ("inspect.getdoc", "object"),
    ("inspect.getmembers", "object, predicate="),
    ("inspect.getmodule", "object, _filename="),
    ("inspect.getsource", "object"),
    ("inspect.isasyncgenfunction", "obj"),
    ("inspect.isawaitable", "object"),
    ("inspect.isbuiltin", "object"),
    ("inspect.isclass", "object"),
    ("inspect.iscoroutine", "object"),
    ("inspect.iscoroutinefunction", "obj"),
    ("inspect.isfunction", "object"),
    ("inspect.isgeneratorfunction", "obj"),
    ("inspect.ismethod", "object"),
    ("inspect.ismodule", "object"),
    (
        "inspect.signature",
        "obj, *, follow_wrapped=, globals=, locals=, eval_str=, annotation_format=",
    ),
    (
        "json.dump",
        "obj, fp, *, skipkeys=, ensure_ascii=, check_circular=, allow_nan=, cls=, indent=, separators=, default=, sort_keys=, **kw",
    ),
    (
        "json.dumps",
        "obj, *, skipkeys=, ensure_ascii=, check_circular=, allow_nan=, cls=, indent=, separators=, default=, sort_keys=, **kw",
    ),
    (
        "json.load",
        "fp, *, cls=, object_hook=, parse_float=, parse_int=, parse_constant=, object_pairs_hook=, **kw",
    ),
    (
        "json.loads",
        "s, *, cls=, object_hook=, parse_float=, parse_int=, parse_constant=, object_pairs_hook=, **kw",
    ),
    ("pathlib.Path().exists", "self, *, follow_symlinks="),
    ("pathlib.Path().is_dir", "self, *, follow_symlinks="),
    ("pathlib.Path().is_file", "self, *, follow_symlinks="),
    ("pathlib.Path().iterdir", "self"),
    ("pathlib.Path().mkdir", "self, mode=, parents=, exist_ok="),
    ("pathlib.Path().read_bytes", "self"),
    (
        "pathlib.Path().read_text",
        "self, encoding=, errors=, newline=",
    ),
    ("pathlib.Path().rename", "self, target"),
    ("pathlib.Path().replace", "self, target"),
    ("pathlib.Path().rmdir", "self"),
    ("pathlib.Path().touch", "self, mode=, exist_ok="),
    ("pathlib.Path().unlink", "self, missing_ok="),
    ("pathlib.Path().write_bytes", "self, data"),
    (
        "pathlib.Path().write_text",
        "self, data, encoding=, errors=, newline=",
    ),
    ("re.compile", "pattern, flags="),
    ("re.escape", "pattern"),
    ("re.findall", "pattern, string, flags="),
    ("re.finditer", "pattern, string, flags="),
    ("re.fullmatch", "pattern, string, flags="),
    ("re.match", "pattern, string, flags="),
    ("re.search", "pattern, string, flags="),
    ("shlex.quote", "s"),
    ("textwrap.dedent", "text"),
    ("textwrap.indent", "text, prefix, predicate="),
    ("traceback.format_exc", "limit=, chain="),
    ("typing.cast", "typ, val"),
];

/// The signatures of [`TABLE`].
static SIGNATURES: LazyLock<FxHashMap<&'static str, Signature>> = LazyLock::new(|| {
    let parsed = |&(name, parameters): &(&'static str, &str)| (name, signature(name, parameters));
    TABLE.iter().map(parsed).collect()
});

/// A signature as the table writes it.
fn signature(name: &str, parameters: &str) -> Signature {
    let mut kind = ParameterKind::PositionalOrKeyword;
    let mut found: Vec<Parameter> = Vec::new();
    for text in parameters.split(", ") {
        let own = match text {
            "/" => {
                for parameter in &mut found {
                    parameter.kind = ParameterKind::PositionalOnly;
                }
                continue;
            }
            "*" => {
                kind = ParameterKind::KeywordOnly;
                continue;
            }
            _ if text.starts_with("**") => ParameterKind::VarKeyword,
            _ => kind,
        };
        found.push(Parameter {
            name: Name::new(text.trim_matches(['*', '='])),
            kind: own,
            has_default: text.ends_with('='),
        });
    }
    // A method goes by what makes its object, `pathlib.Path().mkdir`, and CPython calls it by its class: `Path.mkdir()`.
    let function = match name.split_once("().") {
        Some((class, method)) => {
            let class = class.rsplit('.').next().unwrap_or(class);
            &format!("{class}.{method}")
        }
        None => name.rsplit('.').next().unwrap_or(name),
    };
    Signature {
        function: Name::new(function),
        parameters: found,
    }
}

/// What a function outside the tree takes, if it is listed.
#[must_use]
pub fn signature_of(name: Name) -> Option<&'static Signature> {
    SIGNATURES.get(name.as_str())
}

impl Evaluator<'_> {
    /// Why a call of a function outside the tree fails whose signature is known.
    pub fn refuses_spelled(&self, signature: &Signature, actual: &Actual) -> Option<Refusal> {
        let (is_method, last) = match signature.function.rsplit_once('.') {
            Some((_, last)) => (true, Name::new(last)),
            None => (false, signature.function),
        };
        let shape = if is_method {
            shape(&actual.with_first(Value::UNKNOWN))
        } else {
            shape(actual)
        };
        let fault = bind::bind(signature, &shape).err()?;
        // The tree may have put something else in the function's place.
        if self.is_graph()
            || self.is_stored_on_modules(last)
            || is_method && self.is_stored_elsewhere(last)
        {
            return None;
        }
        let subject = fault.names.first().copied();
        Some(Refusal {
            kind: FailureKind::InvalidOperation,
            subject: signature.function,
            exception: self.refused_text(signature, &shape, &fault),
            callee: None,
            blame: match (fault.kind, subject) {
                (FaultKind::UnexpectedKeyword, Some(keyword)) => Blame::Keyword(keyword),
                (FaultKind::MultipleValues, Some(keyword)) => Blame::Duplicate(keyword),
                _ => Blame::Shape,
            },
        })
    }
}
