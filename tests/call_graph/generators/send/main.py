def echo():
    action = yield
    while action:
        action = yield action()


def ping():
    return "ping"


def pong():
    return "pong"


talk = echo()
next(talk)
talk.send(ping)
talk.send(pong)
