//! Who calls the function that a chain starts in, where that is known.
//!
//! What a chain's first function is given may be anything, so that a test on it does not count (DESIGN 3a.2d). That holds for a function which code that is not
//! there may call. It does not where all callers are known, or where a test runner picks the arguments: these may always be such that the test leads elsewhere.

use crate::eval::Evaluator;
use crate::eval::domain::value::ContextId;
use crate::eval::interpreter::frame::Owner;
use crate::syntax::ir::{Expr, ExprKind, Function, FunctionId, ParameterKind, Parent};
use crate::syntax::visit;

impl Evaluator<'_> {
    /// Whether what a function's parameters get, in an evaluation that no call leads to, is no free choice.
    pub fn is_given_by_known(&self, outermost: ContextId) -> bool {
        let context = &self.contexts[outermost.0 as usize];
        let Owner::Function(function) = context.owner else {
            return false;
        };
        self.is_only_called(outermost, function)
            || self.survey.tests.contains(&context.module) && is_filled_by_runner(function)
    }

    /// Whether a function inside another is only called there, and never handed on: all its callers are known, and each has an evaluation of its own.
    pub fn is_only_called(&self, context: ContextId, function: &Function) -> bool {
        let Parent::Function(around) = function.parent else {
            return false;
        };
        if function.is_lambda() || !function.decorators.is_empty() {
            return false;
        }
        let mut known = self.only_called.borrow_mut();
        *known
            .entry(std::ptr::from_ref(function))
            .or_insert_with(|| self.is_only_called_within(context, function, around))
    }

    /// The same, from the text of the function around it.
    fn is_only_called_within(
        &self,
        context: ContextId,
        function: &Function,
        around: FunctionId,
    ) -> bool {
        let ir = self.ir_of(context);
        let within = ir[around].range;
        let (mut named, mut called) = (0, 0);
        let mut count = |expr: &Expr| match &expr.kind {
            ExprKind::Name(name, _) if *name == function.name => named += 1,
            ExprKind::Call(call) => {
                let is_it =
                    matches!(call.function.kind, ExprKind::Name(name, _) if name == function.name);
                called += u32::from(is_it);
            }
            _ => {}
        };
        let functions = ir.functions.iter().map(|inner| (inner.range, &inner.body));
        let classes = ir.classes.iter().map(|class| (class.range, &class.body));
        for (_, body) in functions
            .chain(classes)
            .filter(|(range, _)| within.contains(*range))
        {
            visit::all_expressions(body, &mut count);
        }
        for head in ir.heads().filter(|head| within.contains(head.range)) {
            visit::expressions(head, &mut count);
        }
        called > 0 && named == called
    }
}

/// Whether a test runner calls a function, and fills its parameters from fixtures and tables by their names (pytest, "How to use fixtures", "How to parametrize").
fn is_filled_by_runner(function: &Function) -> bool {
    let is_filled = |kind| {
        matches!(
            kind,
            ParameterKind::PositionalOrKeyword | ParameterKind::KeywordOnly
        )
    };
    let own = matches!(function.parent, Parent::Class(_));
    let mut given = function.params.iter().skip(usize::from(own));
    function.name.starts_with("test")
        && given.any(|parameter| is_filled(parameter.kind) && parameter.default.is_none())
}
