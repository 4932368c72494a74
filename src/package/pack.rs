//! Writing a package: the same files give the same bytes, whatever the machine, the time and the order.
//!
//! Sorted names, folders with entries of their own, one date, plain modes (644, 755), no extra fields: so that what reads zips reads this one alike. Deflated, but for what
//! is compressed already.

use std::collections::BTreeSet;
use std::io::{self, Seek, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

/// How hard deflate tries, of 9.
const LEVEL: i64 = 9;

/// A file to be packed.
pub struct Packed<'a> {
    /// Its path in the package, with `/`.
    pub path: &'a str,
    /// Whether it may be run.
    pub is_executable: bool,
    /// Reads its bytes.
    pub read: &'a dyn Fn() -> io::Result<Vec<u8>>,
}

/// Writes the files, which are sorted by path and each there once. How many bytes they have together.
///
/// # Errors
/// If a file cannot be read or `out` not be written.
pub fn pack<W: Write + Seek>(files: &[Packed], out: W) -> io::Result<u64> {
    let mut writer = ZipWriter::new(out);
    let plain = SimpleFileOptions::default()
        .last_modified_time(DateTime::default())
        .compression_method(CompressionMethod::Stored)
        .system(zip::System::Unix);
    let deflated = plain
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(LEVEL));
    let folder = plain.unix_permissions(0o755);
    let mut folders: BTreeSet<&str> = BTreeSet::new();
    let mut total = 0;
    for file in files {
        for (slash, _) in file.path.match_indices('/') {
            if folders.insert(&file.path[..slash]) {
                writer.add_directory(&file.path[..slash], folder)?;
            }
        }
        let mode = if file.is_executable { 0o755 } else { 0o644 };
        let bytes = (file.read)()?;
        total += bytes.len() as u64;
        let how = if is_dense(&bytes) { plain } else { deflated };
        writer.start_file(file.path, how.unix_permissions(mode))?;
        writer.write_all(&bytes)?;
    }
    writer.finish()?.flush()?;
    Ok(total)
}

/// How many bytes are looked at in each place.
const SAMPLE: usize = 16 * 1024;

/// Whether deflate would gain nothing: the bytes are as even as those of compressed or random data, at the beginning, in the middle and at the end.
///
/// Two bytes drawn from even ones are equal once in 256 times. The collision entropy of data where that happens 1.05 times as often is 7.93 bits a byte, and Shannon's, which
/// bounds what a Huffman code gains, is no less. In whole numbers, so that every machine decides alike.
fn is_dense(bytes: &[u8]) -> bool {
    let middle = (bytes.len() / 2).saturating_sub(SAMPLE / 2);
    let last = bytes.len().saturating_sub(SAMPLE);
    let is_even = |start: usize| {
        let sample = &bytes[start..bytes.len().min(start + SAMPLE)];
        let mut counts = [0_u64; 256];
        for &byte in sample {
            counts[usize::from(byte)] += 1;
        }
        let pairs: u64 = counts
            .iter()
            .map(|count| count * count.saturating_sub(1))
            .sum();
        let all = sample.len() as u64 * (sample.len() as u64 - 1);
        pairs * 256 * 100 <= all * 105
    };
    // Chance makes short data uneven.
    bytes.len() >= 1024 && [0, middle, last].into_iter().all(is_even)
}

#[cfg(test)]
mod tests {
    use super::is_dense;

    /// Bytes as even as a generator of pseudo-random numbers makes them (xorshift, Marsaglia 2003).
    fn even(count: usize) -> Vec<u8> {
        let mut state = 0x2545_f491_4f6c_dd1d_u64;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_le_bytes()[4]
        };
        (0..count).map(|_| next()).collect()
    }

    #[test]
    fn what_is_compressed_already_is_stored() {
        for count in [4096, 20_000, 100_000] {
            assert!(is_dense(&even(count)), "{count}");
        }
        let text = "def answer(event):\n    return event\n".repeat(4000);
        for bytes in [b"".as_slice(), b"x", &even(900), text.as_bytes()] {
            assert!(!is_dense(bytes), "{}", bytes.len());
        }
        // A text behind compressed data.
        let mixed = [&even(100_000)[..], text.as_bytes()].concat();
        assert!(!is_dense(&mixed));
    }
}
