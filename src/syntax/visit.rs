//! Walking the intermediate form without writing the match again.

use super::ir::{Constant, Expr, ExprKind, JoinedPart, Module, Pattern, Stmt, StmtKind, Var};
use crate::name::Name;

/// Calls `visit` with every statement below `body`, outer ones first. Bodies of functions and classes are not entered.
pub fn statements<'ir>(body: &'ir [Stmt], visit: &mut dyn FnMut(&'ir Stmt)) {
    for stmt in body {
        visit(stmt);
        each_block(stmt, |block| statements(block, visit));
    }
}

/// The blocks directly inside a statement.
#[must_use]
pub fn blocks(stmt: &Stmt) -> Vec<&[Stmt]> {
    let mut found = Vec::new();
    each_block(stmt, |block| found.push(block));
    found
}

/// Calls `visit` with each block directly inside a statement. Made for each visitor anew, as [`each_child`].
#[inline]
fn each_block<'ir>(stmt: &'ir Stmt, mut visit: impl FnMut(&'ir [Stmt])) {
    match &stmt.kind {
        StmtKind::If { branches, orelse } => {
            for branch in branches {
                visit(&branch.body);
            }
            visit(orelse);
        }
        StmtKind::For { body, orelse, .. } | StmtKind::While { body, orelse, .. } => {
            visit(body);
            visit(orelse);
        }
        StmtKind::With { body, .. } => visit(body),
        StmtKind::Try {
            body,
            handlers,
            orelse,
            finally,
        } => {
            visit(body);
            for handler in handlers {
                visit(&handler.body);
            }
            visit(orelse);
            visit(finally);
        }
        StmtKind::Match { cases, .. } => {
            for case in cases {
                visit(&case.body);
            }
        }
        _ => {}
    }
}

/// Calls `visit` with the expressions that stand directly in a statement (targets included, blocks not).
pub fn direct_expressions<'ir>(stmt: &'ir Stmt, visit: &mut dyn FnMut(&'ir Expr)) {
    match &stmt.kind {
        StmtKind::Expr(value) => visit(value),
        StmtKind::Assign { targets, value } => {
            visit(value);
            targets.iter().for_each(visit);
        }
        StmtKind::AugAssign { target, value, .. } => {
            visit(target);
            visit(value);
        }
        StmtKind::AnnAssign { target, value, .. } => {
            value.iter().for_each(&mut *visit);
            visit(target);
        }
        StmtKind::Return(value) => value.iter().for_each(visit),
        StmtKind::Delete(targets) => targets.iter().for_each(visit),
        StmtKind::If { branches, .. } => branches.iter().for_each(|branch| visit(&branch.test)),
        StmtKind::For { target, iter, .. } => {
            visit(iter);
            visit(target);
        }
        StmtKind::While { test, .. } => visit(test),
        StmtKind::With { items, .. } => {
            for item in items {
                visit(&item.context);
                item.target.iter().for_each(&mut *visit);
            }
        }
        StmtKind::Try { handlers, .. } => handlers
            .iter()
            .filter_map(|handler| handler.exception.as_ref())
            .for_each(visit),
        StmtKind::Raise { exception, cause } => exception.iter().chain(cause).for_each(visit),
        StmtKind::Assert { test, message } => {
            visit(test);
            message.iter().for_each(visit);
        }
        StmtKind::Match { subject, cases } => {
            visit(subject);
            for case in cases {
                pattern_expressions(&case.pattern, visit);
                case.guard.iter().for_each(&mut *visit);
            }
        }
        StmtKind::Import(_)
        | StmtKind::ImportFrom(_)
        | StmtKind::FunctionDef { .. }
        | StmtKind::ClassDef { .. }
        | StmtKind::Pass
        | StmtKind::Break
        | StmtKind::Continue => {}
    }
}

fn pattern_expressions<'ir>(pattern: &'ir Pattern, visit: &mut dyn FnMut(&'ir Expr)) {
    match pattern {
        Pattern::Value(value) => visit(value),
        Pattern::Sequence(parts) | Pattern::Or(parts) => {
            for part in parts {
                pattern_expressions(part, visit);
            }
        }
        Pattern::Mapping { items, .. } => {
            for (key, part) in items {
                visit(key);
                pattern_expressions(part, visit);
            }
        }
        Pattern::Class {
            class,
            positional,
            keywords,
        } => {
            visit(class);
            for part in positional
                .iter()
                .chain(keywords.iter().map(|(_, part)| part))
            {
                pattern_expressions(part, visit);
            }
        }
        Pattern::As {
            pattern: Some(part),
            ..
        } => pattern_expressions(part, visit),
        Pattern::Singleton(_) | Pattern::Star(_) | Pattern::As { pattern: None, .. } => {}
    }
}

/// Calls `visit` with every variable that a pattern binds.
pub fn captures(pattern: &Pattern, visit: &mut dyn FnMut(Var)) {
    match pattern {
        Pattern::Value(_) | Pattern::Singleton(_) => {}
        Pattern::Star(var) => var.iter().copied().for_each(visit),
        Pattern::Sequence(parts) | Pattern::Or(parts) => {
            for part in parts {
                captures(part, visit);
            }
        }
        Pattern::Mapping { items, rest } => {
            for (_, part) in items {
                captures(part, visit);
            }
            rest.iter().copied().for_each(visit);
        }
        Pattern::Class {
            positional,
            keywords,
            ..
        } => {
            let keywords = keywords.iter().map(|(_, part)| part);
            for part in positional.iter().chain(keywords) {
                captures(part, visit);
            }
        }
        Pattern::As { pattern, var } => {
            if let Some(part) = pattern {
                captures(part, visit);
            }
            var.iter().copied().for_each(visit);
        }
    }
}

/// Calls `visit` with `expr` and every expression inside, outer ones first. Bodies of lambdas are not entered.
pub fn expressions<'ir>(expr: &'ir Expr, visit: &mut dyn FnMut(&'ir Expr)) {
    visit(expr);
    inside(expr, visit);
}

/// Calls `visit` with every expression inside `expr`. Most have nothing inside themselves: they are not worth a call of their own.
fn inside<'ir>(expr: &'ir Expr, visit: &mut dyn FnMut(&'ir Expr)) {
    each_child(expr, |child| {
        visit(child);
        if !is_leaf(child) {
            inside(child, visit);
        }
    });
}

/// Whether nothing stands inside an expression.
#[inline]
const fn is_leaf(expr: &Expr) -> bool {
    matches!(
        expr.kind,
        ExprKind::Constant(_) | ExprKind::Name(..) | ExprKind::Lambda(_) | ExprKind::Unknown
    )
}

/// Calls `visit` with the expressions directly inside `expr`.
pub fn children<'ir>(expr: &'ir Expr, visit: &mut dyn FnMut(&'ir Expr)) {
    each_child(expr, visit);
}

/// The same, made for each visitor anew: the walk over all of a tree's code goes through here, and would else ask at every step what to call.
#[inline]
fn each_child<'ir>(expr: &'ir Expr, mut visit: impl FnMut(&'ir Expr)) {
    match &expr.kind {
        ExprKind::Constant(_) | ExprKind::Name(..) | ExprKind::Lambda(_) | ExprKind::Unknown => {}
        ExprKind::Attribute { value, .. } => visit(value),
        ExprKind::Subscript { value, index } => {
            visit(value);
            visit(index);
        }
        ExprKind::Slice { parts } => parts.iter().flatten().for_each(visit),
        ExprKind::Call(call) => {
            visit(&call.function);
            call.arguments
                .iter()
                .for_each(|argument| visit(&argument.value));
        }
        ExprKind::Tuple(items) | ExprKind::List(items) | ExprKind::Set(items) => {
            items.iter().for_each(visit);
        }
        ExprKind::Dict(items) => {
            for item in items {
                item.key.iter().for_each(&mut visit);
                visit(&item.value);
            }
        }
        ExprKind::Comprehension(comprehension) => {
            for clause in &comprehension.clauses {
                visit(&clause.iter);
                visit(&clause.target);
                clause.conditions.iter().for_each(&mut visit);
            }
            visit(&comprehension.element);
            comprehension.value.iter().for_each(visit);
        }
        ExprKind::Bool { values, .. } => values.iter().for_each(visit),
        ExprKind::Not(value)
        | ExprKind::Await(value)
        | ExprKind::YieldFrom(value)
        | ExprKind::Starred(value) => {
            visit(value);
        }
        ExprKind::Unary { operand, .. } => visit(operand),
        ExprKind::Binary { left, right, .. } => {
            visit(left);
            visit(right);
        }
        ExprKind::Compare { left, rest } => {
            visit(left);
            for (_, right) in rest {
                visit(right);
            }
        }
        ExprKind::If { test, body, orelse } => {
            visit(test);
            visit(body);
            visit(orelse);
        }
        ExprKind::Yield(value) => value.iter().for_each(|value| visit(value)),
        ExprKind::Joined(parts) => {
            for part in parts {
                if let JoinedPart::Value { value, .. } = part {
                    visit(value);
                }
            }
        }
        ExprKind::Walrus { value, .. } => visit(value),
    }
}

/// Calls `visit` with every expression in `body`, at any depth. Functions, lambdas and classes inside are not entered.
pub fn all_expressions<'ir>(body: &'ir [Stmt], visit: &mut dyn FnMut(&'ir Expr)) {
    statements(body, &mut |stmt| {
        direct_expressions(stmt, &mut |expr| expressions(expr, visit));
    });
}

/// All statements and expressions of a body, in the order in which [`statements`] and [`all_expressions`] come by them: for whoever asks more than once.
pub struct Parts<'ir> {
    /// The statements.
    pub statements: Vec<&'ir Stmt>,
    /// The expressions.
    pub expressions: Vec<&'ir Expr>,
}

impl<'ir> Parts<'ir> {
    /// Those of a body.
    #[must_use]
    pub fn of(body: &'ir [Stmt]) -> Self {
        let mut parts = Self {
            statements: Vec::new(),
            expressions: Vec::new(),
        };
        statements(body, &mut |stmt| {
            parts.statements.push(stmt);
            direct_expressions(stmt, &mut |expr| {
                expressions(expr, &mut |expr| parts.expressions.push(expr));
            });
        });
        parts
    }
}

/// Calls `found` with each text that the code of a module and of its functions writes out.
pub fn texts(ir: &Module, found: &mut dyn FnMut(Name)) {
    let mut look = |expr: &Expr| {
        if let ExprKind::Constant(Constant::Str(text)) = expr.kind {
            found(text);
        }
    };
    all_expressions(&ir.body, &mut look);
    for function in &ir.functions {
        all_expressions(&function.body, &mut look);
    }
}
