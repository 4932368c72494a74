//! Holds what mixed states inherit from states that were judged before against evaluations of all of them.
//!
//! `COSHIP_VERIFY_REUSE` makes a build with debug assertions evaluate every state that it is asked about both ways, and panic where problems or failures
//! differ. Here it plans the way of every fixture, and of random systems as `tests/ground_truth.rs` has them; `COSHIP_SEED` is the first seed,
//! `COSHIP_SYSTEMS` the number of systems. What is true of a state is none of this test's business.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use rayon::prelude::*;
use tempfile::TempDir;

#[path = "support/cpython.rs"]
#[expect(dead_code, reason = "nothing is compared with CPython here")]
mod cpython;

use cpython::CPython;

/// Systems that one interpreter writes, one after the other.
const BATCH: u64 = 10;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().expect(name))
}

/// The Python files of a tree that are not the same in another one.
fn changed(tree: &Path, other: &Path) -> Vec<String> {
    let mut pending = vec![PathBuf::new()];
    let mut found = Vec::new();
    while let Some(path) = pending.pop() {
        if tree.join(&path).is_dir() {
            let entries = fs::read_dir(tree.join(&path)).expect("a folder");
            pending.extend(entries.map(|entry| path.join(entry.expect("an entry").file_name())));
        } else if path.extension().is_some_and(|extension| extension == "py")
            && fs::read(tree.join(&path)).ok() != fs::read(other.join(&path)).ok()
        {
            found.push(path.to_string_lossy().replace('\\', "/"));
        }
    }
    found.sort();
    found
}

/// Plans the way from one tree to the other, and judges what each changed file does alone; says where both evaluations differ.
fn differs(folder: &Path) -> Option<String> {
    // The tree comes first: every argument behind `--only` is a file.
    let coship = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_coship"))
            .current_dir(folder)
            .env_remove("COSHIP_OUTPUT_FORMAT")
            .env("COSHIP_VERIFY_REUSE", "1")
            .args(&arguments[..1])
            .args(["candidate", "--against", "deployed", "--isolated"])
            .args(&arguments[1..])
            .output()
            .expect("coship runs");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let is_judged = matches!(output.status.code(), Some(0 | 1));
        (!is_judged || said.contains("reuse says")).then_some(said)
    };
    let files = changed(&folder.join("candidate"), &folder.join("deployed"));
    let alone = || {
        let mut alone = files.iter().filter(|_| files.len() > 2);
        alone.find_map(|file| coship(&["check", "--no-cache", "--only", file]))
    };
    coship(&["plan"]).or_else(alone)
}

/// A copy of a fixture's trees: within this repository they would be work trees of it.
fn copied(folder: &Path) -> TempDir {
    let directory = tempfile::tempdir().expect("a folder");
    let mut pending: Vec<PathBuf> = ["deployed", "candidate"].map(PathBuf::from).to_vec();
    while let Some(path) = pending.pop() {
        let (from, to) = (folder.join(&path), directory.path().join(&path));
        if from.is_dir() {
            fs::create_dir(to).expect("a folder");
            let entries = fs::read_dir(from).expect("a folder");
            pending.extend(entries.map(|entry| path.join(entry.expect("an entry").file_name())));
        } else {
            fs::copy(from, to).expect("a file");
        }
    }
    directory
}

fn assert_none(wrong: &[String], count: usize, what: &str) {
    let shown: Vec<&str> = wrong.iter().take(5).map(String::as_str).collect();
    let (bad, shown) = (wrong.len(), shown.join("\n"));
    assert!(wrong.is_empty(), "{bad} of {count} {what} differ\n{shown}");
}

#[test]
fn mixed_states_of_the_fixtures_are_the_same_when_they_are_evaluated_as_a_whole() {
    let entries = fs::read_dir(root().join("fixtures")).expect("the fixtures");
    let folders = entries.map(|entry| entry.expect("an entry").path());
    let folders: Vec<PathBuf> = folders
        .filter(|folder| folder.join("deployed").is_dir() && folder.join("candidate").is_dir())
        .collect();
    let wrong = folders.par_iter().filter_map(|folder| {
        let trees = copied(folder);
        let name = folder.file_name().expect("a name").to_string_lossy();
        differs(trees.path()).map(|said| format!("{name}: {said}"))
    });
    let wrong: Vec<String> = wrong.collect();
    assert_none(&wrong, folders.len(), "fixtures");
}

#[test]
fn mixed_states_of_random_systems_are_the_same_when_they_are_evaluated_as_a_whole() {
    let Some(python) = CPython::find("mixed_states_of_random_systems") else {
        return;
    };
    let (first, count) = (
        setting("COSHIP_SEED", 50_001),
        setting("COSHIP_SYSTEMS", 60),
    );
    let directory = tempfile::tempdir().expect("a folder");
    let batches: Vec<u64> = (0..count.div_ceil(BATCH)).collect();
    let wrong = batches.into_par_iter().flat_map_iter(|batch| {
        let start = first + batch * BATCH;
        let seeds = start..(first + count).min(start + BATCH);
        let output = Command::new(&python.program)
            .arg("-B")
            .arg(root().join("tests/support/systems/generate.py"))
            .args([seeds.start.to_string(), seeds.clone().count().to_string()])
            .arg(directory.path())
            .output()
            .expect("Python runs");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "seeds from {start}: {said}");
        let folder = |seed: u64| directory.path().join(seed.to_string());
        let differing = seeds.filter_map(move |seed| {
            differs(&folder(seed)).map(|said| format!("seed {seed}: {said}"))
        });
        differing.collect::<Vec<String>>()
    });
    let wrong: Vec<String> = wrong.collect();
    assert_none(
        &wrong,
        usize::try_from(count).expect("a small number"),
        "systems",
    );
}
