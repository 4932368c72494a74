//! Fingerprints: what stays the same about a finding when lines move.

/// FNV-1a with 64 bits (<http://www.isthe.com/chongo/tech/comp/fnv/>): fixed for good, unlike the standard library's hasher.
#[derive(Clone, Copy)]
pub(super) struct Fnv(u64);

impl Fnv {
    pub(super) const fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    fn bytes(mut self, bytes: &[u8]) -> Self {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        self
    }

    /// Adds a field. A byte that UTF-8 never has ends it, so that `("ab", "c")` and `("a", "bc")` differ.
    pub(super) fn field(self, text: &str) -> Self {
        self.bytes(text.as_bytes()).bytes(&[0xff])
    }

    pub(super) fn number(self, number: u64) -> Self {
        self.bytes(&number.to_le_bytes())
    }

    pub(super) const fn finish(self) -> u64 {
        self.0
    }
}

/// The fingerprint of a finding that consists of these atoms, and is the `ordinal`th (from 0) of its report to do so.
pub(super) fn fingerprint(atoms: &[u64], ordinal: u64) -> String {
    let all = atoms
        .iter()
        .fold(Fnv::new(), |hash, &atom| hash.number(atom));
    let hash = if ordinal == 0 {
        all
    } else {
        all.number(ordinal)
    };
    format!("{:016x}", hash.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_the_published_hash() {
        assert_eq!(Fnv::new().bytes(b"foobar").finish(), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn fields_do_not_run_together() {
        let left = Fnv::new().field("ab").field("c").finish();
        let right = Fnv::new().field("a").field("bc").finish();
        assert_ne!(left, right);
    }

    #[test]
    fn ordinals_tell_equal_findings_apart() {
        assert_ne!(fingerprint(&[7], 0), fingerprint(&[7], 1));
        assert_eq!(fingerprint(&[7, 8], 2), fingerprint(&[7, 8], 2));
    }
}
