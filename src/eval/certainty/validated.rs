//! Validators: calls that refuse a value by raising, before something is done with it that its type does not allow.

use rustc_hash::FxHashSet;

use crate::eval::Evaluator;
use crate::eval::blame::ways::Ways;
use crate::eval::certainty::looks::{Looker, Looks, Source};
use crate::eval::certainty::passing::{Passed, passed};
use crate::eval::domain::value::ContextId;
use crate::eval::interpreter::frame::{Edge, LocalFailure, Owner};
use crate::facts::FailureKind;
use crate::syntax::ir::{Call, Expr, ExprKind, Range, Slot, StmtKind, Var};
use crate::syntax::visit;

impl<'p> Evaluator<'p> {
    /// Whether a call by itself before the place hands the value whose type is wrong to a function of the tree that may refuse it: it raises behind a test on it.
    pub fn is_validated(
        &self,
        ways: &Ways<'p>,
        context: ContextId,
        range: Range,
        held: &Looks,
        failure: &LocalFailure<'p>,
    ) -> bool {
        let is_of_type = matches!(
            failure.kind,
            FailureKind::MissingAttribute | FailureKind::NotCallable
        );
        if !is_of_type || held.sources.is_empty() {
            return false;
        }
        let mut looker = Looker::new(self, &ways.flows, context);
        let edges = &self.contexts[context.0 as usize].edges;
        let mut is_validated = false;
        visit::statements(self.body_of(context), &mut |stmt| {
            let StmtKind::Expr(expr) = &stmt.kind else {
                return;
            };
            let ExprKind::Call(call) = &expr.kind else {
                return;
            };
            if is_validated || stmt.range.end > range.start {
                return;
            }
            is_validated = edges.iter().any(|edge| {
                let is_it = |made: &'p Call| std::ptr::eq(made, &raw const **call);
                edge.call.is_some_and(is_it)
                    && self.may_refuse(ways, edge, call, &mut |passed| {
                        looker.looks(passed).overlaps(held)
                    })
            });
        });
        is_validated
    }

    /// Whether a callee raises something behind a test on a parameter for which the call passes a value that `is_held` accepts.
    fn may_refuse(
        &self,
        ways: &Ways<'p>,
        edge: &Edge<'p>,
        call: &'p Call,
        is_held: &mut dyn FnMut(&'p Expr) -> bool,
    ) -> bool {
        let callee = &self.contexts[edge.callee.0 as usize];
        let Owner::Function(function) = callee.owner else {
            return false;
        };
        if callee.traps.raised.is_empty() {
            return false;
        }
        let parameters = (0..function.params.len()).filter_map(|at| u32::try_from(at).ok());
        let held = parameters.map(Slot).filter(|&slot| {
            let source = Source { slot, item: None };
            let passed = passed(self, call, edge.shift, edge.callee, source);
            passed.iter().any(|passed| match *passed {
                Passed::Value(expr) | Passed::Item(expr, _) => is_held(expr),
                // `*names` gets several of the arguments, whichever.
                Passed::Made => call
                    .arguments
                    .iter()
                    .any(|argument| is_held(&argument.value)),
                Passed::Default => false,
            })
        });
        let mut asked: FxHashSet<Slot> = held.collect();
        // `kind = type(value)`, `is_known = knows(value)`: what a function is told of it may say what it is. What its own methods answer is about something else mostly.
        visit::statements(&function.body, &mut |stmt| {
            if let StmtKind::Assign { targets, value } = &stmt.kind
                && mentions(value, &asked, &|call| {
                    matches!(call.function.kind, ExprKind::Attribute { .. })
                })
            {
                asked.extend(targets.iter().filter_map(local));
            }
        });
        let raised = callee.traps.raised.iter();
        raised.into_iter().any(|(range, _)| {
            let ir = self.ir_of(edge.callee);
            let detours = ways.detours_around(ir, &function.body, *range);
            let mut tests = detours.iter().flat_map(|detour| &detour.asked);
            tests.any(|test| mentions(test, &asked, &|_| false))
        })
    }
}

/// The variable of the function that an expression is.
fn local(expr: &Expr) -> Option<Slot> {
    match expr.kind {
        ExprKind::Name(_, Var::Local(slot)) => Some(slot),
        _ => None,
    }
}

/// Whether an expression mentions one of some variables. What is called by a call for which `passes_over` answers true is left out, and what that is given is not.
fn mentions(expr: &Expr, slots: &FxHashSet<Slot>, passes_over: &dyn Fn(&Call) -> bool) -> bool {
    if local(expr).is_some_and(|slot| slots.contains(&slot)) {
        return true;
    }
    if let ExprKind::Call(call) = &expr.kind
        && passes_over(call)
    {
        let mut given = call.arguments.iter();
        return given.any(|argument| mentions(&argument.value, slots, passes_over));
    }
    let mut found = false;
    visit::children(expr, &mut |child| {
        found |= mentions(child, slots, passes_over);
    });
    found
}
