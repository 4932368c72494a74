//! Names that something may put into a module, and that look forgotten all the same.
//!
//! What fills modules with names that are written out nowhere mostly fills others, or with other names: see [`super::written_out`]. A name is no variable of the module but one
//! that a function forgot to take or to bind where other functions of the same file have it for their own: `irc.network` in a method without the parameter `irc` that the others
//! have. So is what this file does not import and others do.

use crate::eval::Evaluator;
use crate::eval::domain::value::Value;
use crate::eval::interpreter::module::Progress;
use crate::eval::reuse::file_set::FileSet;
use crate::name::Name;
use crate::names::Doubts;
use crate::program::stdlib::is_standard;
use crate::program::{ModuleId, Resolution};
use crate::syntax::ir::{Constant, Expr, ExprKind, Function, Module, Stmt, StmtKind, Variable};
use crate::syntax::visit;

impl Evaluator<'_> {
    /// Whether a name that a function of a module reads, and that the module does not bind itself, was most likely forgotten, though something may put names into the module.
    pub(super) fn is_forgotten(
        &mut self,
        module: ModuleId,
        (own, expr): (&Function, &Expr),
        name: Name,
    ) -> bool {
        // Dunder names and `_` are given by those who run or translate a file.
        if name.starts_with('_') || !self.has_no_such_variable(module, name) {
            return false;
        }
        // Who reads the names, who imports the module and who fills it, any file may say.
        self.look(FileSet::ALL);
        let ir = &self.program.module(module).ir;
        let is_elsewhere = ir.functions.iter().any(|function| {
            let has_it = |slot: &Variable| {
                slot.name == name && slot.named && slot.bindings > 0 && !slot.hidden
            };
            !std::ptr::eq(function, own) && function.scope.slots.iter().any(has_it)
        });
        (is_elsewhere || self.is_import_of_others(module, name, is_read_of(&own.body, expr)))
            && self.is_part_of_program(module)
            && !is_offered(ir, name)
            && !is_told_alone(ir, name)
            && !self
                .survey
                .rewriters
                .iter()
                .any(|&filler| is_offered(&self.program.module(filler).ir, name))
    }

    /// Whether a file is there to be imported. Another one may be run with names that are given to it.
    fn is_part_of_program(&self, module: ModuleId) -> bool {
        let package = self.program.module(module).package;
        let is_in_package = || {
            matches!(self.resolve(module, package), Resolution::Module(package)
                if package != module && self.program.module(package).is_package)
        };
        self.program.is_imported(module) || !package.is_empty() && is_in_package()
    }

    /// Whether a module's own code, and what it takes from others, gives it no variable of a name.
    fn has_no_such_variable(&mut self, module: ModuleId, name: Name) -> bool {
        let info = self.program.module(module);
        let state = &self.modules[module.0 as usize];
        let slot = state.by_name.get(&name).copied();
        let is_bound = slot
            .is_some_and(|slot| info.ir.scope.dynamic || Doubts::of(&info.ir).is_ever_bound(slot));
        state.progress == Progress::Done
            && !is_bound
            && !state.is_open
            && !state.starred.contains_key(&name)
            && info.ir.errors.is_empty()
            && !self.survey.keeping_hooks.contains(&module)
            && !self.is_stored_on_modules(name)
            && self.variable(module, name) == Value::UNBOUND
            && (!info.is_package || self.has_no_submodule(module, name))
    }

    /// Whether other files of the tree import a name: a module of the standard library of which an attribute is read, or what two files at least take from one module.
    fn is_import_of_others(&self, module: ModuleId, name: Name, is_read_of: bool) -> bool {
        let is_library = is_read_of && is_standard(&name);
        let mut is_imported = false;
        let mut sources: Vec<Option<Name>> = Vec::new();
        for other in self.program.module_ids().filter(|&other| other != module) {
            let mut source = None;
            let ir = &self.program.module(other).ir;
            ir.each_import(|stmt| match &stmt.kind {
                StmtKind::Import(import) => is_imported |= import.module == name,
                StmtKind::ImportFrom(import) if import.names.iter().any(|one| one.name == name) => {
                    source = Some(last_part(import.module));
                }
                _ => {}
            });
            sources.extend(source);
        }
        let is_taken = sources.len() > 1 && sources.iter().all(|one| *one == sources[0]);
        is_library && is_imported || is_taken
    }
}

/// The last component of a dotted name, which relative and absolute imports have in common.
fn last_part(module: Option<Name>) -> Option<Name> {
    module.map(|module| Name::new(module.rsplit('.').next().unwrap_or_default()))
}

/// Whether code reads an attribute of what is read at an expression.
fn is_read_of(body: &[Stmt], expr: &Expr) -> bool {
    let mut found = false;
    visit::all_expressions(body, &mut |part| {
        if let ExprKind::Attribute { value, .. } = &part.kind {
            found |= value.range == expr.range;
        }
    });
    found
}

/// Whether a file writes a name out as a key or an item, from which it may be put anywhere.
fn is_offered(ir: &Module, name: Name) -> bool {
    let is_it = |expr: &Expr| matches!(&expr.kind, ExprKind::Constant(Constant::Str(text)) if *text == name);
    let mut found = false;
    let mut look = |expr: &Expr| match &expr.kind {
        ExprKind::Subscript { index, .. } => found |= is_it(index),
        ExprKind::Tuple(items) | ExprKind::List(items) | ExprKind::Set(items) => {
            found |= items.iter().any(is_it);
        }
        ExprKind::Dict(_) => visit::children(expr, &mut |child| found |= is_it(child)),
        _ => {}
    };
    visit::all_expressions(&ir.body, &mut look);
    for function in &ir.functions {
        visit::all_expressions(&function.body, &mut look);
    }
    for class in &ir.classes {
        visit::all_expressions(&class.body, &mut look);
    }
    found
}

/// Whether the file's own code tells something a text that is a list of names, this one among them, and drops what it gives back: `var("x y")`. What is told a sentence is told no
/// names.
fn is_told_alone(ir: &Module, name: Name) -> bool {
    let is_of_name = |word: &str| word.chars().all(|c| c.is_alphanumeric() || c == '_');
    let lists_it = |text: &str| {
        let words = || text.split(|c: char| c == ',' || c.is_whitespace());
        words().all(is_of_name) && words().any(|word| word == name.as_str())
    };
    let mut found = false;
    ir.each_statement(|stmt| {
        if let StmtKind::Expr(value) = &stmt.kind
            && let ExprKind::Call(call) = &value.kind
        {
            // What a method is told is mostly a message.
            let is_function = matches!(call.function.kind, ExprKind::Name(..));
            for argument in &call.arguments {
                visit::expressions(&argument.value, &mut |part| {
                    if let ExprKind::Constant(Constant::Str(text)) = &part.kind {
                        let is_sentence = !is_function && text.contains(char::is_whitespace);
                        found |= !is_sentence && lists_it(text);
                    }
                });
            }
        }
    });
    found
}
