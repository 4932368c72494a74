//! The formats over hand-made findings: what they look like, and what they do with hostile text.

#![expect(
    clippy::needless_raw_string_hashes,
    reason = "that is how snapbox writes what it updates"
)]

use clap::ValueEnum;
use snapbox::{assert_data_eq, str};

use super::*;
use crate::facts::{Failure, RouteKey};
use crate::name::Name;
use crate::rules::testing::{facts, findings, outage_failure, outage_tree, place, tree};

const PLAIN: Look = Look {
    color: false,
    unicode: true,
    width: 100,
};

fn written(tree: &Tree, failures: Vec<Failure>, format: Format, look: Look) -> String {
    let facts = facts(failures);
    let findings = findings(tree, &facts, &[]);
    let check = Check {
        candidate: tree,
        against: Err("not in a git repository"),
        python: &Declared::default(),
        environment: &Environment::default(),
        upgrade: None,
        package: None,
        template: None,
        only: None,
        folder: "",
        findings: &findings,
        summary: Summary::new(tree.files.len(), &facts, &findings, &Tally::default()),
        tally: &Tally::default(),
        cuts: &facts.cuts,
        quiet: false,
        statistics: false,
        explain_certainty: false,
        timings: None,
    };
    let mut out = Vec::new();
    write(&check, format, look, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn outage(format: Format, look: Look) -> String {
    let tree = outage_tree();
    let failures = vec![outage_failure(&tree, "get"), outage_failure(&tree, "set")];
    written(&tree, failures, format, look)
}

#[test]
fn full_shows_all_the_files_that_matter() {
    assert_data_eq!(
        outage(Format::Full, PLAIN),
        str![[r#"
coship: directory candidate, against nothing: not in a git repository; no Python version declared; no packages known

error[unexpected-keyword] CS101

  × keyword 'timeout' is not taken by cache_core._get(key) and 1 more function, which 2 routes
  │ reach
   ╭─[gateway_core.py:4:34]
 3 │     try:
 4 │         return router(operation, timeout=timeout, **kwargs)
   ·                                  ───────┬───────
   ·                                         ╰── written here
 5 │     except Exception as error:
   ╰────
   ╭─[cache_core.py:2:1]
 1 │ # größe 🙂
 2 │ def _get(key):
   · ──────┬──────
   ·       ╰── cache_core._get takes no 'timeout'
 3 │     return key
   ╰────
   ╭─[interface_cache.py:6:12]
 5 │ def execute_cache_operation(operation, **kwargs):
 6 │     return _DISPATCH[operation](**kwargs)
   ·            ───────────────┬──────────────
   ·                           ╰── TypeError is raised here
   ╰────
    also: cache_core.py:6: cache_core._set takes no 'timeout'
  routes: GatewayInterface.CACHE/get, GatewayInterface.CACHE/set
   calls: wrappers.py:2 in wrappers.cache_get: calls gateway_core.execute_operation
          gateway_core.py:4 in gateway_core.execute_operation: calls
            interface_cache.execute_cache_operation
          interface_cache.py:6 in interface_cache.execute_cache_operation: calls the handler with
            key, timeout
  raises: TypeError: _get() got an unexpected keyword argument 'timeout'
    help: add `timeout` to the 2 functions, or take it out in
            `interface_cache.execute_cache_operation`; what changes there ships with
            gateway_core.py; or remove it where it is written: gateway_core.py:4

4 files, 7 functions, 0 routes (0 unresolved): 1 error, 0 warnings

"#]]
    );
}

#[test]
fn full_fits_a_narrow_terminal_without_unicode() {
    let text = outage(
        Format::Full,
        Look {
            color: false,
            unicode: false,
            width: 60,
        },
    );
    let drawn = text
        .lines()
        .filter(|line| !line.contains(" | ") && !line.contains(" : "));
    for line in drawn.skip(1) {
        assert!(line.chars().count() <= 66, "{line}");
        // The source itself has other characters; nothing else may.
        assert!(line.is_ascii(), "{line}");
    }
}

#[test]
fn concise_is_a_line_per_finding() {
    assert_data_eq!(
        outage(Format::Concise, PLAIN),
        str![[r#"
coship: directory candidate, against nothing: not in a git repository; no Python version declared; no packages known
gateway_core.py:4:34: error: keyword 'timeout' is not taken by cache_core._get(key) and 1 more function, which 2 routes reach [unexpected-keyword]
4 files, 7 functions, 0 routes (0 unresolved): 1 error, 0 warnings

"#]]
    );
}

#[test]
fn color_is_for_people_only() {
    for format in Format::value_variants() {
        let text = outage(
            *format,
            Look {
                color: true,
                ..PLAIN
            },
        );
        let is_for_people = matches!(format, Format::Full | Format::Concise);
        assert_eq!(text.contains('\x1b'), is_for_people, "{format:?}");
    }
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let tree = outage_tree();
    for format in Format::value_variants() {
        let one = vec![outage_failure(&tree, "get"), outage_failure(&tree, "set")];
        let other = vec![outage_failure(&tree, "set"), outage_failure(&tree, "get")];
        assert_eq!(
            written(&tree, one, *format, PLAIN),
            written(&tree, other, *format, PLAIN)
        );
    }
}

/// Text that would repaint a terminal, forge a line, issue a workflow command, break out of markup, or turn the reading direction.
const HOSTILE: &str = "\x1b[31mx\r\n::error::forged\n##[stop-commands]y\u{202e}<b a=\"'>&\u{9b}`|";

fn hostile() -> (Tree, Failure) {
    let path = format!("a{HOSTILE}.py");
    let code = "f(timeout=timeout)  # \x1b[31m ##[stop-commands]\u{202e}\ndef f(): pass\n";
    let tree = tree(&[(&path, code)]);
    let mut failure = outage_failure(&outage_tree(), "get");
    failure.cause = place(&tree, &path, "timeout=timeout");
    failure.subject = Name::new(HOSTILE);
    failure.exception = Some(format!("TypeError: {HOSTILE}"));
    failure.route = Some(RouteKey {
        interface: HOSTILE.to_owned(),
        operation: HOSTILE.to_owned(),
    });
    for frame in &mut failure.chain {
        frame.place = failure.cause;
        frame.function = HOSTILE.to_owned();
        frame.note = HOSTILE.to_owned();
    }
    if let Some(callee) = &mut failure.callee {
        callee.name = HOSTILE.to_owned();
        callee.place = place(&tree, &path, "def f()");
    }
    (tree, failure)
}

#[test]
fn hostile_text_is_harmless_in_every_format() {
    let (tree, failure) = hostile();
    for format in Format::value_variants() {
        let text = written(&tree, vec![failure.clone()], *format, PLAIN);
        for c in text.chars().filter(|&c| c != '\n') {
            assert!(
                !escape::is_harmful(c),
                "{format:?} lets {c:?} through:\n{text}"
            );
        }
        assert!(!text.contains("##["), "{format:?}:\n{text}");
        for line in text.lines() {
            let command = line.trim_start().starts_with("::");
            assert!(!command || *format == Format::Github, "{format:?}: {line}");
        }
        if *format == Format::Github {
            // The first and the last line are plain.
            assert_eq!(text.lines().count(), 3, "{text}");
            assert_eq!(text.matches("::").count(), 2, "{text}");
        }
        if *format == Format::Junit {
            assert!(!text.contains("<b"), "{text}");
        }
    }
}

#[test]
fn json_keeps_hostile_names_exact() {
    let (tree, failure) = hostile();
    let text = written(&tree, vec![failure], Format::Json, PLAIN);
    let document: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(document["findings"][0]["path"], format!("a{HOSTILE}.py"));
    assert_eq!(document["findings"][0]["routes"][0]["operation"], HOSTILE);
}

#[test]
fn long_lines_are_cut_around_the_label() {
    let filler = "x + ".repeat(100);
    let code = format!("y = {filler}f(timeout=timeout) + {filler}1\n");
    let tree = tree(&[("a.py", &code)]);
    let mut failure = outage_failure(&outage_tree(), "get");
    failure.cause = place(&tree, "a.py", "timeout=timeout");
    failure.callee = None;
    failure.chain.clear();
    let text = written(&tree, vec![failure], Format::Full, PLAIN);
    let line = text
        .lines()
        .find(|line| line.contains("timeout=timeout"))
        .unwrap();
    assert!(line.contains('…') && line.chars().count() < 180, "{line}");
}
