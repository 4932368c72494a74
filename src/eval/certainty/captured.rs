//! Failures that need what a function around them was given: the chain of calls leads through the call of that one (DESIGN 3a.2).
//!
//! A function inside another is made, picked and given back there, behind tests that look at what the outer call was passed; and where it is handed on
//! to something unknown, its own arguments come from what was handed on beside it.

use rustc_hash::FxHashSet;

use crate::eval::Evaluator;
use crate::eval::blame::ways::Ways;
use crate::eval::certainty::answers::{Hole, shape_of};
use crate::eval::certainty::control::{Detour, End};
use crate::eval::certainty::looks::{Looker, Looks, Source};
use crate::eval::certainty::open::OpenTest;
use crate::eval::certainty::passing::{Passed, passed};
use crate::eval::certainty::reached::is_variable;
use crate::eval::domain::value::{ContextId, FunctionRef};
use crate::eval::exceptions::class::ExceptionClass;
use crate::eval::exceptions::recovery::same;
use crate::eval::interpreter::frame::{Callee, Edge, LocalFailure, Owner};
use crate::facts::May;
use crate::syntax::ir::{Call, Expr, ExprKind, Function, Range, Slot, Var};
use crate::syntax::visit;

/// How many calls are gone up from the one that was given what fails.
const HOPS: u32 = 6;

/// How many evaluations are gone through in search of who begins.
const MOST_CALLERS: usize = 256;

impl<'p> Evaluator<'p> {
    /// What keeps a failure that needs a captured value from being certain.
    pub fn may_by_capture(
        &self,
        ways: &Ways<'p>,
        context: ContextId,
        failure: &LocalFailure<'p>,
    ) -> Option<May> {
        let inner = &self.contexts[context.0 as usize];
        let around = inner.closure?;
        if self.is_chosen_for_value(ways, (context, around), failure) {
            return Some(May::Value);
        }
        let (Some(function), Owner::Function(outer)) =
            (inner.function, self.contexts[around.0 as usize].owner)
        else {
            return None;
        };
        let captured = self.captured_by(ways, context, failure);
        if captured.is_empty() {
            return None;
        }
        // What its calls pass goes along with what it captures; what nobody passes says nothing.
        let is_by_anybody = inner.is_root && ways.callers_of(context).is_empty();
        if is_by_anybody
            && (self.is_only_called(context, self.definition(function))
                || !self.is_of_program(failure.callee) && self.is_given_by_tests(ways, around))
        {
            return Some(May::Callers);
        }
        // `return option(args[0]) if is_plain(args) else make(option, args)`: who calls it knows which of the two suits what it captures.
        let is_asked = || {
            let open = self.open_tests(ways, context, failure.range);
            let mut looker = Looker::new(self, &ways.flows, context);
            let own = |test: &OpenTest<'p>| {
                let sources = looker.all_looks(&test.parts).sources;
                let mut sources = sources.iter();
                sources.any(|source| self.is_parameter(context, source.slot))
            };
            open.all.iter().any(own)
        };
        if is_by_anybody && is_asked() {
            return Some(May::Callers);
        }
        if self.is_called_otherwise(ways, context, failure) {
            return Some(May::Taken);
        }
        if self.is_asked_about(ways, context, failure, &captured) {
            return Some(May::Value);
        }
        if self.is_called_with_made(ways, context, (function, outer), failure.range)
            || self.is_absent_beside(ways, context, failure.range)
        {
            return Some(May::Depends);
        }
        let near = captured.iter().filter(|(up, _)| *up == 1);
        let near = near.map(|&(_, slot)| Source { slot, item: None });
        let captured = Looks {
            sources: near.collect(),
            ..Looks::default()
        };
        self.made_behind(ways, around, (function, outer), captured, failure)
    }

    /// Whether what fails rests on what a function around it got, which was called only where a test that may come out either way
    /// asked about just that: `return wrap_async(f) if is_async(f) else wrap(f)`; where it was one of several that may be called, or where what fails is
    /// expected: `with raises(TypeError): wrap([1])`. So it is with the calls further up that passed it on.
    fn is_chosen_for_value(
        &self,
        ways: &Ways<'p>,
        (context, around): (ContextId, ContextId),
        failure: &LocalFailure<'p>,
    ) -> bool {
        let is_free = |call: &Call| {
            let mut captured = false;
            visit::expressions(&call.function, &mut |part| {
                captured |= matches!(part.kind, ExprKind::Name(_, Var::Free { .. }));
            });
            captured
        };
        if !failure.by_value && !failure.call.is_some_and(is_free) {
            return false;
        }
        let near = self.given_near(ways, (context, around), failure);
        let travel = self.travelling(context, failure);
        let raised = travel.and_then(|travel| travel.class);
        self.is_passed_aside(ways, (around, &near), (failure, raised), HOPS)
    }

    /// The variables of the function around it that hold what fails, and the parameters of that one which they are made of: `item = make()`, of `make`.
    fn given_near(
        &self,
        ways: &Ways<'p>,
        (context, around): (ContextId, ContextId),
        failure: &LocalFailure<'p>,
    ) -> Vec<Source> {
        let captured = self.captured_by(ways, context, failure);
        let near = captured.iter().filter(|(up, _)| *up == 1);
        let mut near: Vec<Source> = near.map(|&(_, slot)| Source { slot, item: None }).collect();
        let is_made = |source: &Source| !self.is_parameter(around, source.slot);
        let made: Vec<Source> = near.iter().copied().filter(is_made).collect();
        let mut looker = Looker::new(self, &ways.flows, around);
        let flow = ways.flows.borrow_mut().of(self.body_of(around));
        for source in made {
            near.append(&mut looker.kept_in(source).sources);
            let writes = flow.writes(source.slot).iter();
            let makers = writes
                .flat_map(|write| &write.values)
                .filter_map(|value| maker(value));
            near.extend(makers.map(|slot| Source { slot, item: None }));
        }
        near
    }

    /// Whether what refuses a call is code of the program, and not of its tests: whoever hands it over, that it does not fit is the program's.
    fn is_of_program(&self, callee: Option<Callee>) -> bool {
        let module = match callee {
            Some(Callee::Function(function)) => function.module,
            Some(Callee::Class(class)) => self.class(class).module,
            None => return false,
        };
        !self.survey.tests.contains(&module)
    }

    /// Whether all calls of a function come from tests: what they hand over to be kept, and never have called, need not fit.
    fn is_given_by_tests(&self, ways: &Ways<'p>, callee: ContextId) -> bool {
        let mut pending = vec![callee];
        let mut seen = FxHashSet::default();
        while let Some(next) = pending.pop() {
            let calls = ways.callers_of(next);
            if calls.is_empty() || seen.len() > MOST_CALLERS {
                return false;
            }
            for &(caller, _) in calls {
                let module = self.contexts[caller.0 as usize].module;
                if !self.survey.tests.contains(&module) && seen.insert(caller) {
                    pending.push(caller);
                }
            }
        }
        true
    }

    /// Whether every call of a function that was given what fails is none that certainly leads there.
    fn is_passed_aside(
        &self,
        ways: &Ways<'p>,
        (callee, given): (ContextId, &[Source]),
        (failure, raised): (&LocalFailure<'p>, Option<ExceptionClass>),
        hops: u32,
    ) -> bool {
        let Some(hops) = hops.checked_sub(1) else {
            return false;
        };
        let calls = ways.callers_of(callee);
        let is_aside = |&(caller, edge): &(ContextId, usize)| {
            let edge = &self.contexts[caller.0 as usize].edges[edge];
            // One of several things that are called there, whichever suits, made it.
            if !edge.certain
                || self.is_guarded_call(ways, caller, edge)
                || self.is_expected_at(caller, edge.range, raised)
                || self.is_made_aside(ways, caller, edge, failure)
            {
                return true;
            }
            let passed_on = self.handed_on_from(ways, (caller, edge), given, failure);
            !passed_on.is_empty()
                && self.is_passed_aside(ways, (caller, &passed_on), (failure, raised), hops)
        };
        !calls.is_empty() && calls.iter().all(is_aside)
    }

    /// Whether the function that calls another one, which a function around it was given, is made or given back there only behind a test that may come out either way:
    /// `def wrap(f): return asynchronous if is_async(f) else plain`, where `asynchronous` calls `f`.
    fn is_made_aside(
        &self,
        ways: &Ways<'p>,
        caller: ContextId,
        edge: &Edge<'p>,
        failure: &LocalFailure<'p>,
    ) -> bool {
        let inner = &self.contexts[caller.0 as usize];
        let (Some(call), Some(function), Some(around)) = (edge.call, inner.function, inner.closure)
        else {
            return false;
        };
        let (Owner::Function(outer), ExprKind::Name(_, Var::Free { up: 1, slot })) =
            (self.contexts[around.0 as usize].owner, &call.function.kind)
        else {
            return false;
        };
        let captured = Looks {
            sources: vec![Source {
                slot: *slot,
                item: None,
            }],
            ..Looks::default()
        };
        self.made_behind(ways, around, (function, outer), captured, failure)
            .is_some()
    }

    /// The parameters of a caller that hold what it passes for these ones of its callee.
    fn handed_on_from(
        &self,
        ways: &Ways<'p>,
        (caller, edge): (ContextId, &Edge<'p>),
        given: &[Source],
        failure: &LocalFailure<'p>,
    ) -> Vec<Source> {
        let Some(call) = edge.call else {
            return Vec::new();
        };
        let mut looker = Looker::new(self, &ways.flows, caller);
        let mut looks = Looks::default();
        for &source in given {
            for passed in passed(self, call, edge.shift, edge.callee, source) {
                match passed {
                    Passed::Value(expr) => looks.add(&looker.looks(expr)),
                    Passed::Item(expr, item) => looks.add(&looker.item_of(expr, item)),
                    Passed::Made | Passed::Default => {}
                }
            }
        }
        let is_given = |source: &Source| {
            self.is_parameter(caller, source.slot) && self.is_told(caller, *source, failure)
        };
        looks.sources.retain(is_given);
        looks.sources
    }

    /// What is there if what fails needs a variable of the function around it, which makes this function, or gives it back, only behind a test that may come
    /// out either way: it looks at just that (`return asynchronous if is_async(f) else plain`), or at something else that came with it
    /// (`if name in UNARY: return unary`).
    fn made_behind(
        &self,
        ways: &Ways<'p>,
        around: ContextId,
        (function, outer): (FunctionRef, &'p Function),
        captured: Looks,
        failure: &LocalFailure<'p>,
    ) -> Option<May> {
        let mut needed = captured;
        let mut looker = Looker::new(self, &ways.flows, around);
        for source in needed.sources.clone() {
            needed.add(&looker.kept_in(source));
        }
        let is_given = |source: &Source| {
            (source.slot.0 as usize) < outer.params.len() && self.is_told(around, *source, failure)
        };
        let is_passed = needed.sources.iter().any(is_given);
        let mut asks = |range: Range| {
            let detours = ways.detours_around(self.ir_of(around), &outer.body, range);
            let found = detours.iter().filter_map(|detour| {
                let parts = self.undecided(around, detour);
                let looks = looker.all_looks(&parts);
                if looks.overlaps(&needed) {
                    return Some(May::Value);
                }
                (is_passed && leads_on(detour) && self.looks_at_own(&looks, outer))
                    .then_some(May::Depends)
            });
            found.min()
        };
        let Some((made, slot)) = self.made_at(function, outer) else {
            return asks(self.lambda_at(function, outer)?);
        };
        let mut given = Vec::new();
        visit::all_expressions(&outer.body, &mut |expr| {
            if is_variable(expr, slot) {
                given.push(expr.range);
            }
        });
        let by_use = |given: Vec<Range>, asks: &mut dyn FnMut(Range) -> Option<May>| {
            let found: Option<Vec<May>> = given.into_iter().map(asks).collect();
            found.and_then(|found| found.into_iter().min())
        };
        asks(made).or_else(|| by_use(given, &mut asks))
    }

    /// Whether a test stands before what fails that looks at arguments which something unknown was to make of what it got beside this function.
    fn is_called_with_made(
        &self,
        ways: &Ways<'p>,
        context: ContextId,
        (function, outer): (FunctionRef, &'p Function),
        range: Range,
    ) -> bool {
        let Owner::Function(own) = self.contexts[context.0 as usize].owner else {
            return false;
        };
        if !self.contexts[context.0 as usize].is_root || !self.is_handed_on(function, outer) {
            return false;
        }
        let mut looker = Looker::new(self, &ways.flows, context);
        let detours = ways.detours_around(self.ir_of(context), self.body_of(context), range);
        detours
            .iter()
            .filter(|detour| leads_on(detour))
            .any(|detour| {
                let parts = self.undecided(context, detour);
                let looks = looker.all_looks(&parts);
                let is_own = |source: &Source| (source.slot.0 as usize) < own.params.len();
                looks.sources.iter().any(is_own)
            })
    }

    /// Whether the other way of a test on an argument, its own or one of a function around it, calls the same captured function with what that takes: which way is right is up to the function,
    /// and callers know (`return f(self) if other is None else f(self, other)`).
    fn is_called_otherwise(
        &self,
        ways: &Ways<'p>,
        context: ContextId,
        failure: &LocalFailure<'p>,
    ) -> bool {
        let Some(call) = failure.call else {
            return false;
        };
        let refused = &self.contexts[context.0 as usize].refused;
        let takes = |other: &'p Call| {
            let is_it = |made: &Call| std::ptr::eq(made, other);
            let is_refused = refused
                .iter()
                .any(|refused| refused.call.is_some_and(is_it));
            !is_it(call) && !is_refused && same(&call.function, &other.function)
        };
        let mut looker = Looker::new(self, &ways.flows, context);
        let detours =
            ways.detours_around(self.ir_of(context), self.body_of(context), failure.range);
        detours.iter().any(|detour| {
            let parts = self.undecided(context, detour);
            let looks = looker.all_looks(&parts);
            let is_given = !looks.sources.is_empty() || !looks.captured.is_empty();
            is_given && detour.calls(&takes)
        })
    }

    /// Whether an undecided test before what fails looks at the very thing that is captured: `await f() if is_async(f) else f()`.
    fn is_asked_about(
        &self,
        ways: &Ways<'p>,
        context: ContextId,
        failure: &LocalFailure<'p>,
        captured: &[(u32, Slot)],
    ) -> bool {
        let mut looker = Looker::new(self, &ways.flows, context);
        let detours =
            ways.detours_around(self.ir_of(context), self.body_of(context), failure.range);
        let asked = detours.iter().filter(|detour| leads_on(detour));
        let asked = asked.flat_map(|detour| {
            let parts = self.undecided(context, detour);
            looker.all_looks(&parts).captured
        });
        let asked: Vec<(u32, Slot)> = asked.collect();
        if asked.iter().any(|one| captured.contains(one)) {
            return true;
        }
        // `takes_more = asks_for(f)` around it, and `f(x, more=1) if takes_more else f(x)` here.
        let Some(around) = self.contexts[context.0 as usize].closure else {
            return false;
        };
        let mut outer = Looker::new(self, &ways.flows, around);
        let mut behind = |slots: &[(u32, Slot)]| {
            let mut looks = Looks::default();
            for &(_, slot) in slots.iter().filter(|(up, _)| *up == 1) {
                let source = Source { slot, item: None };
                looks.sources.push(source);
                looks.add(&outer.kept_in(source));
            }
            looks
        };
        !asked.is_empty() && behind(&asked).overlaps(&behind(captured))
    }

    /// Whether it fails only where another argument of a function around it, which came with what is captured, is false or None: callers pass both, or
    /// neither (`await f() if client is None else await f(client)`).
    fn is_absent_beside(&self, ways: &Ways<'p>, context: ContextId, range: Range) -> bool {
        let closure = self.contexts[context.0 as usize].closure;
        let is_parameter = |up: u32, slot: Slot| {
            let owner = self.free_owner(closure, up);
            owner.is_some_and(|owner| self.is_parameter(owner, slot))
        };
        let detours = ways.detours_around(self.ir_of(context), self.body_of(context), range);
        detours.iter().any(|detour| {
            let parts = self.undecided(context, detour);
            let (Some(outcome), [part]) = (detour.outcome, parts.as_slice()) else {
                return false;
            };
            let Some((Hole::Captured(up, slot), answer)) = shape_of(part, outcome) else {
                return false;
            };
            is_parameter(up, slot) && answer.says_absent()
        })
    }

    /// Whether the function around it hands a function on as an argument, with others beside it.
    fn is_handed_on(&self, function: FunctionRef, outer: &'p Function) -> bool {
        let slot = self.made_at(function, outer).map(|(_, slot)| slot);
        let ir = &self.program.module(function.module).ir;
        let own = self.definition(function);
        let holds = |expr: &Expr| {
            let mut found = false;
            visit::expressions(expr, &mut |part| {
                found |= match part.kind {
                    ExprKind::Lambda(id) => std::ptr::eq(&raw const ir[id], own),
                    _ => slot.is_some_and(|slot| is_variable(part, slot)),
                };
            });
            found
        };
        let mut is_handed_on = false;
        visit::all_expressions(&outer.body, &mut |expr| {
            if let ExprKind::Call(call) = &expr.kind {
                let with = call
                    .arguments
                    .iter()
                    .filter(|one| holds(&one.value))
                    .count();
                is_handed_on |= with > 0 && with < call.arguments.len();
            }
        });
        is_handed_on
    }

    /// Where the function around it makes a lambda.
    fn lambda_at(&self, function: FunctionRef, outer: &'p Function) -> Option<Range> {
        let ir = &self.program.module(function.module).ir;
        let own = self.definition(function);
        let mut found = None;
        visit::all_expressions(&outer.body, &mut |expr| {
            if let ExprKind::Lambda(id) = expr.kind
                && std::ptr::eq(&raw const ir[id], own)
            {
                found = Some(expr.range);
            }
        });
        found
    }

    /// Whether something is looked at that the function was given or made.
    fn looks_at_own(&self, looks: &Looks, function: &Function) -> bool {
        let is_parameter = |source: &Source| (source.slot.0 as usize) < function.params.len();
        looks.made || looks.sources.iter().any(is_parameter)
    }

    /// The variables of functions around an evaluation that a failing operation needs, and how many functions further out they are.
    fn captured_by(
        &self,
        ways: &Ways<'p>,
        context: ContextId,
        failure: &LocalFailure<'p>,
    ) -> Vec<(u32, Slot)> {
        let mut looker = Looker::new(self, &ways.flows, context);
        let mut captured = Vec::new();
        let mut look = |expr: &'p Expr| {
            captured.extend(&looker.looks(expr).captured);
            visit::expressions(expr, &mut |part| {
                if let ExprKind::Name(_, Var::Free { up, slot }) = part.kind {
                    captured.push((up, slot));
                }
            });
        };
        match failure.call {
            Some(call) => look(&call.function),
            None => visit::all_expressions(self.body_of(context), &mut |expr| {
                if failure.range.contains(expr.range) {
                    look(expr);
                }
            }),
        }
        captured.sort_unstable();
        captured.dedup();
        captured
    }
}

/// Whether the other way of a test goes on, and does not raise.
const fn leads_on(detour: &Detour<'_>) -> bool {
    !matches!(detour.end, End::Raises(_) | End::Exits)
}

/// The variable whose call makes a value: `make` in `make(1)`.
fn maker(value: &Expr) -> Option<Slot> {
    let ExprKind::Call(call) = &value.kind else {
        return None;
    };
    match call.function.kind {
        ExprKind::Name(_, Var::Local(slot)) => Some(slot),
        _ => None,
    }
}
