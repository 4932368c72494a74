//! What is worth keeping from one run to the next, in the user's cache directory: never in a repository.
//!
//! An entry is found by a key that says all that its value depends on, and is stored with it: another key is another entry, so that none
//! is ever out of date. What cannot be read or written is worked out again.

use std::fmt::Write as _;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use etcetera::BaseStrategy;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// Where entries are kept, if not in the user's own place for such things.
const DIRECTORY_VARIABLE: &str = "COSHIP_CACHE_DIR";

/// What the names of entries begin with. Other files in the directory are somebody else's.
const PREFIX: &str = "coship-";

/// How many entries are kept: the oldest go.
const ENTRIES: usize = 64;

/// Entries in one directory.
#[derive(Clone, Debug)]
pub struct Cache {
    directory: PathBuf,
}

/// An entry as it is written: JSON.
#[derive(Serialize, Deserialize)]
struct Entry<K, V> {
    key: K,
    value: V,
}

impl Cache {
    /// The user's: in `$COSHIP_CACHE_DIR`, else in `coship` in the system's place for caches (`$XDG_CACHE_HOME`, `~/.cache`, `%LOCALAPPDATA%`). None
    /// where there is no such place.
    #[must_use]
    pub fn of_user() -> Option<Self> {
        let own = std::env::var_os(DIRECTORY_VARIABLE).filter(|path| !path.is_empty());
        let directory = match own {
            Some(path) => PathBuf::from(path),
            None => etcetera::choose_base_strategy()
                .ok()?
                .cache_dir()
                .join("coship"),
        };
        Some(Self::at(directory))
    }

    /// One whose entries are in this directory, which need not exist.
    #[must_use]
    pub fn at(directory: PathBuf) -> Self {
        Self { directory }
    }

    /// The value that was stored under the key; none if there is none that can be read.
    #[must_use]
    pub fn get<V: DeserializeOwned>(&self, key: &str) -> Option<V> {
        let text = fs::read(self.file(key)).ok()?;
        let entry: Entry<String, V> = serde_json::from_slice(&text).ok()?;
        (entry.key == key).then_some(entry.value)
    }

    /// Stores a value.
    ///
    /// # Errors
    ///
    /// If the directory or the file cannot be written. Nothing is lost by that but the time to work it out again.
    pub fn put<V: Serialize>(&self, key: &str, value: V) -> io::Result<()> {
        fs::create_dir_all(&self.directory)?;
        let file = self.file(key);
        // Two runs may write the same entry: each a whole file under a name of its own, which then takes the entry's.
        let unfinished = file.with_extension(format!("{}.tmp", std::process::id()));
        fs::write(&unfinished, serde_json::to_vec(&Entry { key, value })?)?;
        fs::rename(&unfinished, file)?;
        self.trim()
    }

    fn file(&self, key: &str) -> PathBuf {
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        self.directory
            .join(format!("{PREFIX}{:016x}.json", hasher.finish()))
    }

    /// Removes the oldest entries, and what runs left behind that were killed.
    fn trim(&self) -> io::Result<()> {
        let age = |path: &Path| fs::metadata(path).and_then(|data| data.modified());
        let mut files: Vec<(SystemTime, PathBuf)> = fs::read_dir(&self.directory)?
            .filter_map(Result::ok)
            .filter(|entry| entry.file_name().to_string_lossy().starts_with(PREFIX))
            .map(|entry| entry.path())
            .filter_map(|path| Some((age(&path).ok()?, path)))
            .collect();
        files.sort_unstable();
        for (_, path) in files.iter().rev().skip(ENTRIES) {
            fs::remove_file(path)?;
        }
        Ok(())
    }
}

/// Which build of coship this is: what another one found may be another thing. None if it cannot be told.
#[must_use]
pub fn build() -> Option<String> {
    let program = fs::metadata(std::env::current_exe().ok()?).ok()?;
    let built = program.modified().ok()?;
    let built = built.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    let mut text = String::from(env!("CARGO_PKG_VERSION"));
    let _ = write!(text, " {} {}", program.len(), built.as_nanos());
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cache() -> (tempfile::TempDir, Cache) {
        let directory = tempfile::tempdir().expect("a directory");
        let cache = Cache::at(directory.path().join("not yet there"));
        (directory, cache)
    }

    #[test]
    fn what_is_stored_is_found_by_its_key_alone() {
        let (_directory, cache) = cache();
        assert_eq!(cache.get::<Vec<u64>>("a"), None);
        cache.put("a", [1, u64::MAX]).expect("written");
        assert_eq!(cache.get::<Vec<u64>>("a"), Some(vec![1, u64::MAX]));
        assert_eq!(cache.get::<Vec<u64>>("b"), None);
    }

    #[test]
    fn what_is_broken_or_of_another_key_is_none() {
        let (_directory, cache) = cache();
        cache.put("a", [1]).expect("written");
        fs::copy(cache.file("a"), cache.file("b")).expect("copied");
        assert_eq!(cache.get::<Vec<u64>>("b"), None);
        fs::write(cache.file("a"), "{\"key\": \"a\", \"val").expect("written");
        assert_eq!(cache.get::<Vec<u64>>("a"), None);
    }

    #[test]
    fn a_place_that_cannot_be_written_is_an_error_and_no_panic() {
        let (directory, _) = cache();
        let file = directory.path().join("file");
        fs::write(&file, "").expect("written");
        assert!(Cache::at(file).put("a", 1).is_err());
    }

    #[test]
    fn old_entries_go_and_nothing_else() {
        let (directory, _) = cache();
        let cache = Cache::at(directory.path().to_owned());
        let other = directory.path().join("somebody's file");
        fs::write(&other, "").expect("written");
        for number in 0..ENTRIES + 9 {
            cache.put(&number.to_string(), number).expect("written");
        }
        let kept = fs::read_dir(&cache.directory).expect("readable").count();
        assert!(other.exists());
        assert_eq!(kept, ENTRIES + 1);
    }
}
