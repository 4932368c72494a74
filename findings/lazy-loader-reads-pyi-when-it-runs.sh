#!/usr/bin/env bash
# With lazy_loader.attach_stub the .pyi beside a package is code: without it, or inside a zip, the package cannot be imported.
#
# What surprises: the type stub is read when the package is imported, and the names in it are all that the package
# offers: a function that is in the source and not in the stub cannot be reached. A packager that leaves out *.pyi as
# "only for type checkers" breaks the package at import. From a zip on sys.path it fails although the stub is in the zip:
# the file is looked for on the disk. A stub that names a submodule which was not shipped is found out at first use.
#
# Why it matters for a deploy: the stub has to ship together with the modules that it names, in the same step, and what a
# package exports has to be read from the stub. A check that reads *.py alone sees no export, or trusts anything.
#
# Seen with: lazy-loader 0.6, CPython 3.11.7. Output seen: the text of `expected` below.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-deps \
    --target "$work/site" lazy-loader==0.6 packaging==26.4

mkdir -p "$work/full/shop"
cat > "$work/full/shop/__init__.py" <<'PY'
import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
PY
printf 'from .cart import add\nfrom .gone import pay\n' > "$work/full/shop/__init__.pyi"
printf 'def add():\n    return 1\n\n\ndef hidden():\n    return 2\n' > "$work/full/shop/cart.py"
cp -r "$work/full" "$work/slim"
rm "$work/slim/shop/__init__.pyi"
(cd "$work/full" && python3 -m zipfile -c "$work/shop.zip" shop)

cat > "$work/run.py" <<'PY'
import sys


def outcome(label, act):
    try:
        print(f"  {label}: {act()}")
    except Exception as problem:
        print(f"  {label}: {type(problem).__name__}")


def imported():
    import shop

    return sorted(shop.__all__)


outcome("import", imported)
if "shop" in sys.modules:
    shop = sys.modules["shop"]
    outcome("add()", lambda: shop.add())
    outcome("pay", lambda: shop.pay)
    outcome("hidden", lambda: shop.hidden)
PY

seen=$(
    PYTHONPATH="$work/site" python3 -c 'from importlib.metadata import version; print("lazy-loader", version("lazy-loader"))'
    for place in full slim shop.zip; do
        echo "$place:"
        PYTHONPATH="$work/site:$work/$place" python3 "$work/run.py"
    done
)
printf '%s\n' "$seen"
expected="lazy-loader 0.6
full:
  import: ['add', 'pay']
  add(): 1
  pay: ModuleNotFoundError
  hidden: AttributeError
slim:
  import: ValueError
shop.zip:
  import: ValueError"
[ "$seen" = "$expected" ] || { printf 'the behaviour changed; expected was:\n%s\n' "$expected" >&2; exit 1; }
