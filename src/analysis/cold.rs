//! What is loaded before the first request: the modules that importing a handler's module imports at once.
//!
//! In the order in which CPython would load them: packages before what is in them, imports where they stand. What stands in a function, under `if TYPE_CHECKING:` or
//! under `if __name__ == '__main__':` is not loaded then; both arms of any other test are taken to be.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::{Memory, read};
use crate::config::Settings;
use crate::environment::{Environment, Provider, Standing};
use crate::facts::FileId;
use crate::package::{InTree, Step};
use crate::program::{ImportPlace, ModuleId, Program};
use crate::source::Tree;
use crate::syntax::ir::{Constant, Expr, ExprKind, Module, Range, Stmt, StmtKind};
use crate::syntax::visit;

/// A module of the tree that is loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loaded {
    /// Its dotted name.
    pub module: String,
    /// Its file.
    pub path: Arc<str>,
    /// How many lines that has.
    pub lines: u32,
    /// Which of the loaded modules asked for it first, counting along them; none for the handler's own.
    pub by: Option<usize>,
    /// From the handler's module to it.
    pub way: Vec<Step>,
}

/// A module outside the tree that is loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadedOutside {
    /// Its dotted name, as it is imported.
    pub module: String,
    /// Who provides it, in words; none where nobody is known to.
    pub from: Option<String>,
    /// From the handler's module to the import.
    pub way: Vec<Step>,
}

/// A distribution of which something is loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weight {
    /// Its name and version.
    pub name: String,
    /// How many bytes it has, as its RECORD says; none where that is not known.
    pub bytes: Option<u64>,
    /// The modules of it that are loaded and that show: those that lie in the tree, and those that the tree imports.
    pub modules: Vec<String>,
    /// From the handler's module to the first of them.
    pub way: Vec<Step>,
}

/// What one handler loads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ColdStart {
    /// `module.function`.
    pub handler: String,
    /// Who names it: `template.yaml: Api`.
    pub named_by: Option<String>,
    /// The modules of the tree, in the order in which they begin to load.
    pub modules: Vec<Loaded>,
    /// Modules that neither the tree nor the standard library has, by name.
    pub outside: Vec<LoadedOutside>,
    /// The distributions that these and some of the tree's modules belong to, the heaviest first.
    pub weights: Vec<Weight>,
}

impl ColdStart {
    /// How many lines are loaded.
    #[must_use]
    pub fn lines(&self) -> u32 {
        self.modules.iter().map(|module| module.lines).sum()
    }

    /// How many bytes the distributions have of which something is loaded, as far as that is known.
    #[must_use]
    pub fn third_party(&self) -> u64 {
        self.weights.iter().filter_map(|weight| weight.bytes).sum()
    }
}

/// What each entry point of a tree loads; `in_tree` are the distributions that lie in it. Run it within [`super::pool`].
#[must_use]
pub fn cold_starts(tree: &Tree, settings: &Settings, in_tree: &[InTree]) -> Vec<ColdStart> {
    let program = read(tree, settings, &Memory::default()).program;
    let outside = program.imports_outside();
    let entries = program.entry_points().iter();
    let starts = entries.filter_map(|entry| {
        let mut load = Load {
            program: &program,
            tree,
            seen: FxHashSet::default(),
            modules: Vec::new(),
        };
        load.module(entry.module?, None, &[]);
        let mut found = Vec::new();
        for (&name, places) in &outside {
            if let Some(way) = load.first_of(places) {
                let from = program
                    .standing(name)
                    .and_then(|(standing, _)| from(standing));
                found.push(LoadedOutside {
                    module: name.to_string(),
                    from,
                    way,
                });
            }
        }
        let modules: Vec<Loaded> = load.modules.into_iter().map(|(_, loaded)| loaded).collect();
        Some(ColdStart {
            handler: format!("{}.{}", entry.module_name, entry.function),
            named_by: entry.named_by.clone(),
            weights: weights(&modules, &found, in_tree, &settings.environment),
            modules,
            outside: found,
        })
    });
    starts.collect()
}

/// The distributions that modules belong to, the heaviest first.
fn weights(
    modules: &[Loaded],
    outside: &[LoadedOutside],
    in_tree: &[InTree],
    environment: &Environment,
) -> Vec<Weight> {
    let mut found: Vec<Weight> = Vec::new();
    let mut note = |name: &str, bytes: Option<u64>, module: &str, way: &[Step]| match found
        .iter_mut()
        .find(|weight| weight.name == name)
    {
        Some(weight) => weight.modules.push(module.to_owned()),
        None => found.push(Weight {
            name: name.to_owned(),
            bytes,
            modules: vec![module.to_owned()],
            way: way.to_vec(),
        }),
    };
    for loaded in modules {
        let mut all = in_tree.iter();
        if let Some(own) = all.find(|it| it.files.contains(&*loaded.path)) {
            note(&own.name, Some(own.bytes), &loaded.module, &loaded.way);
        }
    }
    for loaded in outside {
        let mut installed = environment.installed.iter();
        if let Some(place) = installed.find(|it| it.provides(&loaded.module))
            && let Some(owner) = place.owner(&loaded.module)
        {
            note(&owner, place.size(&owner), &loaded.module, &loaded.way);
        }
    }
    found.sort_by(|a, b| (b.bytes, &a.name).cmp(&(a.bytes, &b.name)));
    found
}

fn from(standing: &Standing) -> Option<String> {
    match standing {
        Standing::Provided(Provider::Runtime(name)) => Some((*name).to_owned()),
        Standing::Provided(Provider::Installed(place)) => Some(place.clone()),
        Standing::Provided(Provider::Declared(name, file)) => Some(format!("{name} ({file})")),
        _ => None,
    }
}

struct Load<'p> {
    program: &'p Program,
    tree: &'p Tree,
    seen: FxHashSet<ModuleId>,
    modules: Vec<(ModuleId, Loaded)>,
}

impl Load<'_> {
    /// Loads a module that was not loaded yet, after the packages around it, and then what it imports.
    fn module(&mut self, id: ModuleId, by: Option<usize>, way: &[Step]) {
        for package in self.program.packages_around(id) {
            if !self.seen.contains(&package) {
                self.one(package, by, way);
            }
        }
        if !self.seen.contains(&id) {
            self.one(id, by, way);
        }
    }

    fn one(&mut self, id: ModuleId, by: Option<usize>, way: &[Step]) {
        self.seen.insert(id);
        let module = self.program.module(id);
        let file = self.tree.file(module.file);
        let own = self.modules.len();
        let loaded = Loaded {
            module: module.name.to_string(),
            path: Arc::clone(&file.path),
            lines: file.text.line_count(),
            by,
            way: way.to_vec(),
        };
        self.modules.push((id, loaded));
        let by_hand = by_hand(&module.ir);
        for site in self.program.import_sites(id) {
            let at = site.place.range.start;
            let is_by_hand = by_hand.iter().any(|it| it.start <= at && at < it.end);
            if site.function.is_some() || site.for_checkers || is_by_hand {
                continue;
            }
            let name = self.program.module(site.module).name;
            let mut way = way.to_vec();
            way.push(self.step(module.file, at, format!("imports {name}")));
            self.module(site.module, Some(own), &way);
        }
    }

    fn step(&self, file: FileId, at: u32, note: String) -> Step {
        let file = self.tree.file(file);
        Step {
            path: Arc::clone(&file.path),
            line: file.text.position(at).line,
            note,
        }
    }

    /// The way to the first of some imports that is loaded, and no function's.
    fn first_of(&self, places: &[ImportPlace]) -> Option<Vec<Step>> {
        self.modules.iter().find_map(|(id, loaded)| {
            let ir = &self.program.module(*id).ir;
            let (by_hand, functions) = (by_hand(ir), functions(ir));
            let is_at_once = |at: u32| {
                let mut later = by_hand.iter().chain(&functions);
                !later.any(|it| it.start <= at && at < it.end)
            };
            let mut own = places.iter().filter(|(importer, _)| importer == id);
            let (_, range) = own.find(|(_, range)| is_at_once(range.start))?;
            let mut way = loaded.way.clone();
            let file = self.program.module(*id).file;
            way.push(self.step(file, range.start, "imports it".to_owned()));
            Some(way)
        })
    }
}

/// What of a module runs only where its file is run by hand, or for type checkers.
fn by_hand(ir: &Module) -> Vec<Range> {
    let is_it = |test: &Expr| {
        let mut found = false;
        visit::expressions(test, &mut |expr| {
            found |= match &expr.kind {
                ExprKind::Constant(Constant::Str(text)) => text.as_str() == "__main__",
                ExprKind::Name(name, _) => name.as_str() == "TYPE_CHECKING",
                ExprKind::Attribute { attribute, .. } => attribute.as_str() == "TYPE_CHECKING",
                _ => false,
            };
        });
        found
    };
    let mut found = Vec::new();
    for stmt in &ir.body {
        if let StmtKind::If { branches, .. } = &stmt.kind {
            let branches = branches.iter().filter(|branch| is_it(&branch.test));
            found.extend(branches.filter_map(|branch| span(&branch.body)));
        }
    }
    found
}

fn functions(ir: &Module) -> Vec<Range> {
    let bodies = ir.functions.iter();
    bodies.filter_map(|function| span(&function.body)).collect()
}

fn span(body: &[Stmt]) -> Option<Range> {
    Some(Range::new(
        body.first()?.range.start,
        body.last()?.range.end,
    ))
}
