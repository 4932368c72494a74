//! `--only FILE...`: which units the files mean, and what is wrong with shipping nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::commands::Error;
use crate::commands::mixed::{Mixed, State};
use crate::commands::output::warn;
use crate::commands::setup::Setup;
use crate::config::nearest;
use crate::rules::shipping::{Partial, name_missing, partial_state};
use crate::rules::{self, Selection};
use crate::skew::{self, Changes, Oracle, UnitId, UnitSet};

/// The units that the files (or names of units) of `--only` mean. A file that is the same in both versions means none, which is told on stderr.
pub(super) fn units(files: &[String], changes: &Changes, setup: &Setup) -> Result<UnitSet, Error> {
    let mut units = UnitSet::empty(changes.count());
    for file in files {
        for unit in named(file, changes, setup)? {
            units.insert(unit);
        }
    }
    Ok(units)
}

/// The state in which these units ship, its errors explained: each names the files that do not ship and should.
pub(super) fn judge(
    mixed: &Mixed,
    changes: &Changes,
    units: &UnitSet,
    selection: &Selection,
) -> State {
    let mut state = mixed.state(units);
    let oracle = Oracle::new(mixed, changes.count());
    let needs = skew::needs(&oracle, units);
    let direct = needs.clauses.iter().map(|(_, clause)| &clause.old);
    let shown = direct.fold(units.clone(), |all, old| all.union(old));
    let further = changes.paths(&needs.whole.minus(&shown));
    let mut missing: BTreeMap<usize, UnitSet> = BTreeMap::new();
    let mut groups: BTreeMap<&UnitSet, (UnitSet, BTreeSet<usize>)> = BTreeMap::new();
    let none = UnitSet::empty(changes.count());
    for (finding, clause) in &needs.clauses {
        let old = missing.entry(*finding).or_insert_with(|| none.clone());
        *old = old.union(&clause.old);
        let group = groups
            .entry(&clause.new)
            .or_insert_with(|| (none.clone(), BTreeSet::new()));
        group.0 = group.0.union(&clause.old);
        group.1.insert(*finding);
    }
    let mut partials = Vec::new();
    for (new, (old, findings)) in &groups {
        let partial = Partial {
            new: changes.paths(new),
            old: changes.paths(old),
            further: &further,
            findings: findings
                .iter()
                .map(|&index| &state.findings[index])
                .collect(),
        };
        partials.extend(partial_state(&partial, &state.tree, selection));
    }
    for (finding, old) in missing {
        name_missing(&mut state.findings[finding], &changes.paths(&old));
    }
    state.findings.extend(partials);
    rules::sort(&mut state.findings);
    state
}

fn named(file: &str, changes: &Changes, setup: &Setup) -> Result<Vec<UnitId>, Error> {
    let unchanged = |what: &str| {
        warn(&format!(
            "{what} is the same in both versions: there is nothing of it to ship"
        ));
        Ok(Vec::new())
    };
    let within = lexical(file);
    let from_here = setup.candidate.path_within(file, &setup.context);
    for path in [within, from_here].into_iter().flatten() {
        if let Some(unit) = changes.unit_of(&path) {
            return Ok(vec![unit]);
        }
        if changes.has(&path) {
            return unchanged(&format!("'{path}'"));
        }
    }
    let ids = (0..).map(UnitId);
    let mut units = ids.zip(&changes.units).filter(|(_, unit)| unit.is_named);
    if let Some((id, _)) = units.find(|(_, unit)| *unit.name == *file) {
        return Ok(vec![id]);
    }
    if setup.settings.units.iter().any(|unit| unit.name == file) {
        return unchanged(&format!("the unit '{file}'"));
    }
    Err(Error::NoSuchFile {
        file: file.to_owned(),
        nearest: near(file, changes),
    })
}

/// The path with `/`, without `.` and `..`; none if it is absolute or leads out.
fn lexical(path: &str) -> Option<String> {
    if path.starts_with('/') {
        return None;
    }
    let mut parts = Vec::new();
    for part in path.split(['/', std::path::MAIN_SEPARATOR]) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// Changed files that may have been meant: of the same name elsewhere, or of a name that is near.
fn near(file: &str, changes: &Changes) -> Vec<String> {
    let name = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
    let paths: Vec<&Arc<str>> = changes.files.iter().map(|file| &file.path).collect();
    let same = paths.iter().filter(|path| name(path) == name(file));
    let same: Vec<String> = same.take(3).map(ToString::to_string).collect();
    if same.is_empty() {
        let near = nearest(file, paths.iter().map(|path| &***path));
        return near.into_iter().map(str::to_owned).collect();
    }
    same
}

#[cfg(test)]
mod tests {
    use super::lexical;

    #[test]
    fn paths_are_taken_apart() {
        assert_eq!(lexical("./a//b.py").as_deref(), Some("a/b.py"));
        assert_eq!(lexical("x/../b.py").as_deref(), Some("b.py"));
        assert_eq!(lexical("../b.py"), None);
        assert_eq!(lexical("/b.py"), None);
    }
}
