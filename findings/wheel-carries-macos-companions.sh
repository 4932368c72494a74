#!/usr/bin/env bash
# A wheel can carry a second, binary file beside each module, `._cli.py` beside `cli.py`, and pip installs it without a word.
#
# What surprises: the files are AppleDouble companions (RFC 1740), in which macOS keeps what it knows about a file when an archive or a disk has no place
# for it. They end in `.py`, stand in RECORD like sources, and each of them is one that Python refuses. pip compiles what it installs and drops the failures,
# so that installing succeeds; `python -m compileall` over the same folder fails. `pkgutil` does not list them, for no module is called so.
#
# Why it matters for a deploy: a package that is zipped on a Mac doubles its number of files, a build step that compiles everything ends with an error
# about files that nobody wrote, and a tool that reads all `*.py` finds as many broken modules as there are good ones.
#
# Seen with: autotune-doctor 0.5.0, pip 23.2.1, CPython 3.11.7. Output seen: the text of `expected` below.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-deps --target "$work/site" autotune-doctor==0.5.0
echo "pip: installed"

cat > "$work/run.py" <<'PY'
import pathlib
import pkgutil
import subprocess
import sys

site = pathlib.Path(sys.argv[1])
package = site / "autotune"
companions = sorted(package.rglob("._*.py"))
print("companions:", len(companions), "beside", len(list(package.rglob("[!.]*.py"))), "sources")
print("magic:", companions[0].read_bytes()[:4].hex())
record = next(site.glob("*.dist-info/RECORD")).read_text()
print("in RECORD:", sum("/._" in line and ".py," in line for line in record.splitlines()))
print("compiled by pip:", len(list(package.rglob("__pycache__/._*"))))
done = subprocess.run([sys.executable, "-m", "compileall", "-q", str(package)], capture_output=True, text=True)
print("compileall:", done.returncode)
names = [module.name for module in pkgutil.walk_packages([str(package)])]
print("pkgutil lists one:", any(name.startswith("._") for name in names))
PY

expected="companions: 35 beside 77 sources
magic: 00051607
in RECORD: 35
compiled by pip: 0
compileall: 1
pkgutil lists one: False"
seen=$(python3 "$work/run.py" "$work/site")
echo "$seen"
[ "$seen" = "$expected" ] || { echo "this has changed" >&2; exit 1; }
