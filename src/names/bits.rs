//! A set of variables of one scope.

/// A set of small numbers. Up to 64 of them take no allocation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Bits {
    low: u64,
    high: Vec<u64>,
}

impl Bits {
    /// The empty set, with room for `count` numbers. Sets are used with others of the same room alone.
    pub(super) fn new(count: usize) -> Self {
        Self {
            low: 0,
            high: vec![0; count.saturating_sub(1) / 64],
        }
    }

    pub(super) fn has(&self, number: u32) -> bool {
        let word = match number / 64 {
            0 => self.low,
            index => self.high[index as usize - 1],
        };
        word >> (number % 64) & 1 == 1
    }

    pub(super) fn set(&mut self, number: u32, value: bool) {
        let word = match number / 64 {
            0 => &mut self.low,
            index => &mut self.high[index as usize - 1],
        };
        let bit = 1 << (number % 64);
        if value {
            *word |= bit;
        } else {
            *word &= !bit;
        }
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.low |= other.low;
        for (mine, theirs) in self.high.iter_mut().zip(&other.high) {
            *mine |= theirs;
        }
    }

    /// Adds what `other` has and `without` has not.
    pub(super) fn add_without(&mut self, other: &Self, without: &Self) {
        self.low |= other.low & !without.low;
        let others = other.high.iter().zip(&without.high);
        for (mine, (theirs, without)) in self.high.iter_mut().zip(others) {
            *mine |= theirs & !without;
        }
    }

    /// Takes away what `other` has.
    pub(super) fn remove(&mut self, other: &Self) {
        self.low &= !other.low;
        for (mine, theirs) in self.high.iter_mut().zip(&other.high) {
            *mine &= !theirs;
        }
    }

    /// Keeps what `other` has.
    pub(super) fn keep(&mut self, other: &Self) {
        self.low &= other.low;
        for (mine, theirs) in self.high.iter_mut().zip(&other.high) {
            *mine &= theirs;
        }
    }

    /// Its numbers in order.
    pub(super) fn numbers(&self) -> impl Iterator<Item = u32> {
        let words = std::iter::once(&self.low).chain(&self.high);
        let words = (0_u32..).zip(words).filter(|(_, word)| **word != 0);
        words.flat_map(|(index, &word)| {
            (0..64).filter_map(move |bit| (word >> bit & 1 == 1).then_some(index * 64 + bit))
        })
    }

    pub(super) fn clear(&mut self) {
        self.low = 0;
        self.high.fill(0);
    }
}

#[cfg(test)]
mod tests {
    use super::Bits;

    #[test]
    fn numbers_come_and_go() {
        for count in [1, 64, 65, 200] {
            let mut bits = Bits::new(count);
            let last = u32::try_from(count).unwrap() - 1;
            bits.set(last, true);
            assert!(bits.has(last));
            let mut other = Bits::new(count);
            other.set(0, true);
            bits.add(&other);
            assert!(bits.has(0) && bits.has(last));
            bits.set(last, false);
            assert_eq!(bits.has(last), false);
            bits.clear();
            assert_eq!(bits, Bits::new(count));
        }
    }
}
