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
    /// The tests around it; see [`Flow::tests_around`].
    pub under: Under,
}

/// The innermost test around a place, which leads to those around it; none: there is none. Bodies share them: a chain of `elif` has its last branch under all tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Under(Option<u32>);

impl Under {
    /// Whether there is no test.
    #[must_use]
    pub const fn is_nothing(self) -> bool {
        self.0.is_none()
    }
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
    /// The tests, each with those around it.
    tests: Vec<(&'p Expr, Under)>,
    /// The loops: what is written anywhere in one may be looked at anywhere in it.
    loops: Vec<Range>,
}

impl<'p> Flow<'p> {
    /// Reads a body.
    #[must_use]
    pub fn of(body: &'p [Stmt]) -> Self {
        let mut flow = Self::default();
        flow.block(body, Under(None));
        flow
    }

    /// The assignments to a variable.
    #[must_use]
    pub fn writes(&self, slot: Slot) -> &[Write<'p>] {
        self.writes.get(&slot).map_or(&[], Vec::as_slice)
    }

    /// The tests around an assignment, the outermost first.
    #[must_use]
    pub fn tests_around(&self, write: &Write<'p>) -> Vec<&'p Expr> {
        let mut tests = Vec::new();
        let mut under = write.under;
        while let Some((test, around)) = under.0.and_then(|at| self.tests.get(at as usize)) {
            tests.push(*test);
            under = *around;
        }
        tests.reverse();
        tests
    }

    /// What stands under a test too.
    fn test(&mut self, test: &'p Expr, around: Under) -> Under {
        self.tests.push((test, around));
        // A body has fewer tests than its text has characters, whose places have 32 bits.
        Under(u32::try_from(self.tests.len() - 1).ok())
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

    fn add(&mut self, slot: Slot, values: Vec<&'p Expr>, is_whole: bool, under: Under) {
        self.writes.entry(slot).or_default().push(Write {
            values,
            is_whole,
            part: None,
            under,
        });
    }

    fn add_part(&mut self, slot: Slot, values: Vec<&'p Expr>, part: Part, under: Under) {
        self.writes.entry(slot).or_default().push(Write {
            values,
            is_whole: false,
            part: Some(part),
            under,
        });
    }

    fn block(&mut self, body: &'p [Stmt], under: Under) {
        for stmt in body {
            self.statement(stmt, under);
        }
    }

    fn statement(&mut self, stmt: &'p Stmt, under: Under) {
        visit::direct_expressions(stmt, &mut |expr| self.inside(expr, under));
        let mut under = under;
        if matches!(stmt.kind, StmtKind::For { .. } | StmtKind::While { .. }) {
            self.loops.push(stmt.range);
        }
        match &stmt.kind {
            StmtKind::Assign { targets, value } => {
                for target in targets {
                    self.target(target, value, true, under);
                }
            }
            StmtKind::AnnAssign {
                target,
                value: Some(value),
                ..
            } => self.target(target, value, true, under),
            StmtKind::AugAssign { target, value, .. } => self.target(target, value, false, under),
            StmtKind::If { branches, orelse } => {
                for branch in branches {
                    under = self.test(&branch.test, under);
                    self.block(&branch.body, under);
                }
                self.block(orelse, under);
            }
            StmtKind::For {
                target,
                iter,
                body,
                orelse,
                ..
            } => {
                self.target(target, iter, false, under);
                under = self.test(iter, under);
                self.block(body, under);
                self.block(orelse, under);
            }
            StmtKind::While { test, body, orelse } => {
                under = self.test(test, under);
                self.block(body, under);
                self.block(orelse, under);
            }
            StmtKind::With { items, body, .. } => {
                for item in items {
                    if let Some(target) = &item.target {
                        self.target(target, &item.context, false, under);
                    }
                }
                self.block(body, under);
            }
            StmtKind::Match { subject, cases } => {
                under = self.test(subject, under);
                for case in cases {
                    let mut captured = Vec::new();
                    visit::captures(&case.pattern, &mut |var| captured.push(var));
                    for var in captured {
                        if let Var::Local(slot) = var {
                            self.add(slot, vec![subject], false, under);
                        }
                    }
                    if let Some(guard) = &case.guard {
                        under = self.test(guard, under);
                    }
                    self.block(&case.body, under);
                }
            }
            StmtKind::Try {
                body,
                handlers,
                orelse,
                finally,
            } => {
                self.block(body, under);
                // Whether a handler runs is up to what its `try` looks at.
                let before = under;
                for stmt in body {
                    visit::direct_expressions(stmt, &mut |expr| under = self.test(expr, under));
                }
                for handler in handlers {
                    // What was caught is what the body came to, and no value of the world.
                    if let Some(Var::Local(slot)) = handler.var {
                        self.add(slot, Vec::new(), false, under);
                    }
                    self.block(&handler.body, under);
                }
                under = before;
                self.block(orelse, under);
                self.block(finally, under);
            }
            _ => {}
        }
    }

    fn target(&mut self, target: &'p Expr, value: &'p Expr, is_whole: bool, under: Under) {
        match &target.kind {
            ExprKind::Name(_, Var::Local(slot)) => self.add(*slot, vec![value], is_whole, under),
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                for item in items {
                    self.target(item, value, false, under);
                }
            }
            ExprKind::Starred(inner) => self.target(inner, value, false, under),
            ExprKind::Subscript { value: base, index } => {
                let part = match index.kind {
                    ExprKind::Constant(Constant::Str(key)) => Part::Key(key),
                    _ => Part::Other,
                };
                self.part(base, value, part, under);
            }
            ExprKind::Attribute { value: base, .. } => self.part(base, value, Part::Other, under),
            _ => {}
        }
    }

    /// `base[..] = value`, `base.name = value`, and the same of something in `base`.
    fn part(&mut self, base: &'p Expr, value: &'p Expr, part: Part, under: Under) {
        match &base.kind {
            ExprKind::Name(_, Var::Local(slot)) => self.add_part(*slot, vec![value], part, under),
            ExprKind::Subscript { value: outer, .. } | ExprKind::Attribute { value: outer, .. } => {
                self.part(outer, value, Part::Other, under);
            }
            _ => self.target(base, value, false, under),
        }
    }

    /// Assignments within an expression: walruses, comprehension variables, and methods that fill what they are called on.
    fn inside(&mut self, expr: &'p Expr, under: Under) {
        visit::expressions(expr, &mut |expr| match &expr.kind {
            ExprKind::Walrus {
                var: Var::Local(slot),
                value,
            } => self.add(*slot, vec![value], true, under),
            ExprKind::Comprehension(comprehension) => {
                self.loops.push(expr.range);
                for ForClause { target, iter, .. } in &comprehension.clauses {
                    self.target(target, iter, false, under);
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
                    self.add_part(*slot, values.collect(), Part::Other, under);
                }
            }
            _ => {}
        });
    }
}
