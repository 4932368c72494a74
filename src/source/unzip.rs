//! The members of a zip, each as its central directory lists it: duplicates, odd names and odd storage included.
//!
//! `zip` keeps one entry a name and so cannot show what is wrong with a package; `rawzip` hands over the directory as it is. Nothing is written anywhere, and what
//! is unpacked is counted, not what the zip says of its sizes.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use flate2::read::DeflateDecoder;
use rawzip::{CompressionMethod, FileReader, ZipArchive, ZipArchiveEntryWayfinder, ZipReader};

use super::bundle::{Budget, Content, Member, MemberKind, Packed, Storage, content, digest};
use super::error::SourceError;
use super::tree::path_text;

/// How many members a zip may have: five times what a zip without 64-bit extensions can.
const MAX_MEMBERS: usize = 300_000;

/// The bits of a Unix mode that say what a file is, and those of a link, a folder and a plain file (`sys/stat.h`).
const TYPE: u32 = 0o170_000;
const LINK: u32 = 0o120_000;
const FOLDER: u32 = 0o040_000;

/// What a zip's directory says of a member, before its content is read.
pub(super) struct Listed {
    pub(super) member: Member,
    wayfinder: ZipArchiveEntryWayfinder,
    method: CompressionMethod,
    /// How many bytes of it are kept; none if it is not unpacked.
    limit: Option<usize>,
}

/// A zip whose directory was read.
pub(super) struct Zip {
    archive: ZipArchive<FileReader>,
    disk: PathBuf,
    shown: String,
    /// Its members, in the order of its directory.
    pub(super) listed: Vec<Listed>,
}

/// What a member is, once it was unpacked.
pub(super) struct Unpacked {
    /// Its content; none of what is not unpacked.
    pub(super) content: Option<Content>,
    /// Where in the zip its data lie.
    range: Option<(u64, u64)>,
}

/// What a thread unpacks with: used again for the next member.
#[derive(Default)]
pub(super) struct Tools<'z> {
    inflate: Option<DeflateDecoder<ZipReader<&'z FileReader>>>,
    scratch: Vec<u8>,
}

impl Zip {
    /// Reads the directory of the zip at `disk`, which is shown as `shown`.
    pub(super) fn list(disk: &Path, shown: &str) -> Result<Self, SourceError> {
        let file = File::open(disk).map_err(|e| unreadable(shown, &e))?;
        let mut buffer = vec![0; rawzip::RECOMMENDED_BUFFER_SIZE];
        let archive = ZipArchive::from_file(file, &mut buffer).map_err(|e| corrupt(shown, &e))?;
        let mut listed = list(&archive, &mut buffer, shown)?;
        set_limits(&mut listed, shown)?;
        Ok(Self {
            archive,
            disk: disk.to_owned(),
            shown: shown.to_owned(),
            listed,
        })
    }

    /// Its size in bytes, and the SHA-256 of the file.
    pub(super) fn digest(&self) -> Result<Packed, SourceError> {
        digest(&self.disk).map_err(|e| unreadable(&self.shown, &e))
    }

    /// Unpacks a member, checked against the size and the checksum that the zip gives.
    pub(super) fn unpack<'z>(
        &'z self,
        listed: &Listed,
        tools: &mut Tools<'z>,
    ) -> Result<Unpacked, SourceError> {
        let Some(limit) = listed.limit else {
            return Ok(Unpacked {
                content: None,
                range: None,
            });
        };
        let damaged = |error: &dyn std::fmt::Display| {
            corrupt(&self.shown, &format!("'{}': {error}", listed.member.name))
        };
        let entry = self
            .archive
            .get_entry(listed.wayfinder)
            .map_err(|e| damaged(&e))?;
        let size = listed.wayfinder.uncompressed_size_hint();
        let Tools { inflate, scratch } = tools;
        let content = if listed.method == CompressionMethod::STORE {
            let reader = entry.verifying_reader(entry.reader());
            content(size, limit, reader, scratch)
        } else {
            let inflate = match inflate {
                Some(inflate) => {
                    inflate.reset(entry.reader());
                    inflate
                }
                None => inflate.insert(DeflateDecoder::new(entry.reader())),
            };
            content(size, limit, entry.verifying_reader(inflate), scratch)
        };
        Ok(Unpacked {
            content: Some(content.map_err(|e| damaged(&e))?),
            range: Some(entry.compressed_data_range()),
        })
    }

    /// The members with what they unpack to, which is given in their order.
    pub(super) fn members<'u>(
        &self,
        unpacked: impl Iterator<Item = &'u Result<Unpacked, SourceError>>,
    ) -> Result<Vec<Member>, SourceError> {
        let mut ranges = Vec::new();
        let mut members = Vec::with_capacity(self.listed.len());
        for (listed, unpacked) in self.listed.iter().zip(unpacked) {
            let unpacked = unpacked.as_ref().map_err(Clone::clone)?;
            ranges.extend(unpacked.range);
            members.push(Member {
                content: unpacked.content.clone(),
                ..listed.member.clone()
            });
        }
        refuse_overlaps(ranges, &self.shown)?;
        Ok(members)
    }
}

fn unreadable(shown: &str, error: &std::io::Error) -> SourceError {
    SourceError::Unreadable {
        path: shown.to_owned(),
        message: error.to_string(),
    }
}

/// Says how many bytes of each member are kept.
fn set_limits(listed: &mut [Listed], shown: &str) -> Result<(), SourceError> {
    let mut budget = Budget::new(shown);
    for listed in listed {
        let member = &listed.member;
        let is_unpacked = member.kind != MemberKind::Folder && member.storage == Storage::Usual;
        let size = listed.wayfinder.uncompressed_size_hint();
        if is_unpacked {
            listed.limit = Some(budget.take(&member.name, size)?);
        }
    }
    Ok(())
}

/// What the directory lists.
fn list(
    archive: &ZipArchive<FileReader>,
    buffer: &mut [u8],
    shown: &str,
) -> Result<Vec<Listed>, SourceError> {
    let mut listed = Vec::new();
    let mut entries = archive.entries(buffer);
    while let Some(record) = entries.next_entry().map_err(|e| corrupt(shown, &e))? {
        if listed.len() == MAX_MEMBERS {
            return Err(SourceError::OversizedArchive {
                path: shown.to_owned(),
                message: format!("more than {MAX_MEMBERS} members"),
            });
        }
        let raw = record.file_path();
        let raw = raw.as_bytes();
        let is_dos = record.version_made_by().creator_system() == rawzip::CreatorSystem::FAT;
        let attributes = record.external_attributes() >> 16;
        let mode = (!is_dos || attributes != 0).then_some(attributes);
        let kind = match attributes & TYPE {
            LINK => MemberKind::Link,
            FOLDER => MemberKind::Folder,
            _ if record.is_dir() => MemberKind::Folder,
            _ => MemberKind::File,
        };
        let method = record.compression_method();
        let storage = if record.flags().is_encrypted() {
            Storage::Encrypted
        } else if matches!(
            method,
            CompressionMethod::STORE | CompressionMethod::DEFLATE
        ) {
            Storage::Usual
        } else {
            Storage::Other(method.as_u16())
        };
        let name = match path_text(raw) {
            Ok(name) => name.to_string(),
            Err(shown) => shown,
        };
        listed.push(Listed {
            member: Member {
                path: std::str::from_utf8(raw)
                    .ok()
                    .and_then(|raw| place(raw, is_dos)),
                name: name.strip_suffix('/').unwrap_or(&name).to_owned(),
                kind,
                storage,
                mode,
                modified: seconds(record.last_modified_dos()),
                content: None,
            },
            wayfinder: record.wayfinder(),
            method,
            limit: None,
        });
    }
    let stated = archive.entries_hint();
    if stated != listed.len() as u64 {
        let message = format!(
            "its end says that there are {stated} members, and its directory has {}",
            listed.len()
        );
        return Err(corrupt(shown, &message));
    }
    Ok(listed)
}

/// Members whose data overlap are how a small file unpacks to a huge one; no packager makes them.
fn refuse_overlaps(mut ranges: Vec<(u64, u64)>, shown: &str) -> Result<(), SourceError> {
    ranges.retain(|(start, end)| start < end);
    ranges.sort_unstable();
    if ranges.windows(2).any(|pair| pair[0].1 > pair[1].0) {
        return Err(corrupt(shown, &"members overlap"));
    }
    Ok(())
}

/// Where a name is put by whoever unpacks; none if nobody puts it inside.
fn place(name: &str, is_dos: bool) -> Option<Arc<str>> {
    // Info-ZIP takes backslashes for folders in zips that DOS made, and nowhere else.
    let converted = is_dos && name.contains('\\') && !name.contains('/');
    let name = if converted {
        name.replace('\\', "/")
    } else {
        name.to_owned()
    };
    let is_drive = matches!(name.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic());
    let is_outside = name.starts_with('/') || is_drive || name.split('/').any(|part| part == "..");
    let parts: Vec<&str> = name
        .split('/')
        .filter(|part| !matches!(*part, "" | "."))
        .collect();
    (!is_outside && !parts.is_empty() && !name.contains('\0')).then(|| Arc::from(parts.join("/")))
}

/// Seconds since 1970 of a time as DOS writes it, taken for UTC.
fn seconds(time: rawzip::time::DosDateTime) -> Option<i64> {
    // Days from a civil date, by the usual count from March (proleptic Gregorian calendar).
    let (year, month) = (i64::from(time.year()), i64::from(time.month()));
    let day = i64::from(time.day());
    if month == 0 || day == 0 {
        return None;
    }
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1;
    let days = days - 719_468;
    let (hour, minute) = (i64::from(time.hour()), i64::from(time.minute()));
    Some(((days * 24 + hour) * 60 + minute) * 60 + i64::from(time.second()))
}

fn corrupt(shown: &str, error: &dyn std::fmt::Display) -> SourceError {
    SourceError::CorruptArchive {
        path: shown.to_owned(),
        message: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::place;

    #[test]
    fn names_are_put_where_unpackers_put_them() {
        let at = |name: &str, is_dos: bool| place(name, is_dos).map(|path| path.to_string());
        assert_eq!(at("a/b.py", false).as_deref(), Some("a/b.py"));
        assert_eq!(at("./a//b.py", false).as_deref(), Some("a/b.py"));
        assert_eq!(at("a\\b.py", false).as_deref(), Some("a\\b.py"));
        assert_eq!(at("a\\b.py", true).as_deref(), Some("a/b.py"));
        for outside in ["/a.py", "../a.py", "a/../b.py", "c:/a.py", "./", ""] {
            assert_eq!(at(outside, false), None, "{outside}");
        }
    }
}
