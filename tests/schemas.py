#!/usr/bin/env python3
"""Holds what coship writes against the published schemas: every JSON document about every fixture, and every TOML that the documents show.

    python3 -m pip install jsonschema
    python3 tests/schemas.py COSHIP

Prints how many documents of each kind were valid; the first invalid one ends the run with its path and 1.
"""

import collections
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import tomllib

import jsonschema

ROOT = pathlib.Path(__file__).resolve().parent.parent
COSHIP = str(pathlib.Path(sys.argv[1]).resolve())
VALID = collections.Counter()


def validators():
    """The validator of each published schema, after the schema itself was found to be one."""
    found = {}
    for path in sorted((ROOT / "schema").glob("*.json")):
        schema = json.loads(path.read_text())
        jsonschema.Draft202012Validator.check_schema(schema)
        found[path.stem] = jsonschema.Draft202012Validator(schema)
    return found


def validate(kind, document, about):
    """Ends the run if a document is not of its kind."""
    for error in VALIDATORS[kind].iter_errors(document):
        sys.exit(f"{about}: no {kind}: {error.json_path}: {error.message}")
    VALID[kind] += 1


def run(*arguments, cwd=ROOT):
    """What coship prints; exit status 2 is an error of ours."""
    output = subprocess.run([COSHIP, *map(str, arguments)], capture_output=True, text=True, cwd=cwd)
    if output.returncode not in (0, 1):
        sys.exit(f"{arguments}: {output.stderr}")
    return output.stdout


def documents(fixture):
    """All documents about a fixture."""
    candidate, deployed = fixture / "candidate", fixture / "deployed"
    against = ["--against", deployed] if deployed.is_dir() else ["--against", "none"]
    as_json = ["--output-format", "json"]
    yield "check", run("check", candidate, *against, "--show", "may", *as_json)
    for line in run("check", candidate, *against, "--output-format", "json-lines").splitlines():
        yield "finding", line
    for name in ["routes", "graph", "environment", "config"]:
        yield {"config": "settings"}.get(name, name), run(name, candidate, *as_json)
    yield "graph", run("graph", candidate, "--layers", *as_json)
    if deployed.is_dir():
        for name in ["diff", "plan"]:
            yield name, run(name, candidate, *against, *as_json)


def history():
    """The lines about a small repository."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)

        def git(*words):
            who = ["-c", "user.name=A", "-c", "user.email=a@example.com"]
            subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)

        git("init")
        for text in ["def f(a):\n    return a\n\nf(1)\n", "def f(a):\n    return a\n\nf(1, 2)\n"]:
            (folder / "m.py").write_text(text)
            git("add", "m.py")
            git("commit", "-m", "step")
        for line in run("history", "--output-format", "json-lines", cwd=folder).splitlines():
            yield line


def examples():
    """The configurations that the documents show, and those of the fixtures."""
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        for text in re.findall(r"^```toml\n(.*?)^```", path.read_text(), re.M | re.S):
            yield path, text
    for path in sorted((ROOT / "fixtures").rglob("coship.toml")):
        yield path, path.read_text()


VALIDATORS = validators()
for fixture in sorted(path.parent for path in (ROOT / "fixtures").glob("*/candidate")):
    for kind, text in documents(fixture):
        validate(kind, json.loads(text), fixture.name)
for line in history():
    validate("history", json.loads(line), "history")
validate("rule", json.loads(run("rule", "--output-format", "json")), "rule")
for path, text in examples():
    table = tomllib.loads(text)
    table = table.get("tool", {}).get("coship", table)
    # TOML's dates are text to a schema.
    validate("config", json.loads(json.dumps(table, default=str)), path)
validate("config", tomllib.loads(run("init", "fixtures/outage/fixed", "--stdout")), "init")
for kind, count in sorted(VALID.items()):
    print(f"{kind:<12} {count}")
