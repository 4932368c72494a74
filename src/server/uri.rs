//! Files as URIs name them (RFC 8089; LSP 3.18, "URI").

use std::path::{Path, PathBuf};

/// The path that a `file:` URI names, canonical as far as it exists. None for any other URI.
pub(super) fn to_path(uri: &str) -> Option<PathBuf> {
    let rest = uri.strip_prefix("file://")?;
    // What stands before the first slash is a host: this one.
    let path = &rest[rest.find('/')?..];
    let path = path.split(['?', '#']).next().unwrap_or(path);
    let decoded = decode(path)?;
    let path = match decoded.as_bytes() {
        // `/C:/x` on Windows.
        [b'/', letter, b':', ..] if cfg!(windows) && letter.is_ascii_alphabetic() => &decoded[1..],
        _ => &decoded,
    };
    if path.contains('\0') {
        return None;
    }
    Some(canonical(Path::new(path)))
}

/// A path, canonical as far as it exists: a new file's directory may be a link.
pub(super) fn canonical(path: &Path) -> PathBuf {
    if let Ok(path) = std::fs::canonicalize(path) {
        return path;
    }
    match (path.parent(), path.file_name()) {
        (Some(parent), Some(name)) => canonical(parent).join(name),
        _ => path.to_owned(),
    }
}

fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digits = [rest.next()?, rest.next()?];
        let digits = std::str::from_utf8(&digits).ok()?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
    }
    String::from_utf8(bytes).ok()
}

/// The URI of a path.
pub(super) fn of_path(path: &Path) -> String {
    let text = path.to_string_lossy().replace('\\', "/");
    // What Windows puts before a canonical path is not part of a URI.
    let text = text.strip_prefix("//?/").unwrap_or(&text);
    let mut uri = String::from(if text.starts_with('/') {
        "file://"
    } else {
        "file:///"
    });
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte))
            }
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_survive() {
        let path = Path::new("/no such/é%#?.py");
        assert_eq!(to_path(&of_path(path)).unwrap(), path);
        assert_eq!(of_path(path), "file:///no%20such/%C3%A9%25%23%3F.py");
    }

    #[test]
    fn what_is_no_file_has_no_path() {
        for uri in [
            "untitled:1",
            "file://",
            "file:///%zz",
            "file:///%f",
            "file:///a%00b",
            "http://x/y",
            "",
            "file:///%ff",
        ] {
            assert_eq!(to_path(uri), None, "{uri}");
        }
        assert_eq!(
            to_path("file://localhost/no/x.py"),
            Some(PathBuf::from("/no/x.py"))
        );
    }
}
