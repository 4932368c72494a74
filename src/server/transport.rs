//! Messages as bytes: a header with the length, then JSON (LSP 3.18, "Base Protocol").
//!
//! Crates that do this end the connection at the first message that they cannot read. Here such a message is told of, and the next one is read.

use std::io::{self, BufRead, Read, Write};

use serde_json::Value;

/// The largest message that is read, in bytes: a file of the largest size that is checked, with every character escaped, is below it.
const LARGEST: u64 = 256 * 1024 * 1024;

/// The longest line of a header.
const LONGEST_LINE: u64 = 8 * 1024;

/// What was read.
#[derive(Debug, PartialEq)]
pub(super) enum Received {
    /// JSON.
    Json(Value),
    /// What is none, and why.
    Malformed(String),
}

/// The next message; none at the end of the input.
pub(super) fn read(input: &mut impl BufRead) -> io::Result<Option<Received>> {
    let mut length = None;
    let mut problem = None;
    let mut is_first = true;
    loop {
        let mut line = Vec::new();
        if input
            .by_ref()
            .take(LONGEST_LINE)
            .read_until(b'\n', &mut line)?
            == 0
        {
            return Ok(None);
        }
        if !line.ends_with(b"\n") && line.len() as u64 == LONGEST_LINE {
            return Ok(Some(Received::Malformed(
                "a line of the header is too long".to_owned(),
            )));
        }
        let line = String::from_utf8_lossy(&line);
        let line = line.trim_end_matches(['\r', '\n']);
        if line.is_empty() {
            // Empty lines before a header are nobody's message.
            if is_first {
                continue;
            }
            break;
        }
        is_first = false;
        match line.split_once(':') {
            Some((name, value)) if name.trim().eq_ignore_ascii_case("content-length") => {
                match value.trim().parse::<u64>() {
                    Ok(number) => length = Some(number),
                    Err(_) => {
                        problem = Some(format!("Content-Length is no number: {}", value.trim()))
                    }
                }
            }
            Some(_) => {}
            None => problem = Some("a line of the header has no colon".to_owned()),
        }
    }
    let Some(length) = length else {
        let why = problem.unwrap_or_else(|| "the header has no Content-Length".to_owned());
        return Ok(Some(Received::Malformed(why)));
    };
    let mut body = input.by_ref().take(length);
    if length > LARGEST {
        let skipped = io::copy(&mut body, &mut io::sink())?;
        let why = format!("a message of {length} bytes is larger than {LARGEST}");
        return Ok((skipped == length).then_some(Received::Malformed(why)));
    }
    let mut bytes = Vec::new();
    body.read_to_end(&mut bytes)?;
    if (bytes.len() as u64) < length {
        return Ok(None);
    }
    Ok(Some(match serde_json::from_slice(&bytes) {
        Ok(value) => Received::Json(value),
        Err(error) => Received::Malformed(error.to_string()),
    }))
}

/// Writes a message.
pub(super) fn write(out: &mut impl Write, message: &Value) -> io::Result<()> {
    let body = message.to_string();
    write!(out, "Content-Length: {}\r\n\r\n{body}", body.len())?;
    out.flush()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn all(mut input: &[u8]) -> Vec<Received> {
        let mut found = Vec::new();
        while let Some(message) = read(&mut input).unwrap() {
            found.push(message);
        }
        found
    }

    #[test]
    fn what_cannot_be_read_is_told_and_the_next_message_is_read() {
        let mut input = Vec::new();
        write(&mut input, &json!({"id": 1})).unwrap();
        input.extend(b"Content-Length: 3\r\n\r\n{a}");
        input.extend(b"Content-Length: x\r\n\r\n");
        input.extend(b"nonsense\r\n\r\n");
        input.extend(b"content-length:2\r\nContent-Type: a; charset=utf-8\r\n\r\n{}");
        let found = all(&input);
        assert_eq!(found[0], Received::Json(json!({"id": 1})));
        assert_eq!(found[4], Received::Json(json!({})));
        assert!(
            found[1..4]
                .iter()
                .all(|it| matches!(it, Received::Malformed(_)))
        );
        assert_eq!(found.len(), 5);
    }

    #[test]
    fn an_end_within_a_message_is_the_end() {
        assert_eq!(all(b"Content-Length: 10\r\n\r\n{}"), []);
        assert_eq!(all(b"Content-Le"), [] as [Received; 0]);
    }
}
