//! What is picked by a name of which only the beginning is known: `getattr(self, "cmd_" + word)(line)`.
//!
//! Which one it is cannot be told, so that no such call fails for certain. Everything whose name begins so is what it may be: what cannot take the arguments is told as what may fail.

use crate::eval::Evaluator;
use crate::eval::calls::arguments::Actual;
use crate::eval::calls::call::Site;
use crate::eval::domain::value::{ClassRef, Data, Value};
use crate::eval::interpreter::frame::Frame;
use crate::eval::objects::attribute::Attribute;
use crate::eval::objects::mro::Ancestor;
use crate::name::Name;
use crate::syntax::ir::{Call, Expr, ExprKind, Function, Slot, StmtKind, Var};
use crate::syntax::visit;

impl<'p> Evaluator<'p> {
    /// A call of something unknown. If it was picked from an object of the tree by a name with a known beginning: what it may be that cannot take the arguments.
    pub fn check_picked_by_prefix(
        &mut self,
        frame: &mut Frame<'p>,
        site: Site<'p>,
        callee: &'p Expr,
        actual: &Actual,
    ) {
        if self.is_graph() {
            return;
        }
        let picked = match &callee.kind {
            ExprKind::Call(call) => Some(&**call),
            ExprKind::Name(_, Var::Local(slot)) => frame
                .function()
                .and_then(|function| assigned_call(function, *slot)),
            _ => None,
        };
        let Some((object, name)) = picked.and_then(picked_from) else {
            return;
        };
        let object = self.peek(frame, object);
        let Some(prefix) = self.prefix_of(frame, name) else {
            return;
        };
        let Some(found) = self.attributes_like(frame, object, &prefix) else {
            return;
        };
        for value in self.values.alternatives(found) {
            if let Some(refusal) = self.refusal_of(frame, site, value, actual) {
                self.refuse_perhaps(frame, &site, refusal);
            }
        }
    }

    /// `getattr(object, 'visit_' + name)` with a name that is not known: every attribute that begins like this.
    pub fn attributes_like(
        &mut self,
        frame: &mut Frame<'p>,
        object: Value,
        prefix: &str,
    ) -> Option<Value> {
        if prefix.len() < 3 {
            return None;
        }
        let mut names: Vec<Name> = Vec::new();
        match *self.data(object) {
            Data::Instance { class, exact, .. } | Data::Class { class, exact } => {
                let mut classes: Vec<ClassRef> = Vec::new();
                if !exact {
                    classes.extend(self.derived(class));
                }
                for ancestor in &self.class(class).mro {
                    if let Ancestor::Tree(ancestor) = ancestor {
                        classes.push(*ancestor);
                    }
                }
                for class in classes {
                    names.extend(self.class(class).namespace.keys());
                }
            }
            Data::Module(module) => {
                names.extend(self.modules[module.0 as usize].by_name.keys());
            }
            _ => return None,
        }
        names.retain(|name| name.starts_with(prefix));
        names.sort_unstable();
        names.dedup();
        let mut found = Vec::new();
        for name in names {
            if let Attribute::Found(value) = self.get_attribute(frame, object, name) {
                found.extend(self.values.alternatives(value));
            }
        }
        (!found.is_empty()).then(|| self.values.union(found))
    }

    /// The beginning of the text that an expression gives, followed back over one assignment.
    pub fn prefix_of(&mut self, frame: &mut Frame<'p>, expr: &'p Expr) -> Option<String> {
        if let Some(prefix) = self.known_prefix(frame, expr) {
            return Some(prefix);
        }
        let (ExprKind::Name(_, Var::Local(slot)), Some(function)) = (&expr.kind, frame.function())
        else {
            return None;
        };
        let mut assigned = None;
        visit::statements(&function.body, &mut |stmt| {
            if let StmtKind::Assign { targets, value } = &stmt.kind
                && targets.iter().any(|target| matches!(target.kind, ExprKind::Name(_, Var::Local(target)) if target == *slot))
            {
                assigned = Some(value);
            }
        });
        self.known_prefix(frame, assigned?)
    }
}

/// The one call that a function assigns to a variable; none if it assigns something else as well.
fn assigned_call(function: &Function, slot: Slot) -> Option<&Call> {
    let variable = function.scope.slots.get(slot.0 as usize)?;
    if variable.bindings != 1 {
        return None;
    }
    let mut found = None;
    visit::statements(&function.body, &mut |stmt| {
        if let StmtKind::Assign { targets, value } = &stmt.kind
            && let [target] = targets.as_slice()
            && matches!(target.kind, ExprKind::Name(_, Var::Local(own)) if own == slot)
            && let ExprKind::Call(call) = &value.kind
        {
            found = Some(&**call);
        }
    });
    found
}

/// The object and the name in `getattr(object, name)`.
fn picked_from(call: &Call) -> Option<(&Expr, &Expr)> {
    let is_getattr = matches!(call.function.kind, ExprKind::Name(name, Var::Global(_)) if name.as_str() == "getattr");
    match call.arguments.as_slice() {
        [object, name, ..] if is_getattr => Some((&object.value, &name.value)),
        _ => None,
    }
}
