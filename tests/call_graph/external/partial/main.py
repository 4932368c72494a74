import functools


def power(base, exponent):
    return base ** exponent


square = functools.partial(power, exponent=2)
square(3)
