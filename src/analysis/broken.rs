//! Imports of installed packages that fail within the packages: one of them takes a name from another one that, in the version that is installed, does not have it.
//!
//! ```text
//! the tree's imports ──> files of packages, along the imports that each makes in any case ──> a name that nothing in the other package's file binds
//! ```
//!
//! Statements alone are looked at that stand at the top of a file: what a test, a `try` or a `with` is around may be left out. Nothing is evaluated, and no file is read that
//! such imports do not lead to. It is asked where an upgrade is told (`--against-packages`), since a large package costs some time.

mod eager;
mod files;
mod puts;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError};

use rustc_hash::FxHashMap;

use crate::config::Settings;
use crate::environment::{BrokenImport, Environment};
use crate::facts::{
    Certainty, Confidence, Facts, Failure, FailureKind, Frame, Impact, Place, Symbol,
};
use crate::name::Name;
use crate::program::stdlib::is_standard;
use crate::program::{Module as Linked, Program, Resolution};
use crate::syntax::ir::{ExprKind, ImportFrom, Module, Range, Stmt, StmtKind, Var};
use crate::syntax::visit;

use eager::each_eager;
use files::{Found, Read, found_at, read, within};

/// How many files are read at most.
const FILES: usize = 4000;

/// Through how many star imports a name is looked for.
const STARS: usize = 8;

/// Adds what the tree's own imports lead to.
pub(super) fn with_broken_imports(
    mut facts: Facts,
    program: &Program,
    settings: &Settings,
) -> Facts {
    let environment = &settings.environment;
    if environment.moved.is_none() {
        return facts;
    }
    let own = program.modules().iter().filter(|it| !it.is_installed);
    let tops = own.clone().map(|module| top(&module.name).to_owned());
    let mut packages = Packages {
        environment,
        own: tops.collect(),
        files: FxHashMap::default(),
        entered: BTreeSet::new(),
    };
    let mut told = BTreeSet::new();
    for module in own {
        for site in sites(program, module) {
            if let Some(broken) = packages.first_broken(&site)
                && told.insert(broken.clone())
            {
                facts.failures.push(failure(module, &site, broken));
            }
        }
    }
    facts
}

/// The first part of a dotted name.
fn top(dotted: &str) -> &str {
    dotted.split('.').next().unwrap_or(dotted)
}

/// An import of the tree's own.
struct Site {
    /// The module that it names, dotted.
    module: Name,
    /// The names that it takes from it.
    names: Vec<Name>,
    range: Range,
    /// The function or module in which it stands.
    function: String,
}

/// The imports of what the tree does not have itself that run whenever the code around them does.
fn sites(program: &Program, module: &Linked) -> Vec<Site> {
    let mut found = Vec::new();
    let Some(id) = program.module_of(module.file) else {
        return found;
    };
    let ir = &module.ir;
    let mut add = |stmt: &Stmt, function: &str| {
        let (dotted, names, range) = match &stmt.kind {
            StmtKind::Import(import) => (import.module, Vec::new(), import.range),
            StmtKind::ImportFrom(import) if import.level == 0 => {
                let Some(dotted) = import.module else { return };
                let names = import.names.iter().map(|name| name.name).collect();
                (dotted, names, import.module_range)
            }
            _ => return,
        };
        if let Resolution::Module(found) = program.resolve(id, dotted)
            && !program.module(found).is_installed
        {
            return;
        }
        found.push(Site {
            module: dotted,
            names,
            range,
            function: function.to_owned(),
        });
    };
    each_straight(&ir.body, &mut |stmt| add(stmt, &module.name));
    for function in &ir.functions {
        let name = format!("{}.{}", module.name, function.qualname);
        each_straight(&function.body, &mut |stmt| add(stmt, &name));
    }
    found
}

/// The statements that run whenever a block does, those of a `with`, whose manager may swallow what is raised, left out.
fn each_straight<'ir>(body: &'ir [Stmt], visit: &mut dyn FnMut(&'ir Stmt)) {
    for stmt in body {
        if leaves(stmt) {
            return;
        }
        visit(stmt);
    }
}

/// Whether nothing behind a statement need run.
fn leaves(stmt: &Stmt) -> bool {
    let mut found = false;
    visit::statements(std::slice::from_ref(stmt), &mut |stmt| {
        found |= matches!(stmt.kind, StmtKind::Return(_) | StmtKind::Raise { .. });
    });
    found
}

fn failure(module: &Linked, site: &Site, broken: BrokenImport) -> Failure {
    let place = Place {
        file: module.file,
        range: site.range,
    };
    Failure {
        kind: FailureKind::BrokenPackage,
        confidence: Confidence::Must,
        certainty: Certainty::Site,
        impact: Impact::Breaks,
        exception: Some(broken.exception),
        evidence: None,
        subject: site.module,
        cause: place,
        cause_function: site.function.clone(),
        callee: Some(Symbol {
            name: broken.lacking,
            place,
        }),
        signature: broken.at,
        chain: vec![Frame {
            place,
            function: site.function.clone(),
            note: format!("imports {}", site.module),
        }],
        route: None,
        hidden_by: None,
    }
}

struct Packages<'e> {
    environment: &'e Environment,
    /// The top-level modules of the tree itself.
    own: BTreeSet<String>,
    files: FxHashMap<String, Option<Arc<Read>>>,
    /// The modules whose imports are being followed, or were.
    entered: BTreeSet<String>,
}

impl Packages<'_> {
    /// What one of the tree's imports fails in.
    fn first_broken(&mut self, site: &Site) -> Option<BrokenImport> {
        let module = site.module.as_str();
        let broken = self.importing(module);
        broken.or_else(|| {
            let mut names = site.names.iter();
            names.find_map(|name| self.importing_submodule(module, name.as_str()))
        })
    }

    /// What `import a.b` fails in: the packages around it are imported first.
    fn importing(&mut self, dotted: &str) -> Option<BrokenImport> {
        let ends = dotted.match_indices('.').map(|(at, _)| at);
        for end in ends.chain([dotted.len()]) {
            if let Some(broken) = self.running(&dotted[..end]) {
                return Some(broken);
            }
        }
        None
    }

    /// What `from module import name` fails in, where that is a module.
    fn importing_submodule(&mut self, module: &str, name: &str) -> Option<BrokenImport> {
        let dotted = format!("{module}.{name}");
        let is_bound = self.may_bind(module, name, 0);
        let is_module = matches!(self.find(&dotted), Found::File(..));
        (is_module && !is_bound).then(|| self.running(&dotted))?
    }

    /// What the code of one module fails in.
    fn running(&mut self, dotted: &str) -> Option<BrokenImport> {
        let known = &self.environment.imports;
        let known = known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(verdict) = known.get(dotted) {
            return verdict.clone();
        }
        drop(known);
        // One that is being imported is there already.
        if self.entered.len() > FILES || !self.entered.insert(dotted.to_owned()) {
            return None;
        }
        let read = self.read(dotted)?;
        let verdict = self.first_of(dotted, &read);
        let mut known = self.environment.imports.lock();
        let known = known.as_mut().ok()?;
        known.insert(dotted.to_owned(), verdict.clone());
        verdict
    }

    fn first_of(&mut self, dotted: &str, read: &Read) -> Option<BrokenImport> {
        if !read.ir.errors.is_empty() {
            return None;
        }
        let mut aliases: FxHashMap<Name, String> = FxHashMap::default();
        for stmt in &read.ir.body {
            if leaves(stmt) {
                return None;
            }
            let broken = match &stmt.kind {
                StmtKind::Import(import) => {
                    let module = import.module.as_str();
                    let bound = if import.has_alias {
                        module
                    } else {
                        top(module)
                    };
                    self.alias(read, import.var, bound, &mut aliases);
                    self.missing(module, read, import.range)
                        .or_else(|| self.importing(module))
                }
                StmtKind::ImportFrom(import) => self.taking(dotted, read, import),
                _ => self.reading(read, stmt, &aliases),
            };
            if broken.is_some() {
                return broken;
            }
        }
        None
    }

    /// Notes a variable that is bound once, to a module.
    fn alias(&self, read: &Read, var: Var, module: &str, aliases: &mut FxHashMap<Name, String>) {
        let Some((name, is_once)) = variable(&read.ir, var) else {
            return;
        };
        if is_once && !self.own.contains(top(module)) {
            aliases.insert(name, module.to_owned());
        }
    }

    /// `import a.b`, where `a` is a package without a `b`.
    fn missing(&mut self, dotted: &str, read: &Read, range: Range) -> Option<BrokenImport> {
        let mut ends = dotted.match_indices('.').map(|(at, _)| at);
        let first = ends.find(|&end| matches!(self.find(&dotted[..end]), Found::Missing));
        let lacking = first.map_or(dotted, |end| &dotted[..end]);
        let is_missing =
            matches!(self.find(lacking), Found::Missing) && !self.is_made_there(lacking);
        is_missing.then(|| BrokenImport {
            exception: format!("ModuleNotFoundError: No module named '{lacking}'"),
            at: read.shown(range),
            lacking: lacking.to_owned(),
        })
    }

    /// `from a import b`.
    fn taking(&mut self, dotted: &str, read: &Read, import: &ImportFrom) -> Option<BrokenImport> {
        let from = absolute(dotted, read.is_package, import)?;
        if let Some(broken) = self.missing(&from, read, import.module_range) {
            return Some(broken);
        }
        if let Some(broken) = self.importing(&from) {
            return Some(broken);
        }
        for taken in &import.names {
            let name = taken.name.as_str();
            if let Some(broken) = self.importing_submodule(&from, name) {
                return Some(broken);
            }
            if top(&from) != top(dotted)
                && self.lacks(&from, name)
                && !self.is_put_there(&from, name, read)
            {
                return Some(BrokenImport {
                    exception: format!("ImportError: cannot import name '{name}' from '{from}'"),
                    at: read.shown(taken.range),
                    lacking: from,
                });
            }
        }
        None
    }

    /// `module.name`, read whenever the statement runs.
    fn reading(
        &mut self,
        read: &Read,
        stmt: &Stmt,
        aliases: &FxHashMap<Name, String>,
    ) -> Option<BrokenImport> {
        let mut asked = Vec::new();
        each_eager(&read.ir, stmt, false, &mut |expr, in_class| {
            if let ExprKind::Attribute {
                value, attribute, ..
            } = &expr.kind
                && let ExprKind::Name(name, var) = &value.kind
                && (matches!(var, Var::Global(_)) || !in_class)
                && let Some(module) = aliases.get(name)
            {
                asked.push((module.clone(), attribute.as_str(), expr.range));
            }
        });
        let own = read.dotted_top();
        for (module, name, range) in asked {
            if top(&module) != own
                && self.lacks(&module, name)
                && !self.is_put_there(&module, name, read)
            {
                return Some(BrokenImport {
                    exception: format!(
                        "AttributeError: module '{module}' has no attribute '{name}'"
                    ),
                    at: read.shown(range),
                    lacking: module,
                });
            }
        }
        None
    }

    /// Whether nothing in a module's file binds a name, and it is no module in it either.
    fn lacks(&mut self, module: &str, name: &str) -> bool {
        let is_file = matches!(self.find(module), Found::File(..));
        let submodule = format!("{module}.{name}");
        is_file
            && !matches!(self.find(&submodule), Found::File(..) | Found::Opaque)
            && !self.may_bind(module, name, 0)
    }

    /// Whether something in a module's file may bind a name.
    fn may_bind(&mut self, module: &str, name: &str, depth: usize) -> bool {
        if IMPLICIT.contains(&name) || depth > STARS {
            return true;
        }
        let Some(read) = self.read(module) else {
            return true;
        };
        let scope = &read.ir.scope;
        let binds = |wanted: &str| {
            let mut slots = scope.slots.iter();
            slots.any(|slot| !slot.hidden && slot.name.as_str() == wanted)
        };
        if !read.ir.errors.is_empty()
            || scope.dynamic
            || puts::fills_itself(&read.ir)
            || binds(name)
            || binds("__getattr__")
            || read.says(name)
        {
            return true;
        }
        let mut stars = Vec::new();
        read.ir.each_import(|stmt| {
            if let StmtKind::ImportFrom(import) = &stmt.kind
                && import.star
            {
                stars.push(absolute(module, read.is_package, import));
            }
        });
        stars
            .into_iter()
            .any(|from| from.is_none_or(|from| self.may_bind(&from, name, depth + 1)))
    }

    /// Whether some file of the package that lacks a name, or of the one that asks for it, may put it there: it is only read once something seems broken.
    fn is_put_there(&self, module: &str, name: &str, read: &Read) -> bool {
        let mut places = self.sources(top(module));
        places.extend(self.sources(&read.dotted_top()));
        places
            .iter()
            .any(|place| puts::puts_attribute(place, module, name))
    }

    /// The same for a module in a package.
    fn is_made_there(&self, dotted: &str) -> bool {
        let places = self.sources(top(dotted));
        places.iter().any(|place| puts::makes_modules(place))
    }

    fn sources(&self, top: &str) -> Vec<PathBuf> {
        let mut all = self.environment.installed.iter().map(|it| it.sources(top));
        all.find(|found| !found.is_empty()).unwrap_or_default()
    }

    /// What a dotted name is among the packages.
    fn find(&mut self, dotted: &str) -> Found {
        let first = top(dotted);
        if self.own.contains(first) || is_standard(first) {
            return Found::Opaque;
        }
        let sources = self.sources(first);
        let [source] = sources.as_slice() else {
            return Found::Opaque;
        };
        let mut found = found_at(source);
        let mut around = first.to_owned();
        for part in dotted.split('.').skip(1) {
            let Found::File(file, is_package) = &found else {
                return Found::Opaque;
            };
            let is_closed = self
                .read(&around)
                .is_some_and(|read| !read.ir.rewires_imports);
            let directory = file.parent().unwrap_or(file);
            found = if *is_package {
                within(directory, part)
            } else {
                Found::Missing
            };
            if matches!(found, Found::Missing) {
                return if is_closed { found } else { Found::Opaque };
            }
            around = format!("{around}.{part}");
        }
        found
    }

    /// The file of a module; none if it has none that can be looked into.
    fn read(&mut self, dotted: &str) -> Option<Arc<Read>> {
        if let Some(known) = self.files.get(dotted) {
            return known.clone();
        }
        // A package is asked for while its own modules are looked for.
        let read = match self.find(dotted) {
            Found::File(path, is_package) => read(path, is_package).map(Arc::new),
            Found::Opaque | Found::Missing => None,
        };
        self.files.insert(dotted.to_owned(), read.clone());
        read
    }
}

/// The absolute name of what a `from` import takes names from, seen from the module `dotted`; none if it leads out of the package.
fn absolute(dotted: &str, is_package: bool, import: &ImportFrom) -> Option<String> {
    if import.level == 0 {
        return import.module.map(|name| name.as_str().to_owned());
    }
    let mut around = dotted;
    let steps = import.level - u32::from(is_package);
    for _ in 0..steps {
        (around, _) = around.rsplit_once('.')?;
    }
    Some(match import.module {
        Some(module) => format!("{around}.{module}"),
        None => around.to_owned(),
    })
}

/// A variable of a module, and whether one statement alone binds it.
fn variable(ir: &Module, var: Var) -> Option<(Name, bool)> {
    let name = match var {
        Var::Global(name) => name,
        Var::Local(slot) => ir.scope.slots.get(slot.0 as usize)?.name,
        Var::Free { .. } | Var::Hidden { .. } => return None,
    };
    let mut slots = ir.scope.slots.iter();
    let slot = slots.find(|slot| slot.name == name && !slot.hidden)?;
    Some((name, slot.bindings == 1 && !slot.assigned_inside))
}

/// What every module has without binding it (reference, "Import-related attributes on module objects"), and what it has as an object.
const IMPLICIT: [&str; 31] = [
    "__annotations__",
    "__builtins__",
    "__cached__",
    "__class__",
    "__delattr__",
    "__dict__",
    "__dir__",
    "__doc__",
    "__eq__",
    "__file__",
    "__format__",
    "__ge__",
    "__getattribute__",
    "__getstate__",
    "__gt__",
    "__hash__",
    "__init__",
    "__le__",
    "__loader__",
    "__lt__",
    "__name__",
    "__ne__",
    "__package__",
    "__path__",
    "__reduce__",
    "__reduce_ex__",
    "__repr__",
    "__setattr__",
    "__sizeof__",
    "__spec__",
    "__str__",
];
