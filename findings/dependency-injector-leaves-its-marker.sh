#!/usr/bin/env bash
# An injected default of dependency-injector stays a marker object when a module was not wired, and nothing is raised.
#
# What surprises: `def handle(event, store=Provide[Container.store])` under @inject is called with the marker itself if the list
# in `container.wire(modules=[...])` does not hold the module of `handle`, or if a name given as a string is none of the
# container's. The call binds; the marker goes on as if it were the store, until some attribute is asked for. `unwire` brings
# the marker back for later calls.
#
# Why it matters for a deploy: a handler that moves to a new file has to be named in another file, the one that wires. Ship the
# first without the second and imports work, calls bind, and each request dies one hop later. Both belong in one step.
#
# Seen with: dependency-injector 4.49.1, CPython 3.11.7. Output seen: the text of `expected` below.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-deps \
    --target "$work/site" dependency-injector==4.49.1

mkdir "$work/tree"
cat > "$work/tree/parts.py" <<'PY'
from dependency_injector import containers, providers


class Store:
    def get(self, key):
        return key


class Container(containers.DeclarativeContainer):
    store = providers.Factory(Store)
PY
cat > "$work/tree/old_place.py" <<'PY'
from dependency_injector.wiring import Provide, inject
from parts import Container


@inject
def handle(event, store=Provide[Container.store]):
    return store


@inject
def misspelt(event, store=Provide["stroe"]):
    return store
PY
cp "$work/tree/old_place.py" "$work/tree/new_place.py"
cat > "$work/tree/run.py" <<'PY'
from importlib.metadata import version

import new_place
import old_place
from parts import Container


def use(act):
    store = act("event")
    try:
        return f"{type(store).__name__}, get: {store.get('k')}"
    except AttributeError:
        return f"{type(store).__name__}, get: AttributeError"


print("dependency-injector", version("dependency-injector"))
container = Container()
container.wire(modules=[old_place])
print("wired:", use(old_place.handle))
print("moved, not wired:", use(new_place.handle))
print("wired, name misspelt:", use(old_place.misspelt))
container.unwire()
print("unwired:", use(old_place.handle))
PY

seen=$(PYTHONPATH="$work/site" python3 "$work/tree/run.py")
printf '%s\n' "$seen"
expected="dependency-injector 4.49.1
wired: Store, get: k
moved, not wired: Provide, get: AttributeError
wired, name misspelt: Provide, get: AttributeError
unwired: Provide, get: AttributeError"
[ "$seen" = "$expected" ] || { printf 'the behaviour changed; expected was:\n%s\n' "$expected" >&2; exit 1; }
