//! What the `__init__` of a dataclass puts on an instance whose attributes are followed one by one (PEP 557).

use std::rc::Rc;

use crate::bind::{self, Signature, Source};
use crate::eval::Evaluator;
use crate::eval::calls::arguments::{Actual, shape};
use crate::eval::domain::state::{Dict, Object, Sequence};
use crate::eval::domain::value::{ClassRef, Data, Value};
use crate::eval::interpreter::frame::Frame;
use crate::eval::objects::class::Generated;
use crate::eval::objects::mro::{Ancestor, InMro};
use crate::name::Name;
use crate::syntax::ir::{ArgumentKind, Expr, ExprKind, StmtKind};

impl<'p> Evaluator<'p> {
    /// Assigns the fields that a dataclass's constructor is passed, or has defaults for. `owner`: the class that the constructor is made for. False: it does something else
    /// besides, or cannot be told; then nothing is known of the instance's own attributes.
    pub fn initialize_fields(
        &mut self,
        frame: &mut Frame<'p>,
        (instance, class): (Value, ClassRef),
        owner: ClassRef,
        actual: &Actual,
    ) -> bool {
        let Some(own) = self.own_in_body(frame, instance) else {
            return false;
        };
        let fields = self.fields_assigned(frame, owner, actual);
        match fields {
            Some(fields) if self.has_plain_init(class, owner) => {
                let mut dict = Dict::default();
                for (name, value) in fields {
                    if !self.is_computed(class, name) {
                        dict.set(self.values.str(name), value);
                    }
                }
                frame.state.set_object(own, Rc::new(Object::Dict(dict)));
                true
            }
            _ => {
                self.forget_own(frame, instance);
                false
            }
        }
    }

    /// Whether the constructor of a dataclass assigns its fields and does nothing else.
    fn has_plain_init(&self, class: ClassRef, owner: ClassRef) -> bool {
        matches!(self.class(owner).generated, Generated::Dataclass { .. })
            && self.in_mro(class, Name::new("__post_init__")) == InMro::Missing
            && self.passed_on(owner) == Some(0)
    }

    /// Each parameter of a dataclass's constructor with what it holds, as far as that is known; none if the call does not bind.
    fn fields_assigned(
        &mut self,
        frame: &mut Frame<'p>,
        owner: ClassRef,
        actual: &Actual,
    ) -> Option<Vec<(Name, Value)>> {
        let parameters = self.dataclass_parameters(owner)?;
        let signature = Signature {
            function: Name::new("__init__"),
            parameters,
        };
        let mut shape = shape(actual);
        shape.positionals += 1;
        let binding = bind::bind(&signature, &shape).ok()?;
        let mut fields = Vec::with_capacity(binding.sources.len());
        let bound = signature.parameters.iter().zip(&binding.sources);
        for (parameter, source) in bound.skip(1) {
            let value = match *source {
                Source::Positional(at) => actual.positionals.get(at as usize - 1).copied(),
                Source::Keyword(at) => {
                    let keyword = &actual.keywords[at as usize];
                    keyword.certain.then_some(keyword.value)
                }
                Source::Default => self.default_of_parameter(frame, owner, parameter.name),
                _ => None,
            };
            fields.extend(value.map(|value| (parameter.name, value)));
        }
        Some(fields)
    }

    /// Whether something that the class has under the name of a field decides what assigning it does.
    fn is_computed(&self, class: ClassRef, name: Name) -> bool {
        match self.in_mro(class, name) {
            InMro::Found(value, _) => matches!(
                self.data(value),
                Data::Property(..) | Data::CachedProperty(_) | Data::Instance { .. }
            ),
            InMro::Missing => false,
            InMro::Unknown => true,
        }
    }

    /// What a field holds that the constructor is not passed; none if that is not known.
    fn default_of_parameter(
        &mut self,
        frame: &mut Frame<'p>,
        class: ClassRef,
        name: Name,
    ) -> Option<Value> {
        let declared = self.declared_default(class, name)?;
        if let ExprKind::Call(call) = &declared.kind {
            let mut arguments = call.arguments.iter();
            let factory = arguments.find(|argument| {
                matches!(argument.kind, ArgumentKind::Keyword(option) if option.as_str() == "default_factory")
            })?;
            let ExprKind::Name(factory, _) = factory.value.kind else {
                return None;
            };
            let made = match factory.as_str() {
                "dict" => Object::Dict(Dict::default()),
                "list" => Object::List(Sequence::default()),
                _ => return None,
            };
            let made = frame.state.allocate(made);
            return Some(self.values.local(made));
        }
        match self.in_mro(class, name) {
            InMro::Found(value, _) => matches!(
                self.data(value),
                Data::None
                    | Data::Bool(_)
                    | Data::Int(_)
                    | Data::Str(_)
                    | Data::Tuple(_)
                    | Data::Function(_)
            )
            .then_some(value),
            InMro::Missing | InMro::Unknown => None,
        }
    }

    /// The expression behind the annotation of a field in the last class that declares it.
    fn declared_default(&self, class: ClassRef, name: Name) -> Option<&'p Expr> {
        for ancestor in &self.class(class).mro {
            let Ancestor::Tree(ancestor) = ancestor else {
                continue;
            };
            let definition = self.class(*ancestor).definition;
            let declared = definition.body.iter().find_map(|stmt| match &stmt.kind {
                StmtKind::AnnAssign { target, value, .. } if matches!(target.kind, ExprKind::Name(own, _) if own == name) => {
                    Some(value.as_ref())
                }
                _ => None,
            });
            if let Some(declared) = declared {
                return declared;
            }
        }
        None
    }
}
