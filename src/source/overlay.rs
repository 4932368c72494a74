//! A tree with some of its texts edited, in memory; and the bytes of an edited file.
//!
//! What is edited is text; a file is bytes. A line that was not edited keeps its very bytes: its encoding, its line end, what Python skips in it. Those that
//! were are encoded as the file is, and nothing is written unless the bytes, decoded again, are the text that was meant.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use similar::{DiffTag, TextDiff};

use crate::facts::FileId;

use super::decode::BOM;
use super::locate::{Located, Place};
use super::text::Text;
use super::tree::Tree;

/// A line's text to its bytes, if the encoding has all of its characters.
type Encoder<'e> = dyn Fn(&str) -> Option<Vec<u8>> + 'e;

/// A piece of a text, and what stands there instead.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Replacement {
    /// The first byte, and the one past the last.
    pub range: (u32, u32),
    /// What is there instead.
    pub text: String,
}

impl Tree {
    /// The tree with these replacements in its texts; none if two of them overlap, or are of no text. Files without any share theirs with this tree.
    #[must_use]
    pub fn overlaid(&self, edits: &BTreeMap<FileId, Vec<Replacement>>) -> Option<Self> {
        let mut tree = self.clone();
        for (file, replacements) in edits {
            let file = tree.files.get_mut(file.0 as usize)?;
            let content = replaced(file.text.content(), replacements)?;
            file.text = Arc::new(Text::of_content(content));
            file.blob = None;
        }
        Some(tree)
    }
}

impl Located {
    /// The directory whose files are the version: none for what is no files, such as the index, a revision or a zip.
    #[must_use]
    pub fn on_disk(&self) -> Option<&Path> {
        match &self.place {
            Place::Directory { disk } | Place::WorkTree { disk, .. } => Some(disk),
            Place::Index { .. } | Place::Revision { .. } | Place::Zip { .. } => None,
        }
    }
}

/// A text with replacements; none if they overlap or lie outside. What is put in at one place stands in the order given.
fn replaced(content: &str, replacements: &[Replacement]) -> Option<String> {
    let mut sorted: Vec<&Replacement> = replacements.iter().collect();
    sorted.sort_by_key(|replacement| replacement.range);
    let mut text = String::with_capacity(content.len());
    let mut at = 0;
    for replacement in sorted {
        let (start, end) = replacement.range;
        text.push_str(content.get(at..start as usize)?);
        text.push_str(&replacement.text);
        at = end as usize;
        if end < start {
            return None;
        }
    }
    text.push_str(content.get(at..)?);
    Some(text)
}

/// The bytes of a file whose text was edited from `old` to `new`: none if the bytes are not those of `old`, or its encoding is one that is not written.
#[must_use]
pub fn rewritten(bytes: &[u8], old: &Text, new: &Text) -> Option<Vec<u8>> {
    if Text::decode(bytes.to_vec()).content() != old.content() {
        return None;
    }
    let (bom, body) = match bytes.strip_prefix(BOM) {
        Some(body) => (BOM, body),
        None => (&[][..], bytes),
    };
    let lines = line_ranges(body);
    let diff = TextDiff::from_lines(old.content(), new.content());
    let single = single_bytes(body, old.content());
    let utf8 = |text: &str| Some(text.as_bytes().to_vec());
    let mapped = |text: &str| -> Option<Vec<u8>> {
        let single = single.as_ref()?;
        let byte = |c: char| match single.get(&c) {
            Some(byte) => Some(*byte),
            None => u8::try_from(c).ok().filter(u8::is_ascii),
        };
        text.chars().map(byte).collect()
    };
    let encoders: [&Encoder; 2] = [&utf8, &mapped];
    encoders.iter().find_map(|encode| {
        let mut out = bom.to_vec();
        for op in diff.ops() {
            if op.tag() == DiffTag::Equal {
                for line in op.old_range() {
                    out.extend_from_slice(&body[lines.get(line)?.clone()]);
                }
            } else {
                for change in diff
                    .iter_changes(op)
                    .filter(|change| change.new_index().is_some())
                {
                    out.extend(encode(change.value())?);
                }
            }
        }
        let again = Text::decode(out.clone());
        (again.content() == new.content() && again.problem() == new.problem()).then_some(out)
    })
}

/// The bytes of each line, its end included. All encodings that Python reads have ASCII's line ends.
fn line_ranges(bytes: &[u8]) -> Vec<Range<usize>> {
    let mut lines = Vec::new();
    let mut start = 0;
    for (index, &byte) in bytes.iter().enumerate() {
        let ends = byte == b'\n' || (byte == b'\r' && bytes.get(index + 1) != Some(&b'\n'));
        if ends {
            lines.push(start..index + 1);
            start = index + 1;
        }
    }
    if start < bytes.len() {
        lines.push(start..bytes.len());
    }
    lines
}

/// The byte of each character, where each character is one byte.
fn single_bytes(bytes: &[u8], content: &str) -> Option<FxHashMap<char, u8>> {
    if bytes.len() != content.chars().count() {
        return None;
    }
    Some(content.chars().zip(bytes.iter().copied()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edited(bytes: &[u8], from: &str, to: &str) -> Option<Vec<u8>> {
        let old = Text::decode(bytes.to_vec());
        let new = Text::of_content(old.content().replace(from, to));
        rewritten(bytes, &old, &new)
    }

    #[test]
    fn all_but_the_edit_stays_to_the_byte() {
        for (before, after) in [
            (&b"a = 1\r\nb = 2\rc = 3"[..], &b"a = 1\r\nb = 4\rc = 3"[..]),
            (b"\xef\xbb\xbfb = 2\n", b"\xef\xbb\xbfb = 4\n"),
            (
                b"# \xff stray\nb = 2  \n\t\n",
                b"# \xff stray\nb = 4  \n\t\n",
            ),
            (
                b"# coding: latin-1\nb = 2  # \xe9\n\x0c\n",
                b"# coding: latin-1\nb = 4  # \xe9\n\x0c\n",
            ),
            (
                b"# coding: shift_jis\n# \x83\x65\nb = 2\n",
                b"# coding: shift_jis\n# \x83\x65\nb = 4\n",
            ),
        ] {
            assert_eq!(edited(before, "= 2", "= 4").as_deref(), Some(after));
        }
    }

    #[test]
    fn what_cannot_be_written_is_not() {
        // A character of another line, of an encoding with several bytes for it.
        let japanese = b"# coding: shift_jis\nb = 2  # \x83\x65\n";
        assert_eq!(edited(japanese, "= 2", "= 4"), None);
        let old = Text::decode(b"a = 1\n".to_vec());
        let new = Text::of_content("a = 2\n".to_owned());
        assert_eq!(rewritten(b"a = 3\n", &old, &new), None, "changed meanwhile");
        let greek = b"# coding: latin-1\nb = 2\n";
        assert_eq!(edited(greek, "= 2", "= '\u{3b1}'"), None);
    }

    #[test]
    fn replacements_do_not_overlap() {
        let replacement = |range, text: &str| Replacement {
            range,
            text: text.to_owned(),
        };
        let (one, two) = (replacement((1, 2), "x"), replacement((2, 2), "y"));
        assert_eq!(
            replaced("abc", &[two, one.clone()]).as_deref(),
            Some("axyc")
        );
        assert_eq!(replaced("abc", &[one.clone(), one]), None);
        assert_eq!(replaced("abc", &[replacement((3, 9), "")]), None);
    }
}
