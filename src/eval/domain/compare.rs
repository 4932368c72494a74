//! Comparisons of values: equal, in, an instance of, callable.

use std::sync::LazyLock;

use crate::name::Name;
use crate::syntax::ir::Comparison;

use crate::eval::Evaluator;
use crate::eval::domain::state::mentions_local;
use crate::eval::domain::truth::Truth;
use crate::eval::domain::value::{Data, Kind, Value};
use crate::eval::interpreter::frame::Frame;

/// `__eq__`, which every comparison asks for.
static EQ: LazyLock<Name> = LazyLock::new(|| Name::new("__eq__"));

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
pub fn is_key(values: &crate::eval::domain::value::Values, value: Value) -> bool {
    match values.get(value) {
        Data::Tuple(items) => {
            items.iter().all(|&item| is_key(values, item)) && !mentions_local(values, value)
        }
        data => is_singular_data(data),
    }
}

impl<'p> Evaluator<'p> {
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

    /// Whether a comparison gives `True` or `False`, whatever it gives: methods such as `__eq__` and `__lt__` may give anything (the data
    /// model, "Basic customization").
    pub fn gives_bool(&self, left: Value, op: Comparison, right: Value) -> bool {
        match op {
            Comparison::Is | Comparison::IsNot | Comparison::In | Comparison::NotIn => true,
            Comparison::Eq | Comparison::NotEq => {
                self.compares_plainly(left, true) && self.compares_plainly(right, true)
            }
            // Lists and tuples hand on what the comparison of two items gives.
            _ => self.compares_plainly(left, false) && self.compares_plainly(right, false),
        }
    }

    fn compares_plainly(&self, value: Value, containers: bool) -> bool {
        match self.data(value) {
            Data::None
            | Data::Bool(_)
            | Data::Int(_)
            | Data::Str(_)
            | Data::Function(_)
            | Data::Module(_) => true,
            Data::Of(Kind::List | Kind::Tuple)
            | Data::Tuple(_)
            | Data::Local(_)
            | Data::Shared(_) => containers,
            Data::Of(kind) => !matches!(kind, Kind::Iterator),
            Data::Class { class, .. } => !self.class(*class).has_metaclass,
            Data::Union(members) => members
                .iter()
                .all(|&member| self.compares_plainly(member, containers)),
            _ => false,
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
}
