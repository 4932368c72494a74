def first(value):
    return value


def second(value):
    return value


def run_all(value, *steps):
    for step in steps:
        value = step(value)
    return value


run_all(1, first, second)
