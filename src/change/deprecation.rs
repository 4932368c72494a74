//! The three shapes of a deprecation: a warning, the same completed, and what no caller relies on any more.

use crate::eval::contract::{Call, Function};
use crate::name::Name;

use super::calls::{callers, seen, seen_shape};
use super::mode::by_keyword;
use super::{Change, Deprecation, Kind, World};

impl World<'_> {
    /// A parameter about which the body warns now, where nothing else says so.
    pub(super) fn compare_shims(
        &self,
        old: &Function,
        new: &Function,
        from: usize,
        changes: &mut Vec<Change>,
    ) {
        for shim in &new.shims {
            let known = old.shims.contains(shim);
            let said = changes[from..].iter().any(|change| {
                change.deprecation.is_some()
                    && change.subjects.iter().any(|name| *name == *shim.parameter)
            });
            if known || said {
                continue;
            }
            let mut change = self.of_both(Kind::ParameterDeprecated, old, new);
            change.subjects = vec![shim.parameter.to_string()];
            change.deprecation = Some(if shim.when_passed {
                Deprecation::WarnsWhenPassed
            } else {
                Deprecation::WarnsWhenOmitted
            });
            let touched = |call: &Call| {
                let index = by_keyword(&seen(old), shim.parameter).map(|(at, _)| at);
                let shape = seen_shape(old, call);
                let passes = shape
                    .keywords
                    .iter()
                    .any(|keyword| keyword.name == shim.parameter)
                    || index.is_some_and(|index| (shape.positionals as usize) > index);
                passes == shim.when_passed
            };
            (change.callers, _) = callers(old, new, |_| false, |_| false);
            change.callers.retain(|caller| {
                old.calls
                    .iter()
                    .any(|call| call.place == caller.place && touched(call))
            });
            changes.push(change);
        }
    }
}

/// Where a deprecation stands that a change of a parameter is part of.
pub(super) fn stage(change: &Change, old: &Function, new: &Function) -> Option<Deprecation> {
    let about = |function: &Function| {
        let named = |name: Name| change.subjects.iter().any(|subject| *subject == *name);
        function
            .shims
            .iter()
            .copied()
            .find(|shim| named(shim.parameter))
    };
    let breaks = change.mode_for_calls.breaks_old_callers();
    let is_called = old
        .calls
        .iter()
        .any(|call| call.place.file != old.place.file);
    match change.kind {
        Kind::ParameterRequired | Kind::ParameterRemoved if about(old).is_some() => {
            Some(Deprecation::Completed)
        }
        Kind::ParameterRequired if !breaks && is_called => Some(Deprecation::NoCallerOmitsIt),
        Kind::ParameterRemoved if !breaks && is_called => Some(Deprecation::NoCallerPassesIt),
        Kind::ParameterAdded | Kind::DefaultAdded => about(new).map(|shim| {
            if shim.when_passed {
                Deprecation::WarnsWhenPassed
            } else {
                Deprecation::WarnsWhenOmitted
            }
        }),
        _ => None,
    }
}
