//! Calling a class: `__new__`, `__init__`, and the constructors that are made from annotations.

use indexmap::IndexMap;

use crate::bind::{self, FaultKind, Parameter, Signature};
use crate::facts::FailureKind;
use crate::name::Name;
use crate::syntax::ir::{ArgumentKind, ExprKind, ParameterKind, Slot, StmtKind};

use crate::eval::Evaluator;
use crate::eval::calls::arguments::{Actual, shape};
use crate::eval::calls::call::{Invoked, Site};
use crate::eval::calls::refusal::Refusal;
use crate::eval::domain::value::{ClassRef, Data, Value};
use crate::eval::interpreter::frame::{Blame, Callee, Frame};
use crate::eval::objects::class::Generated;
use crate::eval::objects::mro::{Ancestor, InMro, is_transparent};

impl<'p> Evaluator<'p> {
    /// Calls a class.
    pub fn construct(
        &mut self,
        frame: &mut Frame<'p>,
        site: Site<'p>,
        class: ClassRef,
        exact: bool,
        actual: &Actual,
    ) -> Invoked {
        let object = self.class(class);
        if object.is_enum {
            let value = self.member_by_value(class, actual);
            return Invoked::value(value);
        }
        let (has_metaclass, is_foreign) = (object.has_metaclass, object.has_foreign_ancestor());
        if exact {
            self.note_instance(class);
        }
        if has_metaclass {
            let value = self.values.intern(Data::Class { class, exact });
            if let Some(method) = self.metaclass_attribute(class, value, Name::new("__call__")) {
                return self.invoke(frame, site, method, actual);
            }
            if !self.is_graph() {
                return Invoked::value(self.unknown_call(frame, actual));
            }
        }
        let invoked = self.construct_plainly(frame, site, class, exact, actual);
        match invoked.value {
            // The metaclass of a class that is not known decides what a call gives.
            Some(made) if is_foreign => Invoked::value(self.values.join(made, Value::UNKNOWN)),
            _ => invoked,
        }
    }

    /// Calls a class, as `type` does it.
    pub fn construct_plainly(
        &mut self,
        frame: &mut Frame<'p>,
        site: Site<'p>,
        class: ClassRef,
        exact: bool,
        actual: &Actual,
    ) -> Invoked {
        let instance = self.values.intern(Data::Instance { class, exact });
        let (init, new) = (Name::new("__init__"), Name::new("__new__"));
        let found_new = self.in_mro(class, new);
        let found_init = self.in_mro(class, init);
        let mut refusal = None;
        let mut made = instance;
        let mut chooses_class = false;
        if let InMro::Found(function, _) = found_new
            && let Data::Function(function) = self.data(function).clone()
        {
            let class_value = self.values.intern(Data::Class { class, exact });
            let mut with_class = actual.clone();
            with_class.positionals.insert(0, class_value);
            let site = Site {
                shift: site.shift + 1,
                ..site
            };
            chooses_class = self.rebinds_first_parameter(function.function);
            match self.bind_and_follow(frame, site, &function, &with_class) {
                Ok(outcome) => match outcome.returned {
                    None => return Invoked::never(),
                    // A singleton: what it returns may be an older instance, or something else.
                    Some(value) => made = self.values.join(value, instance),
                },
                Err(fault) => refusal = Some(fault),
            }
        } else if let InMro::Found(..) = found_new {
            return Invoked::value(self.unknown_call(frame, actual));
        }
        match found_init {
            InMro::Found(function, _) => match self.data(function).clone() {
                Data::Function(function) => {
                    let mut with_self = actual.clone();
                    with_self.positionals.insert(0, instance);
                    let site = Site {
                        shift: site.shift + 1,
                        ..site
                    };
                    match self.bind_and_follow(frame, site, &function, &with_self) {
                        Ok(outcome) if outcome.returned.is_none() => return Invoked::never(),
                        // What `__new__` made may be of another class, with another `__init__`.
                        Err(_) if chooses_class => {}
                        Ok(_) => {}
                        Err(fault) => refusal = refusal.or(Some(fault)),
                    }
                }
                _ => {
                    self.unknown_call(frame, actual);
                }
            },
            InMro::Unknown => {
                self.unknown_call(frame, actual);
            }
            InMro::Missing if matches!(found_new, InMro::Missing) => {
                refusal = self.generated_constructor(class, actual);
                self.called_by_constructor(frame, class, instance, actual);
                if self.record.is_some() {
                    let mut with_self = actual.clone();
                    with_self.positionals.insert(0, instance);
                    self.record_call(frame, &site, Callee::Class(class), None, &with_self);
                }
                self.havoc_all(frame, actual);
            }
            InMro::Missing => self.havoc_all(frame, actual),
        }
        let own = matches!(found_init, InMro::Found(..)) || matches!(found_new, InMro::Found(..));
        if !exact && (!own || self.subclasses.contains_key(&class)) {
            // A subclass may have another constructor.
            refusal = None;
        }
        self.may_raise(frame);
        Invoked {
            value: Some(made),
            refusal,
        }
    }

    /// Whether a `__new__` makes instances of classes that it chooses: it assigns to its `cls`.
    fn rebinds_first_parameter(&self, function: crate::eval::domain::value::FunctionRef) -> bool {
        let mut found = false;
        crate::syntax::visit::statements(&self.definition(function).body, &mut |stmt| {
            if let StmtKind::Assign { targets, .. } = &stmt.kind {
                found |= targets.iter().any(|target| {
                    matches!(
                        target.kind,
                        ExprKind::Name(_, crate::syntax::ir::Var::Local(Slot(0)))
                    )
                });
            }
        });
        found
    }

    fn havoc_all(&mut self, frame: &mut Frame<'p>, actual: &Actual) {
        for value in actual.all_values() {
            self.havoc(frame, value);
        }
    }

    fn member_by_value(&mut self, class: ClassRef, actual: &Actual) -> Value {
        let (Some(members), [value]) = (self.enum_members(class), actual.positionals.as_slice())
        else {
            return Value::UNKNOWN;
        };
        if members.contains(value) {
            return *value;
        }
        members
            .into_iter()
            .find(|&member| match *self.data(member) {
                Data::Member { class, name } => {
                    self.is_singular(*value)
                        && self.member_values.get(&(class, name)) == Some(value)
                }
                _ => false,
            })
            .unwrap_or(Value::UNKNOWN)
    }

    /// Binds a call to a constructor that is not written out: a dataclass's, a named tuple's, `object`'s.
    fn generated_constructor(&mut self, class: ClassRef, actual: &Actual) -> Option<Refusal> {
        let name = self.class(class).definition.name;
        let qualname = self.class(class).definition.qualname;
        let (method, parameters) = match self.constructor_kind(class) {
            Generated::Unknown => return None,
            Generated::Dataclass { init: false, .. } | Generated::No => {
                let passes = !actual.positionals.is_empty()
                    || actual.keywords.iter().any(|keyword| keyword.certain);
                if !passes || self.class(class).has_unknown_ancestor() {
                    return None;
                }
                let first = actual
                    .keywords
                    .iter()
                    .find(|keyword| keyword.certain && actual.positionals.is_empty());
                let (kind, blame, subject) = match first {
                    Some(keyword) => (
                        FailureKind::UnexpectedKeyword,
                        Blame::Keyword(keyword.name),
                        keyword.name,
                    ),
                    None => (FailureKind::TooManyPositionals, Blame::Shape, name),
                };
                return Some(Refusal::new(
                    kind,
                    subject,
                    format!("TypeError: {name}() takes no arguments"),
                    Callee::Class(class),
                    blame,
                ));
            }
            Generated::Dataclass { .. } => ("__init__", self.dataclass_parameters(class)?),
            Generated::NamedTuple => ("__new__", self.named_tuple_parameters(class)?),
        };
        let signature = Signature {
            function: Name::new(&format!("{qualname}.{method}")),
            parameters,
        };
        let mut shape = shape(actual);
        shape.positionals += 1;
        let fault = bind::bind(&signature, &shape).err()?;
        let subject = fault.names.first().copied().unwrap_or(name);
        let (kind, blame) = match fault.kind {
            FaultKind::UnexpectedKeyword => {
                (FailureKind::UnexpectedKeyword, Blame::Keyword(subject))
            }
            FaultKind::PositionalOnlyKeyword => {
                (FailureKind::PositionalOnlyKeyword, Blame::Keyword(subject))
            }
            FaultKind::MultipleValues => (FailureKind::MultipleValues, Blame::Duplicate(subject)),
            FaultKind::MissingArgument => (FailureKind::MissingArgument, Blame::Shape),
            FaultKind::TooManyPositionals => (FailureKind::TooManyPositionals, Blame::Shape),
        };
        let exception = format!("TypeError: {}", fault.message(&signature, &shape));
        Some(Refusal::new(
            kind,
            subject,
            exception,
            Callee::Class(class),
            blame,
        ))
    }

    /// The nearest ancestor that generates a constructor decides.
    pub fn constructor_kind(&self, class: ClassRef) -> Generated {
        for ancestor in &self.class(class).mro {
            match ancestor {
                Ancestor::Tree(ancestor) => {
                    let object = self.class(*ancestor);
                    if object.is_open {
                        return Generated::Unknown;
                    }
                    if object.generated != Generated::No {
                        return object.generated;
                    }
                }
                Ancestor::External(name) if is_transparent(*name) => {}
                _ => return Generated::Unknown,
            }
        }
        Generated::No
    }

    /// The parameters of a dataclass's `__init__`: the fields of its ancestors, then its own (PEP 557).
    pub fn dataclass_parameters(&self, class: ClassRef) -> Option<Vec<Parameter>> {
        let mut fields: IndexMap<Name, (bool, bool)> = IndexMap::new();
        for ancestor in self.class(class).mro.iter().rev() {
            let Ancestor::Tree(ancestor) = ancestor else {
                continue;
            };
            let object = self.class(*ancestor);
            let Generated::Dataclass { keyword_only, .. } = object.generated else {
                continue;
            };
            let mut keyword_only = keyword_only;
            for stmt in &object.definition.body {
                let StmtKind::AnnAssign {
                    target,
                    annotation,
                    value,
                } = &stmt.kind
                else {
                    if matches!(
                        stmt.kind,
                        StmtKind::If { .. } | StmtKind::Try { .. } | StmtKind::For { .. }
                    ) {
                        return None;
                    }
                    continue;
                };
                let ExprKind::Name(name, _) = target.kind else {
                    continue;
                };
                match annotation_head(annotation) {
                    Some("KW_ONLY") => {
                        keyword_only = true;
                        continue;
                    }
                    Some("ClassVar") => continue,
                    None => return None,
                    _ => {}
                }
                let mut has_default = value.is_some();
                let mut field_keyword_only = keyword_only;
                if let Some(ExprKind::Call(call)) = value.as_ref().map(|value| &value.kind)
                    && matches!(tail(&call.function.kind), Some("field"))
                {
                    has_default = false;
                    for argument in &call.arguments {
                        let ArgumentKind::Keyword(option) = argument.kind else {
                            return None;
                        };
                        match (option.as_str(), &argument.value.kind) {
                            ("default" | "default_factory", _) => has_default = true,
                            (
                                "init",
                                ExprKind::Constant(crate::syntax::ir::Constant::Bool(true)),
                            ) => {}
                            ("init", _) => return None,
                            (
                                "kw_only",
                                ExprKind::Constant(crate::syntax::ir::Constant::Bool(value)),
                            ) => field_keyword_only = *value,
                            ("kw_only", _) => return None,
                            _ => {}
                        }
                    }
                }
                fields.insert(name, (has_default, field_keyword_only));
            }
        }
        let mut parameters = vec![Parameter {
            name: Name::new("self"),
            kind: ParameterKind::PositionalOrKeyword,
            has_default: false,
        }];
        for wanted in [false, true] {
            for (&name, &(has_default, keyword_only)) in &fields {
                if keyword_only == wanted {
                    let kind = if keyword_only {
                        ParameterKind::KeywordOnly
                    } else {
                        ParameterKind::PositionalOrKeyword
                    };
                    parameters.push(Parameter {
                        name,
                        kind,
                        has_default,
                    });
                }
            }
        }
        Some(parameters)
    }

    pub fn named_tuple_parameters(&self, class: ClassRef) -> Option<Vec<Parameter>> {
        // Only the class that derives from `NamedTuple` itself has fields.
        let owner = self
            .class(class)
            .mro
            .iter()
            .rev()
            .find_map(|ancestor| match ancestor {
                Ancestor::Tree(class) => Some(*class),
                _ => None,
            })?;
        let mut parameters = vec![Parameter {
            name: Name::new("_cls"),
            kind: ParameterKind::PositionalOrKeyword,
            has_default: false,
        }];
        for stmt in &self.class(owner).definition.body {
            if let StmtKind::AnnAssign { target, value, .. } = &stmt.kind
                && let ExprKind::Name(name, _) = target.kind
            {
                parameters.push(Parameter {
                    name,
                    kind: ParameterKind::PositionalOrKeyword,
                    has_default: value.is_some(),
                });
            }
        }
        Some(parameters)
    }

    /// `@dataclass` on a class.
    pub fn make_dataclass(&mut self, class: ClassRef, actual: &Actual) {
        let flag = |evaluator: &Self, name: &str, default: bool| match actual.keyword(name) {
            None => Some(default),
            Some(value) => match evaluator.data(value) {
                Data::Bool(value) => Some(*value),
                _ => None,
            },
        };
        let generated = match (
            flag(self, "kw_only", false),
            flag(self, "init", true),
            actual.rest,
        ) {
            (Some(keyword_only), Some(init), None) => Generated::Dataclass { keyword_only, init },
            _ => Generated::Unknown,
        };
        self.classes[class.0 as usize].generated = generated;
    }
}

/// The outermost name of an annotation: `ClassVar` in `typing.ClassVar[int]`. None if it cannot be read.
fn annotation_head(annotation: &crate::syntax::ir::Expr) -> Option<&'static str> {
    match &annotation.kind {
        ExprKind::Subscript { value, .. } => annotation_head(value),
        ExprKind::Constant(crate::syntax::ir::Constant::Str(text)) => {
            let head = text.as_str().split('[').next().unwrap_or_default();
            Some(head.rsplit('.').next().unwrap_or_default().trim())
        }
        ExprKind::Unknown => None,
        kind => Some(tail(kind).unwrap_or("")),
    }
}

fn tail(kind: &ExprKind) -> Option<&'static str> {
    match kind {
        ExprKind::Name(name, _) => Some(name.as_str()),
        ExprKind::Attribute { attribute, .. } => Some(attribute.as_str()),
        _ => None,
    }
}
