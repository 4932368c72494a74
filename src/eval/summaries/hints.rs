//! Functions evaluated once more with what the annotations of their parameters say.
//!
//! Where there is none, the name of a parameter may say it: see [`super::named`]. An annotation is a hint: nothing makes a caller keep to it (PEP 484, "The meaning of annotations"). What fails for an instance of the class that is named is
//! something that may fail, unless a call of the tree passes such an instance, and then that call tells.

use std::sync::LazyLock;

use crate::eval::calls::construct::Constructor;
use crate::eval::domain::value::{ClassRef, ContextId, Data, FunctionObject, Value};
use crate::eval::interpreter::frame::LocalFailure;
use crate::eval::objects::mro::Ancestor;
use crate::eval::{Evaluator, Root};
use crate::facts::{FailureKind, May};
use crate::name::Name;
use crate::program::{ModuleId, Resolution};
use crate::syntax::ir::{Constant, Expr, ExprKind, ParameterKind, StmtKind, Var};

impl Evaluator<'_> {
    /// Evaluates a function with an instance of its class for each parameter whose annotation names a class of the tree; not at all if none does.
    pub fn run_hinted(&mut self, root: &Root) {
        if self.is_graph() || !root.chosen.is_empty() {
            return;
        }
        let before = self.looked.take();
        let mut hints = self.hints_of(&root.function);
        let mut may = May::Hint;
        if let Some(first) = hints.first_mut() {
            let told = self.hinted_receiver(&root.function);
            if told.is_none() && self.unfinished.contains(&root.function.function) {
                *first = self.finished_receiver(&root.function);
                may = if first.is_some() { May::Derived } else { may };
            } else if told.is_some() {
                *first = told;
            }
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
        self.begin_root(root.function.function.module);
        self.run_for_all(root, arguments, looked, Some(may));
    }

    /// Why an evaluation, or one of a function around it, whose variables it sees, is evaluated with more than is certain.
    pub fn hinted_around(&self, context: ContextId) -> Option<May> {
        let around = |context: &ContextId| self.contexts[context.0 as usize].closure;
        std::iter::successors(Some(context), around)
            .find_map(|context| self.contexts[context.0 as usize].hinted)
    }

    /// Whether what an evaluation finds lacking is an attribute that one of the classes it is hinted to be given announces (`name: str`): those that derive from the
    /// class have it.
    pub fn is_announced_by_hinted(&self, context: ContextId, failure: &LocalFailure<'_>) -> bool {
        let is_announced = |&value: &Value| match *self.data(value) {
            Data::Instance { class, .. } => {
                let name = self.class(class).definition.name;
                let lacks = format!("'{name}' object has no attribute");
                let exception = failure.exception.as_deref().unwrap_or_default();
                exception.contains(&lacks) && self.is_announced_by_class(class, failure.subject)
            }
            _ => false,
        };
        failure.kind == FailureKind::MissingAttribute
            && self.contexts[context.0 as usize]
                .arguments
                .iter()
                .any(is_announced)
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

    /// An instance of exactly the class that a method belongs to, if that class is there to have instances, and not for others to be derived from: none is, and a call
    /// in the tree has its name.
    fn finished_receiver(&mut self, function: &FunctionObject) -> Option<Value> {
        let receiver = self.receiver_parameter(function)?;
        let Data::Instance { class, .. } = *self.data(receiver) else {
            return None;
        };
        if self.definition(function.function).is_lambda() {
            // It is hardly called as a method.
            return None;
        }
        let object = self.class(class);
        let name = object.definition.name;
        let is_derived_from = self.has_derived(class) || self.survey.base_names.contains(&name);
        let is_made = self.survey.called_names.contains(&name) || self.is_loaded_by_name(class);
        if is_derived_from
            || !is_made
            || !self.has_known_instances(class)
            || self.is_still_abstract(class)
        {
            return None;
        }
        Some(self.values.intern(Data::Instance {
            class,
            exact: true,
            data: None,
            given: None,
        }))
    }

    /// Whether a class looks like one of several that the program finds by their names, as plug-ins are: others share a base with it, no call in the tree has its
    /// name, and no import names its module.
    pub fn is_loaded_by_name(&self, class: ClassRef) -> bool {
        let object = self.class(class);
        !self.survey.called_names.contains(&object.definition.name)
            && !self.bases_with_others(class).is_empty()
            && !self.program.is_imported(object.module)
    }

    /// Whether a class that shares a base with this one has an attribute that this one lacks: it may be there to be a base beside that.
    pub fn is_had_by_relatives(&self, class: ClassRef, name: Name) -> bool {
        let bases = self.bases_with_others(class);
        let mut bases = bases.into_iter();
        bases.any(|base| self.is_had_below(base, name))
    }

    /// Whether a class that derives from this one has an attribute. All classes of a large family ask for the same few: it is looked for again only where a class came or changed.
    fn is_had_below(&self, base: ClassRef, name: Name) -> bool {
        let known = self.had_below.borrow().get(&(base, name)).copied();
        if let Some((_, is_had)) = known.filter(|(at, _)| *at == self.class_changes) {
            return is_had;
        }
        let is_had = self.derived(base).into_iter().any(|relative| {
            self.class(relative).namespace.contains_key(&name)
                || self.is_assigned_by_methods(relative, name)
        });
        let answer = (self.class_changes, is_had);
        self.had_below.borrow_mut().insert((base, name), answer);
        is_had
    }

    /// The classes of the tree that a class derives from, and others do too.
    fn bases_with_others(&self, class: ClassRef) -> Vec<ClassRef> {
        let ancestors = self.class(class).mro.iter();
        let bases = ancestors.filter_map(|ancestor| match *ancestor {
            Ancestor::Tree(base) if base != class => Some(base),
            _ => None,
        });
        let has_others =
            |base: &ClassRef| self.subclasses.get(base).is_some_and(|all| all.len() > 1);
        bases.filter(has_others).collect()
    }

    /// Whether the tree has classes that derive from a class: if not, it has no other instances, as far as the tree goes.
    pub(super) fn has_derived(&self, class: ClassRef) -> bool {
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
            let class = match annotation {
                Some(annotation) => self.class_named(module, annotation),
                None if is_one => self.class_by_name_of(function, parameter.name),
                None => None,
            };
            let class = class.filter(|&class| !self.may_make_others(class));
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

    /// Whether a class of the tree says itself what a call of it gives, which need be no instance of it (reference, 3.3.1): whoever names it in an annotation means that.
    fn may_make_others(&self, class: ClassRef) -> bool {
        static MAKER: LazyLock<Name> = LazyLock::new(|| Name::new("__new__"));
        let maker = *MAKER;
        self.class(class).mro.iter().any(|ancestor| {
            matches!(ancestor, Ancestor::Tree(own) if self.class(*own).namespace.contains_key(&maker))
        })
    }

    /// The class of the tree that an annotation names: `Shop`, `"Shop"`, `Shop | None`, `Optional[Shop]`.
    pub fn class_named(&mut self, module: ModuleId, annotation: &Expr) -> Option<ClassRef> {
        match &annotation.kind {
            ExprKind::Attribute {
                value, attribute, ..
            } => match value.kind {
                ExprKind::Name(name, _) => self.dotted_class(module, name, *attribute),
                _ => None,
            },
            ExprKind::Name(name, _) => self.plain_class(module, *name),
            ExprKind::Constant(Constant::Str(text)) => {
                let inner = text
                    .strip_prefix("Optional[")
                    .and_then(|text| text.strip_suffix(']'));
                let mut parts = inner.unwrap_or(text).split('|').map(str::trim);
                let named = parts.clone().filter(|&part| part != "None").count();
                let name = parts.find(|&part| part != "None").filter(|_| named == 1)?;
                match name.split_once('.') {
                    Some((base, name)) => {
                        self.dotted_class(module, Name::new(base), Name::new(name))
                    }
                    None => self.plain_class(module, Name::new(name)),
                }
            }
            ExprKind::Binary { left, right, .. } => match (&left.kind, &right.kind) {
                (_, ExprKind::Constant(Constant::None)) => self.class_named(module, left),
                (ExprKind::Constant(Constant::None), _) => self.class_named(module, right),
                _ => None,
            },
            ExprKind::Subscript { value, index } => {
                let is_optional = matches!(&value.kind,
                    ExprKind::Name(name, _) | ExprKind::Attribute { attribute: name, .. }
                        if name.as_str() == "Optional");
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
        let value = self.variable_at_end(module, name);
        let value = value.filter(|&value| value != Value::UNBOUND);
        let value = match value.map(|value| self.data(value)) {
            Some(Data::Class { .. }) => value?,
            Some(Data::Unknown) | None => match self.imported_for_checkers(module, name)? {
                (from, Some(name)) => self.variable_at_end(from, name)?,
                (_, None) => return None,
            },
            _ => return None,
        };
        let Data::Class { class, .. } = *self.data(value) else {
            return None;
        };
        // Of a class that is abstract, and that nothing in the tree completes, no instance is known.
        let is_there = self.has_derived(class) || !self.is_still_abstract(class);
        (is_there && self.has_known_instances(class)).then_some(class)
    }

    /// `models.Order`: a class of a module that the module knows by a name.
    fn dotted_class(&mut self, module: ModuleId, base: Name, name: Name) -> Option<ClassRef> {
        let value = self.variable_at_end(module, base);
        let value = value.filter(|&value| value != Value::UNBOUND);
        let from = match value.map(|value| self.data(value)) {
            Some(Data::Module(from)) => *from,
            Some(Data::Unknown) | None => match self.imported_for_checkers(module, base)? {
                (from, None) => from,
                (parent, Some(name)) => match self.program.submodule(parent, name) {
                    Resolution::Module(from) => from,
                    _ => return None,
                },
            },
            _ => return None,
        };
        self.plain_class(from, name)
    }

    /// Where a name comes from that a module imports for type checkers alone, in the body of `if TYPE_CHECKING:` (PEP 484): a module, and the name in it.
    fn imported_for_checkers(
        &self,
        module: ModuleId,
        name: Name,
    ) -> Option<(ModuleId, Option<Name>)> {
        let mut found = None;
        let ir = &self.program.module(module).ir;
        let is_bound = |var: Var| match var {
            Var::Local(slot) => {
                let slot = ir.scope.slots.get(slot.0 as usize);
                slot.is_some_and(|slot| slot.name == name)
            }
            Var::Global(global) => global == name,
            Var::Free { .. } | Var::Hidden { .. } => false,
        };
        for stmt in &ir.body {
            let StmtKind::If { branches, .. } = &stmt.kind else {
                continue;
            };
            let is_for_checkers = |test: &Expr| {
                matches!(&test.kind,
                    ExprKind::Name(name, _) | ExprKind::Attribute { attribute: name, .. }
                        if name.as_str() == "TYPE_CHECKING")
            };
            for branch in branches
                .iter()
                .filter(|branch| is_for_checkers(&branch.test))
            {
                for stmt in &branch.body {
                    if let StmtKind::ImportFrom(import) = &stmt.kind
                        && let Some(imported) =
                            import.names.iter().find(|imported| is_bound(imported.var))
                    {
                        let from = self.program.imported_from(module, import);
                        found = from.map(|from| (from, Some(imported.name)));
                    }
                }
            }
        }
        found
    }

    /// Whether all that the instances of a class have is known.
    pub(super) fn has_known_instances(&self, class: ClassRef) -> bool {
        let object = self.class(class);
        let is_known = |ancestor: &Ancestor| match ancestor {
            Ancestor::Tree(_) => true,
            // What a protocol says, objects of other classes have, and more.
            Ancestor::External(name) => {
                matches!(
                    name.as_str(),
                    "builtins.object" | "abc.ABC" | "typing.Generic"
                )
            }
            Ancestor::Unknown => false,
        };
        !object.is_open
            && !object.is_enum
            && !object.has_metaclass
            && object.mro.iter().all(is_known)
    }
}

/// Whether a failure of a kind is told if only this says what the value is: an annotation, or the class of `self`. What a class does not override is judged without it.
pub const fn is_told_by_hint(kind: FailureKind, hint: May) -> bool {
    match kind {
        FailureKind::MissingArgument
        | FailureKind::TooManyPositionals
        | FailureKind::UnexpectedKeyword
        | FailureKind::MultipleValues => true,
        FailureKind::MissingAttribute | FailureKind::NotAwaited | FailureKind::AbsentKey => {
            !matches!(hint, May::Overridden)
        }
        _ => false,
    }
}
