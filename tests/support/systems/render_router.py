"""Routers: from an operation's name to its handler."""

from signatures import keywords

REQUIRE = [
    "def _require(kwargs, *names):",
    '    """All of these must be there."""',
    "    for name in names:",
    "        if name not in kwargs:",
    "            raise ValueError(f\"requires '{name}' parameter\")",
    "",
    "",
]


REQUIRE_LIST = [
    "def _require(kwargs, *names):",
    '    """All of these must be there."""',
    "    missing = [name for name in names if name not in kwargs]",
    "    if missing:",
    "        raise ValueError(f\"requires {', '.join(missing)}\")",
    "",
    "",
]


def router(r, system):
    """One router module."""
    lines = [f'"""{r.module}.py - Router."""', "", *imports(r), ""]
    if any(t.keys for t in r.targets) and r.style not in ("getattr",):
        lines += ["", *(REQUIRE if r.demand == "loop" else REQUIRE_LIST)]
    lines += [*STYLES[r.style](r), ""]
    text = "\n".join(lines) + "\n"
    return text + (f"# revision {r.note}\n" if r.note else "")


def cores(r):
    """The modules that the handlers are in."""
    return list(dict.fromkeys(t.module for t in r.targets))


def imports(r):
    """How the handlers get here."""
    lines = ["import functools"] if r.style == "partial" else []
    for module in cores(r):
        names = list(dict.fromkeys(t.function for t in r.targets if t.module == module))
        if r.style == "getattr" or r.access == "attr":
            lines.append(f"import {module}")
        elif r.access == "from":
            lines.append(f"from {module} import {', '.join(names)}")
        elif r.access == "guarded":
            lines += ["try:", f"    from {module} import {', '.join(names)}", "    _AVAILABLE = True", "except ImportError:"]
            lines += ["    _AVAILABLE = False", *(f"    {name} = None" for name in names)]
        elif r.access == "instance":
            lines += [f"from {module} import get_{module}", "", f"_{module.upper()} = get_{module}()"]
        elif r.access == "class":
            lines.append(f"from {module} import {r.class_name}")
    return lines


def local_imports(r):
    """Imports in the router's body."""
    return [f"import {module}" for module in cores(r)] if r.access == "lazy" else []


def reference(r, t):
    """A handler as the router writes it."""
    if r.access in ("attr", "lazy"):
        return f"{t.module}.{t.function}"
    if r.access == "instance":
        return f"_{t.module.upper()}.{t.function}"
    if r.access == "class":
        return f"{r.class_name}.{t.function}"
    return t.function


def arguments(r, t):
    """What the router passes to a handler."""
    preset = keywords([*t.preset, *r.sends])
    if t.mapping is None:
        return ", ".join(["**kwargs", *preset])
    parts = []
    for a in t.mapping:
        text = f"kwargs['{a.source}']" if a.default is None else f"kwargs.get('{a.source}', {a.default})"
        parts.append(text if a.positional else f"{a.to}={text}")
    return ", ".join([*parts, *preset])


def call(r, t):
    """The call of a handler."""
    return f"{reference(r, t)}({arguments(r, t)})"


def names(keys):
    """Literals for `_require`."""
    return ", ".join(repr(k) for k in keys)


def value(r, t):
    """A handler as a table's value: itself where nothing is added, else a lambda."""
    if not t.keys and t.mapping is None and not t.preset and not r.sends:
        return reference(r, t)
    if r.style == "partial" and not t.keys and t.mapping is None:
        return f"functools.partial({', '.join([reference(r, t), *keywords([*t.preset, *r.sends])])})"
    if t.keys:
        return f"lambda **kwargs: (_require(kwargs, {names(t.keys)}), {call(r, t)})[1]"
    return f"lambda **kwargs: {call(r, t)}"


def opening(r):
    """The router's `def` and what it does first."""
    lines = ["", f"def {r.function}(operation, **kwargs):", '    """Route an operation."""']
    if r.access == "guarded":
        lines += ["    if not _AVAILABLE:", "        raise RuntimeError('interface unavailable')"]
    lines += [f"    {line}" for line in local_imports(r)]
    if len(r.drops) > 1:
        lines.append(f"    kwargs = {{k: v for k, v in kwargs.items() if k not in ({names(r.drops)})}}")
    elif r.drops:
        lines.append(f"    kwargs.pop({names(r.drops)}, None)")
    return lines


UNKNOWN = "raise ValueError(f\"Unknown operation: '{operation}'\")"


def table(r):
    """A dict of functions and lambdas."""
    rows = [f"    {t.operation!r}: {value(r, t)}," for t in r.targets]
    lines = ["", "_DISPATCH = {", *rows, "}", "", *opening(r)]
    lines += ["    if operation not in _DISPATCH:", f"        {UNKNOWN}", "    return _DISPATCH[operation](**kwargs)"]
    return lines


def built(r):
    """A dict that a function makes."""
    rows = [f"        {t.operation!r}: {value(r, t)}," for t in r.targets]
    lines = ["", "def _build():", '    """The table."""', "    return {", *rows, "    }", "", "", "_DISPATCH = _build()"]
    lines += ["", *opening(r), "    handler = _DISPATCH.get(operation)", "    if not handler:", f"        {UNKNOWN}"]
    return [*lines, "    return handler(**kwargs)"]


def local(r):
    """A dict made anew in every call."""
    rows = [f"        {t.operation!r}: {value(r, t)}," for t in r.targets]
    lines = [*opening(r), "    dispatch = {", *rows, "    }", "    handler = dispatch.get(operation)"]
    return [*lines, "    if handler is None:", f"        {UNKNOWN}", "    return handler(**kwargs)"]


def ladder(r):
    """if/elif."""
    lines = opening(r)
    for number, t in enumerate(r.targets):
        lines.append(f"    {'elif' if number else 'if'} operation == {t.operation!r}:")
        if t.keys:
            lines.append(f"        _require(kwargs, {names(t.keys)})")
        lines.append(f"        return {call(r, t)}")
    return [*lines, f"    {UNKNOWN}"]


def match(r):
    """A match statement."""
    lines = [*opening(r), "    match operation:"]
    for t in r.targets:
        lines.append(f"        case {t.operation!r}:")
        for k in t.keys:
            lines += [f"            if {k!r} not in kwargs:", f"                raise ValueError(\"requires '{k}'\")"]
        lines.append(f"            return {call(r, t)}")
    return [*lines, "        case _:", f"            {UNKNOWN}"]


def by_name(r):
    """getattr with a name made of the operation."""
    required = {t.operation: tuple(t.keys) for t in r.targets if t.keys}
    lines = ["", f"_REQUIRED = {required!r}", ""] if required else []
    lines += opening(r)
    lines.append(f"    handler = getattr({cores(r)[0]}, f'_execute_{{operation}}_implementation', None)")
    lines += ["    if handler is None:", f"        {UNKNOWN}"]
    if required:
        lines += ["    for name in _REQUIRED.get(operation, ()):", "        if name not in kwargs:"]
        lines += ["            raise ValueError(f\"requires '{name}'\")"]
    return [*lines, f"    return handler({', '.join(['**kwargs', *keywords(r.sends)])})"]


def methods(r):
    """A class with a method for each operation."""
    lines = ["", "class _Router:", '    """Operations as methods."""', ""]
    for t in r.targets:
        lines.append(f"    def {t.operation}(self, **kwargs):")
        lines += [f"        {line}" for line in local_imports(r)]
        if t.keys:
            lines.append(f"        _require(kwargs, {names(t.keys)})")
        lines += [f"        return {call(r, t)}", ""]
    lines += ["", "_ROUTER = _Router()", "", *opening(r), "    method = getattr(_ROUTER, operation, None)"]
    return [*lines, "    if method is None:", f"        {UNKNOWN}", "    return method(**kwargs)"]


def registered(r):
    """Operations that a decorator enters into the table."""
    lines = ["", "_OPERATIONS = {}", "", "", "def operation_named(name):", '    """Enter a function under a name."""']
    lines += ["    def register(func):", "        _OPERATIONS[name] = func", "        return func", "    return register"]
    for t in r.targets:
        lines += ["", "", f"@operation_named({t.operation!r})", f"def _{t.operation}(**kwargs):"]
        lines += [f"    {line}" for line in local_imports(r)]
        if t.keys:
            lines.append(f"    _require(kwargs, {names(t.keys)})")
        lines.append(f"    return {call(r, t)}")
    lines += ["", *opening(r), "    if operation not in _OPERATIONS:", f"        {UNKNOWN}"]
    return [*lines, "    return _OPERATIONS[operation](**kwargs)"]


STYLES = {
    "table": table,
    "built": built,
    "local": local,
    "ladder": ladder,
    "match": match,
    "getattr": by_name,
    "methods": methods,
    "partial": table,
    "registered": registered,
}
