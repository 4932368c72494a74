//! What stands before an error: `CPython` stops at the first, and shows the next one when that is mended.

use rustc_hash::FxHashMap;

use crate::facts::{Failure, FailureKind, Place};
use crate::rules::Related;

/// Where each module whose own code fails does so first, by its dotted name. `all` are the tree's failures.
pub(super) fn failing_modules(all: &[Failure]) -> FxHashMap<&str, Place> {
    let mut failing: FxHashMap<&str, Place> = FxHashMap::default();
    let ends = all.iter().filter(|failure| failure.ends_import());
    // A function's failure goes under the function's name, which is no module's.
    for outermost in ends.filter_map(|failure| failure.chain.first()) {
        let first = failing.entry(&outermost.function);
        let first = first.or_insert(outermost.place);
        *first = outermost.place.min(*first);
    }
    failing
}

/// The place where the module that lacks an imported name fails by itself, with what to say there; none if it comes to its end, or if
/// the failure is no missing name, or one of that module's own.
pub(super) fn what_fails_first(
    failure: &Failure,
    failing: &FxHashMap<&str, Place>,
) -> Option<Related> {
    let module = module_without_name(failure)?;
    let place = *failing.get(module)?;
    let importer = failure.chain.first()?;
    (importer.function != module).then(|| Related {
        place,
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
