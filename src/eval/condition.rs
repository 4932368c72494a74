//! Conditions: whether they hold, and what is known once they do.

use std::rc::Rc;
use std::sync::LazyLock;

use crate::name::Name;
use crate::syntax::ir::{Comparison, Constant, Expr, ExprKind, Slot, Var};

use super::Evaluator;
use super::frame::Frame;
use super::state::{Object, State, mentions_local};
use super::statement::join_into;
use super::value::{Data, Kind, Value};

/// What a condition is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Truth {
    /// It holds.
    True,
    /// It does not.
    False,
    /// It may or may not.
    Unknown,
}

impl Truth {
    /// The truth of a known answer.
    #[must_use]
    pub const fn of(answer: bool) -> Self {
        if answer { Self::True } else { Self::False }
    }

    /// Whether both hold.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::False, _) | (_, Self::False) => Self::False,
            (Self::True, Self::True) => Self::True,
            _ => Self::Unknown,
        }
    }

    /// The opposite.
    #[must_use]
    pub const fn not(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            Self::Unknown => Self::Unknown,
        }
    }

    /// What both agree on.
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        if self == other { self } else { Self::Unknown }
    }
}

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

    /// Whether two equal values of this kind are always the same one, so that comparing decides.
    pub fn is_singular(&self, value: Value) -> bool {
        is_singular_data(self.data(value))
    }

    /// `left op right` on values.
    pub fn compare(
        &mut self,
        frame: &mut Frame<'p>,
        left: Value,
        op: Comparison,
        right: Value,
    ) -> Truth {
        match op {
            Comparison::Eq | Comparison::Is => {
                let result = self.equal(left, right, op == Comparison::Is);
                if result == Truth::True {
                    // A rung of a ladder is a look-up, too.
                    self.note_lookup(frame, left, true);
                }
                result
            }
            Comparison::NotEq | Comparison::IsNot => {
                self.equal(left, right, op == Comparison::IsNot).not()
            }
            Comparison::In => self.contains(frame, right, left),
            Comparison::NotIn => self.contains(frame, right, left).not(),
            _ => match (self.data(left), self.data(right)) {
                (Data::Int(left), Data::Int(right)) => Truth::of(match op {
                    Comparison::Lt => left < right,
                    Comparison::LtE => left <= right,
                    Comparison::Gt => left > right,
                    _ => left >= right,
                }),
                (Data::Tuple(left), Data::Tuple(right)) => {
                    self.compare_tuples(&left.clone(), op, &right.clone())
                }
                (Data::External(name), Data::Tuple(right))
                    if self.is_graph() && name.as_str() == "sys.version_info" =>
                {
                    self.compare_version(op, &right.clone())
                }
                _ => Truth::Unknown,
            },
        }
    }

    /// `sys.version_info >= (3,)`, where every Python that is still in use answers alike.
    fn compare_version(&mut self, op: Comparison, version: &[Value]) -> Truth {
        let [oldest, newest] = [[3, 9], [3, 99]].map(|version| version.map(Data::Int));
        let [oldest, newest] =
            [oldest, newest].map(|version| version.map(|n| self.values.intern(n)));
        let oldest = self.compare_tuples(&oldest, op, version);
        oldest.merge(self.compare_tuples(&newest, op, version))
    }

    /// `sys.version_info >= (3, 8)` on known numbers.
    fn compare_tuples(&self, left: &[Value], op: Comparison, right: &[Value]) -> Truth {
        let number = |value: &Value| match self.data(*value) {
            Data::Int(number) => Some(*number),
            _ => None,
        };
        let left: Option<Vec<i64>> = left.iter().map(number).collect();
        let right: Option<Vec<i64>> = right.iter().map(number).collect();
        match (left, right) {
            (Some(left), Some(right)) => Truth::of(match op {
                Comparison::Lt => left < right,
                Comparison::LtE => left <= right,
                Comparison::Gt => left > right,
                _ => left >= right,
            }),
            _ => Truth::Unknown,
        }
    }

    /// Whether two values are equal (or identical).
    pub fn equal(&mut self, left: Value, right: Value, identical: bool) -> Truth {
        if matches!(self.data(left), Data::Symbol { .. }) {
            self.note_split(left, right);
        } else if matches!(self.data(right), Data::Symbol { .. }) {
            self.note_split(right, left);
        }
        if let Some(members) = self.values.union_of(left) {
            return self.merge_all(&members, |evaluator, member| {
                evaluator.equal(member, right, identical)
            });
        }
        if let Some(members) = self.values.union_of(right) {
            return self.merge_all(&members, |evaluator, member| {
                evaluator.equal(left, member, identical)
            });
        }
        let (a, b) = (self.data(left), self.data(right));
        if matches!(a, Data::Unknown | Data::Symbol { .. })
            || matches!(b, Data::Unknown | Data::Symbol { .. })
        {
            return Truth::Unknown;
        }
        if left == right {
            return if is_singular_data(a) {
                Truth::True
            } else {
                Truth::Unknown
            };
        }
        match (a, b) {
            (Data::Str(_), Data::Str(_)) => Truth::False,
            // Only a class that defines `__eq__` could equal `None`, and nothing else is identical with it.
            (Data::None, _) | (_, Data::None) => {
                if identical || !self.may_define_equality(left, right) {
                    Truth::False
                } else {
                    Truth::Unknown
                }
            }
            (Data::Bool(a), Data::Int(b)) | (Data::Int(b), Data::Bool(a)) => {
                Truth::of(!identical && i64::from(*a) == *b)
            }
            (Data::Tuple(a), Data::Tuple(b)) if !identical => {
                if a.len() != b.len() {
                    return Truth::False;
                }
                let pairs: Vec<(Value, Value)> = a.iter().copied().zip(b.iter().copied()).collect();
                let mut result = Truth::True;
                for (a, b) in pairs {
                    result = result.and(self.equal(a, b, false));
                    if result == Truth::False {
                        break;
                    }
                }
                result
            }
            (a, b) if is_singular_data(a) && is_singular_data(b) => {
                // An enum member equals a string if its class derives from `str` as well.
                if self.may_define_equality(left, right) {
                    Truth::Unknown
                } else {
                    Truth::False
                }
            }
            (Data::Of(kind), other) | (other, Data::Of(kind)) => {
                if never_equal(*kind, other) {
                    Truth::False
                } else {
                    Truth::Unknown
                }
            }
            _ => Truth::Unknown,
        }
    }

    fn merge_all(
        &mut self,
        members: &[Value],
        mut ask: impl FnMut(&mut Self, Value) -> Truth,
    ) -> Truth {
        let mut result: Option<Truth> = None;
        for &member in members {
            let truth = ask(self, member);
            result = Some(result.map_or(truth, |known| known.merge(truth)));
        }
        result.unwrap_or(Truth::Unknown)
    }

    fn may_define_equality(&self, left: Value, right: Value) -> bool {
        let of_class = |class| self.class_may_define(class, &[*EQ]);
        let may_define = |value: Value| match *self.data(value) {
            Data::Instance { class, .. } => of_class(class),
            Data::Member { class, .. } => self.class(class).has_data_base || of_class(class),
            Data::External(_) => true,
            _ => false,
        };
        let are_of_one_class = match (self.data(left), self.data(right)) {
            (Data::Member { class, .. }, Data::Member { class: other, .. }) => class == other,
            _ => false,
        };
        may_define(left) || (!are_of_one_class && may_define(right))
    }

    /// Whether `container` holds `item`.
    pub fn contains(&mut self, frame: &mut Frame<'p>, container: Value, item: Value) -> Truth {
        if let Some(members) = self.values.union_of(item) {
            return self.merge_all(&members, |evaluator, member| {
                evaluator.contains(frame, container, member)
            });
        }
        if let (Data::Str(text), Data::Str(part)) = (self.data(container), self.data(item)) {
            return Truth::of(text.contains(part.as_str()));
        }
        let symbolic = matches!(self.data(item), Data::Symbol { .. });
        let Some((keys, complete)) = self.known_keys(frame, container, Some(item)) else {
            return Truth::Unknown;
        };
        if symbolic || matches!(self.data(item), Data::Tuple(_)) {
            for &(key, _) in &keys {
                self.note_split(item, key);
            }
        }
        let mut result = if complete {
            Truth::False
        } else {
            Truth::Unknown
        };
        for (key, certain) in keys {
            match self.equal(key, item, false) {
                Truth::True if certain => {
                    self.note_lookup(frame, item, true);
                    return Truth::True;
                }
                Truth::False => {}
                _ => result = Truth::Unknown,
            }
        }
        self.note_lookup(frame, item, result != Truth::False);
        result
    }

    /// A parameter that stands for all values met a known one: the function is evaluated for that one as well.
    pub fn note_split(&mut self, symbol: Value, key: Value) {
        match (self.data(symbol).clone(), self.data(key).clone()) {
            (Data::Symbol { run, parameter }, Data::Str(_) | Data::Member { .. }) => {
                let known = self.splits.entry((run, parameter)).or_default();
                if !known.contains(&key) {
                    known.push(key);
                }
            }
            (Data::Tuple(symbols), Data::Tuple(keys)) if symbols.len() == keys.len() => {
                for (&symbol, &key) in symbols.iter().zip(keys.iter()) {
                    match (self.data(symbol), self.data(key)) {
                        (Data::Symbol { .. }, _) => self.note_split(symbol, key),
                        // The first component chooses which of the second are possible.
                        _ if symbol != key => return,
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }

    /// Whether a value is an instance of a class (or of one of a tuple of classes).
    pub fn is_instance(&mut self, value: Value, class: Value) -> Truth {
        if let Data::Tuple(classes) | Data::Union(classes) = self.data(class).clone() {
            let mut result = Truth::False;
            for &class in classes.iter() {
                match self.is_instance(value, class) {
                    Truth::True => return Truth::True,
                    Truth::Unknown => result = Truth::Unknown,
                    Truth::False => {}
                }
            }
            return result;
        }
        match (self.data(value).clone(), self.data(class).clone()) {
            (_, Data::External(name))
                if matches!(
                    name.as_str(),
                    "collections.abc.Callable" | "typing.Callable"
                ) =>
            {
                self.is_callable(value)
            }
            (
                Data::Instance {
                    class: found,
                    exact,
                },
                Data::Class { class: wanted, .. },
            ) => self.instance_of_class(found, exact, wanted),
            // A class made in the ordinary way is an instance of `type`, and of no class of the tree.
            (
                Data::Class {
                    class: found,
                    exact: true,
                },
                Data::Class { .. },
            ) if self.is_purely_of_tree(found) => Truth::False,
            (Data::Member { class: found, .. }, Data::Class { class: wanted, .. }) => {
                self.instance_of_class(found, true, wanted)
            }
            (
                Data::Instance {
                    class: found,
                    exact: true,
                },
                Data::External(name),
            ) if self.is_purely_of_tree(found) && name.starts_with("builtins.") => {
                // Others may be abstract classes, which ask what their instances can do.
                Truth::of(name.as_str() == "builtins.object")
            }
            (data, Data::External(name)) => {
                let own = match data {
                    Data::None => "NoneType",
                    Data::Bool(_) | Data::Of(Kind::Bool) => "bool",
                    Data::Int(_) | Data::Of(Kind::Int) => "int",
                    Data::Str(_) | Data::Of(Kind::Str) => "str",
                    Data::Of(Kind::Float) => "float",
                    Data::Of(Kind::Bytes) => "bytes",
                    Data::Tuple(_) => "tuple",
                    Data::Function(_) => "function",
                    _ => return Truth::Unknown,
                };
                match name.as_str().strip_prefix("builtins.") {
                    Some("object") => Truth::True,
                    Some("int") if own == "bool" => Truth::True,
                    Some(wanted) if wanted == own => Truth::True,
                    Some(
                        "str" | "int" | "float" | "bytes" | "bool" | "dict" | "list" | "set"
                        | "tuple" | "bytearray" | "type",
                    ) => Truth::False,
                    _ => Truth::Unknown,
                }
            }
            (
                Data::None | Data::Str(_) | Data::Int(_) | Data::Bool(_),
                Data::Class { class, .. },
            ) => {
                if self.class(class).has_metaclass {
                    Truth::Unknown
                } else {
                    Truth::False
                }
            }
            _ => Truth::Unknown,
        }
    }

    /// Whether a value can be called.
    pub fn is_callable(&mut self, value: Value) -> Truth {
        match *self.data(value) {
            Data::None
            | Data::Bool(_)
            | Data::Int(_)
            | Data::Str(_)
            | Data::Tuple(_)
            | Data::Module(_)
            | Data::Namespace(_) => Truth::False,
            Data::Of(_) | Data::Local(_) | Data::Shared(_) => Truth::False,
            Data::Function(_)
            | Data::Wrapped(_)
            | Data::Class { .. }
            | Data::Bound { .. }
            | Data::Partial(_)
            | Data::Method { .. } => Truth::True,
            Data::Instance { class, .. } => {
                if self.class_may_define(class, &[Name::new("__call__")]) {
                    Truth::Unknown
                } else {
                    Truth::False
                }
            }
            _ => Truth::Unknown,
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
        let mut found = false;
        crate::syntax::visit::expressions(test, &mut |expr| {
            let name = match &expr.kind {
                ExprKind::Name(name, _) => Some(*name),
                ExprKind::Attribute { attribute, .. } => Some(*attribute),
                _ => None,
            };
            found |= name.is_some_and(speaks_of_version);
        });
        self.version_tests.insert(test, found);
        found
    }
}

/// `__eq__`, which every comparison asks for.
static EQ: LazyLock<Name> = LazyLock::new(|| Name::new("__eq__"));

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

fn speaks_of_version(name: Name) -> bool {
    let text = name.as_str();
    let lower = text.to_ascii_lowercase();
    lower.contains("version")
        || lower.contains("signature")
        || matches!(
            text,
            "getfullargspec"
                | "getargspec"
                | "co_varnames"
                | "__code__"
                | "co_argcount"
                | "PY2"
                | "PY3"
                | "platform"
        )
}

/// Whether a value of this kind equals only itself.
#[must_use]
pub fn is_singular_data(data: &Data) -> bool {
    matches!(
        data,
        Data::None
            | Data::Bool(_)
            | Data::Int(_)
            | Data::Str(_)
            | Data::Member { .. }
            | Data::Function(_)
            | Data::Class { exact: true, .. }
            | Data::Module(_)
    )
}

fn never_equal(kind: Kind, other: &Data) -> bool {
    match kind {
        Kind::Str => matches!(
            other,
            Data::None | Data::Int(_) | Data::Bool(_) | Data::Function(_) | Data::Tuple(_)
        ),
        Kind::Int | Kind::Float | Kind::Bool => matches!(
            other,
            Data::None | Data::Str(_) | Data::Function(_) | Data::Tuple(_)
        ),
        Kind::Bytes => matches!(
            other,
            Data::None | Data::Str(_) | Data::Int(_) | Data::Bool(_)
        ),
        Kind::List | Kind::Dict | Kind::Set | Kind::Tuple => {
            matches!(
                other,
                Data::None | Data::Str(_) | Data::Int(_) | Data::Bool(_) | Data::Member { .. }
            )
        }
        _ => matches!(other, Data::None),
    }
}

/// Keys are compared by value, so a key must not be an object of a function body.
#[must_use]
pub fn is_key(values: &super::value::Values, value: Value) -> bool {
    match values.get(value) {
        Data::Tuple(items) => {
            items.iter().all(|&item| is_key(values, item)) && !mentions_local(values, value)
        }
        data => is_singular_data(data),
    }
}
