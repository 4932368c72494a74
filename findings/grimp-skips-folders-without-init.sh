#!/usr/bin/env bash
# A folder without __init__.py is imported by Python and does not exist for grimp: import-linter keeps a broken contract.
#
# What surprises: `shop.main` imports `shop.plain.helper`, which imports `shop.store`; `shop/plain/` has no __init__.py. The
# contract "main must not reach the store" is kept, in green, and the line above it counts the files and no dependency at
# all. findimports names the module `helper` and cannot find what it imports. The standard modulefinder (3.11) stops with an
# AttributeError. tach and Python see the folder.
#
# Why it matters for a deploy: one missing __init__.py takes a whole folder, and all paths through it, out of the graph, and
# whoever asks the graph what must ship together gets an answer with a hole in it. Whether a folder is a package is a question
# to Python's path finder, not to a file name.
#
# Seen with: grimp 3.20, import-linter 2.17, tach 0.35.3, findimports 3.0.0, CPython 3.11.7 (modulefinder is Python's own).
# Output seen: the text of `expected` below.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check \
    grimp==3.20 import-linter==2.17 tach==0.35.3 findimports==3.0.0
export PATH="$work/venv/bin:$PATH"

mkdir -p "$work/tree/shop/plain" "$work/tree/shop/store"
cd "$work/tree"
touch shop/__init__.py shop/store/__init__.py
printf 'X = 1\n' > shop/store/core.py
printf 'from shop.store import core\n' > shop/plain/helper.py
printf 'from shop.plain import helper\n' > shop/main.py
cat > .importlinter <<'INI'
[importlinter]
root_package = shop
[importlinter:contract:1]
name = main does not reach the store
type = forbidden
source_modules = shop.main
forbidden_modules = shop.store
INI
cat > tach.toml <<'TOML'
source_roots = ["."]
[[modules]]
path = "shop.main"
depends_on = []
[[modules]]
path = "shop.plain"
depends_on = ["shop.store"]
[[modules]]
path = "shop.store"
depends_on = []
TOML

seen=$(
    python - <<'PY'
from importlib.metadata import version
import modulefinder
import sys

print(*(f"{name} {version(name)}" for name in ("grimp", "import-linter", "tach", "findimports")))
import shop.main

print("Python imports:", sorted(name for name in sys.modules if name.startswith("shop.")))
import grimp

print("grimp's modules:", sorted(grimp.build_graph("shop", cache_dir=None).modules))
finder = modulefinder.ModuleFinder(path=["."])
try:
    finder.run_script("shop/main.py")
    print("modulefinder: found", sorted(name for name in finder.modules if name.startswith("shop.")))
except AttributeError:
    print("modulefinder: AttributeError")
PY
    status=0
    lint-imports --no-cache > "$work/lint.txt" 2>&1 || status=$?
    counted=$(grep -oE '[0-9]+ dependencies' "$work/lint.txt")
    judged=$(grep -oE '[0-9]+ kept, [0-9]+ broken' "$work/lint.txt")
    echo "import-linter: $counted, $judged, status $status"
    status=0
    tach check > "$work/tach.txt" 2>&1 || status=$?
    echo "tach: $(grep -c 'shop.plain.helper' "$work/tach.txt") finding, status $status"
    echo "findimports: $({ findimports -n shop || true; } 2>&1 | grep -vE '^ ' | tr '\n' ' ')"
)
printf '%s\n' "$seen"
expected="grimp 3.20 import-linter 2.17 tach 0.35.3 findimports 3.0.0
Python imports: ['shop.main', 'shop.plain', 'shop.plain.helper', 'shop.store', 'shop.store.core']
grimp's modules: ['shop', 'shop.main', 'shop.store', 'shop.store.core']
modulefinder: AttributeError
import-linter: 0 dependencies, 1 kept, 0 broken, status 0
tach: 1 finding, status 1
findimports: shop/plain/helper.py:1: could not find shop.store.core helper: shop: shop.main: shop.store: shop.store.core: "
[ "$seen" = "$expected" ] || { printf 'the behaviour changed; expected was:\n%s\n' "$expected" >&2; exit 1; }
