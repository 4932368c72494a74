def maybe(value):
    if callable(value):
        return value()
    return value


def produce():
    return 1


maybe(produce)
maybe(2)
