//! UTF-8 as Python's tokenizer takes it.

use std::ops::Range;

use gix::bstr::ByteSlice;

use super::decode::{Decoded, refused};

/// UTF-8 as the tokenizer takes it: what does not decode is an error in strings and names, and nothing in comments.
pub(super) fn where_it_matters(bytes: Vec<u8>) -> Decoded {
    let bytes = match String::from_utf8(bytes) {
        Ok(content) => {
            return Decoded {
                content,
                problem: None,
            };
        }
        Err(error) => error.into_bytes(),
    };
    match first_invalid_token(&bytes) {
        Some((offset, message)) => refused(&bytes, message, offset),
        None => Decoded {
            content: String::from_utf8_lossy(&bytes).into_owned(),
            problem: None,
        },
    }
}

/// The first string or name that is not UTF-8: the offset of the bad byte, and Python's message.
fn first_invalid_token(bytes: &[u8]) -> Option<(usize, String)> {
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        match bytes[at] {
            b'#' => at += line_length(&bytes[at..]),
            // A number ends where a name may start: `1\xff` is both.
            byte if byte.is_ascii_digit() => at += 1,
            byte if is_name_byte(byte) => {
                at += bytes[at..]
                    .iter()
                    .take_while(|&&byte| is_name_byte(byte))
                    .count();
                let is_prefix = matches!(bytes.get(at), Some(b'\'' | b'"'))
                    && at - start <= 2
                    && bytes[start..at]
                        .iter()
                        .all(|byte| b"rRbBuUfF".contains(byte));
                if is_prefix {
                    let (body, end) = string_body(bytes, at);
                    if let Some(found) = invalid_string(bytes, &bytes[start..at], body) {
                        return Some(found);
                    }
                    at = end;
                } else if let Some((bad, message)) = invalid_utf8(&bytes[start..at]) {
                    return Some((start + bad, format!("(unicode error) {message}")));
                }
            }
            b'\'' | b'"' => {
                let (body, end) = string_body(bytes, at);
                if let Some(found) = invalid_string(bytes, b"", body) {
                    return Some(found);
                }
                at = end;
            }
            _ => at += 1,
        }
    }
    None
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

fn line_length(bytes: &[u8]) -> usize {
    bytes
        .iter()
        .position(|&byte| byte == b'\n' || byte == b'\r')
        .unwrap_or(bytes.len())
}

/// The bytes between the quotes of the string whose opening quote is at `at`, and where the code goes on.
fn string_body(bytes: &[u8], at: usize) -> (Range<usize>, usize) {
    let quote = bytes[at];
    let is_triple = bytes[at..].starts_with(&[quote; 3]);
    let width = if is_triple { 3 } else { 1 };
    let start = at + width;
    let mut end = start;
    while end < bytes.len() {
        match bytes[end] {
            b'\\' => end += 1,
            byte if byte == quote && (!is_triple || bytes[end..].starts_with(&[quote; 3])) => {
                return (start..end, end + width);
            }
            b'\n' | b'\r' if !is_triple => return (start..end, end),
            _ => {}
        }
        end += 1;
    }
    (start..bytes.len(), bytes.len())
}

/// What Python says of the string's body, if it is not UTF-8. `prefix` is the letters before the quote.
fn invalid_string(bytes: &[u8], prefix: &[u8], body: Range<usize>) -> Option<(usize, String)> {
    let is = |letter: u8| prefix.iter().any(|byte| byte.eq_ignore_ascii_case(&letter));
    let text = &bytes[body.clone()];
    if is(b'b') {
        let bad = text.iter().position(|&byte| byte >= 0x80)?;
        let message = "bytes can only contain ASCII literal characters".to_owned();
        return Some((body.start + bad, message));
    }
    let (bad, _) = invalid_utf8(text)?;
    // CPython has translated line ends by now, and counts in what is left.
    let (_, mut message) = invalid_utf8(&text.replace("\r\n", "\n"))?;
    if text.contains(&b'\\') && !is(b'r') {
        // With escapes to resolve, CPython decodes each run of non-ASCII bytes by itself and counts from there.
        let run = text[..bad]
            .iter()
            .rposition(u8::is_ascii)
            .map_or(0, |index| index + 1);
        let length = text[run..]
            .iter()
            .take_while(|byte| !byte.is_ascii())
            .count();
        message = invalid_utf8(&text[run..run + length])?.1;
    }
    Some((body.start + bad, format!("(unicode error) {message}")))
}

/// The first byte that is not UTF-8, and the message of Python's codec.
pub(super) fn invalid_utf8(bytes: &[u8]) -> Option<(usize, String)> {
    let error = std::str::from_utf8(bytes).err()?;
    let start = error.valid_up_to();
    let length = error.error_len().unwrap_or(bytes.len() - start);
    let reason = match (error.error_len(), bytes[start]) {
        (None, _) => "unexpected end of data",
        (_, 0x80..=0xc1 | 0xf5..) => "invalid start byte",
        _ => "invalid continuation byte",
    };
    Some((start, cannot_decode("utf-8", bytes, start, length, reason)))
}

/// The text of a `UnicodeDecodeError`.
pub(super) fn cannot_decode(
    codec: &str,
    bytes: &[u8],
    start: usize,
    length: usize,
    reason: &str,
) -> String {
    if length == 1 {
        let byte = bytes[start];
        format!("'{codec}' codec can't decode byte 0x{byte:02x} in position {start}: {reason}")
    } else {
        let last = start + length - 1;
        format!("'{codec}' codec can't decode bytes in position {start}-{last}: {reason}")
    }
}
