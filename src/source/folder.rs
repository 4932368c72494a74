//! A package that lies unpacked in a directory.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use walkdir::WalkDir;

use super::bundle::{Budget, Member, MemberKind, Storage};
use super::error::SourceError;

/// How many entries a directory may have that is taken for a package.
const MAX_ENTRIES: usize = 500_000;

/// Everything below `disk`, which is shown as `shown`, by path. Links are not followed.
pub(super) fn read(disk: &Path, shown: &str) -> Result<Vec<Member>, SourceError> {
    let mut members = Vec::new();
    let mut budget = Budget::new(shown);
    let unreadable = |path: &str, error: &dyn std::fmt::Display| SourceError::Unreadable {
        path: format!("{shown}/{path}"),
        message: error.to_string(),
    };
    let walk = WalkDir::new(disk)
        .min_depth(1)
        .sort_by_file_name()
        .into_iter();
    for entry in walk {
        let entry = entry.map_err(|error| unreadable("", &error))?;
        let relative = entry.path().strip_prefix(disk).unwrap_or(entry.path());
        let mut name = relative.to_string_lossy().into_owned();
        if cfg!(windows) {
            name = name.replace('\\', "/");
        }
        if members.len() == MAX_ENTRIES {
            return Err(SourceError::OversizedArchive {
                path: shown.to_owned(),
                message: format!("more than {MAX_ENTRIES} entries"),
            });
        }
        let kind = entry.file_type();
        let metadata = entry
            .metadata()
            .map_err(|error| unreadable(&name, &error))?;
        let kind = if kind.is_dir() {
            MemberKind::Folder
        } else if kind.is_symlink() {
            MemberKind::Link
        } else {
            MemberKind::File
        };
        let content = match kind {
            MemberKind::Folder => None,
            MemberKind::Link => {
                let target = fs::read_link(entry.path()).map_err(|e| unreadable(&name, &e))?;
                let target = target.to_string_lossy().into_owned().into_bytes();
                let content = budget.read(&name, target.len() as u64, target.as_slice())?;
                Some(content.map_err(|error| unreadable(&name, &error))?)
            }
            MemberKind::File => {
                let file = fs::File::open(entry.path()).map_err(|e| unreadable(&name, &e))?;
                let content = budget.read(&name, metadata.len(), file)?;
                Some(content.map_err(|error| unreadable(&name, &error))?)
            }
        };
        members.push(Member {
            path: Some(Arc::from(name.as_str())),
            name,
            kind,
            storage: Storage::Usual,
            mode: mode(&metadata),
            modified: seconds(&metadata),
            content,
        });
    }
    Ok(members)
}

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "other systems have no such modes")]
fn mode(metadata: &fs::Metadata) -> Option<u32> {
    Some(std::os::unix::fs::MetadataExt::mode(metadata))
}

#[cfg(not(unix))]
fn mode(_: &fs::Metadata) -> Option<u32> {
    None
}

fn seconds(metadata: &fs::Metadata) -> Option<i64> {
    let modified = metadata.modified().ok()?;
    let since = modified.duration_since(std::time::UNIX_EPOCH).ok()?;
    i64::try_from(since.as_secs()).ok()
}
