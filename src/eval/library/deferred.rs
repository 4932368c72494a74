//! Functions of the library that call what they are handed, once something else is done: a thread that starts, an awaitable that is awaited. A contributor adds
//! a line to [`TABLE`].

use crate::eval::Evaluator;
use crate::eval::calls::arguments::{Actual, ActualKeyword};
use crate::eval::calls::call::{Invoked, Site};
use crate::eval::domain::state::Object;
use crate::eval::domain::value::{Data, Partial, Starts, Value};
use crate::eval::interpreter::frame::Frame;
use crate::name::Name;

/// A parameter: its position and its name.
pub type Parameter = (usize, &'static str);

/// How a library function hands arguments on.
#[derive(Clone, Copy, Debug)]
enum Hands {
    /// Its own, all behind the function.
    Rest,
    /// The items of one parameter by position, those of another by keyword.
    Packed(Parameter, Parameter),
}

/// What calls what it is handed: its dotted name, the parameter for the function, how arguments are handed on, and what the call waits for.
struct Calls(&'static str, Parameter, Hands, Starts);

const TABLE: &[Calls] = &[
    Calls(
        "asyncio.to_thread",
        (0, "func"),
        Hands::Rest,
        Starts::Awaited,
    ),
    Calls(
        "multiprocessing.Process",
        (1, "target"),
        Hands::Packed((3, "args"), (4, "kwargs")),
        Starts::Started,
    ),
    Calls(
        "threading.Thread",
        (1, "target"),
        Hands::Packed((3, "args"), (4, "kwargs")),
        Starts::Started,
    ),
    Calls(
        "threading.Timer",
        (1, "function"),
        Hands::Packed((2, "args"), (3, "kwargs")),
        Starts::Later,
    ),
];

impl<'p> Evaluator<'p> {
    /// What such a function gives, if it is known what it will call and with what.
    pub fn deferred_call(
        &mut self,
        frame: &mut Frame<'p>,
        name: Name,
        actual: &Actual,
    ) -> Option<Value> {
        let Calls(_, (at, keyword), hands, starts) =
            TABLE.iter().find(|calls| calls.0 == name.as_str())?;
        let is_open = actual.more_positionals || actual.rest.is_some();
        let is_certain = actual.keywords.iter().all(|keyword| keyword.certain);
        if self.is_graph() || is_open || !is_certain {
            return None;
        }
        let function = actual.get(*at, keyword)?;
        let partial = match *hands {
            Hands::Rest => Partial {
                function,
                positionals: actual.positionals.get(at + 1..)?.into(),
                keywords: actual
                    .keywords
                    .iter()
                    .map(|keyword| (keyword.name, keyword.value))
                    .collect(),
            },
            Hands::Packed(positionals, keywords) => Partial {
                function,
                positionals: self.unpacked(frame, actual, positionals)?.into(),
                keywords: self.unpacked_keywords(frame, actual, keywords)?.into(),
            },
        };
        let is_known = self.is_code(function) && !self.values.is_open(function);
        is_known.then(|| {
            let call = self.values.intern(Data::Partial(partial));
            self.values.intern(Data::Deferred {
                call,
                starts: *starts,
            })
        })
    }

    /// The items of what a parameter is given, if they are known.
    pub fn unpacked(
        &mut self,
        frame: &Frame<'p>,
        actual: &Actual,
        (at, name): Parameter,
    ) -> Option<Vec<Value>> {
        match actual.get(at, name) {
            None | Some(Value::NONE) => Some(Vec::new()),
            Some(items) => self.known_items(frame, items),
        }
    }

    /// The arguments that two parameters hold, if they are known.
    pub fn packed(
        &mut self,
        frame: &Frame<'p>,
        actual: &Actual,
        (positionals, keywords): (Parameter, Parameter),
    ) -> Option<Actual> {
        let positionals = self.unpacked(frame, actual, positionals)?;
        let keywords = self.unpacked_keywords(frame, actual, keywords)?;
        let keywords = keywords.into_iter().map(|(name, value)| ActualKeyword {
            name,
            value,
            certain: true,
            forwarded: true,
        });
        Some(Actual {
            positionals,
            keywords: keywords.collect(),
            ..Actual::default()
        })
    }

    /// The entries of the dict that a parameter is given, if they are known.
    pub fn unpacked_keywords(
        &mut self,
        frame: &Frame<'p>,
        actual: &Actual,
        (at, name): Parameter,
    ) -> Option<Vec<(Name, Value)>> {
        let Some(given) = actual.get(at, name).filter(|&given| given != Value::NONE) else {
            return Some(Vec::new());
        };
        let object = self.object_of(frame, given)?;
        let Object::Dict(dict) = &*object else {
            return None;
        };
        if dict.rest.is_some() {
            return None;
        }
        let mut entries = dict.entries.iter();
        entries.try_fold(Vec::new(), |mut known, entry| {
            let name = self.values.as_str(entry.key).filter(|_| entry.certain)?;
            known.push((name, entry.value));
            Some(known)
        })
    }

    /// `thread.start()`: the call is made, and what comes of it stays in the thread. `thread.run()` makes it here.
    pub fn start_deferred(
        &mut self,
        frame: &mut Frame<'p>,
        site: Site<'p>,
        (call, starts): (Value, Starts),
        method: Name,
    ) -> Option<Invoked> {
        if !matches!(starts, Starts::Started | Starts::Later)
            || !matches!(method.as_str(), "start" | "run")
        {
            return None;
        }
        let live = frame.state.live;
        let mut invoked = self.invoke(frame, site, call, &Actual::default());
        if starts == Starts::Later
            && let Some(refusal) = invoked.refusal.take_if(|_| !site.alternative)
        {
            // It may be cancelled before its time.
            frame.introspected += 1;
            self.refuse(frame, &site, refusal);
            frame.introspected -= 1;
        }
        frame.state.live = live;
        let value = match method.as_str() {
            "start" => Some(Value::NONE),
            _ => invoked.value,
        };
        Some(Invoked {
            value: value.or(Some(Value::UNKNOWN)),
            ..invoked
        })
    }
}
