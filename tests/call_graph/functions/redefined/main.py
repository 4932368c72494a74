def first():
    return 1


def second():
    return 2


def work():
    return first()


work()


def work():
    return second()


work()
