//! Dicts of functions that code calls by a key: `COMMANDS = {"start": start}`, and `COMMANDS[word](arguments)`.

use rustc_hash::FxHashSet;

use crate::eval::Evaluator;
use crate::eval::domain::state::Object;
use crate::eval::domain::value::{Data, FunctionRef, SharedId, Value};
use crate::eval::library::listed::Listing;
use crate::facts::DispatcherKind;
use crate::name::Name;
use crate::program::ModuleId;
use crate::syntax::ir::{Expr, ExprKind, StmtKind, Var};
use crate::syntax::visit;

impl Evaluator<'_> {
    /// Dicts of functions in variables of modules, of which code calls what it finds under a key, without those of which an entry is told
    /// elsewhere.
    pub fn tables(&self, is_told: &dyn Fn(&Listing) -> bool) -> Vec<Listing> {
        let mut found = self.dicts_of_functions();
        let entries = found.iter().flat_map(|(_, table)| table);
        let told = entries.filter(|entry| is_told(entry));
        let told: FxHashSet<String> = told.map(|entry| entry.dispatcher.clone()).collect();
        found.retain(|(_, table)| !table.iter().any(|entry| told.contains(&entry.dispatcher)));
        // All of the code is looked through for that.
        let called = match found.as_slice() {
            [] => FxHashSet::default(),
            _ => self.called_by_key(),
        };
        let called = found.into_iter().filter(|(name, _)| called.contains(name));
        called.flat_map(|(_, table)| table).collect()
    }

    /// Dicts of functions in variables of modules, each with the variable's name.
    fn dicts_of_functions(&self) -> Vec<(Name, Vec<Listing>)> {
        let mut found = Vec::new();
        for index in 0..self.modules.len() {
            let module = ModuleId(u32::try_from(index).unwrap_or(u32::MAX));
            let variables: Vec<(Name, Value)> = self.modules[index]
                .by_name
                .iter()
                .map(|(&name, &slot)| (name, self.modules[index].slots[slot.0 as usize]))
                .collect();
            for (name, value) in variables {
                let Data::Shared(id) = *self.data(value) else {
                    continue;
                };
                let dispatcher = format!("{}.{name}", self.program.module(module).name);
                let functions = self.functions_in(id).into_iter();
                let table: Vec<Listing> = functions
                    .map(|(key, handler)| Listing {
                        kind: DispatcherKind::Table,
                        dispatcher: dispatcher.clone(),
                        key: Some(key),
                        handler,
                    })
                    .collect();
                if !table.is_empty() {
                    found.push((name, table));
                }
            }
        }
        found
    }

    fn functions_in(&self, id: SharedId) -> Vec<(String, FunctionRef)> {
        let shared = &self.shared[id.0 as usize];
        let Object::Dict(dict) = &*shared.object else {
            return Vec::new();
        };
        let initial = dict.entries.iter().map(|entry| (entry.key, entry.value));
        let stored = shared.log.exact.iter();
        let stored = stored.map(|(&key, store)| (key, store.value));
        let entries = initial.chain(stored).filter_map(|(key, value)| {
            let key = self.key_text(key)?;
            Some((key, self.function_behind(value)?.function))
        });
        entries.collect()
    }

    /// The names of variables and attributes of which code calls what it finds under a key: `TABLE[key](..)`, `TABLE.get(key)` and a call of that.
    fn called_by_key(&self) -> FxHashSet<Name> {
        let mut names = FxHashSet::default();
        for module in self.program.modules() {
            for function in &module.ir.functions {
                let mut read = Vec::new();
                visit::statements(&function.body, &mut |stmt| {
                    if let StmtKind::Assign { targets, value } = &stmt.kind
                        && let [target] = targets.as_slice()
                        && let ExprKind::Name(_, Var::Local(slot)) = target.kind
                        && let Some(table) = looked_up_in(value)
                    {
                        read.push((slot, table));
                    }
                });
                visit::all_expressions(&function.body, &mut |expr| {
                    let ExprKind::Call(call) = &expr.kind else {
                        return;
                    };
                    names.extend(looked_up_in(&call.function));
                    if let ExprKind::Name(_, Var::Local(slot)) = call.function.kind {
                        let tables = read.iter().filter(|(own, _)| *own == slot);
                        names.extend(tables.map(|(_, table)| *table));
                    }
                });
            }
        }
        names
    }
}

/// The table in `TABLE[key]` and `TABLE.get(key)`.
fn looked_up_in(expr: &Expr) -> Option<Name> {
    let table = match &expr.kind {
        ExprKind::Subscript { value, .. } => value,
        ExprKind::Call(call) => match &call.function.kind {
            ExprKind::Attribute {
                value, attribute, ..
            } if attribute.as_str() == "get" => value,
            _ => return None,
        },
        _ => return None,
    };
    match &table.kind {
        ExprKind::Name(name, Var::Global(_)) => Some(*name),
        ExprKind::Attribute { attribute, .. } => Some(*attribute),
        _ => None,
    }
}
