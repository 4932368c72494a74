//! What surrounds a package: the revision that a running one was built from, layers beside a tree, templates with their environment and events, what is loaded first.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

fn coship(arguments: &[&str], directory: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_coship"))
        .current_dir(directory)
        .args(arguments)
        .env_remove("COSHIP_OUTPUT_FORMAT")
        .env("COSHIP_NO_CACHE", "1")
        .output()
        .unwrap()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)))
}

fn write(directory: &Path, path: &str, text: &str) {
    let path = directory.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn rules(output: &Output) -> Vec<String> {
    let report = json(output);
    let findings = report["findings"].as_array().unwrap().iter();
    let told = findings.filter(|finding| finding["severity"] != "info");
    told.map(|finding| finding["rule"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_running_package_is_named_by_its_revision() {
    let directory = tempfile::tempdir().unwrap();
    let code = format!(
        "import sys, pathlib; sys.path.insert(0, '{}/tests/packages'); import system
system.make_tree(pathlib.Path('tree'))
old = {{p[4:]: t.encode() for p, t in {{**system.FILES, **system.OLDER}}.items() if p.startswith('src/')}}
system.pack('old.zip', old)
system.pack('new.zip', system.contents())
system.pack('mixed.zip', {{**system.contents(), 'gateway.py': b'x = 1\\n', 'notes.txt': b'x'}})",
        env!("CARGO_MANIFEST_DIR")
    );
    let made = Command::new("python3")
        .current_dir(directory.path())
        .args(["-c", &code])
        .status();
    assert!(made.unwrap().success());
    let tree = directory.path().join("tree");
    let running = |name: &str| {
        let name = format!("../{name}.zip");
        let output = coship(
            &["verify", "--running", &name, "--output-format", "json"],
            &tree,
        );
        (output.status.code(), json(&output))
    };
    let (status, old) = running("old");
    assert_eq!(status, Some(0));
    assert_eq!(old["revision"]["tags"][0], "v1.0");
    let (status, new) = running("new");
    assert_eq!(status, Some(0));
    assert_eq!(new["revision"]["date"], "2025-11-02");
    let (status, mixed) = running("mixed");
    assert_eq!(status, Some(1));
    assert_eq!(mixed["differs"][0]["path"], "src/gateway.py");
    assert_eq!(mixed["extra"][0], "src/notes.txt");
}

#[test]
fn a_layer_lies_beside_the_tree_and_is_not_reported_on() {
    let directory = tempfile::tempdir().unwrap();
    let main = |call: &str| {
        format!(
            "from common import tools\n\n\ndef lambda_handler(event, context):\n    return {call}\n"
        )
    };
    write(directory.path(), "layer/python/common/__init__.py", "");
    let tools = "def name(event):\n    return 1\n\n\ndef bad():\n    return nothing\n";
    write(directory.path(), "layer/python/common/tools.py", tools);
    let arguments = [
        "check",
        "tree",
        "--against",
        "none",
        "--layer",
        "layer",
        "--output-format",
        "json",
    ];
    let place = "tree/lambda_function.py";
    write(directory.path(), place, &main("tools.name(event, 1)"));
    let found = rules(&coship(&arguments, directory.path()));
    assert_eq!(found, ["too-many-positionals"]);
    write(directory.path(), place, &main("tools.name(event)"));
    assert!(rules(&coship(&arguments, directory.path())).is_empty());
}

#[test]
fn events_and_the_environment_of_a_template_are_judged() {
    let directory = tempfile::tempdir().unwrap();
    let code = "import os\n\nTABLE = os.environ['TABLE']\n\n\ndef run(event, context):\n    return TABLE, os.environ['AWS_REGION'], os.environ.get('MODE')\n";
    write(directory.path(), "src/app.py", code);
    let verify = |more: &str| {
        let text = format!(
            "Transform: AWS::Serverless-2016-10-31\nResources:\n  Api:\n    Type: AWS::Serverless::Function\n    Properties: {{CodeUri: src, Handler: app.run, Runtime: python3.13, {more}}}\n"
        );
        write(directory.path(), "template.yaml", &text);
        let arguments = [
            "verify",
            "--template",
            "template.yaml",
            "--against",
            "none",
            "--output-format",
            "json",
        ];
        rules(&coship(&arguments, directory.path()))
    };
    let set = "Environment: {Variables: {TABLE: t}}";
    assert_eq!(verify("Timeout: 3"), ["unset-variable"]);
    assert!(verify(set).is_empty());
    assert!(verify("Environment: !If [A, {Variables: {}}, {}]").is_empty());
    let event = |event: &str| verify(&format!("{set}, Events: {{E: {event}}}"));
    assert!(event("{Type: Api, Properties: {Path: /, Method: get}}").is_empty());
    assert_eq!(event("{Type: Apis}"), ["broken-event"]);
    assert_eq!(
        event("{Type: SQS, Properties: {Queue: !GetAtt Gone.Arn}}"),
        ["broken-event"]
    );
    assert_eq!(
        event("{Type: SQS, Properties: {BatchSize: 3}}"),
        ["broken-event"]
    );
}

#[test]
fn what_is_loaded_first_is_told_with_its_chain() {
    let directory = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| write(directory.path(), path, text);
    write(
        "lambda_function.py",
        "import a\n\n\ndef lambda_handler(event, context):\n    import late\n",
    );
    write(
        "a.py",
        "from p import b\n\nif __name__ == '__main__':\n    import by_hand\n",
    );
    write("p/__init__.py", "");
    write("p/b.py", "x = 1\n");
    write("late.py", "x = 1\n");
    write("by_hand.py", "x = 1\n");
    let output = coship(&["cold-start", "--output-format", "json"], directory.path());
    let handler = json(&output)["handlers"][0].clone();
    let modules = handler["modules"].as_array().unwrap().iter();
    let names: Vec<&str> = modules.map(|it| it["module"].as_str().unwrap()).collect();
    assert_eq!(names, ["lambda_function", "a", "p", "p.b"]);
    let over = coship(&["cold-start", "--max-modules", "3"], directory.path());
    assert_eq!(over.status.code(), Some(1));
}
