//! The commands as a user meets them: exit statuses, where output goes, what is refused.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

const CLEAN: &str = "fixtures/ignore-comment/candidate";
const WARNINGS: &str = "fixtures/unused-ignore/candidate";
const BROKEN: &str = "fixtures/syntax-error/candidate";

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_coship"));
    command
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(arguments);
    for variable in [
        "COSHIP_OUTPUT_FORMAT",
        "NO_COLOR",
        "CLICOLOR",
        "CLICOLOR_FORCE",
        "COLUMNS",
    ] {
        command.env_remove(variable);
    }
    command
}

fn coship(arguments: &[&str]) -> Output {
    command(arguments).output().unwrap()
}

fn check(arguments: &[&str]) -> Output {
    coship(&[&["check", "--against", "none"], arguments].concat())
}

fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

fn stderr(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).unwrap()
}

#[test]
fn certainty_is_explained_on_demand() {
    let outage = &["fixtures/outage/candidate", "--output-format", "full"];
    let plain = check(outage);
    assert!(!stdout(&plain).contains("rule 2:"));
    let explained = check(&[&outage[..], &["--explain-certainty"]].concat());
    assert!(stdout(&explained).contains("rule 2: it fails for the values that these calls pass"));
}

#[test]
fn the_exit_status_says_what_was_found() {
    assert_eq!(check(&[CLEAN]).status.code(), Some(0));
    assert_eq!(check(&[WARNINGS]).status.code(), Some(0));
    assert_eq!(
        check(&[WARNINGS, "--fail-on", "warning"]).status.code(),
        Some(1)
    );
    assert_eq!(
        check(&[WARNINGS, "--config", "fail-on=warning"])
            .status
            .code(),
        Some(1)
    );
    assert_eq!(check(&[BROKEN]).status.code(), Some(1));
    assert_eq!(check(&[BROKEN, "--exit-zero"]).status.code(), Some(0));
    assert_eq!(
        check(&[BROKEN, "--config", "rules.CS9=warning", "--select", "CS9"])
            .status
            .code(),
        Some(0)
    );
}

#[test]
fn what_cannot_be_checked_is_two_and_says_why() {
    for arguments in [
        &["check", "no/such/directory"] as &[&str],
        &["check", CLEAN, "--against", "no-such-revision"],
        &["check", CLEAN, "--select", "no-such-rule"],
        &["check", CLEAN, "--config", "fail-onn=error"],
        &["check", CLEAN, "--output-format", "no-such-format"],
        &["check", CLEAN, "--output-file", "no/such/directory/report"],
        &["rule", "no-such-rule"],
        &["no-such-command"],
    ] {
        let output = coship(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(
            output.stdout.is_empty(),
            "{arguments:?}: {}",
            stdout(&output)
        );
        assert!(
            stderr(&output).starts_with("error: "),
            "{arguments:?}: {}",
            stderr(&output)
        );
    }
}

#[test]
fn the_first_line_names_the_trees_and_the_last_counts() {
    for format in ["full", "concise"] {
        let output = check(&[WARNINGS, "--output-format", format]);
        let lines: Vec<&str> = stdout(&output).lines().collect();
        let first = format!(
            "coship: work tree {WARNINGS}, against nothing: --against none; no Python version declared; no packages known"
        );
        let is_first = lines[0] == first || lines[0] == first.replace("work tree", "directory");
        assert!(is_first, "{}", lines[0]);
        let last = lines.last().unwrap();
        assert!(
            last.ends_with("unresolved): 0 errors, 2 warnings"),
            "{last}"
        );
        let quiet = check(&[WARNINGS, "--output-format", format, "--quiet"]);
        assert!(!stdout(&quiet).starts_with("coship: ") && !stdout(&quiet).contains("unresolved"));
    }
}

#[test]
fn the_format_comes_from_the_flag_then_the_environment_then_the_configuration() {
    let with = |variable: &str, arguments: &[&str]| {
        let output = command(&[&["check", CLEAN, "--against", "none"], arguments].concat())
            .env("COSHIP_OUTPUT_FORMAT", variable)
            .output()
            .unwrap();
        (
            output.status.code(),
            String::from_utf8(output.stdout).unwrap(),
        )
    };
    assert!(with("json", &[]).1.starts_with('{'));
    assert!(
        with("json", &["--output-format", "gitlab"])
            .1
            .starts_with('[')
    );
    assert!(
        with("", &["--config", "output-format=gitlab"])
            .1
            .starts_with('[')
    );
    assert!(
        with("json", &["--config", "output-format=gitlab"])
            .1
            .starts_with('{')
    );
    // A format that only another command has is no mistake; one that none has is.
    assert!(with("dot", &[]).1.starts_with("coship: "));
    assert_eq!(with("no-such-format", &[]).0, Some(2));
}

#[test]
fn colors_follow_the_flag_before_the_environment() {
    let colored = |arguments: &[&str], variable: &str, value: &str| {
        let output = command(&[&["check", BROKEN, "--against", "none"], arguments].concat())
            .env(variable, value)
            .output()
            .unwrap();
        stdout(&output).contains('\x1b')
    };
    assert!(!colored(&[], "TERM", "xterm"), "no terminal, no colours");
    assert!(colored(&["--color", "always"], "NO_COLOR", "1"));
    assert!(colored(&[], "CLICOLOR_FORCE", "1"));
    assert!(!colored(&[], "CLICOLOR_FORCE", "0"));
    assert!(!colored(&["--color", "never"], "CLICOLOR_FORCE", "1"));
    assert!(!colored(
        &["--output-format", "json", "--color", "always"],
        "CLICOLOR_FORCE",
        "1"
    ));
}

#[test]
fn a_report_can_go_to_a_file() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("report.json");
    let output = check(&[
        BROKEN,
        "--output-format",
        "json",
        "--output-file",
        file.to_str().unwrap(),
    ]);
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    let report: Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    assert_eq!(report["version"], 1);
}

#[test]
fn a_closed_pipe_is_success() {
    for arguments in [&["rule"] as &[&str], &["check", CLEAN], &["routes", CLEAN]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = command(arguments)
            .stdout(writer)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
            .wait_with_output()
            .unwrap();
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        assert_eq!(stderr(&output), "", "{arguments:?}");
    }
}

#[test]
fn junit_is_xml_and_never_empty() {
    for tree in [CLEAN, BROKEN] {
        let output = check(&[tree, "--output-format", "junit"]);
        let count = "import sys, xml.etree.ElementTree as e; print(len(e.parse(sys.stdin).getroot().findall('testsuite/testcase')))";
        let mut python = Command::new("python3")
            .args(["-c", count])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        std::io::Write::write_all(&mut python.stdin.take().unwrap(), &output.stdout).unwrap();
        let cases = String::from_utf8(python.wait_with_output().unwrap().stdout).unwrap();
        assert!(cases.trim().parse::<u32>().unwrap() >= 1, "{tree}: {cases}");
    }
}

#[test]
fn sarif_has_a_rule_for_every_result_and_no_empty_text() {
    fn no_empty_text(value: &Value) {
        match value {
            Value::String(text) => assert!(!text.is_empty()),
            Value::Array(values) => values.iter().for_each(no_empty_text),
            Value::Object(fields) => fields.values().for_each(no_empty_text),
            _ => {}
        }
    }
    let output = check(&[BROKEN, "--output-format", "sarif"]);
    let report: Value = serde_json::from_str(stdout(&output)).unwrap();
    no_empty_text(&report);
    let run = &report["runs"][0];
    let results = run["results"].as_array().unwrap();
    assert!(!results.is_empty());
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(
            run["tool"]["driver"]["rules"][index]["id"],
            result["ruleId"]
        );
        assert_eq!(result["locations"].as_array().unwrap().len(), 1);
        assert!(result["partialFingerprints"]["primaryLocationLineHash"].is_string());
    }
}

#[test]
fn rules_are_listed_and_explained() {
    let list = coship(&["rule"]);
    assert!(stdout(&list).contains("  CS101  unexpected-keyword      error    "));
    let page = coship(&["rule", "cs101"]);
    assert!(stdout(&page).starts_with("# unexpected-keyword (CS101)\n"));
    assert!(
        stdout(&page)
            .lines()
            .all(|line| line.chars().count() <= 110)
    );
    let near = coship(&["rule", "unexpected-keywords"]);
    assert!(stderr(&near).contains("did you mean `unexpected-keyword`?"));
}

#[test]
fn init_writes_a_configuration_once() {
    let directory = tempfile::tempdir().unwrap();
    let tree = directory.path();
    fs::write(
        tree.join("gateway_core.py"),
        "def execute_operation(): pass\n",
    )
    .unwrap();
    let path = tree.to_str().unwrap();
    let shown = coship(&["init", path, "--stdout"]);
    assert!(!tree.join("coship.toml").exists());
    assert_eq!(coship(&["init", path]).status.code(), Some(0));
    let written = fs::read_to_string(tree.join("coship.toml")).unwrap();
    assert_eq!(stdout(&shown), written);
    assert!(
        written.contains("gateway = [\"**/gateway*.py\"]  # 1 file\n"),
        "{written}"
    );
    let again = coship(&["init", path]);
    assert_eq!(again.status.code(), Some(2));
    assert!(stderr(&again).contains("exists already"));
    assert_eq!(coship(&["init", path, "--force"]).status.code(), Some(0));
    assert_eq!(check(&[path]).status.code(), Some(0));
}

#[test]
fn routes_are_drawn() {
    let tree = "fixtures/existing-defect/candidate";
    let routes = coship(&["routes", tree, "--output-format", "json"]);
    let document: Value = serde_json::from_str(stdout(&routes)).unwrap();
    assert_eq!(document["version"], 1);
    assert!(!document["routes"].as_array().unwrap().is_empty());
    let dot = coship(&["routes", tree, "--output-format", "dot"]);
    assert!(stdout(&dot).starts_with("digraph routes {\n") && stdout(&dot).ends_with("}\n"));
    let mermaid = coship(&["routes", tree, "--output-format", "mermaid"]);
    assert!(stdout(&mermaid).starts_with("flowchart LR\n"));
    let table = coship(&["routes", tree]);
    assert!(
        stdout(&table)
            .lines()
            .nth(1)
            .unwrap()
            .starts_with("interface")
    );
}

#[test]
fn nothing_is_written_in_the_tree() {
    let before = fs::metadata(Path::new(env!("CARGO_MANIFEST_DIR")).join(CLEAN))
        .unwrap()
        .modified()
        .unwrap();
    assert!(check(&[CLEAN]).status.success());
    let after = fs::metadata(Path::new(env!("CARGO_MANIFEST_DIR")).join(CLEAN))
        .unwrap()
        .modified()
        .unwrap();
    assert_eq!(before, after);
}

/// A gateway with one table of `count` operations, each with a wrapper; the last wrapper passes a keyword that nobody takes. With `junk`, a helper is
/// called with that many texts before.
fn large_table(count: usize, junk: usize) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let all = |line: &dyn Fn(usize) -> String| (0..count).map(line).collect::<String>();
    let core = all(&|i| format!("def op_{i}(key, ttl=None):\n    return key\n"));
    let table = all(&|i| format!("    'op_{i}': core.op_{i},\n"));
    let interface = format!(
        "import core\n_DISPATCH = {{\n{table}}}\ndef execute(operation, **kwargs):\n    return _DISPATCH[operation](**kwargs)\n"
    );
    let gateway = "import importlib\n_R = {'CORE': ('interface', 'execute')}\ndef execute_operation(interface, operation, **kwargs):\n    module, name = _R[interface]\n    return getattr(importlib.import_module(module), name)(operation, **kwargs)\n";
    let wrapper = |i: usize| {
        let more = if i + 1 == count { ", tll=3" } else { "" };
        format!("def w_{i}(key):\n    return execute_operation('CORE', 'op_{i}', key=key{more})\n")
    };
    let wrappers = format!("from gateway import execute_operation\n{}", all(&wrapper));
    let label = "def label(text, operation):\n    if operation == 'x':\n        return text\n    return text.upper() + operation\n";
    let calls: Vec<String> = (0..junk)
        .map(|i| format!("    label('t{i}', 'o{i}'),\n"))
        .collect();
    let calls = calls.concat();
    let labels = format!("from helper import label\ndef labels():\n    return [\n{calls}    ]\n");
    for (name, text) in [
        ("core.py", core.as_str()),
        ("interface.py", &interface),
        ("gateway.py", gateway),
        ("wrappers.py", &wrappers),
        ("helper.py", label),
        ("a_labels.py", &labels),
    ] {
        fs::write(directory.path().join(name), text).unwrap();
    }
    directory
}

#[test]
fn a_table_of_thousands_of_operations_is_followed_to_the_last() {
    let directory = large_table(5_000, 0);
    let output = check(&[directory.path().to_str().unwrap(), "--isolated"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stdout(&output).contains("keyword 'tll' is not taken by core.op_4999"));
    assert!(!stdout(&output).contains("not looked into"));
}

/// Objects of a library that lead from one to the next are the same kind of thing from the second on: nothing is left out for it.
#[test]
fn what_leads_from_one_attribute_to_the_same_is_followed_to_its_end() {
    let directory = tempfile::tempdir().unwrap();
    let follow = "import shapes\n\n\ndef follow(node):\n    if node.next:\n        return follow(node.next)\n    return node\n\n\ndef each(node):\n    while node.left or node.right:\n        node = each(node.left).kind.right\n    return node\n\n\ndef main():\n    return follow(shapes.ROOT), each(shapes.ROOT)\n";
    fs::write(directory.path().join("main.py"), follow).unwrap();
    let output = check(&[directory.path().to_str().unwrap(), "--isolated"]);
    assert!(
        !stdout(&output).contains("looked into"),
        "{}",
        stdout(&output)
    );
}

/// `hash.py` is what `hash.so` beside it was compiled of: imports find that one, and a variable that is declared for the compiler is none for Python.
#[test]
fn a_file_that_was_compiled_is_not_what_runs() {
    let directory = tempfile::tempdir().unwrap();
    let source = "import cython\n\n\ndef digest(data):\n    output: cython.char[28]\n    fill(output, data)\n    return output[:28]\n\n\ndef fill(output, data):\n    output[0] = data[0]\n";
    let errors = |files: &[(&str, &str)]| {
        for (name, text) in files {
            fs::write(directory.path().join(name), text).unwrap();
        }
        let output = check(&[directory.path().to_str().unwrap(), "--isolated"]);
        stdout(&output).matches(": error: ").count()
    };
    assert_eq!(errors(&[("hash.py", source)]), 1);
    let compiled = ("hash.cpython-311-x86_64-linux-gnu.so", "");
    assert_eq!(errors(&[compiled]), 0);
}

/// A property that gives None is no instance of a class that another package has: what a method does with such an instance is not reached.
#[test]
fn nothing_is_none_and_of_another_package() {
    let directory = tempfile::tempdir().unwrap();
    let text = "from wire import Auth\n\n\nclass Client:\n    @property\n    def auth(self):\n        return None\n\n    def retry(self):\n        if isinstance(self.auth, Auth):\n            return self.auth.expired()\n        return self.auth.expired\n";
    fs::write(directory.path().join("main.py"), text).unwrap();
    let output = check(&[directory.path().to_str().unwrap(), "--isolated"]);
    assert_eq!(stdout(&output).matches("missing-attribute").count(), 1);
    assert!(
        stdout(&output).contains("main.py:12:"),
        "{}",
        stdout(&output)
    );
}

/// What a loader puts on what it loads, many files that nothing imports read as a name of their own: a file that lacks another name is still told.
#[test]
fn what_a_loader_puts_on_its_modules_is_a_name_of_theirs() {
    let directory = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(directory.path().join(name), text).unwrap();
    fs::create_dir(directory.path().join("engines")).unwrap();
    for number in 0..20 {
        let name = if number < 9 { "traits" } else { "len" };
        let engine = format!("engines/engine_{number}.py");
        write(
            &engine,
            &format!("def ask(text):\n    return {name}(text)\n"),
        );
    }
    write(
        "engines/odd.py",
        "def ask(text):\n    return habits(text)\n",
    );
    let loader = "import importlib\n\n\ndef load(name):\n    engine = importlib.import_module(name)\n    finish(engine)\n    return engine\n\n\ndef finish(engine):\n    engine.traits = str\n";
    let errors = |loader: &str| {
        write("loader.py", loader);
        let output = check(&[directory.path().to_str().unwrap(), "--isolated"]);
        let said = stdout(&output).to_owned();
        let of = |name: &str| {
            let error = format!("error: name '{name}'");
            said.matches(error.as_str()).count()
        };
        (of("traits"), of("habits"))
    };
    assert_eq!(errors(loader), (0, 1));
    assert_eq!(
        errors(&loader.replace("engine.traits = str", "print(engine)")),
        (9, 1)
    );
}

/// A program whose first line asks for Python 2 never runs as Python 3, and what macOS keeps beside a file is no Python.
#[test]
fn files_that_this_python_never_runs_make_no_errors() {
    let directory = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &[u8]| fs::write(directory.path().join(name), text).unwrap();
    let errors = || {
        let output = check(&[directory.path().to_str().unwrap(), "--isolated"]);
        stdout(&output).matches(": error: ").count()
    };
    write(
        "crawl.py",
        b"#!/usr/bin/env python2.7\nfor name in {}.iteritems():\n    print(unicode(name))\n",
    );
    write("old.py", b"#!/usr/bin/python2\nprint 'a'\n");
    write("new.py", b"print(1)\n");
    write("._new.py", b"\0\x05\x16\x07\0\x02Mac OS X");
    assert_eq!(errors(), 0);
    // What is imported runs, whatever its first line says.
    write("new.py", b"import crawl\nimport old\n");
    assert!(errors() >= 2);
    write("new.py", b"print(1)\n");
    write(
        "crawl.py",
        b"#!/usr/bin/env python\nfor name in {}.iteritems():\n    print(unicode(name))\n",
    );
    write("old.py", b"#!/usr/bin/python\nprint 'a'\n");
    assert!(errors() >= 2);

    // Its directory says so.
    for (place, count) in [("python2", 0), ("py2.7", 0), ("py2neo", 2), ("python3", 2)] {
        let directory = tempfile::tempdir().unwrap();
        let inside = directory.path().join(place);
        fs::create_dir(&inside).unwrap();
        fs::write(inside.join("client.py"), "import sys\nprint 'a'\n").unwrap();
        fs::write(inside.join("server.py"), "def run():\n    exec 'a'\n").unwrap();
        let output = check(&[directory.path().to_str().unwrap(), "--isolated"]);
        assert_eq!(
            stdout(&output).matches(": error: ").count(),
            count,
            "{place}"
        );
    }
}

#[test]
fn calls_past_a_bound_are_counted_and_named_and_cost_the_others_nothing() {
    let directory = large_table(20, 50_000);
    let path = directory.path().to_str().unwrap();
    let output = check(&[path, "--isolated", "--output-format", "concise"]);
    assert_eq!(output.status.code(), Some(1));
    let last = stdout(&output).lines().last().unwrap().to_owned();
    assert!(stdout(&output).contains("keyword 'tll' is not taken by core.op_19"));
    assert!(last.contains(" calls were not looked into: "), "{last}");
    assert!(
        last.ends_with(" of helper.label (past the work that one function is granted)"),
        "{last}"
    );
    let output = check(&[path, "--isolated", "--output-format", "json"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let cut = &report["not_followed"][0];
    assert_eq!(cut["function"], "helper.label");
    assert_eq!(cut["path"], "helper.py");
    assert_eq!(cut["bound"], "function");
    assert_eq!(cut["calls"], report["summary"]["calls_not_followed"]);
    assert!(cut["calls"].as_u64().unwrap() > 1_000);
}
