handler = None


def install(function):
    global handler
    handler = function


def on_event():
    return "event"


def fire():
    return handler()


install(on_event)
fire()
