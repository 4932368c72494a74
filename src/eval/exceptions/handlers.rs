//! What handlers do to an exception on its way up: they expect it, hide it, raise another one, or let it pass.
//!
//! An exception that meets a clause which names it was expected; one that meets `except Exception` was not, and a clause that goes on without it hides a
//! defect. What swallows exceptions for good (a manager, a `finally` that leaves) expects them. A clause after which the same arguments go to something
//! that takes them is a shim: see [`crate::eval::exceptions::recovery`].

use crate::facts::{FailureKind, May, Place};
use crate::syntax::ir::{Call, Expr, ExprKind, Handler, Range, Stmt, StmtKind, Var};
use crate::syntax::visit;

use crate::eval::Evaluator;
use crate::eval::blame::trace::Node;
use crate::eval::domain::truth::Truth;
use crate::eval::domain::value::ContextId;
use crate::eval::exceptions::class::{ExceptionClass, Meeting};
use crate::eval::exceptions::exception::raises_not_implemented;
use crate::eval::exceptions::recovery::same;
use crate::eval::exceptions::trap::{Clause, Trap, TrapKind};
use crate::eval::interpreter::frame::LocalFailure;

/// An exception on its way up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Travel {
    /// Its class; none: a handler on the way raised something that is not known.
    pub class: Option<ExceptionClass>,
    /// Whether it rose since a value is None: nothing was given.
    pub is_of_none: bool,
    /// Whether a handler on the way turned it into another.
    pub is_converted: bool,
    /// The handler that hides it.
    pub hidden_by: Option<Place>,
}

impl<'p> Evaluator<'p> {
    /// The exception of a failure as it leaves the place; none if it is dealt with there, or nothing is raised.
    pub fn travelling(&self, context: ContextId, failure: &LocalFailure<'_>) -> Option<Travel> {
        if failure.kind == FailureKind::GuardedImport {
            return None;
        }
        let text = failure.exception.as_deref()?;
        let raises = &self.contexts[context.0 as usize].traps.raises;
        let raised = raises.iter().find(|(range, _)| *range == failure.range);
        Some(Travel {
            class: Some(raised.map_or_else(|| ExceptionClass::told(text), |(_, class)| *class)),
            is_of_none: text.contains("NoneType"),
            is_converted: false,
            hidden_by: None,
        })
    }

    /// Follows the handlers around a place in a frame. False: the frame expects the exception. A frame above the start of the chain expects nothing: the
    /// code fails whoever calls it (DESIGN 3a.2).
    pub fn passes(
        &self,
        node: &mut Node,
        range: Range,
        call: Option<&'p Call>,
        is_in_chain: bool,
    ) -> bool {
        let Some(mut travel) = node.travel else {
            return true;
        };
        let context = &self.contexts[node.context.0 as usize];
        let handed_over = context.function.and_then(|own| self.expected.get(&own));
        if handed_over.is_some_and(|classes| self.meets(classes, travel.class) != Meeting::Passes) {
            return false;
        }
        for trap in context.traps.around(range) {
            if !self.passes_trap(node, &mut travel, trap, (range, call), is_in_chain) {
                return false;
            }
        }
        node.travel = Some(travel);
        true
    }

    /// Whether an evaluation is one of a test's code.
    fn is_of_test(&self, context: ContextId) -> bool {
        let module = self.contexts[context.0 as usize].module;
        self.survey.tests.contains(&module)
    }

    /// Whether a call is made in a part of a frame's code before a place in it is: one that ends there before, or that gives what the place works with.
    fn is_after_call(&self, node: &Node, part: Range, place: Range) -> bool {
        let body = self.body_of(node.context);
        let mut found = false;
        visit::all_expressions(body, &mut |expr| {
            found |= matches!(expr.kind, ExprKind::Call(_))
                && part.contains(expr.range)
                && (expr.range.end <= place.start
                    || place.contains(expr.range) && expr.range != place);
        });
        found
    }

    /// The same for one trap.
    fn passes_trap(
        &self,
        node: &mut Node,
        travel: &mut Travel,
        trap: &Trap<'p>,
        (range, call): (Range, Option<&'p Call>),
        is_in_chain: bool,
    ) -> bool {
        let (meeting, clause) = self.met(trap, travel.class);
        let clauses = match &trap.kind {
            TrapKind::Clauses(clauses) => clauses,
            TrapKind::Manager(managers) => {
                // What comes out of a handler on the way may be just what is expected.
                let is_other = travel.is_converted || travel.hidden_by.is_some();
                let is_expected = is_other && Self::may_swallow(managers);
                // A test says what the call raises: `with pytest.raises(Refused): sell(None)`. What fails further on for what it passes, or after another call
                // in that block, comes too late.
                let tells_another = is_in_chain
                    && Self::may_swallow(managers)
                    && self.is_of_test(node.context)
                    && (node.edge.is_some() || self.is_after_call(node, trap.around, range));
                if meeting.truth() == Truth::Unknown || tells_another {
                    node.may = node.may.or(Some(May::Caught));
                }
                return meeting.truth() != Truth::True && !is_expected;
            }
            TrapKind::Finally(_) => {
                if meeting.truth() == Truth::Unknown {
                    node.may = node.may.or(Some(May::Caught));
                }
                return meeting.truth() != Truth::True;
            }
        };
        if travel.hidden_by.is_some() {
            return true;
        }
        if meeting == Meeting::Unknown {
            node.may = node.may.or(Some(May::Caught));
            return true;
        }
        let Some(clause) = clause else {
            // It leaves, but what else the call may raise leads to the next candidate.
            let goes_on =
                |trap: &crate::eval::exceptions::trap::Clause| trap.ends.falls || trap.ends.jumps;
            if clauses.iter().any(goes_on)
                && call.is_some_and(|call| self.has_other_candidate(node, call))
            {
                node.may = node.may.or(Some(May::Taken));
            }
            return true;
        };
        let body = &clause.handler.body;
        if is_in_chain
            && (raises_not_implemented(body) || self.recovers(node, trap, clause, range, call))
            || self.tries_own(node, clause, call)
        {
            return false;
        }
        let is_named = meeting == Meeting::Named;
        let expects = is_in_chain && !travel.is_converted;
        let asks = || {
            call.is_none()
                && travel.class.is_some_and(ExceptionClass::is_of_attributes)
                && (only_reads(clause.protected)
                    || passes_over(clause.handler) && is_first_question(clause.protected, range))
        };
        if clause.ends.raises {
            let raised = clause.raises(travel.class);
            let is_other = raised != travel.class || raised.is_none();
            if is_other && expects && is_named && asks() {
                // What lacks the attribute is refused.
                return false;
            }
            travel.is_converted |= is_other;
            travel.class = raised;
            return true;
        }
        // A module by a name that is worked out: whoever writes a clause around just that look-up expects that there may be none.
        let looks_up = node.callee.is_none()
            && travel.class.is_some_and(ExceptionClass::is_of_imports)
            && only_calls(clause.protected, range);
        // `try: self._on_change()`, `except Exception: pass`: whoever guards just the call of what may be None, and takes no part in what it was to do, expects
        // that nothing was put there.
        let calls_nothing = || {
            node.callee.is_none()
                && travel.class == Some(ExceptionClass::builtin("TypeError"))
                && only_calls(clause.protected, range)
                && passes_over(clause.handler)
        };
        let is_tried = || {
            looks_up
                || calls_nothing()
                || travel.class.is_some_and(is_of_unpacking) && unpacks_otherwise(clause, range)
                || only_probes(clause.protected, range)
                || travel.is_of_none && asks_once(clause)
                || travel.class.is_some_and(ExceptionClass::is_of_attributes)
                    && takes_instead(clause, range)
        };
        if expects && (is_named || asks() || is_tried()) {
            return false;
        }
        travel.hidden_by = Some(self.place(node.context, handler_head(clause.handler)));
        true
    }
}

/// Whether the body of a `try` asks what values have, and does nothing else (it calls nothing, imports nothing and raises nothing by itself): whatever the
/// clauses name, just that may fail there, and is expected.
fn only_reads(body: &[Stmt]) -> bool {
    let mut only_reads = !body.is_empty();
    visit::statements(body, &mut |stmt| {
        let acts = matches!(
            stmt.kind,
            StmtKind::Import { .. }
                | StmtKind::ImportFrom { .. }
                | StmtKind::Raise { .. }
                | StmtKind::With { .. }
                | StmtKind::ClassDef { .. }
        );
        only_reads &= !acts;
    });
    visit::all_expressions(body, &mut |expr| {
        only_reads &= !matches!(expr.kind, ExprKind::Call(_) | ExprKind::Await(_));
    });
    only_reads
}

/// Whether a clause does nothing at all: `except Exception: pass`. One that logs or counts was written for what should not happen.
fn passes_over(handler: &Handler) -> bool {
    matches!(
        handler.body[..],
        [Stmt {
            kind: StmtKind::Pass,
            ..
        }]
    )
}

/// Whether the place stands in the first test of the body of a `try`, and that test only asks what values have: nothing was done before, and what lacks the
/// attribute is not what the test looks for.
fn is_first_question(body: &[Stmt], place: Range) -> bool {
    let Some(StmtKind::If { branches, .. }) = body.first().map(|stmt| &stmt.kind) else {
        return false;
    };
    let Some(first) = branches.first() else {
        return false;
    };
    let mut only_reads = first.test.range.contains(place);
    visit::expressions(&first.test, &mut |expr| {
        only_reads &= !matches!(expr.kind, ExprKind::Call(_) | ExprKind::Await(_));
    });
    only_reads
}

/// Whether the body of a `try` does nothing but make the one call that stands at this place.
fn only_calls(body: &[Stmt], place: Range) -> bool {
    let [stmt] = body else { return false };
    let (StmtKind::Assign { value, .. } | StmtKind::Expr(value) | StmtKind::Return(Some(value))) =
        &stmt.kind
    else {
        return false;
    };
    let mut calls = Vec::new();
    visit::expressions(value, &mut |expr| {
        if matches!(expr.kind, ExprKind::Call(_)) {
            calls.push(expr.range);
        }
    });
    matches!(calls[..], [call] if call.contains(place))
}

/// Whether an exception is one that unpacking raises: another number of items, or what has none.
fn is_of_unpacking(class: ExceptionClass) -> bool {
    ["ValueError", "TypeError"]
        .iter()
        .any(|name| class == ExceptionClass::builtin(name))
}

/// `try: len(rows)`, `except Exception: rows = [rows]`: what is asked stands by itself, and nothing takes the answer. Whether it can be asked is the question.
fn only_probes(body: &[Stmt], place: Range) -> bool {
    body.iter().any(|stmt| match &stmt.kind {
        StmtKind::Expr(asked) => stmt.range.contains(place) && only_asks(asked),
        _ => false,
    })
}

/// `try: number = float(text)`, `except Exception: number = None`: the one statement of a `try` asks what a value is good for, and what is not gets something else, of
/// which nothing is told. Whoever writes that expects that nothing is given.
fn asks_once(clause: &Clause<'_>) -> bool {
    let [asked] = clause.protected else {
        return false;
    };
    let (StmtKind::Assign { value, .. } | StmtKind::Return(Some(value))) = &asked.kind else {
        return false;
    };
    let is_quiet = |stmt: &Stmt| match &stmt.kind {
        StmtKind::Pass | StmtKind::Continue | StmtKind::Return(None) => true,
        StmtKind::Return(Some(value)) | StmtKind::Assign { value, .. } => only_asks(value),
        _ => false,
    };
    only_asks(value) && clause.handler.body.iter().all(is_quiet)
}

/// Whether an expression reads, and calls nothing but builtins that ask a value for something and change nothing.
fn only_asks(expr: &Expr) -> bool {
    let mut only_asks = true;
    visit::expressions(expr, &mut |part| match &part.kind {
        ExprKind::Call(call) => {
            only_asks &= matches!(call.function.kind, ExprKind::Name(name, Var::Global(_))
                if matches!(name.as_str(), "len" | "iter" | "hash" | "float" | "int"));
        }
        ExprKind::Await(_) => only_asks = false,
        _ => {}
    });
    only_asks
}

/// `try: pairs = list(table.items())`, `except Exception: pairs = table`: what lacks the attribute is taken as it is, or asked
/// otherwise (`except Exception: pairs = table.pairs`), for the same variable.
fn takes_instead(clause: &Clause<'_>, place: Range) -> bool {
    let mut found = false;
    visit::statements(clause.protected, &mut |stmt| {
        let StmtKind::Assign { targets, value } = &stmt.kind else {
            return;
        };
        let Some(lacking) = lacking_at(value, place) else {
            return;
        };
        visit::statements(&clause.handler.body, &mut |other| {
            if let StmtKind::Assign {
                targets: into,
                value: instead,
            } = &other.kind
            {
                let is_same = targets.len() == into.len()
                    && targets.iter().zip(into).all(|(a, b)| same(a, b));
                found |= is_same && mentions(instead, lacking);
            }
        });
    });
    found
}

/// `try: name, size, unit = parts`, `except ValueError: name, size = parts`: what has another number of items, or none, is taken as well, otherwise.
fn unpacks_otherwise(clause: &Clause<'_>, place: Range) -> bool {
    let mut found = false;
    visit::statements(clause.protected, &mut |stmt| {
        let StmtKind::Assign { targets, value } = &stmt.kind else {
            return;
        };
        if !stmt.range.contains(place) {
            return;
        }
        visit::statements(&clause.handler.body, &mut |other| {
            if let StmtKind::Assign {
                targets: into,
                value: again,
            } = &other.kind
            {
                let are_same = targets.len() == into.len()
                    && targets.iter().zip(into).all(|(a, b)| same(a, b));
                found |= same(value, again) && !are_same;
            }
        });
    });
    found
}

/// What the attribute is read of that stands, or is called, at a place in an expression.
fn lacking_at(expr: &Expr, place: Range) -> Option<&Expr> {
    let mut found = None;
    visit::expressions(expr, &mut |expr| {
        let read = match &expr.kind {
            ExprKind::Call(call) => &call.function,
            _ => expr,
        };
        if let ExprKind::Attribute { value, .. } = &read.kind
            && (expr.range == place || read.range == place)
        {
            found = Some(&**value);
        }
    });
    found
}

/// Whether an expression has another one as a part.
fn mentions(expr: &Expr, part: &Expr) -> bool {
    let mut found = false;
    visit::expressions(expr, &mut |inner| found |= same(inner, part));
    found
}

/// `except Exception as e`, without its body.
fn handler_head(handler: &Handler) -> Range {
    let end = match (&handler.exception, handler.body.first()) {
        (Some(exception), _) => exception.range.end,
        (None, _) => handler.range.start + 6,
    };
    Range::new(handler.range.start, end)
}
