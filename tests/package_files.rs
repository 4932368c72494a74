//! What `coship verify` says of single files of a package, and which files `coship pack` takes: small trees, written here.

#[path = "support/deployment.rs"]
mod deployment;

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use deployment::{coship, json, python, reported, stderr, write};

/// Commits these files, in a repository that is made if there is none.
fn commit(directory: &Path, files: &[(&str, &str)]) {
    for (path, text) in files {
        write(directory, path, text);
    }
    let by = ["-c", "user.name=Ann", "-c", "user.email=ann@example.org"];
    let commit = [&by[..], &["commit", "-qm", "all"]].concat();
    for arguments in [&["init", "-q"][..], &["add", "-A"], &commit] {
        let mut git = Command::new("git");
        let status = git.current_dir(directory).args(arguments).status();
        assert!(status.unwrap().success());
    }
}

/// Writes `package.zip` with these files.
fn zipped(directory: &Path, files: &[(&str, &str)]) {
    let file = fs::File::create(directory.join("package.zip")).unwrap();
    let mut writer = zip::ZipWriter::new(file);
    for (path, text) in files {
        let options = zip::write::SimpleFileOptions::default().unix_permissions(0o644);
        writer.start_file(*path, options).unwrap();
        writer.write_all(text.as_bytes()).unwrap();
    }
    writer.finish().unwrap();
}

/// What verify says of `package.zip` beside `tree`: rules and messages.
fn verified(directory: &Path, against: &str) -> Vec<(String, String)> {
    let arguments = ["verify", "../package.zip", "--output-format", "json"];
    let arguments = [&arguments[..], &["--against", against]].concat();
    reported(&json(&coship(&arguments, &directory.join("tree"))))
}

const HANDLER: &str =
    "import helper\n\n\ndef lambda_handler(event, context):\n    return helper.answer(event)\n";
const HELPER: &str =
    "def answer(event):\n    return event\n\n\ndef other(event):\n    return None\n";

#[test]
fn who_changed_a_stale_file_is_said_and_what_is_not_committed_too() {
    let directory = tempfile::tempdir().unwrap();
    let tree = directory.path().join("tree");
    let first = "def answer(event):\n    return [event]\n";
    commit(
        &tree,
        &[("lambda_function.py", HANDLER), ("helper.py", first)],
    );
    commit(&tree, &[("helper.py", HELPER)]);
    let files = [("lambda_function.py", HANDLER), ("helper.py", first)];
    zipped(directory.path(), &files);
    let says = |text: &str| {
        let found = verified(directory.path(), "none");
        let is_it =
            |(rule, message): &(String, String)| rule == "stale-file" && message.contains(text);
        assert!(found.iter().any(is_it), "{found:?}");
    };
    says("; Ann last changed the candidate's in ");
    write(&tree, "helper.py", &HELPER.replace("None", "[]"));
    says("; the candidate's has a change that is not committed");
}

#[test]
fn a_stale_file_says_what_it_breaks() {
    let directory = tempfile::tempdir().unwrap();
    let tree = directory.path().join("tree");
    let calls = "from shop import names\nimport helper\n\n\ndef lambda_handler(event, context):\n    names.tell()\n    return helper.answer(event, strict=True)\n";
    let helper = "def answer(event, strict):\n    return event\n";
    let names = "def tell():\n    return 1\n";
    let older = "def answer(event):\n    return event\n";
    let candidate = [
        ("lambda_function.py", calls),
        ("helper.py", helper),
        ("shop/__init__.py", ""),
        ("shop/names.py", names),
    ];
    commit(&tree, &candidate);
    let packed = [
        ("lambda_function.py", calls),
        ("helper.py", older),
        ("shop/__init__.py", ""),
        ("shop/names.py", "def say():\n    return 1\n"),
    ];
    zipped(directory.path(), &packed);
    let found = verified(directory.path(), "none");
    for (file, breaks) in [
        (
            "helper.py",
            "; with it lambda_function.py:7 fails: keyword 'strict' is not taken by helper.answer(event)",
        ),
        (
            "shop/names.py",
            "; with it lambda_function.py:6 fails: module 'shop.names' has no attribute 'tell'",
        ),
    ] {
        let is_it = |(rule, message): &(String, String)| {
            rule == "stale-file" && message.starts_with(file) && message.contains(breaks)
        };
        assert!(found.iter().any(is_it), "{file}: {found:?}");
    }
}

#[test]
fn of_several_damaged_members_the_first_one_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let tree = directory.path().join("tree");
    commit(&tree, &[("lambda_function.py", HANDLER)]);
    let data = "a text that is no code";
    for files in [
        [("words.txt", data), ("lambda_function.py", HANDLER)],
        [("lambda_function.py", HANDLER), ("words.txt", data)],
    ] {
        zipped(directory.path(), &files);
        let zip = directory.path().join("package.zip");
        let mut bytes = fs::read(&zip).unwrap();
        // The checksum of each member, in the directory of the zip (APPNOTE 4.3.12).
        for at in 0..bytes.len() - 20 {
            if bytes[at..].starts_with(b"PK\x01\x02") {
                bytes[at + 16] ^= 1;
            }
        }
        fs::write(&zip, bytes).unwrap();
        let output = coship(&["verify", "../package.zip"], &tree);
        assert_eq!(output.status.code(), Some(2));
        let said = format!("'{}': Invalid checksum", files[0].0);
        assert!(stderr(&output).contains(&said), "{}", stderr(&output));
    }
}

#[test]
fn a_file_that_is_the_beginning_of_the_deployed_one_is_cut_off() {
    let directory = tempfile::tempdir().unwrap();
    let tree = directory.path().join("tree");
    let files = [("lambda_function.py", HANDLER), ("helper.py", HELPER)];
    commit(&tree, &files);
    let now = "\"\"\"Answers.\"\"\"\n\n\ndef answer(event):\n    return event\n";
    write(&tree, "helper.py", now);
    let cut = &HELPER[..HELPER.find("def other").unwrap()];
    let files = [("lambda_function.py", HANDLER), ("helper.py", cut)];
    zipped(directory.path(), &files);
    let found = verified(directory.path(), "HEAD");
    let message = "helper.py is cut off: the first 2 of the deployed version's 6 lines";
    let wanted = ("truncated-file".to_owned(), message.to_owned());
    assert!(found.contains(&wanted), "{found:?}");
}

#[test]
fn files_have_as_many_lines_as_the_configuration_wants() {
    let directory = tempfile::tempdir().unwrap();
    let tree = directory.path().join("tree");
    let files = [("lambda_function.py", HANDLER), ("helper.py", HELPER)];
    commit(&tree, &files);
    zipped(directory.path(), &files);
    assert_eq!(verified(directory.path(), "none"), []);
    let wanted = "[min-lines]\n\"*.py\" = 2\n\"help*.py\" = 20\n";
    write(&tree, "coship.toml", wanted);
    let message = "helper.py has 6 lines, and min-lines wants 20";
    let found = verified(directory.path(), "none");
    assert_eq!(found, [("truncated-file".to_owned(), message.to_owned())]);
}

#[test]
fn a_pattern_of_serverless_yml_is_named_for_what_it_leaves_out() {
    let directory = tempfile::tempdir().unwrap();
    let tree = directory.path().join("tree");
    let patterns = "service: x\nprovider: {name: aws, runtime: python3.12}\npackage:\n  patterns: ['!**/*.py', 'app.py']\nfunctions:\n  main: {handler: app.lambda_handler}\n";
    let files = [("app.py", HANDLER), ("helper.py", HELPER)];
    commit(
        &tree,
        &[&files[..], &[("serverless.yml", patterns)]].concat(),
    );
    zipped(directory.path(), &files[..1]);
    let arguments = ["verify", "../package.zip", "--against", "none"];
    let full = ["--output-format", "full"];
    let output = coship(&[&arguments[..], &full].concat(), &tree);
    let told = String::from_utf8_lossy(&output.stdout);
    let rule = "`!**/*.py` under `package` in serverless.yml leaves it out";
    assert!(told.contains("missing-file"), "{told}");
    assert!(told.contains(rule), "{told}");
}

#[test]
fn a_library_is_known_by_its_imports_and_packed_as_a_whole() {
    let directory = tempfile::tempdir().unwrap();
    let tree = directory.path().join("tree");
    let load = |name: &str| format!("import importlib\n\nNAME = '{name}'\n");
    let handler = load("one")
        + "import table\n\n\ndef lambda_handler(event, context):\n    importlib.import_module('driver_' + NAME).connect()\n    return table.answer(event)\n";
    let table = load("first")
        + "\n\ndef answer(event):\n    return importlib.import_module('kind_' + NAME).run(event)\n";
    let kind = "def run(event):\n    return event\n";
    let driver = "def connect():\n    return None\n";
    let record = "driver_one.py,,\ndriver_data.json,,\n";
    let files = [
        ("lambda_function.py", handler.as_str()),
        ("table.py", &table),
        ("kind_first.py", kind),
        ("kind_second.py", kind),
        ("driver_one.py", driver),
        ("driver_data.json", "{}\n"),
        ("driver-1.0.dist-info/RECORD", record),
    ];
    commit(&tree, &files);
    let arguments = ["pack", "-o", "../package.zip", "--against", "none"];
    let output = coship(&arguments, &tree);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let file = fs::File::open(directory.path().join("package.zip")).unwrap();
    let archive = zip::ZipArchive::new(file).unwrap();
    let has = |name: &str| archive.index_for_name(name).is_some();
    // What a computed name leads to, in the project and in a library; of the library what nothing names as well.
    for name in ["kind_first.py", "driver_one.py", "driver_data.json"] {
        assert!(has(name), "{name}");
    }
    assert!(!has("kind_second.py"));
    let call = "import sys; sys.path.insert(0, 'package.zip'); import lambda_function; print(lambda_function.lambda_handler(7, None))";
    let run = python(call, directory.path());
    assert_eq!(run.stdout, b"7\n", "{}", stderr(&run));
}

#[test]
fn a_folder_that_lost_an_empty_init_is_imported_all_the_same() {
    let directory = tempfile::tempdir().unwrap();
    let tree = directory.path().join("tree");
    let handler = HANDLER.replace("import helper", "from lib import helper");
    let files = [
        ("lambda_function.py", handler.as_str()),
        ("lib/helper.py", HELPER),
        ("lib/__init__.py", "# A package.\n"),
    ];
    commit(&tree, &files);
    zipped(directory.path(), &files[..2]);
    let call = "import sys; sys.path.insert(0, 'u'); import lambda_function; print(lambda_function.lambda_handler(7, None))";
    let unpack = "import zipfile; zipfile.ZipFile('package.zip').extractall('u'); ";
    let run = python(&(unpack.to_owned() + call), directory.path());
    assert_eq!(run.stdout, b"7\n", "{}", stderr(&run));
    let arguments = ["verify", "../package.zip", "--against", "none"];
    let output = coship(&arguments, &tree);
    let told = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{told}");
    assert!(
        told.contains("warning: lib/__init__.py is not in the package"),
        "{told}"
    );
}

/// What verify says of a template and the code that it deploys: rules, severities and paths.
fn of_template(directory: &Path, template: &str) -> Vec<(String, String, String)> {
    let arguments = ["verify", "--template", template, "--against", "none"];
    let output = coship(
        &[&arguments[..], &["--output-format", "json"]].concat(),
        directory,
    );
    let report = json(&output);
    let findings = report["findings"].as_array().unwrap().iter();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    findings
        .map(|it| (text(&it["rule"]), text(&it["severity"]), text(&it["path"])))
        .collect()
}

#[test]
fn tests_of_a_package_that_is_deployed_as_a_root_are_run_from_above() {
    let directory = tempfile::tempdir().unwrap();
    let code = directory.path();
    let template = "Resources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties: {CodeUri: ., Handler: app.handler, Runtime: python3.13}\n";
    let up = "from .. import app\n\n\ndef test_it():\n    assert app.handler({}, None) == 1\n";
    for (path, text) in [
        ("template.yaml", template),
        ("__init__.py", ""),
        ("app.py", "def handler(event, context):\n    return 1\n"),
        ("tests/__init__.py", ""),
        ("tests/test_app.py", up),
        ("jobs/__init__.py", ""),
        ("jobs/nightly.py", "from .. import app\n"),
    ] {
        write(code, path, text);
    }
    let found = of_template(code, "template.yaml");
    let errors: Vec<&str> = found
        .iter()
        .filter(|(_, severity, _)| severity == "error")
        .map(|(_, _, path)| path.as_str())
        .collect();
    assert_eq!(errors, ["jobs/nightly.py"], "{found:?}");
}

#[test]
fn a_handler_that_a_plugin_brings_along_is_not_missing() {
    let directory = tempfile::tempdir().unwrap();
    let with = |plugin: &str| {
        let template = format!(
            "service: s\nprovider: {{name: aws, runtime: python3.13}}\nplugins: [{plugin}]\nfunctions:\n  api: {{handler: wsgi_handler.handler}}\n"
        );
        write(directory.path(), "serverless.yml", &template);
        write(
            directory.path(),
            "app.py",
            "def handler(event, context):\n    return 1\n",
        );
        of_template(directory.path(), "serverless.yml")
    };
    let is_missing = |(rule, ..): &(String, String, String)| rule == "missing-handler";
    assert!(!with("serverless-wsgi").iter().any(is_missing));
    assert!(with("serverless-offline").iter().any(is_missing));
}
