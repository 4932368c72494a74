#!/usr/bin/env bash
# `uv pip install --target` of a local project writes the time of the checkout into the package, beside the build folder's path.
#
# What surprises: beside direct_url.json (PEP 610: where it came from, here a file: address of the building machine; pip writes
# it too) uv leaves uv_cache.json in the dist-info: change times of pyproject.toml and of src/, in nanoseconds. Its hash is in
# RECORD, so two files differ between two builds of the same commit. At the target's root lies an empty `.lock`. pip and uv
# disagree on `__pycache__` as well: pip compiles, uv does not.
#
# Why it matters for a deploy: "is what runs what was reviewed" is answered by comparing a package with a fresh build. Files
# that installers write about themselves differ although no code does, and tell the world a path.
#
# Seen with: uv 0.13.9, pip 26.3, flit_core 3.12.0, CPython 3.11.7. Output seen: the text of `expected` below.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
export PIP_DISABLE_PIP_VERSION_CHECK=1 UV_CACHE_DIR="$work/uv-cache"
"$work/venv/bin/pip" install --quiet pip==26.3
"$work/venv/bin/pip" install --quiet uv==0.13.9 flit_core==3.12.0
export PATH="$work/venv/bin:$PATH"
cd "$work"

mkdir -p project/src/shop
printf '"""A shop."""\n' > project/src/shop/__init__.py
cat > project/pyproject.toml <<'TOML'
[build-system]
requires = ["flit_core==3.12.0"]
build-backend = "flit_core.buildapi"
[project]
name = "shop"
version = "1.0"
description = "A shop."
TOML

uv pip install --quiet --no-deps --no-build-isolation --target uv1 ./project
touch -d '2024-05-06 07:08:09' project/pyproject.toml
uv pip install --quiet --no-deps --no-build-isolation --target uv2 ./project
pip install --quiet --no-deps --no-build-isolation --target pip1 ./project
touch -d '2025-05-06 07:08:09' project/pyproject.toml
pip install --quiet --no-deps --no-build-isolation --no-compile --target pip2 ./project

cat > look.py <<'PY'
import filecmp
import json
import pathlib
from importlib.metadata import version


def files(root):
    return {str(path.relative_to(root)) for path in pathlib.Path(root).rglob("*") if path.is_file()}


def differ(one, other):
    return sorted(name for name in files(one) & files(other)
                  if not filecmp.cmp(f"{one}/{name}", f"{other}/{name}", shallow=False))


print("uv", version("uv"), "pip", version("pip"))
info = "shop-1.0.dist-info"
print("only from uv:", sorted(files("uv1") - files("pip1")))
print("only from pip:", sorted(files("pip1") - files("uv1")))
cache = json.loads(pathlib.Path("uv1", info, "uv_cache.json").read_text())
print("uv_cache.json:", sorted(cache), "timestamp:", sorted(cache["timestamp"]))
for target in ("uv1", "pip1"):
    url = json.loads(pathlib.Path(target, info, "direct_url.json").read_text())["url"]
    print(f"{target}, direct_url.json names the build folder:", url == pathlib.Path("project").resolve().as_uri())
print("uv, same commit twice, differ:", differ("uv1", "uv2"))
print("pip, same commit twice, differ:", [name for name in differ("pip1", "pip2") if not name.endswith("RECORD")])
PY
seen=$(python look.py)
printf '%s\n' "$seen"
expected="uv 0.13.9 pip 26.3
only from uv: ['.lock', 'shop-1.0.dist-info/uv_build.json', 'shop-1.0.dist-info/uv_cache.json']
only from pip: ['shop/__pycache__/__init__.cpython-311.pyc']
uv_cache.json: ['commit', 'directories', 'env', 'tags', 'timestamp'] timestamp: ['nanos_since_epoch', 'secs_since_epoch']
uv1, direct_url.json names the build folder: True
pip1, direct_url.json names the build folder: True
uv, same commit twice, differ: ['shop-1.0.dist-info/RECORD', 'shop-1.0.dist-info/uv_cache.json']
pip, same commit twice, differ: []"
[ "$seen" = "$expected" ] || { printf 'the behaviour changed; expected was:\n%s\n' "$expected" >&2; exit 1; }
