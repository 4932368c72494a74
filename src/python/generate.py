"""Writes the tables of this directory by asking interpreters what they have.

    python3 src/python/generate.py PYTHON...

Each PYTHON is an interpreter, from 2.7 on; the tables say which ones were asked. A line of `builtins.txt` is a name, the first and the last minor version
of Python 3 that has it (nothing for the oldest and the newest one asked), or `2` for what only Python 2 had.
"""

import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).parent

BUILTINS = """
try:
    import builtins
except ImportError:
    import __builtin__ as builtins
import json, sys
print(json.dumps([list(sys.version_info[:3]), sorted(dir(builtins))]))
"""


def ask(python, program):
    """What a program prints, read as JSON."""
    return json.loads(subprocess.run([python, "-c", program], check=True, capture_output=True, text=True).stdout)


def span(having, asked):
    """The first and last of the versions asked that have something, each empty where nothing is older or newer."""
    first = "" if having[0] == asked[0] else str(having[0])
    last = "" if having[-1] == asked[-1] else str(having[-1])
    return f"{first}-{last}" if first or last else ""


def header(what, answers):
    versions = ", ".join(".".join(map(str, version)) for version in sorted(answers))
    return [f"# {what}. Written by generate.py from CPython {versions}."]


def builtins(pythons):
    answers = {}
    for python in pythons:
        version, names = ask(python, BUILTINS)
        answers[tuple(version)] = set(names)
    three = sorted(version for version in answers if version[0] == 3)
    asked = [version[1] for version in three]
    lines = header("Names of the builtins module", answers)
    for name in sorted(set().union(*answers.values())):
        having = [version[1] for version in three if name in answers[version]]
        lines.append(f"{name} {span(having, asked)}".strip() if having else f"{name} 2")
    (HERE / "builtins.txt").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    builtins(sys.argv[1:])
