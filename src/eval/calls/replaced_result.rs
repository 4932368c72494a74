//! What a call gives in a test that replaces something on the way: `with patch("shop.prices.load") as load: prices = shop.totals()`.

use std::rc::Rc;

use rustc_hash::FxHashSet;

use crate::eval::Evaluator;
use crate::eval::blame::trace::names_read;
use crate::eval::domain::value::ContextId;
use crate::eval::survey::replaced_in;
use crate::name::Name;
use crate::program::ModuleId;

/// How many evaluations are looked into for what a test replaces; one that leads to more may run it.
const MOST_EVALUATIONS: usize = 64;

impl Evaluator<'_> {
    /// Whether a call that a test makes may run something that its file replaces for a while (the library reference, "unittest.mock", `patch`): by the names that
    /// the functions read which it leads to. What the replacement gives is not known.
    pub(super) fn runs_replaced(&mut self, caller: ModuleId, callee: ContextId) -> bool {
        if !self.survey.tests.contains(&caller) {
            return false;
        }
        let replaced = self.replaced_by(caller);
        if replaced.is_empty() {
            return false;
        }
        let mut seen = FxHashSet::default();
        let mut pending = vec![callee];
        while let Some(next) = pending.pop() {
            if !seen.insert(next) {
                continue;
            }
            if seen.len() > MOST_EVALUATIONS {
                return true;
            }
            let context = &self.contexts[next.0 as usize];
            let is_of_tests = self.survey.tests.contains(&context.module);
            let function = context.function.filter(|_| !is_of_tests);
            pending.extend(context.edges.iter().map(|edge| edge.callee));
            if let Some(function) = function {
                let body = &self.definition(function).body;
                let read = self.read_by_functions.entry(function);
                let read = read.or_insert_with(|| names_read(body).into());
                if read.iter().any(|name| replaced.contains(name)) {
                    return true;
                }
            }
        }
        false
    }

    /// The names that a file of tests replaces for a while.
    fn replaced_by(&mut self, test: ModuleId) -> Rc<FxHashSet<Name>> {
        let program = self.program;
        let known = self.replaced_by_tests.entry(test);
        Rc::clone(known.or_insert_with(|| Rc::new(replaced_in(&program.module(test).ir))))
    }
}
