//! Names that whoever runs a file gives it: `exec` of plugins, configuration and data in Python's form, templates that something fills in.
//!
//! A file that nothing imports lacks them as it stands, and works. What tells it from a program that lost an import: many files lack the same name, one file
//! lacks many names, or other code of the tree writes the name out where it hands names over.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::eval::Evaluator;
use crate::eval::certainty::features::asks_namespace;
use crate::eval::domain::value::{ContextId, FunctionRef};
use crate::eval::interpreter::frame::{LocalFailure, Owner};
use crate::eval::interpreter::unbound::DeferredName;
use crate::eval::reuse::file_set::FileSet;
use crate::facts::{Confidence, FailureKind, May};
use crate::name::Name;
use crate::program::ModuleId;
use crate::python::builtins::{Builtin, builtin};
use crate::syntax::ir::{Constant, Expr, ExprKind, Function, Module, Range, StmtKind, Var};
use crate::syntax::visit;

/// How many files that nothing imports have to die of one missing name, before it is taken for one that whoever runs them puts there: `exec` of
/// plugins, configuration and data in Python's form. Fewer have forgotten an import.
const MANY: usize = 3;

/// How many files of a folder have to lack a name in their functions, before it is one that whoever runs them puts there.
const ALIKE: usize = 8;

/// How many names a file that nothing imports may lack in its own code and still be a program that lost its imports. One that lacks more is a part of a program,
/// that something else completes.
const MOST_FORGOTTEN: usize = 4;

/// How many attributes of a name that it does not bind a file sets at least, if it is a configuration.
const SETTINGS: usize = 2;

impl<'p> Evaluator<'p> {
    /// Checks the names that were read before their modules were ready.
    pub fn settle_deferred_names(&mut self) {
        let mut failing = Vec::new();
        let mut dying: FxHashMap<Name, FxHashSet<ModuleId>> = FxHashMap::default();
        let mut lacking: FxHashMap<ModuleId, FxHashSet<Name>> = FxHashMap::default();
        for deferred in std::mem::take(&mut self.deferred_names) {
            self.looked.set(FileSet::NONE);
            let name = deferred.failure.subject;
            let fails = self.has_no_name(deferred.module, name, deferred.early);
            let looked = self.looked.get();
            let context = &mut self.contexts[deferred.context.0 as usize];
            context.looked = context.looked.union(looked);
            if fails {
                if self.ends_import(&deferred) {
                    dying.entry(name).or_default().insert(deferred.module);
                    if !deferred.early && builtin(&name) != Some(Builtin::Python2) {
                        lacking.entry(deferred.module).or_default().insert(name);
                    }
                }
                failing.push(deferred);
            } else if let Some(reader) = deferred.reader
                && deferred.failure.confidence == Confidence::Must
                && builtin(&name).is_none()
                && self.is_forgotten(deferred.module, reader, name)
            {
                let context = &mut self.contexts[deferred.context.0 as usize];
                context.failures.push(LocalFailure {
                    confidence: Confidence::May,
                    doubt: Some(May::Forgotten),
                    ..deferred.failure
                });
            }
        }
        dying.retain(|name, modules| {
            modules.len() >= MANY && builtin(name) != Some(Builtin::Python2)
        });
        lacking.retain(|_, names| names.len() > MOST_FORGOTTEN);
        let filled = self.filled_by_star(&lacking);
        let mut fragments = FxHashSet::default();
        let mut given = FxHashSet::default();
        let mut told: FxHashMap<ContextId, FxHashSet<(FailureKind, Range)>> = FxHashMap::default();
        for mut deferred in failing {
            let module = deferred.module;
            let is_fragment = self.is_fragment(&deferred, lacking.contains_key(&module));
            let is_given = (is_fragment || dying.contains_key(&deferred.failure.subject))
                && !self.program.is_imported(module)
                && !self.guards_own_run(module)
                || self.survey.is_read_as_text(self.program, module);
            if is_given || filled.contains(&module) {
                if is_fragment && is_given {
                    fragments.insert(module);
                    given.insert((self.folder_of(module), deferred.failure.subject));
                }
                deferred.failure.confidence = Confidence::May;
                let context = &mut self.contexts[deferred.context.0 as usize];
                context.looked = FileSet::ALL;
            }
            let context = &mut self.contexts[deferred.context.0 as usize];
            let told = told.entry(deferred.context).or_insert_with(|| {
                let known = context.failures.iter();
                known.map(|known| (known.kind, known.range)).collect()
            });
            if told.insert((deferred.failure.kind, deferred.failure.range)) {
                context.failures.push(deferred.failure);
            }
        }
        self.doubt_names_in(&fragments, &given);
        self.doubt_names_given_to_many();
        self.doubt_names_of_texts();
        self.tell_names_in_hints();
        self.tell_names_in_superseded();
    }

    /// Modules that take all names of another one of the tree and yet lack many, while some code of the tree asks for the frames of its callers: what that puts into the variables of a
    /// frame (`inspect.currentframe().f_back.f_locals`) is written out nowhere. And the modules that take all names of these.
    fn filled_by_star(
        &self,
        lacking: &FxHashMap<ModuleId, FxHashSet<Name>>,
    ) -> FxHashSet<ModuleId> {
        let mut filled = FxHashSet::default();
        if lacking.is_empty() {
            return filled;
        }
        // Any file may ask for frames, and bring the star.
        self.look(FileSet::ALL);
        let has_star = |id: &&ModuleId| !self.starred_by(**id).is_empty();
        filled.extend(lacking.keys().filter(has_star));
        let asks = |id| asks_for_frames(&self.program.module(id).ir);
        if filled.is_empty() || !self.program.module_ids().any(asks) {
            return FxHashSet::default();
        }
        loop {
            let takes_filled = |id: &ModuleId| {
                let mut sources = self.starred_by(*id).into_iter();
                !filled.contains(id) && sources.any(|source| filled.contains(&source))
            };
            let further: Vec<ModuleId> = self.program.module_ids().filter(takes_filled).collect();
            if further.is_empty() {
                return filled;
            }
            filled.extend(further);
        }
    }

    /// The modules of the tree all whose names a module takes.
    fn starred_by(&self, module: ModuleId) -> Vec<ModuleId> {
        let body = &self.program.module(module).ir.body;
        let sources = body.iter().filter_map(|stmt| match &stmt.kind {
            StmtKind::ImportFrom(import) if import.star => {
                self.program.imported_from(module, import)
            }
            _ => None,
        });
        sources.collect()
    }

    /// Functions that are read and never run, the formulas of another language in Python's form: the tree hands them on and calls them nowhere, and of the names that one
    /// reads, many, none is bound.
    fn doubt_names_of_texts(&mut self) {
        let mut lacking: FxHashMap<FunctionRef, FxHashSet<Name>> = FxHashMap::default();
        for context in &self.contexts {
            let Some(function) = context.function else {
                continue;
            };
            let is_lacking = |kind| kind == FailureKind::UndefinedName;
            for failure in context.failures.iter().filter(|own| is_lacking(own.kind)) {
                lacking.entry(function).or_default().insert(failure.subject);
            }
        }
        lacking.retain(|&function, names| {
            names.len() > MOST_FORGOTTEN && reads_only(self.definition(function), names)
        });
        // Where one is handed on, those beside it that nobody mentions are of the same kind.
        let handing: FxHashSet<ModuleId> = lacking
            .keys()
            .filter(|&&function| self.is_taken_as_value(function))
            .map(|function| function.module)
            .collect();
        lacking.retain(|function, _| handing.contains(&function.module));
        if lacking.is_empty() {
            return;
        }
        let edges = self.contexts.iter().flat_map(|context| &context.edges);
        let called: FxHashSet<FunctionRef> = edges
            .filter_map(|edge| self.contexts[edge.callee.0 as usize].function)
            .collect();
        for context in &mut self.contexts {
            let is_text = context.function.is_some_and(|function| {
                lacking.contains_key(&function) && !called.contains(&function)
            });
            if !is_text {
                continue;
            }
            for failure in &mut context.failures {
                if failure.kind == FailureKind::UndefinedName {
                    failure.confidence = Confidence::May;
                    // Whether anything calls it, any file may say.
                    context.looked = FileSet::ALL;
                }
            }
        }
    }

    /// What gives a file its names gives them to the functions in it too, and the same names to the files beside it that nothing imports.
    fn doubt_names_in(
        &mut self,
        fragments: &FxHashSet<ModuleId>,
        given: &FxHashSet<(String, Name)>,
    ) {
        if fragments.is_empty() {
            return;
        }
        let folders: Vec<Option<String>> = self
            .program
            .module_ids()
            .map(|id| (!self.program.is_imported(id)).then(|| self.folder_of(id)))
            .collect();
        for context in &mut self.contexts {
            let is_fragment = fragments.contains(&context.module);
            let folder = folders[context.module.0 as usize].as_ref();
            for failure in &mut context.failures {
                let is_given = is_fragment
                    || folder
                        .is_some_and(|folder| given.contains(&(folder.clone(), failure.subject)));
                if failure.kind == FailureKind::UndefinedName && is_given {
                    failure.confidence = Confidence::May;
                    context.looked = FileSet::ALL;
                }
            }
        }
    }

    /// Whether a module's own code reads the name.
    fn ends_import(&self, deferred: &DeferredName<'p>) -> bool {
        let context = &self.contexts[deferred.context.0 as usize];
        matches!(context.owner, Owner::Module)
    }

    /// The directory that a module's file lies in.
    fn folder_of(&self, module: ModuleId) -> String {
        let path = self.program.path_of(module);
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        folder.to_owned()
    }

    /// Whether a file that comes with a package cannot do anything as it stands, as its own code reads a name that it never binds: what is filled into
    /// a template, handed to `exec` or read by a tool looks like that. A file that lacks many names is one wherever it lies.
    fn is_fragment(&self, deferred: &DeferredName<'p>, lacks_many: bool) -> bool {
        !deferred.early
            && self.ends_import(deferred)
            && builtin(&deferred.failure.subject) != Some(Builtin::Python2)
            && (lacks_many
                || self.program.is_among_data(deferred.module)
                || self.is_configured(deferred.module, deferred.failure.subject))
            && !self.program.is_entry(deferred.module)
    }

    /// Whether a function is decorated, or its own module does something else with it than calling it.
    fn is_taken_as_value(&self, function: FunctionRef) -> bool {
        let definition = self.definition(function);
        let ir = &self.program.module(function.module).ir;
        let name = definition.name;
        let is_it = |expr: &Expr| matches!(expr.kind, ExprKind::Name(found, _) if found == name);
        let (mut named, mut called) = (0, 0);
        let mut look = |expr: &Expr| {
            named += usize::from(is_it(expr));
            if let ExprKind::Call(call) = &expr.kind {
                called += usize::from(is_it(&call.function));
            }
        };
        visit::all_expressions(&ir.body, &mut look);
        for function in &ir.functions {
            visit::all_expressions(&function.body, &mut look);
        }
        !definition.decorators.is_empty() || named > called
    }

    /// Whether a file sets attributes of something that it does not make, and does nothing else with it: it is read as a configuration by what does make it
    /// (`c.App.port = 8000`).
    fn is_configured(&self, module: ModuleId, name: Name) -> bool {
        let body = &self.program.module(module).ir.body;
        let is_it = |expr: &Expr| matches!(expr.kind, ExprKind::Name(found, _) if found == name);
        let (mut sets, mut reads) = (0, 0);
        for stmt in body {
            if let StmtKind::Assign { targets, .. } = &stmt.kind {
                let roots = targets.iter().filter_map(attribute_root);
                sets += roots.filter(|root| is_it(root)).count();
            }
        }
        visit::all_expressions(body, &mut |expr| reads += usize::from(is_it(expr)));
        sets >= SETTINGS && sets == reads
    }

    /// Whether a file that nothing imports asks at its top level whether it was given a name that it binds nowhere: `hosted = "task" in globals()`. Whoever runs it
    /// with that name gives it others too.
    pub fn asks_its_host(&self, module: ModuleId) -> bool {
        if self.program.is_imported(module) {
            return false;
        }
        // Whether it is imported, any file may say.
        self.look(FileSet::ALL);
        let known = self.asking_host.borrow().get(&module).copied();
        known.unwrap_or_else(|| {
            let asks = asks_for_unbound(&self.program.module(module).ir);
            self.asking_host.borrow_mut().insert(module, asks);
            asks
        })
    }

    /// A name that functions of many files read which nothing imports, and that other code of the tree, which runs code, writes out as a text, is one that
    /// it gives them: `names = {"send": send}`, `exec(source, names)`.
    ///
    /// So is one that code of the tree puts on something as an attribute: what loads such files may put it on their modules.
    ///
    /// So is one that nearly all files of a folder lack: an engine that makes modules of templates, say, runs them in an environment of its own.
    fn doubt_names_given_to_many(&mut self) {
        let mut lacking: FxHashMap<Name, FxHashSet<ModuleId>> = FxHashMap::default();
        for context in &self.contexts {
            let is_lacking = |own: &&LocalFailure<'_>| own.kind == FailureKind::UndefinedName;
            if !context.failures.iter().any(|own| is_lacking(&own))
                || self.program.is_imported(context.module)
                || self.guards_own_run(context.module)
            {
                continue;
            }
            for failure in context.failures.iter().filter(is_lacking) {
                let modules = lacking.entry(failure.subject).or_default();
                modules.insert(context.module);
            }
        }
        lacking.retain(|name, modules| {
            modules.len() >= MANY && builtin(name) != Some(Builtin::Python2)
        });
        let asked: FxHashSet<ModuleId> = lacking.values().flatten().copied().collect();
        let runs_code = self.survey.runs_code();
        lacking.retain(|&name, modules| {
            let is_given = runs_code && self.is_written_outside(name, modules)
                || modules.len() >= ALIKE && self.survey.stored_attributes.contains(&name);
            if !is_given {
                self.keep_if_whole_folder(modules);
            }
            !modules.is_empty()
        });
        for context in &mut self.contexts {
            let module = context.module;
            if !asked.contains(&module) || context.failures.is_empty() {
                continue;
            }
            // Which files there are, and what they do, decides either way.
            context.looked = FileSet::ALL;
            for failure in &mut context.failures {
                let files = lacking.get(&failure.subject);
                if failure.kind == FailureKind::UndefinedName
                    && files.is_some_and(|files| files.contains(&module))
                {
                    failure.confidence = Confidence::May;
                }
            }
        }
    }
}

impl Evaluator<'_> {
    /// Keeps the files, all of them, if they are nearly all of some folder: what runs those runs the others that lack the same.
    fn keep_if_whole_folder(&self, modules: &mut FxHashSet<ModuleId>) {
        if modules.len() < ALIKE {
            modules.clear();
            return;
        }
        let folder = |module: ModuleId| {
            let path = self.program.path_of(module);
            let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
            folder.to_owned()
        };
        let mut counts: FxHashMap<String, (usize, usize)> = FxHashMap::default();
        for module in self.program.module_ids() {
            if !self.program.module(module).is_package {
                let (among, all) = counts.entry(folder(module)).or_default();
                *among += usize::from(modules.contains(&module));
                *all += 1;
            }
        }
        let is_whole = |&(among, all): &(usize, usize)| among >= ALIKE && among * 10 >= all * 9;
        if !counts.values().any(is_whole) {
            modules.clear();
        }
    }
}

/// Whether a module's own code asks whether its namespace has a name that it binds nowhere.
fn asks_for_unbound(ir: &Module) -> bool {
    let is_bound = |name: Name| {
        let mut slots = ir.scope.slots.iter();
        slots.any(|slot| slot.name == name)
    };
    let mut asks = false;
    visit::all_expressions(&ir.body, &mut |expr| {
        if let ExprKind::Compare { left, .. } = &expr.kind
            && let ExprKind::Constant(Constant::Str(asked)) = &left.kind
        {
            asks |= asks_namespace(expr) && !is_bound(*asked);
        }
    });
    asks
}

/// Whether all that a function reads of its module, builtins apart, is among these names.
fn reads_only(function: &Function, names: &FxHashSet<Name>) -> bool {
    let mut is_only = true;
    visit::all_expressions(&function.body, &mut |expr| {
        if let ExprKind::Name(name, Var::Global(_)) = expr.kind {
            is_only &= names.contains(&name) || builtin(&name).is_some();
        }
    });
    is_only
}

/// Whether code asks for the frames of those that call it: `sys._getframe(1)`, `inspect.currentframe().f_back`.
fn asks_for_frames(ir: &Module) -> bool {
    let mut asks = false;
    let mut look = |expr: &Expr| {
        asks |= match &expr.kind {
            ExprKind::Attribute { attribute, .. } => {
                matches!(attribute.as_str(), "currentframe" | "_getframe" | "f_back")
            }
            ExprKind::Name(name, _) => matches!(name.as_str(), "currentframe" | "_getframe"),
            _ => false,
        };
    };
    visit::all_expressions(&ir.body, &mut look);
    for function in &ir.functions {
        visit::all_expressions(&function.body, &mut look);
    }
    asks
}

/// What an assignment to an attribute, however deep, begins with: `c` of `c.App.port`.
fn attribute_root(target: &Expr) -> Option<&Expr> {
    match &target.kind {
        ExprKind::Attribute { value, .. } => Some(attribute_root(value).unwrap_or(value)),
        _ => None,
    }
}
