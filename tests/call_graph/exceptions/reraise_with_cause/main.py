class Wrapped(Exception):
    def __init__(self, text):
        super().__init__(text)


def inner():
    raise KeyError("inner")


def outer():
    try:
        inner()
    except KeyError as error:
        raise Wrapped(describe(error)) from error


def describe(error):
    return "wrapped"


try:
    outer()
except Wrapped:
    pass
