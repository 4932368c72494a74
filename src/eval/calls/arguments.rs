//! The arguments of a call: from its expressions to a shape that binds, and to the callee's parameters.

use crate::bind::{self, Binding, Keyword, Shape, Source};
use crate::facts::FailureKind;
use crate::name::Name;
use crate::syntax::ir::{Argument, ArgumentKind, Call, Expr, ExprKind, ParameterKind, Var};

use crate::eval::Evaluator;
use crate::eval::calls::call::Site;
use crate::eval::calls::refusal::Refusal;
use crate::eval::calls::signature::Callable;
use crate::eval::domain::state::{Dict, Entry, Object, mentions_local};
use crate::eval::domain::value::{Data, FunctionObject, Kind, LocalId, Value, Values};
use crate::eval::interpreter::frame::{Blame, Callee, Frame};
use crate::eval::interpreter::operator::LIST_LIMIT;
use crate::eval::summaries::context::Arguments;

/// One keyword of a call.
#[derive(Clone, Copy, Debug)]
pub struct ActualKeyword {
    /// The keyword.
    pub name: Name,
    /// Its value.
    pub value: Value,
    /// Whether it is passed on every way.
    pub certain: bool,
    /// Whether it came out of a `**x`.
    pub forwarded: bool,
}

/// The arguments of a call, evaluated.
#[derive(Clone, Debug, Default)]
pub struct Actual {
    /// The positionals, as far as they are known.
    pub positionals: Vec<Value>,
    /// Whether a `*x` of unknown length adds more.
    pub more_positionals: bool,
    /// The keywords, each name once.
    pub keywords: Vec<ActualKeyword>,
    /// What a `**x` of unknown content may add.
    pub rest: Option<Value>,
    /// The keywords that it does not add, sorted.
    pub absent: Vec<Name>,
}

impl Actual {
    /// Positionals only.
    #[must_use]
    pub fn of(positionals: Vec<Value>) -> Self {
        Self {
            positionals,
            ..Self::default()
        }
    }

    /// The keywords as a dict.
    #[must_use]
    pub fn as_dict(&self, values: &mut Values) -> Dict {
        let mut dict = Dict::default();
        if let Some(rest) = self.rest {
            let absent = self.absent.iter().map(|&name| values.str(name));
            dict = Dict::of_others(rest, absent.collect());
        }
        for keyword in &self.keywords {
            let key = values.str(keyword.name);
            if keyword.certain {
                dict.set(key, keyword.value);
            } else {
                dict.set_perhaps(values, key, keyword.value);
            }
        }
        dict
    }

    /// Every value that is passed.
    #[must_use]
    pub fn all_values(&self) -> Vec<Value> {
        self.positionals
            .iter()
            .copied()
            .chain(self.keywords.iter().map(|keyword| keyword.value))
            .collect()
    }

    /// The value of a parameter that can be passed as positional number `index` or by keyword.
    #[must_use]
    pub fn get(&self, index: usize, name: &str) -> Option<Value> {
        self.positionals
            .get(index)
            .copied()
            .or_else(|| self.keyword(name))
    }

    /// The value of a keyword.
    #[must_use]
    pub fn keyword(&self, name: &str) -> Option<Value> {
        self.keywords
            .iter()
            .find(|keyword| keyword.name.as_str() == name)
            .map(|keyword| keyword.value)
    }

    /// Whether it is known how many positionals there are and which keywords, all for certain.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        !self.more_positionals
            && self.rest.is_none()
            && self.keywords.iter().all(|keyword| keyword.certain)
    }

    /// The same with one more positional before the others.
    #[must_use]
    pub fn with_first(&self, first: Value) -> Self {
        let mut positionals = Vec::with_capacity(self.positionals.len() + 1);
        positionals.push(first);
        positionals.extend_from_slice(&self.positionals);
        Self {
            positionals,
            more_positionals: self.more_positionals,
            keywords: self.keywords.clone(),
            rest: self.rest,
            absent: self.absent.clone(),
        }
    }
}

impl<'p> Evaluator<'p> {
    /// Evaluates arguments in source order. None: building the call fails already.
    pub fn arguments(
        &mut self,
        frame: &mut Frame<'p>,
        site: &Site<'p>,
        arguments: &'p [Argument],
        function: Option<Value>,
    ) -> Option<Actual> {
        let by_keyword = |argument: &&Argument| matches!(argument.kind, ArgumentKind::Keyword(_));
        let keywords = arguments.iter().filter(by_keyword).count();
        let mut actual = Actual {
            positionals: Vec::with_capacity(arguments.len() - keywords),
            keywords: Vec::with_capacity(keywords),
            ..Actual::default()
        };
        let mut duplicate = None;
        for argument in arguments {
            let mut value = self.expression(frame, &argument.value);
            if argument.kind == ArgumentKind::Star
                && let Some(item) = self.iterated(frame, value)
            {
                // It stands for any number of arguments.
                value = self.values.intern(Data::Tuple([item].into()));
            }
            match argument.kind {
                ArgumentKind::Positional if actual.more_positionals => {}
                ArgumentKind::Positional => actual.positionals.push(value),
                ArgumentKind::Star => match self.known_items(frame, value) {
                    Some(items) if actual.positionals.len() + items.len() <= LIST_LIMIT => {
                        if !actual.more_positionals {
                            actual.positionals.extend(items);
                        }
                    }
                    _ => actual.more_positionals = true,
                },
                ArgumentKind::Keyword(name) => {
                    if actual
                        .keywords
                        .iter()
                        .any(|known| known.name == name && known.certain)
                    {
                        duplicate = duplicate.or(Some(name));
                    }
                    actual.keywords.retain(|known| known.name != name);
                    actual.keywords.push(ActualKeyword {
                        name,
                        value,
                        certain: true,
                        forwarded: false,
                    });
                }
                ArgumentKind::DoubleStar => {
                    let repeated = self.spread(frame, &mut actual, value);
                    duplicate = duplicate.or(repeated);
                }
            }
            if !frame.state.live {
                return None;
            }
        }
        if let (Some(name), Some(function)) = (duplicate, function) {
            self.duplicate_keyword(frame, site, function, name);
            // CPython does not even look at what the call would bind to.
            return None;
        }
        Some(actual)
    }

    /// `**value`; gives a keyword that is passed twice.
    fn spread(&mut self, frame: &mut Frame<'p>, actual: &mut Actual, value: Value) -> Option<Name> {
        let mapping = self.as_mapping(frame, value);
        let mut duplicate = None;
        for entry in &mapping.entries {
            let Some(name) = self.values.as_str(entry.key) else {
                continue;
            };
            if let Some(known) = actual.keywords.iter().find(|known| known.name == name) {
                if known.certain && entry.certain {
                    duplicate = duplicate.or(Some(name));
                }
                continue;
            }
            actual.keywords.push(ActualKeyword {
                name,
                value: entry.value,
                certain: entry.certain,
                forwarded: true,
            });
        }
        if mapping.rest.is_some() {
            let absent = mapping.absent.iter();
            let mut absent: Vec<Name> = absent.filter_map(|&key| self.values.as_str(key)).collect();
            absent.sort_unstable();
            if actual.rest.is_some() {
                absent.retain(|name| actual.absent.contains(name));
            }
            actual.absent = absent;
            actual.rest = Some(Value::UNKNOWN);
        }
        duplicate
    }

    /// `f(a=1, **{'a': 2})` fails before anything is called. Nothing is said where CPython's text cannot be told.
    fn duplicate_keyword(
        &mut self,
        frame: &mut Frame<'p>,
        site: &Site<'p>,
        function: Value,
        name: Name,
    ) {
        let Some((callee, display)) = self.caller_display(function) else {
            return;
        };
        self.refuse(
            frame,
            site,
            Refusal {
                kind: FailureKind::MultipleValues,
                subject: name,
                exception: format!("TypeError: {}", bind::duplicate_keyword(&display, name)),
                callee,
                blame: Blame::Duplicate(name),
            },
        );
    }

    /// What `function` is, and what CPython calls it in the faults of building a call: its module's and its qualified name.
    fn caller_display(&self, function: Value) -> Option<(Option<Callee>, String)> {
        let (callee, module, qualname) = match *self.data(function) {
            Data::Function(ref object) => {
                let reference = object.function;
                let definition = self.definition(reference);
                // `@wraps(f)` and its like give a function another name.
                let renamed = |decorator: &Expr| matches!(decorator.kind, ExprKind::Call(_));
                if definition.decorators.iter().any(renamed) {
                    return None;
                }
                let qualname = definition.qualname;
                let callee = Some(Callee::Function(reference));
                (callee, reference.module, qualname)
            }
            // Both hand the names of what they wrap on.
            Data::Bound { function, .. } | Data::Static(function) => {
                return self.caller_display(function);
            }
            Data::Class { class, exact: true } => {
                let class = self.class(class);
                (None, class.module, class.definition.qualname)
            }
            _ => return None,
        };
        let module = self.program.module(module).name;
        Some((callee, bind::function_display(Some(&module), &qualname)))
    }

    pub fn bound_arguments(
        &mut self,
        object: &FunctionObject,
        callable: &Callable,
        binding: &Binding,
        actual: &Actual,
    ) -> Arguments {
        let mut values = Vec::with_capacity(binding.sources.len());
        let mut keywords = None;
        for (index, (source, parameter)) in binding
            .sources
            .iter()
            .zip(&callable.signature.parameters)
            .enumerate()
        {
            let default = object.defaults.get(index).copied().flatten();
            values.push(match source {
                Source::Positional(at) => actual.positionals[*at as usize],
                Source::Keyword(at) => {
                    let keyword = actual.keywords[*at as usize];
                    match default {
                        Some(default) if !keyword.certain => {
                            self.values.join(keyword.value, default)
                        }
                        _ => keyword.value,
                    }
                }
                Source::Default => default.unwrap_or(Value::UNKNOWN),
                Source::Unknown => default.map_or(Value::UNKNOWN, |default| {
                    self.values.join(default, Value::UNKNOWN)
                }),
                Source::Surplus if parameter.kind == ParameterKind::VarPositional => {
                    if actual.more_positionals {
                        self.values.of(Kind::Tuple)
                    } else {
                        let first = (binding.first_surplus_positional as usize)
                            .min(actual.positionals.len());
                        let rest = actual.positionals[first..].into();
                        self.values.intern(Data::Tuple(rest))
                    }
                }
                Source::Surplus => {
                    let mut dict = match actual.rest {
                        Some(rest) => {
                            let absent = actual.absent.iter().map(|&name| self.values.str(name));
                            let mut absent: Vec<Value> = absent.collect();
                            let own = callable.signature.parameters.iter();
                            let own = own.map(|own| (own.name, own.kind));
                            absent.extend(self.own_keywords(own));
                            Dict::of_others(rest, absent)
                        }
                        None => Dict::default(),
                    };
                    for &at in &binding.surplus_keywords {
                        let keyword = actual.keywords[at as usize];
                        let key = self.values.str(keyword.name);
                        dict.entries.push(Entry {
                            key,
                            value: keyword.value,
                            certain: keyword.certain,
                        });
                    }
                    keywords = Some(dict);
                    Value::UNKNOWN
                }
            });
        }
        Arguments { values, keywords }
    }

    /// What a call that has bound says of the one dict of unknown content in it, `f(**x)`: it holds what `f` requires besides, and nothing that `f`
    /// does not take.
    pub fn assume_bound(
        &mut self,
        frame: &mut Frame<'p>,
        site: &Site<'p>,
        callable: &Callable,
        (binding, actual): (&Binding, &Actual),
    ) {
        let Some(id) = site.call.and_then(|call| self.open_dict(frame, call)) else {
            return;
        };
        let parameters = &callable.signature.parameters;
        let takes_any = parameters
            .last()
            .is_some_and(|last| last.kind == ParameterKind::VarKeyword);
        let mut taken = Vec::new();
        let mut filled = Vec::new();
        let by_name = parameters.iter().zip(&binding.sources);
        // The name of a positional-only one is free: `**x` may hold it, for the callee's own `**kwargs`.
        let by_name = by_name.filter(|(own, _)| own.kind != ParameterKind::PositionalOnly);
        for (parameter, source) in by_name {
            let key = self.values.str(parameter.name);
            let is_in_dict = match *source {
                Source::Unknown => true,
                Source::Keyword(at) => actual.keywords[at as usize].forwarded,
                Source::Positional(_) => false,
                Source::Default | Source::Surplus => continue,
            };
            if is_in_dict {
                taken.push((key, !parameter.has_default));
            } else {
                filled.push(key);
            }
        }
        let Object::Dict(dict) = frame.state.object_mut(id) else {
            return;
        };
        for key in filled {
            dict.remove(key);
        }
        if !takes_any {
            dict.keep_only(&taken);
        }
    }

    /// The dict of unknown content that a call unpacks, if it is one of this body's, the only such argument, and passed in no other way.
    fn open_dict(&self, frame: &Frame<'p>, call: &Call) -> Option<LocalId> {
        let mut found = None;
        for argument in &call.arguments {
            match (argument.kind, &argument.value.kind) {
                (ArgumentKind::DoubleStar, ExprKind::Name(_, Var::Local(slot)))
                    if found.is_none() =>
                {
                    found = Some(frame.state.slots[slot.0 as usize]);
                }
                (ArgumentKind::Keyword(_) | ArgumentKind::Positional, ExprKind::Constant(_)) => {}
                (
                    ArgumentKind::Keyword(_) | ArgumentKind::Positional,
                    ExprKind::Name(_, Var::Local(slot)),
                ) if !mentions_local(&self.values, frame.state.slots[slot.0 as usize]) => {}
                _ => return None,
            }
        }
        match *self.data(found?) {
            Data::Local(id) => match frame.state.object(id) {
                Object::Dict(dict) if dict.rest.is_some() => Some(id),
                _ => None,
            },
            _ => None,
        }
    }
}

/// The shape of evaluated arguments.
#[must_use]
pub fn shape(actual: &Actual) -> Shape {
    Shape {
        positionals: u32::try_from(actual.positionals.len()).unwrap_or(u32::MAX),
        more_positionals: actual.more_positionals,
        keywords: actual
            .keywords
            .iter()
            .map(|keyword| Keyword {
                name: keyword.name,
                certain: keyword.certain,
            })
            .collect(),
        more_keywords: actual.rest.is_some(),
        absent: actual.absent.clone(),
    }
}
