//! Which changed files an evaluation looked into.
//!
//! Two trees that are compared share most of their files. What was found without a look into a file that differs holds in both
//! trees, and need not be found twice; the same goes for mixed states, which differ from a known tree in a few files. So
//! every evaluation of a body notes the changed files that it looked into, by itself or through what it calls and reads.

use std::hash::Hash;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::name::Name;
use crate::program::{ModuleId, Program, Resolution};
use crate::syntax::ir::{ClassId, ExprKind, FunctionId, Parent};

use crate::eval::domain::value::{ClassRef, ContextId, FunctionRef};
use crate::eval::reuse::deciding::{Hint, Hints, hints_of};
use crate::eval::reuse::effect::{Effect, Need};
use crate::eval::reuse::file_set::{BITS, FileSet};
use crate::eval::summaries::case::Cases;
use crate::eval::survey::Survey;
use crate::eval::{Evaluator, Subject};

/// What differs between a program and another one that shares files with it.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// By module: the changed file that it is; empty: nothing is compared.
    of_module: Vec<FileSet>,
    /// The files that are in one of the programs only, by the last part of their modules' dotted names.
    of_part: FxHashMap<Name, FileSet>,
    /// The same by the other parts: the directories that they are in.
    of_directory: FxHashMap<Name, FileSet>,
    /// The files whose classes derive from a class of this name.
    of_base: FxHashMap<Name, FileSet>,
    /// The files that say something else of a name that code anywhere relies on: see [`Survey`].
    of_name: FxHashMap<(Name, About), FileSet>,
    /// The files because of which parameters decide something in some mixtures of the programs, and not in others.
    of_deciding: FxHashMap<Name, FileSet>,
    /// The files that change how imports are found.
    of_imports: FileSet,
    /// The files that put modules into `sys.modules`, or have it done for a name.
    of_made_modules: FileSet,
    /// The files that change the parts of a path before a view gets them.
    of_parts: FileSet,
    /// The files that have other extension modules compiled.
    of_compiling: FileSet,
    /// The files that may register classes with abstract ones.
    of_registering: FileSet,
    /// The files that import something else.
    of_import_statements: FileSet,
    /// Whether the programs differ in a way that concerns everything.
    everything: bool,
    /// Whether no two changed files have the same place in a set.
    tells_all_apart: bool,
}

/// What the evaluation of a function for all callers, or of a case of it, has to do with the rest of the tree.
#[derive(Clone, Debug, Default)]
pub struct Reach {
    /// The changed files that it looked into.
    pub files: FileSet,
    /// What it does that other functions see.
    pub effects: Option<Arc<[Effect]>>,
}

impl Reach {
    /// Whether what is known to reach so far has to be evaluated.
    #[must_use]
    pub fn need(&self) -> Need {
        match &self.effects {
            Some(effects) if effects.contains(&Effect::Other) => Need::Evaluate,
            Some(effects) => Need::Effects(Arc::clone(effects)),
            None => Need::Nothing,
        }
    }
}

/// The functions that were evaluated for all callers, with how far each reaches, case by case.
pub type Reaches = FxHashMap<FunctionRef, Arc<Cases>>;

impl Changes {
    /// What differs between `program` and `other`; first for `program`, then for `other`.
    ///
    /// `number` gives the number of a changed file by the side that it is on (whether that is `other`) and its module; the two
    /// versions of a file have the same number.
    #[must_use]
    pub fn between(
        program: &Subject,
        other: &Subject,
        number: &dyn Fn(bool, ModuleId) -> u32,
    ) -> (Self, Self) {
        let (program, other) = (program.program, other.program);
        let mut twins = FxHashMap::default();
        for id in other.module_ids() {
            twins.insert(other.module(id).name, id);
        }
        let mut changed: [Vec<ModuleId>; 2] = [Vec::new(), Vec::new()];
        let mut paired = FxHashSet::default();
        let mut added = Vec::new();
        for id in program.module_ids() {
            let module = program.module(id);
            let twin = twins.get(&module.name).copied();
            paired.extend(twin);
            match twin {
                Some(twin) if Arc::ptr_eq(&other.module(twin).ir, &module.ir) => {}
                Some(twin) => {
                    changed[0].push(id);
                    changed[1].push(twin);
                }
                None => {
                    changed[0].push(id);
                    added.push((false, id));
                }
            }
        }
        for id in other.module_ids().filter(|id| !paired.contains(id)) {
            changed[1].push(id);
            added.push((true, id));
        }
        let mut left = Self {
            of_module: vec![FileSet::NONE; program.modules().len()],
            ..Self::default()
        };
        for &id in &changed[0] {
            left.of_module[id.0 as usize] = FileSet::of(number(false, id));
        }
        for (is_other, id) in added {
            let name = if is_other { other } else { program }.module(id).name;
            let number = number(is_other, id);
            let mut parts = name.rsplit('.').map(Name::new);
            if let Some(last) = parts.next() {
                note(&mut left.of_part, last, number);
            }
            for part in parts {
                note(&mut left.of_directory, part, number);
            }
        }
        left.note_names(program, other, &changed, number);
        left.note_deciding(program, other, &changed, number);
        let all = changed.iter().zip([false, true]);
        let mut numbers = all.flat_map(|(ids, side)| ids.iter().map(move |&id| number(side, id)));
        left.tells_all_apart = numbers.all(|number| number < BITS);
        let roots = |program: &Program| program.roots().to_vec();
        left.everything |= roots(program) != roots(other);
        let mut right = left.clone();
        right.of_module = vec![FileSet::NONE; other.modules().len()];
        for &id in &changed[1] {
            right.of_module[id.0 as usize] = FileSet::of(number(true, id));
        }
        (left, right)
    }

    /// Notes which files put something into containers of others while they are imported, in whichever of the two programs: what is not put there in
    /// this one may be in another mixture.
    pub fn add_registrations(&mut self, registrations: &[Registrations; 2]) {
        for (&about, &files) in registrations.iter().flatten() {
            let known = self.of_name.entry(about).or_default();
            *known = known.union(files);
        }
    }

    /// What the same differences are for a program that is mixed from files of the two: `number` gives the number of a module's file, if
    /// that is a changed one.
    #[must_use]
    pub fn of_mixture(&self, mixture: &Program, number: &dyn Fn(ModuleId) -> Option<u32>) -> Self {
        let files = mixture.module_ids().map(|id| number(id).map(FileSet::of));
        Self {
            of_module: files.map(Option::unwrap_or_default).collect(),
            ..self.clone()
        }
    }

    /// Whether the program is compared with another one.
    #[must_use]
    #[inline]
    pub const fn compares(&self) -> bool {
        !self.of_module.is_empty()
    }

    /// Whether no two changed files have the same place in a set.
    #[must_use]
    pub const fn tells_all_apart(&self) -> bool {
        self.tells_all_apart
    }

    /// Notes what the changed files say of names that other files rely on.
    fn note_names(
        &mut self,
        program: &Program,
        other: &Program,
        changed: &[Vec<ModuleId>; 2],
        number: &dyn Fn(bool, ModuleId) -> u32,
    ) {
        let mut said: FxHashMap<u32, [FxHashSet<Said>; 2]> = FxHashMap::default();
        for (side, program) in [program, other].into_iter().enumerate() {
            for &id in &changed[side] {
                let number = number(side == 1, id);
                if program.may_make_modules(id) {
                    self.of_made_modules = self.of_made_modules.union(FileSet::of(number));
                }
                let ir = &program.module(id).ir;
                for class in &ir.classes {
                    for base in &class.arguments {
                        if let ExprKind::Name(name, _)
                        | ExprKind::Attribute {
                            attribute: name, ..
                        } = base.value.kind
                        {
                            note(&mut self.of_base, name, number);
                        }
                    }
                }
                let said = &mut said.entry(number).or_default()[side];
                said.extend(Survey::of_file(ir).said());
            }
        }
        let common = self.said_by_unchanged(program);
        for (number, sides) in said {
            let differing = sides[0].symmetric_difference(&sides[1]);
            // What a file says that both have is said in any mixture.
            for said in differing.filter(|said| !common.says(said)) {
                match *said {
                    Said::Stores(name) => note(&mut self.of_name, (name, About::Attribute), number),
                    Said::StoresOnModules(name) => {
                        note(&mut self.of_name, (name, About::Variable), number);
                    }
                    Said::Mutates(name, ..) | Said::GivesAway(name) => {
                        note(&mut self.of_name, (name, About::Content), number);
                    }
                    Said::ChangesImports => {
                        self.of_imports = self.of_imports.union(FileSet::of(number));
                    }
                    Said::RegistersClasses => {
                        let files = self.of_registering.union(FileSet::of(number));
                        self.of_registering = files;
                    }
                    Said::PreparesParts => {
                        self.of_parts = self.of_parts.union(FileSet::of(number));
                    }
                    Said::Compiles(_) => {
                        self.of_compiling = self.of_compiling.union(FileSet::of(number));
                    }
                    Said::Imports(_) => {
                        let files = self.of_import_statements.union(FileSet::of(number));
                        self.of_import_statements = files;
                    }
                    // What modules have is changed from outside.
                    Said::Patches(_) | Said::Rewrites | Said::RewritesFunction(..) => {
                        self.everything = true
                    }
                }
            }
        }
    }

    /// Notes because of which files parameters decide something in some mixtures only.
    fn note_deciding(
        &mut self,
        program: &Program,
        other: &Program,
        changed: &[Vec<ModuleId>; 2],
        number: &dyn Fn(bool, ModuleId) -> u32,
    ) {
        let mut hints = Hints::default();
        for id in program.module_ids() {
            if self.of_module[id.0 as usize] == FileSet::NONE {
                let common = hints_of(&program.module(id).ir).into_iter();
                common.for_each(|hint| hints.add(hint, FileSet::NONE));
            }
        }
        let mut said: FxHashMap<u32, [FxHashSet<Hint>; 2]> = FxHashMap::default();
        for (side, program) in [program, other].into_iter().enumerate() {
            for &id in &changed[side] {
                let number = number(side == 1, id);
                said.entry(number).or_default()[side].extend(hints_of(&program.module(id).ir));
            }
        }
        for (number, [one, two]) in said {
            for &hint in one.union(&two) {
                let is_in_both = one.contains(&hint) && two.contains(&hint);
                let files = (!is_in_both).then(|| FileSet::of(number));
                hints.add(hint, files.unwrap_or_default());
            }
        }
        self.of_deciding = hints.varying();
    }

    /// What the files of `program` say of names that the other program has as they are.
    fn said_by_unchanged(&self, program: &Program) -> Survey {
        let mut common = Survey::default();
        for id in program.module_ids() {
            if self.of_module[id.0 as usize] == FileSet::NONE {
                common.add_names(Survey::of_file(&program.module(id).ir));
            }
        }
        common
    }

    /// The changed file that a module is, if it is one.
    #[must_use]
    #[inline]
    pub fn of_module(&self, module: ModuleId) -> FileSet {
        if self.everything {
            return FileSet::ALL;
        }
        self.of_module
            .get(module.0 as usize)
            .copied()
            .unwrap_or_default()
    }
}

/// By the names of containers: the changed files that put something into them while they are imported, and did not make them.
pub type Registrations = FxHashMap<(Name, About), FileSet>;

/// What code anywhere may say of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum About {
    /// Attributes of that name are assigned, on something else than a method's own `self`.
    Attribute,
    /// Variables of modules of that name are assigned from outside.
    Variable,
    /// A container of that name gets other content.
    Content,
    /// It is changed in a way that cannot be followed.
    Opened,
    /// Functions assign to its keys.
    Logged,
    /// It gets an item under the key with this digest, whose value the key decides.
    Item(u64),
    /// It gets such an item, under whatever key.
    Items,
}

/// Something that one file says of a name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Said {
    /// It assigns an attribute of this name.
    Stores(Name),
    /// An attribute of this name is assigned on something that may be a module.
    StoresOnModules(Name),
    /// It changes a container that it reaches by this name: which keys, and how.
    Mutates(Name, Vec<Name>, [bool; 5]),
    /// It hands something of this name to a call.
    GivesAway(Name),
    /// It sets names on modules with this last part.
    Patches(Name),
    /// It puts names into other modules.
    Rewrites,
    /// It replaces what functions of this name are made of.
    RewritesFunction(Option<Name>, Name),
    /// It changes `sys.path` or `sys.modules`.
    ChangesImports,
    /// It asks something for its `register`.
    RegistersClasses,
    /// It changes the parts of a path before a view gets them.
    PreparesParts,
    /// It has an extension module of this name compiled.
    Compiles(Name),
    /// It imports what has this digest.
    Imports(u64),
}

fn note<K: Eq + Hash>(map: &mut FxHashMap<K, FileSet>, key: K, number: u32) {
    let known = map.entry(key).or_default();
    *known = known.union(FileSet::of(number));
}

impl Evaluator<'_> {
    /// Notes that what is being evaluated rests on these files.
    #[inline]
    pub fn look(&self, files: FileSet) {
        self.looked.set(self.looked.get().union(files));
    }

    /// Notes that what is being evaluated rests on this module's file.
    #[inline]
    pub fn look_into(&self, module: ModuleId) {
        self.look(self.changes.of_module(module));
    }

    /// Begins to note for a body in this module; gives what was noted before.
    pub fn begin_looking(&self, module: ModuleId) -> FileSet {
        self.looked.replace(self.changes.of_module(module))
    }

    /// Notes that it matters which modules are imported by which.
    pub fn look_at_import_statements(&self) {
        self.look(self.changes.of_import_statements);
    }

    /// Ends what [`Self::begin_looking`] began; gives what was noted meanwhile, which counts for what goes on as well.
    pub fn end_looking(&self, before: FileSet) -> FileSet {
        let noted = self.looked.get();
        self.looked.set(noted.union(before));
        noted
    }

    /// What a dotted name means as an import, noting the files that may change it.
    pub fn resolve(&self, importer: ModuleId, dotted: Name) -> Resolution {
        let resolution = self.program.resolve(importer, dotted);
        self.look_at_resolution(dotted, resolution)
    }

    /// The same for a relative import.
    pub fn resolve_relative(
        &self,
        importer: ModuleId,
        level: u32,
        module: Option<Name>,
    ) -> Resolution {
        let resolution = self.program.resolve_relative(importer, level, module);
        self.look_at_resolution(module.unwrap_or_else(|| Name::new("")), resolution)
    }

    /// Notes the files that are in one of the programs only.
    pub fn look_for_siblings(&self) {
        if !self.changes.of_part.is_empty() {
            self.look(FileSet::ALL);
        }
    }

    /// Notes the files that decide whether a dotted name means this.
    ///
    /// A module stays what it is when a directory of its name appears: one without `__init__` is taken only where nobody has a module
    /// or a regular package (the reference, "The import system", 5.4.5 and PEP 420). And the directories around it are there because it is.
    pub fn look_at_resolution(&self, dotted: Name, resolution: Resolution) -> Resolution {
        let is_module = matches!(resolution, Resolution::Module(_));
        let deciding = if is_module {
            [Some(&self.changes.of_part), None]
        } else {
            [
                Some(&self.changes.of_part),
                Some(&self.changes.of_directory),
            ]
        };
        for files in deciding
            .into_iter()
            .flatten()
            .filter(|files| !files.is_empty())
        {
            for part in dotted.split('.') {
                if let Some(&files) = files.get(&Name::new(part)) {
                    self.look(files);
                }
            }
        }
        // A module is the same thing in either version, until something of it is asked for.
        if let Resolution::Missing { parent, .. } = resolution {
            self.look_into(parent);
        }
        resolution
    }

    /// Whether an attribute of this name is assigned on something else than a method's own `self`, be it in a test.
    pub fn is_stored_elsewhere(&self, name: Name) -> bool {
        self.is_stored_for_tests(name) || self.is_stored(name)
    }

    /// The same as code of this module may meet it: what a test replaces is replaced for tests.
    pub fn is_stored_for(&self, reader: ModuleId, name: Name) -> bool {
        self.is_stored(name)
            || self.survey.tests.contains(&reader) && self.is_stored_for_tests(name)
    }

    /// The same of instances of a class: what tests put on objects of classes of their own is there for all code that they hand those to.
    pub fn is_stored_on(&self, reader: ModuleId, class: ClassRef, name: Name) -> bool {
        let home = self.class(class).module;
        self.is_stored_for(reader, name)
            || self.survey.tests.contains(&home) && self.is_stored_for_tests(name)
            || self.is_stored_by_borrowed(class, name)
    }

    fn is_stored(&self, name: Name) -> bool {
        self.look_at_name(name, About::Attribute);
        self.survey.stored_attributes.contains(&name) || self.computed_names.contains(&name)
    }

    /// Whether tests assign or patch something of this name.
    pub fn is_stored_for_tests(&self, name: Name) -> bool {
        self.look_at_name(name, About::Attribute);
        self.look_at_name(name, About::Variable);
        self.survey.stored_by_tests.contains(&name)
    }

    /// Whether code of the tree assigns an attribute of this name on something that may be a module.
    #[inline]
    pub fn is_stored_on_modules(&self, name: Name) -> bool {
        self.look_at_name(name, About::Variable);
        self.survey.stored_on_modules.contains(&name)
    }

    /// Notes the files that say this of a name that other files rely on.
    #[inline]
    pub fn look_at_name(&self, name: Name, about: About) {
        if let Some(&files) = self.changes.of_name.get(&(name, about)) {
            self.look(files);
        }
    }

    /// Whether the value of a parameter of this name decides something in some function.
    pub fn is_deciding(&self, name: Name) -> bool {
        if let Some(&files) = self.changes.of_deciding.get(&name) {
            self.look(files);
        }
        self.survey.deciding.contains(&name)
    }

    /// Notes the files because of which a module may be there that no file is.
    pub fn look_for_made_modules(&self) {
        self.look(self.changes.of_made_modules);
    }

    /// Whether code of the tree changes how imports are found.
    pub fn changes_import_system(&self) -> bool {
        self.look(self.changes.of_imports);
        self.survey.changes_import_system
    }

    /// Whether code of the tree that may run in one process with a module changes how imports are found. What a test changes, it changes for all.
    pub fn changes_imports_of(&self, module: ModuleId) -> bool {
        if !self.changes_import_system() {
            return false;
        }
        // Which module imports which, any file may say.
        self.look(FileSet::ALL);
        let changers = &self.survey.import_changers;
        let is_by_test = || {
            changers
                .iter()
                .any(|changer| self.survey.tests.contains(changer))
        };
        let beside = self
            .beside_changers
            .get_or_init(|| self.program.run_beside(changers));
        beside.contains(&module) || is_by_test()
    }

    /// Whether a directory that code of the tree adds to where imports look is a module's own, or has something of this name: a module, or a package.
    pub fn is_in_added_directory(&self, module: ModuleId, name: Option<Name>) -> bool {
        if !self.changes_import_system() {
            return false;
        }
        self.look(FileSet::ALL);
        let added = &self.survey.added_directories;
        if added.is_empty() {
            return false;
        }
        let Some(name) = name else {
            let own = self.program.path_of(module);
            let directory = own.rsplit_once('/').map_or("", |(directory, _)| directory);
            return added.contains(directory);
        };
        let first = name.split('.').next().unwrap_or_default();
        self.program.module_ids().any(|id| {
            let path = self.program.path_of(id);
            added.iter().any(|directory| {
                let rest = below(directory, &path).and_then(|below| below.strip_prefix(first));
                rest.is_some_and(|rest| rest == ".py" || rest.starts_with('/'))
            })
        })
    }

    /// The modules and regular packages that lie in the directories which code of the tree adds to where imports look, by the first part of the names that
    /// imports have for them there; each beside the module that adds the directory.
    pub fn in_added_directories(&self) -> Option<&FxHashMap<Name, Vec<(ModuleId, ModuleId)>>> {
        if !self.changes_import_system() {
            return None;
        }
        self.look(FileSet::ALL);
        let find = || {
            let mut found: FxHashMap<Name, Vec<(ModuleId, ModuleId)>> = FxHashMap::default();
            for id in self.program.module_ids() {
                let path = self.program.path_of(id);
                let added = self.survey.adders.iter();
                let added = added.flat_map(|(adder, own)| own.iter().map(move |own| (own, adder)));
                for (directory, adder) in added {
                    let Some(below) = below(directory, &path) else {
                        continue;
                    };
                    let name = below.strip_suffix("/__init__.py");
                    let name = name.or_else(|| below.strip_suffix(".py"));
                    if let Some(name) = name.filter(|name| !name.contains('/')) {
                        found.entry(Name::new(name)).or_default().push((id, *adder));
                    }
                }
            }
            found
        };
        Some(self.in_added_directories.get_or_init(find))
    }

    /// Whether code of the tree may change the parts of a path before a view gets them.
    pub fn prepares_parts(&self) -> bool {
        self.look(self.changes.of_parts);
        self.survey.prepares_parts
    }

    /// Whether code of the tree has an extension module of this name compiled.
    pub fn is_compiled_by_tree(&self, module: Name) -> bool {
        self.look(self.changes.of_compiling);
        self.survey.compiled.contains(&module)
    }

    /// Whether code of the tree may register classes with abstract ones that they do not derive from.
    pub fn registers_classes(&self) -> bool {
        self.look(self.changes.of_registering);
        self.survey.registers_classes
    }

    /// The files whose classes derive from a class of this name.
    pub fn deriving_from(&self, class: Name) -> FileSet {
        self.changes
            .of_base
            .get(&class)
            .copied()
            .unwrap_or_default()
    }

    /// How far each function reaches that was evaluated for all callers.
    ///
    /// A function around others reaches as far as they do as well: they are reached through it alone.
    pub fn reaches_of_all(&mut self) -> Reaches {
        self.settle_looks();
        let mut reaches: FxHashMap<FunctionRef, Cases> = FxHashMap::default();
        for (index, context) in (0..).zip(&self.contexts) {
            if context.is_root {
                for root in self.roots_of(ContextId(index)) {
                    let cases = reaches.entry(root.function).or_default();
                    cases.add_files(root.case, context.looked);
                }
            }
        }
        for (root, effects) in self.effects_by_root() {
            let cases = reaches.entry(root.function).or_default();
            cases.add_effects(root.case, &effects);
        }
        let shared = reaches.into_iter();
        shared
            .map(|(function, cases)| (function, Arc::new(cases)))
            .collect()
    }

    /// The changed files that each module's own code looked into, after [`Self::reaches_of_all`].
    pub fn looks_of_modules(&self) -> Vec<FileSet> {
        let contexts = self.modules.iter().map(|module| module.context);
        contexts
            .map(|context| context.map_or(FileSet::ALL, |id| self.contexts[id.0 as usize].looked))
            .collect()
    }

    /// Hands what callees looked into to their callers: a recursion is followed to its end only here.
    fn settle_looks(&mut self) {
        loop {
            let mut settled = true;
            for index in (0..self.contexts.len()).rev() {
                let context = &self.contexts[index];
                let callees = context.edges.iter().map(|edge| edge.callee);
                let looked =
                    callees
                        .chain(context.closure)
                        .fold(context.looked, |looked, callee| {
                            let callee = &self.contexts[callee.0 as usize];
                            looked.union(callee.looked)
                        });
                if looked != context.looked {
                    self.contexts[index].looked = looked;
                    settled = false;
                }
            }
            if settled {
                return;
            }
        }
    }

    /// The function in whose body another one is defined, be it in a class there.
    pub fn function_around(&self, function: FunctionRef) -> Option<FunctionRef> {
        let ir = &self.program.module(function.module).ir;
        let of = |id: FunctionId| FunctionRef {
            module: function.module,
            id,
        };
        let mut parent = ir[function.id].parent;
        loop {
            match parent {
                Parent::Function(id) => return Some(of(id)),
                Parent::Class(id) => parent = parent_of_class(ir, id),
                Parent::Module => return None,
            }
        }
    }
}

fn parent_of_class(ir: &crate::syntax::ir::Module, class: ClassId) -> Parent {
    ir[class].parent
}

/// What is left of a path below a directory, none if it lies elsewhere.
fn below<'a>(directory: &str, path: &'a str) -> Option<&'a str> {
    if directory.is_empty() {
        return Some(path);
    }
    path.strip_prefix(directory)
        .and_then(|rest| rest.strip_prefix('/'))
}
