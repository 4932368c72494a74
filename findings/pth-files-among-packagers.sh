#!/usr/bin/env bash
# The same wheel with a .pth file: importable in a shiv archive and in a PEX, not in a zipapps archive and not beside a handler.
#
# What surprises: shiv adds its unpacked folder as a site folder, and pex reads .pth files too, in each of its layouts: the
# folder that the .pth names is on sys.path. zipapps, even when it unpacks, and `pip install --target` (what Lambda gets) leave
# the .pth lying as a dead file. All of them install the wheel without a word.
#
# Why it matters for a deploy: a module that a .pth puts on the path is there in one packaging of the same lock file and
# "No module named" in the next. Which names a package provides depends on who unpacks it: on Lambda, .pth lines count for
# nothing.
#
# Seen with: shiv 1.0.8, pex 2.105.2, zipapps 2026.4.17, pip 26.3, CPython 3.11.7. Output seen: the text of `expected` below.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
export PIP_DISABLE_PIP_VERSION_CHECK=1 PEX_ROOT="$work/pex-root" SHIV_ROOT="$work/shiv-root"
"$work/venv/bin/pip" install --quiet pip==26.3
"$work/venv/bin/pip" install --quiet shiv==1.0.8 pex==2.105.2 zipapps==2026.4.17
export PATH="$work/venv/bin:$PATH"
cd "$work"

python - <<'PY'
import zipfile

info = "extra-1.0.dist-info/"
files = {
    "extra.pth": "extra_libs\n",
    "extra_libs/hidden.py": "X = 1\n",
    "extra_main.py": (
        "def main():\n    try:\n        import hidden\n        print('hidden is there')\n"
        "    except ModuleNotFoundError as problem:\n        print(problem)\n\n"
        "if __name__ == '__main__':\n    main()\n"
    ),
    info + "METADATA": "Metadata-Version: 2.1\nName: extra\nVersion: 1.0\n",
    info + "WHEEL": "Wheel-Version: 1.0\nGenerator: hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
}
files[info + "RECORD"] = "".join(f"{name},,\n" for name in [*files, info + "RECORD"])
with zipfile.ZipFile("extra-1.0-py3-none-any.whl", "w") as wheel:
    for name, text in files.items():
        wheel.writestr(name, text)
PY
wheel=./extra-1.0-py3-none-any.whl

quietly() { "$@" > "$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }; }
quietly shiv --no-deps -e extra_main:main -o a.shiv "$wheel"
for layout in zipapp packed loose; do
    quietly pex --no-pypi -e extra_main:main --layout "$layout" -o "a.$layout" "$wheel"
done
quietly pex --no-pypi --venv -e extra_main:main -o a.venv "$wheel"
quietly python -m zipapps -m extra_main:main -o a.pyz "$wheel"
quietly python -m zipapps -u '*' -m extra_main:main -o b.pyz "$wheel"
quietly pip install --no-deps --target flat "$wheel"

seen=$(
    python -c "
from importlib.metadata import version
print(*(f'{name} {version(name)}' for name in ('shiv', 'pex', 'zipapps', 'pip')))"
    echo "shiv: $(python a.shiv)"
    for layout in zipapp packed loose venv; do echo "pex $layout: $(python "a.$layout")"; done
    echo "zipapps: $(python a.pyz)"
    echo "zipapps, unpacking: $(python b.pyz)"
    echo "pip --target: $(cd flat && python extra_main.py)"
)
printf '%s\n' "$seen"
expected="shiv 1.0.8 pex 2.105.2 zipapps 2026.4.17 pip 26.3
shiv: hidden is there
pex zipapp: hidden is there
pex packed: hidden is there
pex loose: hidden is there
pex venv: hidden is there
zipapps: No module named 'hidden'
zipapps, unpacking: No module named 'hidden'
pip --target: No module named 'hidden'"
[ "$seen" = "$expected" ] || { printf 'the behaviour changed; expected was:\n%s\n' "$expected" >&2; exit 1; }
