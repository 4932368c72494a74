//! Signatures as callers see them, and the calls that exist held against them.

use crate::bind::{self, Shape, Signature};
use crate::eval::contract::{Access, Call, Effect, Function};
use crate::syntax::ir::ParameterKind;

use super::mode::refused;
use super::{Caller, Mode, Version};

/// What a function takes once its decorators did their work, as written where that is not known.
pub(super) fn effective(function: &Function) -> &Signature {
    match &function.effect {
        Effect::Takes(signature) => signature,
        Effect::Written | Effect::Unknown => &function.signature,
    }
}

/// What a caller has to pass: without the instance or class that comes by itself.
pub(super) fn seen(function: &Function) -> Signature {
    let signature = effective(function);
    match function.access {
        Access::Instance | Access::Class | Access::Constructor => without_first(signature),
        Access::Plain | Access::Static => signature.clone(),
        Access::Property => Signature {
            function: signature.function,
            parameters: Vec::new(),
        },
    }
}

fn without_first(signature: &Signature) -> Signature {
    let mut parameters = signature.parameters.clone();
    let takes_it = parameters
        .first()
        .is_some_and(|first| first.kind <= ParameterKind::PositionalOrKeyword);
    if takes_it {
        parameters.remove(0);
    }
    Signature {
        function: signature.function,
        parameters,
    }
}

/// A shape that [`seen`] applies to: an instance that is passed by hand is left out.
pub(super) fn seen_shape(function: &Function, call: &Call) -> Shape {
    let by_hand =
        function.access == Access::Instance && !call.is_bound && call.shape.positionals > 0;
    Shape {
        positionals: call.shape.positionals - u32::from(by_hand),
        ..call.shape.clone()
    }
}

/// A way to reach a function.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Name,
    Instance,
    Class,
    Read,
}

/// What a function takes on each of the ways to reach it.
fn ways(function: &Function) -> Vec<(Way, Signature)> {
    let whole = || effective(function).clone();
    match function.access {
        Access::Plain => vec![(Way::Name, whole())],
        Access::Instance => vec![(Way::Instance, seen(function)), (Way::Class, whole())],
        Access::Static => vec![(Way::Instance, whole()), (Way::Class, whole())],
        Access::Class => vec![
            (Way::Instance, seen(function)),
            (Way::Class, seen(function)),
        ],
        Access::Property => vec![(Way::Read, seen(function))],
        Access::Constructor => vec![(Way::Name, seen(function))],
    }
}

/// Whether some use of the first function is none of the second.
pub(super) fn loses(first: &Function, second: &Function) -> bool {
    let others = ways(second);
    ways(first).iter().any(|(way, signature)| {
        others
            .iter()
            .find(|(other, _)| other == way)
            .is_none_or(|(_, other)| refused(signature, other).is_some())
    })
}

/// The mode between two functions that are reached differently: on every way of the one, every call has to bind to the other.
pub(super) fn mode_of_access(old: &Function, new: &Function) -> Mode {
    Mode::new(loses(old, new), loses(new, old))
}

/// Whether a call that exists breaks when it meets a function that is reached differently.
pub(super) fn breaks_by_access(call: &Call, own: &Function, other: &Function) -> bool {
    let way = match own.access {
        Access::Plain | Access::Constructor => Way::Name,
        Access::Property => Way::Read,
        _ if call.is_bound || own.access == Access::Static => Way::Instance,
        _ => Way::Class,
    };
    let signature = ways(other).into_iter().find(|(other, _)| *other == way);
    signature.is_none_or(|(_, signature)| bind::bind(&signature, &call.shape).is_err())
}

/// The calls of the deployed function, and those of the candidate that break, each with whether it breaks; and the mode.
pub(super) fn callers(
    old: &Function,
    new: &Function,
    old_breaks: impl Fn(&Call) -> bool,
    new_breaks: impl Fn(&Call) -> bool,
) -> (Vec<Caller>, Mode) {
    let mut callers = Vec::new();
    let (mut any_old, mut any_new) = (false, false);
    for call in &old.calls {
        let breaks = is_apart(call, old) && old_breaks(call);
        any_old |= breaks;
        callers.push(Caller {
            version: Version::Deployed,
            place: call.place,
            function: call.function.clone(),
            breaks,
        });
    }
    for call in &new.calls {
        if is_apart(call, new) && new_breaks(call) {
            any_new = true;
            callers.push(Caller {
                version: Version::Candidate,
                place: call.place,
                function: call.function.clone(),
                breaks: true,
            });
        }
    }
    merge(&mut callers);
    (callers, Mode::new(any_old, any_new))
}

/// Whether a call and what it calls can be of two versions: they are not in one file.
fn is_apart(call: &Call, callee: &Function) -> bool {
    call.place.file != callee.place.file
}

/// One entry per call site: it breaks if it does in one of the ways in which it is reached.
pub(super) fn merge(callers: &mut Vec<Caller>) {
    callers.sort();
    callers.dedup_by(|later, earlier| {
        let same = later.version == earlier.version
            && later.place == earlier.place
            && later.function == earlier.function;
        if same {
            earlier.breaks |= later.breaks;
        }
        same
    });
}
