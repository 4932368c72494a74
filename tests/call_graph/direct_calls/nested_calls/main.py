def inner(value):
    return value


def outer(value):
    return value


outer(inner(inner(1)))
