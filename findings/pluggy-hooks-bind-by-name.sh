#!/usr/bin/env bash
# A pluggy hook call does not bind as a Python call does.
#
# What surprises: a keyword that the specification lacks is dropped in silence, unless a plugin has a parameter of that name
# with a default: then it arrives there, past the specification. Without a default the same plugin cannot be registered.
# Keyword-only parameters get nothing, so the plugin dies, and **rest stays empty.
# A plugin behind a wrapper without functools.wraps is called with no argument at all. A functools.partial that is
# marked as a plugin is not registered.
#
# Why it matters for a deploy: a host that begins to send one keyword more breaks nothing here, where a plain dispatch
# table would break; a plugin that drops a default breaks at start-up, before any call. Whoever judges hook calls by
# Python's binding reports errors that do not exist and misses the ones that do.
#
# Seen with: pluggy 1.7.0, CPython 3.11.7. Output seen: the text of `expected` below.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-deps \
    --target "$work/site" pluggy==1.7.0

cat > "$work/run.py" <<'PY'
import functools
from importlib.metadata import version

import pluggy

spec, impl = pluggy.HookspecMarker("demo"), pluggy.HookimplMarker("demo")


class Spec:
    @spec
    def store(self, key, value):
        """Store a value."""


class Plain:
    @impl
    def store(self, key, value):
        return key, value


class Default:
    @impl
    def store(self, key, timeout="the default"):
        return key, timeout


class Required:
    @impl
    def store(self, key, timeout):
        return key, timeout


class KeywordOnly:
    @impl
    def store(self, *, key, value):
        return key, value


class Open:
    @impl
    def store(self, key, **rest):
        return key, rest


def passes_on(function):
    def inner(*args, **kwargs):
        return len(args) - 1, kwargs

    return inner


class Wrapped:
    @impl
    @passes_on
    def store(self, key, value):
        return key, value


class Partial:
    store = impl(functools.partial(lambda key, value, third: (key, value), third=3))


def call(plugin, **sent):
    manager = pluggy.PluginManager("demo")
    manager.add_hookspecs(Spec)
    try:
        manager.register(plugin())
        return manager.hook.store(**sent)
    except (TypeError, pluggy.PluginValidationError) as problem:
        return type(problem).__name__


print("pluggy", version("pluggy"))
print("unknown keyword:", call(Plain, key=1, value=2, timeout=3))
print("unknown keyword, taken with a default:", call(Default, key=1, value=2, timeout=3))
print("the same, not sent:", call(Default, key=1, value=2))
print("unknown keyword, taken without a default:", call(Required, key=1, value=2, timeout=3))
print("keyword-only:", call(KeywordOnly, key=1, value=2))
print("**rest:", call(Open, key=1, value=2))
print("wrapped:", call(Wrapped, key=1, value=2))
print("partial:", call(Partial, key=1, value=2))
PY

seen=$(PYTHONPATH="$work/site" python3 "$work/run.py")
printf '%s\n' "$seen"
expected="pluggy 1.7.0
unknown keyword: [(1, 2)]
unknown keyword, taken with a default: [(1, 3)]
the same, not sent: [(1, 'the default')]
unknown keyword, taken without a default: PluginValidationError
keyword-only: TypeError
**rest: [(1, {})]
wrapped: [(0, {})]
partial: []"
[ "$seen" = "$expected" ] || { printf 'the behaviour changed; expected was:\n%s\n' "$expected" >&2; exit 1; }
