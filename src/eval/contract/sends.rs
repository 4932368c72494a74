//! What functions send on: the keywords that a call site adds, and where they arrive.

use std::collections::VecDeque;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::eval::Evaluator;
use crate::eval::blame::callers::Callers;
use crate::eval::blame::origin::Origin;
use crate::eval::blame::routes::RouteMap;
use crate::eval::domain::state::Object;
use crate::eval::domain::value::{ContextId, Data};
use crate::eval::interpreter::frame::Callee;
use crate::facts::{Place, RouteKey};
use crate::name::Name;
use crate::syntax::ir::{ArgumentKind, Call, Constant, ExprKind, ParameterKind, Range};

use super::record::{Record, Recorded, is_bound, without_receiver};
use super::tables::path_text;
use super::{Access, Contract, Reach, Sent};

/// How many calls behind one call site are looked at.
const VISITS: usize = 4000;

/// A call whose keywords are followed: which of them, and on which route.
struct Step<'r> {
    recorded: &'r Recorded<'r>,
    keywords: Vec<Name>,
    is_first: bool,
    route: Option<RouteKey>,
}

impl Evaluator<'_> {
    pub(super) fn contract_sends(&mut self, contract: &mut Contract, record: &Record<'_>) {
        let callers = Callers::of(self);
        let map = RouteMap::new(self, &callers);
        let access: FxHashMap<String, Access> = contract
            .functions
            .iter()
            .map(|function| (function.name.clone(), function.access))
            .collect();
        let mut by_site: FxHashMap<(Place, String), Vec<&Recorded<'_>>> = FxHashMap::default();
        let mut order: Vec<(Place, String)> = Vec::new();
        for recorded in &record.calls {
            let function = self.contexts[recorded.caller.0 as usize].function;
            if function.is_none() || recorded.call.is_none() {
                continue;
            }
            let site = (
                self.place(recorded.caller, recorded.range),
                self.owner_name(recorded.caller),
            );
            let calls = by_site.entry(site.clone()).or_default();
            if calls.is_empty() {
                order.push(site);
            }
            calls.push(recorded);
        }
        order.sort();
        let mut sent: FxHashMap<String, Vec<Sent>> = FxHashMap::default();
        for site in order {
            let calls = &by_site[&site];
            let Some(call) = calls.first().and_then(|recorded| recorded.call) else {
                continue;
            };
            let Some(key) = site_key(call) else { continue };
            let one = self.sent_at(record, &map, &access, key, site.0, call, calls);
            let known = sent.entry(site.1).or_default();
            match known.iter_mut().find(|known| known.key == one.key) {
                Some(known) => merge(known, one),
                None => known.push(one),
            }
        }
        for function in &mut contract.functions {
            if let Some(found) = sent.get(&function.name) {
                function.sends = found
                    .iter()
                    .filter(|one| {
                        one.place.file == function.place.file
                            && function.range.contains(one.place.range)
                    })
                    .cloned()
                    .collect();
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "what is known of one call site")]
    fn sent_at(
        &self,
        record: &Record<'_>,
        map: &RouteMap,
        access: &FxHashMap<String, Access>,
        key: String,
        place: Place,
        call: &Call,
        calls: &[&Recorded<'_>],
    ) -> Sent {
        let mut adds: Vec<(Name, Place)> = Vec::new();
        let mut drops: Vec<Name> = Vec::new();
        let spreads = call
            .arguments
            .iter()
            .any(|argument| argument.kind == ArgumentKind::DoubleStar);
        for argument in &call.arguments {
            if let ArgumentKind::Keyword(name) = argument.kind {
                let at = Place {
                    file: place.file,
                    range: argument.range,
                };
                adds.push((name, at));
            }
        }
        for recorded in calls.iter().filter(|_| spreads) {
            let incoming = self.incoming(recorded.caller);
            for keyword in &recorded.shape.keywords {
                let known = incoming.contains(&keyword.name)
                    || adds.iter().any(|(name, _)| *name == keyword.name);
                if !known {
                    let written = match self.origin_of_key(recorded.caller, call, keyword.name) {
                        Some(Origin::Written(at, _)) if at.file == place.file => Some(at.range),
                        _ => self.written_key(recorded.caller, keyword.name),
                    };
                    let range = written.unwrap_or(place.range);
                    adds.push((
                        keyword.name,
                        Place {
                            file: place.file,
                            range,
                        },
                    ));
                }
            }
            for name in incoming {
                let goes_on = recorded
                    .shape
                    .keywords
                    .iter()
                    .any(|keyword| keyword.name == name);
                if !goes_on && !drops.contains(&name) {
                    drops.push(name);
                }
            }
        }
        drops.sort();
        let has_star = call
            .arguments
            .iter()
            .any(|argument| argument.kind == ArgumentKind::Star);
        let positionals = call
            .arguments
            .iter()
            .filter(|argument| argument.kind == ArgumentKind::Positional)
            .count();
        let names: Vec<Name> = adds
            .iter()
            .map(|(name, _)| *name)
            .chain(drops.iter().copied())
            .collect();
        Sent {
            key,
            place,
            adds,
            spreads,
            drops,
            positionals: (!has_star).then_some(u32::try_from(positionals).unwrap_or(u32::MAX)),
            reaches: self.reaches(record, map, access, calls, &names),
        }
    }

    /// Follows the sender's keywords from its calls to where they are taken.
    fn reaches(
        &self,
        record: &Record<'_>,
        map: &RouteMap,
        access: &FxHashMap<String, Access>,
        calls: &[&Recorded<'_>],
        names: &[Name],
    ) -> Vec<Reach> {
        let mut found: Vec<Reach> = Vec::new();
        let mut seen: FxHashSet<(ContextId, Range, Option<ContextId>, Option<RouteKey>)> =
            FxHashSet::default();
        let route_at = |context: Option<ContextId>| {
            context
                .and_then(|context| map.route_of(context))
                .map(|route| map.key(route).clone())
        };
        let carried = |recorded: &Recorded<'_>, names: &[Name]| -> Vec<Name> {
            let keywords = recorded.shape.keywords.iter().map(|keyword| keyword.name);
            keywords.filter(|name| names.contains(name)).collect()
        };
        let mut steps: VecDeque<Step<'_>> = calls
            .iter()
            .map(|&recorded| Step {
                recorded,
                keywords: carried(recorded, names),
                is_first: true,
                route: route_at(recorded.context).or_else(|| route_at(Some(recorded.caller))),
            })
            .collect();
        let mut visits = 0;
        while let Some(step) = steps.pop_front() {
            let recorded = step.recorded;
            let key = (
                recorded.caller,
                recorded.range,
                recorded.context,
                step.route.clone(),
            );
            visits += 1;
            if visits > VISITS || !seen.insert(key) {
                continue;
            }
            let function = self.callee_name(recorded.callee);
            let bound = access
                .get(&function)
                .is_some_and(|&access| is_bound(access, recorded));
            let reach = Reach {
                file: self.callee_file(recorded.callee),
                function,
                shape: without_receiver(&recorded.shape, bound),
                is_bound: bound,
                keywords: step.keywords.clone(),
                is_first: step.is_first,
                route: step.route.clone(),
            };
            if !found.contains(&reach) {
                found.push(reach);
            }
            let Some(context) = recorded.context else {
                continue;
            };
            let onwards: Vec<Name> = {
                let collected = self.incoming(context);
                step.keywords
                    .iter()
                    .copied()
                    .filter(|name| collected.contains(name))
                    .collect()
            };
            if onwards.is_empty() {
                continue;
            }
            for next in record.of(context) {
                let passes = next.call.is_some_and(|call| {
                    call.arguments
                        .iter()
                        .any(|argument| argument.kind == ArgumentKind::DoubleStar)
                });
                let keywords = carried(next, &onwards);
                if passes && !keywords.is_empty() {
                    steps.push_back(Step {
                        recorded: next,
                        keywords,
                        is_first: false,
                        route: step.route.clone().or_else(|| route_at(next.context)),
                    });
                }
            }
        }
        found
    }

    /// The keywords that arrived in an evaluation's `**kwargs`.
    fn incoming(&self, context: ContextId) -> Vec<Name> {
        let context = &self.contexts[context.0 as usize];
        let Some(function) = context.function else {
            return Vec::new();
        };
        let collects = self
            .definition(function)
            .params
            .last()
            .is_some_and(|last| last.kind == ParameterKind::VarKeyword);
        let Some(&last) = context.arguments.last().filter(|_| collects) else {
            return Vec::new();
        };
        let Data::Local(id) = *self.values.get(last) else {
            return Vec::new();
        };
        match context.heap.get(id.0 as usize).map(AsRef::as_ref) {
            Some(Object::Dict(dict)) => dict
                .entries
                .iter()
                .filter_map(|entry| self.values.as_str(entry.key))
                .collect(),
            _ => Vec::new(),
        }
    }

    fn callee_file(&self, callee: Callee) -> crate::facts::FileId {
        let module = match callee {
            Callee::Function(function) => function.module,
            Callee::Class(class) => self.classes[class.0 as usize].module,
        };
        self.program.module(module).file
    }
}

/// What tells a call site from others: the callee, and the names among its arguments.
fn site_key(call: &Call) -> Option<String> {
    let mut key = callee_text(&call.function)?;
    for argument in &call.arguments {
        let chooses = match argument.kind {
            ArgumentKind::Positional => true,
            ArgumentKind::Keyword(name) => matches!(name.as_str(), "interface" | "operation"),
            _ => false,
        };
        let text = match &argument.value.kind {
            ExprKind::Attribute { .. } => path_text(&argument.value),
            ExprKind::Constant(Constant::Str(text)) if is_name(text) => Some(format!("'{text}'")),
            _ => None,
        };
        if let Some(text) = text.filter(|_| chooses) {
            key.push(' ');
            key.push_str(&text);
        }
    }
    Some(key)
}

fn callee_text(expr: &crate::syntax::ir::Expr) -> Option<String> {
    match &expr.kind {
        ExprKind::Subscript { value, .. } => Some(format!("{}[..]", callee_text(value)?)),
        ExprKind::Call(call) => Some(format!("{}()", callee_text(&call.function)?)),
        ExprKind::Attribute {
            value, attribute, ..
        } => Some(format!("{}.{attribute}", callee_text(value)?)),
        ExprKind::Name(name, _) => Some(name.to_string()),
        _ => None,
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 60
        && text
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '-'))
}

/// Two call sites of one function that look the same.
fn merge(known: &mut Sent, other: Sent) {
    for add in other.adds {
        if !known.adds.iter().any(|(name, _)| *name == add.0) {
            known.adds.push(add);
        }
    }
    known.drops.extend(other.drops);
    known.drops.sort();
    known.drops.dedup();
    if known.positionals != other.positionals {
        known.positionals = None;
    }
    for reach in other.reaches {
        if !known.reaches.contains(&reach) {
            known.reaches.push(reach);
        }
    }
}
