"""Edits of what functions accept: wrappers, handlers and helpers, each with its callers."""

from build import fill, helper_call, remap
from model import Arg, Param
from signatures import positional_order
from words import FRESH, SYNONYMS, value


def pick(rng, items):
    """One of the items, None of none."""
    items = list(items)
    return rng.choice(items) if items else None


def fresh(rng, params):
    """A name that is no parameter yet."""
    return pick(rng, [n for n in FRESH if n not in {p.name for p in params}])


def reroute(system, route, rng, name, parts):
    """Add the router's part where the router passes keywords one by one."""
    found = system.target(route)
    handlers = system.handlers(route)
    if found and found[1].mapping is not None and handlers:
        parts.append(("router", lambda: remap(found[1], handlers[0][1], rng)))
    return parts


def drop_uses(function, name):
    """Let a function's own calls do without one of its parameters."""
    for call in function.calls:
        call.sends = [(k, value(k) if text == name else text) for k, text in call.sends]


def rename_uses(function, old, new):
    """Let a function's own calls use a parameter's new name."""
    for call in function.calls:
        call.sends = [(k, new if text == old else text) for k, text in call.sends]


def subject(system, rng):
    """A route with one handler, its wrapper and the router's line, if there is one."""
    route = pick(rng, [r for r in system.routes() if len(system.handlers(r)) == 1])
    if route is None:
        return None
    target = system.target(route)
    return route, system.handlers(route)[0][1], system.wrapper(route)[1], target[1] if target else None


def handler_parameter_required_added(system, rng):
    """A handler demands one keyword more."""
    found = subject(system, rng)
    name = found and fresh(rng, found[1].params)
    if not name:
        return None
    route, handler, wrapper, _ = found
    kind = rng.choice(["plain", "keyword"])

    def accept():
        handler.params.insert(rng.randrange(len(handler.params) + 1), Param(name, kind))

    parts = [("handler", accept), ("wrapper", lambda: wrapper.sends.append((name, value(name))))]
    return reroute(system, route, rng, name, parts)


def handler_parameter_optional_added(system, rng):
    """A handler takes one keyword more, anywhere; the wrapper may begin to send it."""
    found = subject(system, rng)
    name = found and fresh(rng, found[1].params)
    if not name:
        return None
    route, handler, wrapper, _ = found
    kind = rng.choice(["plain", "keyword"])

    def accept():
        place = rng.randrange(len(handler.params) + 1)
        handler.params.insert(place, Param(name, kind, value(name)))

    parts = [("handler", accept)]
    if rng.random() < 0.7:
        parts.append(("wrapper", lambda: wrapper.sends.append((name, value(name)))))
    return reroute(system, route, rng, name, parts)


def handler_parameter_removed(system, rng):
    """A handler loses a parameter."""
    found = subject(system, rng)
    param = found and pick(rng, found[1].params)
    if not param or param.name == "origin":
        return None
    route, handler, wrapper, target = found

    def accept():
        handler.params.remove(param)
        drop_uses(handler, param.name)

    def send():
        wrapper.sends = [(k, text) for k, text in wrapper.sends if k != param.name]

    parts = [("handler", accept), ("wrapper", send)]
    if target and param.name in target.keys:
        parts.append(("validator", lambda: target.keys.remove(param.name)))
    return reroute(system, route, rng, param.name, parts)


def handler_parameter_renamed(system, rng):
    """A keyword gets another name on the whole way."""
    found = subject(system, rng)
    param = found and pick(rng, found[1].params)
    if not param or param.name == "origin":
        return None
    route, handler, wrapper, target = found
    old, new = param.name, SYNONYMS.get(param.name, f"{param.name}_id")
    if new in {p.name for p in handler.params}:
        return None

    def accept():
        param.name = new
        rename_uses(handler, old, new)

    def send():
        wrapper.sends = [(new if k == old else k, text) for k, text in wrapper.sends]

    parts = [("handler", accept), ("wrapper", send)]
    if target and old in target.keys:
        parts.append(("validator", lambda: target.keys.__setitem__(target.keys.index(old), new)))
    if target and target.mapping is not None:
        def route_on():
            for a in target.mapping:
                a.to = new if a.to == old else a.to
                a.source = new if a.source == old else a.source

        parts.append(("router", route_on))
    return parts


def handler_parameter_moved(system, rng):
    """Two parameters of a handler change places."""
    found = subject(system, rng)
    if not found or len(found[1].params) < 2:
        return None
    route, handler, _, _ = found

    def accept():
        handler.params.reverse()

    return reroute(system, route, rng, "", [("handler", accept)])


def handler_parameter_kind(system, rng):
    """A parameter becomes positional-only, keyword-only or neither."""
    found = subject(system, rng)
    param = found and pick(rng, found[1].params)
    if not param:
        return None
    route, _, _, target = found
    kinds = ["plain", "keyword"] + (["posonly"] if target and target.mapping is not None else [])
    kind = rng.choice([k for k in kinds if k != param.kind])
    return reroute(system, route, rng, "", [("handler", lambda: setattr(param, "kind", kind))])


def handler_default_removed(system, rng):
    """An optional parameter becomes required; the wrapper sends it from now on."""
    found = subject(system, rng)
    param = found and pick(rng, [p for p in found[1].params if p.default is not None])
    if not param:
        return None
    route, _, wrapper, _ = found
    parts = [("handler", lambda: setattr(param, "default", None))]
    if param.name not in {k for k, _ in wrapper.sends}:
        parts.append(("wrapper", lambda: wrapper.sends.append((param.name, value(param.name)))))
    return reroute(system, route, rng, "", parts)


def handler_default_added(system, rng):
    """A required parameter becomes optional; the wrapper may stop sending it."""
    found = subject(system, rng)
    param = found and pick(rng, [p for p in found[1].params if p.default is None])
    if not param or param.name == "origin":
        return None
    route, _, wrapper, target = found

    def send():
        wrapper.sends = [(k, text) for k, text in wrapper.sends if k != param.name]

    parts = [("handler", lambda: setattr(param, "default", value(param.name)))]
    if rng.random() < 0.6:
        parts.append(("wrapper", send))
        if target and param.name in target.keys:
            parts.append(("validator", lambda: target.keys.remove(param.name)))
        reroute(system, route, rng, "", parts)
    return parts


def handler_default_changed(system, rng):
    """Another default, which nothing notices."""
    found = subject(system, rng)
    param = found and pick(rng, [p for p in found[1].params if p.default is not None])
    return [("handler", lambda: setattr(param, "default", "None"))] if param else None


def handler_open_added(system, rng):
    """A handler takes any keyword; the wrapper may send one that nobody reads."""
    found = subject(system, rng)
    if not found or found[1].open:
        return None
    route, handler, wrapper, _ = found
    name = fresh(rng, handler.params)
    parts = [("handler", lambda: setattr(handler, "open", True))]
    if rng.random() < 0.7:
        parts.append(("wrapper", lambda: wrapper.sends.append((name, value(name)))))
    return parts


def handler_open_removed(system, rng):
    """A handler no longer takes any keyword, so the wrapper sends only those that it names."""
    found = subject(system, rng)
    if not found or not found[1].open:
        return None
    _, handler, wrapper, _ = found
    known = {p.name for p in handler.params}

    def send():
        wrapper.sends = [(k, text) for k, text in wrapper.sends if k in known]

    parts = [("handler", lambda: setattr(handler, "open", False))]
    if any(k not in known for k, _ in wrapper.sends):
        parts.append(("wrapper", send))
    return parts


def wrapper_signature(system, rng):
    """A wrapper's own parameters change, and with them its callers."""
    found = pick(rng, [system.wrapper(r) for r in system.routes()])
    if not found or cross_called(system, found[1]):
        return None
    wrapper = found[1]
    change = pick(rng, WRAPPER_CHANGES)(wrapper, rng)
    if change is None:
        return None
    parts = [("wrapper", change)]
    by_module = {}
    for app, entry in system.entries(wrapper.route):
        by_module.setdefault(app.module, []).append(entry)
    for module, entries in by_module.items():
        parts.append((module, lambda entries=entries: [fill(e, wrapper, rng) for e in entries]))
    return parts


def cross_called(system, wrapper):
    """Whether a handler calls that wrapper."""
    return any(c.function == wrapper.name for m in system.modules.values() for f in m.functions for c in f.calls)


def wrapper_adds(wrapper, rng):
    """One parameter more, which is not sent on."""
    name = fresh(rng, wrapper.params)
    param = Param(name, rng.choice(["plain", "keyword"]), rng.choice([None, value(name)])) if name else None
    return (lambda: wrapper.params.insert(rng.randrange(len(wrapper.params) + 1), param)) if name else None


def wrapper_removes(wrapper, rng):
    """One parameter less; a constant is sent instead."""
    param = pick(rng, wrapper.params)

    def change():
        wrapper.params.remove(param)
        wrapper.sends = [(k, value(k) if text == param.name else text) for k, text in wrapper.sends]

    return change if param else None


def wrapper_renames(wrapper, rng):
    """Another name, sent on under the old one."""
    param = pick(rng, wrapper.params)
    if not param:
        return None
    old, new = param.name, f"new_{param.name}"

    def change():
        param.name = new
        wrapper.sends = [(k, new if text == old else text) for k, text in wrapper.sends]

    return change


def wrapper_kind(wrapper, rng):
    """Another kind."""
    param = pick(rng, wrapper.params)
    kind = rng.choice([k for k in ("plain", "keyword", "posonly") if not param or k != param.kind])
    return (lambda: setattr(param, "kind", kind)) if param else None


def wrapper_default(wrapper, rng):
    """A default comes or goes."""
    param = pick(rng, wrapper.params)
    return (lambda: setattr(param, "default", None if param.default else value(param.name))) if param else None


WRAPPER_CHANGES = [wrapper_adds, wrapper_removes, wrapper_renames, wrapper_kind, wrapper_default]


def helper_signature(system, rng):
    """A helper's parameters change, and with them the handlers' calls."""
    module = pick(rng, [m for m in system.modules.values() if m.name.endswith("_store") and m.functions])
    if not module:
        return None
    function = rng.choice(module.functions)
    callers = [
        (f, c) for m in system.modules.values() for f in m.functions for c in f.calls if c.function == function.name
    ]
    kind = rng.choice(["add", "add", "remove", "rename", "kind", "default", "open"])
    param = pick(rng, function.params)
    name = fresh(rng, function.params)

    def accept():
        if kind == "add":
            function.params.append(Param(name, "plain", rng.choice([None, value(name)])))
        elif kind == "open":
            function.open = not function.open
        elif param and kind == "remove":
            function.params.remove(param)
        elif param and kind == "rename":
            param.name = f"new_{param.name}"
        elif param and kind == "kind":
            param.kind = rng.choice(["plain", "keyword"])
        elif param:
            param.default = None if param.default else value(param.name)

    def send():
        for caller, call in callers:
            again = helper_call(call.module, function, caller, call.lazy, rng)
            call.sends, call.positional = again.sends, again.positional
            if any(p.kind == "keyword" for p in function.params):
                call.positional = 0

    return [("helper", accept), ("handlers", send)]


def decorator(system, rng):
    """A decorator comes or goes that changes what a handler takes."""
    found = subject(system, rng)
    if not found or found[1].binding in ("static", "class") or found[1].is_async:
        return None
    route, handler, wrapper, target = found
    if target and target.mapping is not None:
        return None
    if handler.decorator:
        extra = {"traced": system.span, "patient": "timeout"}.get(handler.decorator)

        def remove():
            wrapper.sends = [(k, text) for k, text in wrapper.sends if k != extra]

        parts = [("handler", lambda: setattr(handler, "decorator", ""))]
        return parts + [("wrapper", remove)] if extra in {k for k, _ in wrapper.sends} else parts
    name = rng.choice(["timed", "traced", "traced", "keywords_only", "patient"])
    if name == "keywords_only" and handler.binding == "method":
        return None
    parts = [("handler", lambda: setattr(handler, "decorator", name))]
    if name == "traced":
        parts.append(("wrapper", lambda: wrapper.sends.append((system.span, "'s'"))))
    if name == "patient" and rng.random() < 0.6 and "timeout" not in {k for k, _ in wrapper.sends}:
        parts.append(("wrapper", lambda: wrapper.sends.append(("timeout", "5"))))
    return parts


def decorator_renames(system, rng):
    """The keyword that a decorator demands gets another name."""
    old, new = system.span, "span_id" if system.span == "span" else "span"
    users = [f.route for m in system.modules.values() for f in m.functions if f.decorator == "traced"]
    parts = [("service_decorators", lambda: setattr(system, "span", new))]
    for wrappers in system.wrappers.values():
        mine = [w for w in wrappers.functions if w.route in users]

        def send(mine=mine):
            for w in mine:
                w.sends = [(new if k == old else k, text) for k, text in w.sends]

        if mine:
            parts.append((wrappers.module, send))
    return parts if users else None


def handler_captures(system, rng):
    """A handler names a keyword that used to flow on through its `**kwargs`, and hands it on itself."""
    found = subject(system, rng)
    if not found or not found[1].open:
        return None
    route, handler, wrapper, _ = found
    own = {p.name for p in handler.params}
    name = pick(rng, [k for k, _ in wrapper.sends if k not in own and k not in ("span", "span_id")])
    if not name:
        return None

    def hand_on():
        for call in handler.calls:
            if call.open:
                call.sends.append((name, name))

    def accept():
        handler.params.append(Param(name, "keyword", value(name)))
        if rng.random() < 0.6:
            hand_on()

    return reroute(system, route, rng, name, [("handler", accept)])


def handler_reads(system, rng):
    """A handler begins to read a key of its `**kwargs`."""
    found = subject(system, rng)
    if not found or not found[1].open or (found[3] and found[3].mapping is not None):
        return None
    _, handler, wrapper, _ = found
    name = fresh(rng, handler.params)
    if name in {k for k, _ in handler.reads}:
        return None
    parts = [("handler", lambda: handler.reads.append((name, rng.random() < 0.7)))]
    if name not in {k for k, _ in wrapper.sends}:
        parts.append(("wrapper", lambda: wrapper.sends.append((name, value(name)))))
    return parts


def handler_stops_reading(system, rng):
    """A handler no longer reads a key, and its wrapper no longer sends it."""
    found = subject(system, rng)
    if not found or not found[1].reads:
        return None
    _, handler, wrapper, _ = found
    name = handler.reads[0][0]

    def send():
        wrapper.sends = [(k, text) for k, text in wrapper.sends if k != name]

    return [("handler", lambda: handler.reads.clear()), ("wrapper", send)]


EDITS = [
    handler_reads,
    handler_stops_reading,
    handler_captures,
    handler_captures,
    decorator_renames,
    handler_parameter_required_added,
    handler_parameter_optional_added,
    handler_parameter_removed,
    handler_parameter_renamed,
    handler_parameter_moved,
    handler_parameter_kind,
    handler_default_removed,
    handler_default_added,
    handler_default_changed,
    handler_open_added,
    handler_open_removed,
    wrapper_signature,
    wrapper_signature,
    helper_signature,
    helper_signature,
    decorator,
]
