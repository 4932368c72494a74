//! The text of TREE and SPEC.

use std::io::Read;
use std::path::Path;

use super::error::SourceError;

/// Refuses a spec of nothing or of nothing but a prefix. Taken for the working directory, `--against "$UNSET"` would compare a
/// version with itself.
pub(super) fn has_name(spec: &str, what: &str) -> Result<(), SourceError> {
    let prefixes = ["rev:", "dir:", "zip:", "deployed:"];
    let name = prefixes
        .iter()
        .find_map(|prefix| spec.strip_prefix(prefix))
        .unwrap_or(spec);
    if name.trim().is_empty() {
        return Err(SourceError::NoName {
            what: what.to_owned(),
        });
    }
    Ok(())
}

/// Splits `REVISION:DIR` at the colon. One in braces (`@{2025-09-22 12:00}`) or at the start (`:/words`) is the revision's own.
pub(super) fn split_directory(spec: &str) -> (&str, Option<&str>) {
    if spec.starts_with(':') {
        return (spec, None);
    }
    let mut depth = 0_usize;
    for (index, c) in spec.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ':' if depth == 0 => return (&spec[..index], Some(&spec[index + 1..])),
            _ => {}
        }
    }
    (spec, None)
}

pub(super) fn looks_like_a_path(spec: &str) -> bool {
    let extension = Path::new(spec).extension();
    let is_package = extension.is_some_and(|extension| {
        ["zip", "whl"]
            .iter()
            .any(|wanted| extension.eq_ignore_ascii_case(wanted))
    });
    spec == "."
        || spec == ".."
        || spec.ends_with('/')
        || spec.starts_with("./")
        || spec.starts_with("../")
        || spec.contains('\\')
        || Path::new(spec).is_absolute()
        || is_package
}

/// Whether `path` is a directory (`dir`) or a zip by its first bytes (`zip`).
pub(super) fn names_a_version_on_disk(path: &Path) -> Option<&'static str> {
    let metadata = std::fs::metadata(path).ok()?;
    if metadata.is_dir() {
        return Some("dir");
    }
    let mut magic = [0; 4];
    let is_zip = metadata.is_file()
        && std::fs::File::open(path).is_ok_and(|mut file| file.read_exact(&mut magic).is_ok())
        && (magic == *b"PK\x03\x04" || magic == *b"PK\x05\x06");
    is_zip.then_some("zip")
}

#[cfg(test)]
mod tests {
    use super::{looks_like_a_path, split_directory};

    #[test]
    fn directories_of_revisions() {
        assert_eq!(split_directory("v1:src/a"), ("v1", Some("src/a")));
        assert_eq!(split_directory("v1:"), ("v1", Some("")));
        assert_eq!(
            split_directory("main@{2025-09-22 12:00}"),
            ("main@{2025-09-22 12:00}", None)
        );
        assert_eq!(split_directory(":/fix: it"), (":/fix: it", None));
        assert_eq!(
            split_directory("HEAD^{/a:b}:src"),
            ("HEAD^{/a:b}", Some("src"))
        );
    }

    #[test]
    fn what_looks_like_a_path() {
        for path in [".", "..", "./x", "../x", "x/", "a/b.ZIP", "x.whl", "a\\b"] {
            assert!(looks_like_a_path(path), "{path}");
        }
        for revision in ["main", "origin/main", "v1.0", "HEAD~2", "feature/x.y"] {
            assert!(!looks_like_a_path(revision), "{revision}");
        }
    }
}
