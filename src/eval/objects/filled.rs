//! Objects that code gives attributes whose names it computes, or another class: what they have is not known from then on.
//!
//! Such code may be met after what asks for an attribute (`load(settings)` in a function that comes later), so what was found to be missing is looked at
//! again when everything was evaluated.

use crate::name::Name;
use crate::program::ModuleId;
use crate::syntax::ir::{Expr, ExprKind, Range};

use crate::eval::Evaluator;
use crate::eval::domain::value::{ClassRef, ContextId, Data, Value};
use crate::eval::interpreter::frame::Frame;
use crate::eval::objects::mro::Ancestor;
use crate::eval::reuse::effect::Act;

/// What may be filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Holder {
    /// The instances of a class.
    Instances(ClassRef),
    /// A class.
    Class(ClassRef),
    /// A module.
    Module(ModuleId),
}

/// The attributes of a function that its calls rest on.
fn makes_function(attribute: Name) -> bool {
    matches!(
        attribute.as_str(),
        "__code__" | "__defaults__" | "__kwdefaults__"
    )
}

impl<'p> Evaluator<'p> {
    /// Notes that an object gets attributes whose names are not known: `setattr(object, name, value)`.
    pub fn fill(&mut self, object: Value) {
        for object in self.values.alternatives(object) {
            let holder = match *self.data(object) {
                Data::Instance { class, .. } => Holder::Instances(class),
                Data::Class { class, .. } => Holder::Class(class),
                Data::Module(module) => Holder::Module(module),
                _ => continue,
            };
            if self.filled.insert(holder) && !self.is_importing {
                self.effects.acts.push(Act::Other);
            }
        }
    }

    /// Notes what an assignment to `__class__`, `__code__` and the like replaces; nothing is known of it from then on.
    pub fn assign_special(
        &mut self,
        frame: &mut Frame<'p>,
        target: &'p Expr,
        base: Value,
        attribute: Name,
    ) {
        if attribute.as_str() == "__class__" {
            self.fill(base);
            if let ExprKind::Attribute { value, .. } = &target.kind
                && let ExprKind::Name(_, var) = value.kind
            {
                self.assign_var(frame, var, Value::UNKNOWN);
            }
        }
        if makes_function(attribute) {
            self.replace_function(base);
        }
    }

    /// Notes that a function's code or defaults are replaced.
    pub fn replace_function(&mut self, function: Value) {
        if let Some(object) = self.function_behind(function)
            && self.rewritten.insert(object.function)
            && !self.is_importing
        {
            self.effects.acts.push(Act::Other);
        }
    }

    /// Whether what a function takes may have been replaced.
    pub fn is_rewritten_function(&self, function: crate::eval::domain::value::FunctionRef) -> bool {
        let names = &self.survey.rewritten_functions;
        self.rewritten.contains(&function)
            || !names.is_empty() && names.contains(&self.definition(function).name)
    }

    /// Whether instances of a class may be of another one by now, or have attributes that were not seen.
    pub fn is_filled(&self, holder: Holder) -> bool {
        if self.filled.contains(&holder) {
            return true;
        }
        let (Holder::Instances(class) | Holder::Class(class)) = holder else {
            return false;
        };
        if self.filled.is_empty() && self.survey.reclassed.is_empty() {
            return false;
        }
        self.class(class).mro.iter().any(|ancestor| match ancestor {
            Ancestor::Tree(ancestor) => {
                let object = self.class(*ancestor);
                let of_class = Holder::Class(*ancestor);
                let of_instances = Holder::Instances(*ancestor);
                let is_reclassed = self.survey.reclassed.contains(&(object.module, object.id));
                self.filled.contains(&of_class)
                    || matches!(holder, Holder::Instances(_))
                        && (is_reclassed || self.filled.contains(&of_instances))
            }
            _ => false,
        })
    }

    /// Notes that an object, reached here, was found to lack something.
    pub fn note_lacking(&mut self, context: ContextId, range: Range, object: Value) {
        let holder = match *self.data(object) {
            Data::Instance { class, .. } | Data::Member { class, .. } => Holder::Instances(class),
            Data::Class { class, .. } => Holder::Class(class),
            Data::Module(module) => Holder::Module(module),
            _ => return,
        };
        self.lacking.insert((context, range), holder);
    }

    /// Whether what was found to be missing may be there after all.
    pub fn may_be_filled(&self, context: ContextId, range: Range) -> bool {
        let holder = self.lacking.get(&(context, range));
        holder.is_some_and(|&holder| self.is_filled(holder))
    }
}
