//! Comparisons of values: equal, identical, less, in (the language reference, "Value comparisons").

use std::rc::Rc;

use std::cmp::Ordering;
use std::sync::LazyLock;

use crate::name::Name;
use crate::syntax::ir::Comparison;

use crate::eval::Evaluator;
use crate::eval::domain::kind::{self, Kind};
use crate::eval::domain::number::Number;
use crate::eval::domain::state::{Dict, Form, Object, Sequence, mentions_local};
use crate::eval::domain::truth::Truth;
use crate::eval::domain::types::{is_class_name, range_length};
use crate::eval::domain::value::{ClassRef, Data, Value, Values};
use crate::eval::heap::container::{has_key, keys_of};
use crate::eval::interpreter::frame::Frame;
use crate::eval::objects::class::Generated;
use crate::eval::objects::mro::{Ancestor, InMro};

/// `__eq__`, which every comparison asks for.
static EQ: LazyLock<Name> = LazyLock::new(|| Name::new("__eq__"));

/// How deep containers in containers are compared: what they share may be met exponentially often.
const DEPTH: u32 = 8;

/// Whether a value of this kind equals only itself, and what is equal to it is this very value in all that matters.
#[must_use]
pub fn is_singular_data(data: &Data) -> bool {
    match data {
        Data::None
        | Data::Bool(_)
        | Data::Int(_)
        | Data::BigInt(_)
        | Data::Str(_)
        | Data::Bytes(_)
        | Data::Range { .. }
        | Data::Member { .. }
        | Data::Function(_)
        | Data::Sentinel { .. }
        | Data::Class { exact: true, .. }
        | Data::Module(_) => true,
        // 1.0 equals 1, and NaN not even itself.
        Data::Float(bits) => f64::from_bits(*bits).fract() != 0.0,
        Data::Of(kind) => matches!(kind, Kind::Ellipsis | Kind::NotImplemented),
        _ => false,
    }
}

/// Keys are compared by value, so a key must not be an object of a function body.
#[must_use]
pub fn is_key(values: &Values, value: Value) -> bool {
    match values.get(value) {
        Data::Tuple(items) => {
            items.iter().all(|&item| is_key(values, item)) && !mentions_local(values, value)
        }
        Data::External(name) => is_class_name(name),
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
                let result = self.equal(frame, left, right, op == Comparison::Is);
                if result == Truth::True {
                    // A rung of a ladder is a look-up, too.
                    self.note_lookup(frame, left, true);
                }
                result
            }
            Comparison::NotEq | Comparison::IsNot => self
                .equal(frame, left, right, op == Comparison::IsNot)
                .not(),
            Comparison::In => self.contains(frame, right, left),
            Comparison::NotIn => self.contains(frame, right, left).not(),
            Comparison::Lt | Comparison::LtE | Comparison::Gt | Comparison::GtE => {
                self.compare_order(frame, left, op, right)
            }
        }
    }

    fn compare_order(
        &mut self,
        frame: &Frame<'p>,
        left: Value,
        op: Comparison,
        right: Value,
    ) -> Truth {
        if let Some(members) = self.values.union_of(left) {
            return self.merge_all(&members, |evaluator, member| {
                evaluator.compare_order(frame, member, op, right)
            });
        }
        if let Some(members) = self.values.union_of(right) {
            return self.merge_all(&members, |evaluator, member| {
                evaluator.compare_order(frame, left, op, member)
            });
        }
        match (self.data(left), self.data(right)) {
            (Data::External(name), Data::Tuple(right)) if name.as_str() == "sys.version_info" => {
                let right = right.clone();
                return self.compare_version(frame, op, &right);
            }
            (Data::Tuple(left), Data::External(name)) if name.as_str() == "sys.version_info" => {
                let left = left.clone();
                let mirrored = match op {
                    Comparison::Lt => Comparison::Gt,
                    Comparison::LtE => Comparison::GtE,
                    Comparison::Gt => Comparison::Lt,
                    _ => Comparison::LtE,
                };
                return self.compare_version(frame, mirrored, &left);
            }
            _ => {}
        }
        match self.order(frame, left, right, DEPTH) {
            Some(order) => Truth::of(match op {
                Comparison::Lt => order == Some(Ordering::Less),
                Comparison::LtE => matches!(order, Some(Ordering::Less | Ordering::Equal)),
                Comparison::Gt => order == Some(Ordering::Greater),
                _ => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
            }),
            None => Truth::Unknown,
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
            Data::Tuple(_)
            | Data::Local(_)
            | Data::Shared(_)
            | Data::Of(Kind::List | Kind::Tuple)
            | Data::Truthy(Kind::List | Kind::Tuple) => containers,
            Data::Class { class, .. } => !self.class(*class).has_metaclass,
            Data::Union(members) => members
                .iter()
                .all(|&member| self.compares_plainly(member, containers)),
            _ => match self.values.plain_kind(value) {
                Some(kind) => !matches!(kind, Kind::Iterator),
                None => false,
            },
        }
    }

    /// `sys.version_info >= (3,)`, where every Python that is still in use answers alike.
    fn compare_version(&mut self, frame: &Frame<'p>, op: Comparison, version: &[Value]) -> Truth {
        let right = self.values.intern(Data::Tuple(version.into()));
        let [oldest, newest] = [[3, 9, 0], [3, 99, 0]].map(|version| {
            let parts = version.map(|part| self.values.intern(Data::Int(part)));
            self.values.intern(Data::Tuple(parts.as_slice().into()))
        });
        let oldest = self.compare_order(frame, oldest, op, right);
        oldest.merge(self.compare_order(frame, newest, op, right))
    }

    /// How two values are ordered: outer none if that is not known or raises, inner none if they are not ordered at all, as NaN.
    pub fn order(
        &mut self,
        frame: &Frame<'p>,
        left: Value,
        right: Value,
        depth: u32,
    ) -> Option<Option<Ordering>> {
        let [left, right] = [left, right].map(|side| self.plain_or_self(side));
        if let (Some(a), Some(b)) = (self.values.as_number(left), self.values.as_number(right)) {
            let is_complex = |number| matches!(number, Number::Complex(..));
            return (!is_complex(a) && !is_complex(b)).then(|| a.order(b));
        }
        match (self.data(left), self.data(right)) {
            (Data::Str(a), Data::Str(b)) | (Data::Bytes(a), Data::Bytes(b)) => {
                return Some(Some(a.as_str().cmp(b.as_str())));
            }
            (Data::Tuple(_), Data::Tuple(_)) => {}
            (Data::Local(_) | Data::Shared(_), Data::Local(_) | Data::Shared(_)) => {
                let is_list = |evaluator: &mut Self, value| {
                    evaluator
                        .kind_of(frame, value)
                        .is_some_and(|found| found.kind == Kind::List)
                };
                if !is_list(self, left) || !is_list(self, right) {
                    return None;
                }
            }
            _ => return None,
        }
        if depth == 0 {
            return None;
        }
        let (a, b) = (
            self.known_items(frame, left)?,
            self.known_items(frame, right)?,
        );
        for (&a, &b) in a.iter().zip(&b) {
            match self.equal_below(frame, a, b, depth - 1) {
                Truth::True => {}
                Truth::False => return self.order(frame, a, b, depth - 1),
                Truth::Unknown => return None,
            }
        }
        Some(Some(a.len().cmp(&b.len())))
    }

    /// Whether two values are equal (or identical).
    pub fn equal(
        &mut self,
        frame: &Frame<'p>,
        left: Value,
        right: Value,
        identical: bool,
    ) -> Truth {
        if matches!(self.data(left), Data::Symbol { .. }) {
            self.note_split(left, right);
        } else if matches!(self.data(right), Data::Symbol { .. }) {
            self.note_split(right, left);
        }
        if identical {
            self.identical(frame, left, right)
        } else if let (Data::External(name), Data::Str(text))
        | (Data::Str(text), Data::External(name)) = (self.data(left), self.data(right))
            && name.as_str() == "sys.platform"
        {
            false_if(is_of_other_implementation(text))
        } else {
            self.equal_below(frame, left, right, DEPTH)
        }
    }

    /// `left is right`.
    fn identical(&mut self, frame: &Frame<'p>, left: Value, right: Value) -> Truth {
        if let Some(members) = self.values.union_of(left) {
            return self.merge_all(&members, |evaluator, member| {
                evaluator.identical(frame, member, right)
            });
        }
        if let Some(members) = self.values.union_of(right) {
            return self.merge_all(&members, |evaluator, member| {
                evaluator.identical(frame, left, member)
            });
        }
        let (a, b) = (self.data(left).clone(), self.data(right).clone());
        if is_unknown(&a) || is_unknown(&b) {
            return Truth::Unknown;
        }
        if left == right {
            let is_one = match &a {
                Data::None
                | Data::Bool(_)
                | Data::Sentinel { .. }
                | Data::Member { .. }
                | Data::Module(_)
                | Data::Namespace(_)
                | Data::Local(_) => true,
                Data::Of(kind) => {
                    matches!(kind, Kind::Ellipsis | Kind::NotImplemented | Kind::NoneType)
                }
                Data::Int(number) => (-5..=256).contains(number),
                Data::Tuple(items) => items.is_empty(),
                // A function or class in a function is made anew each time.
                Data::Function(object) => object.closure.is_none(),
                Data::Class { class, exact } => *exact && self.class(*class).closure.is_none(),
                Data::External(_) => self.values.plain_kind(left).is_some(),
                // One that a function makes is made anew each time.
                Data::NamedTuple(named) => named.is_one,
                _ => false,
            };
            return if is_one { Truth::True } else { Truth::Unknown };
        }
        match (&a, &b) {
            (Data::Function(a), Data::Function(b)) => false_if(a.function != b.function),
            (
                Data::Class {
                    class: a,
                    exact: first,
                },
                Data::Class {
                    class: b,
                    exact: second,
                },
            ) => false_if(
                *first
                    && *second
                    && self.class(*a).definition.range != self.class(*b).definition.range,
            ),
            (
                Data::Instance {
                    class: a,
                    exact: first,
                    ..
                },
                Data::Instance {
                    class: b,
                    exact: second,
                    ..
                },
            ) => false_if(*first && *second && a != b),
            (
                Data::Member {
                    class: a,
                    name: first,
                },
                Data::Member {
                    class: b,
                    name: second,
                },
            ) => false_if(a != b || first != second),
            (Data::External(a), Data::External(b)) => {
                let (a, b) = (kind::canonical(a), kind::canonical(b));
                let is_class = |name| Kind::of_type(name).is_some() || kind::is_builtin_class(name);
                if a == b && is_class(a) {
                    return Truth::True;
                }
                let known = self.values.plain_kind(left).is_some()
                    && self.values.plain_kind(right).is_some();
                false_if(a != b && known)
            }
            (Data::NamedTuple(_), Data::NamedTuple(_) | Data::Class { .. })
            | (Data::Class { .. }, Data::NamedTuple(_)) => Truth::False,
            (Data::NamedTuple(_), Data::External(name))
            | (Data::External(name), Data::NamedTuple(_)) => false_if(is_class_name(name)),
            // `self` in a method of an enum is one of its members.
            (Data::Instance { class, .. }, Data::Member { class: of, .. })
            | (Data::Member { class: of, .. }, Data::Instance { class, .. })
                if self.may_have_member(*class, *of) =>
            {
                Truth::Unknown
            }
            // What is a member of an enum is told to be one.
            (Data::Made { .. } | Data::Instance { data: Some(_), .. }, Data::Member { .. })
            | (Data::Member { .. }, Data::Made { .. } | Data::Instance { data: Some(_), .. }) => {
                Truth::False
            }
            // A function of the tree is none of Python's own.
            (Data::External(name), Data::Function(_))
            | (Data::Function(_), Data::External(name)) => false_if(name.starts_with("builtins.")),
            // A class of the tree is none outside it.
            (Data::External(name), Data::Class { .. })
            | (Data::Class { .. }, Data::External(name)) => false_if(
                is_class_name(name)
                    || self.values.plain_kind(left).is_some()
                    || self.values.plain_kind(right).is_some(),
            ),
            _ => self.differ_in_type(frame, left, right),
        }
    }

    /// Whether an instance of one class may be a member of an enum: it is that enum, or one that the enum derives from.
    fn may_have_member(&self, class: ClassRef, of: ClassRef) -> bool {
        let mut mro = self.class(of).mro.iter();
        class == of
            || mro.any(|ancestor| matches!(ancestor, Ancestor::Tree(base) if *base == class))
    }

    /// Whether two different values, not both of the tree's own making, are certainly not the same object.
    fn differ_in_type(&mut self, frame: &Frame<'p>, left: Value, right: Value) -> Truth {
        let types = [left, right].map(|side| self.kind_of(frame, side));
        let is_of_tree = |evaluator: &Self, value| {
            matches!(
                evaluator.data(value),
                Data::Instance { .. }
                    | Data::Made { .. }
                    | Data::Member { .. }
                    | Data::Class { .. }
            )
        };
        match types {
            [Some(a), Some(b)] if a.kind != b.kind => {
                false_if(!a.kind.may_equal(b.kind) || !is_vague(a.kind) && !is_vague(b.kind))
            }
            [Some(_), Some(_)] => {
                let is_constant = |value| self.is_constant(value);
                // `Of(bool)` may be `True`.
                let singular =
                    [left, right].map(|side| matches!(self.data(side), Data::Sentinel { .. }));
                false_if(singular[0] || singular[1] || is_constant(left) && is_constant(right))
            }
            [Some(found), None] if found.is_exact => false_if(is_of_tree(self, right)),
            [None, Some(found)] if found.is_exact => false_if(is_of_tree(self, left)),
            [None, None] => {
                let kinds = [left, right].map(|side| std::mem::discriminant(self.data(side)));
                false_if(is_of_tree(self, left) && is_of_tree(self, right) && kinds[0] != kinds[1])
            }
            _ => Truth::Unknown,
        }
    }

    /// Whether a value is one known object of an immutable type.
    fn is_constant(&self, value: Value) -> bool {
        matches!(
            self.data(value),
            Data::None
                | Data::Bool(_)
                | Data::Int(_)
                | Data::BigInt(_)
                | Data::Float(_)
                | Data::Complex(..)
                | Data::Str(_)
                | Data::Bytes(_)
                | Data::Range { .. }
                | Data::Module(_)
                | Data::Namespace(_)
        )
    }

    /// `left == right`.
    fn equal_below(&mut self, frame: &Frame<'p>, left: Value, right: Value, depth: u32) -> Truth {
        if let (Data::Str(left), Data::Str(right)) = (self.data(left), self.data(right)) {
            return Truth::of(left == right);
        }
        if let Some(members) = self.values.union_of(left) {
            return self.merge_all(&members, |evaluator, member| {
                evaluator.equal_below(frame, member, right, depth)
            });
        }
        if let Some(members) = self.values.union_of(right) {
            return self.merge_all(&members, |evaluator, member| {
                evaluator.equal_below(frame, left, member, depth)
            });
        }
        if is_unknown(self.data(left)) || is_unknown(self.data(right)) || depth == 0 {
            return Truth::Unknown;
        }
        if let (
            Data::Member { class, name },
            Data::Member {
                class: other,
                name: other_name,
            },
        ) = (self.data(left), self.data(right))
            && class == other
            && !matches!(self.in_mro(*class, *EQ), InMro::Found(..))
        {
            return Truth::of(name == other_name);
        }
        let [a, b] = [left, right].map(|side| self.data_behind(side));
        let is_member = matches!(self.data(left), Data::Member { .. });
        if (a.is_some() || b.is_some()) && (left != right || !is_member) {
            return self.equal_below(frame, a.unwrap_or(left), b.unwrap_or(right), depth - 1);
        }
        if let (Some(a), Some(b)) = (self.values.as_number(left), self.values.as_number(right)) {
            return Truth::of(a.equals(b));
        }
        match (self.data(left).clone(), self.data(right).clone()) {
            (Data::Str(a), Data::Str(b)) | (Data::Bytes(a), Data::Bytes(b)) => {
                return Truth::of(a == b);
            }
            (Data::BigInt(_), Data::BigInt(_)) => return Truth::of(left == right),
            (
                Data::Range { start, stop, step },
                Data::Range {
                    start: start2,
                    stop: stop2,
                    step: step2,
                },
            ) => {
                let (a, b) = (
                    range_length(start, stop, step),
                    range_length(start2, stop2, step2),
                );
                return Truth::of(
                    a == b && (a == 0 || start == start2 && (a == 1 || step == step2)),
                );
            }
            (Data::Tuple(a), Data::Tuple(b)) => return self.equal_items(frame, &a, &b, depth),
            (Data::Local(a), Data::Local(b)) if a == b => return Truth::True,
            _ => {}
        }
        self.equal_by_type(frame, left, right, depth)
    }

    fn equal_by_type(&mut self, frame: &Frame<'p>, left: Value, right: Value, depth: u32) -> Truth {
        match [left, right].map(|side| self.kind_of(frame, side)) {
            [Some(a), Some(b)] if !a.kind.may_equal(b.kind) => Truth::False,
            [Some(a), Some(b)] if a.kind.is_compared_by_identity() && a.kind == b.kind => {
                self.identical(frame, left, right)
            }
            [Some(_), Some(_)] => {
                let truths = [left, right].map(|side| self.values.plain_truth(side));
                if matches!(
                    truths,
                    [Truth::True, Truth::False] | [Truth::False, Truth::True]
                ) {
                    return Truth::False;
                }
                self.equal_containers(frame, left, right, depth)
            }
            _ if [left, right]
                .iter()
                .any(|&side| self.may_define_equality(frame, side)) =>
            {
                Truth::Unknown
            }
            _ => self.identical(frame, left, right),
        }
    }

    fn equal_items(&mut self, frame: &Frame<'p>, a: &[Value], b: &[Value], depth: u32) -> Truth {
        if a.len() != b.len() {
            return Truth::False;
        }
        let mut result = Truth::True;
        for (&a, &b) in a.iter().zip(b) {
            result = result.and(self.equal_below(frame, a, b, depth - 1));
            if result == Truth::False {
                break;
            }
        }
        result
    }

    /// Two lists, sets or dicts of the same type.
    fn equal_containers(
        &mut self,
        frame: &Frame<'p>,
        left: Value,
        right: Value,
        depth: u32,
    ) -> Truth {
        let (Some(a), Some(b)) = (self.object_of(frame, left), self.object_of(frame, right)) else {
            return Truth::Unknown;
        };
        match (&*a, &*b) {
            (Object::List(a), Object::List(b))
                if a.form == Form::Plain
                    && b.form == Form::Plain
                    && a.rest.is_none()
                    && b.rest.is_none() =>
            {
                self.equal_items(frame, &a.items, &b.items, depth)
            }
            (Object::Set(a), Object::Set(b)) => self.equal_sets(a, b),
            (Object::Dict(a), Object::Dict(b)) => self.equal_dicts(frame, a, b, depth),
            _ => Truth::Unknown,
        }
    }

    fn equal_sets(&self, a: &Sequence, b: &Sequence) -> Truth {
        let known = |sequence: &Sequence| {
            sequence.rest.is_none()
                && sequence
                    .items
                    .iter()
                    .all(|&item| is_key(&self.values, item))
        };
        if !known(a) || !known(b) {
            return Truth::Unknown;
        }
        let within = |a: &Sequence, b: &Sequence| a.items.iter().all(|item| b.items.contains(item));
        if within(a, b) && within(b, a) {
            return Truth::True;
        }
        // `{True} == {1}`
        let numbers = a
            .items
            .iter()
            .chain(&b.items)
            .any(|&item| matches!(self.data(item), Data::Bool(_)));
        false_if(!numbers)
    }

    fn equal_dicts(&mut self, frame: &Frame<'p>, a: &Dict, b: &Dict, depth: u32) -> Truth {
        let closed = |dict: &Dict| dict.rest.is_none();
        let numbers = a
            .entries
            .iter()
            .chain(&b.entries)
            .any(|entry| matches!(self.data(entry.key), Data::Bool(_)));
        if numbers {
            return Truth::Unknown;
        }
        let lacks = |a: &Dict, b: &Dict| {
            a.entries
                .iter()
                .any(|entry| entry.certain && b.find(entry.key).is_none())
        };
        if closed(b) && lacks(a, b) || closed(a) && lacks(b, a) {
            return Truth::False;
        }
        if !closed(a) || !closed(b) {
            return Truth::Unknown;
        }
        let mut result = Truth::True;
        for entry in &a.entries {
            let Some(twin) = b.find(entry.key) else {
                result = Truth::Unknown;
                continue;
            };
            let certain = entry.certain && twin.certain;
            match self.equal_below(frame, entry.value, twin.value, depth - 1) {
                Truth::False if certain => return Truth::False,
                Truth::True if certain => {}
                _ => result = Truth::Unknown,
            }
        }
        let more = b.entries.iter().any(|entry| a.find(entry.key).is_none());
        if more { Truth::Unknown } else { result }
    }

    pub fn merge_all(
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

    /// Whether a value's class may have an `__eq__` of its own.
    fn may_define_equality(&mut self, frame: &Frame<'p>, value: Value) -> bool {
        match *self.data(value) {
            Data::Instance { class, .. } => self.class_may_define_equality(class),
            Data::Member { class, .. } => {
                self.class(class).has_data_base || self.class_may_define_equality(class)
            }
            Data::Made { class, .. } => !matches!(self.data(class), Data::External(_)),
            Data::Class { class, .. } => self.class(class).has_metaclass,
            Data::External(_) => self.values.plain_kind(value).is_none(),
            Data::Generator(_) | Data::Wrapped(_) | Data::Coroutine { .. } => false,
            _ => self.kind_of(frame, value).is_none(),
        }
    }

    fn class_may_define_equality(&self, class: ClassRef) -> bool {
        self.class(class).generated != Generated::No || self.class_may_define(class, &[*EQ])
    }

    /// Whether `container` holds `item`.
    pub fn contains(&mut self, frame: &mut Frame<'p>, container: Value, item: Value) -> Truth {
        if let Some(members) = self.values.union_of(item) {
            return self.merge_all(&members, |evaluator, member| {
                // What may be a parameter or something else says nothing of the parameter's values.
                let member = match evaluator.data(member) {
                    Data::Symbol { .. } => Value::UNKNOWN,
                    _ => member,
                };
                evaluator.contains(frame, container, member)
            });
        }
        if let Some(members) = self.values.union_of(container) {
            return self.merge_all(&members, |evaluator, member| {
                evaluator.contains(frame, member, item)
            });
        }
        let container = self.plain_or_self(container);
        if let Some(truth) = self.plainly_contains(container, item) {
            return truth;
        }
        let object = self.object_for(frame, container, Some(item));
        let is_text = matches!(self.data(item), Data::Str(_) | Data::Member { .. });
        if is_text
            && object.as_ref().is_some_and(|object| has_key(object, item))
            && self.equal(frame, item, item, false) == Truth::True
        {
            // A long table is not gone through for what it has.
            self.note_lookup(frame, item, true);
            return Truth::True;
        }
        let keys = match &object {
            Some(object) => keys_of(object, Some(item)),
            None => self.known_keys(frame, container, Some(item)),
        };
        let Some((keys, complete)) = keys else {
            return Truth::Unknown;
        };
        if matches!(self.data(item), Data::Symbol { .. }) {
            // It may be each of them, and something else. The names of a module are no list of what may be asked for.
            if !matches!(object.as_deref(), Some(Object::Dict(dict)) if dict.is_namespace) {
                self.note_splits(item, &keys);
            }
            return false_if(complete && keys.is_empty());
        }
        if matches!(self.data(item), Data::Tuple(_))
            && !matches!(object.as_deref(), Some(Object::Dict(dict)) if dict.is_namespace)
        {
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
            match self.equal(frame, key, item, false) {
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

    /// The same for texts, bytes, ranges and enums.
    fn plainly_contains(&mut self, container: Value, item: Value) -> Option<Truth> {
        Some(match (self.data(container), self.data(item)) {
            (Data::Str(text), Data::Str(part)) | (Data::Bytes(text), Data::Bytes(part)) => {
                Truth::of(text.contains(part.as_str()))
            }
            (Data::Bytes(text), Data::Int(byte)) if (0..256).contains(byte) => {
                Truth::of(text.chars().any(|ch| i64::from(u32::from(ch)) == *byte))
            }
            (&Data::Range { start, stop, step }, _) => {
                let Some(number) = self.values.as_int(item) else {
                    return match self.values.plain_kind(item) {
                        Some(kind) if !kind.is_number() => Some(Truth::False),
                        _ => None,
                    };
                };
                let (first, stride, step) = (i128::from(start), step, i128::from(step));
                let last = first + step * (i128::from(range_length(start, stop, stride)) - 1);
                let inside = first.min(last) <= number && number <= first.max(last);
                Truth::of(
                    inside && range_length(start, stop, stride) > 0 && (number - first) % step == 0,
                )
            }
            (Data::Class { class, .. }, Data::Member { .. }) if self.class(*class).is_enum => {
                let members = self.enum_members(*class)?;
                Truth::of(members.contains(&item))
            }
            _ => return None,
        })
    }

    /// A parameter that stands for all values met each of these.
    fn note_splits(&mut self, symbol: Value, keys: &[(Value, bool)]) {
        let Data::Symbol { run, parameter } = *self.data(symbol) else {
            return;
        };
        let values = &self.values;
        let is_split = |key: &Value| matches!(values.get(*key), Data::Str(_) | Data::Member { .. });
        let mut keys = keys.iter().map(|&(key, _)| key).filter(is_split).peekable();
        if keys.peek().is_none() {
            return;
        }
        let known = self.splits.entry((run, parameter)).or_default();
        for (at, key) in keys.enumerate() {
            // Most often it is the same table again.
            if known.get(at) != Some(&key) && !known.contains(&key) {
                known.push(key);
            }
        }
    }

    /// A parameter that stands for all values met a known one: the function is evaluated for that one as well.
    pub fn note_split(&mut self, symbol: Value, key: Value) {
        match (self.data(symbol), self.data(key)) {
            (&Data::Symbol { run, parameter }, Data::Str(_) | Data::Member { .. }) => {
                let known = self.splits.entry((run, parameter)).or_default();
                if !known.contains(&key) {
                    known.push(key);
                }
            }
            (Data::Tuple(symbols), Data::Tuple(keys)) if symbols.len() == keys.len() => {
                let (symbols, keys) = (Rc::clone(symbols), Rc::clone(keys));
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
}

/// Whether nothing is known of a value.
fn is_unknown(data: &Data) -> bool {
    matches!(data, Data::Unknown | Data::Symbol { .. })
}

/// Types that are one of several.
fn is_vague(kind: Kind) -> bool {
    matches!(kind, Kind::Iterator | Kind::View)
}

fn false_if(differ: bool) -> Truth {
    if differ { Truth::False } else { Truth::Unknown }
}

/// Whether this is what `sys.platform` says in IronPython or Jython, and never in CPython.
fn is_of_other_implementation(platform: &str) -> bool {
    matches!(platform, "cli" | "silverlight") || platform.starts_with("java")
}
