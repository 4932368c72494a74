//! The examples on the pages of family CS3: the old and the new version differ as the rule says.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use coship::rules;
use serde_json::Value;

/// The two versions of an example, by path: each file begins with a comment that names it.
fn versions(example: &str) -> [BTreeMap<String, String>; 2] {
    let mut trees = [BTreeMap::new(), BTreeMap::new()];
    let mut file = String::new();
    for line in example.lines() {
        let path = line.strip_prefix("# ");
        if let Some(path) =
            path.filter(|path| Path::new(path).extension().is_some_and(|end| end == "py"))
        {
            path.clone_into(&mut file);
            continue;
        }
        let (sign, text) = line.split_at(line.len().min(1));
        for (tree, skipped) in trees.iter_mut().zip(["+", "-"]) {
            if sign != skipped {
                let content: &mut String = tree.entry(file.clone()).or_default();
                content.push_str(text);
                content.push('\n');
            }
        }
    }
    trees
}

fn lay_out(tree: &BTreeMap<String, String>, directory: &Path) {
    fs::create_dir_all(directory).unwrap();
    for (path, content) in tree {
        let path = directory.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
}

fn reported(example: &str) -> Vec<String> {
    let directory = tempfile::tempdir().unwrap();
    let [old, new] = versions(example);
    let (deployed, candidate) = (
        directory.path().join("deployed"),
        directory.path().join("candidate"),
    );
    lay_out(&old, &deployed);
    lay_out(&new, &candidate);
    let output = Command::new(env!("CARGO_BIN_EXE_coship"))
        .env_remove("COSHIP_OUTPUT_FORMAT")
        .arg("diff")
        .arg(&candidate)
        .arg("--against")
        .arg(&deployed)
        .args(["--isolated", "--output-format", "json"])
        .output()
        .unwrap();
    let document: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{}: {error}", String::from_utf8_lossy(&output.stderr)));
    let changes = document["changes"].as_array().unwrap();
    changes
        .iter()
        .map(|change| change["kind"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn every_example_shows_its_rule() {
    let mut wrong = Vec::new();
    for rule in rules::all().filter(|rule| rule.code.starts_with("CS3")) {
        let page = rule.page();
        let example = page
            .split_once("```diff\n")
            .unwrap()
            .1
            .split_once("```")
            .unwrap()
            .0;
        let reported = reported(example);
        if !reported.iter().any(|kind| kind == rule.name) {
            wrong.push(format!("{}: the example gives {reported:?}", rule.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
