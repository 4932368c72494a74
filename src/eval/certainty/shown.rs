//! Tests whose outcome is shown by what was done before, or by what the module says: `found = rules["name"]`, and further down `if "name" in rules`; `tune = None`, which
//! nothing binds again, and `if tune is not None` (DESIGN 3a.3 and 3a.6).

use crate::eval::Evaluator;
use crate::eval::certainty::answers::{Answer, Hole};
use crate::eval::domain::value::{ContextId, Value};
use crate::eval::exceptions::recovery::same;
use crate::program::ModuleId;
use crate::syntax::ir::{Comparison, Constant, Expr, ExprKind, Range, Stmt, StmtKind};
use crate::syntax::visit;

impl Evaluator<'_> {
    /// Whether something is said of a variable of a module that its own code leaves at None, and that nothing else can bind.
    pub(super) fn is_denied_by_module(
        &self,
        context: ContextId,
        hole: Hole,
        answer: &Answer,
    ) -> bool {
        answer.is_denied_by(Constant::None)
            && self.root_of(context, hole).is_some_and(|(module, name)| {
                let module = ModuleId(module);
                self.variable_at_end(module, name) == Some(Value::NONE)
                    && !self.survey.global_stores.contains_key(&(module, name))
                    && self.has_only_its_own(module, name)
            })
    }
}

/// Whether a test that comes out as it does says that a container lacks a key which was looked up in it before, on every way to the test.
pub(super) fn lacks_what_was_found(body: &[Stmt], test: &Expr, is_true: bool) -> bool {
    let ExprKind::Compare { left: key, rest } = &test.kind else {
        return false;
    };
    let (lacks, container) = match rest.as_slice() {
        [(Comparison::In, container)] => (!is_true, container),
        [(Comparison::NotIn, container)] => (is_true, container),
        _ => return false,
    };
    if !lacks
        || !matches!(
            container.kind,
            ExprKind::Name(..) | ExprKind::Attribute { .. }
        )
    {
        return false;
    }
    let mut found = None;
    looked_up_before(body, test.range, &mut |expr| {
        if let ExprKind::Subscript { value, index } = &expr.kind
            && same(value, container)
            && same(index, key)
        {
            found = Some(expr.range);
        }
    });
    found.is_some_and(|from| !may_lose_keys(body, container, (from, test.range)))
}

/// Calls `visit` with the expressions that are evaluated on every way to a place, those of the statements around it included.
fn looked_up_before<'p>(body: &'p [Stmt], then: Range, visit: &mut dyn FnMut(&'p Expr)) {
    for stmt in body {
        if stmt.range.start >= then.start {
            return;
        }
        match &stmt.kind {
            StmtKind::Assign { .. }
            | StmtKind::AnnAssign { .. }
            | StmtKind::AugAssign { .. }
            | StmtKind::Expr(_) => {
                visit::direct_expressions(stmt, &mut |expr| evaluated(expr, visit));
            }
            StmtKind::If { branches, .. } => {
                if let Some(first) = branches.first()
                    && first.test.range.end <= then.start
                {
                    evaluated(&first.test, visit);
                }
            }
            _ => {}
        }
        if stmt.range.end > then.start {
            let mut blocks = visit::blocks(stmt).into_iter();
            let around = blocks.find(|block| {
                let first = block.first().map(|first| first.range.start);
                let last = block.last().map(|last| last.range.end);
                first.is_some_and(|first| first <= then.start)
                    && last.is_some_and(|last| last >= then.end)
            });
            looked_up_before(around.unwrap_or_default(), then, visit);
        }
    }
}

/// Calls `visit` with an expression and those in it that are evaluated whenever it is.
fn evaluated<'p>(expr: &'p Expr, visit: &mut dyn FnMut(&'p Expr)) {
    visit(expr);
    match &expr.kind {
        ExprKind::Lambda(_) | ExprKind::Comprehension(_) => {}
        ExprKind::Bool { values, .. } => {
            if let Some(first) = values.first() {
                evaluated(first, visit);
            }
        }
        ExprKind::If { test, .. } => evaluated(test, visit),
        _ => visit::children(expr, &mut |child| evaluated(child, visit)),
    }
}

/// Whether something between two places may take keys out of a container, or gets the whole of it.
fn may_lose_keys(body: &[Stmt], container: &Expr, (from, until): (Range, Range)) -> bool {
    let is_between = |range: Range| range.start > from.start && range.end <= until.start;
    let mut may_lose = false;
    visit::statements(body, &mut |stmt| {
        may_lose |= is_between(stmt.range) && matches!(stmt.kind, StmtKind::Delete(_));
    });
    visit::all_expressions(body, &mut |expr| {
        let ExprKind::Call(call) = &expr.kind else {
            return;
        };
        let takes_out = matches!(&call.function.kind, ExprKind::Attribute { value, attribute, .. }
            if matches!(attribute.as_str(), "pop" | "popitem" | "clear") && same(value, container));
        let mut arguments = call.arguments.iter();
        let is_given = arguments.any(|argument| same(&argument.value, container));
        may_lose |= is_between(expr.range) && (takes_out || is_given);
    });
    may_lose
}
