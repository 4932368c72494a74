//! Unpacking: whether what is assigned to several targets has as many items as there are targets.

use crate::facts::{Confidence, FailureKind, May};
use crate::name::Name;
use crate::python::Version;
use crate::syntax::ir::{Expr, ExprKind};

use crate::eval::Evaluator;
use crate::eval::domain::kind::Kind;
use crate::eval::domain::state::Object;
use crate::eval::domain::value::{Data, Value};
use crate::eval::exceptions::class::ExceptionClass;
use crate::eval::interpreter::frame::{Frame, LocalFailure};

/// How often the code takes a value apart that does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reached {
    /// Each time that it runs.
    Always,
    /// In a later round of a loop, or only if the loop runs at all.
    Perhaps,
}

impl Reached {
    /// In a loop: the first of the rounds that it certainly makes, or another.
    #[must_use]
    pub const fn first(is_first: bool) -> Self {
        if is_first {
            Self::Always
        } else {
            Self::Perhaps
        }
    }
}

/// How many items a value has.
enum Items {
    /// So many.
    Number(usize),
    /// None, since nothing goes through an object of this type.
    NotIterable(String),
}

impl<'p> Evaluator<'p> {
    /// `a, (b, c) = value`: a failure if a target made of several others is certainly given more or fewer items, or what has none.
    ///
    /// `source`: the expression that the value, or what holds it, comes from.
    pub fn check_unpacking(
        &mut self,
        frame: &mut Frame<'p>,
        target: &'p Expr,
        value: Value,
        (source, reached): (&'p Expr, Reached),
    ) {
        let (ExprKind::Tuple(targets) | ExprKind::List(targets)) = &target.kind else {
            return;
        };
        // Where something does not parse, targets may be torn apart.
        if self.is_graph() || !frame.ir.errors.is_empty() {
            return;
        }
        if let Some(exception) = self.unpacking_error(frame, targets, (value, source)) {
            self.cannot_unpack(frame, (source, reached), exception);
            return;
        }
        self.doubt_shapes(frame, targets, (value, source));
        let Data::Tuple(items) = self.data(value).clone() else {
            return;
        };
        let is_starred = |target: &Expr| matches!(target.kind, ExprKind::Starred(_));
        if items.len() == targets.len() && !targets.iter().any(is_starred) {
            for (target, &item) in targets.iter().zip(items.iter()) {
                self.check_unpacking(frame, target, item, (source, reached));
            }
        }
    }

    /// Why none of the values that it may be fits; nothing if one of them does, or may.
    fn unpacking_error(
        &mut self,
        frame: &Frame<'p>,
        targets: &[Expr],
        (value, source): (Value, &Expr),
    ) -> Option<String> {
        let (mut first, mut of_none) = (None, None);
        for alternative in self.values.alternatives(value) {
            let items = self.items_of(frame, alternative, source)?;
            let error = self.mismatch(targets, &items)?;
            // `return None` is most often for what hardly happens.
            let told = if alternative == Value::NONE {
                &mut of_none
            } else {
                &mut first
            };
            told.get_or_insert(error);
        }
        first.or(of_none)
    }

    /// Tells that a function gives tuples of several lengths, `return name, price` and `return name, price, True`, one of which does not fit, where nothing around
    /// asks which it is.
    fn doubt_shapes(
        &mut self,
        frame: &mut Frame<'p>,
        targets: &[Expr],
        (value, source): (Value, &'p Expr),
    ) {
        let alternatives = self.values.alternatives(value);
        if alternatives.len() < 2 || !is_result(source) || !frame.guards.is_empty() {
            return;
        }
        let mut error = None;
        for alternative in alternatives {
            let Data::Tuple(items) = self.data(alternative) else {
                return;
            };
            let number = Items::Number(items.len());
            error = error.or(self.mismatch(targets, &number));
        }
        let Some(exception) = error else {
            return;
        };
        if self.is_expected_here(frame, ExceptionClass::told(&exception)) {
            return;
        }
        frame.failures.push(LocalFailure {
            confidence: Confidence::May,
            doubt: Some(May::Parted),
            ..unpacks(source, exception)
        });
    }

    fn items_of(&mut self, frame: &Frame<'p>, value: Value, source: &Expr) -> Option<Items> {
        match *self.data(value) {
            // `None` is what a variable holds until something else is put in its place, often in a way that is not seen. What a call gives was returned.
            Data::None if !is_result(source) => return None,
            Data::None => return Some(Items::NotIterable(String::from("NoneType"))),
            Data::Str(text) | Data::Bytes(text) => {
                return Some(Items::Number(text.chars().count()));
            }
            Data::Of(kind) | Data::Truthy(kind)
                if matches!(kind, Kind::Bool | Kind::Int | Kind::Float | Kind::Coroutine) =>
            {
                return Some(Items::NotIterable(kind.name()?.to_owned()));
            }
            Data::Bool(_)
            | Data::Int(_)
            | Data::Float(_)
            | Data::Module(_)
            | Data::Coroutine { .. } => {
                let kind = self.type_name(frame, value)?.to_owned();
                return Some(Items::NotIterable(kind));
            }
            Data::Instance { data: None, .. } => {
                let methods = ["__iter__", "__getitem__"];
                let kind = self.type_that_cannot(frame, value, &methods)?;
                return Some(Items::NotIterable(kind));
            }
            _ => {}
        }
        if let Some(kind @ (Kind::Function | Kind::Method)) = self.exact_kind(frame, value) {
            return Some(Items::NotIterable(kind.name()?.to_owned()));
        }
        let plain = self.plain_or_self(value);
        if let Data::Tuple(items) = self.data(plain) {
            return Some(Items::Number(items.len()));
        }
        match &*self.object_of(frame, plain)? {
            Object::Dict(dict)
                if dict.rest.is_none()
                    && !dict.makes_keys
                    && dict.entries.iter().all(|entry| entry.certain) =>
            {
                Some(Items::Number(dict.entries.len()))
            }
            Object::List(list) if list.rest.is_none() => Some(Items::Number(list.items.len())),
            _ => None,
        }
    }

    /// The exception in CPython's words.
    fn mismatch(&self, targets: &[Expr], items: &Items) -> Option<String> {
        let is_starred = |target: &Expr| matches!(target.kind, ExprKind::Starred(_));
        let open = targets.iter().any(is_starred);
        let least = targets.len() - usize::from(open);
        let given = match items {
            Items::NotIterable(kind) => {
                return Some(format!(
                    "TypeError: cannot unpack non-iterable {kind} object"
                ));
            }
            Items::Number(given) => *given,
        };
        let says_how_many = self.program.targets().wording() >= Version(14);
        match given.cmp(&least) {
            std::cmp::Ordering::Less if open => Some(format!(
                "ValueError: not enough values to unpack (expected at least {least}, got {given})"
            )),
            std::cmp::Ordering::Less => Some(format!(
                "ValueError: not enough values to unpack (expected {least}, got {given})"
            )),
            std::cmp::Ordering::Greater if open => None,
            std::cmp::Ordering::Greater if says_how_many => Some(format!(
                "ValueError: too many values to unpack (expected {least}, got {given})"
            )),
            std::cmp::Ordering::Greater => Some(format!(
                "ValueError: too many values to unpack (expected {least})"
            )),
            std::cmp::Ordering::Equal => None,
        }
    }

    fn cannot_unpack(
        &mut self,
        frame: &mut Frame<'p>,
        (source, reached): (&'p Expr, Reached),
        exception: String,
    ) {
        self.may_raise(frame);
        if self.is_expected_here(frame, ExceptionClass::told(&exception)) {
            frame.state.live = false;
            return;
        }
        let is_sure = reached == Reached::Always && !frame.is_unsure();
        frame.failures.push(LocalFailure {
            confidence: if is_sure {
                Confidence::Must
            } else {
                Confidence::May
            },
            ..unpacks(source, exception)
        });
    }
}

/// What does not fit where the value of an expression is unpacked.
fn unpacks<'p>(source: &Expr, exception: String) -> LocalFailure<'p> {
    LocalFailure {
        exception: Some(exception),
        by_value: true,
        ..LocalFailure::at(
            FailureKind::UnpackMismatch,
            Name::new("unpack"),
            source.range,
            "unpacks",
        )
    }
}

/// Whether an expression is what a call gives, awaited or not.
fn is_result(source: &Expr) -> bool {
    match &source.kind {
        ExprKind::Call(_) => true,
        ExprKind::Await(inner) => is_result(inner),
        _ => false,
    }
}
