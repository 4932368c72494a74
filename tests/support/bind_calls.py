"""Defines functions and calls them, for tests/bind_against_cpython.rs.

Reads one JSON object a line, {"definition": source, "calls": [expression, ...]}, and writes one JSON list a line: for
each call "! " and the TypeError's text, or "= " and the parameters with their values, sorted by name. Every argument is
a string, so that any other value is the object or class that a method is bound to: the positional p0.
"""

import json
import sys


def shown(value):
    if isinstance(value, str):
        return value
    if isinstance(value, tuple):
        return "(" + ",".join(map(shown, value)) + ")"
    if isinstance(value, dict):
        return "{" + ",".join(f"{key}={shown(item)}" for key, item in value.items()) + "}"
    return "p0"


def outcome(call, namespace):
    code = compile(call, "<call>", "eval")
    try:
        result = eval(code, namespace)
    except TypeError as error:
        return f"! {error}"
    bound = namespace.pop("recorded", result)
    return "= " + " ".join(f"{name}={shown(bound[name])}" for name in sorted(bound))


def main():
    sys.stdin.reconfigure(encoding="utf-8")
    for line in sys.stdin:
        request = json.loads(line)
        namespace = {"__name__": "calls"}
        exec(request["definition"], namespace)
        print(json.dumps([outcome(call, namespace) for call in request["calls"]]))


main()
