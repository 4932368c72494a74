"""Defects that a second author made from the facts about packagers alone, without a look at the rules' code. The shape is that of `make.cases`."""

import io
import json
import zipfile

import system
from parts import TAG, dist, pyc, without
from system import contents, entry


def archive(**members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name, data in members.items():
            file.writestr(entry(name), data)
    return out.getvalue()


def cases():
    good = contents()
    core = good["cache_core.py"]
    # `compileall -b`, sources deleted, and the bytecode is of another revision: it runs.
    for path, source in [
        ("cache_core.py", system.OLDER["src/cache_core.py"].replace("key):", "key, default=None):", 1).encode()),
        ("shop/orders.py", good["shop/orders.py"].replace(b"'data'", b"'data', '.'")),
        ("env/settings.py", b"MODE = 'testing'\n"),
    ]:
        yield "sourceless-stale", "stale-bytecode", path, without(path) | {f"{path}c": pyc(source, size=len(source))}
    # A compiled module wins over the source beside it, and cannot be loaded.
    for name, data in [("cache_core.so", b"MZ" + b"\0" * 64), ("cache_core.abi3.so", b"not compiled"), (f"cache_core.{TAG}-x86_64-linux-gnu.so", b"")]:
        yield "compiled-over-source", "foreign-extension", name, good | {name: data}
    # Layers whose code lies where nothing looks for it.
    for folder in ["", f"lib/python{'{}.{}'.format(*__import__('sys').version_info)}/site-packages/", "Python/"]:
        yield "layer-root", "missing-file", folder or "top", without("cache_core.py"), [{f"{folder}cache_core.py": core}]
    for version in ["3.8", "3.9", "3"]:
        yield "layer-other-python", "missing-file", version, without("cache_core.py"), [{f"python/lib/python{version}/site-packages/cache_core.py": core}]
    # The package of the last deployment, a wheel, a backup.
    for path in ["deployment.zip", "dist/shop-1.0-py3-none-any.whl", "shop/data/old.zip"]:
        yield "archive-inside", "extra-file", path, good | {path: archive(**{"lambda_function.py": b"x = 1\n"})}
    # Editors and shells that write other encodings.
    for variant, data in [("UTF-16", core.decode().encode("utf-16")), ("a byte order mark in the middle", core.replace(b"def drop", "\ufeffdef drop".encode())), ("Latin-1", core + "# é\n".encode("latin-1"))]:
        yield "re-encoded", "stale-file", variant, good | {"cache_core.py": data}
    # Installed for another Python.
    tea = {"tea/__init__.py": b""}
    for wanted in [">=3.15", "<3.10", "==3.8.*"]:
        yield "other-python", "version-conflict", wanted, good | tea | dist("tea", "1.0", list(tea), headers=[f"Requires-Python: {wanted}"])
    # Modes that were lost on the way.
    for mode in [0o100644, 0o100444, 0o100640 | 0o004]:
        members = [(entry(path, mode if path == "bin/warm.sh" else 0o100644), data) for path, data in good.items()]
        yield "lost-executable", "unreadable-mode", oct(mode), members
    for mode in [0o40700, 0o40644, 0o40600]:
        yield "folder-mode", "unreadable-mode", oct(mode), [(entry("shop/", mode), b""), *good.items()]
    # `pip install -e`: the code stays on the machine that made the package.
    for folder in ["shop", "admin", "env"]:
        pth = {f"__editable__.{folder}-1.0.pth": b"/home/somebody/shop/src\n"}
        yield "editable", "missing-file", folder, without(folder) | pth | dist(folder, "1.0", list(pth))
    # What a full disk leaves: the size is right, the end is not.
    for variant, byte in [("zeros", b"\0"), ("blanks", b" "), ("newlines", b"\n")]:
        yield "padded", "truncated-file", variant, good | {"gateway.py": good["gateway.py"][:100].ljust(len(good["gateway.py"]), byte)}
    # Secrets of other tools.
    key = "-----BEGIN {} KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQ\n-----END {} KEY-----\n".format("PRIVATE", "PRIVATE")
    for path, text in [
        (".npmrc", "//registry.example.com/:_auth" + "Token=0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0\n"),
        ("shop/account.json", json.dumps({"type": "service_account", "private_key": key})),
        (".aws/credentials", "[default]\naws_secret_access_key = x\n"),
    ]:
        yield "secrets-of-tools", "extra-file", path, good | {path: text.encode()}
    # The dist-info of one version, the code of another one.
    for path in ["tea/__init__.py", "tea/cup.py", "tea/deep/pot.py"]:
        files = {"tea/__init__.py": b"", "tea/cup.py": b"size = 1\n", "tea/deep/pot.py": b"size = 9\n"}
        yield "other-code", "missing-dependency", path, good | dist("tea", "2.0", list(files), contents=files) | files | {path: b"size = 'of version 1'\n"}
    # One name for a file and a folder: what is unpacked first wins, and the other is lost.
    for name in ["shop", "env", "admin"]:
        yield "file-and-folder", "duplicate-entry", name, [(entry(name), b"x\n"), *good.items()]
