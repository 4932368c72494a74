//! What binding looks like in text: CPython 3.11's exceptions and parameter lists.

use std::fmt::{self, Write};

use super::{Fault, FaultKind, Parameter, Shape, Signature};
use crate::name::Name;
use crate::syntax::ir::ParameterKind;

/// The exception for `f(**{1: 2})`, without `TypeError: `.
pub const KEYWORDS_MUST_BE_STRINGS: &str = "keywords must be strings";

/// Stands for a keyword whose name is not known, between the quotes of a message.
const SOME_KEYWORD: &str = "...";

impl Fault {
    /// The exception's text without `TypeError: `, as `too_many_positional`, `missing_arguments` and
    /// `positional_only_passed_as_keyword` in CPython 3.11's `Python/ceval.c` write it.
    ///
    /// `signature` and `shape` are those that were bound. A keyword that a `**x` may hold has no known name: then the
    /// message says `'...'`.
    #[must_use]
    pub fn message(&self, signature: &Signature, shape: &Shape) -> String {
        let text = Message {
            fault: self,
            signature,
            shape,
        };
        format!("{}() {text}", signature.function)
    }
}

/// A fault's message after `f() `.
struct Message<'a> {
    fault: &'a Fault,
    signature: &'a Signature,
    shape: &'a Shape,
}

impl fmt::Display for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = &self.fault.names;
        let name = names.first().map_or(SOME_KEYWORD, |name| name.as_str());
        match self.fault.kind {
            FaultKind::UnexpectedKeyword => {
                write!(f, "got an unexpected keyword argument '{name}'")
            }
            FaultKind::MultipleValues => write!(f, "got multiple values for argument '{name}'"),
            FaultKind::PositionalOnlyKeyword => {
                f.write_str("got some positional-only arguments passed as keyword arguments: '")?;
                for (index, name) in names.iter().enumerate() {
                    write!(f, "{}{name}", if index == 0 { "" } else { ", " })?;
                }
                f.write_char('\'')
            }
            FaultKind::TooManyPositionals => self.too_many_positionals(f),
            FaultKind::MissingArgument => self.missing(f),
        }
    }
}

impl Message<'_> {
    fn too_many_positionals(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = |name: Name| {
            self.signature
                .parameters
                .iter()
                .find(|p| p.name == name)
                .map(|p| p.kind)
        };
        let positional = self
            .signature
            .parameters
            .iter()
            .filter(|p| p.kind <= ParameterKind::PositionalOrKeyword);
        let most = positional.clone().count();
        let least = positional.filter(|p| !p.has_default).count();
        // If a `*x` is what may bring too many, then it is one too many.
        let given = (self.shape.positionals as usize).max(most + 1);
        let keywords = self.shape.keywords.iter();
        let keyword_only = keywords
            .filter(|k| k.certain && kind(k.name) == Some(ParameterKind::KeywordOnly))
            .count();

        f.write_str("takes ")?;
        if least < most {
            write!(f, "from {least} to {most} positional arguments")?;
        } else {
            write!(f, "{most} positional argument{}", plural(most))?;
        }
        write!(f, " but {given} ")?;
        if keyword_only > 0 {
            write!(
                f,
                "positional argument{} (and {keyword_only} keyword-only argument{}) were given",
                plural(given),
                plural(keyword_only)
            )
        } else {
            write!(f, "{} given", if given == 1 { "was" } else { "were" })
        }
    }

    fn missing(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = &self.fault.names;
        let keyword_only =
            |p: &Parameter| p.kind == ParameterKind::KeywordOnly && names.contains(&p.name);
        let kind = if self.signature.parameters.iter().any(keyword_only) {
            "keyword-only"
        } else {
            "positional"
        };
        let count = names.len();
        write!(
            f,
            "missing {count} required {kind} argument{}: ",
            plural(count)
        )?;
        for (index, name) in names.iter().enumerate() {
            let separator = match (index, count - index) {
                (0, _) => "",
                (1, 1) => " and ",
                (_, 1) => ", and ",
                _ => ", ",
            };
            write!(f, "{separator}'{name}'")?;
        }
        Ok(())
    }
}

fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

/// How CPython names a callable in the faults of building a call (`_PyObject_FunctionStr`): `module.qualname()`, without
/// module if that is `builtins` or none.
#[must_use]
pub fn function_display(module: Option<&str>, qualname: &str) -> String {
    match module {
        None | Some("builtins") => format!("{qualname}()"),
        Some(module) => format!("{module}.{qualname}()"),
    }
}

/// The exception for `f(a=1, **{'a': 2})`, without `TypeError: `; `function` as by [`function_display`].
///
/// It comes before any binding: `format_kwargs_error` in CPython 3.11's `Python/ceval.c`.
#[must_use]
pub fn duplicate_keyword(function: &str, keyword: Name) -> String {
    format!("{function} got multiple values for keyword argument '{keyword}'")
}

/// The parameter list as one would write it: `(key, /, value, *args, ttl=None, **kwargs)`.
///
/// `defaults` go along with the parameters; a default without text is shown as `...`.
#[must_use]
pub fn render(signature: &Signature, defaults: &[Option<String>]) -> String {
    let mut text = String::from("(");
    let mut before = None;
    for (index, parameter) in signature.parameters.iter().enumerate() {
        if before.is_some() {
            text.push_str(", ");
        }
        if before == Some(ParameterKind::PositionalOnly)
            && parameter.kind != ParameterKind::PositionalOnly
        {
            text.push_str("/, ");
        }
        if parameter.kind == ParameterKind::KeywordOnly
            && before < Some(ParameterKind::VarPositional)
        {
            text.push_str("*, ");
        }
        text.push_str(match parameter.kind {
            ParameterKind::VarPositional => "*",
            ParameterKind::VarKeyword => "**",
            _ => "",
        });
        text.push_str(&parameter.name);
        if parameter.has_default {
            text.push('=');
            text.push_str(
                defaults
                    .get(index)
                    .and_then(Option::as_deref)
                    .unwrap_or("..."),
            );
        }
        before = Some(parameter.kind);
    }
    if before == Some(ParameterKind::PositionalOnly) {
        text.push_str(", /");
    }
    text.push(')');
    text
}
