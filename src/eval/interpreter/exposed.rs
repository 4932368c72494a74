//! Which variables a loop's body may read before it assigns them: what they hold at the beginning of an iteration matters. What all others hold there
//! does not, so that a loop may be stable though they change.

use std::rc::Rc;

use crate::syntax::ir::{Comprehension, Expr, ExprKind, ForClause, Slot, Stmt, StmtKind, Var};
use crate::syntax::visit;

use crate::eval::Evaluator;
use crate::eval::FxIndexSet;

impl<'p> Evaluator<'p> {
    /// The variables of a scope that a loop may read before it assigns them.
    pub fn exposed_in(&mut self, first: First<'p>, body: &'p [Stmt]) -> Rc<[Slot]> {
        let (First::Tests(expr) | First::Assigns(expr)) = first;
        let place = &raw const *expr;
        if let Some(known) = self.exposed.get(&place) {
            return Rc::clone(known);
        }
        let mut walk = Walk::default();
        match first {
            First::Tests(test) => walk.reads(test),
            First::Assigns(target) => walk.assigns(target),
        }
        walk.block(body);
        let exposed: Rc<[Slot]> = walk.exposed.into_iter().collect();
        self.exposed.insert(place, Rc::clone(&exposed));
        exposed
    }
}

impl<'p> Evaluator<'p> {
    /// The same for the clauses of a comprehension from one on.
    pub fn exposed_in_comprehension(
        &mut self,
        comprehension: &'p Comprehension,
        clauses: &'p [ForClause],
    ) -> Rc<[Slot]> {
        let Some(first) = clauses.first() else {
            return Rc::default();
        };
        let place = &raw const first.target;
        if let Some(known) = self.exposed.get(&place) {
            return Rc::clone(known);
        }
        let mut walk = Walk::default();
        for (index, clause) in clauses.iter().enumerate() {
            if index > 0 {
                walk.reads(&clause.iter);
            }
            walk.assigns(&clause.target);
            for condition in &clause.conditions {
                walk.reads(condition);
            }
        }
        walk.reads(&comprehension.element);
        if let Some(value) = &comprehension.value {
            walk.reads(value);
        }
        let exposed: Rc<[Slot]> = walk.exposed.into_iter().collect();
        self.exposed.insert(place, Rc::clone(&exposed));
        exposed
    }
}

/// What an iteration begins with.
#[derive(Clone, Copy, Debug)]
pub enum First<'p> {
    /// A test.
    Tests(&'p Expr),
    /// An assignment to this target.
    Assigns(&'p Expr),
}

/// A walk over statements in the order in which they run.
#[derive(Default)]
struct Walk {
    /// What is assigned on every way here.
    assigned: Vec<Slot>,
    /// What may be read before it is.
    exposed: FxIndexSet<Slot>,
}

impl Walk {
    fn block(&mut self, body: &[Stmt]) {
        for stmt in body {
            self.statement(stmt);
        }
    }

    /// A block that may run or not: what it assigns is not assigned on every way.
    fn perhaps(&mut self, body: &[Stmt]) {
        let assigned = self.assigned.len();
        self.block(body);
        self.assigned.truncate(assigned);
    }

    /// Blocks of which one runs.
    fn one_of(&mut self, blocks: &[&[Stmt]]) {
        let before = self.assigned.len();
        let mut common: Option<Vec<Slot>> = None;
        for block in blocks {
            self.block(block);
            let own = self.assigned.split_off(before);
            if leaves(block) {
                continue;
            }
            common = Some(match common {
                Some(common) => common
                    .into_iter()
                    .filter(|slot| own.contains(slot))
                    .collect(),
                None => own,
            });
        }
        self.assigned.extend(common.unwrap_or_default());
    }

    fn statement(&mut self, stmt: &Stmt) {
        match &stmt.kind {
            StmtKind::Assign { targets, value } => {
                self.reads(value);
                targets.iter().for_each(|target| self.assigns(target));
            }
            StmtKind::AnnAssign { target, value, .. } => {
                if let Some(value) = value {
                    self.reads(value);
                    self.assigns(target);
                }
            }
            StmtKind::AugAssign { target, value, .. } => {
                self.reads(value);
                self.reads(target);
                self.assigns(target);
            }
            StmtKind::If { branches, orelse } => {
                for branch in branches {
                    self.reads(&branch.test);
                }
                let mut blocks: Vec<&[Stmt]> = branches
                    .iter()
                    .map(|branch| branch.body.as_slice())
                    .collect();
                blocks.push(orelse);
                self.one_of(&blocks);
            }
            StmtKind::For {
                target,
                iter,
                body,
                orelse,
                ..
            } => {
                self.reads(iter);
                let assigned = self.assigned.len();
                self.assigns(target);
                self.block(body);
                self.assigned.truncate(assigned);
                self.perhaps(orelse);
            }
            StmtKind::While { test, body, orelse } => {
                self.reads(test);
                self.perhaps(body);
                self.perhaps(orelse);
            }
            StmtKind::With { items, body, .. } => {
                for item in items {
                    self.reads(&item.context);
                    item.target.iter().for_each(|target| self.assigns(target));
                }
                // It may be left early, by an exception that the manager swallows.
                self.perhaps(body);
            }
            StmtKind::Try {
                body,
                handlers,
                orelse,
                finally,
            } => {
                let assigned = self.assigned.len();
                self.block(body);
                self.block(orelse);
                let after = self.assigned.split_off(assigned);
                let mut common = after;
                for handler in handlers {
                    if let Some(Var::Local(slot)) = handler.var {
                        self.assigned.push(slot);
                    }
                    self.block(&handler.body);
                    let own = self.assigned.split_off(assigned);
                    if !leaves(&handler.body) {
                        common.retain(|slot| own.contains(slot));
                    }
                }
                self.block(finally);
                self.assigned.extend(common);
            }
            StmtKind::Match { subject, cases } => {
                self.reads(subject);
                let before = self.assigned.len();
                for case in cases {
                    visit::captures(&case.pattern, &mut |var| self.assigned.extend(slot_of(var)));
                    if let Some(guard) = &case.guard {
                        self.reads(guard);
                    }
                    self.block(&case.body);
                    self.assigned.truncate(before);
                }
            }
            StmtKind::FunctionDef { var, .. } | StmtKind::ClassDef { var, .. } => {
                self.assigned.extend(slot_of(*var));
            }
            StmtKind::Import(_) | StmtKind::ImportFrom(_) => {}
            _ => visit::direct_expressions(stmt, &mut |expr| self.reads(expr)),
        }
    }

    fn reads(&mut self, expr: &Expr) {
        visit::expressions(expr, &mut |expr| match expr.kind {
            ExprKind::Name(_, Var::Local(slot)) if !self.assigned.contains(&slot) => {
                self.exposed.insert(slot);
            }
            _ => {}
        });
        // What is assigned within an expression that may not be evaluated as a whole is not assigned on every way.
        if let ExprKind::Walrus { var, .. } = expr.kind {
            self.assigned.extend(slot_of(var));
        }
    }

    fn assigns(&mut self, target: &Expr) {
        match &target.kind {
            ExprKind::Name(_, var) => self.assigned.extend(slot_of(*var)),
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                items.iter().for_each(|item| self.assigns(item));
            }
            ExprKind::Starred(inner) => self.assigns(inner),
            _ => self.reads(target),
        }
    }
}

fn slot_of(var: Var) -> Option<Slot> {
    match var {
        Var::Local(slot) => Some(slot),
        _ => None,
    }
}

/// Whether a block ends by leaving the iteration's straight way.
fn leaves(body: &[Stmt]) -> bool {
    matches!(
        body.last().map(|stmt| &stmt.kind),
        Some(StmtKind::Return(_) | StmtKind::Raise { .. } | StmtKind::Break | StmtKind::Continue)
    )
}
