//! Files that are not all of the candidate's: cut off, emptied, or another file's content.

use std::sync::Arc;

use super::Cut;
use crate::source::Text;

/// What is cut of the candidate's text in the package's; none if the two just differ. `same` finds a file of the candidate with the package's content.
pub(super) fn cut(
    packed: &Text,
    candidate: &Text,
    same: impl FnOnce() -> Option<Arc<str>>,
) -> Option<Cut> {
    // What was not written to the end may be filled up with zeros.
    let is_filling = |c: char| c.is_whitespace() || c == '\0';
    let ours = packed.content().trim_end_matches(is_filling);
    let theirs = candidate.content().trim_end();
    if ours.len() < theirs.len() && theirs.starts_with(ours) && !ours.is_empty() {
        return Some(Cut::Prefix(lines(ours), lines(theirs)));
    }
    if let Some(other) = same() {
        return Some(Cut::OtherFile(other));
    }
    // What cannot be read may define anything.
    if packed.problem().is_some() {
        return None;
    }
    let definitions = definitions(theirs);
    (definitions > 0 && self::definitions(ours) == 0).then_some(Cut::Empty(definitions))
}

/// How many lines begin a function or a class.
fn definitions(text: &str) -> usize {
    let begins = ["def ", "class ", "async def "];
    let is_one = |line: &&str| {
        begins
            .iter()
            .any(|begin| line.trim_start().starts_with(begin))
    };
    text.lines().filter(is_one).count()
}

fn lines(text: &str) -> u32 {
    u32::try_from(text.lines().count()).unwrap_or(u32::MAX)
}
