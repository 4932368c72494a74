//! Excerpts of several files in one piece, as miette wants a source.
//!
//! miette draws labels into one text. The labels of a finding are in several files, so the text is put together from the few lines around
//! each label: every block knows its file and its first line, and a read never crosses from one block into the next. Lines are
//! escaped on the way, with the labels moved along.

use std::collections::BTreeMap;
use std::ops::Range;

use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use crate::facts::{FileId, Place};
use crate::report::escape;
use crate::source::Tree;

/// Lines shown before and after a label's.
const CONTEXT: u32 = 1;
/// A longer line is cut to what is around its labels.
const LONGEST: usize = 160;
/// What stays before and after the labels of a line that is cut.
const MARGIN: usize = 50;
/// Columns of a tab.
const TAB: usize = 4;

/// A place to point at, with what to say there.
pub(super) struct Mark {
    pub place: Place,
    pub text: String,
}

/// The text that miette reads.
pub(super) struct Excerpts {
    text: String,
    blocks: Vec<Block>,
    /// Where each mark went, in bytes of `text`, along the marks given.
    pub spans: Vec<SourceSpan>,
}

/// Adjacent lines of one file.
struct Block {
    name: String,
    /// The bytes of the whole text.
    start: usize,
    end: usize,
    /// The number of the first line, from 0, and how many there are.
    line: usize,
    count: usize,
    /// For each mark here: where it begins in the whole text, and its line and column in the file, from 0.
    marks: Vec<(usize, usize, usize)>,
}

/// Adjacent lines of one file, as whoever draws them wants them.
pub(super) struct Shown<'a> {
    /// The file, harmless.
    pub name: &'a str,
    /// The number of the first line, from 1.
    pub first_line: usize,
    /// The lines.
    pub text: &'a str,
    /// The marks in them, by where they begin: the index of the mark, and its bytes in `text`.
    pub marks: Vec<(usize, Range<usize>)>,
}

/// A mark within one line of its file.
struct Target {
    index: usize,
    line: u32,
    /// Code points from 0; the end is exclusive.
    start: usize,
    end: usize,
}

impl Excerpts {
    /// Collects the lines around the marks. Blocks are in the order in which they are first marked.
    pub(super) fn new(marks: &[Mark], tree: &Tree) -> Self {
        let mut by_file: BTreeMap<FileId, Vec<Target>> = BTreeMap::new();
        for (index, mark) in marks.iter().enumerate() {
            let targets = by_file.entry(mark.place.file).or_default();
            targets.push(target(index, mark.place, tree));
        }
        let near = |left: &Target, right: &Target| right.line <= left.line + 2 * CONTEXT + 1;
        let mut groups: Vec<(FileId, &[Target])> = Vec::new();
        for (&file, targets) in &mut by_file {
            targets.sort_by_key(|target| (target.line, target.start));
            groups.extend(targets.chunk_by(near).map(|group| (file, group)));
        }
        groups.sort_by_key(|(_, group)| group.iter().map(|target| target.index).min());
        let mut excerpts = Self {
            text: String::new(),
            blocks: Vec::new(),
            spans: vec![(0, 0).into(); marks.len()],
        };
        for (file, group) in groups {
            excerpts.block(file, group, tree);
        }
        excerpts
    }

    /// The blocks, in the order in which they are first marked.
    pub(super) fn shown(&self) -> impl Iterator<Item = Shown<'_>> {
        self.blocks.iter().map(|block| {
            let spans = self.spans.iter().enumerate();
            let inside = spans.filter_map(|(index, span)| {
                let start = span.offset().checked_sub(block.start)?;
                let marked = start..start + span.len();
                (span.offset() < block.end).then_some((index, marked))
            });
            let mut marks: Vec<(usize, Range<usize>)> = inside.collect();
            marks.sort_by_key(|(_, marked)| marked.start);
            Shown {
                name: &block.name,
                first_line: block.line + 1,
                text: &self.text[block.start..block.end],
                marks,
            }
        })
    }

    /// Adds the lines around targets that are near one another, sorted.
    fn block(&mut self, file: FileId, targets: &[Target], tree: &Tree) {
        let text = &tree.file(file).text;
        let (Some(first), Some(last)) = (targets.first(), targets.last()) else {
            return;
        };
        let mut first_line = first.line.saturating_sub(CONTEXT).max(1);
        let mut last_line = (last.line + CONTEXT).min(text.line_count());
        // An empty line says nothing about what is next to it.
        while first_line < first.line && text.line(first_line).trim().is_empty() {
            first_line += 1;
        }
        while last_line > last.line && text.line(last_line).trim().is_empty() {
            last_line -= 1;
        }
        let mut block = Block {
            name: escape::plain(&tree.file(file).path).into_owned(),
            start: self.text.len(),
            end: 0,
            line: first_line as usize - 1,
            count: (last_line - first_line) as usize + 1,
            marks: Vec::new(),
        };
        for line in first_line..=last_line {
            let here: Vec<&Target> = targets
                .iter()
                .filter(|target| target.line == line)
                .collect();
            let offsets = push_line(&mut self.text, text.line(line), &here);
            for (target, (start, end)) in here.iter().zip(offsets) {
                self.spans[target.index] = (start, end - start).into();
                block.marks.push((start, line as usize - 1, target.start));
            }
            self.text.push('\n');
        }
        block.end = self.text.len();
        self.blocks.push(block);
    }
}

/// A place, clipped to the line that it begins on.
fn target(index: usize, place: Place, tree: &Tree) -> Target {
    let text = &tree.file(place.file).text;
    let start = text.position(place.range.start);
    let end = text.position(place.range.end);
    let length = text.line(start.line).chars().count();
    let from = (start.column as usize - 1).min(length);
    let to = if end.line == start.line {
        end.column as usize - 1
    } else {
        length
    };
    Target {
        index,
        line: start.line,
        start: from,
        end: to.clamp(from, length),
    }
}

/// Appends a source line, escaped and cut if it is very long, and says where the targets in it went (bytes of `out`).
fn push_line(out: &mut String, line: &str, targets: &[&Target]) -> Vec<(usize, usize)> {
    let characters: Vec<char> = line.trim_end().chars().collect();
    let (from, to) = window(characters.len(), targets);
    let mut places = Vec::with_capacity(to - from + 1);
    if from > 0 {
        out.push('…');
    }
    let mut column = 0;
    for (index, &c) in characters.iter().enumerate().take(to).skip(from) {
        places.push(out.len());
        let runner_command = c == '#'
            && index > 0
            && characters[index - 1] == '#'
            && escape::opens_command(characters[index + 1..].iter().copied());
        if c == '\t' {
            let width = TAB - column % TAB;
            out.extend(std::iter::repeat_n(' ', width));
            column += width;
        } else if runner_command {
            escape::push_escape(out, c);
            column += 4;
        } else {
            escape::push(out, c);
            column += 1;
        }
    }
    places.push(out.len());
    if to < characters.len() {
        out.push('…');
    }
    let place = |index: usize| places[index.clamp(from, to) - from];
    targets
        .iter()
        .map(|target| (place(target.start), place(target.end)))
        .collect()
}

/// Which characters of a line are shown.
fn window(length: usize, targets: &[&Target]) -> (usize, usize) {
    if length <= LONGEST {
        return (0, length);
    }
    let from = targets
        .iter()
        .map(|target| target.start)
        .min()
        .unwrap_or(0)
        .saturating_sub(MARGIN)
        .min(length);
    let to = targets
        .iter()
        .map(|target| target.end)
        .max()
        .unwrap_or(0)
        .saturating_add(MARGIN);
    (from, to.clamp(from, (from + LONGEST).min(length)))
}

impl SourceCode for Excerpts {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        _after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let (start, end) = (span.offset(), span.offset() + span.len());
        let block = self
            .blocks
            .iter()
            .find(|block| block.start <= start && end <= block.end);
        let block = block.ok_or(MietteError::OutOfBounds)?;
        // Without context miette asks for a label's own position, for the line that names the file.
        let position = block
            .marks
            .iter()
            .find(|mark| before == 0 && mark.0 == start);
        let (line, column) = position.map_or((block.line, 0), |&(_, line, column)| (line, column));
        let data = &self.text.as_bytes()[block.start..block.end];
        let whole = (block.start, block.end - block.start).into();
        Ok(Box::new(MietteSpanContents::new_named(
            block.name.clone(),
            data,
            whole,
            line,
            column,
            block.count,
        )))
    }
}
