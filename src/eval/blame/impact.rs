//! What comes of a failure: whether it breaks something, or is only worth knowing.

use crate::facts::{FailureKind, Impact};

use crate::eval::Evaluator;
use crate::eval::interpreter::frame::LocalFailure;

impl<'p> Evaluator<'p> {
    /// What comes of a failure in one evaluation of one body.
    pub fn impact(&self, failure: &LocalFailure<'p>) -> Impact {
        match failure.kind {
            // A list of names is only read by `from module import *`, which fails by itself where there is one.
            FailureKind::UndefinedExport if failure.exception.is_none() => Impact::Notable,
            _ => Impact::Breaks,
        }
    }
}
