//! Methods of `str` and `bytes` on known content (the library reference, "String Methods", "Bytes and Bytearray Operations").
//!
//! Bytes go here as text, each as the character of its number. What depends on Unicode's tables is left to ASCII.

use crate::name::Name;

/// An argument, as far as it matters here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Argument {
    /// `None`.
    None,
    /// An int or a bool.
    Int(i128),
    /// Content of the receiver's own type.
    Text(Name),
    /// A tuple of such.
    Texts(Vec<Name>),
}

/// What a method gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Given {
    /// Content of the receiver's own type.
    Text(String),
    /// `'a'.encode()`, `b'a'.decode()`: content of the other type.
    Other(String),
    /// An int.
    Int(i128),
    /// A bool.
    Bool(bool),
    /// A list of texts.
    List(Vec<String>),
    /// A tuple of texts.
    Tuple(Vec<String>),
    /// Nothing: it raises.
    Raises,
}

/// Calls a method. `is_bytes`: the content is bytes. None: it is not modelled.
#[must_use]
pub fn call(text: &str, is_bytes: bool, name: &str, arguments: &[Argument]) -> Option<Given> {
    use Argument::{Int, Text};
    let ascii = text.is_ascii();
    Some(match (name, arguments) {
        ("encode", []) if !is_bytes => Given::Other(text.bytes().map(char::from).collect()),
        ("decode", []) if is_bytes => decoded(text),
        ("encode" | "decode", [Text(codec)]) => return recoded(text, is_bytes, name, codec),
        ("startswith", [given]) => Given::Bool(any(given, |part| text.starts_with(part))?),
        ("endswith", [given]) => Given::Bool(any(given, |part| text.ends_with(part))?),
        ("removeprefix", [Text(part)]) => {
            Given::Text(text.strip_prefix(part.as_str()).unwrap_or(text).to_owned())
        }
        ("removesuffix", [Text(part)]) => Given::Text(
            Some(text.strip_suffix(part.as_str()).unwrap_or(text))
                .filter(|_| !part.is_empty())
                .unwrap_or(text)
                .to_owned(),
        ),
        ("replace", [Text(old), Text(new)]) => Given::Text(text.replace(old.as_str(), new)),
        ("replace", [Text(old), Text(new), Int(count)]) if *count >= 0 => {
            Given::Text(text.replacen(
                old.as_str(),
                new,
                usize::try_from(*count).unwrap_or(usize::MAX),
            ))
        }
        ("strip" | "lstrip" | "rstrip", [] | [Argument::None]) => {
            Given::Text(stripped(text, name, |ch| is_space(ch, is_bytes)).to_owned())
        }
        ("strip" | "lstrip" | "rstrip", [Text(chars)]) => {
            Given::Text(stripped(text, name, |ch| chars.contains(ch)).to_owned())
        }
        ("partition" | "rpartition", [Text(at)]) if at.is_empty() => Given::Raises,
        ("partition", [Text(at)]) => Given::Tuple(match text.split_once(at.as_str()) {
            Some((head, tail)) => vec![head.to_owned(), at.to_string(), tail.to_owned()],
            None => vec![text.to_owned(), String::new(), String::new()],
        }),
        ("rpartition", [Text(at)]) => Given::Tuple(match text.rsplit_once(at.as_str()) {
            Some((head, tail)) => vec![head.to_owned(), at.to_string(), tail.to_owned()],
            None => vec![String::new(), String::new(), text.to_owned()],
        }),
        ("split" | "rsplit", [Text(at), ..]) if at.is_empty() => Given::Raises,
        ("split" | "rsplit", _) => return split(text, is_bytes, name == "rsplit", arguments),
        ("splitlines", []) => Given::List(lines(text, is_bytes)?),
        ("count", [Int(byte)]) if is_bytes => {
            let same = |ch: &char| i128::from(u32::from(*ch)) == *byte;
            Given::Int(i128::try_from(text.chars().filter(same).count()).ok()?)
        }
        ("count", [Text(part)]) if !part.is_empty() => {
            Given::Int(i128::try_from(text.matches(part.as_str()).count()).ok()?)
        }
        ("find" | "rfind" | "index" | "rindex", [Text(part)]) => found(text, name, part),
        ("lower", []) if ascii || is_bytes => Given::Text(text.to_ascii_lowercase()),
        ("upper", []) if ascii || is_bytes => Given::Text(text.to_ascii_uppercase()),
        ("lower" | "casefold", []) if ascii => Given::Text(text.to_ascii_lowercase()),
        // Both follow Unicode's full case mapping.
        ("lower", []) => Given::Text(text.to_lowercase()),
        ("upper", []) => Given::Text(text.to_uppercase()),
        ("swapcase" | "title" | "capitalize", []) if ascii => Given::Text(cased(text, name)),
        ("zfill" | "ljust" | "rjust" | "center", [Int(width), rest @ ..]) => {
            return padded(text, name, *width, rest);
        }
        ("__len__", []) => Given::Int(i128::try_from(text.chars().count()).ok()?),
        ("__contains__", [Text(part)]) => Given::Bool(text.contains(part.as_str())),
        ("isascii", []) => Given::Bool(ascii),
        (_, []) if name.starts_with("is") && ascii => Given::Bool(asked(text, name)?),
        _ => return None,
    })
}

/// A tuple of prefixes asks for any of them.
fn any(given: &Argument, mut holds: impl FnMut(&str) -> bool) -> Option<bool> {
    match given {
        Argument::Text(part) => Some(holds(part)),
        Argument::Texts(parts) => Some(parts.iter().any(|part| holds(part))),
        _ => None,
    }
}

/// What `strip` and `split` take away: Python counts four separators as space that Unicode does not.
fn is_space(ch: char, is_bytes: bool) -> bool {
    match ch {
        ' ' | '\t' | '\n' | '\r' | '\x0b' | '\x0c' => true,
        '\x1c'..='\x1f' => !is_bytes,
        _ => !is_bytes && ch.is_whitespace(),
    }
}

fn stripped<'t>(text: &'t str, name: &str, matches: impl Fn(char) -> bool) -> &'t str {
    match name {
        "lstrip" => text.trim_start_matches(matches),
        "rstrip" => text.trim_end_matches(matches),
        _ => text.trim_matches(matches),
    }
}

fn split(text: &str, is_bytes: bool, from_right: bool, arguments: &[Argument]) -> Option<Given> {
    let (at, most) = match arguments {
        [] => (None, -1),
        [at] => (Some(at), -1),
        [at, Argument::Int(most)] => (Some(at), *most),
        _ => return None,
    };
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let mut parts: Vec<String> = Vec::new();
    match at {
        Some(Argument::Text(at)) => {
            let count = most.saturating_add(1);
            if from_right {
                parts.extend(text.rsplitn(count, at.as_str()).map(str::to_owned));
                parts.reverse();
            } else {
                parts.extend(text.splitn(count, at.as_str()).map(str::to_owned));
            }
        }
        None | Some(Argument::None) => {
            let space = |ch| is_space(ch, is_bytes);
            if most == usize::MAX {
                let words = text.split(space).filter(|word| !word.is_empty());
                parts.extend(words.map(str::to_owned));
            } else if from_right {
                return None;
            } else {
                let mut rest = text.trim_start_matches(space);
                while !rest.is_empty() {
                    let end = rest.find(space).filter(|_| parts.len() < most);
                    let end = end.unwrap_or(rest.len());
                    let word = if parts.len() < most {
                        &rest[..end]
                    } else {
                        rest
                    };
                    parts.push(word.to_owned());
                    rest = rest[end..].trim_start_matches(space);
                }
            }
        }
        Some(_) => return None,
    }
    Some(Given::List(parts))
}

/// Without the line ends; other separators than `\n` and `\r` are left alone.
fn lines(text: &str, is_bytes: bool) -> Option<Vec<String>> {
    let plain = |ch: char| {
        is_bytes
            || !matches!(
                ch,
                '\x0b' | '\x0c' | '\x1c'..='\x1e' | '\u{85}' | '\u{2028}' | '\u{2029}'
            )
    };
    if !text.chars().all(plain) {
        return None;
    }
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    Some(text.lines().map(str::to_owned).collect())
}

fn found(text: &str, name: &str, part: &str) -> Given {
    let at = if name.starts_with('r') {
        text.rfind(part)
    } else {
        text.find(part)
    };
    match at {
        Some(at) => Given::Int(i128::try_from(text[..at].chars().count()).unwrap_or(-1)),
        None if name.ends_with("find") => Given::Int(-1),
        None => Given::Raises,
    }
}

fn cased(text: &str, name: &str) -> String {
    let mut within = false;
    text.chars()
        .enumerate()
        .map(|(at, ch)| {
            let upper = match name {
                "swapcase" => ch.is_ascii_lowercase(),
                "title" => !within,
                _ => at == 0,
            };
            within = ch.is_ascii_alphabetic();
            if upper {
                ch.to_ascii_uppercase()
            } else {
                ch.to_ascii_lowercase()
            }
        })
        .collect()
}

fn padded(text: &str, name: &str, width: i128, rest: &[Argument]) -> Option<Given> {
    let length = text.chars().count();
    let width = usize::try_from(width.max(0))
        .ok()
        .filter(|&width| width <= 4096)?;
    let fill = match rest {
        [] => {
            if name == "zfill" {
                '0'
            } else {
                ' '
            }
        }
        [Argument::Text(fill)] if name != "zfill" => {
            let mut chars = fill.chars();
            match (chars.next(), chars.next()) {
                (Some(fill), None) => fill,
                _ => return Some(Given::Raises),
            }
        }
        _ => return None,
    };
    let missing = width.saturating_sub(length);
    let fill_of = |count: usize| String::from(fill).repeat(count);
    Some(Given::Text(match name {
        "ljust" => format!("{text}{}", fill_of(missing)),
        "rjust" => format!("{}{text}", fill_of(missing)),
        "zfill" => match text.strip_prefix(['+', '-']) {
            Some(digits) => format!("{}{}{digits}", &text[..1], fill_of(missing)),
            None => format!("{}{text}", fill_of(missing)),
        },
        _ => {
            let left = missing / 2 + (missing & width & 1);
            format!("{}{text}{}", fill_of(left), fill_of(missing - left))
        }
    }))
}

fn asked(text: &str, name: &str) -> Option<bool> {
    let all = |holds: fn(&char) -> bool| !text.is_empty() && text.chars().all(|ch| holds(&ch));
    let cased = text.chars().any(|ch| ch.is_ascii_alphabetic());
    Some(match name {
        "isdigit" | "isdecimal" | "isnumeric" => all(char::is_ascii_digit),
        "isalpha" => all(char::is_ascii_alphabetic),
        "isalnum" => all(char::is_ascii_alphanumeric),
        "isspace" => !text.is_empty() && text.chars().all(|ch| is_space(ch, false)),
        "islower" => cased && !text.chars().any(|ch| ch.is_ascii_uppercase()),
        "isupper" => cased && !text.chars().any(|ch| ch.is_ascii_lowercase()),
        "isidentifier" => {
            all(|ch| ch.is_ascii_alphanumeric() || *ch == '_')
                && !text.starts_with(|ch: char| ch.is_ascii_digit())
        }
        "isprintable" => text.chars().all(|ch| !ch.is_ascii_control()),
        _ => return None,
    })
}

/// `bytes.decode()`: UTF-8.
fn decoded(text: &str) -> Given {
    let bytes: Vec<u8> = text.chars().map(|ch| ch as u8).collect();
    String::from_utf8(bytes).map_or(Given::Raises, Given::Other)
}

/// `encode('utf-8')` and `decode('ascii')` of what is ASCII.
fn recoded(text: &str, is_bytes: bool, name: &str, codec: &str) -> Option<Given> {
    let fits = is_bytes == (name == "decode");
    let codec = codec.to_ascii_lowercase().replace('_', "-");
    match codec.as_str() {
        "utf-8" | "utf8" if fits => call(text, is_bytes, name, &[]),
        "ascii" | "latin-1" | "latin1" | "iso-8859-1" | "us-ascii" | "cp1252"
            if fits && text.is_ascii() =>
        {
            Some(Given::Other(text.to_owned()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Argument {
        Argument::Text(Name::new(text))
    }

    #[test]
    fn texts_are_split_as_python_does() {
        let list = |parts: &[&str]| {
            Some(Given::List(
                parts.iter().map(|&part| part.to_owned()).collect(),
            ))
        };
        assert_eq!(
            call("a.b.c", false, "split", &[text(".")]),
            list(&["a", "b", "c"])
        );
        assert_eq!(
            call("a.b.c", false, "split", &[text("."), Argument::Int(1)]),
            list(&["a", "b.c"])
        );
        assert_eq!(
            call("a.b.c", false, "rsplit", &[text("."), Argument::Int(1)]),
            list(&["a.b", "c"])
        );
        assert_eq!(call("", false, "split", &[text(".")]), list(&[""]));
        assert_eq!(call("", false, "split", &[]), list(&[]));
        assert_eq!(
            call(
                " a  b c ",
                false,
                "split",
                &[Argument::None, Argument::Int(1)]
            ),
            list(&["a", "b c "])
        );
        assert_eq!(
            call(" a  b c ", false, "split", &[]),
            list(&["a", "b", "c"])
        );
        assert_eq!(call("a", false, "split", &[text("")]), Some(Given::Raises));
    }

    #[test]
    fn texts_are_padded_as_python_does() {
        let given = |name, width| call("ab", false, name, &[Argument::Int(width)]);
        assert_eq!(given("center", 5), Some(Given::Text("  ab ".to_owned())));
        assert_eq!(given("center", 4), Some(Given::Text(" ab ".to_owned())));
        assert_eq!(given("zfill", 4), Some(Given::Text("00ab".to_owned())));
        assert_eq!(
            call("-1", false, "zfill", &[Argument::Int(4)]),
            Some(Given::Text("-001".to_owned()))
        );
    }

    #[test]
    fn bytes_have_no_letters_past_ascii() {
        assert_eq!(
            call("\u{e9}", true, "upper", &[]),
            Some(Given::Text("\u{e9}".to_owned()))
        );
        assert_eq!(
            call("\u{c3}\u{a9}", true, "decode", &[]),
            Some(Given::Other("\u{e9}".to_owned()))
        );
        assert_eq!(call("\u{ff}", true, "decode", &[]), Some(Given::Raises));
    }
}
