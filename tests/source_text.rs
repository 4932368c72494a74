//! Decoding, held against CPython itself.

use std::fmt::Write as _;
use std::io::Write;
use std::process::{Command, Stdio};

use coship::source::{Refusal, Text};

/// Reads hex lines; answers each with CPython's message, or nothing, or `-` for an error that is not about decoding.
const JUDGE: &str = r#"
import sys
for line in sys.stdin:
    source = bytes.fromhex(line.strip())
    try:
        compile(source, 'm.py', 'exec')
        print()
    except SyntaxError as e:
        about = ("'utf-8' codec", "'charmap' codec", "'ascii' codec", 'ncoding', 'null bytes')
        print(e.msg if any(word in e.msg for word in about) else '-')
    except ValueError as e:
        print(e)
"#;

fn judged(sources: &[Vec<u8>]) -> Vec<String> {
    let mut python = Command::new("python3")
        .args(["-W", "ignore", "-c", JUDGE])
        .env("PYTHONIOENCODING", "utf-8:backslashreplace")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = python.stdin.take().unwrap();
    let mut lines = String::new();
    for source in sources {
        for byte in source {
            write!(lines, "{byte:02x}").unwrap();
        }
        lines.push('\n');
    }
    let writer = std::thread::spawn(move || stdin.write_all(lines.as_bytes()).unwrap());
    let output = python.wait_with_output().unwrap();
    writer.join().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.split('\n')
        .take(sources.len())
        .map(str::to_owned)
        .collect()
}

/// Holds every text against CPython's verdict, and the text itself against the one that it would see.
fn check(sources: &[Vec<u8>]) {
    let mut compared = 0;
    let mut differences = Vec::new();
    for (source, expected) in sources.iter().zip(judged(sources)) {
        if expected == "-" {
            continue;
        }
        let text = Text::decode(source.clone());
        let problem = text
            .problem()
            .filter(|problem| problem.refusal == Refusal::Python);
        if text.problem().is_some() && problem.is_none() {
            continue;
        }
        let actual = problem.map_or("", |problem| problem.message.as_str());
        // In a file that is no Python for other reasons too, CPython may leave out the first words.
        let without = |message: &str| message.trim_start_matches("(unicode error) ").to_owned();
        if without(actual) != without(&expected) {
            differences.push(format!(
                "{}: {actual:?}, not {expected:?}",
                source.escape_ascii()
            ));
        }
        compared += 1;
    }
    differences.truncate(40);
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    assert!(
        compared * 10 >= sources.len(),
        "only {compared} of {} were about decoding",
        sources.len()
    );
}

/// A small generator of numbers, the same ones on every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap() % limit
    }

    fn of<'a>(&mut self, choices: &[&'a [u8]]) -> &'a [u8] {
        choices[self.below(choices.len())]
    }
}

#[test]
fn every_declared_encoding() {
    let names = [
        "utf-8",
        "UTF_8",
        "utf8",
        "U8",
        "utf-8-sig",
        "utf-8-unix",
        "latin-1",
        "Latin_1",
        "iso-8859-1",
        "iso8859-1",
        "l1",
        "ISO-8859-15",
        "latin-1-unix",
        "ascii",
        "us-ascii",
        "646",
        "cp1252",
        "windows-1252",
        "cp1250",
        "cp1251",
        "cp1253",
        "cp1254",
        "cp1255",
        "cp1256",
        "cp1257",
        "cp1258",
        "iso-8859-2",
        "iso-8859-3",
        "iso-8859-4",
        "iso-8859-5",
        "iso-8859-6",
        "iso-8859-7",
        "iso-8859-8",
        "iso-8859-10",
        "iso-8859-13",
        "iso-8859-14",
        "iso-8859-16",
        "latin2",
        "koi8-r",
        "KOI8_R",
        "cp866",
        "mac-roman",
        "macintosh",
        "hex",
        "rot13",
        "base64",
        "foo",
        "utf-9",
        "x-unknown",
        "windows",
        "utf",
        "utf-8.1",
        "latin",
        "iso--8859--1",
        "8859",
        "cp819",
        "IBM866",
        "mbcs",
    ];
    let mut sources = Vec::new();
    for name in names {
        let header = format!("# -*- coding: {name} -*-\nx = 'a").into_bytes();
        sources.push([&header, &b"'\n"[..]].concat());
        sources.push([b"\xef\xbb\xbf", &header[..], b"'\n"].concat());
        for byte in 0x80..=0xff {
            sources.push([&header, &[byte][..], b"'\n"].concat());
        }
    }
    check(&sources);
}

#[test]
fn the_characters_of_single_byte_encodings_are_pythons() {
    let names = [
        "latin-1",
        "iso-8859-2",
        "iso-8859-3",
        "iso-8859-4",
        "iso-8859-5",
        "iso-8859-6",
        "iso-8859-7",
        "iso-8859-8",
        "iso-8859-10",
        "iso-8859-13",
        "iso-8859-14",
        "iso-8859-15",
        "iso-8859-16",
        "cp1250",
        "cp1251",
        "cp1252",
        "cp1253",
        "cp1254",
        "cp1255",
        "cp1256",
        "cp1257",
        "cp1258",
        "koi8-r",
        "cp866",
        "mac-roman",
    ];
    let script = format!(
        "for n in {names:?}:\n  for b in range(128, 256):\n    print(ord(bytes([b]).decode(n, 'replace')))"
    );
    let output = Command::new("python3")
        .args(["-c", &script])
        .output()
        .unwrap();
    let expected: Vec<u32> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| line.parse().unwrap())
        .collect();
    let mut expected = expected.into_iter();
    let mut differences = Vec::new();
    for name in names {
        for byte in 0x80..=0xff_u8 {
            let mut source = format!("# coding: {name}\n").into_bytes();
            source.push(byte);
            let text = Text::decode(source);
            let expected = expected.next().unwrap();
            // What Python leaves undefined is refused; how it is displayed is our own affair.
            let actual = match text.problem() {
                None => text.line(2).chars().next().map_or(0, u32::from),
                Some(_) => 0xfffd,
            };
            if actual != expected {
                differences.push(format!("{name} {byte:#x}: {actual:#x}, not {expected:#x}"));
            }
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn no_encoding_of_pythons_is_called_unknown() {
    let script = "import encodings.aliases as a\nfor n in sorted({*a.aliases, *a.aliases.values()}): print(n)";
    let output = Command::new("python3")
        .args(["-c", script])
        .output()
        .unwrap();
    let names = String::from_utf8(output.stdout).unwrap();
    let sources: Vec<_> = names
        .lines()
        .map(|name| format!("# coding: {name}\nx = 1\n").into_bytes())
        .collect();
    assert!(sources.len() > 300);
    for (source, expected) in sources.iter().zip(judged(&sources)) {
        let text = Text::decode(source.clone());
        let message = text
            .problem()
            .map_or("", |problem| problem.message.as_str());
        assert!(
            !message.starts_with("unknown encoding") || message == expected,
            "{message}, not {expected:?}"
        );
    }
}

#[test]
fn cookies_in_odd_places() {
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    let parts: [&[u8]; 22] = [
        b"#",
        b"# ",
        b" ",
        b"\t",
        b"\x0c",
        b"\n",
        b"\r\n",
        b"\r",
        b"coding",
        b"coding:",
        b"coding=",
        b"coding: ",
        b"latin-1",
        b"utf-8",
        b"foo",
        b"x = 1",
        b"'''",
        b"-*-",
        b"\\",
        b"\xff",
        b"\xc3\xa9",
        b"\xef\xbb\xbf",
    ];
    let sources: Vec<_> = (0..6000)
        .map(|_| {
            (0..numbers.below(9))
                .flat_map(|_| numbers.of(&parts).to_vec())
                .collect()
        })
        .collect();
    check(&sources);
}

#[test]
fn bad_utf_8_in_strings_names_and_comments() {
    let mut numbers = Numbers(0x2545_f491_4f6c_dd1d);
    let bytes: [&[u8]; 16] = [
        b"a",
        b"\xff",
        b"\xc3",
        b"\xc3\xa9",
        b"\xe2\x82",
        b"\xe2\x82\xac",
        b"\xed\xa0\x80",
        b"\xf4\x90\x80\x80",
        b"\xf0\x9f\x99\x82",
        b"\xf0\x9f",
        b"\x80",
        b"\xc0\x80",
        b" ",
        b"b",
        b"\xe2",
        b"\xf5",
    ];
    let frames: [(&[u8], &[u8]); 9] = [
        (b"x = '", b"'\n"),
        (b"x = \"", b"\"\n"),
        (b"x = '''\n", b"'''\n"),
        (b"x = r'\\", b"'\n"),
        (b"x = '\\n", b"'\n"),
        (b"x = '\\\n", b"'\n"),
        (b"# ", b"\n"),
        (b"x = b'", b"'\n"),
        (b"x = u'", b"' # \xff\n"),
    ];
    let mut sources = Vec::new();
    for _ in 0..6000 {
        let mut source = numbers
            .of(&[b"", b"# coding: utf-8\n", b"# \xff\n", b"y = 'ok'\n"])
            .to_vec();
        for _ in 0..=numbers.below(2) {
            let (before, after) = frames[numbers.below(frames.len())];
            source.extend_from_slice(before);
            for _ in 0..numbers.below(6) {
                source.extend_from_slice(numbers.of(&bytes));
            }
            source.extend_from_slice(after);
        }
        sources.push(source);
    }
    check(&sources);
}

#[test]
fn any_bytes_have_a_content_with_valid_positions() {
    let mut numbers = Numbers(0x1234_5678_9abc_def1);
    for _ in 0..3000 {
        let source: Vec<u8> = (0..numbers.below(60))
            .map(|_| u8::try_from(numbers.below(256)).unwrap())
            .collect();
        let text = Text::decode(source);
        let end = u32::try_from(text.content().len()).unwrap();
        if let Some(problem) = text.problem() {
            assert!(
                problem.offset <= end && text.content().is_char_boundary(problem.offset as usize)
            );
        }
        for offset in 0..=end {
            let position = text.position(offset);
            assert!(
                position.line >= 1 && position.line <= text.line_count() && position.column >= 1
            );
            if text.content().is_char_boundary(offset as usize)
                && !text.content()[offset as usize..].starts_with('\n')
            {
                assert_eq!(text.offset(position), offset);
            }
        }
    }
}
