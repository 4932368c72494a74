//! Findings as diagnostics (LSP 3.18, "Diagnostic").

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use gen_lsp_types::{
    Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, Location, Range, Uri,
};
use serde_json::json;

use super::documents::{Document, Documents};
use super::position::Encoding;
use super::snapshot::Snapshot;
use super::uri;
use crate::analysis;
use crate::facts::{FileId, Place};
use crate::report::escape::plain;
use crate::rules::{Finding, Severity, input};
use crate::source::{File, Text, Tree};
use crate::syntax::ir;

/// The diagnostics of each file that has some, sorted.
pub(super) fn all(
    snapshot: &Snapshot,
    documents: &Documents,
    encoding: Encoding,
) -> BTreeMap<PathBuf, Vec<Diagnostic>> {
    let places = Places {
        snapshot,
        documents,
        encoding,
    };
    let mut found: BTreeMap<PathBuf, Vec<Diagnostic>> = BTreeMap::new();
    for finding in &snapshot.findings {
        let path = snapshot.on_disk(&finding.path);
        let half_typed = documents.get(&path).and_then(Document::shift);
        let range = match finding.place {
            // What is in the piece that is being typed is told again when it parses.
            Some(place) => places.range(place),
            None => half_typed.is_none().then(Range::default),
        };
        if let Some(range) = range {
            found
                .entry(path)
                .or_default()
                .push(places.diagnostic(finding, range));
        }
    }
    for (path, document) in &documents.all {
        if document.good.is_none() || snapshot.find(path).is_none() {
            continue;
        }
        let errors = syntax_errors(document, &snapshot.selection);
        let mut told = errors.iter().filter_map(|finding| {
            let range = finding.place?.range;
            let range = encoding.range(&document.text, range);
            Some(places.diagnostic_alone(finding, range))
        });
        found.entry(path.clone()).or_default().extend(&mut told);
    }
    for diagnostics in found.values_mut() {
        diagnostics.sort_by(|one, other| {
            (one.range.start, one.range.end).cmp(&(other.range.start, other.range.end))
        });
    }
    found
}

/// What `check` would say of a file's syntax alone.
fn syntax_errors(document: &Document, selection: &crate::rules::Selection) -> Vec<Finding> {
    let mut tree = Tree::nothing();
    tree.files.push(File {
        path: Arc::from("buffer.py"),
        blob: None,
        text: Arc::clone(&document.text),
    });
    let mut findings = analysis::judge_syntax(&tree, selection);
    findings.retain(|finding| finding.rule.code == input::SYNTAX_ERROR.code);
    findings
}

/// Places of the evaluated texts, as the client sees them.
pub(super) struct Places<'a> {
    pub snapshot: &'a Snapshot,
    pub documents: &'a Documents,
    pub encoding: Encoding,
}

impl Places<'_> {
    /// A place as a range of what the editor shows; none in a piece that is being typed.
    pub(super) fn range(&self, place: Place) -> Option<Range> {
        let file = self.snapshot.tree.file(place.file);
        let document = self.documents.get(&self.snapshot.on_disk(&file.path));
        let Some((document, shift)) = document.and_then(|it| Some((it, it.shift()?))) else {
            return Some(self.encoding.range(&file.text, place.range));
        };
        let (start, end) = shift.forward(place.range.start, place.range.end)?;
        Some(
            self.encoding
                .range(&document.text, ir::Range { start, end }),
        )
    }

    /// The same with the file.
    pub(super) fn location(&self, place: Place) -> Option<Location> {
        Some(Location {
            uri: self.uri(place.file),
            range: self.range(place)?,
        })
    }

    /// A file as the client names it.
    pub(super) fn uri(&self, file: FileId) -> Uri {
        let path = self.snapshot.on_disk(&self.snapshot.tree.file(file).path);
        let open = self.documents.get(&path);
        Uri::from(open.map_or_else(|| uri::of_path(&path), |document| document.uri.clone()))
    }

    /// The byte of the evaluated text at a byte of the one that the editor shows.
    pub(super) fn evaluated(&self, file: FileId, offset: u32) -> Option<u32> {
        let path = self.snapshot.on_disk(&self.snapshot.tree.file(file).path);
        match self.documents.get(&path).and_then(Document::shift) {
            Some(shift) => shift.back(offset, offset).map(|(start, _)| start),
            None => Some(offset),
        }
    }

    /// The text that the editor shows.
    pub(super) fn shown(&self, file: FileId) -> &Arc<Text> {
        let file = self.snapshot.tree.file(file);
        let document = self.documents.get(&self.snapshot.on_disk(&file.path));
        document.map_or(&file.text, |document| &document.text)
    }

    fn diagnostic(&self, finding: &Finding, range: Range) -> Diagnostic {
        let frames = finding
            .chain
            .iter()
            .map(|frame| (frame.place, &*frame.note));
        let related = finding.related.iter().filter(|related| !related.aside);
        let related = related.map(|related| (related.place, &*related.message));
        let information = frames.chain(related).filter_map(|(place, note)| {
            Some(DiagnosticRelatedInformation {
                location: self.location(place)?,
                message: plain(note).into_owned(),
            })
        });
        let information: Vec<_> = information.collect();
        Diagnostic {
            related_information: (!information.is_empty()).then_some(information),
            ..self.diagnostic_alone(finding, range)
        }
    }

    /// Without other places.
    fn diagnostic_alone(&self, finding: &Finding, range: Range) -> Diagnostic {
        let mut message = plain(&finding.message).into_owned();
        if let Some(witness) = &finding.witness {
            message.push('\n');
            message.push_str(&plain(witness));
        }
        if let Some(help) = &finding.help {
            message.push_str("\nhelp: ");
            message.push_str(&plain(help));
        }
        Diagnostic {
            range,
            severity: Some(match finding.severity {
                Severity::Error => DiagnosticSeverity::Error,
                Severity::Warning => DiagnosticSeverity::Warning,
                Severity::Info => DiagnosticSeverity::Information,
            }),
            code: Some(finding.rule.name.to_owned().into()),
            source: Some("coship".to_owned()),
            message: message.into(),
            data: Some(json!({"fingerprint": finding.fingerprint, "status": finding.status})),
            ..Diagnostic::default()
        }
    }
}
