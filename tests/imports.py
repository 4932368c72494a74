#!/usr/bin/env python3
"""Asks CPython which modules that a tree imports it can find, and compares with what `coship check` says.

    python3 tests/imports.py TREE [--root DIR]... [--python PYTHON] [--report FILE] [-v]

Each import statement of each file is tried for itself, so that one that fails hides no other: what the tree has is looked up by CPython's own
finders along the roots, without running any of it; what it has not is imported by PYTHON in a process of its own, in isolated mode, so that only the
standard library and what is installed there count. Only the module before `import` is asked for, not the names behind it; of `from package import name`
the package. `--root` are the import roots below TREE (default: TREE).

`--report` is the JSON of `coship check` over TREE: then each failing import is looked for among its findings, and each `missing-module` among the failing
imports. Exit status 1 if a finding that is an error is contradicted.
"""

import argparse
import ast
import collections
import importlib.machinery
import json
import pathlib
import subprocess
import sys

M = importlib.machinery
LOADERS = [
    (M.ExtensionFileLoader, M.EXTENSION_SUFFIXES),
    (M.SourceFileLoader, M.SOURCE_SUFFIXES),
    (M.SourcelessFileLoader, M.BYTECODE_SUFFIXES),
]
RULES = {"missing-module", "guarded-import", "import-cycle", "missing-target", "removed-from-python"}
TRY = """
import importlib, json, sys
answers = {}
for name in json.load(sys.stdin):
    try:
        importlib.import_module(name)
        answers[name] = None
    except ModuleNotFoundError as error:
        answers[name] = str(error) if error.name and (name + '.').startswith(error.name + '.') else None
    except BaseException:
        answers[name] = None
json.dump(answers, sys.__stdout__)
"""


def guards(tree):
    """The lines of imports under a `try` with a handler for ImportError or wider, or under TYPE_CHECKING."""
    found = set()
    for node in ast.walk(tree):
        body = []
        if isinstance(node, ast.Try):
            caught = [ast.unparse(h.type) if h.type else "Exception" for h in node.handlers]
            if any(w in c for c in caught for w in ("ImportError", "ModuleNotFoundError", "Exception")):
                body = node.body
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            body = node.body
        for stmt in body:
            found.update(inner.lineno for inner in ast.walk(stmt) if isinstance(inner, (ast.Import, ast.ImportFrom)))
    return found


def statements(path, package):
    """The imports of a file: (line, absolute dotted name or None beyond the top, whether guarded)."""
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError):
        return
    guarded = guards(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name, node.lineno in guarded
        elif isinstance(node, ast.ImportFrom):
            name = node.module or ""
            if node.level:
                parts = package.split(".") if package else []
                if len(parts) < node.level:
                    yield node.lineno, None, node.lineno in guarded
                    continue
                name = ".".join(parts[: len(parts) - node.level + 1] + ([name] if name else []))
            yield node.lineno, name, node.lineno in guarded


def look_up(name, path):
    """What PathFinder finds: (whether something is there, where to look for submodules). It is asked directory by directory, since a namespace package in a
    namespace package wants the outer one to be imported."""
    portions = []
    for entry in path:
        finder = importlib.machinery.FileFinder(entry, *LOADERS)
        spec = finder.find_spec(name)
        if spec is not None and spec.loader is not None:
            return True, spec.submodule_search_locations
        if spec is not None:
            portions += spec.submodule_search_locations or []
    return bool(portions), portions or None


def in_tree(name, path):
    """Whether the tree has a module: True, or False with what is missing; None if it has not even the first component."""
    done = []
    for part in name.split("."):
        done.append(part)
        found, path = look_up(".".join(done), path) if path else (False, None)
        if not found:
            return (None if len(done) == 1 else False), ".".join(done)
    return True, ""


def find(top, roots, python):
    """Each import of the tree: path, line, module, guarded, error (None if it works)."""
    found, outside = [], set()
    for path in sorted(top.rglob("*.py")):
        root = max((r for r in roots if r in path.parents), key=lambda r: len(r.parts), default=top)
        package = ".".join(path.parent.relative_to(root).parts)
        for line, name, guarded in statements(path, package):
            where = [str(root)] + [str(r) for r in roots if r != root]
            if name is None:
                answer, missing = False, "beyond the top"
            elif not name or name.split(".")[0] in sys.builtin_module_names:
                answer, missing = True, ""
            else:
                answer, missing = in_tree(name, where)
            if answer is None:
                outside.add(name)
            error = None if answer else missing
            found.append([path.relative_to(top).as_posix(), line, name or ".", guarded, error, answer is None])
    run = subprocess.run([python, "-I", "-c", TRY], input=json.dumps(sorted(outside)), capture_output=True, text=True)
    answers = json.loads(run.stdout[run.stdout.rindex("{"):])
    for one in found:
        if one.pop():
            one[4] = answers[one[2]]
    return found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tree", type=pathlib.Path)
    parser.add_argument("--root", action="append", default=[])
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--report", type=pathlib.Path)
    parser.add_argument("-v", action="store_true")
    given = parser.parse_args()
    top = given.tree.resolve()
    found = find(top, [top / r for r in given.root] or [top], given.python)
    failing = [one for one in found if one[4]]
    print(f"{len(found)} imports, {len(failing)} fail, {sum(one[3] for one in failing)} of those under a guard")
    if not given.report:
        for path, line, name, guarded, error in failing if given.v else []:
            print(f"  {path}:{line}: {name}{' (guarded)' if guarded else ''}: {error}")
        return 0
    said = {}
    for finding in json.loads(given.report.read_text())["findings"]:
        if finding["rule"] in RULES:
            places = [finding] + [r for r in finding["related"] if r["message"] == "and here"]
            for at in places:
                said.setdefault((at["path"], at["range"]["start"]["line"]), []).append(finding)
    count = collections.Counter()
    weight = {"error": 3, "warning": 2, "info": 1}
    for path, line, name, guarded, error in failing:
        findings = said.get((path, line), [])
        level = max((f["severity"] for f in findings), key=weight.get, default="silent")
        count["guarded" if guarded else "open", level] += 1
        if given.v and level in ("silent", "info"):
            print(f"  {level}: {path}:{line}: {name}{' (guarded)' if guarded else ''}")
    for kind in ("open", "guarded"):
        print(f"{kind}: " + ", ".join(f"{level} {count[kind, level]}" for level in ("error", "warning", "info", "silent")))
    fails = {(path, line) for path, line, *_ in failing}
    wrong = [f for key, fs in said.items() if key not in fails for f in fs if f["rule"] == "missing-module"]
    for finding in wrong:
        print(f"  contradicted: {finding['severity']}: {finding['path']}:{finding['range']['start']['line']}: {finding['message']}")
    errors = sum(f["severity"] == "error" for f in wrong)
    print(f"contradicted: {errors} errors, {len(wrong) - errors} others")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
