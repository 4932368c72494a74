//! Layers laid beside both sides of a comparison, as they lie beside a function when it runs.

use std::collections::BTreeSet;

use super::verify::BESIDE;
use super::{Memory, read};
use crate::config::Settings;
use crate::package::{self, Layer};
use crate::source::{Beside, Pair, Tree};

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
    let filters = package::laid(layers, &taken);
    let beside: Vec<Beside> = filters
        .iter()
        .map(|(bundle, takes)| (*bundle, BESIDE, &**takes))
        .collect();
    pair.lay_beside(&beside);
    for root in package::layer_roots(layers) {
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
            found.extend(below.and_then(package::top_of).map(str::to_owned));
        }
    }
    found
}
