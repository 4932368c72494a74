//! Sets of the files that differ between two trees.

/// A set of changed files, as far as 64 bits can tell them apart.
///
/// Files may share a bit. That makes a set larger than it is, never smaller.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct FileSet(u64);

/// How many files a set tells apart.
pub const BITS: u32 = 64;

impl FileSet {
    /// No file.
    pub const NONE: Self = Self(0);
    /// Every file.
    pub const ALL: Self = Self(u64::MAX);

    /// The file (or group of files) with this number, counted from 0 by whoever compares.
    #[must_use]
    pub const fn of(number: u32) -> Self {
        Self(1 << (number % BITS))
    }

    /// The files of this set that are not in the other one, and perhaps some that are.
    #[must_use]
    pub const fn without(self, other: Self, tells_all_apart: bool) -> Self {
        if tells_all_apart {
            Self(self.0 & !other.0)
        } else {
            self
        }
    }

    /// Both sets' files.
    #[must_use]
    #[inline]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether a file is in both.
    #[must_use]
    pub const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}
