//! One parameter more in the head of a function: nothing changes for the calls that are bound already.

use crate::fix::code::{Code, Found};
use crate::fix::text::{ends_line, indent, line_end, newline, skip};
use crate::fix::{Edit, deployed};
use crate::syntax::ir::{Parameter, ParameterKind};

/// Adds a parameter that calls by keyword may fill: as the deployed version has it, else with None as its default, behind all others.
pub(super) fn add(code: &Code, found: &Found, name: &str) -> Vec<Edit> {
    let mut parameters = found.function().params.iter();
    let last = parameters.rfind(|parameter| parameter.kind != ParameterKind::VarKeyword);
    match deployed::parameter(code, found, name) {
        Some(old) if old.is_overtaken => insert(code, found, last, &old.written),
        Some(old) => insert(code, found, old.before, &old.written),
        None => insert(code, found, last, &format!("{name}=None")),
    }
}

/// Adds a parameter that calls by position fill: behind those that they fill already. It has a default: there may be calls that nobody sees, such as those
/// of `map`.
pub(super) fn add_positional(code: &Code, found: &Found, name: &str) -> Vec<Edit> {
    let mut parameters = found.function().params.iter();
    let last = parameters.rfind(|parameter| parameter.is_positional());
    match deployed::parameter(code, found, name) {
        // What the call passes last was meant for a place before others.
        Some(old) if old.is_overtaken => Vec::new(),
        Some(old) => insert(code, found, old.before, &old.written),
        None => insert(code, found, last, &format!("{name}=None")),
    }
}

/// Writes a parameter behind another one, or as the first.
pub(super) fn insert(
    code: &Code,
    found: &Found,
    after: Option<&Parameter>,
    written: &str,
) -> Vec<Edit> {
    let (file, text) = (found.file, code.text(found.file));
    let Some(after) = after else {
        return first(code, found, written);
    };
    let start = after.range.start as usize;
    let mut end = after.range.end as usize;
    let is_last_positional_only =
        after.kind == ParameterKind::PositionalOnly
            && !found.function().params.iter().any(|other| {
                other.kind == ParameterKind::PositionalOnly && other.range > after.range
            });
    if is_last_positional_only && let Some(slash) = slash(text, end) {
        end = slash;
    }
    let next = skip(text, end);
    let has_comma = text[next..].starts_with(',');
    let behind = if has_comma { next + 1 } else { end };
    let own_line = indent(text, start).filter(|_| ends_line(text, behind));
    let Some(indent) = own_line else {
        return vec![Code::insert(file, end, format!(", {written}"))];
    };
    let line = newline(text);
    let place = line_end(text, behind);
    if has_comma {
        return vec![Code::insert(
            file,
            place,
            format!("{line}{indent}{written},"),
        )];
    }
    if place == end {
        return vec![Code::insert(file, end, format!(",{line}{indent}{written}"))];
    }
    // A comment stays beside what it is about.
    vec![
        Code::insert(file, end, ","),
        Code::insert(file, place, format!("{line}{indent}{written}")),
    ]
}

/// The offset behind the `/` that ends the positional-only parameters.
fn slash(text: &str, end: usize) -> Option<usize> {
    let comma = skip(text, end);
    let slash = skip(text, comma + usize::from(text[comma..].starts_with(',')));
    text[slash..].starts_with('/').then_some(slash + 1)
}

/// Writes a parameter before all others.
fn first(code: &Code, found: &Found, written: &str) -> Vec<Edit> {
    let (file, text, function) = (found.file, code.text(found.file), found.function());
    if let Some(parameter) = function.params.first() {
        let at = parameter.range.start as usize;
        return vec![Code::insert(file, at, format!("{written}, "))];
    }
    let name = function.name_range.end as usize;
    if function.is_lambda() {
        return vec![Code::insert(file, name, format!(" {written}"))];
    }
    let open = opening(text, name);
    open.map(|open| vec![Code::insert(file, open + 1, written)])
        .unwrap_or_default()
}

/// The offset of the parenthesis that opens the parameters; type parameters in square brackets may stand before it.
fn opening(text: &str, name: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (offset, c) in text.get(name..)?.char_indices() {
        match c {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            '(' if depth == 0 => return Some(name + offset),
            ':' if depth == 0 => return None,
            _ => {}
        }
    }
    None
}
