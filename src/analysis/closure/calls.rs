//! Who calls whom in the project's own code.
//!
//! Installed distributions are not evaluated: of a library it is asked which modules it imports, and a package has the whole of it. The project's calls into it are known by
//! their dotted names, as where it is installed elsewhere.

use std::collections::BTreeSet;
use std::sync::Arc;

use rustc_hash::FxHashSet;

use crate::analysis::{Linked, Part, link_parts};
use crate::config::Settings;
use crate::environment::Environment;
use crate::eval;
use crate::facts::{CallGraph, FileId};
use crate::package::InTree;
use crate::program::{Module, Program};
use crate::source::Tree;

/// The calls between functions of the project. `installed` are the distributions whose files lie in the tree; one that has an entry point is the project itself.
pub(super) fn own(
    linked: &Linked,
    tree: &Tree,
    settings: &Settings,
    installed: &[InTree],
) -> CallGraph {
    let entries: Vec<&str> = entries(&linked.program, tree).collect();
    let is_library =
        |distribution: &&InTree| !entries.iter().any(|it| distribution.files.contains(*it));
    let libraries: BTreeSet<&str> = installed
        .iter()
        .filter(is_library)
        .flat_map(|distribution| distribution.files.iter().map(String::as_str))
        .collect();
    if !tree
        .files
        .iter()
        .any(|file| libraries.contains(&*file.path))
    {
        return eval::call_graph(&linked.program);
    }
    let of_library = |module: &&Module| libraries.contains(&*tree.file(module.file).path);
    let modules = linked.program.modules();
    // Where the project has modules in the same package an import has to find the library's too.
    let shared: FxHashSet<&str> = modules
        .iter()
        .filter(|module| !of_library(module))
        .map(top)
        .collect();
    let beside: FxHashSet<FileId> = modules
        .iter()
        .filter(|module| of_library(module) && shared.contains(top(module)))
        .map(|module| module.file)
        .collect();
    let part = |path: &str| match tree.find(path) {
        _ if !libraries.contains(path) => Part::Whole,
        Some(file) if beside.contains(&file) => Part::Name,
        _ => Part::Nothing,
    };
    let roots = linked.program.roots().iter();
    let settings = Settings {
        roots: roots.map(|root| root.path.clone()).collect(),
        // The libraries are not missing.
        environment: Arc::new(Environment::default()),
        ..settings.clone()
    };
    eval::call_graph(&link_parts(tree, &linked.modules, &settings, &part))
}

/// The files in which execution is said to start.
fn entries<'t>(program: &Program, tree: &'t Tree) -> impl Iterator<Item = &'t str> {
    let modules = program.entry_points().iter().filter_map(|it| it.module);
    modules.map(|module| &*tree.file(program.module(module).file).path)
}

/// The first part of a module's dotted name.
fn top(module: &Module) -> &str {
    let name = module.name.as_str();
    name.split('.').next().unwrap_or(name)
}
