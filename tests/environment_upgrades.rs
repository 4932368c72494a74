//! An upgrade of the environment: what `coship check --packages NEW --against-packages OLD` says of a tree.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

/// A package, and another one that calls it.
const OLD: [(&str, &str); 7] = [
    (
        "wire/__init__.py",
        "class Client:\n    def __init__(self, url=None, *, proxies=None): ...\n\n    def fetch(self, path): ...\n\n\ndef quote(text): ...\n",
    ),
    ("wire/legacy.py", "LIMIT = 3\n"),
    ("wire-1.0.dist-info/RECORD", "wire/__init__.py,,\n"),
    ("helper/__init__.py", "from .calls import Helper\n"),
    (
        "helper/calls.py",
        "import wire\n\n\nclass Helper:\n    def __init__(self, client=None):\n        if isinstance(client, str):\n            raise TypeError('no text')\n        self.client = client or wire.Client('x', proxies={})\n\n    def reset(self, hard):\n        if hard:\n            self.client = wire.Client(proxies=None)\n",
    ),
    (
        "helper/texts.py",
        "import wire.legacy\nfrom wire import quote\n\ntry:\n    from wire import unquote\nexcept ImportError:\n    unquote = quote\n",
    ),
    (
        "helper-3.1.dist-info/RECORD",
        "helper/__init__.py,,\nhelper/calls.py,,\nhelper/texts.py,,\n",
    ),
];

/// The same with a version of the first one that takes a keyword less, and has a function and a module less.
fn new() -> Vec<(&'static str, &'static str)> {
    let kept = OLD
        .into_iter()
        .filter(|(path, _)| path.starts_with("helper"));
    let mut all: Vec<_> = kept.collect();
    all.push((
        "wire/__init__.py",
        "class Client:\n    def __init__(self, url=None, *, proxy=None): ...\n\n    def fetch(self, path): ...\n",
    ));
    all.push(("wire-2.0.dist-info/RECORD", "wire/__init__.py,,\n"));
    all
}

fn write(top: &Path, files: &[(&str, &str)]) {
    for (path, text) in files {
        let path = top.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

fn coship(top: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_coship"))
        .current_dir(top)
        .args(["check", "app"])
        .args(arguments)
        .env_remove("COSHIP_OUTPUT_FORMAT")
        .env_remove("VIRTUAL_ENV")
        .env("COSHIP_NO_CACHE", "1")
        .output()
        .unwrap()
}

/// The tree before with the old packages, against the tree with the new ones.
const BOTH_SIDES: [&str; 8] = [
    "--against",
    "before",
    "--packages",
    "new",
    "--against-packages",
    "old",
    "--output-format",
    "json",
];

/// A directory with the tree `app`, and `old` and `new` beside it.
fn laid(main: &str) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let top = directory.path();
    write(&top.join("app"), &[("main.py", main)]);
    write(&top.join("old"), &OLD);
    write(&top.join("new"), &new());
    directory
}

const UPGRADE: [&str; 6] = [
    "--against",
    "none",
    "--packages",
    "new",
    "--against-packages",
    "old",
];

fn document(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

/// `line rule status` of each error and warning, with the distributions with which it came.
fn told(report: &Value) -> Vec<String> {
    let findings = report["findings"].as_array().unwrap().iter();
    let findings = findings.filter(|finding| finding["severity"] != "info");
    findings
        .map(|finding| {
            let line = &finding["range"]["start"]["line"];
            let text = |key: &str| finding[key].as_str().unwrap();
            let upgrades = finding["upgrades"].as_array().into_iter().flatten();
            let upgrades = upgrades.map(|moved| {
                let text = |key: &str| moved[key].as_str().unwrap_or("none");
                format!(
                    ", {} {} -> {}",
                    text("distribution"),
                    text("from"),
                    text("to")
                )
            });
            let upgrades: String = upgrades.collect();
            format!("{line} {} {}{upgrades}", text("rule"), text("status"))
        })
        .collect()
}

/// What is told of `main.py` after the upgrade.
fn after_upgrade(main: &str) -> Vec<String> {
    let directory = laid(main);
    let output = coship(
        directory.path(),
        &[&UPGRADE[..], &["--output-format", "json"]].concat(),
    );
    told(&document(&output))
}

#[test]
fn what_the_upgrade_brought_is_new_and_what_was_there_is_not() {
    let main = "import wire\n\nwire.Client(proxies=None)\nwire.Client().gone()\n";
    let said = [
        "3 unexpected-keyword new, wire 1.0 -> 2.0",
        "4 missing-attribute existing",
    ];
    assert_eq!(after_upgrade(main), said);
    let directory = laid(main);
    let new_only = [&UPGRADE[..], &["--new-only", "--output-format", "json"]].concat();
    let only = told(&document(&coship(directory.path(), &new_only)));
    assert_eq!(only, said[..1]);
}

#[test]
fn names_and_modules_that_went() {
    let main =
        "import wire.legacy\nfrom wire import quote\n\n\ndef run():\n    return quote('x')\n";
    let said = [
        "1 missing-module new, wire 1.0 -> 2.0",
        "2 missing-name new, wire 1.0 -> 2.0",
    ];
    assert_eq!(after_upgrade(main), said);
}

#[test]
fn a_mended_caller_is_silent() {
    let main = "import wire\n\nwire.Client(proxy=None).fetch('x')\n";
    assert_eq!(after_upgrade(main), Vec::<String>::new());
}

#[test]
fn a_package_that_fails_in_another_one_is_told_at_the_own_call() {
    let call = "7 broken-package new, wire 1.0 -> 2.0";
    let main = "import helper\n\n\ndef make(client=None, text='x'):\n    helper.Helper(object())\n    helper.Helper(client)\n    return helper.Helper()\n\n\nmake(object())\n";
    assert_eq!(after_upgrade(main), [call]);
    // Whether it is called rests on a parameter of the package's own function.
    let reset = "import helper\n\n\ndef run(hard):\n    helper.Helper(object()).reset(hard)\n";
    assert_eq!(after_upgrade(reset), Vec::<String>::new());
}

#[test]
fn an_import_that_fails_within_packages_is_told_at_the_own_import() {
    let import = "broken-package new, wire 1.0 -> 2.0";
    for main in [
        "import helper.texts\n",
        "from helper import texts\n",
        "from helper.texts import quote\n",
        "def run():\n    import helper.texts as texts\n    return texts\n",
    ] {
        let said = after_upgrade(main);
        assert_eq!(said.len(), 1, "{main}");
        assert!(said[0].ends_with(import), "{main}: {said:?}");
    }
    // Nothing but a guard, a test or a type checker leads there.
    for main in [
        "try:\n    import helper.texts\nexcept ImportError:\n    pass\n",
        "import sys\n\nif sys.argv:\n    import helper.texts\n",
        "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from helper import texts\n",
        "import helper.calls\n",
    ] {
        assert_eq!(after_upgrade(main), Vec::<String>::new(), "{main}");
    }
}

#[test]
fn names_that_come_from_elsewhere_are_not_lacking() {
    let make = |lacking: (&str, &str)| {
        let directory = laid("import helper.texts\n");
        let top = directory.path();
        fs::remove_file(top.join("new/helper/texts.py")).unwrap();
        write(
            &top.join("new"),
            &[
                ("helper/texts.py", "from wire import quote\n"),
                (lacking.0, lacking.1),
            ],
        );
        let arguments = [&UPGRADE[..], &["--output-format", "json"]].concat();
        told(&document(&coship(top, &arguments)))
    };
    assert_eq!(make(("wire/unrelated.py", "")).len(), 1);
    for lacking in [
        ("wire/__init__.py", "def __getattr__(name): ...\n"),
        ("wire/__init__.py", "from os.path import *\n"),
        ("wire/__init__.py", "globals()['quote'] = str\n"),
        ("wire/__init__.py", "__all__ = ['quote']\n"),
        ("wire/quote.py", ""),
        ("wire/quote/data.txt", ""),
        ("wire/patch.py", "import wire\n\nwire.quote = str\n"),
        (
            "helper/patch.py",
            "import wire as it\n\n\ndef patch(names):\n    for name in names:\n        setattr(it, name, str)\n",
        ),
        (
            "wire/patch.py",
            "import importlib\n\n\ndef patch(module, name):\n    made = importlib.import_module(module)\n    setattr(made, name, str)\n",
        ),
    ] {
        assert_eq!(make(lacking), Vec::<String>::new(), "{lacking:?}");
    }
}

#[test]
fn each_side_has_its_own_packages() {
    let main = "import wire\n\nwire.Client(proxies=None)\n";
    let directory = laid(main);
    let top = directory.path();
    // The same line ran with the old packages: it is new with the new ones. What is written since then fails with either.
    write(&top.join("before"), &[("main.py", main)]);
    write(
        &top.join("app"),
        &[(
            "main.py",
            "import wire\n\nwire.Client(proxies=None)\nwire.Client(speed=1)\nwire.Client(proxies=2)\n",
        )],
    );
    let report = document(&coship(top, &BOTH_SIDES));
    assert_eq!(report["against"]["name"], "before");
    let said = [
        "3 unexpected-keyword new, wire 1.0 -> 2.0",
        "4 unexpected-keyword new",
        "5 unexpected-keyword new, wire 1.0 -> 2.0",
    ];
    assert_eq!(told(&report), said);
}

#[test]
fn what_ships_together_is_judged_beside_the_new_packages() {
    let directory = laid("import core\n\ncore.ask(speed=1)\n");
    let top = directory.path();
    write(
        &top.join("app"),
        &[(
            "core.py",
            "import wire\n\n\ndef ask(speed):\n    return wire.Client(proxies=speed)\n",
        )],
    );
    write(
        &top.join("before"),
        &[
            ("main.py", "import core\n\ncore.ask()\n"),
            (
                "core.py",
                "import wire\n\n\ndef ask():\n    return wire.Client(proxies=1)\n",
            ),
        ],
    );
    let report = document(&coship(top, &BOTH_SIDES));
    let findings = report["findings"].as_array().unwrap();
    let rules: Vec<&str> = findings
        .iter()
        .map(|finding| finding["rule"].as_str().unwrap())
        .collect();
    assert!(rules.contains(&"ship-together"), "{rules:?}");
    let keyword = findings
        .iter()
        .find(|finding| finding["rule"] == "unexpected-keyword");
    assert_eq!(keyword.unwrap()["status"], "new");
    assert_eq!(keyword.unwrap()["upgrades"][0]["to"], "2.0");
}

#[test]
fn the_formats_say_with_what_it_came() {
    let directory = laid("import wire\n\nwire.Client(proxies=None)\n");
    let top = directory.path();
    let text = |format: &str| {
        let output = coship(top, &[&UPGRADE[..], &["--output-format", format]].concat());
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8(output.stdout).unwrap()
    };
    let concise = text("concise");
    assert!(
        concise.starts_with("coship: directory app, against directory app, chosen by --against-packages; no Python version declared; packages of new, against packages of old (wire 1.0 -> 2.0)\n"),
        "{concise}"
    );
    let line = "main.py:3:13: error: keyword 'proxies' is not taken by wire.Client.__init__(self, url=None, *, proxy=None); came with wire 1.0 -> 2.0 [unexpected-keyword]\n";
    assert!(concise.contains(line), "{concise}");
    for format in [
        "full",
        "github",
        "gitlab",
        "sarif",
        "junit",
        "rdjson",
        "json-lines",
    ] {
        // The full format breaks its lines.
        let text = text(format).replace("\n  │ ", " ");
        assert!(text.contains("came with wire 1.0"), "{format}: {text}");
    }
    let sarif: Value = serde_json::from_str(&text("sarif")).unwrap();
    assert_eq!(sarif["runs"][0]["results"][0]["baselineState"], "new");
    let json: Value = serde_json::from_str(&text("json")).unwrap();
    let moved = serde_json::json!([{"distribution": "wire", "from": "1.0", "to": "2.0"}]);
    assert_eq!(json["against_packages"]["moved"], moved);
    assert_eq!(json["against_packages"]["names"][0], "old");
}

#[test]
fn a_virtual_environment_is_one_too() {
    let directory = laid("import wire\n\nwire.Client(proxies=None)\n");
    let top = directory.path();
    for (venv, files) in [("before", OLD.to_vec()), ("now", new())] {
        write(&top.join(venv).join("lib/python3.11/site-packages"), &files);
        write(
            &top.join(venv),
            &[("pyvenv.cfg", "home = /usr/bin\nversion = 3.11.7\n")],
        );
    }
    let arguments = [
        "--against",
        "none",
        "--python",
        "now",
        "--against-packages",
        "before",
        "--output-format",
        "json",
    ];
    let said = told(&document(&coship(top, &arguments)));
    assert_eq!(said, ["3 unexpected-keyword new, wire 1.0 -> 2.0"]);
}

#[test]
fn what_cannot_be_compared_with_is_no_verdict() {
    let directory = laid("import wire\n");
    let top = directory.path();
    fs::create_dir(top.join("empty")).unwrap();
    for arguments in [
        &["--packages", "new", "--against-packages", "nowhere"][..],
        &["--packages", "new", "--against-packages", "empty"],
        &["--against-packages", "old"],
    ] {
        let output = coship(top, &[&["--against", "none"], arguments].concat());
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(output.stdout.is_empty());
        assert!(said.contains("--packages"), "{said}");
    }
}

#[test]
fn of_two_versions_the_one_counts_whose_record_fits() {
    let directory = laid("import wire\n\nwire.Client(proxies=None)\n");
    let top = directory.path();
    let size = fs::metadata(top.join("new/wire/__init__.py"))
        .unwrap()
        .len();
    // As `pip install --target DIR --upgrade` leaves them: the old metadata stay.
    for (version, size) in [("1.0", 7), ("2.0", size), ("9.0", 7)] {
        let record = format!("../../bin/wire,sha256=x,9\nwire/__init__.py,sha256=x,{size}\n");
        write(
            &top.join("new"),
            &[(&*format!("wire-{version}.dist-info/RECORD"), &*record)],
        );
    }
    let arguments = [&UPGRADE[..], &["--output-format", "json"]].concat();
    let said = told(&document(&coship(top, &arguments)));
    assert_eq!(said, ["3 unexpected-keyword new, wire 1.0 -> 2.0"]);
}
