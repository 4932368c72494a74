//! What is loaded before the first request: the modules that importing a handler's module imports at once.
//!
//! In the order in which CPython would load them: packages before what is in them, imports where they stand. What stands in a function, under `if TYPE_CHECKING:` or
//! under `if __name__ == '__main__':` is not loaded then; both arms of any other test are taken to be.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::{Memory, read};
use crate::config::Settings;
use crate::environment::{Provider, Standing};
use crate::facts::FileId;
use crate::package::Step;
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
}

impl ColdStart {
    /// How many lines are loaded.
    #[must_use]
    pub fn lines(&self) -> u32 {
        self.modules.iter().map(|module| module.lines).sum()
    }
}

/// What each entry point of a tree loads. Run it within [`super::pool`].
#[must_use]
pub fn cold_starts(tree: &Tree, settings: &Settings) -> Vec<ColdStart> {
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
        Some(ColdStart {
            handler: format!("{}.{}", entry.module_name, entry.function),
            named_by: entry.named_by.clone(),
            modules: load.modules.into_iter().map(|(_, loaded)| loaded).collect(),
            outside: found,
        })
    });
    starts.collect()
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
