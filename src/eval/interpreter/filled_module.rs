//! What else may put names into a module than its own code: who looks it up by name, whom it calls while it is imported, what its classes derive from.

use rustc_hash::FxHashMap;

use crate::name::Name;
use crate::program::{ModuleId, Resolution};
use crate::syntax::ir::{self, Constant, Expr, ExprKind, FunctionId, ImportFrom, StmtKind, Var};
use crate::syntax::visit;

use crate::eval::Evaluator;
use crate::eval::domain::value::{ClassRef, Data, Value};
use crate::eval::interpreter::module::{Progress, is_given};
use crate::eval::objects::fields::is_of_library;
use crate::eval::objects::filled::Holder;
use crate::eval::objects::mro::Ancestor;
use crate::eval::reuse::file_set::FileSet;

impl Evaluator<'_> {
    /// Whether names may be put into a module in ways that its own statements do not show.
    pub fn is_filled_elsewhere(&self, module: ModuleId) -> bool {
        let info = self.program.module(module);
        !info.ir.errors.is_empty()
            || info.ir.rewires_imports
            || self.survey.dynamic_modules.contains(&module)
            || self.is_rewritten(module)
            || self.is_filled(Holder::Module(module))
    }

    /// Whether a variable of this name is certainly not put into a module from elsewhere, and all of the module's code is known.
    pub fn has_only_its_own(&self, module: ModuleId, name: Name) -> bool {
        let is_unseen =
            self.program.module(module).is_installed && self.survey.stored_unseen.contains(&name);
        self.has_closed_namespace(module)
            && !self.survey.announced.contains(&(module, name))
            && !self.is_stored_on_modules(name)
            && !is_unseen
            && !is_given(name)
            && !self.is_handed_to_foreign(module, name)
    }

    /// Whether a module's own code passes a name, as a keyword or as a text, to a function from outside the tree, and does nothing with what that gives, or decorates a
    /// function with it: it may put it into the module, `public(Set=Array)`, `lazy_import("plots", ["line"])`. So may the modules do whose names it takes by a star.
    pub fn is_handed_to_foreign(&self, module: ModuleId, name: Name) -> bool {
        let mut reached = vec![module];
        let mut next = 0;
        while let Some(&module) = reached.get(next) {
            next += 1;
            for stmt in &self.program.module(module).ir.body {
                match &stmt.kind {
                    StmtKind::Expr(value) if self.hands_to_foreign(module, value, name, true) => {
                        return true;
                    }
                    StmtKind::FunctionDef { function, .. }
                        if self.is_decorated_with(module, *function, name) =>
                    {
                        return true;
                    }
                    StmtKind::ImportFrom(import) if import.star => {
                        let starred = self.program.imported_from(module, import);
                        reached.extend(starred.filter(|starred| !reached.contains(starred)));
                    }
                    _ => {}
                }
            }
        }
        false
    }

    /// Whether a decorator from outside the tree is given the name as a text: `@fixture(unpack_into="text, size")`.
    fn is_decorated_with(&self, module: ModuleId, function: FunctionId, name: Name) -> bool {
        let decorators = &self.program.module(module).ir[function].decorators;
        let mut decorators = decorators.iter();
        decorators.any(|decorator| self.hands_to_foreign(module, decorator, name, false))
    }

    /// Whether a call passes a name to a function from outside the tree, as a text, or, if that `counts`, as a keyword.
    fn hands_to_foreign(&self, module: ModuleId, value: &Expr, name: Name, counts: bool) -> bool {
        let ExprKind::Call(call) = &value.kind else {
            return false;
        };
        let ExprKind::Name(function, _) = call.function.kind else {
            return false;
        };
        let is_it = |argument: &ir::Argument| {
            counts && argument.kind == ir::ArgumentKind::Keyword(name)
                || is_text(&argument.value, name)
        };
        call.arguments.iter().any(is_it)
            && self
                .variable_at_end(module, function)
                .is_some_and(|value| match self.data(value) {
                    Data::External(path) => !is_of_library(*path),
                    Data::Unknown => true,
                    // It was deleted once it had done its work.
                    _ => value == Value::UNBOUND && self.is_imported_from_outside(module, function),
                })
    }

    /// Whether a module's own code imports a name from a module that is neither in the tree nor in the standard library.
    fn is_imported_from_outside(&self, module: ModuleId, name: Name) -> bool {
        let body = &self.program.module(module).ir.body;
        body.iter().any(|stmt| match &stmt.kind {
            StmtKind::ImportFrom(ImportFrom {
                module: Some(from),
                level: 0,
                names,
                ..
            }) => {
                names
                    .iter()
                    .any(|one| self.is_variable_named(module, one.var, name))
                    && !is_of_library(*from)
                    && matches!(
                        self.program.resolve(module, *from),
                        Resolution::External | Resolution::MissingInNamespace { .. }
                    )
            }
            _ => false,
        })
    }

    /// Whether a variable of a module has this name.
    fn is_variable_named(&self, module: ModuleId, var: Var, name: Name) -> bool {
        let slot = self.modules[module.0 as usize].by_name.get(&name);
        matches!(var, Var::Local(found) if slot == Some(&found))
    }

    /// Whether all of a module's code is known, and no names that are written out nowhere are put into it.
    pub fn has_closed_namespace(&self, module: ModuleId) -> bool {
        let state = &self.modules[module.0 as usize];
        let info = self.program.module(module);
        let last = info.name.rsplit('.').next().unwrap_or_default();
        let is_patched = self.survey.patched_modules.contains(&Name::new(last))
            || self.is_found_by_name(info.name);
        state.progress == Progress::Done
            && !state.is_open
            && info.ir.errors.is_empty()
            && !self.survey.dynamic_modules.contains(&module)
            && !self.is_rewritten(module)
            && !is_patched
            && !self.is_filled(Holder::Module(module))
    }

    /// Whether code of any file may put names into a module: one that is called so, that looks it up by its name, or that got it.
    pub(super) fn is_patched_from_anywhere(&self, module: ModuleId) -> bool {
        let name = self.program.module(module).name;
        let last = name.rsplit('.').next().unwrap_or_default();
        self.survey.patched_modules.contains(&Name::new(last))
            || self.is_found_by_name(name)
            || self.is_filled(Holder::Module(module))
    }

    /// Whether other code may look a module up by a name that it writes out: its own, or what it is called where its directory is the root.
    fn is_found_by_name(&self, name: Name) -> bool {
        let found = &self.survey.found_by_name;
        !found.is_empty()
            && (found.contains(&name)
                || name
                    .match_indices('.')
                    .any(|(at, _)| found.contains(&Name::new(&name[at + 1..]))))
    }

    /// Whether a module imports one that puts names into others, and calls something while it is imported that may do it.
    pub fn is_rewritten(&self, module: ModuleId) -> bool {
        if self.survey.rewriters.is_empty() {
            return false;
        }
        // Whoever calls it, at any time, and by whatever name.
        if !self.survey.frame_writers.is_empty() && self.reaches_rewriters(module) {
            return true;
        }
        let ir = &self.program.module(module).ir;
        let mut imported: Vec<Var> = Vec::new();
        let mut star = false;
        if self.survey.rewriters.contains(&module) {
            // It may do so to itself.
            imported.extend(ir.body.iter().filter_map(|stmt| match &stmt.kind {
                StmtKind::FunctionDef { var, .. } | StmtKind::ClassDef { var, .. } => Some(*var),
                _ => None,
            }));
        }
        visit::statements(&ir.body, &mut |stmt| {
            let resolution = match &stmt.kind {
                StmtKind::Import(import) => self.program.resolve(module, import.module),
                StmtKind::ImportFrom(ImportFrom {
                    level: 0,
                    module: Some(from),
                    ..
                }) => self.program.resolve(module, *from),
                StmtKind::ImportFrom(import) => {
                    self.program
                        .resolve_relative(module, import.level, import.module)
                }
                _ => return,
            };
            let rewrites = |found: Resolution| matches!(found, Resolution::Module(found) if self.survey.rewriters.contains(&found));
            if !rewrites(resolution) {
                // `from . import tools`: the module itself.
                if let (StmtKind::ImportFrom(import), Resolution::Module(package)) =
                    (&stmt.kind, resolution)
                {
                    let modules = import.names.iter();
                    let modules =
                        modules.filter(|name| rewrites(self.program.submodule(package, name.name)));
                    imported.extend(modules.map(|name| name.var));
                }
                return;
            }
            match &stmt.kind {
                StmtKind::Import(import) => imported.push(import.var),
                StmtKind::ImportFrom(import) => {
                    star |= import.star;
                    imported.extend(import.names.iter().map(|name| name.var));
                }
                _ => {}
            }
        });
        star || (!imported.is_empty() && calls_at_import(ir, &imported))
            || self.is_rewritten_by_base(module)
    }

    /// Whether a module has classes into whose module a base class or a metaclass may put names: `setattr(sys.modules[cls.__module__], alias, new)`.
    fn is_rewritten_by_base(&self, module: ModuleId) -> bool {
        let survey = &self.survey;
        if survey.class_rewriters.is_disjoint(&survey.rewriters) {
            return false;
        }
        let rewrites = |class: ClassRef| {
            let home = self.class(class).module;
            survey.class_rewriters.contains(&home) && survey.rewriters.contains(&home)
        };
        self.classes.iter().any(|class| {
            class.module == module
                && class.mro.iter().any(|ancestor| match *ancestor {
                    Ancestor::Tree(ancestor) => {
                        rewrites(ancestor) || self.class(ancestor).metaclass.is_some_and(rewrites)
                    }
                    // Which class that is, is not known: one that the module can have met.
                    Ancestor::Unknown => self.reaches_rewriters(module),
                    Ancestor::External(_) => false,
                })
        })
    }

    /// Whether a module imports one that puts names into others, or imports one that does, and so on.
    fn reaches_rewriters(&self, module: ModuleId) -> bool {
        // Any file may import one.
        self.look(FileSet::ALL);
        let reaching = self.reaching_rewriters.get_or_init(|| {
            let mut importers: FxHashMap<ModuleId, Vec<ModuleId>> = FxHashMap::default();
            for importer in self.program.module_ids() {
                for imported in self.program.imports(importer) {
                    importers.entry(imported).or_default().push(importer);
                }
            }
            let mut reaching = self.survey.rewriters.clone();
            let mut next: Vec<ModuleId> = reaching.iter().copied().collect();
            while let Some(reached) = next.pop() {
                let importers = importers.get(&reached).into_iter().flatten();
                next.extend(importers.filter(|&&importer| reaching.insert(importer)));
            }
            reaching
        });
        reaching.contains(&module)
    }
}

/// Whether an expression is a name as a text, or lists it: `"line"`, `"line, bar"`, `["line", "bar"]`.
fn is_text(expr: &Expr, name: Name) -> bool {
    match &expr.kind {
        ExprKind::Constant(Constant::Str(text)) => {
            let mut parts = text.split(',');
            parts.any(|part| part.trim() == name.as_str())
        }
        ExprKind::List(items) | ExprKind::Tuple(items) => {
            items.iter().any(|item| is_text(item, name))
        }
        _ => false,
    }
}

/// Whether a module's top-level code calls one of these variables, or an attribute of one; as a decorator, too.
fn calls_at_import(ir: &ir::Module, variables: &[Var]) -> bool {
    let is_meant = |expr: &Expr| {
        let mut expr = expr;
        loop {
            match &expr.kind {
                ExprKind::Attribute { value, .. } => expr = value,
                ExprKind::Call(call) => expr = &call.function,
                ExprKind::Name(_, var) => return variables.contains(var),
                _ => return false,
            }
        }
    };
    let mut found = false;
    visit::all_expressions(&ir.body, &mut |expr| {
        found |= matches!(&expr.kind, ExprKind::Call(call) if is_meant(&call.function));
    });
    let functions = ir
        .functions
        .iter()
        .flat_map(|function| &function.decorators);
    let classes = ir.classes.iter().flat_map(|class| &class.decorators);
    found || functions.chain(classes).any(is_meant)
}
