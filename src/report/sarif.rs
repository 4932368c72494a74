//! SARIF 2.1.0, as GitHub's code scanning reads it.
//!
//! <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>. URIs are relative to the tree and percent-encoded, columns are code points,
//! ends exclusive; no property is an empty string.

use std::fmt::Write as _;
use std::io::{self, Write};

use serde_json::{Value, json};

use crate::facts::{Frame, Place};
use crate::report::escape::plain;
use crate::report::{Check, json};
use crate::rules::{
    Finding, Related, Rule, Severity, Span, Status, Suppressed, Suppressor, all, span,
};
use crate::source::Tree;

pub(super) fn write(check: &Check, out: &mut dyn Write) -> io::Result<()> {
    let rules: Vec<&Rule> = all().collect();
    let reported = check
        .findings
        .iter()
        .map(|finding| result(check, finding, &rules));
    let suppressed = check.tally.suppressed.iter().map(|suppressed| {
        let mut result = result(check, &suppressed.finding, &rules);
        result["suppressions"] = json!([suppression(suppressed)]);
        result
    });
    let results: Vec<Value> = reported.chain(suppressed).collect();
    let document = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "coship",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.iter().map(|rule| descriptor(rule)).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    json::write_value(&document, out)
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

fn descriptor(rule: &Rule) -> Value {
    let page = rule.page();
    let problem = match rule.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "recommendation",
    };
    let precision = match rule.severity {
        Severity::Error => "very-high",
        Severity::Warning | Severity::Info => "high",
    };
    json!({
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.section("What it finds")},
        "help": {"text": page, "markdown": page},
        "defaultConfiguration": {"level": level(rule.severity)},
        "properties": {
            "tags": [rule.family()],
            "precision": precision,
            "problem.severity": problem,
        },
    })
}

fn result(check: &Check, finding: &Finding, rules: &[&Rule]) -> Value {
    let tree = check.candidate;
    let mut text = plain(&finding.message).into_owned();
    if let Some(help) = &finding.help {
        let _ = write!(text, ". Help: {}", plain(help));
    }
    let mut result = json!({
        "ruleId": finding.rule.code,
        "ruleIndex": rules.iter().position(|rule| *rule == finding.rule),
        "level": level(finding.severity),
        "message": {"text": text},
        "locations": [{"physicalLocation": physical(&finding.path, finding.span(tree))}],
        // GitHub's form: a hash, a colon, and a count among equal ones, which there are none of.
        "partialFingerprints": {"primaryLocationLineHash": format!("{}:1", finding.fingerprint)},
    });
    if !finding.related.is_empty() {
        result["relatedLocations"] = finding
            .related
            .iter()
            .enumerate()
            .map(|(id, related)| related_location(tree, id, related))
            .collect();
    }
    if !finding.chain.is_empty() {
        let frames: Vec<Value> = finding
            .chain
            .iter()
            .map(|frame| flow_location(tree, frame))
            .collect();
        result["codeFlows"] = json!([{"threadFlows": [{"locations": frames}]}]);
    }
    if check.against.is_ok() {
        result["baselineState"] = match finding.status {
            Status::New => json!("new"),
            Status::Existing => json!("unchanged"),
        };
    }
    result
}

/// Why a finding is not reported, as an object of SARIF: in the code itself, or outside of it.
fn suppression(suppressed: &Suppressed) -> Value {
    let kind = match suppressed.by {
        Suppressor::Comment => "inSource",
        Suppressor::Waiver | Suppressor::Baseline => "external",
    };
    let mut suppression = json!({"kind": kind, "status": "accepted"});
    if !suppressed.justification.is_empty() {
        suppression["justification"] = json!(plain(&suppressed.justification));
    }
    suppression
}

fn related_location(tree: &Tree, id: usize, related: &Related) -> Value {
    let mut location = location(tree, related.place, &related.message);
    location["id"] = json!(id);
    location
}

fn flow_location(tree: &Tree, frame: &Frame) -> Value {
    let text = format!("{}: {}", frame.function, frame.note);
    json!({"location": location(tree, frame.place, &text)})
}

fn location(tree: &Tree, place: Place, text: &str) -> Value {
    json!({
        "physicalLocation": physical(&tree.file(place.file).path, span(tree, place)),
        "message": {"text": plain(text)},
    })
}

fn physical(path: &str, span: Span) -> Value {
    json!({
        "artifactLocation": {"uri": uri(path)},
        "region": {
            "startLine": span.start.line,
            "startColumn": span.start.column,
            "endLine": span.end.line,
            "endColumn": span.end.column,
        },
    })
}

/// A path as a relative reference (RFC 3986): all but unreserved characters and `/` percent-encoded.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::uri;

    #[test]
    fn paths_are_percent_encoded() {
        assert_eq!(uri("src/cache_core.py"), "src/cache_core.py");
        assert_eq!(uri("a b/c:d%ü.py"), "a%20b/c%3Ad%25%C3%BC.py");
    }
}
