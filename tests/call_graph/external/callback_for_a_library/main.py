import functools


def add(total, value):
    return total + value


def total(values):
    return functools.reduce(add, values, 0)


total([1, 2, 3])
