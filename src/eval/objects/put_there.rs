//! Attributes that no code of the tree puts on objects, where other code might.
//!
//! A class whose methods hand `self` to code outside the tree, or that others derive from, says less about its instances than one that keeps them: what it lacks, somebody
//! might add. Hardly anybody does, so that it is worth a warning.

use crate::eval::Evaluator;
use crate::eval::domain::value::{ClassRef, Data, Value};
use crate::eval::exceptions::class::ATTRIBUTE_ERROR;
use crate::eval::interpreter::frame::{Frame, LocalFailure};
use crate::eval::objects::attribute::{GUARDS, is_special};
use crate::eval::objects::filled::Holder;
use crate::eval::objects::mro::InMro;
use crate::eval::reuse::file_set::FileSet;
use crate::facts::{Confidence, FailureKind, May};
use crate::name::Name;
use crate::syntax::ir::{Constant, Expr, ExprKind};
use crate::syntax::visit;

impl<'p> Evaluator<'p> {
    /// `base.name`, of which it is not known whether it is there: a warning, if no code of the tree puts it there.
    pub(super) fn check_put_there(
        &mut self,
        frame: &mut Frame<'p>,
        expr: &'p Expr,
        base: Value,
        name: Name,
    ) {
        let Data::Instance { class, exact, .. } = *self.data(base) else {
            return;
        };
        if self.is_graph()
            || is_special(name)
            || frame.is_unsure()
            || !self.is_put_nowhere(class, exact, name)
        {
            return;
        }
        self.doubt_attribute(frame, (expr, base, name), May::HandedOn);
    }

    /// Tells that `base.name` may lack, for this reason, unless the code here asks for it or expects that.
    pub fn doubt_attribute(
        &mut self,
        frame: &mut Frame<'p>,
        (expr, base, name): (&'p Expr, Value, Name),
        doubt: May,
    ) {
        if frame.guards.iter().any(|test| mentions(test, name))
            || self.is_expected_here(frame, *ATTRIBUTE_ERROR)
        {
            return;
        }
        let Some(text) = self.attribute_error(frame, base, name) else {
            return;
        };
        frame.failures.push(LocalFailure {
            confidence: Confidence::May,
            exception: Some(format!("AttributeError: {text}")),
            doubt: Some(doubt),
            ..LocalFailure::at(
                FailureKind::MissingAttribute,
                name,
                expr.range,
                "reads the attribute",
            )
        });
    }

    /// Whether neither a class of the tree nor, unless instances of exactly that are meant, one that derives from it has an attribute of its instances.
    pub fn is_put_nowhere(&mut self, class: ClassRef, exact: bool, name: Name) -> bool {
        if self.in_mro(class, name) != InMro::Missing || self.is_assigned_by_methods(class, name) {
            return false;
        }
        // Which classes there are, and who makes them, any file may say.
        self.look(FileSet::ALL);
        let mut classes = vec![class];
        if !exact {
            classes.extend(self.derived(class));
            let is_made = |&class: &ClassRef| {
                let made = self.class(class).definition.name;
                self.survey.called_names.contains(&made)
            };
            if !classes.iter().any(is_made) {
                return false;
            }
        }
        classes.into_iter().all(|class| self.has_none(class, name))
    }

    fn has_none(&mut self, class: ClassRef, name: Name) -> bool {
        let module = self.class(class).module;
        self.in_mro(class, name) == InMro::Missing
            && !self.class(class).has_unknown_ancestor()
            && !self.is_assigned_by_methods(class, name)
            && !self.is_stored_elsewhere(name)
            && !self.is_stored_for(module, name)
            && !self.is_filled(Holder::Instances(class))
            && !self.is_given(class, false, name)
            && !self.is_announced_by_class(class, name)
            && self.is_sealed_by_tree(class, &GUARDS)
    }
}

/// Whether a test names an attribute as text: `hasattr(order, "total")`.
pub(super) fn mentions(test: &Expr, name: Name) -> bool {
    let mut found = false;
    visit::expressions(test, &mut |part| {
        found |= matches!(part.kind, ExprKind::Constant(Constant::Str(text)) if text == name);
    });
    found
}
