//! What goes wrong without a sound: the call binds to both signatures, and an argument arrives somewhere else.

use crate::bind::Signature;
use crate::name::Name;
use crate::syntax::ir::ParameterKind;

use super::mode::{both_take, by_keyword, has, most, positional};

/// Where a positional arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// At this parameter.
    Parameter(Name),
    /// In `*args`.
    Surplus,
}

/// The first positional, from 0, that arrives somewhere else than it did, in a call that binds to both; with both arrivals.
///
/// A parameter that was renamed where it stands still gets what it got.
#[must_use]
pub fn rebinds(old: &Signature, new: &Signature) -> Option<(usize, Arrival, Arrival)> {
    (0..=most(old, new)).find_map(|at| {
        let (before, after) = (arrival(old, at)?, arrival(new, at)?);
        let differs = match (before, after) {
            (Arrival::Parameter(before), Arrival::Parameter(after)) => {
                before != after && (knows(new, before) || knows(old, after))
            }
            _ => before != after,
        };
        let reachable =
            || (at + 1..=most(old, new) + 1).any(|count| both_take(old, new, count, None));
        (differs && reachable()).then_some((at, before, after))
    })
}

/// The names of `new` that take keywords which `old` collected in its `**kwargs`.
#[must_use]
pub fn captures(old: &Signature, new: &Signature) -> Vec<Name> {
    if !has(old, ParameterKind::VarKeyword) {
        return Vec::new();
    }
    let named = new.parameters.iter().map(|parameter| parameter.name);
    named
        .filter(|&name| by_keyword(new, name).is_some() && by_keyword(old, name).is_none())
        .filter(|&name| {
            (0..=most(old, new) + 1).any(|count| both_take(old, new, count, Some(name)))
        })
        .collect()
}

fn arrival(signature: &Signature, at: usize) -> Option<Arrival> {
    match positional(signature).get(at) {
        Some(parameter) => Some(Arrival::Parameter(parameter.name)),
        None if has(signature, ParameterKind::VarPositional) => Some(Arrival::Surplus),
        None => None,
    }
}

fn knows(signature: &Signature, name: Name) -> bool {
    signature
        .parameters
        .iter()
        .any(|parameter| parameter.name == name)
}
