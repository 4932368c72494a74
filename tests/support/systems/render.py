"""A system as files: path -> text."""

from render_gateway import executor, enums, facade
from render_router import router
from signatures import keywords, signature, tuple_of
from words import value

DECORATORS = '''"""service_decorators.py - Decorators of handlers."""

import functools


def timed(func):
    """Takes and gives what the function does."""
    @functools.wraps(func)
    def inner(*args, **kwargs):
        return func(*args, **kwargs)
    return inner


def traced(func):
    """Demands a keyword that the function never sees."""
    @functools.wraps(func)
    def inner(*args, span, **kwargs):
        return func(*args, **kwargs)
    return inner


def keywords_only(func):
    """Takes no positionals."""
    def inner(**kwargs):
        return func(**kwargs)
    return inner


def patient(func):
    """Takes a keyword that the function never sees."""
    def inner(*args, timeout=30, **kwargs):
        return func(*args, **kwargs)
    return inner
'''


def note(count):
    """A comment that changes with the version and means nothing."""
    return f"# revision {count}\n" if count else ""


def render(system):
    """All files of a system."""
    files = {"gateway_core.py": executor(system), "gateway_enums.py": enums(system)}
    if system.facade != "none":
        files["gateway.py"] = facade(system)
    for router_ in system.routers.values():
        files[f"{router_.module}.py"] = router(router_, system)
    for module in system.modules.values():
        files[f"{module.name}.py"] = core(module)
    for wrappers in system.wrappers.values():
        files[f"{wrappers.module}.py"] = wrapper_module(wrappers, system)
    for app in system.apps.values():
        files[f"{app.module}.py"] = application(app, system)
    if any(f.decorator for m in system.modules.values() for f in m.functions):
        files["service_decorators.py"] = DECORATORS.replace("*args, span,", f"*args, {system.span},")
    if system.gateway.keys == "string":
        del files["gateway_enums.py"]
    return files


def core(module):
    """A core or helper module."""
    lines = [f'"""{module.name}.py - Does the work."""', ""]
    for imported in module.imports:
        if not imported.lazy:
            lines.append(f"from {imported.module} import {imported.name}")
    for source, name in module.reexports:
        lines.append(f"from {source} import {name}")
    for name in sorted({f.decorator for f in module.functions if f.decorator}):
        lines.append(f"from service_decorators import {name}")
    for target in sorted({c.module for f in module.functions for c in f.calls if not c.lazy}):
        names = sorted({c.function for f in module.functions for c in f.calls if c.module == target and not c.lazy})
        lines.append(f"from {target} import {', '.join(names)}")
    lines += ["", *(f"{name} = {text}" for name, text in module.constants), ""]
    indent = ""
    if module.class_name:
        lines += ["", f"class {module.class_name}:", '    """One per container."""', ""]
        indent = "    "
        if not module.functions:
            lines.append("    pass")
    for f in module.functions:
        lines += function(f, module, indent)
    if module.class_name:
        lines += ["", f"_INSTANCE = {module.class_name}()", "", ""]
        lines += [f"def get_{module.name}():", '    """The instance."""', "    return _INSTANCE"]
    return "\n".join(lines) + "\n" + note(module.note)


def function(f, module, indent):
    """A handler or helper."""
    head = []
    first = ""
    if module.class_name:
        first = {"method": "self", "class": "cls", "static": ""}[f.binding]
        if f.binding == "static":
            head.append("@staticmethod")
        elif f.binding == "class":
            head.append("@classmethod")
    if f.decorator:
        head.append(f"@{f.decorator}")
    keyword = "async def" if f.is_async else "def"
    head.append(f"{keyword} {f.name}({signature(f.params, f.open, first)}):")
    body = [f'"""Does {f.name}."""']
    for imported in module.imports:
        if imported.lazy:
            body += [f"from {imported.module} import {imported.name}", f"seen = {imported.name}"]
    if f.open:
        body += [f"{k} = kwargs[{k!r}]" if demanded else f"{k} = kwargs.get({k!r})" for k, demanded in f.reads]
    for call in f.calls:
        if call.lazy:
            body.append(f"from {call.module} import {call.function}")
        sends = [text for _, text in call.sends[: call.positional]] + keywords(call.sends[call.positional :])
        sends += ["**kwargs"] if call.open and f.open else []
        body.append(f"{call.function}({', '.join(sends)})")
    body.append(f"return {tuple_of(f.params, f.route or f.name)}")
    lines = [indent + line for line in head] + [f"{indent}    {line}" for line in body]
    return lines + ["", ""]


def wrapper_module(wrappers, system):
    """The convenience functions of one interface."""
    lines = [f'"""{wrappers.module}.py - Convenience functions."""', ""]
    imports = ["from gateway_core import execute_operation"]
    if system.gateway.keys == "enum":
        imports.append("from gateway_enums import GatewayInterface")
    if not wrappers.lazy:
        lines += [*imports, ""]
    for w in wrappers.functions:
        keyword = "async def" if w.is_async else "def"
        lines += ["", f"{keyword} {w.name}({signature(w.params, w.open)}):", f'    """Calls {w.operation}."""']
        lines += [f"    {line}" for line in imports] if wrappers.lazy else []
        lines += [f"    {line}" for line in wrapper_body(w, system)] + [""]
    if wrappers.exports is not None:
        lines += ["", f"__all__ = {wrappers.exports!r}"]
    return "\n".join(lines) + "\n" + note(wrappers.note)


def wrapper_body(w, system):
    """How a wrapper calls the executor."""
    key = f"GatewayInterface.{w.member}" if system.gateway.keys == "enum" else repr(w.member.lower())
    wait = "await " if w.is_async else ""
    sends = list(dict(w.sends).items())
    rest = ["**kwargs"] if w.open else []
    if w.form == "dict":
        items = ", ".join(f"'{name}': {text}" for name, text in sends)
        call = ", ".join([key, repr(w.operation), "**params", *rest])
        return [f"params = {{{items}}}", f"return {wait}execute_operation({call})"]
    if w.form == "named":
        head = [f"interface={key}", f"operation={w.operation!r}"]
    else:
        head = [key, repr(w.operation)]
    return [f"return {wait}execute_operation({', '.join([*head, *keywords(sends), *rest])})"]


def application(app, system):
    """A module of entries."""
    lines = [f'"""{app.module}.py - Part of the application."""', ""]
    for e in app.entries:
        line = {"from": f"from {e.module} import {e.function}", "attr": f"import {e.module}"}.get(e.access)
        if line and line not in lines:
            lines.append(line)
    if app.direct:
        lines.append("from gateway_core import execute_operation")
        lines += ["from gateway_enums import GatewayInterface"] if system.gateway.keys == "enum" else []
    for w in app.direct:
        lines += ["", "", f"def {w.name}():", f'    """Calls {w.operation} without a wrapper."""']
        lines += [f"    {line}" for line in wrapper_body(w, system)]
    for e in app.entries:
        keyword = "async def" if e.is_async else "def"
        lines += ["", "", f"{keyword} {e.name}():", f'    """Uses {e.function}."""']
        if e.access == "lazy":
            lines.append(f"    from {e.module} import {e.function}")
        callee = f"{e.module}.{e.function}" if e.access == "attr" else e.function
        arguments = [value(name) for name in e.keywords[: e.positional]]
        arguments += [f"{name}={value(name)}" for name in e.keywords[e.positional :]]
        call = f"{'await ' if e.is_async else ''}{callee}({', '.join(arguments)})"
        lines += [f"    return {call}"] if e.returns else [f"    {call}", "    return 'done'"]
    return "\n".join(lines) + "\n" + note(app.note)
