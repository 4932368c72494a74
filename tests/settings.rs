//! `coship config` and `coship schema`: which settings hold, and where each comes from.

mod source_support;

use serde_json::Value;
use source_support::{Sandbox, command};

#[test]
fn each_setting_says_where_it_comes_from() {
    let sandbox = Sandbox::repository();
    sandbox
        .write("m.py", "x = 1\n")
        .write(
            "coship.toml",
            "fail-on = 'warning'\noutput-format = 'full'\n\n[rules]\nCS1 = 'off'\n\n[layers]\nprofile = 'suga'\n",
        )
        .write(".python-version", "3.12\n");
    sandbox.commit("a");
    sandbox.git(&["tag", "v1.0"]);
    let arguments = [
        "config",
        "--output-format",
        "json",
        "--exclude",
        "old",
        "--config",
        "rules.CS2=info",
    ];
    let output = command(&sandbox.path(), &arguments)
        .env("COSHIP_OUTPUT_FORMAT", "concise")
        .output()
        .unwrap();
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["file"], "coship.toml");
    let said = |key: &str| {
        let settings = document["settings"].as_array().unwrap();
        let setting = settings.iter().find(|it| it["key"] == key).unwrap();
        let text = |name: &str| setting[name].as_str().unwrap_or("-").to_owned();
        let value = setting["value"].to_string();
        format!("{value} {} {}", text("source"), text("at"))
    };
    assert_eq!(said("fail-on"), "\"warning\" file coship.toml:1");
    assert_eq!(said("rules.CS1"), "\"off\" file coship.toml:5");
    assert_eq!(said("rules.CS2"), "\"info\" flag --config");
    assert_eq!(said("exclude"), "[\"old\"] flag --exclude");
    assert_eq!(
        said("output-format"),
        "\"concise\" environment COSHIP_OUTPUT_FORMAT"
    );
    assert_eq!(
        said("against"),
        "\"v1.0\" found newest version tag reachable from HEAD"
    );
    assert_eq!(said("python-version"), "[\"3.12\"] found .python-version");
    assert_eq!(said("new-only"), "null default -");
    assert_eq!(
        said("layers.may-import.core"),
        "[\"gateway\"] file coship.toml:8"
    );
}

#[test]
fn people_read_a_line_for_each() {
    let sandbox = Sandbox::repository();
    sandbox.write("coship.toml", "new-only = true\n");
    let output = command(&sandbox.path(), &["config"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.starts_with("coship: ., coship.toml\n"), "{text}");
    assert!(
        text.contains("new-only        true  (coship.toml:1)\n"),
        "{text}"
    );
    assert!(
        text.contains("fail-on         error  (default)\n"),
        "{text}"
    );
}

#[test]
fn schemas_are_printed_and_listed() {
    let sandbox = Sandbox::new();
    let run = |arguments: &[&str]| command(&sandbox.path(), arguments).output().unwrap();
    let listed = String::from_utf8(run(&["schema"]).stdout).unwrap();
    for line in listed.lines() {
        let name = line.split_whitespace().next().unwrap();
        let schema: Value = serde_json::from_slice(&run(&["schema", name]).stdout).unwrap();
        assert_eq!(
            schema["$schema"],
            "https://json-schema.org/draft/2020-12/schema"
        );
    }
    assert!(listed.starts_with("config "), "{listed}");
    assert_eq!(run(&["schema", "chekc"]).status.code(), Some(2));
}
