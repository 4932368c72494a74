#!/usr/bin/env bash
# The newest PyCG wheel ships the folder `PyCG`, and its own modules import `pycg`: it works on disks that ignore case only.
#
# What surprises: installation succeeds, the RECORD is in order, `import PyCG` works, and `PyCG.pycg` dies on Linux with "No
# module named 'pycg'". On a Mac or Windows disk the same files import. There is no console script either.
#
# Why it matters for a deploy: this is the classic package that is right on the desk and wrong in Lambda, in a released
# wheel. A check must compare names of modules by case on every machine it runs on (it may not ask the disk whether a path
# exists), and a name that differs by case alone from one that is there deserves to be named.
#
# Seen with: PyCG 0.0.8, CPython 3.11.7. Output seen: the text of `expected` below.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-deps \
    --target "$work/site" PyCG==0.0.8

# The disk of this machine may ignore case: what counts is read from RECORD, and the import is tried on the names in a zip,
# which never ignores case.
(cd "$work/site" && python3 -m zipfile -c "$work/site.zip" ./*)
cat > "$work/run.py" <<'PY'
import importlib
from importlib.metadata import distribution

found = distribution("PyCG")
print("PyCG", found.version)
print("folders:", sorted({path.parts[0] for path in found.files if path.suffix == ".py"}))
print("console scripts:", len(found.entry_points))
for name in ("PyCG", "PyCG.pycg", "pycg"):
    try:
        importlib.import_module(name)
        print(f"import {name}: works")
    except ModuleNotFoundError as problem:
        print(f"import {name}: {problem}")
PY

seen=$(PYTHONPATH="$work/site.zip" python3 "$work/run.py")
printf '%s\n' "$seen"
expected="PyCG 0.0.8
folders: ['PyCG']
console scripts: 0
import PyCG: works
import PyCG.pycg: No module named 'pycg'
import pycg: No module named 'pycg'"
[ "$seen" = "$expected" ] || { printf 'the behaviour changed; expected was:\n%s\n' "$expected" >&2; exit 1; }
