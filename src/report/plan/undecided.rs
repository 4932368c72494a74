//! What a plan could not follow, in words.

use super::{Plan, Undecided};
use crate::change::{Unfollowed, Version};
use crate::report::escape::plain;
use crate::rules::span;

/// How many files are listed that ship at once.
const LISTED: usize = 6;

/// `deployed users.py:4 calls tasks.update_user`, and why that was not followed.
pub(in crate::report) fn site(plan: &Plan, undecided: &Undecided) -> String {
    let what = &undecided.what;
    let tree = plan.tree(what.version);
    let place = what.site.place;
    let line = span(tree, place).start.line;
    let version = match what.version {
        Version::Deployed => "deployed",
        Version::Candidate => "new",
    };
    format!(
        "{version} {}:{line} {}",
        plain(&tree.file(place.file).path),
        does(what.why, &plain(&what.definition))
    )
}

/// What the site does with the definition.
fn does(why: Unfollowed, definition: &str) -> String {
    match why {
        Unfollowed::Call => {
            format!("calls what may be {definition}, with arguments that one version does not take")
        }
        Unfollowed::Attribute => format!("reads {definition} of something unknown"),
        Unfollowed::HandedOver => {
            format!("hands {definition} to something unknown, which may call it")
        }
        Unfollowed::Kept => format!("puts {definition} where no call of it was found"),
        Unfollowed::Text => format!("has the name {definition} in a text"),
        Unfollowed::Queued => format!(
            "sends to {definition} through a queue: what one version sent, the other may have to take"
        ),
        Unfollowed::Unpacked => {
            format!("unpacks what {definition} returns, as many values as only this version has")
        }
        Unfollowed::MayFail => format!("calls {definition}, which may fail with its other version"),
    }
}

/// What is safe either way.
pub(in crate::report) fn advice(undecided: &Undecided) -> String {
    if undecided.is_met {
        return "these steps are safe either way".to_owned();
    }
    if undecided.what.why == Unfollowed::Queued {
        return "no order helps: let the queue run empty between the two, or keep a task that takes both".to_owned();
    }
    match &undecided.together[..] {
        [] => "no order helps: the use itself does not change".to_owned(),
        files if files.len() > LISTED => {
            format!(
                "to be safe, ship {} files at once, from {} on",
                files.len(),
                plain(&files[0])
            )
        }
        files => format!("to be safe, ship at once: {}", plain(&files.join(", "))),
    }
}
