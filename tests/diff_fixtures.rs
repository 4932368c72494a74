//! Holds `coship diff` against the fixtures that have a `diff.json`; `fixtures/README.md` says what is in it.
//!
//! `UPDATE_DIFFS=1` writes what is reported into those that are there; read the difference before it is committed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use rayon::prelude::*;
use serde_json::{Value, json};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn diff(candidate: &Path, deployed: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_coship"))
        .current_dir(root())
        .env_remove("COSHIP_OUTPUT_FORMAT")
        .arg("diff")
        .arg(candidate)
        .arg("--against")
        .arg(deployed)
        .arg("--isolated")
        .args(arguments)
        .output()
        .unwrap()
}

fn changes(candidate: &Path, deployed: &Path) -> Vec<Value> {
    let output = diff(candidate, deployed, &["--output-format", "json"]);
    let document: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{}: {error}", String::from_utf8_lossy(&output.stderr)));
    document["changes"].as_array().unwrap().clone()
}

/// The fields that a fixture holds, in the order in which people read them.
fn held(change: &Value) -> Value {
    let callers = change["callers"].as_array().unwrap();
    let breaking = callers.iter().filter(|caller| caller["breaks"] == true);
    let mut breaking: Vec<&str> = breaking
        .map(|caller| caller["function"].as_str().unwrap())
        .collect();
    breaking.dedup();
    let routes = change["routes"].as_array().unwrap().iter().map(|route| {
        format!(
            "{}/{}",
            route["interface"].as_str().unwrap(),
            route["operation"].as_str().unwrap()
        )
    });
    json!({
        "kind": change["kind"],
        "function": change["function"],
        "subjects": change["subjects"],
        "mode": change["mode"],
        "mode_for_calls": change["mode_for_calls"],
        "breaking": change["breaking"],
        "severity": change["severity"],
        "path": change["path"],
        "line": change["range"]["start"]["line"],
        "column": change["range"]["start"]["column"],
        "before": change["before"],
        "after": change["after"],
        "hazards": change["hazards"],
        "deprecation": change["deprecation"],
        "breaks": breaking,
        "routes": routes.collect::<Vec<_>>(),
    })
}

fn fixtures() -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join("fixtures")).unwrap();
    let mut folders: Vec<PathBuf> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|folder| folder.join("candidate").is_dir())
        .collect();
    folders.sort();
    folders
}

#[test]
fn every_change_is_the_one_that_the_fixture_expects() {
    let wrong: Vec<String> = fixtures()
        .par_iter()
        .filter(|folder| folder.join("diff.json").is_file())
        .filter_map(|folder| {
            let path = folder.join("diff.json");
            let mut expected: Value =
                serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
            let found = changes(&folder.join("candidate"), &folder.join("deployed"));
            let found: Vec<Value> = found.iter().map(held).collect();
            if expected["changes"] == Value::from(found.clone()) {
                return None;
            }
            if std::env::var_os("UPDATE_DIFFS").is_some() {
                expected["changes"] = Value::from(found);
                let text = serde_json::to_string_pretty(&expected).unwrap();
                fs::write(&path, format!("{text}\n")).unwrap();
                return None;
            }
            let found = serde_json::to_string_pretty(&found).unwrap();
            Some(format!("{}: {found}", folder.display()))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_tree_does_not_differ_from_itself() {
    let wrong: Vec<String> = fixtures()
        .par_iter()
        .filter_map(|folder| {
            let tree = folder.join("candidate");
            let found = changes(&tree, &tree);
            (!found.is_empty()).then(|| format!("{}: {found:?}", folder.display()))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_half_written_is_not_compared() {
    let fixture = root().join("fixtures/half-typed");
    let (candidate, deployed) = (fixture.join("candidate"), fixture.join("deployed"));
    assert_eq!(changes(&candidate, &deployed), Vec::<Value>::new());
    let output = diff(&candidate, &deployed, &[]);
    let said = String::from_utf8_lossy(&output.stderr);
    for path in ["cache_core.py", "gateway_wrappers_logging.py"] {
        assert!(said.contains(&format!("warning: {path} of ")), "{said}");
    }
}

#[test]
fn the_exit_status_tells_of_breaking_changes_on_demand() {
    let fixture = |name: &str, tree: &str| root().join("fixtures").join(name).join(tree);
    let status = |name: &str, tree: &str, arguments: &[&str]| {
        let output = diff(&fixture(name, tree), &fixture(name, "deployed"), arguments);
        output.status.code()
    };
    assert_eq!(status("outage", "candidate", &[]), Some(0));
    assert_eq!(status("outage", "candidate", &["--exit-code"]), Some(1));
    assert_eq!(status("outage", "fixed", &["--exit-code"]), Some(0));
    assert_eq!(status("outage", "deployed", &["--exit-code"]), Some(0));
    let nothing = Command::new(env!("CARGO_BIN_EXE_coship"))
        .args(["diff", "--against", "none", "--isolated"])
        .arg(fixture("outage", "candidate"))
        .output()
        .unwrap();
    assert_eq!(nothing.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&nothing.stderr).contains("needs the deployed version"));
}

#[test]
fn rules_are_as_loud_as_the_configuration_says() {
    let directory = tempfile::tempdir().unwrap();
    let lay = |tree: &str, files: &[(&str, &str)]| {
        fs::create_dir(directory.path().join(tree)).unwrap();
        for (path, text) in files {
            fs::write(directory.path().join(tree).join(path), text).unwrap();
        }
    };
    let levels =
        "[rules]\nparameter-added = 'error'\ndefault-changed = 'off'\nfunction-removed = 'info'\n";
    lay(
        "deployed",
        &[(
            "m.py",
            "def f(x=1):\n    return x\n\n\ndef g():\n    return 1\n",
        )],
    );
    lay(
        "candidate",
        &[
            ("m.py", "def f(x=2, y=3):\n    return x, y\n"),
            ("coship.toml", levels),
        ],
    );
    let severities = |arguments: &[&str]| -> Vec<(String, String)> {
        let output = Command::new(env!("CARGO_BIN_EXE_coship"))
            .current_dir(directory.path())
            .env_remove("COSHIP_OUTPUT_FORMAT")
            .args(["diff", "candidate", "--against", "deployed"])
            .args(["--output-format", "json"])
            .args(arguments)
            .output()
            .unwrap();
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        let changes = document["changes"].as_array().unwrap().iter();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        changes
            .map(|change| (text(&change["kind"]), text(&change["severity"])))
            .collect()
    };
    let told = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        let owned = pairs
            .iter()
            .map(|(kind, severity)| ((*kind).to_owned(), (*severity).to_owned()));
        owned.collect()
    };
    assert_eq!(
        severities(&[]),
        told(&[("parameter-added", "error"), ("function-removed", "info")])
    );
    assert_eq!(
        severities(&["--isolated"]),
        told(&[
            ("parameter-added", "info"),
            ("default-changed", "info"),
            ("function-removed", "warning")
        ])
    );
}

#[test]
fn people_see_both_versions_with_the_difference_marked() {
    let fixture = root().join("fixtures/outage");
    let output = diff(
        &fixture.join("candidate"),
        &fixture.join("deployed"),
        &["--output-format", "full", "--color", "never"],
    );
    let text = String::from_utf8(output.stdout).unwrap();
    let expected = "
error[sends-more] CS333: `gateway_core.execute_operation` sends `timeout` as well: _execute_clear_implementation() got an unexpected keyword argument 'timeout', and 5 more functions refuse it
  --> gateway_core.py:44:32
    - func(operation, **kwargs)
    + func(operation, timeout=timeout, **kwargs)
                      ^^^^^^^^^^^^^^^^^
    mode: backward (callee first); no order helps: the candidate's own next hops refuse it
";
    assert!(text.contains(expected), "{text}");
    let (first, last) = (text.lines().next().unwrap(), text.lines().last().unwrap());
    assert!(
        first.starts_with("coship: ") && first.contains("fixtures/outage/deployed"),
        "{first}"
    );
    assert!(
        last.ends_with("2 changes, 1 breaking, 1 for calls that exist"),
        "{last}"
    );
}

#[test]
fn text_of_the_analysed_code_is_harmless() {
    let directory = tempfile::tempdir().unwrap();
    let lay = |tree: &str, default: &str| {
        let folder = directory.path().join(tree);
        fs::create_dir(&folder).unwrap();
        let source = format!("def f(x={default}):\n    return x\n");
        fs::write(folder.join("m.py"), source).unwrap();
        folder
    };
    let deployed = lay("deployed", "'\u{1b}[31m'");
    let candidate = lay("candidate", "'\u{202e}::error::no'");
    for format in ["full", "concise", "json"] {
        let output = diff(&candidate, &deployed, &["--output-format", format]);
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains("default-changed"), "{text}");
        assert!(
            !text.contains('\u{1b}') && !text.contains('\u{202e}') && !text.contains("::error"),
            "{text}"
        );
    }
}
