"""Makes packages with known defects of the system in `system.py`, and intact ones: `python3 make.py DIRECTORY`.

Prints JSON: the Python that ran them, and a list; each item names the package, its layers, the rule that should find the defect (none for intact ones), and whether CPython runs it.
"""

import importlib.util
import json
import marshal
import pathlib
import struct
import sys
import zipfile

import system
from system import contents, entry, pack

TAG = sys.implementation.cache_tag
KEY = "-----BEGIN {} KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQ\n-----END {} KEY-----\n".format("PRIVATE", "PRIVATE")
TOKEN = "gh" + "p_" + "Zk3vT9qLw2XcB7nMd5RfHs8JyPa1GuEo4iVt"


def pyc(source, flags=None, mtime=0, size=0, magic=importlib.util.MAGIC_NUMBER):
    code = marshal.dumps(compile(source, "x.py", "exec"))
    if flags is None:
        return magic + struct.pack("<III", 0, mtime, size) + code
    return magic + struct.pack("<I", flags) + importlib.util.source_hash(source) + code


def without(*names):
    return {path: data for path, data in contents().items() if not any(path == name or path.startswith(name + "/") for name in names)}


def elf(machine=62):
    return b"\x7fELF\x02\x01\x01" + b"\0" * 9 + struct.pack("<HH", 3, machine) + b"\0" * 64


def dist(name, version, files, requires=()):
    folder = f"{name}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n" + "".join(f"Requires-Dist: {it}\n" for it in requires)
    record = "".join(f"{path},,\n" for path in [*files, f"{folder}/METADATA", f"{folder}/RECORD"])
    return {f"{folder}/METADATA": metadata.encode(), f"{folder}/RECORD": record.encode()}


def doubled(path, data):
    return [*contents().items(), (path, data)]


def cases():
    """(kind, rule, variant, members) and optional layers, how."""
    good = contents()
    core = good["cache_core.py"].decode()
    # Files left out: imported, imported late, named in a table, data, a folder, half a namespace.
    for left_out in ["gateway.py", "shop/orders.py", "shop/__init__.py"]:
        yield "missing-import", "missing-file", left_out, without(left_out)
    for left_out in ["admin/console.py", "admin", "ns/part/tools.py"]:
        yield "missing-lazy", "missing-file", left_out, without(left_out)
    for left_out in ["interface_cache.py", "cache_core.py"]:
        yield "missing-routed", "missing-file", left_out, without(left_out)
    for left_out in ["shop/data/prices.json", "shop/data"]:
        yield "missing-data", "missing-file", left_out, without(left_out)
    yield "missing-env", "missing-file", "sam", without("env")
    yield "missing-folders", "missing-file", "flat glob", {path: data for path, data in good.items() if "/" not in path}
    yield "missing-entry", "missing-file", "handler", without("lambda_function.py")
    moved = without("cache_core.py") | {"elsewhere/cache_core.py": good["cache_core.py"]}
    yield "missing-moved", "missing-file", "moved", moved
    # Other contents.
    yield "stale-revision", "stale-file", "v1", good | {"cache_core.py": system.OLDER["src/cache_core.py"].encode()}
    yield "stale-edit", "stale-file", "edited", good | {"cache_core.py": core.replace("round", "square").encode()}
    yield "stale-data", "stale-file", "data", good | {"shop/data/prices.json": b'{"tea": 4}\n'}
    yield "stale-data", "stale-file", "script", good | {"bin/warm.sh": b"#!/bin/sh\nexit 1\n"}
    yield "broken-contract", "unexpected-keyword", "keyword", good | {"cache_core.py": core.replace("drop(key)", "drop(name)").encode()}
    yield "broken-contract", "missing-attribute", "name", good | {"cache_core.py": core.replace("def drop", "def dropped").encode()}
    # Cut.
    yield "cut-middle", "truncated-file", "half a line", good | {"cache_core.py": core[:60].encode()}
    yield "cut-clean", "truncated-file", "at a line", good | {"cache_core.py": core[: core.index("def shape")].encode()}
    yield "emptied", "truncated-file", "empty", good | {"cache_core.py": b"# nothing\n"}
    yield "pasted-over", "truncated-file", "other file", good | {"gateway.py": good["interface_cache.py"]}
    # What does not belong.
    yield "left-behind", "extra-file", "zip -u", good | {"old_router.py": system.OLDER["src/old_router.py"].encode()}
    yield "unknown-module", "extra-file", "module", good | {"scratch.py": b"x = 1\n"}
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
    cache = f"__pycache__/cache_core.{TAG}.pyc"
    yield "pyc-unchecked", "stale-bytecode", "unchecked", good | {cache: pyc(core.replace("dropped", "kept").encode(), flags=1)}
    stamp = int(__import__("calendar").timegm(system.EPOCH + (0, 0, 0)))
    renamed = core.replace("def drop", "def dorp")
    yield "pyc-same-time", "stale-bytecode", "same time", good | {cache: pyc(renamed.encode(), mtime=stamp, size=len(core))}
    old = pyc(core.encode(), magic=struct.pack("<H", 3394) + b"\r\n")
    yield "pyc-magic", "stale-bytecode", "magic", without("cache_core.py") | {"cache_core.pyc": old}
    # The wrong folder.
    for folder in ["src", "package", "build/lib"]:
        yield "misplaced", "misplaced-root", folder, {f"{folder}/{path}": data for path, data in good.items()}
    # Modules that hide others.
    yield "module-beside-package", "shadowed-module", "module", good | {"shop.py": b"orders = None\n"}
    for name in ["json", "logging", "types"]:
        yield "standard-name", "shadowed-module", name, good | {f"{name}.py": b"x = 1\n"}
    yield "folder-as-file", "shadowed-module", "init", without("shop/__init__.py") | {"shop/__init__.py/x": b""}
    half = {"python/ns/other/more.py": b"x = 1\n"}
    yield "hidden-half", "shadowed-module", "added init", good | {"ns/__init__.py": b""}, [half]
    yield "hidden-half", "shadowed-module", "layer init", good, [{"python/ns/__init__.py": b"", **half}]
    yield "layer-differs", "shadowed-module", "layer", good, [{"python/cache_core.py": b"def get(key):\n    pass\n"}]
    linked = [*without("admin").items(), (entry("admin/", 0o40755), b"")]
    yield "linked-folder", "shadowed-module", "empty entry", linked
    # Names, modes, storage.
    yield "case", "case-collision", "file", good | {"Cache_core.py": good["cache_core.py"]}
    yield "case", "case-collision", "folder", good | {"Shop/extra.py": b""}
    for mode in [0o100600, 0o100640, 0o100000]:
        members = [(entry(path, mode if path == "cache_core.py" else 0o100644), data) for path, data in good.items()]
        yield "mode", "unreadable-mode", oct(mode), members
    yield "backslash", "invisible-name", "backslash", [*without("shop/orders.py").items(), (entry("shop\\orders.py"), good["shop/orders.py"])]
    yield "dot", "invisible-name", "./", {"./" + path: data for path, data in good.items()}
    yield "double-slash", "invisible-name", "//", [*without("shop/orders.py").items(), (entry("shop//orders.py"), good["shop/orders.py"])]
    link = entry("admin", 0o120777)
    yield "link", "invisible-name", "link", [*without("admin").items(), (link, b"../admin")]
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
    # Distributions.
    yield "record", "missing-dependency", "files", good | dist("tea", "1.0", ["tea/__init__.py", "tea/cup.py"]) | {"tea/__init__.py": b""}
    yield "requires", "missing-dependency", "requires", good | dist("tea", "1.0", ["tea/__init__.py"], ["water>=1"]) | {"tea/__init__.py": b""}
    water = {"water/__init__.py": b"", "tea/__init__.py": b""}
    wants = dist("tea", "1.0", ["tea/__init__.py"], ["water>=2; python_version >= '3.9'"])
    yield "other-version", "version-conflict", "requires", good | wants | dist("water", "1.5", ["water/__init__.py"]) | water
    yield "two-versions", "version-conflict", "twice", good | dist("tea", "1.0", []) | dist("tea", "2.0", ["tea/__init__.py"]) | {"tea/__init__.py": b""}


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

    for number, (kind, rule, variant, members, *layers) in enumerate(cases()):
        make(f"broken{number:02}", members, *layers or [[]], kind=kind, rule=rule, variant=variant)
    for number, (variant, members, *layers) in enumerate(intact()):
        make(f"intact{number:02}", members, *layers or [[]], kind="intact", rule=None, variant=variant)
    python = "{}.{}".format(*sys.version_info)
    json.dump({"python": python, "packages": found}, sys.stdout, indent=1)


if __name__ == "__main__":
    import warnings

    warnings.simplefilter("ignore")
    main(sys.argv[1])
