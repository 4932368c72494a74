"""Defects by a third author, who wrote them from the facts about packagers and the issue's text before looking at any rule. The shape is that of `make.cases`.

Some are of a system of its own, which names its parts in other ways: `SYSTEM`.
"""

import json
import sys

import system
from parts import TAG, dist, doubled, elf, pyc, without
from system import contents, entry

SITE = "python/lib/python{}.{}/site-packages".format(*sys.version_info)

#: Data and modules by other ways than those of `system.FILES`.
SYSTEM = {
    "src/lambda_function.py": """\
import importlib
import pkgutil
import runpy
from pathlib import Path

import tools
from shop import words

_HERE = Path(__file__).parent
_STEPS = {'parse': 'steps.parse:run', 'store': 'steps.store:run'}


def lambda_handler(event, context):
    what = event['what']
    if what == 'step':
        return pkgutil.resolve_name(_STEPS[event['step']])()
    if what == 'rates':
        return (_HERE / 'data' / 'rates.csv').read_text()
    if what == 'schema':
        return (_HERE / 'schema.json').open().read()
    if what == 'job':
        return runpy.run_module('nightly')['RESULT']
    if what == 'words':
        return words.greeting() + words.farewell() + words.motto()
    return tools.late()


def all_of_it():
    lambda_handler({'what': 'tools'}, None)
    for step in _STEPS:
        lambda_handler({'what': 'step', 'step': step}, None)
    for what in ['rates', 'schema', 'job', 'words']:
        lambda_handler({'what': what}, None)
""",
    "src/tools/__init__.py": """\
import importlib


def __getattr__(name):
    if name == 'late':
        return importlib.import_module('.later', __name__).late
    raise AttributeError(name)
""",
    "src/tools/later.py": """\
from . import deep


def late():
    return deep.NUMBER
""",
    "src/tools/deep.py": "NUMBER = 3\n",
    "src/steps/__init__.py": "",
    "src/steps/parse.py": "def run():\n    return 'parsed'\n",
    "src/steps/store.py": "def run():\n    __import__('steps.disk')\n    return 'stored'\n",
    "src/steps/disk.py": "SIZE = 1\n",
    "src/nightly.py": "RESULT = 'done'\n",
    "src/shop/__init__.py": "",
    "src/shop/words.py": """\
import pkgutil
from importlib import resources
from pathlib import Path


def greeting():
    return Path(__file__).with_name('greeting.txt').read_text()


def farewell():
    return resources.files('shop').joinpath('farewell.txt').read_text()


def motto():
    return pkgutil.get_data('shop', 'motto.txt').decode()
""",
    "src/shop/greeting.txt": "hello\n",
    "src/shop/farewell.txt": "bye\n",
    "src/shop/motto.txt": "tea\n",
    "src/data/rates.csv": "a,b\n",
    "src/schema.json": "{}\n",
    ".gitignore": "*.csv\n",
}


def others():
    """What a good package of `SYSTEM` holds."""
    return {path[4:]: text.encode() for path, text in SYSTEM.items() if path.startswith("src/")}


def make_tree(tree):
    system.write(tree, SYSTEM)
    system.git(tree, "init", "-q", "-b", "main")
    system.git(tree, "add", "-Af")
    system.git(tree, "commit", "-q", "-m", "first")


def lacking(*names):
    return {path: data for path, data in others().items() if path not in names}


def other_cases():
    """Of `SYSTEM`."""
    for path in ["data/rates.csv", "schema.json", "shop/greeting.txt"]:
        yield "data-by-pathlib", "missing-file", path, lacking(path)
    for path in ["shop/farewell.txt", "shop/motto.txt"]:
        yield "data-of-a-package", "missing-file", path, lacking(path)
    yield "data-of-a-package", "missing-file", "both", lacking("shop/farewell.txt", "shop/motto.txt")
    for path in ["tools/later.py", "tools/deep.py", "nightly.py"]:
        yield "asked-for-late", "missing-file", path, lacking(path)
    for path in ["steps/parse.py", "steps/store.py", "steps/disk.py"]:
        yield "named-in-a-text", "missing-file", path, lacking(path)


def cases():
    good = contents()
    core = good["cache_core.py"]
    older = system.OLDER["src/cache_core.py"].encode()
    # A later layer is unpacked over an earlier one; of one layer `site-packages` comes first.
    for variant, layers in [
        ("a later layer", [{"python/cache_core.py": core}, {"python/cache_core.py": older}]),
        ("site-packages of a layer", [{"python/cache_core.py": core, f"{SITE}/cache_core.py": older}]),
        ("site-packages of another layer", [{f"{SITE}/cache_core.py": older}, {"python/cache_core.py": core}]),
    ]:
        yield "layer-over-layer", "stale-file", variant, without("cache_core.py"), layers
    # A standard module's name in a layer comes before the standard library all the same.
    for name in ["queue.py", "email/__init__.py", "logging.py"]:
        yield "standard-name-in-layer", "shadowed-module", name, good, [{f"python/{name}": b"x = 1\n"}]
    # Only `__pycache__` is left of a module: nothing loads that.
    for path in ["cache_core.py", "shop/orders.py", "env/settings.py"]:
        folder, name = path.rpartition("/")[::2]
        cached = f"{folder}/__pycache__/{name[:-3]}.{TAG}.pyc".lstrip("/")
        yield "cache-without-source", "missing-file", path, without(path) | {cached: pyc(good[path], flags=1)}
    # Names that a download, an editor or another system makes.
    for name in ["cache_core (1).py", "cache_core.PY", "cache_core.py.txt", "cache_core.py ", "cache-core.py"]:
        yield "renamed", "missing-file", name, without("cache_core.py") | {name: core}
    # What a merge, Git LFS or a download leave in a file's place.
    conflict = core.replace(b"def drop(key):\n", b"<<<<<<< HEAD\ndef drop(key):\n=======\ndef drop(name):\n>>>>>>> topic\n")
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"4" * 64 + b"\nsize 12\n"
    page = b"<!DOCTYPE html>\n<html><body>404: Not Found</body></html>\n"
    for variant, rule, path, data in [
        ("conflict", "stale-file", "cache_core.py", conflict),
        ("pointer", "stale-file", "shop/data/prices.json", pointer),
        ("page", "truncated-file", "gateway.py", page),
    ]:
        yield "other-in-its-place", rule, variant, good | {path: data}
    # Two members that unpack to one file.
    renamed = core.replace(b"def drop", b"def dorp")
    for name in ["./cache_core.py", ".//cache_core.py", "/cache_core.py"]:
        yield "twice-by-another-name", "duplicate-entry", name, doubled(name, renamed)
    # Compiled for another C library, another interpreter, another build.
    for tag in ["cpython-{}{}-x86_64-linux-musl".format(*sys.version_info), "pypy310-pp73-x86_64-linux-gnu", "cpython-{}{}d-x86_64-linux-gnu".format(*sys.version_info)]:
        yield "foreign-flavour", "foreign-extension", tag, good | {f"tea/_cup.{tag}.so": elf(), "tea/__init__.py": b""}
    # No processor runs both.
    for variant, members, layers in [
        ("machine", {"a.abi3.so": elf(62), "b.abi3.so": elf(183)}, []),
        ("tag", {f"a.{TAG}-x86_64-linux-gnu.so": elf(62), f"b.{TAG}-aarch64-linux-gnu.so": elf(183)}, []),
        ("layer", {"a.abi3.so": elf(62)}, [{"python/b.abi3.so": elf(183)}]),
    ]:
        yield "two-processors", "foreign-extension", variant, good | members, layers or [{}]
    # One distribution under two spellings.
    for first, other in [("tea_pot", "tea-pot"), ("tea.pot", "tea_pot"), ("Tea_Pot", "tea_pot")]:
        yield "two-spellings", "version-conflict", f"{first} {other}", good | dist(first, "1.0", []) | dist(other, "2.0", ["tea_pot.py"]) | {"tea_pot.py": b""}
    # Halves of a namespace that a second run of an installer replaced.
    for path in ["google/cloud/storage/__init__.py", "google/cloud/storage/blob.py", f"google/cloud/_fast.{TAG}-x86_64-linux-gnu.so"]:
        there = {"google/cloud/pubsub/__init__.py": b"", "google/cloud/storage/client.py": b""}
        files = [path, "google/cloud/storage/client.py"]
        yield "namespace-half", "missing-dependency", path, good | there | dist("gc_storage", "1.0", files) | dist("gc_pubsub", "1.0", ["google/cloud/pubsub/__init__.py"])
    # Requirements whose marker holds where the function runs, wherever it is packed.
    for wants in ["water; sys_platform == 'linux'", "water[hot]>=1 ; platform_system != 'Windows' and implementation_name == 'cpython'", "water @ https://example.com/water-1.0-py3-none-any.whl ; os_name == 'posix'"]:
        yield "marker-holds", "missing-dependency", wants, good | dist("tea", "1.0", ["tea/__init__.py"], [wants]) | {"tea/__init__.py": b""}
    # Secrets.
    for path in [".env.production", ".netrc", ".pypirc"]:
        yield "secret-files", "extra-file", path, good | {path: b"machine example.com login a password b\n"}
    for variant, path, text in [
        ("chat", "shop/notify.cfg", "token = xox" + "b-123456789012-1234567890123-AbCdEfGhIjKlMnOpQrStUvWx\n"),
        ("payments", "config.json", json.dumps({"key": "sk_" + "live_" + "51H8xYzAbCdEfGhIjKlMnOpQr"})),
        ("cloud", "settings.ini", "aws_access_key_id = AKIA" + "Z7QX3LMN5PRT2VWY\naws_secret_access_key = " + "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzTESTKEYa\n"),
    ]:
        yield "secret-texts", "extra-file", variant, good | {path: text.encode()}
    # Environments and other tools' folders.
    for path in [".venv/pyvenv.cfg", ".aws-sam/build.toml", ".terraform/providers/x", ".pytest_cache/README.md", ".idea/workspace.xml"]:
        yield "folders-of-tools", "extra-file", path, good | {path: b"x\n"}
    # Past what the runtime takes.
    large = 130 * 1024 * 1024
    yield "too-large", "over-limit", "unpacked", good | {"model.bin": bytes(2 * large)}
    yield "too-large", "over-limit", "with a layer", good | {"model.bin": bytes(large)}, [{"python/model.bin": bytes(large)}]
    stored = [*good.items(), (entry("model.bin", method=0), bytes(51 * 1024 * 1024))]
    yield "too-large", "over-limit", "to upload", stored
    # The code of the last deployment beside today's.
    for folder in ["src", "build/lib", "package"]:
        yield "twice-packed", "extra-file", folder, good | {f"{folder}/{path}": data for path, data in good.items() if path.count("/") == 0}


def intact():
    good = contents()
    checked = pyc(b"x = 1\n", flags=3)
    yield "bytecode that is checked", good | {f"__pycache__/gateway.{TAG}.pyc": checked}
    yield "folder called like a standard module", good | {"json/notes.txt": b"x\n"}
    yield "what the runtime brings", good | dist("tea", "1.0", ["tea/__init__.py"], ["boto3>=1.20"]) | {"tea/__init__.py": b"import boto3\n"}
    yield "layers that agree", without("cache_core.py"), [{"python/cache_core.py": good["cache_core.py"]}, {f"{SITE}/cache_core.py": good["cache_core.py"]}]
    yield "two spellings of one version", good | dist("tea_pot", "1.0", ["tea_pot.py"]) | {"tea_pot.py": b""}


def other_intact():
    yield "of the other system", others()
    yield "of the other system, with folders", [(entry("shop/", 0o40755), b""), *others().items()]
