//! Functions that never come back, as far as one file tells.
//!
//! Functions of the library that are known to ([`crate::python::ending`]), by the name that they are imported under; functions of the file, and methods, that are annotated
//! so (`NoReturn` and `Never` of `typing`) or end in a `raise` and return nowhere. Another class may override such a method, a decorator may come back all the same, and
//! another module may put something in the place of either: a call of one keeps a warning away, and makes nothing certain.

use rustc_hash::{FxHashMap, FxHashSet};

use super::Scoped;
use super::flow::Flow;
use crate::name::Name;
use crate::python::ending::never_returns;
use crate::syntax::ir::{Call, ExprKind, Function, Module, Parent, Slot, Stmt, StmtKind, Var};
use crate::syntax::visit;

/// The functions of one file that never come back.
#[derive(Debug, Default)]
pub(super) struct Endings {
    /// By where they are defined and what they are called: whether all of that name never come back.
    defined: FxHashMap<(Parent, Name), bool>,
    /// The variables of the module in which such functions of the library are.
    imported: FxHashSet<Name>,
    /// The modules that variables stand for under another name: `import typing as t`.
    modules: FxHashMap<Name, Name>,
}

impl Endings {
    /// Those of a file.
    pub(super) fn of(ir: &Module) -> Self {
        let mut found = Self::default();
        for function in &ir.functions {
            let all = found.defined.entry((function.parent, function.name));
            *all.or_insert(true) &= never_comes_back(function);
        }
        for stmt in &ir.body {
            found.add_import(ir, stmt);
        }
        found
    }

    fn add_import(&mut self, ir: &Module, stmt: &Stmt) {
        let called = |var: Var| match var {
            Var::Local(slot) => Some(ir.scope.slots[slot.0 as usize].name),
            Var::Global(_) | Var::Free { .. } | Var::Hidden { .. } => None,
        };
        match &stmt.kind {
            StmtKind::Import(import) if import.has_alias => {
                let name = called(import.var);
                self.modules.extend(name.map(|name| (name, import.module)));
            }
            StmtKind::ImportFrom(import) if import.level == 0 => {
                let Some(module) = import.module else { return };
                let names = import.names.iter();
                let ending = names.filter(|imported| never_returns(&module, &imported.name));
                self.imported
                    .extend(ending.filter_map(|imported| called(imported.var)));
            }
            _ => {}
        }
    }
}

impl Endings {
    /// Whether a statement calls what never comes back, if nothing was put in its place. `class`: the class whose method it stands in; `in_function`: whether it stands in a
    /// function, whose variables are its own.
    pub(super) fn are_called_by(
        &self,
        stmt: &Stmt,
        class: Option<Parent>,
        in_function: bool,
    ) -> bool {
        let StmtKind::Expr(value) = &stmt.kind else {
            return false;
        };
        let called = match &value.kind {
            ExprKind::Await(awaited) => &awaited.kind,
            called => called,
        };
        matches!(called, ExprKind::Call(call) if self.has(call, class, in_function))
    }

    fn has(&self, call: &Call, class: Option<Parent>, in_function: bool) -> bool {
        let is_defined = |parent: Parent, name: Name| {
            let defined = self.defined.get(&(parent, name));
            defined.copied().unwrap_or_default()
        };
        match &call.function.kind {
            ExprKind::Name(_, Var::Local(_) | Var::Free { .. }) if in_function => false,
            ExprKind::Name(name, _) => {
                self.imported.contains(name) || is_defined(Parent::Module, *name)
            }
            ExprKind::Attribute {
                value, attribute, ..
            } => match (&value.kind, class) {
                (ExprKind::Name(_, Var::Local(Slot(0))), Some(class)) => {
                    is_defined(class, *attribute)
                }
                (ExprKind::Name(name, _), _) => {
                    let module = self.modules.get(name);
                    module.is_some_and(|module| never_returns(module, attribute))
                }
                _ => false,
            },
            _ => false,
        }
    }
}

impl Flow<'_> {
    /// Whether a statement calls what never comes back, if nothing was put in its place.
    pub(super) fn calls_ending(&self, stmt: &Stmt) -> bool {
        let class = self.class_around();
        self.endings.are_called_by(stmt, class, self.is_function())
    }

    /// The class whose method the code stands in.
    fn class_around(&self) -> Option<Parent> {
        let Scoped::Function(function) = self.kind else {
            return None;
        };
        class_of(&self.ir[function])
    }
}

/// The class whose method a function is.
pub(super) fn class_of(function: &Function) -> Option<Parent> {
    matches!(function.parent, Parent::Class(_)).then_some(function.parent)
}

/// Whether a function says that it never comes back, or its body ends in a `raise` and returns nowhere.
fn never_comes_back(function: &Function) -> bool {
    let is_said = function.returns.as_ref().is_some_and(|returns| {
        let name = match &returns.kind {
            ExprKind::Name(name, _) => name,
            ExprKind::Attribute { attribute, .. } => attribute,
            _ => return false,
        };
        matches!(name.as_str(), "NoReturn" | "Never")
    });
    !function.is_generator && (is_said || raises_at_last(&function.body))
}

fn raises_at_last(body: &[Stmt]) -> bool {
    if !matches!(
        body.last().map(|stmt| &stmt.kind),
        Some(StmtKind::Raise { .. })
    ) {
        return false;
    }
    let mut returns = false;
    visit::statements(body, &mut |stmt| {
        returns |= matches!(stmt.kind, StmtKind::Return(_));
    });
    !returns
}
