//! Conditions: whether they hold, and what is known once they do.

use std::rc::Rc;

use crate::name::Name;
use crate::syntax::ir::{Expr, ExprKind};

use crate::eval::Evaluator;
use crate::eval::domain::compare::is_key;
use crate::eval::domain::state::{Form, Object, State};
use crate::eval::domain::truth::Truth;
use crate::eval::domain::types::is_callable_external;
use crate::eval::domain::value::{Data, Kind, Value};
use crate::eval::interpreter::frame::Frame;
use crate::eval::interpreter::statement::join_into;

impl<'p> Evaluator<'p> {
    /// Evaluates a condition.
    pub fn test(&mut self, frame: &mut Frame<'p>, test: &'p Expr) -> Truth {
        match &test.kind {
            ExprKind::Not(inner) => self.test(frame, inner).not(),
            ExprKind::Bool { is_and, values } => self.test_all(frame, values, *is_and),
            _ => {
                let value = self.expression(frame, test);
                self.dropped(frame, test, value);
                self.run_truth(frame, value, test.range);
                self.truth_asked(frame, value)
            }
        }
    }

    /// `a and b and c` (or `or`), each part evaluated under what the ones before it say.
    ///
    /// Afterwards the state is the one of any part that may have decided: what the parts did stays, what they say is
    /// undone, since whoever asked narrows by the whole condition.
    fn test_all(&mut self, frame: &mut Frame<'p>, values: &'p [Expr], is_and: bool) -> Truth {
        let mut decided: Option<State> = None;
        let mut result = Truth::of(is_and);
        let stop = Truth::of(!is_and);
        let guards = frame.guards.len();
        for (index, value) in values.iter().enumerate() {
            let truth = self.test(frame, value);
            if truth == stop {
                result = stop;
                break;
            }
            if truth == Truth::Unknown {
                result = Truth::Unknown;
                join_into(&mut decided, &frame.state, &mut self.values);
                frame.guards.push(value);
                frame.note_test(value);
            }
            if index + 1 < values.len() {
                self.assume(frame, value, is_and);
            }
            if !frame.state.live {
                break;
            }
        }
        frame.guards.truncate(guards);
        if let Some(decided) = decided {
            frame.state.join(&decided, &mut self.values);
        }
        result
    }

    /// Whether a value counts as true.
    pub fn truth(&mut self, frame: &Frame<'p>, value: Value) -> Truth {
        match self.data(value) {
            Data::Function(_)
            | Data::Module(_)
            | Data::Namespace(_)
            | Data::Bound { .. }
            | Data::Method { .. }
            | Data::Coroutine { .. }
            | Data::Generator(_)
            | Data::Partial(_)
            | Data::Wrapped(_)
            | Data::Static(_)
            | Data::ClassMethod(_)
            | Data::Property(..)
            | Data::Either(_)
            | Data::Signature(_)
            | Data::Parameter { .. } => Truth::True,
            Data::Class { class, .. } => {
                if self.class(*class).has_metaclass {
                    Truth::Unknown
                } else {
                    Truth::True
                }
            }
            Data::Member { class, .. } | Data::Instance { class, .. } => {
                let class = *class;
                if let Some(data) = self.data_behind(value) {
                    return self.values.plain_truth(data);
                }
                if self.class_may_define(class, &[Name::new("__bool__"), Name::new("__len__")]) {
                    Truth::Unknown
                } else {
                    Truth::True
                }
            }
            Data::Made { .. } => match self.data_behind(value) {
                Some(data) => self.values.plain_truth(data),
                None => self.truth_of_made(value),
            },
            Data::Local(_) | Data::Shared(_) => {
                if let Some(Object::List(sequence)) = self.object_of(frame, value).as_deref()
                    && matches!(sequence.form, Form::Iterator(_) | Form::Generator)
                {
                    return Truth::True;
                }
                match self.object_size(frame, value) {
                    Some((least, _)) if least > 0 => Truth::True,
                    Some((_, Some(0))) => Truth::False,
                    _ => Truth::Unknown,
                }
            }
            // What stands under it is for type checkers, and never runs.
            Data::External(name) if is_for_checkers(*name) => Truth::False,
            Data::External(name) => {
                let is_true = self
                    .values
                    .plain_kind(value)
                    .is_some_and(Kind::is_always_true)
                    || is_callable_external(*name) == Some(true)
                    || self.is_graph() && !name.contains('.');
                if is_true { Truth::True } else { Truth::Unknown }
            }
            Data::Union(members) => {
                let members = members.clone();
                self.merge_all(&members, |evaluator, member| evaluator.truth(frame, member))
            }
            _ => self.values.plain_truth(value),
        }
    }

    /// What an expression that only reads names and attributes is, without evaluating calls.
    pub fn peek(&mut self, frame: &mut Frame<'p>, expr: &'p Expr) -> Value {
        let value = match &expr.kind {
            ExprKind::Constant(constant) => return self.values.constant(*constant),
            ExprKind::Name(name, var) => self.read(frame, *name, *var),
            ExprKind::Attribute {
                value, attribute, ..
            } => {
                let base = self.peek(frame, value);
                self.get_attribute(frame, base, *attribute).value()
            }
            ExprKind::Subscript { value, index } => {
                let base = self.peek(frame, value);
                let index = self.peek(frame, index);
                self.peek_item(frame, base, index)
            }
            ExprKind::Tuple(items) => {
                let items: Rc<[Value]> = items.iter().map(|item| self.peek(frame, item)).collect();
                return self.values.intern(Data::Tuple(items));
            }
            _ => return Value::UNKNOWN,
        };
        self.with_facts(frame, expr, value)
    }

    /// What stands under a known key or index.
    fn peek_item(&mut self, frame: &Frame<'p>, base: Value, index: Value) -> Value {
        if let (Data::Tuple(items), Data::Int(at)) = (self.data(base), self.data(index)) {
            let item = usize::try_from(*at).ok().and_then(|at| items.get(at));
            return item.copied().unwrap_or(Value::UNKNOWN);
        }
        match self.object_for(frame, base, Some(index)).as_deref() {
            Some(Object::Dict(dict)) if is_key(&self.values, index) => {
                let index = self.equal_key(frame, base, dict, index).unwrap_or(index);
                let entry = dict.find(index).map(|entry| entry.value);
                entry.or(dict.other(index)).unwrap_or(Value::UNKNOWN)
            }
            _ => Value::UNKNOWN,
        }
    }
}

/// `TYPE_CHECKING`, which is false when code runs.
fn is_for_checkers(name: Name) -> bool {
    matches!(
        name.as_str(),
        "typing.TYPE_CHECKING" | "typing_extensions.TYPE_CHECKING"
    )
}
