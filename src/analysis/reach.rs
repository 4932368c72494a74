//! How far the tree's code leads into the files of installed packages: those of a package that nothing leads to are not parsed.
//!
//! ```text
//! names that the tree imports ──> definitions, through re-exports ──> what they derive from, and are made of ──> what their bodies name ──> ..., LEVELS bodies deep
//! ```
//!
//! Names alone are followed, and no values. What is not reached is unknown to the evaluation, as a compiled module is; it makes no error.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::Memory;
use crate::name::Name;
use crate::source::{File, INSTALLED};
use crate::syntax::ir::{
    ClassId, Expr, ExprKind, FunctionId, ImportFrom, Module, Parent, Stmt, StmtKind, Var,
};
use crate::syntax::visit;

/// Through how many bodies names are followed.
const LEVELS: usize = 3;

/// How many bytes of files are parsed before no further one is.
const ROOM: usize = 512 * 1024;

/// The files of installed packages by the dotted names of their modules.
pub struct Files<'f> {
    by_name: FxHashMap<String, &'f File>,
}

impl<'f> Files<'f> {
    /// Those at paths under [`INSTALLED`].
    pub fn new(files: &'f [File]) -> Self {
        let named = files
            .iter()
            .filter_map(|file| Some((dotted(&file.path)?, file)));
        Self {
            by_name: named.collect(),
        }
    }
}

/// `a.b` of `site-packages/a/b.py` and `site-packages/a/b/__init__.py`.
fn dotted(path: &str) -> Option<String> {
    let stem = path.strip_prefix(INSTALLED)?.strip_suffix(".py")?;
    let name = stem.strip_suffix("/__init__").unwrap_or(stem);
    Some(name.replace('/', "."))
}

/// A file that was reached.
struct Reached {
    name: String,
    path: Arc<str>,
    module: Arc<Module>,
    /// What its variables are, by name, as far as they were asked for.
    asked: FxHashSet<Name>,
    /// Whether somebody has the module itself, and asks it for names.
    is_held: bool,
}

/// Which files are reached.
pub struct Reach<'r> {
    files: &'r Files<'r>,
    memory: &'r Memory,
    reached: Vec<Reached>,
    by_name: FxHashMap<String, usize>,
    /// How many bytes were parsed.
    size: usize,
    /// The attributes that code asks anything for.
    words: FxHashSet<Name>,
    /// Classes that are reached, whose methods may be asked for.
    classes: Vec<(usize, ClassId)>,
    /// Functions whose bodies are looked into at the next level.
    next: Vec<(usize, FunctionId)>,
    entered: FxHashSet<(usize, FunctionId)>,
    seen_classes: FxHashSet<(usize, ClassId)>,
}

impl<'r> Reach<'r> {
    /// Follows what the tree's modules import.
    pub fn of<'m>(
        tree: impl Iterator<Item = &'m Module>,
        files: &'r Files<'r>,
        memory: &'r Memory,
    ) -> Self {
        let mut reach = Self {
            files,
            memory,
            reached: Vec::new(),
            by_name: FxHashMap::default(),
            size: 0,
            words: FxHashSet::default(),
            classes: Vec::new(),
            next: Vec::new(),
            entered: FxHashSet::default(),
            seen_classes: FxHashSet::default(),
        };
        for module in tree {
            reach.words_of_all(module);
            module.each_import(|stmt| reach.import(None, stmt, None));
        }
        reach.ask_holders();
        for _ in 0..LEVELS {
            for (file, function) in std::mem::take(&mut reach.next) {
                let module = Arc::clone(&reach.reached[file].module);
                reach.block(file, &module[function].body);
            }
            reach.ask_holders();
        }
        reach
    }

    /// The modules that were reached, by path.
    pub fn modules(&self) -> BTreeMap<Arc<str>, Arc<Module>> {
        let files = self.reached.iter();
        files
            .map(|file| (Arc::clone(&file.path), Arc::clone(&file.module)))
            .collect()
    }

    /// The attributes that code of a module asks for, wherever in it.
    fn words_of_all(&mut self, module: &Module) {
        let words = &mut self.words;
        let mut note = |expr: &Expr| {
            if let ExprKind::Attribute { attribute, .. } = &expr.kind {
                words.insert(*attribute);
            }
        };
        visit::all_expressions(&module.body, &mut note);
        for function in &module.functions {
            visit::all_expressions(&function.body, &mut note);
        }
        for class in &module.classes {
            visit::all_expressions(&class.body, &mut note);
        }
        for head in module.heads() {
            visit::expressions(head, &mut note);
        }
    }

    /// Asks all that is held for the attributes that code asks anything for, until nothing more comes of it.
    fn ask_holders(&mut self) {
        let mut known = (0, 0, 0);
        loop {
            let now = (self.words.len(), self.classes.len(), self.reached.len());
            if now == known {
                return;
            }
            known = now;
            for file in 0..self.reached.len() {
                if self.reached[file].is_held {
                    let module = Arc::clone(&self.reached[file].module);
                    let names = module.scope.slots.iter().map(|slot| slot.name);
                    let asked: Vec<Name> = names.filter(|name| self.words.contains(name)).collect();
                    asked.into_iter().for_each(|name| self.ask(file, name));
                }
            }
            for index in 0..self.classes.len() {
                let (file, class) = self.classes[index];
                self.ask_class(file, class);
            }
        }
    }

    /// The methods of a class that Python calls by itself, or that somebody asks for.
    fn ask_class(&mut self, file: usize, class: ClassId) {
        let module = Arc::clone(&self.reached[file].module);
        visit::statements(&module[class].body, &mut |stmt| {
            if let StmtKind::FunctionDef { function, .. } = stmt.kind {
                let name = module[function].name;
                if name.starts_with("__") || self.words.contains(&name) {
                    self.enter(file, function);
                }
            }
        });
    }

    /// Puts a function's body on the list for the next level.
    fn enter(&mut self, file: usize, function: FunctionId) {
        if self.entered.insert((file, function)) {
            self.next.push((file, function));
        }
    }

    /// The file of a module, which is parsed if it was not reached before, and those of the packages around it.
    fn reach(&mut self, name: &str) -> Option<usize> {
        if let Some(&known) = self.by_name.get(name) {
            return Some(known);
        }
        if let Some((package, _)) = name.rsplit_once('.') {
            self.reach(package);
        }
        let file = *self.files.by_name.get(name)?;
        let size = file.text.content().len();
        if self.size + size > ROOM {
            return None;
        }
        self.size += size;
        let index = self.reached.len();
        self.by_name.insert(name.to_owned(), index);
        self.reached.push(Reached {
            name: name.to_owned(),
            path: Arc::clone(&file.path),
            module: self.memory.module(&file.path, &file.text),
            asked: FxHashSet::default(),
            is_held: false,
        });
        Some(index)
    }

    /// A module that somebody has, and asks for names; nothing, if it has no file.
    fn hold(&mut self, name: &str) {
        if let Some(file) = self.reach(name)
            && !std::mem::replace(&mut self.reached[file].is_held, true)
        {
            self.follow_unnamed(file);
        }
    }

    /// What a module has besides the names that its own code binds: those of star imports, and what a `__getattr__` gives (PEP 562), which is of whatever it imports.
    fn follow_unnamed(&mut self, file: usize) {
        let module = Arc::clone(&self.reached[file].module);
        let hook = module
            .functions
            .iter()
            .find(|own| own.parent == Parent::Module && own.name.as_str() == "__getattr__");
        if let Some(hook) = hook {
            self.ask(file, hook.name);
        }
        visit::statements(&module.body, &mut |stmt| {
            let is_star = matches!(&stmt.kind, StmtKind::ImportFrom(from) if from.star);
            if is_star || hook.is_some() && stmt.is_import() {
                self.import(Some(file), stmt, None);
            }
        });
    }

    /// The name from which imports of a file with so many dots begin.
    fn package(&self, file: usize, dots: u32) -> Option<&str> {
        let Reached { name, path, .. } = &self.reached[file];
        let mut package = name.as_str();
        let is_package = path.ends_with("/__init__.py");
        for _ in u32::from(is_package)..dots {
            (package, _) = package.rsplit_once('.')?;
        }
        Some(package)
    }

    /// What an import takes, all of it or what it binds to one name. Without a file it is one of the tree's.
    fn import(&mut self, file: Option<usize>, stmt: &Stmt, bound: Option<(&Module, Name)>) {
        let is_asked =
            |var: Var| bound.is_none_or(|(module, name)| name_of(module, var) == Some(name));
        match &stmt.kind {
            StmtKind::Import(import) if is_asked(import.var) => {
                let mut name = String::new();
                for part in import.module.split('.') {
                    let dot = if name.is_empty() { "" } else { "." };
                    name = format!("{name}{dot}{part}");
                    // A namespace package has no file of its own (PEP 420).
                    self.hold(&name);
                }
            }
            StmtKind::ImportFrom(from) => {
                let Some(target) = self.target(file, from) else {
                    return;
                };
                let taken = from.names.iter().filter(|taken| is_asked(taken.var));
                let mut names: Vec<Name> = taken.map(|taken| taken.name).collect();
                if from.star {
                    match bound {
                        Some((_, name)) => names.push(name),
                        None => {
                            self.hold(&target);
                        }
                    }
                }
                for name in names {
                    self.take(&target, name);
                }
            }
            _ => {}
        }
    }

    /// The whole name of the module that a `from` import names.
    fn target(&self, file: Option<usize>, from: &ImportFrom) -> Option<String> {
        if from.level == 0 {
            return from.module.map(|module| module.as_str().to_owned());
        }
        let package = self.package(file?, from.level)?;
        Some(from.module.map_or_else(
            || package.to_owned(),
            |module| format!("{package}.{module}"),
        ))
    }

    /// `from target import name`.
    fn take(&mut self, target: &str, name: Name) {
        if let Some(file) = self.reach(target) {
            self.ask(file, name);
        }
        // It may be a module by itself, beside a package whose directory alone is there.
        self.hold(&format!("{target}.{name}"));
    }

    /// What binds a name of a file.
    fn ask(&mut self, file: usize, name: Name) {
        if !self.reached[file].asked.insert(name) {
            return;
        }
        let module = Arc::clone(&self.reached[file].module);
        visit::statements(&module.body, &mut |stmt| match &stmt.kind {
            StmtKind::Import(_) | StmtKind::ImportFrom(_) => {
                self.import(Some(file), stmt, Some((&module, name)));
            }
            StmtKind::FunctionDef { function, var } if name_of(&module, *var) == Some(name) => {
                self.function(file, *function);
            }
            StmtKind::ClassDef { class, var } if name_of(&module, *var) == Some(name) => {
                self.class(file, *class);
            }
            StmtKind::Assign { targets, value }
                if targets.iter().any(|target| binds(target, name)) =>
            {
                self.expression(file, value);
            }
            StmtKind::AnnAssign {
                target,
                value: Some(value),
                ..
            } if binds(target, name) => {
                self.expression(file, value);
            }
            _ => {}
        });
    }

    fn function(&mut self, file: usize, function: FunctionId) {
        let module = Arc::clone(&self.reached[file].module);
        let definition = &module[function];
        let defaults = definition
            .params
            .iter()
            .filter_map(|own| own.default.as_ref());
        for head in definition.decorators.iter().chain(defaults) {
            self.expression(file, head);
        }
        self.enter(file, function);
    }

    fn class(&mut self, file: usize, class: ClassId) {
        if !self.seen_classes.insert((file, class)) {
            return;
        }
        self.classes.push((file, class));
        let module = Arc::clone(&self.reached[file].module);
        let definition = &module[class];
        for argument in &definition.arguments {
            self.expression(file, &argument.value);
        }
        for decorator in &definition.decorators {
            self.expression(file, decorator);
        }
        for head in module
            .functions
            .iter()
            .filter(|own| own.parent == Parent::Class(class))
        {
            for decorator in &head.decorators {
                self.expression(file, decorator);
            }
        }
        self.block(file, &definition.body);
    }

    /// All that statements name. Functions and classes inside are what they are where they are asked for.
    fn block(&mut self, file: usize, body: &[Stmt]) {
        let module = Arc::clone(&self.reached[file].module);
        visit::statements(body, &mut |stmt| match &stmt.kind {
            StmtKind::Import(_) | StmtKind::ImportFrom(_) => self.import(Some(file), stmt, None),
            StmtKind::FunctionDef { function, .. }
                if !matches!(module[*function].parent, Parent::Class(_)) =>
            {
                self.function(file, *function);
            }
            StmtKind::ClassDef { class, .. } => self.class(file, *class),
            _ => visit::direct_expressions(stmt, &mut |expr| self.expression(file, expr)),
        });
    }

    /// What an expression names.
    fn expression(&mut self, file: usize, expr: &Expr) {
        visit::expressions(expr, &mut |expr| match &expr.kind {
            ExprKind::Name(name, _) => self.ask(file, *name),
            ExprKind::Attribute { attribute, .. } => {
                self.words.insert(*attribute);
            }
            ExprKind::Lambda(function) => self.enter(file, *function),
            _ => {}
        });
    }
}

/// What a variable of a module's own code is called.
fn name_of(module: &Module, var: Var) -> Option<Name> {
    match var {
        Var::Local(slot) => module.scope.slots.get(slot.0 as usize).map(|it| it.name),
        Var::Global(name) => Some(name),
        Var::Free { .. } | Var::Hidden { .. } => None,
    }
}

/// Whether a target of an assignment binds a name.
fn binds(target: &Expr, name: Name) -> bool {
    let mut any = false;
    visit::expressions(target, &mut |part| {
        any |= matches!(part.kind, ExprKind::Name(own, _) if own == name)
    });
    any
}
