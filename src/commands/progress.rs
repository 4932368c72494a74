//! What a command that takes long says on a terminal meanwhile: one line on stderr, which is gone when it is done.

use std::io::{self, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use crate::commands::output::is_live_terminal;

/// Nothing is said of what is done by then.
const PATIENCE: Duration = Duration::from_secs(2);

/// How often the line is written anew.
const EVERY: Duration = Duration::from_secs(1);

/// Does `work`; says `what` on stderr while it lasts, if somebody looks at a terminal there.
pub(super) fn during<R>(is_wanted: bool, what: &str, work: impl FnOnce() -> R) -> R {
    if !is_wanted || !is_live_terminal(&io::stderr()) {
        return work();
    }
    let (done, is_done) = channel::<()>();
    thread::scope(|scope| {
        scope.spawn(move || tell(&is_done, what, (PATIENCE, EVERY), &mut io::stderr()));
        let result = work();
        drop(done);
        result
    })
}

/// Writes the line until the other end of the channel is dropped, and takes it away. That stderr is closed is nobody's business.
fn tell(
    is_done: &Receiver<()>,
    what: &str,
    (patience, every): (Duration, Duration),
    out: &mut dyn Write,
) {
    let mut wait = patience;
    let mut waited = Duration::ZERO;
    while let Err(RecvTimeoutError::Timeout) = is_done.recv_timeout(wait) {
        waited += wait;
        wait = every;
        let _ = write!(out, "\rcoship: {what} ({} s)", waited.as_secs());
        let _ = out.flush();
    }
    if waited > Duration::ZERO {
        let _ = write!(out, "\r\x1b[K");
        let _ = out.flush();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;
    use std::time::Duration;

    use super::tell;

    fn told(lasts: Duration) -> String {
        let (done, is_done) = channel::<()>();
        let mut out = Vec::new();
        std::thread::scope(|scope| {
            scope.spawn(move || {
                std::thread::sleep(lasts);
                drop(done);
            });
            let times = (Duration::from_millis(500), Duration::from_millis(10));
            tell(&is_done, "planning", times, &mut out);
        });
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn only_what_lasts_is_told_and_the_line_is_taken_away() {
        assert_eq!(told(Duration::ZERO), "");
        let told = told(Duration::from_millis(600));
        assert!(told.starts_with("\rcoship: planning (0 s)"), "{told:?}");
        assert!(told.ends_with("\r\x1b[K"), "{told:?}");
    }
}
