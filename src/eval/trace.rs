//! From what fails in one evaluation of one body to failures with a cause and a chain of calls.
//!
//! A keyword that a handler refuses was written somewhere up the chain; so was the name of an unknown operation, and so
//! was the call that lacks an argument. The way leads up through the calls that were followed on the way down.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::facts::{
    Confidence, Facts, Failure, FailureKind, FileId, Frame as Step, Place, RouteKey, Symbol,
};
use crate::name::Name;
use crate::syntax::ir::{
    ArgumentKind, Call, Constant, Expr, ExprKind, Handler, Range, Slot, Stmt, StmtKind, Var,
};
use crate::syntax::visit;

use super::Evaluator;
use super::exception::{
    catches, caught_names, expected_by_manager, is_broad, raises_not_implemented,
};
use super::frame::{Blame, Callee, Decision, Edge, LocalFailure, Owner};
use super::guard::asks_about;
use super::routes::RouteMap;
use super::value::{ContextId, FunctionRef};

/// How many calls are looked at on the way up from one failure.
const VISITS: usize = 4000;

/// The callers of each evaluation: the caller, and which of its calls.
pub type Callers = FxHashMap<ContextId, Vec<(ContextId, usize)>>;

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
type Seen = (FailureKind, Name, Place, Option<RouteKey>, Confidence, bool);

/// A failure, and whether it was met only in an evaluation for all callers of a table's key.
struct Traced {
    failure: Failure,
    split: bool,
}

/// One step of the way up.
#[derive(Clone, Copy)]
pub struct Node {
    /// The frame.
    pub context: ContextId,
    /// The call through which this frame leads down; none: the failing frame.
    edge: Option<usize>,
    /// The node below.
    below: Option<usize>,
    /// What is looked for.
    pub search: Search,
    /// The route that it is on.
    route: Option<usize>,
    /// The handler that hides the failure.
    hidden_by: Option<Place>,
    /// The evaluation around the frames so far whose dict or tuple is passed on.
    captured: Option<ContextId>,
    /// Whether a call on the way may be of something else.
    may: bool,
    /// Whether a handler on the way turned the exception into another.
    converted: bool,
}

impl<'p> Evaluator<'p> {
    /// States everything that was found.
    pub fn facts(&mut self) -> Facts {
        let callers = self.callers();
        let map = RouteMap::new(self, &callers);
        let mut failures = Vec::new();
        let mut seen = FxHashSet::default();
        for index in 0..self.contexts.len() {
            let id = ContextId(u32::try_from(index).unwrap_or(u32::MAX));
            let local = std::mem::take(&mut self.contexts[index].failures);
            for failure in &local {
                self.trace(&callers, &map, id, failure, &mut seen, &mut failures);
            }
        }
        let mut failures = self.without_echoes(failures);
        failures.extend(map.orphans(self));
        failures.extend(super::cycle::import_cycles(self.program));
        failures.sort_by(|a, b| {
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
        Facts {
            failures,
            routes: map.into_routes(self),
            functions: self
                .program
                .modules()
                .iter()
                .map(|module| module.ir.functions.len())
                .sum(),
        }
    }

    pub fn callers(&self) -> Callers {
        let mut callers = Callers::default();
        for (index, context) in self.contexts.iter().enumerate() {
            let id = ContextId(u32::try_from(index).unwrap_or(u32::MAX));
            for (at, edge) in context.edges.iter().enumerate() {
                callers.entry(edge.callee).or_default().push((id, at));
            }
        }
        callers
    }

    /// Walks up from a failure, and states it once for each cause and route.
    fn trace(
        &self,
        callers: &Callers,
        map: &RouteMap,
        context: ContextId,
        failure: &LocalFailure<'p>,
        seen: &mut FxHashSet<Seen>,
        out: &mut Vec<Traced>,
    ) {
        let raised = travelling(failure);
        let Some(first) = self.start(map, context, failure, raised) else {
            return;
        };
        let mut nodes = vec![Node {
            may: first.may || self.is_chosen_for_value(callers, context, failure),
            ..first
        }];
        let mut visited: FxHashSet<(ContextId, Search, Option<usize>, bool)> = FxHashSet::default();
        let mut next = 0;
        while next < nodes.len() && nodes.len() < VISITS {
            let node = nodes[next];
            let at = next;
            next += 1;
            let mut continued = false;
            let mut guarded = false;
            for &(caller, edge) in callers.get(&node.context).into_iter().flatten() {
                match self.step_up(map, &node, at, caller, edge, failure) {
                    Some(up) => {
                        continued = true;
                        if visited.insert((up.context, up.search, up.route, up.may)) {
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
                self.state(map, failure, &nodes, at, seen, out);
            }
        }
    }

    fn start(
        &self,
        map: &RouteMap,
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
            Blame::Decision(Decision::Parameter(slot)) => Search::Parameter(slot),
            Blame::Decision(Decision::Key(slot, _)) => Search::Dict(slot),
        };
        let mut node = Node {
            context,
            edge: None,
            below: None,
            search,
            route: map.route_of(context),
            hidden_by: None,
            captured: self.captured(context, failure.call),
            may: false,
            converted: false,
        };
        self.passes(&mut node, failure.range, failure.call, raised)
            .then_some(node)
    }

    /// The frame of a caller; none if it expects the exception.
    fn step_up(
        &self,
        map: &RouteMap,
        node: &Node,
        below: usize,
        caller: ContextId,
        edge: usize,
        failure: &LocalFailure<'p>,
    ) -> Option<Node> {
        let raised = travelling(failure);
        let call = &self.contexts[caller.0 as usize].edges[edge];
        let mut up = Node {
            context: caller,
            edge: Some(edge),
            below: Some(below),
            search: self.search_in_caller(node, caller, call),
            route: node.route.or_else(|| map.route_of(caller)),
            captured: self.captured(caller, call.call).or(node.captured),
            may: node.may
                || !call.certain
                || (failure.by_value && self.edge_is_guarded(caller, call))
                || self.callee_is_guarded(caller, call),
            ..*node
        };
        self.passes(&mut up, call.range, call.call, raised)
            .then_some(up)
    }

    /// Whether a test whose outcome is not known asks about the very variable that is called: `if isinstance(f, K): f()`.
    fn callee_is_guarded(&self, caller: ContextId, edge: &Edge<'p>) -> bool {
        match edge.call.map(|call| &call.function) {
            Some(function) if matches!(function.kind, ExprKind::Name(_, Var::Local(_))) => {
                let owner = self.contexts[caller.0 as usize].owner;
                asks_about(owner, &edge.guards, &[function], &[])
            }
            _ => false,
        }
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
        callers: &Callers,
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
        callers.get(&around).is_some_and(|calls| {
            calls.iter().all(|&(caller, edge)| {
                let edge = &self.contexts[caller.0 as usize].edges[edge];
                self.edge_is_guarded(caller, edge)
            })
        })
    }

    fn edge_is_guarded(&self, caller: ContextId, edge: &Edge<'p>) -> bool {
        let owner = self.contexts[caller.0 as usize].owner;
        match edge.call {
            Some(call) => self.is_guarded(owner, &edge.guards, call),
            // `x[i]` with an `x` of a class of the tree: what reaches the method goes together with the tests around it.
            None => edge.uncertain,
        }
    }

    /// Follows the handlers around a place in a frame. False: the frame expects the exception.
    fn passes(
        &self,
        node: &mut Node,
        range: Range,
        call: Option<&Call>,
        raised: Option<Name>,
    ) -> bool {
        let Some(raised) = raised else { return true };
        let context = &self.contexts[node.context.0 as usize];
        if let Some(function) = context.function
            && self
                .expected
                .get(&function)
                .is_some_and(|classes| classes.iter().any(|&class| catches(class, raised)))
        {
            return false;
        }
        let body: &[Stmt] = match context.owner {
            Owner::Function(function) => &function.body,
            Owner::Module => &self.program.module(context.module).ir.body,
            Owner::Class(class) => &class.body,
        };
        let mut guards = Vec::new();
        collect_guards(body, range, &mut guards);
        for guard in guards.iter().rev() {
            match guard {
                Guard::Manager(names) => {
                    // What comes out of a handler on the way may be just what is expected.
                    let is_other = node.converted || node.hidden_by.is_some();
                    if is_other || names.iter().any(|&name| catches(name, raised)) {
                        return false;
                    }
                }
                Guard::Handlers(handlers) => {
                    let Some(handler) = handlers.iter().find(|handler| handles(handler, raised))
                    else {
                        continue;
                    };
                    let names = handler
                        .exception
                        .as_ref()
                        .map(caught_names)
                        .unwrap_or_default();
                    let broad = names.is_empty() || names.iter().all(|&name| is_broad(name));
                    if raises_not_implemented(&handler.body)
                        || call.is_some_and(|call| tries_otherwise(&handler.body, call))
                    {
                        return false;
                    }
                    if raises_again(&handler.body) {
                        node.converted |= !is_bare_reraise(&handler.body);
                        continue;
                    }
                    if !broad && !node.converted {
                        return false;
                    }
                    if node.hidden_by.is_none() {
                        node.hidden_by = Some(self.place(node.context, handler_head(handler)));
                    }
                }
            }
        }
        true
    }

    /// States a failure as seen from the outermost call that was reached.
    fn state(
        &self,
        map: &RouteMap,
        failure: &LocalFailure<'p>,
        nodes: &[Node],
        top: usize,
        seen: &mut FxHashSet<Seen>,
        out: &mut Vec<Traced>,
    ) {
        let node = nodes[top];
        let names_route = matches!(
            failure.kind,
            FailureKind::UnknownOperation | FailureKind::UnknownInterface
        );
        let refuser = self.contexts[nodes[0].context.0 as usize].function;
        if names_route
            && node.route.is_none()
            && !map.is_on_route(refuser)
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
        let route = node.route.map(|route| map.key(route).clone());
        let confidence = if node.may {
            Confidence::May
        } else {
            failure.confidence
        };
        let split = self.contexts[node.context.0 as usize].is_split;
        if !seen.insert((
            failure.kind,
            failure.subject,
            cause,
            route.clone(),
            confidence,
            split,
        )) {
            return;
        }
        let mut chain = Vec::new();
        let mut at = Some(top);
        while let Some(index) = at {
            let node = nodes[index];
            chain.push(self.step(&node, failure));
            at = node.below;
        }
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
        out.push(Traced { failure, split });
    }

    /// Leaves out what a real call shows better.
    ///
    /// A route is evaluated for all callers as well, with keywords that nobody knows. What fails there fails for the calls
    /// that exist, and they know more: which argument is missing, which keyword was passed.
    fn without_echoes(&self, traced: Vec<Traced>) -> Vec<Failure> {
        let raised_at = |failure: &Failure| failure.chain.last().map(|step| step.place);
        let mut real: FxHashSet<(Option<Place>, Option<RouteKey>)> = FxHashSet::default();
        for traced in traced.iter().filter(|traced| !traced.split) {
            real.insert((raised_at(&traced.failure), traced.failure.route.clone()));
            real.insert((raised_at(&traced.failure), None));
        }
        traced
            .into_iter()
            .filter(|traced| {
                !traced.split
                    || !real.contains(&(raised_at(&traced.failure), traced.failure.route.clone()))
            })
            .map(|traced| traced.failure)
            .collect()
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
            super::exception::repr(*text)
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

/// What may end an exception around a place, from the outside in.
enum Guard<'p> {
    Handlers(&'p [Handler]),
    Manager(Vec<Name>),
}

fn collect_guards<'p>(body: &'p [Stmt], range: Range, out: &mut Vec<Guard<'p>>) {
    let Some(stmt) = body.iter().find(|stmt| stmt.range.contains(range)) else {
        return;
    };
    match &stmt.kind {
        StmtKind::Try {
            body,
            handlers,
            orelse,
            finally,
        } => {
            if body.iter().any(|stmt| stmt.range.contains(range)) {
                out.push(Guard::Handlers(handlers));
                collect_guards(body, range, out);
                return;
            }
            for block in handlers
                .iter()
                .map(|handler| handler.body.as_slice())
                .chain([orelse.as_slice(), finally.as_slice()])
            {
                collect_guards(block, range, out);
            }
        }
        StmtKind::With { items, body, .. } => {
            let names: Vec<Name> = items
                .iter()
                .flat_map(|item| expected_by_manager(&item.context))
                .collect();
            if !names.is_empty() {
                out.push(Guard::Manager(names));
            }
            collect_guards(body, range, out);
        }
        _ => {
            for block in visit::blocks(stmt) {
                collect_guards(block, range, out);
            }
        }
    }
}

fn handles(handler: &Handler, raised: Name) -> bool {
    match &handler.exception {
        None => true,
        Some(exception) => caught_names(exception)
            .iter()
            .any(|&caught| catches(caught, raised)),
    }
}

/// Whether a handler's body ends by raising.
#[must_use]
pub fn raises_again(body: &[Stmt]) -> bool {
    match body.last().map(|stmt| &stmt.kind) {
        Some(StmtKind::Raise { .. }) => true,
        Some(StmtKind::If { branches, orelse }) => {
            !orelse.is_empty()
                && raises_again(orelse)
                && branches.iter().all(|branch| raises_again(&branch.body))
        }
        _ => false,
    }
}

fn is_bare_reraise(body: &[Stmt]) -> bool {
    matches!(
        body.last().map(|stmt| &stmt.kind),
        Some(StmtKind::Raise {
            exception: None,
            ..
        })
    )
}

/// Whether a handler gets the result from the same callee in another way: `try: x = f() except TypeError: x = f(None)`.
fn tries_otherwise(body: &[Stmt], call: &Call) -> bool {
    let ExprKind::Name(_, callee) = call.function.kind else {
        return false;
    };
    body.iter().any(|stmt| match &stmt.kind {
        StmtKind::Assign { value, .. } | StmtKind::Return(Some(value)) => match &value.kind {
            ExprKind::Call(other) => {
                matches!(other.function.kind, ExprKind::Name(_, var) if var == callee)
            }
            _ => false,
        },
        _ => false,
    })
}

/// `except Exception as e`, without its body.
fn handler_head(handler: &Handler) -> Range {
    let end = match (&handler.exception, handler.body.first()) {
        (Some(exception), _) => exception.range.end,
        (None, _) => handler.range.start + 6,
    };
    Range::new(handler.range.start, end)
}
