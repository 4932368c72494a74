//! `coship verify` and `coship pack` over packages that `tests/packages/make.py` makes: each defect is found by its rule, intact packages are clean, and where
//! `CPython` cannot run a package coship says so.

#[path = "support/deployment.rs"]
mod deployment;

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use deployment::{coship, json, python, reported, stderr, write};

/// Makes the system, and what `script` makes of it; what that prints.
fn make(script: &str, directory: &Path) -> Value {
    let script = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/packages")
        .join(script);
    let output = Command::new("python3")
        .arg(script)
        .arg(directory)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    json(&output)
}

/// The repository with the system alone.
fn tree(directory: &Path) {
    let code = "import pathlib, system; system.make_tree(pathlib.Path('tree'))";
    assert!(python(code, directory).status.success());
}

#[test]
fn every_defect_is_found_by_its_rule_and_intact_packages_are_clean() {
    let directory = tempfile::tempdir().unwrap();
    let made = make("make.py", directory.path());
    let python = made["python"].as_str().unwrap();
    let packages = made["packages"].as_array().unwrap();
    let mut wrong = Vec::new();
    for package in packages {
        let name = package["package"].as_str().unwrap();
        let tree = package["tree"].as_str().unwrap();
        let mut arguments = vec!["verify", name, "--tree", tree, "--against", "none"];
        arguments.extend(["--python-version", python, "--output-format", "json"]);
        for layer in package["layers"].as_array().unwrap() {
            arguments.extend(["--layer", layer.as_str().unwrap()]);
        }
        let output = coship(&arguments, directory.path());
        let reported = reported(&json(&output));
        let runs = package["runs"].as_bool().unwrap();
        let failed = output.status.code() == Some(1);
        let is_right = match package["rule"].as_str() {
            None => reported.is_empty() && !failed && runs,
            Some(rule) => reported.iter().any(|(name, _)| name == rule) && (runs || failed),
        };
        if !is_right {
            wrong.push(format!("{package}: {reported:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let broken = packages.iter().filter(|package| !package["rule"].is_null());
    let mut kinds: Vec<&str> = broken
        .map(|package| package["kind"].as_str().unwrap())
        .collect();
    kinds.sort_unstable();
    let variants = kinds.chunk_by(|one, other| one == other);
    let counts: Vec<usize> = variants.map(<[&str]>::len).collect();
    assert!(
        counts.len() >= 80 && counts.iter().all(|&count| count >= 3),
        "{counts:?}: {kinds:?}"
    );
}

#[test]
fn hostile_archives_are_refused_or_reported_and_write_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let made = make("hostile.py", directory.path());
    let before = fs::read_dir(directory.path()).unwrap().count();
    for package in made.as_array().unwrap() {
        let name = package["package"].as_str().unwrap();
        let arguments = ["verify", name, "--tree", "none", "--output-format", "json"];
        let output = coship(&arguments, directory.path());
        match package["rule"].as_str() {
            None => {
                assert_eq!(output.status.code(), Some(2), "{package}");
                assert!(stderr(&output).starts_with("error: "), "{package}");
            }
            Some(rule) => {
                let found = reported(&json(&output));
                assert!(
                    found.iter().any(|(it, _)| it == rule),
                    "{package}: {found:?}"
                );
            }
        }
    }
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), before);
}

/// The first few of the ten thousand that `tests/packages/mutate.py` makes by default.
#[test]
fn damaged_zips_get_a_verdict_or_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/packages/mutate.py");
    let output = Command::new("python3")
        .arg(script)
        .arg(env!("CARGO_BIN_EXE_coship"))
        .arg(directory.path())
        .args(["--count", "500"])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}{}", stderr(&output));
}

#[test]
fn a_package_is_the_same_bytes_each_time_and_runs() {
    let directory = tempfile::tempdir().unwrap();
    tree(directory.path());
    let pack = |tree: &str, out: &str, zone: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_coship"))
            .current_dir(directory.path().join("tree"))
            .args(["pack", tree, "-o", out, "--against", "none"])
            .args(["--output-format", "json"])
            .env("TZ", zone)
            .output()
            .unwrap();
        assert_eq!(
            output.status.code(),
            Some(0),
            "{}{:?}",
            stderr(&output),
            json(&output)
        );
        json(&output)
    };
    let report = pack(".", "../one.zip", "UTC");
    pack("rev:HEAD", "../two.zip", "Asia/Kathmandu");
    pack("../tree", "../three.zip", "America/Lima");
    let read = |name: &str| fs::read(directory.path().join(name)).unwrap();
    let one = read("one.zip");
    assert!(one == read("two.zip") && one == read("three.zip"));
    assert_eq!(reported(&report), []);
    // What the system's own tools say of it.
    let code = "import hashlib, base64; print(base64.b64encode(hashlib.sha256(open('one.zip', 'rb').read()).digest()).decode(), end='')";
    let said = python(code, directory.path());
    assert_eq!(
        report["package"]["code_sha256_base64"].as_str().unwrap(),
        String::from_utf8(said.stdout).unwrap()
    );
    let code = "import pathlib, sys, system; sys.exit(not system.runs(pathlib.Path('one.zip'), [], pathlib.Path('scratch').resolve()))";
    assert!(python(code, directory.path()).status.success());
}

#[test]
fn packing_takes_what_is_needed_and_never_what_is_secret_or_itself() {
    let directory = tempfile::tempdir().unwrap();
    tree(directory.path());
    let tree = directory.path().join("tree");
    fs::write(tree.join("src/.env"), "PASSWORD=1\n").unwrap();
    fs::write(tree.join("src/unused.py"), "x = 1\n").unwrap();
    let names = |zip: &str| {
        let file = fs::File::open(tree.join(zip)).unwrap();
        let archive = zip::ZipArchive::new(file).unwrap();
        let names = (0..archive.len()).map(|at| {
            archive
                .by_index_data(at)
                .unwrap()
                .name()
                .unwrap()
                .to_string()
        });
        names.collect::<Vec<String>>()
    };
    let out = "src/package.zip";
    let first = coship(&["pack", "-o", out, "--against", "none"], &tree);
    assert_eq!(first.status.code(), Some(0), "{}", stderr(&first));
    let packed = names(out);
    assert!(
        packed.contains(&"shop/data/prices.json".to_owned()),
        "{packed:?}"
    );
    assert!(
        !packed
            .iter()
            .any(|name| name == "unused.py" || name == "bin/warm.sh")
    );
    // It is there now.
    let again = coship(&["pack", "-o", out], &tree);
    assert_eq!(again.status.code(), Some(2));
    assert!(stderr(&again).contains("exists already"));
    let all = coship(
        &["pack", "--all", "--force", "-o", out, "--against", "none"],
        &tree,
    );
    assert!(
        stderr(&all).contains(".env is left out"),
        "{}",
        stderr(&all)
    );
    let packed = names(out);
    assert!(packed.iter().any(|name| name == "unused.py"), "{packed:?}");
    assert!(
        !packed
            .iter()
            .any(|name| name == ".env" || name == "package.zip")
    );
    assert!(!tree.join("src/package.zip.part").exists());
}

#[test]
fn a_stale_file_is_named_by_its_revision_and_a_deleted_one_by_its_commit() {
    let directory = tempfile::tempdir().unwrap();
    tree(directory.path());
    let tree = directory.path().join("tree");
    let old = coship(
        &[
            "pack",
            "rev:v1.0",
            "-o",
            "../old.zip",
            "--all",
            "--exit-zero",
        ],
        &tree,
    );
    assert_eq!(old.status.code(), Some(0), "{}", stderr(&old));
    let output = coship(
        &[
            "verify",
            "../old.zip",
            "--against",
            "none",
            "--output-format",
            "json",
        ],
        &tree,
    );
    let found = reported(&json(&output));
    let says = |rule: &str, text: &str| {
        found
            .iter()
            .any(|(it, message)| it == rule && message.contains(text))
    };
    assert!(says("stale-file", "it is that of v1.0 ("), "{found:?}");
    assert!(
        says("stale-file", " last changed the candidate's in "),
        "{found:?}"
    );
    assert!(says("extra-file", "was deleted in "), "{found:?}");
    assert!(says("extra-file", "(2025-11-02)"), "{found:?}");
}

#[test]
fn digests_are_held_against_what_is_expected() {
    let directory = tempfile::tempdir().unwrap();
    tree(directory.path());
    let tree = directory.path().join("tree");
    let packed = coship(
        &[
            "pack",
            "-o",
            "../one.zip",
            "--output-format",
            "json",
            "--against",
            "none",
        ],
        &tree,
    );
    let digests = json(&packed)["package"].clone();
    let (base64, hex) = (&digests["code_sha256_base64"], &digests["code_sha256_hex"]);
    let verify = |more: &[&str]| {
        let fixed = ["verify", "../one.zip", "--against", "none"];
        coship(&[&fixed[..], more].concat(), &tree)
    };
    for digest in [base64, hex] {
        let output = verify(&["--expect-sha256", digest.as_str().unwrap()]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    }
    let other = "0".repeat(64);
    assert_eq!(verify(&["--expect-sha256", &other]).status.code(), Some(1));
    assert_eq!(verify(&["--expect-sha256", "abc"]).status.code(), Some(2));
    let running = tree.join("running.json");
    fs::write(&running, format!("{{\"CodeSha256\": {base64}}}")).unwrap();
    let file = running.to_str().unwrap();
    assert_eq!(
        verify(&["--aws-configuration", file]).status.code(),
        Some(0)
    );
    fs::write(
        &running,
        "{\"Configuration\": {\"CodeSha256\": \"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"}}",
    )
    .unwrap();
    let output = verify(&["--aws-configuration", file]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stdout).contains("[wrong-digest]"));
    fs::write(&running, "{}").unwrap();
    assert_eq!(
        verify(&["--aws-configuration", file]).status.code(),
        Some(2)
    );
}

#[test]
fn a_template_is_held_against_its_code() {
    let directory = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| write(directory.path(), path, text);
    write(
        "api/app.py",
        "import helper\n\n\ndef handler(event, context):\n    return helper.answer(event)\n",
    );
    write("api/helper.py", "def answer(event):\n    return event\n");
    write(
        "jobs/app.py",
        "def run(event):\n    match event:\n        case _:\n            return event\n",
    );
    let template = |api: &str, jobs: &str| {
        format!(
            "Globals:\n  Function:\n    Runtime: python3.12\nResources:\n  Api:\n    Type: AWS::Serverless::Function\n    Properties: {{{api}}}\n  Jobs:\n    Type: AWS::Serverless::Function\n    Properties: {{{jobs}}}\n"
        )
    };
    let good = "CodeUri: api/, Handler: app.handler";
    let verify = |api: &str, jobs: &str| {
        write("template.yaml", &template(api, jobs));
        let fixed = ["verify", "--template", "template.yaml", "--against", "none"];
        let output = coship(
            &[&fixed[..], &["--output-format", "json"]].concat(),
            directory.path(),
        );
        let found = reported(&json(&output)).into_iter();
        found.map(|(rule, _)| rule).collect::<Vec<_>>()
    };
    // The handler takes no context.
    let jobs = "CodeUri: jobs/, Handler: app.run";
    assert_eq!(verify(good, jobs), ["missing-handler"]);
    write(
        "jobs/app.py",
        "def run(event, context):\n    match event:\n        case _:\n            return event\n",
    );
    assert_eq!(verify(good, jobs), Vec::<String>::new());
    for (jobs, rule) in [
        ("CodeUri: job/, Handler: app.run", "missing-code"),
        ("Handler: app.run", "missing-code"),
        ("CodeUri: jobs/, Handler: app.start", "missing-handler"),
        ("CodeUri: jobs/, Handler: other.run", "missing-handler"),
        ("CodeUri: jobs/, Handler: app", "unusable-handler"),
        ("CodeUri: jobs/, Handler: ./app.run", "unusable-handler"),
        (
            "CodeUri: jobs/, Handler: app.run, Runtime: python3.99",
            "unknown-runtime",
        ),
        (
            "CodeUri: jobs/, Handler: app.run, Runtime: python3.9",
            "unsupported-syntax",
        ),
        (
            "CodeUri: jobs/, InlineCode: x, Handler: index.run",
            "missing-code",
        ),
    ] {
        let found = verify(good, jobs);
        assert!(found.iter().any(|it| it == rule), "{jobs}: {found:?}");
    }
    for jobs in [
        "CodeUri: !Ref Where, Handler: app.run",
        "CodeUri: jobs/, Handler: !Sub '${Name}.run'",
        "CodeUri: 's3://bucket/key.zip', Handler: app.run",
        "CodeUri: jobs/, Handler: app.run, Runtime: !If [A, python3.12, python3.13]",
        "PackageType: Image, ImageUri: x",
    ] {
        assert_eq!(verify(good, jobs), Vec::<String>::new(), "{jobs}");
    }
    // A package of one of the functions, with the template that deploys it.
    write(
        "template.yaml",
        &template(good, "CodeUri: jobs/, Handler: app.run"),
    );
    let packed = coship(
        &["pack", "api", "-o", "api.zip", "--against", "none"],
        directory.path(),
    );
    assert_eq!(packed.status.code(), Some(0), "{}", stderr(&packed));
    let fixed = [
        "verify",
        "api.zip",
        "--template",
        "template.yaml",
        "--tree",
        ".",
    ];
    let output = coship(
        &[&fixed[..], &["--output-format", "json"]].concat(),
        directory.path(),
    );
    assert_eq!(reported(&json(&output)), []);
}
