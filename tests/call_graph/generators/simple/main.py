def numbers():
    yield one()
    yield 2


def one():
    return 1


def total():
    result = 0
    for number in numbers():
        result += number
    return result


total()
