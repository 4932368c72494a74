//! What only the tokens tell: directives, nesting that CPython refuses, and which rare constructs a file has at all.

use ruff_python_ast::token::{TokenKind, Tokens};
use ruff_text_size::{Ranged, TextRange};

use super::ir::{Directive, SyntaxError};
use super::range;

/// How many brackets may be open at once: `MAXLEVEL` in CPython's tokenizer.
const MAX_BRACKETS: u32 = 200;

/// How many levels of indentation there may be, the unindented one included: `MAXINDENT` in CPython's tokenizer.
const MAX_INDENTS: u32 = 100;

/// What one pass over the tokens found.
pub(super) struct Survey {
    /// The comments that speak to coship.
    pub(super) directives: Vec<Directive>,
    /// Nesting that CPython's tokenizer refuses.
    pub(super) errors: Vec<SyntaxError>,
    /// Whether there is a `:=`; if not, expressions bind nothing and need no look.
    pub(super) has_walrus: bool,
    /// Whether there is a `global` statement.
    pub(super) has_global: bool,
}

/// Looks at every token once.
pub(super) fn survey(text: &str, tokens: &Tokens) -> Survey {
    let mut found = Survey {
        directives: Vec::new(),
        errors: Vec::new(),
        has_walrus: false,
        has_global: false,
    };
    let mut brackets = 0_u32;
    let mut indents = 1_u32;
    let mut refused = false;
    for token in tokens {
        match token.kind() {
            TokenKind::Comment => found.directives.extend(directive(text, token.range())),
            TokenKind::ColonEqual => found.has_walrus = true,
            TokenKind::Global => found.has_global = true,
            TokenKind::Lpar | TokenKind::Lsqb | TokenKind::Lbrace => {
                brackets += 1;
                if brackets > MAX_BRACKETS && !refused {
                    refused = true;
                    found
                        .errors
                        .push(error("too many nested parentheses", token.range()));
                }
            }
            TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace => {
                brackets = brackets.saturating_sub(1);
            }
            TokenKind::Indent => {
                indents += 1;
                if indents >= MAX_INDENTS && !refused {
                    refused = true;
                    found
                        .errors
                        .push(error("too many levels of indentation", token.range()));
                }
            }
            TokenKind::Dedent => indents = indents.saturating_sub(1),
            _ => {}
        }
    }
    found
}

fn error(message: &str, at: TextRange) -> SyntaxError {
    SyntaxError {
        message: message.to_owned(),
        range: range(at),
    }
}

/// The directive that the comment at `at` is, if it is one.
fn directive(text: &str, at: TextRange) -> Option<Directive> {
    let comment = text.get(at.start().to_usize()..at.end().to_usize())?;
    let said = comment
        .trim_start_matches('#')
        .trim_start()
        .strip_prefix("coship:")?;
    Some(Directive {
        text: said.trim().to_owned(),
        range: range(at),
    })
}
