//! Keys that a function insists on in its `**kwargs`, or in another dict that it is given.

use crate::bind::Parameter;
use crate::eval::contract::{Call, Function, RequiredKey};
use crate::facts::{Failure, FailureKind};
use crate::name::Name;

use super::calls::{callers, seen_shape};
use super::{Change, Kind, Mode, Version, World};

impl World<'_> {
    pub(super) fn compare_keys(&self, changes: &mut Vec<Change>) {
        for (old, new) in self.paired_functions() {
            for key in new.keys.iter().filter(|key| !insists(old, key.name)) {
                changes.push(self.key(Kind::KeyRequired, key, old, new));
            }
            for key in old.keys.iter().filter(|key| !insists(new, key.name)) {
                changes.push(self.key(Kind::KeyOptional, key, old, new));
            }
        }
    }

    fn key(&self, kind: Kind, key: &RequiredKey, old: &Function, new: &Function) -> Change {
        let is_new = kind == Kind::KeyRequired;
        let version = if is_new {
            Version::Candidate
        } else {
            Version::Deployed
        };
        let mut change = Change::new(kind, &new.name, version, key.place);
        change.subjects = vec![key.name.to_string(), key.parameter.to_string()];
        let text = Some(self.text(version, key.place.file, key.place.range));
        if is_new {
            change.after = text;
        } else {
            change.before = text;
        }
        change.detail.clone_from(&key.exception);
        change.routes = self.routes(Some(&old.name), Some(&new.name));
        // A caller that passes the key is fine with either version, one that does not only with the one that does not insist.
        change.mode = Mode::new(is_new, !is_new);
        change.breaking = is_new;
        let lacks = |function: &Function, call: &Call| {
            let shape = seen_shape(function, call);
            !shape.more_keywords
                && shape
                    .keywords
                    .iter()
                    .all(|keyword| keyword.name != key.name)
        };
        if key.is_keyword {
            (change.callers, change.mode_for_calls) = callers(
                old,
                new,
                |call| is_new && lacks(old, call),
                |call| !is_new && lacks(new, call),
            );
        } else {
            (change.callers, _) = callers(old, new, |_| false, |_| false);
        }
        let fails = |failure: &Failure| {
            failure.kind == FailureKind::MissingKey
                && failure.subject == key.name
                && failure.exception.is_some()
                && failure
                    .chain
                    .last()
                    .is_some_and(|frame| frame.function == new.name)
        };
        change.always = is_new && self.new.facts.failures.iter().any(fails);
        change
    }
}

/// Whether a function raises without this key, or has a parameter for it that has to be passed.
fn insists(function: &Function, name: Name) -> bool {
    let is_parameter = |parameter: &Parameter| parameter.name == name && !parameter.has_default;
    function.keys.iter().any(|key| key.name == name)
        || function.signature.parameters.iter().any(is_parameter)
}
