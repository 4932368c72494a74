//! Attributes and items that are read of what may be None, as a test just before or behind asks: see [`crate::names`].

use crate::eval::Evaluator;
use crate::eval::domain::attributes::has_attribute;
use crate::eval::domain::value::{Data, Kind, Value};
use crate::eval::exceptions::class::ExceptionClass;
use crate::eval::interpreter::frame::{Frame, LocalFailure, Owner};
use crate::facts::{Confidence, FailureKind, May};
use crate::name::Name;
use crate::names::Doubts;
use crate::syntax::ir::{Expr, ExprKind, Range};
use crate::syntax::visit;

/// The builtin types of which a value may be false without being None.
const FALSE: [Kind; 9] = [
    Kind::Str,
    Kind::Bytes,
    Kind::Int,
    Kind::Float,
    Kind::List,
    Kind::Tuple,
    Kind::Dict,
    Kind::Set,
    Kind::FrozenSet,
];

/// What is read of a value.
#[derive(Clone, Copy)]
pub enum Part {
    /// An attribute.
    Attribute(Name),
    /// An item.
    Item,
}

impl<'p> Evaluator<'p> {
    /// `base.attribute` or `base[item]`, where nothing says that the base is not None.
    pub fn check_unheeded(
        &mut self,
        frame: &mut Frame<'p>,
        (expr, part): (&'p Expr, &'p Expr),
        base: Value,
        read: Part,
    ) {
        let ExprKind::Name(name, _) = part.kind else {
            return;
        };
        let is_imported = !matches!(frame.owner, Owner::Function(_));
        let doubts = Doubts::of(frame.ir);
        // Most files have nothing of the kind.
        if !is_imported && !doubts.has_unheeded() || !self.may_be_none(base) {
            return;
        }
        let is_optional =
            is_imported && matches!(read, Part::Attribute(_)) && self.is_optional(base);
        let found = doubts.unheeded_at(expr.range.start);
        let is_truth = match found {
            Some(found) if !found.is_late && ends_in(frame, found.asks) => return,
            Some(found) => found.is_truth,
            None if is_optional => false,
            None => return,
        };
        let attribute = match read {
            Part::Attribute(attribute) => attribute,
            Part::Item => Name::new("__getitem__"),
        };
        let is_of = |kind: Kind| has_attribute(kind, &attribute) != Some(false);
        let asks = |test: &&Expr| is_optional && mentions(test, name);
        if self.is_graph()
            || frame.guards.iter().any(asks)
            || !frame.state.live
            || frame.is_unsure()
            || is_of(Kind::NoneType)
            || is_truth && FALSE.into_iter().any(is_of)
        {
            return;
        }
        let (subject, does) = match read {
            Part::Attribute(attribute) => (attribute, "reads it"),
            Part::Item => (Name::new("NoneType"), "takes an item of it"),
        };
        let (kind, exception) = match read {
            Part::Attribute(_) => (
                FailureKind::MissingAttribute,
                format!("AttributeError: 'NoneType' object has no attribute '{attribute}'"),
            ),
            Part::Item => (
                FailureKind::InvalidOperation,
                String::from("TypeError: 'NoneType' object is not subscriptable"),
            ),
        };
        let class = ExceptionClass::told(&exception);
        if self.is_named_here(frame, class) || self.is_expected_here(frame, class) {
            return;
        }
        frame.failures.push(LocalFailure {
            confidence: Confidence::May,
            exception: Some(exception),
            doubt: Some(match found {
                _ if is_optional => May::Parted,
                Some(found) if found.is_late => May::Late,
                _ => May::Unheeded,
            }),
            ..LocalFailure::at(kind, subject, expr.range, does)
        });
    }

    /// Whether a value is something from outside the tree, or None where that is not there: what is read of it as the code is imported fails there, whatever asks for it
    /// later.
    fn is_optional(&self, value: Value) -> bool {
        let alternatives = self.values.alternatives(value);
        let is_imported = |&value: &Value| {
            value == Value::NONE
                || matches!(self.data(value), Data::External(name) if !name.ends_with(')'))
        };
        alternatives.len() == 2 && alternatives.iter().all(is_imported)
    }

    /// Whether a value is not known, or one of several of which one is None.
    fn may_be_none(&self, value: Value) -> bool {
        if value == Value::UNKNOWN {
            return true;
        }
        let alternatives = self.values.alternatives(value);
        alternatives.len() > 1 && alternatives.contains(&Value::NONE)
    }
}

/// Whether a call in a statement did not come back.
fn ends_in(frame: &Frame<'_>, stmt: Range) -> bool {
    let is_in = |ended: &Range| stmt.start <= ended.start && ended.end <= stmt.end;
    frame.ended.iter().any(is_in)
}

/// Whether an expression reads a variable of a name.
fn mentions(expr: &Expr, name: Name) -> bool {
    let mut found = false;
    visit::expressions(expr, &mut |part| {
        found |= matches!(part.kind, ExprKind::Name(read, _) if read == name);
    });
    found
}
