//! Modules: their evaluation, and their names.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::name::Name;
use crate::program::{self, ModuleId, NamespaceId, Resolution};
use crate::python::Targets;
use crate::syntax::ir::{
    self, Constant, Expr, ExprKind, FunctionId, JoinedPart, Range, Slot, Stmt, StmtKind, Var,
};
use crate::syntax::visit;

use crate::eval::Evaluator;
use crate::eval::calls::arguments::Actual;
use crate::eval::calls::call::Site;
use crate::eval::domain::value::{ContextId, Data, FunctionRef, Kind, Value};
use crate::eval::interpreter::annotation::runs_annotations;
use crate::eval::interpreter::frame::{Frame, Owner};
use crate::eval::interpreter::import::binds;
use crate::eval::objects::attribute::Attribute;
use crate::eval::reuse::file_set::FileSet;
use crate::eval::summaries::context::{Context, Status, does_nothing};
use crate::eval::survey::Survey;

/// The function of a module that is asked for names that it does not have (PEP 562).
const HOOK: &str = "__getattr__";

/// How far a module's evaluation has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// It was not begun.
    Waiting,
    /// It is under way.
    Running,
    /// It is over.
    Done,
}

/// A module of the tree while the program is evaluated.
#[derive(Debug)]
pub struct ModuleState {
    /// How far it is.
    pub progress: Progress,
    /// Its variables now, or at its end.
    pub slots: Vec<Value>,
    /// Its variables by name.
    pub by_name: FxHashMap<Name, Slot>,
    /// Names that only star imports bind.
    pub starred: FxHashMap<Name, (Value, FileSet)>,
    /// Whether a star import may have bound any name.
    pub is_open: bool,
    /// Whether a star import may have bound private names: `__all__` of a module of the library lists some, of which no table tells.
    pub takes_private_names: bool,
    /// Whether its annotations are evaluated.
    pub runs_annotations: bool,
    /// The evaluation of its top-level code.
    pub context: Option<ContextId>,
    /// Values that its functions assign to its variables.
    stores: FxHashMap<Name, (Option<Value>, FileSet)>,
    /// The changed files that each variable rests on.
    looked: Vec<FileSet>,
    /// The changed files that decide which further names it has.
    pub looked_for_more: FileSet,
    /// Whether its functions assign to some variable of it.
    stores_globals: bool,
    /// Whether it is a test.
    is_test: bool,
    /// Whether code elsewhere may store something in each variable: attributes of that name are assigned on what may be a module, or by tests to a test's.
    is_stored: Vec<bool>,
    /// Whether its functions assign to each variable.
    is_filled: Vec<bool>,
    /// Whether names of it are bound by computation.
    is_dynamic: bool,
}

impl ModuleState {
    /// A module that was not looked into yet.
    #[must_use]
    pub fn new(id: ModuleId, module: &program::Module, targets: &Targets, survey: &Survey) -> Self {
        let scope = &module.ir.scope;
        let by_name = scope
            .slots
            .iter()
            .enumerate()
            .filter(|(_, variable)| !variable.hidden)
            .map(|(index, variable)| {
                (
                    variable.name,
                    Slot(u32::try_from(index).unwrap_or(u32::MAX)),
                )
            })
            .collect();
        let is_test = survey.tests.contains(&id);
        let is_stored = scope.slots.iter().map(|variable| {
            survey.stored_on_modules.contains(&variable.name)
                || module.is_installed && survey.stored_unseen.contains(&variable.name)
                || is_test && survey.stored_by_tests.contains(&variable.name)
        });
        let stores_globals = survey.stores_globals.contains(&id);
        let is_filled = scope.slots.iter().map(|variable| {
            stores_globals && survey.global_stores.contains_key(&(id, variable.name))
        });
        Self {
            progress: Progress::Waiting,
            slots: vec![Value::UNBOUND; scope.slots.len()],
            by_name,
            starred: FxHashMap::default(),
            is_open: false,
            takes_private_names: false,
            runs_annotations: runs_annotations(module, targets),
            context: None,
            stores: FxHashMap::default(),
            looked: vec![FileSet::NONE; scope.slots.len()],
            looked_for_more: FileSet::NONE,
            stores_globals,
            is_test,
            is_stored: is_stored.collect(),
            is_filled: is_filled.collect(),
            is_dynamic: survey.dynamic_modules.contains(&id),
        }
    }
}

impl ModuleState {
    /// Whether a variable holds what the module's own code put there, and nothing else may have been put there.
    #[inline]
    fn is_own(&self, slot: Slot) -> bool {
        let at = slot.0 as usize;
        self.slots[at] != Value::UNBOUND
            && !self.is_dynamic
            && !self.is_filled[at]
            && !self.is_stored[at]
    }
}

impl<'p> Evaluator<'p> {
    /// Runs a module's top-level code, once, as something imports it.
    pub fn evaluate_module(&mut self, id: ModuleId) {
        self.note_import(id);
        self.start_module(id);
    }

    /// Notes that an import which is made leads to a module, if that does not parse.
    pub fn note_import(&mut self, id: ModuleId) {
        if !self.program.module(id).ir.errors.is_empty() {
            self.imported_broken.insert(id);
        }
    }

    /// Runs a module's top-level code, once.
    pub fn start_module(&mut self, id: ModuleId) {
        if self.modules[id.0 as usize].progress != Progress::Waiting {
            return;
        }
        // The packages around a module are imported before it (reference, 5.4.2), and may import it themselves.
        for package in self.program.packages_around(id) {
            self.evaluate_module(package);
        }
        if self.modules[id.0 as usize].progress != Progress::Waiting {
            return;
        }
        self.modules[id.0 as usize].progress = Progress::Running;
        self.begin_module();
        let module = self.program.module(id);
        let context = self.add_context(Context {
            is_root: true,
            ..Context::new(id, Owner::Module)
        });
        self.modules[id.0 as usize].context = Some(context);
        let mut frame = Frame::of_module(context, id, &module.ir);
        frame.introspected += u32::from(self.survey.behind_versions.contains(&id));
        let depth = std::mem::replace(&mut self.depth, 0);
        let was_importing = std::mem::replace(&mut self.is_importing, true);
        let importing = std::mem::replace(&mut self.importing, self.changes.of_module(id));
        let importing_at = self.importing_at.take();
        let perhaps = std::mem::take(&mut self.perhaps);
        let before = self.looked.get();
        let looked = self.module_body(&mut frame, &module.ir.body);
        self.depth = depth;
        self.is_importing = was_importing;
        self.importing = importing;
        self.importing_at = importing_at;
        self.perhaps = perhaps;
        if frame.state.live {
            self.publish(&frame);
        } else {
            // It does not come to its end, or this evaluation is wrong: either way its names are not relied on.
            let state = &mut self.modules[id.0 as usize];
            state.is_open = true;
            state.looked_for_more = state.looked_for_more.union(looked);
        }
        // The extension module beside it may have any other name.
        self.modules[id.0 as usize].is_open |= module.is_behind_extension;
        self.modules[id.0 as usize].progress = Progress::Done;
        self.check_exports(&mut frame);
        self.looked.set(before);
        let context = &mut self.contexts[context.0 as usize];
        context.status = Status::Done;
        context.failures = frame.failures;
        context.edges = frame.edges;
        context.tests = frame.tests;
        context.traps = frame.traps;
        context.looked = looked;
    }

    /// Runs a module's top-level code once more, for what it calls; its variables stay as they were.
    pub fn evaluate_module_again(&mut self, id: ModuleId) {
        let Some(context) = self.modules[id.0 as usize].context else {
            return;
        };
        let module = self.program.module(id);
        let mut frame = Frame::of_module(context, id, &module.ir);
        let slots = self.modules[id.0 as usize].slots.clone();
        let depth = std::mem::replace(&mut self.depth, 0);
        let importing_at = self.importing_at.take();
        self.module_body(&mut frame, &module.ir.body);
        self.importing_at = importing_at;
        self.depth = depth;
        self.modules[id.0 as usize].slots = slots;
    }

    /// Runs a module's statements. Whoever imports the module rests on what its variables rest on, one by one, and not on all
    /// that the module looked into.
    fn module_body(&mut self, frame: &mut Frame<'p>, body: &'p [Stmt]) -> FileSet {
        let mut looked = FileSet::NONE;
        for stmt in body {
            self.begin_looking(frame.module);
            self.importing_at = Some((frame.module, stmt.range.start));
            self.block(frame, std::slice::from_ref(stmt));
            looked = looked.union(self.looked.get());
        }
        looked
    }

    /// Notes that a module's variable rests on what was looked into so far.
    pub fn rests_on_looks(&mut self, module: ModuleId, slot: Slot) {
        let looked = &mut self.modules[module.0 as usize].looked[slot.0 as usize];
        *looked = looked.union(self.looked.get());
    }

    /// Notes the changed files that a module's variable rests on, as its own code reads it.
    pub fn look_at_variable(&self, module: ModuleId, slot: Slot) {
        self.look(self.modules[module.0 as usize].looked[slot.0 as usize]);
    }

    /// A variable of a module as it was last seen, an import followed once; none if it has none of that name.
    pub fn variable_at_end(&self, module: ModuleId, name: Name) -> Option<Value> {
        let find = |module: ModuleId, name: Name| {
            let module = &self.modules[module.0 as usize];
            let slot = module.by_name.get(&name)?;
            module.slots.get(slot.0 as usize).copied()
        };
        let value = find(module, name)?;
        match *self.data(value) {
            Data::Import { module, name } => Some(find(module, name).unwrap_or(value)),
            _ => Some(value),
        }
    }

    /// A name of a module as its own functions see it: a variable of the module, or a builtin; unbound if it is neither, as far as is known.
    pub fn global(&mut self, module: ModuleId, name: Name) -> Value {
        let slot = self.modules[module.0 as usize].by_name.get(&name).copied();
        let value = self.variable_in(module, name, slot);
        if value == Value::NONE {
            // A placeholder for what is put there in a way that was not seen.
            return Value::UNKNOWN;
        }
        if value != Value::UNBOUND {
            return self.or_builtin(name, value);
        }
        // A name that is put into a module by computation is hardly a builtin's.
        let unsure = self.modules[module.0 as usize].is_open || slot.is_some();
        match self.builtin_value(name) {
            Some(builtin) if !unsure || self.is_builtin_for_graph(module, name) => builtin,
            Some(_) => Value::UNKNOWN,
            None => match name.as_str() {
                "__name__" => self.values.of(Kind::Str),
                // A module that was loaded from a file has its path (the reference, "Import-related attributes on module objects").
                "__file__" => self.values.truthy(Kind::Str),
                "__package__" => {
                    let package = self.program.module(module).package;
                    let package = self.values.str(package);
                    if self.program.is_imported(module) {
                        package
                    } else {
                        // A file that is run by itself has none.
                        self.values.union(vec![Value::NONE, package])
                    }
                }
                _ => Value::UNBOUND,
            },
        }
    }

    /// What a name of a module means that some ways through it leave unbound: there it is the builtin of that name, if there is one (the language reference, 4.2.2).
    pub fn or_builtin(&mut self, name: Name, value: Value) -> Value {
        // Most names are bound on every way.
        let members = match self.data(value) {
            Data::Union(members) if members.contains(&Value::UNBOUND) => Rc::clone(members),
            _ => return value,
        };
        match self.builtin_value(name) {
            Some(builtin) => {
                let bound = members.iter().filter(|&&member| member != Value::UNBOUND);
                self.values.union(bound.copied().chain([builtin]).collect())
            }
            None => value,
        }
    }

    /// The builtin of this name, if there is one.
    fn builtin_value(&mut self, name: Name) -> Option<Value> {
        if let Some(&known) = self.builtins.get(&name) {
            return Some(known);
        }
        let builtin = crate::eval::library::table::builtin(name)?;
        let value = self.values.intern(Data::External(builtin));
        self.builtins.insert(name, value);
        Some(value)
    }

    /// Whether a name that the module itself does not bind is taken for the builtin, though a star import might have bound it.
    fn is_builtin_for_graph(&self, module: ModuleId, name: Name) -> bool {
        self.is_graph() && !self.modules[module.0 as usize].by_name.contains_key(&name)
    }

    /// A module's variable; unbound if there is none.
    pub fn variable(&mut self, module: ModuleId, name: Name) -> Value {
        let slot = self.modules[module.0 as usize].by_name.get(&name).copied();
        self.variable_in(module, name, slot)
    }

    /// The same, where it is known which slot it has, if it has one.
    fn variable_in(&mut self, module: ModuleId, name: Name, slot: Option<Slot>) -> Value {
        let state = &self.modules[module.0 as usize];
        // Most are bound by the module's own code alone, and nothing is compared.
        if let Some(slot) = slot
            && !self.changes.compares()
            && !self.is_graph()
            && state.is_own(slot)
        {
            return state.slots[slot.0 as usize];
        }
        self.look_into(module);
        let value = match slot {
            Some(slot) if state.slots[slot.0 as usize] != Value::UNBOUND => {
                self.look_at_variable(module, slot);
                state.slots[slot.0 as usize]
            }
            _ => {
                if let Some(&(value, looked)) = state.starred.get(&name) {
                    self.look(looked);
                    value
                } else if state.takes_private_names && name.starts_with('_') {
                    Value::UNKNOWN
                } else {
                    self.look(state.looked_for_more);
                    Value::UNBOUND
                }
            }
        };
        let mut value = value;
        let is_dynamic = state.is_dynamic;
        let is_filled = match slot {
            Some(slot) => state.is_filled[slot.0 as usize],
            None => state.stores_globals && self.survey.global_stores.contains_key(&(module, name)),
        };
        if is_filled {
            let stored = self.stored_globally(module, name);
            value = if value == Value::UNBOUND {
                self.values.join(stored, Value::UNKNOWN)
            } else {
                self.values.join(value, stored)
            };
        }
        // Where trees are compared, it is looked at who stores what elsewhere, even if the name is not there.
        let state = &self.modules[module.0 as usize];
        let is_stored = match slot {
            Some(slot) if !self.changes.compares() => state.is_stored[slot.0 as usize],
            None if value == Value::UNBOUND && !self.changes.compares() => false,
            _ => {
                let is_test = state.is_test;
                let is_of_package = self.program.module(module).is_installed;
                self.is_stored_on_modules(name)
                    || is_test && self.is_stored_for_tests(name)
                    || is_of_package && self.survey.stored_unseen.contains(&name)
            }
        };
        if value != Value::UNBOUND && is_stored {
            value = self.values.join(value, Value::UNKNOWN);
        }
        let is_doubtful = is_dynamic
            && (self.is_setting(value)
                || self.stands_for_another(value)
                || self.survey.replacers.contains(&module) && self.is_function_or_class(value));
        if is_doubtful {
            // `globals().update(..)`, `setattr(sys.modules[__name__], ..)` may have put something else there.
            value = self.values.join(value, Value::UNKNOWN);
        }
        if self.is_graph()
            && let Some(learnt) = self.learnt_of_module(module, name)
        {
            value = self.values.join(value, learnt);
        }
        value
    }

    /// Whether a variable holds what settings are made of.
    fn is_setting(&self, value: Value) -> bool {
        matches!(
            self.data(value),
            Data::None | Data::Bool(_) | Data::Int(_) | Data::Str(_) | Data::Of(_)
        )
    }

    /// Whether a variable holds a function or a class of the tree.
    fn is_function_or_class(&self, value: Value) -> bool {
        matches!(self.data(value), Data::Function(_) | Data::Class { .. })
    }

    /// Whether a variable holds a function that does nothing: it names, for those who read the file, what is put in its place.
    fn stands_for_another(&self, value: Value) -> bool {
        matches!(self.data(value), Data::Function(object) if does_nothing(self.definition(object.function)))
    }

    /// Whether a module is still being imported whose functions assign to its variables.
    pub fn is_early(&self, module: ModuleId) -> bool {
        self.modules[module.0 as usize].progress != Progress::Done
            && self.survey.stores_globals.contains(&module)
    }

    /// What functions assign to a variable of their module.
    fn stored_globally(&mut self, module: ModuleId, name: Name) -> Value {
        if let Some(&(known, looked)) = self.modules[module.0 as usize].stores.get(&name) {
            self.look(looked);
            return known.unwrap_or(Value::UNKNOWN);
        }
        // What a function assigns may rest on anything, so it is asked only when the module is complete.
        if self.modules[module.0 as usize].progress != Progress::Done {
            return Value::UNKNOWN;
        }
        self.modules[module.0 as usize]
            .stores
            .insert(name, (None, FileSet::NONE));
        let (before, acts) = (self.begin_looking(module), self.effects.acts.len());
        let stores = self
            .survey
            .global_stores
            .get(&(module, name))
            .cloned()
            .unwrap_or_default();
        let mut result: Option<Value> = None;
        for store in stores {
            let value = match self.stored_value(module, store) {
                Some(value) if is_top_level(&self.program.module(module).ir, store.function) => {
                    self.probe(
                        FunctionRef {
                            module,
                            id: store.function,
                        },
                        None,
                        None,
                        value,
                    )
                }
                _ => Value::UNKNOWN,
            };
            result = Some(result.map_or(value, |known| self.values.join(known, value)));
        }
        let result = result.unwrap_or(Value::UNKNOWN);
        self.name_shared(result, name);
        let looked = self.end_looking(before);
        // Whoever asks for the variable has it found out again.
        self.effects.acts.truncate(acts);
        self.modules[module.0 as usize]
            .stores
            .insert(name, (Some(result), looked));
        result
    }

    /// `module.name`, by the module's own `__getattr__` if it has no such name.
    pub fn module_attribute(
        &mut self,
        frame: &mut Frame<'p>,
        module: ModuleId,
        name: Name,
    ) -> Attribute {
        let found = self.attribute_of_module(module, name);
        if self.survey.tests.contains(&frame.module) && self.is_stored_for_tests(name) {
            // A test may have replaced it, or put it there.
            let value = found.value();
            return Attribute::Found(self.values.join(value, Value::UNKNOWN));
        }
        match found {
            // A placeholder for what is put there in a way that was not seen.
            Attribute::Found(Value::NONE) => Attribute::Found(Value::UNKNOWN),
            Attribute::Unknown if self.lacks_but_for_hook(module, name) => {
                match self.look_at_resolution(name, self.program.submodule(module, name)) {
                    Resolution::Module(submodule) => {
                        self.hook_or_submodule(frame, module, (name, submodule))
                    }
                    _ => self.hooked_attribute(frame, module, name),
                }
            }
            found => found,
        }
    }

    /// A name for which there is a submodule, besides a `__getattr__`: whoever asks first is answered by the one, and later by the other. It is the submodule if
    /// the function gives that as well, or nothing.
    fn hook_or_submodule(
        &mut self,
        frame: &mut Frame<'p>,
        module: ModuleId,
        (name, submodule): (Name, ModuleId),
    ) -> Attribute {
        let submodule = self.values.intern(Data::Module(submodule));
        match self.hooked_attribute(frame, module, name) {
            Attribute::Found(value) if value == submodule => Attribute::Found(submodule),
            Attribute::Missing => Attribute::Found(submodule),
            Attribute::Found(_) | Attribute::Unknown => Attribute::Unknown,
        }
    }

    /// What a module's `__getattr__` gives. Only one that refuses names by an `AttributeError` and in no other way can say
    /// that there is no such name.
    fn hooked_attribute(
        &mut self,
        frame: &mut Frame<'p>,
        module: ModuleId,
        name: Name,
    ) -> Attribute {
        let hook = self.variable(module, Name::new(HOOK));
        let Data::Function(object) = self.data(hook) else {
            return Attribute::Unknown;
        };
        let definition = self.definition(object.function);
        if definition.is_async || !refuses_plainly(&definition.body) {
            return Attribute::Unknown;
        }
        let argument = self.values.str(name);
        let (marks, live) = (frame.failures.len(), frame.state.live);
        let site = Site {
            call: None,
            range: Range::default(),
            shift: 0,
            dynamic: false,
            alternative: false,
        };
        let invoked = self.invoke(frame, site, hook, &Actual::of(vec![argument]));
        // Whether its body works is found when it is evaluated for itself.
        frame.failures.truncate(marks);
        frame.edges.retain(|edge| edge.range != site.range);
        frame.state.live = live;
        match (invoked.refusal, invoked.value) {
            (Some(_), _) => Attribute::Unknown,
            (None, Some(value)) => Attribute::Found(value),
            (None, None) => Attribute::Missing,
        }
    }

    pub fn attribute_of_module(&mut self, module: ModuleId, name: Name) -> Attribute {
        self.evaluate_module(module);
        if self.is_library
            && let Some(known) =
                crate::eval::library::table::library_name(self.program.module(module).name, name)
        {
            return Attribute::Found(self.values.intern(Data::External(known)));
        }
        if self.survey.replaced_modules.contains(&module) {
            // What an import gets is what the module put in its place (language reference, "The module cache"; rule 11).
            return Attribute::Unknown;
        }
        let value = self.variable(module, name);
        match self.data(value).clone() {
            Data::Unbound => {}
            Data::Import { module, name } => {
                return Attribute::Found(self.late_import(module, name));
            }
            Data::Union(members) => {
                let mut found = Vec::new();
                for &member in members.iter().filter(|&&member| member != Value::UNBOUND) {
                    let member = match *self.data(member) {
                        Data::Import { module, name } => self.late_import(module, name),
                        _ => member,
                    };
                    found.extend(self.values.alternatives(member));
                }
                if members.contains(&Value::UNBOUND) {
                    found.push(Value::UNKNOWN);
                }
                return Attribute::Found(self.values.union(found));
            }
            _ => return Attribute::Found(self.or_submodule(module, name, value)),
        }
        let texts = self.survey.hook_texts.get(&module);
        if texts.is_some_and(|texts| texts.contains(&name)) {
            return Attribute::Unknown;
        }
        match self.look_at_resolution(name, self.program.submodule(module, name)) {
            Resolution::Module(submodule) => {
                // What is filled into a package, or comes with all names of a module outside the tree, may be called like one of its submodules.
                let is_filled = self.survey.dynamic_modules.contains(&module)
                    || self.is_hidden_by_star(module, submodule);
                let submodule = self.values.intern(Data::Module(submodule));
                return Attribute::Found(if is_filled || self.binds_later(module, name) {
                    self.values.join(submodule, Value::UNKNOWN)
                } else {
                    submodule
                });
            }
            Resolution::Namespace(namespace) => {
                return Attribute::Found(self.values.intern(Data::Namespace(namespace)));
            }
            Resolution::Missing { parent, name } if !self.may_have_module(parent, name) => {}
            _ => return Attribute::Unknown,
        }
        if !self.has_hook(module) && self.lacks(module, name) {
            Attribute::Missing
        } else {
            Attribute::Unknown
        }
    }

    /// Whether a package takes all names of a module outside the tree, and no import says that the submodule is meant and not one of these.
    fn is_hidden_by_star(&mut self, package: ModuleId, submodule: ModuleId) -> bool {
        if !self.modules[package.0 as usize].is_open {
            return false;
        }
        // Any file may import it.
        self.look(FileSet::ALL);
        !self.program.is_named_in_full(submodule)
    }

    /// Whether a module that is under way has a variable of this name, which its code has not bound yet: whoever asks when all is imported, as what a file does when it is
    /// run, gets what it is bound to. `from . import name` binds it to the submodule itself.
    fn binds_later(&self, module: ModuleId, name: Name) -> bool {
        let state = &self.modules[module.0 as usize];
        if state.progress != Progress::Running {
            return false;
        }
        let info = self.program.module(module);
        let Some(&slot) = state.by_name.get(&name) else {
            // `from .lamp import *` in the package may bind the class over the module of its name.
            let is_star =
                |stmt: &Stmt| matches!(&stmt.kind, StmtKind::ImportFrom(import) if import.star);
            return info.ir.body.iter().any(is_star);
        };
        let is_submodule = |stmt: &Stmt| {
            matches!(&stmt.kind, StmtKind::ImportFrom(import)
                if import.module.is_none_or(|from| from == info.name)
                    && import.names.iter().all(|own| own.var != Var::Local(slot) || own.name == name))
        };
        let mut binds_other = false;
        visit::statements(&info.ir.body, &mut |stmt| {
            let binds = binds(std::slice::from_ref(stmt), Var::Local(slot));
            binds_other |= binds && !is_submodule(stmt);
        });
        binds_other
    }

    /// What a package has under a name that one of its submodules has, too: what its code put there, or the submodule, which importing it puts there,
    /// whatever was there before (the reference, "The import system", 5.4.2). What comes from the submodule was put there after that.
    fn or_submodule(&mut self, package: ModuleId, name: Name, value: Value) -> Value {
        if !self.program.module(package).is_package || value == Value::UNKNOWN {
            return value;
        }
        let Resolution::Module(submodule) = self.program.submodule(package, name) else {
            return value;
        };
        let within = self.program.module(submodule).name;
        let is_of_submodule = |module: ModuleId| {
            let name = self.program.module(module).name.as_str();
            name.strip_prefix(within.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        let comes_from_it = match self.data(value) {
            Data::Module(module) => *module == submodule,
            Data::Class { class, .. } | Data::Instance { class, .. } => {
                is_of_submodule(self.class(*class).module)
            }
            _ => self
                .function_behind(value)
                .is_some_and(|object| is_of_submodule(object.function.module)),
        };
        if comes_from_it {
            return value;
        }
        let submodule = self.values.intern(Data::Module(submodule));
        self.values.join(value, submodule)
    }

    /// What a module's `__getattr__` says when it refuses a name; none if it does not say one thing that can be told.
    pub fn hook_text(&mut self, module: ModuleId, name: Name) -> Option<String> {
        let hook = self.variable(module, Name::new(HOOK));
        let Data::Function(object) = self.data(hook) else {
            return None;
        };
        let definition = self.definition(object.function);
        let parameter = definition.params.first()?.name;
        let meant = |written: Name| match written.as_str() {
            "__name__" => Some(self.program.module(module).name),
            _ => (written == parameter).then_some(name),
        };
        let mut texts = Vec::new();
        visit::statements(&definition.body, &mut |stmt| {
            if let StmtKind::Raise {
                exception: Some(exception),
                ..
            } = &stmt.kind
            {
                texts.push(match &exception.kind {
                    ExprKind::Call(call) => match call.arguments.as_slice() {
                        [text] => text_of(&text.value, &meant),
                        _ => None,
                    },
                    _ => None,
                });
            }
        });
        let first = texts.first()?.clone();
        first.filter(|_| texts.iter().all(|text| *text == texts[0]))
    }

    /// Whether a module has a `__getattr__` of its own.
    pub fn has_hook(&self, module: ModuleId) -> bool {
        let state = &self.modules[module.0 as usize];
        state.by_name.contains_key(&Name::new(HOOK))
    }

    /// Whether only a module's `__getattr__` can give it a name, or the import system a submodule.
    fn lacks_but_for_hook(&mut self, module: ModuleId, name: Name) -> bool {
        self.has_hook(module)
            && match self.program.submodule(module, name) {
                Resolution::Missing { parent, name } => !self.may_have_module(parent, name),
                Resolution::Module(_) => true,
                _ => false,
            }
            && self.variable(module, name) == Value::UNBOUND
            && self.lacks(module, name)
    }

    /// Whether a module certainly has no variable of a name, and none is put there from elsewhere.
    fn lacks(&self, module: ModuleId, name: Name) -> bool {
        let state = &self.modules[module.0 as usize];
        self.has_only_its_own(module, name)
            // A variable that is assigned somewhere may be assigned when it is asked for.
            && (!state.by_name.contains_key(&name) || self.was_complete(module, name))
    }

    /// Whether a name that a module's code mentions as its own was certainly never assigned by the end.
    pub fn was_complete(&self, module: ModuleId, name: Name) -> bool {
        let state = &self.modules[module.0 as usize];
        state.by_name.get(&name).is_some_and(|slot| {
            state.slots[slot.0 as usize] == Value::UNBOUND
                && !self.program.module(module).ir.scope.dynamic
        })
    }

    /// A name that was imported before its module was ready.
    pub fn late_import(&mut self, module: ModuleId, name: Name) -> Value {
        if self.late > 16 {
            return Value::UNKNOWN;
        }
        self.late += 1;
        let value = match self.modules[module.0 as usize].progress {
            Progress::Done => match self.attribute_of_module(module, name).value() {
                Value::NONE => Value::UNKNOWN,
                value => value,
            },
            _ => Value::UNKNOWN,
        };
        self.late -= 1;
        if value == Value::UNBOUND {
            Value::UNKNOWN
        } else {
            value
        }
    }

    /// A member of a package directory without a file.
    pub fn namespace_attribute(&mut self, namespace: NamespaceId, name: Name) -> Attribute {
        match self.look_at_resolution(name, self.program.namespace_member(namespace, name)) {
            Resolution::Module(module) => {
                self.evaluate_module(module);
                Attribute::Found(self.values.intern(Data::Module(module)))
            }
            Resolution::Namespace(inner) => {
                Attribute::Found(self.values.intern(Data::Namespace(inner)))
            }
            _ => Attribute::Unknown,
        }
    }
}

/// Whether all that a function raises itself are `AttributeError`s.
fn refuses_plainly(body: &[Stmt]) -> bool {
    let attribute_error = Name::new("AttributeError");
    let (mut some, mut all) = (false, true);
    visit::statements(body, &mut |stmt| {
        // A plain `raise` hands on what an import within raised.
        if let StmtKind::Raise {
            exception: Some(exception),
            ..
        } = &stmt.kind
        {
            some = true;
            all &=
                crate::eval::exceptions::exception::raised_name(exception) == Some(attribute_error);
        }
    });
    some && all
}

/// A text made of literals and of names that `meant` knows, quoted where they are not put in plainly.
fn text_of(expr: &Expr, meant: &dyn Fn(Name) -> Option<Name>) -> Option<String> {
    match &expr.kind {
        ExprKind::Constant(Constant::Str(text)) => Some(text.to_string()),
        ExprKind::Name(name, _) => meant(*name).map(|name| name.to_string()),
        ExprKind::Joined(parts) => parts
            .iter()
            .map(|part| match part {
                JoinedPart::Literal(text) => Some(text.to_string()),
                JoinedPart::Value {
                    value, plain: true, ..
                } => text_of(value, meant),
                JoinedPart::Value { value, .. } => {
                    let text = text_of(value, meant)?;
                    Some(crate::eval::exceptions::exception::repr(&text))
                }
            })
            .collect(),
        _ => None,
    }
}

/// What every module has, or gets when it is imported.
pub(super) fn is_given(name: Name) -> bool {
    crate::eval::objects::attribute::is_special(name)
        && !matches!(
            name.as_str(),
            "__all__" | "__version__" | "__author__" | "__license__" | "__email__" | "__title__"
        )
}

fn is_top_level(ir: &ir::Module, function: FunctionId) -> bool {
    matches!(ir[function].parent, ir::Parent::Module)
}
