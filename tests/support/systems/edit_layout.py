"""Edits of where things are: modules and names moved, added and removed; and edits that mean nothing."""

from edit_signatures import pick
from model import Call, Function, Import, Module, Param


def router_module_renamed(system, rng):
    """A router's file gets another name."""
    if not system.routers or system.gateway.style == "convention":
        return None
    name, router = rng.choice(list(system.routers.items()))
    row = system.row(name)
    new = f"{name}_interface"
    return [("+router", lambda: setattr(router, "module", new)), ("gateway_core", lambda: setattr(row, "module", new))]


def core_module_renamed(system, rng):
    """A core's file gets another name; the old one may stay and hand everything on."""
    name = pick(rng, [n for n in system.routers if f"{n}_core" in system.modules])
    if not name or system.modules[f"{name}_core"].class_name:
        return None
    core = system.modules[f"{name}_core"]
    router = system.routers[name]
    new = f"{name}_engine"
    shim = rng.random() < 0.4

    def move():
        del system.modules[core.name]
        old, core.name = core.name, new
        system.modules[new] = core
        if shim:
            names = [(new, f.name) for f in core.functions]
            system.modules[old] = Module(old, [], reexports=names)

    def follow():
        for t in router.targets:
            t.module = new if t.module == f"{name}_core" else t.module

    return [("+core", move), ("router", follow)]


def handler_moved(system, rng):
    """A handler moves to a module of its own; its old one may hand it on."""
    routers = [r for r in system.routers.values() if r.style != "getattr" and not r.class_name and r.targets]
    router = pick(rng, routers)
    if not router:
        return None
    target = rng.choice(router.targets)
    core = system.modules.get(target.module)
    handler = core and system.find(core.name, target.function)
    if not handler or handler.decorator:
        return None
    new = f"{core.name}_{target.operation}"
    old = core.name
    keeps = rng.random() < 0.4

    def move():
        core.functions.remove(handler)
        if keeps:
            core.reexports.append((new, handler.name))

    def arrive():
        system.modules[new] = Module(new, [handler])

    return [
        (old, move),
        (f"+{new}", arrive),
        ("router", lambda: setattr(target, "module", new)),
    ]


def helper_renamed(system, rng):
    """A helper function gets another name."""
    module = pick(rng, [m for m in system.modules.values() if m.name.endswith("_store") and m.functions])
    if not module:
        return None
    function = rng.choice(module.functions)
    old, new = function.name, f"{function.name}_renamed"
    calls = [c for m in system.modules.values() for f in m.functions for c in f.calls if c.function == old]
    return [
        ("helper", lambda: setattr(function, "name", new)),
        ("handlers", lambda: [setattr(c, "function", new) for c in calls]),
    ]


def helper_removed(system, rng):
    """A helper's file goes, since nothing calls it any more."""
    module = pick(rng, [m for m in system.modules.values() if m.name.endswith("_store")])
    if not module:
        return None

    def stop():
        for m in system.modules.values():
            for f in m.functions:
                f.calls = [c for c in f.calls if c.module != module.name]

    return [("handlers", stop), (module.name, lambda: system.modules.pop(module.name))]


def helper_added(system, rng):
    """A new file that a handler begins to use."""
    cores = [m for m in system.modules.values() if m.name.endswith("_core") and m.functions]
    core = pick(rng, cores)
    name = core and f"{core.name[:-5]}_audit"
    if not name or name in system.modules:
        return None
    caller = rng.choice(core.functions)
    function = Function(f"audit_{core.name[:-5]}", [Param("event"), Param("detail", "plain", "None")], route=f"{name}.0")
    call = Call(name, function.name, [("event", "'called'")], False, rng.random() < 0.5)
    return [
        (f"+{name}", lambda: system.modules.__setitem__(name, Module(name, [function]))),
        (core.name, lambda: caller.calls.append(call)),
    ]


def name_imported(system, rng):
    """A core begins to import a new constant."""
    types = system.modules.get("service_types")
    core = pick(rng, [m for m in system.modules.values() if m.name.endswith("_core") and m.functions])
    if not types or not core or any(n == "MAXIMUM" for n, _ in types.constants):
        return None
    return [
        ("service_types", lambda: types.constants.append(("MAXIMUM", "99"))),
        (core.name, lambda: core.imports.append(Import("service_types", "MAXIMUM", rng.random() < 0.5))),
    ]


def name_renamed(system, rng):
    """A constant gets another name."""
    types = system.modules.get("service_types")
    if not types or "DEFAULT_SIZE" not in {n for n, _ in types.constants}:
        return None

    def rename():
        types.constants = [("STANDARD_SIZE" if n == "DEFAULT_SIZE" else n, v) for n, v in types.constants]

    parts = [("service_types", rename)]
    for m in system.modules.values():
        mine = [i for i in m.imports if i.name == "DEFAULT_SIZE"]
        if mine:
            parts.append((m.name, lambda mine=mine: [setattr(i, "name", "STANDARD_SIZE") for i in mine]))
    return parts


def remark(system, rng):
    """A comment somewhere."""
    places = [*system.routers.values(), *system.modules.values(), *system.wrappers.values(), *system.apps.values(), system.gateway]
    place = rng.choice(places)
    return [("file", lambda: setattr(place, "note", place.note + 1))]


EDITS = [
    router_module_renamed,
    core_module_renamed,
    core_module_renamed,
    handler_moved,
    helper_renamed,
    helper_removed,
    helper_added,
    name_imported,
    name_renamed,
    remark,
]
