//! Data flows in one direction: no module names one further down this list, and only `syntax` names the parser's crates.

use std::fs;
use std::path::Path;

/// The modules of `src`, each of which may use those before it. `name`, `facts` and the intermediate form are plain data and low.
const ORDER: [&str; 26] = [
    "name",
    "python",
    "template",
    "environment",
    "cache",
    "config",
    "source",
    "syntax",
    "names",
    "facts",
    "program",
    "bind",
    "eval",
    "change",
    "skew",
    "plan",
    "package",
    "graph",
    "rules",
    "fix",
    "analysis",
    "history",
    "report",
    "server",
    "cli",
    "commands",
];

/// What a low module may name above itself: plain data that has no stage of its own.
const EXCEPTIONS: [(&str, &str); 1] = [("source", "facts")];

fn rank(module: &str) -> usize {
    let rank = ORDER.iter().position(|known| *known == module);
    rank.unwrap_or_else(|| panic!("src/{module} has no place in the order of tests/layering.rs"))
}

/// Every module named by `crate::module` or `crate::{module::x, ..}` in the text, comments left out.
fn uses(text: &str) -> Vec<String> {
    let code: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect();
    let word = |rest: &str| -> String {
        let rest = rest.trim_start().chars();
        rest.take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect()
    };
    let mut found = Vec::new();
    for rest in code.join("\n").split("crate::").skip(1) {
        let Some(group) = rest.strip_prefix('{') else {
            found.push(word(rest));
            continue;
        };
        found.push(word(group));
        let mut depth = 0;
        for (at, ch) in group.char_indices() {
            match ch {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => found.push(word(&group[at + 1..])),
                _ => {}
            }
        }
    }
    found.retain(|name| !name.is_empty());
    found
}

#[test]
fn groups_are_seen() {
    let text = "use crate::{name::Name, eval::{a, b},\n    report};\nuse crate::bind;\n";
    assert_eq!(uses(text), ["name", "eval", "report", "bind"]);
}

fn walk(directory: &Path, check: &mut dyn FnMut(&Path, &str)) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, check);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            check(&path, &fs::read_to_string(&path).unwrap());
        }
    }
}

#[test]
fn nothing_imports_upwards() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    walk(&source, &mut |path, text| {
        let relative = path.strip_prefix(&source).unwrap();
        let first = relative.iter().next().unwrap().to_str().unwrap();
        let module = first.strip_suffix(".rs").unwrap_or(first);
        if matches!(module, "lib" | "main") {
            return;
        }
        for used in uses(text) {
            let allowed =
                rank(&used) <= rank(module) || EXCEPTIONS.contains(&(module, used.as_str()));
            assert!(
                allowed,
                "{} names crate::{used}, which is above it",
                relative.display()
            );
        }
        let code = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"));
        let names_parser = code
            .into_iter()
            .any(|line| line.contains("ruff_python") || line.contains("ruff_text"));
        assert!(
            module == "syntax" || !names_parser,
            "{} names the parser's crate",
            relative.display()
        );
    });
}
