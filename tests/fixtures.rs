//! Holds the built program against `fixtures/`: what it reports, which routes it finds, and whether `CPython` agrees.
//!
//! Each folder has an `expected.json`; `fixtures/README.md` says what its fields mean. `COSHIP_FIXTURES=name,name` runs a few of them.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// One folder below `fixtures/`.
struct Fixture {
    name: String,
    folder: PathBuf,
    expected: Value,
}

impl Fixture {
    fn tree(&self, name: &str) -> Option<PathBuf> {
        let path = self.folder.join(name);
        path.is_dir().then_some(path)
    }

    fn flag(&self, name: &str) -> bool {
        self.expected[name].as_bool().unwrap_or(false)
    }

    /// Runs `coship check` on one of the trees; against the deployed one, if there is one and it is not the tree itself.
    fn check(&self, tree: &str) -> Result<(Option<i32>, Value), String> {
        let path = self.tree(tree).ok_or_else(|| format!("no tree {tree}"))?;
        let against = self.tree("deployed").filter(|_| tree != "deployed");
        let mut command = coship();
        command.arg("check").arg(&path).arg("--against");
        match &against {
            Some(deployed) => command.arg(deployed),
            None => command.arg("none"),
        };
        let output = run(command.args(["--output-format", "json"]))?;
        Ok((output.status.code(), json(&output)?))
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn coship() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_coship"));
    command
        .current_dir(root())
        .env_remove("COSHIP_OUTPUT_FORMAT")
        .env("NO_COLOR", "1");
    command
}

fn run(command: &mut Command) -> Result<Output, String> {
    command
        .output()
        .map_err(|error| format!("{command:?}: {error}"))
}

fn json(output: &Output) -> Result<Value, String> {
    serde_json::from_slice(&output.stdout).map_err(|error| {
        let said = String::from_utf8_lossy(&output.stderr);
        format!(
            "status {:?}, no JSON on standard output ({error}); standard error: {}",
            output.status.code(),
            said.trim()
        )
    })
}

fn fixtures() -> Vec<Fixture> {
    let chosen = std::env::var("COSHIP_FIXTURES").unwrap_or_default();
    let mut found: Vec<Fixture> = fs::read_dir(root().join("fixtures"))
        .expect("the folder of fixtures")
        .map(|entry| entry.expect("an entry").path())
        .filter(|folder| folder.join("expected.json").is_file())
        .map(|folder| {
            let text = fs::read_to_string(folder.join("expected.json")).expect("expected.json");
            let name = folder
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let expected = serde_json::from_str(&text)
                .unwrap_or_else(|error| panic!("{name}/expected.json: {error}"));
            Fixture {
                name,
                folder,
                expected,
            }
        })
        .filter(|fixture| chosen.is_empty() || chosen.split(',').any(|name| name == fixture.name))
        .collect();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    assert!(!found.is_empty(), "no fixture found");
    found
}

/// Runs a judge over all fixtures and fails with everything that it complained about.
fn judge(judge: impl Fn(&Fixture) -> Vec<String>) {
    let mut message = String::new();
    let (mut bad, mut count) = (0, 0);
    for fixture in fixtures() {
        let complaints = judge(&fixture);
        count += 1;
        if !complaints.is_empty() {
            bad += 1;
            let about = fixture.expected["about"].as_str().unwrap_or_default();
            let _ = writeln!(message, "\n{}: {about}", fixture.name);
            for complaint in complaints {
                let _ = writeln!(message, "    {complaint}");
            }
        }
    }
    assert!(bad == 0, "{bad} of {count} fixtures differ\n{message}");
}

fn array(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// A symbol may be written as its name or as an object that has one.
fn symbol(value: &Value) -> &str {
    value
        .as_str()
        .or_else(|| value["name"].as_str())
        .or_else(|| value["function"].as_str())
        .unwrap_or("-")
}

fn route_name(route: &Value) -> String {
    format!(
        "{}/{}",
        route["interface"].as_str().unwrap_or("?"),
        route["operation"].as_str().unwrap_or("?")
    )
}

/// An exception's text without the file that an `ImportError` ends with: it has no place in a report that is the same everywhere.
fn exception(text: &str) -> &str {
    match text.rsplit_once(" (") {
        Some((head, tail)) if tail.ends_with(".py)") || tail == "unknown location)" => head,
        _ => text,
    }
}

/// The fields of an expected finding that a reported one does not have: `(field, expected, reported)`.
fn mismatches(expected: &Value, actual: &Value) -> Vec<(&'static str, String, String)> {
    let mut found = Vec::new();
    let mut compare = |field, wanted: Option<String>, got: String| {
        if let Some(wanted) = wanted
            && wanted != got
        {
            found.push((field, wanted, got));
        }
    };
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let number = |value: &Value| value.as_u64().map(|number| number.to_string());
    let start = &actual["range"]["start"];
    compare(
        "severity",
        text(&expected["severity"]),
        text(&actual["severity"]).unwrap_or_default(),
    );
    compare(
        "status",
        text(&expected["status"]),
        text(&actual["status"]).unwrap_or_default(),
    );
    compare(
        "path",
        text(&expected["path"]),
        text(&actual["path"]).unwrap_or_default(),
    );
    compare(
        "line",
        number(&expected["line"]),
        number(&start["line"]).unwrap_or_default(),
    );
    compare(
        "column",
        number(&expected["column"]),
        number(&start["column"]).unwrap_or_default(),
    );
    compare(
        "exception",
        expected["exception"]
            .as_str()
            .map(|text| exception(text).to_owned()),
        exception(actual["witness"]["exception"].as_str().unwrap_or("-")).to_owned(),
    );
    let mut routes: Vec<String> = array(&actual["routes"]).iter().map(route_name).collect();
    routes.sort();
    let wanted = expected["routes"].as_array().map(|routes| {
        let mut names: Vec<&str> = routes.iter().filter_map(Value::as_str).collect();
        names.sort_unstable();
        names.join(", ")
    });
    compare("routes", wanted, routes.join(", "));
    found
}

fn describe(finding: &Value) -> String {
    let start = &finding["range"]["start"];
    let line = start["line"].as_u64().or_else(|| finding["line"].as_u64());
    let column = start["column"]
        .as_u64()
        .or_else(|| finding["column"].as_u64());
    let text = [
        &finding["witness"]["exception"],
        &finding["exception"],
        &finding["message"],
    ];
    format!(
        "{} {} at {}:{}:{} {}",
        finding["severity"].as_str().unwrap_or("-"),
        finding["rule"].as_str().unwrap_or("-"),
        finding["path"].as_str().unwrap_or("-"),
        line.map_or_else(|| "-".to_owned(), |line| line.to_string()),
        column.map_or_else(|| "-".to_owned(), |column| column.to_string()),
        text.iter()
            .find_map(|value| value.as_str())
            .unwrap_or_default(),
    )
}

/// Pairs expected with reported findings, the best matches first, and says what is left or differs.
fn compare_findings(expected: &[Value], actual: &[Value]) -> Vec<String> {
    let mut pairs = Vec::new();
    for (i, wanted) in expected.iter().enumerate() {
        let rules = wanted["rule"].as_str().unwrap_or_default();
        for (j, got) in actual.iter().enumerate() {
            if rules.split('|').any(|rule| got["rule"] == rule) {
                pairs.push((mismatches(wanted, got).len(), i, j));
            }
        }
    }
    pairs.sort_unstable();
    let mut complaints = Vec::new();
    let (mut done, mut used) = (vec![false; expected.len()], vec![false; actual.len()]);
    for (count, i, j) in pairs {
        let optional = expected[i]["optional"] == true;
        if done[i] || used[j] || (optional && count > 0) {
            continue;
        }
        done[i] = true;
        used[j] = true;
        for (field, wanted, got) in mismatches(&expected[i], &actual[j]) {
            complaints.push(format!(
                "differs  {}: {field} is {got}, expected {wanted}",
                describe(&actual[j])
            ));
        }
    }
    for (wanted, _) in expected
        .iter()
        .zip(&done)
        .filter(|(wanted, done)| !**done && wanted["optional"] != true)
    {
        complaints.push(format!("missing  {}", describe(wanted)));
    }
    for (got, _) in actual
        .iter()
        .zip(&used)
        .filter(|(got, used)| !**used && got["severity"] != "info")
    {
        complaints.push(format!("surplus  {}", describe(got)));
    }
    complaints
}

fn judge_check(fixture: &Fixture) -> Vec<String> {
    let mut complaints = match fixture.check("candidate") {
        Err(error) => return vec![error],
        Ok((status, report)) => {
            let mut complaints = compare_findings(
                array(&fixture.expected["findings"]),
                array(&report["findings"]),
            );
            if let Some(wanted) = fixture.expected["exit"].as_i64()
                && status.map(i64::from) != Some(wanted)
            {
                complaints.push(format!("exit status {status:?}, expected {wanted}"));
            }
            complaints
        }
    };
    let old = array(&fixture.expected["findings"])
        .iter()
        .any(|finding| finding["status"] == "existing");
    for tree in ["deployed", "fixed"] {
        if fixture.tree(tree).is_none() || old {
            continue;
        }
        match fixture.check(tree) {
            Err(error) => complaints.push(format!("{tree}: {error}")),
            Ok((_, report)) => complaints.extend(
                array(&report["findings"])
                    .iter()
                    .filter(|finding| finding["severity"] == "error")
                    .map(|finding| format!("{tree}: surplus  {}", describe(finding))),
            ),
        }
    }
    complaints
}

fn judge_routes(fixture: &Fixture) -> Vec<String> {
    let Some(wanted) = fixture.expected["routes"].as_object() else {
        return Vec::new();
    };
    let tree = fixture.tree("candidate").expect("a candidate");
    let report = match run(coship()
        .arg("routes")
        .arg(tree)
        .args(["--output-format", "json"]))
    .and_then(|output| json(&output))
    {
        Ok(report) => report,
        Err(error) => return vec![error],
    };
    let found = array(&report["routes"]);
    let mut complaints = Vec::new();
    for (name, fields) in wanted {
        let same: Vec<&Value> = found
            .iter()
            .filter(|route| route_name(route) == *name)
            .collect();
        let differs = |route: &Value| -> Vec<String> {
            let fields = fields.as_object().into_iter().flatten();
            fields
                .filter(|(field, value)| symbol(&route[field.as_str()]) != symbol(value))
                .map(|(field, value)| {
                    format!(
                        "{name}: {field} is {}, expected {}",
                        symbol(&route[field]),
                        symbol(value)
                    )
                })
                .collect()
        };
        match same.iter().map(|route| differs(route)).min_by_key(Vec::len) {
            Some(differences) => complaints.extend(differences),
            None => complaints.push(format!("{name}: not found")),
        }
    }
    if !fixture.flag("others_allowed") {
        let unexpected = found.iter().filter(|route| {
            route["status"] != "resolved" && !wanted.contains_key(&route_name(route))
        });
        complaints.extend(unexpected.map(|route| {
            format!(
                "{}: {}, not expected",
                route_name(route),
                symbol(&route["status"])
            )
        }));
    }
    complaints
}

fn judge_witnesses(fixture: &Fixture) -> Vec<String> {
    let report = match fixture.check("candidate") {
        Ok((_, report)) => report,
        Err(error) => return vec![error],
    };
    if !array(&report["findings"])
        .iter()
        .any(|finding| finding["severity"] == "error")
    {
        return Vec::new();
    }
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("report.json");
    fs::write(&path, report.to_string()).expect("the report");
    let tree = fixture.tree("candidate").expect("a candidate");
    let mut command = Command::new("python3");
    command
        .arg(root().join("tests/confirm.py"))
        .arg(tree)
        .arg(&path)
        .arg("--json");
    let answer = match run(&mut command).and_then(|output| json(&output)) {
        Ok(answer) => answer,
        Err(error) => return vec![error],
    };
    array(&answer["results"])
        .iter()
        .filter(|result| result["verdict"] != "confirmed")
        .map(|result| {
            format!(
                "{} {} at {}:{}, by {}: {}",
                result["verdict"],
                result["rule"],
                result["path"],
                result["line"],
                result["by"],
                result["saw"]
            )
        })
        .collect()
}

#[test]
fn cpython_does_what_the_fixtures_say() {
    let mut command = Command::new("python3");
    command
        .arg(root().join("tests/support/drive.py"))
        .arg(root().join("fixtures"));
    command.args(fixtures().iter().map(|fixture| fixture.name.as_str()));
    let output = run(&mut command).expect("python3");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn check_reports_what_the_fixtures_expect() {
    judge(judge_check);
}

#[test]
fn routes_are_those_that_the_fixtures_expect() {
    judge(judge_routes);
}

#[test]
fn cpython_confirms_every_error() {
    judge(judge_witnesses);
}
