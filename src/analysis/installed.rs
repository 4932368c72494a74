//! Installed packages laid beside both sides of a comparison, as far as the tree's imports lead into them (DESIGN 5a): they are read like the tree, bind its calls, and nothing
//! in them is told.
//!
//! ```text
//! imports that the tree does not explain ──> packages that the environment has ──> what these import, the nearest first, as long as there is room
//! ```

use std::collections::{BTreeSet, VecDeque};

use super::closure::is_test;
use super::{Memory, read};
use crate::config::Settings;
use crate::environment::{Installed, PackagesFrom};
use crate::facts::Facts;
use crate::program::stdlib::is_standard;
use crate::source::{File, INSTALLED, Pair, Shelf, Tree};
use crate::syntax::ir::StmtKind;

/// How many bytes of Python are read of an environment at most. A package that does not fit is left out as a whole: what is unknown of it is unknown.
const ROOM: u64 = 12 * 1024 * 1024;

/// Lays the packages that the candidate imports beside both sides, if an environment was asked for: one that merely is at hand may belong to something else, and reading it
/// takes time. Run it within [`super::pool`].
pub fn lay(pair: &mut Pair, settings: &Settings, memory: &Memory) {
    let environment = &settings.environment;
    let all = environment.installed.iter();
    let asked: Vec<&Installed> = all
        .filter(|installed| installed.from == PackagesFrom::Argument)
        .collect();
    let sides = std::iter::once(&pair.candidate).chain(pair.against.as_ref().ok());
    let mut files = sides.flat_map(|tree| &tree.files);
    // A tree with such a directory is an installation itself.
    if asked.is_empty() || files.any(|file| file.path.starts_with(INSTALLED)) {
        return;
    }
    let program = read(&pair.candidate, settings, memory).program;
    let wanted: BTreeSet<String> = program
        .imports_outside()
        .keys()
        .map(|name| top(name).to_owned())
        .collect();
    let own: BTreeSet<String> = program
        .modules()
        .iter()
        .map(|module| top(&module.name).to_owned())
        .collect();
    let mut walk = Walk {
        shelf: Shelf::default(),
        seen: own,
        pending: wanted.into_iter().collect(),
        room: ROOM,
    };
    walk.run(&asked, memory);
    if !walk.shelf.is_empty() {
        pair.lay_installed(walk.shelf);
    }
}

/// The first part of a dotted name.
fn top(dotted: &str) -> &str {
    dotted.split('.').next().unwrap_or(dotted)
}

struct Walk {
    shelf: Shelf,
    /// The top-level modules that were looked at, and those that the tree has itself.
    seen: BTreeSet<String>,
    /// Those that are still to be looked at, the nearest first.
    pending: VecDeque<String>,
    room: u64,
}

impl Walk {
    fn run(&mut self, environments: &[&Installed], memory: &Memory) {
        while let Some(name) = self.pending.pop_front() {
            if is_standard(&name) || !self.seen.insert(name.clone()) {
                continue;
            }
            let places = environments.iter().map(|it| it.sources(&name));
            let Some(places) = places.into_iter().find(|places| !places.is_empty()) else {
                continue;
            };
            if let Some((size, files)) = self.shelf.add(&places, self.room, &is_test) {
                self.room -= size;
                let found: BTreeSet<String> = files
                    .iter()
                    .flat_map(|file| imported(file, memory))
                    .collect();
                self.pending.extend(found);
            }
        }
    }
}

/// The top-level modules that a file imports by absolute names.
fn imported(file: &File, memory: &Memory) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    memory
        .module(&file.path, &file.text)
        .each_import(|stmt| match &stmt.kind {
            StmtKind::Import(import) => {
                found.insert(top(&import.module).to_owned());
            }
            StmtKind::ImportFrom(import) if import.level == 0 => {
                found.extend(import.module.iter().map(|name| top(name).to_owned()));
            }
            _ => {}
        });
    found
}

/// What evaluation found in the tree's own code.
pub(super) fn own(mut facts: Facts, tree: &Tree) -> Facts {
    if tree.installed.is_some() {
        facts
            .failures
            .retain(|failure| !tree.is_installed(failure.cause.file));
        facts
            .cuts
            .retain(|cut| !tree.is_installed(cut.function.place.file));
        facts
            .routes
            .retain(|route| !tree.is_installed(route.executor.place.file));
    }
    facts
}
