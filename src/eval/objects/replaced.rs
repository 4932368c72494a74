//! What a dataclass promises besides its `__init__`: the parameters of `dataclasses.replace` and `__post_init__` (PEP 557).

use crate::bind::{self, Shape};
use crate::eval::Evaluator;
use crate::eval::calls::arguments::Actual;
use crate::eval::calls::construct::Constructor;
use crate::eval::calls::refusal::Refusal;
use crate::eval::domain::value::{ClassRef, Data};
use crate::eval::interpreter::frame::{Blame, Callee, Frame};
use crate::eval::interpreter::operation::Wrong;
use crate::eval::objects::class::Generated;
use crate::eval::objects::mro::InMro;
use crate::facts::FailureKind;
use crate::name::Name;
use crate::python::Version;
use crate::syntax::ir::Range;

impl<'p> Evaluator<'p> {
    /// `dataclasses.replace(instance, field=..)`: why it fails, if the instance's class takes no such field.
    pub fn refuses_replacement(&mut self, actual: &Actual) -> Option<Refusal> {
        let first = *actual.positionals.first()?;
        let Data::Instance {
            class, exact: true, ..
        } = *self.data(first)
        else {
            return None;
        };
        let owner = self.generated_init(class)?;
        let parameters = self.dataclass_parameters(owner)?;
        let takes = |name: Name| parameters.iter().skip(1).any(|own| own.name == name);
        let refused = actual
            .keywords
            .iter()
            .find(|keyword| keyword.certain && !takes(keyword.name))?
            .name;
        let exception = if self.has_field(owner, refused) {
            format!(
                "ValueError: field {refused} is declared with init=False, it cannot be specified with replace()"
            )
        } else {
            let name = self.class(owner).definition.qualname;
            format!("TypeError: {name}.__init__() got an unexpected keyword argument '{refused}'")
        };
        Some(Refusal::new(
            FailureKind::UnexpectedKeyword,
            refused,
            exception,
            Callee::Class(class),
            Blame::Keyword(refused),
        ))
    }

    /// `@dataclass`: a failure if a field without a default follows one with a default, which may be a base's.
    pub fn check_order_of_fields(&mut self, frame: &mut Frame<'p>, range: Range, class: ClassRef) {
        let makes_init = matches!(
            self.class(class).generated,
            Generated::Dataclass { init: true, .. }
        );
        if self.is_graph() || !makes_init {
            return;
        }
        if let Some((name, before)) = self.misplaced_field(class) {
            let before = if self.program.targets().wording() >= Version(13) {
                format!(" '{before}'")
            } else {
                String::new()
            };
            let wrong = Wrong {
                kind: FailureKind::InvalidOperation,
                exception: format!(
                    "TypeError: non-default argument '{name}' follows default argument{before}"
                ),
                subject: &name,
                note: "makes a dataclass",
            };
            self.wrong_operation(frame, range, wrong);
        }
    }

    /// The class whose annotations made the `__init__` of a class.
    fn generated_init(&self, class: ClassRef) -> Option<ClassRef> {
        match self.constructor(class, Name::new("__init__")) {
            Constructor::Generated(owner) => Some(owner),
            _ => None,
        }
    }

    /// Why the `__init__` of a dataclass fails when it calls `__post_init__`, which gets the `InitVar` fields.
    pub fn refuses_post_init(&mut self, class: ClassRef, owner: ClassRef) -> Option<Refusal> {
        let passed = self.passed_on(owner)?;
        let InMro::Found(found, _) = self.in_mro(class, Name::new("__post_init__")) else {
            return None;
        };
        let Data::Function(object) = self.data(found).clone() else {
            return None;
        };
        let callable = self.callable(object.function);
        let shape = Shape {
            positionals: u32::try_from(passed).ok()? + 1,
            more_positionals: false,
            keywords: Vec::new(),
            more_keywords: false,
            absent: Vec::new(),
        };
        let fault = bind::bind(&callable.signature, &shape).err()?;
        let refusal = self.fault(&object, &callable, &shape, &fault);
        Some(Refusal {
            blame: Blame::Here,
            ..refusal
        })
    }
}
