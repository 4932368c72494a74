from collections import defaultdict

HANDLERS = defaultdict(list)


def on(name):
    def register(handler):
        HANDLERS[name].append(handler)
        return handler

    return register


@on("start")
def started():
    return 1


def fire(name):
    for handler in HANDLERS[name]:
        handler()


fire("start")
