//! Calls: from the arguments as written to the evaluation of what is called.

use crate::bind::{self, Binding, FaultKind, Keyword, Shape, Source};
use crate::facts::{Confidence, FailureKind};
use crate::name::Name;
use crate::syntax::ir::{
    Argument, ArgumentKind, Call, Expr, ExprKind, ParameterKind, Range, StmtKind, Var,
};

use super::Evaluator;
use super::condition::Truth;
use super::context::{Arguments, Outcome, is_stub};
use super::exception::raises_not_implemented;
use super::frame::{Blame, Callee, Edge, Frame, LocalFailure, RefusedCall};
use super::signature::Callable;
use super::state::{Dict, Entry};
use super::value::{Data, FunctionObject, FunctionRef, Kind, Value, Values};

/// One keyword of a call.
#[derive(Clone, Copy, Debug)]
pub struct ActualKeyword {
    /// The keyword.
    pub name: Name,
    /// Its value.
    pub value: Value,
    /// Whether it is passed on every way.
    pub certain: bool,
    /// Whether it came out of a `**x`.
    pub forwarded: bool,
}

/// The arguments of a call, evaluated.
#[derive(Clone, Debug, Default)]
pub struct Actual {
    /// The positionals, as far as they are known.
    pub positionals: Vec<Value>,
    /// Whether a `*x` of unknown length adds more.
    pub more_positionals: bool,
    /// The keywords, each name once.
    pub keywords: Vec<ActualKeyword>,
    /// What a `**x` of unknown content may add.
    pub rest: Option<Value>,
    /// The keywords that it does not add, sorted.
    pub absent: Vec<Name>,
}

impl Actual {
    /// Positionals only.
    #[must_use]
    pub fn of(positionals: Vec<Value>) -> Self {
        Self {
            positionals,
            ..Self::default()
        }
    }

    /// The keywords as a dict.
    #[must_use]
    pub fn as_dict(&self, values: &mut Values) -> Dict {
        let mut dict = Dict::default();
        if let Some(rest) = self.rest {
            let absent = self.absent.iter().map(|&name| values.str(name));
            dict = Dict::of_others(rest, absent.collect());
        }
        for keyword in &self.keywords {
            let key = values.str(keyword.name);
            if keyword.certain {
                dict.set(key, keyword.value);
            } else {
                dict.set_perhaps(values, key, keyword.value);
            }
        }
        dict
    }

    /// Every value that is passed.
    #[must_use]
    pub fn all_values(&self) -> Vec<Value> {
        self.positionals
            .iter()
            .copied()
            .chain(self.keywords.iter().map(|keyword| keyword.value))
            .collect()
    }

    /// The value of a parameter that can be passed as positional number `index` or by keyword.
    #[must_use]
    pub fn get(&self, index: usize, name: &str) -> Option<Value> {
        self.positionals
            .get(index)
            .copied()
            .or_else(|| self.keyword(name))
    }

    /// The value of a keyword.
    #[must_use]
    pub fn keyword(&self, name: &str) -> Option<Value> {
        self.keywords
            .iter()
            .find(|keyword| keyword.name.as_str() == name)
            .map(|keyword| keyword.value)
    }

    fn with_first(&self, first: Value) -> Self {
        let mut actual = self.clone();
        actual.positionals.insert(0, first);
        actual
    }
}

/// Where a call is made.
#[derive(Clone, Copy, Debug)]
pub struct Site<'p> {
    /// The call expression, if it is one.
    pub call: Option<&'p Call>,
    /// What calls.
    pub range: Range,
    /// Positionals put before those of the call expression.
    pub shift: u32,
    /// Whether what is called was chosen by a look-up.
    pub dynamic: bool,
    /// Whether it is one of several things that may be called here.
    pub alternative: bool,
}

impl Site<'_> {
    /// A call that the language or a library makes.
    #[must_use]
    pub fn of_language() -> Self {
        Self {
            call: None,
            range: Range::default(),
            shift: 0,
            dynamic: true,
            alternative: false,
        }
    }
}

/// Why a call fails.
#[derive(Clone, Debug)]
pub struct Refusal {
    pub kind: FailureKind,
    subject: Name,
    exception: String,
    callee: Option<Callee>,
    blame: Blame,
}

impl Refusal {
    /// What leads to its cause.
    #[must_use]
    pub fn blame(&self) -> Blame {
        self.blame
    }

    /// A refusal by something of the tree.
    #[must_use]
    pub fn new(
        kind: FailureKind,
        subject: Name,
        exception: String,
        callee: Callee,
        blame: Blame,
    ) -> Self {
        Self {
            kind,
            subject,
            exception,
            callee: Some(callee),
            blame,
        }
    }
}

/// The outcome of calling one alternative.
pub struct Invoked {
    /// What it returns; none: it never does.
    pub value: Option<Value>,
    /// Why it certainly fails.
    pub refusal: Option<Refusal>,
}

impl Invoked {
    /// It returns this.
    #[must_use]
    pub fn value(value: Value) -> Self {
        Self {
            value: Some(value),
            refusal: None,
        }
    }

    /// It never returns.
    #[must_use]
    pub fn never() -> Self {
        Self {
            value: None,
            refusal: None,
        }
    }

    fn refused(refusal: Refusal) -> Self {
        Self {
            value: Some(Value::UNKNOWN),
            refusal: Some(refusal),
        }
    }
}

impl<'p> Evaluator<'p> {
    /// A call expression.
    pub fn call(&mut self, frame: &mut Frame<'p>, expr: &'p Expr, call: &'p Call) -> Value {
        let function = self.expression(frame, &call.function);
        let site = Site {
            call: Some(call),
            range: expr.range,
            shift: 0,
            dynamic: is_dynamic(&call.function),
            alternative: false,
        };
        let Some(actual) = self.arguments(frame, &site, &call.arguments, Some(function)) else {
            return Value::UNKNOWN;
        };
        if self.expects_failure(&actual) {
            return Value::UNKNOWN;
        }
        self.call_alternatives(frame, site, function, &actual)
    }

    /// A call that the language makes: of a decorator, a property, a special method.
    pub fn call_value(&mut self, frame: &mut Frame<'p>, function: Value, range: Range) -> Value {
        self.call_with(frame, function, Vec::new(), range)
    }

    /// The same with positionals.
    pub fn call_with(
        &mut self,
        frame: &mut Frame<'p>,
        function: Value,
        positionals: Vec<Value>,
        range: Range,
    ) -> Value {
        let site = Site {
            call: None,
            range,
            shift: 0,
            dynamic: true,
            alternative: false,
        };
        self.call_alternatives(frame, site, function, &Actual::of(positionals))
    }

    /// Evaluates arguments in source order. None: building the call fails already.
    pub fn arguments(
        &mut self,
        frame: &mut Frame<'p>,
        site: &Site<'p>,
        arguments: &'p [Argument],
        function: Option<Value>,
    ) -> Option<Actual> {
        let mut actual = Actual::default();
        let mut duplicate = None;
        for argument in arguments {
            let mut value = self.expression(frame, &argument.value);
            if argument.kind == ArgumentKind::Star
                && let Some(item) = self.iterated(frame, value)
            {
                // It stands for any number of arguments.
                value = self.values.intern(Data::Tuple([item].into()));
            }
            match argument.kind {
                ArgumentKind::Positional if actual.more_positionals => {}
                ArgumentKind::Positional => actual.positionals.push(value),
                ArgumentKind::Star => match self.known_items(frame, value) {
                    Some(items) if !actual.more_positionals => actual.positionals.extend(items),
                    Some(_) => {}
                    None => actual.more_positionals = true,
                },
                ArgumentKind::Keyword(name) => {
                    if actual
                        .keywords
                        .iter()
                        .any(|known| known.name == name && known.certain)
                    {
                        duplicate = duplicate.or(Some(name));
                    }
                    actual.keywords.retain(|known| known.name != name);
                    actual.keywords.push(ActualKeyword {
                        name,
                        value,
                        certain: true,
                        forwarded: false,
                    });
                }
                ArgumentKind::DoubleStar => {
                    let repeated = self.spread(frame, &mut actual, value);
                    duplicate = duplicate.or(repeated);
                }
            }
            if !frame.state.live {
                return None;
            }
        }
        if let (Some(name), Some(function)) = (duplicate, function) {
            self.duplicate_keyword(frame, site, function, name);
            // CPython does not even look at what the call would bind to.
            return None;
        }
        Some(actual)
    }

    /// `**value`; gives a keyword that is passed twice.
    fn spread(&mut self, frame: &mut Frame<'p>, actual: &mut Actual, value: Value) -> Option<Name> {
        let mapping = self.as_mapping(frame, value);
        let mut duplicate = None;
        for entry in &mapping.entries {
            let Some(name) = self.values.as_str(entry.key) else {
                continue;
            };
            if let Some(known) = actual.keywords.iter().find(|known| known.name == name) {
                if known.certain && entry.certain {
                    duplicate = duplicate.or(Some(name));
                }
                continue;
            }
            actual.keywords.push(ActualKeyword {
                name,
                value: entry.value,
                certain: entry.certain,
                forwarded: true,
            });
        }
        if mapping.rest.is_some() {
            let absent = mapping.absent.iter();
            let mut absent: Vec<Name> = absent.filter_map(|&key| self.values.as_str(key)).collect();
            absent.sort_unstable();
            if actual.rest.is_some() {
                absent.retain(|name| actual.absent.contains(name));
            }
            actual.absent = absent;
            actual.rest = Some(Value::UNKNOWN);
        }
        duplicate
    }

    /// `f(a=1, **{'a': 2})` fails before anything is called. Nothing is said where CPython's text cannot be told.
    fn duplicate_keyword(
        &mut self,
        frame: &mut Frame<'p>,
        site: &Site<'p>,
        function: Value,
        name: Name,
    ) {
        let Some((callee, display)) = self.caller_display(function) else {
            return;
        };
        self.refuse(
            frame,
            site,
            Refusal {
                kind: FailureKind::MultipleValues,
                subject: name,
                exception: format!("TypeError: {}", bind::duplicate_keyword(&display, name)),
                callee,
                blame: Blame::Duplicate(name),
            },
        );
    }

    /// What `function` is, and what CPython calls it in the faults of building a call: its module's and its qualified name.
    fn caller_display(&self, function: Value) -> Option<(Option<Callee>, String)> {
        let (callee, module, qualname) = match *self.data(function) {
            Data::Function(ref object) => {
                let reference = object.function;
                let definition = self.definition(reference);
                // `@wraps(f)` and its like give a function another name.
                let renamed = |decorator: &Expr| matches!(decorator.kind, ExprKind::Call(_));
                if definition.decorators.iter().any(renamed) {
                    return None;
                }
                let qualname = definition.qualname;
                let callee = Some(Callee::Function(reference));
                (callee, reference.module, qualname)
            }
            // Both hand the names of what they wrap on.
            Data::Bound { function, .. } | Data::Static(function) => {
                return self.caller_display(function);
            }
            Data::Class { class, exact: true } => {
                let class = self.class(class);
                (None, class.module, class.definition.qualname)
            }
            _ => return None,
        };
        let module = self.program.module(module).name;
        Some((callee, bind::function_display(Some(&module), &qualname)))
    }

    /// `assertRaises(TypeError, f, 1, 2)`: a function handed over beside an exception's class is expected to fail.
    fn expects_failure(&mut self, actual: &Actual) -> bool {
        let mut exceptions = Vec::new();
        for &value in &actual.positionals {
            match self.data(value) {
                Data::External(name) => {
                    if let Some(class) = name.as_str().strip_prefix("builtins.")
                        && (class.ends_with("Error")
                            || class.ends_with("Exception")
                            || class.ends_with("Warning"))
                    {
                        exceptions.push(Name::new(class));
                    }
                }
                Data::Class { class, .. } if self.is_exception_class(*class) => {
                    exceptions.push(self.class(*class).definition.name);
                }
                _ => {}
            }
        }
        if exceptions.is_empty() {
            return false;
        }
        let mut any = false;
        let handed_over: Vec<Value> = actual
            .positionals
            .iter()
            .flat_map(|&value| self.values.alternatives(value))
            .collect();
        for value in handed_over {
            let function = match self.data(value) {
                Data::Function(object) => object.function,
                Data::Bound { function, .. } => match self.data(*function) {
                    Data::Function(object) => object.function,
                    _ => continue,
                },
                _ => continue,
            };
            any = true;
            if self.definition(function).is_lambda()
                || matches!(
                    self.definition(function).parent,
                    crate::syntax::ir::Parent::Function(_)
                )
            {
                self.effects.acts.push(super::effect::Act::Other);
                self.expected
                    .entry(function)
                    .or_default()
                    .extend(&exceptions);
            }
        }
        any
    }

    /// Calls every alternative of `function`. The call fails for certain only if each of them does.
    pub fn call_alternatives(
        &mut self,
        frame: &mut Frame<'p>,
        site: Site<'p>,
        function: Value,
        actual: &Actual,
    ) -> Value {
        if !matches!(self.data(function), Data::Union(_)) {
            let invoked = self.invoke(frame, site, function, actual);
            if let Some(refusal) = invoked.refusal {
                self.refuse(frame, &site, refusal);
            }
            return self.returned(frame, invoked.value);
        }
        let alternatives = self.values.alternatives(function);
        let site = Site {
            alternative: true,
            ..site
        };
        let before = frame.state.clone();
        let mut after: Option<super::state::State> = None;
        let mut results = Vec::new();
        let mut refusals = Vec::new();
        let mut fine = false;
        let marks = frame.failures.len();
        frame.uncertain += 1;
        if self.is_graph() {
            self.steps += alternatives.len() as u64;
        }
        for alternative in alternatives {
            frame.state.clone_from(&before);
            let invoked = self.invoke(frame, site, alternative, actual);
            match invoked.refusal {
                Some(refusal) => refusals.push(refusal),
                None => fine = true,
            }
            if let Some(value) = invoked.value {
                results.extend(self.values.alternatives(value));
                super::statement::join_into(&mut after, &frame.state, &mut self.values);
            }
        }
        frame.uncertain -= 1;
        // What one alternative finds, such as a swallowed keyword, need not happen.
        frame.failures.truncate(marks);
        match after {
            Some(after) => frame.state = after,
            None => frame.state = before,
        }
        if !fine && let Some(refusal) = refusals.into_iter().next() {
            self.refuse(frame, &site, refusal);
        }
        let value = if results.is_empty() && fine {
            None
        } else {
            Some(self.values.union(results))
        };
        self.returned(frame, value)
    }

    fn returned(&mut self, frame: &mut Frame<'p>, value: Option<Value>) -> Value {
        if let Some(value) = value {
            value
        } else {
            self.may_raise(frame);
            frame.state.live = false;
            Value::UNKNOWN
        }
    }

    /// Records a call that certainly fails, unless the code around expects that.
    pub fn refuse(&mut self, frame: &mut Frame<'p>, site: &Site<'p>, refusal: Refusal) {
        self.may_raise(frame);
        if let Some(Callee::Function(function)) = refusal.callee {
            let after = frame.edges.len();
            frame.refused.push(RefusedCall {
                function,
                call: site.call,
                dynamic: site.dynamic,
                after,
            });
        }
        let class = refusal.exception.split(':').next().unwrap_or_default();
        if self.is_expected_here(frame, Name::new(class)) {
            frame.state.live = false;
            return;
        }
        let unsure = frame.introspected > 0
            || site
                .call
                .is_some_and(|call| self.depends_on_guard(frame, call, &refusal));
        let of_value = |call| Self::calls_by_value(frame.owner, call);
        let by_value = refusal.kind == FailureKind::NotCallable || site.call.is_some_and(of_value);
        let free = |call: &Call| matches!(call.function.kind, ExprKind::Name(_, Var::Free { .. }));
        let unsure =
            unsure || (refusal.kind == FailureKind::NotCallable && site.call.is_some_and(free));
        let confidence_of = |unsure: bool| {
            if unsure {
                Confidence::May
            } else {
                Confidence::Must
            }
        };
        frame.failures.push(LocalFailure {
            kind: refusal.kind,
            confidence: confidence_of(unsure),
            exception: Some(refusal.exception),
            subject: refusal.subject,
            range: site.range,
            call: site.call,
            callee: refusal.callee,
            blame: refusal.blame,
            by_value,
            note: String::from("calls"),
        });
    }

    /// Whether a method is written to be overridden, and called on what may be an instance of a subclass.
    fn is_placeholder(&self, function: Value, receiver: Value) -> bool {
        let may_be_subclass = matches!(
            self.data(receiver),
            Data::Instance { exact: false, .. } | Data::Class { exact: false, .. }
        );
        match self.data(function) {
            Data::Function(object) if may_be_subclass => {
                let definition = self.definition(object.function);
                is_stub(definition)
                    || definition.body.iter().all(|stmt| match &stmt.kind {
                        StmtKind::Pass => true,
                        StmtKind::Expr(expr) => matches!(expr.kind, ExprKind::Constant(_)),
                        _ => raises_not_implemented(std::slice::from_ref(stmt)),
                    })
            }
            _ => false,
        }
    }

    /// Calls one value that is no union.
    pub fn invoke(
        &mut self,
        frame: &mut Frame<'p>,
        site: Site<'p>,
        function: Value,
        actual: &Actual,
    ) -> Invoked {
        match self.data(function).clone() {
            Data::Function(object) => self.call_tree_function(frame, site, &object, actual),
            Data::Bound { function, receiver } => {
                let actual = actual.with_first(receiver);
                let site = Site {
                    shift: site.shift + 1,
                    ..site
                };
                let invoked = self.invoke(frame, site, function, &actual);
                if self.is_placeholder(function, receiver) {
                    // A class that is not seen does something else.
                    return Invoked {
                        value: Some(Value::UNKNOWN),
                        ..invoked
                    };
                }
                invoked
            }
            Data::Class { class, exact } => self.construct(frame, site, class, exact, actual),
            Data::Instance { .. } => self.call_instance(frame, site, function, actual),
            Data::Partial(partial) => {
                let mut all = actual.clone();
                all.positionals = partial
                    .positionals
                    .iter()
                    .copied()
                    .chain(all.positionals)
                    .collect();
                // The call's own keywords replace those of the partial, in their places.
                let mut keywords = Vec::with_capacity(partial.keywords.len());
                for &(name, value) in partial.keywords.iter() {
                    let own = all.keywords.iter().position(|own| own.name == name);
                    let own = own.map(|own| all.keywords.remove(own));
                    keywords.push(ActualKeyword {
                        name,
                        value: match own {
                            None => value,
                            Some(own) if own.certain => own.value,
                            Some(_) => Value::UNKNOWN,
                        },
                        certain: true,
                        forwarded: own.is_none_or(|own| own.forwarded),
                    });
                }
                keywords.append(&mut all.keywords);
                all.keywords = keywords;
                let shift = site.shift + u32::try_from(partial.positionals.len()).unwrap_or(0);
                let site = Site {
                    shift,
                    dynamic: true,
                    ..site
                };
                // More than one function may be behind it; a union never certainly fails here.
                match self.data(partial.function) {
                    Data::Union(_) => {
                        let value = self.call_alternatives(frame, site, partial.function, &all);
                        Invoked::value(value)
                    }
                    _ => self.invoke(frame, site, partial.function, &all),
                }
            }
            Data::External(name) => self.call_external(frame, site, name, actual),
            Data::Method { receiver, name } => {
                self.note_method_call(frame, receiver, name);
                if self.is_graph() {
                    self.called_by_method(frame, receiver, name, actual);
                }
                Invoked::value(self.call_method(frame, receiver, name, actual))
            }
            Data::Static(inner) => self.invoke(frame, site, inner, actual),
            Data::Wrapped(inner) => {
                let invoked = self.invoke(frame, site, inner, actual);
                if self.is_graph() {
                    return invoked;
                }
                Invoked {
                    value: Some(Value::UNKNOWN),
                    ..invoked
                }
            }
            Data::Unknown | Data::Symbol { .. } => Invoked::value(self.unknown_call(frame, actual)),
            _ => match (self.is_callable(function), self.type_name(frame, function)) {
                (Truth::False, Some(kind)) => Invoked::refused(Refusal {
                    kind: FailureKind::NotCallable,
                    subject: self.called_name(site, kind),
                    exception: format!("TypeError: '{kind}' object is not callable"),
                    callee: None,
                    blame: Blame::Here,
                }),
                _ => Invoked::value(self.unknown_call(frame, actual)),
            },
        }
    }

    fn called_name(&self, site: Site<'p>, kind: &str) -> Name {
        match site.call.map(|call| &call.function.kind) {
            Some(ExprKind::Name(name, _)) => *name,
            Some(ExprKind::Attribute { attribute, .. }) => *attribute,
            _ => Name::new(kind),
        }
    }

    fn call_instance(
        &mut self,
        frame: &mut Frame<'p>,
        site: Site<'p>,
        instance: Value,
        actual: &Actual,
    ) -> Invoked {
        let method = self.special_method(frame, instance, "__call__");
        match method {
            Some(method) => self.invoke(frame, site, method, actual),
            None if self.is_callable(instance) == Truth::False => {
                let Data::Instance { class, exact: true } = *self.data(instance) else {
                    return Invoked::value(self.unknown_call(frame, actual));
                };
                let name = self.class(class).definition.name;
                Invoked::refused(Refusal {
                    kind: FailureKind::NotCallable,
                    subject: name,
                    exception: format!("TypeError: '{name}' object is not callable"),
                    callee: None,
                    blame: Blame::Here,
                })
            }
            None => Invoked::value(self.unknown_call(frame, actual)),
        }
    }

    /// The type's name in "'...' object is not callable".
    pub fn type_name(&mut self, frame: &Frame<'p>, value: Value) -> Option<&'static str> {
        use super::state::Object;
        Some(match self.data(value) {
            Data::None => "NoneType",
            Data::Bool(_) | Data::Of(Kind::Bool) => "bool",
            Data::Int(_) | Data::Of(Kind::Int) => "int",
            Data::Str(_) | Data::Of(Kind::Str) => "str",
            Data::Of(Kind::Float) => "float",
            Data::Of(Kind::Bytes) => "bytes",
            Data::Of(Kind::Tuple) | Data::Tuple(_) => "tuple",
            Data::Of(Kind::List) => "list",
            Data::Of(Kind::Dict) => "dict",
            Data::Of(Kind::Set) => "set",
            Data::Module(_) | Data::Namespace(_) => "module",
            Data::Coroutine { .. } => "coroutine",
            Data::Generator(_) => "generator",
            Data::Local(_) | Data::Shared(_) => match self.object_of(frame, value).as_deref() {
                Some(Object::Dict(_)) => "dict",
                Some(Object::List(_)) => "list",
                Some(Object::Set(_)) => "set",
                _ => return None,
            },
            _ => return None,
        })
    }

    /// Binds and follows a call of a function of the tree.
    fn call_tree_function(
        &mut self,
        frame: &mut Frame<'p>,
        site: Site<'p>,
        object: &FunctionObject,
        actual: &Actual,
    ) -> Invoked {
        match self.bind_and_follow(frame, site, object, actual) {
            Ok(outcome) => Invoked {
                value: outcome.returned,
                refusal: None,
            },
            Err(refusal) => Invoked::refused(refusal),
        }
    }

    /// The same, leaving it to the caller what a refusal means.
    pub fn bind_and_follow(
        &mut self,
        frame: &mut Frame<'p>,
        site: Site<'p>,
        object: &FunctionObject,
        actual: &Actual,
    ) -> Result<Outcome, Refusal> {
        let callable = self.callable(object.function);
        let shape = shape(actual);
        let binding = match bind::bind(&callable.signature, &shape) {
            Ok(binding) => binding,
            Err(fault) => {
                self.record_call(
                    frame,
                    &site,
                    Callee::Function(object.function),
                    None,
                    actual,
                );
                return Err(self.fault(object.function, &callable, &shape, &fault));
            }
        };
        self.swallowed(frame, &site, object.function, &callable, &binding, actual);
        let arguments = self.bound_arguments(object, &callable, &binding, actual);
        self.may_raise(frame);
        let receiver = (site.shift > 0)
            .then(|| actual.positionals.first())
            .flatten();
        self.note_function_call(frame, object, receiver.copied());
        if self.is_graph() {
            self.call_registered(frame, object.function, actual);
        }
        let outcome = self.call_function(frame, object, &arguments);
        let callee = Callee::Function(object.function);
        self.record_call(frame, &site, callee, outcome.context, actual);
        if let Some(callee) = outcome.context {
            let edge = Edge {
                call: site.call,
                range: site.range,
                callee,
                shift: site.shift,
                dynamic: site.dynamic,
                certain: !site.alternative,
                guards: frame.guards.as_slice().into(),
                uncertain: frame.uncertain > 0,
            };
            let known = frame
                .edges
                .iter()
                .rev()
                .take(16)
                .any(|known| known.callee == callee && known.range == site.range);
            if !known {
                frame.edges.push(edge);
            }
        }
        Ok(outcome)
    }

    fn fault(
        &mut self,
        function: FunctionRef,
        callable: &Callable,
        shape: &Shape,
        fault: &bind::Fault,
    ) -> Refusal {
        let subject = fault
            .names
            .first()
            .copied()
            .unwrap_or(callable.signature.function);
        let message = fault.message(&callable.signature, shape);
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
        Refusal {
            kind,
            subject,
            exception: format!("TypeError: {message}"),
            callee: Some(Callee::Function(function)),
            blame,
        }
    }

    /// Keywords that came a long way and end where nobody looks at them.
    fn swallowed(
        &mut self,
        frame: &mut Frame<'p>,
        site: &Site<'p>,
        function: FunctionRef,
        callable: &Callable,
        binding: &Binding,
        actual: &Actual,
    ) {
        if !callable.ignores_keywords {
            return;
        }
        for &index in &binding.surplus_keywords {
            let keyword = actual.keywords[index as usize];
            if keyword.certain && (keyword.forwarded || site.dynamic) && site.call.is_some() {
                frame.failures.push(LocalFailure {
                    kind: FailureKind::SwallowedKeyword,
                    confidence: Confidence::Must,
                    exception: None,
                    subject: keyword.name,
                    range: site.range,
                    call: site.call,
                    callee: Some(Callee::Function(function)),
                    blame: Blame::Keyword(keyword.name),
                    by_value: false,
                    note: String::from("calls"),
                });
            }
        }
    }

    fn bound_arguments(
        &mut self,
        object: &FunctionObject,
        callable: &Callable,
        binding: &Binding,
        actual: &Actual,
    ) -> Arguments {
        let mut values = Vec::with_capacity(binding.sources.len());
        let mut keywords = None;
        for (index, (source, parameter)) in binding
            .sources
            .iter()
            .zip(&callable.signature.parameters)
            .enumerate()
        {
            let default = object.defaults.get(index).copied().flatten();
            values.push(match source {
                Source::Positional(at) => actual.positionals[*at as usize],
                Source::Keyword(at) => {
                    let keyword = actual.keywords[*at as usize];
                    match default {
                        Some(default) if !keyword.certain => {
                            self.values.join(keyword.value, default)
                        }
                        _ => keyword.value,
                    }
                }
                Source::Default => default.unwrap_or(Value::UNKNOWN),
                Source::Unknown => default.map_or(Value::UNKNOWN, |default| {
                    self.values.join(default, Value::UNKNOWN)
                }),
                Source::Surplus if parameter.kind == ParameterKind::VarPositional => {
                    if actual.more_positionals {
                        self.values.of(Kind::Tuple)
                    } else {
                        let first = (binding.first_surplus_positional as usize)
                            .min(actual.positionals.len());
                        let rest = actual.positionals[first..].into();
                        self.values.intern(Data::Tuple(rest))
                    }
                }
                Source::Surplus => {
                    let mut dict = match actual.rest {
                        Some(rest) => {
                            let absent = actual.absent.iter().map(|&name| self.values.str(name));
                            let mut absent: Vec<Value> = absent.collect();
                            let own = callable.signature.parameters.iter();
                            let own = own.map(|own| (own.name, own.kind));
                            absent.extend(self.own_keywords(own));
                            Dict::of_others(rest, absent)
                        }
                        None => Dict::default(),
                    };
                    for &at in &binding.surplus_keywords {
                        let keyword = actual.keywords[at as usize];
                        let key = self.values.str(keyword.name);
                        dict.entries.push(Entry {
                            key,
                            value: keyword.value,
                            certain: keyword.certain,
                        });
                    }
                    keywords = Some(dict);
                    Value::UNKNOWN
                }
            });
        }
        Arguments { values, keywords }
    }

    /// `await` of what is no awaitable.
    pub fn cannot_await(&mut self, frame: &mut Frame<'p>, expr: &'p Expr, value: Value) {
        let Some(kind) = self.type_name(frame, value) else {
            return;
        };
        let ExprKind::Await(inner) = &expr.kind else {
            return;
        };
        let unsure = frame.introspected > 0 || self.mentions_guarded(frame, &[], &[inner]);
        frame.failures.push(LocalFailure {
            kind: FailureKind::NotAwaited,
            confidence: if unsure {
                Confidence::May
            } else {
                Confidence::Must
            },
            exception: Some(format!(
                "TypeError: object {kind} can't be used in 'await' expression"
            )),
            subject: Name::new(kind),
            range: expr.range,
            call: None,
            callee: None,
            blame: Blame::Here,
            by_value: true,
            note: String::from("awaits"),
        });
    }

    /// A coroutine that is made and dropped.
    pub fn not_awaited(&mut self, frame: &mut Frame<'p>, expr: &'p Expr, function: FunctionRef) {
        let name = self.definition(function).qualname;
        let ExprKind::Call(call) = &expr.kind else {
            return;
        };
        frame.failures.push(LocalFailure {
            kind: FailureKind::NotAwaited,
            confidence: Confidence::Must,
            exception: Some(format!(
                "RuntimeWarning: coroutine '{name}' was never awaited"
            )),
            subject: self.definition(function).name,
            range: expr.range,
            call: Some(call),
            callee: Some(Callee::Function(function)),
            blame: Blame::Here,
            by_value: false,
            note: String::from("calls"),
        });
    }
}

/// The shape of evaluated arguments.
#[must_use]
pub fn shape(actual: &Actual) -> Shape {
    Shape {
        positionals: u32::try_from(actual.positionals.len()).unwrap_or(u32::MAX),
        more_positionals: actual.more_positionals,
        keywords: actual
            .keywords
            .iter()
            .map(|keyword| Keyword {
                name: keyword.name,
                certain: keyword.certain,
            })
            .collect(),
        more_keywords: actual.rest.is_some(),
        absent: actual.absent.clone(),
    }
}

/// Whether an expression that is called gives something chosen at run time rather than a definition by its name.
fn is_dynamic(function: &Expr) -> bool {
    match &function.kind {
        ExprKind::Name(_, var) => matches!(var, Var::Local(_) | Var::Free { .. }),
        ExprKind::Attribute { .. } => false,
        _ => true,
    }
}
