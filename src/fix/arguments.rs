//! The arguments of a call: one that is missing, one too many.

use crate::facts::Place;
use crate::fix::code::{Code, Found, call_around, passes};
use crate::fix::keyword::listed;
use crate::fix::text::{item, skip};
use crate::fix::{Edit, Fix, deployed, signature};
use crate::rules::Broken;
use crate::syntax::ir::{
    Argument, ArgumentKind, Call, Expr, ExprKind, Parameter, ParameterKind, Range,
};
use crate::syntax::visit;

/// The call with the arguments that the deployed version passes, where one of them differs. To take one away is unsafe, and so is it to pass another value.
pub(super) fn as_deployed(code: &Code, place: Place) -> Option<Fix> {
    let old = deployed::call(code, place)?;
    let module = code.now.module(place.file);
    let (call, range) = call_around(&module, place.range)?;
    let now = deployed::arguments(&code.now, place.file, call);
    let lost: Vec<usize> = (0..old.len())
        .filter(|&index| !now.contains(&old[index]))
        .collect();
    let more: Vec<usize> = (0..now.len())
        .filter(|&index| !old.contains(&now[index]))
        .collect();
    match (lost.as_slice(), more.as_slice()) {
        ([lost], [more]) => {
            let argument = &call.arguments[*more];
            let what = format!("pass `{}` as the deployed version does", old[*lost].whole);
            let edit = Code::edit(place.file, argument.range, old[*lost].whole);
            let is_same_value = old[*lost].value == now[*more].value;
            Some(Fix::new(is_same_value, what, vec![edit]))
        }
        ([lost], []) => {
            let what = format!("pass `{}` as the deployed version does", old[*lost].whole);
            let behind = old[lost + 1..]
                .iter()
                .find_map(|next| now.iter().position(|argument| argument == next));
            let edit = match behind {
                Some(next) => {
                    let at = call.arguments[next].range.start as usize;
                    Code::insert(place.file, at, format!("{}, ", old[*lost].whole))
                }
                None => append(code, place, (call, range), old[*lost].whole)?,
            };
            Some(Fix::safe(what, vec![edit]))
        }
        ([], [more]) => {
            let what = format!(
                "do not pass `{}`, as the deployed version",
                now[*more].whole
            );
            let edit = removed(code, place, call, (*more, *more));
            Some(Fix::doubtful(what, vec![edit]))
        }
        _ => None,
    }
}

/// The call without the keyword at the place, if to compute its value does nothing else.
pub(super) fn without(code: &Code, place: Place, keyword: &str) -> Option<Fix> {
    let module = code.now.module(place.file);
    let (call, _) = call_around(&module, place.range)?;
    let index = call
        .arguments
        .iter()
        .position(|argument| argument.range == place.range)?;
    let what = format!("do not pass `{keyword}`");
    is_still(&call.arguments[index].value)
        .then(|| Fix::doubtful(what, vec![removed(code, place, call, (index, index))]))
}

/// What might be done about an argument that is not passed.
pub(super) fn missing(code: &Code, place: Place, broken: &Broken) -> Vec<Fix> {
    let name = broken.subject.as_str();
    let mut fixes: Vec<Fix> = as_deployed(code, place).into_iter().collect();
    let callees = code.callees(broken).unwrap_or_default();
    let with_default = |default: &dyn Fn(&Found) -> Option<String>| -> Option<Vec<Edit>> {
        let edits = callees
            .iter()
            .map(|found| with_default(found, name, &default(found)?));
        edits.collect()
    };
    if let Some(edits) = with_default(&|found| deployed_default(code, found, name)) {
        let what = format!("give `{name}` its default back in {}", listed(&callees));
        fixes.push(Fix::safe(what, edits));
    }
    fixes.extend(passed_on(code, place, name));
    if let Some(edits) = with_default(&|_| Some("None".to_owned())) {
        let what = format!("give `{name}` the default None in {}", listed(&callees));
        fixes.push(Fix::doubtful(what, edits));
    }
    fixes
}

/// The default that the parameter has in the deployed version.
fn deployed_default(code: &Code, found: &Found, name: &str) -> Option<String> {
    let old = deployed::function(code, found)?;
    let default = old.parameter(name)?.default.as_ref()?;
    Some(old.written(default.range).to_owned())
}

/// The parameter with that default, if it has none.
fn with_default(found: &Found, name: &str, default: &str) -> Option<Edit> {
    let mut parameters = found.function().params.iter();
    let is_it =
        |parameter: &&Parameter| parameter.name.as_str() == name && parameter.default.is_none();
    let parameter = parameters.find(is_it)?;
    let equals = if parameter.annotation.is_some() {
        " = "
    } else {
        "="
    };
    let at = parameter.range.end as usize;
    Some(Code::insert(found.file, at, format!("{equals}{default}")))
}

/// The caller's own parameter of that name passed on: sure to be meant if nothing else reads it.
fn passed_on(code: &Code, place: Place, name: &str) -> Option<Fix> {
    let caller = code.function_around(place)?;
    let function = caller.function();
    let is_own =
        |parameter: &Parameter| parameter.name.as_str() == name && !parameter.is_variadic();
    let slot = function.params.iter().position(is_own)?;
    let mut is_read = function
        .scope
        .slots
        .get(slot)
        .is_some_and(|slot| slot.captured);
    visit::all_expressions(&function.body, &mut |expr| {
        is_read |= matches!(&expr.kind, ExprKind::Name(read, _) if read.as_str() == name);
    });
    let (call, range) = call_around(&caller.module, place.range)?;
    let edit = append(code, place, (call, range), &format!("{name}={name}"))?;
    Some(Fix::new(!is_read, format!("pass `{name}` on"), vec![edit]))
}

/// What might be done about more positional arguments than there is room for.
pub(super) fn surplus(code: &Code, place: Place, broken: &Broken) -> Vec<Fix> {
    let mut fixes: Vec<Fix> = as_deployed(code, place).into_iter().collect();
    let module = code.now.module(place.file);
    let Some((call, _)) = call_around(&module, place.range) else {
        return fixes;
    };
    let Some(count) = too_many(broken.exception.as_deref().unwrap_or_default()) else {
        return fixes;
    };
    let positional: Vec<usize> = (0..call.arguments.len())
        .filter(|&index| call.arguments[index].kind == ArgumentKind::Positional)
        .collect();
    let is_open = call
        .arguments
        .iter()
        .any(|argument| argument.kind == ArgumentKind::Star);
    if is_open || positional.len() < count {
        return fixes;
    }
    let last = &positional[positional.len() - count..];
    if let Some([callee]) = code.callees(broken).as_deref()
        && let [only] = last
    {
        let argument = &call.arguments[*only];
        fixes.extend(for_one(code, place, (call, argument), callee));
    }
    if last
        .iter()
        .all(|&index| is_still(&call.arguments[index].value))
    {
        let edits = vec![removed(code, place, call, (last[0], last[count - 1]))];
        let what = match count {
            1 => "do not pass the last argument".to_owned(),
            count => format!("do not pass the last {count} arguments"),
        };
        fixes.push(Fix::doubtful(what, edits));
    }
    fixes
}

/// One argument too many: the parameter that the body reads, or one that is taken by keyword only.
fn for_one(
    code: &Code,
    place: Place,
    (call, argument): (&Call, &Argument),
    callee: &Found,
) -> Vec<Fix> {
    let mut fixes = Vec::new();
    if let [name] = code.undefined_in(callee).as_slice() {
        let edits = signature::add_positional(code, callee, name.as_str());
        let what = format!(
            "add the parameter `{name}` to `{}`",
            callee.function().qualname
        );
        fixes.push(Fix::safe(what, edits));
    }
    let parameters = callee.function().params.iter();
    let open: Vec<&Parameter> = parameters
        .filter(|parameter| {
            parameter.kind == ParameterKind::KeywordOnly && !passes(call, parameter.name.as_str())
        })
        .collect();
    if let [only] = open.as_slice() {
        let name = only.name.as_str();
        let old = deployed::function(code, callee);
        let was_positional = old.as_ref().and_then(|old| old.parameter(name));
        let is_sure =
            was_positional.is_some_and(Parameter::is_positional) || only.default.is_none();
        let what = format!("pass the last argument as `{name}`");
        let edit = Code::insert(
            place.file,
            argument.range.start as usize,
            format!("{name}="),
        );
        fixes.push(Fix::new(is_sure, what, vec![edit]));
    }
    fixes
}

/// How many arguments there are too many, by the numbers of the exception: `takes from 1 to 2 positional arguments but 3 were given`.
fn too_many(exception: &str) -> Option<usize> {
    let (takes, given) = exception.split_once(" but ")?;
    let (takes, _) = takes.rsplit_once(" positional argument")?;
    let takes: usize = takes.rsplit(' ').next()?.parse().ok()?;
    let given: usize = given.split(' ').next()?.parse().ok()?;
    given.checked_sub(takes).filter(|&count| count > 0)
}

/// Whether a value is computed without doing anything.
fn is_still(value: &Expr) -> bool {
    match &value.kind {
        ExprKind::Constant(_) | ExprKind::Name(..) | ExprKind::Lambda(_) => true,
        ExprKind::Attribute { value, .. } | ExprKind::Unary { operand: value, .. } => {
            is_still(value)
        }
        ExprKind::Tuple(items) | ExprKind::List(items) => items.iter().all(is_still),
        _ => false,
    }
}

/// Writes an argument behind all others.
fn append(code: &Code, place: Place, (call, range): (&Call, Range), written: &str) -> Option<Edit> {
    let text = code.text(place.file);
    let close = range.end.checked_sub(1)? as usize;
    if !text[close..].starts_with(')') {
        return None;
    }
    let Some(last) = call.arguments.last() else {
        return Some(Code::insert(place.file, close, written));
    };
    // Parentheses around the last argument are its own.
    let mut end = last.range.end as usize;
    loop {
        let next = skip(text, end);
        if next >= close || !text[next..].starts_with(')') {
            break;
        }
        end = next + 1;
    }
    Some(Code::insert(place.file, end, format!(", {written}")))
}

/// Takes out the arguments from the first to the last.
fn removed(code: &Code, place: Place, call: &Call, (first, last): (usize, usize)) -> Edit {
    let range = |index: usize| {
        let argument = &call.arguments[index];
        (argument.range.start as usize, argument.range.end as usize)
    };
    let before = first.checked_sub(1).map(|before| range(before).1);
    let (start, end) = item(
        code.text(place.file),
        (range(first).0, range(last).1),
        before,
    );
    let (start, end) = (u32::try_from(start), u32::try_from(end));
    let whole = Range::new(start.unwrap_or(u32::MAX), end.unwrap_or(u32::MAX));
    Code::edit(place.file, whole, "")
}

#[cfg(test)]
mod tests {
    use super::too_many;

    #[test]
    fn the_exception_has_the_numbers() {
        for (said, count) in [
            (
                "TypeError: f() takes 1 positional argument but 3 were given",
                Some(2),
            ),
            (
                "TypeError: f() takes from 1 to 2 positional arguments but 3 were given",
                Some(1),
            ),
            (
                "TypeError: f() takes 0 positional arguments but 1 positional argument (and 1 keyword-only argument) were given",
                Some(1),
            ),
            (
                "TypeError: f() missing 1 required positional argument: 'a'",
                None,
            ),
        ] {
            assert_eq!(too_many(said), count, "{said}");
        }
    }
}
