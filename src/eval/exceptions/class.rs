//! Classes of exceptions as values: what an `except` names, what a `raise` raises, and whether the one covers the other.
//!
//! An exception goes into the first clause whose class is in its MRO (the language reference, "The try statement"; CPython asks the real MRO, not
//! `__subclasscheck__`). What a clause's expression cannot be evaluated to may be any class.

use std::sync::LazyLock;

use crate::name::Name;
use crate::syntax::ir::{Expr, ExprKind, Var};

use crate::eval::Evaluator;
use crate::eval::domain::truth::Truth;
use crate::eval::domain::value::{ClassRef, Data, Kind, Value};
use crate::eval::exceptions::hierarchy::{ancestors, builtin, canonical};
use crate::eval::interpreter::frame::Frame;
use crate::eval::objects::mro::Ancestor;

/// `TypeError`, which calls raise that do not bind.
pub static TYPE_ERROR: LazyLock<ExceptionClass> =
    LazyLock::new(|| ExceptionClass::builtin("TypeError"));
/// `AttributeError`.
pub static ATTRIBUTE_ERROR: LazyLock<ExceptionClass> =
    LazyLock::new(|| ExceptionClass::builtin("AttributeError"));
/// `NameError`.
pub static NAME_ERROR: LazyLock<ExceptionClass> =
    LazyLock::new(|| ExceptionClass::builtin("NameError"));
/// `KeyError`.
pub static KEY_ERROR: LazyLock<ExceptionClass> =
    LazyLock::new(|| ExceptionClass::builtin("KeyError"));
/// `ImportError`.
pub static IMPORT_ERROR: LazyLock<ExceptionClass> =
    LazyLock::new(|| ExceptionClass::builtin("ImportError"));
/// `ModuleNotFoundError`.
pub static MODULE_NOT_FOUND_ERROR: LazyLock<ExceptionClass> =
    LazyLock::new(|| ExceptionClass::builtin("ModuleNotFoundError"));
/// `NotImplementedError`, which says that something is not supported.
pub static NOT_IMPLEMENTED_ERROR: LazyLock<ExceptionClass> =
    LazyLock::new(|| ExceptionClass::builtin("NotImplementedError"));

/// A class of exceptions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ExceptionClass {
    /// A class of the tree; inexact: it or a subclass.
    Tree { class: ClassRef, exact: bool },
    /// A class outside the tree, by its dotted name.
    External(Name),
}

impl ExceptionClass {
    /// A class of `builtins`.
    #[must_use]
    pub fn builtin(name: &str) -> Self {
        Self::External(Name::new(&format!("builtins.{name}")))
    }

    /// The builtin class that a text such as `TypeError: f() takes no arguments` begins with.
    #[must_use]
    pub fn told(text: &str) -> Self {
        Self::builtin(text.split(':').next().unwrap_or_default())
    }

    /// Whether it is what an import raises (the language reference, 7.11).
    #[must_use]
    pub fn is_of_imports(self) -> bool {
        self == *IMPORT_ERROR || self == *MODULE_NOT_FOUND_ERROR
    }

    /// Whether it is what reading an attribute raises (the language reference, 6.3.1).
    #[must_use]
    pub fn is_of_attributes(self) -> bool {
        self == Self::builtin("AttributeError")
    }

    /// Whether nearly everything is an instance of it, so that a clause which names it says nothing of what is expected.
    #[must_use]
    pub fn is_broad(self) -> bool {
        matches!(self, Self::External(name)
            if matches!(name.as_str(), "builtins.Exception" | "builtins.BaseException"))
    }
}

/// The classes that a clause, or a context manager, names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Caught {
    /// The classes, each with whether it certainly is one of those named.
    pub classes: Vec<(ExceptionClass, bool)>,
    /// Whether it may name others that could not be evaluated.
    pub is_open: bool,
}

/// What an exception does when it comes to a clause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meeting {
    /// It goes by.
    Passes,
    /// It may go in.
    Unknown,
    /// It goes in, as nearly everything does: `except Exception`.
    Broad,
    /// It goes in: its class, or a class that it derives from, is named.
    Named,
}

impl Meeting {
    /// Whether the exception goes in.
    #[must_use]
    pub const fn truth(self) -> Truth {
        match self {
            Self::Passes => Truth::False,
            Self::Unknown => Truth::Unknown,
            Self::Broad | Self::Named => Truth::True,
        }
    }
}

impl Caught {
    /// What a bare `except:` catches.
    #[must_use]
    pub fn everything() -> Self {
        Self {
            classes: vec![(ExceptionClass::builtin("BaseException"), true)],
            is_open: false,
        }
    }

    /// Whether it certainly catches whatever is raised.
    #[must_use]
    pub fn is_all(&self) -> bool {
        self.classes
            .iter()
            .any(|&(class, sure)| sure && class.is_broad())
    }

    /// What may be any class.
    #[must_use]
    pub fn anything() -> Self {
        Self {
            classes: Vec::new(),
            is_open: true,
        }
    }

    /// Whether nothing is named at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.classes.is_empty() && !self.is_open
    }

    /// Names what `other` names as well, or instead.
    pub fn join(&mut self, other: &Self) {
        if self == other {
            return;
        }
        for (class, sure) in &mut self.classes {
            *sure &= other.classes.contains(&(*class, true));
        }
        for &(class, _) in &other.classes {
            if !self.classes.iter().any(|(known, _)| *known == class) {
                self.classes.push((class, false));
            }
        }
        self.is_open |= other.is_open;
    }

    /// Names what `other` names besides.
    pub fn extend(&mut self, other: Self) {
        self.classes.extend(other.classes);
        self.is_open |= other.is_open;
    }

    /// Makes all that is named only possible.
    pub fn weaken(&mut self) {
        for (_, sure) in &mut self.classes {
            *sure = false;
        }
    }
}

impl<'p> Evaluator<'p> {
    /// What the expression of a clause names. It is evaluated where the `try` begins, without what it does.
    pub fn caught_by(&mut self, frame: &mut Frame<'p>, expr: &'p Expr) -> Caught {
        match &expr.kind {
            ExprKind::Tuple(items) => {
                let mut caught = Caught::default();
                for item in items {
                    let (item, is_spread) = match &item.kind {
                        ExprKind::Starred(inner) => (&**inner, true),
                        _ => (item, false),
                    };
                    let of_item = self.caught_by(frame, item);
                    // A tuple within a tuple is refused when the clause is looked at.
                    caught.is_open |= !is_spread && of_item.classes.len() > 1;
                    caught.extend(of_item);
                }
                caught
            }
            ExprKind::Name(name, var) => {
                let value = self.read(frame, *name, *var);
                if value == Value::UNKNOWN
                    && self.is_unbound(frame, *var)
                    && let Some(class) = builtin(*name)
                {
                    // A star import of a module that is not known hardly brings another one.
                    return Caught {
                        classes: vec![(ExceptionClass::External(class), true)],
                        is_open: false,
                    };
                }
                self.named_by(value)
            }
            ExprKind::Attribute { .. } => {
                let value = self.peek(frame, expr);
                self.named_by(value)
            }
            _ => {
                let value = self
                    .evaluated_aside(frame, |evaluator, frame| evaluator.expression(frame, expr));
                self.named_by(value)
            }
        }
    }

    /// Whether a global name is bound nowhere in its module, as far as its text says.
    fn is_unbound(&self, frame: &Frame<'p>, var: Var) -> bool {
        match var {
            Var::Global(name) => !self.modules[frame.module.0 as usize]
                .by_name
                .contains_key(&name),
            _ => false,
        }
    }

    /// Evaluates something for its value alone: what it does, and what fails in it, is forgotten.
    pub fn evaluated_aside(
        &mut self,
        frame: &mut Frame<'p>,
        evaluate: impl FnOnce(&mut Self, &mut Frame<'p>) -> Value,
    ) -> Value {
        let state = frame.state.clone();
        let marks = (
            frame.failures.len(),
            frame.edges.len(),
            frame.refused.len(),
            frame.lookups.len(),
        );
        let tries = std::mem::take(&mut frame.tries);
        let value = evaluate(self, frame);
        frame.tries = tries;
        frame.state = state;
        frame.failures.truncate(marks.0);
        frame.edges.truncate(marks.1);
        frame.refused.truncate(marks.2);
        frame.lookups.truncate(marks.3);
        let value = self.without_own(value);
        if self.values.mentions_local(value) {
            Value::UNKNOWN
        } else {
            value
        }
    }

    /// The classes of exceptions that a value names, as `except` and `suppress` take them: a class, or a tuple of them, at any depth.
    pub fn named_by(&mut self, value: Value) -> Caught {
        let mut caught = Caught::default();
        self.add_named(value, true, 8, &mut caught);
        caught
    }

    fn add_named(&self, value: Value, sure: bool, depth: u32, caught: &mut Caught) {
        match self.data(value) {
            _ if depth == 0 => caught.is_open = true,
            &Data::Class { class, exact } => {
                let class = ExceptionClass::Tree { class, exact };
                caught.classes.push((class, sure));
            }
            Data::External(name) => {
                let class = ExceptionClass::External(canonical(*name));
                caught.classes.push((class, sure));
            }
            Data::Tuple(items) => {
                for &item in items.iter() {
                    self.add_named(item, sure, depth - 1, caught);
                }
            }
            Data::Union(members) => {
                for &member in members.iter() {
                    self.add_named(member, false, depth - 1, caught);
                }
            }
            _ => caught.is_open = true,
        }
    }

    /// Whether a value is a class of exceptions, or a tuple of them, as far as can be told.
    pub fn names_exceptions(&self, value: Value) -> bool {
        match self.data(value) {
            Data::Class { class, .. } => self.is_exception_class(*class),
            Data::External(name) => is_external_exception(*name),
            Data::Tuple(items) => {
                !items.is_empty() && items.iter().all(|&item| self.names_exceptions(item))
            }
            Data::Union(members) => members.iter().any(|&item| self.names_exceptions(item)),
            Data::Of(Kind::Tuple) => false,
            _ => false,
        }
    }

    /// What an exception does when it comes to something that names classes. `raised`: its class; none: it is not known.
    pub fn meets(&self, caught: &Caught, raised: Option<ExceptionClass>) -> Meeting {
        let mut meeting = if caught.is_open {
            Meeting::Unknown
        } else {
            Meeting::Passes
        };
        for &(class, sure) in &caught.classes {
            let covered = match raised {
                _ if class.is_broad() => Truth::True,
                Some(raised) => self.covers(class, raised),
                None => Truth::Unknown,
            };
            match (covered, sure) {
                (Truth::True, true) if class.is_broad() => {
                    if meeting != Meeting::Named {
                        meeting = Meeting::Broad;
                    }
                }
                (Truth::True, true) => meeting = Meeting::Named,
                (Truth::False, _) => {}
                _ if meeting == Meeting::Passes => meeting = Meeting::Unknown,
                _ => {}
            }
        }
        meeting
    }

    /// Whether exceptions of the class `raised` are instances of `class`.
    pub fn covers(&self, class: ExceptionClass, raised: ExceptionClass) -> Truth {
        let ExceptionClass::Tree {
            class: own,
            exact: is_exact,
        } = raised
        else {
            let ExceptionClass::External(raised) = raised else {
                return Truth::Unknown;
            };
            return match class {
                // What is outside the tree does not derive from what is in it.
                ExceptionClass::Tree { .. } => Truth::False,
                ExceptionClass::External(class) => covers_external(class, raised),
            };
        };
        let mut covered = if is_exact {
            Truth::False
        } else {
            Truth::Unknown
        };
        for ancestor in &self.class(own).mro {
            let answer = match (ancestor, class) {
                (Ancestor::Tree(own), ExceptionClass::Tree { class, exact }) if *own == class => {
                    if exact {
                        Truth::True
                    } else {
                        Truth::Unknown
                    }
                }
                (Ancestor::External(own), ExceptionClass::External(class)) => {
                    covers_external(class, *own)
                }
                (Ancestor::Unknown, _) => Truth::Unknown,
                _ => Truth::False,
            };
            match answer {
                Truth::True => return Truth::True,
                Truth::Unknown => covered = Truth::Unknown,
                Truth::False => {}
            }
        }
        covered
    }

    /// The class of the exception that `raise expr` raises, by what the expression, or what it calls, is; none: it is not known.
    pub fn raised_class(
        &mut self,
        frame: &mut Frame<'p>,
        expr: &'p Expr,
    ) -> Option<ExceptionClass> {
        let named = match &expr.kind {
            ExprKind::Call(call) => self.peek(frame, &call.function),
            _ => self.peek(frame, expr),
        };
        let is_call = matches!(expr.kind, ExprKind::Call(_));
        match *self.data(named) {
            Data::Class { class, exact } if self.is_exception_class(class) => {
                Some(ExceptionClass::Tree { class, exact })
            }
            Data::Instance { class, exact, .. } if !is_call && self.is_exception_class(class) => {
                Some(ExceptionClass::Tree { class, exact })
            }
            Data::External(name) if is_external_exception(name) => {
                Some(ExceptionClass::External(canonical(name)))
            }
            Data::Made { class, .. } if !is_call => match *self.data(class) {
                Data::External(name) => Some(ExceptionClass::External(canonical(name))),
                _ => None,
            },
            Data::Unknown => match &expr.kind {
                ExprKind::Name(name, var) if self.is_unbound(frame, *var) => {
                    builtin(*name).map(ExceptionClass::External)
                }
                ExprKind::Call(call) => match &call.function.kind {
                    ExprKind::Name(name, var) if self.is_unbound(frame, *var) => {
                        builtin(*name).map(ExceptionClass::External)
                    }
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        }
    }
}

/// Whether something outside the tree is a class of exceptions: what is not of the standard library is told by its name.
fn is_external_exception(name: Name) -> bool {
    ancestors(name).is_some()
        || ["Error", "Exception", "Warning"]
            .iter()
            .any(|end| name.ends_with(end))
}

/// The same for two classes outside the tree, by their dotted names.
fn covers_external(class: Name, raised: Name) -> Truth {
    let (class, raised) = (canonical(class), canonical(raised));
    if class == raised {
        return Truth::True;
    }
    let is_known = |name: Name| {
        let root = name.as_str().split('.').next().unwrap_or_default();
        root == "builtins" || crate::program::stdlib::is_standard(root)
    };
    let last = |name: Name| name.as_str().rsplit('.').next().unwrap_or_default();
    match ancestors(raised) {
        Some(line) if line.contains(&class) => Truth::True,
        Some(_) if is_known(class) => Truth::False,
        // A package that hands a builtin exception on calls it by its name.
        Some(line) if line.iter().any(|known| last(*known) == last(class)) => Truth::Unknown,
        Some(_) => Truth::False,
        // Nothing is known of its ancestors, but nearly all exceptions are `Exception`s.
        None if matches!(
            class.as_str(),
            "builtins.Exception" | "builtins.BaseException"
        ) =>
        {
            Truth::True
        }
        None if is_known(raised) && ancestors(class).is_some() => Truth::False,
        None => Truth::Unknown,
    }
}
