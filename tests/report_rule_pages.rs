//! The examples on the rules' pages: the first is found by its rule, the cure is not.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

fn coship(arguments: &[&str]) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_coship"))
        .env_remove("COSHIP_OUTPUT_FORMAT")
        .args(arguments)
        .args(["--output-format", "json"])
        .output()
        .unwrap();
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{arguments:?}: {error}"))
}

/// The Python blocks of a page.
fn examples(page: &str) -> Vec<&str> {
    let blocks = page.split("```python\n").skip(1);
    blocks
        .map(|block| block.split_once("```").unwrap().0)
        .collect()
}

/// Writes an example's files: each begins with a comment that is its path.
fn lay_out(example: &str, directory: &Path) {
    let mut file = None;
    for line in example.lines() {
        let path = line.strip_prefix("# ").filter(|rest| {
            Path::new(rest).extension().is_some_and(|end| end == "py") && !rest.contains(' ')
        });
        if let Some(path) = path {
            let path = directory.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, "").unwrap();
            file = Some(path);
        } else if let Some(path) = &file {
            let before = fs::read_to_string(path).unwrap();
            fs::write(path, format!("{before}{line}\n")).unwrap();
        }
    }
}

/// The configuration that a page's example needs: a TOML block before the first Python.
fn configuration_of(page: &str) -> Option<&str> {
    let (before, _) = page.split_once("```python\n")?;
    let (_, rest) = before.split_once("```toml\n")?;
    Some(rest.split_once("```")?.0)
}

/// The Python that a page's example is about: `On Python 3.9:`.
fn version_of(page: &str) -> Option<&str> {
    let rest = page.split_once("On Python ")?.1;
    Some(rest.split_once(':')?.0)
}

/// The rules that report something about the example, for a Python or for none.
fn reported(example: &str, version: Option<&str>, configuration: Option<&str>) -> Vec<String> {
    let directory = tempfile::tempdir().unwrap();
    lay_out(example, directory.path());
    let tree = directory.path().to_str().unwrap();
    let mut arguments = vec!["check", tree, "--against", "none"];
    // What an example lays into `packages` is installed.
    let packages = tempfile::tempdir().unwrap();
    let installed = packages.path().join("installed");
    let installed_text = installed.to_str().unwrap();
    if fs::rename(directory.path().join("packages"), &installed).is_ok() {
        arguments.extend(["--packages", installed_text]);
        arguments.extend(["--against-packages", installed_text]);
    }
    match configuration {
        Some(text) => fs::write(directory.path().join("coship.toml"), text).unwrap(),
        None => arguments.push("--isolated"),
    }
    if let Some(version) = version {
        arguments.extend(["--python-version", version]);
    }
    let report = coship(&arguments);
    let findings = report["findings"].as_array().unwrap();
    findings
        .iter()
        .map(|finding| finding["rule"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn the_first_example_breaks_and_the_last_does_not() {
    let list = coship(&["rule"]);
    let mut wrong = Vec::new();
    for rule in list["rules"].as_array().unwrap() {
        let name = rule["name"].as_str().unwrap();
        let page = rule["page"].as_str().unwrap();
        let (examples, version) = (examples(page), version_of(page));
        let configuration = configuration_of(page);
        let (Some(broken), Some(cured)) = (examples.first(), examples.last()) else {
            continue;
        };
        let (broken, cured) = (
            reported(broken, version, configuration),
            reported(cured, version, configuration),
        );
        if !broken.iter().any(|reported| reported == name) {
            wrong.push(format!("{name}: the example gives {broken:?}"));
        }
        if examples.len() < 2 || cured.iter().any(|reported| reported != "orphan-operation") {
            wrong.push(format!("{name}: the cure gives {cured:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
