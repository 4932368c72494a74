//! What a value may be, one by one: most are one thing, and then nothing is allocated.

use std::ops::Deref;
use std::rc::Rc;

use crate::eval::domain::value::Value;

/// The alternatives of a value, at least one.
#[derive(Clone, Debug)]
pub enum Alternatives {
    /// It is this.
    One([Value; 1]),
    /// It is one of these.
    Many(Rc<[Value]>),
}

impl Deref for Alternatives {
    type Target = [Value];

    #[inline]
    fn deref(&self) -> &[Value] {
        match self {
            Self::One(value) => value,
            Self::Many(values) => values,
        }
    }
}

impl IntoIterator for Alternatives {
    type Item = Value;
    type IntoIter = Each;

    #[inline]
    fn into_iter(self) -> Each {
        Each { of: self, next: 0 }
    }
}

/// Goes through alternatives.
#[derive(Debug)]
pub struct Each {
    of: Alternatives,
    next: usize,
}

impl Iterator for Each {
    type Item = Value;

    #[inline]
    fn next(&mut self) -> Option<Value> {
        let value = self.of.get(self.next).copied()?;
        self.next += 1;
        Some(value)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.of.len().saturating_sub(self.next);
        (left, Some(left))
    }
}

impl ExactSizeIterator for Each {}

impl<'a> IntoIterator for &'a Alternatives {
    type Item = &'a Value;
    type IntoIter = std::slice::Iter<'a, Value>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
