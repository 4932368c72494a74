#!/usr/bin/env bash
# Two pylock.toml of the same project, both valid, select different packages; neither reader nor file tells what was left out.
#
# What surprises: `pip lock` writes only what the machine that locks needs, and writes no `environments` that would say so: for
# Windows the packaging library selects from it without the dependency that is marked for Windows. `uv export` keeps the
# marker, but writes the development group as if it were needed, with no marker and no `dependency-groups`: the standard's own
# selection installs a test tool in production, and cannot leave it out. With --all-extras the optional packages become plain
# ones; asking the file for the extra by name is an error.
#
# Why it matters for a deploy: "everything in the lock file is there" and "everything needed is in the lock file" are both false
# for somebody. A lock closes the environment only for the platform and the groups that it was made for.
#
# Seen with: pip 26.3, uv 0.13.9, packaging 26.4, CPython 3.11.7. Output seen: the text of `expected` below.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
export PIP_DISABLE_PIP_VERSION_CHECK=1 UV_CACHE_DIR="$work/uv-cache"
"$work/venv/bin/pip" install --quiet pip==26.3
"$work/venv/bin/pip" install --quiet uv==0.13.9 packaging==26.4
export PATH="$work/venv/bin:$PATH"
cd "$work"

cat > pyproject.toml <<'TOML'
[project]
name = "demo"
version = "1.0"
requires-python = ">=3.11"
dependencies = ["sortedcontainers==2.4.0", "six==1.16.0 ; sys_platform == 'win32'"]
[project.optional-dependencies]
fast = ["toolz==1.0.0"]
[dependency-groups]
dev = ["iniconfig==2.0.0"]
TOML
printf 'sortedcontainers==2.4.0\nsix==1.16.0 ; sys_platform == "win32"\n' > requirements.txt
pip lock --quiet -r requirements.txt -o pylock.pip.toml > log 2>&1 || { cat log >&2; exit 1; }
uv lock --quiet
uv export --quiet --format pylock.toml -o pylock.uv.toml
uv export --quiet --format pylock.toml --all-extras --no-dev -o pylock.extras.toml

cat > choose.py <<'PY'
import tomllib
from importlib.metadata import version

from packaging.markers import default_environment
from packaging.pylock import Pylock, PylockSelectError

LINUX = {**default_environment(), "sys_platform": "linux", "os_name": "posix", "platform_system": "Linux"}
WINDOWS = {**default_environment(), "sys_platform": "win32", "os_name": "nt", "platform_system": "Windows"}
print(*(f"{name} {version(name)}" for name in ("pip", "uv", "packaging")))
for kind in ("pip", "uv", "extras"):
    with open(f"pylock.{kind}.toml", "rb") as file:
        lock = Pylock.from_dict(tomllib.load(file))
    print(f"{kind}: environments {lock.environments}, groups {lock.dependency_groups}, extras {lock.extras}")
    for label, asked in {
        "linux": {"environment": LINUX},
        "windows": {"environment": WINDOWS},
        "no groups": {"environment": LINUX, "dependency_groups": []},
        "extra fast": {"environment": LINUX, "extras": ["fast"]},
    }.items():
        try:
            print(f"  {label}:", sorted(package.name for package, _ in lock.select(**asked)))
        except PylockSelectError as problem:
            print(f"  {label}: {problem}")
PY
seen=$(python choose.py)
printf '%s\n' "$seen"
expected="pip 26.3 uv 0.13.9 packaging 26.4
pip: environments None, groups None, extras None
  linux: ['sortedcontainers']
  windows: ['sortedcontainers']
  no groups: ['sortedcontainers']
  extra fast: Undeclared extras: fast
uv: environments None, groups None, extras None
  linux: ['iniconfig', 'sortedcontainers']
  windows: ['iniconfig', 'six', 'sortedcontainers']
  no groups: ['iniconfig', 'sortedcontainers']
  extra fast: Undeclared extras: fast
extras: environments None, groups None, extras None
  linux: ['sortedcontainers', 'toolz']
  windows: ['six', 'sortedcontainers', 'toolz']
  no groups: ['sortedcontainers', 'toolz']
  extra fast: Undeclared extras: fast"
[ "$seen" = "$expected" ] || { printf 'the behaviour changed; expected was:\n%s\n' "$expected" >&2; exit 1; }
