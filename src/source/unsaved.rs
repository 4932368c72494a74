//! Texts that stand for files on disk: what an editor holds and has not saved.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use crate::config::Selection;

use super::locate::{Located, Place};
use super::text::Text;
use super::tree::{Class, File, Tree, relative};

/// Unsaved texts, by their canonical paths on disk.
#[derive(Clone, Debug, Default)]
pub struct Overlay {
    texts: BTreeMap<PathBuf, Arc<Text>>,
}

impl Overlay {
    /// Puts a text in the place of the file at `path`, which need not exist.
    pub fn insert(&mut self, path: PathBuf, text: Arc<Text>) {
        self.texts.insert(path, text);
    }

    /// Lays the texts over a tree that was read from `located`. What the tree leaves out of what is on disk stays out; a file that is not on disk yet
    /// counts like one that is, as far as `selection` takes it.
    pub(super) fn apply(&self, tree: &mut Tree, located: &Located, selection: &Selection) {
        let (Place::Directory { disk } | Place::WorkTree { disk, .. }) = &located.place else {
            return;
        };
        let mut is_sorted = true;
        for (path, text) in &self.texts {
            let Some(within) = path.strip_prefix(disk).ok().and_then(relative) else {
                continue;
            };
            if let Some(id) = tree.find(&within) {
                let file = &mut tree.files[id.0 as usize];
                file.text = Arc::clone(text);
                file.blob = None;
            } else if !path.exists()
                && Class::of(within.as_bytes()) == Some(Class::Python)
                && selection.takes(&within)
            {
                tree.files.push(File {
                    path: Arc::from(within),
                    blob: None,
                    text: Arc::clone(text),
                });
                // Found by halving from here on, so that it has to be in order before the next one.
                is_sorted = false;
            }
            if !is_sorted {
                tree.files.sort_by(|a, b| a.path.cmp(&b.path));
                is_sorted = true;
            }
        }
    }
}
