#!/usr/bin/env bash
# `pip install --target DIR --upgrade` leaves the old version's metadata behind, and the old version is what is told of from then on.
#
# What surprises: the package's own folder is replaced, its `.dist-info` of another version is not: both lie side by side, and
# `importlib.metadata.version` takes the first one, which is the old one here. The code is new, and says so itself. `pip list
# --path DIR` shows the distribution once, too.
#
# Why it matters for a deploy: a folder of packages for a function is made in this way, and upgraded in place. What asks for a
# version (an application's own check, a scanner, a lock file that is made of it) hears of one that is not there any more.
#
# Seen with: pip as in CPython 3.11.7 (23.2.1), MarkupSafe 2.0.1 and 2.1.1. Output seen: the text of `expected` below.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for version in 2.0.1 2.1.1; do
    python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-deps --upgrade \
        --target "$work/site" "markupsafe==$version"
done

cat > "$work/run.py" <<'PY'
import sys
from importlib.metadata import distributions, version

sys.path.insert(0, sys.argv[1])
import markupsafe

print("code:", markupsafe.__version__)
print("metadata:", version("markupsafe"))
print("all of it:", *sorted(found.version for found in distributions(path=[sys.argv[1]])))
PY
python3 "$work/run.py" "$work/site" > "$work/seen"
cat "$work/seen"

cat > "$work/expected" <<'TEXT'
code: 2.1.1
metadata: 2.0.1
all of it: 2.0.1 2.1.1
TEXT
diff "$work/expected" "$work/seen"
