//! Where output goes, and how it may look.

use std::env;
use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::Path;

use anstyle::{AnsiColor, Style};
use clap::ColorChoice;

use crate::commands::Error;
use crate::report::Look;
use crate::report::escape::plain;

/// Columns where nobody knows how many there are.
const WIDTH: usize = 100;

/// Where a report goes.
pub(super) struct Output {
    name: String,
    writer: BufWriter<Box<dyn Write>>,
    /// Whether that is a terminal.
    pub is_terminal: bool,
}

impl Output {
    /// The file, or stdout without one.
    pub(super) fn new(file: Option<&Path>) -> Result<Self, Error> {
        let Some(path) = file else {
            let is_terminal = io::stdout().is_terminal() && !is_read_by_emacs();
            return Ok(Self {
                name: "stdout".to_owned(),
                writer: BufWriter::new(Box::new(io::stdout())),
                is_terminal,
            });
        };
        let name = path.display().to_string();
        match File::create(path) {
            Ok(file) => Ok(Self {
                name,
                writer: BufWriter::new(Box::new(file)),
                is_terminal: false,
            }),
            Err(error) => Err(Error::Output { name, error }),
        }
    }

    /// Writes with `write` and flushes. A reader that closed the pipe has seen enough: the output ends there, and what the command found out stays
    /// its exit status.
    pub(super) fn write(
        mut self,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), Error> {
        let result = write(&mut self.writer).and_then(|()| self.writer.flush());
        match result {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            result => result.map_err(|error| Error::Output {
                name: self.name,
                error,
            }),
        }
    }

    /// How a report for people looks here.
    pub(super) fn look(&self, color: ColorChoice) -> Look {
        let unicode = if self.is_terminal {
            terminal_has_unicode()
        } else {
            true
        };
        Look {
            color: colors(color, self.is_terminal),
            unicode,
            width: width(self.is_terminal),
        }
    }
}

/// Whether to colour: `--color` first, then `NO_COLOR`, `CLICOLOR_FORCE`, `CLICOLOR`, then whether it is a terminal.
fn colors(choice: ColorChoice, is_terminal: bool) -> bool {
    let is_terminal = is_terminal && !is_read_by_emacs();
    let set = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty());
    let is = |name: &str, value: &str| env::var_os(name).is_some_and(|set| set == value);
    match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto if set("NO_COLOR") => false,
        ColorChoice::Auto if set("CLICOLOR_FORCE") && !is("CLICOLOR_FORCE", "0") => true,
        ColorChoice::Auto if is("CLICOLOR", "0") || is("TERM", "dumb") => false,
        ColorChoice::Auto => is_terminal,
    }
}

/// Whether this runs in a buffer of `M-x compile`: a terminal by all signs (`TERM` is that of Emacs' own), but one whose lines are read by patterns, and that shows
/// escapes as they are. Emacs says so in `INSIDE_EMACS` (`28.2,compile`).
fn is_read_by_emacs() -> bool {
    let inside = env::var("INSIDE_EMACS").unwrap_or_default();
    inside.split(',').any(|word| word == "compile")
}

/// Whether somebody looks at a terminal that can take a line away again.
pub(super) fn is_live_terminal(stream: &impl IsTerminal) -> bool {
    let is_dumb = env::var_os("TERM").is_some_and(|term| term == "dumb");
    stream.is_terminal() && !is_dumb && !is_read_by_emacs()
}

/// What the locale promises, by POSIX's order of precedence. Windows consoles and macOS have Unicode whatever it says.
fn terminal_has_unicode() -> bool {
    if cfg!(any(windows, target_os = "macos")) {
        return true;
    }
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .filter_map(env::var_os)
        .find(|value| !value.is_empty());
    locale.is_some_and(|locale| {
        let locale = locale.to_string_lossy().to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    })
}

fn width(is_terminal: bool) -> usize {
    let columns = env::var("COLUMNS")
        .ok()
        .and_then(|columns| columns.parse().ok());
    let measured = || {
        is_terminal
            .then(terminal_size::terminal_size)
            .flatten()
            .map(|(width, _)| usize::from(width.0))
    };
    columns.or_else(measured).unwrap_or(WIDTH).clamp(40, 140)
}

/// Tells an error on stderr. That stderr is closed is nobody's business.
pub(super) fn tell_error(error: &Error, color: ColorChoice) {
    let colored = colors(color, io::stderr().is_terminal());
    let style = |color: AnsiColor| {
        if colored {
            color.on_default().bold()
        } else {
            Style::new()
        }
    };
    let (red, cyan) = (style(AnsiColor::Red), style(AnsiColor::Cyan));
    let mut stderr = io::stderr().lock();
    let _ = writeln!(stderr, "{red}error{red:#}: {}", plain(&error.to_string()));
    if let Some(help) = error.help() {
        let _ = writeln!(stderr, "{cyan}help{cyan:#}: {}", plain(&help));
    }
}

/// Tells on stderr what the user should know, although the run goes on.
pub(super) fn warn(text: &str) {
    let _ = writeln!(io::stderr(), "warning: {}", plain(text));
}

/// Says something on stderr, for `--verbose`.
pub(super) fn say(verbose: bool, text: &str) {
    if verbose {
        let _ = writeln!(io::stderr(), "coship: {}", plain(text));
    }
}
