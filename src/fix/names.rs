//! A name that is not there: the module that has it, or one that is nearly the same.

use std::collections::BTreeSet;

use crate::config::nearest;
use crate::facts::Place;
use crate::fix::code::{Code, every_expression, expression_at};
use crate::fix::imports::{declares, file_of, import_line, provider};
use crate::fix::keyword::{quoted, renamed_head};
use crate::fix::{Edit, Fix};
use crate::name::Name;
use crate::rules::Broken;
use crate::syntax::ir::{Constant, Expr, ExprKind, Module, Range, StmtKind, Var};

/// What might be done about a name that nothing binds.
pub(super) fn undefined(code: &Code, place: Place, broken: &Broken) -> Vec<Fix> {
    let name = broken.subject;
    let mut fixes = Vec::new();
    if let Some((file, module)) = provider(code, name, &[place.file]) {
        let line = import_line(code, place.file, &format!("from {module} import {name}"));
        let what = format!("import `{name}` from `{module}`");
        // That there is one variable of that name says little, and a script runs when it is imported.
        let provider = code.now.module(file);
        let is_safe = declares(&provider, name) && !acts(&provider);
        fixes.push(Fix::new(is_safe, what, line.into_iter().collect()));
    }
    let function = code.function_around(place);
    if let Some(edit) = function
        .as_ref()
        .and_then(|found| renamed_head(code, found, name.as_str()))
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

/// Whether the import of a module does more than to define: it calls something, or loops.
fn acts(module: &Module) -> bool {
    module.body.iter().any(|stmt| match &stmt.kind {
        StmtKind::Expr(expr) => !matches!(expr.kind, ExprKind::Constant(_)),
        StmtKind::For { .. } | StmtKind::While { .. } | StmtKind::With { .. } => true,
        _ => false,
    })
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
    if let Some((_, provider)) = provider(code, *attribute, &besides) {
        let what = format!("import `{attribute}` from `{provider}`");
        let used = Code::edit(place.file, place.range, attribute.as_str());
        let line = format!("from {provider} import {attribute}");
        let meanings = meanings(&module, place.range, *attribute);
        if meanings == 1 && imports(&module, provider, *attribute) {
            fixes.push(Fix::safe(what, vec![used]));
        } else if meanings == 0
            && let Some(line) = import_line(code, place.file, &line)
        {
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

/// How many places give a name a meaning, of those that count where `range` is: in the module, and in functions and classes around it.
fn meanings(module: &Module, range: Range, name: Name) -> u32 {
    let functions = module.functions.iter();
    let functions = functions
        .filter(|function| function.range.contains(range))
        .map(|function| &function.scope);
    let classes = module.classes.iter();
    let classes = classes
        .filter(|class| class.range.contains(range))
        .map(|class| &class.scope);
    let scopes = std::iter::once(&module.scope)
        .chain(functions)
        .chain(classes);
    let slots = scopes.flat_map(|scope| &scope.slots);
    slots
        .filter(|slot| slot.name == name)
        .map(|slot| slot.bindings + u32::from(slot.assigned_inside))
        .sum()
}

/// Whether a module's own code imports the name from there, under its name.
fn imports(module: &Module, from: Name, name: Name) -> bool {
    let is_its_own = |var: Var| matches!(var, Var::Local(slot) if module.scope.slots[slot.0 as usize].name == name);
    module.body.iter().any(|stmt| match &stmt.kind {
        StmtKind::ImportFrom(import) if import.module == Some(from) && import.level == 0 => import
            .names
            .iter()
            .any(|it| it.name == name && is_its_own(it.var)),
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
