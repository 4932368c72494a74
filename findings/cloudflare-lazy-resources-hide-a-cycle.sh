#!/usr/bin/env bash
# One part of the Cloudflare SDK 5.9.0 cannot be imported, whichever of its modules comes first, and nobody sees it until that part is used.
#
# What surprises: `import cloudflare` works, the client is made, and its other resources answer. `client.pipelines` imports its modules when it is first
# read, and fails: three of its generated modules describe fields that hold one another, and each imports the next at its end, except the one in the middle,
# which imports at its beginning. There is no order in which that works, so no test of it can ever have run.
#
# Why it matters for a deploy: a client that loads its parts on demand passes every smoke test that imports it, and every check at start-up. What is new in a
# version fails for whoever uses it first. Only importing all modules, or following their imports, tells it beforehand.
#
# Seen with: cloudflare 5.9.0 with pydantic and httpx as pinned below, CPython 3.11.7. Output seen: the text of `expected` below.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps \
    annotated-types==0.8.0 anyio==4.16.0 certifi==2026.10.19.post1 cloudflare==5.9.0 distro==1.9.0 h11==0.16.0 \
    httpcore==1.0.9 httpx==0.28.1 idna==3.20 pydantic==2.14.4 pydantic_core==2.50.5 sniffio==1.3.1 \
    typing-inspection==0.4.5 typing_extensions==4.16.0

cat > "$work/run.py" <<'PY'
import importlib
import subprocess
import sys
from importlib.metadata import version

import cloudflare

print("cloudflare", version("cloudflare"))
client = cloudflare.Cloudflare(api_token="none")
print("queues:   ", type(client.queues).__name__)
try:
    client.pipelines
except ImportError as error:
    print("pipelines:", type(error).__name__, str(error).split(" (")[0])
for first in ("source_field", "struct_field", "list_field"):
    code = f"import cloudflare.types.pipelines.{first}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    print(f"{first} first:", "works" if done.returncode == 0 else done.stderr.strip().splitlines()[-1].split(":")[0])
PY

expected="cloudflare 5.9.0
queues:    QueuesResource
pipelines: ImportError cannot import name 'SourceField' from partially initialized module 'cloudflare.types.pipelines.source_field'
source_field first: ImportError
struct_field first: ImportError
list_field first: ImportError"
seen=$("$work/venv/bin/python" "$work/run.py")
echo "$seen"
[ "$seen" = "$expected" ] || { echo "this has changed" >&2; exit 1; }
