//! What the code writes down or makes itself, as opposed to what the world answers: a test on it depends on the chain that wrote it (DESIGN 3a.2c, 3a.3).

use crate::eval::certainty::looks::Looker;
use crate::eval::domain::kind::Kind;
use crate::eval::domain::value::Data;
use crate::eval::exceptions::hierarchy;
use crate::eval::interpreter::frame::Owner;
use crate::eval::library::table;
use crate::name::Name;
use crate::syntax::ir::{Expr, ExprKind, Slot, Var};
use crate::syntax::visit;

impl Looker<'_, '_> {
    /// Whether a call of this makes a new object of what it gets and of nothing else: it is a class of the tree, a builtin one, or something that the import
    /// made in a way that is not known (an unknown callee's result comes from all its arguments).
    pub(super) fn makes(&self, function: &Expr) -> bool {
        let Some(name) = self.global_name(function) else {
            return false;
        };
        let module = self.evaluator.contexts[self.context.0 as usize].module;
        match self.evaluator.variable_at_end(module, name) {
            Some(value) => match self.evaluator.data(value) {
                Data::Class { .. } | Data::NamedTuple(_) => true,
                Data::Unknown => !self.is_written_later(name),
                _ => false,
            },
            None => {
                let asks_outside = matches!(name.as_str(), "input" | "open" | "globals" | "vars");
                (table::builtin(name).is_some() && !asks_outside)
                    || hierarchy::builtin(name).is_some()
            }
        }
    }

    /// Whether an expression is made of what the code writes down: constants, displays of them, new objects, what the import fixed.
    pub(super) fn is_own(&self, expr: &Expr) -> bool {
        self.is_own_among(expr, &[])
    }

    /// The same within comprehensions that give these variables their items.
    fn is_own_among(&self, expr: &Expr, items: &[Slot]) -> bool {
        let is_own = |expr: &Expr| self.is_own_among(expr, items);
        match &expr.kind {
            ExprKind::Name(_, Var::Global(name)) => !self.is_written_later(*name),
            // What it is made of says whether; an item's comprehension was asked for what it goes through.
            ExprKind::Name(_, Var::Local(slot)) => items.contains(slot),
            ExprKind::Attribute { value, .. } => match self.global_name(value) {
                // A module's: that of the library is the world.
                Some(name) => self.is_class(name),
                None => is_own(value),
            },
            ExprKind::Call(call) => {
                let is_method = matches!(&call.function.kind, ExprKind::Attribute { value, .. } if is_own(value));
                (is_method || self.makes(&call.function))
                    && call.arguments.iter().all(|one| is_own(&one.value))
            }
            ExprKind::Await(_) => false,
            ExprKind::Comprehension(comprehension) => {
                let mut items = items.to_vec();
                for clause in &comprehension.clauses {
                    visit::expressions(&clause.target, &mut |target| {
                        if let ExprKind::Name(_, Var::Local(slot)) = target.kind {
                            items.push(slot);
                        }
                    });
                }
                self.has_own_parts(expr, &items)
            }
            _ => self.has_own_parts(expr, items),
        }
    }

    fn has_own_parts(&self, expr: &Expr, items: &[Slot]) -> bool {
        let mut is_own = true;
        visit::children(expr, &mut |part| is_own &= self.is_own_among(part, items));
        is_own
    }

    /// Whether an expression names a class, or an attribute of one: a member of an enum.
    pub fn is_of_class(&self, expr: &Expr) -> bool {
        let named = match &expr.kind {
            ExprKind::Attribute { value, .. } => self.global_name(value),
            _ => self.global_name(expr),
        };
        named.is_some_and(|name| self.is_class(name))
    }

    /// Whether an expression names a function, a builtin, or what an import of the library gives.
    pub(super) fn is_code(&self, expr: &Expr) -> bool {
        let Some(name) = self.global_name(expr) else {
            return false;
        };
        let module = self.evaluator.contexts[self.context.0 as usize].module;
        match self.evaluator.variable_at_end(module, name) {
            Some(value) => matches!(
                self.evaluator.data(value),
                Data::Function(_) | Data::External(_)
            ),
            None => table::builtin(name).is_some() || hierarchy::builtin(name).is_some(),
        }
    }

    /// The variable of the module that an expression names; in the module's own code these are local.
    pub(super) fn global_name(&self, expr: &Expr) -> Option<Name> {
        let owner = self.evaluator.contexts[self.context.0 as usize].owner;
        match expr.kind {
            ExprKind::Name(_, Var::Global(name)) => Some(name),
            ExprKind::Name(name, Var::Local(_)) if matches!(owner, Owner::Module) => Some(name),
            _ => None,
        }
    }

    /// Whether a variable of the module is a class of the tree, or a builtin one.
    fn is_class(&self, name: Name) -> bool {
        let module = self.evaluator.contexts[self.context.0 as usize].module;
        match self.evaluator.variable_at_end(module, name) {
            Some(value) => matches!(
                self.evaluator.data(value),
                Data::Class { .. } | Data::NamedTuple(_)
            ),
            None => table::builtin(name).is_some_and(|dotted| Kind::of_type(&dotted).is_some()),
        }
    }

    /// Whether functions write a variable of the module, or fill what it holds.
    fn is_written_later(&self, name: Name) -> bool {
        let module = self.evaluator.contexts[self.context.0 as usize].module;
        let survey = &self.evaluator.survey;
        survey.is_filled(module, name) || survey.global_stores.contains_key(&(module, name))
    }
}
