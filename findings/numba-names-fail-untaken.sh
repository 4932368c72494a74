#!/usr/bin/env bash
# A name that is not defined is no NameError behind numba's `njit`: it is a TypingError, in a branch that is never taken too, and with a signature it rises at import.
#
# What surprises: a plain function with a misspelt name in a branch that nobody takes works. `@njit` makes each call of it fail, and
# `@njit("f8(f8)")` makes the import of its module fail, since the body is compiled there. What is raised is a
# `numba.core.errors.TypingError`, which `except NameError` does not catch. With NUMBA_DISABLE_JIT=1, as test suites set it for
# coverage, the same function fails as Python does, or works.
#
# Why it matters for a deploy: the tests that ran without the compiler say nothing of the import, and handlers for NameError do not help.
#
# Seen with: numba 0.62.1, llvmlite 0.45.1, numpy 2.3.5 on CPython 3.11. Output seen: the text of `expected` below.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv" > "$work/log" 2>&1
"$work/venv/bin/pip" install --quiet --disable-pip-version-check numba==0.62.1 llvmlite==0.45.1 numpy==2.3.5 >> "$work/log" 2>&1 \
    || { cat "$work/log" >&2; exit 1; }

cat > "$work/cases.py" <<'PY'
from numba import njit


def heavy(weight):
    if weight > 2.0:
        return weight + surcharge
    return weight


def attempt(label, make):
    when = "when it is decorated"
    try:
        made = make()
        when = "when it is called"
        made(1.0)
    except Exception as error:
        print(f"  {label}: {type(error).__name__} {when}, a NameError: {isinstance(error, NameError)}")
    else:
        print(f"  {label}: works")


attempt("plain", lambda: heavy)
attempt("@njit", lambda: njit(heavy))
attempt('@njit("f8(f8)")', lambda: njit("f8(f8)")(heavy))
PY

seen=$(
    echo "compiled:"
    "$work/venv/bin/python" "$work/cases.py"
    echo "NUMBA_DISABLE_JIT=1:"
    NUMBA_DISABLE_JIT=1 "$work/venv/bin/python" "$work/cases.py"
)
printf '%s\n' "$seen"
expected='compiled:
  plain: works
  @njit: TypingError when it is called, a NameError: False
  @njit("f8(f8)"): TypingError when it is decorated, a NameError: False
NUMBA_DISABLE_JIT=1:
  plain: works
  @njit: works
  @njit("f8(f8)"): works'
[ "$seen" = "$expected" ] || { echo "this changed" >&2; exit 1; }
