//! What may lead around a place of a body: the tests before it and around it, and where their other answers go.
//!
//! A place is reached if every test on the way answers as the way demands: those of the statements and expressions around it, and those
//! under which an earlier statement leaves the body. Each is a [`Detour`]. Which of them were undecided is the evaluation's business; this
//! file only reads the code (the language reference, section 8, says where a compound statement goes on).

use crate::python::ending::never_returns;
use crate::syntax::ir::{Branch, Call, Expr, ExprKind, Module, Range, Slot, Stmt, StmtKind, Var};
use crate::syntax::visit;

/// One test on the way to a place.
#[derive(Clone, Debug)]
pub struct Detour<'p> {
    /// What is asked: a condition, a loop's iterable, a `match` subject; of a handler or an `else` what stands in its `try`.
    pub asked: Vec<&'p Expr>,
    /// The answer with which the place is reached; none where it is not a matter of truth.
    pub outcome: Option<bool>,
    /// Whether an earlier `try` that failed leads around the place: what it tried to find is no test of what was found.
    pub by_exception: bool,
    /// Whether the place stands in a handler, in the `else` of a `try`, or behind a `try` whose body leaves: how that went decides.
    pub is_handler: bool,
    /// What runs instead.
    pub other: Vec<Other<'p>>,
    /// How that ends.
    pub end: End<'p>,
}

impl<'p> Detour<'p> {
    /// Whether what runs instead makes a call for which `accepts` answers true.
    #[must_use]
    pub fn calls(&self, accepts: &dyn Fn(&'p Call) -> bool) -> bool {
        let mut found = false;
        let mut look = |expr: &'p Expr| {
            found |= matches!(&expr.kind, ExprKind::Call(call) if accepts(call));
        };
        for other in &self.other {
            match *other {
                Other::Block(block) => visit::all_expressions(block, &mut look),
                Other::Expr(expr) => visit::expressions(expr, &mut look),
            }
        }
        found
    }
}

/// What runs instead of the place.
#[derive(Clone, Copy, Debug)]
pub enum Other<'p> {
    /// These statements.
    Block(&'p [Stmt]),
    /// This expression.
    Expr(&'p Expr),
}

/// How the other way ends.
#[derive(Clone, Copy, Debug)]
pub enum End<'p> {
    /// It goes on behind the place, or leaves a loop.
    Falls,
    /// It returns.
    Returns,
    /// It raises this; none: what is being handled.
    Raises(Option<&'p Expr>),
    /// It calls what ends the program, or the test that runs: `sys.exit()`, `pytest.skip()`.
    Exits,
}

/// The detours around `range`, a place in `body`, a block of the module `ir`; the outermost and earliest come first.
#[must_use]
pub fn detours<'p>(ir: &'p Module, body: &'p [Stmt], range: Range) -> Vec<Detour<'p>> {
    let mut found = Vec::new();
    let mut walk = Walk {
        ir,
        range,
        behind: Vec::new(),
    };
    walk.in_block(body, false, &mut found);
    found
}

/// The way down to a place.
struct Walk<'p> {
    ir: &'p Module,
    range: Range,
    /// What follows behind the statements around the place, from the outside in.
    behind: Vec<&'p [Stmt]>,
}

impl<'p> Walk<'p> {
    fn in_block(&mut self, body: &'p [Stmt], looped: bool, out: &mut Vec<Detour<'p>>) {
        let range = self.range;
        for (index, stmt) in body.iter().enumerate() {
            if stmt.range.contains(range) {
                self.behind.push(&body[index + 1..]);
                self.in_statement(stmt, looped, out);
                self.behind.pop();
                return;
            }
            if stmt.range.start >= range.end {
                return;
            }
            exits(stmt, looped, &mut Vec::new(), out);
        }
    }

    fn in_statement(&mut self, stmt: &'p Stmt, looped: bool, out: &mut Vec<Detour<'p>>) {
        let range = self.range;
        let inside = |block: &[Stmt]| block.iter().any(|stmt| stmt.range.contains(range));
        match &stmt.kind {
            StmtKind::If { branches, orelse } => self.in_if(branches, orelse, looped, out),
            StmtKind::For {
                iter, body, orelse, ..
            } if inside(body) || inside(orelse) => {
                if inside(orelse) {
                    exits_of_loop(body, out);
                    self.in_block(orelse, looped, out);
                    return;
                }
                out.push(Detour {
                    asked: vec![iter],
                    outcome: None,
                    by_exception: false,
                    is_handler: false,
                    other: vec![Other::Block(orelse)],
                    end: End::Falls,
                });
                self.in_block(body, true, out);
            }
            StmtKind::While {
                test: condition,
                body,
                orelse,
            } if inside(body) || inside(orelse) => {
                if inside(orelse) {
                    exits_of_loop(body, out);
                    self.in_block(orelse, looped, out);
                    return;
                }
                out.push(test(
                    condition,
                    true,
                    vec![Other::Block(orelse)],
                    End::Falls,
                ));
                self.in_block(body, true, out);
            }
            StmtKind::Try {
                body,
                handlers,
                orelse,
                finally,
            } => {
                if let Some(handler) = handlers.iter().find(|handler| inside(&handler.body)) {
                    out.push(Detour {
                        asked: expressions_of(body),
                        outcome: None,
                        by_exception: false,
                        is_handler: true,
                        other: Vec::new(),
                        end: End::Falls,
                    });
                    self.in_block(&handler.body, looped, out);
                    return;
                }
                if inside(orelse) && !handlers.is_empty() {
                    // It runs if nothing was raised for what the body was told, and a handler runs otherwise.
                    let others: Vec<&'p [Stmt]> =
                        handlers.iter().map(|handler| &*handler.body).collect();
                    out.push(Detour {
                        asked: expressions_of(body),
                        outcome: None,
                        by_exception: false,
                        is_handler: true,
                        other: others.iter().map(|block| Other::Block(block)).collect(),
                        end: end_of_all(&others),
                    });
                }
                for stmt in body
                    .iter()
                    .filter(|_| inside(orelse) || (inside(finally) && looped))
                {
                    exits(stmt, looped, &mut Vec::new(), out);
                }
                for block in [body, orelse, finally] {
                    if inside(block) {
                        self.in_block(block, looped, out);
                        return;
                    }
                }
            }
            StmtKind::With { body, .. } if inside(body) => self.in_block(body, looped, out),
            StmtKind::Match { subject, cases } => {
                for (index, case) in cases.iter().enumerate() {
                    if !inside(&case.body) {
                        continue;
                    }
                    let others = cases.iter().enumerate().filter(|(at, _)| *at != index);
                    let others: Vec<&'p [Stmt]> = others.map(|(_, other)| &*other.body).collect();
                    out.push(Detour {
                        asked: std::iter::once(subject).chain(&case.guard).collect(),
                        outcome: None,
                        by_exception: false,
                        is_handler: false,
                        other: others.iter().map(|block| Other::Block(block)).collect(),
                        end: end_of_all(&others),
                    });
                    self.in_block(&case.body, looped, out);
                    return;
                }
                in_direct(stmt, range, out);
            }
            // What a failing assertion says is made only then (reference, 7.3).
            StmtKind::Assert {
                test: asked,
                message: Some(message),
            } if message.range.contains(range) => {
                out.push(test(asked, false, Vec::new(), End::Falls));
                in_expression(message, range, out);
            }
            // A class body runs where it stands (reference, 8.8).
            StmtKind::ClassDef { class, .. } if inside(&self.ir[*class].body) => {
                self.in_block(&self.ir[*class].body, false, out);
            }
            _ => in_direct(stmt, range, out),
        }
    }

    fn in_if(
        &mut self,
        branches: &'p [Branch],
        orelse: &'p [Stmt],
        looped: bool,
        out: &mut Vec<Detour<'p>>,
    ) {
        let range = self.range;
        for (index, branch) in branches.iter().enumerate() {
            if branch.test.range.contains(range) {
                in_expression(&branch.test, range, out);
                return;
            }
            if branch.body.iter().any(|stmt| stmt.range.contains(range)) {
                let mut others: Vec<&'p [Stmt]> = branches[index + 1..]
                    .iter()
                    .map(|branch| &*branch.body)
                    .collect();
                others.push(orelse);
                let end = end_of_all(&others);
                if leaves(&branch.body) {
                    // Who does not come by here goes on behind the `if`.
                    others.extend(&self.behind);
                }
                let others = others.into_iter().map(Other::Block).collect();
                out.push(test(&branch.test, true, others, end));
                self.in_block(&branch.body, looped, out);
                return;
            }
            let other = vec![Other::Block(&branch.body)];
            out.push(test(&branch.test, false, other, end_of(&branch.body)));
        }
        self.in_block(orelse, looped, out);
    }
}

/// How a block ends that is taken instead of a place.
fn end_of(block: &[Stmt]) -> End<'_> {
    match block.last().map(|stmt| &stmt.kind) {
        Some(StmtKind::Raise { exception, .. }) => End::Raises(exception.as_ref()),
        Some(StmtKind::Return(_)) => End::Returns,
        Some(StmtKind::Expr(value)) if ends_all(value) => End::Exits,
        _ => End::Falls,
    }
}

/// Whether an expression is a call that never comes back, as it is written: of a function that ends the program or the test that runs, or of
/// `self.skipTest` (library reference, "unittest").
fn ends_all(expr: &Expr) -> bool {
    let ExprKind::Call(call) = &expr.kind else {
        return false;
    };
    match &call.function.kind {
        ExprKind::Name(name, Var::Global(_)) => never_returns("builtins", name),
        ExprKind::Attribute {
            value, attribute, ..
        } => match &value.kind {
            ExprKind::Name(_, Var::Local(Slot(0))) => attribute.as_str() == "skipTest",
            ExprKind::Name(module, _) => never_returns(module, attribute),
            _ => false,
        },
        _ => false,
    }
}

/// Whether the body of a function never comes back, by its own text: it returns nowhere, and ends in a `raise` or a call that ends the program or the test.
pub fn leaves_always(body: &[Stmt]) -> bool {
    let mut returns = false;
    visit::statements(body, &mut |stmt| {
        returns |= matches!(stmt.kind, StmtKind::Return(_));
    });
    !returns && matches!(end_of(body), End::Raises(_) | End::Exits)
}

/// Whether a block ends by leaving what is around it.
fn leaves(block: &[Stmt]) -> bool {
    matches!(
        block.last().map(|stmt| &stmt.kind),
        Some(StmtKind::Return(_) | StmtKind::Raise { .. } | StmtKind::Break | StmtKind::Continue)
    )
}

/// The same for a block before the place; `looped`: a `break` or `continue` leaves too.
fn ends_by_leaving(block: &[Stmt], looped: bool) -> bool {
    let is_jump = |stmt: &Stmt| matches!(stmt.kind, StmtKind::Break | StmtKind::Continue);
    leaves(block) && (looped || !block.last().is_some_and(is_jump))
}

/// How several blocks end, one of which is taken: by raising only if each of them does.
fn end_of_all<'p>(blocks: &[&'p [Stmt]]) -> End<'p> {
    let mut ends = blocks.iter().map(|block| end_of(block));
    let Some(first) = ends.next() else {
        return End::Falls;
    };
    match first {
        End::Raises(_) if !ends.all(|end| matches!(end, End::Raises(_))) => End::Falls,
        first => first,
    }
}

fn test<'p>(asked: &'p Expr, outcome: bool, other: Vec<Other<'p>>, end: End<'p>) -> Detour<'p> {
    Detour {
        asked: vec![asked],
        outcome: Some(outcome),
        by_exception: false,
        is_handler: false,
        other,
        end,
    }
}

/// A place in one of the expressions that stand directly in a statement.
fn in_direct<'p>(stmt: &'p Stmt, range: Range, out: &mut Vec<Detour<'p>>) {
    let mut at = None;
    visit::direct_expressions(stmt, &mut |expr| {
        if expr.range.contains(range) {
            at = Some(expr);
        }
    });
    if let Some(expr) = at {
        in_expression(expr, range, out);
    }
}

fn in_expression<'p>(expr: &'p Expr, range: Range, out: &mut Vec<Detour<'p>>) {
    if expr.range == range {
        return;
    }
    match &expr.kind {
        ExprKind::Bool { is_and, values } => {
            for value in values {
                if value.range.contains(range) {
                    break;
                }
                out.push(test(value, *is_and, Vec::new(), End::Falls));
            }
        }
        ExprKind::If {
            test: condition,
            body,
            orelse,
        } => {
            if body.range.contains(range) {
                let other = vec![Other::Expr(orelse)];
                out.push(test(condition, true, other, End::Falls));
            } else if orelse.range.contains(range) {
                out.push(test(condition, false, vec![Other::Expr(body)], End::Falls));
            }
        }
        ExprKind::Comprehension(comprehension) => {
            for clause in &comprehension.clauses {
                if clause.iter.range.contains(range) {
                    break;
                }
                out.push(Detour {
                    asked: vec![&clause.iter],
                    outcome: None,
                    by_exception: false,
                    is_handler: false,
                    other: Vec::new(),
                    end: End::Falls,
                });
                for condition in &clause.conditions {
                    if condition.range.contains(range) {
                        break;
                    }
                    out.push(test(condition, true, Vec::new(), End::Falls));
                }
            }
        }
        _ => {}
    }
    if let Some(child) = part_around(expr, range) {
        in_expression(child, range, out);
    }
}

/// The part of an expression that a place is in. A display may have any number of parts, and they stand in order.
fn part_around(expr: &Expr, range: Range) -> Option<&Expr> {
    let is_around = |part: &&Expr| part.range.contains(range);
    match &expr.kind {
        ExprKind::Dict(items) => {
            let at = items.partition_point(|item| item.value.range.end < range.end);
            let item = items.get(at)?;
            [Some(&item.value), item.key.as_ref()]
                .into_iter()
                .flatten()
                .find(is_around)
        }
        ExprKind::List(items) | ExprKind::Tuple(items) | ExprKind::Set(items) => {
            let at = items.partition_point(|item| item.range.end < range.end);
            items.get(at).filter(is_around)
        }
        _ => {
            let mut at = None;
            visit::children(expr, &mut |child| {
                if is_around(&child) {
                    at = Some(child);
                }
            });
            at
        }
    }
}

/// A test around an exit: what is asked, and the answer that leads to the exit.
#[derive(Clone)]
struct Around<'p> {
    asked: Vec<&'p Expr>,
    answer: Option<bool>,
    by_exception: bool,
}

impl<'p> Around<'p> {
    fn test(asked: Vec<&'p Expr>, answer: Option<bool>) -> Self {
        Self {
            asked,
            answer,
            by_exception: false,
        }
    }
}

/// The ways in which a statement before the place leaves it. `looped`: a `break` or `continue` outside the statement's own loops leaves it too.
fn exits<'p>(
    stmt: &'p Stmt,
    looped: bool,
    around: &mut Vec<Around<'p>>,
    out: &mut Vec<Detour<'p>>,
) {
    let block = |block: &'p [Stmt],
                 looped: bool,
                 around: &mut Vec<Around<'p>>,
                 out: &mut Vec<Detour<'p>>| {
        for (index, stmt) in block.iter().enumerate() {
            if !leave(&block[..=index], stmt, looped, around, out) {
                exits(stmt, looped, around, out);
            }
        }
    };
    match &stmt.kind {
        StmtKind::If { branches, orelse } => {
            let depth = around.len();
            // Where each branch before leaves, who comes by has not taken it: the test of this one alone leads to its exits.
            let mut has_left = depth == 0;
            for branch in branches {
                let own = Around::test(vec![&branch.test], Some(true));
                if has_left {
                    block(&branch.body, looped, &mut vec![own], out);
                } else {
                    around.push(own);
                    block(&branch.body, looped, around, out);
                    around.pop();
                }
                has_left &= ends_by_leaving(&branch.body, looped);
                around.push(Around::test(vec![&branch.test], Some(false)));
            }
            block(orelse, looped, around, out);
            around.truncate(depth);
        }
        StmtKind::For {
            iter: test,
            body,
            orelse,
            ..
        }
        | StmtKind::While { test, body, orelse } => {
            around.push(Around::test(vec![test], None));
            block(body, false, around, out);
            around.pop();
            block(orelse, looped, around, out);
        }
        StmtKind::Try {
            body,
            handlers,
            orelse,
            finally,
        } => {
            let is_left = match body.last().map(|stmt| &stmt.kind) {
                Some(StmtKind::Return(_)) => true,
                Some(StmtKind::Break | StmtKind::Continue) => looped,
                _ => false,
            };
            if is_left && !handlers.is_empty() {
                // What follows runs only if the body failed with what it was told, as a handler does.
                out.push(Detour {
                    asked: expressions_of(body),
                    outcome: None,
                    by_exception: false,
                    is_handler: true,
                    other: vec![Other::Block(body)],
                    end: End::Falls,
                });
            }
            block(body, looped, around, out);
            around.push(Around {
                by_exception: true,
                ..Around::test(expressions_of(body), None)
            });
            for handler in handlers {
                block(&handler.body, looped, around, out);
            }
            around.pop();
            block(orelse, looped, around, out);
            block(finally, looped, around, out);
        }
        StmtKind::With { body, .. } => block(body, looped, around, out),
        // What an assertion denies raises (reference, 7.3); under another test it says nothing of a place behind that.
        StmtKind::Assert { test: asked, .. } if around.is_empty() => {
            out.push(test(asked, true, Vec::new(), End::Raises(None)));
        }
        StmtKind::Match { subject, cases } => {
            for case in cases {
                let asked = std::iter::once(subject).chain(&case.guard).collect();
                around.push(Around::test(asked, None));
                block(&case.body, looped, around, out);
                around.pop();
            }
        }
        _ => {}
    }
}

/// Notes an exit, if `stmt` is one: a detour for each test around it. `block` ends with it.
fn leave<'p>(
    block: &'p [Stmt],
    stmt: &'p Stmt,
    looped: bool,
    around: &[Around<'p>],
    out: &mut Vec<Detour<'p>>,
) -> bool {
    let end = match &stmt.kind {
        StmtKind::Return(_) => End::Returns,
        StmtKind::Raise { exception, .. } => End::Raises(exception.as_ref()),
        StmtKind::Break | StmtKind::Continue if looped => End::Falls,
        StmtKind::Expr(value) if !around.is_empty() && ends_all(value) => End::Exits,
        _ => return false,
    };
    let is_only = around.len() == 1;
    for around in around {
        out.push(Detour {
            asked: around.asked.clone(),
            by_exception: around.by_exception,
            is_handler: false,
            // With several tests around it, each may answer as it likes if another one does not lead there.
            outcome: around.answer.filter(|_| is_only).map(|answer| !answer),
            other: vec![Other::Block(block)],
            end,
        });
    }
    true
}

/// The `break`s of a loop before its `else`.
fn exits_of_loop<'p>(body: &'p [Stmt], out: &mut Vec<Detour<'p>>) {
    for stmt in body {
        exits(stmt, true, &mut Vec::new(), out);
    }
}

/// The expressions of a block, at any depth of statements.
fn expressions_of(block: &[Stmt]) -> Vec<&Expr> {
    let mut found = Vec::new();
    visit::statements(block, &mut |stmt| {
        visit::direct_expressions(stmt, &mut |expr| found.push(expr));
    });
    found
}
