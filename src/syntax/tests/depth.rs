//! Nothing that a file may hold overflows the stack or takes quadratic time.

use std::thread;
use std::time::{Duration, Instant};

use crate::syntax::ir::Module;
use crate::syntax::parse;

/// What threads have by default: none of ours has less.
const STACK: usize = 2 << 20;

/// Parses in a time that leaves no room for quadratic behaviour, and drops what came of it.
fn quickly(text: &str) -> Vec<String> {
    let start = Instant::now();
    let text = text.to_owned();
    let thread = thread::Builder::new().stack_size(STACK);
    let errors = thread
        .spawn(move || {
            let Module { errors, .. } = parse(&text);
            errors
        })
        .unwrap()
        .join()
        .unwrap();
    let took = start.elapsed();
    // Unoptimised and on a busy machine; 10,000 levels squared would be minutes.
    assert!(took < Duration::from_secs(10), "took {took:?}");
    errors.into_iter().map(|error| error.message).collect()
}

fn nested(open: &str, close: &str, count: usize) -> String {
    format!("x = {}1{}\n", open.repeat(count), close.repeat(count))
}

#[test]
fn brackets() {
    for (open, close) in [
        ("(", ")"),
        ("[", "]"),
        ("{", "}"),
        ("{1: ", "}"),
        ("f(", ")"),
        ("f(k=", ")"),
        ("a[", "]"),
        ("(yield ", ")"),
        ("[x for x in ", "]"),
        ("[(lambda: x) for x in ", "]"),
        ("(x := ", ")"),
        ("(a, *", ")"),
    ] {
        let errors = quickly(&nested(open, close, 10_000));
        assert!(
            errors.iter().any(|e| e == "too many nested parentheses"),
            "{open}: {:?}",
            errors.first()
        );
        assert!(!quickly(&nested(open, close, 201)).is_empty(), "{open}");
        // Whatever is left unclosed.
        quickly(&format!("x = {}", open.repeat(10_000)));
    }
    for (open, close) in [("(", ")"), ("[", "]"), ("f(", ")"), ("{1: ", "}")] {
        assert_eq!(quickly(&nested(open, close, 200)), [""; 0], "{open}");
    }
}

#[test]
fn operators_without_brackets() {
    for (open, close) in [
        ("not ", ""),
        ("- ", ""),
        ("~", ""),
        ("lambda: ", ""),
        ("lambda x=", ": 1"),
        ("1 if 1 else ", ""),
        ("2 ** ", ""),
        ("'' if ", " else 2"),
        ("a.b(", ")"),
    ] {
        quickly(&nested(open, close, 10_000));
    }
    quickly(&format!(
        "async def f():\n  x = {}1\n",
        "await ".repeat(10_000)
    ));
}

#[test]
fn long_chains_are_no_error() {
    for link in [
        "+a", "*a", "-1", " or a", " and a", " < a", ".a", "()", "[1]", ".a()", ", a", " in a",
    ] {
        let chain = format!("x = a{}\n", link.repeat(20_000));
        assert_eq!(quickly(&chain), [""; 0], "{link}");
        let annotation = format!(
            "def f(x: a{}): pass\n",
            link.replace(',', "+").repeat(20_000)
        );
        assert_eq!(quickly(&annotation), [""; 0], "{link}");
        let element = format!("[a{} for a in b]\n", link.replace(',', "+").repeat(20_000));
        assert_eq!(quickly(&element), [""; 0], "{link}");
        let walrus = format!("x = (y := 1){}\n", link.repeat(20_000));
        assert_eq!(quickly(&walrus), [""; 0], "{link}");
    }
    let strings = "'a' + \\\n".repeat(20_000);
    assert_eq!(quickly(&format!("x = {strings}'b'\n")), [""; 0]);
    let strings = "f'{a}' \\\n".repeat(20_000);
    assert_eq!(quickly(&format!("x = {strings}'b'\n")), [""; 0]);
    let elifs = "elif a == 1:\n  pass\n".repeat(20_000);
    assert_eq!(quickly(&format!("if a:\n  pass\n{elifs}")), [""; 0]);
    let targets = "a = ".repeat(20_000);
    assert_eq!(quickly(&format!("{targets} 1\n")), [""; 0]);
    assert_eq!(
        quickly(&format!("type X = a{}\n", ".b".repeat(20_000))),
        [""; 0]
    );
    assert_eq!(
        quickly(&format!("x = t'{{a{}}}'\n", ".b".repeat(20_000))),
        [""; 0]
    );
}

#[test]
fn indentation() {
    for head in [
        "def f():",
        "async def f():",
        "class C:",
        "if a:",
        "while a:",
        "for a in b:",
        "with a:",
        "try:",
    ] {
        let deep = |count: usize| -> String {
            (0..count)
                .map(|level| format!("{}{head}\n", " ".repeat(level)))
                .chain([format!("{}pass\n", " ".repeat(count))])
                .collect()
        };
        let errors = quickly(&deep(3_000));
        assert!(
            errors.iter().any(|e| e == "too many levels of indentation"),
            "{head}"
        );
        if head != "try:" {
            assert_eq!(quickly(&deep(99)), [""; 0], "{head}");
            assert!(!quickly(&deep(100)).is_empty(), "{head}");
        }
    }
    let elses: Vec<String> = (0..3_000)
        .map(|level| {
            let blank = " ".repeat(level);
            format!("{blank}if a:\n{blank} pass\n{blank}else:\n")
        })
        .collect();
    assert!(!quickly(&elses.concat()).is_empty());
}

#[test]
fn patterns_and_targets() {
    for (open, close) in [
        ("[", "]"),
        ("(", ",)"),
        ("C(", ")"),
        ("{1: ", "}"),
        ("C(a=", ")"),
    ] {
        let pattern = format!("{}_{}", open.repeat(10_000), close.repeat(10_000));
        quickly(&format!("match x:\n  case {pattern}:\n    pass\n"));
    }
    quickly(&format!(
        "match x:\n  case {} 1:\n    pass\n",
        "1 | ".repeat(10_000)
    ));
    quickly(&format!(
        "match x:\n  case a{}:\n    pass\n",
        ".b".repeat(10_000)
    ));
    for (open, close) in [("[", "]"), ("(", ",)"), ("[*", "]")] {
        let target = format!("{}a{}", open.repeat(10_000), close.repeat(10_000));
        quickly(&format!(
            "{target} = 1\nfor {target} in x: pass\n[1 for {target} in x]\n"
        ));
        quickly(&format!("with x as {target}: pass\ndel {target}\n"));
    }
    quickly(&format!(
        "x = {}1{}\n",
        "f'{".repeat(10_000),
        "}'".repeat(10_000)
    ));
    quickly(&format!(
        "x = f'{}1{}'\n",
        "{a:".repeat(10_000),
        "}".repeat(10_000)
    ));
}
