//! The page of `coship report --html`: well formed, all of it there, nothing loaded, nothing hostile. `tests/report_page.mjs` opens it in a browser.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

fn coship(directory: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_coship"))
        .current_dir(directory)
        .args(arguments)
        .env_remove("COSHIP_OUTPUT_FORMAT")
        .env_remove("VIRTUAL_ENV")
        .env("COSHIP_NO_CACHE", "1")
        .output()
        .unwrap()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The bytes of the page.
fn written(directory: &Path, arguments: &[&str]) -> Vec<u8> {
    let output = coship(directory, &[&["report", "--html", "-"], arguments].concat());
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{told}");
    output.stdout
}

/// What a parser sees in a page; `tests/support/page.py` says what that is.
fn read(page: &[u8]) -> Value {
    let mut child = Command::new("python3")
        .arg(root().join("tests/support/page.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(page).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "the page is not well formed");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn strings(value: &Value) -> Vec<&str> {
    let values = value.as_array().unwrap().iter();
    values.map(|value| value.as_str().unwrap()).collect()
}

/// The fingerprints that `check` reports.
fn fingerprints(directory: &Path, arguments: &[&str]) -> BTreeSet<String> {
    let json = ["check", "--output-format", "json"];
    let output = coship(directory, &[&json[..], arguments].concat());
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    let findings = document["findings"].as_array().unwrap().iter();
    findings
        .map(|finding| finding["fingerprint"].as_str().unwrap().to_owned())
        .collect()
}

/// Nothing is fetched, whatever is in the page.
fn assert_closed(page: &Value) {
    assert_eq!(strings(&page["loads"]), Vec::<&str>::new());
    for element in [
        "link", "iframe", "img", "object", "embed", "base", "form", "image", "use",
    ] {
        assert!(page["elements"].get(element).is_none(), "{element}");
    }
    assert_eq!(page["elements"]["script"], 1);
    let policy = strings(&page["policy"]);
    assert!(policy[0].starts_with("default-src 'none'; script-src 'sha256-"));
    assert!(!policy[0].contains("unsafe"));
}

#[test]
fn the_pages_of_all_fixtures_hold_all_findings_and_load_nothing() {
    for entry in fs::read_dir(root().join("fixtures")).unwrap() {
        let fixture = entry.unwrap().path();
        let candidate = fixture.join("candidate");
        if !candidate.is_dir() {
            continue;
        }
        let deployed = fixture.join("deployed");
        let against = if deployed.is_dir() {
            "deployed"
        } else {
            "none"
        };
        let arguments = ["candidate", "--against", against];
        let output = coship(
            &fixture,
            &[&["report", "--html", "-"], &arguments[..]].concat(),
        );
        if output.status.code() == Some(2) {
            // What `check` cannot do, the page cannot show.
            let check = coship(&fixture, &[&["check"], &arguments[..]].concat());
            assert_eq!(check.status.code(), Some(2), "{}", fixture.display());
            continue;
        }
        let page = read(&output.stdout);
        let shown: BTreeSet<String> = strings(&page["findings"])
            .into_iter()
            .map(str::to_owned)
            .collect();
        assert_eq!(
            shown,
            fingerprints(&fixture, &arguments),
            "{}",
            fixture.display()
        );
        assert_closed(&page);
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(
            !text.contains("http:") && !text.contains("https:"),
            "{}",
            fixture.display()
        );
    }
}

#[test]
fn the_page_tells_the_outage() {
    let fixture = root().join("fixtures/outage");
    let page = read(&written(&fixture, &["fixed", "--against", "deployed"]));
    let text = page["text"].as_str().unwrap();
    for said in [
        "against directory deployed",
        "Plan: ordered. 5 changed files, to be shipped in 5 steps.",
        "Step 5: 1 file",
        "after interface_cache.py, or gateway_core.py would fail:",
        "TypeError: _execute_clear_implementation() got an unexpected keyword argument 'timeout'",
        "interface_cache.execute_cache_operation",
        "gateway: 7 files",
        "gateway_core.py calls 4 files, called by 4 files",
    ] {
        assert!(text.contains(said), "{said}");
    }
    // The old signature and the new one, with what differs marked as such.
    assert!(page["elements"]["ins"].as_u64() > Some(0));
    let alone = read(&written(&fixture, &["fixed", "--against", "none"]));
    let text = alone["text"].as_str().unwrap();
    assert!(text.contains("Compared with nothing"));
    assert!(alone["elements"].get("ins").is_none());
}

#[test]
fn the_same_trees_give_the_same_bytes() {
    let fixture = root().join("fixtures/outage");
    let arguments = ["candidate", "--against", "deployed"];
    let first = written(&fixture, &arguments);
    assert!(first == written(&fixture, &arguments));
    let directory = tempfile::TempDir::new().unwrap();
    let file = directory.path().join("report.html");
    let named = ["report", "--html", file.to_str().unwrap()];
    let output = coship(&fixture, &[&named[..], &arguments].concat());
    assert_eq!(output.status.code(), Some(0));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(
        told.starts_with("coship: wrote ") && told.contains("1 error"),
        "{told}"
    );
    assert!(output.stdout.is_empty());
    assert!(fs::read(&file).unwrap() == first);
    let output = coship(
        &fixture,
        &[&named[..], &arguments, &["--exit-code"]].concat(),
    );
    assert_eq!(output.status.code(), Some(1));
    let output = coship(
        &fixture,
        &[
            "report",
            "--html",
            "x.html",
            "candidate",
            "--against",
            "nowhere",
        ],
    );
    assert_eq!(output.status.code(), Some(2));
    assert!(!fixture.join("x.html").exists());
}

#[test]
fn names_are_no_markup_and_what_is_invisible_is_shown() {
    let directory = tempfile::TempDir::new().unwrap();
    let hostile = "</script><script>alert(1)</script><img src=x onerror=alert(1)> '\\\"&amp; \u{202e}\u{fffe}]]><!-- ";
    let text = format!(
        "def f(a):\n    return a\n\n\nf(1, **{{\"{hostile}\": 2}})  # {}\n",
        "</style></script><b onclick='x'>\u{202e}"
    );
    fs::write(directory.path().join("m.py"), text).unwrap();
    let odd = "<b>&\"'.py";
    fs::write(directory.path().join(odd), "import m\nm.f()\n").unwrap();
    let bytes = written(directory.path(), &[".", "--against", "none"]);
    let page = read(&bytes);
    assert_closed(&page);
    assert_eq!(strings(&page["findings"]).len(), 2);
    let shown = page["text"].as_str().unwrap();
    assert!(
        shown.contains("</script><script>alert(1)</script>"),
        "{shown}"
    );
    assert!(shown.contains("\\u202e\\ufffe]]><!-- ") && shown.contains(odd));
    let html = String::from_utf8(bytes).unwrap();
    assert!(!html.contains(['\u{202e}', '\u{fffe}']));
    assert_eq!(html.matches("<script").count(), 1);
}

#[test]
fn ten_thousand_findings_have_their_bounds_and_say_so() {
    let directory = tempfile::TempDir::new().unwrap();
    let mut text = String::from("def f(a):\n    return a\n\n\n");
    for number in 0..10_050 {
        writeln!(text, "def g{number}(): f(1, k{number}=2)").unwrap();
    }
    fs::write(directory.path().join("m.py"), text).unwrap();
    let bytes = written(directory.path(), &[".", "--against", "none"]);
    assert!(bytes.len() < 12_000_000, "{}", bytes.len());
    let page = read(&bytes);
    assert_eq!(strings(&page["findings"]).len(), 10_000);
    assert_eq!(strings(&page["rows"]).len(), 9_500);
    let shown = page["text"].as_str().unwrap();
    assert!(shown.contains("The first 500 have their excerpts"));
    assert!(shown.contains("Left out: 50 findings. coship check --output-format json has all."));
}
