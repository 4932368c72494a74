//! What the README shows is what the program prints.
//!
//! `UPDATE_README=1 cargo test --test readme` writes the output anew; read the difference before it is committed.

use std::fs;
use std::path::Path;
use std::process::Command;

const OPEN: &str = "```text output\n";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The text between a line and the next closing fence.
fn fenced<'t>(text: &'t str, open: &str) -> &'t str {
    let (_, rest) = text.split_once(open).unwrap();
    rest.split_once("```").unwrap().0
}

#[test]
fn the_first_command_prints_what_is_shown() {
    let path = root().join("README.md");
    let readme = fs::read_to_string(&path).unwrap();
    let command = fenced(&readme, "```sh\n").trim();
    let arguments = command.strip_prefix("cargo run -- ").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_coship"))
        .current_dir(root())
        .env("COLUMNS", "100")
        .args(arguments.split(' '))
        .args(["--output-format", "full", "--color", "never"])
        .output()
        .unwrap();
    assert_eq!(
        output.status.code(),
        Some(1),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let printed = String::from_utf8(output.stdout).unwrap();
    let shown = fenced(&readme, OPEN);
    if std::env::var_os("UPDATE_README").is_some() {
        fs::write(
            &path,
            readme.replacen(&format!("{OPEN}{shown}"), &format!("{OPEN}{printed}"), 1),
        )
        .unwrap();
    } else {
        assert_eq!(
            shown, printed,
            "UPDATE_README=1 cargo test --test readme writes it anew"
        );
    }
}

#[test]
fn the_second_command_is_what_ci_runs() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let (_, rest) = readme.split_once("```sh\n").unwrap();
    let command = fenced(rest, "```sh\n").trim();
    let ci = fs::read_to_string(root().join(".ci/run")).unwrap();
    assert!(
        ci.lines().any(|line| line == format!("step {command}")),
        "{command}"
    );
}
