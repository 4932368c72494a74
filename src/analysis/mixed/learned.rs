//! What states that were judged say of others.

use std::sync::{Arc, PoisonError};

use rustc_hash::FxHashSet;

use crate::analysis::known::{Known, Outlook};
use crate::eval::blame::traced::Traced;
use crate::eval::reuse::file_set::FileSet;
use crate::name::Name;
use crate::rules;
use crate::skew::{Turn, UnitSet};

use super::{Mixed, State, is_news};

/// What is known of a state.
pub(super) struct World {
    pub new: UnitSet,
    /// The number of the question about it; 0 for the two trees.
    pub number: usize,
    pub known: Arc<Known>,
}

/// How many known states are asked about each function: those that are most like the one at hand.
const WORLDS: usize = 12;

/// A function in any version of its file: the file's path, and its qualified name there.
pub(super) type Suspect = (Arc<str>, Name);

/// What leads to a problem.
#[derive(Clone, Default)]
pub(super) struct Suspects {
    /// Functions, evaluated for all callers.
    pub functions: FxHashSet<Suspect>,
    /// Modules, by path, whose own code does.
    pub imports: FxHashSet<Arc<str>>,
}

impl Mixed<'_> {
    /// The known states that are most like one, each with the files that this one has otherwise.
    pub(super) fn nearest(&self, new: &UnitSet, turn: Turn) -> Vec<(Arc<Known>, FileSet)> {
        let worlds = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let worlds = worlds.iter().filter(|world| world.number < turn.known);
        let worlds = worlds.map(|world| (differing(&world.new, new), world));
        let mut worlds: Vec<(UnitSet, &World)> = worlds.collect();
        worlds.sort_by_key(|(differing, world)| (differing.len(), world.number));
        worlds.truncate(WORLDS);
        let known = worlds.into_iter();
        known
            .map(|(differing, world)| (Arc::clone(&world.known), self.files(&differing)))
            .collect()
    }

    /// Remembers what the functions of a state do, and what they lead to.
    pub(super) fn learn(&self, new: &UnitSet, number: usize, state: &State, outlook: Outlook) {
        let is_news = |traced: &Traced| is_news(&traced.failure, &self.old_atoms);
        let failures: Vec<Traced> = outlook.traced.into_iter().filter(is_news).collect();
        self.suspect(state, &failures);
        let known = Known::new(&state.tree, &state.program, outlook.reaches)
            .with_failures(&state.tree, failures.into_iter());
        let mut worlds = self.known.write().unwrap_or_else(PoisonError::into_inner);
        worlds.push(World {
            new: new.clone(),
            number,
            known: Arc::new(known),
        });
    }

    /// Remembers which functions lead to what fails in a state.
    fn suspect(&self, state: &State, failures: &[Traced]) {
        let mut suspects = self.suspects.lock().unwrap_or_else(PoisonError::into_inner);
        for traced in failures {
            let known = suspects.entry(rules::atom_of(&traced.failure)).or_default();
            let known = Arc::make_mut(known);
            known
                .imports
                .extend(traced.imported(&state.tree).map(Arc::from));
            known.functions.extend(traced.all_roots().map(|root| {
                let function = root.function;
                let module = state.program.module(function.module);
                let path = Arc::from(&*state.tree.file(module.file).path);
                (path, module.ir[function.id].qualname)
            }));
        }
    }
}

/// The units that are not at the same version in both states.
fn differing(one: &UnitSet, other: &UnitSet) -> UnitSet {
    one.minus(other).union(&other.minus(one))
}
