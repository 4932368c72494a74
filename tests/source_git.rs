//! Versions in git: work trees, the index, revisions, and every way in which a repository can be odd.

mod source_support;

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Command;

use coship::source::{Context, Kind, Located};
use source_support::{Sandbox, content, error, is_shared, paths, problems, read};

#[test]
fn a_work_tree_is_what_git_sees() {
    let sandbox = Sandbox::repository();
    sandbox
        .write(".gitignore", "ignored.py\n/build/\n*_gen.py\n")
        .write("a.py", "a = 1\n")
        .write("ignored.py", "")
        .write("build/b.py", "")
        .write("sub/build/b.py", "")
        .write("sub/.gitignore", "!keep_gen.py\nlocal.py\n")
        .write("sub/keep_gen.py", "")
        .write("sub/x_gen.py", "")
        .write("sub/local.py", "")
        .write("local.py", "")
        .write("excluded.py", "")
        .write("tracked_gen.py", "")
        .write(".git/info/exclude", "excluded.py\n")
        .write("stubs.pyi", "")
        .write("native.so", "")
        .write("note.txt", "")
        .write(".venv/lib/x.py", "")
        .write("env/pyvenv.cfg", "")
        .write("env/lib/x.py", "")
        .write("node_modules/x.py", "")
        .write("__pycache__/x.py", "");
    sandbox.git(&["add", "--force", "tracked_gen.py"]);
    let tree = sandbox.tree(".").unwrap();
    assert_eq!(tree.kind, Kind::WorkTree);
    assert_eq!((tree.name.as_str(), tree.commit.as_deref()), (".", None));
    let expected = [
        "a.py",
        "local.py",
        "stubs.pyi",
        "sub/build/b.py",
        "sub/keep_gen.py",
        "tracked_gen.py",
    ];
    assert_eq!(paths(&tree), expected);
    assert_eq!(tree.others, ["native.so".into()]);
    assert_eq!(
        paths(&sandbox.tree("sub").unwrap()),
        ["build/b.py", "keep_gen.py"]
    );
    // A directory that is named counts, ignored or not.
    assert_eq!(paths(&sandbox.tree("build").unwrap()), ["b.py"]);
    assert_eq!(paths(&sandbox.tree(".venv/lib").unwrap()), ["x.py"]);
}

#[test]
fn repositories_inside_are_not_looked_into() {
    let sandbox = Sandbox::repository();
    sandbox
        .write("a.py", "")
        .write("other/b.py", "")
        .write("inner/c.py", "");
    sandbox.git_in("inner", &["init", "--quiet"]);
    assert_eq!(paths(&sandbox.tree(".").unwrap()), ["a.py", "other/b.py"]);
    assert_eq!(paths(&sandbox.tree("inner").unwrap()), ["c.py"]);
}

#[test]
fn submodules_are_skipped_and_can_be_checked_by_themselves() {
    let library = Sandbox::repository();
    library.write("lib.py", "x = 1\n").commit("lib");
    let sandbox = Sandbox::repository();
    sandbox.write("a.py", "");
    sandbox.git(&[
        "submodule",
        "--quiet",
        "add",
        library.path().to_str().unwrap(),
        "vendor",
    ]);
    sandbox.commit("all");
    for tree in [
        sandbox.tree("."),
        sandbox.tree("rev:HEAD"),
        sandbox.staged("."),
    ] {
        assert_eq!(paths(&tree.unwrap()), ["a.py"]);
    }
    let pair = sandbox.pair("vendor", Some("HEAD")).unwrap();
    assert_eq!(paths(pair.against.as_ref().unwrap()), ["lib.py"]);
}

#[test]
fn the_index_is_read_as_blobs() {
    let sandbox = Sandbox::repository();
    sandbox
        .write("src/a.py", "staged = 1\n")
        .write("src/gone.py", "")
        .write("b.py", "");
    sandbox.git(&["add", "--all"]);
    sandbox
        .write("src/a.py", "not staged\n")
        .write("src/new.py", "")
        .remove("src/gone.py");
    sandbox.write("src/intent.py", "x");
    sandbox.git(&["add", "--intent-to-add", "src/intent.py"]);
    let tree = sandbox.staged(".").unwrap();
    assert_eq!(tree.kind, Kind::Index);
    assert_eq!(paths(&tree), ["b.py", "src/a.py", "src/gone.py"]);
    assert_eq!(content(&tree, "src/a.py"), "staged = 1\n");
    assert!(tree.files[0].blob.is_some());
    assert_eq!(paths(&sandbox.staged("src").unwrap()), ["a.py", "gone.py"]);
    assert_eq!(
        error(sandbox.staged("rev:HEAD")),
        "--staged reads the index of a directory's repository, and 'rev:HEAD' is no directory"
    );
}

#[test]
fn a_hook_may_name_another_index() {
    let sandbox = Sandbox::repository();
    sandbox.write("a.py", "").commit("one");
    sandbox.write("a.py", "new = 1\n");
    fs::copy(
        sandbox.join(".git/index"),
        sandbox.join(".git/next-index-1.lock"),
    )
    .unwrap();
    let staged = |index: &str| {
        let context = Context::new(&sandbox.path(), Some(index.into())).unwrap();
        let tree = read(&Located::candidate(".", true, &context).unwrap()).unwrap();
        content(&tree, "a.py").to_owned()
    };
    let index = sandbox.join(".git/next-index-1.lock");
    let status = Command::new("git")
        .args(["add", "a.py"])
        .current_dir(sandbox.path())
        .env("GIT_INDEX_FILE", &index)
        .status();
    assert!(status.unwrap().success());
    assert_eq!(staged(".git/index"), "");
    assert_eq!(staged(".git/next-index-1.lock"), "new = 1\n");
    // The one of some other repository says nothing about this one.
    let other = Sandbox::repository();
    other.write("a.py", "other").commit("x");
    assert_eq!(staged(other.join(".git/index").to_str().unwrap()), "");
}

#[test]
fn a_merge_conflict_is_a_problem_of_its_file() {
    let sandbox = Sandbox::repository();
    sandbox
        .write("a.py", "base\n")
        .write("b.py", "")
        .commit("base");
    sandbox.git(&["checkout", "--quiet", "-b", "other"]);
    sandbox.write("a.py", "theirs\n").commit("theirs");
    sandbox.git(&["checkout", "--quiet", "main"]);
    sandbox.write("a.py", "ours\n").commit("ours");
    let merge = Command::new("git")
        .args([
            "-c",
            "user.name=A",
            "-c",
            "user.email=a@example.org",
            "merge",
            "--quiet",
            "other",
        ])
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .current_dir(sandbox.path())
        .output();
    assert!(!merge.unwrap().status.success());
    let tree = sandbox.staged(".").unwrap();
    assert_eq!(paths(&tree), ["b.py"]);
    assert_eq!(
        problems(&tree),
        ["a.py: the file has a merge conflict: nothing is staged for it"]
    );
    let tree = sandbox.tree(".").unwrap();
    assert!(content(&tree, "a.py").starts_with("<<<<<<<"));
}

#[test]
fn sparse_checkouts_are_completed_from_the_index() {
    let sandbox = Sandbox::repository();
    sandbox
        .write("a/x.py", "x = 1\n")
        .write("b/y.py", "y = 1\n")
        .write("b/c/z.py", "")
        .write("top.py", "");
    sandbox.commit("all");
    for options in [
        &["sparse-checkout", "set", "--no-sparse-index", "a"],
        &["sparse-checkout", "set", "--sparse-index", "a"],
    ] {
        sandbox.git(options);
        assert!(!sandbox.join("b/y.py").exists());
        for tree in [sandbox.tree("."), sandbox.staged(".")] {
            let tree = tree.unwrap();
            assert_eq!(paths(&tree), ["a/x.py", "b/c/z.py", "b/y.py", "top.py"]);
            assert_eq!(content(&tree, "b/y.py"), "y = 1\n");
        }
    }
}

#[test]
fn split_and_old_indexes_are_read() {
    let sandbox = Sandbox::repository();
    sandbox.write("a.py", "").write("b.py", "").commit("all");
    for options in [
        &["update-index", "--split-index"][..],
        &["update-index", "--no-split-index", "--index-version=4"],
        &["update-index", "--index-version=2", "--untracked-cache"],
        &[
            "-c",
            "index.skipHash=true",
            "update-index",
            "--force-write-index",
        ],
    ] {
        sandbox.git(options);
        assert_eq!(
            paths(&sandbox.staged(".").unwrap()),
            ["a.py", "b.py"],
            "{options:?}"
        );
    }
}

#[test]
fn a_revision_is_its_blobs() {
    let sandbox = Sandbox::repository();
    sandbox
        .write("src/a.py", "a = 1\n")
        .write("src/p/b.py", "b = 1\n")
        .write("src/n.so", "")
        .write("env/pyvenv.cfg", "")
        .write("env/x.py", "")
        .write("node_modules/x.py", "")
        .write("top.py", "");
    let first = sandbox.commit("one");
    sandbox.git(&["tag", "--annotate", "--message", "m", "v1"]);
    sandbox.write("src/a.py", "a = 2\n").commit("two");
    let tree = sandbox.tree("rev:v1").unwrap();
    assert_eq!(tree.kind, Kind::Revision);
    assert_eq!(tree.name, "v1");
    assert_eq!(tree.commit.as_deref(), Some(first.as_str()));
    assert_eq!(paths(&tree), ["src/a.py", "src/p/b.py", "top.py"]);
    assert_eq!(tree.others, ["src/n.so".into()]);
    assert_eq!(content(&tree, "src/a.py"), "a = 1\n");
    for spec in [
        "rev:HEAD~1",
        "rev:main~",
        "rev:v1^{commit}",
        &format!("rev:{first}"),
        &format!("rev:{}", &first[..8]),
    ] {
        assert_eq!(
            sandbox.tree(spec).unwrap().commit.as_deref(),
            Some(first.as_str()),
            "{spec}"
        );
    }
    assert_eq!(
        paths(&sandbox.tree("rev:v1:src").unwrap()),
        ["a.py", "p/b.py"]
    );
    assert_eq!(paths(&sandbox.tree("rev:v1^{tree}").unwrap()).len(), 3);
    let below = Located::candidate("rev:v1", false, &sandbox.context("src/p")).unwrap();
    assert_eq!(paths(&read(&below).unwrap()), ["b.py"]);
    let below = Located::candidate("rev:v1:./p", false, &sandbox.context("src")).unwrap();
    assert_eq!(paths(&read(&below).unwrap()), ["b.py"]);
    let below = Located::candidate("rev:v1:", false, &sandbox.context("src")).unwrap();
    assert_eq!(paths(&read(&below).unwrap()).len(), 3);
    assert_eq!(
        error(sandbox.tree("rev:v1:nowhere")),
        "the revision 'v1' has no directory 'nowhere'"
    );
    assert_eq!(
        error(sandbox.tree("rev:v1:top.py")),
        "the revision 'v1' has no directory 'top.py'"
    );
    assert_eq!(
        error(sandbox.tree("rev:v1:env/../x")),
        "the revision 'v1' has no directory 'env/../x'"
    );
}

#[test]
fn bare_repositories_linked_worktrees_and_packed_data() {
    let sandbox = Sandbox::repository();
    sandbox.write("src/a.py", "a = 1\n").commit("one");
    sandbox.git(&["tag", "v1"]);
    sandbox.write("src/a.py", "a = 2\n").commit("two");
    sandbox.git(&["clone", "--quiet", "--bare", ".", "bare.git"]);
    sandbox.git(&["worktree", "add", "--quiet", "linked", "HEAD~1"]);
    sandbox.git(&["clone", "--quiet", "--shared", ".", "shared"]);
    sandbox.git(&[
        "init",
        "--quiet",
        "--separate-git-dir",
        "elsewhere.git",
        "separate",
    ]);
    sandbox.git(&["pack-refs", "--all"]);
    sandbox.git(&["repack", "-a", "-d", "--quiet"]);
    sandbox.git(&["commit-graph", "write", "--reachable"]);

    let bare = Located::candidate("rev:v1:src", false, &sandbox.context("bare.git")).unwrap();
    assert_eq!(content(&read(&bare).unwrap(), "a.py"), "a = 1\n");
    let bare = Located::candidate("rev:v1", false, &sandbox.context("bare.git/refs")).unwrap();
    assert_eq!(paths(&read(&bare).unwrap()), ["src/a.py"]);
    let staged = Located::candidate(".", true, &sandbox.context("bare.git"));
    assert_eq!(error(staged), "the repository is bare: it has no index");

    let context = sandbox.context("linked/src");
    let linked = Located::candidate(".", false, &context).unwrap();
    assert_eq!(linked.kind(), Kind::WorkTree);
    assert_eq!(content(&read(&linked).unwrap(), "a.py"), "a = 1\n");
    let main = Located::candidate("rev:main", false, &context).unwrap();
    assert_eq!(content(&read(&main).unwrap(), "a.py"), "a = 2\n");
    let staged = Located::candidate(".", true, &context).unwrap();
    assert_eq!(content(&read(&staged).unwrap(), "a.py"), "a = 1\n");

    let shared = Located::candidate("rev:v1", false, &sandbox.context("shared")).unwrap();
    assert_eq!(paths(&read(&shared).unwrap()), ["src/a.py"]);
    sandbox.write("separate/x.py", "");
    let separate = Located::candidate("separate", false, &sandbox.context("")).unwrap();
    assert_eq!(separate.kind(), Kind::WorkTree);
    assert_eq!(paths(&read(&separate).unwrap()), ["x.py"]);
    assert_eq!(paths(&sandbox.tree("rev:v1").unwrap()), ["src/a.py"]);
}

#[test]
fn links_in_git_are_followed_to_files() {
    let sandbox = Sandbox::repository();
    sandbox
        .write("lib/a.py", "a = 1\n")
        .write("src/real.py", "");
    let link = |target: &str, path: &str| symlink(target, sandbox.join(path)).unwrap();
    link("../lib/a.py", "src/a.py");
    link("a.py", "src/again.py");
    link("loop2.py", "src/loop1.py");
    link("loop1.py", "src/loop2.py");
    link("nowhere.py", "src/dangling.py");
    link("/etc/hostname", "src/absolute.py");
    link("../../outside.py", "src/outside.py");
    link("../lib", "src/directory.py");
    link("user@host.1:2", "src/.#lock.py");
    sandbox.commit("all");
    for tree in [
        sandbox.tree("rev:HEAD:src").unwrap(),
        sandbox.staged("src").unwrap(),
    ] {
        assert_eq!(paths(&tree), ["a.py", "again.py", "real.py"]);
        assert_eq!(content(&tree, "again.py"), "a = 1\n");
        let expected = [
            "absolute.py: the symbolic link leads out of the repository",
            "dangling.py: the symbolic link leads nowhere: there is no file 'nowhere.py'",
            "directory.py: the symbolic link leads nowhere: there is no file '../lib'",
            "loop1.py: the symbolic link leads nowhere: too many links",
            "loop2.py: the symbolic link leads nowhere: too many links",
            "outside.py: the symbolic link leads out of the repository",
        ];
        assert_eq!(problems(&tree), expected);
    }
    let tree = sandbox.tree("src").unwrap();
    assert_eq!(paths(&tree), ["a.py", "again.py", "real.py"]);
    assert_eq!(tree.problems.len(), 5, "{:?}", tree.problems);
    assert_eq!(
        problems(&tree)[0],
        "absolute.py: the symbolic link leads out of the repository"
    );
}

#[test]
fn texts_are_shared_between_the_sides() {
    let sandbox = Sandbox::repository();
    sandbox
        .write("same.py", "x = 1\n")
        .write("changed.py", "x = 1\n")
        .write("crlf.py", "a\nb\n");
    sandbox.commit("one");
    sandbox
        .write("changed.py", "x = 2\n")
        .write("crlf.py", "a\r\nb\r\n")
        .write("added.py", "");
    let pair = sandbox.pair(".", Some("HEAD")).unwrap();
    assert!(is_shared(&pair, "same.py") && is_shared(&pair, "crlf.py"));
    assert!(!is_shared(&pair, "changed.py"));
    sandbox.commit("two");
    let pair = sandbox.pair("rev:HEAD", Some("HEAD~1")).unwrap();
    assert!(is_shared(&pair, "same.py") && !is_shared(&pair, "changed.py"));
    let against = pair.against.unwrap();
    assert_eq!(against.chosen_by.as_deref(), Some("--against"));
    assert_eq!(paths(&against), ["changed.py", "crlf.py", "same.py"]);
}

#[test]
fn nothing_is_written_and_nothing_is_run() {
    let sandbox = Sandbox::repository();
    sandbox.write("a.py", "a = 1\n").write(
        ".gitattributes",
        "*.py filter=evil diff=evil text eol=crlf\n",
    );
    sandbox.commit("one");
    sandbox.git(&["tag", "v1.0"]);
    sandbox.write("a.py", "a = 2\n").write("b.py", "");
    let witness = sandbox.join("ran");
    let program = sandbox.join("evil.sh");
    fs::write(
        &program,
        format!("#!/bin/sh\necho ran >> {}\ncat\n", witness.display()),
    )
    .unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let program = program.to_str().unwrap();
    for key in [
        "core.fsmonitor",
        "core.hooksPath",
        "core.sshCommand",
        "core.pager",
        "core.editor",
        "core.alternateRefsCommand",
        "filter.evil.clean",
        "filter.evil.smudge",
        "filter.evil.process",
        "diff.evil.textconv",
        "diff.external",
        "credential.helper",
        "alias.status",
        "uploadpack.packObjectsHook",
    ] {
        sandbox.git(&["config", key, program]);
    }
    sandbox.git(&["config", "include.path", "../included"]);
    sandbox.write("included", "[core]\n\tworktree = /nowhere\n");
    for hook in [
        "post-index-change",
        "post-checkout",
        "pre-commit",
        "reference-transaction",
        "fsmonitor-watchman",
    ] {
        fs::copy(program, sandbox.join(&format!(".git/hooks/{hook}"))).unwrap();
    }
    let _ = fs::remove_file(&witness);
    let before = sandbox.listing();
    for (tree, against) in [
        (".", None),
        (".", Some("HEAD")),
        ("rev:HEAD", Some("v1.0")),
        (".", Some("rev:HEAD")),
    ] {
        let pair = sandbox.pair(tree, against).unwrap();
        assert_eq!(content(pair.against.as_ref().unwrap(), "a.py"), "a = 1\n");
    }
    sandbox.staged(".").unwrap();
    assert!(
        sandbox
            .locate(".")
            .unwrap()
            .configuration(&sandbox.context(""))
            .unwrap()
            .is_none()
    );
    assert_eq!(sandbox.listing(), before);
    assert!(!witness.exists());
}

#[test]
fn incomplete_and_damaged_repositories_say_so() {
    let origin = Sandbox::repository();
    origin.write("a.py", "x = 1\n").commit("one");
    origin.git(&["tag", "v1.0"]);
    origin.write("a.py", "x = 2\n").commit("two");
    origin.git(&["config", "uploadpack.allowFilter", "true"]);
    let url = format!("file://{}", origin.path().display());
    let sandbox = Sandbox::new();

    sandbox.git(&[
        "clone",
        "--quiet",
        "--depth=1",
        "--no-tags",
        &url,
        "shallow",
    ]);
    let shallow = |spec| {
        let context = sandbox.context("shallow");
        let candidate = Located::candidate(".", false, &context).unwrap();
        candidate.against(spec, None, &context)
    };
    for (spec, what) in [
        (None, "the newest version tag reachable from HEAD"),
        (Some("v1.0"), "the revision 'v1.0'"),
        (Some("HEAD~1"), "the revision 'HEAD~1'"),
    ] {
        let problem = shallow(spec).err().unwrap();
        assert_eq!(
            problem.to_string(),
            format!("{what} cannot be found: this is a shallow clone, and its history is cut off")
        );
        assert!(
            problem.help().contains("fetch-depth: 0")
                && problem.help().contains("git fetch --unshallow --tags")
        );
    }
    assert!(shallow(Some("none")).is_ok() && shallow(Some("HEAD")).is_ok());

    sandbox.git(&["clone", "--quiet", "--filter=blob:none", &url, "partial"]);
    let context = sandbox.context("partial");
    let problem = read(&Located::candidate("rev:v1.0", false, &context).unwrap()).unwrap_err();
    assert!(
        problem
            .to_string()
            .starts_with("the repository lacks the object "),
        "{problem}"
    );
    assert!(problem.help().contains("partial clone"));

    sandbox.git(&["clone", "--quiet", "--no-local", &url, "damaged"]);
    for pack in fs::read_dir(sandbox.join("damaged/.git/objects/pack")).unwrap() {
        fs::remove_file(pack.unwrap().path()).unwrap();
    }
    let context = sandbox.context("damaged");
    assert!(
        !error(Located::candidate("rev:HEAD", false, &context).and_then(|located| read(&located)))
            .is_empty()
    );
    // What is on disk can be read all the same.
    assert_eq!(
        paths(&read(&Located::candidate(".", false, &context).unwrap()).unwrap()),
        ["a.py"]
    );

    fs::write(sandbox.join("damaged/.git/index"), "nonsense").unwrap();
    assert!(
        error(Located::candidate(".", true, &context).and_then(|located| read(&located)))
            .starts_with("cannot read the git repository")
    );
}

#[test]
fn an_unborn_head_has_no_revisions() {
    let sandbox = Sandbox::repository();
    sandbox.write("a.py", "");
    assert_eq!(
        sandbox.choice(".", "").unwrap(),
        "the repository has no commit yet"
    );
    for spec in ["HEAD", "main", "v1"] {
        let expected =
            format!("the repository has no commit yet, so there is no revision '{spec}'");
        assert_eq!(error(sandbox.pair(".", Some(spec))), expected);
    }
    assert_eq!(
        error(sandbox.staged(".")),
        "there are no Python files in the index of '.'"
    );
    sandbox.git(&["add", "a.py"]);
    assert_eq!(paths(&sandbox.staged(".").unwrap()), ["a.py"]);
}

#[test]
fn odd_names_in_git_neither_crash_nor_vanish() {
    use std::os::unix::ffi::OsStrExt;

    let sandbox = Sandbox::repository();
    sandbox
        .write("a\nb.py", "")
        .write("\u{1b}[31m.py", "")
        .write("d\\e.py", "")
        .write("ü/ü.py", "");
    let raw = std::ffi::OsStr::from_bytes(b"raw\xff.py");
    fs::write(sandbox.path().join(raw), "").unwrap();
    sandbox.commit("odd");
    for tree in [
        sandbox.tree("."),
        sandbox.staged("."),
        sandbox.tree("rev:HEAD"),
    ] {
        let tree = tree.unwrap();
        assert_eq!(
            paths(&tree),
            ["\u{1b}[31m.py", "a\nb.py", "d\\e.py", "ü/ü.py"]
        );
        assert_eq!(
            problems(&tree),
            ["raw\\xff.py: the file's name is not UTF-8"]
        );
    }
}

#[test]
fn references_that_cannot_be_read_are_not_taken_for_none() {
    let sandbox = Sandbox::repository();
    sandbox.write("a.py", "").commit("one");
    sandbox.git(&["tag", "v1.0"]);
    sandbox.write(".git/HEAD", "nonsense\n");
    assert!(error(sandbox.choice(".", "")).starts_with("cannot read the git repository"));
    assert_eq!(
        paths(&sandbox.pair(".", Some("none")).unwrap().candidate),
        ["a.py"]
    );
    sandbox
        .write(".git/HEAD", "ref: refs/heads/main\n")
        .write(".git/reftable/tables.list", "");
    let expected =
        "the repository keeps its references in the reftable format, which coship cannot read";
    assert_eq!(error(sandbox.choice(".", "")), expected);
    assert_eq!(error(sandbox.pair(".", Some("v1.0"))), expected);
}

#[test]
fn a_repository_of_somebody_else_is_read() {
    let sandbox = Sandbox::repository();
    sandbox.write("a.py", "").commit("one");
    // Only root can give files away; for others there is nothing to see here.
    let status = Command::new("chown")
        .args(["-R", "65534"])
        .arg(sandbox.path())
        .output()
        .unwrap()
        .status;
    if status.success() {
        assert_eq!(
            paths(&sandbox.pair(".", Some("HEAD")).unwrap().against.unwrap()),
            ["a.py"]
        );
    }
}

#[test]
fn trees_can_be_handed_to_other_threads() {
    fn is_shareable<T: Send + Sync>() {}
    is_shareable::<coship::source::Tree>();
    is_shareable::<coship::config::Settings>();
}
