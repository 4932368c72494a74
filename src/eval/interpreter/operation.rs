//! Operations of the language that a value does not have: an item of `None`, a loop over a number, the length of a coroutine, a text and a number added.
//!
//! Only values of builtin types are judged, whose operations no code can change. What certainly fails for each value that there may be is a failure.

use crate::facts::{Confidence, FailureKind};
use crate::name::Name;
use crate::python::Version;
use crate::syntax::ir::{Comparison, Expr, Operator, Range};

use crate::eval::Evaluator;
use crate::eval::domain::kind::Kind;
use crate::eval::domain::value::{Data, Value};
use crate::eval::exceptions::class::ExceptionClass;
use crate::eval::interpreter::frame::{Frame, LocalFailure};
use crate::eval::interpreter::hashed::{Hashed, index_of};
use crate::eval::objects::class::Generated;
use crate::eval::objects::mro::Ancestor;

/// A type and its name; [`Kind::Object`] stands for a class of the tree.
pub type Named = (Kind, Name);

/// A failing operation, in words.
pub struct Wrong<'t> {
    /// What kind of obligation it breaks.
    pub kind: FailureKind,
    /// The exception in CPython's words.
    pub exception: String,
    /// What it is about: the type, or the key.
    pub subject: &'t str,
    /// What the code does there: `adds`.
    pub note: &'static str,
}

impl<'p> Evaluator<'p> {
    /// The builtin type of a value, if it is certainly an instance of that and of no subclass.
    pub fn exact_kind(&mut self, frame: &Frame<'p>, value: Value) -> Option<Kind> {
        let found = self.kind_of(frame, value)?;
        found.is_exact.then_some(found.kind)
    }

    /// The type of the first value that this may be, if all of them are of types that fail: of builtin ones that `fails` says so of, and of classes of the tree
    /// that have none of these methods.
    pub fn kind_that_fails(
        &mut self,
        frame: &Frame<'p>,
        value: Value,
        methods: &[&str],
        fails: impl Fn(Kind) -> bool,
    ) -> Option<Named> {
        // Most of what is asked about is not known: then it may be of a type that does not fail.
        if self.values.is_open(value) {
            return None;
        }
        let mut first = None;
        for alternative in self.values.alternatives(value) {
            let named = match self.data(alternative) {
                // A text is a path without any method, and so is what derives from it.
                Data::Instance { class, .. }
                    if self
                        .only_builtin_base(*class)
                        .is_some_and(|kind| !fails(kind)) =>
                {
                    return None;
                }
                Data::Instance { .. } => self.own_type_without(frame, alternative, methods)?,
                _ => {
                    // Most are of a type that does not fail: it needs no name.
                    let kind = self.exact_kind(frame, alternative);
                    self.with_name(frame, alternative, kind.filter(|&kind| fails(kind))?)?
                }
            };
            first = first.or(Some(named));
        }
        first
    }

    /// The class of an instance, if the tree defines it, and it certainly has none of these methods, as it stands and by what decorators make of it.
    fn own_type_without(
        &mut self,
        frame: &Frame<'p>,
        value: Value,
        methods: &[&str],
    ) -> Option<Named> {
        let Data::Instance {
            class, data: None, ..
        } = *self.data(value)
        else {
            return None;
        };
        if methods.is_empty() {
            return None;
        }
        let is_ordered = |generated| generated != Generated::No && methods.contains(&"__lt__");
        for ancestor in &self.class(class).mro.clone() {
            if let Ancestor::Tree(ancestor) = *ancestor {
                let object = self.class(ancestor);
                if object.is_decorated
                    || object.generated == Generated::Unknown
                    || is_ordered(object.generated)
                {
                    return None;
                }
            }
        }
        let name = self.type_that_cannot(frame, value, methods)?;
        Some((Kind::Object, Name::new(&name)))
    }

    /// The builtin type of a value and its name.
    fn named_kind(&mut self, frame: &Frame<'p>, value: Value) -> Option<Named> {
        let kind = self.exact_kind(frame, value)?;
        self.with_name(frame, value, kind)
    }

    /// A value's builtin type beside its name.
    fn with_name(&mut self, frame: &Frame<'p>, value: Value, kind: Kind) -> Option<Named> {
        let name = match kind {
            Kind::Iterator | Kind::View => Name::new(self.type_name(frame, value)?),
            // Its own code may put something else in its place.
            Kind::Module if !matches!(self.data(value), Data::External(_)) => {
                Name::new(self.type_name(frame, value)?)
            }
            _ => self.values.name_of(kind)?,
        };
        Some((kind, name))
    }

    /// An operation fails for what a value is.
    pub fn wrong_operation(&mut self, frame: &mut Frame<'p>, range: Range, wrong: Wrong<'_>) {
        self.may_raise(frame);
        let class = ExceptionClass::told(&wrong.exception);
        if self.is_named_here(frame, class) || self.is_expected_here(frame, class) {
            frame.state.live = false;
            return;
        }
        let is_sure = !frame.is_unsure() && !self.is_chosen(frame);
        frame.failures.push(LocalFailure {
            confidence: if is_sure {
                Confidence::Must
            } else {
                Confidence::May
            },
            exception: Some(wrong.exception),
            by_value: true,
            ..LocalFailure::at(wrong.kind, Name::new(wrong.subject), range, wrong.note)
        });
    }

    /// Whether operations are looked at where the code runs: not for a call graph, and not where the code is torn apart.
    pub fn judges_operations(&self, frame: &Frame<'p>) -> bool {
        !self.is_graph() && frame.state.live && frame.ir.errors.is_empty()
    }

    /// A type's own operation fails: of a coroutine, since it was not awaited.
    pub fn wrong_for_kind(
        &mut self,
        frame: &mut Frame<'p>,
        range: Range,
        ((kind, name), exception): (Named, String),
        note: &'static str,
    ) {
        let wrong = Wrong {
            kind: if kind == Kind::Coroutine {
                FailureKind::NotAwaited
            } else {
                FailureKind::InvalidOperation
            },
            exception,
            subject: &name,
            note,
        };
        self.wrong_operation(frame, range, wrong);
    }

    /// `base[index]`, to be read.
    pub fn check_subscript(
        &mut self,
        frame: &mut Frame<'p>,
        expr: &'p Expr,
        base: Value,
        index: Value,
    ) {
        // Most are dicts, which have items under any key, or not known.
        if !self.judges_operations(frame) || self.values.is_open(base) {
            return;
        }
        if self.exact_kind(frame, base) == Some(Kind::Dict) {
            self.check_hashed(frame, (expr.range, index_of(expr)), index, Hashed::Key);
            return;
        }
        if let Some(named) = self.kind_that_fails(frame, base, &["__getitem__"], has_no_items) {
            let exception = format!("TypeError: '{}' object is not subscriptable", named.1);
            self.wrong_for_kind(frame, expr.range, (named, exception), "takes an item of it");
            return;
        }
        if let Some(exception) = self.wrong_index(frame, base, index) {
            let wrong = Wrong {
                kind: FailureKind::InvalidOperation,
                exception,
                subject: "index",
                note: "takes an item of it",
            };
            self.wrong_operation(frame, expr.range, wrong);
        }
    }

    /// What is raised by an index that no item has: of another type, or past a tuple's end.
    fn wrong_index(&mut self, frame: &Frame<'p>, base: Value, index: Value) -> Option<String> {
        let (of, own) = self.kind_that_fails(frame, base, &[], |kind| {
            matches!(kind, Kind::List | Kind::Tuple | Kind::Str)
        })?;
        if let (Data::Tuple(items), Data::Int(at)) = (self.data(base), self.data(index)) {
            let length = i64::try_from(items.len()).ok()?;
            return (*at >= length || *at < -length)
                .then(|| String::from("IndexError: tuple index out of range"));
        }
        let (_, given) = self.kind_that_fails(frame, index, &[], |kind| {
            matches!(kind, Kind::Str | Kind::Float | Kind::NoneType | Kind::Tuple)
        })?;
        let version = self.program.targets().wording();
        Some(match of {
            Kind::Str if version >= Version(11) => {
                format!("TypeError: string indices must be integers, not '{given}'")
            }
            Kind::Str => String::from("TypeError: string indices must be integers"),
            _ => format!("TypeError: {own} indices must be integers or slices, not {given}"),
        })
    }

    /// What a loop, or a comprehension, goes through.
    pub fn check_iterated(
        &mut self,
        frame: &mut Frame<'p>,
        expr: &'p Expr,
        value: Value,
        is_async: bool,
    ) {
        if !self.judges_operations(frame) {
            return;
        }
        let method = if is_async { "__aiter__" } else { "__iter__" };
        self.run_special(frame, value, &[method], &[], expr.range);
        let (kind, name) = match *self.data(value) {
            Data::Generator(function) if self.definition(function).is_async => {
                if is_async || self.disguised.contains(&function) {
                    return;
                }
                (Kind::Coroutine, Name::new("async_generator"))
            }
            _ => {
                let fails = |kind| match kind {
                    Kind::Generator => is_async,
                    Kind::List | Kind::Tuple | Kind::Dict | Kind::Set | Kind::Str => is_async,
                    kind => has_no_iterator(kind),
                };
                let methods: &[&str] = if is_async {
                    &["__aiter__"]
                } else {
                    &["__iter__", "__getitem__"]
                };
                let Some((kind, name)) = self.kind_that_fails(frame, value, methods, fails) else {
                    return;
                };
                (if is_async { Kind::Coroutine } else { kind }, name)
            }
        };
        let exception = if is_async {
            format!("TypeError: 'async for' requires an object with __aiter__ method, got {name}")
        } else {
            format!("TypeError: '{name}' object is not iterable")
        };
        let before = frame.failures.len();
        self.wrong_for_kind(frame, expr.range, ((kind, name), exception), "iterates");
        self.leave_failed(frame, expr, value, before);
    }

    /// `[*value]`, `(*value, 1)`, `{*value}` (the language reference, "Expression lists"): `in_set` is said in other words.
    pub fn check_spread(
        &mut self,
        frame: &mut Frame<'p>,
        expr: &'p Expr,
        value: Value,
        in_set: bool,
    ) {
        if !self.judges_operations(frame) {
            return;
        }
        let methods = ["__iter__", "__getitem__"];
        if let Some(named) = self.kind_that_fails(frame, value, &methods, has_no_iterator) {
            let name = named.1;
            let exception = if in_set {
                format!("TypeError: '{name}' object is not iterable")
            } else {
                format!("TypeError: Value after * must be an iterable, not {name}")
            };
            self.wrong_for_kind(frame, expr.range, (named, exception), "spreads");
        }
    }

    /// `item in value`.
    pub fn check_membership(
        &mut self,
        frame: &mut Frame<'p>,
        range: Range,
        item: Value,
        value: Value,
    ) {
        if !self.judges_operations(frame) || self.values.is_open(value) {
            return;
        }
        // Most are of these types, which may hold anything.
        match self.exact_kind(frame, value) {
            Some(Kind::Dict) => {
                self.check_hashed(frame, (range, None), item, Hashed::Key);
                return;
            }
            Some(Kind::List | Kind::Set | Kind::Tuple) => return,
            _ => {}
        }
        let methods = ["__contains__", "__iter__", "__getitem__"];
        if let Some(named) = self.kind_that_fails(frame, value, &methods, has_no_iterator) {
            let what = if self.program.targets().wording() >= Version(14) {
                "a container or iterable"
            } else {
                "iterable"
            };
            let exception = format!("TypeError: argument of type '{}' is not {what}", named.1);
            self.wrong_for_kind(frame, range, (named, exception), "looks into it");
            return;
        }
        // A text consists of texts, and bytes of numbers.
        let is_text = self.kind_that_fails(frame, value, &[], |kind| kind == Kind::Str);
        let is_bytes = self.kind_that_fails(frame, value, &[], |kind| kind == Kind::Bytes);
        if is_text.is_none() && is_bytes.is_none() {
            return;
        }
        let other = self.kind_that_fails(frame, item, &[], |kind| {
            kind.is_data() && kind != Kind::Str && is_text.is_some()
                || kind == Kind::Str && is_bytes.is_some()
        });
        let Some(named) = other else { return };
        let exception = if is_text.is_some() {
            format!(
                "TypeError: 'in <string>' requires string as left operand, not {}",
                named.1
            )
        } else {
            String::from("TypeError: a bytes-like object is required, not 'str'")
        };
        self.wrong_for_kind(frame, range, (named, exception), "looks into it");
    }

    /// `len(value)`.
    pub fn check_length(&mut self, frame: &mut Frame<'p>, range: Range, value: Value) {
        if !self.judges_operations(frame) {
            return;
        }
        let fails =
            |kind| has_no_items(kind) && !matches!(kind, Kind::Set | Kind::FrozenSet | Kind::View);
        if let Some(named) = self.kind_that_fails(frame, value, &["__len__"], fails) {
            let exception = format!("TypeError: object of type '{}' has no len()", named.1);
            self.wrong_for_kind(frame, range, (named, exception), "takes the length of it");
        }
    }

    /// `left + right` and its like, of types that know nothing of each other.
    pub fn check_operator(
        &mut self,
        frame: &mut Frame<'p>,
        expr: &'p Expr,
        (left, op, right): (Value, Operator, Value),
    ) {
        if !self.judges_operations(frame) || sign(op).is_none() {
            return;
        }
        let Some(methods) = methods_of(op) else {
            return;
        };
        let is_operand = |kind| is_operand(kind) || op == Operator::Add && has_no_sum(kind);
        let Some((a, b)) = self.kinds_of_operands(frame, (left, right), methods, is_operand) else {
            return;
        };
        if let Some(exception) = operator_error(a, op, b) {
            let blamed = if a.0 == Kind::Coroutine { a } else { b };
            self.wrong_for_kind(frame, expr.range, (blamed, exception), "computes with it");
        }
    }

    /// `left < right` and its like, of types that know nothing of each other: whether it fails.
    pub fn check_ordering(
        &mut self,
        frame: &mut Frame<'p>,
        range: Range,
        (left, op, right): (Value, Comparison, Value),
    ) -> bool {
        // Each of them is asked of the one, then its mirror of the other one.
        let methods: [&[&str]; 2] = [&["__lt__", "__le__", "__gt__", "__ge__"]; 2];
        let sign = match op {
            Comparison::Lt => "<",
            Comparison::LtE => "<=",
            Comparison::Gt => ">",
            Comparison::GtE => ">=",
            _ => return false,
        };
        if !self.judges_operations(frame) {
            return false;
        }
        let Some((a, b)) = self.kinds_of_operands(frame, (left, right), methods, is_operand) else {
            return false;
        };
        let ((kind, left), (other, right)) = (a, b);
        let fits = kind == other
            && !matches!(
                kind,
                Kind::NoneType | Kind::Dict | Kind::Coroutine | Kind::Object
            );
        if fits || kind.is_number() && other.is_number() {
            return false;
        }
        let exception = format!(
            "TypeError: '{sign}' not supported between instances of '{left}' and '{right}'"
        );
        let blamed = if kind == Kind::Coroutine { a } else { b };
        self.wrong_for_kind(frame, range, (blamed, exception), "compares");
        true
    }

    /// The types of two operands, each of which is one for certain, and has its own operators and no others.
    fn kinds_of_operands(
        &mut self,
        frame: &Frame<'p>,
        (left, right): (Value, Value),
        methods: [&[&str]; 2],
        is_operand: impl Fn(Kind) -> bool,
    ) -> Option<(Named, Named)> {
        let mut kinds = [(left, methods[0]), (right, methods[1])].map(|(side, methods)| {
            let mut all = self.values.alternatives(side).into_iter();
            let first = all.next()?;
            if let Data::Instance { class, .. } = *self.data(first) {
                // `"a" + Name("b")`, of a `class Name(str)`: what a builtin type takes, it takes of classes derived from it.
                let mut ancestors = self.class(class).mro.iter();
                let derives = ancestors.any(|ancestor| {
                    matches!(ancestor, Ancestor::External(base)
                        if Kind::of_type(base).is_some_and(|kind| kind != Kind::Object))
                });
                let is_only = all.next().is_none() && !derives;
                return self
                    .own_type_without(frame, first, methods)
                    .filter(|_| is_only);
            }
            let first = self.named_kind(frame, first)?;
            all.all(|other| self.named_kind(frame, other) == Some(first))
                .then_some(first)
                .filter(|&(kind, _)| is_operand(kind))
        });
        Some((kinds[0].take()?, kinds[1].take()?))
    }

    /// `base[index] = value`, or `del base[index]`.
    pub fn check_item_change(
        &mut self,
        frame: &mut Frame<'p>,
        expr: &'p Expr,
        base: Value,
        (index, is_deleted): (Value, bool),
    ) {
        if !self.judges_operations(frame) || self.values.is_open(base) {
            return;
        }
        if self.exact_kind(frame, base) == Some(Kind::Dict) {
            self.check_hashed(frame, (expr.range, index_of(expr)), index, Hashed::Key);
            return;
        }
        let fails = |kind| {
            has_no_items(kind)
                || matches!(kind, Kind::Str | Kind::Bytes | Kind::Tuple | Kind::Range)
        };
        let method = if is_deleted {
            "__delitem__"
        } else {
            "__setitem__"
        };
        if let Some(named) = self.kind_that_fails(frame, base, &[method], fails) {
            // CPython asks sequences, and what the tree defines, in another way for a number (`PyObject_DelItem`).
            let is_asked_for_place = |evaluator: &mut Self, index| {
                !matches!(named.0, Kind::NoneType | Kind::Function | Kind::Method)
                    && !named.0.is_number()
                    && evaluator.exact_kind(frame, index) == Some(Kind::Int)
            };
            let what = match is_deleted {
                true if is_asked_for_place(self, index) => "doesn't support item deletion",
                true => "does not support item deletion",
                false => "does not support item assignment",
            };
            let exception = format!("TypeError: '{}' object {what}", named.1);
            self.wrong_for_kind(
                frame,
                expr.range,
                (named, exception),
                "changes an item of it",
            );
        }
    }
}

/// How an operator is written that is known here.
const fn sign(op: Operator) -> Option<&'static str> {
    Some(match op {
        Operator::Add => "+",
        Operator::Sub => "-",
        Operator::Mul => "*",
        Operator::Div => "/",
        Operator::FloorDiv => "//",
        _ => return None,
    })
}

/// By which methods an operand on the left takes an operator, and one on the right.
const fn methods_of(op: Operator) -> Option<[&'static [&'static str]; 2]> {
    Some(match op {
        Operator::Add => [&["__add__"], &["__radd__"]],
        Operator::Sub => [&["__sub__"], &["__rsub__"]],
        Operator::Mul => [&["__mul__", "__index__"], &["__rmul__", "__index__"]],
        Operator::Div => [&["__truediv__"], &["__rtruediv__"]],
        Operator::FloorDiv => [&["__floordiv__"], &["__rfloordiv__"]],
        _ => return None,
    })
}

/// What is raised where an operator takes no operands of these types.
fn operator_error((a, left): Named, op: Operator, (b, right): Named) -> Option<String> {
    let is_sequence = |kind| matches!(kind, Kind::Str | Kind::Bytes | Kind::Tuple | Kind::List);
    let is_whole = |kind| matches!(kind, Kind::Int | Kind::Bool);
    let fits = a.is_number() && b.is_number()
        || match op {
            Operator::Add => a == b && is_sequence(a),
            Operator::Sub => a == b && a == Kind::Set,
            Operator::Mul => is_sequence(a) && is_whole(b) || is_whole(a) && is_sequence(b),
            _ => false,
        };
    if fits {
        return None;
    }
    Some(match (op, a) {
        (Operator::Add, Kind::Str | Kind::List | Kind::Tuple) => {
            format!("TypeError: can only concatenate {left} (not \"{right}\") to {left}")
        }
        (Operator::Add, Kind::Bytes) => format!("TypeError: can't concat {right} to bytes"),
        (Operator::Mul, _) if is_sequence(a) => {
            format!("TypeError: can't multiply sequence by non-int of type '{right}'")
        }
        (Operator::Mul, _) if is_sequence(b) => {
            format!("TypeError: can't multiply sequence by non-int of type '{left}'")
        }
        _ => {
            let sign = sign(op)?;
            format!("TypeError: unsupported operand type(s) for {sign}: '{left}' and '{right}'")
        }
    })
}

/// Types whose instances have no `__getitem__`.
const fn has_no_items(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::NoneType
            | Kind::Bool
            | Kind::Int
            | Kind::Float
            | Kind::Complex
            | Kind::Set
            | Kind::FrozenSet
            | Kind::Iterator
            | Kind::View
            | Kind::Function
            | Kind::Method
            | Kind::Generator
            | Kind::Coroutine
            | Kind::Module
    )
}

/// Types whose instances nothing goes through.
pub const fn has_no_iterator(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::NoneType
            | Kind::Bool
            | Kind::Int
            | Kind::Float
            | Kind::Complex
            | Kind::Coroutine
            | Kind::Function
            | Kind::Method
            | Kind::Module
    )
}

/// Types whose instances are added to nothing.
const fn has_no_sum(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Iterator | Kind::View | Kind::Generator | Kind::Function | Kind::Method
    )
}

/// Types whose operators are known here.
const fn is_operand(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::NoneType
            | Kind::Bool
            | Kind::Int
            | Kind::Float
            | Kind::Str
            | Kind::Bytes
            | Kind::Tuple
            | Kind::List
            | Kind::Dict
            | Kind::Set
            | Kind::Coroutine
    )
}
