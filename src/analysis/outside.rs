//! Which imports of a tree its surroundings explain.

use crate::analysis::{Memory, read};
use crate::config::Settings;
use crate::environment::{Removal, Standing};
use crate::name::Name;
use crate::source::Tree;

/// A module that a tree imports and does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutsideImport {
    /// Its dotted name.
    pub module: Name,
    /// What is known of it.
    pub standing: Standing,
    /// When it went, if the tree's history has it.
    pub removal: Option<Removal>,
    /// The paths and lines that import it.
    pub places: Vec<(String, u32)>,
}

/// The imports of modules that neither the tree nor the standard library has, by name. Run it within [`super::pool`].
#[must_use]
pub fn outside_imports(tree: &Tree, settings: &Settings) -> Vec<OutsideImport> {
    let program = read(tree, settings, &Memory::default()).program;
    let found = program
        .imports_outside()
        .into_iter()
        .filter_map(|(module, places)| {
            let (standing, removal) = program.standing(module)?.clone();
            let mut places: Vec<(String, u32)> = places
                .into_iter()
                .map(|(importer, range)| {
                    let file = tree.file(program.module(importer).file);
                    (file.path.to_string(), file.text.position(range.start).line)
                })
                .collect();
            places.sort();
            places.dedup();
            Some(OutsideImport {
                module,
                standing,
                removal,
                places,
            })
        });
    found.collect()
}
