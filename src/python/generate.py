"""Writes the tables of this directory by asking interpreters what they have.

    python3 src/python/generate.py [--stubs DIRECTORY] PYTHON...

Each PYTHON is an interpreter, from 2.7 on, all built on one machine: what one of them has and the next one lacks is then a matter of the version and not of the
platform. The first line of a table says which ones were asked. What is said of a version is said of the oldest one asked from 3.9 on and of those after
it; older ones are asked for names alone that may be worth asking for.

`builtins.txt`: a name and its span, or `2` for what only Python 2 had.
`library.txt`: what not every version from 3.9 on has of the standard library. `module SPAN` is a module, with its name written out; the lines after
`in module` are names of a module that all its versions have: `name SPAN`, or `name(parameter) SPAN QUALNAME` for a parameter that can be passed by keyword, with
the name under which a function written in Python refuses it.

`everywhere.txt`: what each of them has, whatever the platform: `module: name name ...`. Modules whose names rest on the platform have none.

`names.txt`: what any of them has, or a stub says that any version has on any platform: `module: name name ...`. What a module does not have here, it has nowhere.
The stubs are a directory of typeshed's, `stdlib`; without one this table stays as it is.

A span is the first and the last minor version that has it, each empty where nothing older or newer was asked.
"""

import ast
import json
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
OLDEST = (3, 9)

# Modules that no build of any platform lacks; of those behind the bar, the names rest on the platform.
EVERYWHERE = """abc argparse ast base64 bisect calendar codecs collections collections.abc contextlib copy csv dataclasses datetime decimal enum fractions
functools hashlib heapq importlib importlib.abc importlib.machinery importlib.util inspect io itertools json logging logging.handlers math numbers
operator pathlib pickle pprint queue random re shlex statistics string struct tempfile textwrap traceback types typing unittest unittest.mock urllib.error
urllib.parse urllib.request uuid warnings weakref | array asyncio os subprocess sys threading time"""

# Modules whose names rest on the platform in ways that no stub tells, on which programs put things, or in whose place others stand.
UNKNOWN = set("""_curses _socket antigravity builtins crypt curses dbm distutils encodings errno fcntl grp idlelib lib2to3 locale mmap msilib nis nt ossaudiodev posix pwd readline
resource select signal site socket spwd ssl sys syslog termios this tkinter tty turtle winreg winsound""".split())

BUILTINS = """
try:
    import builtins
except ImportError:
    import __builtin__ as builtins
import json, sys
print(json.dumps([list(sys.version_info[:3]), sorted(dir(builtins))]))
"""

# What is no part of the library that programs use, or does something when it is imported.
MODULES = """
import json, os, sys, sysconfig, warnings
warnings.simplefilter("ignore")
SKIPPED = {"__main__", "__phello__", "antigravity", "idlelib", "test", "tests", "this", "turtle", "turtledemo", "pydoc_data", "config",
           "lib-dynload", "site-packages", "_bundled", "__pycache__", "tkinter", "msilib", "ensurepip", "venv", "_pyrepl", "curses"}
root = sysconfig.get_path("stdlib")
found = set(sys.builtin_module_names)

def walk(directory, prefix):
    for name in sorted(os.listdir(directory)):
        path = os.path.join(directory, name)
        stem = name.split(".")[0]
        if stem in SKIPPED or not stem.isidentifier() or stem.startswith("_") and stem != "__future__":
            continue
        if os.path.isdir(path):
            if os.path.exists(os.path.join(path, "__init__.py")):
                found.add(prefix + stem)
                walk(path, prefix + stem + ".")
        elif name.endswith(".py"):
            found.add(prefix + stem)

walk(root, "")
for name in os.listdir(os.path.join(root, "lib-dynload")):
    stem = name.split(".")[0]
    if not stem.startswith("_") and stem.isidentifier():
        found.add(stem)
found = sorted(name for name in found if not name.startswith("_") or name == "__future__")
"""

NAMES = MODULES + """
import importlib
result = {}
for module in found:
    try:
        imported = importlib.import_module(module)
    except BaseException:
        result[module] = []
        continue
    names = set(getattr(imported, "__all__", ())) | set(dir(imported))
    result[module] = sorted(name for name in names if isinstance(name, str) and not name.startswith("_"))
json.dump([list(sys.version_info[:3]), result], open(sys.argv[1], "w"))
"""

# asyncio kept `loop` in signatures for a while, only to refuse it.
ASKED = MODULES + """
import enum, importlib, inspect
wanted = json.load(open(sys.argv[2]))
refused = set()
try:
    from asyncio import mixins
    refused.add(id(mixins._marker))
except (ImportError, AttributeError):
    pass

def parameters(thing):
    if not callable(thing) or isinstance(thing, enum.EnumMeta) or isinstance(thing, type) and issubclass(thing, BaseException):
        return None
    try:
        signature = inspect.signature(thing)
    except (TypeError, ValueError):
        return None
    named = []
    for parameter in signature.parameters.values():
        if parameter.kind == parameter.VAR_KEYWORD:
            return None
        if parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY) and id(parameter.default) not in refused:
            if parameter.name.startswith("_"):
                continue
            named.append(parameter.name)
    return named

# The name under which a function written in Python refuses arguments.
def refuses(thing):
    if isinstance(thing, type):
        thing = thing.__init__ if isinstance(thing.__init__, type(refuses)) else thing.__new__
    return thing.__qualname__ if isinstance(thing, type(refuses)) else None

def is_borrowed(imported, module, name, thing):
    if inspect.ismodule(thing):
        return not thing.__name__.startswith(module + ".")
    if not isinstance(thing, (type, type(len), type(is_borrowed))) or name in getattr(imported, "__all__", ()):
        return False
    home = thing.__module__ or ""
    return home.split(".")[0].lstrip("_") != module.split(".")[0]

result = {}
for module in found:
    try:
        imported = importlib.import_module(module)
    except BaseException:
        continue
    has = {}
    for name in wanted.get(module, ()):
        try:
            thing = getattr(imported, name)
        except BaseException:
            continue
        has[name] = [is_borrowed(imported, module, name, thing), parameters(thing), refuses(thing)]
    result[module] = has
json.dump(result, open(sys.argv[1], "w"))
"""


def ask(python, program):
    """What a program prints, read as JSON."""
    return json.loads(subprocess.run([python, "-c", program], check=True, capture_output=True, text=True).stdout)


def ask_in_file(python, program, *arguments):
    """What a program writes into the file that it is given, since modules print when they are imported."""
    with tempfile.TemporaryDirectory() as directory:
        answer = pathlib.Path(directory, "answer.json")
        command = [python, "-I", "-S", "-W", "ignore", "-c", program, str(answer), *arguments]
        subprocess.run(command, check=True, capture_output=True, cwd=directory, stdin=subprocess.DEVNULL)
        return json.loads(answer.read_text())


def span(having, asked):
    """The first and last of the versions asked that have something, each empty where nothing is older or newer; nothing for all of them."""
    first = "" if having[0] == asked[0] else str(having[0])
    last = "" if having[-1] == asked[-1] else str(having[-1])
    return f"{first}-{last}" if first or last else ""


def header(what, versions):
    return f"# {what}. Written by generate.py from CPython {', '.join('.'.join(map(str, version)) for version in sorted(versions))}."


def builtins(pythons):
    answers = {}
    for python in pythons:
        version, names = ask(python, BUILTINS)
        answers[tuple(version)] = set(names)
    three = sorted(version for version in answers if version[:2] >= OLDEST)
    asked = [version[1] for version in three]
    two = {version for version in answers if version[0] == 2}
    lines = [header("Names of the builtins module", [*two, *three])]
    for name in sorted(set().union(*(answers[version] for version in [*two, *three]))):
        having = [version[1] for version in three if name in answers[version]]
        lines.append(f"{name} {span(having, asked)}".strip() if having else f"{name} 2")
    (HERE / "builtins.txt").write_text("\n".join(lines) + "\n")


def library(pythons):
    wanted, versions = {}, {}
    for python in pythons:
        version, _ = ask(python, BUILTINS)
        if version[0] == 3:
            _, modules = ask_in_file(python, NAMES)
            for module, names in modules.items():
                wanted.setdefault(module, set()).update(names)
            if tuple(version[:2]) >= OLDEST:
                versions[tuple(version)] = (python, set(modules))
    asked = [version[1] for version in sorted(versions)]
    answers = {}
    with tempfile.NamedTemporaryFile("w", suffix=".json") as question:
        json.dump({module: sorted(names) for module, names in wanted.items()}, question)
        question.flush()
        for version, (python, _) in versions.items():
            answers[version[1]] = ask_in_file(python, ASKED, question.name)
    modules = {version[1]: modules for version, (_, modules) in versions.items()}
    lines = [header("What came and went in the standard library", versions)]
    inside = []
    for module in sorted(wanted):
        having = [minor for minor in asked if module in modules[minor]]
        if not having:
            continue
        if (told := span(having, asked)) and is_one_run(having, asked):
            parent = module.rpartition(".")[0]
            gone_too = parent and any(module.startswith(line.split()[0] + ".") and line.split()[1] == told for line in lines[1:])
            if not gone_too:
                lines.append(f"{module} {told}")
        # Whether a package has its submodule as a name rests on who imported it before.
        names = sorted(name for name in wanted[module] if f"{module}.{name}" not in wanted)
        inside.extend(names_of(module, names, having, asked, answers))
    (HERE / "library.txt").write_text("\n".join(lines + inside) + "\n")


def everywhere(pythons):
    """Writes which names of some modules all versions have."""
    answers = {}
    for python in pythons:
        version, names = ask_in_file(python, NAMES)
        if tuple(version[:2]) >= OLDEST:
            answers[tuple(version)] = names
    lines = [header("What every version has on every platform", answers)]
    named, unnamed = (part.split() for part in EVERYWHERE.split("|"))
    for module in sorted([*named, *unnamed]):
        names = set.intersection(*(set(answer[module]) for answer in answers.values())) if module in named else set()
        lines.append(f"{module}: {' '.join(sorted(names))}".strip())
    (HERE / "everywhere.txt").write_text("\n".join(lines) + "\n")


def stubbed(directory, module, seen=(), suffix=".pyi"):
    """The names that the stub of a module binds, whatever the version and the platform; none if there is no stub, or if it says that there may be more.
    With the suffix `.py`, those that the module itself binds: on Windows `subprocess` has a class of which no stub tells."""
    path = directory.joinpath(*module.split("."))
    path = path / f"__init__{suffix}" if path.is_dir() else path.with_suffix(suffix)
    if not path.exists():
        return None
    package = module.split(".") if path.stem == "__init__" else module.split(".")[:-1]
    names = set()
    statements = list(ast.parse(path.read_bytes()).body)
    while statements:
        node = statements.pop()
        if isinstance(node, ast.If) and any(isinstance(name, ast.Name) and name.id == "__name__" for name in ast.walk(node.test)):
            continue
        if isinstance(node, (ast.If, ast.Try)):
            statements += [*node.body, *node.orelse, *getattr(node, "finalbody", ())]
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names.update(name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store))
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            # What a stub imports is a name of the module only if it is given that name once more (PEP 484, "Stub files").
            names.update(alias.asname for alias in node.names if alias.asname)
            if suffix == ".py":
                names.update(alias.name.split(".")[0] for alias in node.names if not alias.asname)
            if isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
                base = package[:len(package) + 1 - node.level] if node.level else []
                source = ".".join([*base, *([node.module] if node.module else [])])
                if source not in seen:
                    names.update(stubbed(directory, source, (*seen, module), suffix) or ())
    return None if "__getattr__" in names and not seen else names


def ask_for_hook(python, module):
    """Whether a module has a function that is asked for what it lacks (PEP 562)."""
    if module.split(".")[0] in UNKNOWN or "." in module:
        return False
    program = f"import json, {module}; print(json.dumps(hasattr({module}, '__getattr__')))"
    try:
        return ask(python, program)
    except (subprocess.CalledProcessError, json.JSONDecodeError):
        return True


def all_names(pythons, directory):
    """Writes what modules have in any version."""
    had, versions, asked = {}, [], set()
    for python in pythons:
        version, modules = ask_in_file(python, NAMES)
        if tuple(version[:2]) >= OLDEST:
            versions.append(tuple(version))
            for module, names in modules.items():
                had.setdefault(module, set()).update(names)
            asked.update(name for name in modules if ask_for_hook(python, name))
            library = pathlib.Path(ask(python, 'import json, sysconfig; print(json.dumps(sysconfig.get_path("stdlib")))'))
            for module in modules:
                had[module].update(stubbed(library, module, suffix=".py") or ())
            paths = ask(python, "import json, ntpath, posixpath; print(json.dumps([*dir(ntpath), *dir(posixpath)]))")
            had.setdefault("os.path", set()).update(paths)
    lines = [header("What any version has, as far as it runs here or typeshed tells", versions)]
    for module in sorted(had):
        told = stubbed(directory, module)
        if not had[module] or told is None or module.split(".")[0] in UNKNOWN:
            continue
        stubs = directory.joinpath(*module.split("."))
        below = {path.name.partition(".")[0] for path in stubs.iterdir()} if stubs.is_dir() else set()
        below |= {name[len(module) + 1:].split(".")[0] for name in had if name.startswith(module + ".")}
        # A module that is asked by `__getattr__` may have what the modules below it have, as `collections` had in 3.9.
        if module in asked:
            below |= {name for lower in had if lower.startswith(module + ".") for name in had[lower]}
        names = sorted(name for name in had[module] | told | below if not name.startswith("_") and name != "*")
        lines.append(f"{module}: {' '.join(names)} ")
    (HERE / "names.txt").write_text("\n".join(lines) + "\n")


def names_of(module, names, having, asked, answers):
    """The lines about the names of a module, in the versions that have the module."""
    lines = []
    importable = [minor for minor in having if module in answers[minor]]
    for name in names:
        has = [minor for minor in importable if name in answers[minor][module]]
        # What a module imports for itself is no name of its own.
        if all(answers[minor][module][name][0] for minor in has):
            continue
        if is_one_run(has, importable) and (told := within(has, importable, asked)):
            lines.append(f"{name} {told}")
        known = {minor: answers[minor][module][name][1] for minor in has}
        if any(parameters is None for parameters in known.values()):
            continue
        for parameter in sorted(set().union(*known.values())):
            takes = [minor for minor in has if parameter in known[minor]]
            if is_one_run(takes, has) and (told := within(takes, has, asked)):
                # The newest one without it tells its name; without one it is written in C.
                refusing = [answers[minor][module][name][2] for minor in has if minor not in takes]
                lines.append(f"{name}({parameter}) {told} {refusing[-1] or ''}".strip())
    return [f"in {module}", *lines] if lines else []


def is_one_run(having, among):
    """Whether these are neighbours: what goes and comes back is an accident of some build."""
    start = among.index(having[0])
    return among[start:start + len(having)] == having


def within(having, among, asked):
    """The span, where what came and went with what it is in is not told again."""
    first = "" if having[0] == among[0] else str(having[0])
    last = "" if having[-1] == among[-1] else str(having[-1])
    return f"{first}-{last}" if first or last else ""


if __name__ == "__main__":
    interpreters = sys.argv[1:]
    if interpreters[:1] == ["--stubs"]:
        all_names(interpreters[2:], pathlib.Path(interpreters[1]))
        interpreters = interpreters[2:]
    builtins(interpreters)
    library(interpreters)
    everywhere(interpreters)
