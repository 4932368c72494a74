def work():
    return inner()


def inner():
    return 1
