//! Layers laid beside both sides of a comparison, as they lie beside a function when it runs.

use std::collections::BTreeSet;

use super::verify::BESIDE;
use super::{Memory, read};
use crate::config::Settings;
use crate::package::Layer;
use crate::source::{Beside, Bundle, Pair, Tree};

/// Which paths of a layer count.
type Filter<'l> = Box<dyn Fn(&str) -> bool + 'l>;

/// Lays the layers beside both sides, and adds where imports look in them to the roots. What the candidate has at one of its roots stands before a layer's. Run it within
/// [`super::pool`].
pub fn lay(pair: &mut Pair, layers: &[Layer], settings: &mut Settings) {
    if layers.is_empty() {
        return;
    }
    if settings.roots.is_empty() {
        let program = read(&pair.candidate, settings, &Memory::default()).program;
        settings.roots = program.roots().iter().map(|it| it.path.clone()).collect();
    }
    let taken = tops(&pair.candidate, &settings.roots);
    let filters: Vec<(&Bundle, Filter)> = layers
        .iter()
        // Of several layers the later one is laid over the others.
        .rev()
        .map(|layer| {
            let takes: Filter = Box::new(|path| {
                layer.seen(path).is_some_and(|seen| {
                    let top = seen.split(['/', '.']).next().unwrap_or(seen);
                    !taken.contains(top)
                })
            });
            (&layer.bundle, takes)
        })
        .collect();
    let beside: Vec<Beside> = filters
        .iter()
        .map(|(bundle, takes)| (*bundle, BESIDE, &**takes))
        .collect();
    pair.lay_beside(&beside);
    for root in layers.iter().flat_map(|layer| &layer.roots) {
        let root = format!("{BESIDE}{root}");
        if !settings.roots.contains(&root) {
            settings.roots.push(root);
        }
    }
}

/// The modules and regular packages at some roots.
fn tops(tree: &Tree, roots: &[String]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for file in &tree.files {
        for root in roots {
            let below = match root.as_str() {
                "" => Some(&*file.path),
                root => file
                    .path
                    .strip_prefix(root)
                    .and_then(|it| it.strip_prefix('/')),
            };
            let top = below.and_then(|below| match below.split_once('/') {
                None => below.strip_suffix(".py"),
                Some((top, "__init__.py")) => Some(top),
                Some(_) => None,
            });
            found.extend(top.map(str::to_owned));
        }
    }
    found
}
