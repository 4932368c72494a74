//! Sets of units: which of the changed units a mixed state has at their candidate version.

use std::fmt;

/// Which changed unit; counts along [`super::Changes::units`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UnitId(pub u32);

/// How many units a word holds.
const WORD: usize = u64::BITS as usize;

/// A set of units. Sets of one comparison are all made for the same number of units.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UnitSet(Box<[u64]>);

impl UnitSet {
    /// The empty set, with room for `count` units.
    #[must_use]
    pub fn empty(count: usize) -> Self {
        Self(vec![0; count.div_ceil(WORD)].into_boxed_slice())
    }

    /// All of `count` units.
    #[must_use]
    pub fn full(count: usize) -> Self {
        (0..)
            .take(count)
            .map(UnitId)
            .fold(Self::empty(count), Self::with)
    }

    /// The set of these units, with room for `count`.
    pub fn of(count: usize, units: impl IntoIterator<Item = UnitId>) -> Self {
        units.into_iter().fold(Self::empty(count), Self::with)
    }

    /// This set and `unit`.
    #[must_use]
    pub fn with(mut self, unit: UnitId) -> Self {
        self.insert(unit);
        self
    }

    /// This set without `unit`.
    #[must_use]
    pub fn without(mut self, unit: UnitId) -> Self {
        let index = unit.0 as usize;
        self.0[index / WORD] &= !(1 << (index % WORD));
        self
    }

    /// Adds a unit.
    pub fn insert(&mut self, unit: UnitId) {
        let index = unit.0 as usize;
        self.0[index / WORD] |= 1 << (index % WORD);
    }

    /// Whether `unit` is in it.
    #[must_use]
    pub fn contains(&self, unit: UnitId) -> bool {
        let index = unit.0 as usize;
        self.0[index / WORD] & (1 << (index % WORD)) != 0
    }

    fn zip(&self, other: &Self, combine: impl Fn(u64, u64) -> u64) -> Self {
        let words = self.0.iter().zip(&other.0);
        Self(
            words
                .map(|(&ours, &theirs)| combine(ours, theirs))
                .collect(),
        )
    }

    /// What is in either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        self.zip(other, |ours, theirs| ours | theirs)
    }

    /// What is in both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        self.zip(other, |ours, theirs| ours & theirs)
    }

    /// What is in this one alone.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        self.zip(other, |ours, theirs| ours & !theirs)
    }

    /// Whether all of it is in `other`.
    #[must_use]
    pub fn is_subset(&self, other: &Self) -> bool {
        let mut words = self.0.iter().zip(&other.0);
        words.all(|(ours, theirs)| ours & !theirs == 0)
    }

    /// Whether nothing of it is in `other`.
    #[must_use]
    pub fn is_disjoint(&self, other: &Self) -> bool {
        let mut words = self.0.iter().zip(&other.0);
        words.all(|(ours, theirs)| ours & theirs == 0)
    }

    /// Whether it has no unit.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|&word| word == 0)
    }

    /// How many units are in it.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Its units, in order.
    pub fn iter(&self) -> impl Iterator<Item = UnitId> {
        let words = (0..).step_by(WORD).zip(&self.0);
        words.flat_map(|(first, &word)| {
            let bits = (0..).take(WORD).filter(move |bit| word & (1 << bit) != 0);
            bits.map(move |bit: u32| UnitId(first + bit))
        })
    }
}

impl fmt::Debug for UnitSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set()
            .entries(self.iter().map(|unit| unit.0))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::{UnitId, UnitSet};

    #[test]
    fn sets_are_sets() {
        let of = |units: &[u32]| UnitSet::of(130, units.iter().copied().map(UnitId));
        let (left, right) = (of(&[0, 63, 64, 129]), of(&[63, 128]));
        assert_eq!(left.union(&right), of(&[0, 63, 64, 128, 129]));
        assert_eq!(left.intersection(&right), of(&[63]));
        assert_eq!(left.minus(&right), of(&[0, 64, 129]));
        assert_eq!(
            left.iter().map(|unit| unit.0).collect::<Vec<_>>(),
            [0, 63, 64, 129]
        );
        assert_eq!((left.len(), UnitSet::full(130).len()), (4, 130));
        assert!(of(&[63]).is_subset(&left) && !right.is_subset(&left));
        assert!(of(&[1]).is_disjoint(&left) && !right.is_disjoint(&left));
        assert!(
            left.contains(UnitId(129)) && !left.clone().without(UnitId(129)).contains(UnitId(129))
        );
        assert!(UnitSet::empty(130).is_empty() && !left.is_empty());
    }
}
