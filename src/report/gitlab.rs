//! GitLab's code quality report.
//!
//! <https://docs.gitlab.com/ci/testing/code_quality/>. The description begins with the rule, because `check_name` is not shown; a merge request
//! compares reports by fingerprint.

use std::io::{self, Write};

use serde::Serialize;

use crate::report::escape::plain;
use crate::report::{Check, json};
use crate::rules::Severity;

#[derive(Serialize)]
struct Issue<'a> {
    description: String,
    check_name: &'static str,
    fingerprint: &'a str,
    severity: &'static str,
    location: Location<'a>,
}

#[derive(Serialize)]
struct Location<'a> {
    path: &'a str,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
}

pub(super) fn write(check: &Check, out: &mut dyn Write) -> io::Result<()> {
    let issues = check.findings.iter().map(|finding| Issue {
        description: format!("{}: {}", finding.rule.name, plain(&finding.message)),
        check_name: finding.rule.name,
        fingerprint: &finding.fingerprint,
        severity: match finding.severity {
            Severity::Error => "major",
            Severity::Warning => "minor",
            Severity::Info => "info",
        },
        location: Location {
            path: &finding.path,
            lines: Lines {
                begin: finding.span(check.candidate).start.line,
            },
        },
    });
    json::write_value(&issues.collect::<Vec<_>>(), out)
}
