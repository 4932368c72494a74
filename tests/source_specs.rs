//! Which version TREE, SPEC and the configuration mean, and which tag is the newest.

mod source_support;

use std::fmt::Write as _;

use coship::source::Located;
use source_support::{Sandbox, content, error, paths};

#[test]
fn the_newest_version_tag_is_the_default() {
    let sandbox = Sandbox::repository();
    sandbox.write("a.py", "").commit("one");
    assert_eq!(
        sandbox.choice(".", "").unwrap(),
        "no version tag is reachable from HEAD"
    );
    sandbox.git(&["tag", "v2025.10.22-Beta"]);
    sandbox.commit("two");
    sandbox.git(&["tag", "--annotate", "--message", "m", "v2025-12-05-Beta"]);
    sandbox.git(&["tag", "nightly-2026-01-01"]);
    sandbox.commit("three");
    let newest = "v2025-12-05-Beta: newest version tag reachable from HEAD";
    assert_eq!(sandbox.choice(".", "").unwrap(), newest);
    sandbox.git(&["checkout", "--quiet", "-b", "unmerged", "HEAD~2"]);
    sandbox.commit("elsewhere");
    sandbox.git(&["tag", "v9999.0"]);
    sandbox.git(&["checkout", "--quiet", "main"]);
    assert_eq!(
        sandbox.choice(".", "").unwrap(),
        newest,
        "a tag that is not reachable"
    );
    assert_eq!(
        sandbox.choice("rev:HEAD~2", "").unwrap(),
        "v2025.10.22-Beta: newest version tag reachable from HEAD~2, which is the very commit that is checked"
    );
    sandbox.git(&["tag", "v3"]);
    assert_eq!(
        sandbox.choice(".", "").unwrap(),
        "v2025-12-05-Beta: newest version tag before v3, the commit that is checked"
    );
    // What was edited since is another version.
    sandbox.write("a.py", "x = 1\n");
    assert_eq!(
        sandbox.choice(".", "").unwrap(),
        "v3: newest version tag reachable from HEAD"
    );
    sandbox.git(&["pack-refs", "--all"]);
    assert_eq!(
        sandbox.choice(".", "").unwrap(),
        "v3: newest version tag reachable from HEAD"
    );
}

#[test]
fn history_goes_before_numbers() {
    let sandbox = Sandbox::repository();
    sandbox.write("a.py", "").commit("one");
    sandbox.git(&["tag", "v2.0.0"]);
    sandbox.commit("two");
    for tag in ["v1.9.0", "v1.10.0", "v1.10.0-rc1", "v1.10.0-rc2"] {
        sandbox.git(&["tag", tag]);
    }
    sandbox.write("a.py", "x = 1\n");
    // Deployed later, although the number is lower; and among the tags of that commit the highest.
    assert_eq!(
        sandbox.choice(".", "").unwrap(),
        "v1.10.0: newest version tag reachable from HEAD"
    );
}

#[test]
fn merged_branches_are_compared_by_date_and_descent() {
    let sandbox = Sandbox::repository();
    sandbox.write("a.py", "").commit("base");
    sandbox.git(&["checkout", "--quiet", "-b", "side"]);
    sandbox.at(1_700_010_000).commit("side");
    sandbox.git(&["tag", "v1.1"]);
    sandbox.git(&["checkout", "--quiet", "main"]);
    sandbox.at(1_700_020_000).commit("main");
    sandbox.git(&["tag", "v1.0"]);
    sandbox.git(&["merge", "--quiet", "--no-edit", "side"]);
    assert_eq!(
        sandbox.choice(".", "").unwrap(),
        "v1.0: newest version tag reachable from HEAD"
    );

    // All in one second: then descent decides, not the order in which a walk meets them.
    let sandbox = Sandbox::repository();
    let second = 1_700_000_000;
    sandbox.write("a.py", "").at(second - 60).commit("base");
    sandbox.git(&["tag", "v5.0"]);
    sandbox.git(&["checkout", "--quiet", "-b", "side"]);
    sandbox.at(second - 60).commit("side");
    sandbox.git(&["tag", "v4.0"]);
    sandbox.git(&["checkout", "--quiet", "main"]);
    sandbox.at(second - 60).commit("main");
    sandbox.git(&["merge", "--quiet", "--no-edit", "side"]);
    assert_eq!(
        sandbox.choice(".", "").unwrap(),
        "v4.0: newest version tag reachable from HEAD"
    );

    // A clock that was wrong does not make an ancestor the newest.
    let sandbox = Sandbox::repository();
    sandbox
        .write("a.py", "")
        .at(1_800_000_000)
        .commit("from the future");
    sandbox.git(&["tag", "v1.0"]);
    sandbox.at(1_700_000_000).commit("now");
    sandbox.git(&["tag", "v0.9"]);
    sandbox.write("a.py", "x = 1\n");
    assert_eq!(
        sandbox.choice(".", "").unwrap(),
        "v0.9: newest version tag reachable from HEAD"
    );
}

#[test]
fn tags_that_name_no_commit_are_passed_over() {
    let sandbox = Sandbox::repository();
    sandbox.write("a.py", "").commit("one");
    sandbox.git(&["tag", "v1.0"]);
    let blob = sandbox.git(&["hash-object", "-w", "a.py"]);
    sandbox.git(&["tag", "v2.0", &blob]);
    sandbox.git(&["tag", "v3.0", "HEAD^{tree}"]);
    sandbox.write(".git/refs/tags/v4.0", "nonsense\n");
    sandbox.write(
        ".git/refs/tags/v5.0",
        "0123456789012345678901234567890123456789\n",
    );
    assert_eq!(
        sandbox.choice(".", "").unwrap(),
        "v1.0: newest version tag reachable from HEAD, which is the very commit that is checked"
    );
    assert_eq!(
        error(sandbox.pair(".", Some("v2.0"))),
        "'v2.0' is a blob, not a commit"
    );
    assert_eq!(
        paths(&sandbox.pair(".", Some("v3.0")).unwrap().against.unwrap()),
        ["a.py"]
    );
}

#[test]
fn the_configuration_names_a_version() {
    let sandbox = Sandbox::repository();
    sandbox.write("a.py", "").commit("one");
    sandbox.git(&["tag", "deploy-7"]);
    sandbox.git(&["tag", "prod/1"]);
    sandbox.commit("two");
    sandbox.git(&["tag", "v1.0"]);
    let choice = |configuration: &str| sandbox.choice(".", configuration);
    assert_eq!(
        choice("against = 'deploy-7'").unwrap(),
        "deploy-7: against in coship.toml:1"
    );
    assert_eq!(
        choice("\nagainst = 'none'").unwrap(),
        "against in coship.toml:2 none"
    );
    assert_eq!(
        choice("against = { tag = 'deploy-*' }").unwrap(),
        "deploy-7: newest tag matching 'deploy-*' reachable from HEAD (coship.toml:1)"
    );
    assert!(
        choice("against = { tag = 'prod/*' }")
            .unwrap()
            .starts_with("prod/1: ")
    );
    assert_eq!(
        error(choice("against = { tag = 'x*' }")),
        "no tag that matches 'x*' is reachable from HEAD (coship.toml:1)"
    );
    assert!(error(choice("against = { tag = '[' }")).starts_with("the tag glob '[' is malformed"));
    assert_eq!(
        error(choice("against = 'gone'")),
        "there is no revision 'gone'"
    );
}

#[test]
fn near_names_are_suggested() {
    let sandbox = Sandbox::repository();
    sandbox.write("a.py", "").commit("one");
    sandbox.git(&["tag", "v2025-12-05-Beta"]);
    sandbox.git(&["branch", "production"]);
    for (typed, meant) in [
        ("v2025-12-05-beta", "v2025-12-05-Beta"),
        ("prodution", "production"),
        ("mian", "main"),
    ] {
        let problem = sandbox.pair(".", Some(typed)).err().unwrap();
        assert_eq!(problem.help(), format!("did you mean '{meant}'?"));
    }
    let problem = sandbox.pair(".", Some("something/else")).err().unwrap();
    assert_eq!(problem.to_string(), "there is no revision 'something/else'");
    for spec in [
        "HEAD~99",
        "main..HEAD",
        "^main",
        "",
        "-v",
        "HEAD^{blob}",
        "@{99}",
        "rev:",
        "v1^{",
        "\u{1b}[2J",
    ] {
        assert!(sandbox.pair(".", Some(spec)).is_err(), "{spec}");
    }
}

#[test]
fn a_spec_that_is_two_things_is_an_error() {
    let sandbox = Sandbox::repository();
    sandbox
        .write("a.py", "old = 1\n")
        .write("deployed/a.py", "there = 1\n")
        .commit("one");
    sandbox.git(&["tag", "deployed"]);
    sandbox.write("a.py", "new = 1\n");
    let problem = sandbox.pair(".", Some("deployed")).err().unwrap();
    assert_eq!(
        problem.to_string(),
        "'deployed' is both a revision and a path"
    );
    assert_eq!(
        problem.help(),
        "write rev:deployed for the revision or dir:deployed for the path"
    );
    let against = |spec| {
        let tree = sandbox.pair(".", Some(spec)).unwrap().against.unwrap();
        content(&tree, "a.py").to_owned()
    };
    assert_eq!(against("rev:deployed"), "old = 1\n");
    for path in ["dir:deployed", "./deployed", "deployed/"] {
        assert_eq!(against(path), "there = 1\n", "{path}");
    }
    // A file of that name is no version, so it is in nobody's way.
    sandbox.write("main", "notes");
    assert_eq!(against("main"), "old = 1\n");
}

#[test]
fn an_ambiguous_short_id_lists_what_it_may_be() {
    let sandbox = Sandbox::repository();
    sandbox.write("a.py", "").commit("one");
    // Among so many commits some share their first four digits; the ids are the same on every run.
    let mut stream = String::new();
    for number in 0..700 {
        let message = format!("commit {number}");
        writeln!(stream, "commit refs/heads/many").unwrap();
        writeln!(stream, "committer A <a@example.org> {number} +0000").unwrap();
        writeln!(stream, "data {}\n{message}", message.len()).unwrap();
    }
    sandbox.write("stream", stream);
    let status = std::process::Command::new("git")
        .args(["fast-import", "--quiet"])
        .stdin(std::fs::File::open(sandbox.join("stream")).unwrap())
        .current_dir(sandbox.path())
        .status();
    assert!(status.unwrap().success());
    let ids = sandbox.git(&["rev-list", "many"]);
    let mut starts: Vec<_> = ids.lines().map(|id| &id[..4]).collect();
    starts.sort_unstable();
    let twice = starts.windows(2).find(|pair| pair[0] == pair[1]).unwrap()[0];
    let message = error(sandbox.pair(".", Some(twice)));
    assert!(
        message.starts_with(&format!("the short id '{twice}' is ambiguous: {twice}")),
        "{message}"
    );
    assert_eq!(message.matches("commit ").count(), 4, "{message}");
}

#[test]
fn the_same_directory_is_the_other_side() {
    let sandbox = Sandbox::repository();
    sandbox
        .write("old/a.py", "a = 1\n")
        .write("b.py", "")
        .commit("one");
    sandbox.git(&["tag", "v1.0"]);
    sandbox.git(&["mv", "old", "new"]);
    sandbox.commit("two");
    let problem = sandbox.pair("new", Some("v1.0")).err().unwrap();
    assert_eq!(
        problem.to_string(),
        "the revision 'v1.0' has no directory 'new'"
    );
    assert!(
        problem
            .help()
            .starts_with("v1.0:PATH names another directory")
    );
    assert_eq!(
        sandbox.choice("new", "").unwrap(),
        "v1.0, the newest version tag, has no directory 'new'"
    );
    let pair = sandbox.pair("new", Some("v1.0:old")).unwrap();
    let against = pair.against.as_ref().unwrap();
    assert_eq!(
        (against.name.as_str(), paths(against)),
        ("v1.0:old", vec!["a.py"])
    );
    assert!(source_support::is_shared(&pair, "a.py"));
    assert_eq!(
        paths(&sandbox.pair("new", Some("HEAD")).unwrap().against.unwrap()),
        ["a.py"]
    );
}

#[test]
fn the_nearest_configuration_counts() {
    let sandbox = Sandbox::repository();
    sandbox
        .write("coship.toml", "roots = ['src']\n")
        .write("src/a.py", "")
        .write("src/deep/b.py", "");
    sandbox.commit("one");
    sandbox.write("src/pyproject.toml", "[tool.coship]\nexclude = ['x']\n");
    let found = |tree: &str, staged: bool, directory: &str| {
        let context = sandbox.context(directory);
        let located = Located::candidate(tree, staged, &context).unwrap();
        let found = located.configuration(&context).unwrap().unwrap();
        let patterns = found.options.roots.or(found.options.exclude).unwrap();
        (found.file, patterns[0].prefix.to_string())
    };
    let expected = |file: &str, prefix: &str| (file.to_owned(), prefix.to_owned());
    assert_eq!(found(".", false, ""), expected("coship.toml", ""));
    assert_eq!(found("src", false, ""), expected("src/pyproject.toml", ""));
    assert_eq!(
        found(".", false, "src/deep"),
        expected("../pyproject.toml", "deep")
    );
    assert_eq!(
        found("src", true, ""),
        expected("staged:coship.toml", "src")
    );
    assert_eq!(
        found("rev:HEAD:src", false, ""),
        expected("rev:HEAD:coship.toml", "src")
    );
    sandbox.git(&["rm", "--quiet", "--cached", "coship.toml"]);
    assert_eq!(found("src", true, ""), expected("coship.toml", "src"));
    let context = sandbox.context("");
    let located = Located::candidate("src/deep", false, &context).unwrap();
    assert_eq!(
        located.prefix_below(std::path::Path::new("src"), &context),
        "deep"
    );
    sandbox.write("src/deep/coship.toml", "\nwobble = 1\n");
    let problem = located.configuration(&context).unwrap_err();
    assert_eq!(
        problem.to_string(),
        "src/deep/coship.toml:2: unknown key 'wobble'"
    );
    // Outside of a repository a stray file further up does not count.
    let outside = Sandbox::new();
    outside.write("coship.toml", "").write("a/b/c.py", "");
    let context = outside.context("a");
    let located = Located::candidate("b", false, &context).unwrap();
    assert!(located.configuration(&context).unwrap().is_none());
    let context = outside.context("");
    let located = Located::candidate("a/b", false, &context).unwrap();
    assert!(located.configuration(&context).unwrap().is_some());
}
