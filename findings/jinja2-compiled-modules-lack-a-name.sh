#!/usr/bin/env bash
# What Jinja2 compiles of templates are Python modules that import without an error and lack the name that each of their functions reads.
#
# What surprises: `Environment.compile_templates` writes modules that are laid into packages and shipped as code (hundreds of them in some). Each reads a
# global `environment` in `root`, and nothing in the file binds it: `ModuleLoader` puts it into the module when it loads it. Imported as
# what it is, a module among others, it works until the first call. Reading the file alone, every linter is right that the name is undefined.
#
# Why it matters for a deploy: that all files of a folder lack one and the same name, and nothing imports them, is the mark of code that something
# runs in an environment of its own, and no fault of any of them. And a template that was compiled by another version of Jinja2 is as silent when it is
# imported: only what it imports from `jinja2.runtime` is looked up then.
#
# Seen with: Jinja2 3.1.6, MarkupSafe 3.0.3, CPython 3.11.7. Output seen: the text of `expected` below.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-deps \
    --target "$work/site" jinja2==3.1.6 markupsafe==3.0.3

cat > "$work/run.py" <<'PY'
import importlib
import pathlib
import sys
from importlib.metadata import version
from types import SimpleNamespace

from jinja2 import DictLoader, Environment, ModuleLoader

folder = pathlib.Path(sys.argv[1])
names = {"till.txt": "{{ price }} {{ item | upper }}", "door.txt": "{% for one in all %}{{ one }};{% endfor %}"}
Environment(loader=DictLoader(names)).compile_templates(folder, zip=None)
print("jinja2", version("jinja2"))
sys.path.insert(0, str(folder))
for path in sorted(folder.glob("*.py")):
    module = importlib.import_module(path.stem)
    print("imported:", "root" in vars(module), "environment" in vars(module))
    try:
        list(module.root(SimpleNamespace(resolve_or_missing=str)))
    except Exception as error:
        print("called: ", type(error).__name__)

loaded = Environment(loader=ModuleLoader(str(folder)))
print("loaded: ", loaded.get_template("till.txt").render(price=3, item="wool"))
print("loaded: ", loaded.get_template("door.txt").render(all="ab"))
PY

expected="jinja2 3.1.6
imported: True False
called:  NameError
imported: True False
called:  NameError
loaded:  3 WOOL
loaded:  a;b;"
seen=$(PYTHONPATH="$work/site" python3 "$work/run.py" "$work/compiled")
echo "$seen"
[ "$seen" = "$expected" ] || { echo "this has changed" >&2; exit 1; }
