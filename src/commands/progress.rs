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
    let mut is_told = false;
    while let Err(RecvTimeoutError::Timeout) = is_done.recv_timeout(wait) {
        waited += wait;
        wait = every;
        is_told = true;
        let _ = write!(out, "\rcoship: {what} ({} s)", waited.as_secs());
        let _ = out.flush();
    }
    if is_told {
        let _ = write!(out, "\r\x1b[K");
        let _ = out.flush();
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};
    use std::sync::mpsc::{Sender, channel};
    use std::time::Duration;

    use super::tell;

    /// Keeps what is written, and ends the work once the line was written so many times.
    struct Screen {
        text: Vec<u8>,
        work: Option<Sender<()>>,
        lines: usize,
    }

    impl Write for Screen {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.text.extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            self.lines = self.lines.saturating_sub(1);
            if self.lines == 0 {
                self.work = None;
            }
            Ok(())
        }
    }

    fn told(lines: usize) -> String {
        let (done, is_done) = channel::<()>();
        let mut screen = Screen {
            text: Vec::new(),
            work: (lines > 0).then_some(done),
            lines,
        };
        let times = (Duration::ZERO, Duration::ZERO);
        tell(&is_done, "planning", times, &mut screen);
        String::from_utf8(screen.text).unwrap()
    }

    #[test]
    fn only_what_lasts_is_told_and_the_line_is_taken_away() {
        assert_eq!(told(0), "");
        let line = "\rcoship: planning (0 s)";
        assert_eq!(told(1), format!("{line}\r\x1b[K"));
        assert_eq!(told(2), format!("{line}{line}\r\x1b[K"));
    }
}
