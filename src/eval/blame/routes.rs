//! Routes: which evaluations choose what runs by an interface and an operation, and where they lead.
//!
//! An executor is found by shape: a function with two parameters whose values are names, that looks one of them up and
//! calls what it found, while the other one is looked up there or in what it calls.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::facts::{
    Confidence, Failure, FailureKind, Frame as Step, Impact, Place, Route, RouteKey, RouteStatus,
    Symbol,
};
use crate::name::Name;
use crate::syntax::ir::{ArgumentKind, Call, Range, Slot};

use crate::eval::Evaluator;
use crate::eval::blame::callers::Callers;
use crate::eval::domain::state::Object;
use crate::eval::domain::value::{ContextId, Data, FunctionRef, Value};
use crate::eval::summaries::context::Context;

/// How many calls lie between an executor and a handler at most.
const HOPS: usize = 12;

/// Where a route ends.
#[derive(Clone, Debug, Default)]
struct Destination {
    router: Option<FunctionRef>,
    handler: Option<FunctionRef>,
    missing: bool,
}

/// One step of a route.
#[derive(Clone, Copy, Debug)]
struct Hop {
    dynamic: bool,
    target: Target,
}

/// Where a step leads.
#[derive(Clone, Copy, Debug)]
enum Target {
    /// To a function that was evaluated.
    Context(ContextId),
    /// To a function that refuses the call.
    Refusal(FunctionRef),
}

/// The two parameters that choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Chooser {
    interface: Slot,
    operation: Slot,
}

/// One route while it is put together.
#[derive(Debug)]
struct Entry {
    key: RouteKey,
    executor: FunctionRef,
    chooser: Chooser,
    destination: Destination,
    wrappers: FxHashSet<FunctionRef>,
    called: bool,
    sends: Vec<String>,
}

/// All routes, and which evaluation stands for which.
#[derive(Debug, Default)]
pub struct RouteMap {
    entries: Vec<Entry>,
    by_context: FxHashMap<ContextId, usize>,
}

impl RouteMap {
    /// Finds the routes of an evaluated program.
    #[must_use]
    pub fn new(evaluator: &Evaluator<'_>, callers: &Callers) -> Self {
        let choosers = choosers(evaluator);
        let written = written_calls(evaluator, &choosers, callers);
        let mut map = Self::default();
        let mut index: BTreeMap<(RouteKey, FunctionRef), usize> = BTreeMap::new();
        for (at, context) in evaluator.contexts.iter().enumerate() {
            let id = ContextId(u32::try_from(at).unwrap_or(u32::MAX));
            let Some(executor) = context.function else {
                continue;
            };
            let Some(chooser) = choosers.get(&executor) else {
                continue;
            };
            let calls = callers.get(id);
            let interface = evaluator.key_text(context.arguments[chooser.interface.0 as usize]);
            let operation = evaluator.key_text(context.arguments[chooser.operation.0 as usize]);
            let known = interface.is_some() && operation.is_some();
            // A wrapper that gets the operation from its own callers is known by what they write.
            let is_new = |call: &(ContextId, usize)| !written.contains(&evaluator.call_site(*call));
            if !known && !calls.iter().any(is_new) {
                continue;
            }
            let key = RouteKey {
                interface: interface.unwrap_or_else(|| String::from("?")),
                operation: operation.unwrap_or_else(|| String::from("?")),
            };
            let destination = if known {
                evaluator.destination(id, *chooser)
            } else {
                Destination::default()
            };
            let entry = *index.entry((key.clone(), executor)).or_insert_with(|| {
                map.entries.push(Entry {
                    key,
                    executor,
                    chooser: *chooser,
                    destination: Destination::default(),
                    wrappers: FxHashSet::default(),
                    called: false,
                    sends: Vec::new(),
                });
                map.entries.len() - 1
            });
            map.by_context.insert(id, entry);
            map.entries[entry].add(evaluator, context, &destination, calls);
        }
        map
    }

    /// The route that an evaluation stands for.
    #[must_use]
    pub fn route_of(&self, context: ContextId) -> Option<usize> {
        self.by_context.get(&context).copied()
    }

    /// Whether a function chooses what routes lead to: an executor or a router.
    #[must_use]
    pub fn is_on_route(&self, function: Option<FunctionRef>) -> bool {
        let Some(function) = function else {
            return false;
        };
        self.entries
            .iter()
            .any(|entry| entry.executor == function || entry.destination.router == Some(function))
    }

    /// A route's names.
    #[must_use]
    pub fn key(&self, route: usize) -> &RouteKey {
        &self.entries[route].key
    }

    /// Operations that stand in a table and that nothing calls, by whichever executor.
    pub fn orphans(&self, evaluator: &Evaluator<'_>) -> Vec<Failure> {
        let called = self.entries.iter().filter(|entry| entry.called);
        let called: FxHashSet<&RouteKey> = called.map(|entry| &entry.key).collect();
        let mut found = Vec::new();
        for entry in &self.entries {
            if called.contains(&entry.key) || entry.destination.handler.is_none() {
                continue;
            }
            let owner = entry.destination.router.unwrap_or(entry.executor);
            let place = evaluator.written_operation(owner, &entry.key.operation);
            let function = evaluator.function_name(owner);
            let is_inside = evaluator.definition(owner).range.contains(place.range);
            let lists = if is_inside {
                function.clone()
            } else {
                evaluator.program.module(owner.module).name.to_string()
            };
            found.push(Failure {
                kind: FailureKind::OrphanOperation,
                confidence: Confidence::Must,
                certainty: crate::facts::Certainty::Site,
                impact: Impact::Notable,
                evidence: None,
                exception: None,
                subject: Name::new(&entry.key.operation),
                cause: place,
                cause_function: function,
                callee: entry
                    .destination
                    .handler
                    .map(|handler| evaluator.symbol(handler)),
                signature: entry
                    .destination
                    .handler
                    .map(|handler| evaluator.parameters_text(handler))
                    .unwrap_or_default(),
                chain: vec![Step {
                    place,
                    function: lists,
                    note: String::from("lists the operation"),
                }],
                route: Some(entry.key.clone()),
                hidden_by: None,
            });
        }
        found
    }

    /// The routes as facts.
    #[must_use]
    pub fn into_routes(self, evaluator: &Evaluator<'_>) -> Vec<Route> {
        let mut routes: Vec<Route> = self
            .entries
            .into_iter()
            .map(|entry| entry.into_route(evaluator))
            .collect();
        routes.sort_by(|a, b| (&a.key, &a.executor).cmp(&(&b.key, &b.executor)));
        routes
    }
}

impl Entry {
    fn add(
        &mut self,
        evaluator: &Evaluator<'_>,
        context: &Context<'_>,
        destination: &Destination,
        calls: &[(ContextId, usize)],
    ) {
        for &(caller, _) in calls {
            if let Some(function) = evaluator.contexts[caller.0 as usize].function {
                self.wrappers.insert(function);
            }
        }
        // What the executor was evaluated with only because a table has the key is no call.
        if !calls.is_empty() {
            self.called = true;
            for sent in sent_keywords(evaluator, context) {
                if !self.sends.contains(&sent) {
                    self.sends.push(sent);
                }
            }
        }
        if self.destination.handler.is_none() {
            let missing = self.destination.missing || destination.missing;
            self.destination = Destination {
                missing,
                ..destination.clone()
            };
        }
    }

    fn into_route(mut self, evaluator: &Evaluator<'_>) -> Route {
        let mut wrappers: Vec<Symbol> = self
            .wrappers
            .iter()
            .map(|&wrapper| evaluator.symbol(wrapper))
            .collect();
        wrappers.sort();
        self.sends.sort();
        let status = match (&self.destination.handler, self.destination.missing) {
            (_, true) => RouteStatus::Missing,
            (Some(_), false) => RouteStatus::Resolved,
            (None, false) => RouteStatus::Unresolved,
        };
        Route {
            chosen_by: [self.chooser.interface, self.chooser.operation],
            key: self.key,
            status,
            executor: evaluator.symbol(self.executor),
            wrappers,
            router: self
                .destination
                .router
                .map(|router| evaluator.symbol(router)),
            handler: self
                .destination
                .handler
                .map(|handler| evaluator.symbol(handler)),
            sends: self.sends,
            accepts: self
                .destination
                .handler
                .map(|handler| evaluator.parameters_text(handler))
                .unwrap_or_default(),
        }
    }
}

/// The calls of executors, by function and place, that some evaluation saw with known names.
fn written_calls(
    evaluator: &Evaluator<'_>,
    choosers: &FxHashMap<FunctionRef, Chooser>,
    callers: &Callers,
) -> FxHashSet<(Option<FunctionRef>, Range)> {
    let mut written = FxHashSet::default();
    for (at, context) in evaluator.contexts.iter().enumerate() {
        let Some(chooser) = context
            .function
            .and_then(|function| choosers.get(&function))
        else {
            continue;
        };
        let named = |slot: Slot| {
            evaluator
                .key_text(context.arguments[slot.0 as usize])
                .is_some()
        };
        if named(chooser.interface) && named(chooser.operation) {
            let id = ContextId(u32::try_from(at).unwrap_or(u32::MAX));
            let calls = callers.get(id).iter();
            written.extend(calls.map(|&call| evaluator.call_site(call)));
        }
    }
    written
}

/// The keywords that arrive in an evaluation's `**kwargs`.
fn sent_keywords(evaluator: &Evaluator<'_>, context: &Context<'_>) -> Vec<String> {
    let Some(&last) = context.arguments.last() else {
        return Vec::new();
    };
    let Data::Local(id) = *evaluator.values.get(last) else {
        return Vec::new();
    };
    let Some(Object::Dict(dict)) = context.heap.get(id.0 as usize).map(AsRef::as_ref) else {
        return Vec::new();
    };
    let mut sent: Vec<String> = dict
        .entries
        .iter()
        .filter_map(|entry| evaluator.values.as_str(entry.key))
        .map(|name| name.to_string())
        .collect();
    if dict.rest.is_some() {
        sent.push(String::from("**"));
    }
    sent
}

/// The functions that choose by two of their parameters.
fn choosers(evaluator: &Evaluator<'_>) -> FxHashMap<FunctionRef, Chooser> {
    let mut found: FxHashMap<FunctionRef, Chooser> = FxHashMap::default();
    let mut targets: FxHashMap<FunctionRef, FxHashSet<FunctionRef>> = FxHashMap::default();
    let mut dynamic: FxHashSet<FunctionRef> = FxHashSet::default();
    for (at, context) in evaluator.contexts.iter().enumerate() {
        let Some(function) = context.function else {
            continue;
        };
        let id = ContextId(u32::try_from(at).unwrap_or(u32::MAX));
        let known = evaluator.executors.and_then(|known| known(function));
        if let Some([interface, operation]) = known {
            let chooser = Chooser {
                interface,
                operation,
            };
            found.insert(function, chooser);
            dynamic.insert(function);
            continue;
        }
        let Some(chooser) = evaluator.chooser(context) else {
            continue;
        };
        found.entry(function).or_insert(chooser);
        if let Some(hop) = evaluator.onward(id, context.arguments[chooser.operation.0 as usize]) {
            if hop.dynamic {
                dynamic.insert(function);
            }
            let target = match hop.target {
                Target::Context(callee) => evaluator.contexts[callee.0 as usize].function,
                Target::Refusal(function) => Some(function),
            };
            targets.entry(function).or_default().extend(target);
        }
    }
    found.retain(|function, _| {
        let leads_on = targets
            .get(function)
            .is_some_and(|targets| targets.len() > 1);
        dynamic.contains(function) || leads_on
    });
    found
}

impl Evaluator<'_> {
    /// The function and the place of a call.
    fn call_site(&self, (caller, edge): (ContextId, usize)) -> (Option<FunctionRef>, Range) {
        let context = &self.contexts[caller.0 as usize];
        (context.function, context.edges[edge].range)
    }

    /// The text of an interface or an operation, if it is known.
    pub fn key_text(&self, value: Value) -> Option<String> {
        match self.values.get(value) {
            Data::Str(text) => Some(text.to_string()),
            Data::Member { class, name } => Some(format!(
                "{}.{name}",
                self.classes[class.0 as usize].definition.name
            )),
            _ => None,
        }
    }

    /// The two parameters by which an evaluation chooses, if it does.
    fn chooser(&self, context: &Context<'_>) -> Option<Chooser> {
        if context.lookups.is_empty() {
            return None;
        }
        let is_looked_up = |slot: Slot| {
            context
                .lookups
                .iter()
                .any(|lookup| lookup.parameter == slot)
        };
        let named: Vec<Slot> = (0..context.arguments.len())
            .filter(|&index| {
                matches!(
                    self.values.get(context.arguments[index]),
                    Data::Str(_) | Data::Member { .. }
                )
            })
            .map(|index| Slot(u32::try_from(index).unwrap_or(u32::MAX)))
            .collect();
        let is_member = |slot: &Slot| {
            matches!(
                self.values.get(context.arguments[slot.0 as usize]),
                Data::Member { .. }
            )
        };
        let interface = named
            .iter()
            .copied()
            .find(|slot| is_member(slot) && is_looked_up(*slot))
            .or_else(|| named.iter().copied().find(|slot| is_looked_up(*slot)))?;
        let operation = named.into_iter().find(|slot| {
            *slot != interface
                && !is_member(slot)
                && (is_looked_up(*slot)
                    || self.is_looked_up_below(context, context.arguments[slot.0 as usize]))
        })?;
        Some(Chooser {
            interface,
            operation,
        })
    }

    /// Whether something that an evaluation calls looks this value up.
    fn is_looked_up_below(&self, context: &Context<'_>, value: Value) -> bool {
        context.edges.iter().any(|edge| {
            let callee = &self.contexts[edge.callee.0 as usize];
            callee
                .lookups
                .iter()
                .any(|lookup| callee.arguments.get(lookup.parameter.0 as usize) == Some(&value))
        })
    }

    /// The call by which an evaluation hands the operation, or what came with it, on.
    ///
    /// Validators and helpers are called as well; what counts is, in this order: that the callee was looked up, that it
    /// gets the operation and the keywords, the keywords, the operation; and then that it comes last.
    fn onward(&self, id: ContextId, operation: Value) -> Option<Hop> {
        let context = &self.contexts[id.0 as usize];
        let passes_keywords = |call: Option<&Call>| {
            call.is_some_and(|call| {
                call.arguments
                    .iter()
                    .any(|argument| argument.kind == ArgumentKind::DoubleStar)
            })
        };
        let rank = |dynamic: bool, takes: bool, passes: bool| match (dynamic, takes, passes) {
            (true, ..) => 4,
            (_, true, true) => 3,
            (_, _, true) => 2,
            (_, true, _) => 1,
            _ => 0,
        };
        let followed = context.edges.iter().enumerate().map(|(order, edge)| {
            let takes = self.contexts[edge.callee.0 as usize]
                .arguments
                .contains(&operation);
            let rank = rank(edge.dynamic, takes, passes_keywords(edge.call));
            (
                rank,
                order,
                false,
                Hop {
                    dynamic: edge.dynamic,
                    target: Target::Context(edge.callee),
                },
            )
        });
        let refused = context.refused.iter().map(|refused| {
            let rank = rank(refused.dynamic, false, passes_keywords(refused.call));
            (
                rank,
                refused.after,
                true,
                Hop {
                    dynamic: refused.dynamic,
                    target: Target::Refusal(refused.function),
                },
            )
        });
        followed
            .chain(refused)
            .max_by_key(|(rank, order, late, _)| (*rank, *order, !*late))
            .map(|(.., hop)| hop)
    }

    /// Follows a route to its handler.
    fn destination(&self, executor: ContextId, chooser: Chooser) -> Destination {
        let operation = self.contexts[executor.0 as usize].arguments[chooser.operation.0 as usize];
        let mut destination = Destination {
            missing: self.misses(executor),
            ..Destination::default()
        };
        let mut current = executor;
        for hop in 0..HOPS {
            let Some(onward) = self.onward(current, operation) else {
                break;
            };
            let callee = match onward.target {
                Target::Context(callee) => callee,
                Target::Refusal(function) => {
                    destination.handler = Some(function);
                    return destination;
                }
            };
            let next = &self.contexts[callee.0 as usize];
            let Some(function) = next.function else { break };
            current = callee;
            let takes_operation = next.arguments.contains(&operation);
            destination.missing |= self.misses(current);
            if hop == 0 && takes_operation {
                destination.router = Some(function);
            }
            let is_lambda = self.definition(function).is_lambda();
            let goes_on = !next.edges.is_empty() || !next.refused.is_empty();
            let decides = is_lambda || (takes_operation && !next.lookups.is_empty());
            if decides && goes_on {
                continue;
            }
            destination.handler = Some(function).filter(|_| !destination.missing);
            return destination;
        }
        destination
    }

    /// Whether an evaluation looked for the interface or the operation in vain.
    fn misses(&self, id: ContextId) -> bool {
        let context = &self.contexts[id.0 as usize];
        let vain = context.lookups.iter().any(|lookup| {
            !lookup.found
                && !context
                    .lookups
                    .iter()
                    .any(|other| other.parameter == lookup.parameter && other.found)
        });
        vain || context.failures.iter().any(|failure| {
            matches!(
                failure.kind,
                FailureKind::UnknownOperation
                    | FailureKind::UnknownInterface
                    | FailureKind::MissingTarget
            )
        })
    }

    /// Where an operation is written in the module of its router.
    fn written_operation(&self, owner: FunctionRef, operation: &str) -> Place {
        let module = self.program.module(owner.module);
        let text = Name::new(operation);
        match crate::eval::blame::trace::literal_in(&module.ir, text) {
            Some(range) => Place {
                file: module.file,
                range,
            },
            None => self.symbol(owner).place,
        }
    }
}
