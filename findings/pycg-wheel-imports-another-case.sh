#!/usr/bin/env bash
# The newest PyCG wheel ships the folder `PyCG`, and its own modules import `pycg`.
#
# What surprises: installation succeeds, the RECORD is in order, `import PyCG` works, and `import PyCG.pycg` dies with "No module
# named 'pycg'". There is no console script. Nothing that installs, locks or audits notices.
#
# Why it matters for a deploy: a distribution that is there, whole and pinned need not be able to import itself. Python
# compares the case of module names on every platform (PEP 235), while a disk may not: whoever asks the disk whether
# pycg/__init__.py exists is told yes on some machines. A missing module whose name differs by case alone from one that is
# there deserves to be told so.
#
# Seen with: PyCG 0.0.8, CPython 3.11.7. Output seen: the text of `expected` below.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-deps \
    --target "$work/site" PyCG==0.0.8

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

seen=$(PYTHONPATH="$work/site" python3 "$work/run.py")
printf '%s\n' "$seen"
expected="PyCG 0.0.8
folders: ['PyCG']
console scripts: 0
import PyCG: works
import PyCG.pycg: No module named 'pycg'
import pycg: No module named 'pycg'"
[ "$seen" = "$expected" ] || { printf 'the behaviour changed; expected was:\n%s\n' "$expected" >&2; exit 1; }
