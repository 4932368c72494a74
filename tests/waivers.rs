//! Waivers: findings that somebody takes the responsibility for, until a day and for a reason.

mod source_support;

use std::path::Path;

use serde_json::Value;
use source_support::{Sandbox, command, told};

fn coship(directory: &Path, arguments: &[&str], epoch: Option<&str>) -> (Option<i32>, String) {
    let mut command = command(directory, arguments);
    told(
        &command
            .envs(epoch.map(|epoch| ("SOURCE_DATE_EPOCH", epoch)))
            .output()
            .unwrap(),
    )
}

const BREAKS: &str = "def f(a):
    return a


def g():
    return f(1, 2)


def h():
    return f(
        1,
        b=2,  # noqa: X  # coship: ignore[CS101] old core
    )
";

const WAIVER: &str = "[[waivers]]
rule = 'too-many-positionals'
path = '*.py'
function = 'g'
until = 2026-03-31
reason = 'CORE-7'
by = 'Ada'
";

fn adopted() -> Sandbox {
    let sandbox = Sandbox::repository();
    sandbox.write("m.py", BREAKS).write("coship.toml", WAIVER);
    sandbox
}

#[test]
fn a_waiver_holds_until_its_day() {
    let sandbox = adopted();
    let run = |arguments: &[&str], epoch| coship(&sandbox.path(), arguments, epoch);
    let (status, text) = run(&["check", "--today", "2026-03-31"], None);
    assert_eq!(status, Some(0), "{text}");
    assert!(
        text.ends_with(" 0 warnings; not shown: 1 waived, 1 ignored by comments\n"),
        "{text}"
    );
    let said = "; its waiver (coship.toml:1) has expired on 2026-03-31 [too-many-positionals]\n";
    // 2026-04-01, a second after midnight.
    for (arguments, epoch) in [
        (&["check", "--today", "2026-04-01"][..], None),
        (&["check"][..], Some("1775001601")),
    ] {
        let (status, text) = run(arguments, epoch);
        assert_eq!(status, Some(1), "{text}");
        assert!(text.contains(said), "{text}");
    }
    // The flag goes before the variable.
    let flag = ["check", "--today", "2026-03-31"];
    assert_eq!(run(&flag, Some("1775001601")).0, Some(0));
    assert_eq!(run(&["check", "--today", "2026-02-30"], None).0, Some(2));
}

#[test]
fn a_waiver_without_a_finding_is_reported_and_one_without_a_reason_refused() {
    let sandbox = adopted();
    let run = |arguments: &[&str]| coship(&sandbox.path(), arguments, Some("0"));
    sandbox.write("m.py", BREAKS.replace("f(1, 2)", "f(1)"));
    let (status, text) = run(&["check"]);
    assert_eq!(status, Some(0), "{text}");
    let said = "coship.toml:1:1: warning: the waiver of too-many-positionals for *.py waives nothing (coship.toml:1) [unused-waiver]\n";
    assert!(text.contains(said), "{text}");
    // Whoever has switched the rule off knows that it reports nothing.
    let (_, text) = run(&["check", "--ignore", "too-many-positionals"]);
    assert!(!text.contains("unused-waiver"), "{text}");
    // What waives is no part of what a baseline keeps.
    let update = ["check", "--baseline", "known.toml", "--update-baseline"];
    let (_, text) = run(&update);
    assert!(text.contains("wrote known.toml: 0 findings"), "{text}");
    for broken in [
        WAIVER.replace("CORE-7", " "),
        WAIVER.replace("reason = 'CORE-7'\n", ""),
        WAIVER.replace("until = 2026-03-31\n", ""),
        WAIVER.replace("too-many-positionals", "too-many-positionels"),
    ] {
        sandbox.write("coship.toml", &broken);
        assert_eq!(run(&["check"]).0, Some(2), "{broken}");
    }
}

#[test]
fn sarif_has_what_is_not_reported_with_its_justification() {
    let sandbox = adopted();
    let arguments = ["check", "--output-format", "sarif"];
    let (_, text) = coship(&sandbox.path(), &arguments, Some("0"));
    let document: Value = serde_json::from_str(&text).unwrap();
    let results = document["runs"][0]["results"].as_array().unwrap();
    let said: Vec<(&str, &str, &str)> = results
        .iter()
        .map(|result| {
            let suppression = &result["suppressions"][0];
            let text = |value: &'static str| suppression[value].as_str().unwrap();
            (
                result["ruleId"].as_str().unwrap(),
                text("kind"),
                text("justification"),
            )
        })
        .collect();
    assert_eq!(
        said,
        [
            ("CS101", "inSource", "old core"),
            (
                "CS103",
                "external",
                "CORE-7 (Ada); waived until 2026-03-31 in coship.toml:1"
            ),
        ]
    );
    let (_, text) = coship(
        &sandbox.path(),
        &["check", "--output-format", "json"],
        Some("0"),
    );
    let summary = &serde_json::from_str::<Value>(&text).unwrap()["summary"];
    for (key, count) in [
        ("new", 0),
        ("existing", 0),
        ("ignored", 1),
        ("in_baseline", 0),
        ("waived", 1),
    ] {
        assert_eq!(summary[key], count, "{key}");
    }
}

#[test]
fn a_waiver_for_files_that_are_not_looked_at_is_not_unused() {
    let sandbox = adopted();
    sandbox.write("lib/a.py", "x = 1\n");
    let run = |tree: &str| coship(&sandbox.path(), &["check", tree], Some("0")).1;
    assert!(
        !run("dir:lib").contains("unused-waiver"),
        "{}",
        run("dir:lib")
    );
    sandbox.write("coship.toml", WAIVER.replace("*.py", "lib/**"));
    assert!(run("dir:lib").contains("unused-waiver"));
}
