//! Why a command could not do its work: exit status 2.

use std::io;

use crate::config::ConfigError;
use crate::environment::NoEnvironment;
use crate::graph::UnknownFunction;
use crate::rules::UnknownRule;
use crate::source::SourceError;

/// An error that ends the run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The configuration cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A tree cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// An environment that was named is none.
    #[error(transparent)]
    Environment(#[from] NoEnvironment),
    /// A rule that does not exist was asked for.
    #[error(transparent)]
    Rule(#[from] UnknownRule),
    /// A function that was named is not in the call graph.
    #[error(transparent)]
    Function(#[from] UnknownFunction),
    /// A file that was named is in neither version.
    #[error("{}", no_such_file(.file, .nearest))]
    NoSuchFile {
        /// The file as given.
        file: String,
        /// The changed files whose names are near.
        nearest: Vec<String>,
    },
    /// A mixed state was asked for, and there is no deployed version to mix with.
    #[error("{what} needs the deployed version, and there is none: {why}")]
    NothingDeployed {
        /// What was asked for: `--only`, `coship plan`.
        what: &'static str,
        /// Why there is none.
        why: String,
    },
    /// What is new since the candidate itself was asked for.
    #[error(
        "'{name}' is the very commit that is checked: nothing in it is new since itself, and --new-only would hide every error"
    )]
    ComparedWithItself {
        /// The version as it was named.
        name: String,
    },
    /// No earlier version can be gone back to without new errors.
    #[error("{}", nothing_to_go_back_to(.tried))]
    NothingToGoBackTo {
        /// The versions that were tried, newest first.
        tried: Vec<String>,
    },
    /// The configuration starts execution where no tree has a module.
    #[error("entry-points: neither the tree nor the deployed version has a module '{module}'")]
    NoEntryPoint {
        /// The module.
        module: String,
    },
    /// A hook that somebody else wrote.
    #[error("the repository has a hook {hook} already, which coship did not write")]
    ForeignHook {
        /// Its name.
        hook: String,
    },
    /// Signals cannot be waited for.
    #[error("cannot wait for signals: {error}")]
    Watch {
        /// Why.
        error: io::Error,
    },
    /// A part of a history that there is none of.
    #[error("--shard '{shard}' is not of the form K/N with 1 <= K <= N")]
    Shard {
        /// As given.
        shard: String,
    },
    /// The editor cannot be heard or answered any more.
    #[error("the connection to the editor broke: {error}")]
    Server {
        /// Why.
        error: io::Error,
    },
    /// A pre-push hook that was not started by a push.
    #[error("--hook=pre-push reads on stdin what is pushed, and stdin is a terminal")]
    NothingPushed,
    /// What git hands to a pre-push hook is of another form.
    #[error("--hook=pre-push cannot read what is pushed: {line}")]
    Pushed {
        /// The line.
        line: String,
    },
    /// A template cannot be used.
    #[error("cannot use the template {name}: {message}")]
    Template {
        /// The file.
        name: String,
        /// Why not.
        message: String,
    },
    /// A file with a function's configuration cannot be used.
    #[error("cannot read the configuration {name}: {message}")]
    AwsConfiguration {
        /// The file.
        name: String,
        /// Why not.
        message: String,
    },
    /// A digest is expected of a directory, which has none.
    #[error("{by} expects a digest, and a directory has none")]
    NoDigest {
        /// Who expects it.
        by: String,
    },
    /// What should be a digest is none.
    #[error("{by}: '{digest}' is no SHA-256")]
    BadDigest {
        /// What is there.
        digest: String,
        /// Who says it.
        by: String,
    },
    /// A package is there already.
    #[error("{name} exists already")]
    PackageExists {
        /// The file.
        name: String,
    },
    /// The template deploys functions from several directories.
    #[error("functions are deployed from several directories: {}", .directories.join(", "))]
    SeveralFunctions {
        /// The directories.
        directories: Vec<String>,
    },
    /// Two files would have one path in the package.
    #[error("{one} and {other} would have the same path in the package")]
    SamePath {
        /// One.
        one: String,
        /// The other.
        other: String,
    },
    /// A baseline cannot be read.
    #[error("cannot read the baseline {name}: {error}")]
    Baseline {
        /// The file.
        name: String,
        /// What the system says.
        error: io::Error,
    },
    /// A baseline is to be written and none is named.
    #[error("--update-baseline needs a file to write")]
    NoBaseline,
    /// The report cannot be written.
    #[error("cannot write {name}: {error}")]
    Output {
        /// `stdout`, or the file.
        name: String,
        /// What the system says.
        error: io::Error,
    },
    /// What is to be mended is no files.
    #[error("--fix writes files, and the {kind} {name} is none")]
    NothingToWrite {
        /// What it is.
        kind: &'static str,
        /// Its name.
        name: String,
    },
    /// A file that is to be mended cannot be written.
    #[error("cannot mend {path}: {why}; nothing was written")]
    Unwritable {
        /// The file.
        path: String,
        /// Why not.
        why: String,
    },
    /// `coship init` would replace a file.
    #[error("{name} exists already")]
    Exists {
        /// The file.
        name: String,
    },
    /// Packages to compare with, and none that are compared with them.
    #[error("--against-packages names what was installed, and nothing names what is")]
    NothingInstalled,
    /// The threads that do the work cannot be started.
    #[error("cannot start the worker threads: {0}")]
    Threads(#[from] rayon::ThreadPoolBuildError),
}

impl Error {
    /// What the user can do about it.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Config(error) => error.help.clone(),
            Self::Source(error) => Some(error.help()),
            Self::Environment(_) => Some(
                "--python takes a virtual environment, an installation or its interpreter; --packages a directory that packages lie in; --against-packages either".to_owned(),
            ),
            Self::NothingInstalled => Some(
                "name the packages that are to be deployed with --packages or --python".to_owned(),
            ),
            Self::Baseline { .. } => Some(
                "`--update-baseline` writes it: what is found now is not reported from then on".to_owned(),
            ),
            Self::AwsConfiguration { .. } => Some(
                "it is what `aws lambda get-function-configuration` prints".to_owned(),
            ),
            Self::Template { .. } => Some(
                "it is a template of AWS SAM, CloudFormation or the Serverless Framework".to_owned(),
            ),
            Self::NoDigest { .. } => Some("name the zip that is uploaded".to_owned()),
            Self::BadDigest { .. } => Some(
                "64 hexadecimal digits as `sha256sum` prints them, or base64 as `CodeSha256` has it".to_owned(),
            ),
            Self::PackageExists { .. } => Some("--force replaces it".to_owned()),
            Self::SeveralFunctions { .. } => Some(
                "name the directory of one of them as TREE: a package is one function's".to_owned(),
            ),
            Self::SamePath { .. } => Some(
                "each lies below an import root; set `roots` in the configuration".to_owned(),
            ),
            Self::ForeignHook { hook } => Some(format!(
                "add the line `coship check --hook={hook}` to it, or use pre-commit: the README shows how"
            )),
            Self::NothingPushed | Self::Pushed { .. } => Some(
                "it is for git's pre-push hook, which gets `LOCAL_REF LOCAL_ID REMOTE_REF REMOTE_ID` a line; `coship check rev:HEAD` judges the last commit"
                    .to_owned(),
            ),
            Self::NothingToWrite { .. } => Some(
                "--diff prints what would change; `git apply` takes it".to_owned(),
            ),
            Self::NoBaseline => Some(
                "name it with --baseline FILE, or as `baseline` in the configuration".to_owned(),
            ),
            Self::NoEntryPoint { .. } => Some(
                "an entry point is 'module:function', the module seen from an import root".to_owned(),
            ),
            Self::Exists { .. } => {
                Some("--force replaces it, --stdout shows what would be written".to_owned())
            }
            Self::NothingDeployed { .. } => {
                Some("name it with --against: a git revision, a directory, or a zip".to_owned())
            }
            Self::ComparedWithItself { .. } => Some(
                "without --against, or with `against = { tag = \"v*\" }` in the configuration, coship takes the tag before; or name what runs: deployed:NAME, $(git describe --tags --abbrev=0 HEAD^)".to_owned(),
            ),
            Self::NoSuchFile { .. } => Some(
                "name files as they are called in the tree, or from the working directory"
                    .to_owned(),
            ),
            Self::NothingToGoBackTo { .. } => {
                Some("`coship plan --rollback TAG` says what is wrong with one of them".to_owned())
            }
            Self::Function(_) => Some(
                "names are dotted from the import root: module.function, module.Class.method, module".to_owned(),
            ),
            Self::Rule(_) | Self::Output { .. } | Self::Unwritable { .. } | Self::Threads(_) => None,
            Self::Watch { .. } | Self::Shard { .. } | Self::Server { .. } => None,
        }
    }
}

fn no_such_file(file: &str, nearest: &[String]) -> String {
    let message = format!("there is no file '{file}' in either version");
    match nearest {
        [] => message,
        nearest => format!("{message}: did you mean '{}'?", nearest.join("' or '")),
    }
}

fn nothing_to_go_back_to(tried: &[String]) -> String {
    match tried {
        [] => "there is no earlier version tag to go back to".to_owned(),
        tried => format!(
            "every earlier version would bring new errors: {}",
            tried.join(", ")
        ),
    }
}
