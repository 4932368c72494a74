//! What could not be followed: calls of something unknown, and functions that are handed to something unknown.

use rustc_hash::FxHashSet;

use crate::bind::{Keyword, Shape};
use crate::eval::calls::arguments::Actual;
use crate::eval::calls::call::Site;
use crate::eval::domain::attributes::has_attribute;
use crate::eval::domain::value::{ContextId, Data, Kind, Value};
use crate::eval::interpreter::frame::{Callee, Frame};
use crate::eval::{Evaluator, FxIndexMap, FxIndexSet};
use crate::facts::Place;
use crate::name::Name;
use crate::syntax::ir::{ArgumentKind, Call, Constant, Expr, ExprKind, Range};
use crate::syntax::visit;

use super::{Contract, Record, Use};

/// What an evaluation did not follow.
#[derive(Debug, Default)]
pub struct OpenRecord<'p> {
    /// Calls of something unknown.
    calls: FxIndexMap<(ContextId, Range), &'p Call>,
    /// Functions and classes that something unknown is given.
    handed: FxIndexSet<(ContextId, Range, Callee)>,
    /// The same put into a container by one of its methods.
    kept: FxIndexSet<(ContextId, Range, Callee)>,
    /// The tasks that something is sent to, through a queue.
    queued: FxIndexSet<(ContextId, Range, Callee)>,
}

/// A call of something unknown, by the names that it is written with.
#[derive(Clone, Debug)]
pub struct OpenCall {
    /// Where.
    pub site: Use,
    /// The attribute or variable that is called.
    pub name: Name,
    /// Whether it is an attribute.
    pub is_attribute: bool,
    /// What the attribute is one of, as written last: `task` of `tasks.task.delay(..)`.
    pub of: Option<Name>,
    /// Whether a builtin type has an attribute of that name, so that it is hardly the tree's.
    pub is_of_builtins: bool,
    /// What is passed.
    pub shape: Shape,
}

/// A function that something calls which is not known, or perhaps nothing.
#[derive(Clone, Debug)]
pub struct Escape {
    /// Where it is handed over.
    pub site: Use,
    /// The function or class, dotted.
    pub function: String,
    /// Whether it is only put into a container.
    pub is_kept: bool,
    /// Whether it is a task, and what it is called with goes through a queue.
    pub is_queued: bool,
}

impl<'p> Evaluator<'p> {
    /// Notes a call of something unknown, if calls are recorded.
    pub fn record_open(&mut self, frame: &Frame<'p>, site: &Site<'p>, actual: &Actual) {
        if self.record.is_none() {
            return;
        }
        if let (Some(record), Some(call)) = (&mut self.record, site.call) {
            let key = (frame.context, site.range);
            record.open.calls.insert(key, call);
        }
        self.record_handed(frame, site, actual);
    }

    /// Notes the functions that something unknown is given, if calls are recorded.
    pub fn record_handed(&mut self, frame: &Frame<'p>, site: &Site<'p>, actual: &Actual) {
        if self.record.is_none() {
            return;
        }
        let functions = self.functions_among(actual);
        if let Some(record) = &mut self.record {
            let noted = functions.into_iter();
            let noted = noted.map(|function| (frame.context, site.range, function));
            record.open.handed.extend(noted);
        }
    }

    /// Notes that something is sent to a task, if calls are recorded.
    pub fn record_queued(&mut self, frame: &Frame<'p>, site: &Site<'p>, task: Value) {
        let callee = match self.data(task) {
            Data::Partial(partial) => self.callee_behind(partial.function),
            _ => self.callee_behind(task),
        };
        if let (Some(record), Some(callee)) = (&mut self.record, callee) {
            let noted = (frame.context, site.range, callee);
            record.open.queued.insert(noted);
        }
    }

    /// Notes the functions that a method of a container is given, if calls are recorded.
    pub fn record_kept(&mut self, frame: &Frame<'p>, site: &Site<'p>, name: Name, actual: &Actual) {
        let puts = matches!(
            name.as_str(),
            "append" | "appendleft" | "add" | "insert" | "extend" | "setdefault" | "update" | "put"
        );
        if self.record.is_none() || !puts {
            return;
        }
        let functions = self.functions_among(actual);
        if let Some(record) = &mut self.record {
            let noted = functions.into_iter();
            let noted = noted.map(|function| (frame.context, site.range, function));
            record.open.kept.extend(noted);
        }
    }

    /// The tree's functions and classes among the arguments of a call.
    fn functions_among(&self, actual: &Actual) -> Vec<Callee> {
        let values = actual.all_values().into_iter();
        let each = values.flat_map(|value| self.values.alternatives(value));
        each.filter_map(|value| self.callee_behind(value)).collect()
    }

    fn callee_behind(&self, value: Value) -> Option<Callee> {
        match *self.data(value) {
            Data::Class { class, .. } => Some(Callee::Class(class)),
            _ => self
                .function_behind(value)
                .map(|object| Callee::Function(object.function)),
        }
    }

    /// Completes the contract with what was not followed.
    pub(super) fn contract_open(&self, contract: &mut Contract, record: &Record<'p>) {
        let followed: FxHashSet<Place> = record
            .calls
            .iter()
            .filter(|call| !self.stands_for_all(call.caller))
            .map(|call| self.place(call.caller, call.range))
            .collect();
        let mut seen = FxHashSet::default();
        for (&(context, range), call) in &record.open.calls {
            let place = self.place(context, range);
            // For all callers it may be anything; what counts are the calls that there are.
            let is_followed = self.stands_for_all(context) && followed.contains(&place);
            if is_followed || !seen.insert(place) {
                continue;
            }
            if let Some((name, of)) = written_name(&call.function) {
                contract.open_calls.push(OpenCall {
                    site: self.site(context, range),
                    name,
                    is_attribute: matches!(call.function.kind, ExprKind::Attribute { .. }),
                    of,
                    is_of_builtins: is_of_builtins(name),
                    shape: written_shape(call),
                });
            }
        }
        let handed = record.open.handed.iter();
        let handed = handed.map(|noted| (noted, false, false));
        let kept = record.open.kept.iter().map(|noted| (noted, true, false));
        let queued = record.open.queued.iter();
        let queued = queued.map(|noted| (noted, false, true));
        for (noted, is_kept, is_queued) in handed.chain(kept).chain(queued) {
            let &(context, range, function) = noted;
            contract.escapes.push(Escape {
                site: self.site(context, range),
                function: self.callee_name(function),
                is_kept,
                is_queued,
            });
        }
        contract.open_calls.sort_by(|a, b| a.site.cmp(&b.site));
        let key = |escape: &Escape| {
            let how = (escape.is_kept, escape.is_queued);
            (escape.site.clone(), escape.function.clone(), how)
        };
        contract.escapes.sort_by_key(|escape| key(escape));
        contract.escapes.dedup_by_key(|escape| key(escape));
        self.contract_texts(contract);
    }

    /// Adds the texts that look like the dotted name of something: `'package.module.Class'`, `'package.module:Class'`.
    fn contract_texts(&self, contract: &mut Contract) {
        for module in self.program.modules() {
            let (name, file) = (module.name, module.file);
            let functions = module.ir.functions.iter();
            let functions =
                functions.map(|function| (format!("{name}.{}", function.qualname), &function.body));
            let classes = module.ir.classes.iter();
            let classes = classes.map(|class| (name.to_string(), &class.body));
            let top = std::iter::once((name.to_string(), &module.ir.body));
            for (owner, body) in top.chain(classes).chain(functions) {
                visit::all_expressions(body, &mut |expr| {
                    if let Some(dotted) = dotted_text(expr) {
                        let site = Use {
                            function: owner.clone(),
                            place: Place {
                                file,
                                range: expr.range,
                            },
                        };
                        contract.texts.entry(dotted).or_default().push(site);
                    }
                });
            }
        }
        for sites in contract.texts.values_mut() {
            sites.sort();
            sites.dedup();
        }
    }

    /// Whether an evaluation stands for all callers and is none of a call that is made.
    fn stands_for_all(&self, context: ContextId) -> bool {
        self.contexts[context.0 as usize].is_root
    }

    fn site(&self, context: ContextId, range: Range) -> Use {
        Use {
            function: self.owner_name(context),
            place: self.place(context, range),
        }
    }
}

/// A text that is a dotted name, with dots only.
fn dotted_text(expr: &Expr) -> Option<String> {
    let ExprKind::Constant(Constant::Str(text)) = &expr.kind else {
        return None;
    };
    let dotted = text.replace(':', ".");
    let is_name = |part: &str| {
        !part.is_empty()
            && !part.starts_with(|c: char| c.is_ascii_digit())
            && part.chars().all(|c| c.is_alphanumeric() || c == '_')
    };
    let is_dotted = dotted.contains('.') && dotted.split('.').all(is_name);
    is_dotted.then_some(dotted)
}

/// The name that is called, and the one that it is an attribute of.
fn written_name(function: &Expr) -> Option<(Name, Option<Name>)> {
    match &function.kind {
        ExprKind::Name(name, _) => Some((*name, None)),
        ExprKind::Attribute {
            value, attribute, ..
        } => {
            let of = match &value.kind {
                ExprKind::Name(name, _) => Some(*name),
                ExprKind::Attribute { attribute, .. } => Some(*attribute),
                _ => None,
            };
            Some((*attribute, of))
        }
        _ => None,
    }
}

/// Whether one of the builtin types that are most at hand has an attribute of this name.
fn is_of_builtins(name: Name) -> bool {
    let kinds = [Kind::Str, Kind::Bytes, Kind::Dict, Kind::List, Kind::Set];
    let mut kinds = kinds.into_iter();
    kinds.any(|kind| has_attribute(kind, name.as_str()) == Some(true))
}

/// What a call passes, as written.
pub fn written_shape(call: &Call) -> Shape {
    let mut shape = Shape::default();
    for argument in &call.arguments {
        match argument.kind {
            ArgumentKind::Positional if shape.more_positionals => {}
            ArgumentKind::Positional => shape.positionals += 1,
            ArgumentKind::Star => shape.more_positionals = true,
            ArgumentKind::Keyword(name) => shape.keywords.push(Keyword {
                name,
                certain: true,
            }),
            ArgumentKind::DoubleStar => shape.more_keywords = true,
        }
    }
    shape
}
