//! Python's text between tokens: blanks, comments, lines, commas.

/// The offset of what comes next after blanks, line ends, continued lines and comments.
pub(super) fn skip(text: &str, mut at: usize) -> usize {
    loop {
        let rest = text.get(at..).unwrap_or_default();
        let blank = rest.len()
            - rest
                .trim_start_matches([' ', '\t', '\x0c', '\n', '\r', '\\'])
                .len();
        at += blank;
        if !rest[blank..].starts_with('#') {
            return at;
        }
        at = line_end(text, at);
    }
}

/// The offset of the end of the line that `at` is in, before its line end.
pub(super) fn line_end(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    rest.find(['\n', '\r'])
        .map_or(text.len(), |length| at + length)
}

/// The offset of the next line.
pub(super) fn next_line(text: &str, at: usize) -> usize {
    let end = line_end(text, at);
    let rest = &text[end..];
    end + if rest.starts_with("\r\n") {
        2
    } else {
        usize::from(!rest.is_empty())
    }
}

/// The offset of the beginning of the line that `at` is in.
pub(super) fn line_start(text: &str, at: usize) -> usize {
    let before = text.get(..at).unwrap_or(text);
    before.rfind(['\n', '\r']).map_or(0, |end| end + 1)
}

/// What stands before `at` on its line, if that is nothing but blanks.
pub(super) fn indent(text: &str, at: usize) -> Option<&str> {
    let before = &text[line_start(text, at)..at];
    before
        .trim_start_matches([' ', '\t', '\x0c'])
        .is_empty()
        .then_some(before)
}

/// Whether nothing but blanks or a comment follows on the line.
pub(super) fn ends_line(text: &str, at: usize) -> bool {
    let rest = text[at..line_end(text, at)].trim_start();
    rest.is_empty() || rest.starts_with('#')
}

/// How the file ends its lines.
pub(super) fn newline(text: &str) -> &'static str {
    match text.find(['\n', '\r']) {
        Some(at) if text[at..].starts_with("\r\n") => "\r\n",
        Some(at) if text[at..].starts_with('\r') => "\r",
        _ => "\n",
    }
}

/// The range that goes with one item of a list in brackets, its comma included. `before` is where the item before it ends.
pub(super) fn item(
    text: &str,
    (start, end): (usize, usize),
    before: Option<usize>,
) -> (usize, usize) {
    let next = skip(text, end);
    if text[next..].starts_with(',') {
        let after = next + 1;
        let blanks = text[after..].len() - text[after..].trim_start_matches([' ', '\t']).len();
        let is_alone = indent(text, start).is_some() && line_end(text, after) == after + blanks;
        return if is_alone {
            (line_start(text, start), next_line(text, after))
        } else {
            (start, after + blanks)
        };
    }
    match before {
        // A comment in between stays, and so does the comma.
        Some(before) if !text[before..start].contains('#') => (before, end),
        _ => (start, end),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn without(text: &str, part: &str) -> String {
        let start = text.find(part).unwrap();
        let before = text[..start].trim_end_matches([',', ' ', '\n']).len();
        let before = (!text[..before].ends_with('(')).then_some(before);
        let (from, to) = item(text, (start, start + part.len()), before);
        format!("{}{}", &text[..from], &text[to..])
    }

    #[test]
    fn an_item_goes_with_its_comma() {
        for (text, wanted) in [
            ("f(a, b=1, c)", "f(a, c)"),
            ("f(a, b=1)", "f(a)"),
            ("f(b=1)", "f()"),
            ("f(b=1, c)", "f(c)"),
            ("f(a, b=1,)", "f(a, )"),
            ("f(\n    a,\n    b=1,\n    c,\n)", "f(\n    a,\n    c,\n)"),
            ("f(\n    a,\n    b=1\n)", "f(\n    a\n)"),
            ("f(\n    b=1,  # why\n    c)", "f(\n    # why\n    c)"),
        ] {
            assert_eq!(without(text, "b=1"), wanted);
        }
        let text = "f(a,  # one\n  b=1)";
        assert_eq!(item(text, (14, 17), Some(3)), (14, 17));
    }

    #[test]
    fn blanks_and_comments_are_skipped() {
        assert_eq!(skip("a  # b\r\n  \\\n , c", 1), 13);
        assert_eq!(newline("a\rb\n"), "\r");
        assert_eq!(newline("a\r\nb"), "\r\n");
        assert_eq!(newline("a"), "\n");
        assert_eq!(next_line("a\r\nb", 0), 3);
        assert_eq!(next_line("a", 0), 1);
    }
}
