"""Says, as one JSON line per file, what CPython knows of the files whose paths are read from standard input:

    {"path": .., "error": text or null, "names": null or
        {"scopes": [[line, name, locals, frees, globals]], "codes": [..]}}

The names are there from Python 3.11 only: newer ones count comprehensions to the scope around and name things anew.

Comprehensions, which are scopes of their own for CPython, are counted to the function around. Names of type
parameters and what CPython adds by itself (`.0`, `__class__`) are left out, and so are names that are declared global
or nonlocal and then not used.
"""

import json
import symtable
import sys
import warnings

warnings.simplefilter("ignore")
COMPREHENSIONS = {"listcomp", "setcomp", "dictcomp", "genexpr"}


def is_comprehension(table):
    return table.get_name() in COMPREHENSIONS and ".0" in table.get_identifiers()


def scopes(table, out):
    """Appends the functions in `table`; returns its own (locals, frees, globals)."""
    own = [set(), set(), set()]
    for symbol in table.get_symbols():
        name = symbol.get_name()
        if name.startswith(".") or name in ("__class__", "__classdict__"):
            continue
        declared = symbol.is_declared_global() or symbol.is_nonlocal()
        used = symbol.is_referenced() or symbol.is_assigned() or symbol.is_imported()
        if declared and not used:
            continue
        if symbol.is_free():
            own[1].add(name)
        elif symbol.is_global():
            own[2].add(name)
        elif symbol.is_local():
            own[0].add(name)
    for child in table.get_children():
        inner = scopes(child, out)
        if is_comprehension(child):
            own[1] |= inner[1] - own[0] if table.get_type() == "function" else set()
            own[2] |= inner[2]
    name = table.get_name()
    # The symtable module takes any scope that is called "top" for the module.
    if table.get_type() == "function" and name != "top" and not is_comprehension(table):
        out.append([table.get_lineno(), name, *(sorted(part) for part in own)])
    return own


def codes(code, out):
    """Appends every function and class body: qualified name, parameters, whether a generator, whether async."""
    for const in code.co_consts:
        if isinstance(const, type(code)):
            if const.co_name not in {f"<{name}>" for name in COMPREHENSIONS}:
                flags = const.co_flags
                count = const.co_argcount + const.co_kwonlyargcount + bool(flags & 4) + bool(flags & 8)
                out.append([
                    const.co_qualname,
                    const.co_posonlyargcount,
                    const.co_argcount,
                    const.co_kwonlyargcount,
                    list(const.co_varnames[:count]),
                    bool(flags & 0x220),
                    bool(flags & 0x280),
                ])
            codes(const, out)


for path in sys.stdin.read().splitlines():
    with open(path, "rb") as file:
        source = file.read()
    fact = {"path": path, "error": None, "names": None}
    try:
        text = source.decode("utf-8-sig")
    except UnicodeDecodeError:
        continue
    try:
        code = compile(text, path, "exec", dont_inherit=True)
        if sys.version_info[:2] == (3, 11):
            names = fact["names"] = {"scopes": [], "codes": []}
            scopes(symtable.symtable(text, path, "exec"), names["scopes"])
            codes(code, names["codes"])
    except (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError) as error:
        fact["error"] = str(error)
    print(json.dumps(fact))
