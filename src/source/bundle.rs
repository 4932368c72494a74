//! Packages: everything that a zip or a directory holds, Python or not, with what the zip says about each member.
//!
//! A [`super::Tree`] is the Python of a version; a bundle is what is really uploaded: names as they are stored, modes, compression, bytecode, data.

use std::io::{self, Read};
use std::path::Path;
use std::sync::{Arc, OnceLock};

use gix::hash::Kind as HashKind;
use gix::objs::Kind as ObjectKind;
use sha2::{Digest, Sha256};

use super::error::SourceError;
use super::locate::Located;
use super::text::Text;
use super::tree::{BlobId, Class, Contents, File, Kind, Tree};

/// How many bytes a package may unpack to before it is refused: twice what Lambda accepts of everything.
pub(super) const MAX_TOTAL: u64 = 512 * 1024 * 1024;

/// How many bytes of Python are kept, so that no package needs more memory than that.
const MAX_PYTHON: usize = 128 * 1024 * 1024;

/// How many bytes of other members are kept. What is past it is compared as any other, and not looked into.
const MAX_KEPT: usize = 64 * 1024 * 1024;

/// The largest member, in bytes, that is kept although nothing in its name asks for it: text that could hold a secret.
const MAX_ASIDE: u64 = 1024 * 1024;

/// How many bytes are kept of a member that is not kept as a whole: the headers of compiled code are at the beginning.
const HEAD: usize = 4096;

/// How many bytes are kept of every member, however much is kept already: what shows the kind of a file.
const MAGIC: usize = 64;

/// How many bytes are read at a time.
const PIECE: usize = 64 * 1024;

/// How many bytes a thread has to read into from one content to the next.
const MAX_SCRATCH: usize = 4 * 1024 * 1024;

/// Whether a file says what is installed (the specification of recorded projects).
fn is_metadata(name: &str) -> bool {
    let metadata = ["RECORD", "METADATA", "top_level.txt"];
    metadata.iter().any(|file| {
        let folder = name.strip_suffix(file);
        folder.is_some_and(|folder| folder.ends_with(".dist-info/"))
    })
}

/// Whether a file is bytecode that an import takes without a source: a legacy `m.pyc`, which stands where the source would.
fn is_sourceless(path: &str) -> bool {
    path.strip_suffix(".pyc").is_some() && !path.contains("__pycache__/")
}

/// Whether a package's tree, and what is said to be installed in it, is made of a member's content: all that has to be unpacked before the code can be checked.
pub(super) fn is_code(member: &Member) -> bool {
    let path = member.path.as_deref().unwrap_or(&member.name);
    Class::of(path.as_bytes()) == Some(Class::Python)
        || path.contains(".dist-info/")
        || is_sourceless(path)
}

/// What a member is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MemberKind {
    /// A file.
    File,
    /// The entry of a folder.
    Folder,
    /// A symbolic link.
    Link,
}

/// How a member is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Storage {
    /// Plainly, or deflated: what everybody unpacks. Also what lies in a directory.
    Usual,
    /// In another way: its number in the zip specification (4.4.5).
    Other(u16),
    /// Encrypted.
    Encrypted,
}

/// The content of a member.
#[derive(Clone, Debug)]
pub struct Content {
    /// How many bytes it has.
    pub size: u64,
    /// The id that git would give it as a blob, once it is known.
    blob: OnceLock<BlobId>,
    /// Its SHA-256.
    pub sha256: [u8; 32],
    /// Its bytes; of a large one that is no Python only the first.
    pub bytes: Arc<[u8]>,
}

impl Content {
    /// Whether all bytes are kept.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.bytes.len() as u64 == self.size
    }

    /// The id that git would give it as a blob. Of what is kept as a whole it is worked out when it is first asked for: most members never are.
    #[must_use]
    pub fn blob(&self) -> BlobId {
        *self.blob.get_or_init(|| blob_id(&self.bytes))
    }

    /// Whether these are its bytes.
    #[must_use]
    pub fn is(&self, bytes: &[u8]) -> bool {
        if self.is_whole() {
            return *self.bytes == *bytes;
        }
        self.size == bytes.len() as u64 && self.sha256 == <[u8; 32]>::from(Sha256::digest(bytes))
    }

    /// Whether what is read are its bytes. `scratch` is what is read into.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(super) fn is_read_from(
        &self,
        reader: &mut impl Read,
        scratch: &mut Vec<u8>,
    ) -> io::Result<bool> {
        scratch.resize(PIECE, 0);
        let mut rest = &self.bytes[..];
        let mut sha256 = (!self.is_whole()).then(Sha256::new);
        let mut total = 0_u64;
        loop {
            let count = reader.read(scratch)?;
            let piece = &scratch[..count];
            if count == 0 {
                break;
            }
            total += count as u64;
            if total > self.size {
                return Ok(false);
            }
            if let Some(sha256) = &mut sha256 {
                sha256.update(piece);
            } else {
                match rest.strip_prefix(piece) {
                    Some(after) => rest = after,
                    None => return Ok(false),
                }
            }
        }
        let is_same = sha256.is_none_or(|it| self.sha256 == <[u8; 32]>::from(it.finalize()));
        Ok(total == self.size && is_same)
    }
}

/// The id that git gives to these bytes as a blob.
#[must_use]
pub fn blob_id(bytes: &[u8]) -> BlobId {
    let id = gix::objs::compute_hash(HashKind::Sha1, ObjectKind::Blob, bytes).ok();
    id.and_then(|id| BlobId::try_from(id.as_slice()).ok())
        .unwrap_or_default()
}

/// Something in a package.
#[derive(Clone, Debug)]
pub struct Member {
    /// Its name as stored, of a folder without the `/` at the end; bytes that are not UTF-8 are written `\xff`.
    pub name: String,
    /// Where it lies once the package is unpacked, with `/`; none if no unpacker puts it inside.
    pub path: Option<Arc<str>>,
    /// What it is.
    pub kind: MemberKind,
    /// How it is stored.
    pub storage: Storage,
    /// Its Unix mode, type included; none where the zip's maker noted none.
    pub mode: Option<u32>,
    /// When it was changed, in seconds since 1970, the zip's local time taken for UTC; none if that is not known.
    pub modified: Option<i64>,
    /// Its content; of a link where it leads. None for a folder, and for what cannot be unpacked.
    pub content: Option<Content>,
}

/// A zip's size in bytes, and the SHA-256 of the file.
pub type Packed = (u64, [u8; 32]);

/// A package: all that a zip or a directory holds.
#[derive(Clone, Debug)]
pub struct Bundle {
    /// [`Kind::Zip`] or [`Kind::Directory`].
    pub kind: Kind,
    /// Its name as shown to people: never an absolute path.
    pub name: String,
    /// What is in it: of a zip in the order of its directory, of a directory by path.
    pub members: Vec<Member>,
    /// Of a zip: its size in bytes and the SHA-256 of the file.
    pub packed: Option<Packed>,
}

/// How much of a package was read, and what is still kept.
pub(super) struct Budget {
    shown: String,
    total: u64,
    /// How many bytes of Python are kept, and of other members.
    python: usize,
    aside: usize,
    scratch: Vec<u8>,
}

impl Budget {
    pub(super) fn new(shown: &str) -> Self {
        Self {
            shown: shown.to_owned(),
            total: 0,
            python: 0,
            aside: 0,
            scratch: Vec::new(),
        }
    }

    /// Takes the member with that name, which is said to have `size` bytes, into account: how many of them are kept. Large members are never in memory as a whole.
    pub(super) fn take(&mut self, name: &str, size: u64) -> Result<usize, SourceError> {
        let is_python = Class::of(name.as_bytes()) == Some(Class::Python) || is_metadata(name);
        let (kept, most) = if is_python {
            (&mut self.python, MAX_PYTHON)
        } else {
            (&mut self.aside, MAX_KEPT)
        };
        let left = most.saturating_sub(*kept);
        let room = left as u64;
        self.total = self.total.saturating_add(size);
        if self.total > MAX_TOTAL {
            return Err(oversized(&self.shown, "", MAX_TOTAL));
        }
        if is_python && size > room {
            return Err(oversized(&self.shown, " of Python", MAX_PYTHON as u64));
        }
        let keep = is_python || (size <= MAX_ASIDE && size <= room);
        let limit = if keep {
            usize::MAX
        } else {
            HEAD.min(left.max(MAGIC))
        };
        *kept += usize::try_from(size).unwrap_or(limit).min(limit);
        Ok(limit)
    }

    /// Reads the content of a member; an inner error if it cannot be read, or has another size.
    pub(super) fn read(
        &mut self,
        name: &str,
        size: u64,
        reader: impl Read,
    ) -> Result<io::Result<Content>, SourceError> {
        let limit = self.take(name, size)?;
        Ok(content(size, limit, reader, &mut self.scratch))
    }
}

fn oversized(shown: &str, what: &str, limit: u64) -> SourceError {
    SourceError::OversizedArchive {
        path: shown.to_owned(),
        message: format!("more than {} MiB{what}", limit / 1024 / 1024),
    }
}

/// Reads a content of that size in pieces, and keeps its first `limit` bytes. `scratch` is what the thread reads into: used again for the next one, so that
/// memory is asked for once a content, and in the size that it needs.
///
/// # Errors
/// If it cannot be read, or has another size.
pub(super) fn content(
    size: u64,
    limit: usize,
    mut reader: impl Read,
    scratch: &mut Vec<u8>,
) -> io::Result<Content> {
    let mut sha256 = Sha256::new();
    // What is not kept as a whole can be asked for its id only now.
    let mut blob = (size > limit as u64).then(|| gix::hash::hasher(HashKind::Sha1));
    if let Some(blob) = &mut blob {
        // The header of a blob (the documentation of git's object format).
        blob.update(format!("blob {size}\0").as_bytes());
    }
    let keep = usize::try_from(size).unwrap_or(limit).min(limit);
    let (mut kept, mut total) = (0, 0_u64);
    loop {
        // Behind what is kept one piece is read over the other. There is always room for more than is said to be there, and, since what a zip says of a size is not believed,
        // never for much more than was there.
        if scratch.len() < kept + PIECE {
            let room = (2 * scratch.len()).min(keep);
            scratch.resize(room.max(kept) + PIECE, 0);
        }
        let piece = &mut scratch[kept..kept + PIECE];
        let count = reader.read(piece)?;
        if count == 0 {
            break;
        }
        let piece = &piece[..count];
        total += count as u64;
        if total > size {
            break;
        }
        sha256.update(piece);
        if let Some(blob) = &mut blob {
            blob.update(piece);
        }
        kept += count.min(keep - kept);
    }
    if total != size {
        return Err(io::Error::other("it is not as long as is said"));
    }
    let known = OnceLock::new();
    if let Some(blob) = blob {
        let id = blob.try_finalize().map_err(io::Error::other)?;
        let id = BlobId::try_from(id.as_slice()).unwrap_or_default();
        known.get_or_init(|| id);
    }
    let bytes = Arc::from(&scratch[..kept]);
    if scratch.len() > MAX_SCRATCH {
        *scratch = Vec::new();
    }
    Ok(Content {
        size,
        blob: known,
        sha256: sha256.finalize().into(),
        bytes,
    })
}

impl Bundle {
    /// The bytes of the file at that path, if there is one and it is kept as a whole. Of several the last, as for whoever unpacks.
    #[must_use]
    pub fn file(&self, path: &str) -> Option<&[u8]> {
        let mut members = self.members.iter().rev();
        let member = members.find(|member| member.path.as_deref() == Some(path))?;
        let content = member
            .content
            .as_ref()
            .filter(|content| content.is_whole())?;
        Some(&content.bytes)
    }

    /// The Python that is there once the package is unpacked, with `prefix` before each path. `takes` says which paths count.
    pub(super) fn add_to(
        &self,
        contents: &mut Contents,
        prefix: &str,
        takes: &dyn Fn(&str) -> bool,
    ) {
        for member in self.members.iter().rev() {
            let Some(path) = member.path.as_deref().filter(|path| takes(path)) else {
                continue;
            };
            let placed: Arc<str> = Arc::from(format!("{prefix}{path}"));
            if member.kind == MemberKind::Folder {
                contents.directories.push(Arc::from(format!("{placed}/")));
                continue;
            }
            match (Class::of(path.as_bytes()), &member.content) {
                (Some(Class::Python), Some(content)) if member.kind == MemberKind::File => {
                    contents.files.push(File {
                        path: placed,
                        blob: Some(content.blob()),
                        text: Arc::new(Text::decode(content.bytes.to_vec())),
                    });
                }
                (Some(Class::Other), _) => contents.others.push(placed),
                // Bytecode that takes the place of its source.
                (None, Some(_)) if is_sourceless(path) => {
                    contents.others.push(placed);
                }
                _ => {}
            }
        }
    }

    /// The Python of a package and of what is laid beside it, as one tree: each bundle with the prefix that its paths get and the paths that count.
    /// Of several files at one path the one that an unpacker leaves there counts.
    #[must_use]
    pub fn tree(&self, beside: &[Beside]) -> Tree {
        let mut contents = Contents::default();
        self.add_to(&mut contents, "", &|_| true);
        for (bundle, prefix, takes) in beside {
            bundle.add_to(&mut contents, prefix, takes);
        }
        // Folders that have no entry of their own are there all the same.
        contents.directories.sort();
        contents.directories.dedup();
        contents.into_tree(self.kind, self.name.clone())
    }
}

/// What is laid beside a package: its members, the prefix that their paths get, and which of them count.
pub type Beside<'b> = (&'b Bundle, &'b str, &'b dyn Fn(&str) -> bool);

impl Located {
    /// Reads all that a package on disk holds: a zip, or a directory as it lies there.
    ///
    /// # Errors
    /// If it cannot be read, is no zip or a damaged one, unpacks to more than anybody deploys, or is no package on disk at all.
    pub fn bundle(&self) -> Result<Bundle, SourceError> {
        self.listed()?.whole()
    }

    /// The package at `path`: a directory or a zip, whatever repository it lies in.
    ///
    /// # Errors
    /// If there is none.
    pub fn package(path: &str, context: &super::Context) -> Result<Self, SourceError> {
        super::spec::has_name(path, "PACKAGE")?;
        super::locate::at_path(path, context)
    }
}

/// A file's SHA-256 and size, read in pieces.
pub(super) fn digest(path: &Path) -> std::io::Result<Packed> {
    let mut file = std::fs::File::open(path)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 64 * 1024];
    let mut size = 0;
    loop {
        match std::io::Read::read(&mut file, &mut buffer)? {
            0 => return Ok((size, hasher.finalize().into())),
            count => {
                size += count as u64;
                hasher.update(&buffer[..count]);
            }
        }
    }
}
