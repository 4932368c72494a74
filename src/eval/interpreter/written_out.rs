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
use crate::syntax::ir::{ArgumentKind, Constant, Expr, ExprKind, Slot};
use crate::syntax::visit;

impl Evaluator<'_> {
    /// Whether a module has no variable of a name as far as its own code goes, and no code of the tree has that name as a text, a keyword or a module's variable, by
    /// which something could put it there.
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
            && !self.is_text_of_tree(name)
    }

    /// Whether code of the tree has a text, a keyword or a module's variable of this name.
    pub(super) fn is_text_of_tree(&self, name: Name) -> bool {
        self.look(FileSet::ALL);
        let texts = self.texts.get_or_init(|| {
            let mut texts = FxHashSet::default();
            for id in self.program.module_ids() {
                let ir = &self.program.module(id).ir;
                // `for name, value in vars(core).items(): globals()[name] = value`.
                let bound = Doubts::of(ir);
                let slots = (0..).map(Slot).zip(&ir.scope.slots);
                let slots = slots.filter(|(slot, _)| bound.is_ever_bound(*slot));
                texts.extend(slots.map(|(_, variable)| variable.name));
                let functions = ir.functions.iter().map(|function| &function.body);
                let classes = ir.classes.iter().map(|class| &class.body);
                let mut note = |expr: &Expr| {
                    visit::expressions(expr, &mut |expr| note_texts(expr, &mut texts));
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
                    visit::all_expressions(body, &mut |expr| note_texts(expr, &mut texts));
                }
            }
            texts
        });
        texts.contains(&name)
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
