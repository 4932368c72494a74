def left():
    return 1


def right():
    return 2


def choose(flag):
    return left if flag else right


choose(True)()
choose(False)()
