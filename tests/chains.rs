//! Every chain that is reported for the fixtures connects: each frame's call stands in the function that the frame names, and leads to the function
//! of the next frame; the cause stands in a file that the chain or a related place names.

use std::fs;
use std::path::Path;
use std::process::Command;

use coship::syntax::ir::Range;
use coship::syntax::parse;
use serde_json::Value;

fn report(tree: &Path, against: Option<&Path>) -> Vec<Value> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_coship"));
    command.env_remove("COSHIP_OUTPUT_FORMAT");
    command.arg("check").arg(tree).arg("--against");
    match against {
        Some(deployed) => command.arg(deployed),
        None => command.arg("none"),
    };
    command.args(["--show", "may", "--output-format", "json"]);
    let output = command.output().expect("the program runs");
    // A tree without files is refused: it has no findings.
    let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    report["findings"].as_array().cloned().unwrap_or_default()
}

fn text<'v>(value: &'v Value, field: &str) -> &'v str {
    value[field].as_str().unwrap_or_default()
}

/// The byte at a line and column of a text, both counted from 1.
fn offset(text: &str, position: &Value) -> u32 {
    let number = |field: &str| usize::try_from(position[field].as_u64().unwrap_or(1)).unwrap_or(1);
    let mut before = 0;
    for line in text.split_inclusive('\n').take(number("line") - 1) {
        before += line.len();
    }
    let columns = text[before..].chars().take(number("column") - 1);
    let within: usize = columns.map(char::len_utf8).sum();
    u32::try_from(before + within).unwrap_or(u32::MAX)
}

/// What is wrong with a frame by itself: the place must lie in the function that it names, or in no function if that is the module.
fn place_complaint(tree: &Path, frame: &Value) -> Option<String> {
    let path = tree.join(text(frame, "path"));
    let content = fs::read_to_string(&path).ok()?;
    let place = Range::new(
        offset(&content, &frame["range"]["start"]),
        offset(&content, &frame["range"]["end"]),
    );
    let name = text(frame, "function");
    let module = parse(&content);
    let around: Vec<_> = module
        .functions
        .iter()
        .filter(|function| function.range.contains(place))
        .collect();
    let ends_with = |qualname: &str| {
        let before = name.strip_suffix(qualname);
        before.is_some_and(|before| before.is_empty() || before.ends_with('.'))
    };
    let is_there = match around.last() {
        // A default is evaluated outside of its function.
        Some(innermost) => {
            innermost.header.contains(place)
                || around
                    .iter()
                    .any(|function| ends_with(function.qualname.as_str()))
        }
        None => !module
            .functions
            .iter()
            .any(|function| name.ends_with(&format!(".{}", function.qualname))),
    };
    (!is_there).then(|| {
        format!(
            "{name} does not hold line {}",
            frame["range"]["start"]["line"]
        )
    })
}

fn complaints(tree: &Path, finding: &Value) -> Vec<String> {
    let frames = finding["chain"].as_array().cloned().unwrap_or_default();
    let mut found: Vec<String> = frames
        .iter()
        .filter_map(|frame| place_complaint(tree, frame))
        .collect();
    for pair in frames.windows(2) {
        let (note, next) = (text(&pair[0], "note"), text(&pair[1], "function"));
        if note != format!("calls {next}") && note != format!("imports {next}") {
            found.push(format!("{note:?} leads to {next}"));
        }
    }
    let related = finding["related"].as_array().cloned().unwrap_or_default();
    let cause = text(finding, "path");
    let mut named = frames
        .iter()
        .chain(&related)
        .map(|place| text(place, "path"));
    // What a table or a list names, and what reaches a call from elsewhere, is written where no frame needs to be.
    let is_by_frames = !matches!(
        text(finding, "rule"),
        "missing-target" | "undefined-export" | "unexpected-keyword"
    );
    if is_by_frames && !frames.is_empty() && !named.any(|path| path == cause) {
        found.push(format!("no frame is in {cause}"));
    }
    found
}

#[test]
fn chains_connect() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut message = String::new();
    let mut chains = 0;
    for entry in fs::read_dir(&fixtures).expect("the fixtures") {
        let folder = entry.expect("an entry").path();
        let deployed = folder.join("deployed");
        for name in ["candidate", "deployed", "fixed"] {
            let tree = folder.join(name);
            if !tree.is_dir() {
                continue;
            }
            let against = Some(deployed.as_path()).filter(|old| old.is_dir() && name != "deployed");
            for finding in report(&tree, against) {
                chains += 1;
                for complaint in complaints(&tree, &finding) {
                    let (rule, path) = (text(&finding, "rule"), text(&finding, "path"));
                    let folder = folder.file_name().unwrap_or_default().to_string_lossy();
                    message += &format!("{folder}/{name}: {rule} at {path}: {complaint}\n");
                }
            }
        }
    }
    assert!(chains > 100, "{chains} findings");
    assert!(message.is_empty(), "\n{message}");
}
