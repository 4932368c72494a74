//! Holds `coship graph` against `tests/call_graph/`: cases of our own, each with its true graph, which `CPython` confirms.
//!
//! A case is `<category>/<name>/` with a `main.py` and `callgraph.json`. `tests/support/call_graph.py` says what counts as a call, and writes the
//! graph from a run; where it says more than the run, `not_taken.json` says why. `COSHIP_CASES=text,text` runs the cases with that in their path.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// The categories that the literature on call graphs uses.
const CATEGORIES: [&str; 18] = [
    "arguments",
    "assignments",
    "builtins",
    "classes",
    "decorators",
    "dicts",
    "direct_calls",
    "dynamic",
    "exceptions",
    "external",
    "functions",
    "generators",
    "imports",
    "kwargs",
    "lambdas",
    "lists",
    "mro",
    "returns",
];

type Graph = BTreeMap<String, BTreeSet<String>>;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/call_graph")
}

fn folders(path: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(path).expect("a folder of cases");
    let mut folders: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders
}

/// The cases by category.
fn cases() -> BTreeMap<String, Vec<PathBuf>> {
    let chosen = std::env::var("COSHIP_CASES").unwrap_or_default();
    let is_chosen = |path: &PathBuf| {
        let path = path.to_string_lossy();
        chosen.split(',').any(|part| path.contains(part))
    };
    let name = |path: &Path| {
        path.file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned()
    };
    folders(&root())
        .iter()
        .map(|category| {
            let cases = folders(category).into_iter().filter(is_chosen).collect();
            (name(category), cases)
        })
        .collect()
}

/// An adjacency list; `not_taken.json` has it in a field.
fn graph(json: &Value) -> Graph {
    let object = json.as_object().expect("an adjacency list");
    let callees = |value: &Value| {
        let callees = value.as_array().expect("a list of callees");
        callees
            .iter()
            .map(|callee| callee.as_str().expect("a name").to_owned())
            .collect()
    };
    object
        .iter()
        .map(|(caller, value)| (caller.clone(), callees(value)))
        .collect()
}

fn edges(graph: &Graph) -> BTreeSet<(&str, &str)> {
    graph
        .iter()
        .flat_map(|(caller, callees)| {
            callees
                .iter()
                .map(|callee| (caller.as_str(), callee.as_str()))
        })
        .collect()
}

/// What coship says of a case, and how that differs from the truth.
fn compare(case: &Path) -> Vec<String> {
    let output = Command::new(env!("CARGO_BIN_EXE_coship"))
        .args(["graph", "--isolated", "--output-format", "json"])
        .arg(case)
        .output()
        .expect("coship runs");
    let Ok(found) = serde_json::from_slice::<Value>(&output.stdout) else {
        return vec![String::from_utf8_lossy(&output.stderr).into_owned()];
    };
    let text = fs::read_to_string(case.join("callgraph.json")).expect("callgraph.json");
    let truth = graph(&serde_json::from_str(&text).expect("JSON"));
    let found = graph(&found);
    let mut differences = Vec::new();
    for (caller, callee) in edges(&truth).difference(&edges(&found)) {
        differences.push(format!("{caller} -> {callee} is missing"));
    }
    for (caller, callee) in edges(&found).difference(&edges(&truth)) {
        differences.push(format!("{caller} -> {callee} is wrong"));
    }
    let callees: BTreeSet<&String> = found.values().flatten().collect();
    for name in truth.keys().filter(|name| !found.contains_key(*name)) {
        differences.push(format!("{name} is no key"));
    }
    for name in found.keys().filter(|name| !truth.contains_key(*name)) {
        if !callees.contains(name) {
            differences.push(format!("{name} is a key, and nothing in the case"));
        }
    }
    differences
}

#[test]
fn the_graph_is_complete_and_sound_in_every_case() {
    let cases = cases();
    let (mut right, mut all) = (0, 0);
    let mut table = String::new();
    let mut message = String::new();
    for (category, cases) in &cases {
        let mut exact = 0;
        for case in cases {
            let differences = compare(case);
            exact += usize::from(differences.is_empty());
            for difference in differences {
                let _ = writeln!(message, "{}: {difference}", case.display());
            }
        }
        let _ = writeln!(table, "{category:<14} {exact:>3} of {:>3}", cases.len());
        right += exact;
        all += cases.len();
    }
    println!(
        "complete and sound:\n{table}{:<14} {right:>3} of {all:>3}",
        "all"
    );
    assert!(
        message.is_empty(),
        "{} of {all} cases differ\n{message}",
        all - right
    );
}

#[test]
fn every_category_has_its_cases() {
    if std::env::var_os("COSHIP_CASES").is_some() {
        return;
    }
    let cases = cases();
    assert!(cases.keys().map(String::as_str).eq(CATEGORIES));
    for (category, cases) in &cases {
        assert!(cases.len() >= 6, "{category} has {} cases", cases.len());
    }
    assert!(cases.values().map(Vec::len).sum::<usize>() >= 120);
}

#[test]
fn cpython_confirms_every_graph() {
    let python = Command::new("python3").arg("--version").output();
    if !python.is_ok_and(|output| output.status.success()) {
        eprintln!(
            "NOT CHECKED: no python3 found, so nothing confirms the graphs of tests/call_graph"
        );
        return;
    }
    let cases: Vec<PathBuf> = cases().into_values().flatten().collect();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/call_graph.py");
    let output = Command::new("python3")
        .arg(script)
        .args(&cases)
        .output()
        .expect("python3 runs");
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    assert!(said.is_empty(), "CPython runs otherwise:\n{said}");
}
