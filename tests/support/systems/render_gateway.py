"""The gateway's own files: the executor with its registry, the enum, the facade."""

from signatures import keywords, signature
from model import Param


def note(count):
    """A comment that changes with the version and means nothing."""
    return f"# revision {count}\n" if count else ""


def enums(system):
    """The interfaces' names."""
    lines = ['"""gateway_enums.py - Names of the interfaces."""', "", "from enum import Enum", "", ""]
    lines += ["class GatewayInterface(Enum):", '    """Interfaces that the gateway routes to."""']
    lines += [f"    {name} = {value!r}" for name, value in system.members]
    return "\n".join(lines) + "\n"


def facade(system):
    """What applications import."""
    lines = ['"""gateway.py - What applications import."""', "", "from gateway_core import execute_operation"]
    if system.facade == "star":
        lines += [f"from {wrappers.module} import *" for wrappers in system.wrappers.values()]
    else:
        modules = list(dict.fromkeys(module for module, _ in system.exports))
        for module in modules:
            names = [name for m, name in system.exports if m == module]
            lines.append(f"from {module} import (\n    " + ",\n    ".join(names) + ",\n)")
    return "\n".join(lines) + "\n"


def key(system, row):
    """An interface as the registry writes it."""
    return f"GatewayInterface.{row.member}" if system.gateway.keys == "enum" else repr(row.member.lower())


def executor(system):
    """gateway_core.py."""
    gateway = system.gateway
    imports, table, find = STYLES[gateway.style](system)
    lines = ['"""gateway_core.py - One entry for every operation."""', "", *imports]
    if gateway.keys == "enum":
        lines.append("from gateway_enums import GatewayInterface")
    lines += ["", *table, ""]
    if gateway.fast_path:
        lines += ["_fast_path_cache = {}", ""]
    params = [Param("interface"), Param("operation"), *gateway.params]
    lines += ["", f"def execute_operation({signature(params, True)}):", '    """Execute an operation."""']
    body = [f"kwargs.pop('{name}', None)" for name in gateway.drops]
    if gateway.fast_path:
        body += ["func = _fast_path_cache.get((interface, operation))", "if func is None:"]
        body += [f"    {line}" for line in find] + ["    _fast_path_cache[(interface, operation)] = func"]
    else:
        body += find
    head = [] if gateway.style in ROUTERLESS else ["operation"]
    before, more = added(gateway)
    body += before
    call = f"func({', '.join([*head, '**kwargs', *more])})"
    body += ending(call, gateway.errors)
    lines += [f"    {line}" for line in body]
    return "\n".join(lines) + "\n" + note(gateway.note)


def added(gateway):
    """What the executor sends by itself: statements before the call, and arguments of it."""
    if not gateway.sends or gateway.form == "call":
        return [], keywords(gateway.sends)
    if gateway.form == "item":
        return [f"kwargs[{name!r}] = {text}" for name, text in gateway.sends], []
    items = ", ".join(f"{name!r}: {text}" for name, text in gateway.sends)
    if gateway.form == "update":
        return [f"kwargs.update({{{items}}})"], []
    return [f"kwargs = {{**kwargs, {items}}}"], []


def ending(call, errors):
    """The call, and what becomes of its exceptions."""
    if errors == "raise":
        return [f"return {call}"]
    result = {
        "wrap": "raise RuntimeError(f'Failed to execute {operation}: {str(e)}') from e",
        "dict": "return {'success': False, 'error': str(e)}",
    }[errors]
    return ["try:", f"    return {call}", "except Exception as e:", f"    {result}"]


UNKNOWN = "    raise ValueError(f'Unknown interface: {interface}')"


def strings(system):
    """{interface: ('module', 'function')}, imported on use."""
    rows = [f"    {key(system, r)}: ({r.module!r}, {r.function!r})," for r in system.gateway.rows]
    find = ["if interface not in _ROUTERS:", UNKNOWN, "module_name, func_name = _ROUTERS[interface]"]
    find += ["func = getattr(importlib.import_module(module_name), func_name)"]
    return ["import importlib", ""], ["_ROUTERS = {", *rows, "}"], find


def functions(system):
    """{interface: function}."""
    imports = [f"from {r.module} import {r.function}" for r in system.gateway.rows]
    rows = [f"    {key(system, r)}: {r.function}," for r in system.gateway.rows]
    find = ["func = _ROUTERS.get(interface)", "if func is None:", UNKNOWN]
    return imports, ["_ROUTERS = {", *rows, "}"], find


def modules(system):
    """{interface: module}, whose router has the same name everywhere."""
    imports = [f"import {r.module}" for r in system.gateway.rows]
    rows = [f"    {key(system, r)}: {r.module}," for r in system.gateway.rows]
    find = ["if interface not in _ROUTERS:", UNKNOWN, "func = getattr(_ROUTERS[interface], 'execute')"]
    return imports, ["_ROUTERS = {", *rows, "}"], find


def convention(system):
    """Module and function follow from the interface's name."""
    name = "interface.value" if system.gateway.keys == "enum" else "interface"
    find = [f"module = importlib.import_module(f'interface_{{{name}}}')"]
    find += [f"func = getattr(module, f'execute_{{{name}}}_operation')"]
    return ["import importlib", ""], [], find


def ladder(system):
    """if/elif, each branch with its import."""
    find = []
    for number, r in enumerate(system.gateway.rows):
        word = "elif" if number else "if"
        find += [f"{word} interface == {key(system, r)}:", f"    from {r.module} import {r.function} as func"]
    return [], [], [*find, "else:", UNKNOWN]


def match(system):
    """A match statement over routers imported on top."""
    imports = [f"from {r.module} import {r.function}" for r in system.gateway.rows]
    find = ["match interface:"]
    for r in system.gateway.rows:
        find += [f"    case {key(system, r)}:", f"        func = {r.function}"]
    return imports, [], [*find, "    case _:", f"    {UNKNOWN}"]


def nested(system):
    """{interface: ('module', {operation: 'function'})}: no routers."""
    rows = []
    for r in system.gateway.rows:
        table = ", ".join(f"{o!r}: {f!r}" for o, f in r.operations)
        rows.append(f"    {key(system, r)}: ({r.module!r}, {{{table}}}),")
    find = ["module_name, names = _OPERATIONS[interface]", "if operation not in names:"]
    find += ["    raise ValueError(f'Unknown operation: {operation}')"]
    find += ["func = getattr(importlib.import_module(module_name), names[operation])"]
    return ["import importlib", ""], ["_OPERATIONS = {", *rows, "}"], find


def pairs(system):
    """{(interface, operation): ('module', 'function')}: no routers."""
    rows = [
        f"    ({key(system, r)}, {o!r}): ({r.module!r}, {f!r})," for r in system.gateway.rows for o, f in r.operations
    ]
    find = ["target = _OPERATIONS.get((interface, operation))", "if not target:"]
    find += ["    raise ValueError(f'Unknown operation: {operation}')"]
    find += ["module_name, func_name = target", "func = getattr(importlib.import_module(module_name), func_name)"]
    return ["import importlib", ""], ["_OPERATIONS = {", *rows, "}"], find


def by_name(system):
    """{interface: 'module'}, whose functions are named like the operations: no routers."""
    rows = [f"    {key(system, r)}: {r.module!r}," for r in system.gateway.rows]
    find = ["if interface not in _MODULES:", UNKNOWN]
    find += ["func = getattr(importlib.import_module(_MODULES[interface]), operation)"]
    return ["import importlib", ""], ["_MODULES = {", *rows, "}"], find


STYLES = {
    "strings": strings,
    "functions": functions,
    "modules": modules,
    "convention": convention,
    "ladder": ladder,
    "match": match,
    "nested": nested,
    "pairs": pairs,
    "by_name": by_name,
}

ROUTERLESS = ("nested", "pairs", "by_name")
