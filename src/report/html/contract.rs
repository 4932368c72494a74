//! What changed in the contract: the old text beside the new one.

use std::cmp::Reverse;
use std::io::{self, Write};

use super::text::{and_more, text, with_code};
use super::{Page, left_out, nothing_deployed, open};
use crate::report::diff::{Diff, Piece, deprecation, hazards, message, mode, show, sides};
use crate::report::summary;
use crate::rules::{self, Said, Severity, route_name, span};

/// How many changes are shown.
const CHANGES: usize = 400;
/// How many callers and routes of a change are listed.
const LISTED: usize = 20;

/// Writes the part.
pub(super) fn write(page: &Page, out: &mut dyn Write) -> io::Result<()> {
    open("contract", out)?;
    let Some(compared) = page.compared else {
        nothing_deployed(page, out)?;
        return writeln!(out, "</section>");
    };
    let diff = compared.diff;
    writeln!(
        out,
        "<p>{}, {} breaking, {} for calls that exist.</p>",
        summary::count(diff.summary.changes, "change"),
        diff.summary.breaking,
        diff.summary.breaking_calls
    )?;
    let mut changes: Vec<&Said> = diff.changes.iter().collect();
    changes.sort_by_key(|said| (!said.change.breaking, Reverse(said.severity)));
    if !changes.is_empty() {
        writeln!(out, "<ol class=\"changes\">")?;
        for said in changes.iter().take(CHANGES) {
            change(diff, said, out)?;
        }
        writeln!(out, "</ol>")?;
    }
    left_out(
        changes.len().saturating_sub(CHANGES),
        "change",
        "coship diff --output-format json",
        out,
    )?;
    writeln!(out, "</section>")
}

fn change(diff: &Diff, Said { change, severity }: &Said, out: &mut dyn Write) -> io::Result<()> {
    let rule = rules::change::of(change.kind);
    let mark = match severity {
        Severity::Error => "✖",
        Severity::Warning => "▲",
        Severity::Info => "●",
    };
    let breaking = if change.breaking {
        " <span class=\"badge strong\">breaking</span>"
    } else {
        ""
    };
    writeln!(
        out,
        "<li class=\"change\"><p><span class=\"severity {0}\"><span aria-hidden=\"true\">{mark}</span> {0}</span>{breaking} {1} \
         <span class=\"where\"><code>{2}</code> <code>[{3}]</code></span></p>",
        severity.as_str(),
        with_code(&message(change)),
        text(&diff.position(change.version, change.place)),
        rule.name
    )?;
    let (old, new) = sides(
        change.before.as_deref(),
        change.after.as_deref(),
        usize::MAX,
    );
    writeln!(out, "<div class=\"sides\">")?;
    side("deployed", "del", &old, out)?;
    side("candidate", "ins", &new, out)?;
    writeln!(out, "</div>")?;
    let mut notes = vec![("order", order(change))];
    notes.extend(hazards(change).map(|names| ("hazard", names)));
    notes.extend(
        change
            .deprecation
            .map(|stage| ("stage", deprecation(stage).to_owned())),
    );
    for (title, note) in notes {
        writeln!(
            out,
            "<p class=\"note\"><strong>{title}</strong> {}</p>",
            text(&note)
        )?;
    }
    touched(diff, change, out)?;
    writeln!(out, "</li>")
}

/// What may ship in which order.
fn order(change: &crate::change::Change) -> String {
    if change.always {
        return format!("{}; no order helps", mode(change.mode));
    }
    if change.mode == change.mode_for_calls {
        return mode(change.mode);
    }
    format!(
        "{}; for the calls that exist {}",
        mode(change.mode),
        mode(change.mode_for_calls)
    )
}

/// One side, with what only it has in an element of its own.
fn side(title: &str, element: &str, pieces: &[Piece], out: &mut dyn Write) -> io::Result<()> {
    write!(out, "<div><p class=\"side\">{title}</p>")?;
    if pieces.is_empty() {
        return writeln!(out, "<p class=\"none\">not there</p></div>");
    }
    write!(out, "<p class=\"signature\"><code>")?;
    for piece in pieces {
        let shown = text(&piece.text);
        if piece.differs {
            write!(out, "<{element}>{shown}</{element}>")?;
        } else {
            write!(out, "{shown}")?;
        }
    }
    writeln!(out, "</code></p></div>")
}

/// The callers, those that break first, and the routes.
fn touched(diff: &Diff, change: &crate::change::Change, out: &mut dyn Write) -> io::Result<()> {
    if !change.callers.is_empty() {
        let mut callers: Vec<_> = change.callers.iter().collect();
        callers.sort_by_key(|caller| {
            (
                !caller.breaks,
                caller.version,
                span(diff.tree(caller.version), caller.place).start.line,
            )
        });
        let breaking = callers.iter().filter(|caller| caller.breaks).count();
        writeln!(
            out,
            "<details><summary>{}, of which {breaking} would break</summary><ul class=\"plain\">",
            summary::count(callers.len(), "caller")
        )?;
        for caller in callers.iter().take(LISTED) {
            writeln!(out, "<li>{}</li>", text(&show(diff, caller)))?;
        }
        writeln!(out, "</ul>")?;
        let more = callers.len().saturating_sub(LISTED);
        left_out(more, "caller", "coship diff --output-format json", out)?;
        writeln!(out, "</details>")?;
    }
    if change.routes.is_empty() {
        return Ok(());
    }
    let routes = change.routes.iter().take(LISTED);
    let routes: Vec<String> = routes.map(|route| text(&route_name(route))).collect();
    let more = and_more(change.routes.len() - routes.len());
    writeln!(
        out,
        "<p class=\"note\"><strong>{}</strong> {}{more}</p>",
        summary::count(change.routes.len(), "route"),
        routes.join(", ")
    )
}
