//! Writing a package: the same files give the same bytes, whatever the machine, the time and the order.
//!
//! Sorted names, folders with entries of their own, one date, plain modes (644, 755), deflate, no extra fields: so that what reads zips reads this one alike.

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
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(LEVEL))
        .system(zip::System::Unix);
    let folder = plain.unix_permissions(0o755);
    let mut folders: BTreeSet<&str> = BTreeSet::new();
    let mut total = 0;
    for file in files {
        for (slash, _) in file.path.match_indices('/') {
            if folders.insert(&file.path[..slash]) {
                writer.add_directory(
                    &file.path[..slash],
                    folder.compression_method(CompressionMethod::Stored),
                )?;
            }
        }
        let mode = if file.is_executable { 0o755 } else { 0o644 };
        let bytes = (file.read)()?;
        total += bytes.len() as u64;
        writer.start_file(file.path, plain.unix_permissions(mode))?;
        writer.write_all(&bytes)?;
    }
    writer.finish()?.flush()?;
    Ok(total)
}
