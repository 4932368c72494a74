//! What comes of a failure: whether it breaks something, or is only worth knowing.

use crate::facts::{FailureKind, Impact, Place};

use crate::eval::Evaluator;
use crate::eval::blame::trace::Node;
use crate::eval::blame::ways::Ways;
use crate::eval::domain::value::ContextId;
use crate::eval::interpreter::frame::LocalFailure;

impl<'p> Evaluator<'p> {
    /// What comes of a failure on one way through the program: `way` are its frames from the outermost one to the one that fails, `cause` is the text
    /// that has to change, in the code of an evaluation.
    pub fn impact(
        &self,
        ways: &Ways<'p>,
        failure: &LocalFailure<'p>,
        way: &[Node],
        cause: (Place, ContextId),
    ) -> Impact {
        if let Some(absence) = &failure.absence {
            return absence.impact;
        }
        match failure.kind {
            // A list of names is only read by `from module import *`, which fails by itself where there is one.
            FailureKind::UndefinedExport if failure.exception.is_none() => Impact::Notable,
            FailureKind::UnsupportedSyntax
                if self
                    .unloaded
                    .contains(&self.contexts[cause.1.0 as usize].module) =>
            {
                Impact::Notable
            }
            FailureKind::SwallowedKeyword => self.impact_of_swallowed(ways, failure, way, cause),
            _ => Impact::Breaks,
        }
    }
}
