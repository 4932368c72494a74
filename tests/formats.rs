//! What `check` writes for other tools: golden files, and the rules of those tools over all fixtures.
//!
//! `SNAPSHOTS=overwrite cargo test --test formats` writes the golden files anew.

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use snapbox::assert_data_eq;

/// What is written of the outage.
fn written(format: &str) -> String {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/outage");
    let output = Command::new(env!("CARGO_BIN_EXE_coship"))
        .current_dir(fixture)
        .args([
            "check",
            "candidate",
            "--against",
            "deployed",
            "--color",
            "never",
        ])
        .args(["--isolated", "--output-format", format])
        .env_remove("VIRTUAL_ENV")
        .env_remove("COLUMNS")
        .env("COSHIP_NO_CACHE", "1")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{format}");
    String::from_utf8(output.stdout)
        .unwrap()
        .replace(env!("CARGO_PKG_VERSION"), "VERSION")
}

/// SARIF without the pages of the rules, which have tests of their own.
fn sarif() -> String {
    let mut document: Value = serde_json::from_str(&written("sarif")).unwrap();
    let rules = &mut document["runs"][0]["tool"]["driver"]["rules"];
    assert!(rules.as_array().unwrap().len() > 50);
    *rules = Value::Array(Vec::new());
    for result in document["runs"][0]["results"].as_array_mut().unwrap() {
        // It counts along those rules.
        assert!(result["ruleIndex"].is_u64());
        result["ruleIndex"] = Value::from(0);
    }
    serde_json::to_string_pretty(&document).unwrap() + "\n"
}

#[test]
fn the_outage_is_written_as_it_was() {
    assert_data_eq!(
        written("full"),
        snapbox::file!["golden/outage.full.txt"].raw()
    );
    assert_data_eq!(
        written("concise"),
        snapbox::file!["golden/outage.concise.txt"].raw()
    );
    assert_data_eq!(
        written("json"),
        snapbox::file!["golden/outage.json.txt"].raw()
    );
    assert_data_eq!(
        written("json-lines"),
        snapbox::file!["golden/outage.json-lines.txt"].raw()
    );
    assert_data_eq!(
        written("github"),
        snapbox::file!["golden/outage.github.txt"].raw()
    );
    assert_data_eq!(
        written("gitlab"),
        snapbox::file!["golden/outage.gitlab.txt"].raw()
    );
    assert_data_eq!(sarif(), snapbox::file!["golden/outage.sarif.txt"].raw());
    assert_data_eq!(
        written("junit"),
        snapbox::file!["golden/outage.junit.txt"].raw()
    );
    assert_data_eq!(
        written("rdjson"),
        snapbox::file!["golden/outage.rdjson.txt"].raw()
    );
}

#[test]
fn every_report_is_as_its_reader_wants_it() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats.py");
    let output = Command::new("python3")
        .arg(script)
        .arg(env!("CARGO_BIN_EXE_coship"))
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}");
    assert!(
        told.ends_with(" reports, 0 not as their readers want them\n"),
        "{told}"
    );
}
