//! The text of one file: decoded once, with an index of its lines.

use super::decode;

/// A place in a text as people count it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Position {
    /// The line, from 1. `\n`, `\r\n` and a lone `\r` end a line, as for Python's tokenizer.
    pub line: u32,
    /// The column in code points, from 1. A byte-order mark does not count.
    pub column: u32,
}

/// Who refuses a file that cannot be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// Python itself, with a `SyntaxError`: importing the file fails.
    Python,
    /// Python, if it is imported: run by its path it is no text, but an archive.
    Import,
    /// coship alone: the encoding is one that Python knows and coship does not.
    Coship,
}

/// Why a file's bytes are no Python text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TextProblem {
    /// Who says so.
    pub refusal: Refusal,
    /// The message, in Python 3.11's words where Python is the one to say it.
    pub message: String,
    /// Where, as a byte offset into [`Text::content`].
    pub offset: u32,
}

/// The decoded text of one file.
///
/// Even what cannot be decoded has a content, for display: bytes without a meaning are shown as U+FFFD.
#[derive(Debug, PartialEq, Eq)]
pub struct Text {
    content: Box<str>,
    /// The byte offset of every line's first byte; the first is 0.
    lines: Vec<u32>,
    is_ascii: bool,
    has_bom: bool,
    problem: Option<TextProblem>,
}

impl Text {
    /// Decodes the bytes of a file as Python does (PEP 263).
    ///
    /// Offsets are 32 bits wide: callers hand over no more than a gigabyte (the readers of this crate stop far below).
    #[must_use]
    pub fn decode(bytes: Vec<u8>) -> Self {
        let has_bom = bytes.starts_with(decode::BOM);
        let decoded = decode::decode(bytes);
        Self {
            has_bom,
            ..Self::new(decoded.content.into_boxed_str(), decoded.problem)
        }
    }

    /// The text of a file that is decoded already: line ends as in the file, no byte-order mark.
    #[must_use]
    pub fn of_content(content: String) -> Self {
        Self::new(content.into_boxed_str(), None)
    }

    /// The text of an editor's buffer, which is decoded already, whatever its first lines say of its encoding.
    #[must_use]
    pub fn of_buffer(content: &str) -> Self {
        let content = content.strip_prefix('\u{feff}').unwrap_or(content);
        let text = Self::decode(content.as_bytes().to_vec());
        if text.content() == content {
            return text;
        }
        Self::new(Box::from(content), None)
    }

    fn new(content: Box<str>, problem: Option<TextProblem>) -> Self {
        let lines = line_starts(content.as_bytes());
        let is_ascii = content.is_ascii();
        Self {
            content,
            lines,
            is_ascii,
            has_bom: false,
            problem,
        }
    }

    /// The text, without byte-order mark; line ends are as in the file.
    #[must_use]
    pub fn content(&self) -> &str {
        &self.content
    }

    /// Whether the file begins with a byte-order mark.
    #[must_use]
    pub fn has_bom(&self) -> bool {
        self.has_bom
    }

    /// Why Python would refuse the bytes, if it would.
    #[must_use]
    pub fn problem(&self) -> Option<&TextProblem> {
        self.problem.as_ref()
    }

    /// How many lines there are. A text that ends with a line end has an empty last line, an empty text one line.
    #[must_use]
    pub fn line_count(&self) -> u32 {
        u32::try_from(self.lines.len()).unwrap_or(u32::MAX)
    }

    /// Where the byte `offset` of [`Self::content`] is. Past the end is the end; inside a character is the character.
    #[must_use]
    pub fn position(&self, offset: u32) -> Position {
        let mut offset = (offset as usize).min(self.content.len());
        while !self.content.is_char_boundary(offset) {
            offset -= 1;
        }
        let index = self
            .lines
            .partition_point(|&start| start as usize <= offset)
            - 1;
        let start = self.lines[index] as usize;
        let columns = if self.is_ascii {
            offset - start
        } else {
            self.content[start..offset].chars().count()
        };
        let one_based = |count: usize| u32::try_from(count + 1).unwrap_or(u32::MAX);
        Position {
            line: one_based(index),
            column: one_based(columns),
        }
    }

    /// The byte offset of `position`; a column past the line's end is the line's end, a line past the last the text's end.
    #[must_use]
    pub fn offset(&self, position: Position) -> u32 {
        let index = position.line.saturating_sub(1) as usize;
        let Some(&start) = self.lines.get(index) else {
            return u32::try_from(self.content.len()).unwrap_or(u32::MAX);
        };
        let line = self.line(position.line);
        let columns = position.column.saturating_sub(1) as usize;
        let within = line
            .char_indices()
            .nth(columns)
            .map_or(line.len(), |(offset, _)| offset);
        start + u32::try_from(within).unwrap_or(u32::MAX)
    }

    /// The byte offset of the first byte of `line` (from 1), if there is such a line.
    #[must_use]
    pub fn line_start(&self, line: u32) -> Option<u32> {
        self.lines.get((line as usize).checked_sub(1)?).copied()
    }

    /// The text of `line` (from 1) without its line end; empty if there is no such line.
    #[must_use]
    pub fn line(&self, line: u32) -> &str {
        let Some(start) = self.line_start(line) else {
            return "";
        };
        let end = self
            .lines
            .get(line as usize)
            .map_or(self.content.len(), |&end| end as usize);
        let line = &self.content[start as usize..end];
        let line = line.strip_suffix('\n').unwrap_or(line);
        line.strip_suffix('\r').unwrap_or(line)
    }

    /// Whether `other` is the same text for Python: equal but for `\r\n` in place of `\n`.
    ///
    /// Lines and columns are then the same as well, and so is every string constant, since Python translates line ends.
    /// Git's own conversion on checkout (`core.autocrlf`) thus makes no file a changed one.
    #[must_use]
    pub fn same_source(&self, other: &Self) -> bool {
        if self.content == other.content {
            return self.problem == other.problem;
        }
        // Texts with a problem are compared to the byte: the problem's offset would not carry over.
        self.problem.is_none()
            && other.problem.is_none()
            && self.lines.len() == other.lines.len()
            && without_carriage_returns(&self.content).eq(without_carriage_returns(&other.content))
    }
}

/// The bytes of `text` with `\r\n` read as `\n`.
fn without_carriage_returns(text: &str) -> impl Iterator<Item = u8> {
    let bytes = text.as_bytes();
    bytes
        .iter()
        .enumerate()
        .filter(|&(index, &byte)| byte != b'\r' || bytes.get(index + 1) != Some(&b'\n'))
        .map(|(_, &byte)| byte)
}

fn line_starts(bytes: &[u8]) -> Vec<u32> {
    let mut starts = Vec::with_capacity(bytes.len() / 32 + 1);
    starts.push(0);
    let mut note = |index: usize| {
        let ends = bytes[index] == b'\n' || bytes.get(index + 1) != Some(&b'\n');
        if ends && let Ok(next) = u32::try_from(index + 1) {
            starts.push(next);
        }
    };
    for index in memchr::memchr2_iter(b'\n', b'\r', bytes) {
        note(index);
    }
    starts
}

#[cfg(test)]
mod tests {
    use super::{Position, Text};

    fn text(content: &str) -> Text {
        Text::decode(content.as_bytes().to_vec())
    }

    fn at(line: u32, column: u32) -> Position {
        Position { line, column }
    }

    #[test]
    fn columns_count_code_points() {
        let text = text("a = 'é🙂'; b\nc");
        let b = u32::try_from(text.content().find('b').unwrap()).unwrap();
        assert_eq!(text.position(b), at(1, 11));
        assert_eq!(text.position(b + 2), at(2, 1));
        assert_eq!(text.position(999), at(2, 2));
        assert_eq!(text.offset(at(1, 11)), b);
        assert_eq!(text.position(6), text.position(5), "inside of é");
    }

    #[test]
    fn line_ends_wherever_they_stand_in_a_word() {
        for before in 0..20 {
            for end in ["\n", "\r", "\r\n", "\n\r", "\r\r\n", "\u{b}", "\u{8d}\n"] {
                let content = format!("{}{end}{}", "x".repeat(before), "y".repeat(9));
                let text = Text::of_content(content.clone());
                let expected = content.replace("\r\n", "\n").replace('\r', "\n");
                let lines: Vec<_> = (1..=text.line_count()).map(|n| text.line(n)).collect();
                assert_eq!(lines, expected.split('\n').collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn all_three_line_ends() {
        let text = text("a\r\nb\rc\nd\r\n");
        let lines: Vec<_> = (1..=text.line_count()).map(|n| text.line(n)).collect();
        assert_eq!(lines, ["a", "b", "c", "d", ""]);
        assert_eq!(text.position(3), at(2, 1));
        assert_eq!(text.position(5), at(3, 1));
        assert_eq!(text.line(0), "");
        assert_eq!(text.line(6), "");
        assert_eq!(text.offset(at(9, 1)), 10);
        assert_eq!(text.offset(at(2, 9)), 4);
    }

    #[test]
    fn empty_text_has_one_line() {
        let text = text("");
        assert_eq!(text.line_count(), 1);
        assert_eq!(text.position(0), at(1, 1));
    }

    #[test]
    fn line_ends_make_no_difference() {
        assert!(text("a\r\nb\r\n").same_source(&text("a\nb\n")));
        assert!(!text("a\rb\r\n").same_source(&text("a\n\nb\n")));
        assert!(!text("a\nb").same_source(&text("a\nb\n")));
        assert!(!text("a\r\r\n").same_source(&text("a\n\n")));
        assert!(text("\u{feff}a\n").same_source(&text("a\n")));
    }
}
