//! Expressions.

use std::borrow::Cow;

use crate::name::Name;
use crate::syntax::ir::{Comparison, DictItem, Expr, ExprKind, JoinedPart, Operator, Var};

use crate::eval::Evaluator;
use crate::eval::domain::compare::is_key;
use crate::eval::domain::places::Places;
use crate::eval::domain::state::{Dict, Sequence};
use crate::eval::domain::truth::Truth;
use crate::eval::domain::value::{Data, Kind, Starts, Value};
use crate::eval::interpreter::frame::{Frame, Owner};
use crate::eval::interpreter::hashed::Hashed;
use crate::eval::interpreter::operator::LIST_LIMIT;
use crate::eval::interpreter::unheeded::Part;

impl<'p> Evaluator<'p> {
    /// What an expression is.
    #[inline]
    pub fn expression(&mut self, frame: &mut Frame<'p>, expr: &'p Expr) -> Value {
        // Most are literals and variables, which need nothing of what the others do.
        match &expr.kind {
            ExprKind::Constant(constant) => self.values.constant(*constant),
            ExprKind::Name(name, var) => {
                let value = self.variable_read(frame, expr, *name, *var);
                self.with_facts(frame, expr, value)
            }
            _ => self.compound_expression(frame, expr),
        }
    }

    /// What an expression is that has others inside.
    fn compound_expression(&mut self, frame: &mut Frame<'p>, expr: &'p Expr) -> Value {
        match &expr.kind {
            ExprKind::Constant(_) | ExprKind::Name(..) | ExprKind::Unknown => Value::UNKNOWN,
            ExprKind::Attribute {
                value, attribute, ..
            } => {
                let base = self.expression(frame, value);
                self.used_at_once(frame, value, base);
                let read = Part::Attribute(*attribute);
                self.check_unheeded(frame, (expr, value), base, read);
                let value = self.attribute_of(frame, expr, base, *attribute);
                self.with_facts(frame, expr, value)
            }
            ExprKind::Subscript { value, index } => {
                let base = self.expression(frame, value);
                self.used_at_once(frame, value, base);
                self.check_unheeded(frame, (expr, value), base, Part::Item);
                let index = self.expression(frame, index);
                let value = self.subscript(frame, expr, base, index);
                self.with_facts(frame, expr, value)
            }
            ExprKind::Slice { parts } => {
                let mut bounds = [Value::NONE; 3];
                for (bound, part) in bounds.iter_mut().zip(parts.iter()) {
                    if let Some(part) = part {
                        *bound = self.expression(frame, part);
                    }
                }
                self.values.intern(Data::Slice(bounds.into()))
            }
            ExprKind::Call(call) => {
                let value = self.call(frame, expr, call);
                self.fill_by_call(frame, call);
                self.called_in_coroutine(frame, expr, value);
                value
            }
            ExprKind::Tuple(items) => match self.items(frame, items, false) {
                Sequence {
                    items, rest: None, ..
                } => self.values.tuple(items),
                Sequence { items, .. } if !items.is_empty() => self.values.truthy(Kind::Tuple),
                _ => self.values.of(Kind::Tuple),
            },
            ExprKind::List(items) => {
                let sequence = self.items(frame, items, false);
                self.new_list(frame, sequence)
            }
            ExprKind::Set(items) => {
                let sequence = self.items(frame, items, true);
                for &item in &sequence.items {
                    if self.check_hashed(frame, (expr.range, None), item, Hashed::Item) {
                        break;
                    }
                }
                self.new_set(frame, sequence)
            }
            ExprKind::Dict(items) => self.dict_display(frame, items),
            ExprKind::Lambda(function) => self.define_function(frame, *function),
            ExprKind::Comprehension(comprehension) => self.comprehension(frame, comprehension),
            ExprKind::Bool { is_and, values } => self.either(frame, *is_and, values),
            ExprKind::Not(inner) => match self.test(frame, inner) {
                Truth::True => Value::FALSE,
                Truth::False => Value::TRUE,
                Truth::Unknown => self.values.of(Kind::Bool),
            },
            ExprKind::Unary { op, operand } => self.unary(frame, *op, operand),
            ExprKind::Binary { left, op, right } => {
                let sides = [left, right];
                let left = self.expression(frame, left);
                let right = self.expression(frame, right);
                self.used_at_once(frame, sides[0], left);
                self.used_at_once(frame, sides[1], right);
                self.check_operator(frame, expr, (left, *op, right));
                self.check_beside_unknown(frame, expr, [left, right]);
                if *op == Operator::Mod {
                    self.check_percent(frame, expr.range, left, right);
                }
                self.run_operator(frame, (left, *op, right), expr.range);
                match self.operated(frame, left, *op, right) {
                    Some(value) => value,
                    None => self.binary(frame, left, *op, right),
                }
            }
            ExprKind::Compare { left, rest } => self.comparison(frame, expr, left, rest),
            ExprKind::If { test, body, orelse } => self.conditional(frame, test, body, orelse),
            ExprKind::Await(inner) => {
                let value = self.expression(frame, inner);
                self.forget_facts(frame);
                self.may_raise(frame);
                if let Data::Coroutine { result, .. } = *self.data(value) {
                    result
                } else if let Data::Deferred {
                    call,
                    starts: Starts::Awaited,
                } = *self.data(value)
                {
                    self.call_value(frame, call, expr.range)
                } else if matches!(self.data(value), Data::Of(Kind::Coroutine))
                    || self.ask(frame, value, &["__await__"], &[]).is_some()
                {
                    Value::UNKNOWN
                } else {
                    self.cannot_await(frame, expr, value);
                    Value::UNKNOWN
                }
            }
            ExprKind::Yield(inner) => {
                if !frame.traps.yields.contains(&expr.range) {
                    frame.traps.yields.push(expr.range);
                }
                if let Some(inner) = inner {
                    let value = self.expression(frame, inner);
                    self.yielded(frame, value);
                    self.havoc(frame, value);
                }
                self.may_raise(frame);
                self.forget_facts(frame);
                self.sent(frame)
            }
            ExprKind::YieldFrom(inner) => {
                if !frame.traps.yields.contains(&expr.range) {
                    frame.traps.yields.push(expr.range);
                }
                let value = self.expression(frame, inner);
                self.may_raise(frame);
                self.forget_facts(frame);
                self.yielded_from(frame, value)
            }
            ExprKind::Starred(inner) => self.expression(frame, inner),
            ExprKind::Joined(parts) => self.joined(frame, parts),
            ExprKind::Walrus { var, value } => {
                let given = self.expression(frame, value);
                self.kept_to_be_asked(frame, (*var, value), given);
                self.assign_var(frame, *var, given);
                given
            }
        }
    }

    /// `a < b <= c`.
    fn comparison(
        &mut self,
        frame: &mut Frame<'p>,
        expr: &'p Expr,
        first: &'p Expr,
        rest: &'p [(Comparison, Expr)],
    ) -> Value {
        let mut left_expr = first;
        let mut left = self.expression(frame, first);
        let mut result = Truth::True;
        // A comparison may be a test of its own, and give anything.
        let mut is_bool = true;
        for (op, right) in rest {
            let (asked, right) = (right, self.expression(frame, right));
            if is_equality(*op) {
                // The answer keeps neither of them.
                self.dropped(frame, left_expr, left);
                self.dropped(frame, asked, right);
            } else {
                self.used_at_once(frame, left_expr, left);
                self.used_at_once(frame, asked, right);
            }
            left_expr = asked;
            is_bool &= self.gives_bool(left, *op, right);
            if self.is_graph() {
                self.compared(frame, left, *op, right);
            }
            self.run_comparison(frame, (left, *op, right), expr.range);
            let mut truth = self.compare(frame, left, *op, right);
            if truth == Truth::Unknown {
                truth = self.own_comparison(frame, left, *op, right);
            }
            if matches!(op, Comparison::In | Comparison::NotIn) {
                let before = frame.failures.len();
                self.check_membership(frame, expr.range, left, right);
                self.leave_failed(frame, asked, right, before);
                self.used_as_container(frame, asked, right);
            }
            if truth == Truth::Unknown && is_ordering(*op) {
                self.may_raise(frame);
                if self.check_ordering(frame, expr.range, (left, *op, right)) {
                    // `0 <= size <= 1`: what stands behind it is not compared any more.
                    return Value::UNKNOWN;
                }
            }
            result = result.and(truth);
            left = right;
            if result == Truth::False {
                break;
            }
        }
        match result {
            Truth::True => Value::TRUE,
            Truth::False => Value::FALSE,
            Truth::Unknown if is_bool => self.values.of(Kind::Bool),
            Truth::Unknown => Value::UNKNOWN,
        }
    }

    /// The value of a variable.
    pub fn read(&mut self, frame: &mut Frame<'p>, name: Name, var: Var) -> Value {
        let value = self.unsettled(frame, name, var);
        self.settled(value)
    }

    /// The same, unbound if nothing that is known binds it.
    pub fn unsettled(&mut self, frame: &mut Frame<'p>, name: Name, var: Var) -> Value {
        match var {
            Var::Local(slot) => {
                let value = frame.state.slots[slot.0 as usize];
                let variable = &frame.scope.slots[slot.0 as usize];
                if variable.defined
                    && matches!(frame.owner, Owner::Function(_))
                    && !frame.used.contains(&slot)
                {
                    frame.used.push(slot);
                }
                if matches!(frame.owner, Owner::Module) {
                    self.look_at_variable(frame.module, slot);
                }
                match frame.owner {
                    // A function inside may have assigned it meanwhile.
                    Owner::Function(_) if variable.assigned_inside => {
                        self.values.join(value, Value::UNKNOWN)
                    }
                    Owner::Module | Owner::Class(_) if value == Value::UNBOUND => {
                        match frame.closure {
                            Some(_) if matches!(frame.owner, Owner::Class(_)) => Value::UNKNOWN,
                            _ => self.global(frame.module, name),
                        }
                    }
                    Owner::Module => {
                        let stored = &self.survey.global_stores;
                        // A placeholder that a function of the module fills, which may have been called by now.
                        if value == Value::NONE && stored.contains_key(&(frame.module, name)) {
                            return Value::UNKNOWN;
                        }
                        self.or_builtin(name, value)
                    }
                    _ => value,
                }
            }
            Var::Free { up, slot } => self.free(frame, up, slot),
            Var::Hidden { .. } => Value::UNKNOWN,
            Var::Global(name) => self.global(frame.module, name),
        }
    }

    fn free(&mut self, frame: &Frame<'p>, up: u32, slot: crate::syntax::ir::Slot) -> Value {
        let Some(owner) = self.free_owner(frame.closure, up) else {
            return Value::UNKNOWN;
        };
        let context = &self.contexts[owner.0 as usize];
        let cell = context
            .cells
            .iter()
            .find(|(known, _)| *known == slot)
            .map(|(_, value)| *value);
        let variable = match context.owner {
            Owner::Function(function) => function.scope.slots.get(slot.0 as usize),
            _ => None,
        };
        let unfinished = context.status == crate::eval::summaries::context::Status::Running;
        match (cell, variable) {
            (Some(value), Some(variable))
                if !variable.assigned_inside && (variable.bindings <= 1 || !unfinished) =>
            {
                value
            }
            (Some(value), _) => self.values.join(value, Value::UNKNOWN),
            _ => Value::UNKNOWN,
        }
    }

    /// Whether an expression is a variable of a function around this one that is bound in more than one place: which value it holds by then is open. So is what one
    /// further out holds: the function between them may have asked about it before it called this one.
    pub fn is_of_changing_cell(&self, frame: &Frame<'p>, expr: &Expr) -> bool {
        let ExprKind::Name(_, Var::Free { up, slot }) = expr.kind else {
            return false;
        };
        if up > 1 {
            return true;
        }
        let owner = self.free_owner(frame.closure, up);
        let owner = owner.map(|owner| self.contexts[owner.0 as usize].owner);
        let Some(Owner::Function(function)) = owner else {
            return true;
        };
        let variable = function.scope.slots.get(slot.0 as usize);
        variable.is_none_or(|variable| variable.assigned_inside || variable.bindings > 1)
    }

    /// A variable's value as an expression sees it: never unassigned, imports followed.
    #[inline]
    pub fn settled(&mut self, value: Value) -> Value {
        match self.data(value) {
            Data::Unbound | Data::Failed | Data::Import { .. } | Data::Union(_) => {
                self.settled_value(value)
            }
            _ => value,
        }
    }

    fn settled_value(&mut self, value: Value) -> Value {
        match self.data(value) {
            Data::Unbound | Data::Failed => Value::UNKNOWN,
            Data::Import { module, name } => {
                let (module, name) = (*module, *name);
                self.late_import(module, name)
            }
            Data::Union(members) => {
                let needs = members.iter().any(|&member| {
                    matches!(self.values.get(member), Data::Unbound | Data::Import { .. })
                });
                if !needs {
                    return value;
                }
                let members = members.clone();
                // An unassigned variable raises before it is used.
                let mut settled: Vec<Value> = Vec::new();
                for &member in members.iter().filter(|&&member| member != Value::UNBOUND) {
                    let member = self.settled(member);
                    settled.extend(self.values.alternatives(member));
                }
                self.values.union(settled)
            }
            _ => value,
        }
    }

    /// The items of a display, of a set's or another one, `*x` included.
    fn items(&mut self, frame: &mut Frame<'p>, items: &'p [Expr], is_set: bool) -> Sequence {
        let mut sequence = Sequence::of(Vec::with_capacity(items.len()));
        for item in items {
            if let ExprKind::Starred(inner) = &item.kind {
                let value = self.expression(frame, inner);
                self.check_spread(frame, inner, value, is_set);
                let item = self.iterated(frame, value);
                let known = self.known_items(frame, value).filter(|_| item.is_none());
                match known {
                    Some(known)
                        if sequence.rest.is_none()
                            && sequence.items.len() + known.len() <= LIST_LIMIT =>
                    {
                        sequence.items.extend(known);
                    }
                    _ => {
                        let any = item.unwrap_or_else(|| self.any_item(frame, value));
                        sequence.rest = Some(
                            sequence
                                .rest
                                .map_or(any, |rest| self.values.join(rest, any)),
                        );
                    }
                }
                continue;
            }
            let value = self.expression(frame, item);
            match sequence.rest {
                None => sequence.items.push(value),
                Some(rest) => sequence.rest = Some(self.values.join(rest, value)),
            }
        }
        sequence
    }

    fn dict_display(&mut self, frame: &mut Frame<'p>, items: &'p [DictItem]) -> Value {
        let mut dict = Dict::default();
        let mut places = Places::default();
        for item in items {
            if let Some(key) = &item.key {
                let part = key;
                let key = self.expression(frame, part);
                let value = self.expression(frame, &item.value);
                self.check_hashed(frame, (part.range, Some(part)), key, Hashed::Key);
                if is_key(&self.values, key) {
                    dict.set_one_of(&mut places, key, value);
                } else {
                    dict.set_unknown(&mut self.values, value);
                }
            } else {
                let value = self.expression(frame, &item.value);
                let added = self.as_mapping(frame, value);
                dict.update(&mut self.values, &added, true);
            }
        }
        self.new_dict(frame, dict)
    }

    /// `a and b`, `a or b`: the first that decides, or the last.
    fn either(&mut self, frame: &mut Frame<'p>, is_and: bool, values: &'p [Expr]) -> Value {
        let mut results: Vec<Value> = Vec::new();
        let mut early: Option<crate::eval::domain::state::State> = None;
        let decisive = Truth::of(!is_and);
        let guards = frame.guards.len();
        for (index, part) in values.iter().enumerate() {
            let value = self.expression(frame, part);
            if index + 1 < values.len() {
                self.run_truth(frame, value, part.range);
            }
            let truth = self.truth_asked(frame, value);
            let last = index + 1 == values.len();
            if last || truth == decisive {
                results.extend(self.values.alternatives(value));
                break;
            }
            if truth == Truth::Unknown {
                for member in self.values.alternatives(value) {
                    if self.truth(frame, member) != Truth::of(is_and) {
                        results.push(member);
                    }
                }
                crate::eval::interpreter::statement::join_into(
                    &mut early,
                    &frame.state,
                    &mut self.values,
                );
                if frame.guards.len() == guards {
                    frame.uncertain += 1;
                }
                frame.guards.push(part);
                frame.note_test(part);
            }
            self.assume(frame, part, is_and);
            if !frame.state.live {
                break;
            }
        }
        if frame.guards.len() > guards {
            frame.uncertain -= 1;
        }
        frame.guards.truncate(guards);
        if let Some(early) = early {
            frame.state.join(&early, &mut self.values);
        }
        self.values.union(results)
    }

    fn conditional(
        &mut self,
        frame: &mut Frame<'p>,
        test: &'p Expr,
        body: &'p Expr,
        orelse: &'p Expr,
    ) -> Value {
        let result = match self.test(frame, test) {
            Truth::True => self.expression(frame, body),
            Truth::False => self.expression(frame, orelse),
            Truth::Unknown => {
                let made = frame.state.heap.len();
                frame.uncertain += 1;
                frame.guards.push(test);
                frame.note_test(test);
                let otherwise = self.assume_either(frame, test);
                let first = frame.state.live.then(|| self.expression(frame, body));
                let after_body = std::mem::replace(&mut frame.state, otherwise);
                let second = frame.state.live.then(|| self.expression(frame, orelse));
                frame.uncertain -= 1;
                frame.guards.pop();
                frame.state.join_ways(&after_body, made, &mut self.values);
                match (first, second) {
                    (Some(first), Some(second)) => self.values.join(first, second),
                    (Some(one), None) | (None, Some(one)) => one,
                    (None, None) => Value::UNKNOWN,
                }
            }
        };
        result
    }

    /// An f-string: known text if every part is.
    fn joined(&mut self, frame: &mut Frame<'p>, parts: &'p [JoinedPart]) -> Value {
        let mut text = Some(String::new());
        let mut is_true = false;
        for part in parts {
            let piece = match part {
                JoinedPart::Literal(literal) => {
                    is_true |= !literal.is_empty();
                    Some(Cow::Borrowed(literal.as_str()))
                }
                JoinedPart::Value {
                    value: expr,
                    plain,
                    format,
                } => {
                    let value = self.expression(frame, expr);
                    if let Some(format) = format {
                        self.check_spec(frame, expr.range, format, value);
                    }
                    self.formatted(frame, value);
                    if *plain {
                        self.run_format(frame, value, expr.range);
                    }
                    self.dropped(frame, expr, value);
                    is_true |= self.values.plain_truth(value) == Truth::True;
                    match self.values.as_str(value) {
                        _ if !*plain => None,
                        Some(text) => Some(Cow::Borrowed(text.as_str())),
                        None => self.text_of(frame, value).map(Cow::Owned),
                    }
                }
            };
            match (&mut text, piece) {
                (Some(text), Some(piece)) => text.push_str(&piece),
                _ => text = None,
            }
        }
        match text {
            Some(text) => self.values.text(&text),
            None if is_true => self.values.truthy(Kind::Str),
            None => self.values.of(Kind::Str),
        }
    }

    /// The beginning of a text that is not known as a whole.
    pub fn known_prefix(&mut self, frame: &mut Frame<'p>, expr: &'p Expr) -> Option<String> {
        let parts = match &expr.kind {
            ExprKind::Joined(parts) => parts,
            ExprKind::Binary {
                left,
                op: Operator::Add,
                ..
            } => {
                return match self.peek(frame, left) {
                    value if self.values.as_str(value).is_some() => {
                        self.values.as_str(value).map(|text| text.to_string())
                    }
                    _ => self.known_prefix(frame, left),
                };
            }
            _ => return None,
        };
        let mut text = String::new();
        for part in parts {
            match part {
                JoinedPart::Literal(literal) => text.push_str(literal),
                JoinedPart::Value {
                    value, plain: true, ..
                } => {
                    let value = self.peek_value(frame, value);
                    match self.values.as_str(value) {
                        Some(piece) => text.push_str(&piece),
                        None => break,
                    }
                }
                JoinedPart::Value { .. } => break,
            }
        }
        (!text.is_empty()).then_some(text)
    }

    /// A part of an f-string, where a member's `.value` counts too.
    fn peek_value(&mut self, frame: &mut Frame<'p>, expr: &'p Expr) -> Value {
        self.peek(frame, expr)
    }
}

/// Whether an operator asks whether two are equal, or the same: each type answers, and keeps nothing.
fn is_equality(op: Comparison) -> bool {
    matches!(
        op,
        Comparison::Eq | Comparison::NotEq | Comparison::Is | Comparison::IsNot
    )
}

/// Whether an operator asks which of two is less: types that cannot tell raise.
fn is_ordering(op: Comparison) -> bool {
    matches!(
        op,
        Comparison::Lt | Comparison::LtE | Comparison::Gt | Comparison::GtE
    )
}
