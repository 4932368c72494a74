//! Compatibility modes, decided from the binding model.
//!
//! A call is a number `n` of positionals and a set `K` of keywords. For a fixed `n`, what a signature takes is an interval of sets:
//! every `K` with `required(n) ⊆ K ⊆ allowed(n)`, or nothing at all. `required(n)` are the parameters without default that may be passed
//! by keyword and that the positionals leave open; `allowed(n)` are all that are left open, and with `**kwargs` everything but the
//! parameters that the positionals fill. One interval lies within another iff its ends do. So a call that one signature takes and the other
//! refuses exists iff, for some `n`,
//!
//! * the first takes something and the second nothing: the smallest call of the first is one;
//! * or the second requires a keyword that the first does not: again the smallest call of the first is one;
//! * or the first allows a keyword that the second does not: the smallest call of the first with that keyword is one.
//!
//! Keywords that neither signature names are all alike, so one stands for them. Past the larger number of positional parameters nothing
//! changes any more, so `n` goes up to that number and one. The whole takes time in the product of `n` and the names, and is exact.

use serde::Serialize;

use crate::bind::{Parameter, Signature};
use crate::name::Name;
use crate::syntax::ir::ParameterKind;

/// In which order both sides of a change may ship.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// In any order.
    Full,
    /// Callee first: an old caller binds to the new callee, a new caller may not bind to the old one.
    Backward,
    /// Caller first: a new caller binds to the old callee, an old caller may not bind to the new one.
    Forward,
    /// Together.
    None,
}

impl Mode {
    /// From the two mixed states: an old caller that meets the new callee, a new caller that meets the old one.
    #[must_use]
    pub const fn new(old_caller_breaks: bool, new_caller_breaks: bool) -> Self {
        match (old_caller_breaks, new_caller_breaks) {
            (false, false) => Self::Full,
            (false, true) => Self::Backward,
            (true, false) => Self::Forward,
            (true, true) => Self::None,
        }
    }

    /// Between two signatures, over all calls.
    #[must_use]
    pub fn between(old: &Signature, new: &Signature) -> Self {
        Self::new(refused(old, new).is_some(), refused(new, old).is_some())
    }

    /// Whether an old caller may break when it meets the new callee.
    #[must_use]
    pub const fn breaks_old_callers(self) -> bool {
        matches!(self, Self::Forward | Self::None)
    }

    /// Whether a new caller may break when it meets the old callee.
    #[must_use]
    pub const fn breaks_new_callers(self) -> bool {
        matches!(self, Self::Backward | Self::None)
    }

    /// What is left of the mode of one part of a change, where the whole is known: what the whole takes is no fault of a part.
    #[must_use]
    pub const fn within(self, whole: Self) -> Self {
        Self::new(
            self.breaks_old_callers() && whole.breaks_old_callers(),
            self.breaks_new_callers() && whole.breaks_new_callers(),
        )
    }

    /// What either of two changes breaks.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self::new(
            self.breaks_old_callers() || other.breaks_old_callers(),
            self.breaks_new_callers() || other.breaks_new_callers(),
        )
    }

    /// The word of the machine formats.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Backward => "backward",
            Self::Forward => "forward",
            Self::None => "none",
        }
    }
}

/// A call that decides something: how many positionals, which keywords. An unnamed keyword is one that no parameter has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// How many positionals.
    pub positionals: usize,
    /// The keywords.
    pub keywords: Vec<Option<Name>>,
}

/// What a signature makes of a keyword, given the number of positionals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Status {
    Refused,
    Optional,
    Required,
}

/// A call that `first` takes and `second` refuses, if there is one; one of the smallest number of positionals.
#[must_use]
pub fn refused(first: &Signature, second: &Signature) -> Option<Example> {
    let names = names(first, second);
    for positionals in 0..=most(first, second) + 1 {
        if !takes(first, positionals) {
            continue;
        }
        let smallest = |also: Option<Option<Name>>| Example {
            positionals,
            keywords: names
                .iter()
                .copied()
                .filter(|&name| {
                    status(first, positionals, name) == Status::Required || also == Some(name)
                })
                .collect(),
        };
        if !takes(second, positionals) {
            return Some(smallest(None));
        }
        for &name in &names {
            match (
                status(first, positionals, name),
                status(second, positionals, name),
            ) {
                (Status::Required | Status::Optional, Status::Refused) => {
                    return Some(smallest(Some(name)));
                }
                (Status::Refused | Status::Optional, Status::Required) => {
                    return Some(smallest(None));
                }
                _ => {}
            }
        }
    }
    None
}

/// Whether a call exists that both take, with exactly `positionals` positionals, and with this keyword, if one is given.
///
/// Both intervals are met by one set iff none requires what the other refuses.
#[must_use]
pub fn both_take(
    first: &Signature,
    second: &Signature,
    positionals: usize,
    keyword: Option<Name>,
) -> bool {
    let agree = |&name: &Option<Name>| {
        let pair = (
            status(first, positionals, name),
            status(second, positionals, name),
        );
        let contradict = matches!(
            pair,
            (Status::Required, Status::Refused) | (Status::Refused, Status::Required)
        );
        let lacks = keyword.is_some()
            && name == keyword
            && (pair.0 == Status::Refused || pair.1 == Status::Refused);
        !contradict && !lacks
    };
    takes(first, positionals)
        && takes(second, positionals)
        && names(first, second).iter().all(agree)
}

/// The larger number of positional parameters.
#[must_use]
pub fn most(first: &Signature, second: &Signature) -> usize {
    positional(first).len().max(positional(second).len())
}

/// The parameters that a positional may fill; they come first.
#[must_use]
pub fn positional(signature: &Signature) -> &[Parameter] {
    let count = signature
        .parameters
        .iter()
        .take_while(|parameter| parameter.kind <= ParameterKind::PositionalOrKeyword)
        .count();
    &signature.parameters[..count]
}

/// Whether there is a parameter of this kind.
#[must_use]
pub fn has(signature: &Signature, kind: ParameterKind) -> bool {
    signature
        .parameters
        .iter()
        .any(|parameter| parameter.kind == kind)
}

/// The parameter that takes this keyword, with its index.
#[must_use]
pub fn by_keyword(signature: &Signature, keyword: Name) -> Option<(usize, &Parameter)> {
    signature
        .parameters
        .iter()
        .enumerate()
        .find(|(_, parameter)| {
            parameter.name == keyword
                && matches!(
                    parameter.kind,
                    ParameterKind::PositionalOrKeyword | ParameterKind::KeywordOnly
                )
        })
}

/// Every name that matters to two signatures, and None for all others.
fn names(first: &Signature, second: &Signature) -> Vec<Option<Name>> {
    let mut names = vec![None];
    for parameter in first.parameters.iter().chain(&second.parameters) {
        let is_star = matches!(
            parameter.kind,
            ParameterKind::VarPositional | ParameterKind::VarKeyword
        );
        if !is_star && !names.contains(&Some(parameter.name)) {
            names.push(Some(parameter.name));
        }
    }
    names
}

/// Whether a signature takes that many positionals, with some keywords.
fn takes(signature: &Signature, positionals: usize) -> bool {
    let open = positional(signature).iter().skip(positionals);
    let lacks = |parameter: &Parameter| {
        parameter.kind == ParameterKind::PositionalOnly && !parameter.has_default
    };
    (positionals <= positional(signature).len() || has(signature, ParameterKind::VarPositional))
        && !open.into_iter().any(lacks)
}

fn status(signature: &Signature, positionals: usize, name: Option<Name>) -> Status {
    match name.and_then(|name| by_keyword(signature, name)) {
        Some((at, parameter)) => {
            let filled = parameter.kind == ParameterKind::PositionalOrKeyword && at < positionals;
            if filled {
                Status::Refused
            } else if parameter.has_default {
                Status::Optional
            } else {
                Status::Required
            }
        }
        None if has(signature, ParameterKind::VarKeyword) => Status::Optional,
        None => Status::Refused,
    }
}
