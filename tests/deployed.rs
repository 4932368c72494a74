//! `coship deployed`: what runs is a reference of the repository, and `--against deployed:NAME` reads it.

mod source_support;

use source_support::{Sandbox, coship};

#[test]
fn what_is_recorded_is_compared_with() {
    let sandbox = Sandbox::repository();
    sandbox.write("src/m.py", "def f(a):\n    return a\n\n\nf(1)\n");
    sandbox.commit("one");
    let run = |arguments: &[&str]| coship(&sandbox.path(), arguments);
    let first = sandbox.git(&["rev-parse", "HEAD"]);
    let (status, text) = run(&["deployed", "--record", "eu/prod"]);
    assert_eq!(status, Some(0), "{text}");
    assert!(
        text.contains(&format!("wrote refs/deployed/eu/prod: {}", &first[..7])),
        "{text}"
    );
    let reference = ["rev-parse", "refs/deployed/eu/prod"];
    assert_eq!(sandbox.git(&reference), first);
    assert_eq!(run(&["deployed"]).1, format!("{first} eu/prod\n"));

    sandbox.write("src/m.py", "def f(a):\n    return a\n\n\nf(1)\nf(1, 2)\n");
    sandbox.commit("two");
    let (status, text) = run(&["check", "--against", "deployed:eu/prod", "--new-only"]);
    assert_eq!(status, Some(1));
    let said = format!("against revision deployed:eu/prod ({})", &first[..7]);
    assert!(text.contains(&said), "{text}");
    // Another directory of it, and the configuration.
    let (_, text) = run(&["check", "src", "--against", "deployed:eu/prod:src"]);
    assert!(text.contains("m.py:6:1: error"), "{text}");
    sandbox.write("coship.toml", "against = \"deployed:eu/prod\"\n");
    assert!(run(&["check"]).1.contains(&said));

    let (_, text) = run(&["deployed", "--record", "eu/prod"]);
    assert!(
        text.contains(&format!("before that {}", &first[..7])),
        "{text}"
    );
    let (_, text) = run(&["deployed", "--record", "eu/prod", &first]);
    assert_eq!(sandbox.git(&reference), first, "{text}");
}

#[test]
fn what_is_not_recorded_is_an_error_that_says_what_to_do() {
    let sandbox = Sandbox::repository();
    sandbox.write("m.py", "x = 1\n").commit("one");
    let run = |arguments: &[&str]| coship(&sandbox.path(), arguments);
    let (status, text) = run(&["check", "--against", "deployed:prod"]);
    assert_eq!(status, Some(2));
    assert!(
        text.contains("no deployed version is recorded as 'prod'")
            && text.contains("git fetch origin 'refs/deployed/*:refs/deployed/*'"),
        "{text}"
    );
    for arguments in [
        &["deployed", "--record", "a..b"][..],
        &["deployed", "--record", "../heads/main"],
        &["deployed", "--record", ""],
        &["deployed", "--record", "prod", "nowhere"],
        &["check", "--against", "deployed:"],
    ] {
        assert_eq!(run(arguments).0, Some(2), "{arguments:?}");
    }
    assert_eq!(sandbox.git(&["for-each-ref", "refs/deployed"]), "");
    assert_eq!(
        coship(Sandbox::new().path().as_path(), &["deployed"]).0,
        Some(2)
    );
}
