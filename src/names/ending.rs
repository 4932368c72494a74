//! Calls that never come back, as far as one file tells: what stands behind them is not reached.
//!
//! Functions of the library that are known to ([`crate::python::ending`]), by whatever name they are imported; functions of the file, and methods of the class that the
//! code stands in, which are annotated so (`NoReturn` and `Never` of `typing`) or end in a `raise` and return nowhere; and what `unittest` raises by (`self.skipTest`).

use super::Scoped;
use super::flow::Flow;
use crate::name::Name;
use crate::python::ending::never_returns;
use crate::syntax::ir::{Call, Expr, ExprKind, Function, Parent, Slot, Stmt, StmtKind, Var};
use crate::syntax::visit;

impl Flow<'_> {
    /// Whether an expression that stands as a statement calls what never comes back.
    pub(super) fn ends_all(&self, value: &Expr) -> bool {
        match &value.kind {
            ExprKind::Call(call) => self.is_ending_call(call, false),
            ExprKind::Await(awaited) => match &awaited.kind {
                ExprKind::Call(call) => self.is_ending_call(call, true),
                _ => false,
            },
            _ => false,
        }
    }

    fn is_ending_call(&self, call: &Call, is_awaited: bool) -> bool {
        match &call.function.kind {
            ExprKind::Name(_, Var::Local(_) | Var::Free { .. }) if self.is_function() => false,
            ExprKind::Name(name, _) => {
                never_returns("builtins", name)
                    || self
                        .imported(*name)
                        .is_some_and(|(module, name)| never_returns(&module, &name))
                    || self.all_end(Parent::Module, *name, is_awaited)
            }
            ExprKind::Attribute {
                value, attribute, ..
            } => match (&value.kind, self.class_around()) {
                (ExprKind::Name(_, Var::Local(Slot(0))), Some(class)) => {
                    attribute.as_str() == "skipTest" || self.all_end(class, *attribute, is_awaited)
                }
                (ExprKind::Name(module, _), _) => {
                    let dotted = self.imported_module(*module).unwrap_or(*module);
                    never_returns(&dotted, attribute)
                }
                _ => false,
            },
            _ => false,
        }
    }

    /// The class whose method the code stands in.
    fn class_around(&self) -> Option<Parent> {
        match self.kind {
            Scoped::Function(function) => match self.ir[function].parent {
                class @ Parent::Class(_) => Some(class),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether there are functions of a name there, and none of them comes back.
    fn all_end(&self, parent: Parent, name: Name, is_awaited: bool) -> bool {
        let of_name = |function: &&Function| function.name == name && function.parent == parent;
        let mut all = self.ir.functions.iter().filter(of_name).peekable();
        all.peek().is_some() && all.all(|function| never_comes_back(function, is_awaited))
    }

    /// Where a name that the module imports comes from: `from typing import assert_never`.
    fn imported(&self, name: Name) -> Option<(Name, Name)> {
        self.ir.body.iter().find_map(|stmt| match &stmt.kind {
            StmtKind::ImportFrom(import) if import.level == 0 => {
                let mut names = import.names.iter();
                let imported = names.find(|imported| self.is_called(imported.var, name))?;
                Some((import.module?, imported.name))
            }
            _ => None,
        })
    }

    /// The module that a name stands for: `import typing as t`.
    fn imported_module(&self, name: Name) -> Option<Name> {
        self.ir.body.iter().find_map(|stmt| match &stmt.kind {
            StmtKind::Import(import) if import.has_alias && self.is_called(import.var, name) => {
                Some(import.module)
            }
            _ => None,
        })
    }

    /// Whether a variable of the module has this name.
    fn is_called(&self, var: Var, name: Name) -> bool {
        match var {
            Var::Local(slot) => self.ir.scope.slots[slot.0 as usize].name == name,
            Var::Global(global) => global == name,
            Var::Free { .. } | Var::Hidden { .. } => false,
        }
    }
}

/// Whether a function says that it never comes back, or its body ends in a `raise` and returns nowhere.
fn never_comes_back(function: &Function, is_awaited: bool) -> bool {
    if function.is_generator || function.is_async != is_awaited {
        return false;
    }
    let is_said = function.returns.as_ref().is_some_and(|returns| {
        let name = match &returns.kind {
            ExprKind::Name(name, _) => name,
            ExprKind::Attribute { attribute, .. } => attribute,
            _ => return false,
        };
        matches!(name.as_str(), "NoReturn" | "Never")
    });
    is_said || raises_at_last(&function.body)
}

fn raises_at_last(body: &[Stmt]) -> bool {
    let mut returns = false;
    visit::statements(body, &mut |stmt| {
        returns |= matches!(stmt.kind, StmtKind::Return(_));
    });
    let last = body.last().map(|stmt| &stmt.kind);
    !returns && matches!(last, Some(StmtKind::Raise { .. }))
}
