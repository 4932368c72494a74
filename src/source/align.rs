//! Bringing the paths of two trees together: a zip of what `src` holds, compared with the repository that has `src`.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::tree::{Alignment, Tree};

/// How the paths of `against` must change so that most of them are paths of `candidate`; None if they should stay.
///
/// Every directory that could be the other tree's root is scored by the number of files that then have the same path. The best one
/// wins if it is better than leaving the paths alone and at least half of the smaller tree's files match; of equally good ones the
/// shortest, then the first by name.
pub(super) fn find(candidate: &Tree, against: &Tree) -> Option<Alignment> {
    let ours: FxHashSet<&str> = candidate.files.iter().map(|file| &*file.path).collect();
    let theirs: FxHashSet<&str> = against.files.iter().map(|file| &*file.path).collect();
    let unchanged = ours.intersection(&theirs).count();
    let enough = (ours.len().min(theirs.len()).div_ceil(2)).max(unchanged + 1);
    let added =
        best(&ours, &theirs).map(|(count, prefix)| (count, Alignment::Added(prefix.to_owned())));
    let stripped =
        best(&theirs, &ours).map(|(count, prefix)| (count, Alignment::Stripped(prefix.to_owned())));
    let best = match (added, stripped) {
        (Some(added), Some(stripped)) if stripped.0 > added.0 => Some(stripped),
        (Some(added), _) => Some(added),
        (None, stripped) => stripped,
    };
    best.filter(|&(count, _)| count >= enough)
        .map(|(_, alignment)| alignment)
}

/// The directory of `outer` below which most paths are those of `inner`, with their number.
fn best<'p>(outer: &FxHashSet<&'p str>, inner: &FxHashSet<&str>) -> Option<(usize, &'p str)> {
    let mut counts: FxHashMap<&str, usize> = FxHashMap::default();
    for path in outer {
        for (slash, _) in path.match_indices('/') {
            if inner.contains(&path[slash + 1..]) {
                *counts.entry(&path[..slash]).or_default() += 1;
            }
        }
    }
    counts
        .into_iter()
        .map(|(prefix, count)| (count, prefix))
        .max_by(|a, b| {
            let shorter = b.1.len().cmp(&a.1.len());
            a.0.cmp(&b.0).then(shorter).then_with(|| b.1.cmp(a.1))
        })
}

/// Changes the paths of `tree`, and notes it there.
pub(super) fn apply(tree: &mut Tree, alignment: Alignment) {
    let moved = |path: &str| -> Option<String> {
        match &alignment {
            Alignment::Added(prefix) => Some(format!("{prefix}/{path}")),
            Alignment::Stripped(prefix) => path
                .strip_prefix(prefix.as_str())?
                .strip_prefix('/')
                .map(str::to_owned),
        }
    };
    // One prefix for all keeps the order.
    tree.files.retain_mut(|file| match moved(&file.path) {
        Some(path) => {
            file.path = Arc::from(path);
            true
        }
        None => false,
    });
    tree.others = tree
        .others
        .iter()
        .filter_map(|path| moved(path))
        .map(Arc::from)
        .collect();
    tree.problems
        .retain_mut(|problem| match moved(&problem.path) {
            Some(path) => {
                problem.path = path;
                true
            }
            None => false,
        });
    tree.alignment = Some(alignment);
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{apply, find};
    use crate::source::Text;
    use crate::source::tree::{Alignment, Contents, File, Kind, Tree};

    fn tree(paths: &[&str]) -> Tree {
        let mut contents = Contents::default();
        for path in paths {
            contents.files.push(File {
                path: Arc::from(*path),
                blob: None,
                text: Arc::new(Text::decode(Vec::new())),
            });
        }
        contents.into_tree(Kind::Zip, "z".to_owned())
    }

    #[test]
    fn a_zip_of_one_directory() {
        let candidate = tree(&["src/a.py", "src/p/__init__.py", "src/p/b.py", "tests/t.py"]);
        let mut zip = tree(&["a.py", "p/__init__.py", "p/b.py", "vendored.py"]);
        let alignment = find(&candidate, &zip).unwrap();
        assert_eq!(alignment, Alignment::Added("src".to_owned()));
        apply(&mut zip, alignment);
        let paths: Vec<_> = zip.files.iter().map(|file| &*file.path).collect();
        assert_eq!(
            paths,
            [
                "src/a.py",
                "src/p/__init__.py",
                "src/p/b.py",
                "src/vendored.py"
            ]
        );
    }

    #[test]
    fn the_directory_of_a_whole_tree() {
        let candidate = tree(&["a.py", "b.py"]);
        let mut whole = tree(&["x/src/a.py", "x/src/b.py", "x/t.py"]);
        let alignment = find(&candidate, &whole).unwrap();
        assert_eq!(alignment, Alignment::Stripped("x/src".to_owned()));
        apply(&mut whole, alignment);
        let paths: Vec<_> = whole.files.iter().map(|file| &*file.path).collect();
        assert_eq!(paths, ["a.py", "b.py"]);
    }

    #[test]
    fn equal_layouts_and_chance_meetings_stay() {
        let same = tree(&["a/x.py", "x.py", "y.py"]);
        assert_eq!(find(&same, &same), None);
        let candidate = tree(&["p/__init__.py", "p/a.py", "q.py"]);
        assert_eq!(
            find(
                &candidate,
                &tree(&["__init__.py", "other.py", "more.py", "z.py"])
            ),
            None
        );
        assert_eq!(find(&candidate, &tree(&[])), None);
    }
}
