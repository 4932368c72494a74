//! What stands before an error: `CPython` stops at the first, and shows the next one when that is mended.

use crate::facts::{Failure, FailureKind};
use crate::rules::Related;

/// The place where the module that lacks an imported name fails by itself, with what to say there; none if it comes to its end, or if
/// the failure is no missing name. `all` are the tree's failures.
pub(super) fn what_fails_first(failure: &Failure, all: &[Failure]) -> Option<Related> {
    let module = module_without_name(failure)?;
    let first = all
        .iter()
        .filter(|other| other.ends_import() && other.chain[0].function == module)
        .min_by_key(|other| other.chain[0].place)?;
    Some(Related {
        place: first.chain[0].place,
        message: format!("{module} itself fails first, here: this error shows when that is mended"),
        aside: false,
    })
}

/// The module that an import asked for a name that it does not have, as the exception tells.
fn module_without_name(failure: &Failure) -> Option<&str> {
    if !matches!(
        failure.kind,
        FailureKind::MissingName | FailureKind::GuardedImport
    ) {
        return None;
    }
    let (_, from) = failure.exception.as_deref()?.split_once("' from '")?;
    from.strip_suffix('\'')
}
