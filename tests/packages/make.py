"""Makes packages with known defects of the system in `system.py`, and intact ones: `python3 make.py DIRECTORY`.

Prints JSON: the Python that ran them, and a list; each item names the package, its layers, the rule that should find the defect (none for intact ones), and whether CPython runs it.
"""

import itertools
import json
import pathlib
import struct
import sys
import zipfile

import second
import system
import third
from parts import TAG, dist, doubled, elf, pyc, without
from system import contents, entry, pack

KEY = "-----BEGIN {} KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQ\n-----END {} KEY-----\n".format("PRIVATE", "PRIVATE")
TOKEN = "gh" + "p_" + "Zk3vT9qLw2XcB7nMd5RfHs8JyPa1GuEo4iVt"


def cases():
    """(kind, rule, variant, members) and optional layers, how."""
    good = contents()
    core = good["cache_core.py"].decode()
    # Files left out: imported, imported late, named in a table, data, a folder, half a namespace.
    for left_out in ["gateway.py", "shop/orders.py", "shop/__init__.py"]:
        yield "missing-import", "missing-file", left_out, without(left_out)
    for left_out in ["admin/console.py", "admin", "ns/part/tools.py"]:
        yield "missing-lazy", "missing-file", left_out, without(left_out)
    for left_out in [["interface_cache.py"], ["cache_core.py"], ["interface_cache.py", "cache_core.py"]]:
        yield "missing-routed", "missing-file", " and ".join(left_out), without(*left_out)
    prices = good["shop/data/prices.json"]
    for variant, put in [("file", {}), ("moved up", {"shop/prices.json": prices}), ("moved to the top", {"data/prices.json": prices})]:
        yield "missing-data", "missing-file", variant, without("shop/data") | put
    for left_out in ["env", "env/settings.py", "env/__init__.py"]:
        yield "missing-env", "missing-file", left_out, without(left_out)
    for depth in [0, 1]:
        yield "missing-folders", "missing-file", f"glob of depth {depth}", {path: data for path, data in good.items() if path.count("/") <= depth}
    yield "missing-folders", "missing-file", "packages alone", {path: data for path, data in good.items() if not path.startswith("ns/")}
    for name in [None, "handler.py", "Lambda_function.py"]:
        other = {name: good["lambda_function.py"]} if name else {}
        yield "missing-entry", "missing-file", name or "handler", without("lambda_function.py") | other
    for path, to in [("cache_core.py", "elsewhere/cache_core.py"), ("shop/orders.py", "orders.py"), ("gateway.py", "lib/core/gateway.py")]:
        yield "missing-moved", "missing-file", path, without(path) | {to: good[path]}
    # Other contents.
    yield "stale-revision", "stale-file", "v1", good | {"cache_core.py": system.OLDER["src/cache_core.py"].encode()}
    yield "stale-revision", "stale-file", "v1 in a layer", without("cache_core.py"), [{"python/cache_core.py": system.OLDER["src/cache_core.py"].encode()}]
    crlf = system.OLDER["src/cache_core.py"].replace("\n", "\r\n").encode()
    yield "stale-revision", "stale-file", "v1 with other line ends", good | {"cache_core.py": crlf}
    for path, before, after in [("cache_core.py", "round", "square"), ("gateway.py", "operation, **kwargs)", "operation,  **kwargs)"), ("shop/orders.py", "import os", "import os, sys")]:
        yield "stale-edit", "stale-file", path, good | {path: good[path].decode().replace(before, after).encode()}
    yield "stale-data", "stale-file", "data", good | {"shop/data/prices.json": b'{"tea": 4}\n'}
    yield "stale-data", "stale-file", "script", good | {"bin/warm.sh": b"#!/bin/sh\nexit 1\n"}
    yield "broken-contract", "unexpected-keyword", "keyword", good | {"cache_core.py": core.replace("drop(key)", "drop(name)").encode()}
    yield "broken-contract", "missing-argument", "required", good | {"cache_core.py": core.replace("def drop(key)", "def drop(key, when)").encode()}
    yield "broken-contract", "missing-attribute", "name", good | {"cache_core.py": core.replace("def drop", "def dropped").encode()}
    # Cut.
    yield "stale-data", "stale-file", "binary", good | {"shop/data/prices.json": b"\0\1\2"}
    for path, size in [("cache_core.py", 60), ("gateway.py", 100), ("lambda_function.py", 133)]:
        yield "cut-middle", "truncated-file", path, good | {path: good[path][:size]}
    for path, mark in [("cache_core.py", "def shape"), ("interface_cache.py", "def run"), ("lambda_function.py", "def all_of_it")]:
        text = good[path].decode()
        yield "cut-clean", "truncated-file", path, good | {path: text[: text.index(mark)].encode()}
    for variant, data in [("comment", b"# nothing\n"), ("no byte", b""), ("a docstring", b'"""The cache."""\n')]:
        yield "emptied", "truncated-file", variant, good | {"cache_core.py": data}
    for path, of in [("gateway.py", "interface_cache.py"), ("shop/orders.py", "cache_core.py"), ("cache_core.py", "gateway.py")]:
        yield "pasted-over", "truncated-file", path, good | {path: good[of]}
    # What does not belong.
    old = system.OLDER["src/old_router.py"].encode()
    for variant, data in [("zip -u", old), ("edited", old + b"x = 1\n"), ("no byte", b"")]:
        yield "left-behind", "extra-file", variant, good | {"old_router.py": data}
    yield "unknown-module", "extra-file", "module", good | {"scratch.py": b"x = 1\n"}
    yield "unknown-module", "extra-file", "in a package", good | {"shop/scratch.py": b"x = 1\n"}
    yield "unknown-module", "extra-file", "folder", good | {"scratch/a.py": b"x = 1\n", "scratch/b.py": b"x = 1\n"}
    for path in ["tests/test_cache.py", "test_cache.py", "shop/tests/test_orders.py"]:
        yield "tests", "extra-file", path, good | {path: b"def test():\n    pass\n"}
    for path in [".env", "id_rsa", "shop/credentials"]:
        yield "secret-name", "extra-file", path, good | {path: b"PASSWORD=1\n"}
    for path, text in [("config/site.pem", KEY), ("notes.txt", f"token: {TOKEN}\n"), ("shop/data/k.json", json.dumps({"k": TOKEN}))]:
        yield "secret-content", "extra-file", path, good | {path: text.encode()}
    for path in [".git/config", ".git/objects/aa/bb", ".svn/entries"]:
        yield "version-control", "extra-file", path, good | {path: b"x\n"}
    for path in [".DS_Store", "node_modules/a/index.js", ".mypy_cache/x.json"]:
        yield "litter", "extra-file", path, good | {path: b"x\n"}
    # Bytecode.
    stamp = int(__import__("calendar").timegm(system.EPOCH + (0, 0, 0)))
    renamed = core.replace("def drop", "def dorp")
    for path, before, after in [("cache_core.py", "dropped", "kept"), ("gateway.py", "cache", "other"), ("shop/orders.py", "prices", "values")]:
        folder, name = path.rpartition("/")[::2]
        cached = f"{folder}/__pycache__/{name[:-3]}.{TAG}.pyc".lstrip("/")
        text = good[path].decode()
        yield "pyc-unchecked", "stale-bytecode", path, good | {cached: pyc(text.replace(before, after).encode(), flags=1)}
        other = text.replace("def ", "def x", 1)
        yield "pyc-same-time", "stale-bytecode", path, good | {cached: pyc(other.encode(), mtime=stamp, size=len(text))}
        old = pyc(text.encode(), magic=struct.pack("<H", 3394) + b"\r\n")
        yield "pyc-magic", "stale-bytecode", path, without(path) | {f"{path}c": old}
    # The wrong folder.
    for folder in ["src", "package", "build/lib"]:
        yield "misplaced", "misplaced-root", folder, {f"{folder}/{path}": data for path, data in good.items()}
    # Modules that hide others.
    for name in ["shop", "env", "admin"]:
        yield "module-beside-package", "shadowed-module", name, good | {f"{name}.py": b"orders = None\n"}
    for name in ["json", "logging", "types"]:
        yield "standard-name", "shadowed-module", name, good | {f"{name}.py": b"x = 1\n"}
    for name in ["shop", "env", "admin"]:
        yield "folder-as-file", "shadowed-module", name, without(f"{name}/__init__.py") | {f"{name}/__init__.py/x": b""}
    half = {"python/ns/other/more.py": b"x = 1\n"}
    yield "hidden-half", "shadowed-module", "added init", good | {"ns/__init__.py": b""}, [half]
    yield "hidden-half", "shadowed-module", "layer init", good, [{"python/ns/__init__.py": b"", **half}]
    yield "hidden-half", "shadowed-module", "both", good | {"ns/part/__init__.py": b""}, [{"python/ns/part/more.py": b"x = 1\n"}]
    for path in ["cache_core.py", "gateway.py", "shop/orders.py"]:
        yield "layer-differs", "shadowed-module", path, good, [{f"python/{path}": b"def get(key):\n    pass\n"}]
    for name in ["admin", "shop", "env"]:
        linked = [*without(name).items(), (entry(f"{name}/", 0o40755), b"")]
        yield "linked-folder", "shadowed-module", name, linked
    # Names, modes, storage.
    yield "case", "case-collision", "file", good | {"Cache_core.py": good["cache_core.py"]}
    yield "case", "case-collision", "folder", good | {"Shop/extra.py": b""}
    yield "case", "case-collision", "data", good | {"shop/data/Prices.json": b"{}"}
    for mode in [0o100600, 0o100640, 0o100000]:
        members = [(entry(path, mode if path == "cache_core.py" else 0o100644), data) for path, data in good.items()]
        yield "mode", "unreadable-mode", oct(mode), members
    yield "dot", "invisible-name", "./", {"./" + path: data for path, data in good.items()}
    for path in ["shop/orders.py", "admin/console.py", "env/settings.py"]:
        folder, name = path.split("/")
        for kind, stored in [("backslash", f"{folder}\\{name}"), ("double-slash", f"{folder}//{name}")]:
            yield kind, "invisible-name", path, [*without(path).items(), (entry(stored), good[path])]
        yield "link", "invisible-name", folder, [*without(folder).items(), (entry(folder, 0o120777), f"../{folder}".encode())]
    for path in ["gateway.py", "shop/orders.py"]:
        yield "dot", "invisible-name", path, [*without(path).items(), (entry(f"./{path}"), good[path])]
    yield "twice", "duplicate-entry", "other content", doubled("cache_core.py", renamed.encode())
    yield "twice", "duplicate-entry", "old first", [("cache_core.py", renamed.encode()), *good.items()]
    yield "twice", "duplicate-entry", "same content", doubled("cache_core.py", good["cache_core.py"])
    for name, data in [
        ("fast.cpython-39-x86_64-linux-gnu.so", elf()),
        (f"fast.{TAG}-darwin.so", b"\xcf\xfa\xed\xfe" + b"\0" * 64),
        ("fast.cp311-win_amd64.pyd", b"MZ" + b"\0" * 64),
        ("fast.so", b"not compiled"),
    ]:
        yield "foreign", "foreign-extension", name, good | {name: data}
    for method in [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]:
        members = [(entry(path, method=method), data) for path, data in good.items()]
        yield "compression", "unsupported-compression", str(method), members
    yield "compression", "unsupported-compression", "one member", [*without("env").items(), *((entry(path, method=zipfile.ZIP_LZMA), good[path]) for path in good if path.startswith("env/"))]
    # Distributions.
    for name, files in [("tea", ["tea/__init__.py", "tea/cup.py"]), ("ice", ["ice/__init__.py", "ice/a/b.py"]), ("mug", ["mug/__init__.py", "mug.py"])]:
        there = {f"{name}/__init__.py": b""}
        yield "record", "missing-dependency", name, good | dist(name, "1.0", files) | there
        yield "requires", "missing-dependency", name, good | dist(name, "1.0", files[:1], ["water>=1"]) | there
        wants = dist(name, "1.0", files[:1], ["water>=2; python_version >= '3.9'"])
        yield "other-version", "version-conflict", name, good | wants | dist("water", "1.5", ["water/__init__.py"]) | there | {"water/__init__.py": b""}
        yield "two-versions", "version-conflict", name, good | dist(name, "1.0", []) | dist(name, "2.0", files[:1]) | there
    # Limits, and what starts execution.
    layer = {"python/cup.py": b"x = 1\n"}
    for count in [6, 7, 9]:
        yield "too-many-layers", "over-limit", str(count), good, [layer] * count
    main = good["lambda_function.py"].decode()
    for variant, after in [("no parameter", "def lambda_handler()"), ("no context", "def lambda_handler(event)"), ("a third", "def lambda_handler(event, context, more)")]:
        changed = main.replace("def lambda_handler(event, context)", after)
        yield "handler", "missing-handler", variant, good | {"lambda_function.py": changed.encode()}


def intact():
    """Packages with nothing wrong, in the forms that packagers give them."""
    good = contents()
    yield "plain", good
    yield "reversed", dict(reversed(good.items()))
    yield "stored", [(entry(path, method=zipfile.ZIP_STORED), data) for path, data in good.items()]
    folders = sorted({path[: at + 1] for path in good for at, c in enumerate(path) if c == "/"})
    yield "folders", [*((entry(path, 0o40755), b"") for path in folders), *good.items()]
    dos = []
    for path, data in good.items():
        info = entry(path)
        info.create_system, info.external_attr = 0, 0x20
        dos.append((info, data))
    yield "made by DOS", dos
    yield "crlf", {path: data.replace(b"\n", b"\r\n") if path.endswith(".py") else data for path, data in good.items()}
    yield "old dates", [(entry(path, when=(1980, 1, 1, 0, 0, 0)), data) for path, data in good.items()]
    yield "bytecode", good | {f"__pycache__/{name}.{TAG}.pyc": pyc(good[f"{name}.py"], flags=1) for name in ["gateway", "cache_core"]}
    stamp = int(__import__("calendar").timegm(system.EPOCH + (0, 0, 0)))
    timed = pyc(good["gateway.py"], mtime=stamp, size=len(good["gateway.py"]))
    yield "timed bytecode", good | {f"__pycache__/gateway.{TAG}.pyc": timed}
    stale = pyc(b"x = 1\n", mtime=5, size=6)
    yield "bytecode that does not count", good | {f"__pycache__/gateway.{TAG}.pyc": stale, "__pycache__/gateway.cpython-38.pyc": stale}
    yield "needed only", {path: data for path, data in good.items() if path != "bin/warm.sh"}
    tea = {"tea/__init__.py": b"import json\n", "tea/tests/test_tea.py": b"", "bin/tea": b"#!/bin/sh\n"}
    yield "distribution", good | tea | dist("tea", "1.0", ["tea/__init__.py", "tea/tests/test_tea.py", "../../bin/tea"])
    met = ["water>=1,<2", "ice; python_version < '3'", "milk; extra == 'white'", "frost; sys_platform == 'win32'"]
    both = dist("tea", "1.0", ["tea/__init__.py"], met) | dist("water", "1.5", ["water/__init__.py"])
    yield "requirements met", good | both | {"tea/__init__.py": b"", "water/__init__.py": b""}
    named = {path: data for path, data in dist("Tea", "1.0", []).items() if not path.endswith("RECORD")}
    yield "no RECORD", good | named | {"tea/__init__.py": b"", "tea/cup.py": b"import tea.pot\n"}
    listed = named | {"Tea-1.0.dist-info/top_level.txt": b"pot\n"}
    yield "no RECORD, names listed", good | listed | {"pot.py": b"import nothing\n"}
    yield "executable", [(entry(path, 0o100755), data) for path, data in good.items()]
    yield "compiled", good | {f"fast.{TAG}-x86_64-linux-gnu.so": elf(), "fast.cpython-39-x86_64-linux-gnu.so": elf()}
    yield "sample environment", good | {".env.example": b"PASSWORD=\n"}
    yield "layer with core", {path: data for path, data in good.items() if path != "cache_core.py"}, [{"python/cache_core.py": good["cache_core.py"]}]
    yield "layer with namespace", {path: data for path, data in good.items() if not path.startswith("ns/")}, [{"python/ns/part/tools.py": good["ns/part/tools.py"]}]
    yield "layer of its own", good, [{"python/lib/python3.11/site-packages/cup.py": b"x = 1\n"}]
    yield "two layers", good, [{"python/a.py": b"x = 1\n"}, {"python/a.py": b"x = 2\n"}]
    yield "comment", good


def main(directory):
    directory = pathlib.Path(directory).resolve()
    system.make_tree(directory / "tree")
    found = []

    def make(name, members, layers, **told):
        path = directory / f"{name}.zip"
        pack(path, members)
        paths = []
        for number, layer in enumerate(layers):
            paths.append(directory / f"{name}.layer{number}.zip")
            pack(paths[-1], layer)
        runs = system.runs(path, paths, directory / "scratch")
        names = [layer.name for layer in paths]
        found.append({"package": path.name, "layers": names, "runs": runs, **told})

    third.make_tree(directory / "other-tree")
    broken = [("tree", it) for it in itertools.chain(cases(), second.cases(), third.cases())]
    broken += [("other-tree", it) for it in third.other_cases()]
    for number, (tree, (kind, rule, variant, members, *layers)) in enumerate(broken):
        make(f"broken{number:03}", members, *layers or [[]], tree=tree, kind=kind, rule=rule, variant=variant)
    whole = [("tree", it) for it in itertools.chain(intact(), third.intact())]
    whole += [("other-tree", it) for it in third.other_intact()]
    for number, (tree, (variant, members, *layers)) in enumerate(whole):
        make(f"intact{number:02}", members, *layers or [[]], tree=tree, kind="intact", rule=None, variant=variant)
    python = "{}.{}".format(*sys.version_info)
    json.dump({"python": python, "packages": found}, sys.stdout, indent=1)


if __name__ == "__main__":
    import warnings

    warnings.simplefilter("ignore")
    main(sys.argv[1])
