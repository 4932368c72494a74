//! The cases of a function that is evaluated for all callers: once with nothing known of its parameters, and once more for each key that one
//! of them is looked up by.
//!
//! Each route through a gateway is such a case. What a case does rests on far less than what the function does, so that a mixed state in which
//! one route is another one needs no more than that route evaluated.

use std::sync::Arc;

use crate::eval::domain::value::FunctionRef;
use crate::eval::reuse::changes::Reach;
use crate::eval::reuse::effect::Effect;
use crate::eval::reuse::file_set::FileSet;

/// How many parameters of a function are taken through their keys at once.
pub const PARAMETERS: usize = 3;

/// A case: the keys that were chosen, in terms that hold in any tree, and all cases that choose more besides.
///
/// In order, a case comes right before those that it holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Case {
    /// For each chosen key a digest of it and of its parameter; 0 from the first one on that is not chosen.
    keys: [u64; PARAMETERS],
}

impl Case {
    /// Nothing is chosen: the whole function.
    pub const ALL: Self = Self {
        keys: [0; PARAMETERS],
    };

    /// The case in which this key, given as a digest, is chosen for a parameter as well.
    #[must_use]
    pub fn with(mut self, parameter: u32, key: u64) -> Self {
        if let Some(free) = self.keys.iter_mut().find(|key| **key == 0) {
            // Two keys that come out alike would be one case, which then holds what both do.
            *free = key.rotate_left(parameter) | 1;
        }
        self
    }

    /// Whether `other` is this case or one that chooses more besides.
    #[must_use]
    pub fn holds(self, other: Self) -> bool {
        let mut pairs = self.keys.iter().zip(other.keys);
        pairs.all(|(&own, other)| own == 0 || own == other)
    }

    /// How many keys are chosen.
    #[must_use]
    pub fn count(self) -> usize {
        self.keys.iter().filter(|key| **key != 0).count()
    }

    /// The cases that hold this one, itself among them, the whole function first.
    pub fn holders(self) -> impl Iterator<Item = Self> {
        (0..=self.count()).map(move |chosen| {
            let mut keys = [0; PARAMETERS];
            keys[..chosen].copy_from_slice(&self.keys[..chosen]);
            Self { keys }
        })
    }
}

/// A case of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RootId {
    /// The function.
    pub function: FunctionRef,
    /// Which of its evaluations for all callers.
    pub case: Case,
}

/// How far the cases of one function reach.
#[derive(Clone, Debug, Default)]
pub struct Cases {
    /// In order, so that the whole function comes first, and right after a case those that it holds.
    reaches: Vec<(Case, Reach)>,
}

impl Cases {
    /// How far a case reaches, with all that it holds; none if there was none like it.
    #[must_use]
    pub fn get(&self, case: Case) -> Option<&Reach> {
        let found = self.reaches.binary_search_by_key(&case, |(case, _)| *case);
        found.ok().map(|index| &self.reaches[index].1)
    }

    /// A case and those that it holds.
    pub fn within(&self, case: Case) -> impl Iterator<Item = (Case, &Reach)> {
        let first = self.reaches.partition_point(|(other, _)| *other < case);
        let from = self.reaches[first..].iter();
        from.take_while(move |(other, _)| case.holds(*other))
            .map(|(case, reach)| (*case, reach))
    }

    /// Adds what a case looks into, to those that hold it too.
    pub fn add_files(&mut self, case: Case, files: FileSet) {
        for holder in case.holders() {
            let reach = self.entry(holder);
            reach.files = reach.files.union(files);
        }
    }

    /// Adds what a case does that others see, to those that hold it too.
    pub fn add_effects(&mut self, case: Case, effects: &[Effect]) {
        for holder in case.holders() {
            let known = &mut self.entry(holder).effects;
            let before = known.as_deref().unwrap_or_default();
            let new = effects.iter().filter(|effect| !before.contains(effect));
            let new: Vec<Effect> = new.cloned().collect();
            if known.is_none() || !new.is_empty() {
                *known = Some(before.iter().cloned().chain(new).collect::<Arc<[Effect]>>());
            }
        }
    }

    /// Adds how far a case reaches according to another evaluation of the same function, with all that it holds.
    pub fn add(&mut self, case: Case, other: &Self) {
        for (case, reach) in other.within(case) {
            self.add_files(case, reach.files);
            if let Some(effects) = &reach.effects {
                self.add_effects(case, effects);
            }
        }
    }

    fn entry(&mut self, case: Case) -> &mut Reach {
        let found = self.reaches.binary_search_by_key(&case, |(case, _)| *case);
        let index = found.unwrap_or_else(|index| {
            self.reaches.insert(index, (case, Reach::default()));
            index
        });
        &mut self.reaches[index].1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_holds_those_that_choose_more() {
        let cache = Case::ALL.with(0, 7);
        let get = cache.with(1, 9);
        assert!(Case::ALL.holds(cache) && Case::ALL.holds(get) && cache.holds(get));
        assert!(!get.holds(cache) && !Case::ALL.with(0, 8).holds(get));
        let holders: Vec<Case> = get.holders().collect();
        assert_eq!(holders, [Case::ALL, cache, get]);
    }

    #[test]
    fn what_a_case_looks_into_counts_for_those_that_hold_it() {
        let (cache, log) = (Case::ALL.with(0, 7), Case::ALL.with(0, 8));
        let get = cache.with(1, 9);
        let mut cases = Cases::default();
        cases.add_files(get, FileSet::of(1));
        cases.add_files(log, FileSet::of(2));
        let files = |case| cases.get(case).map(|reach| reach.files);
        assert_eq!(files(get), Some(FileSet::of(1)));
        assert_eq!(files(cache), Some(FileSet::of(1)));
        assert_eq!(files(log), Some(FileSet::of(2)));
        let all = FileSet::of(1).union(FileSet::of(2));
        assert_eq!(files(Case::ALL), Some(all));
        let within: Vec<Case> = cases.within(cache).map(|(case, _)| case).collect();
        assert_eq!(within, [cache, get]);
    }
}
