//! Tests that are skipped each time: nothing in them runs as the tree stands.
//!
//! Sources: the library reference, "unittest" ("Skipping tests and expected failures"; `setUp`, `setUpClass`); pytest, "How to use skip and xfail".

use crate::eval::Evaluator;
use crate::eval::certainty::control::leaves_always;
use crate::eval::interpreter::frame::Owner;
use crate::facts::{Confidence, May};
use crate::syntax::ir::{Expr, ExprKind, Function, Module, Parent};

/// Methods that run before each test of a class, or before all of them.
const PREPARING: [&str; 6] = [
    "asyncSetUp",
    "setUp",
    "setUpClass",
    "setup",
    "setup_class",
    "setup_method",
];

impl Evaluator<'_> {
    /// What fails in a test that is skipped each time only may fail.
    pub fn doubt_skipped_tests(&mut self) {
        for context in &mut self.contexts {
            let Owner::Function(function) = context.owner else {
                continue;
            };
            if context.failures.is_empty() || !function.name.starts_with("test") {
                continue;
            }
            if is_skipped(&self.program.module(context.module).ir, function) {
                for failure in &mut context.failures {
                    failure.confidence = Confidence::May;
                    failure.doubt = Some(May::Skipped);
                }
            }
        }
    }
}

/// Whether a decorator, of a test or its class, skips it, or what the class does before each test never comes to its end.
fn is_skipped(ir: &Module, test: &Function) -> bool {
    let skips = |decorators: &[Expr]| decorators.iter().any(is_skip);
    let Parent::Class(class) = test.parent else {
        return skips(&test.decorators);
    };
    let prepares = |function: &Function| {
        function.parent == test.parent
            && PREPARING.contains(&function.name.as_str())
            && !function.is_generator
            && leaves_always(&function.body)
    };
    skips(&test.decorators) || skips(&ir[class].decorators) || ir.functions.iter().any(prepares)
}

/// `@unittest.skip("why")`, `@skip`, `@pytest.mark.skip(reason="why")`: without a condition.
fn is_skip(decorator: &Expr) -> bool {
    let named = match &decorator.kind {
        ExprKind::Call(call) => &call.function,
        _ => decorator,
    };
    match &named.kind {
        ExprKind::Name(name, _) => name.as_str() == "skip",
        ExprKind::Attribute { attribute, .. } => attribute.as_str() == "skip",
        _ => false,
    }
}
