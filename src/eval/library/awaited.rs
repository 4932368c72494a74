//! What `asyncio` starts or waits for, and managers of the library that are entered in one of two ways.
//!
//! A contributor adds a line to [`STARTERS`], [`MANAGERS`] or [`COROUTINES`], from the library reference ("Coroutines and Tasks", "Synchronization Primitives", `threading`).

use crate::eval::Evaluator;
use crate::eval::calls::arguments::Actual;
use crate::eval::calls::call::Site;
use crate::eval::domain::kind::Kind;
use crate::eval::domain::value::{Data, Value};
use crate::eval::interpreter::frame::{Callee, Frame};
use crate::eval::interpreter::operation::Wrong;
use crate::facts::FailureKind;
use crate::name::Name;
use crate::python::Version;
use crate::syntax::ir::{Expr, ExprKind};

/// What something that starts or waits says of an argument that is nothing to wait for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asks {
    /// A coroutine and nothing else.
    Coroutine,
    /// The same, by `asyncio.run`; from 3.14 on it takes whatever can be awaited.
    CoroutineToRun,
    /// Whatever can be awaited.
    Awaitable,
    /// The same, by `wait_for`; from 3.12 on it awaits it as it is.
    Awaits,
}

/// What waits for its first argument, or for all of them, and what it asks for.
const STARTERS: &[(&str, bool, Asks)] = &[
    (
        "asyncio.AbstractEventLoop().create_task",
        false,
        Asks::Coroutine,
    ),
    (
        "asyncio.AbstractEventLoop().run_until_complete",
        false,
        Asks::Awaitable,
    ),
    ("asyncio.create_task", false, Asks::Coroutine),
    ("asyncio.ensure_future", false, Asks::Awaitable),
    ("asyncio.gather", true, Asks::Awaitable),
    ("asyncio.run", false, Asks::CoroutineToRun),
    ("asyncio.shield", false, Asks::Awaitable),
    ("asyncio.wait_for", false, Asks::Awaits),
];

/// What is written with `async def`, or as good as: a call of it gives a coroutine.
const COROUTINES: &[&str] = &[
    "asyncio.AbstractEventLoop().create_connection",
    "asyncio.AbstractEventLoop().create_server",
    "asyncio.AbstractEventLoop().shutdown_asyncgens",
    "asyncio.AbstractEventLoop().sock_recv",
    "asyncio.AbstractEventLoop().sock_sendall",
    "asyncio.BoundedSemaphore().acquire",
    "asyncio.Condition().acquire",
    "asyncio.Condition().wait",
    "asyncio.Lock().acquire",
    "asyncio.Semaphore().acquire",
    "asyncio.create_subprocess_exec",
    "asyncio.create_subprocess_shell",
    "asyncio.open_connection",
    "asyncio.open_unix_connection",
    "asyncio.sleep",
    "asyncio.start_server",
    "asyncio.start_unix_server",
    "asyncio.wait",
    "asyncio.wait_for",
];

/// A manager of the library: the function that makes it, its type's name, and whether it is entered by `async with` alone; else it is entered by `with` alone.
struct Managed(&'static str, &'static str, bool);

const MANAGERS: &[Managed] = &[
    Managed("asyncio.BoundedSemaphore", "BoundedSemaphore", true),
    Managed("asyncio.Condition", "Condition", true),
    Managed("asyncio.Lock", "Lock", true),
    Managed("asyncio.Semaphore", "Semaphore", true),
    Managed("asyncio.TaskGroup", "TaskGroup", true),
    Managed("asyncio.timeout", "Timeout", true),
    Managed("threading.BoundedSemaphore", "BoundedSemaphore", false),
    Managed("threading.Condition", "Condition", false),
    Managed("threading.Lock", "_thread.lock", false),
    Managed("threading.RLock", "_thread.RLock", false),
    Managed("threading.Semaphore", "Semaphore", false),
];

/// Whether one of the tables has a function.
#[must_use]
pub fn is_listed(name: &str) -> bool {
    STARTERS.iter().any(|starter| starter.0 == name)
        || COROUTINES.contains(&name)
        || MANAGERS.iter().any(|managed| managed.0 == name)
}

impl<'p> Evaluator<'p> {
    /// A call of what starts a coroutine or waits for one: a failure if it is certainly handed something else.
    pub fn check_started(
        &mut self,
        frame: &mut Frame<'p>,
        site: &Site<'p>,
        name: &str,
        actual: &Actual,
    ) {
        let Some(&(_, takes_all, asks)) = STARTERS.iter().find(|starter| starter.0 == name) else {
            return;
        };
        if self.is_graph() || !frame.state.live {
            return;
        }
        let taken = if takes_all {
            actual.positionals.len()
        } else {
            1
        };
        for &value in actual.positionals.iter().take(taken) {
            if let Some(subject) = self.type_never_awaited(frame, value) {
                let Some(exception) = self.not_started(frame, asks, value, subject) else {
                    return;
                };
                let wrong = Wrong {
                    kind: FailureKind::NotAwaited,
                    exception,
                    subject,
                    note: "starts",
                };
                self.wrong_operation(frame, site.range, wrong);
                return;
            }
        }
    }

    /// What is raised for a value of this type, which is nothing to wait for.
    fn not_started(
        &self,
        frame: &Frame<'p>,
        asks: Asks,
        value: Value,
        kind: &str,
    ) -> Option<String> {
        let version = self.program.targets().wording();
        let is_newer = match asks {
            Asks::CoroutineToRun => version >= Version(14),
            Asks::Awaits => version >= Version(12),
            Asks::Coroutine | Asks::Awaitable => false,
        };
        let class = match asks {
            Asks::Awaits if is_newer => {
                return Some(not_awaited(kind, version));
            }
            Asks::Awaits | Asks::Awaitable => None,
            Asks::CoroutineToRun if is_newer => None,
            Asks::CoroutineToRun => Some("ValueError"),
            Asks::Coroutine => Some("TypeError"),
        };
        let Some(class) = class else {
            return Some(String::from(
                "TypeError: An asyncio.Future, a coroutine or an awaitable is required",
            ));
        };
        let shown = match self.data(value) {
            Data::Function(object) => {
                let name = self.definition(object.function).qualname;
                format!("<function {name}>")
            }
            _ => self.repr_of(frame, value)?,
        };
        Some(format!("{class}: a coroutine was expected, got {shown}"))
    }

    /// The type of a value that nothing can wait for, whichever of several it is.
    fn type_never_awaited(&mut self, frame: &Frame<'p>, value: Value) -> Option<&'static str> {
        let mut first = None;
        for alternative in self.values.alternatives(value) {
            let kind = self.exact_kind(frame, alternative)?;
            // Of what cannot be hashed, other words are said.
            let is_none = matches!(
                kind,
                Kind::NoneType
                    | Kind::Bool
                    | Kind::Int
                    | Kind::Float
                    | Kind::Str
                    | Kind::Bytes
                    | Kind::Tuple
            ) || kind == Kind::Function
                && matches!(self.data(alternative), Data::Function(_));
            if !is_none {
                return None;
            }
            first = first.or(kind.name());
        }
        first
    }

    /// The coroutine that a call of a function of the library gives.
    pub fn coroutine_made(&mut self, name: Name) -> Option<Value> {
        // Their names have this in common; most calls are of others.
        let is_one = name.starts_with("asyncio.") && COROUTINES.contains(&name.as_str());
        (is_one && !self.is_graph()).then(|| self.values.of(Kind::Coroutine))
    }

    /// An expression whose value nothing keeps: a call that gives a coroutine, which nothing will await then.
    pub fn dropped(&mut self, frame: &mut Frame<'p>, expr: &'p Expr, value: Value) {
        let ExprKind::Call(call) = &expr.kind else {
            return;
        };
        self.used_at_once(frame, expr, value);
        self.check_likely_logged(frame, expr, value);
        let (name, callee) = match *self.data(value) {
            Data::Coroutine { function, .. } => {
                let qualname = self.definition(function).qualname;
                (qualname, Some(Callee::Function(function)))
            }
            Data::Of(Kind::Coroutine) => {
                let function = self.peek(frame, &call.function);
                let Data::External(dotted) = *self.data(function) else {
                    return;
                };
                let method = dotted.rsplit('.').next().unwrap_or_default();
                let class = dotted
                    .rsplit_once("().")
                    .and_then(|(class, _)| class.rsplit('.').next());
                match class {
                    // Which loop it is only runs will tell.
                    Some("AbstractEventLoop") => return,
                    Some(class) => (Name::new(&format!("{class}.{method}")), None),
                    None => (Name::new(method), None),
                }
            }
            _ => return,
        };
        self.not_awaited(frame, (expr, call), name, callee);
    }

    /// The manager that a function of the library makes.
    pub fn manager_made(&mut self, name: Name) -> Option<Value> {
        let managed = MANAGERS.iter().find(|managed| managed.0 == name.as_str())?;
        if self.is_graph() {
            return None;
        }
        let made = Name::new(&format!("{}()", managed.0));
        Some(self.values.intern(Data::External(made)))
    }
}

/// Whether something is such a manager.
#[must_use]
pub fn is_made(object: &str) -> bool {
    let maker = object.strip_suffix("()");
    maker.is_some_and(|maker| MANAGERS.iter().any(|managed| managed.0 == maker))
}

/// The exception for `await` of a value of this type, which is nothing to wait for.
#[must_use]
pub fn not_awaited(kind: &str, version: Version) -> String {
    if version >= Version(14) {
        format!("TypeError: '{kind}' object can't be awaited")
    } else {
        format!("TypeError: object {kind} can't be used in 'await' expression")
    }
}

/// The type of a manager of the library that is entered in the other way.
#[must_use]
pub fn entered_otherwise(name: &str, is_async: bool) -> Option<&'static str> {
    let maker = name.strip_suffix("()")?;
    let managed = MANAGERS.iter().find(|managed| managed.0 == maker)?;
    (managed.2 != is_async).then_some(managed.1)
}
