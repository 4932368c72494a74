//! The rules of layers, as they are configured: directions, private parts, chains, and all that silences a finding.

mod source_support;

use serde_json::Value;
use source_support::{Sandbox, command};

/// What is reported: `path:line [rule] message`.
fn reported(sandbox: &Sandbox, arguments: &[&str]) -> Vec<String> {
    let all = [&["check", "--output-format", "json"], arguments].concat();
    let output = command(&sandbox.path(), &all).output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    let findings = report["findings"].as_array().unwrap();
    let said = findings.iter().filter(|it| it["severity"] != "info");
    said.map(|finding| {
        let text = |key: &str| finding[key].as_str().unwrap().to_owned();
        let line = &finding["range"]["start"]["line"];
        format!(
            "{}:{line} [{}] {}",
            text("path"),
            text("rule"),
            text("message")
        )
    })
    .collect()
}

const GENERAL: &str = "[layers]
web = ['web/**']
services = ['services/**']
store = ['store/**']

[layers.may-import]
web = ['services']
services = ['store']
store = []
";

fn shop() -> Sandbox {
    let sandbox = Sandbox::new();
    for package in ["web", "services", "store"] {
        sandbox.write(&format!("{package}/__init__.py"), "");
    }
    sandbox
        .write("coship.toml", GENERAL)
        .write(
            "web/page.py",
            "from services import orders\n\ndef show():\n    return orders.all()\n",
        )
        .write(
            "services/orders.py",
            "from store import table\n\ndef all():\n    return table.rows()\n",
        )
        .write("store/table.py", "def rows():\n    return []\n");
    sandbox
}

#[test]
fn directions_are_those_of_the_configuration() {
    let sandbox = shop();
    assert_eq!(reported(&sandbox, &[]), [] as [&str; 0]);
    sandbox
        .write(
            "web/list.py",
            "import store.table\n\ndef show():\n    return store.table.rows()\n",
        )
        .write(
            "store/log.py",
            "def write():\n    from web.page import show\n    return show()\n",
        );
    assert_eq!(
        reported(&sandbox, &[]),
        [
            "store/log.py:2 [layer-reversed] store.log, in layer 'store', imports web.page, further out in layer 'web'",
            "web/list.py:1 [layer-skipped] web.list, in layer 'web', imports store.table, in layer 'store', past 'services'",
        ]
    );
}

#[test]
fn a_helper_in_no_layer_hides_nothing() {
    let sandbox = shop();
    sandbox
        .write(
            "helper.py",
            "import deeper\n\ndef rows():\n    return deeper.rows()\n",
        )
        .write("deeper.py", "from store.table import rows\n")
        .write(
            "web/list.py",
            "import helper\n\ndef show():\n    return helper.rows()\n",
        );
    assert_eq!(
        reported(&sandbox, &[]),
        [
            "web/list.py:1 [layer-skipped] web.list, in layer 'web', imports store.table through helper, deeper, in layer 'store', past 'services'"
        ]
    );
    let arguments = ["check", "--output-format", "full", "--color", "never"];
    let output = command(&sandbox.path(), &arguments).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    for line in [
        "chain: web/list.py:1 in web.list: imports helper",
        "helper.py:1 in helper: imports deeper",
        "deeper.py:1 in deeper: imports store.table",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    // Where files in no layer have a rule of their own, the one at the end of the chain is told.
    let others = format!("{GENERAL}others = ['web']\n");
    sandbox.write("coship.toml", &others);
    assert_eq!(
        reported(&sandbox, &[]),
        [
            "deeper.py:1 [layer-skipped] deeper, in no layer, imports store.table, in layer 'store', past 'web'"
        ]
    );
}

#[test]
fn imports_that_run_count() {
    let sandbox = shop();
    let checkers =
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from store import table\n";
    sandbox
        .write("web/typed.py", checkers)
        .write("web/test_page.py", "from store import table\n")
        .write(
            "web/lazy.py",
            "def show():\n    from store import table\n    return table\n",
        )
        .write(
            "web/named.py",
            "import importlib\nTABLE = importlib.import_module('store.table')\n",
        );
    let places = |found: Vec<String>| -> Vec<String> {
        let place = |line: String| line.split(" [").next().unwrap().to_owned();
        found.into_iter().map(place).collect()
    };
    assert_eq!(
        places(reported(&sandbox, &[])),
        ["web/lazy.py:2", "web/named.py:2"]
    );
    let counted = "layers.type-checking-imports=true";
    assert_eq!(
        places(reported(&sandbox, &["--config", counted])),
        ["web/lazy.py:2", "web/named.py:2", "web/typed.py:3"]
    );
}

#[test]
fn a_table_leads_past_a_layer_too() {
    let sandbox = Sandbox::new();
    sandbox
        .write("coship.toml", "[layers]\nprofile = 'suga'\n")
        .write("interface_cache.py", "")
        .write("cache_core.py", "def _get(key):\n    return key\n\n_DISPATCH = {'get': _get}\n\ndef execute(operation, **kwargs):\n    return _DISPATCH[operation](**kwargs)\n")
        .write(
            "gateway.py",
            "import importlib\n\n_ROUTERS = {'cache': ('cache_core', 'execute')}\n\ndef execute_operation(interface, operation, **kwargs):\n    \
             module, function = _ROUTERS[interface]\n    return getattr(importlib.import_module(module), function)(operation, **kwargs)\n\n\
             def cache_get(key):\n    return execute_operation('cache', 'get', key=key)\n",
        );
    assert_eq!(
        reported(&sandbox, &[]),
        [
            "gateway.py:5 [layer-skipped] gateway, in layer 'gateway', imports cache_core, in layer 'core', past 'interface'"
        ]
    );
}

#[test]
fn findings_of_layers_are_silenced_like_others() {
    let sandbox = Sandbox::repository();
    let import = "from store.table import rows";
    for package in ["web", "store"] {
        sandbox.write(&format!("{package}/__init__.py"), "");
    }
    sandbox
        .write("coship.toml", GENERAL)
        .write("store/table.py", "def rows():\n    return []\n")
        .write("web/list.py", format!("{import}\n"));
    sandbox.commit("a");
    let places = |arguments: &[&str]| reported(&sandbox, arguments).len();
    assert_eq!(places(&["--against", "none"]), 1);
    assert_eq!(places(&["--against", "HEAD", "--new-only"]), 0);
    assert_eq!(places(&["--against", "none", "--ignore", "CS6"]), 0);
    assert_eq!(places(&["--config", "per-path.\"web/**\".CS6=off"]), 0);
    let output = command(&sandbox.path(), &["check", "--config", "rules.CS6=error"]);
    assert_eq!({ output }.output().unwrap().status.code(), Some(1));
    // A plan is about what fails, and this does not.
    sandbox.write("web/more.py", format!("{import}\n"));
    let plan = ["plan", "--against", "HEAD", "--config", "rules.CS6=error"];
    assert_eq!(
        command(&sandbox.path(), &plan)
            .output()
            .unwrap()
            .status
            .code(),
        Some(0)
    );
    sandbox.write("web/more.py", "");
    let known = [
        "check",
        "--against",
        "none",
        "--baseline",
        "known.toml",
        "--update-baseline",
    ];
    command(&sandbox.path(), &known).output().unwrap();
    let with_baseline = ["--against", "none", "--baseline", "known.toml"];
    assert_eq!(places(&with_baseline), 0);
    // Moved, importer and imported; then a second one.
    sandbox.write("store/rows.py", "def rows():\n    return []\n");
    sandbox.remove("store/table.py");
    sandbox.remove("web/list.py");
    sandbox.write("web/moved.py", "\n\nfrom store.rows import rows\n");
    assert!(places(&with_baseline) <= 1, "its own text was edited");
    sandbox.write(
        "web/moved.py",
        format!("{import}  # coship: ignore[layer-skipped] goes in May\n"),
    );
    sandbox.write("store/table.py", "def rows():\n    return []\n");
    assert_eq!(places(&["--against", "none"]), 0);
}
