//! Keys of dicts and items of sets that have no hash: `names[[1]]`, `{[]: 1}`, `{{}}` (the library reference, "Mapping Types").

use crate::eval::Evaluator;
use crate::eval::domain::kind::Kind;
use crate::eval::domain::value::{Data, Value};
use crate::eval::interpreter::frame::Frame;
use crate::eval::interpreter::operation::Wrong;
use crate::facts::FailureKind;
use crate::python::Version;
use crate::syntax::ir::{Expr, ExprKind, Range};

/// What is hashed, as CPython names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hashed {
    /// A key of a dict.
    Key,
    /// An item of a set.
    Item,
}

/// The index of `base[index]`.
pub const fn index_of(expr: &Expr) -> Option<&Expr> {
    match &expr.kind {
        ExprKind::Subscript { index, .. } => Some(index),
        _ => None,
    }
}

impl<'p> Evaluator<'p> {
    /// `value` is looked up in a dict or put into one, or into a set: a failure, if nothing that it may be has a hash. Whether it is.
    ///
    /// `range`: what fails; `part`: the expression that gives the value.
    pub fn check_hashed(
        &mut self,
        frame: &mut Frame<'p>,
        (range, part): (Range, Option<&'p Expr>),
        value: Value,
        hashed: Hashed,
    ) -> bool {
        if self.is_graph() || !frame.state.live || !frame.ir.errors.is_empty() {
            return false;
        }
        let Some((whole, item)) = self.unhashable(frame, value) else {
            return false;
        };
        // `{{name}}` is what a generator fills in.
        if self.survey.templates.contains(&frame.module) {
            return false;
        }
        let exception = if self.program.targets().wording() >= Version(14) {
            let what = match hashed {
                Hashed::Key => "dict key",
                Hashed::Item => "set element",
            };
            format!("TypeError: cannot use '{whole}' as a {what} (unhashable type: '{item}')")
        } else {
            format!("TypeError: unhashable type: '{item}'")
        };
        let wrong = Wrong {
            kind: FailureKind::InvalidOperation,
            exception,
            subject: item,
            note: "hashes it",
        };
        let told = frame.failures.len();
        self.wrong_operation(frame, range, wrong);
        for failure in &mut frame.failures[told..] {
            failure.by_type = part;
        }
        true
    }

    /// The type of a value without a hash, and that of the part of it that has none: an item, if it is a tuple.
    fn unhashable(
        &mut self,
        frame: &Frame<'p>,
        value: Value,
    ) -> Option<(&'static str, &'static str)> {
        // Most keys are texts, or not known.
        let items = match self.data(value) {
            Data::Unknown | Data::Symbol { .. } | Data::Str(_) | Data::Int(_) => return None,
            Data::Tuple(items) => items.clone(),
            _ => {
                let fails =
                    |kind| matches!(kind, Kind::List | Kind::Dict | Kind::Set | Kind::ByteArray);
                let (kind, _) = self.kind_that_fails(frame, value, &[], fails)?;
                return Some((kind.name()?, kind.name()?));
            }
        };
        let mut items = items.iter();
        let (_, item) = items.find_map(|&item| self.unhashable(frame, item))?;
        Some(("tuple", item))
    }
}
