//! Tests of which something before decides the answer, so that a variable that one of their ways binds is bound where it is read.
//!
//! `if kind not in KINDS: raise ...`, and further down `if kind == "a": value = 1`; `first = True` before a loop, and `if first: value = 1` in it. What is asked is
//! compared by the names in it and by the way of asking, not by values: a warning that is not told costs less than one that is for nothing.

use rustc_hash::FxHashSet;

use super::flags::binds;
use super::flow::{Flow, Loop};
use crate::name::Name;
use crate::syntax::ir::{Branch, Comparison, Constant, Expr, ExprKind, Slot, Stmt, StmtKind, Var};
use crate::syntax::visit;

/// How many tests before are looked at.
const RECENT: usize = 64;

/// What is asked of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Question {
    /// Whether it counts as true.
    Truth,
    /// Whether it is None.
    None,
    /// How it compares with something.
    Comparison,
    /// What a function of this name says of it: `isinstance`.
    Call(Name),
}

impl<'m> Flow<'m> {
    /// Whether something before the tests of a statement decides one of them: a test that led elsewhere, of those up to `asked`, or what an earlier pass of a loop does.
    pub(super) fn is_decided(&self, branches: &'m [Branch], asked: usize) -> bool {
        let tests = || branches.iter().map(|branch| &branch.test);
        let is_settled = || {
            let mut known = FxHashSet::default();
            for settled in &self.settled[asked.saturating_sub(RECENT)..asked] {
                questions(settled, &mut |question, name| {
                    known.insert((question, name));
                });
            }
            tests().any(|test| {
                let mut is_known = false;
                questions(test, &mut |question, name| {
                    is_known |= known.contains(&(question, name));
                });
                is_known
            })
        };
        self.asks_for_first_pass(&branches[0].test)
            || tests().any(|test| self.asks_of_earlier_pass(test))
            || asked > 0 && is_settled()
    }

    /// Whether a test in a loop asks about a variable that is set before the loop, and that each pass leaves for the next one: in the first pass it has one answer.
    fn asks_of_earlier_pass(&self, test: &Expr) -> bool {
        let mut found = false;
        visit::expressions(test, &mut |part| {
            if let ExprKind::Name(_, Var::Local(slot)) = part.kind {
                let mut around = self.loops.iter();
                found = found || around.any(|one| one.hands_on(slot, test));
            }
        });
        found
    }

    /// Whether a test holds in the first pass of a loop that counts from 0: `if i == 0:`.
    fn asks_for_first_pass(&self, test: &Expr) -> bool {
        let is_counter = |expr: &Expr| match expr.kind {
            ExprKind::Name(_, Var::Local(slot)) => self.counters.contains(&slot),
            _ => false,
        };
        match &test.kind {
            ExprKind::Not(operand) => is_counter(operand),
            ExprKind::Compare { left, rest } => match rest.as_slice() {
                [(Comparison::Eq | Comparison::LtE, right)] => {
                    is_counter(left) && is_number(right, 0)
                }
                [(Comparison::Lt, right)] => is_counter(left) && is_number(right, 1),
                _ => false,
            },
            _ => false,
        }
    }
}

impl Loop<'_> {
    /// Whether what a pass does to a variable that is set before the loop is there at `test` in the next one.
    fn hands_on(&self, slot: Slot, test: &Expr) -> bool {
        let is_it = |expr: &Expr| matches!(expr.kind, ExprKind::Name(_, Var::Local(found)) if found == slot);
        let sets = |stmt: &Stmt| match &stmt.kind {
            StmtKind::Assign { targets, .. } => targets.iter().any(is_it),
            _ => false,
        };
        let before = |stmt: &&Stmt| stmt.range.end <= test.range.start;
        if !self.entered.has(slot.0) || self.body.iter().take_while(before).any(sets) {
            return false;
        }
        let mut found = false;
        visit::statements(self.body, &mut |stmt| found = found || binds(stmt, slot));
        found || changes(self.body, &is_it)
    }
}

/// Whether statements change what something holds: `seen.add(key)`, `seen[key] = 1`.
fn changes(body: &[Stmt], is_it: &dyn Fn(&Expr) -> bool) -> bool {
    let mut found = false;
    visit::statements(body, &mut |stmt| match &stmt.kind {
        StmtKind::Expr(Expr {
            kind: ExprKind::Call(call),
            ..
        }) => {
            found |=
                matches!(&call.function.kind, ExprKind::Attribute { value, .. } if is_it(value));
        }
        StmtKind::Assign { targets, .. } => {
            let mut targets = targets.iter();
            found |= targets.any(
                |target| matches!(&target.kind, ExprKind::Subscript { value, .. } if is_it(value)),
            );
        }
        _ => {}
    });
    found
}

/// Whether the tests of an `elif` chain before the last one ask how one thing compares with something, and the last one asks about other things alone: such a chain
/// does not name all that the one thing may be.
pub(super) fn changes_subject(branches: &[Branch]) -> bool {
    let Some((last, before)) = branches.split_last() else {
        return false;
    };
    let mut common: Option<FxHashSet<(Question, Name)>> = None;
    for branch in before {
        let mut asked = FxHashSet::default();
        questions(&branch.test, &mut |question, name| {
            asked.insert((question, name));
        });
        match &mut common {
            None => common = Some(asked),
            Some(common) => common.retain(|one| asked.contains(one)),
        }
    }
    let mut common = common.unwrap_or_default();
    common.retain(|(question, _)| *question == Question::Comparison);
    // `sys.platform.startswith("linux")` asks about the platform too.
    let mut is_same = false;
    visit::expressions(&last.test, &mut |part| {
        if let ExprKind::Name(name, _)
        | ExprKind::Attribute {
            attribute: name, ..
        } = &part.kind
        {
            is_same |= common.iter().any(|(_, known)| known == name);
        }
    });
    !common.is_empty() && !is_same
}

/// What a test asks, of which variables and attributes.
fn questions(test: &Expr, found: &mut dyn FnMut(Question, Name)) {
    match &test.kind {
        ExprKind::Not(operand) => questions(operand, found),
        ExprKind::Bool { values, .. } => values.iter().for_each(|part| questions(part, found)),
        ExprKind::Compare { left, rest } => {
            let is_none = |expr: &Expr| matches!(expr.kind, ExprKind::Constant(Constant::None));
            let question = match rest.as_slice() {
                [(_, right)] if is_none(right) => Question::None,
                _ => Question::Comparison,
            };
            names(left, &mut |name| found(question, name));
            for (_, right) in rest {
                names(right, &mut |name| found(question, name));
            }
        }
        ExprKind::Call(call) => {
            let (ExprKind::Name(function, _)
            | ExprKind::Attribute {
                attribute: function,
                ..
            }) = call.function.kind
            else {
                return;
            };
            for argument in &call.arguments {
                match &argument.value.kind {
                    // `all(key in KEYS for key in keys)`.
                    ExprKind::Comprehension(inner) => questions(&inner.element, found),
                    _ => names(&argument.value, &mut |name| {
                        found(Question::Call(function), name);
                    }),
                }
            }
        }
        _ => names(test, &mut |name| found(Question::Truth, name)),
    }
}

/// The variables in an expression, and the attributes, by their own names alone.
fn names(expr: &Expr, found: &mut dyn FnMut(Name)) {
    match &expr.kind {
        ExprKind::Name(name, _) => found(*name),
        ExprKind::Attribute { attribute, .. } => found(*attribute),
        _ => visit::children(expr, &mut |child| names(child, found)),
    }
}

/// The variable in which a loop counts from 0: `for i in range(n)`, `for i, x in enumerate(xs)`.
pub(super) fn counter_of(target: &Expr, iter: &Expr) -> Option<Slot> {
    let ExprKind::Call(call) = &iter.kind else {
        return None;
    };
    let ExprKind::Name(name, Var::Global(_)) = &call.function.kind else {
        return None;
    };
    let from = match (name.as_str(), call.arguments.as_slice()) {
        ("range", [_] | [_, _] | [_, _, _]) => target,
        ("enumerate", [_]) => match &target.kind {
            ExprKind::Tuple(parts) => parts.first()?,
            _ => return None,
        },
        _ => return None,
    };
    let starts_at_0 = call.arguments.len() == 1 || is_number(&call.arguments[0].value, 0);
    match from.kind {
        ExprKind::Name(_, Var::Local(slot)) if starts_at_0 => Some(slot),
        _ => None,
    }
}

/// Whether an expression is this number as it stands.
fn is_number(expr: &Expr, number: i64) -> bool {
    matches!(expr.kind, ExprKind::Constant(Constant::Int(found)) if found == number)
}
