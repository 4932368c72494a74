"""Calls that show whether a part of a state can work at all, for the parts that no entry happens to reach.

A probe is a list of calls, one of which has to succeed: every way in which anybody would call that part, in either version.
"""

from render_gateway import ROUTERLESS, key
from signatures import positional_order, right_calls
from words import value


def key_sets(systems, route):
    """Sets of keywords that some version sends along a route, or that some version's handler takes."""
    sets = [set()]
    for s in systems:
        found = s.wrapper(route)
        if found:
            sets.append({k for k, _ in found[1].sends})
            extras = {k for _, e in s.entries(route) for k in e.keywords} - {p.name for p in found[1].params}
            sets.append({k for k, _ in found[1].sends} | extras)
        for _, f in [*s.handlers(route), *s.handlers(f"{route}_fast")]:
            sets.append({p.name for p in f.params})
            sets.append({p.name for p in f.params if p.default is None})
            sets.append({p.name for p in f.params} | {k for k, _ in f.reads})
        target = s.target(route)
        if target:
            sets.append(set(target[1].keys) | {a.source for a in target[1].mapping or []})
    extra = [set(), *({k for k, _ in s.gateway.sends} | {p.name for p in s.gateway.params} for s in systems)]
    extra += [{"span"}, {"span_id"}, {"origin"}]
    whole = [a | b for a in sets for b in sets]
    result = []
    for base in [*sets, *whole]:
        for more in extra:
            if base | more not in result:
                result.append(base | more)
            if base - more not in result:
                result.append(base - more)
    return result


def written(keys, without=()):
    """Keywords as arguments."""
    return ", ".join(f"{k}={value(k)}" for k in sorted(keys) if k not in without)


def probes(system, systems):
    """Path -> probes `(id, [expression, ...])` of that version of the file."""
    sets = {}

    def known(route):
        base = route.removesuffix("_fast")
        if base not in sets:
            sets[base] = key_sets(systems, base)
        return sets[base]

    result = {}
    for router in system.routers.values():
        if router.style == "getattr":
            continue
        made = result.setdefault(f"{router.module}.py", [])
        for t in router.targets:
            head = f"M('{router.module}').{router.function}({t.operation!r}, "
            made.append((f"{router.module}:{t.operation}", [f"{head}{written(keys)})" for keys in known(t.route)]))
    for module in system.modules.values():
        made = result.setdefault(f"{module.name}.py", [])
        for f in module.functions:
            made.append((f"{module.name}:{f.name}", function_calls(module, f, known)))
    for wrappers in system.wrappers.values():
        made = result.setdefault(f"{wrappers.module}.py", [])
        for w in wrappers.functions:
            made.append((f"{wrappers.module}:{w.name}", wrapper_calls(wrappers, w, known)))
    result["gateway_core.py"] = rows(system, systems, known)
    return result


def function_calls(module, f, known):
    """Ways to call a handler or helper."""
    head = f"M('{module.name}')"
    if module.class_name:
        head += f".{module.class_name}" if f.binding != "method" else "._INSTANCE"
    sent = right_calls(f.params)
    if f.decorator or f.open:
        posonly = [p.name for p in positional_order(f.params) if p.kind == "posonly"]
        first = [value(name) for name in posonly]
        sent += [", ".join(filter(None, [*first, written(keys, posonly)])) for keys in (known(f.route) if f.route else [])]
    return [f"{head}.{f.name}({text})" for text in sent]


def wrapper_calls(wrappers, w, known):
    """Ways to call a wrapper: one, unless it passes its callers' keywords on."""
    head = f"M('{wrappers.module}').{w.name}("
    full = right_calls(w.params)[0]
    if not w.open:
        return [f"{head}{full})"]
    own = {p.name for p in w.params}
    more = [written(keys, own) for keys in known(w.route)]
    return [f"{head}{', '.join(filter(None, [full, text]))})" for text in more]


def rows(system, systems, known):
    """Every line of the registry leads somewhere."""
    made = []
    for row in system.gateway.rows:
        if system.gateway.style == "convention":
            continue
        interface = key(system, row)
        head = f"M('gateway_core').execute_operation({'E.' + row.member if system.gateway.keys == 'enum' else interface}"
        routes = {w.route: [] for s in systems if row.interface in s.wrappers for w in s.wrappers[row.interface].functions}
        names = {}
        for s in systems:
            for route in routes:
                found = s.wrapper(route)
                if found:
                    names.setdefault(route, set()).add(found[1].operation)
        if system.gateway.style in ("nested", "pairs"):
            for operation, _ in row.operations:
                mine = [r for r in names if operation in names[r]] or [f"{row.interface}.{operation}"]
                calls = [f"{head}, {operation!r}, {written(keys)})" for r in mine for keys in known(r)]
                made.append((f"gateway_core:{row.member}.{operation}", calls))
        else:
            calls = [f"{head}, {o!r}, {written(keys)})" for r in names for o in sorted(names[r]) for keys in known(r)]
            made.append((f"gateway_core:{row.member}", calls))
    return made
