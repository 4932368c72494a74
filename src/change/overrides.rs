//! Methods that no longer stand in for the ones that they override: they refuse calls that those take.

use crate::bind;
use crate::eval::contract::{Contract, Effect, Function};

use super::calls::{loses, seen, seen_shape};
use super::{Caller, Change, Kind, Mode, Version, World};

impl World<'_> {
    pub(super) fn compare_overrides(&self, changes: &mut Vec<Change>) {
        for own in &self.new.contract.functions {
            let Some(base) = overridden(self.new.contract, own) else {
                continue;
            };
            if own.is_half_written || base.is_half_written {
                continue;
            }
            // What is new on both sides was never promised to anybody.
            let (old_own, old_base) = (self.deployed(own), self.deployed(base));
            if !narrows(base, own) || (old_own.is_none() && old_base.is_none()) {
                continue;
            }
            let before = old_own.and_then(|own| overridden(self.old.contract, own));
            if old_own
                .zip(before)
                .is_some_and(|(own, base)| narrows(base, own))
            {
                continue;
            }
            changes.push(self.narrowed(own, base, old_own, old_base));
        }
    }

    /// A candidate's function as it is deployed.
    fn deployed(&self, function: &Function) -> Option<&Function> {
        self.pairs
            .deployed(&function.name)
            .map(|at| &self.old.contract.functions[at])
    }

    fn narrowed(
        &self,
        own: &Function,
        base: &Function,
        old_own: Option<&Function>,
        old_base: Option<&Function>,
    ) -> Change {
        let mut change = Change::new(
            Kind::OverrideNarrowed,
            &own.name,
            Version::Candidate,
            own.place,
        );
        change.old_place = old_own.map(|function| function.place);
        change.subjects = vec![base.name.clone()];
        change.before = Some(self.header(Version::Candidate, base));
        change.after = Some(self.header(Version::Candidate, own));
        // Callers know the method that is overridden: the deployed one's meet the new override, the candidate's what stood there before.
        let stood = old_own.or(old_base);
        change.mode = Mode::new(
            old_base.is_some_and(|base| loses(base, own)),
            stood.is_some_and(|stood| loses(base, stood)),
        );
        change.breaking = change.mode.breaks_old_callers();
        // Which class their instances have is not known, so nothing is said to break.
        let signature = seen(own);
        let refused = base
            .calls
            .iter()
            .filter(|call| bind::bind(&signature, &seen_shape(base, call)).is_err());
        change.callers = refused
            .map(|call| Caller {
                version: Version::Candidate,
                place: call.place,
                function: call.function.clone(),
                breaks: false,
            })
            .collect();
        change.routes = self.routes(old_own.map(|own| &*own.name), Some(&own.name));
        change
    }
}

/// The method that one stands in for, where both can be told.
fn overridden<'c>(contract: &'c Contract, own: &Function) -> Option<&'c Function> {
    let name = own.overrides.as_ref()?;
    let base = &contract.functions[*contract.by_name.get(name)?];
    let is_known = |function: &Function| function.effect != Effect::Unknown;
    (is_known(own) && is_known(base)).then_some(base)
}

/// Whether some use of the overridden method is none of the override.
fn narrows(base: &Function, own: &Function) -> bool {
    loses(base, own)
}
