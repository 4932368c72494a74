//! The three-valued answer of a condition.

/// What a condition is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Truth {
    /// It holds.
    True,
    /// It does not.
    False,
    /// It may or may not.
    Unknown,
}

impl Truth {
    /// The truth of a known answer.
    #[must_use]
    #[inline]
    pub const fn of(answer: bool) -> Self {
        if answer { Self::True } else { Self::False }
    }

    /// Whether both hold.
    #[must_use]
    #[inline]
    pub const fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::False, _) | (_, Self::False) => Self::False,
            (Self::True, Self::True) => Self::True,
            _ => Self::Unknown,
        }
    }

    /// The opposite.
    #[must_use]
    #[inline]
    pub const fn not(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            Self::Unknown => Self::Unknown,
        }
    }

    /// What both agree on.
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        if self == other { self } else { Self::Unknown }
    }
}
