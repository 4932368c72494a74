def make():
    return made


def made():
    return last


def last():
    return 1


make()()()
