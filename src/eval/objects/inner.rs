//! Classes in the bodies of classes: `class Meta:`, `class Outputs:`. They are declarations as often as classes, and what makes the outer class may turn them
//! into something else.

use crate::eval::Evaluator;
use crate::eval::domain::value::{ClassRef, Data, Value};
use crate::eval::objects::mro::Ancestor;
use crate::name::Name;
use crate::syntax::ir::Parent;

impl Evaluator<'_> {
    /// Whether a value is a class that the body of another one defines.
    pub fn is_inner_class(&self, value: Value) -> bool {
        matches!(self.data(value), Data::Class { class, .. }
            if matches!(self.class(*class).definition.parent, Parent::Class(_)))
    }

    /// Whether what makes a class may put another one in the place of one that its body defines: a metaclass, the `__init_subclass__` of an ancestor, or an
    /// ancestor that is neither of the tree nor of the standard library (the data model, "Customizing class creation").
    pub fn may_replace_inner(&self, class: ClassRef) -> bool {
        let object = self.class(class);
        let hook = Name::new("__init_subclass__");
        let has_hook = |ancestor: &Ancestor| match ancestor {
            Ancestor::Tree(ancestor) => {
                *ancestor != class && self.class(*ancestor).namespace.contains_key(&hook)
            }
            Ancestor::External(_) | Ancestor::Unknown => false,
        };
        object.has_metaclass || object.has_foreign_ancestor() || object.mro.iter().any(has_hook)
    }
}
