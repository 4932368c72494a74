//! A name that is not there: the module that has it, or one that is nearly the same.

use std::collections::BTreeSet;

use crate::config::nearest;
use crate::facts::Place;
use crate::fix::code::{Code, every_expression, expression_at};
use crate::fix::imports::{file_of, import_line, provider};
use crate::fix::keyword::{quoted, renamed_head};
use crate::fix::{Edit, Fix};
use crate::name::Name;
use crate::rules::Broken;
use crate::syntax::ir::{Constant, Expr, ExprKind, Module, Range, StmtKind};

/// What might be done about a name that nothing binds.
pub(super) fn undefined(code: &Code, place: Place, broken: &Broken) -> Vec<Fix> {
    let name = broken.subject;
    let mut fixes = Vec::new();
    if let Some((_, module)) = provider(code, name, &[place.file]) {
        let line = import_line(code, place.file, &format!("from {module} import {name}"));
        let what = format!("import `{name}` from `{module}`");
        fixes.push(Fix::safe(what, line.into_iter().collect()));
    }
    let function = code.function_around(place);
    if let Some(edit) = function
        .as_ref()
        .and_then(|found| renamed_head(found, name.as_str()))
    {
        let what = format!("call the parameter `{name}`");
        fixes.push(Fix::doubtful(what, vec![edit]));
    }
    let module = code.now.module(place.file);
    let mut names: BTreeSet<&str> = bound(&module);
    if let Some(found) = &function {
        let slots = found.function().scope.slots.iter();
        names.extend(slots.map(|slot| slot.name.as_str()));
    }
    let others = names.into_iter().filter(|other| *other != name.as_str());
    if let Some(near) = nearest(name.as_str(), others) {
        let is_it = |place: &&Place| code.written(**place) == name.as_str();
        let places = broken.places.iter().filter(is_it);
        let edits = places.map(|place| Code::edit(place.file, place.range, near));
        let what = format!("read `{near}` instead of `{name}`");
        fixes.push(Fix::doubtful(what, edits.collect()));
    }
    fixes
}

/// The names that a module's own code binds.
fn bound(module: &Module) -> BTreeSet<&str> {
    let slots = module.scope.slots.iter().filter(|slot| !slot.hidden);
    slots.map(|slot| slot.name.as_str()).collect()
}

/// What might be done about an attribute that a module does not have.
pub(super) fn attribute(code: &Code, place: Place, broken: &Broken) -> Vec<Fix> {
    let module = code.now.module(place.file);
    let Some(expr) = expression_at(&module, place.range) else {
        return Vec::new();
    };
    let ExprKind::Attribute {
        attribute,
        attribute_range,
        ..
    } = &expr.kind
    else {
        return Vec::new();
    };
    let Some(lacking) = lacking(broken) else {
        return Vec::new();
    };
    let mut fixes = Vec::new();
    let mut besides = vec![place.file];
    besides.extend(file_of(code, lacking));
    let is_free = !bound(&module).contains(attribute.as_str())
        && code.function_around(place).is_none_or(|found| {
            let mut slots = found.function().scope.slots.iter();
            slots.all(|slot| slot.name != *attribute)
        });
    if let Some((_, provider)) = provider(code, *attribute, &besides) {
        let what = format!("import `{attribute}` from `{provider}`");
        let used = Code::edit(place.file, place.range, attribute.as_str());
        let line = format!("from {provider} import {attribute}");
        if imports(&module, provider, *attribute) {
            fixes.push(Fix::safe(what, vec![used]));
        } else if is_free && let Some(line) = import_line(code, place.file, &line) {
            fixes.push(Fix::safe(what, vec![line, used]));
        }
    }
    if let Some(near) = &broken.near {
        let what = format!("use `{near}` instead of `{attribute}`");
        let edit = Code::edit(place.file, *attribute_range, near.as_str());
        fixes.push(Fix::doubtful(what, vec![edit]));
    }
    fixes
}

/// Whether a module's own code imports the name from there, under its name.
fn imports(module: &Module, from: Name, name: Name) -> bool {
    module.body.iter().any(|stmt| match &stmt.kind {
        StmtKind::ImportFrom(import) if import.module == Some(from) && import.level == 0 => import
            .names
            .iter()
            .any(|it| it.name == name && module.scope.slots.iter().any(|slot| slot.name == name)),
        _ => false,
    })
}

/// The module that the exception says to lack something: `module 'm' has no attribute 'f'`.
fn lacking(broken: &Broken) -> Option<&str> {
    let exception = broken.exception.as_deref()?;
    let (_, rest) = exception.split_once("module '")?;
    rest.split_once('\'').map(|(module, _)| module)
}

/// What might be done about a table that names a function which its module does not have.
pub(super) fn target(code: &Code, place: Place, broken: &Broken) -> Vec<Fix> {
    let mut fixes = Vec::new();
    if let Some(lacking) = lacking(broken) {
        let besides: Vec<_> = file_of(code, lacking).into_iter().collect();
        let module = code.now.module(place.file);
        if let Some((_, provider)) = provider(code, broken.subject, &besides)
            && let Some(range) = beside(&module, place.range, lacking)
            && let Some(range) = quoted(code, place.file, range, lacking)
        {
            let what = format!("name `{provider}` for `{}`", broken.subject);
            let edit = Code::edit(place.file, range, provider.as_str());
            fixes.push(Fix::safe(what, vec![edit]));
        }
    }
    fixes.extend(near(code, place, broken));
    fixes
}

/// The text that stands in the same tuple or list as the place, and is `text`.
fn beside(module: &Module, place: Range, text: &str) -> Option<Range> {
    let is_text = |expr: &&Expr| matches!(&expr.kind, ExprKind::Constant(Constant::Str(it)) if it.as_str() == text);
    let mut found = None;
    every_expression(module, &mut |expr| {
        if let ExprKind::Tuple(items) | ExprKind::List(items) = &expr.kind
            && items.iter().any(|item| item.range == place)
        {
            found = items.iter().find(is_text).map(|item| item.range);
        }
    });
    found
}

/// A literal text replaced by one that is there and nearly the same.
pub(super) fn near(code: &Code, place: Place, broken: &Broken) -> Option<Fix> {
    let near = broken.near.as_deref()?;
    let range = quoted(code, place.file, place.range, broken.subject.as_str())?;
    let what = format!("write '{near}' instead of '{}'", broken.subject);
    let edits: Vec<Edit> = vec![Code::edit(place.file, range, near)];
    Some(Fix::doubtful(what, edits))
}
