//! Binding: matching a call's shape with a signature, exactly as CPython does it.

use crate::name::Name;
use crate::syntax::ir::ParameterKind;

/// One parameter of a [`Signature`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Parameter {
    /// Its name, without stars.
    pub name: Name,
    /// Its kind.
    pub kind: ParameterKind,
    /// Whether it may be left out because it has a default.
    pub has_default: bool,
}

/// What a function takes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Signature {
    /// The function's `__qualname__`, which begins every error text.
    pub function: Name,
    /// The parameters: positional-only, positional-or-keyword, var-positional, keyword-only, var-keyword.
    pub parameters: Vec<Parameter>,
}

/// One keyword of a [`Shape`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Keyword {
    /// The keyword.
    pub name: Name,
    /// Whether it is there for certain; otherwise it may be (a conditional entry of a `**dict`).
    pub certain: bool,
}

/// What a call passes: counts and names, no values.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Shape {
    /// How many positionals there are at least (for a bound method, with `self`).
    pub positionals: u32,
    /// Whether a `*x` of unknown length may add more.
    pub more_positionals: bool,
    /// The keywords, each name once, in the order in which they are passed.
    pub keywords: Vec<Keyword>,
    /// Whether a `**x` of unknown content may add more.
    pub more_keywords: bool,
}

/// Where a parameter's value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The positional with this index, from 0.
    Positional(u32),
    /// The keyword with this index in [`Shape::keywords`].
    Keyword(u32),
    /// The default.
    Default,
    /// A positional or keyword that is not known, or else the default.
    Unknown,
    /// `*args` and `**kwargs` themselves: see the surplus in [`Binding`].
    Surplus,
}

/// A call that binds, or may.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// One entry per parameter of the signature, in its order.
    pub sources: Vec<Source>,
    /// The first known positional that goes to `*args` (those after it too); the count of positionals if none does.
    pub first_surplus_positional: u32,
    /// The keywords, by index, that go to `**kwargs`.
    pub surplus_keywords: Vec<u32>,
    /// How the call would fail for some content of what is unknown, if it can.
    pub doubt: Option<Fault>,
}
