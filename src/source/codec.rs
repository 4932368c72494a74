//! Encodings other than UTF-8, as Python names and decodes them.

use encoding_rs::Encoding;

use super::decode::{Decoded, refused};
use super::text::{Refusal, TextProblem};
use super::utf8::{cannot_decode, invalid_utf8, where_it_matters};

/// A codec that is applied to the whole file.
pub(super) enum Codec {
    Utf8,
    Ascii,
    Latin1,
    /// One character a byte. The name is the one in Python's messages; its C1 controls are bytes that Python leaves undefined if `strict`.
    Table {
        encoding: &'static Encoding,
        strict: bool,
    },
    /// Several bytes a character, with the codec's name in Python's messages.
    Multibyte {
        encoding: &'static Encoding,
        python: &'static str,
    },
}

pub(super) enum Found {
    Codec(Codec),
    Unknown,
    NotText,
    NotOurs,
}

/// Encodings by the names that Python's `encodings.aliases` knows them by, normalised; and how coship decodes them.
const MULTIBYTE: &[(&str, &str, &Encoding)] = &[
    (
        "shift_jis sjis shiftjis s_jis csshiftjis",
        "shift_jis",
        encoding_rs::SHIFT_JIS,
    ),
    (
        "cp932 932 ms932 mskanji ms_kanji windows_31j",
        "cp932",
        encoding_rs::SHIFT_JIS,
    ),
    ("euc_jp eucjp ujis u_jis", "euc_jp", encoding_rs::EUC_JP),
    (
        "iso2022_jp iso_2022_jp iso2022jp csiso2022jp",
        "iso2022_jp",
        encoding_rs::ISO_2022_JP,
    ),
    (
        "gb2312 chinese csiso58gb231280 euc_cn euccn eucgb2312_cn gb2312_1980 gb2312_80 iso_ir_58",
        "gb2312",
        encoding_rs::GBK,
    ),
    ("gbk 936 cp936 ms936", "gbk", encoding_rs::GBK),
    ("gb18030 gb18030_2000", "gb18030", encoding_rs::GB18030),
    ("big5 big5_tw csbig5", "big5", encoding_rs::BIG5),
    (
        "euc_kr euckr korean ksc5601 ks_c_5601 ks_c_5601_1987 ksx1001 ks_x_1001",
        "euc_kr",
        encoding_rs::EUC_KR,
    ),
    ("cp949 949 ms949 uhc", "cp949", encoding_rs::EUC_KR),
];

const TABLES: &[(&str, &Encoding, bool)] = &[
    (
        "iso8859_2 iso_8859_2 iso_8859_2_1987 latin2 l2 csisolatin2 iso_ir_101",
        encoding_rs::ISO_8859_2,
        false,
    ),
    (
        "iso8859_3 iso_8859_3 iso_8859_3_1988 latin3 l3 csisolatin3 iso_ir_109",
        encoding_rs::ISO_8859_3,
        false,
    ),
    (
        "iso8859_4 iso_8859_4 iso_8859_4_1988 latin4 l4 csisolatin4 iso_ir_110",
        encoding_rs::ISO_8859_4,
        false,
    ),
    (
        "iso8859_5 iso_8859_5 iso_8859_5_1988 cyrillic csisolatincyrillic iso_ir_144",
        encoding_rs::ISO_8859_5,
        false,
    ),
    (
        "iso8859_6 iso_8859_6 iso_8859_6_1987 arabic csisolatinarabic iso_ir_127 asmo_708 ecma_114",
        encoding_rs::ISO_8859_6,
        false,
    ),
    (
        "iso8859_7 iso_8859_7 iso_8859_7_1987 greek greek8 csisolatingreek iso_ir_126 ecma_118 elot_928",
        encoding_rs::ISO_8859_7,
        false,
    ),
    (
        "iso8859_8 iso_8859_8 iso_8859_8_1988 hebrew csisolatinhebrew iso_ir_138 iso_8859_8_i iso_8859_8_e",
        encoding_rs::ISO_8859_8,
        false,
    ),
    (
        "iso8859_10 iso_8859_10 iso_8859_10_1992 latin6 l6 csisolatin6 iso_ir_157",
        encoding_rs::ISO_8859_10,
        false,
    ),
    (
        "iso8859_13 iso_8859_13 latin7 l7",
        encoding_rs::ISO_8859_13,
        false,
    ),
    (
        "iso8859_14 iso_8859_14 iso_8859_14_1998 latin8 l8 iso_celtic iso_ir_199",
        encoding_rs::ISO_8859_14,
        false,
    ),
    (
        "iso8859_15 iso_8859_15 latin9 l9",
        encoding_rs::ISO_8859_15,
        false,
    ),
    (
        "iso8859_16 iso_8859_16 iso_8859_16_2001 latin10 l10 iso_ir_226",
        encoding_rs::ISO_8859_16,
        false,
    ),
    ("cp1250 1250 windows_1250", encoding_rs::WINDOWS_1250, true),
    ("cp1251 1251 windows_1251", encoding_rs::WINDOWS_1251, true),
    ("cp1252 1252 windows_1252", encoding_rs::WINDOWS_1252, true),
    ("cp1253 1253 windows_1253", encoding_rs::WINDOWS_1253, true),
    ("cp1254 1254 windows_1254", encoding_rs::WINDOWS_1254, true),
    ("cp1255 1255 windows_1255", encoding_rs::WINDOWS_1255, true),
    ("cp1256 1256 windows_1256", encoding_rs::WINDOWS_1256, true),
    ("cp1257 1257 windows_1257", encoding_rs::WINDOWS_1257, true),
    ("cp1258 1258 windows_1258", encoding_rs::WINDOWS_1258, true),
    ("cp866 866 ibm866 csibm866", encoding_rs::IBM866, false),
    ("koi8_r cskoi8r", encoding_rs::KOI8_R, false),
    (
        "mac_roman macintosh macroman",
        encoding_rs::MACINTOSH,
        false,
    ),
];

/// Text encodings of Python that coship cannot read: rare in source code, and absent from the tables it builds on. `mbcs`, `ansi`, `dbcs` and `oem` are what Windows
/// is set to, and only known to Python there (the library reference, `codecs`, "Python Specific Encodings").
const NOT_OURS: &str = "\
    037 1026 1125 1140 273 424 437 500 775 850 852 855 857 858 860 861 862 863 864 865 869 950 \
    ansi ansi_x3.4_1986 big5_hkscs big5hkscs cp037 cp1006 cp1026 cp1051 cp1125 cp1140 cp1361 cp154 \
    cp273 cp424 cp437 cp500 cp720 cp737 cp775 cp850 cp852 cp855 cp856 cp857 cp858 \
    cp860 cp861 cp862 cp863 cp864 cp865 cp866u cp869 cp874 cp875 cp950 cp_gr cp_is csibm037 \
    csibm1026 csibm273 csibm424 csibm500 csibm855 csibm857 csibm858 csibm860 csibm861 csibm863 \
    csibm864 csibm865 csibm869 csiso2022kr csisolatin5 cspc775baltic cspc850multilingual \
    cspc862latinhebrew cspc8codepage437 cspcp852 csptcp154 cyrillic_asian dbcs ebcdic_cp_be \
    ebcdic_cp_ca ebcdic_cp_ch ebcdic_cp_he ebcdic_cp_nl ebcdic_cp_us ebcdic_cp_wt euc_jis2004 \
    euc_jis_2004 euc_jisx0213 eucjis2004 eucjisx0213 hkscs hp_roman8 hz hz_gb hz_gb_2312 hzgb \
    ibm037 ibm039 ibm1026 ibm1051 ibm1125 ibm1140 ibm273 ibm424 ibm437 ibm500 ibm775 ibm850 \
    ibm852 ibm855 ibm857 ibm858 ibm860 ibm861 ibm862 ibm863 ibm864 ibm865 ibm869 idna \
    iso2022_jp_1 iso2022_jp_2 iso2022_jp_2004 iso2022_jp_3 iso2022_jp_ext iso2022_kr \
    iso2022jp_1 iso2022jp_2 iso2022jp_2004 iso2022jp_3 iso2022jp_ext iso2022kr iso8859_11 \
    iso8859_9 iso_2022_jp_1 iso_2022_jp_2 iso_2022_jp_2004 iso_2022_jp_3 iso_2022_jp_ext \
    iso_2022_kr iso_646.irv_1991 iso_8859_11 iso_8859_11_2001 iso_8859_9 iso_8859_9_1989 \
    iso_ir_148 iso_ir_166 jisx0213 johab koi8_t koi8_u kz1048 kz_1048 l5 latin5 mac_arabic \
    mac_centeuro mac_croatian mac_cyrillic mac_farsi mac_greek mac_iceland mac_latin2 \
    mac_romanian mac_turkish maccentraleurope maccyrillic macgreek maciceland maclatin2 mbcs oem \
    macturkish ms1361 ms950 palmos pt154 ptcp154 punycode r8 raw_unicode_escape rk1048 roman8 \
    ruscii s_jis_2004 s_jisx0213 shift_jis_2004 shift_jisx0213 shiftjis2004 shiftjisx0213 \
    sjis_2004 sjisx0213 strk1048_2002 thai tis620 tis_620 tis_620_0 tis_620_2529_0 \
    tis_620_2529_1 u16 u32 u7 undefined unicode_1_1_utf_7 unicode_escape unicodebigunmarked \
    unicodelittleunmarked utf16 utf32 utf7 utf_16 utf_16_be utf_16_le utf_16be utf_16le utf_32 \
    utf_32_be utf_32_le utf_32be utf_32le utf_7 x_mac_japanese x_mac_korean x_mac_simp_chinese \
    x_mac_trad_chinese";

const NOT_TEXT: &str = "\
    base64 base64_codec base_64 bz2 bz2_codec hex hex_codec quopri quopri_codec \
    quoted_printable quotedprintable rot13 rot_13 uu uu_codec zip zlib zlib_codec";

impl Codec {
    /// The codec that Python finds under `name`.
    pub(super) fn find(name: &str) -> Found {
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
            "utf_8" | "utf8" | "cp65001" | "u8" | "utf" | "utf8_ucs2" | "utf8_ucs4"
            | "utf_8_sig" => {
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
        if let Some(&(_, encoding, strict)) = TABLES.iter().find(|entry| has(entry.0, key)) {
            return Found::Codec(Self::Table { encoding, strict });
        }
        if let Some(&(_, python, encoding)) = MULTIBYTE.iter().find(|entry| has(entry.0, key)) {
            return Found::Codec(Self::Multibyte { encoding, python });
        }
        if has(NOT_TEXT, key) {
            Found::NotText
        } else if has(NOT_OURS, key) {
            Found::NotOurs
        } else {
            Found::Unknown
        }
    }

    /// Decodes a whole file.
    pub(super) fn decode(&self, bytes: Vec<u8>) -> Decoded {
        match self {
            Self::Utf8 => match invalid_utf8(&bytes) {
                Some((offset, message)) => refused(&bytes, message, offset),
                None => where_it_matters(bytes),
            },
            Self::Ascii => match bytes.iter().position(|byte| !byte.is_ascii()) {
                Some(bad) => {
                    let message =
                        cannot_decode("ascii", &bytes, bad, 1, "ordinal not in range(128)");
                    refused(&bytes, message, bad)
                }
                None => where_it_matters(bytes),
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

/// Whether `names`, separated by blanks, has `name`.
fn has(names: &str, name: &str) -> bool {
    names.split(' ').any(|known| known == name)
}

fn table(encoding: &'static Encoding, strict: bool, bytes: &[u8]) -> Decoded {
    let (content, _) = encoding.decode_without_bom_handling(bytes);
    // One character a byte, so the count of characters is the position.
    // What CPython leaves undefined, the web's tables map to a control of the same number; and cp1255 0xCA to a later addition.
    let undefined = |c: char| {
        c == '\u{fffd}' || (strict && (('\u{80}'..='\u{9f}').contains(&c) || c == '\u{5ba}'))
    };
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
