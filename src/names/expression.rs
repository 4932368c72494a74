//! Expressions, in the order in which they are evaluated.

use super::flow::{Flow, State};
use crate::syntax::ir::{
    Comprehension, ComprehensionKind, Constant, Expr, ExprKind, FunctionId, JoinedPart,
};
use crate::syntax::visit;

impl<'m> Flow<'m> {
    /// An expression whose value is computed.
    pub(super) fn expression(&mut self, expr: &'m Expr) {
        match &expr.kind {
            ExprKind::Name(_, var) => self.read(*var, expr.range),
            ExprKind::Lambda(function) => self.defaults(*function),
            ExprKind::Comprehension(comprehension) => self.comprehension(comprehension),
            ExprKind::Bool { .. } => {
                let otherwise = self.condition(expr);
                self.state.join(&otherwise);
            }
            ExprKind::Compare { left, rest } => {
                self.expression(left);
                let mut rest = rest.iter().map(|(_, right)| right);
                if let Some(right) = rest.next() {
                    self.expression(right);
                }
                let mut early = self.nowhere();
                for right in rest {
                    early.join(&self.state);
                    self.expression(right);
                }
                self.state.join(&early);
            }
            ExprKind::If { test, body, orelse } => {
                let otherwise = self.condition(test);
                self.aside(|flow| flow.expression(body));
                let after = std::mem::replace(&mut self.state, otherwise);
                self.aside(|flow| flow.expression(orelse));
                self.state.join(&after);
            }
            ExprKind::Joined(parts) => {
                for part in parts {
                    if let JoinedPart::Value { value, .. } = part {
                        self.expression(value);
                    }
                }
            }
            ExprKind::Walrus { var, value } => {
                self.expression(value);
                self.bind(*var);
                self.may_raise();
            }
            _ => visit::children(expr, &mut |child| self.expression(child)),
        }
    }

    /// A test: this is then the state in which it came out true, and the one in which it came out false is returned.
    pub(super) fn condition(&mut self, test: &'m Expr) -> State {
        match &test.kind {
            ExprKind::Not(inner) => {
                let otherwise = self.condition(inner);
                std::mem::replace(&mut self.state, otherwise)
            }
            ExprKind::Bool { is_and, values } => {
                // Of `and` the states in which a part came out false, of `or` those in which it came out true.
                let mut decided = self.nowhere();
                let before = self.parted.clone();
                for value in values {
                    let mut other = self.condition(value);
                    // The rest is evaluated for some answers only.
                    self.parted.clear();
                    if !is_and {
                        std::mem::swap(&mut other, &mut self.state);
                    }
                    decided.join(&other);
                }
                self.parted = before;
                if *is_and {
                    decided
                } else {
                    std::mem::replace(&mut self.state, decided)
                }
            }
            _ => {
                self.expression(test);
                match truth(test) {
                    Some(true) => self.nowhere(),
                    Some(false) => {
                        let nowhere = self.nowhere();
                        std::mem::replace(&mut self.state, nowhere)
                    }
                    None => self.state.clone(),
                }
            }
        }
    }

    /// What a definition evaluates of a function: its parameters' defaults.
    pub(super) fn defaults(&mut self, function: FunctionId) {
        let ir = self.ir;
        for parameter in &ir[function].params {
            if let Some(default) = &parameter.default {
                self.expression(default);
            }
        }
    }

    /// The first iterable is evaluated, the rest perhaps; what a generator expression does, it does when it is asked.
    fn comprehension(&mut self, comprehension: &'m Comprehension) {
        let Some((first, others)) = comprehension.clauses.split_first() else {
            return;
        };
        self.expression(&first.iter);
        let parted = std::mem::take(&mut self.parted);
        let before = self.state.clone();
        let later = u32::from(comprehension.kind == ComprehensionKind::Generator);
        self.later += later;
        self.comprehensions += 1;
        for condition in &first.conditions {
            self.condition(condition);
        }
        for clause in others {
            self.expression(&clause.iter);
            for condition in &clause.conditions {
                self.condition(condition);
            }
        }
        self.expression(&comprehension.element);
        if let Some(value) = &comprehension.value {
            self.expression(value);
        }
        self.later -= later;
        self.comprehensions -= 1;
        self.state.join(&before);
        self.parted = parted;
    }

    /// What is assigned to: names are bound, and of the rest what stands before the dot or bracket is evaluated.
    pub(super) fn assign(&mut self, target: &'m Expr) {
        match &target.kind {
            ExprKind::Name(_, var) => self.bind(*var),
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                for item in items {
                    self.assign(item);
                    self.may_raise();
                }
            }
            ExprKind::Starred(inner) => self.assign(inner),
            _ => visit::children(target, &mut |child| self.expression(child)),
        }
    }

    /// What is deleted.
    pub(super) fn delete(&mut self, target: &'m Expr) {
        match &target.kind {
            ExprKind::Name(_, var) => {
                self.read(*var, target.range);
                self.unbind(*var);
            }
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                for item in items {
                    self.delete(item);
                    self.may_raise();
                }
            }
            _ => visit::children(target, &mut |child| self.expression(child)),
        }
    }
}

/// What a test comes out as by itself: literals, `__debug__`, and `TYPE_CHECKING`, which is false wherever code runs.
pub(super) fn truth(test: &Expr) -> Option<bool> {
    match &test.kind {
        ExprKind::Constant(constant) => match constant {
            Constant::None => Some(false),
            Constant::Bool(value) => Some(*value),
            Constant::Int(value) => Some(*value != 0),
            Constant::Str(text) => Some(!text.is_empty()),
            _ => None,
        },
        ExprKind::Name(name, _) if name.as_str() == "TYPE_CHECKING" => Some(false),
        ExprKind::Name(name, _) if name.as_str() == "__debug__" => Some(true),
        ExprKind::Attribute { attribute, .. } if attribute.as_str() == "TYPE_CHECKING" => {
            Some(false)
        }
        _ => None,
    }
}
