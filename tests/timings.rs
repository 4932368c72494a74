//! `coship check --timings`: for whoever asks, and in nobody else's output.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

fn check(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_coship"))
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/outage"))
        .args(["check", "candidate", "--against", "deployed", "--no-cache"])
        .args([
            "--ignore",
            "ship-together,ship-first",
            "--output-format",
            "json",
        ])
        .args(arguments)
        .env_remove("VIRTUAL_ENV")
        .output()
        .unwrap()
}

#[test]
fn phases_and_counts_are_told_to_who_asks() {
    let (plain, timed) = (check(&[]), check(&["--timings"]));
    assert_eq!(plain.status, timed.status);
    let document = |output: &Output| -> Value { serde_json::from_slice(&output.stdout).unwrap() };
    let mut told = document(&timed);
    let timings = told.as_object_mut().unwrap().remove("timings").unwrap();
    assert_eq!(told, document(&plain));
    let names: Vec<&str> = timings["phases"]
        .as_array()
        .unwrap()
        .iter()
        .map(|phase| phase["name"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        ["locate", "read", "environment", "evaluate", "judge"]
    );
    assert_eq!(timings["counts"]["evaluated"], 2);
    // The files of the candidate, and those of the deployed version that are not the same.
    assert!(
        timings["counts"]["parsed"].as_u64().unwrap() > 14,
        "{timings}"
    );
    let stderr = String::from_utf8(timed.stderr).unwrap();
    assert!(stderr.contains("timings: evaluate"), "{stderr}");
    assert!(stderr.contains("2 trees evaluated, 0 known"), "{stderr}");
    assert!(plain.stderr.is_empty());
}
