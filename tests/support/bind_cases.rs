//! Signatures and calls: all the small ones, and random larger ones.

use coship::bind::{Keyword, Parameter, Shape, Signature};
use coship::name::Name;
use coship::syntax::ir::ParameterKind::{
    self, KeywordOnly, PositionalOnly, PositionalOrKeyword, VarKeyword, VarPositional,
};

/// A small generator (Steele, Lea and Flood's `SplitMix64`), so that a seed means the same cases everywhere.
pub struct Random(pub u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).expect("below a usize")
    }

    /// True once in `n` times.
    pub fn once_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    /// One of these.
    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for end in (1..items.len()).rev() {
            items.swap(end, self.below(end + 1));
        }
    }
}

/// Every signature of `function` with up to `most` parameters, named `a`, `b`, `c` and so on.
pub fn all_signatures(function: &str, most: usize) -> Vec<Signature> {
    let mut all = vec![Vec::new()];
    let mut shorter: Vec<Vec<(ParameterKind, bool)>> = all.clone();
    for _ in 0..most {
        let mut longer = Vec::new();
        for parameters in &shorter {
            for kind in [
                PositionalOnly,
                PositionalOrKeyword,
                VarPositional,
                KeywordOnly,
                VarKeyword,
            ] {
                for has_default in [false, true] {
                    let mut candidate = parameters.clone();
                    candidate.push((kind, has_default));
                    if is_python(&candidate) {
                        longer.push(candidate);
                    }
                }
            }
        }
        all.extend(longer.iter().cloned());
        shorter = longer;
    }
    let named = |parameters: Vec<(ParameterKind, bool)>| {
        let named = ('a'..).zip(parameters);
        let parameters = named.map(|(letter, (kind, has_default))| Parameter {
            name: Name::new(&letter.to_string()),
            kind,
            has_default,
        });
        Signature {
            function: Name::new(function),
            parameters: parameters.collect(),
        }
    };
    all.into_iter().map(named).collect()
}

/// Whether the last parameter may stand after those before it.
fn is_python(parameters: &[(ParameterKind, bool)]) -> bool {
    let [before @ .., (kind, has_default)] = parameters else {
        return true;
    };
    let star = matches!(kind, VarPositional | VarKeyword);
    let Some((last, last_has_default)) = before.last() else {
        return !(star && *has_default);
    };
    let positional = |kind: &ParameterKind| matches!(kind, PositionalOnly | PositionalOrKeyword);
    last <= kind
        && !(star && (*has_default || last == kind))
        && !(positional(kind) && positional(last) && *last_has_default && !has_default)
}

/// Every list of up to `most` different ones of `names`, in every order.
pub fn all_keywords(names: &[Name], most: usize) -> Vec<Vec<Name>> {
    let mut all = vec![Vec::new()];
    let mut from = 0;
    for _ in 0..most {
        let to = all.len();
        for index in from..to {
            for &name in names {
                if !all[index].contains(&name) {
                    let mut longer: Vec<Name> = all[index].clone();
                    longer.push(name);
                    all.push(longer);
                }
            }
        }
        from = to;
    }
    all
}

/// A call of which everything is known.
pub fn known(positionals: usize, keywords: &[Name]) -> Shape {
    Shape {
        positionals: u32::try_from(positionals).expect("small"),
        keywords: keywords
            .iter()
            .map(|&name| Keyword {
                name,
                certain: true,
            })
            .collect(),
        ..Shape::default()
    }
}

const NAMES: [&str; 12] = [
    "a", "b", "c", "d", "e", "key", "value", "ttl", "timeout", "größe", "args", "kwargs",
];

/// Keywords that no signature here has.
const STRANGERS: [&str; 5] = ["z", "unknown", "class", "not an identifier", ""];

/// A signature of `function` with up to `most` parameters.
pub fn random_signature(random: &mut Random, function: &str, most: usize) -> Signature {
    let mut names: Vec<&str> = NAMES.to_vec();
    random.shuffle(&mut names);
    let count = random.below(most + 1);
    let mut kinds: Vec<ParameterKind> = (0..count)
        .map(|_| {
            random.pick(&[
                PositionalOnly,
                PositionalOrKeyword,
                PositionalOrKeyword,
                KeywordOnly,
            ])
        })
        .collect();
    for star in [VarPositional, VarKeyword] {
        if kinds.len() < most && random.once_in(3) {
            kinds.push(star);
        }
    }
    kinds.sort_unstable();
    let positional = kinds
        .iter()
        .filter(|&&kind| kind <= PositionalOrKeyword)
        .count();
    let required = if random.once_in(2) {
        positional
    } else {
        random.below(positional + 1)
    };
    let parameters = kinds
        .into_iter()
        .zip(names)
        .enumerate()
        .map(|(at, (kind, name))| {
            let has_default = match kind {
                PositionalOnly | PositionalOrKeyword => at >= required,
                KeywordOnly => random.once_in(2),
                VarPositional | VarKeyword => false,
            };
            Parameter {
                name: Name::new(name),
                kind,
                has_default,
            }
        });
    Signature {
        function: Name::new(function),
        parameters: parameters.collect(),
    }
}

/// A call of which everything is known: one that binds, changed in none, one or two places.
pub fn random_shape(random: &mut Random, signature: &Signature) -> Shape {
    let parameters = &signature.parameters;
    let positional = parameters
        .iter()
        .filter(|p| p.kind <= PositionalOrKeyword)
        .count();
    let positional_only = parameters
        .iter()
        .filter(|p| p.kind == PositionalOnly)
        .count();
    let least = parameters[..positional_only]
        .iter()
        .filter(|p| !p.has_default)
        .count();
    let mut given = least + random.below(positional - least + 1);
    let mut keywords: Vec<Name> = Vec::new();
    for (at, parameter) in parameters.iter().enumerate() {
        let open = match parameter.kind {
            PositionalOrKeyword => at >= given,
            KeywordOnly => true,
            _ => false,
        };
        if open && (!parameter.has_default || random.once_in(2)) {
            keywords.push(parameter.name);
        }
        match parameter.kind {
            VarPositional if given == positional => given += random.below(3),
            VarKeyword if random.once_in(2) => keywords.push(Name::new(random.pick(&STRANGERS))),
            _ => {}
        }
    }
    random.shuffle(&mut keywords);
    for _ in 0..random.below(3) {
        change(random, signature, &mut given, &mut keywords);
    }
    known(given, &keywords)
}

fn change(random: &mut Random, signature: &Signature, given: &mut usize, keywords: &mut Vec<Name>) {
    match random.below(6) {
        0 => *given += 1 + random.below(2),
        1 => *given = given.saturating_sub(1),
        2 if !keywords.is_empty() => {
            keywords.remove(random.below(keywords.len()));
        }
        kind => {
            let name = if kind == 3 || signature.parameters.is_empty() {
                Name::new(random.pick(&STRANGERS))
            } else {
                random.pick(&signature.parameters).name
            };
            if !keywords.contains(&name) {
                keywords.insert(random.below(keywords.len() + 1), name);
            }
        }
    }
}

/// A call of which parts are unknown.
pub fn random_open_shape(random: &mut Random, signature: &Signature) -> Shape {
    let mut shape = random_shape(random, signature);
    let one_in = 1 + random.below(3);
    for keyword in &mut shape.keywords {
        keyword.certain = !random.once_in(one_in);
    }
    shape.more_positionals = random.once_in(2);
    shape.more_keywords = random.once_in(2);
    if shape.more_keywords {
        let names = signature.parameters.iter().map(|p| p.name);
        let names = names.chain([Name::new(random.pick(&STRANGERS))]);
        shape.absent = names.filter(|_| random.once_in(3)).collect();
    }
    shape
}

/// The arguments as Python source: positional `i` is the string `p{i}`, counted from `implicit`; a keyword's is its own
/// name after `k:`. Some stand in `*(...)` and `**{...}`. With `twice`, that keyword comes once more at the end.
pub fn arguments(random: &mut Random, shape: &Shape, implicit: u32, twice: Option<Name>) -> String {
    let literal = |text: &str| serde_json::to_string(text).expect("a string is JSON");
    let mut pieces = Vec::new();
    let mut late_star = None;
    let values: Vec<String> = (implicit..shape.positionals)
        .map(|index| literal(&format!("p{index}")))
        .collect();
    for (values, packed) in chunks(random, &values) {
        if !packed {
            pieces.extend(late_star.take());
            pieces.extend_from_slice(values);
        } else if let Some(star) = late_star.replace(format!("*({},)", values.join(", "))) {
            pieces.push(star);
        }
    }
    let names: Vec<Name> = shape.keywords.iter().map(|keyword| keyword.name).collect();
    for (names, packed) in chunks(random, &names) {
        if packed || !names.iter().all(|name| is_identifier(name)) {
            let items: Vec<String> = names
                .iter()
                .map(|name| format!("{}: {}", literal(name), literal(&format!("k:{name}"))))
                .collect();
            // Python takes no `*x` after a `**x`.
            pieces.extend(late_star.take());
            pieces.push(format!("**{{{}}}", items.join(", ")));
        } else {
            pieces.extend(
                names
                    .iter()
                    .map(|name| format!("{name}={}", literal(&format!("k:{name}")))),
            );
        }
    }
    pieces.extend(late_star);
    pieces.extend(twice.map(|name| format!("**{{{}: 0}}", literal(&name))));
    pieces.join(", ")
}

/// Cuts `items` into runs, and says of each whether it is to be packed.
fn chunks<'a, T>(random: &mut Random, items: &'a [T]) -> Vec<(&'a [T], bool)> {
    let mut runs = Vec::new();
    let mut rest = items;
    while !rest.is_empty() {
        let (run, after) = rest.split_at(1 + random.below(rest.len()));
        runs.push((run, random.once_in(3)));
        rest = after;
    }
    runs
}

fn is_identifier(name: &str) -> bool {
    name != "class" && name.chars().next().is_some_and(char::is_alphabetic) && !name.contains(' ')
}
