//! Holds computed compatibility modes against enumeration: for all pairs of small signatures, and samples of larger ones, every call is bound
//! to both. A sample is enumerated by CPython.
//!
//! `COSHIP_SEED` chooses other samples.

#[path = "support/bind_cases.rs"]
#[allow(dead_code, reason = "what other tests need of it")]
mod bind_cases;
#[path = "support/cpython.rs"]
#[allow(dead_code, reason = "what other tests need of it")]
mod cpython;

use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};

use bind_cases::{Random, all_signatures, random_signature};
use coship::bind::{Keyword, Parameter, Shape, Signature, Source, bind, render};
use coship::change::{Matching, Mode, apply, captures, rebinds, refused, reversed};
use coship::name::Name;
use coship::syntax::ir::ParameterKind;
use cpython::CPython;
use rayon::prelude::*;

/// A set of calls, one bit each.
type Calls = Vec<u64>;

/// Every number of positionals up to `most`, with every set of the names.
struct Universe {
    names: Vec<Name>,
    most: u32,
}

impl Universe {
    fn of(signatures: &[&Signature]) -> Self {
        let mut names = vec![Name::new("unknown_keyword")];
        let mut positional = 0;
        for signature in signatures {
            let own = signature
                .parameters
                .iter()
                .filter(|p| p.kind <= ParameterKind::PositionalOrKeyword);
            positional = positional.max(own.count());
            for parameter in &signature.parameters {
                if !names.contains(&parameter.name) {
                    names.push(parameter.name);
                }
            }
        }
        Self {
            names,
            most: u32::try_from(positional).unwrap() + 2,
        }
    }

    fn shapes(&self) -> impl Iterator<Item = Shape> + '_ {
        let sets = 1_u32 << self.names.len();
        (0..=self.most).flat_map(move |positionals| {
            (0..sets).map(move |set| Shape {
                positionals,
                keywords: self
                    .names
                    .iter()
                    .enumerate()
                    .filter(|(index, _)| set & (1 << index) != 0)
                    .map(|(_, &name)| Keyword {
                        name,
                        certain: true,
                    })
                    .collect(),
                ..Shape::default()
            })
        })
    }

    fn taken(&self, signature: &Signature) -> Calls {
        let mut calls = Vec::new();
        for (index, shape) in self.shapes().enumerate() {
            if index % 64 == 0 {
                calls.push(0);
            }
            if bind(signature, &shape).is_ok() {
                calls[index / 64] |= 1 << (index % 64);
            }
        }
        calls
    }

    fn mode(&self, old: &Signature, new: &Signature) -> Mode {
        mode(&self.taken(old), &self.taken(new))
    }
}

fn mode(old: &Calls, new: &Calls) -> Mode {
    let loses = |a: &Calls, b: &Calls| a.iter().zip(b).any(|(a, b)| a & !b != 0);
    Mode::new(loses(old, new), loses(new, old))
}

/// A signature with its parameters named so.
fn named(signature: &Signature, names: &[Name]) -> Signature {
    let parameters = signature.parameters.iter().zip(names);
    Signature {
        function: signature.function,
        parameters: parameters
            .map(|(parameter, &name)| Parameter { name, ..*parameter })
            .collect(),
    }
}

/// Every way to give `count` parameters names of `a`, `b`, `c`, each once, or new ones; which new ones does not matter.
fn namings(count: usize) -> Vec<Vec<Name>> {
    let old = ["a", "b", "c"];
    let mut all: Vec<Vec<Name>> = vec![Vec::new()];
    for _ in 0..count {
        let mut longer = Vec::new();
        for names in &all {
            let fresh = Name::new(["d", "e", "f"][names.len()]);
            let free = old.iter().map(|name| Name::new(name));
            for name in free.filter(|name| !names.contains(name)).chain([fresh]) {
                let mut names = names.clone();
                names.push(name);
                longer.push(names);
            }
        }
        all = longer;
    }
    all
}

fn show(signature: &Signature) -> String {
    render(signature, &[])
}

fn seed() -> u64 {
    std::env::var("COSHIP_SEED").map_or(20_251_120, |seed| seed.parse().unwrap())
}

/// Pairs of four and five parameters, their names shuffled together.
fn sample(count: usize) -> Vec<(Signature, Signature)> {
    let mut random = Random(seed());
    let pool: Vec<Name> = ["a", "b", "c", "d", "e", "g", "h"].map(Name::new).to_vec();
    let renamed = |signature: &Signature, random: &mut Random| {
        let mut free = pool.clone();
        let names: Vec<Name> = signature
            .parameters
            .iter()
            .map(|parameter| {
                let own = free.iter().position(|name| *name == parameter.name);
                let at = own.filter(|_| !random.once_in(3));
                free.remove(at.unwrap_or_else(|| random.below(free.len())))
            })
            .collect();
        named(signature, &names)
    };
    let mut pairs = Vec::new();
    while pairs.len() < count {
        let (old, new) = (
            random_signature(&mut random, "f", 5),
            random_signature(&mut random, "f", 5),
        );
        if old.parameters.len().max(new.parameters.len()) >= 4 {
            let (old, new) = (renamed(&old, &mut random), renamed(&new, &mut random));
            pairs.push((old, new));
        }
    }
    pairs
}

#[test]
fn modes_are_those_of_enumeration_up_to_three_parameters() {
    let small = all_signatures("f", 3);
    let names = ["a", "b", "c", "d", "e", "f", "unknown_keyword"];
    let universe = Universe {
        names: names.map(Name::new).to_vec(),
        most: 5,
    };
    let old: Vec<(&Signature, Calls)> = small
        .iter()
        .map(|signature| (signature, universe.taken(signature)))
        .collect();
    let wrong: Vec<String> = small
        .par_iter()
        .flat_map_iter(|signature| {
            namings(signature.parameters.len())
                .into_iter()
                .map(move |names| named(signature, &names))
        })
        .flat_map_iter(|new| {
            let calls = universe.taken(&new);
            let differs = old.iter().filter_map(|(old, old_calls)| {
                let (computed, enumerated) = (Mode::between(old, &new), mode(old_calls, &calls));
                (computed != enumerated).then(|| {
                    format!(
                        "{} -> {}: {computed:?}, enumerated {enumerated:?}",
                        show(old),
                        show(&new)
                    )
                })
            });
            differs.collect::<Vec<_>>()
        })
        .collect();
    assert!(
        wrong.is_empty(),
        "{} pairs, first: {:#?}",
        wrong.len(),
        &wrong[..wrong.len().min(10)]
    );
}

#[test]
fn modes_are_those_of_enumeration_for_a_sample_of_larger_ones() {
    sample(400).par_iter().for_each(|(old, new)| {
        let universe = Universe::of(&[old, new]);
        let (computed, enumerated) = (Mode::between(old, new), universe.mode(old, new));
        assert_eq!(
            computed,
            enumerated,
            "{} -> {} (seed {})",
            show(old),
            show(new),
            seed()
        );
    });
}

#[test]
fn the_example_of_a_refusal_is_one() {
    sample(400).par_iter().for_each(|(old, new)| {
        let Some(example) = refused(old, new) else {
            return;
        };
        let shape = Shape {
            positionals: u32::try_from(example.positionals).unwrap(),
            keywords: example
                .keywords
                .iter()
                .map(|name| Keyword {
                    name: name.unwrap_or(Name::new("unknown_keyword")),
                    certain: true,
                })
                .collect(),
            ..Shape::default()
        };
        assert!(
            bind(old, &shape).is_ok(),
            "{} does not take {shape:?}",
            show(old)
        );
        assert!(bind(new, &shape).is_err(), "{} takes {shape:?}", show(new));
    });
}

/// Where a positional arrives: at a parameter, or in `*args`.
fn arrival(signature: &Signature, shape: &Shape, at: u32) -> Option<Name> {
    let binding = bind(signature, shape).ok()?;
    let index = binding
        .sources
        .iter()
        .position(|source| *source == Source::Positional(at));
    Some(index.map_or(Name::new("*"), |index| signature.parameters[index].name))
}

#[test]
fn hazards_are_those_of_enumeration() {
    let small = all_signatures("f", 3);
    let knows = |signature: &Signature, name: Name| {
        signature
            .parameters
            .iter()
            .any(|parameter| parameter.name == name)
    };
    let mut random = Random(seed());
    let pairs: Vec<(Signature, Signature)> = (0..4000)
        .map(|_| {
            let (old, new) = (
                &small[random.below(small.len())],
                &small[random.below(small.len())],
            );
            let namings = namings(new.parameters.len());
            (
                old.clone(),
                named(new, &namings[random.below(namings.len())]),
            )
        })
        .collect();
    pairs.par_iter().for_each(|(old, new)| {
        let universe = Universe::of(&[old, new]);
        let (mut shifted, mut captured) = (false, Vec::new());
        for shape in universe.shapes() {
            let (Ok(before), Ok(_)) = (bind(old, &shape), bind(new, &shape)) else {
                continue;
            };
            for at in 0..shape.positionals {
                let arrivals = (
                    arrival(old, &shape, at).unwrap(),
                    arrival(new, &shape, at).unwrap(),
                );
                let star = arrivals.0.as_str() == "*" || arrivals.1.as_str() == "*";
                shifted |= arrivals.0 != arrivals.1
                    && (star || knows(new, arrivals.0) || knows(old, arrivals.1));
            }
            for &index in &before.surplus_keywords {
                let name = shape.keywords[index as usize].name;
                let after = bind(new, &shape).unwrap();
                if !after.surplus_keywords.contains(&index) && !captured.contains(&name) {
                    captured.push(name);
                }
            }
        }
        let mut computed = captures(old, new);
        computed.sort();
        captured.sort();
        assert_eq!(
            rebinds(old, new).is_some(),
            shifted,
            "{} -> {}",
            show(old),
            show(new)
        );
        assert_eq!(computed, captured, "{} -> {}", show(old), show(new));
    });
}

#[test]
fn a_single_edit_is_the_whole_difference() {
    let small = all_signatures("f", 3);
    let mut single = 0;
    for old in &small {
        for new in &small {
            for names in namings(new.parameters.len()) {
                let new = named(new, &names);
                let matching = Matching::new(old, &new);
                let is_equal = matching.edits.is_empty();
                let stars = |signature: &Signature| -> Vec<_> {
                    let plain = |p: &Parameter| match p.kind {
                        ParameterKind::VarPositional | ParameterKind::VarKeyword => {
                            (p.kind, None, false)
                        }
                        _ => (p.kind, Some(p.name), p.has_default),
                    };
                    let mut all: Vec<_> = signature.parameters.iter().map(plain).collect();
                    // The order of keyword-only parameters means nothing.
                    all.sort_by_key(|&(kind, name, _)| {
                        (kind, name.filter(|_| kind == ParameterKind::KeywordOnly))
                    });
                    all
                };
                if is_equal {
                    assert_eq!(stars(old), stars(&new));
                }
                if let [edit] = matching.edits.as_slice() {
                    single += 1;
                    let made = apply(old, &new, &matching.pairs, edit);
                    assert_eq!(stars(&made), stars(&new), "{} -> {}", show(old), show(&new));
                    let back: Vec<_> = matching.pairs.iter().map(|&(i, j)| (j, i)).collect();
                    let undone = apply(&new, old, &back, &reversed(edit));
                    assert_eq!(
                        stars(&undone),
                        stars(old),
                        "{} -> {}",
                        show(old),
                        show(&new)
                    );
                }
            }
        }
    }
    assert!(single > 1000, "{single}");
}

#[test]
fn cpython_enumerates_the_same_modes() {
    let Some(python) = CPython::find("cpython_enumerates_the_same_modes") else {
        return;
    };
    let small = all_signatures("f", 3);
    let mut random = Random(seed());
    let mut pairs: Vec<(Signature, Signature)> = sample(60);
    for _ in 0..600 {
        let (old, new) = (
            &small[random.below(small.len())],
            &small[random.below(small.len())],
        );
        let namings = namings(new.parameters.len());
        pairs.push((
            old.clone(),
            named(new, &namings[random.below(namings.len())]),
        ));
    }
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/change_modes.py");
    let mut child = Command::new(&python.program)
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let text = |signature: &Signature| {
        let defaults = vec![Some("None".to_owned()); signature.parameters.len()];
        let rendered = render(signature, &defaults);
        rendered[1..rendered.len() - 1].to_owned()
    };
    let lines = pairs
        .iter()
        .map(|(old, new)| format!("{}|{}\n", text(old), text(new)));
    let input: String = lines.collect();
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    let answers = String::from_utf8(output.stdout).unwrap();
    assert_eq!(answers.lines().count(), pairs.len());
    for ((old, new), answer) in pairs.iter().zip(answers.lines()) {
        let computed = Mode::between(old, new).as_str();
        assert_eq!(
            computed,
            answer,
            "{} -> {} (seed {})",
            show(old),
            show(new),
            seed()
        );
    }
}

/// What `coship diff` says of each function: what all of its changes break, and whether one of them is breaking.
fn printed(deployed: &str, candidate: &str) -> BTreeMap<String, (bool, bool, bool)> {
    let directory = tempfile::tempdir().unwrap();
    for (side, text) in [("deployed", deployed), ("candidate", candidate)] {
        std::fs::create_dir(directory.path().join(side)).unwrap();
        std::fs::write(directory.path().join(side).join("m.py"), text).unwrap();
    }
    let output = Command::new(env!("CARGO_BIN_EXE_coship"))
        .current_dir(directory.path())
        .args(["diff", "candidate", "--against", "deployed", "--isolated"])
        .args(["--output-format", "json"])
        .env_remove("COSHIP_OUTPUT_FORMAT")
        .output()
        .unwrap();
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut said = BTreeMap::new();
    for change in report["changes"].as_array().unwrap() {
        let function = change["function"].as_str().unwrap().to_owned();
        let mode = change["mode"].as_str().unwrap();
        let all: &mut (bool, bool, bool) = said.entry(function).or_default();
        all.0 |= matches!(mode, "forward" | "none");
        all.1 |= matches!(mode, "backward" | "none");
        all.2 |= change["breaking"].as_bool().unwrap();
    }
    said
}

/// Holds what `coship diff` prints of all pairs of signatures up to `most` parameters against enumeration.
fn printed_modes_are_those_of_enumeration(most: usize) {
    let small = all_signatures("f", most);
    let new: Vec<Signature> = small
        .iter()
        .flat_map(|new| {
            let all = namings(new.parameters.len()).into_iter();
            all.map(|names| named(new, &names))
        })
        .collect();
    let pairs: Vec<(&Signature, &Signature)> = small
        .iter()
        .flat_map(|old| new.iter().map(move |new| (old, new)))
        .collect();
    let wrong: Vec<String> = pairs
        .chunks(2_000)
        .flat_map(|pairs| {
            let text = |of: &dyn Fn(usize) -> String| -> String {
                let lines =
                    (0..pairs.len()).map(|at| format!("def f{at}{}:\n    return {at}\n", of(at)));
                lines.collect()
            };
            let said = printed(
                &text(&|at| show(pairs[at].0)),
                &text(&|at| show(pairs[at].1)),
            );
            let wrong = pairs.iter().enumerate().filter_map(|(at, (old, new))| {
                let (old_breaks, new_breaks, breaking) =
                    said.get(&format!("m.f{at}")).copied().unwrap_or_default();
                let enumerated = Universe::of(&[old, new]).mode(old, new);
                // What arrives somewhere else may be breaking besides.
                let may_rebind = || rebinds(old, new).is_some();
                let is_right = Mode::new(old_breaks, new_breaks) == enumerated
                    && (breaking == enumerated.breaks_old_callers() || breaking && may_rebind());
                (!is_right).then(|| {
                    format!(
                        "{} -> {}: {old_breaks} {new_breaks} {breaking}, enumerated {enumerated:?}",
                        show(old),
                        show(new)
                    )
                })
            });
            wrong.collect::<Vec<String>>()
        })
        .collect();
    println!("{} pairs", pairs.len());
    assert!(
        wrong.is_empty(),
        "{} of {} pairs\n{}",
        wrong.len(),
        pairs.len(),
        wrong[..wrong.len().min(20)].join("\n")
    );
}

#[test]
fn printed_modes_are_those_of_enumeration_up_to_two_parameters() {
    printed_modes_are_those_of_enumeration(2);
}

#[test]
#[ignore = "it takes minutes"]
fn printed_modes_are_those_of_enumeration_up_to_three_parameters() {
    printed_modes_are_those_of_enumeration(3);
}
