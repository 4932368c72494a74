//! The whole standard library of the `python3` at hand, held against what CPython itself says of it.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::process::{Command, Stdio};

use serde::Deserialize;

use super::dump::{name_of, uses};
use crate::syntax::ir::{Function, FunctionId, Module, ParameterKind, Parent, Var};
use crate::syntax::parse;

/// What `facts.py` says of one file.
#[derive(Deserialize)]
struct Fact {
    path: String,
    error: Option<String>,
    names: Option<Known>,
}

/// What Python 3.11 knows of the names in a file.
#[derive(Deserialize)]
struct Known {
    scopes: Vec<(usize, String, Names, Names, Names)>,
    codes: Vec<Code>,
}

type Names = BTreeSet<String>;

/// Qualified name, positional-only, positional and keyword-only parameters, names, generator, async.
type Code = (String, usize, usize, usize, Vec<String>, bool, bool);

/// Locals, frees and globals of the functions on one line that have one name.
type Scopes = BTreeMap<(usize, String), Vec<(Names, Names, Names)>>;

fn python(script: &str, input: &str) -> Option<String> {
    let mut child = Command::new("python3")
        .args(["-c", script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    output
        .status
        .success()
        .then(|| String::from_utf8(output.stdout).unwrap())
}

/// The facts about the standard library; none without a `python3` of at least 3.11.
fn standard_library() -> Option<Vec<Fact>> {
    let list = "import sys, sysconfig, pathlib\n\
        root = pathlib.Path(sysconfig.get_path('stdlib'))\n\
        paths = [str(p) for p in root.rglob('*.py') if 'site-packages' not in p.parts]\n\
        print('\\n'.join(sorted(paths))) if sys.version_info >= (3, 11) else sys.exit(1)";
    let Some(paths) = python(list, "") else {
        eprintln!("skipped: no python3 of version 3.11 or newer here");
        return None;
    };
    let facts = python(include_str!("facts.py"), &paths).expect("facts.py runs");
    let facts: Vec<Fact> = facts
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(facts.len() > 500, "{} files are no library", facts.len());
    Some(facts)
}

#[test]
fn agrees_with_cpython_about_its_standard_library() {
    let Some(facts) = standard_library() else {
        return;
    };
    let mut wrong = Vec::new();
    let mut functions = 0;
    for fact in &facts {
        let text = std::fs::read_to_string(&fact.path).unwrap();
        let module = parse(&text);
        match (&fact.error, module.errors.first()) {
            (None, None) => {}
            (None, Some(error)) => wrong.push(format!("{}: refused: {error:?}", fact.path)),
            // A bad `coding` comment is refused when bytes become text, before parsing.
            (Some(error), None) if !error.contains("encoding") => {
                wrong.push(format!("{}: accepted, although {error}", fact.path));
            }
            (Some(_), _) => continue,
        }
        if let Some(names) = &fact.names {
            functions += module.functions.len();
            let before = wrong.len();
            compare_scopes(&names.scopes, &module, &text, &mut wrong);
            compare_codes(&names.codes, &module, &mut wrong);
            for difference in &mut wrong[before..] {
                difference.insert_str(0, &format!("{}: ", fact.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), {
        wrong.truncate(30);
        wrong.join("\n")
    });
    let files = facts.iter().filter(|fact| fact.names.is_some()).count();
    eprintln!(
        "{} files agree, {files} with {functions} functions in all names",
        facts.len()
    );
}

fn compare_scopes(
    scopes: &[(usize, String, Names, Names, Names)],
    module: &Module,
    text: &str,
    wrong: &mut Vec<String>,
) {
    let mut theirs = Scopes::new();
    for (line, name, locals, frees, globals) in scopes {
        theirs.entry((*line, name.clone())).or_default().push((
            locals.clone(),
            frees.clone(),
            globals.clone(),
        ));
    }
    let mut ours = our_scopes(module, text);
    for scopes in theirs.values_mut().chain(ours.values_mut()) {
        scopes.sort();
    }
    ours.retain(|(_, name), _| name != "top");
    for key in theirs.keys().chain(ours.keys()).collect::<BTreeSet<_>>() {
        if theirs.get(key) != ours.get(key) {
            wrong.push(format!(
                "line {}: {}:\n  {:?}\n  {:?}",
                key.0,
                key.1,
                theirs.get(key),
                ours.get(key)
            ));
        }
    }
}

fn our_scopes(module: &Module, text: &str) -> Scopes {
    let count = module.functions.len();
    let mut frees = vec![Names::new(); count];
    let mut globals = vec![Names::new(); count];
    for (owner, var) in uses(module) {
        let name = name_of(module, owner, var).to_string();
        if name == "__class__" {
            continue;
        }
        match var {
            Var::Global(_) => {
                if let Parent::Function(id) = owner {
                    globals[id.0 as usize].insert(name);
                }
            }
            // For CPython, what goes through a function is free in it as well.
            Var::Free { up, .. } => {
                let mut scope = owner;
                let mut left = up;
                while left > 0 {
                    if let Parent::Function(id) = scope {
                        frees[id.0 as usize].insert(name.clone());
                    }
                    scope = parent(module, scope);
                    left -= u32::from(matches!(scope, Parent::Function(_)));
                }
            }
            Var::Local(_) | Var::Hidden { .. } => {}
        }
    }
    let lines: Vec<usize> = text.match_indices('\n').map(|(at, _)| at).collect();
    let mut scopes = Scopes::new();
    for (index, function) in module.functions.iter().enumerate() {
        let line = 1 + lines.partition_point(|at| *at < function.range.start as usize);
        let locals: Names = visible(function).collect();
        let hidden: Names = function
            .scope
            .slots
            .iter()
            .filter(|variable| variable.hidden)
            .map(|variable| variable.name.to_string())
            .collect();
        let name = function.name.trim_matches(['<', '>']).to_owned();
        // A name that is free because a comprehension's variable is captured is no free name of CPython's function, and
        // one that only a comprehension and the functions in it know is not its local.
        let free = &frees[index] - &(&hidden - &locals);
        scopes
            .entry((line, name))
            .or_default()
            .push((locals, free, globals[index].clone()));
    }
    scopes
}

fn parent(module: &Module, scope: Parent) -> Parent {
    match scope {
        Parent::Module => Parent::Module,
        Parent::Function(id) => module[id].parent,
        Parent::Class(id) => module[id].parent,
    }
}

fn visible(function: &Function) -> impl Iterator<Item = String> {
    function
        .scope
        .slots
        .iter()
        .filter(|variable| !variable.hidden && variable.name.as_str() != "__class__")
        .map(|variable| variable.name.to_string())
}

/// The compiler drops code that it sees is dead, so we may have more than CPython, but nothing else.
fn compare_codes(codes: &[Code], module: &Module, wrong: &mut Vec<String>) {
    let mut ours: BTreeMap<Code, usize> = BTreeMap::new();
    for index in 0..module.functions.len() {
        let id = FunctionId(u32::try_from(index).unwrap());
        *ours.entry(code(&module[id])).or_default() += 1;
    }
    for class in &module.classes {
        let qualname = class.qualname.to_string();
        let code = (qualname, 0, 0, 0, Vec::new(), false, false);
        *ours.entry(code).or_default() += 1;
    }
    for code in codes {
        match ours.get_mut(code) {
            Some(count) if *count > 0 => *count -= 1,
            _ => wrong.push(format!("we lack {code:?}")),
        }
    }
}

fn code(function: &Function) -> Code {
    let count = |kind| function.params.iter().filter(|p| p.kind == kind).count();
    let positional_only = count(ParameterKind::PositionalOnly);
    // CPython keeps `*args` and `**kwargs` behind the others.
    let mut params: Vec<_> = function.params.iter().collect();
    params.sort_by_key(|param| match param.kind {
        ParameterKind::PositionalOnly | ParameterKind::PositionalOrKeyword => 0,
        ParameterKind::KeywordOnly => 1,
        ParameterKind::VarPositional => 2,
        ParameterKind::VarKeyword => 3,
    });
    (
        function.qualname.to_string(),
        positional_only,
        positional_only + count(ParameterKind::PositionalOrKeyword),
        count(ParameterKind::KeywordOnly),
        params.iter().map(|param| param.name.to_string()).collect(),
        function.is_generator,
        function.is_async,
    )
}
