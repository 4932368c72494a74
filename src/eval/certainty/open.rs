//! The tests around a place of one evaluation that could come out either way, worked out once for all chains that lead through it.
//!
//! A function of thousands of branches has many failures and calls, each behind most of its tests; asking each test again for each chain would be quadratic, and more.

use std::cell::OnceCell;
use std::rc::Rc;

use crate::eval::Evaluator;
use crate::eval::blame::ways::Ways;
use crate::eval::certainty::answers::{Answer, Hole, parts_with_outcome, shape_of};
use crate::eval::certainty::chain::Root;
use crate::eval::certainty::control::Detour;
use crate::eval::certainty::looks::{Looker, Looks};
use crate::eval::domain::value::ContextId;
use crate::syntax::ir::{Expr, ExprKind, Range};

/// The tests around a place that were undecided, the outermost and earliest first.
#[derive(Default)]
pub struct OpenTests<'p> {
    /// All of them.
    pub all: Vec<OpenTest<'p>>,
    /// Whether two of them contradict each other, once somebody asks.
    pub contradicted: OnceCell<bool>,
    /// Which of them say something to a chain that needs and asks for nothing, once somebody asks.
    telling: OnceCell<Telling>,
}

/// Which tests say something whatever is needed.
struct Telling {
    /// Their numbers.
    tests: Vec<usize>,
    /// Whether one of them asks for a feature: what that says depends on the failure.
    ask_features: bool,
}

/// A test around a place, as far as it was undecided.
pub struct OpenTest<'p> {
    /// All detours around the place, and which of them it is.
    detours: Rc<[Detour<'p>]>,
    at: usize,
    /// Its undecided parts; there is one at least.
    pub parts: Vec<&'p Expr>,
    /// What they say on the way to the place.
    pub said: Vec<Said<'p>>,
    /// What each part looks at, once somebody asks.
    looks: OnceCell<Vec<Rc<Looks>>>,
    /// The parts that ask for a feature, once somebody asks.
    featured: OnceCell<Vec<usize>>,
}

/// What a part of a test says of the variable that it is about.
pub struct Said<'p> {
    /// The part.
    pub part: &'p Expr,
    /// The variable.
    pub hole: Hole,
    /// The variable of a module that this is, if it is one.
    pub root: Option<Root>,
    /// What is said.
    pub answer: Answer,
}

impl<'p> OpenTest<'p> {
    /// The test.
    pub fn detour(&self) -> &Detour<'p> {
        &self.detours[self.at]
    }
}

impl<'p> Evaluator<'p> {
    /// The undecided tests among the detours around a place.
    pub fn open_tests(
        &self,
        ways: &Ways<'p>,
        context: ContextId,
        range: Range,
    ) -> Rc<OpenTests<'p>> {
        let detours = ways.detours_around(self.ir_of(context), self.body_of(context), range);
        if detours.is_empty() {
            return Rc::clone(&ways.untested);
        }
        if let Some(known) = ways.open.borrow().get(&(context, range)) {
            return Rc::clone(known);
        }
        let looker = Looker::new(self, &ways.flows, context);
        let tests = detours.iter().enumerate().filter_map(|(at, detour)| {
            let parts = self.undecided(context, detour);
            (!parts.is_empty()).then(|| OpenTest {
                detours: Rc::clone(&detours),
                at,
                said: self.said(&looker, detour, &parts),
                parts,
                looks: OnceCell::new(),
                featured: OnceCell::new(),
            })
        });
        let all: Vec<OpenTest<'p>> = tests.collect();
        let tests = if all.is_empty() {
            Rc::clone(&ways.untested)
        } else {
            Rc::new(OpenTests {
                all,
                ..OpenTests::default()
            })
        };
        let mut known = ways.open.borrow_mut();
        known.insert((context, range), Rc::clone(&tests));
        tests
    }

    /// The tests that say something to a chain which needs and asks for nothing: those about variables of modules, and those about features.
    pub fn telling_tests<'t>(
        &self,
        ways: &Ways<'p>,
        context: ContextId,
        open: &'t OpenTests<'p>,
    ) -> impl Iterator<Item = &'t OpenTest<'p>> {
        let telling = self.telling_of(ways, context, open);
        telling.tests.iter().map(|&at| &open.all[at])
    }

    /// Whether what leads to a place says nothing to a chain that needs and asks for nothing.
    pub fn say_nothing(&self, ways: &Ways<'p>, context: ContextId, open: &OpenTests<'p>) -> bool {
        open.all.is_empty()
            || self.telling_of(ways, context, open).tests.is_empty()
                && !self.is_contradicted_way(ways, context, open)
    }

    /// Whether an undecided test around a place asks for a feature.
    pub fn ask_features(&self, ways: &Ways<'p>, context: ContextId, open: &OpenTests<'p>) -> bool {
        self.telling_of(ways, context, open).ask_features
    }

    fn telling_of<'t>(
        &self,
        ways: &Ways<'p>,
        context: ContextId,
        open: &'t OpenTests<'p>,
    ) -> &'t Telling {
        open.telling.get_or_init(|| {
            let asks_feature = |test: &OpenTest<'p>| !self.featured(ways, context, test).is_empty();
            let is_of_module =
                |test: &OpenTest<'p>| test.said.iter().any(|said| said.root.is_some());
            let tests = open.all.iter().enumerate();
            let tests = tests.filter(|(_, test)| is_of_module(test) || asks_feature(test));
            Telling {
                tests: tests.map(|(at, _)| at).collect(),
                ask_features: open.all.iter().any(asks_feature),
            }
        })
    }

    /// What each part of a test looks at.
    pub fn looks_of<'t>(
        &self,
        ways: &Ways<'p>,
        context: ContextId,
        open: &'t OpenTest<'p>,
    ) -> &'t [Rc<Looks>] {
        open.looks.get_or_init(|| {
            let mut looker = Looker::new(self, &ways.flows, context);
            open.parts.iter().map(|part| looker.looks(part)).collect()
        })
    }

    /// The parts of a test that ask for a version, a platform, a signature or a feature.
    pub fn featured<'t>(
        &self,
        ways: &Ways<'p>,
        context: ContextId,
        open: &'t OpenTest<'p>,
    ) -> &'t [usize] {
        open.featured.get_or_init(|| {
            let asks = |part: &'p Expr| self.asks_any_feature(ways, context, part);
            let parts = open.parts.iter().enumerate();
            let parts = parts.filter(|(_, part)| asks(part));
            parts.map(|(at, _)| at).collect()
        })
    }

    /// The parts of a test that could come out either way when the body was evaluated.
    pub fn undecided(&self, context: ContextId, detour: &Detour<'p>) -> Vec<&'p Expr> {
        let tests = &self.contexts[context.0 as usize].tests;
        let is_open = |expr: &Expr| tests.contains(expr);
        let mut parts = Vec::new();
        for &asked in &detour.asked {
            // Whether a handler is entered is no test that the evaluation decides.
            if detour.by_exception || detour.is_handler || is_open(asked) {
                open_parts(asked, &is_open, &mut parts);
            }
        }
        parts
    }

    /// What the open parts of a test say on the way to the failure, each of the variable that it is about.
    fn said(
        &self,
        looker: &Looker<'_, 'p>,
        detour: &Detour<'p>,
        parts: &[&'p Expr],
    ) -> Vec<Said<'p>> {
        let mut found = Vec::new();
        let Some(outcome) = detour.outcome else {
            return found;
        };
        for &asked in &detour.asked {
            let is_open = |part: &Expr| parts.iter().any(|open| std::ptr::eq(*open, part));
            parts_with_outcome(asked, outcome, &is_open, &mut |part, outcome| {
                if let Some((hole, answer)) = shape_of(part, outcome) {
                    let (hole, answer) = looker.made_of(hole, answer);
                    found.push(Said {
                        part,
                        hole,
                        root: self.root_of(looker.context, hole),
                        answer,
                    });
                }
            });
        }
        found
    }
}

/// The parts of a test that are open.
fn open_parts<'p>(test: &'p Expr, is_open: &dyn Fn(&Expr) -> bool, out: &mut Vec<&'p Expr>) {
    match &test.kind {
        ExprKind::Not(inner) => open_parts(inner, is_open, out),
        ExprKind::Bool { values, .. } => {
            let open: Vec<&'p Expr> = values.iter().filter(|value| is_open(value)).collect();
            if open.is_empty() {
                out.push(test);
            }
            for part in open {
                open_parts(part, is_open, out);
            }
        }
        _ => out.push(test),
    }
}
