//! Running coship on packages and templates.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

#[path = "schema.rs"]
pub mod schema;

/// Runs coship in a directory, without what it keeps between runs.
pub fn coship(arguments: &[&str], directory: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_coship"))
        .current_dir(directory)
        .args(arguments)
        .env_remove("COSHIP_OUTPUT_FORMAT")
        .env("COSHIP_NO_CACHE", "1")
        .output()
        .unwrap()
}

/// What was written to stdout, as JSON.
pub fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", stderr(output)))
}

/// What was written to stderr.
pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Writes a file and the folders around it.
pub fn write(directory: &Path, path: &str, text: &str) {
    let path = directory.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// The rules and messages of what a report has beyond information, after it was found to be as the published schema says.
pub fn reported(report: &Value) -> Vec<(String, String)> {
    schema::assert_valid("check", report, "a report");
    let findings = report["findings"].as_array().unwrap().iter();
    let text = |finding: &Value, key: &str| finding[key].as_str().unwrap().to_owned();
    findings
        .filter(|finding| finding["severity"] != "info")
        .map(|finding| (text(finding, "rule"), text(finding, "message")))
        .collect()
}

/// Runs Python code that may import what lies in `tests/packages`.
pub fn python(code: &str, directory: &Path) -> Output {
    let packages = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/packages");
    Command::new("python3")
        .current_dir(directory)
        .env("PYTHONPATH", packages)
        .args(["-c", code])
        .output()
        .unwrap()
}
