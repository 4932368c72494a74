//! Calls into installed packages: what `coship check --packages DIR` says of a tree when a distribution beside it moved on.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// A package with a client that hands its keywords on, and what else an upgrade may break.
const OLD: [(&str, &str); 5] = [
    (
        "wire/__init__.py",
        "from ._client import Client, Session\nfrom .texts import quote\n\n__version__ = '1.0'\n",
    ),
    (
        "wire/_client.py",
        "class Base:\n    def __init__(self, url=None, *, proxies=None, timeout=5):\n        self.url = url\n\n    def fetch(self, path):\n        return path\n\n\nclass Client(Base):\n    def __init__(self, **options):\n        super().__init__(**options)\n\n    def close(self):\n        pass\n\n\nclass Session(Client):\n    pass\n",
    ),
    (
        "wire/texts.py",
        "def quote(text):\n    return text\n\n\ndef unquote(text):\n    return text\n",
    ),
    ("wire/legacy/__init__.py", "LIMIT = 3\n"),
    ("wire-1.0.dist-info/RECORD", "wire/__init__.py,,\n"),
];

/// The same, without a keyword, a name, a method and a module.
const NEW: [(&str, &str); 4] = [
    (
        "wire/__init__.py",
        "from ._client import Client, Session\n\n__version__ = '2.0'\n",
    ),
    (
        "wire/_client.py",
        "class Base:\n    def __init__(self, url=None, *, proxy=None, timeout=5):\n        self.url = url\n        undefined_here\n\n    def fetch(self, path, *, headers):\n        return path\n\n\nclass Client(Base):\n    def __init__(self, **options):\n        super().__init__(**options)\n\n\nclass Session(Client):\n    pass\n",
    ),
    ("wire/texts.py", "def unquote(text):\n    return text\n"),
    ("wire-2.0.dist-info/RECORD", "wire/__init__.py,,\n"),
];

fn write(top: &Path, files: &[(&str, &str)]) {
    for (path, text) in files {
        let path = top.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

/// The report about `app`.
fn report(top: &Path, arguments: &[&str]) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_coship"))
        .current_dir(top)
        .args(["check", "app", "--output-format", "json"])
        .args(arguments)
        .env_remove("COSHIP_OUTPUT_FORMAT")
        .env_remove("VIRTUAL_ENV")
        .env("COSHIP_NO_CACHE", "1")
        .output()
        .unwrap();
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

/// `path:line rule` of each error and warning.
fn told(report: &Value) -> Vec<String> {
    let findings = report["findings"].as_array().unwrap().iter();
    findings
        .filter(|finding| finding["severity"] != "info")
        .map(|finding| {
            let line = &finding["range"]["start"]["line"];
            let text = |key: &str| finding[key].as_str().unwrap();
            format!("{}:{line} {}", text("path"), text("rule"))
        })
        .collect()
}

/// What is told of `main.py` beside the old and the new packages.
fn beside_both(main: &str) -> [Vec<String>; 2] {
    let directory = tempfile::tempdir().unwrap();
    let top = directory.path();
    write(&top.join("app"), &[("main.py", main)]);
    write(&top.join("old"), &OLD);
    write(&top.join("new"), &NEW);
    ["old", "new"]
        .map(|packages| told(&report(top, &["--against", "none", "--packages", packages])))
}

#[test]
fn a_keyword_that_the_new_version_does_not_take() {
    let main = "import wire\n\n\ndef make():\n    return wire.Client(\n        url='x',\n        proxies=None,\n    )\n\n\nmake()\n";
    let [old, new] = beside_both(main);
    assert_eq!(old, Vec::<String>::new());
    assert_eq!(new, ["main.py:7 unexpected-keyword"]);
}

#[test]
fn by_way_of_a_table_and_a_subclass_of_the_trees() {
    let main = "from wire import Session\n\nOPTIONS = {'proxies': None}\n\n\nclass Own(Session):\n    def ask(self):\n        return self.fetch('x')\n\n\nOwn(**OPTIONS).ask()\n";
    let [old, new] = beside_both(main);
    assert_eq!(old, Vec::<String>::new());
    assert_eq!(
        new,
        ["main.py:3 unexpected-keyword", "main.py:8 missing-argument"]
    );
}

#[test]
fn a_name_a_method_and_a_module_that_are_gone() {
    let main = "import wire.legacy\nfrom wire import Client, quote\nfrom wire.texts import unquote\n\n\ndef run():\n    client = Client()\n    client.close()\n    return quote(unquote('x'))\n\n\nrun()\n";
    let [old, new] = beside_both(main);
    assert_eq!(old, Vec::<String>::new());
    assert_eq!(
        new,
        [
            "main.py:1 missing-module",
            "main.py:2 missing-name",
            "main.py:8 missing-attribute"
        ]
    );
}

#[test]
fn packages_are_read_and_not_told_of() {
    let directory = tempfile::tempdir().unwrap();
    let top = directory.path();
    write(
        &top.join("app"),
        &[("main.py", "import wire\n\nwire.Client()\n")],
    );
    write(&top.join("new"), &NEW);
    let report = report(
        top,
        &["--against", "none", "--packages", "new", "--show", "may"],
    );
    assert_eq!(report["findings"].as_array().unwrap().len(), 0, "{report}");
    assert_eq!(report["summary"]["files"], 1);
    assert_eq!(report["summary"]["functions"], 0);
}

#[test]
fn what_the_tree_has_itself_comes_first() {
    let main = "import wire\n\nwire.Client(proxies=None)\n";
    let directory = tempfile::tempdir().unwrap();
    let top = directory.path();
    write(
        &top.join("app"),
        &[("main.py", main), ("wire.py", "def Client(proxies): ...\n")],
    );
    write(&top.join("new"), &NEW);
    let report = report(top, &["--against", "none", "--packages", "new"]);
    assert_eq!(told(&report), Vec::<String>::new());
}

#[test]
fn an_environment_that_nobody_named_is_not_read() {
    let directory = tempfile::tempdir().unwrap();
    let top = directory.path();
    write(
        &top.join("app"),
        &[("main.py", "import wire\n\nwire.Client(proxies=None)\n")],
    );
    let site = "app/.venv/lib/python3.11/site-packages";
    write(&top.join(site), &NEW);
    write(
        &top.join("app/.venv"),
        &[("pyvenv.cfg", "home = /usr/bin\nversion = 3.11.7\n")],
    );
    let at_hand = report(top, &["--against", "none"]);
    assert_eq!(told(&at_hand), Vec::<String>::new());
    let named = report(top, &["--against", "none", "--python", "app/.venv"]);
    assert_eq!(told(&named), ["main.py:3 unexpected-keyword"]);
}

#[test]
fn what_is_compiled_or_open_beside_it_is_unknown() {
    let main = "import fast\nfrom fast import speed\nfrom fast.core import run\nimport space.one\nimport space.two\n\nspeed(1)\nrun(2)\nspace.one.f(1)\n";
    let directory = tempfile::tempdir().unwrap();
    let top = directory.path();
    write(&top.join("app"), &[("main.py", main)]);
    write(
        &top.join("new"),
        &[
            ("fast/__init__.py", "from .core import *\n"),
            ("fast/core.cpython-311-x86_64-linux-gnu.so", ""),
            ("space/one/__init__.py", "def f(): ...\n"),
            ("space/two.py", ""),
        ],
    );
    let report = report(top, &["--against", "none", "--packages", "new"]);
    assert_eq!(told(&report), ["main.py:9 too-many-positionals"]);
}

#[test]
fn both_sides_of_a_comparison_lie_beside_it() {
    let directory = tempfile::tempdir().unwrap();
    let top = directory.path();
    let main = "import wire\n\nwire.Client(proxies=None)\n";
    write(&top.join("app"), &[("main.py", main)]);
    write(&top.join("before"), &[("main.py", main)]);
    write(&top.join("new"), &NEW);
    let report = report(top, &["--against", "before", "--packages", "new"]);
    assert_eq!(told(&report), ["main.py:3 unexpected-keyword"]);
    assert_eq!(report["findings"][0]["status"], "existing");
}

/// What is told of `main.py` beside a package `wire` with these files.
fn beside(main: &str, files: &[(&str, &str)]) -> Vec<String> {
    let directory = tempfile::tempdir().unwrap();
    let top = directory.path();
    write(&top.join("app"), &[("main.py", main)]);
    write(&top.join("new"), files);
    told(&report(top, &["--against", "none", "--packages", "new"]))
}

#[test]
fn names_are_followed_through_files_and_bodies() {
    let files = [
        ("wire/__init__.py", "from .api import *\n"),
        (
            "wire/api.py",
            "from ._make import make\n\n__all__ = ['ask', 'make']\n\n\ndef ask(**options):\n    from . import _client\n    return _client.Client(**options)\n",
        ),
        (
            "wire/_make.py",
            "from ._client import Client\n\n\ndef make(**options):\n    return Client(**options)\n",
        ),
        (
            "wire/_client.py",
            "from ._base import Base\n\n\nclass Client(Base):\n    pass\n",
        ),
        (
            "wire/_base.py",
            "class Base:\n    def __init__(self, url=None):\n        self.url = url\n",
        ),
        ("wire/unrelated.py", "def f(:\n"),
    ];
    let main = "import wire\n\nwire.make(url=1).url\nwire.ask(proxies=2)\n";
    assert_eq!(beside(main, &files), ["main.py:4 unexpected-keyword"]);
    let main = "import wire\n\nwire.make(proxies=1)\n";
    assert_eq!(beside(main, &files), ["main.py:3 unexpected-keyword"]);
}

#[test]
fn what_files_that_nothing_leads_to_put_there() {
    let files = [
        (
            "wire/__init__.py",
            "from .core import Client, TABLE\nfrom . import extra\n",
        ),
        (
            "wire/core.py",
            "TABLE = {'a': 1}\n\n\nclass Client:\n    def put(self):\n        pass\n\n\nclass Other:\n    pass\n",
        ),
        (
            "wire/extra.py",
            "from . import core\n\n\ndef ask(self):\n    pass\n\n\ncore.Client.ask = ask\ncore.note = 1\ncore.TABLE['b'] = 2\n",
        ),
    ];
    let main = "import wire\nfrom wire import core\n\nwire.Client().ask()\nprint(wire.TABLE['b'], core.note)\nwire.Client().put(1)\n";
    assert_eq!(beside(main, &files), ["main.py:6 too-many-positionals"]);
    let main = "import wire\n\nwire.Client().tell()\n";
    assert_eq!(beside(main, &files), ["main.py:3 missing-attribute"]);
}

#[test]
fn what_functions_of_a_package_fill_that_nobody_calls_here() {
    let files = [
        ("wire/__init__.py", "from .core import TABLE, start\n"),
        (
            "wire/core.py",
            "from .fast import make\n\nTABLE = {}\n\n\nclass Loader:\n    def run(self):\n        TABLE['b'] = 1\n\n\ndef start():\n    TABLE['a'] = 1\n    make(Loader).run()\n",
        ),
        ("wire/fast.cpython-311-x86_64-linux-gnu.so", ""),
    ];
    let main = "import wire\n\nwire.start()\nprint(wire.TABLE['b'])\nwire.start(2)\n";
    assert_eq!(beside(main, &files), ["main.py:5 too-many-positionals"]);
}

#[test]
fn what_a_package_does_deep_inside_leaves_orphans_told() {
    let directory = tempfile::tempdir().unwrap();
    let top = directory.path();
    let long = format!(
        "def run():\n{}    return inner(x)\n\n\ndef inner(x):\n    return x\n",
        "    x = 1\n".repeat(1100)
    );
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/orphan-operation/candidate");
    for file in fs::read_dir(fixture).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        write(
            &top.join("app"),
            &[(name, &fs::read_to_string(&path).unwrap())],
        );
    }
    write(
        &top.join("app"),
        &[("main.py", "import wire\n\nwire.run()\n")],
    );
    write(&top.join("new"), &[("wire/__init__.py", &long)]);
    let alone = report(top, &["--against", "none"]);
    let beside = report(top, &["--against", "none", "--packages", "new"]);
    let orphans = |report: &Value| {
        let findings = report["findings"].as_array().unwrap().iter();
        findings
            .filter(|finding| finding["rule"] == "orphan-operation")
            .cloned()
            .collect::<Vec<Value>>()
    };
    assert!(!orphans(&alone).is_empty());
    assert_eq!(orphans(&alone), orphans(&beside));
}
