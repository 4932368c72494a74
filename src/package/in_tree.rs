//! Installed distributions whose files lie in a tree: what their RECORD lists (the specification of recorded projects).

use std::collections::BTreeSet;

use super::recorded;
use crate::environment;
use crate::source::{Files, SourceError};

/// A distribution whose files lie in the tree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InTree {
    /// Its name and version.
    pub name: String,
    /// How many bytes it has.
    pub bytes: u64,
    /// Its files, from the tree's top; what lies outside of the tree is left out.
    pub files: BTreeSet<String>,
}

/// The distributions whose RECORD lies among the files, sorted by its path.
///
/// # Errors
/// If a RECORD cannot be read.
pub fn in_tree(files: &Files) -> Result<Vec<InTree>, SourceError> {
    let mut found = Vec::new();
    for file in files.all() {
        let Some(folder) = file.path.strip_suffix(".dist-info/RECORD") else {
            continue;
        };
        let (site, stem) = folder.rsplit_once('/').unwrap_or(("", folder));
        let bytes = files.read(file)?;
        let text = String::from_utf8_lossy(&bytes);
        let listed = environment::recorded(&text);
        found.push(InTree {
            name: stem.replacen('-', " ", 1),
            bytes: listed.filter_map(|line| line.size).sum(),
            files: recorded(site, &text)
                .filter(|path| !path.contains(".."))
                .collect(),
        });
    }
    Ok(found)
}
