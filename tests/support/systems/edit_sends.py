"""Edits of what flows between the hops: the executor or a router forwards more or less, validators demand more."""

from edit_signatures import pick, subject
from model import Param
from words import FORWARDED, value


def takers(system, name, interfaces, rng):
    """Parts that let every handler of some interfaces take a keyword, or their routers drop it."""
    parts = []
    for interface in interfaces:
        router = system.routers.get(interface)
        if router and rng.random() < 0.5:
            parts.append((router.module, lambda router=router: router.drops.append(name)))
            continue
        core = system.modules.get(f"{interface}_core")
        if core:
            parts.append((core.name, lambda core=core: accept(core, name, rng)))
    return parts


def accept(core, name, rng):
    """Let every function of a core take a keyword."""
    for f in core.functions:
        if name not in {p.name for p in f.params} and not f.open:
            f.params.append(Param(name, rng.choice(["plain", "keyword"]), value(name)))


def executor_sends_more(system, rng):
    """The outage: the executor takes a timeout and forwards it."""
    gateway = system.gateway
    name = pick(rng, [n for n in FORWARDED if n not in {k for k, _ in gateway.sends}])
    if not name:
        return None

    def send():
        if rng.random() < 0.6:
            gateway.params.append(Param(name, "plain", value(name)))
            gateway.sends.append((name, name))
        else:
            gateway.sends.append((name, value(name)))

    parts = [("gateway_core", send), *takers(system, name, [r.interface for r in gateway.rows], rng)]
    rng.shuffle(parts)
    return parts


def executor_sends_less(system, rng):
    """The executor no longer passes what it added, or takes a keyword out that wrappers send."""
    gateway = system.gateway
    if gateway.sends:
        return [("gateway_core", lambda: gateway.sends.pop())]
    interface, wrappers = rng.choice(list(system.wrappers.items()))
    name = rng.choice(FORWARDED)

    def send():
        for w in wrappers.functions:
            if name not in {k for k, _ in w.sends}:
                w.sends.append((name, value(name)))

    return [("gateway_core", lambda: gateway.drops.append(name)), (wrappers.module, send)]


def executor_parameter(system, rng):
    """The executor demands a keyword itself, so every wrapper passes it."""
    gateway = system.gateway
    name = rng.choice(FORWARDED)
    if name in {p.name for p in gateway.params} | {k for k, _ in gateway.sends}:
        return None
    parts = [("gateway_core", lambda: gateway.params.append(Param(name, "plain", rng.choice([None, value(name)]))))]
    for wrappers in system.wrappers.values():
        def send(wrappers=wrappers):
            for w in wrappers.functions:
                if name not in {k for k, _ in w.sends}:
                    w.sends.append((name, value(name)))

        parts.append((wrappers.module, send))
    return parts


def router_sends_more(system, rng):
    """A router adds a keyword to every call."""
    if not system.routers:
        return None
    interface, router = rng.choice(list(system.routers.items()))
    name = pick(rng, [n for n in FORWARDED if n not in {k for k, _ in router.sends}])
    core = system.modules.get(f"{interface}_core")
    if not name or not core:
        return None
    return [
        (router.module, lambda: router.sends.append((name, value(name)))),
        (core.name, lambda: accept(core, name, rng)),
    ]


def router_sends_less(system, rng):
    """A router takes a keyword out, or no longer does."""
    if not system.routers:
        return None
    interface, router = rng.choice(list(system.routers.items()))
    if router.sends:
        return [(router.module, lambda: router.sends.pop())]
    wrappers = system.wrappers.get(interface)
    if not wrappers:
        return None
    name = rng.choice(FORWARDED)

    def send():
        for w in wrappers.functions:
            if name not in {k for k, _ in w.sends}:
                w.sends.append((name, value(name)))

    return [(router.module, lambda: router.drops.append(name)), (wrappers.module, send)]


def validator_demands(system, rng):
    """A validator demands a key that wrappers have to send from now on."""
    found = subject(system, rng)
    if not found or not found[3]:
        return None
    _, handler, wrapper, target = found
    sent = {k for k, _ in wrapper.sends}
    optional = [p for p in handler.params if p.default is not None and p.name not in target.keys]
    param = pick(rng, optional)
    if not param:
        return None
    parts = [("router", lambda: target.keys.append(param.name))]
    if param.name not in sent:
        parts.append(("wrapper", lambda: wrapper.sends.append((param.name, value(param.name)))))
    return parts


def validator_relents(system, rng):
    """A validator no longer demands a key."""
    found = subject(system, rng)
    if not found or not found[3] or not found[3].keys:
        return None
    return [("router", lambda: found[3].keys.pop())]


def wrapper_opens(system, rng):
    """A wrapper passes its callers' own keywords on, or no longer does."""
    found = subject(system, rng)
    if not found:
        return None
    wrapper = found[2]
    return [("wrapper", lambda: setattr(wrapper, "open", not wrapper.open))]


def caller_adds_keyword(system, rng):
    """An entry passes a keyword through a wrapper's `**kwargs` that the handler names."""
    found = subject(system, rng)
    if not found:
        return None
    route, handler, wrapper, target = found
    known = {p.name for p in wrapper.params} | {k for k, _ in wrapper.sends}
    param = pick(rng, [p for p in handler.params if p.default is not None and p.name not in known])
    entries = system.entries(route)
    if not param or not entries:
        return None
    entry = entries[0][1]
    return [
        ("wrapper", lambda: setattr(wrapper, "open", True)),
        ("entry", lambda: entry.keywords.append(param.name)),
    ]


EDITS = [
    executor_sends_more,
    executor_sends_more,
    executor_sends_less,
    executor_parameter,
    router_sends_more,
    router_sends_less,
    validator_demands,
    validator_relents,
    wrapper_opens,
    caller_adds_keyword,
]
