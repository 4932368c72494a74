//! Files put together for a drawing: by layer, or by folder where there is but one layer.

use std::collections::BTreeMap;

use crate::graph::{LayerFile, LayerGraph};

/// More boxes than these nobody reads: the smallest are put together.
const MOST: usize = 10;

/// Files that are one box.
pub(super) struct Group {
    /// What it is called.
    pub name: String,
    /// Its files, as indexes of [`Grouped::files`], sorted.
    pub files: Vec<usize>,
}

/// All files with their groups, and who calls whom.
pub(super) struct Grouped<'a> {
    /// The paths, sorted by layer and name.
    pub files: Vec<&'a str>,
    /// For each file its group.
    pub group_of: Vec<usize>,
    /// The groups, from the outermost.
    pub groups: Vec<Group>,
    /// How many pairs of functions call each other, by caller's and callee's file.
    pub calls: BTreeMap<(usize, usize), usize>,
    /// The same by group, without those within one.
    pub between: BTreeMap<(usize, usize), usize>,
}

impl<'a> Grouped<'a> {
    /// Puts the files together.
    pub(super) fn new(graph: &'a LayerGraph) -> Self {
        let files: Vec<&LayerFile> = graph.files.iter().collect();
        let number: BTreeMap<&LayerFile, usize> = files
            .iter()
            .copied()
            .enumerate()
            .map(|(index, file)| (file, index))
            .collect();
        let calls: BTreeMap<(usize, usize), usize> = graph
            .calls
            .iter()
            .filter_map(|((from, to), calls)| {
                Some(((*number.get(from)?, *number.get(to)?), *calls))
            })
            .collect();
        let paths: Vec<&str> = files.iter().map(|(_, path)| path.as_str()).collect();
        let groups = if graph.is_layered() {
            by_layer(graph, &files)
        } else {
            by_folder(&paths, &calls)
        };
        let mut group_of = vec![0; paths.len()];
        for (index, group) in groups.iter().enumerate() {
            for &file in &group.files {
                group_of[file] = index;
            }
        }
        let mut between = BTreeMap::new();
        for (&(from, to), number) in &calls {
            let (from, to) = (group_of[from], group_of[to]);
            if from != to {
                *between.entry((from, to)).or_default() += number;
            }
        }
        Self {
            files: paths,
            group_of,
            groups,
            calls,
            between,
        }
    }

    /// How many calls there are between files of one group.
    pub(super) fn inside(&self, group: usize) -> usize {
        let calls = self.calls.iter();
        let inside = calls
            .filter(|((from, to), _)| self.group_of[*from] == group && self.group_of[*to] == group);
        inside.map(|(_, number)| number).sum()
    }
}

fn by_layer(graph: &LayerGraph, files: &[&LayerFile]) -> Vec<Group> {
    let groups = (0..graph.names.len()).map(|layer| Group {
        name: graph.name(layer).to_owned(),
        files: (0..files.len())
            .filter(|&file| files[file].0 == layer)
            .collect(),
    });
    groups.filter(|group| !group.files.is_empty()).collect()
}

/// The folder below what all paths have in common, or the file itself; those that call more than they are called come first.
fn by_folder(paths: &[&str], calls: &BTreeMap<(usize, usize), usize>) -> Vec<Group> {
    let common = common_folder(paths);
    let mut folders: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (file, path) in paths.iter().enumerate() {
        let below = &path[common..];
        let folder = below.split_once('/').map_or(below, |(folder, _)| folder);
        folders.entry(folder).or_default().push(file);
    }
    let mut groups: Vec<Group> = folders
        .into_iter()
        .map(|(folder, files)| Group {
            name: folder.to_owned(),
            files,
        })
        .collect();
    if groups.len() > MOST {
        groups.sort_by_key(|group| std::cmp::Reverse(group.files.len()));
        let mut others: Vec<usize> = groups
            .drain(MOST - 1..)
            .flat_map(|group| group.files)
            .collect();
        others.sort_unstable();
        groups.push(Group {
            name: "all others".to_owned(),
            files: others,
        });
    }
    let number = |map: &dyn Fn(&(usize, usize)) -> usize, group: &Group| -> usize {
        let calls = calls.iter();
        let those = calls.filter(|(pair, _)| group.files.binary_search(&map(pair)).is_ok());
        those.map(|(_, number)| number).sum()
    };
    groups.sort_by_cached_key(|group| {
        let made = number(&|pair| pair.0, group);
        let got = number(&|pair| pair.1, group);
        let net = i64::try_from(got).unwrap_or(i64::MAX) - i64::try_from(made).unwrap_or(i64::MAX);
        (net, group.name.clone())
    });
    groups
}

/// How many bytes of all paths are folders that they share.
pub(super) fn common_folder(paths: &[&str]) -> usize {
    let Some((first, rest)) = paths.split_first() else {
        return 0;
    };
    let mut common = first.rfind('/').map_or(0, |slash| slash + 1);
    while common > 0 && !rest.iter().all(|path| path.starts_with(&first[..common])) {
        common = first[..common - 1].rfind('/').map_or(0, |slash| slash + 1);
    }
    common
}

#[cfg(test)]
mod tests {
    use super::{Grouped, common_folder};
    use crate::graph::LayerGraph;

    #[test]
    fn folders_are_boxes_where_there_is_one_layer() {
        let file = |path: &str| (0, path.to_owned());
        let mut graph = LayerGraph::default();
        graph
            .files
            .extend(["p/a/x.py", "p/a/y.py", "p/main.py"].map(file));
        graph.calls.insert((file("p/main.py"), file("p/a/x.py")), 3);
        graph.calls.insert((file("p/a/x.py"), file("p/a/y.py")), 2);
        let grouped = Grouped::new(&graph);
        let names: Vec<&str> = grouped
            .groups
            .iter()
            .map(|group| group.name.as_str())
            .collect();
        assert_eq!(names, ["main.py", "a"]);
        assert_eq!(grouped.between.iter().collect::<Vec<_>>(), [(&(0, 1), &3)]);
        assert_eq!((grouped.inside(0), grouped.inside(1)), (0, 2));
        assert_eq!(common_folder(&["a/b.py", "ab/c.py"]), 0);
        assert_eq!(common_folder(&["a/b/c.py", "a/b/d.py"]), 4);
    }
}
