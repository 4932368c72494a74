//! Imports.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::facts::{FailureKind, Impact};
use crate::name::Name;
use crate::program::stdlib::is_standard;
use crate::program::{ModuleId, NamespaceId, Program, Resolution};
use crate::python::dialect::is_module_of_python_2;
use crate::python::library;
use crate::syntax::ir::{
    Constant, ExprKind, Import, ImportFrom, ImportedName, Range, Stmt, StmtKind, Var,
};
use crate::syntax::visit;

use crate::eval::Evaluator;
use crate::eval::domain::truth::Truth;
use crate::eval::domain::value::{ContextId, Data, Value};
use crate::eval::exceptions::class::{IMPORT_ERROR, MODULE_NOT_FOUND_ERROR};
use crate::eval::interpreter::absent::{Outside, of_tree};
use crate::eval::interpreter::frame::{Frame, LocalFailure, Owner};
use crate::eval::interpreter::module::Progress;
use crate::eval::objects::attribute::Attribute;
use crate::eval::reuse::file_set::FileSet;

/// An import of a name from a module that was not ready.
#[derive(Debug)]
pub struct DeferredImport<'p> {
    context: ContextId,
    module: ModuleId,
    failure: LocalFailure<'p>,
}

impl<'p> Evaluator<'p> {
    /// `import a.b [as c]`.
    pub fn import(&mut self, frame: &mut Frame<'p>, import: &'p Import) {
        let whole = import.has_alias || !import.module.contains('.');
        let resolution = self.resolve_absolute(frame.module, import.module);
        let value = match resolution {
            Resolution::Module(module) => {
                self.evaluate_module(module);
                if whole {
                    self.taken_through(frame.module, import.module, module)
                } else {
                    self.outermost(frame, import.module)
                }
            }
            Resolution::Namespace(namespace) if whole => {
                self.values.intern(Data::Namespace(namespace))
            }
            Resolution::Namespace(_) => self.outermost(frame, import.module),
            Resolution::External if self.leaves_to_handler(frame, import.module) => return,
            // Found beside the importer only by a script, or under the same name elsewhere: it may be installed as well.
            Resolution::External if self.has_vanished(import.module) => {
                let exception = no_first_module(import.module);
                let missing = import.module;
                self.missing_module(frame, &exception, missing, import.module, import.range);
                Value::UNKNOWN
            }
            Resolution::External | Resolution::Misplaced { .. } => {
                self.import_from_target(frame, import.module, import.range);
                if self.may_be_absent(frame, import.module) {
                    let outside = Outside {
                        missing: import.module,
                        resolution,
                        names: None,
                        exception: no_first_module(import.module),
                        range: import.range,
                    };
                    self.import_from_outside(frame, &outside);
                }
                self.external_import_may_fail(frame, import.module, &[]);
                let bound = if import.has_alias {
                    import.module
                } else {
                    import.module.first_component()
                };
                self.values.intern(Data::External(bound))
            }
            Resolution::Missing { parent, name }
                if !self.may_import(frame.module, parent, name) =>
            {
                let exception = self.no_module(parent, name);
                self.missing_module(frame, &exception, name, import.module, import.range);
                Value::UNKNOWN
            }
            Resolution::MissingInNamespace { name, .. }
                if self.has_vanished(name) || self.has_vanished(import.module) =>
            {
                let exception = no_module(name);
                let missing = import.module;
                self.missing_module(frame, &exception, missing, import.module, import.range);
                Value::UNKNOWN
            }
            Resolution::MissingInNamespace { name, .. } => {
                self.import_from_outside(
                    frame,
                    &Outside {
                        missing: name,
                        resolution,
                        names: None,
                        exception: no_module(name),
                        range: import.range,
                    },
                );
                self.import_may_fail(frame);
                Value::UNKNOWN
            }
            _ => {
                self.import_may_fail(frame);
                Value::UNKNOWN
            }
        };
        if frame.state.live {
            self.assign_var(frame, import.var, value);
        }
    }

    /// Whether an import goes on in the handler around it: of a module of Python 2's library, which the handler takes for missing (PEP 3108).
    fn leaves_to_handler(&mut self, frame: &mut Frame<'p>, dotted: Name) -> bool {
        let is_left = is_module_of_python_2(&dotted)
            && self.is_caught_here(frame, *MODULE_NOT_FOUND_ERROR) == Truth::True;
        if is_left {
            self.import_may_fail(frame);
            frame.state.live = false;
        }
        is_left
    }

    /// What `import a.b.c as x` binds: the attribute `c` of the attribute `b` of `a`, be it something that the package put in the submodule's place
    /// (the reference, "The import statement").
    fn taken_through(&mut self, importer: ModuleId, dotted: Name, module: ModuleId) -> Value {
        let submodule = self.values.intern(Data::Module(module));
        let mut parts = dotted.split('.');
        let Some(first) = parts.next() else {
            return submodule;
        };
        let Resolution::Module(mut around) = self.resolve(importer, Name::new(first)) else {
            return submodule;
        };
        let mut found = submodule;
        for part in parts {
            match self.attribute_of_module(around, Name::new(part)) {
                Attribute::Found(value) => {
                    found = value;
                    match *self.data(value) {
                        Data::Module(next) => around = next,
                        // A directory without `__init__` has no code that could put anything there (PEP 420).
                        Data::Namespace(_) => return submodule,
                        _ if dotted.ends_with(&format!(".{part}")) => return value,
                        _ => return Value::UNKNOWN,
                    }
                }
                // It is not yet put there, or by other means.
                Attribute::Unknown | Attribute::Missing => return submodule,
            }
        }
        found
    }

    /// CPython's text for a missing module of the tree.
    pub fn no_module(&self, parent: ModuleId, name: Name) -> String {
        let parent = self.program.module(parent);
        if parent.is_package {
            no_module(name)
        } else {
            format!(
                "ModuleNotFoundError: No module named '{name}'; '{}' is not a package",
                parent.name
            )
        }
    }

    /// What `import a.b` binds: `a`.
    fn outermost(&mut self, frame: &Frame<'p>, dotted: Name) -> Value {
        match self.resolve_absolute(frame.module, dotted.first_component()) {
            Resolution::Module(module) => {
                self.evaluate_module(module);
                self.values.intern(Data::Module(module))
            }
            Resolution::Namespace(namespace) => self.values.intern(Data::Namespace(namespace)),
            _ => Value::UNKNOWN,
        }
    }

    /// `from m import names`.
    pub fn import_from(&mut self, frame: &mut Frame<'p>, import: &'p ImportFrom) {
        let resolution = match (import.level, import.module) {
            (0, Some(module)) => self.resolve_absolute(frame.module, module),
            (0, None) => Resolution::Opaque,
            (level, module) => self.resolve_relative(frame.module, level, module),
        };
        if import.level > 1 && self.is_loaded_otherwise(frame.module) {
            self.import_may_fail(frame);
            self.bind_unknown(frame, import);
            return;
        }
        match resolution {
            Resolution::Module(module) => {
                self.evaluate_module(module);
                if import.star {
                    self.star_import(frame, import, module);
                } else {
                    self.import_names(frame, import, module);
                }
            }
            Resolution::Namespace(namespace) => {
                self.import_members(frame, import, namespace);
            }
            Resolution::External
                if import.level == 0
                    && import
                        .module
                        .is_some_and(|module| self.has_vanished(module)) =>
            {
                let dotted = import.module.unwrap_or(Name::new("."));
                self.import_fails(frame, import, dotted, &no_first_module(dotted));
            }
            Resolution::External
                if import.level == 0
                    && import
                        .module
                        .is_some_and(|module| self.leaves_to_handler(frame, module)) => {}
            Resolution::External => {
                self.import_names_from_outside(frame, import, import.module, resolution);
                self.import_external(frame, import);
            }
            Resolution::Misplaced { module, beside } => {
                // A package that is called like the one that it adapts, and imports it, means that one.
                if beside
                    && !self.means_namesake(module, frame.module, import)
                    && self.is_meant(frame, import, module)
                {
                    let dotted = import.module.unwrap_or(Name::new("."));
                    let text = no_module(dotted.first_component());
                    self.import_fails(frame, import, dotted, &text);
                } else {
                    self.import_names_from_outside(frame, import, import.module, resolution);
                    self.import_external(frame, import);
                }
            }
            Resolution::Missing { parent, name }
                if !self.may_import(frame.module, parent, name) =>
            {
                let text = self.no_module(parent, name);
                self.import_fails(frame, import, name, &text);
            }
            Resolution::MissingInNamespace { name, .. }
                if self.has_vanished(name) || self.is_absolute_and_vanished(import) =>
            {
                let whole = import.module.filter(|_| import.level == 0);
                self.import_fails(frame, import, whole.unwrap_or(name), &no_module(name));
            }
            Resolution::NoParentPackage
                if !self.is_assumed(frame.module) && !self.may_be_script(frame.module) =>
            {
                self.import_fails(
                    frame,
                    import,
                    import.module.unwrap_or(Name::new(".")),
                    "ImportError: attempted relative import with no known parent package",
                );
            }
            Resolution::BeyondTopLevel
                if !self.is_assumed(frame.module) && !self.is_test_of_package(frame.module) =>
            {
                self.import_fails(
                    frame,
                    import,
                    import.module.unwrap_or(Name::new(".")),
                    "ImportError: attempted relative import beyond top-level package",
                );
            }
            Resolution::MissingInNamespace { name, .. } => {
                self.import_names_from_outside(frame, import, Some(name), resolution);
                self.import_may_fail(frame);
                self.bind_unknown(frame, import);
            }
            _ => {
                self.import_may_fail(frame);
                self.bind_unknown(frame, import);
            }
        }
    }

    /// `from m import names`, of a module that the tree does not have.
    fn import_names_from_outside(
        &mut self,
        frame: &mut Frame<'p>,
        import: &'p ImportFrom,
        missing: Option<Name>,
        resolution: Resolution,
    ) {
        let Some(missing) = missing.filter(|&missing| self.may_be_absent(frame, missing)) else {
            return;
        };
        let exception = match resolution {
            Resolution::MissingInNamespace { .. } => no_module(missing),
            _ => no_first_module(missing),
        };
        let outside = Outside {
            missing,
            resolution,
            names: Some(&import.names),
            exception,
            range: import.module_range,
        };
        self.import_from_outside(frame, &outside);
    }

    /// Whether a module that a package of the tree lacks may be put there by something that is declared: not if the other tree had such a file.
    pub fn may_be_added(&self, name: Name) -> bool {
        self.look_for_made_modules();
        !self.has_vanished(name) && self.program.is_added(&name)
    }

    /// Whether a package of the tree may have a module that is not there: it sees to its modules itself, something that is declared may add it, or a build
    /// makes it.
    pub fn may_have_module(&self, parent: ModuleId, name: Name) -> bool {
        self.program.may_have_more(parent)
            || self.may_be_added(name)
            || !self.has_vanished(name) && self.program.is_built(name)
    }

    /// Whether an import of a module that a package of the tree lacks may find it all the same. A package of another root need not be the one that is meant where the
    /// importer's imports look in further places.
    pub fn may_import(&self, importer: ModuleId, parent: ModuleId, name: Name) -> bool {
        let root = |module: ModuleId| self.program.module(module).root;
        self.program.may_be_package(parent)
            || self.may_be_added(name)
            || root(importer) != root(parent)
                && (self.changes_imports_of(importer)
                    || self.is_in_added_directory(importer, Some(name)))
    }

    /// Whether a module that no root has is one that the other tree has: it was forgotten, or removed too early.
    pub fn has_vanished(&self, dotted: Name) -> bool {
        self.elsewhere.contains(&dotted)
    }

    /// The same for the module that an absolute `from m import` names.
    fn is_absolute_and_vanished(&self, import: &ImportFrom) -> bool {
        let module = import.module.filter(|_| import.level == 0);
        module.is_some_and(|module| self.has_vanished(module))
    }

    pub(super) fn bind_unknown(&mut self, frame: &mut Frame<'p>, import: &'p ImportFrom) {
        if import.star {
            self.modules[frame.module.0 as usize].is_open = true;
        }
        for name in &import.names {
            self.assign_var(frame, name.var, Value::UNKNOWN);
        }
    }

    /// An import of a module outside the tree may fail. One of what every Python has does not.
    fn external_import_may_fail(
        &mut self,
        frame: &mut Frame<'p>,
        module: Name,
        names: &[ImportedName],
    ) {
        let is_there = library::is_everywhere(&module)
            && names
                .iter()
                .all(|name| library::has_everywhere(&module, &name.name));
        if !is_there {
            self.import_may_fail(frame);
        }
    }

    fn import_external(&mut self, frame: &mut Frame<'p>, import: &'p ImportFrom) {
        match import.module {
            Some(module) if import.level == 0 => {
                self.external_import_may_fail(frame, module, &import.names);
            }
            _ => self.import_may_fail(frame),
        }
        let Some(module) = import.module.filter(|_| import.level == 0) else {
            self.bind_unknown(frame, import);
            return;
        };
        self.import_from_target(frame, module, import.module_range);
        if import.star {
            self.star_import_from_outside(frame, import, module);
            return;
        }
        for name in &import.names {
            self.import_name_from_target(frame, module, name.name, name.range);
            let dotted = Name::new(&format!("{module}.{}", name.name));
            let value = self.values.intern(Data::External(dotted));
            self.assign_var(frame, name.var, value);
        }
    }

    /// `missing` is the absolute name of what is not there.
    fn import_fails(
        &mut self,
        frame: &mut Frame<'p>,
        import: &'p ImportFrom,
        missing: Name,
        exception: &str,
    ) {
        let dotted = import.module.unwrap_or(Name::new("."));
        self.missing_module(frame, exception, missing, dotted, import.module_range);
        if frame.state.live {
            self.bind_unknown(frame, import);
        }
    }

    fn import_names(&mut self, frame: &mut Frame<'p>, import: &'p ImportFrom, module: ModuleId) {
        for name in &import.names {
            if module == frame.module
                && self.program.submodule(module, name.name) == Resolution::Opaque
            {
                // A compiled module may fill the package that imports it.
                self.modules[module.0 as usize].is_open = true;
            }
            let found = self.module_attribute(frame, module, name.name);
            let value = match found {
                Attribute::Found(value) => self
                    .own_submodule(frame, module, name.name)
                    .unwrap_or(value),
                Attribute::Unknown
                    if self.modules[module.0 as usize].progress == Progress::Running =>
                {
                    let from = self.program.module(module).name;
                    if let Some(failure) = self.missing_name(frame, from, name) {
                        self.deferred.push(DeferredImport {
                            context: frame.context,
                            module,
                            failure,
                        });
                    }
                    self.values.intern(Data::Import {
                        module,
                        name: name.name,
                    })
                }
                Attribute::Unknown => Value::UNKNOWN,
                Attribute::Missing => {
                    let from = self.name_in_import(import, module);
                    let object = self.values.intern(Data::Module(module));
                    self.note_lacking(frame.context, name.range, object, name.name);
                    if self.name_fails(frame, from, name) {
                        return;
                    }
                    Value::UNKNOWN
                }
            };
            if let Data::Module(found) = *self.data(value) {
                self.note_import(found);
            }
            self.assign_var(frame, name.var, value);
        }
    }

    /// The submodule that a package's own code imports from the package, where nothing has bound the name by then: that very module, whatever binds it elsewhere.
    fn own_submodule(&mut self, frame: &Frame<'p>, module: ModuleId, name: Name) -> Option<Value> {
        if module != frame.module || !matches!(frame.owner, Owner::Module) {
            return None;
        }
        let slot = self.modules[module.0 as usize].by_name.get(&name)?;
        if frame.state.slots[slot.0 as usize] != Value::UNBOUND {
            return None;
        }
        match self.program.submodule(module, name) {
            Resolution::Module(submodule) => Some(self.values.intern(Data::Module(submodule))),
            _ => None,
        }
    }

    /// What a module is called that an import names: a package's own file is `package.__init__` if it is imported by that name.
    fn name_in_import(&self, import: &ImportFrom, module: ModuleId) -> Name {
        let name = self.program.module(module).name;
        if import.names_package_file() && self.program.module(module).is_package {
            Name::new(&format!("{name}.__init__"))
        } else {
            name
        }
    }

    /// `from package import names` of a directory without `__init__`. Where the other tree has one there, this tree lacks it, and with it
    /// all that is no module of the directory.
    fn import_members(
        &mut self,
        frame: &mut Frame<'p>,
        import: &'p ImportFrom,
        namespace: NamespaceId,
    ) {
        let package = self.program.namespace_name(namespace);
        let is_closed = self.has_vanished(package);
        for name in &import.names {
            let found = self.namespace_attribute(namespace, name.name);
            if is_closed
                && matches!(found, Attribute::Unknown)
                && self.name_fails(frame, package, name)
            {
                return;
            }
            self.assign_var(frame, name.var, found.value());
        }
    }

    /// Reports a name that a module lacks; true if the import ends in a handler.
    fn name_fails(&mut self, frame: &mut Frame<'p>, module: Name, name: &'p ImportedName) -> bool {
        if let Some(mut failure) = self.missing_name(frame, module, name) {
            self.note_build(module, &mut failure);
            frame.failures.push(failure);
        }
        self.import_may_fail(frame);
        let ends = self.is_caught_here(frame, *IMPORT_ERROR) == Truth::True;
        if ends {
            frame.state.live = false;
        }
        ends
    }

    /// Notes of a name that a package lacks if a build makes a module of it.
    fn note_build(&self, package: Name, failure: &mut LocalFailure<'p>) {
        let whole = Name::new(&format!("{package}.{}", failure.subject));
        if !self.has_vanished(whole)
            && let Some(built) = self.made_by_build(whole)
        {
            failure.absence = Some(built);
        }
    }

    fn missing_name(
        &mut self,
        frame: &Frame<'p>,
        module: Name,
        imported: &ImportedName,
    ) -> Option<LocalFailure<'p>> {
        let name = imported.name;
        let guarded = self.is_caught_here(frame, *IMPORT_ERROR) != Truth::False;
        let mut clauses = self.clauses_here(frame, *IMPORT_ERROR);
        let is_provided = clauses.any(|clause| binds(&clause.handler.body, imported.var));
        drop(clauses);
        let expected = self.is_managed_here(frame, *IMPORT_ERROR);
        if frame.is_unsure() || expected {
            return None;
        }
        let named = self.program.by_name(module);
        let is_package = named.is_some_and(|named| self.program.module(named).is_package);
        let is_optional = is_package && !self.has_vanished(Name::new(&format!("{module}.{name}")));
        Some(LocalFailure {
            exception: Some(format!(
                "ImportError: cannot import name '{name}' from '{module}'"
            )),
            // Whoever has another value for it is prepared; and what a package has not may be a module that not every copy of it has.
            absence: if guarded && (is_provided || is_optional) {
                let text = if is_provided {
                    "the handler has another value for it"
                } else {
                    "it may be a part of the package that not every copy has"
                };
                Some(of_tree(Impact::Suspicious, text.to_owned()))
            } else if is_optional && !guarded {
                self.in_optional_part(frame)
            } else {
                None
            },
            ..LocalFailure::at(
                if guarded {
                    FailureKind::GuardedImport
                } else {
                    FailureKind::MissingName
                },
                name,
                imported.range,
                "imports the name",
            )
        })
    }

    /// Whether the code of the package around a module that is not there writes the module's name out: a finder of the tree may make it.
    fn is_named_by_package(&self, missing: Name) -> bool {
        let Some((package, last)) = missing.rsplit_once('.') else {
            return false;
        };
        let Some(package) = self.program.by_name(Name::new(package)) else {
            return false;
        };
        let mut is_named = false;
        visit::texts(&self.program.module(package).ir, &mut |text| {
            is_named |= text.rsplit('.').next() == Some(last);
        });
        is_named
    }

    /// Whether a finder of the tree may make a module that is not there: its package names it, or a module does by its whole name, but for the one that
    /// only `asks` for it by that text.
    pub fn may_be_made_by_finder(&self, missing: Name, asks: Option<ModuleId>) -> bool {
        if !self.survey.adds_finders {
            return false;
        }
        // Any file may write it out.
        self.look(FileSet::ALL);
        let by_whom = self.written.get_or_init(|| who_writes(self.program));
        self.is_named_by_package(missing)
            || by_whom
                .get(&missing)
                .is_some_and(|&only| only.is_none() || only != asks)
    }

    /// Whether a module that is none of these writes the name out as a text.
    pub fn is_written_outside(&self, name: Name, modules: &FxHashSet<ModuleId>) -> bool {
        let by_whom = self.written.get_or_init(|| who_writes(self.program));
        by_whom
            .get(&name)
            .is_some_and(|only| only.is_none_or(|only| !modules.contains(&only)))
    }

    /// An import of a module of the tree that is not there. Under a guard the guard's handler runs, without a sound.
    fn missing_module(
        &mut self,
        frame: &mut Frame<'p>,
        exception: &str,
        missing: Name,
        dotted: Name,
        range: Range,
    ) {
        self.import_may_fail(frame);
        let caught = self.is_caught_here(frame, *MODULE_NOT_FOUND_ERROR);
        let guarded = caught != Truth::False;
        // One that the other tree has is not optional: it was forgotten, or removed too early.
        let is_known = self.has_vanished(missing) || self.has_vanished(dotted);
        let built = if is_known {
            None
        } else {
            self.made_by_build(missing)
        };
        let elsewhere = if is_known || built.is_some() {
            None
        } else {
            self.written_for_another_package(frame.module)
                .or_else(|| (!guarded).then(|| self.in_optional_part(frame)).flatten())
        };
        // Where a build made it, the import is no failure, and the handler does not run.
        if caught == Truth::True && built.is_none() {
            frame.state.live = false;
        }
        if frame.is_unsure()
            || guarded && !is_known
            || self.may_be_made_by_finder(missing, None)
            || self.is_fallback_of_found(frame, range)
        {
            return;
        }
        frame.failures.push(LocalFailure {
            exception: Some(exception.to_owned()),
            absence: if is_known {
                let text = String::from("the other version has it");
                Some(of_tree(Impact::Breaks, text))
            } else {
                built.or(elsewhere)
            },
            ..LocalFailure::at(
                if guarded {
                    FailureKind::GuardedImport
                } else {
                    FailureKind::MissingModule
                },
                dotted,
                range,
                "imports the module",
            )
        });
    }

    /// Checks the imports that could not be checked when they were met.
    pub fn settle_deferred_imports(&mut self) {
        for deferred in std::mem::take(&mut self.deferred) {
            self.looked.set(FileSet::NONE);
            let (module, name) = (deferred.module, deferred.failure.subject);
            let mut failure = deferred.failure;
            let by_itself = self.is_bound_by_itself(module, name);
            if by_itself {
                let module = self.program.module(module).name;
                failure.exception = Some(format!(
                    "ImportError: cannot import name '{name}' from partially initialized module '{module}' (most likely due to a circular import)"
                ));
            }
            if by_itself || self.attribute_of_module(module, name) == Attribute::Missing {
                self.note_build(self.program.module(module).name, &mut failure);
                let context = &mut self.contexts[deferred.context.0 as usize];
                context.failures.push(failure);
            }
            let context = &mut self.contexts[deferred.context.0 as usize];
            context.looked = context.looked.union(self.looked.get());
        }
    }

    /// Whether nothing but `from m import f` in `m` itself binds the name `f` there: it is not there to be imported.
    fn is_bound_by_itself(&mut self, module: ModuleId, name: Name) -> bool {
        let value = self.variable(module, name);
        let submodule = self.program.submodule(module, name);
        *self.data(value) == (Data::Import { module, name })
            && matches!(submodule, Resolution::Missing { parent, name } if !self.may_have_module(parent, name))
            && self.has_only_its_own(module, name)
    }
}

/// CPython's text for a module that is not where its package is.
pub fn no_module(name: Name) -> String {
    format!("ModuleNotFoundError: No module named '{name}'")
}

/// CPython's text for a module of which no root has even the first component: it looks no further than that, unless the standard library
/// has a package of that name.
pub fn no_first_module(dotted: Name) -> String {
    let first = dotted.first_component();
    no_module(if is_standard(&first) { dotted } else { first })
}

/// Whether statements give a variable something that can take the place of what is missing: `None` and `False` only say that it is.
pub fn binds(body: &[Stmt], var: Var) -> bool {
    let mut found = false;
    visit::statements(body, &mut |stmt| match &stmt.kind {
        StmtKind::Assign { targets, value } => {
            let is_nothing = matches!(
                value.kind,
                ExprKind::Constant(Constant::None | Constant::Bool(false))
            );
            found |= !is_nothing
                && targets
                    .iter()
                    .any(|target| matches!(target.kind, ExprKind::Name(_, bound) if bound == var));
        }
        StmtKind::Import(import) => found |= import.var == var,
        StmtKind::ImportFrom(import) => found |= import.names.iter().any(|name| name.var == var),
        StmtKind::FunctionDef { var: bound, .. } | StmtKind::ClassDef { var: bound, .. } => {
            found |= *bound == var;
        }
        _ => {}
    });
    found
}

/// The texts that modules write out, each with the module, if it is one alone.
fn who_writes(program: &Program) -> FxHashMap<Name, Option<ModuleId>> {
    let mut known: FxHashMap<Name, Option<ModuleId>> = FxHashMap::default();
    for id in program.module_ids() {
        visit::texts(&program.module(id).ir, &mut |text| {
            let only = known.entry(text).or_insert(Some(id));
            *only = only.filter(|&only| only == id);
        });
    }
    known
}
