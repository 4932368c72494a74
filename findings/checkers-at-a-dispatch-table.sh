#!/usr/bin/env bash
# Six checkers, one table of functions, four verdicts; the call that works is an error to three of the six.
#
# What surprises: for `TABLE = {"get": get, "set": set_, "flush": flush}`, functions of different shapes, ty and zuban judge
# `TABLE["set"]("k", 3)` by every function of the table and report the call that works; mypy cannot call the table's values
# at all; pyright is silent about right and wrong calls; pyrefly and pylint follow the key, but pyrefly without a configuration
# reports the wrong keyword and not the surplus argument. None sees the key that is not there (the three that are red on that
# line speak of the call, not of the key), nor the wrong keyword that goes through a router with **kwargs.
#
# Why it matters for a deploy: "the type checker is green" says nothing about a dispatch table, and "it is red" does not
# either. A verdict needs the value under the key, through the router, as at run time.
#
# Seen with: ty 0.0.108, zuban 0.10.2, mypy 2.4.1, pyright 1.1.414, pyrefly 1.5.0, pylint 4.1.4; CPython 3.11.7, node 20.
# Output seen: the text of `expected` below, E an error on that line, - none.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check \
    ty==0.0.108 zuban==0.10.2 mypy==2.4.1 pyrefly==1.5.0 pylint==4.1.4 astroid==4.3.4
npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$work/node" pyright@1.1.414 > "$work/npm.log" 2>&1 \
    || { cat "$work/npm.log" >&2; exit 1; }

mkdir "$work/tree"
cat > "$work/tree/shop.py" <<'PY'
"""A table of functions, and calls through it."""


def get(key: str) -> str:
    """Take one argument."""
    return key


def set_(key: str, value: int) -> str:
    """Take two."""
    return key * value


def flush() -> int:
    """Take none."""
    return 1


TABLE = {"get": get, "set": set_, "flush": flush}


class Router:
    """Holds the same table as an attribute."""

    table = {"get": get, "set": set_}


def route(operation, **kwargs):
    """Call what the table says."""
    return TABLE[operation](**kwargs)


def calls() -> None:
    """Call what works and what fails."""
    TABLE["set"]("k", 3)  # right
    TABLE["get"](key="k", timeout=3)  # wrong-keyword
    TABLE["get"]("k", 3)  # surplus-argument
    Router.table["set"]("k", 3)  # right-in-class
    Router.table["get"](key="k", timeout=3)  # wrong-in-class
    TABLE["gone"]()  # no-such-key
    route("get", key="k", timeout=3)  # wrong-through-router
PY

cd "$work/tree"
export PATH="$work/venv/bin:$PATH"
# Each checker ends with a status of its own; its text is what counts.
{ ty check --output-format concise shop.py || true; } > "$work/ty.txt" 2>&1
{ zuban check shop.py || true; } > "$work/zuban.txt" 2>&1
{ mypy --cache-dir "$work/cache" shop.py || true; } > "$work/mypy.txt" 2>&1
pyright="$work/node/node_modules/pyright"
{ node "$pyright/index.js" --pythonpath "$work/venv/bin/python" shop.py || true; } > "$work/pyright.txt" 2>&1
{ pyrefly check --output-format min-text shop.py || true; } > "$work/pyrefly.txt" 2>&1
{ pylint --errors-only shop.py || true; } > "$work/pylint.txt" 2>&1

seen=$(
    for distribution in ty zuban mypy pyrefly pylint; do
        "$work/venv/bin/python" -c "from importlib.metadata import version as v; print('$distribution', v('$distribution'))"
    done
    node -p '"pyright " + require(process.argv[1]).version' "$pyright/package.json"
    "$work/venv/bin/python" - "$work" <<'PY'
import pathlib
import re
import sys

work = pathlib.Path(sys.argv[1])
marked = {}
for number, line in enumerate((work / "tree/shop.py").read_text().splitlines(), 1):
    if found := re.search(r"\)  # ([a-z-]+)$", line):
        marked[number] = found[1]
checkers = ["ty", "zuban", "mypy", "pyright", "pyrefly", "pylint"]
print(" ".join(checkers))
reported = {}
for name in checkers:
    text = (work / f"{name}.txt").read_text()
    errors = [line for line in text.splitlines() if re.search(r"(?i:error)|: E\d{4}:", line)]
    reported[name] = {int(at) for line in errors for at in re.findall(r"shop\.py:(\d+):", line)}
for number, label in marked.items():
    print(" ".join("E" if number in reported[name] else "-" for name in checkers), label)
PY
)
printf '%s\n' "$seen"
expected="ty 0.0.108
zuban 0.10.2
mypy 2.4.1
pyrefly 1.5.0
pylint 4.1.4
pyright 1.1.414
ty zuban mypy pyright pyrefly pylint
E E E - - - right
E E E - E E wrong-keyword
E E E - - E surplus-argument
E E E - - - right-in-class
E E E - E E wrong-in-class
E E E - - - no-such-key
- - - - - - wrong-through-router"
[ "$seen" = "$expected" ] || { printf 'the behaviour changed; expected was:\n%s\n' "$expected" >&2; exit 1; }
