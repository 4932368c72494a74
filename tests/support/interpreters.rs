//! Finds interpreters of several versions, for what every version has to confirm.

use std::path::Path;
use std::process::Command;

/// An interpreter, and what it is called with before a script's path.
pub struct Interpreter {
    program: String,
    before: Vec<String>,
    /// Its version: 3.11 is `(3, 11)`.
    pub version: (u32, u32),
}

impl Interpreter {
    /// An interpreter of which the version is known.
    pub fn of(program: &str, version: (u32, u32)) -> Self {
        Self {
            program: program.to_owned(),
            before: Vec::new(),
            version,
        }
    }

    /// The interpreters that the variable `COSHIP_PYTHONS` names, with commas between them: programs, or directories in which npm has installed `pyodide`, which is
    /// CPython compiled to WebAssembly. Without it, those from `python3.9` to `python3.15` that answer.
    ///
    /// A variable that names no such thing is an error.
    pub fn all() -> Vec<Self> {
        match std::env::var("COSHIP_PYTHONS") {
            Ok(text) => text
                .split(',')
                .map(|named| Self::ask(named).unwrap_or_else(|| panic!("{named} is no CPython")))
                .collect(),
            Err(_) => (9..=15)
                .filter_map(|minor| Self::ask(&format!("python3.{minor}")))
                .collect(),
        }
    }

    /// A command that runs a script with it.
    pub fn command(&self, script: &Path) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.before).arg(script);
        command
            .env("PYTHONHASHSEED", "0")
            .env("PYTHONDONTWRITEBYTECODE", "1");
        command
    }

    fn ask(named: &str) -> Option<Self> {
        let (program, before) = if Path::new(named).join("node_modules/pyodide").is_dir() {
            let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/pyodide.mjs");
            let before = ["--stack-size=4000", script, named];
            ("node", before.map(str::to_owned).to_vec())
        } else {
            (named, Vec::new())
        };
        let mut command = Command::new(program);
        if before.is_empty() {
            let code = "import sys; print(sys.implementation.name, *sys.version_info[:2])";
            command.args(["-c", code]);
        } else {
            command.args(&before);
        }
        let output = command.output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        let mut words = text.split_whitespace();
        let is_cpython = words.next()? == "cpython";
        let version = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
        is_cpython.then(|| Self {
            program: program.to_owned(),
            before,
            version,
        })
    }
}
