make = lambda: lambda: 1
make()()


def outer():
    first = lambda: 1
    second = lambda: first()
    return second()


outer()
