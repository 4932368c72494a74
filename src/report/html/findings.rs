//! The findings, with a form that filters them.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io::{self, Write};

use super::text::{and_more, text, with_code};
use super::{left_out, open};
use crate::report::excerpt::{Excerpts, Shown};
use crate::report::full::{marks, position};
use crate::report::{Check, summary};
use crate::rules::{Finding, Severity, Status, route_name};

/// How many findings have their excerpts, routes and calls.
const IN_FULL: usize = 500;
/// How many have a line of their own.
const LISTED: usize = 10_000;
/// How many routes of a finding are named.
const ROUTES: usize = 60;
/// How many calls of a chain, and other places, are shown.
const PLACES: usize = 40;

/// Writes the part.
pub(super) fn write(check: &Check, out: &mut dyn Write) -> io::Result<()> {
    open("findings", out)?;
    let mut findings: Vec<&Finding> = check.findings.iter().collect();
    findings.sort_by_key(|finding| (finding.status, Reverse(finding.severity)));
    if findings.is_empty() {
        writeln!(out, "<p>Nothing was found.</p></section>")?;
        return Ok(());
    }
    filter(check, &findings, out)?;
    writeln!(out, "<ol class=\"findings\" id=\"list\">")?;
    for (index, finding) in findings.iter().take(LISTED).enumerate() {
        if index < IN_FULL {
            in_full(check, finding, out)?;
        } else {
            in_a_line(check, finding, out)?;
        }
    }
    writeln!(out, "</ol>")?;
    if findings.len() > IN_FULL {
        writeln!(
            out,
            "<p class=\"left-out\">The first {IN_FULL} have their excerpts, routes and calls, the others a line each.</p>"
        )?;
    }
    let more = findings.len().saturating_sub(LISTED);
    left_out(more, "finding", "coship check --output-format json", out)?;
    writeln!(out, "</section>")
}

/// The form. It is there for who has the script.
fn filter(check: &Check, findings: &[&Finding], out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "<div class=\"filter\" id=\"filter\" role=\"search\" aria-label=\"Findings\" hidden=\"hidden\">\n\
         <label class=\"wide\">Search <input type=\"search\" id=\"words\" autocomplete=\"off\"/></label>"
    )?;
    let rules = counted(findings.iter().map(|finding| finding.rule.name));
    choice("rule", "Rule", &rules, out)?;
    let files = counted(findings.iter().map(|finding| &*finding.path));
    choice("path", "File", &files, out)?;
    let severities = [Severity::Error, Severity::Warning, Severity::Info];
    let severities = severities.map(Severity::as_str);
    boxes(
        "severity",
        "Severity",
        &severities,
        |value| {
            findings
                .iter()
                .filter(|finding| finding.severity.as_str() == value)
                .count()
        },
        out,
    )?;
    if check.against.is_ok() {
        boxes(
            "status",
            "Since the deployed version",
            &["new", "existing"],
            |value| {
                findings
                    .iter()
                    .filter(|finding| status(finding) == value)
                    .count()
            },
            out,
        )?;
    }
    writeln!(
        out,
        "<p class=\"buttons\"><button type=\"button\" id=\"open\">Open all</button> <button type=\"button\" id=\"close\">Close all</button> \
         <button type=\"button\" id=\"reset\">Show all again</button> <output id=\"shown\" aria-live=\"polite\"></output></p>\n</div>"
    )
}

fn counted<'a>(values: impl Iterator<Item = &'a str>) -> BTreeMap<&'a str, usize> {
    let mut counts = BTreeMap::new();
    for value in values {
        *counts.entry(value).or_default() += 1;
    }
    counts
}

fn choice(
    key: &str,
    title: &str,
    values: &BTreeMap<&str, usize>,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(
        out,
        "<label>{title} <select data-key=\"{key}\"><option value=\"\">all</option>"
    )?;
    for (value, number) in values {
        let value = text(value);
        writeln!(out, "<option value=\"{value}\">{value} ({number})</option>")?;
    }
    writeln!(out, "</select></label>")
}

fn boxes(
    key: &str,
    title: &str,
    values: &[&str],
    count: impl Fn(&str) -> usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(out, "<fieldset><legend>{title}</legend>")?;
    for value in values {
        writeln!(
            out,
            "<label><input type=\"checkbox\" data-key=\"{key}\" value=\"{value}\" checked=\"checked\"/> {value} ({})</label>",
            count(value)
        )?;
    }
    writeln!(out, "</fieldset>")
}

const fn status(finding: &Finding) -> &'static str {
    match finding.status {
        Status::New => "new",
        Status::Existing => "existing",
    }
}

/// The mark of a severity; its word stands beside it.
const fn mark(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "✖",
        Severity::Warning => "▲",
        Severity::Info => "●",
    }
}

/// What the form filters by.
fn attributes(finding: &Finding) -> String {
    format!(
        "data-severity=\"{}\" data-status=\"{}\" data-rule=\"{}\" data-path=\"{}\"",
        finding.severity.as_str(),
        status(finding),
        finding.rule.name,
        text(&finding.path)
    )
}

/// Severity, message, place.
fn title(check: &Check, finding: &Finding) -> String {
    let severity = finding.severity;
    let start = finding.span(check.candidate).start;
    let known = match (check.against.is_ok(), finding.status) {
        (true, Status::New) => " <span class=\"badge strong\">new</span>",
        (true, Status::Existing) => " <span class=\"badge\">existing</span>",
        (false, _) => "",
    };
    format!(
        "<span class=\"severity {0}\"><span aria-hidden=\"true\">{1}</span> {0}</span>{known} <span class=\"message\">{2}</span> \
         <span class=\"where\"><code>{3}:{4}:{5}</code> <code>[{6}]</code></span>",
        severity.as_str(),
        mark(severity),
        with_code(&finding.message),
        text(&finding.path),
        start.line,
        start.column,
        finding.rule.name
    )
}

fn in_a_line(check: &Check, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    let (attributes, title) = (attributes(finding), title(check, finding));
    writeln!(
        out,
        "<li class=\"finding line\" id=\"f-{}\" {attributes}>{title}</li>",
        text(&finding.fingerprint)
    )
}

fn in_full(check: &Check, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "<li class=\"finding\" {}><details><summary>{}</summary><div class=\"body\" id=\"f-{}\">",
        attributes(finding),
        title(check, finding),
        text(&finding.fingerprint)
    )?;
    if let Some(exception) = &finding.witness {
        writeln!(
            out,
            "<p class=\"raises\"><strong>Raises</strong> <code>{}</code></p>",
            text(exception)
        )?;
    }
    let marks = marks(finding);
    let excerpts = Excerpts::new(&marks, check.candidate);
    for block in excerpts.shown() {
        let said: Vec<&str> = marks.iter().map(|mark| mark.text.as_str()).collect();
        excerpt(&block, &said, out)?;
    }
    if let Some(help) = &finding.help {
        writeln!(
            out,
            "<p class=\"help\"><strong>What to do</strong> {}</p>",
            with_code(help)
        )?;
    }
    routes(finding, out)?;
    chain(check, finding, out)?;
    aside(check, finding, out)?;
    if finding.witness.is_some() {
        writeln!(
            out,
            "<p class=\"certain\"><strong>Why it is {}</strong> {}</p>",
            if finding.is_certain() {
                "certain"
            } else {
                "not certain"
            },
            text(finding.certainty.sentence())
        )?;
    }
    writeln!(out, "</div></details></li>")
}

/// Lines of a file with their numbers, and what is said of the marked places below their lines.
fn excerpt(block: &Shown, said: &[&str], out: &mut dyn Write) -> io::Result<()> {
    let name = text(block.name);
    writeln!(
        out,
        "<figure class=\"excerpt\"><figcaption><code>{name}</code></figcaption>\
         <div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Lines of {name} from {}\"><pre>",
        block.first_line
    )?;
    let last = block.first_line + block.text.lines().count();
    let width = last.to_string().len();
    let mut start = 0;
    for (index, line) in block.text.lines().enumerate() {
        let end = start + line.len();
        let here: Vec<&(usize, std::ops::Range<usize>)> = block
            .marks
            .iter()
            .filter(|(_, marked)| (start..=end).contains(&marked.start))
            .collect();
        let number = block.first_line + index;
        write!(out, "<span class=\"line-number\">{number:>width$} </span>")?;
        let mut at = start;
        for (_, marked) in &here {
            // Marks that overlap are said below the line all the same.
            if marked.start < at || marked.end > end || marked.is_empty() {
                continue;
            }
            let (before, inside) = (&block.text[at..marked.start], &block.text[marked.clone()]);
            write!(out, "{}<mark>{}</mark>", text(before), text(inside))?;
            at = marked.end;
        }
        writeln!(out, "{}", text(&block.text[at..end]))?;
        for (mark, marked) in &here {
            let column = block.text[start..marked.start.min(end)].chars().count();
            let said = said.get(*mark).copied().unwrap_or_default();
            writeln!(
                out,
                "<span class=\"said\">{:>width$}   {:column$}↑ {}</span>",
                "",
                "",
                text(said)
            )?;
        }
        start = end + 1;
    }
    writeln!(out, "</pre></div></figure>")
}

fn routes(finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    if finding.routes.is_empty() {
        return Ok(());
    }
    let names = finding.routes.iter().take(ROUTES);
    let names: Vec<String> = names
        .map(|route| format!("<code>{}</code>", text(&route_name(route))))
        .collect();
    let more = and_more(finding.routes.len() - names.len());
    writeln!(
        out,
        "<p class=\"routes\"><strong>{}</strong> {}{more}</p>",
        summary::count(finding.routes.len(), "route"),
        names.join(", ")
    )
}

/// The calls that lead to the failure, from the outermost.
fn chain(check: &Check, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    if finding.chain.len() < 2 {
        return Ok(());
    }
    writeln!(
        out,
        "<p><strong>The way there</strong></p>\n<ol class=\"chain\">"
    )?;
    for frame in finding.chain.iter().take(PLACES) {
        writeln!(
            out,
            "<li><code>{}</code> in <code>{}</code>: {}</li>",
            text(&position(check, frame.place)),
            text(&frame.function),
            text(&frame.note)
        )?;
    }
    writeln!(out, "</ol>")?;
    left_out(
        finding.chain.len().saturating_sub(PLACES),
        "call",
        "coship check --output-format json",
        out,
    )
}

/// Places of other routes.
fn aside(check: &Check, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    let others: Vec<_> = finding
        .related
        .iter()
        .filter(|related| related.aside)
        .collect();
    if others.is_empty() {
        return Ok(());
    }
    writeln!(out, "<p><strong>Also</strong></p>\n<ul class=\"plain\">")?;
    for related in others.iter().take(PLACES) {
        writeln!(
            out,
            "<li><code>{}</code>: {}</li>",
            text(&position(check, related.place)),
            text(&related.message)
        )?;
    }
    writeln!(out, "</ul>")?;
    left_out(
        others.len().saturating_sub(PLACES),
        "place",
        "coship check --output-format json",
        out,
    )
}
