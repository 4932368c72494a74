//! Files that are not all of the candidate's: cut off, emptied, or another file's content.

use std::sync::Arc;

use super::Cut;
use crate::source::Text;
use crate::syntax;

/// What is cut of the candidate's text in the package's; none if the two just differ. `same` finds a file of the candidate with the package's content.
pub(super) fn cut(
    packed: &Text,
    candidate: &Text,
    same: impl FnOnce() -> Option<Arc<str>>,
) -> Option<Cut> {
    let (ours, theirs) = (packed.content().trim_end(), candidate.content().trim_end());
    if ours.len() < theirs.len() && theirs.starts_with(ours) && !ours.is_empty() {
        return Some(Cut::Prefix(
            lines(ours),
            lines(theirs),
        ));
    }
    if let Some(other) = same() {
        return Some(Cut::OtherFile(other));
    }
    let module = syntax::parse(packed.content());
    if !module.functions.is_empty() || !module.classes.is_empty() {
        return None;
    }
    let module = syntax::parse(candidate.content());
    let definitions = module.functions.len() + module.classes.len();
    (definitions > 0).then_some(Cut::Empty(definitions))
}

fn lines(text: &str) -> u32 {
    u32::try_from(text.lines().count()).unwrap_or(u32::MAX)
}
