//! What is needed of an object beside its type: `self.port.write(text)` fails for what is kept as `port`, and so for what the object was given when it was made.
//!
//! What an object itself lacks, it lacks for its type, whatever it was made of.

use crate::eval::Evaluator;
use crate::eval::certainty::chain::Chain;
use crate::eval::certainty::looks::{Looker, Looks, Source};
use crate::eval::certainty::passing::{Passed, passed};
use crate::eval::domain::value::ContextId;
use crate::eval::interpreter::frame::{Edge, Owner};
use crate::name::Name;
use crate::syntax::ir::{Call, Expr, ExprKind, Slot, StmtKind, Var};
use crate::syntax::visit;

/// Which of what an object is given when it is made is needed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Parts {
    /// Nothing: its type is.
    #[default]
    None,
    /// What makes the type of one attribute.
    TypeOf(Name),
    /// All that goes into one attribute.
    In(Name),
    /// All.
    All,
}

/// What a failing operation needs of the object that a variable of its frame holds, by the expression that fails.
pub(super) fn parts_of(failing: Option<&Expr>) -> Parts {
    // The attribute that lacks, and the method that is called, are the type's.
    let thing = match failing.map(|expr| &expr.kind) {
        Some(ExprKind::Attribute { value, .. }) => Some(&**value),
        Some(ExprKind::Name(..)) | None => None,
        Some(_) => failing,
    };
    match thing.and_then(first_attribute) {
        Some((name, true)) => Parts::TypeOf(name),
        Some((name, false)) => Parts::In(name),
        None => Parts::None,
    }
}

impl<'p> Evaluator<'p> {
    /// What is needed so one frame up, at the call that leads down: what is passed may be an attribute itself.
    pub(super) fn parts_above(&self, below: &Chain, edge: &Edge<'p>, call: &'p Call) -> Parts {
        let own = below.parts();
        let needs = below.needs().iter();
        let values = needs.flat_map(|&source| passed(self, call, edge.shift, edge.callee, source));
        let mut found = own;
        for passed in values {
            if let Passed::Value(expr) = passed
                && let Some((name, is_whole)) = first_attribute(expr)
            {
                found = match own {
                    Parts::None if is_whole => Parts::TypeOf(name),
                    _ => Parts::In(name),
                };
            }
        }
        found
    }
}

impl<'p> Looker<'_, 'p> {
    /// Whether a call that leads to an edge's callee makes an object: that is its `__init__`, which the call does not name.
    pub(super) fn is_construction(&self, call: &Call, edge: usize) -> bool {
        let callee = self.evaluator.contexts[self.context.0 as usize].edges[edge].callee;
        let Owner::Function(function) = self.evaluator.contexts[callee.0 as usize].owner else {
            return false;
        };
        let init = "__init__";
        let is_named = |expr: &Expr| matches!(&expr.kind, ExprKind::Attribute { attribute, .. } if attribute.as_str() == init);
        function.name.as_str() == init && !is_named(&call.function)
    }

    /// What an object that a call makes looks at, as far as it is needed: what is passed for the parameters that go into the attribute; all that is passed where its
    /// `__init__` assigns none of that name.
    pub(super) fn constructed(&mut self, call: &'p Call, edge: usize, found: &mut Looks) {
        let edge = &self.evaluator.contexts[self.context.0 as usize].edges[edge];
        let (callee, shift) = (edge.callee, edge.shift);
        let values = match self.parts {
            Parts::TypeOf(name) | Parts::In(name) => self.assigned_by(callee, name),
            Parts::None | Parts::All => Vec::new(),
        };
        if values.is_empty() {
            for argument in &call.arguments {
                self.look(&argument.value, found);
            }
            return;
        }
        let inner = Looker::new(self.evaluator, self.flows, callee);
        let mut inner = inner.with_parts(Parts::All);
        let mut looks = Looks::default();
        for value in values {
            if matches!(self.parts, Parts::TypeOf(_)) {
                looks.add(&inner.kind_of(value));
            } else {
                looks.add(&inner.looks(value));
            }
        }
        let sources: Vec<Source> = looks.sources.into_iter().collect();
        for source in sources {
            if inner.is_parameter(source.slot) {
                self.argument(call, shift, (callee, source), found);
            }
        }
    }

    /// What an evaluation's body assigns to an attribute of its first parameter.
    fn assigned_by(&self, callee: ContextId, name: Name) -> Vec<&'p Expr> {
        let is_it = |target: &Expr| match &target.kind {
            ExprKind::Attribute {
                value, attribute, ..
            } => *attribute == name && matches!(value.kind, ExprKind::Name(_, Var::Local(Slot(0)))),
            _ => false,
        };
        let mut values = Vec::new();
        visit::statements(self.evaluator.body_of(callee), &mut |stmt| {
            if let StmtKind::Assign { targets, value } = &stmt.kind
                && targets.iter().any(is_it)
            {
                values.push(value);
            }
        });
        values
    }
}

/// The attribute that an expression takes of a variable, the first one if it takes more of that, and whether it takes no more; none of what is no attribute.
fn first_attribute(expr: &Expr) -> Option<(Name, bool)> {
    let mut found = None;
    visit::expressions(expr, &mut |part| {
        if let ExprKind::Attribute {
            value, attribute, ..
        } = &part.kind
            && matches!(value.kind, ExprKind::Name(..))
        {
            found = found.or(Some((*attribute, std::ptr::eq(part, expr))));
        }
    });
    found
}
