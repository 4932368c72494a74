//! From text to the intermediate form. The only place that names the parser's crate.

pub mod ir;
pub mod visit;

mod collect;
mod expr;
mod function;
mod lower;
mod pattern;
mod scope;
mod stmt;
mod tokens;

use ruff_python_ast::PythonVersion;
use ruff_python_parser::{Mode, ParseOptions, UnsupportedSyntaxErrorKind, parse_unchecked};
use ruff_text_size::{Ranged, TextRange};

use self::ir::{Module, Range, SyntaxError};

/// Parses one file's decoded text and lowers it to the intermediate form.
///
/// This never fails: what is not Python stands in [`Module::errors`], with byte ranges of `text`, and the rest is lowered
/// as far as the parser could make sense of it. Syntax that only some versions of CPython 3 know is no error.
#[must_use]
pub fn parse(text: &str) -> Module {
    // The newest version knows all syntax, so that nothing is refused for being too new.
    let options =
        ParseOptions::from(Mode::Module).with_target_version(PythonVersion::latest_preview());
    let Some(parsed) = parse_unchecked(text, options).try_into_module() else {
        // Mode::Module yields nothing but modules.
        return Module::default();
    };
    let survey = tokens::survey(text, parsed.tokens());
    let mut lowered = lower::lower(text, parsed.suite(), &survey);

    let errors = &mut lowered.module.errors;
    errors.extend(survey.errors);
    errors.extend(parsed.errors().iter().map(|error| SyntaxError {
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
        }
    }
    errors.sort_by_key(|error| error.range);
    lowered.module.directives = survey.directives;

    if lowered.cut {
        // The tree is so deep that freeing it, which the parser's crate does by recursion, could overflow the stack.
        // Such a file is a curiosity and the process is short: leak it.
        std::mem::forget(parsed);
    }
    lowered.module
}

/// Our form of the parser's range.
fn range(range: TextRange) -> Range {
    Range::new(range.start().to_u32(), range.end().to_u32())
}

#[cfg(test)]
mod smoke {
    #[test]
    fn smoke() {
        let m = super::parse(
            "import a.b\n@d\nasync def f(a, /, b: int = 1, *args, c, **kw) -> (x) :\n    global g\n    g = 1\n    return [lambda: (i, a) for i in args]\nclass C(B, m=1):\n    __x = 1\n    def h(self): return self.__x, g, f'a{1!r:{w}}b' 'c'\nT = {n: (lambda: n) for n in y}\n# coship: ignore[x] because\n",
        );
        println!("{m:#?}");
    }
}
