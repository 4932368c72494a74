#!/usr/bin/env bash
# Celery's check of arguments at the sender forgets that a parameter is positional-only, and skips a chain's later steps.
#
# What surprises: `task.delay(...)` refuses a wrong call before it is queued, by a stand-in that is made from the task's
# signature. The stand-in has no `/`: a positional-only parameter may be sent by keyword, and the worker dies. A group checks
# each member, but of a chain only the first step is checked: the result that is put in front of the second step's
# arguments is not counted. `link=` is not checked either.
#
# Why it matters for a deploy: senders and workers are deployed apart. That sending worked is no witness that the worker's
# version of the task takes the call, and a sender that still has the old code checks against the old signature.
#
# Seen with: celery 5.7.0, kombu 5.7.0, CPython 3.11.7. Output seen: the text of `expected` below.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-deps --target "$work/site" \
    celery==5.7.0 kombu==5.7.0 amqp==5.4.2 billiard==4.3.2 vine==5.1.0 click==8.5.1 click-didyoumean==0.3.1 \
    click-plugins==1.1.1.2 click-repl==0.4.1 prompt_toolkit==3.0.53 python-dateutil==2.9.0.post0 six==1.17.0 \
    tzlocal==5.4.5 packaging==26.4 wcwidth==0.9.4

cat > "$work/run.py" <<'PY'
from importlib.metadata import version

from celery import Celery, group

app = Celery("demo", broker="memory://", backend="cache+memory://")


@app.task
def store(key, /, value):
    return key, value


@app.task
def note(text):
    return text


def outcome(act):
    try:
        act()
        return "accepted"
    except TypeError:
        return "TypeError"


print("celery", version("celery"))
print("surplus argument, sent:", outcome(lambda: store.delay(1, 2, 3)))
print("positional-only by keyword, sent:", outcome(lambda: store.delay(key=1, value=2)))
print("positional-only by keyword, run:", outcome(lambda: store.apply(kwargs={"key": 1, "value": 2}).get()))
print("group with a wrong member, sent:", outcome(lambda: group(note.s(1), note.s(1, 2)).apply_async()))
print("chain with a wrong second step, sent:", outcome(lambda: (note.s(1) | note.s(2)).apply_async()))
print("chain with a wrong second step, run:", outcome(lambda: (note.s(1) | note.s(2)).apply().get()))
print("link with a wrong call, sent:", outcome(lambda: note.apply_async((1,), link=note.s(2, 3))))
PY

seen=$(PYTHONPATH="$work/site" python3 "$work/run.py")
printf '%s\n' "$seen"
expected="celery 5.7.0
surplus argument, sent: TypeError
positional-only by keyword, sent: accepted
positional-only by keyword, run: TypeError
group with a wrong member, sent: TypeError
chain with a wrong second step, sent: accepted
chain with a wrong second step, run: TypeError
link with a wrong call, sent: accepted"
[ "$seen" = "$expected" ] || { printf 'the behaviour changed; expected was:\n%s\n' "$expected" >&2; exit 1; }
