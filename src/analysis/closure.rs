//! What a program needs to run: the files that its entry points lead to.
//!
//! ```text
//! entry points ──> imports (packages around them, lazy ones, literal `import_module`) ──┐
//!              ──> calls that evaluation followed through tables of names ──────────────┼──> files, each with its way
//!              ──> files beside `__file__` that literal paths name ─────────────────────┘
//! ```

mod calls;
mod data;
mod edges;
mod variables;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use crate::analysis::{Linked, Memory, read};
use crate::config::Settings;
use crate::facts::{CallGraph, FileId};
use crate::package::{InTree, Need, Needed, Step};
use crate::program::{ModuleId, Program};
use crate::source::Tree;

use edges::{Edge, Edges};

/// Where a program starts, as far as that shows before its calls are followed.
#[derive(Clone, Debug, Default)]
pub struct Outline {
    /// The files in which execution starts.
    pub entries: Vec<Arc<str>>,
    /// Whether no entry point is known, so that every module is taken for one.
    pub is_guess: bool,
    /// The import roots of the tree, from its top; empty for the top itself.
    pub roots: Vec<String>,
}

/// What a program needs.
#[derive(Clone, Debug, Default)]
pub struct Closure {
    /// The files, by path; entry points among them.
    pub needed: Vec<Needed>,
    /// Where it starts.
    pub outline: Outline,
    /// The installed distributions whose files lie in the tree.
    pub installed: Vec<InTree>,
}

/// A program that was read, and what is needed of which is still to be found out.
pub struct Outlined {
    /// Where it starts.
    pub outline: Outline,
    linked: Linked,
    starts: Vec<ModuleId>,
}

/// Reads a tree as far as shows where it starts: in the entry points that templates, the configuration and custom name. Where no entry point is known, every module that is no
/// test is one. Run it within [`super::pool`].
#[must_use]
pub fn outline(tree: &Tree, settings: &Settings, memory: &Memory) -> Outlined {
    let linked = read(tree, settings, memory);
    let program = &linked.program;
    let (starts, is_guess) = starts(program, tree);
    let roots = program.roots().iter();
    Outlined {
        outline: Outline {
            entries: starts.iter().map(|&id| path(program, tree, id)).collect(),
            is_guess,
            roots: roots.map(|root| root.path.clone()).collect(),
        },
        starts,
        linked,
    }
}

impl Outlined {
    /// The files that the entry points need. `tree` and `settings` are those that it was read with, `files` the paths of all files of the tree, sorted, data among them;
    /// `installed` are the distributions whose files lie in it. Run it within [`super::pool`].
    #[must_use]
    pub fn closure(
        &self,
        tree: &Tree,
        (files, installed): (&[Arc<str>], Vec<InTree>),
        settings: &Settings,
    ) -> Closure {
        let program = &self.linked.program;
        // What nobody is known to start need not be needed.
        let need = if self.outline.is_guess {
            Need::Named
        } else {
            Need::Import
        };
        let graph = calls::own(&self.linked, tree, settings, &installed);
        let edges = Edges::new(program, tree, files, &graph);
        Closure {
            needed: needed(program, tree, &edges, (&self.starts, need)),
            outline: self.outline.clone(),
            installed,
        }
    }
}

/// The files that imports lead to from the entry points, and names of modules in strings: by path. None where nobody knows where execution starts. Run it within
/// [`super::pool`].
#[must_use]
pub fn imported(tree: &Tree, settings: &Settings, memory: &Memory) -> Option<BTreeSet<Arc<str>>> {
    let Linked { program, .. } = read(tree, settings, memory);
    let (starts, is_guess) = starts(&program, tree);
    if is_guess {
        return None;
    }
    let edges = Edges::new(&program, tree, &[], &CallGraph::default());
    let needed = needed(&program, tree, &edges, (&starts, Need::Import));
    Some(needed.into_iter().map(|needed| needed.path).collect())
}

/// An environment variable that a module reads as `os.environ['NAME']`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    /// The variable.
    pub variable: String,
    /// The file, and the line in it, from 1.
    pub path: Arc<str>,
    /// The line.
    pub line: u32,
}

/// The environment variables that the code behind each entry point reads without a default: with what names the entry point. What is read in a `try` that expects it, or set
/// by the code itself, is left out. `installed` are the distributions whose files lie in the tree. Run it within [`super::pool`].
#[must_use]
pub fn variables_read(
    tree: &Tree,
    settings: &Settings,
    installed: &[InTree],
    memory: &Memory,
) -> Vec<(String, Vec<Read>)> {
    let linked = read(tree, settings, memory);
    let graph = calls::own(&linked, tree, settings, installed);
    let Linked { program, modules } = linked;
    let edges = Edges::new(&program, tree, &[], &graph);
    let mut found = Vec::new();
    for entry in program.entry_points() {
        let (Some(start), Some(named_by)) = (entry.module, &entry.named_by) else {
            continue;
        };
        let needed = needed(&program, tree, &edges, (&[start], Need::Import));
        let files = needed.iter().filter_map(|needed| tree.find(&needed.path));
        let files: Vec<FileId> = files.collect();
        let parsed = |file: &FileId| modules.get(file.0 as usize).map(AsRef::as_ref);
        let set = variables::set(files.iter().filter_map(parsed));
        let mut reads = Vec::new();
        for &file in &files {
            let Some(module) = parsed(&file) else {
                continue;
            };
            for (variable, at) in variables::read(module) {
                if !set.contains(&variable) {
                    reads.push(Read {
                        variable,
                        path: Arc::clone(&tree.file(file).path),
                        line: line(tree, file, at),
                    });
                }
            }
        }
        found.push((named_by.clone(), reads));
    }
    found
}

/// The files that modules lead to, by path, those modules among them.
fn needed(
    program: &Program,
    tree: &Tree,
    edges: &Edges,
    (starts, need): (&[ModuleId], Need),
) -> Vec<Needed> {
    let mut walk = Walk {
        tree,
        found: BTreeMap::new(),
        queue: VecDeque::new(),
    };
    for &start in starts {
        walk.reach(path(program, tree, start), need, Vec::new());
        walk.queue.push_back(start);
    }
    while let Some(module) = walk.queue.pop_front() {
        for edge in edges.of(module) {
            walk.follow(program, module, &edge);
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
    needed.collect()
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
