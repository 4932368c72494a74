//! Holds the table of what classes have from the standard library against the `CPython` that is there.

use std::path::Path;
use std::process::Command;

#[test]
fn the_table_has_all_that_this_cpython_gives_to_classes() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let output = Command::new("python3")
        .arg(root.join("tests/type_attributes.py"))
        .arg("--check")
        .arg(root.join("src/eval/objects/builtin.rs"))
        .output()
        .expect("python3");
    assert!(
        output.status.success(),
        "not in the table:\n{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}
