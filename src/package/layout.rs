//! Which folder of a package corresponds to which folder of the tree.

use rustc_hash::{FxHashMap, FxHashSet};

/// A folder of the tree and the folder of the package that holds the same; empty for the top.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    /// In the tree.
    pub base: String,
    /// In the package; the top, unless the package was made from too far up.
    pub inside: String,
    /// How many files have the same path then.
    pub common: usize,
}

impl Layout {
    /// The path in the package of a file of the tree; none if it lies outside the base.
    #[must_use]
    pub fn packed(&self, path: &str) -> Option<String> {
        let rest = below(path, &self.base)?;
        Some(joined(&self.inside, rest))
    }

    /// The path in the tree of a file of the package; none if it lies elsewhere.
    #[must_use]
    pub fn unpacked(&self, path: &str) -> Option<String> {
        let rest = below(path, &self.inside)?;
        Some(joined(&self.base, rest))
    }
}

/// A path as seen from a folder.
pub(super) fn below<'p>(path: &'p str, folder: &str) -> Option<&'p str> {
    if folder.is_empty() {
        return Some(path);
    }
    path.strip_prefix(folder)?.strip_prefix('/')
}

pub(super) fn joined(folder: &str, path: &str) -> String {
    if folder.is_empty() {
        path.to_owned()
    } else {
        format!("{folder}/{path}")
    }
}

/// The layout under which most of the package's files are files of the tree. `bases` are the folders of the tree that its code may be deployed from. Of equally
/// good ones the first base, and the package's own top before any folder in it.
#[must_use]
pub fn find(bases: &[String], tree: &[&str], package: &[&str]) -> Layout {
    let mut best: Option<Layout> = None;
    for base in bases {
        let inner: FxHashSet<&str> = tree.iter().filter_map(|path| below(path, base)).collect();
        let mut counts: FxHashMap<&str, usize> = FxHashMap::default();
        for path in package {
            if inner.contains(path) {
                *counts.entry("").or_default() += 1;
            }
            for (slash, _) in path.match_indices('/') {
                if inner.contains(&path[slash + 1..]) {
                    *counts.entry(&path[..slash]).or_default() += 1;
                }
            }
        }
        for (inside, common) in counts {
            let found = Layout {
                base: base.clone(),
                inside: inside.to_owned(),
                common,
            };
            let is_better = best.as_ref().is_none_or(|best| {
                common > best.common
                    || common == best.common
                        && found.base == best.base
                        && (inside.len(), inside) < (best.inside.len(), best.inside.as_str())
            });
            if is_better {
                best = Some(found);
            }
        }
    }
    best.unwrap_or_else(|| Layout {
        base: bases.first().cloned().unwrap_or_default(),
        ..Layout::default()
    })
}

#[cfg(test)]
mod tests {
    use super::find;

    fn layout(bases: &[&str], tree: &[&str], package: &[&str]) -> (String, String) {
        let bases: Vec<String> = bases.iter().map(|&base| base.to_owned()).collect();
        let found = find(&bases, tree, package);
        (found.base, found.inside)
    }

    #[test]
    fn a_package_of_one_folder() {
        let tree = ["src/a.py", "src/p/b.py", "tests/t.py"];
        let told = |base: &str, inside: &str| (base.to_owned(), inside.to_owned());
        assert_eq!(
            layout(&["src"], &tree, &["a.py", "p/b.py"]),
            told("src", "")
        );
        assert_eq!(layout(&["src"], &tree, &["src/a.py"]), told("src", "src"));
        assert_eq!(layout(&[""], &tree, &["src/a.py"]), told("", ""));
        assert_eq!(
            layout(&["src"], &tree, &["x/src/a.py"]),
            told("src", "x/src")
        );
    }
}
