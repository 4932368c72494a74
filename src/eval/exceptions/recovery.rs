//! Shims: clauses after which the same arguments go to something that takes them.
//!
//! `try: return new(x, ttl=1) except Exception: return old(x)` was written for both, and so was a loop that tries one candidate after the other. What
//! fails in the `try` is expected then. What a clause hands to a logger is another matter: its result is not used in the place of what failed.

use crate::name::Name;
use crate::syntax::ir::{Argument, ArgumentKind, Call, Expr, ExprKind, Range, Stmt, StmtKind};
use crate::syntax::visit;

use crate::eval::Evaluator;
use crate::eval::blame::trace::Node;
use crate::eval::exceptions::trap::{Clause, Trap};
use crate::eval::interpreter::frame::Owner;

/// What becomes of the result of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Use {
    /// It is dropped.
    Dropped,
    /// It is used: returned, assigned, tested.
    Used,
}

impl<'p> Evaluator<'p> {
    /// Whether the same call is made of other functions as well, which take its arguments: it tries one candidate after the other.
    pub fn has_other_candidate(&self, node: &Node, call: &'p Call) -> bool {
        let context = &self.contexts[node.context.0 as usize];
        context.edges.iter().any(|edge| {
            let is_same = edge.call.is_some_and(|other| std::ptr::eq(other, call));
            let callee = self.contexts[edge.callee.0 as usize].function;
            is_same && callee.is_some() && callee != node.callee
        })
    }

    /// Whether a frame calls functions that it has made itself one after the other, and leaves with the first that works: what each of them calls is written for that.
    /// `for way in [lambda: old(x, ttl=1), lambda: old(x)]: try: return way() except TypeError: pass`
    pub fn tries_own(&self, node: &Node, clause: &Clause<'p>, call: Option<&'p Call>) -> bool {
        let context = &self.contexts[node.context.0 as usize];
        let edge = node.edge.map(|edge| &context.edges[edge]);
        let is_own = edge.is_some_and(|edge| {
            self.contexts[edge.callee.0 as usize].closure == Some(node.context)
        });
        is_own
            && (clause.ends.falls || clause.ends.jumps)
            && clause.protected.last().is_some_and(leaves)
            && call.is_some_and(|call| self.has_other_candidate(node, call))
    }

    /// Whether what follows a clause makes up for what failed in the body.
    pub fn recovers(
        &self,
        node: &Node,
        trap: &Trap<'p>,
        clause: &Clause<'p>,
        range: Range,
        call: Option<&'p Call>,
    ) -> bool {
        let Some(call) = call else { return false };
        let goes_on = clause.ends.falls || clause.ends.jumps;
        if goes_on && self.has_other_candidate(node, call) {
            return true;
        }
        let context = &self.contexts[node.context.0 as usize];
        let body: &'p [Stmt] = match context.owner {
            Owner::Function(function) => &function.body,
            Owner::Module => &self.program.module(context.module).ir.body,
            Owner::Class(class) => &class.body,
        };
        let Some(used) = use_of(body, range) else {
            return false;
        };
        let is_taken = |other: &'p Call| {
            let is_refused = |refused: &crate::eval::interpreter::frame::RefusedCall<'p>| {
                refused
                    .call
                    .is_some_and(|refused| std::ptr::eq(refused, other))
            };
            !context.refused.iter().any(is_refused)
        };
        let makes_up = |other: &'p Call, other_use: Use| {
            is_instead(call, other)
                && !is_report(clause, other)
                && (used, other_use) != (Use::Used, Use::Dropped)
                && is_taken(other)
                && (other_use == Use::Used
                    || self.is_of_tree(node, other)
                    || same(&call.function, &other.function))
        };
        let mut found = false;
        each_call(&clause.handler.body, &mut |other, other_use| {
            found |= makes_up(other, other_use);
        });
        // Where the body leaves when all went well, only what failed gets to what follows.
        let is_left = clause.protected.last().is_some_and(leaves);
        if found || !clause.ends.falls || used == Use::Dropped && !is_left {
            return found;
        }
        let mut rest = Vec::new();
        following(body, trap.around, &mut rest);
        let tells = assigned_in(clause.protected, &clause.handler.body);
        for block in rest {
            each_call(block, &mut |other, other_use| {
                found |= (other_use == Use::Used || is_left)
                    && makes_up(other, other_use)
                    && (is_left || is_made_for_failure(block, other, &tells));
            });
        }
        found
    }

    /// Whether a call was followed into a function of the tree.
    fn is_of_tree(&self, node: &Node, call: &'p Call) -> bool {
        let edges = &self.contexts[node.context.0 as usize].edges;
        edges
            .iter()
            .any(|edge| edge.call.is_some_and(|other| std::ptr::eq(other, call)))
    }
}

/// Whether a call in a clause is given the exception that was caught, by itself: it reports what failed, and tries nothing again. So does one of the function that failed,
/// which is there to report: `await self.send_err(request, "no such kind")` in the body, `await self.send_err(request, str(error), error)` in the clause.
fn is_report(clause: &Clause<'_>, other: &Call) -> bool {
    let is_caught = |argument: &Argument| matches!(&argument.value.kind, ExprKind::Name(_, var) if clause.handler.var.is_some_and(|own| own == *var));
    other.arguments.iter().any(is_caught)
}

/// Whether a call can stand for one that failed: it calls the same otherwise, or gives another function what the one was given.
fn is_instead(failed: &Call, other: &Call) -> bool {
    if std::ptr::eq(failed, other) {
        return false;
    }
    if same(&failed.function, &other.function) {
        let is_given = |argument: &Argument| {
            let is_twin = |given: &Argument| same(&given.value, &argument.value);
            other.arguments.iter().any(is_twin)
        };
        return failed.arguments.is_empty() || failed.arguments.iter().any(is_given);
    }
    let is_handed_on = |argument: &&Argument| {
        !matches!(argument.kind, ArgumentKind::Keyword(_))
            && !matches!(argument.value.kind, ExprKind::Constant(_))
    };
    let mut handed_on = failed.arguments.iter().filter(is_handed_on).peekable();
    handed_on.peek().is_some()
        && handed_on.all(|argument| {
            other.arguments.iter().any(|given| {
                same(&given.value, &argument.value)
                    && (given.kind == argument.kind || !is_star(argument.kind))
            })
        })
}

const fn is_star(kind: ArgumentKind) -> bool {
    matches!(kind, ArgumentKind::Star | ArgumentKind::DoubleStar)
}

/// Whether two expressions are written alike: names, attributes, subscripts and constants, and calls of these.
#[must_use]
pub fn same(a: &Expr, b: &Expr) -> bool {
    match (&a.kind, &b.kind) {
        (ExprKind::Name(_, a), ExprKind::Name(_, b)) => a == b,
        (ExprKind::Constant(a), ExprKind::Constant(b)) => a == b,
        (
            ExprKind::Attribute {
                value: a,
                attribute: own,
                ..
            },
            ExprKind::Attribute {
                value: b,
                attribute: other,
                ..
            },
        ) => own == other && same(a, b),
        (
            ExprKind::Subscript { value: a, index: i },
            ExprKind::Subscript { value: b, index: j },
        ) => same(a, b) && same(i, j),
        (ExprKind::Starred(a), ExprKind::Starred(b)) | (ExprKind::Not(a), ExprKind::Not(b)) => {
            same(a, b)
        }
        (ExprKind::Tuple(a), ExprKind::Tuple(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (
            ExprKind::Compare { left: a, rest },
            ExprKind::Compare {
                left: b,
                rest: other,
            },
        ) => {
            same(a, b)
                && rest.len() == other.len()
                && rest
                    .iter()
                    .zip(other)
                    .all(|((a, x), (b, y))| a == b && same(x, y))
        }
        (ExprKind::Call(a), ExprKind::Call(b)) => {
            same(&a.function, &b.function)
                && a.arguments.len() == b.arguments.len()
                && a.arguments
                    .iter()
                    .zip(&b.arguments)
                    .all(|(a, b)| a.kind == b.kind && same(&a.value, &b.value))
        }
        _ => false,
    }
}

/// The variables that the body of a `try` or its clause assigns: what tells afterwards which of them came to its end.
fn assigned_in(protected: &[Stmt], handler: &[Stmt]) -> Vec<Name> {
    let mut names = Vec::new();
    for body in [protected, handler] {
        visit::statements(body, &mut |stmt| {
            let targets: &[Expr] = match &stmt.kind {
                StmtKind::Assign { targets, .. } => targets,
                _ => &[],
            };
            for target in targets {
                visit::expressions(target, &mut |expr| {
                    if let ExprKind::Name(name, _) = expr.kind {
                        names.push(name);
                    }
                });
            }
        });
    }
    names
}

/// Whether a call that follows a `try` is made only where something tells that the `try` failed, or gives a variable its value anew: what follows in any case makes
/// up for nothing.
fn is_made_for_failure(block: &[Stmt], call: &Call, tells: &[Name]) -> bool {
    let place = call.function.range;
    let asks = |expr: &Expr| {
        let mut asks = false;
        visit::expressions(expr, &mut |inner| {
            asks |= matches!(inner.kind, ExprKind::Name(name, _) if tells.contains(&name));
        });
        asks
    };
    let mut found = false;
    visit::statements(block, &mut |stmt| {
        if !stmt.range.contains(place) {
            return;
        }
        found |= match &stmt.kind {
            StmtKind::If { branches, .. } => branches.iter().any(|branch| asks(&branch.test)),
            StmtKind::While { test, .. } => asks(test),
            StmtKind::Assign { targets, .. } => targets.iter().any(&asks),
            _ => false,
        };
        visit::direct_expressions(stmt, &mut |direct| {
            visit::expressions(direct, &mut |expr| {
                found |= expr.range.contains(place)
                    && match &expr.kind {
                        ExprKind::Bool { values, .. } => values.iter().any(&asks),
                        ExprKind::If { test, .. } => asks(test),
                        _ => false,
                    };
            });
        });
    });
    found
}

/// Whether a statement goes nowhere near what follows it.
const fn leaves(stmt: &Stmt) -> bool {
    matches!(
        stmt.kind,
        StmtKind::Return(_) | StmtKind::Break | StmtKind::Continue
    )
}

/// What becomes of the result of the call at a place.
fn use_of(body: &[Stmt], range: Range) -> Option<Use> {
    let mut found = None;
    visit::statements(body, &mut |stmt| {
        if stmt.range.contains(range) {
            let is_dropped = match &stmt.kind {
                StmtKind::Expr(value) => match &value.kind {
                    ExprKind::Await(inner) => inner.range == range || value.range == range,
                    _ => value.range == range,
                },
                _ => false,
            };
            found = Some(if is_dropped { Use::Dropped } else { Use::Used });
        }
    });
    found
}

/// Calls `visit` with every call in some statements, functions inside left out, and what becomes of its result.
fn each_call<'p>(body: &'p [Stmt], visit_call: &mut dyn FnMut(&'p Call, Use)) {
    visit::statements(body, &mut |stmt| {
        visit::direct_expressions(stmt, &mut |direct| {
            let is_dropped = matches!(stmt.kind, StmtKind::Expr(_));
            let inner = match &direct.kind {
                ExprKind::Await(inner) => inner,
                _ => direct,
            };
            visit::expressions(direct, &mut |expr| {
                if let ExprKind::Call(call) = &expr.kind {
                    let whole = std::ptr::eq(expr, direct) || std::ptr::eq(expr, inner);
                    let own = if is_dropped && whole {
                        Use::Dropped
                    } else {
                        Use::Used
                    };
                    visit_call(call, own);
                }
            });
        });
    });
}

/// The statements that follow those at a place, in their block and in the blocks around it.
fn following<'p>(body: &'p [Stmt], place: Range, found: &mut Vec<&'p [Stmt]>) {
    let Some(at) = body.iter().position(|stmt| stmt.range.contains(place)) else {
        return;
    };
    for block in visit::blocks(&body[at]) {
        following(block, place, found);
    }
    found.push(&body[at + 1..]);
}
