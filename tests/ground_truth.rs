//! Holds mixed states and plans against CPython: `tests/support/systems` writes random gateway systems with random edits, and runs
//! every mixed state of each.
//!
//! What `check` says of the candidate, `check --only` of every state and `plan` of the way has to be what happened. `COSHIP_SEED` is the
//! first seed, `COSHIP_SYSTEMS` the number of systems. A failure names its seed; to look at it:
//!
//! ```text
//! python3 tests/support/systems/generate.py SEED 1 DIRECTORY --keep
//! ```

use std::cell::Cell;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use rayon::prelude::*;
use serde_json::Value;

#[path = "support/cpython.rs"]
#[expect(dead_code, reason = "only what fails matters here, not in which words")]
mod cpython;

use cpython::CPython;

/// Systems that one interpreter writes and runs, one after the other.
const BATCH: u64 = 20;

/// How many disagreements are shown.
const SHOWN: usize = 20;

/// A system, and what CPython said of its states. Bit masks tell which of `changed` are new.
struct System {
    /// Whether the plan was said to be exact.
    is_exact: Cell<bool>,
    seed: u64,
    directory: PathBuf,
    log: String,
    changed: Vec<String>,
    /// What fails, by mask.
    failures: Vec<Vec<String>>,
    /// States in which something fails that works in the candidate.
    unsafe_states: BTreeSet<usize>,
    /// States in which only what fails in the candidate as well fails: something else may hide behind that.
    doubtful: BTreeSet<usize>,
    /// The number of steps of the finest plan, where states in doubt are unsafe, and where they are safe.
    steps: [usize; 2],
}

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().expect(name))
}

fn array(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn strings(value: &Value) -> Vec<String> {
    let texts = array(value).iter().filter_map(Value::as_str);
    texts.map(str::to_owned).collect()
}

fn numbers(value: &Value) -> impl Iterator<Item = usize> + '_ {
    let numbers = array(value).iter().filter_map(Value::as_u64);
    numbers.map(|number| usize::try_from(number).expect("a small number"))
}

impl System {
    fn new(line: &str, directory: &Path) -> Self {
        let told: Value = serde_json::from_str(line).expect("a line of JSON");
        let seed = told["seed"].as_u64().expect("a seed");
        let steps: Vec<usize> = numbers(&told["steps"]).collect();
        Self {
            is_exact: Cell::new(false),
            seed,
            directory: directory.join(seed.to_string()),
            log: strings(&told["log"]).join(", "),
            changed: strings(&told["changed"]),
            failures: array(&told["failures"]).iter().map(strings).collect(),
            unsafe_states: numbers(&told["unsafe"]).collect(),
            doubtful: numbers(&told["doubtful"]).collect(),
            steps: steps.try_into().expect("two numbers"),
        }
    }

    /// The mask of the candidate.
    fn all(&self) -> usize {
        (1 << self.changed.len()) - 1
    }

    fn files(&self, mask: usize) -> Vec<&str> {
        let chosen = (0..).zip(&self.changed);
        let chosen = chosen.filter(|(number, _)| mask >> number & 1 == 1);
        chosen.map(|(_, path)| &**path).collect()
    }

    fn mask(&self, paths: &[String]) -> usize {
        let number = |path: &String| self.changed.iter().position(|changed| changed == path);
        let numbers = paths
            .iter()
            .map(|path| number(path).expect("a changed file"));
        numbers.fold(0, |mask, number| mask | 1 << number)
    }

    /// Runs `coship` on the candidate, compared with what is deployed.
    fn coship(&self, command: &str, format: &str, only: &[&str]) -> Output {
        let mut coship = Command::new(env!("CARGO_BIN_EXE_coship"));
        coship
            .current_dir(&self.directory)
            .args([command, "candidate"]);
        coship.args([
            "--against",
            "deployed",
            "--isolated",
            "--output-format",
            format,
        ]);
        for file in only {
            coship.args(["--only", file]);
        }
        coship
            .env_remove("COSHIP_OUTPUT_FORMAT")
            .output()
            .expect("coship to run")
    }

    /// `check` of every state but the deployed one; one line for each that is judged differently.
    fn check(&self) -> Vec<String> {
        let masks = 1..=self.all();
        let judged = masks.filter_map(|mask| {
            let files = self.files(mask);
            let only = if mask == self.all() { &[][..] } else { &files };
            let output = self.coship("check", "concise", only);
            let fails = !self.failures[mask].is_empty();
            if output.status.code() == Some(i32::from(fails)) {
                return None;
            }
            let happened = self.failures[mask].join("\n        ");
            let said = String::from_utf8_lossy(&output.stdout);
            let errors: Vec<&str> = said
                .lines()
                .filter(|line| line.contains(" error: "))
                .collect();
            Some(format!(
                "only {} are new\n      CPython:\n        {happened}\n      coship: {}\n        {}",
                files.join(", "),
                output.status,
                errors.join("\n        ")
            ))
        });
        judged.collect()
    }

    /// What is wrong with the plan.
    fn plan(&self) -> Vec<String> {
        let output = self.coship("plan", "json", &[]);
        let Ok(plan) = serde_json::from_slice::<Value>(&output.stdout) else {
            let said = String::from_utf8_lossy(&output.stderr);
            return vec![format!("plan: {}: {said}", output.status)];
        };
        let mut wrong = Vec::new();
        let is_broken = !self.failures[self.all()].is_empty();
        let verdict = plan["verdict"].as_str().unwrap_or_default();
        let steps: Vec<Vec<String>> = array(&plan["steps"])
            .iter()
            .map(|step| strings(&step["files"]))
            .collect();
        let expected = match () {
            () if is_broken => "broken",
            () if self.unsafe_states.is_empty() => "any-order",
            () if self.steps[1] == 1 => "together",
            () => "ordered",
        };
        let is_undecided = !array(&plan["undecided"]).is_empty();
        // What cannot be followed asks for an order that may not be needed.
        if verdict != expected && !(is_undecided && expected == "any-order" && verdict == "ordered")
        {
            wrong.push(format!("verdict {verdict}, CPython: {expected}"));
        }
        if output.status.code() != Some(i32::from(is_broken)) {
            wrong.push(format!("plan: {}", output.status));
        }
        self.is_exact.set(plan["exact"] == true);
        if plan["exact"] == is_undecided {
            wrong.push("what the plan says of being exact is not what it lists".to_owned());
        }
        let mut mask = 0;
        for step in &steps {
            let before = mask;
            mask |= self.mask(step);
            if mask == before
                || mask.count_ones() as usize != before.count_ones() as usize + step.len()
            {
                wrong.push(format!("{step:?} ships nothing, or something twice"));
            }
            if self.unsafe_states.contains(&mask) {
                wrong.push(format!(
                    "unsafe after {step:?}: {}",
                    self.failures[mask].join("; ")
                ));
            }
        }
        if mask != self.all() {
            wrong.push("the steps leave files out".to_owned());
        }
        let [least, most] = self.steps;
        if !(least..=most).contains(&steps.len()) {
            wrong.push(format!(
                "{} steps {steps:?}, CPython: {least} to {most}",
                steps.len()
            ));
        }
        wrong.extend(self.clauses(&plan));
        wrong
    }

    /// Clauses that forbid a state which is safe.
    fn clauses(&self, plan: &Value) -> Vec<String> {
        let mut wrong = Vec::new();
        for clause in array(&plan["clauses"]) {
            let new = self.mask(&strings(&clause["new"]));
            let old = self.mask(&strings(&clause["old"]));
            let forbidden = (0..=self.all()).filter(|mask| mask & new == new && mask & old == 0);
            let safe =
                |mask: &usize| !self.unsafe_states.contains(mask) && !self.doubtful.contains(mask);
            if let Some(mask) = forbidden.clone().find(safe) {
                wrong.push(format!(
                    "clause: {:?} must not be new while {:?} are old, but {:?} works",
                    self.files(new),
                    self.files(old),
                    self.files(mask)
                ));
            }
        }
        wrong
    }

    /// All that differs, one paragraph.
    fn differs(&self) -> Option<String> {
        let mut wrong = self.check();
        wrong.extend(self.plan());
        (!wrong.is_empty()).then(|| {
            let wrong = wrong.join("\n    ");
            format!(
                "seed {}: {}\n    changed: {}\n    {wrong}",
                self.seed,
                self.log,
                self.changed.join(", ")
            )
        })
    }
}

/// Writes and runs the systems of some seeds.
fn generate(python: &CPython, first: u64, count: u64, directory: &Path) -> Vec<System> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/systems/generate.py");
    let mut command = Command::new(&python.program);
    command.arg("-B").arg(script);
    command.args([first.to_string(), count.to_string()]);
    let output = command.arg(directory).output().expect("Python to run");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "seeds from {first}: {said}");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    text.lines()
        .map(|line| System::new(line, directory))
        .collect()
}

#[test]
fn mixed_states_and_plans_are_what_cpython_does() {
    let Some(python) = CPython::find("mixed_states_and_plans_are_what_cpython_does") else {
        return;
    };
    let (first, count) = (setting("COSHIP_SEED", 1), setting("COSHIP_SYSTEMS", 500));
    let directory = tempfile::tempdir().expect("a directory");
    let starts: Vec<u64> = (0..count.div_ceil(BATCH))
        .map(|batch| first + batch * BATCH)
        .collect();
    let judged: Vec<(usize, usize, bool, Option<String>)> = starts
        .into_par_iter()
        .flat_map_iter(|start| {
            let systems = generate(
                &python,
                start,
                BATCH.min(first + count - start),
                directory.path(),
            );
            systems.into_iter().map(|system| {
                let differs = system.differs();
                let _ = std::fs::remove_dir_all(&system.directory);
                let broken = system.failures.iter().filter(|found| !found.is_empty());
                (
                    system.failures.len(),
                    broken.count(),
                    system.is_exact.get(),
                    differs,
                )
            })
        })
        .collect();
    let states: usize = judged.iter().map(|(states, ..)| states).sum();
    let broken: usize = judged.iter().map(|(_, broken, ..)| broken).sum();
    let exact = judged
        .iter()
        .filter(|(_, _, is_exact, _)| *is_exact)
        .count();
    let wrong: Vec<&String> = judged
        .iter()
        .filter_map(|(.., wrong)| wrong.as_ref())
        .collect();
    println!("{count} systems, {states} states, {broken} of them broken; {exact} exact plans");
    assert!(
        exact * 10 >= judged.len() * 9,
        "only {exact} plans are exact"
    );
    let mut message = String::new();
    for text in wrong.iter().take(SHOWN) {
        let _ = writeln!(message, "{text}");
    }
    assert!(
        wrong.is_empty(),
        "{} of {count} systems from seed {first} differ ({states} states)\n{message}",
        wrong.len()
    );
}
