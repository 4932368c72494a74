//! Holds calls with unknown parts against their completions: every one of them bound as a known call.

use std::collections::HashSet;

use coship::bind::{Binding, Certainty, Fault, FaultKind, Shape, Signature, Source, bind};
use coship::name::Name;
use coship::syntax::ir::ParameterKind;

use super::bind_cases::{
    Random, all_keywords, all_signatures, known, random_open_shape, random_signature,
};
use super::setting;

/// One choice of which uncertain keywords are there, with its completions: calls of which everything is known.
struct Choice {
    completions: Vec<Shape>,
}

/// Every completion, as far as they differ: one positional more than the signature takes, and one keyword that no
/// parameter has, stand for all the rest.
fn choices(signature: &Signature, shape: &Shape) -> Vec<Choice> {
    let parameters = &signature.parameters;
    let positional = parameters
        .iter()
        .filter(|p| p.kind <= ParameterKind::PositionalOrKeyword);
    let given = shape.positionals as usize;
    let most = if shape.more_positionals {
        given.max(positional.count() + 1)
    } else {
        given
    };

    let uncertain: Vec<Name> = shape
        .keywords
        .iter()
        .filter(|k| !k.certain)
        .map(|k| k.name)
        .collect();

    let choice = |chosen: HashSet<Name>| {
        let there = shape
            .keywords
            .iter()
            .filter(|k| k.certain || chosen.contains(&k.name));
        let there: Vec<Name> = there.map(|k| k.name).collect();
        // What a `**x` holds besides is none of these: that would be another fault.
        let mut further = Vec::new();
        if shape.more_keywords {
            let names = parameters
                .iter()
                .map(|p| p.name)
                .chain([Name::new("stranger")]);
            let may_be = |name: &Name| !there.contains(name) && !shape.absent.contains(name);
            further.extend(names.filter(may_be));
        }
        let mut completions = Vec::new();
        for more in subsets(&further) {
            let keywords: Vec<Name> = there.iter().copied().chain(more).collect();
            completions.extend((given..=most).map(|given| known(given, &keywords)));
        }
        Choice { completions }
    };
    subsets(&uncertain)
        .map(|chosen| choice(chosen.collect()))
        .collect()
}

fn subsets(names: &[Name]) -> impl Iterator<Item = impl Iterator<Item = Name>> {
    (0..1_u32 << names.len()).map(move |bits| {
        let chosen = names
            .iter()
            .enumerate()
            .filter(move |(at, _)| bits & (1 << at) != 0);
        chosen.map(|(_, &name)| name)
    })
}

/// Panics if `bind` says anything of this call that its completions do not.
fn check(signature: &Signature, shape: &Shape) -> Option<Certainty> {
    let mut all_fail = true;
    let mut some_choice_is_lost = false;
    let mut messages = HashSet::new();
    let mut bound = Vec::new();
    let choices = choices(signature, shape);
    for choice in &choices {
        let mut lost = true;
        for completion in &choice.completions {
            match bind(signature, completion) {
                Ok(binding) => {
                    assert_eq!(binding.doubt, None);
                    lost = false;
                    bound.push((completion, binding));
                }
                Err(fault) => {
                    messages.insert((fault.kind, fault.message(signature, completion)));
                }
            }
        }
        all_fail &= lost;
        some_choice_is_lost |= lost;
    }
    let nothing_unknown = &choices[0].completions[0];
    let certainty = |fault: &Fault| fault.certainty;
    let expected = match (all_fail, some_choice_is_lost, messages.is_empty()) {
        (true, _, _) => Some(Certainty::Must),
        (_, true, _) => Some(Certainty::May),
        (_, _, false) => Some(Certainty::Unknown),
        _ => None,
    };
    match bind(signature, shape) {
        Err(fault) => {
            assert_eq!(Some(fault.certainty), expected);
            let simplest = bind(signature, nothing_unknown).expect_err("every completion fails");
            let message = fault.message(signature, shape);
            assert_eq!(fault.kind, simplest.kind);
            if fault.kind == FaultKind::MissingArgument {
                assert!(fault.names.iter().all(|name| simplest.names.contains(name)));
                assert!(messages.contains(&(fault.kind, message)));
            } else {
                assert_eq!(fault.names, simplest.names);
                assert_eq!(message, simplest.message(signature, nothing_unknown));
            }
        }
        Ok(binding) => {
            assert_eq!(binding.doubt.as_ref().map(certainty), expected);
            if let Some(fault) = &binding.doubt {
                let nameless = fault.kind == FaultKind::UnexpectedKeyword && fault.names.is_empty();
                let mut message = fault.message(signature, shape);
                if nameless {
                    message = message.replace("'...'", "'stranger'");
                }
                assert!(
                    messages.contains(&(fault.kind, message)),
                    "{fault:?} of {messages:?}"
                );
            }
            check_sources(signature, shape, &binding, &bound);
        }
    }
    expected
}

/// What a binding says of a parameter is true of every completion that binds, and no vaguer than need be.
fn check_sources(
    signature: &Signature,
    shape: &Shape,
    binding: &Binding,
    bound: &[(&Shape, Binding)],
) {
    for (at, parameter) in signature.parameters.iter().enumerate() {
        let keyword = |shape: &Shape, source| match source {
            Source::Keyword(index) => Some(shape.keywords[index as usize].name),
            _ => None,
        };
        let seen = || {
            bound
                .iter()
                .map(|(completion, binding)| (*completion, binding.sources[at]))
        };
        let is_default = |(_, source)| source == Source::Default;
        let is_keyword = |(completion, source)| keyword(completion, source) == Some(parameter.name);
        match binding.sources[at] {
            Source::Surplus => assert!(seen().all(|(_, source)| source == Source::Surplus)),
            known @ Source::Positional(_) => assert!(seen().all(|(_, source)| source == known)),
            Source::Default => assert!(seen().all(is_default)),
            Source::Unknown => {
                assert!(!seen().all(is_default));
                let named = shape.keywords.iter().any(|k| k.name == parameter.name);
                assert!(!(named && seen().any(is_keyword)));
            }
            known @ Source::Keyword(index) => {
                assert_eq!(keyword(shape, known), Some(parameter.name));
                assert!(seen().any(is_keyword));
                let certain = shape.keywords[index as usize].certain;
                assert!(!certain || seen().all(is_keyword));
            }
        }
    }
    let first = binding.first_surplus_positional;
    assert!(
        bound
            .iter()
            .all(|(_, known)| known.first_surplus_positional.min(shape.positionals) == first)
    );
    for (index, passed) in (0..).zip(&shape.keywords) {
        let surplus = |(completion, binding): &(&Shape, Binding)| {
            let mut names = binding
                .surplus_keywords
                .iter()
                .map(|&at| completion.keywords[at as usize].name);
            names.any(|name| name == passed.name)
        };
        assert_eq!(
            binding.surplus_keywords.contains(&index),
            bound.iter().any(surplus)
        );
    }
}

/// Checks, and says what was checked if that fails.
fn check_loudly(signature: &Signature, shape: &Shape, origin: &str) -> Option<Certainty> {
    let result = std::panic::catch_unwind(|| check(signature, shape));
    result.unwrap_or_else(|_| {
        panic!(
            "{origin}: {signature:#?} {shape:#?} {:#?}",
            bind(signature, shape)
        )
    })
}

#[test]
fn small_calls_with_unknown_parts_are_judged_as_their_completions_are() {
    let keywords = all_keywords(&["a", "b", "c"].map(Name::new), 2);
    for signature in all_signatures("f", 2) {
        for positionals in 0..=2 {
            for names in &keywords {
                for bits in 0..4 << names.len() {
                    let mut shape = known(positionals, names);
                    shape.more_positionals = bits & 1 != 0;
                    shape.more_keywords = bits & 2 != 0;
                    for (at, keyword) in shape.keywords.iter_mut().enumerate() {
                        keyword.certain = bits & (4 << at) == 0;
                    }
                    for absent in &keywords {
                        if shape.more_keywords || absent.is_empty() {
                            shape.absent.clone_from(absent);
                            check_loudly(&signature, &shape, "small call");
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn random_calls_with_unknown_parts_are_judged_as_their_completions_are() {
    let seed = setting("COSHIP_SEED", 20_250_922);
    let mut random = Random(seed);
    let mut counts = [0; 4];
    for _ in 0..20_000 {
        let signature = random_signature(&mut random, "f", 5);
        let shape = random_open_shape(&mut random, &signature);
        let certainty = check_loudly(&signature, &shape, &format!("seed {seed}"));
        counts[certainty.map_or(3, |certainty| certainty as usize)] += 1;
    }
    println!("must, may, unknown, none: {counts:?}");
    assert!(
        counts.iter().all(|&count| count >= 1000),
        "the cases are lopsided: {counts:?}"
    );
}
