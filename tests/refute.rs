//! `refute.py` on a tiny project with tests of its own: what a run refutes, confirms, and says nothing of.
//!
//! The errors are handed to it as prepared, so that one of them can be false. Needs CPython 3.12 or newer, for `sys.monitoring`.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

const CORE: &str = "\
def send(body, timeout=None):
    return body


def handle(body):
    return send(body, timeout=3)


def report(body):
    return handle(body)


def broken(body):
    return send(body, retries=3)


def cached(body, known):
    return known or send(body, unknown=1)


def look(table):
    return table['key']


def idle():
    return send(1, 2, 3)


async def work(times):
    return times


async def forgets():
    work(1)
    return await work(2)


def patched(body):
    return idle(body)


def swallowed():
    try:
        return ''.missing
    except AttributeError:
        return None
";

const TESTS: &str = "\
import asyncio
import unittest
from unittest import mock

from app import core


class Tests(unittest.TestCase):
    def test_works(self):
        self.assertEqual(core.handle(1), 1)
        self.assertEqual(core.cached(1, 2), 2)
        self.assertEqual(core.look({'key': 1}), 1)
        self.assertIsNone(core.swallowed())

    def test_coroutines(self):
        self.assertEqual(asyncio.run(core.forgets()), 2)

    def test_replaced(self):
        with mock.patch.object(core, 'idle'):
            core.patched(1)

    def test_expects(self):
        with self.assertRaises(KeyError):
            core.look({})

    def test_fails(self):
        core.broken(1)
";

const UNAWAITED: &str = "RuntimeWarning: coroutine 'work' was never awaited";

/// A Python that has `sys.monitoring`: the variable `COSHIP_PYTHON`, else what is on the path or beside it.
fn python() -> Option<PathBuf> {
    let named = std::env::var_os("COSHIP_PYTHON").map(PathBuf::from);
    let usual = ["python3.14", "python3.13", "python3.12", "python3"].map(PathBuf::from);
    let versions = std::env::var_os("PYENV_ROOT")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| Path::new(&home).join(".pyenv")))
        .and_then(|root| fs::read_dir(root.join("versions")).ok())
        .into_iter()
        .flatten()
        .flatten()
        .map(|version| version.path().join("bin/python3"));
    named
        .into_iter()
        .chain(usual)
        .chain(versions)
        .find(|program| {
            Command::new(program)
                .args(["-c", "import sys; sys.exit(sys.version_info < (3, 12))"])
                .output()
                .is_ok_and(|output| output.status.success())
        })
}

/// A place in the project's code: the first occurrence of a text.
fn place(text: &str) -> Value {
    let line = CORE.lines().position(|line| line.contains(text)).unwrap();
    let column = CORE.lines().nth(line).unwrap().find(text).unwrap();
    json!({
        "start": {"line": line + 1, "column": column + 1},
        "end": {"line": line + 1, "column": column + 1 + text.len()},
    })
}

fn error(rule: &str, exception: &str, chain: &[(&str, &str)]) -> Value {
    let links: Vec<Value> = chain
        .iter()
        .map(|(text, note)| json!({"path": "app/core.py", "range": place(text), "function": "", "note": note}))
        .collect();
    json!({
        "rule": rule, "severity": "error", "message": exception, "path": "app/core.py",
        "range": links[links.len() - 1]["range"], "witness": {"exception": exception}, "chain": links,
    })
}

#[test]
fn a_run_refutes_what_worked_and_confirms_what_raised() {
    let Some(python) = python() else {
        let note = "SKIPPED: needs CPython 3.12 or newer, as `python3.12` or in COSHIP_PYTHON";
        writeln!(std::io::stderr(), "refute: {note}").unwrap();
        return;
    };
    let directory = tempfile::tempdir().unwrap();
    let project = directory.path().join("project");
    fs::create_dir_all(project.join("app")).unwrap();
    fs::create_dir_all(project.join("tests")).unwrap();
    fs::write(project.join("app/__init__.py"), "").unwrap();
    fs::write(project.join("app/core.py"), CORE).unwrap();
    fs::write(project.join("tests/__init__.py"), "").unwrap();
    fs::write(project.join("tests/test_core.py"), TESTS).unwrap();
    let type_error =
        |what: &str| format!("TypeError: send() got an unexpected keyword argument '{what}'");
    let handle = ("send(body, timeout=3)", "calls app.core.send");
    let cases = [
        (
            "refuted",
            error("unexpected-keyword", &type_error("timeout"), &[handle]),
        ),
        // It gave a result, but never with this call on the stack.
        (
            "undecided",
            error(
                "unexpected-keyword",
                &type_error("timeout"),
                &[("handle(body)", "calls app.core.handle"), handle],
            ),
        ),
        (
            "confirmed",
            error(
                "unexpected-keyword",
                &type_error("retries"),
                &[("send(body, retries=3)", "calls app.core.send")],
            ),
        ),
        // The line ran to its end without coming by the call.
        (
            "undecided",
            error(
                "unexpected-keyword",
                &type_error("unknown"),
                &[("send(body, unknown=1)", "calls app.core.send")],
            ),
        ),
        (
            "confirmed",
            error(
                "not-awaited",
                UNAWAITED,
                &[("work(1)", "calls app.core.work")],
            ),
        ),
        (
            "refuted",
            error(
                "not-awaited",
                UNAWAITED,
                &[("work(2)", "calls app.core.work")],
            ),
        ),
        // A mock took the call.
        (
            "undecided",
            error(
                "too-many-positionals",
                "TypeError: idle() takes 0 positional arguments but 1 was given",
                &[("idle(body)", "calls app.core.idle")],
            ),
        ),
        (
            "mixed",
            error(
                "missing-key",
                "KeyError: 'key'",
                &[("table['key']", "looks the key up")],
            ),
        ),
        (
            "not run",
            error(
                "too-many-positionals",
                "TypeError: send() takes",
                &[("send(1, 2, 3)", "calls app.core.send")],
            ),
        ),
    ];
    let findings = directory.path().join("findings.json");
    let errors: Vec<&Value> = cases.iter().map(|(_, error)| error).collect();
    fs::write(&findings, json!({"findings": errors}).to_string()).unwrap();
    let out = directory.path().join("out.json");
    let page = directory.path().join("page.md");
    let output = Command::new(&python)
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/refute.py"))
        .arg("--bare")
        .arg(&project)
        .args(["--runner", "unittest", "--timeout", "60", "--python"])
        .arg(&python)
        .arg("--cache")
        .arg(directory.path().join("cache"))
        .arg("--findings")
        .arg(&findings)
        .arg("--out")
        .arg(&out)
        .arg("--page")
        .arg(&page)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    assert_eq!(
        output.status.code(),
        Some(1),
        "an error was refuted: {said}"
    );
    let document: Value = serde_json::from_slice(&fs::read(&out).unwrap()).unwrap();
    let package = &document["packages"][0];
    assert_eq!(
        (&package["passed"], &package["failed"]),
        (&json!(4), &json!(1)),
        "{said}"
    );
    for (number, (expected, error)) in cases.iter().enumerate() {
        assert_eq!(package["errors"][number]["verdict"], *expected, "{error}");
    }
    let risen: Vec<(&str, &str, bool)> = package["risen"]
        .as_array()
        .unwrap()
        .iter()
        .map(|record| {
            (
                record["exception"].as_str().unwrap(),
                record["fate"].as_str().unwrap(),
                record["named"].as_bool().unwrap(),
            )
        })
        .collect();
    for expected in [
        ("TypeError", "escaped", true),
        ("KeyError", "provoked", true),
        ("AttributeError", "tree", false),
    ] {
        assert!(risen.contains(&expected), "{expected:?} in {risen:?}");
    }
    assert_eq!(risen.len(), 3, "{risen:?}");
    let page = fs::read_to_string(&page).unwrap();
    assert!(
        page.contains("1 of 2 risen in-tree exceptions are named"),
        "{page}"
    );
}
