#!/usr/bin/env bash
# package-python-function (1.0.0) packs a virtual environment without the RECORD of any distribution, and without the executable bit.
#
# What surprises: each dist-info is there, but not what says which files are the distribution's. `importlib.metadata.version` works,
# `files` gives None, and `packages_distributions` (which reads RECORD where there is no top_level.txt) does not know the modules.
# A script that could be run in the environment cannot be run from the package. The specification of recorded projects makes a missing
# RECORD the mark of what no tool may touch.
#
# Why it matters for a deploy: what is installed and what is one's own cannot be told apart by RECORD in such a package, and code that
# looks for its own files by metadata finds none.
#
# Seen with: package-python-function 1.0.0, idna 3.11, CPython 3.11.7. Output seen: the text of `expected` below.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export PIP_DISABLE_PIP_VERSION_CHECK=1
python3 -m venv "$work/tools"
"$work/tools/bin/pip" install --quiet package-python-function==1.0.0
python3 -m venv "$work/environment"
"$work/environment/bin/pip" install --quiet --no-deps idna==3.11
"$work/environment/bin/pip" --quiet uninstall --yes setuptools pip
cd "$work"
site=$(echo environment/lib/python3.*/site-packages)
mkdir -p "$site/shop"
printf '"""A shop."""\n' > "$site/shop/__init__.py"
printf '#!/bin/sh\nexit 0\n' > "$site/shop/warm.sh"
chmod 755 "$site/shop/warm.sh"
printf '[project]\nname = "shop"\nversion = "1.0"\n' > pyproject.toml

tools/bin/package-python-function --output package.zip environment > log.txt
mkdir unpacked
unzip -q package.zip -d unpacked

cat > look.py <<'PY'
import importlib.metadata as metadata
import os
import sys

for root in sys.argv[1:]:
    sys.path[:] = [path for path in sys.path if "site-packages" not in path and path not in sys.argv] + [root]
    print(
        os.path.basename(root) + ":",
        "idna", metadata.version("idna"),
        "files", None if metadata.files("idna") is None else "known",
        "idna in packages_distributions:", "idna" in metadata.packages_distributions(),
        "warm.sh may be run:", os.access(f"{root}/shop/warm.sh", os.X_OK),
    )
PY
seen=$(python3 -I look.py "$PWD/$site" "$PWD/unpacked")
printf '%s\n' "$seen"
expected="site-packages: idna 3.11 files known idna in packages_distributions: True warm.sh may be run: True
unpacked: idna 3.11 files None idna in packages_distributions: False warm.sh may be run: False"
[ "$seen" = "$expected" ] || { printf 'the behaviour changed; expected was:\n%s\n' "$expected" >&2; exit 1; }
