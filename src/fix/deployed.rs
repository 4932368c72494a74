//! What the deployed version says: the parameter that a function had, the arguments that a call passes.

use std::rc::Rc;

use crate::facts::{FileId, Place};
use crate::fix::code::{Code, Found, Parsed, around, call_around, every_expression};
use crate::syntax::ir::{Call, ExprKind, Function, Module, Parameter, ParameterKind, Range};

/// A function as it is deployed.
pub(super) struct Old<'c, 'a> {
    parsed: &'c Parsed<'a>,
    file: FileId,
    module: Rc<Module>,
    index: usize,
}

impl Old<'_, '_> {
    pub fn function(&self) -> &Function {
        &self.module.functions[self.index]
    }

    pub fn parameter(&self, name: &str) -> Option<&Parameter> {
        let mut parameters = self.function().params.iter();
        parameters.find(|parameter| parameter.name.as_str() == name)
    }

    pub fn written(&self, range: Range) -> &str {
        self.parsed.written(self.file, range)
    }
}

/// The function as it is deployed: in the same file, under the same name; several of them count along.
pub(super) fn function<'c, 'a>(code: &'c Code<'a>, found: &Found) -> Option<Old<'c, 'a>> {
    let parsed = code.deployed.as_ref()?;
    let file = parsed.tree.find(&code.now.tree.file(found.file).path)?;
    let module = parsed.module(file);
    let name = found.function().qualname;
    let is_it = |function: &&Function| function.qualname == name;
    let earlier = found.module.functions[..found.index].iter().filter(is_it);
    let ordinal = earlier.count();
    let mut those = (0..).zip(&module.functions);
    let (index, _) = those
        .by_ref()
        .filter(|(_, function)| is_it(function))
        .nth(ordinal)?;
    Some(Old {
        parsed,
        file,
        module,
        index,
    })
}

/// A parameter that a function had when it was deployed.
pub(super) struct OldParameter<'f> {
    /// As it is written there; with the `*` that it needs.
    pub written: String,
    /// What it stood behind, of the parameters that are there now.
    pub before: Option<&'f Parameter>,
    /// Whether calls by position fill parameters that would stand behind it: at its place it would take what is theirs.
    pub is_overtaken: bool,
}

/// The parameter that the deployed function has; none if it has none.
pub(super) fn parameter<'f>(code: &Code, found: &'f Found, name: &str) -> Option<OldParameter<'f>> {
    let old = function(code, found)?;
    let parameters = &old.function().params;
    let place = parameters
        .iter()
        .position(|parameter| parameter.name.as_str() == name)?;
    let wanted = &parameters[place];
    if wanted.is_variadic() {
        return None;
    }
    let now = &found.function().params;
    let is_there = |before: &Parameter| {
        now.iter()
            .find(|parameter| parameter.name == before.name && parameter.kind == before.kind)
    };
    let before = parameters[..place].iter().rev().find_map(is_there);
    let mut written = old.written(wanted.range).to_owned();
    let has_star = now.iter().any(|parameter| {
        matches!(
            parameter.kind,
            ParameterKind::KeywordOnly | ParameterKind::VarPositional
        )
    });
    if wanted.kind == ParameterKind::KeywordOnly && !has_star {
        written.insert_str(0, "*, ");
    }
    let is_behind = |other: &Parameter| before.is_none_or(|before| other.range > before.range);
    Some(OldParameter {
        written,
        before,
        is_overtaken: now
            .iter()
            .any(|other| other.is_positional() && is_behind(other)),
    })
}

/// What a parameter at this place of the head was called when it was deployed, if nothing else of the head changed.
pub(super) fn was_renamed(code: &Code, found: &Found, old_name: &str) -> Option<String> {
    let old = function(code, found)?;
    let (old, now) = (&old.function().params, &found.function().params);
    let place = old
        .iter()
        .position(|parameter| parameter.name.as_str() == old_name)?;
    let is_same = |(index, (old, now)): (usize, (&Parameter, &Parameter))| {
        old.kind == now.kind && (index == place) != (old.name == now.name)
    };
    let is_it = old.len() == now.len() && old.iter().zip(now).enumerate().all(is_same);
    is_it.then(|| now[place].name.to_string())
}

/// An argument as it is written.
#[derive(PartialEq, Eq)]
pub(super) struct Written<'a> {
    /// All of it: `ttl=30`.
    pub whole: &'a str,
    /// Its value: `30`.
    pub value: &'a str,
}

/// The arguments of a call in the deployed version: in the same function, of the same thing, the same one of several.
pub(super) fn call<'a>(code: &Code<'a>, place: Place) -> Option<Vec<Written<'a>>> {
    let parsed = code.deployed.as_ref()?;
    let module = code.now.module(place.file);
    let (wanted, wanted_range) = call_around(&module, place.range)?;
    let file = parsed.tree.find(&code.now.tree.file(place.file).path)?;
    let old_module = parsed.module(file);
    let owner = around(&module, wanted_range).map(|index| module.functions[index].qualname);
    let callee = code.now.written(place.file, wanted.function.range);
    let alike = |parsed: &Parsed, file: FileId, module: &Module| -> Vec<Range> {
        let mut found = Vec::new();
        every_expression(module, &mut |expr| {
            if let ExprKind::Call(call) = &expr.kind
                && parsed.written(file, call.function.range) == callee
                && around(module, expr.range).map(|index| module.functions[index].qualname) == owner
            {
                found.push(expr.range);
            }
        });
        found.sort_unstable();
        found
    };
    let ours = alike(&code.now, place.file, &module);
    let theirs = alike(parsed, file, &old_module);
    let ordinal = ours.iter().position(|range| *range == wanted_range)?;
    if ours.len() != theirs.len() {
        return None;
    }
    let (old, _) = call_around(&old_module, *theirs.get(ordinal)?)?;
    Some(arguments(parsed, file, old))
}

/// The arguments of a call as they are written.
pub(super) fn arguments<'a>(parsed: &Parsed<'a>, file: FileId, call: &Call) -> Vec<Written<'a>> {
    let written = call.arguments.iter().map(|argument| Written {
        whole: parsed.written(file, argument.range),
        value: parsed.written(file, argument.value.range),
    });
    written.collect()
}
