#!/usr/bin/env bash
# A stevedore host that begins to send one keyword more loses all its plugins, and nothing is raised.
#
# What surprises: ExtensionManager(invoke_kwds=...) makes each plugin; one whose constructor refuses the keywords, whose
# module is gone, or whose name is missing is logged and left out. Only the log tells. A plugin that is named and missing
# is no error either. `map` swallows what the called function raises, a TypeError too. DriverManager raises all of these.
#
# Why it matters for a deploy: a keyword added by the host and not yet taken by the plugins is the classic half-shipped
# change. With a dispatch table it is an outage that one sees; here the program runs on, with no plugins. To judge it one
# must read the entry points: they are the table.
#
# Seen with: stevedore 5.10.0, CPython 3.11.7. Output seen: the text of `expected` below.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-deps \
    --target "$work/site" stevedore==5.10.0

mkdir -p "$work/plugins/plug-1.0.dist-info"
cat > "$work/plugins/plug.py" <<'PY'
class File:
    def __init__(self, path):
        self.path = path


class Memory:
    def __init__(self, path):
        self.path = path
PY
printf 'Metadata-Version: 2.1\nName: plug\nVersion: 1.0\n' > "$work/plugins/plug-1.0.dist-info/METADATA"
printf '[demo.store]\nfile = plug:File\nmemory = plug:Memory\ngone = plug:Gone\n' \
    > "$work/plugins/plug-1.0.dist-info/entry_points.txt"

cat > "$work/run.py" <<'PY'
import logging
from importlib.metadata import version

from stevedore import DriverManager, ExtensionManager, NamedExtensionManager

logging.disable(logging.CRITICAL)


def made(**sent):
    return ExtensionManager("demo.store", invoke_on_load=True, invoke_kwds=sent)


def refuses(extension):
    raise TypeError("wrong call")


def driver(name, **sent):
    try:
        DriverManager("demo.store", name, invoke_on_load=True, invoke_kwds=sent)
        return "made"
    except Exception as problem:
        return type(problem).__name__


print("stevedore", version("stevedore"))
print("path=:", made(path="p").names())
print("path=, timeout=:", made(path="p", timeout=3).names())
print("map of a function that raises:", made(path="p").map(refuses))
print("by name, two of them missing:", NamedExtensionManager("demo.store", ["file", "gone", "never"]).names())
print("driver, timeout=:", driver("file", path="p", timeout=3))
print("driver, gone:", driver("gone", path="p"))
PY

seen=$(HOME="$work" PYTHONPATH="$work/site:$work/plugins" python3 "$work/run.py")
printf '%s\n' "$seen"
expected="stevedore 5.10.0
path=: ['file', 'memory']
path=, timeout=: []
map of a function that raises: []
by name, two of them missing: ['file']
driver, timeout=: TypeError
driver, gone: AttributeError"
[ "$seen" = "$expected" ] || { printf 'the behaviour changed; expected was:\n%s\n' "$expected" >&2; exit 1; }
