//! Whether two files say the same at other places.
//!
//! Comments, blank lines, docstrings and the layout of code are not in the intermediate form: an edit of them moves what is there, and changes nothing else of it.

use std::hash::{Hash, Hasher};

use super::ir::{Module, Range};

/// All that a file says, apart from where it says it.
#[derive(Debug, Default)]
struct Shape {
    /// Everything but positions, in an order that the type gives: it is the same for two files if and only if all of that is.
    content: Vec<u8>,
    /// The positions, in the same order.
    places: Vec<u32>,
}

impl Shape {
    fn of(module: &Module) -> &Self {
        module.shape.get_or_work_out(|| {
            let mut shape = Self::default();
            module.hash(&mut shape);
            shape
        })
    }
}

/// What is written here is not mixed into a number, but kept as it comes: the derived `Hash` names every field of every type.
impl Hasher for Shape {
    fn write(&mut self, bytes: &[u8]) {
        self.content.extend_from_slice(bytes);
    }

    /// A [`Range`]: nothing else has this width.
    fn write_u128(&mut self, range: u128) {
        let position = |bits: u128| u32::try_from(bits & u128::from(u32::MAX)).unwrap_or(u32::MAX);
        self.places.extend([position(range), position(range >> 64)]);
    }

    fn finish(&self) -> u64 {
        0
    }
}

/// Where the positions of one file are in another one that is like it.
#[derive(Debug, PartialEq, Eq)]
pub struct Moves {
    /// A position in the first file, and where it is in the second; both ascend.
    pairs: Vec<(u32, u32)>,
}

impl Moves {
    /// From one file to another that says the same. None if it says something else, or if two positions are not the same to each other: in one file something
    /// begins where something else ends, in the other there is room between them.
    ///
    /// The beginning of a file stands for a place of which nothing is known, too, and has to stay what it is.
    #[must_use]
    pub fn between(from: &Module, to: &Module) -> Option<Self> {
        let (from, to) = (Shape::of(from), Shape::of(to));
        if from.content != to.content || from.places.len() != to.places.len() {
            return None;
        }
        let positions = from.places.iter().zip(&to.places);
        let mut pairs: Vec<(u32, u32)> = positions.map(|(&from, &to)| (from, to)).collect();
        pairs.push((0, 0));
        pairs.sort_unstable();
        pairs.dedup();
        let ascends = |pair: &[(u32, u32)]| pair[0].0 < pair[1].0 && pair[0].1 < pair[1].1;
        pairs.windows(2).all(ascends).then_some(Self { pairs })
    }

    /// Where a range of the first file is in the second; none if that cannot be told.
    #[must_use]
    pub fn range(&self, range: Range) -> Option<Range> {
        Some(Range::new(
            self.position(range.start)?,
            self.position(range.end)?,
        ))
    }

    /// A position that is none of a file's own, such as that of an `@`, was counted from one of those beside it. Where it makes a difference from which, nobody knows.
    fn position(&self, at: u32) -> Option<u32> {
        let index = match self.pairs.binary_search_by_key(&at, |&(from, _)| from) {
            Ok(index) => return Some(self.pairs[index].1),
            Err(index) => index,
        };
        let before = index.checked_sub(1).and_then(|index| self.pairs.get(index));
        let before = before.map(|&(from, to)| Some(to + (at - from)));
        let behind = self.pairs.get(index);
        let behind = behind.map(|&(from, to)| to.checked_sub(from - at));
        match (before, behind) {
            (Some(one), Some(other)) => one.filter(|_| one == other),
            (one, other) => one.or(other)?,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::parse;

    fn moves(from: &str, to: &str) -> Option<Moves> {
        Moves::between(&parse(from), &parse(to))
    }

    /// Where the first `word` of one text is in the other.
    fn moved(from: &str, to: &str, word: &str) -> Option<bool> {
        let range = |text: &str| {
            let start = text.find(word).expect("the word");
            let of = |at: usize| u32::try_from(at).expect("a short text");
            Range::new(of(start), of(start + word.len()))
        };
        let found = moves(from, to)?.range(range(from))?;
        Some(found == range(to))
    }

    const CODE: &str = "'''Text.'''\nimport os\n\n@os.mark\ndef f(a, *, b=1):\n    '''More.'''\n    return os.path.join(a, key=b)\n";

    #[test]
    fn comments_docstrings_and_layout_move_what_is_there() {
        let other = "# -*- x -*-\n'''Other text,\non two lines.'''\nimport os  # for paths\n\n\n@os.mark\n# why\ndef f(\n    a,\n    *,\n    b=1,\n):\n    # here\n    return os.path.join(\n        a, key=b)\n";
        for word in ["os", "def f", "b=1", "return", "join", "key=b", "key"] {
            assert_eq!(moved(CODE, other, word), Some(true), "{word}");
            assert_eq!(moved(other, CODE, word), Some(true), "{word}");
        }
    }

    #[test]
    fn whatever_code_says_makes_files_differ() {
        let changes = [
            ("import os\n", "import sys as os\n"),
            ("@os.mark\n", ""),
            ("@os.mark", "@os.marks"),
            ("f(a,", "f(c,"),
            ("*, b", "b"),
            ("b=1", "b=2"),
            ("b=1", "b=1.0"),
            ("b=1", "b=True"),
            ("b=1", "b='1'"),
            ("b=1", "b=b'1'"),
            ("key=b", "b"),
            ("key=b", "**b"),
            ("a, key", "*a, key"),
            ("return os", "os"),
            ("join", "split"),
            ("(a, key=b)", "(a, key=b) # coship: ignore"),
            ("(a, key=b)", "(a, key=b) # noqa: F821"),
            ("(a, key=b)", "(a, key=b"),
            ("def f", "async def f"),
            ("'''Text.'''", "#!/usr/bin/env python3"),
            ("'''Text.'''", "x: int"),
        ];
        for (from, to) in changes {
            let other = CODE.replace(from, to);
            assert_ne!(other, CODE, "{from}");
            assert_eq!(moves(CODE, &other), None, "{from} -> {to}");
            assert_eq!(moves(&other, CODE), None, "{to} -> {from}");
            assert!(moves(&other, &other).is_some());
        }
    }

    #[test]
    fn floats_that_compare_equal_and_are_not_the_same_differ() {
        assert_eq!(moves("x = 0.0\n", "x = -0.0\n"), None);
        assert_eq!(moves("x = 1\n", "x = 1.0\n"), None);
    }

    #[test]
    fn what_moves_the_beginning_of_a_file_is_no_move() {
        assert_eq!(moves("x = 1\n", "# why\nx = 1\n"), None);
        assert!(moves("\nx = 1\n", "# why\nx = 1\n").is_some());
        assert!(moves("", "# nothing\n").is_some());
    }

    #[test]
    fn what_is_counted_from_two_places_moves_with_both_or_not_at_all() {
        let (from, to) = (
            "\ntry: f()\nexcept: g()\n",
            "\ntry: f()\n# why\nexcept: g()\n",
        );
        let at = u32::try_from(from.find("except").expect("it")).expect("a short text");
        let word = Range::new(at, at + 6);
        let found = moves(from, to)
            .expect("alike")
            .range(word)
            .expect("a place");
        assert_eq!(&to[found.start as usize..found.end as usize], "except");
        let apart = "\ntry: f()\nexcept:   g()\n";
        assert_eq!(moves(from, apart).expect("alike").range(word), None);
    }
}
