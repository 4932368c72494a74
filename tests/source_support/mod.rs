//! Temporary repositories, made with the git command.
#![allow(dead_code, reason = "each test program uses its own part")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use coship::config::{Options, Selection, Settings};
use coship::source::{Choice, Context, Located, Pair, SourceError, Texts, Tree};
use tempfile::TempDir;

/// coship in a directory, without what the environment of the tests would say to it.
pub fn command(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_coship"));
    command.current_dir(directory).args(arguments);
    for variable in [
        "CI",
        "COSHIP_OUTPUT_FORMAT",
        "GIT_INDEX_FILE",
        "PRE_COMMIT_LOCAL_BRANCH",
        "PRE_COMMIT_TO_REF",
        "SOURCE_DATE_EPOCH",
        "VIRTUAL_ENV",
    ] {
        command.env_remove(variable);
    }
    command
}

/// Exit status, and what was written, stdout first.
pub fn told(output: &Output) -> (Option<i32>, String) {
    let text = [&output.stdout[..], &output.stderr[..]].concat();
    (output.status.code(), String::from_utf8(text).unwrap())
}

/// Runs coship in a directory.
pub fn coship(directory: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    told(&command(directory, arguments).output().unwrap())
}

/// A directory that vanishes when the test ends.
pub struct Sandbox {
    directory: TempDir,
    /// Seconds since 1970 for the next commit.
    clock: std::cell::Cell<u64>,
}

impl Sandbox {
    /// An empty directory.
    pub fn new() -> Self {
        Self {
            directory: TempDir::new().unwrap(),
            clock: std::cell::Cell::new(1_700_000_000),
        }
    }

    /// An empty repository.
    pub fn repository() -> Self {
        let sandbox = Self::new();
        sandbox.git(&["init", "--quiet", "--initial-branch=main"]);
        sandbox
    }

    pub fn path(&self) -> PathBuf {
        fs::canonicalize(self.directory.path()).unwrap()
    }

    pub fn join(&self, path: &str) -> PathBuf {
        self.path().join(path)
    }

    pub fn write(&self, path: &str, content: impl AsRef<[u8]>) -> &Self {
        let path = self.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self
    }

    pub fn remove(&self, path: &str) -> &Self {
        fs::remove_file(self.join(path)).unwrap();
        self
    }

    /// Runs git in the sandbox's directory; its output without the last line end.
    pub fn git(&self, arguments: &[&str]) -> String {
        self.git_in("", arguments)
    }

    /// Runs git in a directory of the sandbox.
    pub fn git_in(&self, directory: &str, arguments: &[&str]) -> String {
        let clock = self.clock.get();
        let output = Command::new("git")
            .args([
                "-c",
                "protocol.file.allow=always",
                "-c",
                "commit.gpgsign=false",
            ])
            .args(arguments)
            .current_dir(self.join(directory))
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("HOME", self.path())
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_AUTHOR_NAME", "A")
            .env("GIT_AUTHOR_EMAIL", "a@example.org")
            .env("GIT_COMMITTER_NAME", "A")
            .env("GIT_COMMITTER_EMAIL", "a@example.org")
            .env("GIT_AUTHOR_DATE", format!("{clock} +0000"))
            .env("GIT_COMMITTER_DATE", format!("{clock} +0000"))
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "git {arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout)
            .unwrap()
            .trim_end()
            .to_owned()
    }

    /// Commits everything, a minute after the last commit; the commit's id.
    pub fn commit(&self, message: &str) -> String {
        self.git(&["add", "--all"]);
        self.commit_staged(message)
    }

    pub fn commit_staged(&self, message: &str) -> String {
        self.clock.set(self.clock.get() + 60);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", message]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// Sets the time of the next commit.
    pub fn at(&self, seconds: u64) -> &Self {
        self.clock.set(seconds);
        self
    }

    /// The context of a process in a directory of the sandbox.
    pub fn context(&self, directory: &str) -> Context {
        Context::new(&self.join(directory), None).unwrap()
    }

    pub fn locate(&self, tree: &str) -> Result<Located, SourceError> {
        Located::candidate(tree, false, &self.context(""))
    }

    pub fn tree(&self, tree: &str) -> Result<Tree, SourceError> {
        read(&self.locate(tree)?)
    }

    pub fn staged(&self, tree: &str) -> Result<Tree, SourceError> {
        read(&Located::candidate(tree, true, &self.context(""))?)
    }

    /// Both sides as `check TREE --against SPEC` reads them.
    pub fn pair(&self, tree: &str, against: Option<&str>) -> Result<Pair, SourceError> {
        self.pair_with(tree, against, "")
    }

    /// The same with a configuration.
    pub fn pair_with(
        &self,
        tree: &str,
        against: Option<&str>,
        configuration: &str,
    ) -> Result<Pair, SourceError> {
        let context = self.context("");
        let settings = settings(configuration);
        let candidate = Located::candidate(tree, false, &context)?;
        let choice = candidate.against(against, settings.against.as_ref(), &context)?;
        Pair::read(&candidate, &choice, &settings.selection)
    }

    /// What the deployed side is: its name and how it was chosen, or why there is none.
    pub fn choice(&self, tree: &str, configuration: &str) -> Result<String, SourceError> {
        let pair = self.pair_with(tree, None, configuration)?;
        Ok(match pair.against {
            Ok(tree) => format!("{}: {}", tree.name, tree.chosen_by.unwrap()),
            Err(why) => why,
        })
    }

    /// Every file with its content and time of change, `.git` included: equal listings mean that nothing was written.
    pub fn listing(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for entry in walkdir::WalkDir::new(self.path()).sort_by_file_name() {
            let entry = entry.unwrap();
            let metadata = entry.metadata().unwrap();
            let content = if metadata.is_file() {
                fs::read(entry.path()).unwrap()
            } else {
                Vec::new()
            };
            lines.push(format!(
                "{} {:?} {content:?}",
                entry.path().display(),
                metadata.modified().unwrap()
            ));
        }
        lines
    }
}

pub fn settings(configuration: &str) -> Settings {
    let options = coship::config::parse(configuration.as_bytes(), "coship.toml", "").unwrap();
    Settings::resolve(&options.unwrap_or_default()).unwrap()
}

pub fn selection() -> Selection {
    Settings::resolve(&Options::default()).unwrap().selection
}

pub fn read(located: &Located) -> Result<Tree, SourceError> {
    located.read(&selection(), &mut Texts::default())
}

pub fn paths(tree: &Tree) -> Vec<&str> {
    tree.files.iter().map(|file| &*file.path).collect()
}

pub fn problems(tree: &Tree) -> Vec<String> {
    tree.problems
        .iter()
        .map(|problem| format!("{}: {}", problem.path, problem.message))
        .collect()
}

pub fn content<'t>(tree: &'t Tree, path: &str) -> &'t str {
    tree.file(tree.find(path).unwrap()).text.content()
}

/// The error of a result that should be one.
pub fn error<T>(result: Result<T, SourceError>) -> String {
    match result {
        Ok(_) => panic!("no error"),
        Err(error) => {
            assert!(!error.help().is_empty());
            error.to_string()
        }
    }
}

/// Whether the deployed side has `path` with the candidate's own text.
pub fn is_shared(pair: &Pair, path: &str) -> bool {
    let against = pair.against.as_ref().unwrap();
    let ours = pair.candidate.file(pair.candidate.find(path).unwrap());
    let theirs = against.file(against.find(path).unwrap());
    std::sync::Arc::ptr_eq(&ours.text, &theirs.text)
}

pub fn nothing(choice: &Choice) -> Option<&str> {
    match choice {
        Choice::Nothing(why) => Some(why),
        Choice::Version(_) => None,
    }
}

/// Makes `path` unreadable; false for a user whom permissions do not bind.
pub fn forbid(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o0)).unwrap();
    fs::File::open(path).is_err()
}
