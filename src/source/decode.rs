//! Bytes to text as CPython 3.11 does it when it imports a module: PEP 263, `Parser/tokenizer.c` (`decode_str`).
//!
//! Two things there surprise. With UTF-8, declared or not, nothing is decoded as a whole: the bytes are checked where a
//! string or an identifier is made of them, so that a stray byte in a comment is no error. With any other encoding the
//! whole file is decoded, comments too, and `utf8` (without the hyphen) is such another encoding.

use encoding_rs::Encoding;

use super::text::{Refusal, TextProblem};

/// A text, and what is wrong with it.
pub(super) struct Decoded {
    pub content: String,
    pub problem: Option<TextProblem>,
}

const BOM: &[u8] = b"\xef\xbb\xbf";

/// Decodes `bytes`; never fails, but may report a problem beside a lossy content.
pub(super) fn decode(bytes: Vec<u8>) -> Decoded {
    let (bytes, has_bom) = match bytes.strip_prefix(BOM) {
        Some(rest) => (rest.to_vec(), true),
        None => (bytes, false),
    };
    if let Some(offset) = bytes.iter().position(|&byte| byte == 0) {
        return refused(
            &bytes,
            "source code string cannot contain null bytes".to_owned(),
            offset,
        );
    }
    let Some(cookie) = cookie(&bytes) else {
        return utf8_where_it_matters(bytes);
    };
    let name = normal_name(cookie.name);
    if name == "utf-8" {
        return utf8_where_it_matters(bytes);
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
        Found::Unknown => refused(&bytes, format!("unknown encoding: {name}"), cookie.offset),
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

/// A lossy content with a problem at byte `offset` of `bytes`.
fn refused(bytes: &[u8], message: String, offset: usize) -> Decoded {
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

/// UTF-8 as the tokenizer takes it: what does not decode is an error in strings and names, and nothing in comments.
fn utf8_where_it_matters(bytes: Vec<u8>) -> Decoded {
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

/// The first string or name that is not UTF-8: the offset of the bad byte, and CPython's message.
fn first_invalid_token(bytes: &[u8]) -> Option<(usize, String)> {
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        match bytes[at] {
            b'#' => at += line_length(&bytes[at..]),
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
fn string_body(bytes: &[u8], at: usize) -> (std::ops::Range<usize>, usize) {
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

/// What CPython says of the string's body, if it is not UTF-8. `prefix` is the letters before the quote.
fn invalid_string(
    bytes: &[u8],
    prefix: &[u8],
    body: std::ops::Range<usize>,
) -> Option<(usize, String)> {
    let is = |letter: u8| prefix.iter().any(|byte| byte.eq_ignore_ascii_case(&letter));
    let text = &bytes[body.clone()];
    if is(b'b') {
        let bad = text.iter().position(|&byte| byte >= 0x80)?;
        let message = "bytes can only contain ASCII literal characters".to_owned();
        return Some((body.start + bad, message));
    }
    let (bad, mut message) = invalid_utf8(text)?;
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

/// The first byte that is not UTF-8, and the message of CPython's codec.
fn invalid_utf8(bytes: &[u8]) -> Option<(usize, String)> {
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
fn cannot_decode(codec: &str, bytes: &[u8], start: usize, length: usize, reason: &str) -> String {
    if length == 1 {
        let byte = bytes[start];
        format!("'{codec}' codec can't decode byte 0x{byte:02x} in position {start}: {reason}")
    } else {
        let last = start + length - 1;
        format!("'{codec}' codec can't decode bytes in position {start}-{last}: {reason}")
    }
}

/// A codec that is applied to the whole file.
enum Codec {
    Utf8,
    Ascii,
    Latin1,
    /// One character a byte. The name is the one in CPython's messages; its C1 controls are bytes that CPython leaves undefined if `strict`.
    Table {
        encoding: &'static Encoding,
        strict: bool,
    },
    /// Several bytes a character, with the codec's name in CPython's messages.
    Multibyte {
        encoding: &'static Encoding,
        python: &'static str,
    },
}

enum Found {
    Codec(Codec),
    Unknown,
    NotText,
    NotOurs,
}

/// Encodings by the names that Python's `encodings.aliases` knows them by, normalised; and how coship decodes them.
const MULTIBYTE: &[(&[&str], &str, &Encoding)] = &[
    (
        &["shift_jis", "sjis", "shiftjis", "s_jis", "csshiftjis"],
        "shift_jis",
        encoding_rs::SHIFT_JIS,
    ),
    (
        &[
            "cp932",
            "932",
            "ms932",
            "mskanji",
            "ms_kanji",
            "windows_31j",
        ],
        "cp932",
        encoding_rs::SHIFT_JIS,
    ),
    (
        &["euc_jp", "eucjp", "ujis", "u_jis"],
        "euc_jp",
        encoding_rs::EUC_JP,
    ),
    (
        &["iso2022_jp", "iso_2022_jp", "iso2022jp", "csiso2022jp"],
        "iso2022_jp",
        encoding_rs::ISO_2022_JP,
    ),
    (
        &[
            "gb2312",
            "chinese",
            "csiso58gb231280",
            "euc_cn",
            "euccn",
            "eucgb2312_cn",
            "gb2312_1980",
            "gb2312_80",
            "iso_ir_58",
        ],
        "gb2312",
        encoding_rs::GBK,
    ),
    (&["gbk", "936", "cp936", "ms936"], "gbk", encoding_rs::GBK),
    (
        &["gb18030", "gb18030_2000"],
        "gb18030",
        encoding_rs::GB18030,
    ),
    (&["big5", "big5_tw", "csbig5"], "big5", encoding_rs::BIG5),
    (
        &[
            "euc_kr",
            "euckr",
            "korean",
            "ksc5601",
            "ks_c_5601",
            "ks_c_5601_1987",
            "ksx1001",
            "ks_x_1001",
        ],
        "euc_kr",
        encoding_rs::EUC_KR,
    ),
    (
        &["cp949", "949", "ms949", "uhc"],
        "cp949",
        encoding_rs::EUC_KR,
    ),
];

const TABLES: &[(&[&str], &Encoding, bool)] = &[
    (
        &[
            "iso8859_2",
            "iso_8859_2",
            "iso_8859_2_1987",
            "latin2",
            "l2",
            "csisolatin2",
            "iso_ir_101",
        ],
        encoding_rs::ISO_8859_2,
        false,
    ),
    (
        &[
            "iso8859_3",
            "iso_8859_3",
            "iso_8859_3_1988",
            "latin3",
            "l3",
            "csisolatin3",
            "iso_ir_109",
        ],
        encoding_rs::ISO_8859_3,
        false,
    ),
    (
        &[
            "iso8859_4",
            "iso_8859_4",
            "iso_8859_4_1988",
            "latin4",
            "l4",
            "csisolatin4",
            "iso_ir_110",
        ],
        encoding_rs::ISO_8859_4,
        false,
    ),
    (
        &[
            "iso8859_5",
            "iso_8859_5",
            "iso_8859_5_1988",
            "cyrillic",
            "csisolatincyrillic",
            "iso_ir_144",
        ],
        encoding_rs::ISO_8859_5,
        false,
    ),
    (
        &[
            "iso8859_6",
            "iso_8859_6",
            "iso_8859_6_1987",
            "arabic",
            "csisolatinarabic",
            "iso_ir_127",
            "asmo_708",
            "ecma_114",
        ],
        encoding_rs::ISO_8859_6,
        false,
    ),
    (
        &[
            "iso8859_7",
            "iso_8859_7",
            "iso_8859_7_1987",
            "greek",
            "greek8",
            "csisolatingreek",
            "iso_ir_126",
            "ecma_118",
            "elot_928",
        ],
        encoding_rs::ISO_8859_7,
        false,
    ),
    (
        &[
            "iso8859_8",
            "iso_8859_8",
            "iso_8859_8_1988",
            "hebrew",
            "csisolatinhebrew",
            "iso_ir_138",
            "iso_8859_8_i",
            "iso_8859_8_e",
        ],
        encoding_rs::ISO_8859_8,
        false,
    ),
    (
        &[
            "iso8859_10",
            "iso_8859_10",
            "iso_8859_10_1992",
            "latin6",
            "l6",
            "csisolatin6",
            "iso_ir_157",
        ],
        encoding_rs::ISO_8859_10,
        false,
    ),
    (
        &["iso8859_13", "iso_8859_13", "latin7", "l7"],
        encoding_rs::ISO_8859_13,
        false,
    ),
    (
        &[
            "iso8859_14",
            "iso_8859_14",
            "iso_8859_14_1998",
            "latin8",
            "l8",
            "iso_celtic",
            "iso_ir_199",
        ],
        encoding_rs::ISO_8859_14,
        false,
    ),
    (
        &["iso8859_15", "iso_8859_15", "latin9", "l9"],
        encoding_rs::ISO_8859_15,
        false,
    ),
    (
        &[
            "iso8859_16",
            "iso_8859_16",
            "iso_8859_16_2001",
            "latin10",
            "l10",
            "iso_ir_226",
        ],
        encoding_rs::ISO_8859_16,
        false,
    ),
    (
        &["cp1250", "1250", "windows_1250"],
        encoding_rs::WINDOWS_1250,
        true,
    ),
    (
        &["cp1251", "1251", "windows_1251"],
        encoding_rs::WINDOWS_1251,
        true,
    ),
    (
        &["cp1252", "1252", "windows_1252"],
        encoding_rs::WINDOWS_1252,
        true,
    ),
    (
        &["cp1253", "1253", "windows_1253"],
        encoding_rs::WINDOWS_1253,
        true,
    ),
    (
        &["cp1254", "1254", "windows_1254"],
        encoding_rs::WINDOWS_1254,
        true,
    ),
    (
        &["cp1255", "1255", "windows_1255"],
        encoding_rs::WINDOWS_1255,
        true,
    ),
    (
        &["cp1256", "1256", "windows_1256"],
        encoding_rs::WINDOWS_1256,
        true,
    ),
    (
        &["cp1257", "1257", "windows_1257"],
        encoding_rs::WINDOWS_1257,
        true,
    ),
    (
        &["cp1258", "1258", "windows_1258"],
        encoding_rs::WINDOWS_1258,
        true,
    ),
    (
        &["cp866", "866", "ibm866", "csibm866"],
        encoding_rs::IBM866,
        false,
    ),
    (&["koi8_r", "cskoi8r"], encoding_rs::KOI8_R, false),
    (
        &["mac_roman", "macintosh", "macroman"],
        encoding_rs::MACINTOSH,
        false,
    ),
];

/// Text encodings of CPython that coship cannot read: rare in source code, and absent from the tables it builds on.
const NOT_OURS: &[&str] = &[
    "big5hkscs",
    "big5_hkscs",
    "charmap",
    "cp037",
    "cp1006",
    "cp1026",
    "cp1125",
    "cp1140",
    "cp273",
    "cp424",
    "cp437",
    "437",
    "ibm437",
    "cp500",
    "cp720",
    "cp737",
    "cp775",
    "cp850",
    "850",
    "ibm850",
    "cp852",
    "852",
    "cp855",
    "cp856",
    "cp857",
    "cp858",
    "cp860",
    "cp861",
    "cp862",
    "cp863",
    "cp864",
    "cp865",
    "cp869",
    "cp874",
    "cp875",
    "cp950",
    "cp65001",
    "euc_jis_2004",
    "euc_jisx0213",
    "hp_roman8",
    "hz",
    "idna",
    "iso2022_jp_1",
    "iso2022_jp_2",
    "iso2022_jp_2004",
    "iso2022_jp_3",
    "iso2022_jp_ext",
    "iso2022_kr",
    "iso8859_9",
    "iso_8859_9",
    "latin5",
    "l5",
    "iso8859_11",
    "iso_8859_11",
    "johab",
    "koi8_t",
    "koi8_u",
    "kz1048",
    "mac_arabic",
    "mac_croatian",
    "mac_cyrillic",
    "mac_farsi",
    "mac_greek",
    "mac_iceland",
    "mac_latin2",
    "mac_romanian",
    "mac_turkish",
    "palmos",
    "ptcp154",
    "punycode",
    "raw_unicode_escape",
    "shift_jis_2004",
    "shift_jisx0213",
    "tis_620",
    "undefined",
    "unicode_escape",
    "utf_16",
    "utf_16_be",
    "utf_16_le",
    "utf_32",
    "utf_32_be",
    "utf_32_le",
    "utf_7",
    "utf16",
    "utf32",
    "utf7",
];

const NOT_TEXT: &[&str] = &[
    "base64",
    "base64_codec",
    "base_64",
    "bz2",
    "bz2_codec",
    "hex",
    "hex_codec",
    "quopri",
    "quopri_codec",
    "quoted_printable",
    "quotedprintable",
    "rot13",
    "rot_13",
    "uu",
    "uu_codec",
    "zip",
    "zlib",
    "zlib_codec",
];

impl Codec {
    fn find(name: &str) -> Found {
        // `encodings.normalize_encoding`: runs of other characters are one underscore; aliases are in lower case.
        let mut key = String::new();
        for c in name.chars() {
            if c.is_ascii_alphanumeric() || c == '.' {
                key.push(c.to_ascii_lowercase());
            } else if !key.ends_with('_') {
                key.push('_');
            }
        }
        let key = key.trim_matches('_');
        let key = key.replace('.', "_");
        let key = key.as_str();
        match key {
            "utf_8" | "utf8" | "u8" | "utf" | "utf8_ucs2" | "utf8_ucs4" | "utf_8_sig" => {
                return Found::Codec(Self::Utf8);
            }
            "ascii" | "us_ascii" | "us" | "646" | "ansi_x3_4_1968" | "ansi_x3.4_1968"
            | "ansi_x3_4_1986" | "cp367" | "csascii" | "ibm367" | "iso646_us"
            | "iso_646_irv_1991" | "iso_ir_6" => return Found::Codec(Self::Ascii),
            "latin_1" | "latin1" | "latin" | "l1" | "8859" | "cp819" | "csisolatin1" | "ibm819"
            | "iso8859" | "iso8859_1" | "iso_8859_1" | "iso_8859_1_1987" | "iso_ir_100" => {
                return Found::Codec(Self::Latin1);
            }
            _ => {}
        }
        if let Some(&(_, encoding, strict)) = TABLES.iter().find(|entry| entry.0.contains(&key)) {
            return Found::Codec(Self::Table { encoding, strict });
        }
        if let Some(&(_, python, encoding)) = MULTIBYTE.iter().find(|entry| entry.0.contains(&key))
        {
            return Found::Codec(Self::Multibyte { encoding, python });
        }
        if NOT_TEXT.contains(&key) {
            Found::NotText
        } else if NOT_OURS.contains(&key) {
            Found::NotOurs
        } else {
            Found::Unknown
        }
    }

    fn decode(&self, bytes: Vec<u8>) -> Decoded {
        match self {
            Self::Utf8 => match invalid_utf8(&bytes) {
                Some((offset, message)) => refused(&bytes, message, offset),
                None => utf8_where_it_matters(bytes),
            },
            Self::Ascii => match bytes.iter().position(|byte| !byte.is_ascii()) {
                Some(bad) => {
                    let message =
                        cannot_decode("ascii", &bytes, bad, 1, "ordinal not in range(128)");
                    refused(&bytes, message, bad)
                }
                None => utf8_where_it_matters(bytes),
            },
            Self::Latin1 => Decoded {
                content: bytes.into_iter().map(char::from).collect(),
                problem: None,
            },
            Self::Table { encoding, strict } => table(encoding, *strict, &bytes),
            Self::Multibyte { encoding, python } => multibyte(encoding, python, &bytes),
        }
    }
}

fn table(encoding: &'static Encoding, strict: bool, bytes: &[u8]) -> Decoded {
    let (content, _) = encoding.decode_without_bom_handling(bytes);
    // One character a byte, so the count of characters is the position.
    let undefined = |c: char| c == '\u{fffd}' || (strict && ('\u{80}'..='\u{9f}').contains(&c));
    let problem = content
        .char_indices()
        .enumerate()
        .find(|&(_, (_, c))| undefined(c))
        .map(|(position, (offset, _))| TextProblem {
            refusal: Refusal::Python,
            message: cannot_decode(
                "charmap",
                bytes,
                position,
                1,
                "character maps to <undefined>",
            ),
            offset: u32::try_from(offset).unwrap_or(u32::MAX),
        });
    Decoded {
        content: content.into_owned(),
        problem,
    }
}

fn multibyte(encoding: &'static Encoding, python: &str, bytes: &[u8]) -> Decoded {
    if let Some(content) = encoding.decode_without_bom_handling_and_without_replacement(bytes) {
        return Decoded {
            content: content.into_owned(),
            problem: None,
        };
    }
    let (content, _) = encoding.decode_without_bom_handling(bytes);
    let offset = content.find('\u{fffd}').unwrap_or(0);
    let position = first_undecodable(encoding, bytes);
    let message = cannot_decode(python, bytes, position, 1, "illegal multibyte sequence");
    Decoded {
        content: content.into_owned(),
        problem: Some(TextProblem {
            refusal: Refusal::Python,
            message,
            offset: u32::try_from(offset).unwrap_or(u32::MAX),
        }),
    }
}

/// The byte at which the first malformed sequence starts.
fn first_undecodable(encoding: &'static Encoding, bytes: &[u8]) -> usize {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut buffer = String::with_capacity(bytes.len() * 3 + 16);
    let (result, read) = decoder.decode_to_string_without_replacement(bytes, &mut buffer, true);
    match result {
        encoding_rs::DecoderResult::Malformed(bad, after) => {
            read.saturating_sub(usize::from(bad) + usize::from(after))
        }
        _ => 0,
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
        let decoded = decode(b"# coding: cp437\nx = '\x80'\n".to_vec());
        assert_eq!(decoded.problem.unwrap().refusal, Refusal::Coship);
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
