//! A tree at one version, as the later stages see it.

use std::ffi::OsStr;
use std::fmt::{self, Write};
use std::path::Path;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::config::is_filled_in;
use crate::environment::is_source;
use crate::facts::FileId;

use super::text::Text;
use super::unread::Unread;

/// What a tree was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A directory outside of any git work tree, or one given to `--against`: everything in it counts.
    Directory,
    /// A directory in a git work tree: ignored files do not count unless they are tracked.
    WorkTree,
    /// The git index: what is staged.
    Index,
    /// A git revision.
    Revision,
    /// A zip.
    Zip,
}

impl Kind {
    /// The name in machine formats.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Directory => "directory",
            Self::WorkTree => "work-tree",
            Self::Index => "index",
            Self::Revision => "revision",
            Self::Zip => "zip",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The id of a git blob, SHA-1.
pub type BlobId = [u8; 20];

/// A Python file.
#[derive(Clone, Debug)]
pub struct File {
    /// Its path relative to TREE, with `/`. It may hold any character but NUL.
    pub path: Arc<str>,
    /// The blob that it was read from, if it was read from git.
    pub blob: Option<BlobId>,
    /// Its text; see [`Text::problem`] for one that Python cannot decode.
    pub text: Arc<Text>,
}

/// A file or directory that cannot be read: the finding `unreadable-file`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// Its path relative to TREE; bytes that are not UTF-8 are written `\xff`.
    pub path: String,
    /// Why it cannot be read.
    pub message: String,
}

/// How the paths of a tree were changed so that they match those of the tree that it is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Alignment {
    /// The other tree has the files in this directory, so it was put before every path.
    Added(String),
    /// The other tree is what this directory holds, so it was taken from every path; files elsewhere were left out.
    Stripped(String),
}

/// All the Python files of one version.
#[derive(Clone, Debug)]
pub struct Tree {
    /// What it was read from.
    pub kind: Kind,
    /// Its name as shown to people: the path or revision as given, never an absolute path.
    pub name: String,
    /// The commit, in hex, of a revision.
    pub commit: Option<String>,
    /// How it was chosen, if it is the deployed side.
    pub chosen_by: Option<String>,
    /// The Python files, sorted by the bytes of their paths; [`FileId`] counts along here.
    pub files: Vec<File>,
    /// Paths of files that an import may find although they are no Python text (`.so`, `.pyd`, `.pyx`), or that Python is made of (`.proto`), sorted.
    pub others: Vec<Arc<str>>,
    /// The directories, with `/` at the end, where they are known: an import may find one without any module. Sorted.
    pub directories: Vec<Arc<str>>,
    /// What could not be read, sorted by path.
    pub problems: Vec<Problem>,
    /// Repositories inside, submodules among them: their paths, sorted. Git does not look into them, and neither does coship.
    pub repositories: Vec<Arc<str>>,
    /// How its paths were aligned with those of the other side, if they were.
    pub alignment: Option<Alignment>,
    /// The directory, with `/` at the end, under which installed packages are laid beside its code, if some are: read like it, and not what is asked about.
    pub installed: Option<&'static str>,
    /// What those files of installed packages may do that are not among its files, because nothing of the tree leads to them.
    pub unread: Arc<Unread>,
}

impl Tree {
    /// A tree without any file.
    #[must_use]
    pub fn nothing() -> Self {
        Contents::default().into_tree(Kind::Directory, String::new())
    }

    /// A directory without any Python.
    #[must_use]
    pub fn without_python(name: &str) -> Self {
        Contents::default().into_tree(Kind::Directory, name.to_owned())
    }

    /// The file with that id.
    ///
    /// # Panics
    /// If the id is of another tree and past the end of this one.
    #[must_use]
    pub fn file(&self, id: FileId) -> &File {
        &self.files[id.0 as usize]
    }

    /// The id of the file with that path.
    #[must_use]
    pub fn find(&self, path: &str) -> Option<FileId> {
        let index = self
            .files
            .binary_search_by(|file| (*file.path).cmp(path))
            .ok()?;
        u32::try_from(index).ok().map(FileId)
    }

    /// Whether a file belongs to an installed package that is laid beside the tree's own code.
    #[must_use]
    pub fn is_installed(&self, id: FileId) -> bool {
        self.has_installed(&self.file(id).path)
    }

    /// Whether a path is one of an installed package that is laid beside the tree's own code.
    #[must_use]
    pub fn has_installed(&self, path: &str) -> bool {
        self.installed
            .is_some_and(|directory| path.starts_with(directory))
    }

    /// The files of its own code.
    pub fn own_files(&self) -> impl Iterator<Item = &File> {
        let own = self.files.iter();
        own.filter(|file| !self.has_installed(&file.path))
    }

    /// The files with their ids.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &File)> {
        (0..).map(FileId).zip(&self.files)
    }

    /// The commit's id, cut to seven digits for display.
    #[must_use]
    pub fn short_commit(&self) -> Option<&str> {
        self.commit
            .as_deref()
            .map(|commit| commit.get(..7).unwrap_or(commit))
    }
}

/// Texts by blob, so that a blob that both sides have is decompressed and decoded once.
#[derive(Default)]
pub struct Texts {
    by_blob: FxHashMap<BlobId, Arc<Text>>,
}

impl Texts {
    /// The text of `blob`, from `read` if it is not known yet.
    ///
    /// # Errors
    /// Those of `read`.
    pub(super) fn get<E>(
        &mut self,
        blob: BlobId,
        read: impl FnOnce() -> Result<Vec<u8>, E>,
    ) -> Result<Arc<Text>, E> {
        if let Some(text) = self.by_blob.get(&blob) {
            return Ok(Arc::clone(text));
        }
        let text = Arc::new(Text::decode(read()?));
        self.by_blob.insert(blob, Arc::clone(&text));
        Ok(text)
    }

    /// Forgets the texts that no tree holds any more.
    pub fn forget_unused(&mut self) {
        self.by_blob.retain(|_, text| Arc::strong_count(text) > 1);
    }
}

/// The largest Python file that is read, in bytes: ten times the largest that anybody generates.
pub(super) const MAX_FILE: u64 = 64 * 1024 * 1024;

/// The directory in which the bytecode of sources that are there is kept.
const CACHE: &[u8] = b"__pycache__/";

/// What a name says about a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    Python,
    Other,
}

impl Class {
    /// The class of the file with that path, None if it does not matter to Python.
    pub(super) fn of(path: &[u8]) -> Option<Self> {
        let name = path.rsplit(|&byte| byte == b'/').next().unwrap_or(path);
        // Emacs' locks look like files: `.#name.py`, a dangling link; and macOS keeps what it knows about `name.py` in `._name.py` where the disk, or an
        // archive, has no other place for it (RFC 1740, AppleDouble). No module's name starts with a dot.
        if name.starts_with(b".#") || name.starts_with(b"._") {
            return None;
        }
        if std::str::from_utf8(name).is_ok_and(is_filled_in) {
            return None;
        }
        let dot = name.iter().rposition(|&byte| byte == b'.')?;
        match &name[dot..] {
            b".py" | b".pyi" => Some(Self::Python),
            b".so" | b".pyd" | b".pyx" => Some(Self::Other),
            // What stands where the source would is found without it (PEP 3147, "Case 4: legacy pyc files and source-less imports").
            b".pyc" if !path.windows(CACHE.len()).any(|part| part == CACHE) => Some(Self::Other),
            _ => {
                let name = std::str::from_utf8(name).ok()?;
                is_source(name).then_some(Self::Other)
            }
        }
    }
}

/// A relative path with `/`; none if it is not UTF-8.
pub(super) fn relative(path: &Path) -> Option<String> {
    let parts: Option<Vec<&str>> = path.iter().map(OsStr::to_str).collect();
    parts.map(|parts| parts.join("/"))
}

/// A path of bytes as text: itself if it is UTF-8, otherwise None beside a form for display.
pub(super) fn path_text(path: &[u8]) -> Result<Arc<str>, String> {
    match std::str::from_utf8(path) {
        Ok(path) => Ok(Arc::from(path)),
        Err(_) => Err(path.utf8_chunks().fold(String::new(), |mut shown, chunk| {
            shown.push_str(chunk.valid());
            for byte in chunk.invalid() {
                // Writing to a string cannot fail.
                let _ = write!(shown, "\\x{byte:02x}");
            }
            shown
        })),
    }
}

/// What is found of a tree while it is read, in any order.
#[derive(Default)]
pub(super) struct Contents {
    pub files: Vec<File>,
    pub others: Vec<Arc<str>>,
    pub directories: Vec<Arc<str>>,
    pub problems: Vec<Problem>,
    pub repositories: Vec<Arc<str>>,
}

impl Contents {
    pub(super) fn problem(&mut self, path: impl Into<String>, message: impl Into<String>) {
        self.problems.push(Problem {
            path: path.into(),
            message: message.into(),
        });
    }

    /// The tree, everything sorted and each path there once.
    pub(super) fn into_tree(mut self, kind: Kind, name: String) -> Tree {
        self.files.sort_by(|a, b| a.path.cmp(&b.path));
        self.files.dedup_by(|a, b| a.path == b.path);
        self.others.sort();
        self.others.dedup();
        self.directories.sort();
        self.problems.sort();
        self.problems.dedup();
        self.repositories.sort();
        self.repositories.dedup();
        Tree {
            kind,
            name,
            commit: None,
            chosen_by: None,
            files: self.files,
            others: self.others,
            directories: self.directories,
            problems: self.problems,
            repositories: self.repositories,
            alignment: None,
            installed: None,
            unread: Arc::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Class, path_text};

    #[test]
    fn names_decide() {
        assert_eq!(Class::of(b"a/b.py"), Some(Class::Python));
        assert_eq!(Class::of(b"b.pyi"), Some(Class::Python));
        assert_eq!(
            Class::of(b"x.cpython-311-x86_64-linux-gnu.so"),
            Some(Class::Other)
        );
        assert_eq!(Class::of(b"a.py/b.txt"), None);
        assert_eq!(Class::of(b"a/.#b.py"), None);
        assert_eq!(Class::of(b"a/b.pyc"), Some(Class::Other));
        assert_eq!(Class::of(b"a/__pycache__/b.cpython-311.pyc"), None);
        assert_eq!(Class::of(b"test_{{ name }}.py"), None);
        assert_eq!(Class::of(b"a/b.ui"), Some(Class::Other));
        assert_eq!(Class::of(b"a/b.py.in"), Some(Class::Other));
        assert_eq!(Class::of(b"a/b.rst"), None);
    }

    #[test]
    fn odd_names_are_shown() {
        assert_eq!(
            path_text(b"a\xff\xc3b.py"),
            Err("a\\xff\\xc3b.py".to_owned())
        );
        assert_eq!(path_text("é\n.py".as_bytes()).as_deref(), Ok("é\n.py"));
    }
}
