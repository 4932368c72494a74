//! What a call passes for each parameter of its callee, as expressions of the caller.

use crate::eval::Evaluator;
use crate::eval::certainty::looks::Source;
use crate::eval::domain::value::ContextId;
use crate::eval::interpreter::frame::Owner;
use crate::name::Name;
use crate::syntax::ir::{ArgumentKind, Call, Expr, ExprKind, ParameterKind};

/// What a call passes for a parameter.
#[derive(Clone, Copy, Debug)]
pub enum Passed<'p> {
    /// The value of this expression.
    Value(&'p Expr),
    /// This item of the dict that this expression is.
    Item(&'p Expr, Name),
    /// Something that stands for itself in the call: more than one argument, or what the language passes.
    Made,
    /// Nothing: the default counts.
    Default,
}

impl Passed<'_> {
    /// One item of what is passed.
    fn item(self, item: Name) -> Self {
        match self {
            Self::Value(expr) => Self::Item(expr, item),
            // Of an item of an item no more is known than of all of it.
            other => other,
        }
    }
}

/// What a call passes for a parameter of its callee, or for one item of what that holds.
#[must_use]
pub fn passed<'p>(
    evaluator: &Evaluator<'p>,
    call: &'p Call,
    shift: u32,
    callee: ContextId,
    source: Source,
) -> Vec<Passed<'p>> {
    let Owner::Function(function) = evaluator.contexts[callee.0 as usize].owner else {
        return vec![Passed::Made];
    };
    let Some(parameter) = function.params.get(source.slot.0 as usize) else {
        return vec![Passed::Made];
    };
    match parameter.kind {
        ParameterKind::VarPositional => star(call),
        ParameterKind::VarKeyword => match source.item {
            Some(item) => keyword(call, item),
            None => {
                let own: Vec<Name> = function.params.iter().map(|own| own.name).collect();
                keywords(call, &own)
            }
        },
        _ => {
            if source.slot.0 < shift {
                return match &call.function.kind {
                    ExprKind::Attribute { value, .. } if shift == 1 => vec![Passed::Value(value)],
                    _ => vec![Passed::Made],
                };
            }
            let passed = match parameter.kind {
                ParameterKind::KeywordOnly => keyword(call, parameter.name),
                _ => positional(call, (source.slot.0 - shift) as usize, parameter.name),
            };
            match source.item {
                Some(item) => passed.into_iter().map(|one| one.item(item)).collect(),
                None => passed,
            }
        }
    }
}

/// What is passed by position, or else by this name.
fn positional(call: &Call, index: usize, name: Name) -> Vec<Passed<'_>> {
    let mut at = 0;
    for argument in &call.arguments {
        match argument.kind {
            ArgumentKind::Positional if at == index => return vec![Passed::Value(&argument.value)],
            ArgumentKind::Positional => at += 1,
            // It may hold this one; if not, a keyword or a `**x` may.
            ArgumentKind::Star => {
                let mut found = keyword(call, name);
                found.retain(|passed| !matches!(passed, Passed::Default));
                found.push(Passed::Value(&argument.value));
                return found;
            }
            _ => {}
        }
    }
    keyword(call, name)
}

/// The arguments that a call puts one by one into the callee's `*args`, if that is the parameter: what is in it fails as they do.
#[must_use]
pub fn put_into_star<'p>(
    evaluator: &Evaluator<'p>,
    call: &'p Call,
    shift: u32,
    callee: ContextId,
    source: Source,
) -> Vec<&'p Expr> {
    let Owner::Function(function) = evaluator.contexts[callee.0 as usize].owner else {
        return Vec::new();
    };
    let parameter = function.params.get(source.slot.0 as usize);
    if parameter.is_none_or(|parameter| parameter.kind != ParameterKind::VarPositional) {
        return Vec::new();
    }
    let before = source.slot.0.saturating_sub(shift) as usize;
    let given = call
        .arguments
        .iter()
        .filter(|argument| matches!(argument.kind, ArgumentKind::Positional | ArgumentKind::Star));
    given.skip(before).map(|argument| &argument.value).collect()
}

/// What is passed by this name.
fn keyword(call: &Call, name: Name) -> Vec<Passed<'_>> {
    let mut found = Vec::new();
    for argument in &call.arguments {
        match argument.kind {
            ArgumentKind::Keyword(written) if written == name => {
                return vec![Passed::Value(&argument.value)];
            }
            ArgumentKind::DoubleStar => found.push(Passed::Item(&argument.value, name)),
            _ => {}
        }
    }
    if found.is_empty() {
        found.push(Passed::Default);
    }
    found
}

/// All the keywords that no parameter takes.
fn keywords<'a>(call: &'a Call, own: &[Name]) -> Vec<Passed<'a>> {
    let mut found = Vec::new();
    for argument in &call.arguments {
        match argument.kind {
            ArgumentKind::Keyword(name) if !own.contains(&name) => return vec![Passed::Made],
            ArgumentKind::DoubleStar => found.push(Passed::Value(&argument.value)),
            _ => {}
        }
    }
    found
}

/// All the positionals that no parameter takes: only a `*x` is passed on as it is.
fn star(call: &Call) -> Vec<Passed<'_>> {
    let is_star = |kind| kind == ArgumentKind::Star;
    let positionals = call
        .arguments
        .iter()
        .filter(|argument| matches!(argument.kind, ArgumentKind::Positional | ArgumentKind::Star));
    let passed = |argument: &'_ crate::syntax::ir::Argument| is_star(argument.kind);
    let all: Vec<_> = positionals.collect();
    if all.iter().all(|argument| passed(argument)) {
        all.into_iter()
            .map(|argument| Passed::Value(&argument.value))
            .collect()
    } else {
        vec![Passed::Made]
    }
}
