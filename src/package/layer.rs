//! Layers: what is laid beside a function's code, in `/opt`.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::python::{Targets, Version};
use crate::source::{Bundle, Content, Member, MemberKind};

/// Which paths of a layer count.
pub type Takes<'l> = Box<dyn Fn(&str) -> bool + 'l>;

/// The layers in the order in which they are laid over each other, the last one first, each with the paths that count: `taken` are the names of modules and regular packages
/// that stand before them.
#[must_use]
pub fn laid<'l>(layers: &'l [Layer], taken: &'l BTreeSet<String>) -> Vec<(&'l Bundle, Takes<'l>)> {
    let filters = layers.iter().rev().map(|layer| {
        let takes: Takes = Box::new(move |path| {
            layer.seen(path).is_some_and(|seen| {
                let top = seen.split(['/', '.']).next().unwrap_or(seen);
                !taken.contains(top)
            })
        });
        (&layer.bundle, takes)
    });
    filters.collect()
}

/// The name of the module or regular package at a root that a path below that root makes, if it makes one.
#[must_use]
pub fn top_of(path: &str) -> Option<&str> {
    match path.split_once('/') {
        None => path.strip_suffix(".py"),
        Some((top, "__init__.py")) => Some(top),
        Some(_) => None,
    }
}

/// The folders in which imports look for what layers have, the first one first: all layers are unpacked into one place, whose `site-packages` stand before its `python`.
#[must_use]
pub fn roots(layers: &[Layer]) -> Vec<&str> {
    let mut roots: Vec<&str> = Vec::new();
    for root in layers.iter().flat_map(|layer| &layer.roots) {
        if !roots.contains(&root.as_str()) {
            roots.push(root);
        }
    }
    // A longer one is `python/lib/...`; of several Pythons the order is that of the layers.
    roots.sort_by_key(|root| std::cmp::Reverse(root.contains("/lib/")));
    roots
}

/// The file that an import finds in the layers at a path below one of the roots, with its own path: of several layers that have it the last one is unpacked over the others.
#[must_use]
pub(super) fn find<'l>(layers: &'l [Layer], below: &str) -> Option<(Arc<str>, &'l Content)> {
    roots(layers).into_iter().find_map(|root| {
        let mut laid = layers.iter().rev();
        laid.find_map(|layer| layer.at(root, below))
    })
}

/// A layer's zip or directory.
#[derive(Clone, Debug)]
pub struct Layer {
    /// What is in it.
    pub bundle: Bundle,
    /// The folders in it that imports look in, without a slash at the end: `python`, `python/lib/python3.12/site-packages`.
    pub roots: Vec<String>,
}

impl Layer {
    /// The layer, with the folders that AWS Lambda's runtimes for Python look in (the developer guide, "Working with layers for Python Lambda functions"): those of the
    /// targets, where these are known.
    #[must_use]
    pub fn new(bundle: Bundle, targets: &Targets) -> Self {
        let is_wanted = |folder: &str| {
            let is_it = |version: &Version| folder == format!("python{version}");
            targets.is_empty() || targets.versions().iter().any(is_it)
        };
        let mut roots: Vec<String> = Vec::new();
        for member in &bundle.members {
            let Some(path) = member.path.as_deref() else {
                continue;
            };
            let Some(rest) = path.strip_prefix("python/") else {
                continue;
            };
            let root = match rest.split('/').collect::<Vec<_>>().as_slice() {
                ["lib", version, "site-packages", ..] if version.starts_with("python3.") => {
                    if !is_wanted(version) {
                        continue;
                    }
                    format!("python/lib/{version}/site-packages")
                }
                ["lib"] | ["lib", _] => continue,
                _ => "python".to_owned(),
            };
            if !roots.contains(&root) {
                roots.push(root);
            }
        }
        // The runtimes put `python/lib/...` before `python` on the path.
        roots.sort_by_key(|root| std::cmp::Reverse(root.len()));
        Self { bundle, roots }
    }

    /// The path that an import sees, of a path in the layer: what follows one of the roots.
    #[must_use]
    pub fn seen<'p>(&self, path: &'p str) -> Option<&'p str> {
        self.roots
            .iter()
            .find_map(|root| path.strip_prefix(root.as_str())?.strip_prefix('/'))
    }

    /// The file that an import finds at a path below one of the roots, with its own path.
    #[must_use]
    pub fn find(&self, below: &str) -> Option<(Arc<str>, &Content)> {
        self.roots.iter().find_map(|root| self.at(root, below))
    }

    /// The file at a path below a root.
    fn at(&self, root: &str, below: &str) -> Option<(Arc<str>, &Content)> {
        let path = format!("{root}/{below}");
        let is_it = |member: &&Member| {
            member.kind == MemberKind::File && member.path.as_deref() == Some(path.as_str())
        };
        let member = self.bundle.members.iter().rev().find(is_it)?;
        Some((Arc::clone(member.path.as_ref()?), member.content.as_ref()?))
    }
}
