//! Bytes to text as Python 3.11 does it when it imports a module: PEP 263, `Parser/tokenizer.c` (`decode_str`).
//!
//! Two things there surprise. With UTF-8, declared or not, nothing is decoded as a whole: the bytes are checked where a
//! string or an identifier is made of them, so that a stray byte in a comment is no error. With any other encoding the
//! whole file is decoded, comments too, and `utf8` (without the hyphen) is such another encoding.

use super::codec::{Codec, Found};
use super::text::{Refusal, TextProblem};
use super::utf8::where_it_matters;

/// A text, and what is wrong with it.
pub(super) struct Decoded {
    pub content: String,
    pub problem: Option<TextProblem>,
}

/// What is said of an encoding that Python does not know, before its name.
pub const UNKNOWN_ENCODING: &str = "unknown encoding: ";

/// What UTF-8 files may begin with.
pub(super) const BOM: &[u8] = b"\xef\xbb\xbf";

/// Decodes `bytes`; never fails, but may report a problem beside a lossy content.
pub(super) fn decode(bytes: Vec<u8>) -> Decoded {
    let (bytes, has_bom) = match bytes.strip_prefix(BOM) {
        Some(rest) => (rest.to_vec(), true),
        None => (bytes, false),
    };
    // Asked first, for that looks at many bytes at once.
    if bytes.contains(&0) {
        if is_archive(&bytes) {
            let message = "it is a zip archive: Python runs it by its path, and no import takes it";
            let mut decoded = refused(&bytes, message.to_owned(), 0);
            if let Some(problem) = &mut decoded.problem {
                problem.refusal = Refusal::Import;
            }
            return decoded;
        }
        let offset = bytes.iter().position(|&byte| byte == 0);
        return refused(
            &bytes,
            "source code string cannot contain null bytes".to_owned(),
            offset.unwrap_or_default(),
        );
    }
    let Some(cookie) = cookie(&bytes) else {
        return where_it_matters(bytes);
    };
    let name = normal_name(cookie.name);
    if name == "utf-8" {
        return where_it_matters(bytes);
    }
    if has_bom {
        return refused(
            &bytes,
            format!("encoding problem: {name} with BOM"),
            cookie.offset,
        );
    }
    match Codec::find(&name) {
        Found::Codec(codec) => codec.decode(bytes),
        Found::Unknown => refused(&bytes, format!("{UNKNOWN_ENCODING}{name}"), cookie.offset),
        Found::NotText => refused(
            &bytes,
            format!(
                "'{name}' is not a text encoding; use codecs.decode() to handle arbitrary codecs"
            ),
            cookie.offset,
        ),
        Found::NotOurs => {
            let mut decoded = refused(
                &bytes,
                format!("coship cannot read the encoding {name}"),
                cookie.offset,
            );
            if let Some(problem) = &mut decoded.problem {
                problem.refusal = Refusal::Coship;
            }
            decoded
        }
    }
}

/// Whether bytes are a zip archive, behind a first line for the shell or without one: Python runs such a file, whatever it is called (library reference, `zipapp`).
fn is_archive(bytes: &[u8]) -> bool {
    let has_line = bytes.starts_with(b"#!");
    let line = bytes.iter().position(|&byte| byte == b'\n');
    let begin = line.filter(|_| has_line).map_or(0, |end| end + 1);
    // APPNOTE.TXT, 4.3.7 and 4.3.16: the archive begins with a file's header, and ends with a record that a comment of up to 65,535 bytes may follow.
    let end = &bytes[bytes.len().saturating_sub(22 + 0xffff)..];
    bytes[begin..].starts_with(b"PK\x03\x04") && memchr::memmem::find(end, b"PK\x05\x06").is_some()
}

/// A lossy content with a problem at byte `offset` of `bytes`.
pub(super) fn refused(bytes: &[u8], message: String, offset: usize) -> Decoded {
    let offset = String::from_utf8_lossy(&bytes[..offset]).len();
    Decoded {
        content: String::from_utf8_lossy(bytes).into_owned(),
        problem: Some(TextProblem {
            refusal: Refusal::Python,
            message,
            offset: u32::try_from(offset).unwrap_or(u32::MAX),
        }),
    }
}

/// An encoding as declared in the file.
struct Cookie<'a> {
    name: &'a str,
    /// The byte at which the name starts.
    offset: usize,
}

/// The declared encoding: in a comment that has the first line to itself, or the second after a line without code.
fn cookie(bytes: &[u8]) -> Option<Cookie<'_>> {
    let mut start = 0;
    for _ in 0..2 {
        let rest = &bytes[start..];
        let length = rest
            .iter()
            .position(|&byte| byte == b'\n' || byte == b'\r')
            .unwrap_or(rest.len());
        let line = &rest[..length];
        let blank = line
            .iter()
            .position(|byte| !matches!(byte, b' ' | b'\t' | b'\x0c'))
            .unwrap_or(length);
        match line.get(blank) {
            Some(b'#') => {
                if let Some((name, within)) = cookie_in(&line[blank..]) {
                    let offset = start + blank + within;
                    return Some(Cookie { name, offset });
                }
            }
            Some(_) => return None,
            None => {}
        }
        start += length;
        start += match bytes.get(start..) {
            Some([b'\r', b'\n', ..]) => 2,
            Some([_, ..]) => 1,
            _ => return None,
        };
    }
    None
}

/// The name behind the first `coding:` or `coding=` in a comment that has one, and where it starts.
fn cookie_in(comment: &[u8]) -> Option<(&str, usize)> {
    const WORD: &[u8] = b"coding";
    let mut from = 0;
    while let Some(found) = comment[from..]
        .windows(WORD.len())
        .position(|window| window == WORD)
    {
        let after = from + found + WORD.len();
        from = after;
        if !matches!(comment.get(after), Some(b':' | b'=')) {
            continue;
        }
        let rest = &comment[after + 1..];
        let blank = rest
            .iter()
            .take_while(|byte| matches!(byte, b' ' | b'\t'))
            .count();
        let length = rest[blank..]
            .iter()
            .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
            .count();
        if length > 0 {
            let start = after + 1 + blank;
            let name = std::str::from_utf8(&comment[start..start + length]).ok()?;
            return Some((name, start));
        }
    }
    None
}

/// `get_normal_name` of the tokenizer: the spellings of UTF-8 and Latin-1 that need no codec; others stay as they are.
fn normal_name(name: &str) -> String {
    let start: String = name
        .chars()
        .take(12)
        .map(|c| {
            if c == '_' {
                '-'
            } else {
                c.to_ascii_lowercase()
            }
        })
        .collect();
    let is = |wanted: &str| {
        start
            .strip_prefix(wanted)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    };
    if is("utf-8") {
        "utf-8".to_owned()
    } else if is("latin-1") || is("iso-8859-1") || is("iso-latin-1") {
        "iso-8859-1".to_owned()
    } else {
        name.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::{Refusal, decode};

    fn problem(bytes: &[u8]) -> Option<String> {
        decode(bytes.to_vec())
            .problem
            .map(|problem| problem.message)
    }

    #[test]
    fn latin_1_is_not_windows_1252() {
        let decoded = decode(b"# coding: iso-8859-1\nx = '\x80\xe9'\n".to_vec());
        assert_eq!(
            decoded.content,
            "# coding: iso-8859-1\nx = '\u{80}\u{e9}'\n"
        );
        assert!(decoded.problem.is_none());
    }

    #[test]
    fn an_archive_is_run_by_its_path() {
        let archive = b"#!/usr/bin/env python3\nPK\x03\x04\0\0__main__.pyPK\x05\x06\0\0";
        let problem = decode(archive.to_vec()).problem.unwrap();
        assert_eq!(problem.refusal, Refusal::Import);
        let cut_off = b"#!/usr/bin/env python3\nPK\x03\x04\0\0__main__.py";
        let problem = decode(cut_off.to_vec()).problem.unwrap();
        assert_eq!(problem.refusal, Refusal::Python);
    }

    #[test]
    fn a_stray_byte_in_a_comment_is_no_error() {
        let decoded = decode(b"# \xff '\nx = 1  # \xc3\n".to_vec());
        assert_eq!(decoded.content, "# \u{fffd} '\nx = 1  # \u{fffd}\n");
        assert!(decoded.problem.is_none());
    }

    #[test]
    fn the_place_of_a_bad_byte_is_one_in_the_content() {
        let decoded = decode(b"# \xff\nx = 'ab\xff'\n".to_vec());
        let problem = decoded.problem.unwrap();
        assert!(decoded.content[problem.offset as usize..].starts_with("\u{fffd}'"));
        assert_eq!(
            problem.message,
            "(unicode error) 'utf-8' codec can't decode byte 0xff in position 2: invalid start byte"
        );
    }

    #[test]
    fn a_rare_encoding_is_our_limit_and_not_an_error_of_the_file() {
        for coding in ["cp437", "mbcs", "OEM"] {
            let decoded = decode(format!("# coding: {coding}\nx = 1\n").into_bytes());
            assert_eq!(
                decoded.problem.unwrap().refusal,
                Refusal::Coship,
                "{coding}"
            );
        }
    }

    #[test]
    fn cookies_count_in_the_first_two_lines() {
        assert_eq!(
            problem(b"#!/usr/bin/python\n# coding: foo\n").unwrap(),
            "unknown encoding: foo"
        );
        assert_eq!(problem(b"x = 1\n# coding: foo\n"), None);
        assert_eq!(problem(b"\n\n# coding: foo\n"), None);
        assert_eq!(
            problem(b"\xef\xbb\xbf# coding: latin-1\n").unwrap(),
            "encoding problem: iso-8859-1 with BOM"
        );
    }
}
