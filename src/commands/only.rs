//! `--only FILE...` and `coship plan FILE...`: which units the files mean.

use std::path::Path;
use std::sync::Arc;

use crate::cli::TreeArgs;
use crate::commands::Error;
use crate::commands::output::warn;
use crate::commands::setup::Setup;
use crate::config::nearest;
use crate::skew::{Changes, UnitId, UnitSet};

/// TREE, and the files that are asked about: those of `--only` are meant like those that stand behind TREE, and so is a Python file in TREE's place, which
/// is no tree: who ships a file names it first.
pub(super) fn tree_and_files(
    tree: &TreeArgs,
    files: &[String],
    only: &[String],
) -> (TreeArgs, Vec<String>) {
    let mut tree = tree.clone();
    let first = tree.tree.take_if(|named| is_file(named));
    let files = first.into_iter().chain(files.iter().chain(only).cloned());
    (tree, files.collect())
}

/// Whether this names a Python file; one that was removed counts too.
fn is_file(named: &str) -> bool {
    let path = Path::new(named);
    let is_python = path.extension().is_some_and(|it| it == "py" || it == "pyi");
    is_python && !named.starts_with("rev:") && !path.is_dir()
}

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
