//! What was found in the deployed revision is kept between runs, and changes nothing but the time.

mod source_support;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use source_support::Sandbox;

/// A directory for the cache, which goes with the test.
struct Kept(tempfile::TempDir);

impl Kept {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("cache")
    }

    fn entries(&self) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(self.path()) else {
            return Vec::new();
        };
        entries.map(|entry| entry.unwrap().path()).collect()
    }
}

/// A module with a call that fails, and more of them if it says so.
fn module(number: usize, calls: &[&str]) -> String {
    let mut text = String::from("import library\n\ndef run():\n");
    for keyword in calls {
        let _ = writeln!(text, "    library.work({number}, {keyword}=1)");
    }
    let _ = writeln!(text, "    return {number}");
    text
}

/// A repository of forty modules, each of which fails. More of them changed since the tag than are tried in mixtures, and one fails once more.
fn repository() -> Sandbox {
    let sandbox = Sandbox::repository();
    sandbox.write("library.py", "def work(amount):\n    return amount\n");
    for number in 0..40 {
        sandbox.write(&format!("module_{number:02}.py"), module(number, &["old"]));
    }
    sandbox.commit("deployed");
    sandbox.git(&["tag", "v1.0.0"]);
    for number in 0..20 {
        let path = format!("module_{number:02}.py");
        sandbox.write(&path, module(number + 100, &["old"]));
    }
    sandbox.write("module_00.py", module(0, &["old", "fresh"]));
    sandbox.commit("candidate");
    sandbox
}

/// How many errors are new, and how many there were before; then the whole report.
fn check(directory: &Path, cache: &Path, more: &[&str]) -> ([usize; 2], String) {
    let output = Command::new(env!("CARGO_BIN_EXE_coship"))
        .args(["check", "--output-format", "json"])
        .args(more)
        .current_dir(directory)
        .env("COSHIP_CACHE_DIR", cache)
        .env_remove("COSHIP_NO_CACHE")
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let report: Value = serde_json::from_str(&text).unwrap();
    let count = |status: &str| {
        let findings = report["findings"].as_array().unwrap().iter();
        findings
            .filter(|finding| finding["severity"] == "error" && finding["status"] == status)
            .count()
    };
    ([count("new"), count("existing")], text)
}

#[test]
fn a_second_run_says_the_same() {
    let (sandbox, kept) = (repository(), Kept::new());
    let (counts, first) = check(&sandbox.path(), &kept.path(), &[]);
    assert_eq!(counts, [1, 40]);
    assert_eq!(kept.entries().len(), 1);
    let (_, second) = check(&sandbox.path(), &kept.path(), &[]);
    assert_eq!(first, second);
    let (_, without) = check(&sandbox.path(), &kept.path(), &["--no-cache"]);
    assert_eq!(first, without);
    // The candidate goes on, the deployed revision stays.
    sandbox.write("module_01.py", module(1, &["old", "fresh", "more"]));
    let (counts, _) = check(&sandbox.path(), &kept.path(), &[]);
    assert_eq!(counts, [3, 40]);
    assert_eq!(kept.entries().len(), 1);
}

#[test]
fn what_was_kept_is_what_is_compared_with() {
    let (sandbox, kept) = (repository(), Kept::new());
    check(&sandbox.path(), &kept.path(), &[]);
    let entry = &kept.entries()[0];
    let mut content: Value = serde_json::from_slice(&fs::read(entry).unwrap()).unwrap();
    content["value"] = json!([]);
    fs::write(entry, content.to_string()).unwrap();
    assert_eq!(check(&sandbox.path(), &kept.path(), &[]).0, [41, 0]);
    // Of another deployed version, or for other rules, nothing is kept yet.
    let select = ["--select", "unexpected-keyword"];
    assert_eq!(check(&sandbox.path(), &kept.path(), &select).0, [1, 40]);
    sandbox.git(&["tag", "v1.0.1"]);
    sandbox.git(&["commit", "--quiet", "--allow-empty", "--message", "next"]);
    assert_eq!(check(&sandbox.path(), &kept.path(), &[]).0, [0, 41]);
}

#[test]
fn what_cannot_be_read_or_written_is_found_again() {
    let (sandbox, kept) = (repository(), Kept::new());
    check(&sandbox.path(), &kept.path(), &["--no-cache"]);
    assert!(kept.entries().is_empty());
    check(&sandbox.path(), &kept.path(), &[]);
    fs::write(&kept.entries()[0], b"{\"key\": \xff").unwrap();
    assert_eq!(check(&sandbox.path(), &kept.path(), &[]).0, [1, 40]);
    let file = kept.path().with_file_name("file");
    fs::write(&file, "").unwrap();
    assert_eq!(check(&sandbox.path(), &file, &[]).0, [1, 40]);
    assert!(sandbox.git(&["status", "--porcelain"]).is_empty());
}
