//! Text of the analysed code, made harmless.
//!
//! A path, an operation or an exception's text can hold anything: terminal escapes that repaint the screen, line ends that forge a line of
//! the report, `::`, `##[` or `##vso[` that a runner of GitHub or Azure takes for a command, characters that turn the reading direction. Escapes are written as
//! in a Python string: `\n`, `\x1b`, `\u202e`.

use std::borrow::Cow;
use std::fmt::Write;

/// `text` in one line, without anything that a terminal, an editor or a workflow runner would act upon.
///
/// Text that is already harmless is returned as it is; escaping twice changes nothing.
#[must_use]
pub fn plain(text: &str) -> Cow<'_, str> {
    if is_plain(text) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len());
    let mut rest = text.chars();
    let mut previous = ' ';
    while let Some(c) = rest.next() {
        let command = (c == ':' && previous == ':')
            || (c == '#' && previous == '#' && opens_command(rest.clone()));
        if command {
            push_escape(&mut escaped, c);
        } else {
            push(&mut escaped, c);
        }
        previous = c;
    }
    Cow::Owned(escaped)
}

/// Whether a text is ASCII that is shown as it is, without two marks in a row that may begin a command: nearly each text is.
pub(super) fn is_plain(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut pairs = bytes.iter().zip(bytes.iter().skip(1));
    bytes.iter().all(|byte| matches!(byte, b' '..=b'~'))
        && !pairs.any(|(&first, &second)| first == second && matches!(first, b':' | b'#'))
}

/// Whether `rest`, behind `##`, makes it a command of Azure Pipelines' agent, which takes `##[error]` and `##vso[task.setvariable ...]` for one
/// wherever they stand in a line: a word or none, then a bracket.
pub(super) fn opens_command(mut rest: impl Iterator<Item = char>) -> bool {
    rest.find(|&c| !(c.is_alphanumeric() || "._-".contains(c))) == Some('[')
}

/// Appends `c`, escaped if it is not to be shown as it is.
pub(super) fn push(out: &mut String, c: char) {
    if is_harmful(c) {
        push_escape(out, c);
    } else {
        out.push(c);
    }
}

/// Appends the escape sequence for `c`.
pub(super) fn push_escape(out: &mut String, c: char) {
    // Writing to a String does not fail.
    let _ = match c {
        '\n' => write!(out, "\\n"),
        '\r' => write!(out, "\\r"),
        '\t' => write!(out, "\\t"),
        c if u32::from(c) <= 0xff => write!(out, "\\x{:02x}", u32::from(c)),
        c if u32::from(c) <= 0xffff => write!(out, "\\u{:04x}", u32::from(c)),
        c => write!(out, "\\U{:08x}", u32::from(c)),
    };
}

/// Controls, line and paragraph separators, and what is invisible or turns the reading direction (Unicode's `Bidi_Control`, the
/// default ignorable format characters, tags).
pub(super) fn is_harmful(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
        || is_noncharacter(c)
}

/// The characters that Unicode keeps free of any meaning. XML 1.0 has no place for two of them.
fn is_noncharacter(c: char) -> bool {
    matches!(c, '\u{fdd0}'..='\u{fdef}') || u32::from(c) & 0xfffe == 0xfffe
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn ordinary_text_stays() {
        for text in [
            "",
            "cache_core.get(key, ttl=None)",
            "größe → 🙂",
            "a: b",
            "# comment",
        ] {
            assert_eq!(plain(text), text);
        }
    }

    #[test]
    fn what_terminals_and_runners_act_upon_is_escaped() {
        assert_eq!(plain("\x1b[31mred\x07"), "\\x1b[31mred\\x07");
        assert_eq!(plain("a\nb\r\n\tc"), "a\\nb\\r\\n\\tc");
        assert_eq!(plain("\u{9b}31m\u{7f}"), "\\x9b31m\\x7f");
        assert_eq!(plain("::error::no"), ":\\x3aerror:\\x3ano");
        assert_eq!(plain("x:::y"), "x:\\x3a\\x3ay");
        assert_eq!(plain("##[add-mask]x ## [y"), "#\\x23[add-mask]x ## [y");
        assert_eq!(
            plain("a ##vso[task.setvariable variable=x]y"),
            "a #\\x23vso[task.setvariable variable=x]y"
        );
        assert_eq!(plain("##VSO[x] ##a.b-c[d]"), "#\\x23VSO[x] #\\x23a.b-c[d]");
        assert_eq!(plain("a\u{fffe}b\u{1ffff}"), "a\\ufffeb\\U0001ffff");
        assert_eq!(
            plain("user\u{202e}txt\u{2028}\u{e0041}"),
            "user\\u202etxt\\u2028\\U000e0041"
        );
    }

    #[test]
    fn escaping_twice_changes_nothing() {
        for text in ["::error::no\n\x1b", "a\\nb", "##[x]"] {
            assert_eq!(plain(&plain(text)), plain(text));
        }
    }
}
