//! From what fails in one evaluation of one body to failures with a cause and a chain of calls.
//!
//! A keyword that a handler refuses was written somewhere up the chain; so was the name of an unknown operation, and so
//! was the call that lacks an argument. The way leads up through the calls that were followed on the way down.

use std::collections::hash_map::Entry;
use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::facts::{
    Certainty, Confidence, Facts, Failure, FailureKind, FileId, Frame as Step, May, Place,
    RouteKey, Symbol,
};
use crate::name::Name;
use crate::program::ModuleId;
use crate::syntax::ir::{ArgumentKind, Call, Constant, Expr, ExprKind, Range, Slot, Stmt, Var};
use crate::syntax::visit;

use crate::eval::Evaluator;
use crate::eval::blame::names::dotted;
use crate::eval::blame::traced::{Traced, without_echoes};
use crate::eval::blame::ways::{ChainId, Ways};
use crate::eval::certainty::looks::Source;
use crate::eval::certainty::needed::is_without_values;
use crate::eval::certainty::registered::ByRegister;
use crate::eval::domain::value::{ContextId, Data, FunctionRef};
use crate::eval::exceptions::class::ExceptionClass;
use crate::eval::exceptions::handlers::Travel;
use crate::eval::interpreter::frame::{Blame, Callee, Decision, LocalFailure, Owner};
use crate::eval::summaries::hints::is_told_by_hint;
use crate::eval::survey::replaced_in;

/// How many calls are looked at on the way up from one failure.
const VISITS: usize = 4000;

/// What is looked for on the way up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Search {
    /// Where this keyword is written, among what reaches the call's `**`.
    Keyword(Name),
    /// Where the call that passes too little or too much is written.
    Shape,
    /// Where the value of this parameter of the frame is written.
    Parameter(Slot),
    /// Who passed the dict in this parameter of the frame.
    Dict(Slot),
    /// It is found.
    Found(Place, ContextId),
}

/// What makes two failures the same; the last two tell evaluations for all callers from real calls, and what leans on callers from what does not.
type Seen = (
    (FailureKind, Name),
    Place,
    Option<RouteKey>,
    Confidence,
    [bool; 2],
);

/// What was stated so far.
#[derive(Default)]
struct Stated {
    failures: Vec<Traced>,
    index: FxHashMap<Seen, usize>,
    /// By what is told alike: where the ways up came by. Whoever comes by again finds nothing new above.
    visited: FxHashMap<Alike, FxHashSet<Visit>>,
}

/// What two evaluations of one body have in common if they fail in the same way.
type Alike = (
    (FailureKind, Name),
    Place,
    Option<Callee>,
    Option<String>,
    Confidence,
    bool,
);

/// A frame on the way up, with what decides how it goes on from there.
type Visit = (
    (ContextId, Search),
    (Option<usize>, Option<ContextId>, ChainId),
    Option<ExceptionClass>,
    [bool; 3],
);

/// One step of the way up.
#[derive(Clone, Copy)]
pub struct Node {
    /// The frame.
    pub context: ContextId,
    /// The call through which this frame leads down; none: the failing frame.
    pub edge: Option<usize>,
    /// The node below.
    pub below: Option<usize>,
    /// What is looked for.
    pub search: Search,
    /// The route that it is on.
    pub route: Option<usize>,
    /// The exception as it leaves the frame; none: nothing is raised.
    pub travel: Option<Travel>,
    /// The evaluation around the frames so far that was given what is passed on.
    captured: Option<ContextId>,
    /// What keeps the failure from being certain.
    pub may: Option<May>,
    /// What is needed and asked on the way.
    pub chain: ChainId,
    /// What the call fails in that the frame makes: the function, if one of the tree.
    pub callee: Option<FunctionRef>,
}

impl Node {
    fn visit(&self) -> Visit {
        let travel = self.travel;
        let is_hidden = travel.is_some_and(|travel| travel.hidden_by.is_some());
        let is_converted = travel.is_some_and(|travel| travel.is_converted);
        // Which evaluation of the code it is that has the cause makes no difference.
        let search = match self.search {
            Search::Found(place, _) => Search::Found(place, ContextId(0)),
            other => other,
        };
        (
            (self.context, search),
            (self.route, self.captured, self.chain),
            travel.and_then(|travel| travel.class),
            [self.may.is_some(), is_converted, is_hidden],
        )
    }
}

impl<'p> Evaluator<'p> {
    /// States everything that was found.
    pub fn facts(&mut self) -> Facts {
        let (mut facts, traced) = self.traced();
        facts.failures = without_echoes(traced);
        facts
    }

    /// The same, the failures apart from the rest, echoes among them.
    pub fn traced(&mut self) -> (Facts, Vec<Traced>) {
        let ways = Ways::of(self);
        let mut stated = Stated::default();
        for index in 0..self.contexts.len() {
            let id = ContextId(u32::try_from(index).unwrap_or(u32::MAX));
            let local = std::mem::take(&mut self.contexts[index].failures);
            for failure in &local {
                if self.may_be_filled(id, failure.range) || self.is_translated(id) {
                    continue;
                }
                self.trace(&ways, id, failure, &mut stated);
            }
        }
        let mut failures = stated.failures;
        if !self.has_unfollowed_calls() {
            failures.extend(ways.map.orphans(self).into_iter().map(Traced::new));
        }
        // A finder of the tree's own may make something else of the text of a module before it is run.
        let is_open = |module| self.survey.adds_finders || self.is_filled_elsewhere(module);
        let cycles = crate::eval::interpreter::cycle::import_cycles(self.program, &is_open);
        failures.extend(cycles.into_iter().map(Traced::new));
        failures.sort_by(|Traced { failure: a, .. }, Traced { failure: b, .. }| {
            (
                a.cause,
                a.kind,
                a.subject,
                &a.route,
                a.chain.len(),
                &a.chain[0].function,
            )
                .cmp(&(
                    b.cause,
                    b.kind,
                    b.subject,
                    &b.route,
                    b.chain.len(),
                    &b.chain[0].function,
                ))
        });
        for traced in &mut failures {
            traced.sort_roots();
        }
        let routes = ways.map.into_routes(self);
        let listed = if self.is_listing {
            self.listings(&routes)
        } else {
            Vec::new()
        };
        let modules = self.program.modules().iter();
        let modules = modules.filter(|module| !module.is_installed);
        let all = self.program.module_ids();
        let left = all.filter(|&id| self.program.is_left_to_python_2(id));
        let left = left.map(|id| self.program.module(id).file);
        let facts = Facts {
            failures: Vec::new(),
            left_to_python_2: left.collect(),
            unreached: self.unreached(),
            in_declared_encodings: Vec::new(),
            routes,
            functions: modules.map(|module| module.ir.functions.len()).sum(),
            lost: self.lost_entries(),
            breaches: Vec::new(),
            cuts: self.cut_short(),
            listed,
        };
        (facts, failures)
    }

    /// The files that do not parse and that no import reaches, although some name them: the part of a module for Python 2, `if PY2: from ._old import print_all`.
    fn unreached(&self) -> Vec<FileId> {
        let all = self.program.module_ids().filter(|&id| {
            let module = self.program.module(id);
            !module.ir.errors.is_empty()
                && !module.is_installed
                && !self.imported_broken.contains(&id)
                && self.program.is_optional(id)
        });
        all.map(|id| self.program.module(id).file).collect()
    }

    /// Walks up from a failure, and states it once for each cause and route.
    fn trace(
        &self,
        ways: &Ways<'p>,
        context: ContextId,
        failure: &LocalFailure<'p>,
        stated: &mut Stated,
    ) {
        ways.note_failure(failure);
        let is_certain = failure.confidence == Confidence::Must;
        if (self.is_partial && !is_certain)
            || self.is_half_written(context, failure)
            || self.left(ways, context)[0]
        {
            return;
        }
        let Some(first) = self.start(ways, context, failure) else {
            return;
        };
        let first = Node {
            may: first
                .may
                .or_else(|| {
                    let rests_on_values = !is_of_ways(failure);
                    rests_on_values.then(|| self.may_by_capture(ways, context, failure))?
                })
                .or_else(|| self.may_be_read(context)),
            ..first
        };
        // Of a mixed state only what certainly fails is asked for.
        let is_told = |node: &Node| !self.is_partial || node.may.is_none();
        if !is_told(&first) {
            return;
        }
        let mut nodes = vec![first];
        let alike = (
            (failure.kind, failure.subject),
            self.place(context, failure.range),
            failure.callee,
            failure.exception.clone(),
            failure.confidence,
            failure.by_value,
        );
        let mut visited = stated.visited.remove(&alike).unwrap_or_default();
        let mut next = 0;
        while next < nodes.len() && nodes.len() < VISITS {
            let node = nodes[next];
            let at = next;
            next += 1;
            let mut continued = false;
            let mut guarded = false;
            for &(caller, edge) in ways.callers_of(node.context) {
                // What nobody runs calls nothing, and expects nothing either.
                if self.is_unrun(caller, failure) {
                    continue;
                }
                match self.step_up(ways, &node, at, caller, edge, failure) {
                    Some(up) => {
                        let range = self.contexts[caller.0 as usize].edges[edge].range;
                        let up = self.unless_failed_before(ways, up, range, failure);
                        continued = true;
                        if is_told(&up) && visited.insert(up.visit()) {
                            nodes.push(up);
                        }
                    }
                    None => guarded = true,
                }
            }
            let context = &self.contexts[node.context.0 as usize];
            if let Some(around) = node.captured {
                // It fails with what the function around it got, if it is called at all.
                if self.is_inside(node.context, around) {
                    nodes[at].may = nodes[at].may.or(Some(May::Value));
                }
            }
            if context.is_root
                && !continued
                && rests_on_type(failure)
                && self.is_compared_text(ways.chain(node.chain).needs(), node.context)
            {
                // What equals one of the texts that a parameter is compared with may be of another type.
                nodes[at].may = nodes[at].may.or(Some(May::Value));
            }
            // What no call leads to was evaluated to learn what a name holds, apart from the tests around it.
            if context.is_root
                && (continued || !guarded)
                && self.left(ways, node.context) == [false, false]
                && !self.is_replaced_by_test(ways, failure, &nodes, at)
            {
                self.state(ways, failure, &nodes, at, stated);
            }
        }
        stated.visited.insert(alike, visited);
    }

    /// Whether an evaluation is one of a function that was made and left behind, and one of a method that no instance has.
    fn left(&self, ways: &Ways<'p>, context: ContextId) -> [bool; 2] {
        let mut known = ways.left.borrow_mut();
        let left = || [self.is_left_behind(context), self.has_no_instance(context)];
        *known.entry(context).or_insert_with(left)
    }

    /// Whether what fails is a text that a function which nobody calls was given because it compares its parameter with that one.
    fn is_compared_text(&self, needs: &[Source], context: ContextId) -> bool {
        let arguments = &self.contexts[context.0 as usize].arguments;
        let is_text = |source: &Source| {
            let argument = arguments.get(source.slot.0 as usize);
            argument.is_some_and(|&argument| matches!(self.data(argument), Data::Str(_)))
        };
        needs.iter().any(is_text)
    }

    /// The names that a function reads and that tests replace somewhere.
    fn read_replaced(&self, ways: &Ways<'p>, function: FunctionRef) -> Rc<[Name]> {
        let mut known = ways.read_replaced.borrow_mut();
        let read = known.entry(function).or_insert_with(|| {
            let mut names = names_read(&self.definition(function).body);
            names.retain(|&name| self.is_stored_for_tests(name));
            names.into()
        });
        Rc::clone(read)
    }

    /// Whether a chain leads from a test through something that tests replace: it is the replacement that is called then.
    fn is_replaced_by_test(
        &self,
        ways: &Ways<'p>,
        failure: &LocalFailure,
        nodes: &[Node],
        top: usize,
    ) -> bool {
        let mut names = Vec::new();
        let mut tests = FxHashSet::default();
        let mut read = FxHashSet::default();
        let mut leads_from_test = false;
        let mut next = Some(top);
        while let Some(at) = next {
            let node = &nodes[at];
            let context = &self.contexts[node.context.0 as usize];
            if self.survey.tests.contains(&context.module) {
                leads_from_test = true;
                tests.insert(context.module);
            } else if let (true, Some(function)) = (leads_from_test, context.function) {
                read.extend(self.read_replaced(ways, function).iter().copied());
            }
            // What comes before the test was called for itself.
            if leads_from_test && at != top {
                names.extend(
                    context
                        .function
                        .map(|function| self.definition(function).name),
                );
            }
            next = node.below;
        }
        if !leads_from_test {
            return false;
        }
        match failure.callee {
            Some(Callee::Function(function)) => names.push(self.definition(function).name),
            Some(Callee::Class(class)) => names.push(self.class(class).definition.name),
            // Of a call that is refused, the subject is a parameter: nobody replaces that.
            None => names.push(failure.subject),
        }
        // A variable that the test's own file replaces may hold what leads elsewhere. Few names are replaced anywhere.
        let is_replaced = |test: &ModuleId| {
            let mut known = ways.replaced.borrow_mut();
            let replaced = known
                .entry(*test)
                .or_insert_with(|| Rc::new(replaced_in(&self.program.module(*test).ir)));
            !read.is_disjoint(replaced)
        };
        names.into_iter().any(|name| self.is_stored_for_tests(name))
            || !read.is_empty() && tests.iter().any(is_replaced)
    }

    /// Whether what fails stands where the file does not parse: it is what the parser made of it.
    fn is_half_written(&self, context: ContextId, failure: &LocalFailure) -> bool {
        let module = self.contexts[context.0 as usize].module;
        let mut range = failure.range;
        if let Some(call) = failure.call {
            let last = call.arguments.last().map(|argument| argument.range.end);
            range.start = range.start.min(call.function.range.start);
            range.end = range.end.max(last.unwrap_or_default());
        }
        self.program.module(module).ir.has_error_in(range)
    }

    pub(super) fn start(
        &self,
        ways: &Ways<'p>,
        context: ContextId,
        failure: &LocalFailure<'p>,
    ) -> Option<Node> {
        if self.is_unrun(context, failure) {
            return None;
        }
        let search = match failure.blame {
            Blame::Here => Search::Found(self.place(context, failure.range), context),
            Blame::Text(text) => Search::Found(self.written(context, text, failure.range), context),
            Blame::Duplicate(name) => {
                let explicit = failure.call.and_then(|call| {
                    call.arguments
                        .iter()
                        .find(|argument| argument.kind == ArgumentKind::Keyword(name))
                });
                let range = explicit.map_or(failure.range, |argument| argument.range);
                Search::Found(self.place(context, range), context)
            }
            Blame::Keyword(keyword) => match failure.call {
                Some(call) => self.find_keyword(context, call, keyword, failure.range),
                None => Search::Found(self.place(context, failure.range), context),
            },
            Blame::Shape => match failure.call {
                Some(call)
                    if failure.kind == FailureKind::TooManyPositionals && !has_star(call) =>
                {
                    Search::Found(self.place(context, failure.range), context)
                }
                // A keyword named like a parameter of this function never arrives in its `**kwargs`.
                Some(_) if self.has_parameter(context, failure.subject) => {
                    Search::Found(self.place(context, failure.range), context)
                }
                Some(call) => self.find_shape(context, call, failure.range),
                None => Search::Found(self.place(context, failure.range), context),
            },
            Blame::Export(module, range) => {
                let owner = self.modules[module.0 as usize].context.unwrap_or(context);
                Search::Found(self.place(owner, range), owner)
            }
            Blame::Decision(Decision::Parameter(slot)) => Search::Parameter(slot),
            Blame::Decision(Decision::Key(slot, _)) => Search::Dict(slot),
        };
        let mut node = Node {
            context,
            edge: None,
            below: None,
            search,
            route: ways.map.route_of(context),
            travel: self.travelling(context, failure),
            captured: self.captured(context, failure.call),
            may: None,
            chain: ChainId::NOTHING,
            callee: match failure.callee {
                Some(Callee::Function(function)) => Some(function),
                _ => None,
            },
        };
        let (chain, may) = self.begin_chain(ways, context, failure);
        if may.is_none() {
            node.chain = ways.intern(chain);
        }
        node.may = may;
        self.passes(&mut node, failure.range, failure.call, true)
            .then_some(node)
    }

    /// Whether an evaluation got a text as one of its arguments.
    fn was_given_text(&self, context: ContextId, text: Name) -> bool {
        let arguments = &self.contexts[context.0 as usize].arguments;
        arguments
            .iter()
            .any(|&argument| matches!(self.data(argument), Data::Str(given) if *given == text))
    }

    /// Whether a failure stands in a file that Python does not run as it stands, or not by itself.
    fn is_unrun(&self, context: ContextId, failure: &LocalFailure<'p>) -> bool {
        let module = self.contexts[context.0 as usize].module;
        let is_of_name = failure.kind == FailureKind::UndefinedName;
        let is_given = is_of_name && self.survey.given_names.contains(&module);
        // CPython compiles a file as a whole, or not at all.
        let is_refused = !self.program.module(module).ir.errors.is_empty();
        let is_list = !is_of_name && self.survey.lists.contains(&module);
        // What is put beside a copy does not change how the file's own functions are called in it.
        let is_own =
            || matches!(failure.callee, Some(Callee::Function(called)) if called.module == module);
        let is_completed = self.survey.copied.contains(&module) && !is_own();
        let is_elsewhere =
            self.survey.behind_platforms.contains(&module) && failure.callee.is_none();
        let is_unrun = is_given
            || is_list
            || is_completed
            || is_elsewhere
            || self.survey.unrun.contains(&module);
        let is_template = self.survey.templates.contains(&module);
        is_refused || is_template || is_unrun && !self.guards_own_run(module)
    }

    /// The frame of a caller; none if it expects the exception, or does not let the body run.
    pub(super) fn step_up(
        &self,
        ways: &Ways<'p>,
        node: &Node,
        below: usize,
        caller: ContextId,
        edge: usize,
        failure: &LocalFailure<'p>,
    ) -> Option<Node> {
        let call = &self.contexts[caller.0 as usize].edges[edge];
        if self.is_left_alone(caller, call)
            || !is_without_values(failure.kind)
                && call
                    .call
                    .is_some_and(|call| ways.fails_before_call(caller, call))
        {
            return None;
        }
        let alternative = (!call.certain).then_some(May::Value);
        let (chain, may, around) = if let Some(may) = node.may.or(alternative) {
            // What is no more certain is followed for its cause alone.
            (ChainId::NOTHING, Some(may), None)
        } else {
            self.chain_above(ways, node, caller, call, failure)
        };
        let below_at = match node.edge {
            Some(edge) => self.contexts[node.context.0 as usize].edges[edge].range,
            None => failure.range,
        };
        let is_denied = may.is_none()
            && self.is_denied_by_caller(ways, (node.context, below_at), (caller, call));
        let may = may.or(is_denied.then_some(May::Contradicts));
        let search = self.search_in_caller(node, caller, call);
        // What a function demands of `**options` where it tests a kind that is sent beside them is for one kind or the other.
        let is_sent_together = failure.kind == FailureKind::MissingKey
            && matches!(search, Search::Found(..))
            && !matches!(node.search, Search::Found(..))
            && self.asks_for_kind(&ways.chain(node.chain), call);
        let may = may.or(is_sent_together.then_some(May::Depends));
        let around = self.captured(caller, call.call).or(around);
        let mut up = Node {
            context: caller,
            edge: Some(edge),
            below: Some(below),
            search,
            route: node.route.or_else(|| ways.map.route_of(caller)),
            captured: around.or(node.captured),
            may,
            chain: if may.is_some() {
                ChainId::NOTHING
            } else {
                chain
            },
            callee: self.contexts[call.callee.0 as usize].function,
            ..*node
        };
        // What needs no value has no chain to stand outside of: whoever calls may expect that a name is not there.
        let is_in_chain = up.may.is_some()
            || is_without_values(failure.kind)
            || failure.absence.is_some()
            || !ways.chain(node.chain).has_started();
        self.passes(&mut up, call.range, call.call, is_in_chain)
            .then_some(up)
    }

    /// The evaluation of the function around a frame whose dict or tuple a call passes on.
    fn captured(&self, context: ContextId, call: Option<&Call>) -> Option<ContextId> {
        call?.arguments.iter().find_map(|argument| {
            let is_star = matches!(argument.kind, ArgumentKind::DoubleStar | ArgumentKind::Star);
            match argument.value.kind {
                ExprKind::Name(_, Var::Free { up, .. }) if is_star => {
                    self.free_owner(self.contexts[context.0 as usize].closure, up)
                }
                _ => None,
            }
        })
    }

    /// Whether an evaluation is one of a function inside `around`.
    fn is_inside(&self, context: ContextId, around: ContextId) -> bool {
        let mut closure = self.contexts[context.0 as usize].closure;
        while let Some(outer) = closure {
            if outer == around {
                return true;
            }
            closure = self.contexts[outer.0 as usize].closure;
        }
        false
    }

    /// Whether a function around an evaluation was evaluated for all callers, with a key that only a table names, and nobody calls it with that.
    fn is_in_split(&self, context: ContextId) -> bool {
        let around = |context: &ContextId| self.contexts[context.0 as usize].closure;
        let mut outer = std::iter::successors(around(&context), around);
        outer.any(|outer| {
            let outer = &self.contexts[outer.0 as usize];
            outer.is_split && !outer.is_called
        })
    }

    /// States a failure as seen from the outermost call that was reached.
    fn state(
        &self,
        ways: &Ways<'p>,
        failure: &LocalFailure<'p>,
        nodes: &[Node],
        top: usize,
        stated: &mut Stated,
    ) {
        let node = nodes[top];
        let names_route = matches!(
            failure.kind,
            FailureKind::UnknownOperation | FailureKind::UnknownInterface
        );
        let refuser = self.contexts[nodes[0].context.0 as usize].function;
        if names_route
            && node.route.is_none()
            && !ways.map.is_on_route(refuser)
            && !refuser.is_some_and(|refuser| self.takes_keywords(refuser))
        {
            // A function that refuses a value, not a route that does not exist.
            return;
        }
        if failure.kind == FailureKind::MissingKey
            && self.was_given_text(node.context, failure.subject)
        {
            // Nobody passes it: the evaluation for all callers met a key that another table asks for.
            return;
        }
        let refuses_value = names_route
            || matches!(
                failure.kind,
                FailureKind::MissingKey | FailureKind::InvalidOperation
            );
        let mut way = std::iter::successors(Some(top), |&at| nodes[at].below);
        if refuses_value && way.any(|at| self.is_in_split(nodes[at].context)) {
            // The same of a function inside such an evaluation, which has the value from it.
            return;
        }
        let (cause, owner) = match node.search {
            Search::Found(place, context) => (place, context),
            // Nobody passes it: the evaluation for all callers met a value that only a table names.
            Search::Parameter(_) | Search::Dict(_) => return,
            _ => match node.edge {
                Some(edge) => (
                    self.place(
                        node.context,
                        self.contexts[node.context.0 as usize].edges[edge].range,
                    ),
                    node.context,
                ),
                None => (self.place(node.context, failure.range), node.context),
            },
        };
        let route = node.route.map(|route| ways.map.key(route).clone());
        let chain = ways.chain(node.chain);
        let called = match self.contexts[node.context.0 as usize].owner {
            Owner::Function(called) => Some(called),
            _ => None,
        };
        let is_avoided = called.is_some_and(|called| {
            chain.is_avoided(called)
                || !is_of_ways(failure) && self.is_only_called(node.context, called)
                || chain.leans_on_callers() && self.is_given_by_known(node.context)
        });
        let hinted = self.hinted_around(node.context);
        if hinted.is_some_and(|hint| !is_told_by_hint(failure.kind, hint))
            || hinted.is_some() && self.is_announced_by_hinted(node.context, failure)
        {
            return;
        }
        let may = node.may.or(is_avoided.then_some(May::Callers));
        let by_register = match (may, failure.confidence) {
            (None, Confidence::Must) => {
                let chain = std::iter::successors(Some(top), |&at| nodes[at].below);
                let chain: Vec<&Node> = chain.map(|at| &nodes[at]).collect();
                self.by_register(&chain, failure)
            }
            _ => ByRegister::Sure,
        };
        let may = may.or((by_register == ByRegister::Perhaps).then_some(May::Added));
        let may = may.or(hinted);
        // What only may fail is no more certain for what a test asks beside it.
        let is_apart = failure.confidence == Confidence::Must && chain.is_apart(called, failure);
        let may = may.or(is_apart.then_some(May::Apart));
        // A function that tries what it was given, and catches what does not fit, asks in this way what it is (the glossary, "EAFP").
        let is_tried = top != 0
            && rests_on_type(failure)
            && !failure.of_tree
            && node.travel.is_some_and(|travel| travel.hidden_by.is_some());
        let may = may.or(is_tried.then_some(May::Tried));
        let certainty = match (may, failure.confidence) {
            (Some(may), _) => {
                let failing = (nodes[0].context, failure);
                Certainty::May(self.as_written(ways, may, failing, hinted.is_some()))
            }
            (None, Confidence::May) => Certainty::May(failure.doubt.unwrap_or(May::Value)),
            (None, Confidence::Must) if top == 0 => Certainty::Site,
            (None, Confidence::Must) => Certainty::Chain,
        };
        let confidence = match certainty {
            Certainty::May(_) => Confidence::May,
            Certainty::Site | Certainty::Chain => Confidence::Must,
        };
        let leans = confidence == Confidence::Must
            && (ways.chain(node.chain).leans_on_callers() || by_register == ByRegister::IfImported);
        let outermost = self.contexts[node.context.0 as usize].function;
        let is_called = outermost.is_some_and(|function| ways.called.contains(&function));
        let split = self.contexts[node.context.0 as usize].is_split;
        let roots = self.roots_of(node.context);
        let way = way_down(nodes, top);
        let within = match confidence {
            Confidence::Must => self.own_call_into_packages(ways, failure, &way, (cause, owner)),
            Confidence::May => None,
        };
        let (kind_and_subject, cause, owner) = match within {
            Some(own) => (
                (FailureKind::BrokenPackage, own.called),
                own.place,
                own.context,
            ),
            None => ((failure.kind, failure.subject), cause, owner),
        };
        let seen = (
            kind_and_subject,
            cause,
            route.clone(),
            confidence,
            [split, leans],
        );
        match stated.index.entry(seen) {
            Entry::Occupied(known) => {
                let known = &mut stated.failures[*known.get()];
                if self.changes.compares() && confidence == Confidence::Must {
                    known.add_way(roots, self.chain_along(&way, failure));
                } else {
                    known.roots.extend(roots);
                }
                return;
            }
            Entry::Vacant(new) => {
                new.insert(stated.failures.len());
            }
        }
        let chain = self.chain_along(&way, failure);
        let (callee, signature) = self.refuser(failure);
        let failure = Failure {
            kind: kind_and_subject.0,
            confidence,
            certainty,
            impact: self.impact(ways, failure, &way, (cause, owner)),
            exception: failure.exception.clone(),
            evidence: failure
                .absence
                .as_ref()
                .map(|absence| absence.evidence.clone()),
            subject: kind_and_subject.1,
            cause,
            cause_function: self.owner_name(owner),
            callee,
            signature,
            chain,
            route,
            hidden_by: node.travel.and_then(|travel| travel.hidden_by),
        };
        stated.failures.push(Traced {
            failure,
            split,
            leans,
            is_called,
            roots,
            others: Vec::new(),
        });
    }

    /// The calls of a way, from the outermost one.
    fn chain_along(&self, way: &[Node], failure: &LocalFailure<'p>) -> Vec<Step> {
        way.iter().map(|node| self.step(node, failure)).collect()
    }

    /// What refuses, and its parameter list.
    fn refuser(&self, failure: &LocalFailure<'p>) -> (Option<Symbol>, String) {
        match failure.callee {
            Some(Callee::Function(function)) => {
                (Some(self.symbol(function)), self.parameters_text(function))
            }
            Some(Callee::Class(class)) => {
                let class = &self.classes[class.0 as usize];
                let module = self.program.module(class.module);
                let place = Place {
                    file: module.file,
                    range: class.definition.name_range,
                };
                let name = dotted(module.name, class.definition.qualname);
                (Some(Symbol { name, place }), String::new())
            }
            None => (None, String::new()),
        }
    }

    fn step(&self, node: &Node, failure: &LocalFailure<'p>) -> Step {
        let function = self.owner_name(node.context);
        match node.edge {
            None => {
                let note = match failure.callee {
                    Some(Callee::Function(callee)) => {
                        format!("{} {}", failure.note, self.function_name(callee))
                    }
                    Some(Callee::Class(class)) => format!(
                        "{} {}",
                        failure.note, self.classes[class.0 as usize].definition.qualname
                    ),
                    None => failure.note.clone(),
                };
                Step {
                    place: self.place(node.context, failure.range),
                    function,
                    note,
                }
            }
            Some(edge) => {
                let edge = &self.contexts[node.context.0 as usize].edges[edge];
                let note = format!("calls {}", self.owner_name(edge.callee));
                Step {
                    place: self.place(node.context, edge.range),
                    function,
                    note,
                }
            }
        }
    }
}

/// Whether something may fail for the way that was taken through its own function, whatever the function got.
fn is_of_ways(failure: &LocalFailure<'_>) -> bool {
    matches!(failure.doubt, Some(May::Parted | May::Unheeded | May::Late)) && !failure.by_value
}

/// The frames from one that was reached down to the one that fails.
fn way_down(nodes: &[Node], top: usize) -> Vec<Node> {
    let way = std::iter::successors(Some(top), |&at| nodes[at].below);
    way.map(|at| nodes[at]).collect()
}

/// Where a text is written in a module.
#[must_use]
pub fn literal_in(ir: &crate::syntax::ir::Module, text: Name) -> Option<Range> {
    let mut found = None;
    let mut look = |expr: &Expr| {
        if matches!(expr.kind, ExprKind::Constant(Constant::Str(written)) if written == text) {
            found = found.or(Some(expr.range));
        }
    };
    visit::all_expressions(&ir.body, &mut look);
    for class in &ir.classes {
        visit::all_expressions(&class.body, &mut look);
    }
    for function in &ir.functions {
        visit::all_expressions(&function.body, &mut look);
    }
    found
}

fn has_star(call: &Call) -> bool {
    call.arguments
        .iter()
        .any(|argument| argument.kind == ArgumentKind::Star)
}

pub fn has_double_star(call: &Call) -> bool {
    call.arguments
        .iter()
        .any(|argument| argument.kind == ArgumentKind::DoubleStar)
}

/// The names of a module's variables, and of attributes, that code reads.
pub(in crate::eval) fn names_read(body: &[Stmt]) -> Vec<Name> {
    let mut names = Vec::new();
    visit::all_expressions(body, &mut |expr| match &expr.kind {
        ExprKind::Name(name, Var::Global(_)) => names.push(*name),
        ExprKind::Attribute { attribute, .. } => names.push(*attribute),
        _ => {}
    });
    names
}

/// Whether what fails would not fail for a value of another type, or with another content.
fn rests_on_type(failure: &LocalFailure<'_>) -> bool {
    match failure.kind {
        FailureKind::MissingAttribute
        | FailureKind::NotCallable
        | FailureKind::InvalidOperation
        | FailureKind::FormatMismatch
        | FailureKind::UnknownMember
        | FailureKind::AbsentKey => true,
        FailureKind::UnboundLocal => failure.by_value,
        _ => false,
    }
}
