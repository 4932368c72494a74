"""Enumerates calls of pairs of functions, for tests/change_modes.rs.

Reads a pair of parameter lists a line, "old|new", and writes the compatibility mode: whether some call binds to the one and not to the other.
"""

import inspect
import itertools
import sys


def define(parameters):
    return eval(f"lambda {parameters}: None")


def names(function):
    return list(inspect.signature(function).parameters)


def positional(function):
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return sum(parameter.kind in kinds for parameter in inspect.signature(function).parameters.values())


def binds(function, signature, count, keywords):
    arguments = (None,) * count
    named = dict.fromkeys(keywords)
    try:
        signature.bind(*arguments, **named)
        bound = True
    except TypeError:
        bound = False
    try:
        function(*arguments, **named)
        called = True
    except TypeError:
        called = False
    # inspect takes no keyword that is named like a positional-only parameter with a default, even if `**kwargs` does.
    assert bound == called or any(
        parameter.kind is parameter.POSITIONAL_ONLY and name in keywords
        for name, parameter in signature.parameters.items()
    ), (signature, count, keywords)
    return called


def main():
    for line in sys.stdin:
        old, new = (define(part) for part in line.rstrip("\n").split("|"))
        both = (old, inspect.signature(old)), (new, inspect.signature(new))
        keywords = sorted({*names(old), *names(new), "unknown_keyword"})
        old_breaks = new_breaks = False
        for count in range(max(positional(old), positional(new)) + 2):
            for size in range(len(keywords) + 1):
                for chosen in itertools.combinations(keywords, size):
                    first, second = (binds(*side, count, chosen) for side in both)
                    old_breaks |= first and not second
                    new_breaks |= second and not first
        print({(0, 0): "full", (0, 1): "backward", (1, 0): "forward", (1, 1): "none"}[old_breaks, new_breaks])


main()
