//! `coship plan` and `coship check --only` on small systems: what must ship together, in which order, and what is said of a part.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

type Files<'a> = &'a [(&'a str, &'a str)];

/// A system in two versions, in a directory of its own.
struct Versions {
    directory: tempfile::TempDir,
}

impl Versions {
    fn new(deployed: Files, candidate: Files) -> Self {
        let directory = tempfile::tempdir().unwrap();
        for (name, files) in [("deployed", deployed), ("candidate", candidate)] {
            for (path, text) in files {
                let path = directory.path().join(name).join(path);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, text).unwrap();
            }
        }
        Self { directory }
    }

    fn run(&self, arguments: &[&str]) -> Output {
        run(self.directory.path(), arguments)
    }

    fn plan(&self, more: &[&str]) -> Value {
        let fixed = [
            "plan",
            "candidate",
            "--against",
            "deployed",
            "--output-format",
            "json",
        ];
        json(&self.run(&[&fixed, more].concat()))
    }

    /// Exit status and report of `check --only`.
    fn only(&self, files: &[&str]) -> (Option<i32>, Value) {
        let fixed = [
            "check",
            "candidate",
            "--against",
            "deployed",
            "--output-format",
            "json",
            "--only",
        ];
        let output = self.run(&[&fixed, files].concat());
        (output.status.code(), json(&output))
    }
}

fn run(directory: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_coship"));
    command
        .current_dir(directory)
        .env_remove("COSHIP_OUTPUT_FORMAT")
        .env_remove("GIT_INDEX_FILE")
        .env("NO_COLOR", "1")
        .env("SOURCE_DATE_EPOCH", "1758499200");
    command.args(arguments).output().unwrap()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)))
}

fn texts(value: &Value) -> Vec<&str> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|text| text.as_str().unwrap())
        .collect()
}

fn steps(plan: &Value) -> Vec<Vec<&str>> {
    let steps = plan["steps"].as_array().unwrap();
    steps.iter().map(|step| texts(&step["files"])).collect()
}

fn clauses(plan: &Value) -> Vec<(Vec<&str>, Vec<&str>)> {
    let clauses = plan["clauses"].as_array().unwrap();
    clauses
        .iter()
        .map(|clause| (texts(&clause["new"]), texts(&clause["old"])))
        .collect()
}

fn messages<'r>(report: &'r Value, rule: &str) -> Vec<&'r str> {
    let findings = report["findings"].as_array().unwrap().iter();
    let of_rule = findings.filter(|finding| finding["rule"] == rule);
    of_rule
        .map(|finding| finding["message"].as_str().unwrap())
        .collect()
}

/// The outage with the routers mended as well.
fn outage() -> (PathBuf, PathBuf) {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/outage");
    (fixture.join("deployed"), fixture.join("fixed"))
}

#[test]
fn the_outage_ships_routers_first_each_by_itself() {
    let (deployed, fixed) = outage();
    let against = [
        "--against",
        deployed.to_str().unwrap(),
        "--output-format",
        "json",
    ];
    let plan = |arguments: &[&str]| run(&fixed, &[arguments, &against].concat());
    let output = plan(&["plan"]);
    let report = json(&output);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(report["verdict"], "ordered");
    assert_eq!(report["exact"], true);
    let routers = [
        "interface_cache.py",
        "interface_config.py",
        "interface_logging.py",
        "interface_metrics.py",
    ];
    let mut wanted: Vec<Vec<&str>> = routers.iter().map(|&router| vec![router]).collect();
    wanted.push(vec!["gateway_core.py"]);
    assert_eq!(steps(&report), wanted);
    for (new, old) in clauses(&report) {
        assert_eq!(new, ["gateway_core.py"]);
        assert!(routers.contains(&old[0]));
    }

    let output = plan(&["check", "--only", "gateway_core.py"]);
    assert_eq!(output.status.code(), Some(1));
    let report = json(&output);
    assert_eq!(texts(&report["only"]), ["gateway_core.py"]);
    assert_eq!(
        messages(&report, "partial-state"),
        ["gateway_core.py cannot ship without interface_cache.py and interface_metrics.py"]
    );
    let output = plan(&[&["check", "--only"], &routers[..]].concat());
    assert_eq!(output.status.code(), Some(0));
}

const GATEWAY: &str = "\
from router import route

def execute(operation, **kwargs):
    return route(operation, **kwargs)
";

const ROUTER: &str = "\
from cache_core import get

TABLE = {'get': get}

def route(operation, **kwargs):
    return TABLE[operation](**kwargs)
";

const CORE: &str = "def get(key):\n    return key\n";

const CALLER: &str = "\
from gateway import execute

def lambda_handler(event, context):
    return execute('get', key='a')
";

#[test]
fn files_that_need_each_other_at_once_are_one_step() {
    let deployed = [
        ("app.py", CALLER),
        ("cache_core.py", CORE),
        ("gateway.py", GATEWAY),
        ("router.py", ROUTER),
    ];
    let gateway = GATEWAY.replace("route(operation, **", "route(operation, timeout=30, **");
    let router = ROUTER.replace("route(operation, **", "route(operation, timeout, **");
    let candidate = [
        ("app.py", CALLER),
        ("cache_core.py", CORE),
        ("gateway.py", &gateway),
        ("router.py", &router),
    ];
    let versions = Versions::new(&deployed, &candidate);
    let plan = versions.plan(&[]);
    assert_eq!(plan["verdict"], "together");
    assert_eq!(steps(&plan), [["gateway.py", "router.py"]]);
    let wanted = [
        (vec!["gateway.py"], vec!["router.py"]),
        (vec!["router.py"], vec!["gateway.py"]),
    ];
    assert_eq!(clauses(&plan), wanted);
    let (status, report) = versions.only(&["router.py"]);
    assert_eq!(status, Some(1));
    assert_eq!(
        messages(&report, "partial-state"),
        ["router.py cannot ship without gateway.py"]
    );
}

#[test]
fn the_first_file_of_a_rename_names_all_the_others() {
    let system = |key: &str| -> Vec<(&'static str, String)> {
        let validate = format!(
            "def check(kwargs):\n    if '{key}' not in kwargs:\n        raise ValueError('{key} is required')\n"
        );
        let core = format!("def store({key}, value):\n    return value\n");
        let router = |name: &str| {
            format!(
                "from validate_{name} import check\nfrom {name}_core import store\n\n\ndef _set(**kwargs):\n    check(kwargs)\n    return store(**kwargs)\n\n\nTABLE = {{'set': _set}}\n\n\ndef route(operation, **kwargs):\n    return TABLE[operation](**kwargs)\n"
            )
        };
        let wrappers = format!(
            "from gateway import execute\n\n\ndef cache_set(name, value):\n    return execute('cache', 'set', {key}=name, value=value)\n\n\ndef disk_set(name, value):\n    return execute('disk', 'set', {key}=name, value=value)\n"
        );
        let gateway = "import router_cache\nimport router_disk\n\nROUTERS = {'cache': router_cache.route, 'disk': router_disk.route}\n\n\ndef execute(interface, operation, **kwargs):\n    return ROUTERS[interface](operation, **kwargs)\n";
        vec![
            ("cache_core.py", core.clone()),
            ("disk_core.py", core),
            ("gateway.py", gateway.to_owned()),
            ("router_cache.py", router("cache")),
            ("router_disk.py", router("disk")),
            ("validate_cache.py", validate.clone()),
            ("validate_disk.py", validate),
            ("wrappers.py", wrappers),
        ]
    };
    let (old, new) = (system("key"), system("name"));
    let old: Vec<(&str, &str)> = old
        .iter()
        .map(|(path, text)| (*path, text.as_str()))
        .collect();
    let new: Vec<(&str, &str)> = new
        .iter()
        .map(|(path, text)| (*path, text.as_str()))
        .collect();
    let versions = Versions::new(&old, &new);
    let (status, report) = versions.only(&["wrappers.py"]);
    assert_eq!(status, Some(1));
    let said = messages(&report, "partial-state").join("\n");
    for file in [
        "cache_core.py",
        "disk_core.py",
        "validate_cache.py",
        "validate_disk.py",
    ] {
        assert!(said.contains(file), "{file} is not named: {said}");
    }
    let plan = versions.plan(&[]);
    assert_eq!(plan["verdict"], "together", "{plan:#}");
    assert_eq!(steps(&plan)[0].len(), 5);
}

#[test]
fn added_files_come_before_their_importers_and_removed_ones_after() {
    let old = "from old_core import get\n\ndef run():\n    return get('a')\n";
    let new = "from new_core import get\n\ndef run():\n    return get('a')\n";
    let deployed = [
        ("main.py", old),
        ("old_core.py", CORE),
        ("other.py", "A = 1\n"),
    ];
    let candidate = [
        ("main.py", new),
        ("new_core.py", CORE),
        ("other.py", "A = 2\n"),
    ];
    let versions = Versions::new(&deployed, &candidate);
    let plan = versions.plan(&[]);
    assert_eq!(plan["verdict"], "ordered");
    let changes: Vec<_> = plan["changed"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| file["change"].as_str().unwrap())
        .collect();
    assert_eq!(changes, ["modified", "added", "removed", "modified"]);
    let steps = steps(&plan);
    let place = |file: &str| steps.iter().position(|step| step == &[file]).unwrap();
    assert_eq!(steps.len(), 4);
    assert!(place("new_core.py") < place("main.py"));
    assert!(place("main.py") < place("old_core.py"));
}

#[test]
fn what_is_imported_ships_first_where_nothing_decides() {
    let app = "import a_core\nimport tools\n\ndef lambda_handler(event, context):\n    return a_core.get(tools.A)\n";
    let core = "from zz_helper import A\n\ndef get(key):\n    return key, A\n";
    let deployed = [
        ("a_core.py", core),
        ("app.py", app),
        ("tools.py", "A = 1\n"),
        ("zz_helper.py", "A = 1\n"),
    ];
    let changed = deployed.map(|(path, text)| (path, format!("# new\n{text}")));
    let candidate: Vec<(&str, &str)> = changed
        .iter()
        .map(|(path, text)| (*path, text.as_str()))
        .collect();
    let plan = Versions::new(&deployed, &candidate).plan(&[]);
    assert_eq!(plan["verdict"], "any-order");
    assert_eq!(
        steps(&plan),
        [["zz_helper.py"], ["a_core.py"], ["tools.py"], ["app.py"]]
    );
}

#[test]
fn units_of_the_configuration_move_together() {
    let deployed = [
        ("app.py", CALLER),
        ("cache_core.py", CORE),
        (
            "coship.toml",
            "[units]\nlayer = ['*_core.py', 'router.py']\n",
        ),
        ("gateway.py", GATEWAY),
        ("router.py", ROUTER),
    ];
    let gateway = GATEWAY.replace("route(operation, **", "route(operation, timeout=30, **");
    let router = ROUTER.replace("route(operation, **", "route(operation, timeout=1, **");
    let core = format!("# new\n{CORE}");
    let mut candidate = deployed;
    candidate[1].1 = &core;
    candidate[3].1 = &gateway;
    candidate[4].1 = &router;
    let versions = Versions::new(&deployed, &candidate);
    let plan = versions.plan(&[]);
    assert_eq!(
        steps(&plan),
        [vec!["cache_core.py", "router.py"], vec!["gateway.py"]]
    );
    for selection in [["layer"], ["router.py"]] {
        let (status, report) = versions.only(&selection);
        assert_eq!(status, Some(0));
        assert_eq!(texts(&report["only"]), ["cache_core.py", "router.py"]);
    }
}

#[test]
fn a_broken_candidate_gets_its_steps_all_the_same() {
    let broken = "import nothing_here_core\n\ndef lambda_handler(event, context):\n    return 1\n";
    let deployed = [
        ("app.py", CALLER),
        ("cache_core.py", CORE),
        ("gateway.py", GATEWAY),
        ("nothing_here_core.py", ""),
        ("router.py", ROUTER),
    ];
    let candidate = [
        ("app.py", broken),
        ("cache_core.py", CORE),
        ("gateway.py", GATEWAY),
        ("router.py", ROUTER),
    ];
    let versions = Versions::new(&deployed, &candidate);
    let output = versions.run(&[
        "plan",
        "candidate",
        "--against",
        "deployed",
        "--output-format",
        "json",
    ]);
    assert_eq!(output.status.code(), Some(1));
    let plan = json(&output);
    assert_eq!(plan["verdict"], "broken");
    assert_eq!(steps(&plan).len(), 2);
}

#[test]
fn nothing_to_ship_is_said() {
    let files = [
        ("app.py", CALLER),
        ("cache_core.py", CORE),
        ("gateway.py", GATEWAY),
        ("router.py", ROUTER),
    ];
    let plan = Versions::new(&files, &files).plan(&[]);
    assert_eq!(plan["verdict"], "nothing-to-ship");
    assert_eq!(steps(&plan), [] as [Vec<&str>; 0]);
}

#[test]
fn files_are_named_from_the_tree_or_from_here() {
    let deployed = [("a.py", "A = 1\n"), ("b.py", "B = 1\n"), ("gone.py", "")];
    let candidate = [("a.py", "A = 2\n"), ("b.py", "B = 1\n")];
    let versions = Versions::new(&deployed, &candidate);
    for name in ["a.py", "./a.py", "candidate/a.py"] {
        let (status, report) = versions.only(&[name]);
        assert_eq!(
            (status, texts(&report["only"])),
            (Some(0), vec!["a.py"]),
            "{name}"
        );
    }
    assert_eq!(texts(&versions.only(&["gone.py"]).1["only"]), ["gone.py"]);
    assert_eq!(
        texts(&versions.only(&["candidate/gone.py"]).1["only"]),
        ["gone.py"]
    );
    let fixed = ["check", "candidate", "--against", "deployed", "--only"];
    let unchanged = versions.run(&[&fixed[..], &["b.py"]].concat());
    assert_eq!(unchanged.status.code(), Some(0));
    let said = String::from_utf8(unchanged.stderr).unwrap();
    assert!(
        said.contains("warning: 'b.py' is the same in both versions"),
        "{said}"
    );
    let unknown = versions.run(&[&fixed[..], &["x/a.py"]].concat());
    assert_eq!(unknown.status.code(), Some(2));
    let said = String::from_utf8(unknown.stderr).unwrap();
    assert!(
        said.contains("there is no file 'x/a.py' in either version: did you mean 'a.py'?"),
        "{said}"
    );
    let alone = versions.run(&["check", "candidate", "--against", "none", "--only", "a.py"]);
    assert_eq!(alone.status.code(), Some(2));
    let alone = versions.run(&["plan", "candidate", "--against", "none"]);
    assert_eq!(alone.status.code(), Some(2));
}

/// Who ships a file types its name.
#[test]
fn a_plan_for_some_files_says_what_has_to_ship_with_them() {
    let deployed = [
        ("a.py", "import b\n\nb.f(1)\n"),
        ("b.py", "def f(x):\n    return x\n"),
        ("c.py", "C = 1\n"),
    ];
    let candidate = [
        ("a.py", "import b\n\nb.f(1, y=2)\n"),
        ("b.py", "def f(x, y=None):\n    return x\n"),
        ("c.py", "C = 2\n"),
    ];
    let versions = Versions::new(&deployed, &candidate);
    let plan = versions.plan(&["a.py"]);
    assert_eq!(plan["verdict"], "ordered");
    assert_eq!(steps(&plan), [["b.py"], ["a.py"]]);
    assert_eq!(texts(&plan["asked"]), ["a.py"]);
    assert_eq!(texts(&plan["needed"]), ["b.py"]);
    let plan = versions.plan(&["--only", "c.py", "b.py"]);
    assert_eq!(plan["verdict"], "any-order");
    assert_eq!(texts(&plan["needed"]), [] as [&str; 0]);
    let said = |more: &[&str]| {
        let output = versions.run(&[&["plan"], more, &["--against", "deployed"]].concat());
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let text = said(&["candidate", "a.py"]);
    assert!(
        text.starts_with(
            "coship: directory candidate, of which only a.py and what it needs ship, against"
        ),
        "{text}"
    );
    assert!(
        text.contains("in 2 steps; needed besides: b.py\n"),
        "{text}"
    );
    assert!(
        text.contains(
            "    coship plan candidate --against deployed a.py --output-format markdown\n"
        ),
        "{text}"
    );
    let text = said(&["candidate", "c.py"]);
    assert!(text.contains("of which only c.py ships"), "{text}");
    assert!(
        text.contains("the file that was named can ship as it is"),
        "{text}"
    );
    let unknown = versions.run(&["plan", "candidate", "d.py", "--against", "deployed"]);
    assert_eq!(unknown.status.code(), Some(2));
    // In TREE's place a file is no tree: the tree is the one around.
    let inside = run(
        &versions.directory.path().join("candidate"),
        &["plan", "a.py", "c.py", "--against", "../deployed"],
    );
    let text = String::from_utf8(inside.stdout).unwrap();
    assert!(
        text.contains("of which only 2 changed files and what they need ship"),
        "{text}"
    );
    let check = versions.run(&["check", "candidate/a.py"]);
    let said = String::from_utf8(check.stderr).unwrap();
    assert!(
        said.contains("`coship plan candidate/a.py` says what has to ship with it"),
        "{said}"
    );
}

#[test]
fn the_checklist_is_ticked_where_coship_proved_it() {
    let (deployed, fixed) = outage();
    let against = deployed.to_str().unwrap();
    let output = run(
        &fixed,
        &["plan", "--against", against, "--output-format", "markdown"],
    );
    let text = String::from_utf8(output.stdout).unwrap();
    for line in [
        "- [x] Affected files are complete: 5 changed files",
        "- [x] No file is truncated: 15 of 15 Python files have no new syntax error",
        "- [x] The contract is clean: no error that the deployed version does not have",
        "- [x] The steps are safe: every state between the steps is safe",
        "- [ ] The tests pass",
        "- [ ] 1. `interface_cache.py`",
        "- [ ] 5. `gateway_core.py`",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\n{text}");
    }
}

/// A repository with three tagged versions; the second is broken, the third mends it.
fn repository() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let git = |arguments: &[&str]| {
        let output = Command::new("git")
            .current_dir(directory.path())
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_AUTHOR_DATE", "2025-09-21T12:00:00Z")
            .env("GIT_COMMITTER_DATE", "2025-09-21T12:00:00Z")
            .args([
                "-c",
                "user.name=t",
                "-c",
                "user.email=t@example.org",
                "-c",
                "commit.gpgsign=false",
            ])
            .args(arguments)
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    };
    let write = |path: &str, text: &str| fs::write(directory.path().join(path), text).unwrap();
    let commit = |tag: &str| {
        git(&["add", "--all"]);
        git(&["commit", "-q", "-m", tag]);
        git(&["tag", tag]);
    };
    git(&["init", "-q"]);
    write("app.py", CALLER);
    write("cache_core.py", CORE);
    write("gateway.py", GATEWAY);
    write("router.py", ROUTER);
    commit("v2025.09.20.1");
    write("cache_core.py", "def fetch(key):\n    return key\n");
    commit("v2025.09.22.1");
    write(
        "cache_core.py",
        "def get(key, default=None):\n    return key or default\n",
    );
    git(&["add", "--all"]);
    git(&["commit", "-q", "-m", "mended"]);
    directory
}

#[test]
fn the_way_back_leads_to_a_version_without_new_errors() {
    let repository = repository();
    let back = |arguments: &[&str]| {
        run(
            repository.path(),
            &[&["plan"], arguments, &["--output-format", "json"]].concat(),
        )
    };
    let output = back(&["--rollback"]);
    let plan = json(&output);
    assert_eq!(output.status.code(), Some(0), "{plan:#}");
    assert_eq!(plan["candidate"]["name"], "v2025.09.20.1");
    assert_eq!(steps(&plan), [["cache_core.py"]]);
    let output = back(&["--rollback", "v2025.09.22.1"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(json(&output)["verdict"], "broken");
}

#[test]
fn the_next_tag_is_in_the_scheme_of_the_others() {
    let repository = repository();
    let output = run(
        repository.path(),
        &[
            "plan",
            "--against",
            "v2025.09.20.1",
            "--output-format",
            "markdown",
        ],
    );
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.contains("`v2025.09.22.2` (after `v2025.09.22.1`), with this message:"),
        "{text}"
    );
}

/// What could not be followed: why, the definition, the version and path of the site.
fn undecided(plan: &Value) -> Vec<(&str, &str, &str, &str)> {
    let undecided = plan["undecided"].as_array().unwrap().iter();
    undecided
        .map(|one| {
            let text = |value: &'_ Value| value.as_str().unwrap().to_owned().leak() as &str;
            (
                text(&one["why"]),
                text(&one["definition"]["name"]),
                text(&one["site"]["version"]),
                text(&one["site"]["path"]),
            )
        })
        .collect()
}

#[test]
fn a_call_of_something_unknown_is_named_and_its_definition_ships_first() {
    // The names are in this order by themselves: what asks for another one is the call.
    let service = |call: &str| {
        format!(
            "class Service:\n    def __init__(self, repo):\n        self._repo = repo\n    def save(self, item):\n        return self._repo.put({call})\n"
        )
    };
    let (old, new) = (service("item, 1"), service("item, 1, ttl=30"));
    let repo = |more: &str| {
        format!("class Repo:\n    def put(self, key, value{more}):\n        return key\n")
    };
    let (old_repo, new_repo) = (repo(""), repo(", ttl=None"));
    let versions = Versions::new(
        &[("a_service.py", &old), ("repo.py", &old_repo)],
        &[("a_service.py", &new), ("repo.py", &new_repo)],
    );
    let plan = versions.plan(&[]);
    assert_eq!(plan["exact"], false);
    assert_eq!(plan["verdict"], "ordered");
    assert_eq!(
        undecided(&plan),
        [("call", "repo.Repo.put", "candidate", "a_service.py")]
    );
    assert_eq!(steps(&plan), [["repo.py"], ["a_service.py"]]);
    let one = &plan["undecided"][0];
    assert_eq!(one["met"], true);
    assert_eq!(texts(&one["together"]), ["a_service.py", "repo.py"]);
    let output = versions.run(&["plan", "candidate", "--against", "deployed"]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("1 use could not be decided"), "{said}");
    assert!(said.contains("new a_service.py:5 calls what may be repo.Repo.put"));
}

#[test]
fn arguments_that_both_versions_take_alike_leave_the_plan_exact() {
    let service =
        |more: &str| format!("def save(repo, item):\n    return repo.put(item, 1){more}\n");
    let (old, new) = (service(""), service(" or None"));
    let versions = Versions::new(
        &[
            ("service.py", &old),
            (
                "repo.py",
                "class Repo:\n    def put(self, key, value):\n        return key\n",
            ),
        ],
        &[
            ("service.py", &new),
            (
                "repo.py",
                "class Repo:\n    def put(self, key, value, ttl=None):\n        return key\n",
            ),
        ],
    );
    let plan = versions.plan(&[]);
    assert_eq!(plan["exact"], true);
    assert_eq!(plan["verdict"], "any-order");
    assert_eq!(plan["undecided"].as_array().unwrap().len(), 0);
}

#[test]
fn a_task_of_a_library_is_safe_in_no_order() {
    let tasks = |more: &str| {
        format!(
            "from queue_library import app\n@app.task(bind=True)\ndef update(self, mail, email{more}, new=False):\n    return mail\n"
        )
    };
    let users = |more: &str| {
        format!(
            "from tasks import update\ndef register(user):\n    update.delay({{}}, user['email']{more}, True)\n"
        )
    };
    let (old, new) = (
        [tasks(""), users("")],
        [tasks(", site"), users(", user['site']")],
    );
    let versions = Versions::new(
        &[("tasks.py", &old[0]), ("users.py", &old[1])],
        &[("tasks.py", &new[0]), ("users.py", &new[1])],
    );
    let plan = versions.plan(&[]);
    assert_eq!(plan["exact"], false);
    assert_eq!(
        undecided(&plan),
        [
            ("call", "tasks.update", "deployed", "users.py"),
            ("call", "tasks.update", "candidate", "users.py"),
        ]
    );
    let met: Vec<bool> = plan["undecided"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["met"].as_bool().unwrap())
        .collect();
    assert_eq!(met, [false, true]);
}

#[test]
fn callbacks_texts_and_members_are_not_any_order_in_silence() {
    let cases: &[(&str, Files, Files, &str)] = &[
        (
            "handed-over",
            &[
                ("jobs.py", "def work(a):\n    return a\n"),
                (
                    "run.py",
                    "import pool_library\nimport jobs\npool_library.submit(jobs.work, 1)\n",
                ),
            ],
            &[
                ("jobs.py", "def work(a, b):\n    return a\n"),
                (
                    "run.py",
                    "import pool_library\nimport jobs\npool_library.submit(jobs.work, 1, 2)\n",
                ),
            ],
            "jobs.work",
        ),
        (
            "text",
            &[
                ("jobs.py", "def work(a):\n    return a\n"),
                (
                    "run.py",
                    "import queue_library\nqueue_library.send('jobs.work', 1)\n",
                ),
            ],
            &[
                ("jobs.py", "def work(a, b):\n    return a\n"),
                (
                    "run.py",
                    "import queue_library\nqueue_library.send('jobs.work', 1, 2)\n",
                ),
            ],
            "jobs.work",
        ),
        (
            "attribute",
            &[
                (
                    "units.py",
                    "import enum\nclass Unit(enum.Enum):\n    KWH = 1\n",
                ),
                ("use.py", "def unit(units):\n    return units.KWH\n"),
            ],
            &[
                (
                    "units.py",
                    "import enum\nclass Unit(enum.Enum):\n    MWH = 2\n",
                ),
                ("use.py", "def unit(units):\n    return units.MWH\n"),
            ],
            "units.Unit.KWH",
        ),
    ];
    for (why, deployed, candidate, definition) in cases {
        let plan = Versions::new(deployed, candidate).plan(&[]);
        assert_eq!(plan["exact"], false, "{why}");
        assert_ne!(plan["verdict"], "any-order", "{why}");
        let found = undecided(&plan);
        let is_named = |one: &(&str, &str, &str, &str)| one.0 == *why && one.1 == *definition;
        assert!(found.iter().any(is_named), "{why}: {found:?}");
    }
}

#[test]
fn what_is_unpacked_ships_with_what_gives_it() {
    let deployed: Files = &[
        ("repo.py", "def load(x):\n    return x, 1\n"),
        (
            "use.py",
            "from repo import load\ndef go():\n    a, b = load(1)\n    return a\n",
        ),
    ];
    let candidate: Files = &[
        ("repo.py", "def load(x):\n    return x, 1, {}\n"),
        (
            "use.py",
            "from repo import load\ndef go():\n    a, b, c = load(1)\n    return a\n",
        ),
    ];
    let plan = Versions::new(deployed, candidate).plan(&[]);
    assert_eq!(plan["exact"], true);
    assert_ne!(plan["verdict"], "any-order");
}

/// A keyword more, sent on one route: the other routes of the deployed gateway are none of its business.
#[test]
fn what_a_call_sends_is_held_against_the_routes_that_it_asks_for() {
    let (deployed, _) = outage();
    let folder = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(&deployed).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            fs::copy(&path, folder.path().join(path.file_name().unwrap())).unwrap();
        }
    }
    let edit = |file: &str, old: &str, new: &str| {
        let path = folder.path().join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(old), "{file}");
        fs::write(path, text.replace(old, new)).unwrap();
    };
    edit(
        "gateway_wrappers_metrics.py",
        "GatewayInterface.METRICS, 'get_stats')",
        "GatewayInterface.METRICS, 'get_stats', detailed=True)",
    );
    edit(
        "metrics_core.py",
        "def get_stats()",
        "def get_stats(detailed=False)",
    );
    let against = ["--against", deployed.to_str().unwrap()];
    let markdown = ["plan", "--output-format", "markdown"];
    for command in [&["diff"][..], &markdown] {
        let output = run(folder.path(), &[command, &against].concat());
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(
            text.contains("with the deployed next hop, get\\_stats()")
                || text.contains("with the deployed next hop, get_stats()"),
            "{text}"
        );
        assert!(!text.contains("more function"), "{text}");
    }
}
