//! Holds coship and `CPython` against the comments in `tests/python/*.md`: see `support/blocks.rs` for their form.
//!
//! coship has to report what the comments expect, and nothing else that is a warning or worse. `CPython` runs the same text
//! (`support/run_blocks.py`), and every `# error:` has to be confirmed by an exception with that text that rose at its line, or below a call on it; what
//! ends a run has to be expected. `COSHIP_BLOCKS=text` runs the cases with that in `topic: heading`.
//!
//! `tests/python/pending/*.md` has cases that coship does not get right yet. `COSHIP_PENDING=1` tells how many pass by now, and `COSHIP_PENDING=move`
//! moves those to their topic.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use serde_json::{Value, json};
use tempfile::TempDir;

use blocks::{Case, Expectation, Kind};
use cpython::CPython;

#[path = "support/blocks.rs"]
mod blocks;
#[expect(
    dead_code,
    reason = "texts of newer versions are not held against witnesses here"
)]
#[path = "support/cpython.rs"]
mod cpython;

/// What is wrong with a case.
#[derive(Default)]
struct Complaints {
    /// coship does not say what the comments say.
    coship: Vec<String>,
    /// `CPython` does not do what the comments say.
    cpython: Vec<String>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python")
}

/// The chosen cases of a folder.
fn cases(folder: &Path) -> Vec<Case> {
    let chosen = std::env::var("COSHIP_BLOCKS").unwrap_or_default();
    let paths = blocks::topics(folder);
    let cases = paths.iter().flat_map(|path| blocks::read(path));
    cases
        .filter(|case| format!("{}: {}", case.topic(), case.heading).contains(&chosen))
        .collect()
}

fn array(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// What `coship check` finds in a folder, may be failures among it.
fn findings(folder: &Path) -> Result<Vec<Value>, String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_coship"));
    command
        .current_dir(folder)
        .env_remove("COSHIP_OUTPUT_FORMAT");
    command.args(["check", ".", "--against", "none", "--no-cache"]);
    command.args(["--show", "may", "--output-format", "json"]);
    if !folder.join("coship.toml").exists() {
        command.arg("--isolated");
    }
    let output = command.output().map_err(|error| error.to_string())?;
    let report: Value = serde_json::from_slice(&output.stdout).map_err(|_| {
        let said = String::from_utf8_lossy(&output.stderr);
        format!("coship ends with {}: {}", output.status, said.trim())
    })?;
    Ok(array(&report["findings"]).to_vec())
}

/// What `CPython` does with the cases in the folders: for each a list of runs.
fn runs(python: &CPython, cases: &[(&Case, PathBuf)]) -> Vec<Value> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/run_blocks.py");
    let asked: Vec<Value> = cases
        .iter()
        .map(|(case, folder)| json!({"folder": folder, "runs": case.runs}))
        .collect();
    let mut child = Command::new(&python.program)
        .args(["-I", "-S", "-B"])
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("CPython starts");
    let mut input = child.stdin.take().expect("its standard input");
    input
        .write_all(Value::from(asked).to_string().as_bytes())
        .expect("it reads");
    drop(input);
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "run_blocks.py: {}", output.status);
    let answer: Value = serde_json::from_slice(&output.stdout).expect("JSON of run_blocks.py");
    let answers = array(&answer).to_vec();
    assert_eq!(answers.len(), cases.len(), "answers of run_blocks.py");
    answers
}

/// An exception's text without the module of its class, the address of an object, and the file that an `ImportError` ends with.
fn plain(exception: &str) -> String {
    let exception = match exception.split_once(" at 0x") {
        Some((head, tail)) if tail.ends_with('>') => &format!("{head}>"),
        _ => exception,
    };
    let head = exception.rsplit_once(" (").filter(|(_, tail)| {
        exception.starts_with("ImportError: ")
            && (tail.ends_with(".py)") || *tail == "unknown location)")
    });
    let exception = head.map_or(exception, |(head, _)| head);
    let (class, words) = exception.split_once(':').unwrap_or((exception, ""));
    let class = class.rsplit('.').next().unwrap_or(class);
    if words.is_empty() {
        class.to_owned()
    } else {
        format!("{class}:{words}")
    }
}

/// How a finding is told in a complaint.
fn told(finding: &Value) -> String {
    let (severity, rule) = (text(&finding["severity"]), text(&finding["rule"]));
    let witness = finding["witness"]["exception"].as_str();
    let witness = witness.map_or(String::new(), |witness| format!(", {witness}"));
    format!(
        "{severity}: [{rule}] {}{witness}",
        text(&finding["message"])
    )
}

/// Where a finding is told.
fn place(finding: &Value) -> (&str, u64) {
    let line = finding["range"]["start"]["line"].as_u64();
    (text(&finding["path"]), line.unwrap_or(0))
}

/// Whether a finding is what a comment expects.
fn fits(finding: &Value, expected: &Expectation) -> bool {
    let words = [&finding["message"], &finding["witness"]["exception"]];
    Some(text(&finding["severity"])) == expected.kind.severity()
        && text(&finding["rule"]) == expected.rule
        && place(finding) == (&expected.file, expected.line)
        && words
            .iter()
            .any(|words| text(words).contains(&expected.text))
}

/// Holds what coship reports against the comments; returns the witness of each error that they expect.
fn judge_coship(case: &Case, found: &[Value], complaints: &mut Vec<String>) -> Vec<Option<String>> {
    let mut by: Vec<Option<&Value>> = vec![None; case.expectations.len()];
    for finding in found {
        let expected = case.expectations.iter().enumerate();
        let open = expected
            .filter(|(index, expected)| by[*index].is_none() && fits(finding, expected))
            .map(|(index, _)| index)
            .next();
        let is_loud = finding["severity"] != "info";
        match open {
            Some(index) => by[index] = Some(finding),
            None if is_loud => {
                let (file, line) = place(finding);
                let at = case.place_of(file, line);
                let told = told(finding);
                complaints.push(format!(
                    "line {at} ({file}:{line}): coship says what no comment expects\n        {told}"
                ));
            }
            None => {}
        }
    }
    for (expected, finding) in case.expectations.iter().zip(&by) {
        if finding.is_some() || expected.kind == Kind::Raises {
            continue;
        }
        let Expectation {
            file, line, rule, ..
        } = expected;
        let here = found
            .iter()
            .filter(|finding| place(finding) == (file, *line));
        let here: String = here.fold(String::new(), |all, finding| {
            all + "\n        got " + &told(finding)
        });
        let got = if here.is_empty() {
            "\n        got nothing"
        } else {
            &here
        };
        let (at, kind, words) = (expected.place, expected.kind.word(), &expected.text);
        complaints.push(format!(
            "line {at} ({file}:{line}): expected {kind}: [{rule}] {words}{got}"
        ));
    }
    by.iter()
        .map(|finding| finding.and_then(|finding| finding["witness"]["exception"].as_str()))
        .map(|witness| witness.map(plain))
        .collect()
}

/// Whether something was raised at, or below a call on, a line.
fn is_through(raised: &Value, file: &str, line: u64) -> bool {
    array(&raised["places"]).iter().any(|place| {
        text(&place[0]) == file
            && place[1].as_u64().is_some_and(|first| first <= line)
            && place[2].as_u64().is_some_and(|last| line <= last)
    })
}

/// Holds what `CPython` did against the comments and coship's witnesses.
fn judge_cpython(
    case: &Case,
    runs: &Value,
    witnesses: Option<&[Option<String>]>,
    complaints: &mut Complaints,
) {
    let raised: Vec<&Value> = array(runs)
        .iter()
        .flat_map(|run| array(&run["raised"]))
        .collect();
    let says =
        |raised: &Value, expected: &Expectation| text(&raised["text"]).contains(&expected.text);
    let elsewhere = |raised: &Value| {
        case.expectations.iter().any(|expected| {
            expected.kind == Kind::Raises
                && says(raised, expected)
                && is_through(raised, &expected.file, expected.line)
        })
    };
    for (index, expected) in case.expectations.iter().enumerate() {
        if !matches!(expected.kind, Kind::Error | Kind::Raises) {
            continue;
        }
        let Expectation {
            file,
            line,
            place: at,
            text: words,
            ..
        } = expected;
        let here = |raised: &&&Value| {
            is_through(raised, file, *line) || expected.kind == Kind::Error && elsewhere(raised)
        };
        let witness = witnesses.and_then(|all| all[index].as_ref());
        let there: Vec<&&Value> = raised.iter().filter(here).collect();
        let list = there.iter().fold(String::new(), |all, raised| {
            all + "\n        raised there: " + text(&raised["text"])
        });
        // A text of coship's message alone is confirmed by the witness.
        let is_said = there.iter().any(|raised| says(raised, expected));
        let is_witness = |witness: &String| {
            there
                .iter()
                .any(|raised| plain(text(&raised["text"])) == *witness)
        };
        let is_exact = witness.map(is_witness);
        if !is_said && is_exact != Some(true) {
            complaints.cpython.push(format!(
                "line {at} ({file}:{line}): CPython raises nothing with {words:?} through this line{list}"
            ));
        } else if is_exact == Some(false) {
            let witness = witness.map_or("", String::as_str);
            complaints.coship.push(format!(
                "line {at} ({file}:{line}): coship's witness is not CPython's\n        witness:      {witness}{list}"
            ));
        }
    }
    for run in array(runs) {
        let code = run["code"].as_str().unwrap_or("main.py");
        let is_expected = |words: &str| {
            case.expectations
                .iter()
                .any(|expected| !expected.text.is_empty() && words.contains(&expected.text))
                || witnesses
                    .is_some_and(|all| all.iter().flatten().any(|witness| plain(words) == *witness))
        };
        let unawaited = array(&run["raised"])
            .iter()
            .map(|raised| text(&raised["text"]));
        let unawaited = unawaited.filter(|words| words.starts_with("RuntimeWarning: "));
        for words in run["uncaught"].as_str().into_iter().chain(unawaited) {
            if !is_expected(words) {
                complaints.cpython.push(format!(
                    "run `{code}`: CPython says what no comment expects\n        {words}"
                ));
            }
        }
    }
}

/// Judges cases in chunks, as many at once as there are processors.
fn judge(cases: &[Case]) -> Vec<Complaints> {
    let python = CPython::find("python_blocks");
    let root = TempDir::new().expect("a folder for the cases");
    let places: Vec<(&Case, PathBuf)> = cases
        .iter()
        .enumerate()
        .map(|(index, case)| (case, root.path().join(index.to_string())))
        .collect();
    for (case, folder) in &places {
        case.write(folder);
    }
    let threads = thread::available_parallelism().map_or(2, usize::from);
    let chunk = places.len().div_ceil(threads).max(1);
    let judge_chunk = |chunk: &[(&Case, PathBuf)]| -> Vec<Complaints> {
        let found: Vec<_> = chunk.iter().map(|(_, folder)| findings(folder)).collect();
        let answers = python.as_ref().map(|python| runs(python, chunk));
        let is_311 = python
            .as_ref()
            .is_some_and(|python| python.version == (3, 11));
        let mut all = Vec::new();
        for (index, ((case, _), found)) in chunk.iter().zip(found).enumerate() {
            let mut complaints = Complaints::default();
            let witnesses = match found {
                Ok(found) => Some(judge_coship(case, &found, &mut complaints.coship)),
                Err(trouble) => {
                    complaints.coship.push(trouble);
                    None
                }
            };
            if let Some(answers) = &answers {
                // Newer versions have other words: what the comments say is all that is held against them.
                let witnesses = witnesses.as_deref().filter(|_| is_311);
                judge_cpython(case, &answers[index], witnesses, &mut complaints);
            }
            all.push(complaints);
        }
        all
    };
    thread::scope(|scope| {
        let threads: Vec<_> = places
            .chunks(chunk)
            .map(|chunk| scope.spawn(|| judge_chunk(chunk)))
            .collect();
        let joined = threads
            .into_iter()
            .map(|thread| thread.join().expect("a verdict"));
        joined.flatten().collect()
    })
}

/// The complaints about each case that has any.
fn list(cases: &[Case], complaints: &[Complaints]) -> (usize, String) {
    let (mut bad, mut message) = (0, String::new());
    for (case, complaints) in cases.iter().zip(complaints) {
        let lines: Vec<&String> = complaints
            .coship
            .iter()
            .chain(&complaints.cpython)
            .collect();
        if !lines.is_empty() {
            bad += 1;
            let _ = writeln!(message, "\n{}", case.name());
            for line in lines {
                let _ = writeln!(message, "    {line}");
            }
        }
    }
    (bad, message)
}

#[test]
fn coship_and_cpython_agree_with_the_comments() {
    let cases = cases(&folder());
    let complaints = judge(&cases);
    let (bad, message) = list(&cases, &complaints);
    assert!(bad == 0, "{bad} of {} cases differ\n{message}", cases.len());
}

#[test]
fn pending_cases() {
    let Ok(what) = std::env::var("COSHIP_PENDING") else {
        return;
    };
    let cases = cases(&folder().join("pending"));
    let complaints = judge(&cases);
    let is_fine =
        |complaints: &Complaints| complaints.coship.is_empty() && complaints.cpython.is_empty();
    let wrong = complaints
        .iter()
        .filter(|complaints| !complaints.cpython.is_empty());
    let wrong = wrong.count();
    let (bad, message) = list(&cases, &complaints);
    let passing: Vec<&Case> = cases
        .iter()
        .zip(&complaints)
        .filter(|(_, complaints)| is_fine(complaints))
        .map(|(case, _)| case)
        .collect();
    let names = passing.iter().fold(String::new(), |all, case| {
        all + "\n    passes: " + &case.name()
    });
    let good = cases.len() - bad;
    let words = format!(
        "{message}{names}\npending: {good} of {} pass; CPython contradicts {wrong}",
        cases.len()
    );
    // The harness does not capture this.
    writeln!(std::io::stderr(), "{words}").expect("standard error is open");
    if what == "move" {
        move_to_topic(&passing);
    }
}

/// Takes cases out of the pending files, and appends them to the files of the same name beside the folder.
fn move_to_topic(passing: &[&Case]) {
    let mut by_path: BTreeMap<&Path, Vec<&Case>> = BTreeMap::new();
    for case in passing {
        by_path.entry(&case.path).or_default().push(case);
    }
    for (path, cases) in by_path {
        let source = fs::read_to_string(path).expect("a pending file");
        let target = folder().join(path.file_name().expect("its name"));
        let mut moved = fs::read_to_string(&target).unwrap_or_else(|_| {
            let (prose, _) = source.split_once("\n## ").unwrap_or_default();
            prose.to_owned()
        });
        let lines: Vec<&str> = source.lines().collect();
        for case in &cases {
            let _ = write!(
                moved,
                "\n{}\n",
                lines[case.lines.clone()].join("\n").trim_end()
            );
        }
        let is_left = |at: &usize| !cases.iter().any(|case| case.lines.contains(at));
        let left = (0..lines.len()).filter(is_left).map(|at| lines[at]);
        let left = left.collect::<Vec<_>>().join("\n");
        fs::write(target, moved).expect("a topic");
        if left.contains("\n## ") {
            fs::write(path, left.trim_end().to_owned() + "\n").expect("a pending file");
        } else {
            fs::remove_file(path).expect("a pending file");
        }
    }
}
