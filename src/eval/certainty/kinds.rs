//! What the kind of a value rests on: `result = Result(rows)` is a `Result`, whatever `rows` are, and a coroutine is one whatever its function was given.
//!
//! What fails because of the type of a value needs its type alone. A test on what such an object was made of says nothing of it (DESIGN 3a.1).

use std::rc::Rc;

use crate::eval::certainty::flow::Write;
use crate::eval::certainty::looks::{Looker, Looks, Source};
use crate::eval::certainty::needed::has_fixed_type;
use crate::eval::domain::kind::Kind;
use crate::eval::domain::value::Data;
use crate::eval::interpreter::frame::Owner;
use crate::eval::library::table;
use crate::syntax::ir::{Call, Expr, ExprKind, StmtKind, Var};
use crate::syntax::visit;

/// How many assignments and `return`s are followed from a value to where it is made.
const STEPS: u32 = 6;

impl<'p> Looker<'_, 'p> {
    /// What the kind of an expression's value looks at: as [`Looker::looks`], without what a new object is made of.
    pub fn kind_of(&mut self, expr: &'p Expr) -> Looks {
        let mut looks = Looks::default();
        if self.makes_new(expr, STEPS) {
            if let ExprKind::Name(_, Var::Local(slot)) = expr.kind {
                looks.sources.push(Source { slot, item: None });
            }
            return looks;
        }
        match expr.kind {
            // What is put into an object does not change what it is.
            ExprKind::Name(_, Var::Local(slot)) => looks.add(&self.object_in(slot, expr.range)),
            _ => looks.add(&self.looks(expr)),
        }
        looks
    }

    /// Whether an expression gives an object that is made on the way, of a type that nothing picks.
    fn makes_new(&self, expr: &'p Expr, steps: u32) -> bool {
        let Some(steps) = steps.checked_sub(1) else {
            return false;
        };
        match &expr.kind {
            _ if has_fixed_type(expr) => true,
            ExprKind::Lambda(_) | ExprKind::Comprehension(_) => true,
            ExprKind::Await(inner) => match &inner.kind {
                ExprKind::Call(call) => self.result_is_new(call, true, steps),
                _ => false,
            },
            ExprKind::Call(call) => {
                self.is_type(&call.function) || self.result_is_new(call, false, steps)
            }
            ExprKind::Name(_, Var::Local(slot)) => {
                let flow = Rc::clone(&self.flow);
                let writes = flow.writes(*slot);
                let is_new = |write: &Write<'p>| match write.values.as_slice() {
                    [value] => write.is_whole && self.makes_new(value, steps),
                    _ => false,
                };
                !self.is_parameter(*slot) && !writes.is_empty() && writes.iter().all(is_new)
            }
            _ => false,
        }
    }

    /// Whether a name stands for a class of the tree, or for a builtin type.
    fn is_type(&self, function: &Expr) -> bool {
        let Some(name) = self.global_name(function) else {
            return false;
        };
        let module = self.evaluator.contexts[self.context.0 as usize].module;
        match self.evaluator.variable_at_end(module, name) {
            Some(value) => matches!(self.evaluator.data(value), Data::Class { exact: true, .. }),
            None => table::builtin(name).is_some_and(|dotted| Kind::of_type(&dotted).is_some()),
        }
    }

    /// Whether a call is one of a method of no class of the tree.
    pub(super) fn is_of_builtin(&self, call: &'p Call) -> bool {
        matches!(call.function.kind, ExprKind::Attribute { .. }) && self.callees(call).is_empty()
    }

    /// Whether the one function of the tree that a call leads to gives a new object: as a class, as a coroutine or generator, or by each `return` of it.
    fn result_is_new(&self, call: &'p Call, is_awaited: bool, steps: u32) -> bool {
        let [edge] = self.callees(call)[..] else {
            return false;
        };
        let callee = self.evaluator.contexts[self.context.0 as usize].edges[edge].callee;
        let Owner::Function(function) = self.evaluator.contexts[callee.0 as usize].owner else {
            return false;
        };
        if function.name.as_str() == "__init__" {
            return !is_awaited && self.is_construction(call, edge);
        }
        if function.is_generator || function.is_async && !is_awaited {
            return !is_awaited;
        }
        if function.is_async != is_awaited {
            return false;
        }
        let inner = Looker::new(self.evaluator, self.flows, callee);
        let mut is_new = true;
        visit::statements(&function.body, &mut |stmt| {
            if let StmtKind::Return(Some(value)) = &stmt.kind {
                is_new = is_new && inner.makes_new(value, steps);
            }
        });
        is_new
    }
}
