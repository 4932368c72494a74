//! GitHub's workflow commands: `::error title=..,file=..,line=..::text`.
//!
//! <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>. A step shows ten errors and ten warnings, so the worst
//! come first; the text repeats the position, since logs show nothing else.

use std::cmp::Reverse;
use std::io::{self, Write};

use crate::report::escape::plain;
use crate::report::{Check, summary};
use crate::rules::{Finding, Severity};

pub(super) fn write(check: &Check, out: &mut dyn Write) -> io::Result<()> {
    let mut findings: Vec<&Finding> = check.findings.iter().collect();
    findings.sort_by_key(|finding| (Reverse(finding.severity), finding.status));
    // Plain lines of the log: a green run says what it looked at, and what it left out.
    if !check.quiet {
        writeln!(out, "{}", summary::first_line(check))?;
    }
    for finding in findings {
        let span = finding.span(check.candidate);
        let command = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "notice",
        };
        let (start, end) = (span.start, span.end);
        // With columns, GitHub takes the end for one on the first line.
        let place = if start.line == end.line {
            format!(
                "line={},col={},endLine={},endColumn={}",
                start.line, start.column, end.line, end.column
            )
        } else {
            format!("line={},endLine={}", start.line, end.line)
        };
        let path = plain(&finding.path);
        let mut text = format!(
            "{path}:{}:{}: {}",
            start.line,
            start.column,
            plain(&finding.message)
        );
        if let Some(help) = &finding.help {
            text.push_str("\nhelp: ");
            text.push_str(&plain(help));
        }
        writeln!(
            out,
            "::{command} title=coship ({}),file={},{place}::{}",
            finding.rule.name,
            property(&path),
            data(&text)
        )?;
    }
    if !check.quiet {
        writeln!(out, "{}", summary::last_line(check))?;
    }
    Ok(())
}

/// Text after the second `::`.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// A property's value.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::{data, property};

    #[test]
    fn text_and_properties_are_escaped() {
        assert_eq!(data("100%\r\n::x"), "100%25%0D%0A::x");
        assert_eq!(property("a:b,c%"), "a%3Ab%2Cc%25");
    }
}
