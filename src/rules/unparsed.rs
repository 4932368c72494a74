//! Files that do not parse: one finding each, and how loudly it is said of those that nobody runs as they stand.

use std::path::Path;

use crate::facts::{FileId, Place};
use crate::python::dialect::is_in_directory_of_python_2;
use crate::rules::judge::{Input, about_file};
use crate::rules::{Finding, Severity, input};
use crate::source::Tree;
use crate::syntax::ir::{Range, SyntaxError};

/// The first error of a file; the others are mostly its echoes.
pub(super) fn finding(file: FileId, errors: &[SyntaxError], input: &Input<'_>) -> Option<Finding> {
    let tree = input.tree;
    let first = errors.first()?;
    let place = Place {
        file,
        range: first.range,
    };
    let path = &tree.file(file).path;
    // Python never reads a stub.
    let is_stub = Path::new(path.as_ref()).extension() == Some("pyi".as_ref());
    let is_data = is_data_of_tests(path);
    let is_template = errors
        .iter()
        .any(|error| has_placeholder(tree, file, error.range));
    let is_fragment = !is_stub && is_one_of_fragments(file, errors, input);
    let is_for_python_2 =
        input.facts.left_to_python_2.contains(&file) || is_in_directory_of_python_2(path);
    let is_unreached = input.facts.unreached.contains(&file);
    // An `await` there is outside of an asynchronous function as well.
    let is_for_loop = errors.iter().all(|error| {
        let mut all = errors.iter();
        all.any(|top| top.is_await_at_top() && top.range == error.range)
    });
    let help = if is_stub {
        "type checkers cannot read the stub until it parses"
    } else if is_template {
        "it is a template: what is filled in for the placeholders has to parse"
    } else if is_for_python_2 {
        "its first line, its directory, or the metadata of its distribution, says that Python 2 runs it"
    } else if is_unreached {
        "each import of it stands behind a test that no Python meets which is still in use"
    } else if is_fragment {
        "files beside it are made alike: whatever reads them has to put the text into a function"
    } else if is_for_loop {
        "only what runs code inside an event loop takes an `await` there, such as a notebook: Python refuses the module"
    } else {
        "the module cannot be imported: all of its names are missing until it parses"
    };
    let mut finding = about_file(
        &input::SYNTAX_ERROR,
        path,
        Some(place),
        first.message.clone(),
        help,
    );
    if is_template || is_fragment || is_for_python_2 || is_unreached {
        finding.severity = Severity::Info;
    } else if is_stub || is_data || is_for_loop {
        finding.severity = Severity::Warning;
    }
    if !is_stub {
        // The parser's words are not CPython's; the class is.
        finding.witness = Some("SyntaxError".to_owned());
    }
    Some(finding)
}

/// Whether an error stands in a line with `{{name}}` outside of texts, with `{% ... %}`, or with a name in other marks where Python wants a name: the file is a
/// template (Jinja, Mako, cookiecutter and their like), which nobody runs as it stands.
fn has_placeholder(tree: &Tree, file: FileId, range: Range) -> bool {
    let text = tree.file(file).text.content();
    let (Some(before), Some(behind)) = (
        text.get(..range.start as usize),
        text.get(range.start as usize..),
    ) else {
        return false;
    };
    let begin = before.rfind('\n').map_or(0, |at| at + 1);
    let end = behind.find('\n').map_or(text.len(), |at| before.len() + at);
    let line = &text[begin..end];
    // `$` is never Python; a name in capitals behind it, or one in braces, is what `string.Template` fills in.
    let is_name = |rest: &str| {
        let braced = rest.strip_prefix('{').and_then(|rest| rest.split_once('}'));
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        let name = braced.map_or(rest, |(name, _)| name);
        name.starts_with(|c: char| c.is_ascii_uppercase())
            || braced.is_some() && !name.is_empty() && name.chars().all(is_part)
    };
    line.split_once("{%").is_some_and(|(before, behind)| {
        before.trim().is_empty() || is_outside_texts(before) && behind.contains("%}")
    }) || has_capitals_between_percents(line)
        || behind.strip_prefix('$').is_some_and(is_name)
        || MARKS
            .iter()
            .any(|&marks| has_name_between(line, marks, marks.0 == "{{"))
}

/// Whether a line has a name in capitals right between two `%` outside of texts: `task_%NAME% = %OPERATOR%`. Python computes a rest with `%`, and nobody writes that
/// without a blank on either side of constants, twice, in a line that does not parse.
fn has_capitals_between_percents(line: &str) -> bool {
    let is_name = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_uppercase())
            && text
                .chars()
                .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
    };
    line.match_indices('%').any(|(at, _)| {
        let inner = line[at + 1..].split_once('%');
        is_outside_texts(&line[..at]) && inner.is_some_and(|(inner, _)| is_name(inner))
    })
}

/// Whether what stands behind this part of a line is in no text, as far as the line alone shows.
fn is_outside_texts(before: &str) -> bool {
    before.matches(['"', '\'']).count().is_multiple_of(2)
}

/// The marks between which engines of templates let authors write a name.
const MARKS: [(&str, &str); 6] = [
    ("{{", "}}"),
    ("{", "}"),
    ("[[", "]]"),
    ("<<", ">>"),
    ("<%", "%>"),
    ("${", "}"),
];

/// Whether a line has a name, or what is read or called of one, between two marks outside of texts. Marks that Python has a meaning for tell only where it
/// wants a name: behind `class`, `def`, `import`, `from` or a dot, or where more of the name follows (`[[ shop ]]_views`).
fn has_name_between(line: &str, (open, close): (&str, &str), tells_by_itself: bool) -> bool {
    line.match_indices(open).any(|(at, _)| {
        let before = &line[..at];
        let Some((inner, after)) = line[at + open.len()..].split_once(close) else {
            return false;
        };
        let inner = inner.trim();
        // What a filter gets may be anything: `{{ in.files | join: ', ' }}`.
        let named = match inner.split_once('|') {
            Some((named, _)) if open == "{{" => named.trim_end(),
            _ => inner,
        };
        let is_name = inner.starts_with(|c: char| c.is_alphabetic() || c == '_')
            && named.chars().all(|c| {
                c.is_alphanumeric() || " _.|".contains(c) || !tells_by_itself && "()".contains(c)
            });
        let is_outside = is_outside_texts(before);
        let asks = |word: &str| matches!(word, "class" | "def" | "import" | "from");
        let mut words = before.split_whitespace().rev();
        let last = words.next().unwrap_or_default();
        let has_begun = !before.ends_with(char::is_whitespace) && words.next().is_some_and(asks);
        let wants_name = before.ends_with('.')
            || asks(last)
            || has_begun
            || open != "{" && after.starts_with(|c: char| c.is_alphabetic() || c == '_');
        is_outside && is_name && (tells_by_itself || wants_name)
    })
}

/// Whether a file has nothing wrong but that statements stand outside of a function, and another one in its directory likewise: two such files are no slip, they are
/// texts that something wraps.
fn is_one_of_fragments(file: FileId, errors: &[SyntaxError], input: &Input<'_>) -> bool {
    let are_outside = |errors: &[SyntaxError]| errors.iter().all(SyntaxError::is_outside_function);
    let directory = |file: FileId| {
        let path = &input.tree.file(file).path;
        path.rsplit_once('/').map_or("", |(directory, _)| directory)
    };
    are_outside(errors) && {
        let own = directory(file);
        let mut others = input
            .syntax_errors
            .iter()
            .filter(|(other, _)| *other != file);
        others.any(|(other, errors)| are_outside(errors) && directory(*other) == own)
    }
}

/// Whether a file lies below a directory of tests, in one that no test runner collects: tests read it, as what they are about.
fn is_data_of_tests(path: &str) -> bool {
    let mut parts = path.split('/').rev();
    let is_test = parts
        .next()
        .is_some_and(|file| file.starts_with("test_") || file.ends_with("_test.py"));
    let is_data = |part: &str| {
        matches!(
            part,
            "data" | "fixtures" | "testdata" | "samples" | "resources"
        )
    };
    let mut parts = parts.skip_while(|part| !is_data(part));
    let has_data = parts.next().is_some();
    !is_test && has_data && parts.any(|part| matches!(part, "test" | "tests" | "testing"))
}

#[cfg(test)]
mod tests {
    use super::is_data_of_tests;
    use crate::facts::FileId;
    use crate::rules::testing::{facts, tree};
    use crate::rules::{Input, Selection, Severity, judge};

    #[test]
    fn what_tests_are_about_is_data() {
        assert!(is_data_of_tests("shop/tests/data/bom.py"));
        assert!(is_data_of_tests("tests/fixtures/old/print.py"));
        assert!(!is_data_of_tests("shop/tests/bom.py"));
        assert!(!is_data_of_tests("shop/data/bom.py"));
        assert!(!is_data_of_tests("tests/data/test_bom.py"));
    }

    /// The severities of what is said of files that do not parse.
    fn severities(files: &[(&str, &str)]) -> Vec<Severity> {
        let tree = tree(files);
        let modules: Vec<_> = files
            .iter()
            .map(|(_, text)| crate::syntax::parse(text))
            .collect();
        let empty = facts(Vec::new());
        let syntax_errors = (0..).map(FileId).zip(&modules);
        let input = Input {
            facts: &empty,
            tree: &tree,
            syntax_errors: syntax_errors
                .map(|(file, module)| (file, module.errors.as_slice()))
                .collect(),
            directives: Vec::new(),
            is_told: true,
        };
        let all = judge(&input, &Selection::default()).findings;
        all.iter().map(|finding| finding.severity).collect()
    }

    #[test]
    fn what_an_event_loop_runs_is_a_warning() {
        use Severity::{Error, Warning};
        let of = |text: &str| severities(&[("page.py", text)]);
        assert_eq!(of("import till\nrows = await till.rows()\n"), [Warning]);
        assert_eq!(
            of("async with till() as rows:\n    await rows.all()\n"),
            [Error]
        );
        assert_eq!(of("rows = await till()\nprint 'a'\n"), [Error]);
        assert_eq!(of("def rows():\n    return await till()\n"), [Error]);
    }

    #[test]
    fn templates_and_fragments_are_no_modules() {
        use Severity::{Error, Info};
        for text in [
            "class {{NAME}}(Node):\n    pass\n",
            "from {{ module.name }} import {{thing}}\n",
            "{% if tests %}\nimport unittest\n{% endif %}\n",
            "def requirements(self):{% if tests %}\n    self.needs('x'){% end %}\n",
            "class $NAME(Node):\n    pass\n",
            "from tools.${NAME} import Node\n",
            "import ops\n${custom_ops}\n",
            "skips = {${skip_detail}}\n",
            "from . import [[ shop.lower() ]]_views\n",
            "class [[ shop|capitalize ]]Form(forms.Form):\n    pass\n",
            "from shops.shop_{SHOP}.views import {Shop}View\n",
            "class {Shop}Form:\n    pass\n",
            "class {NAME}:\n    pass\n",
            "from .<% shop %>.till import Till\n",
            "def list_<<shop>>():\n    pass\n",
            "class <<shop>>:\n    pass\n",
            "%ROWS%\n",
            "task_%NAME% = Operator(\n    id='task_%NAME%',\n)\n",
            "names = [%NAMES%]\n",
        ] {
            assert_eq!(severities(&[("node.py", text)]), [Info], "{text}");
        }
        for text in [
            "class {{}}:\n    pass\n",
            "print 'a'\nx = {{'b'}: 1}\n",
            "total = $sum\n",
            "total = ${}\n",
            "total = ${a b}\n",
            "print rows[[shop]]\n",
            "print a << shop >> b\n",
            "class [[]]:\n    pass\n",
            "class '[[ shop ]]':\n    pass\n",
            "kinds = {shop}s\n",
            "print rows % NAMES % count\n",
            "print '%NAMES%'\n",
            "print rows %names% count\n",
        ] {
            assert_eq!(severities(&[("node.py", text)]), [Error], "{text}");
        }
        let fragment = "count = 1\nreturn count\n";
        assert_eq!(severities(&[("verbs/look.py", fragment)]), [Error]);
        assert_eq!(
            severities(&[("verbs/look.py", fragment), ("verbs/take.py", fragment)]),
            [Info, Info]
        );
        assert_eq!(
            severities(&[("look.py", fragment), ("verbs/take.py", fragment)]),
            [Error, Error]
        );
        let broken = "return 1\nx = (\n";
        assert_eq!(
            severities(&[("verbs/look.py", fragment), ("verbs/take.py", broken)]),
            [Error, Error]
        );
    }
}
