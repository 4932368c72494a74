//! The plan for people: the steps, why, and the commands.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::undecided::{advice, site};
use super::{Direction, Plan, Reason, Verdict, shell};
use crate::report::escape::plain;
use crate::report::full::wrap;
use crate::report::{Look, summary};

/// How many reasons a step shows before the rest is counted.
const REASONS: usize = 5;

/// How much that was not followed is shown before the rest is counted.
const UNDECIDED: usize = 10;

/// Writes the plan for people.
///
/// # Errors
///
/// What writing to `out` returns.
pub fn full(plan: &Plan, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let style = |style: Style| if look.color { style } else { Style::new() };
    let bold = style(Style::new().bold());
    let verdict = style(match plan.verdict {
        Verdict::Broken => AnsiColor::Red.on_default().bold(),
        Verdict::Ordered | Verdict::Together => AnsiColor::Yellow.on_default().bold(),
        Verdict::NothingToShip | Verdict::AnyOrder => AnsiColor::Green.on_default().bold(),
    });
    if !plan.quiet {
        writeln!(out, "{}\n", first_line(plan))?;
    }
    writeln!(
        out,
        "{verdict}{}{verdict:#}: {}",
        plan.verdict.as_str(),
        plan.sentence()
    )?;
    for finding in &plan.errors {
        let start = finding.span(plan.candidate).start;
        let place = format!("{}:{}:{}", plain(&finding.path), start.line, start.column);
        let line = format!(
            "{place}: {} [{}]",
            plain(&finding.message),
            finding.rule.name
        );
        hanging(&line, 2, 4, look, out)?;
    }
    if plan.steps.is_empty() {
        return Ok(());
    }
    writeln!(out)?;
    for (index, files) in plan.steps.iter().enumerate() {
        let files: Vec<String> = files
            .iter()
            .map(|path| format!("{}{}", plain(path), plan.mark(path)))
            .collect();
        let mut title = format!(
            "{:>4}  {bold}{}{bold:#}",
            index + 1,
            files.join(&format!("{bold:#}, {bold}"))
        );
        if files.len() > 1 {
            title.push_str("  at once");
        }
        writeln!(out, "{title}")?;
        let reasons: Vec<&Reason> = plan.reasons_of(index).collect();
        for reason in reasons.iter().take(REASONS) {
            for (indent, line) in told(reason) {
                hanging(&line, indent, indent + 2, look, out)?;
            }
        }
        if reasons.len() > REASONS {
            writeln!(
                out,
                "      and {}",
                summary::count(reasons.len() - REASONS, "more reason")
            )?;
        }
    }
    undecided(plan, look, out)?;
    commands(plan, out)
}

/// What could not be followed.
fn undecided(plan: &Plan, look: Look, out: &mut dyn Write) -> io::Result<()> {
    if plan.undecided.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "\nNot followed, so that the steps are not proved for it:"
    )?;
    for undecided in plan.undecided.iter().take(UNDECIDED) {
        hanging(&site(plan, undecided), 6, 8, look, out)?;
        hanging(&advice(undecided), 8, 10, look, out)?;
    }
    if let Some(more) = plan
        .undecided
        .len()
        .checked_sub(UNDECIDED)
        .filter(|&more| more > 0)
    {
        writeln!(out, "      and {more} more, all in the JSON output")?;
    }
    Ok(())
}

fn first_line(plan: &Plan) -> String {
    let (mut candidate, against) = (summary::name(plan.candidate), summary::name(plan.against));
    if let Some(part) = &plan.part {
        candidate.push_str(&part.words());
    }
    match plan.direction {
        Direction::Forward => {
            let chosen_by = plan.against.chosen_by.as_deref();
            let chosen_by = chosen_by.map(|how| format!(", chosen by {}", plain(how)));
            format!(
                "coship: {candidate}, against {against}{}",
                chosen_by.unwrap_or_default()
            )
        }
        Direction::Back => {
            let chosen_by = plan.candidate.chosen_by.as_deref();
            let chosen_by = chosen_by.map(|how| format!(", chosen by {}", plain(how)));
            format!(
                "coship: back from {against} to {candidate}{}",
                chosen_by.unwrap_or_default()
            )
        }
    }
}

/// Lines with their indentation: what must not be, what fails then, in CPython's words if there are any.
pub(in crate::report) fn told(reason: &Reason) -> Vec<(usize, String)> {
    let list = |files: &[std::sync::Arc<str>]| plain(&files.join(", ")).into_owned();
    let (new, old) = (list(&reason.new), list(&reason.old));
    let title = if reason.first == reason.last {
        format!("{new} without {old}:")
    } else {
        let path = &reason.finding.path;
        let is_it = matches!(&reason.old[..], [old] if **old == **path);
        let fails = if is_it { "it".into() } else { plain(path) };
        format!("after {old}, or {fails} would fail:")
    };
    let start = reason.finding.span(reason.tree).start;
    let place = format!("{}:{}", plain(&reason.finding.path), start.line);
    let what = format!(
        "{place}: {} [{}]",
        plain(&reason.finding.message),
        reason.finding.rule.name
    );
    let mut lines = vec![(6, title), (8, what)];
    lines.extend(
        reason
            .finding
            .witness
            .as_deref()
            .map(|text| (8, plain(text).into_owned())),
    );
    lines
}

/// What to type, to see for oneself and to go on.
fn commands(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out)?;
    if plan.direction == Direction::Back {
        return Ok(());
    }
    if plan.steps.len() > 1 {
        writeln!(
            out,
            "The state after a step is judged by itself with, for step 1:"
        )?;
        let files: Vec<String> = plan.steps[0]
            .iter()
            .map(|path| shell(&plain(path)))
            .collect();
        let command = format!("coship check {} --only {}", plan.arguments, files.join(" "));
        // Commands are not wrapped: they are to be copied.
        writeln!(out, "    {}", plain(&command))?;
    }
    writeln!(
        out,
        "The way back is the same steps in reverse, last first. The checklist for a ticket:"
    )?;
    let command = format!("coship plan {} --output-format markdown", plan.asked());
    writeln!(out, "    {}", plain(&command))
}

/// Writes a paragraph with its first line indented by `first`, the others by `rest`.
fn hanging(
    text: &str,
    first: usize,
    rest: usize,
    look: Look,
    out: &mut dyn Write,
) -> io::Result<()> {
    let lines = wrap(text, look.width.saturating_sub(rest).max(20));
    for (index, line) in lines.iter().enumerate() {
        let indent = if index == 0 { first } else { rest };
        writeln!(out, "{:indent$}{line}", "")?;
    }
    Ok(())
}
