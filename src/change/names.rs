//! Functions and classes that are there in one tree only, or somewhere else.

use crate::eval::contract::{Access, Contract, Function, Use};
use crate::facts::{FileId, Place};

use super::calls::merge;
use super::{Caller, Change, Kind, Mode, Version, World};

impl World<'_> {
    pub(super) fn compare_names(&self, changes: &mut Vec<Change>) {
        let (old, new) = (self.old.contract, self.new.contract);
        let moves = self.compare_modules(changes);
        for &(i, j) in &self.pairs.functions {
            let (a, b) = (&old.functions[i], &new.functions[j]);
            let with_class = self.pairs.classes.iter().any(|&(i, j)| {
                let (a_class, b_class) = (&old.classes[i].name, &new.classes[j].name);
                a_class != b_class && belongs(&a.name, a_class) && belongs(&b.name, b_class)
            });
            let with_module = moves.contains(&(a.module, b.module)) && a.qualname == b.qualname;
            let is_inner = b.qualname.contains("<locals>");
            if a.name != b.name && !with_class && !with_module && !is_inner {
                let mut change =
                    Change::new(Kind::FunctionMoved, &b.name, Version::Candidate, b.place);
                change.old_place = Some(a.place);
                change.before = Some(a.name.clone());
                change.after = Some(b.name.clone());
                change.routes = self.routes(Some(&a.name), Some(&b.name));
                self.judge_move(&mut change, Some(a), Some(b));
                changes.push(change);
            }
        }
        for &i in &self.pairs.functions_removed {
            let function = &old.functions[i];
            self.compare_constructor(Version::Deployed, function, changes);
            if is_alone(function, &self.pairs.classes_removed, old)
                && new.modules.contains_key(&function.module)
                && !is_constructor_of(function, new)
            {
                changes.push(self.gone(Kind::FunctionRemoved, Version::Deployed, function));
            }
        }
        for &j in &self.pairs.functions_added {
            let function = &new.functions[j];
            self.compare_constructor(Version::Candidate, function, changes);
            if is_alone(function, &self.pairs.classes_added, new)
                && old.modules.contains_key(&function.module)
                && !is_constructor_of(function, old)
            {
                changes.push(self.gone(Kind::FunctionAdded, Version::Candidate, function));
            }
        }
        for &(i, j) in &self.pairs.classes {
            let (a, b) = (&old.classes[i], &new.classes[j]);
            let with_module = moves.contains(&(a.module, b.module)) && a.qualname == b.qualname;
            if a.name != b.name && !with_module {
                let mut change =
                    Change::new(Kind::ClassMoved, &b.name, Version::Candidate, b.place);
                change.old_place = Some(a.place);
                change.before = Some(a.name.clone());
                change.after = Some(b.name.clone());
                self.judge_names(
                    &mut change,
                    Some((&a.name, a.place.file)),
                    Some((&b.name, b.place.file)),
                    &[],
                    &[],
                );
                changes.push(change);
            }
        }
        for &i in &self.pairs.classes_removed {
            let class = &old.classes[i];
            if !class.qualname.contains('.') && new.modules.contains_key(&class.module) {
                let mut change = Change::new(
                    Kind::ClassRemoved,
                    &class.name,
                    Version::Deployed,
                    class.place,
                );
                change.before = Some(class.name.clone());
                self.judge_names(
                    &mut change,
                    Some((&class.name, class.place.file)),
                    None,
                    &[],
                    &[],
                );
                changes.push(change);
            }
        }
        for &j in &self.pairs.classes_added {
            let class = &new.classes[j];
            if !class.qualname.contains('.') && old.modules.contains_key(&class.module) {
                let mut change = Change::new(
                    Kind::ClassAdded,
                    &class.name,
                    Version::Candidate,
                    class.place,
                );
                change.after = Some(class.name.clone());
                self.judge_names(
                    &mut change,
                    None,
                    Some((&class.name, class.place.file)),
                    &[],
                    &[],
                );
                changes.push(change);
            }
        }
    }

    /// A function that only one tree has.
    fn gone(&self, kind: Kind, version: Version, function: &Function) -> Change {
        let mut change = Change::new(kind, &function.name, version, function.place);
        let header = Some(self.decorated(version, function));
        match version {
            Version::Deployed => {
                change.before = header;
                change.routes = self.routes(Some(&function.name), None);
                self.judge_move(&mut change, Some(function), None);
            }
            Version::Candidate => {
                change.after = header;
                change.routes = self.routes(None, Some(&function.name));
                self.judge_move(&mut change, None, Some(function));
            }
        }
        change
    }

    fn judge_move(&self, change: &mut Change, old: Option<&Function>, new: Option<&Function>) {
        let places = |function: Option<&Function>| -> Vec<(Place, String)> {
            let calls = function.into_iter().flat_map(|function| &function.calls);
            calls
                .map(|call| (call.place, call.function.clone()))
                .collect()
        };
        let name = |function: Option<&'_ Function>| {
            function.map(|function| (function.name.clone(), function.place.file))
        };
        let (old_name, new_name) = (name(old), name(new));
        self.judge_names(
            change,
            old_name.as_ref().map(|(name, file)| (name.as_str(), *file)),
            new_name.as_ref().map(|(name, file)| (name.as_str(), *file)),
            &places(old),
            &places(new),
        );
    }

    /// The mode of a name that is no more, is new, or both.
    ///
    /// An old caller breaks if the name that it uses is gone, a new one if the name that it uses was not there.
    fn judge_names(
        &self,
        change: &mut Change,
        old: Option<(&str, FileId)>,
        new: Option<(&str, FileId)>,
        old_calls: &[(Place, String)],
        new_calls: &[(Place, String)],
    ) {
        let old_lost = old.filter(|(name, _)| !self.new.contract.names.contains(*name));
        let new_lost = new.filter(|(name, _)| !self.old.contract.names.contains(*name));
        change.mode = Mode::new(old_lost.is_some(), new_lost.is_some());
        change.breaking = old_lost.is_some();
        let mut callers = Vec::new();
        let mut list = |version,
                        contract: &Contract,
                        name: Option<(&str, FileId)>,
                        calls: &[(Place, String)],
                        lost: bool| {
            let Some((name, file)) = name else {
                return false;
            };
            let uses = contract.uses.get(name).into_iter().flatten();
            let uses = uses.map(|Use { function, place }| (*place, function.clone()));
            let mut apart = false;
            for (place, function) in calls.iter().cloned().chain(uses) {
                let breaks = lost && place.file != file;
                apart |= breaks;
                callers.push(Caller {
                    version,
                    place,
                    function,
                    breaks,
                });
            }
            apart
        };
        let any_old = list(
            Version::Deployed,
            self.old.contract,
            old,
            old_calls,
            old_lost.is_some(),
        );
        let any_new = list(
            Version::Candidate,
            self.new.contract,
            new,
            new_calls,
            new_lost.is_some(),
        );
        merge(&mut callers);
        change.callers = callers;
        change.mode_for_calls = Mode::new(any_old, any_new);
    }
}

/// Whether a function is to be named by itself: it can be reached from outside, and did not come or go with its class.
pub(super) fn is_alone(function: &Function, classes: &[usize], contract: &Contract) -> bool {
    !function.qualname.contains("<locals>")
        && !classes
            .iter()
            .any(|&class| belongs(&function.name, &contract.classes[class].name))
}

/// Whether a function is the constructor of a class that the other tree has as well, with another constructor or none.
fn is_constructor_of(function: &Function, other: &Contract) -> bool {
    function.access == Access::Constructor
        && other
            .classes
            .iter()
            .any(|class| belongs(&function.name, &class.name))
}

/// Whether a function is a method of a class, or its constructor.
fn belongs(function: &str, class: &str) -> bool {
    function
        .strip_prefix(class)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}
