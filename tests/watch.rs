//! `coship check --watch`: each round is a fresh run's report between two lines.
#![cfg(unix)]

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

const BEGINS: &str = "coship: round begins\n";
const ENDS: &str = "coship: round ends\n";

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(name)
}

fn command(root: &Path, arguments: &[&str]) -> Command {
    let mut command = check(root);
    command
        .arg(fixture("outage/deployed"))
        .args(arguments)
        .stderr(Stdio::piped());
    command
}

/// Checks a tree against the version `old` beside it.
fn against_old(root: &Path) -> Command {
    let mut command = check(root);
    command.arg("../old");
    command
}

/// Checks a tree against what is added.
fn check(root: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_coship"));
    command
        .current_dir(root)
        .args(["check", "--no-cache", "--against"])
        .env_remove("COSHIP_OUTPUT_FORMAT")
        .env_remove("VIRTUAL_ENV")
        .stdout(Stdio::piped());
    command
}

struct Watch {
    child: Child,
    stdout: BufReader<ChildStdout>,
}

impl Watch {
    fn begin(mut command: Command) -> Self {
        let mut child = command.arg("--watch").spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        Self { child, stdout }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        assert!(!line.is_empty(), "the output ended");
        line
    }

    /// The next round's report.
    fn round(&mut self) -> String {
        assert_eq!(self.line(), BEGINS);
        let mut report = String::new();
        loop {
            match self.line() {
                line if line == ENDS => return report,
                line => report.push_str(&line),
            }
        }
    }

    /// The report of the first round that is `wanted`. What is written in two steps may be seen between them.
    fn until(&mut self, wanted: &str) {
        while self.round() != wanted {}
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn each_round_is_a_fresh_run() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    for entry in fs::read_dir(fixture("outage/candidate")).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), root.join(entry.file_name())).unwrap();
    }
    for format in ["concise", "json"] {
        let flags = ["--output-format", format];
        let fresh = || {
            let output = command(root, &flags).output().unwrap();
            (
                String::from_utf8(output.stdout).unwrap(),
                output.status.code(),
            )
        };
        let mut watch = Watch::begin(command(root, &flags));
        assert_eq!(watch.round(), fresh().0);

        // A file changes, one comes, one goes, and all of it is undone.
        let gateway = fs::read_to_string(root.join("gateway_core.py")).unwrap();
        fs::write(
            root.join("gateway_core.py"),
            gateway.replace("timeout=timeout, ", ""),
        )
        .unwrap();
        watch.until(&fresh().0);
        fs::write(
            root.join("more.py"),
            "import cache_core\ncache_core.gone()\n",
        )
        .unwrap();
        assert!(fresh().0.contains("more.py"));
        watch.until(&fresh().0);
        fs::remove_file(root.join("more.py")).unwrap();
        watch.until(&fresh().0);
        fs::write(
            root.join("coship.toml"),
            "[rules]\norphan-operation = \"off\"\n",
        )
        .unwrap();
        watch.until(&fresh().0);
        // A configuration that cannot be used ends a round, not the watching.
        fs::write(root.join("coship.toml"), "nonsense = 1\n").unwrap();
        watch.until("");
        fs::remove_file(root.join("coship.toml")).unwrap();
        watch.until(&fresh().0);
        fs::write(root.join("gateway_core.py"), &gateway).unwrap();
        watch.until(&fresh().0);

        let status = fresh().1;
        let interrupted = Command::new("kill")
            .args(["-INT", &watch.child.id().to_string()])
            .status();
        assert!(interrupted.unwrap().success());
        assert_eq!(watch.child.wait().unwrap().code(), status);
        assert_eq!(status, Some(1));
    }
}

#[test]
fn what_only_moves_is_not_evaluated() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    for entry in fs::read_dir(fixture("outage/candidate")).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), root.join(entry.file_name())).unwrap();
    }
    let flags = ["--output-format", "json", "--timings"];
    // What it took is no two times the same.
    let told = |report: &str| {
        let mut document: serde_json::Value = serde_json::from_str(report).unwrap();
        let timings = document["timings"].take();
        (document, timings["counts"]["evaluated"].as_u64().unwrap())
    };
    let fresh = || {
        let output = command(root, &flags).output().unwrap();
        told(std::str::from_utf8(&output.stdout).unwrap())
    };
    let mut watch = Watch::begin(command(root, &flags));
    assert_eq!(told(&watch.round()), (fresh().0, 2));
    let path = root.join("gateway_wrappers_cache.py");
    let text = fs::read_to_string(&path).unwrap();
    let commented = text.replace("\ndef ", "\n# Another note.\n\ndef ");
    assert_ne!(text, commented);
    // Of many changed files, what lies between the versions is looked at as well; of few it is not.
    for (content, evaluated) in [
        (commented.clone(), 0),
        (text.clone(), 0),
        (commented.replace("ttl: int = 300", "ttl: int = 301"), 2),
        (text.replace("ttl: int = 300", "ttl: int = 301"), 0),
        (text.clone(), 0),
    ] {
        let aside = directory.path().join("aside");
        fs::write(&aside, &content).unwrap();
        fs::rename(&aside, &path).unwrap();
        let (report, count) = told(&watch.round());
        assert_eq!(report, fresh().0);
        assert_eq!(count, evaluated);
    }
}

#[test]
fn what_is_said_of_the_way_rests_on_both_versions() {
    let directory = tempfile::tempdir().unwrap();
    let (root, deployed) = (directory.path().join("new"), directory.path().join("old"));
    for (version, parameters, arguments) in [(&root, "a, b", "1, 2"), (&deployed, "a", "1")] {
        fs::create_dir(version).unwrap();
        let lib = format!("\ndef f({parameters}):\n    return a\n");
        fs::write(version.join("lib.py"), lib).unwrap();
        let main = format!("\nimport lib\nlib.f({arguments})\n");
        fs::write(version.join("main.py"), main).unwrap();
        fs::write(version.join("more.py"), "\nX = 1\n").unwrap();
    }
    let units = "[units]\nlibrary = ['lib.py', 'more.py']\n";
    fs::write(root.join("coship.toml"), units).unwrap();
    let fresh = || String::from_utf8(against_old(&root).output().unwrap().stdout).unwrap();
    let mut watch = Watch::begin(against_old(&root));
    let first = fresh();
    assert!(
        first.contains("lib.py and main.py must ship together"),
        "{first}"
    );
    assert_eq!(watch.round(), first);
    // One more file that says what it said, of a unit that is named.
    fs::write(root.join("more.py"), "\n# Why.\nX = 1\n").unwrap();
    let second = fresh();
    assert_ne!(first, second);
    watch.until(&second);
    // The deployed version takes both arguments.
    let lib = "\ndef f(a, b=1):\n    return a\n";
    fs::write(deployed.join("lib.py"), lib).unwrap();
    let third = fresh();
    assert_ne!(second, third);
    watch.until(&third);
}

#[test]
fn whatever_a_round_reads_begins_another_one() {
    let directory = tempfile::tempdir().unwrap();
    let (root, deployed) = (directory.path().join("new"), directory.path().join("old"));
    for version in [&root, &deployed] {
        fs::create_dir(version).unwrap();
        fs::write(version.join("lib.py"), "def f(a):\n    return a\n").unwrap();
        fs::create_dir(version.join("pk")).unwrap();
        fs::write(version.join("pk/__init__.py"), "").unwrap();
    }
    let broken = "import lib, pk.part\nlib.f(1, b=2)\n";
    fs::write(root.join("main.py"), broken).unwrap();
    fs::write(deployed.join("main.py"), "").unwrap();
    let fresh = || String::from_utf8(against_old(&root).output().unwrap().stdout).unwrap();
    let mut watch = Watch::begin(against_old(&root));
    let first = fresh();
    assert_eq!(watch.round(), first);
    // The deployed version, which lies elsewhere.
    fs::write(deployed.join("main.py"), broken).unwrap();
    let second = fresh();
    assert_ne!(first, second);
    watch.until(&second);
    // Bytes without a meaning, in place of the character that is shown for them.
    fs::write(root.join("odd.py"), b"x = '\xff'\n").unwrap();
    fs::write(deployed.join("odd.py"), "x = '\u{fffd}'\n").unwrap();
    let second = fresh();
    watch.until(&second);
    fs::write(deployed.join("odd.py"), b"x = '\xff'\n").unwrap();
    assert_ne!(second, fresh());
    let second = fresh();
    watch.until(&second);
    // A directory without files is a package.
    fs::create_dir(root.join("pk/part")).unwrap();
    let third = fresh();
    assert_ne!(second, third);
    watch.until(&third);
    // What the configuration has looked into.
    fs::write(root.join("coship.toml"), "exclude = []\n").unwrap();
    fs::create_dir(root.join("node_modules")).unwrap();
    watch.until(&fresh());
    fs::write(root.join("node_modules/x.py"), "def (\n").unwrap();
    let last = fresh();
    assert_ne!(third, last);
    watch.until(&last);
}
