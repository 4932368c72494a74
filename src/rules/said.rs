//! How loudly a change of the contract is said: by what it breaks, unless the configuration or a comment beside it says otherwise.

use crate::change::{Change, Kind, Mode, Version};
use crate::facts::FileId;
use crate::rules::suppress::Ignores;
use crate::rules::{Selection, Severity, change};
use crate::source::Tree;
use crate::syntax::ir::Directive;

/// A change, and how loudly it is said.
#[derive(Clone, Debug)]
pub struct Said {
    /// What changed.
    pub change: Change,
    /// How loudly.
    pub severity: Severity,
}

/// The comments of a tree that speak to coship.
pub struct Comments<'a> {
    /// The tree.
    pub tree: &'a Tree,
    /// They, per file that has some.
    pub directives: Vec<(FileId, &'a [Directive])>,
}

/// The changes that are said, in their order. One whose rule is off is left out, and so is one with a comment that silences its rule on the line
/// that it stands on, in the tree that it stands in.
#[must_use]
pub fn said(
    changes: Vec<Change>,
    selection: &Selection,
    deployed: &Comments,
    candidate: &Comments,
) -> Vec<Said> {
    let ignores =
        |comments: &Comments| Ignores::read(comments.directives.iter().copied(), comments.tree);
    let (mut old, mut new) = (ignores(deployed), ignores(candidate));
    // A change whose rule is off needs no comment.
    let places = |version: Version| -> Vec<_> {
        let place = |change: &Change| {
            let rule = change::of(change.kind);
            let is_told = change.version == version && selection.level(rule).is_some();
            is_told.then_some((change.place, rule))
        };
        changes.iter().map(place).collect()
    };
    let old = old.silence(&places(Version::Deployed), deployed.tree);
    let new = new.silence(&places(Version::Candidate), candidate.tree);
    let silenced: Vec<bool> = old
        .iter()
        .zip(&new)
        .map(|(old, new)| old.is_some() || new.is_some())
        .collect();
    let said = changes
        .into_iter()
        .zip(silenced)
        .filter_map(|(mut change, silenced)| {
            let level = selection.level(change::of(change.kind))?;
            if silenced {
                return None;
            }
            let is_on = |hazard: &Kind| selection.level(change::of(*hazard)).is_some();
            change.hazards.retain(is_on);
            let severity = if level.asked_for {
                level.severity
            } else {
                severity(&change)
            };
            Some(Said { change, severity })
        });
    said.collect()
}

/// What breaks a call that exists is an error, what may break one a warning, and the rest tells only.
fn severity(change: &Change) -> Severity {
    if change.breaks_deployed_caller() {
        Severity::Error
    } else if change.breaking || is_silent(change) || is_order(change) {
        Severity::Warning
    } else {
        Severity::Info
    }
}

/// Whether it is a hazard that some existing call meets, or may meet with an instance of a subclass.
fn is_silent(change: &Change) -> bool {
    matches!(
        change.kind,
        Kind::PositionalRebind
            | Kind::KeywordCapture
            | Kind::SwallowedKeyword
            | Kind::DefaultDrift
            | Kind::OverrideNarrowed
    )
}

/// Whether it is about what is sent, and existing calls break unless the next hops ship first.
fn is_order(change: &Change) -> bool {
    let sends = matches!(
        change.kind,
        Kind::SendsMore | Kind::SendsLess | Kind::SendsRenamed
    );
    sends && change.mode_for_calls != Mode::Full
}
