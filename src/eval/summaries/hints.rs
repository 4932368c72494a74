//! Functions evaluated once more with what the annotations of their parameters say.
//!
//! An annotation is a hint: nothing makes a caller keep to it (PEP 484, "The meaning of annotations"). What fails for an instance of the class that is named is
//! something that may fail, unless a call of the tree passes such an instance, and then that call tells.

use crate::eval::calls::construct::Constructor;
use crate::eval::domain::value::{ClassRef, Data, FunctionObject, Value};
use crate::eval::objects::mro::Ancestor;
use crate::eval::{Evaluator, Root};
use crate::facts::FailureKind;
use crate::name::Name;
use crate::program::ModuleId;
use crate::syntax::ir::{Constant, Expr, ExprKind, ParameterKind};

impl Evaluator<'_> {
    /// Evaluates a function with an instance of its class for each parameter whose annotation names a class of the tree; not at all if none does.
    pub fn run_hinted(&mut self, root: &Root) {
        if self.is_graph() || !root.chosen.is_empty() {
            return;
        }
        let before = self.looked.take();
        let mut hints = self.hints_of(&root.function);
        if let Some(first) = hints.first_mut()
            && let Some(instance) = self.hinted_receiver(&root.function)
        {
            *first = Some(instance);
        }
        if hints.iter().all(Option::is_none) {
            self.looked.set(before);
            return;
        }
        let run = self.runs;
        self.runs += 1;
        let mut arguments = self.unknown_arguments(&root.function, run, &[]);
        for (value, hint) in arguments.values.iter_mut().zip(hints) {
            *value = hint.unwrap_or(*value);
        }
        let looked = self.looked.replace(before);
        self.begin_root();
        self.run_for_all(root, arguments, looked, true);
    }

    /// The instance that a method of a class is called on, if the annotations of its `__init__` tell what such instances are given.
    fn hinted_receiver(&mut self, function: &FunctionObject) -> Option<Value> {
        let receiver = self.receiver_parameter(function)?;
        let Data::Instance { class, .. } = *self.data(receiver) else {
            return None;
        };
        if self.has_derived(class) || !self.has_known_instances(class) {
            return None;
        }
        let Constructor::Written(init) = self.constructor(class, Name::new("__init__")) else {
            return None;
        };
        let Data::Function(init) = self.data(init).clone() else {
            return None;
        };
        let hints = self.hints_of(&init);
        if hints.iter().all(Option::is_none) {
            return None;
        }
        let given = hints.iter().map(|hint| hint.unwrap_or(Value::UNKNOWN));
        let given = Some(self.values.tuple(given.collect()));
        Some(self.values.intern(Data::Instance {
            class,
            exact: true,
            data: None,
            given,
        }))
    }

    /// Whether the tree has classes that derive from a class: if not, it has no other instances, as far as the tree goes.
    fn has_derived(&self, class: ClassRef) -> bool {
        let derived = self.subclasses.get(&class);
        derived.is_some_and(|derived| !derived.is_empty())
    }

    /// What each parameter's annotation says that it is given, where that is an instance of a class of the tree whose attributes are known.
    fn hints_of(&mut self, function: &FunctionObject) -> Vec<Option<Value>> {
        let module = function.function.module;
        let definition = self.definition(function.function);
        let mut hints = Vec::with_capacity(definition.params.len());
        for parameter in &definition.params {
            let is_one = !matches!(
                parameter.kind,
                ParameterKind::VarPositional | ParameterKind::VarKeyword
            );
            let annotation = parameter.annotation.as_ref().filter(|_| is_one);
            let class = annotation.and_then(|annotation| self.class_named(module, annotation));
            hints.push(class.map(|class| {
                let exact = !self.has_derived(class);
                self.values.intern(Data::Instance {
                    class,
                    exact,
                    data: None,
                    given: None,
                })
            }));
        }
        hints
    }

    /// The class of the tree that an annotation names: `Shop`, `"Shop"`, `Shop | None`, `Optional[Shop]`.
    fn class_named(&mut self, module: ModuleId, annotation: &Expr) -> Option<ClassRef> {
        match &annotation.kind {
            ExprKind::Name(name, _) => self.plain_class(module, *name),
            ExprKind::Constant(Constant::Str(text)) => {
                let inner = text
                    .strip_prefix("Optional[")
                    .and_then(|text| text.strip_suffix(']'));
                let mut parts = inner.unwrap_or(text).split('|').map(str::trim);
                let named = parts.clone().filter(|&part| part != "None").count();
                let name = parts.find(|&part| part != "None").filter(|_| named == 1)?;
                self.plain_class(module, Name::new(name))
            }
            ExprKind::Binary { left, right, .. } => match (&left.kind, &right.kind) {
                (_, ExprKind::Constant(Constant::None)) => self.class_named(module, left),
                (ExprKind::Constant(Constant::None), _) => self.class_named(module, right),
                _ => None,
            },
            ExprKind::Subscript { value, index } => {
                let is_optional =
                    matches!(&value.kind, ExprKind::Name(name, _) if name.as_str() == "Optional");
                if is_optional {
                    self.class_named(module, index)
                } else {
                    None
                }
            }
            _ => None,
        }
    }

    /// A class by its name in a module, if all that its instances have is known.
    fn plain_class(&mut self, module: ModuleId, name: Name) -> Option<ClassRef> {
        let value = self.variable_at_end(module, name)?;
        let Data::Class { class, .. } = *self.data(value) else {
            return None;
        };
        self.has_known_instances(class).then_some(class)
    }

    /// Whether all that the instances of a class have is known.
    fn has_known_instances(&self, class: ClassRef) -> bool {
        let object = self.class(class);
        let is_known = |ancestor: &Ancestor| match ancestor {
            Ancestor::Tree(_) => true,
            Ancestor::External(name) => name.as_str() == "builtins.object",
            Ancestor::Unknown => false,
        };
        !object.is_open
            && !object.is_enum
            && !object.has_metaclass
            && object.mro.iter().all(is_known)
    }
}

/// Whether a failure of a kind is told if only an annotation says what the value is.
pub const fn is_told_by_hint(kind: FailureKind) -> bool {
    matches!(
        kind,
        FailureKind::MissingAttribute
            | FailureKind::MissingArgument
            | FailureKind::TooManyPositionals
            | FailureKind::UnexpectedKeyword
            | FailureKind::MultipleValues
    )
}
