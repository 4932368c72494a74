//! Holds binding against CPython: the same signatures and calls, verdict, values and exception text.
//!
//! `COSHIP_SEED` chooses other cases, `COSHIP_CASES` their number; a failure prints the seed that it was found with.

#[path = "support/bind_cases.rs"]
mod bind_cases;
#[path = "support/bind_completions.rs"]
mod bind_completions;
#[path = "support/cpython.rs"]
mod cpython;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::process::Command;

use bind_cases::{
    Random, all_keywords, all_signatures, arguments, known, random_shape, random_signature,
};
use coship::bind::{Shape, Signature, Source, bind, duplicate_keyword, function_display, render};
use coship::name::Name;
use coship::syntax::ir::ParameterKind;
use cpython::CPython;

/// A way to define and to call a function.
struct Form {
    /// The definition; the parameter list takes the place of `SIGNATURE`.
    definition: &'static str,
    /// What is called.
    callee: &'static str,
    /// The function's `__qualname__`.
    qualname: &'static str,
    /// What CPython calls the callee in the faults of building a call. None if that has an address in it.
    display: Option<&'static str>,
    /// How many positionals come before those written: the instance or class of a bound method.
    implicit: u32,
}

const FUNCTION: Form = Form {
    definition: "def f(SIGNATURE): return locals()",
    callee: "f",
    qualname: "f",
    display: Some("f"),
    implicit: 0,
};

const FORMS: [Form; 12] = [
    FUNCTION,
    Form {
        definition: "f = lambda SIGNATURE: locals()",
        qualname: "<lambda>",
        display: Some("<lambda>"),
        ..FUNCTION
    },
    Form {
        definition: "def outer():\n def f(SIGNATURE): return locals()\n return f\nf = outer()",
        qualname: "outer.<locals>.f",
        display: Some("outer.<locals>.f"),
        ..FUNCTION
    },
    Form {
        definition: "class C:\n def m(SIGNATURE): return locals()",
        callee: "C().m",
        qualname: "C.m",
        display: Some("C.m"),
        implicit: 1,
    },
    Form {
        definition: "class C:\n def m(SIGNATURE): return locals()",
        callee: "C.m",
        qualname: "C.m",
        display: Some("C.m"),
        implicit: 0,
    },
    Form {
        definition: "class C:\n @staticmethod\n def m(SIGNATURE): return locals()",
        callee: "C().m",
        qualname: "C.m",
        display: Some("C.m"),
        implicit: 0,
    },
    Form {
        definition: "class C:\n @classmethod\n def m(SIGNATURE): return locals()",
        callee: "C.m",
        qualname: "C.m",
        display: Some("C.m"),
        implicit: 1,
    },
    Form {
        definition: "class C:\n def __init__(SIGNATURE): globals()['recorded'] = locals()",
        callee: "C",
        qualname: "C.__init__",
        display: Some("C"),
        implicit: 1,
    },
    Form {
        definition: "class B:\n def __init__(SIGNATURE): globals()['recorded'] = locals()\nclass C(B): pass",
        callee: "C",
        qualname: "B.__init__",
        display: Some("C"),
        implicit: 1,
    },
    Form {
        definition: "class C:\n def __new__(SIGNATURE): return locals()",
        callee: "C",
        qualname: "C.__new__",
        display: Some("C"),
        implicit: 1,
    },
    Form {
        definition: "class C:\n def __call__(SIGNATURE): return locals()",
        callee: "C()",
        qualname: "C.__call__",
        display: None,
        implicit: 1,
    },
    Form {
        definition: "def f(SIGNATURE): return locals()\ndef hop(*x, **y): return f(*x, **y)",
        callee: "hop",
        display: Some("hop"),
        ..FUNCTION
    },
];

/// One definition with its calls, and what each must come to.
struct Group {
    definition: String,
    calls: Vec<String>,
    expected: Vec<String>,
}

impl Group {
    fn new(form: &Form, signature: &Signature) -> Self {
        let defaults: Vec<Option<String>> = signature
            .parameters
            .iter()
            .map(|_| Some("'d'".to_owned()))
            .collect();
        let parameters = render(signature, &defaults);
        // A lambda has no brackets around its parameters.
        let parameters = parameters.trim_start_matches('(').trim_end_matches(')');
        Self {
            definition: form.definition.replace("SIGNATURE", parameters),
            calls: vec![],
            expected: vec![],
        }
    }

    fn push(&mut self, form: &Form, arguments: &str, expected: String) {
        self.calls.push(format!("{}({arguments})", form.callee));
        self.expected.push(expected);
    }
}

/// What the call comes to, in the words of `support/bind_calls.py`.
fn outcome(signature: &Signature, shape: &Shape) -> String {
    let binding = match bind(signature, shape) {
        Ok(binding) => binding,
        Err(fault) => return format!("! {}", fault.message(signature, shape)),
    };
    assert_eq!(
        binding.doubt, None,
        "{signature:?} {shape:?}: nothing is unknown"
    );
    let keyword = |index: u32| shape.keywords[index as usize].name;
    let mut bound = BTreeMap::new();
    for (parameter, source) in signature.parameters.iter().zip(&binding.sources) {
        let value = match *source {
            Source::Positional(index) => format!("p{index}"),
            Source::Keyword(index) => format!("k:{}", keyword(index)),
            Source::Default => "d".to_owned(),
            Source::Unknown => panic!("{signature:?} {shape:?}: nothing is unknown"),
            Source::Surplus if parameter.kind == ParameterKind::VarPositional => {
                let rest = binding.first_surplus_positional..shape.positionals;
                format!(
                    "({})",
                    rest.map(|index| format!("p{index}"))
                        .collect::<Vec<_>>()
                        .join(",")
                )
            }
            Source::Surplus => {
                let names = binding.surplus_keywords.iter().map(|&index| keyword(index));
                format!(
                    "{{{}}}",
                    names
                        .map(|name| format!("{name}=k:{name}"))
                        .collect::<Vec<_>>()
                        .join(",")
                )
            }
        };
        bound.insert(parameter.name, value);
    }
    let bound: Vec<String> = bound
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    format!("= {}", bound.join(" "))
}

/// Every signature of up to three parameters with every call of up to three positionals and three keywords.
fn small_groups() -> Vec<Group> {
    let names = ["a", "b", "c", "z"].map(Name::new);
    let keywords = all_keywords(&names, 3);
    let mut groups = Vec::new();
    for signature in all_signatures(FUNCTION.qualname, 3) {
        let mut group = Group::new(&FUNCTION, &signature);
        for positionals in 0..=3 {
            for keywords in &keywords {
                let shape = known(positionals, keywords);
                let mut pieces: Vec<String> = (0..positionals)
                    .map(|index| format!("'p{index}'"))
                    .collect();
                pieces.extend(keywords.iter().map(|name| format!("{name}='k:{name}'")));
                group.push(&FUNCTION, &pieces.join(", "), outcome(&signature, &shape));
            }
        }
        groups.push(group);
    }
    groups
}

fn random_groups(random: &mut Random, cases: usize) -> Vec<Group> {
    const CALLS: usize = 8;
    let group = |_| {
        let form = &FORMS[random.below(FORMS.len())];
        let signature = random_signature(random, form.qualname, 8);
        let mut group = Group::new(form, &signature);
        for _ in 0..CALLS {
            let mut shape = random_shape(random, &signature);
            shape.positionals = shape.positionals.max(form.implicit);
            let twice = form
                .display
                .zip(shape.keywords.first().filter(|_| random.once_in(30)));
            let text = arguments(
                random,
                &shape,
                form.implicit,
                twice.map(|(_, keyword)| keyword.name),
            );
            let expected = match twice {
                Some((name, keyword)) => {
                    format!(
                        "! {}",
                        duplicate_keyword(&function_display(Some("calls"), name), keyword.name)
                    )
                }
                None => outcome(&signature, &shape),
            };
            group.push(form, &text, expected);
        }
        group
    };
    (0..cases.div_ceil(CALLS)).map(group).collect()
}

/// Has CPython run the groups, and returns the cases where it disagrees, as text.
fn disagreements(python: &CPython, groups: &[Group]) -> Vec<String> {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("requests");
    let mut file = BufWriter::new(File::create(&path).expect("a file in it"));
    for group in groups {
        let request = serde_json::json!({ "definition": group.definition, "calls": group.calls });
        writeln!(file, "{request}").expect("room on the disk");
    }
    drop(file.into_inner().expect("room on the disk"));
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/bind_calls.py");
    let output = Command::new(&python.program)
        .arg(script)
        .stdin(File::open(&path).expect("the file just written"))
        .output()
        .expect("python3 runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let answers = String::from_utf8(output.stdout).expect("json.dumps writes ASCII");
    assert_eq!(answers.lines().count(), groups.len());

    let mut wrong = Vec::new();
    for (group, line) in groups.iter().zip(answers.lines()) {
        let answers: Vec<String> = serde_json::from_str(line).expect("a list of strings");
        assert_eq!(answers.len(), group.calls.len());
        for ((call, expected), answer) in group.calls.iter().zip(&group.expected).zip(&answers) {
            if expected != python.as_311(answer) {
                wrong.push(format!(
                    "{}\n{call}\n  CPython: {answer}\n  coship:  {expected}\n",
                    group.definition
                ));
            }
        }
    }
    wrong
}

fn setting(variable: &str, default: u64) -> u64 {
    std::env::var(variable).map_or(default, |text| text.parse().expect("a number"))
}

#[test]
fn verdict_values_and_text_are_cpythons() {
    let Some(python) = CPython::find("verdict_values_and_text_are_cpythons") else {
        return;
    };
    let seed = setting("COSHIP_SEED", 20_250_922);
    let cases = usize::try_from(setting("COSHIP_CASES", 100_000)).expect("a count");
    let mut groups = small_groups();
    groups.extend(random_groups(&mut Random(seed), cases));

    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    let told = [
        "= ",
        " got an unexpected keyword argument ",
        " required positional argument",
        " required keyword-only argument",
        " positional arguments but ",
        " positional argument but ",
        " keyword-only argument) were given",
        " keyword-only arguments) were given",
        " got multiple values for argument ",
        " got multiple values for keyword argument ",
        " got some positional-only arguments ",
    ];
    for expected in groups.iter().flat_map(|group| &group.expected) {
        for kind in told.iter().filter(|kind| expected.contains(**kind)) {
            *kinds.entry(kind).or_default() += 1;
        }
    }
    let wrong = disagreements(&python, &groups);
    let mut report = String::new();
    for case in wrong.iter().take(10) {
        writeln!(report, "{case}").expect("a String takes all");
    }
    let (count, (major, minor)) = (wrong.len(), python.version);
    assert!(
        wrong.is_empty(),
        "seed {seed}, CPython {major}.{minor}: {count} cases differ, among them\n{report}"
    );
    for kind in told {
        assert!(
            kinds.get(kind).is_some_and(|&count| count >= cases / 1000),
            "too few of {kind:?}: {kinds:?}"
        );
    }
    println!("{kinds:?}");
}
