//! `coship server`: answers an editor over stdin and stdout.
//!
//! | file | what it is about |
//! |---|---|
//! | `transport`, `message` | bytes, and what a message is |
//! | `documents`, `position`, `uri` | what the editor holds, and how it counts and names |
//! | `snapshot` | what a check found, and who checks |
//! | `worker` | the thread that checks, one folder after the other |
//! | `diagnostics`, `navigate`, `callee`, `answers` | what is said, from a snapshot and the open files alone |
//! | `session`, `requests` | which folder has to be checked again, who waits for it, and what is asked |
//!
//! One thread reads, one checks, one answers; they pass messages. A request about what was not checked yet waits for the check, and may be
//! cancelled meanwhile. The diagnostics are those of `coship check` over the same bytes: a file that does not parse while somebody types in it counts
//! as it was when it last did, and its syntax errors are told besides.
//!
//! The protocol is the [Language Server Protocol 3.18](https://microsoft.github.io/language-server-protocol/specifications/lsp/3.18/specification/).

mod answers;
mod callee;
mod diagnostics;
mod documents;
mod message;
mod navigate;
mod position;
mod requests;
mod session;
mod snapshot;
mod transport;
mod uri;
mod worker;

use std::io::{self, BufReader, Read, Write};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

pub use snapshot::{Checker, Snapshot};

use session::Session;
use transport::Received;
use worker::{Report, Worker};

/// What the answering thread hears.
enum Event {
    /// From the client.
    Received(Received),
    /// The client has nothing more to say.
    Closed,
    /// From the thread that checks.
    Report(Report),
}

/// How a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// With `shutdown` and `exit`.
    Asked,
    /// With `exit` alone, or the client went away.
    Abrupt,
}

/// How often it is looked whether something changed on disk or in git.
const LOOK: Duration = Duration::from_secs(2);

/// How many messages of the client wait at most: a client that sends more is read later.
const WAITING: usize = 1024;

/// Serves a client until it goes. `checker` makes what checks, on the thread that does so.
///
/// # Errors
/// If the client cannot be answered.
pub fn serve<C: Checker>(
    input: impl Read + Send + 'static,
    output: impl Write,
    checker: impl FnOnce() -> C + Send + 'static,
) -> io::Result<End> {
    let (events, heard) = mpsc::sync_channel(WAITING);
    let reports = events.clone();
    let worker = Worker::start(checker, move |report| {
        // That nobody listens any more is the end of the session.
        let _ = reports.send(Event::Report(report));
    })?;
    thread::Builder::new()
        .name("reader".to_owned())
        .spawn(move || {
            let mut input = BufReader::new(input);
            loop {
                let event = match transport::read(&mut input) {
                    Ok(Some(received)) => Event::Received(received),
                    Ok(None) | Err(_) => Event::Closed,
                };
                let is_last = matches!(event, Event::Closed);
                if events.send(event).is_err() || is_last {
                    return;
                }
            }
        })?;
    let mut session = Session::new(output, worker);
    let mut looked = Instant::now();
    loop {
        // However much the client says meanwhile.
        if looked.elapsed() >= LOOK {
            session.look();
            looked = Instant::now();
        }
        let event = match heard.recv_timeout(LOOK.saturating_sub(looked.elapsed())) {
            Ok(event) => event,
            Err(mpsc::RecvTimeoutError::Timeout) => continue,
            Err(mpsc::RecvTimeoutError::Disconnected) => return Ok(End::Abrupt),
        };
        let end = match event {
            Event::Received(received) => session.receive(received)?,
            Event::Closed => Some(End::Abrupt),
            Event::Report(report) => {
                session.report(report)?;
                None
            }
        };
        if let Some(end) = end {
            return Ok(end);
        }
    }
}
