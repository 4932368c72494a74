#!/usr/bin/env bash
# From Python 3.14 on a bad annotation no longer stops the import, but under singledispatch.register it does, as a TypeError.
#
# What surprises: 3.14 evaluates annotations when somebody asks. `@show.register` asks, at import: where the annotation of the
# first parameter names what is not there, the import dies up to 3.13 with the NameError or AttributeError of the def, from
# 3.14 on with a TypeError, so `except NameError` no longer helps. A bad *return* annotation is the other way round: up to 3.13
# it kills the import even under `from __future__ import annotations`, since register evaluates all of them; from 3.14 on it
# is ignored. NamedTuple, TypedDict, dataclass and Protocol ask nothing that fails in 3.14.
#
# Why it matters for a deploy: a class is renamed, one file is shipped. Whether the other file still imports depends on the
# runtime's version and on a decorator, not on the annotation alone.
#
# Seen with: CPython 3.11.3, 3.12.7, 3.13.2, 3.14.2, 3.15.0rc1, as packed in pyodide 0.25.1, 0.27.7, 0.29.5, 314.0.7 and
# 315.0.0-alpha.2; node 20. Output seen: the text of `expected` below.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$work" py311@npm:pyodide@0.25.1 py312@npm:pyodide@0.27.7 \
    py313@npm:pyodide@0.29.5 py314@npm:pyodide@314.0.7 py315@npm:pyodide@315.0.0-alpha.2 > "$work/npm.log" 2>&1 \
    || { cat "$work/npm.log" >&2; exit 1; }

cat > "$work/cases.py" <<'PY'
import sys

DISPATCH = "import functools\n@functools.singledispatch\ndef show(value): ...\n@show.register\n"
CASES = {
    "def": "def show(value: Gone): ...\n",
    "register": DISPATCH + "def _(value: Gone): ...\n",
    "register, future": "from __future__ import annotations\n" + DISPATCH + "def _(value: Gone): ...\n",
    "returns": DISPATCH + "def _(value: int) -> Gone: ...\n",
    "returns, future": "from __future__ import annotations\n" + DISPATCH + "def _(value: int) -> Gone: ...\n",
    "NamedTuple": "import typing\nclass Row(typing.NamedTuple):\n    key: Gone\n",
    "dataclass": "import dataclasses\n@dataclasses.dataclass\nclass Row:\n    key: Gone\n",
}
results = []
for label, text in CASES.items():
    try:
        exec(compile(text, "case", "exec", dont_inherit=True), {"__name__": "case"})
        results.append(f"{label}: imports")
    except Exception as problem:
        results.append(f"{label}: {type(problem).__name__}")
"\n".join(["CPython " + sys.version.split()[0], *("  " + line for line in results)])
PY
cat > "$work/run.mjs" <<'JS'
import fs from 'node:fs';
import path from 'node:path';
const [work, name] = process.argv.slice(2);
const { loadPyodide } = await import(path.join(work, 'node_modules', name, 'pyodide.mjs'));
const python = await loadPyodide();
console.log(python.runPython(fs.readFileSync(path.join(work, 'cases.py'), 'utf8')));
JS

seen=$(for name in py311 py312 py313 py314 py315; do node "$work/run.mjs" "$work" "$name"; done)
printf '%s\n' "$seen"
early="  def: NameError
  register: NameError
  register, future: NameError
  returns: NameError
  returns, future: NameError
  NamedTuple: NameError
  dataclass: NameError"
late="  def: imports
  register: TypeError
  register, future: TypeError
  returns: imports
  returns, future: imports
  NamedTuple: imports
  dataclass: imports"
expected="CPython 3.11.3
$early
CPython 3.12.7
$early
CPython 3.13.2
$early
CPython 3.14.2
$late
CPython 3.15.0rc1
$late"
[ "$seen" = "$expected" ] || { printf 'the behaviour changed; expected was:\n%s\n' "$expected" >&2; exit 1; }
