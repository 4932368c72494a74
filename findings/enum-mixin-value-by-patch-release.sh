#!/usr/bin/env bash
# What `.value` of an Enum over a class of one's own is depends on the patch release of Python: an instance in 3.11.3, what was written in 3.12.7.
#
# What surprises: `class Kinds(Kind, Enum): SMALL = "s", 2` works in both and `Kinds.SMALL.short` reads the same. Where Kind only
# has an `__init__`, `Kinds.SMALL.value` is a Kind in 3.11.3 and the tuple `("s", 2)` in 3.12.7. Over a dataclass it is an
# instance in both, over a class with `__new__` too. The library reference tells of dataclass support "from 3.12 on".
#
# Why it matters for a deploy: the image of a function's runtime is patched, no file changes, and `.value[0]` or `.value.short`
# fails.
#
# Seen with: CPython 3.11.3, 3.12.7, as packed in pyodide 0.25.1, 0.27.7; node 20. Output seen: the text of `expected` below.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$work" py311@npm:pyodide@0.25.1 py312@npm:pyodide@0.27.7 \
    > "$work/npm.log" 2>&1 || { cat "$work/npm.log" >&2; exit 1; }

cat > "$work/cases.py" <<'PY'
import enum
import sys
from dataclasses import dataclass


@dataclass
class Kind:
    short: str
    weight: int = 1


class Plain:
    def __init__(self, short, weight=1):
        self.short = short


class Made:
    def __new__(cls, short, weight=1):
        made = object.__new__(cls)
        made.short = short
        return made


results = ["CPython " + sys.version.split()[0]]
for base in (Kind, Plain, Made):
    members = enum.Enum("Members", {"SMALL": ("s", 2)}, type=base)
    small = members.SMALL
    results.append(f"  over {base.__name__}: {type(small.value).__name__}, {small.short}")
"\n".join(results)
PY
cat > "$work/run.mjs" <<'JS'
import fs from 'node:fs';
import path from 'node:path';
const [work, name] = process.argv.slice(2);
const { loadPyodide } = await import(path.join(work, 'node_modules', name, 'pyodide.mjs'));
const python = await loadPyodide();
console.log(python.runPython(fs.readFileSync(path.join(work, 'cases.py'), 'utf8')));
JS

seen=$(for name in py311 py312; do node "$work/run.mjs" "$work" "$name"; done)
printf '%s\n' "$seen"
expected="CPython 3.11.3
  over Kind: Kind, s
  over Plain: Plain, s
  over Made: Made, s
CPython 3.12.7
  over Kind: Kind, s
  over Plain: tuple, s
  over Made: Made, s"
[ "$seen" = "$expected" ] || { echo "this changed" >&2; exit 1; }
