//! The file of a baseline: TOML, an entry after the other, sorted, so that two branches that take entries out do not conflict.

use std::fmt::Write;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::config::{ConfigError, Origin};
use crate::rules::baseline::{Broken, Entry};

/// The version of the form.
const VERSION: &str = "1";

/// The keys of an entry, in the order in which they are written.
const KEYS: [&str; 8] = [
    "path", "rule", "function", "subject", "detail", "breaks", "text", "message",
];

/// Reads the file. `name` is what it is called in messages.
///
/// # Errors
///
/// If it is no TOML, of another version, or has a key that is not known.
pub fn read(text: &str, name: &str) -> Result<Vec<Entry>, ConfigError> {
    let at = |offset: usize| {
        let before = text.get(..offset).unwrap_or(text);
        let newlines = before.matches('\n').count();
        Origin {
            source: name.into(),
            line: u32::try_from(newlines + 1).unwrap_or(u32::MAX),
        }
    };
    let error = |offset: usize, message: String| {
        ConfigError::new(Some(at(offset)), message)
            .with_help("`coship check --baseline FILE --update-baseline` writes the file anew")
    };
    let document = DeTable::parse(text).map_err(|problem| {
        let offset = problem.span().map_or(0, |span| span.start);
        error(offset, format!("not valid TOML: {}", problem.message()))
    })?;
    let mut entries = Vec::new();
    for (key, value) in document.get_ref() {
        let start = key.span().start;
        match (key.get_ref().as_ref(), value.get_ref()) {
            ("version", DeValue::Integer(number)) if number.as_str() == VERSION => {}
            ("version", _) => {
                let message =
                    format!("a baseline of another version; this coship reads version {VERSION}");
                return Err(error(start, message));
            }
            ("finding", DeValue::Array(items)) => {
                for item in items {
                    entries.push(entry(item).map_err(|(offset, message)| error(offset, message))?);
                }
            }
            (other, _) => return Err(error(start, format!("unknown key '{other}'"))),
        }
    }
    entries.sort();
    Ok(entries)
}

fn entry(item: &Spanned<DeValue<'_>>) -> Result<Entry, (usize, String)> {
    let DeValue::Table(table) = item.get_ref() else {
        return Err((item.span().start, "a finding is a table".to_owned()));
    };
    let mut entry = Entry::default();
    for (key, value) in table {
        let start = key.span().start;
        let name = key.get_ref().as_ref();
        if name == "breaks" {
            entry.breaks = breaks(value)?;
            continue;
        }
        let field = match name {
            "path" => &mut entry.path,
            "rule" => &mut entry.rule,
            "function" => &mut entry.function,
            "subject" => &mut entry.subject,
            "detail" => &mut entry.detail,
            "text" => &mut entry.text,
            "message" => &mut entry.message,
            other => {
                let known = KEYS.join(", ");
                return Err((start, format!("unknown key '{other}': there are {known}")));
            }
        };
        string(value)?.clone_into(field);
    }
    Ok(entry)
}

fn string<'v>(value: &'v Spanned<DeValue<'_>>) -> Result<&'v str, (usize, String)> {
    match value.get_ref() {
        DeValue::String(text) => Ok(text),
        _ => Err((value.span().start, "this is a string".to_owned())),
    }
}

/// `["core.py:get CACHE/get"]`: a callee, a route, or both.
fn breaks(value: &Spanned<DeValue<'_>>) -> Result<Vec<Broken>, (usize, String)> {
    let DeValue::Array(items) = value.get_ref() else {
        return Err((
            value.span().start,
            "'breaks' is a list of strings".to_owned(),
        ));
    };
    let broken = |item: &Spanned<DeValue<'_>>| {
        let text = string(item)?;
        let (callee, route) = text.split_once(" on ").unwrap_or((text, ""));
        let (path, name) = callee.rsplit_once(':').unwrap_or(("", callee));
        Ok(Broken {
            callee: (path.to_owned(), name.to_owned()),
            route: route.to_owned(),
        })
    };
    items.iter().map(broken).collect()
}

/// The file's text.
#[must_use]
pub fn write(entries: &[Entry]) -> String {
    let mut sorted: Vec<&Entry> = entries.iter().collect();
    sorted.sort();
    let mut text = format!(
        "# Findings that were there before: `coship check` does not report them. Written by `coship check --update-baseline`,\n\
         # which takes out those that are mended. Lines are no part of it: code may move, and be renamed.\n\
         version = {VERSION}\n"
    );
    for entry in sorted {
        text.push_str("\n[[finding]]\n");
        let fields = [
            ("path", &entry.path),
            ("rule", &entry.rule),
            ("function", &entry.function),
            ("subject", &entry.subject),
            ("detail", &entry.detail),
        ];
        for (key, value) in fields {
            field(&mut text, key, value);
        }
        if !entry.breaks.is_empty() {
            let items: Vec<String> = entry
                .breaks
                .iter()
                .map(|broken| quoted(&shown(broken)))
                .collect();
            // Writing to a String does not fail.
            let _ = match items.as_slice() {
                [one] => writeln!(text, "breaks = [{one}]"),
                items => writeln!(text, "breaks = [\n    {},\n]", items.join(",\n    ")),
            };
        }
        field(&mut text, "text", &entry.text);
        field(&mut text, "message", &entry.message);
    }
    text
}

fn shown(broken: &Broken) -> String {
    let (path, name) = &broken.callee;
    let callee = if path.is_empty() {
        name.clone()
    } else {
        format!("{path}:{name}")
    };
    if broken.route.is_empty() {
        callee
    } else {
        format!("{callee} on {}", broken.route)
    }
}

fn field(text: &mut String, key: &str, value: &str) {
    if !value.is_empty() {
        let _ = writeln!(text, "{key} = {}", quoted(value));
    }
}

/// A TOML string in one line.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries() -> Vec<Entry> {
        let broken = |path: &str, name: &str, route: &str| Broken {
            callee: (path.to_owned(), name.to_owned()),
            route: route.to_owned(),
        };
        vec![
            Entry {
                path: "a b/ü.py".to_owned(),
                rule: "unexpected-keyword".to_owned(),
                function: "C.f".to_owned(),
                subject: "it's \"x\"\n\u{1b}".to_owned(),
                breaks: vec![
                    broken("", "", "I/op"),
                    broken("core.py", "get", ""),
                    broken("core.py", "set", "GatewayInterface.CACHE/set"),
                ],
                text: "0123456789abcdef".to_owned(),
                message: "keyword".to_owned(),
                ..Entry::default()
            },
            Entry {
                path: "b.py".to_owned(),
                rule: "missing-name".to_owned(),
                detail: "ImportError: cannot import name 'x' from 'm'".to_owned(),
                ..Entry::default()
            },
        ]
    }

    #[test]
    fn what_is_written_is_read() {
        let text = write(&entries());
        assert_eq!(read(&text, "b.toml"), Ok(entries()));
        assert!(!text.contains('\u{1b}'), "{text}");
    }

    #[test]
    fn mistakes_have_their_line() {
        let cases = [
            ("version = 2", "b.toml:1: a baseline of another version"),
            ("version = 1\nx = 1", "b.toml:2: unknown key 'x'"),
            (
                "version = 1\n[[finding]]\nline = 1",
                "b.toml:3: unknown key 'line'",
            ),
            (
                "version = 1\n[[finding]]\nrule = 1",
                "b.toml:3: this is a string",
            ),
            ("version = ", "b.toml:1: not valid TOML"),
        ];
        for (text, wanted) in cases {
            let error = read(text, "b.toml").unwrap_err();
            assert!(error.to_string().starts_with(wanted), "{error}");
            assert!(error.help.is_some());
        }
    }
}
