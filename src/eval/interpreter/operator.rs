//! Operators (the language reference, "Unary arithmetic and bitwise operations" and "Binary arithmetic operations").

use crate::eval::Evaluator;
use crate::eval::domain::compare::is_key;
use crate::eval::domain::fold::Folded;
use crate::eval::domain::state::{Form, Object, Sequence};
use crate::eval::domain::value::{Data, Kind, Value};
use crate::eval::interpreter::frame::Frame;
use crate::eval::objects::mro::Ancestor;
use crate::name::Name;
use crate::syntax::ir::{Expr, Operator, UnaryOperator};

/// How many pairs of alternatives an operator is computed for.
const PAIRS: usize = 16;

/// How many items a sequence that an operator, a `*x` in a display or one in a call makes may have; more are any number: doubled thirty times, two
/// items are more than there is memory.
pub const LIST_LIMIT: usize = 1024;

impl<'p> Evaluator<'p> {
    /// `-x`, `not` aside: what the operator makes of the operand's value.
    pub fn unary(&mut self, frame: &mut Frame<'p>, op: UnaryOperator, operand: &'p Expr) -> Value {
        let value = self.expression(frame, operand);
        if let Some(result) = self.operated_alone(frame, op, value) {
            return result;
        }
        let members = self.values.alternatives(value);
        let mut results = Vec::with_capacity(members.len());
        for member in members {
            let member = self.plain_or_self(member);
            match self.values.fold_alone(op, member) {
                Folded::Value(result) | Folded::Perhaps(result) => results.push(result),
                Folded::Raises | Folded::Unknown => {
                    self.may_raise(frame);
                    results.push(Value::UNKNOWN);
                }
            }
        }
        self.values.union(results)
    }

    /// `left op right` on values.
    pub fn binary(
        &mut self,
        frame: &mut Frame<'p>,
        left: Value,
        op: Operator,
        right: Value,
    ) -> Value {
        let is_union = |side| matches!(self.data(side), Data::Union(_));
        if !is_union(left) && !is_union(right) {
            return self.binary_one(frame, left, op, right);
        }
        let (lefts, rights) = (
            self.values.alternatives(left),
            self.values.alternatives(right),
        );
        if lefts.len() * rights.len() > PAIRS {
            self.may_raise(frame);
            return Value::UNKNOWN;
        }
        let mut results = Vec::new();
        for &left in &lefts {
            for &right in &rights {
                let result = self.binary_one(frame, left, op, right);
                results.extend(self.values.alternatives(result));
            }
        }
        self.values.union(results)
    }

    /// The same, neither of them a union.
    pub fn binary_one(
        &mut self,
        frame: &mut Frame<'p>,
        left: Value,
        op: Operator,
        right: Value,
    ) -> Value {
        let [left, right] = match op {
            // Flags are combined to flags.
            Operator::BitOr | Operator::BitAnd | Operator::BitXor
                if self.is_flag(left) || self.is_flag(right) =>
            {
                [left, right]
            }
            _ => [left, right].map(|side| self.plain_or_self(side)),
        };
        if matches!(self.data(left), Data::Local(_) | Data::Shared(_)) {
            return self.operated_container(frame, left, op, right);
        }
        let folded = match (op, self.data(left)) {
            (Operator::Mod, &Data::Str(format)) => match self.percent(frame, format, right) {
                Some(text) => Folded::Value(self.values.text(&text)),
                None => Folded::Perhaps(self.values.of(Kind::Str)),
            },
            _ => self.values.fold(left, op, right),
        };
        let known = self.computed(frame, folded);
        known.unwrap_or_else(|| match (op, self.values.plain_kind(left)) {
            (Operator::Mod, Some(kind @ (Kind::Str | Kind::Bytes))) => self.values.of(kind),
            _ => Value::UNKNOWN,
        })
    }

    /// The value that a computation gives, as far as it is known; anything but a certain one may raise instead.
    pub fn computed(&mut self, frame: &mut Frame<'p>, folded: Folded) -> Option<Value> {
        if !matches!(folded, Folded::Value(_)) {
            self.may_raise(frame);
        }
        match folded {
            Folded::Value(value) | Folded::Perhaps(value) => Some(value),
            Folded::Raises | Folded::Unknown => None,
        }
    }

    /// Whether a value is a member of a `Flag`.
    fn is_flag(&self, value: Value) -> bool {
        let Data::Member { class, .. } = *self.data(value) else {
            return false;
        };
        self.class(class).mro.iter().any(|ancestor| match ancestor {
            Ancestor::Tree(_) => false,
            Ancestor::External(name) => {
                matches!(name.as_str(), "enum.Flag" | "enum.IntFlag")
            }
            Ancestor::Unknown => true,
        })
    }

    /// An operator of lists, sets and dicts.
    pub fn operated_container(
        &mut self,
        frame: &mut Frame<'p>,
        left: Value,
        op: Operator,
        right: Value,
    ) -> Value {
        let times = self.values.as_int(right);
        match (
            op,
            self.object_of(frame, left).as_deref(),
            self.object_of(frame, right).as_deref(),
        ) {
            (Operator::Add, Some(Object::List(a)), Some(Object::List(b)))
                if a.form == Form::Plain && b.form == Form::Plain =>
            {
                self.added_lists(frame, a, b)
            }
            (Operator::Mul, Some(Object::List(a)), None) if a.form == Form::Plain => match times {
                Some(times) => self.repeated_list(frame, a, times),
                // What is not known to be a number may have a `__rmul__`, as arrays do.
                None if !matches!(self.values.plain_kind(right), Some(Kind::Int | Kind::Bool)) => {
                    self.lose_items(frame, left);
                    self.may_raise(frame);
                    Value::UNKNOWN
                }
                None => {
                    let any = a.any(&mut self.values);
                    let any = any.unwrap_or(Value::UNKNOWN);
                    self.new_list(frame, Sequence::of_any(any))
                }
            },
            (Operator::BitOr, Some(Object::Dict(a)), Some(Object::Dict(b))) => {
                let mut dict = a.clone();
                dict.update(&mut self.values, b, true);
                self.new_dict(frame, dict)
            }
            (
                Operator::BitOr | Operator::BitAnd | Operator::Sub | Operator::BitXor,
                Some(Object::Set(a)),
                Some(Object::Set(b)),
            ) => {
                let set = self.operated_sets(a, op, b);
                self.new_set(frame, set)
            }
            _ => {
                self.lose_items(frame, left);
                self.lose_items(frame, right);
                self.may_raise(frame);
                Value::UNKNOWN
            }
        }
    }

    /// `a | b` and the like of two sets.
    pub fn operated_sets(&mut self, a: &Sequence, op: Operator, b: &Sequence) -> Sequence {
        let known = |set: &Sequence| {
            set.rest.is_none() && set.items.iter().all(|&item| is_key(&self.values, item))
        };
        let within = |set: &Sequence, item: Value| set.items.contains(&item);
        let only = |a: &Sequence, b: &Sequence| -> Vec<Value> {
            a.items
                .iter()
                .copied()
                .filter(|&item| !within(b, item))
                .collect()
        };
        let items = match op {
            Operator::BitOr => a.items.iter().chain(&b.items).copied().collect(),
            _ if !known(a) || !known(b) => {
                let mut all: Vec<Value> = a.items.iter().chain(&b.items).copied().collect();
                all.extend(a.rest.iter().chain(&b.rest));
                let members = all
                    .iter()
                    .flat_map(|&item| self.values.alternatives(item))
                    .collect();
                let any = self.values.union(members);
                return Sequence::of_any(any).in_form(a.form);
            }
            Operator::BitAnd => a
                .items
                .iter()
                .copied()
                .filter(|&item| within(b, item))
                .collect(),
            Operator::BitXor => [only(a, b), only(b, a)].concat(),
            _ => only(a, b),
        };
        let rest = match (a.rest, b.rest) {
            (Some(a), Some(b)) => Some(self.values.join(a, b)),
            (one, other) => one.or(other),
        };
        Sequence {
            items,
            rest,
            form: a.form,
        }
    }

    /// `[..] * times`.
    pub fn repeated_list(&mut self, frame: &mut Frame<'p>, list: &Sequence, times: i128) -> Value {
        let times = usize::try_from(times.max(0)).unwrap_or(usize::MAX);
        if list.rest.is_none() && list.items.len().saturating_mul(times) <= LIST_LIMIT {
            return self.new_list(frame, Sequence::of(list.items.repeat(times)));
        }
        let any = list.any(&mut self.values).unwrap_or(Value::UNKNOWN);
        self.new_list(frame, Sequence::of_any(any))
    }

    /// `a + b`: a new list with the items of both, as far as they are known.
    pub fn added_lists(&mut self, frame: &mut Frame<'p>, a: &Sequence, b: &Sequence) -> Value {
        let mut sequence = a.clone();
        if sequence.rest.is_none() && a.items.len() + b.items.len() <= LIST_LIMIT {
            sequence.items.extend(&b.items);
            sequence.rest = b.rest;
        } else if let Some(any) = b.any(&mut self.values) {
            sequence.rest = Some(
                sequence
                    .rest
                    .map_or(any, |rest| self.values.join(rest, any)),
            );
        }
        self.new_list(frame, sequence)
    }

    /// `left op= right`: containers change in place.
    pub fn augmented_value(
        &mut self,
        frame: &mut Frame<'p>,
        left: Value,
        op: Operator,
        right: Value,
    ) -> Value {
        if let Some(result) = self.operated_in_place(frame, left, op, right) {
            return result;
        }
        match (op, self.object_of(frame, left).as_deref()) {
            (Operator::BitOr, Some(Object::Dict(_))) => {
                let added = self.as_mapping(frame, right);
                self.merge_into(frame, left, &added);
                left
            }
            (Operator::Add, Some(Object::List(_))) => {
                let name = Name::new("extend");
                let actual = crate::eval::calls::arguments::Actual::of(vec![right]);
                self.call_method(frame, left, name, &actual);
                left
            }
            (_, Some(_)) => {
                self.change_object(frame, left, None, &mut |evaluator, object, _| {
                    *object = evaluator.opened(object);
                });
                left
            }
            (_, None) => self.binary(frame, left, op, right),
        }
    }
}
