def good(value):
    return value > 0


def check(values):
    return any(good(value) for value in values) and all([good(value) for value in values])


def total(values):
    return sum(cost(value) for value in values)


def cost(value):
    return value


check([1, 2])
total([1, 2])
