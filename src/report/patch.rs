//! What fixes change, as a unified diff: what `git apply` and `patch -p1` take.

use std::io::{self, Write};

use similar::TextDiff;

use crate::report::escape::plain;
use crate::source::Tree;

/// How many lines stand around a change.
const CONTEXT: usize = 3;

/// Writes the difference of two trees with the same files, as if all of them were UTF-8. `is_for_eyes`: the output is a terminal, and control characters of the code are escaped; a patch
/// that is to be applied has every byte as it is.
///
/// # Errors
///
/// What writing to `out` returns.
pub fn write(
    before: &Tree,
    after: &Tree,
    is_for_eyes: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    for (old, new) in before.files.iter().zip(&after.files) {
        let (from, to) = (old.text.content(), new.text.content());
        if from == to {
            continue;
        }
        let path = plain(&old.path);
        // The mark is no part of the text, and a part of the first line all the same.
        let bom = if old.text.has_bom() { "\u{feff}" } else { "" };
        let (from, to) = (format!("{bom}{from}"), format!("{bom}{to}"));
        let diff = TextDiff::from_lines(&from, &to);
        let mut diff = diff.unified_diff();
        let diff = diff
            .context_radius(CONTEXT)
            .header(&format!("a/{path}"), &format!("b/{path}"))
            .to_string();
        if is_for_eyes {
            for line in diff.lines() {
                writeln!(out, "{}", plain(line))?;
            }
        } else {
            out.write_all(diff.as_bytes())?;
        }
    }
    Ok(())
}
