//! Two trees one after the other, of which one was perhaps looked at before: a step of a history.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use crate::analysis::states::Question;
use crate::analysis::{
    Analysed, Linked, Memory, Side, deployed, names, of_text, read, read_both, starts, told,
};
use crate::config::Settings;
use crate::name::Name;
use crate::rules::Selection;
use crate::source::{Pair, Tree};

/// What is found in the candidate, and in the deployed tree, if there is one: what [`crate::analysis::check`] finds. A tree whose files, settings and
/// surroundings are those of an earlier step is not evaluated again. Run it within [`crate::analysis::pool`].
#[must_use]
pub fn replay(
    pair: &Pair,
    settings: &Settings,
    selection: &Selection,
    memory: &Memory,
) -> (Arc<Side>, Option<Arc<Side>>) {
    let rules = (settings, selection);
    let Ok(against) = &pair.against else {
        let new = read(&pair.candidate, settings, memory);
        return (
            side(
                &pair.candidate,
                new,
                &FxHashSet::default(),
                rules,
                (memory, true),
            ),
            None,
        );
    };
    let (new, old) = read_both(&pair.candidate, against, settings, memory);
    let (new_names, old_names) = (names(&new.program), names(&old.program));
    let (new, old) = rayon::join(
        || side(&pair.candidate, new, &old_names, rules, (memory, true)),
        || side(against, old, &new_names, rules, (memory, false)),
    );
    (new, Some(old))
}

/// What is found in one tree that is held against one with modules of the names `elsewhere`. `is_told`: word for word.
fn side(
    tree: &Tree,
    linked: Linked,
    elsewhere: &FxHashSet<Name>,
    (settings, selection): (&Settings, &Selection),
    (memory, is_told): (&Memory, bool),
) -> Arc<Side> {
    let starts = starts(&linked.program);
    let key = deployed::key(tree, (settings, selection), elsewhere, &|file| {
        Some(of_text(file))
    });
    let holds = |side: &Side| {
        side.holds_for(&starts) && (!is_told || side.is_worded_for(tree.commit.as_ref()))
    };
    let known = key.as_deref().and_then(|key| memory.side(key, holds));
    known.unwrap_or_else(|| {
        let facts = memory.evaluate(&Question {
            tree,
            linked: &linked,
            elsewhere,
            settings,
        });
        let facts = told(facts, (&linked.program, &linked.modules), tree, settings);
        let side = Side::of(
            Analysed::new(tree, linked.modules, facts),
            selection,
            starts,
            true,
        );
        if let Some(key) = key {
            memory.keep(key, &side);
        }
        side
    })
}
