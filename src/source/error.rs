//! What keeps a version from being read. All of it is exit status 2.

use thiserror::Error;

/// A version that cannot be read; [`SourceError::help`] says what to do about it.
///
/// Paths and names are shown as the user gave them; they may hold any character, and are escaped where they are printed.
#[derive(Clone, Debug, Error)]
pub enum SourceError {
    /// A version without a name.
    #[error("{what} is empty")]
    NoName {
        /// What should have named one: `TREE`, `--against`.
        what: String,
    },
    /// A path that does not exist.
    #[error("'{path}' does not exist")]
    NoSuchPath {
        /// The path as given.
        path: String,
        /// Whether there is a revision of that name.
        is_revision: bool,
    },
    /// A path that is neither a directory nor a regular file.
    #[error("'{path}' is neither a directory nor a file")]
    NotAFile {
        /// The path as given.
        path: String,
    },
    /// A Python file where a tree should be.
    #[error("'{path}' is a single Python file, not a tree")]
    SingleFile {
        /// The path as given.
        path: String,
    },
    /// The tree's own directory cannot be listed.
    #[error("cannot read the directory '{path}': {message}")]
    UnreadableDirectory {
        /// The directory.
        path: String,
        /// The operating system's words.
        message: String,
    },
    /// A path that cannot be read.
    #[error("cannot read '{path}': {message}")]
    Unreadable {
        /// The path.
        path: String,
        /// The operating system's words.
        message: String,
    },
    /// A revision or the index was asked for, outside of any repository.
    #[error("'{path}' is in no git repository, so there is no {wanted}")]
    NotARepository {
        /// The directory from which a repository was looked for.
        path: String,
        /// What was asked for: `revision 'v1.0'`, `index`.
        wanted: String,
    },
    /// The repository's configuration has its hooks in another directory.
    #[error("core.hooksPath is '{path}': git takes the hooks from there")]
    HooksElsewhere {
        /// The directory, as the configuration has it.
        path: String,
    },
    /// `--staged` together with a revision or a zip.
    #[error("--staged reads the index of a directory's repository, and '{tree}' is no directory")]
    StagedRevision {
        /// TREE as given.
        tree: String,
    },
    /// `--staged` where no work tree is.
    #[error("the repository is bare: it has no index")]
    BareRepository,
    /// The repository cannot be opened or its data not read.
    #[error("cannot read the git repository: {message}")]
    Git {
        /// Git's words.
        message: String,
    },
    /// References in the `reftable` format.
    #[error("the repository keeps its references in the reftable format, which coship cannot read")]
    UnreadableReferences,
    /// A name that is no revision.
    #[error("there is no revision '{spec}'")]
    UnknownRevision {
        /// The revision as given.
        spec: String,
        /// A branch or tag of a similar name.
        near: Option<String>,
        /// Whether `--against` could have meant a path.
        could_be_path: bool,
    },
    /// A short id that several objects begin with.
    #[error("the short id '{spec}' is ambiguous: {candidates}")]
    AmbiguousRevision {
        /// The id as given.
        spec: String,
        /// The objects, with what they are.
        candidates: String,
    },
    /// A spec that is a path and a revision.
    #[error("'{spec}' is both a revision and a path")]
    AmbiguousSpec {
        /// The spec as given.
        spec: String,
        /// The prefix that means the path: `dir` or `zip`.
        prefix: &'static str,
    },
    /// A revision that is no commit and has no files: a blob, say.
    #[error("'{spec}' is a {kind}, not a commit")]
    NotACommit {
        /// The revision as given.
        spec: String,
        /// What it is.
        kind: String,
    },
    /// TREE's directory does not exist in the revision.
    #[error("the revision '{spec}' has no directory '{directory}'")]
    NoDirectory {
        /// The revision as given.
        spec: String,
        /// The directory, from the repository's root.
        directory: String,
    },
    /// Nothing is recorded under that name.
    #[error("no deployed version is recorded as '{name}'")]
    NotRecorded {
        /// The environment's name.
        name: String,
    },
    /// A name that git takes for no reference.
    #[error("'{name}' cannot be the name of what is deployed")]
    NoEnvironmentName {
        /// The name as given.
        name: String,
    },
    /// HEAD has no commit yet.
    #[error("the repository has no commit yet, so there is no revision '{spec}'")]
    UnbornHead {
        /// The revision as given.
        spec: String,
    },
    /// The history is cut off, and what was asked for may lie behind the cut.
    #[error("{wanted} cannot be found: this is a shallow clone, and its history is cut off")]
    Shallow {
        /// What was looked for: `the revision 'v1.0'`, `the newest version tag`.
        wanted: String,
    },
    /// An object that the repository should have is not there.
    #[error("the repository lacks the object {id} of '{name}'")]
    MissingObject {
        /// The object's id in hex.
        id: String,
        /// The version that needs it.
        name: String,
        /// Whether this is a partial clone, which fetches objects on demand; coship fetches nothing.
        is_partial: bool,
    },
    /// `against = { tag = ".." }` matches no tag.
    #[error("no tag that matches '{glob}' is reachable from {from} ({at})")]
    NoMatchingTag {
        /// The glob.
        glob: String,
        /// The revision from which tags were looked for.
        from: String,
        /// Where the glob is written.
        at: String,
    },
    /// The glob of `against = { tag = ".." }` is malformed.
    #[error("the tag glob '{glob}' is malformed: {message} ({at})")]
    MalformedGlob {
        /// The glob.
        glob: String,
        /// What is wrong with it.
        message: String,
        /// Where it is written.
        at: String,
    },
    /// A version without a single Python file.
    #[error("there are no Python files in {name}")]
    Empty {
        /// The version, with its kind.
        name: String,
    },
    /// A zip that is damaged, or no zip at all.
    #[error("cannot read the zip '{path}': {message}")]
    CorruptArchive {
        /// The file.
        path: String,
        /// What is wrong.
        message: String,
    },
    /// A zip with an encrypted Python file.
    #[error("the zip '{path}' is encrypted ('{entry}')")]
    EncryptedArchive {
        /// The file.
        path: String,
        /// The first encrypted Python file in it.
        entry: String,
    },
    /// A zip that unpacks to more than anybody deploys.
    #[error("the zip '{path}' unpacks to too much: {message}")]
    OversizedArchive {
        /// The file.
        path: String,
        /// Which limit is exceeded.
        message: String,
    },
}

impl SourceError {
    /// What the user can do about it.
    #[must_use]
    pub fn help(&self) -> String {
        match self {
            Self::SingleFile { path } => format!(
                "name the directory that imports start from; `coship check --only {path}` judges shipping this file alone, `coship plan {path}` says what has to ship with it"
            ),
            Self::UnreadableReferences => {
                "'git refs migrate --ref-format=files' converts them".to_owned()
            }
            Self::NoName { .. } => {
                "name a version; an unset variable in a script leaves nothing of it".to_owned()
            }
            Self::NoSuchPath { path, is_revision: true } => {
                format!("there is a revision of that name: rev:{path}")
            }
            Self::NoSuchPath { .. } => {
                "name a directory, a zip or rev:REVISION; paths count from the working directory".to_owned()
            }
            Self::NotAFile { .. } => "name a directory, a zip or rev:REVISION".to_owned(),
            Self::UnreadableDirectory { .. } | Self::Unreadable { .. } => {
                "check that it exists and that you may read it".to_owned()
            }
            Self::HooksElsewhere { .. } => {
                "call `coship check --hook=pre-commit` and `coship check --hook=pre-push` from the hooks there".to_owned()
            }
            Self::NotARepository { .. } => {
                "run coship inside the repository, or compare with a directory or a zip".to_owned()
            }
            Self::StagedRevision { .. } => "leave out --staged, or name a directory".to_owned(),
            Self::BareRepository => "name a revision instead: rev:HEAD".to_owned(),
            Self::Git { .. } => "'git fsck' tells more about a damaged repository".to_owned(),
            Self::UnknownRevision { near: Some(near), .. } => format!("did you mean '{near}'?"),
            Self::UnknownRevision { could_be_path: true, .. } => {
                "there is no directory or zip of that name either; 'git fetch --tags' brings in tags that are missing here"
                    .to_owned()
            }
            Self::UnknownRevision { .. } => "'git fetch --tags' brings in tags that are missing here".to_owned(),
            Self::AmbiguousRevision { .. } => "write more digits of the id".to_owned(),
            Self::AmbiguousSpec { spec, prefix } => {
                format!("write rev:{spec} for the revision or {prefix}:{spec} for the path")
            }
            Self::NotACommit { .. } => "name a commit, a tag or a branch".to_owned(),
            Self::NoDirectory { spec, .. } => format!(
                "{spec}:PATH names another directory of the revision (from the repository's root), {spec}: the root itself"
            ),
            Self::NotRecorded { .. } => {
                "'coship deployed --record NAME' records it after a deploy; \
                 git fetch origin 'refs/deployed/*:refs/deployed/*' brings in what is recorded elsewhere"
                    .to_owned()
            }
            Self::NoEnvironmentName { .. } => {
                "name the environment: prod, eu/staging".to_owned()
            }
            Self::UnbornHead { .. } => "commit first, or compare with a directory or a zip".to_owned(),
            Self::Shallow { .. } => {
                "fetch the whole history: 'fetch-depth: 0' for actions/checkout, or 'git fetch --unshallow --tags'; \
                 '--against none' checks without a comparison"
                    .to_owned()
            }
            Self::MissingObject { is_partial: true, .. } => {
                "this is a partial clone, and coship fetches nothing: 'git fetch --refetch --no-filter' completes it, \
                 'git archive' or a checkout of that version brings in what is needed"
                    .to_owned()
            }
            Self::MissingObject { .. } => {
                "the repository is damaged or incomplete: 'git fsck' tells more, 'git fetch --unshallow' completes a \
                 shallow clone ('fetch-depth: 0' for actions/checkout)"
                    .to_owned()
            }
            Self::NoMatchingTag { .. } => {
                "'git tag --list' shows the tags that there are, 'git fetch --tags' brings in those of the remote".to_owned()
            }
            Self::MalformedGlob { .. } => "write a glob such as \"v*\"".to_owned(),
            Self::Empty { .. } => {
                "check the path, and 'exclude' and 'include' of the configuration; Python files end in .py or .pyi".to_owned()
            }
            Self::CorruptArchive { .. } => "build or download the zip again".to_owned(),
            Self::EncryptedArchive { .. } => "unpack it and name the directory".to_owned(),
            Self::OversizedArchive { .. } => "unpack it and name the directory, if you trust it".to_owned(),
        }
    }
}
