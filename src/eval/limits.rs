//! How far calls are followed, and what was left out because of that.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::eval::Evaluator;
use crate::eval::domain::value::{ContextId, FunctionObject, FunctionRef, Value};
use crate::eval::interpreter::frame::Frame;
use crate::eval::summaries::context::{Arguments, Key, Outcome};
use crate::facts::{Bound, Cut};
use crate::program::ModuleId;

/// How many statements may run on behalf of one call into an installed package, or of one of its functions that is evaluated for all callers: what the package does
/// deep inside is not what is asked.
const STEPS_IN_PACKAGE: u64 = 1_000;

/// What the distinct calls of a function took.
#[derive(Clone, Copy, Debug, Default)]
pub struct Spent {
    /// How many there were.
    calls: u32,
    /// Their statements, without those of what they call.
    work: u64,
}

/// What was not looked into.
#[derive(Debug, Default)]
pub struct Cuts {
    calls: FxHashSet<(FunctionRef, Bound, ContextId, Box<[Value]>)>,
    more: FxHashMap<(FunctionRef, Bound), usize>,
}

impl<'p> Evaluator<'p> {
    /// What one more distinct call of a function runs into, if it may not be followed.
    pub fn bound_of_call(&self, function: FunctionRef) -> Option<Bound> {
        let spent = self.spent.get(&function).copied().unwrap_or_default();
        let is_spent = if self.is_graph() {
            spent.calls >= crate::eval::callgraph::CONTEXTS_PER_FUNCTION
        } else {
            spent.work > self.step_limit / crate::eval::SHARE_OF_FUNCTION
        };
        if is_spent {
            Some(Bound::Function)
        } else if self.steps > self.step_limit {
            Some(Bound::Tree)
        } else if self.steps > self.root_limit {
            Some(Bound::Caller)
        } else {
            None
        }
    }

    /// Grants a call its least, if it is one that a function for all callers, or a module, makes by itself.
    pub fn grant(&mut self, caller: &Frame<'p>) {
        let context = &self.contexts[caller.context.0 as usize];
        let is_outermost = context.is_root || !context.is_called;
        if is_outermost && caller.loops.is_empty() {
            let least = self.steps + crate::eval::STEPS_PER_CALL;
            self.root_limit = self.root_limit.max(least);
        }
    }

    /// Grants its steps to a module.
    pub fn begin_module(&mut self) {
        self.root_limit = self.steps + crate::eval::STEPS_PER_ROOT;
    }

    /// Grants its steps to a function of a module that is evaluated for all callers.
    pub fn begin_root(&mut self, module: ModuleId) {
        self.begin_module();
        if self.program.module(module).is_installed {
            self.root_limit = self.steps + STEPS_IN_PACKAGE;
        }
    }

    /// Follows a call. What one into an installed package takes is granted to it alone: the tree's own code is followed as far as without the package.
    pub fn run_call(&mut self, from: ModuleId, function: &FunctionObject, key: Key) -> ContextId {
        let is_installed = |module: ModuleId| self.program.module(module).is_installed;
        if is_installed(from) || !is_installed(function.function.module) {
            return self.run_context(function, key, true);
        }
        let (limit, before) = (self.root_limit, self.steps);
        self.root_limit = before + STEPS_IN_PACKAGE;
        let context = self.run_context(function, key, true);
        self.root_limit = limit + (self.steps - before);
        context
    }

    /// Counts what a call of a function took: `from` is the number of statements before it, `below` what the code around it had called before.
    pub fn spend(&mut self, function: FunctionRef, from: u64, below: u64) {
        let all = self.steps - from;
        let own = all.saturating_sub(self.below);
        self.below = below + all;
        let spent = self.spent.entry(function).or_default();
        spent.calls += 1;
        // What keys are tried has a bound of its own, and leaves that of calls alone.
        if self.is_trying_keys {
            return;
        }
        spent.work += own + crate::eval::STEPS_OF_CALL;
    }

    /// The outcome of a call that is not followed: it gives anything, and what it was handed is forgotten.
    pub fn not_followed(
        &mut self,
        caller: &mut Frame<'p>,
        function: FunctionRef,
        arguments: &Arguments,
        bound: Bound,
    ) -> Outcome {
        let given = arguments.values.as_slice().into();
        self.cuts
            .calls
            .insert((function, bound, caller.context, given));
        self.give_up(caller, arguments);
        Outcome {
            returned: Some(Value::UNKNOWN),
            context: None,
        }
    }

    /// Counts keys of a function's parameters that are not taken one by one.
    pub fn keys_left(&mut self, function: FunctionRef, keys: usize) {
        if keys > 0 {
            *self.cuts.more.entry((function, Bound::Keys)).or_default() += keys;
        }
    }

    /// Counts evaluations that were not made again although what they call is known more exactly.
    pub fn not_evaluated_again(&mut self, refined: &FxHashSet<ContextId>) {
        for context in refined {
            if let Some(function) = self.contexts[context.0 as usize].function {
                *self.cuts.more.entry((function, Bound::Tree)).or_default() += 1;
            }
        }
    }

    /// Whether calls were left out of which it is not known what they lead to: that nothing calls something is not known then. A function of an installed package leads to
    /// nothing of the tree but what it is given, as if nothing were known of the package.
    pub fn has_unfollowed_calls(&self) -> bool {
        let mut cuts = self.cuts.calls.iter();
        cuts.any(|(function, bound, ..)| {
            *bound != Bound::Recursion && !self.program.module(function.module).is_installed
        })
    }

    /// What was not looked into, by function.
    pub fn cut_short(&self) -> Vec<Cut> {
        let mut counts = self.cuts.more.clone();
        for &(function, bound, ..) in &self.cuts.calls {
            *counts.entry((function, bound)).or_default() += 1;
        }
        let cuts = counts.into_iter().map(|((function, bound), calls)| Cut {
            function: self.symbol(function),
            bound,
            calls,
        });
        let mut cuts: Vec<Cut> = cuts.collect();
        cuts.sort();
        cuts
    }
}
