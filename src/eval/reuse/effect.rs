//! What functions do that others see.
//!
//! Where it is known from another tree what a function does, it need not be evaluated, unless something that is evaluated asks for
//! what it leaves behind: a handler that it puts into a table, say.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet, FxHasher};

use crate::name::Name;
use crate::program::ModuleId;

use crate::eval::certainty::guard::asks_for_own_name;
use crate::eval::domain::value::{ContextId, Data, FunctionObject, SharedId, Value};
use crate::eval::interpreter::frame::{Frame, Owner};
use crate::eval::summaries::case::{Case, RootId};
use crate::eval::{Evaluator, Root};

/// Something that a function does and others see, in terms that hold in any tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// There is more in a container than there was.
    Stores {
        /// The last parts of the names that code reaches the container by.
        names: Box<[Name]>,
        /// A digest of the key; none if it may be any.
        key: Option<u64>,
        /// A digest of the value; none if it is not plain enough.
        value: Option<u64>,
    },
    /// Whatever else.
    Other,
}

/// Whether a function, or a case of it, has to be evaluated for all callers.
#[derive(Clone, Debug)]
pub enum Need {
    /// It has to.
    Evaluate,
    /// It is known what it does.
    Nothing,
    /// It is known what it does, but these effects of it may be asked for.
    Effects(Arc<[Effect]>),
}

/// What other trees say of the functions of a program.
pub struct Foreknowledge<'k> {
    /// Which functions have to be evaluated for all callers, and in which cases: those whose outcome in this program is not known.
    pub need: &'k dyn Fn(RootId) -> Need,
    /// Which modules are imported for their own sake. Others are where these import them.
    pub is_imported: &'k dyn Fn(ModuleId) -> bool,
}

/// Something that an evaluation does and others see.
#[derive(Clone, Copy, Debug)]
pub enum Act {
    /// It changes a container; in this item alone, if that is known.
    Stores(SharedId, Option<Item>),
    /// Whatever else.
    Other,
}

/// A key and its value.
#[derive(Clone, Copy, Debug)]
pub struct Item {
    /// The key.
    pub key: Value,
    /// The value.
    pub value: Value,
}

/// Acts, reads, and what was not evaluated.
#[derive(Debug, Default)]
pub struct Effects {
    /// What the body that is being evaluated did so far.
    pub acts: Vec<Act>,
    /// What was read of containers that functions change; without a key: all of it.
    reads: FxHashSet<(SharedId, Option<Value>)>,
    /// Functions of which it is known what they do, with the effects that nobody asked for yet.
    left_out: Vec<(Root, Arc<[Effect]>)>,
    /// Whether something was taken for unknown that a function may have put there which was left out.
    pub is_missed: bool,
    /// The containers from here on were made on behalf of the function that is being evaluated for all callers.
    pub own: usize,
}

impl Evaluator<'_> {
    /// Evaluates the functions on the list for all callers, as far as they are needed.
    pub fn run_pending(&mut self) {
        while let Some(root) = self.pending.pop_front() {
            if self.is_needed(&root) {
                self.run_root(&root);
            }
        }
    }

    /// Whether a function, or a case of it, has to be evaluated for all callers. If it may have to be for its effects, it is put aside.
    pub fn is_needed(&mut self, root: &Root) -> bool {
        let Some(known) = self.foreknowledge else {
            return true;
        };
        let need = (known.need)(RootId {
            function: root.function.function,
            case: root.case,
        });
        match need {
            Need::Evaluate => true,
            Need::Nothing => false,
            Need::Effects(effects) => {
                self.effects.left_out.push((root.clone(), effects));
                false
            }
        }
    }

    /// Whether this is what a file does when it is run, `if __name__ == '__main__': main()`, and it is known from another tree what comes of it: with
    /// nothing passed, what the function does for all callers.
    pub fn is_known_script(&self, caller: &Frame, function: &FunctionObject) -> bool {
        let Some(known) = self.foreknowledge else {
            return false;
        };
        let root = RootId {
            function: function.function,
            case: Case::ALL,
        };
        matches!(caller.owner, Owner::Module)
            && self.definition(function.function).params.is_empty()
            && caller.guards.iter().any(|guard| asks_for_own_name(guard))
            && matches!((known.need)(root), Need::Nothing)
    }

    /// Whether an effect of a function that was left out is asked for.
    pub fn asks_for_more(&self) -> bool {
        let mut effects = self.effects.left_out.iter().flat_map(|(_, all)| all.iter());
        effects.any(|effect| self.is_asked_for(effect))
    }

    /// Evaluates the functions that were left out and whose effects are asked for. False: there are none.
    pub fn run_asked_for(&mut self) -> bool {
        let (asked_for, others): (Vec<_>, Vec<_>) = std::mem::take(&mut self.effects.left_out)
            .into_iter()
            .partition(|(_, effects)| effects.iter().any(|effect| self.is_asked_for(effect)));
        self.effects.left_out = others;
        let any = !asked_for.is_empty();
        for (root, effects) in asked_for {
            // What one of those before it did may be all that was asked for.
            if effects.iter().any(|effect| self.is_asked_for(effect)) {
                self.run_root(&root);
            } else {
                self.effects.left_out.push((root, effects));
            }
        }
        self.run_pending();
        any
    }

    fn is_asked_for(&self, effect: &Effect) -> bool {
        let Effect::Stores { names, key, value } = effect else {
            return true;
        };
        self.effects.reads.iter().any(|&(id, read)| {
            let shared = &self.shared[id.0 as usize];
            if !names.iter().any(|name| shared.names.contains(name)) {
                return false;
            }
            match (key, read.and_then(|key| self.digest(key))) {
                (Some(key), Some(read)) => *key == read,
                // Whoever reads all of it learns nothing from the same value under one more key.
                (Some(_), None) => {
                    let mut known = shared.log.exact.values().map(|store| store.value);
                    value.is_none() || !known.any(|known| self.digest(known) == *value)
                }
                (None, _) => true,
            }
        })
    }

    /// Notes that what is evaluated rests on the content of a shared container, under one key or all.
    pub fn reads_shared(&mut self, id: SharedId, key: Option<Value>) {
        if self.is_partial {
            self.effects.reads.insert((id, key));
        }
    }

    /// The effects of each case of a function that has some: of the nearest one for all callers that leads to each.
    pub fn effects_by_root(&self) -> FxHashMap<RootId, Vec<Effect>> {
        let mut by_root: FxHashMap<RootId, Vec<Effect>> = FxHashMap::default();
        if self.contexts.iter().all(|context| context.acts.is_empty()) {
            return by_root;
        }
        for (context, root) in self.contexts.iter().zip(self.nearest_roots()) {
            if context.acts.is_empty() {
                continue;
            }
            let effects: Vec<Effect> = context
                .acts
                .iter()
                .map(|&act| self.as_effect(act))
                .collect();
            for root in root.into_iter().flat_map(|root| self.roots_of(root)) {
                let known = by_root.entry(root).or_default();
                for effect in &effects {
                    if !known.contains(effect) {
                        known.push(effect.clone());
                    }
                }
            }
        }
        by_root
    }

    /// The case that an evaluation for all callers is, and those of the functions around it: a function in another one is reached
    /// through that one alone. Nothing for a module's own code.
    pub fn roots_of(&self, context: ContextId) -> Vec<RootId> {
        let context = &self.contexts[context.0 as usize];
        let mut roots = Vec::new();
        let (mut next, mut closure, mut case) = (context.function, context.closure, context.case);
        while let Some(function) = next {
            roots.push(RootId { function, case });
            next = self.function_around(function);
            while let Some(around) = closure
                && self.contexts[around.0 as usize].function != next
            {
                closure = self.contexts[around.0 as usize].closure;
            }
            let made_in = closure.map(|around| &self.contexts[around.0 as usize]);
            case = made_in.map_or(Case::ALL, |around| around.case);
        }
        roots
    }

    fn as_effect(&self, act: Act) -> Effect {
        match act {
            Act::Stores(id, item) if !self.shared[id.0 as usize].names.is_empty() => {
                Effect::Stores {
                    names: self.shared[id.0 as usize].names.as_slice().into(),
                    key: item.and_then(|item| self.digest(item.key)),
                    value: item.and_then(|item| self.digest(item.value)),
                }
            }
            Act::Stores(..) | Act::Other => Effect::Other,
        }
    }

    /// For each evaluation the nearest one for all callers that leads to it, if there is one.
    fn nearest_roots(&self) -> Vec<Option<ContextId>> {
        let mut root_of: Vec<Option<ContextId>> = vec![None; self.contexts.len()];
        let mut level = Vec::new();
        for (index, context) in (0..).zip(&self.contexts) {
            if context.is_root {
                root_of[index as usize] = Some(ContextId(index));
                level.push(index as usize);
            }
        }
        while !level.is_empty() {
            let mut next = Vec::new();
            for index in level {
                for edge in &self.contexts[index].edges {
                    let callee = edge.callee.0 as usize;
                    if root_of[callee].is_none() {
                        root_of[callee] = root_of[index];
                        next.push(callee);
                    }
                }
            }
            level = next;
        }
        root_of
    }

    /// A number for a value that is the same in every tree; none if it is not known or not plain.
    pub fn digest(&self, key: Value) -> Option<u64> {
        let mut hasher = FxHasher::default();
        self.digest_into(key, &mut hasher)?;
        Some(hasher.finish())
    }

    fn digest_into(&self, key: Value, hasher: &mut FxHasher) -> Option<()> {
        match self.data(key) {
            Data::None => 0_u8.hash(hasher),
            Data::Bool(value) => value.hash(hasher),
            Data::Int(value) => value.hash(hasher),
            Data::Str(text) => text.as_str().hash(hasher),
            Data::Member { class, name } => {
                let class = self.classes[class.0 as usize].definition.qualname;
                (class.as_str(), name.as_str()).hash(hasher);
            }
            Data::Instance {
                class,
                exact,
                data,
                given,
            } => {
                for part in data.iter().chain(given) {
                    self.digest_into(*part, hasher)?;
                }
                let class = &self.classes[class.0 as usize];
                let module = self.program.module(class.module).name;
                let name = class.definition.qualname;
                (module.as_str(), name.as_str(), *exact).hash(hasher);
            }
            Data::Tuple(items) => {
                items.len().hash(hasher);
                for &item in items.iter() {
                    self.digest_into(item, hasher)?;
                }
            }
            _ => return None,
        }
        Some(())
    }

    /// Whether a container can be seen by nobody but the function that is being evaluated for all callers.
    pub fn is_own(&self, id: SharedId) -> bool {
        id.0 as usize >= self.effects.own && self.shared[id.0 as usize].names.is_empty()
    }
}
