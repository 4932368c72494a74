//! From what fails in one evaluation of one body to failures with a cause and a chain of calls.
//!
//! A keyword that a handler refuses was written somewhere up the chain; so was the name of an unknown operation, and so
//! was the call that lacks an argument. The way leads up through the calls that were followed on the way down.

use std::cell::RefCell;
use std::collections::hash_map::Entry;
use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::facts::{
    Confidence, Facts, Failure, FailureKind, FileId, Frame as Step, Place, RouteKey, Symbol,
};
use crate::name::Name;
use crate::syntax::ir::{ArgumentKind, Call, Constant, Expr, ExprKind, Range, Slot, Stmt, Var};
use crate::syntax::visit;

use crate::eval::Evaluator;
use crate::eval::blame::callers::Callers;
use crate::eval::blame::routes::RouteMap;
use crate::eval::blame::traced::{Traced, without_echoes};
use crate::eval::certainty::guard::asks_about;
use crate::eval::domain::value::{ContextId, FunctionRef};
use crate::eval::exceptions::handlers::{Guard, collect_guards};
use crate::eval::interpreter::frame::{Blame, Callee, Decision, Edge, LocalFailure};

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

/// What makes two failures the same; the last tells evaluations for all callers from real calls.
type Seen = (
    (FailureKind, Name),
    Place,
    Option<RouteKey>,
    Confidence,
    bool,
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
    (Option<usize>, Option<ContextId>),
    [bool; 3],
);

/// What may end an exception, by the body and the range in it.
type GuardsAround<'p> = FxHashMap<(usize, Range), Rc<[Guard<'p>]>>;

/// What the ways up lead along.
pub struct Ways<'p> {
    callers: Callers,
    map: RouteMap,
    guards: RefCell<GuardsAround<'p>>,
    /// By call and the tests around it: whether these ask about what it passes on, and about what it calls.
    asked_about: RefCell<FxHashMap<GuardedCall, (bool, bool)>>,
    /// By the place where a keyword is written: whether something that it reaches reads it.
    pub read: RefCell<FxHashMap<(Place, Name), bool>>,
}

/// The address of a call, and those of the tests around it.
type GuardedCall = (*const Call, Vec<*const Expr>);

impl<'p> Ways<'p> {
    fn of(evaluator: &Evaluator<'p>) -> Self {
        let callers = Callers::of(evaluator);
        let map = RouteMap::new(evaluator, &callers);
        Self {
            callers,
            map,
            guards: RefCell::default(),
            asked_about: RefCell::default(),
            read: RefCell::default(),
        }
    }

    /// The calls of an evaluation: the caller, and which of its calls.
    fn callers_of(&self, context: ContextId) -> &[(ContextId, usize)] {
        self.callers.get(context)
    }

    /// What may end an exception around a place in a body, from the outside in.
    pub fn guards_around(&self, body: &'p [Stmt], range: Range) -> Rc<[Guard<'p>]> {
        let mut known = self.guards.borrow_mut();
        let guards = known.entry((body.as_ptr().addr(), range));
        let collected = || {
            let mut guards = Vec::new();
            collect_guards(body, range, &mut guards);
            guards.into()
        };
        Rc::clone(guards.or_insert_with(collected))
    }
}

/// One step of the way up.
#[derive(Clone, Copy)]
pub struct Node {
    /// The frame.
    pub context: ContextId,
    /// The call through which this frame leads down; none: the failing frame.
    pub edge: Option<usize>,
    /// The node below.
    below: Option<usize>,
    /// What is looked for.
    pub search: Search,
    /// The route that it is on.
    pub route: Option<usize>,
    /// The handler that hides the failure.
    pub hidden_by: Option<Place>,
    /// The evaluation around the frames so far whose dict or tuple is passed on.
    captured: Option<ContextId>,
    /// Whether a call on the way may be of something else.
    may: bool,
    /// Whether a handler on the way turned the exception into another.
    pub converted: bool,
}

impl Node {
    fn visit(&self) -> Visit {
        let is_hidden = self.hidden_by.is_some();
        // Which evaluation of the code it is that has the cause makes no difference.
        let search = match self.search {
            Search::Found(place, _) => Search::Found(place, ContextId(0)),
            other => other,
        };
        (
            (self.context, search),
            (self.route, self.captured),
            [self.may, self.converted, is_hidden],
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
                self.trace(&ways, id, failure, &mut stated);
            }
        }
        let mut failures = stated.failures;
        failures.extend(ways.map.orphans(self).into_iter().map(Traced::new));
        let cycles = crate::eval::interpreter::cycle::import_cycles(self.program);
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
            traced.roots.sort_unstable();
            traced.roots.dedup();
        }
        let modules = self.program.modules().iter();
        let facts = Facts {
            failures: Vec::new(),
            routes: ways.map.into_routes(self),
            functions: modules.map(|module| module.ir.functions.len()).sum(),
        };
        (facts, failures)
    }

    /// Walks up from a failure, and states it once for each cause and route.
    fn trace(
        &self,
        ways: &Ways<'p>,
        context: ContextId,
        failure: &LocalFailure<'p>,
        stated: &mut Stated,
    ) {
        let is_certain = failure.confidence == Confidence::Must;
        if (self.is_partial && !is_certain) || self.is_half_written(context, failure) {
            return;
        }
        let raised = travelling(failure);
        let Some(first) = self.start(ways, context, failure, raised) else {
            return;
        };
        let first = Node {
            may: first.may || self.is_chosen_for_value(ways, context, failure),
            ..first
        };
        // Of a mixed state only what certainly fails is asked for.
        let is_told = |node: &Node| !self.is_partial || !node.may;
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
                match self.step_up(ways, &node, at, caller, edge, (failure, raised)) {
                    Some(up) => {
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
                nodes[at].may |= self.is_inside(node.context, around);
            }
            // What no call leads to was evaluated to learn what a name holds, apart from the tests around it.
            if context.is_root && (continued || !guarded) {
                self.state(ways, failure, &nodes, at, stated);
            }
        }
        stated.visited.insert(alike, visited);
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

    fn start(
        &self,
        ways: &Ways<'p>,
        context: ContextId,
        failure: &LocalFailure<'p>,
        raised: Option<Name>,
    ) -> Option<Node> {
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
            hidden_by: None,
            captured: self.captured(context, failure.call),
            may: false,
            converted: false,
        };
        self.passes(ways, &mut node, failure.range, failure.call, raised)
            .then_some(node)
    }

    /// The frame of a caller; none if it expects the exception.
    fn step_up(
        &self,
        ways: &Ways<'p>,
        node: &Node,
        below: usize,
        caller: ContextId,
        edge: usize,
        (failure, raised): (&LocalFailure<'p>, Option<Name>),
    ) -> Option<Node> {
        let call = &self.contexts[caller.0 as usize].edges[edge];
        let (passed_on, called) = self.asked_about(ways, caller, call);
        let mut up = Node {
            context: caller,
            edge: Some(edge),
            below: Some(below),
            search: self.search_in_caller(node, caller, call),
            route: node.route.or_else(|| ways.map.route_of(caller)),
            captured: self.captured(caller, call.call).or(node.captured),
            may: node.may || !call.certain || (failure.by_value && passed_on) || called,
            ..*node
        };
        self.passes(ways, &mut up, call.range, call.call, raised)
            .then_some(up)
    }

    /// Whether tests whose outcome is not known ask about what a call passes on, and about the very variable that is called:
    /// `if isinstance(f, K): f()`.
    fn asked_about(&self, ways: &Ways<'p>, caller: ContextId, edge: &Edge<'p>) -> (bool, bool) {
        let Some(call) = edge.call else {
            // `x[i]` with an `x` of a class of the tree: what reaches the method goes together with the tests around it.
            return (edge.uncertain, false);
        };
        if edge.guards.is_empty() {
            return (false, false);
        }
        let guards = edge.guards.iter().map(|&guard| &raw const *guard);
        let mut known = ways.asked_about.borrow_mut();
        let entry = known.entry((&raw const *call, guards.collect()));
        *entry.or_insert_with(|| {
            let owner = self.contexts[caller.0 as usize].owner;
            let is_local = matches!(call.function.kind, ExprKind::Name(_, Var::Local(_)));
            (
                self.is_guarded(owner, &edge.guards, call),
                is_local && asks_about(owner, &edge.guards, &[&call.function], &[]),
            )
        })
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

    /// Whether what fails rests on what a function around it got, which was called only where a test that may come out either way
    /// asked about just that: `return wrap_async(f) if is_async(f) else wrap(f)`.
    fn is_chosen_for_value(
        &self,
        ways: &Ways<'p>,
        context: ContextId,
        failure: &LocalFailure<'p>,
    ) -> bool {
        let is_free =
            |call: &Call| matches!(call.function.kind, ExprKind::Name(_, Var::Free { .. }));
        let around = self.contexts[context.0 as usize].closure;
        let Some(around) = around.filter(|_| failure.by_value || failure.call.is_some_and(is_free))
        else {
            return false;
        };
        let calls = ways.callers_of(around);
        !calls.is_empty()
            && calls.iter().all(|&(caller, edge)| {
                let edge = &self.contexts[caller.0 as usize].edges[edge];
                self.asked_about(ways, caller, edge).0
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
        let confidence = if node.may {
            Confidence::May
        } else {
            failure.confidence
        };
        let split = self.contexts[node.context.0 as usize].is_split;
        let roots = self.roots_of(node.context);
        let kind_and_subject = (failure.kind, failure.subject);
        let seen = (kind_and_subject, cause, route.clone(), confidence, split);
        match stated.index.entry(seen) {
            Entry::Occupied(known) => {
                stated.failures[*known.get()].roots.extend(roots);
                return;
            }
            Entry::Vacant(new) => {
                new.insert(stated.failures.len());
            }
        }
        let mut way = Vec::new();
        let mut at = Some(top);
        while let Some(index) = at {
            way.push(nodes[index]);
            at = nodes[index].below;
        }
        let chain = way.iter().map(|node| self.step(node, failure)).collect();
        let (callee, signature) = match failure.callee {
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
        };
        let failure = Failure {
            kind: failure.kind,
            confidence,
            impact: self.impact(ways, failure, &way, (cause, owner)),
            exception: failure.exception.clone(),
            subject: failure.subject,
            cause,
            cause_function: self.owner_name(owner),
            callee,
            signature,
            chain,
            route,
            hidden_by: node.hidden_by,
        };
        stated.failures.push(Traced {
            failure,
            split,
            roots,
        });
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

    /// A range in the file of an evaluation's code.
    pub fn place(&self, context: ContextId, range: Range) -> Place {
        let module = self.contexts[context.0 as usize].module;
        Place {
            file: self.program.module(module).file,
            range,
        }
    }

    /// The dotted name of the code of an evaluation.
    pub fn owner_name(&self, context: ContextId) -> String {
        let context = &self.contexts[context.0 as usize];
        match context.function {
            Some(function) => self.function_name(function),
            None => self.program.module(context.module).name.to_string(),
        }
    }

    /// A function's dotted name.
    pub fn function_name(&self, function: FunctionRef) -> String {
        dotted(
            self.program.module(function.module).name,
            self.definition(function).qualname,
        )
    }

    /// A function as a symbol.
    pub fn symbol(&self, function: FunctionRef) -> Symbol {
        Symbol {
            name: self.function_name(function),
            place: self.function_place(function),
        }
    }

    fn function_place(&self, function: FunctionRef) -> Place {
        let file: FileId = self.program.module(function.module).file;
        Place {
            file,
            range: self.definition(function).header,
        }
    }

    /// A function's parameter list, `(key, ttl=None)`.
    pub fn parameters_text(&self, function: FunctionRef) -> String {
        let definition = self.definition(function);
        let signature = crate::bind::Signature {
            function: definition.qualname,
            parameters: definition
                .params
                .iter()
                .map(|parameter| crate::bind::Parameter {
                    name: parameter.name,
                    kind: parameter.kind,
                    has_default: parameter.default.is_some(),
                })
                .collect(),
        };
        let defaults: Vec<Option<String>> = definition
            .params
            .iter()
            .map(|parameter| parameter.default.as_ref().and_then(default_text))
            .collect();
        crate::bind::render(&signature, &defaults)
    }
}

fn dotted(module: Name, qualname: Name) -> String {
    format!("{module}.{qualname}")
}

/// A default as written, if it is short and simple.
fn default_text(expr: &Expr) -> Option<String> {
    Some(match &expr.kind {
        ExprKind::Constant(Constant::None) => String::from("None"),
        ExprKind::Constant(Constant::Bool(value)) => {
            String::from(if *value { "True" } else { "False" })
        }
        ExprKind::Constant(Constant::Int(value)) => value.to_string(),
        ExprKind::Constant(Constant::Float(value)) => format!("{value:?}"),
        ExprKind::Constant(Constant::Str(text)) if text.len() <= 24 => {
            crate::eval::exceptions::exception::repr(text)
        }
        ExprKind::Name(name, _) => name.to_string(),
        ExprKind::Attribute {
            value, attribute, ..
        } => format!("{}.{attribute}", default_text(value)?),
        _ => return None,
    })
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

/// The exception that leaves the frame; none if it is dealt with there, or nothing is raised.
fn travelling(failure: &LocalFailure<'_>) -> Option<Name> {
    match failure.kind {
        FailureKind::GuardedImport => None,
        _ => failure.exception.as_deref().map(exception_class),
    }
}

fn has_star(call: &Call) -> bool {
    call.arguments
        .iter()
        .any(|argument| argument.kind == ArgumentKind::Star)
}

/// The class in `TypeError: text`.
fn exception_class(text: &str) -> Name {
    let class = text.split(':').next().unwrap_or_default();
    Name::new(class)
}

pub fn has_double_star(call: &Call) -> bool {
    call.arguments
        .iter()
        .any(|argument| argument.kind == ArgumentKind::DoubleStar)
}
