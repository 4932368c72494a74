#!/usr/bin/env bash
# A bare @retry repeats a call that cannot bind, without an end and without a word.
#
# What surprises: `store(key, timeout=1)` on a function without `timeout` raises a TypeError at once. Behind tenacity's bare `@retry` and
# behind retrying's, the same call is made again and again, as fast as the machine can; nothing is logged and nothing rises. With a limit tenacity raises
# a RetryError that is no TypeError and does not name the keyword, retrying the TypeError itself. backoff repeats only what it is told to.
#
# Why it matters for a deploy: a caller that is uploaded without its callee does not fail, it hangs, and a handler for TypeError
# around it sees nothing. Waiting for errors in the log after a deploy is no test of such calls.
#
# Seen with: tenacity 9.0.0, retrying 1.3.4, backoff 2.2.1, CPython 3.11.7. Output seen: the text of `expected` below.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-deps \
    --target "$work/site" tenacity==9.0.0 retrying==1.3.4 six==1.17.0 backoff==2.2.1

cat > "$work/run.py" <<'PY'
import signal
from importlib.metadata import version

import backoff
import retrying
import tenacity


def store(key):
    return key


class Late(BaseException):
    """The time is up."""


def late(number, frame):
    raise Late


signal.signal(signal.SIGALRM, late)


def outcome(function):
    signal.setitimer(signal.ITIMER_REAL, 1)
    try:
        return function("a", timeout=1)
    except Late:
        return "still trying after a second"
    except Exception as problem:
        return f"{type(problem).__name__}, names the keyword: {'timeout' in str(problem)}"
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


print(*(f"{name} {version(name)}" for name in ("tenacity", "retrying", "backoff")))
print("plain:", outcome(store))
print("tenacity:", outcome(tenacity.retry(store)))
print("tenacity with a limit:", outcome(tenacity.retry(stop=tenacity.stop_after_attempt(2))(store)))
print("retrying:", outcome(retrying.retry(store)))
print("retrying with a limit:", outcome(retrying.retry(stop_max_attempt_number=2)(store)))
print("backoff:", outcome(backoff.on_exception(backoff.expo, ConnectionError)(store)))
PY

seen=$(PYTHONPATH="$work/site" python3 "$work/run.py")
printf '%s\n' "$seen"
expected="tenacity 9.0.0 retrying 1.3.4 backoff 2.2.1
plain: TypeError, names the keyword: True
tenacity: still trying after a second
tenacity with a limit: RetryError, names the keyword: False
retrying: still trying after a second
retrying with a limit: TypeError, names the keyword: True
backoff: TypeError, names the keyword: True"
[ "$seen" = "$expected" ] || { printf 'the behaviour changed; expected was:\n%s\n' "$expected" >&2; exit 1; }
