//! The same code has the same defects wherever it lies: on disk, in a revision, in the index, in a zip, in a subdirectory.

mod source_support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use source_support::{Sandbox, command};

fn fixture(tree: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/outage")
        .join(tree)
}

/// Copies the files of one of the fixture's trees into a directory, which is made.
fn copy(tree: &str, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(fixture(tree)).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_file() {
            fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

/// Packs a directory with Python's own `zipfile`, its files below `prefix`.
fn pack(directory: &Path, zip: &Path, prefix: &str) {
    const PACK: &str = "
import os, sys, zipfile
directory, target, prefix = sys.argv[1:]
with zipfile.ZipFile(target, 'w', zipfile.ZIP_DEFLATED) as archive:
    for name in sorted(os.listdir(directory)):
        archive.write(os.path.join(directory, name), prefix + name)
";
    let status = Command::new("python3")
        .args(["-c", PACK])
        .args([directory, zip])
        .arg(prefix)
        .status()
        .unwrap();
    assert!(status.success());
}

/// A repository: `v1` is what is deployed, `v2` the candidate, both below `src`; in `scratch`, a clone, the candidate is only staged.
fn repository() -> Sandbox {
    let sandbox = Sandbox::repository();
    let path = sandbox.path();
    copy("deployed", &path.join("src"));
    sandbox.commit("deployed");
    sandbox.git(&["tag", "v1"]);
    copy("candidate", &path.join("src"));
    sandbox.commit("candidate");
    sandbox.git(&["tag", "v2"]);

    let url = path.display().to_string();
    sandbox.git(&["clone", "--quiet", "--branch", "v1", &url, "scratch"]);
    copy("candidate", &path.join("scratch/src"));
    sandbox.git_in("scratch", &["add", "--all"]);
    copy("deployed", &path.join("scratch/src"));

    copy("candidate", &path.join("scratch/some where/größe/lambda"));
    copy("deployed", &path.join("plain/deployed"));
    copy("candidate", &path.join("plain/candidate"));
    for tree in ["deployed", "candidate"] {
        let from = fixture(tree);
        pack(&from, &path.join(format!("plain/{tree}.zip")), "");
        pack(&from, &path.join(format!("plain/{tree}-src.zip")), "src/");
    }
    sandbox
}

/// Runs coship in a directory of the sandbox and parses its JSON.
fn run(sandbox: &Sandbox, directory: &str, arguments: &[&str]) -> Value {
    let output = command(&sandbox.join(directory), arguments)
        .args(["--isolated", "--output-format", "json"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    let wanted = i32::from(arguments[0] == "check");
    assert_eq!(
        output.status.code(),
        Some(wanted),
        "{directory}: {arguments:?}: {said}"
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The last part of a path: the fixture has no directories.
fn tail(path: &Value) -> &str {
    let path = path.as_str().unwrap();
    path.rsplit('/').next().unwrap()
}

/// What of a finding must be the same everywhere.
fn essence(finding: &Value) -> Value {
    let chain: Vec<Value> = finding["chain"]
        .as_array()
        .unwrap()
        .iter()
        .map(|frame| {
            json!([
                tail(&frame["path"]),
                frame["range"],
                frame["function"],
                frame["note"]
            ])
        })
        .collect();
    json!({
        "rule": finding["rule"],
        "severity": finding["severity"],
        "status": finding["status"],
        "message": finding["message"],
        "path": tail(&finding["path"]),
        "range": finding["range"],
        "routes": finding["routes"],
        "witness": finding["witness"],
        "callee": finding["callee"],
        "chain": chain,
        "help": finding["help"],
        "fingerprint": finding["fingerprint"],
    })
}

fn findings(report: &Value) -> Vec<Value> {
    let findings = report["findings"].as_array().unwrap();
    findings.iter().map(essence).collect()
}

/// The candidate, everywhere: the working directory and what names it.
const CANDIDATES: &[(&str, &[&str])] = &[
    ("", &["src"]),
    ("", &["./src/"]),
    ("src", &["."]),
    ("plain", &["../src"]),
    ("", &["plain/candidate"]),
    ("plain/candidate", &["."]),
    ("", &["rev:v2:src"]),
    ("src", &["rev:v2"]),
    ("src", &["rev:HEAD"]),
    ("scratch", &["--staged", "src"]),
    ("scratch/src", &["--staged", "."]),
    ("scratch", &["some where/größe/lambda"]),
    ("", &["plain/candidate.zip"]),
    ("plain", &["zip:candidate.zip"]),
    ("plain", &["candidate-src.zip"]),
];

#[test]
fn every_way_to_name_a_tree_finds_the_same() {
    let sandbox = repository();
    let wanted = findings(&run(&sandbox, "", &["check", "src", "--against", "none"]));
    assert_eq!(wanted.len(), 3, "{wanted:#?}");
    assert_eq!(wanted[0]["rule"], "unexpected-keyword");
    assert_eq!(wanted[0]["routes"].as_array().unwrap().len(), 7);
    for (directory, tree) in CANDIDATES {
        let arguments = [&["check", "--against", "none"], *tree].concat();
        let found = findings(&run(&sandbox, directory, &arguments));
        assert_eq!(found, wanted, "{directory}: {arguments:?}");
    }
}

#[test]
fn a_tree_around_the_import_root_finds_the_same() {
    let sandbox = repository();
    let wanted = findings(&run(&sandbox, "", &["check", "src", "--against", "none"]));
    for (directory, tree) in [
        ("scratch", "--staged"),
        ("scratch", "rev:v2"),
        ("scratch", "rev:v2:"),
    ] {
        let arguments = ["check", "--against", "none", tree];
        let found = findings(&run(&sandbox, directory, &arguments));
        assert_eq!(found, wanted, "{directory}: {arguments:?}");
    }
    copy("candidate", &sandbox.join("around/src"));
    let found = run(&sandbox, "", &["check", "around", "--against", "none"]);
    assert_eq!(findings(&found), wanted);
    assert_eq!(found["findings"][0]["path"], "src/gateway_core.py");
}

#[test]
fn every_way_to_name_what_is_deployed_gives_the_same_status() {
    let sandbox = repository();
    let deployed = sandbox.join("plain/deployed");
    let (zip, packed) = (
        sandbox.join("plain/deployed.zip"),
        sandbox.join("plain/deployed-src.zip"),
    );
    let paths = [&deployed, &zip, &packed].map(|path| path.to_str().unwrap());
    let first = ["check", "src", "--against", "v1"];
    let wanted = findings(&run(&sandbox, "", &first));
    assert_eq!(wanted[0]["status"], "new");
    for (directory, tree) in CANDIDATES {
        let mut specs = paths.to_vec();
        if !directory.starts_with("plain")
            && !tree
                .iter()
                .any(|tree| tree.starts_with("plain") || tree.contains("größe"))
        {
            specs.extend(["v1", "rev:v1"]);
        }
        for spec in specs {
            let arguments = [&["check", "--against", spec], *tree].concat();
            let found = findings(&run(&sandbox, directory, &arguments));
            assert_eq!(found, wanted, "{directory}: {arguments:?}");
        }
    }
    // Deployed as it is, nothing of it is new.
    let same = run(&sandbox, "", &["check", "src", "--against", "v2"]);
    for finding in same["findings"].as_array().unwrap() {
        assert_eq!(finding["status"], "existing");
    }
}

#[test]
fn every_way_to_name_a_tree_has_the_same_routes() {
    let sandbox = repository();
    let wanted = run(&sandbox, "", &["routes", "src"]);
    assert!(wanted["routes"].as_array().unwrap().len() > 9);
    let essence = |report: &Value| {
        let mut text = report["routes"].to_string();
        for prefix in ["src/", "plain/candidate/", "some where/größe/lambda/"] {
            text = text.replace(&format!("\"{prefix}"), "\"");
        }
        text
    };
    for (directory, tree) in CANDIDATES {
        let arguments = [&["routes"], *tree].concat();
        let found = run(&sandbox, directory, &arguments);
        assert_eq!(
            essence(&found),
            essence(&wanted),
            "{directory}: {arguments:?}"
        );
    }
}
