//! The numbers.

use std::io::{self, Write};

use super::text::{text, with_code};
use super::{Page, left_out, open};
use crate::report::{Check, summary};
use crate::rules::Suppressor;

/// How many findings that are not reported are listed.
const SUPPRESSED: usize = 300;

/// Writes the part.
pub(super) fn write(page: &Page, out: &mut dyn Write) -> io::Result<()> {
    let check = page.check;
    let summary = &check.summary;
    open("summary", out)?;
    if let Some(compared) = page.compared {
        writeln!(
            out,
            "<p class=\"verdict\"><strong>Plan: {}.</strong> {}.</p>",
            compared.plan.verdict.as_str(),
            text(&compared.plan.sentence())
        )?;
    }
    writeln!(out, "<dl class=\"numbers\">")?;
    let numbers = [
        ("error", "✖ errors", summary.errors),
        ("warning", "▲ warnings", summary.warnings),
        ("info", "● infos", summary.infos),
        ("", "new", summary.new),
        (
            "",
            "existing",
            summary.existing + summary.existing_not_shown,
        ),
        ("", "ignored by comments", summary.ignored),
        ("", "waived", summary.waived),
        ("", "in the baseline", summary.in_baseline),
        ("", "files", summary.files),
        ("", "functions", summary.functions),
        ("", "routes", summary.routes),
        ("", "routes unresolved", summary.routes_unresolved),
    ];
    for (class, title, number) in numbers {
        writeln!(
            out,
            "<div class=\"number {class}\"><dt>{title}</dt><dd>{number}</dd></div>"
        )?;
    }
    writeln!(out, "</dl>\n<p>{}.</p>", text(&summary::last_line(check)))?;
    statistics(check, out)?;
    suppressed(check, out)?;
    writeln!(out, "</section>")
}

/// How many findings each rule has.
fn statistics(check: &Check, out: &mut dyn Write) -> io::Result<()> {
    let lines = summary::per_rule(check);
    if lines.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "<details><summary>Findings by rule</summary><div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Findings by rule\"><table>\
         <thead><tr><th scope=\"col\">Rule</th><th scope=\"col\">Code</th><th scope=\"col\" class=\"right\">Findings</th></tr></thead><tbody>"
    )?;
    for ((code, name), number) in lines {
        writeln!(
            out,
            "<tr><th scope=\"row\"><code>{name}</code></th><td>{code}</td><td class=\"right\">{number}</td></tr>"
        )?;
    }
    writeln!(out, "</tbody></table></div></details>")
}

/// What is not reported, and why not.
fn suppressed(check: &Check, out: &mut dyn Write) -> io::Result<()> {
    let all = &check.tally.suppressed;
    if all.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "<details><summary>Not reported: {}</summary><ul class=\"plain\">",
        summary::count(all.len(), "finding")
    )?;
    for suppressed in all.iter().take(SUPPRESSED) {
        let finding = &suppressed.finding;
        let by = match suppressed.by {
            Suppressor::Comment => "a comment",
            Suppressor::Waiver => "a waiver",
            Suppressor::Baseline => "the baseline",
        };
        let line = finding.span(check.candidate).start.line;
        let why = match suppressed.justification.trim() {
            "" => String::new(),
            why => format!(": {}", text(why)),
        };
        writeln!(
            out,
            "<li><code>{}:{line}</code> {} <code>[{}]</code>, by {by}{why}</li>",
            text(&finding.path),
            with_code(&finding.message),
            finding.rule.name
        )?;
    }
    writeln!(out, "</ul>")?;
    left_out(
        all.len().saturating_sub(SUPPRESSED),
        "finding that is not reported",
        "coship check --output-format sarif",
        out,
    )?;
    writeln!(out, "</details>")
}
