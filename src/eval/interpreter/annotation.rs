//! Annotations, where they are evaluated: by every version of Python up to 3.13, unless the module has `from __future__ import annotations`.
//!
//! PEP 563 and PEP 649; language reference, "Annotated assignment statements" and "Function definitions".

use crate::program::Module;
use crate::python::{Targets, Version};
use crate::syntax::ir::{Expr, Function, Stmt, StmtKind};

use crate::eval::Evaluator;
use crate::eval::interpreter::frame::{Frame, Owner};

/// The last version that evaluates annotations where they stand.
const LAST: Version = Version(13);

/// Whether a version that a module is meant for evaluates its annotations.
#[must_use]
pub fn runs_annotations(module: &Module, targets: &Targets) -> bool {
    let is_eager = |version: &Version| *version <= LAST;
    targets.versions().iter().any(is_eager) && !postpones_annotations(&module.ir.body)
}

/// Whether a module begins with `from __future__ import annotations`.
fn postpones_annotations(body: &[Stmt]) -> bool {
    let imports = body.iter().map_while(|stmt| match &stmt.kind {
        StmtKind::ImportFrom(import)
            if import
                .module
                .is_some_and(|module| module.as_str() == "__future__") =>
        {
            Some(import)
        }
        _ => None,
    });
    imports
        .flat_map(|import| &import.names)
        .any(|name| name.name.as_str() == "annotations")
}

impl<'p> Evaluator<'p> {
    /// The annotations of a function, which its `def` evaluates.
    pub fn run_annotations(&mut self, frame: &mut Frame<'p>, function: &'p Function) {
        let of_parameters = function
            .params
            .iter()
            .map(|parameter| &parameter.annotation);
        for annotation in of_parameters.chain([&function.returns]).flatten() {
            self.expression(frame, annotation);
        }
    }

    /// The annotation of an assignment. That of a function's variable is never evaluated.
    pub fn annotation(&mut self, frame: &mut Frame<'p>, annotation: &'p Expr) {
        if !matches!(frame.owner, Owner::Function(_))
            && self.modules[frame.module.0 as usize].runs_annotations
        {
            self.expression(frame, annotation);
        }
    }
}
