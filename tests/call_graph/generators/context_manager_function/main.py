import contextlib


@contextlib.contextmanager
def opened(name):
    before()
    yield Resource()
    after()


def before():
    return 1


def after():
    return 2


class Resource:
    def read(self):
        return 3


def use():
    with opened("x") as resource:
        resource.read()


use()
