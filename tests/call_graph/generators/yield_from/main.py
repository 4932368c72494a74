def inner():
    yield leaf()
    return finish


def leaf():
    return 1


def finish():
    return 2


def outer():
    result = yield from inner()
    result()


list(outer())
