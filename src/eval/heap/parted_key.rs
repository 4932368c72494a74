//! Keys that one way puts into a dict and another one does not, read whichever was taken: `if debug: options["log"] = path`, and `options["log"]` behind it.
//!
//! The same as for variables (`names/ways.rs`), of a dict whose other keys are all known: what a function gives that builds it, what a call passes, or what the body itself made. Mostly the
//! test is asked again before the key is read, or what is passed decides both; so it is worth a warning only where nothing in between asks anything.

use crate::eval::Evaluator;
use crate::eval::domain::state::{Dict, Object};
use crate::eval::domain::truth::Truth;
use crate::eval::domain::value::{Data, Value};
use crate::eval::exceptions::class::KEY_ERROR;
use crate::eval::interpreter::frame::{Frame, LocalFailure};
use crate::facts::{Confidence, FailureKind, May};
use crate::name::Name;
use crate::syntax::ir::{
    Call, Constant, Expr, ExprKind, Function, Range, Slot, Stmt, StmtKind, Var,
};
use crate::syntax::visit;

impl<'p> Evaluator<'p> {
    /// `base[key]` in an expression, where some ways put the key there and others do not: a warning, if nothing asks which way it was. From there on it is there.
    pub(super) fn check_parted_key(
        &mut self,
        frame: &mut Frame<'p>,
        expr: &'p Expr,
        (base, dict): (Value, &Dict),
        key: Value,
    ) {
        let (Data::Local(id), Data::Str(text)) = (self.data(base).clone(), self.data(key)) else {
            return;
        };
        let text = *text;
        let is_open = dict.rest.is_some() || dict.makes_keys || dict.is_subtype;
        if self.is_graph()
            || !frame.state.live
            || frame.is_unsure()
            || is_open
            || dict.is_namespace
            || !frame.ir.errors.is_empty()
            || matches!(frame.state.object(id), Object::Moved(_))
            || self.is_caught_here(frame, *KEY_ERROR) != Truth::False
            || self.is_managed_here(frame, *KEY_ERROR)
            // A test knows what it passes, and so which keys it gets.
            || self.survey.tests.contains(&frame.module)
            || !self.is_read_unasked(frame, expr, text)
        {
            return;
        }
        if let Object::Dict(dict) = frame.state.object_mut(id) {
            for entry in dict.entries.iter_mut().filter(|entry| entry.key == key) {
                entry.certain = true;
            }
        }
        let Some(shown) = self.repr_of(frame, key) else {
            return;
        };
        frame.failures.push(LocalFailure {
            confidence: Confidence::May,
            exception: Some(format!("KeyError: {shown}")),
            by_value: true,
            doubt: Some(May::Parted),
            ..LocalFailure::at(
                FailureKind::AbsentKey,
                Name::new(&shown),
                expr.range,
                "looks the key up",
            )
        });
    }

    /// Whether no test stands between where a dict was made and where a key of it is read, and none before that asks for what decides which keys there are.
    fn is_read_unasked(&mut self, frame: &mut Frame<'p>, expr: &'p Expr, key: Name) -> bool {
        let (Some(function), ExprKind::Subscript { value, index }) = (frame.function(), &expr.kind)
        else {
            return false;
        };
        if !matches!(index.kind, ExprKind::Constant(_)) {
            return false;
        }
        let (made, slot) = match value.kind {
            ExprKind::Name(_, Var::Local(slot)) => match made_once(function, slot) {
                Some(made) => (made, Some(slot)),
                None => return false,
            },
            ExprKind::Call(ref call) => (Made::Here(value.range, Some(call)), None),
            _ => return false,
        };
        if slot.is_some_and(|slot| is_asked(&function.body, slot, Some(key), expr.range)) {
            return false;
        }
        match made {
            Made::Passed => frame.guards.is_empty(),
            Made::Here(place, call) => {
                let is_before = |guard: &&Expr| guard.range.start < place.start;
                let decides = |guard: &&Expr| call.is_some_and(|call| shares_name(guard, call));
                let mut guards = frame.guards.iter();
                guards.all(|guard| is_before(guard) && !decides(guard))
                    && call.is_none_or(|call| {
                        !passes_known(function, call) && self.calls_one(frame, call)
                    })
            }
        }
    }

    /// Whether it is one function that a call is of: several give several dicts, each with its own keys.
    fn calls_one(&mut self, frame: &mut Frame<'p>, call: &'p Call) -> bool {
        let function = self.peek(frame, &call.function);
        let is_class = matches!(self.data(function), Data::Class { .. });
        is_class || self.values.alternatives(function).len() == 1
    }
}

/// Where a dict comes from that a function reads.
enum Made<'p> {
    /// Its caller passes it.
    Passed,
    /// It is there from this place on: a display, or what a call gives.
    Here(Range, Option<&'p Call>),
}

/// Where what a variable holds is made, if that is at one place: the function's caller, or its only assignment.
fn made_once(function: &Function, slot: Slot) -> Option<Made<'_>> {
    let is_parameter = (slot.0 as usize) < function.params.len();
    match Bindings::of(function, slot) {
        // `**options` has what each call passes, one by one.
        Bindings::None if is_parameter => {
            let parameter = &function.params[slot.0 as usize];
            (!parameter.is_variadic()).then_some(Made::Passed)
        }
        Bindings::One(place, value) if !is_parameter => {
            let value = match &value.kind {
                ExprKind::Await(inner) => inner,
                _ => value,
            };
            let call = match &value.kind {
                ExprKind::Call(call) => Some(&**call),
                _ => None,
            };
            Some(Made::Here(place, call))
        }
        _ => None,
    }
}

/// What the only assignment to a variable that is no parameter gives it.
pub fn assigned_once(function: &Function, slot: Slot) -> Option<&Expr> {
    let is_parameter = (slot.0 as usize) < function.params.len();
    match Bindings::of(function, slot) {
        Bindings::One(_, value) if !is_parameter => Some(value),
        _ => None,
    }
}

/// What the statements of a function bind a variable to.
enum Bindings<'p> {
    None,
    /// One plain assignment, and its value.
    One(Range, &'p Expr),
    /// Several, or others.
    Other,
}

impl<'p> Bindings<'p> {
    fn of(function: &'p Function, slot: Slot) -> Self {
        let is_it = |target: &Expr| matches!(target.kind, ExprKind::Name(_, Var::Local(found)) if found == slot);
        let binds = |target: &Expr| match &target.kind {
            ExprKind::Tuple(_) | ExprKind::List(_) | ExprKind::Starred(_) => mentions(target, slot),
            _ => is_it(target),
        };
        let mut found = Self::None;
        visit::statements(&function.body, &mut |stmt| {
            let bound = match &stmt.kind {
                StmtKind::Assign { targets, value } if targets.iter().any(is_it) => {
                    Self::One(stmt.range, value)
                }
                StmtKind::AnnAssign {
                    target,
                    value: Some(value),
                    ..
                } if is_it(target) => Self::One(stmt.range, value),
                StmtKind::Assign { targets, .. } if targets.iter().any(binds) => Self::Other,
                StmtKind::AugAssign { target, .. } if is_it(target) => Self::Other,
                StmtKind::For { target, .. } if binds(target) => Self::Other,
                StmtKind::With { items, .. } => {
                    let mut targets = items.iter().filter_map(|item| item.target.as_ref());
                    if !targets.any(binds) {
                        return;
                    }
                    Self::Other
                }
                _ => return,
            };
            found = match found {
                Self::None => bound,
                _ => Self::Other,
            };
        });
        found
    }
}

/// Whether an expression reads a variable.
fn mentions(expr: &Expr, slot: Slot) -> bool {
    let mut found = false;
    visit::expressions(expr, &mut |part| {
        found |= matches!(part.kind, ExprKind::Name(_, Var::Local(read)) if read == slot);
    });
    found
}

/// Whether anything before a place asks about a variable, or for the key, or gets the variable as a whole, and may ask.
pub fn is_asked(body: &[Stmt], slot: Slot, key: Option<Name>, place: Range) -> bool {
    let is_it =
        |part: &Expr| matches!(part.kind, ExprKind::Name(_, Var::Local(found)) if found == slot);
    let is_key = |expr: &Expr| match expr.kind {
        ExprKind::Constant(Constant::Str(text)) => Some(text) == key,
        _ => false,
    };
    let mut asked = false;
    // A test around the place asks as well, but not the very expression.
    let is_before = |expr: &Expr| expr.range.start < place.start && !expr.range.contains(place);
    let mut ask = |expr: &Expr| asked |= is_before(expr) && mentions(expr, slot);
    visit::statements(body, &mut |stmt| match &stmt.kind {
        StmtKind::If { branches, .. } => branches.iter().for_each(|branch| ask(&branch.test)),
        StmtKind::While { test, .. } | StmtKind::Assert { test, .. } => ask(test),
        StmtKind::Match { subject, .. } => ask(subject),
        _ => {}
    });
    visit::all_expressions(body, &mut |expr| match &expr.kind {
        ExprKind::If { test, .. } => ask(test),
        ExprKind::Compare { .. } | ExprKind::Bool { .. } | ExprKind::Not(_) => ask(expr),
        ExprKind::Call(call) => {
            // `options.get("log")`, `options.setdefault("log", path)`.
            let mut arguments = call.arguments.iter();
            if arguments.any(|one| is_it(&one.value) || is_key(&one.value)) {
                ask(expr);
            }
        }
        _ => {}
    });
    asked
}

/// Whether a test asks about a variable that a call passes.
fn shares_name(test: &Expr, call: &Call) -> bool {
    let mut passed = Vec::new();
    for argument in &call.arguments {
        visit::expressions(&argument.value, &mut |part| {
            if let ExprKind::Name(name, _) = part.kind {
                passed.push(name);
            }
        });
    }
    let mut found = false;
    visit::expressions(test, &mut |part| {
        found |= matches!(part.kind, ExprKind::Name(name, _) if passed.contains(&name));
    });
    found
}

/// Whether a call passes something that is written out, alone, in a list or by a variable: it may be what decides which keys there are.
fn passes_known(function: &Function, call: &Call) -> bool {
    let is_display = |value: &Expr| {
        matches!(
            value.kind,
            ExprKind::Dict(_) | ExprKind::List(_) | ExprKind::Tuple(_) | ExprKind::Set(_)
        )
    };
    let is_written = |part: &Expr| match part.kind {
        ExprKind::Constant(_) => true,
        ExprKind::Name(_, Var::Local(slot)) => assigned_once(function, slot)
            .is_some_and(|value| is_display(value) || matches!(value.kind, ExprKind::Constant(_))),
        _ => false,
    };
    let mut found = false;
    for argument in &call.arguments {
        visit::expressions(&argument.value, &mut |part| found |= is_written(part));
    }
    found
}
