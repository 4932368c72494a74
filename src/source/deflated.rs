//! The beginning of what is packed by zlib (RFC 1950 and 1951), and no more of it than is asked for.
//!
//! What unpacks whole files makes tables first, by which each letter is found at once. For a hundred letters these cost more than they save: here a code is
//! followed bit by bit.

/// The longest code, in bits.
const LONGEST: usize = 15;

/// The symbol that ends a block; those above stand for lengths.
const END: usize = 256;

/// In which order the lengths of the codes for lengths are given (RFC 1951, 3.2.7).
const ORDER: [usize; 19] = [
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
];

/// Fills `out` with what `packed` begins with; none if it is shorter, stands there as it is, or is damaged. The sum at its end is not looked at.
pub(super) fn beginning(packed: &[u8], out: &mut [u8]) -> Option<()> {
    let &[method, flags, ..] = packed else {
        return None;
    };
    if method & 15 != 8 || flags & 32 != 0 {
        return None;
    }
    let mut bits = Bits {
        bytes: &packed[2..],
        held: 0,
        count: 0,
    };
    let mut written = 0;
    loop {
        let is_last = bits.take(1)? == 1;
        let (letters, distances) = match bits.take(2)? {
            1 => fixed_codes(),
            2 => read_codes(&mut bits)?,
            _ => return None,
        };
        written = unpack(&mut bits, (&letters, &distances), out, written)?;
        if written == out.len() {
            return Some(());
        }
        if is_last {
            return None;
        }
    }
}

/// Unpacks a block as far as there is room; gives how much of `out` is written then.
fn unpack(
    bits: &mut Bits,
    (letters, distances): (&Code, &Code),
    out: &mut [u8],
    mut written: usize,
) -> Option<usize> {
    while written < out.len() {
        let symbol = letters.read(bits)?;
        if let Ok(letter) = u8::try_from(symbol) {
            out[written] = letter;
            written += 1;
        } else if symbol == END {
            break;
        } else {
            let length = length_of(symbol - END - 1, bits)?;
            let distance = distance_of(distances.read(bits)?, bits)?;
            let from = written.checked_sub(distance)?;
            let end = out.len().min(written + length);
            for at in written..end {
                out[at] = out[from + at - written];
            }
            written = end;
        }
    }
    Some(written)
}

/// How many letters are repeated (RFC 1951, 3.2.5).
fn length_of(symbol: usize, bits: &mut Bits) -> Option<usize> {
    match symbol {
        0..8 => Some(3 + symbol),
        8..28 => {
            let extra = symbol / 4 - 1;
            Some(3 + ((4 + symbol % 4) << extra) + bits.take(extra)?)
        }
        28 => Some(258),
        _ => None,
    }
}

/// How far back they stand.
fn distance_of(symbol: usize, bits: &mut Bits) -> Option<usize> {
    match symbol {
        0..4 => Some(1 + symbol),
        4..30 => {
            let extra = symbol / 2 - 1;
            Some(1 + ((2 + symbol % 2) << extra) + bits.take(extra)?)
        }
        _ => None,
    }
}

/// The codes of blocks that bring none (RFC 1951, 3.2.6).
fn fixed_codes() -> (Code, Code) {
    let letters = (0..288).map(|symbol| match symbol {
        144..256 => (symbol, 9),
        256..280 => (symbol, 7),
        _ => (symbol, 8),
    });
    let letters = Code::of(&letters.collect::<Vec<_>>());
    let distances = (0..30).map(|symbol| (symbol, 5));
    (letters, Code::of(&distances.collect::<Vec<_>>()))
}

/// The codes that a block begins with.
fn read_codes(bits: &mut Bits) -> Option<(Code, Code)> {
    let count_of_letters = bits.take(5)? + 257;
    let count = count_of_letters + bits.take(5)? + 1;
    let given = bits.take(4)? + 4;
    let mut own = [(0, 0); ORDER.len()];
    for &at in &ORDER[..given] {
        own[at] = (at, bits.take(3)?);
    }
    let code = Code::of(&own);
    // Most symbols have no code: they are left out.
    let (mut letters, mut distances) = (Vec::with_capacity(96), Vec::with_capacity(32));
    let (mut at, mut last) = (0, 0);
    while at < count {
        let symbol = code.read(bits)?;
        let (length, times) = match symbol {
            16 => (last, 3 + bits.take(2)?),
            17 => (0, 3 + bits.take(3)?),
            18 => (0, 11 + bits.take(7)?),
            length => (length, 1),
        };
        if length > 0 {
            for symbol in at..count.min(at + times) {
                match symbol.checked_sub(count_of_letters) {
                    None => letters.push((symbol, length)),
                    Some(symbol) => distances.push((symbol, length)),
                }
            }
        }
        at += times;
        last = length;
    }
    (at == count).then(|| (Code::of(&letters), Code::of(&distances)))
}

/// What is packed, bit by bit.
struct Bits<'a> {
    bytes: &'a [u8],
    held: usize,
    count: usize,
}

impl Bits<'_> {
    /// Holds as many bits as the longest code has, if there are so many.
    #[inline]
    fn fill(&mut self) {
        while self.count < LONGEST
            && let Some((&byte, rest)) = self.bytes.split_first()
        {
            self.bytes = rest;
            self.held |= usize::from(byte) << self.count;
            self.count += 8;
        }
    }

    /// As many bits as the longest code has, the first one in front, as codes are packed.
    #[inline]
    fn ahead(&mut self) -> usize {
        self.fill();
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the bits after them are left out"
        )]
        let held = self.held as u16;
        usize::from(held.reverse_bits() >> 1)
    }

    /// The next `count` bits, at most 15 of them; none if there are not so many.
    #[inline]
    fn take(&mut self, count: usize) -> Option<usize> {
        if self.count < count {
            self.fill();
        }
        self.count = self.count.checked_sub(count)?;
        let taken = self.held & ((1 << count) - 1);
        self.held >>= count;
        Some(taken)
    }
}

/// A code: symbols of one length have codes one after the other, in their own order (RFC 1951, 3.2.2).
struct Code {
    /// By length.
    of_length: [OfLength; LONGEST + 1],
    /// The symbols, by the length of their codes.
    symbols: Vec<usize>,
}

/// The codes of one length.
#[derive(Clone, Copy, Default)]
struct OfLength {
    first: usize,
    count: usize,
    /// Where their symbols begin.
    begin: usize,
    /// What is read, as if it were as long as the longest code, is less than this if it begins with one of them or with a shorter one.
    limit: usize,
}

impl Code {
    /// The code in which symbols, in order, have codes of these lengths; 0: it has none.
    fn of(lengths: &[(usize, usize)]) -> Self {
        let mut of_length = [OfLength::default(); LONGEST + 1];
        for &(_, length) in lengths {
            of_length[length].count += 1;
        }
        of_length[0].count = 0;
        let mut next = [0; LONGEST + 1];
        for length in 1..=LONGEST {
            let shorter = of_length[length - 1];
            let this = &mut of_length[length];
            this.first = (shorter.first + shorter.count) << 1;
            this.begin = shorter.begin + shorter.count;
            this.limit = (this.first + this.count) << (LONGEST - length);
            next[length] = this.begin;
        }
        let mut symbols = vec![0; lengths.len()];
        for &(symbol, length) in lengths.iter().filter(|(_, length)| *length > 0) {
            symbols[next[length]] = symbol;
            next[length] += 1;
        }
        Self { of_length, symbols }
    }

    /// The next symbol; none if no code is like what comes.
    #[inline]
    fn read(&self, bits: &mut Bits) -> Option<usize> {
        let next = bits.ahead();
        let of_length = self.of_length.iter().enumerate();
        let mut of_length = of_length.skip(1);
        let (length, found) = of_length.find(|(_, of_length)| next < of_length.limit)?;
        bits.take(length)?;
        let at = (next >> (LONGEST - length)) - found.first;
        self.symbols.get(found.begin + at).copied()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::ZlibEncoder;
    use proptest::prelude::*;

    use super::beginning;

    fn packed(text: &[u8], level: u32) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::new(level));
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    proptest! {
        #[test]
        fn it_is_what_was_packed(
            words in proptest::collection::vec("[0-9a-f]{1,40}|[ -~]{1,9}|\n|parent |author ", 1..200),
            level in 1..10_u32,
            length in 1..400_usize,
        ) {
            let text = words.concat().into_bytes();
            let mut found = vec![0; length];
            let is_there = beginning(&packed(&text, level), &mut found).is_some();
            // What is short may stand there as it is.
            if is_there {
                prop_assert_eq!(Some(&found[..]), text.get(..length));
            }
        }

        #[test]
        fn what_is_damaged_ends(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let mut found = [0; 200];
            let _ = beginning(&[&[0x78, 0x9c], bytes.as_slice()].concat(), &mut found);
        }
    }

    #[test]
    fn a_text_is_found_however_it_is_packed() {
        let text = "tree 9d2c0a\nparent 77ab0\n".repeat(20);
        for level in 1..10 {
            let mut found = [0; 500];
            assert!(beginning(&packed(text.as_bytes(), level), &mut found).is_some());
            assert_eq!(found, text.as_bytes()[..500]);
        }
        assert!(beginning(&packed(text.as_bytes(), 9), &mut [0; 521]).is_none());
    }

    #[test]
    fn what_stands_there_as_it_is_is_left_to_others() {
        assert!(beginning(&packed(b"tree", 0), &mut [0; 4]).is_none());
    }
}
