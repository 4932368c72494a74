//! What the expressions of a module mention, wherever they stand: one pass over all of them.

use rustc_hash::FxHashSet;

use crate::name::Name;
use crate::program::ModuleId;
use crate::python::dialect;
use crate::syntax::ir::{
    Argument, ArgumentKind, Call, Constant, DictItem, Expr, ExprKind, Function, Module, Parent,
    StmtKind,
};
use crate::syntax::search_path::added_to_path;
use crate::syntax::visit::{self, Parts};

use super::copied::{builds_distributions, copies, copies_files, folders_named};
use super::frames::fills_frame;
use super::{Mutation, Survey, shared_tail};
use crate::python::mutators::is_mutator;

/// What was met.
#[derive(Default)]
struct Mentions {
    /// Whether it runs code that it reads: `exec`, `runpy.run_path`.
    runs: bool,
    /// Whether it holds a set in a set, which no Python makes.
    is_template: bool,
    /// Whether it reads what only another Python has in a module of the library.
    is_of_dialect: bool,
    /// Whether it reads the variables of frames.
    reads_frames: bool,
    /// Whether it reads those of the modules that frames are of.
    reads_frame_globals: bool,
    /// Whether it makes functions anew.
    rebuilds: bool,
    /// Whether it takes the source of functions, and whether it parses something.
    takes_source: bool,
    parses: bool,
    /// Whether it sets attributes by names that are no literals.
    fills: bool,
    /// Whether it looks itself up in `sys.modules`.
    looks_itself_up: bool,
    /// Whether it adds finders of modules.
    adds_finders: bool,
    /// Whether its texts are kept, and which they are.
    keeps_texts: bool,
    texts: FxHashSet<Name>,
    /// The names of Python files that it writes out.
    files: FxHashSet<Name>,
    /// Whether it asks where it lies itself, or what lies beside it: `__file__`, `importlib.resources`.
    locates: bool,
    /// The last names of the modules whose files it asks for: `forms.start.__file__`.
    files_of: FxHashSet<Name>,
    /// The keys of dicts that are called like the variables under them.
    namesakes: Vec<Name>,
    /// Names that it puts into the namespace of something.
    put: Vec<Name>,
    /// The modules that it looks up in `sys.modules` by names that it writes out.
    modules: Vec<Name>,
    /// The last parts of the names that its calls are made by.
    called: FxHashSet<Name>,
    /// The methods that are called where they are read.
    callees: FxHashSet<*const Expr>,
    /// Containers of which a method that changes them is handed on: whoever has it may call it.
    changeable: Vec<Name>,
}

impl Mentions {
    fn look(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Call(call) => self.call(call),
            ExprKind::Subscript { value, index } => {
                let ExprKind::Attribute { attribute, .. } = &value.kind else {
                    return;
                };
                if attribute.as_str() != "modules" {
                    return;
                }
                match index.kind {
                    ExprKind::Name(name, _) => self.looks_itself_up |= name.as_str() == "__name__",
                    ExprKind::Constant(Constant::Str(module)) => self.modules.push(module),
                    _ => {}
                }
            }
            // `{"load": load}`, of a function of the module: such a dict is what code that is run gets as its names.
            ExprKind::Dict(items) => {
                let named = |item: &DictItem| match (&item.key.as_ref()?.kind, &item.value.kind) {
                    (ExprKind::Constant(Constant::Str(key)), ExprKind::Name(name, _)) => {
                        (key == name).then_some(*key)
                    }
                    _ => None,
                };
                self.namesakes.extend(items.iter().filter_map(named));
            }
            ExprKind::Set(items) => {
                let is_set = |item: &Expr| matches!(item.kind, ExprKind::Set(_));
                self.is_template |= items.iter().any(is_set);
            }
            ExprKind::Name(name, _) => {
                self.runs |= matches!(name.as_str(), "exec" | "execfile");
                self.locates |= is_of_place(name);
            }
            ExprKind::Attribute {
                value, attribute, ..
            } => {
                self.runs |= matches!(attribute.as_str(), "run_path" | "remote_exec");
                if attribute.as_str() == "__file__"
                    && let ExprKind::Name(of, _) | ExprKind::Attribute { attribute: of, .. } =
                        &value.kind
                {
                    self.files_of.insert(*of);
                }
                self.locates |= is_of_place(attribute);
                self.reads_frames |= attribute.as_str() == "f_locals";
                self.reads_frame_globals |= attribute.as_str() == "f_globals";
                self.is_of_dialect |= matches!(&value.kind, ExprKind::Name(module, _) if dialect::adds(module, attribute));
                self.adds_finders |= matches!(attribute.as_str(), "meta_path" | "path_hooks");
                if is_mutator(attribute) && !self.callees.contains(&std::ptr::from_ref(expr)) {
                    self.changeable.extend(shared_tail(value));
                }
            }
            ExprKind::Constant(Constant::Str(text)) => {
                if text.ends_with(".py") {
                    self.files.insert(*text);
                }
                if self.keeps_texts {
                    self.texts.insert(*text);
                }
            }
            _ => {}
        }
    }

    fn call(&mut self, call: &Call) {
        // `f(**{name})` fails wherever it is written: a template as well.
        let is_set = |argument: &Argument| {
            argument.kind == ArgumentKind::DoubleStar
                && matches!(argument.value.kind, ExprKind::Set(_))
        };
        self.is_template |= call.arguments.iter().any(is_set);
        let first = call.arguments.first().map(|argument| &argument.value.kind);
        let second = call.arguments.get(1).map(|argument| &argument.value.kind);
        match &call.function.kind {
            ExprKind::Name(name, _) => {
                self.fills |=
                    name.as_str() == "setattr" && !matches!(second, Some(ExprKind::Constant(_)));
                // `names = getattr(function, "__globals__", {})`: what it puts there, the function has.
                self.rebuilds |= name.as_str() == "getattr"
                    && matches!(second, Some(ExprKind::Constant(Constant::Str(name))) if name.as_str() == "__globals__");
                if !Self::goes_through_others(call, *name) {
                    self.called(*name);
                }
            }
            ExprKind::Attribute {
                value, attribute, ..
            } => {
                self.parses |= attribute.as_str() == "parse"
                    && matches!(value.kind, ExprKind::Name(module, _) if module.as_str() == "ast");
                // `vars(module).setdefault("name", value)`, whatever module that is.
                if attribute.as_str() == "setdefault"
                    && is_namespace(value)
                    && let Some(ExprKind::Constant(Constant::Str(name))) = first
                {
                    self.put.push(*name);
                }
                if is_mutator(attribute) {
                    self.callees.insert(std::ptr::from_ref(&call.function));
                }
                if !Self::goes_through_others(call, *attribute) {
                    self.called(*attribute);
                }
            }
            _ => {}
        }
    }

    /// Whether a call goes through files that are no Python, as its pattern says: `folder.rglob("*.md")`.
    fn goes_through_others(call: &Call, name: Name) -> bool {
        let pattern = call.arguments.first().map(|first| &first.value.kind);
        let Some(ExprKind::Constant(Constant::Str(pattern))) = pattern else {
            return false;
        };
        let ending = pattern.rsplit_once('.').map(|(_, ending)| ending);
        let is_other = |ending: &str| {
            !ending.is_empty()
                && !ending.starts_with("py")
                && ending.chars().all(|letter| letter.is_ascii_alphanumeric())
        };
        matches!(name.as_str(), "glob" | "rglob" | "iglob") && ending.is_some_and(is_other)
    }

    fn called(&mut self, name: Name) {
        self.rebuilds |= matches!(name.as_str(), "FunctionType" | "CodeType");
        self.takes_source |= matches!(name.as_str(), "getsource" | "getsourcelines");
        self.called.insert(name);
    }
}

/// Whether a name is one by which code asks where it lies, or for what lies beside it (library reference, `importlib.resources`, `pkgutil`; setuptools, `pkg_resources`).
fn is_of_place(name: &Name) -> bool {
    matches!(
        name.as_str(),
        "__file__"
            | "__path__"
            | "__spec__"
            | "files"
            | "get_data"
            | "get_loader"
            | "get_path"
            | "pkg_resources"
            | "resource_filename"
            | "resources"
            | "find_spec"
            | "getfile"
            | "getsourcefile"
    )
}

/// `vars(x)`, `x.__dict__`.
fn is_namespace(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Call(call) => {
            let is_vars =
                matches!(call.function.kind, ExprKind::Name(name, _) if name.as_str() == "vars");
            is_vars && call.arguments.len() == 1
        }
        ExprKind::Attribute { attribute, .. } => attribute.as_str() == "__dict__",
        _ => false,
    }
}

impl Survey {
    /// Notes what all expressions of a module mention, what its calls hand on, and where they let imports look.
    pub(super) fn mentioned<'m>(
        &mut self,
        id: ModuleId,
        ir: &'m Module,
        bodies: impl Iterator<Item = &'m Parts<'m>>,
    ) {
        let is_hook = |function: &Function| {
            function.parent == Parent::Module && function.name.as_str() == "__getattr__"
        };
        let mut mentions = Mentions {
            keeps_texts: ir.functions.iter().any(is_hook),
            ..Mentions::default()
        };
        let mut adding = Vec::new();
        for parts in bodies {
            self.mapped_by(parts);
            parts.expressions.iter().for_each(|&expr| {
                mentions.look(expr);
                if let ExprKind::Call(call) = &expr.kind {
                    if added_to_path(call).is_some() {
                        adding.push(&**call);
                    }
                    self.handed_on_by(id, call);
                }
            });
        }
        for head in ir.heads() {
            visit::expressions(head, &mut |expr| {
                if let ExprKind::Call(call) = &expr.kind {
                    self.handed_on_by(id, call);
                }
            });
        }
        self.added_paths(ir, &adding);
        if mentions.runs {
            let is_own = |name: &&Name| {
                let mut functions = ir.functions.iter();
                functions.any(|own| own.parent == Parent::Module && own.name == **name)
            };
            let given = mentions.namesakes.iter().filter(is_own);
            self.stored_on_modules.extend(given);
            self.runners.insert(ModuleId(0));
            if Self::is_reader(ir) {
                self.readers.insert(ModuleId(0));
            }
        }
        let bases = ir.classes.iter().flat_map(|class| &class.arguments);
        for base in bases {
            visit::expressions(&base.value, &mut |expr| {
                if let ExprKind::Name(name, _)
                | ExprKind::Attribute {
                    attribute: name, ..
                } = &expr.kind
                {
                    self.base_names.insert(*name);
                }
            });
        }
        if copies(&mentions.called, mentions.locates) && !builds_distributions(ir) {
            self.copied_folders.insert(ModuleId(0), folders_named(ir));
        }
        if !mentions.files_of.is_empty() && copies_files(&mentions.called) {
            let files_of = std::mem::take(&mut mentions.files_of);
            self.copied_files.insert(ModuleId(0), files_of);
        }
        let fills = |called: &str| ir.functions.iter().any(|own| fills_frame(own, called));
        if mentions.reads_frames && fills("f_locals") {
            self.rewriters.insert(ModuleId(0));
        }
        if mentions.reads_frame_globals && fills("f_globals") {
            self.frame_writers.insert(ModuleId(0));
        }
        self.keep(mentions);
        ir.each_import(|stmt| {
            let module = match &stmt.kind {
                StmtKind::Import(import) => Some(import.module),
                StmtKind::ImportFrom(import) if import.level == 0 => import.module,
                _ => None,
            };
            if module.is_some_and(|module| dialect::translates(&module)) {
                let own = self.of_dialects.entry(ModuleId(0)).or_default();
                own.is_translated = true;
            }
            if module.is_some_and(|module| dialect::compiles(&module)) {
                let own = self.of_dialects.entry(ModuleId(0)).or_default();
                own.is_for_compiler = true;
            }
            if let Some(module) = module.filter(|module| dialect::has_module(module)) {
                let own = self.of_dialects.entry(ModuleId(0)).or_default();
                own.imports.push(module);
            }
        });
    }

    fn keep(&mut self, mentions: Mentions) {
        self.called_names.extend(&mentions.called);
        self.reads_sources |= mentions.takes_source && mentions.parses;
        self.takes_sources |= mentions.takes_source;
        if !mentions.files.is_empty() && reads_texts(&mentions.called) {
            self.text_readers.insert(ModuleId(0));
        }
        self.stored_attributes.extend(&mentions.put);
        self.stored_on_modules.extend(&mentions.put);
        self.looked_up.extend(&mentions.modules);
        self.adds_finders |= mentions.adds_finders;
        self.rebuilds_functions |= mentions.rebuilds;
        for name in mentions.changeable {
            let mutation: &mut Mutation = self.mutations.entry(name).or_default();
            mutation.arbitrary = true;
        }
        if mentions.keeps_texts {
            self.hook_texts.insert(ModuleId(0), mentions.texts);
        }
        if mentions.is_of_dialect {
            self.of_dialects.entry(ModuleId(0)).or_default().reads = true;
        }
        if mentions.is_template {
            self.templates.insert(ModuleId(0));
        }
        if !mentions.files.is_empty() {
            self.named_files.insert(ModuleId(0), mentions.files);
        }
        if mentions.fills && mentions.looks_itself_up {
            // `this = sys.modules[__name__]`, then `setattr(this, name, ..)`.
            self.dynamic_modules.insert(ModuleId(0));
        }
        if mentions.fills {
            // `module = sys.modules["shop._inner"]`, then `setattr(module, name, ..)`.
            self.found_by_name.extend(mentions.modules);
        }
    }
}

/// Whether one of these calls gives what a file holds (the library reference: `pathlib`, `io`, `pkgutil`, `importlib.resources`).
fn reads_texts(called: &FxHashSet<Name>) -> bool {
    let readers = ["read", "read_text", "read_bytes", "get_data"];
    called.iter().any(|name| readers.contains(&name.as_str()))
}
