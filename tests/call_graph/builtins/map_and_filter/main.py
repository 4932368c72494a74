def double(value):
    return value * 2


def is_small(value):
    return value < 5


list(map(double, [1, 2, 3]))
list(filter(is_small, [1, 9]))
