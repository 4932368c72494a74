//! What binding looks like in text: CPython 3.11's exceptions and parameter lists.

use std::fmt::{self, Write};

use super::suggestion::suggestion;
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

    /// What CPython appends to it from 3.13 on where a keyword names no parameter, but nearly does: `. Did you mean 'ttl'?`
    #[must_use]
    pub fn hint(&self, signature: &Signature) -> Option<String> {
        let keyword = self.names.first()?;
        if self.kind != FaultKind::UnexpectedKeyword {
            return None;
        }
        let named = |parameter: &&Parameter| {
            matches!(
                parameter.kind,
                ParameterKind::PositionalOrKeyword | ParameterKind::KeywordOnly
            )
        };
        let names: Vec<&str> = signature
            .parameters
            .iter()
            .filter(named)
            .map(|parameter| parameter.name.as_str())
            .collect();
        let meant = suggestion(keyword, &names)?;
        Some(format!(". Did you mean '{meant}'?"))
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

#[cfg(test)]
mod tests {
    use super::super::{Keyword, bind};
    use super::*;

    /// Binds `f(1, .., keywords)` with `def f(parameters)`; parameters as `inspect.signature` writes them.
    fn fault(parameters: &str, positionals: u32, keywords: &[&str]) -> String {
        let signature = signature(parameters);
        let keywords = keywords.iter().map(|name| Keyword {
            name: Name::new(name),
            certain: true,
        });
        let shape = Shape {
            positionals,
            keywords: keywords.collect(),
            ..Shape::default()
        };
        bind(&signature, &shape)
            .unwrap_err()
            .message(&signature, &shape)
    }

    fn signature(parameters: &str) -> Signature {
        let words: Vec<&str> = parameters
            .split(", ")
            .filter(|word| !word.is_empty())
            .collect();
        let slash = words.iter().position(|&word| word == "/");
        let mut after_star = false;
        let mut parsed = Vec::new();
        for (at, word) in words.into_iter().enumerate() {
            let name = word.trim_start_matches('*');
            let kind = match word.len() - name.len() {
                2 => ParameterKind::VarKeyword,
                1 => ParameterKind::VarPositional,
                _ if after_star => ParameterKind::KeywordOnly,
                _ if slash.is_some_and(|slash| at < slash) => ParameterKind::PositionalOnly,
                _ => ParameterKind::PositionalOrKeyword,
            };
            after_star |= kind == ParameterKind::VarPositional;
            if !matches!(name, "" | "/") {
                let (name, default) = name
                    .split_once('=')
                    .map_or((name, None), |(name, default)| (name, Some(default)));
                parsed.push(Parameter {
                    name: Name::new(name),
                    kind,
                    has_default: default.is_some(),
                });
            }
        }
        Signature {
            function: Name::new("f"),
            parameters: parsed,
        }
    }

    #[test]
    fn messages_count_and_join_as_cpython_does() {
        assert_eq!(
            fault("a", 0, &[]),
            "f() missing 1 required positional argument: 'a'"
        );
        assert_eq!(
            fault("a, b", 0, &[]),
            "f() missing 2 required positional arguments: 'a' and 'b'"
        );
        assert_eq!(
            fault("*, a, b, c", 0, &[]),
            "f() missing 3 required keyword-only arguments: 'a', 'b', and 'c'"
        );
        assert_eq!(
            fault("", 1, &[]),
            "f() takes 0 positional arguments but 1 was given"
        );
        assert_eq!(
            fault("a, b=1", 3, &[]),
            "f() takes from 1 to 2 positional arguments but 3 were given"
        );
        let text = "f() takes 0 positional arguments but 1 positional argument (and 2 keyword-only arguments) were given";
        assert_eq!(fault("*, a, b", 1, &["a", "b"]), text);
        let text = "f() got some positional-only arguments passed as keyword arguments: 'a, b'";
        assert_eq!(fault("a, b, /", 0, &["b", "z", "a"]), text);
        assert_eq!(
            fault("a", 1, &["a", "z"]),
            "f() got multiple values for argument 'a'"
        );
        assert_eq!(
            fault("a", 1, &["z", "a"]),
            "f() got an unexpected keyword argument 'z'"
        );
    }

    #[test]
    fn doubts_have_a_message_too() {
        let signature = signature("a, b=1");
        let message = |shape| {
            bind(&signature, &shape)
                .unwrap()
                .doubt
                .unwrap()
                .message(&signature, &shape)
        };
        let known = Shape {
            positionals: 1,
            ..Shape::default()
        };
        let shape = Shape {
            more_positionals: true,
            ..known.clone()
        };
        assert_eq!(
            message(shape),
            "f() takes from 1 to 2 positional arguments but 3 were given"
        );
        let shape = Shape {
            more_keywords: true,
            ..known
        };
        assert_eq!(
            message(shape),
            "f() got an unexpected keyword argument '...'"
        );
    }

    #[test]
    fn building_a_call_has_faults_of_its_own() {
        let text = "app.C.m() got multiple values for keyword argument 'a'";
        assert_eq!(
            duplicate_keyword(&function_display(Some("app"), "C.m"), Name::new("a")),
            text
        );
        let text = "len() got multiple values for keyword argument 'a'";
        assert_eq!(
            duplicate_keyword(&function_display(Some("builtins"), "len"), Name::new("a")),
            text
        );
    }

    #[test]
    fn parameter_lists_are_rendered_as_written() {
        let rendered = |text| render(&signature(text), &[]);
        for text in [
            "",
            "a",
            "a, /",
            "a, /, b",
            "*, a",
            "*args, a",
            "a, *args, b, **kwargs",
            "a, /, *, b",
            "**kwargs",
        ] {
            assert_eq!(rendered(text), format!("({text})"));
        }
        assert_eq!(rendered("a=..., *, b=..."), "(a=..., *, b=...)");
        assert_eq!(
            render(&signature("a, ttl="), &[None, Some("None".to_owned())]),
            "(a, ttl=None)"
        );
    }
}
