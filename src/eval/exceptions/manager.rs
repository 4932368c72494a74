//! Context managers by value: which exceptions of its block a `with` swallows.
//!
//! An exception ends in the block if `__exit__` returns something true (the language reference, "The with statement"); of a manager that a generator
//! makes, if the generator does not raise it again when it is thrown in at the `yield` (`contextlib.contextmanager`). What the library's own managers
//! do is known by their dotted names. Of others it is taken that they end no exception, unless they are handed classes of exceptions: PEP 343 asks that
//! of managers which are not made to swallow.

use std::rc::Rc;

use crate::name::Name;
use crate::syntax::ir::{ArgumentKind, Expr, ExprKind};

use crate::eval::Evaluator;
use crate::eval::calls::arguments::Actual;
use crate::eval::domain::truth::Truth;
use crate::eval::domain::value::{ContextId, Data, Manager, Value};
use crate::eval::exceptions::class::{Caught, ExceptionClass, Meeting};
use crate::eval::exceptions::trap::{Trap, TrapKind};
use crate::eval::interpreter::frame::Frame;
use crate::eval::objects::mro::InMro;
use crate::eval::summaries::context::Status;

/// How deep managers within generators within managers are followed.
const DEPTH: u32 = 6;

/// The exceptions that code of the tree which fails raises: what an `__exit__` that asks for the class does is found out for each.
const ASKED: [&str; 7] = [
    "TypeError",
    "AttributeError",
    "KeyError",
    "ImportError",
    "ModuleNotFoundError",
    "NameError",
    "UnboundLocalError",
];

/// What a manager swallows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Swallows {
    /// Nothing.
    Nothing,
    /// Exceptions of these classes.
    Classes(Caught),
    /// What the generator of this evaluation does not raise again.
    Generator(ContextId),
    /// What its `__exit__` says: of these classes, and of all others.
    Exit {
        classes: Rc<[(ExceptionClass, Truth)]>,
        others: Truth,
    },
}

impl Swallows {
    /// Whether it may swallow something.
    fn is_anything(&self) -> bool {
        *self != Self::Nothing
    }
}

impl<'p> Evaluator<'p> {
    /// What a `with` item swallows, by the value of its manager: one entry for each thing that it may be.
    pub fn swallows(
        &mut self,
        frame: &mut Frame<'p>,
        expr: &'p Expr,
        manager: Value,
        is_async: bool,
    ) -> Vec<Swallows> {
        let mut found = Vec::new();
        for alternative in self.values.alternatives(manager) {
            let swallows = match *self.data(alternative) {
                Data::Manager(Manager::Ends(classes)) => Swallows::Classes(self.named_by(classes)),
                Data::Manager(Manager::Generator(context)) => Swallows::Generator(context),
                Data::Manager(Manager::Enters(_)) => Swallows::Nothing,
                Data::Manager(Manager::Stack) => Swallows::Classes(Caught::default()),
                Data::Instance { .. } => self.own_exit(frame, alternative, is_async),
                _ => self.foreign_manager(frame, expr),
            };
            if !found.contains(&swallows) {
                found.push(swallows);
            }
        }
        found
    }

    /// Whether the block of a manager is never entered: a generator makes it that raises before its `yield` (`contextlib.contextmanager`).
    pub fn never_enters(&self, manager: Value) -> bool {
        let is_stuck = |manager: Value| match *self.data(manager) {
            Data::Manager(Manager::Generator(context)) => {
                let context = &self.contexts[context.0 as usize];
                context.status == Status::Done && context.traps.yields.is_empty()
            }
            _ => false,
        };
        let all = self.values.alternatives(manager);
        !all.is_empty() && all.into_iter().all(is_stuck)
    }

    /// Whether the block of a manager may end early without an error.
    #[must_use]
    pub fn may_swallow(managers: &[Swallows]) -> bool {
        managers.iter().any(Swallows::is_anything)
    }

    /// Whether the block of a manager never ends early without an error.
    pub fn never_swallow(&self, managers: &[Swallows]) -> bool {
        managers.iter().all(|one| self.never_swallows(one, DEPTH))
    }

    fn never_swallows(&self, manager: &Swallows, depth: u32) -> bool {
        match manager {
            Swallows::Nothing => true,
            // An `ExitStack` is entered empty, and filled in its block.
            Swallows::Classes(_) => false,
            Swallows::Exit { classes, others } => {
                *others == Truth::False && classes.iter().all(|(_, truth)| *truth == Truth::False)
            }
            Swallows::Generator(_) if depth == 0 => false,
            Swallows::Generator(context) => {
                let context = &self.contexts[context.0 as usize];
                let is_passed = |trap: &Trap| match &trap.kind {
                    TrapKind::Manager(managers) => {
                        let mut all = managers.iter();
                        all.all(|one| self.never_swallows(one, depth - 1))
                    }
                    // What raises again, or something else, ends no exception.
                    TrapKind::Clauses(clauses) => clauses.iter().all(|one| one.ends.raises),
                    TrapKind::Finally(_) => false,
                };
                let mut yields = context.traps.yields.iter();
                context.status == Status::Done
                    && !context.traps.yields.is_empty()
                    && yields.all(|&place| context.traps.around(place).all(is_passed))
            }
        }
    }

    /// Whether a manager perhaps ends an exception, and perhaps none ever.
    #[must_use]
    pub fn perhaps_swallow(managers: &[Swallows]) -> bool {
        let is_unknown = |one: &Swallows| {
            matches!(
                one,
                Swallows::Exit {
                    others: Truth::Unknown,
                    ..
                }
            )
        };
        managers.iter().any(is_unknown)
    }

    /// What an instance of a class of the tree swallows.
    fn own_exit(&mut self, frame: &mut Frame<'p>, manager: Value, is_async: bool) -> Swallows {
        let name = if is_async { "__aexit__" } else { "__exit__" };
        let Data::Instance { class, exact, .. } = *self.data(manager) else {
            return Swallows::Nothing;
        };
        let unknown = Swallows::Exit {
            classes: Rc::default(),
            others: Truth::Unknown,
        };
        if !exact && self.is_overridden(class, Name::new(name)) {
            return unknown;
        }
        let InMro::Found(found, _) = self.in_mro(class, Name::new(name)) else {
            // It inherits that of a class outside the tree, or has none, which fails.
            return Swallows::Nothing;
        };
        let Some(method) = self.special_method(frame, manager, name) else {
            // An attribute that is something else than a function, such as `__exit__ = close`.
            return match self.data(found) {
                Data::Function(_) => Swallows::Nothing,
                _ => unknown,
            };
        };
        let others = self.exit_says(frame, method, None);
        if others == Truth::False {
            return Swallows::Nothing;
        }
        // `if error: raise error`, and `return True` behind it: that only where there is no exception.
        let classes = ASKED.iter().map(|name| {
            let class = ExceptionClass::builtin(name);
            (class, self.exit_says(frame, method, Some(class)))
        });
        let classes: Rc<[_]> = classes.collect();
        Swallows::Exit { classes, others }
    }

    /// What `__exit__(class, exception, traceback)` returns.
    fn exit_says(
        &mut self,
        frame: &mut Frame<'p>,
        method: Value,
        class: Option<ExceptionClass>,
    ) -> Truth {
        let (class, exception) = match class {
            Some(ExceptionClass::External(name)) => {
                let class = self.values.intern(Data::External(name));
                // It counts as true: `if error: raise error`.
                let data = self.values.tuple(vec![Value::UNKNOWN]);
                (class, self.values.intern(Data::Made { class, data }))
            }
            _ => (Value::UNKNOWN, Value::UNKNOWN),
        };
        let arguments = vec![class, exception, Value::UNKNOWN];
        let mut is_over = false;
        let said = self.evaluated_aside(frame, |evaluator, frame| {
            let said = evaluator.call_with(frame, method, arguments, Default::default());
            is_over = !frame.state.live;
            said
        });
        if is_over {
            // It raises an exception of its own.
            return Truth::False;
        }
        let said = match *self.data(said) {
            Data::Coroutine { result, .. } => result,
            _ => said,
        };
        self.truth(frame, said)
    }

    /// What a manager of which nothing is known swallows: the exceptions whose classes it is handed.
    fn foreign_manager(&mut self, frame: &mut Frame<'p>, expr: &'p Expr) -> Swallows {
        let ExprKind::Call(call) = &expr.kind else {
            return Swallows::Nothing;
        };
        let mut caught = Caught::default();
        for argument in &call.arguments {
            let value = self.peek(frame, &argument.value);
            if self.names_exceptions(value) {
                caught.extend(self.named_by(value));
            } else if argument.kind == ArgumentKind::Positional
                && self.values.is_open(value)
                && is_assert_raises(&call.function)
            {
                caught.is_open = true;
            }
        }
        if caught.is_empty() {
            return Swallows::Nothing;
        }
        let function = self.peek(frame, &call.function);
        if self.function_behind(function).is_some()
            || matches!(self.data(function), Data::Class { .. })
        {
            // Code of the tree makes it, in a way that is not followed.
            caught.weaken();
        }
        Swallows::Classes(caught)
    }

    /// What an exception does that comes to a manager, which may be any of these.
    pub fn swallowed_by(&self, managers: &[Swallows], raised: Option<ExceptionClass>) -> Meeting {
        let mut all: Option<Truth> = None;
        for manager in managers {
            let truth = self.is_swallowed(manager, raised, DEPTH);
            all = Some(all.map_or(truth, |known| known.merge(truth)));
        }
        match all {
            None | Some(Truth::False) => Meeting::Passes,
            Some(Truth::True) => Meeting::Named,
            Some(Truth::Unknown) => Meeting::Unknown,
        }
    }

    fn is_swallowed(
        &self,
        manager: &Swallows,
        raised: Option<ExceptionClass>,
        depth: u32,
    ) -> Truth {
        match manager {
            Swallows::Nothing => Truth::False,
            Swallows::Classes(caught) => self.meets(caught, raised).truth(),
            Swallows::Exit { classes, others } => {
                let known = classes.iter().find(|(class, _)| Some(*class) == raised);
                known.map_or(*others, |(_, truth)| *truth)
            }
            Swallows::Generator(_) if depth == 0 => Truth::Unknown,
            Swallows::Generator(context) => self.is_thrown_away(*context, raised, depth - 1),
        }
    }

    /// Whether a generator swallows an exception that is thrown in at its `yield`s.
    fn is_thrown_away(
        &self,
        context: ContextId,
        raised: Option<ExceptionClass>,
        depth: u32,
    ) -> Truth {
        let context = &self.contexts[context.0 as usize];
        if context.status == Status::Running || context.traps.yields.is_empty() {
            return Truth::Unknown;
        }
        let mut all: Option<Truth> = None;
        for &place in &context.traps.yields {
            let mut raised = raised;
            let mut truth = Truth::False;
            for trap in context.traps.around(place) {
                let (meeting, clause) = match &trap.kind {
                    TrapKind::Manager(managers) => {
                        let mut merged: Option<Truth> = None;
                        for manager in managers {
                            let one = self.is_swallowed(manager, raised, depth);
                            merged = Some(merged.map_or(one, |known| known.merge(one)));
                        }
                        let meeting = match merged.unwrap_or(Truth::False) {
                            Truth::True => Meeting::Named,
                            Truth::Unknown => Meeting::Unknown,
                            Truth::False => Meeting::Passes,
                        };
                        (meeting, None)
                    }
                    _ => self.met(trap, raised),
                };
                match (meeting, clause) {
                    (Meeting::Passes, _) => {}
                    (Meeting::Unknown, _) => truth = Truth::Unknown,
                    (_, Some(clause)) if clause.ends.is_raising() => {
                        raised = clause.raises(raised);
                    }
                    (_, Some(clause)) => {
                        truth = match truth {
                            Truth::False if !clause.may_raise_again() => Truth::True,
                            _ => Truth::Unknown,
                        };
                        break;
                    }
                    (_, None) => {
                        if truth == Truth::False {
                            truth = Truth::True;
                        }
                        break;
                    }
                }
            }
            all = Some(all.map_or(truth, |known| known.merge(truth)));
        }
        all.unwrap_or(Truth::Unknown)
    }

    /// `with manager as x` of the library, or made by a generator: what `x` is; none: the manager is something else.
    pub fn entered_value(&self, manager: Value) -> Option<Value> {
        match *self.data(manager) {
            Data::Manager(Manager::Enters(value)) => Some(value),
            Data::Manager(Manager::Stack) => Some(manager),
            Data::Manager(Manager::Ends(_) | Manager::Generator(_)) => Some(Value::UNKNOWN),
            _ => None,
        }
    }

    /// What calling a function that makes managers gives.
    pub fn make_manager(&mut self, kind: Makes, actual: &Actual) -> Value {
        let is_whole = !actual.more_positionals && actual.rest.is_none();
        let manager = match kind {
            Makes::Ends if is_whole => {
                let mut classes = actual.positionals.clone();
                classes.extend(actual.keyword("expected_exception"));
                Manager::Ends(self.values.intern(Data::Tuple(classes.into())))
            }
            Makes::Ends => Manager::Ends(Value::UNKNOWN),
            // `pytest.raises(TypeError, f, 1)` calls, and gives no manager.
            Makes::EndsFirst => match actual.get(0, "expected_exception") {
                Some(class) if actual.positionals.len() <= 1 => Manager::Ends(class),
                Some(_) => return Value::UNKNOWN,
                None => Manager::Ends(Value::UNKNOWN),
            },
            Makes::Enters => {
                let value = actual.positionals.first().copied();
                Manager::Enters(value.unwrap_or(if is_whole {
                    Value::NONE
                } else {
                    Value::UNKNOWN
                }))
            }
            Makes::Stack => Manager::Stack,
        };
        self.values.intern(Data::Manager(manager))
    }

    /// A method of an `ExitStack`: what it takes over ends exceptions as well.
    pub fn stack_method(&mut self, frame: &mut Frame<'p>, name: Name, actual: &Actual) -> Value {
        let Some(&manager) = actual.positionals.first() else {
            return Value::UNKNOWN;
        };
        let is_async = name.contains("async");
        match name.as_str() {
            "enter_context" | "push" | "enter_async_context" | "push_async_exit" => {
                let mut taken = Vec::new();
                for alternative in self.values.alternatives(manager) {
                    taken.push(match *self.data(alternative) {
                        Data::Manager(Manager::Ends(classes)) => {
                            Swallows::Classes(self.named_by(classes))
                        }
                        Data::Manager(Manager::Generator(context)) => Swallows::Generator(context),
                        Data::Instance { .. } => self.own_exit(frame, alternative, is_async),
                        Data::Function(_) | Data::Bound { .. } => Swallows::Exit {
                            classes: Rc::default(),
                            others: Truth::Unknown,
                        },
                        _ => Swallows::Nothing,
                    });
                }
                self.add_to_stacks(frame, taken);
                self.entered_value(manager).unwrap_or(Value::UNKNOWN)
            }
            _ => {
                self.may_raise(frame);
                Value::UNKNOWN
            }
        }
    }

    /// The stacks around this point swallow this as well, from here on: when exactly is not followed.
    fn add_to_stacks(&mut self, frame: &mut Frame<'p>, taken: Vec<Swallows>) {
        for &index in &frame.traps.around {
            if let TrapKind::Manager(managers) = &mut frame.traps.all[index].kind
                && managers
                    .iter()
                    .any(|manager| *manager == Swallows::Classes(Caught::default()))
            {
                for one in taken.iter().filter(|one| one.is_anything()) {
                    if !managers.contains(one) {
                        managers.push(one.clone());
                    }
                }
            }
        }
    }
}

/// What a function of the library makes.
#[derive(Clone, Copy, Debug)]
pub enum Makes {
    /// A manager that ends exceptions of the classes that are its arguments: `contextlib.suppress`.
    Ends,
    /// The same of the first argument alone: `pytest.raises`.
    EndsFirst,
    /// A manager that ends none, and gives its argument: `contextlib.nullcontext`.
    Enters,
    /// `contextlib.ExitStack`.
    Stack,
}

/// `self.assertRaises`, whatever `self` is: the protocol of `unittest.TestCase`, which other frameworks take over.
pub fn is_assert_raises(function: &Expr) -> bool {
    matches!(&function.kind, ExprKind::Attribute { attribute, .. }
        if matches!(attribute.as_str(), "assertRaises" | "assertRaisesRegex" | "assertRaisesRegexp"))
}
