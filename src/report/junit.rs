//! JUnit's XML: a suite per file, a case per finding; one passing case when there is none, since some readers refuse an empty report.
//!
//! Errors are failures. Warnings and infos are cases that pass and say something. The schema is the one that pytest calls xunit2, which Jenkins'
//! xUnit plugin checks: a case has no `file` and no `line`, so the text has them. A case's name has no line number either: who keeps a history of
//! cases would take one that moved for another.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};

use crate::report::Check;
use crate::report::escape::plain;
use crate::rules::{Finding, Severity};

pub(super) fn write(check: &Check, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    let suites: Vec<&[Finding]> = check
        .findings
        .chunk_by(|left, right| left.path == right.path)
        .collect();
    let cases = check.findings.len().max(1);
    let failures = check.summary.errors;
    writeln!(
        out,
        "<testsuites name=\"coship\" tests=\"{cases}\" failures=\"{failures}\" errors=\"0\">"
    )?;
    if suites.is_empty() {
        writeln!(
            out,
            "  <testsuite name=\"coship\" tests=\"1\" failures=\"0\" errors=\"0\">\n    \
             <testcase classname=\"coship\" name=\"no findings\"/>\n  </testsuite>"
        )?;
    }
    for suite in suites {
        write_suite(check, suite, out)?;
    }
    writeln!(out, "</testsuites>")
}

/// The findings of one file; there is at least one.
fn write_suite(check: &Check, suite: &[Finding], out: &mut dyn Write) -> io::Result<()> {
    let is_failure = |finding: &&Finding| finding.severity == Severity::Error;
    let path = suite
        .first()
        .map_or(String::new(), |finding| xml(&finding.path));
    writeln!(
        out,
        "  <testsuite name=\"{path}\" tests=\"{}\" failures=\"{}\" errors=\"0\">",
        suite.len(),
        suite.iter().filter(is_failure).count()
    )?;
    let mut names: BTreeMap<String, usize> = BTreeMap::new();
    for finding in suite {
        let start = finding.span(check.candidate).start;
        let rule = finding.rule.name;
        let (element, attributes) = match finding.severity {
            Severity::Error => (
                "failure",
                format!(" message=\"{}\" type=\"{rule}\"", xml(&finding.message)),
            ),
            Severity::Warning | Severity::Info => ("system-out", String::new()),
        };
        let mut text = format!(
            "{path}:{}:{}: {}: {}",
            start.line,
            start.column,
            finding.severity,
            xml(&finding.message)
        );
        for (title, line) in [("raises", &finding.witness), ("help", &finding.help)] {
            if let Some(line) = line {
                // Writing to a String does not fail.
                let _ = write!(text, "\n{title}: {}", xml(line));
            }
        }
        let mut name = format!("{rule}: {}", xml(&finding.message));
        let count = names.entry(name.clone()).or_default();
        *count += 1;
        if *count > 1 {
            let _ = write!(name, " ({count})");
        }
        writeln!(
            out,
            "    <testcase classname=\"{path}\" name=\"{name}\">\n      \
             <{element}{attributes}>{text}</{element}>\n    </testcase>"
        )?;
    }
    writeln!(out, "  </testsuite>")
}

/// Text for XML: plain, with the five characters of markup as entities.
fn xml(text: &str) -> String {
    plain(text)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&apos;")
}
