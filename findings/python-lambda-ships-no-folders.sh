#!/usr/bin/env bash
# python-lambda's `lambda build` puts the files beside the handler into the zip, and none of the folders.
#
# What surprises: a package `helpers/` beside service.py is left out, without a word, unless config.yaml lists it under
# `build: source_directories`. Plain files all go in: the test event and requirements.txt too. Whether something is a file
# is asked in the working directory, not in the folder that was passed: the same call from elsewhere gives a zip
# without any of the source. If a dependency brings a folder `zope`, it gets an empty __init__.py.
#
# Why it matters for a deploy: the zip imports nothing that it lacks until the first request. What a packager takes along
# is its own rule; only the zip's list of members says what ships.
#
# Seen with: python-lambda 11.8.0, pip 26.3, CPython 3.11.7. Output seen: the text of `expected` below.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_QUIET=1 TMPDIR="$work/tmp"
mkdir "$TMPDIR"
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install pip==26.3
"$work/venv/bin/pip" install python-lambda==11.8.0
cd "$work"

mkdir -p service/helpers
cat > service/service.py <<'PY'
import util
from helpers import text


def handler(event, context):
    return text.X + util.X
PY
printf 'X = 1\n' | tee service/util.py service/helpers/text.py > /dev/null
touch service/helpers/__init__.py
printf '{}\n' > service/event.json
printf 'six==1.16.0\n' > service/requirements.txt
settings='region: us-east-1\nfunction_name: demo\nhandler: service.handler\nruntime: python3.11\n'
printf "$settings" > service/config.yaml

cat > build.py <<'PY'
import contextlib
import io
import os
import pathlib
import sys
import zipfile

import aws_lambda

where, source = sys.argv[1:]
os.chdir(where)
source = os.path.abspath(source)
with contextlib.redirect_stdout(io.StringIO()):
    aws_lambda.build(source, requirements=os.path.join(source, "requirements.txt"))
(made,) = pathlib.Path(source, "dist").glob("*.zip")
names = zipfile.ZipFile(made).namelist()
print(sorted(name for name in names if not name.startswith(("six", "__pycache__"))))
made.unlink()
PY
build() { "$work/venv/bin/python" build.py "$@" 2> "$work/log" || { cat "$work/log" >&2; exit 1; }; }
seen=$(
    "$work/venv/bin/python" -c 'from importlib.metadata import version; print("python-lambda", version("python-lambda"))'
    echo "from its folder: $(build service .)"
    echo "from elsewhere: $(build . service)"
    printf "${settings}build:\n  source_directories: helpers\n" > service/config.yaml
    echo "listed in config.yaml: $(build service .)"
)
printf '%s\n' "$seen"
expected="python-lambda 11.8.0
from its folder: ['event.json', 'requirements.txt', 'service.py', 'util.py']
from elsewhere: []
listed in config.yaml: ['event.json', 'helpers/__init__.py', 'helpers/text.py', 'requirements.txt', 'service.py', 'util.py']"
[ "$seen" = "$expected" ] || { printf 'the behaviour changed; expected was:\n%s\n' "$expected" >&2; exit 1; }
