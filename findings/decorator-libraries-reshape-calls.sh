#!/usr/bin/env bash
# Three libraries for decorators hand three different calls to the same wrapper.
#
# What surprises: for `get(key=1)` on `get(key, default=None, *, timeout=30)` the wrapper's (args, kwargs) are
# ((1, None), {timeout}) with `decorator`, ((), {key, default, timeout}) with `makefun`, and ((), {key}) with `wrapt`. So the
# first turns keywords into positionals, and the first two send defaults that nobody wrote. The first two refuse a wrong keyword
# before the wrapper runs, `decorator` in words that name no function; wrapt lets it through. wrapt's `adapter` changes only
# what inspect.signature shows: a call that fits the shown signature fails, and one that does not fit it works.
#
# Why it matters for a deploy: a wrapper that reads kwargs["key"] works under one library and dies under another; a default
# that is filled in at the wrapper hides the newer default of the function behind it; a signature that is shown is not
# always the one that binds.
#
# Seen with: decorator 5.3.1, makefun 1.16.0, wrapt 2.5.2, CPython 3.11.7. Output seen: the text of `expected` below.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-deps \
    --target "$work/site" decorator==5.3.1 makefun==1.16.0 wrapt==2.5.2

cat > "$work/run.py" <<'PY'
import inspect
from importlib.metadata import version

import decorator
import makefun
import wrapt


def get(key, default=None, *, timeout=30):
    return key


@decorator.decorator
def by_decorator(function, *args, **kwargs):
    return args, kwargs


def by_makefun(function):
    @makefun.wraps(function)
    def inner(*args, **kwargs):
        return args, kwargs

    return inner


@wrapt.decorator
def by_wrapt(wrapped, instance, args, kwargs):
    return args, kwargs


def shown(key, region):
    """The signature that the adapter shows."""


@wrapt.decorator(adapter=shown)
def by_adapter(wrapped, instance, args, kwargs):
    return wrapped(*args, **kwargs)


def outcome(act):
    try:
        return act()
    except TypeError as problem:
        return f"TypeError: {problem}"


print(*(f"{name} {version(name)}" for name in ("decorator", "makefun", "wrapt")))
for wrap in (by_decorator, by_makefun, by_wrapt):
    wrapped = wrap(get)
    print(f"{wrap.__name__}, get(key=1):", outcome(lambda: wrapped(key=1)))
    print(f"{wrap.__name__}, get(kye=1):", outcome(lambda: wrapped(kye=1)))
adapted = by_adapter(get)
print("by_adapter shows:", inspect.signature(adapted))
print("by_adapter, get(1, region=2):", outcome(lambda: adapted(1, region=2)))
print("by_adapter, get(1, timeout=2):", outcome(lambda: adapted(1, timeout=2)))
PY

seen=$(PYTHONPATH="$work/site" python3 "$work/run.py")
printf '%s\n' "$seen"
expected="decorator 5.3.1 makefun 1.16.0 wrapt 2.5.2
by_decorator, get(key=1): ((1, None), {'timeout': 30})
by_decorator, get(kye=1): TypeError: missing a required argument: 'key'
by_makefun, get(key=1): ((), {'key': 1, 'default': None, 'timeout': 30})
by_makefun, get(kye=1): TypeError: get() got an unexpected keyword argument 'kye'
by_wrapt, get(key=1): ((), {'key': 1})
by_wrapt, get(kye=1): ((), {'kye': 1})
by_adapter shows: (key, region)
by_adapter, get(1, region=2): TypeError: get() got an unexpected keyword argument 'region'
by_adapter, get(1, timeout=2): 1"
[ "$seen" = "$expected" ] || { printf 'the behaviour changed; expected was:\n%s\n' "$expected" >&2; exit 1; }
