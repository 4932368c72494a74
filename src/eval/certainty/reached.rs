//! Which functions inside others something may call (DESIGN 3a.7): one call of a factory makes all of them, and gives back one.

use crate::eval::Evaluator;
use crate::eval::domain::value::{ContextId, Data, FunctionRef, Value};
use crate::eval::interpreter::frame::Owner;
use crate::syntax::ir::{Expr, ExprKind, Slot, StmtKind, Var};
use crate::syntax::visit;

impl Evaluator<'_> {
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
        if outer.is_root || own.is_lambda() || !own.decorators.is_empty() {
            return false;
        }
        let ir = &self.program.module(function.module).ir;
        let mut slot = None;
        visit::statements(&definition.body, &mut |stmt| {
            if let StmtKind::FunctionDef {
                function: found,
                var: Var::Local(at),
            } = stmt.kind
                && std::ptr::eq(&raw const ir[found], own)
            {
                slot = Some(at);
            }
        });
        let Some(slot) = slot else { return false };
        let is_captured = definition.scope.slots[slot.0 as usize].captured;
        !is_captured
            && !is_used_otherwise(definition, slot)
            && outer
                .returned
                .is_some_and(|returned| !self.gives(returned, function))
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
