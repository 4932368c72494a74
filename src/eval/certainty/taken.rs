//! Rule 2a (DESIGN 3a): a failure is a *may* where another way, around the place, gives the same to something that takes it.

use crate::eval::Evaluator;
use crate::eval::certainty::control::Detour;
use crate::eval::certainty::looks::Looks;
use crate::eval::domain::value::ContextId;
use crate::eval::interpreter::frame::LocalFailure;
use crate::facts::FailureKind;
use crate::syntax::ir::{Argument, ArgumentKind, Call, ExprKind, Slot, Var};

impl<'p> Evaluator<'p> {
    /// Whether another way passes on what the call passes on, to something that takes it. A variable that is needed is passed on by each way of a function which
    /// picks one for what it was given: `if family == "a": run_a(port)`, `else: run_b(port)`.
    pub(super) fn takes_cause(
        &self,
        context: ContextId,
        detour: &Detour<'p>,
        (call, needed): (&'p Call, &Looks),
        failure: &LocalFailure<'p>,
    ) -> bool {
        let refused = &self.contexts[context.0 as usize].refused;
        let is_refused = |other: &Call| {
            let same = |made: &Call| std::ptr::eq(made, other);
            same(call) || refused.iter().any(|refused| refused.call.is_some_and(same))
        };
        let edges = &self.contexts[context.0 as usize].edges;
        let leads_to = |made: &Call| -> Vec<_> {
            let edges = edges.iter().filter(|edge| {
                let edge = edge.call;
                edge.is_some_and(|call| std::ptr::eq(call, made))
            });
            edges
                .map(|edge| self.contexts[edge.callee.0 as usize].function)
                .collect()
        };
        // What a function of the tree does with it stands for the call that fails; a builtin function takes anything.
        let is_in_place = |other: &Call| {
            let (own, others) = (leads_to(call), leads_to(other));
            !others.is_empty() && !others.iter().any(|function| own.contains(function))
        };
        detour.calls(&|other| {
            !is_refused(other)
                && (passes_alike(call, other, failure)
                    || passes_needed(call, other, needed) && is_in_place(other))
        })
    }
}

/// Whether another call hands on what a call does: the same `*x` or `**x`, or the keyword in question.
fn passes_alike(call: &Call, other: &Call, failure: &LocalFailure<'_>) -> bool {
    let variable = |argument: &Argument| match argument.value.kind {
        ExprKind::Name(_, var) => Some((argument.kind, var)),
        _ => None,
    };
    let is_star = |argument: &&Argument| {
        matches!(argument.kind, ArgumentKind::Star | ArgumentKind::DoubleStar)
    };
    let stars: Vec<_> = call
        .arguments
        .iter()
        .filter(is_star)
        .filter_map(variable)
        .collect();
    let keyword = ArgumentKind::Keyword(failure.subject);
    let is_written = failure.kind == FailureKind::UnexpectedKeyword
        && call
            .arguments
            .iter()
            .any(|argument| argument.kind == keyword);
    other.arguments.iter().any(|argument| {
        variable(argument).is_some_and(|passed| stars.contains(&passed))
            || (is_written && argument.kind == keyword)
    })
}

/// Whether another call passes a variable to another function that a call passes on, and that holds what is needed.
fn passes_needed(call: &Call, other: &Call, needed: &Looks) -> bool {
    let variable = |argument: &Argument| match argument.value.kind {
        ExprKind::Name(_, Var::Local(slot)) => Some(slot),
        _ => None,
    };
    let is_needed = |slot: &Slot| {
        let mut sources = needed.sources.iter();
        sources.any(|source| source.slot == *slot)
    };
    let passed = call.arguments.iter().filter_map(variable).filter(is_needed);
    let passed: Vec<Slot> = passed.collect();
    let mut others = other.arguments.iter().filter_map(variable);
    others.any(|slot| passed.contains(&slot))
}
