"""Signatures and calls as source text."""

from words import value

ORDER = {"posonly": 0, "plain": 1, "keyword": 2}


def ordered(params):
    """The parameters in an order that Python takes: by kind, and positional ones with a default last."""
    return sorted(params, key=lambda p: (ORDER[p.kind], p.kind != "keyword" and p.default is not None))


def positional_order(params):
    """As `ordered`, where a default in front of a required positional makes it last, whatever its kind."""
    result = ordered(params)
    seen = False
    for p in result:
        if p.kind == "keyword":
            break
        if p.default is None and seen:
            p.default = value(p.name)
        seen = seen or p.default is not None
    return result


def signature(params, is_open, first=""):
    """The text between the parentheses of a `def`."""
    parts = [first] if first else []
    params = positional_order(params)
    posonly = [p for p in params if p.kind == "posonly"]
    parts += [one(p) for p in posonly]
    if posonly:
        parts.append("/")
    parts += [one(p) for p in params if p.kind == "plain"]
    keyword = [p for p in params if p.kind == "keyword"]
    if keyword:
        parts.append("*")
    parts += [one(p) for p in keyword]
    if is_open:
        parts.append("**kwargs")
    return ", ".join(parts)


def one(param):
    """One parameter as written."""
    return param.name if param.default is None else f"{param.name}={param.default}"


def keywords(sends):
    """Pairs of keyword and expression as written in a call."""
    return [f"{name}={text}" for name, text in sends]


def tuple_of(params, tag):
    """What a handler returns."""
    return "(" + ", ".join([repr(tag), *(p.name for p in params)]) + ",)"


def right_calls(params):
    """Argument lists that bind to a signature: with everything, and with what is required."""
    full, least = [], []
    for p in positional_order(params):
        text = value(p.name) if p.kind == "posonly" else f"{p.name}={value(p.name)}"
        full.append(text)
        if p.default is None:
            least.append(text)
    return [", ".join(full), ", ".join(least)]
