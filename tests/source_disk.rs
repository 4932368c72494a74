//! Directories and zips: hostile names, links, damage, limits, and paths that have to be aligned.

mod source_support;

use std::fs;
use std::io::{Cursor, Write};
use std::os::unix::fs::symlink;

use coship::source::{Alignment, Kind, Located};
use source_support::{Sandbox, content, error, forbid, is_shared, paths, problems, read};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// A zip with these files, in this order.
fn zipped(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in entries {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// `zip` with the first entry's general-purpose flag or method changed in both headers. `local` and `central` are offsets
/// within the two headers.
fn patched(mut zip: Vec<u8>, local: usize, central: usize, value: u8) -> Vec<u8> {
    zip[local] = value;
    let directory = zip
        .windows(4)
        .position(|window| window == b"PK\x01\x02")
        .unwrap();
    zip[directory + central] = value;
    zip
}

#[test]
fn a_directory_is_all_that_is_in_it() {
    let sandbox = Sandbox::new();
    sandbox
        .write(".gitignore", "a.py\n")
        .write("a.py", "")
        .write("build/b.py", "")
        .write("x.py/inner.py", "")
        .write("m.PY", "")
        .write("n.pyd", "")
        .write("o.pyx", "")
        .write("p.pyc", "")
        .write(".tox/t.py", "")
        .write("env/pyvenv.cfg", "")
        .write("env/e.py", "");
    let tree = sandbox.tree(".").unwrap();
    assert_eq!((tree.kind, tree.name.as_str()), (Kind::Directory, "."));
    assert_eq!(paths(&tree), ["a.py", "build/b.py", "x.py/inner.py"]);
    assert_eq!(
        tree.others,
        ["n.pyd".into(), "o.pyx".into(), "p.pyc".into()]
    );
    for (given, name) in [
        ("./build/", "build"),
        (sandbox.join("build").to_str().unwrap(), "build"),
        ("dir:build", "build"),
    ] {
        assert_eq!(sandbox.tree(given).unwrap().name, name);
    }
    let elsewhere = Located::candidate(
        sandbox.path().to_str().unwrap(),
        false,
        &sandbox.context("build"),
    )
    .unwrap();
    assert!(!elsewhere.name().contains('/'), "{}", elsewhere.name());
}

#[test]
fn links_on_disk_are_followed_to_files_only() {
    let sandbox = Sandbox::new();
    sandbox
        .write("real.py", "r = 1\n")
        .write("elsewhere/e.py", "e = 1\n")
        .write("tree/t.py", "");
    let link = |target: &str, path: &str| symlink(target, sandbox.join(path)).unwrap();
    link("../real.py", "tree/link.py");
    link("../elsewhere", "tree/package");
    link("../elsewhere", "tree/directory.py");
    link(".", "tree/itself");
    link("b.py", "tree/a.py");
    link("a.py", "tree/b.py");
    link("host:1234", "tree/.#lock.py");
    let tree = sandbox.tree("tree").unwrap();
    assert_eq!(paths(&tree), ["link.py", "t.py"]);
    assert_eq!(content(&tree, "link.py"), "r = 1\n");
    assert_eq!(tree.problems.len(), 2);
    assert!(problems(&tree)[0].starts_with("a.py: the symbolic link leads nowhere: "));
}

#[test]
fn what_cannot_be_read_is_a_problem_of_its_own() {
    let sandbox = Sandbox::new();
    sandbox
        .write("a.py", "")
        .write("secret.py", "")
        .write("closed/b.py", "");
    let socket = std::os::unix::net::UnixListener::bind(sandbox.join("socket.py")).unwrap();
    drop(socket);
    let mut expected = vec!["socket.py: not a regular file"];
    // Root reads everything.
    if forbid(&sandbox.join("secret.py")) {
        forbid(&sandbox.join("closed"));
        expected.insert(0, "secret.py: Permission denied (os error 13)");
        expected.insert(
            0,
            "closed: cannot list the directory: Permission denied (os error 13)",
        );
    }
    assert_eq!(problems(&sandbox.tree(".").unwrap()), expected);
    fs::File::create(sandbox.join("huge.py"))
        .unwrap()
        .set_len(65 * 1024 * 1024)
        .unwrap();
    assert_eq!(
        problems(&sandbox.tree(".").unwrap())[expected.len() - 1],
        "huge.py: the file is larger than 64 MiB"
    );
    sandbox.write("ten.py", "x = 1\n".repeat(2_000_000));
    assert_eq!(
        sandbox
            .tree(".")
            .unwrap()
            .file(sandbox.tree(".").unwrap().find("ten.py").unwrap())
            .text
            .line_count(),
        2_000_001
    );
}

#[test]
fn paths_that_name_no_version() {
    let sandbox = Sandbox::repository();
    sandbox
        .write("empty/x.txt", "")
        .write("no.zip", "PK nothing")
        .write("a.py", "")
        .commit("one");
    sandbox.git(&["tag", "v1"]);
    assert_eq!(error(sandbox.tree("nowhere")), "'nowhere' does not exist");
    assert_eq!(
        error(sandbox.tree("a.py")),
        "'a.py' is a single Python file, not a tree"
    );
    let problem = sandbox.tree("v1").unwrap_err();
    assert_eq!(problem.help(), "there is a revision of that name: rev:v1");
    assert_eq!(
        error(sandbox.tree("empty")),
        "there are no Python files in the directory 'empty'"
    );
    assert!(error(sandbox.tree("no.zip")).starts_with("cannot read the zip 'no.zip'"));
    assert!(error(sandbox.pair(".", Some("no.zip"))).starts_with("cannot read the zip 'no.zip'"));
    assert_eq!(
        error(sandbox.pair(".", Some("empty/"))),
        "there are no Python files in the directory 'empty'"
    );
    assert_eq!(
        error(sandbox.tree("/dev/null")),
        "'null' is neither a directory nor a file"
    );
    let outside = Sandbox::new();
    outside.write("a.py", "");
    assert_eq!(
        error(outside.tree("rev:v1")),
        "'.' is in no git repository, so there is no revision 'v1'"
    );
    assert_eq!(
        error(outside.staged(".")),
        "'.' is in no git repository, so there is no index"
    );
    assert_eq!(error(outside.pair(".", Some("v1"))), "'v1' does not exist");
    assert_eq!(outside.choice(".", "").unwrap(), "not in a git repository");
}

#[test]
fn a_zip_is_read_as_it_would_be_unpacked() {
    let sandbox = Sandbox::new();
    let bytes = zipped(&[
        ("a.py", b"a = 1\n"),
        ("p/__init__.py", b""),
        ("node_modules/x.py", b""),
        ("./dot.py", b""),
        ("n.so", b""),
        ("x.txt", b""),
        ("../up.py", b""),
        ("/absolute.py", b""),
        ("C:/drive.py", b""),
        ("p\\back.py", b"b = 1\n"),
        ("p//empty.py", b""),
        ("a\nb.py", b""),
    ]);
    sandbox
        .write("package.zip", &bytes)
        .write("package-1.0.whl", &bytes)
        .write("package", &bytes);
    for name in ["package.zip", "package-1.0.whl", "package", "zip:package"] {
        let tree = sandbox.tree(name).unwrap();
        assert_eq!(tree.kind, Kind::Zip);
        assert_eq!(
            paths(&tree),
            [
                "a\nb.py",
                "a.py",
                "dot.py",
                "node_modules/x.py",
                "p/__init__.py",
                "p/back.py"
            ]
        );
        assert_eq!(content(&tree, "p/back.py"), "b = 1\n");
        assert_eq!(tree.others, ["n.so".into()]);
        let expected = [
            "../up.py: the path in the zip leads out of the package",
            "/absolute.py: the path in the zip is absolute",
            "C:/drive.py: the path in the zip is absolute",
            "p//empty.py: the path in the zip has an empty part",
            "p\\back.py: the path in the zip has backslashes: on Linux this is one file name, and no directory",
        ];
        assert_eq!(problems(&tree), expected);
    }
}

#[test]
fn the_later_of_two_entries_counts() {
    let sandbox = Sandbox::new();
    let mut bytes = zipped(&[("a.py", b"first = 1\n"), ("b.py", b"second = 2\n")]);
    for start in 0..bytes.len() - 4 {
        if &bytes[start..start + 4] == b"b.py" {
            bytes[start] = b'a';
        }
    }
    sandbox.write("twice.zip", bytes);
    let tree = sandbox.tree("twice.zip").unwrap();
    assert_eq!(paths(&tree), ["a.py"]);
    assert_eq!(content(&tree, "a.py"), "second = 2\n");
}

#[test]
fn damaged_and_hostile_zips_are_errors() {
    let sandbox = Sandbox::new();
    let good = zipped(&[("a.py", "a = 1\n".repeat(100).as_bytes())]);
    let mut truncated = good.clone();
    truncated.truncate(good.len() / 2);
    let mut flipped = good.clone();
    flipped[40] ^= 0xff;
    let encrypted = patched(good.clone(), 6, 8, 1);
    let unknown_method = patched(good.clone(), 8, 10, 99);
    for (name, bytes) in [
        ("truncated", truncated),
        ("flipped", flipped),
        ("method", unknown_method),
        ("empty", Vec::new()),
    ] {
        sandbox.write(&format!("{name}.zip"), bytes);
        let message = error(sandbox.tree(&format!("{name}.zip")));
        assert!(
            message.starts_with(&format!("cannot read the zip '{name}.zip'")),
            "{message}"
        );
    }
    sandbox.write("encrypted.zip", encrypted);
    assert_eq!(
        error(sandbox.tree("encrypted.zip")),
        "the zip 'encrypted.zip' is encrypted ('a.py')"
    );
    sandbox.write(
        "bomb.zip",
        zipped(&[("a.py", &vec![b'\n'; 65 * 1024 * 1024])]),
    );
    assert_eq!(
        error(sandbox.tree("bomb.zip")),
        "the zip 'bomb.zip' unpacks to too much: 'a.py' alone is larger than 64 MiB"
    );
    sandbox.write("none.zip", zipped(&[("readme.txt", b"")]));
    assert_eq!(
        error(sandbox.tree("none.zip")),
        "there are no Python files in the zip 'none.zip'"
    );
}

#[test]
fn many_large_files_are_a_bomb_too() {
    let sandbox = Sandbox::new();
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let part = vec![b'\n'; 60 * 1024 * 1024];
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    zip.start_file("0.py", options).unwrap();
    zip.write_all(&part).unwrap();
    for index in 1..9 {
        zip.shallow_copy_file("0.py", format!("{index}.py").as_str())
            .unwrap();
    }
    sandbox.write("bomb.zip", zip.finish().unwrap().into_inner());
    assert_eq!(
        error(sandbox.tree("bomb.zip")),
        "the zip 'bomb.zip' unpacks to too much: more than 512 MiB of Python"
    );
}

#[test]
fn roots_that_differ_are_aligned() {
    let sandbox = Sandbox::repository();
    sandbox
        .write("src/a.py", "a = 1\n")
        .write("src/p/b.py", "b = 1\n")
        .write("tests/t.py", "");
    sandbox.commit("one");
    sandbox.write(
        "served.zip",
        zipped(&[
            ("a.py", b"a = 1\n"),
            ("p/b.py", b"b = 2\n"),
            ("vendored/v.py", b""),
        ]),
    );
    sandbox.write(".gitignore", "served.zip\nold/\n");
    let pair = sandbox.pair(".", Some("served.zip")).unwrap();
    assert!(is_shared(&pair, "src/a.py") && !is_shared(&pair, "src/p/b.py"));
    let against = pair.against.unwrap();
    assert_eq!(
        paths(&against),
        ["src/a.py", "src/p/b.py", "src/vendored/v.py"]
    );
    assert_eq!(against.alignment, Some(Alignment::Added("src".to_owned())));

    // The configuration's globs count from TREE, on both sides.
    let pair = sandbox
        .pair_with(
            ".",
            Some("served.zip"),
            "include = ['src']\nextend-exclude = ['src/vendored']",
        )
        .unwrap();
    assert_eq!(paths(&pair.against.unwrap()), ["src/a.py", "src/p/b.py"]);

    sandbox
        .write("old/src/a.py", "a = 1\n")
        .write("old/src/p/b.py", "b = 1\n")
        .write("old/tests/t.py", "");
    let pair = sandbox.pair("src", Some("./old")).unwrap();
    assert!(is_shared(&pair, "a.py"));
    let against = pair.against.unwrap();
    assert_eq!(
        (against.kind, against.alignment),
        (Kind::Directory, Some(Alignment::Stripped("src".to_owned())))
    );

    let pair = sandbox.pair("served.zip", Some("HEAD")).unwrap();
    let against = pair.against.unwrap();
    assert_eq!(paths(&against), ["a.py", "p/b.py"]);
    assert!(
        sandbox
            .choice("served.zip", "")
            .unwrap()
            .starts_with("a zip has no history")
    );
}

#[test]
fn a_zip_brings_its_configuration() {
    let sandbox = Sandbox::new();
    sandbox.write("coship.toml", "roots = ['outside']\n");
    sandbox.write(
        "with.zip",
        zipped(&[("a.py", b""), ("coship.toml", b"roots = ['inside']\n")]),
    );
    sandbox.write("without.zip", zipped(&[("a.py", b"")]));
    for (name, file) in [
        ("with.zip", "with.zip/coship.toml"),
        ("without.zip", "coship.toml"),
    ] {
        let located = sandbox.locate(name).unwrap();
        assert!(read(&located).is_ok());
        let found = located
            .configuration(&sandbox.context(""))
            .unwrap()
            .unwrap();
        assert_eq!(found.file, file);
    }
}
