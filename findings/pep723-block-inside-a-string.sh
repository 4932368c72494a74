#!/usr/bin/env bash
# A PEP 723 block that is quoted in a docstring is the script's metadata; with a real one beside it the script is refused.
#
# What surprises: the specification looks for lines, not for comments: uv, pipx, pip-run and pip take the dependencies of an
# example in a docstring. A script that has both, an example and its own block, is refused by uv, pipx and pip, though Python
# runs it; pip-run runs it, with no dependencies. Two blocks with no blank line between are one block, whose TOML is broken.
# With `#dependencies` (no space after the hash) uv and pip refuse the script; pipx and pip-run run it without its
# dependencies, in silence.
#
# Why it matters for a deploy: what a script declares is not what a Python parser sees as its comments, and two runners see
# two environments. Declared dependencies have to be read by the specification's own expression, and a second match is an
# error to report.
#
# Seen with: uv 0.13.9, pipx 1.18.4, pip-run 16.1.0, pip 26.3, CPython 3.11.7. Output seen: the text of `expected` below.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
export PIP_DISABLE_PIP_VERSION_CHECK=1 UV_CACHE_DIR="$work/uv-cache" PIPX_HOME="$work/pipx" HOME="$work" UV_PYTHON_DOWNLOADS=never
unset VIRTUAL_ENV PYTHONPATH
"$work/venv/bin/pip" install --quiet pip==26.3
"$work/venv/bin/pip" install --quiet uv==0.13.9 pipx==1.18.4 pip-run==16.1.0
export PATH="$work/venv/bin:$PATH"
cd "$work"

block='# /// script\n# dependencies = ["toolz==1.0.0"]\n# ///\n'
other='# /// script\n# dependencies = ["toolz==0.12.1"]\n# ///\n'
body='try:\n    import toolz\n    print("toolz", toolz.__version__)\nexcept ModuleNotFoundError:\n    print("no toolz")\n'
printf "\"\"\"Example:\n\n$block\"\"\"\n$body" > quoted.py
printf "\"\"\"Example:\n\n$block\"\"\"\n$other$body" > both.py
printf "$block$other$body" > adjacent.py
printf "# /// script\n#dependencies = [\"toolz==1.0.0\"]\n# ///\n$body" > tight.py

said() { # the line that the script printed, or that it did not run
    grep -aE '^(no )?toolz' "$work/log" | tail -1 || echo refused
}
seen=$(
    python -c "
from importlib.metadata import version
print(*(f'{name} {version(name)}' for name in ('uv', 'pipx', 'pip-run', 'pip')))"
    for script in quoted both adjacent tight; do
        echo "$script.py:"
        uv run --quiet --no-project --python "$work/venv/bin/python" "$script.py" > log 2>&1 || true
        echo "  uv: $(said)"
        pipx run "$script.py" > log 2>&1 || true
        echo "  pipx: $(said)"
        python -m pip_run -q -- "$script.py" > log 2>&1 || true
        echo "  pip-run: $(said)"
        if pip install --dry-run --ignore-installed --requirements-from-script "$script.py" > log 2>&1; then
            echo "  pip: $(grep -oE 'toolz-[0-9.]+' log | tail -1 | tr - ' ')"
        else
            echo "  pip: refused"
        fi
    done
)
printf '%s\n' "$seen"
expected="uv 0.13.9 pipx 1.18.4 pip-run 16.1.0 pip 26.3
quoted.py:
  uv: toolz 1.0.0
  pipx: toolz 1.0.0
  pip-run: toolz 1.0.0
  pip: toolz 1.0.0
both.py:
  uv: refused
  pipx: refused
  pip-run: no toolz
  pip: refused
adjacent.py:
  uv: refused
  pipx: refused
  pip-run: no toolz
  pip: refused
tight.py:
  uv: refused
  pipx: no toolz
  pip-run: no toolz
  pip: refused"
[ "$seen" = "$expected" ] || { printf 'the behaviour changed; expected was:\n%s\n' "$expected" >&2; exit 1; }
