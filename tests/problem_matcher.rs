//! The problem matcher of the tasks for VS Code, over real output.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use regex_lite::Regex;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The pattern as `editors/vscode/tasks.json` has it.
fn pattern() -> Regex {
    let tasks = fs::read_to_string(root().join("editors/vscode/tasks.json")).unwrap();
    let line = tasks
        .lines()
        .find_map(|line| line.trim().strip_prefix("\"regexp\": "))
        .unwrap();
    let pattern: String = serde_json::from_str(line.trim_end_matches(',')).unwrap();
    Regex::new(&pattern).unwrap()
}

fn concise(tree: &Path, arguments: &[&str]) -> Vec<String> {
    let output = Command::new(env!("CARGO_BIN_EXE_coship"))
        .current_dir(root())
        .env_remove("COSHIP_OUTPUT_FORMAT")
        .args(["check", "--output-format", "concise", "--against", "none"])
        .args(arguments)
        .arg(tree)
        .output()
        .unwrap();
    String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(str::to_owned)
        .collect()
}

fn trees() -> Vec<PathBuf> {
    let fixtures = fs::read_dir(root().join("fixtures")).unwrap();
    let trees = fixtures.map(|entry| entry.unwrap().path().join("candidate"));
    trees.filter(|tree| tree.is_dir()).collect()
}

#[test]
fn every_finding_matches_and_nothing_else_does() {
    let pattern = pattern();
    let mut findings = 0;
    for tree in trees() {
        let lines = concise(&tree, &[]);
        let (first, rest) = lines.split_first().unwrap();
        let (last, lines) = rest.split_last().unwrap();
        for line in lines {
            let groups = pattern
                .captures(line)
                .unwrap_or_else(|| panic!("no match: {line}"));
            assert!(tree.join(&groups[1]).is_file(), "{line}");
            assert!(!groups[5].is_empty(), "{line}");
            findings += 1;
        }
        assert!(
            !pattern.is_match(first) && !pattern.is_match(last),
            "{first}\n{last}"
        );
        assert_eq!(concise(&tree, &["--quiet"]), lines);
    }
    assert!(
        findings > 10,
        "only {findings} findings: the fixtures are not where they were"
    );
}

#[test]
fn paths_with_colons_and_spaces_match() {
    let groups = pattern()
        .captures(r"C:\a b\x.py:7:2: error: a: b [c] [missing-name]")
        .map(|groups| {
            (
                groups[1].to_owned(),
                groups[2].to_owned(),
                groups[5].to_owned(),
                groups[6].to_owned(),
            )
        });
    let expected = (r"C:\a b\x.py", "7", "a: b [c]", "missing-name");
    assert_eq!(
        groups,
        Some((
            expected.0.into(),
            expected.1.into(),
            expected.2.into(),
            expected.3.into()
        ))
    );
}
