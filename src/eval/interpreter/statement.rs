//! Statements.

use std::rc::Rc;

use crate::syntax::ir::{
    Branch, Case, Expr, ExprKind, Handler, Operator, Range, Slot, Stmt, StmtKind, Var, WithItem,
};
use crate::syntax::visit;

use crate::eval::Evaluator;
use crate::eval::domain::state::State;
use crate::eval::domain::truth::Truth;
use crate::eval::domain::value::Value;
use crate::eval::exceptions::class::{ATTRIBUTE_ERROR, Caught, NAME_ERROR, TYPE_ERROR};
use crate::eval::exceptions::trap::{Ends, TrapKind, leaves_by_jump, range_of};
use crate::eval::interpreter::frame::{Frame, LoopExit, Owner, TryExit};
use crate::eval::interpreter::unpacking::Reached;
use crate::eval::objects::refused::Change;
use crate::facts::{Confidence, May};
use crate::names::Doubts;

/// How many arguments of the calls in a `try` are taken for what its clauses rest on.
const ASKED_LIMIT: usize = 16;

impl<'p> Evaluator<'p> {
    /// Statements in order, as far as they can be reached.
    pub fn block(&mut self, frame: &mut Frame<'p>, body: &'p [Stmt]) {
        for stmt in body {
            if !frame.state.live {
                return;
            }
            self.steps += 1;
            self.statement(frame, stmt);
            if !frame.tries.is_empty() {
                frame.note_raise(&mut self.values);
            }
        }
    }

    fn statement(&mut self, frame: &mut Frame<'p>, stmt: &'p Stmt) {
        match &stmt.kind {
            StmtKind::Expr(value) => {
                let was_live = frame.state.live;
                let result = self.expression(frame, value);
                self.dropped(frame, value, result);
                if result == Value::UNKNOWN && ends_test(value) {
                    self.may_raise(frame);
                    frame.state.live = false;
                }
                if was_live
                    && !frame.state.live
                    && (!frame.doubts.is_empty() || Doubts::of(frame.ir).has_unheeded())
                {
                    frame.ended.push(stmt.range);
                }
            }
            StmtKind::Assign { targets, value } => {
                let given = self.expression(frame, value);
                if let [
                    Expr {
                        kind: ExprKind::Name(_, var),
                        ..
                    },
                ] = targets.as_slice()
                {
                    self.kept_to_be_asked(frame, (*var, value), given);
                }
                for target in targets {
                    if matches!(target.kind, ExprKind::Tuple(_) | ExprKind::List(_)) {
                        self.taken_apart(frame, value, given);
                    }
                    self.check_unpacking(frame, target, given, (value, Reached::Always));
                    self.assign(frame, target, given);
                }
            }
            StmtKind::AugAssign { target, op, value } => self.augmented(frame, target, *op, value),
            StmtKind::AnnAssign {
                target,
                annotation,
                value,
            } => {
                if let Some(value) = value {
                    let value = self.expression(frame, value);
                    self.assign(frame, target, value);
                }
                self.annotation(frame, annotation);
            }
            StmtKind::Pass => {}
            StmtKind::Return(value) => {
                let value = match value {
                    Some(value) => self.expression(frame, value),
                    None => Value::NONE,
                };
                if frame.state.live {
                    frame.returns += 1;
                    self.leave(frame, value);
                }
            }
            StmtKind::Delete(targets) => {
                for target in targets {
                    self.delete(frame, target);
                }
            }
            StmtKind::If { branches, orelse } => self.if_chain(frame, branches, orelse),
            StmtKind::For {
                target,
                iter,
                body,
                orelse,
                is_async,
            } => self.for_loop(frame, (target, iter, *is_async), body, orelse),
            StmtKind::While { test, body, orelse } => self.while_loop(frame, test, body, orelse),
            StmtKind::With {
                items,
                body,
                is_async,
            } => self.with(frame, items, body, *is_async),
            StmtKind::Try {
                body,
                handlers,
                orelse,
                finally,
            } => self.try_statement(frame, body, handlers, orelse, finally),
            StmtKind::Raise { exception, cause } => {
                self.raise(frame, stmt, exception.as_ref(), cause.as_ref());
            }
            StmtKind::Assert { test, message } => {
                let truth = self.test(frame, test);
                let is_open = truth == Truth::Unknown;
                if is_open {
                    frame.note_test(test);
                }
                if let Some(message) = message
                    && truth != Truth::True
                {
                    let before = frame.state.clone();
                    if is_open {
                        frame.guards.push(test);
                    }
                    frame.uncertain += u32::from(is_open);
                    let known = (frame.failures.len(), self.deferred_names.len());
                    self.expression(frame, message);
                    frame.uncertain -= u32::from(is_open);
                    if is_open {
                        frame.guards.pop();
                        let deferred = self.deferred_names[known.1..].iter_mut();
                        let deferred = deferred.map(|name| &mut name.failure);
                        for failure in frame.failures[known.0..].iter_mut().chain(deferred) {
                            failure.confidence = Confidence::May;
                            failure.doubt = Some(May::Asserted);
                        }
                    }
                    frame.state = before;
                }
                match truth {
                    Truth::False => {
                        self.may_raise(frame);
                        frame.state.live = false;
                    }
                    truth => {
                        if truth == Truth::Unknown {
                            // A handler around it sees the test fail.
                            self.may_raise(frame);
                        }
                        self.assume(frame, test, true);
                    }
                }
            }
            StmtKind::Import(import) => self.import(frame, import),
            StmtKind::ImportFrom(import) => self.import_from(frame, import),
            StmtKind::Match { subject, cases } => self.match_statement(frame, subject, cases),
            StmtKind::FunctionDef { function, var } => {
                let value = self.define_function(frame, *function);
                self.assign_var(frame, *var, value);
            }
            StmtKind::ClassDef { class, var } => {
                let value = self.define_class(frame, *class);
                self.assign_var(frame, *var, value);
            }
            StmtKind::Break => {
                let state = frame.state.clone();
                if let Some(innermost) = frame.loops.last_mut() {
                    let made = innermost.made;
                    join_ways(&mut innermost.breaks, &state, made, &mut self.values);
                }
                frame.state.live = false;
            }
            StmtKind::Continue => {
                let state = frame.state.clone();
                if let Some(innermost) = frame.loops.last_mut() {
                    let made = innermost.made;
                    join_ways(&mut innermost.continues, &state, made, &mut self.values);
                }
                frame.state.live = false;
            }
        }
    }

    fn augmented(
        &mut self,
        frame: &mut Frame<'p>,
        target: &'p Expr,
        op: Operator,
        value: &'p Expr,
    ) {
        let right = self.expression(frame, value);
        let left = self.expression(frame, target);
        let result = self.augmented_value(frame, left, op, right);
        // `self.x += 1` stores; `d |= other` has changed the object in place already.
        self.assign(frame, target, result);
    }

    fn delete(&mut self, frame: &mut Frame<'p>, target: &'p Expr) {
        self.forget_facts(frame);
        match &target.kind {
            ExprKind::Name(name, var @ crate::syntax::ir::Var::Local(slot)) => {
                self.variable_read(frame, target, *name, *var);
                // What deletes a name that others import is rare, and often conditional: it counts as unknown.
                let value = match frame.owner {
                    Owner::Function(_) => Value::UNBOUND,
                    _ if frame.uncertain == 0 => Value::UNBOUND,
                    _ => Value::UNKNOWN,
                };
                self.assign_slot(frame, *slot, value);
            }
            ExprKind::Subscript { value, index } => {
                let base = self.expression(frame, value);
                let index = self.expression(frame, index);
                self.check_item_change(frame, target, base, (index, true));
                self.delete_item(frame, base, index);
            }
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                for item in items {
                    self.delete(frame, item);
                }
            }
            ExprKind::Attribute {
                value, attribute, ..
            } => {
                let base = self.expression(frame, value);
                self.check_attribute_change(frame, target, (base, *attribute), Change::Delete);
                self.delete_own(frame, base, *attribute);
            }
            _ => {}
        }
    }

    fn if_chain(&mut self, frame: &mut Frame<'p>, branches: &'p [Branch], orelse: &'p [Stmt]) {
        let mut after: Option<State> = None;
        let made = frame.state.heap.len();
        let uncertain = frame.uncertain;
        let mut decision = frame.decision;
        let guards = frame.guards.len();
        let mut exits_under = Vec::new();
        for branch in branches {
            let truth = self.test(frame, &branch.test);
            if !frame.state.live {
                break;
            }
            match truth {
                Truth::True => {
                    self.note_decision(frame, &branch.test);
                    self.block(frame, &branch.body);
                    join_ways(&mut after, &frame.state, made, &mut self.values);
                    frame.state.live = false;
                    break;
                }
                Truth::False => {
                    self.note_decision(frame, &branch.test);
                    if leaves(&branch.body) {
                        // What follows is reached only because of this outcome.
                        decision = frame.decision;
                    }
                }
                Truth::Unknown => {
                    frame.uncertain += 1;
                    frame.guards.push(&branch.test);
                    frame.note_test(&branch.test);
                    let before = frame.decision;
                    let otherwise = self.assume_either(frame, &branch.test);
                    self.block(frame, &branch.body);
                    frame.decision = before;
                    if leaves(&branch.body) {
                        exits_under.push(&branch.test);
                    }
                    join_ways(&mut after, &frame.state, made, &mut self.values);
                    frame.state = otherwise;
                }
            }
        }
        if frame.state.live {
            self.block(frame, orelse);
            join_ways(&mut after, &frame.state, made, &mut self.values);
        }
        frame.uncertain = uncertain;
        frame.decision = decision;
        frame.guards.truncate(guards);
        if branches.iter().any(|branch| {
            exits_under
                .iter()
                .any(|&test| std::ptr::eq(test, &raw const branch.test))
                && returns(&branch.body)
        }) {
            // It may be over before anything that follows is reached.
            frame.decision = None;
        }
        frame.guards.append(&mut exits_under);
        if let Some(after) = after {
            frame.state = after;
        } else {
            frame.state.live = false;
        }
        self.publish(frame);
    }

    fn with(
        &mut self,
        frame: &mut Frame<'p>,
        items: &'p [WithItem],
        body: &'p [Stmt],
        is_async: bool,
    ) {
        let traps = frame.traps.around.len();
        let tries = frame.tries.len();
        let end = range_of(body).end;
        let mut is_unsure = false;
        let mut all_entered = Vec::new();
        for item in items {
            let manager = self.expression(frame, &item.context);
            if !frame.state.live {
                break;
            }
            self.forget_facts(frame);
            if self.never_enters(manager) {
                self.may_raise(frame);
                frame.state.live = false;
                break;
            }
            self.check_manager(frame, &item.context, manager, is_async);
            let swallows = self.swallows(frame, &item.context, manager, is_async);
            let entered = match self.managed(frame, manager) {
                Some(entered) => entered,
                None if self.is_graph() => Value::UNKNOWN,
                None => self.enter_context(frame, &item.context, (manager, is_async)),
            };
            // What follows stands in its block, the managers to its right included.
            let around = Range::new(item.context.range.end, end);
            if !self.never_swallow(&swallows) {
                is_unsure |= Self::perhaps_swallow(&swallows);
                // It may end the block early without an error: what follows is reached from any point in it.
                frame.tries.push(TryExit {
                    raises: true,
                    ..TryExit::default()
                });
                frame.note_raise(&mut self.values);
            }
            self.enter_trap(frame, around, TrapKind::Manager(swallows));
            if let Some(target) = &item.target {
                let source = (&item.context, Reached::Always);
                self.check_unpacking(frame, target, entered, source);
                self.assign(frame, target, entered);
            }
            all_entered.push((manager, item.context.range));
        }
        self.block(frame, body);
        frame.traps.around.truncate(traps);
        let is_left = !frame.state.live;
        let is_swallowing = frame.tries.len() > tries;
        while frame.tries.len() > tries {
            if let Some(state) = frame.tries.pop().and_then(|exit| exit.state) {
                frame.state.join(&state, &mut self.values);
            }
        }
        frame.state.is_by_swallowing |= is_left && is_unsure;
        if !self.is_graph() {
            self.leave_contexts(frame, &all_entered, (is_async, is_swallowing));
        }
        self.publish(frame);
    }

    fn try_statement(
        &mut self,
        frame: &mut Frame<'p>,
        body: &'p [Stmt],
        handlers: &'p [Handler],
        orelse: &'p [Stmt],
        finally: &'p [Stmt],
    ) {
        let traps = frame.traps.around.len();
        let dropped = leaves_by_jump(finally);
        if dropped != Truth::False {
            let last = [orelse, body].into_iter().map(|block| range_of(block).end);
            let last = last.chain(handlers.iter().map(|handler| handler.range.end));
            let around = Range::new(range_of(body).start, last.max().unwrap_or_default());
            self.enter_trap(frame, around, TrapKind::Finally(dropped));
        }
        let trap = (!handlers.is_empty()).then(|| self.enter_clauses(frame, body, handlers));
        frame.tries.push(TryExit::default());
        frame.note_raise(&mut self.values);
        let returns = frame.returns;
        self.block(frame, body);
        self.take_by_star(frame, body, handlers);
        let exit = frame.tries.pop().unwrap_or_default();
        if trap.is_some() {
            frame.traps.around.pop();
        }
        self.block(frame, orelse);
        let has_returned = frame.returns > returns;
        let mut after = frame.state.clone();
        // Only what is done in any case asks for it.
        let mut raised = exit.state.clone().filter(|_| !finally.is_empty());
        frame.uncertain += 1;
        let decision = frame.decision;
        let guards = frame.guards.len();
        if !handlers.is_empty() && exit.state.is_some() {
            for &asked in self.asked_by(body).iter() {
                if !frame.guards.iter().any(|&known| std::ptr::eq(known, asked)) {
                    frame.guards.push(asked);
                }
            }
        }
        let mut leaves = false;
        let mut is_asked = exit.raises || exit.import_fails || !exit.classes.is_empty();
        let mut earlier = Caught::default();
        for (index, handler) in handlers.iter().enumerate() {
            let caught = trap.and_then(|trap| frame.traps.caught(trap, index));
            let caught = caught.unwrap_or_default();
            // What a clause names is looked up when an exception comes to it (the language reference, "The try statement").
            if let (Some(exception), Some(state), true) =
                (&handler.exception, &exit.state, is_asked)
            {
                frame.state = state.clone();
                frame.state.live = true;
                self.expression(frame, exception);
            }
            is_asked &= !caught.is_all();
            let entered = self.is_clause_reached(&exit, &caught, &earlier);
            earlier.extend(caught.clone());
            let Some(state) = exit.state.clone().filter(|_| entered) else {
                continue;
            };
            frame.state = state;
            frame.state.live = true;
            if let Some(var) = handler.var {
                let caught = handler.exception.as_ref();
                let caught = caught.and_then(|exception| self.caught(frame, exception));
                self.assign_var(frame, var, caught.unwrap_or(Value::UNKNOWN));
            }
            // It calls what there is in another version: `except TypeError: f(a, b)`.
            let adapts = u32::from(adapts(&caught));
            frame.introspected += adapts;
            let ends = self.clause_body(frame, handler);
            frame.introspected -= adapts;
            if let Some(trap) = trap {
                frame.traps.all[trap].clause_ended(index, ends);
            }
            leaves |= ends.returns || ends.jumps;
            if !finally.is_empty() {
                join_into(&mut raised, &frame.state, &mut self.values);
            }
            after.join(&frame.state, &mut self.values);
        }
        frame.uncertain -= 1;
        // Where all went well the function has returned: it is an exception that decided on what follows, and not what the caller passed.
        frame.decision = decision.filter(|_| !has_returned);
        if !leaves {
            // A clause that goes elsewhere may keep what follows from being reached.
            frame.guards.truncate(guards);
        }
        frame.traps.around.truncate(traps);
        if finally.is_empty() {
            frame.state = after;
            self.publish(frame);
            return;
        }
        let live = after.live;
        if let Some(raised) = raised {
            after.join(&raised, &mut self.values);
        }
        if frame.exit.is_some() {
            after.live = true;
        }
        frame.state = after;
        self.publish(frame);
        if frame.state.live {
            self.block(frame, finally);
        }
        frame.state.live &= live;
    }

    /// Evaluates the body of a clause, and says how it ends.
    fn clause_body(&mut self, frame: &mut Frame<'p>, handler: &'p Handler) -> Ends {
        let returned = frame.returned.take();
        let exit = frame.exit.take();
        let around = frame.loops.last_mut().map(|around| {
            let made = around.made;
            let within = LoopExit {
                made,
                ..LoopExit::default()
            };
            std::mem::replace(around, within)
        });
        self.block(frame, &handler.body);
        let inner = around.and_then(|around| {
            let inner = frame.loops.last_mut()?;
            Some(std::mem::replace(inner, around))
        });
        let ends = Ends {
            is_entered: true,
            falls: frame.state.live,
            returns: frame.exit.is_some(),
            jumps: inner
                .as_ref()
                .is_some_and(|inner| inner.breaks.is_some() || inner.continues.is_some()),
            ..Ends::default()
        };
        frame.returned = match (returned, frame.returned) {
            (Some(before), Some(here)) => Some(self.values.join(before, here)),
            (before, here) => before.or(here),
        };
        frame.exit = joined_option(exit, frame.exit.take(), &mut self.values);
        if let (Some(inner), Some(around)) = (inner, frame.loops.last_mut()) {
            let before = std::mem::take(around);
            around.made = before.made;
            around.breaks = joined_option(before.breaks, inner.breaks, &mut self.values);
            around.continues = joined_option(before.continues, inner.continues, &mut self.values);
        }
        ends
    }

    /// What a clause of a `try` rests on, as far as its text says: the arguments of the calls in the body, which may raise for some and not for others.
    fn asked_by(&mut self, body: &'p [Stmt]) -> Rc<[&'p Expr]> {
        if let Some(known) = self.asked.get(&body.as_ptr()) {
            return Rc::clone(known);
        }
        let mut asked: Vec<&'p Expr> = Vec::new();
        visit::all_expressions(body, &mut |expr| {
            if let ExprKind::Call(call) = &expr.kind {
                let arguments = call.arguments.iter().map(|argument| &argument.value);
                asked
                    .extend(arguments.filter(|value| !matches!(value.kind, ExprKind::Constant(_))));
            }
        });
        asked.truncate(ASKED_LIMIT);
        let asked: Rc<[&'p Expr]> = asked.into();
        self.asked.insert(body.as_ptr(), Rc::clone(&asked));
        asked
    }

    fn match_statement(&mut self, frame: &mut Frame<'p>, subject: &'p Expr, cases: &'p [Case]) {
        let value = self.expression(frame, subject);
        let mut after: Option<State> = None;
        let made = frame.state.heap.len();
        let uncertain = frame.uncertain;
        // The alternatives that no case before has taken for certain.
        let mut rest = self.values.alternatives(value).to_vec();
        for case in cases {
            if !frame.state.live {
                break;
            }
            let mut candidates = Vec::with_capacity(rest.len());
            let mut left = Vec::new();
            let mut certain = true;
            for &member in &rest {
                let truth = self.matches(frame, &case.pattern, member);
                if truth != Truth::False {
                    candidates.push(member);
                }
                certain &= truth == Truth::True;
                if truth != Truth::True || case.guard.is_some() {
                    left.push(member);
                }
            }
            if candidates.is_empty() {
                continue;
            }
            let otherwise = frame.state.clone();
            let matched = self.values.union(candidates);
            self.refine_subject(frame, subject, matched);
            self.bind_pattern(frame, &case.pattern, matched);
            let mut truth = if certain { Truth::True } else { Truth::Unknown };
            if let Some(guard) = &case.guard {
                truth = self.test(frame, guard);
                if truth == Truth::True && !certain {
                    truth = Truth::Unknown;
                }
                if truth != Truth::False {
                    self.assume(frame, guard, true);
                }
            }
            match truth {
                Truth::False => frame.state = otherwise,
                Truth::True => {
                    self.note_match(frame, subject, matched);
                    self.block(frame, &case.body);
                    join_ways(&mut after, &frame.state, made, &mut self.values);
                    frame.state.live = false;
                }
                Truth::Unknown => {
                    frame.uncertain += 1;
                    frame.note_test(subject);
                    self.block(frame, &case.body);
                    join_ways(&mut after, &frame.state, made, &mut self.values);
                    frame.state = otherwise;
                    if !left.is_empty() {
                        rest = left;
                        let others = self.values.union(rest.clone());
                        self.refine_subject(frame, subject, others);
                    }
                }
            }
        }
        if frame.state.live {
            self.note_match(frame, subject, value);
            join_ways(&mut after, &frame.state, made, &mut self.values);
        }
        frame.uncertain = uncertain;
        match after {
            Some(after) => frame.state = after,
            None => frame.state.live = false,
        }
        self.publish(frame);
    }

    /// Makes a module's variables, as they are now, visible to others.
    pub fn publish(&mut self, frame: &Frame<'p>) {
        if matches!(frame.owner, Owner::Module) && frame.state.live {
            let slots = &mut self.modules[frame.module.0 as usize].slots;
            slots.clear();
            slots.extend_from_slice(&frame.state.slots);
        }
    }
}

/// Whether a block ends by leaving the code around it.
fn leaves(body: &[Stmt]) -> bool {
    match body.last().map(|stmt| &stmt.kind) {
        Some(
            StmtKind::Return(_) | StmtKind::Raise { .. } | StmtKind::Continue | StmtKind::Break,
        ) => true,
        Some(StmtKind::With { body, .. }) => leaves(body),
        Some(StmtKind::Try {
            body,
            handlers,
            orelse,
            finally,
        }) => {
            let is_over = leaves(body) || leaves(orelse);
            leaves(finally) || is_over && handlers.iter().all(|handler| leaves(&handler.body))
        }
        _ => false,
    }
}

/// Whether a block that leaves may do so by returning.
fn returns(body: &[Stmt]) -> bool {
    match body.last().map(|stmt| &stmt.kind) {
        Some(StmtKind::Return(_)) => true,
        Some(StmtKind::With { body, .. }) => returns(body),
        Some(StmtKind::Try {
            body,
            handlers,
            orelse,
            finally,
        }) => {
            let mut blocks = [body, orelse, finally].into_iter();
            blocks.any(|block| returns(block))
                || handlers.iter().any(|handler| returns(&handler.body))
        }
        _ => false,
    }
}

/// Joins `state` into what is known so far.
pub fn join_into(
    known: &mut Option<State>,
    state: &State,
    values: &mut crate::eval::domain::value::Values,
) {
    join_ways(known, state, usize::MAX, values);
}

/// The same for ways that part where there were `before` objects.
fn join_ways(
    known: &mut Option<State>,
    state: &State,
    before: usize,
    values: &mut crate::eval::domain::value::Values,
) {
    if !state.live {
        return;
    }
    match known {
        Some(known) => known.join_ways(state, before, values),
        None => *known = Some(state.clone()),
    }
}

/// Either of two states, or the one that there is.
fn joined_option(
    one: Option<State>,
    other: Option<State>,
    values: &mut crate::eval::domain::value::Values,
) -> Option<State> {
    match (one, other) {
        (Some(mut one), Some(other)) => {
            one.join(&other, values);
            Some(one)
        }
        (one, other) => one.or(other),
    }
}

/// `except TypeError`, `except AttributeError`, `except NameError`, of those alone: a handler for another version of what its block calls or names.
fn adapts(caught: &Caught) -> bool {
    let adapted = [*TYPE_ERROR, *ATTRIBUTE_ERROR, *NAME_ERROR];
    !caught.is_empty()
        && !caught.is_open
        && caught
            .classes
            .iter()
            .all(|(class, _)| adapted.contains(class))
}

/// `self.skipTest(..)` and `self.fail(..)`, of something that is not known: the protocol of `unittest.TestCase`, which other frameworks take over.
fn ends_test(expr: &Expr) -> bool {
    let ExprKind::Call(call) = &expr.kind else {
        return false;
    };
    matches!(&call.function.kind, ExprKind::Attribute { value, attribute, .. }
        if matches!(value.kind, ExprKind::Name(_, Var::Local(Slot(0))))
            && matches!(attribute.as_str(), "skipTest" | "fail"))
}
