//! Values that fail before they come to a place: `check(version)`, which no float survives, and further down `render(version)` (DESIGN 3a.2). What would fail for
//! them there is never run with them.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::eval::Evaluator;
use crate::eval::blame::trace::Node;
use crate::eval::blame::ways::Ways;
use crate::eval::certainty::looks::Source;
use crate::eval::certainty::open::OpenTest;
use crate::eval::domain::value::ContextId;
use crate::eval::interpreter::frame::LocalFailure;
use crate::facts::{Confidence, May};
use crate::syntax::ir::Range;

/// How many calls down a failure is looked for.
const DEPTH: u32 = 3;

/// How many failures of one evaluation are looked at.
const FAILURES: usize = 16;

/// A place at which an evaluation certainly fails if it comes there, for what its parameters hold.
pub(super) struct Failing<'p> {
    /// What fails, in this evaluation or further down.
    failure: LocalFailure<'p>,
    node: Node,
    /// Where it fails, or calls what does.
    range: Range,
    /// The parameters that hold the values for which it does.
    needs: Vec<Source>,
    /// Whether it comes there whatever undecided tests say.
    is_always: bool,
}

/// By the evaluation: what certainly fails there for the values that it has.
pub(super) fn certain_failures<'p>(
    evaluator: &Evaluator<'p>,
) -> FxHashMap<ContextId, Vec<LocalFailure<'p>>> {
    let contexts = (0..).map(ContextId).zip(&evaluator.contexts);
    let is_certain =
        |failure: &&LocalFailure<'p>| failure.confidence == Confidence::Must && failure.by_value;
    contexts
        .filter_map(|(id, context)| {
            let certain = context.failures.iter().filter(is_certain).take(FAILURES);
            let certain: Vec<_> = certain.cloned().collect();
            (!certain.is_empty()).then_some((id, certain))
        })
        .collect()
}

impl<'p> Evaluator<'p> {
    /// A step of a failure's way up, at a call that leads down: if the value that fails comes there at all. What fails a second time in the function where it failed first
    /// is told: whoever mends the one place meets the other.
    pub(super) fn unless_failed_before(
        &self,
        ways: &Ways<'p>,
        node: Node,
        range: Range,
        failure: &LocalFailure<'p>,
    ) -> Node {
        let is_certain = node.may.is_none() && failure.confidence == Confidence::Must;
        if !is_certain || !failure.by_value || self.is_graph() {
            return node;
        }
        let needs = ways.chain(node.chain).needs().to_vec();
        let has_failed = self.has_failed_before(ways, node.context, range, &needs);
        ways.note_failure(failure);
        let mut node = node;
        node.may = has_failed.then_some(May::Earlier);
        node
    }

    /// Whether what an evaluation holds in these parameters has made it fail before a place: each way to the place leads through the failure.
    fn has_failed_before(
        &self,
        ways: &Ways<'p>,
        context: ContextId,
        range: Range,
        needs: &[Source],
    ) -> bool {
        if needs.is_empty() {
            return false;
        }
        let failing = self.failing(ways, context, DEPTH);
        let mut before = failing.iter().filter(|one| {
            one.range.end <= range.start && one.needs.iter().any(|need| needs.contains(need))
        });
        before.any(|one| self.is_on_each_way(ways, context, one.range, range))
    }

    /// Whether the undecided tests that lead to the first place are among those that lead to the second one, with the same outcomes.
    fn is_on_each_way(
        &self,
        ways: &Ways<'p>,
        context: ContextId,
        first: Range,
        second: Range,
    ) -> bool {
        let (first, second) = (
            self.open_tests(ways, context, first),
            self.open_tests(ways, context, second),
        );
        let is_same = |one: &OpenTest<'p>, other: &OpenTest<'p>| {
            let (one, other) = (one.detour(), other.detour());
            let mut pairs = one.asked.iter().zip(&other.asked);
            one.outcome.is_some()
                && one.outcome == other.outcome
                && one.asked.len() == other.asked.len()
                && pairs.all(|(one, other)| std::ptr::eq(*one, *other))
        };
        first
            .all
            .iter()
            .all(|one| second.all.iter().any(|other| is_same(one, other)))
    }

    /// Where an evaluation fails for what its parameters hold.
    fn failing(&self, ways: &Ways<'p>, context: ContextId, depth: u32) -> Rc<[Failing<'p>]> {
        if let Some(known) = ways.failing.borrow().get(&(context, depth)) {
            return Rc::clone(known);
        }
        // However often it calls itself, each time it is looked into less far down.
        let found: Rc<[Failing<'p>]> = self.find_failing(ways, context, depth).into();
        let mut all = ways.failing.borrow_mut();
        all.insert((context, depth), Rc::clone(&found));
        found
    }

    fn find_failing(&self, ways: &Ways<'p>, context: ContextId, depth: u32) -> Vec<Failing<'p>> {
        let own = &self.contexts[context.0 as usize];
        let mut found = Vec::new();
        let certain = ways.certain.get(&context).into_iter().flatten();
        for failure in certain {
            ways.note_failure(failure);
            if let Some(node) = self.start(ways, context, failure) {
                found.extend(self.failing_at(ways, failure, node, failure.range));
            }
        }
        if depth == 0 {
            return found;
        }
        for (at, edge) in own
            .edges
            .iter()
            .enumerate()
            .filter(|(_, edge)| edge.certain)
        {
            for below in self.failing(ways, edge.callee, depth - 1).iter() {
                if found.len() >= FAILURES || !below.is_always {
                    continue;
                }
                ways.note_failure(&below.failure);
                if let Some(up) = self.step_up(ways, &below.node, 0, context, at, &below.failure) {
                    found.extend(self.failing_at(ways, &below.failure, up, edge.range));
                }
            }
        }
        found
    }

    /// The place, if the evaluation certainly fails there for what its parameters hold.
    fn failing_at(
        &self,
        ways: &Ways<'p>,
        failure: &LocalFailure<'p>,
        node: Node,
        range: Range,
    ) -> Option<Failing<'p>> {
        let needs = ways.chain(node.chain).needs().to_vec();
        let is_certain = node.may.is_none() && node.travel.is_some() && !needs.is_empty();
        is_certain.then(|| Failing {
            failure: failure.clone(),
            node,
            range,
            needs,
            is_always: self.open_tests(ways, node.context, range).all.is_empty(),
        })
    }
}
