//! The certainty of a failure along the calls that lead to it (DESIGN 3a, rules 1, 2 and 5).
//!
//! A failure needs some values: what is called, what picked it, the arguments that are refused. Its chain starts at the outermost call that wrote one of
//! them. Tests before that call do not count; each test behind it may lead around the failure, and whether it does is asked here:
//!
//! * its other way gives the same arguments to something that takes them (2a): the failure is a *may*;
//! * its other way raises (2b): that leaves the chain, unless a frame of the chain catches just that;
//! * it looks at something that a function of the chain wrote, made or passed (2c): a *may*;
//! * else it looks at the world, or at what the chain's first function was given (2d), and does not count, unless the failure is one of a value alone: who passes that
//!   may know what comes of the test, and such a failure is a warning ([`Chain::is_apart`]).
//!
//! Needed values and tests are followed in terms of each function's own parameters ([`super::looks`]), from one frame to the next one up. A test on a needed
//! value, and one that asks for a version, make a *may* in every frame (1, 5).

use std::borrow::Cow;

use crate::eval::Evaluator;
use crate::eval::blame::trace::Node;
use crate::eval::blame::ways::{ChainId, Ways};
use crate::eval::certainty::answers::{Answer, Hole};
use crate::eval::certainty::control::End;
use crate::eval::certainty::looks::{Looker, Looks, Source};
use crate::eval::certainty::open::OpenTest;
use crate::eval::certainty::parts::{Parts, parts_of};
use crate::eval::certainty::passing::{Passed, passed};
use crate::eval::domain::value::{ContextId, Data};
use crate::eval::exceptions::class::{ExceptionClass, Meeting};
use crate::eval::interpreter::frame::{Callee, Edge, LocalFailure, Owner};
use crate::facts::{FailureKind, May};
use crate::name::Name;
use crate::program::ModuleId;
use crate::syntax::ir::{
    Call, Constant, Expr, ExprKind, Function, Module, ParameterKind, Parent, Range, Slot, Stmt, Var,
};
use crate::syntax::visit;

/// What is carried from one frame to the next one up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Chain {
    /// The parameters of this frame that hold needed values; none: the chain has started.
    pub(super) needs: Vec<Source>,
    /// The parameters that tests behind the start look at.
    asked: Vec<Asked>,
    /// The parameters that tests look at whose other way raises something.
    raising: Vec<(Option<ExceptionClass>, Source)>,
    /// What tests on one variable of a module say of it.
    answers: Vec<(Root, Answer)>,
    /// The evaluation of the function around this frame's that was given a needed value.
    around: Option<ContextId>,
    /// What is needed of an object beside its type.
    parts: Parts,
    /// Whether a test behind the start asks about something else than the value that makes it fail.
    is_apart: bool,
}

/// A test on a parameter.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Asked {
    source: Source,
    /// What it must be to lead to the failure, if the test is about nothing else.
    answer: Option<Answer>,
    /// Whether it is an object whose attributes that are asked for never change: which object it is makes the answer.
    is_settled: bool,
}

/// A variable of a module.
pub(super) type Root = (u32, Name);

impl Chain {
    /// Whether no value is needed that a frame further out wrote: what is further out does not count.
    #[must_use]
    pub fn has_started(&self) -> bool {
        self.needs.is_empty()
    }

    /// Whether it is about no value any more: what is further out depends on what tests say of variables of modules alone.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.needs.is_empty() && self.asked.is_empty() && self.raising.is_empty()
    }

    /// The parameters of this frame that hold needed values.
    #[must_use]
    pub fn needs(&self) -> &[Source] {
        &self.needs
    }

    /// What is needed of an object beside its type.
    pub(super) const fn parts(&self) -> Parts {
        self.parts
    }

    /// Whether a function that was given the value which makes it fail asks about something else on the way: who passes that value may know what comes of the test.
    #[must_use]
    pub fn is_apart(&self, outermost: Option<&Function>, failure: &LocalFailure<'_>) -> bool {
        let default = |asked: &Asked| {
            let parameter = outermost?.params.get(asked.source.slot.0 as usize)?;
            parameter.default.as_ref()
        };
        let is_met = |asked: &Asked| match (&asked.answer, default(asked), asked.source.item) {
            (Some(answer), Some(default), None) => answer.is_met_by_default(default),
            _ => false,
        };
        // A key is demanded in one case, `if action == "move"`, and who calls knows in which it is.
        let picks = |asked: &Asked| asked.answer.as_ref().is_some_and(Answer::picks);
        let is_by_key = matches!(
            failure.kind,
            FailureKind::AbsentKey | FailureKind::MissingKey
        );
        self.is_apart
            || fails_by_value(failure) && !self.asked.iter().all(is_met)
            || is_by_key && self.asked.iter().any(|one| picks(one) && !is_met(one))
    }

    /// Whether the failure rests on what the outermost function is given: a call of it must leave it standing.
    #[must_use]
    pub fn leans_on_callers(&self) -> bool {
        !self.asked.is_empty()
    }

    /// Whether calls as they are usually made avoid the failure: it takes that a parameter of the outermost function, which all calls give, is false or None;
    /// or that one has another value than its default (DESIGN 3a.2d).
    #[must_use]
    pub fn is_avoided(&self, outermost: &Function) -> bool {
        self.asked.iter().any(|asked| {
            let Some(answer) = &asked.answer else {
                return false;
            };
            let parameter = outermost.params.get(asked.source.slot.0 as usize);
            if asked.source.item.is_some() {
                // What is handed on by `**options` is left out by most.
                let takes_any =
                    parameter.is_some_and(|parameter| parameter.kind == ParameterKind::VarKeyword);
                return takes_any && answer.is_denied_by(Constant::None);
            }
            match parameter.map(|parameter| parameter.default.as_ref()) {
                None => false,
                Some(None) => answer.says_absent(),
                Some(Some(default)) => answer.is_denied_by_default(default),
            }
        })
    }
}

impl<'p> Evaluator<'p> {
    /// The code of an evaluation.
    pub fn body_of(&self, context: ContextId) -> &'p [Stmt] {
        let context = &self.contexts[context.0 as usize];
        match context.owner {
            Owner::Function(function) => &function.body,
            Owner::Module => &self.program.module(context.module).ir.body,
            Owner::Class(class) => &class.body,
        }
    }

    /// The module that it stands in.
    pub fn ir_of(&self, context: ContextId) -> &'p Module {
        &self
            .program
            .module(self.contexts[context.0 as usize].module)
            .ir
    }

    /// The chain at the frame that fails.
    pub fn begin_chain(
        &self,
        ways: &Ways<'p>,
        context: ContextId,
        failure: &LocalFailure<'p>,
    ) -> (Chain, Option<May>) {
        let failing = self.failing_expression(context, failure);
        let parts = parts_of(failing);
        let mut looker = Looker::new(self, &ways.flows, context).with_parts(parts);
        let needed = self.needed_by(&mut looker, failure, failing);
        let held = self.needed_by(&mut looker.of_data(), failure, failing);
        let mut chain = Chain {
            parts,
            ..Chain::default()
        };
        let site = (failure.range, failure.call);
        let may = self.enter_frame(ways, &mut chain, context, site, (&needed, &held), failure);
        // Most are asked for nothing more.
        if may.is_some_and(|may| may != May::Unasked) {
            return (chain, may);
        }
        let other = {
            let is_excused = self.is_defined_for_feature(context)
                || self.is_made_for_want(context, failure)
                || self.is_made_for_feature(context, failure)
                || self.is_used_for_feature(context, failure)
                || self.is_skipped_for_feature(context, failure)
                || self.asks_for_another(ways, context, (failure, failing));
            is_excused.then_some(May::Version)
        };
        (chain, May::of_both(may, other))
    }

    /// The chain one frame up, at the call that leads down.
    fn chain_in_caller(
        &self,
        ways: &Ways<'p>,
        (node, below): (&Node, &Chain),
        caller: ContextId,
        edge: &Edge<'p>,
        (failure, raised): (&LocalFailure<'p>, Option<ExceptionClass>),
    ) -> (Chain, Option<May>) {
        let mut chain = Chain {
            answers: below.answers.clone(),
            is_apart: below.is_apart,
            ..Chain::default()
        };
        let Some(call) = edge.call else {
            // The language calls: what reaches the callee is the code's around it.
            let may = (!below.asked.is_empty() || edge.uncertain).then_some(May::Depends);
            return (chain, may);
        };
        chain.parts = self.parts_above(below, edge, call);
        let mut looker = Looker::new(self, &ways.flows, caller);
        let has_started = below.needs.is_empty();
        let (needed, held) = if has_started {
            (Looks::default(), Looks::default())
        } else {
            let parts = chain.parts;
            let new = || Looker::new(self, &ways.flows, caller).with_parts(parts);
            (
                self.needed_above(&mut new(), (node, below), (edge, call), failure),
                self.needed_above(&mut new().of_data(), (node, below), (edge, call), failure),
            )
        };
        let asked = self.asked_above(&mut looker, &mut chain, below, (edge, call));
        let raising = self.raising_above(&mut looker, &mut chain, below, (edge, call), raised);
        let may = asked.or(raising);
        drop(looker);
        chain.around = self.given_around(caller, &needed, failure);
        let site = (edge.range, Some(call));
        let entered = self.enter_frame(ways, &mut chain, caller, site, (&needed, &held), failure);
        let is_start = !has_started && chain.has_started();
        let chosen = (is_start && self.is_chosen_by_asked(ways, &chain, caller, edge.range))
            .then_some(May::Depends);
        (chain, May::of_both(May::of_both(may, entered), chosen))
    }

    /// The same by the chain's number. What leads to a call is asked once for all failures whose chain is about no value any more, and for each kind of failure if a test there asks for a feature.
    pub fn chain_above(
        &self,
        ways: &Ways<'p>,
        node: &Node,
        caller: ContextId,
        edge: &Edge<'p>,
        failure: &LocalFailure<'p>,
    ) -> (ChainId, Option<May>, Option<ContextId>) {
        let below = ways.chain(node.chain);
        let key = |kind| (kind, node.chain, caller, edge.range);
        let kind = ways.kind();
        let is_settled = below.is_settled() && edge.call.is_some();
        let open = is_settled.then(|| self.open_tests(ways, caller, edge.range));
        if let Some(open) = &open {
            if below.around.is_none() && self.say_nothing(ways, caller, open) {
                return (node.chain, None, None);
            }
            let settled = ways.settled.borrow();
            let known = settled.get(&key(None)).or_else(|| settled.get(&key(kind)));
            if let Some(&(chain, may)) = known {
                return (chain, may, None);
            }
        }
        let raised = node.travel.and_then(|travel| travel.class);
        let found = self.chain_in_caller(ways, (node, &below), caller, edge, (failure, raised));
        let (chain, may) = found;
        let around = chain.around;
        let chain = if may.is_some() {
            ChainId::NOTHING
        } else {
            ways.intern(chain)
        };
        if let Some(open) = open {
            let kind = kind.filter(|_| self.ask_features(ways, caller, &open));
            ways.settled.borrow_mut().insert(key(kind), (chain, may));
        }
        (chain, may, around)
    }

    /// Whether tests behind a call look at something that the call writes out as a text or a number: a kind, by which its caller chose what else to send.
    pub fn asks_for_kind(&self, below: &Chain, edge: &Edge<'p>) -> bool {
        let Some(call) = edge.call else { return false };
        below.asked.iter().any(|asked| {
            let passed = passed(self, call, edge.shift, edge.callee, asked.source);
            passed.into_iter().any(|passed| {
                matches!(
                    passed,
                    Passed::Value(Expr {
                        kind: ExprKind::Constant(Constant::Str(_) | Constant::Int(_)),
                        ..
                    })
                )
            })
        })
    }

    /// Whether a test around the call that starts the chain asks, in other words, what tests behind it ask again: which value was passed rests on it (DESIGN 3a.2d).
    fn is_chosen_by_asked(
        &self,
        ways: &Ways<'p>,
        chain: &Chain,
        context: ContextId,
        range: Range,
    ) -> bool {
        if chain.asked.is_empty() {
            return false;
        }
        let open = self.open_tests(ways, context, range);
        open.all.iter().any(|open| {
            let all_looks = self.looks_of(ways, context, open);
            open.parts.iter().zip(all_looks).any(|(part, looks)| {
                let is_plain = open.said.iter().any(|said| std::ptr::eq(said.part, *part));
                // Two plain answers contradict each other or do not, which was asked already.
                chain.asked.iter().any(|asked| {
                    let meets = |source: &Source| source.overlaps(asked.source);
                    !(is_plain && asked.answer.is_some()) && looks.sources.iter().any(meets)
                })
            })
        })
    }

    /// The evaluation of a function around a frame's that was given what is looked at here.
    fn given_around(
        &self,
        context: ContextId,
        needed: &Looks,
        failure: &LocalFailure<'p>,
    ) -> Option<ContextId> {
        let closure = self.contexts[context.0 as usize].closure;
        needed.captured.iter().find_map(|&(up, slot)| {
            let owner = self.free_owner(closure, up)?;
            let Owner::Function(function) = self.contexts[owner.0 as usize].owner else {
                return None;
            };
            let source = Source { slot, item: None };
            let is_given = (slot.0 as usize) < function.params.len();
            (is_given && self.is_told(owner, source, failure)).then_some(owner)
        })
    }

    /// What tests below look at, in terms of this frame; a may, if it is this frame's own.
    fn asked_above(
        &self,
        looker: &mut Looker<'_, 'p>,
        chain: &mut Chain,
        below: &Chain,
        (edge, call): (&Edge<'p>, &'p Call),
    ) -> Option<May> {
        let has_started = below.has_started();
        let mut may = None;
        for asked in &below.asked {
            let is_made = carry(
                self,
                looker,
                (call, edge),
                (asked.source, has_started),
                |source| {
                    chain.asked.push(Asked {
                        source,
                        ..asked.clone()
                    });
                },
            );
            // `f(SPEC)`, and `f("name")` where that picks one from a table. At the start also `f(None, kinds.SPACE)`, of which nothing else is known.
            let is_pick = |expr: &Expr| {
                let is_settled = asked.is_settled && (is_global(expr) || is_plain(expr));
                is_settled || (!has_started && is_constant_by_name(expr))
            };
            let is_picked = passed(self, call, edge.shift, edge.callee, asked.source)
                .iter()
                .any(|passed| matches!(passed, Passed::Value(expr) if is_pick(expr)));
            if is_made || is_picked || self.is_denied_by_default(call, edge, asked) {
                may = may.or(Some(May::Depends));
            }
        }
        may
    }

    /// Whether a call leaves a parameter to its default, and a test below asks for something else of it.
    fn is_denied_by_default(&self, call: &'p Call, edge: &Edge<'p>, asked: &Asked) -> bool {
        let (Some(answer), Owner::Function(callee)) =
            (&asked.answer, self.contexts[edge.callee.0 as usize].owner)
        else {
            return false;
        };
        let parameter = callee.params.get(asked.source.slot.0 as usize);
        let default = parameter.and_then(|parameter| parameter.default.as_ref());
        asked.source.item.is_none()
            && default.is_some_and(|default| answer.is_denied_by_default(default))
            && passed(self, call, edge.shift, edge.callee, asked.source)
                .iter()
                .all(|passed| matches!(passed, Passed::Default))
    }

    /// The same for tests whose other way raises something: it counts where a frame catches that, and not the failure. Above the start nothing does.
    fn raising_above(
        &self,
        looker: &mut Looker<'_, 'p>,
        chain: &mut Chain,
        below: &Chain,
        (edge, call): (&Edge<'p>, &'p Call),
        raised: Option<ExceptionClass>,
    ) -> Option<May> {
        if below.has_started() {
            return None;
        }
        let mut may = None;
        for &(name, source) in &below.raising {
            let caught = self.is_caught_apart(looker.context, edge.range, name, raised);
            let is_made = carry(
                self,
                looker,
                (call, edge),
                (source, false),
                |source| match caught {
                    None => chain.raising.push((name, source)),
                    Some(true) => chain.asked.push(Asked {
                        source,
                        answer: None,
                        is_settled: false,
                    }),
                    Some(false) => {}
                },
            );
            if is_made && caught == Some(true) {
                may = may.or(Some(May::Depends));
            }
        }
        may
    }

    /// Looks at the tests around a place of a frame, and says what makes the failure a may there.
    fn enter_frame(
        &self,
        ways: &Ways<'p>,
        chain: &mut Chain,
        context: ContextId,
        (range, call): (Range, Option<&'p Call>),
        (needed, held): (&Looks, &Looks),
        failure: &LocalFailure<'p>,
    ) -> Option<May> {
        chain.needs.clone_from(&needed.sources);
        chain
            .needs
            .retain(|source| self.is_told(context, *source, failure));
        let is_behind_start = !chain.needs.is_empty();
        if !is_behind_start {
            chain.parts = Parts::None;
        }
        if self.is_validated(ways, context, range, held, failure) {
            return Some(May::Needed);
        }
        let is_any = |source: &Source| self.is_any_instance(context, *source);
        let mut held = Cow::Borrowed(held);
        if held.sources.iter().any(is_any) {
            held.to_mut().sources.retain(|source| !is_any(source));
        }
        let open = self.open_tests(ways, context, range);
        let mut may = self
            .is_contradicted_way(ways, context, &open)
            .then_some(May::Contradicts);
        let is_apart =
            |open: &OpenTest<'p>| leads_past(open) && !self.asks_parameters(context, open);
        chain.is_apart |=
            is_behind_start && fails_by_value(failure) && open.all.iter().any(is_apart);
        let is_asked = |open: &OpenTest<'p>| open.detour().outcome.is_some() && leads_past(open);
        if self.is_refused_by_override(context, call, failure) && open.all.iter().any(is_asked) {
            may = may.or(Some(May::Overridden));
        }
        let is_about_values = is_behind_start || !held.is_nothing() || !chain.asked.is_empty();
        let tests: Vec<&OpenTest<'p>> = if is_about_values {
            open.all.iter().collect()
        } else {
            self.telling_tests(ways, context, &open).collect()
        };
        for open in tests {
            let found = self.judge_detour(ways, chain, context, open, (&held, failure));
            may = May::of_both(may, found);
            if is_behind_start {
                let takes_cause = |call| {
                    let detour = open.detour();
                    self.takes_cause(context, detour, (call, needed), failure)
                };
                if call.is_some_and(takes_cause) {
                    may = May::of_both(may, Some(May::Taken));
                }
                let found = self.count_detour(ways, chain, context, open);
                may = May::of_both(may, found);
            }
        }
        chain.asked.sort_unstable();
        chain.asked.dedup();
        chain.raising.sort_unstable();
        chain.raising.dedup();
        if is_contradicted(&chain.asked) {
            may = May::of_both(may, Some(May::Contradicts));
        }
        may
    }

    /// Whether a place is the call that fails, of a method on the object whose own method makes it, and another class's method refuses it, which overrides the one
    /// that is meant: a test on the way may know which kinds of objects take it.
    fn is_refused_by_override(
        &self,
        context: ContextId,
        call: Option<&'p Call>,
        failure: &LocalFailure<'p>,
    ) -> bool {
        let (Some(call), Some(Callee::Function(refusing))) = (call, failure.callee) else {
            return false;
        };
        let is_it = failure
            .call
            .is_some_and(|failing| std::ptr::eq(failing, call));
        let Owner::Function(caller) = self.contexts[context.0 as usize].owner else {
            return false;
        };
        let on_own = match &call.function.kind {
            ExprKind::Attribute { value, .. } => {
                matches!(value.kind, ExprKind::Name(_, Var::Local(Slot(0))))
            }
            _ => false,
        };
        let home = |module: ModuleId, function: &Function| match function.parent {
            Parent::Class(class) => Some((module, class)),
            _ => None,
        };
        let refusing = home(refusing.module, self.definition(refusing));
        let calling = home(self.contexts[context.0 as usize].module, caller);
        is_it && on_own && refusing.is_some() && calling.is_some() && refusing != calling
    }

    /// What makes the failure a may wherever the test stands: it asks for a version, or for what is needed, or contradicts another answer.
    fn judge_detour(
        &self,
        ways: &Ways<'p>,
        chain: &mut Chain,
        context: ContextId,
        open: &OpenTest<'p>,
        (needed, failure): (&Looks, &LocalFailure<'p>),
    ) -> Option<May> {
        // Further out than the chain nothing is needed, and it does not matter what a test looks at.
        let asks_for_needed = !open.detour().by_exception && !needed.is_nothing();
        let featured = self.featured(ways, context, open);
        let mut may = None;
        for (at, part) in open.parts.iter().enumerate() {
            if featured.is_empty() && !asks_for_needed {
                break;
            }
            let found = if featured.contains(&at) && self.excuses(ways, context, part, failure) {
                May::Version
            } else if asks_for_needed && self.looks_of(ways, context, open)[at].overlaps(needed) {
                if self.tells_nothing(context, part, failure) {
                    May::Unasked
                } else {
                    May::Needed
                }
            } else {
                continue;
            };
            may = May::of_both(may, Some(found));
        }
        for said in &open.said {
            let answer = &said.answer;
            let contradicts = match (said.hole, said.root) {
                (_, Some(root)) => is_denied(&mut chain.answers, root, answer),
                (Hole::Local(source), None) => {
                    let asked = chain.asked.iter().filter(|asked| asked.source == source);
                    let mut known = asked.filter_map(|asked| asked.answer.as_ref());
                    known.any(|known| known.excludes(answer))
                }
                _ => false,
            };
            if contradicts {
                may = Some(May::Contradicts);
            }
        }
        may
    }

    /// The variable of a module that a test is about, whichever module asks for it and by whatever import.
    pub(super) fn root_of(&self, context: ContextId, hole: Hole) -> Option<Root> {
        let module = self.contexts[context.0 as usize].module;
        let of = |module: ModuleId, name: Name| {
            let imported = self.program.imported_as(module, name);
            let (module, name) = imported.unwrap_or((module, name));
            (module.0, name)
        };
        match hole {
            Hole::Global(name) => Some(of(module, name)),
            Hole::Attribute(base, name) => match self.data(self.variable_at_end(module, base)?) {
                Data::Module(module) => Some(of(*module, name)),
                _ => None,
            },
            Hole::Local(_) | Hole::Captured(..) => None,
        }
    }

    /// A test behind the start of the chain: what it looks at is followed on, or is the function's own.
    fn count_detour(
        &self,
        ways: &Ways<'p>,
        chain: &mut Chain,
        context: ContextId,
        open: &OpenTest<'p>,
    ) -> Option<May> {
        let raises = match open.detour().end {
            End::Raises(exception) => Some(exception.and_then(|exception| {
                let raised = &self.contexts[context.0 as usize].traps.raised;
                let known = raised.iter().find(|(range, _)| *range == exception.range);
                known.map(|(_, class)| *class)
            })),
            End::Exits => Some(Some(ExceptionClass::told("SystemExit"))),
            End::Falls | End::Returns => None,
        };
        let mut made = false;
        let all_looks = self.looks_of(ways, context, open);
        for (part, looks) in open.parts.iter().zip(all_looks) {
            made |= looks.made && raises.is_none();
            let answer = open.said.iter().find(|said| std::ptr::eq(said.part, *part));
            for &source in &looks.sources {
                if !self.is_parameter(context, source.slot) {
                    continue;
                }
                match raises {
                    Some(name) => chain.raising.push((name, source)),
                    None => chain.asked.push(Asked {
                        source,
                        answer: match answer {
                            Some(said) if matches!(said.hole, Hole::Local(hole) if hole == source) => {
                                Some(said.answer.clone())
                            }
                            _ => None,
                        },
                        is_settled: self.asks_settled(context, part, source.slot),
                    }),
                }
            }
        }
        made.then_some(May::Depends)
    }

    /// Whether a test asks nothing but parameters of the function, each in a way that a default of it can be held against.
    fn asks_parameters(&self, context: ContextId, open: &OpenTest<'p>) -> bool {
        open.parts.iter().all(|part| {
            let mut said = open
                .said
                .iter()
                .filter(|said| std::ptr::eq(said.part, *part));
            said.any(|said| match said.hole {
                Hole::Local(source) => self.is_parameter(context, source.slot),
                _ => false,
            })
        })
    }

    /// Whether a test asks a parameter for attributes alone that nothing but the making of the object assigns.
    fn asks_settled(&self, context: ContextId, test: &'p Expr, slot: Slot) -> bool {
        let argument = self.contexts[context.0 as usize]
            .arguments
            .get(slot.0 as usize);
        let Some(&Data::Instance { class, .. }) = argument.map(|&argument| self.data(argument))
        else {
            return false;
        };
        let (mut asked, mut settled) = (0, 0);
        visit::expressions(test, &mut |expr| match &expr.kind {
            ExprKind::Name(_, Var::Local(found)) if *found == slot => asked += 1,
            ExprKind::Attribute {
                value, attribute, ..
            } if matches!(value.kind, ExprKind::Name(_, Var::Local(found)) if found == slot) => {
                settled += usize::from(self.is_settled(class, *attribute));
            }
            _ => {}
        });
        asked > 0 && asked == settled
    }

    /// Whether a frame catches an exception that a test's other way raises, but not there where the failure would be caught; none: it catches neither.
    fn is_caught_apart(
        &self,
        context: ContextId,
        range: Range,
        name: Option<ExceptionClass>,
        failing: Option<ExceptionClass>,
    ) -> Option<bool> {
        for trap in self.contexts[context.0 as usize].traps.around(range) {
            let (meeting, clause) = self.met(trap, name);
            if meeting == Meeting::Passes {
                continue;
            }
            let (other, failing_clause) = self.met(trap, failing);
            let is_same = match (clause, failing_clause) {
                (Some(one), Some(two)) => std::ptr::eq(one, two),
                _ => true,
            };
            return Some(other == Meeting::Passes || !is_same);
        }
        None
    }

    /// Whether a test asks about what a call passes on.
    pub fn is_guarded_call(&self, ways: &Ways<'p>, caller: ContextId, edge: &Edge<'p>) -> bool {
        let Some(call) = edge.call else {
            return edge.uncertain;
        };
        let mut looker = Looker::new(self, &ways.flows, caller);
        let mut passed = Looks::default();
        for argument in &call.arguments {
            passed.add(&looker.looks(&argument.value));
        }
        drop(looker);
        let open = self.open_tests(ways, caller, edge.range);
        open.all.iter().any(|open| {
            let mut all_looks = self.looks_of(ways, caller, open).iter();
            all_looks.any(|looks| looks.overlaps(&passed))
        })
    }

    /// The expression that stands at a range of a body.
    pub fn expression_at(&self, context: ContextId, range: Range) -> Option<&'p Expr> {
        let mut found = None;
        visit::all_expressions(self.body_of(context), &mut |expr| {
            if expr.range == range {
                found = found.or(Some(expr));
            }
        });
        found
    }
}

/// Whether what fails does so for what a value is, and not for what a call writes out: its keywords, an operation, a key.
const fn fails_by_value(failure: &LocalFailure<'_>) -> bool {
    matches!(
        failure.kind,
        FailureKind::MissingAttribute
            | FailureKind::InvalidOperation
            | FailureKind::NotCallable
            | FailureKind::FormatMismatch
    )
}

/// Whether a test's other way leads past the place, and neither raises nor catches anything.
fn leads_past(open: &OpenTest<'_>) -> bool {
    let detour = open.detour();
    !detour.by_exception && matches!(detour.end, End::Falls | End::Returns)
}

/// Whether a test on a variable of a module says what a test further down excludes. What it says is kept, once, in order.
fn is_denied(answers: &mut Vec<(Root, Answer)>, root: Root, answer: &Answer) -> bool {
    let from = answers.partition_point(|(known, _)| *known < root);
    let mut at = from;
    let mut is_denied = false;
    let mut is_known = false;
    for (_, known) in answers[from..]
        .iter()
        .take_while(|(known, _)| *known == root)
    {
        is_denied |= known.excludes(answer);
        is_known |= known == answer;
        at += usize::from(known < answer);
    }
    if !is_known {
        answers.insert(at, (root, answer.clone()));
    }
    is_denied
}

/// Follows what a parameter looks at into the caller's terms. The result says whether the caller makes it.
fn carry<'p>(
    evaluator: &Evaluator<'p>,
    looker: &mut Looker<'_, 'p>,
    (call, edge): (&'p Call, &Edge<'p>),
    (source, has_started): (Source, bool),
    mut add: impl FnMut(Source),
) -> bool {
    let mut is_made = false;
    for passed in passed(evaluator, call, edge.shift, edge.callee, source) {
        let origin = match passed {
            // A plain text, number or member above the start that decided nothing when the call was evaluated.
            Passed::Value(expr) if has_started && (is_plain(expr) || looker.is_of_class(expr)) => {
                continue;
            }
            Passed::Value(expr) => looker.origin(expr),
            Passed::Item(expr, item) => looker.origin_of_item(expr, item),
            Passed::Made => {
                is_made = true;
                continue;
            }
            Passed::Default => continue,
        };
        is_made |= origin.made;
        origin.sources.into_iter().for_each(&mut add);
    }
    is_made
}

/// Whether an expression is a variable of the module.
const fn is_global(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Name(_, Var::Global(_)))
}

/// Whether an expression is an attribute of what the module has, such as a member of an enum or a constant of another module.
fn is_constant_by_name(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Attribute { value, .. } => is_global(value) || is_constant_by_name(value),
        _ => false,
    }
}

/// Whether an expression is a text or a number as it stands.
fn is_plain(expr: &Expr) -> bool {
    matches!(
        expr.kind,
        ExprKind::Constant(Constant::Str(_) | Constant::Int(_) | Constant::Float(_))
    )
}

/// Whether two tests on one value cannot come out as they must.
fn is_contradicted(asked: &[Asked]) -> bool {
    asked.iter().enumerate().any(|(at, one)| {
        asked[at + 1..].iter().any(|other| {
            one.source == other.source
                && matches!((&one.answer, &other.answer), (Some(a), Some(b)) if a.excludes(b))
        })
    })
}
