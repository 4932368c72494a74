//! What a program needs to run: the files that its entry points lead to.
//!
//! ```text
//! entry points ──> imports (packages around them, lazy ones, literal `import_module`) ──┐
//!              ──> calls that evaluation followed through tables of names ──────────────┼──> files, each with its way
//!              ──> files beside `__file__` that literal paths name ─────────────────────┘
//! ```

mod data;
mod edges;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use crate::analysis::{Linked, Memory, read};
use crate::config::Settings;
use crate::eval;
use crate::facts::FileId;
use crate::package::{Need, Needed, Step};
use crate::program::{ModuleId, Program};
use crate::source::Tree;

use edges::{Edge, Edges};

/// What a program needs.
#[derive(Clone, Debug, Default)]
pub struct Closure {
    /// The files, by path; entry points among them.
    pub needed: Vec<Needed>,
    /// The files in which execution starts.
    pub entries: Vec<Arc<str>>,
    /// Whether no entry point is known, so that every module is taken for one.
    pub is_guess: bool,
    /// The import roots of the tree, from its top; empty for the top itself.
    pub roots: Vec<String>,
}

/// The files that a tree's entry points need: those that templates, the configuration and custom name. Where no entry point is known, every module
/// that is no test is one. `files` are the paths of all files of the tree, sorted, data among them. Run it within [`super::pool`].
#[must_use]
pub fn closure(tree: &Tree, files: &[Arc<str>], settings: &Settings) -> Closure {
    let Linked { program, .. } = read(tree, settings, &Memory::default());
    let (starts, is_guess) = starts(&program, tree);
    // What nobody is known to start need not be needed.
    let need = if is_guess { Need::Named } else { Need::Import };
    let graph = eval::call_graph(&program);
    let edges = Edges::new(&program, tree, files, &graph);
    let mut walk = Walk {
        tree,
        found: BTreeMap::new(),
        queue: VecDeque::new(),
    };
    for &start in &starts {
        walk.reach(path(&program, tree, start), need, Vec::new());
        walk.queue.push_back(start);
    }
    while let Some(module) = walk.queue.pop_front() {
        for edge in edges.of(module) {
            walk.follow(&program, module, edge);
        }
    }
    let names: BTreeMap<Arc<str>, String> = program
        .modules()
        .iter()
        .map(|module| {
            let path = Arc::clone(&tree.file(module.file).path);
            (path, module.name.to_string())
        })
        .collect();
    let needed = walk.found.into_iter().map(|(path, (need, way))| Needed {
        module: names.get(&path).cloned(),
        path,
        need,
        way,
    });
    Closure {
        is_guess,
        needed: needed.collect(),
        entries: starts.iter().map(|&id| path(&program, tree, id)).collect(),
        roots: program
            .roots()
            .iter()
            .map(|root| root.path.clone())
            .collect(),
    }
}

/// Where execution starts, and whether that is only a guess.
fn starts(program: &Program, tree: &Tree) -> (Vec<ModuleId>, bool) {
    let mut starts: Vec<ModuleId> = program
        .entry_points()
        .iter()
        .filter_map(|entry| entry.module)
        .collect();
    let is_guess = starts.is_empty();
    if is_guess {
        starts = program
            .module_ids()
            .filter(|&id| !is_test(&path(program, tree, id)))
            .collect();
    }
    starts.dedup();
    (starts, is_guess)
}

/// Whether a file is a test, by the names that test runners look for (pytest's and unittest's documentation).
#[must_use]
pub fn is_test(path: &str) -> bool {
    let mut parts = path.rsplit('/');
    let name = parts.next().unwrap_or(path);
    let is_folder = |part: &str| matches!(part, "test" | "tests");
    name == "conftest.py"
        || name.starts_with("test_")
        || name.ends_with("_test.py")
        || parts.any(is_folder)
}

fn path(program: &Program, tree: &Tree, module: ModuleId) -> Arc<str> {
    Arc::clone(&tree.file(program.module(module).file).path)
}

/// What was reached so far.
struct Walk<'t> {
    tree: &'t Tree,
    found: BTreeMap<Arc<str>, (Need, Vec<Step>)>,
    queue: VecDeque<ModuleId>,
}

impl Walk<'_> {
    /// Notes a file; whether it is needed more than was known.
    fn reach(&mut self, path: Arc<str>, need: Need, way: Vec<Step>) -> bool {
        match self.found.get_mut(&path) {
            Some(known) if known.0 >= need => false,
            Some(known) => {
                *known = (need, way);
                true
            }
            None => {
                self.found.insert(path, (need, way));
                true
            }
        }
    }

    fn follow(&mut self, program: &Program, from: ModuleId, edge: &Edge) {
        let file = program.module(from).file;
        let from_path = &self.tree.file(file).path;
        let Some((need, way)) = self.found.get(from_path).cloned() else {
            return;
        };
        let mut way = way;
        way.push(Step {
            path: Arc::clone(from_path),
            line: line(self.tree, file, edge.at),
            note: edge.note.clone(),
        });
        let is_new = self.reach(Arc::clone(&edge.to), need.min(edge.need), way);
        if is_new && let Some(module) = edge.module {
            self.queue.push_back(module);
        }
    }
}

fn line(tree: &Tree, file: FileId, at: u32) -> u32 {
    tree.file(file).text.position(at).line
}
