def work():
    return "original"


def use():
    return work()
