//! Hooks and gates as a team has them: what is committed or pushed is what is judged, a green run says what it looked at, and nothing that the analysed
//! code says is a command for who reads the report.

mod source_support;

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use source_support::{Sandbox, command, coship, told};

const WORKS: &str = "def f(a):\n    return a\n\n\ndef g():\n    return f(1)\n";
const BREAKS: &str = "def f(a):\n    return a\n\n\ndef g():\n    return f(1, 2)\n";

/// A repository with a deployed version, `v1`.
fn repository(files: &[(&str, &str)]) -> Sandbox {
    let sandbox = Sandbox::repository();
    for (path, text) in files {
        sandbox.write(path, text);
    }
    sandbox.commit("deployed");
    sandbox.git(&["tag", "v1"]);
    sandbox
}

/// What a command says that is handed these lines, as git hands them to a hook.
fn handed(mut command: Command, lines: &str) -> (Option<i32>, String) {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(lines.as_bytes()).unwrap();
    drop(input);
    told(&child.wait_with_output().unwrap())
}

#[test]
fn only_judges_what_is_new_by_the_file() {
    let sandbox = repository(&[
        (
            "fine.py",
            "import safe\n\n\ndef h():\n    return safe.f(1)\n",
        ),
        (
            "old.py",
            "import safe\n\n\ndef g():\n    return safe.f(1, 2)\n",
        ),
        ("safe.py", "def f(a):\n    return a\n"),
    ]);
    sandbox.write("safe.py", "def f(a):\n    return a + 0\n");
    let (status, text) = coship(&sandbox.path(), &["check", "--only", "safe.py"]);
    assert_eq!(status, Some(0), "{text}");
    assert!(
        text.contains("0 errors, 0 warnings; not shown: 1 existing\n"),
        "{text}"
    );
    let (_, plan) = coship(&sandbox.path(), &["plan"]);
    assert!(plan.contains("any-order"), "{plan}");
    sandbox.write("safe.py", "def f(a, b, c):\n    return a\n");
    let (status, text) = coship(&sandbox.path(), &["check", "--only", "safe.py"]);
    assert_eq!(status, Some(1), "{text}");
}

#[test]
fn a_green_annotation_says_what_was_compared() {
    let sandbox = repository(&[("m.py", BREAKS)]);
    sandbox.commit("since");
    let arguments = ["check", "--new-only", "--output-format", "github"];
    let (status, text) = coship(&sandbox.path(), &arguments);
    assert_eq!(status, Some(0));
    let lines: Vec<&str> = text.lines().collect();
    assert!(
        lines[0].starts_with("coship: work tree ., against revision v1 ("),
        "{text}"
    );
    assert!(
        lines[1].ends_with("0 errors, 0 warnings; not shown: 1 existing"),
        "{text}"
    );
    let quiet = [&arguments[..], &["--quiet"]].concat();
    assert_eq!(coship(&sandbox.path(), &quiet).1, "");
    // The configuration can ask for it as well.
    let configured = ["check", "--config", "new-only=true"];
    assert_eq!(coship(&sandbox.path(), &configured).0, Some(0));
    assert_eq!(coship(&sandbox.path(), &["check"]).0, Some(1));
}

#[test]
fn what_is_new_comes_first_and_is_counted() {
    let sandbox = repository(&[("a.py", BREAKS)]);
    sandbox.write("b.py", BREAKS);
    let (_, text) = coship(&sandbox.path(), &["check"]);
    let lines: Vec<&str> = text.lines().collect();
    assert!(
        lines[1].starts_with("b.py:") && lines[2].starts_with("a.py:"),
        "{text}"
    );
    assert!(
        text.ends_with("2 errors, 0 warnings (1 new, 1 existing)\n"),
        "{text}"
    );
}

#[test]
fn a_closed_pipe_leaves_the_verdict() {
    let sandbox = repository(&[("m.py", BREAKS)]);
    for format in ["concise", "full", "json", "sarif", "junit"] {
        for _ in 0..3 {
            let arguments = ["check", "--output-format", format];
            let mut child = command(&sandbox.path(), &arguments)
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
            drop(child.stdout.take());
            let output = child.wait_with_output().unwrap();
            assert_eq!(told(&output), (Some(1), String::new()), "{format}");
        }
    }
}

#[test]
fn a_push_is_judged_by_what_is_pushed() {
    let sandbox = repository(&[("m.py", WORKS)]);
    let good = sandbox.git(&["rev-parse", "HEAD"]);
    sandbox.write("m.py", BREAKS).commit("broken");
    let bad = sandbox.git(&["rev-parse", "HEAD"]);
    // Index and work tree are fine again.
    sandbox.write("m.py", WORKS).git(&["add", "--all"]);
    let directory = sandbox.path();
    let named = |to: &str| {
        let mut command = command(&directory, &["check", "--hook"]);
        told(&command.env("PRE_COMMIT_TO_REF", to).output().unwrap())
    };
    let (status, text) = named(&bad);
    assert_eq!(status, Some(1), "{text}");
    assert!(text.contains(&bad[..7]), "{text}");
    assert_eq!(named(&good).0, Some(0));
    // A whole history that is pushed for the first time: pre-commit names the branch alone.
    let mut first = command(&directory, &["check", "--hook"]);
    let output = first
        .env("PRE_COMMIT_LOCAL_BRANCH", "refs/heads/main")
        .output();
    assert_eq!(told(&output.unwrap()).0, Some(1));
    // Without a push it is the index.
    let (status, text) = coship(&directory, &["check", "--hook"]);
    assert_eq!(status, Some(0), "{text}");
    assert!(text.starts_with("coship: index ."), "{text}");

    let zero = "0".repeat(40);
    let pushed = |lines: &str| handed(command(&directory, &["check", "--hook=pre-push"]), lines);
    let two = format!(
        "refs/heads/a {good} refs/heads/a {zero}\nrefs/heads/b {bad} refs/heads/b {good}\n"
    );
    let (status, text) = pushed(&two);
    assert_eq!(status, Some(1), "{text}");
    assert_eq!(text.matches("coship: revision").count(), 2, "{text}");
    let (status, text) = pushed(&format!("(delete) {zero} refs/heads/b {bad}\n"));
    assert_eq!(status, Some(0));
    assert_eq!(text, "coship: nothing is pushed that could be checked\n");
    assert_eq!(pushed("nonsense\n").0, Some(2));
}

#[test]
fn installed_hooks_hold_back_what_breaks() {
    let sandbox = repository(&[("m.py", WORKS)]);
    let directory = sandbox.path();
    let hook = |action: &str| coship(&directory, &["hook", action]);
    assert_eq!(hook("remove").1, "coship: there is no hook of coship's\n");
    let (status, text) = hook("install");
    assert_eq!(status, Some(0), "{text}");
    assert_eq!(
        text,
        "coship: wrote the hooks pre-commit, pre-merge-commit, pre-push\n"
    );
    assert_eq!(hook("install").0, Some(0));
    let binaries = Path::new(env!("CARGO_BIN_EXE_coship")).parent().unwrap();
    let path = std::env::var("PATH").unwrap();
    let git = |arguments: &[&str]| {
        let output = Command::new("git")
            .current_dir(&directory)
            .args(["-c", "user.name=A", "-c", "user.email=a@example.org"])
            .args(arguments)
            .env("PATH", format!("{}:{path}", binaries.display()))
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .output()
            .unwrap();
        told(&output)
    };
    sandbox.write("m.py", BREAKS);
    git(&["add", "--all"]);
    let (status, text) = git(&["commit", "--quiet", "--message", "broken"]);
    assert_eq!(status, Some(1), "{text}");
    assert!(text.contains("m.py:6:12: error:"), "{text}");
    git(&["commit", "--quiet", "--no-verify", "--message", "broken"]);
    let remote = Sandbox::new();
    remote.git(&["init", "--quiet", "--bare"]);
    let remote = remote.path();
    let remote = remote.to_str().unwrap();
    assert_ne!(git(&["push", "--quiet", remote, "HEAD:main"]).0, Some(0));
    let (status, text) = git(&["push", "--quiet", remote, "HEAD~1:refs/heads/main"]);
    assert_eq!(status, Some(0), "{text}");

    assert!(hook("remove").1.contains("removed the hooks pre-commit"));
    sandbox.write(".git/hooks/pre-push", "#!/bin/sh\nexit 0\n");
    let (status, text) = hook("install");
    assert_eq!(status, Some(2));
    assert!(text.contains("`coship check --hook=pre-push`"), "{text}");
    assert!(!sandbox.join(".git/hooks/pre-commit").exists());
    sandbox.remove(".git/hooks/pre-push");
    git(&["config", "core.hooksPath", "tools"]);
    let (status, text) = hook("install");
    assert_eq!(status, Some(2), "{text}");
    assert!(text.contains("tools"), "{text}");
}

#[test]
fn a_folder_of_a_repository_is_a_part_of_its_program() {
    let sandbox = repository(&[
        (
            "a.py",
            "import src.m\n\n\ndef f():\n    return src.m.f(1, 2)\n",
        ),
        ("src/__init__.py", ""),
        ("src/m.py", BREAKS),
    ]);
    let (status, text) = coship(&sandbox.join("src"), &["check"]);
    assert_eq!(status, Some(1));
    let lines: Vec<&str> = text.lines().collect();
    assert!(
        lines[0].starts_with("coship: work tree .., of which src is reported, against revision v1"),
        "{text}"
    );
    assert!(lines[1].starts_with("src/m.py:6:12: error:"), "{text}");
    assert!(text.ends_with("; not shown: 1 elsewhere\n"), "{text}");
    // What lies beside is compared with what is here.
    sandbox.write("old/m.py", WORKS);
    let against = ["check", "--against", "../old"];
    let (_, text) = coship(&sandbox.join("src"), &against);
    assert!(
        text.starts_with("coship: work tree ., against directory ../old"),
        "{text}"
    );
    // A directory with a configuration is a project of its own.
    sandbox.write("src/coship.toml", "");
    let (_, text) = coship(&sandbox.join("src"), &["check"]);
    assert!(text.starts_with("coship: work tree ., against"), "{text}");
    assert!(text.contains("\nm.py:6:12: error:"), "{text}");
}

#[test]
fn a_named_folder_of_a_project_is_a_part_of_its_program() {
    let sandbox = repository(&[
        ("coship.toml", ""),
        ("m.py", WORKS),
        (
            "src/user.py",
            "import m\n\n\ndef h():\n    return m.f(1, 2)\n",
        ),
        ("other.py", BREAKS),
    ]);
    let here = sandbox.path();
    for (directory, named, tree) in [
        (here.clone(), "src", "."),
        (here.join("src"), "../src", ".."),
        (here.join("src"), ".", ".."),
    ] {
        let (status, text) = coship(&directory, &["check", named]);
        assert_eq!(status, Some(1));
        let first =
            format!("coship: work tree {tree}, of which src is reported, against revision v1");
        assert!(text.starts_with(&first), "{text}");
        assert!(
            text.contains("\nsrc/user.py:5:12: error: m.f(a) takes 1"),
            "{text}"
        );
        assert!(text.ends_with("; not shown: 1 elsewhere\n"), "{text}");
    }
    // From outside of the project, and as a tree of its own.
    let (_, text) = coship(
        here.parent().unwrap(),
        &["check", here.join("src").to_str().unwrap()],
    );
    assert!(text.contains("of which src is reported"), "{text}");
    for alone in [
        &["check", "dir:src"][..],
        &["check", "src", "--isolated"],
        &["check", "src", "--against", "./src"],
    ] {
        let (_, text) = coship(&here, alone);
        assert!(
            text.contains("\nuser.py:1:8: info: No module named 'm'"),
            "{text}"
        );
    }
    // Without a configuration, a directory that is named is all of the program.
    sandbox.remove("coship.toml");
    let (_, text) = coship(&here, &["check", "src"]);
    assert!(text.starts_with("coship: work tree src, against"), "{text}");
}

#[test]
fn repositories_inside_are_named() {
    let sandbox = repository(&[("m.py", WORKS)]);
    sandbox.write("vendor/x/a.py", "");
    sandbox.git_in("vendor/x", &["init", "--quiet"]);
    let (_, text) = coship(&sandbox.path(), &["check"]);
    assert!(
        text.ends_with("; not looked into: 1 repository inside (vendor/x)\n"),
        "{text}"
    );
    sandbox.git_in("vendor/x", &["add", "--all"]);
    sandbox.git_in("vendor/x", &["commit", "--quiet", "--message", "x"]);
    sandbox.git(&["add", "--all"]);
    sandbox.git(&["commit", "--quiet", "--message", "submodule"]);
    for tree in [&["check", "--staged"][..], &["check", "rev:HEAD"]] {
        let (_, text) = coship(&sandbox.path(), tree);
        assert!(text.ends_with("(vendor/x)\n"), "{text}");
    }
}

#[test]
fn nothing_in_a_report_is_a_command_for_azure() {
    let sandbox = Sandbox::new();
    let text = "def f(a):\n    return a\n\n\nf(1, **{'##vso[task.setvariable variable=x]y': 2})  # ##vso[task.x]\nf(1, **{'##[error]z': 2})\n";
    sandbox.write("m.py", text);
    for format in [
        "full",
        "concise",
        "json",
        "json-lines",
        "github",
        "gitlab",
        "sarif",
        "junit",
        "rdjson",
    ] {
        let arguments = ["check", "--output-format", format];
        let (status, text) = coship(&sandbox.path(), &arguments);
        assert_eq!(status, Some(1), "{text}");
        assert!(text.contains("vso[task"), "{format}: {text}");
        for line in text.lines() {
            // The agent looks for these two, wherever they stand in a line.
            assert!(
                !line.contains("##vso[") && !line.contains("##["),
                "{format}: {line}"
            );
        }
    }
}

/// What the schema allows that pytest calls xunit2: Jenkins' junit-10.xsd.
const XUNIT2: [(&str, &[&str]); 6] = [
    (
        "testsuites",
        &["name", "time", "tests", "failures", "errors"],
    ),
    (
        "testsuite",
        &[
            "name",
            "tests",
            "failures",
            "errors",
            "group",
            "time",
            "skipped",
            "timestamp",
            "hostname",
            "id",
            "package",
            "file",
            "log",
            "url",
            "version",
        ],
    ),
    ("testcase", &["name", "time", "classname", "group"]),
    ("failure", &["type", "message"]),
    ("system-out", &[]),
    ("system-err", &[]),
];

/// The opening tags of an XML text with the names of their attributes.
fn tags(xml: &str) -> Vec<(&str, Vec<&str>)> {
    let inner = xml
        .split('<')
        .skip(1)
        .filter_map(|part| part.split_once('>'));
    let opening = inner.map(|(tag, _)| tag.trim_end_matches('/'));
    opening
        .filter(|tag| !tag.starts_with(['/', '?']))
        .map(|tag| {
            let (name, rest) = tag.split_once(' ').unwrap_or((tag, ""));
            let attributes = rest
                .split('"')
                .step_by(2)
                .map(|name| name.trim().trim_end_matches('='));
            (name, attributes.filter(|name| !name.is_empty()).collect())
        })
        .collect()
}

#[test]
fn junit_is_what_its_schema_allows_and_names_stay_when_lines_move() {
    let sandbox = Sandbox::new();
    let junit = |text: &str| {
        sandbox.write("m.py", text);
        let arguments = ["check", "--output-format", "junit"];
        coship(&sandbox.path(), &arguments).1
    };
    let twice = format!(
        "{BREAKS}\n\ndef h():\n    return f(1, 2)\n\n\ndef i():  # coship: ignore[missing-name]\n    pass\n"
    );
    let report = junit(&twice);
    for (name, attributes) in tags(&report) {
        let allowed = XUNIT2.iter().find(|(known, _)| *known == name);
        let allowed = allowed.unwrap_or_else(|| panic!("<{name}>")).1;
        for attribute in attributes {
            assert!(allowed.contains(&attribute), "<{name} {attribute}=...>");
        }
    }
    let names = |report: &str| -> Vec<String> {
        let cases = report.lines().filter(|line| line.contains("<testcase"));
        cases.map(str::to_owned).collect()
    };
    let moved = junit(&format!("\n\n{}", twice.replace("def g", "\n\ndef g")));
    assert_eq!(names(&report).len(), 3, "{report}");
    assert_eq!(names(&report), names(&moved));
    let mut once = names(&report);
    once.dedup();
    assert_eq!(once.len(), 3, "two cases of one name: {report}");
}

#[test]
fn a_comment_works_wherever_people_write_it() {
    let sandbox = Sandbox::new();
    let check = |text: &str| {
        sandbox.write("m.py", format!("def f(a):\n    return a\n\n\n{text}"));
        coship(&sandbox.path(), &["check", "--quiet"]).1
    };
    for silent in [
        "# coship: ignore[too-many-positionals] above\nf(1, 2)\n",
        "# coship: ignore[too-many-positionals] above\n# another one\n\nf(1, 2)\n",
        "f(1, 2)  # noqa # coship: ignore[too-many-positionals]\n",
        "f(1, 2)  # type: ignore  # coship: ignore[too-many-positionals] x  # noqa: E1\n",
        "f(\n    1,\n    2,\n)  # coship: ignore[too-many-positionals] at the end\n",
        "x = (\n    f(1,\n      2)  # coship: ignore[too-many-positionals] between\n)\n",
        "x = [\n    # coship: ignore[too-many-positionals] above an item\n    f(1, 2),\n]\n",
        "if f(1, 2):  # coship: ignore[too-many-positionals]\n    pass\n",
    ] {
        assert_eq!(check(silent), "", "{silent}");
    }
    // What it means on its own line is all that it means.
    let items = "x = [\n    f(1, 2),  # coship: ignore[too-many-positionals]\n    f(3, 4),\n]\n";
    assert!(
        check(items).starts_with("m.py:7:5: error:"),
        "{}",
        check(items)
    );
    let body = "if x:  # coship: ignore[too-many-positionals]\n    f(1, 2)\n";
    assert!(check(body).contains("error:"), "{}", check(body));
    let after = "f(1, 2)\n# coship: ignore[too-many-positionals]\n";
    assert_eq!(check(after).lines().count(), 2, "{}", check(after));
    let (_, counted) = coship(&sandbox.path(), &["check", "--select", "CS1"]);
    assert!(counted.ends_with("1 error, 0 warnings\n"), "{counted}");
    check("f(1, 2)  # coship: ignore[too-many-positionals]\n");
    let (_, counted) = coship(&sandbox.path(), &["check"]);
    assert!(
        counted.ends_with("; not shown: 1 ignored by comments\n"),
        "{counted}"
    );
}

#[test]
fn messages_have_numbers_and_say_what_was_meant() {
    let sandbox = Sandbox::new();
    let check = |call: &str| {
        let text = format!("def f(key, *, ttl=None):\n    return key\n\n\n{call}\n");
        sandbox.write("m.py", text);
        coship(&sandbox.path(), &["check", "--output-format", "full"]).1
    };
    let text = check("f(1, 2, 3)");
    assert!(
        text.contains("m.f(key, *, ttl=None) takes 1 positional argument, 3 given"),
        "{text}"
    );
    let text = check("f(1, tll=2)");
    assert!(
        text.contains("help: did you mean `ttl`? Else add `tll` to `m.f`"),
        "{text}"
    );
    sandbox.write(
        "other.py",
        "import m\n\nLIMIT_OF_ALL = 3\n\n\ndef fetch():\n    pass\n",
    );
    let text = check("from other import fech");
    assert!(
        text.contains("help: did you mean `fetch`? Else use a name that exists"),
        "{text}"
    );
    sandbox.write("attic.py", "def kept():\n    pass\n");
    let text = check("from other import kept");
    assert!(
        text.contains(
            "help: `kept` is defined in attic.py: import it from there. Else use a name that exists"
        ),
        "{text}"
    );
    let text = check("import other\n\nother.LIMIT_OF_AL");
    assert!(text.contains("did you mean `LIMIT_OF_ALL`?"), "{text}");
    let text = check("f(1, zebra=2)");
    assert!(!text.contains("did you mean"), "{text}");
}

/// On the push of a tag, HEAD is the tag: compared with itself, nothing would be new.
#[test]
fn a_tag_that_is_pushed_is_compared_with_the_one_before() {
    let sandbox = repository(&[("m.py", WORKS)]);
    sandbox.write("m.py", BREAKS).commit("broken");
    sandbox.git(&["tag", "v2"]);
    let directory = sandbox.path();
    for more in [&[][..], &["rev:v2"], &["--staged"]] {
        for configuration in ["new-only=true", "against={tag='v*'}"] {
            let arguments = [&["check", "--new-only", "--config", configuration], more].concat();
            let (status, text) = coship(&directory, &arguments);
            assert_eq!(status, Some(1), "{arguments:?}: {text}");
            assert!(text.contains("against revision v1 ("), "{text}");
            assert!(
                text.contains(" before v2, the commit that is checked"),
                "{text}"
            );
        }
    }
    let (_, plan) = coship(&directory, &["plan"]);
    assert!(plan.contains("revision v1"), "{plan}");
    // What was edited since is compared with the newest tag.
    sandbox.write("m.py", format!("{BREAKS}\n\nX = 1\n"));
    let (status, text) = coship(&directory, &["check", "--new-only"]);
    assert_eq!(status, Some(0), "{text}");
    assert!(text.contains("against revision v2 ("), "{text}");
}

/// `verify`, `config` and `init` decide by the same rule as `check`.
#[test]
fn no_command_takes_the_tag_of_the_commit_at_hand_for_what_runs() {
    let sandbox = repository(&[("m.py", WORKS)]);
    sandbox.write("m.py", BREAKS).commit("broken");
    sandbox.git(&["tag", "v2"]);
    let directory = sandbox.path();
    let (_, text) = coship(&directory, &["pack", "-o", "p.zip", "--force"]);
    let (status, verified) = coship(&directory, &["verify", "p.zip"]);
    assert_eq!(status, Some(1), "{text}{verified}");
    assert!(verified.contains("against revision v1 ("), "{verified}");
    assert!(!verified.contains("existing"), "{verified}");
    let (_, named) = coship(&directory, &["verify", "p.zip", "--against", "v2"]);
    assert!(
        named.contains("--against, which is the very commit that is checked"),
        "{named}"
    );
    let (_, text) = coship(&directory, &["config"]);
    let line = text.lines().find(|line| line.starts_with("against "));
    let line = line.unwrap_or_default();
    assert!(
        line.contains("\"v1\"") && line.contains("before v2"),
        "{text}"
    );
    let (_, text) = coship(&directory, &["init", "--stdout"]);
    let words = "is v2, the very commit that is here: until the next one, v1 is compared with.";
    assert!(text.contains(words), "{text}");
}

/// A release pushes a branch with an annotated tag, which has an id of its own.
#[test]
fn a_commit_that_is_pushed_with_its_tag_is_judged_once() {
    let sandbox = repository(&[("m.py", WORKS)]);
    sandbox.git(&["tag", "--annotate", "--message=two", "v2"]);
    let none = "0".repeat(40);
    let line = |reference: &str| {
        let id = sandbox.git(&["rev-parse", reference]);
        format!(
            "refs/x/{reference} {} refs/x/{reference} {none}\n",
            id.trim()
        )
    };
    let pushed = line("HEAD") + &line("v2");
    let push = command(&sandbox.path(), &["check", "--hook=pre-push"]);
    let (status, text) = handed(push, &pushed);
    assert_eq!(status, Some(0), "{text}");
    assert_eq!(text.matches("coship: revision ").count(), 1, "{text}");
}

#[test]
fn who_names_the_commit_under_test_is_told_so() {
    let sandbox = repository(&[("m.py", BREAKS)]);
    let id = sandbox.git(&["rev-parse", "HEAD"]);
    let directory = sandbox.path();
    let check = |more: &[&str]| coship(&directory, &[&["check"], more].concat());
    for named in ["v1", "refs/tags/v1", "v1^{commit}", &id, &id[..7]] {
        let (status, text) = check(&["--new-only", "--against", named]);
        assert_eq!(status, Some(2), "{named}: {text}");
        assert!(
            text.contains("is the very commit that is checked"),
            "{text}"
        );
        assert!(text.contains("HEAD^"), "{text}");
        let (status, text) = check(&["--against", named]);
        assert_eq!(status, Some(1), "{named}: {text}");
        assert!(
            text.contains("--against, which is the very commit that is checked"),
            "{text}"
        );
    }
    // These say what runs, or what was last committed.
    sandbox.git(&["update-ref", "refs/deployed/prod", "HEAD"]);
    for named in ["HEAD", "main", "deployed:prod"] {
        let (status, text) = check(&["--new-only", "--against", named]);
        assert_eq!(status, Some(0), "{named}: {text}");
    }
    // All of a first version is new.
    let (status, text) = check(&["--new-only"]);
    assert_eq!(status, Some(1), "{text}");
    assert!(
        text.contains(
            "against nothing: v1 is the very commit that is checked, and no tag is before it"
        ),
        "{text}"
    );
    // A shallow clone hides whether there is one before.
    sandbox.write("m.py", WORKS).commit("mended");
    sandbox.git(&["tag", "v2"]);
    let clone = Sandbox::new();
    let from = format!("file://{}", directory.display());
    clone.git(&[
        "clone",
        "--quiet",
        "--depth=1",
        "--branch=v2",
        &from,
        "clone",
    ]);
    let (status, text) = coship(&clone.join("clone"), &["check", "--new-only"]);
    assert_eq!(status, Some(2), "{text}");
    assert!(text.contains("shallow clone"), "{text}");
}

#[test]
fn a_refused_commit_or_push_says_what_to_do_next() {
    let sandbox = repository(&[("m.py", WORKS)]);
    sandbox.write("m.py", BREAKS).git(&["add", "--all"]);
    let directory = sandbox.path();
    let (status, text) = coship(&directory, &["check", "--hook=pre-commit"]);
    assert_eq!(status, Some(1), "{text}");
    assert!(
        text.ends_with("coship: commit refused: `coship check --staged --diff` shows what can be mended, `coship rule RULE` explains a finding\n"),
        "{text}"
    );
    sandbox.commit("broken");
    let mut push = command(&directory, &["check", "--hook"]);
    let (_, text) = told(&push.env("PRE_COMMIT_TO_REF", "HEAD").output().unwrap());
    assert!(
        text.contains("push refused: `coship check rev:HEAD --diff`"),
        "{text}"
    );
    // What is mended is not refused.
    sandbox.write("m.py", WORKS).git(&["add", "--all"]);
    let (status, text) = coship(&directory, &["check", "--hook=pre-commit"]);
    assert_eq!(status, Some(0), "{text}");
    assert!(!text.contains("refused"), "{text}");
}

#[cfg(unix)]
#[test]
fn an_installed_hook_without_coship_says_what_to_do() {
    let sandbox = repository(&[("m.py", WORKS)]);
    coship(&sandbox.path(), &["hook", "install"]);
    let output = Command::new("/bin/sh")
        .arg(sandbox.join(".git/hooks/pre-commit"))
        .current_dir(sandbox.path())
        .env("PATH", "/nowhere")
        .output()
        .unwrap();
    let (status, text) = told(&output);
    assert_eq!(status, Some(127), "{text}");
    assert!(text.contains("coship: not found on PATH"), "{text}");
    assert!(text.contains("pip install coship"), "{text}");
}
