//! Old and new text one above the other, with what differs marked below.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};
use similar::{Algorithm, ChangeTag, TextDiff};

use crate::report::Look;
use crate::report::escape::plain;

/// In a line that is too long, a stretch that both sides share keeps so many characters at either end.
const KEPT: usize = 16;
/// Columns before the text.
const INDENT: usize = 6;

/// A stretch of one line, harmless as [`plain`] makes it.
pub(in crate::report) struct Piece {
    /// The text.
    pub text: String,
    /// Whether only this side has it.
    pub differs: bool,
}

/// Appends the lines: old after `-`, new after `+`, each with its marks if both are there.
pub(super) fn write(out: &mut String, before: Option<&str>, after: Option<&str>, look: Look) {
    if let (Some(before), Some(after)) = (before, after)
        && before == after
    {
        return line(out, ' ', &[whole(after)], look);
    }
    let (old, new) = sides(before, after, look.width.saturating_sub(INDENT));
    line(out, '-', &old, look);
    line(out, '+', &new, look);
}

/// Both texts in pieces that fit a line of `width` characters; a side that is not there has none.
pub(in crate::report) fn sides(
    before: Option<&str>,
    after: Option<&str>,
    width: usize,
) -> (Vec<Piece>, Vec<Piece>) {
    match (before, after) {
        (Some(before), Some(after)) => pieces(before, after, width),
        (Some(before), None) => (vec![whole(before)], Vec::new()),
        (None, Some(after)) => (Vec::new(), vec![whole(after)]),
        (None, None) => (Vec::new(), Vec::new()),
    }
}

fn whole(text: &str) -> Piece {
    Piece {
        text: plain(text).into_owned(),
        differs: false,
    }
}

/// Cuts both texts into what they share and what differs.
fn pieces(before: &str, after: &str, width: usize) -> (Vec<Piece>, Vec<Piece>) {
    let (before, after) = (plain(before), plain(after));
    let (old, new) = (words(&before), words(&after));
    let diff = TextDiff::configure()
        .algorithm(Algorithm::Patience)
        .diff_slices(&old, &new);
    let (mut left, mut right): (Vec<Piece>, Vec<Piece>) = (Vec::new(), Vec::new());
    for change in diff.iter_all_changes() {
        let text = change.value();
        match change.tag() {
            ChangeTag::Equal => {
                push(&mut left, text, false);
                push(&mut right, text, false);
            }
            ChangeTag::Delete => push(&mut left, text, true),
            ChangeTag::Insert => push(&mut right, text, true),
        }
    }
    for pieces in [&mut left, &mut right] {
        let length: usize = pieces.iter().map(|piece| piece.text.chars().count()).sum();
        if length > width {
            shorten(pieces);
        }
    }
    (left, right)
}

fn push(pieces: &mut Vec<Piece>, text: &str, differs: bool) {
    match pieces.last_mut() {
        Some(last) if last.differs == differs => last.text.push_str(text),
        _ => pieces.push(Piece {
            text: text.to_owned(),
            differs,
        }),
    }
}

/// Names and numbers are words; every other character is one of its own.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut start = 0;
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut previous: Option<char> = None;
    for (index, c) in text.char_indices() {
        let joins = previous.is_some_and(is_word) && is_word(c);
        if index > start && !joins {
            words.push(&text[start..index]);
            start = index;
        }
        previous = Some(c);
    }
    if start < text.len() {
        words.push(&text[start..]);
    }
    words
}

/// Leaves out the middle of what both sides share.
fn shorten(pieces: &mut [Piece]) {
    for piece in pieces.iter_mut().filter(|piece| !piece.differs) {
        let characters: Vec<char> = piece.text.chars().collect();
        if characters.len() > 2 * KEPT + 3 {
            let head: String = characters[..KEPT].iter().collect();
            let tail: String = characters[characters.len() - KEPT..].iter().collect();
            piece.text = format!("{head}…{tail}");
        }
    }
}

fn line(out: &mut String, sign: char, pieces: &[Piece], look: Look) {
    if pieces.is_empty() {
        return;
    }
    let color = match sign {
        '-' => AnsiColor::Red.on_default(),
        '+' => AnsiColor::Green.on_default(),
        _ => Style::new(),
    };
    let style = if look.color { color } else { Style::new() };
    let strong = if look.color {
        color.bold()
    } else {
        Style::new()
    };
    // Writing to a String does not fail; so below.
    let _ = write!(out, "    {style}{sign}{style:#} ");
    let mut marks = String::new();
    for piece in pieces {
        let style = if piece.differs { strong } else { Style::new() };
        let _ = write!(out, "{style}{}{style:#}", piece.text);
        let mark = if piece.differs { '^' } else { ' ' };
        marks.extend(std::iter::repeat_n(mark, piece.text.chars().count()));
    }
    out.push('\n');
    if pieces.iter().any(|piece| piece.differs) {
        let _ = writeln!(out, "      {style}{}{style:#}", marks.trim_end());
    }
}
