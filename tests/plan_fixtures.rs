//! Holds `coship plan` and `coship check --only` against the fixtures that have a `plan.json`, and the clauses of every fixture's plan against
//! CPython; `fixtures/README.md` says what is in it.
//!
//! `UPDATE_PLANS=1` writes what is printed into the files that `plan.json` names; read the difference before it is committed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use rayon::prelude::*;
use serde_json::Value;

#[path = "support/cpython.rs"]
#[expect(dead_code, reason = "exceptions are compared by the harness itself")]
mod cpython;

use cpython::CPython;

/// 2025-09-22, for the next tag's name.
const TODAY: &str = "1758499200";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn folders() -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join("fixtures")).unwrap();
    let mut folders: Vec<PathBuf> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|folder| folder.join("deployed").is_dir())
        .collect();
    folders.sort();
    folders
}

fn read(path: &Path) -> Value {
    let text = fs::read_to_string(path).unwrap();
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn array(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// A copy of a fixture's trees: within this repository they would be work trees of it.
fn copied(folder: &Path) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let mut pending: Vec<PathBuf> = ["deployed", "candidate", "fixed"]
        .iter()
        .map(PathBuf::from)
        .filter(|tree| folder.join(tree).is_dir())
        .collect();
    while let Some(path) = pending.pop() {
        if folder.join(&path).is_dir() {
            fs::create_dir(directory.path().join(&path)).unwrap();
            let entries = fs::read_dir(folder.join(&path)).unwrap();
            pending.extend(entries.map(|entry| path.join(entry.unwrap().file_name())));
        } else {
            fs::copy(folder.join(&path), directory.path().join(&path)).unwrap();
        }
    }
    directory
}

/// Runs coship in the folder of both trees.
fn coship<'a>(folder: &Path, arguments: impl IntoIterator<Item = &'a str>) -> Output {
    Command::new(env!("CARGO_BIN_EXE_coship"))
        .current_dir(folder)
        .env_remove("COSHIP_OUTPUT_FORMAT")
        .env("NO_COLOR", "1")
        .env("SOURCE_DATE_EPOCH", TODAY)
        .args(arguments)
        .output()
        .unwrap()
}

/// What is wrong with one entry of `runs`; `trees` is where it runs.
fn judge(folder: &Path, trees: &Path, run: &Value) -> Option<String> {
    let arguments = array(&run["arguments"])
        .iter()
        .filter_map(|text| text.as_str());
    let arguments: Vec<&str> = arguments.collect();
    let output = coship(trees, arguments.iter().copied());
    let found = String::from_utf8_lossy(&output.stdout);
    let said = String::from_utf8_lossy(&output.stderr);
    let name = run["prints"].as_str().expect("the name of a file");
    let shown = format!("{}: {}", folder.display(), arguments.join(" "));
    if output.status.code().map(i64::from) != run["exit"].as_i64() {
        return Some(format!("{shown}: {}\n{found}{said}", output.status));
    }
    if std::env::var_os("UPDATE_PLANS").is_some() {
        fs::write(folder.join(name), &*found).unwrap();
        return None;
    }
    let wanted = fs::read_to_string(folder.join(name)).unwrap_or_default();
    (wanted != found).then(|| format!("{shown}: not as in {name}:\n{found}{said}"))
}

#[test]
fn plans_are_printed_as_the_fixtures_expect() {
    let wrong: Vec<String> = folders()
        .par_iter()
        .filter(|folder| folder.join("plan.json").is_file())
        .flat_map_iter(|folder| {
            let plan = read(&folder.join("plan.json"));
            let trees = copied(folder);
            let runs = array(&plan["runs"]).iter();
            let wrong = runs.filter_map(|run| judge(folder, trees.path(), run));
            wrong.collect::<Vec<String>>()
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Clauses of the plan for `tree` that CPython does not confirm, and how many it does.
fn confirm(python: &CPython, folder: &Path, tree: &str) -> (usize, Vec<String>) {
    let output = coship(
        folder,
        [
            "plan",
            tree,
            "--against",
            "deployed",
            "--output-format",
            "json",
        ],
    );
    let shown = format!("{}: {tree}", folder.display());
    let Ok(plan) = serde_json::from_slice::<Value>(&output.stdout) else {
        let said = String::from_utf8_lossy(&output.stderr);
        return (0, vec![format!("{shown}: {}: {said}", output.status)]);
    };
    if array(&plan["clauses"]).is_empty() {
        return (0, Vec::new());
    }
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("plan.json");
    fs::write(&path, &output.stdout).unwrap();
    let mut command = Command::new(&python.program);
    command
        .arg("-B")
        .arg(root().join("tests/confirm_clauses.py"));
    command.args([&folder.join("deployed"), &folder.join(tree), &path]);
    let answer = command.args(["--json", "--jobs", "1"]).output().unwrap();
    let Ok(answer) = serde_json::from_slice::<Value>(&answer.stdout) else {
        let said = String::from_utf8_lossy(&answer.stderr);
        return (0, vec![format!("{shown}: {said}")]);
    };
    // A broken candidate's own errors are accepted, and a mixture's finding does not say what it has beyond them.
    let is_accepted = |result: &&Value| {
        let by = result["by"].as_str().unwrap_or_default();
        result["verdict"] == "not confirmable" && by.starts_with("the broken candidate raises it")
    };
    let (confirmed, others): (Vec<&Value>, Vec<&Value>) = array(&answer["results"])
        .iter()
        .filter(|result| !is_accepted(result))
        .partition(|result| result["verdict"] == "confirmed");
    let others = others.into_iter().map(|result| {
        format!(
            "{shown}: {}: new {}, old {}: {}: by {}: {}",
            result["verdict"],
            result["new"],
            result["old"],
            result["witness"],
            result["by"],
            result["saw"]
        )
    });
    (confirmed.len(), others.collect())
}

#[test]
fn cpython_confirms_every_clause() {
    let Some(python) = CPython::find("cpython_confirms_every_clause") else {
        return;
    };
    let trees: Vec<(PathBuf, &str)> = folders()
        .into_iter()
        .flat_map(|folder| ["candidate", "fixed"].map(|tree| (folder.clone(), tree)))
        .filter(|(folder, tree)| folder.join(tree).is_dir())
        .collect();
    let judged: Vec<(usize, Vec<String>)> = trees
        .par_iter()
        .map(|(folder, tree)| confirm(&python, folder, tree))
        .collect();
    let confirmed: usize = judged.iter().map(|(confirmed, _)| confirmed).sum();
    let others: Vec<String> = judged.into_iter().flat_map(|(_, others)| others).collect();
    println!("{confirmed} clauses of {} plans confirmed", trees.len());
    assert!(others.is_empty(), "{}", others.join("\n"));
    assert!(confirmed > 20, "only {confirmed} clauses to confirm");
}
