"""Writes Python files full of calls, and what CPython says to each of them.

    python3 tests/bind_sources.py SEED COUNT OUTDIR

OUTDIR (made if need be) becomes a tree that an analyser can read: `calls_0001.py` and so on, 500 calls each, and
`definitions_0001.py` beside them for the functions that are imported. Every call stands in a function of its own,
`case_17`, that takes nothing; each is then run, and `expected.json` tells what came of it:

    {"version": 1, "seed": 1, "python": "3.11.7", "cases": [
        {"path": "calls_0001.py", "function": "case_17", "line": 120,       the call, lines from 1
         "form": "method",                                                  a key of FORMS
         "exception": "TypeError: C17.m() missing 1 required positional argument: 'a'",   or null if the call binds
         "raised": {"path": "calls_0001.py", "line": 120, "function": "case_17"}}]}     the frame that raises, or null

All that decides a call is written out in the file, so an analyser has to find every exception here, with its text, and
nothing where there is none. The texts are CPython 3.11's; under a newer one the suggestions that it appends are cut off.
The same seed gives the same files. OUTDIR and the files in it should not be there from another run.
"""

import importlib
import json
import os
import platform
import random
import sys
import traceback

CALLS_PER_FILE = 500

NAMES = ["a", "b", "c", "d", "key", "value", "ttl", "timeout", "größe", "args", "kwargs"]
STRANGERS = ["z", "unknown", "class", "not an identifier"]

# A form is what it defines, what the case calls, and the parameter that a bound method fills by itself.
# {n} is the case's number, {s} the parameter list, {m} the module of definitions. Definitions before a line `---` move to
# that module; what they define first is imported.
FORMS = {
    "function": ("def f{n}({s}):\n    return None", "f{n}", None),
    "lambda": ("f{n} = lambda {s}: None", "f{n}", None),
    "closure": ("def make{n}():\n    def f({s}):\n        return None\n    return f", "make{n}()", None),
    "closure variable": (
        "def make{n}():\n    def f({s}):\n        return None\n    return f\n\n\nf{n} = make{n}()",
        "f{n}",
        None,
    ),
    "method": ("class C{n}:\n    def m(self{s}):\n        return None", "C{n}().m", "self"),
    "method of a singleton": ("class C{n}:\n    def m(self{s}):\n        return None\n\n\nc{n} = C{n}()", "c{n}.m", "self"),
    "method without self": ("class C{n}:\n    def m({s}):\n        return None", "C{n}().m", ""),
    "method of the class": ("class C{n}:\n    def m({s}):\n        return None", "C{n}.m", None),
    "inherited method": (
        "class B{n}:\n    def m(self{s}):\n        return None\n\n\nclass C{n}(B{n}):\n    pass",
        "C{n}().m",
        "self",
    ),
    "static method": ("class C{n}:\n    @staticmethod\n    def m({s}):\n        return None", "C{n}.m", None),
    "static method of an instance": ("class C{n}:\n    @staticmethod\n    def m({s}):\n        return None", "C{n}().m", None),
    "class method": ("class C{n}:\n    @classmethod\n    def m(cls{s}):\n        return None", "C{n}.m", "cls"),
    "constructor": ("class C{n}:\n    def __init__(self{s}):\n        pass", "C{n}", "self"),
    "inherited constructor": (
        "class B{n}:\n    def __init__(self{s}):\n        pass\n\n\nclass C{n}(B{n}):\n    pass",
        "C{n}",
        "self",
    ),
    "super constructor": (
        "class B{n}:\n    def __init__(self{s}):\n        pass\n\n\n"
        "class C{n}(B{n}):\n    def __init__(self, *x, **y):\n        super().__init__(*x, **y)",
        "C{n}",
        "self",
    ),
    "__new__": ("class C{n}:\n    def __new__(cls{s}):\n        return None", "C{n}", "cls"),
    "callable instance": ("class C{n}:\n    def __call__(self{s}):\n        return None", "C{n}()", "self"),
    "hop": (
        "def f{n}({s}):\n    return None\n\n\ndef hop{n}(*x, **y):\n    return f{n}(*x, **y)",
        "hop{n}",
        None,
    ),
    "two hops": (
        "def f{n}({s}):\n    return None\n\n\ndef hop{n}(*x, **y):\n    return f{n}(*x, **y)\n\n\n"
        "def skip{n}(*x, **y):\n    return hop{n}(*x, **y)",
        "skip{n}",
        None,
    ),
    "hop that adds": (
        "def f{n}({s}):\n    return None\n\n\ndef hop{n}(*x, **y):\n    return f{n}(*x, timeout=30, **y)",
        "hop{n}",
        None,
    ),
    "hop that takes out": (
        "def f{n}({s}):\n    return None\n\n\n"
        "def hop{n}(*x, **y):\n    y.pop('ttl', None)\n    return f{n}(*x, **y)",
        "hop{n}",
        None,
    ),
    "lambda hop": ("def f{n}({s}):\n    return None\n\n\nhop{n} = lambda *x, **y: f{n}(*x, **y)", "hop{n}", None),
    "method hop": (
        "class C{n}:\n    def m(self{s}):\n        return None\n\n    def hop(self, *x, **y):\n        return self.m(*x, **y)",
        "C{n}().hop",
        "self",
    ),
    "table": ("def f{n}({s}):\n    return None\n\n\nTABLE{n} = {{'set': f{n}, 'get': None}}", "TABLE{n}['set']", None),
    "router": (
        "def f{n}({s}):\n    return None\n\n\nTABLE{n} = {{'set': f{n}, 'get': len}}\n\n\n"
        "def route{n}(operation, /, *x, **y):\n    return TABLE{n}[operation](*x, **y)",
        "route{n}",
        None,
    ),
    "router by name": (
        "def f{n}({s}):\n    return None\n---\n"
        "def route{n}(operation, /, *x, **y):\n    return getattr(importlib.import_module('{m}'), operation)(*x, **y)",
        "route{n}",
        None,
    ),
    "function as argument": (
        "def f{n}({s}):\n    return None\n\n\ndef apply{n}(function, /, *x, **y):\n    return function(*x, **y)",
        "apply{n}",
        None,
    ),
    "decorated": (
        "def around{n}(function):\n    @functools.wraps(function)\n    def inner(*x, **y):\n        return function(*x, **y)\n"
        "    return inner\n\n\n@around{n}\ndef f{n}({s}):\n    return None",
        "f{n}",
        None,
    ),
    "partial": ("def f{n}({s}):\n    return None\n\n\npart{n} = functools.partial(f{n}, 0, ttl=0)", "part{n}", None),
    "imported": ("def f{n}({s}):\n    return None\n---", "f{n}", None),
    "imported class": ("class C{n}:\n    def __init__(self{s}):\n        pass\n---", "C{n}", "self"),
    "hop to imported": (
        "def f{n}({s}):\n    return None\n---\ndef hop{n}(*x, **y):\n    return f{n}(*x, **y)",
        "hop{n}",
        None,
    ),
}

# The argument that some forms want before all others.
FIRST = {"router": "'set'", "router by name": "'f{n}'", "function as argument": "f{n}"}

# The keyword that some forms pass by themselves.
ADDED = {"hop that adds": "timeout", "partial": "ttl"}

# Where the fault of a keyword that comes twice would show an address.
NO_DUPLICATES = {"callable instance", "partial"}


def make_signature(rng):
    """A list of (kind, name, has_default); kinds are / + * k ** in the order in which they stand."""
    names = rng.sample(NAMES, len(NAMES))
    kinds = [rng.choice("/++k") for _ in range(rng.randrange(7))]
    kinds += [star for star in ("*", "**") if rng.random() < 0.3]
    kinds.sort(key=["/", "+", "*", "k", "**"].index)
    positional = sum(kind in "/+" for kind in kinds)
    required = positional if rng.random() < 0.5 else rng.randrange(positional + 1)
    signature = []
    for at, kind in enumerate(kinds):
        has_default = at >= required if kind in "/+" else kind == "k" and rng.random() < 0.5
        signature.append((kind, names[at], has_default))
    return signature


def parameters(signature):
    """The parameter list as source."""
    parts = []
    before = None
    for kind, name, has_default in signature:
        if before == "/" and kind != "/":
            parts.append("/")
        if kind == "k" and before not in ("*", "k"):
            parts.append("*")
        parts.append((kind if kind in ("*", "**") else "") + name + ("=None" if has_default else ""))
        before = kind
    if before == "/":
        parts.append("/")
    return ", ".join(parts)


def make_call(rng, signature):
    """How many positionals, and which keywords: a call that binds, changed in none, one or two places."""
    positional = [parameter for parameter in signature if parameter[0] in "/+"]
    least = sum(kind == "/" and not has_default for kind, _, has_default in positional)
    given = rng.randint(least, len(positional))
    keywords = []
    for at, (kind, name, has_default) in enumerate(signature):
        if (kind == "k" or kind == "+" and at >= given) and (not has_default or rng.random() < 0.5):
            keywords.append(name)
        elif kind == "**" and rng.random() < 0.5:
            keywords.append(rng.choice(STRANGERS))
    if given == len(positional) and any(kind == "*" for kind, _, _ in signature):
        given += rng.randrange(3)
    rng.shuffle(keywords)
    for _ in range(rng.choice([0, 0, 1, 1, 2])):
        change = rng.randrange(6)
        if change == 0:
            given += rng.randint(1, 2)
        elif change == 1:
            given = max(given - 1, 0)
        elif change == 2 and keywords:
            keywords.remove(rng.choice(keywords))
        else:
            name = rng.choice(STRANGERS if change == 3 or not signature else signature)
            name = name if isinstance(name, str) else name[1]
            if name not in keywords:
                keywords.insert(rng.randint(0, len(keywords)), name)
    return given, keywords


def runs(rng, items):
    """Cuts items into runs, and says of each whether it is to be packed."""
    while items:
        count = rng.randint(1, len(items))
        yield items[:count], rng.random() < 0.3
        items = items[count:]


def make_arguments(rng, given, keywords, twice):
    """The arguments as source, and the lines before the call that they need."""
    parts = []
    lines = []

    def packed(literal, star):
        if rng.random() < 0.5:
            parts.append(star + literal)
        else:
            lines.append(f"packed{len(lines)} = {literal}")
            parts.append(f"{star}packed{len(lines) - 1}")

    for values, pack in runs(rng, [str(index) for index in range(given)]):
        if pack:
            packed("(" + ", ".join(values) + ",)", "*")
        else:
            parts.extend(values)
    for names, pack in runs(rng, keywords):
        if pack or not all(name.isidentifier() and name != "class" for name in names):
            packed("{" + ", ".join(f"{name!r}: 'v'" for name in names) + "}", "**")
        else:
            parts.extend(f"{name}='v'" for name in names)
    if twice:
        packed("{" + f"{keywords[0]!r}: 'twice'" + "}", "**")
    return ", ".join(parts), lines


class File:
    """A file in the making."""

    def __init__(self, name, head):
        self.name = name
        self.lines = head.split("\n")

    def add(self, source):
        """Adds a definition; returns the number of its last line."""
        self.lines += ["", "", *source.split("\n")]
        return len(self.lines)

    def write(self, directory):
        with open(os.path.join(directory, self.name), "w", encoding="utf-8", newline="\n") as file:
            file.write("\n".join(self.lines).strip("\n") + "\n")


def write_case(rng, number, calls, definitions):
    """Writes one case into the two files, and returns what is known of it so far."""
    form = rng.choice(list(FORMS))
    template, callee, bound = FORMS[form]
    signature = make_signature(rng)
    added = ADDED.get(form)
    if added and rng.random() < 0.7:
        signature = [parameter for parameter in signature if parameter[1] != added]
        keyword_only = sum(kind != "**" for kind, _, _ in signature)
        signature.insert(keyword_only, ("k", added, rng.random() < 0.5))
    given, keywords = make_call(rng, signature)
    if added in keywords and rng.random() < 0.9:
        keywords.remove(added)
    if bound == "" or form == "partial":
        # The instance, or the partial's own positional, goes to the first of the parameters.
        given = max(given - 1, 0)
    text = parameters(signature)
    if bound and text:
        # What stands before `/` takes `self` along.
        text = ", " + text
    source = template.format(n=number, s=text, m=definitions.name[:-3])
    elsewhere, separator, here = source.partition("\n---")
    if separator:
        definitions.add(elsewhere)
        name = elsewhere.split("(")[0].split(":")[0].split()[-1]
        here = f"from {definitions.name[:-3]} import {name}" + ("\n\n" + here if here else "")
    else:
        here = source
    calls.add(here)
    twice = keywords and form not in NO_DUPLICATES and rng.random() < 0.05
    arguments, lines = make_arguments(rng, given, keywords, twice)
    arguments = ", ".join(filter(None, [FIRST.get(form, "").format(n=number), arguments]))
    lines = [f"def case_{number}():", *lines, f"return {callee.format(n=number)}({arguments})"]
    line = calls.add("\n    ".join(lines))
    return {"path": calls.name, "function": f"case_{number}", "line": line, "form": form}


def run(case, directory):
    """Adds to the case what CPython says to it."""
    module = importlib.import_module(case["path"][:-3])
    case["exception"] = case["raised"] = None
    try:
        getattr(module, case["function"])()
    except TypeError as error:
        case["exception"] = "TypeError: " + str(error).split(". Did you mean '")[0]
        last = traceback.extract_tb(error.__traceback__)[-1]
        path = os.path.relpath(last.filename, directory).replace(os.sep, "/")
        case["raised"] = {"path": path, "line": last.lineno, "function": last.name}
    return case


def main():
    seed, count, directory = int(sys.argv[1]), int(sys.argv[2]), os.path.abspath(sys.argv[3])
    rng = random.Random(seed)
    os.makedirs(directory, exist_ok=True)
    cases = []
    for first in range(0, count, CALLS_PER_FILE):
        number = first // CALLS_PER_FILE + 1
        calls = File(f"calls_{number:04}.py", "import functools\nimport importlib")
        definitions = File(f"definitions_{number:04}.py", "")
        last = min(first + CALLS_PER_FILE, count)
        cases += [write_case(rng, case, calls, definitions) for case in range(first + 1, last + 1)]
        calls.write(directory)
        definitions.write(directory)
    sys.path.insert(0, directory)
    sys.dont_write_bytecode = True
    cases = [run(case, directory) for case in cases]
    document = {"version": 1, "seed": seed, "python": platform.python_version(), "cases": cases}
    with open(os.path.join(directory, "expected.json"), "w", encoding="utf-8", newline="\n") as file:
        json.dump(document, file, indent=1, ensure_ascii=False)
        file.write("\n")


main()
