//! Who calls whom, from the callee's side.

use crate::eval::Evaluator;
use crate::eval::domain::value::ContextId;

/// The calls of each evaluation, in the order of their callers.
#[derive(Debug)]
pub struct Callers {
    /// All calls, those of one callee side by side: the caller, and which of its calls it is.
    calls: Vec<(ContextId, usize)>,
    /// Where the calls of each evaluation begin, and, last, where those of the last one end.
    starts: Vec<usize>,
}

impl Callers {
    /// Turns the calls of an evaluated program round.
    #[must_use]
    pub fn of(evaluator: &Evaluator<'_>) -> Self {
        let contexts = (0..).map(ContextId).zip(&evaluator.contexts);
        let mut counts = vec![0_usize; evaluator.contexts.len() + 1];
        for edge in evaluator.contexts.iter().flat_map(|context| &context.edges) {
            counts[edge.callee.0 as usize + 1] += 1;
        }
        let mut end = 0;
        for count in &mut counts {
            end += *count;
            *count = end;
        }
        let starts = counts;
        let mut next = starts.clone();
        let mut calls = vec![(ContextId(0), 0); end];
        for (id, context) in contexts {
            for (at, edge) in context.edges.iter().enumerate() {
                let place = &mut next[edge.callee.0 as usize];
                calls[*place] = (id, at);
                *place += 1;
            }
        }
        Self { calls, starts }
    }

    /// The calls of one evaluation.
    #[must_use]
    pub fn get(&self, callee: ContextId) -> &[(ContextId, usize)] {
        let callee = callee.0 as usize;
        &self.calls[self.starts[callee]..self.starts[callee + 1]]
    }
}
