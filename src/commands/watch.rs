//! `coship check --watch`: a check for each change, until somebody interrupts it.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::cli::{Check, Global};
use crate::commands::check::{self, Kept};
use crate::commands::output::tell_error;
use crate::commands::setup::Setup;
use crate::commands::verdict::flags;
use crate::commands::{Error, Exit};
use crate::config::Selection;
use crate::source::{Context, Located};

/// What a round's report begins with: editors' background matchers wait for it.
const BEGINS: &str = "coship: round begins";

/// What follows a round's report.
const ENDS: &str = "coship: round ends";

/// How long it is at least from one look at the files' metadata to the next. A change is taken up once two looks in a row see the same.
const INTERVAL: Duration = Duration::from_millis(100);

/// How much longer than a look the time to the next one is: a large tree is looked at less often.
const REST: u32 = 20;

/// Checks, and again when something changed. A round that cannot check says so, and the next one may.
pub(super) fn run(arguments: &Check, global: &Global) -> Result<Exit, Error> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        // The second one ends the process at once, whatever it is doing.
        let armed = signal_hook::flag::register_conditional_default(signal, Arc::clone(&stop))
            .and_then(|_| signal_hook::flag::register(signal, Arc::clone(&stop)));
        armed.map_err(|error| Error::Watch { error })?;
    }
    let mut kept = Kept::default();
    let here = || stamp(arguments, global, Context::of_process().ok()?);
    let mut seen = here();
    loop {
        line(BEGINS)?;
        let exit = match check::check(&arguments.tree, arguments, global, &mut kept) {
            Ok(exit) => exit,
            Err(error) => {
                tell_error(&error, global.color);
                Exit::Failed
            }
        };
        if line(ENDS).is_err() || !wait(&here, &mut seen, &stop) {
            return Ok(exit);
        }
    }
}

/// Waits for a change of what `look` gives; false if it is time to stop.
fn wait(look: &dyn Fn() -> Option<u64>, seen: &mut Option<u64>, stop: &AtomicBool) -> bool {
    let mut last = *seen;
    loop {
        if stop.load(Ordering::Relaxed) {
            return false;
        }
        let begun = Instant::now();
        let now = look();
        let rest = begun.elapsed().saturating_mul(REST).max(INTERVAL);
        if now != *seen && now == last {
            *seen = now;
            return true;
        }
        last = now;
        let woken = Instant::now() + rest;
        while Instant::now() < woken && !stop.load(Ordering::Relaxed) {
            thread::sleep(INTERVAL.min(woken.saturating_duration_since(Instant::now())));
        }
    }
}

/// What tells a change of what `check` reads in a directory; none while the tree cannot be found.
pub(super) fn stamp(arguments: &Check, global: &Global, context: Context) -> Option<u64> {
    let against = arguments.against.as_deref();
    let quiet = Global {
        config: global.config.clone(),
        verbose: false,
        ..*global
    };
    let flags = flags(&arguments.rules);
    let around = context.clone();
    let setup = Setup::of_part(context, &arguments.tree, against, &quiet, flags);
    if let Ok(setup) = setup {
        let (settings, context) = (&setup.settings, &setup.context);
        let how = (&settings.selection, context);
        return Some(
            setup
                .candidate
                .stamp(against, settings.against.as_ref(), how),
        );
    }
    // A configuration that cannot be read is watched all the same.
    let located = match &arguments.tree.tree {
        Some(tree) => Located::candidate(tree, false, &around).ok()?,
        None => Located::around(false, against, &around).ok()?.0,
    };
    Some(located.stamp(against, None, (&Selection::default(), &around)))
}

/// Writes a line between reports at once. A reader that closed the pipe has seen enough.
fn line(text: &str) -> Result<(), Error> {
    let mut stdout = io::stdout().lock();
    let written = writeln!(stdout, "{text}").and_then(|()| stdout.flush());
    written.map_err(|error| Error::Output {
        name: "stdout".to_owned(),
        error,
    })
}
