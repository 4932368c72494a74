//! What `editors/` has, in the editors themselves: Emacs, Neovim and node run in batch, as `.ci/run` installs them; Vim has its own test. VS Code and Helix are not run:
//! what they read is read as they do.

mod source_support;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use regex_lite::Regex;
use serde_json::{Value, json};
use source_support::Sandbox;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A folder with an error in line 5 of `m.py` and a warning in line 1 of `w.py`.
fn broken() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("m.py", "def f(a):\n    return a\n\n\nf(1, 2)\n");
    sandbox.write("w.py", "x = 1  # coship: ignore[missing-name] y\n");
    sandbox
}

/// What an editor prints in this folder, with coship on its path.
fn printed(sandbox: &Sandbox, command: &mut Command) -> String {
    let own = Path::new(env!("CARGO_BIN_EXE_coship")).parent().unwrap();
    let path = env::var_os("PATH").unwrap_or_default();
    let all = [own.to_path_buf()]
        .into_iter()
        .chain(env::split_paths(&path));
    let output = command
        .current_dir(sandbox.path())
        .env("PATH", env::join_paths(all).unwrap())
        .env("HOME", sandbox.path())
        .env_remove("COSHIP_OUTPUT_FORMAT")
        .env_remove("VIRTUAL_ENV")
        .output();
    let output = output.unwrap_or_else(|error| {
        panic!("{command:?}: {error}: it is needed, and .ci/run installs it")
    });
    let said = String::from_utf8_lossy(&output.stderr);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(!text.is_empty(), "{said}");
    text
}

fn script(name: &str) -> PathBuf {
    root().join("tests/editors").join(name)
}

#[test]
fn emacs_reads_what_a_compilation_prints() {
    let sandbox = broken();
    let mut emacs = Command::new("emacs");
    // What a terminal of Emacs' own leaves the programs that it starts: no sign that escapes are not understood.
    emacs
        .args(["--batch", "-Q", "-l"])
        .arg(script("compile.el"))
        .env("TERM", "xterm-256color")
        .env_remove("NO_COLOR");
    let text = printed(&sandbox, &mut emacs);
    assert_eq!(text, "m.py|5|1|2\nw.py|1|8|1\n");
}

#[test]
fn emacs_shows_what_the_server_says() {
    let sandbox = broken();
    let mut emacs = Command::new("emacs");
    emacs
        .args(["--batch", "-l"])
        .arg(script("eglot.el"))
        .env("COSHIP_EGLOT", root().join("editors/emacs/coship-eglot.el"));
    let text = printed(&sandbox, &mut emacs);
    let line =
        "5|eglot-error|coship [too-many-positionals]: m.f(a) takes 1 positional argument, 2 given";
    assert!(text.starts_with(line), "{text}");
}

#[test]
fn neovim_shows_what_the_server_says() {
    let sandbox = broken();
    let mut nvim = Command::new("nvim");
    nvim.args(["--headless", "-u", "NONE", "-i", "NONE", "-n", "-S"])
        .arg(script("server.lua"))
        .env("COSHIP_LSP", root().join("editors/neovim/lsp/coship.lua"));
    let text = printed(&sandbox, &mut nvim);
    let line = "5|1|too-many-positionals|m.f(a) takes 1 positional argument, 2 given";
    assert!(text.starts_with(line), "{text}");
}

#[test]
fn the_extension_of_vs_code_starts_the_server() {
    let mut node = Command::new("node");
    node.arg(script("extension.cjs"))
        .arg(root().join("editors/vscode/extension.js"));
    let text = printed(&broken(), &mut node);
    let (started, rest) = text.split_once('\n').unwrap();
    let started: Value = serde_json::from_str(started).unwrap();
    let server = json!({"command": "coship", "args": ["server", "--against", "v1"]});
    assert_eq!(started["server"], server);
    let selector = json!([{"scheme": "file", "language": "python"}]);
    assert_eq!(started["client"]["documentSelector"], selector);
    assert_eq!(rest, "stopped\n");
    // It is the program that the extension's own settings name, and that has that command.
    let package = fs::read_to_string(root().join("editors/vscode/package.json")).unwrap();
    let package: Value = serde_json::from_str(&package).unwrap();
    let settings = &package["contributes"]["configuration"]["properties"];
    assert_eq!(settings["coship.path"]["default"], "coship");
    assert_eq!(package["main"], "./extension.js");
}

/// The tasks for VS Code by name; the comment in the first line is one that VS Code allows.
fn tasks() -> Vec<Value> {
    let text = fs::read_to_string(root().join("editors/vscode/tasks.json")).unwrap();
    let (comment, text) = text.split_once('\n').unwrap();
    assert!(comment.starts_with("//"));
    let file: Value = serde_json::from_str(text).unwrap();
    file["tasks"].as_array().unwrap().clone()
}

fn pattern(value: &Value) -> Regex {
    Regex::new(value.as_str().unwrap()).unwrap()
}

#[test]
fn the_tasks_of_vs_code_run_and_their_patterns_match() {
    let sandbox = broken();
    let tasks = tasks();
    let labels: Vec<&str> = tasks
        .iter()
        .map(|task| task["label"].as_str().unwrap())
        .collect();
    assert_eq!(labels, ["coship", "coship: watch"]);
    for task in &tasks {
        let matcher = &task["problemMatcher"];
        assert_eq!(matcher["pattern"], tasks[0]["problemMatcher"]["pattern"]);
        let arguments = task["args"].as_array().unwrap().iter();
        let arguments: Vec<&str> = arguments.map(|word| word.as_str().unwrap()).collect();
        let text = if task["isBackground"] == true {
            watched(&sandbox, &arguments, &matcher["background"])
        } else {
            printed(
                &sandbox,
                Command::new(task["command"].as_str().unwrap()).args(&arguments),
            )
        };
        let regexp = pattern(&matcher["pattern"]["regexp"]);
        let found: Vec<String> = text
            .lines()
            .filter_map(|line| regexp.captures(line))
            .map(|groups| {
                format!(
                    "{}|{}|{}|{}",
                    &groups[1], &groups[2], &groups[3], &groups[4]
                )
            })
            .collect();
        assert_eq!(found, ["m.py|5|1|error", "w.py|1|8|warning"], "{text}");
    }
}

/// The first round of a task that goes on, from the line that begins it to the one that ends it.
#[cfg(unix)]
fn watched(sandbox: &Sandbox, arguments: &[&str], background: &Value) -> String {
    use std::io::{BufRead, BufReader};
    use std::process::Stdio;

    let mut child = Command::new(env!("CARGO_BIN_EXE_coship"))
        .args(arguments)
        .current_dir(sandbox.path())
        .env_remove("VIRTUAL_ENV")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (begins, ends) = (
        pattern(&background["beginsPattern"]),
        pattern(&background["endsPattern"]),
    );
    let mut lines = BufReader::new(child.stdout.take().unwrap())
        .lines()
        .map(Result::unwrap);
    assert!(begins.is_match(&lines.next().unwrap()));
    let round: Vec<String> = lines.take_while(|line| !ends.is_match(line)).collect();
    child.kill().unwrap();
    child.wait().unwrap();
    round.join("\n")
}

#[cfg(not(unix))]
fn watched(sandbox: &Sandbox, _: &[&str], _: &Value) -> String {
    let arguments = ["check", "--output-format", "concise"];
    printed(sandbox, Command::new("coship").args(arguments))
}

#[test]
fn the_lines_for_helix_name_one_server_and_start_it() {
    let text = fs::read_to_string(root().join("editors/helix/languages.toml")).unwrap();
    let table: toml::Table = toml::from_str(&text).unwrap();
    let server = &table["language-server"]["coship"];
    assert_eq!(server["command"].as_str(), Some("coship"));
    assert_eq!(
        server["args"].as_array().unwrap()[0].as_str(),
        Some("server")
    );
    let languages = table["language"].as_array().unwrap();
    let python = &languages[0];
    assert_eq!(python["name"].as_str(), Some("python"));
    let servers = python["language-servers"].as_array().unwrap();
    assert!(servers.iter().any(|name| name.as_str() == Some("coship")));
}
