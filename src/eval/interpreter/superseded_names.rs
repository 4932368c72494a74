//! Names that nothing defines in functions whose name is bound again before anything calls them: no run tells, since none comes there. What stands there is no less wrong.

use crate::eval::Evaluator;
use crate::eval::interpreter::frame::LocalFailure;
use crate::eval::interpreter::unbound::unbound_text;
use crate::eval::reuse::file_set::FileSet;
use crate::facts::{Confidence, FailureKind, May};
use crate::name::Name;
use crate::names::{Doubts, doubt_at};
use crate::program::ModuleId;
use crate::python::builtins::{builtin, is_given_by_host, is_given_to_modules, is_reserved};
use crate::syntax::ir::{ExprKind, Function, FunctionId, Range, Var};
use crate::syntax::visit;

impl<'p> Evaluator<'p> {
    /// Tells of such names, when all modules are complete.
    pub fn tell_names_in_superseded(&mut self) {
        if self.is_graph() {
            return;
        }
        for module in self.program.module_ids() {
            let functions = &self.program.module(module).ir.functions;
            let Some(context) = self.modules[module.0 as usize].context else {
                continue;
            };
            let ids = (0..).map(FunctionId).zip(functions);
            let superseded: Vec<_> = ids.filter(|(_, it)| it.is_superseded).collect();
            if superseded.is_empty() || self.is_completed_elsewhere(module) {
                continue;
            }
            self.looked.set(FileSet::NONE);
            let mut found = Vec::new();
            for (id, function) in superseded {
                found.extend(self.unbound_in(module, id, function));
            }
            let looked = self.looked.get();
            let context = &mut self.contexts[context.0 as usize];
            context.looked = context.looked.union(looked);
            context.failures.extend(found);
        }
    }

    /// What a function's body reads that nothing binds.
    fn unbound_in(
        &mut self,
        module: ModuleId,
        id: FunctionId,
        function: &'p Function,
    ) -> Vec<LocalFailure<'p>> {
        let info = self.program.module(module);
        let doubts = Doubts::of(&info.ir).of_function(id);
        let mut found = Vec::new();
        for (name, var, range) in reads(function) {
            let (kind, text) = match var {
                Var::Global(_) => {
                    let is_given = builtin(&name).is_some()
                        || is_given_by_host(&name)
                        || is_reserved(&name)
                        || is_given_to_modules(&name, info.is_package);
                    if is_given || !self.has_no_name(module, name, false) {
                        continue;
                    }
                    let text = format!("NameError: name '{name}' is not defined");
                    (FailureKind::UndefinedName, text)
                }
                _ => match doubt_at(doubts, range.start) {
                    Some(doubt) if doubt.is_certain && !function.scope.dynamic => {
                        let (class, text) = unbound_text(name, doubt, self.program.targets());
                        (FailureKind::UnboundLocal, format!("{class}: {text}"))
                    }
                    _ => continue,
                },
            };
            found.push(LocalFailure {
                confidence: Confidence::May,
                doubt: Some(May::Superseded),
                exception: Some(text),
                ..LocalFailure::at(kind, name, range, "reads the name")
            });
        }
        found
    }
}

/// The variables that a function's own body reads, outside of statements that may catch what comes of it.
fn reads(function: &Function) -> Vec<(Name, Var, Range)> {
    let mut guarded: Vec<Range> = Vec::new();
    let mut found = Vec::new();
    visit::statements(&function.body, &mut |stmt| {
        if matches!(stmt.kind, crate::syntax::ir::StmtKind::Try { .. }) {
            guarded.push(stmt.range);
        }
        visit::direct_expressions(stmt, &mut |direct| {
            visit::expressions(direct, &mut |expr| {
                if let ExprKind::Name(name, var) = expr.kind {
                    found.push((name, var, expr.range));
                }
            });
        });
    });
    let is_guarded = |range: &Range| {
        let mut all = guarded.iter();
        all.any(|it| it.start <= range.start && range.end <= it.end)
    };
    found.retain(|(_, _, range)| !is_guarded(range));
    found
}
