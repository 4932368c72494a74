//! All that evaluation may hear of what surrounds a tree.

use std::fmt::Write as _;

use super::standing::Environment;

impl Environment {
    /// What it answers, whatever it is asked about a module: two that say the same here give the same evaluation. To be asked once the candidate is linked.
    ///
    /// Of installed packages that is what stands at their top: nobody asks for a dotted name but [`Self::settled`].
    #[must_use]
    pub fn answers(&self) -> String {
        let Self {
            declared,
            installed,
            whole,
            runtime,
            built,
            // What it says of removals is in what is settled.
            past: _,
            targets,
            // It follows from the rest.
            open: _,
            // What fails within packages is added to what evaluation found.
            moved: _,
            imports: _,
            settled,
        } = self;
        let mut told = format!(
            "{declared:?}\n{whole:?}\n{runtime:?}\n{built:?}\n{targets:?}\n{:?}",
            settled.get()
        );
        for place in installed {
            let (open, top) = (place.is_open(), place.top());
            let distributions = place.distributions();
            let _ = write!(
                told,
                "\n{:?} {:?} {open:?} {top:?} {distributions:?}",
                place.shown, place.python
            );
        }
        told
    }
}
