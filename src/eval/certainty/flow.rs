//! What a body's variables are made of: its assignments with the tests they stand under, read from the code alone.

use rustc_hash::FxHashMap;

use crate::name::Name;
use crate::python::mutators::is_mutator;
use crate::syntax::ir::{Constant, Expr, ExprKind, ForClause, Range, Slot, Stmt, StmtKind, Var};
use crate::syntax::visit;

/// One assignment to a variable, or to what it holds.
#[derive(Clone, Debug)]
pub struct Write<'p> {
    /// What is put there: the value, an iterable, the arguments of a method that fills it.
    pub values: Vec<&'p Expr>,
    /// Whether the variable itself gets just that value.
    pub is_whole: bool,
    /// What is written if it is no more than a part of the object that the variable holds, which stays what it is.
    pub part: Option<Part>,
    /// The tests around it.
    pub tests: Vec<&'p Expr>,
}

/// A part of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The entry under a text: `options["size"] = 3`.
    Key(Name),
    /// Anything else: an attribute, an item, what a method adds.
    Other,
}

/// The assignments of one body, by variable.
#[derive(Debug, Default)]
pub struct Flow<'p> {
    writes: FxHashMap<Slot, Vec<Write<'p>>>,
    /// The loops: what is written anywhere in one may be looked at anywhere in it.
    loops: Vec<Range>,
}

impl<'p> Flow<'p> {
    /// Reads a body.
    #[must_use]
    pub fn of(body: &'p [Stmt]) -> Self {
        let mut flow = Self::default();
        flow.block(body, &mut Vec::new());
        flow
    }

    /// The assignments to a variable.
    #[must_use]
    pub fn writes(&self, slot: Slot) -> &[Write<'p>] {
        self.writes.get(&slot).map_or(&[], Vec::as_slice)
    }

    /// The variables that are assigned, in no order.
    pub fn slots(&self) -> impl Iterator<Item = Slot> + '_ {
        self.writes.keys().copied()
    }

    /// Whether what is written at `write` may have been written when `read` is evaluated.
    #[must_use]
    pub fn reaches(&self, write: Range, read: Range) -> bool {
        write.start < read.start
            || self
                .loops
                .iter()
                .any(|around| around.contains(write) && around.contains(read))
    }

    fn add(&mut self, slot: Slot, values: Vec<&'p Expr>, is_whole: bool, tests: &[&'p Expr]) {
        self.writes.entry(slot).or_default().push(Write {
            values,
            is_whole,
            part: None,
            tests: tests.to_vec(),
        });
    }

    fn add_part(&mut self, slot: Slot, values: Vec<&'p Expr>, part: Part, tests: &[&'p Expr]) {
        self.writes.entry(slot).or_default().push(Write {
            values,
            is_whole: false,
            part: Some(part),
            tests: tests.to_vec(),
        });
    }

    fn block(&mut self, body: &'p [Stmt], tests: &mut Vec<&'p Expr>) {
        for stmt in body {
            self.statement(stmt, tests);
        }
    }

    fn statement(&mut self, stmt: &'p Stmt, tests: &mut Vec<&'p Expr>) {
        visit::direct_expressions(stmt, &mut |expr| self.inside(expr, tests));
        let depth = tests.len();
        if matches!(stmt.kind, StmtKind::For { .. } | StmtKind::While { .. }) {
            self.loops.push(stmt.range);
        }
        match &stmt.kind {
            StmtKind::Assign { targets, value } => {
                for target in targets {
                    self.target(target, value, true, tests);
                }
            }
            StmtKind::AnnAssign {
                target,
                value: Some(value),
                ..
            } => self.target(target, value, true, tests),
            StmtKind::AugAssign { target, value, .. } => self.target(target, value, false, tests),
            StmtKind::If { branches, orelse } => {
                for branch in branches {
                    tests.push(&branch.test);
                    self.block(&branch.body, tests);
                }
                self.block(orelse, tests);
            }
            StmtKind::For {
                target,
                iter,
                body,
                orelse,
                ..
            } => {
                self.target(target, iter, false, tests);
                tests.push(iter);
                self.block(body, tests);
                self.block(orelse, tests);
            }
            StmtKind::While { test, body, orelse } => {
                tests.push(test);
                self.block(body, tests);
                self.block(orelse, tests);
            }
            StmtKind::With { items, body, .. } => {
                for item in items {
                    if let Some(target) = &item.target {
                        self.target(target, &item.context, false, tests);
                    }
                }
                self.block(body, tests);
            }
            StmtKind::Match { subject, cases } => {
                tests.push(subject);
                for case in cases {
                    let mut captured = Vec::new();
                    visit::captures(&case.pattern, &mut |var| captured.push(var));
                    for var in captured {
                        if let Var::Local(slot) = var {
                            self.add(slot, vec![subject], false, tests);
                        }
                    }
                    tests.extend(&case.guard);
                    self.block(&case.body, tests);
                }
            }
            StmtKind::Try {
                body,
                handlers,
                orelse,
                finally,
            } => {
                self.block(body, tests);
                // Whether a handler runs is up to what its `try` looks at.
                let before = tests.len();
                for stmt in body {
                    visit::direct_expressions(stmt, &mut |expr| tests.push(expr));
                }
                for handler in handlers {
                    // What was caught is what the body came to, and no value of the world.
                    if let Some(Var::Local(slot)) = handler.var {
                        self.add(slot, Vec::new(), false, tests);
                    }
                    self.block(&handler.body, tests);
                }
                tests.truncate(before);
                self.block(orelse, tests);
                self.block(finally, tests);
            }
            _ => {}
        }
        tests.truncate(depth);
    }

    fn target(&mut self, target: &'p Expr, value: &'p Expr, is_whole: bool, tests: &[&'p Expr]) {
        match &target.kind {
            ExprKind::Name(_, Var::Local(slot)) => self.add(*slot, vec![value], is_whole, tests),
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                for item in items {
                    self.target(item, value, false, tests);
                }
            }
            ExprKind::Starred(inner) => self.target(inner, value, false, tests),
            ExprKind::Subscript { value: base, index } => {
                let part = match index.kind {
                    ExprKind::Constant(Constant::Str(key)) => Part::Key(key),
                    _ => Part::Other,
                };
                self.part(base, value, part, tests);
            }
            ExprKind::Attribute { value: base, .. } => self.part(base, value, Part::Other, tests),
            _ => {}
        }
    }

    /// `base[..] = value`, `base.name = value`, and the same of something in `base`.
    fn part(&mut self, base: &'p Expr, value: &'p Expr, part: Part, tests: &[&'p Expr]) {
        match &base.kind {
            ExprKind::Name(_, Var::Local(slot)) => self.add_part(*slot, vec![value], part, tests),
            ExprKind::Subscript { value: outer, .. } | ExprKind::Attribute { value: outer, .. } => {
                self.part(outer, value, Part::Other, tests);
            }
            _ => self.target(base, value, false, tests),
        }
    }

    /// Assignments within an expression: walruses, comprehension variables, and methods that fill what they are called on.
    fn inside(&mut self, expr: &'p Expr, tests: &[&'p Expr]) {
        visit::expressions(expr, &mut |expr| match &expr.kind {
            ExprKind::Walrus {
                var: Var::Local(slot),
                value,
            } => self.add(*slot, vec![value], true, tests),
            ExprKind::Comprehension(comprehension) => {
                self.loops.push(expr.range);
                for ForClause { target, iter, .. } in &comprehension.clauses {
                    self.target(target, iter, false, tests);
                }
            }
            ExprKind::Call(call) => {
                let ExprKind::Attribute {
                    value, attribute, ..
                } = &call.function.kind
                else {
                    return;
                };
                if let (true, ExprKind::Name(_, Var::Local(slot))) =
                    (is_mutator(attribute), &value.kind)
                {
                    let values = call.arguments.iter().map(|argument| &argument.value);
                    self.add_part(*slot, values.collect(), Part::Other, tests);
                }
            }
            _ => {}
        });
    }
}
