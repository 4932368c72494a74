//! Lines and characters as the client counts them (LSP 3.18, "Position").

use gen_lsp_types::{Position, Range};
use serde_json::Value;

use crate::source::{Position as Place, Text};
use crate::syntax::ir;

/// What a character of a position is (`positionEncodings`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Encoding {
    /// Bytes.
    Utf8,
    /// Units of UTF-16, which every client knows.
    #[default]
    Utf16,
    /// Code points.
    Utf32,
}

impl Encoding {
    /// The one for a client with these capabilities: bytes if it counts in them, since the texts here are UTF-8.
    pub(super) fn negotiated(capabilities: &Value) -> Self {
        let offered = capabilities
            .pointer("/general/positionEncodings")
            .and_then(Value::as_array);
        let offers = |name: &str| offered.is_some_and(|all| all.iter().any(|it| it == name));
        match () {
            () if offers("utf-8") => Self::Utf8,
            () if offers("utf-16") || !offers("utf-32") => Self::Utf16,
            () => Self::Utf32,
        }
    }

    /// Its name in the protocol.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Utf16 => "utf-16",
            Self::Utf32 => "utf-32",
        }
    }

    fn width(self, ch: char) -> usize {
        match self {
            Self::Utf8 => ch.len_utf8(),
            Self::Utf16 => ch.len_utf16(),
            Self::Utf32 => 1,
        }
    }

    /// Where a byte of a text is.
    pub(super) fn position(self, text: &Text, offset: u32) -> Position {
        let line = text.position(offset).line;
        let start = text.line_start(line).unwrap_or_default() as usize;
        let mut end = (offset as usize).min(text.content().len());
        while !text.content().is_char_boundary(end) {
            end -= 1;
        }
        let characters = match self {
            Self::Utf8 => end - start,
            _ => text.content()[start..end]
                .chars()
                .map(|ch| self.width(ch))
                .sum(),
        };
        Position {
            line: line - 1,
            character: u32::try_from(characters).unwrap_or(u32::MAX),
        }
    }

    /// The range of these bytes.
    pub(super) fn range(self, text: &Text, range: ir::Range) -> Range {
        Range {
            start: self.position(text, range.start),
            end: self.position(text, range.end),
        }
    }

    /// The byte at a position. A character past the line's end is the line's end, a line past the last the text's end; within a character it is the
    /// character's beginning.
    pub(super) fn offset(self, text: &Text, position: Position) -> u32 {
        let line = position.line.saturating_add(1);
        let Some(start) = text.line_start(line) else {
            return text.offset(Place { line, column: 1 });
        };
        let mut left = position.character as usize;
        let mut within = 0;
        for ch in text.line(line).chars() {
            let width = self.width(ch);
            if left < width {
                break;
            }
            left -= width;
            within += ch.len_utf8();
        }
        start.saturating_add(u32::try_from(within).unwrap_or(u32::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_encoding_counts_in_its_own_units() {
        let text = Text::of_buffer("x = 'é🙂' # b\ny\n");
        let at = u32::try_from(text.content().find('#').unwrap()).unwrap();
        for (encoding, character) in [
            (Encoding::Utf8, 13),
            (Encoding::Utf16, 10),
            (Encoding::Utf32, 9),
        ] {
            let position = Position { line: 0, character };
            assert_eq!(encoding.position(&text, at), position);
            assert_eq!(encoding.offset(&text, position), at);
        }
    }

    #[test]
    fn what_is_past_an_end_is_the_end() {
        let text = Text::of_buffer("ab\r\nc");
        let at = |line, character| Encoding::Utf16.offset(&text, Position { line, character });
        assert_eq!((at(0, 99), at(1, 0), at(1, 9), at(7, 7)), (2, 4, 5, 5));
        let inside = Text::of_buffer("🙂");
        assert_eq!(
            Encoding::Utf16.offset(
                &inside,
                Position {
                    line: 0,
                    character: 1
                }
            ),
            0
        );
    }
}
