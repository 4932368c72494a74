//! Holds the whole analysis of calls against CPython: `tests/bind_sources.py` writes modules full of calls and runs them.
//!
//! Every case that CPython refuses has to be reported, at its place and with its text, and none that it takes. `COSHIP_SEED`
//! chooses other cases, `COSHIP_CASES` their number; `--nocapture` shows how many are found of each form.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// Forms of which some refusals may be missed: how many in a hundred have to be found, and why not all.
const FLOORS: &[(&str, usize, &str)] = &[(
    "decorated",
    80,
    "what `functools.wraps` calls the inner function is not followed, so a keyword passed twice has no text",
)];

/// How the report fares with the cases of one form.
#[derive(Default)]
struct Tally {
    /// Cases that CPython refuses.
    refused: usize,
    /// Those of them that are reported in CPython's words.
    found: usize,
    /// Those that are reported in other words.
    differ: usize,
    /// Cases that CPython takes.
    taken: usize,
}

/// A function of a file.
type Place<'a> = (&'a str, &'a str);

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().expect(name))
}

/// Runs a program and parses the JSON that it prints, if it prints any.
fn json_of(command: &mut Command) -> Option<Value> {
    let output = command.output().expect("a program to run");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() < Some(2), "{command:?}: {said}");
    serde_json::from_slice(&output.stdout).ok()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

fn array(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// The innermost frame of a finding that lies on one of `lines`.
fn is_at(finding: &Value, raised: &Value) -> bool {
    let Some(last) = array(&finding["chain"]).last() else {
        return false;
    };
    let line = raised["line"].as_u64();
    text(last, "path") == text(raised, "path")
        && last["range"]["start"]["line"].as_u64() <= line
        && line <= last["range"]["end"]["line"].as_u64()
}

/// The functions, without their module, that a finding's calls go through.
fn places(finding: &Value) -> impl Iterator<Item = Place<'_>> {
    array(&finding["chain"]).iter().map(|frame| {
        let function = text(frame, "function");
        let inner = function.split_once('.').map_or("", |(_, inner)| inner);
        (text(frame, "path"), inner)
    })
}

/// Compares a report with what CPython said; returns the tallies and a line for every false or differing error.
fn compare<'a>(expected: &'a Value, report: &Value) -> (BTreeMap<&'a str, Tally>, Vec<String>) {
    let errors: Vec<&Value> = array(&report["findings"])
        .iter()
        .filter(|finding| finding["severity"] == "error")
        .collect();
    let mut by_place: HashMap<Place<'_>, Vec<usize>> = HashMap::new();
    let mut by_text: HashMap<&str, Vec<usize>> = HashMap::new();
    for (index, finding) in errors.iter().enumerate() {
        for place in places(finding) {
            by_place.entry(place).or_default().push(index);
        }
        let exception = text(&finding["witness"], "exception");
        by_text.entry(exception).or_default().push(index);
    }
    let mut explained = vec![false; errors.len()];
    let mut tallies: BTreeMap<&str, Tally> = BTreeMap::new();
    let mut wrong = Vec::new();
    for case in array(&expected["cases"]) {
        let (path, function) = (text(case, "path"), text(case, "function"));
        let tally = tallies.entry(text(case, "form")).or_default();
        let here = by_place.get(&(path, function)).into_iter().flatten();
        let Some(exception) = case["exception"].as_str() else {
            tally.taken += 1;
            continue;
        };
        tally.refused += 1;
        let same = by_text.get(exception).into_iter().flatten();
        let found: Vec<usize> = same
            .copied()
            .filter(|&index| is_at(errors[index], &case["raised"]))
            .collect();
        for &index in &found {
            explained[index] = true;
        }
        if !found.is_empty() {
            tally.found += 1;
        } else if let Some(&other) = here.clone().next() {
            tally.differ += 1;
            explained[other] = true;
            let got = text(&errors[other]["witness"], "exception");
            wrong.push(format!(
                "{path} {function}: {got}\n    CPython: {exception}"
            ));
        }
    }
    let refused: HashSet<Place<'_>> = array(&expected["cases"])
        .iter()
        .filter(|case| case["exception"].is_string())
        .map(|case| (text(case, "path"), text(case, "function")))
        .collect();
    for (finding, _) in errors.iter().zip(&explained).filter(|(_, known)| !**known) {
        // A hop that fails whatever it gets, and whose only call fails even before.
        if let Some((path, function)) = places(finding).next()
            && let Some(number) = function.strip_prefix("hop")
            && refused.contains(&(path, &*format!("case_{number}")))
        {
            continue;
        }
        let got = text(&finding["witness"], "exception");
        let functions: Vec<&str> = places(finding).map(|(_, function)| function).collect();
        wrong.push(format!(
            "{}:{} {functions:?}: {got}\n    CPython: nothing of the kind",
            text(finding, "path"),
            finding["range"]["start"]["line"]
        ));
    }
    (tallies, wrong)
}

/// One line a form, and the forms whose floor is not reached.
fn judge(tallies: &BTreeMap<&str, Tally>) -> (String, Vec<String>) {
    let mut table = format!(
        "{:<30} {:>7} {:>7} {:>7} {:>7}\n",
        "form", "taken", "refused", "found", "differ"
    );
    let mut low = Vec::new();
    for (form, tally) in tallies {
        let _ = writeln!(
            table,
            "{form:<30} {:>7} {:>7} {:>7} {:>7}",
            tally.taken, tally.refused, tally.found, tally.differ
        );
        let floor = FLOORS
            .iter()
            .find(|(name, _, _)| name == form)
            .map_or(100, |(_, floor, _)| *floor);
        if tally.found * 100 < tally.refused * floor {
            low.push(format!(
                "{form}: {} of {} found, at least {floor} % expected",
                tally.found, tally.refused
            ));
        }
    }
    (table, low)
}

#[test]
fn what_cpython_refuses_is_reported_and_nothing_else() {
    let (seed, count) = (setting("COSHIP_SEED", 1), setting("COSHIP_CASES", 4000));
    let directory = tempfile::tempdir().expect("a directory");
    let tree = directory.path().join("tree");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bind_sources.py");
    let mut python = Command::new("python3");
    python
        .arg(script)
        .args([seed.to_string(), count.to_string()]);
    json_of(python.arg(&tree));
    let expected = fs::read(tree.join("expected.json")).expect("expected.json");
    let expected: Value = serde_json::from_slice(&expected).expect("expected.json");
    let mut coship = Command::new(env!("CARGO_BIN_EXE_coship"));
    coship.arg("check").arg(&tree).args(["--against", "none"]);
    coship.args(["--isolated", "--output-format", "json"]);
    let report = json_of(&mut coship).expect("a report");

    let (tallies, wrong) = compare(&expected, &report);
    let (table, low) = judge(&tallies);
    println!("{table}");
    let (wrong, low) = (wrong.join("\n"), low.join("\n"));
    assert!(
        wrong.is_empty() && low.is_empty(),
        "seed {seed}, {count} cases\n{wrong}\n{low}"
    );
}
