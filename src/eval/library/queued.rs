//! Tasks that go through a queue (Celery's documentation, "Calling Tasks"): what is sent is bound to the task's function, as the sender checks and the worker does.

use std::rc::Rc;

use crate::eval::Evaluator;
use crate::eval::calls::arguments::Actual;
use crate::eval::calls::call::{Invoked, Site};
use crate::eval::domain::truth::Truth;
use crate::eval::domain::value::{Data, Partial, Starts, Value};
use crate::eval::interpreter::frame::Frame;
use crate::name::Name;

impl<'p> Evaluator<'p> {
    /// What Celery makes of a function: a task, that a worker runs.
    pub fn task(&mut self, frame: &mut Frame<'p>, function: Value, options: &Actual) -> Value {
        let is_bound = match options.keyword("bind") {
            None => Truth::False,
            Some(bind) => self.truth(frame, bind),
        };
        let is_plain = matches!(self.data(function), Data::Function(_));
        if !is_plain || is_bound == Truth::Unknown || self.is_stored_elsewhere(Name::new("Task")) {
            return Value::UNKNOWN;
        }
        let positionals: Rc<[Value]> = match is_bound {
            Truth::True => [Value::UNKNOWN].into(),
            _ => Rc::default(),
        };
        let call = self.values.intern(Data::Partial(Partial {
            function,
            positionals,
            keywords: Rc::default(),
        }));
        self.values.intern(Data::Deferred {
            call,
            starts: Starts::Queued,
        })
    }

    /// `task.delay(..)` and its like. What is sent is bound to the task's function as the worker does.
    pub fn send_task(
        &mut self,
        frame: &mut Frame<'p>,
        site: Site<'p>,
        (call, starts): (Value, Starts),
        (method, actual): (Name, &Actual),
    ) -> Option<Invoked> {
        let is_whole = actual.is_whole();
        let sent = match method.as_str() {
            "delay" | "s" | "si" => Some(actual.clone()),
            // `apply_async(args, kwargs, ..)`.
            _ if is_whole => self.packed(frame, actual, ((0, "args"), (1, "kwargs"))),
            _ => None,
        };
        self.record_handed(frame, &site, actual);
        self.record_queued(frame, &site, call);
        self.unknown_call(frame, actual);
        let sent = sent?;
        if matches!(method.as_str(), "s" | "si" | "signature" | "subtask") {
            if !is_whole {
                return Some(Invoked::value(Value::UNKNOWN));
            }
            let Data::Partial(partial) = self.data(call).clone() else {
                return None;
            };
            let positionals = partial.positionals.iter().copied();
            let call = self.values.intern(Data::Partial(Partial {
                function: partial.function,
                positionals: positionals.chain(sent.positionals).collect(),
                keywords: sent
                    .keywords
                    .iter()
                    .map(|own| (own.name, own.value))
                    .collect(),
            }));
            return Some(Invoked::value(self.values.intern(Data::Deferred {
                call,
                starts: Starts::Signed,
            })));
        }
        // What is sent with a signature stands before what it has, or not at all: only a plain sending is told.
        let is_plain = sent.positionals.is_empty() && sent.keywords.is_empty();
        if starts == Starts::Signed && !is_plain {
            return None;
        }
        let mut refusal = self.refusal_of(frame, site, call, &sent);
        if !site.alternative
            && !self.is_run_against("celery")
            && let Some(refusal) = refusal.take()
        {
            self.refuse_perhaps(frame, &site, refusal);
        }
        Some(Invoked {
            value: Some(Value::UNKNOWN),
            refusal,
        })
    }
}
