//! Input that is broken, hostile or huge: the whole command says so in its own words, and neither crashes nor stays silent.

mod source_support;

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use serde_json::Value;
use source_support::{Sandbox, forbid};

const FORMATS: [&str; 9] = [
    "full",
    "concise",
    "json",
    "json-lines",
    "github",
    "gitlab",
    "sarif",
    "junit",
    "rdjson",
];

fn command(sandbox: &Sandbox, arguments: &[&str]) -> Command {
    let mut command = source_support::command(&sandbox.path(), arguments);
    command
        .env("NO_COLOR", "1")
        .env("GIT_CEILING_DIRECTORIES", sandbox.path().parent().unwrap());
    command
}

fn coship(sandbox: &Sandbox, arguments: &[&str]) -> Output {
    command(sandbox, arguments).output().unwrap()
}

/// A run that cannot check: status 2, nothing on standard output; its message.
fn refused(sandbox: &Sandbox, arguments: &[&str]) -> String {
    let output = coship(sandbox, arguments);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
    assert!(output.stdout.is_empty(), "{arguments:?}");
    assert_harmless(&said);
    said
}

/// The message and the line that names the fix.
fn assert_says(said: &str, parts: &[&str]) {
    for part in parts {
        assert!(said.contains(part), "{part:?} is not in {said:?}");
    }
}

/// No character that a terminal or a workflow runner acts upon, apart from the ends of lines.
fn assert_harmless(text: &str) {
    let bad = text.chars().find(|c| c.is_control() && *c != '\n');
    assert_eq!(bad, None, "{text:?}");
}

/// The findings of `check` as JSON; the run must come to an end and be no error.
fn findings(sandbox: &Sandbox, arguments: &[&str]) -> Vec<Value> {
    let all = [
        &["check", "--against", "none", "--isolated"][..],
        &["--output-format", "json"],
        arguments,
    ]
    .concat();
    let output = coship(sandbox, &all);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        matches!(output.status.code(), Some(0 | 1)),
        "{arguments:?}: {:?}: {said}",
        output.status
    );
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    report["findings"].as_array().unwrap().clone()
}

/// `rule path:line` of every finding.
fn summary(findings: &[Value]) -> Vec<String> {
    let line = |finding: &Value| finding["range"]["start"]["line"].to_string();
    findings
        .iter()
        .map(|finding| {
            let (rule, path) = (finding["rule"].as_str(), finding["path"].as_str());
            format!("{} {}:{}", rule.unwrap(), path.unwrap(), line(finding))
        })
        .collect()
}

/// A file with one certain defect, on line 4: it shows that the rest is analysed.
const DEFECT: &str = "def f(a):\n    return a\n\nf(1, b=2)\n";
const FOUND: &str = "unexpected-keyword defect.py:4";

/// A tree with [`DEFECT`] and one more file.
fn beside(path: &str, content: impl AsRef<[u8]>) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("defect.py", DEFECT).write(path, content);
    sandbox
}

/// What is found besides [`DEFECT`].
fn others(sandbox: &Sandbox) -> Vec<String> {
    let mut found = summary(&findings(sandbox, &["."]));
    let at = found.iter().position(|finding| finding == FOUND);
    found.remove(at.unwrap_or_else(|| panic!("{FOUND} is not in {found:?}")));
    found
}

#[test]
fn what_cannot_be_read_is_status_2_for_both_sides() {
    let sandbox = Sandbox::repository();
    sandbox.write("a.py", "a = 1\n").commit("one");
    sandbox.git(&["tag", "v1.0"]);
    sandbox.write("note.txt", "no zip\n");
    for (spec, parts) in [
        (
            "rev:v1.1",
            &["there is no revision 'v1.1'", "did you mean 'v1.0'?"][..],
        ),
        (
            "rev:nowhere",
            &["there is no revision 'nowhere'", "git fetch --tags"],
        ),
        ("missing", &["'missing'", "directory"]),
        ("", &["is empty", "name a version"]),
    ] {
        assert_says(
            &refused(&sandbox, &["check", spec, "--against", "none"]),
            parts,
        );
        assert_says(&refused(&sandbox, &["routes", spec]), parts);
    }
    let parts = ["there is no revision 'v1.1'", "did you mean 'v1.0'?"];
    assert_says(&refused(&sandbox, &["check", "--against", "v1.1"]), &parts);
    let said = refused(&sandbox, &["check", "--against", "note.txt"]);
    assert_says(&said, &["note.txt", "zip"]);
    let said = refused(&sandbox, &["check", "a.py"]);
    assert_says(&said, &["single Python file", "name the directory"]);
}

#[test]
fn a_shallow_clone_that_hides_the_tag_is_status_2() {
    let sandbox = Sandbox::repository();
    sandbox.write("a.py", "a = 1\n").commit("one");
    sandbox.git(&["tag", "v1.0"]);
    sandbox.write("a.py", "a = 2\n").commit("two");
    let url = format!("file://{}", sandbox.path().display());
    sandbox.git(&["clone", "--quiet", "--depth", "1", &url, "clone"]);
    for arguments in [
        &["check", "clone"][..],
        &["check", "clone", "--against", "v1.0"],
        &["check", "clone", "--against", "HEAD~1"],
    ] {
        let said = refused(&sandbox, arguments);
        assert_says(&said, &["shallow clone", "fetch-depth: 0"]);
    }
}

#[test]
fn a_revision_outside_of_a_repository_is_status_2() {
    let sandbox = Sandbox::new();
    sandbox.write("a.py", "a = 1\n");
    for arguments in [
        &["check", "rev:HEAD"][..],
        &["check", ".", "--against", "rev:v1"],
        &["check", "--staged"],
    ] {
        let said = refused(&sandbox, arguments);
        assert_says(
            &said,
            &[
                "is in no git repository",
                "run coship inside the repository",
            ],
        );
    }
}

#[test]
fn a_directory_that_cannot_be_read_is_status_2() {
    let sandbox = Sandbox::new();
    sandbox.write("locked/a.py", "");
    let nobody = 65534;
    let mut check = if forbid(&sandbox.join("locked")) {
        command(&sandbox, &["check", "locked", "--against", "none"])
    } else {
        // Permissions do not bind this user: become one whom they bind, for whom the program has to be within reach.
        let program = sandbox.join("coship");
        let reach = fs::copy(env!("CARGO_BIN_EXE_coship"), &program).is_ok();
        assert!(reach && set_mode(&sandbox.join("."), 0o755));
        let mut setpriv = Command::new("setpriv");
        setpriv
            .args([format!("--reuid={nobody}"), format!("--regid={nobody}")])
            .arg("--clear-groups")
            .arg(&program)
            .args(["check", "locked", "--against", "none"])
            .current_dir(sandbox.path());
        setpriv
    };
    let Ok(output) = check.output() else {
        println!(
            "skipped: this user may read everything, and there is no setpriv to become another one"
        );
        return;
    };
    set_mode(&sandbox.join("locked"), 0o755);
    let said = String::from_utf8_lossy(&output.stderr);
    if said.starts_with("setpriv:") {
        println!("skipped: this user may read everything and cannot become another one: {said}");
        return;
    }
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(output.stdout.is_empty());
    assert_says(
        &said,
        &["cannot read the directory 'locked'", "you may read it"],
    );
}

fn set_mode(path: &std::path::Path, mode: u32) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).is_ok()
}

#[test]
fn damaged_zips_are_status_2() {
    const PACK: &str = "
import zipfile
with zipfile.ZipFile('whole.zip', 'w', zipfile.ZIP_DEFLATED) as archive:
    archive.writestr('a.py', 'a = 1\\n' * 2000)
    archive.writestr('b.py', 'b = 1\\n' * 2000)
with zipfile.ZipFile('empty.zip', 'w'):
    pass
";
    let sandbox = Sandbox::new();
    let mut python = Command::new("python3");
    python.args(["-c", PACK]).current_dir(sandbox.path());
    assert!(python.status().unwrap().success());
    let whole = fs::read(sandbox.join("whole.zip")).unwrap();
    assert!(findings(&sandbox, &["whole.zip"]).is_empty());
    let mut scrambled = whole.clone();
    scrambled[35..50].fill(0xff);
    sandbox
        .write("truncated.zip", &whole[..whole.len() / 2])
        .write("no-end.zip", &whole[..whole.len() - 10])
        .write("scrambled.zip", scrambled)
        .write("garbage.zip", [0x50, 0x4b, 3, 4, 0xff, 0xfe])
        .write("nothing.zip", "");
    for name in ["truncated", "no-end", "scrambled", "garbage", "nothing"] {
        let name = format!("{name}.zip");
        let said = refused(&sandbox, &["check", &name, "--against", "none"]);
        assert_says(&said, &[&name, "build or download the zip again"]);
        let said = refused(&sandbox, &["check", "whole.zip", "--against", &name]);
        assert_says(&said, &[&name, "build or download the zip again"]);
    }
    let said = refused(&sandbox, &["check", "empty.zip", "--against", "none"]);
    assert_says(&said, &["there are no Python files in", "check the path"]);
}

#[test]
fn a_tree_without_python_files_is_status_2() {
    let sandbox = Sandbox::new();
    sandbox.write("README.md", "").write("code/a.py", "a = 1\n");
    fs::create_dir(sandbox.join("void")).unwrap();
    for arguments in [
        &["check", "void", "--against", "none"][..],
        &["check", "code", "--against", "void"],
        &["check", "code", "--against", "none", "--exclude", "*.py"],
        &["routes", "void"],
    ] {
        let said = refused(&sandbox, arguments);
        assert_says(&said, &["there are no Python files in", "check the path"]);
    }
}

#[test]
fn an_unknown_key_of_the_configuration_is_status_2() {
    let sandbox = Sandbox::new();
    sandbox
        .write("a.py", "a = 1\n")
        .write("coship.toml", "# ours\nexcluded = [\"x\"]\n");
    let said = refused(&sandbox, &["check", "--against", "none"]);
    assert_says(&said, &["coship.toml:2", "excluded", "exclude"]);
    sandbox
        .remove("coship.toml")
        .write("pyproject.toml", "[tool.coship]\n\nagainsT = \"v1\"\n");
    let said = refused(&sandbox, &["check", "--against", "none"]);
    assert_says(&said, &["pyproject.toml:3", "againsT", "against"]);
    sandbox.write("coship.toml", "x = = 1\n");
    assert_says(&refused(&sandbox, &["check"]), &["coship.toml:1"]);
}

#[test]
fn a_file_that_is_no_python_is_one_finding() {
    let sandbox = beside("bad.py", "def f(:\n    pass\n\n\ndef g(x):\n    return x\n");
    assert_eq!(others(&sandbox), ["syntax-error bad.py:1"]);
    let sandbox = beside("bad.py", b"a = '\xff\xfe'\n");
    assert_eq!(others(&sandbox), ["unreadable-file bad.py:1"]);
    let sandbox = beside("bad.py", b"a = 1\nb = '\0'\n");
    assert_eq!(others(&sandbox).len(), 1);
    let sandbox = beside("bad.py", b"\0\0\0\0");
    assert_eq!(others(&sandbox).len(), 1);
    let sandbox = beside("bad.py", "# coding: klingon\na = 1\n");
    assert_eq!(others(&sandbox).len(), 1);
}

#[test]
fn other_encodings_work() {
    let latin = b"# -*- coding: latin-1 -*-\ndef f(gr\xf6\xdfe):\n    return gr\xf6\xdfe\n\nf(x='\xe4', y=1)\n";
    let sandbox = beside("latin.py", latin);
    assert_eq!(others(&sandbox), ["unexpected-keyword latin.py:5"]);
    let sandbox = beside("mark.py", "\u{feff}a = 1\n");
    assert_eq!(others(&sandbox), [""; 0]);
    let sandbox = beside("lines.py", "a = 1\r\n\r\ndef f(): pass\r\nf(1)\r\n");
    assert_eq!(others(&sandbox), ["too-many-positionals lines.py:4"]);
}

#[test]
fn odd_files_do_not_keep_the_rest_from_being_analysed() {
    let sandbox = beside("x.py/inner.py", "a = 1\n");
    symlink("..", sandbox.join("x.py/up")).unwrap();
    symlink("loop.py", sandbox.join("loop.py")).unwrap();
    symlink("nowhere", sandbox.join("dangling.py")).unwrap();
    fs::create_dir(sandbox.join("empty.py")).unwrap();
    let found = others(&sandbox);
    assert!(found.len() <= 2, "{found:?}");
    assert!(
        found.iter().all(|f| f.starts_with("unreadable-file")),
        "{found:?}"
    );
}

#[test]
fn deep_nesting_crashes_nothing() {
    let deep = 10_000;
    let repeat = |open: &str, inner: &str, close: &str| {
        format!("x = {}{inner}{}\n", open.repeat(deep), close.repeat(deep))
    };
    let cases = [
        ("brackets", repeat("[", "", "]")),
        ("parentheses", repeat("(", "1", ")")),
        ("braces", repeat("{1:", "1", "}")),
        ("unclosed", "(".repeat(deep)),
        (
            "calls",
            format!("def f(): pass\nx = f{}\n", "()".repeat(deep)),
        ),
        ("subscripts", format!("x = []{}\n", "[0]".repeat(deep))),
        ("not", repeat("not ", "1", "")),
        ("minus", repeat("-", "1", "")),
        (
            "await",
            format!("async def f():\n    {}x\n", "await ".repeat(deep)),
        ),
        (
            "attributes",
            format!("import os\nx = os{}\n", ".a".repeat(deep)),
        ),
        ("sums", format!("a = 1\nx = a{}\n", " + a".repeat(deep))),
        ("powers", format!("a = 1\nx = a{}\n", " ** a".repeat(deep))),
        (
            "comparisons",
            format!("a = 1\nx = a{}\n", " < a".repeat(deep)),
        ),
        ("or", format!("a = 1\nx = a{}\n", " or a".repeat(deep))),
        (
            "ternaries",
            format!("a = 1\nx = {}a\n", "a if a else ".repeat(deep)),
        ),
        ("lambdas", repeat("lambda: ", "1", "")),
        (
            "f-strings",
            format!("x = {}1{}\n", "f'{".repeat(deep), "}'".repeat(deep)),
        ),
        (
            "elif",
            format!("a = 1\nif a: pass\n{}", "elif a: pass\n".repeat(deep)),
        ),
        ("targets", format!("{}1\n", "x = ".repeat(deep))),
        (
            "blocks",
            (0..2000).fold(String::new(), |text, n| text + &" ".repeat(n) + "if 1:\n")
                + &" ".repeat(2000)
                + "pass\n",
        ),
        (
            "decorators",
            format!("def d(f): return f\n{}def f(): pass\n", "@d\n".repeat(deep)),
        ),
        ("dicts", format!("x = {{{}}}\n", "**{}, ".repeat(deep))),
    ];
    for (name, source) in cases {
        let sandbox = beside("deep.py", source);
        let begin = Instant::now();
        let found = others(&sandbox);
        let took = begin.elapsed();
        assert!(
            found.len() <= 1,
            "{name}: {} findings, {:?}",
            found.len(),
            found.first()
        );
        assert!(took < Duration::from_secs(20), "{name}: {took:?}");
    }
}

#[test]
fn a_huge_file_is_quick() {
    let line = |n: usize| format!("    'key_{n}': ('module_{n}', 'function_{n}', {n}, None),\n");
    let function = |n: usize| {
        let before = n.saturating_sub(1);
        format!("def f_{n}(a, b=None):\n    return f_{before}(a, b=b)\n")
    };
    let data: String = (0..180_000).map(line).collect();
    let functions: String = (0..20_000).map(function).collect();
    let source = format!("TABLE = {{\n{data}}}\n{functions}");
    assert!(source.len() > 10_000_000);
    let sandbox = beside("generated.py", source);
    let begin = Instant::now();
    assert_eq!(others(&sandbox), [""; 0]);
    let took = begin.elapsed();
    assert!(took < Duration::from_mins(1), "{took:?}");
}

/// Thirty lines that double what there is: known no further than there is memory for.
#[test]
fn what_doubles_is_not_followed_for_ever() {
    let begins = [
        "x = [1, 2]",
        "x = (1, 2)",
        "x = 'ab'",
        "x = b'ab'",
        "x = 3",
        "x = {1: 2}",
    ];
    let doubles = [
        "x = x + x",
        "x += x",
        "x = x * 2",
        "x *= x",
        "x = [*x, *x]",
        "x = (*x, *x)",
        "x = f(*x, *x)",
        "x.extend(x)",
        "x = [x, x]",
        "x = f'{x}{x}'",
        "x = list(x) + list(x)",
        "x = ''.join([x, x])",
        "x = '%s%s' % (x, x)",
        "x = {**x, len(x): x}",
        "x = [y for y in (x, x)]",
        "x = x ** 2",
        "x = x << x",
        "x = x.replace('a', 'aa')",
    ];
    let mut source = String::from("def f(*a):\n    return a\n\n\n");
    for (index, (begin, double)) in begins
        .iter()
        .flat_map(|begin| doubles.iter().map(move |double| (begin, double)))
        .enumerate()
    {
        source.push_str(&format!("def g_{index}():\n    {begin}\n"));
        source.push_str(&format!("    {double}\n").repeat(40));
        source.push_str(&format!("    return x\n\n\ng_{index}()\n\n\n"));
    }
    let sandbox = beside("doubling.py", source);
    let begin = Instant::now();
    others(&sandbox);
    let took = begin.elapsed();
    assert!(took < Duration::from_secs(20), "{took:?}");
}

/// A function of a thousand branches, each of which calls what fails in a hundred ways: the tests around a call are asked once, and not held against each other for
/// every failure behind it.
#[test]
fn a_function_of_a_thousand_branches_is_quick() {
    let mut source = String::from("def leaf(context):\n");
    for n in 0..200 {
        source.push_str(&format!("    context.note(absent_{n})\n"));
    }
    source.push_str("\n\ndef middle(context, key):\n    if key == 'none':\n        return None\n    return leaf(context)\n");
    source.push_str("\n\ndef giant(context, kind):\n");
    for n in 0..1_500 {
        let test = match n % 2 {
            0 => format!("context.asks({n})"),
            _ => format!("kind == 'kind_{n}'"),
        };
        source.push_str(&format!(
            "    if {test}:\n        return middle(context, 'key_{n}')\n"
        ));
    }
    let sandbox = beside("giant.py", source);
    let begin = Instant::now();
    assert_eq!(others(&sandbox).len(), 200);
    let took = begin.elapsed();
    assert!(took < Duration::from_secs(20), "{took:?}");
}

/// A failure behind tests on variables that are all made of each other: each is followed once, not along every way.
#[test]
fn variables_that_are_made_of_each_other_are_quick() {
    let names: Vec<String> = (0..40).map(|n| format!("v{n}")).collect();
    let mut source = String::from("def strict(a):\n    return a\n\n\ndef f(x, **kw):\n");
    for name in &names {
        source.push_str(&format!("    {name} = x\n"));
    }
    source.push_str("    for item in x:\n");
    for (index, name) in names.iter().enumerate() {
        let others: Vec<&str> = names.iter().map(String::as_str).collect();
        let test = &names[(index + 7) % names.len()];
        source.push_str(&format!(
            "        if {test}:\n            {name} = item + {}\n",
            others.join(" + ")
        ));
    }
    source.push_str("    if v0:\n        return None\n    return strict(x, **kw)\n\n\ndef g(y):\n    return f(y, bogus=1)\n");
    let sandbox = beside("entangled.py", source);
    let begin = Instant::now();
    others(&sandbox);
    let took = begin.elapsed();
    assert!(took < Duration::from_mins(1), "{took:?}");
}

/// A tree whose file names, names and strings are all hostile, and whose defects put them into messages.
fn hostile() -> Sandbox {
    let sandbox = Sandbox::new();
    let code = "\
import enum


class I(enum.Enum):
    A = 'a'


def f(a):
    return a


TABLE = {'get\\n::error::x': f, 'b\\u202e\\x00\\x1b[31m::set-output name=a::b': f}


ROUTERS = {I.A: TABLE}


def route(interface, operation, /, **kwargs):
    table = ROUTERS[interface]
    if operation not in table:
        raise ValueError(f'Unknown {operation}: \\x1b]0;title\\x07\\n::error::forged')
    return table[operation](**kwargs)


def unknown():
    route(I.A, 'a\\r\\n::error file=a::forged\\x1b[2J', a=1)


def unexpected():
    route(I.A, 'b\\u202e\\x00\\x1b[31m::set-output name=a::b', **{'::warning::\\x9b31m\\n': 1})


def direct():
    f(1, **{'a<b>\"&\\'\\x0b]]>': 2})
";
    for name in [
        &b"line\nend.py"[..],
        b"\x1b[31mred.py",
        b"::error::name.py",
        b"a\r::error file=x,line=1::y.py",
        b"<script>&\"'.py",
        b"per%0Acent%25.py",
        b"not\xffutf8.py",
        "turn\u{202e}ed.py".as_bytes(),
    ] {
        let name = std::ffi::OsStr::from_bytes(name);
        fs::write(sandbox.path().join(name), code).unwrap();
    }
    sandbox.write("broken.py", "x = '\x1b[31m::error::y\n");
    sandbox
}

#[test]
fn hostile_names_and_strings_are_harmless_in_every_format() {
    let sandbox = hostile();
    for format in FORMATS {
        let arguments = [
            "check",
            "--against",
            "none",
            "--isolated",
            "--output-format",
            format,
        ];
        let output = coship(&sandbox, &arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{format}: {said}");
        let text = std::str::from_utf8(&output.stdout).unwrap();
        for rule in ["unknown-operation", "unexpected-keyword", "syntax-error"] {
            assert!(text.contains(rule), "{format}: no {rule} in {text}");
        }
        assert_harmless(text);
        assert_harmless(&said);
        assert!(!text.contains('\u{202e}'), "{format}");
        for line in text.lines() {
            // A command counts at the beginning of a line.
            let line = line.trim_start();
            let forged = line.starts_with("::") || line.starts_with("##[");
            let own = format == "github"
                && [
                    "::error title=coship",
                    "::warning title=coship",
                    "::notice title=coship",
                ]
                .iter()
                .any(|begin| line.starts_with(begin));
            assert!(!forged || own, "{format}: {line}");
        }
        match format {
            "json" | "gitlab" | "sarif" | "rdjson" => {
                serde_json::from_str::<Value>(text).unwrap();
            }
            "json-lines" => {
                for line in text.lines() {
                    serde_json::from_str::<Value>(line).unwrap();
                }
            }
            "junit" => parse_xml(text),
            _ => {}
        }
    }
    for format in ["full", "concise", "json", "dot", "mermaid"] {
        let output = coship(
            &sandbox,
            &["routes", "--isolated", "--output-format", format],
        );
        let text = std::str::from_utf8(&output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(0), "{format}");
        assert_harmless(text);
        let forged = text
            .lines()
            .find(|line| line.trim_start().starts_with("::"));
        assert_eq!(forged, None, "{format}");
    }
}

/// Lets Python's parser judge.
fn parse_xml(text: &str) {
    const PARSE: &str =
        "import sys, xml.dom.minidom; xml.dom.minidom.parseString(sys.argv[1].encode())";
    let status = Command::new("python3").args(["-c", PARSE, text]).status();
    assert!(status.unwrap().success());
}

#[test]
fn a_file_that_does_not_parse_hides_nothing_elsewhere() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "shop.py",
        "def price(item):\n    return item\n\n\ndef total():\n    return price(1, 2)\n",
    );
    sandbox.write(
        "till.py",
        "from shop import total\n\n\ndef close():\n    return total(1)\n\n<<<<<<< HEAD\n",
    );
    let output = coship(&sandbox, &["check", ".", "--output-format", "json"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let findings = report["findings"].as_array().unwrap();
    let found: Vec<(&str, &str)> = findings
        .iter()
        .map(|finding| {
            let text = |key: &str| finding[key].as_str().unwrap();
            (text("path"), text("rule"))
        })
        .collect();
    assert_eq!(
        found,
        [
            ("shop.py", "too-many-positionals"),
            ("till.py", "syntax-error")
        ]
    );
}
