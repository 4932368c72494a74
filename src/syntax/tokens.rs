//! What only the tokens tell: directives, nesting that CPython refuses, and which rare constructs a file has at all.

use ruff_python_ast::token::{TokenKind, Tokens};
use ruff_text_size::{Ranged, TextRange, TextSize};

use super::ir::{Directive, Range, SyntaxError};
use super::range;
use super::vouched::Vouched;
use crate::name::Name;

/// How many brackets may be open at once: `MAXLEVEL` in CPython's tokenizer.
const MAX_BRACKETS: usize = 200;

/// How many levels of indentation there may be, the unindented one included: `MAXINDENT` in CPython's tokenizer.
const MAX_INDENTS: u32 = 100;

/// From how many operators and brackets around one another on a tree counts as deep. Code that people write has not
/// half as many; code that is generated may well have a sum of thousands of terms.
const DEEP: u32 = 500;

/// How many bytes of the comments at the top are read for what the file was made from.
const HEAD: usize = 4096;

/// What one pass over the tokens found.
#[derive(Default)]
pub(super) struct Survey {
    /// The comments that speak to coship.
    pub(super) directives: Vec<Directive>,
    /// The files that the comments at the top say that this one was generated from, without their directories.
    pub(super) made_from: Vec<Name>,
    /// The names that comments tell other checkers of.
    pub(super) vouched: Vouched,
    /// Nesting that CPython's tokenizer refuses.
    pub(super) errors: Vec<SyntaxError>,
    /// Whether there is a `:=`; if not, expressions bind nothing and need no look.
    pub(super) has_walrus: bool,
    /// Whether there is a `global` statement.
    pub(super) has_global: bool,
    /// Whether recursion over the parser's tree, without a guard of its own, might overflow the stack.
    pub(super) deep: bool,
}

/// Looks at every token once.
pub(super) fn survey(text: &str, tokens: &Tokens) -> Survey {
    let mut found = Survey::default();
    let mut nesting = Nesting::default();
    let mut head = String::new();
    let mut is_head = true;
    let mut line = LogicalLine::default();
    for token in tokens {
        line.step(token.kind(), token.range(), &mut found.directives);
        is_head &= matches!(
            token.kind(),
            TokenKind::Comment | TokenKind::NonLogicalNewline | TokenKind::Newline
        );
        match token.kind() {
            TokenKind::Comment => {
                found.directives.extend(directive(text, token.range()));
                let comment = text.get(token.range().to_std_range());
                found
                    .vouched
                    .read(text, comment.unwrap_or_default(), token.start().to_u32());
                if is_head && head.len() < HEAD {
                    head.push_str(text.get(token.range().to_std_range()).unwrap_or_default());
                    head.push('\n');
                }
            }
            TokenKind::ColonEqual => found.has_walrus = true,
            TokenKind::Global => found.has_global = true,
            _ => {}
        }
        nesting.step(token.kind());
        if nesting.deepest >= DEEP {
            found.deep = true;
        }
        if let Some(message) = nesting.refusal.take() {
            found.deep = true;
            found.errors.push(SyntaxError {
                message: message.to_owned(),
                range: range(token.range()),
            });
        }
    }
    line.end(&mut found.directives);
    found.made_from = made_from(&head);
    found
}

/// The files that a comment says that something was generated from: `automatically generated from shop/cart.py`. One that it was generated *by* is a program
/// that runs.
fn made_from(comment: &str) -> Vec<Name> {
    let is_punctuation = |ch: char| !ch.is_alphanumeric() && !matches!(ch, '_' | '-' | '/' | '.');
    let mut words = comment.split_whitespace();
    let mut found = Vec::new();
    while let Some(word) = words.next() {
        if !word.eq_ignore_ascii_case("generated") || words.clone().next() != Some("from") {
            continue;
        }
        let named = words.nth(1).unwrap_or_default();
        let named = named.trim_matches(is_punctuation).trim_end_matches('.');
        let file = named.rsplit('/').next().unwrap_or_default();
        if file.strip_suffix(".py").is_some() {
            found.push(Name::new(file));
        }
    }
    found
}

/// The logical line that is read: what the directives in it are about.
#[derive(Default)]
struct LogicalLine {
    /// Where its first token begins; none: it has none yet.
    start: Option<TextSize>,
    /// Where its last token so far ends.
    end: TextSize,
    /// How many of the directives have their statement.
    settled: usize,
}

impl LogicalLine {
    fn step(&mut self, kind: TokenKind, at: TextRange, directives: &mut [Directive]) {
        match kind {
            TokenKind::Newline => self.end(directives),
            // Where blocks begin and end, and comments, are no part of what a line says.
            TokenKind::Comment | TokenKind::NonLogicalNewline => {}
            TokenKind::Indent | TokenKind::Dedent | TokenKind::EndOfFile => {}
            _ => {
                self.start.get_or_insert(at.start());
                self.end = at.end();
            }
        }
    }

    /// Gives the directives since the last line, and behind this one, their statement.
    fn end(&mut self, directives: &mut [Directive]) {
        let Some(start) = self.start.take() else {
            return;
        };
        let whole = TextRange::new(start, self.end);
        for directive in directives.iter_mut().skip(self.settled) {
            directive.statement = range(whole);
        }
        self.settled = directives.len();
    }
}

/// How deep the tree is at most, reckoned from the tokens: brackets, and operators between the same two commas.
#[derive(Default)]
struct Nesting {
    /// For each open bracket the operators that were seen at that level before it.
    outer: Vec<u32>,
    /// The operators at this level since the last comma.
    operators: u32,
    /// The operators at all levels.
    total: u32,
    /// The largest `total` so far.
    deepest: u32,
    /// The levels of indentation, without the first.
    indents: u32,
    /// What CPython's tokenizer says to this.
    refusal: Option<&'static str>,
    /// Whether it said something before; once is enough.
    refused: bool,
}

impl Nesting {
    fn step(&mut self, kind: TokenKind) {
        match kind {
            // Names, literals and what does not nest.
            TokenKind::Name
            | TokenKind::Int
            | TokenKind::Float
            | TokenKind::Complex
            | TokenKind::String
            | TokenKind::Comment
            | TokenKind::NonLogicalNewline
            | TokenKind::Equal
            | TokenKind::And
            | TokenKind::Or
            | TokenKind::FStringStart
            | TokenKind::FStringMiddle
            | TokenKind::FStringEnd => {}
            TokenKind::Comma => {
                self.total -= self.operators;
                self.operators = 0;
            }
            TokenKind::Newline | TokenKind::Semi => {
                self.outer.clear();
                self.operators = 0;
                self.total = 0;
            }
            TokenKind::Lpar | TokenKind::Lsqb | TokenKind::Lbrace => self.open(),
            TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace => {
                if let Some(operators) = self.outer.pop() {
                    self.total -= self.operators;
                    self.operators = operators;
                }
            }
            TokenKind::Indent => {
                self.indents += 1;
                if self.indents >= MAX_INDENTS {
                    self.refuse("too many levels of indentation");
                }
            }
            TokenKind::Dedent => self.indents = self.indents.saturating_sub(1),
            _ => {
                self.operators += 1;
                self.total += 1;
                self.deepest = self.deepest.max(self.total);
            }
        }
    }

    fn open(&mut self) {
        // The bracket itself counts at the level around, for `f()()()` nests as well.
        self.outer.push(self.operators + 1);
        self.operators = 0;
        self.total += 1;
        self.deepest = self.deepest.max(self.total);
        if self.outer.len() > MAX_BRACKETS {
            self.refuse("too many nested parentheses");
        }
    }

    fn refuse(&mut self, message: &'static str) {
        if !self.refused {
            self.refused = true;
            self.refusal = Some(message);
        }
    }
}

/// The directive that the comment at `at` is or holds. Comments of other tools may stand before it, each with its own `#`.
fn directive(text: &str, at: TextRange) -> Option<Directive> {
    let (start, end) = (at.start().to_usize(), at.end().to_usize());
    let comment = text.get(start..end)?;
    let (offset, said) = comment.match_indices('#').find_map(|(offset, _)| {
        let said = comment[offset..].trim_start_matches('#').trim_start();
        Some((offset, said.strip_prefix("coship:")?))
    })?;
    let offset = u32::try_from(offset).ok()?;
    let before = text.get(..start)?;
    let line = before
        .rfind(['\n', '\r'])
        .map_or(before, |end| &before[end + 1..]);
    let whole = range(at);
    let own = Range::new(whole.start + offset, whole.end);
    Some(Directive {
        text: said.trim().to_owned(),
        range: own,
        is_alone: line.trim().is_empty(),
        statement: own,
    })
}
