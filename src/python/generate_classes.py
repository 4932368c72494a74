"""Writes `classes.txt` by asking interpreters, as `generate.py` does for the other tables.

    python3 src/python/generate_classes.py STUBS PYTHON...

STUBS is a directory of typeshed's, `stdlib`: it knows platforms and versions that no interpreter here is of.

`classes.txt`: the public attributes of public classes: `class, class: name name ...`, or `class, class *: ...` if instances have no others. The names before the colon are
all those by which programs know the class; `=shown` among them is the one that CPython's messages have; `(base)` stands for all names of a class with a line of its own. What not every version
has bears its span, `walk/12-`; `/-8` is what only older versions had. Names that a stub, the class's source or the modules of its bases know on any platform are among them.
"""

import ast
import functools
import json
import pathlib
import sys
import tempfile

from generate import BUILTINS, HERE, MODULES, OLDEST, UNKNOWN, ask, ask_in_file, header, is_one_run, within

# Modules whose classes are made or filled in ways that no list of names tells: by metaclasses, by what code of a user asks for, by the platform.
NO_CLASSES = UNKNOWN | set("""ast builtins ctypes enum typing types xmlrpc xml.dom xml.sax tkinter lib2to3 pdb bdb code codeop idlelib pydoc doctest test
unittest.mock distutils imp importlib multiprocessing.managers xxlimited xxlimited_35 xxsubtype smtpd asyncore asynchat asyncio.unix_events asyncio.windows_events""".split())

# Classes whose instances get what a user of the class asks for, though the class itself does not put it there (the library reference: `logging`, "LogRecord attributes" and `extra`;
# `argparse`, "The Namespace object"; `optparse`, "Values"; `threading`, "Thread-local data").
FILLED = {"logging.LogRecord", "argparse.Namespace", "optparse.Values", "threading.local"}

CLASSES = MODULES + """
import ast, importlib, inspect
left_out = set(json.load(open(sys.argv[2])))
trees, stores, computed = {}, {}, {}

def tree_of(module):
    if module not in trees:
        try:
            trees[module] = ast.parse(inspect.getsource(sys.modules[module]))
        except (OSError, TypeError, KeyError, SyntaxError):
            trees[module] = None
    return trees[module]

def definition(cls):
    tree = tree_of(cls.__module__)
    name = cls.__qualname__.rpartition(".")[2]
    nodes = () if tree is None else ast.walk(tree)
    return next((node for node in nodes if isinstance(node, ast.ClassDef) and node.name == name), None)

def public(names):
    return {name for name in names if isinstance(name, str) and not name.startswith("_")}

# Every attribute that code of a module assigns, on whatever it is.
def stored(module):
    if module not in stores:
        stores[module] = public(node.attr for node in ast.walk(tree_of(module)) if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store))
    return stores[module]

# What a class binds in its body, on any platform.
def bound(node):
    names, pending = set(), list(node.body)
    while pending:
        inner = pending.pop()
        if isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.add(inner.name)
            continue
        names.update(part.id for part in ast.walk(inner) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store))
        for part in ("body", "orelse", "finalbody", "handlers"):
            pending.extend(getattr(inner, part, ()))
    return public(names)

# Whether code puts attributes on something by names that it computes.
def computes_names(tree, is_meant):
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            if name in ("setattr", "__setattr__") and node.args and is_meant(node.args[0]) and not isinstance(node.args[-2 if len(node.args) > 1 else 0], ast.Constant):
                return True
            if name == "update" and isinstance(node.func, ast.Attribute) and getattr(node.func.value, "attr", "") == "__dict__" and is_meant(node.func.value.value):
                return True
        if isinstance(node, ast.Subscript) and getattr(node.value, "attr", "") == "__dict__" and isinstance(node.ctx, ast.Store) and is_meant(node.value.value):
            return True
        if isinstance(node, ast.Assign) and any(getattr(target, "attr", "") == "__dict__" for target in node.targets):
            return True
    return False

def is_receiver(node):
    return isinstance(node, ast.Name) and node.id in ("self", "cls")

# The same of something else in a module, which may be an instance of one of its classes.
def sets_others(module):
    if module not in computed:
        tree = tree_of(module)
        modules = {alias.asname or alias.name for inner in ast.walk(tree) if isinstance(inner, ast.Import) for alias in inner.names}
        others = modules | {"namespace", "rv", "self", "cls"}
        computed[module] = computes_names(tree, lambda node: not isinstance(node, ast.Name) or node.id not in others)
    return computed[module]

# Whether instances have what is known and nothing else, and what they have besides what `dir` shows.
def instances(cls):
    extra = set()
    for base in cls.__mro__[:-1]:
        node = definition(base)
        if node is not None:
            extra |= bound(node) | stored(base.__module__)
        if base.__dictoffset__ == 0:
            continue
        if node is None or computes_names(node, is_receiver) or isinstance(base.__dict__.get("__setattr__"), type(bound)):
            return False, extra
        if sets_others(base.__module__):
            return False, extra
    return True, extra

found_classes = {}
for module in found:
    if module in left_out or any(module.startswith(name + ".") for name in left_out):
        continue
    try:
        imported = importlib.import_module(module)
    except BaseException:
        continue
    for name in sorted(public(set(dir(imported)) | set(getattr(imported, "__all__", ())))):
        cls = getattr(imported, name, None)
        if not isinstance(cls, type) or type(cls).__name__ not in ("type", "ABCMeta") or issubclass(cls, BaseException):
            continue
        home = cls.__module__ or ""
        if home.split(".")[0].lstrip("_") != module.split(".")[0] and name not in getattr(imported, "__all__", ()):
            continue
        hooks = [base.__dict__.get(hook) for base in cls.__mro__[:-1] for hook in ("__getattr__", "__getattribute__")]
        if any(isinstance(hook, type(bound)) for hook in hooks) or not all(type(base).__name__ in ("type", "ABCMeta") for base in cls.__mro__):
            continue
        if hasattr(cls, "n_sequence_fields"):
            continue
        try:
            cls.no_such_attribute
        except AttributeError as error:
            shown = str(error).split("'")[1]
        known = found_classes.setdefault(id(cls), {"names": [], "shown": shown, "dir": sorted(public(dir(cls)) | {"mro"} | ({"register"} if type(cls) is not type else set())),
            "bases": [[base.__module__, base.__qualname__] for base in cls.__mro__[:-1]], "ids": [id(base) for base in cls.__mro__[1:-1]]})
        known["names"].append(module + "." + name)
        if "closed" not in known:
            closed, extra = instances(cls)
            known["closed"], known["extra"] = closed, sorted(extra)
for known in found_classes.values():
    known["above"] = [sorted(found_classes[base]["names"])[0] for base in known["ids"] if base in found_classes]
json.dump([list(sys.version_info[:3]), list(found_classes.values())], open(sys.argv[1], "w"))
"""


@functools.cache
def stub_of(path):
    """The classes of a stub by name, and what it imports from elsewhere."""
    nodes = list(ast.walk(ast.parse(path.read_bytes())))
    imports = [node for node in nodes if isinstance(node, ast.ImportFrom) and not node.level]
    return {node.name: node for node in nodes if isinstance(node, ast.ClassDef)}, imports


@functools.cache
def of_stubs(directory, module, name, seen=()):
    """The names that a stub gives a class and what it derives from in stubs, on any platform; none: no stub tells of the class."""
    path = directory.joinpath(*module.split("."))
    path = path / "__init__.pyi" if path.is_dir() else path.with_suffix(".pyi")
    if not path.exists() or (module, name) in seen:
        return None
    names, is_found = set(), False
    known_classes, imports = stub_of(path)
    for node in imports:
        for alias in node.names:
            if name not in known_classes and (alias.asname or alias.name) in (name, "*"):
                known = of_stubs(directory, node.module, name, (*seen, (module, name)))
                names |= known or set()
                is_found |= known is not None
    for node in [known_classes[name]] if name in known_classes else []:
        is_found = True
        for base in node.bases:
            base = base.value if isinstance(base, ast.Subscript) else base
            if isinstance(base, ast.Name):
                names |= of_stubs(directory, module, base.id, (*seen, (module, name))) or set()
            elif isinstance(base, ast.Attribute) and isinstance(base.value, ast.Name):
                names |= of_stubs(directory, base.value.id, base.attr, (*seen, (module, name))) or set()
        for inner in (inner for part in node.body for inner in ast.walk(part)):
            if isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                names.add(inner.name)
            elif isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
                names.add(inner.id)
    return {known for known in names if not known.startswith("_")} if is_found else None


def classes(pythons, directory):
    """Writes the attributes of classes."""
    answers, versions = {}, []
    with tempfile.NamedTemporaryFile("w", suffix=".json") as question:
        json.dump(sorted(NO_CLASSES), question)
        question.flush()
        for python in pythons:
            version, _ = ask(python, BUILTINS)
            if version[0] == 3:
                version, known = ask_in_file(python, CLASSES, question.name)
                versions.append(tuple(version))
                answers[version[1]] = {name: found for found in known for name in found["names"]}
    asked = [version[1] for version in sorted(versions) if version[:2] >= OLDEST]
    older = [minor for minor in answers if minor not in asked]
    # One line for one class, under the names that it has in the newest version.
    first = header("What classes have as attributes", [version for version in versions if version[:2] >= OLDEST]).replace("generate.py", "generate_classes.py")
    lines, written, told = [first], {}, {}
    for minor in reversed(asked):
        for name in sorted(answers[minor], key=lambda name: (name.count("."), name)):
            known = answers[minor][name]
            if name not in written:
                names = [alias for alias in known["names"] if alias not in written]
                written.update((alias, name) for alias in names)
                told[name] = (sorted(names), known)
    described = {}
    for name, (names, newest) in told.items():
        having = [minor for minor in asked if name in answers[minor]]
        found = [answers[minor][name] for minor in having]
        stubs = [of_stubs(directory, *place) for place in [name.rsplit(".", 1), *newest["bases"]]]
        if stubs[0] is None and (len(stubs) < 2 or stubs[1] is None):
            continue
        loose = set().union(*(known["extra"] for known in found), *(stub for stub in stubs if stub))
        spans = {}
        for attribute in sorted(set().union(loose, *(known["dir"] for known in found))):
            has = [minor for minor, known in zip(having, found) if attribute in known["dir"] or attribute in known["extra"]]
            spans[attribute] = within(has, having, asked) if has and is_one_run(has, having) else ""
        for minor in older:
            for attribute in (*answers[minor].get(name, {}).get("dir", ()), *answers[minor].get(name, {}).get("extra", ())):
                spans.setdefault(attribute, f"-{OLDEST[1] - 1}")
        is_closed = all(known["closed"] for known in found) and name not in FILLED
        shown = next((answers[minor][name]["shown"] for minor in (11, *having) if name in answers[minor]), None)
        above = [written[base] for base in newest["above"] if base in written]
        described[name] = (names, shown, is_closed, above, spans)
    for name in sorted(described):
        names, shown, is_closed, above, spans = described[name]
        left, bases = dict(spans), []
        for base in above:
            if base in described and described[base][4].items() <= spans.items() and described[base][4].items() & left.items():
                bases.append(f"({base})")
                left = {attribute: span for attribute, span in left.items() if described[base][4].get(attribute) != span}
        own = [f"{attribute}/{span}" if span else attribute for attribute, span in sorted(left.items())]
        called = [] if shown == name.rsplit(".", 1)[1] else [f"={shown}"]
        lines.append(f"{' '.join([*names, *called, *bases])}{' *' if is_closed else ''}: {' '.join(own)} ")
    (HERE / "classes.txt").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    classes(sys.argv[2:], pathlib.Path(sys.argv[1]))
