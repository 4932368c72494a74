//! What a function that both trees have accepts: parameters, kinds, defaults, decorators.

use crate::bind::{self, Parameter, Signature};
use crate::eval::contract::{Access, Call, Contract, Effect, Function, Gives};
use crate::name::Name;
use crate::syntax::ir::ParameterKind;

use super::calls::{breaks_by_access, callers, effective, mode_of_access, seen, seen_shape};
use super::deprecation::stage;
use super::edit::{Aspect, Edit, Matching, apply, reversed};
use super::hazard::rebinds;
use super::{Change, Kind, Mode, Version, World};

impl World<'_> {
    pub(super) fn compare_functions(&self, changes: &mut Vec<Change>) {
        for (old, new) in self.paired_functions() {
            let from = changes.len();
            self.compare_binding(old, new, changes);
            self.compare_result(old, new, changes);
            self.compare_decorators(old, new, changes);
            if old.access != Access::Property && new.access != Access::Property {
                self.compare_parameters(old, new, changes);
                self.compare_defaults(old, new, changes);
            }
            self.compare_shims(old, new, from, changes);
        }
    }

    /// A class that got a constructor of its own, or lost it: without one it takes nothing.
    pub(super) fn compare_constructor(
        &self,
        version: Version,
        function: &Function,
        changes: &mut Vec<Change>,
    ) {
        let other = match version {
            Version::Deployed => self.new.contract,
            Version::Candidate => self.old.contract,
        };
        let Some(owner) = function.name.strip_suffix(".__init__") else {
            return;
        };
        let Some(class) = other.classes.iter().find(|class| class.name == owner) else {
            return;
        };
        // One that a class of the tree hands down is compared where it stands.
        if other.names.contains(&function.name) || class.has_bases {
            return;
        }
        let mut empty = function.clone();
        empty.signature.parameters.truncate(1);
        empty.defaults.truncate(1);
        empty.place = class.place;
        empty.qualname = class.qualname;
        empty.calls.clear();
        match version {
            Version::Deployed => self.compare_parameters(function, &empty, changes),
            Version::Candidate => self.compare_parameters(&empty, function, changes),
        }
    }

    /// A change of a function that both trees have, with its headers.
    pub(super) fn of_both(&self, kind: Kind, old: &Function, new: &Function) -> Change {
        let mut change = Change::new(kind, &new.name, Version::Candidate, new.place);
        change.old_place = Some(old.place);
        change.before = Some(self.header(Version::Deployed, old));
        change.after = Some(self.header(Version::Candidate, new));
        change.routes = self.routes(Some(&old.name), Some(&new.name));
        change
    }

    /// A method that became static, a class's, or a property.
    fn compare_binding(&self, old: &Function, new: &Function, changes: &mut Vec<Change>) {
        if old.access == new.access {
            return;
        }
        let mut change = self.of_both(Kind::BindingChanged, old, new);
        change.before = Some(self.decorated(Version::Deployed, old));
        change.after = Some(self.decorated(Version::Candidate, new));
        change.mode = mode_of_access(old, new);
        change.breaking = change.mode.breaks_old_callers();
        (change.callers, change.mode_for_calls) = callers(
            old,
            new,
            |call| breaks_by_access(call, old, new),
            |call| breaks_by_access(call, new, old),
        );
        change.detail = Some(format!(
            "{} -> {}",
            access_name(old.access),
            access_name(new.access)
        ));
        changes.push(change);
    }

    /// A call gives something else: whoever awaits or iterates it cannot go on as before.
    fn compare_result(&self, old: &Function, new: &Function, changes: &mut Vec<Change>) {
        if old.gives == new.gives {
            return;
        }
        let mut change = self.of_both(Kind::AsyncChanged, old, new);
        // Every call binds to both, and none can use what it gets from the other.
        change.mode = Mode::None;
        change.breaking = true;
        (change.callers, change.mode_for_calls) = callers(
            old,
            new,
            |call| !can_use(self.old.contract, call, new.gives),
            |call| !can_use(self.new.contract, call, old.gives),
        );
        change.detail = Some(format!(
            "{} -> {}",
            result_name(old.gives),
            result_name(new.gives)
        ));
        changes.push(change);
    }

    /// A decorator that came, went, or does something else now.
    fn compare_decorators(&self, old: &Function, new: &Function, changes: &mut Vec<Change>) {
        let decorators = |version, function: &Function| -> Vec<String> {
            let ranges = function.decorators.iter();
            ranges
                .map(|&range| self.text(version, function.place.file, range))
                .collect()
        };
        let same = decorators(Version::Deployed, old) == decorators(Version::Candidate, new);
        let takes = |function: &Function| matches!(function.effect, Effect::Takes(_));
        let unknown = old.effect == Effect::Unknown || new.effect == Effect::Unknown;
        let changed = if unknown {
            !same && old.access == new.access
        } else {
            (takes(old) || takes(new))
                && parameters(old.signature.clone()) == parameters(new.signature.clone())
                && parameters(effective(old).clone()) != parameters(effective(new).clone())
        };
        if !changed {
            return;
        }
        let mut change = self.of_both(Kind::DecoratorChanged, old, new);
        change.before = Some(self.decorated(Version::Deployed, old));
        change.after = Some(self.decorated(Version::Candidate, new));
        let (before, after) = (seen(old), seen(new));
        change.mode = Mode::between(&before, &after);
        change.breaking = change.mode.breaks_old_callers();
        (change.callers, change.mode_for_calls) = callers(
            old,
            new,
            |call| bind::bind(&after, &seen_shape(old, call)).is_err(),
            |call| bind::bind(&before, &seen_shape(new, call)).is_err(),
        );
        change.detail = Some(if unknown {
            String::from("what the decorator makes of it is not known")
        } else {
            format!(
                "{} -> {}",
                bind::render(&before, &[]),
                bind::render(&after, &[])
            )
        });
        changes.push(change);
    }

    fn compare_parameters(&self, old: &Function, new: &Function, changes: &mut Vec<Change>) {
        let decorated =
            matches!(old.effect, Effect::Takes(_)) || matches!(new.effect, Effect::Takes(_));
        if decorated && parameters(old.signature.clone()) == parameters(new.signature.clone()) {
            // Said by `decorator-changed`.
            return;
        }
        let (before, after) = (seen(old), seen(new));
        let matching = Matching::new(&before, &after);
        let parts = parts(&matching, &before, &after);
        for (edit, kind, alone, mode) in parts {
            let back: Vec<(usize, usize)> = matching.pairs.iter().map(|&(i, j)| (j, i)).collect();
            let undone = apply(&after, &before, &back, &reversed(edit));
            let mut change = self.of_both(kind, old, new);
            change.subjects = subjects(edit, &before, &after);
            change.mode = mode;
            let rebound = rebinds(&before, &alone).filter(|_| rebinds(&before, &after).is_some());
            change.breaking = change.mode.breaks_old_callers() || rebound.is_some();
            // A call breaks by this edit if it does with the edit alone and with all of them.
            (change.callers, change.mode_for_calls) = callers(
                old,
                new,
                |call| {
                    let shape = seen_shape(old, call);
                    [&alone, &after]
                        .iter()
                        .all(|new| bind::bind(new, &shape).is_err())
                        && bind::bind(&before, &shape).is_ok()
                },
                |call| {
                    let shape = seen_shape(new, call);
                    [&undone, &before]
                        .iter()
                        .all(|old| bind::bind(old, &shape).is_err())
                        && bind::bind(&after, &shape).is_ok()
                },
            );
            change.detail = detail(edit, &before, &after);
            change.deprecation = stage(&change, old, new);
            let mut hazards = Vec::new();
            if let Some((at, ..)) = rebound {
                hazards.push(self.rebind(&change, old, at));
            }
            hazards.extend(self.capture(&change, old, &before, &alone));
            hazards.extend(self.swallow(&change, edit, old, new, &before, &alone));
            change.hazards = hazards.iter().map(|hazard| hazard.kind).collect();
            changes.push(change);
            // Those that no call meets are named with the change alone.
            changes.extend(
                hazards
                    .into_iter()
                    .filter(|hazard| !hazard.callers.is_empty()),
            );
        }
    }

    fn compare_defaults(&self, old: &Function, new: &Function, changes: &mut Vec<Change>) {
        for (at, parameter) in new.signature.parameters.iter().enumerate() {
            let own = |function: &Function, at: usize, version| {
                let range = function.defaults.get(at).copied().flatten()?;
                Some(self.text(version, function.place.file, range))
            };
            let before =
                position(&old.signature, parameter).and_then(|at| own(old, at, Version::Deployed));
            let (Some(before), Some(after)) = (before, own(new, at, Version::Candidate)) else {
                continue;
            };
            if before == after {
                continue;
            }
            let mut change = self.of_both(Kind::DefaultChanged, old, new);
            change.subjects = vec![parameter.name.to_string()];
            change.detail = Some(format!("{before} -> {after}"));
            // Only calls that leave it out are touched.
            let omits = |call: &Call| {
                let index = position(&seen(old), parameter);
                let shape = seen_shape(old, call);
                index.is_some_and(|index| shape.positionals as usize <= index)
                    && !shape
                        .keywords
                        .iter()
                        .any(|keyword| keyword.name == parameter.name)
            };
            (change.callers, _) = callers(old, new, |_| false, |_| false);
            change.callers.retain(|caller| {
                old.calls
                    .iter()
                    .any(|call| call.place == caller.place && omits(call))
            });
            let drift = self.drift(&change, new, parameter.name, &before, &after);
            change.hazards = drift.iter().map(|drift| drift.kind).collect();
            changes.push(change);
            changes.extend(drift);
        }
    }
}

/// The edits between two signatures: each with its kind, what it makes of the first signature alone, and what it breaks.
///
/// What a part breaks and the whole does not (`x` gone, where a new `*x` takes its place) is not said of it. What only the parts together break
/// is said of all: together their modes are the mode of the two signatures.
fn parts<'m>(
    matching: &'m Matching,
    before: &Signature,
    after: &Signature,
) -> Vec<(&'m Edit, Kind, Signature, Mode)> {
    let whole = Mode::between(before, after);
    let parts = matching.edits.iter().filter_map(|edit| {
        let kind = kind_of(edit, before, after)?;
        let alone = apply(before, after, &matching.pairs, edit);
        let mode = Mode::between(before, &alone).within(whole);
        Some((edit, kind, alone, mode))
    });
    let mut parts: Vec<_> = parts.collect();
    let said = parts
        .iter()
        .fold(Mode::Full, |all, (.., mode)| all.and(*mode));
    if said != whole {
        let unsaid = Mode::new(
            whole.breaks_old_callers() && !said.breaks_old_callers(),
            whole.breaks_new_callers() && !said.breaks_new_callers(),
        );
        for (.., mode) in &mut parts {
            *mode = mode.and(unsaid);
        }
    }
    parts
}

/// How many functions that return what they are given are followed to one that awaits it.
const RETURNS: u32 = 8;

/// Whether a call can use what a function gives now: a coroutine has to be awaited, a value must not be.
///
/// Whether a call iterates over what it gets is not looked at.
fn can_use(contract: &Contract, call: &Call, gives: Gives) -> bool {
    match gives {
        Gives::Value => !is_awaited(contract, call, RETURNS),
        Gives::Coroutine => is_awaited(contract, call, RETURNS),
        Gives::Generator | Gives::AsyncGenerator => false,
    }
}

/// Whether what a call gives is awaited there, or by somebody to whom it is returned.
fn is_awaited(contract: &Contract, call: &Call, depth: u32) -> bool {
    if call.is_awaited {
        return true;
    }
    let Some(&at) = contract.by_name.get(&call.function) else {
        return false;
    };
    let mut callers = contract.functions[at].calls.iter();
    call.is_returned && depth > 0 && callers.any(|caller| is_awaited(contract, caller, depth - 1))
}

fn parameters(signature: Signature) -> Vec<Parameter> {
    signature.parameters
}

fn position(signature: &Signature, parameter: &Parameter) -> Option<usize> {
    signature
        .parameters
        .iter()
        .position(|other| other.name == parameter.name)
}

/// The kind of a change that an edit is.
fn kind_of(edit: &Edit, before: &Signature, after: &Signature) -> Option<Kind> {
    let &(i, j) = edit.parameters.first()?;
    let parameter = match (i, j) {
        (_, Some(j)) => after.parameters.get(j)?,
        (Some(i), None) => before.parameters.get(i)?,
        (None, None) => return None,
    };
    Some(match (edit.aspect, parameter.kind) {
        (Aspect::Added, ParameterKind::VarPositional) => Kind::VarPositionalAdded,
        (Aspect::Added, ParameterKind::VarKeyword) => Kind::VarKeywordAdded,
        (Aspect::Added, _) => Kind::ParameterAdded,
        (Aspect::Removed, ParameterKind::VarPositional) => Kind::VarPositionalRemoved,
        (Aspect::Removed, ParameterKind::VarKeyword) => Kind::VarKeywordRemoved,
        (Aspect::Removed, _) => Kind::ParameterRemoved,
        (Aspect::Name, _) => Kind::ParameterRenamed,
        (Aspect::Order, _) => Kind::ParameterMoved,
        (Aspect::Kind, _) => Kind::ParameterKind,
        (Aspect::Default, _) if parameter.has_default => Kind::DefaultAdded,
        (Aspect::Default, _) => Kind::ParameterRequired,
    })
}

/// The parameters' names; of a renamed one both.
fn subjects(edit: &Edit, before: &Signature, after: &Signature) -> Vec<String> {
    let mut names: Vec<Name> = Vec::new();
    for &(i, j) in &edit.parameters {
        let old = i
            .and_then(|i| before.parameters.get(i))
            .map(|parameter| parameter.name);
        let new = j
            .and_then(|j| after.parameters.get(j))
            .map(|parameter| parameter.name);
        for name in old.into_iter().chain(new) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    super::texts(names)
}

/// What tells two changes of one kind apart: required or optional, from which kind to which.
fn detail(edit: &Edit, before: &Signature, after: &Signature) -> Option<String> {
    let &(i, j) = edit.parameters.first()?;
    let old = i.and_then(|i| before.parameters.get(i));
    let new = j.and_then(|j| after.parameters.get(j));
    let is_star = |kind| {
        matches!(
            kind,
            ParameterKind::VarPositional | ParameterKind::VarKeyword
        )
    };
    match edit.aspect {
        Aspect::Added | Aspect::Removed => {
            let parameter = new.or(old).filter(|parameter| !is_star(parameter.kind))?;
            let need = if parameter.has_default {
                "optional"
            } else {
                "required"
            };
            Some(match parameter.kind {
                ParameterKind::PositionalOrKeyword => need.to_owned(),
                kind => format!("{need} {}", kind_name(kind)),
            })
        }
        Aspect::Kind => Some(format!(
            "{} -> {}",
            kind_name(old?.kind),
            kind_name(new?.kind)
        )),
        _ => None,
    }
}

const fn kind_name(kind: ParameterKind) -> &'static str {
    match kind {
        ParameterKind::PositionalOnly => "positional-only",
        ParameterKind::PositionalOrKeyword => "positional-or-keyword",
        ParameterKind::VarPositional => "var-positional",
        ParameterKind::KeywordOnly => "keyword-only",
        ParameterKind::VarKeyword => "var-keyword",
    }
}

const fn access_name(access: Access) -> &'static str {
    match access {
        Access::Plain => "function",
        Access::Instance => "method",
        Access::Static => "static method",
        Access::Class => "class method",
        Access::Property => "property",
        Access::Constructor => "constructor",
    }
}

const fn result_name(gives: Gives) -> &'static str {
    match gives {
        Gives::Value => "value",
        Gives::Coroutine => "coroutine",
        Gives::Generator => "generator",
        Gives::AsyncGenerator => "asynchronous generator",
    }
}
