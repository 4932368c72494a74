#!/usr/bin/env bash
# The constructor of an attrs class names its parameters otherwise than the class body does, and `evolve` follows the constructor.
#
# What surprises: `__token` in class Client becomes the parameter `Client__token`: the name is mangled by Python first, and
# attrs takes off the leading underscore then. So the parameter is part public name, part class name, and renaming the class
# renames it. `_key` becomes `key`, so `_key` and `key` in one class give a constructor with the same parameter twice, which
# is refused at import. The standard dataclass keeps `_Client__token` and `_key`. `attrs.evolve` takes the alias, not the field.
#
# Why it matters for a deploy: a class is renamed, or moved from dataclass to attrs, and each caller that passes a keyword
# breaks, though no field has another name. A model of the generated constructor has to mangle first and strip second.
#
# Seen with: attrs 26.1.0, CPython 3.11.7. Output seen: the text of `expected` below.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-deps \
    --target "$work/site" attrs==26.1.0

cat > "$work/run.py" <<'PY'
import dataclasses
import inspect
from importlib.metadata import version

import attrs


def fields():
    class Client:
        _key: str = "k"
        __token: str = "t"
        __mode__: int = 0

    return Client


def outcome(act):
    try:
        return act()
    except Exception as problem:
        return type(problem).__name__


def names(made):
    return list(inspect.signature(made).parameters)


def both():
    @attrs.define
    class Twice:
        key: int = 0
        _key: int = 1

    return names(Twice)


@attrs.define
class Renamed:
    _key: str = "k"
    mode: int = attrs.field(default=0, alias="how")


print("attrs", version("attrs"))
print("attrs:", names(attrs.define(fields())))
print("dataclass:", names(dataclasses.dataclass(fields())))
print("key and _key in one class:", outcome(both))
print("evolve(how=):", outcome(lambda: attrs.evolve(Renamed(), how=2)))
print("evolve(mode=):", outcome(lambda: attrs.evolve(Renamed(), mode=2)))
print("evolve(_key=):", outcome(lambda: attrs.evolve(Renamed(), _key="n")))
PY

seen=$(PYTHONPATH="$work/site" python3 "$work/run.py")
printf '%s\n' "$seen"
expected="attrs 26.1.0
attrs: ['key', 'Client__token', 'mode__']
dataclass: ['_key', '_Client__token', '__mode__']
key and _key in one class: SyntaxError
evolve(how=): Renamed(_key='k', mode=2)
evolve(mode=): TypeError
evolve(_key=): TypeError"
[ "$seen" = "$expected" ] || { printf 'the behaviour changed; expected was:\n%s\n' "$expected" >&2; exit 1; }
