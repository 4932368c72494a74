listeners = []


def listen(function):
    listeners.append(function)
    return function


def on_open():
    return 1


def on_close():
    return 2


def fire():
    for listener in listeners:
        listener()


listen(on_open)
listen(on_close)
fire()
