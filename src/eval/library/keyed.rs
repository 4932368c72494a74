//! Which keywords functions of `builtins` and methods of its types take that are written in C. A contributor adds a line to [`FUNCTIONS`] or [`METHODS`].
//!
//! Only those stand here whose keywords are the same in every Python, and whose refusal of another one reads alike (`Python/getargs.c`).

use crate::eval::Evaluator;
use crate::eval::calls::arguments::Actual;
use crate::eval::calls::refusal::Refusal;
use crate::eval::domain::value::Value;
use crate::eval::interpreter::frame::{Blame, Frame};
use crate::facts::FailureKind;
use crate::name::Name;
use crate::python::Version;

/// What takes keywords: the name that its refusals have, and the keywords.
pub type Keyed = (&'static str, &'static [&'static str]);

/// Functions of `builtins`. All but `print` want a positional first: without it they say something else.
const FUNCTIONS: &[(&str, Keyed)] = &[
    ("max", ("max", &["key", "default"])),
    ("min", ("min", &["key", "default"])),
    (
        "open",
        (
            "open",
            &[
                "file",
                "mode",
                "buffering",
                "encoding",
                "errors",
                "newline",
                "closefd",
                "opener",
            ],
        ),
    ),
    ("print", ("print", &["sep", "end", "file", "flush"])),
    ("round", ("round", &["number", "ndigits"])),
    ("sorted", ("sort", &["key", "reverse"])),
    ("sum", ("sum", &["start"])),
];

/// Methods, each with its type.
const METHODS: &[(&str, &str, &[&str])] = &[
    ("decode", "bytes", &["encoding", "errors"]),
    ("encode", "str", &["encoding", "errors"]),
    ("expandtabs", "str", &["tabsize"]),
    ("rsplit", "str", &["sep", "maxsplit"]),
    ("sort", "list", &["key", "reverse"]),
    ("split", "str", &["sep", "maxsplit"]),
    ("splitlines", "str", &["keepends"]),
];

/// Which keywords a function outside the tree takes, if it is a builtin one that is listed.
#[must_use]
pub fn of_function(name: Name) -> Option<Keyed> {
    let name = name.as_str().strip_prefix("builtins.")?;
    let found = FUNCTIONS.iter().find(|line| line.0 == name);
    found.map(|line| line.1)
}

impl<'p> Evaluator<'p> {
    /// Why a call of a builtin function fails that is given a keyword which it does not take.
    pub fn refuses_keyword(&self, (name, keywords): Keyed, actual: &Actual) -> Option<Refusal> {
        let says_it_first = name == "print" || !actual.positionals.is_empty();
        self.refused_keyword(name, keywords, actual)
            .filter(|_| says_it_first)
    }

    /// The same of a method of a builtin type.
    pub fn refuses_keyword_of_method(
        &mut self,
        frame: &Frame<'p>,
        (receiver, name): (Value, Name),
        actual: &Actual,
    ) -> Option<Refusal> {
        if actual.keywords.is_empty() {
            return None;
        }
        let &(_, kind, keywords) = METHODS.iter().find(|line| line.0 == name.as_str())?;
        let refusal = self.refused_keyword(name.as_str(), keywords, actual)?;
        (self.exact_kind(frame, receiver)?.name()? == kind).then_some(refusal)
    }

    fn refused_keyword(&self, name: &str, keywords: &[&str], actual: &Actual) -> Option<Refusal> {
        let is_other = |keyword: Name| !keywords.contains(&keyword.as_str());
        let keyword = actual
            .keywords
            .iter()
            .find(|keyword| is_other(keyword.name))?;
        let last = Name::new(name);
        // The tree may have put something else in the function's place.
        if !keyword.certain || self.is_graph() || self.is_stored_on_modules(last) {
            return None;
        }
        let said = if self.program.targets().wording() >= Version(13) {
            format!(
                "{name}() got an unexpected keyword argument '{}'",
                keyword.name
            )
        } else {
            format!(
                "'{}' is an invalid keyword argument for {name}()",
                keyword.name
            )
        };
        Some(Refusal {
            kind: FailureKind::InvalidOperation,
            subject: last,
            exception: format!("TypeError: {said}"),
            callee: None,
            blame: Blame::Keyword(keyword.name),
        })
    }
}
