//! What surrounds a package: the revision that a running one was built from, layers beside a tree, templates with their environment and events, what is loaded first.

#[path = "support/deployment.rs"]
mod deployment;

use std::process::{Command, Output};

use deployment::{coship, json, python, reported, schema, stderr, write};

/// The rules that reported something more than information.
fn rules(output: &Output) -> Vec<String> {
    let found = reported(&json(output)).into_iter();
    found.map(|(rule, _)| rule).collect()
}

#[test]
fn a_running_package_is_named_by_its_revision() {
    let directory = tempfile::tempdir().unwrap();
    let code = "import pathlib, system
system.make_tree(pathlib.Path('tree'))
old = {p[4:]: t.encode() for p, t in {**system.FILES, **system.OLDER}.items() if p.startswith('src/')}
system.pack('old.zip', old)
system.pack('new.zip', system.contents())
system.pack('mixed.zip', {**system.contents(), 'gateway.py': b'x = 1\\n', 'notes.txt': b'x'})";
    let made = python(code, directory.path());
    assert!(made.status.success(), "{}", stderr(&made));
    let tree = directory.path().join("tree");
    let running = |name: &str| {
        let name = format!("../{name}.zip");
        let output = coship(
            &["verify", "--running", &name, "--output-format", "json"],
            &tree,
        );
        let document = json(&output);
        schema::assert_valid("running", &document, &name);
        (output.status.code(), document)
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
fn routes_lead_to_functions_that_may_be_called() {
    let directory = tempfile::tempdir().unwrap();
    write(
        directory.path(),
        "src/app.py",
        "def run(event, context):\n    return event\n",
    );
    let body = |function: &str| {
        format!(
            "paths: {{/a: {{get: {{x-amazon-apigateway-integration: {{type: aws_proxy, uri: !Sub 'arn:aws:apigateway:${{AWS::Region}}:lambda:path/2015-03-31/functions/${{{function}.Arn}}/invocations'}}}}}}}}"
        )
    };
    let verify = |events: &str, api: &str| {
        let function = "{Type: AWS::Serverless::Function, Properties: {CodeUri: src, Handler: app.run, Runtime: python3.13";
        let text = format!(
            "Transform: AWS::Serverless-2016-10-31\nResources:\n  F: {function}, Events: {{{events}}}}}}}\n  Api: {{Type: AWS::Serverless::Api, Properties: {{StageName: x, {api}}}}}\n"
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
        let report = json(&coship(&arguments, directory.path()));
        let findings = report["findings"].as_array().unwrap().iter();
        let told = findings.map(|it| {
            let text = |key: &str| it[key].as_str().unwrap().to_owned();
            format!("{} {}: {}", text("severity"), text("rule"), text("message"))
        });
        told.collect::<Vec<String>>()
    };
    let event = "E: {Type: Api, Properties: {Path: /a, Method: get, RestApiId: !Ref Api}}";
    let described = |function: &str| format!("DefinitionBody: {{{}}}", body(function));
    assert!(verify(event, &described("F")).is_empty());
    assert_eq!(
        verify(event, &described("Other")),
        [
            "error broken-event: Api: the route 'GET /a' leads to 'Other', which the template does not declare"
        ]
    );
    assert_eq!(
        verify("", &described("F")),
        [
            "warning broken-event: Api: the route 'GET /a' leads to F, and nothing allows the API to call that"
        ]
    );
    // In a file beside the template nothing is evaluated, unless it is taken in.
    write(directory.path(), "api.yaml", &body("F"));
    assert_eq!(
        verify(event, "DefinitionUri: api.yaml"),
        [
            "warning broken-event: Api: the route 'GET /a' has a computed integration, in a file in which the deployment evaluates nothing"
        ]
    );
    let include =
        "DefinitionBody: {Fn::Transform: {Name: AWS::Include, Parameters: {Location: api.yaml}}}";
    assert!(verify(event, include).is_empty());
    assert_eq!(
        verify("", "Name: x"),
        ["info orphan-function: F: nothing in the template starts it"]
    );
}

#[test]
fn the_later_function_of_a_serverless_route_takes_it() {
    let directory = tempfile::tempdir().unwrap();
    let code =
        "def one(event, context):\n    return 1\n\n\ndef two(event, context):\n    return 2\n";
    write(directory.path(), "app.py", code);
    let text = "service: shop\nprovider: {name: aws, runtime: python3.13}\nfunctions:\n  one: {handler: app.one, events: [{http: GET /users}]}\n  two: {handler: app.two, events: [{http: {path: users, method: get}}]}\n";
    write(directory.path(), "serverless.yml", text);
    let arguments = [
        "verify",
        "--template",
        "serverless.yml",
        "--against",
        "none",
        "--output-format",
        "json",
    ];
    let found = reported(&json(&coship(&arguments, directory.path())));
    let message = "one: the route 'GET users' leads to two: only one of them gets the requests, and no tool says so";
    assert_eq!(found, [("broken-event".to_owned(), message.to_owned())]);
}

#[test]
fn what_nothing_asks_for_is_told_and_what_something_asks_for_is_not() {
    let directory = tempfile::tempdir().unwrap();
    let unused = |handler: &str, requires: &str, more: &str| {
        let code = format!(
            "import parts, system
dist = lambda name, files, *a, **k: parts.dist(name, '1.0', files, *a, **k)
members = {{'lambda_function.py': {handler:?}.encode()}}
members |= dist('PyTea', ['tea/__init__.py'], [{requires}]) | {{'tea/__init__.py': b'x = 1\\n'}}
members |= dist('pot', ['pot.py']) | {{'pot.py': b'x = 1\\n'}}
members |= dist('ns_cup', ['ns/cup/__init__.py']) | dist('ns_mug', ['ns/mug/__init__.py'])
members |= {{'ns/cup/__init__.py': b'x = 1\\n', 'ns/mug/__init__.py': b'x = 1\\n'}}
{more}
system.pack('package.zip', members)"
        );
        let made = python(&code, directory.path());
        assert!(made.status.success(), "{}", stderr(&made));
        let arguments = [
            "verify",
            "package.zip",
            "--tree",
            "none",
            "--against",
            "none",
            "--python-version",
            "3.12",
            "--output-format",
            "json",
        ];
        let report = json(&coship(&arguments, directory.path()));
        let findings = report["findings"].as_array().unwrap().iter();
        let found = findings.filter(|it| it["rule"] == "unused-requirement");
        let told = found.map(|it| it["message"].as_str().unwrap().split(' ').nth(6).unwrap());
        told.map(|name| name.trim_end_matches(',').to_owned())
            .collect::<Vec<String>>()
    };
    let handler =
        |body: &str| format!("{body}\n\n\ndef lambda_handler(event, context):\n    return 1\n");
    let all = ["PyTea", "ns_cup", "ns_mug", "pot"];
    assert_eq!(unused(&handler("import json"), "", ""), all);
    // By what it is called when it is imported, not by its own name.
    assert_eq!(unused(&handler("import tea"), "", ""), all[1..]);
    // Half of a namespace is not the other half.
    assert_eq!(
        unused(&handler("import tea\nimport ns.cup"), "", ""),
        all[2..]
    );
    // What only another one requires, whatever its marker and extra.
    for requires in [
        "'pot'",
        "'pot; python_version < \"3\"'",
        "'pot; extra == \"white\"'",
        "'POT>=1'",
    ] {
        assert_eq!(
            unused(&handler("import tea"), requires, ""),
            all[1..3],
            "{requires}"
        );
    }
    assert_eq!(unused(&handler("import json"), "'pot'", ""), all);
    // In a function, behind a test, by a name in a string.
    for import in [
        "def f():\n    import pot",
        "try:\n    import pot\nexcept ImportError:\n    pot = None",
        "import importlib\n\npot = importlib.import_module('pot')",
    ] {
        assert_eq!(unused(&handler(import), "", ""), all[..3], "{import}");
    }
    // A plug-in, where something asks for its group.
    let plugin = "members['pot-1.0.dist-info/entry_points.txt'] = b'[shop.plugins]\\npot = pot:x\\n[console_scripts]\\npot = pot:main\\n'";
    assert_eq!(unused(&handler("import json"), "", plugin), all);
    let asks =
        "from importlib.metadata import entry_points\n\nfound = entry_points(group='shop.plugins')";
    assert_eq!(unused(&handler(asks), "", plugin), all[..3]);
}

#[test]
fn a_plan_is_made_beside_a_layer() {
    let directory = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| write(directory.path(), path, text);
    write("layer/python/common/__init__.py", "");
    let tools = "def name(event, *, long=False):\n    return event\n";
    write("layer/python/common/tools.py", tools);
    let main = "import core\n\n\ndef lambda_handler(event, context):\n    return core.run(event";
    let core = "from common import tools\n\n\ndef run(event";
    write("old/lambda_function.py", &format!("{main})\n"));
    write(
        "old/core.py",
        &format!("{core}):\n    return tools.name(event)\n"),
    );
    write("new/lambda_function.py", &format!("{main}, long=True)\n"));
    let plan = |call: &str, more: &[&str]| {
        write(
            "new/core.py",
            &format!("{core}, long=False):\n    return tools.{call}\n"),
        );
        let fixed = ["plan", "new", "--against", "old", "--output-format", "json"];
        let output = coship(&[&fixed[..], more].concat(), directory.path());
        let plan = json(&output);
        let steps = plan["steps"].as_array().unwrap().iter();
        let steps: Vec<String> = steps.map(|step| step["files"].to_string()).collect();
        (
            plan["verdict"].as_str().unwrap().to_owned(),
            steps.join(" "),
        )
    };
    let layer = ["--layer", "layer"];
    let ordered = (
        "ordered".to_owned(),
        "[\"core.py\"] [\"lambda_function.py\"]".to_owned(),
    );
    assert_eq!(plan("name(event, long=long)", &layer), ordered);
    // What the layer does not take breaks the candidate; without the layer nobody can tell.
    assert_eq!(plan("name(event, short=long)", &layer).0, "broken");
    assert_eq!(plan("name(event, short=long)", &[]).0, "ordered");
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
    let document = json(&output);
    schema::assert_valid("cold-start", &document, "cold-start");
    let handler = document["handlers"][0].clone();
    let modules = handler["modules"].as_array().unwrap().iter();
    let names: Vec<&str> = modules.map(|it| it["module"].as_str().unwrap()).collect();
    assert_eq!(names, ["lambda_function", "a", "p", "p.b"]);
    let over = coship(&["cold-start", "--max-modules", "3"], directory.path());
    assert_eq!(over.status.code(), Some(1));
    write("coship.toml", "[cold-start]\nmax-lines = 1\n");
    let over = coship(&["cold-start"], directory.path());
    assert_eq!(over.status.code(), Some(1));
    let told = String::from_utf8_lossy(&over.stdout).into_owned();
    assert!(
        told.contains("max-lines is 1, and this is") && told.contains("coship.toml:2"),
        "{told}"
    );
    let flag = coship(&["cold-start", "--max-lines", "100"], directory.path());
    assert_eq!(flag.status.code(), Some(0));
}

#[test]
fn distributions_that_are_loaded_first_are_weighed() {
    let directory = tempfile::tempdir().unwrap();
    let code = "import pathlib, parts
def lay(folder, name, files):
    for path, data in {**parts.dist(name, '1.0', list(files), contents=files), **files}.items():
        path = pathlib.Path(folder, path)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
lay('tree', 'tea', {'tea/__init__.py': b'from tea import cup\\n', 'tea/cup.py': b'x = 1\\n'})
lay('site', 'pot', {'pot.py': b'x = 2\\n' * 100})
lay('site', 'spoon', {'spoon.py': b'x = 2\\n'})
pathlib.Path('tree/lambda_function.py').write_text('import tea\\nimport pot\\n\\n\\ndef lambda_handler(event, context):\\n    import spoon\\n')";
    let made = python(code, directory.path());
    assert!(made.status.success(), "{}", stderr(&made));
    let arguments = [
        "cold-start",
        "tree",
        "--packages",
        "site",
        "--max-third-party",
        "500",
        "--output-format",
        "json",
    ];
    let output = coship(&arguments, directory.path());
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let document = json(&output);
    schema::assert_valid("cold-start", &document, "cold-start");
    let handler = document["handlers"][0].clone();
    let weights = handler["distributions"].as_array().unwrap().iter();
    let told: Vec<String> = weights
        .map(|it| format!("{} {} {}", it["name"], it["bytes"], it["modules"]))
        .collect();
    assert_eq!(
        told,
        [
            "\"pot 1.0\" 600 [\"pot\"]",
            "\"tea 1.0\" 26 [\"tea\",\"tea.cup\"]"
        ]
    );
    assert_eq!(handler["over"][0]["has"], 626);
}

#[test]
fn what_names_code_has_to_change_with_it() {
    let directory = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| write(directory.path(), path, text);
    let git = |arguments: &[&str]| {
        let output = Command::new("git")
            .current_dir(directory.path())
            .args(["-c", "user.name=a", "-c", "user.email=a@example.com"])
            .args(arguments)
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
    };
    let code = "def handler(event, context):\n    return 1\n";
    let digest = "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b";
    let template = |key: &str, digest: &str| {
        format!(
            "Resources:\n  Api:\n    Type: AWS::Lambda::Function\n    Properties: {{Handler: app.handler, Runtime: python3.13, Code: {{S3Bucket: b, S3Key: {key}}}}}\n  Jobs:\n    Type: AWS::Serverless::Function\n    Properties: {{Handler: app.handler, Runtime: python3.13, CodeUri: ., AutoPublishCodeSha256: {digest}}}\n"
        )
    };
    write("app.py", code);
    write("template.yaml", &template("one.zip", digest));
    git(&["init", "-q"]);
    git(&["add", "-A"]);
    git(&["commit", "-qm", "first"]);
    let told = |more: &[&str]| {
        let fixed = ["--template", "template.yaml", "--output-format", "json"];
        let output = coship(&[more, &fixed].concat(), directory.path());
        let found = reported(&json(&output)).into_iter();
        let found = found.filter(|(rule, _)| rule == "unchanged-key");
        found.map(|(_, message)| message).collect::<Vec<_>>()
    };
    let against = ["verify", "--against", "HEAD"];
    // The code is the same.
    assert_eq!(told(&against), Vec::<String>::new());
    write("app.py", &format!("{code}VERSION = 2\n"));
    let both = told(&against);
    assert_eq!(both.len(), 2, "{both:?}");
    assert!(
        both[0].contains("'s3://b/one.zip' is the one of"),
        "{both:?}"
    );
    assert!(both[1].contains(digest), "{both:?}");
    write("template.yaml", &template("two.zip", &"0".repeat(64)));
    assert_eq!(told(&against), Vec::<String>::new());
    // What is no id, and what is not the package's.
    write("template.yaml", &template("two.zip", "'ab+/='"));
    assert!(told(&against)[0].contains("logical id"));
    write("template.yaml", &template("two.zip", digest));
    let packed = coship(
        &["pack", "-o", "p.zip", "--against", "none"],
        directory.path(),
    );
    assert_eq!(packed.status.code(), Some(0), "{}", stderr(&packed));
    let package = ["verify", "p.zip", "--against", "none"];
    assert!(told(&package)[0].contains("no version is published"));
}
