//! One line per finding: `path:line:column: severity: message [name]`. This line is frozen, since editors' problem matchers read it.
//!
//! The first and the last line of the report are not of this form, so that no matcher takes them for a finding; `--quiet` leaves them out.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use crate::report::escape::plain;
use crate::report::{Check, Look, summary};
use crate::rules::Severity;

pub(super) fn write(check: &Check, look: Look, out: &mut dyn Write) -> io::Result<()> {
    if !check.quiet {
        writeln!(out, "{}", summary::first_line(check))?;
    }
    for finding in check.newest_first() {
        let start = finding.span(check.candidate).start;
        let style = if look.color {
            style(finding.severity)
        } else {
            Style::new()
        };
        writeln!(
            out,
            "{}:{}:{}: {style}{}{style:#}: {} [{}]",
            plain(&finding.path),
            start.line,
            start.column,
            finding.severity,
            plain(&finding.message),
            finding.rule.name,
        )?;
    }
    if check.statistics {
        for line in summary::statistics(check) {
            writeln!(out, "{line}")?;
        }
    }
    if !check.quiet {
        for line in summary::digests(check) {
            writeln!(out, "{line}")?;
        }
        writeln!(out, "{}", summary::last_line(check))?;
    }
    Ok(())
}

/// How a severity is coloured.
pub(super) fn style(severity: Severity) -> Style {
    let color = match severity {
        Severity::Error => AnsiColor::Red,
        Severity::Warning => AnsiColor::Yellow,
        Severity::Info => AnsiColor::Cyan,
    };
    color.on_default().bold()
}
