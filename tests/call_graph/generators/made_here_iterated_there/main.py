def numbers():
    yield first()


def first():
    return 1


def make():
    return numbers()


def use(iterator):
    for _ in iterator:
        pass


use(make())
