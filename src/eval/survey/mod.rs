//! One pass over the whole tree before evaluation: what code anywhere may do to names that other code relies on.
//!
//! Evaluation follows each function on its own. An attribute assigned from elsewhere, a table filled by a function, a
//! `global` statement would be missed, so they are collected here by name, generously: a name found here is not relied on.

use std::sync::OnceLock;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::name::Name;
use crate::program::{ModuleId, Program};
use crate::syntax::beside::Beside;
use crate::syntax::ir::{
    Call, ClassId, Constant, Expr, ExprKind, Function, FunctionId, Module, Parent, Range, Slot,
    Stmt, StmtKind, Var,
};
use crate::syntax::visit::{self, Parts};

mod aliases;
mod code;
pub mod contents;
mod copied;
pub mod flows;
mod frames;
mod hooks;
mod imports;
mod kept;
mod mentions;
mod own_object;
pub mod patches;
mod paths;
mod spread;
mod texts;
mod unrun;
pub mod versions;

use crate::eval::reuse::changes::Said;
use crate::eval::survey::flows::{Flow, collect_flows};
use crate::python::mutators::is_mutator;
use aliases::tail_of_part;
use code::{
    asks_to_register, bound_definitions, each_stored_attribute, each_target, is_test,
    loads_caller_of_python, may_set_attributes, prepares_parts, sets_by_method, sets_computed_name,
    shared_tail, targets,
};
pub use code::{hands_over, is_static, root_of};
use frames::is_one_global_of_frame;
use imports::digest_of_imports;
use kept::kept_code;
use own_object::OwnObject;
pub use patches::replaced_in;
use patches::{
    each_namespace_read, is_heedless, is_instance_namespace, is_namespace_of_module, is_replacing,
    made_slots, module_slots, modules_by_name, one_name_of,
};

/// An assignment to an attribute of `self`, or to a module's variable from within a function.
#[derive(Clone, Copy, Debug)]
pub struct Store {
    /// The function that assigns.
    pub function: FunctionId,
    /// Where it stands what is assigned; none if it is not a plain assignment.
    pub value: Option<Range>,
}

/// What functions do to a container, found by the name that they reach it by.
#[derive(Debug, Default)]
pub struct Mutation {
    /// String keys that are assigned.
    pub keys: FxHashSet<Name>,
    /// Whether other keys are assigned.
    pub stores: bool,
    /// Whether keys are removed.
    pub removes: bool,
    /// Whether items are added by `append` or `add`, to it or to what is in it.
    pub adds: bool,
    /// Whether what is in it may be changed in another way, by a name of its own or where it is taken out.
    pub inner: bool,
    /// Whether anything else happens to it.
    pub arbitrary: bool,
}

/// See the module's text.
#[derive(Debug, Default)]
pub struct Survey {
    /// Whether something of the tree changes the parts of a path before a view gets them: Flask's `url_value_preprocessor`.
    pub prepares_parts: bool,
    /// The extension modules that code of the tree has cffi compile.
    pub compiled: FxHashSet<Name>,
    /// Attribute names that are assigned on something else than a method's own `self`.
    pub stored_attributes: FxHashSet<Name>,
    /// Those among them that may be assigned on a module.
    pub stored_on_modules: FxHashSet<Name>,
    /// Modules that test others, and replace things in them for a while.
    pub tests: FxHashSet<ModuleId>,
    /// The names of attributes and variables that those assign or patch: they are replaced while a test runs, and nowhere else.
    pub stored_by_tests: FxHashSet<Name>,
    /// What methods assign to their `self`, by class and attribute.
    pub self_stores: FxHashMap<(ModuleId, ClassId), FxHashMap<Name, Vec<Store>>>,
    /// Attributes whose content methods of a class may call, or pass on as `*x` or `**x`.
    pub called: FxHashMap<(ModuleId, ClassId), FxHashSet<Name>>,
    /// What functions assign to variables of their module (`global`).
    pub global_stores: FxHashMap<(ModuleId, Name), Vec<Store>>,
    /// The modules that have such functions.
    pub stores_globals: FxHashSet<ModuleId>,
    /// Containers that functions change, by the last part of the name that they reach them by.
    pub mutations: FxHashMap<Name, Mutation>,
    /// The names of those that functions of installed packages fill: of these only what the tree calls is evaluated.
    pub filled_by_packages: FxHashSet<Name>,
    /// The names of those that files of installed packages may change which are not parsed.
    pub filled_unseen: FxHashSet<Name>,
    /// The names of attributes that such files may put on something.
    pub stored_unseen: FxHashSet<Name>,
    /// Parameters and keywords whose value decides something in some function: keys, comparisons, names to import.
    pub deciding: FxHashSet<Name>,
    /// Modules whose names may change unseen: `globals()[x] = y`, `exec`, `setattr(module, name, ..)`.
    pub dynamic_modules: FxHashSet<ModuleId>,
    /// Modules that put something else in their own place: `sys.modules[__name__] = Lazy(__name__)`.
    pub replaced_modules: FxHashSet<ModuleId>,
    /// The names of files, as far as they are written out, in modules that run code by `exec`, and those beside them: `config.py`, `config-{}.py`.
    pub executed: FxHashSet<Name>,
    /// The names of files that each module writes out.
    named_files: FxHashMap<ModuleId, FxHashSet<Name>>,
    /// Those of them that read texts.
    text_readers: FxHashSet<ModuleId>,
    /// The folders, by their last names, that modules write out which copy files.
    copied_folders: FxHashMap<ModuleId, FxHashSet<Name>>,
    /// The modules, by their last names, whose files modules copy that ask for them.
    copied_files: FxHashMap<ModuleId, FxHashSet<Name>>,
    /// Whether code of the tree makes functions out of the code of others, which may have other names then: `FunctionType(code, names)`.
    pub rebuilds_functions: bool,
    /// The modules that do so.
    pub rebuilders: FxHashSet<ModuleId>,
    /// Variables that hold the variables of the module that some function is of: `names = function.__globals__`.
    globals_of_functions: FxHashSet<Name>,
    /// Whether the module takes functions' source and parses it (`ast.parse(inspect.getsource(f))`): what it is given need not be run by Python.
    reads_sources: bool,
    /// The modules that do so, by the first part of their names.
    pub source_readers: FxHashSet<Name>,
    /// The modules themselves.
    pub source_parsers: FxHashSet<ModuleId>,
    /// Whether the module takes functions' source as a text (`inspect.getsource(f)`).
    takes_sources: bool,
    /// The modules that do so, parsed or not.
    pub source_takers: FxHashSet<ModuleId>,
    /// Whether the module puts names into many others: [`spread::spreads_names`].
    spreads_names: bool,
    /// Whether the module puts something in the place of what is called so: [`spread::replaces_by_name`].
    replaces_by_name: bool,
    /// The modules that do so.
    pub replacers: FxHashSet<ModuleId>,
    /// Whether the module runs texts among its own names: `exec(text)`.
    runs_texts: bool,
    /// Whether the module loads a library that calls Python's own functions, and may put names there: [`loads_caller_of_python`].
    loads_callers: bool,
    /// Files that hold `{{name}}`, a set in a set, which no Python makes: templates, whose names a generator fills in.
    pub templates: FxHashSet<ModuleId>,
    /// Files that show that another Python than CPython runs them, and by what.
    pub of_dialects: FxHashMap<ModuleId, Dialect>,
    /// Modules with a function that reads files and runs them with names that it gives them.
    readers: FxHashSet<ModuleId>,
    /// Modules that Python does not run as they stand.
    pub unrun: FxHashSet<ModuleId>,
    /// Modules in folders that a command of the tree copies to where they run.
    pub copied: FxHashSet<ModuleId>,
    /// Modules that only name things, for a tool that reads them.
    pub lists: FxHashSet<ModuleId>,
    /// Modules that may be given names by whatever reads and runs their files.
    pub given_names: FxHashSet<ModuleId>,
    /// The texts in modules with a `__getattr__`: it may have something for each of them, beside the submodule that is called so (PEP 562).
    pub hook_texts: FxHashMap<ModuleId, FxHashSet<Name>>,
    /// Modules whose `__getattr__` keeps what it gives among the module's names.
    pub keeping_hooks: FxHashSet<ModuleId>,
    /// Whether code of the tree adds finders of modules: `sys.meta_path`, `sys.path_hooks`.
    pub adds_finders: bool,
    /// The names by which a file looks modules up in `sys.modules`.
    looked_up: FxHashSet<Name>,
    /// Modules that run code by `exec` or `runpy.run_path`.
    pub runners: FxHashSet<ModuleId>,
    /// The module's own functions and classes that it hands to something as arguments: `lower(add, ..)`, `create(Payment)`.
    pub handed_on: FxHashSet<(ModuleId, Name)>,
    /// The last parts of the names that calls get as arguments, wherever.
    pub given_away: FxHashSet<Name>,
    /// The last parts of the names that calls outside of tests are made by: a class among them is made somewhere.
    pub called_names: FxHashSet<Name>,
    /// The last parts of the names that classes derive from.
    pub base_names: FxHashSet<Name>,
    /// Names that a module hands to something unknown as keywords of a call by itself, which may put them there: `public(registry=Registry())`.
    pub announced: FxHashSet<(ModuleId, Name)>,
    /// Modules (the last part of their names) on which other code sets names that are no literals.
    pub patched_modules: FxHashSet<Name>,
    /// Modules (their whole names) whose names other code may set, having looked them up by that name.
    pub found_by_name: FxHashSet<Name>,
    /// Modules with a `setattr` whose name is not a literal, on some object: their classes may have any attribute.
    pub dynamic_attributes: FxHashSet<ModuleId>,
    /// Classes whose methods do that to their first parameter alone: they and what derives from them may have any attribute.
    pub dynamic_classes: FxHashSet<(ModuleId, ClassId)>,
    /// Modules whose functions put names into other modules, found by `sys.modules[x].__dict__`.
    pub rewriters: FxHashSet<ModuleId>,
    /// The last names of what code from outside may give attributes: `mapper(Order, orders)`.
    pub mapped: FxHashSet<Name>,
    /// Those of them that put names into the module of whoever calls them: `currentframe().f_back.f_globals[name] = value`.
    pub frame_writers: FxHashSet<ModuleId>,
    /// Modules whose code looks up the module in which a class is defined, `sys.modules[cls.__module__]`; those of them that are [`Self::rewriters`] put names
    /// there.
    pub class_rewriters: FxHashSet<ModuleId>,
    /// Classes whose methods hand their `self` to other code, which may put attributes on it.
    pub escaping: FxHashSet<(ModuleId, ClassId)>,
    /// Classes whose methods tell other code the names of their parameters: it may find the method's frame, and put what that holds on `self`.
    pub framed: FxHashSet<(ModuleId, ClassId)>,
    /// What methods of a class call by itself without any argument, by plain names: it may find the method's frame, and put what it holds on `self`.
    pub frame_users: FxHashMap<(ModuleId, ClassId), Vec<Name>>,
    /// The names of the classes, functions and plainly imported modules of the module that is looked over.
    definitions: FxHashSet<Name>,
    /// The names of its functions that do not look at what they are called with.
    heedless: FxHashSet<Name>,
    /// Whether it is a function that is looked over.
    in_function: bool,
    /// What the function that is looked over has as its first parameter, if it is a method that is called with an object of its own class.
    own_object: Option<OwnObject>,
    /// The methods by which classes came to [`Self::dynamic_classes`].
    setters: Vec<OwnObject>,
    /// The variables of the function that is looked over that may be modules.
    module_slots: FxHashSet<Slot>,
    /// Its variables that hold new objects and nothing else.
    made_slots: FxHashSet<Slot>,
    /// How many parameters the function has that is looked through, if it is a method; else 0.
    method_parameters: usize,
    /// Classes among whose methods one sets attributes of its first parameter whose names are not known.
    pub rewriting: FxHashSet<(ModuleId, ClassId)>,
    /// Functions whose `__code__` or defaults are replaced: the last part of the names that they are reached by, and the part before it, unless it
    /// is a variable of a function.
    pub rewritten_functions: FxHashSet<(Option<Name>, Name)>,
    /// Classes whose methods assign `__class__` or `__dict__` of their `self`.
    pub reclassed: FxHashSet<(ModuleId, ClassId)>,
    /// Functions and constants of modules that are made of a version, a signature or the like: whoever tests them asks for that.
    pub version_names: FxHashSet<Name>,
    /// The names in the tests of the file that is looked over that stand around imports.
    import_guards: FxHashSet<Name>,
    /// Modules that are imported under a test about versions or the like, and nowhere else.
    pub behind_versions: FxHashSet<ModuleId>,
    /// Modules that are imported behind tests for the platform alone: what Python has is another matter there, and what the tree has is not.
    pub behind_platforms: FxHashSet<ModuleId>,
    /// Whether code of the tree changes `sys.path` or `sys.modules`.
    pub changes_import_system: bool,
    /// The modules that do so in a way that cannot be read from the code.
    pub import_changers: FxHashSet<ModuleId>,
    /// The directories of the tree that code adds to `sys.path`, each from the tree's top.
    pub added_directories: FxHashSet<String>,
    /// The files that add them, each with those that it adds.
    pub adders: FxHashMap<ModuleId, Vec<String>>,
    /// The same of the file that is looked over, and where each is added: the start of what is called.
    added: Vec<Beside>,
    known_additions: FxHashSet<u32>,
    /// Whether that file changes `sys.path` or `sys.modules` in another way.
    changes_unknown_imports: bool,
    /// A digest of the imports of the file that is looked over, and of whether each stands under no test.
    pub imports: u64,
    /// Whether code of the tree asks anything for its `register`, as abstract classes have one: classes may be instances of them without deriving from them.
    pub registers_classes: bool,
}

impl Survey {
    /// Whether functions of the tree fill a variable of a module, or what it holds, after the import.
    #[must_use]
    pub fn is_filled(&self, module: ModuleId, name: Name) -> bool {
        let is_changed = |mutation: &Mutation| {
            mutation.stores
                || mutation.removes
                || mutation.adds
                || mutation.arbitrary
                || !mutation.keys.is_empty()
        };
        self.global_stores.contains_key(&(module, name))
            || self.mutations.get(&name).is_some_and(is_changed)
    }
}

impl Mutation {
    fn add(&mut self, other: &Self) {
        self.keys.extend(&other.keys);
        self.stores |= other.stores;
        self.removes |= other.removes;
        self.adds |= other.adds;
        self.inner |= other.inner;
        self.arbitrary |= other.arbitrary;
    }
}

/// What one file says. It is worked out once, however many programs the file is part of.
#[derive(Debug)]
struct Part {
    survey: Survey,
    flows: Vec<Flow>,
    /// See [`contents`]; worked out when it is first asked for.
    contents: OnceLock<contents::Contents>,
}

impl Part {
    fn of(ir: &Module) -> &Self {
        ir.aside.get_or_work_out(|| {
            let mut survey = Survey::default();
            let bodies = ir.functions.iter().map(|function| &function.body);
            let bodies: Vec<Parts<'_>> = bodies.map(|body| Parts::of(body)).collect();
            survey.module(ModuleId(0), ir, &bodies);
            let mut flows = Vec::new();
            for (function, parts) in ir.functions.iter().zip(&bodies) {
                collect_flows(function, parts, &mut flows);
            }
            Self {
                survey,
                flows,
                contents: OnceLock::new(),
            }
        })
    }
}

impl Survey {
    /// Looks over all modules.
    #[must_use]
    pub fn new(program: &Program) -> Self {
        let mut survey = Self::default();
        let (mut hosts, mut spreaders) = (Vec::new(), Vec::new());
        let mut flows = Vec::new();
        let mut parameters: FxHashMap<Name, Vec<&Function>> = FxHashMap::default();
        for id in program.module_ids() {
            let ir = &program.module(id).ir;
            let part = Part::of(ir);
            let before = (survey.changes_import_system, survey.adds_finders);
            survey.add(id, &part.survey, is_test(program, id));
            if program.module(id).is_installed {
                // What a library does to where imports look is for parts of its own.
                (survey.changes_import_system, survey.adds_finders) = before;
                let filled = part.survey.mutations.iter();
                let filled = filled.filter(|(_, mutation)| mutation.stores);
                survey
                    .filled_by_packages
                    .extend(filled.map(|(name, _)| *name));
            } else {
                survey.add_paths(program, id, &part.survey);
            }
            if part.survey.reads_sources && !is_test(program, id) {
                survey.source_readers.insert(root_of(program, id));
                survey.source_parsers.insert(id);
            }
            if part.survey.takes_sources {
                survey.source_takers.insert(id);
            }
            if part.survey.looked_up.contains(&program.module(id).name) {
                // What it finds there may be something else that was put in its place.
                survey.dynamic_modules.insert(id);
            }
            if part.survey.loads_callers {
                survey.dynamic_modules.insert(id);
                hosts.push(id);
            }
            if part.survey.spreads_names {
                spreaders.push(id);
            }
            if part.survey.replaces_by_name {
                survey.replacers.insert(id);
            }
            flows.extend(&part.flows);
            for function in &ir.functions {
                let called = flows::called(ir, function);
                parameters.entry(called).or_default().push(function);
            }
        }
        survey.add_unread(program);
        survey.settle_flows(&flows, &parameters);
        survey.settle_runners(program);
        survey.unrun = Self::find_unrun(program);
        survey.copied = survey.find_copied(program);
        survey.lists = Self::find_lists(program);
        survey.given_names = survey.find_given(program);
        survey
            .given_names
            .extend(survey.find_copied_by_file(program));
        let spread = Self::find_spread(program, &spreaders);
        survey.dynamic_modules.extend(&spread);
        survey.given_names.extend(hosts.into_iter().chain(spread));
        (survey.behind_versions, survey.behind_platforms) = survey.find_behind_versions(program);
        survey
    }

    /// Adds what is known by its letters of files that are not parsed.
    fn add_unread(&mut self, program: &Program) {
        let unread = program.unread();
        self.stored_attributes.extend(&unread.stored);
        self.stored_unseen.extend(&unread.stored);
        self.filled_unseen.extend(&unread.filled);
    }

    /// Adds what one file says of names, wherever they are.
    pub fn add_names(&mut self, part: &Self) {
        self.called_names.extend(&part.called_names);
        self.stored_attributes.extend(&part.stored_attributes);
        self.stored_on_modules.extend(&part.stored_on_modules);
        self.patched_modules.extend(&part.patched_modules);
        self.found_by_name.extend(&part.found_by_name);
        self.add_more_names(part);
    }

    /// The same but for what a test replaces.
    fn add_more_names(&mut self, part: &Self) {
        self.base_names.extend(&part.base_names);
        self.mapped.extend(&part.mapped);
        self.rewritten_functions.extend(&part.rewritten_functions);
        self.version_names.extend(&part.version_names);
        self.changes_import_system |= part.changes_import_system;
        self.registers_classes |= part.registers_classes;
        self.prepares_parts |= part.prepares_parts;
        self.compiled.extend(&part.compiled);
        self.rebuilds_functions |= part.rebuilds_functions;
        self.adds_finders |= part.adds_finders;
        for (&name, mutation) in &part.mutations {
            self.mutations.entry(name).or_default().add(mutation);
        }
    }

    /// Whether this says something already, or what makes it say no more.
    #[must_use]
    pub fn says(&self, said: &Said) -> bool {
        match said {
            Said::Stores(name) => self.stored_attributes.contains(name),
            Said::GivesAway(name) => self.given_away.contains(name),
            Said::StoresOnModules(name) => self.stored_on_modules.contains(name),
            Said::Mutates(name, keys, [stores, removes, adds, inner, arbitrary]) => {
                self.mutations.get(name).is_some_and(|known| {
                    // Nothing can be said of the content of a container with which anything may happen.
                    known.arbitrary
                        || !arbitrary
                            && stores <= &known.stores
                            && removes <= &known.removes
                            && adds <= &known.adds
                            && inner <= &known.inner
                            && keys.iter().all(|key| known.keys.contains(key))
                })
            }
            Said::ChangesImports => self.changes_import_system,
            Said::RegistersClasses => self.registers_classes,
            Said::PreparesParts => self.prepares_parts,
            Said::Compiles(name) => self.compiled.contains(name),
            Said::RewritesFunction(owner, name) => {
                self.rewritten_functions.contains(&(*owner, *name))
            }
            Said::Patches(_) | Said::Rewrites | Said::Imports(_) => false,
        }
    }

    /// Adds what one file says, which is this module of the program.
    fn add(&mut self, id: ModuleId, part: &Self, is_test: bool) {
        if is_test {
            self.tests.insert(id);
            self.stored_by_tests.extend(&part.stored_attributes);
            self.stored_by_tests.extend(&part.stored_on_modules);
            self.add_more_names(part);
        } else {
            self.add_names(part);
        }
        if part.rebuilds_functions {
            self.rebuilders.insert(id);
        }
        for (&(_, class), stores) in &part.self_stores {
            self.self_stores.insert((id, class), stores.clone());
        }
        for (&(_, class), names) in &part.called {
            self.called.insert((id, class), names.clone());
        }
        for (&(_, name), stores) in &part.global_stores {
            self.global_stores.insert((id, name), stores.clone());
            self.stores_globals.insert(id);
        }
        if let Some(files) = part.named_files.get(&ModuleId(0)) {
            self.named_files.insert(id, files.clone());
        }
        if let Some(folders) = part.copied_folders.get(&ModuleId(0)) {
            self.copied_folders.insert(id, folders.clone());
        }
        if let Some(files) = part.copied_files.get(&ModuleId(0)) {
            self.copied_files.insert(id, files.clone());
        }
        if let Some(texts) = part.hook_texts.get(&ModuleId(0)) {
            self.hook_texts.insert(id, texts.clone());
        }
        let announced = part.announced.iter();
        self.announced
            .extend(announced.map(|&(_, name)| (id, name)));
        self.given_away.extend(&part.given_away);
        let handed_on = part.handed_on.iter();
        self.handed_on
            .extend(handed_on.map(|&(_, name)| (id, name)));
        let here = |modules: &FxHashSet<ModuleId>| (!modules.is_empty()).then_some(id);
        self.text_readers.extend(here(&part.text_readers));
        self.dynamic_modules.extend(here(&part.dynamic_modules));
        self.replaced_modules.extend(here(&part.replaced_modules));
        self.keeping_hooks.extend(here(&part.keeping_hooks));
        self.dynamic_attributes
            .extend(here(&part.dynamic_attributes));
        self.rewriters.extend(here(&part.rewriters));
        self.frame_writers.extend(here(&part.frame_writers));
        self.class_rewriters.extend(here(&part.class_rewriters));
        self.runners.extend(here(&part.runners));
        self.readers.extend(here(&part.readers));
        self.templates.extend(here(&part.templates));
        let of_dialects = part.of_dialects.values();
        self.of_dialects
            .extend(of_dialects.map(|own| (id, own.clone())));
        let classes = |classes: &FxHashSet<(ModuleId, ClassId)>| -> Vec<(ModuleId, ClassId)> {
            classes.iter().map(|&(_, class)| (id, class)).collect()
        };
        self.escaping.extend(classes(&part.escaping));
        self.framed.extend(classes(&part.framed));
        for (&(_, class), names) in &part.frame_users {
            self.frame_users.insert((id, class), names.clone());
        }
        self.rewriting.extend(classes(&part.rewriting));
        self.dynamic_classes.extend(classes(&part.dynamic_classes));
        self.reclassed.extend(classes(&part.reclassed));
    }

    /// What one file says. Which parameters decide something is no matter of one file, and left out; the file is module 0.
    #[must_use]
    pub fn of_file(ir: &Module) -> &Self {
        &Part::of(ir).survey
    }

    /// Which parameters and keywords of one file's functions are handed on to where they may decide something.
    #[must_use]
    pub fn flows_of_file(ir: &Module) -> &[Flow] {
        &Part::of(ir).flows
    }

    /// What it says of names that code elsewhere relies on.
    pub fn said(&self) -> impl Iterator<Item = Said> {
        let stores = self
            .stored_attributes
            .iter()
            .map(|&name| Said::Stores(name));
        let on_modules = self.stored_on_modules.iter();
        let on_modules = on_modules.map(|&name| Said::StoresOnModules(name));
        let mutates = self.mutations.iter().map(|(&name, mutation)| {
            let mut keys: Vec<Name> = mutation.keys.iter().copied().collect();
            keys.sort_unstable();
            Said::Mutates(
                name,
                keys,
                [
                    mutation.stores,
                    mutation.removes,
                    mutation.adds,
                    mutation.inner,
                    mutation.arbitrary,
                ],
            )
        });
        let gives = self.given_away.iter().map(|&name| Said::GivesAway(name));
        let patched = self.patched_modules.iter().chain(&self.found_by_name);
        let patches = patched.map(|&name| Said::Patches(name));
        let is_rewriting = self.rebuilds_functions || !self.runners.is_empty();
        let rewrites = self.rewriters.iter().map(|_| Said::Rewrites);
        let rewrites = rewrites.chain(is_rewriting.then_some(Said::Rewrites));
        let functions = self.rewritten_functions.iter();
        let functions = functions.map(|&(owner, name)| Said::RewritesFunction(owner, name));
        let imports = self.changes_import_system.then_some(Said::ChangesImports);
        let registers = self.registers_classes.then_some(Said::RegistersClasses);
        stores
            .chain(on_modules)
            .chain(mutates)
            .chain(gives)
            .chain(patches)
            .chain(rewrites)
            .chain(functions)
            .chain(imports)
            .chain(registers)
            .chain(self.prepares_parts.then_some(Said::PreparesParts))
            .chain(self.compiled.iter().map(|&name| Said::Compiles(name)))
            .chain([Said::Imports(self.imports)])
    }

    /// Looks over one module.
    fn module(&mut self, id: ModuleId, ir: &Module, bodies: &[Parts<'_>]) {
        self.definitions.clear();
        self.definitions
            .extend(ir.classes.iter().map(|class| class.name));
        let functions = ir.functions.iter().map(|function| function.name);
        self.definitions.extend(functions);
        visit::statements(&ir.body, &mut |stmt| match &stmt.kind {
            StmtKind::Import(import) if !import.has_alias => {
                self.definitions.insert(import.module);
            }
            _ => {}
        });
        self.imports = digest_of_imports(ir);
        self.version_names(ir);
        let own = Parts::of(&ir.body);
        for parts in std::iter::once(&own).chain(bodies) {
            self.import_guards(parts);
        }
        self.mentioned(id, ir, std::iter::once(&own).chain(bodies));
        let heedless = ir.functions.iter().zip(bodies);
        let heedless = heedless.filter(|(function, parts)| is_heedless(function, parts));
        self.heedless = heedless.map(|(function, _)| function.name).collect();
        self.module_level(id, &ir.body, false);
        self.announcements(id, &ir.body);
        let of_functions = ir.functions.iter().map(|function| &function.decorators);
        let of_classes = ir.classes.iter().map(|class| &class.decorators);
        for decorator in of_functions.chain(of_classes).flatten() {
            visit::expressions(decorator, &mut |expr| {
                self.registers_classes |= asks_to_register(expr);
                self.prepares_parts |= prepares_parts(expr);
                if let ExprKind::Call(call) = &expr.kind {
                    self.call(id, call, false);
                }
            });
        }
        for class in &ir.classes {
            self.module_level(id, &class.body, true);
        }
        for (index, (function, parts)) in ir.functions.iter().zip(bodies).enumerate() {
            let function_id = FunctionId(u32::try_from(index).unwrap_or(u32::MAX));
            let is_top_level = matches!(function.parent, Parent::Module);
            for default in function.params.iter().filter_map(|p| p.default.as_ref()) {
                if is_top_level && is_namespace_of_module(default) {
                    self.dynamic_modules.insert(id);
                }
            }
            self.function(id, (function_id, function), parts);
        }
        self.settle_setters(id, ir, bodies);
        self.spreads_names = spread::spreads_names(ir);
        // Whatever puts names into its module by `globals()` or `setattr` is noted as such.
        self.replaces_by_name = self.dynamic_modules.contains(&id) && spread::replaces_by_name(ir);
        if self.runs_texts {
            self.patched_modules.extend(texts::assigned_in_texts(ir));
        }
    }

    /// Code that runs once, in order: only what it does to others counts.
    fn module_level(&mut self, module: ModuleId, body: &[Stmt], is_class: bool) {
        visit::statements(body, &mut |stmt| {
            self.namespace_alias(module, stmt);
            for target in targets(stmt) {
                visit::expressions(target, &mut |expr| {
                    if let ExprKind::Attribute {
                        value: base,
                        attribute,
                        ..
                    } = &expr.kind
                    {
                        self.special_store(module, None, base, *attribute);
                    }
                });
                // `shop.stock["apple"] = 1` stores no attribute `stock`.
                each_stored_attribute(target, &mut |attribute| {
                    self.stored_attributes.insert(attribute);
                    self.stored_on_modules.insert(attribute);
                });
                self.import_system_store(target, false);
                self.namespace_store(module, target, is_class);
            }
        });
        visit::all_expressions(body, &mut |expr| {
            self.registers_classes |= asks_to_register(expr);
            self.prepares_parts |= prepares_parts(expr);
            if let ExprKind::Call(call) = &expr.kind {
                self.call(module, call, false);
            }
            self.rewriter(module, expr, &FxHashSet::default());
        });
    }

    fn function(
        &mut self,
        module: ModuleId,
        (id, function): (FunctionId, &Function),
        parts: &Parts<'_>,
    ) {
        let own_self = match function.parent {
            Parent::Class(class) if !is_static(function) => {
                function.params.first().map(|_| (class, Slot(0)))
            }
            _ => None,
        };
        self.aliased_changes(parts);
        self.methods_given(function);
        self.in_function = true;
        self.own_object = OwnObject::of(function);
        self.module_slots = module_slots(function, parts);
        self.made_slots = made_slots(function, parts);
        self.method_parameters = match function.parent {
            Parent::Class(_) => function.params.len(),
            _ => 0,
        };
        parts.statements.iter().for_each(|&stmt| {
            if hooks::keeps_answer(function, stmt) {
                self.keeping_hooks.insert(module);
                return;
            }
            self.namespace_alias(module, stmt);
            let value = match &stmt.kind {
                StmtKind::Assign { value, .. } => Some(value),
                StmtKind::AnnAssign {
                    value: Some(value), ..
                } => Some(value),
                StmtKind::AnnAssign { value: None, .. } => return,
                _ => None,
            };
            if let StmtKind::Assign { targets, .. } = &stmt.kind
                && targets.len() > 1
            {
                // `self.table = table = {}`: what is done to the variable is done to the attribute.
                for name in targets.iter().filter_map(shared_tail) {
                    self.mutations.entry(name).or_default().arbitrary = true;
                }
            }
            for target in targets(stmt) {
                if let (StmtKind::Delete(_), ExprKind::Subscript { value: base, .. }) =
                    (&stmt.kind, &target.kind)
                {
                    if let Some(name) = shared_tail(base) {
                        self.mutations.entry(name).or_default().removes = true;
                    }
                    continue;
                }
                self.store(module, id, own_self, target, value);
            }
            for variable in bound_definitions(stmt) {
                if let Var::Global(name) = variable {
                    self.global_stores
                        .entry((module, name))
                        .or_default()
                        .push(Store {
                            function: id,
                            value: None,
                        });
                }
            }
        });
        if let Some((class, _)) = own_self {
            self.users_of_frames(module, class, (function, parts));
            let called = kept_code(parts);
            if !called.is_empty() {
                self.called
                    .entry((module, class))
                    .or_default()
                    .extend(called);
            }
        }
        let others = modules_by_name(parts);
        // Namespaces that are looked at for one name, or as a whole, and stay as they are: what they stand in comes first.
        let mut one_name = FxHashSet::default();
        let mut stored = FxHashSet::default();
        for &stmt in &parts.statements {
            each_target(stmt, &mut |target| {
                stored.insert(target.range);
            });
        }
        let is_target = |expr: &Expr| stored.contains(&expr.range);
        parts.expressions.iter().for_each(|&expr| match &expr.kind {
            _ if asks_to_register(expr) => self.registers_classes = true,
            ExprKind::Attribute { .. } if one_name.contains(&expr.range) => {}
            ExprKind::Compare { .. } => each_namespace_read(expr, &mut |part| {
                one_name.insert(part.range);
            }),
            ExprKind::Call(call) => {
                if let Some((namespace, name)) = one_name_of(call) {
                    one_name.insert(namespace.range);
                    self.stored_on_modules.insert(name);
                }
                each_namespace_read(expr, &mut |part| {
                    one_name.insert(part.range);
                });
                self.call(module, call, true);
                self.rewriter(module, expr, &others);
                if let Some((class, slot)) = own_self
                    && hands_over(call, slot)
                {
                    self.escaping.insert((module, class));
                }
                if let Some((class, slot)) = own_self
                    && sets_computed_name(call, slot)
                {
                    self.rewriting.insert((module, class));
                }
                if let Some((class, _)) = own_self
                    && sets_by_method(call)
                {
                    self.rewriting.insert((module, class));
                    self.sets_through_method(module, call);
                }
            }
            // `sys._getframe(1).f_globals["__name__"]`.
            ExprKind::Subscript { value, index }
                if is_one_global_of_frame(value, index) && !is_target(expr) =>
            {
                one_name.insert(value.range);
            }
            ExprKind::Attribute { .. } | ExprKind::Subscript { .. } => {
                self.rewriter(module, expr, &others);
            }
            ExprKind::Walrus {
                var: Var::Global(name),
                ..
            } => {
                self.global_stores
                    .entry((module, *name))
                    .or_default()
                    .push(Store {
                        function: id,
                        value: None,
                    });
            }
            _ => {}
        });
    }

    /// An assignment (or `del`) inside a function.
    fn store(
        &mut self,
        module: ModuleId,
        function: FunctionId,
        own_self: Option<(ClassId, Slot)>,
        target: &Expr,
        value: Option<&Expr>,
    ) {
        match &target.kind {
            ExprKind::Name(_, Var::Global(name)) => {
                self.global_stores
                    .entry((module, *name))
                    .or_default()
                    .push(Store {
                        function,
                        value: value.map(|value| value.range),
                    });
            }
            ExprKind::Attribute {
                value: base,
                attribute,
                ..
            } => match (own_self, &base.kind) {
                _ if self.special_store(module, own_self, base, *attribute) => {}
                (Some((class, slot)), ExprKind::Name(_, Var::Local(found))) if slot == *found => {
                    self.self_stores
                        .entry((module, class))
                        .or_default()
                        .entry(*attribute)
                        .or_default()
                        .push(Store {
                            function,
                            value: value.map(|value| value.range),
                        });
                }
                _ => {
                    self.stored_attributes.insert(*attribute);
                    if self.may_lead_to_module(base) {
                        self.stored_on_modules.insert(*attribute);
                    }
                }
            },
            ExprKind::Subscript { value: base, index } => {
                self.import_system_store(target, false);
                self.namespace_store(module, target, true);
                if let Some(name) = shared_tail(base) {
                    let mutation = self.mutations.entry(name).or_default();
                    match index.kind {
                        ExprKind::Constant(Constant::Str(key)) if value.is_some() => {
                            mutation.keys.insert(key);
                        }
                        _ if value.is_some() => mutation.stores = true,
                        _ => mutation.arbitrary = true,
                    }
                }
            }
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                for item in items {
                    self.store(module, function, own_self, item, None);
                }
            }
            ExprKind::Starred(inner) => self.store(module, function, own_self, inner, None),
            _ => {}
        }
    }

    fn call(&mut self, module: ModuleId, call: &Call, in_function: bool) {
        self.namespace_handed_over(module, call, in_function);
        self.loads_callers |= loads_caller_of_python(call);
        match &call.function.kind {
            ExprKind::Attribute {
                value, attribute, ..
            } => {
                let adds_site = attribute.as_str() == "addsitedir";
                self.changes_import_system |= adds_site;
                self.changes_unknown_imports |= adds_site;
                // `builder.set_source("shop._till", ...)` (cffi, "Preparing and Distributing modules").
                if attribute.as_str() == "set_source"
                    && let Some(first) = call.arguments.first()
                    && let ExprKind::Constant(Constant::Str(name)) = first.value.kind
                {
                    self.compiled.insert(name);
                }
                if is_mutator(attribute) {
                    if is_namespace_of_module(value) && !self.is_namespace_of_object(value) {
                        self.dynamic_modules.insert(module);
                    }
                    if is_instance_namespace(value) {
                        self.fills_namespace(module, value);
                    }
                    self.namespace_of_imported(value);
                    if let (true, Some(name)) = (in_function, shared_tail(value)) {
                        let mutation = self.mutations.entry(name).or_default();
                        match attribute.as_str() {
                            "setdefault" => mutation.stores = true,
                            "pop" | "clear" | "popitem" => mutation.removes = true,
                            "append" | "add" => mutation.adds = true,
                            _ => mutation.arbitrary = true,
                        }
                    }
                    if let (true, None, Some(name)) =
                        (in_function, shared_tail(value), tail_of_part(value))
                    {
                        let mutation = self.mutations.entry(name).or_default();
                        match attribute.as_str() {
                            "append" | "add" => mutation.adds = true,
                            _ => mutation.inner = true,
                        }
                    }
                    let at = call.function.range.start;
                    let is_known = self.known_additions.contains(&at);
                    self.import_system_store(value, is_known);
                }
                if is_replacing(*attribute) {
                    self.patched(module, call, in_function);
                }
            }
            ExprKind::Name(name, _) => match name.as_str() {
                "setattr" | "delattr" | "patch" => self.patched(module, call, in_function),
                "exec" if texts::runs_among_own_names(call) => {
                    self.dynamic_modules.insert(module);
                    self.runs_texts = true;
                    if may_set_attributes(call) {
                        self.dynamic_attributes.insert(module);
                    }
                }
                _ => {}
            },
            // `getattr(builtins, "exec")("def f(): ..")`, which Python 2 can parse.
            ExprKind::Call(inner)
                if inner.arguments.iter().any(|argument| {
                    matches!(argument.value.kind, ExprKind::Constant(Constant::Str(text)) if text.as_str() == "exec")
                }) =>
            {
                self.dynamic_modules.insert(module);
            }
            _ => {}
        }
    }
}

/// By what a file shows that it is written for another Python.
#[derive(Clone, Debug, Default)]
pub struct Dialect {
    /// Whether it reads what only that one has in a module of the library.
    pub reads: bool,
    /// Whether a compiler to another language reads it, and no Python.
    pub is_translated: bool,
    /// Whether it is written to be compiled to an extension module.
    pub is_for_compiler: bool,
    /// The modules of that one which it imports: the tree may have others of these names.
    pub imports: Vec<Name>,
}
