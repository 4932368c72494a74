"""Random gateway systems that work."""

import copy

from model import App, Arg, Call, Entry, Function, Gateway, Import, Module, Param, Router, Row, System, Target, Wrapper, Wrappers
from render_gateway import ROUTERLESS, STYLES
from signatures import positional_order
from words import FRESH, INTERFACES, OPERATIONS, PARAMETERS, value

LAZY = ("local", "ladder", "match", "methods", "registered")

ROUTER_STYLES = ("table", "built", "local", "ladder", "match", "getattr", "methods", "partial", "registered")


def build(rng):
    """A system of 2 to 5 interfaces."""
    style = rng.choice(list(STYLES))
    keys = rng.choice(["enum", "enum", "string"])
    errors = rng.choice(["raise", "raise", "wrap", "dict"])
    names = rng.sample(INTERFACES, rng.choice([2, 2, 3, 3, 4, 5]))
    gateway = Gateway(style, keys, errors, rng.random() < 0.25, [], form=rng.choice(["call", "call", "item", "update", "merge"]))
    members = [(n.upper(), n) for n in names]
    system = System(gateway, members, rng.choice(["star", "names", "none"]), [], {}, {}, {}, {})
    if rng.random() < 0.5:
        system.modules["service_types"] = Module("service_types", [], constants=[("DEFAULT_SIZE", "16"), ("PREFIX", "'p'")])
    for name in names:
        interface(system, name, rng)
    if rng.random() < 0.4:
        cross_calls(system, names, rng)
    system.exports = [(ws.module, w.name) for ws in system.wrappers.values() for w in ws.functions]
    applications(system, names, rng)
    return system


def interface(system, name, rng):
    """One interface with all its layers."""
    style = system.gateway.style
    operations = rng.sample(OPERATIONS[name], rng.choice([1, 2, 2, 3]))
    core = Module(f"{name}_core", [])
    if "service_types" in system.modules and rng.random() < 0.5:
        core.imports.append(Import("service_types", "DEFAULT_SIZE", rng.random() < 0.5))
    router = None
    if style not in ROUTERLESS:
        router = new_router(name, style, core, rng)
        system.routers[name] = router
    wrappers = Wrappers(f"gateway_wrappers_{name}", [], lazy=rng.random() < 0.25)
    row = Row(name, name.upper(), router.module if router else core.name, router.function if router else "")
    for operation in operations:
        parts = route(system, name, operation, core, router, rng)
        core.functions.append(parts[0])
        wrappers.functions.append(parts[1])
        if router:
            router.targets.append(parts[2])
        else:
            row.operations.append((operation, parts[0].name))
    if rng.random() < 0.4:
        wrappers.exports = [w.name for w in wrappers.functions]
    system.gateway.rows.append(row)
    system.modules[core.name] = core
    system.wrappers[name] = wrappers
    if rng.random() < 0.6:
        helpers(system, name, core, rng)


def new_router(name, style, core, rng):
    """An empty router that fits the registry."""
    kind = rng.choice(ROUTER_STYLES)
    accesses = ["from", "guarded", "attr"] + (["lazy", "lazy"] if kind in LAZY else [])
    access = "attr" if kind == "getattr" else rng.choice(accesses)
    class_name = ""
    if kind != "getattr" and rng.random() < 0.25:
        class_name = f"{name.capitalize()}Core"
        access = rng.choice(["instance", "class"])
        core.class_name = class_name
    function = "execute" if style == "modules" else f"execute_{name}_operation"
    return Router(f"interface_{name}", function, kind, access, [], class_name, demand=rng.choice(["loop", "loop", "list"]))


def handler_name(system, name, operation, router, rng):
    """What the handler of an operation may be called."""
    if router and router.style == "getattr":
        return f"_execute_{operation}_implementation"
    if system.gateway.style == "by_name":
        return operation
    return rng.choice([f"_execute_{operation}_implementation", f"{operation}_{name}", f"_{name}_{operation}_impl"])


def route(system, name, operation, core, router, rng):
    """Handler, wrapper and router's line of one operation."""
    tag = f"{name}.{operation}"
    params = []
    for word in rng.sample(PARAMETERS, rng.choice([0, 1, 2, 2, 3])):
        kind = rng.choice(["plain", "plain", "plain", "keyword"])
        params.append(Param(word, kind, rng.choice([None, None, value(word)])))
    params = positional_order(params)
    is_async = system.gateway.errors != "dict" and rng.random() < 0.15
    handler = Function(handler_name(system, name, operation, router, rng), params, rng.random() < 0.3, tag, is_async)
    if rng.random() < 0.1 and not is_async and not core.class_name:
        handler.decorator = rng.choice(["timed", "traced", "patient"])
    if core.class_name:
        handler.binding = "static" if router.access == "class" else rng.choice(["method", "method", "static", "class"])
        if router.access == "class":
            handler.binding = rng.choice(["static", "class"])
    wrapper = new_wrapper(tag, name, operation, params, is_async, handler.open, rng)
    if handler.open and rng.random() < 0.3:
        name = rng.choice(FRESH)
        handler.reads.append((name, rng.random() < 0.6))
        wrapper.sends.append((name, value(name)))
    if handler.decorator == "traced":
        wrapper.sends.append((system.span, "'s'"))
    target = None
    if router:
        target = new_target(tag, operation, handler, core, router, wrapper, rng)
    return handler, wrapper, target


def new_wrapper(tag, name, operation, params, is_async, is_open, rng):
    """A wrapper that passes what a handler with these parameters takes."""
    shown, sends = [], []
    for p in params:
        if p.default is not None and rng.random() < 0.3:
            continue
        if rng.random() < 0.15:
            sends.append((p.name, value(p.name)))
            continue
        kind = "keyword" if p.kind == "keyword" and rng.random() < 0.5 else "plain"
        shown.append(Param(p.name, kind, p.default))
        sends.append((p.name, p.name))
    form = rng.choice(["plain", "plain", "plain", "dict", "named"])
    wrapper = Wrapper(tag, f"{name}_{operation}", shown, name.upper(), operation, sends, is_async=is_async, form=form)
    wrapper.open = rng.random() < (0.3 if is_open else 0.1)
    return wrapper


def new_target(tag, operation, handler, core, router, wrapper, rng):
    """The router's line for a handler."""
    target = Target(tag, operation, handler.name, core.name)
    sent = {k for k, _ in wrapper.sends}
    required = [p.name for p in handler.params if p.name in sent and p.default is None]
    if required and rng.random() < 0.3:
        target.keys = required[: rng.choice([1, 1, 2])]
    if router.style == "getattr":
        return target
    if rng.random() < 0.25 and not handler.reads and handler.decorator != "traced":
        remap(target, handler, rng)
    elif router.style == "partial" and rng.random() < 0.5:
        handler.params.append(Param("origin", "keyword"))
        target.preset.append(("origin", "'router'"))
    return target


def remap(target, handler, rng):
    """Make a router's line pass a handler's parameters one by one."""
    target.mapping = []
    leading = True
    for p in positional_order(handler.params):
        if p.default is not None and rng.random() < 0.3:
            leading = False
            continue
        positional = leading and p.kind != "keyword" and (p.kind == "posonly" or rng.random() < 0.6)
        leading = leading and positional
        default = None if p.default is None else p.default
        target.mapping.append(Arg(p.name, p.name, positional, default))


def helpers(system, name, core, rng):
    """A module that some of the core's functions call."""
    module = Module(f"{name}_store", [])
    for number in range(rng.choice([1, 2])):
        words = rng.sample(PARAMETERS, rng.choice([1, 2]))
        params = positional_order([Param(w, "plain", rng.choice([None, value(w)])) for w in words])
        function = Function(rng.choice(["read", "write", "find", "touch"]) + f"_{name}_{number}", params, rng.random() < 0.2)
        function.route = f"{name}_store.{number}"
        module.functions.append(function)
        chosen = [f for f in core.functions if rng.random() < 0.6] or core.functions[:1]
        lazy = rng.random() < 0.4
        for f in chosen:
            f.calls.append(helper_call(module.name, function, f, lazy, rng))
            if f.open and rng.random() < 0.5:
                pass_through(system, f, function, f.calls[-1])
    system.modules[module.name] = module


def pass_through(system, handler, function, call):
    """Let what a handler's `**kwargs` gets fill what the helper asks for."""
    found = system.wrapper(handler.route)
    mapped = system.target(handler.route)
    if not found or (mapped and mapped[1].mapping is not None):
        return
    own = {p.name for p in handler.params}
    sent = {k for k, _ in found[1].sends}
    call.positional, call.open = 0, True
    call.sends = [(p.name, p.name if p.name in own else value(p.name)) for p in function.params if p.name in own]
    for p in function.params:
        if p.name not in own and p.name not in sent:
            found[1].sends.append((p.name, value(p.name)))
    extra = sent - own - {p.name for p in function.params}
    function.open = function.open or bool(extra)


def helper_call(module, function, caller, lazy, rng):
    """A call that binds."""
    own = {p.name for p in caller.params}
    sends = []
    skipped = False
    for p in positional_order(function.params):
        if p.default is not None and rng.random() < 0.4:
            skipped = True
            continue
        sends.append((p.name, p.name if p.name in own else value(p.name)))
    positional = 0 if skipped else rng.choice([0, 0, len(sends)])
    return Call(module, function.name, sends, False, lazy, positional)


def cross_calls(system, names, rng):
    """A handler that uses a wrapper of an earlier interface."""
    first, last = names[0], names[-1]
    wrapper = rng.choice(system.wrappers[first].functions)
    core = system.modules[f"{last}_core"]
    caller = rng.choice(core.functions)
    if wrapper.is_async:
        return
    sends = [(p.name, value(p.name)) for p in positional_order(wrapper.params) if p.default is None]
    module = system.wrappers[first].module
    if system.facade != "none" and rng.random() < 0.5:
        module = "gateway"
    caller.calls.append(Call(module, wrapper.name, sends, False, True))


def fill(entry, wrapper, rng):
    """Let an entry call a wrapper as its parameters ask for."""
    extra = [k for k in entry.keywords if k not in {p.name for p in wrapper.params}] if wrapper.open else []
    chosen, count, leading = [], 0, True
    for p in positional_order(wrapper.params):
        if p.default is not None and rng.random() < 0.5:
            leading = False
            continue
        if leading and p.kind != "keyword" and rng.random() < 0.5:
            count += 1
        else:
            leading = False
        chosen.append(p.name)
    entry.positional, entry.keywords = count, [*chosen, *extra]
    entry.is_async = wrapper.is_async


def new_entry(system, name, wrapper, number, rng):
    """An entry for a wrapper."""
    module = system.wrappers[name].module
    if system.facade != "none" and rng.random() < 0.7:
        module = "gateway"
    returns = system.gateway.errors == "dict" or rng.random() < 0.3
    suffix = f"_{number}" if number else ""
    entry = Entry(wrapper.route, f"run_{wrapper.name}{suffix}", module, wrapper.name, 0, [], returns=returns)
    entry.access = rng.choice(["from", "from", "attr", "lazy"])
    fill(entry, wrapper, rng)
    return entry


def applications(system, names, rng):
    """Every wrapper is called once or twice."""
    shared = rng.random() < 0.5
    for name in names:
        module = "lambda_function" if shared else f"app_{name}"
        app = system.apps.setdefault(module, App(module, []))
        for wrapper in system.wrappers[name].functions:
            for number in range(rng.choice([1, 1, 2])):
                app.entries.append(new_entry(system, name, wrapper, number, rng))
            if rng.random() < 0.1 and not wrapper.is_async:
                direct = copy.deepcopy(wrapper)
                direct.name, direct.form, direct.params, direct.open = f"run_{wrapper.name}_directly", "plain", [], False
                app.direct.append(direct)
                follow(direct, wrapper)


def follow(direct, wrapper):
    """Let a direct call do what the wrapper of its route does."""
    direct.member, direct.operation = wrapper.member, wrapper.operation
    direct.sends = [(k, value(k)) for k, _ in wrapper.sends]
