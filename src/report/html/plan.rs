//! The plan: its steps one below the other, each with its files and its reasons.

use std::io::{self, Write};

use super::text::{text, with_code};
use super::{Page, left_out, nothing_deployed, open};
use crate::report::plan::{Direction, Plan, Verdict, advice, shell, site, told};
use crate::report::summary;

/// How many steps are shown.
const STEPS: usize = 300;
/// How many files of a step are named.
const FILES: usize = 200;
/// How many reasons a step shows.
const REASONS: usize = 12;
/// How many errors of the candidate, and sites that were not followed, are listed.
const LISTED: usize = 60;

/// Writes the part.
pub(super) fn write(page: &Page, out: &mut dyn Write) -> io::Result<()> {
    open("plan", out)?;
    let Some(compared) = page.compared else {
        nothing_deployed(page, out)?;
        return writeln!(out, "</section>");
    };
    let plan = compared.plan;
    let mark = match plan.verdict {
        Verdict::Broken => "✖",
        Verdict::Ordered | Verdict::Together => "▲",
        Verdict::NothingToShip | Verdict::AnyOrder => "✔",
    };
    writeln!(
        out,
        "<p class=\"verdict\"><span aria-hidden=\"true\">{mark}</span> <strong>{}</strong>: {}.</p>",
        plan.verdict.as_str(),
        text(&plan.sentence())
    )?;
    errors(plan, out)?;
    steps(plan, out)?;
    undecided(plan, out)?;
    commands(plan, out)?;
    writeln!(out, "</section>")
}

/// What is wrong with the candidate itself.
fn errors(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    if plan.errors.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "<p>Mend these first; the steps below take them as they are.</p>\n<ul class=\"plain\">"
    )?;
    for finding in plan.errors.iter().take(LISTED) {
        let line = finding.span(plan.candidate).start.line;
        writeln!(
            out,
            "<li><code>{}:{line}</code> {} <code>[{}]</code></li>",
            text(&finding.path),
            with_code(&finding.message),
            finding.rule.name
        )?;
    }
    writeln!(out, "</ul>")?;
    let more = plan.errors.len().saturating_sub(LISTED);
    left_out(more, "error", "coship plan --output-format json", out)
}

fn steps(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    if plan.steps.is_empty() {
        return Ok(());
    }
    writeln!(out, "<ol class=\"timeline\">")?;
    for (index, files) in plan.steps.iter().enumerate().take(STEPS) {
        let how = match files.len() {
            1 => "1 file".to_owned(),
            number => format!("{number} files at once"),
        };
        writeln!(
            out,
            "<li><h3>Step {}: {how}</h3>\n<ul class=\"files\">",
            index + 1
        )?;
        for path in files.iter().take(FILES) {
            writeln!(
                out,
                "<li><code>{}</code>{}</li>",
                text(path),
                plan.mark(path)
            )?;
        }
        writeln!(out, "</ul>")?;
        let json = "coship plan --output-format json";
        left_out(files.len().saturating_sub(FILES), "file", json, out)?;
        reasons(plan, index, out)?;
        writeln!(out, "</li>")?;
    }
    writeln!(out, "</ol>")?;
    left_out(
        plan.steps.len().saturating_sub(STEPS),
        "step",
        "coship plan --output-format json",
        out,
    )
}

/// Why a step is where and what it is.
fn reasons(plan: &Plan, step: usize, out: &mut dyn Write) -> io::Result<()> {
    let reasons: Vec<_> = plan.reasons_of(step).collect();
    if reasons.is_empty() {
        let why = if step == 0 {
            "Nothing has to be there before it."
        } else {
            "It needs nothing of the steps before it, and nothing in it has to ship with anything else."
        };
        return writeln!(out, "<p class=\"why\">{why}</p>");
    }
    writeln!(
        out,
        "<p class=\"why\"><strong>Why</strong></p>\n<ul class=\"reasons\">"
    )?;
    for reason in reasons.iter().take(REASONS) {
        let lines = told(reason);
        let mut lines = lines.iter().map(|(_, line)| text(line));
        let title = lines.next().unwrap_or_default();
        let rest: Vec<String> = lines
            .map(|line| format!("<br/><code>{line}</code>"))
            .collect();
        writeln!(out, "<li>{title}{}</li>", rest.concat())?;
    }
    writeln!(out, "</ul>")?;
    left_out(
        reasons.len().saturating_sub(REASONS),
        "reason",
        "coship plan --output-format json",
        out,
    )
}

/// What could not be followed.
fn undecided(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    if plan.undecided.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "<h3>Not followed</h3>\n<p>The steps are not proved for {}.</p>\n<ul class=\"plain\">",
        summary::count(plan.undecided.len(), "use")
    )?;
    for undecided in plan.undecided.iter().take(LISTED) {
        writeln!(
            out,
            "<li>{}: {}</li>",
            text(&site(plan, undecided)),
            text(&advice(undecided))
        )?;
    }
    writeln!(out, "</ul>")?;
    left_out(
        plan.undecided.len().saturating_sub(LISTED),
        "use",
        "coship plan --output-format json",
        out,
    )
}

/// What to type to go on.
fn commands(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    if plan.direction == Direction::Back || plan.steps.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "<p>The way back is the same steps in reverse, last first."
    )?;
    if let [first, _, ..] = &plan.steps[..] {
        let files: Vec<String> = first.iter().take(FILES).map(|path| shell(path)).collect();
        let command = format!("coship check {} --only {}", plan.arguments, files.join(" "));
        writeln!(
            out,
            "The state after a step is judged by itself with, for step 1: <code>{}</code>.",
            text(&command)
        )?;
    }
    let command = format!("coship plan {} --output-format markdown", plan.asked());
    writeln!(
        out,
        "The checklist for a ticket: <code>{}</code>.</p>",
        text(&command)
    )
}
