#!/usr/bin/env bash
# pytest: a folder of tests that is called like the package hides it, or does not, by one empty file further up.
#
# What surprises: `tests/shop/test_till.py` beside `src/shop/`, each folder with an `__init__.py`, says `from shop.till import open_till`.
# With an empty `tests/__init__.py` it passes in every import mode: the test is `tests.shop.test_till`. Without that file the very same test
# dies at import in every mode, although `src` is on the path. With `prepend`, and with `importlib` too, the folder of tests is the package
# `shop`, which has no `till`; with `append` it is the package in `src`, which has no `test_till`.
#
# Why it matters: what an absolute import in a test means is decided by a file that nothing imports and by the runner's options.
#
# Seen with: pytest 9.0.3, CPython 3.11.7. Output seen: the text of `expected` below.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --target "$work/site" pytest==9.0.3

mkdir -p "$work/src/shop" "$work/tests/shop"
touch "$work/src/shop/__init__.py" "$work/tests/shop/__init__.py"
printf 'def open_till():\n    return 3\n' > "$work/src/shop/till.py"
printf 'from shop.till import open_till\n\n\ndef test_open_till():\n    assert open_till() == 3\n' > "$work/tests/shop/test_till.py"
printf '[pytest]\npythonpath = src\n' > "$work/pytest.ini"

run() {
    (cd "$work" && PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$work/site" python3 -m pytest -q -p no:cacheprovider --import-mode="$1" tests 2>&1 || true) |
        grep -o -E "^1 passed|No module named '[a-z._]+'" | sort -u | paste -s -d ',' -
}

seen=$(
    PYTHONPATH="$work/site" python3 -c 'import pytest; print("pytest", pytest.__version__)'
    for mode in prepend append importlib; do
        echo "without tests/__init__.py, $mode: $(run "$mode")"
    done
    touch "$work/tests/__init__.py"
    for mode in prepend append importlib; do
        echo "with tests/__init__.py, $mode: $(run "$mode")"
    done
)
printf '%s\n' "$seen"
expected="pytest 9.0.3
without tests/__init__.py, prepend: No module named 'shop.till'
without tests/__init__.py, append: No module named 'shop.test_till'
without tests/__init__.py, importlib: No module named 'shop.till'
with tests/__init__.py, prepend: 1 passed
with tests/__init__.py, append: 1 passed
with tests/__init__.py, importlib: 1 passed"
[ "$seen" = "$expected" ] || { printf 'the behaviour changed; expected was:\n%s\n' "$expected" >&2; exit 1; }
