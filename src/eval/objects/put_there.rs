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
use crate::syntax::ir::{Constant, Expr, ExprKind, Parent};
use crate::syntax::visit;

/// How many classes must have what one lacks: few may differ for a reason.
const SIBLINGS: usize = 4;

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
        if self.is_graph() || is_special(name) || frame.is_unsure() {
            return;
        }
        if !self.is_put_nowhere(class, exact, name) {
            if !exact {
                self.check_siblings(frame, expr, class, name);
            }
            return;
        }
        self.doubt_attribute(frame, (expr, base, name), May::HandedOn);
    }

    /// `base.name`, where the class that is meant has no such attribute, and all that derive from it do but one: a warning for that one.
    fn check_siblings(
        &mut self,
        frame: &mut Frame<'p>,
        expr: &'p Expr,
        class: ClassRef,
        name: Name,
    ) {
        if self.is_partial || !self.is_lacked_by_itself(class, name) {
            return;
        }
        // Any file may have one more.
        self.look(FileSet::ALL);
        let mut derived = self.derived(class);
        derived.retain(|&class| self.is_there_to_be_made(class));
        if derived.len() <= SIBLINGS {
            return;
        }
        let mut lacking = derived
            .into_iter()
            .filter(|&own| self.is_lacked_by_itself(own, name));
        let (Some(one), None) = (lacking.next(), lacking.next()) else {
            return;
        };
        drop(lacking);
        if !self.is_put_nowhere(one, true, name) || self.has_method_of_its_own(frame, class, one) {
            return;
        }
        let meant = self.values.intern(Data::Instance {
            class: one,
            exact: true,
            data: None,
            given: None,
        });
        self.doubt_attribute(frame, (expr, meant, name), May::Derived);
    }

    /// Whether neither a class nor what it derives from has an attribute in its body, or assigns it in a method.
    fn is_lacked_by_itself(&self, class: ClassRef, name: Name) -> bool {
        self.look_into(self.class(class).module);
        self.in_mro(class, name) == InMro::Missing && !self.is_assigned_by_methods(class, name)
    }

    /// Whether the method that runs belongs to a class, and one that derives from it has another of that name.
    fn has_method_of_its_own(&self, frame: &Frame<'p>, class: ClassRef, below: ClassRef) -> bool {
        let Some(function) = frame.function() else {
            return false;
        };
        let is_method = matches!(function.parent, Parent::Class(_));
        is_method && self.in_mro(class, function.name) != self.in_mro(below, function.name)
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
        !self.is_assigned_by_methods(class, name) && self.is_left_to_methods(class, name)
    }

    /// Whether nothing but methods that assign it can give instances of a class an attribute.
    pub(super) fn is_left_to_methods(&mut self, class: ClassRef, name: Name) -> bool {
        let module = self.class(class).module;
        self.in_mro(class, name) == InMro::Missing
            && !self.class(class).has_unknown_ancestor()
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
