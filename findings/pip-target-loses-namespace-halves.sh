#!/usr/bin/env bash
# `pip install --target` in two runs installs half a namespace package, and exits 0; uv in two runs installs both halves.
#
# What surprises: where the target holds `shop/` from an earlier run, the second distribution's `shop/` is skipped as a whole,
# with a warning on stderr, while its dist-info is written: its RECORD lists files that are not there, importlib.metadata
# says that it is installed, and its modules cannot be imported. With --upgrade the first distribution is lost, its
# RECORD is wrong, and no warning is printed. In one run, or with uv, both are there. Distributions of one vendor often share a first folder.
#
# Why it matters for a deploy: "install the base, then the extras, into one folder" is what build scripts for layers do. A
# dist-info is no witness that a module is there: its RECORD has to be held against the files.
#
# Seen with: pip 26.3, uv 0.13.9, CPython 3.11.7. Output seen: the text of `expected` below.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
export PIP_DISABLE_PIP_VERSION_CHECK=1 UV_CACHE_DIR="$work/uv-cache"
"$work/venv/bin/pip" install --quiet pip==26.3
"$work/venv/bin/pip" install --quiet uv==0.13.9
export PATH="$work/venv/bin:$PATH"
cd "$work"

python - <<'PY'
import zipfile

for name in ("first", "second"):
    info = f"shop_{name}-1.0.dist-info/"
    files = {
        f"shop/{name}.py": "X = 1\n",
        info + "METADATA": f"Metadata-Version: 2.1\nName: shop-{name}\nVersion: 1.0\n",
        info + "WHEEL": "Wheel-Version: 1.0\nGenerator: hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    files[info + "RECORD"] = "".join(f"{path},,\n" for path in [*files, info + "RECORD"])
    with zipfile.ZipFile(f"shop_{name}-1.0-py3-none-any.whl", "w") as wheel:
        for path, text in files.items():
            wheel.writestr(path, text)
PY
first=./shop_first-1.0-py3-none-any.whl
second=./shop_second-1.0-py3-none-any.whl
cat > look.py <<'PY'
import importlib
import pathlib
import sys
from importlib.metadata import distributions

target = pathlib.Path(sys.argv[1])
sys.path.insert(0, str(target))
for found in sorted(distributions(path=[str(target)]), key=lambda found: found.name):
    module = found.name.replace("-", ".")
    try:
        importlib.import_module(module)
        said = "imports"
    except ModuleNotFoundError:
        said = "ModuleNotFoundError"
    missing = sorted(str(path) for path in found.files if path.suffix == ".py" and not path.locate().exists())
    print(f"  {found.name} {found.version}: {said}, in RECORD and not there: {missing}")
PY

run() { # run LABEL TARGET COMMAND...: the command's own status, then what lies in the target.
    local label=$1 target=$2 status=0
    shift 2
    "$@" > "$work/log" 2>&1 || status=$?
    echo "$label: status $status, warnings $(grep -c WARNING "$work/log" || true)"
    python look.py "$target"
}
seen=$(
    python -c "
from importlib.metadata import version
print(*(f'{name} {version(name)}' for name in ('pip', 'uv')))"
    pip install --quiet --no-deps --target two "$first"
    run "pip, second run" two pip install --no-deps --target two "$second"
    pip install --quiet --no-deps --target three "$first"
    run "pip, second run with --upgrade" three pip install --no-deps --upgrade --target three "$second"
    run "pip, one run" one pip install --no-deps --target one "$first" "$second"
    uv pip install --quiet --no-deps --target four "$first"
    run "uv, second run" four uv pip install --no-deps --target four "$second"
)
printf '%s\n' "$seen"
expected="pip 26.3 uv 0.13.9
pip, second run: status 0, warnings 1
  shop-first 1.0: imports, in RECORD and not there: []
  shop-second 1.0: ModuleNotFoundError, in RECORD and not there: ['shop/second.py']
pip, second run with --upgrade: status 0, warnings 0
  shop-first 1.0: ModuleNotFoundError, in RECORD and not there: ['shop/first.py']
  shop-second 1.0: imports, in RECORD and not there: []
pip, one run: status 0, warnings 0
  shop-first 1.0: imports, in RECORD and not there: []
  shop-second 1.0: imports, in RECORD and not there: []
uv, second run: status 0, warnings 0
  shop-first 1.0: imports, in RECORD and not there: []
  shop-second 1.0: imports, in RECORD and not there: []"
[ "$seen" = "$expected" ] || { printf 'the behaviour changed; expected was:\n%s\n' "$expected" >&2; exit 1; }
