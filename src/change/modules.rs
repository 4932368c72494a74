//! Files that came, went or moved: one change each, with what came or went with them.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::facts::{FileId, Place};
use crate::name::Name;
use crate::syntax::ir::Range;

use super::calls::merge;
use super::names::is_alone;
use super::{Caller, Change, Kind, Mode, Version, World};

impl World<'_> {
    /// Lists the changes. Gives the modules that moved: the old name, the new one.
    pub(super) fn compare_modules(&self, changes: &mut Vec<Change>) -> Vec<(Name, Name)> {
        let (old, new) = (&self.old.contract.modules, &self.new.contract.modules);
        let mut moves: Vec<(Name, Name)> = Vec::new();
        let mut gone: Vec<Name> = old.keys().copied().collect();
        gone.retain(|name| !new.contains_key(name));
        gone.sort();
        for name in gone {
            let target = self
                .moved_to(name)
                .filter(|target| !moves.iter().any(|known| known.1 == *target));
            let mut change = match target {
                Some(target) => {
                    moves.push((name, target));
                    let place = top(new[&target]);
                    Change::new(Kind::ModuleMoved, &target, Version::Candidate, place)
                }
                None => Change::new(
                    Kind::ModuleRemoved,
                    &name,
                    Version::Deployed,
                    top(old[&name]),
                ),
            };
            change.before = Some(name.to_string());
            change.after = target.map(|target| target.to_string());
            change.old_place = target.map(|_| top(old[&name]));
            if target.is_none() {
                change.subjects = self.held(Version::Deployed, name);
            }
            self.judge_module(&mut change, Some(name), target);
            changes.push(change);
        }
        let mut come: Vec<Name> = new.keys().copied().collect();
        come.retain(|name| !old.contains_key(name) && !moves.iter().any(|known| known.1 == *name));
        come.sort();
        for name in come {
            let place = top(new[&name]);
            let mut change = Change::new(Kind::ModuleAdded, &name, Version::Candidate, place);
            change.after = Some(name.to_string());
            change.subjects = self.held(Version::Candidate, name);
            self.judge_module(&mut change, None, Some(name));
            changes.push(change);
        }
        moves
    }

    /// The new module that has most of what a module had that is gone.
    fn moved_to(&self, module: Name) -> Option<Name> {
        let (old, new) = (self.old.contract, self.new.contract);
        let functions = self.pairs.functions.iter().map(|&(i, j)| {
            let (a, b) = (&old.functions[i], &new.functions[j]);
            (a.module, b.module, a.qualname == b.qualname)
        });
        let classes = self.pairs.classes.iter().map(|&(i, j)| {
            let (a, b) = (&old.classes[i], &new.classes[j]);
            (a.module, b.module, a.qualname == b.qualname)
        });
        let mut counts: FxHashMap<Name, usize> = FxHashMap::default();
        for (from, to, same) in functions.chain(classes) {
            if from == module && same && !old.modules.contains_key(&to) {
                *counts.entry(to).or_default() += 1;
            }
        }
        let functions = old.functions.iter().map(|function| function.module);
        let classes = old.classes.iter().map(|class| class.module);
        let all = functions
            .chain(classes)
            .filter(|name| *name == module)
            .count();
        let (name, count) = counts
            .into_iter()
            .max_by_key(|&(name, count)| (count, name))?;
        (2 * count > all).then_some(name)
    }

    /// The functions and classes of a module that the other tree does not have.
    fn held(&self, version: Version, module: Name) -> Vec<String> {
        let contract = self.side(version).contract;
        let (functions, classes) = match version {
            Version::Deployed => (&self.pairs.functions_removed, &self.pairs.classes_removed),
            Version::Candidate => (&self.pairs.functions_added, &self.pairs.classes_added),
        };
        let functions = functions
            .iter()
            .map(|&at| &contract.functions[at])
            .filter(|function| function.module == module && is_alone(function, classes, contract))
            .map(|function| function.qualname.to_string());
        let classes = classes
            .iter()
            .map(|&at| &contract.classes[at])
            .filter(|class| class.module == module && !class.qualname.contains('.'))
            .map(|class| class.qualname.to_string());
        functions.chain(classes).collect()
    }

    /// Whoever names a module, or anything that it has, needs it.
    fn judge_module(&self, change: &mut Change, old: Option<Name>, new: Option<Name>) {
        let before = self.users(Version::Deployed, old);
        let after = self.users(Version::Candidate, new);
        let any = |users: &[Caller]| users.iter().any(|user| user.breaks);
        change.mode = Mode::new(old.is_some(), new.is_some());
        change.breaking = old.is_some();
        change.mode_for_calls = Mode::new(any(&before), any(&after));
        change.callers = before.into_iter().chain(after).collect();
    }

    fn users(&self, version: Version, module: Option<Name>) -> Vec<Caller> {
        let Some(module) = module else {
            return Vec::new();
        };
        let contract = self.side(version).contract;
        let own = contract.modules[&module];
        let prefix = format!("{module}.");
        let names_it = |name: &str| {
            let rest = name.strip_prefix(&prefix);
            rest.is_some_and(|rest| !rest.contains('.')) || *name == *module
        };
        let uses = contract.uses.iter().filter(|(name, _)| names_it(name));
        let mut users: Vec<Caller> = uses
            .flat_map(|(_, uses)| uses)
            .map(|found| Caller {
                version,
                place: found.place,
                function: found.function.clone(),
                breaks: found.place.file != own,
            })
            .collect();
        merge(&mut users);
        // Once for each function: it needs the module, whatever it takes from there.
        let mut known: FxHashSet<String> = FxHashSet::default();
        users.retain(|user| known.insert(user.function.clone()));
        users
    }
}

/// The beginning of a file.
fn top(file: FileId) -> Place {
    Place {
        file,
        range: Range::new(0, 0),
    }
}
