//! Calls: from the arguments as written to the evaluation of what is called.

use crate::bind::{self};
use crate::facts::FailureKind;
use crate::name::Name;
use crate::syntax::ir::{ArgumentKind, Call, Expr, ExprKind, Parent, Range, Var};

use crate::eval::Evaluator;
use crate::eval::calls::arguments::{Actual, ActualKeyword, shape};
use crate::eval::calls::refusal::Refusal;
use crate::eval::domain::truth::Truth;
use crate::eval::domain::value::{Data, FunctionObject, Kind, Manager, Starts, Value};
use crate::eval::interpreter::frame::{Blame, Callee, Edge, Frame};
use crate::eval::objects::class::Generated;
use crate::eval::objects::filled::Holder;
use crate::eval::summaries::context::Outcome;

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

impl<'p> Site<'p> {
    /// The expression that gives the positional with this number, from 0; none: nothing written out does.
    #[must_use]
    pub fn written(&self, at: usize) -> Option<&'p Expr> {
        let arguments = self
            .call
            .filter(|_| self.shift == 0)?
            .arguments
            .get(..=at)?;
        let mut kinds = arguments.iter().map(|argument| argument.kind);
        let is_plain = kinds.all(|kind| kind == ArgumentKind::Positional);
        arguments
            .last()
            .filter(|_| is_plain)
            .map(|last| &last.value)
    }

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

    /// Nothing but why the call fails.
    pub fn refused(refusal: Refusal) -> Self {
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
        if self.expects_failure((function, &call.function), &actual) {
            return Value::UNKNOWN;
        }
        if function == Value::UNKNOWN {
            self.check_picked_by_prefix(frame, site, &call.function, &actual);
        }
        self.check_overrides(frame, (site, call), function, &actual);
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

    /// Calls every alternative of `function`. The call fails for certain only if each of them does.
    pub fn call_alternatives(
        &mut self,
        frame: &mut Frame<'p>,
        site: Site<'p>,
        function: Value,
        actual: &Actual,
    ) -> Value {
        if !frame.state.facts.is_empty() && !self.only_looks(function) {
            self.forget_facts(frame);
        }
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
        let mut after: Option<crate::eval::domain::state::State> = None;
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
                Some(refusal) => refusals.push((alternative == Value::NONE, refusal)),
                None => fine = true,
            }
            if let Some(value) = invoked.value {
                results.extend(self.values.alternatives(value));
                crate::eval::interpreter::statement::join_into(
                    &mut after,
                    &frame.state,
                    &mut self.values,
                );
            }
        }
        frame.uncertain -= 1;
        // What one alternative finds, such as a swallowed keyword, need not happen.
        frame.failures.truncate(marks);
        match after {
            Some(after) => frame.state = after,
            None => frame.state = before,
        }
        // `None` is what a variable begins with that is filled before it is called (rule 3).
        let first = refusals.into_iter().min_by_key(|(is_none, _)| *is_none);
        if !fine && let Some((_, refusal)) = first {
            self.refuse(frame, &site, refusal);
        }
        let value = if results.is_empty() && fine {
            None
        } else {
            Some(self.values.union(results))
        };
        self.returned(frame, value)
    }

    /// Asks each of the values that one may be, and gives all that comes of it: what never comes back for one of them goes on with the others.
    pub fn of_each(
        &mut self,
        frame: &mut Frame<'p>,
        members: &[Value],
        mut ask: impl FnMut(&mut Self, &mut Frame<'p>, Value) -> Value,
    ) -> Value {
        let live = frame.state.live;
        let mut goes_on = false;
        let mut results = Vec::new();
        // It is one of them, and the others' methods are not called.
        frame.uncertain += 1;
        for &member in members {
            frame.state.live = live;
            let result = ask(self, frame, member);
            if frame.state.live {
                goes_on = true;
                results.extend(self.values.alternatives(result));
            }
        }
        frame.uncertain -= 1;
        frame.state.live = goes_on;
        if results.is_empty() {
            return Value::UNKNOWN;
        }
        self.values.union(results)
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

    /// Calls one value that is no union.
    pub fn invoke(
        &mut self,
        frame: &mut Frame<'p>,
        site: Site<'p>,
        function: Value,
        actual: &Actual,
    ) -> Invoked {
        match self.data(function).clone() {
            Data::Function(object) => {
                let invoked = self.call_tree_function(frame, site, &object, actual);
                if invoked.refusal.is_some() && self.is_declaration(object.function) {
                    return Invoked::value(Value::UNKNOWN);
                }
                let is_method = matches!(self.definition(object.function).parent, Parent::Class(_));
                match actual.positionals.first() {
                    // The same method without its receiver bound: `forward(self, x)` in a decorator.
                    Some(&receiver) if is_method => self.or_overridden(function, receiver, invoked),
                    _ => invoked,
                }
            }
            Data::Bound { function, receiver } => {
                let actual = actual.with_first(receiver);
                let site = Site {
                    shift: site.shift + 1,
                    ..site
                };
                let invoked = self.invoke(frame, site, function, &actual);
                self.or_overridden(function, receiver, invoked)
            }
            Data::Class { class, exact } => self.construct(frame, site, class, exact, actual),
            Data::NamedTuple(named) => match self.refuses_named_tuple(&named, function, actual) {
                Some(refusal) => {
                    self.unknown_call(frame, actual);
                    Invoked::refused(refusal)
                }
                None => Invoked::value(self.named_tuple_made(frame, function, actual)),
            },
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
                if let Data::Deferred { call, starts } = *self.data(receiver) {
                    let started = match starts {
                        Starts::Queued | Starts::Signed => {
                            self.send_task(frame, site, (call, starts), (name, actual))
                        }
                        _ => self.start_deferred(frame, site, (call, starts), name),
                    };
                    if let Some(invoked) = started {
                        return invoked;
                    }
                }
                self.record_kept(frame, &site, name, actual);
                if matches!(self.data(receiver), Data::Manager(Manager::Stack)) {
                    let method = format!("contextlib.ExitStack().{name}");
                    if let Some(invoked) = self.call_back(frame, site, &method, actual) {
                        return invoked;
                    }
                }
                if self.is_graph() {
                    self.called_by_method(frame, receiver, name, actual);
                }
                if let Some(refused) = self.method_calls_back(frame, site, (receiver, name), actual)
                {
                    self.call_method(frame, receiver, name, actual);
                    return refused;
                }
                let refusal = self.refuses_count_of_method(frame, (receiver, name), actual);
                let refusal = refusal
                    .or_else(|| self.refuses_keyword_of_method(frame, (receiver, name), actual));
                if let Some(refusal) = refusal {
                    self.unknown_call(frame, actual);
                    return Invoked::refused(refusal);
                }
                self.check_text_argument(frame, site.range, (receiver, name), actual);
                if let Data::Str(text) = *self.data(receiver) {
                    match (name.as_str(), actual.positionals.as_slice()) {
                        ("format", _) => self.check_format(frame, site.range, &text, actual),
                        ("join", &[items]) => self.check_join(frame, site.range, items),
                        _ => {}
                    }
                }
                Invoked::value(self.call_method(frame, receiver, name, actual))
            }
            Data::Static(inner) => self.invoke(frame, site, inner, actual),
            Data::Deferred {
                call,
                starts: Starts::Queued,
            } if self.is_run_against("celery") => self.invoke(frame, site, call, actual),
            Data::Wrapped(inner) => self.make_generator_manager(frame, site, inner, actual),
            Data::Unknown | Data::Symbol { .. } => {
                self.record_open(frame, &site, actual);
                Invoked::value(self.unknown_call(frame, actual))
            }
            _ => match (self.is_callable(function), self.type_name(frame, function)) {
                (Truth::False, Some(kind)) => Invoked::refused(Refusal {
                    kind: FailureKind::NotCallable,
                    subject: self.called_name(site, kind),
                    exception: format!("TypeError: '{kind}' object is not callable"),
                    callee: None,
                    blame: Blame::Here,
                }),
                _ => {
                    self.record_open(frame, &site, actual);
                    Invoked::value(self.unknown_call(frame, actual))
                }
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
                let Data::Instance {
                    class, exact: true, ..
                } = *self.data(instance)
                else {
                    return Invoked::value(self.unknown_call(frame, actual));
                };
                if self.is_field(class, Name::new("__call__")) {
                    // A field with a slot is an attribute of the class as well.
                    return Invoked::value(self.unknown_call(frame, actual));
                }
                let name = self.class(class).definition.name;
                Invoked::refused(Refusal {
                    kind: FailureKind::NotCallable,
                    subject: name,
                    exception: format!("TypeError: '{name}' object is not callable"),
                    callee: None,
                    blame: Blame::Here,
                })
            }
            None => {
                self.record_open(frame, &site, actual);
                Invoked::value(self.unknown_call(frame, actual))
            }
        }
    }

    /// The type's name in "'...' object is not callable".
    pub fn type_name(&mut self, frame: &Frame<'p>, value: Value) -> Option<&'static str> {
        use crate::eval::domain::state::Object;
        Some(match self.data(value) {
            Data::None => "NoneType",
            // Its own code may put something else in its place: `sys.modules["shop"] = Shop()`.
            Data::Module(module) if self.program.module(*module).ir.rewires_imports => return None,
            Data::Module(_) | Data::Namespace(_) => "module",
            Data::Coroutine { .. } | Data::Of(Kind::Coroutine) => "coroutine",
            Data::Generator(made) if self.definition(*made).is_async => "async_generator",
            Data::Generator(_) => "generator",
            Data::Local(_) | Data::Shared(_) => match self.object_of(frame, value).as_deref() {
                Some(Object::Dict(_)) => "dict",
                Some(Object::List(list)) => list.form.name_of_list()?,
                Some(Object::Set(_)) => "set",
                _ => return None,
            },
            _ => {
                let kind = self.values.plain_kind(value)?;
                kind.name().filter(|_| kind.is_data())?
            }
        })
    }

    /// The type's name, if its instances certainly have none of these methods: a builtin type that is told by name, or a class of the tree.
    ///
    /// The builtin types' own methods are left to whoever asks.
    pub fn type_that_cannot(
        &mut self,
        frame: &Frame<'p>,
        value: Value,
        methods: &[&str],
    ) -> Option<String> {
        let Data::Instance { class, exact, .. } = *self.data(value) else {
            return self.type_name(frame, value).map(str::to_owned);
        };
        let methods: Vec<Name> = methods.iter().map(|method| Name::new(method)).collect();
        let object = self.class(class);
        let is_plain = object.generated != Generated::NamedTuple && !object.is_enum;
        let name = object.definition.name.to_string();
        let lacks = exact
            && is_plain
            && !self.is_filled(Holder::Instances(class))
            && !self.class_may_define(class, &methods);
        lacks.then_some(name)
    }

    /// Calls what `contextlib.contextmanager` makes of a generator function.
    fn make_generator_manager(
        &mut self,
        frame: &mut Frame<'p>,
        site: Site<'p>,
        inner: Value,
        actual: &Actual,
    ) -> Invoked {
        let object = match self.data(inner) {
            Data::Function(object) if !self.is_graph() => object.clone(),
            _ => {
                let invoked = self.invoke(frame, site, inner, actual);
                let value = if self.is_graph() {
                    invoked.value
                } else {
                    Some(Value::UNKNOWN)
                };
                return Invoked { value, ..invoked };
            }
        };
        match self.bind_and_follow(frame, site, &object, actual) {
            Ok(outcome) => {
                let manager = outcome.context.map(Manager::Generator);
                Invoked::value(match manager {
                    Some(manager) if self.definition(object.function).is_generator => {
                        self.values.intern(Data::Manager(manager))
                    }
                    _ => Value::UNKNOWN,
                })
            }
            Err(refusal) => Invoked::refused(refusal),
        }
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
                value: outcome.returned.map(|returned| match outcome.context {
                    Some(callee) if self.runs_replaced(frame.module, callee) => Value::UNKNOWN,
                    _ => returned,
                }),
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
        if self.is_rewritten_function(object.function) {
            return Ok(Outcome {
                returned: Some(self.unknown_call(frame, actual)),
                context: None,
            });
        }
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
                return Err(self.fault(object, &callable, &shape, &fault));
            }
        };
        self.swallowed(frame, &site, object.function, &callable, &binding, actual);
        let mut arguments = self.bound_arguments(object, &callable, &binding, actual);
        if self.definition(object.function).is_generator {
            // Its body runs when somebody asks for an item: by then other code may have put something else there (the language reference, 6.2.9).
            for value in &mut arguments.values {
                *value = self.without_own(*value);
            }
        }
        self.may_raise(frame);
        let receiver = (site.shift > 0)
            .then(|| actual.positionals.first())
            .flatten();
        self.note_function_call(frame, object, receiver.copied());
        if self.is_graph() {
            self.call_registered(frame, object.function, actual);
        }
        let perhaps = u32::from(!frame.is_here_for_certain());
        self.perhaps += perhaps;
        let outcome = self.call_function(frame, object, &arguments);
        self.perhaps -= perhaps;
        if !site.alternative {
            self.assume_bound(frame, &site, &callable, (&binding, actual));
        }
        let callee = Callee::Function(object.function);
        self.record_call(frame, &site, callee, outcome.context, actual);
        if let Some(callee) = outcome.context {
            let known = frame
                .edges
                .iter()
                .rev()
                .take(16)
                .any(|known| known.callee == callee && known.range == site.range);
            if !known {
                frame.edges.push(Edge {
                    call: site.call,
                    range: site.range,
                    callee,
                    shift: site.shift,
                    dynamic: site.dynamic,
                    // What is called under a test about versions or signatures is called for another case than this one, perhaps.
                    certain: !site.alternative && !frame.is_unsure(),
                    uncertain: frame.uncertain > 0,
                });
            }
        }
        Ok(outcome)
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
