//! From text to the intermediate form. The only place that names the parser's crate.

pub mod alike;
pub mod beside;
pub mod ir;
pub mod search_path;
pub mod visit;
pub mod vouched;

mod check;
mod collect;
mod expr;
mod function;
mod hints;
mod inner_scopes;
mod itself;
mod lower;
mod pattern;
mod scope;
mod stmt;
mod superseded;
mod tokens;

use std::thread;

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{self as ast, PythonVersion};
use ruff_python_parser::{
    Mode, ParseError, ParseErrorType, ParseOptions, UnsupportedSyntaxError,
    UnsupportedSyntaxErrorKind, parse_unchecked,
};
use ruff_text_size::{Ranged, TextRange, TextSize};

use self::ir::{Module, NewSyntax, Range, SyntaxError};

/// Parses one file's decoded text and lowers it to the intermediate form.
///
/// This never fails: what is not Python stands in [`Module::errors`], with byte ranges of `text`, and the rest is lowered
/// as far as the parser could make sense of it. Syntax that only some versions of CPython 3 know is no error.
#[must_use]
pub fn parse(text: &str) -> Module {
    if u32::try_from(text.len()).is_err() {
        return refused("file too large");
    }
    let lambdas = memchr::memmem::find_iter(text.as_bytes(), b"lambda").count();
    if lambdas <= MANY_LAMBDAS {
        return parse_here(text);
    }
    let stack = lambdas.saturating_mul(STACK_PER_LAMBDA);
    let parsed = thread::scope(|scope| {
        let builder = thread::Builder::new().stack_size(stack.saturating_add(MIN_STACK));
        let thread = builder.spawn_scoped(scope, || parse_here(text)).ok()?;
        thread.join().ok()
    });
    parsed.unwrap_or_else(|| refused("too many lambdas"))
}

/// A file that cannot be looked into at all.
fn refused(message: &str) -> Module {
    Module {
        errors: vec![SyntaxError {
            message: message.to_owned(),
            range: Range::default(),
        }],
        ..Module::default()
    }
}

/// The parser grows the stack as it recurses, with one gap: the defaults of lambdas (`lambda x=lambda y=..`). A file
/// with this many lambdas may in theory nest them all, and is parsed on a thread with a stack that suffices.
const MANY_LAMBDAS: usize = 400;

/// What one of them takes, generously: measured were 2 KiB.
const STACK_PER_LAMBDA: usize = 8 << 10;

/// What the rest takes.
const MIN_STACK: usize = 4 << 20;

/// [`parse`] on this thread.
fn parse_here(text: &str) -> Module {
    // The parser takes all syntax, and says of that which the oldest version does not know when it came.
    let options = ParseOptions::from(Mode::Module).with_target_version(OLDEST);
    let Some(parsed) = parse_unchecked(text, options).try_into_module() else {
        // Mode::Module yields nothing but modules.
        return Module::default();
    };
    let survey = tokens::survey(text, parsed.tokens());
    let mut lowered = lower::lower(text, parsed.suite(), &survey);

    let errors = &mut lowered.module.errors;
    errors.extend(survey.errors);
    let refused = parsed.errors().iter();
    // What is nested too deep is not walked through.
    let refused =
        refused.filter(|error| survey.deep || !is_name_called_match(text, parsed.suite(), error));
    errors.extend(refused.map(|error| SyntaxError {
        message: error.error.to_string(),
        range: range(error.location),
    }));
    for error in parsed.unsupported_syntax_errors() {
        // `f((a)=1)` is the only syntax that CPython 3 ever took back, and it did so in 3.8.
        if error.kind == UnsupportedSyntaxErrorKind::ParenthesizedKeywordArgumentName {
            errors.push(SyntaxError {
                message: "parenthesized keyword argument name".to_owned(),
                range: range(error.range()),
            });
        } else {
            lowered.module.newer.extend(newer(error));
        }
    }
    inner_scopes::take_back(errors, parsed.suite());
    errors.sort_by_key(|error| error.range);
    lowered.module.newer.sort_by_key(|newer| newer.range);
    lowered.module.directives = survey.directives;
    lowered.module.made_from = survey.made_from;
    lowered.module.vouched = survey.vouched;
    lowered.module.is_program = text.starts_with("#!");
    lowered.module.is_for_python_2 = asks_for_python_2(text);
    superseded::mark(&mut lowered.module);

    if lowered.cut || survey.deep {
        // The tree is so deep that freeing it, which the parser's crate does by recursion, could overflow the stack.
        // Such a file is a curiosity and the process is short: leak it.
        std::mem::forget(parsed);
    }
    lowered.module
}

/// Whether the parser takes `total = 1; match = find()` for a statement that may not stand there: `match` is a soft keyword, and what follows says that it is a
/// name (the language reference, "Soft Keywords"). The tree that it makes has no `match` statement there.
fn is_name_called_match(text: &str, suite: &[ast::Stmt], error: &ParseError) -> bool {
    struct Find {
        start: TextSize,
        found: bool,
    }
    impl<'a> Visitor<'a> for Find {
        fn visit_stmt(&mut self, stmt: &'a ast::Stmt) {
            self.found |= stmt.is_match_stmt() && stmt.start() == self.start;
            if stmt.range().contains(self.start) {
                visitor::walk_stmt(self, stmt);
            }
        }

        fn visit_expr(&mut self, _: &'a ast::Expr) {}
    }
    let start = error.location.start();
    let is_it = error.error == ParseErrorType::SimpleAndCompoundStatementOnSameLine
        && text
            .get(start.to_usize()..)
            .is_some_and(|rest| rest.starts_with("match"));
    is_it && {
        let mut find = Find {
            start,
            found: false,
        };
        find.visit_body(suite);
        !find.found
    }
}

/// The oldest version that can be declared.
const OLDEST: PythonVersion = PythonVersion::PY39;

/// What the parser says of syntax that [`OLDEST`] does not know. Which version brought it, only its text tells.
fn newer(error: &UnsupportedSyntaxError) -> Option<NewSyntax> {
    let text = error.to_string();
    let (message, rest) = text.split_once(" on Python ")?;
    let (_, since) = rest.split_once("added in Python 3.")?;
    let mut message = message.to_owned();
    message[..1].make_ascii_lowercase();
    Some(NewSyntax {
        message,
        since: since.trim_end_matches(')').parse().ok()?,
        range: range(error.range()),
    })
}

/// Our form of the parser's range.
fn range(range: TextRange) -> Range {
    Range::new(range.start().to_u32(), range.end().to_u32())
}

/// Whether the first line of a file says that Python 2 runs it as a program (PEP 394: `python2` is always that).
fn asks_for_python_2(text: &str) -> bool {
    let first = text.lines().next().unwrap_or_default();
    first.starts_with("#!")
        && first.match_indices("python2").any(|(at, found)| {
            let version = &first[at + found.len()..];
            version.starts_with('.') || !version.starts_with(|c: char| c.is_ascii_alphanumeric())
        })
}

#[cfg(test)]
mod tests;
