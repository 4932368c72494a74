//! What the editor holds (LSP 3.18, "Text Document Synchronization").

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gen_lsp_types::TextDocumentContentChangeEvent as Change;

use super::position::Encoding;
use crate::source::{Overlay, Text};
use crate::syntax;

/// An open file.
pub(super) struct Document {
    /// As the client names it.
    pub uri: String,
    /// As the client counts.
    pub version: i32,
    /// What it holds now.
    pub text: Arc<Text>,
    /// The last text that parsed, if the one of now does not.
    pub good: Option<Arc<Text>>,
}

impl Document {
    /// A file that was opened.
    pub(super) fn new(uri: String, version: i32, content: &str) -> Self {
        Self {
            uri,
            version,
            text: Arc::new(Text::of_buffer(content)),
            good: None,
        }
    }

    /// Takes up changes, each of which counts from the text after those before it.
    pub(super) fn change(&mut self, version: i32, changes: Vec<Change>, encoding: Encoding) {
        let before = Arc::clone(self.evaluated());
        for change in changes {
            let text = match change {
                Change::TextDocumentContentChangeWholeDocument(whole) => {
                    Text::of_buffer(&whole.text)
                }
                Change::TextDocumentContentChangePartial(partial) => {
                    let start = encoding.offset(&self.text, partial.range.start) as usize;
                    let end = encoding.offset(&self.text, partial.range.end) as usize;
                    let content = self.text.content();
                    let parts = [&content[..start], &partial.text, &content[end.max(start)..]];
                    Text::of_buffer(&parts.concat())
                }
            };
            self.text = Arc::new(text);
        }
        self.version = version;
        self.good = None;
        if !parses(&self.text) && parses(&before) {
            self.good = Some(before);
        }
    }

    /// The text that is evaluated: the one of now or, while somebody types, the last one that parsed.
    pub(super) fn evaluated(&self) -> &Arc<Text> {
        self.good.as_ref().unwrap_or(&self.text)
    }

    /// How the text of now came out of the one that is evaluated; none if it is the same one.
    pub(super) fn shift(&self) -> Option<Shift> {
        let good = self.good.as_ref()?;
        Some(Shift::between(good.content(), self.text.content()))
    }
}

fn parses(text: &Text) -> bool {
    text.problem().is_none() && syntax::parse(text.content()).errors.is_empty()
}

/// The open files by path.
#[derive(Default)]
pub(super) struct Documents {
    pub all: BTreeMap<PathBuf, Document>,
}

impl Documents {
    /// The file at a path, if it is open.
    pub(super) fn get(&self, path: &Path) -> Option<&Document> {
        self.all.get(path)
    }

    /// What a check reads in place of files on disk.
    pub(super) fn overlay(&self) -> Overlay {
        let mut overlay = Overlay::default();
        for (path, document) in &self.all {
            overlay.insert(path.clone(), Arc::clone(document.evaluated()));
        }
        overlay
    }
}

/// The one piece in which two texts differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shift {
    /// How many bytes at the beginning are the same.
    start: usize,
    /// Where the piece ends in the old text, and in the new one.
    ends: [usize; 2],
}

impl Shift {
    fn between(old: &str, new: &str) -> Self {
        let same = old
            .bytes()
            .zip(new.bytes())
            .take_while(|(one, other)| one == other);
        let mut start = same.count();
        while !old.is_char_boundary(start) || !new.is_char_boundary(start) {
            start -= 1;
        }
        let most = old.len().min(new.len()) - start;
        let same = old.bytes().rev().zip(new.bytes().rev()).take(most);
        let mut tail = same.take_while(|(one, other)| one == other).count();
        while !old.is_char_boundary(old.len() - tail) || !new.is_char_boundary(new.len() - tail) {
            tail -= 1;
        }
        Self {
            start,
            ends: [old.len() - tail, new.len() - tail],
        }
    }

    /// Bytes of the old text in the new one; none if they are in the piece.
    pub(super) fn forward(self, start: u32, end: u32) -> Option<(u32, u32)> {
        moved(self.start, self.ends, start, end)
    }

    /// Bytes of the new text in the old one.
    pub(super) fn back(self, start: u32, end: u32) -> Option<(u32, u32)> {
        moved(self.start, [self.ends[1], self.ends[0]], start, end)
    }
}

fn moved(same: usize, [from, to]: [usize; 2], start: u32, end: u32) -> Option<(u32, u32)> {
    if end as usize <= same {
        return Some((start, end));
    }
    let moved = |at: u32| u32::try_from((at as usize).checked_sub(from)? + to).ok();
    Some((moved(start)?, moved(end)?))
}

#[cfg(test)]
mod tests {
    use gen_lsp_types::{Position, Range, TextDocumentContentChangePartial};

    use super::*;

    fn typed(document: &mut Document, at: [u32; 4], text: &str) {
        let position = |line, character| Position { line, character };
        let change = TextDocumentContentChangePartial {
            range: Range {
                start: position(at[0], at[1]),
                end: position(at[2], at[3]),
            },
            text: text.to_owned(),
            ..TextDocumentContentChangePartial::default()
        };
        document.change(document.version + 1, vec![change.into()], Encoding::Utf16);
    }

    #[test]
    fn a_half_typed_file_keeps_its_last_good_form() {
        let mut document = Document::new("file:///a.py".to_owned(), 1, "x = 1\ny = 2\n");
        typed(&mut document, [0, 5, 0, 5], " + (");
        assert_eq!(document.text.content(), "x = 1 + (\ny = 2\n");
        assert_eq!(document.evaluated().content(), "x = 1\ny = 2\n");
        typed(&mut document, [0, 9, 0, 9], "3");
        assert_eq!(document.evaluated().content(), "x = 1\ny = 2\n");
        let shift = document.shift().unwrap();
        assert_eq!(shift.forward(6, 11), Some((11, 16)));
        assert_eq!(shift.back(11, 16), Some((6, 11)));
        assert_eq!(shift.back(6, 8), None);
        typed(&mut document, [0, 10, 0, 10], ")");
        assert_eq!(document.evaluated().content(), "x = 1 + (3)\ny = 2\n");
        assert!(document.shift().is_none());
    }

    #[test]
    fn a_range_that_is_none_is_taken_as_far_as_it_goes() {
        let mut document = Document::new("file:///a.py".to_owned(), 1, "x = 1\n");
        typed(&mut document, [9, 9, 3, 1], "y = 2\n");
        assert_eq!(document.text.content(), "x = 1\ny = 2\n");
        typed(&mut document, [1, 4, 0, 0], "3");
        assert_eq!(document.text.content(), "x = 1\ny = 32\n");
    }
}
