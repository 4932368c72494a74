//! What handlers do to an exception on its way up: they expect it, hide it, raise another one, or let it pass.

use crate::name::Name;
use crate::syntax::ir::{Call, ExprKind, Handler, Range, Stmt, StmtKind};
use crate::syntax::visit;

use crate::eval::Evaluator;
use crate::eval::blame::trace::{Node, Ways};
use crate::eval::exceptions::exception::{
    catches, caught_names, expected_by_manager, is_broad, raises_not_implemented,
};
use crate::eval::interpreter::frame::Owner;

impl<'p> Evaluator<'p> {
    /// Follows the handlers around a place in a frame. False: the frame expects the exception.
    pub fn passes(
        &self,
        ways: &Ways<'p>,
        node: &mut Node,
        range: Range,
        call: Option<&Call>,
        raised: Option<Name>,
    ) -> bool {
        let Some(raised) = raised else { return true };
        let context = &self.contexts[node.context.0 as usize];
        if let Some(function) = context.function
            && self
                .expected
                .get(&function)
                .is_some_and(|classes| classes.iter().any(|&class| catches(class, raised)))
        {
            return false;
        }
        let body: &'p [Stmt] = match context.owner {
            Owner::Function(function) => &function.body,
            Owner::Module => &self.program.module(context.module).ir.body,
            Owner::Class(class) => &class.body,
        };
        let guards = ways.guards_around(body, range);
        for guard in guards.iter().rev() {
            match guard {
                Guard::Manager(names) => {
                    // What comes out of a handler on the way may be just what is expected.
                    let is_other = node.converted || node.hidden_by.is_some();
                    if is_other || names.iter().any(|&name| catches(name, raised)) {
                        return false;
                    }
                }
                Guard::Handlers(handlers) => {
                    let Some(handler) = handlers.iter().find(|handler| handles(handler, raised))
                    else {
                        continue;
                    };
                    let names = handler
                        .exception
                        .as_ref()
                        .map(caught_names)
                        .unwrap_or_default();
                    let broad = names.is_empty() || names.iter().all(|&name| is_broad(name));
                    if raises_not_implemented(&handler.body)
                        || call.is_some_and(|call| tries_otherwise(&handler.body, call))
                    {
                        return false;
                    }
                    if raises_again(&handler.body) {
                        node.converted |= !is_bare_reraise(&handler.body);
                        continue;
                    }
                    if !broad && !node.converted {
                        return false;
                    }
                    if node.hidden_by.is_none() {
                        node.hidden_by = Some(self.place(node.context, handler_head(handler)));
                    }
                }
            }
        }
        true
    }
}

/// What may end an exception around a place, from the outside in.
#[derive(Debug)]
pub enum Guard<'p> {
    /// The handlers of a `try`.
    Handlers(&'p [Handler]),
    /// A context manager that expects these exceptions.
    Manager(Vec<Name>),
}

/// Collects what is around a place in a body.
pub fn collect_guards<'p>(body: &'p [Stmt], range: Range, out: &mut Vec<Guard<'p>>) {
    let Some(stmt) = body.iter().find(|stmt| stmt.range.contains(range)) else {
        return;
    };
    match &stmt.kind {
        StmtKind::Try {
            body,
            handlers,
            orelse,
            finally,
        } => {
            if body.iter().any(|stmt| stmt.range.contains(range)) {
                out.push(Guard::Handlers(handlers));
                collect_guards(body, range, out);
                return;
            }
            for block in handlers
                .iter()
                .map(|handler| handler.body.as_slice())
                .chain([orelse.as_slice(), finally.as_slice()])
            {
                collect_guards(block, range, out);
            }
        }
        StmtKind::With { items, body, .. } => {
            let names: Vec<Name> = items
                .iter()
                .flat_map(|item| expected_by_manager(&item.context))
                .collect();
            if !names.is_empty() {
                out.push(Guard::Manager(names));
            }
            collect_guards(body, range, out);
        }
        _ => {
            for block in visit::blocks(stmt) {
                collect_guards(block, range, out);
            }
        }
    }
}

fn handles(handler: &Handler, raised: Name) -> bool {
    match &handler.exception {
        None => true,
        Some(exception) => caught_names(exception)
            .iter()
            .any(|&caught| catches(caught, raised)),
    }
}

/// Whether a handler's body ends by raising.
#[must_use]
pub fn raises_again(body: &[Stmt]) -> bool {
    match body.last().map(|stmt| &stmt.kind) {
        Some(StmtKind::Raise { .. }) => true,
        Some(StmtKind::If { branches, orelse }) => {
            !orelse.is_empty()
                && raises_again(orelse)
                && branches.iter().all(|branch| raises_again(&branch.body))
        }
        _ => false,
    }
}

fn is_bare_reraise(body: &[Stmt]) -> bool {
    matches!(
        body.last().map(|stmt| &stmt.kind),
        Some(StmtKind::Raise {
            exception: None,
            ..
        })
    )
}

/// Whether a handler gets the result from the same callee in another way: `try: x = f() except TypeError: x = f(None)`.
fn tries_otherwise(body: &[Stmt], call: &Call) -> bool {
    let ExprKind::Name(_, callee) = call.function.kind else {
        return false;
    };
    body.iter().any(|stmt| match &stmt.kind {
        StmtKind::Assign { value, .. } | StmtKind::Return(Some(value)) => match &value.kind {
            ExprKind::Call(other) => {
                matches!(other.function.kind, ExprKind::Name(_, var) if var == callee)
            }
            _ => false,
        },
        _ => false,
    })
}

/// `except Exception as e`, without its body.
fn handler_head(handler: &Handler) -> Range {
    let end = match (&handler.exception, handler.body.first()) {
        (Some(exception), _) => exception.range.end,
        (None, _) => handler.range.start + 6,
    };
    Range::new(handler.range.start, end)
}
