//! From the calls of an evaluation to a graph between names.

use std::collections::{BTreeMap, BTreeSet};

use crate::eval::domain::value::{ClassRef, Data, FunctionRef, Value};
use crate::eval::objects::mro::InMro;
use crate::eval::{Evaluator, FxIndexSet};
use crate::facts::{CallGraph, CallNode, CallNodeKind, Place};
use crate::name::Name;
use crate::syntax::ir::Range;

use super::{Calls, Target, names};

impl Evaluator<'_> {
    /// The graph of the calls that were noted.
    pub fn call_graph(&mut self) -> CallGraph {
        let calls = self.calls.take().unwrap_or_default();
        let functions: Vec<Vec<String>> = self.program.modules().iter().map(names::of).collect();
        let name = |function: FunctionRef| {
            functions[function.module.0 as usize][function.id.0 as usize].clone()
        };
        let mut nodes: BTreeMap<String, (CallNodeKind, Option<Place>)> = BTreeMap::new();
        for (module, names) in self.program.modules().iter().zip(&functions) {
            let place = |range| Place {
                file: module.file,
                range,
            };
            nodes.insert(
                module.name.to_string(),
                (CallNodeKind::Module, Some(place(Range::default()))),
            );
            for (function, name) in module.ir.functions.iter().zip(names) {
                nodes.insert(
                    name.clone(),
                    (CallNodeKind::Function, Some(place(function.header))),
                );
            }
        }
        let mut edges: BTreeSet<(String, String)> = BTreeSet::new();
        for &((module, function), target) in &calls.edges {
            let caller = match function {
                Some(id) => name(FunctionRef { module, id }),
                None => self.program.module(module).name.to_string(),
            };
            let callees: Vec<String> = match target {
                Target::Function(function) => vec![name(function)],
                Target::External(name) => vec![external(name)],
                Target::Builtin(kind, name) => vec![format!("{kind}.{name}")],
                Target::Method { .. } => {
                    let found = self.candidates(&calls, target);
                    found.into_iter().map(name).collect()
                }
            };
            for callee in callees {
                nodes
                    .entry(callee.clone())
                    .or_insert((CallNodeKind::External, None));
                edges.insert((caller.clone(), callee));
            }
        }
        let index: BTreeMap<&str, u32> = nodes.keys().map(String::as_str).zip(0..).collect();
        let edges = edges
            .iter()
            .map(|(from, to)| (index[from.as_str()], index[to.as_str()]))
            .collect();
        let nodes = nodes
            .iter()
            .map(|(name, &(kind, place))| CallNode {
                name: name.clone(),
                kind,
                place,
            })
            .collect();
        CallGraph { nodes, edges }
    }

    /// The functions that a call through an instance of a class or of those that derive from it leads to: for the classes among them of which
    /// there are instances; for all, if there are none of any.
    fn candidates(&self, calls: &Calls, target: Target) -> Vec<FunctionRef> {
        let Target::Method { class, name } = target else {
            return Vec::new();
        };
        let mut family = self.derived(class);
        family.insert(0, class);
        if family
            .iter()
            .any(|class| calls.instantiated.contains(class))
        {
            family.retain(|class| calls.instantiated.contains(class));
        }
        let mut found = Vec::new();
        for member in family {
            if let InMro::Found(value, _) = self.in_mro(member, name) {
                found.extend(self.functions_behind(value));
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The classes that derive from one, directly or not.
    pub fn derived(&self, class: ClassRef) -> Vec<ClassRef> {
        let mut found: FxIndexSet<ClassRef> = FxIndexSet::default();
        let mut pending = self.subclasses.get(&class).cloned().unwrap_or_default();
        while let Some(subclass) = pending.pop() {
            if found.insert(subclass) {
                pending.extend(self.subclasses.get(&subclass).into_iter().flatten());
            }
        }
        found.into_iter().collect()
    }

    /// The functions that an attribute of a class leads to.
    fn functions_behind(&self, value: Value) -> Vec<FunctionRef> {
        match self.data(value) {
            Data::Property(getter, _) | Data::CachedProperty(getter) => {
                self.functions_behind(*getter)
            }
            Data::Union(members) => members
                .iter()
                .flat_map(|&member| self.functions_behind(member))
                .collect(),
            _ => {
                let object = self.function_behind(value);
                object.map(|object| object.function).into_iter().collect()
            }
        }
    }
}

/// `builtins.print` is `<builtin>.print` in call graphs.
fn external(name: Name) -> String {
    match name.as_str().strip_prefix("builtins.") {
        Some(builtin) => format!("<builtin>.{builtin}"),
        None => name.to_string(),
    }
}
