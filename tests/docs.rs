//! The documentation: pages of rules are what the program prints, every command of the guides runs, and every link leads somewhere.
//!
//! `UPDATE_DOCS=1 cargo test --test docs` writes the generated pages anew; read the difference before it is committed.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn docs() -> PathBuf {
    root().join("docs")
}

fn coship(arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_coship"));
    command
        .env("COLUMNS", "100")
        .env_remove("COSHIP_OUTPUT_FORMAT");
    let output = command.args(arguments).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

fn rules() -> Vec<Value> {
    let list: Value = serde_json::from_str(&coship(&["rule", "--output-format", "json"])).unwrap();
    list["rules"].as_array().unwrap().clone()
}

/// Holds a generated file against what it should be, or writes it.
fn generated(path: &Path, text: &str) {
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(path, text).unwrap();
        return;
    }
    let now = fs::read_to_string(path).unwrap_or_default();
    assert!(
        now == text,
        "{}: UPDATE_DOCS=1 cargo test --test docs writes it anew",
        path.display()
    );
}

/// All pages below a folder of `docs`, sorted.
fn pages(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(docs().join(folder)).unwrap();
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    found.sort();
    found
}

#[test]
fn the_generated_pages_are_current() {
    let rules = rules();
    let text = |rule: &Value, key: &str| rule[key].as_str().unwrap().to_owned();
    let mut list = String::from(
        "# Rules\n\n| code | rule | severity | what it reports |\n|---|---|---|---|\n",
    );
    let mut summary = String::from("# Summary\n\n[coship](README.md)\n\n# Guides\n\n");
    for guide in pages("guides") {
        let page = fs::read_to_string(&guide).unwrap();
        let title = page
            .lines()
            .find_map(|line| line.strip_prefix("# "))
            .unwrap();
        let name = guide.file_name().unwrap().to_str().unwrap();
        let _ = writeln!(summary, "- [{title}](guides/{name})");
    }
    summary.push_str("\n# Rules\n\n- [All rules](rules/README.md)\n");
    let mut expected = BTreeSet::from([String::from("README.md")]);
    for rule in &rules {
        let (name, code) = (text(rule, "name"), text(rule, "code"));
        let (severity, about) = (text(rule, "severity"), text(rule, "summary"));
        let _ = writeln!(
            list,
            "| {code} | [{name}]({name}.md) | {severity} | {about} |"
        );
        let _ = writeln!(summary, "  - [{name} ({code})](rules/{name}.md)");
        let page = format!(
            "# {name} ({code})\n\n{about}. Severity: {severity}.\n\n{}",
            text(rule, "page")
        );
        generated(&docs().join(format!("rules/{name}.md")), &page);
        expected.insert(format!("{name}.md"));
    }
    generated(&docs().join("rules/README.md"), &list);
    generated(&docs().join("SUMMARY.md"), &summary);
    let there = pages("rules");
    let names = there
        .iter()
        .map(|page| page.file_name().unwrap().to_str().unwrap());
    assert_eq!(names.map(str::to_owned).collect::<BTreeSet<_>>(), expected);
}

#[test]
fn the_table_of_keys_is_current() {
    let schema: Value = serde_json::from_str(&coship(&["schema", "config"])).unwrap();
    let settings: Value = serde_json::from_str(&coship(&[
        "config",
        root().join("fixtures/outage/fixed").to_str().unwrap(),
        "--isolated",
        "--output-format",
        "json",
    ]))
    .unwrap();
    // In the order of the declaration, which is that of `coship config`.
    let mut table = String::from("\n| key | what it says |\n|---|---|\n");
    for setting in settings["settings"].as_array().unwrap() {
        let key = setting["key"].as_str().unwrap();
        let about = schema["properties"][key]["description"].as_str().unwrap();
        let _ = writeln!(table, "| `{key}` | {about} |");
    }
    let path = docs().join("guides/configuration.md");
    let page = fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once("<!-- generated: keys -->\n").unwrap();
    let (_, after) = rest.split_once("<!-- end -->").unwrap();
    let text = format!("{before}<!-- generated: keys -->\n{table}\n<!-- end -->{after}");
    generated(&path, &text);
}

#[test]
fn the_picture_shows_what_is_printed() {
    let output = Command::new("python3")
        .args(["docs/picture.py", env!("CARGO_BIN_EXE_coship")])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    generated(&docs().join("outage.svg"), &text);
}

#[test]
fn links_lead_somewhere() {
    let all = [
        pages("guides"),
        pages("rules"),
        vec![
            docs().join("README.md"),
            docs().join("SUMMARY.md"),
            root().join("README.md"),
        ],
    ]
    .concat();
    for page in all {
        let text = fs::read_to_string(&page).unwrap();
        for link in text.split("](").skip(1) {
            let target = link.split(')').next().unwrap();
            let is_file = target.contains('.') && !target.contains("://") && !target.contains(' ');
            let path = page.parent().unwrap().join(target);
            assert!(!is_file || path.exists(), "{}: {target}", page.display());
        }
    }
}

/// A repository as a guide finds it.
struct Start {
    folder: tempfile::TempDir,
}

impl Start {
    fn new(setup: &str) -> Self {
        let start = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        fs::create_dir(start.repository()).unwrap();
        let (fixture, then) = match setup {
            "broken" => ("outage/candidate", ""),
            "adopted" => (
                "outage/fixed",
                "coship init --adopt && git add -A && git commit -m adopt",
            ),
            "fixed" => ("outage/fixed", ""),
            "fix-in-work-tree" => (
                "outage/deployed",
                "rm -r *.py && cp -r \"$FIXTURES\"/outage/fixed/. .",
            ),
            "layers" => ("layers-suga/candidate", ""),
            other => panic!("{other} is no setup"),
        };
        let script = format!(
            "git init && cp -r \"$FIXTURES\"/{fixture}/. . && git add -A && git commit -m start && git tag v1.0; {then}"
        );
        let (status, text) = start.run(&script);
        assert_eq!(status, Some(0), "{text}");
        start
    }

    fn repository(&self) -> PathBuf {
        self.folder.path().join("repository")
    }

    /// Runs some lines of a shell; the status and all that was written.
    fn run(&self, script: &str) -> (Option<i32>, String) {
        let program = Path::new(env!("CARGO_BIN_EXE_coship")).parent().unwrap();
        let path = std::env::var("PATH").unwrap();
        let output = Command::new("sh")
            .args(["-c", &format!("exec 2>&1\n{script}")])
            .current_dir(self.repository())
            .env("PATH", format!("{}:{path}", program.display()))
            .env("FIXTURES", root().join("fixtures"))
            .env("HOME", self.folder.path())
            .env("XDG_CACHE_HOME", self.folder.path().join("cache"))
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("COLUMNS", "100")
            .envs(["GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"].map(|name| (name, "A")))
            .envs(["GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"].map(|name| (name, "a@example.com")))
            .env_remove("CI")
            .env_remove("COSHIP_OUTPUT_FORMAT")
            .env_remove("VIRTUAL_ENV")
            .output()
            .unwrap();
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stdout).into_owned(),
        )
    }
}

/// The status that a line of a guide says it ends with: `# exits with 1`.
fn wanted_status(line: &str) -> i32 {
    let said = line
        .split_once("# exits with ")
        .map(|(_, rest)| rest.trim());
    said.map_or(0, |status| status.parse().unwrap())
}

/// Whether a line is printed. The short id of a commit in brackets is not the same twice, and is left out of both.
fn shows(printed: &str, line: &str) -> bool {
    let plain = |text: &str| -> String {
        let words = text.split(' ').filter(|word| {
            let inner = word.trim_start_matches('(').trim_end_matches([')', ',']);
            !(word.starts_with('(')
                && inner.len() == 7
                && inner.bytes().all(|b| b.is_ascii_hexdigit()))
        });
        words.collect::<Vec<_>>().join(" ").replace("v1.0,", "v1.0")
    };
    printed
        .lines()
        .any(|printed| plain(printed).contains(&plain(line)))
}

#[test]
fn every_command_of_the_guides_runs() {
    for guide in pages("guides") {
        let page = fs::read_to_string(&guide).unwrap();
        let (_, rest) = page.split_once("<!-- setup: ").unwrap();
        let start = Start::new(rest.split_once(" -->").unwrap().0);
        let mut printed = String::new();
        for block in page.split("\n```").skip(1).step_by(2) {
            let (kind, body) = block.split_once('\n').unwrap();
            match kind {
                "sh" => {
                    printed.clear();
                    for line in body.lines() {
                        let (status, text) = start.run(line);
                        assert_eq!(
                            status,
                            Some(wanted_status(line)),
                            "{}: {line}\n{text}",
                            guide.display()
                        );
                        printed.push_str(&text);
                    }
                }
                "text output" => {
                    for line in body.lines() {
                        assert!(
                            shows(&printed, line),
                            "{}: {line}\n{printed}",
                            guide.display()
                        );
                    }
                }
                _ => {}
            }
        }
    }
}
