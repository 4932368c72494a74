//! Which functions inside others something may call (DESIGN 3a.7): one call of a factory makes all of them, and gives back one; and which of them a factory
//! makes, or gives back, only where a test on what they capture says so.

use crate::eval::Evaluator;
use crate::eval::blame::trace::Ways;
use crate::eval::certainty::looks::{Looker, Looks, Source};
use crate::eval::domain::value::{ContextId, Data, FunctionRef, Value};
use crate::eval::interpreter::frame::{LocalFailure, Owner};
use crate::name::Name;
use crate::program::ModuleId;
use crate::syntax::ir::{Call, Expr, ExprKind, Range, Slot, StmtKind, Var};
use crate::syntax::visit;

impl<'p> Evaluator<'p> {
    /// Whether an evaluation for all callers is one of a function inside another that the outer call made, and did nothing with but give back others.
    pub fn is_left_behind(&self, context: ContextId) -> bool {
        let inner = &self.contexts[context.0 as usize];
        let (Some(function), Some(around), true) = (inner.function, inner.closure, inner.is_root)
        else {
            return false;
        };
        let outer = &self.contexts[around.0 as usize];
        let Owner::Function(definition) = outer.owner else {
            return false;
        };
        let own = self.definition(function);
        let is_wrapped = |decorator: &Expr| self.is_wraps(function.module, decorator);
        if outer.is_root || own.is_lambda() || !own.decorators.iter().all(is_wrapped) {
            return false;
        }
        let Some((_, slot)) = self.made_at(function, definition) else {
            return false;
        };
        let is_captured = definition.scope.slots[slot.0 as usize].captured;
        !is_captured
            && !is_used_otherwise(definition, slot)
            && outer
                .returned
                .is_some_and(|returned| !self.gives(returned, function))
    }

    /// Whether a decorator is `functools.wraps(x)`, which hands on the function that it gets and keeps it nowhere.
    fn is_wraps(&self, module: ModuleId, decorator: &Expr) -> bool {
        let ExprKind::Call(call) = &decorator.kind else {
            return false;
        };
        let external = |name: Name| {
            let value = self.variable_at_end(module, name)?;
            match *self.data(value) {
                Data::External(path) => Some(path),
                _ => None,
            }
        };
        match &call.function.kind {
            ExprKind::Name(name, Var::Global(_)) => {
                external(*name).is_some_and(|path| path.as_str() == "functools.wraps")
            }
            ExprKind::Attribute {
                value, attribute, ..
            } => {
                attribute.as_str() == "wraps"
                    && matches!(value.kind, ExprKind::Name(name, Var::Global(_))
                        if external(name).is_some_and(|path| path.as_str() == "functools"))
            }
            _ => false,
        }
    }

    /// Whether what fails rests on what a function around it got, which was called only where a test that may come out either way
    /// asked about just that: `return wrap_async(f) if is_async(f) else wrap(f)`.
    pub fn is_chosen_for_value(
        &self,
        ways: &Ways<'p>,
        context: ContextId,
        failure: &LocalFailure<'p>,
    ) -> bool {
        let is_free =
            |call: &Call| matches!(call.function.kind, ExprKind::Name(_, Var::Free { .. }));
        let around = self.contexts[context.0 as usize].closure;
        let Some(around) = around.filter(|_| failure.by_value || failure.call.is_some_and(is_free))
        else {
            return false;
        };
        let calls = ways.callers_of(around);
        !calls.is_empty()
            && calls.iter().all(|&(caller, edge)| {
                let edge = &self.contexts[caller.0 as usize].edges[edge];
                self.is_guarded_call(ways, caller, edge)
            })
    }

    /// Whether what fails needs a variable of the function around it, which makes this function, or gives it back, only behind a test that may come out
    /// either way and looks at just that: `return asynchronous if is_async(f) else plain`.
    pub fn is_made_for_value(
        &self,
        ways: &Ways<'p>,
        context: ContextId,
        failure: &LocalFailure<'p>,
    ) -> bool {
        let inner = &self.contexts[context.0 as usize];
        let (Some(function), Some(around)) = (inner.function, inner.closure) else {
            return false;
        };
        let Owner::Function(definition) = self.contexts[around.0 as usize].owner else {
            return false;
        };
        let captured = self.captured_by(context, failure);
        if captured.sources.is_empty() {
            return false;
        }
        let asks = |range: Range| {
            let mut looker = Looker::new(self, &ways.flows, around);
            ways.detours_around(&definition.body, range)
                .iter()
                .any(|detour| {
                    self.undecided(around, detour)
                        .iter()
                        .any(|part| looker.looks(part).overlaps(&captured))
                })
        };
        let Some((made, slot)) = self.made_at(function, definition) else {
            return false;
        };
        let mut given = Vec::new();
        visit::all_expressions(&definition.body, &mut |expr| {
            if is_variable(expr, slot) {
                given.push(expr.range);
            }
        });
        asks(made) || (!given.is_empty() && given.into_iter().all(asks))
    }

    /// The variables of the function around an evaluation that a failing operation needs.
    fn captured_by(&self, context: ContextId, failure: &LocalFailure<'p>) -> Looks {
        let mut captured = Looks::default();
        let mut read = |expr: &Expr| {
            if let ExprKind::Name(_, Var::Free { up: 1, slot }) = expr.kind {
                captured.sources.push(Source { slot, item: None });
            }
        };
        match failure.call {
            Some(call) => visit::expressions(&call.function, &mut read),
            None => {
                visit::all_expressions(self.body_of(context), &mut |expr| {
                    if failure.range.contains(expr.range) {
                        read(expr);
                    }
                });
            }
        }
        captured
    }

    /// Where the function around it defines a function, and the variable that holds it.
    fn made_at(
        &self,
        function: FunctionRef,
        around: &crate::syntax::ir::Function,
    ) -> Option<(Range, Slot)> {
        let ir = &self.program.module(function.module).ir;
        let own = self.definition(function);
        let mut found = None;
        visit::statements(&around.body, &mut |stmt| {
            if let StmtKind::FunctionDef {
                function: made,
                var: Var::Local(at),
            } = stmt.kind
                && std::ptr::eq(&raw const ir[made], own)
            {
                found = Some((stmt.range, at));
            }
        });
        found
    }

    /// Whether a value may be, or hold, a function.
    fn gives(&self, value: Value, function: FunctionRef) -> bool {
        match self.data(value) {
            Data::Function(object) => object.function == function,
            Data::Union(members) => members.iter().any(|&member| self.gives(member, function)),
            Data::None | Data::Bool(_) | Data::Int(_) | Data::Str(_) => false,
            _ => true,
        }
    }
}

/// Whether a variable is used anywhere but as what is returned.
fn is_used_otherwise(function: &crate::syntax::ir::Function, slot: Slot) -> bool {
    let mut uses = 0_usize;
    let mut returned = 0_usize;
    visit::all_expressions(&function.body, &mut |expr| {
        uses += usize::from(is_variable(expr, slot));
    });
    visit::statements(&function.body, &mut |stmt| {
        if let StmtKind::Return(Some(value)) = &stmt.kind {
            count_given(value, slot, &mut returned);
        }
    });
    uses > returned
}

/// Counts how often an expression gives a variable itself.
fn count_given(expr: &Expr, slot: Slot, count: &mut usize) {
    match &expr.kind {
        ExprKind::If { body, orelse, .. } => {
            count_given(body, slot, count);
            count_given(orelse, slot, count);
        }
        _ => *count += usize::from(is_variable(expr, slot)),
    }
}

fn is_variable(expr: &Expr, slot: Slot) -> bool {
    matches!(expr.kind, ExprKind::Name(_, Var::Local(found)) if found == slot)
}
