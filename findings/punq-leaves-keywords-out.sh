#!/usr/bin/env bash
# punq drops keywords that a constructor does not take, and what a parameter gets depends on what else is registered.
#
# What surprises: `container.resolve(Service, timeot=5)` with a misspelt keyword is no error: the default is used. A factory that
# takes **options never gets one. A parameter `name: str = "main"` has its default until somebody registers a `str`, in any
# module: then it is injected, default or not. An annotation that names what cannot be found is refused at registration.
#
# Why it matters for a deploy: a renamed constructor parameter breaks no caller that goes through the container: it changes
# what the program does. And a new registration in one file changes constructors that are written in others.
#
# Seen with: punq 0.9.0, CPython 3.11.7. Output seen: the text of `expected` below.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-deps \
    --target "$work/site" punq==0.9.0

cat > "$work/run.py" <<'PY'
from importlib.metadata import version

import punq


class Service:
    def __init__(self, name: str = "main", timeout: int = 3):
        self.made_with = name, timeout


class Open:
    def __init__(self, **options):
        self.made_with = options


class Lost:
    def __init__(self, store: "Store" = None):
        self.made_with = store


def outcome(act):
    try:
        return act()
    except Exception as problem:
        return type(problem).__name__


print("punq", version("punq"))
container = punq.Container()
for service in (Service, Open):
    container.register(service)
print("direct call, timeot=5:", outcome(lambda: Service(timeot=5)))
print("timeout=5:", outcome(lambda: container.resolve(Service, timeout=5).made_with))
print("timeot=5:", outcome(lambda: container.resolve(Service, timeot=5).made_with))
print("**options, timeout=5:", outcome(lambda: container.resolve(Open, timeout=5).made_with))
container.register(str, instance="from elsewhere")
print("with a str registered:", outcome(lambda: container.resolve(Service).made_with))
print("annotation that is not there:", outcome(lambda: container.register(Lost)))
PY

seen=$(PYTHONPATH="$work/site" python3 "$work/run.py")
printf '%s\n' "$seen"
expected="punq 0.9.0
direct call, timeot=5: TypeError
timeout=5: ('main', 5)
timeot=5: ('main', 3)
**options, timeout=5: {}
with a str registered: ('from elsewhere', 3)
annotation that is not there: InvalidForwardReferenceError"
[ "$seen" = "$expected" ] || { printf 'the behaviour changed; expected was:\n%s\n' "$expected" >&2; exit 1; }
