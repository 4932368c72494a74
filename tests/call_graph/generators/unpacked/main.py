def pair():
    yield left
    yield right


def left():
    return 1


def right():
    return 2


first, second = pair()
first()
second()


def call_all(*actions):
    for action in actions:
        action()


call_all(*pair())
