//! How the contracts of [`crate::eval::library::frameworks`] apply: decorators that keep the call, tasks, commands and their parameters, views and their paths.
//!
//! What a framework will call is bound and not evaluated: it runs in another place, at another time.

use std::collections::BTreeMap;
use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::bind;
use crate::eval::Evaluator;
use crate::eval::calls::arguments::{Actual, ActualKeyword, shape};
use crate::eval::calls::call::{Invoked, Site};
use crate::eval::calls::refusal::Refusal;
use crate::eval::domain::truth::Truth;
use crate::eval::domain::value::{Data, Partial, Starts, Value};
use crate::eval::interpreter::frame::{Blame, Callee, Frame};
use crate::eval::library::frameworks::{Contract, Declares, LIBRARIES, Library, Meaning, Path};
use crate::eval::reuse::changes::About;
use crate::facts::FailureKind;
use crate::name::Name;
use crate::name::is_identifier;
use crate::syntax::ir::{ExprKind, Range};

/// Behind the name of a decorator that was given its options.
const WITH_OPTIONS: &str = "(...)";

/// Where a contract stands in the table, by its name.
type ByName = FxHashMap<&'static str, (&'static Library, &'static Contract)>;

static BY_NAME: std::sync::LazyLock<ByName> = std::sync::LazyLock::new(|| {
    let all = LIBRARIES.iter().flat_map(|library| {
        let contracts = library.contracts.iter();
        contracts.map(move |contract| (contract.0, (library, contract)))
    });
    all.collect()
});

/// The methods of what calls a function later on.
#[must_use]
pub fn is_method_of_deferred(starts: Starts, name: &str) -> bool {
    match starts {
        Starts::Started | Starts::Later => matches!(name, "start" | "run"),
        Starts::Queued => matches!(
            name,
            "delay" | "apply_async" | "s" | "si" | "signature" | "subtask"
        ),
        Starts::Signed => matches!(name, "delay" | "apply_async"),
        Starts::Awaited | Starts::Named => false,
    }
}

/// Whether a framework gives a name a meaning, with options or without.
#[must_use]
pub fn is_listed(name: &str) -> bool {
    BY_NAME.contains_key(name.strip_suffix(WITH_OPTIONS).unwrap_or(name))
}

impl<'p> Evaluator<'p> {
    /// A call of a name that a framework gives a meaning.
    pub fn framework_call(
        &mut self,
        frame: &mut Frame<'p>,
        site: Site<'p>,
        name: Name,
        actual: &Actual,
    ) -> Option<Invoked> {
        self.list_registration(frame, &site, name, actual);
        let (plain, has_options) = match name.as_str().strip_suffix(WITH_OPTIONS) {
            Some(plain) => (plain, true),
            None => (name.as_str(), false),
        };
        let &(library, &Contract(contract, meaning, unless)) = BY_NAME.get(plain)?;
        if self.is_graph() {
            return None;
        }
        self.record_handed(frame, &site, actual);
        self.unknown_call(frame, actual);
        let mut keywords = actual.keywords.iter();
        let is_known =
            actual.is_whole() && !keywords.any(|keyword| unless.contains(&keyword.name.as_str()));
        if !is_known {
            return Some(Invoked::value(Value::UNKNOWN));
        }
        if meaning == Meaning::Makes {
            let made = Name::new(&format!("{contract}()"));
            return Some(Invoked::value(self.values.intern(Data::External(made))));
        }
        let is_applied = match meaning {
            Meaning::Passes | Meaning::Positional => true,
            _ if has_options => true,
            Meaning::PassesEither | Meaning::Task | Meaning::Command(_) => {
                let is_function = |value| {
                    self.is_code(value) || matches!(self.data(value), Data::Deferred { .. })
                };
                matches!(*actual.positionals, [only] if actual.keywords.is_empty() && is_function(only))
            }
            _ => false,
        };
        if !is_applied {
            return Some(Invoked::value(self.with_options(plain, actual)));
        }
        let (&function, options) = actual.positionals.split_last()?;
        let options = Actual {
            positionals: options.to_vec(),
            keywords: actual.keywords.clone(),
            ..Actual::default()
        };
        self.list_decorated(frame, (contract, meaning), function, &options);
        Some(self.decorated(frame, site, (library, meaning), function, &options))
    }

    fn with_options(&mut self, name: &str, actual: &Actual) -> Value {
        let function = Name::new(&format!("{name}{WITH_OPTIONS}"));
        let function = self.values.intern(Data::External(function));
        let keywords = actual.keywords.iter();
        self.values.intern(Data::Partial(Partial {
            function,
            positionals: actual.positionals.as_slice().into(),
            keywords: keywords.map(|own| (own.name, own.value)).collect(),
        }))
    }

    /// What a decorator makes of a function.
    fn decorated(
        &mut self,
        frame: &mut Frame<'p>,
        site: Site<'p>,
        (library, meaning): (&'static Library, Meaning),
        function: Value,
        options: &Actual,
    ) -> Invoked {
        let value = match meaning {
            Meaning::Makes => Value::UNKNOWN,
            Meaning::Passes | Meaning::PassesWithOptions | Meaning::PassesEither
                if !self.is_run_against(library.distribution) =>
            {
                Value::UNKNOWN
            }
            Meaning::Passes | Meaning::PassesWithOptions | Meaning::PassesEither => {
                self.passing(function)
            }
            Meaning::Task => self.task(frame, function, options),
            Meaning::Parameter(declares) => {
                self.with_parameter(frame, function, (declares, options))
            }
            Meaning::Positional => match self.named_parameters(function) {
                Some(mut partial) => {
                    let mut positionals = partial.positionals.to_vec();
                    positionals.push(Value::UNKNOWN);
                    partial.positionals = positionals.into();
                    self.named(partial)
                }
                None => Value::UNKNOWN,
            },
            Meaning::Command(gives) => {
                // What code of the tree puts in the function's place is what the command calls: `command.callback = wrapped`.
                if !self.is_stored_elsewhere(Name::new("callback"))
                    && let Some(partial) = self.named_parameters(function)
                {
                    let keywords = partial.keywords.iter().map(|own| own.0).collect();
                    let actual = called_with(partial.positionals.to_vec(), keywords);
                    // What stands above it may give the command further parameters.
                    let is_whole = self.is_topmost(partial.function, &["command", "group"])
                        && !self.adds_to_parameters();
                    let counts = |refusal: &Refusal| {
                        is_whole || refusal.kind != FailureKind::MissingArgument
                    };
                    self.demand(frame, site, library, (partial.function, &actual), counts);
                }
                match gives {
                    Some(name) => self.values.intern(Data::External(Name::new(name))),
                    None => Value::UNKNOWN,
                }
            }
            Meaning::View(path) => {
                if let Some(parts) = self.parts_of_path(frame, path, options) {
                    let actual = called_with(Vec::new(), parts);
                    let counts = |refusal: &Refusal| {
                        !path.has_prefix || refusal.kind != FailureKind::MissingArgument
                    };
                    self.demand(frame, site, library, (function, &actual), counts);
                }
                function
            }
        };
        Invoked::value(value)
    }

    /// Whether code of the tree adds to what goes by the name `params`, as a command's parameters do.
    fn adds_to_parameters(&self) -> bool {
        let name = Name::new("params");
        self.look_at_name(name, About::Content);
        let mutation = self.survey.mutations.get(&name);
        mutation.is_some_and(|mutation| mutation.adds || mutation.stores || mutation.arbitrary)
            || self.is_stored_elsewhere(name)
    }

    /// Whether the first decorator of a function, the last to be applied, goes by one of these names.
    fn is_topmost(&self, function: Value, names: &[&str]) -> bool {
        let Some(object) = self.function_behind(function) else {
            return false;
        };
        let first = self.definition(object.function).decorators.first();
        let name = first.and_then(|first| {
            let called = match &first.kind {
                ExprKind::Call(call) => &call.function.kind,
                other => other,
            };
            match called {
                ExprKind::Name(name, _) => Some(*name),
                ExprKind::Attribute { attribute, .. } => Some(*attribute),
                _ => None,
            }
        });
        name.is_some_and(|name| names.contains(&name.as_str()))
    }

    /// What calls a function with the arguments that it is called with.
    fn passing(&mut self, function: Value) -> Value {
        let Some(object) = self.function_behind(function) else {
            return Value::UNKNOWN;
        };
        let is_plain = matches!(
            self.data(function),
            Data::Function(_) | Data::Wrapped(_) | Data::Bound { .. }
        );
        if !is_plain || self.definition(object.function).is_generator {
            return Value::UNKNOWN;
        }
        self.disguised.insert(object.function);
        self.values.intern(Data::Wrapped(function))
    }

    /// A function with the parameters that decorators gave it so far; none if something else may have given it some.
    pub fn named_parameters(&self, function: Value) -> Option<Partial> {
        match *self.data(function) {
            Data::Function(ref object) => {
                let may_have_more = self.renamed.contains(&object.function)
                    || self.is_stored_elsewhere(Name::new("__click_params__"));
                (!may_have_more).then(|| Partial {
                    function,
                    positionals: Rc::default(),
                    keywords: Rc::default(),
                })
            }
            Data::Deferred {
                call,
                starts: Starts::Named,
            } => match self.data(call) {
                Data::Partial(partial) => Some(partial.clone()),
                _ => None,
            },
            _ => None,
        }
    }

    fn named(&mut self, partial: Partial) -> Value {
        let call = self.values.intern(Data::Partial(partial));
        self.values.intern(Data::Deferred {
            call,
            starts: Starts::Named,
        })
    }

    fn with_parameter(
        &mut self,
        frame: &mut Frame<'p>,
        function: Value,
        (declares, options): (Declares, &Actual),
    ) -> Value {
        let Some(mut partial) = self.named_parameters(function) else {
            return Value::UNKNOWN;
        };
        let is_exposed = match options.keyword("expose_value") {
            None => Truth::of(declares != Declares::Nothing),
            Some(exposed) => self.truth(frame, exposed),
        };
        let texts = options.positionals.iter();
        let texts: Option<Vec<Name>> = texts.map(|&text| self.values.as_str(text)).collect();
        let name = match (is_exposed, texts) {
            (Truth::False, _) => return self.named(partial),
            (Truth::True, Some(texts)) => declared_name(declares, &texts),
            _ => None,
        };
        let Some(name) = name else {
            return Value::UNKNOWN;
        };
        let others = partial.keywords.iter().copied();
        let others = others.filter(|&(other, _)| other != name);
        partial.keywords = std::iter::once((name, Value::UNKNOWN))
            .chain(others)
            .collect();
        self.named(partial)
    }

    /// The parts of a path that have names, and those that defaults name.
    fn parts_of_path(
        &mut self,
        frame: &Frame<'p>,
        path: Path,
        options: &Actual,
    ) -> Option<Vec<Name>> {
        // It may take parts away, and put others there.
        if self.prepares_parts() {
            return None;
        }
        let text = options.get(0, "rule")?;
        let text = self.values.as_str(text)?;
        let mut parts = named_parts(&text, path.converts)?;
        let defaults = self.unpacked_keywords(frame, options, (usize::MAX, "defaults"))?;
        for (name, _) in defaults {
            if !parts.contains(&name) {
                parts.push(name);
            }
        }
        Some(parts)
    }

    /// What a framework will call, with what: a failure here, if that does not bind.
    fn demand(
        &mut self,
        frame: &mut Frame<'p>,
        site: Site<'p>,
        library: &'static Library,
        (function, actual): (Value, &Actual),
        counts: impl Fn(&Refusal) -> bool,
    ) {
        if site.alternative {
            return;
        }
        let site = Site {
            call: None,
            range: self.contract_at(site.range, function),
            ..site
        };
        let Some(refusal) = self.refusal_of(frame, site, function, actual) else {
            return;
        };
        if !counts(&refusal) {
            return;
        }
        let refusal = Refusal {
            blame: Blame::Here,
            ..refusal
        };
        if self.is_run_against(library.distribution) {
            self.refuse_elsewhere(frame, &site, refusal);
        } else {
            self.refuse_perhaps(frame, &site, refusal);
        }
    }

    /// Where it is said what a framework will call a function with: at its name, if a decorator hands it over, for what it takes stands there; else at the call.
    fn contract_at(&self, call: Range, function: Value) -> Range {
        let Data::Function(object) = self.data(function) else {
            return call;
        };
        let definition = self.definition(object.function);
        let mut decorators = definition.decorators.iter();
        if decorators.any(|decorator| call.contains(decorator.range)) {
            definition.name_range
        } else {
            call
        }
    }

    /// Why a call would fail that something else makes later on; none if it binds, or that is not known.
    pub fn refusal_of(
        &mut self,
        frame: &Frame<'p>,
        site: Site<'p>,
        function: Value,
        actual: &Actual,
    ) -> Option<Refusal> {
        match self.data(function).clone() {
            Data::Function(object) => {
                if self.is_rewritten_function(object.function) {
                    return None;
                }
                let callable = self.callable(object.function);
                let shape = shape(actual);
                let callee = Callee::Function(object.function);
                self.record_call(frame, &site, callee, None, actual);
                let fault = bind::bind(&callable.signature, &shape).err()?;
                Some(self.fault(&object, &callable, &shape, &fault))
            }
            Data::Bound { function, receiver } => {
                let actual = actual.with_first(receiver);
                let refusal = self.refusal_of(frame, site, function, &actual);
                let invoked = Invoked {
                    value: None,
                    refusal,
                };
                self.or_overridden(function, receiver, invoked).refusal
            }
            Data::Wrapped(inner) | Data::Static(inner) => {
                self.refusal_of(frame, site, inner, actual)
            }
            Data::Partial(partial) => {
                let mut actual = actual.clone();
                let positionals = partial.positionals.iter().copied();
                actual.positionals = positionals.chain(actual.positionals).collect();
                for &(name, value) in partial.keywords.iter() {
                    if actual.keywords.iter().all(|own| own.name != name) {
                        actual.keywords.push(ActualKeyword {
                            name,
                            value,
                            certain: true,
                            forwarded: true,
                        });
                    }
                }
                self.refusal_of(frame, site, partial.function, &actual)
            }
            _ => None,
        }
    }

    /// Whether a distribution is installed in a version that its contracts were run against, or not at all.
    pub fn is_run_against(&mut self, distribution: &str) -> bool {
        let library = LIBRARIES
            .iter()
            .find(|own| own.distribution == distribution);
        let Some(Library {
            versions: (first, end),
            ..
        }) = library
        else {
            return false;
        };
        let program = self.program;
        let installed = self.installed.get_or_insert_with(|| {
            let mut all = BTreeMap::new();
            for installed in program.environment().installed.iter().rev() {
                let versions = installed.distributions().into_iter();
                all.extend(versions.map(|(name, (_, version))| (name, version)));
            }
            all
        });
        installed.get(distribution).is_none_or(|version| {
            let parts: Vec<u32> = version
                .split('.')
                .map_while(|part| part.parse().ok())
                .collect();
            parts.as_slice() >= *first && parts.as_slice() < *end
        })
    }
}

fn called_with(positionals: Vec<Value>, keywords: Vec<Name>) -> Actual {
    let keywords = keywords.into_iter().map(|name| ActualKeyword {
        name,
        value: Value::UNKNOWN,
        certain: true,
        forwarded: false,
    });
    Actual {
        positionals,
        keywords: keywords.collect(),
        ..Actual::default()
    }
}

/// The name of a parameter of a command line (Click's documentation, "Parameter Names").
fn declared_name(declares: Declares, texts: &[Name]) -> Option<Name> {
    let as_name = |text: &str| {
        let name = text.replace('-', "_").to_lowercase();
        is_identifier(&name).then(|| Name::new(&name))
    };
    if declares == Declares::Argument {
        return match texts {
            [only] => as_name(only),
            _ => None,
        };
    }
    if let Some(own) = texts.iter().find(|text| is_identifier(text)) {
        return Some(*own);
    }
    let flags = texts.iter().map(|text| {
        // `--shout/--no-shout`: the first of the two.
        let split = if text.starts_with('/') { ';' } else { '/' };
        let flag = text.split(split).next().unwrap_or_default().trim_end();
        let dashes = flag.chars().take_while(|letter| *letter == '-').count();
        (dashes.min(2), flag.get(dashes..).unwrap_or_default())
    });
    let mut best: Option<(usize, &str)> = None;
    for (dashes, name) in flags {
        if dashes == 0 {
            return None;
        }
        if best.is_none_or(|(most, _)| dashes > most) {
            best = Some((dashes, name));
        }
    }
    as_name(best?.1)
}

/// The names between `<` and `>`; none if that is not understood.
fn named_parts(text: &str, converts: bool) -> Option<Vec<Name>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once('<') {
        let (part, next) = after.split_once('>')?;
        let name = match part.rsplit_once(':') {
            Some((_, name)) if converts => name,
            None => part,
            Some(_) => return None,
        };
        if !is_identifier(name) {
            return None;
        }
        parts.push(Name::new(name));
        rest = next;
    }
    Some(parts)
}
