//! What coship writes as JSON, and what the documents show as configuration, against the published schemas. The documents about packages are held against them where
//! they are tested (`tests/packages.rs`, `tests/deployments.rs`).

#[path = "support/schema.rs"]
mod schema;
mod source_support;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread;

use schema::assert_valid;
use serde_json::Value;
use source_support::{Sandbox, command};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What coship writes; that it cannot do it is an error of ours.
fn written(directory: &Path, arguments: &[&str]) -> String {
    let mut command = command(directory, arguments);
    let output = command.env("COSHIP_NO_CACHE", "1").output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_ne!(output.status.code(), Some(2), "{arguments:?}: {said}");
    String::from_utf8(output.stdout).unwrap()
}

fn document(directory: &Path, arguments: &[&str]) -> Value {
    let arguments = [arguments, &["--output-format", "json"]].concat();
    serde_json::from_str(&written(directory, &arguments)).unwrap()
}

fn lines(directory: &Path, arguments: &[&str]) -> Vec<Value> {
    let arguments = [arguments, &["--output-format", "json-lines"]].concat();
    let text = written(directory, &arguments);
    let lines = text.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// All documents about a fixture, with their kinds.
fn documents(fixture: &Path) -> Vec<(&'static str, Value)> {
    let has_deployed = fixture.join("deployed").is_dir();
    let against = if has_deployed { "deployed" } else { "none" };
    let two = ["candidate", "--against", against];
    let about = |command: &'static str, more: &[&str]| {
        let arguments = [&[command], more].concat();
        document(fixture, &arguments)
    };
    let mut found = vec![
        (
            "check",
            about("check", &[&two[..], &["--show", "may"]].concat()),
        ),
        ("routes", about("routes", &["candidate"])),
        ("graph", about("graph", &["candidate"])),
        ("graph", about("graph", &["candidate", "--layers"])),
        ("environment", about("environment", &["candidate"])),
        ("settings", about("config", &["candidate"])),
    ];
    let findings = lines(fixture, &[&["check"], &two[..]].concat());
    found.extend(findings.into_iter().map(|line| ("finding", line)));
    if has_deployed {
        found.push(("diff", about("diff", &two)));
        found.push(("plan", about("plan", &two)));
    }
    found
}

#[test]
fn every_document_about_a_fixture_is_as_its_schema_says() {
    let fixtures = fs::read_dir(root().join("fixtures")).unwrap();
    let fixtures = fixtures.map(|entry| entry.unwrap().path());
    let queue: Vec<PathBuf> = fixtures
        .filter(|path| path.join("candidate").is_dir())
        .collect();
    assert!(queue.len() > 100, "{}", queue.len());
    let queue = Mutex::new(queue);
    let counts: Mutex<BTreeMap<&str, usize>> = Mutex::default();
    let work = || {
        loop {
            let next = queue.lock().unwrap().pop();
            let Some(fixture) = next else { return };
            for (kind, document) in documents(&fixture) {
                assert_valid(kind, &document, &fixture.display().to_string());
                *counts.lock().unwrap().entry(kind).or_default() += 1;
            }
        }
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(work);
        }
    });
    let counts = counts.into_inner().unwrap();
    let kinds: Vec<&str> = counts.keys().copied().collect();
    let wanted = [
        "check",
        "diff",
        "environment",
        "finding",
        "graph",
        "plan",
        "routes",
        "settings",
    ];
    assert_eq!(kinds, wanted, "{counts:?}");
}

#[test]
fn the_history_and_the_rules_are_as_their_schemas_say() {
    let sandbox = Sandbox::repository();
    for call in ["f(1)", "f(1, 2)"] {
        sandbox.write("m.py", format!("def f(a):\n    return a\n\n\n{call}\n"));
        sandbox.commit("step");
    }
    let steps = lines(&sandbox.path(), &["history"]);
    assert!(!steps.is_empty());
    for step in steps {
        assert_valid("history", &step, "history");
    }
    assert_valid("rule", &document(root(), &["rule"]), "rule");
    // A document is no other one: the schemas do tell them apart.
    let wrong = std::panic::catch_unwind(|| assert_valid("check", &Value::Null, "null"));
    assert!(wrong.is_err());
}

/// The configurations of the documents, with the file that has them.
fn examples() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join("docs")];
    let mut pages = vec![root().join("README.md")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.extension().and_then(|ending| ending.to_str()) {
                Some("md") => pages.push(path),
                None if path.is_dir() => folders.push(path),
                _ => {}
            }
        }
    }
    for page in pages {
        let text = fs::read_to_string(&page).unwrap();
        for block in text.split("\n```toml\n").skip(1) {
            let (block, _) = block.split_once("\n```").unwrap();
            found.push((page.clone(), block.to_owned()));
        }
    }
    found
}

#[test]
fn every_configuration_that_is_shown_is_one() {
    let mut all = examples();
    assert!(all.len() > 8, "{}", all.len());
    let init = ["init", "fixtures/outage/fixed", "--stdout"];
    all.push(("init".into(), written(root(), &init)));
    for (path, text) in all {
        let about = format!("{}: {text}", path.display());
        let table: toml::Table = toml::from_str(&text).expect(&about);
        let own = table.get("tool").and_then(|tool| tool.get("coship"));
        let own = own.and_then(|own| own.as_table()).unwrap_or(&table);
        assert_valid("config", &plain(&toml::Value::Table(own.clone())), &about);
    }
}

/// A value of TOML as JSON: its dates are text to a schema.
fn plain(value: &toml::Value) -> Value {
    match value {
        toml::Value::String(text) => text.as_str().into(),
        toml::Value::Integer(number) => (*number).into(),
        toml::Value::Float(number) => (*number).into(),
        toml::Value::Boolean(truth) => (*truth).into(),
        toml::Value::Datetime(date) => date.to_string().into(),
        toml::Value::Array(items) => items.iter().map(plain).collect(),
        toml::Value::Table(table) => table
            .iter()
            .map(|(key, value)| (key.clone(), plain(value)))
            .collect(),
    }
}
