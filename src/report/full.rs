//! The report for people: excerpts with labels, the routes, the calls, the exception, and what to do.

use std::fmt::{self, Write as _};
use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode, ThemeCharacters,
    ThemeStyles,
};

use crate::facts::Place;
use crate::report::escape::plain;
use crate::report::excerpt::{Excerpts, Mark};
use crate::report::{Check, Look, concise, summary};
use crate::rules::{Finding, Severity, Status, layers, route_name};

/// How many routes are listed before the rest is counted.
const ROUTES: usize = 8;
/// How many places of other routes are listed before the rest is counted.
const LISTED: usize = 5;

pub(super) fn write(check: &Check, look: Look, out: &mut dyn Write) -> io::Result<()> {
    if !check.quiet {
        writeln!(out, "{}\n", summary::first_line(check))?;
    }
    for finding in check.newest_first() {
        writeln!(out, "{}", render(check, finding, look))?;
    }
    if check.statistics && !check.findings.is_empty() {
        for line in summary::statistics(check) {
            writeln!(out, "{line}")?;
        }
        writeln!(out)?;
    }
    if !check.quiet {
        for line in summary::digests(check) {
            writeln!(out, "{line}")?;
        }
        let worst = check.findings.iter().map(|finding| finding.severity).max();
        let style = match worst {
            _ if !look.color => Style::new(),
            Some(worst) => concise::style(worst),
            None => AnsiColor::Green.on_default().bold(),
        };
        writeln!(out, "{style}{}{style:#}", summary::last_line(check))?;
    }
    Ok(())
}

/// One finding, with a line end.
fn render(check: &Check, finding: &Finding, look: Look) -> String {
    let marks = marks(finding);
    let excerpts = Excerpts::new(&marks, check.candidate);
    let message = plain(&finding.message).into_owned();
    let shown = Shown {
        finding,
        message,
        excerpts,
        marks,
    };
    let mut text = String::new();
    let handler = GraphicalReportHandler::new_themed(theme(look))
        .with_links(false)
        .with_width(look.width);
    // Writing to a String does not fail, and every label is within the excerpts.
    let _ = handler.render_report(&mut text, &shown);
    footer(&mut text, check, finding, look);
    text
}

/// The places that an excerpt shows: the finding's own, and those of its route.
pub(super) fn marks(finding: &Finding) -> Vec<Mark> {
    let own = finding.place.map(|place| Mark {
        place,
        text: label(finding).to_owned(),
    });
    let others = finding.related.iter().filter(|related| !related.aside);
    let others = others.map(|related| Mark {
        place: related.place,
        text: plain(&related.message).into_owned(),
    });
    own.into_iter().chain(others).collect()
}

/// What is said at the finding's own place.
fn label(finding: &Finding) -> &'static str {
    match finding.rule.code {
        "CS101" | "CS104" | "CS105" | "CS109" => "written here",
        "CS107" if finding.is_where_it_raises() => "looked for here",
        "CS102" | "CS103" | "CS106" | "CS107" | "CS201" | "CS202" => "called here",
        "CS108" => "dropped here",
        "CS203" | "CS208" | "CS209" => "listed here",
        "CS204" | "CS205" | "CS207" | "CS210" | "CS601" | "CS602" | "CS603" => "imported here",
        _ => "here",
    }
}

/// The lines after the excerpts.
fn footer(text: &mut String, check: &Check, finding: &Finding, look: Look) {
    let mut note = |title: &str, body: &str| push_note(text, title, body, look);
    let others: Vec<_> = finding
        .related
        .iter()
        .filter(|related| related.aside)
        .collect();
    for (index, related) in others.iter().take(LISTED).enumerate() {
        let place = position(check, related.place);
        note(
            if index == 0 { "also" } else { "" },
            &format!("{place}: {}", plain(&related.message)),
        );
    }
    if others.len() > LISTED {
        note(
            "",
            &format!(
                "and {}",
                summary::count(others.len() - LISTED, "more place")
            ),
        );
    }
    if !finding.routes.is_empty() {
        note("routes", &routes(finding));
    }
    if finding.chain.len() > 1 {
        for (index, frame) in finding.chain.iter().enumerate() {
            let body = format!(
                "{} in {}: {}",
                position(check, frame.place),
                plain(&frame.function),
                plain(&frame.note)
            );
            let title = if layers::is_of(finding.rule) {
                "chain"
            } else {
                "calls"
            };
            note(if index == 0 { title } else { "" }, &body);
        }
    }
    if let Some(exception) = &finding.witness {
        note("raises", &plain(exception));
    }
    if check.explain_certainty && finding.witness.is_some() {
        note("certain", finding.certainty.sentence());
    }
    if finding.status == Status::Existing {
        note("status", "the deployed version has this too");
    }
    if let Some(help) = &finding.help {
        note("help", &plain(help));
    }
}

/// `path:line` of a place.
pub(super) fn position(check: &Check, place: Place) -> String {
    let file = check.candidate.file(place.file);
    let line = file.text.position(place.range.start).line;
    format!("{}:{line}", plain(&file.path))
}

fn routes(finding: &Finding) -> String {
    let names: Vec<String> = finding.routes.iter().take(ROUTES).map(route_name).collect();
    let listed = plain(&names.join(", ")).into_owned();
    match finding.routes.len().saturating_sub(ROUTES) {
        0 => listed,
        more => format!("{listed} and {more} more"),
    }
}

/// `  title: body`, wrapped to the width, continued under the body.
pub(super) fn push_note(text: &mut String, title: &str, body: &str, look: Look) {
    const INDENT: usize = 10;
    let style = if look.color {
        AnsiColor::Cyan.on_default()
    } else {
        Style::new()
    };
    let title = if title.is_empty() {
        String::new()
    } else {
        format!("{title}:")
    };
    let width = INDENT - 1;
    // Writing to a String does not fail.
    let _ = write!(text, "{style}{title:>width$}{style:#} ");
    let lines = wrap(body, look.width.saturating_sub(INDENT + 2).max(20));
    // What continues a line stands further in, so that the entries of a list show.
    text.push_str(&lines.join(&format!("\n{}", " ".repeat(INDENT + 2))));
    text.push('\n');
}

/// The words of `text` in lines of at most `width` columns; a longer word has a line of its own.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

fn theme(look: Look) -> GraphicalTheme {
    GraphicalTheme {
        characters: if look.unicode {
            ThemeCharacters::unicode()
        } else {
            ThemeCharacters::ascii()
        },
        styles: if look.color {
            ThemeStyles::ansi()
        } else {
            ThemeStyles::none()
        },
    }
}

/// A finding as miette takes it.
struct Shown<'a> {
    finding: &'a Finding,
    message: String,
    excerpts: Excerpts,
    marks: Vec<Mark>,
}

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Shown<'_> {}

impl Diagnostic for Shown<'_> {
    fn code<'b>(&'b self) -> Option<Box<dyn fmt::Display + 'b>> {
        let rule = self.finding.rule;
        Some(Box::new(format!(
            "{}[{}] {}",
            self.finding.severity, rule.name, rule.code
        )))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.finding.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Info => miette::Severity::Advice,
        })
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.excerpts)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let labels =
            self.marks
                .iter()
                .zip(&self.excerpts.spans)
                .enumerate()
                .map(|(index, (mark, span))| {
                    let text = Some(mark.text.clone());
                    if index == 0 {
                        LabeledSpan::new_primary_with_span(text, *span)
                    } else {
                        LabeledSpan::new_with_span(text, *span)
                    }
                });
        Some(Box::new(labels))
    }
}
