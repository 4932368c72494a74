//! `coship history`: what a check of each commit against its parents says, told over time.

mod source_support;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use source_support::{Sandbox, command, told};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/outage")
        .join(name)
}

fn coship(directory: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = command(directory, arguments);
    command.env("COSHIP_CACHE_DIR", directory.join(".git/no-cache"));
    told(&command.output().unwrap())
}

fn lay_out(sandbox: &Sandbox, version: &str) {
    for entry in fs::read_dir(fixture(version)).unwrap() {
        let entry = entry.unwrap();
        fs::copy(
            entry.path(),
            sandbox.join(&entry.file_name().into_string().unwrap()),
        )
        .unwrap();
    }
}

/// A repository with the outage: it comes with the gateway alone, a branch goes on meanwhile, and it goes with the routers.
fn outage() -> Sandbox {
    let sandbox = Sandbox::repository();
    sandbox
        .write("README", "nothing to check yet\n")
        .commit("begin");
    lay_out(&sandbox, "deployed");
    sandbox.commit("the system");
    sandbox.git(&["branch", "side"]);
    fs::copy(
        fixture("candidate").join("gateway_core.py"),
        sandbox.join("gateway_core.py"),
    )
    .unwrap();
    sandbox.commit("timeouts");
    sandbox.write("README", "something else\n").commit("words");
    sandbox.git(&["checkout", "-q", "side"]);
    sandbox.write("side.py", "import cache_core\ncache_core.gone()\n");
    sandbox.commit("a helper");
    sandbox.git(&["checkout", "-q", "-"]);
    sandbox.git(&["merge", "-q", "--no-edit", "side"]);
    lay_out(&sandbox, "fixed");
    sandbox.commit("routers take it");
    sandbox
}

fn steps(sandbox: &Sandbox, arguments: &[&str]) -> Vec<Value> {
    let all = [&["history", "--output-format", "json-lines"][..], arguments].concat();
    let (status, text) = coship(&sandbox.path(), &all);
    assert_eq!(status, Some(0), "{text}");
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn fingerprints(findings: &Value, wanted: impl Fn(&Value) -> bool) -> BTreeSet<String> {
    let all = findings.as_array().unwrap().iter().filter(|it| wanted(it));
    all.map(|it| it["fingerprint"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn each_step_is_what_check_says_of_the_commit() {
    let sandbox = outage();
    let steps = steps(&sandbox, &[]);
    // Six commits and a merge, which has two parents.
    assert_eq!(steps.len(), 8);
    for step in &steps {
        let text = |key: &str| step[key].as_str();
        let commit = format!("rev:{}", text("commit").unwrap());
        let against = text("parent").unwrap_or("none").to_owned();
        let ignore = "--ignore=ship-together,ship-first";
        let check = |tree: &str, against: &str| -> Option<Value> {
            let (_, text) = coship(
                &sandbox.path(),
                &[
                    "check",
                    tree,
                    "--against",
                    against,
                    ignore,
                    "--no-cache",
                    "--output-format",
                    "json",
                ],
            );
            serde_json::from_str(&text).ok()
        };
        let Some(found) = check(&commit, &against).or_else(|| check(&commit, "none")) else {
            // Before there was any Python.
            assert_eq!(
                (&step["findings"], &step["came"]),
                (&0.into(), &Value::Array(Vec::new()))
            );
            continue;
        };
        let all = &found["findings"];
        assert_eq!(step["findings"], all.as_array().unwrap().len());
        assert_eq!(
            fingerprints(&step["came"], |_| true),
            fingerprints(all, |it| it["status"] == "new"),
            "{step}"
        );
        if let Some(before) = check(&format!("rev:{against}"), &commit[4..]) {
            let gone = fingerprints(&before["findings"], |it| it["status"] == "new");
            assert_eq!(fingerprints(&step["went"], |_| true), gone, "{step}");
        }
    }
}

#[test]
fn a_finding_comes_and_goes() {
    let sandbox = outage();
    let (status, text) = coship(&sandbox.path(), &["history"]);
    assert_eq!(status, Some(0), "{text}");
    assert!(
        text.starts_with("coship: history of HEAD: 7 commits, 8 steps, "),
        "{text}"
    );
    let lines: Vec<&str> = text.lines().collect();
    let at = lines
        .iter()
        .position(|line| line.contains("[unexpected-keyword]"))
        .unwrap();
    assert!(lines[at + 1].ends_with(": timeouts"), "{text}");
    assert!(
        lines[at + 2].contains(": routers take it, after "),
        "{text}"
    );
    assert!(
        text.contains("       1 gateway_core.py cache_core.py\n"),
        "{text}"
    );
    assert!(text.contains(" GatewayInterface.CACHE/get\n"), "{text}");
    assert!(
        text.contains("commits that needed others to ship with them:\n"),
        "{text}"
    );
    // The helper's mistake came on its branch, and neither came nor went with the merge.
    assert_eq!(
        lines
            .iter()
            .filter(|line| line.contains("side.py: "))
            .count(),
        1,
        "{text}"
    );
    let first = steps(&sandbox, &["--first-parent"]);
    assert_eq!(first.len(), 6);
    let merge = &first[4];
    assert!(merge["came"].to_string().contains("side.py"), "{merge}");
}

#[test]
fn ranges_and_parts_add_up() {
    let sandbox = outage();
    let all = steps(&sandbox, &[]);
    let parts: Vec<Value> = (1..=3)
        .flat_map(|part| steps(&sandbox, &["--shard", &format!("{part}/3")]))
        .collect();
    assert_eq!(parts, all);
    assert_eq!(steps(&sandbox, &["HEAD~1..HEAD"]).len(), 1);
    assert_eq!(steps(&sandbox, &["HEAD..HEAD"]).len(), 0);
}

#[test]
fn what_cannot_be_read_is_no_history() {
    let sandbox = outage();
    let (status, text) = coship(&sandbox.path(), &["history", "nowhere..HEAD"]);
    assert_eq!(status, Some(2), "{text}");
    let (status, text) = coship(&sandbox.path(), &["history", "--shard", "4/3"]);
    assert_eq!(status, Some(2), "{text}");
    let shallow = tempfile::tempdir().unwrap();
    let url = format!("file://{}", sandbox.path().display());
    sandbox.git(&[
        "clone",
        "-q",
        "--depth",
        "2",
        &url,
        &shallow.path().display().to_string(),
    ]);
    let (status, text) = coship(shallow.path(), &["history"]);
    assert_eq!(status, Some(2), "{text}");
    assert!(text.contains("shallow"), "{text}");
    // A configuration of that time that cannot be used is told, and the rest is checked.
    sandbox.write("coship.toml", "nonsense = 1\n");
    sandbox.commit("nonsense");
    sandbox.remove("coship.toml").commit("sense");
    let (status, text) = coship(&sandbox.path(), &["history"]);
    assert_eq!(status, Some(2), "{text}");
    assert_eq!(text.matches("could not be checked: ").count(), 1, "{text}");
    assert!(text.contains("[unexpected-keyword]"), "{text}");
}

#[test]
fn a_file_that_is_too_large_ends_no_history() {
    let sandbox = Sandbox::repository();
    sandbox.write("a.py", "x = 1\n").commit("begin");
    sandbox.write("huge.py", "#".repeat(65 * 1024 * 1024));
    sandbox.commit("huge");
    sandbox.remove("huge.py").commit("gone");
    let steps = steps(&sandbox, &[]);
    assert_eq!(steps.len(), 3);
    assert!(
        steps[1]["came"].to_string().contains("larger than 64 MiB"),
        "{}",
        steps[1]
    );
}

#[test]
fn a_part_is_a_part_whatever_its_numbers() {
    let sandbox = Sandbox::repository();
    sandbox.write("a.py", "x = 1\n").commit("begin");
    sandbox.write("a.py", "x = 2\n").commit("go on");
    let most = usize::MAX;
    assert_eq!(
        steps(&sandbox, &["--shard", &format!("{most}/{most}")]).len(),
        1
    );
    assert_eq!(steps(&sandbox, &["--shard", &format!("1/{most}")]).len(), 0);
}
