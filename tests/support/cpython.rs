//! Finds the CPython that the tests hold coship against.

use std::io::Write;
use std::process::Command;

/// An interpreter.
pub struct CPython {
    /// What to run.
    pub program: String,
    /// Its version: 3.11 is `(3, 11)`.
    pub version: (u32, u32),
}

impl CPython {
    /// The interpreter named by the variable `COSHIP_PYTHON`, else CPython 3.11 under its own name, else a newer `python3`.
    ///
    /// A variable that names no such thing is an error, so that a CI run can insist on the comparison.
    /// Otherwise says on stderr that `test` is skipped, and why, where there is none: the harness does not capture that.
    pub fn find(test: &str) -> Option<Self> {
        let found = match std::env::var("COSHIP_PYTHON") {
            Ok(program) => {
                let found = Self::ask(&program);
                assert!(
                    found.is_some(),
                    "COSHIP_PYTHON={program} is no CPython 3.11 or newer"
                );
                found
            }
            Err(_) => ["python3.11", "python3", "python"]
                .into_iter()
                .find_map(Self::ask),
        };
        if found.is_none() {
            let note = "SKIPPED: needs CPython 3.11 or newer as `python3.11` or `python3`";
            writeln!(std::io::stderr(), "{test}: {note}").expect("stderr is open");
        }
        found
    }

    fn ask(program: &str) -> Option<Self> {
        let code = "import sys; print(sys.implementation.name, *sys.version_info[:2])";
        let output = Command::new(program).args(["-c", code]).output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        let mut words = text.split_whitespace();
        let name = words.next()?;
        let version = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
        (name == "cpython" && version >= (3, 11)).then(|| Self {
            program: program.to_owned(),
            version,
        })
    }

    /// An exception's text as 3.11 writes it: without the suggestion that newer versions append.
    pub fn as_311<'a>(&self, text: &'a str) -> &'a str {
        if self.version == (3, 11) {
            return text;
        }
        text.split_once(". Did you mean '")
            .map_or(text, |(text, _)| text)
    }
}
