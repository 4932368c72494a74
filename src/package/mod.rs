//! What a package holds against what it should hold: facts about zips and directories that are about to be uploaded.
//!
//! ```text
//! Bundle, layers ──> members, modules, bytecode ──┐
//! Bundle, Files, needs ──> layout ──> compare ────┼──> Fact ──> rules::package
//! Bundle ──> distributions ───────────────────────┘
//! ```
//!
//! No file of a package is written anywhere and nothing in it is run. Whatever an unpacker on Linux or CPython's import system does with a package is
//! stated where it is used.

mod bytecode;
mod compare;
mod distributions;
mod dropped;
mod extensions;
mod in_tree;
mod layer;
mod layout;
mod members;
mod modules;
mod pack;
mod secrets;
mod truncated;

use std::sync::Arc;

pub use bytecode::stale_bytecode;
pub use compare::{Compared, compare, extra_alone};
pub use distributions::{Distributions, distributions, recorded};
pub use dropped::Dropped;
pub use in_tree::{InTree, in_tree};
pub use layer::{Layer, Takes, laid, roots as layer_roots, top_of};
pub use layout::{Layout, find as find_layout};
pub use members::check as check_members;
pub use modules::{Runs, check as check_modules};
pub use pack::{Packed, pack};
pub use secrets::{is_bytecode, is_never_packed};
pub use truncated::short;

use crate::environment::Removal;
use crate::python::Version;
use crate::source::{Change, Origin};

/// Whether a name ends in a dot and that ending. Python tells cases apart.
fn has_ending(path: &str, ending: &str) -> bool {
    path.strip_suffix(ending)
        .is_some_and(|stem| stem.ends_with('.'))
}

/// One step of the way from an entry point to a file: what asks for the next one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The file that asks, from the tree's top.
    pub path: Arc<str>,
    /// The line where it does, from 1.
    pub line: u32,
    /// What it does there: `imports gateway_core`.
    pub note: String,
}

/// How sure it is that a file is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// Something that names it may ask for it: its name stands in a string, or its folder is opened.
    Named,
    /// An import asks for it whose failure is caught, or one in a function.
    Later,
    /// Every import of an entry point asks for it.
    Import,
}

/// A file that the program needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Needed {
    /// Its path, from the tree's top.
    pub path: Arc<str>,
    /// How sure that is.
    pub need: Need,
    /// Whether it is a module, and no data file.
    pub module: Option<String>,
    /// From the entry point to it; empty for an entry point itself.
    pub way: Vec<Step>,
}

/// What is wrong with the content of a file that is cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cut {
    /// It is the beginning of the candidate's file: this many of that many lines.
    Prefix(u32, u32),
    /// It is the beginning of the deployed version's file, which is another than the candidate's.
    Deployed(u32, u32),
    /// It defines nothing, and the candidate's file defines this many functions and classes.
    Empty(usize),
    /// It is the content of another file of the candidate.
    OtherFile(Arc<str>),
    /// It has this many lines, and the configuration wants that many.
    Short(u32, u32),
}

/// Why a file does not belong in a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Extra {
    /// The candidate's history took it away.
    Deleted(Removal),
    /// It is a module that the candidate does not have.
    Unknown,
    /// It is a test.
    Test,
    /// It holds, or by its name is, something that must stay secret: what.
    Secret(&'static str),
    /// It belongs to a version control system.
    VersionControl,
    /// It is a cache, or what an editor or an operating system leaves behind.
    Litter,
    /// It is an archive that the candidate does not have: an earlier package, a wheel, a backup.
    Archive,
}

/// Why bytecode runs in place of source, or not at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bytecode {
    /// It is marked never to be held against its source, and is of another one.
    Unchecked,
    /// Its source has the time and size that it notes, and it has names that the source does not.
    SameTime,
    /// It stands in place of the candidate's source, and was made from another one.
    OtherSource,
    /// It stands without source and is for another Python: its number.
    Magic(u16),
}

/// Why a module is not the one that runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shadow {
    /// A package of that name beside it is taken.
    Package,
    /// A compiled module beside it is taken.
    Compiled,
    /// It has the name of a module of the standard library, which others import.
    Standard,
    /// An `__init__.py` that the candidate does not have makes a namespace package regular, and hides the part in this layer.
    Namespace(String),
    /// The package has another content for a module of this layer, and stands before it.
    Layer(String),
    /// A folder has the name of a file that Python looks for.
    Folder,
    /// A folder is empty in the package that holds files in the candidate: most likely a link to it was stored.
    EmptyFolder,
}

/// Why a name leads nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name {
    /// It is absolute or leads out of the package.
    Outside,
    /// It has a backslash.
    Backslash,
    /// It has `./` or `//`.
    NotPlain,
    /// It is a symbolic link.
    Link,
}

/// Why a compiled module cannot be loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Foreign {
    /// It is for another Python: its tag.
    Python(String),
    /// It is for another interpreter than CPython.
    Interpreter(&'static str),
    /// It is for this processor, and another file for that one: no function runs both.
    BesideProcessor(&'static str, &'static str, String),
    /// It is for another operating system: which.
    System(&'static str),
    /// It is for another processor: which, and the one that is wanted.
    Processor(&'static str, &'static str),
    /// It is no compiled module at all.
    Nothing,
}

/// What exceeds a limit of AWS Lambda.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// The zip, uploaded directly: 50 MB.
    Zipped,
    /// Everything unpacked, layers included: 250 MB.
    Unzipped,
    /// How many layers there are: five.
    Layers,
}

/// Something about a package. Paths are those in the package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// Needed files are not in it: those of one folder that is missing as a whole, or one file.
    Missing {
        /// The folder, or the file.
        path: Arc<str>,
        /// Whether it is a folder.
        is_folder: bool,
        /// The files, the most needed first, their paths those in the package.
        files: Vec<Needed>,
        /// What a packager does that would leave them out.
        dropped: Option<Dropped>,
        /// Where the package has a file of that name and content instead.
        elsewhere: Option<Arc<str>>,
    },
    /// A file is not the candidate's.
    Stale {
        /// The file.
        path: Arc<str>,
        /// The newest earlier revision that has this content.
        origin: Option<Origin>,
        /// Who last changed the candidate's.
        change: Option<Change>,
    },
    /// A file is not all of the candidate's.
    Truncated {
        /// The file.
        path: Arc<str>,
        /// What is wrong.
        cut: Cut,
    },
    /// A file should not be in it.
    Extra {
        /// The file, or the outermost folder of its kind.
        path: Arc<str>,
        /// Why not.
        why: Extra,
        /// How many files that is about.
        files: usize,
    },
    /// Bytecode that is not its source's.
    Bytecode {
        /// The bytecode.
        path: Arc<str>,
        /// Its source, if there is one.
        source: Option<Arc<str>>,
        /// Why it counts.
        why: Bytecode,
    },
    /// The code lies in a folder, and is imported from the top.
    Misplaced {
        /// The folder.
        folder: String,
        /// The file in it that is asked for at the top.
        entry: String,
        /// How many files lie there.
        files: usize,
    },
    /// A module that is not the one that runs.
    Shadowed {
        /// The module.
        path: Arc<str>,
        /// What stands before it, or behind it.
        by: Arc<str>,
        /// Why.
        why: Shadow,
    },
    /// Two names differ in case alone.
    Case {
        /// One.
        path: Arc<str>,
        /// The other.
        other: Arc<str>,
    },
    /// The function may not read a file.
    Mode {
        /// The file or folder.
        path: Arc<str>,
        /// Its mode.
        mode: u32,
        /// How many others have the same.
        others: usize,
    },
    /// The candidate may run a file, and nobody may run the package's.
    NotExecutable {
        /// The file.
        path: Arc<str>,
        /// Its mode.
        mode: u32,
        /// How many others there are.
        others: usize,
    },
    /// A name that leads nowhere.
    Invisible {
        /// The name as stored.
        name: String,
        /// Why.
        why: Name,
        /// How many others are of the kind.
        others: usize,
    },
    /// A name is there twice.
    Duplicate {
        /// The file.
        path: Arc<str>,
        /// Whether the contents differ.
        differs: bool,
    },
    /// A file has the name of a folder in which others lie.
    FileAndFolder {
        /// The file.
        path: Arc<str>,
    },
    /// A compiled module cannot be loaded.
    Foreign {
        /// The file.
        path: Arc<str>,
        /// Why not.
        why: Foreign,
    },
    /// A member is stored in a way that not every unpacker knows.
    Stored {
        /// The file.
        path: String,
        /// The number of the method; none if it is encrypted.
        method: Option<u16>,
        /// How many others are of the kind.
        others: usize,
    },
    /// A limit is exceeded.
    Over {
        /// Which.
        limit: Limit,
        /// How much there is: bytes, or layers.
        has: u64,
        /// How much there may be.
        may: u64,
    },
    /// A distribution's RECORD lists files that are not there, or a requirement has no distribution.
    Dependency {
        /// The distribution.
        name: String,
        /// Its metadata.
        path: Arc<str>,
        /// The first of its files that is not there, and how many; none if all of it is missing.
        missing: Option<(String, usize)>,
        /// Who asks for it: a distribution or a file.
        wanted_by: Option<String>,
    },
    /// Files of a distribution are not those that its RECORD says.
    Altered {
        /// The distribution, with its version.
        name: String,
        /// Its metadata.
        path: Arc<str>,
        /// The first of them.
        file: String,
        /// How many others there are.
        others: usize,
    },
    /// A distribution is for other versions of Python.
    OtherPython {
        /// The distribution.
        name: String,
        /// Its metadata.
        path: Arc<str>,
        /// The versions that it is for.
        wanted: String,
        /// The version that runs it.
        version: Version,
    },
    /// Nothing asks for a distribution.
    Unused {
        /// The distribution.
        name: String,
        /// Its metadata.
        path: Arc<str>,
        /// How many Python files it has.
        files: usize,
    },
    /// Two versions of one distribution, or one that another does not want.
    Version {
        /// The distribution.
        name: String,
        /// Its metadata.
        path: Arc<str>,
        /// The versions that are there.
        versions: Vec<String>,
        /// Who wants another, and which.
        wanted: Option<(String, String)>,
    },
}
