//! What special methods of the tree's classes answer where the language asks them: `__bool__`, `__len__`, `__eq__`, `__contains__` (the data model,
//! "Special method names").

use crate::eval::Evaluator;
use crate::eval::domain::truth::Truth;
use crate::eval::domain::value::{Data, Value};
use crate::eval::interpreter::frame::Frame;
use crate::name::Name;
use crate::syntax::ir::{Comparison, Range};

impl<'p> Evaluator<'p> {
    /// Whether a value counts as true, where its class may have something to say.
    pub fn truth_asked(&mut self, frame: &mut Frame<'p>, value: Value) -> Truth {
        self.asked_for_truth(frame, value);
        let truth = self.truth(frame, value);
        if truth != Truth::Unknown || !matches!(self.data(value), Data::Instance { .. }) {
            return truth;
        }
        if self.may_have(value, "__bool__") {
            return match self.answer(frame, value, "__bool__", &[]) {
                Some(Value::TRUE) => Truth::True,
                Some(Value::FALSE) => Truth::False,
                _ => Truth::Unknown,
            };
        }
        match self.own_length(frame, value) {
            Some(length) => Truth::of(length != 0),
            None => Truth::Unknown,
        }
    }

    /// `len(value)`, where its class says it.
    pub fn own_length(&mut self, frame: &mut Frame<'p>, value: Value) -> Option<i128> {
        let length = self.answer(frame, value, "__len__", &[])?;
        self.values.as_int(length).filter(|&length| length >= 0)
    }

    /// `left op right`, where the class of one of them says it: the left one is asked, and the right one if the left is of a type whose own comparison
    /// gives up.
    pub fn own_comparison(
        &mut self,
        frame: &mut Frame<'p>,
        left: Value,
        op: Comparison,
        right: Value,
    ) -> Truth {
        let answer = match op {
            Comparison::Eq | Comparison::NotEq => {
                let is_left = matches!(self.data(left), Data::Instance { .. });
                let (own, other) = if is_left {
                    (left, right)
                } else if self.values.plain_kind(left).is_some() {
                    (right, left)
                } else {
                    return Truth::Unknown;
                };
                // What derives from the other's class is asked first.
                let are_both = is_left && matches!(self.data(right), Data::Instance { .. });
                if are_both || op == Comparison::NotEq && self.may_have(own, "__ne__") {
                    return Truth::Unknown;
                }
                self.answer(frame, own, "__eq__", &[other])
            }
            Comparison::In | Comparison::NotIn => {
                self.answer(frame, right, "__contains__", &[left])
            }
            _ => return Truth::Unknown,
        };
        let truth = match answer {
            Some(Value::TRUE) => Truth::True,
            Some(Value::FALSE) => Truth::False,
            _ => return Truth::Unknown,
        };
        if matches!(op, Comparison::NotEq | Comparison::NotIn) {
            truth.not()
        } else {
            truth
        }
    }

    fn may_have(&self, instance: Value, method: &str) -> bool {
        match *self.data(instance) {
            Data::Instance { class, .. } => self.class_may_define(class, &[Name::new(method)]),
            _ => true,
        }
    }

    /// What a special method of an instance's class gives, as far as it changes nothing; none: it has none that is known. What happens in it is found where
    /// it is evaluated for itself.
    fn answer(
        &mut self,
        frame: &mut Frame<'p>,
        instance: Value,
        method: &str,
        arguments: &[Value],
    ) -> Option<Value> {
        if self.is_graph() {
            return None;
        }
        let Data::Instance {
            class, exact: true, ..
        } = *self.data(instance)
        else {
            return None;
        };
        if self.class(class).has_metaclass || self.is_stored_elsewhere(Name::new(method)) {
            return None;
        }
        let function = self.special_method(frame, instance, method)?;
        let state = frame.state.clone();
        let marks = frame.failures.len();
        let range = Range::default();
        let given = self.call_with(frame, function, arguments.to_vec(), range);
        let returned = frame.state.live;
        frame.failures.truncate(marks);
        frame.edges.retain(|edge| edge.range != range);
        frame.state = state;
        returned.then_some(given)
    }
}
