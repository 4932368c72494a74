//! Installed packages laid beside both sides of a comparison, as far as the tree's imports lead into them (DESIGN 5a): they are read like the tree, bind its calls, and nothing
//! in them is told.
//!
//! ```text
//! imports that the tree does not explain ──> packages that the environment has ──> packages from which their classes derive, as long as there is room
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::closure::is_test;
use super::reach::{Files, Reach};
use super::{Memory, read};
use crate::config::Settings;
use crate::environment::{Installed, PackagesFrom, normalised};
use crate::facts::{Facts, FailureKind, Place};
use crate::name::Name;
use crate::program::stdlib::is_standard;
use crate::source::{INSTALLED, Pair, Shelf, Tree};
use crate::syntax::ir::{Expr, ExprKind, Module, StmtKind, Var};
use crate::syntax::visit;

/// How many bytes of Python are read at most of the packages that the tree imports. One that does not fit is left out as a whole: nothing is known of it then.
const ROOM: u64 = 4 * 1024 * 1024;

/// How many more are read of the packages from which classes of those derive.
const ROOM_FOR_BASES: u64 = 1024 * 1024;

/// Lays the packages that the candidate imports beside both sides, if an environment was asked for: one that merely is at hand may belong to something else, and reading it
/// takes time. Run it within [`super::pool`].
pub fn lay(pair: &mut Pair, settings: &Settings, memory: &Memory) {
    if pair.against.as_ref().is_ok_and(is_installation) {
        return;
    }
    if let Some(shelf) = shelf(&pair.candidate, settings, memory) {
        pair.lay_installed(shelf);
    }
}

/// The same beside one tree.
pub(super) fn lay_beside(tree: &mut Tree, settings: &Settings, memory: &Memory) {
    if let Some(shelf) = shelf(tree, settings, memory) {
        shelf.lay_beside(std::iter::once(tree));
    }
}

/// Whether a tree has such a directory: it is an installation itself.
fn is_installation(tree: &Tree) -> bool {
    let mut files = tree.files.iter();
    files.any(|file| file.path.starts_with(INSTALLED))
}

/// What a tree leads to of the packages that were asked for; none if there are none.
fn shelf(tree: &Tree, settings: &Settings, memory: &Memory) -> Option<Shelf> {
    let environment = &settings.environment;
    let all = environment.installed.iter();
    let asked: Vec<&Installed> = all
        .filter(|installed| installed.from == PackagesFrom::Argument)
        .collect();
    if asked.is_empty() || is_installation(tree) {
        return None;
    }
    let linked = read(tree, settings, memory);
    let program = linked.program;
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
        environments: &asked,
        memory,
    };
    walk.lay(wanted, ROOM);
    let mut reached = walk.reached(&linked.modules);
    let bases = reached.values().flat_map(|module| derived_from(module));
    let mut more: BTreeSet<String> = bases.collect();
    if let Some(moved) = &environment.moved {
        let others = reached.values().flat_map(|module| imported(module));
        more.extend(others.filter(|name| {
            let mut owners = asked.iter().filter_map(|installed| installed.owner(name));
            owners.any(|owner| {
                let name = owner.split(' ').next().unwrap_or_default();
                moved.contains_key(&normalised(name))
            })
        }));
    }
    if walk.lay(more, ROOM_FOR_BASES) {
        reached = walk.reached(&linked.modules);
    }
    if walk.shelf.is_empty() {
        return None;
    }
    walk.shelf.keep(&|path| reached.contains_key(path));
    Some(walk.shelf)
}

/// The first part of a dotted name.
fn top(dotted: &str) -> &str {
    dotted.split('.').next().unwrap_or(dotted)
}

struct Walk<'w> {
    shelf: Shelf,
    /// The top-level modules that were looked at, and those that the tree has itself.
    seen: BTreeSet<String>,
    environments: &'w [&'w Installed],
    memory: &'w Memory,
}

impl Walk<'_> {
    /// Lays these packages beside the tree, by their names, as far as there is room. False: there was none to lay.
    fn lay(&mut self, wanted: BTreeSet<String>, mut room: u64) -> bool {
        let mut any = false;
        for name in wanted {
            if is_standard(&name) || !self.seen.insert(name.clone()) {
                continue;
            }
            let mut places = self.environments.iter().map(|it| it.sources(&name));
            let Some(places) = places.find(|places| !places.is_empty()) else {
                continue;
            };
            if let Some(size) = self.shelf.add(&places, room, &is_test) {
                room -= size;
                any = true;
            }
        }
        any
    }

    /// The files to which the tree's modules lead.
    fn reached(&self, own: &[Arc<Module>]) -> BTreeMap<Arc<str>, Arc<Module>> {
        let files = Files::new(self.shelf.files());
        Reach::of(own.iter().map(|module| &**module), &files, self.memory).modules()
    }
}

/// The top-level modules that a file imports, by absolute imports.
fn imported(module: &Module) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    module.each_import(|stmt| match &stmt.kind {
        StmtKind::Import(import) => {
            found.insert(top(&import.module).to_owned());
        }
        StmtKind::ImportFrom(import) if import.level == 0 => {
            found.extend(import.module.map(|name| top(&name).to_owned()));
        }
        _ => {}
    });
    found
}

/// The top-level modules from which a file takes, by absolute imports, what its classes derive from.
fn derived_from(module: &Module) -> BTreeSet<String> {
    let mut bound: FxHashMap<Name, String> = FxHashMap::default();
    let name_of = |var: Var| match var {
        Var::Local(slot) => module.scope.slots.get(slot.0 as usize).map(|it| it.name),
        Var::Global(name) => Some(name),
        Var::Free { .. } | Var::Hidden { .. } => None,
    };
    visit::statements(&module.body, &mut |stmt| match &stmt.kind {
        StmtKind::Import(import) => {
            let name = name_of(import.var);
            bound.extend(name.map(|name| (name, top(&import.module).to_owned())));
        }
        StmtKind::ImportFrom(import) if import.level == 0 => {
            for taken in &import.names {
                if let (Some(name), Some(from)) = (name_of(taken.var), import.module) {
                    bound.insert(name, top(&from).to_owned());
                }
            }
        }
        _ => {}
    });
    let arguments = module.classes.iter().flat_map(|class| &class.arguments);
    let roots = arguments.filter_map(|argument| root(&argument.value));
    roots.filter_map(|name| bound.get(&name).cloned()).collect()
}

/// The variable that an expression begins with: `flask` of `flask.views.View[Page]`.
fn root(expr: &Expr) -> Option<Name> {
    match &expr.kind {
        ExprKind::Name(name, _) => Some(*name),
        ExprKind::Attribute { value, .. } | ExprKind::Subscript { value, .. } => root(value),
        _ => None,
    }
}

/// `helper/core.py:12`: a place in an installed package.
fn shown(place: Place, tree: &Tree) -> String {
    let file = tree.file(place.file);
    let path = file.path.strip_prefix(INSTALLED).unwrap_or(&file.path);
    format!("{path}:{}", file.text.position(place.range.start).line)
}

/// What evaluation found in the tree's own code.
pub(super) fn own(mut facts: Facts, tree: &Tree) -> Facts {
    if tree.installed.is_some() {
        facts
            .failures
            .retain(|failure| !tree.is_installed(failure.cause.file));
        for failure in &mut facts.failures {
            if failure.kind == FailureKind::BrokenPackage
                && let Some(last) = failure.chain.last()
            {
                failure.signature = shown(last.place, tree);
            }
        }
        facts
            .cuts
            .retain(|cut| !tree.is_installed(cut.function.place.file));
        facts
            .routes
            .retain(|route| !tree.is_installed(route.executor.place.file));
    }
    facts
}
