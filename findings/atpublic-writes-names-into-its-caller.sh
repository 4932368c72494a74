#!/usr/bin/env bash
# `public(Set=Array)` of atpublic puts a variable into the module that calls it, and takes it into `__all__`; its decorator, beside that, keeps plain variables away from a star import.
#
# What surprises: nothing in the module assigns `Set`. The function looks up its caller's frame and writes there. As it lists what it was given in `__all__`, the first
# use of it, on whatever class, closes the module for `from module import *`: variables that were assigned by hand before or after it, and names that the module imports,
# are no longer brought along, though no line of the module mentions `__all__`. A module that uses the decorator and one that does not export by other rules.
#
# Why it matters for a deploy: a checker that reads assignments reports `module.Set` as missing in hundreds of working places, and one that gives in and takes the module for
# open misses the name that a star import really lost. What a module exports depends on a call's keywords.
#
# Seen with: atpublic 9.0.0, CPython 3.11.7. Output seen: the text of `expected` below.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-deps \
    --target "$work/site" atpublic==9.0.0

cat > "$work/kinds.py" <<'PY'
import decimal

from public import public


@public
class Array:
    pass


plain = 1
public(Set=Array, decimal_kind=2)
PY
cat > "$work/open_kinds.py" <<'PY'
import decimal


class Array:
    pass


plain = 1
PY
cat > "$work/run.py" <<'PY'
from importlib.metadata import version

import kinds


def starred(module):
    names = {}
    exec(f"from {module} import *", names)
    return sorted(name for name in names if not name.startswith("__"))


print("atpublic", version("atpublic"))
print("kinds.Set is kinds.Array:", kinds.Set is kinds.Array)
print("in __all__:", kinds.__all__)
print("star import with it:", starred("kinds"))
print("star import without it:", starred("open_kinds"))
PY
cat > "$work/expected" <<'TEXT'
atpublic 9.0.0
kinds.Set is kinds.Array: True
in __all__: ['Array', 'Set', 'decimal_kind']
star import with it: ['Array', 'Set', 'decimal_kind']
star import without it: ['Array', 'decimal', 'plain']
TEXT
cd "$work"
PYTHONPATH="$work/site:$work" python3 -B run.py | tee "$work/seen"
diff "$work/expected" "$work/seen"
