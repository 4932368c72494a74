//! Attributes and items of a variable that a test just before asks for None: the test goes on where it is None, and the attribute is read all the same. Or a test just behind asks:
//! see [`super::late`].
//!
//! Whoever asks counts on None, and what follows in the same block is run whatever the answer was. Where something in between binds the variable, asks about it, hands it on
//! or leaves, the two may go together.

use super::ending::{Endings, class_of};
use super::flags::binds;
use super::ways::seems_to_leave;
use crate::syntax::ir::{
    Comparison, Constant, Expr, ExprKind, Module, Parent, Range, Scope, Slot, Stmt, StmtKind, Var,
};
use crate::syntax::visit;

/// An attribute or an item that is read although a test asked whether there is anything to read it of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unheeded {
    /// The first byte of the expression that reads it.
    pub at: u32,
    /// Whether the test asks for the truth of the value, which an empty container lacks as well.
    pub is_truth: bool,
    /// The statement whose test that is.
    pub asks: Range,
    /// Whether the test stands behind what reads it.
    pub is_late: bool,
}

/// What a test asks about.
pub(super) struct Asked {
    pub(super) slot: Slot,
    pub(super) is_truth: bool,
    /// Whether the variable may be None where the test holds; else where it does not.
    where_it_holds: bool,
}

/// What comes of a statement for what follows it.
pub(super) enum Next {
    /// It does not mention the variable.
    Goes,
    /// It reads an attribute or an item of it, whatever else is the case.
    Reads(u32),
    /// It may be what makes the two go together.
    Stops,
}

/// A function whose code is looked through.
pub(super) struct Inside<'m> {
    pub(super) scope: &'m Scope,
    /// The class whose method it is.
    class: Option<Parent>,
    endings: &'m Endings,
}

/// Those of the functions of a file, in order.
pub(super) fn unheeded_in(ir: &Module, endings: &Endings) -> Vec<Unheeded> {
    let mut found = Vec::new();
    for function in &ir.functions {
        if !function.scope.dynamic {
            let inside = Inside {
                scope: &function.scope,
                class: class_of(function),
                endings,
            };
            in_block(&function.body, &inside, &mut found);
            inside.asked_late(function, &mut found);
        }
    }
    found.sort_by_key(|one| one.at);
    found.dedup_by_key(|one| one.at);
    found
}

fn in_block(body: &[Stmt], inside: &Inside<'_>, found: &mut Vec<Unheeded>) {
    for (at, stmt) in body.iter().enumerate() {
        if let StmtKind::If { branches, orelse } = &stmt.kind
            && let [branch] = branches.as_slice()
            && let Some(asked) = asked_by(&branch.test)
            && !inside.scope.slots[asked.slot.0 as usize].assigned_inside
            && inside.goes_on(&branch.body, orelse, &asked)
        {
            let read = inside.read_behind(&body[at + 1..], asked.slot);
            found.extend(read.map(|at| Unheeded {
                at,
                is_truth: asked.is_truth,
                asks: stmt.range,
                is_late: false,
            }));
        }
        for block in visit::blocks(stmt) {
            in_block(block, inside, found);
        }
    }
}

/// The variable that a test asks for None, or for its truth: `x is None`, `not x`, `x and x.name`.
pub(super) fn asked_by(test: &Expr) -> Option<Asked> {
    let asked = |slot, is_truth, where_it_holds| {
        Some(Asked {
            slot,
            is_truth,
            where_it_holds,
        })
    };
    match &test.kind {
        ExprKind::Name(_, Var::Local(slot)) => asked(*slot, true, false),
        ExprKind::Not(operand) => match operand.kind {
            ExprKind::Name(_, Var::Local(slot)) => asked(slot, true, true),
            _ => None,
        },
        ExprKind::Compare { left, rest } => match (&left.kind, rest.as_slice()) {
            (ExprKind::Name(_, Var::Local(slot)), [(op, right)])
                if matches!(right.kind, ExprKind::Constant(Constant::None)) =>
            {
                match op {
                    Comparison::Is => asked(*slot, false, true),
                    Comparison::IsNot => asked(*slot, false, false),
                    _ => None,
                }
            }
            _ => None,
        },
        // `x and x.name` fails to hold for a None, and `not x or x.is_empty` holds for one.
        ExprKind::Bool { is_and, values } => {
            let first = asked_by(values.first()?)?;
            (first.where_it_holds != *is_and).then_some(first)
        }
        _ => None,
    }
}

impl Inside<'_> {
    /// Whether the way of a test on which the variable may be None goes on, and neither way binds it.
    fn goes_on(&self, body: &[Stmt], orelse: &[Stmt], asked: &Asked) -> bool {
        let of_none = if asked.where_it_holds { body } else { orelse };
        let mut goes_on = true;
        for stmt in of_none {
            visit::statements(std::slice::from_ref(stmt), &mut |stmt| {
                goes_on &= !self.leaves(stmt);
            });
        }
        for block in [body, orelse] {
            visit::statements(block, &mut |stmt| goes_on &= !binds(stmt, asked.slot));
        }
        goes_on
    }

    /// Whether a statement goes elsewhere, or seems to.
    fn leaves(&self, stmt: &Stmt) -> bool {
        let is_jump = matches!(
            stmt.kind,
            StmtKind::Return(_)
                | StmtKind::Raise { .. }
                | StmtKind::Break
                | StmtKind::Continue
                | StmtKind::Assert { .. }
        );
        is_jump || seems_to_leave(stmt) || self.endings.are_called_by(stmt, self.class, true)
    }

    /// Where the statements that follow read an attribute or an item of a variable, before anything else is done with it.
    pub(super) fn read_behind(&self, rest: &[Stmt], slot: Slot) -> Option<u32> {
        for stmt in rest {
            match self.next_of(stmt, slot) {
                Next::Goes => {}
                Next::Reads(at) => return Some(at),
                Next::Stops => return None,
            }
        }
        None
    }

    /// What comes of a statement for what follows it.
    fn next_of(&self, stmt: &Stmt, slot: Slot) -> Next {
        match &stmt.kind {
            StmtKind::Expr(value) if !self.leaves(stmt) => first_use(value, slot),
            StmtKind::Return(Some(value)) => match first_use(value, slot) {
                Next::Goes => Next::Stops,
                next => next,
            },
            StmtKind::Assign { targets, value } => match first_use(value, slot) {
                Next::Goes if targets.iter().any(|target| mentions(target, slot)) => Next::Stops,
                next => next,
            },
            StmtKind::Import(_) | StmtKind::ImportFrom(_) | StmtKind::Pass => Next::Goes,
            StmtKind::If { branches, orelse } => {
                let mut is_aside = true;
                visit::statements(std::slice::from_ref(stmt), &mut |inner| {
                    is_aside &= !self.leaves(inner) && !binds(inner, slot);
                    visit::direct_expressions(inner, &mut |expr| {
                        is_aside &= !mentions(expr, slot);
                    });
                });
                match branches.first().map(|branch| first_use(&branch.test, slot)) {
                    Some(Next::Reads(at)) => Next::Reads(at),
                    _ if is_aside && orelse.is_empty() => Next::Goes,
                    _ => Next::Stops,
                }
            }
            StmtKind::For { iter, .. } => match first_use(iter, slot) {
                Next::Reads(at) => Next::Reads(at),
                _ => Next::Stops,
            },
            _ => Next::Stops,
        }
    }
}

/// What an expression does first with a variable, in the order in which it is evaluated.
fn first_use(expr: &Expr, slot: Slot) -> Next {
    if !mentions(expr, slot) {
        return Next::Goes;
    }
    match &expr.kind {
        ExprKind::Attribute { value, .. } if is_it(value, slot) => Next::Reads(expr.range.start),
        ExprKind::Subscript { value, index } if is_it(value, slot) && !mentions(index, slot) => {
            Next::Reads(expr.range.start)
        }
        ExprKind::Attribute { value, .. } => first_use(value, slot),
        // The operands behind the first are run for some answers only.
        ExprKind::Bool { values, .. } => only_first(values.first(), slot),
        ExprKind::If { test, .. } => only_first(Some(test), slot),
        ExprKind::Binary { left, right, .. } => first_of([&**left, &**right], slot),
        ExprKind::Compare { left, rest } => {
            let second = rest.first().map(|(_, right)| right);
            first_of(std::iter::once(&**left).chain(second), slot)
        }
        ExprKind::Call(call) => {
            let arguments = call.arguments.iter().map(|argument| &argument.value);
            first_of(std::iter::once(&call.function).chain(arguments), slot)
        }
        ExprKind::Subscript { value, index } => first_of([&**value, &**index], slot),
        ExprKind::Tuple(items) | ExprKind::List(items) => first_of(items.iter(), slot),
        ExprKind::Await(inner) => first_use(inner, slot),
        _ => Next::Stops,
    }
}

fn only_first(first: Option<&Expr>, slot: Slot) -> Next {
    match first.map(|first| first_use(first, slot)) {
        Some(Next::Reads(at)) => Next::Reads(at),
        _ => Next::Stops,
    }
}

fn first_of<'e>(parts: impl IntoIterator<Item = &'e Expr>, slot: Slot) -> Next {
    for part in parts {
        match first_use(part, slot) {
            Next::Goes => {}
            next => return next,
        }
    }
    Next::Stops
}

const fn is_it(expr: &Expr, slot: Slot) -> bool {
    matches!(expr.kind, ExprKind::Name(_, Var::Local(found)) if found.0 == slot.0)
}

fn mentions(expr: &Expr, slot: Slot) -> bool {
    let mut found = false;
    visit::expressions(expr, &mut |part| found |= is_it(part, slot));
    found
}
