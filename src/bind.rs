//! Binding: matching a call's shape with a signature, exactly as CPython does it.
//!
//! The rules and their order of precedence are those of `initialize_locals` in CPython 3.11's `Python/ceval.c`:
//! first the keywords in the order in which they are passed (each may fill a parameter twice, name a positional-only
//! parameter, or name none), then too many positionals, then missing positionals, then missing keyword-only arguments.
//!
//! What is unknown about a call ranges over *completions*: some number of further positionals, each uncertain keyword
//! passed or not, and any further keywords. [`bind`] tells whether all of them fail, some, or none.
//! Two things that happen before binding are not its concern: that a `**x` brings a keyword once more
//! ([`duplicate_keyword`]), and that its keys are no strings ([`KEYWORDS_MUST_BE_STRINGS`]).

mod suggestion;
mod text;

pub use text::{KEYWORDS_MUST_BE_STRINGS, duplicate_keyword, function_display, render};

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
    /// The keywords that such a `**x` does not hold, sorted.
    pub absent: Vec<Name>,
}

impl Shape {
    /// Whether a `**x` of unknown content may pass a parameter.
    fn may_pass(&self, parameter: &Parameter) -> bool {
        self.more_keywords
            && parameter.kind != ParameterKind::PositionalOnly
            && !self.absent.contains(&parameter.name)
    }
}

/// Where a parameter's value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The positional with this index, from 0.
    Positional(u32),
    /// The keyword with this index in [`Shape::keywords`]. If that is not certain to be there, the value may also be
    /// the default, or come from a `*x` or `**x` of unknown content.
    Keyword(u32),
    /// The default.
    Default,
    /// From a `*x` or `**x` of unknown content, or else the default.
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
    /// The keywords, by index, that go to `**kwargs` (if they are there at all: see [`Keyword::certain`]).
    pub surplus_keywords: Vec<u32>,
    /// How the call would fail for some content of what is unknown, if it can.
    pub doubt: Option<Fault>,
}

/// What is wrong with a call. The names are those of the rules that report it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FaultKind {
    /// A keyword that names no parameter.
    UnexpectedKeyword,
    /// Required parameters that nothing fills.
    MissingArgument,
    /// More positionals than there are parameters for them.
    TooManyPositionals,
    /// A parameter filled by position and by keyword.
    MultipleValues,
    /// Keywords that name positional-only parameters.
    PositionalOnlyKeyword,
}

/// What makes a call fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Certainty {
    /// Nothing: it fails for every completion.
    Must,
    /// Which of the uncertain keywords are there: with some choice it fails whatever `*x` and `**x` hold.
    May,
    /// What a `*x` or `**x` of unknown content holds.
    Unknown,
}

/// How a call fails.
///
/// It holds no text: most doubts are never shown. [`Fault::message`] writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What is wrong.
    pub kind: FaultKind,
    /// The keyword or the parameters in question, in the order of the message. Empty if there are too many
    /// positionals, and where a `**x` may hold a keyword that no parameter takes, whose name nobody knows.
    pub names: Vec<Name>,
    /// What it depends on. `Must` in [`bind`]'s `Err`, and never in a [`Binding`].
    pub certainty: Certainty,
}

/// Matches a call's shape with a signature.
///
/// # Errors
///
/// Fails if every completion fails. One completion is that nothing unknown is passed: no further positional, none of
/// the uncertain keywords, no further keyword. The fault is the one that CPython raises for that one; of the arguments that are missing then, only
/// those are named that no further keyword brings, which is what CPython says once the others are passed.
///
/// If some completions bind and others fail, [`Binding::doubt`] is the fault of the first that fails, in this order:
///
/// * `May`, if the call is then lost whatever `*x` and `**x` hold: nothing unknown is passed; just one uncertain keyword,
///   which the signature refuses, or else which takes the place of positionals that are needed after it;
/// * `Unknown`: nothing unknown is passed; the smallest number of further positionals that fails; one further keyword;
///   a further positional together with a keyword that names its parameter.
pub fn bind(signature: &Signature, shape: &Shape) -> Result<Binding, Fault> {
    let mut matching = Matching::new(signature, shape);
    if matching.has_room() && matching.match_keywords() && matching.fill_rest() {
        Ok(matching.into_binding())
    } else {
        Err(must(signature, shape))
    }
}

impl Signature {
    /// The index of the parameter with this name, if it may be passed by keyword.
    fn named(&self, name: Name) -> Option<usize> {
        self.parameters.iter().position(|parameter| {
            parameter.name == name
                && matches!(
                    parameter.kind,
                    ParameterKind::PositionalOrKeyword | ParameterKind::KeywordOnly
                )
        })
    }
}

/// What a signature's kinds come to.
#[derive(Clone, Copy)]
struct Layout {
    /// How many parameters may be filled by position; they come first.
    positional: usize,
    /// Whether there is `*args`.
    var_positional: bool,
    /// Whether there is `**kwargs`.
    var_keyword: bool,
}

impl Layout {
    fn of(signature: &Signature) -> Self {
        let mut layout = Self {
            positional: 0,
            var_positional: false,
            var_keyword: false,
        };
        for parameter in &signature.parameters {
            match parameter.kind {
                ParameterKind::PositionalOnly | ParameterKind::PositionalOrKeyword => {
                    layout.positional += 1;
                }
                ParameterKind::VarPositional => layout.var_positional = true,
                ParameterKind::VarKeyword => layout.var_keyword = true,
                ParameterKind::KeywordOnly => {}
            }
        }
        layout
    }
}

/// A call in the making: one pass over the keywords, one over the parameters.
struct Matching<'a> {
    signature: &'a Signature,
    shape: &'a Shape,
    layout: Layout,
    /// As in [`Binding::sources`].
    sources: Vec<Source>,
    /// As in [`Binding::surplus_keywords`].
    surplus_keywords: Vec<u32>,
    /// Parameters before this one may be filled by position. A keyword that is certain to be there is a barrier: the
    /// completions that reach past it fill its parameter twice.
    reach: usize,
    /// Parameters before this one are filled by position in every completion that binds.
    filled: usize,
    /// The first uncertain keyword that the signature does not take.
    refused: Option<u32>,
    /// Whether a required parameter lacks its argument unless an uncertain keyword brings it.
    lost: bool,
    /// Whether a required parameter lacks its argument unless a `*x` or `**x` brings it.
    lacking: bool,
}

impl<'a> Matching<'a> {
    /// Fills the parameters that the known positionals fill.
    fn new(signature: &'a Signature, shape: &'a Shape) -> Self {
        let layout = Layout::of(signature);
        let by_position = |(index, parameter): (u32, &Parameter)| match parameter.kind {
            ParameterKind::VarPositional | ParameterKind::VarKeyword => Source::Surplus,
            ParameterKind::KeywordOnly => Source::Default,
            _ if index < shape.positionals => Source::Positional(index),
            _ => Source::Default,
        };
        Self {
            signature,
            shape,
            layout,
            sources: (0..).zip(&signature.parameters).map(by_position).collect(),
            surplus_keywords: Vec::new(),
            reach: if shape.more_positionals {
                layout.positional
            } else {
                0
            },
            filled: 0,
            refused: None,
            lost: false,
            lacking: false,
        }
    }

    /// Whether there is a place for every known positional.
    fn has_room(&self) -> bool {
        self.layout.var_positional || self.shape.positionals as usize <= self.layout.positional
    }

    /// Finds the keywords' parameters. False if a keyword that is certain to be there has none, or a filled one.
    fn match_keywords(&mut self) -> bool {
        for (index, keyword) in (0..).zip(&self.shape.keywords) {
            match self.signature.named(keyword.name) {
                Some(at) if !matches!(self.sources[at], Source::Positional(_)) => {
                    self.sources[at] = Source::Keyword(index);
                    if keyword.certain {
                        self.reach = self.reach.min(at);
                    }
                }
                None if self.layout.var_keyword => self.surplus_keywords.push(index),
                _ if keyword.certain => return false,
                _ => self.refused = self.refused.or(Some(index)),
            }
        }
        true
    }

    /// Finds out what may fill the parameters left. False if nothing can fill a required one.
    fn fill_rest(&mut self) -> bool {
        for (at, parameter) in self.signature.parameters.iter().enumerate() {
            let named = match self.sources[at] {
                Source::Positional(_) | Source::Surplus => continue,
                Source::Keyword(index) if self.shape.keywords[index as usize].certain => continue,
                Source::Keyword(_) => true,
                Source::Default | Source::Unknown => false,
            };
            let by_keyword = self.shape.may_pass(parameter);
            let by_position = at < self.reach;
            let required = !parameter.has_default;
            if by_position || by_keyword {
                self.lacking |= required;
                if !named {
                    self.sources[at] = Source::Unknown;
                    if required && !by_keyword {
                        self.filled = at;
                    }
                }
            } else if required {
                if !named {
                    return false;
                }
                self.lost = true;
            }
        }
        true
    }

    fn into_binding(mut self) -> Binding {
        let doubt = self.doubt();
        for source in &mut self.sources[..self.filled] {
            if matches!(source, Source::Keyword(_)) {
                *source = Source::Unknown;
            }
        }
        let room = u32::try_from(self.layout.positional).unwrap_or(u32::MAX);
        Binding {
            sources: self.sources,
            first_surplus_positional: self.shape.positionals.min(room),
            surplus_keywords: self.surplus_keywords,
            doubt,
        }
    }

    /// As in [`Binding::doubt`].
    fn doubt(&self) -> Option<Fault> {
        let Self {
            signature, shape, ..
        } = *self;
        if self.lost {
            first_fault(signature, shape, None, Certainty::May)
        } else if let Some(index) = self.refused.or_else(|| self.blocking_keyword()) {
            first_fault(signature, shape, Some(index), Certainty::May)
        } else if self.lacking {
            first_fault(signature, shape, None, Certainty::Unknown)
        } else {
            self.fault_by_unknown()
        }
    }

    /// The first uncertain keyword that blocks the way to a required parameter, which only further positionals can
    /// fill: they would fill the keyword's parameter as well.
    fn blocking_keyword(&self) -> Option<u32> {
        if !self.lacking || !self.shape.more_positionals {
            return None;
        }
        let last = (0..self.reach).rev().find(|&at| {
            let filled = matches!(self.sources[at], Source::Positional(_));
            let parameter = &self.signature.parameters[at];
            !filled && !parameter.has_default && !self.shape.may_pass(parameter)
        })?;
        let mut uncertain = self.uncertain_keywords();
        uncertain.find(|&(at, _)| at < last).map(|(_, index)| index)
    }

    /// The fault that the content of `*x` and `**x` can bring about in a call that binds without it.
    fn fault_by_unknown(&self) -> Option<Fault> {
        let Self {
            signature,
            shape,
            layout,
            ..
        } = *self;
        let certainty = Certainty::Unknown;
        let fault = |kind, names| {
            Some(Fault {
                kind,
                names,
                certainty,
            })
        };
        let multiple = |at: usize| {
            fault(
                FaultKind::MultipleValues,
                vec![signature.parameters[at].name],
            )
        };
        if shape.more_positionals {
            if self.reach < layout.positional {
                return multiple(self.reach);
            }
            if !layout.var_positional {
                return fault(FaultKind::TooManyPositionals, Vec::new());
            }
            if (!shape.more_keywords || layout.var_keyword)
                && let Some((at, _)) = self.uncertain_keywords().next()
            {
                return multiple(at);
            }
        }
        if !shape.more_keywords {
            return None;
        }
        if !layout.var_keyword {
            return fault(FaultKind::UnexpectedKeyword, Vec::new());
        }
        // A `**x` may name what is filled by position, or else what a `*x` may fill.
        let first = signature
            .parameters
            .iter()
            .position(|p| p.kind == ParameterKind::PositionalOrKeyword && shape.may_pass(p))?;
        let fillable = shape.more_positionals || first < shape.positionals as usize;
        if fillable { multiple(first) } else { None }
    }

    /// The uncertain keywords that name parameters which could also be filled by position: those parameters, and the
    /// keywords' indexes.
    fn uncertain_keywords(&self) -> impl Iterator<Item = (usize, u32)> {
        let positional = self.sources[..self.layout.positional].iter().enumerate();
        positional.filter_map(|(at, source)| match *source {
            Source::Keyword(index) if !self.shape.keywords[index as usize].certain => {
                Some((at, index))
            }
            _ => None,
        })
    }
}

/// The fault of a call that cannot bind.
#[cold]
fn must(signature: &Signature, shape: &Shape) -> Fault {
    // A call that fails for every completion fails for the one with nothing unknown; the other arm is never taken.
    let fault = first_fault(signature, shape, None, Certainty::Must);
    let mut fault = fault.unwrap_or(Fault {
        kind: FaultKind::MissingArgument,
        names: Vec::new(),
        certainty: Certainty::Must,
    });
    if fault.kind == FaultKind::MissingArgument {
        fault.names = not_to_be_filled(signature, shape, fault.names);
    }
    fault
}

/// Of the parameters that nothing known fills, all positional or all keyword-only: those that nothing unknown fills either, if there are some.
#[cold]
fn not_to_be_filled(signature: &Signature, shape: &Shape, missing: Vec<Name>) -> Vec<Name> {
    let may_be_filled = |name: &&Name| {
        let parameter = signature.parameters.iter().find(|p| p.name == **name);
        parameter.is_some_and(|p| shape.may_pass(p))
    };
    let lost: Vec<Name> = missing
        .iter()
        .filter(|name| !may_be_filled(name))
        .copied()
        .collect();
    if lost.is_empty() || shape.more_positionals {
        missing
    } else {
        lost
    }
}

/// The fault that CPython raises if nothing unknown is passed but the keyword `also`.
#[cold]
fn first_fault(
    signature: &Signature,
    shape: &Shape,
    also: Option<u32>,
    certainty: Certainty,
) -> Option<Fault> {
    let given = shape.positionals as usize;
    let layout = Layout::of(signature);
    let fault = |kind, names| {
        Some(Fault {
            kind,
            names,
            certainty,
        })
    };
    let passed = || {
        let keywords = (0..).zip(&shape.keywords);
        keywords
            .filter(|&(index, keyword)| keyword.certain || also == Some(index))
            .map(|(_, keyword)| keyword.name)
    };
    for keyword in passed() {
        match signature.named(keyword) {
            Some(at) if at < given.min(layout.positional) => {
                return fault(FaultKind::MultipleValues, vec![keyword]);
            }
            None if !layout.var_keyword => {
                let parameters = signature.parameters.iter();
                let refused: Vec<Name> = parameters
                    .filter(|p| {
                        p.kind == ParameterKind::PositionalOnly
                            && passed().any(|name| name == p.name)
                    })
                    .map(|p| p.name)
                    .collect();
                return if refused.is_empty() {
                    fault(FaultKind::UnexpectedKeyword, vec![keyword])
                } else {
                    fault(FaultKind::PositionalOnlyKeyword, refused)
                };
            }
            _ => {}
        }
    }
    if given > layout.positional && !layout.var_positional {
        return fault(FaultKind::TooManyPositionals, Vec::new());
    }
    let filled = |p: &Parameter| match p.kind {
        ParameterKind::VarPositional | ParameterKind::VarKeyword => true,
        ParameterKind::PositionalOnly => p.has_default,
        _ => p.has_default || passed().any(|name| name == p.name),
    };
    let missing = |parameters: &[Parameter]| -> Vec<Name> {
        parameters
            .iter()
            .filter(|p| !filled(p))
            .map(|p| p.name)
            .collect()
    };
    let (positional, rest) = signature.parameters.split_at(layout.positional);
    let mut names = missing(positional.get(given..).unwrap_or_default());
    if names.is_empty() {
        names = missing(rest);
    }
    if names.is_empty() {
        None
    } else {
        fault(FaultKind::MissingArgument, names)
    }
}
