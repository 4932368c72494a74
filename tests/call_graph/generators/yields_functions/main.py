def actions():
    yield start
    yield stop


def start():
    return 1


def stop():
    return 2


for action in actions():
    action()
