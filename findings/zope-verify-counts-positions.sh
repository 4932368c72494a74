#!/usr/bin/env bash
# zope.interface's verifyClass compares numbers of positional parameters, and nothing else of a signature.
#
# What surprises: an implementation with a required keyword-only parameter, with other parameter names, or with
# positional-only ones, is said to keep the contract; each dies at the first call that is written as the interface says. An
# implementation that takes an optional parameter as keyword-only is refused, though the call by keyword works. A
# keyword-only parameter of the interface itself is forgotten.
#
# Why it matters for a deploy: a test that calls verifyClass looks like a contract test for what may be exchanged alone, and
# says yes to the rename that breaks every keyword caller. What a peer has verified is no proof that a call binds.
#
# Seen with: zope.interface 8.7, CPython 3.11.7. Output seen: the text of `expected` below.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-deps \
    --target "$work/site" zope.interface==8.7

cat > "$work/run.py" <<'PY'
from importlib.metadata import version

from zope.interface import Interface, implementer
from zope.interface.exceptions import Invalid
from zope.interface.verify import verifyClass


class Store(Interface):
    def put(key, timeout=3):
        """Keep a key."""


class OnlyByKeyword(Interface):
    def put(key, *, timeout):
        """Keep a key."""


def required(self, key, timeout=3, *, owner): ...
def renamed(self, name, seconds=3): ...
def positional(self, key, timeout=3, /): ...
def keyword(self, key, *, timeout=3): ...
def without(self, key): ...


def judge(interface, function):
    made = implementer(interface)(type("Made", (), {"put": function}))
    try:
        said = verifyClass(interface, made)
    except Invalid as problem:
        said = type(problem).__name__
    try:
        made().put(key="k", timeout=1)
        real = "works"
    except TypeError:
        real = "TypeError"
    print(f"{interface.__name__}, {function.__name__}: verifyClass {said}, put(key=, timeout=) {real}")


print("zope.interface", version("zope.interface"))
for function in (required, renamed, positional, keyword):
    judge(Store, function)
judge(OnlyByKeyword, without)
PY

seen=$(PYTHONPATH="$work/site" python3 "$work/run.py")
printf '%s\n' "$seen"
expected="zope.interface 8.7
Store, required: verifyClass True, put(key=, timeout=) TypeError
Store, renamed: verifyClass True, put(key=, timeout=) TypeError
Store, positional: verifyClass True, put(key=, timeout=) TypeError
Store, keyword: verifyClass BrokenMethodImplementation, put(key=, timeout=) works
OnlyByKeyword, without: verifyClass True, put(key=, timeout=) TypeError"
[ "$seen" = "$expected" ] || { printf 'the behaviour changed; expected was:\n%s\n' "$expected" >&2; exit 1; }
