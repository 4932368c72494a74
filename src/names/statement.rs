//! Statements: which ways lead through them.

use super::decided::{changes_subject, counter_of};
use super::flags::binds;
use super::flow::{Flow, Loop, State, Try};
use super::ways::{Opened, Ways, Within};
use crate::python::ending::never_returns;
use crate::syntax::ir::{
    Branch, Case, ClassId, Comparison, Expr, ExprKind, FunctionId, Handler, Pattern, Range, Slot,
    Stmt, StmtKind, Var, WithItem,
};
use crate::syntax::visit;

/// The variable of the scope itself that is bound.
const fn slot_of(var: Var) -> Option<Slot> {
    match var {
        Var::Local(slot) => Some(slot),
        _ => None,
    }
}

/// The body of a `try`, its handlers, its `else` and its `finally`.
type TryParts<'m> = (&'m [Stmt], &'m [Handler], &'m [Stmt], &'m [Stmt]);

/// How deep loops are followed to a fixpoint: each doubles the work.
const LOOP_DEPTH: usize = 6;

/// How deep `finally` blocks in `finally` blocks are told apart by what leads to them.
const FINAL_DEPTH: u32 = 4;

impl<'m> Flow<'m> {
    /// Statements in order.
    pub(super) fn block(&mut self, body: &'m [Stmt]) {
        for stmt in body {
            if !self.state.live {
                return;
            }
            self.statement(stmt);
        }
    }

    fn statement(&mut self, stmt: &'m Stmt) {
        if may_raise(stmt) {
            self.may_raise();
        }
        match &stmt.kind {
            StmtKind::Expr(value) => {
                self.expression(value);
                if ends_all(value) {
                    self.may_raise();
                    self.state.kill();
                }
            }
            StmtKind::Assign { targets, value } => {
                self.expression(value);
                for (index, target) in targets.iter().enumerate() {
                    if index > 0 {
                        self.may_raise();
                    }
                    self.assign(target);
                }
            }
            StmtKind::AugAssign { target, value, .. } => {
                self.expression(target);
                self.expression(value);
                if let ExprKind::Name(_, var) = target.kind {
                    self.bind(var);
                }
            }
            StmtKind::AnnAssign {
                target,
                annotation,
                value,
            } => {
                if let Some(value) = value {
                    self.expression(value);
                    self.assign(target);
                } else if !matches!(target.kind, ExprKind::Name(..)) {
                    self.assign(target);
                }
                if !self.is_function() {
                    self.annotation(annotation);
                }
            }
            StmtKind::Return(value) => {
                if let Some(value) = value {
                    self.expression(value);
                }
                self.leave();
            }
            StmtKind::Delete(targets) => {
                for (index, target) in targets.iter().enumerate() {
                    if index > 0 {
                        self.may_raise();
                    }
                    self.delete(target);
                }
            }
            StmtKind::If { branches, orelse } => self.if_chain(branches, orelse, stmt.range),
            StmtKind::For {
                target,
                iter,
                body,
                orelse,
                ..
            } => self.for_loop(target, iter, body, orelse),
            StmtKind::While { test, body, orelse } => self.while_loop(test, body, orelse),
            StmtKind::With { items, body, .. } => self.with(items, body),
            StmtKind::Try {
                body,
                handlers,
                orelse,
                finally,
            } => self.try_statement((body, handlers, orelse, finally), stmt.range),
            StmtKind::Raise { exception, cause } => {
                for value in exception.iter().chain(cause) {
                    self.expression(value);
                }
                self.may_raise();
                self.state.kill();
            }
            StmtKind::Assert { test, message } => self.assert(test, message.as_ref()),
            StmtKind::Import(import) => self.bind(import.var),
            StmtKind::ImportFrom(import) => {
                for (index, name) in import.names.iter().enumerate() {
                    if index > 0 {
                        self.may_raise();
                    }
                    self.bind(name.var);
                }
                if import.star {
                    self.state.may_bind_all();
                }
            }
            StmtKind::Match { subject, cases } => self.match_statement(subject, cases),
            StmtKind::FunctionDef { function, var } => {
                self.definition(*function);
                self.bind(*var);
            }
            StmtKind::ClassDef { class, var } => {
                self.class(*class);
                self.bind(*var);
            }
            StmtKind::Pass => {}
            StmtKind::Break => self.jump(true),
            StmtKind::Continue => self.jump(false),
        }
    }

    fn definition(&mut self, function: FunctionId) {
        let ir = self.ir;
        for decorator in &ir[function].decorators {
            self.expression(decorator);
        }
        self.defaults(function);
        let function = &ir[function];
        let of_parameters = function
            .params
            .iter()
            .map(|parameter| &parameter.annotation);
        for annotation in of_parameters.chain([&function.returns]).flatten() {
            self.annotation(annotation);
        }
    }

    /// An annotation, which not every Python evaluates: what it binds may be bound.
    fn annotation(&mut self, annotation: &'m Expr) {
        let before = self.state.clone();
        self.expression(annotation);
        self.state.join(&before);
    }

    fn class(&mut self, id: ClassId) {
        let ir = self.ir;
        let class = &ir[id];
        let arguments = class.arguments.iter().map(|argument| &argument.value);
        for expr in class.decorators.iter().chain(arguments) {
            self.expression(expr);
        }
        self.class_body(id);
    }

    /// What the body of a class reads of the scope around it, the heads of what it defines included.
    fn class_body(&mut self, id: ClassId) {
        let ir = self.ir;
        let body = &ir[id].body;
        visit::all_expressions(body, &mut |expr| self.reads_in_class(id, expr));
        let mut inner = Vec::new();
        visit::statements(body, &mut |stmt| {
            let mut heads: Vec<&Expr> = Vec::new();
            match &stmt.kind {
                StmtKind::AnnAssign { annotation, .. } => heads.push(annotation),
                StmtKind::FunctionDef { function, .. } => heads.extend(ir[*function].heads()),
                StmtKind::ClassDef { class, .. } => {
                    heads.extend(ir[*class].heads());
                    inner.push(*class);
                }
                _ => {}
            }
            for head in heads {
                visit::expressions(head, &mut |expr| self.reads_in_class(id, expr));
            }
        });
        for class in inner {
            self.class_body(class);
        }
    }

    /// A name that the body of a class reads.
    fn reads_in_class(&mut self, id: ClassId, expr: &Expr) {
        match expr.kind {
            ExprKind::Name(_, Var::Free { up: 1, slot }) if self.is_function() => {
                self.read_in_class(id, slot, expr.range);
            }
            ExprKind::Name(_, Var::Global(name)) if self.is_module() => {
                if let Some(slot) = self.slot(name) {
                    self.read_in_class(id, slot, expr.range);
                }
            }
            _ => {}
        }
    }

    fn assert(&mut self, test: &'m Expr, message: Option<&'m Expr>) {
        let failed = self.condition(test);
        // It may say that the way which binds was taken.
        self.parted.clear();
        self.settled.push(test);
        let passed = std::mem::replace(&mut self.state, failed);
        if let Some(message) = message {
            self.expression(message);
        }
        self.may_raise();
        self.state = passed;
    }

    fn if_chain(&mut self, branches: &'m [Branch], orelse: &'m [Stmt], range: Range) {
        let mut ways = Ways::before(self);
        let mut after = self.nowhere();
        let mut within = Within::default();
        for (index, branch) in branches.iter().enumerate() {
            let otherwise = if index == 0 {
                self.condition(&branch.test)
            } else {
                self.aside(|flow| flow.condition(&branch.test))
            };
            self.aside(|flow| {
                flow.block(&branch.body);
                within.end(flow, &branch.body);
            });
            self.end_way(&mut ways, &branch.body);
            after.join(&self.state);
            self.state = otherwise;
            if !self.state.live {
                break;
            }
        }
        self.aside(|flow| {
            flow.block(orelse);
            within.end(flow, orelse);
        });
        self.end_way(&mut ways, orelse);
        self.state.join(&after);
        let asked = self.settled.len();
        self.ask_again(&ways, branches);
        if branches.len() == 1 && !orelse.is_empty() {
            ways.are_all_written();
        }
        // `elif` after `elif` mostly names all there is.
        let is_open = branches.len() == 1
            || !orelse.is_empty()
            || leaves_out_a_side(branches)
            || changes_subject(branches);
        if is_open {
            self.part(ways, range, |flow| flow.is_decided(branches, asked));
        }
        if !orelse.is_empty() {
            self.parted.extend(within.parted_for_all());
        }
    }

    fn for_loop(&mut self, target: &'m Expr, iter: &'m Expr, body: &'m [Stmt], orelse: &'m [Stmt]) {
        self.expression(iter);
        let mut parted = None;
        let counter = counter_of(target, iter);
        self.counters.extend(counter);
        let breaks = self.repeat(body, &mut |flow| {
            // The iterator may raise, or be exhausted.
            flow.may_raise();
            let exhausted = flow.state.clone();
            flow.aside(|flow| {
                flow.assign(target);
                flow.block(body);
                parted.get_or_insert_with(|| flow.parted_by_try(body));
            });
            exhausted
        });
        if counter.is_some() {
            self.counters.pop();
        }
        self.aside(|flow| flow.block(orelse));
        self.state.join(&breaks);
        // The last pass may have failed, and what it was to bind is asked for behind the loop.
        self.parted.extend(parted.unwrap_or_default());
    }

    fn while_loop(&mut self, test: &'m Expr, body: &'m [Stmt], orelse: &'m [Stmt]) {
        let breaks = self.repeat(body, &mut |flow| {
            flow.may_raise();
            let over = flow.aside(|flow| flow.condition(test));
            flow.aside(|flow| flow.block(body));
            over
        });
        self.aside(|flow| flow.block(orelse));
        self.state.join(&breaks);
    }

    /// A loop to its fixpoint: `pass` goes through it once and says in which state it ends by itself, in which this is then; the states at its
    /// `break`s are returned.
    fn repeat(&mut self, body: &'m [Stmt], pass: &mut dyn FnMut(&mut Self) -> State) -> State {
        let mut head = self.state.clone();
        let mut entered = self.nowhere().bound;
        entered.add_without(&head.bound, &head.unbound);
        let around = self.further_passes;
        if self.loops.len() >= LOOP_DEPTH {
            head.blur();
        }
        loop {
            let doubts = self.doubts.len();
            self.state = head.clone();
            self.loops.push(Loop {
                body,
                entered: entered.clone(),
                breaks: self.nowhere(),
                continues: self.nowhere(),
                tries: self.tries.len(),
            });
            let over = pass(self);
            let Some(innermost) = self.loops.pop() else {
                return self.nowhere();
            };
            let mut next = head.clone();
            next.join(&self.state);
            next.join(&innermost.continues);
            if next == head || self.loops.len() >= LOOP_DEPTH {
                self.state = over;
                self.further_passes = around;
                return innermost.breaks;
            }
            self.doubts.truncate(doubts);
            self.further_passes = around + 1;
            head = next;
        }
    }

    fn with(&mut self, items: &'m [WithItem], body: &'m [Stmt]) {
        for item in items {
            self.may_raise();
            self.expression(&item.context);
            if let Some(target) = &item.target {
                self.assign(target);
            }
        }
        self.may_raise();
        let around = Try {
            raised: self.state.clone(),
            left: None,
        };
        self.tries.push(around);
        self.block(body);
        self.may_raise();
        let Some(around) = self.tries.pop() else {
            return;
        };
        if let Some(outer) = self.tries.last_mut() {
            outer.raised.join(&around.raised);
        }
        // The manager may swallow what its block raises.
        if self.state.live {
            self.state.may_bind_as(&around.raised);
        } else {
            self.state = around.raised;
        }
    }

    fn try_statement(&mut self, (body, handlers, orelse, finally): TryParts<'m>, range: Range) {
        let opened = self.opened_by(body);
        if !finally.is_empty() {
            self.tries.push(Try {
                raised: self.nowhere(),
                left: Some(self.nowhere()),
            });
        }
        self.guarded(body, handlers, orelse, range);
        if finally.is_empty() {
            return;
        }
        let Some(around) = self.tries.pop() else {
            return;
        };
        let after = self.state.clone();
        self.state.join(&around.raised);
        if let Some(left) = around.left {
            self.state.join(&left);
        }
        let live = after.live;
        self.finals += 1;
        let is_bound = |slot: Slot| {
            let mut bound = false;
            for handler in handlers {
                visit::statements(&handler.body, &mut |stmt| bound |= binds(stmt, slot));
            }
            bound
        };
        // Without a handler what goes wrong goes on, by whatever name.
        let is_caught = !handlers.is_empty();
        let is_told = |one: &&Opened| !handlers.iter().any(takes_all) || !one.mostly_comes_back();
        let opened = opened.iter().filter(|one| is_caught && !is_bound(one.slot));
        let opened = opened.filter(is_told);
        self.with_opened(opened, |flow| flow.block(finally));
        if let Some(outer) = self.tries.last_mut() {
            outer.raised.join(&self.state);
        }
        if self.finals <= FINAL_DEPTH && live && self.state.live {
            // What comes after it is reached only from the normal end of what it follows.
            self.state = after;
            self.quiet += 1;
            self.aside(|flow| flow.block(finally));
            self.quiet -= 1;
        } else if !live {
            self.state.kill();
        }
        self.finals -= 1;
    }

    /// `try` without its `finally`.
    fn guarded(
        &mut self,
        body: &'m [Stmt],
        handlers: &'m [Handler],
        orelse: &'m [Stmt],
        range: Range,
    ) {
        if handlers.is_empty() {
            self.block(body);
            self.block(orelse);
            return;
        }
        let entry = self.state.clone();
        let opened = self.opened_by(body);
        let mut ways = Ways::before(self);
        let entry_bound = self.certain();
        // What handlers leave open for a variable: tests in them part for it, or they delete it, as `as` does at the end (reference, 8.4.1).
        let (mut parted, mut lost) = (Vec::new(), Vec::new());
        self.tries.push(Try {
            raised: self.nowhere(),
            left: None,
        });
        self.block(body);
        let Some(around) = self.tries.pop() else {
            return;
        };
        // What no handler catches goes on.
        if let Some(outer) = self.tries.last_mut() {
            outer.raised.join(&around.raised);
        }
        self.block(orelse);
        let mut after = self.state.clone();
        let block_bound = self.certain();
        ways.end(&self.state);
        ways.goes_on_without_binding();
        let raised = if around.raised.live {
            around.raised
        } else {
            entry
        };
        for handler in handlers {
            self.state = raised.clone();
            self.may_raise();
            if let Some(exception) = &handler.exception {
                self.expression(exception);
            }
            if let Some(var) = handler.var {
                self.bind(var);
            }
            // What names its exceptions means those of the statements that raise them.
            let takes_all = takes_all(handler);
            let opened = opened
                .iter()
                .filter(|one| one.is_last || takes_all && !one.mostly_comes_back());
            let inside = self.with_opened(opened, |flow| {
                flow.block(&handler.body);
                flow.parted_inside(&handler.body)
            });
            parted.extend(inside);
            if let Some(var) = handler.var {
                self.unbind(var);
                let is_lost = |slot: &Slot| entry_bound.has(slot.0) && self.goes_on(&handler.body);
                lost.extend(slot_of(var).filter(is_lost));
            }
            self.end_way(&mut ways, &handler.body);
            after.join(&self.state);
        }
        self.state = after;
        let is_bound = |slot: Slot| block_bound.has(slot.0);
        self.parted
            .extend(parted.into_iter().filter(|(slot, _)| is_bound(*slot)));
        self.parted
            .extend(lost.into_iter().map(|slot| (slot, range)));
        self.part(ways, range, |_| false);
    }

    fn match_statement(&mut self, subject: &'m Expr, cases: &'m [Case]) {
        self.expression(subject);
        let mut after = self.nowhere();
        for case in cases {
            let mut otherwise = self.state.clone();
            self.pattern(&case.pattern);
            // What a pattern captured stays, whether or not the rest of it matched.
            otherwise.join(&self.state);
            if let Some(guard) = &case.guard {
                let failed = self.condition(guard);
                otherwise.join(&failed);
            }
            self.aside(|flow| flow.block(&case.body));
            after.join(&self.state);
            self.state = otherwise;
            if case.guard.is_none() && is_irrefutable(&case.pattern) {
                self.state.kill();
                break;
            }
        }
        self.state.join(&after);
    }

    fn pattern(&mut self, pattern: &'m Pattern) {
        match pattern {
            Pattern::Value(value) => self.expression(value),
            Pattern::Singleton(_) => {}
            Pattern::Star(var) => var.iter().for_each(|var| self.bind(*var)),
            Pattern::Sequence(parts) => parts.iter().for_each(|part| self.pattern(part)),
            Pattern::Or(parts) => {
                let before = self.state.clone();
                let mut after = self.nowhere();
                for part in parts {
                    self.state = before.clone();
                    self.pattern(part);
                    after.join(&self.state);
                }
                self.state = after;
            }
            Pattern::Mapping { items, rest } => {
                for (key, part) in items {
                    self.expression(key);
                    self.pattern(part);
                }
                rest.iter().for_each(|var| self.bind(*var));
            }
            Pattern::Class {
                class,
                positional,
                keywords,
            } => {
                self.expression(class);
                let keywords = keywords.iter().map(|(_, part)| part);
                positional
                    .iter()
                    .chain(keywords)
                    .for_each(|part| self.pattern(part));
            }
            Pattern::As { pattern, var } => {
                if let Some(part) = pattern {
                    self.pattern(part);
                }
                var.iter().for_each(|var| self.bind(*var));
            }
        }
    }
}

/// Whether the tests of an `elif` chain compare in one direction only: with `n == 1` and `n > 1` there is less than that.
fn leaves_out_a_side(branches: &[Branch]) -> bool {
    let (mut less, mut more) = (false, false);
    let are_comparisons = branches.iter().all(|branch| match &branch.test.kind {
        ExprKind::Compare { rest, .. } => match rest.as_slice() {
            [(op, _)] => {
                less |= matches!(op, Comparison::Lt | Comparison::LtE);
                more |= matches!(op, Comparison::Gt | Comparison::GtE);
                !matches!(op, Comparison::NotEq | Comparison::In | Comparison::NotIn)
            }
            _ => false,
        },
        _ => false,
    });
    are_comparisons && less != more
}

/// Whether a handler takes whatever goes wrong.
fn takes_all(handler: &Handler) -> bool {
    match handler.exception.as_ref().map(|exception| &exception.kind) {
        None => true,
        Some(ExprKind::Name(name, _)) => matches!(name.as_str(), "Exception" | "BaseException"),
        Some(_) => false,
    }
}

/// Whether a pattern matches everything.
fn is_irrefutable(pattern: &Pattern) -> bool {
    match pattern {
        Pattern::As { pattern, .. } => pattern.as_deref().is_none_or(is_irrefutable),
        Pattern::Or(parts) => parts.iter().any(is_irrefutable),
        _ => false,
    }
}

/// Whether a statement can raise before it binds anything: not one that binds a name to a literal.
pub(super) fn may_raise(stmt: &Stmt) -> bool {
    let is_literal = |expr: &Expr| match &expr.kind {
        ExprKind::Constant(_) | ExprKind::Lambda(_) => true,
        ExprKind::List(items) | ExprKind::Tuple(items) => items.is_empty(),
        ExprKind::Dict(items) => items.is_empty(),
        _ => false,
    };
    match &stmt.kind {
        StmtKind::Assign { targets, value } => {
            let is_name = |target: &Expr| matches!(target.kind, ExprKind::Name(..));
            !is_literal(value) || !targets.iter().all(is_name)
        }
        StmtKind::Pass
        | StmtKind::Break
        | StmtKind::Continue
        | StmtKind::Try { .. }
        | StmtKind::Return(None) => false,
        _ => true,
    }
}

/// Whether a statement calls what never comes back, as it is written: `sys.exit()`.
fn ends_all(value: &Expr) -> bool {
    let ExprKind::Call(call) = &value.kind else {
        return false;
    };
    match &call.function.kind {
        ExprKind::Name(name, _) => never_returns("builtins", name),
        ExprKind::Attribute {
            value, attribute, ..
        } => {
            matches!(&value.kind, ExprKind::Name(module, _) if never_returns(module, attribute))
        }
        _ => false,
    }
}
