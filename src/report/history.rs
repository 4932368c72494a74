//! A history: for people, and as JSON lines.

use std::io::{self, Write};

use crate::history::{History, Step};
use crate::report::escape::plain;
use crate::report::{json, summary};

/// How many pairs and routes are listed for people.
const LISTED: usize = 20;

/// One JSON object for each step.
///
/// # Errors
///
/// What writing to `out` returns; so for all functions here.
pub fn json_lines(steps: &[Step], out: &mut dyn Write) -> io::Result<()> {
    for step in steps {
        json::write_line(step, out)?;
    }
    Ok(())
}

/// Lists and counts for people.
///
/// # Errors
///
/// As [`json_lines`].
pub fn full(
    history: &History,
    (range, quiet): (&str, bool),
    out: &mut dyn Write,
) -> io::Result<()> {
    if !quiet {
        let days = match (history.commits.first(), history.commits.last()) {
            (Some(first), Some(last)) => format!(", {} to {}", first.date, last.date),
            _ => String::new(),
        };
        writeln!(
            out,
            "coship: history of {}: {}, {}{days}",
            plain(range),
            summary::count(history.commits.len(), "commit"),
            summary::count(history.steps, "step"),
        )?;
    }
    for life in &history.lives {
        let finding = &life.finding;
        let came = &history.commits[life.came];
        writeln!(
            out,
            "{} {}: {}: {} [{}]",
            commit(came),
            plain(&finding.path),
            finding.severity,
            plain(&finding.message),
            finding.rule,
        )?;
        writeln!(out, "    came with {}", who(came))?;
        match life.went {
            Some(index) => {
                let went = &history.commits[index];
                writeln!(
                    out,
                    "    went with {} {}, after {} and {}",
                    commit(went),
                    who(went),
                    duration(went.time - came.time),
                    summary::count(index - life.came, "commit"),
                )?;
            }
            None => writeln!(out, "    is still there")?,
        }
    }
    counts(
        "files that break each other (cause, other)",
        &history.pairs,
        out,
        |(cause, other)| format!("{} {}", plain(cause), plain(other)),
    )?;
    counts("routes that fail most", &history.routes, out, |route| {
        plain(route).into_owned()
    })?;
    if !history.needed.is_empty() {
        writeln!(out, "commits that needed others to ship with them:")?;
        for (index, others) in &history.needed {
            let others: Vec<&str> = others
                .iter()
                .map(|&other| commit(&history.commits[other]))
                .collect();
            writeln!(
                out,
                "    {} needed {}",
                commit(&history.commits[*index]),
                others.join(", ")
            )?;
        }
    }
    for step in history.commits.iter().filter(|step| step.error.is_some()) {
        let error = step.error.as_deref().unwrap_or_default();
        writeln!(
            out,
            "{} could not be checked: {}",
            commit(step),
            plain(error)
        )?;
    }
    if !quiet {
        let still = history
            .lives
            .iter()
            .filter(|life| life.went.is_none())
            .count();
        writeln!(
            out,
            "{} came, {} went, {still} still there; {} not checked",
            summary::count(history.lives.len(), "finding"),
            history.lives.len() - still,
            summary::count(history.failed, "step"),
        )?;
    }
    Ok(())
}

fn counts<K>(
    title: &str,
    counts: &[(K, usize)],
    out: &mut dyn Write,
    name: impl Fn(&K) -> String,
) -> io::Result<()> {
    if counts.is_empty() {
        return Ok(());
    }
    writeln!(out, "{title}:")?;
    for (key, count) in counts.iter().take(LISTED) {
        writeln!(out, "{count:>8} {}", name(key))?;
    }
    if counts.len() > LISTED {
        writeln!(out, "         and {} more", counts.len() - LISTED)?;
    }
    Ok(())
}

/// The first digits of a commit's id.
fn commit(step: &Step) -> &str {
    step.commit.get(..7).unwrap_or(&step.commit)
}

/// Who did what when.
fn who(step: &Step) -> String {
    format!(
        "{} {}: {}",
        step.date,
        plain(&step.author),
        plain(&step.subject)
    )
}

/// A time in the largest unit that it fills.
fn duration(seconds: i64) -> String {
    let seconds = usize::try_from(seconds).unwrap_or(0);
    match seconds {
        0..60 => summary::count(seconds, "second"),
        60..3_600 => summary::count(seconds / 60, "minute"),
        3_600..86_400 => summary::count(seconds / 3_600, "hour"),
        _ => summary::count(seconds / 86_400, "day"),
    }
}
