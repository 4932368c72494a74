//! Reviewdog's diagnostic format.
//!
//! <https://github.com/reviewdog/reviewdog/tree/master/proto/rdf>. Its columns are UTF-8 bytes from 1, unlike those of all other formats; ranges are
//! end-exclusive.

use std::io::{self, Write};

use serde::Serialize;

use crate::facts::Place;
use crate::report::escape::plain;
use crate::report::{Check, json};
use crate::rules::Severity;
use crate::source::Tree;

#[derive(Serialize)]
struct Document<'a> {
    source: Source,
    diagnostics: Vec<Diagnostic<'a>>,
}

#[derive(Serialize)]
struct Source {
    name: &'static str,
}

#[derive(Serialize)]
struct Diagnostic<'a> {
    message: String,
    location: Location<'a>,
    severity: &'static str,
    code: Code,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Related<'a>>,
}

#[derive(Serialize)]
struct Code {
    value: &'static str,
}

#[derive(Serialize)]
struct Related<'a> {
    message: String,
    location: Location<'a>,
}

#[derive(Serialize)]
struct Location<'a> {
    path: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<Range>,
}

#[derive(Serialize)]
struct Range {
    start: Position,
    end: Position,
}

#[derive(Serialize)]
struct Position {
    line: u32,
    column: u32,
}

pub(super) fn write(check: &Check, out: &mut dyn Write) -> io::Result<()> {
    let tree = check.candidate;
    let diagnostics = check.findings.iter().map(|finding| Diagnostic {
        message: plain(&finding.message).into_owned(),
        location: Location {
            path: &finding.path,
            range: finding.place.map(|place| range(tree, place)),
        },
        severity: match finding.severity {
            Severity::Error => "ERROR",
            Severity::Warning => "WARNING",
            Severity::Info => "INFO",
        },
        code: Code {
            value: finding.rule.name,
        },
        related_locations: finding
            .related
            .iter()
            .map(|related| Related {
                message: plain(&related.message).into_owned(),
                location: Location {
                    path: &tree.file(related.place.file).path,
                    range: Some(range(tree, related.place)),
                },
            })
            .collect(),
    });
    let document = Document {
        source: Source { name: "coship" },
        diagnostics: diagnostics.collect(),
    };
    json::write_value(&document, out)
}

fn range(tree: &Tree, place: Place) -> Range {
    Range {
        start: position(tree, place, place.range.start),
        end: position(tree, place, place.range.end),
    }
}

fn position(tree: &Tree, place: Place, offset: u32) -> Position {
    let text = &tree.file(place.file).text;
    let line = text.position(offset).line;
    let start = text.line_start(line).unwrap_or(0);
    Position {
        line,
        column: offset.saturating_sub(start) + 1,
    }
}
