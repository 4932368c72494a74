//! Files that are not all of the candidate's: cut off, emptied, or another file's content.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Cut, Fact, Layout};
use crate::config::Globs;
use crate::source::{Bundle, MemberKind, Text};

/// What is cut of the candidate's text in the package's, or of the deployed version's; none if they just differ. `same` finds a file of the candidate with the package's
/// content.
pub(super) fn cut(
    packed: &Text,
    candidate: &Text,
    deployed: Option<&Text>,
    same: impl FnOnce() -> Option<Arc<str>>,
) -> Option<Cut> {
    // What was not written to the end may be filled up with zeros.
    let is_filling = |c: char| c.is_whitespace() || c == '\0';
    let ours = packed.content().trim_end_matches(is_filling);
    let theirs = candidate.content().trim_end();
    let beginning = |whole: &str| {
        let is_cut = ours.len() < whole.len() && whole.starts_with(ours) && !ours.is_empty();
        is_cut.then(|| (lines(ours), lines(whole)))
    };
    if let Some((has, of)) = beginning(theirs) {
        return Some(Cut::Prefix(has, of));
    }
    let deployed = deployed.map(|it| it.content().trim_end());
    if let Some((has, of)) = deployed.and_then(beginning) {
        return Some(Cut::Deployed(has, of));
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

/// The files of a package that have fewer lines than is wanted of them; of several globs that match one the largest number holds. `said` are the facts that are known already:
/// a file that is cut off is told once. What is not kept as a whole is too large to be judged.
#[must_use]
pub fn short(
    bundle: &Bundle,
    layout: &Layout,
    wanted: &[(Globs, u32)],
    said: &[Fact],
) -> Vec<Fact> {
    let is_said = |path: &Arc<str>| {
        let mut said = said.iter();
        said.any(|fact| matches!(fact, Fact::Truncated { path: known, .. } if known == path))
    };
    let mut seen = BTreeSet::new();
    let mut facts = Vec::new();
    // Of several members at one path the last is the one that an unpacker leaves there.
    for member in bundle.members.iter().rev() {
        let (MemberKind::File, Some(path), Some(content)) =
            (member.kind, &member.path, &member.content)
        else {
            continue;
        };
        if !seen.insert(path) || !content.is_whole() || is_said(path) {
            continue;
        }
        let ours = layout.unpacked(path);
        let ours = ours.as_deref().unwrap_or(path);
        let matching = wanted.iter().filter(|(globs, _)| globs.matches(ours));
        let Some(min) = matching.map(|(_, lines)| *lines).max() else {
            continue;
        };
        let has = lines(&String::from_utf8_lossy(&content.bytes));
        if has < min {
            facts.push(Fact::Truncated {
                path: Arc::clone(path),
                cut: Cut::Short(has, min),
            });
        }
    }
    facts
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
