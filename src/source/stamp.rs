//! Whether anything changed that a check reads, told by the metadata of files: for watching, without reading them.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::time::SystemTime;

use walkdir::WalkDir;

use super::context::Context;
use super::locate::{Choice, Located, Place};
use crate::config::{AgainstOption, Selection, Written};

/// Directories in which much may happen, and into which no check looks unless the configuration has it so.
const PASSED_OVER: [&str; 6] = [
    ".git",
    "__pycache__",
    "node_modules",
    ".mypy_cache",
    ".ruff_cache",
    ".pytest_cache",
];

impl Located {
    /// A number that changes when a file of this version or what git refers to changes, comes or goes; so for a directory or zip that it is compared with:
    /// the one that is named, or else `configured`.
    #[must_use]
    pub fn stamp(
        &self,
        named: Option<&str>,
        configured: Option<&Written<AgainstOption>>,
        (selection, context): (&Selection, &Context),
    ) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.add_version(selection, &mut hasher);
        self.add_references(&mut hasher);
        let configured = configured.and_then(|written| match &written.value {
            AgainstOption::Spec(spec) => Some(&**spec),
            // Among git's references.
            AgainstOption::Tag(_) => None,
        });
        if let Some(spec) = named.or(configured)
            && let Ok(Choice::Version(against)) = self.against(Some(spec), None, context)
        {
            against.add_version(selection, &mut hasher);
        }
        hasher.finish()
    }

    /// Adds what lies on disk.
    fn add_version(&self, selection: &Selection, hasher: &mut DefaultHasher) {
        if let Place::Zip { disk } = &self.place {
            add(disk, hasher);
        }
        if let Some(directory) = self.on_disk() {
            add_files(directory, selection, hasher);
        }
    }

    /// The same for what git refers to alone: HEAD, branches, tags, the index.
    fn add_references(&self, hasher: &mut DefaultHasher) {
        let Some((git, _)) = self.repository() else {
            return;
        };
        let own = git.repo.git_dir();
        let common = git.repo.common_dir();
        for file in [
            own.join("HEAD"),
            own.join("index"),
            common.join("packed-refs"),
            common.join("shallow"),
            common.join("info").join("exclude"),
        ] {
            add(&file, hasher);
        }
        for entry in WalkDir::new(common.join("refs"))
            .sort_by_file_name()
            .into_iter()
            .flatten()
        {
            add(entry.path(), hasher);
        }
        // A branch's tip in a reference that HEAD names is among these. The configuration may lie above the tree.
        if let Some(root) = &git.root {
            for directory in self.on_disk().into_iter().flat_map(Path::ancestors) {
                for name in ["coship.toml", "pyproject.toml", ".gitignore"] {
                    add(&directory.join(name), hasher);
                }
                if directory == root {
                    break;
                }
            }
        }
    }
}

/// Adds all files below a directory, and which directories there are: an empty one is a package as well.
fn add_files(directory: &Path, selection: &Selection, hasher: &mut DefaultHasher) {
    let walk = WalkDir::new(directory).sort_by_file_name().into_iter();
    let walk = walk.filter_entry(|entry| {
        let name = entry.file_name().to_str().unwrap_or_default();
        let is_passed_over = || PASSED_OVER.contains(&name) && selection.skips_name(name);
        entry.depth() == 0 || !entry.file_type().is_dir() || !is_passed_over()
    });
    for entry in walk.flatten() {
        if entry.file_type().is_dir() {
            entry.path().hash(hasher);
        } else {
            add(entry.path(), hasher);
        }
    }
}

/// Adds a file's metadata: that of the file that a link leads to.
fn add(path: &Path, hasher: &mut DefaultHasher) {
    let Ok(metadata) = fs::metadata(path) else {
        return;
    };
    path.hash(hasher);
    metadata.len().hash(hasher);
    let since = metadata
        .modified()
        .ok()
        .and_then(|time| time.duration_since(SystemTime::UNIX_EPOCH).ok());
    since.hash(hasher);
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        (metadata.ino(), metadata.ctime(), metadata.ctime_nsec()).hash(hasher);
    }
}
