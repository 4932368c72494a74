//! The keys that a function insists on in a dict that it is given: its `**kwargs`, or a parameter that it looks into.
//!
//! No pattern is looked for. The function is evaluated for a caller whose dict is empty; a key that it then certainly fails for is one. With that
//! key in the dict it is evaluated again, until it fails for none.

use rustc_hash::FxHashSet;

use crate::eval::Evaluator;
use crate::eval::domain::value::{ContextId, FunctionRef};
use crate::eval::interpreter::frame::{Blame, Decision};
use crate::facts::{Confidence, FailureKind, Place};
use crate::name::Name;
use crate::syntax::ir::{Comparison, ExprKind, Function, ParameterKind, Slot, Var};
use crate::syntax::visit;

use super::{Contract, RequiredKey};

/// How many keys of one dict are looked for.
const KEYS: usize = 24;

impl Evaluator<'_> {
    /// Completes the contract with the keys that functions insist on. Run it after the facts are taken: it evaluates calls that nobody makes.
    pub fn contract_keys(&mut self, contract: &mut Contract) {
        let mut seen = FxHashSet::default();
        for index in 0..self.contexts.len() {
            let context = &self.contexts[index];
            let (Some(function), closure) = (context.function, context.closure) else {
                continue;
            };
            let slots = dicts(self.definition(function));
            if !context.is_root || slots.is_empty() || !seen.insert(function) {
                continue;
            }
            let Some(&at) = contract.by_name.get(&self.function_name(function)) else {
                continue;
            };
            for slot in slots {
                let keys = self.required_keys(function, closure, slot);
                contract.functions[at].keys.extend(keys);
            }
        }
    }

    fn required_keys(
        &mut self,
        function: FunctionRef,
        closure: Option<ContextId>,
        slot: Slot,
    ) -> Vec<RequiredKey> {
        let module = self.program.module(function.module);
        let parameter = &self.definition(function).params[slot.0 as usize];
        let mut found: Vec<RequiredKey> = Vec::new();
        while found.len() < KEYS {
            let known: Vec<Name> = found.iter().map(|key| key.name).collect();
            let context = self.evaluate_with_keys(function, closure, slot, &known);
            let failures = self.contexts[context.0 as usize].failures.iter();
            let before = found.len();
            for failure in failures {
                let Blame::Decision(Decision::Key(of, name)) = failure.blame else {
                    continue;
                };
                let is_required = of == slot
                    && failure.kind == FailureKind::MissingKey
                    && failure.confidence == Confidence::Must
                    && found.iter().all(|key| key.name != name);
                if is_required {
                    found.push(RequiredKey {
                        name,
                        parameter: parameter.name,
                        is_keyword: parameter.kind == ParameterKind::VarKeyword,
                        place: Place {
                            file: module.file,
                            range: failure.range,
                        },
                        exception: failure.exception.clone(),
                    });
                }
            }
            if found.len() == before {
                break;
            }
        }
        found
    }
}

/// The parameters whose content a function looks into, by key.
fn dicts(function: &Function) -> Vec<Slot> {
    let mut found = Vec::new();
    let mut add = |expr: &ExprKind| {
        if let ExprKind::Name(_, Var::Local(slot)) = *expr
            && (slot.0 as usize) < function.params.len()
            && !found.contains(&slot)
        {
            found.push(slot);
        }
    };
    visit::all_expressions(&function.body, &mut |expr| match &expr.kind {
        ExprKind::Subscript { value, .. } | ExprKind::Attribute { value, .. } => add(&value.kind),
        ExprKind::Compare { rest, .. } => {
            for (comparison, right) in rest {
                if matches!(comparison, Comparison::In | Comparison::NotIn) {
                    add(&right.kind);
                }
            }
        }
        _ => {}
    });
    found.retain(|slot| function.params[slot.0 as usize].kind != ParameterKind::VarPositional);
    found.sort_unstable_by_key(|slot| slot.0);
    found
}
