//! What evaluated trees say of another one with the same files in another mixture: which of its functions need not be evaluated again.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::eval::changes::{FileSet, LookedInto};
use crate::eval::value::FunctionRef;
use crate::program::{ModuleId, Program};
use crate::source::Tree;
use crate::syntax::ir::Module;

/// The numbers of the files that differ between two trees, by path.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    by_path: FxHashMap<Arc<str>, u32>,
}

impl Numbers {
    /// Numbers the paths at which the trees differ, in order.
    pub(super) fn new(one: &Tree, other: &Tree) -> Self {
        let differs = |tree: &Tree, path: &str, from: &Tree| {
            let text = |tree: &Tree| tree.find(path).map(|id| Arc::clone(&tree.file(id).text));
            match (text(tree), text(from)) {
                (Some(left), Some(right)) => !Arc::ptr_eq(&left, &right),
                _ => true,
            }
        };
        let mut paths: Vec<Arc<str>> = Vec::new();
        for (tree, from) in [(one, other), (other, one)] {
            let changed = tree
                .iter()
                .filter(|(_, file)| differs(tree, &file.path, from));
            paths.extend(changed.map(|(_, file)| Arc::from(&*file.path)));
        }
        paths.sort_unstable();
        paths.dedup();
        Self {
            by_path: paths.into_iter().zip(0..).collect(),
        }
    }

    /// The number of a file; none if it does not differ.
    pub(super) fn of(&self, path: &str) -> Option<u32> {
        self.by_path.get(path).copied()
    }

    /// The set of these files; those that are the same in both trees count for nothing.
    pub(super) fn set<'a>(&self, paths: impl Iterator<Item = &'a str>) -> FileSet {
        paths
            .filter_map(|path| self.by_path.get(path))
            .fold(FileSet::NONE, |set, &number| set.union(FileSet::of(number)))
    }
}

/// An evaluated tree.
#[derive(Debug, Default)]
pub(super) struct Known {
    modules: FxHashMap<Arc<str>, (ModuleId, Arc<Module>)>,
    looked_into: LookedInto,
}

impl Known {
    /// What the evaluation of `program`, the modules of `tree`, looked into.
    pub(super) fn new(tree: &Tree, program: &Program, looked_into: LookedInto) -> Self {
        let modules = program.module_ids().map(|id| {
            let module = program.module(id);
            let path: Arc<str> = Arc::from(&*tree.file(module.file).path);
            (path, (id, Arc::clone(&module.ir)))
        });
        Self {
            modules: modules.collect(),
            looked_into,
        }
    }

    /// The files that a function of another tree rests on here; none if this tree does not have its file, or not as it is there.
    fn rests_on(&self, path: &str, module: &Arc<Module>, function: FunctionRef) -> Option<FileSet> {
        let (id, known) = self.modules.get(path)?;
        if !Arc::ptr_eq(known, module) {
            return None;
        }
        let function = FunctionRef {
            module: *id,
            ..function
        };
        self.looked_into.get(&function).copied()
    }
}

/// What a function of a mixed tree looks into, if it does what it does in one of the known trees.
///
/// `known` are these trees, each with the files that the mixed one has otherwise. A function that looks into none of them does what it does
/// there. None: it has to be evaluated. So has one with an effect on what others see, in any case.
pub(super) fn settled(
    known: &[(&Known, FileSet)],
    path: &str,
    module: &Arc<Module>,
    function: FunctionRef,
) -> Option<FileSet> {
    let mut settled = None;
    for (tree, differing) in known {
        if let Some(files) = tree.rests_on(path, module, function) {
            if files.has_effect() {
                return None;
            }
            if !files.meets(*differing) {
                settled = settled.or(Some(files));
            }
        }
    }
    settled
}
