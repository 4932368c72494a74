#!/usr/bin/env bash
# griffe's list of breaking changes knows the constructor of a standard dataclass, and of no other class that is made of fields.
#
# What surprises: the same edit, a required field put first, is two breakages for a dataclass and none for a NamedTuple,
# for attrs, and for classes under typing.dataclass_transform, which is the standard's own way to say
# "this makes a constructor". Among functions: replacing **options by the keyword-only parameter that callers used is called a
# breakage, while a function that begins to forward one keyword more, or becomes async, is none; and where a function is
# defined in both arms of an `if`, a change in one arm goes unseen.
#
# Why it matters for a deploy: "no breaking change" from an API comparison is no answer to "may this file go alone". The
# change that stops the program is in what a body sends on, and in constructors that nobody wrote.
#
# Seen with: griffelib 2.4.1, CPython 3.11.7. Output seen: the text of `expected` below.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-deps \
    --target "$work/site" griffelib==2.4.1

cat > "$work/run.py" <<'PY'
import pathlib
import sys
from importlib.metadata import version

import griffe

FIELDS = {
    "dataclass": "from dataclasses import dataclass\n@dataclass\nclass Order:\n",
    "NamedTuple": "from typing import NamedTuple\nclass Order(NamedTuple):\n",
    "attrs": "from attrs import define\n@define\nclass Order:\n",
    "dataclass_transform": (
        "from typing import dataclass_transform\n"
        "@dataclass_transform()\ndef model(made):\n    return made\n@model\nclass Order:\n"
    ),
}
FUNCTIONS = {
    "**options to the keyword that is used": (
        "def get(key, **options): ...\n", "def get(key, *, timeout=3): ...\n"),
    "forwards one keyword more": (
        "def send(**all): ...\ndef get(**all):\n    return send(**all)\n",
        "def send(**all): ...\ndef get(**all):\n    return send(timeout=3, **all)\n"),
    "becomes async": ("def get(key): ...\n", "async def get(key): ...\n"),
    "required parameter, one arm": (
        "import os\nif os.sep:\n    def get(key): ...\nelse:\n    def get(key): ...\n",
        "import os\nif os.sep:\n    def get(key, owner): ...\nelse:\n    def get(key): ...\n"),
}
work = pathlib.Path(sys.argv[1])


def load(name, text):
    (work / name).mkdir(exist_ok=True)
    (work / name / "shop.py").write_text(text)
    return griffe.load("shop", search_paths=[work / name])


def compare(label, old, new):
    found = griffe.find_breaking_changes(load("old", old), load("new", new))
    print(f"{label}:", sorted({breakage.kind.name for breakage in found}))


print("griffelib", version("griffelib"))
for label, head in FIELDS.items():
    compare(label, head + "    key: int\n", head + "    owner: int\n    key: int\n")
for label, (old, new) in FUNCTIONS.items():
    compare(label, old, new)
PY

seen=$(PYTHONPATH="$work/site" python3 "$work/run.py" "$work")
printf '%s\n' "$seen"
expected="griffelib 2.4.1
dataclass: ['PARAMETER_ADDED_REQUIRED', 'PARAMETER_MOVED']
NamedTuple: []
attrs: []
dataclass_transform: []
**options to the keyword that is used: ['PARAMETER_REMOVED']
forwards one keyword more: []
becomes async: []
required parameter, one arm: []"
[ "$seen" = "$expected" ] || { printf 'the behaviour changed; expected was:\n%s\n' "$expected" >&2; exit 1; }
