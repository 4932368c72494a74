def tagged(function=None, *, name="x"):
    def decorate(inner):
        def wrapper():
            return inner()

        return wrapper

    if function is not None:
        return decorate(function)
    return decorate


@tagged
def plain():
    return 1


@tagged(name="y")
def named():
    return 2


plain()
named()
