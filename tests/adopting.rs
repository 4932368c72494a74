//! Adopting a repository with history: what was there before is not reported, what is new is, however code is moved and renamed in between.

mod source_support;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use serde_json::Value;
use source_support::{Sandbox, command, told};

fn coship(directory: &Path, arguments: &[&str], ci: &str) -> (Option<i32>, String) {
    told(
        &command(directory, arguments)
            .env("CI", ci)
            .output()
            .unwrap(),
    )
}

const BREAKS: &str = "def f(a):\n    return a\n\n\ndef g():\n    return f(1, 2)\n";

#[test]
fn init_adopts_a_repository_as_it_is() {
    let sandbox = Sandbox::repository();
    sandbox.write("m.py", BREAKS).commit("all");
    let run = |arguments: &[&str]| coship(&sandbox.path(), arguments, "");
    assert_eq!(run(&["check"]).0, Some(1));
    let (status, text) = run(&["init", "--adopt"]);
    assert_eq!(status, Some(0), "{text}");
    assert!(text.contains("1 error is in it"), "{text}");
    let configuration = fs::read_to_string(sandbox.join("coship.toml")).unwrap();
    assert!(configuration.contains("\nbaseline = \"coship-baseline.toml\"\n"));
    let (status, text) = run(&["check"]);
    assert_eq!(status, Some(0), "{text}");
    assert!(
        text.ends_with("0 errors, 0 warnings; not shown: 1 in coship-baseline.toml\n"),
        "{text}"
    );
    // From the index, where the configuration is one of it, and from a folder.
    sandbox.git(&["add", "--all"]);
    assert_eq!(run(&["check", "--staged"]).0, Some(0));
    fs::create_dir(sandbox.join("empty")).unwrap();
    assert_eq!(coship(&sandbox.join("empty"), &["check"], "").0, Some(0));
    // Whoever moves the file gets nothing to mend.
    sandbox.git(&["mv", "m.py", "n.py"]);
    assert_eq!(run(&["check"]).0, Some(0));
    sandbox.write(
        "n.py",
        format!("{BREAKS}\n\ndef h():\n    return f(1, 2)\n"),
    );
    let (status, text) = run(&["check"]);
    assert_eq!(status, Some(1));
    assert!(
        text.contains("\nn.py:10:12: error:") && !text.contains("n.py:6"),
        "{text}"
    );
}

#[test]
fn in_ci_a_baseline_only_shrinks() {
    let sandbox = Sandbox::repository();
    sandbox.write("m.py", BREAKS);
    let file = ["check", "--baseline", "known.toml"];
    let update = [&file[..], &["--update-baseline"]].concat();
    let run = |arguments: &[&str], ci: &str| coship(&sandbox.path(), arguments, ci);
    let baseline = || fs::read_to_string(sandbox.join("known.toml")).unwrap();
    let (status, text) = run(&file, "");
    assert_eq!(status, Some(2));
    assert!(
        text.contains("known.toml") && text.contains("--update-baseline"),
        "{text}"
    );
    assert_eq!(run(&["check", "--update-baseline"], "").0, Some(2));
    let (status, text) = run(&update, "");
    assert_eq!(status, Some(0), "{text}");
    assert!(
        text.contains("wrote known.toml: 1 finding (1 added, 0 taken out)"),
        "{text}"
    );
    let one = baseline();
    assert!(!one.contains("\nline"), "no line number: {one}");
    // A second one, and the first one stays.
    sandbox.write("m.py", BREAKS.replace("f(1, 2)", "f(1, 2) + f(3, 4)"));
    let (status, text) = run(&update, "true");
    assert_eq!(status, Some(1));
    assert!(
        text.contains("m.py:6:22: error:") && !text.contains("m.py:6:12"),
        "{text}"
    );
    assert_eq!(baseline(), one);
    // The first one is mended.
    sandbox.write("m.py", BREAKS.replace("f(1, 2)", "f(1)"));
    let (status, text) = run(&file, "");
    assert_eq!(status, Some(0));
    assert!(
        text.ends_with("; 1 finding of known.toml is mended: --update-baseline takes it out\n"),
        "{text}"
    );
    let (_, text) = run(&update, "true");
    assert!(text.contains("0 findings (0 added, 1 taken out)"), "{text}");
    assert!(!baseline().contains("[[finding]]"));
    sandbox.write("known.toml", "version = 7\n");
    assert_eq!(run(&file, "").0, Some(2));
}

#[test]
fn rules_have_other_levels_for_some_paths() {
    let sandbox = Sandbox::repository();
    sandbox.write("m.py", BREAKS).write("tests/t.py", BREAKS);
    sandbox.write("coship.toml", "[per-path.\"tests/**\"]\nCS1 = \"off\"\n");
    let (_, text) = coship(&sandbox.path(), &["check", "--quiet"], "");
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(text.starts_with("m.py:"), "{text}");
    sandbox.write("coship.toml", "[per-path.\"tests/**\"]\nCS1O = \"off\"\n");
    let (status, text) = coship(&sandbox.path(), &["check"], "");
    assert_eq!(status, Some(2));
    assert!(
        text.contains("coship.toml:2: unknown rule 'CS1O'"),
        "{text}"
    );
}

/// Numbers that look random: Knuth's multiplier.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound
    }
}

/// A call, by the callee's number.
#[derive(Clone)]
struct Call {
    callee: usize,
    /// What is wrong with it: a keyword that nobody takes, or a positional argument too many. None: nothing.
    wrong: Option<String>,
    /// How it is laid out.
    layout: usize,
}

#[derive(Clone)]
struct Function {
    name: String,
    calls: Vec<Call>,
}

/// A program: callees in modules of their own, and functions that call them.
#[derive(Clone)]
struct Program {
    /// Module and name of each.
    callees: Vec<(String, String)>,
    files: Vec<(String, Vec<Function>)>,
    names: usize,
    blanks: usize,
}

impl Program {
    fn new(random: &mut Random) -> Self {
        let mut program = Self {
            callees: Vec::new(),
            files: Vec::new(),
            names: 0,
            blanks: 0,
        };
        for _ in 0..3 {
            let callee = (program.name("core"), program.name("work"));
            program.callees.push(callee);
        }
        for _ in 0..3 {
            let mut functions = Vec::new();
            for _ in 0..3 {
                let name = program.name("do");
                let mut calls = Vec::new();
                for _ in 0..=random.below(3) {
                    calls.push(program.call(random, 2));
                }
                functions.push(Function { name, calls });
            }
            let name = program.name("app");
            program.files.push((name, functions));
        }
        program
    }

    fn name(&mut self, word: &str) -> String {
        self.names += 1;
        format!("{word}_{}", self.names)
    }

    /// A call that is wrong, once in `seldom`.
    fn call(&mut self, random: &mut Random, seldom: usize) -> Call {
        let wrong = match random.below(2 * seldom) {
            0 => Some(self.name("key")),
            1 => Some(
                (1000 + {
                    self.names += 1;
                    self.names
                })
                .to_string(),
            ),
            _ => None,
        };
        Call {
            callee: random.below(3),
            wrong,
            layout: 0,
        }
    }

    /// What is wrong, each with how often.
    fn defects(&self) -> BTreeMap<String, usize> {
        let mut defects = BTreeMap::new();
        let calls = self.files.iter().flat_map(|(_, functions)| functions);
        for call in calls.flat_map(|function| &function.calls) {
            if let Some(wrong) = &call.wrong {
                *defects.entry(wrong.clone()).or_default() += 1;
            }
        }
        defects
    }

    fn write(&self, sandbox: &Sandbox) {
        for entry in fs::read_dir(sandbox.path()).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "py") {
                fs::remove_file(path).unwrap();
            } else if path.is_dir() && !path.ends_with(".git") {
                fs::remove_dir_all(path).unwrap();
            }
        }
        let path = |module: &str| format!("{}.py", module.replace('.', "/"));
        for (module, name) in &self.callees {
            sandbox.write(
                &path(module),
                format!("def {name}(value):\n    return value\n"),
            );
        }
        for (module, functions) in &self.files {
            sandbox.write(&path(module), self.text(functions));
        }
    }

    fn text(&self, functions: &[Function]) -> String {
        let mut text = String::new();
        for (index, (module, _)) in self.callees.iter().enumerate() {
            writeln!(text, "import {module} as m{index}").unwrap();
        }
        for function in functions {
            text.push_str(&"\n".repeat(2 + self.blanks));
            writeln!(text, "def {}():", function.name).unwrap();
            for call in &function.calls {
                let name = format!("m{}.{}", call.callee, self.callees[call.callee].1);
                let argument = match &call.wrong {
                    Some(wrong) if wrong.starts_with("key") => format!(", {wrong}='x'"),
                    Some(wrong) => format!(", {wrong}"),
                    None => String::new(),
                };
                match call.layout {
                    0 => writeln!(text, "    {name}(1{argument})"),
                    1 => writeln!(
                        text,
                        "    {name}(\n        1{}\n    )",
                        argument.replace('\'', "\"")
                    ),
                    _ => writeln!(text, "    {name}( 1 {argument},  # so\n    )"),
                }
                .unwrap();
            }
        }
        text
    }

    /// One edit that a person or a tool may make.
    fn edit(&mut self, random: &mut Random) {
        let (file, function) = (random.below(3), random.below(2));
        let fresh = self.name("new");
        match random.below(11) {
            0 => self.files[file].0 = fresh,
            1 => self.files[file].0 = format!("pkg_{fresh}.{fresh}"),
            2 => self.files[file].1.rotate_left(1),
            3 => self.files[file].1[function].name = fresh,
            4 => self.callees[file].1 = fresh,
            5 => self.callees[file].0 = fresh,
            6 => self.blanks = random.below(3),
            7 => {
                for call in &mut self.files[file].1[function].calls {
                    call.layout = random.below(3);
                }
            }
            8 => {
                // To another file; each keeps two at least.
                if self.files[file].1.len() > 2 {
                    let moved = self.files[file].1.remove(function);
                    self.files[(file + 1) % 3].1.push(moved);
                }
            }
            9 => {
                let call = self.call(random, 1);
                let calls = &mut self.files[file].1[function].calls;
                let at = random.below(calls.len() + 1);
                calls.insert(at, call);
            }
            // A second one beside the first, to the letter; or a new function.
            _ => match self.files[file].1[function].calls.first().cloned() {
                Some(call) if call.wrong.is_some() => {
                    self.files[file].1[function].calls.insert(0, call);
                }
                _ => {
                    let calls = vec![self.call(random, 1)];
                    self.files[file].1.push(Function { name: fresh, calls });
                }
            },
        }
    }
}

/// What is reported, each with how often.
fn reported(sandbox: &Sandbox) -> BTreeMap<String, usize> {
    let arguments = [
        "check",
        "--baseline",
        "known.toml",
        "--output-format",
        "json",
    ];
    let (_, text) = coship(&sandbox.path(), &arguments, "");
    let report: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}"));
    let mut found = BTreeMap::new();
    for finding in report["findings"].as_array().unwrap() {
        let path = sandbox.join(finding["path"].as_str().unwrap());
        let source = fs::read_to_string(path).unwrap();
        let number = |end: &str, what: &str| {
            usize::try_from(finding["range"][end][what].as_u64().unwrap()).unwrap()
        };
        let (first, last) = (number("start", "line"), number("end", "line"));
        let lines: Vec<&str> = source
            .lines()
            .skip(first - 1)
            .take(last - first + 1)
            .collect();
        let word = lines.join(" ");
        let mark = word
            .split(|c: char| !c.is_alphanumeric() && c != '_')
            .find(|word| word.starts_with("key_") || word.len() == 4 && word.starts_with('1'));
        *found.entry(mark.unwrap_or(&word).to_owned()).or_default() += 1;
    }
    found
}

#[test]
fn no_old_finding_comes_back_and_no_new_one_hides() {
    let sequences = std::env::var("COSHIP_SEQUENCES").ok();
    let sequences = sequences.map_or(200, |count| count.parse().unwrap());
    let sandbox = Sandbox::new();
    let mut new_ones = 0;
    for seed in 0..sequences {
        let mut random = Random(seed + 1);
        let mut program = Program::new(&mut random);
        let _ = fs::remove_file(sandbox.join("known.toml"));
        program.write(&sandbox);
        let update = ["check", "--baseline", "known.toml", "--update-baseline"];
        let (status, text) = coship(&sandbox.path(), &update, "");
        assert_eq!(status, Some(0), "{text}");
        let old = program.defects();
        for _ in 0..=random.below(10) {
            program.edit(&mut random);
        }
        program.write(&sandbox);
        let mut wanted = program.defects();
        for (defect, count) in &mut wanted {
            *count = count.saturating_sub(old.get(defect).copied().unwrap_or_default());
        }
        wanted.retain(|_, count| *count > 0);
        new_ones += wanted.values().sum::<usize>();
        assert_eq!(reported(&sandbox), wanted, "seed {seed}");
    }
    assert!(new_ones > 0 || sequences < 10);
}

/// What the baseline has is no reason against a deploy: `check` and `plan` say the same.
#[test]
fn a_plan_leaves_out_what_the_baseline_has() {
    let sandbox = Sandbox::repository();
    let works = BREAKS.replace("f(1, 2)", "f(1)");
    sandbox.write("m.py", &works).commit("deployed");
    sandbox.git(&["tag", "v1"]);
    sandbox.write("m.py", BREAKS).commit("broken since");
    let run = |arguments: &[&str]| coship(&sandbox.path(), arguments, "");
    let (status, text) = run(&["plan"]);
    assert_eq!(status, Some(1), "{text}");
    assert!(
        text.contains("has 1 error that the deployed version has not"),
        "{text}"
    );
    run(&["init", "--adopt"]);
    assert_eq!(run(&["check"]).0, Some(0));
    for format in ["full", "markdown"] {
        let (status, text) = run(&["plan", "--output-format", format]);
        assert_eq!(status, Some(0), "{text}");
        assert!(
            text.contains("; not shown: 1 in coship-baseline.toml"),
            "{text}"
        );
        assert!(!text.contains("broken"), "{text}");
    }
    let (status, text) = run(&["report", "--html", "report.html", "--exit-code"]);
    assert_eq!(status, Some(0), "{text}");
    let page = fs::read_to_string(sandbox.join("report.html")).unwrap();
    assert!(page.contains("not shown: 1 in coship-baseline.toml"));
    assert!(!page.contains("<strong>broken</strong>"));
    // A new one is told, and the old one still not.
    sandbox.write("n.py", BREAKS);
    let (status, text) = run(&["plan"]);
    assert_eq!(status, Some(1), "{text}");
    assert!(
        text.contains(
            "has 1 error that the deployed version has not; not shown: 1 in coship-baseline.toml"
        ),
        "{text}"
    );
    // A baseline that is named and is not there is no empty one.
    sandbox.remove("coship-baseline.toml");
    assert_eq!(run(&["plan"]).0, Some(2));
}

#[test]
fn who_finds_hundreds_of_errors_is_told_of_the_baseline() {
    let sandbox = Sandbox::repository();
    let text = |calls: usize| {
        let mut text = String::from("def f(a):\n    return a\n");
        for call in 0..calls {
            write!(text, "\n\ndef g{call}():\n    return f(1, 2)\n").unwrap();
        }
        text
    };
    sandbox.write("m.py", text(51)).commit("all");
    let run = |arguments: &[&str]| coship(&sandbox.path(), arguments, "");
    let (_, told) = run(&["check"]);
    assert!(
        told.ends_with("coship: many errors (51 too-many-positionals): `coship init --adopt` writes them into a baseline, and from then on only what is new is reported\n"),
        "{told}"
    );
    assert!(!run(&["check", "--quiet"]).1.contains("--adopt"));
    assert!(!run(&["check", "--baseline", "none"]).1.contains("--adopt"));
    sandbox.write("m.py", text(50));
    assert!(!run(&["check"]).1.contains("--adopt"));
    sandbox.write("m.py", text(51));
    run(&["init", "--adopt"]);
    assert!(!run(&["check"]).1.contains("--adopt"));
}
