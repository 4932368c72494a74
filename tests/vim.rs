//! The compiler file for Vim, in Vim.

use std::fs;
use std::path::Path;
use std::process::Command;

#[test]
fn vim_fills_its_quickfix_list() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let directory = tempfile::TempDir::new().unwrap();
    let path = |name: &str| directory.path().join(name);
    fs::write(path("a b.py"), "def f(a):\n    return a\n\n\nf(1, 2)\n").unwrap();
    fs::write(path("w.py"), "x = 1  # coship: ignore[missing-name] y\n").unwrap();
    let script = format!(
        "set runtimepath^={}/editors/vim\n\
         compiler coship\n\
         let $PATH = '{}:' . $PATH\n\
         silent make --against none\n\
         let lines = map(getqflist(), {{_, e -> bufname(e.bufnr) . '|' . e.lnum . '|' . e.col . '|' . e.type . '|' . e.valid . '|' . e.text}})\n\
         call writefile(lines, 'out.txt')\n\
         qall!\n",
        root.display(),
        Path::new(env!("CARGO_BIN_EXE_coship"))
            .parent()
            .unwrap()
            .display(),
    );
    fs::write(path("script.vim"), script).unwrap();
    let status = Command::new("vim")
        .args([
            "-N",
            "-u",
            "NONE",
            "-i",
            "NONE",
            "-n",
            "-es",
            "-S",
            "script.vim",
        ])
        .current_dir(directory.path())
        .env_remove("COSHIP_OUTPUT_FORMAT")
        .env_remove("VIRTUAL_ENV")
        .status()
        .expect("vim is needed: .ci/run installs it");
    let found = fs::read_to_string(path("out.txt")).unwrap_or_else(|_| panic!("vim: {status}"));
    let lines: Vec<&str> = found.lines().collect();
    assert_eq!(lines.len(), 2, "{found}");
    assert!(lines[0].starts_with("a b.py|5|1|e|1|"), "{found}");
    assert!(
        lines[0].ends_with("takes 1 positional argument, 2 given [too-many-positionals]"),
        "{found}"
    );
    assert!(lines[1].starts_with("w.py|1|8|w|1|"), "{found}");
}

#[test]
fn vim_knows_the_place_without_the_compiler_file() {
    let directory = tempfile::TempDir::new().unwrap();
    let path = |name: &str| directory.path().join(name);
    fs::write(path("a.py"), "def f(a):\n    return a\n\n\nf(1, 2)\n").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_coship"))
        .current_dir(directory.path())
        .args([
            "check",
            "--quiet",
            "--against",
            "none",
            "--output-format",
            "concise",
        ])
        .output()
        .unwrap();
    fs::write(path("report.txt"), output.stdout).unwrap();
    // Vim's own 'errorformat' has no severity behind a column, so that the type is empty there; the text has the word.
    let script = "set errorformat&\ncgetfile report.txt\n\
                  call writefile(map(getqflist(), {_, e -> bufname(e.bufnr) . '|' . e.lnum . '|' . e.col . '|' . e.type . '|' . e.valid . '|' . e.text}), 'out.txt')\n\
                  qall!\n";
    fs::write(path("script.vim"), script).unwrap();
    let status = Command::new("vim")
        .args(["-N", "-u", "NONE", "-i", "NONE", "-n", "-es", "-S"])
        .arg("script.vim")
        .current_dir(directory.path())
        .status()
        .expect("vim is needed: .ci/run installs it");
    let found = fs::read_to_string(path("out.txt")).unwrap_or_else(|_| panic!("vim: {status}"));
    assert!(
        found.starts_with("a.py|5|1||1| error: a.f(a) takes"),
        "{found}"
    );
    assert_eq!(found.lines().count(), 1, "{found}");
}
