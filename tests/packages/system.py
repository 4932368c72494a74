"""A small gateway system with a history, and what it takes to make packages of it and to run them as a function's runtime does."""

import os
import pathlib
import shutil
import subprocess
import sys
import zipfile

FILES = {
    "src/lambda_function.py": """\
import gateway
from shop import orders


def lambda_handler(event, context):
    if event['what'] == 'admin':
        from admin import console
        return console.run()
    if event['what'] == 'price':
        return orders.price('tea')
    return gateway.execute(event['what'], event['operation'], key='k')


def all_of_it():
    lambda_handler({'what': 'admin'}, None)
    assert lambda_handler({'what': 'price'}, None) == 3
    assert lambda_handler({'what': 'cache', 'operation': 'get'}, None) == 'k'
    assert lambda_handler({'what': 'cache', 'operation': 'drop'}, None) == 'dropped'
""",
    "src/gateway.py": """\
import importlib

_ROUTERS = {'cache': ('interface_cache', 'run')}


def execute(interface, operation, **kwargs):
    module, function = _ROUTERS[interface]
    return getattr(importlib.import_module(module), function)(operation, **kwargs)
""",
    "src/interface_cache.py": """\
import cache_core

_OPERATIONS = {'get': cache_core.get, 'drop': cache_core.drop}


def run(operation, **kwargs):
    return _OPERATIONS[operation](**kwargs)
""",
    "src/cache_core.py": """\
# What the cache does.


def get(key, default=None):
    return key or default


def drop(key):
    return 'dropped'


def shape():
    return 'round'
""",
    "src/admin/__init__.py": "",
    "src/admin/console.py": """\
from ns.part import tools
from env import settings


def run():
    return tools.name() + settings.MODE
""",
    "src/shop/__init__.py": "",
    "src/shop/orders.py": """\
import json
import os

_HERE = os.path.dirname(os.path.abspath(__file__))


def price(what):
    with open(os.path.join(_HERE, 'data', 'prices.json')) as file:
        return json.load(file)[what]
""",
    "src/shop/data/prices.json": '{"tea": 3}\n',
    "src/ns/part/tools.py": "def name():\n    return 'tools'\n",
    "src/env/__init__.py": "",
    "src/env/settings.py": "MODE = 'production'\n",
    "src/bin/warm.sh": "#!/bin/sh\nexit 0\n",
    "tests/test_cache.py": "from cache_core import get\n\n\ndef test_get():\n    assert get('a') == 'a'\n",
    ".gitignore": "*.log\n",
    "README.md": "A shop.\n",
}
#: Before the last commit.
OLDER = {
    "src/cache_core.py": "def get(key):\n    return key\n\n\ndef drop(key):\n    return 'dropped'\n",
    "src/old_router.py": "def run():\n    return 'old'\n",
}
EPOCH = (2025, 11, 2, 12, 0, 0)


def git(tree, *arguments, day="2025-10-01"):
    dates = {f"GIT_{who}_DATE": f"{day}T12:00:00Z" for who in ("AUTHOR", "COMMITTER")}
    names = {f"GIT_{who}_{what}": "shop@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    environment = {**os.environ, **dates, **names, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    for name in ("GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"):
        environment.pop(name, None)
    subprocess.run(["git", "-C", str(tree), *arguments], check=True, env=environment, stdout=subprocess.DEVNULL)


def write(tree, files):
    for path, text in files.items():
        path = tree / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def make_tree(tree):
    """The system in a repository: version 1 has OLDER, version 2 is FILES."""
    write(tree, {**FILES, **OLDER})
    git(tree, "init", "-q", "-b", "main")
    git(tree, "add", "-A")
    git(tree, "commit", "-q", "-m", "first")
    git(tree, "tag", "v1.0")
    write(tree, FILES)
    (tree / "src/old_router.py").unlink()
    (tree / "src/bin/warm.sh").chmod(0o755)
    git(tree, "add", "-A")
    git(tree, "commit", "-q", "-m", "second", day="2025-11-02")


def contents():
    """What a good package holds: by path, bytes."""
    inside = {path[4:]: text.encode() for path, text in FILES.items() if path.startswith("src/")}
    return inside


def entry(name, mode=None, method=zipfile.ZIP_DEFLATED, when=EPOCH):
    info = zipfile.ZipInfo(name, when)
    usual = 0o100755 if name.endswith(".sh") else 0o100644
    info.external_attr = (usual if mode is None else mode) << 16
    info.create_system = 3
    info.compress_type = method
    return info


def pack(path, members, **how):
    """Writes a zip; `members` is a dict, or pairs of entry or name and bytes."""
    pairs = members.items() if isinstance(members, dict) else members
    with zipfile.ZipFile(path, "w") as out:
        for name, data in pairs:
            info = name if isinstance(name, zipfile.ZipInfo) else entry(name, **how)
            out.writestr(info, data, compress_type=info.compress_type)


RUN = """
import sys
sys.path[:0] = sys.argv[1:]
sys.dont_write_bytecode = True
import lambda_function
lambda_function.all_of_it()
"""


def runs(package, layers, scratch):
    """Whether the handler can be imported and all its routes be called, unpacked as a runtime does it."""
    shutil.rmtree(scratch, ignore_errors=True)
    task, opt = scratch / "task", scratch / "opt"
    opt.mkdir(parents=True)
    for where, source in [(task, package), *((opt, layer) for layer in layers)]:
        if source.is_dir():
            shutil.copytree(source, where, dirs_exist_ok=True, symlinks=True)
            continue
        if subprocess.run(["unzip", "-qo", source, "-d", where], capture_output=True).returncode > 1:
            return False
    site = opt / "python/lib/python{}.{}/site-packages".format(*sys.version_info)
    command = [sys.executable, "-I", "-c", RUN, str(task), str(site), str(opt / "python")]
    if os.geteuid() == 0:
        # The function is not the owner of its files.
        for found in pathlib.Path(scratch).rglob("*"):
            if not found.is_symlink() and found.is_file() and not found.stat().st_mode & 0o004:
                return False
    return subprocess.run(command, capture_output=True, cwd=scratch).returncode == 0
