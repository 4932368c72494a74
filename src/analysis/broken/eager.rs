//! What a file evaluates when it is imported, as far as nothing decides whether it does.

use crate::syntax::ir::{ArgumentKind, Expr, ExprKind, Module, Stmt, StmtKind};

/// The expressions that are evaluated whenever a statement at the top of a file runs, as far as nothing in it decides whether they are; with whether they stand in the body of a
/// class.
pub(super) fn each_eager<'ir>(
    ir: &'ir Module,
    stmt: &'ir Stmt,
    in_class: bool,
    visit: &mut dyn FnMut(&'ir Expr, bool),
) {
    let mut here = |expr: &'ir Expr| eager(expr, &mut |expr| visit(expr, in_class));
    match &stmt.kind {
        StmtKind::Expr(value) | StmtKind::Assign { value, .. } => here(value),
        StmtKind::AnnAssign {
            value: Some(value), ..
        } => here(value),
        StmtKind::FunctionDef { function, .. } => {
            let function = &ir[*function];
            let defaults = function.params.iter();
            let defaults = defaults.filter_map(|parameter| parameter.default.as_ref());
            defaults.chain(&function.decorators).for_each(here);
        }
        StmtKind::ClassDef { class, .. } => {
            let class = &ir[*class];
            let arguments = class.arguments.iter().map(|argument| &argument.value);
            class.decorators.iter().chain(arguments).for_each(here);
            for stmt in &class.body {
                each_eager(ir, stmt, true, visit);
            }
        }
        _ => {}
    }
}

/// An expression and those in it that are evaluated with it in any case.
fn eager<'ir>(expr: &'ir Expr, visit: &mut dyn FnMut(&'ir Expr)) {
    visit(expr);
    match &expr.kind {
        ExprKind::Attribute { value, .. } => eager(value, visit),
        ExprKind::Subscript { value, index } => {
            eager(value, visit);
            eager(index, visit);
        }
        ExprKind::Call(call) => {
            eager(&call.function, visit);
            // What only follows a call that may raise is asked for all the same, unless that raises first.
            let plain = call.arguments.iter().filter(|argument| {
                !matches!(argument.kind, ArgumentKind::Star | ArgumentKind::DoubleStar)
            });
            plain.for_each(|argument| eager(&argument.value, visit));
        }
        ExprKind::Dict(items) => {
            for item in items {
                item.key.iter().for_each(|key| eager(key, visit));
                eager(&item.value, visit);
            }
        }
        // What it goes through first is asked for where it stands (reference, 6.2.4).
        ExprKind::Comprehension(comprehension) => {
            let first = comprehension.clauses.first();
            first.iter().for_each(|clause| eager(&clause.iter, visit));
        }
        ExprKind::Tuple(items) | ExprKind::List(items) | ExprKind::Set(items) => {
            items.iter().for_each(|item| eager(item, visit));
        }
        _ => {}
    }
}
