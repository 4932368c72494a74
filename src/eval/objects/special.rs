//! Special methods of the tree's classes that an operation runs (the data model, "Special method names"): whether they take what the language calls
//! them with, and what fails in them.
//!
//! What they give is asked for in [`super::answers`], and for the call graph in `callgraph/protocol.rs`.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use crate::eval::Evaluator;
use crate::eval::calls::arguments::Actual;
use crate::eval::domain::value::{ClassRef, Data, Kind, Value};
use crate::eval::interpreter::frame::Frame;
use crate::eval::objects::class::Generated;
use crate::eval::objects::filled::Holder;
use crate::eval::objects::mro::{Ancestor, InMro};
use crate::name::Name;
use crate::syntax::ir::{Comparison, Operator, Range};

/// What asks a value for its text.
const TEXT: &[&str] = &["__str__", "__repr__"];

/// What asks a value whether it is true.
const TRUTH: &[&str] = &["__bool__", "__len__"];

/// Functions of `builtins` that run a special method of their argument: which they look for, one after the other. They are given nothing besides.
const FUNCTIONS: &[(&str, &[&str])] = &[
    ("abs", &["__abs__"]),
    ("all", &["__iter__"]),
    ("any", &["__iter__"]),
    ("bool", TRUTH),
    ("enumerate", &["__iter__"]),
    ("float", &["__float__", "__index__"]),
    ("frozenset", &["__iter__"]),
    ("hash", &["__hash__"]),
    ("int", &["__int__", "__index__"]),
    ("iter", &["__iter__"]),
    ("len", &["__len__"]),
    ("list", &["__iter__"]),
    ("next", &["__next__"]),
    ("repr", &["__repr__"]),
    ("reversed", &["__reversed__"]),
    ("set", &["__iter__"]),
    ("sorted", &["__iter__"]),
    ("str", TEXT),
    ("sum", &["__iter__"]),
    ("tuple", &["__iter__"]),
];

/// The lines of [`FUNCTIONS`] by the functions' dotted names.
static BY_FUNCTION: LazyLock<FxHashMap<Name, &'static [&'static str]>> = LazyLock::new(|| {
    let line = |&(function, methods): &(&str, &'static [&'static str])| {
        (Name::new(&format!("builtins.{function}")), methods)
    };
    FUNCTIONS.iter().map(line).collect()
});

/// The function that asks each of its arguments for its text.
const PRINT: &str = "builtins.print";

/// Whether a function outside the tree runs special methods of its arguments.
#[must_use]
pub fn is_listed(function: Name) -> bool {
    function.as_str() == PRINT || BY_FUNCTION.contains_key(&function)
}

impl<'p> Evaluator<'p> {
    /// Calls the first of some special methods that the class of an instance has, if it certainly is that one, for what fails.
    ///
    /// What it gives and what it changes are no matter here: an operation's result is whatever it was without this.
    pub fn run_special(
        &mut self,
        frame: &mut Frame<'p>,
        instance: Value,
        methods: &[&str],
        arguments: &[Value],
        range: Range,
    ) {
        let Data::Instance {
            class, exact: true, ..
        } = *self.data(instance)
        else {
            return;
        };
        if self.is_graph() || !frame.state.live || !frame.ir.errors.is_empty() {
            return;
        }
        let Some(name) = self.first_special(class, methods) else {
            return;
        };
        if self.class(class).has_metaclass
            || self.is_filled(Holder::Reclassed(class))
            || self.is_stored_elsewhere(Name::new(name))
        {
            return;
        }
        if let Some(method) = self.special_method(frame, instance, name) {
            self.run_method(frame, method, arguments, range);
        }
    }

    /// Calls a method for what fails. The body of a generator, and of a coroutine, does not run by the call alone.
    fn run_method(
        &mut self,
        frame: &mut Frame<'p>,
        method: Value,
        arguments: &[Value],
        range: Range,
    ) {
        let state = frame.state.clone();
        let before = frame.edges.len();
        let given = self.call_with(frame, method, arguments.to_vec(), range);
        if matches!(
            self.data(given),
            Data::Generator(_) | Data::Coroutine { .. } | Data::Of(Kind::Coroutine)
        ) {
            frame.edges.truncate(before);
        }
        frame.state = state;
    }

    /// The first of some special methods that the tree defines for a class; none: that is not known, or the class has none.
    fn first_special<'m>(&self, class: ClassRef, methods: &[&'m str]) -> Option<&'m str> {
        for &name in methods {
            match self.in_mro(class, Name::new(name)) {
                InMro::Found(_, owner) => {
                    return (!self.may_be_generated(class, owner)).then_some(name);
                }
                InMro::Unknown => return None,
                InMro::Missing => {}
            }
        }
        None
    }

    /// Whether a decorator may have given a class special methods before those of the ancestor that has one.
    fn may_be_generated(&self, class: ClassRef, owner: ClassRef) -> bool {
        for ancestor in &self.class(class).mro {
            let Ancestor::Tree(ancestor) = *ancestor else {
                return true;
            };
            let object = self.class(ancestor);
            let keeps_own = matches!(
                object.generated,
                Generated::No | Generated::Dataclass { .. } | Generated::NamedTuple
            );
            if object.is_decorated || object.is_enum || !keeps_own {
                return true;
            }
            if ancestor == owner {
                return false;
            }
            if object.generated != Generated::No {
                return true;
            }
        }
        true
    }

    /// Whether an object may be of a class that derives from that of an instance: it is asked first then.
    fn may_go_first(&mut self, frame: &Frame<'p>, other: Value, instance: Value) -> bool {
        let (
            Data::Instance { class: own, .. },
            Data::Instance {
                class, exact: true, ..
            },
        ) = (self.data(instance), self.data(other))
        else {
            return !self.is_of_builtin_type(frame, other);
        };
        class != own && self.class(*class).mro.contains(&Ancestor::Tree(*own))
    }

    /// Whether an object certainly is of a builtin type, and of none that derives from it.
    fn is_of_builtin_type(&mut self, frame: &Frame<'p>, value: Value) -> bool {
        let kind = self.exact_kind(frame, value);
        kind.is_some_and(|kind| kind.is_data() || kind == Kind::NoneType)
    }

    /// `left op right`: the method of the left one, or the mirrored one of the right one where the left is of a builtin type.
    fn run_either(
        &mut self,
        frame: &mut Frame<'p>,
        (left, right): (Value, Value),
        (methods, mirrored): (&[&str], &[&str]),
        range: Range,
    ) {
        if matches!(self.data(left), Data::Instance { .. }) {
            if !self.may_go_first(frame, right, left) {
                self.run_special(frame, left, methods, &[right], range);
            }
        } else if self.is_of_builtin_type(frame, left) {
            self.run_special(frame, right, mirrored, &[left], range);
        }
    }

    /// `left op right`.
    pub fn run_operator(
        &mut self,
        frame: &mut Frame<'p>,
        (left, op, right): (Value, Operator, Value),
        range: Range,
    ) {
        let (plain, mirrored, _) = operator_methods(op);
        // `'%s' % x` is a text's own.
        if op != Operator::Mod || matches!(self.data(left), Data::Instance { .. }) {
            self.run_either(frame, (left, right), (&[plain], &[mirrored]), range);
        }
    }

    /// `left op right` for comparisons.
    pub fn run_comparison(
        &mut self,
        frame: &mut Frame<'p>,
        (left, op, right): (Value, Comparison, Value),
        range: Range,
    ) {
        let names: (&[&str], &[&str]) = match op {
            Comparison::Eq => (&["__eq__"], &["__eq__"]),
            Comparison::NotEq => (&["__ne__", "__eq__"], &["__ne__", "__eq__"]),
            Comparison::Lt => (&["__lt__"], &["__gt__"]),
            Comparison::LtE => (&["__le__"], &["__ge__"]),
            Comparison::Gt => (&["__gt__"], &["__lt__"]),
            Comparison::GtE => (&["__ge__"], &["__le__"]),
            Comparison::In | Comparison::NotIn => {
                return self.run_special(frame, right, &["__contains__"], &[left], range);
            }
            Comparison::Is | Comparison::IsNot => return,
        };
        self.run_either(frame, (left, right), names, range);
    }

    /// Whether a value is true is asked.
    pub fn run_truth(&mut self, frame: &mut Frame<'p>, value: Value, range: Range) {
        self.run_special(frame, value, TRUTH, &[], range);
    }

    /// `f'{value}'`, and `format(value)`.
    pub fn run_format(&mut self, frame: &mut Frame<'p>, value: Value, range: Range) {
        let Data::Instance { class, .. } = *self.data(value) else {
            return;
        };
        if self.in_mro(class, Name::new("__format__")) == InMro::Missing {
            self.run_special(frame, value, TEXT, &[], range);
        } else {
            let text = self.values.of(Kind::Str);
            self.run_special(frame, value, &["__format__"], &[text], range);
        }
    }

    /// A call of a function of `builtins`: what it runs of its arguments.
    pub fn run_by_builtin(
        &mut self,
        frame: &mut Frame<'p>,
        name: Name,
        actual: &Actual,
        range: Range,
    ) {
        let (methods, given) = if name.as_str() == PRINT {
            (TEXT, actual.positionals.as_slice())
        } else if let (Some(&methods), given @ [_]) =
            (BY_FUNCTION.get(&name), actual.positionals.as_slice())
            && !actual.more_positionals
        {
            (methods, given)
        } else {
            return;
        };
        let has_own =
            |value: &Value| matches!(self.data(*value), Data::Instance { exact: true, .. });
        // Most get texts and numbers.
        if !given.iter().any(has_own) {
            return;
        }
        let last = name.as_str().rsplit('.').next().unwrap_or_default();
        // The tree may have put something else in the function's place.
        if self.is_stored_on_modules(Name::new(last)) {
            return;
        }
        for &value in given {
            self.run_special(frame, value, methods, &[], range);
        }
    }

    /// `base.name = value`, where a descriptor of the class takes it (the descriptor guide, "Invocation from an instance").
    pub fn run_set(
        &mut self,
        frame: &mut Frame<'p>,
        (base, name): (Value, Name),
        value: Value,
        range: Range,
    ) {
        if let Data::Instance {
            class, exact: true, ..
        } = *self.data(base)
            && self.in_mro(class, Name::new("__setattr__")) == InMro::Missing
            && let InMro::Found(descriptor, _) = self.in_mro(class, name)
        {
            self.run_special(frame, descriptor, &["__set__"], &[base, value], range);
        }
    }

    /// `base.name`, where a descriptor of the class gives it: a property, or an object with `__get__`. For instances only one that takes assignments too,
    /// since others give way to what an instance has.
    pub fn run_get(&mut self, frame: &mut Frame<'p>, (base, name): (Value, Name), range: Range) {
        let (class, instance) = match *self.data(base) {
            Data::Instance {
                class, exact: true, ..
            } => (class, base),
            Data::Class { class, exact: true } if !self.class(class).has_metaclass => {
                (class, Value::NONE)
            }
            _ => return,
        };
        let InMro::Found(descriptor, _) = self.in_mro(class, name) else {
            return;
        };
        let may_run = matches!(
            self.data(descriptor),
            Data::Property(..) | Data::Instance { .. }
        );
        if !may_run || self.is_stored_elsewhere(name) {
            return;
        }
        let is_of_instance = instance != Value::NONE;
        match *self.data(descriptor) {
            Data::Property(getter, _) if is_of_instance && self.asks_nothing_else(class) => {
                self.run_getter(frame, getter, base, range);
            }
            Data::Instance { class: own, .. } => {
                let is_first = !is_of_instance
                    || matches!(self.in_mro(own, Name::new("__set__")), InMro::Found(..))
                        && self.asks_nothing_else(class);
                if is_first {
                    let owner = self.values.intern(Data::Class { class, exact: true });
                    self.run_special(frame, descriptor, &["__get__"], &[instance, owner], range);
                }
            }
            _ => {}
        }
    }

    /// Whether attributes of instances are looked up as `object` does it, and an `AttributeError` on the way is the end of it.
    fn asks_nothing_else(&self, class: ClassRef) -> bool {
        ["__getattribute__", "__getattr__"]
            .iter()
            .all(|name| self.in_mro(class, Name::new(name)) == InMro::Missing)
    }

    fn run_getter(&mut self, frame: &mut Frame<'p>, getter: Value, receiver: Value, range: Range) {
        let is_run = !self.is_graph() && frame.state.live && frame.ir.errors.is_empty();
        if is_run && matches!(self.data(getter), Data::Function(_)) {
            let bound = self.values.intern(Data::Bound {
                function: getter,
                receiver,
            });
            self.run_method(frame, bound, &[], range);
        }
    }
}

/// The methods for an operator: on the left operand, on the right one, in place.
#[must_use]
pub const fn operator_methods(op: Operator) -> (&'static str, &'static str, &'static str) {
    match op {
        Operator::Add => ("__add__", "__radd__", "__iadd__"),
        Operator::Sub => ("__sub__", "__rsub__", "__isub__"),
        Operator::Mul => ("__mul__", "__rmul__", "__imul__"),
        Operator::MatMul => ("__matmul__", "__rmatmul__", "__imatmul__"),
        Operator::Div => ("__truediv__", "__rtruediv__", "__itruediv__"),
        Operator::Mod => ("__mod__", "__rmod__", "__imod__"),
        Operator::Pow => ("__pow__", "__rpow__", "__ipow__"),
        Operator::LShift => ("__lshift__", "__rlshift__", "__ilshift__"),
        Operator::RShift => ("__rshift__", "__rrshift__", "__irshift__"),
        Operator::BitOr => ("__or__", "__ror__", "__ior__"),
        Operator::BitXor => ("__xor__", "__rxor__", "__ixor__"),
        Operator::BitAnd => ("__and__", "__rand__", "__iand__"),
        Operator::FloorDiv => ("__floordiv__", "__rfloordiv__", "__ifloordiv__"),
    }
}
