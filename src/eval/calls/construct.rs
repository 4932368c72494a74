//! Calling a class: `__new__`, `__init__`, and the constructors that are made from annotations.

use crate::bind::{self, FaultKind, Signature};
use crate::facts::{Confidence, FailureKind, May};
use crate::name::Name;
use crate::syntax::ir::{Call, ExprKind, Slot, Stmt, StmtKind};
use crate::syntax::visit;

use crate::eval::Evaluator;
use crate::eval::calls::arguments::{Actual, shape};
use crate::eval::calls::call::{Invoked, Site};
use crate::eval::calls::refusal::Refusal;
use crate::eval::domain::value::{ClassRef, Data, Value};
use crate::eval::interpreter::frame::{Blame, Callee, Frame, Owner};
use crate::eval::objects::class::Generated;
use crate::eval::objects::mro::{Ancestor, is_transparent};
use crate::eval::survey::hands_over;

/// Where a class has its `__new__` or `__init__` from.
#[derive(Clone, Copy, Debug)]
pub enum Constructor {
    /// It is written out in a class body.
    Written(Value),
    /// This class got it from its annotations.
    Generated(ClassRef),
    /// An ancestor may have one that is not known.
    Unknown,
    /// It is `object`'s.
    Inherited,
}

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
            if value == Value::UNKNOWN {
                self.check_member_value(frame, site.range, class, actual);
            }
            return Invoked::value(value);
        }
        let (has_metaclass, is_foreign) = (object.has_metaclass, object.has_foreign_ancestor());
        if exact {
            self.note_instance(class);
        }
        // What frameworks declare in a class body (`name = TextField(label)`) is made of it later, and kept as what was said until then.
        if is_foreign && matches!(frame.owner, Owner::Class(_)) && !self.is_graph() {
            return Invoked::value(self.unknown_call(frame, actual));
        }
        if has_metaclass {
            let value = self.values.intern(Data::Class { class, exact });
            if let Some(method) = self.metaclass_attribute(class, value, Name::new("__call__")) {
                return self.invoke(frame, site, method, actual);
            }
            if !self.is_graph() {
                let refusal = if self.is_called_plainly(class) {
                    let invoked = self.construct_plainly(frame, site, class, exact, actual);
                    invoked.refusal
                } else {
                    None
                };
                return Invoked {
                    refusal,
                    ..Invoked::value(self.unknown_call(frame, actual))
                };
            }
        }
        // One that has a `__new__` of its own may go another way altogether: a call of an enumeration looks its members up.
        let new = self.constructor(class, Name::new("__new__"));
        if is_foreign && !self.is_graph() && matches!(new, Constructor::Written(_)) {
            return Invoked::value(self.unknown_call(frame, actual));
        }
        let invoked = self.construct_plainly(frame, site, class, exact, actual);
        match invoked.value {
            // The metaclass of a class that is not known decides what a call gives.
            Some(made) if is_foreign => {
                if let Some(refusal) = invoked.refusal {
                    self.refuse_for_foreign(frame, &site, class, refusal);
                }
                Invoked::value(self.values.join(made, Value::UNKNOWN))
            }
            _ => invoked,
        }
    }

    /// A class's own constructor refuses a call, and a class from outside that it derives from might have another way of making instances.
    fn refuse_for_foreign(
        &mut self,
        frame: &mut Frame<'p>,
        site: &Site<'p>,
        class: ClassRef,
        refusal: Refusal,
    ) {
        let is_unknown = |ancestor: &Ancestor| matches!(ancestor, Ancestor::Unknown);
        let own = self.class(class);
        let is_plain = !own.is_decorated && !own.mro.iter().any(is_unknown);
        if self.is_graph() || site.alternative || !is_plain {
            return;
        }
        let told = frame.failures.len();
        self.refuse_elsewhere(frame, site, refusal);
        for failure in &mut frame.failures[told..] {
            failure.confidence = Confidence::May;
            failure.doubt = Some(May::Foreign);
        }
    }

    /// Calls a class, as `type.__call__` does it: `__new__`, and then the `__init__` of what that made, if it is an instance of the class (the
    /// data model, `object.__new__`).
    pub fn construct_plainly(
        &mut self,
        frame: &mut Frame<'p>,
        site: Site<'p>,
        class: ClassRef,
        exact: bool,
        actual: &Actual,
    ) -> Invoked {
        let site_of_method = Site {
            shift: site.shift + 1,
            ..site
        };
        let new = self.constructor(class, Name::new("__new__"));
        if exact && matches!(new, Constructor::Inherited) {
            // Arguments for a class without any constructor are refused before that.
            let init = self.constructor(class, Name::new("__init__"));
            let takes = !matches!(init, Constructor::Inherited);
            if (takes || self.takes_nothing(class, actual).is_none())
                && let Some(refusal) = self.refuses_instances(class)
            {
                self.may_raise(frame);
                return Invoked {
                    value: Some(Value::UNKNOWN),
                    refusal: Some(refusal),
                };
            }
        }
        let made = match self.make(frame, site_of_method, class, exact, (new, actual)) {
            Ok(Some(made)) => made,
            Ok(None) => return Invoked::never(),
            Err(refusal) => {
                self.may_raise(frame);
                return Invoked {
                    value: Some(Value::UNKNOWN),
                    refusal: self.if_not_overridden(class, exact, new, refusal),
                };
            }
        };
        let mut results = Vec::new();
        let mut refusals = Vec::new();
        let (mut any, mut fine) = (false, false);
        let made = self.values.alternatives(made);
        let several = made.iter().filter(|&&made| made != Value::NONE).count() > 1;
        let site = Site {
            alternative: site.alternative || several,
            ..site
        };
        for instance in made {
            // What a variable holds until the first instance is there says nothing of the later ones.
            if instance == Value::NONE {
                results.push(instance);
                continue;
            }
            any = true;
            let instance = self.with_given(instance, actual);
            let instance = match new {
                Constructor::Inherited => self.with_own(frame, instance),
                _ => instance,
            };
            let initialized = self.initialize(frame, site, instance, class, exact, (new, actual));
            match initialized {
                Ok(true) => {
                    results.push(instance);
                    fine = true;
                }
                Ok(false) => fine = true,
                Err(_) if self.may_remake(new) => {
                    results.push(instance);
                    fine = true;
                }
                Err(refusal) => {
                    results.push(instance);
                    refusals.push(refusal);
                }
            }
        }
        self.may_raise(frame);
        if results.is_empty() && any {
            return Invoked::never();
        }
        Invoked {
            value: Some(self.values.union(results)),
            refusal: refusals.into_iter().next().filter(|_| !fine),
        }
    }

    /// What `__new__` makes. None: it does not return.
    fn make(
        &mut self,
        frame: &mut Frame<'p>,
        site: Site<'p>,
        class: ClassRef,
        exact: bool,
        (new, actual): (Constructor, &Actual),
    ) -> Result<Option<Value>, Refusal> {
        let data = if exact {
            self.data_made(frame, class, new, actual)
        } else {
            None
        };
        let instance = self.values.intern(Data::Instance {
            class,
            exact,
            data,
            given: None,
        });
        match new {
            Constructor::Written(function) => {
                let function = match *self.data(function) {
                    Data::Static(inner) => inner,
                    _ => function,
                };
                let Data::Function(function) = self.data(function).clone() else {
                    return Ok(Some(self.unknown_call(frame, actual)));
                };
                let class_value = self.values.intern(Data::Class { class, exact });
                let with_class = actual.with_first(class_value);
                let outcome = self.bind_and_follow(frame, site, &function, &with_class)?;
                Ok(outcome.returned)
            }
            Constructor::Generated(owner) => {
                self.havoc_all(frame, actual);
                match self.bind_generated(class, owner, "__new__", actual) {
                    Some(refusal) => Err(refusal),
                    None => Ok(Some(instance)),
                }
            }
            Constructor::Unknown | Constructor::Inherited => Ok(Some(instance)),
        }
    }

    /// Runs the `__init__` of what `__new__` made. False: it does not return.
    fn initialize(
        &mut self,
        frame: &mut Frame<'p>,
        site: Site<'p>,
        instance: Value,
        class: ClassRef,
        is_exact: bool,
        (new, actual): (Constructor, &Actual),
    ) -> Result<bool, Refusal> {
        let (found, exact) = match *self.data(instance) {
            Data::Instance { class, exact, .. } => (class, exact),
            Data::Unknown | Data::Symbol { .. } => {
                // It may be an instance of any class below this one, or of none.
                self.havoc_all(frame, actual);
                return Ok(true);
            }
            _ => return Ok(true),
        };
        if !self.class(found).mro.contains(&Ancestor::Tree(class)) {
            return Ok(true);
        }
        let init = self.constructor(found, Name::new("__init__"));
        let exact = exact && (found != class || is_exact);
        match init {
            Constructor::Written(function) => {
                if let Data::Function(function) = self.data(function).clone() {
                    let with_self = actual.with_first(instance);
                    // What is made may be an instance of a class below, with an `__init__` of its own.
                    let is_another = !exact && self.is_overridden(found, Name::new("__init__"));
                    let site = Site {
                        shift: site.shift + 1,
                        alternative: site.alternative || is_another,
                        ..site
                    };
                    match self.bind_and_follow(frame, site, &function, &with_self) {
                        Ok(outcome) => Ok(outcome.returned.is_some()),
                        Err(refusal) => self.kept(found, exact, init, refusal),
                    }
                } else {
                    self.unknown_call(frame, actual);
                    Ok(true)
                }
            }
            Constructor::Generated(owner) => {
                let is_kept = self.initialize_fields(frame, (instance, found), owner, actual);
                self.note_generated(frame, &site, found, instance, actual);
                if !is_kept {
                    self.havoc_all(frame, actual);
                }
                let refused = self.bind_generated(found, owner, "__init__", actual);
                match refused.or_else(|| self.refuses_post_init(found, owner)) {
                    Some(refusal) => self.kept(found, exact, init, refusal),
                    None => Ok(true),
                }
            }
            Constructor::Unknown => {
                self.unknown_call(frame, actual);
                Ok(true)
            }
            Constructor::Inherited => {
                self.note_generated(frame, &site, found, instance, actual);
                self.havoc_all(frame, actual);
                match new {
                    Constructor::Inherited => match self.takes_nothing(found, actual) {
                        Some(refusal) => self.kept(found, exact, init, refusal),
                        None => Ok(true),
                    },
                    _ => Ok(true),
                }
            }
        }
    }

    /// Whether a `__new__` hands its class on, so that the class may have another `__init__` when that is looked for: `if not cls.is_ready: prepare(cls)`.
    fn may_remake(&self, new: Constructor) -> bool {
        let Constructor::Written(function) = new else {
            return false;
        };
        let Some(function) = self.function_behind(function) else {
            return false;
        };
        let is_plain = |call: &Call| matches!(&call.function.kind, ExprKind::Attribute { attribute, .. } if attribute.as_str() == "__new__");
        let mut hands_on = false;
        visit::all_expressions(&self.definition(function.function).body, &mut |expr| {
            if let ExprKind::Call(call) = &expr.kind {
                hands_on |= !is_plain(call) && hands_over(call, Slot(0));
            }
        });
        hands_on
    }

    /// A refusal by an `__init__` or `__new__`, unless a subclass may have another one.
    fn if_not_overridden(
        &self,
        class: ClassRef,
        exact: bool,
        constructor: Constructor,
        refusal: Refusal,
    ) -> Option<Refusal> {
        let is_own = matches!(constructor, Constructor::Written(..));
        let may_be_another = !exact && (!is_own || self.subclasses.contains_key(&class));
        (!may_be_another).then_some(refusal)
    }

    fn kept(
        &self,
        class: ClassRef,
        exact: bool,
        constructor: Constructor,
        refusal: Refusal,
    ) -> Result<bool, Refusal> {
        match self.if_not_overridden(class, exact, constructor, refusal) {
            Some(refusal) => Err(refusal),
            None => Ok(true),
        }
    }

    /// What a constructor that is not written out does.
    fn note_generated(
        &mut self,
        frame: &mut Frame<'p>,
        site: &Site<'p>,
        class: ClassRef,
        instance: Value,
        actual: &Actual,
    ) {
        self.called_by_constructor(frame, class, instance, actual);
        if self.record.is_some() {
            let with_self = actual.with_first(instance);
            let site = Site {
                shift: site.shift + 1,
                ..*site
            };
            self.record_call(frame, &site, Callee::Class(class), None, &with_self);
        }
    }

    /// What an instance of a class gets its `__new__` or `__init__` from: the first along the order of resolution that has one, written or made.
    pub fn constructor(&self, class: ClassRef, method: Name) -> Constructor {
        let is_init = method.as_str() == "__init__";
        for ancestor in &self.class(class).mro {
            match ancestor {
                Ancestor::Tree(ancestor) => {
                    let object = self.class(*ancestor);
                    if let Some(&value) = object.namespace.get(&method) {
                        return if self.may_be_replaced(object, method, value) {
                            Constructor::Unknown
                        } else {
                            Constructor::Written(value)
                        };
                    }
                    match object.generated {
                        Generated::Dataclass { init: true, .. } if is_init => {
                            return Constructor::Generated(*ancestor);
                        }
                        Generated::NamedTuple if !is_init => {
                            return Constructor::Generated(*ancestor);
                        }
                        Generated::Unknown => return Constructor::Unknown,
                        _ if object.is_open => return Constructor::Unknown,
                        _ => {}
                    }
                }
                Ancestor::External(name) if is_transparent(*name) => {}
                Ancestor::External(_) | Ancestor::Unknown => return Constructor::Unknown,
            }
        }
        Constructor::Inherited
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

    /// `object.__new__(cls)`, or that of another builtin class. None: it is not known what is made.
    pub fn new_of_builtin(
        &mut self,
        frame: &mut Frame<'p>,
        base: Name,
        actual: &Actual,
    ) -> Option<Invoked> {
        let (&first, rest) = actual.positionals.split_first()?;
        let Data::Class { class, exact } = *self.data(first) else {
            return None;
        };
        // A metaclass makes classes.
        if !base.starts_with("builtins.") || self.class(class).is_metaclass() {
            return None;
        }
        self.may_raise(frame);
        self.havoc_all(frame, actual);
        let is_written = matches!(
            self.constructor(class, Name::new("__new__")),
            Constructor::Written(..)
        );
        let passes = !rest.is_empty() || actual.keywords.iter().any(|keyword| keyword.certain);
        let is_plain = base.as_str() == "builtins.object";
        let refusal = (is_plain && exact && is_written && passes).then(|| Refusal {
            kind: FailureKind::TooManyPositionals,
            subject: Name::new("object.__new__"),
            exception: String::from(
                "TypeError: object.__new__() takes exactly one argument (the type to instantiate)",
            ),
            callee: Some(Callee::Class(class)),
            blame: Blame::Here,
        });
        let refusal = match refusal {
            None if is_plain && exact => self.refuses_instances(class),
            refusal => refusal,
        };
        Some(Invoked {
            value: Some(self.values.intern(Data::Instance {
                class,
                exact,
                data: None,
                given: None,
            })),
            refusal,
        })
    }

    /// Arguments for a class that has no constructor but `object`'s.
    fn takes_nothing(&self, class: ClassRef, actual: &Actual) -> Option<Refusal> {
        let passes =
            !actual.positionals.is_empty() || actual.keywords.iter().any(|keyword| keyword.certain);
        let object = self.class(class);
        let name = object.definition.name;
        let is_completed = self.survey.handed_on.contains(&(object.module, name))
            && has_only_fields(&object.definition.body);
        if !passes || is_completed {
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
        Some(Refusal::new(
            kind,
            subject,
            format!("TypeError: {name}() takes no arguments"),
            Callee::Class(class),
            blame,
        ))
    }

    /// Binds a call to a constructor that `owner` got from its annotations.
    fn bind_generated(
        &mut self,
        class: ClassRef,
        owner: ClassRef,
        method: &str,
        actual: &Actual,
    ) -> Option<Refusal> {
        let parameters = match self.class(owner).generated {
            Generated::Dataclass { .. } => self.dataclass_parameters(owner)?,
            Generated::NamedTuple => self.named_tuple_parameters(owner)?,
            Generated::No | Generated::Unknown => return None,
        };
        let name = self.class(class).definition.name;
        let qualname = self.class(owner).definition.qualname;
        // `NamedTuple` hands on what `collections.namedtuple` makes, which knows of no class around it.
        let qualname = match method {
            "__new__" => self.class(owner).definition.name,
            _ => qualname,
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
        let exception = self.refused_text(&signature, &shape, &fault);
        Some(Refusal::new(
            kind,
            subject,
            exception,
            Callee::Class(class),
            blame,
        ))
    }

    /// Which constructor made from annotations makes the instances of a class, if it is one of those.
    pub fn constructor_kind(&self, class: ClassRef) -> Generated {
        for method in ["__init__", "__new__"] {
            match self.constructor(class, Name::new(method)) {
                Constructor::Generated(owner) => return self.class(owner).generated,
                Constructor::Unknown => return Generated::Unknown,
                Constructor::Written(..) | Constructor::Inherited => {}
            }
        }
        Generated::No
    }
}

/// Whether a class body only annotates fields: what the class is handed to gives it a constructor.
fn has_only_fields(body: &[Stmt]) -> bool {
    let mut any = false;
    let is_field = |stmt: &Stmt| match &stmt.kind {
        StmtKind::AnnAssign { .. } => true,
        StmtKind::Expr(value) => matches!(value.kind, ExprKind::Constant(_)),
        StmtKind::Pass => true,
        _ => false,
    };
    for stmt in body {
        if !is_field(stmt) {
            return false;
        }
        any |= matches!(stmt.kind, StmtKind::AnnAssign { .. });
    }
    any
}
