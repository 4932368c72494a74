//! What happens to a class once its body has run: `__set_name__` of what is in it, and the `__init_subclass__` of its bases (the data model,
//! "Creating the class object").

use crate::facts::FailureKind;
use crate::name::Name;
use crate::syntax::ir::{ExprKind, Var};
use crate::syntax::visit;

use crate::eval::Evaluator;
use crate::eval::calls::arguments::{Actual, ActualKeyword};
use crate::eval::calls::call::Site;
use crate::eval::calls::refusal::Refusal;
use crate::eval::domain::value::{ClassRef, Data, FunctionRef, Value};
use crate::eval::interpreter::frame::{Blame, Callee, Frame};
use crate::eval::objects::mro::{Ancestor, InMro, is_transparent};

/// The keywords of a class statement but `metaclass`, and whether there may be more.
#[derive(Debug, Default)]
pub struct ClassKeywords {
    /// Names and values.
    pub named: Vec<(Name, Value)>,
    /// Whether `**keywords` is among them.
    pub more: bool,
}

impl<'p> Evaluator<'p> {
    /// Runs `__set_name__` and `__init_subclass__` for a class.
    pub fn class_created(
        &mut self,
        frame: &mut Frame<'p>,
        class: ClassRef,
        keywords: &ClassKeywords,
    ) {
        self.name_descriptors(frame, class);
        self.init_subclass(frame, class, keywords);
    }

    fn name_descriptors(&mut self, frame: &mut Frame<'p>, class: ClassRef) {
        let namespace: Vec<(Name, Value)> = {
            let namespace = &self.class(class).namespace;
            namespace
                .iter()
                .map(|(&name, &value)| (name, value))
                .collect()
        };
        let method = Name::new("__set_name__");
        let owner = self.values.intern(Data::Class { class, exact: true });
        for (name, value) in namespace {
            let Data::Instance { class: kind, .. } = *self.data(value) else {
                continue;
            };
            match self.in_mro(kind, method) {
                InMro::Missing => {}
                InMro::Found(function, _) if matches!(self.data(function), Data::Function(_)) => {
                    if let Data::Function(object) = self.data(function)
                        && self.mentions_owner(object.function)
                    {
                        // It may put something else in its own place.
                        self.classes[class.0 as usize]
                            .namespace
                            .insert(name, Value::UNKNOWN);
                    }
                    let bound = self.values.intern(Data::Bound {
                        function,
                        receiver: value,
                    });
                    let name = self.values.str(name);
                    self.call_aside(frame, bound, vec![owner, name]);
                }
                InMro::Found(..) | InMro::Unknown => {
                    self.classes[class.0 as usize]
                        .namespace
                        .insert(name, Value::UNKNOWN);
                }
            }
        }
    }

    /// Whether a `__set_name__(self, owner, name)` does anything with the class.
    fn mentions_owner(&self, function: FunctionRef) -> bool {
        let mut found = false;
        visit::all_expressions(&self.definition(function).body, &mut |expr| {
            found |= matches!(expr.kind, ExprKind::Name(_, Var::Local(slot)) if slot.0 == 1);
        });
        let scope = &self.definition(function).scope;
        found || scope.slots.get(1).is_none_or(|owner| owner.captured)
    }

    fn init_subclass(&mut self, frame: &mut Frame<'p>, class: ClassRef, keywords: &ClassKeywords) {
        let object = self.class(class);
        let range = object.definition.name_range;
        let ancestors = object.mro[1..].to_vec();
        let has_metaclass = object.has_metaclass;
        match self.in_ancestors(&ancestors, Name::new("__init_subclass__")) {
            InMro::Found(method, _) => {
                let Data::ClassMethod(function) = *self.data(method) else {
                    return;
                };
                let receiver = self.values.intern(Data::Class { class, exact: true });
                let bound = self.values.intern(Data::Bound { function, receiver });
                let mut actual = Actual::default();
                for &(name, value) in &keywords.named {
                    actual.keywords.push(ActualKeyword {
                        name,
                        value,
                        certain: true,
                        forwarded: false,
                    });
                }
                // A metaclass may take keywords away, or add some.
                actual.rest = (keywords.more || has_metaclass).then_some(Value::UNKNOWN);
                let site = Site {
                    range,
                    ..Site::of_language()
                };
                let live = frame.state.live;
                let marks = frame.failures.len();
                self.call_alternatives(frame, site, bound, &actual);
                if has_metaclass {
                    frame.failures.truncate(marks);
                }
                frame.state.live = live;
            }
            InMro::Missing if !has_metaclass => {
                let is_plain = |ancestor: &Ancestor| match ancestor {
                    Ancestor::Tree(_) => true,
                    // Enums and named tuples have metaclasses that take keywords of their own.
                    Ancestor::External(name) => {
                        is_transparent(*name)
                            && !name.starts_with("enum.")
                            && name.as_str() != "typing.NamedTuple"
                    }
                    Ancestor::Unknown => false,
                };
                if let Some(&(keyword, _)) = keywords.named.first()
                    && ancestors.iter().all(is_plain)
                {
                    let name = self.class(class).definition.name;
                    let refusal = Refusal::new(
                        FailureKind::UnexpectedKeyword,
                        keyword,
                        format!("TypeError: {name}.__init_subclass__() takes no keyword arguments"),
                        Callee::Class(class),
                        Blame::Keyword(keyword),
                    );
                    let site = Site {
                        range,
                        ..Site::of_language()
                    };
                    let live = frame.state.live;
                    self.refuse(frame, &site, refusal);
                    frame.state.live = live;
                }
            }
            InMro::Missing | InMro::Unknown => {}
        }
    }
}
