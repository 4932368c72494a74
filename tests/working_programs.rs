//! Holds errors against programs that work: `tests/working_programs.py` writes them, runs them under CPython and tells which lines ran to their end.
//!
//! No error may stand on such a line, or claim that a call fails which came back. Each program has a twin that fails, or mutants that do: of those, at
//! least as many have to be named as [`FLOORS`] says. Where both arms of a guard fail, the one that CPython does not come to must not be the only one that is
//! named: a guard is decided as CPython decides it, or not at all. Each version that is at hand runs programs of its own, and coship is told that it is that one: there
//! the words of a named exception have to be that version's as well (`support/interpreters.rs`). `COSHIP_PROGRAMS` is the number of random programs, `COSHIP_SEED` chooses others, `COSHIP_MATRIX=every` takes
//! every guard over every value in every shape; `--nocapture` shows the counts, and `COSHIP_SHOWN` how many of what is wrong or missed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use rayon::prelude::*;
use serde_json::Value;

#[path = "support/cpython.rs"]
#[expect(
    dead_code,
    reason = "only whether it fails matters here, not in which words"
)]
mod cpython;

#[path = "support/interpreters.rs"]
mod interpreters;

use cpython::CPython;
use interpreters::Interpreter;

/// How many in a hundred of the failing programs have to be named: of the matrix's twins, of the random programs' mutants, and of those of one version, which are few.
const FLOORS: [usize; 3] = [95, 90, 85];

/// How many guards in a hundred have to be decided.
const DECIDED: usize = 95;

/// How many working programs in ten thousand may have a false error, until none may.
const CEILINGS: [usize; 2] = [0, 0];

/// What became of one program.
enum Verdict {
    /// It works, and nothing is said against it.
    Fine,
    /// It works, and an error says otherwise.
    False(String),
    /// It fails, and an error says so; in other words than CPython, if it is told how they differ.
    Named(Option<String>),
    /// It fails, and no error says so.
    Missed(String),
}

/// How a set of programs fared.
#[derive(Default)]
struct Tally {
    working: usize,
    failing: usize,
    named: usize,
    wrong: Vec<String>,
    missed: Vec<String>,
    /// The named ones of which the exception has other words.
    reworded: Vec<String>,
}

impl Tally {
    fn add(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Fine => self.working += 1,
            Verdict::False(what) => {
                self.working += 1;
                self.wrong.push(what);
            }
            Verdict::Named(reworded) => {
                self.failing += 1;
                self.named += 1;
                self.reworded.extend(reworded);
            }
            Verdict::Missed(what) => {
                self.failing += 1;
                self.missed.push(what);
            }
        }
    }

    /// Shows the counts, and what is wrong with them.
    fn judge(self, what: &str, ceiling: usize, floor: usize) {
        let (wrong, failing) = (self.wrong.len(), self.failing.max(1));
        let percent = self.named * 100 / failing;
        println!(
            "{what}: {} working programs, {wrong} of them with a false error; {} failing ones, {} of them named ({percent} %)",
            self.working, self.failing, self.named,
        );
        let shown = setting("COSHIP_SHOWN", 20);
        let list = |lines: &[String]| {
            lines
                .iter()
                .take(shown)
                .cloned()
                .collect::<Vec<_>>()
                .join("\n")
        };
        if std::env::var("COSHIP_SHOWN").is_ok() {
            println!("missed:\n{}", list(&self.missed));
        }
        assert!(
            wrong * 10_000 <= ceiling * self.working,
            "errors on working programs:\n{}",
            list(&self.wrong)
        );
        assert!(
            percent >= floor,
            "too few named; missed:\n{}",
            list(&self.missed)
        );
    }
}

fn setting(name: &str, default: usize) -> usize {
    std::env::var(name).map_or(default, |text| text.parse().expect(name))
}

fn array(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn lines(value: &Value) -> BTreeSet<u64> {
    array(value).iter().filter_map(Value::as_u64).collect()
}

/// Where a finding's calls pass: its frames' first lines, the failing one last.
fn places(finding: &Value) -> Vec<u64> {
    let line = |place: &Value| place["range"]["start"]["line"].as_u64().unwrap_or_default();
    let frames: Vec<u64> = array(&finding["chain"]).iter().map(line).collect();
    if frames.is_empty() {
        vec![line(finding)]
    } else {
        frames
    }
}

/// Whether what happened refutes an error.
fn is_refuted(finding: &Value, ok: &BTreeSet<u64>, ran: &BTreeSet<u64>) -> bool {
    let places = places(finding);
    let last = places[places.len() - 1];
    // What it says fails came to its end; or never ran, though the calls before it did.
    ok.contains(&last) || !ran.contains(&last) && places.iter().any(|place| ran.contains(place))
}

fn judge(program: &Value, errors: &[Value]) -> Verdict {
    let span = lines(&program["lines"]);
    let (first, last) = (
        span.first().copied().unwrap_or(0),
        span.last().copied().unwrap_or(0),
    );
    let mut mine = errors.iter().filter(|finding| {
        places(finding)
            .iter()
            .any(|place| (first..=last).contains(place))
    });
    let name = program["name"].as_str().unwrap_or_default();
    if program["exception"].is_null() {
        let (ok, ran) = (lines(&program["ok"]), lines(&program["ran"]));
        return match mine.find(|finding| is_refuted(finding, &ok, &ran)) {
            None => Verdict::Fine,
            Some(finding) => {
                let (rule, message) = (&finding["rule"], &finding["message"]);
                Verdict::False(format!(
                    "{name}: lines {:?}: {rule} {message}",
                    places(finding)
                ))
            }
        };
    }
    let line = program["line"].as_u64().unwrap_or_default();
    let names = |finding: &&Value| {
        let stands = finding["range"]["start"]["line"].as_u64();
        stands == Some(line) || places(finding).last() == Some(&line)
    };
    let exception = program["exception"].as_str().unwrap_or_default();
    let named: Vec<&str> = mine
        .filter(names)
        .map(|finding| finding["witness"]["exception"].as_str().unwrap_or_default())
        .collect();
    match named.first() {
        None => Verdict::Missed(format!("{name}: line {line}: {exception}")),
        Some(_)
            if named
                .iter()
                .any(|&said| said == exception || said.is_empty()) =>
        {
            Verdict::Named(None)
        }
        Some(said) => Verdict::Named(Some(format!(
            "{name}: line {line}: {exception}, not {said}"
        ))),
    }
}

/// The errors of a tree, for a version if one is declared.
fn errors(tree: &Path, declared: Option<&str>) -> Vec<Value> {
    let output = Command::new(env!("CARGO_BIN_EXE_coship"))
        .args([
            "check",
            "--against",
            "none",
            "--isolated",
            "--output-format",
            "json",
        ])
        .args(
            declared
                .into_iter()
                .flat_map(|version| ["--python-version", version]),
        )
        .arg(tree)
        .env_remove("COSHIP_OUTPUT_FORMAT")
        .output()
        .expect("coship to run");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.code().is_some_and(|code| code < 2),
        "{}: {said}",
        tree.display()
    );
    let document: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let is_error = |finding: &&Value| finding["severity"] == "error";
    array(&document["findings"])
        .iter()
        .filter(is_error)
        .cloned()
        .collect()
}

/// Writes the programs that `arguments` ask for; gives a line of JSON for each tree.
fn write(python: &Interpreter, directory: &Path, arguments: &[&str]) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/working_programs.py");
    let output = python
        .command(&script)
        .arg(directory)
        .args(arguments)
        .output()
        .expect("Python to run");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// The interpreter that all but the programs by version are held against.
fn interpreter() -> Option<Interpreter> {
    let found = CPython::find("working_programs")?;
    Some(Interpreter::of(&found.program, found.version))
}

/// Writes and judges the programs that `arguments` ask for, for a version if one is declared.
fn hold(python: &Interpreter, arguments: &[&str], declared: Option<&str>) -> Tally {
    let directory = tempfile::tempdir().expect("a directory");
    let told = write(python, directory.path(), arguments);
    let trees: Vec<&str> = told.lines().collect();
    let verdicts: Vec<Vec<Verdict>> = trees
        .par_iter()
        .map(|line| {
            let tree: Value = serde_json::from_str(line).expect("a line of JSON");
            let found = errors(
                &directory
                    .path()
                    .join(tree["tree"].as_str().expect("a path")),
                declared,
            );
            array(&tree["programs"])
                .iter()
                .map(|program| judge(program, &found))
                .collect()
        })
        .collect();
    let mut tally = Tally::default();
    verdicts
        .into_iter()
        .flatten()
        .for_each(|verdict| tally.add(verdict));
    tally
}

#[test]
fn guards_over_values() {
    let Some(python) = interpreter() else {
        return;
    };
    let every = std::env::var("COSHIP_MATRIX").is_ok_and(|text| text == "every");
    let arguments: &[&str] = if every {
        &["matrix", "--every"]
    } else {
        &["matrix"]
    };
    hold(&python, arguments, None).judge("guards over values", CEILINGS[0], FLOORS[0]);
}

/// Where a tree's findings and the calls that lead to them stand.
fn lines_named(tree: &Path) -> BTreeSet<u64> {
    let line = |place: &Value| place["range"]["start"]["line"].as_u64();
    let mut all = BTreeSet::new();
    for finding in errors(tree, None) {
        all.extend(line(&finding));
        all.extend(array(&finding["chain"]).iter().filter_map(line));
        all.extend(array(&finding["related"]).iter().filter_map(line));
    }
    all
}

#[test]
fn guards_are_decided() {
    let Some(python) = interpreter() else {
        return;
    };
    let directory = tempfile::tempdir().expect("a directory");
    let told = write(&python, directory.path(), &["decided"]);
    let counts: Vec<(usize, usize, Vec<String>)> = told
        .par_lines()
        .map(|line| {
            let tree: Value = serde_json::from_str(line).expect("a line of JSON");
            let path = directory
                .path()
                .join(tree["tree"].as_str().expect("a path"));
            let named = lines_named(&path);
            let is_named = |program: &Value, arm: &str| {
                program[arm]
                    .as_u64()
                    .is_some_and(|line| named.contains(&line))
            };
            let (mut right, mut open, mut wrong) = (0, 0, Vec::new());
            for program in array(&tree["programs"]) {
                match (is_named(program, "taken"), is_named(program, "other")) {
                    (true, false) => right += 1,
                    (false, true) => wrong.push(program["name"].to_string()),
                    _ => open += 1,
                }
            }
            (right, open, wrong)
        })
        .collect();
    let right: usize = counts.iter().map(|count| count.0).sum();
    let open: usize = counts.iter().map(|count| count.1).sum();
    let wrong: Vec<String> = counts.into_iter().flat_map(|count| count.2).collect();
    let all = right + open + wrong.len();
    println!(
        "guards: {right} of {all} decided, {open} open, {} wrong",
        wrong.len()
    );
    assert!(
        wrong.is_empty(),
        "decided otherwise than by CPython:\n{}",
        wrong.join("\n")
    );
    assert!(right * 100 >= DECIDED * all, "{right} of {all} decided");
}

#[test]
fn random_programs() {
    let Some(python) = interpreter() else {
        return;
    };
    let count = setting("COSHIP_PROGRAMS", 500).to_string();
    let seed = setting("COSHIP_SEED", 1).to_string();
    let tally = hold(&python, &["random", &seed, &count], None);
    let mut by_fault: BTreeMap<String, usize> = BTreeMap::new();
    for missed in &tally.missed {
        let fault = missed
            .split(": ")
            .nth(1)
            .and_then(|what| what.split(" at line").next());
        *by_fault
            .entry(fault.unwrap_or_default().to_owned())
            .or_default() += 1;
    }
    println!("missed by fault: {by_fault:?}");
    tally.judge("random programs", CEILINGS[1], FLOORS[1]);
}

#[test]
fn random_programs_by_version() {
    let count = setting("COSHIP_PROGRAMS_BY_VERSION", 100).to_string();
    let seed = setting("COSHIP_SEED", 1).to_string();
    let mut reworded = Vec::new();
    for python in Interpreter::all() {
        let version = format!("{}.{}", python.version.0, python.version.1);
        let mut tally = hold(&python, &["random", &seed, &count], Some(&version));
        let told = std::mem::take(&mut tally.reworded);
        println!("{version}: {} in other words", told.len());
        reworded.extend(told.into_iter().map(|what| format!("{version}: {what}")));
        tally.judge(
            &format!("random programs, {version}"),
            CEILINGS[1],
            FLOORS[2],
        );
    }
    assert!(
        reworded.is_empty(),
        "in other words:\n{}",
        reworded.join("\n")
    );
}
