//! Names that something may put into a module, and that nothing in the tree writes out.
//!
//! `globals().update(LOADED)`, code that runs a file, or `builtins` that are added to may give a module names that its code does not bind. Most often the names stand
//! somewhere in the tree all the same: as keys, as keywords, as what another module binds and a loop copies. One that stands nowhere is a typing mistake, or an import that was forgotten.

use rustc_hash::FxHashSet;

use crate::eval::Evaluator;
use crate::eval::domain::value::Value;
use crate::eval::reuse::file_set::FileSet;
use crate::name::Name;
use crate::names::Doubts;
use crate::program::ModuleId;
use crate::syntax::ir::{ArgumentKind, Constant, Expr, ExprKind, Module, Slot};
use crate::syntax::visit;

impl Evaluator<'_> {
    /// Whether a module has no variable of a name as far as its own code goes, and nothing that could put it there
    /// has that name as a text, a keyword or a module's variable.
    pub(super) fn is_written_nowhere(&mut self, module: ModuleId, name: Name) -> bool {
        let info = self.program.module(module);
        let slot = self.modules[module.0 as usize].by_name.get(&name).copied();
        let is_bound = slot
            .is_some_and(|slot| info.ir.scope.dynamic || Doubts::of(&info.ir).is_ever_bound(slot));
        !is_bound
            && !self.modules[module.0 as usize].is_open
            && info.ir.errors.is_empty()
            && !self.survey.keeping_hooks.contains(&module)
            && !self.is_stored_on_modules(name)
            && self.variable(module, name) == Value::UNBOUND
            && !self.modules[module.0 as usize].starred.contains_key(&name)
            && (!info.is_package || self.has_no_submodule(module, name))
            && !self.is_asked_for_by_name(module, name)
            && !self.is_text_beside(module, name)
    }

    /// Whether something that may put names into a module has a text, a keyword or a module's variable of this name, or gets one from what it imports.
    fn is_text_beside(&self, module: ModuleId, name: Name) -> bool {
        // Who runs a file gives it what names it likes.
        let is_by_anybody = self.survey.runs_code() || self.changes_builtins();
        if is_by_anybody || self.is_patched_from_anywhere(module) {
            return self.is_text_of_tree(name);
        }
        self.look(FileSet::ALL);
        let fillers = self.survey.rewriters.iter().copied();
        std::iter::once(module).chain(fillers).any(|filler| {
            let mut imported = self.program.imports(filler).into_iter();
            self.is_text_of(filler, name) || imported.any(|one| self.is_text_of(one, name))
        })
    }

    /// The same of one module.
    pub(super) fn is_text_of(&self, module: ModuleId, name: Name) -> bool {
        let mut known = self.texts_of.borrow_mut();
        let texts = known.entry(module).or_insert_with(|| {
            let mut texts = FxHashSet::default();
            note_texts_of(&self.program.module(module).ir, &mut texts);
            // `lazy(globals(), "tools.names:first,last")`.
            let lists: Vec<Name> = texts.iter().copied().filter(|text| is_list(text)).collect();
            for list in lists {
                texts.extend(list.split(|c| !is_of_name(c)).map(Name::new));
            }
            texts
        });
        texts.contains(&name)
    }

    /// Whether code of the tree has a text, a keyword or a module's variable of this name.
    pub(super) fn is_text_of_tree(&self, name: Name) -> bool {
        self.look(FileSet::ALL);
        let texts = self.texts.get_or_init(|| {
            let mut texts = FxHashSet::default();
            for id in self.program.module_ids() {
                note_texts_of(&self.program.module(id).ir, &mut texts);
            }
            texts
        });
        texts.contains(&name)
    }
}

/// Whether a text may be a list of names: it has several words, and no blanks between them.
fn is_list(text: &str) -> bool {
    !text.contains(char::is_whitespace) && text.contains(|c| !is_of_name(c))
}

fn is_of_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Adds all texts and keywords of a file, and what its own code binds.
fn note_texts_of(ir: &Module, texts: &mut FxHashSet<Name>) {
    // `for name, value in vars(core).items(): globals()[name] = value`.
    let bound = Doubts::of(ir);
    let slots = (0..).map(Slot).zip(&ir.scope.slots);
    let slots = slots.filter(|(slot, _)| bound.is_ever_bound(*slot));
    texts.extend(slots.map(|(_, variable)| variable.name));
    let functions = ir.functions.iter().map(|function| &function.body);
    let classes = ir.classes.iter().map(|class| &class.body);
    let mut note = |expr: &Expr| {
        visit::expressions(expr, &mut |expr| note_texts(expr, texts));
    };
    for function in &ir.functions {
        let defaults = function
            .params
            .iter()
            .filter_map(|own| own.default.as_ref());
        function
            .decorators
            .iter()
            .chain(defaults)
            .for_each(&mut note);
    }
    for class in &ir.classes {
        let arguments = class.arguments.iter().map(|argument| &argument.value);
        class.decorators.iter().chain(arguments).for_each(&mut note);
    }
    for body in std::iter::once(&ir.body).chain(functions).chain(classes) {
        visit::all_expressions(body, &mut |expr| note_texts(expr, texts));
    }
}

/// Adds the text that an expression is, or the keywords that it passes.
fn note_texts(expr: &Expr, texts: &mut FxHashSet<Name>) {
    match &expr.kind {
        ExprKind::Constant(Constant::Str(text)) => {
            texts.insert(*text);
        }
        ExprKind::Call(call) => {
            let keywords = call.arguments.iter().filter_map(|one| match one.kind {
                ArgumentKind::Keyword(name) => Some(name),
                _ => None,
            });
            texts.extend(keywords);
        }
        _ => {}
    }
}
