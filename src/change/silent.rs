//! The hazards that a change of a function brings along: every call binds, and something else happens.

use crate::bind::{self, Signature};
use crate::eval::contract::Function;
use crate::facts::RouteKey;
use crate::name::Name;
use crate::syntax::ir::ParameterKind;

use super::calls::seen_shape;
use super::edit::{Aspect, Edit};
use super::hazard::captures;
use super::mode::has;
use super::{Change, Kind, Mode, Version, World};

impl World<'_> {
    /// The positionals from `at` on arrive somewhere else.
    pub(super) fn rebind(&self, change: &Change, old: &Function, at: usize) -> Change {
        let reached =
            |shape: &bind::Shape| shape.positionals as usize > at || shape.more_positionals;
        let mut hazard = silent(change, Kind::PositionalRebind);
        hazard.breaking = true;
        hazard.detail = Some((at + 1).to_string());
        self.keep_callers(&mut hazard, old, reached);
        hazard
    }

    /// A keyword that used to flow on through `**kwargs` ends at a parameter.
    pub(super) fn capture(
        &self,
        change: &Change,
        old: &Function,
        before: &Signature,
        alone: &Signature,
    ) -> Option<Change> {
        let names = captures(before, alone);
        if names.is_empty() {
            return None;
        }
        let mut hazard = silent(change, Kind::KeywordCapture);
        let passed = |shape: &bind::Shape| {
            shape
                .keywords
                .iter()
                .any(|keyword| names.contains(&keyword.name))
        };
        self.keep_callers(&mut hazard, old, passed);
        hazard.subjects = super::texts(names.iter().copied());
        Some(hazard)
    }

    /// A keyword whose parameter went ends in `**kwargs`, which nobody reads.
    pub(super) fn swallow(
        &self,
        change: &Change,
        edit: &Edit,
        old: &Function,
        new: &Function,
        before: &Signature,
        alone: &Signature,
    ) -> Option<Change> {
        let is_lost = matches!(edit.aspect, Aspect::Removed | Aspect::Name | Aspect::Kind);
        if !is_lost || !new.ignores_keywords || !has(alone, ParameterKind::VarKeyword) {
            return None;
        }
        let names: Vec<Name> = captures(alone, before);
        if names.is_empty() {
            return None;
        }
        let mut hazard = silent(change, Kind::SwallowedKeyword);
        let passed = |shape: &bind::Shape| {
            shape
                .keywords
                .iter()
                .any(|keyword| names.contains(&keyword.name))
        };
        self.keep_callers(&mut hazard, old, passed);
        hazard.subjects = super::texts(names.iter().copied());
        Some(hazard)
    }

    /// Leaves the callers whose calls are of a shape; none of them breaks loudly.
    fn keep_callers(
        &self,
        hazard: &mut Change,
        old: &Function,
        is_met: impl Fn(&bind::Shape) -> bool,
    ) {
        hazard.callers.retain(|caller| {
            caller.version == Version::Deployed
                && old.calls.iter().any(|call| {
                    call.place == caller.place
                        && call.function == caller.function
                        && is_met(&seen_shape(old, call))
                })
        });
        for caller in &mut hazard.callers {
            caller.breaks = false;
        }
    }

    /// Whether another hop of a route has another default for the same name, which it had not before.
    pub(super) fn drift(
        &self,
        change: &Change,
        new: &Function,
        name: Name,
        before: &str,
        after: &str,
    ) -> Option<Change> {
        let mut found: Vec<String> = Vec::new();
        let mut routes: Vec<RouteKey> = Vec::new();
        for route in &self.new.facts.routes {
            let hops: Vec<&str> = route
                .wrappers
                .iter()
                .chain(&route.router)
                .chain(&route.handler)
                .map(|symbol| symbol.name.as_str())
                .collect();
            if !hops.contains(&new.name.as_str()) {
                continue;
            }
            for hop in hops {
                let Some(&other) = self.new.contract.by_name.get(hop) else {
                    continue;
                };
                let other = &self.new.contract.functions[other];
                let parameters = &other.signature.parameters;
                let at = parameters
                    .iter()
                    .position(|parameter| parameter.name == name);
                let range = at.and_then(|at| other.defaults.get(at).copied().flatten());
                let Some(range) = range.filter(|_| hop != new.name) else {
                    continue;
                };
                let text = self.text(Version::Candidate, other.place.file, range);
                if text == before && text != after {
                    routes.push(route.key.clone());
                    let shown = format!("{hop} has {name}={text}");
                    if !found.contains(&shown) {
                        found.push(shown);
                    }
                }
            }
        }
        if found.is_empty() {
            return None;
        }
        let mut hazard = silent(change, Kind::DefaultDrift);
        hazard.routes = routes;
        hazard.detail = Some(found.join(", "));
        Some(hazard)
    }
}

/// A hazard that a change brings along.
fn silent(change: &Change, kind: Kind) -> Change {
    Change {
        kind,
        // Every call binds.
        mode_for_calls: Mode::Full,
        breaking: false,
        hazards: Vec::new(),
        deprecation: None,
        ..change.clone()
    }
}
