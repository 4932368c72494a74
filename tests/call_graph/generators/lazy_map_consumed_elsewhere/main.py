def work(value):
    return value


def lazy(values):
    return map(work, values)


def consume(iterator):
    return list(iterator)


consume(lazy([1, 2]))
