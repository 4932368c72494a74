//! Which files a package is made of, and where each lies in it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::analysis::{Closure, Outline};
use crate::config::{Globs, Settings};
use crate::package::{is_bytecode, is_never_packed};
use crate::source::Files;

/// What is packed.
#[derive(Clone, Debug, Default)]
pub struct Contents {
    /// By path in the package: the path in the tree.
    pub files: BTreeMap<String, String>,
    /// The folder of the tree whose content is the package's; empty for the top.
    pub base: String,
    /// Files that would be packed, and are not: what is secret by name, version control, caches. Of bytecode nothing is said.
    pub left_out: Vec<String>,
    /// Which of the paths in the package are those of installed distributions.
    pub libraries: BTreeSet<String>,
    /// Two files of the tree that would have the same path in the package.
    pub collisions: Vec<(String, String)>,
}

/// The folders of the tree that its code is deployed from: those of the handlers that a template names, else the import roots of what execution starts in; where that is not
/// known, the root of most modules.
#[must_use]
pub fn bases(outline: &Outline, settings: &Settings) -> Vec<String> {
    let handlers = settings.handlers.iter();
    let mut bases: Vec<String> = handlers.map(|handler| handler.directory.clone()).collect();
    if outline.is_guess && bases.is_empty() {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        let entries = outline.entries.iter();
        for root in entries.filter_map(|it| root_around(it, outline)) {
            *counts.entry(root).or_default() += 1;
        }
        let most = counts
            .into_iter()
            .max_by_key(|(root, count)| (*count, Reverse(root.len())));
        bases.extend(most.map(|(root, _)| root.to_owned()));
    } else if bases.is_empty() {
        for entry in &outline.entries {
            bases.extend(root_around(entry, outline).map(str::to_owned));
        }
    }
    if bases.is_empty() {
        bases.push(String::new());
    }
    let mut seen = BTreeSet::new();
    bases.retain(|base| seen.insert(base.clone()));
    bases
}

/// The innermost import root around a path.
fn root_around<'o>(path: &str, outline: &'o Outline) -> Option<&'o str> {
    let roots = outline.roots.iter().map(String::as_str);
    let around = roots.filter(|root| below(path, root).is_some());
    around.max_by_key(|root| root.len())
}

fn below<'p>(path: &'p str, folder: &str) -> Option<&'p str> {
    if folder.is_empty() {
        return Some(path);
    }
    path.strip_prefix(folder)?.strip_prefix('/')
}

/// What the package at `base` is made of: what is needed, with the whole of each distribution that something is needed of, and what `include` matches; with `all`, everything
/// below `base`.
#[must_use]
pub fn contents(
    closure: &Closure,
    files: &Files,
    base: &str,
    (all, include): (bool, &Globs),
) -> Contents {
    let mut wanted: BTreeSet<String> = BTreeSet::new();
    for needed in &closure.needed {
        wanted.insert(needed.path.to_string());
    }
    for file in files.all() {
        if include.matches(&file.path) || (all && below(&file.path, base).is_some()) {
            wanted.insert(file.path.to_string());
        }
    }
    // All files of the distributions that something is wanted of.
    let distributions = closure.installed.iter();
    let libraries: BTreeSet<String> = distributions
        .filter(|it| it.files.iter().any(|path| wanted.contains(path)))
        .flat_map(|it| it.files.iter().cloned())
        .collect();
    wanted.extend(libraries.iter().cloned());
    let mut contents = Contents {
        base: base.to_owned(),
        ..Contents::default()
    };
    for path in wanted {
        if is_never_packed(&path) {
            if !is_bytecode(&path) {
                contents.left_out.push(path);
            }
            continue;
        }
        if files.find(&path).is_none() {
            continue;
        }
        let packed = below(&path, base)
            .or_else(|| below(&path, root_around(&path, &closure.outline)?))
            .unwrap_or(&path)
            .to_owned();
        if let Some(other) = contents.files.get(&packed) {
            contents.collisions.push((other.clone(), path));
        } else {
            if libraries.contains(&path) {
                contents.libraries.insert(packed.clone());
            }
            contents.files.insert(packed, path);
        }
    }
    contents
}
