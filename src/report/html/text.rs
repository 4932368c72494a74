//! Text of the analysed code as text of the page.

use crate::report::escape::plain;

/// `raw` as text or as the value of an attribute: harmless as [`plain`] makes it, with the characters of markup as references.
pub(in crate::report) fn text(raw: &str) -> String {
    let plain = plain(raw);
    let mut escaped = String::with_capacity(plain.len());
    for c in plain.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// `text` with what is between backticks as code, if they come in pairs.
pub(super) fn with_code(raw: &str) -> String {
    if raw.matches('`').count() % 2 == 1 {
        return text(raw);
    }
    let mut html = String::new();
    for (index, piece) in raw.split('`').enumerate() {
        let piece = text(piece);
        if index % 2 == 1 {
            html.push_str("<code>");
            html.push_str(&piece);
            html.push_str("</code>");
        } else {
            html.push_str(&piece);
        }
    }
    html
}

/// At most `most` characters of `raw`, with what is left out in the middle.
pub(super) fn shortened(raw: &str, most: usize) -> String {
    let characters: Vec<char> = plain(raw).chars().collect();
    if characters.len() <= most {
        return characters.into_iter().collect();
    }
    let tail = most / 2;
    let head = most.saturating_sub(tail + 1);
    let start: String = characters[..head].iter().collect();
    let end: String = characters[characters.len() - tail..].iter().collect();
    format!("{start}…{end}")
}

/// What stands behind a list that `left` more would be in: nothing, or ` and 3 more`.
pub(super) fn and_more(left: usize) -> String {
    if left == 0 {
        String::new()
    } else {
        format!(" and {left} more")
    }
}

#[cfg(test)]
mod tests {
    use super::{shortened, text, with_code};

    #[test]
    fn text_is_no_markup() {
        assert_eq!(
            text("</script><b a='\"'>&\u{202e}"),
            "&lt;/script&gt;&lt;b a=&#39;&quot;&#39;&gt;&amp;\\u202e"
        );
        assert_eq!(
            with_code("`f<` takes `x`"),
            "<code>f&lt;</code> takes <code>x</code>"
        );
        assert_eq!(with_code("a ` b"), "a ` b");
        assert_eq!(shortened("abcdefghij", 5), "ab…ij");
        assert_eq!(shortened("abc", 5), "abc");
    }
}
