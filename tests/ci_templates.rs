//! The action and the templates for CI services: they parse, and the shell that they hold runs. Installation is left to a stub, since it needs a network.

mod source_support;

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

use saphyr_parser::{Event, Parser};
use source_support::Sandbox;

fn file(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// Every text of a YAML file that stands under one of these keys, alone or in a list, in order. The file must parse.
fn under(yaml: &str, keys: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    // For each open collection: whether it is a mapping, the key that it stands under, and in a mapping the key that is read.
    let mut open: Vec<(bool, String, Option<String>)> = Vec::new();
    for event in Parser::new_from_str(yaml) {
        let (event, _) = event.unwrap();
        match event {
            Event::MappingStart(..) | Event::SequenceStart(..) => {
                let key = match open.last_mut() {
                    Some((true, _, read)) => read.take().unwrap_or_default(),
                    Some((false, key, _)) => key.clone(),
                    None => String::new(),
                };
                open.push((matches!(event, Event::MappingStart(..)), key, None));
            }
            Event::MappingEnd | Event::SequenceEnd => {
                open.pop();
            }
            Event::Scalar(value, ..) => match open.last_mut() {
                Some((true, _, read @ None)) => *read = Some(value.into_owned()),
                Some((true, _, read)) => {
                    let key = read.take().unwrap();
                    if keys.contains(&key.as_str()) {
                        found.push(value.into_owned());
                    }
                }
                Some((false, key, _)) if keys.contains(&key.as_str()) => {
                    found.push(value.into_owned());
                }
                _ => {}
            },
            _ => {}
        }
    }
    found
}

/// A clone of a repository with a deployed version and one more error, and a directory of programs for PATH.
struct Runner {
    clone: Sandbox,
    tools: Sandbox,
    #[allow(dead_code, reason = "it is to stay as long as the clone")]
    origin: Sandbox,
}

impl Runner {
    fn new(is_broken: bool) -> Self {
        let origin = Sandbox::repository();
        origin
            .write("m.py", "def f(a):\n    return a\n\n\nf(1)\n")
            .commit("one");
        origin.git(&["update-ref", "refs/deployed/prod", "HEAD"]);
        origin.git(&["tag", "v1.0"]);
        let call = if is_broken { "f(1, 2)\n" } else { "f(2)\n" };
        origin.write("m.py", format!("def f(a):\n    return a\n\n\n{call}"));
        origin.commit("two");
        let clone = Sandbox::new();
        let from = format!("file://{}", origin.path().display());
        clone.git(&["clone", "--quiet", "--depth", "1", &from, "work"]);
        let tools = Sandbox::new();
        let coship = PathBuf::from(env!("CARGO_BIN_EXE_coship"));
        let scripts = [
            ("coship", format!("exec '{}' \"$@\"\n", coship.display())),
            ("python3", "echo \"$@\" >> \"$HOME/installed\"\n".to_owned()),
            ("gh", "echo \"$@\" >> \"$HOME/commented\"\n".to_owned()),
        ];
        for (name, text) in scripts {
            tools.write(name, format!("#!/bin/sh\n{text}"));
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt;
                fs::set_permissions(tools.join(name), fs::Permissions::from_mode(0o755)).unwrap();
            }
        }
        Self {
            clone,
            tools,
            origin,
        }
    }

    /// Runs a script as the service does; its status and all that it says.
    fn run(
        &self,
        shell: &[&str],
        script: &str,
        variables: &[(&str, &str)],
    ) -> (Option<i32>, String) {
        let path = std::env::var("PATH").unwrap();
        let output = Command::new(shell[0])
            .args(&shell[1..])
            .arg(script)
            .current_dir(self.clone.join("work"))
            .env("PATH", format!("{}:{path}", self.tools.path().display()))
            .env("HOME", self.tools.path())
            .env("COSHIP_NO_CACHE", "1")
            .env_remove("COSHIP_OUTPUT_FORMAT")
            .env_remove("VIRTUAL_ENV")
            .env("GITHUB_OUTPUT", self.tools.join("output"))
            .env("GITHUB_STEP_SUMMARY", self.tools.join("summary"))
            .envs(variables.iter().copied())
            .output()
            .unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(text).unwrap())
    }

    fn said(&self, file: &str) -> String {
        fs::read_to_string(self.tools.join(file)).unwrap_or_default()
    }

    fn report(&self, file: &str) -> String {
        fs::read_to_string(self.clone.join("work").join(file)).unwrap_or_default()
    }
}

/// GitHub's `shell: bash`.
const BASH: [&str; 6] = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c"];

#[test]
fn the_action_judges_what_is_new_and_says_what_ships_together() {
    let action = file("action.yml");
    let scripts = under(&action, &["run"]);
    let [install, fetch, check, comment, verdict] = scripts.as_slice() else {
        panic!("{scripts:?}");
    };
    for script in &scripts {
        assert!(!script.contains("${{"), "an input is a variable: {script}");
    }
    for (is_broken, against, status) in [
        (true, "", 1),
        (true, "deployed:prod", 1),
        (false, "v1.0", 0),
    ] {
        let runner = Runner::new(is_broken);
        let run = |script: &str, variables: &[(&str, &str)]| runner.run(&BASH, script, variables);
        assert_eq!(run(install, &[("VERSION", "0.1.0")]).0, Some(0));
        assert!(
            runner
                .said("installed")
                .contains("install --quiet coship==0.1.0")
        );
        let (code, text) = run(fetch, &[]);
        assert_eq!(code, Some(0), "{text}");
        let inputs = [("AGAINST", against), ("ARGUMENTS", "--new-only")];
        let (code, text) = run(check, &inputs);
        assert_eq!(code, Some(0), "{text}");
        assert_eq!(text.contains("::error "), is_broken, "{text}");
        assert_eq!(runner.said("output"), format!("status={status}\n"));
        assert!(
            runner
                .report("coship.sarif")
                .contains("\"version\": \"2.1.0\"")
        );
        assert!(
            runner.said("summary").contains("m.py"),
            "{}",
            runner.said("summary")
        );
        assert_eq!(run(comment, &[("NUMBER", "7")]).0, Some(0));
        assert!(runner.said("commented").starts_with("pr comment 7 "));
        let code = run(verdict, &[("STATUS", &status.to_string())]).0;
        assert_eq!(code, Some(status));
    }
    // What cannot be checked is no green.
    let runner = Runner::new(false);
    let inputs = [("AGAINST", "nowhere"), ("ARGUMENTS", "")];
    assert_eq!(runner.run(&BASH, check, &inputs).0, Some(2));
}

/// Runs scripts until one fails, as most services do.
fn run_all(runner: &Runner, scripts: &[String]) -> Option<i32> {
    let codes = scripts.iter().map(|script| {
        let (code, text) = runner.run(
            &["sh", "-ec"],
            script,
            &[("COSHIP_ARGUMENTS", "--new-only")],
        );
        assert!(!text.contains("not found"), "{script}: {text}");
        code
    });
    codes
        .into_iter()
        .find(|code| *code != Some(0))
        .unwrap_or(Some(0))
}

#[test]
fn the_templates_run() {
    for (is_broken, status) in [(true, 1), (false, 0)] {
        // GitLab makes one script of the lines.
        let lines = under(&file("ci/gitlab.yml"), &["before_script", "script"]);
        let runner = Runner::new(is_broken);
        runner
            .clone
            .git_in("work", &["fetch", "--quiet", "--unshallow", "--tags"]);
        assert_eq!(run_all(&runner, &[lines.join("\n")]), Some(status));
        let report = runner.report("gl-code-quality-report.json");
        assert_eq!(
            report.contains("too-many-positionals"),
            is_broken,
            "{report}"
        );

        let scripts = under(&file("ci/azure-pipelines.yml"), &["script"]);
        let runner = Runner::new(is_broken);
        runner
            .clone
            .git_in("work", &["fetch", "--quiet", "--unshallow", "--tags"]);
        assert_eq!(scripts.len(), 2);
        assert_eq!(run_all(&runner, &scripts), Some(status));
        assert!(runner.report("coship.xml").starts_with("<?xml"));

        let text = file("ci/Jenkinsfile");
        let steps = text
            .lines()
            .filter_map(|line| line.trim().strip_prefix("sh '")?.strip_suffix('\''));
        let steps: Vec<String> = steps.map(str::to_owned).collect();
        assert_eq!(steps.len(), 4);
        let runner = Runner::new(is_broken);
        runner
            .clone
            .git_in("work", &["fetch", "--quiet", "--unshallow", "--tags"]);
        assert_eq!(run_all(&runner, &steps), Some(status));
        assert!(runner.report("coship.xml").starts_with("<?xml"));
    }
}

/// The address that binstall makes of a published manifest for a target that has no settings of its own: `repo`, `version`, `target` and `archive-suffix` are its words.
fn fetched(package: &toml::Value, target: &str) -> String {
    let text = |value: &toml::Value| value.as_str().unwrap().to_owned();
    let binstall = &package["metadata"]["binstall"];
    let suffix = format!(".{}", text(&binstall["pkg-fmt"]));
    let mut url = text(&binstall["pkg-url"]);
    for (word, value) in [
        ("repo", text(&package["repository"])),
        ("version", text(&package["version"])),
        ("target", target.to_owned()),
        ("archive-suffix", suffix),
    ] {
        url = url.replace(&format!("{{ {word} }}"), &value);
    }
    url
}

#[test]
fn a_release_packs_what_binstall_fetches() {
    let workflow = file(".github/workflows/release.yml");
    let scripts = under(&workflow, &["run"]);
    for script in &scripts {
        assert!(!script.contains("${{"), "an input is a variable: {script}");
    }
    let directory = Sandbox::new();
    for path in [
        "LICENSE-APACHE",
        "LICENSE-MIT",
        "README.md",
        "target/x-linux/release/coship",
    ] {
        directory.write(path, "");
    }
    fs::create_dir(directory.join("dist")).unwrap();
    let status = Command::new("bash")
        .args(["-ec", &scripts[0]])
        .current_dir(directory.path())
        .env("TARGET", "x-linux")
        .status();
    assert!(status.unwrap().success());
    let listed = Command::new("tar")
        .args(["-tzf", "dist/coship-x-linux.tgz"])
        .current_dir(directory.path())
        .output();
    let listed = String::from_utf8(listed.unwrap().stdout).unwrap();
    // As Cargo.toml says: bin-dir.
    assert!(listed.contains("coship-x-linux/coship\n"), "{listed}");
    // And pkg-url, which begins with the repository: the crate has to name it once it is published.
    directory.write("Cargo.toml", file("Cargo.toml"));
    let named = scripts.iter().position(|it| it.contains("REPOSITORY\\\""));
    let named = named.expect("the script that names the repository");
    let published = scripts.iter().position(|it| it.contains("cargo publish"));
    assert!(published.is_some_and(|at| at > named));
    for _ in 0..2 {
        let status = Command::new("bash")
            .args(["-ec", &scripts[named]])
            .current_dir(directory.path())
            .env("REPOSITORY", "https://example.org/ada/coship")
            .status();
        assert!(status.unwrap().success());
    }
    let manifest = fs::read_to_string(directory.join("Cargo.toml")).unwrap();
    let manifest: toml::Table = toml::from_str(&manifest).unwrap();
    let package = &manifest["package"];
    let fetched = fetched(package, "x-linux");
    assert_eq!(
        fetched,
        format!(
            "https://example.org/ada/coship/releases/download/v{}/coship-x-linux.tgz",
            env!("CARGO_PKG_VERSION")
        )
    );
}

#[test]
fn the_hook_of_pre_commit_is_one_that_coship_has() {
    let hooks = file(".pre-commit-hooks.yaml");
    assert_eq!(under(&hooks, &["entry"]), ["coship check --hook"]);
    assert_eq!(under(&hooks, &["language"]), ["python"]);
    let stages = under(&hooks, &["stages"]);
    assert_eq!(stages, ["pre-commit", "pre-merge-commit", "pre-push"]);
}

#[test]
fn the_environment_of_a_hook_is_not_that_of_the_project() {
    let sandbox = Sandbox::new();
    sandbox.write("m.py", "x = 1\n");
    for path in ["pyvenv.cfg", "lib/python3.11/site-packages/six.py"] {
        sandbox.write(&format!("hook/{path}"), "version = 3.11.2\n");
    }
    fs::create_dir_all(sandbox.join("hook/bin")).unwrap();
    let own = sandbox.join("hook/bin/coship");
    fs::copy(env!("CARGO_BIN_EXE_coship"), &own).unwrap();
    let run = |program: &Path, is_hook: bool| {
        let mut command = Command::new(program);
        command
            .args(["check", "--against", "none"])
            .current_dir(sandbox.path())
            .env("VIRTUAL_ENV", sandbox.join("hook"))
            .env_remove("PRE_COMMIT")
            .env_remove("COSHIP_OUTPUT_FORMAT");
        if is_hook {
            command.env("PRE_COMMIT", "1");
        }
        let output = loop {
            match command.output() {
                // Another test's process that is just being made still has the copy open for writing.
                Err(error) if error.kind() == ErrorKind::ExecutableFileBusy => {
                    thread::sleep(Duration::from_millis(10));
                }
                output => break output.unwrap(),
            }
        };
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(!run(&own, true).contains("packages of hook"));
    // Installed into the project's own environment, or run by `language: system`.
    assert!(run(&own, false).contains("packages of hook"));
    let elsewhere = Path::new(env!("CARGO_BIN_EXE_coship"));
    assert!(run(elsewhere, true).contains("packages of hook"));
}
