//! The environment as a user meets it: `coship environment`, and what `coship check` says of imports from outside.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

/// A tree on disk.
struct Case {
    directory: tempfile::TempDir,
}

impl Case {
    fn new(files: &[(&str, &str)]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let case = Self { directory };
        for (path, text) in files {
            case.write(path, text);
        }
        case
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// A virtual environment with these packages, each of a distribution of the same name.
    fn environment(&self, directory: &str, packages: &[&str]) {
        self.write(
            &format!("{directory}/pyvenv.cfg"),
            "home = /usr/bin\nversion = 3.11.7\n",
        );
        let site = format!("{directory}/lib/python3.11/site-packages");
        std::fs::create_dir_all(self.path().join(&site)).unwrap();
        for name in packages {
            self.write(&format!("{site}/{name}/__init__.py"), "");
            self.write(
                &format!("{site}/{name}-1.0.dist-info/RECORD"),
                &format!("{name}/__init__.py,,\n"),
            );
        }
    }

    fn git(&self, arguments: &[&str]) {
        let output = Command::new("git")
            .current_dir(self.path())
            .args(["-c", "user.name=t", "-c", "user.email=t@example.org"])
            .args(arguments)
            .env("GIT_AUTHOR_DATE", "2025-11-02T12:00:00Z")
            .env("GIT_COMMITTER_DATE", "2025-11-02T12:00:00Z")
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }

    fn run(&self, command: &str, arguments: &[&str], active: Option<&str>) -> Output {
        let mut coship = Command::new(env!("CARGO_BIN_EXE_coship"));
        coship
            .current_dir(self.path())
            .args([command, "app"])
            .args(arguments)
            .env_remove("COSHIP_OUTPUT_FORMAT")
            .env_remove("VIRTUAL_ENV")
            .env("COSHIP_NO_CACHE", "1")
            .env("NO_COLOR", "1");
        if let Some(active) = active {
            coship.env("VIRTUAL_ENV", self.path().join(active));
        }
        coship.output().unwrap()
    }

    /// `severity rule: message` of each finding.
    fn findings(&self, arguments: &[&str]) -> Vec<String> {
        let all = [&["--against", "none", "--output-format", "json"], arguments].concat();
        let output = self.run("check", &all, None);
        let report: Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
        let findings = report["findings"].as_array().unwrap().iter();
        let text = |finding: &Value, key: &str| finding[key].as_str().unwrap().to_owned();
        findings
            .map(|finding| {
                let [severity, rule, message] =
                    ["severity", "rule", "message"].map(|key| text(finding, key));
                format!("{severity} {rule}: {message}")
            })
            .collect()
    }
}

fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

#[test]
fn a_closed_environment_decides() {
    let case = Case::new(&[("app/main.py", "import requests\nimport yaml\n")]);
    case.environment("env", &["requests"]);
    let found = "missing-module: No module named 'yaml': nothing in env provides it";
    assert_eq!(
        case.findings(&["--python", "env"]),
        [format!("error {found}")]
    );
    // A tool may read it, with packages of its own.
    std::fs::rename(
        case.path().join("app/main.py"),
        case.path().join("app/noxfile.py"),
    )
    .unwrap();
    assert_eq!(
        case.findings(&["--python", "env"]),
        [format!("warning {found}")]
    );
    case.environment("env", &["yaml"]);
    assert_eq!(case.findings(&["--python", "env"]), Vec::<String>::new());
    case.write("env/bin/python", "");
    assert_eq!(
        case.findings(&["--python", "env/bin/python"]),
        Vec::<String>::new()
    );
}

#[test]
fn what_is_declared_and_not_installed_opens_it() {
    let case = Case::new(&[
        ("app/main.py", "import requests\nimport yaml\n"),
        ("app/requirements.txt", "requests\nbeautifulsoup4\n"),
    ]);
    case.environment("env", &["requests"]);
    assert_eq!(
        case.findings(&["--python", "env"]),
        [
            "info missing-module: No module named 'yaml': it is not in the tree, and 'beautifulsoup4' may provide it"
        ]
    );
}

#[test]
fn without_anything_it_is_information_and_said_once() {
    let case = Case::new(&[
        ("app/main.py", "import yaml\nimport other\n"),
        (
            "app/other.py",
            "import yaml.nodes\n\n\ndef f():\n    import yaml\n",
        ),
    ]);
    assert_eq!(
        case.findings(&[]),
        [
            "info missing-module: No module named 'yaml': it is not in the tree, and nothing is declared that provides it"
        ]
    );
}

#[test]
fn requirements_of_a_folder_are_about_that_folder() {
    let case = Case::new(&[
        ("app/main.py", "import yaml\nimport examples.one\n"),
        ("app/examples/one.py", "import requests\n"),
        ("app/examples/requirements.txt", "requests\n"),
    ]);
    assert_eq!(
        case.findings(&[]),
        [
            "info missing-module: No module named 'yaml': it is not in the tree, and nothing is declared that provides it"
        ]
    );
    // What `requests` brings along is not known, until a lock file lists it.
    case.write("app/requirements.txt", "requests\n");
    assert_eq!(
        case.findings(&[]),
        [
            "info missing-module: No module named 'yaml': nothing that app/requirements.txt, app/examples/requirements.txt declares provides it"
        ]
    );
    case.write(
        "app/poetry.lock",
        "[[package]]\nname = \"requests\"\nversion = \"2.32.0\"\n",
    );
    let found = case.findings(&[]);
    assert!(
        found.len() == 1 && found[0].starts_with("warning "),
        "{found:?}"
    );
}

#[test]
fn packages_lie_anywhere() {
    let case = Case::new(&[("app/main.py", "import yaml\n"), ("lib/yaml.py", "")]);
    assert_eq!(case.findings(&["--packages", "lib"]), Vec::<String>::new());
    let output = case.run("check", &["--packages", "nowhere"], None);
    assert_eq!(output.status.code(), Some(2));
    let output = case.run("check", &["--python", "lib"], None);
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("lib holds no Python environment"), "{said}");
}

#[test]
fn the_history_knows_what_was_there() {
    let case = Case::new(&[
        ("app/main.py", "import helpers\nfrom tools import x\n"),
        ("app/other.py", "import main\n"),
        ("app/helpers.py", ""),
        ("app/tools/__init__.py", "x = 1\n"),
    ]);
    case.git(&["init", "--quiet", "--initial-branch=main"]);
    case.git(&["add", "--all"]);
    case.git(&["commit", "--quiet", "--message", "one"]);
    case.git(&["rm", "--quiet", "-r", "app/helpers.py", "app/tools"]);
    case.git(&["commit", "--quiet", "--message", "two"]);
    case.git(&["commit", "--quiet", "--allow-empty", "--message", "three"]);
    let found = case.findings(&[]);
    assert_eq!(found.len(), 2, "{found:?}");
    for (found, name) in found.iter().zip(["helpers", "tools"]) {
        let begin = format!("error missing-module: No module named '{name}': it was deleted in ");
        assert!(
            found.starts_with(&begin) && found.ends_with("(2025-11-02)"),
            "{found}"
        );
    }
    case.write("app/requirements.txt", "helpers\n");
    assert_eq!(case.findings(&[]).len(), 1);
}

/// Of a long history not every commit is looked into; where a file went is told all the same.
#[test]
fn a_long_history_knows_the_very_commit() {
    const DAY: u64 = 86_400;
    let case = Case::new(&[]);
    case.git(&["init", "--quiet", "--initial-branch=main"]);
    let mut stream = String::new();
    let count = 300;
    for number in 0..count {
        let time = number * DAY;
        stream += &format!(
            "commit refs/heads/main\ncommitter t <t@example.org> {time} +0000\ndata 1\nx\n"
        );
        let mut write = |path: &str, text: &str| {
            stream += &format!("M 644 inline {path}\ndata {}\n{text}\n", text.len());
        };
        write("app/number.txt", &number.to_string());
        if number == 0 {
            write("app/main.py", "import old\nimport recent\n");
            write("app/other.py", "import main\n");
            write("app/old.py", "");
            write("app/recent.py", "");
        }
        match number {
            17 => stream += "D app/old.py\n",
            294 => stream += "D app/recent.py\n",
            _ => {}
        }
    }
    fs::write(case.path().join("stream"), stream).unwrap();
    let import = Command::new("git")
        .current_dir(case.path())
        .args(["fast-import", "--quiet"])
        .stdin(fs::File::open(case.path().join("stream")).unwrap())
        .status();
    assert!(import.unwrap().success());
    case.git(&["checkout", "--quiet", "--force", "main"]);
    let found = case.findings(&[]);
    let days: Vec<&str> = found
        .iter()
        .filter_map(|found| found.rsplit_once(" (").map(|(_, day)| day))
        .collect();
    assert_eq!(days, ["1970-01-18)", "1970-10-22)"], "{found:?}");
}

#[test]
fn what_is_moved_and_not_committed_yet_is_missed_where_it_was() {
    let case = Case::new(&[
        ("app/main.py", "import helpers\n\nprint(helpers.SIZE)\n"),
        ("app/helpers.py", "SIZE = 1\n"),
        (".gitignore", "written.py\n"),
    ]);
    case.git(&["init", "--quiet", "--initial-branch=main"]);
    case.git(&["add", "--all"]);
    case.git(&["commit", "--quiet", "--message", "one"]);
    case.git(&["mv", "app/helpers.py", "app/tools.py"]);
    let expected =
        "error missing-module: No module named 'helpers': it was deleted since the last commit";
    for flags in [&["--staged"][..], &[]] {
        assert_eq!(case.findings(flags), [expected], "{flags:?}");
    }
    // In the index it is as it was: only the files on disk lack it.
    case.git(&["reset", "--quiet"]);
    assert_eq!(case.findings(&["--staged"]), Vec::<String>::new());
    assert_eq!(case.findings(&[]), [expected]);
    // A file that is there and merely left out is not gone.
    case.write("app/helpers.py", "SIZE = 1\n");
    let found = case.findings(&["--config", "exclude=[\"helpers.py\"]"]);
    assert!(
        found.iter().all(|found| !found.contains("deleted")),
        "{found:?}"
    );
}

#[test]
fn a_guard_makes_it_optional_but_for_what_was_the_trees_own() {
    let guarded = "try:\n    import helpers\nexcept ImportError:\n    helpers = None\n";
    let case = Case::new(&[("app/main.py", guarded), ("app/other.py", "import main\n")]);
    assert_eq!(case.findings(&[]), Vec::<String>::new());
    case.environment("env", &[]);
    let found = case.findings(&["--python", "env"]);
    assert!(
        found.len() == 1 && found[0].starts_with("info guarded-import: "),
        "{found:?}"
    );
    case.write("app/helpers.py", "");
    case.git(&["init", "--quiet", "--initial-branch=main"]);
    case.git(&["add", "--all"]);
    case.git(&["commit", "--quiet", "--message", "one"]);
    case.git(&["rm", "--quiet", "app/helpers.py"]);
    let found = case.findings(&[]);
    assert!(
        found.len() == 1
            && found[0].contains("it was deleted since the last commit, and `except` hides it"),
        "{found:?}"
    );
    case.git(&["commit", "--quiet", "--message", "two"]);
    let found = case.findings(&[]);
    assert!(
        found.len() == 1 && found[0].starts_with("warning guarded-import: "),
        "{found:?}"
    );
}

#[test]
fn the_environment_is_told() {
    let case = Case::new(&[
        (
            "app/lambda_function.py",
            "import boto3\nimport requests\nimport yaml\nimport gone\n\n\ndef lambda_handler(event, context):\n    return 1\n",
        ),
        ("app/requirements.txt", "requests\nPyYAML\n"),
    ]);
    case.environment("env", &["requests"]);
    let output = case.run("environment", &[], Some("env"));
    assert_eq!(output.status.code(), Some(0));
    let lines: Vec<&str> = stdout(&output).lines().collect();
    assert_eq!(
        lines,
        [
            "coship: directory app; no Python version declared; packages of env (Python 3.11), requirements of app/requirements.txt",
            "open: PyYAML is declared and not installed",
            "boto3     runtime     AWS Lambda's runtime; lambda_function.py:1",
            "gone      undeclared  not in app/requirements.txt; lambda_function.py:4",
            "requests  installed   env (requests 1.0); lambda_function.py:2",
            "yaml      declared    PyYAML (app/requirements.txt); lambda_function.py:3",
            "4 modules from outside, 1 not explained",
        ]
    );
    let output = case.run(
        "environment",
        &["--output-format", "json", "--exit-code"],
        Some("env"),
    );
    assert_eq!(output.status.code(), Some(1));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["environment"]["closed"], false);
    assert_eq!(
        report["environment"]["installed"][0]["distributions"][0],
        "requests 1.0"
    );
    assert_eq!(report["imports"][1]["status"], "undeclared");
    assert_eq!(report["imports"][1]["places"][0]["line"], 4);
}

#[test]
fn an_environment_beside_the_code_is_found() {
    let case = Case::new(&[
        ("app/main.py", "import yaml\n"),
        ("app/other.py", "import main\n"),
    ]);
    case.environment("app/.venv", &["requests"]);
    let output = case.run("check", &["--against", "none"], None);
    let first = stdout(&output).lines().next().unwrap();
    assert!(
        first.ends_with("; packages of app/.venv (Python 3.11)"),
        "{first}"
    );
    let found = case.findings(&[]);
    assert!(
        found.len() == 1 && found[0].starts_with("error "),
        "{found:?}"
    );
    // One for another Python than the declared one may have other modules.
    let found = case.findings(&["--python-version", "3.13"]);
    assert!(
        found.len() == 1 && found[0].starts_with("info "),
        "{found:?}"
    );
    // One around the tree may belong to something else, unless requirements say what is there.
    let case = Case::new(&[
        ("app/main.py", "import yaml\n"),
        ("app/other.py", "import main\n"),
    ]);
    case.environment(".venv", &["requests"]);
    let found = case.findings(&[]);
    assert!(
        found.len() == 1 && found[0].starts_with("info "),
        "{found:?}"
    );
    case.write("app/requirements.txt", "requests\n");
    let found = case.findings(&[]);
    assert!(
        found.len() == 1 && found[0].starts_with("error "),
        "{found:?}"
    );
}

#[test]
fn a_package_that_is_called_like_what_it_adapts_means_that_one() {
    let files = [
        ("app/agents/__init__.py", ""),
        (
            "app/agents/painters/__init__.py",
            "from .canvas import draw\n",
        ),
        (
            "app/agents/painters/brush.py",
            "def stroke():\n    return 1\n",
        ),
        (
            "app/agents/painters/canvas.py",
            "from painters import brush as theirs\n\n\ndef draw():\n    return theirs.stroke()\n",
        ),
    ];
    let case = Case::new(&files);
    let output = case.run("check", &[], None);
    assert!(stdout(&output).contains("No module named 'painters'"));
    case.write("app/requirements.txt", "painters\n");
    let output = case.run("check", &[], None);
    assert!(!stdout(&output).contains("error:"), "{}", stdout(&output));
}

#[test]
fn what_is_declared_may_add_to_a_package_of_the_tree() {
    for imported in [
        "from lamps.common import Base\n\n\nclass Client(Base):\n    pass\n",
        "from lamps import common\n\nprint(common.Base)\n",
        "import lamps.common\n\n\ndef tell():\n    return lamps.common.Base\n",
        "import lamps\n\n\ndef tell():\n    return lamps.common.Base\n",
        "import importlib\n\ncommon = importlib.import_module('lamps.common')\n",
    ] {
        let case = Case::new(&[("app/lamps/__init__.py", ""), ("app/client.py", imported)]);
        case.write("app/requirements.txt", "lamps-sdk\n");
        let output = case.run("check", &[], None);
        assert!(stdout(&output).contains("error: "), "{imported}");
        case.write("app/requirements.txt", "lamps-sdk-common\n");
        let output = case.run("check", &[], None);
        assert!(
            !stdout(&output).contains("error: "),
            "{imported}: {}",
            stdout(&output)
        );
    }
}

#[test]
fn what_is_declared_may_be_the_rest_of_a_folder_without_init() {
    let metadata = |requires: &str| {
        format!(
            "Metadata-Version: 2.1\nName: lamps-fast\nLicense:     Some License\n          \n     1. Terms\n{requires}\n"
        )
    };
    let code = [
        (
            "app/lamps/fast.py",
            "import lamps.base\nimport lamps.glow\n",
        ),
        ("app/lamps/glow.py", "import lamps.core\n"),
    ];
    let case = Case::new(&code);
    case.write(
        "app/lamps_fast-1.0.dist-info/METADATA",
        &metadata("Requires-Dist: lamps==5.4.*\n"),
    );
    let told = case.run("check", &[], None);
    assert!(!stdout(&told).contains("lamps.base"), "{}", stdout(&told));
    case.write(
        "app/lamps_fast-1.0.dist-info/METADATA",
        &metadata("Requires-Dist: shades\n"),
    );
    let told = case.run("check", &[], None);
    assert!(stdout(&told).contains("lamps.base"), "{}", stdout(&told));
}

#[test]
fn a_compiled_part_that_is_called_may_bring_modules() {
    for (imported, call) in [
        ("from .native import start", "start()"),
        ("from . import native", "native.start()"),
        ("from pens import native as own", "own.parts.start()"),
        ("import pens.native as native", "native.start()"),
        ("import pens.native", "pens.native.start()"),
    ] {
        let body = format!("{imported}\n\n{call}\nfrom pens.shapes import draw\n");
        let case = Case::new(&[
            ("app/pens/__init__.py", &body),
            ("app/pens/native.cpython-311-x86_64-linux-gnu.so", ""),
            (
                "app/main.py",
                "from pens import shapes\n\nprint(shapes.draw)\n",
            ),
        ]);
        assert_eq!(case.findings(&[]), Vec::<String>::new(), "{imported}");
        case.write(
            "app/pens/__init__.py",
            &body.replace(&format!("{call}\n"), ""),
        );
        let found = case.findings(&[]);
        assert!(
            found
                .iter()
                .any(|found| found.contains("No module named 'pens.shapes'")),
            "{imported}: {found:?}"
        );
    }
}

#[test]
fn what_something_unknown_is_told_may_be_put_among_the_names() {
    for told in [
        "var('x y z')",
        "var('x, y')",
        "def main():\n    var('x y')\n\n\nmain()",
    ] {
        let text = format!("from sympy import var\n\n{told}\n\n\ndef total():\n    return x + y\n");
        let case = Case::new(&[("app/main.py", &text)]);
        let found = case.findings(&[]);
        assert!(
            found.iter().all(|found| !found.starts_with("error ")),
            "{told}: {found:?}"
        );
    }
    let text = "from sympy import var\n\nvar('x')\n\n\ndef total():\n    return x + y\n";
    let found = Case::new(&[("app/main.py", text)]).findings(&[]);
    let errors = found.iter().filter(|found| found.starts_with("error "));
    assert_eq!(errors.count(), 1, "{found:?}");
}

#[test]
fn what_a_compiler_reads_follows_its_own_rules() {
    let body = "\ndef add(x):\n    total = 0\n    total = total.to(float)\n    return total + x\n";
    let case = Case::new(&[(
        "app/kernels.py",
        &format!("import triton\n\n\n@triton.jit{body}"),
    )]);
    let found = case.findings(&[]);
    assert!(
        found.iter().all(|found| !found.starts_with("error ")),
        "{found:?}"
    );
    case.write(
        "app/kernels.py",
        &format!("import functools\n\n\n@functools.cache{body}"),
    );
    let found = case.findings(&[]);
    assert!(
        found.len() == 1 && found[0].contains("'int' object has no attribute 'to'"),
        "{found:?}"
    );
}

#[test]
fn what_is_declared_is_no_missing_neighbour() {
    let table = "from importlib import import_module\n\n\ndef load():\n    return import_module('shop_sdk')\n";
    let files = [
        ("app/shop_cli.py", ""),
        ("app/shop_gateway.py", ""),
        ("app/tables.py", table),
    ];
    let case = Case::new(&files);
    let output = case.run("check", &[], None);
    assert!(
        stdout(&output).contains("No module named 'shop_sdk'"),
        "{output:?}"
    );
    case.write("app/requirements.txt", "shop-sdk>=1\n");
    let output = case.run("check", &[], None);
    assert!(!stdout(&output).contains("error:"), "{}", stdout(&output));
}

#[test]
fn what_a_build_writes_or_compiles_into_a_package_is_worth_knowing_and_no_error() {
    let case = Case::new(&[
        (
            "app/shop/__init__.py",
            "from . import _fast\nfrom shop._fast import add\nfrom ._version import version\nfrom ._slow import wait\nfrom ._till import lib\n",
        ),
        (
            "app/build_till.py",
            "from cffi import FFI\n\nbuilder = FFI()\nbuilder.set_source('shop._till', '')\n",
        ),
        (
            "app/setup.py",
            "from setuptools import Extension, setup\n\nsetup(ext_modules=[Extension(name='shop._fast', sources=['src/x.c'])])\n",
        ),
        ("app/.gitignore", "_version.py\n"),
    ]);
    let found = case.findings(&[]);
    let errors: Vec<_> = found
        .iter()
        .filter(|one| !one.starts_with("info"))
        .collect();
    assert_eq!(
        errors,
        ["error missing-module: No module named 'shop._slow'"]
    );
    let told = |module: &str, file: &str| {
        let says = format!("{file} says that a build may write it");
        found
            .iter()
            .any(|one| one.contains(module) && one.contains(&says))
    };
    assert!(told("_fast", "setup.py"), "{found:?}");
    assert!(told("shop._version", ".gitignore"), "{found:?}");
    let by_cffi = found.iter().find(|one| one.contains("shop._till"));
    assert!(
        by_cffi.is_some_and(|one| one.contains("has cffi compile it")),
        "{found:?}"
    );
}

#[test]
fn what_a_vendored_project_compiles_is_said_by_its_own_setup() {
    let case = Case::new(&[
        ("app/shop/__init__.py", ""),
        ("app/shop/vendor/scales/__init__.py", ""),
        ("app/shop/vendor/scales/src/models/__init__.py", ""),
        (
            "app/shop/vendor/scales/src/models/weigh.py",
            "try:\n    import grams as kernels\nexcept ModuleNotFoundError:\n    from . import grams as kernels\nfrom . import ounces\n",
        ),
        (
            "app/shop/vendor/scales/src/models/setup.py",
            "from setuptools import setup\nfrom torch.utils.cpp_extension import CUDAExtension\n\nsetup(ext_modules=[CUDAExtension(name='grams', sources=['grams.cpp'])])\n",
        ),
    ]);
    let found = case.findings(&[]);
    let errors: Vec<_> = found
        .iter()
        .filter(|one| one.starts_with("error"))
        .collect();
    assert_eq!(errors.len(), 1, "{found:?}");
    assert!(errors[0].contains("'ounces'"), "{found:?}");
}

#[test]
fn what_a_build_writes_into_a_directory_may_have_any_name() {
    let case = Case::new(&[
        ("app/shop/__init__.py", ""),
        (
            "app/shop/errors/__init__.py",
            "try:\n    from .made import *\nexcept ImportError:\n    pass\n",
        ),
        ("app/shop/raw/__init__.py", "from . import base\n"),
        ("app/shop/raw/base.py", ""),
        (
            "app/main.py",
            "import shop.raw.types\nfrom shop import errors\nfrom shop.errors import Refused\nfrom shop.raw import base, types\nfrom shop.raw.types.messages import Message\n\n\ndef send():\n    raise errors.Limited(types.Text, shop.raw.types.Image)\n\n\nif base.gone:\n    send()\n",
        ),
        ("app/.gitignore", "shop/errors/made/\n/shop/raw/types/\n"),
        ("app/protos/till-book.proto", "syntax = \"proto3\";\n"),
        (
            "app/shop/till.py",
            "from shop.raw import till_book_pb2 as till\nfrom shop.till_book_pb2_grpc import Tills\nimport shop.other_pb2\n\nprint(till.Book)\n",
        ),
    ]);
    let found = case.findings(&[]);
    let errors: Vec<_> = found
        .iter()
        .filter(|one| !one.starts_with("info"))
        .collect();
    assert_eq!(
        errors,
        [
            "error missing-attribute: module 'shop.raw.base' has no attribute 'gone'",
            "error missing-module: No module named 'shop.other_pb2'",
        ]
    );
}

#[test]
fn what_other_tools_make_of_a_file_beside_it_need_not_be_there() {
    let case = Case::new(&[
        ("app/shop/__init__.py", ""),
        ("app/shop/till.ui", "<ui/>"),
        ("app/shop/scale.i", "%module scale"),
        ("app/shop/_fast.c", "int x;"),
        ("app/shop/const.py.in", "VAT = @VAT@"),
        ("app/shop/old.py.orig", "VAT = 7"),
        (
            "app/main.py",
            "import shop.ui_till\nimport shop._scale\nfrom shop import _fast\nfrom shop.const import VAT\nimport shop.old\n",
        ),
    ]);
    let found = case.findings(&[]);
    let errors = found.iter().filter(|one| !one.starts_with("info"));
    assert_eq!(
        errors.collect::<Vec<_>>(),
        ["error missing-module: No module named 'shop.old'"]
    );
}

#[test]
fn a_file_that_no_import_reaches_need_not_parse() {
    let case = Case::new(&[
        ("app/shop/__init__.py", ""),
        (
            "app/shop/versions.py",
            "import sys\n\nPY2 = sys.version_info[:2] < (3,)\nif PY2:\n    from . import old\nelse:\n    from . import new\n",
        ),
        ("app/shop/old.py", "print 'old'\n"),
        ("app/shop/new.py", "print 'new'\n"),
        ("app/shop/alone.py", "print 'alone'\n"),
    ]);
    let mut found = case.findings(&[]);
    found.retain(|one| one.contains("syntax-error"));
    let severities: Vec<_> = found
        .iter()
        .map(|one| one.split(' ').next().unwrap())
        .collect();
    assert_eq!(severities, ["error", "error", "info"], "{found:?}");
}

#[test]
fn what_only_a_file_behind_an_extension_imports_is_a_part_that_need_not_be_there() {
    let case = Case::new(&[
        ("app/main.py", "import shop._fast\nimport shop.slow\n"),
        ("app/shop/__init__.py", ""),
        ("app/shop/_fast.py", "import shop._rest\n"),
        ("app/shop/_fast.cpython-311-x86_64-linux-gnu.so", ""),
        ("app/shop/_rest.py", "import shop._made\n"),
        ("app/shop/slow.py", "import shop._slow_rest\n"),
        ("app/shop/_slow_rest.py", "import shop._gone\n"),
    ]);
    let mut found = case.findings(&[]);
    found.sort();
    assert_eq!(
        found,
        [
            "error missing-module: No module named 'shop._gone'",
            "warning missing-module: No module named 'shop._made': only tests, 'try' statements and files behind extension modules import this file",
        ]
    );
}

#[test]
fn a_module_of_the_tree_may_stand_before_one_of_the_library() {
    let path = "import sys\nfrom pathlib import Path\n\nSHARED = Path(__file__).resolve().parents[1] / 'shared'\nsys.path.insert(0, str(SHARED))\n";
    let code = "import profile\nimport calendar\n\n\ndef show():\n    return profile.chosen(), calendar.chosen()\n";
    let told = |before: &str| {
        let case = Case::new(&[
            ("app/shared/profile.py", "def chosen():\n    return 1\n"),
            ("app/scripts/show.py", &format!("{before}{code}")),
        ]);
        case.findings(&[])
    };
    let of = |module: &str| {
        format!("error missing-attribute: module '{module}' has no attribute 'chosen'")
    };
    assert_eq!(told(path), [of("calendar")]);
    assert_eq!(told(""), [of("profile"), of("calendar")]);
}

#[test]
fn a_program_in_a_package_is_run_where_it_lies() {
    let told = |main: &str| {
        let case = Case::new(&[
            ("app/shop/__init__.py", ""),
            ("app/shop/main.py", main),
            ("app/shop/pages/__init__.py", ""),
            ("app/shop/pages/first.py", "from pages.second import show\n"),
            ("app/shop/pages/second.py", "def show():\n    return 1\n"),
        ]);
        let mut found = case.findings(&[]);
        found.retain(|one| one.starts_with("error"));
        found.len()
    };
    let program = "if __name__ == '__main__':\n    from pages.first import show\n    show()\n";
    assert_eq!(told(program), 0);
    assert_eq!(told("def main():\n    return 1\n"), 1);
}

#[test]
fn an_address_names_no_folder_that_is_copied() {
    let copies = |text: &str| {
        format!(
            "import os\nimport shutil\n\nHERE = os.path.dirname(__file__)\nPAGE = \"{text}\"\n\n\ndef lay_out(target):\n    for name in os.listdir(HERE):\n        shutil.copy(name, PAGE)\n"
        )
    };
    let told = |text: &str| {
        let case = Case::new(&[
            ("app/shop/__init__.py", ""),
            ("app/shop/build.py", copies(text).as_str()),
            ("app/shop/forms/till/__init__.py", ""),
            (
                "app/shop/forms/till/open.py",
                "def sell():\n    return undefined\n",
            ),
        ]);
        case.findings(&[])
    };
    assert_eq!(told("https://till.example/till").len(), 1);
    assert!(told("forms/till").is_empty());
}

#[test]
fn a_distribution_for_python_2_alone_is_left_to_it() {
    let metadata = |classifiers: &str| {
        format!(
            "Metadata-Version: 2.1\nName: shop\nVersion: 1.0\n{classifiers}\n\nClassifier: Programming Language :: Python :: 2 :: Only\n"
        )
    };
    let code = "import orders\n\n\ndef told(text):\n    return unicode(text)\n";
    let case = Case::new(&[
        ("app/shop/__init__.py", code),
        ("app/shop/orders.py", "print 'orders'\n"),
        (
            "app/shop-1.0.dist-info/METADATA",
            &metadata("Classifier: Programming Language :: Python :: 2 :: Only"),
        ),
    ]);
    let output = case.run("check", &[], None);
    let told = stdout(&output);
    assert!(
        told.contains("left to Python 2, as its metadata say")
            && told.contains("0 errors, 0 warnings"),
        "{told}"
    );

    // Python 2.7 beside others, or the words in the description, leave nothing to it.
    let version =
        |version: &str| format!("Classifier: Programming Language :: Python :: {version}\n");
    let both = [version("2.7"), version("3.3")].concat();
    let later = format!("Requires-Python: >=2.7,<3.13\n{}", version("2.7"));
    for others in [
        both,
        later,
        "Classifier: Programming Language :: Python\n".to_owned(),
    ] {
        case.write("app/shop-1.0.dist-info/METADATA", &metadata(&others));
        let output = case.run("check", &[], None);
        let told = stdout(&output);
        assert!(
            told.contains("name 'unicode' is not defined") && told.contains("[syntax-error]"),
            "{others}: {told}"
        );
    }

    // The name says so.
    let named = |name: &str| format!("Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n");
    for (name, errors) in [
        ("shop-py2", false),
        ("shop20200407-py2", true),
        ("py2shop", true),
    ] {
        case.write("app/shop-1.0.dist-info/METADATA", &named(name));
        let output = case.run("check", &[], None);
        assert_eq!(!stdout(&output).contains("0 errors"), errors, "{name}");
    }

    // All versions that are named are of Python 2.
    let old = [
        version("2"),
        version("2.6"),
        version("Implementation :: CPython"),
        version("2.7"),
    ]
    .concat();
    case.write("app/shop-1.0.dist-info/METADATA", &metadata(&old));
    let output = case.run("check", &[], None);
    let told = stdout(&output);
    assert!(told.contains("0 errors, 0 warnings"), "{told}");
}

#[test]
fn a_distribution_that_is_called_like_an_encoding_may_tell_python_of_it() {
    let case = Case::new(&[("app/main.py", "# coding: future_texts\nx = 1\n")]);
    let found =
        |severity: &str| format!("{severity} unreadable-file: unknown encoding: future_texts");
    assert_eq!(case.findings(&[]), [found("error")]);
    case.write("app/requirements.txt", "future-texts>=1\n");
    assert_eq!(case.findings(&[]), [found("info")]);
}
