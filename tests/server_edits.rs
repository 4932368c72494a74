//! After each of many edits, what `coship server` tells is what a fresh `coship check` of the same bytes tells.

#[allow(dead_code)]
#[path = "support/lsp.rs"]
mod lsp;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use lsp::{Client, uri};
use serde_json::{Value, json};

/// How many edits are made, a third of them with each encoding; `COSHIP_EDITS` for more.
fn edits() -> usize {
    std::env::var("COSHIP_EDITS")
        .ok()
        .and_then(|count| count.parse().ok())
        .unwrap_or(300)
}

/// Numbers that look random and are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit.max(1)
    }

    fn of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(name)
}

/// A diagnostic or finding: where it is, and what it says.
type Told = (String, [usize; 4], String, String);

/// What a fresh run tells of a directory, and for which files it says that they do not parse.
fn fresh(root: &Path, against: &str) -> Vec<Told> {
    let output = Command::new(env!("CARGO_BIN_EXE_coship"))
        .current_dir(root)
        .args(["check", "--no-cache", "--output-format", "json", against])
        .env_remove("VIRTUAL_ENV")
        .output()
        .unwrap();
    let document: Value = serde_json::from_slice(&output.stdout).expect("a document");
    let mut told: Vec<Told> = document["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| {
            let at = |end: &str, of: &str| match finding["range"][end][of].as_u64() {
                Some(number) => usize::try_from(number).unwrap() - 1,
                None => 0,
            };
            let range = [
                at("start", "line"),
                at("start", "column"),
                at("end", "line"),
                at("end", "column"),
            ];
            let text = |key: &str| finding[key].as_str().unwrap().to_owned();
            (text("path"), range, text("rule"), text("message"))
        })
        .collect();
    told.sort();
    told
}

/// What the server tells, in code points.
fn served(
    client: &mut Client,
    files: &BTreeMap<String, String>,
    root: &Path,
    encoding: &str,
) -> Vec<Told> {
    let found = client.result("workspace/diagnostic", json!({"previousResultIds": []}));
    let mut told = Vec::new();
    for report in found["items"].as_array().unwrap() {
        let path = report["uri"]
            .as_str()
            .unwrap()
            .strip_prefix(&uri(root))
            .unwrap()[1..]
            .to_owned();
        let lines: Vec<&str> = files[&path].split('\n').collect();
        for item in report["items"].as_array().unwrap() {
            let at = |end: &str| {
                let number =
                    |key: &str| usize::try_from(item["range"][end][key].as_u64().unwrap()).unwrap();
                let line = number("line");
                [line, points(lines[line], number("character"), encoding)]
            };
            let [[a, b], [c, d]] = [at("start"), at("end")];
            let message = item["message"].as_str().unwrap();
            let message = message.split('\n').next().unwrap().to_owned();
            told.push((
                path.clone(),
                [a, b, c, d],
                item["code"].as_str().unwrap().to_owned(),
                message,
            ));
        }
    }
    told.sort();
    told
}

/// How wide a character is.
fn width(ch: char, encoding: &str) -> usize {
    match encoding {
        "utf-8" => ch.len_utf8(),
        "utf-16" => ch.len_utf16(),
        _ => 1,
    }
}

/// Units as code points.
fn points(line: &str, units: usize, encoding: &str) -> usize {
    let mut left = units;
    let mut count = 0;
    for ch in line.chars() {
        if left == 0 {
            break;
        }
        left -= width(ch, encoding);
        count += 1;
    }
    assert_eq!(
        left, 0,
        "a position within a character or past the end of {line:?}"
    );
    count
}

/// A byte of a text as a position.
fn position(text: &str, offset: usize, encoding: &str) -> Value {
    let before = &text[..offset];
    let line = before.matches('\n').count();
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let character: usize = before[start..].chars().map(|ch| width(ch, encoding)).sum();
    json!({"line": line, "character": character})
}

/// What is typed.
const PIECES: [&str; 16] = [
    "(",
    ")",
    "\n",
    ", timeout=3",
    "timeout=timeout, ",
    "**kwargs, ",
    "    ",
    "'é🙂', ",
    "# é🙂 ",
    "\ndef more(key, /, *rest):\n    return execute_operation(GatewayInterface.CACHE, 'get', key=key, é='🙂')\n",
    "\nfrom cache_core import no_such_thing\n",
    "\nimport cache_core\ncache_core.gone()\n",
    "'",
    ":",
    "x",
    "import ",
];

/// What is typed between lines.
const LINES: [&str; 5] = [
    "\n",
    "# é🙂 note\n",
    "        # coship: ignore\n",
    "'''Doc.'''\n",
    "#!/usr/bin/env python3\n",
];

fn boundary(text: &str, mut offset: usize) -> usize {
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

#[test]
fn after_each_edit_the_server_tells_what_a_fresh_check_tells() {
    let against = format!("--against={}", fixture("outage/deployed").display());
    let mut half_typed = 0;
    for (seed, encoding) in [(1, "utf-8"), (2, "utf-16"), (3, "utf-32")] {
        let mut numbers = Numbers(seed);
        let (served_in, checked_in) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let root = fs::canonicalize(served_in.path()).unwrap();
        let mirror = fs::canonicalize(checked_in.path()).unwrap();
        let mut files: BTreeMap<String, String> = BTreeMap::new();
        for entry in fs::read_dir(fixture("outage/candidate")).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            fs::copy(entry.path(), root.join(&name)).unwrap();
            fs::copy(entry.path(), mirror.join(&name)).unwrap();
            files.insert(name, fs::read_to_string(entry.path()).unwrap());
        }
        let original = files.clone();
        let mut good = files.clone();
        let names = [
            "gateway_core.py",
            "gateway_wrappers_cache.py",
            "cache_core.py",
            "interface_cache.py",
        ];
        let capabilities = json!({
            "general": {"positionEncodings": [encoding]},
            "textDocument": {"diagnostic": {}},
        });
        let mut client = Client::open(&root, &[&against], &capabilities);
        for name in names {
            let item = json!({"uri": uri(&root.join(name)), "languageId": "python", "version": 0, "text": files[name]});
            client.tell("textDocument/didOpen", json!({"textDocument": item}));
        }
        assert_eq!(
            served(&mut client, &files, &root, encoding),
            fresh(&mirror, &against)
        );
        for version in 1..=edits().div_ceil(3) {
            let name = *numbers.of(&names);
            let text = &files[name];
            // Now and then all is well again, else nothing would parse for long.
            let chosen = numbers.below(9);
            let (change, new) = if chosen == 0 {
                (json!({"text": original[name]}), original[name].clone())
            } else if chosen < 4 {
                // Between two lines: mostly, what is there only moves.
                let lines: Vec<usize> = text.match_indices('\n').map(|(at, _)| at + 1).collect();
                let start = lines.get(numbers.below(lines.len())).copied().unwrap_or(0);
                let piece = *numbers.of(&LINES);
                let at = position(text, start, encoding);
                let new = [&text[..start], piece, &text[start..]].concat();
                (
                    json!({"range": {"start": at, "end": at}, "text": piece}),
                    new,
                )
            } else {
                let start = boundary(text, numbers.below(text.len() + 1));
                let length = if numbers.below(3) == 0 {
                    numbers.below(12)
                } else {
                    0
                };
                let end = boundary(text, (start + length).min(text.len())).max(start);
                let piece = if length > 0 && numbers.below(2) == 0 {
                    ""
                } else {
                    *numbers.of(&PIECES)
                };
                let range = json!({"start": position(text, start, encoding), "end": position(text, end, encoding)});
                let new = [&text[..start], piece, &text[end..]].concat();
                (json!({"range": range, "text": piece}), new)
            };
            client.tell(
                "textDocument/didChange",
                json!({"textDocument": {"uri": uri(&root.join(name)), "version": version}, "contentChanges": [change]}),
            );
            files.insert(name.to_owned(), new.clone());
            fs::write(mirror.join(name), &new).unwrap();
            let broken: Vec<Told> = fresh(&mirror, &against)
                .into_iter()
                .filter(|it| it.2 == "syntax-error")
                .collect();
            let is_broken = |name: &str| broken.iter().any(|it| it.0 == name);
            // The form that is evaluated: what does not parse counts as it was when it last did.
            for name in names {
                if !is_broken(name) {
                    good.insert(name.to_owned(), files[name].clone());
                }
                fs::write(mirror.join(name), &good[name]).unwrap();
            }
            let told = served(&mut client, &files, &root, encoding);
            let expected = fresh(&mirror, &against);
            for name in names {
                fs::write(mirror.join(name), &files[name]).unwrap();
            }
            let context = || format!("encoding {encoding}, edit {version} of {name}:\n{new}");
            let elsewhere = |all: &[Told]| -> Vec<Told> {
                all.iter().filter(|it| !is_broken(&it.0)).cloned().collect()
            };
            assert_eq!(elsewhere(&told), elsewhere(&expected), "{}", context());
            let syntax: Vec<Told> = told
                .iter()
                .filter(|it| it.2 == "syntax-error")
                .cloned()
                .collect();
            assert_eq!(syntax, broken, "{}", context());
            for it in told
                .iter()
                .filter(|it| is_broken(&it.0) && it.2 != "syntax-error")
            {
                half_typed += 1;
                let mut expected = expected.iter();
                assert!(
                    expected.any(|other| (&other.0, &other.2, &other.3) == (&it.0, &it.2, &it.3)),
                    "{it:?}\n{}",
                    context()
                );
            }
        }
    }
    assert!(
        half_typed > 0,
        "no finding outlived that its file did not parse"
    );
}
