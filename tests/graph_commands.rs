//! `coship graph` as a user meets it: what is cut out, the formats, what is refused.

use std::process::{Command, Output};

use serde_json::{Value, json};

const TREE: &str = "fixtures/outage/candidate";

fn graph(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_coship"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["graph", TREE, "--isolated"])
        .args(arguments)
        .env_remove("COSHIP_OUTPUT_FORMAT")
        .env("NO_COLOR", "1")
        .output()
        .unwrap()
}

fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

fn json(arguments: &[&str]) -> Value {
    let output = graph(&[&["--output-format", "json"], arguments].concat());
    assert_eq!(output.status.code(), Some(0));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn every_function_is_a_key_and_the_registry_is_followed() {
    let graph = json(&[]);
    let callees = graph["gateway_core.execute_operation"].as_array().unwrap();
    assert!(callees.contains(&json!("interface_cache.execute_cache_operation")));
    let callees = graph["interface_cache.execute_cache_operation"]
        .as_array()
        .unwrap();
    assert!(callees.contains(&json!("cache_core._execute_get_implementation")));
    assert_eq!(
        graph["logging_core._execute_log_info_implementation"],
        json!(["<builtin>.print"])
    );
}

#[test]
fn it_is_cut_down() {
    let name = "cache_core._execute_get_implementation";
    let to = json(&["--to", name]);
    let callers: Vec<&String> = to.as_object().unwrap().keys().collect();
    assert!(
        callers
            .iter()
            .any(|caller| *caller == "gateway_wrappers_cache.cache_get")
    );
    assert!(
        !callers
            .iter()
            .any(|caller| caller.starts_with("logging_core"))
    );
    assert_eq!(to[name], json!([]));

    let from = json(&["--from", name]);
    let reached: Vec<&String> = from.as_object().unwrap().keys().collect();
    assert_eq!(reached, ["<**PyDict**>.get", name, "time.monotonic"]);

    let both = json(&["--from", "gateway_wrappers_cache.cache_get", "--to", name]);
    let way = [
        name,
        "gateway_core.execute_operation",
        "gateway_wrappers_cache.cache_get",
        "interface_cache.execute_cache_operation",
    ];
    assert_eq!(both.as_object().unwrap().keys().collect::<Vec<_>>(), way);
    assert_eq!(
        json(&["--layers"]),
        json!({"gateway": ["gateway", "interface"], "interface": ["core"], "core": []})
    );
}

#[test]
fn a_name_that_is_none_is_refused() {
    let output = graph(&["--from", "cache_core._execute_get_implementatoin"]);
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        said.contains("did you mean 'cache_core._execute_get_implementation'?"),
        "{said}"
    );
    assert!(output.stdout.is_empty());
}

#[test]
fn no_way_is_exit_status_1_if_that_is_asked_for() {
    let arguments = [
        "--from",
        "cache_core",
        "--to",
        "gateway_core.execute_operation",
    ];
    assert_eq!(graph(&arguments).status.code(), Some(0));
    let asking = [&arguments[..], &["--exit-code"]].concat();
    assert_eq!(graph(&asking).status.code(), Some(1));
    let there = [
        "--from",
        "gateway_wrappers_cache.cache_get",
        "--to",
        "cache_core.*",
        "--exit-code",
    ];
    assert_eq!(graph(&there).status.code(), Some(0));
}

#[test]
fn drawings_escape_what_could_be_markup() {
    let name = ["--from", "logging_core._execute_log_info_implementation"];
    let dot = graph(&[&name[..], &["--output-format", "dot"]].concat());
    assert_eq!(
        stdout(&dot),
        "digraph calls {\n  rankdir=LR;\n  node [shape=box];\n  \"<builtin>.print\" [style=dashed];\n  \
         \"logging_core._execute_log_info_implementation\";\n  \
         \"logging_core._execute_log_info_implementation\" -> \"<builtin>.print\";\n}\n"
    );
    let mermaid = graph(&[&name[..], &["--output-format", "mermaid"]].concat());
    assert_eq!(
        stdout(&mermaid),
        "flowchart LR\n  n0[\"#60;builtin#62;.print\"]\n  n1[\"logging_core._execute_log_info_implementation\"]\n  n1 --> n0\n"
    );
    let full = graph(&[&name[..], &["--quiet"]].concat());
    assert_eq!(
        stdout(&full),
        "logging_core._execute_log_info_implementation  logging_core.py:6\n    <builtin>.print\n"
    );
}

#[test]
fn mermaid_gets_no_more_than_it_draws() {
    let directory = tempfile::TempDir::new().unwrap();
    let mut text = String::from("import b\n");
    let mut callees = String::new();
    for number in 0..600 {
        text.push_str(&format!("\n\ndef f{number}():\n    return b.g{number}()\n"));
        callees.push_str(&format!("\n\ndef g{number}():\n    return 1\n"));
    }
    std::fs::write(directory.path().join("a.py"), text).unwrap();
    std::fs::write(directory.path().join("b.py"), callees).unwrap();
    let draw = |arguments: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_coship"))
            .current_dir(directory.path())
            .args(["graph", "--output-format", "mermaid"])
            .args(arguments)
            .output()
            .unwrap()
    };
    let whole = draw(&[]);
    assert_eq!(whole.status.code(), Some(0));
    let modules = "flowchart LR\n  n0[\"a\"]\n  n1[\"b\"]\n  n0 --> n1\n";
    let why = "600 calls are more than the 500 that Mermaid draws: the modules are shown instead of the functions; --from, --to and --depth show a part, \
               --output-format dot all";
    assert_eq!(
        stdout(&whole),
        modules.replacen('\n', &format!("\n  %% {why}\n"), 1)
    );
    let told = String::from_utf8(whole.stderr.clone()).unwrap();
    assert_eq!(told, format!("warning: {why}\n"));
    let asked = draw(&["--collapse", "module"]);
    assert_eq!((stdout(&asked), asked.stderr.len()), (modules, 0));
    // A part has functions without their modules' own code, and its modules all the same.
    let part = draw(&["--from", "a.f7", "--collapse", "module"]);
    assert_eq!(stdout(&part), modules);
    let part = draw(&["--from", "a.f7"]);
    assert!(stdout(&part).contains("a.f7") && part.stderr.is_empty());
}

/// A table of many operations is too long for Mermaid; a drawing of its files is not.
#[test]
fn mermaid_gets_no_more_routes_than_it_reads() {
    let directory = tempfile::TempDir::new().unwrap();
    let mut core = String::new();
    let mut table = String::from("import core\n\nTABLE = {\n");
    for number in 0..600 {
        core.push_str(&format!("def do_{number}():\n    return {number}\n\n\n"));
        table.push_str(&format!("    'operation_{number}': core.do_{number},\n"));
    }
    table.push_str("}\n\n\ndef run(operation):\n    return TABLE[operation]()\n");
    std::fs::write(directory.path().join("core.py"), core).unwrap();
    std::fs::write(directory.path().join("table.py"), table).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_coship"))
        .current_dir(directory.path())
        .args(["routes", "--output-format", "mermaid"])
        .output()
        .unwrap();
    let why = "600 lines are more than the 500 that Mermaid draws: files are shown instead of functions; --output-format dot shows all";
    assert_eq!(
        stdout(&output),
        format!(
            "flowchart LR\n  %% {why}\n  n0[\"core.py\"]\n  n1[\"table table.TABLE\"]\n  n1 -- \"600\" --> n0\n"
        )
    );
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(told, format!("warning: {why}\n"));
}

#[test]
fn it_goes_as_deep_as_is_asked() {
    let from = ["--from", "gateway_wrappers_cache.cache_get"];
    let near = json(&[&from[..], &["--depth", "1"]].concat());
    let near: Vec<&String> = near.as_object().unwrap().keys().collect();
    assert_eq!(
        near,
        [
            "gateway_core.execute_operation",
            "gateway_wrappers_cache.cache_get"
        ]
    );
    let whole = json(&from);
    assert!(whole.as_object().unwrap().len() > 2);
    assert_eq!(json(&[&from[..], &["--depth", "99"]].concat()), whole);
    // Without a beginning or an end there is nothing to count from.
    for wrong in [&["--depth", "1"][..], &["--from", "x", "--depth", "0"]] {
        assert_eq!(graph(wrong).status.code(), Some(2));
    }
}

#[test]
fn layers_are_drawn_with_the_number_of_calls() {
    let collapse = ["--collapse", "layer"];
    assert_eq!(
        json(&collapse),
        json!({"gateway": ["interface"], "interface": ["core"], "core": []})
    );
    let mermaid = graph(&[&collapse[..], &["--output-format", "mermaid"]].concat());
    assert_eq!(
        stdout(&mermaid),
        "flowchart LR\n  n0[\"core\"]\n  n1[\"gateway\"]\n  n2[\"interface\"]\n  n1 -- \"4\" --> n2\n  n2 -- \"10\" --> n0\n"
    );
    let dot = graph(&[&collapse[..], &["--output-format", "dot"]].concat());
    assert!(stdout(&dot).contains("  \"gateway\" -> \"interface\" [label=4];\n"));
    let full = graph(&collapse);
    assert!(
        stdout(&full).ends_with("3 layers, 14 calls from one to another\n"),
        "{}",
        stdout(&full)
    );
}
