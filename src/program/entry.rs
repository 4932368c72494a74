//! Where execution starts: what templates, the configuration and custom name.

use super::{ModuleId, Program};
use crate::name::Name;
use crate::names::Doubts;

/// A function that something outside the tree calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryPoint {
    /// Its module; none if the tree does not have it.
    pub module: Option<ModuleId>,
    /// The module's name, as it is asked for.
    pub module_name: Name,
    /// The function's name in it.
    pub function: Name,
    /// Where the module's file is, or would be: from the tree's top.
    pub path: String,
    /// Who names it, for people: `template.yaml: Api`. None for what only custom says.
    pub named_by: Option<String>,
    /// Whether the tree that is deployed now has it.
    pub is_deployed: bool,
}

impl EntryPoint {
    /// Whether the function has to be there: something names it, or the deployed tree has it.
    #[must_use]
    pub fn is_required(&self) -> bool {
        self.named_by.is_some() || self.is_deployed
    }
}

/// The module and the function that Lambda's console makes, and that most functions keep.
pub const CUSTOMARY: (&str, &str) = ("lambda_function", "lambda_handler");

impl Program {
    /// The same, started at these functions.
    #[must_use]
    pub fn starting_at(mut self, entry_points: Vec<EntryPoint>) -> Self {
        self.entry_points = entry_points;
        self
    }

    /// Where execution starts, as far as that is known.
    #[must_use]
    pub fn entry_points(&self) -> &[EntryPoint] {
        &self.entry_points
    }

    /// Notes which of the functions the deployed tree has.
    pub fn compare_entry_points(&mut self, deployed: &Self) {
        let module = |entry: &EntryPoint| {
            let mut theirs = deployed.entry_points.iter();
            let same =
                theirs.find(|other| (&other.path, other.function) == (&entry.path, entry.function));
            same.and_then(|other| other.module)
        };
        let had: Vec<bool> = self
            .entry_points
            .iter()
            .map(|entry| module(entry).is_some_and(|id| deployed.may_bind(id, entry.function)))
            .collect();
        for (entry, had) in self.entry_points.iter_mut().zip(had) {
            entry.is_deployed = had;
        }
    }

    /// Whether a module's own code may bind a name.
    fn may_bind(&self, module: ModuleId, name: Name) -> bool {
        let ir = &self.module(module).ir;
        let slots = (0..).zip(&ir.scope.slots);
        let mut named = slots.filter(|(_, variable)| variable.name == name && !variable.hidden);
        named.any(|(index, _)| Doubts::of(ir).is_ever_bound(crate::syntax::ir::Slot(index)))
    }

    /// A module that no package holds, by its name.
    #[must_use]
    pub fn top_module(&self, name: Name) -> Option<ModuleId> {
        let module = self.by_name(name)?;
        self.module(module).package.is_empty().then_some(module)
    }
}
