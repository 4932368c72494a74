import functools


@functools.singledispatch
def describe(value):
    return general(value)


@describe.register(int)
def describe_number(value):
    return "number"


@describe.register
def describe_text(value: str):
    return "text"


def general(value):
    return "value"


describe(1)
describe("a")
describe(None)
