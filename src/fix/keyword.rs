//! A keyword that is not taken: it has another name there, or who is called should take it, or it should end on the way.

use std::collections::BTreeMap;

use crate::facts::{FileId, Place};
use crate::fix::code::{Code, Found, call_around, every_expression, passes, takes_keyword};
use crate::fix::{Edit, Fix, arguments, deployed, signature};
use crate::rules::Broken;
use crate::syntax::ir::{
    Argument, ArgumentKind, Call, Constant, ExprKind, Function, Parameter, ParameterKind, Range,
};
use crate::syntax::visit;

/// What might be done about a keyword that is not taken.
pub(super) fn fixes(code: &Code, place: Place, broken: &Broken) -> Vec<Fix> {
    let keyword = broken.subject.as_str();
    let callees = code.callees(broken);
    let mut fixes = Vec::new();
    if let Some(callees) = &callees {
        fixes.extend(what_bodies_read(code, callees, keyword));
    }
    // The new value under the right name goes before what was passed when it was deployed.
    fixes.extend(rename(code, place, broken, callees.as_deref()));
    fixes.extend(arguments::as_deployed(code, place));
    let Some(callees) = callees else {
        return fixes;
    };
    if is_forwarded(place, broken) {
        fixes.extend(on_the_way(code, &callees, broken));
    }
    fixes.extend(arguments::without(code, place, keyword));
    if !is_forwarded(place, broken) {
        let what = unread(keyword, &callees);
        fixes.push(Fix::doubtful(what, added(code, &callees, keyword)));
    }
    fixes
}

/// The parameter that the bodies read already: it is missing in the heads, or has another name there.
fn what_bodies_read(code: &Code, callees: &[Found], keyword: &str) -> Vec<Fix> {
    let reads = |found: &Found| {
        let undefined = code.undefined_in(found);
        undefined.iter().any(|name| name.as_str() == keyword)
    };
    if !callees.iter().all(reads) {
        return Vec::new();
    }
    let what = format!("add the parameter `{keyword}` to {}", listed(callees));
    let mut fixes = vec![Fix::safe(what, added(code, callees, keyword))];
    let heads: Option<Vec<Edit>> = callees
        .iter()
        .map(|found| renamed_head(code, found, keyword))
        .collect();
    if let Some(edits) = heads {
        let what = format!("call the parameter `{keyword}` in {}", listed(callees));
        fixes.push(Fix::safe(what, edits));
    }
    fixes
}

/// The head with its one parameter that nothing reads called as the body calls it.
pub(super) fn renamed_head(code: &Code, found: &Found, name: &str) -> Option<Edit> {
    let function = found.function();
    // `locals()` reads parameters unseen.
    if function.scope.dynamic {
        return None;
    }
    let mut read = vec![false; function.params.len()];
    visit::all_expressions(&function.body, &mut |expr| {
        if let ExprKind::Name(name, _) = &expr.kind {
            let parameters = function.params.iter().zip(&mut read);
            for (_, read) in parameters.filter(|(parameter, _)| parameter.name == *name) {
                *read = true;
            }
        }
    });
    let mut unread = (0..).zip(&function.params).filter(|(index, parameter)| {
        let is_captured = function
            .scope
            .slots
            .get(*index)
            .is_some_and(|slot| slot.captured);
        !read[*index]
            && !is_captured
            && !matches!(parameter.name.as_str(), "self" | "cls")
            && !parameter.is_variadic()
    });
    let (_, parameter) = unread.next()?;
    if unread.next().is_some() {
        return None;
    }
    let range = letters(
        code,
        found.file,
        parameter.range.start,
        parameter.name.as_str(),
    )?;
    Some(Code::edit(found.file, range, name))
}

/// Whether the keyword comes to the call that raises from somewhere else.
fn is_forwarded(place: Place, broken: &Broken) -> bool {
    let is_here = |raises: &Place| raises.file == place.file && raises.range.contains(place.range);
    !broken.raises.iter().any(is_here)
}

/// The keyword under the name that who is called has for it.
fn rename(code: &Code, place: Place, broken: &Broken, callees: Option<&[Found]>) -> Vec<Fix> {
    let old = broken.subject.as_str();
    let module = code.now.module(place.file);
    let Some(range) = name_at(code, place, old) else {
        return Vec::new();
    };
    let call = call_around(&module, place.range).map(|(call, _)| call);
    let mut names: Vec<(bool, String)> = Vec::new();
    let renamed = |found: &Found| deployed::was_renamed(code, found, old);
    if let Some([first, others @ ..]) = callees
        && let Some(name) = renamed(first)
        && others
            .iter()
            .all(|found| renamed(found).as_ref() == Some(&name))
    {
        names.push((true, name));
    }
    if let Some(near) = &broken.near {
        names.push((true, near.clone()));
    }
    if let (Some([callee]), Some(call), false) = (callees, call, is_forwarded(place, broken)) {
        names.extend(unfilled(callee, call, old));
    }
    names.retain(|(_, name)| !call.is_some_and(|call| passes(call, name)));
    let mut seen = Vec::new();
    let mut fixes = Vec::new();
    for (is_safe, name) in names {
        if !seen.contains(&name) {
            let what = format!("rename the keyword `{old}` to `{name}`");
            let edit = Code::edit(place.file, range, name.as_str());
            fixes.push(Fix::new(is_safe, what, vec![edit]));
            seen.push(name);
        }
    }
    fixes
}

/// The one parameter that the call leaves out, and whether it is sure to be the one: if its name goes on the other's, or the other way round.
fn unfilled(callee: &Found, call: &Call, keyword: &str) -> Option<(bool, String)> {
    let is_open = call
        .arguments
        .iter()
        .any(|argument| matches!(argument.kind, ArgumentKind::Star | ArgumentKind::DoubleStar));
    if is_open {
        return None;
    }
    let arguments = || call.arguments.iter();
    let positional = arguments()
        .filter(|argument| argument.kind == ArgumentKind::Positional)
        .count();
    let function = callee.function();
    let is_method = function
        .params
        .first()
        .is_some_and(|first| matches!(first.name.as_str(), "self" | "cls"));
    let skipped = positional + usize::from(is_method);
    let open: Vec<_> = (0..)
        .zip(&function.params)
        .filter(|(index, parameter)| {
            let is_filled = *index < skipped && parameter.is_positional();
            takes_keyword(parameter) && !is_filled && !passes(call, parameter.name.as_str())
        })
        .map(|(_, parameter)| parameter)
        .collect();
    let required: Vec<_> = open
        .iter()
        .filter(|parameter| parameter.default.is_none())
        .collect();
    let (name, is_required) = match (required.as_slice(), open.as_slice()) {
        ([one], _) => (one.name, true),
        ([], [one]) => (one.name, false),
        _ => return None,
    };
    let name = name.as_str();
    let is_sure = is_required && (name.contains(keyword) || keyword.contains(name));
    Some((is_sure, name.to_owned()))
}

/// The letters of the keyword's name where it is written: in a call, or as the key of a dict.
fn name_at(code: &Code, place: Place, name: &str) -> Option<Range> {
    let module = code.now.module(place.file);
    if let Some((call, _)) = call_around(&module, place.range)
        && let Some(argument) = call
            .arguments
            .iter()
            .find(|argument| argument.range == place.range)
    {
        let is_it = matches!(argument.kind, ArgumentKind::Keyword(it) if it.as_str() == name);
        return letters(code, place.file, place.range.start, name).filter(|_| is_it);
    }
    let mut found = None;
    every_expression(&module, &mut |expr| {
        if let ExprKind::Constant(Constant::Str(text)) = &expr.kind
            && expr.range.start == place.range.start
            && text.as_str() == name
        {
            found = Some(expr.range);
        }
    });
    quoted(code, place.file, found?, name)
}

/// The letters of a name that begins there, if it is written as it is called: Python mangles some, and normalizes others.
fn letters(code: &Code, file: FileId, start: u32, name: &str) -> Option<Range> {
    let range = Range::new(start, start + u32::try_from(name.len()).ok()?);
    (code.now.written(file, range) == name).then_some(range)
}

/// The letters of a literal text, if it is written between two quotes as it is.
pub(super) fn quoted(code: &Code, file: FileId, range: Range, text: &str) -> Option<Range> {
    let written = code.now.written(file, range);
    let is_plain = ['\'', '"']
        .iter()
        .any(|quote| written == format!("{quote}{text}{quote}"));
    is_plain.then(|| Range::new(range.start + 1, range.end - 1))
}

/// The keyword taken by those that are called, or taken out of `**kwargs` by those that call them: what nobody else wants first, then what the deployed
/// version did, then the fewer. Nothing reads the keyword then: the error is gone, and what was sent is lost, so that none of it is safe.
fn on_the_way(code: &Code, callees: &[Found], broken: &Broken) -> Vec<Fix> {
    let keyword = broken.subject.as_str();
    let mut routers: BTreeMap<(FileId, usize), Found> = BTreeMap::new();
    for place in &broken.raises {
        let Some(found) = code.function_around(*place) else {
            return Vec::new();
        };
        routers.insert((found.file, found.index), found);
    }
    let routers: Vec<Found> = routers.into_values().collect();
    let passes_all = |found: &Found| {
        let mut parameters = found.function().params.iter();
        parameters.any(|parameter| parameter.kind == ParameterKind::VarKeyword)
    };
    let had = |found: &Found| {
        let old = deployed::function(code, found);
        old.is_some_and(|old| old.parameter(keyword).is_some())
    };
    let mut ways = vec![(false, callees, unread(keyword, callees))];
    if routers.iter().all(passes_all) {
        let what = format!("take `{keyword}` out in {}", listed(&routers));
        let is_wanted = is_wanted(code, keyword, &routers, broken);
        ways.push((is_wanted, &routers, what));
    }
    ways.sort_by_key(|(is_wanted, functions, _)| {
        (*is_wanted, !functions.iter().all(had), functions.len())
    });
    ways.into_iter()
        .map(|(_, functions, what)| Fix::doubtful(what, added(code, functions, keyword)))
        .collect()
}

/// What it is to add a parameter that the bodies do not read.
fn unread(keyword: &str, callees: &[Found]) -> String {
    let verb = match callees {
        [_] => "does",
        _ => "do",
    };
    format!(
        "add the parameter `{keyword}` to {}, which {verb} not use it yet",
        listed(callees)
    )
}

/// Whether a function besides the routers, and those that pass the keyword, takes it by its name or hands on all that it gets.
fn is_wanted(code: &Code, keyword: &str, routers: &[Found], broken: &Broken) -> bool {
    let is_known = |file: FileId, function: &Function| {
        let is_router =
            |found: &Found| found.file == file && found.function().range == function.range;
        let passes = |place: &Place| place.file == file && function.range.contains(place.range);
        routers.iter().any(is_router) || broken.places.iter().any(passes)
    };
    code.now.tree.iter().any(|(file, content)| {
        let text = content.text.content();
        (text.contains(keyword) || text.contains("**"))
            && code.now.module(file).functions.iter().any(|function| {
                let takes = |parameter: &Parameter| {
                    takes_keyword(parameter) && parameter.name.as_str() == keyword
                };
                !is_known(file, function)
                    && (function.params.iter().any(takes) || hands_on(function))
            })
    })
}

/// Whether a function has `**kwargs`, and calls something with them.
fn hands_on(function: &Function) -> bool {
    let Some(last) = function.params.last() else {
        return false;
    };
    let is_it = |argument: &Argument| {
        argument.kind == ArgumentKind::DoubleStar
            && matches!(argument.value.kind, ExprKind::Name(name, _) if name == last.name)
    };
    let mut hands_on = false;
    visit::all_expressions(&function.body, &mut |expr| {
        if let ExprKind::Call(call) = &expr.kind {
            hands_on |= call.arguments.iter().any(is_it);
        }
    });
    hands_on && last.kind == ParameterKind::VarKeyword
}

fn added(code: &Code, functions: &[Found], keyword: &str) -> Vec<Edit> {
    let lacking = functions
        .iter()
        .filter(|found| found.keyword(keyword).is_none());
    lacking
        .flat_map(|found| signature::add(code, found, keyword))
        .collect()
}

/// The functions for people.
pub(super) fn listed(functions: &[Found]) -> String {
    match functions {
        [one] => format!("`{}`", one.function().qualname),
        [one, other] => format!(
            "`{}` and `{}`",
            one.function().qualname,
            other.function().qualname
        ),
        all => format!("{} functions", all.len()),
    }
}
