//! Functions of the library that call what they are handed in another place or at another time, or once for each item. A contributor adds a line to [`TABLE`].
//!
//! What is handed over is bound and not evaluated. That it fails is certain where it is called for certain whatever happens: an executor's thread calls it and keeps the
//! exception for whoever asks for the result, the end of the program calls it and prints the exception. Nobody but the log sees some of these; that hides a
//! defect, and does not excuse it. What may be cancelled (`call_later`), what the program names the way to take back for, or to ask for the failure (`pop_all`,
//! `exception`), and what is called for each of any number of items, may fail.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use crate::eval::Evaluator;
use crate::eval::calls::arguments::Actual;
use crate::eval::calls::call::{Invoked, Site};
use crate::eval::domain::kind::Kind;
use crate::eval::domain::value::{Data, Value};
use crate::eval::interpreter::frame::Frame;
use crate::eval::library::deferred::Parameter;
use crate::eval::library::instances::LOGGER;
use crate::name::Name;
use crate::syntax::ir::ExprKind;
use crate::syntax::visit;

/// With what a function is called that was handed over.
#[derive(Clone, Copy, Debug)]
enum Sends {
    /// What stands behind it, and all keywords.
    Rest,
    /// What stands behind it; the keywords are the library's.
    Positionals,
    /// The same, unless it is cancelled before.
    PositionalsPerhaps,
    /// What is found, if it is a function that makes a text of it.
    ToReplace,
    /// So many positionals, when something happens that is its reason.
    Given(usize),
    /// So many positionals, if the parameter with this number has so many items.
    ForItems(usize, usize, usize),
    /// One positional from each of the iterables behind it, if all of them have items.
    ForEach,
    /// The parts of the first item of the iterable behind it.
    ForEachUnpacked,
    /// Nothing, if there is one more argument.
    UntilSentinel,
    /// The items of the parameter with the first number and name by position, those of the other by keyword.
    Packed(Parameter, Parameter),
    /// The same, unless it is cancelled before, or its time never comes.
    PackedPerhaps(Parameter, Parameter),
}

/// What calls what it is handed: its name, the parameter for the function, what that gets, and the names by which a program takes it back, or asks for the failure.
struct Callback(&'static str, Parameter, Sends, &'static [&'static str]);

/// A future keeps the exception: `result()` in a `try` that takes it, or `exception()`.
const OF_FUTURES: &[&str] = &["exception", "TypeError"];

/// What makes an object of the library: its name, and that of the object in [`TABLE`] and other tables.
const MAKERS: &[(&str, &str)] = &[
    ("argparse.ArgumentParser", PARSER),
    (
        "argparse.ArgumentParser().add_argument_group",
        "argparse._ArgumentGroup()",
    ),
    (
        "argparse.ArgumentParser().add_subparsers",
        "argparse._SubParsersAction()",
    ),
    ("argparse._SubParsersAction().add_parser", COMMAND),
    (
        "argparse._SubParsersAction().add_parser().add_subparsers",
        "argparse._SubParsersAction()",
    ),
    ("asyncio.AbstractEventLoop().create_future", FUTURE),
    ("asyncio.AbstractEventLoop().create_task", FUTURE),
    ("asyncio.create_task", FUTURE),
    ("asyncio.ensure_future", FUTURE),
    ("asyncio.get_event_loop", LOOP),
    ("asyncio.get_running_loop", LOOP),
    ("asyncio.new_event_loop", LOOP),
    (
        "concurrent.futures.Executor().submit",
        "concurrent.futures.Future()",
    ),
    ("concurrent.futures.ProcessPoolExecutor", EXECUTOR),
    ("concurrent.futures.ThreadPoolExecutor", EXECUTOR),
    ("contextvars.Context", "contextvars.Context()"),
    ("contextvars.copy_context", "contextvars.Context()"),
    ("logging.getLogger", LOGGER),
    ("logging.getLogger().getChild", LOGGER),
    ("multiprocessing.Pool", POOL),
    ("multiprocessing.dummy.Pool", POOL),
    ("multiprocessing.pool.Pool", POOL),
    ("multiprocessing.pool.ThreadPool", POOL),
    ("re.compile", "re.Pattern()"),
    ("sched.scheduler", "sched.scheduler()"),
];

/// What calls what it is handed only as somebody asks for its items.
const LAZY: &[&str] = &[
    "builtins.filter",
    "builtins.iter",
    "builtins.map",
    "itertools.accumulate",
    "itertools.groupby",
    "itertools.starmap",
];

/// What calls what it is handed only if an object dies before all of this does.
const OF_DYING: &[&str] = &["weakref.WeakMethod", "weakref.proxy", "weakref.ref"];

const LOOP: &str = "asyncio.AbstractEventLoop()";
const PARSER: &str = "argparse.ArgumentParser()";
/// The parser of one command.
const COMMAND: &str = "argparse._SubParsersAction().add_parser()";
/// What `asyncio.ensure_future` and the like give.
pub const FUTURE: &str = "asyncio.Future()";
const EXECUTOR: &str = "concurrent.futures.Executor()";
const POOL: &str = "multiprocessing.pool.Pool()";

const CALLBACK: Parameter = (0, "callback");
const CALLBACK_BEHIND: Parameter = (1, "callback");
const KEY: Parameter = (usize::MAX, "key");

/// Its lines by name: every call of something outside the tree asks.
static BY_NAME: LazyLock<FxHashMap<&str, &Callback>> =
    LazyLock::new(|| TABLE.iter().map(|line| (line.0, line)).collect());

const TABLE: &[Callback] = &[
    Callback(
        "asyncio.AbstractEventLoop().add_signal_handler",
        (1, "callback"),
        Sends::Positionals,
        &["remove_signal_handler"],
    ),
    Callback(
        "asyncio.AbstractEventLoop().call_at",
        (1, "callback"),
        Sends::PositionalsPerhaps,
        &[],
    ),
    Callback(
        "asyncio.AbstractEventLoop().call_later",
        (1, "callback"),
        Sends::PositionalsPerhaps,
        &[],
    ),
    Callback(
        "asyncio.AbstractEventLoop().call_soon",
        CALLBACK,
        Sends::Positionals,
        &["cancel"],
    ),
    Callback(
        "asyncio.AbstractEventLoop().call_soon_threadsafe",
        CALLBACK,
        Sends::Positionals,
        &["cancel"],
    ),
    Callback(
        "asyncio.AbstractEventLoop().run_in_executor",
        (1, "func"),
        Sends::Positionals,
        OF_FUTURES,
    ),
    Callback(
        "asyncio.AbstractEventLoop().set_exception_handler",
        (0, "handler"),
        Sends::Given(2),
        &[],
    ),
    Callback(
        "asyncio.Future().add_done_callback",
        CALLBACK,
        Sends::Given(1),
        &["remove_done_callback"],
    ),
    Callback("atexit.register", (0, "func"), Sends::Rest, &["unregister"]),
    Callback("builtins.filter", (0, ""), Sends::ForItems(1, 1, 1), &[]),
    Callback("builtins.iter", (0, ""), Sends::UntilSentinel, &[]),
    Callback("builtins.list.sort", KEY, Sends::ForItems(1, 0, 1), &[]),
    Callback("builtins.map", (0, ""), Sends::ForEach, &[]),
    Callback("builtins.max", KEY, Sends::ForItems(1, 0, 1), &[]),
    Callback("builtins.min", KEY, Sends::ForItems(1, 0, 1), &[]),
    Callback("builtins.sorted", KEY, Sends::ForItems(1, 0, 1), &[]),
    Callback(
        "concurrent.futures.Executor().submit",
        (0, "fn"),
        Sends::Rest,
        OF_FUTURES,
    ),
    Callback(
        "concurrent.futures.Executor().map",
        (0, "fn"),
        Sends::ForEach,
        OF_FUTURES,
    ),
    Callback(
        "contextlib.ExitStack().callback",
        CALLBACK,
        Sends::Rest,
        &["pop_all"],
    ),
    Callback(
        "concurrent.futures.Future().add_done_callback",
        (0, "fn"),
        Sends::Given(1),
        &[],
    ),
    Callback("contextvars.Context().run", (0, ""), Sends::Rest, &[]),
    Callback("functools.reduce", (0, ""), Sends::ForItems(2, 1, 2), &[]),
    Callback(
        "itertools.accumulate",
        (1, "func"),
        Sends::ForItems(2, 0, 2),
        &[],
    ),
    Callback(
        "itertools.groupby",
        (1, "key"),
        Sends::ForItems(1, 0, 1),
        &[],
    ),
    Callback("itertools.starmap", (0, ""), Sends::ForEachUnpacked, &[]),
    Callback(
        "multiprocessing.pool.Pool().apply",
        (0, "func"),
        Sends::Packed((1, "args"), (2, "kwds")),
        &[],
    ),
    Callback(
        "multiprocessing.pool.Pool().apply_async",
        (0, "func"),
        Sends::Packed((1, "args"), (2, "kwds")),
        OF_FUTURES,
    ),
    Callback(
        "multiprocessing.pool.Pool().map",
        (0, "func"),
        Sends::ForItems(1, 1, 1),
        &[],
    ),
    Callback(
        "multiprocessing.pool.Pool().map_async",
        (0, "func"),
        Sends::ForItems(1, 1, 1),
        OF_FUTURES,
    ),
    Callback(
        "multiprocessing.pool.Pool().starmap",
        (0, "func"),
        Sends::ForEachUnpacked,
        &[],
    ),
    Callback("re.Pattern().sub", (0, "repl"), Sends::ToReplace, &[]),
    Callback("re.Pattern().subn", (0, "repl"), Sends::ToReplace, &[]),
    Callback("re.sub", (1, "repl"), Sends::ToReplace, &[]),
    Callback("re.subn", (1, "repl"), Sends::ToReplace, &[]),
    Callback(
        "sched.scheduler().enter",
        (2, "action"),
        Sends::PackedPerhaps((3, "argument"), (4, "kwargs")),
        &[],
    ),
    Callback(
        "sched.scheduler().enterabs",
        (2, "action"),
        Sends::PackedPerhaps((3, "argument"), (4, "kwargs")),
        &[],
    ),
    Callback("signal.signal", (1, "handler"), Sends::Given(2), &[]),
    Callback("sys.settrace", (0, ""), Sends::Given(3), &[]),
    Callback("weakref.WeakMethod", CALLBACK_BEHIND, Sends::Given(1), &[]),
    Callback("weakref.finalize", (1, "func"), Sends::Rest, &["detach"]),
    Callback("weakref.proxy", CALLBACK_BEHIND, Sends::Given(1), &[]),
    Callback("weakref.ref", CALLBACK_BEHIND, Sends::Given(1), &[]),
];

/// Whether `with` binds what it is given itself.
#[must_use]
pub fn enters_itself(name: &str) -> bool {
    name == EXECUTOR || name == POOL
}

/// Whether what a function makes calls what it is handed.
#[must_use]
pub fn makes(name: &str) -> bool {
    MAKERS.iter().any(|maker| maker.0 == name)
}

/// Whether something is an object that one of these makes.
#[must_use]
pub fn is_made(object: &str) -> bool {
    MAKERS.iter().any(|maker| maker.1 == object)
}

/// Whether a function calls what it is handed.
#[must_use]
pub fn is_listed(name: &str) -> bool {
    BY_NAME.contains_key(name)
}

impl<'p> Evaluator<'p> {
    /// The object that a function of the library makes, if what it is handed will be called.
    pub fn made_for_callbacks(&mut self, name: Name) -> Option<Value> {
        let (_, made) = MAKERS.iter().find(|maker| maker.0 == name.as_str())?;
        if self.is_graph() {
            return None;
        }
        Some(self.values.intern(Data::External(Name::new(made))))
    }

    /// The same for a method of a list, which stands before the other arguments, as in `list.sort(items, key=f)`.
    pub fn method_calls_back(
        &mut self,
        frame: &mut Frame<'p>,
        site: Site<'p>,
        (receiver, name): (Value, Name),
        actual: &Actual,
    ) -> Option<Invoked> {
        if actual.keywords.is_empty() || self.exact_kind(frame, receiver) != Some(Kind::List) {
            return None;
        }
        let actual = actual.with_first(receiver);
        self.call_back(frame, site, &format!("builtins.list.{name}"), &actual)?
            .refusal
            .map(Invoked::refused)
    }

    /// A call of a function of the library that calls what it is handed: why that will fail, if it does for certain. One that may fail is noted here.
    pub fn call_back(
        &mut self,
        frame: &mut Frame<'p>,
        site: Site<'p>,
        name: &str,
        actual: &Actual,
    ) -> Option<Invoked> {
        let Callback(_, (at, keyword), sends, unless) = BY_NAME.get(name)?;
        if self.is_graph() || !actual.is_whole() || site.alternative {
            return None;
        }
        let function = match sends {
            Sends::Given(_) | Sends::ForItems(..) | Sends::ToReplace => actual.get(*at, keyword)?,
            // By its keyword it would be one of those that are handed on.
            _ => *actual.positionals.get(*at)?,
        };
        let behind = |actual: &Actual| {
            let rest = actual.positionals.get(at + 1..);
            rest.unwrap_or_default().to_vec()
        };
        let mut is_certain = true;
        let sent = match *sends {
            Sends::Rest => Actual {
                positionals: behind(actual),
                keywords: actual.keywords.clone(),
                ..Actual::default()
            },
            Sends::Positionals => Actual::of(behind(actual)),
            Sends::PositionalsPerhaps => {
                is_certain = false;
                Actual::of(behind(actual))
            }
            Sends::Given(count) => Actual::of(vec![Value::UNKNOWN; count]),
            Sends::ToReplace => match self.exact_kind(frame, function) {
                Some(Kind::Function | Kind::Method) => Actual::of(vec![Value::UNKNOWN]),
                _ => return None,
            },
            Sends::ForItems(count, of, least) => {
                let items = actual.positionals.get(of).copied()?;
                let items = self.known_items(frame, items);
                is_certain = items.is_some_and(|items| items.len() >= least);
                Actual::of(vec![Value::UNKNOWN; count])
            }
            Sends::ForEach => {
                let iterables = behind(actual);
                for &iterable in &iterables {
                    let items = self.known_items(frame, iterable);
                    is_certain &= items.is_some_and(|items| !items.is_empty());
                }
                Actual::of(vec![Value::UNKNOWN; iterables.len()])
            }
            Sends::ForEachUnpacked => {
                let items = self.known_items(frame, *behind(actual).first()?)?;
                let parts = self.known_items(frame, *items.first()?)?;
                Actual::of(parts)
            }
            Sends::Packed(positionals, keywords) | Sends::PackedPerhaps(positionals, keywords) => {
                is_certain = matches!(sends, Sends::Packed(..));
                self.packed(frame, actual, (positionals, keywords))?
            }
            Sends::UntilSentinel => match *actual.positionals {
                [_, _] => Actual::default(),
                _ => return None,
            },
        };
        let refusal = self.refusal_of(frame, site, function, &sent)?;
        is_certain = is_certain && (!LAZY.contains(&name) || self.is_drained(frame, site.range));
        is_certain &= !OF_DYING.contains(&name);
        if is_certain && !self.names_any(frame, unless) {
            return Some(Invoked {
                value: Some(Value::UNKNOWN),
                refusal: Some(refusal),
            });
        }
        self.refuse_perhaps(frame, &site, refusal);
        None
    }

    /// Whether the code of the module where it is handed over names one of these.
    pub fn names_any(&self, frame: &Frame<'p>, names: &[&str]) -> bool {
        let mut found = false;
        self.program.module(frame.module).ir.each_statement(|stmt| {
            visit::direct_expressions(stmt, &mut |expr| {
                visit::expressions(expr, &mut |expr| {
                    found |= matches!(expr.kind, ExprKind::Attribute { attribute: name, .. } | ExprKind::Name(name, _)
                        if names.contains(&name.as_str()));
                });
            });
        });
        found
    }
}
