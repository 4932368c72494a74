//! Bytecode that runs in place of the source beside it (PEP 3147, PEP 552, `importlib._bootstrap_external`).
//!
//! A pyc in `__pycache__` counts if its source is there. It is held against the source's time and size, against its hash, or against nothing. What is found here
//! is bytecode that CPython takes and that is not of this source.

use std::collections::BTreeSet;
use std::hash::Hasher;
use std::rc::Rc;
use std::sync::Arc;

use siphasher::sip::SipHasher13;

use super::{Bytecode, Fact, has_ending};
use crate::python::{Targets, Version};
use crate::source::{Bundle, Content, Member, MemberKind};

/// How deep marshalled objects may be nested: as deep as CPython allows.
const DEPTH: u32 = 2000;

/// How many bytes a name has at most that is looked at.
const NAME: usize = 1000;

/// Names that the compiler brings in: of f-strings with many parts (3.11's `compiler_joined_str`), and of the functions for annotations (PEP 649).
const GIVEN: [&str; 2] = ["join", "format"];

/// The bytecode of a package that outvotes its source, stands in place of another one than the candidate's, or cannot be run. `candidate` reads the candidate's file at a path of
/// the package.
#[must_use]
pub fn stale_bytecode(
    bundle: &Bundle,
    targets: &Targets,
    candidate: &dyn Fn(&str) -> Option<Vec<u8>>,
) -> Vec<Fact> {
    let mut sources = std::collections::BTreeMap::new();
    for member in bundle
        .members
        .iter()
        .filter(|it| it.kind == MemberKind::File)
    {
        if let Some(path) = member.path.as_deref() {
            sources.insert(path, member);
        }
    }
    let mut facts = Vec::new();
    for (path, member) in &sources {
        let Some(content) = member.content.as_ref().filter(|_| has_ending(path, "pyc")) else {
            continue;
        };
        let Some(number) = number(&content.bytes) else {
            continue;
        };
        let fact = |source: Option<&str>, why| Fact::Bytecode {
            path: Arc::from(*path),
            source: source.map(Arc::from),
            why,
        };
        match source_of(path) {
            Some((source, minor)) => {
                let counts = targets.is_empty() || targets.versions().contains(&Version(minor));
                if let (true, Some(source_member)) = (counts, sources.get(source.as_str()))
                    && let Some(why) = outvotes(content, source_member)
                {
                    facts.push(fact(Some(&source), why));
                }
            }
            None => {
                let source = format!("{}.py", &path[..path.len() - ".pyc".len()]);
                let wanted =
                    version_of(number).is_some_and(|version| targets.versions().contains(&version));
                if sources.contains_key(source.as_str()) || path.contains("__pycache__/") {
                    continue;
                }
                if !targets.is_empty() && !wanted {
                    facts.push(fact(None, Bytecode::Magic(number)));
                } else if let Some(text) = candidate(&source)
                    && is_of_another(&content.bytes, &text) == Some(true)
                {
                    facts.push(fact(Some(&source), Bytecode::OtherSource));
                }
            }
        }
    }
    facts
}

/// The source that a file in `__pycache__` stands for, and the Python that reads it: `m.cpython-311.pyc`.
fn source_of(path: &str) -> Option<(String, u8)> {
    let (folder, name) = match path.rsplit_once("__pycache__/") {
        Some(parts) if !parts.1.contains('/') => parts,
        _ => return None,
    };
    let (stem, tag) = name.strip_suffix(".pyc")?.split_once(".cpython-3")?;
    Some((format!("{folder}{stem}.py"), tag.parse().ok()?))
}

/// The magic number of bytecode.
fn number(bytes: &[u8]) -> Option<u16> {
    match bytes {
        [low, high, b'\r', b'\n', ..] => Some(u16::from_le_bytes([*low, *high])),
        _ => None,
    }
}

/// The Python whose magic number this is (the list in `importlib._bootstrap_external`, each release in a range of its own).
fn version_of(number: u16) -> Option<Version> {
    Some(Version(match number {
        3420..=3429 => 9,
        3430..=3449 => 10,
        3450..=3499 => 11,
        3500..=3549 => 12,
        3550..=3599 => 13,
        3600..=3649 => 14,
        3650..=3699 => 15,
        _ => return None,
    }))
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..at + 4)?;
    Some(u32::from_le_bytes(bytes.try_into().ok()?))
}

/// Why bytecode runs although it is not of this source; none if it is, does not run, or it cannot be told.
fn outvotes(bytecode: &Content, source: &Member) -> Option<Bytecode> {
    let source_content = source
        .content
        .as_ref()
        .filter(|content| content.is_whole())?;
    let (bytes, text) = (&bytecode.bytes, &source_content.bytes);
    let (flags, first) = (word(bytes, 4)?, word(bytes, 8)?);
    if flags & 1 != 0 {
        // PEP 552: bit 1 asks for a check of the source's hash.
        let is_checked = flags & 2 != 0;
        let hash = source_hash(word(bytes, 0)?, text);
        let noted = u64::from(first) | u64::from(word(bytes, 12)?) << 32;
        return (!is_checked && hash != noted).then_some(Bytecode::Unchecked);
    }
    let size = word(bytes, 12)?;
    let is_same_size = u64::from(size) == source_content.size;
    // A zip notes even seconds, in a time zone that nobody knows: a whole number of quarters of an hour apart is the same time.
    let apart = (source.modified? - i64::from(first)).rem_euclid(15 * 60);
    let is_same_time = apart <= 1 || apart >= 15 * 60 - 1;
    let names = names(bytes.get(16..)?, version_of(number(bytes)?)?)?;
    let text = String::from_utf8_lossy(text);
    let is_foreign = |name: &String| !text.contains(name.as_str());
    (is_same_size && is_same_time && names.iter().any(is_foreign)).then_some(Bytecode::SameTime)
}

/// Whether bytecode was made from another source than this text; none if that cannot be told. It notes a hash of its source, or the source's size; line ends are no difference.
fn is_of_another(bytes: &[u8], text: &[u8]) -> Option<bool> {
    let flags = word(bytes, 4)?;
    let plain: Vec<u8> = String::from_utf8_lossy(text).replace("\r\n", "\n").into();
    let windows: Vec<u8> = String::from_utf8_lossy(&plain).replace('\n', "\r\n").into();
    let forms = [text, &plain, &windows];
    if flags & 1 != 0 {
        let noted = u64::from(word(bytes, 8)?) | u64::from(word(bytes, 12)?) << 32;
        let magic = word(bytes, 0)?;
        return Some(!forms.iter().any(|form| source_hash(magic, form) == noted));
    }
    let size = usize::try_from(word(bytes, 12)?).ok()?;
    if !forms.iter().any(|form| form.len() == size) {
        return Some(true);
    }
    let names = names(bytes.get(16..)?, version_of(number(bytes)?)?)?;
    let text = String::from_utf8_lossy(&plain);
    Some(names.iter().any(|name| !text.contains(name.as_str())))
}

/// The hash of a source that bytecode notes, which is keyed by the magic number (PEP 552).
fn source_hash(magic: u32, text: &[u8]) -> u64 {
    let mut hasher = SipHasher13::new_with_keys(u64::from(magic), 0);
    hasher.write(text);
    hasher.finish()
}

/// The names that bytecode reads, stores and defines, as far as a source has to have them as well; none if it is not understood.
fn names(bytes: &[u8], version: Version) -> Option<BTreeSet<String>> {
    let mut reader = Marshal {
        bytes,
        at: 0,
        is_old: version < Version(11),
        refs: Vec::new(),
        names: BTreeSet::new(),
    };
    reader.object(0)?;
    let plain = |name: &String| {
        name.len() > 2
            && !GIVEN.contains(&name.as_str())
            && !name.starts_with('_')
            && !name.starts_with('.')
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    Some(reader.names.into_iter().filter(plain).collect())
}

/// Marshalled objects, as far as names are concerned.
///
/// They share what they refer to: a file of a few hundred bytes may refer to one object thousands of times, on each level twice as often.
#[derive(Clone, Debug)]
enum Object {
    Text(Rc<str>),
    Items(Rc<[Object]>),
    Other,
}

/// Reads the format of `marshal` (`Python/marshal.c`), version 4.
struct Marshal<'b> {
    bytes: &'b [u8],
    at: usize,
    /// Whether code objects are those before 3.11.
    is_old: bool,
    refs: Vec<Object>,
    names: BTreeSet<String>,
}

impl Marshal<'_> {
    fn take(&mut self, count: usize) -> Option<&[u8]> {
        let end = self.at.checked_add(count)?;
        let taken = self.bytes.get(self.at..end)?;
        self.at = end;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|bytes| bytes[0])
    }

    fn long(&mut self) -> Option<usize> {
        let bytes = self.take(4)?;
        usize::try_from(u32::from_le_bytes(bytes.try_into().ok()?)).ok()
    }

    fn object(&mut self, depth: u32) -> Option<Object> {
        if depth > DEPTH {
            return None;
        }
        let code = self.byte()?;
        let (code, is_kept) = (code & 0x7f, code & 0x80 != 0);
        // A container has its number before what is in it.
        let place = is_kept.then(|| {
            self.refs.push(Object::Other);
            self.refs.len() - 1
        });
        let object = self.of(code, depth)?;
        if let Some(place) = place {
            self.refs[place] = object.clone();
        }
        Some(object)
    }

    fn of(&mut self, code: u8, depth: u32) -> Option<Object> {
        Some(match code {
            b'0' | b'N' | b'F' | b'T' | b'S' | b'.' => Object::Other,
            b'i' => self.skip(4)?,
            b'g' => self.skip(8)?,
            b'y' => self.skip(16)?,
            b'l' => {
                let digits = self.take(4)?;
                let digits = i32::from_le_bytes(digits.try_into().ok()?).unsigned_abs();
                self.skip(usize::try_from(digits).ok()?.checked_mul(2)?)?
            }
            b's' => {
                let length = self.long()?;
                self.skip(length)?
            }
            b't' | b'u' | b'a' | b'A' => {
                let length = self.long()?;
                self.text(length)?
            }
            b'z' | b'Z' => {
                let length = usize::from(self.byte()?);
                self.text(length)?
            }
            b')' => {
                let count = usize::from(self.byte()?);
                self.items(count, depth)?
            }
            b'(' | b'[' | b'<' | b'>' => {
                let count = self.long()?;
                self.items(count, depth)?
            }
            b':' => self.items(3, depth)?,
            b'r' => {
                let index = self.long()?;
                self.refs.get(index)?.clone()
            }
            b'c' => self.code(depth)?,
            _ => return None,
        })
    }

    fn skip(&mut self, count: usize) -> Option<Object> {
        self.take(count).map(|_| Object::Other)
    }

    fn text(&mut self, length: usize) -> Option<Object> {
        let bytes = self.take(length)?;
        Some(Object::Text(String::from_utf8_lossy(bytes).into()))
    }

    fn items(&mut self, count: usize, depth: u32) -> Option<Object> {
        let mut items = Vec::new();
        for _ in 0..count {
            items.push(self.object(depth + 1)?);
        }
        Some(Object::Items(items.into()))
    }

    /// A code object: its names, and its own name.
    fn code(&mut self, depth: u32) -> Option<Object> {
        self.take(if self.is_old { 24 } else { 20 })?;
        let mut object = || self.object(depth + 1);
        let (_, _) = (object()?, object()?);
        let names = object()?;
        let (locals, _) = (object()?, object()?);
        if self.is_old {
            self.object(depth + 1)?;
        }
        let _filename = self.object(depth + 1)?;
        let name = self.object(depth + 1)?;
        if !self.is_old {
            self.object(depth + 1)?;
        }
        self.take(4)?;
        self.object(depth + 1)?;
        if !self.is_old {
            self.object(depth + 1)?;
        }
        // Names stand in tuples, and no deeper.
        for object in [names, locals, name] {
            match object {
                Object::Items(items) => items.iter().for_each(|item| self.note(item)),
                other => self.note(&other),
            }
        }
        Some(Object::Other)
    }

    fn note(&mut self, object: &Object) {
        if let Object::Text(text) = object
            && text.len() <= NAME
        {
            // `import a.b` has both in one name.
            self.names.extend(text.split('.').map(str::to_owned));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::names;
    use crate::python::Version;

    /// A tuple of two references to one that was read before, so many times over.
    fn doubled(times: u32) -> Vec<u8> {
        // Each is kept, and has a number: the outermost the first.
        let mut bytes = vec![b')' | 0x80, 1, b'N'];
        for level in 0..times {
            let mut outer = vec![b')' | 0x80, 3];
            outer.extend(&bytes);
            for _ in 0..2 {
                outer.push(b'r');
                outer.extend((times - level).to_le_bytes());
            }
            bytes = outer;
        }
        bytes
    }

    #[test]
    fn what_refers_to_one_object_again_and_again_is_read_once() {
        assert!(names(&doubled(200), Version(11)).is_some_and(|found| found.is_empty()));
    }
}
