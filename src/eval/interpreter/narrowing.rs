//! Conditions: whether they hold, and what is known once they do.

use std::rc::Rc;

use crate::name::Name;
use crate::syntax::ir::{Comparison, Constant, Expr, ExprKind, Slot, Var};

use crate::eval::Evaluator;
use crate::eval::domain::compare::is_singular_data;
use crate::eval::domain::state::{Object, State};
use crate::eval::domain::truth::Truth;
use crate::eval::domain::value::{Data, Kind, Value};
use crate::eval::interpreter::frame::Frame;
use crate::eval::interpreter::statement::join_into;

impl<'p> Evaluator<'p> {
    /// Evaluates a condition.
    pub fn test(&mut self, frame: &mut Frame<'p>, test: &'p Expr) -> Truth {
        match &test.kind {
            ExprKind::Not(inner) => self.test(frame, inner).not(),
            ExprKind::Bool { is_and, values } => self.test_all(frame, values, *is_and),
            _ => {
                let value = self.expression(frame, test);
                self.asked_for_truth(frame, value);
                self.truth(frame, value)
            }
        }
    }

    /// `a and b and c` (or `or`), each part evaluated under what the ones before it say.
    ///
    /// Afterwards the state is the one of any part that may have decided: what the parts did stays, what they say is
    /// undone, since whoever asked narrows by the whole condition.
    fn test_all(&mut self, frame: &mut Frame<'p>, values: &'p [Expr], is_and: bool) -> Truth {
        let mut decided: Option<State> = None;
        let mut result = Truth::of(is_and);
        let stop = Truth::of(!is_and);
        let guards = frame.guards.len();
        for (index, value) in values.iter().enumerate() {
            let truth = self.test(frame, value);
            if truth == stop {
                result = stop;
                break;
            }
            if truth == Truth::Unknown {
                result = Truth::Unknown;
                join_into(&mut decided, &frame.state, &mut self.values);
                frame.guards.push(value);
            }
            if index + 1 < values.len() {
                self.assume(frame, value, is_and);
            }
            if !frame.state.live {
                break;
            }
        }
        frame.guards.truncate(guards);
        if let Some(decided) = decided {
            frame.state.join(&decided, &mut self.values);
        }
        result
    }

    /// Whether a value counts as true.
    pub fn truth(&mut self, frame: &Frame<'p>, value: Value) -> Truth {
        match self.data(value) {
            Data::None => Truth::False,
            Data::Bool(value) => Truth::of(*value),
            Data::Int(value) => Truth::of(*value != 0),
            Data::Str(text) => Truth::of(!text.is_empty()),
            Data::Tuple(items) => Truth::of(!items.is_empty()),
            Data::Function(_)
            | Data::Module(_)
            | Data::Namespace(_)
            | Data::Bound { .. }
            | Data::Method { .. } => Truth::True,
            Data::Coroutine { .. } | Data::Generator(_) | Data::Partial(_) => Truth::True,
            Data::Class { class, .. } => {
                if self.class(*class).has_metaclass {
                    Truth::Unknown
                } else {
                    Truth::True
                }
            }
            Data::Member { class, .. } | Data::Instance { class, .. } => {
                let class = *class;
                if self.class_may_define(class, &[Name::new("__bool__"), Name::new("__len__")]) {
                    Truth::Unknown
                } else {
                    Truth::True
                }
            }
            Data::Local(_) | Data::Shared(_) => match self.object_size(frame, value) {
                Some((least, _)) if least > 0 => Truth::True,
                Some((_, Some(0))) => Truth::False,
                _ => Truth::Unknown,
            },
            Data::Of(Kind::Iterator | Kind::Coroutine | Kind::Ellipsis) => Truth::True,
            // A module.
            Data::External(name) if self.is_graph() && !name.contains('.') => Truth::True,
            // What stands under it is for type checkers, and never runs.
            Data::External(name) if is_for_checkers(*name) => Truth::False,
            Data::Union(members) => {
                let members = members.clone();
                let mut result: Option<Truth> = None;
                for &member in members.iter() {
                    let truth = self.truth(frame, member);
                    result = Some(result.map_or(truth, |known| known.merge(truth)));
                }
                result.unwrap_or(Truth::Unknown)
            }
            _ => Truth::Unknown,
        }
    }

    /// Narrows what is known to the case that `test` came out as `outcome`.
    pub fn assume(&mut self, frame: &mut Frame<'p>, test: &'p Expr, outcome: bool) {
        match &test.kind {
            ExprKind::Not(inner) => self.assume(frame, inner, !outcome),
            ExprKind::Bool { is_and, values } if *is_and == outcome => {
                for value in values {
                    self.assume(frame, value, outcome);
                }
            }
            ExprKind::Name(_, var) => self.narrow_truth(frame, *var, outcome),
            ExprKind::Walrus { var, .. } => self.narrow_truth(frame, *var, outcome),
            ExprKind::Compare { left, rest } => {
                if let [(op, right)] = rest.as_slice() {
                    self.assume_comparison(frame, left, *op, right, outcome);
                }
            }
            ExprKind::Call(call) => {
                if let ExprKind::Name(name, _) = &call.function.kind
                    && let [first, ..] = call.arguments.as_slice()
                {
                    match name.as_str() {
                        "callable" | "isinstance" | "issubclass" => {
                            let class = call.arguments.get(1).map(|argument| &argument.value);
                            self.narrow_type(frame, &first.value, class, outcome);
                        }
                        "hasattr" => self.forget(frame, &first.value),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }

    fn narrow_truth(&mut self, frame: &mut Frame<'p>, var: Var, outcome: bool) {
        let Var::Local(slot) = var else { return };
        if is_assigned_inside(frame, slot) {
            return;
        }
        let value = frame.state.slots[slot.0 as usize];
        let members = self.values.alternatives(value);
        if members.len() < 2 {
            return;
        }
        let mut kept = Vec::new();
        for member in members {
            if self.truth(frame, member) != Truth::of(!outcome) {
                kept.push(member);
            }
        }
        if kept.is_empty() {
            frame.state.live = false;
        } else {
            frame.state.slots[slot.0 as usize] = self.values.union(kept);
        }
    }

    fn assume_comparison(
        &mut self,
        frame: &mut Frame<'p>,
        left: &'p Expr,
        op: Comparison,
        right: &'p Expr,
        outcome: bool,
    ) {
        match op {
            Comparison::Is | Comparison::IsNot | Comparison::Eq | Comparison::NotEq => {
                let same = matches!(op, Comparison::Is | Comparison::Eq) == outcome;
                let left = match &left.kind {
                    ExprKind::Walrus {
                        var: Var::Local(slot),
                        ..
                    }
                    | ExprKind::Name(_, Var::Local(slot)) => *slot,
                    _ => return,
                };
                let known = match &right.kind {
                    ExprKind::Constant(constant) => self.values.constant(*constant),
                    _ => self.peek(frame, right),
                };
                let value = frame.state.slots[left.0 as usize];
                if !self.is_singular(known) || is_assigned_inside(frame, left) {
                    return;
                }
                let narrowed = if same {
                    self.values.filter(value, |values, member| {
                        member == known || !is_singular_data(values.get(member))
                    })
                } else {
                    self.values.filter(value, |_, member| member != known)
                };
                match narrowed {
                    Some(narrowed) if same && self.values.is_open(narrowed) => {
                        frame.state.slots[left.0 as usize] = known;
                    }
                    Some(narrowed) => frame.state.slots[left.0 as usize] = narrowed,
                    None => frame.state.live = false,
                }
            }
            Comparison::In | Comparison::NotIn => {
                let present = (op == Comparison::In) == outcome;
                let ExprKind::Constant(Constant::Str(_)) = left.kind else {
                    return;
                };
                let key = match left.kind {
                    ExprKind::Constant(constant) => self.values.constant(constant),
                    _ => return,
                };
                let container = self.peek(frame, right);
                self.narrow_key(frame, container, key, present);
            }
            _ => {}
        }
    }

    /// `'key' in kwargs` held, or did not.
    fn narrow_key(&mut self, frame: &mut Frame<'p>, container: Value, key: Value, present: bool) {
        let Data::Local(id) = *self.data(container) else {
            return;
        };
        if let Object::Dict(dict) = frame.state.object_mut(id) {
            if present {
                match dict.entries.iter_mut().find(|entry| entry.key == key) {
                    Some(entry) => entry.certain = true,
                    None => {
                        if let Some(rest) = dict.other(key) {
                            dict.set(key, rest);
                        }
                    }
                }
            } else {
                dict.remove(key);
            }
        }
    }

    /// After `isinstance(x, ..)` or `callable(x)`: what cannot be one is left out; otherwise nothing is claimed.
    fn narrow_type(
        &mut self,
        frame: &mut Frame<'p>,
        subject: &'p Expr,
        class: Option<&'p Expr>,
        outcome: bool,
    ) {
        let ExprKind::Name(_, Var::Local(slot)) = subject.kind else {
            return;
        };
        if is_assigned_inside(frame, slot) {
            return;
        }
        let value = frame.state.slots[slot.0 as usize];
        let class = class.map(|class| self.peek(frame, class));
        let members = self.values.alternatives(value);
        if members.len() < 2 {
            return;
        }
        let mut kept = Vec::new();
        for member in members {
            let truth = match class {
                Some(class) => self.is_instance(member, class),
                None => self.is_callable(member),
            };
            if truth != Truth::of(!outcome) {
                kept.push(member);
            }
        }
        if kept.is_empty() {
            frame.state.live = false;
        } else {
            frame.state.slots[slot.0 as usize] = self.values.union(kept);
        }
    }

    /// After a test that says something about a value which this evaluation does not model.
    fn forget(&mut self, frame: &mut Frame<'p>, subject: &'p Expr) {
        if let ExprKind::Name(_, Var::Local(slot)) = subject.kind {
            let value = frame.state.slots[slot.0 as usize];
            if matches!(self.data(value), Data::Instance { exact: false, .. }) {
                frame.state.slots[slot.0 as usize] = self.values.join(value, Value::UNKNOWN);
            }
        }
    }

    /// What an expression that only reads names and attributes is, without evaluating calls.
    pub fn peek(&mut self, frame: &mut Frame<'p>, expr: &'p Expr) -> Value {
        match &expr.kind {
            ExprKind::Constant(constant) => self.values.constant(*constant),
            ExprKind::Name(name, var) => self.read(frame, *name, *var),
            ExprKind::Attribute {
                value, attribute, ..
            } => {
                let base = self.peek(frame, value);
                self.get_attribute(frame, base, *attribute).value()
            }
            ExprKind::Tuple(items) => {
                let items: Rc<[Value]> = items.iter().map(|item| self.peek(frame, item)).collect();
                self.values.intern(Data::Tuple(items))
            }
            _ => Value::UNKNOWN,
        }
    }

    /// Whether a test asks for a version or a signature: what it guards was written for another case than this one.
    pub fn asks_for_version(&mut self, test: &'p Expr) -> bool {
        if let Some(&known) = self.version_tests.get(&(&raw const *test)) {
            return known;
        }
        let found = self.survey.asks_for_version(test);
        self.version_tests.insert(test, found);
        found
    }
}

/// Whether a function inside assigns a variable: what a test says of it goes beyond what this code assigned.
fn is_assigned_inside(frame: &Frame<'_>, slot: Slot) -> bool {
    frame.scope.slots[slot.0 as usize].assigned_inside
}

/// `TYPE_CHECKING`, which is false when code runs.
fn is_for_checkers(name: Name) -> bool {
    matches!(
        name.as_str(),
        "typing.TYPE_CHECKING" | "typing_extensions.TYPE_CHECKING"
    )
}
