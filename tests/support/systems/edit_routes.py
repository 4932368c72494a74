"""Edits of routes: operations, interfaces, functions and their colour."""

import copy

from build import handler_name, interface, new_entry, route as new_route
from edit_signatures import cross_called, pick, subject
from model import App, Function
from render_gateway import ROUTERLESS
from words import INTERFACES, OPERATIONS


def by_convention(system, route):
    """Whether a handler's name follows from its operation's."""
    found = system.target(route)
    return system.gateway.style == "by_name" or bool(found and found[0].style == "getattr")


def set_operation(row, old, operation, function):
    """Change a row's operation; None removes it."""
    row.operations = [
        (operation, function or f) if o == old else (o, f) for o, f in row.operations if o != old or operation
    ]


def operation_added(system, rng):
    """A new operation in every layer."""
    name = pick(rng, list(system.wrappers))
    core = system.modules.get(f"{name}_core")
    if not core:
        return None
    router, row, wrappers = system.routers.get(name), system.row(name), system.wrappers[name]
    used = {w.operation for w in wrappers.functions} | {f.route.split(".")[-1] for f in core.functions}
    operation = pick(rng, [o for o in OPERATIONS[name] if o not in used])
    if not operation or not row or (router and any(t.module != core.name for t in router.targets)):
        return None
    handler, wrapper, target = new_route(system, name, operation, core, router, rng)
    app = pick(rng, system.apps.values())
    parts = [(core.name, lambda: core.functions.append(handler))]
    if router:
        parts.append((router.module, lambda: router.targets.append(target)))
    elif system.gateway.style != "by_name":
        parts.append(("gateway_core", lambda: row.operations.append((operation, handler.name))))

    def wrap():
        wrappers.functions.append(wrapper)
        if wrappers.exports is not None:
            wrappers.exports.append(wrapper.name)

    parts.append((wrappers.module, wrap))
    if system.facade == "names":
        parts.append(("gateway", lambda: system.exports.append((wrappers.module, wrapper.name))))
    entry = new_entry(system, name, wrapper, 0, rng)
    parts.append((app.module, lambda: app.entries.append(entry)))
    return parts


def operation_removed(system, rng):
    """An operation goes in every layer."""
    found = subject(system, rng)
    if not found:
        return None
    route, handler, wrapper, target = found
    name = route.split(".")[0]
    wrappers = system.wrappers[name]
    if len(wrappers.functions) < 2 or cross_called(system, wrapper):
        return None
    parts = []
    for app in system.apps.values():
        mine = [e for e in app.entries if e.route == route]
        if mine:
            parts.append((app.module, lambda app=app, mine=mine: [app.entries.remove(e) for e in mine]))
    if system.facade == "names":
        parts.append(("gateway", lambda: system.exports.remove((wrappers.module, wrapper.name))))

    def unwrap():
        wrappers.functions.remove(wrapper)
        if wrappers.exports is not None and wrapper.name in wrappers.exports:
            wrappers.exports.remove(wrapper.name)

    parts.append((wrappers.module, unwrap))
    if target:
        router = system.routers[name]
        parts.append((router.module, lambda: router.targets.remove(target)))
    elif system.gateway.style != "by_name":
        parts.append(("gateway_core", lambda: set_operation(system.row(name), wrapper.operation, None, None)))
    module = system.handlers(route)[0][0]
    parts.append((module.name, lambda: module.functions.remove(handler)))
    return parts if len(module.functions) > 1 else None


def operation_renamed(system, rng):
    """An operation gets another name, in the wrapper and where it is looked up."""
    found = subject(system, rng)
    if not found:
        return None
    route, handler, wrapper, target = found
    name = route.split(".")[0]
    old, new = wrapper.operation, f"{wrapper.operation}_v2"
    parts = [("wrapper", lambda: setattr(wrapper, "operation", new))]
    if target:
        parts.append(("router", lambda: setattr(target, "operation", new)))
    elif system.gateway.style != "by_name":
        parts.append(("gateway_core", lambda: set_operation(system.row(name), old, new, None)))
    if by_convention(system, route):
        again = handler_name(system, name, new, system.routers.get(name), rng)
        parts.append(("handler", lambda: setattr(handler, "name", again)))
    return parts


def operation_retargeted(system, rng):
    """A route ends in a new function with other parameters."""
    found = subject(system, rng)
    if not found or by_convention(system, found[0]):
        return None
    route, handler, wrapper, target = found
    name = route.split(".")[0]
    module = system.handlers(route)[0][0]
    new = copy.deepcopy(handler)
    new.name, new.route = f"{handler.name}_fast", f"{route}_fast"
    if new.params and rng.random() < 0.5 and new.params[-1].name != "origin" and not (target and target.mapping is not None):
        new.params.pop().name
        new.calls = []

    def send():
        known = {p.name for p in new.params}
        wrapper.sends = [(k, text) for k, text in wrapper.sends if k in known]

    parts = [(module.name, lambda: module.functions.append(new))]
    if target:
        parts.append(("router", lambda: setattr(target, "function", new.name)))
        if target.keys and {k for k in target.keys} - {p.name for p in new.params}:
            return None
    else:
        parts.append(("gateway_core", lambda: set_operation(system.row(name), wrapper.operation, wrapper.operation, new.name)))
    if len(new.params) < len(handler.params):
        parts.append(("wrapper", send))
    return parts


def handler_renamed(system, rng):
    """A handler gets another name, in its module and in the table."""
    found = subject(system, rng)
    if not found or by_convention(system, found[0]):
        return None
    route, handler, wrapper, target = found
    new = f"{handler.name}_renamed"
    parts = [("handler", lambda: setattr(handler, "name", new))]
    if target:
        parts.append(("router", lambda: setattr(target, "function", new)))
    else:
        row = system.row(route.split(".")[0])
        parts.append(("gateway_core", lambda: set_operation(row, wrapper.operation, wrapper.operation, new)))
    return parts


def wrapper_renamed(system, rng):
    """A wrapper gets another name; the facade and the callers follow."""
    found = subject(system, rng)
    if not found or cross_called(system, found[2]):
        return None
    route, _, wrapper, _ = found
    wrappers = system.wrapper(route)[0]
    old, new = wrapper.name, f"{wrapper.name}_now"

    def rename():
        wrapper.name = new
        if wrappers.exports is not None:
            wrappers.exports = [new if n == old else n for n in wrappers.exports]

    parts = [(wrappers.module, rename)]
    if system.facade == "names":
        def export():
            system.exports = [(m, new if n == old else n) for m, n in system.exports]

        parts.append(("gateway", export))
    for app in system.apps.values():
        mine = [e for e in app.entries if e.route == route]
        if mine:
            parts.append((app.module, lambda mine=mine: [setattr(e, "function", new) for e in mine]))
    return parts


def router_renamed(system, rng):
    """A router function gets another name, in its module and in the registry."""
    if not system.routers or system.gateway.style in ("convention", "modules"):
        return None
    name, router = rng.choice(list(system.routers.items()))
    new = f"route_{name}"
    row = system.row(name)
    return [
        (router.module, lambda: setattr(router, "function", new)),
        ("gateway_core", lambda: setattr(row, "function", new)),
    ]


def member_renamed(system, rng):
    """An enum member, or an interface's string, gets another name."""
    name = pick(rng, list(system.wrappers))
    row = system.row(name)
    if not row:
        return None
    old, new = row.member, f"{row.member}_V2"
    parts = []
    if system.gateway.keys == "enum":
        def rename():
            system.members = [(new if n == old else n, v) for n, v in system.members]

        parts.append(("gateway_enums", rename))
    elif system.gateway.style == "convention":
        return None
    if system.gateway.style != "convention":
        parts.append(("gateway_core", lambda: setattr(row, "member", new)))

    def use():
        for w in system.wrappers[name].functions:
            w.member = new

    parts.append(("wrappers", use))
    return parts


def member_value_changed(system, rng):
    """An enum member's value changes; where names follow from it, the router's file and function do as well."""
    name = pick(rng, list(system.wrappers))
    row = system.row(name)
    if system.gateway.keys != "enum" or not row:
        return None
    new = f"{name}_v2"

    def change():
        system.members = [(n, new if n == row.member else v) for n, v in system.members]

    parts = [("gateway_enums", change)]
    if system.gateway.style == "convention":
        router = system.routers[name]

        def rename():
            router.module, router.function = f"interface_{new}", f"execute_{new}_operation"

        parts.append(("+router", rename))
    return parts


def interface_added(system, rng):
    """A whole new interface: new files, a new member, a new row."""
    name = pick(rng, [n for n in INTERFACES if n not in system.wrappers])
    scratch = copy.deepcopy(system)
    scratch.modules.pop("service_types", None)
    interface(scratch, name, rng)
    row = scratch.row(name)
    scratch.modules[f"{name}_core"].imports = []
    parts = [("gateway_core", lambda: system.gateway.rows.append(row))]
    if system.gateway.keys == "enum":
        parts.append(("gateway_enums", lambda: system.members.append((name.upper(), name))))
    if system.gateway.style == "convention":
        parts = parts[1:]
    for key in [m for m in scratch.modules if m not in system.modules]:
        parts.append((f"+{key}", lambda key=key: system.modules.__setitem__(key, scratch.modules[key])))
    if name in scratch.routers:
        parts.append(("+router", lambda: system.routers.__setitem__(name, scratch.routers[name])))
    wrappers = scratch.wrappers[name]
    app = App(f"app_{name}", [])
    facade, system_facade = "none", system.facade
    scratch.facade = facade
    app.entries = [new_entry(scratch, name, w, 0, rng) for w in wrappers.functions]

    def wrap():
        system.wrappers[name] = wrappers
        if system_facade == "names":
            system.exports += [(wrappers.module, w.name) for w in wrappers.functions]

    parts.append(("+wrappers", wrap))
    parts.append((f"+{app.module}", lambda: system.apps.__setitem__(app.module, app)))
    return parts if len(parts) <= 6 else None


def becomes_async(system, rng):
    """A handler becomes a coroutine, its wrapper and its callers wait for it; or the other way round."""
    found = subject(system, rng)
    if not found or system.gateway.errors == "dict" or found[1].decorator or cross_called(system, found[2]):
        return None
    route, handler, wrapper, _ = found
    entries = system.entries(route)
    if any(e.returns for _, e in entries) or handler.is_async != wrapper.is_async:
        return None
    flag = not handler.is_async
    parts = [
        ("handler", lambda: setattr(handler, "is_async", flag)),
        ("wrapper", lambda: setattr(wrapper, "is_async", flag)),
    ]
    by_module = {}
    for app, entry in entries:
        by_module.setdefault(app.module, []).append(entry)
    for module, mine in by_module.items():
        parts.append((module, lambda mine=mine: [setattr(e, "is_async", flag) for e in mine]))
    return parts


def binding_changed(system, rng):
    """A method becomes static, or a static one a method; the router may call through the class."""
    routers = [r for r in system.routers.values() if r.class_name and r.targets]
    router = pick(rng, routers)
    if not router:
        return None
    core = system.modules.get(router.targets[0].module)
    if not core:
        return None
    if rng.random() < 0.5:
        access = "class" if router.access == "instance" else "instance"

        def bind():
            for f in core.functions:
                f.binding = "static" if access == "class" else "method"
                f.decorator = ""

        return [("router", lambda: setattr(router, "access", access)), (core.name, bind)]
    f = rng.choice(core.functions) if core.functions else None
    if not f or f.decorator:
        return None
    choices = ["static", "class"] if router.access == "class" else ["method", "static", "class"]
    return [(core.name, lambda: setattr(f, "binding", rng.choice(choices)))]


EDITS = [
    operation_added,
    operation_added,
    operation_removed,
    operation_renamed,
    operation_retargeted,
    handler_renamed,
    wrapper_renamed,
    router_renamed,
    member_renamed,
    member_value_changed,
    interface_added,
    becomes_async,
    binding_changed,
]
