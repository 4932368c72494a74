//! Names in type hints that nothing defines: what resolves the hint raises `NameError`, and nothing else does.
//!
//! `typing.get_type_hints` ("Forward references"), `inspect.get_annotations(eval_str=True)`, and the libraries that build on them. What evaluates an annotation where it
//! stands is certain, and told by `unbound`.

use crate::eval::Evaluator;
use crate::eval::interpreter::frame::LocalFailure;
use crate::eval::reuse::file_set::FileSet;
use crate::facts::{Confidence, FailureKind, May};

impl Evaluator<'_> {
    /// Tells of the names in hints that the modules lack, when all of them are complete.
    pub fn tell_names_in_hints(&mut self) {
        if self.is_graph() {
            return;
        }
        for module in self.program.module_ids() {
            let hints = &self.program.module(module).ir.hints;
            let Some(context) = self.modules[module.0 as usize].context else {
                continue;
            };
            if hints.is_empty() || self.is_completed_elsewhere(module) {
                continue;
            }
            self.looked.set(FileSet::NONE);
            for hint in hints {
                if !self.has_no_name(module, hint.name, false) {
                    continue;
                }
                let kind = FailureKind::UndefinedName;
                let failure = LocalFailure {
                    confidence: Confidence::May,
                    doubt: Some(May::Resolved),
                    exception: Some(format!("NameError: name '{}' is not defined", hint.name)),
                    ..LocalFailure::at(kind, hint.name, hint.range, "names it in a type hint")
                };
                let context = &mut self.contexts[context.0 as usize];
                context.failures.push(failure);
            }
            let looked = self.looked.get();
            let context = &mut self.contexts[context.0 as usize];
            context.looked = context.looked.union(looked);
        }
    }
}
