//! `check --fix`: seeded defects that it mends, and files that it must not spoil.

#[allow(dead_code, reason = "other tests use the rest")]
#[path = "support/cpython.rs"]
mod cpython;
mod source_support;

use std::fs;
use std::path::Path;
use std::process::Command;

use cpython::CPython;
use source_support::{Sandbox, command};

fn coship(directory: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = command(directory, arguments).output().unwrap();
    (
        output.status.code(),
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

#[test]
fn seeded_defects_are_mended() {
    let Some(python) = CPython::find("seeded_defects_are_mended") else {
        return;
    };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixes.py");
    let output = Command::new(&python.program)
        .arg(script)
        .args(["--count", "60", "--show", "60"])
        .args(["--coship", env!("CARGO_BIN_EXE_coship")])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success(), "{text}");
}

const CORE: &str = "def fetch(key):\n    return key\n";

/// A call that gives a keyword that `fetch` does not take.
fn broken(core: &str, call: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("core.py", core).write(
        "use.py",
        format!("import core\n\n\ndef run(key):\n    return core.fetch({call})\n"),
    );
    sandbox
}

fn read(sandbox: &Sandbox, path: &str) -> String {
    fs::read_to_string(sandbox.join(path)).unwrap()
}

#[test]
fn a_diff_writes_nothing_and_a_fix_writes_it() {
    let sandbox = broken(CORE, "kez=key");
    let run = |arguments: &[&str]| coship(&sandbox.path(), arguments);
    let before = read(&sandbox, "use.py");
    let (status, patch, _) = run(&["check", "--diff"]);
    assert_eq!(status, Some(1));
    assert_eq!(read(&sandbox, "use.py"), before);
    assert!(
        patch.starts_with("--- a/use.py\n+++ b/use.py\n@@"),
        "{patch}"
    );
    assert!(patch.contains("-    return core.fetch(kez=key)\n+    return core.fetch(key=key)\n"));
    assert_eq!(run(&["check", "--diff", "--exit-zero"]).0, Some(0));
    let (status, _, said) = run(&["check", "--fix"]);
    assert_eq!(status, Some(0), "{said}");
    assert!(
        said.contains("fixed use.py: rename the keyword `kez` to `key`"),
        "{said}"
    );
    assert!(said.contains("\ncoship: wrote use.py\n"), "{said}");
    assert_eq!(read(&sandbox, "use.py"), before.replace("kez", "key"));
    let (status, patch, _) = run(&["check", "--diff"]);
    assert_eq!((status, patch.as_str()), (Some(0), ""));
}

#[test]
fn an_argument_is_left_out_only_if_that_is_asked_for() {
    let sandbox = broken(CORE, "key, trace=True");
    let (status, _, said) = coship(&sandbox.path(), &["check", "--fix"]);
    assert_eq!(status, Some(1));
    assert!(said.contains("--unsafe-fixes"), "{said}");
    assert!(read(&sandbox, "use.py").contains("trace=True"));
    let (status, ..) = coship(&sandbox.path(), &["check", "--fix", "--unsafe-fixes"]);
    assert_eq!(status, Some(0));
    assert!(read(&sandbox, "use.py").contains("core.fetch(key)\n"));
    // A value that does something is computed for a reason.
    let sandbox = broken(CORE, "key, trace=print(1)");
    coship(&sandbox.path(), &["check", "--fix", "--unsafe-fixes"]);
    assert!(read(&sandbox, "use.py").contains("trace=print(1)"));
}

#[test]
fn heads_of_every_form_take_one_parameter_more() {
    // The body reads what the head lacks.
    for (head, wanted) in [
        ("def fetch(key):", "def fetch(key, ttl=None):"),
        ("def fetch(key=1, /):", "def fetch(key=1, /, ttl=None):"),
        ("def fetch(key, *rest):", "def fetch(key, *rest, ttl=None):"),
        (
            "def fetch(key, *, a=1):",
            "def fetch(key, *, a=1, ttl=None):",
        ),
        ("def fetch(key,\n):", "def fetch(key, ttl=None,\n):"),
        (
            "def fetch(\n    key,  # one, (two\n):",
            "def fetch(\n    key,  # one, (two\n    ttl=None,\n):",
        ),
        (
            "def fetch(\n    key  # one\n):",
            "def fetch(\n    key,  # one\n    ttl=None\n):",
        ),
        (
            "def fetch(key: 'a,b' = '),') -> int:",
            "def fetch(key: 'a,b' = '),', ttl=None) -> int:",
        ),
        (
            "@functools.cache\ndef fetch(key):",
            "@functools.cache\ndef fetch(key, ttl=None):",
        ),
    ] {
        for newline in ["\n", "\r\n"] {
            let text = |head: &str| {
                format!("import functools\n\n\n{head}\n\treturn ttl\n").replace('\n', newline)
            };
            let sandbox = broken(&text(head), "1, ttl=2");
            let (status, _, said) = coship(&sandbox.path(), &["check", "--fix"]);
            assert_eq!(read(&sandbox, "core.py"), text(wanted), "{said}");
            assert_eq!(status, Some(0), "{head}");
        }
    }
    let one_line = "def fetch(key): return ttl\n";
    let sandbox = broken(one_line, "1, ttl=2");
    coship(&sandbox.path(), &["check", "--fix"]);
    assert_eq!(
        read(&sandbox, "core.py"),
        "def fetch(key, ttl=None): return ttl\n"
    );
    for (before, after) in [
        (
            "fetch = lambda key: (key, ttl)\n",
            "fetch = lambda key, ttl=None: (key, ttl)\n",
        ),
        ("fetch = lambda: ttl\n", "fetch = lambda ttl=None: ttl\n"),
    ] {
        let call = if before.contains("key") {
            "1, ttl=2"
        } else {
            "ttl=2"
        };
        let sandbox = broken(before, call);
        coship(&sandbox.path(), &["check", "--fix"]);
        assert_eq!(read(&sandbox, "core.py"), after);
    }
}

#[test]
fn a_fix_that_breaks_another_call_is_none() {
    // `keys` is what another caller passes: the head cannot be renamed, and the keyword means nothing there.
    let core = "def fetch(keys):\n    return keys\n";
    let sandbox = broken(core, "kezzzz=key");
    sandbox.write("other.py", "import core\ncore.fetch(keys=1)\n");
    coship(&sandbox.path(), &["check", "--fix"]);
    assert_eq!(read(&sandbox, "core.py"), core);
    assert!(read(&sandbox, "use.py").contains("kezzzz"));
}

#[test]
fn bytes_that_are_not_edited_stay() {
    let sandbox = broken(CORE, "kez=key");
    let latin = b"# coding: latin-1\r\nimport core\r\n# \xe9\r\ndef run(key):\r\n\treturn core.fetch(kez=key)  # \xfc\r\n\x0c";
    sandbox.write("use.py", latin);
    let (status, _, said) = coship(&sandbox.path(), &["check", "--fix"]);
    assert_eq!(status, Some(0), "{said}");
    let wanted = String::from_utf8_lossy(latin).replace("kez", "key");
    let now = fs::read(sandbox.join("use.py")).unwrap();
    assert_eq!(String::from_utf8_lossy(&now), wanted);
    assert!(now.contains(&0xfc) && now.contains(&0xe9) && !now.contains(&0xc3));
}

#[test]
fn what_is_no_files_is_refused_and_shown_as_a_diff() {
    let sandbox = Sandbox::repository();
    sandbox.write(
        "m.py",
        "def f(key):\n    return key\n\n\ndef g():\n    return f(kez=1)\n",
    );
    sandbox.commit("all");
    let run = |arguments: &[&str]| coship(&sandbox.path(), arguments);
    assert_eq!(run(&["check", "--fix", "--staged"]).0, Some(2));
    assert_eq!(run(&["check", "--fix", "--only", "m.py"]).0, Some(2));
    let (status, _, said) = run(&["check", "rev:HEAD", "--fix"]);
    assert_eq!(status, Some(2));
    assert!(
        said.contains("--fix writes files, and the revision HEAD is none"),
        "{said}"
    );
    let (status, patch, _) = run(&["check", "rev:HEAD", "--diff"]);
    assert_eq!(status, Some(1));
    assert!(patch.contains("+    return f(key=1)"), "{patch}");
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_tree_is_not_written_through() {
    let outside = Sandbox::new();
    outside.write("use.py", "import core\ncore.fetch(kez=1)\n");
    let sandbox = broken(CORE, "key");
    sandbox.remove("use.py");
    std::os::unix::fs::symlink(outside.join("use.py"), sandbox.join("use.py")).unwrap();
    let (_, _, said) = coship(&sandbox.path(), &["check", "--fix"]);
    assert_eq!(
        read(&outside, "use.py"),
        "import core\ncore.fetch(kez=1)\n",
        "{said}"
    );
}

#[test]
fn dead_ignores_go_and_other_tools_comments_stay() {
    let sandbox = Sandbox::new();
    let before = "\
import os  # coship: ignore[missing-module]
import re  # noqa: F401  # coship: ignore[missing-module] old
import sys  # coship: ignore[missing-module] old  # noqa: F401

# coship: ignore[CS101]
x = 1
def f(a):
    return a
f(1, 2)  # coship: ignore[missing-name, too-many-positionals] why #12
y = f(1, b=2)
";
    let after = "\
import os
import re  # noqa: F401
import sys  # noqa: F401

x = 1
def f(a):
    return a
f(1, 2)  # coship: ignore[too-many-positionals] why #12
y = f(1, b=2)
";
    sandbox.write("m.py", before);
    let (status, _, said) = coship(&sandbox.path(), &["check", "--fix-ignores"]);
    assert_eq!(read(&sandbox, "m.py"), after, "{said}");
    // It mends nothing else.
    assert_eq!(status, Some(1));
}

/// What `--fix` makes of these files; each with a version that is deployed, if it is another one.
fn fixed(files: &[(&str, &str)], deployed: &[(&str, &str)]) -> (Sandbox, String) {
    let sandbox = Sandbox::new();
    for (directory, files) in [("old", files), ("new", files), ("old", deployed)] {
        for (path, text) in files {
            sandbox.write(&format!("{directory}/{path}"), text);
        }
    }
    let arguments = ["check", "new", "--fix", "--against", "old"];
    let (_, _, said) = coship(&sandbox.path(), &arguments);
    (sandbox, said)
}

const MARK: (&str, &str) = ("attic.py", "def mark(x):\n    return ['m', x]\n");
const NO_MARK: (&str, &str) = ("tools.py", "other = 1\n");

#[test]
fn a_name_that_means_something_else_is_not_imported_over() {
    for user in [
        "import tools\n\n\ndef outer(mark):\n    def inner(x):\n        return tools.mark(x)\n    return inner(mark)\n\n\nouter(print)\n",
        "import tools\nfrom attic import mark\n\n\ndef run(x, mark=str):\n    return tools.mark(x)\n\n\nrun(1)\n",
        "import tools\nfrom attic import mark as m\n\nmark = str\n\n\ndef run(x):\n    return tools.mark(x)\n\n\nrun(1)\n",
        "import tools\n\nlist([tools.mark(mark) for mark in [1]])\n",
    ] {
        let (sandbox, said) = fixed(&[MARK, NO_MARK, ("user.py", user)], &[]);
        assert_eq!(read(&sandbox, "new/user.py"), user, "{said}");
    }
    let user = "import tools\n\n\ndef run(x):\n    return tools.mark(x)\n";
    let (sandbox, _) = fixed(&[MARK, NO_MARK, ("user.py", user)], &[]);
    assert!(read(&sandbox, "new/user.py").contains("    return mark(x)\n"));
}

/// Two modules define the name: the one is taken that all other files import it from, and only if that is asked for.
#[test]
fn of_several_modules_the_customary_one_is_a_guess() {
    let sandbox = Sandbox::new();
    sandbox.write("core.py", MARK.1);
    sandbox.write("wrappers.py", MARK.1);
    sandbox.write("gateway.py", "from wrappers import *\n");
    sandbox.write("tools.py", NO_MARK.1);
    for path in ["a.py", "b.py"] {
        sandbox.write(
            path,
            "def run():\n    from gateway import mark\n    return mark(1)\n",
        );
    }
    sandbox.write(
        "user.py",
        "from tools import other, mark\n\nprint(mark(other))\n",
    );
    let fix = |more: &[&str]| {
        let arguments = [&["check", "--fix", "--against", "none"], more].concat();
        coship(&sandbox.path(), &arguments).2
    };
    let said = fix(&[]);
    assert!(
        said.contains(
            "1 finding has fixes that may not be what was meant: --unsafe-fixes tries them"
        ),
        "{said}"
    );
    let said = fix(&["--unsafe-fixes"]);
    assert!(
        said.contains("import `mark` from `gateway`, as 2 other files do"),
        "{said}"
    );
    assert_eq!(
        read(&sandbox, "user.py"),
        "from gateway import mark\nfrom tools import other\n\nprint(mark(other))\n"
    );
    // Where they differ, nobody can tell.
    sandbox.write("b.py", "from core import mark\n\nmark(1)\n");
    let before = "from tools import mark\n\nprint(mark(1))\n";
    sandbox.write("user.py", before);
    let said = fix(&["--unsafe-fixes"]);
    assert_eq!(read(&sandbox, "user.py"), before, "{said}");
}

#[test]
fn a_router_does_not_keep_what_another_handler_takes() {
    let files = |handler: &str, main: &str| {
        let core = format!(
            "{handler}\n\n\ndef g(key):\n    return key\n\n\ndef h(key):\n    return key\n"
        );
        [
            ("core.py", core),
            (
                "router.py",
                "import core\n\nT = {'f': core.f, 'g': core.g, 'h': core.h}\n\n\ndef execute(op, **kwargs):\n    return T[op](**kwargs)\n".to_owned(),
            ),
            (
                "gate.py",
                "from router import execute\n\n\ndef do(op, timeout=30, **kwargs):\n    return execute(op, timeout=timeout, **kwargs)\n".to_owned(),
            ),
            ("main.py", main.to_owned()),
        ]
    };
    let main = "from gate import do\n\n\ndef cf(key):\n    return do('f', key=key)\n\n\ndef cg(key):\n    return do('g', key=key)\n\n\ndef ch(key):\n    return do('h', key=key)\n";
    for handler in [
        "def f(key, timeout=1):\n    return key, timeout",
        "def f(key, **more):\n    return open(key, **more)",
    ] {
        let files = files(handler, main);
        let files = files.each_ref().map(|(path, text)| (*path, text.as_str()));
        let (sandbox, said) = fixed(&files, &[]);
        assert_eq!(read(&sandbox, "new/router.py"), files[1].1, "{said}");
    }
    let files = files("def f(key):\n    return key", main);
    let files = files.each_ref().map(|(path, text)| (*path, text.as_str()));
    // Nothing reads it then, which may not be what was meant.
    let (sandbox, said) = fixed(&files, &[]);
    assert_eq!(read(&sandbox, "new/router.py"), files[1].1, "{said}");
    let arguments = [
        "check",
        "new",
        "--fix",
        "--unsafe-fixes",
        "--against",
        "old",
    ];
    let (_, _, said) = coship(&sandbox.path(), &arguments);
    assert!(read(&sandbox, "new/router.py").contains("def execute(op, timeout=None, **kwargs):"));
    assert!(
        said.contains("fixed router.py: take `timeout` out in `execute`"),
        "{said}"
    );
}

/// A parameter that the handler does not read silences the error, and the value is lost.
#[test]
fn a_parameter_that_nothing_reads_is_added_only_if_that_is_asked_for() {
    let sandbox = Sandbox::new();
    let core = "def get_stats():\n    return {}\n";
    let router = "import core\n\nT = {'get_stats': core.get_stats}\n\n\ndef execute(op, **kwargs):\n    return T[op](**kwargs)\n";
    sandbox.write("core.py", core).write("router.py", router).write(
        "use.py",
        "from router import execute\n\n\ndef stats():\n    return execute('get_stats', detailed=True)\n",
    );
    let (status, _, said) = coship(&sandbox.path(), &["check", "--fix"]);
    assert_eq!(status, Some(1), "{said}");
    assert_eq!(read(&sandbox, "core.py"), core);
    assert_eq!(read(&sandbox, "router.py"), router);
    let (status, _, said) = coship(&sandbox.path(), &["check", "--fix", "--unsafe-fixes"]);
    assert_eq!(status, Some(0), "{said}");
    // It names the file that is edited, and what there is left to do.
    assert!(
        said.contains(
            "fixed core.py: add the parameter `detailed` to `get_stats`, which does not use it yet"
        ),
        "{said}"
    );
}

#[test]
fn what_works_gets_the_same_values_as_before() {
    // The file that is edited, its line as it is and as it should be, the other file, and what is deployed.
    let run = "import core\n\n\ndef run(key):\n    return ";
    for (core, wanted_core, call, wanted_call, deployed) in [
        // The right name with the new value, not the old one.
        (
            "def f(key, ttl=1):\n    return key, ttl\n",
            "def f(key, ttl=1):\n    return key, ttl\n",
            "core.f(key, tll=60)\n",
            "core.f(key, ttl=60)\n",
            Some(("use.py", format!("{run}core.f(key, ttl=30)\n"))),
        ),
        // `map` passes one argument.
        (
            "def f(a):\n    if a:\n        return a\n    return ttl\n\n\nlist(map(f, [1]))\n",
            "def f(a, ttl=None):\n    if a:\n        return a\n    return ttl\n\n\nlist(map(f, [1]))\n",
            "core.f(0, 7)\n",
            "core.f(0, 7)\n",
            None,
        ),
        // At its old place it would take what `map` passes as `b`.
        (
            "def f(a, b=2):\n    if b > 1:\n        return a, b\n    return a, ttl\n\n\nlist(map(f, [1], [5]))\n",
            "def f(a, b=2, ttl=1):\n    if b > 1:\n        return a, b\n    return a, ttl\n\n\nlist(map(f, [1], [5]))\n",
            "core.f(key, b=1, ttl=7)\n",
            "core.f(key, b=1, ttl=7)\n",
            Some((
                "core.py",
                "def f(a, ttl=1, b=2):\n    return a, b, ttl\n".to_owned(),
            )),
        ),
        // The default comes back, the annotation stays.
        (
            "def f(key, ttl: int):\n    return key, ttl\n",
            "def f(key, ttl: int = 5):\n    return key, ttl\n",
            "core.f(key)\n",
            "core.f(key)\n",
            Some((
                "core.py",
                "def f(key, ttl=5):\n    return key, ttl\n".to_owned(),
            )),
        ),
    ] {
        let call = format!("{run}{call}");
        let deployed = deployed.as_ref().map(|(path, text)| (*path, text.as_str()));
        let files = [("core.py", core), ("use.py", call.as_str())];
        let (sandbox, said) = fixed(&files, deployed.as_slice());
        assert_eq!(read(&sandbox, "new/core.py"), wanted_core, "{said}");
        let wanted = format!("{run}{wanted_call}");
        assert_eq!(read(&sandbox, "new/use.py"), wanted, "{said}");
    }
}

#[test]
fn a_parameter_that_only_swallows_a_misspelt_keyword_is_not_added() {
    let core = "from functools import partial\n\n\ndef f(key, ttl=1):\n    return key, ttl\n\n\nT = {'a': partial(f, tll=3)}\n\n\ndef run(op, **kw):\n    return T[op](**kw)\n\n\ndef a():\n    return run('a', key=1)\n";
    let (sandbox, said) = fixed(&[("core.py", core)], &[]);
    assert_eq!(read(&sandbox, "new/core.py"), core, "{said}");
}

#[test]
fn a_variable_of_a_script_is_not_what_a_name_means() {
    let user = "def run():\n    return result\n";
    for script in ["result = 5\n", "def result():\n    pass\n\n\nresult()\n"] {
        let (sandbox, said) = fixed(&[("job.py", script), ("user.py", user)], &[]);
        assert_eq!(read(&sandbox, "new/user.py"), user, "{said}");
    }
}

#[test]
fn a_patch_has_the_byte_order_mark_of_the_file() {
    let sandbox = Sandbox::repository();
    sandbox.write("core.py", CORE);
    sandbox.write("use.py", "\u{feff}import core\ncore.fetch(kez=1)\n");
    sandbox.commit("all");
    let (_, patch, _) = coship(&sandbox.path(), &["check", "--diff"]);
    sandbox.write("fix.patch", patch);
    sandbox.git(&["apply", "fix.patch"]);
    let wanted = "\u{feff}import core\ncore.fetch(key=1)\n";
    assert_eq!(read(&sandbox, "use.py"), wanted);
}
