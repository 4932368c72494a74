//! Expressions.

use crate::name::Name;
use crate::syntax::ir::{
    Comparison, Comprehension, ComprehensionKind, DictItem, Expr, ExprKind, ForClause, JoinedPart,
    Operator, UnaryOperator, Var,
};

use crate::eval::Evaluator;
use crate::eval::domain::compare::is_key;
use crate::eval::domain::fold::Folded;
use crate::eval::domain::state::{Dict, Entry, Form, Object, Sequence};
use crate::eval::domain::truth::Truth;
use crate::eval::domain::value::{Data, Kind, Value};
use crate::eval::interpreter::frame::{Frame, LoopExit, Owner};

/// How many items of known iterables a comprehension is followed for.
const COMPREHENSION_LIMIT: usize = 64;

/// How many pairs of alternatives an operator is computed for.
const PAIRS: usize = 16;

/// How many items a sequence that an operator, a `*x` in a display or one in a call makes may have; more are any number: doubled thirty times, two
/// items are more than there is memory.
pub const LIST_LIMIT: usize = 1024;

impl<'p> Evaluator<'p> {
    /// What an expression is.
    pub fn expression(&mut self, frame: &mut Frame<'p>, expr: &'p Expr) -> Value {
        match &expr.kind {
            ExprKind::Constant(constant) => self.values.constant(*constant),
            ExprKind::Name(name, var) => {
                let value = self.variable_read(frame, expr, *name, *var);
                self.with_facts(frame, expr, value)
            }
            ExprKind::Attribute {
                value, attribute, ..
            } => {
                let base = self.expression(frame, value);
                let value = self.attribute_of(frame, expr, base, *attribute);
                self.with_facts(frame, expr, value)
            }
            ExprKind::Subscript { value, index } => {
                let base = self.expression(frame, value);
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
            ExprKind::Call(call) => self.call(frame, expr, call),
            ExprKind::Tuple(items) => match self.items(frame, items) {
                Sequence {
                    items, rest: None, ..
                } => self.values.tuple(items),
                Sequence { items, .. } if !items.is_empty() => self.values.truthy(Kind::Tuple),
                _ => self.values.of(Kind::Tuple),
            },
            ExprKind::List(items) => {
                let sequence = self.items(frame, items);
                self.new_list(frame, sequence)
            }
            ExprKind::Set(items) => {
                let sequence = self.items(frame, items);
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
                let left = self.expression(frame, left);
                let right = self.expression(frame, right);
                match self.operated(frame, left, *op, right) {
                    Some(value) => value,
                    None => self.binary(frame, left, *op, right),
                }
            }
            ExprKind::Compare { left, rest } => self.comparison(frame, left, rest),
            ExprKind::If { test, body, orelse } => self.conditional(frame, test, body, orelse),
            ExprKind::Await(inner) => {
                let value = self.expression(frame, inner);
                self.forget_facts(frame);
                self.may_raise(frame);
                if let Data::Coroutine { result, .. } = *self.data(value) {
                    result
                } else if self.ask(frame, value, &["__await__"], &[]).is_some() {
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
                let value = self.expression(frame, value);
                self.assign_var(frame, *var, value);
                value
            }
            ExprKind::Unknown => Value::UNKNOWN,
        }
    }

    /// `a < b <= c`.
    fn comparison(
        &mut self,
        frame: &mut Frame<'p>,
        left: &'p Expr,
        rest: &'p [(Comparison, Expr)],
    ) -> Value {
        let mut left = self.expression(frame, left);
        let mut result = Truth::True;
        // A comparison may be a test of its own, and give anything.
        let mut is_bool = true;
        for (op, right) in rest {
            let right = self.expression(frame, right);
            is_bool &= self.gives_bool(left, *op, right);
            is_bool &= self.gives_bool(left, *op, right);
            if self.is_graph() {
                self.compared(frame, left, *op, right);
            }
            let truth = self.compare(frame, left, *op, right);
            if truth == Truth::Unknown && is_ordering(*op) {
                self.may_raise(frame);
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

    /// A variable's value as an expression sees it: never unassigned, imports followed.
    pub fn settled(&mut self, value: Value) -> Value {
        match self.data(value) {
            Data::Unbound => Value::UNKNOWN,
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

    /// The items of a display, `*x` included.
    fn items(&mut self, frame: &mut Frame<'p>, items: &'p [Expr]) -> Sequence {
        let mut sequence = Sequence::default();
        for item in items {
            if let ExprKind::Starred(inner) = &item.kind {
                let value = self.expression(frame, inner);
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
        for item in items {
            if let Some(key) = &item.key {
                let key = self.expression(frame, key);
                let value = self.expression(frame, &item.value);
                if is_key(&self.values, key) {
                    dict.set(key, value);
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
            self.asked_for_truth(frame, value);
            let truth = self.truth(frame, value);
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
                let before = frame.state.clone();
                frame.uncertain += 1;
                frame.guards.push(test);
                frame.note_test(test);
                self.assume(frame, test, true);
                let first = frame.state.live.then(|| self.expression(frame, body));
                let after_body = std::mem::replace(&mut frame.state, before);
                self.assume(frame, test, false);
                let second = frame.state.live.then(|| self.expression(frame, orelse));
                frame.uncertain -= 1;
                frame.guards.pop();
                frame.state.join(&after_body, &mut self.values);
                match (first, second) {
                    (Some(first), Some(second)) => self.values.join(first, second),
                    (Some(one), None) | (None, Some(one)) => one,
                    (None, None) => Value::UNKNOWN,
                }
            }
        };
        result
    }

    fn unary(&mut self, frame: &mut Frame<'p>, op: UnaryOperator, operand: &'p Expr) -> Value {
        let value = self.expression(frame, operand);
        if let Some(result) = self.operated_alone(frame, op, value) {
            return result;
        }
        let members = self.values.alternatives(value);
        let mut results = Vec::with_capacity(members.len());
        for member in members {
            let member = self.data_of_member(member).unwrap_or(member);
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
    fn binary(&mut self, frame: &mut Frame<'p>, left: Value, op: Operator, right: Value) -> Value {
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
    fn binary_one(
        &mut self,
        frame: &mut Frame<'p>,
        left: Value,
        op: Operator,
        right: Value,
    ) -> Value {
        let [left, right] = match op {
            // Flags are combined to flags.
            Operator::BitOr | Operator::BitAnd | Operator::BitXor => [left, right],
            _ => [left, right].map(|side| self.data_of_member(side).unwrap_or(side)),
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
        match folded {
            Folded::Value(value) => value,
            Folded::Perhaps(value) => {
                self.may_raise(frame);
                value
            }
            Folded::Raises | Folded::Unknown => {
                self.may_raise(frame);
                match (op, self.values.plain_kind(left)) {
                    (Operator::Mod, Some(kind @ (Kind::Str | Kind::Bytes))) => self.values.of(kind),
                    _ => Value::UNKNOWN,
                }
            }
        }
    }

    /// An operator of lists, sets and dicts.
    fn operated_container(
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
    fn repeated_list(&mut self, frame: &mut Frame<'p>, list: &Sequence, times: i128) -> Value {
        let times = usize::try_from(times.max(0)).unwrap_or(usize::MAX);
        if list.rest.is_none() && list.items.len().saturating_mul(times) <= LIST_LIMIT {
            return self.new_list(frame, Sequence::of(list.items.repeat(times)));
        }
        let any = list.any(&mut self.values).unwrap_or(Value::UNKNOWN);
        self.new_list(frame, Sequence::of_any(any))
    }

    fn added_lists(&mut self, frame: &mut Frame<'p>, a: &Sequence, b: &Sequence) -> Value {
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

    /// An f-string: known text if every part is.
    fn joined(&mut self, frame: &mut Frame<'p>, parts: &'p [JoinedPart]) -> Value {
        let mut text = Some(String::new());
        let mut is_true = false;
        for part in parts {
            let piece = match part {
                JoinedPart::Literal(literal) => {
                    is_true |= !literal.is_empty();
                    Some(literal.to_string())
                }
                JoinedPart::Value { value, plain } => {
                    let value = self.expression(frame, value);
                    self.formatted(frame, value);
                    is_true |= self.values.plain_truth(value) == Truth::True;
                    if *plain {
                        self.text_of(frame, value)
                    } else {
                        None
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
                JoinedPart::Value { value, plain: true } => {
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

    fn comprehension(&mut self, frame: &mut Frame<'p>, comprehension: &'p Comprehension) -> Value {
        let mut result = Collected::default();
        let uncertain = frame.uncertain;
        self.clauses(frame, comprehension, &comprehension.clauses, &mut result);
        frame.uncertain = uncertain;
        match comprehension.kind {
            ComprehensionKind::Dict => self.new_dict(frame, result.dict),
            ComprehensionKind::Set => self.new_set(frame, result.sequence),
            ComprehensionKind::List => self.new_list(frame, result.sequence),
            ComprehensionKind::Generator => {
                let sequence = result.sequence.in_form(Form::Iterator);
                self.new_list(frame, sequence)
            }
        }
    }

    fn clauses(
        &mut self,
        frame: &mut Frame<'p>,
        comprehension: &'p Comprehension,
        clauses: &'p [ForClause],
        result: &mut Collected,
    ) {
        let Some((clause, rest)) = clauses.split_first() else {
            self.collect(frame, comprehension, result);
            return;
        };
        let iterable = self.expression(frame, &clause.iter);
        let item = self.iterated(frame, iterable);
        let items = self
            .partial_items(frame, iterable)
            .filter(|_| item.is_none());
        match items {
            Some(items) if items.len() <= COMPREHENSION_LIMIT => {
                for (item, certain) in items {
                    let before = frame.state.clone();
                    let uncertain = frame.uncertain;
                    self.assign(frame, &clause.target, item);
                    let open = item == Value::UNKNOWN && !certain;
                    let mut kept = if certain { Truth::True } else { Truth::Unknown };
                    for condition in &clause.conditions {
                        let truth = self.test(frame, condition);
                        if truth == Truth::Unknown {
                            frame.note_test(condition);
                        }
                        kept = kept.and(truth);
                        if kept == Truth::False {
                            break;
                        }
                        self.assume(frame, condition, true);
                        if !frame.state.live {
                            kept = Truth::False;
                            break;
                        }
                    }
                    if kept != Truth::False {
                        if kept == Truth::Unknown {
                            frame.uncertain += 1;
                        }
                        result.many += u32::from(open);
                        self.clauses(frame, comprehension, rest, result);
                        result.many -= u32::from(open);
                    }
                    frame.uncertain = uncertain;
                    if !frame.state.live || kept == Truth::Unknown {
                        let mut joined = before;
                        joined.join(&frame.state, &mut self.values);
                        frame.state = joined;
                    }
                }
            }
            _ => {
                let item = item.unwrap_or_else(|| self.any_item(frame, iterable));
                let exposed = self.exposed_in_comprehension(comprehension, clauses);
                frame.loops.push(LoopExit::default());
                result.many += 1;
                frame.note_test(&clause.iter);
                self.repeat(frame, &exposed, &mut |evaluator, frame| {
                    evaluator.assign(frame, &clause.target, item);
                    for condition in &clause.conditions {
                        if evaluator.test(frame, condition) == Truth::Unknown {
                            frame.note_test(condition);
                        }
                        evaluator.assume(frame, condition, true);
                    }
                    if frame.state.live {
                        evaluator.clauses(frame, comprehension, rest, result);
                    }
                });
                result.many -= 1;
                frame.loops.pop();
            }
        }
    }

    /// The items of an iterable with their certainty; what stands for any number of further ones comes last, unknown.
    fn partial_items(&mut self, frame: &Frame<'p>, iterable: Value) -> Option<Vec<(Value, bool)>> {
        if let Some(items) = self.items_to_loop_over(frame, iterable) {
            return Some(items.into_iter().map(|item| (item, true)).collect());
        }
        match self.object_of(frame, iterable).as_deref() {
            Some(Object::List(sequence)) if !sequence.items.is_empty() => {
                let mut items: Vec<(Value, bool)> =
                    sequence.items.iter().map(|&item| (item, true)).collect();
                items.push((Value::UNKNOWN, false));
                Some(items)
            }
            _ => None,
        }
    }

    /// One element of a comprehension.
    fn collect(
        &mut self,
        frame: &mut Frame<'p>,
        comprehension: &'p Comprehension,
        result: &mut Collected,
    ) {
        let element = self.expression(frame, &comprehension.element);
        let certain = frame.uncertain == 0 && result.many == 0;
        if let Some(value) = &comprehension.value {
            let value = self.expression(frame, value);
            if !is_key(&self.values, element) {
                result.dict.set_unknown(&mut self.values, value);
            } else if result.many == 0 && result.dict.find(element).is_none() {
                result.dict.entries.push(Entry {
                    key: element,
                    value,
                    certain,
                });
            } else {
                result.dict.set_perhaps(&mut self.values, element, value);
            }
            return;
        }
        if certain && result.sequence.rest.is_none() {
            result.sequence.items.push(element);
        } else {
            let rest = result.sequence.rest;
            result.sequence.rest =
                Some(rest.map_or(element, |rest| self.values.join(rest, element)));
        }
    }
}

/// What a comprehension has built so far.
#[derive(Default)]
struct Collected {
    dict: Dict,
    sequence: Sequence,
    /// How many clauses around stand for any number of items.
    many: u32,
}

/// Whether an operator asks which of two is less: types that cannot tell raise.
fn is_ordering(op: Comparison) -> bool {
    matches!(
        op,
        Comparison::Lt | Comparison::LtE | Comparison::Gt | Comparison::GtE
    )
}
